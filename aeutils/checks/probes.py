"""What checks find out about a model by trying it: what goes in, what comes out, which layers, where gradients flow."""

from contextlib import suppress
import copy
from functools import cache
from itertools import pairwise
import math

import numpy as np
import torch
from torch import nn

from aeutils.checks.core import attempt, require
from aeutils.checks.explain import near
from aeutils.checks.feedback import describe
from aeutils.data import load_embedded_mnist


@cache
def digits():
    """The embedded digits. Whoever hands them to a student's code hands over a copy."""
    return load_embedded_mnist()


def some_digits(count):
    """The first so many test digits of the embedded subset: float32 (count, 1, 28, 28) in [0, 1], a copy."""
    return digits().test_images[:count].clone()


def output(model, given, doing, shape, hint, misconception="wrong shape", mistakes=None):
    """model(given), which must be a finite tensor of the given shape, in eval mode the same in each call; no gradients.

    doing: what is called, in words. hint: what to say when the shape is another, or when it cannot be computed.
    mistakes: as in require_shape.
    """
    expected = f"a tensor of shape {tuple(shape)}"
    with torch.no_grad(), attempt(doing, expected, hint, "does not fit"):
        made = model(given)
    require_tensor(made, doing, expected)
    require_shape(made, doing, shape, hint, misconception, mistakes)
    finite = "Somewhere a number became infinite or NaN: a division by zero, a logarithm, a root?"
    seen = f"{doing} gave {describe(made)}"
    require(bool(made.isfinite().all()), "not finite", seen, "finite numbers only", finite)
    require_same_again(model, given, made, doing)
    return made


def require_same_again(model, given, made, doing):
    """Raise NotYet unless a model in eval mode gives once more what it made of what is given."""
    with torch.no_grad():
        again = made if model.training else model(given)
    chance = "Is there noise, dropout that does not know eval mode, or a layer made anew by forward?"
    seen = f"{doing} gave other numbers in the next call"
    same = isinstance(again, torch.Tensor) and near(made, again, nan=True)
    require(same, "random in eval mode", seen, "the same in every call", chance)


def require_each_alone(model, given, what):
    """Raise NotYet unless a model in eval mode gives for each one the same as among others."""
    with torch.no_grad():
        first, alone = model(given), torch.cat([model(one) for one in given.split(1)])
    seen, own = f"{what} that depends on what else is in the batch", "Each one by itself: nothing is taken over axis 0."
    require(near(first, alone), "depends on the batch", seen, f"{what} that depends on its own input", own)


def require_shape(made, doing, shape, hint, misconception="wrong shape", mistakes=None):
    """Raise NotYet when a tensor has another shape than the right one.

    doing: what gave it, in words. mistakes: {shape: (misconception, hint)}; hint: for any other shape.
    """
    found, right = tuple(getattr(made, "shape", ())), tuple(shape)
    general = misconception, hint
    if len(found) == len(right) and found[1:] == right[1:]:
        why = f"{right[0]} went in, {found[0]} came out. Are some left out, or is a number built in?"
        general = "other number", why
    elif math.prod(found) == math.prod(right):
        axes = (
            f"As many numbers as there should be, in another shape: {found} in place of {right}. Compare axis by axis."
        )
        general = "another shape", f"{axes} {hint}"
    name, why = (mistakes or {}).get(found, general)
    require(found == right, name, f"{doing} gave {describe(made)}", f"a tensor of shape {right}", why)


def require_tensor(made, doing, expected):
    """Raise NotYet unless what a model gave is one tensor of float32; doing: what was called, in words."""
    seen = f"{doing} gave {describe(made)}"
    nothing = "Does forward end with return, followed by the result?"
    require(made is not None, "forward returns nothing", seen, expected, nothing)
    alone = "Return the result alone. Whatever else may be of interest can be asked for elsewhere."
    require(not isinstance(made, (tuple, list, dict)), "returns a tuple", seen, expected, alone)
    module = "A layer came out in place of numbers: make it first, nn.ReLU(), and then call it with the tensor."
    require(not isinstance(made, nn.Module), "brackets forgotten", seen, expected, module)
    array = "NumPy cannot follow gradients. Keep to tensors within a network."
    require(not isinstance(made, np.ndarray), "NumPy in the network", seen, expected, array)
    dense = isinstance(made, torch.Tensor) and made.layout == torch.strided and not made.is_meta
    require(dense, "not a tensor", seen, expected, "A network gives one tensor, dense and on this machine.")
    double = "All networks here compute with float32. Is there a .double(), or a tensor made from NumPy?"
    require(made.dtype == torch.float32, "wrong precision", seen, f"{expected}, float32", double)


