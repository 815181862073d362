"""Blending: how far codes lie from their mean, and what changes along a path."""

from matplotlib.ticker import MaxNLocator

from aeutils.plots.style import Figure, figure, in_percent, legend_outside, looks, new_canvas


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
            in_percent(axes.yaxis)
    legend_outside(grid[0], ncols=4)
    return Figure(canvas, f"Against {xlabel}: {' and '.join(panels)}; one curve each for {', '.join(curves)}.")
