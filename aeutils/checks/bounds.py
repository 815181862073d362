"""A student's code is run in bounds: in limited time, in silence, and without a trace on the student's objects."""

from collections import OrderedDict
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
import copy
import ctypes
import io
import random
import sys
import threading
import time
import warnings

from aeutils.checks.guard import Guard
import numpy as np
import torch

RANDOM = [
    (random.getstate, random.setstate),
    (np.random.get_state, np.random.set_state),
    (torch.get_rng_state, torch.set_rng_state),
]
"""How to read and to set the state of the random generators that all share."""
SETTINGS = [
    (torch.get_default_dtype, torch.set_default_dtype),
    (torch.get_num_threads, torch.set_num_threads),
    (torch.are_deterministic_algorithms_enabled, torch.use_deterministic_algorithms),
    (torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly),
    (sys.getrecursionlimit, sys.setrecursionlimit),
]
"""How to read and to set what a student's code may set for the whole kernel. Gradients are followed or not in each
thread by itself, and the student's code runs in a thread of its own."""
PATIENCE = 0.5
"""Seconds in which code that ran too long has to end when it is stopped."""


class TimeUpError(BaseException):
    """Raised inside code that ran too long. Not an Exception, so that `except Exception` does not swallow it."""


def run_bounded(work, seconds):
    """Return work(), run in a thread of its own. Raises TimeUpError when that takes more than so many seconds.

    A loop in Python is then stopped. Code that sleeps, or waits inside a library, is stopped when it comes back;
    code that catches even BaseException may go on unseen. Errors of work() are raised here.
    """
    box = {}

    def run():
        try:
            box["result"] = work()
        except BaseException as error:  # whatever a student's code raises, SystemExit too
            box["error"] = error

    thread = threading.Thread(target=run, daemon=True)
    try:
        thread.start()
        _wait(thread, seconds)
    finally:  # also when the user interrupts
        _stop(thread)
    if "result" in box:
        return box["result"]
    raise box.get("error") or TimeUpError


def _wait(thread, seconds):
    """Wait until the thread ends or the time is up, in steps: Windows does not interrupt a longer wait."""
    end = time.monotonic() + seconds
    while thread.is_alive() and time.monotonic() < end:
        thread.join(0.1)


def _stop(thread):
    """Raise TimeUpError in the thread, again and again while it catches even that, but not for ever."""
    end = time.monotonic() + PATIENCE
    while thread.is_alive() and time.monotonic() < end:
        name, kind = ctypes.c_ulong(thread.ident), ctypes.py_object(TimeUpError)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(name, kind)  # takes an unsigned long, on Windows of 32 bits too
        thread.join(0.02)


@contextmanager
def untouched():
    """Within it student's code may run: afterwards settings and random generators are as before.

    So is all that is given to the keep() of the Guard that it yields. What is printed or displayed meanwhile, and
    figures that are left open, are thrown away.
    """
    guard, states = Guard(), [read() for read, _ in RANDOM]
    settings, figures = [read() for read, _ in SETTINGS], _open_figures()
    try:
        with warnings.catch_warnings(), _silence():
            yield guard
    finally:
        guard.restore()
        for (_, write), state in zip(RANDOM, states, strict=True):
            write(state)
        for (read, write), setting in zip(SETTINGS, settings, strict=True):
            if read() != setting:  # writing may take seconds: torch imports its compiler
                write(setting)
        _close_figures(_open_figures() - figures)


@contextmanager
def _silence():
    """Swallow what is printed, and in a notebook what is displayed."""
    with ExitStack() as stack:
        if "IPython" in sys.modules and sys.modules["IPython"].get_ipython():
            stack.enter_context(sys.modules["IPython.utils.capture"].capture_output())
        stack.enter_context(redirect_stdout(io.StringIO()))
        stack.enter_context(redirect_stderr(io.StringIO()))
        yield


def _open_figures():
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()


def _close_figures(numbers):
    for number in numbers:
        sys.modules["matplotlib.pyplot"].close(number)


def own_copy(answer, memo=None):
    """The answer with every model, tensor and array in it copied, so that a check cannot change the student's.

    memo: copies made so far, by id: parts that share weights share them afterwards too. What cannot be copied, such
    as a model that keeps an open file, is handed over itself: the Guard restores it.
    """
    memo = {} if memo is None else memo
    kind = type(answer)
    if kind in (list, dict, OrderedDict):
        return _copied_collection(answer, memo)
    if kind is tuple:
        return tuple(own_copy(part, memo) for part in answer)
    if issubclass(kind, torch.Tensor):
        return answer.detach().clone()
    if issubclass(kind, (torch.nn.Module, torch.optim.Optimizer)):
        with suppress(Exception):
            return copy.deepcopy(answer, memo)
    return answer.copy() if issubclass(kind, np.ndarray) else answer


def _copied_collection(answer, memo):
    if id(answer) not in memo:
        copied = memo[id(answer)] = copy.copy(answer)  # it may hold itself
        for place in range(len(copied)) if type(copied) is list else list(copied):
            copied[place] = own_copy(copied[place], memo)
    return memo[id(answer)]