def layer_widths(model, given):
    """Widths through which model(given) passes, from first to last: [784, 128, 64, 2].

    Found by watching the linear layers work, in the order in which they are called. Where there are none, since the
    answer multiplies by matrices of its own, by the shapes of its parameters, which may be turned as nn.Linear's are.
    """
    pairs = [(taken[0].numel(), made[0].numel()) for _, taken, made in linear_calls(model, given) if len(made)]
    if not pairs:
        pairs = [tuple(parameter.shape) for parameter in model.parameters() if parameter.ndim == 2]
        if any(one[1] != two[0] for one, two in pairwise(pairs)):
            pairs = [pair[::-1] for pair in pairs]
    return [pairs[0][0], *[outputs for _, outputs in pairs]] if pairs else []


def require_trainable(model, given, doing):
    """Raise NotYet unless the model has parameters and gradients reach all of them from its output."""
    seen = f"{doing} has no parameters"
    hint = "Layers must be attributes of the module, or in an nn.Sequential: a plain Python list hides them. "
    hint += "A tensor of yours is a parameter only as an nn.Parameter."
    require(any(True for _ in model.parameters()), "no parameters", seen, "layers that can learn", hint)
    model.zero_grad()
    result = model(given)
    if result.requires_grad:
        weights = torch.linspace(-1, 1.9, result.numel()).reshape(result.shape)  # all outputs count, each differently
        (result * weights).sum().backward()
    stuck = [name for name, part in model.named_parameters() if part.grad is None or not part.grad.any()]
    seen = f"no gradient reaches {', '.join(stuck[:3])}"
    hint = "Training could not change these. Is there a detach(), a no_grad(), requires_grad=False, a rounding, "
    hint += "a layer never used, or are all weights alike, or so large that a sigmoid has no slope left?"
    require(not stuck, "no gradient", seen, "gradients that reach every layer", hint)
    rows = [name for name, part in model.named_parameters() if part.ndim == 2 and 1 < len(part) == _same_rows(part)]
    seen = f"in {', '.join(rows[:3])} all rows are the same"
    own = "Units with the same weights compute the same. Begin with weights drawn at random."
    require(not rows, "units alike", seen, "weights that differ from unit to unit", own)


def _same_rows(weights):
    return int((weights == weights[0]).all(1).sum())


def number(value, doing, expected, hint):
    """value as a float; it may be a number of any kind, or a tensor or array that holds a single one.

    Raises NotYet for anything else, and for what is not finite. doing: what gave the value, in words.
    """
    seen = f"{doing} gave {describe(value)}"
    parts = value if isinstance(value, (list, tuple)) else [value]
    with suppress(Exception):  # a tensor may be sparse, or on no device at all
        parts = value.flatten().tolist() if isinstance(value, (torch.Tensor, np.ndarray)) else parts
    several = f"A single number is asked for, not {len(parts)} of them. {hint}"
    require(len(parts) == 1, "not one number", seen, expected, several)
    found = math.nan
    with suppress(Exception):  # whatever a student's object does when it is asked for its value
        found = math.nan if isinstance(parts[0], str) else float(parts[0])
    if isinstance(parts[0], float) and not math.isfinite(found):
        hint = f"Where does it come from: a division by zero, a logarithm of 0, the root of a negative number? {hint}"
    require(math.isfinite(found), "not a number", seen, expected, hint)
    return found


def written(value):
    """A number for people to read: 410,020 or 0.28125, and 0 for -0."""
    return f"{value + 0:,.0f}" if math.isfinite(value) and value == round(value) else f"{value:,.5g}"


def linear_calls(model, given):
    """(layer, what went in, what came out) of each linear layer during model(given), in the order of the calls.

    A convolution is one if its kernel is as large as the image that goes in, or that comes out.
    """
    calls = []

    def before(part, taken):
        calls.append([part, taken[0].clone(), None])  # a function that follows may overwrite it

    def after(part, taken, made):
        calls[-1][2] = made.clone()

    parts = [part for part in model.modules() if isinstance(part, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d))]
    hooks = [part.register_forward_pre_hook(before) for part in parts]
    hooks += [part.register_forward_hook(after) for part in parts]
    try:
        with torch.no_grad():
            model(given)
    finally:
        for hook in hooks:
            hook.remove()
    return [call for call in calls if _is_linear(*call)]


