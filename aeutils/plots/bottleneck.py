"""The bottleneck: what a changed digit does, error against latent size, angles between subspaces."""

from aeutils.plots.style import PALETTE, Figure, figure, new_canvas
import numpy as np

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


@figure
def error_against_size(sizes, errors, baselines, images):
    """Error of an autoencoder against its number of latent variables, mean and range over seeds, beside baselines.

    errors: (seeds, sizes). baselines: {label: errors (sizes,)}. images: which images the errors are measured on.
    """
    canvas = new_canvas(4.8)
    axes = canvas.subplots()
    for (label, values), (colour, line, marker) in zip(baselines.items(), BASELINE_STYLES, strict=True):
        axes.plot(sizes, values, color=colour, ls=line, marker=marker, ms=8, label=label)
    low, mean, high = (values.numpy() for values in (errors.amin(0), errors.mean(0), errors.amax(0)))
    label = f"autoencoder, {len(errors)} seeds"
    axes.errorbar(sizes, mean, [mean - low, high - mean], color=PALETTE[0], marker="o", capsize=6, label=label)
    axes.set(xlabel="number of latent variables", ylabel=f"reconstruction error\n({images})", ylim=(0, None))
    axes.set_xticks(sizes)
    axes.legend()
    return Figure(canvas, f"Error against the number of latent variables: autoencoder, {', '.join(baselines)}.")


@figure
def principal_angles(angles):
    """Principal angles to the subspace of PCA, in degrees, as groups of bars. angles: {label: (directions,)}."""
    canvas = new_canvas(3.8)
    axes = canvas.subplots()
    width = 0.8 / len(angles)
    for number, (label, values) in enumerate(angles.items()):
        places = np.arange(1, len(values) + 1) + (number - (len(angles) - 1) / 2) * width
        axes.bar(places, values, width, color=PALETTE[number], label=label)
    axes.set(xlabel="principal angle, from the largest to the smallest", ylabel="degrees", ylim=(0, 92))
    axes.set_xticks(range(1, len(values) + 1))
    canvas.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=len(angles))
    return Figure(canvas, f"Bars: principal angles to the subspace of PCA, in degrees: {', '.join(angles)}.")
