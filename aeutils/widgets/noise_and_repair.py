"""Noise or a hole painted on a digit, and what networks make of it."""

import copy

from scipy.ndimage import median_filter
import torch

from aeutils.plots import Figure
from aeutils.plots import images as image_rows
from aeutils.validation import check_digit_images
from aeutils.widgets.assemble import bundle
from aeutils.widgets.base import FIRST, Explorer, live_or_still
from aeutils.widgets.contents import Contents

STRENGTH = 0.5
"""Of the noise in the static figure, as a standard deviation."""
HOLE = 0.5
"""The grey of a hole."""


def noise_and_repair(denoiser, infiller, images):
    """Paint noise or a hole on a digit, and see what a denoiser and an infiller make of it, beside a median filter.

    denoiser, infiller: Autoencoders for images (1, 28, 28), trained with noise and with holes of the grey 0.5; they are
    not changed. images: float32 (n, 1, 28, 28) in [0, 1], n at least 2; the first 100 can be chosen.
    Returns an Explorer, or a Figure where nobody can move anything. Raises InputError for what cannot work.
    """
    for model in (denoiser, infiller):
        check_digit_images("images", images, model)
    models = {name: copy.deepcopy(model).eval() for name, model in (("denoiser", denoiser), ("infiller", infiller))}
    return live_or_still(NoiseAndRepair, contents, still, models, images)


class NoiseAndRepair(Explorer):
    """The explorer: a digit to paint on, and what the median filter and both networks make of it."""

    _esm = bundle("noise_and_repair.js")


def contents(models, images, **options):
    """The Contents of the explorer; options: those of Contents."""
    made = Contents("noise_and_repair", **options)
    made.images("images", images[:FIRST])
    made.array("noise", noise())
    for name, model in models.items():
        made.network(name, torch.nn.Sequential(model.encoder, model.decoder), images[:1])
    return made


def noise():
    """Normal noise (784,), always the same."""
    return torch.randn(784, generator=torch.Generator().manual_seed(0))


def still(models, images):
    """The Figure in the explorer's place: a digit with noise and with a hole, and what becomes of both."""
    noisy = images[0] + STRENGTH * noise().reshape(1, 28, 28)  # not clipped, as in training and in the explorer
    holed = images[0].clone()
    holed[:, 8:20, 8:20] = HOLE
    spoiled = torch.stack([noisy, holed])
    rows = {"original": images[:1].expand_as(spoiled), "spoiled": spoiled}
    rows["median"] = torch.from_numpy(median_filter(spoiled.numpy(), size=(1, 1, 3, 3)))
    with torch.no_grad():
        rows |= {name: model(spoiled) for name, model in models.items()}
    drawn = image_rows(rows, ["noise", "hole"])
    words = "A digit with noise, and with a hole, over what a median filter, a denoiser and an infiller make of them."
    return Figure(drawn.canvas, words)
