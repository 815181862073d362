"""Every figure of the course: a dozen for any experiment, and in lessons the drawings of single lessons.

Each function returns a Figure: the last line of a cell shows it, with a description in words beside it, and its
show() does so anywhere else. Images and numbers may be tensors, arrays or lists.
"""

from aeutils.plots import lessons
from aeutils.plots.bars import bars, columns
from aeutils.plots.curves import curves, learning_curves, roc_curves
from aeutils.plots.images import images, pixel_by_pixel, signed_images
from aeutils.plots.points import code_maps, heatmap, histogram, scatter
from aeutils.plots.style import Figure, projector

__all__ = [
    "Figure",
    "bars",
    "code_maps",
    "columns",
    "curves",
    "heatmap",
    "histogram",
    "images",
    "learning_curves",
    "pixel_by_pixel",
    "projector",
    "roc_curves",
    "scatter",
    "signed_images",
]


def __getattr__(name):
    """The drawings of single lessons, so that a notebook says ae.plots.cake(...)."""
    if name in lessons.__all__:
        return getattr(lessons, name)
    raise AttributeError(f"module 'aeutils.plots' has no attribute {name!r}")
