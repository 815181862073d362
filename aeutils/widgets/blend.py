"""From one digit to another: in pixels, and in the latent space."""

import copy

import torch

from aeutils.plots import Figure
from aeutils.plots import images as image_rows
from aeutils.validation import check_digit_images
from aeutils.widgets.assemble import bundle
from aeutils.widgets.base import Explorer, live_or_still
from aeutils.widgets.contents import Contents

COMPARED = 1000
"""The mixtures are compared with so many images."""


def blend(model, images):
    """Choose two images and go from one to the other, in pixels and in the latent space side by side.

    model: an Autoencoder for images (1, 28, 28); it is not changed. images: float32 (n, 1, 28, 28) in [0, 1],
    n at least 2; the first 100 can be chosen. In pixels the two are mixed; in the latent space their codes are, and
    the mixed code is decoded. Returns an Explorer, or a Figure where nobody can move anything.
    Raises InputError for what cannot work.
    """
    check_digit_images("images", images, model)
    model = copy.deepcopy(model).eval()
    return live_or_still(Blend, contents, still, model, images)


class Blend(Explorer):
    """The explorer: two images, the position between them, and both mixtures there."""

    _esm = bundle("blend.js")


def contents(model, images, **options):
    """The Contents of the explorer for a model in use; options: those of Contents."""
    made = Contents("blend", **options)
    made.images("images", images[:COMPARED])
    made.autoencoder(model, images[:1])
    return made


def mix(model, first, second, share):
    """Two mixtures (1, 28, 28) of two images (1, 28, 28), in pixels and in the latent space.

    share: from 0 for the first (reconstructed, in the latent space) to 1 for the second.
    """
    with torch.no_grad():
        codes = model.encoder(torch.stack([first, second]))
        return torch.lerp(first, second, share), model.decoder(torch.lerp(codes[:1], codes[1:], share))[0]


def still(model, images):
    """The Figure in the explorer's place: the way from the first image to the second in seven steps."""
    shares = [step / 6 for step in range(7)]
    pixels, latent = zip(*(mix(model, images[0], images[1], share) for share in shares), strict=True)
    drawn = image_rows({"in pixels": pixels, "in the latent space": latent}, [f"{share:.0%}" for share in shares])
    return Figure(
        drawn.canvas,
        "Two ways from one digit to another in seven steps: mixed in pixels, where one digit "
        "fades into the other, and in the latent space, where the decoder draws each step.",
    )
