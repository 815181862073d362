"""Change every solution a little, and count how many of the wrong answers that come out are told what is wrong.

    python tools/mutants.py                    all questions
    python tools/mutants.py cosine loss        those named
    python tools/mutants.py --sample 3         three mutants of each question, chosen with a fixed seed
    python tools/mutants.py --show cosine      each mutant beside its panel

A mutant is one of these changes at one place of a solution in notebooks/source, made on its syntax tree:
constant + 1, constant * 2, constant 0, constant - 1; + and -, * and /, // and /, ** and * exchanged; < and <=, < and >,
== and != exchanged; an operand dropped, left or right; two operands exchanged; a minus dropped or added; sum, mean and
similar reductions exchanged; functions of one argument exchanged (relu, sigmoid, tanh, exp, log, ...); a call
replaced by its argument; an argument dropped; two arguments exchanged; a method without its arguments; a statement
dropped; return dropped; returned in the first round of a loop; one name for another; an index shifted; a condition
turned round; a result doubled; a tuple turned round.

Mutants that behave as the solution does are left out. That is decided by the results of both on random inputs (INPUTS
here), not by hand. Questions run side by side, one on each core. Of `train`, whose check takes seconds, SOME mutants
are taken, always the same ones. Of the others it prints: wrong, named (the panel says something
that is true of this answer and not of all), general, passed.
"""

import argparse
import ast
from concurrent.futures import ProcessPoolExecutor
import contextlib
import copy
from functools import partial
import io
import os
from pathlib import Path
import random
import re
import sys
import time

import numpy as np
import torch

import aeutils as ae
from aeutils.checks.kinds import numbers
from aeutils.checks.slips import COMPARISONS
from aeutils.data import Digits

os.environ |= {"AEUTILS_PROGRESS": "off", "CI": "true"}
SOURCES = Path(__file__).parents[1] / "notebooks" / "source"
GENERAL = {
    "raises",
    "returns nothing",
    "another result",
    "another number",
    "wrong value",
    "wrong values",
    "does not fit",
    "not a tensor",
    "wrong shape",
    "check failed",
    "another filling",
}
"""Misconceptions that would fit any wrong answer."""
OPERATORS = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div],
    ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Div],
    ast.Pow: [ast.Mult],
    ast.MatMult: [ast.Mult],
}
GROUPS = [
    ("sum", "mean", "std", "var", "prod"),
    ("argmin", "argmax"),
    ("amin", "amax"),
    ("min", "max"),
    ("sqrt", "square", "abs"),
    ("relu", "sigmoid", "tanh", "exp"),
    ("ReLU", "Sigmoid", "Tanh", "Identity", "Softmax"),
    ("log", "log2", "log10"),
    ("sin", "cos"),
    ("all", "any"),
    ("arccos", "arcsin"),
    ("zeros_like", "ones_like"),
    ("cumsum", "cumprod"),
]
"""Names that are exchanged with one another."""


def mutants(tree):
    """Syntax trees of a function (ast.FunctionDef), each with one change."""
    places = list(ast.walk(tree))
    for place, node in enumerate(places):
        for change in _changes(node):
            mutant = copy.deepcopy(tree)
            target = list(ast.walk(mutant))[place]
            if change(target) is not False:
                yield ast.fix_missing_locations(mutant)


