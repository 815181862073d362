"""Values and errors of a student's code in a few words, whatever they are: no object may stop a reply."""

import reprlib
from types import FunctionType

from aeutils.checks.bounds import TimeUpError
import numpy as np
import torch

LONGEST = 60
"""Characters of a value that are shown."""
_short = reprlib.Repr()
_short.maxstring = _short.maxother = _short.maxlong = 4 * LONGEST


def describe(value):
    """A value in a few words: kind, shape and range of a tensor, else its type and the beginning of what it prints."""
    try:
        return _describe(value)
    except TimeUpError:
        raise
    except BaseException:
        return "something that cannot be described"


def _describe(value):
    kind = type(value)
    if issubclass(kind, torch.Tensor):
        return _describe_tensor(value)
    if issubclass(kind, np.ndarray) and value.dtype.kind in "biuf":
        return _describe_tensor(torch.from_numpy(value.copy())).replace("a tensor", "an array", 1)
    if kind is FunctionType:
        return "a lambda" if value.__name__ == "<lambda>" else f"the function {value.__name__}"
    if kind is type:
        return f"the class {value.__name__}"
    if kind in (type(None), bool, int, float):
        return shortened(_short.repr(value))
    if kind is str:
        return f"the text {shortened(repr(value[: 2 * LONGEST]))}"
    return f"a {kind.__name__}: {shortened(_short.repr(value))}"


def shortened(text, longest=LONGEST):
    """A text in one line, cut to so many characters."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _describe_tensor(tensor):
    kind = str(tensor.dtype).removeprefix("torch.")
    if tensor.ndim == 0:
        return f"{tensor.item():.6g}"
    text = f"a tensor of {kind}, shape {tuple(tensor.shape)}"
    if tensor.numel() and not tensor.is_complex():
        low, high = tensor.detach().min().item(), tensor.detach().max().item()
        text += f", from {low:.3g} to {high:.3g}"
    return text


def describe_error(error):
    """Kind and first line of an error, at most 150 characters."""
    try:
        lines = str.__str__(str(error)).splitlines() or [""]
        return f"{type(error).__name__}: {lines[0]}"[:150].rstrip(": ")
    except TimeUpError:
        raise
    except BaseException:
        return "an error that cannot be described"
