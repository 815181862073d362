"""Every figure of the course, in one look: large type, grey pictures without axes, colour-blind safe colours.

Each function returns a Figure: the last line of a cell shows it, with a description in words beside it.
"""

from functools import wraps
import io

from aeutils.metrics import per_pixel_error, reconstruction_error
import matplotlib
from matplotlib.figure import Figure as Canvas
from PIL import Image
import torch

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


class Figure:
    """A finished drawing and its description in words.

    canvas: the matplotlib figure. description: what it shows, for those who cannot see it; notebooks
    carry it as the picture's alt text and as its plain-text twin.
    """

    def __init__(self, canvas, description):
        self.canvas = canvas
        self.description = description

    def __repr__(self):
        return f"Figure: {self.description}"

    def save(self, path):
        """Write the drawing to a file; the ending (png, svg, pdf) chooses the format."""
        self.canvas.savefig(path)

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"image/png": self._png(), "text/plain": repr(self)}
        return bundle, {"image/png": {"alt": self.description}}

    def _png(self):
        """The drawing as a PNG of 128 colours: a third of the bytes, and no difference to the eye."""
        full, small = io.BytesIO(), io.BytesIO()
        self.canvas.savefig(full, format="png", dpi=100)
        Image.open(full).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
        return small.getvalue()


def figure(draw):
    """Decorator of every plot function: runs it in the course's style."""

    @wraps(draw)
    def styled(*args, **options):
        with matplotlib.rc_context(STYLE):
            return draw(*args, **options)

    return styled


@figure
def pictures(rows, titles=None, errors=False):
    """Rows of grey pictures under one another, such as originals over reconstructions.

    rows: {label: images (n, 1, height, width)}, every row with the same n. titles: n texts over the
    first row. errors: True writes each picture's reconstruction error against the first row under it.
    """
    labels, images = list(rows), list(rows.values())
    count = len(images[0])
    side = min(WIDTH / (count + 1), 2.1)
    canvas = Canvas(figsize=(WIDTH, len(rows) * (side * 1.08 + 0.35 * errors) + 0.45))
    grid = canvas.subplots(len(rows), count, squeeze=False)
    for row, label in enumerate(labels):
        for column in range(count):
            axes = grid[row, column]
            _picture(axes, images[row][column])
            if titles is not None and row == 0:
                axes.set_title(titles[column])
            if errors and row > 0:
                error = reconstruction_error(images[row][column][None], images[0][column][None])
                axes.set_xlabel(f"{error:.1f}")
        grid[row, 0].set_ylabel(label, rotation=0, ha="right", va="center")
    note = "; under each picture its reconstruction error" if errors else ""
    return Figure(canvas, f"Rows of {count} pictures: {', '.join(labels)}{note}.")


@figure
def pixel_by_pixel(original, reconstruction):
    """Original, reconstruction and difference of one image (1, 1, height, width), and all its pixels as a scatter."""
    canvas = Canvas(figsize=(WIDTH, 3.3))
    axes = canvas.subplots(1, 4)
    difference = (reconstruction - original)[0]
    _picture(axes[0], original[0], "original")
    _picture(axes[1], reconstruction[0], "reconstruction")
    _signed_picture(axes[2], difference, "difference")
    axes[2].set_xlabel(f"at most {difference.abs().max():.3f}")
    axes[3].plot([0, 1], [0, 1], color="0.7", lw=1.5)
    axes[3].plot(original.flatten().numpy(), reconstruction.flatten().numpy(), ",", color=PALETTE[0], alpha=0.5)
    axes[3].set(xlabel="pixel in", ylabel="pixel out", xticks=[0, 1], yticks=[0, 1], box_aspect=1)
    axes[3].set_title(f"error {per_pixel_error(reconstruction, original):.5f} per pixel", fontsize=13)
    return Figure(canvas, "Original, reconstruction, their difference, and a scatter of each pixel out against in.")


