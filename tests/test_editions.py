"""The three editions of a source: what students, solutions and instructors see of it."""

import editions
import jupytext
import nbconvert
import nbformat
import pytest

pytestmark = pytest.mark.data_free

SOURCE = """\
# %% [markdown]
# # A small notebook
# It takes {{seconds}} seconds.

# %%
def scale(pixels):
    \"""Pixels in [0, 1].\"""
    # answer:
    largest = pixels.max()

    return pixels / largest
    # student: # how bright is the brightest?
    # student: return ...


# answer:
letter = "b"
# student: letter = ...
# answer:
number = [
    1,
    2,
]
# student: number = ...
print(letter)

# %% [markdown]
# ## 1. First

# %% tags=["live", "expected"]
# The model: three layers,
# and then the figure
model = make()
# not shown
draw(model)

# %% [markdown]
# ## 2. Second

# %% tags=["expected"]
# answer:
draw_again(model)
# student: ...

# %%
ae.check.progress(3)
"""
OPENING = "# The model: three layers,\n# and then the figure\n"
NOTES = """\
# instructor minutes: 3
# instructor guess: the figure stays empty
# instructor ask: what does the second layer see?
"""
MEASURED = {"complete_seconds": 12}
FIGURES = [("Zmlyc3Q=", "A first figure"), ("c2Vjb25k", "A second figure")]
STUDENT = '''\
def scale(pixels):
    """Pixels in [0, 1]."""
    # how bright is the brightest?
    return ...


letter = ...
number = ...
print(letter)'''
SOLUTION = '''\
def scale(pixels):
    """Pixels in [0, 1]."""
    largest = pixels.max()

    return pixels / largest


letter = "b"
number = [
    1,
    2,
]
print(letter)'''


@pytest.fixture
def made(tmp_path):
    """A function that makes an edition of a source, SOURCE unless told."""

    def make(edition, source=SOURCE):
        path = tmp_path / "03_small.py"
        path.write_text(source, encoding="utf-8")
        return editions.make(path, edition, MEASURED, FIGURES if edition in ("student", "graded") else ())

    return make


def texts(notebook):
    return [cell.source for cell in editions.code_cells(notebook)]


def test_student_sees_stubs_and_no_answer(made):
    model = "# The model: three layers,\n# and then the figure\nmodel = make()\n# not shown\ndraw(model)"
    assert texts(made("student")) == [STUDENT, model, "...", "ae.check.progress(3)"]


def test_solutions_have_answers_and_insist_on_passing(made):
    first, _, again, last = texts(made("solutions"))
    assert (first, again) == (SOLUTION, "draw_again(model)")
    assert last == "assert ae.check.progress(3).complete"


def test_live_leaves_opening_comments_of_the_cells_to_type(made):
    first, typed, catch_up, again, last = texts(made("live"))
    assert (first, again, last) == (STUDENT, "...", "ae.check.progress(3)")
    assert typed == "# The model: three layers,\n# and then the figure"
    assert catch_up.startswith("# ae.catch_up(3, 2)")


def test_graded_keeps_the_marks(made):
    assert texts(made("graded"))[0] == jupytext.reads(SOURCE, fmt="py:percent").cells[1].source


@pytest.mark.parametrize("edition", editions.EDITIONS)
def test_edition_is_a_valid_notebook_whose_cells_keep_their_names(made, edition):
    notebook, again = made(edition), made(edition)
    nbformat.validate(notebook)
    names = [cell.id for cell in notebook.cells]
    assert names == [cell.id for cell in again.cells] and len(set(names)) == len(names)
    assert not any(mark in text for text in texts(notebook) for mark in ("# answer:", "# student:"))


@pytest.mark.parametrize("edition", editions.EDITIONS)
def test_exported_as_a_script_it_is_a_py_file(made, edition):
    _, resources = nbconvert.ScriptExporter().from_notebook_node(made(edition))
    assert resources["output_extension"] == ".py"


def test_title_names_the_edition_and_prose_the_seconds(made):
    assert made("student").cells[0].source == "# A small notebook\nIt takes 15 seconds."
    assert made("solutions").cells[0].source.startswith("# A small notebook (solutions)\n")
    assert made("live").cells[0].source.startswith("# A small notebook (live)\n")


def test_students_see_expected_figures_below_their_cells(made):
    cells = made("student").cells
    shown = [index for index, cell in enumerate(cells) if cell.get("attachments")]
    assert [cells[index - 1].source.splitlines()[-1] for index in shown] == ["draw(model)", "..."]
    assert [cells[index].attachments["expected.png"]["image/png"] for index in shown] == [png for png, _ in FIGURES]
    assert "![A first figure](attachment:expected.png)" in cells[shown[0]].source
    assert not any(cell.get("attachments") for edition in ("solutions", "live") for cell in made(edition).cells)


