"""The latent space: flat maps of codes, decoded maps, what each component holds, how often neighbours agree."""

from aeutils.plots.style import PALETTE, Figure, draw_image, figure, new_canvas
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator, PercentFormatter
import torch

TEN = ["#332288", "#88CCEE", "#44AA99", "#117733", "#999933", "#DDAA33", "#CC6677", "#882255", "#AA4499", "#777777"]
"""Ten colours for ten classes. Source: Paul Tol, Colour schemes (2021), muted. Not all ten can be told apart
by everybody, so every point is drawn as its digit, and each class's digit stands large at its middle."""


@figure
def code_maps(maps, labels):
    """Flat maps of codes side by side, each point drawn as its digit.

    maps: {title: points (n, 2)}. labels: int64 (n,), digits from 0 to 9.
    """
    canvas = new_canvas(7.5 if len(maps) == 1 else 5.4)
    for axes, (title, points) in zip(canvas.subplots(1, len(maps), squeeze=False)[0], maps.items(), strict=True):
        _draw_map(axes, points, labels)
        axes.set(xlabel="first coordinate", ylabel="second coordinate", title=title)
    return Figure(canvas, f"Flat map of codes, every point drawn as its digit: {', '.join(maps)}.")


@figure
def map_and_decoded_grid(points, labels, grid, across, upwards):
    """A flat map of codes with a lattice drawn in, and beside it what the decoder makes of every lattice point.

    points: (n, 2), labels: int64 (n,). across, upwards: coordinates (columns,) and (rows,), both rising, of the
    lattice. grid: decoded images (rows, columns, 1, height, width) of the lattice points in the same order.
    """
    canvas = new_canvas(5.4)
    left, right = canvas.subplots(1, 2)
    _draw_map(left, points, labels)
    columns, rows = torch.meshgrid(across, upwards, indexing="xy")
    left.plot(columns.flatten(), rows.flatten(), "+", color="black", markersize=7, markeredgewidth=1.5)
    left.set(xlabel="first component", ylabel="second component", title="the codes")
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
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
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
def spread_bars(spread):
    """How much each latent variable varies over images: its standard deviation (latent,), in code units."""
    canvas = new_canvas(3)
    axes = canvas.subplots()
    axes.bar(range(1, len(spread) + 1), spread.numpy(), color=PALETTE[0])
    axes.set(xlabel="latent variable", ylabel="standard\ndeviation", title="How much each latent variable varies")
    axes.set_xticks([1, *range(5, len(spread) + 1, 5)])
    return Figure(canvas, f"Bars: the standard deviation of each of {len(spread)} latent variables over the images.")


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
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.invert_yaxis()
    return Figure(canvas, f"Bars, {axis}: {', '.join(shares)}; a line marks chance.")


@figure
def two_measures(points, horizontal, vertical, aim):
    """Candidates judged by two measures: a labelled point for each.

    points: {label: (x, y)}. horizontal, vertical: names of the measures. aim: the label of the point that the others
    are compared with, drawn as a star.
    """
    canvas = new_canvas(5)
    axes = canvas.subplots()
    for label, (x, y) in points.items():
        chosen = label == aim
        axes.plot(
            x, y, "*" if chosen else "o", color=PALETTE[1] if chosen else PALETTE[0], markersize=20 if chosen else 10
        )
        axes.annotate(label, (x, y), xytext=(12, 0), textcoords="offset points", va="center")
    xs, ys = zip(*points.values(), strict=True)
    room = max(xs) - min(xs)
    axes.set(xlabel=horizontal, ylabel=vertical, xlim=(min(xs) - 0.1 * room, max(xs) + 0.35 * room))
    axes.set_ylim(min(0, *ys) - 0.05 * max(ys), 1.15 * max(ys))
    return Figure(canvas, f"Points, {vertical} against {horizontal}: {', '.join(points)}; the aim is {aim}.")


def _draw_map(axes, points, labels):
    """Every point as its digit in its colour, at most 1,500 of them; each digit large at its middle."""
    for digit, colour in enumerate(TEN):
        own = points[:1500][labels[:1500] == digit]
        axes.plot(own[:, 0], own[:, 1], ls="", marker=f"${digit}$", color=colour, markersize=6, markeredgewidth=0.2)
    outline = [withStroke(linewidth=5, foreground="white")]
    for digit in labels.unique().tolist():
        x, y = points[labels == digit].median(0).values.tolist()
        text = axes.text(x, y, digit, color=TEN[digit], fontsize=30, weight="bold", ha="center", va="center")
        text.set_path_effects(outline)
    axes.set(xticks=[], yticks=[])
