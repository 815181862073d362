"""The head of a notebook that can be opened elsewhere: badges for that edition, and a cell that installs the course.

They appear where pyproject.toml says where the course lies ([project.urls], Repository), and not at all without.
"""

from pathlib import Path
import re
import tomllib
from urllib.parse import quote

PROJECT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
REPOSITORY = SETTINGS["project"].get("urls", {}).get("Repository", "")
BRANCH = "main"
BADGE = "[![{words}]({image})]({link})"
COLAB = "https://colab.research.google.com/"
BINDER = "https://mybinder.org/"
INSTALL = """\
try:
    import aeutils
except ModuleNotFoundError:  # here the course is not installed yet
    get_ipython().run_line_magic("pip", "install --quiet aeutils@git+{address}")"""


def badges(path):
    """Markdown of the badges that open the notebook at that path in the repository; empty without an address.

    Colab reads notebooks from GitHub alone, Binder from anywhere.
    """
    if not REPOSITORY:
        return ""
    on_github = re.fullmatch(r"https://github\.com/([^/]+/[^/]+?)(?:\.git)?/?", REPOSITORY)
    if not on_github:
        return _binder(f"git/{quote(REPOSITORY, safe='')}/{BRANCH}", path)
    colab = f"{COLAB}github/{on_github[1]}/blob/{BRANCH}/{path}"
    badge = BADGE.format(words="Open in Colab", image=f"{COLAB}assets/colab-badge.svg", link=colab)
    return f"{badge} {_binder(f'gh/{on_github[1]}/{BRANCH}', path)}"


def _binder(place, path):
    link = f"{BINDER}v2/{place}?labpath={quote(path, safe='')}"
    return BADGE.format(words="Open in Binder", image=f"{BINDER}badge_logo.svg", link=link)


def install():
    """Code that installs the course where it is missing and otherwise only imports it; empty without an address."""
    return INSTALL.format(address=REPOSITORY) if REPOSITORY else ""
