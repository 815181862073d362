"""The simplest autoencoder: its layers, the codes of different inputs, overfitting, dead code numbers."""

import numpy as np
from torch.nn import functional

from aeutils.plots.bars import columns
from aeutils.plots.points import draw_table
from aeutils.plots.style import PALETTE, Figure, draw_image, drawable, figure, legend_outside, new_canvas


@figure
def layers_drawn(image, reconstruction, sizes=(10_000, 20, 10_000)):
    """One layer in, one layer out, as dots and lines, between an image (1, h, w) and its reconstruction (1, h, w).

    sizes: numbers in the input, the code and the output; of each, a few dots stand for all.
    """
    canvas = new_canvas(3.9)
    axes = canvas.subplots()
    axes.set(xlim=(0, 10), ylim=(0, 3.9), aspect="equal")
    axes.set_axis_off()
    outer, inner = np.linspace(0.75, 3.15, 7), np.linspace(1.35, 2.55, 3)
    columns = ((2.9, outer), (5, inner), (7.1, outer))
    for (left, starts), (right, ends), colour in zip(columns[:-1], columns[1:], PALETTE, strict=False):
        for start in starts:
            for end in ends:
                axes.plot([left, right], [start, end], color=colour, lw=1, alpha=0.5)
    names = ("input x", "code z", "output x̂")
    for (place, heights), size, name in zip(columns, sizes, names, strict=True):
        axes.plot([place] * len(heights), heights, "o", color="black", ms=11)
        axes.text(place, 0.25, f"{size:,} numbers", ha="center", va="center")
        axes.text(place, 3.6, name, ha="center", va="center", weight="bold")
    axes.text(3.95, 3.15, "encoder", ha="center", color=PALETTE[0], weight="bold")
    axes.text(6.05, 3.15, "decoder", ha="center", color=PALETTE[1], weight="bold")
    for left, pixels in ((0.2, image), (7.8, reconstruction)):
        draw_image(axes.inset_axes([left, 0.95, 2, 2], transform=axes.transData), pixels)
    words = f"Dots and lines: {sizes[0]:,} pixels, joined by the encoder's lines to {sizes[1]} code numbers"
    return Figure(canvas, f"{words}, and these by the decoder's lines to {sizes[2]:,} pixels.")


@figure
def codes_beside_each_other(codes):
    """Codes as rows of coloured cells, orange below 0 and purple above, each with its cosine to the first.

    codes: {label: one code (latent,)}.
    """
    canvas = new_canvas(0.5 * len(codes) + 1.5)
    axes = canvas.subplots()
    table = np.stack([code.numpy() for code in codes.values()])
    colours = draw_table(axes, table)
    axes.set_yticks(range(len(codes)), list(codes))
    axes.set_xticks(range(0, table.shape[1], 2), range(1, table.shape[1] + 1, 2))
    axes.set(xlabel="code number", title="codes, and their cosine similarity to the first one")
    first = next(iter(codes.values()))
    for row, code in enumerate(codes.values()):
        cosine = functional.cosine_similarity(code, first, dim=0).item()
        axes.text(table.shape[1] - 0.2, row, f"{cosine:.2f}", va="center")
    canvas.colorbar(colours, ax=axes, pad=0.1, label="value")
    return Figure(canvas, f"The numbers of the codes of {', '.join(codes)} as coloured cells, a row for each.")


@figure
def overfitting_curves(history, names, references):
    """Error against epoch on training and on held-out images, with the lowest held-out error marked.

    history: a History with held-out errors. names: what to call the two curves. references: {label: error}, grey.
    """
    canvas = new_canvas(4.6)
    axes = canvas.subplots()
    epochs = range(1, len(history.train_error) + 1)
    best = int(np.argmin(history.held_out_error))
    axes.plot(epochs, history.train_error, color=PALETTE[0], label=names[0])
    axes.plot(epochs, history.held_out_error, "--", color=PALETTE[1], label=names[1])
    label = f"lowest: {history.held_out_error[best]:.0f}, epoch {best + 1}"
    axes.plot(best + 1, history.held_out_error[best], "o", color=PALETTE[1], ms=12, label=label)
    for (label, error), style in zip(references.items(), (":", "-.", (0, (6, 2))), strict=False):
        axes.axhline(error, color="0.4", lw=2, ls=style, label=label)
    axes.set(xlabel="epoch", ylabel="reconstruction error", ylim=(0, None))
    axes.set_title("error in each epoch")
    legend_outside(axes, "right center", ncols=1)
    return Figure(canvas, f"Reconstruction error against epoch: {', '.join(names)}; as lines {', '.join(references)}.")


@figure
def active_code_numbers(shares):
    """For what share of the images each code number is above 0, as bars (latent,); those that never are, are marked."""
    canvas = new_canvas(3.2)
    axes = canvas.subplots()
    places = np.arange(1, len(shares) + 1)
    axes.bar(places, 100 * shares.numpy(), color=PALETTE[0], label="alive")
    dead = places[shares.numpy() == 0]
    axes.plot(dead, np.full(len(dead), 3), "x", color=PALETTE[1], ms=12, mew=4, label="dead: 0 for every image")
    axes.set(xlabel="code number", ylabel="% of the images", ylim=(0, 100))
    axes.set_title("how often is each code number above 0?")
    axes.set_xticks(places)
    legend_outside(axes, "lower center", ncols=2)
    return Figure(canvas, f"Bars: share of images for which each of {len(shares)} code numbers is above 0; dead ones.")


@figure
def code_bars(code):
    """The numbers of one code (latent,) as bars."""
    code = drawable(code).flatten()
    title = f"The code: {len(code)} numbers"
    return Figure(
        columns(code, "latent variable", "value", title=title).canvas, f"Bars: the {len(code)} numbers of one code."
    )
