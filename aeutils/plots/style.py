"""The one look of all figures: large type, grey images without axes, colours that all readers can tell apart."""

from functools import wraps
import io
from itertools import cycle
from pathlib import Path
import sys
import tempfile

import matplotlib
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
import matplotlib.figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, NullLocator
import numpy as np
from PIL import Image
import torch

from aeutils.errors import InputError
from aeutils.notebook import shell
from aeutils.validation import kind_of

PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
"""Colours that colour-blind readers can tell apart. Source: Okabe and Ito, Color Universal Design (2008)."""
PAPER = {
    **dict.fromkeys(["figure.facecolor", "axes.facecolor", "savefig.facecolor"], "white"),
    **dict.fromkeys(["text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"], "black"),
    "savefig.transparent": False,
    "axes.grid": False,
}
"""Black on opaque white, on a dark page, too, and whatever style matplotlib has been given."""
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
    **PAPER,
}
WIDTH = 10
"""Width of every figure, in inches of 100 pixels."""
SCREEN, PROJECTOR = (1, 100), (1.2, 180)
"""How much larger letters and lines are beside the images, and pixels per inch of figures that shrink by as much."""
SHARPNESS = 2
"""Stored pixels for each pixel shown, for screens that magnify."""
COMMON, RARE, GREYS, GREYS_ALONE = 12, 20, 16, 32
"""Colours of a figure, where they are not what it shows, and greys of a grey one. More make a notebook too large."""
_scale = SCREEN


class Figure:
    """A finished drawing and its description in words.

    As the last line of a cell it shows. Elsewhere, in a loop or an if, or where there are two in one cell, show() or
    IPython's display(figure) does that. In a terminal its description is printed, and show() says in which file to
    find the drawing; save(path) writes it. It is opaque and white, so that a dark page does not swallow its letters.

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

    def __str__(self):
        return f"{self!r} It shows as the last line of a cell, or with show(); save(path) writes it to a file."

    def show(self):
        """Show the drawing here and now: in a notebook under the cell; in a terminal print which file holds it."""
        if shell() and type(shell()).__name__ != "TerminalInteractiveShell":
            sys.modules["IPython"].display.display(self)
            return
        path = Path(tempfile.mkdtemp(prefix="aeutils-")) / "figure.png"
        path.write_bytes(self._png())
        print(f"{self!r} The drawing is in {path}")

    def save(self, path):
        """Write the drawing to a file; the ending (png, svg, pdf) chooses the format.

        Raises InputError for a format that there is none of, and where the file cannot be written.
        """
        try:
            with matplotlib.rc_context(PAPER):
                self.canvas.savefig(path)
        except (OSError, ValueError) as error:
            advice = "expected a file in an existing folder, with the ending .png, .svg or .pdf"
            raise InputError(f"the figure cannot be written to {path} ({error}); {advice}") from None

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"image/png": self._png(), "text/plain": repr(self)}
        scale, pixels_per_inch = _scale
        return bundle, {"image/png": {"alt": self.description, "width": round(WIDTH / scale * pixels_per_inch)}}

    def _png(self):
        """The drawing as a PNG of few colours, or 32 levels of each primary: fewer bytes, no difference to the eye."""
        small = io.BytesIO()
        with matplotlib.rc_context(PAPER):
            self.canvas.set_dpi(_scale[1] * SHARPNESS)
            drawing = FigureCanvasAgg(self.canvas)
            drawing.draw()  # once; savefig draws twice
        image = Image.fromarray(np.asarray(drawing.buffer_rgba())).convert("RGB")
        FigureCanvasBase(self.canvas)  # in place of drawing, which keeps all pixels, eight megabytes
        for text in self.canvas.findobj(Text):
            text._renderer = None  # texts keep them, too
        if self._full_colour:
            image = image.point(lambda level: round(round(level / 255 * 31) / 31 * 255))
        else:
            image = _few_colours(image)
        image.save(small, "PNG", compress_level=8)  # 9 takes twice the time for a hundredth of the bytes
        return small.getvalue()


def _few_colours(image):
    """An RGB image with a palette of few colours: grey stays grey, and what is filled with a colour keeps just that."""
    pixels = np.asarray(image)
    coloured = np.ptp(pixels, axis=2) > 8
    levels = GREYS if coloured.any() else GREYS_ALONE
    nearest_grey = np.rint(np.arange(256) / 255 * (levels - 1)).astype(np.uint8)
    places = nearest_grey[pixels[..., 1]]
    palette = np.linspace(0, 255, levels).round().repeat(3).astype(int).tolist()
    if coloured.any():
        colours = Image.fromarray(pixels[coloured][None])
        values, counts = np.unique(pixels[coloured] @ np.array([2**16, 2**8, 1], np.uint32), return_counts=True)
        common = values[counts.argsort()[-COMMON:], None] >> np.array([16, 8, 0]) & 255
        rare = colours.quantize(RARE, Image.Quantize.MAXCOVERAGE).getpalette()[: 3 * RARE]
        own = Image.new("P", (1, 1))
        own.putpalette(common.flatten().tolist() + rare)
        places[coloured] = np.asarray(colours.quantize(palette=own, dither=Image.Dither.NONE))[0] + levels
        palette += own.getpalette()[: 3 * (COMMON + RARE)]
    few = Image.fromarray(places).convert("P")
    few.putpalette(palette)
    return few


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

    >>> ae.plots.projector()
    >>> ae.plots.projector(False)
    """
    global _scale
    _scale = PROJECTOR if on else SCREEN


