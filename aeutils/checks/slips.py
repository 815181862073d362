"""Slips of the pen: what comes out when one thing in a function is another, and how to say that.

A question of data names the mistakes that students are known to make. For all others the right function itself is
changed at one place, in every way that is listed here, or given other arguments. Where the student's results are those
of a changed one, the panel says what kind of change it is. The idea is that of Singh, Gulwani and Solar-Lezama
(Automated feedback generation for introductory programming assignments, PLDI 2013).
"""

import ast
from collections import defaultdict
import copy
from functools import cache, partial
import inspect
from itertools import combinations
import math
from pathlib import Path
import re

import torch

MOST = 400
"""Changed functions of one kind that are tried at most."""
OPERATORS = {
    ast.Add: [ast.Sub, ast.Mult],
    ast.Sub: [ast.Add, ast.Div],
    ast.Mult: [ast.Div, ast.Add],  # no power: that of large whole numbers hardly ends, and nothing interrupts it
    ast.Div: [ast.Mult, ast.FloorDiv, ast.Sub],
    ast.FloorDiv: [ast.Div, ast.Mult],
    ast.Pow: [ast.Mult, ast.BitXor],
}
COMPARISONS = {
    ast.Lt: [ast.LtE, ast.Gt],
    ast.LtE: [ast.Lt, ast.GtE],
    ast.Gt: [ast.GtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.LtE],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
}
SIGNS = {
    **{
        "Add": "+",
        "Sub": "-",
        "Mult": "*",
        "Div": "/",
        "FloorDiv": "//",
        "Pow": "**",
        "MatMult": "@",
        "BitXor": "^",
        "BitAnd": "&",
        "BitOr": "|",
        "Mod": "%",
    },
    **{"Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "Eq": "==", "NotEq": "!="},
}
GROUPS = [
    ("sum", "mean", "std", "var", "prod", "amax", "amin", "norm", "median"),
    ("sqrt", "square", "abs"),
    ("exp", "log", "log2", "log10", "sqrt"),
    ("sin", "cos"),
    ("tanh", "sigmoid", "relu"),
    ("ceil", "floor", "round"),
    ("all", "any"),
    ("cumsum", "cumprod"),
    ("min", "max"),
    ("argmin", "argmax"),
]
"""Functions and methods that are taken for one another."""
ARGUMENTS = {
    "{} is squared": lambda x: x**2,
    "2 to the power of {} stands for it": lambda x: 2**x if type(x) is not int or x < 64 else math.inf,
    "{} is twice as large": lambda x: 2 * x,
    "{} is half as large": lambda x: x // 2 if type(x) is int else x / 2,
    "{} is 1 too large": lambda x: x + 1,
    "{} is 1 too small": lambda x: x - 1,
    "the signs of {} are turned": lambda x: -x,
    "the signs of {} are lost": lambda x: abs(x),
    "the order of {} is reversed": lambda x: x.flip(0) if isinstance(x, torch.Tensor) else x[::-1],
    "{} is sorted": lambda x: x.sort(0).values,
    "{} is upside down, 1 over it": lambda x: 1 / x,
    "{} is rounded": lambda x: x.round(),
    "{} is rounded to one decimal": lambda x: round(x, 1) if type(x) is float else x.round(decimals=1),
    "{} is kept in bytes, of 256 values,": lambda x: (255 * x).floor() / 255,
    "the first of {} counts alone": lambda x: x[:1],
    "the last of {} counts alone": lambda x: x[-1:],
    "the first of {} counts for all": lambda x: x[:1].expand_as(x),
    "the first channel of {} counts alone": lambda x: x[:, :1, :, :],
    "the first of {} is left out": lambda x: x[1:],
    "the last of {} is left out": lambda x: x[:-1],
    "{} has rows and columns exchanged": lambda x: x.mT,
    "the smallest of all its numbers is taken away from {}": lambda x: x - x.min(),
    "{} is stretched to go from 0 to 1": lambda x: (x - x.min()) / (x.max() - x.min()),
    "{} has mean 0 and deviation 1": lambda x: (x - x.mean()) / x.std(),
    "the same numbers in {} count once": lambda x: x.unique(),
    "{} has lost its biases": lambda x: _without_biases(x),
    "{} is applied twice": lambda x: torch.nn.Sequential(x, x),
    "{} has rows divided to length 1": lambda x: torch.nn.functional.normalize(x),
    "the mean over the last axis stands for {}": lambda x: x.mean(-1, keepdim=True).expand_as(x),
    "the mean over the first axis stands for {}": lambda x: x.mean(0, keepdim=True).expand_as(x),
    "a softmax is taken of {}": lambda x: x.softmax(-1),
    "{} is cut off at 0 and 1": lambda x: x.clamp(0, 1),
    "{} is kept as a signed byte, from -128 to 127,": lambda x: x.to(torch.int8),
}
"""What a function may wrongly be given as an argument: {in words: function of the argument}."""
AT_ONE_PLACE = {
    "{} ** 2": "{} is squared",
    "{} + 1": "{} is 1 too large",
    "{} - 1": "{} is 1 too small",
    "(None if type({0}) is int else 1 - {0})": "{} is 1 minus what it should be",  # a count never is
    "{}.mean(0, keepdim=True)": "a mean over the first axis is taken too early",
}
"""What an argument may be where it occurs at one place: {in Python: in words}."""
FIXED = (1, 2, 3, 4, 5, 8, 10, 16, 20, 28, 32, 64, 100, 128, 255, 256, 784, 1000, 0.01, 0.05, 0.1, 0.5, 0.9, 0.95)
"""Numbers that stand in students' functions in place of an argument."""


@cache
def slips(function, example=""):
    """[(changed function, what is changed, in words)] with one thing changed.

    example: how the notebook calls the function, which says how its arguments are named there.
    """
    tree, called = _tree(function), names(function, example)
    entries = _entries(tree, called)
    made = [(_made(tree, function, [entry]), entry[2]) for entry in entries[:MOST]]
    made += [(_made(tree, function, some[::-1]), f"{words}, each time") for words, some in _alike(entries)]
    made += [(_made(tree, function, [entry]), entry[2]) for entry in _entries(tree, called, _more_than_that)[:MOST]]
    return [*((changed, words) for changed, words in made if changed), *other_arguments(function, called)]


def fixed(function, example, cases):
    """[(changed function, words)] with a number in place of an argument; cases: lists of arguments."""
    called = names(function, example)
    for place, name in enumerate(called):
        given = [case[place] for case in cases]
        if len(set(map(type, given))) == 1 and type(given[0]) in (int, float) and len(set(given)) > 1:
            for value in dict.fromkeys([*given, *FIXED]):
                words = f"{name} is always {value}, whatever is given"
                yield _given(function, place, lambda _, value=value: value), words


def other_arguments(function, names):
    """(changed function, words) with an argument, or two, that are other ones."""
    for place, name in enumerate(names):
        for words, change in ARGUMENTS.items():
            yield _given(function, place, change), words.format(name)
    for one, other in combinations(range(len(names)), 2):
        for words, change in ARGUMENTS.items():
            yield _both(function, one, other, change), f"{words.format(names[one])}, and so with {names[other]}"
        yield _exchanged(function, one, other), f"{names[one]} and {names[other]} have changed places"
        for mean in (True, False):
            yield (
                _paired(function, one, other, mean),
                f"each of {names[one]} is paired with every one of {names[other]}",
            )


def _given(function, place, change):
    return lambda *given: function(*given[:place], change(given[place]), *given[place + 1 :])


def _both(function, one, other, change):
    """The same change of two tensors."""

    def changed(*given):
        if not all(isinstance(given[place], torch.Tensor) for place in (one, other)):
            raise TypeError
        return _given(_given(function, one, change), other, change)(*given)

    return changed


def _without_biases(layer):
    layer = copy.deepcopy(layer)
    layer.bias.data.zero_()
    return layer


def _exchanged(function, one, other):
    def changed(*given):
        given = [*given]
        given[one], given[other] = given[other], given[one]
        return function(*given)

    return changed


def _paired(function, one, other, mean):
    """All pairs of what two tensors hold; mean: whether the result is a mean over them, or for each of the first."""

    def changed(*given):
        pairs = [*given]
        pairs[one] = given[one].repeat_interleave(len(given[other]), 0)
        pairs[other] = torch.cat([given[other]] * len(given[one]))
        return function(*pairs) * (1 if mean else len(given[other]))

    return changed


def names(function, example):
    """The names of a function's arguments, as the notebook has them."""
    return re.findall(r"\w+", example.partition("(")[2]) or list(inspect.signature(function).parameters)


# Functions as syntax trees, which are changed in place for a moment


@cache
def _module(file):
    return ast.parse(Path(file).read_text(encoding="utf-8"))


def _tree(function):
    """A copy of the syntax tree of a function or lambda, bare of decorators and defaults; None if there is no text."""
    try:
        code, found = function.__code__, None
        places = [place for place in code.co_positions() if None not in place and place[2:] != (0, 0)]
        first, last = min(place[::2] for place in places), max(place[1::2] for place in places)
        for node in ast.walk(_module(code.co_filename)):
            lambdas = isinstance(node, ast.Lambda) and node.lineno == code.co_firstlineno
            if (lambdas or getattr(node, "name", None) == code.co_name) and _holds(node, first, last):
                found = node  # the innermost one comes last
        found = copy.deepcopy(found)
        found.args.defaults, found.decorator_list = [], []
    except (AttributeError, OSError, SyntaxError, ValueError, TypeError):
        return None
    return found


def _holds(node, first, last):
    return (node.lineno, node.col_offset) <= first and last <= (node.end_lineno, node.end_col_offset)


def _entries(tree, names, versions=None):
    """[(node, function that puts another in its place, what that changes, function that makes the other)]."""
    if tree is None:
        return []
    own = {
        node.id: "something" for node in ast.walk(tree) if isinstance(node, ast.Name) and type(node.ctx) is ast.Store
    }
    called = own | dict(zip((argument.arg for argument in tree.args.args), names, strict=False))
    versions = versions or _versions
    slices = [node.slice for node in ast.walk(tree) if isinstance(node, ast.Subscript)]
    slices += [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "range"]
    places = {id(part) for node in slices for part in ast.walk(node)}
    return [
        (node, put, PLACE if id(node) in places and words.startswith("a number is") else words, make)
        for node, put in [*_places(tree)]
        for make, words in versions(node, called)
    ]


PLACE = "what is taken begins, or ends, at another place"
VAGUE = ("a ", "what", "something", "one side", "two")
"""How words begin that say of what kind a change is, such as that an operator is another, and not where."""


def telling(words):
    """Whether a change is named, and not only what kind of thing it is."""
    return not words.startswith(VAGUE)


def _alike(entries):
    """(what is changed, entries) of changes that can be made at several places."""
    places = defaultdict(dict)
    for entry in entries:
        places[entry[2]].setdefault(id(entry[0]), entry)
    return [(words, [*some.values()]) for words, some in places.items() if len(some) > 1]


def _places(tree):
    """(node, function that puts another in its place), from the outside in."""
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.AST):
                yield value, partial(setattr, parent, field)
            for place, node in enumerate(value if isinstance(value, list) else ()):
                yield node, partial(value.__setitem__, place)


