"""Depth: how networks are built, what they cost and what they reach, and what they know by heart."""

from itertools import accumulate, cycle

import torch

from aeutils.errors import InputError
from aeutils.plots.curves import slow_looks
from aeutils.plots.style import PALETTE, Figure, draw_references, drawable, figure, legend_outside, looks, new_canvas


@figure
def layer_sizes(networks):
    """The sizes of the layers of one or more networks, a bar for each layer, high for many numbers.

    networks: {label: [numbers in each layer, from the image to its reconstruction]}; the smallest is the code.
    """
    canvas = new_canvas(4)
    for axes, (label, sizes) in zip(canvas.subplots(1, len(networks), squeeze=False)[0], networks.items(), strict=True):
        colours = [PALETTE[1] if size == min(sizes) else PALETTE[0] for size in sizes]
        axes.bar(range(len(sizes)), sizes, width=0.6, color=colours)
        for position, size in enumerate(sizes):
            axes.annotate(size, (position, size), xytext=(0, 4), textcoords="offset points", ha="center", fontsize=13)
        axes.set(xlim=(-0.7, max(len(sizes), 5) - 0.3), xticks=[], yticks=[], xlabel="in → code → out")
        axes.set_title(label, pad=22)
        axes.spines["left"].set_visible(False)
    canvas.axes[0].set_ylabel("numbers in the layer")
    return Figure(canvas, f"Bars: how many numbers each layer has, from image to code and back: {', '.join(networks)}.")


@figure
def error_against_cost(parameters, histories, baselines):
    """Test error against the number of parameters (left) and against the seconds of training (right).

    parameters: {label: count}. histories: {label: [a History with held-out errors for each seed]}, for the same labels.
    baselines: {label: error} drawn as grey horizontal lines.
    """
    canvas = new_canvas(4.6)
    left, right = canvas.subplots(1, 2, sharey=True)
    for (label, several), (colour, marker) in zip(histories.items(), looks(), strict=False):
        last = [history.held_out_error[-1] for history in several]
        left.plot([parameters[label] / 1000] * len(last), last, marker, color=colour, markersize=11, label=label)
        for history in several:
            right.plot(list(accumulate(history.seconds)), history.held_out_error, f"-{marker}", color=colour, lw=1.5)
    draw_references(left, baselines)
    for height in baselines.values():  # named at the left: at the right the curves would cross its name
        right.axhline(height, color="0.5", lw=1.5)
    left.set(xlabel="parameters, in thousands", ylabel="reconstruction error (test)", ylim=(0, None))
    left.set_xlim(0, 1.25 * max(parameters.values()) / 1000)
    right.set(xlabel="seconds (a point per epoch)", xlim=(0, None))
    right.locator_params(axis="x", nbins=6)
    legend_outside(left, ncols=len(histories))
    return Figure(canvas, f"Test error against parameters, and against seconds of training: {', '.join(histories)}.")


@figure
def training_against_test(errors, others="test images"):
    """Reconstruction error on the images a network was trained on, beside the error on others, as bars.

    errors: {label: (on training images, on the others)}. others: what those are called.
    """
    canvas = new_canvas(0.9 + 1.25 * len(errors))
    axes = canvas.subplots()
    for offset, colour, column, name in [(-0.2, PALETTE[0], 0, "training images"), (0.2, PALETTE[1], 1, others)]:
        heights = [pair[column] for pair in errors.values()]
        bars = axes.barh([row + offset for row in range(len(errors))], heights, 0.38, color=colour, label=name)
        axes.bar_label(bars, fmt="%.1f", padding=4)
    axes.set(xlabel="reconstruction error", yticks=range(len(errors)), yticklabels=list(errors))
    axes.set_xlim(0, 1.12 * max(map(max, errors.values())))
    axes.invert_yaxis()
    legend_outside(axes, ncols=2)
    return Figure(canvas, f"Bars: reconstruction error on training and on {others}: {', '.join(errors)}.")


@figure
def decoded_surfaces(points, surfaces):
    """Points in space, and the surface that each decoder with two latent variables spans among them.

    points: (n, 3), drawn grey. surfaces: {title: (rows, columns, 3)}, a lattice of decoded points.
    """
    canvas = new_canvas(4)
    panels = canvas.subplots(1, len(surfaces), squeeze=False, subplot_kw={"projection": "3d"})[0]
    for axes, (title, surface), colour in zip(panels, surfaces.items(), PALETTE, strict=False):
        axes.plot(*points.T, ls="", marker=".", color="0.6", markersize=3)
        axes.plot_wireframe(*surface.permute(2, 0, 1).numpy(), color=colour, lw=1.2)
        axes.set(xticks=[], yticks=[], zticks=[], xlim=(0, 1), ylim=(0, 1), zlim=(0, 1))
        axes.set_title(title)
        axes.view_init(elev=24, azim=-62)
        axes.set_box_aspect(None, zoom=1.1)
    return Figure(canvas, f"Grey points in space, and in each panel a decoded surface: {', '.join(surfaces)}.")


@figure
def error_by_latent_size(sizes, curves, baselines):
    """Error against latent size, both axes logarithmic: curves with error bars, baselines as grey lines.

    curves: {label: errors (seeds, sizes)}, drawn as mean with the range over the seeds. From the eighth on, markers
    tell curves of one colour apart.
    baselines: {label: errors (sizes,)}.
    """
    canvas = new_canvas(5)
    axes = canvas.subplots()
    for (label, errors), marker in zip(baselines.items(), cycle("s^vDo"), strict=False):
        axes.plot(sizes, errors, f"--{marker}", color="0.5", label=label)
    for (label, errors), look in zip(curves.items(), slow_looks(), strict=False):
        errors = drawable(errors)
        if errors.ndim != 2 or errors.shape[1] != len(sizes):
            fault = f"the errors of {label} have shape {tuple(errors.shape)}"
            raise InputError(f"{fault}; expected (seeds, sizes), here (n, {len(sizes)})")
        low, mean, high = errors.amin(0), errors.mean(0), errors.amax(0)
        axes.errorbar(
            sizes,
            mean.numpy(),
            torch.stack([mean - low, high - mean]).numpy(),
            **look,
            capsize=6,
            label=label,
        )
    axes.set(xscale="log", yscale="log", xlabel="latent variables", ylabel="reconstruction error (test)")
    axes.set_xticks(sizes, sizes)
    axes.set_yticks([5, 10, 20, 50], [5, 10, 20, 50])
    axes.minorticks_off()
    axes.legend()
    return Figure(canvas, f"Test error against the number of latent variables: {', '.join([*baselines, *curves])}.")