def test_expected_figures_are_those_that_the_solutions_drew(made):
    solutions = made("solutions")
    cells = [cell for cell in editions.code_cells(solutions) if editions.has_tag(cell, "expected")]
    for cell, (png, description) in zip(cells, FIGURES, strict=True):
        metadata = {"image/png": {"alt": description}}
        panel = nbformat.v4.new_output("display_data", data={"text/plain": "[passed]"})
        cell.outputs = [panel, nbformat.v4.new_output("display_data", data={"image/png": png}, metadata=metadata)]
    assert editions.expected_figures(solutions) == FIGURES


@pytest.mark.parametrize(
    "cell",
    [
        "# answer:\nreturn 3",
        "    # answer:\n    return 3\n",
        "number = 3\n# student: number = ...",
        "# answer:\none = 1\n# answer:\ntwo = 2\n# student: two = ...",
        "# answer\nthree = 3\n# student: three = ...",
        "# answer: \nthree = 3\n# student: three = ...",
        "#answer:\nthree = 3\n# student: three = ...",
        "# answer:\nthree = 3\n# Student: three = ...",
        "# answer:\nthree = 3\n# student: three = ...\n\n# student: three = 4",
    ],
)
@pytest.mark.parametrize("edition", [*editions.EDITIONS, "graded"])
def test_mark_without_a_partner_is_a_clear_error(made, edition, cell):
    with pytest.raises(ValueError, match="has no partner") as found:
        made(edition, f"# %% [markdown]\n# # Title\n\n# %%\n{cell}\n")
    assert cell.splitlines()[0] in str(found.value)


def test_comment_about_students_is_no_mark(made):
    cell = "# student numbers stand in the first column\n# the answer: below\nnumbers = table[0]"
    assert texts(made("student", f"# %% [markdown]\n# # Title\n\n# %%\n{cell}\n")) == [cell]


@pytest.mark.parametrize("edition", editions.EDITIONS)
def test_tags_fold_code_or_output(made, edition):
    source = SOURCE + '\n# %% tags=["collapsed"]\nassert model\n\n# %% tags=["predict", "collapsed"]\nmodel.answer\n'
    source += '\n# %%\nae.predict("03 model", "What?", ["this", "that"])\n'
    source += '\n# %%\nif True:\n    ae.reveal("03 model", "this")\n'
    folded = [cell.metadata.get("jupyter") for cell in made(edition, source).cells]
    code, both = {"source_hidden": True}, {"source_hidden": True, "outputs_hidden": True}
    assert folded == [None] * (len(folded) - 4) + [code, both, None, code]


@pytest.mark.parametrize("edition", [*editions.EDITIONS, "graded"])
def test_notes_for_the_instructor_are_in_no_edition(made, edition):
    assert made(edition, SOURCE.replace(OPENING, OPENING + NOTES)) == made(edition)


def test_notes_for_the_instructor_are_read():
    cell = nbformat.v4.new_code_cell(f"{OPENING}{NOTES}model = make()", metadata={"tags": ["live"]})
    found = {"minutes": 3, "guess": "the figure stays empty", "ask": "what does the second layer see?"}
    assert editions.notes(cell) == found
    assert editions.notes(nbformat.v4.new_code_cell(OPENING, metadata={"tags": ["live"]})) == {}


@pytest.mark.parametrize(
    "right, wrong",
    [
        *((f"{line}\n", "") for line in NOTES.splitlines()),
        (OPENING, ""),
        (OPENING + NOTES, NOTES + OPENING),
        (NOTES, "\n" + NOTES),
        (NOTES, NOTES + NOTES),
        (NOTES, "".join(reversed(NOTES.splitlines(keepends=True)))),
        ("minutes: 3", "minutes: three"),
        ("minutes: 3", "minutes: 0"),
        ("minutes: 3", "minutes 3"),
        ("# instructor guess", "# Instructor guess"),
        ("# instructor guess", "#instructor guess"),
        ("# instructor guess", "# instructor guesses"),
        ("the figure stays empty", ""),
        ("see?", "see."),
        ("the second layer", "the second layer " * 15),
    ],
)
@pytest.mark.parametrize("edition", [*editions.EDITIONS, "graded"])
def test_half_or_malformed_notes_for_the_instructor_are_a_clear_error(made, edition, right, wrong):
    source = SOURCE.replace(OPENING, OPENING + NOTES)
    assert right in source
    with pytest.raises(ValueError, match="are not the notes of a live cell"):
        made(edition, source.replace(right, wrong, 1))


@pytest.mark.parametrize("edition", [*editions.EDITIONS, "graded"])
@pytest.mark.parametrize("note", NOTES.splitlines())
def test_notes_in_a_cell_that_nobody_types_are_a_clear_error(made, edition, note):
    with pytest.raises(ValueError, match='only a cell tagged "live" has notes') as found:
        made(edition, SOURCE.replace("# answer:\ndraw_again", f"# draw\n{note}\n# answer:\ndraw_again"))
    assert note in str(found.value)
