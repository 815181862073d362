"""Slips of the pen: what comes out when one thing in the right function is another, and how to say that.

A question of data names the mistakes that students are known to make. For all others the right function itself is
changed at one place, in every way that is listed here; where the student's results are those of a changed one, the
panel says what kind of change it is. The idea is that of Singh, Gulwani and Solar-Lezama (Automated feedback generation
for introductory programming assignments, PLDI 2013).
"""

import ast
import copy
from functools import cache
import inspect
import textwrap

MOST = 400
"""Changed functions that are tried at most."""
OPERATORS = {
    ast.Add: [(ast.Sub, "a + is a -"), (ast.Mult, "a + is a *")],
    ast.Sub: [(ast.Add, "a - is a +")],
    ast.Mult: [(ast.Div, "a * is a /"), (ast.Add, "a * is a +")],
    ast.Div: [(ast.Mult, "a / is a *"), (ast.FloorDiv, "a / is a //")],
    ast.FloorDiv: [(ast.Div, "a // is a /"), (ast.Mult, "a // is a *")],
    ast.Pow: [(ast.Mult, "a ** is a *")],
}
COMPARISONS = {
    ast.Lt: [(ast.LtE, "a < is a <="), (ast.Gt, "a < is a >")],
    ast.LtE: [(ast.Lt, "a <= is a <"), (ast.GtE, "a <= is a >=")],
    ast.Gt: [(ast.GtE, "a > is a >="), (ast.Lt, "a > is a <")],
    ast.GtE: [(ast.Gt, "a >= is a >"), (ast.LtE, "a >= is a <=")],
    ast.Eq: [(ast.NotEq, "an == is a !=")],
    ast.NotEq: [(ast.Eq, "a != is an ==")],
}
GROUPS = [
    ("sum", "mean", "std", "var", "prod", "amax", "amin", "norm"),
    ("sqrt", "square", "abs"),
    ("exp", "log", "log2", "log10"),
    ("sin", "cos"),
    ("all", "any"),
    ("cumsum", "cumprod"),
    ("min", "max"),
    ("argmin", "argmax"),
]
"""Methods that are taken for one another."""
ARGUMENTS = {
    "{} ** 2": "an argument is squared",
    "2 ** {}": "2 to the power of an argument stands for the argument",
    "2 * {}": "an argument is twice as large",
    "{} // 2": "an argument is half as large",
    "{} + 1": "an argument is 1 too large",
    "{} - 1": "an argument is 1 too small",
}
"""What an argument may be wherever it occurs: {in Python: in words}."""
AT_ONE_PLACE = ["{} ** 2", "{} + 1", "{} - 1"]
"""Those that are also made where the argument occurs once."""


@cache
def slips(function):
    """[(changed function, what is changed, in words)] of a function whose text can be read."""
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return []
    if not isinstance(tree, ast.FunctionDef):
        return []
    tree.decorator_list, made, texts = [], [], {ast.dump(tree)}
    for place, node in enumerate(list(ast.walk(tree))):
        for change, words in [*_changes(node), *_changes_of_name(node, [one.arg for one in tree.args.args])]:
            mutant = copy.deepcopy(tree)
            change(list(ast.walk(mutant))[place])
            if ast.dump(mutant) not in texts and len(made) < MOST:
                texts.add(ast.dump(mutant))
                made.append((_compiled(ast.fix_missing_locations(mutant), function), words))
    for name in (argument.arg for argument in tree.args.args):
        for change, words in ARGUMENTS.items():
            mutant = copy.deepcopy(tree)
            mutant.body.insert(0, ast.parse(f"{name} = {change.format(name)}").body[0])
            made.append((_compiled(ast.fix_missing_locations(mutant), function), words))
    return [(changed, words) for changed, words in made if changed]


def _compiled(tree, function):
    space = dict(function.__globals__)
    try:
        exec(compile(ast.Module([tree], []), "<slip>", "exec"), space)
    except Exception:
        return None
    return space[tree.name]


def _changes(node):
    """(function that changes a node of the same kind in place, what it changes) in every way."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        for value in {node.value + 1, node.value - 1, node.value * 2, 0, 1} - {node.value}:
            yield lambda one, value=value: setattr(one, "value", value), f"a number is {value} that should be another"
    if isinstance(node, ast.BinOp):
        for kind, words in OPERATORS.get(type(node.op), []):
            yield lambda one, kind=kind: setattr(one, "op", kind()), words
        lost = f"one side of a {_sign(node.op)} is missing"
        yield lambda one: _become(one, one.left), lost
        yield lambda one: _become(one, one.right), lost
        if not isinstance(node.op, (ast.Add, ast.Mult)):
            yield _exchange, f"the two sides of a {_sign(node.op)} have changed places"
    if isinstance(node, ast.UnaryOp):
        yield lambda one: _become(one, one.operand), "a sign, or a not, is missing"
    if isinstance(node, ast.Compare):
        for kind, words in COMPARISONS.get(type(node.ops[0]), []):
            yield lambda one, kind=kind: setattr(one, "ops", [kind()]), words
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield from _changes_of_call(node)
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) == 2:
        yield lambda one: one.elts.reverse(), "two parts of the result have changed places"
    if isinstance(node, ast.IfExp):
        yield lambda one: _become(one, one.body), "one branch is taken always"
        yield lambda one: _become(one, one.orelse), "one branch is taken always"


def _changes_of_name(node, arguments):
    """As _changes, for one of the function's arguments."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or node.id not in arguments:
        return
    for other in arguments:
        if other != node.id:
            yield lambda one, other=other: setattr(one, "id", other), "another argument stands in place of one"
    for change in AT_ONE_PLACE:
        changed = ast.parse(change.format(node.id), mode="eval").body
        yield lambda one, changed=changed: _become(one, changed), ARGUMENTS[change]


def _changes_of_call(node):
    name = node.func.attr
    for group in GROUPS:
        for other in group if name in group else ():
            words = f"there is {other} in place of another"
            yield lambda one, other=other: setattr(one.func, "attr", other), words
    if not isinstance(node.func.value, ast.Name) or name in sum(GROUPS, ()):
        yield lambda one: _become(one, one.func.value), "a step is missing, such as a root, a sum, a square"
    for place, argument in enumerate(node.args):
        if isinstance(argument, (ast.Constant, ast.Tuple)):
            yield lambda one, place=place: one.args.pop(place), "a sum, mean or the like is taken over another axis"
    if len(node.args) == 2:
        yield lambda one: one.args.reverse(), "two arguments have changed places"


def _exchange(node):
    node.left, node.right = node.right, node.left


def _become(node, other):
    """Make a node into another one, in place."""
    node.__class__ = other.__class__
    fields = dict(vars(other))
    vars(node).clear()
    vars(node).update(fields)


def _sign(operator):
    signs = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Pow": "**", "MatMult": "@"}
    return signs.get(type(operator).__name__, type(operator).__name__)
