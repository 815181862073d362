"""The three editions of a notebook, made from its one source.

student      what students open: each answer is replaced by its stub
solutions    the same with the answers; its last check insists that every question is passed
live         for coding in front of a class: the cells to type are empty but for their opening comment,
             and each section begins with a line that puts everything right after a slip
graded       for tools/nbgrader_assignment.py alone, never stored: as the student edition, with the marks left in

How a source says so:

    # answer:                       what stands between these two marks is the answer;
    return pixels / 255
    # student: return ...           what stands behind the second is what students see (several lines: several marks)

    # %% tags=["live"]              a cell that the instructor types; its opening comment stays, and directly below it
    # instructor minutes: 3         stand three notes for the instructor, which are in no edition: docs/live.md shows
    # instructor guess: ...         them. How long it takes to type and discuss, the usual wrong guess,
    # instructor ask: ...?          and a question to the class
    # %% tags=["expected"]          a cell whose figure, as the solutions draw it, is shown to students below it
    # %% tags=["collapsed"]         a cell that proves or sets up what students need not read: shown as one line
    # %% tags=["predict"]           a cell that answers a prediction: its stored output is folded until it is run
    ae.reveal("04 error", error)    the cell after it, shown as one line, since it would tell the answer
    ae.check.progress(3)            the last check of a notebook
"""

import hashlib
import math
import re

from badges import badges, install
import jupytext
import nbformat

