"""A drawing of any size made into an image such as those of MNIST."""

import numpy as np
import torch
from torch.nn import functional

from aeutils.errors import InputError

FIELD, BOX = 28, 20
"""Sides in pixels of MNIST's images and of the box that a digit fits into."""


def centre_digit(drawing):
    """Fit a drawing into an image as MNIST's digits were fitted: float32 (1, 1, 28, 28) in [0, 1].

    drawing: a tensor or array of floats (height, width) in [0, 1], ink 1 on black 0, each side 1 pixel or more.
    What is drawn is scaled to 20 pixels on its longer side, keeping its proportions; then its centre of mass is moved,
    by whole pixels, to the middle of the image, as far as the image's edges allow. An empty drawing gives an
    empty image. MNIST's own digits come back exactly.
    Raises InputError for another shape, bytes, or values outside [0, 1].
    Source: LeCun, Bottou, Bengio and Haffner, Proceedings of the IEEE 86 (1998), section III.
    """
    ink = _checked(drawing)
    image = torch.zeros(1, 1, FIELD, FIELD)
    rows, columns = (ink > 0).any(1).nonzero(), (ink > 0).any(0).nonzero()
    if len(rows) == 0:
        return image
    digit = _fitted(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    top, left = _start(digit.sum(1)), _start(digit.sum(0))
    image[0, 0, top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    return image


def _fitted(ink):
    """The drawing (height, width), scaled so that its longer side has 20 pixels; each is the mean of what it covers."""
    scale = BOX / max(ink.shape)
    size = [max(1, round(side * scale)) for side in ink.shape]
    return functional.interpolate(ink[None, None], size, mode="area")[0, 0]


def _start(profile):
    """Where the digit begins in the image, so that the centre of mass of its profile (n,) comes to the middle."""
    centre = (profile * torch.arange(len(profile))).sum() / profile.sum()
    return min(max(round(FIELD / 2 - centre.item()), 0), FIELD - len(profile))


def _checked(drawing):
    """The drawing as a float32 tensor. Raises InputError."""
    if not isinstance(drawing, (torch.Tensor, np.ndarray)):
        raise InputError(f"drawing is a {type(drawing).__name__}; expected a tensor or an array (height, width)")
    ink = torch.as_tensor(drawing)
    if ink.ndim != 2 or ink.numel() == 0:
        raise InputError(f"drawing has shape {tuple(ink.shape)}; expected (height, width), 1 pixel or more")
    if not ink.is_floating_point():
        raise InputError(f"drawing is {ink.dtype}; expected floats in [0, 1]; bytes: divide them by 255")
    if not ((ink >= 0) & (ink <= 1)).all():  # NaN is neither
        raise InputError("drawing has values outside [0, 1] or NaN; expected 0 for black to 1 for full ink")
    return ink.float()