def _changes(node):
    """Functions that change a node of the same kind in place."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        for value in {node.value + 1, node.value * 2, 0, node.value - 1} - {node.value}:
            yield lambda target, value=value: setattr(target, "value", value)
    if isinstance(node, ast.BinOp):
        for kind in OPERATORS.get(type(node.op), []):
            yield lambda target, kind=kind: setattr(target, "op", kind())
        yield lambda target: _become(target, target.left)
        yield lambda target: _become(target, target.right)
        if not isinstance(node.op, (ast.Add, ast.Mult)):
            yield lambda target: (lambda left, right: (setattr(target, "left", right), setattr(target, "right", left)))(
                target.left, target.right
            )
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Invert, ast.Not)):
        yield lambda target: _become(target, target.operand)
    if isinstance(node, ast.Compare):
        for kind in COMPARISONS.get(type(node.ops[0]), []):
            yield lambda target, kind=kind: setattr(target, "ops", [kind()])
    if isinstance(node, ast.Call):
        yield from _changes_of_call(node)
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) == 2:
        yield lambda target: target.elts.reverse()
    if isinstance(node, (ast.FunctionDef, ast.For)):
        for place in range(len(node.body)):
            if not isinstance(node.body[place], (ast.FunctionDef, ast.ClassDef)) and not _is_docstring(
                node.body[place]
            ):
                yield lambda target, place=place: target.body.__setitem__(place, ast.Pass())
    if isinstance(node, ast.FunctionDef) and isinstance(node.body[-1], ast.Return) and len(node.body) > 1:
        yield lambda target: isinstance(target.body[-2], ast.For) and target.body[-2].body.append(target.body.pop())
    if isinstance(node, ast.Return) and node.value is not None:
        yield lambda target: setattr(target, "value", ast.BinOp(ast.Constant(2), ast.Mult(), target.value))
        yield lambda target: setattr(target, "value", ast.Tuple([target.value, target.value], ast.Load()))
        yield lambda target: setattr(target, "value", ast.Call(ast.Name("print", ast.Load()), [target.value], []))
    if isinstance(node, ast.IfExp):
        yield lambda target: _become(target, target.body)
        yield lambda target: _become(target, target.orelse)


def _changes_of_call(node):
    """Changes of a call: another function, an argument dropped, two exchanged, the call left out."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    for group in GROUPS:
        for other in group if name in group else ():
            if other != name:
                key = "attr" if isinstance(node.func, ast.Attribute) else "id"
                yield lambda target, key=key, other=other: setattr(target.func, key, other)
    for place in range(len(node.args)):
        yield lambda target, place=place: target.args.pop(place) and None
    for place in range(len(node.keywords)):
        yield lambda target, place=place: target.keywords.pop(place) and None
    if len(node.args) == 2:
        yield lambda target: target.args.reverse()
    if isinstance(node.func, ast.Attribute) and not isinstance(node.func.value, ast.Name):
        yield lambda target: _become(target, target.func.value)
    elif len(node.args) == 1:
        yield lambda target: _become(target, target.args[0])


def _become(target, other):
    """Make a node into another one, in place."""
    target.__class__ = other.__class__
    vars(target).clear()
    vars(target).update(vars(other))


def _is_docstring(statement):
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def solutions(asked):
    """(the syntax trees of a question's solution, the names that it may use) from the notebook's source."""
    (source,) = SOURCES.glob(f"{asked.notebook}_*.py")
    tree, space = ast.parse(source.read_text(encoding="utf-8")), {"__name__": "__main__"}
    wanted = CODEC if asked.name == "lossless_codec" else [asked.example.split("(")[0]]
    found = {}
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)):
            with contextlib.suppress(Exception):
                exec(compile(ast.Module([node], []), str(source), "exec"), space)
            found |= {node.name: node} if getattr(node, "name", "") in wanted else {}
    return [found[name] for name in wanted], space


CODEC = ["encode_row", "decode_row"]
"""The two functions that are one answer to lossless_codec."""


def there_and_back(codec):
    """What is asked of a codec: the row again, and whether the code of 200 equal pixels is short."""
    encode, decode = codec
    return lambda row: (decode(encode(list(row))), [len(encode([row[0]] * 200)) <= 16])


def compiled(tree, space):
    """The function of a syntax tree."""
    own = dict(space)
    exec(compile(ast.Module([tree], []), "<mutant>", "exec"), own)
    return own[tree.name]


def separates(numbers_of, points):
    """Whether a threshold on these numbers separates opposite pairs of corners."""
    found, alike = numbers(numbers_of), points.prod(1) > 0
    if found is None or found.numel() != len(points):
        return False
    found = found.flatten()
    return bool(found[alike].min() > found[~alike].max()) or bool(found[alike].max() < found[~alike].min())


def splits(mask, people):
    """Whether a mask keeps back some people, with all their images, and about every fifth."""
    if not isinstance(mask, torch.Tensor) or mask.dtype != torch.bool or mask.shape != people.shape:
        return False
    kept, others = set(people[mask].tolist()), set(people[~mask].tolist())
    return not kept & others and 0.1 <= len(kept) / len(kept | others) <= 0.4


