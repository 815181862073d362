"""Convolution: one step of it, its weights as a table, what it costs, what its filters see, and the checkerboard."""

from matplotlib.patches import Rectangle

from aeutils.plots.curves import draw_curves
from aeutils.plots.style import (
    PALETTE,
    Figure,
    draw_image,
    draw_references,
    draw_signed_image,
    figure,
    legend_outside,
    looks,
    new_canvas,
    write_numbers,
)


@figure
def convolution_step(image, kernel, made, row, column):
    """How a convolution computes one of its numbers: the window in the image, the kernel, the place in the result.

    image: (1, height, width). kernel: (side, side), an odd side. made: (1, height, width), with padding, so that
    the window around (row, column) of the image gives the number at (row, column) of made.
    """
    side = len(kernel)
    canvas = new_canvas(3.2)
    axes = canvas.subplots(1, 4)
    draw_image(axes[0], image, "image")
    window = image[0, row - side // 2 : row + side // 2 + 1, column - side // 2 : column + side // 2 + 1]
    draw_image(axes[1], window[None], "window")
    draw_signed_image(axes[2], kernel[None], "kernel")
    draw_signed_image(axes[3], made, "feature map")
    for panel, table, dark in (
        (axes[1], window, window < 0.5),
        (axes[2], kernel, kernel.abs() == kernel.abs().max()),
    ):
        write_numbers(panel, table, ".3g", dark, fontsize=14)
    for panel, width in ((axes[0], side), (axes[3], 1)):
        corner = (column - width / 2, row - width / 2)
        panel.add_patch(Rectangle(corner, width, width, fill=False, edgecolor=PALETTE[1], lw=2.5))
    axes[1].set_xlabel("× kernel …")
    axes[3].set_xlabel(f"… sum: {made[0, row, column]:.2f}")
    return Figure(
        canvas,
        f"An image with a window of {side} x {side} pixels, the numbers in it, the weights of the kernel, and the "
        "feature map with the pixel that their products sum up to.",
    )


@figure
def weight_tables(tables):
    """Layers as tables of weights, a row for each number that comes out, a column for each pixel; pale grey: no weight.

    tables: {title: weights (outputs, inputs)}.
    """
    canvas = new_canvas(5)
    for axes, (title, weights) in zip(canvas.subplots(1, len(tables), squeeze=False)[0], tables.items(), strict=True):
        draw_signed_image(axes, weights[None], title)
        axes.spines[:].set_visible(True)
        axes.set(xlabel=f"{weights.shape[1]} pixels in", ylabel=f"{weights.shape[0]} numbers out")
    return Figure(canvas, f"Weights as a table, one row for each number that comes out: {', '.join(tables)}.")


@figure
def error_by_kind(contestants, extra=None):
    """Test error of several kinds of networks against their parameters (left) and the seconds of training (right).

    contestants: {kind: [(parameters, seconds, error), ...]}, joined by a line in this order. extra:
    {label: (parameters, seconds, error)}, drawn as hollow points of their own.
    """
    canvas = new_canvas(4.8)
    left, right = canvas.subplots(1, 2, sharey=True)
    marks = looks("os^D")
    for kind, points in contestants.items():
        parameters, seconds, errors = zip(*points, strict=True)
        colour, marker = next(marks)
        left.plot(parameters, errors, f"-{marker}", color=colour, label=kind)
        right.plot(seconds, errors, f"-{marker}", color=colour)
    for label, (parameters, seconds, error) in (extra or {}).items():
        colour, marker = next(marks)
        left.plot(parameters, error, marker, mfc="none", mew=2.5, color=colour, markersize=11, label=label)
        right.plot(seconds, error, marker, mfc="none", mew=2.5, color=colour, markersize=11)
    ticks = [10_000, 30_000, 100_000, 300_000]
    left.set(xscale="log", xlabel="parameters", ylabel="reconstruction error (test)", ylim=(0, None))
    left.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    left.minorticks_off()
    right.set(xlabel="seconds of training", xlim=(0, None))
    legend_outside(left, ncols=3)
    names = ", ".join([*contestants, *(extra or {})])
    return Figure(canvas, f"Test error against parameters, and against seconds of training: {names}.")


@figure
def filters_and_maps(image, filters, maps, favourites, losses):
    """What the filters of a first layer see, one column for each: filter, feature map, patches it likes best.

    image: (1, height, width). filters, favourites: (n, 1, side, side). maps: (n, 1, height, width), none negative,
    drawn from 0 to the largest of all. losses: n numbers, by how much the error grows without the filter.
    """
    count = len(filters)
    canvas = new_canvas(4.4)
    grid = canvas.subplots(3, count + 1, width_ratios=[1.6] + [1] * count)
    draw_image(grid[1, 0], image, "digit")
    grid[1, 0].set_anchor("W")
    for axes in (grid[0, 0], grid[2, 0]):
        axes.axis("off")
    for column in range(count):
        draw_signed_image(grid[0, column + 1], filters[column])
        draw_image(grid[1, column + 1], maps[column] / maps.max())
        draw_image(grid[2, column + 1], favourites[column])
        grid[2, column + 1].set_xlabel(f"{losses[column]:+.1f}")
    written = ((0, 0.5, "filter"), (1, 0.5, "feature map"), (2, 0.5, "likes best"), (2, -0.18, "error without it"))
    for row, y, text in written:
        grid[row, 1].annotate(text, (-0.12, y), xycoords="axes fraction", ha="right", va="center")
    return Figure(
        canvas,
        f"A digit; for each of {count} filters its weights, its feature map, the mean of the patches it likes best, "
        "and by how much the error grows without it.",
    )


@figure
def overlap_counts(counts):
    """How many contributions each pixel gets, written into it, brighter for more.

    counts: {title: (height, width)}.
    """
    canvas = new_canvas(5)
    highest = max(float(count.max()) for count in counts.values())
    for axes, (title, count) in zip(canvas.subplots(1, len(counts), squeeze=False)[0], counts.items(), strict=True):
        draw_image(axes, count[None] / highest, title)
        write_numbers(axes, count, ".0f", count <= highest / 2)
    return Figure(canvas, f"How many contributions each pixel gets: {', '.join(counts)}.")


@figure
def checkerboard_curves(steps, curves, reference):
    """Share of an image's variation that is the finest pattern, on a logarithmic axis, against steps of training.

    steps: the numbers of steps, from 0. curves: {label: shares at these steps}. reference: {label: share}, drawn as a
    grey line.
    """
    canvas = new_canvas(4.4)
    axes = canvas.subplots()
    draw_curves(axes, steps, curves, "os^D")
    draw_references(axes, reference)
    axes.set(yscale="log", xlabel="steps of training", ylabel="share of the finest pattern")
    ticks = [0.001, 0.01, 0.1, 1]
    axes.set_yticks(ticks, [f"{tick:.1%}" if tick < 0.01 else f"{tick:.0%}" for tick in ticks])
    axes.minorticks_off()
    axes.legend()
    return Figure(canvas, f"The share of the finest pattern in decoded images against steps: {', '.join(curves)}.")
