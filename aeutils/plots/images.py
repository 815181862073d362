"""Images: side by side, pixel by pixel, with signs."""

import numpy as np
import torch

from aeutils.errors import InputError
from aeutils.metrics import per_pixel_error, reconstruction_error
from aeutils.plots.style import PALETTE, WIDTH, Figure, draw_image, draw_signed_image, drawable, figure, new_canvas

LINE, MOST = 20, 1000
"""Images in one line at most; a longer row goes on in the next. And in a row at most, or no one could see them."""


@figure
def images(rows, titles=None, errors=False):
    """Rows of images under one another, such as originals over reconstructions, in grey or in colour.

    rows: {label: images (n, 1 or 3, height, width)}, or one row alone, without a label. Tensors, arrays, lists of
    images and single images will do, bytes as well as floats. Rows of more than 20 go on in further lines.
    titles: a text for each image of the first row. errors: True writes each image's reconstruction error against
    the first row under it. Raises InputError for what is no image, and for more than 1,000 in a row.

    >>> originals = torch.rand(6, 1, 28, 28)
    >>> ae.plots.images({"original": originals, "darker": originals / 2}, errors=True)
    Figure: Rows of 6 images: original, darker; under each image its reconstruction error.
    """
    rows = _as_rows(rows)
    count = max(len(row) for row in rows.values())
    if titles is not None and len(titles) < len(next(iter(rows.values()))):
        raise InputError(f"there are {len(titles)} titles; expected one for each image of the first row")
    notes = {} if titles is None else {0: list(map(str, titles))}
    if errors:
        first, *others = rows.values()
        compared = [[f"{_error(*pair):.1f}" for pair in zip(row, first, strict=False)] for row in others]
        notes |= dict(enumerate(compared, 1))
    canvas = _canvas(rows, draw_image, notes)
    colour = any(len(image) == 3 for row in rows.values() for image in row)
    note = "; under each image its reconstruction error" if errors else ""
    return Figure(canvas, f"Rows of {count} images{_names(rows)}{note}.", full_colour=colour)


def _names(rows):
    """The labels of rows as the end of a sentence; nothing where no row has one."""
    names = [str(label) for label in rows if label not in (None, "")]
    return f": {', '.join(names)}" if names else ""


def _as_rows(rows):
    """{label: list of float images (channels, height, width)} of what can be meant by rows. Raises InputError."""
    found = {label: _as_list(images) for label, images in (rows if isinstance(rows, dict) else {None: rows}).items()}
    longest = max(map(len, found.values()), default=0)
    if not 0 < longest <= MOST:
        advice = f"expected {{label: images (n, 1, height, width)}} with n from 1 to {MOST:,}, such as images[:100]"
        raise InputError(f"there are {longest:,} images to draw in a row; {advice}")
    return found


def _as_list(images):
    """One or many images, in any of the usual orders of axes, as a list of tensors (channels, height, width)."""
    if isinstance(images, list | tuple) and all(isinstance(each, torch.Tensor | np.ndarray) for each in images):
        return [image for each in images for image in _as_list(each)]
    tensor = drawable(images)
    if tensor.ndim == 2 or (tensor.ndim == 3 and 3 not in tensor.shape[::2] and len(tensor) != 1):
        tensor = tensor.unsqueeze(-3)  # grey, and without an axis that says so
    if tensor.ndim in (3, 4) and tensor.shape[-3] not in (1, 3):
        tensor = tensor.movedim(-1, -3)  # matplotlib and Pillow have the channels last
    if tensor.ndim not in (3, 4) or tensor.shape[-3] not in (1, 3):
        shape = tuple(tensor.shape)
        raise InputError(f"images have shape {shape}; expected (n, channels, height, width) with 1 or 3 channels")
    return [tensor] if tensor.ndim == 3 else list(tensor)