OPEN = {"chessboard_feature": separates, "keep_back_people": splits}
"""What is asked for where many results are right: whether a result is, given the argument."""
TRAINED = {"loss", "k_strongest", "slopes_of_tanh", "hidden_pixels", "rounding_straight_through"}
"""Questions that want a gradient as well."""
SOME = {"train": 30}
"""How many mutants of a question are taken, where its check takes seconds."""
FREE = re.compile(r"nn\.(ReLU|Tanh|Sigmoid|Softmax)\(\)(?=, nn\.Linear|\]$)", re.MULTILINE)
"""Activations between layers, which the questions leave free."""
FREE_IN_TRAINING = re.compile(r"(, )?lr=[^)]*|split\([^)]*\)|torch\.optim\.\w+")
"""Settings of training, which its question leaves free."""


def same_behaviour(one, other, asked):
    """Whether two functions give the same on the random inputs of a question; None where there are no inputs."""
    inputs = INPUTS.get(asked.name)
    if inputs is None:
        return None
    for seed in range(12):
        results = []
        for function in (one, other):
            torch.manual_seed(seed)
            given = [*inputs(random.Random(seed))]
            torch.manual_seed(seed)
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    result = function(*given)
                is_right = OPEN.get(asked.name)
                results.append(is_right(result, *given) if is_right else _behaviour(result, given, asked))
            except Exception as error:
                results.append(type(error).__name__)
        if not _equal(*results):
            return False
    return True


def _behaviour(result, given, asked):
    """What is compared of a result: of a model, what it makes of images or codes, and its layers' sizes."""
    if isinstance(result, torch.nn.Module):
        sizes = [tuple(part.shape) for part in result.parameters()]
        made = []
        for shape in ((3, 1, 28, 28), (3, given[0]), (2, given[0], 5, 6)):
            try:
                torch.manual_seed(1)
                made.append(numbers(result.eval()(torch.rand(shape) * 4 - 2)))
            except Exception as error:
                made.append(type(error).__name__)
        return [sizes, *made]
    if isinstance(result, tuple):
        return [numbers(part) for part in result]
    return [numbers(result), asked.name in TRAINED and bool(getattr(result, "requires_grad", False))]


def _equal(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, torch.Tensor):
        return one.shape == other.shape and torch.allclose(one, other, rtol=1e-4, atol=1e-6, equal_nan=True)
    return one == other


def _subspaces(r):
    """Two planes in 9 dimensions at some angle, the second with directions of its own."""
    generator = np.random.default_rng(r.randint(0, 10**6))
    axes, angle = np.linalg.qr(generator.normal(size=(9, 4)))[0], np.radians(r.choice([0, 2, 4.5, 5.5, 8, 12, 60, 90]))
    tilted = np.stack([axes[:, 0], np.cos(angle) * axes[:, 1] + np.sin(angle) * axes[:, 2]], 1)
    return axes[:, :2], tilted @ generator.normal(size=(2, 2))


def _training(r):
    """A small model, few digits, and a number of epochs."""
    images, labels = torch.rand(300, 1, 28, 28) ** 4, torch.randint(10, (300,))
    digits = Digits(images[:200], labels[:200], images[200:], labels[200:], whole=False, source="random")
    return ae.fully_connected((1, 28, 28), 3, hidden=(8,)), digits, r.randint(1, 3)


class _Linear(torch.nn.Module):
    """A model of images (n, 1, 28, 28) with an encoder and a decoder of few weights."""

    def __init__(self):
        super().__init__()
        self.encoder = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 3), torch.nn.Tanh())
        self.decoder = torch.nn.Sequential(
            torch.nn.Linear(3, 784), torch.nn.Sigmoid(), torch.nn.Unflatten(1, (1, 28, 28))
        )

    def forward(self, images):
        return self.decoder(self.encoder(images))


def _images(count):
    return torch.rand(count, 1, 28, 28)


def _some_codes(r):
    codes = torch.randn(r.randint(2, 6), r.randint(2, 9))
    return codes * (torch.rand(codes.shape[1]) > 0.4) * (torch.rand_like(codes) > 0.3)


