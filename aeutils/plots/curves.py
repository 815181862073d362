"""Curves: any numbers against any others, errors against epochs, ROC curves."""

from itertools import cycle

from matplotlib.lines import Line2D
from matplotlib.transforms import offset_copy
import numpy as np

from aeutils.errors import InputError
from aeutils.plots.style import (
    PALETTE,
    Figure,
    by_label,
    draw_marks,
    draw_references,
    figure,
    in_percent,
    legend_outside,
    looks,
    new_canvas,
    numbers,
    plain_ticks,
)
from aeutils.training import History
from aeutils.validation import kind_of


@figure
def curves(lines, xlabel, ylabel, x=None, references=None, marks=None, logarithmic=""):
    """A curve for each of several lists of numbers, such as errors against the latent size.

    lines: {label: numbers (n,)}, or numbers (seeds, n): the curve is their mean, and a bar at each point spans the
    seeds. x: (n,), where the points stand; without it they are counted from 1. A list may end before the others.
    references: {label: number}, a grey line, or {label: numbers (n,)}, a grey dashed curve, to compare with.
    marks: {label: x}, grey vertical lines. logarithmic: "x", "y" or "xy", the axes that are; numbers above 0, then.
    Raises InputError for anything else.

    >>> errors = {"linear": [43.1, 26.5, 13.8], "deep": torch.tensor([[38.0, 18.2, 8.1], [38.9, 18.0, 8.3]])}
    >>> ae.plots.curves(errors, "latent variables", "reconstruction error", [2, 10, 30], {"mean image": 52.7})
    Figure: Curves, reconstruction error against latent variables: linear, deep; for comparison mean image.
    """
    lines = {label: numbers(label, values, 1, 2) for label, values in by_label(lines, "lines").items()}
    references = {label: numbers(label, values, 0, 1) for label, values in (references or {}).items()}
    longest = max(values.shape[-1] for values in [*lines.values(), *references.values()] if values.ndim)
    places = numbers("x", range(1, longest + 1) if x is None else x, 1)
    if len(places) < longest:
        raise InputError(f"x has {len(places)} numbers; expected {longest}, as many as the longest curve")
    canvas = new_canvas(4.8)
    axes = canvas.subplots()
    dashed = {label: values for label, values in references.items() if values.ndim}
    for (label, values), look in zip(dashed.items(), cycle(["--s", ":^", "-.v"]), strict=False):
        axes.plot(places[: len(values)], values, look, color="0.45", label=label)
    draw_curves(axes, places, lines)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    draw_references(axes, {label: float(value) for label, value in references.items() if not value.ndim})
    draw_marks(axes, marks or {})
    _scale(axes, logarithmic)
    if x is None:
        axes.xaxis.get_major_locator().set_params(integer=True)
    elif _far_apart(axes, places):
        axes.set_xticks(places, [f"{place:,.10g}" for place in places])
    legend_outside(axes)
    beside = f"; for comparison {', '.join(map(str, references))}" if references else ""
    what = " ".join(f"{ylabel} against {xlabel}".split())
    return Figure(canvas, f"Curves, {what}: {', '.join(map(str, lines))}{beside}.")


def draw_curves(axes, x, lines, markers="osD^v"):
    """Draw curves of points, {label: (n,) or (seeds, n)}, over the first n of x; seeds as their mean and range.

    The ranges of several curves stand side by side, none behind another.
    """
    for number, ((label, values), (colour, marker)) in enumerate(zip(lines.items(), looks(markers), strict=False)):
        values = np.atleast_2d(values)
        mean, places = values.mean(0), x[: values.shape[1]]
        axes.plot(places, mean, f"-{marker}", color=colour, label=label)
        if len(values) > 1:
            spans = [mean - values.min(0), values.max(0) - mean]
            axes.update_datalim([*zip(places, values.min(0), strict=True), *zip(places, values.max(0), strict=True)])
            aside = offset_copy(axes.transData, axes.figure, 4 * (number - (len(lines) - 1) / 2), units="points")
            axes.errorbar(places, mean, spans, fmt="none", ecolor=colour, capsize=5, transform=aside)


def _far_apart(axes, places):
    """Whether there is room for a number under each of these places."""
    steps = np.diff(np.sort(axes.transData.transform([(place, 1) for place in places])[:, 0]))
    return (steps > axes.bbox.width / 14).all()