def _made(tree, function, entries):
    """A function with these changes, made in this order, or None; afterwards the tree is as before."""
    try:
        for node, put, _, make in entries:
            put(ast.fix_missing_locations(ast.copy_location(make(), node)))
        return _compiled(tree, function)
    except Exception:
        return None
    finally:
        for node, put, *_ in reversed(entries):
            put(node)


def _compiled(tree, function):
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    space = function.__globals__ | {name: cell.cell_contents for name, cell in cells}
    if isinstance(tree, ast.Lambda):
        made = eval(compile(ast.Expression(tree), "<slip>", "eval"), space)
    else:
        exec(compile(ast.Module([tree], []), "<slip>", "exec"), space)
        made = space[tree.name]
    made.__defaults__ = function.__defaults__
    return made


def _versions(node, called):
    """(function that makes what may stand in place of a node, what that changes, in words) in every way.

    called: {name of an argument: how the notebook calls it}.
    """
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        value = node.value
        for other in dict.fromkeys([value + 1, value - 1, 2 * value, 0, 1]):
            if other != value:
                yield partial(ast.Constant, other), f"a number is {other:g} that should be another"
    elif isinstance(node, ast.BinOp):
        yield from _versions_of_operation(node, called)
    elif isinstance(node, ast.Compare):
        for kind in COMPARISONS.get(type(node.ops[0]), []):
            yield lambda kind=kind: _like(node, ops=[kind()]), _exchange(node.ops[0], kind)
    elif isinstance(node, ast.Call):
        yield from _versions_of_call(node)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in called:
        for other in called if called[node.id] != "something" else ():
            if other != node.id and called[other] != "something":
                yield (
                    lambda other=other: _like(node, id=other),
                    f"{called[other]} stands where {called[node.id]} belongs",
                )
        for change, words in AT_ONE_PLACE.items():
            yield lambda change=change: _parsed(change.format(node.id)), words.format(called[node.id])


