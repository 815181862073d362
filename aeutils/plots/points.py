"""Points, shares and tables: scatter, maps of codes, histograms, heatmaps."""

from matplotlib.patheffects import withStroke
from matplotlib.ticker import PercentFormatter
import numpy as np
import torch

from aeutils.errors import InputError
from aeutils.plots.style import (
    PALETTE,
    Figure,
    by_label,
    draw_marks,
    drawable,
    figure,
    legend_outside,
    looks,
    new_canvas,
    numbers,
    plain_ticks,
    write_numbers,
)

TEN = ["#332288", "#88CCEE", "#44AA99", "#117733", "#999933", "#DDAA33", "#CC6677", "#882255", "#AA4499", "#777777"]
"""Ten colours for ten classes. Source: Paul Tol, Colour schemes (2021), muted. Not all ten can be told apart
by everybody, so every point is drawn as its digit, and each class's digit stands large near its middle."""


@figure
def scatter(points, xlabel="", ylabel="", star=None):
    """Points in a plane, one kind of marker for each label; where each label has one point, it stands beside it.

    points: {label: (n, 2)}, or {label: (x, y)}. star: the label of what the others are compared with, drawn as an
    orange star. Raises InputError for anything else.

    >>> ae.plots.scatter({"zeros": torch.randn(50, 2), "ones": torch.randn(50, 2) + 3}, "code 1", "code 2")
    Figure: Points, code 2 against code 1: zeros, ones.
    >>> ae.plots.scatter({"small": (3, 12.9), "large": (21, 8.2)}, "seconds", "error", star="large")
    Figure: Points, error against seconds: small, large; large is a star.
    """
    tables = {label: numbers(label, each, 1, 2, finite=True) for label, each in by_label(points, "points").items()}
    tables = {label: np.atleast_2d(each) for label, each in tables.items()}
    for label, table in tables.items():
        if table.shape[1] != 2:
            raise InputError(f"the points of {label} have shape {table.shape}; expected (n, 2)")
    if star is not None and star not in tables:
        raise InputError(f"star is {star!r}; expected one of {', '.join(map(str, tables))}")
    canvas = new_canvas(5)
    axes = canvas.subplots()
    single = all(len(table) == 1 for table in tables.values())
    for (label, table), (colour, marker) in zip(tables.items(), looks(), strict=False):
        style = {"color": PALETTE[0] if single else colour, "marker": "o" if single else marker, "markersize": 10}
        if label == star:
            style = {"color": PALETTE[1], "marker": "*", "markersize": 20}
        axes.plot(*table.T, ls="", alpha=1 if single else 0.7, label=label, **style)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    if single:
        _make_room(axes, np.concatenate(list(tables.values())))
        write_beside(axes, {label: table[0] for label, table in tables.items()})
    else:
        legend_outside(axes)
    aim = f"; {star} is a star" if star is not None else ""
    what = " ".join(f"{ylabel} against {xlabel}".split()) if xlabel and ylabel else "in a plane"
    return Figure(canvas, f"Points, {what}: {', '.join(map(str, tables))}{aim}.")


def _make_room(axes, points):
    """Room for the labels right of points (n, 2), and a vertical axis from 0 where they are all positive."""
    (left, bottom), (right, top) = points.min(0), points.max(0)
    room = (right - left) or abs(right) or 1
    axes.set_xlim(left - 0.1 * room, right + 0.35 * room)
    if bottom >= 0 and top > 0:
        axes.set_ylim(-0.05 * top, 1.15 * top)
    axes.margins(y=0.15)


def write_beside(axes, points):
    """Write each label near its point, {label: (x, y)}: to the right if there it touches no point and no label."""
    axes.figure.draw_without_rendering()  # the layout decides where points lie, in pixels
    half, border = 11, axes.get_window_extent().extents
    places = dict(zip(points, axes.transData.transform([*points.values()]), strict=True))
    taken = [(x - half, y - half, x + half, y + half) for x, y in places.values()]
    for label, (x, y) in places.items():
        text = axes.annotate(label, points[label], va="center")
        width = text.get_window_extent().width + 4
        boxes = [(x + dx, y + dy - half, x + dx + width, y + dy + half) for dx, dy in _spots(width)]
        inside = [box for box in boxes if border[0] < box[0] and box[2] < border[2]]
        box = min(inside or boxes, key=lambda box: sum(_shared(box, other) for other in taken))  # the first of the best
        taken.append(box)
        text.set_position(axes.transData.inverted().transform((box[0] + 2, box[1] + half)))
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})  # lines end before the letters