def new_canvas(height):
    """An empty canvas of the usual width and a height in inches of 100 pixels."""
    return matplotlib.figure.Figure(figsize=(WIDTH / _scale[0], height / _scale[0]))


def looks(markers="osD^v"):
    """Pairs (colour, marker) without end, so that no curve is left out. With 4 or 5 markers the first 28 differ."""
    return zip(cycle(PALETTE), cycle(markers), strict=False)


def drawable(values):
    """Numbers of any kind as a tensor that can be drawn: on the CPU, without gradients, bytes as floats in [0, 1].

    values: a tensor, an array, a list of numbers, or of tensors of one shape. Raises InputError for anything else.
    """
    try:
        if isinstance(values, list | tuple) and any(isinstance(each, torch.Tensor) for each in values):
            values = torch.stack([torch.as_tensor(each) for each in values])
        tensor = torch.as_tensor(np.require(values, None, "CW") if isinstance(values, np.ndarray) else values)
    except (TypeError, ValueError, RuntimeError):
        raise InputError(f"{kind_of(values)} cannot be drawn; expected a tensor, an array or a list of them") from None
    tensor = tensor.detach().cpu()
    return tensor / 255 if tensor.dtype == torch.uint8 else tensor.float()


def numbers(what, values, *dimensions, finite=False):
    """Numbers of any kind as an array of float64 with one of these numbers of dimensions.

    what: the name of the values in the message. finite: True where NaN and infinity cannot be drawn either.
    Raises InputError for anything else.
    """
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError):  # such as tensors with a history of gradients
        array = drawable(values).numpy()
    if array.dtype.kind not in "biuf":
        array = drawable(values).numpy()
    if array.ndim not in dimensions or array.size == 0:
        expected = " or ".join(["one number", "a list of numbers", "a table of numbers"][each] for each in dimensions)
        raise InputError(f"{what} has shape {array.shape}; expected {expected}")
    if finite and not np.isfinite(array).all():
        raise InputError(f"{what} holds NaN or infinity; expected finite numbers")
    return array.astype(float)


def by_label(values, what="values"):
    """{label: values} of what a plot function is given; raises InputError where it is no dictionary, or empty."""
    if not isinstance(values, dict) or not values:
        given = "empty" if isinstance(values, dict) else kind_of(values)
        raise InputError(f"{what} is {given}; expected {{label: numbers}}, such as {{'PCA': ...}}")
    return values


def draw_image(axes, image, title=None, extent=None):
    """Draw an image without axes: (1, height, width) in grey, black 0 and white 1, or (3, height, width) in colour.

    extent: left, right, bottom, top; by default the whole of the axes.
    """
    image = drawable(image)
    colour = image.ndim == 3 and len(image) == 3
    pixels = image.clamp(0, 1).permute(1, 2, 0) if colour else image.squeeze(0)
    axes.imshow(pixels.numpy(), cmap="gray", vmin=0, vmax=1, extent=extent)
    axes.set(xticks=[], yticks=[], title=title)
    axes.spines[:].set_visible(False)


def draw_signed_image(axes, image, title=None, extent=None):
    """Draw one image (1, height, width) with values of both signs, pale grey where it is 0. extent: as draw_image."""
    image = drawable(image)
    largest = float(image.abs().max())
    axes.imshow(image.squeeze(0).numpy(), cmap="PuOr", vmin=-largest, vmax=largest, extent=extent)
    axes.set(xticks=[], yticks=[], title=title)
    axes.spines[:].set_visible(False)


def legend_outside(axes, place="upper center", ncols=None, **options):
    """One legend outside of the panels, for what is labelled on these axes. ncols: by default as many as fit."""
    handles, labels = axes.get_legend_handles_labels()
    axes.figure.legend(handles, labels, loc=f"outside {place}", ncols=ncols or _columns(labels), **options)


def _columns(labels):
    """How many labels fit beside each other: there is room for 84 letters, and the sign before each takes 9."""
    room = int(84 / _scale[0])
    widths = [9 + max(map(len, str(label).split("\n"))) for label in labels]
    return len(labels) if sum(widths) <= room else max(1, room // max(widths))


def in_percent(*axes):
    """Write the shares along these axes (such as axes.xaxis) in percent."""
    for axis in axes:
        axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share + 0:.4g}%"))  # 88.5 is not 88


def plain_ticks(*axes):
    """Write 1, 2, 5, 10, 20 ... along these logarithmic axes (such as axes.xaxis), in plain digits."""
    for axis in axes:
        low, high = axis.get_view_interval()
        marks = [factor * 10**power for power in range(-3, 8) for factor in (1, 2, 5)]
        axis.set_ticks([mark for mark in marks if low <= mark <= high])
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def draw_references(axes, references):
    """Draw grey horizontal lines, {label: height}, each with its label at the right."""
    for label, height in references.items():
        axes.axhline(height, color="0.5", lw=1.5)
        axes.annotate(label, (1, height), xycoords=("axes fraction", "data"), ha="right", va="bottom", color="0.35")


def draw_marks(axes, marks):
    """Draw grey vertical lines, {label: place}, each with its label at the top, right of it."""
    for label, place in marks.items():
        axes.axvline(place, color="0.35", lw=2)
        axes.annotate(label, (place, 1), (6, -4), ("data", "axes fraction"), "offset points", va="top")


def write_numbers(axes, table, form, white, **text):
    """Write numbers (rows, columns) into the cells of a drawn table. form: such as ".2f". white: where in white."""
    for row, line in enumerate(table):
        for column, number in enumerate(line):
            colour = "white" if white[row, column] else "black"
            axes.text(column, row, f"{number:{form}}", color=colour, ha="center", va="center", **text)