def _more_than_that(node, called):
    """As _versions: something that does not belong there, which students add less often than they leave out a thing."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        for name, words in called.items():
            for side in ("left", "right"):
                product = lambda side=side, name=name: _times(getattr(node, side), name)  # noqa: E731
                made = lambda side=side, product=product: _like(node, **{side: product()})  # noqa: E731
                yield made, f"one side of a + is multiplied by {words} as well"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        for number in (1, -1, *LITTLE):
            more = lambda number=number: ast.BinOp(node.right, ast.Add(), ast.Constant(number))  # noqa: E731
            yield lambda more=more: _like(node, right=more()), f"{number:+g} is added to what is divided by"
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ROOTS and not node.args:
        for number in LITTLE:
            more = lambda number=number: ast.BinOp(node.func.value, ast.Add(), ast.Constant(number))  # noqa: E731
            made = lambda more=more: _like(node, func=_like(node.func, value=more()))  # noqa: E731
            yield made, f"{number:+g} is added before a root or logarithm is taken"
    if isinstance(node, (ast.BinOp, ast.Call)):
        for power, word in ((2, "a square"), (0.5, "a root")):
            power = ast.Constant(power)
            yield lambda power=power: ast.BinOp(node, ast.Pow(), power), f"{word} is taken where none belongs"
        for name in ("ceil", "floor", "round"):
            call = partial(ast.Attribute, node, name, ast.Load())
            yield lambda call=call: ast.Call(call(), [], []), "something is rounded on the way"
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value > 9:
        for value in FIXED[5:]:
            yield partial(ast.Constant, value), f"a number is {value} that should be another"


def _times(node, name):
    return ast.BinOp(node, ast.Mult(), ast.Name(name, ast.Load()))


def _versions_of_operation(node, called):
    sign, operator = SIGNS.get(type(node.op).__name__, "sign"), type(node.op)
    for kind in OPERATORS.get(operator, []):
        yield lambda kind=kind: _like(node, op=kind()), _exchange(node.op, kind)
    if operator is ast.Pow:
        yield lambda: node.left, "a power, such as a square, is missing"
        yield lambda: ast.Call(ast.Name("abs", ast.Load()), [node.left], []), "there is a size in place of a square"
    else:
        yield lambda: node.left, f"one side of a {sign} is missing{_with(node.right, called)}"
        yield lambda: node.right, f"one side of a {sign} is missing{_with(node.left, called)}"
    if operator is ast.Mult and {type(node.left), type(node.right)} == {ast.Constant, ast.Name}:
        yield lambda: _like(node, op=ast.Pow()), _exchange(node.op, ast.Pow)
    if operator not in (ast.Add, ast.Mult):
        yield lambda: _like(node, left=node.right, right=node.left), f"the two sides of a {sign} have changed places"
    brackets = "brackets are missing, or stand elsewhere"
    if isinstance(node.right, ast.BinOp) and not (operator is type(node.right.op) in (ast.Add, ast.Mult)):
        yield lambda: _like(node.right, left=_like(node, right=node.right.left)), brackets
    if operator in (ast.Add, ast.Sub) and isinstance(node.right, ast.BinOp) and isinstance(node.right.op, ast.Mult):
        yield lambda: _like(node.right, right=_like(node, right=node.right.right)), brackets
    if isinstance(node.left, ast.BinOp) and not (operator is type(node.left.op) in (ast.Add, ast.Mult)):
        yield lambda: _like(node.left, right=_like(node, left=node.left.right)), brackets


def _versions_of_call(node):
    method = isinstance(node.func, ast.Attribute)
    name = node.func.attr if method else getattr(node.func, "id", "")
    for other in dict.fromkeys(other for group in GROUPS if name in group for other in group if other != name):
        yield partial(_renamed, node, other), f"there is {other} in place of another function"
    library = method and isinstance(node.func.value, ast.Name) and node.func.value.id in LIBRARIES
    if method and not library:
        kind = "a sum, a mean or the like" if name in GROUPS[0] else "a step, such as a root, a square, a logarithm,"
        yield lambda: node.func.value, f"{kind} is missing"
        value = node.func.value
        after = None
        if name in GROUPS[0] and isinstance(value, ast.BinOp) and isinstance(value.op, ast.Pow):
            after = lambda: _like(value, left=_like(node, func=_like(node.func, value=value.left)))  # noqa: E731
        elif name in GROUPS[0] and isinstance(value, ast.Call) and getattr(value.func, "attr", "") == "square":
            inner = lambda: _like(node, func=_like(node.func, value=value.func.value))  # noqa: E731
            after = lambda: _like(value, func=_like(value.func, value=inner()))  # noqa: E731
        if after:
            yield after, "the square comes after the sum or mean, not before it"
    elif len(node.args) == 1:
        yield lambda: node.args[0], "a function is missing, such as a root, a logarithm, a rounding"
    for place, argument in enumerate(node.args):
        if isinstance(argument, (ast.Constant, ast.Tuple)):
            rest = [*range(place), *range(place + 1, len(node.args))]
            made = lambda rest=rest: _like(node, args=[node.args[each] for each in rest])  # noqa: E731
            yield made, "a sum, mean or the like is taken over other axes"
    if method and name in GROUPS[0]:
        for axes in AXES:
            yield (
                lambda axes=axes: _like(node, args=[_parsed(axes), *node.args[1:]]),
                "a sum, mean or the like is taken over other axes",
            )


LIBRARIES = ("torch", "math", "functional", "np")
AXES = ("0", "1", "(1, 2)", "(1, 3)", "(2, 3)", "(1, 2, 3)")
LITTLE, ROOTS = (0.1, 0.01, 0.001), ("sqrt", "log", "log2", "log10")
"""What students add so that nothing is divided by 0, and where else they add it."""


def _renamed(node, other):
    """A call of another function or method."""
    if isinstance(node.func, ast.Name):
        return _like(node, func=ast.Name(other, ast.Load()))
    made = _like(node, func=_like(node.func, attr=other))
    return ast.Attribute(made, "values", ast.Load()) if other == "median" and node.args else made


def _like(node, **fields):
    """A node like another but for these fields."""
    return ast.copy_location(type(node)(**(dict(ast.iter_fields(node)) | fields)), node)


def _parsed(text):
    return ast.parse(text, mode="eval").body


def _exchange(operator, kind):
    return f"a {SIGNS[type(operator).__name__]} is a {SIGNS[kind.__name__]}"


def _with(part, called):
    """Which arguments there are in a part that is missing, in words."""
    found = [called[node.id] for node in ast.walk(part) if isinstance(node, ast.Name) and node.id in called]
    found = [name for name in dict.fromkeys(found) if name != "something"]
    return f", with {' and '.join(found)} in it" if found else ""
