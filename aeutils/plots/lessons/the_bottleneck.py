"""The bottleneck: what a changed digit does, error against latent size, angles between subspaces."""

from aeutils.plots.style import PALETTE, Figure, figure, new_canvas

BASELINE_STYLES = [("0.5", ":", "s"), ("0.3", "--", "^"), ("black", "-.", "v")]
"""Colour, line and marker of each."""


@figure
def error_by_changed_digit(panels, references):
    """Error, on a logarithmic axis, against the place of the decimal digit that was changed, for each kind of code.

    panels: {title: (places, errors)}. references: {label: error} drawn as grey lines.
    """
    canvas = new_canvas(4.4)
    grid = canvas.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, (places, errors)), colour in zip(grid, panels.items(), PALETTE, strict=False):
        axes.plot(places, errors, "o-", color=colour, ms=6, label="error after the change")
        for (label, error), (colour, line, _) in zip(references.items(), BASELINE_STYLES, strict=False):
            axes.axhline(error, color=colour, ls=line, lw=2, label=label)
        axes.set(title=title, xlabel="place of the changed digit", yscale="log")
        axes.locator_params(axis="x", integer=True, nbins=6)
        axes.legend(loc="lower left", fontsize=13)
    grid[0].set_ylabel("reconstruction error")
    return Figure(canvas, f"Reconstruction error against the place of the changed digit: {', '.join(panels)}.")
