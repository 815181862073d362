"""A small autoencoder that trains in the page while one looks."""

from functools import partial

import torch

from aeutils.data import Digits
from aeutils.errors import InputError
from aeutils.models import fully_connected
from aeutils.plots import Figure
from aeutils.plots import images as image_rows
from aeutils.training import fit
from aeutils.widgets.assemble import bundle
from aeutils.widgets.base import Explorer, live_or_still
from aeutils.widgets.contents import Contents

TRAINED = 1000
"""So many digits it trains on."""
EPOCHS = [0, 2, 5, 12]
"""Moments of the static figure."""


def watch_it_learn(digits):
    """Watch an autoencoder learn: start, pause and restart its training, and change its size and learning rate.

    digits: what ae.load_mnist() returns. The page itself trains 784-64-2-64-784 on the first 1,000 training digits, in
    the background. The error, the codes and ten reconstructions change while it does. Returns an Explorer, or a Figure
    where nobody can move anything. Raises InputError for other digits.
    """
    if not isinstance(digits, Digits):
        raise InputError(f"digits is a {type(digits).__name__}; expected what ae.load_mnist() returns")
    images, labels = digits.train_images[:TRAINED], digits.train_labels[:TRAINED]
    return live_or_still(WatchItLearn, partial(contents, labels=labels), still, images)


class WatchItLearn(Explorer):
    """The explorer: buttons, two sliders, the error, the map of the codes, and ten reconstructions."""

    _esm = bundle("watch_it_learn.js")


def contents(images, labels, **options):
    """The Contents of the explorer; options: those of Contents."""
    made = Contents("watch_it_learn", **options)
    made.images("images", images)
    made.numbers("labels", labels)
    return made


def still(images):
    """The Figure in the explorer's place: ten reconstructions at four moments of such a training."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = fully_connected((1, 28, 28), 2, (64,))
    rows = {"original": images[:10]}
    for before, epoch in zip([0, *EPOCHS], EPOCHS, strict=False):
        if epoch > before:
            fit(model, images, epoch - before, batch_size=50, learning_rate=0.01)
        with torch.no_grad():
            rows[f"epoch {epoch}"] = model(images[:10])
    words = "Ten digits over their reconstructions by a network with 2 latent variables, before training and after"
    return Figure(image_rows(rows).canvas, f"{words} {', '.join(map(str, EPOCHS[1:]))} epochs: they sharpen.")
