"""Build the site from the notebooks as they are stored; nothing is executed, and nothing in it needs a network.

    python tools/build_site.py            all notebooks, into site/
    python tools/build_site.py 03 04      only those whose names begin so

Open site/index.html in any browser. Where AEUTILS_REPOSITORY holds the address of the course's repository, such as
https://github.com/owner/name, each page also links to Colab, to Binder, and to a form for what is unclear.
"""

import base64
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
import tempfile
from urllib.parse import quote

from build_notebooks import product, read, sources
from editions import code_cells
import nbformat
from pages import opening
import playground

from aeutils.widgets.assemble import PAGE, only, standalone, stored
from aeutils_lab.export import with_formulas, write_formulas

PROJECT = Path(__file__).parents[1]
PAGES = PROJECT / "docs" / "site"
SITE = PROJECT / "site"
LIMIT = 15_000_000
"""Bytes of the whole site at most."""
FOLDS = {
    "source_hidden": ("hide-input", "Code behind the scenes"),
    "outputs_hidden": ("hide-output", "What comes out: predict first"),
}
"""What Jupyter calls a folded part of a cell, the tag that folds it on the page, and what stands there instead."""
MODULES = ["data", "models", "training", "metrics", "jury", "plots", "plots.lessons", "widgets"]
"""Parts of aeutils whose docstrings are shown."""


def build(notebooks, folder):
    """Write the site of some sources of notebooks into a new folder."""
    with tempfile.TemporaryDirectory() as name:
        pages, made = Path(name) / "pages", Path(name) / "made"  # myst-nb leaves a folder beside what it makes
        write_pages(notebooks, pages)
        command = [sys.executable, "-m", "sphinx", "-q", "-j", "auto", "-W", "--keep-going", pages, made]
        environment = os.environ | {"AEUTILS_SITE_PROJECT": str(PROJECT)}
        subprocess.run([*map(str, command)], check=True, env=environment)
        shutil.copytree(made, folder, dirs_exist_ok=True)
    for name in (".doctrees", "_sources"):
        shutil.rmtree(folder / name, ignore_errors=True)
    unused = [*folder.rglob("*.map"), *folder.rglob("*webpack-macros.html")]
    for path in [*unused, folder / "objects.inv", folder / ".buildinfo"]:
        path.unlink(missing_ok=True)


def write_pages(notebooks, folder):
    """Write what Sphinx makes the site of: notebooks, pages in Markdown, the front page, the playground."""
    shutil.copytree(PAGES, folder, ignore=shutil.ignore_patterns("front.html", "__pycache__"))
    written = [path for path in sorted((PROJECT / "docs").glob("*.md")) if path.stem != "gallery"]
    for sub in ("_static", "_extra", "originals", "gallery"):
        (folder / sub).mkdir()
    for path in written:
        text = with_site_links(path.read_text(encoding="utf-8"), {source.stem for source in notebooks}, folder)
        (folder / path.name).write_text(text, encoding="utf-8", newline="\n")
    shutil.copy(PAGE / "explorer.css", folder / "_static")
    for name in ("site.css", "site.js"):
        shutil.move(folder / name, folder / "_static")
    explorers, data = stored()
    (folder / "_static" / "explorers.js").write_text(playground.program(), encoding="utf-8", newline="\n")
    (folder / "_extra" / "playground.html").write_text(playground.page(explorers, data), encoding="utf-8", newline="\n")
    (folder / "_extra" / "index.html").write_text(front_page(explorers, data), encoding="utf-8", newline="\n")
    for source in notebooks:
        nbformat.write(without_outputs(source), folder / "originals" / f"{source.stem}.ipynb")
        nbformat.write(as_page(source, folder), folder / f"{source.stem}.ipynb")
    (folder / "contents.md").write_text(contents(notebooks, written), encoding="utf-8", newline="\n")
    with open(folder / "api.md", "a", encoding="utf-8", newline="\n") as api:
        for module in MODULES:
            api.write(f"\n## {module}\n\n```{{eval-rst}}\n.. automodule:: aeutils.{module}\n   :members:\n```\n")


def with_site_links(text, names, folder):
    """The Markdown of a page with links to what the site has: notebooks by these names, other pages, images, addresses.

    Images are copied. What only the folder of the project has, such as its README, keeps its words alone.
    """

    def mended(found):
        is_image, words, target = found.groups()
        path, stem = target.partition("#")[0], Path(target).stem
        if is_image:
            shutil.copy(PROJECT / "docs" / target, folder / "gallery")
            return f"![{words}](gallery/{Path(target).name})"
        if path.endswith(".ipynb"):  # of the editions, the site has what students open
            return f"[{words}]({stem}.ipynb)" if stem in names and "/live/" not in path else words
        return words if path.startswith("../") else found[0]

    return re.sub(r"(!?)\[([^\]]*)\]\(([^)]+)\)", mended, text)


