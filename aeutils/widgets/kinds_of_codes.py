"""The codes of several autoencoders, number by number."""

import copy

import torch

from aeutils.errors import InputError
from aeutils.plots import Figure
from aeutils.plots import images as image_rows
from aeutils.validation import DIGIT, check_digit_images
from aeutils.widgets.assemble import bundle
from aeutils.widgets.base import FIRST, Explorer, live_or_still
from aeutils.widgets.contents import Contents

SIZES = (DIGIT, (1, 14, 14))
"""Of the images: digits, and digits at half their resolution."""
SHOWN = 8
"""So many changed latent variables at most stand in the figure."""


def kinds_of_codes(models, images):
    """See which latent variables respond to a digit, and change one by hand to see what the decoder makes of it.

    models: {kind of code, such as "sparse": Autoencoder for the images}, at least one; they are not changed.
    images: float32 (n, 1, 28, 28) in [0, 1], n at least 2; the first 100 can be chosen. At half the resolution, as
    in notebook 09, they are (n, 1, 14, 14).
    Returns an Explorer, or a Figure where nobody can move anything. Raises InputError for what cannot work.
    """
    if not isinstance(models, dict) or not models:
        given = f"a {type(models).__name__}" if not isinstance(models, dict) else "empty"
        raise InputError(f'models is {given}; expected a dictionary such as {{"plain": model}}')
    for model in models.values():
        check_digit_images("images", images, model, SIZES)
    models = {str(name): copy.deepcopy(model).eval() for name, model in models.items()}
    return live_or_still(KindsOfCodes, contents, still, models, images)


class KindsOfCodes(Explorer):
    """The explorer: a code as bars, one of which can be changed, and what the decoder makes of it."""

    _esm = bundle("kinds_of_codes.js")


def contents(models, images, **options):
    """The Contents of the explorer; options: those of Contents."""
    made = Contents("kinds_of_codes", **options)
    made.images("images", images[:FIRST])
    ranges = {}
    for name, model in models.items():
        with torch.no_grad():
            codes = model.encoder(images[:FIRST])
        ranges[name] = codes.abs().max().item() or 1.0
        made.network(f"{name} encoder", model.encoder, images[:1])
        made.network(f"{name} decoder", model.decoder, codes[:1])
    made.fields |= {"kinds": list(models), "ranges": ranges}
    return made


def still(models, images):
    """The Figure in the explorer's place: of each kind, the largest latent variables of one digit set to 0 in turn."""
    rows = {}
    for name, model in models.items():
        with torch.no_grad():
            code = model.encoder(images[:1])
            largest = code.flatten().abs().argsort(descending=True)
            changed = code.flatten(1).repeat(SHOWN + 1, 1)
            for number in range(1, SHOWN + 1):
                changed[number, largest[(number - 1) % len(largest)]] = 0
            rows[name] = model.decoder(changed.reshape(SHOWN + 1, *code.shape[1:]))
    drawn = image_rows(rows, ["all", *(f"\N{MINUS SIGN} {number}." for number in range(1, SHOWN + 1))])
    words = "A digit decoded from its code, and with each of the code's largest latent variables set to 0 in turn"
    return Figure(drawn.canvas, f"{words}; kinds of codes: {', '.join(models)}.")
