"""Answers that make no sense: what hypothesis draws from, odd things that break programs, functions that never end."""

import contextlib
import functools
import math
import operator
import threading
import time

from hypothesis import strategies as some
import numpy as np
import torch
from torch import nn

from aeutils.checks import Reply

SCRIPT = "<script>alert('hello')</script>"
METHODS = [
    *(
        "__class__",
        "__eq__",
        "__ne__",
        "__lt__",
        "__hash__",
        "__bool__",
        "__len__",
        "__repr__",
        "__str__",
        "__format__",
    ),
    *(
        "__getattr__",
        "__getattribute__",
        "__dict__",
        "__deepcopy__",
        "__copy__",
        "__reduce_ex__",
        "__del__",
        "__call__",
    ),
    *("__iter__", "__next__", "__getitem__", "__float__", "__int__", "__index__", "__array__", "__torch_function__"),
    *("__add__", "__radd__", "__mul__", "__sub__", "shape", "dtype", "parameters", "modules", "forward"),
]
"""Methods and attributes with which an object can get in the way."""


class Speechless(BaseException):
    """An error that cannot even be printed."""

    def __str__(self):
        raise SystemExit

    __repr__ = __str__


ERRORS = [
    *(SystemExit, KeyboardInterrupt, BaseException, StopIteration, GeneratorExit, RecursionError, MemoryError),
    *(ValueError, AttributeError, Speechless),
]


def failing(methods, error, bases=(object,)):
    """An object whose methods of those names raise the error; some of them are read as properties."""

    def fail(*arguments, **named):
        raise error(SCRIPT)

    body = {name: property(fail) if name in ("__class__", "__dict__", "shape", "dtype") else fail for name in methods}
    plain = type("Plain", bases, {})
    thing = plain()
    object.__setattr__(thing, "__class__", type("Failing", (plain,), body))  # it could not be made with such methods
    return thing


class Broken(nn.Module):
    """A model whose forward does what it is told."""

    def __init__(self, forward):
        super().__init__()
        self.layer = nn.Linear(2, 2)
        self.encoder = self.decoder = self.layer
        self.forward = forward


class Liar(str):
    """A text that lies about itself, and fails when it is used."""

    def replace(self, *_):
        raise SystemExit

    lower = strip = __str__ = __format__ = replace

    def __len__(self):
        return -1


def scalars():
    texts = some.text(max_size=20) | some.sampled_from(["a", " B ", SCRIPT, "\ud800", "\x00\x1b[31m", "x" * 2000])
    numbers = some.integers() | some.floats() | some.complex_numbers() | recipes(lambda: 10**5000)
    kinds = some.sampled_from([int, nn.Linear, nn.ReLU, Reply, math, torch, np, ..., NotImplemented, SCRIPT.encode()])
    return some.none() | some.booleans() | numbers | texts | kinds | some.binary(max_size=9)


@some.composite
def tensors(draw):
    """Of every kind and shape, those that the questions ask for too."""
    dtypes = [torch.float32, torch.float64, torch.float16, torch.bool, torch.int64, torch.uint8, torch.complex64]
    shapes = [(), (0,), (1,), (3,), (2, 0), (2, 2), (5, 784), (2, 1, 28, 28), (1, 1, 1, 1, 1)]
    values = draw(some.sampled_from([0, 1, -1, 0.5, 255, math.nan, math.inf]))
    tensor = torch.zeros(draw(some.sampled_from(shapes)))
    tensor = (
        (tensor + values).nan_to_num().to(draw(some.sampled_from(dtypes))) if draw(some.booleans()) else tensor + values
    )
    if tensor.is_floating_point() and draw(some.booleans()):
        tensor.requires_grad_()
        tensor = tensor * 2 if draw(some.booleans()) else tensor
    return tensor.detach().resolve_conj().numpy() if draw(some.booleans()) else tensor


class Recipe:
    """How junk is made: hypothesis would print, compare and copy the junk itself."""

    def __init__(self, make, *parts):
        self.make, self.parts = make, parts

    def __repr__(self):
        return f"{self.make.__name__}{self.parts}"


def made(recipe):
    """The junk of a recipe, or of a collection of recipes."""
    kind = type(recipe)
    if kind is Recipe:
        return recipe.make(*map(made, recipe.parts))
    if kind in (list, tuple):
        return kind(map(made, recipe))
    return {name: made(part) for name, part in recipe.items()} if kind is dict else recipe


def recipes(make, *parts):
    return some.builds(Recipe, some.just(make), *parts)


def objects():
    methods = some.lists(some.sampled_from(METHODS), min_size=1, max_size=3)
    bases = some.sampled_from([(object,), (nn.Module,), (list,), (dict,), (int,)])
    return recipes(failing, methods, some.sampled_from(ERRORS), bases)


def returning(result, count):
    """A function of so many parameters, or of any number."""
    return [lambda: result, lambda a: result, lambda a, b: result, lambda a, b, c, d: result, lambda *_: result][count]


def raising(error):
    def fail(*_):
        raise error(SCRIPT)

    return fail


def functions(results):
    ours = recipes(returning, results, some.integers(0, 4)) | recipes(raising, some.sampled_from(ERRORS))
    known = [abs, print, len, dict, operator.add, torch.sum, np.mean, nn.Flatten(), torch.zeros_like]
    return ours | some.sampled_from(known) | recipes(functools.partial, ours)


