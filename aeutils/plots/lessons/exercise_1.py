"""Exercise 1: the loss functions of one pixel, errors from before the first epoch on."""

import torch

from aeutils.plots.curves import draw_curves
from aeutils.plots.style import PALETTE, Figure, figure, legend_outside, new_canvas


@figure
def errors_by_epoch(errors, references):
    """Errors that begin before the first epoch, a curve for each list, on a logarithmic scale.

    errors: {label: [error before training, after the first epoch, ...]}. references: {label: error} drawn as grey
    horizontal lines.
    """
    canvas = new_canvas(4.2)
    axes = canvas.subplots()
    draw_curves(axes, range(max(map(len, errors.values()))), errors)
    for label, error in references.items():
        axes.axhline(error, color="0.5", lw=1.5)
        axes.annotate(label, (0.01, error), xycoords=("axes fraction", "data"), va="bottom", color="0.35")
    axes.set(yscale="log", xlabel="epochs of training", ylabel="reconstruction error\n(validation)")
    axes.set_yticks([5, 10, 20, 50, 100, 200], [5, 10, 20, 50, 100, 200])
    axes.minorticks_off()
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend()
    return Figure(canvas, f"Reconstruction error before training and after each epoch: {', '.join(errors)}.")


@figure
def pixel_losses(pixels):
    """Squared error and cross-entropy of one pixel against its reconstruction, a curve for each of the pixels.

    pixels: true values from 0 to 1.
    """
    canvas = new_canvas(4.2)
    out = torch.linspace(0.005, 0.995, 199)
    panels = canvas.subplots(1, 2)
    for pixel, colour, style in zip(pixels, PALETTE, ["-", "--", "-."], strict=False):
        crossed = -pixel * out.log() - (1 - pixel) * (1 - out).log()
        for axes, loss in zip(panels, ((out - pixel).square(), crossed), strict=True):
            axes.plot(out, loss, style, color=colour, label=f"pixel is {pixel:g}")
    for axes, title, top in zip(panels, ("squared error", "cross-entropy"), (1, 4), strict=True):
        axes.set(xlabel="reconstructed pixel", ylabel="loss", title=title, ylim=(0, top))
    legend_outside(panels[0], "lower center")
    return Figure(canvas, "Curves: squared error and cross-entropy of one pixel against its reconstruction.")
