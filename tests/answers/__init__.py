"""Answers to every question of the course: right ones written in different ways, and wrong ones that students give.

One module per module of aeutils.checks. Each entry is a function without arguments that makes the answer afresh; its
name says what the answer does. tools/check_table.py prints them all with the replies that they get.
"""

from dataclasses import dataclass
import importlib
from types import FunctionType

import aeutils as ae

ANSWERS = []
"""Every Answer, in the order of the course."""


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
        """The reply that the question's check gives to this answer."""
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


for _module in ae.check.MODULES:
    importlib.import_module(f"answers.{_module}")
