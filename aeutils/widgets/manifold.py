"""The two latent variables of a decoder as a map of what it makes of them."""

import copy

import torch

from aeutils.errors import InputError
from aeutils.plots import Figure
from aeutils.plots import images as image_rows
from aeutils.validation import DIGIT, check_labels, kind_of
from aeutils.widgets.assemble import bundle
from aeutils.widgets.base import Explorer, live_or_still
from aeutils.widgets.contents import Contents, check_finite

MAPPED = 500
"""So many codes at most are on the map."""
HEIGHTS = (1.2, 0, -1.2)
"""Of the walks in the static figure, in units of the second latent variable."""


def manifold(decoder, codes, labels):
    """Walk over all that a decoder of two latent variables can draw, laid out as the standard normal prior has it.

    decoder: a module that turns a code (1, 2) into an image (1, 1, 28, 28), such as that of a variational autoencoder;
    it is not changed. codes: float32 (n, 2), n at least 2, of digits, the first 500 of which the map can show, too.
    labels: whole numbers (n,) from 0 to 9. Equal areas of the map have equal shares of the prior's samples.
    Returns an Explorer, or a Figure where nobody can move anything. Raises InputError for what cannot work.
    """
    check_decoder(decoder, codes, "codes", "(n, 2)", 2)
    if codes.shape[1] != 2:
        raise InputError(f"codes has shape {tuple(codes.shape)}; expected (n, 2): a map has two dimensions")
    check_labels(labels, codes)
    decoder = copy.deepcopy(decoder).eval()
    return live_or_still(Manifold, contents, still, decoder, codes.detach(), labels)


def check_decoder(decoder, codes, name, wanted, dimensions):
    """Raise InputError unless codes are two or more of finite floats, of which a decoder makes digits.

    wanted: their shape in words. dimensions: how many it has.
    """
    if not isinstance(decoder, torch.nn.Module):
        raise InputError(f"decoder is {kind_of(decoder)}; expected a module, such as model.decoder")
    if not isinstance(codes, torch.Tensor) or not codes.is_floating_point():
        kind = codes.dtype if isinstance(codes, torch.Tensor) else kind_of(codes)
        raise InputError(f"{name} is {kind}; expected floats {wanted}")
    if codes.ndim != dimensions or len(codes) < 2:
        raise InputError(f"{name} has shape {tuple(codes.shape)}; expected {wanted} with n at least 2")
    if not codes.isfinite().all():
        raise InputError(f"{name} holds NaN or infinity; train the model anew with a smaller learning rate")
    check_finite(decoder)
    try:
        with torch.no_grad():
            made = decoder(codes[:1])
    except (RuntimeError, TypeError, ValueError) as error:
        raise InputError(f"decoder cannot take {name} of shape {tuple(codes[:1].shape)} ({error})") from None
    if not isinstance(made, torch.Tensor) or made.shape[1:] != DIGIT:
        shape = tuple(made.shape) if isinstance(made, torch.Tensor) else kind_of(made)
        raise InputError(f"decoder makes {shape} of one code; expected an image (1, 1, 28, 28)")


class Manifold(Explorer):
    """The explorer: the map of what is decoded, or of the codes, two sliders, and the image at the mark."""

    _esm = bundle("manifold.js")


def contents(decoder, codes, labels, **options):
    """The Contents of the explorer; options: those of Contents."""
    made = Contents("manifold", **options)
    made.array("codes", codes[:MAPPED])
    made.numbers("labels", labels[:MAPPED])
    made.network("decoder", decoder, codes[:1])
    return made


def still(decoder, codes, labels):
    """The Figure in the explorer's place: walks along the first latent variable at three values of the second."""
    places = torch.linspace(-2, 2, 9)
    rows = {}
    for height in HEIGHTS:
        walk = torch.stack([places, torch.full_like(places, height)], dim=1)
        with torch.no_grad():
            rows[f"second: {height:+.1f}" if height else "second: 0"] = decoder(walk)
    drawn = image_rows(rows, [f"{place:+.1f}" if place else "0" for place in places])
    words = "What the decoder makes of two latent variables: walks along the first, from -2 to 2"
    return Figure(drawn.canvas, f"{words}, at three values of the second.")
