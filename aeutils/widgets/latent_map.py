"""The latent space as a map on which one walks."""

import torch

from aeutils.plots import Figure, images
from aeutils.widgets.assemble import bundle
from aeutils.widgets.base import Explorer, live_or_still
from aeutils.widgets.code_space import CodeSpace
from aeutils.widgets.contents import Contents

SLIDERS = 4


def latent_map(model, images, labels):
    """Walk through the latent space: click on the map of codes, or move sliders, and see what is decoded there.

    model: an Autoencoder for images (1, 28, 28); it is not changed. images: float32 (n, 1, 28, 28) in [0, 1],
    n at least 2, encoded as the points of the map. labels: whole numbers (n,) from 0 to 9, for the colours only.
    The map shows the codes' first two principal components; its points are drawn as their digits, at most 1,500.
    Four sliders move along the first four components, in standard deviations. The others stay at their average.
    Returns an Explorer, or a Figure where nobody can move anything. Raises InputError for what cannot work.
    """
    return live_or_still(LatentMap, contents, still, CodeSpace(model, images, labels))


class LatentMap(Explorer):
    """The explorer: a map, the image decoded at its mark, and sliders that stay in step with the mark."""

    _esm = bundle("latent_map.js")


def contents(space, **options):
    """The Contents of the explorer; options: those of Contents."""
    made = Contents("latent_map", **options)
    space.hand_over(made)
    made.network("decoder", space.model.decoder, space.example)
    return made


def still(space):
    """The Figure in the explorer's place: walks along the components through the average code."""
    count, steps = min(SLIDERS, space.scores.shape[1]), torch.linspace(-3, 3, 7)
    walks = (steps[:, None] * torch.eye(count)[i] for i in range(count))
    rows = {f"component {i}": [space.decode(scores) for scores in walk] for i, walk in enumerate(walks, 1)}
    drawn = images(rows, [f"{step:+.0f}" if step else "average" for step in steps])
    words = f"What the decoder makes of codes along each of the first {count} principal components of the codes"
    return Figure(drawn.canvas, f"{words}, from 3 standard deviations below the average code to 3 above.")