def _canvas(rows, draw, notes=None):
    """A canvas with one line of at most 20 images on each axes: axes for every image would take a minute for 300.

    draw: draw_image or draw_signed_image. notes: {row: texts}, above the first row, under all others.
    """
    notes = notes or {}
    longest = max(map(len, rows.values()))
    length = min(longest, LINE)
    starts = range(0, longest, LINE)
    lines = [(row, label, start) for start in starts for row, label in enumerate(rows) if rows[label][start:]]
    letters = max(len(part) for label in rows for part in str(label or "").split("\n"))
    side = min((WIDTH - 0.13 * letters) / length, 1.9)
    written = sum(row in notes for row, *_ in lines)
    canvas = new_canvas(len(lines) * side + written * 0.3 + 0.2)
    for axes, (row, label, start) in zip(canvas.subplots(len(lines), squeeze=False)[:, 0], lines, strict=True):
        line = rows[label][start : start + LINE]
        for column, image in enumerate(line):
            _, height, width = image.shape
            draw(axes, image, extent=(column + 0.04, column + 0.96, 0.92 * height / width, 0))
        tallest = max(0.92 * image.shape[1] / image.shape[2] for image in line)
        texts = dict(enumerate(notes.get(row, [])[start : start + LINE]))
        axes.set_xticks([at + 0.5 for at in texts], texts.values(), fontsize=max(10, min(15, 150 / length)))
        axes.tick_params(length=0, labeltop=row == 0, labelbottom=row > 0)
        axes.set(xlim=(0, length), ylim=(tallest, 0), anchor="W")  # centred, a label could run out of the canvas
        axes.set_ylabel(label or "", rotation=0, ha="right", va="center")
    return canvas


def _error(reconstruction, original):
    """The reconstruction error of one image."""
    return reconstruction_error(reconstruction[None], original[None])


@figure
def pixel_by_pixel(original, reconstruction):
    """Original, reconstruction and difference of one image (1, 1, height, width), and all its pixels as a scatter.

    Raises InputError for what cannot be drawn.

    >>> image = torch.rand(1, 1, 28, 28)
    >>> ae.plots.pixel_by_pixel(image, image.square())
    Figure: Original, reconstruction, their difference, and a scatter of each pixel out against in.
    """
    original, reconstruction = drawable(original), drawable(reconstruction)
    canvas = new_canvas(3.6)
    axes = canvas.subplots(1, 4)
    difference = (reconstruction - original)[0]
    draw_image(axes[0], original[0], "original")
    draw_image(axes[1], reconstruction[0], "reconstruction")
    draw_signed_image(axes[2], difference, "difference")
    axes[2].set_xlabel(f"at most {difference.abs().max():.3f}")
    axes[3].plot([0, 1], [0, 1], color="0.7", lw=1.5)
    axes[3].plot(original.flatten().numpy(), reconstruction.flatten().numpy(), ",", color=PALETTE[0], alpha=0.5)
    axes[3].set(xlabel="pixel in", ylabel="pixel out", xticks=[0, 1], yticks=[0, 1], box_aspect=1)
    axes[3].set_title(f"error per pixel\n{per_pixel_error(reconstruction, original):.5f}", fontsize=13)
    return Figure(canvas, "Original, reconstruction, their difference, and a scatter of each pixel out against in.")


@figure
def signed_images(rows):
    """Rows of images (n, 1, height, width) with values of both signs: orange below 0, white 0, purple above.

    rows: {label: images}, or one row alone, such as differences of images, or weights of a layer in the shape of
    images. Raises InputError for what is no image.

    >>> first_layer = ae.fully_connected((1, 28, 28), 8).encoder[1]
    >>> ae.plots.signed_images({"weights": first_layer.weight[:8].reshape(8, 1, 28, 28)})
    Figure: Rows of 8 images with positive and negative values: weights.
    """
    rows = _as_rows(rows)
    canvas, count = _canvas(rows, draw_signed_image), max(map(len, rows.values()))
    return Figure(canvas, f"Rows of {count} images with positive and negative values{_names(rows)}.")