def front_page(explorers, data):
    """HTML on which one draws at once, with the bytes of that explorer alone."""
    body = (PAGES / "front.html").read_text(encoding="utf-8")
    return standalone("Autoencoders, drawn", *only(explorers, data, ["draw_digit"]), body)


def contents(notebooks, written):
    """The Markdown of the page that lists all others."""
    first = '<a href="index.html">Draw your own digit</a> or open <a href="playground.html">the playground</a>.'
    lines = ["# The course", "", first, ""]
    for source in notebooks:
        title, purpose = opening(read(source, "student"))
        lines.append(f"- [{title}]({source.stem}.ipynb): {purpose}")
    names = [*(source.stem for source in notebooks), *(path.stem for path in written), "api"]
    lines += ["", "```{toctree}", ":hidden:", "", *names, "```", ""]
    return "\n".join(lines)


def as_page(source, folder):
    """The stored notebook of a source as a page: with links, formulas, alt texts, and explorers that move."""
    notebook = read(source, "student")
    cells = []
    for number, cell in enumerate(notebook.cells):
        cells.append(cell)
        if cell.cell_type == "markdown":
            cell.source = with_formulas(with_files(cell, f"{source.stem}-{number}", folder))
            cell.pop("attachments", None)
        else:
            describe_images(cell)
            fold(cell)
            write_formulas(cell)
            cells += [live(name) for name in playground.shown_by(cell)]
    cells.insert(1, nbformat.v4.new_markdown_cell(links(source)))
    if any("data-explorer" in cell.source for cell in cells):
        cells.append(nbformat.v4.new_markdown_cell('<script src="_static/explorers.js" defer></script>'))
    notebook.cells = cells
    return notebook


def without_outputs(source):
    """The stored notebook of a source as it is before it is run: its figures would make the site twice as large."""
    notebook = read(source, "student")
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    return notebook


def with_files(cell, name, folder):
    """The Markdown of a cell with its attachments as files beside the page."""
    text = cell.source
    for attached, kinds in cell.get("attachments", {}).items():
        path = folder / f"{name}-{attached}"
        path.write_bytes(base64.b64decode(next(iter(kinds.values()))))
        text = text.replace(f"attachment:{attached}", path.name)
    return text


def describe_images(cell):
    """Hand the alt text that an output carries to myst-nb, which looks for it in the cell's own metadata."""
    for output in cell.outputs:
        alt = output.get("metadata", {}).get("image/png", {}).get("alt")
        if alt:
            cell.metadata["mystnb"] = {"image": {"alt": alt.replace("\n", " ")}}


def fold(cell):
    """Fold on the page what is folded in the notebook: machinery, and answers to predictions."""
    for part, (tag, words) in FOLDS.items():
        if cell.metadata.get("jupyter", {}).get(part):
            cell.metadata.setdefault("tags", []).append(tag)
            cell.metadata.setdefault("mystnb", {})["code_prompt_show"] = words


def live(name):
    """The cell in which an explorer moves, below the figure that stands for it elsewhere."""
    return nbformat.v4.new_markdown_cell(f'<div data-explorer="{name}"></div>')


def links(source):
    """A line of Markdown: where the notebook can be had, run, and complained about."""
    name = product(source, "student").name
    parts = [f"{{download}}`Download this notebook <originals/{name}>`"]
    address = os.environ.get("AEUTILS_REPOSITORY", "").rstrip("/")
    if address:
        place = address.split("://", 1)[1].split("/", 1)[1]
        issue = f"{address}/issues/new?title={quote(f'{source.stem}: something is unclear')}"
        parts += [
            f"[Open it in Colab](https://colab.research.google.com/github/{place}/blob/main/notebooks/{name})",
            f"[Open it on Binder](https://mybinder.org/v2/gh/{place}/main?urlpath=lab/tree/notebooks/{name})",
            f"[Something is unclear here]({issue})",
        ]
    return " · ".join(parts)


def main():
    shutil.rmtree(SITE, ignore_errors=True)
    build(sources(sys.argv[1:]), SITE)
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    print(f"{SITE / 'index.html'}: {size:,} bytes in all, at most {LIMIT:,}")
    sys.exit(0 if size <= LIMIT else "too large")


if __name__ == "__main__":
    main()
