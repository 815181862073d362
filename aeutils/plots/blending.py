"""Blending: how far codes lie from their mean, and what changes along a path."""

from aeutils.plots.style import Figure, figure, looks, new_canvas
from matplotlib.ticker import MaxNLocator, PercentFormatter


@figure
def code_lengths(lengths):
    """How far codes lie from the mean code, as one histogram for each kind of codes.

    lengths: {label: distances from the middle (n,), in code units}. Each histogram's area is 1.
    """
    canvas = new_canvas(3.8)
    axes = canvas.subplots()
    longest = max(float(values.max()) for values in lengths.values())
    for (label, values), (colour, _) in zip(lengths.items(), looks(), strict=False):
        style = {"bins": 50, "range": (0, longest), "density": True, "color": colour}
        axes.hist(values.numpy(), histtype="stepfilled", alpha=0.15, **style)
        axes.hist(values.numpy(), histtype="step", linewidth=2.5, label=label, **style)
    axes.set(xlabel="distance from the mean code", ylabel="share of codes", yticks=[], xlim=(0, longest))
    canvas.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=len(lengths))
    return Figure(canvas, f"Histograms of the distance from the mean code: {', '.join(lengths)}.")


@figure
def along_the_way(xlabel, positions, panels):
    """What is measured along a path, with one panel for each measure and one curve for each path.

    xlabel: what positions (p,) count. panels: {title: (curves, references)}. curves: {label: values
    (seeds, p)}, drawn as their mean with the range over the seeds. references: {label: value}, drawn as grey lines.
    The first panel has all labels. Values that never exceed 1 are shares, drawn in percent from 0 to 100.
    """
    canvas = new_canvas(5)
    grid = canvas.subplots(1, len(panels), squeeze=False)[0]
    for axes, (title, (curves, references)) in zip(grid, panels.items(), strict=True):
        for (label, values), (colour, marker) in zip(curves.items(), looks(), strict=False):
            axes.plot(positions, values.mean(0), f"-{marker}", color=colour, markersize=7, label=label)
            axes.fill_between(positions, values.amin(0), values.amax(0), color=colour, alpha=0.2, linewidth=0)
        for label, value in references.items():
            axes.axhline(value, color="0.5", lw=1.5, ls="--", label=label, zorder=0.5)
        axes.set(xlabel=xlabel, title=title)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        if all(float(values.max()) <= 1 and float(values.min()) >= 0 for values in curves.values()):
            axes.set_ylim(0, 1.08)
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    canvas.legend(*grid[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return Figure(canvas, f"Against {xlabel}: {' and '.join(panels)}; one curve each for {', '.join(curves)}.")
