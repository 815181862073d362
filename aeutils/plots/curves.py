"""Numbers: a code, errors against epochs, errors against latent size."""

from itertools import cycle

from aeutils.errors import InputError
from aeutils.plots.style import PALETTE, Figure, drawable, figure, new_canvas
from aeutils.training import History
from aeutils.validation import kind_of
import torch


@figure
def code_bars(code):
    """The numbers of one code (latent,) as bars."""
    code = drawable(code).flatten()
    canvas = new_canvas(2.8)
    axes = canvas.subplots()
    axes.bar(range(1, len(code) + 1), code.numpy(), color=PALETTE[0])
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.axhline(0, color="black", lw=1)
    axes.set(xlabel="latent variable", ylabel="value", title=f"The code: {len(code)} numbers")
    return Figure(canvas, f"Bars: the {len(code)} numbers of one code.")


@figure
def learning_curves(histories, references=None, logarithmic=False):
    """Error against epoch for one or more Historys: solid on training, dashed on held-out images.

    histories: {label: History}, or one History alone. From the eighth on, markers tell curves of one colour apart.
    references: {label: error} drawn as grey horizontal lines.
    logarithmic: True where errors begin so high that their end could not be read.
    """
    histories = {"training": histories} if isinstance(histories, History) else histories
    if not isinstance(histories, dict) or not all(isinstance(each, History) for each in histories.values()):
        raise InputError(f"histories is {kind_of(histories)}; expected a History, or {{label: History}}")
    canvas = new_canvas(4)
    axes = canvas.subplots()
    for (label, history), look in zip(histories.items(), _curve_looks(["", *"osD^v"]), strict=False):
        epochs = range(1, len(history.train_error) + 1)
        axes.plot(epochs, history.train_error, **look, markevery=0.1, label=label)
        if history.held_out_error:
            axes.plot(epochs, history.held_out_error, "--", **look, markevery=0.1)
    for label, error in (references or {}).items():
        axes.axhline(error, color="0.5", lw=1.5)
        axes.annotate(label, (1, error), xycoords=("axes fraction", "data"), ha="right", va="bottom", color="0.35")
    axes.set(xlabel="epoch", ylabel="reconstruction error")
    if logarithmic:
        axes.set_yscale("log")
        axes.set_yticks([2, 5, 10, 20, 50], [2, 5, 10, 20, 50])
        axes.minorticks_off()
    else:
        axes.set_ylim(0, None)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend()
    return Figure(canvas, f"Reconstruction error against epoch: {', '.join(map(str, histories))}.")


def _curve_looks(markers="osD^v"):
    """Looks of curves without end: the palette with one marker, then with the next, from the first again at last."""
    return ({"color": colour, "marker": marker} for marker in cycle(markers) for colour in PALETTE)


@figure
def error_by_latent_size(sizes, curves, baselines):
    """Error against latent size, both axes logarithmic: curves with error bars, baselines as grey lines.

    curves: {label: errors (seeds, sizes)}, drawn as mean with the range over the seeds. From the eighth on, markers
    tell curves of one colour apart.
    baselines: {label: errors (sizes,)}.
    """
    canvas = new_canvas(5)
    axes = canvas.subplots()
    for (label, errors), marker in zip(baselines.items(), cycle("s^vDo"), strict=False):
        axes.plot(sizes, errors, f"--{marker}", color="0.5", label=label)
    for (label, errors), look in zip(curves.items(), _curve_looks(), strict=False):
        errors = drawable(errors)
        if errors.ndim != 2 or errors.shape[1] != len(sizes):
            fault = f"the errors of {label} have shape {tuple(errors.shape)}"
            raise InputError(f"{fault}; expected (seeds, sizes), here (n, {len(sizes)})")
        low, mean, high = errors.amin(0), errors.mean(0), errors.amax(0)
        axes.errorbar(
            sizes,
            mean.numpy(),
            torch.stack([mean - low, high - mean]).numpy(),
            **look,
            capsize=6,
            label=label,
        )
    axes.set(xscale="log", yscale="log", xlabel="latent variables", ylabel="reconstruction error (test)")
    axes.set_xticks(sizes, sizes)
    axes.set_yticks([5, 10, 20, 50], [5, 10, 20, 50])
    axes.minorticks_off()
    axes.legend()
    return Figure(canvas, f"Test error against the number of latent variables: {', '.join([*baselines, *curves])}.")


@figure
def errors_by_epoch(errors, references):
    """Errors that begin before the first epoch, a curve for each list, on a logarithmic scale.

    errors: {label: [error before training, after the first epoch, ...]}. references: {label: error} drawn as grey
    horizontal lines.
    """
    canvas = new_canvas(4.2)
    axes = canvas.subplots()
    for (label, several), colour, marker in zip(errors.items(), PALETTE, "osD^v", strict=False):
        axes.plot(range(len(several)), several, f"-{marker}", color=colour, label=label)
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
    canvas.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(pixels))
    return Figure(canvas, "Curves: squared error and cross-entropy of one pixel against its reconstruction.")