def models():
    forwards = functions(scalars() | tensors() | objects()) | some.just(lambda images: images * math.nan)
    plain = [nn.Sequential(), nn.Linear(784, 784), nn.LazyLinear(3), nn.Sequential(nn.Flatten(), nn.Linear(784, 2))]
    return recipes(Broken, forwards) | some.sampled_from(plain)


def collections(parts):
    keys = some.text(max_size=3) | some.integers()
    return some.lists(parts, max_size=4) | some.tuples(parts, parts) | some.dictionaries(keys, parts, max_size=3)


def junk():
    leaves = scalars() | tensors() | objects() | models() | recipes(Liar, some.just(SCRIPT))
    answers = leaves | functions(leaves) | recipes(lambda: (number for number in range(3)))
    return answers | some.recursive(answers, collections, max_leaves=6)


def also(thing, change):
    """The thing, after a change."""
    change(thing)
    return thing


def nested(wrap):
    """Collections in one another, deeper than Python can follow."""
    return functools.reduce(lambda inner, _: wrap(inner), range(2000), 1)


class Unsteady:
    """Never the same hash, equal to nothing, not even to itself."""

    def __init__(self):
        self.count = 0

    def __hash__(self):
        self.count += 1
        return self.count

    def __eq__(self, other):
        return False


class Shy(type):
    """The kind of a class that does not want to be looked at."""

    def __getattribute__(cls, name):
        raise SystemExit

    __hash__ = __instancecheck__ = __subclasscheck__ = None


ODD = {
    "a list in itself": lambda: also([], lambda made: made.append(made)),
    "a dict in itself": lambda: also({}, lambda made: made.update(me=made)),
    "a tuple in itself": lambda: (lambda inner: also((inner,), inner.append))([]),
    "a list, deep": lambda: nested(lambda inner: [inner]),
    "a tuple, deep": lambda: nested(lambda inner: (inner,)),
    "a dict, deep": lambda: nested(lambda inner: {0: inner}),
    "a long list of tensors": lambda: [torch.zeros(3)] * 1000,
    "an unsteady key": lambda: {Unsteady(): torch.zeros(2), "b": [Unsteady()]},
    "a shy class": lambda: Shy("Odd", (), {}),
    "an object of a shy class": lambda: object.__new__(Shy("Odd", (), {})),
    "an unfinished model": lambda: nn.Module.__new__(nn.Sequential),
    "a tensor on no device": lambda: torch.zeros(2, device="meta"),
    "a sparse tensor": lambda: torch.eye(3).to_sparse(),
    "an expanded tensor": lambda: torch.zeros(1).expand(5),
    "an array of objects": lambda: np.array([None, Unsteady()], dtype=object),
    "an array of texts": lambda: np.array(["a", SCRIPT]),
    "an optimizer": lambda: torch.optim.Adam(nn.Linear(2, 2).parameters()),
    "a model with a lock": lambda: also(nn.Linear(2, 2), lambda made: setattr(made, "lock", threading.Lock())),
    "a model that keeps codes": lambda: also(nn.Linear(2, 2), lambda made: setattr(made, "z", [made(torch.ones(2))])),
    "a generator": lambda: (number for number in range(3)),
    "a liar": lambda: Liar(SCRIPT),
}
"""Functions that make odd things."""
OF_ANOTHER_KIND = {
    "nothing": None,
    "a text": "encoder",
    "a number": 3,
    "a list": [1, 2],
    "a dict": {"a": 1},
    "a pair of nothing": (None, None),
    "a tensor": torch.rand(4, 1, 28, 28),
    "an array": np.ones((2, 3)),
    "a class": nn.Linear,
    "a model": nn.Sequential(nn.Flatten(), nn.Linear(784, 784)),
    "a list of models": [nn.Linear(2, 2)],
    "a function": lambda images: images,
    "a function without parameters": lambda: 3,
    "a function of a text": lambda *_: "x",
    "a function of a list": lambda *_: [1, 2, 3],
    "a function of a ragged list": lambda *_: [[1], [2, 3]],
    "a function of a tensor": lambda *_: torch.ones(3),
    "a function of an empty tensor": lambda *_: torch.ones(0),
    "a function of a model": lambda *_: nn.Linear(3, 3),
    "a function of a class": lambda *_: nn.Linear,
    "a function of a function": lambda *_: len,
    "a function of NaN": lambda *_: math.nan,
}
"""What students hand over by mistake: each is the right kind of answer to few questions, and right to none."""


def endless(stop):
    """Functions that do not return before the Event stop, by what they do instead."""
    lock = threading.Lock()
    lock.acquire()

    def loop(*_):
        while not stop.is_set():
            pass

    def numbers(*_):
        while not stop.is_set():
            yield 1

    return {
        "loops": loop,
        "waits": lambda *_: stop.wait(),
        "sleeps": lambda *_: time.sleep(3),
        "waits for a lock": lambda *_: lock.acquire(timeout=20),
        "catches every Exception": catching(Exception, lambda: 1 / 0, stop),
        "catches everything": catching(BaseException, lambda: 1 / 0, stop),
        "catches everything and sleeps": catching(BaseException, lambda: time.sleep(0.001), stop),
        "prints": catching(ValueError, lambda: print("again"), stop),
        "sums for ever": lambda *_: sum(numbers()),
        "gives numbers for ever": numbers,
        "calls itself": recursion,
        "is a model": Broken(loop),
    }


def catching(errors, act, stop):
    def catch(*_):
        while not stop.is_set():
            with contextlib.suppress(errors):
                act()

    return catch


def recursion(*_):
    return recursion()