def _spots(width):
    """Where a label of this width may stand, the best first: its left edge and its height, in pixels from the point."""
    beside, above = [(17, 0), (17, -24), (17, 24)], [-width / 2, 0, -width]
    left = [(-17 - width, 0), (-17 - width, -24), (-17 - width, 24)]
    return (
        beside + [(dx, dy) for dy in (26, -26) for dx in above] + left + [(dx, dy) for dy in (48, -48) for dx in above]
    )


def _shared(one, other):
    """How many square pixels two boxes (left, bottom, right, top) share."""
    across, upwards = (min(one[2 + axis], other[2 + axis]) - max(one[axis], other[axis]) for axis in (0, 1))
    return max(across, 0) * max(upwards, 0)


@figure
def code_maps(maps, labels):
    """Flat maps of codes side by side, each point drawn as its digit.

    maps: {title: points (n, 2)}. labels: int64 (n,), digits from 0 to 9. Raises InputError for other shapes.

    >>> ae.plots.code_maps({"two latent variables": torch.randn(100, 2)}, torch.arange(100) % 10)
    Figure: Flat map of codes, every point drawn as its digit: two latent variables.
    """
    maps = {title: drawable(points) for title, points in by_label(maps, "maps").items()}
    for title, points in maps.items():
        if tuple(points.shape) != (len(labels), 2):
            shape = tuple(points.shape)
            raise InputError(f"the points of {title} have shape {shape}; expected (n, 2), here ({len(labels)}, 2)")
    canvas = new_canvas(7.5 if len(maps) == 1 else 5.4)
    for axes, (title, points) in zip(canvas.subplots(1, len(maps), squeeze=False)[0], maps.items(), strict=True):
        draw_map(axes, points, labels)
        axes.set(xlabel="first coordinate", ylabel="second coordinate", title=title)
    return Figure(canvas, f"Flat map of codes, every point drawn as its digit: {', '.join(maps)}.")


def draw_map(axes, points, labels):
    """Every point as its digit in its colour, at most 1,500 of them; each digit large near its middle."""
    for digit, colour in enumerate(TEN):
        own = points[:1500][labels[:1500] == digit]
        axes.plot(own[:, 0], own[:, 1], ls="", marker=f"${digit}$", color=colour, markersize=6, markeredgewidth=0.2)
    digits = labels.unique().tolist()
    middles = torch.stack([points[labels == digit].median(0).values for digit in digits])
    lowest = points.amin(0)
    size = (points.amax(0) - lowest).clamp(min=1e-9)
    places = lowest + _apart((middles - lowest) / size, 0.09) * size
    outline = [withStroke(linewidth=4, foreground="white")]
    for digit, (x, y) in zip(digits, places.tolist(), strict=True):
        text = axes.text(x, y, digit, color=TEN[digit], fontsize=24, weight="bold", ha="center", va="center")
        text.set_path_effects(outline)
    axes.set(xticks=[], yticks=[])


def _apart(places, least):
    """The places (n, 2), pushed away from each other until no two are nearer than the least distance."""
    for _ in range(200):
        away = places[:, None] - places
        distances = away.norm(dim=2).fill_diagonal_(least)
        if distances.min() >= 0.99 * least:
            break
        push = (least - distances).clamp(min=0) / 2 / distances.clamp(min=1e-6)
        places = places + (push[..., None] * away).sum(1)
    return places


