"""A digit of one's own, drawn by hand, through the autoencoder."""

import numpy as np
from PIL import Image, ImageDraw
import torch

from aeutils.models import measuring
from aeutils.plots import Figure, images
from aeutils.widgets.assemble import bundle
from aeutils.widgets.base import Explorer, live_or_still
from aeutils.widgets.centring import centre_digit
from aeutils.widgets.code_space import CodeSpace
from aeutils.widgets.contents import Contents

SIDE = 280
"""Side in pixels of the drawing that is made of strokes, before it is centred."""
PEN = 0.08
"""Width of a stroke as a share of the square: about that of MNIST's pens when a digit fills two thirds of it."""
EXAMPLES = {
    "seven": [[[0.3, 0.25], [0.7, 0.25], [0.42, 0.8]]],
    "four": [[[0.38, 0.2], [0.3, 0.52], [0.7, 0.52]], [[0.62, 0.2], [0.58, 0.8]]],
    "zero": [[[0.5 + 0.17 * np.cos(turn), 0.5 + 0.3 * np.sin(turn)] for turn in np.linspace(0, 2 * np.pi, 40)]],
    "house": [[[0.3, 0.8], [0.3, 0.45], [0.5, 0.22], [0.7, 0.45], [0.7, 0.8], [0.3, 0.8]], [[0.3, 0.45], [0.7, 0.45]]],
    "star": [[[0.5 + 0.3 * np.sin(turn), 0.5 - 0.3 * np.cos(turn)] for turn in np.arange(6) * 0.8 * np.pi]],
}
"""Strokes of the static figure: three digits and two drawings that are none."""


def draw_digit(model, images, labels):
    """Draw a digit by hand and see what the network sees, where its code lies, and its reconstruction.

    model: an Autoencoder for images (1, 28, 28); it is not changed. images: float32 (n, 1, 28, 28) in [0, 1],
    n at least 2, to compare with: their codes are the map, their errors the measure. labels: whole numbers (n,)
    from 0 to 9. The drawing is centred as MNIST's digits are (centre_digit). Draw something that is no digit, too.
    Returns an Explorer, or a Figure where nobody can draw. Raises InputError for what cannot work.
    """
    return live_or_still(DrawDigit, contents, still, CodeSpace(model, images, labels))


class DrawDigit(Explorer):
    """The explorer: a square to draw on, what the network sees, its reconstruction, and its code's place on the map."""

    _esm = bundle("draw_digit.js")


def contents(space, **options):
    """The Contents of the explorer; options: those of Contents."""
    made = Contents("draw_digit", **options)
    space.hand_over(made)
    made.array("errors", errors_of(space.model, space.images))
    made.autoencoder(space.model, space.images[:1])
    made.fields["pen"] = PEN
    return made


def drawing_of(strokes):
    """Strokes, lists of points [x, y] from 0 to 1, as a drawing (280, 280) of floats, ink 1 on 0."""
    image = Image.new("L", (SIDE, SIDE))
    draw, half = ImageDraw.Draw(image), PEN * SIDE / 2
    for stroke in strokes:
        points = [(x * SIDE, y * SIDE) for x, y in stroke]
        draw.line(points, fill=255, width=round(2 * half))
        for x, y in points:  # round ends and corners
            draw.ellipse([x - half, y - half, x + half, y + half], fill=255)
    return torch.from_numpy(np.array(image)).float() / 255


def errors_of(model, images):
    """The reconstruction error (n,) of each of the images (n, 1, 28, 28) by itself."""
    with measuring(model):
        parts = [(model.decoder(model.encoder(part)) - part).square().flatten(1).sum(1) for part in images.split(1000)]
    return torch.cat(parts)


def still(space):
    """The Figure in the explorer's place: drawings made beforehand over their reconstructions."""
    drawn = torch.cat([centre_digit(drawing_of(strokes)) for strokes in EXAMPLES.values()])
    with torch.no_grad():
        rows = {"drawn": drawn, "reconstruction": space.model(drawn)}
    figure = images(rows, list(EXAMPLES), errors=True)
    return Figure(
        figure.canvas,
        f"Drawings made by hand ({', '.join(EXAMPLES)}), centred as MNIST's digits are, over what the autoencoder "
        "makes of them; under each image its reconstruction error. The house and the star lose more than the digits.",
    )
