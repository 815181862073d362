"""Every figure of the course.

Each function returns a Figure: the last line of a cell shows it, with a description in words beside it.
"""

from aeutils.plots.curves import code_bars, error_by_latent_size, learning_curves
from aeutils.plots.look import Figure
from aeutils.plots.pictures import pictures, pixel_by_pixel, signed_pictures

__all__ = [
    "Figure",
    "code_bars",
    "error_by_latent_size",
    "learning_curves",
    "pictures",
    "pixel_by_pixel",
    "signed_pictures",
]
