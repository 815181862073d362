"""Recovery in front of a class: catch_up puts a notebook's variables right."""

import json

from build_notebooks import product, read, sources
from editions import SECTION, code_cells, later_section
import nbclient
import nbformat
import pytest

import aeutils as ae
from aeutils import notebook

pytestmark = pytest.mark.data_free

each_notebook = pytest.mark.parametrize("source", sources(), ids=lambda source: source.stem)


def sections(source):
    """Numbers of the sections of a notebook."""
    text = "\n".join(cell.source for cell in read(source, "solutions").cells if cell.cell_type == "markdown")
    return [int(number) for number in SECTION.findall(text)]


def run(*codes):
    """Execute cells in a new kernel; returns the notebook."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in codes])
    try:
        nbclient.NotebookClient(notebook, kernel_name="python3", timeout=300).execute()
    except nbclient.exceptions.DeadKernelError:  # kernels that start side by side can choose the same free port
        nbclient.NotebookClient(notebook, kernel_name="python3", timeout=300).execute()
    return notebook


def printed(cell):
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


@each_notebook
def test_sections_are_numbered_and_the_live_edition_offers_to_catch_up_at_each(source):
    numbers = sections(source)
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= 3
    cells = read(source, "live").cells
    for index, cell in enumerate(cells):
        if section := later_section(cell):
            assert cells[index + 1].source.startswith(f"# ae.catch_up({int(source.stem[:2])}, {section})  #")


@each_notebook
def test_catching_up_runs_all_the_code_above_a_section_and_none_below(source):
    """So a section then finds what it finds in the solutions, which nbval runs from the first cell to the last."""
    code = [cell.source for cell in code_cells(read(source, "solutions"))]
    cells = read(source, "solutions").cells
    for section in sections(source):
        start = next(index for index, cell in enumerate(cells) if f"\n## {section}. " in f"\n{cell.source}")
        above = notebook._cells_before(product(source, "solutions"), section)
        assert above == code[: len(above)]
        assert len(above) == sum(cell.cell_type == "code" for cell in cells[:start])


@pytest.mark.slow
def test_last_section_runs_after_catching_up(monkeypatch):
    """In a new kernel, where nothing of the notebook has been run; one notebook speaks for all, see above."""
    monkeypatch.setenv("AEUTILS_DATA", "embedded")
    source = next(source for source in sources() if source.stem.startswith("02"))
    last = sections(source)[-1]
    cells = read(source, "solutions").cells
    start = next(index for index, cell in enumerate(cells) if later_section(cell) == last)
    rest = [
        cell.source for cell in cells[start:] if cell.cell_type == "code" and "ae.check.progress" not in cell.source
    ]
    notebook = run(f"import aeutils as ae\nae.catch_up({int(source.stem[:2])}, {last})", *rest)
    assert printed(notebook.cells[0]) == f"Everything is as it should be at the beginning of section {last}.\n"


@pytest.mark.slow
def test_own_variables_stay_and_those_of_the_course_are_put_right():
    notebook = run(
        "import aeutils as ae\nfrom time import time\nbefore, zlib, mine = time(), 'a slip', 42\nae.catch_up(2, 2)",
        "print(mine, zlib.__name__, ae.check.progress is not None)",
    )
    assert printed(notebook.cells[1]) == "42 zlib True\n"
    assert len(notebook.cells[0].outputs) == 1, "figures and prints of what it runs stay out of sight"


@pytest.mark.slow
def test_an_error_on_the_way_is_shown():
    code = (
        "import aeutils as ae\nfrom aeutils import notebook\n"
        "notebook._cells_before = lambda *_: ['1 / 0']\nae.catch_up(2, 2)"
    )
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="ZeroDivisionError"):
        run(code)


@pytest.mark.parametrize("notebook", [0, 99, "04", None, True, 4.5, [4]])
def test_unknown_notebook_is_a_clear_error(notebook):
    with pytest.raises(ae.InputError, match=r"notebook is .*; expected the number of one of them, 1, 2, 3"):
        ae.catch_up(notebook, 2)


@pytest.mark.parametrize("section", [0, 99, "2", None, True, [2]])
def test_unknown_section_is_a_clear_error(section):
    with pytest.raises(ae.InputError, match=r"section is .*; notebook 04 has the sections 1, 2, 3, 4"):
        ae.catch_up(4, section)


def test_copy_of_a_notebook_beside_the_solutions_changes_nothing(tmp_path, monkeypatch):
    """What JupyterLab's Duplicate makes; it comes first in the alphabet."""
    for name in ("04_the_bottleneck", "04_the_bottleneck-Copy1", "77_my_own"):
        (tmp_path / f"{name}.ipynb").touch()
    monkeypatch.setattr(notebook, "SOLUTIONS", tmp_path)
    assert notebook._path(4) == tmp_path / "04_the_bottleneck.ipynb"
    with pytest.raises(ae.InputError, match="expected the number of one of them, 1, 2, 3"):
        ae.catch_up(77, 2)


def test_missing_solutions_are_one_clear_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(notebook, "SOLUTIONS", tmp_path)
    with pytest.raises(ae.CourseError, match=r"solutions of notebook 4, and .*04_the_bottleneck\.ipynb is missing"):
        ae.catch_up(4, 2)


def test_outside_a_notebook_it_says_so():
    with pytest.raises(ae.CourseError, match="in a notebook only"):
        ae.catch_up(4, 2)


def test_cells_are_those_above_the_heading(tmp_path):
    cells = [
        {"cell_type": "code", "source": ["one\n", "two"]},
        {"cell_type": "markdown", "source": ["## 1. First\n", "prose"]},
        {"cell_type": "code", "source": ["three"]},
        {"cell_type": "markdown", "source": ["## 2. Second"]},
        {"cell_type": "code", "source": ["four"]},
    ]
    path = tmp_path / "01_x.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert notebook._cells_before(path, 1) == ["one\ntwo"]
    assert notebook._cells_before(path, 2) == ["one\ntwo", "three"]


@each_notebook
def test_code_below_a_heading_does_not_begin_in_the_middle_of_a_cell(source):
    """A heading stands at the top of its cell, so that catching up to it leaves out nothing above it."""
    for cell in read(source, "solutions").cells:
        if cell.cell_type == "markdown" and SECTION.search(cell.source):
            assert SECTION.match(cell.source)
    assert code_cells(read(source, "solutions"))
