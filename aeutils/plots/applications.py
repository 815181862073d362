"""Applications: quality of cleaned and filled images, images in colour, scores of a detector and its ROC curve."""

from itertools import cycle

from aeutils.plots.style import PALETTE, WIDTH, Figure, figure, looks, new_canvas
from matplotlib.ticker import MaxNLocator, PercentFormatter
import numpy as np


@figure
def comparison_bars(panels):
    """Methods under one another, a panel of horizontal bars for each measure, the value written at each bar.

    panels: {measure: {label: value}}, all with the same labels. A value may be a list, one for each seed: the bar is
    their mean, and each of them is a dot. Measures that never exceed 1 get two decimals, others one.
    """
    labels = list(next(iter(panels.values())))
    canvas = new_canvas(1.3 + 0.55 * len(labels))
    grid = canvas.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (measure, values), colour in zip(grid, panels.items(), cycle(PALETTE), strict=False):
        _draw_bars(axes, [values[label] for label in labels], colour)
        axes.set(xlabel=measure, yticks=range(len(labels)), yticklabels=labels)
        axes.xaxis.set_major_locator(MaxNLocator(5 if len(panels) < 4 else 2))
    grid[0].invert_yaxis()
    return Figure(canvas, f"Bars: {' and '.join(panels)}, for {', '.join(labels)}.")


def _draw_bars(axes, values, colour):
    """Horizontal bars, each as long as the mean of its values, which are drawn as dots where there are several."""
    runs = [np.atleast_1d(np.asarray(each, dtype=float)) for each in values]
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
def quality_against_noise(strengths, curves, trained):
    """PSNR against the strength of noise, a curve for each method, and a grey line at the strength trained with.

    strengths: standard deviations of the noise, in pixel units. curves: {label: PSNR at each of them, in dB}.
    """
    canvas = new_canvas(4.8)
    axes = canvas.subplots()
    axes.axvline(trained, color="0.6", lw=2)
    axes.annotate("trained with this", (trained, 1), (6, -4), ("data", "axes fraction"), "offset points", va="top")
    for (label, values), (colour, marker) in zip(curves.items(), looks("sD^ov"), strict=False):
        axes.plot(strengths, values, f"-{marker}", color=colour, label=label)
    axes.set(xlabel="strength of the noise (standard deviation, in pixel units)", ylabel="PSNR (dB)", xlim=(0, None))
    canvas.legend(loc="outside upper center", ncols=4 if len(curves) <= 4 else 3)
    return Figure(canvas, f"PSNR against the strength of the noise: {', '.join(curves)}.")


@figure
def error_bars(errors, axis):
    """Errors as horizontal bars, the value written at each.

    errors: {label: error}, or lists of errors, one for each seed: the bar is their mean, and each of them is a dot.
    axis: what they measure.
    """
    canvas = new_canvas(1.1 + 0.55 * len(errors))
    axes = canvas.subplots()
    _draw_bars(axes, list(errors.values()), PALETTE[0])
    axes.set(xlabel=axis, yticks=range(len(errors)), yticklabels=list(errors))
    axes.invert_yaxis()
    return Figure(canvas, f"Bars, {axis}: {', '.join(errors)}.")


@figure
def colour_images(rows):
    """Rows of images in colour under one another: {label: images (n, 3, height, width) in [0, 1]}, all with one n."""
    count = len(next(iter(rows.values())))
    side = min(WIDTH / (count + 1), 1.5)
    canvas = new_canvas(len(rows) * side * 1.05 + 0.2)
    for row, (label, images) in zip(canvas.subplots(len(rows), count, squeeze=False), rows.items(), strict=True):
        for axes, image in zip(row, images, strict=True):
            axes.imshow(image.detach().clamp(0, 1).permute(1, 2, 0).numpy())
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
        row[0].set_ylabel(label, rotation=0, ha="right", va="center")
    return Figure(canvas, f"Rows of {count} images in colour: {', '.join(rows)}.", full_colour=True)


@figure
def score_histograms(scores, threshold):
    """How often each score occurs, for several kinds of images, and the threshold as a black line.

    scores: {label: (n,)}, above 0; the axis is logarithmic, and each kind is drawn as shares of its own images.
    """
    canvas = new_canvas(3.8)
    axes = canvas.subplots()
    low, high = (extreme([extreme(each.tolist()) for each in scores.values()]) for extreme in (min, max))
    edges = np.geomspace(max(low, 1e-3), high, 60)
    for (label, each), (colour, _) in zip(scores.items(), looks(), strict=False):
        shares = np.full(len(each), 1 / len(each))
        axes.hist(each.numpy(), edges, weights=shares, color=colour, alpha=0.6, label=label)
    axes.axvline(threshold, color="black")
    axes.annotate("alarm →", (threshold, 1), (6, -4), ("data", "axes fraction"), "offset points", va="top")
    axes.set(xscale="log", xlabel="score: reconstruction error of the image", ylabel="share of images")
    axes.set_xticks(*(2 * [[mark for mark in (1, 2, 5, 10, 20, 50, 100, 200) if low < mark < high]]))
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    canvas.legend(loc="outside upper center", ncols=len(scores))
    return Figure(canvas, f"Histograms of the reconstruction error, with a threshold: {', '.join(scores)}.")


@figure
def roc_curves(curves, chosen):
    """ROC curves: the true positive rate against the false positive rate, for all thresholds.

    curves: {label: what ae.roc returned}. chosen: {label: (false, true positive rate)} at one threshold, a dot.
    """
    canvas = new_canvas(5)
    axes = canvas.subplots()
    axes.plot([0, 1], [0, 1], color="0.6", lw=1.5)
    axes.annotate("guessing", (0.6, 0.57), color="0.35")
    for (label, curve), (colour, _) in zip(curves.items(), looks(), strict=False):
        axes.plot(curve.fpr, curve.tpr, color=colour, label=f"{label}: AUC {curve.auc:.3f}")
        axes.plot(*chosen[label], "o", color=colour, markersize=12)
    axes.set(xlabel="false positive rate", ylabel="true positive rate", box_aspect=1)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.legend(loc="center left", bbox_to_anchor=(1.05, 0.5))
    return Figure(canvas, f"ROC curves, and a dot at the chosen threshold: {', '.join(curves)}.")
