"""The one look of all figures: large type, grey images without axes, colours that all readers can tell apart."""

from functools import wraps
import io

import matplotlib
import matplotlib.figure
from PIL import Image

PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
"""Colours that colour-blind readers can tell apart. Source: Okabe and Ito, Color Universal Design (2008)."""
STYLE = {
    "font.size": 15,
    "axes.titlesize": 16,
    "axes.labelsize": 15,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": matplotlib.cycler(color=PALETTE),
    "lines.linewidth": 2.5,
    "lines.markersize": 9,
    "legend.frameon": False,
    "image.cmap": "gray",
    "image.interpolation": "nearest",  # pixels stay pixels, and the stored PNG a fifth of the size
    "figure.constrained_layout.use": True,
}
WIDTH = 10
"""Width of every figure, in inches of 100 pixels."""
SCREEN, PROJECTOR = (1, 100), (1.2, 180)
"""How much larger letters and lines are beside the images, and pixels per inch of figures that shrink by as much."""
_scale = SCREEN


class Figure:
    """A finished drawing and its description in words.

    canvas: the matplotlib figure. description: what it shows, for those who cannot see it; notebooks
    carry it as the image's alt text and as its plain-text twin. full_colour: True where the colours themselves
    are what is shown, and few of them would not do.
    """

    def __init__(self, canvas, description, full_colour=False):
        self.canvas = canvas
        self.description = description
        self._full_colour = full_colour

    def __repr__(self):
        return f"Figure: {self.description}"

    def save(self, path):
        """Write the drawing to a file; the ending (png, svg, pdf) chooses the format."""
        self.canvas.savefig(path)

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"image/png": self._png(), "text/plain": repr(self)}
        return bundle, {"image/png": {"alt": self.description}}

    def _png(self):
        """The drawing as a PNG of 128 colours, or 64 levels of each primary: fewer bytes, no difference to the eye."""
        full, small = io.BytesIO(), io.BytesIO()
        self.canvas.savefig(full, format="png", dpi=_scale[1])
        image = Image.open(full).convert("RGB")
        if self._full_colour:
            image = image.point(lambda level: level & 0b11111100 | level >> 6)
        else:
            image = image.quantize(128, dither=Image.Dither.NONE)
        image.save(small, "PNG", optimize=True)
        return small.getvalue()


def figure(draw):
    """Decorator of every plot function: runs it in the course's style."""

    @wraps(draw)
    def styled(*args, **options):
        with matplotlib.rc_context(STYLE):
            return draw(*args, **options)

    return styled


def projector(on=True):
    """Draw all further figures for a projector: half as large again, with letters and lines larger still.

    on: False goes back to figures for a screen.
    """
    global _scale
    _scale = PROJECTOR if on else SCREEN


def new_canvas(height):
    """An empty canvas of the usual width and a height in inches of 100 pixels."""
    return matplotlib.figure.Figure(figsize=(WIDTH / _scale[0], height / _scale[0]))


def draw_image(axes, image, title=None):
    """Draw one image (1, height, width) in grey, black 0 and white 1, without axes."""
    axes.imshow(image.detach().squeeze(0).numpy(), cmap="gray", vmin=0, vmax=1)
    axes.set(xticks=[], yticks=[], title=title)
    axes.spines[:].set_visible(False)


def draw_signed_image(axes, image, title=None):
    """Draw one image (1, height, width) with values of both signs, white where it is 0."""
    largest = float(image.abs().max())
    axes.imshow(image.detach().squeeze(0).numpy(), cmap="PuOr", vmin=-largest, vmax=largest)
    axes.set(xticks=[], yticks=[], title=title)
    axes.spines[:].set_visible(False)