@figure
def signed_pictures(rows):
    """Rows of pictures (n, 1, height, width) with values of both signs: orange below 0, white 0, purple above."""
    count = len(next(iter(rows.values())))
    canvas = Canvas(figsize=(WIDTH, len(rows) * WIDTH / (count + 1) * 1.08 + 0.1))
    grid = canvas.subplots(len(rows), count, squeeze=False)
    for row, (label, images) in zip(grid, rows.items(), strict=True):
        for axes, image in zip(row, images, strict=True):
            _signed_picture(axes, image)
        row[0].set_ylabel(label, rotation=0, ha="right", va="center")
    return Figure(canvas, f"Rows of {count} pictures with positive and negative values: {', '.join(rows)}.")


@figure
def code_bars(code):
    """The numbers of one code (latent,) as bars."""
    canvas = Canvas(figsize=(WIDTH, 2.8))
    axes = canvas.subplots()
    axes.bar(range(1, len(code) + 1), code.numpy(), color=PALETTE[0])
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.axhline(0, color="black", lw=1)
    axes.set(xlabel="latent variable", ylabel="value", title=f"The code: {len(code)} numbers")
    return Figure(canvas, f"Bars: the {len(code)} numbers of one code.")


@figure
def learning_curves(histories, references=None):
    """Error against epoch for one or more Historys: solid on training, dashed on held-out images.

    histories: {label: History}. references: {label: error} drawn as grey horizontal lines.
    """
    canvas = Canvas(figsize=(WIDTH, 4))
    axes = canvas.subplots()
    for (label, history), colour in zip(histories.items(), PALETTE, strict=False):
        epochs = range(1, len(history.train_error) + 1)
        axes.plot(epochs, history.train_error, color=colour, label=label)
        if history.held_out_error:
            axes.plot(epochs, history.held_out_error, "--", color=colour)
    for label, error in (references or {}).items():
        axes.axhline(error, color="0.5", lw=1.5)
        axes.annotate(label, (1, error), xycoords=("axes fraction", "data"), ha="right", va="bottom", color="0.35")
    axes.set(xlabel="epoch", ylabel="reconstruction error", ylim=(0, None))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend()
    return Figure(canvas, f"Reconstruction error against epoch: {', '.join(histories)}.")


@figure
def error_by_latent_size(sizes, curves, floors):
    """Error against latent size, both axes logarithmic: curves with error bars, floors as grey lines.

    curves: {label: errors (seeds, sizes)}, drawn as mean with the range over the seeds.
    floors: {label: errors (sizes,)}.
    """
    canvas = Canvas(figsize=(WIDTH, 5))
    axes = canvas.subplots()
    for (label, errors), marker in zip(floors.items(), ["s", "^", "v"], strict=False):
        axes.plot(sizes, errors, f"--{marker}", color="0.5", label=label)
    for (label, errors), colour in zip(curves.items(), PALETTE, strict=False):
        low, mean, high = errors.amin(0), errors.mean(0), errors.amax(0)
        axes.errorbar(
            sizes,
            mean.numpy(),
            torch.stack([mean - low, high - mean]).numpy(),
            color=colour,
            marker="o",
            capsize=6,
            label=label,
        )
    axes.set(xscale="log", yscale="log", xlabel="latent variables", ylabel="reconstruction error (test)")
    axes.set_xticks(sizes, sizes)
    axes.set_yticks([5, 10, 20, 50], [5, 10, 20, 50])
    axes.minorticks_off()
    axes.legend()
    return Figure(canvas, f"Test error against the number of latent variables: {', '.join([*floors, *curves])}.")


def _picture(axes, image, title=None):
    """Draw one image (1, height, width) in grey, black 0 and white 1, without axes."""
    axes.imshow(image.detach().squeeze(0).numpy(), cmap="gray", vmin=0, vmax=1)
    axes.set(xticks=[], yticks=[], title=title)
    axes.spines[:].set_visible(False)


def _signed_picture(axes, image, title=None):
    """Draw one image (1, height, width) with values of both signs, white where it is 0."""
    largest = float(image.abs().max())
    axes.imshow(image.detach().squeeze(0).numpy(), cmap="PuOr", vmin=-largest, vmax=largest)
    axes.set(xticks=[], yticks=[], title=title)
    axes.spines[:].set_visible(False)
