"""The checks of all exercises: ae.check.NAME(answer) replies at once, and knows what an answer misunderstands.

A check tries what an answer does, not how it is written; it changes nothing of yours, and needs no network. Its Reply
counts as true when you have passed, so that `ae.check.NAME(answer) and figure` draws the figure only then.
"""

from difflib import get_close_matches
import importlib

from aeutils.checks.core import QUESTIONS
from aeutils.checks.feedback import Reply
from aeutils.checks.progress import Standing, progress
from aeutils.errors import CourseError

__all__ = ["QUESTIONS", "Reply", "Standing", "UnknownCheckError", "progress"]


class UnknownCheckError(CourseError, AttributeError):
    """There is no check of that name."""


importlib.import_module("aeutils.checks.questions")  # each question enters itself into QUESTIONS
__all__ += QUESTIONS
globals().update({name: question.check for name, question in QUESTIONS.items()})


def __dir__():
    """What is offered behind ae.check. in a notebook."""
    return sorted([*QUESTIONS, "progress"])


def __getattr__(name):
    """Say which check may have been meant."""
    if name.startswith("__"):
        raise AttributeError(name)
    near = get_close_matches(name, QUESTIONS, n=1, cutoff=0.5)
    advice = f"did you mean ae.check.{near[0]}?" if near else "ae.check.progress() lists what there is"
    raise UnknownCheckError(f"there is no check {name!r}; {advice}")
