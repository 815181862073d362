"""Turn a notebook with exercises into an assignment for nbgrader.

    python3 course.py assignment 07 FOLDER

writes FOLDER/source/07_exercise_1/07_exercise_1.ipynb, and FOLDER/nbgrader_config.py where there is none. Answers stand
in solution cells, and students get the stubs of the student edition. Each check becomes a locked cell that carries the
points; its hidden test asks the same check once more. Points: 1 for a letter, else 2; in the source a cell's header can
say otherwise: # %% points=3
"""

import ast
import os
from pathlib import Path
import shlex
import shutil
import subprocess
import sys

from build_notebooks import read, sources, write
from editions import ANSWER, expected_figures, make
import nbformat

import aeutils as ae

CONFIG = Path(__file__).with_name("nbgrader_config.py")
SCHEMA_VERSION = 3
"""Of the metadata that nbgrader keeps in a cell."""
HIDDEN_TEST = "### BEGIN HIDDEN TESTS\nassert (reply := {call}), str(reply)\n### END HIDDEN TESTS"
REGION = "{indent}### BEGIN SOLUTION\n{answer}{stub}{indent}### END SOLUTION\n"


def assignment(source, measured, figures=()):
    """The notebook that belongs into nbgrader's folder "source". Arguments: as in editions.make."""
    notebook = make(source, "graded", measured, figures)
    cells = []
    for cell in notebook.cells:
        cells += [cell] if cell.cell_type == "markdown" else graded_cells(cell)
    for number, cell in enumerate((cell for cell in cells if ANSWER.search(cell.source)), 1):
        cell.source = ANSWER.sub(_region, cell.source).rstrip("\n")
        _mark(cell, f"answer_{number}", solution=True)
    notebook.cells = cells
    return notebook


def graded_cells(cell):
    """The cells that a code cell of the source becomes: each statement that checks an answer gets one of its own."""
    lines, cells, done = cell.source.splitlines(), [], 0
    for statement in ast.parse(cell.source).body:
        calls = {call.func.attr: call for call in ast.walk(statement) if _is_check(call)}
        if calls:
            start = _with_comment(lines, statement.lineno - 1)
            if before := "\n".join(lines[done:start]).strip("\n"):
                cells.append(_piece(cell, before, len(cells)))
            cells.append(_check_cell(cell, "\n".join(lines[start : statement.end_lineno]), calls))
            done = statement.end_lineno
    rest = "\n".join(lines[done:]).strip("\n")
    return [*cells, _piece(cell, rest, len(cells))] if rest else cells


def points(name):
    """What a question is worth unless its cell says otherwise: 1 where the answer is a letter, else 2."""
    return 1 if ae.check.QUESTIONS[name].letters else 2


def total_points(notebook):
    """What all questions of an assignment are worth together."""
    return sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in notebook.cells)


def save(source, folder, notebook):
    """Write the notebook into the course folder, and the configuration where there is none. Returns its path.

    Raises SystemExit when the folder holds that assignment already.
    """
    path = folder / "source" / source.stem / f"{source.stem}.ipynb"
    if path.parent.exists():
        raise SystemExit(f"{path.parent} exists already and stays as it is. Delete it first, or name another folder.")
    path.parent.mkdir(parents=True)
    write(notebook, path)
    config = folder / CONFIG.name
    if not config.exists():
        shutil.copyfile(CONFIG, config)
    elif config.read_bytes() != CONFIG.read_bytes():
        print(f"{config} stays as it is. Take over what {CONFIG} does, or students see nbgrader's own stub.")
    return path


def _is_check(node):
    """Whether a node of a syntax tree is the call of a question's check."""
    if not isinstance(node, ast.Call):
        return False
    module, _, name = ast.unparse(node.func).rpartition(".")
    return module == "ae.check" and name in ae.check.QUESTIONS


def _with_comment(lines, start):
    """Where the comment begins that stands right above line number start, which no mark of an answer is."""
    while start and lines[start - 1].startswith("#") and not lines[start - 1].startswith("# student:"):
        start -= 1
    return start


def _piece(cell, text, number):
    """A part of a code cell as a cell of its own."""
    identity = f"{cell.id}-{number}" if number else cell.id
    return nbformat.v4.new_code_cell(text, metadata=dict(cell.metadata), id=identity)


def _check_cell(cell, text, calls):
    """A locked cell with what students see of a check, and a hidden test for each question in it."""
    tests = [HIDDEN_TEST.format(call=ast.unparse(call)) for call in calls.values()]
    (name, *_), worth = calls, cell.metadata.get("points", sum(map(points, calls)))
    graded = nbformat.v4.new_code_cell("\n".join([text, *tests]), metadata=dict(cell.metadata), id=name)
    _mark(graded, name, grade=True, locked=True, points=worth)
    return graded


def _mark(cell, grade_id, **said):
    """Say to nbgrader what a cell is."""
    kinds = {"grade": False, "solution": False, "locked": False, "task": False}
    cell.metadata["nbgrader"] = {**kinds, "schema_version": SCHEMA_VERSION, "grade_id": grade_id, **said}


def _region(found):
    """An answer and its stub, between nbgrader's marks."""
    indent = found[0][: len(found[0]) - len(found[0].lstrip(" "))]
    return REGION.format(indent=indent, answer=found["answer"], stub=found["stub"].rstrip("\n") + "\n")


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    number, folder = sys.argv[1], Path(sys.argv[2])
    found = sources([number])
    if len(found) != 1:
        names = ", ".join(source.stem for source in sources())
        raise SystemExit(f"{number} should name one of these notebooks: {names}")
    solutions = read(found[0], "solutions")
    notebook = assignment(found[0], solutions.metadata["aeutils"], expected_figures(solutions))
    if not total_points(notebook):
        raise SystemExit(f"{found[0].stem} has no questions, so there is nothing to grade.")
    path = save(found[0], folder, notebook)
    print(f"{path}: {total_points(notebook)} points. Next:")
    nbgrader = Path(sys.executable).with_name("nbgrader")
    for command in (["cd", folder], [nbgrader, "generate_assignment", found[0].stem]):
        words = [str(word) for word in command]
        print(subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words))


if __name__ == "__main__":
    main()
