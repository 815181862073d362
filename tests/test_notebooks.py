"""The notebooks are what their sources say, and keep the rules of the house. (nbval, in notebooks/, runs them.)"""

import ast

from build_notebooks import NOTEBOOKS, code_cells, make, product, sources
import nbformat
import pytest
import readme

LIBRARIES = {"aeutils", "torch", "numpy", "scipy", "sklearn", "skimage", "matplotlib", "PIL", "soundfile"}
"""What notebooks may import besides Python's standard library: aeutils and the libraries they teach."""
STANDARD = {"fractions", "io", "math", "time", "zlib"}

TEXT = readme.README.read_text(encoding="utf-8")

each_notebook = pytest.mark.parametrize("source", sources(), ids=lambda source: source.stem)


def read(source):
    return nbformat.read(product(source), as_version=4)


def outputs(source):
    return [output for cell in code_cells(read(source)) for output in cell.outputs]


def test_there_is_a_source_for_every_notebook():
    assert sources()
    assert sorted(NOTEBOOKS.glob("*.ipynb")) == [product(source) for source in sources()]


@each_notebook
def test_notebook_is_what_its_source_makes(source):
    stored = read(source)
    made = make(source, stored.metadata["aeutils"])
    parts = [[(cell.id, cell.cell_type, cell.source, cell.metadata) for cell in each.cells] for each in (stored, made)]
    assert parts[0] == parts[1], "edit the source and run: python tools/build_notebooks.py"
    assert stored.metadata == made.metadata


@each_notebook
def test_notebook_keeps_its_budget(source):
    measured = read(source).metadata["aeutils"]
    assert measured["seconds"] <= 60
    assert measured["megabytes"] < 2048
    assert product(source).stat().st_size < 1_000_000


@each_notebook
def test_every_cell_is_checked_by_its_output_or_an_assertion(source):
    for cell in code_cells(read(source)):
        unchecked = "nbval-ignore-output" in cell.metadata.get("tags", [])
        asserts = any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(cell.source)))
        assert not unchecked or asserts or cell.metadata.get("reason"), cell.source


@each_notebook
def test_stored_output_is_complete_and_clean(source):
    cells = code_cells(read(source))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        streams = [output.name for output in cell.outputs if output.output_type == "stream"]
        assert len(streams) == len(set(streams)), "where a stream was cut depends on time: diffs would not be stable"
    for output in outputs(source):
        assert output.output_type != "error" and output.get("name") != "stderr"
        if "image/png" in output.get("data", {}):
            assert output.metadata["image/png"]["alt"] in output.data["text/plain"]


@each_notebook
def test_a_cell_is_short_and_imports_only_what_is_taught(source):
    for cell in code_cells(read(source)):
        assert len(cell.source.splitlines()) <= 16, cell.source
        for node in ast.walk(ast.parse(cell.source)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert {name.split(".")[0] for name in names} <= LIBRARIES | STANDARD


@each_notebook
def test_aeutils_is_imported_before_torch(source):
    text = "\n".join(cell.source for cell in code_cells(read(source)))
    assert text.index("import aeutils as ae") < text.index("import torch")


def test_readme_is_up_to_date():
    """Its generated parts are what tools/readme.py makes of the stored notebooks."""
    for source in sources():
        title, purpose = readme.opening(read(source))
        seconds = read(source).metadata["aeutils"]["seconds"]
        assert f"| [{title}](notebooks/{source.stem}.ipynb) | {purpose} | {seconds} |" in TEXT
        png, description = readme.chosen_figure(read(source))
        assert f"![{description}](gallery/{source.stem}.png)" in TEXT
        assert (readme.GALLERY / f"{source.stem}.png").read_bytes() == png