INPUTS = {
    "train": _training,
    "lossless_codec": lambda r: ([bit for _ in range(r.randint(1, 9)) for bit in [r.randint(0, 1)] * r.randint(1, 9)],),
    "same_subspace": _subspaces,
    "cosine": lambda r: (torch.randn(size := r.randint(2, 9)), torch.randn(size)),
    "bits_told": lambda r: ((shares := torch.rand(r.randint(2, 6)).round(decimals=1)) / shares.sum().clamp_min(0.1),),
    "chessboard_feature": lambda r: (2 * torch.rand(40, 2) - 1,),
    "largest_rounding_error": lambda r: (r.randint(1, 9),),
    "bytes_in_all": lambda r: (r.randint(1, 9000) * 8, r.randint(1, 60), r.randint(1, 9)),
    "parameter_count": lambda r: (r.randint(2, 900), r.randint(1, 60)),
    "spread_kept": lambda r: (_Linear(), _images(r.randint(3, 9))),
    "keep_back_people": lambda r: (torch.tensor([r.randint(0, 60) for _ in range(80)]),),
    "dead_code_numbers": lambda r: (_some_codes(r),),
    "mean_image_baseline": lambda r: (_images(r.randint(2, 9)), _images(r.randint(2, 9))),
    "smallest_enough": lambda r: (
        sorted(r.sample(range(2, 90), 6)),
        torch.rand(3, 6).round(decimals=1).sort(1, descending=True).values * 20,
        float(r.choice([8, 10, 12])),
    ),
    "mirrored_parameters": lambda r: ([r.randint(2, 90) for _ in range(r.randint(2, 5))],),
    "any_depth": lambda r: (r.randint(2, 9), tuple(r.randint(5, 60) for _ in range(r.randint(0, 3)))),
    "components_needed": lambda r: (
        torch.tensor(sorted((r.randint(1, 60) for _ in range(8)), reverse=True)).float(),
        r.choice([0.25, 0.5, 0.75, 1.0]),
    ),
    "mixed_up": lambda r: (torch.randn(60, 4), torch.randint(10, (60,))),
    "several_stops": lambda r: (torch.randn(r.randint(2, 5), 3), r.randint(1, 6)),
    "prepare": lambda r: (torch.randint(256, (4, 28, 28)).byte(),),
    "encoder": lambda r: (r.randint(2, 40),),
    "decoder": lambda r: (r.randint(2, 40),),
    "autoencoder": lambda r: (r.randint(2, 40),),
    "loss": lambda r: (_images(count := r.randint(2, 7)).requires_grad_(), _images(count)),
    "project": lambda r: (torch.randn(30, 6) @ torch.randn(6, 6) + 2,),
    "convolved_size": lambda r: (r.randint(9, 60), r.randint(1, 7), r.randint(1, 4), r.randint(0, 4)),
    "saved_parameters": lambda r: (r.randint(4, 30), r.randint(1, 5), r.randint(1, 9), r.randint(1, 7)),
    "even_doubling": lambda r: (r.randint(2, 9), r.randint(2, 9)),
    "hidden_pixels": lambda r: (_Linear(), _images(9), r.choice([0.2, 0.5, 0.8])),
    "k_strongest": lambda r: (torch.randn(5, 9), r.randint(1, 9)),
    "slopes_of_tanh": lambda r: (torch.nn.Linear(784, r.randint(2, 9)), _images(r.randint(2, 7))),
    "decibels": lambda r: (
        torch.rand(shape := (r.randint(2, 6), r.randint(1, 3), 8, r.randint(5, 20))),
        torch.rand(shape),
    ),
    "known_pixels_stay": lambda r: (_Linear(), _images(4), torch.rand(4, 1, 28, 28) > 0.5),
    "alarms_as_promised": lambda r: (
        _Linear(),
        _images(60),
        _images(30) * torch.rand(30, 1, 1, 1) * 1.5,
        r.choice([0.1, 0.3]),
    ),
    "film_of_codes": lambda r: (_Linear(), _images(1)[0], _images(1)[0], r.randint(2, 8)),
    "way_on_the_sphere": lambda r: (
        first := torch.randn(6, 4),
        torch.cat([first[:2], 3 * first[2:3], torch.randn(3, 4)]),
        r.random(),
    ),
    "warm_cosine": lambda r: (r.choice([r.random() / 10, r.random()]), r.random()),
    "shift_without_wrapping": lambda r: (_images(3), r.randint(-3, 3), r.randint(-3, 3)),
    "bits_of_variables": lambda r: (torch.randn(size := (r.randint(2, 6), r.randint(2, 5))), 0.1 + torch.rand(size)),
    "drawn_codes": lambda r: (torch.randn(4, 3), 0.1 + torch.rand(4, 3), torch.randn(4, 3)),
    "velocity": lambda r: (torch.randn(5, 3), torch.randn(5, 3), torch.rand(5, 1) * 0.8 + 0.1),
    "share_right": lambda r: ((4 * torch.randn(40, 4)).softmax(1), torch.randint(4, (40,))),
    "bits_as_symbols": lambda r: (r.randint(1, 9), r.randint(1, 9), r.randint(2, 600)),
    "rounding_straight_through": lambda r: (3 * torch.randn(r.randint(1, 4), 6, requires_grad=True),),
    "next_symbol": lambda r: (*torch.randint(0, (size := r.randint(2, 7)), (2, 20)), size),
    "patches_hidden": lambda r: (torch.rand(r.randint(1, 4), 4, 4), r.randint(1, 15)),
}
"""Random arguments for each solution, given a random.Random; torch is seeded before."""


