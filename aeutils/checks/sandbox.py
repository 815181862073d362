"""The sandbox of a student's code: limited time, silence, and no trace on what is the student's.

What a check protects: everything that an answer can reach (see Guard), the random generators, and the settings of the
kernel. What it does not protect: files, data sets (tensors above LARGEST bytes, and whatever comes after KEPT bytes of
copies, the nearest to the answer first), objects of libraries that are no models, and what code does in C.
"""

from collections import Counter, OrderedDict, defaultdict, deque
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
import copy
import ctypes
from functools import partial
import io
from itertools import chain
import linecache
from operator import is_
import os
from pathlib import Path
import random
import sys
import sysconfig
import threading
import time
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
import warnings

import numpy as np
import torch

from aeutils.notebook import shell

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
PATIENCE, IMPORT = 0.5, 30
"""Seconds in which code that ran too long has to end when it is stopped, and for which it may go on with an import."""


class TimeUpError(BaseException):
    """Raised inside code that ran too long. Not an Exception, so that `except Exception` does not swallow it."""


def run_bounded(work, seconds):
    """Return work(), run in a thread of its own. Raises TimeUpError when that takes more than `seconds`.

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
    """Raise TimeUpError in the thread, again and again while it catches even that, but not forever."""
    start = time.monotonic()
    end = start + PATIENCE
    while thread.is_alive() and time.monotonic() < end:
        if _imports(thread):
            end = min(time.monotonic() + PATIENCE, start + IMPORT)
        else:
            name, kind = ctypes.c_ulong(thread.ident), ctypes.py_object(TimeUpError)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(name, kind)  # takes an unsigned long, on Windows of 32 bits too
        thread.join(0.02)


def _imports(thread):
    """Whether the thread is importing a module, of which only a part would stay behind if it were stopped now."""
    frame = sys._current_frames().get(thread.ident)
    while frame and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None


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
        for number in _open_figures() - figures:
            sys.modules["matplotlib.pyplot"].close(number)


@contextmanager
def _silence():
    """Swallow what is printed, and in a notebook what is displayed."""
    with ExitStack() as stack:
        if shell():
            stack.enter_context(sys.modules["IPython.utils.capture"].capture_output())
        stack.enter_context(redirect_stdout(io.StringIO()))
        stack.enter_context(redirect_stderr(io.StringIO()))
        yield


def _open_figures():
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()


def own_copy(answer, memo=None):
    """The answer with every model, tensor and array in it copied, so that a check cannot change the student's.

    memo: copies made so far, by id: parts that share weights share them afterwards too. What cannot be copied, such
    as a model that keeps an open file, is handed over itself, and so is what comes after KEPT bytes of copies: the
    Guard restores it.
    """
    memo = {} if memo is None else memo
    kind = type(answer)
    if issubclass(kind, (torch.Tensor, torch.nn.Module, np.ndarray)) and id(answer) not in memo:
        memo["bytes"] = memo.get("bytes", 0) + _bytes(answer)
        if memo["bytes"] > KEPT:
            return answer
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


def _bytes(answer):
    """Bytes of a tensor, an array, or the parameters of a model."""
    with suppress(Exception):  # a student's model may be unfinished
        is_model = issubclass(type(answer), torch.nn.Module)
        return sum(part.nbytes for part in answer.parameters()) if is_model else answer.nbytes
    return 0


def _copied_collection(answer, memo):
    if id(answer) not in memo:
        copied = memo[id(answer)] = copy.copy(answer)  # it may hold itself
        for place in range(len(copied)) if type(copied) is list else list(copied):
            copied[place] = own_copy(copied[place], memo)
    return memo[id(answer)]


KEPT = 128 * 2**20
"""Bytes of all copies that one check makes, of tensors and arrays together."""
LARGEST = 32 * 2**20
"""Bytes of the largest tensor or array whose values are kept; larger ones, whole training sets, would take too long."""
MOST, LONGEST = 10_000, 1_000
"""Objects that are looked at, and parts of one object: more than that is data, not what an answer works with."""
ATOMS = {bool, int, float, complex, str, bytes, type(None), type(...), ModuleType, BuiltinFunctionType}
"""Types of what has no parts and cannot be changed, or is a library."""
LIBRARIES = tuple(f"{folder}{os.sep}" for folder in (sysconfig.get_path("stdlib"), Path(__file__).parents[1]))
"""Folders of the standard library and of aeutils."""


class _Undo(list):
    """Functions that restore what was kept, and the bytes that may still be copied for them."""

    def __init__(self):
        super().__init__()
        self.bytes_left = KEPT

    def affords(self, values):
        """Whether these numbers may be copied; then their bytes are spent."""
        if values.nbytes > min(LARGEST, self.bytes_left):
            return False
        self.bytes_left -= values.nbytes
        return True


class Guard:
    """Remembers what answers can reach, and restores it.

    That is: what they are and what they hold, and for functions and methods the global variables that their code
    names, their closures and default values. Of these, it restores the models (weights, buffers, gradients, parts,
    train or eval mode, all other attributes), optimizers, tensors, arrays, lists, dicts, random generators and
    objects of the student's own classes, and what each variable refers to.
    """

    def __init__(self):
        self._undo = _Undo()

    def keep(self, answers):
        """Remember all that the answers can reach, the nearest first."""
        seen, waiting = {}, deque(answers)
        while waiting and len(seen) < MOST:
            thing = waiting.popleft()
            if any(type(thing) is kind for kind in ATOMS) or id(thing) in seen:
                continue
            seen[id(thing)] = thing
            with suppress(Exception):  # a student's object may be unfinished
                parts = _keep(thing, self._undo)
                waiting.extend(parts if len(parts) <= LONGEST else [])

    def restore(self):
        """Make everything as it was."""
        while self._undo:
            with suppress(Exception):
                self._undo.pop()()


def _keep(thing, undo):
    """Append functions to undo that restore the thing, and return its parts."""
    kind = type(thing)
    if kind in KEEPERS:
        return KEEPERS[kind](thing, undo)
    if issubclass(kind, type):
        return _methods(thing)
    if issubclass(kind, STATEFUL) or _is_own(_namespace(kind)):
        return [kind, getattr(thing, "__dict__", None)]
    return []


def _keep_collection(things, undo):
    """What a list or a dictionary holds, in its order."""
    before, parts = copy.copy(things), _parts(things)

    def restore():
        now = _parts(things)
        if len(now) != len(parts) or not all(map(is_, now, parts)):
            things.clear()
            (things.update if isinstance(things, dict) else things.extend)(before)

    undo.append(restore)
    return parts[-len(things) :]


def _parts(things):
    """The elements of a list; the keys of a dictionary, and then its values."""
    return [*things, *things.values()] if isinstance(things, dict) else [*things]


def _keep_tensor(tensor, undo):
    """Values, storage, gradient, and whether it requires one. To restore them is no change that autograd counts."""
    data, leaf, wanted = tensor.data, tensor.is_leaf, tensor.requires_grad  # data shares the storage
    gradient = tensor.grad if leaf else None

    def restore():
        tensor.data = data
        if leaf:
            tensor.requires_grad_(wanted)
            tensor.grad = gradient

    undo.append(restore)
    undo.append(lambda: tensor.detach_() if leaf and not tensor.is_leaf else None)  # a view refuses
    _keep_values(data, torch.clone, torch.equal, undo)
    return [gradient]


def _keep_values(values, copy, equal, undo):
    """The numbers in a tensor without a history, or in an array."""
    if not undo.affords(values):
        return []
    before = copy(values)

    def restore():
        if not equal(values, before):
            values[...] = before

    undo.append(restore)
    return []


def _keep_state(read, write):
    """How a random generator is kept, given the functions that read and write its state."""

    def keep(generator, undo):
        undo.append(partial(write, generator, read(generator)))
        return []

    return keep


def _keep_function(function, undo):
    """What a function's variables refer to: closure, default values, and globals unless it is a library's."""
    cells = [cell for cell in function.__closure__ or () if _is_filled(cell)]
    for cell in cells:
        undo.append(partial(setattr, cell, "cell_contents", cell.cell_contents))
    parts = [cell.cell_contents for cell in cells]
    parts += [function.__defaults__, function.__kwdefaults__, vars(function)]
    return parts + (_keep_globals(function, undo) if _is_own(function.__globals__) else [])


def _is_filled(cell):
    with suppress(ValueError):
        return (cell.cell_contents, True)[1]
    return False


def _keep_globals(function, undo):
    """The global variables that a function's code names."""
    table = function.__globals__
    before = {name: table[name] for name in names_used(function.__code__) if name in table}
    missing = names_used(function.__code__) - set(before)

    def restore():
        for name in missing & set(table):
            del table[name]
        for name, value in before.items():
            if table.get(name) is not value:
                table[name] = value

    undo.append(restore)
    return list(before.values())


