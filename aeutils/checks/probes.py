"""What checks find out about a model by trying it: what goes in, what comes out, which layers, where gradients flow."""

from contextlib import suppress
from functools import cache
import math

import numpy as np
import torch
from torch import nn

from aeutils.checks.core import attempt, describe, require
from aeutils.data import load_embedded_mnist


@cache
def digits():
    """The embedded digits. Whoever hands them to a student's code hands over a copy."""
    return load_embedded_mnist()


def some_digits(count):
    """The first so many test digits of the embedded subset: float32 (count, 1, 28, 28) in [0, 1], a copy."""
    return digits().test_images[:count].clone()


def output(model, given, doing, shape, hint, misconception="wrong shape"):
    """model(given), which must be a finite tensor of the given shape; no gradients are followed.

    doing: what is called, in words. hint: what to say when the shape is another, or when it cannot be computed.
    """
    expected = f"a tensor of shape {tuple(shape)}"
    with torch.no_grad(), attempt(doing, expected, hint, "does not fit"):
        made = model(given)
    require_tensor(made, doing, expected)
    seen = f"{doing} gave {describe(made)}"
    require(made.shape == torch.Size(shape), misconception, seen, expected, hint)
    finite = "Somewhere a number became infinite or NaN: a division by zero, a logarithm, a root?"
    require(bool(made.isfinite().all()), "not finite", seen, "finite numbers only", finite)
    return made


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
    require(isinstance(made, torch.Tensor), "not a tensor", seen, expected, "A network gives one tensor.")
    double = "All networks here compute with float32. Is there a .double(), or a tensor made from NumPy?"
    require(made.dtype == torch.float32, "wrong precision", seen, f"{expected}, float32", double)


def layer_widths(model, given):
    """Widths through which model(given) passes, from first to last: [784, 128, 64, 2].

    Found by watching the linear layers work, in the order in which they are called. Where there are none,
    since the answer multiplies by matrices of its own, by the shapes of its parameters.
    """
    pairs = [(taken[0].numel(), made[0].numel()) for _, taken, made in linear_calls(model, given) if len(made)]
    if not pairs:
        pairs = [tuple(parameter.shape) for parameter in model.parameters() if parameter.ndim == 2]
    return [pairs[0][0], *[outputs for _, outputs in pairs]] if pairs else []


def is_affine(model, one, other):
    """Whether the model is nothing but weighted sums: halfway in gives halfway out."""
    with torch.no_grad():
        made = model(torch.cat([one, other, (one + other) / 2]))
    first, second, middle = made.flatten(1).split(len(one))
    scale = middle.abs().max() + 1e-6
    return bool(((first + second) / 2 - middle).abs().max() < 1e-4 * scale)


def parameters_without_gradient(model, given):
    """Names of the model's parameters that no gradient reaches from its output."""
    model.zero_grad()
    result = model(given)
    if not result.requires_grad:
        return [name for name, _ in model.named_parameters()]
    weights = torch.linspace(-1, 1, result.numel()).reshape(result.shape)  # all outputs count, each differently
    (result * weights).sum().backward()
    return [name for name, part in model.named_parameters() if part.grad is None or not part.grad.any()]


def require_trainable(model, given, doing):
    """Raise NotYet unless the model has parameters and gradients reach all of them from its output."""
    seen = f"{doing} has no parameters"
    hint = "Layers must be attributes of the module, or in an nn.Sequential: a plain Python list hides them."
    require(any(True for _ in model.parameters()), "no parameters", seen, "layers that can learn", hint)
    stuck = parameters_without_gradient(model, given)
    seen = f"no gradient reaches {', '.join(stuck[:3])}"
    hint = "Training could not change these. Is there a detach(), a no_grad(), or a layer that is never used?"
    require(not stuck, "no gradient", seen, "gradients that reach every layer", hint)


def near(found, right, tolerance=1e-3):
    """Whether two tensors hold the same numbers, up to rounding; NaN is near nothing."""
    return found.shape == right.shape and torch.allclose(found.float(), right.float(), rtol=tolerance, atol=tolerance)


def number(value, doing, expected, hint):
    """value as a float; it may be a number of any kind, or a tensor or array that holds a single one.

    Raises NotYet for anything else, and for what is not finite. doing: what gave the value, in words.
    """
    seen = f"{doing} gave {describe(value)}"
    parts = [value]
    with suppress(Exception):  # a tensor may be sparse, or on no device at all
        parts = value.flatten().tolist() if isinstance(value, (torch.Tensor, np.ndarray)) else [value]
    several = f"A single number is asked for, not {len(parts)} of them. {hint}"
    require(len(parts) == 1, "not one number", seen, expected, several)
    found = math.nan
    with suppress(Exception):  # whatever a student's object does when it is asked for its value
        found = math.nan if isinstance(parts[0], str) else float(parts[0])
    require(math.isfinite(found), "not a number", seen, expected, hint)
    return found


def require_number(value, right, slips, doing, hint, tolerance=1e-3):
    """Raise NotYet unless the value is the number `right`.

    slips: {number: (misconception, hint)}, the numbers to which known misunderstandings lead. doing: what gave
    the value, in words. hint: for all other numbers. tolerance: what may be missed, as a share of the number.
    """
    expected = written(right)
    found = number(value, doing, expected, hint)
    seen = f"{doing} gave {written(found)}"
    for slip, (misconception, why) in slips.items():
        require(not math.isclose(found, slip, rel_tol=tolerance), misconception, seen, expected, why)
    near = math.isclose(found, right, rel_tol=tolerance, abs_tol=tolerance / 10)
    require(near, "another number", seen, expected, hint)


def written(value):
    """A number for people to read: 410,020 or 0.28125."""
    return f"{value:,.0f}" if math.isfinite(value) and value == round(value) else f"{value:,.5g}"


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


def _is_linear(part, taken, made):
    """Whether a layer connects all numbers that go in with all that come out."""
    if isinstance(part, nn.Linear):
        return True
    small = made if isinstance(part, nn.Conv2d) else taken
    return small.ndim == 4 and small.shape[2:] == (1, 1)


def goes_straight(model, given):
    """Widths at which one linear layer takes exactly what another has made, with nothing in between."""
    calls, straight = linear_calls(model, given), []
    for place, (_, taken, _) in enumerate(calls):
        for _, _, made in calls[:place]:
            if made.numel() == taken.numel() and torch.equal(made.flatten(), taken.flatten()):
                straight.append(taken[0].numel())
    return straight