def require_each_once(model, given, doing):
    """Raise NotYet when model(given) calls one of its linear layers more than once."""
    layers = [id(one) for one, *_ in linear_calls(model, given)]
    seen = f"{len(set(layers))} linear layers in {doing}, called {len(layers)} times"
    own = "Each layer has weights of its own, even where sizes are the same, and is called once. Which one is called "
    own += "again, and is a result thrown away?"
    require(len(set(layers)) == len(layers), "a layer used twice", seen, "each layer called once", own)


def share_cut_off(decoder, codes):
    """Which share of the pixels is exactly 0 or 1 when the last layer gives numbers up to 4; a sigmoid makes none."""
    large = copy.deepcopy(decoder)
    calls = linear_calls(large, codes)
    if not calls:
        return 0
    last, _, made = calls[-1]
    with torch.no_grad():
        for parameter in last.parameters():
            parameter.mul_(4 / made.abs().max().clamp(min=1e-6))
        pixels = large(codes)
    return ((pixels == 0) | (pixels == 1)).float().mean().item()


def _is_linear(part, taken, made):
    """Whether a layer connects all numbers that go in with all that come out."""
    if isinstance(part, nn.Linear):
        return True
    small = made if isinstance(part, nn.Conv2d) else taken
    return small.ndim == 4 and small.shape[2:] == (1, 1)


def require_functions_between(model, given, doing):
    """Raise NotYet when a linear layer takes what another has made, each number as it is, or scaled and shifted."""
    runs = [linear_calls(model, scale * given) for scale in (1, 30, -30)]  # far out a hardtanh, too, does something
    for place, (_, taken, _) in enumerate(runs[0]):
        for before in range(place):
            pairs = [(calls[before][2], calls[place][1]) for calls in runs]
            pairs = [tuple(part.reshape(len(part), -1) for part in pair) for pair in pairs]
            straight = all(made.shape == went_in.shape and _is_straight(made, went_in) for made, went_in in pairs)
            seen = f"in {doing}, nothing that bends stands between a layer of {taken[0].numel()} and the next"
            row = "Two linear layers in a row can do no more than one. What has to stand between them?"
            require(not straight, "no activation between", seen, "a function in between", row)


def require_nothing_around(half, given, doing):
    """Raise NotYet when more stands before or behind the layers than a function that makes pixels.

    half: an encoder or a decoder, which makes images.
    """
    for training, mode in ((False, ""), (True, "in train mode, ")):
        _require_nothing_around(copy.deepcopy(half).train(training), 5 * given, doing, mode)


def _require_nothing_around(half, given, doing, mode):
    torch.manual_seed(0)
    calls = linear_calls(half, given)
    torch.manual_seed(0)  # so that a dropout between the layers leaves out the same
    with torch.no_grad():
        made = half(given)
    if not calls:
        return
    first, last = calls[0][1].flatten(), calls[-1][2].flatten()
    seen = f"{mode}the first layer of {doing} is given other numbers"
    what = "What stands before your first layer, and changes what goes in? Each number counts, as it is."
    require(near(first, given.flatten()), "function before the first layer", seen, "the same numbers", what)
    if last.shape != made.flatten().shape:
        return
    seen, what = f"{mode}what comes out of {doing} is not what its last layer gives", "What changes the code?"
    require(made.ndim > 2 or near(last, made.flatten()), "function behind the code", seen, "the same numbers", what)
    steps = made.flatten()[last.argsort()].diff()
    seen = f"{mode}pixels from {doing} and the numbers of its last layer are in other orders of size"
    what = "One function makes a pixel of each number. What else stands there, and changes the pixels?"
    grows = made.ndim == 2 or bool((steps > -1e-5).all() or (steps < 1e-5).all())
    require(grows, "function behind the pixels", seen, "the larger the brighter, throughout", what)


def _is_straight(made, taken):
    """Whether one (n, k) is the other times a factor, plus a number for each column; if n < 3, just the same."""
    if len(made) < 3:
        return torch.equal(made, taken)
    centred, other = made - made.mean(0), taken - taken.mean(0)
    factor = (centred * other).sum() / centred.square().sum().clamp(min=1e-12)
    if not centred.any() or not other.any():  # where nothing varies, or is left, numbers in proportion prove nothing
        return torch.equal(made, taken)
    rounding = 1e-5 * other.abs().max() + 1e-6 * taken.abs().max()
    return bool((other - factor * centred).abs().max() <= rounding)
