"""A student's own work in my/, the whole way: work, git pull, work on."""

import os
from pathlib import Path
import shutil
import subprocess
import sys

import nbclient
import nbformat
import pytest

pytestmark = [pytest.mark.data_free, pytest.mark.slow]

PROJECT = Path(__file__).parents[1]
NOTEBOOK = "07_exercise_1.ipynb"
SHARED = [
    "aeutils",
    "course.py",
    ".gitignore",
    "my/README.md",
    f"notebooks/{NOTEBOOK}",
    f"notebooks/solutions/{NOTEBOOK}",
]
"""What of the project this needs, to keep it quick."""
ANSWER = "answer = lambda raw: raw.float().unsqueeze(1) / 255"


def git(folder, *arguments):
    """Run git in a folder, as somebody whose own settings do not matter; returns what it prints."""
    person = {f"GIT_{role}_{part}": "x@y" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    nothing = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(
        command, env={**os.environ, **person, **nothing}, check=True, capture_output=True, text=True
    ).stdout


def commit(folder, message):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


@pytest.fixture
def course(tmp_path):
    """The course as it is published: a repository that others clone."""
    folder = tmp_path / "course"
    for name in SHARED:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (PROJECT / name).is_file():
            shutil.copy(PROJECT / name, target)
        else:
            shutil.copytree(PROJECT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True, capture_output=True)
    commit(folder, "The course")
    return folder


def work(path, *codes):
    """Add cells to a notebook and run these alone, in a kernel that has the course of that checkout."""
    notebook = nbformat.read(path, as_version=4)
    own = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in codes])
    nbclient.NotebookClient(own, kernel_name="python3", timeout=300).execute(cwd=path.parent)
    notebook.cells += own.cells
    nbformat.write(notebook, path)
    return [output.get("text", "") for cell in own.cells for output in cell.outputs]


def test_work_in_my_outlives_an_update_and_goes_on(course, tmp_path, monkeypatch):
    mine = tmp_path / "mine"
    git(tmp_path, "clone", "--quiet", str(course), str(mine))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(mine), *filter(None, sys.path)]))
    monkeypatch.setenv("AEUTILS_PROGRESS", str(tmp_path / "progress"))
    monkeypatch.setenv("AEUTILS_DATA", "embedded")
    own = mine / "my" / NOTEBOOK
    shutil.copy(mine / "notebooks" / NOTEBOOK, own)
    shutil.copy(mine / "notebooks" / NOTEBOOK, mine / "notebooks" / NOTEBOOK.replace(".", "-Copy1."))
    work(own, f"import aeutils as ae\n{ANSWER}\nassert ae.check.prepare(answer)")
    before = own.read_bytes()
    assert git(mine, "status", "--porcelain", "my") == "", "own work is nothing that git asks about"

    changed = course / "notebooks" / NOTEBOOK
    changed.write_text(changed.read_text(encoding="utf-8").replace("Prepare the images", "Prepare all images"), "utf-8")
    package = course / "aeutils" / "__init__.py"
    package.write_text(package.read_text(encoding="utf-8") + "\nNEWER = True\n", encoding="utf-8")
    commit(course, "A newer course")
    git(mine, "pull", "--quiet", "--ff-only")

    assert own.read_bytes() == before
    assert "Prepare all images" in (mine / "notebooks" / NOTEBOOK).read_text(encoding="utf-8")
    code = (
        "import aeutils as ae\nassert ae.NEWER\nae.catch_up(7, 2)\n"
        'assert "prepare" in ae.check.progress(7).passed\nprint(ae.data.DATA)'
    )
    printed = "".join(work(own, code))
    assert "Everything is as it should be at the beginning of section 2." in printed
    assert str(mine / "data") in printed, "the course of this checkout, not another"
