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
    canvas = (_one_by_one if count <= LINE else _in_lines)(rows, titles, errors)
    colour = any(len(image) == 3 for row in rows.values() for image in row)
    note = "; under each image its reconstruction error" if errors else ""
    return Figure(canvas, f"Rows of {count} images{_names(rows)}{note}.", full_colour=colour)


def _names(rows):
    """The labels of rows as the end of a sentence; none where there was one row without a label."""
    return "" if None in rows else f": {', '.join(map(str, rows))}"


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


def _one_by_one(rows, titles, errors):
    """A canvas with each image on axes of its own."""
    count, (first, *_) = max(len(row) for row in rows.values()), rows.values()
    side = min(WIDTH / (count + 1), 2.1)
    canvas = new_canvas(len(rows) * (side * 1.08 + 0.35 * errors) + 0.45)
    grid = canvas.subplots(len(rows), count, squeeze=False)
    for row, (places, (label, images)) in enumerate(zip(grid, rows.items(), strict=True)):
        for column, axes in enumerate(places):
            if column >= len(images):
                axes.set_axis_off()
                continue
            draw_image(axes, images[column])
            if titles is not None and row == 0:
                axes.set_title(titles[column])
            if errors and row > 0 and column < len(first):
                axes.set_xlabel(f"{_error(images[column], first[column]):.1f}")
        places[0].set_ylabel(label or "", rotation=0, ha="right", va="center")
    return canvas


def _in_lines(rows, titles, errors):
    """A canvas with lines of at most 20 images, each drawn at once: axes for every image would take minutes."""
    (first, *_), side = rows.values(), WIDTH / (LINE + 1)
    starts = range(0, max(len(row) for row in rows.values()), LINE)
    lines = [(row, label, start) for start in starts for row, label in enumerate(rows) if rows[label][start:]]
    canvas = new_canvas(len(lines) * (side * 1.08 + 0.3 * (errors or titles is not None)) + 0.45)
    for axes, (row, label, start) in zip(canvas.subplots(len(lines), squeeze=False)[:, 0], lines, strict=True):
        line = rows[label][start : start + LINE]
        strip, step = _side_by_side(line)
        draw_image(axes, strip)
        notes = {}
        if row == 0 and titles is not None:
            notes = dict(enumerate(titles[start : start + LINE]))
        elif row > 0 and errors:
            notes = {at: f"{_error(*pair):.1f}" for at, pair in enumerate(zip(line, first[start:], strict=False))}
        axes.set_xticks([at * step + step / 2 for at in notes], notes.values(), fontsize=10)
        axes.tick_params(length=0, labeltop=row == 0, labelbottom=row > 0)
        axes.set_ylabel(label or "", rotation=0, ha="right", va="center")
    return canvas


def _side_by_side(images):
    """Up to 20 images as one, as wide as 20, with white between them; and how far it is from one to the next."""
    if len({image.shape[1:] for image in images}) > 1:
        raise InputError(f"more than {LINE} images in a row have to be of one size; draw fewer at once")
    _, height, width = images[0].shape
    gap = max(1, width // 14)
    strip = torch.ones(max(map(len, images)), height, LINE * (width + gap))
    for at, image in enumerate(images):
        strip[:, :, at * (width + gap) : at * (width + gap) + width] = image
    return strip, width + gap


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
    count = max(len(row) for row in rows.values())
    canvas = new_canvas(len(rows) * WIDTH / (count + 1) * 1.08 + 0.1)
    grid = canvas.subplots(len(rows), count, squeeze=False)
    for places, (label, images) in zip(grid, rows.items(), strict=True):
        for axes, image in zip(places, images, strict=False):
            draw_signed_image(axes, image)
        for axes in places[len(images) :]:
            axes.set_axis_off()
        places[0].set_ylabel(label or "", rotation=0, ha="right", va="center")
    return Figure(canvas, f"Rows of {count} images with positive and negative values{_names(rows)}.")