def names_used(code):
    """All names that code uses, that of functions inside it too."""
    inner = [names_used(part) for part in code.co_consts if isinstance(part, CodeType)]
    return set(code.co_names).union(*inner)


def _methods(kind):
    """The methods of a student's class and of its ancestors, for what their code can reach."""
    own = [vars(ancestor).values() for ancestor in kind.__mro__ if _is_own(_namespace(ancestor))]
    methods = [getattr(part, "__func__", getattr(part, "fget", part)) for part in chain(*own)]
    return [method for method in methods if type(method) is FunctionType]


def own_line(error, other=None):
    """Where a student's own code stopped: "in line 3 of spread: return x.sum(1)", or "" if it was not there.

    other: code that is not the student's, wherever it stands.
    """
    found, trace = "", error.__traceback__
    while trace:
        frame, code = trace.tb_frame, trace.tb_frame.f_code
        if _is_own(frame.f_globals) and code is not other:
            text = linecache.getline(code.co_filename, trace.tb_lineno).strip()
            found = f"in line {trace.tb_lineno - code.co_firstlineno + 1} of {code.co_name}"
            found += f": {text[:80]}" if text else ""
        trace = trace.tb_next
    return found


def _namespace(kind):
    """The global variables of the module that a class comes from."""
    return vars(sys.modules.get(kind.__module__, sys))


