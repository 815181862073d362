"""Answers to every question of the course: right ones written in different ways, and wrong ones that students give.

One module per notebook, named like that of its questions; notebook 07 has several. Each entry is a function without
arguments that makes the answer afresh; its name says what the answer does. tools/check_table.py prints them all with
the replies that they get.
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
    """An answer to a question. misconception: what the check has to find in it; "" for a right answer."""

    question: str
    misconception: str
    make: FunctionType

    @property
    def name(self):
        """What the answer does, in words."""
        return self.make.__name__.replace("_", " ")

    def reply(self):
        """The reply that the question's check gives to this answer; for the record, with a target within easy reach.

        That the real target can be reached is proved by notebook 07 itself.
        """
        with patch.dict(TARGETS, dict.fromkeys((True, False), EASY_TARGET)):
            return getattr(ae.check, self.question)(self.make())


def right(question):
    """Decorator: the function makes an answer that must pass."""
    return wrong(question, "")


def wrong(question, misconception):
    """Decorator: the function makes an answer in which the check must find the misconception."""

    def enter(make):
        ANSWERS.append(Answer(question, misconception, make))
        return make

    return enter


def data_answers():
    """Answers that questions of data bring along: the right function or letter, and the wrong ones with their names."""
    made = []
    for asked in ae.check.QUESTIONS.values():
        wrong_ones = [(mistake.name, mistake.wrong) for mistake in asked.mistakes]
        wrong_ones += [(f"chose {letter}", letter) for letter in asked.letters]
        for misconception, answer in [("", asked.right), *wrong_ones] if wrong_ones else []:

            def make(answer=answer):
                return answer

            make.__name__ = f"data_{misconception or 'right'}"
            made.append(Answer(asked.name, misconception, make))
    return made


for _module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"answers.{_module}")
