"""Where a student stands: which questions are passed, which are open, how many predictions were near."""

from dataclasses import dataclass
from html import escape

from aeutils.checks import store
from aeutils.checks.core import QUESTIONS
from aeutils.checks.feedback import PANEL, show
from aeutils.errors import InputError


@dataclass(frozen=True)
class Standing:
    """Names of the questions that are passed and of those that are open, in the order of the course."""

    passed: list
    open: list

    @property
    def complete(self):
        """Whether no question is open."""
        return not self.open

    def _ipython_display_(self):
        """Nothing: progress() has shown it already."""


def progress(notebook=None):
    """Show which questions are passed and how many predictions were near, and return the Standing.

    notebook: its number, such as 7; without it the whole course is shown. Raises InputError for a notebook
    that has no questions.
    """
    numbers = sorted({question.notebook for question in QUESTIONS.values()})
    if notebook is not None:
        if f"{notebook}".zfill(2) not in numbers:
            raise InputError(f"notebook is {notebook!r}; those with questions are {', '.join(numbers)}")
        numbers = [f"{notebook}".zfill(2)]
    asked = [question for question in QUESTIONS.values() if question.notebook in numbers]
    done = store.read()["passed"]
    names = [each.name for each in asked]
    standing = Standing([name for name in names if name in done], [name for name in names if name not in done])
    lines = [_line(number, standing) for number in numbers]
    if notebook is not None:
        lines += [f"{'✓' if each.name in done else '·'} {each.title}" for each in asked]
    lines += _predictions(numbers)
    headline = "Your progress"
    rows = "".join(f"<br>{escape(line)}" for line in lines)
    show(PANEL.format(colour="#0072B2", headline=headline, rows=rows), "\n  ".join([headline, *lines]))
    return standing


def _line(number, standing):
    """One notebook in one line, with the first open question."""
    names = [question.name for question in QUESTIONS.values() if question.notebook == number]
    passed = sum(name in standing.passed for name in names)
    text = f"Notebook {number}: {passed} of {len(names)} passed"
    following = next((QUESTIONS[name].title for name in names if name in standing.open), None)
    return f"{text}; next: {following}" if following else text


def _predictions(numbers):
    """One line on the predictions of some notebooks that have been answered; no line where there are none."""
    answered = [entry["near"] for key, entry in store.guesses().items() if key[:2] in numbers]
    answered = [near for near in answered if near is not None]
    return [f"Predictions: {sum(answered)} of {len(answered)} near."] if answered else []