def _is_own(namespace):
    """Whether these are the global variables of a notebook or of a file of the student's, not of a library."""
    file = str(namespace.get("__file__", ""))
    installed = any(folder in file for folder in ("site-packages", "dist-packages")) or file.startswith(LIBRARIES)
    return not installed and namespace.get("__name__") not in sys.builtin_module_names


STATEFUL = (torch.nn.Module, torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler)
"""Kinds of objects of a library that are kept with all their attributes."""
KEEPERS = {
    **dict.fromkeys((list, dict, OrderedDict, defaultdict, Counter), _keep_collection),
    **dict.fromkeys((tuple, set, frozenset, deque), lambda things, undo: list(things)),
    **dict.fromkeys((torch.Tensor, torch.nn.Parameter), _keep_tensor),
    np.ndarray: lambda array, undo: _keep_values(array, np.copy, np.array_equal, undo),
    torch.Generator: _keep_state(torch.Generator.get_state, torch.Generator.set_state),
    random.Random: _keep_state(random.Random.getstate, random.Random.setstate),
    np.random.RandomState: _keep_state(np.random.RandomState.get_state, np.random.RandomState.set_state),
    np.random.Generator: _keep_state(
        lambda generator: generator.bit_generator.state,
        lambda generator, state: setattr(generator.bit_generator, "state", state),
    ),
    FunctionType: _keep_function,
    MethodType: lambda method, undo: [method.__self__, method.__func__],
    partial: lambda made, undo: [made.func, made.args, made.keywords],
}
"""How objects of just these types are kept; a student's class may have other ideas of copying or comparing."""