def judged(name, sample=None):
    """[(mutant as text, Reply)] of the wrong mutants of a question."""
    torch.set_num_threads(1)
    asked, free = ae.check.QUESTIONS[name], FREE_IN_TRAINING if name == "train" else FREE
    trees, space = solutions(asked)
    sample = min(filter(None, [sample, SOME.get(name)]), default=None)
    rights, rows = [compiled(tree, space) for tree in trees], []
    texts = {free.sub("", ast.unparse(tree)) for tree in trees}
    found = [(place, mutant) for place, tree in enumerate(trees) for mutant in mutants(tree)]
    if sample is not None:
        random.Random(0).shuffle(found)
    for place, mutant in found:
        text = ast.unparse(mutant)
        key = free.sub("", text)
        if key in texts or (sample is not None and len(rows) >= sample):
            continue
        texts.add(key)
        try:
            changed = [*rights[:place], compiled(mutant, space), *rights[place + 1 :]]
        except Exception:
            continue
        right, function = (there_and_back(each) if len(each) > 1 else each[0] for each in (rights, changed))
        if same_behaviour(right, function, asked) is not False:
            continue
        with contextlib.redirect_stdout(io.StringIO()):
            rows.append((text, asked.check(tuple(changed) if len(changed) > 1 else function)))
    return rows


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("names", nargs="*", metavar="question")
    options.add_argument("--show", action="store_true", help="print each mutant beside its panel")
    options.add_argument("--sample", type=int, help="so many mutants of each question")
    given = options.parse_args()
    start, all_rows = time.monotonic(), []
    print(f"{'question':<24} {'wrong':>6} {'named':>6} {'general':>8} {'passed':>7}")
    names = given.names or list(INPUTS)
    with ProcessPoolExecutor() as pool:
        for name, rows in zip(names, pool.map(partial(judged, sample=given.sample), names), strict=True):
            all_rows += rows
            for text, reply in rows:
                if given.show or reply:
                    print(f"\n{text}\n{reply}")
            print(f"{name:<24} {_counts(rows)}", flush=True)
    print(f"{'all':<24} {_counts(all_rows)}   in {time.monotonic() - start:.0f} s")
    return int(any(reply for _, reply in all_rows))


def _counts(rows):
    passed = sum(bool(reply) for _, reply in rows)
    general = sum(not reply and reply.misconception in GENERAL for _, reply in rows)
    named = len(rows) - passed - general
    share = f"{named / len(rows):.0%}" if rows else ""
    return f"{len(rows):>6} {named:>6} {general:>8} {passed:>7}  {share}"


if __name__ == "__main__":
    sys.exit(main())
