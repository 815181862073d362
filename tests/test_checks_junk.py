"""Whatever is handed to a check, it replies: never an exception, never a hang, always a panel that can be shown."""

import threading
import time

from hypothesis import HealthCheck, given, settings
from junk import METHODS, ODD, OF_ANOTHER_KIND, SCRIPT, Speechless, endless, failing, junk, made
import pytest
from torch import nn

import aeutils as ae
from aeutils.checks import Reply, core

QUESTIONS = ae.check.QUESTIONS
LETTERS = [name for name, asked in QUESTIONS.items() if asked.letters]
DATA = [name for name, asked in QUESTIONS.items() if asked.mistakes]
SOME = [name for name in QUESTIONS if name not in LETTERS[1:] + DATA[3:] or name in ("mixed_up", "project")]
"""Questions that look at answers in ways of their own; all letters are looked at in the same way, and all data but two,
whose results are made the same before they are compared."""
quiet = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the __del__ of junk
pytestmark = [pytest.mark.data_free, pytest.mark.slow, quiet]


def assert_is_reply(reply):
    """It is a Reply, and its panel can be shown."""
    assert type(reply) is Reply
    assert reply.status in ("passed", "not attempted yet", "not yet", "not checked")
    for text in (reply.html(), str(reply)):
        assert text.encode("utf-8") and len(text) < 5000
    assert "<script" not in reply.html()
    assert reply.status in ("passed", "not attempted yet") or (reply.seen and reply.hint and reply.misconception)
    return reply


@pytest.mark.parametrize("name", SOME)
@settings(derandomize=True, database=None, deadline=None, max_examples=10, suppress_health_check=list(HealthCheck))
@given(recipe=junk())
def test_junk_gets_a_reply(name, recipe):
    assert_is_reply(QUESTIONS[name].check(made(recipe)))


@pytest.mark.parametrize("odd", ODD)
def test_odd_thing_gets_a_reply_from_every_question(odd):
    for name in SOME:
        assert_is_reply(QUESTIONS[name].check(ODD[odd]()))
        assert_is_reply(QUESTIONS[name].check(lambda *_: ODD[odd]()))


@pytest.mark.parametrize("name", SOME)
def test_object_whose_methods_fail_gets_a_reply(name):
    for method in METHODS[list(QUESTIONS).index(name) % 3 :: 3]:  # each question meets a third of them
        assert_is_reply(QUESTIONS[name].check(failing([method], Speechless)))
        assert_is_reply(QUESTIONS[name].check(failing([method], Speechless, (nn.Module,))))


def test_wrong_calls_get_a_reply():
    check = ae.check.dead_code_numbers
    for reply in (check(), check(1, 2), check(other=3), check(1, answer=2), check(**{SCRIPT: 1})):
        assert assert_is_reply(reply).misconception == "wrong call"
    assert check(answer=lambda codes: (codes == 0).all(0).sum())
    assert check(answer=...).status == "not attempted yet"


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize("kind", OF_ANOTHER_KIND)
def test_answer_of_another_kind_is_foreseen(name, kind):
    reply = assert_is_reply(QUESTIONS[name].check(OF_ANOTHER_KIND[kind]))
    assert reply.status == "not yet"


@pytest.fixture
def stop():
    """An Event that ends, after the test, what no check can end."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def hurried(monkeypatch):
    """Checks that wait a moment only."""
    monkeypatch.setattr(core, "SECONDS", 0.05)


@pytest.mark.parametrize("kind", endless(threading.Event()))
def test_answer_that_never_ends_gets_a_reply(kind, stop, hurried):
    for name in ("dead_code_numbers", "any_depth", "autoencoder"):
        start = time.monotonic()
        assert not assert_is_reply(QUESTIONS[name].check(endless(stop)[kind]))
        assert time.monotonic() - start < 5


@pytest.mark.parametrize("name", SOME)
def test_every_question_bounds_what_it_is_given(name, stop, hurried):
    loop = endless(stop)["loops"]
    start = time.monotonic()
    assert_is_reply(QUESTIONS[name].check(loop))
    methods = ("__class__", "__repr__", "__getattribute__", "__deepcopy__", "__call__")
    for method in methods[SOME.index(name) % 5 :][:1]:
        slow = type("Slow", (nn.Module,), {method: property(loop) if method == "__class__" else loop})
        assert_is_reply(QUESTIONS[name].check(object.__new__(slow)))
    assert time.monotonic() - start < 10


def test_reply_comes_within_ten_seconds(stop):
    start = time.monotonic()
    reply = ae.check.dead_code_numbers(endless(stop)["catches everything and sleeps"])
    assert reply.misconception == "never ends" and "8 seconds" in reply.seen
    assert time.monotonic() - start < 10


def test_loop_is_ended_and_not_only_left_alone(stop, hurried):
    before = set(threading.enumerate())
    ae.check.dead_code_numbers(endless(stop)["loops"])
    ae.check.dead_code_numbers(endless(stop)["catches everything"])
    time.sleep(0.1)
    assert set(threading.enumerate()) <= before
