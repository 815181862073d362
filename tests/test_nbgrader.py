"""Assignments for nbgrader: the real nbgrader releases, collects and grades them, and gives the marks that are due."""

import json
import os
import re
import subprocess
import sys

from build_notebooks import sources
from editions import code_cells, make
import nbformat
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import MetadataValidator
import nbgrader_assignment
import pytest

import aeutils as ae

pytestmark = [pytest.mark.data_free, pytest.mark.slow]

EXAM = '''# %% [markdown]
# # An exam of three questions

# %%
import aeutils as ae

# %% points=5
def cosine(one, other):
    """Their cosine similarity."""
    # answer:
    product = one @ other
    return product / (one.norm() * other.norm())
    # student: return ...

# a comment that belongs to the check
ae.check.cosine(cosine) and print("drawn only for those who pass")
shown_to_all = True

# %%
# answer:
letter = "b"
# student: letter = ...

# %%
ae.check.cosine_is_blind_to(letter)

# %%
def count_dead(codes):
    # answer:
    return int((codes == 0).all(dim=0).sum())
    # student: return ...


ae.check.dead_code_numbers(count_dead)

# %%
ae.check.progress(3)
'''
ANSWERS = {
    "cosine": "def cosine(one, other):\n    return (one * other).sum() / (one.norm() * other.norm())",
    "letter": 'letter = "b"',
    "count_dead": "def count_dead(codes):\n    return sum(int(not column.any()) for column in codes.T)",
}
"""Right answers, by a name that only their cell defines."""
STUDENTS = {
    "all_right": (ANSWERS, {"cosine": 5, "cosine_is_blind_to": 1, "dead_code_numbers": 2}),
    "half_done": (  # one right, one wrong, one untouched
        {"cosine": ANSWERS["cosine"], "count_dead": "def count_dead(codes):\n    return (codes == 0).sum()"},
        {"cosine": 5, "cosine_is_blind_to": 0, "dead_code_numbers": 0},
    ),
    # What stands in a locked cell is put back before it is graded; an answer that raises costs its own points only.
    "cheats": (
        {"def cosine": "raise ValueError", "ae.check.cosine(": "pass", "letter": ANSWERS["letter"]},
        {"cosine": 0, "cosine_is_blind_to": 1, "dead_code_numbers": 0},
    ),
}
"""For each student: what replaces the cells in which a name stands first, and the points that are due."""
MEASURED = {"complete_seconds": 1}
WITH_QUESTIONS = [
    source for source in sources() if any(each.notebook == source.name[:2] for each in ae.check.QUESTIONS.values())
]


class Course:
    """A folder in which nbgrader works, and the steps from the assignment to the marks."""

    def __init__(self, folder, assignment):
        self.folder, self.assignment = folder / "my course", assignment
        self.file = f"{assignment}/{assignment}.ipynb"
        self.desks, self.exchange = folder / "desks", folder / "exchange"
        self.progress = folder / "progress.json"
        self.desks.mkdir()
        self.exchange.mkdir()
        self.exchange.chmod(0o777)  # nbgrader insists on it
        self.of_the_user = folder / "of-the-user"  # a kernel of the same name that knows nothing of the course
        (self.of_the_user / "kernels" / "python3").mkdir(parents=True)
        alien = {"argv": ["no-such-program"], "display_name": "Python 3", "language": "python"}
        (self.of_the_user / "kernels" / "python3" / "kernel.json").write_text(json.dumps(alien))

    def nbgrader(self, command, *options):
        """Run a command of nbgrader in the course's folder."""
        places = {"root": self.exchange, "assignment_dir": self.desks, "cache": self.desks / "cache"}
        places = [f"--Exchange.{name}={place}" for name, place in places.items()]
        self.run([sys.executable, "-m", "nbgrader", command, self.assignment, *places, *options], self.folder)

    def run(self, command, folder):
        """Run any command in a folder, with a PATH on which there is nothing but the system's programs."""
        variables = {**os.environ, "AEUTILS_DATA": "embedded", "AEUTILS_PROGRESS": str(self.progress)}
        variables |= dict.fromkeys(("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"), str(self.of_the_user))
        variables["PATH"] = os.defpath
        done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def submit(self, student, notebook):
        """Hand in a notebook as a student, through nbgrader's exchange."""
        self.write(self.desks, notebook)
        self.nbgrader("submit", f"--student={student}", "--course=autoencoders")

    def write(self, place, notebook):
        """Write a notebook of the assignment into a place such as submitted/STUDENT."""
        path = self.folder / place / self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)

    def read(self, step):
        """The notebook as it stands after a step: source, release, autograded/STUDENT."""
        return nbformat.read(self.folder / step / self.file, as_version=4)

    def points(self, student):
        """The points that a student got, by question."""
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}", "autoencoders") as book:
            submission = book.find_submission_notebook(self.assignment, self.assignment, student)
            assert not submission.needs_manual_grade
            return {grade.cell.name: grade.score for grade in submission.grades}