def _scale(axes, logarithmic):
    """Make the named axes logarithmic; a linear axis of heights that are all positive begins at 0."""
    for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        if name in logarithmic:
            axes.set(**{f"{name}scale": "log"})
            low, high = axis.get_view_interval()
            if high < 10_000 * low:
                plain_ticks(axis)
    if "y" not in logarithmic and axes.dataLim.y0 > 0:
        axes.set_ylim(0, None)


@figure
def learning_curves(histories, references=None, logarithmic=False):
    """Error against epoch for one or more Historys: solid on training, dashed on held-out images.

    histories: {label: History}, or one History alone. From the eighth on, markers tell curves of one colour apart.
    references: {label: error} drawn as grey horizontal lines.
    logarithmic: True where errors begin so high that their end could not be read.
    Raises InputError where there is no History.

    >>> history = ae.History([40.2, 30.1, 25.3], [41.0, 32.2, 27.9], [1.0, 1.0, 1.0])  # what ae.fit returns
    >>> ae.plots.learning_curves({"2 latent variables": history}, {"mean image": 65.3})
    Figure: Reconstruction error against epoch: 2 latent variables.
    """
    histories = {"training": histories} if isinstance(histories, History) else histories
    if not isinstance(histories, dict) or not all(isinstance(each, History) for each in histories.values()):
        raise InputError(f"histories is {kind_of(histories)}; expected a History, or {{label: History}}")
    canvas = new_canvas(4)
    axes = canvas.subplots()
    for (label, history), look in zip(histories.items(), slow_looks(["", *"osD^v"]), strict=False):
        epochs = range(1, len(history.train_error) + 1)
        axes.plot(epochs, history.train_error, **look, markevery=0.1, label=label)
        if history.held_out_error:
            axes.plot(epochs, history.held_out_error, "--", **look, markevery=0.1)
    draw_references(axes, references or {})
    axes.set(xlabel="epoch", ylabel="reconstruction error")
    if logarithmic:
        axes.set_yscale("log")
        plain_ticks(axes.yaxis)
    else:
        axes.set_ylim(0, None)
    axes.xaxis.get_major_locator().set_params(integer=True)
    handles, labels = axes.get_legend_handles_labels()
    if any(history.held_out_error for history in histories.values()):
        handles += [Line2D([], [], color="0.35", ls=style) for style in ("-", "--")]
        labels += ["on training images", "on held-out images"]
    axes.legend(handles, labels, ncols=len(handles) // 8 + 1)
    return Figure(canvas, f"Reconstruction error against epoch: {', '.join(map(str, histories))}.")


def slow_looks(markers="osD^v"):
    """Looks of curves without end: the palette with one marker, then with the next, from the first again at last."""
    return ({"color": colour, "marker": marker} for marker in cycle(markers) for colour in PALETTE)


@figure
def roc_curves(curves, chosen=None):
    """ROC curves: the true positive rate against the false positive rate, for all thresholds.

    curves: {label: what ae.roc returned}. chosen: {label: (false, true positive rate)} at one threshold, a dot.
    Raises InputError for other curves.

    >>> scores_of_digits, scores_of_clothes = torch.rand(100), torch.rand(100) + 0.5
    >>> ae.plots.roc_curves({"autoencoder": ae.roc(scores_of_digits, scores_of_clothes)})
    Figure: ROC curves: autoencoder.
    """
    if not all(hasattr(curve, "auc") for curve in by_label(curves, "curves").values()):
        raise InputError("these are no ROC curves; expected {label: what ae.roc returned}")
    canvas = new_canvas(5)
    axes = canvas.subplots()
    axes.plot([0, 1], [0, 1], color="0.6", lw=1.5)
    axes.annotate("guessing", (0.6, 0.57), color="0.35")
    for (label, curve), (colour, _) in zip(curves.items(), looks(), strict=False):
        axes.plot(curve.fpr, curve.tpr, color=colour, label=f"{label}: AUC {curve.auc:.3f}")
        if chosen:
            axes.plot(*chosen[label], "o", color=colour, markersize=12)
    axes.set(xlabel="false positive rate", ylabel="true positive rate", box_aspect=1)
    in_percent(axes.xaxis, axes.yaxis)
    axes.legend(loc="center left", bbox_to_anchor=(1.05, 0.5))
    dot = ", and a dot at the chosen threshold" if chosen else ""
    return Figure(canvas, f"ROC curves{dot}: {', '.join(map(str, curves))}.")
