"""The latent space: flat maps of codes, decoded maps, what each component holds, how often neighbours agree."""

from matplotlib.ticker import MaxNLocator
import torch

from aeutils.plots.points import draw_map
from aeutils.plots.style import PALETTE, Figure, draw_image, figure, in_percent, new_canvas


@figure
def map_and_decoded_grid(points, labels, grid, across, upwards, what="component"):
    """A flat map of codes with a lattice drawn in, and beside it what the decoder makes of every lattice point.

    points: (n, 2), labels: int64 (n,). across, upwards: coordinates (columns,) and (rows,), both rising, of the
    lattice. grid: decoded images (rows, columns, 1, height, width) of the lattice points in the same order.
    what: what each axis shows the first and the second of.
    """
    canvas = new_canvas(5.4)
    left, right = canvas.subplots(1, 2)
    draw_map(left, points, labels)
    columns, rows = torch.meshgrid(across, upwards, indexing="xy")
    small = min(7, 60 / len(across))
    left.plot(columns.flatten(), rows.flatten(), "+", color="0.3", markersize=small, markeredgewidth=1)
    left.set(xlabel=f"first {what}", ylabel=f"second {what}", title="the codes")
    sheet = torch.cat([torch.cat(list(row), dim=2) for row in grid.flip(0)], dim=1)  # the highest row on top
    draw_image(right, sheet, "decoded at each +")
    return Figure(canvas, "Left a flat map of codes with a lattice of points, right the image decoded at each point.")


@figure
def by_component(shares, agreement):
    """What the components of codes hold: the share of variance of each, and two curves over how many are kept.

    shares: (components,), the variance of each as a share of the whole. agreement: {components kept: share of
    neighbours with the same label}.
    """
    canvas = new_canvas(4.4)
    left, right = canvas.subplots(1, 2)
    numbers = range(1, len(shares) + 1)
    left.bar(numbers, shares.numpy(), color=PALETTE[0])
    left.set(xlabel="component", ylabel="share of the variance", title="each component")
    left.yaxis.set_major_locator(MaxNLocator(4))
    for axes in (left, right):
        in_percent(axes.yaxis)
    left.set_xticks([1, *range(5, len(shares) + 1, 5)])
    right.plot(numbers, shares.cumsum(0), "-o", color=PALETTE[0], markersize=6, label="variance")
    right.plot(list(agreement), list(agreement.values()), "-s", color=PALETTE[1], label="nearest-neighbour accuracy")
    right.set(xlabel="first components kept", ylabel="share", ylim=(0, 1.05), title="together")
    right.legend(loc="lower right", fontsize=13)
    right.set_xticks([2, *range(5, len(shares) + 1, 5)])
    return Figure(
        canvas,
        "Left the share of variance in each component, right the variance and the neighbours of the same label "
        "against the number of components kept.",
    )


@figure
def share_bars(shares, chance, axis):
    """Horizontal bars of shares from 0 to 1, the value written at each, and a grey line for pure chance.

    shares: {label: share}, or a list of shares, one for each seed: then the bar is their mean, a black line goes from
    the lowest to the highest, and both are written at it. chance: the share that guessing gives. axis: what is counted.
    """
    canvas = new_canvas(0.62 * len(shares) + 1.1)
    axes = canvas.subplots()
    for row, given in enumerate(shares.values()):
        several = given if isinstance(given, list) else [given]
        low, high = min(several), max(several)
        axes.barh(row, sum(several) / len(several), color=PALETTE[0])
        if len(several) > 1:
            axes.plot([low, high], [row, row], "|-", color="black", markersize=12, markeredgewidth=2)
        text = f"{low:.0%}" if f"{low:.0%}" == f"{high:.0%}" else f"{low:.0%} to {high:.0%}"
        axes.annotate(text, (high, row), xytext=(8, 0), textcoords="offset points", va="center")
    axes.axvline(chance, color="0.6", lw=2)
    axes.annotate("chance", (chance, 1), xycoords=("data", "axes fraction"), ha="center", va="bottom", color="0.35")
    axes.set(xlabel=axis, xlim=(0, 1.2), yticks=range(len(shares)), yticklabels=list(shares))
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    in_percent(axes.xaxis)
    axes.invert_yaxis()
    return Figure(canvas, f"Bars, {axis}: {', '.join(shares)}; a line marks chance.")
