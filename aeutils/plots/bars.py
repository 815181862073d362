"""Bars: horizontal ones with their values, upright ones side by side."""

from itertools import cycle

from matplotlib.ticker import MaxNLocator

from aeutils.errors import InputError
from aeutils.plots.style import PALETTE, Figure, by_label, figure, legend_outside, new_canvas, numbers


@figure
def bars(values, axis=""):
    """Horizontal bars under one another, the value written at each: what several methods reach.

    values: {label: number, not below 0}, or {measure: {label: number}} for a panel for each measure, all with the same
    labels. Instead of a number it may be a list, one for each seed: the bar is their mean, and each of them is a dot.
    Measures that never exceed 1 get two decimals, others one. axis: what is measured, where there is one panel.
    Raises InputError for anything else.

    >>> ae.plots.bars({"PCA": 18.4, "autoencoder": [11.8, 12.3]}, "reconstruction error")
    Figure: Bars: reconstruction error, for PCA, autoencoder.
    >>> ae.plots.bars({"error": {"PCA": 18.4, "deep": 8.2}, "seconds": {"PCA": 0.5, "deep": 21.0}})
    Figure: Bars: error and seconds, for PCA, deep.
    """
    values = by_label(values)
    panels = values if all(isinstance(each, dict) for each in values.values()) else {axis: values}
    labels = list(next(iter(panels.values())))
    canvas = new_canvas((1.3 if len(panels) > 1 else 1.1) + 0.55 * len(labels))
    grid = canvas.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (measure, several), colour in zip(grid, panels.items(), cycle(PALETTE), strict=False):
        if set(several) != set(labels):
            raise InputError(f"{measure} has the labels {list(several)}; expected those of the first panel, {labels}")
        _draw_bars(axes, [numbers(label, several[label], 0, 1, finite=True) for label in labels], colour)
        axes.set(xlabel=measure, yticks=range(len(labels)), yticklabels=labels)
        if len(panels) > 1:
            axes.xaxis.set_major_locator(MaxNLocator(5 if len(panels) < 4 else 2, steps=[1, 2, 5, 10]))
    grid[0].invert_yaxis()
    return Figure(canvas, f"Bars: {' and '.join(map(str, panels))}, for {', '.join(map(str, labels))}.")


def _draw_bars(axes, values, colour):
    """Horizontal bars, each as long as the mean of its values, which are drawn as dots where there are several."""
    runs = [each.reshape(-1) for each in values]
    highest = max(run.max() for run in runs)
    bars = axes.barh(range(len(runs)), [run.mean() for run in runs], color=colour)
    texts = [f"{run.mean():.2f}" if highest <= 1 else f"{run.mean():.1f}" for run in runs]
    for row, (run, text, bar) in enumerate(zip(runs, texts, bars, strict=True)):
        if len(run) > 1:
            axes.plot(run, [row] * len(run), "o", color="black", markersize=4.5)
        end = max(bar.get_width(), run.max())
        axes.annotate(text, (end, row), xytext=(7, 0), textcoords="offset points", va="center")
    axes.set_xlim(0, 1.18 * highest)


@figure
def columns(values, xlabel="", ylabel="", names=None, written=None, title=None):
    """Upright bars: the numbers of one list, or of several lists side by side.

    values: numbers (n,), or {label: numbers (n,)} for groups of bars. names: a text under each of the n; without
    them they are counted from 1. written: how to write each number over its bar, such as ".1f"; None: not at all.
    Raises InputError for anything else.

    >>> ae.plots.columns(torch.randn(20), "latent variable", "value")
    Figure: Bars: value against latent variable, 20 of them.
    >>> ae.plots.columns({"pixels": [0.95, 0.91], "code": [0.96, 0.93]}, "", "accuracy", ["3 or 5?", "4 or 9?"], ".0%")
    Figure: Bars: accuracy, 3 or 5?, 4 or 9?, by pixels, code.
    """
    groups = values if isinstance(values, dict) else {None: values}
    groups = {label: numbers(label or "the list", each, 1) for label, each in by_label(groups).items()}
    count = len(next(iter(groups.values())))
    for label, each in groups.items():
        if len(each) != count:
            raise InputError(f"{label} has {len(each)} numbers; expected {count}, as many as the first")
    if names is not None and len(names) != count:
        raise InputError(f"there are {len(names)} names; expected {count}, one for each number")
    canvas = new_canvas(2.8 if None in groups else 3.8)
    axes = canvas.subplots()
    draw_columns(axes, groups, form=written and f"{{:{written}}}")
    axes.axhline(0, color="black", lw=1)
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if names is None:
        axes.xaxis.get_major_locator().set_params(integer=True)
    else:
        axes.set_xticks(range(1, count + 1), names)
    what = " ".join(f"{ylabel or 'numbers'}{xlabel and ' against '}{xlabel}".split())
    which = f", {count} of them" if names is None else f", {', '.join(names)}"
    if None not in groups:
        legend_outside(axes)
        which += f", by {', '.join(map(str, groups))}"
    return Figure(canvas, f"Bars: {what}{which}.")


def draw_columns(axes, groups, form=None, narrow=1.0):
    """Groups of upright bars, {label: (n,)}, around the places 1 to n.

    form: how to write each number, as bar_label takes it. narrow: the width of a bar as a share of its room.
    """
    width = 0.8 / len(groups)
    for number, (label, values) in enumerate(groups.items()):
        shift = (number - (len(groups) - 1) / 2) * width
        places = [place + shift for place in range(1, len(values) + 1)]
        colour = PALETTE[number % len(PALETTE)]
        drawn = axes.bar(places, values, width * narrow, color=colour, label=label)
        if form:
            axes.bar_label(drawn, fmt=form)
