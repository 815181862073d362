"""What a student's code can reach is remembered before a check, and is as before when the check is done."""

from collections import Counter, OrderedDict, defaultdict, deque
from contextlib import suppress
from functools import partial
from itertools import chain
from operator import is_
import os
from pathlib import Path
import random
import sys
import sysconfig
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType

import numpy as np
import torch

LARGEST = 32 * 2**20
"""Bytes of the largest tensor or array whose values are kept; larger ones, whole training sets, would take too long."""
MOST, LONGEST = 10_000, 1_000
"""Objects that are looked at, and parts of one object: more than that is data, not what an answer works with."""
ATOMS = {bool, int, float, complex, str, bytes, type(None), type(...), ModuleType, BuiltinFunctionType}
"""Types of what has no parts and cannot be changed, or is a library."""
LIBRARIES = tuple(f"{folder}{os.sep}" for folder in (sysconfig.get_path("stdlib"), Path(__file__).parents[1]))
"""Folders of the standard library and of aeutils."""


class Guard:
    """Remembers what answers can reach, and restores it.

    That is: what they are and what they hold, and for functions and methods the global variables that their code
    names, their closures and default values. Of these, it restores the models (weights, buffers, gradients, parts,
    train or eval mode, all other attributes), optimizers, tensors, arrays, lists, dicts, random generators and
    objects of the student's own classes, and what each variable refers to.
    """

    def __init__(self):
        self._undo = []

    def keep(self, answers):
        """Remember all that the answers can reach, the nearest first."""
        seen, waiting = {}, deque(answers)
        while waiting and len(seen) < MOST:
            thing = waiting.popleft()
            if type(thing) in ATOMS or id(thing) in seen:
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


def _keep_list(things, undo):
    before = things.copy()

    def restore():
        if not _same(before, things):
            things[:] = before

    undo.append(restore)
    return before


def _keep_dict(table, undo):
    before = dict.copy(table)

    def restore():
        if not (_same(before, table) and _same(before.values(), table.values())):
            table.clear()
            table.update(before)

    undo.append(restore)
    return list(before.values())


def _same(before, after):
    """Whether two collections hold the same objects in the same order."""
    return len(before) == len(after) and all(map(is_, before, after))


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
    if values.nbytes > LARGEST:
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


def _keep_numpy_generator(generator, undo):
    bits, before = generator.bit_generator, generator.bit_generator.state
    undo.append(lambda: setattr(bits, "state", before))
    return []


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
    before = {name: table[name] for name in _names(function.__code__) if name in table}
    missing = _names(function.__code__) - set(before)

    def restore():
        for name in missing & set(table):
            del table[name]
        for name, value in before.items():
            if table.get(name) is not value:
                table[name] = value

    undo.append(restore)
    return list(before.values())


def _names(code):
    """All names that code uses, that of functions inside it too."""
    inner = [_names(part) for part in code.co_consts if isinstance(part, CodeType)]
    return set(code.co_names).union(*inner)


def _methods(kind):
    """The methods of a student's class and of its ancestors, for what their code can reach."""
    own = [vars(ancestor).values() for ancestor in kind.__mro__ if _is_own(_namespace(ancestor))]
    methods = [getattr(part, "__func__", getattr(part, "fget", part)) for part in chain(*own)]
    return [method for method in methods if type(method) is FunctionType]


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
    list: _keep_list,
    **dict.fromkeys((dict, OrderedDict, defaultdict, Counter), _keep_dict),
    **dict.fromkeys((tuple, set, frozenset, deque), lambda things, undo: list(things)),
    **dict.fromkeys((torch.Tensor, torch.nn.Parameter), _keep_tensor),
    np.ndarray: lambda array, undo: _keep_values(array, np.copy, np.array_equal, undo),
    torch.Generator: _keep_state(torch.Generator.get_state, torch.Generator.set_state),
    random.Random: _keep_state(random.Random.getstate, random.Random.setstate),
    np.random.RandomState: _keep_state(np.random.RandomState.get_state, np.random.RandomState.set_state),
    np.random.Generator: _keep_numpy_generator,
    FunctionType: _keep_function,
    MethodType: lambda method, undo: [method.__self__, method.__func__],
    partial: lambda made, undo: [made.func, made.args, made.keywords],
}
"""How objects of just these types are kept; a student's class may have other ideas of copying or comparing."""
