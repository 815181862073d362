"""A student's code is run in bounds: in limited time, in silence, and without a trace on the student's objects."""

from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
import copy
import ctypes
import io
import random
import threading
import types

import numpy as np
import torch


class TimeUpError(BaseException):
    """Raised inside code that ran too long. Not an Exception, so that `except Exception` does not swallow it."""


def run_bounded(work, seconds):
    """Return work(), run in a thread of its own. Raises TimeUpError when that takes more than so many seconds.

    A loop in Python is then stopped; code that sleeps, or waits inside a library, is stopped when it comes back.
    Errors of work() are raised here.
    """
    box = {}

    def run():
        try:
            box["result"] = work()
        except BaseException as error:  # whatever a student's code raises, SystemExit too
            box["error"] = error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        thread.join(seconds)
    finally:  # also when the user interrupts
        if thread.is_alive():
            target, kind = ctypes.c_ulong(thread.ident), ctypes.py_object(TimeUpError)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(target, kind)
            thread.join(0.5)
    if "result" in box:
        return box["result"]
    raise box.get("error") or TimeUpError


@contextmanager
def untouched(answers):
    """Within it student's code may run: afterwards random generators and the student's models are as before.

    answers: what the student handed in. Models and optimizers are guarded that functions among the answers
    can reach in their variables. What is printed meanwhile is swallowed.
    """
    state = random.getstate(), np.random.get_state(), torch.get_rng_state()
    kept = [_Snapshot(thing) for thing in _within_reach(answers)]
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            yield
    finally:
        for snapshot in kept:
            snapshot.restore()
        random.setstate(state[0])
        np.random.set_state(state[1])
        torch.set_rng_state(state[2])


class _Snapshot:
    """Weights or state, and train or eval mode, of a model or an optimizer."""

    def __init__(self, thing):
        self.thing, self.values, self.modes = thing, None, {}
        with suppress(Exception):  # a student's class may be unfinished
            self.values = copy.deepcopy(thing.state_dict())
            if isinstance(thing, torch.nn.Module):
                self.modes = {part: part.training for part in thing.modules()}

    def restore(self):
        with suppress(Exception):
            self.thing.load_state_dict(self.values)
        for part, mode in self.modes.items():
            part.training = mode


def _within_reach(answers):
    """Models and optimizers in the global variables and closures of the functions among the answers."""
    found = {}
    for function in answers:
        if type(function) is types.FunctionType:
            closure = [cell.cell_contents for cell in function.__closure__ or () if cell != types.CellType()]
            for thing in [*function.__globals__.values(), *closure]:
                if issubclass(type(thing), (torch.nn.Module, torch.optim.Optimizer)):
                    found[id(thing)] = thing
    return list(found.values())


def own_copy(answer):
    """The answer with every model, tensor and array in it copied, so that a check cannot change the student's."""
    kind = type(answer)
    if kind in (list, tuple):
        return kind(own_copy(part) for part in answer)
    if kind is dict:
        return {name: own_copy(part) for name, part in answer.items()}
    if isinstance(answer, torch.Tensor):
        return answer.detach().clone()
    if isinstance(answer, torch.nn.Module):
        return copy.deepcopy(answer, _computed_tensors(answer))
    return answer.copy() if isinstance(answer, np.ndarray) else answer


def _computed_tensors(model):
    """Copies, by id, of tensors that a model keeps from its last call: deepcopy refuses tensors with a history."""
    kept = [value for part in model.modules() for value in vars(part).values() if isinstance(value, torch.Tensor)]
    return {id(value): value.detach().clone() for value in kept if not value.is_leaf}