@figure
def histogram(values, xlabel="", marks=None, bins=50, logarithmic=False):
    """How often values occur, in percent of all of their kind: one histogram for each kind.

    values: {label: numbers (n,)}, or numbers (n,) alone. marks: {label: x}, grey vertical lines, such as a threshold.
    bins: how many; from 0 on where the smallest number is below half of the largest. logarithmic: bins that
    grow, for numbers above 0 that differ many times over. Raises InputError for anything else.

    >>> errors = {"digits": torch.rand(500) * 20, "clothes": torch.rand(500) * 90 + 10}
    >>> ae.plots.histogram(errors, "reconstruction error", {"threshold": 19.0})
    Figure: Histograms, reconstruction error: digits, clothes; marked: threshold.
    """
    kinds = values if isinstance(values, dict) else {None: values}
    kinds = {label: numbers(label or "the list", each, 1, finite=True) for label, each in by_label(kinds).items()}
    edges = _edges(np.concatenate(list(kinds.values())), bins, logarithmic)
    canvas = new_canvas(3.8)
    axes = canvas.subplots()
    for (label, each), (colour, _) in zip(kinds.items(), looks(), strict=False):
        style = {"weights": np.full(len(each), 1 / len(each)), "color": colour}
        each = each.clip(edges[0], edges[-1])
        axes.hist(each, edges, histtype="stepfilled", alpha=0.3, **style)
        axes.hist(each, edges, histtype="step", linewidth=2.5, label=label, **style)
    axes.set(xlabel=xlabel, ylabel="share")
    axes.yaxis.set_major_formatter(PercentFormatter(1))  # with as many digits as the shares need
    if logarithmic:
        axes.set_xscale("log")
        plain_ticks(axes.xaxis)
    draw_marks(axes, marks or {})
    names = "" if None in kinds else f": {', '.join(map(str, kinds))}"
    if None not in kinds:
        legend_outside(axes)
    marked = f"; marked: {', '.join(marks)}" if marks else ""
    return Figure(canvas, f"Histograms, {' '.join(xlabel.split()) or 'numbers'}{names}{marked}.")


def _edges(values, bins, logarithmic):
    """Where the bins of a histogram of all these values (n,) begin and end, (bins + 1,)."""
    low, high = values.min(), values.max()
    if logarithmic:
        if high <= 0:
            raise InputError(f"the largest number is {high:g}; expected numbers above 0 for a logarithmic axis")
        return np.geomspace(max(low, high / 1e6), high, bins + 1)
    if low == high:
        return np.linspace(low - 0.5, high + 0.5, bins + 1)
    if 0 <= low < high / 2:
        low = 0  # how far numbers are from 0 is part of the picture
    return np.linspace(low, high, bins + 1)


@figure
def heatmap(table, rows=None, columns=None, xlabel="", ylabel="", written=None, title=None):
    """A table of numbers as coloured cells: white to purple, and where there are numbers below 0, orange for those.

    table: (rows, columns), such as how often each digit is taken for each other one. rows, columns: texts beside and
    under it. written: how to write each number into its cell, such as ".2f"; None: not at all.
    Raises InputError for anything else.

    >>> similarity = torch.eye(3) * 0.4 + 0.6
    >>> ae.plots.heatmap(similarity, ["3", "5", "8"], ["3", "5", "8"], written=".1f", title="cosine similarity")
    Figure: A table of 3 x 3 coloured cells, cosine similarity: 3, 5, 8 against 3, 5, 8.
    """
    table = numbers("the table", table, 2)
    for name, texts, count in (("rows", rows, len(table)), ("columns", columns, table.shape[1])):
        if texts is not None and len(texts) != count:
            raise InputError(f"there are {len(texts)} {name}; expected {count}, as many as the table has")
    canvas = new_canvas(min(7, 0.5 * len(table) + 1.7))
    axes = canvas.subplots()
    cells = draw_table(axes, table)
    canvas.colorbar(cells, ax=axes, pad=0.02)
    if written:
        pale, dark = (0.5, 0.35) if table.min() < 0 else (0, 0.65)  # where white is, how far from it is dark
        write_numbers(axes, table, written, abs(cells.norm(table) - pale) > dark, fontsize=13)
    if rows is not None:
        axes.set_yticks(range(len(table)), rows)
    if columns is not None:
        axes.set_xticks(range(table.shape[1]), columns)
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
    texts = [", ".join(map(str, each)) for each in (rows, columns) if each is not None]
    what = f", {title}" if title else ""
    names = f": {' against '.join(texts)}" if texts else ""
    return Figure(canvas, f"A table of {len(table)} x {table.shape[1]} coloured cells{what}{names}.")


def draw_table(axes, table):
    """Draw an array (rows, columns) as coloured cells as wide as the axes; returns what a colorbar explains."""
    largest = np.abs(table).max()
    if table.min() < 0:
        return axes.imshow(table, cmap="PuOr", vmin=-largest, vmax=largest, aspect="auto")
    return axes.imshow(table, cmap="Purples", aspect="auto")
