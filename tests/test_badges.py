"""Badges and the install cell: with an address each edition opens itself elsewhere, without one nothing shows."""

from pathlib import Path
import re
import subprocess
import sys

import badges
from build_notebooks import SOURCES, product
from editions import EDITIONS, code_cells, lessons, make
import nbformat
import pytest

pytestmark = pytest.mark.data_free

SOURCE = SOURCES / "04_the_bottleneck.py"
MEASURED = {"complete_seconds": 12}
ADDRESS = "https://github.com/someone/autoencoders"
PATHS = {
    "student": "notebooks/04_the_bottleneck.ipynb",
    "solutions": "notebooks/solutions/04_the_bottleneck.ipynb",
    "live": "notebooks/live/04_the_bottleneck.ipynb",
}
"""What a badge of each edition must open; another course's student badge opened the solutions for years."""


@pytest.fixture
def address(monkeypatch):
    """A function that sets the address of the repository."""
    return lambda text: monkeypatch.setattr(badges, "REPOSITORY", text)


def links(notebook):
    """Where the badges of a notebook lead, in order."""
    return re.findall(r"\]\((https://[^)]*)\)", notebook.cells[0].source)


@pytest.mark.parametrize("edition", [*EDITIONS, "graded"])
def test_without_an_address_there_is_no_trace(edition, address):
    address("")
    notebook = make(SOURCE, edition, MEASURED)
    assert notebook.cells[0].source.startswith("# 04 The bottleneck")
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "colab" not in text and "mybinder" not in text and "pip" not in text
    assert len(lessons(notebook)) == len(code_cells(notebook))


@pytest.mark.parametrize("ending", ["", "/", ".git"])
@pytest.mark.parametrize("edition", EDITIONS)
def test_badges_open_the_edition_that_they_stand_in(edition, ending, address):
    address(ADDRESS + ending)
    notebook = make(SOURCE, edition, MEASURED)
    nbformat.validate(notebook)
    assert product(SOURCE, edition).samefile(Path(badges.PROJECT, PATHS[edition]))
    quoted = PATHS[edition].replace("/", "%2F")
    assert [link for link in links(notebook) if not link.endswith(".svg")] == [
        f"https://colab.research.google.com/github/someone/autoencoders/blob/main/{PATHS[edition]}",
        f"https://mybinder.org/v2/gh/someone/autoencoders/main?labpath={quoted}",
    ]
    assert notebook.cells[1].source.startswith("# 04 The bottleneck")


def test_badge_of_another_host_is_that_of_binder_alone(address):
    address("https://git.example.org/course")
    text = make(SOURCE, "student", MEASURED).cells[0].source
    assert "colab" not in text
    assert "/v2/git/https%3A%2F%2Fgit.example.org%2Fcourse/main?labpath=notebooks%2F04_the_bottleneck.ipynb" in text


@pytest.mark.parametrize("edition", EDITIONS)
def test_first_code_cell_installs_the_course_and_the_rest_is_as_without(edition, address):
    address("")
    plain = make(SOURCE, edition, MEASURED)
    address(ADDRESS)
    notebook = make(SOURCE, edition, MEASURED)
    first = code_cells(notebook)[0]
    assert first.source == badges.install() and ADDRESS in first.source
    assert [cell.source for cell in lessons(notebook)] == [cell.source for cell in code_cells(plain)]
    rest = [cell for cell in notebook.cells[1:] if cell is not first]
    assert [(cell.id, cell.source) for cell in rest] == [(cell.id, cell.source) for cell in plain.cells]
    assert {cell.metadata.slideshow.slide_type for cell in (notebook.cells[0], first)} == {"skip"}


def test_assignment_has_neither(address):
    address(ADDRESS)
    assert make(SOURCE, "graded", MEASURED).cells[0].source.startswith("# 04 The bottleneck")


RUN = """
import sys
class Shell:
    def run_line_magic(self, name, line):
        print(name, line)
get_ipython = Shell
if sys.argv[2] == "missing":
    sys.modules["aeutils"] = None
else:
    sys.modules["aeutils"] = sys
exec(sys.argv[1])
"""


@pytest.mark.parametrize("state, printed", [("missing", f"pip install --quiet aeutils@git+{ADDRESS}\n"), ("there", "")])
def test_install_cell_installs_what_is_missing_and_otherwise_does_nothing(state, printed, address):
    address(ADDRESS)
    command = [sys.executable, "-c", RUN, badges.install(), state]
    result = subprocess.run(command, capture_output=True, text=True)
    assert (result.stdout, result.stderr) == (printed, "")
