"""Regularisation: what codes cost in error, and what they are good for."""

from matplotlib.ticker import MaxNLocator

from aeutils.plots.points import write_beside
from aeutils.plots.style import PALETTE, Figure, figure, in_percent, new_canvas

FIRST = "0.45"
"""Colour of the first kind of code, which the others are compared with."""


@figure
def error_against_usefulness(results):
    """Each kind of code as a point: its test error to the right, the right answers of a linear probe upwards.

    A bar through each point spans the draws of the probe, from the least to the most right answers.

    results: {label: (reconstruction error, nearest-neighbour accuracy, right answers of the probe in each draw)},
    the last (draws,); shares from 0 to 1. A grey line marks the first, such as the pixels, for comparison.
    """
    canvas = new_canvas(5.6)
    axes = canvas.subplots()
    first = next(iter(results.values()))[2].mean().item()
    axes.axhline(first, color="0.7", lw=1.5, ls="--")
    for colour, (error, _, shares) in zip(_colours(results), results.values(), strict=True):
        axes.vlines(error, shares.min(), shares.max(), color=colour, alpha=0.5)
        axes.plot(error, shares.mean().item(), "o", color=colour, markersize=13)
    largest = max(error for error, _, _ in results.values())
    axes.set(
        xlabel="reconstruction error (test)",
        ylabel="right answers of a linear probe",
        xlim=(-0.04 * largest, 1.3 * largest),
    )
    axes.margins(y=0.12)
    in_percent(axes.yaxis)
    write_beside(axes, {label: (error, shares.mean().item()) for label, (error, _, shares) in results.items()})
    return Figure(
        canvas, f"Right answers of a linear probe against reconstruction error, a point for each: {', '.join(results)}."
    )


@figure
def code_comparison(results):
    """Kinds of codes under one another: test error, nearest-neighbour accuracy, right answers of a linear probe.

    results: as in error_against_usefulness. Each draw of the probe is a small dot, their mean a large one; grey lines
    mark the first.
    """
    canvas = new_canvas(1.3 + 0.55 * len(results))
    left, middle, right = canvas.subplots(1, 3, sharey=True, width_ratios=[1, 1, 1.3])
    rows = range(len(results))
    colours = _colours(results)
    errors, agreements, draws = zip(*results.values(), strict=True)
    means = [shares.mean().item() for shares in draws]
    bars = left.barh(rows, errors, color=colours)
    left.bar_label(bars, fmt="%.1f", padding=4, fontsize=13)
    left.set(xlabel="error (test)", xlim=(0, 1.3 * max(errors)), yticks=rows, yticklabels=list(results))
    middle.scatter(agreements, rows, s=110, color=colours)
    middle.set(xlabel="nearest neighbour")
    for row, shares in zip(rows, draws, strict=True):
        right.plot(shares, [row] * len(shares), "o", color="0.6", markersize=4.5)
    right.scatter(means, rows, s=110, color=colours, zorder=3)
    right.set(xlabel="linear probe")
    for axes, reference in ((middle, agreements[0]), (right, means[0])):
        axes.axvline(reference, color="0.7", lw=1.5, ls="--", zorder=0)
        axes.xaxis.set_major_locator(MaxNLocator(3))
        in_percent(axes.xaxis)
        axes.margins(x=0.15)
    left.invert_yaxis()
    canvas.get_layout_engine().set(w_pad=0.15)  # else the last number of a panel touches the first of the next
    return Figure(
        canvas,
        "Reconstruction error, neighbours of the same kind, and right answers of a linear probe in each draw, for "
        f"{', '.join(results)}.",
    )


def _colours(results):
    """A colour for each kind of code: grey for the first."""
    return [FIRST] + [PALETTE[0]] * (len(results) - 1)
