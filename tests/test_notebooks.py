"""The notebooks are what their sources say, and keep the rules of the house. (nbval, in notebooks/, runs them.)"""

import ast
import base64
import re

from build_notebooks import product, read, sources
from editions import EDITIONS, code_cells, expected_figures, has_tag, lessons, make, opening_comment
import pytest
from seconds import ALONE, ALONE_LIMIT, BUDGET

from aeutils.notebook import NOTEBOOKS

LIBRARIES = {"aeutils", "torch", "numpy", "scipy", "sklearn", "skimage", "matplotlib", "PIL", "soundfile"}
"""What notebooks may import besides Python's standard library: aeutils and the libraries they teach."""
STANDARD = {"bz2", "dataclasses", "fractions", "io", "itertools", "math", "time", "zlib"}

EXECUTED = ("solutions", "student")
PREDICTION = re.compile(r'^ *ae\.(predict|reveal)\(\s*"([^"]+)"', re.MULTILINE)

each_notebook = pytest.mark.parametrize("source", sources(), ids=lambda source: source.stem)
each_edition = pytest.mark.parametrize("edition", EDITIONS)
each_executed_edition = pytest.mark.parametrize("edition", EXECUTED)


def outputs(source, edition):
    return [output for cell in code_cells(read(source, edition)) for output in cell.outputs]


@each_edition
def test_there_is_a_source_for_every_notebook(edition):
    assert [source.stem for source in sources()] == NOTEBOOKS
    paths = [product(source, edition) for source in sources()]
    ours = [path for path in paths[0].parent.glob("*.ipynb") if re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem)]
    assert sorted(ours) == paths  # others, such as the copies that JupyterLab makes, are their owner's


@each_edition
def test_copy_of_a_notebook_is_not_run_as_a_test(edition, pytestconfig):
    ours = product(sources()[0], edition)
    copy = ours.with_name(f"{ours.stem}-Copy1.ipynb")
    ask = pytestconfig.hook.pytest_ignore_collect
    ignored = [ask(collection_path=path, config=pytestconfig) for path in (copy, ours)]
    assert ignored[0] and not ignored[1]


@each_edition
@each_notebook
def test_notebook_is_what_its_source_makes(source, edition):
    stored = read(source, edition)
    made = make(source, edition, stored.metadata["aeutils"], expected_figures(read(source, "solutions")))
    parts = [
        [(cell.id, cell.cell_type, cell.source, cell.metadata, cell.get("attachments")) for cell in each.cells]
        for each in (stored, made)
    ]
    assert parts[0] == parts[1], "edit the source and run: python tools/build_notebooks.py"
    assert stored.metadata == made.metadata


@each_notebook
def test_all_editions_tell_the_time_that_the_solutions_took(source):
    complete_seconds = {read(source, edition).metadata["aeutils"]["complete_seconds"] for edition in EDITIONS}
    assert complete_seconds == {read(source, "solutions").metadata["aeutils"]["seconds"]}


@each_executed_edition
@each_notebook
def test_notebook_keeps_its_budget(source, edition):
    measured = read(source, edition).metadata["aeutils"]
    assert measured["seconds"] <= (ALONE_LIMIT if source.stem == ALONE else BUDGET)
    assert measured["megabytes"] < 2048
    assert product(source, edition).stat().st_size < 1_000_000


@each_executed_edition
@each_notebook
def test_figures_are_stored_for_screens_with_twice_the_pixels(source, edition):
    figures = [
        output for output in outputs(source, edition) if "width" in output.get("metadata", {}).get("image/png", {})
    ]
    assert figures
    for figure in figures:
        stored = int.from_bytes(base64.b64decode(figure.data["image/png"])[16:20])
        assert stored == 2 * figure.metadata["image/png"]["width"]


@each_executed_edition
@each_notebook
def test_every_cell_is_checked_by_its_output_or_an_assertion(source, edition):
    for cell in code_cells(read(source, edition)):
        asserts = any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(cell.source)))
        insists = "ae.check." in cell.source  # the solutions assert at their end that all are passed
        assert not has_tag(cell, "nbval-ignore-output") or asserts or insists or cell.metadata.get("reason"), (
            cell.source
        )


@each_executed_edition
@each_notebook
def test_stored_output_is_complete_and_clean(source, edition):
    cells = code_cells(read(source, edition))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        streams = [output.name for output in cell.outputs if output.output_type == "stream"]
        assert len(streams) == len(set(streams)), "where a stream was cut depends on time: diffs would not be stable"
    for output in outputs(source, edition):
        assert output.output_type != "error" and output.get("name") != "stderr"
        if "image/png" in output.get("data", {}):
            assert output.metadata["image/png"]["alt"] in output.data["text/plain"]


@each_notebook
def test_student_edition_asks_and_solutions_insist(source):
    student, solutions = (code_cells(read(source, edition)) for edition in EXECUTED[::-1])
    number = int(source.stem[:2])
    checks = [cell for cell in student if "ae.check." in cell.source]
    assert len(checks) >= 3, "two questions and the progress"
    for cell in checks[:-1]:
        (panel,) = (output for output in cell.outputs if output.output_type == "display_data")
        assert panel.data["text/plain"].startswith("[not attempted yet]")
    assert checks[-1].source == f"ae.check.progress({number})"
    assert solutions[-1].source.endswith(f"assert ae.check.progress({number}).complete")
    for edition in EDITIONS:
        text = "\n".join(cell.source for cell in code_cells(read(source, edition)))
        assert "# answer:" not in text and "# student:" not in text


@each_notebook
def test_two_predictions_or_more_are_asked_and_each_is_answered_after_its_figure(source):
    calls = [PREDICTION.findall(cell.source) for cell in lessons(read(source, "student"))]
    asked, answered = (
        {key: place for place, found in enumerate(calls) for kind, key in found if kind == wanted}
        for wanted in ("predict", "reveal")
    )
    assert max(map(len, calls)) == 1, "each in a cell of its own"
    assert sum(map(len, calls)) == len(asked) + len(answered), "each key once"
    assert len(asked) >= 2 and asked.keys() == answered.keys()
    assert all(asked[key] + 1 < answered[key] for key in asked), "the figure stands between them"
    assert all(key.startswith(f"{source.stem[:2]} ") for key in asked), "so that the progress can count them"


@each_notebook
def test_live_edition_leaves_only_comments_where_the_instructor_types(source):
    live, student = (code_cells(read(source, edition)) for edition in ("live", "student"))
    typed = [cell for cell in live if has_tag(cell, "live")]
    assert len(typed) >= 3
    for cell in live:
        assert not cell.outputs
        assert not has_tag(cell, "live") or (cell.source and cell.source == opening_comment(cell.source))
    for cell, same in zip([cell for cell in live if "ae.catch_up(" not in cell.source], student, strict=True):
        assert cell.source == (opening_comment(same.source) if has_tag(cell, "live") else same.source)


@each_executed_edition
@each_notebook
def test_a_cell_is_short_and_imports_only_what_is_taught(source, edition):
    for cell in code_cells(read(source, edition)):
        assert len(cell.source.splitlines()) <= 16, cell.source
        for node in ast.walk(ast.parse(cell.source)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert {name.split(".")[0] for name in names} <= LIBRARIES | STANDARD


@each_notebook
def test_aeutils_is_imported_before_torch(source):
    text = "\n".join(cell.source for cell in code_cells(read(source, "student")))
    assert text.index("import aeutils as ae") < text.index("import torch")
