"""The checks themselves: what they reply to the right and wrong answers of tests/answers."""

import inspect
import time

import aeutils as ae
from answers import ANSWERS
import pytest

QUESTIONS = ae.check.QUESTIONS
RIGHT = [answer for answer in ANSWERS if not answer.misconception]
WRONG = [answer for answer in ANSWERS if answer.misconception]


def named(answer):
    return f"{answer.question}: {answer.name}"


@pytest.mark.parametrize("answer", RIGHT, ids=named)
def test_right_answer_passes(answer):
    answer.make()  # where an answer takes a training, it is kept: the clock is for the check
    start = time.perf_counter()
    reply = answer.reply()
    assert reply.status == "passed", reply
    assert time.perf_counter() - start < 6, "2 s is what tools/check_table.py must print on an idle machine"


@pytest.mark.parametrize("answer", WRONG, ids=named)
def test_wrong_answer_gets_the_hint_meant_for_it(answer):
    reply = answer.reply()
    assert reply.misconception == answer.misconception, reply
    assert reply.status == "not yet" and reply.seen and reply.expected and reply.hint
    assert reply.misconception != "unforeseen", "then it is the check that did not understand"


@pytest.mark.parametrize("name", QUESTIONS)
def test_question_has_enough_answers_in_its_table(name):
    wrong = {answer.misconception for answer in WRONG if answer.question == name}
    if _is_choice(name):
        letters = QUESTIONS[name].check("?").expected.split("letters ")[1].removesuffix(", in quotes").split(", ")
        assert wrong == {f"chose {letter}" for letter in letters if not QUESTIONS[name].check(letter)}
    else:
        assert len(wrong) >= (8 if QUESTIONS[name].notebook == "07" else 2)
    assert sum(answer.question == name for answer in RIGHT) >= (1 if _is_choice(name) else 3)


def _is_choice(name):
    """Whether the answer is a letter: then there is one way to be right."""
    return "choose(" in inspect.getsource(inspect.unwrap(QUESTIONS[name].check))


@pytest.mark.parametrize("name", QUESTIONS)
def test_three_dots_are_not_attempted_yet(name):
    assert QUESTIONS[name].check(...).status == "not attempted yet"


@pytest.mark.parametrize("name", QUESTIONS)
def test_check_takes_one_answer(name):
    assert len(inspect.signature(QUESTIONS[name].check).parameters) == 1
    assert QUESTIONS[name].check().misconception == "wrong call"
