"""The errors that the course raises: each message says what was given, what was expected, what to do."""

from math import inf
from numbers import Integral


class CourseError(Exception):
    """Base of all errors of aeutils.

    In a notebook it is shown as its message alone: what a student needs is the sentence, not the
    way through our code. In plain Python the traceback stands as usual.
    """

    def _render_traceback_(self):  # IPython asks an exception for this before it draws a traceback
        return [f"{type(self).__name__}: {self}"]


class DataError(CourseError, OSError):
    """A data file or folder is missing, broken or out of reach."""


class InputError(CourseError, ValueError):
    """An argument has the wrong type, shape or range."""


class TrainingError(CourseError, RuntimeError):
    """Training cannot go on: its error is no longer a finite number."""


def check_whole_number(name: str, value: object, lowest: float, highest: float = inf) -> int:
    """value, a whole number from lowest to highest of any kind (Python's, NumPy's), as an int; else InputError."""
    if isinstance(value, bool) or not isinstance(value, Integral) or not lowest <= int(value) <= highest:
        limits = f"of at least {lowest}" if highest == inf else f"from {lowest} to {highest:,}"
        raise InputError(f"{name} is {value!r}; expected a whole number {limits}, given as an int")
    return int(value)
