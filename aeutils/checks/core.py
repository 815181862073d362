"""What all questions share: an answer is looked at in a sandbox, and whatever happens there becomes a reply."""

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import wraps
import inspect
from types import FunctionType

import torch

from aeutils.checks import explain, store
from aeutils.checks.feedback import NOT_ATTEMPTED, NOT_CHECKED, NOT_YET, PASSED, Reply, describe, describe_error, show
from aeutils.checks.sandbox import TimeUpError, names_used, own_copy, own_line, run_bounded, untouched
from aeutils.errors import DataError

SECONDS = 8
"""What a check may take before it replies "did not finish"; a right answer takes less than 2."""
QUESTIONS = {}
"""Every Question by its name, in the order of the course."""


@dataclass(frozen=True)
class Question:
    """A question of the course: the name and function of its check, the number of its notebook ("07"), its title.

    example: how the notebook calls the student's function, "count_dead(codes)"; "" where the answer is no function.
    letters: {wrong letter: hint}, empty where the answer is no letter. right, mistakes: those of a question of kinds.
    """

    name: str
    notebook: str
    title: str
    check: FunctionType
    example: str = ""
    letters: dict = ()
    right: object = None
    mistakes: tuple = ()


class NotYet(Exception):  # noqa: N818  it is a verdict, not an error
    """Raised by a check when the answer is not right yet.

    misconception: a short name of what the answer shows. seen, expected: in words. hint: a push in the right
    direction, never the solution.
    """

    def __init__(self, misconception, seen, expected, hint):
        super().__init__(misconception)
        self.parts = {"misconception": misconception, "seen": seen, "expected": expected, "hint": hint}


class NotAttempted(Exception):  # noqa: N818
    """Raised by a check when the answer is still the three dots of the stub."""


def question(notebook, title, example="", **data):
    """Decorator that makes a check out of a function that looks at an answer.

    The function gets a copy of the answer, which is a function where an example says how it is called. It returns
    None, or a sentence that is shown to those who pass; it raises NotYet or NotAttempted. data: other fields of the
    Question. The check it becomes shows its Reply and returns it, whatever the answers do: raise errors, never end,
    or be something else altogether.
    """

    def decorate(look):
        @wraps(look)
        def check(*answers, **named):
            reply = _reply(asked, look, answers, named)
            if reply:
                store.record_pass(asked.name)
            show(reply.html(), str(reply))
            return reply

        asked = Question(look.__name__, notebook, title, check, example, **data)
        QUESTIONS[asked.name] = asked
        return check

    return decorate


def _reply(asked, look, answers, named):
    """The Reply of one question to the answers."""
    try:
        with untouched() as guard:
            return run_bounded(lambda: _look(asked, look, answers, named, guard), SECONDS)
    except TimeUpError:
        parts = {
            "misconception": "never ends",
            "seen": f"your code was still running after {SECONDS} seconds",
            "expected": "an answer that is done in less than 2 seconds",
            "hint": "Look for a loop that never ends, or for something far too large. The check tries few images.",
        }
    except KeyboardInterrupt:
        parts = {"misconception": "interrupted", "seen": "you stopped the check", "hint": "Run the cell again."}
    return Reply(asked.name, asked.title, NOT_YET, **parts)


def _look(asked, look, answers, named, guard):
    """The Reply, worked out with the student's code; runs in a thread of its own."""
    status, parts, functions, before = PASSED, {}, [], {}
    try:
        answers = _in_order(asked, look, answers, named)
        guard.keep(answers)
        if asked.example:
            require_function(answers[0], asked.example)
        torch.manual_seed(0)
        functions = [part for one in answers for part in (one if type(one) in (tuple, list) else [one])]
        before = explain.outside(functions)
        parts = {"seen": look(*[own_copy(answer) for answer in answers]) or ""}
    except NotAttempted:
        status, parts = NOT_ATTEMPTED, {"hint": "Replace the three dots by your answer, and run the cell again."}
    except NotYet as verdict:
        after, hint = explain.outside(functions), verdict.parts["hint"]
        hint += "".join(explain.unused(one) for one in answers[:1] if type(one) is FunctionType)
        if changed := [name for name, value in before.items() if after.get(name, value) != value]:
            hint = f"{changed[0]} is not as it was before the check called your function: what stays in it? {hint}"
        status, parts = NOT_YET, verdict.parts | {"hint": hint}
    except (TimeUpError, DataError):  # missing data are no fault of an answer
        raise
    except BaseException as error:
        line = own_line(error, inspect.unwrap(look).__code__)
        status, parts = (NOT_YET, _unforeseen(answers, error, line)) if line else (NOT_CHECKED, _our_failure(error))
    return Reply(asked.name, asked.title, status, **parts)