EDITIONS = ("solutions", "student", "live")
"""In the order in which they are built: the student edition shows figures of the solutions."""
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {
    "name": "python",
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
"""What JupyterLab would add when it saves; without it a notebook is exported as a script without an ending."""
ANSWER = re.compile(r"^ *# answer:\n(?P<answer>(?:.*\n)*?)(?P<stub>(?: *# student:.*(?:\n|$))+)", re.MULTILINE)
MARK = re.compile(r"^ *# *(?:answer|student) *(?::.*)?$", re.MULTILINE | re.IGNORECASE)
"""What was meant as a mark, also where its colon or a space is missing."""
NOTES = re.compile(
    r"(?P<comment>(?:#.*\n)+?)# instructor minutes: (?P<minutes>[1-9]\d?)\n"
    r"# instructor guess: (?P<guess>\S.*)\n# instructor ask: (?P<ask>\S.*\?.*)(?:\n|$)"
)
"""The beginning of a live cell: its opening comment, then the notes for the instructor."""
NOTE = re.compile(r"^[ #]*# *instructor\b.*$", re.MULTILINE | re.IGNORECASE)
"""What was meant as such a note, also where it is misspelled or misplaced."""
LONGEST_NOTE = 200
PROGRESS = re.compile(r"^(ae\.check\.progress\(\d+\))$", re.MULTILINE)
SECTION = re.compile(r"^## (\d+)\. ", re.MULTILINE)
CATCH_UP = "# ae.catch_up({}, {})  # after a slip, without the first #: everything as it should be here"
FOLDED = {"collapsed": "source_hidden", "predict": "outputs_hidden"}
"""What Jupyter calls the part of a cell that each of these tags folds."""
REVEAL = re.compile(r"^ *ae\.reveal\(", re.MULTILINE)
EXPECTED = "**Expected** (yours may differ in details):\n\n![{description}](attachment:expected.png)"


def make(source, edition, measured, figures=()):
    """An edition of a source, as a notebook without outputs.

    measured: {"seconds", "megabytes"} of this edition's last run, as far as it has run, and "complete_seconds", those
    of the solutions; {{seconds}} in the prose becomes the latter, rounded up to the next five.
    figures: (PNG in base64, description) for each cell tagged "expected", in their order; for the student edition.
    Cell ids are made from the cells' text, so they stay.
    """
    notebook = jupytext.read(source, fmt="py:percent")
    shown_seconds = str(math.ceil(measured["complete_seconds"] / 5) * 5)
    cells, figures = [], iter(figures)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("{{seconds}}", shown_seconds)
        else:
            cell.source = code(cell, edition)
        cell.metadata["slideshow"] = {"slide_type": _slide_type(cell)}
        if folded := _folded(cell):
            cell.metadata["jupyter"] = dict.fromkeys(folded, True)
        cells.append(cell)
        if edition in ("student", "graded") and has_tag(cell, "expected"):
            cells.append(_expected(*next(figures)))
        if edition == "live" and (section := later_section(cell)):
            cells.append(nbformat.v4.new_code_cell(CATCH_UP.format(int(source.name[:2]), section)))
    if edition in ("solutions", "live"):
        cells[0].source = re.sub(r"^(# .*)", rf"\1 ({edition})", cells[0].source, count=1)
    cells = cells if edition == "graded" else _with_head(cells, place(source, edition))
    seen = set()
    for cell in cells:
        cell.id = _cell_id(cell.source, seen)
    metadata = {"kernelspec": KERNEL, "language_info": LANGUAGE, "aeutils": measured}
    return nbformat.v4.new_notebook(cells=cells, metadata=nbformat.from_dict(metadata))


def _folded(cell):
    """What Jupyter calls the parts of a cell that are folded."""
    parts = [part for tag, part in FOLDED.items() if has_tag(cell, tag)]
    return ["source_hidden"] if REVEAL.search(cell.source) else parts


def place(source, edition):
    """The path of a notebook in the project: what students open lies in notebooks/ itself."""
    return f"notebooks/{'' if edition == 'student' else f'{edition}/'}{source.stem}.ipynb"


def _with_head(cells, path):
    """The cells, badges before them and the cell that installs the course before the first code, if there are any."""
    if not badges(path):
        return cells
    first = next(index for index, cell in enumerate(cells) if cell.cell_type == "code")
    hidden = {"slideshow": {"slide_type": "skip"}}
    head = nbformat.v4.new_markdown_cell(badges(path), metadata=hidden)
    code_cell = nbformat.v4.new_code_cell(install(), metadata={**hidden, "tags": ["install"]})
    return [head, *cells[:first], code_cell, *cells[first:]]


def code(cell, edition):
    """The text of a code cell of the source in an edition."""
    text = NOTES.sub(r"\g<comment>", cell.source, count=1) if notes(cell) else cell.source
    _check_marks(text)
    if edition == "live" and has_tag(cell, "live"):
        return opening_comment(text)
    if edition == "graded":
        return text.rstrip("\n")
    if edition == "solutions":
        return PROGRESS.sub(r"assert \1.complete", ANSWER.sub(lambda found: found["answer"], text)).rstrip("\n")
    return ANSWER.sub(lambda found: _stub(found["stub"]), text).rstrip("\n")


def notes(cell):
    """The notes for the instructor in a code cell of the source: {"minutes", "guess", "ask"}, or {} if there are none.

    Raises ValueError where a cell has notes and is not live, and where they are not the three lines of NOTES.
    """
    meant = NOTE.findall(cell.source)
    if not meant:
        return {}
    if not has_tag(cell, "live"):
        raise ValueError(f'{meant[0]!r}: only a cell tagged "live" has notes for the instructor. In:\n{cell.source}')
    found = NOTES.match(cell.source)
    if not found or len(meant) != 3 or max(map(len, meant)) > LONGEST_NOTE:
        raise ValueError(
            f"{meant} are not the notes of a live cell. Directly below its opening comment write three lines, each "
            f"of at most {LONGEST_NOTE} characters, in this order: `# instructor minutes: 3` (a whole number), "
            f"`# instructor guess: ...`, `# instructor ask: ...?` (with a question mark). In:\n{cell.source}"
        )
    return {"minutes": int(found["minutes"]), "guess": found["guess"], "ask": found["ask"]}


def _check_marks(text):
    """Raise ValueError unless each answer is closed by its stub, and each stub belongs to an answer."""
    solved = ANSWER.sub(lambda found: found["answer"], text)
    if loose := MARK.search(solved):
        raise ValueError(f"{loose[0].strip()!r} has no partner; `# answer:` goes with `# student: ...`. In:\n{text}")


def later_section(cell):
    """The number of the section that a cell begins, if it is not the first one."""
    numbers = [int(number) for number in SECTION.findall(cell.source)] if cell.cell_type == "markdown" else []
    return numbers[0] if numbers and numbers[0] > 1 else None


def _slide_type(cell):
    """Where slides begin: at each heading, and below it at each further piece of prose."""
    if cell.cell_type == "code":
        return "-"
    return "slide" if cell.source.startswith("#") else "subslide"


def opening_comment(text):
    """The comment lines with which a text begins."""
    lines = text.splitlines()
    end = next((index for index, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "\n".join(lines[:end])


def has_tag(cell, tag):
    return tag in cell.metadata.get("tags", [])


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def lessons(notebook):
    """The code cells that come from the source: all but the one that installs the course."""
    return [cell for cell in code_cells(notebook) if not has_tag(cell, "install")]


def expected_figures(solutions):
    """(PNG in base64, description) of each figure that the executed solutions show in a cell tagged "expected"."""
    figures = []
    for cell in code_cells(solutions):
        if has_tag(cell, "expected"):
            (shown,) = (output for output in cell.outputs if "image/png" in output.get("data", {}))
            figures.append((shown.data["image/png"], shown.metadata["image/png"]["alt"]))
    return figures


def _stub(marks):
    """What students see instead of an answer: what stands behind its marks."""
    return re.sub(r"^( *)# student: ?", r"\1", marks, flags=re.MULTILINE)


def _expected(png, description):
    """A cell that shows what the figure of the cell above it should look like."""
    attachments = {"expected.png": {"image/png": png}}
    return nbformat.v4.new_markdown_cell(EXPECTED.format(description=description), attachments=attachments)


def _cell_id(text, seen):
    """Eight characters that depend on the text alone, and on how often the same text came before."""
    repeat = 0
    while (name := hashlib.sha256(f"{repeat}{text}".encode()).hexdigest()[:8]) in seen:
        repeat += 1
    seen.add(name)
    return name