def graded(notebook, kind="grade"):
    """nbgrader's cells of a kind, by name."""
    marked = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    return {name: cell for name, cell in marked.items() if name and cell.metadata.nbgrader[kind]}


def with_answers(notebook, answers):
    """The notebook after somebody wrote answers: {name: what replaces the first cell in which it stands}."""
    for name, answer in answers.items():
        next(cell for cell in code_cells(notebook) if name in cell.source).source = answer
    return notebook


def solved(course, count=None):
    """The released notebook with the answers of the source: with all of them, or with the first so many."""
    notebook, answers = course.read("release"), graded(course.read("source"), "solution")
    for name, cell in list(graded(notebook, "solution").items())[:count]:
        cell.source = answers[name].source
    return notebook


def words(cells):
    """The code of all cells, without empty lines: how it is cut into cells does not matter."""
    return re.sub(r"\n+", "\n", "\n".join(cell.source for cell in cells if cell.cell_type == "code"))


@pytest.fixture(scope="module")
def exam(tmp_path_factory):
    """A course in which the exam was released, handed in by all students, and graded."""
    if os.name == "nt":
        pytest.skip("nbgrader hands nothing in or out on Windows")
    folder = tmp_path_factory.mktemp("nbgrader")
    source = folder / "exam.py"
    source.write_text(EXAM, encoding="utf-8")
    course = Course(folder, "exam")
    nbgrader_assignment.save(source, course.folder, nbgrader_assignment.assignment(source, MEASURED))
    course.nbgrader("generate_assignment")
    course.nbgrader("release_assignment")
    by_exchange, *others = STUDENTS
    course.submit(by_exchange, with_answers(course.read("release"), STUDENTS[by_exchange][0]))
    course.nbgrader("collect")
    for student in others:
        course.write(f"submitted/{student}", with_answers(course.read("release"), STUDENTS[student][0]))
    course.nbgrader("autograde")
    return course


@pytest.mark.parametrize("student", STUDENTS)
def test_student_gets_the_points_that_are_due(exam, student):
    assert exam.points(student) == STUDENTS[student][1]


def test_students_are_released_the_student_edition(exam):
    release = exam.read("release")
    edition = make(exam.folder.parent / "exam.py", "student", MEASURED)
    assert words(release.cells) == words(edition.cells)
    assert "HIDDEN" not in words(release.cells) and "SOLUTION" not in words(release.cells)
    assert graded(release)["cosine"].source.startswith("# a comment that belongs to the check\nae.check.cosine(")
    assert not any(cell.metadata.editable or cell.metadata.deletable for cell in graded(release).values())


def test_whoever_grades_reads_the_reason(exam):
    reply = ae.check.dead_code_numbers(lambda codes: (codes == 0).sum())
    outputs = graded(exam.read("autograded/half_done"))["dead_code_numbers"].outputs
    (error,) = (output for output in outputs if output.output_type == "error")
    assert error.ename == "AssertionError" and error.evalue == str(reply)