def _in_order(asked, look, answers, named):
    """The answers in the order in which the check takes them.

    Raises NotYet for more or fewer answers than it takes, NotAttempted when one is the three dots.
    """
    signature = inspect.signature(look)
    try:
        answers = signature.bind(*answers, **named).args
    except TypeError:
        call = f"ae.check.{asked.name}({', '.join(signature.parameters)})"
        seen = f"{len(answers) + len(named)} answers"
        raise NotYet("wrong call", seen, call, "Write the line as it stood in the notebook.") from None
    if any(answer is ... for answer in answers):
        raise NotAttempted
    return answers


def _unforeseen(answers, error, line):
    """The parts of a panel when a student's object stopped a check where nobody thought that it could."""
    _, why = explain.error(error, True)
    return {
        "misconception": "unforeseen",
        "seen": f"{', '.join(map(describe, answers))} stopped with {describe_error(error)}, {line}",
        "expected": "an answer of the kind that the question asks for",
        "hint": why or "Compare with the example in the question: is it a function, a model, a tensor, a letter?",
    }


def _our_failure(error):
    """The parts of a panel when a check itself has failed: that says nothing about the answer."""
    return {
        "misconception": "check failed",
        "seen": f"the check itself stumbled: {describe_error(error)}",
        "hint": "This is our fault, and says nothing about your answer. Compare your answer with the example in the "
        "question; if it is of the kind asked for, go on with the notebook, and report the line above.",
    }


@contextmanager
def attempt(doing, expected, hint, misconception="raises", example=""):
    """Within it an error of the student's code becomes NotYet, with an explanation of what the error means here.

    doing: what the check was doing, as in "make_encoder(2)"; misconception, expected, hint: as in NotYet; the
    misconception counts where the explanation has no name of its own. example: how the function is called.
    """
    try:
        yield
    except (NotYet, NotAttempted, TimeUpError, DataError):
        raise
    except BaseException as error:
        line = own_line(error)
        name, why = explain.error(error, line, example)
        seen = f"{doing} stopped with {describe_error(error)}" + (f", {line}" if line else "")
        general = misconception in ("raises", "does not fit")
        told = f"{why} {hint}" if why else hint
        raise NotYet(name if name and general else misconception, seen, expected, told) from None


def require(true, misconception, seen, expected, hint):
    """Raise NotYet unless the first argument is true. seen: in words, or any value, which is then described."""
    with suppress(Exception):  # a student's object may be neither true nor false, as [3, 4] == 3 in NumPy
        if true:
            return
    raise NotYet(misconception, seen if type(seen) is str and seen else describe(seen), expected, hint)


def require_function(answer, example):
    """Raise NotYet unless the answer is a function; example: how it is called, such as "scale(pixels)".

    A class is one where a function that makes a model is asked for.
    """
    name = example.split("(")[0]
    module = issubclass(type(answer), torch.nn.Module)
    makes = name.startswith("make_")
    if not callable(answer) or (issubclass(type(answer), type) and not makes) or (module and makes):
        hint = f"Hand over the function itself: {name}, without brackets behind it."
        raise NotYet("not a function", describe(answer), f"a function that is called as {example}", hint)


def require_own(answer, names, expected, hint):
    """Raise NotYet when a function uses one of these names of a library: what it does is to be written out."""
    code = getattr(answer, "__code__", None)
    found = ", ".join(sorted(names_used(code) & {*names})) if code else ""
    require(not found, "by the library", f"{found} in your function", expected, hint)


def call(function, *arguments, doing, expected, hint, misconception="raises", example=""):
    """function(*arguments), an answer of the student: raises NotAttempted for the three dots, NotYet for None."""
    with attempt(doing, expected, hint, misconception, example):
        result = function(*arguments)
    if result is ...:
        raise NotAttempted
    if result is None:
        name, why = explain.nothing(function)
        raise NotYet(name, f"{doing} returned None", expected, f"{why} {hint}" if why == explain.BRANCH else why)
    return result
