"""Answers to every question of the course: right ones written in different ways, and wrong ones that students give.

One module per notebook, named like that of its questions; notebook 07 has several, and networks is what they share. The
name of an answer says what it does; the mistakes of questions that are data are no part of it: they test themselves.
tools/check_table.py prints all of them with the replies that they get.
"""

from dataclasses import dataclass
import importlib
import pkgutil
from types import FunctionType
from unittest.mock import patch

import aeutils as ae
from aeutils.checks.questions.nb07_exercise_1 import TARGETS

ANSWERS = []
"""Every Answer, in the order of the course."""
EASY_TARGET = 25.0
"""The test error to beat with `record`: seconds of training are enough."""


@dataclass(frozen=True)
class Answer:
    """An answer to a question. misconception: what the check has to find in it; "" for a right answer.

    name: what the answer does, in words. make: makes the answer, afresh where it is fresh.
    """

    question: str
    misconception: str
    name: str
    make: FunctionType

    def reply(self):
        """The reply that the question's check gives to this answer; for the record, with a target within easy reach.

        That the real target can be reached is proved by notebook 07 itself.
        """
        with patch.dict(TARGETS, dict.fromkeys((True, False), EASY_TARGET)):
            return getattr(ae.check, self.question)(self.make())


def _enter(question, misconception, name, make):
    ANSWERS.append(Answer(question, misconception, name.replace("_", " "), make))


def right(question, **answers):
    """Enter answers that must pass, by name. Without any it is a decorator: the function itself is the answer."""
    for name, answer in answers.items():
        _enter(question, "", name, lambda answer=answer: answer)
    return wrong(question, "")


def wrong(question, misconception):
    """Decorator: the function itself is an answer in which the check must find the misconception."""

    def enter(answer, name=""):
        _enter(question, misconception, name or answer.__name__, lambda: answer)
        return answer

    return enter


def wrong_ones(question, table):
    """Enter answers in which the check must find a misconception: {misconception: answer, or list of answers}."""
    for misconception, name, answer in _listed(table):
        _enter(question, misconception, name, lambda answer=answer: answer)


def fresh_ones(question, table):
    """Enter answers by functions that make them afresh, as with fresh: {misconception: function, or list of them}."""
    for misconception, name, make in _listed(table):
        _enter(question, misconception, name, make)


def _listed(table):
    for misconception, answers in table.items():
        for number, answer in enumerate(answers if type(answers) is list else [answers], 1):
            yield misconception, f"{misconception or 'right'} {number}", answer


def fresh(question, misconception=""):
    """Decorator: the function makes an answer afresh, since a check may change it, or its making takes time."""

    def enter(make):
        _enter(question, misconception, make.__name__, make)
        return make

    return enter


def data_answers():
    """Answers that questions of data bring along: the right function or letter, and the wrong ones with their names."""
    for asked in ae.check.QUESTIONS.values():
        mistakes = {mistake.name: mistake.wrong for mistake in asked.mistakes}
        mistakes |= {f"chose {letter}": [letter] for letter in asked.letters}
        for misconception, answers in ({"": [asked.right]} | mistakes if mistakes else {}).items():
            for answer in answers:
                yield Answer(
                    asked.name, misconception, f"data: {misconception or 'right'}", lambda answer=answer: answer
                )


for _module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"answers.{_module}")