def test_grading_leaves_the_graders_own_progress_alone(exam):
    assert not exam.progress.exists()


@pytest.mark.parametrize("source", WITH_QUESTIONS, ids=lambda source: source.stem)
def test_every_notebook_with_questions_can_be_an_assignment(source):
    """Each question carries points once, and answers and stubs all lie in solution cells."""
    text = source.read_text(encoding="utf-8")
    figures = [("", "a figure")] * len(re.findall(r'^# %%.*"expected"', text, re.MULTILINE))
    notebook = nbgrader_assignment.assignment(source, MEASURED, figures)
    MetadataValidator().validate_nb(notebook)
    nbformat.validate(notebook)
    asked = [name for name, each in ae.check.QUESTIONS.items() if each.notebook == source.name[:2]]
    assert sorted(graded(notebook)) == sorted(asked)
    for name, cell in graded(notebook).items():
        assert f"### BEGIN HIDDEN TESTS\nassert (reply := ae.check.{name}(" in cell.source
    regions = sum(cell.source.count("### BEGIN SOLUTION") for cell in graded(notebook, "solution").values())
    assert regions == text.count("# answer:") > 0
    assert sum("attachments" in cell for cell in notebook.cells) == len(figures)


def test_exercise_1_is_graded_from_end_to_end(tmp_path):
    """Solutions get all points; who got half-way, with one slip, gets just what is right, and nothing for stubs."""
    command = [sys.executable, nbgrader_assignment.__file__, "07", "my course"]
    said = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    course = Course(tmp_path, "07_exercise_1")
    if os.name == "nt":
        course.nbgrader("generate_assignment")
    else:
        course.run(["sh", "-ec", said.split("Next:\n")[1]], tmp_path)
    course.write("submitted/solutions", solved(course))
    slip = {"def loss(": "def loss(reconstructions, images):\n    return (reconstructions - images).square().mean()"}
    course.write("submitted/half_way", with_answers(solved(course, 4), slip))
    course.nbgrader("autograde")
    most = {name: cell.metadata.nbgrader.points for name, cell in graded(course.read("source")).items()}
    assert f"{sum(most.values())} points" in said
    assert course.points("solutions") == most
    right = ("prepare", "encoder", "decoder", "autoencoder")
    assert course.points("half_way") == {name: most[name] * (name in right) for name in most}


def test_letters_are_worth_one_point_and_other_answers_two():
    assert nbgrader_assignment.points("cosine_is_blind_to") == 1
    assert nbgrader_assignment.points("cosine") == 2


def test_an_assignment_is_never_overwritten(tmp_path):
    source = tmp_path / "exam.py"
    source.write_text(EXAM, encoding="utf-8")
    notebook = nbgrader_assignment.assignment(source, MEASURED)
    nbgrader_assignment.save(source, tmp_path, notebook)
    with pytest.raises(SystemExit, match="exam exists already and stays as it is"):
        nbgrader_assignment.save(source, tmp_path, notebook)


def test_an_instructors_own_configuration_stays(tmp_path, capsys):
    source = tmp_path / "exam.py"
    source.write_text(EXAM, encoding="utf-8")
    (tmp_path / "nbgrader_config.py").write_text("own = True\n")
    nbgrader_assignment.save(source, tmp_path, nbgrader_assignment.assignment(source, MEASURED))
    assert (tmp_path / "nbgrader_config.py").read_text() == "own = True\n"
    assert "stays as it is. Take over" in capsys.readouterr().out


@pytest.mark.parametrize("arguments, answer", [(["0", "x"], "should name one of these"), (["03"], "FOLDER")])
def test_wrong_arguments_end_in_a_sentence(monkeypatch, arguments, answer):
    monkeypatch.setattr(sys, "argv", ["nbgrader_assignment.py", *arguments])
    with pytest.raises(SystemExit, match=answer):
        nbgrader_assignment.main()
