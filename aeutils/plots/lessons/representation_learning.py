"""Representations: who is most alike, the cake of bits, lines and rings, from a classifier to an autoencoder."""

from matplotlib.patches import Circle, Ellipse
import numpy as np

from aeutils.plots.bars import draw_columns
from aeutils.plots.style import PALETTE, Figure, draw_image, figure, legend_outside, new_canvas

LETTERS = "ABCDEFGH"


@figure
def who_is_most_alike(portrait, candidates, similarities=None):
    """A portrait (1, 1, h, w) and up to 8 candidates (n, 1, h, w) with a letter each; similarities (n,) if given."""
    canvas = new_canvas(3.3 if len(candidates) < 4 else 2.7)
    axes = canvas.subplots(1, len(candidates) + 1)
    draw_image(axes[0], portrait[0], "portrait")
    axes[0].spines[:].set(visible=True, color=PALETTE[1], linewidth=4)
    for number, image in enumerate(candidates):
        draw_image(axes[number + 1], image, LETTERS[number])
        if similarities is not None:
            axes[number + 1].set_xlabel(f"{similarities[number]:.3f}")
    note = "" if similarities is None else ", and under each its similarity to the portrait"
    return Figure(canvas, f"A portrait and {len(candidates)} other faces, each with a letter{note}.")


@figure
def similarity_histogram(panels):
    """How similar pairs are, same person and different people. panels: {title: (same, different)}, (pairs,) each."""
    canvas = new_canvas(4.2)
    grid = canvas.subplots(1, len(panels))
    for axes, (title, (same, different)) in zip(grid, panels.items(), strict=True):
        bins = np.linspace(min(same.min(), different.min()).item(), 1, 41)
        for values, colour, label in ((different, PALETTE[0], "different people"), (same, PALETTE[1], "same person")):
            weights = np.full(len(values), 100 / len(values))
            axes.hist(values.numpy(), bins, weights=weights, color=colour, alpha=0.65, label=label)
        axes.set(title=title, xlabel="cosine similarity", ylabel="% of the pairs")
    for axes in grid:
        axes.locator_params(axis="x", nbins=5)
    legend_outside(grid[0], ncols=2)
    return Figure(canvas, f"Histograms of cosine similarity, same person and different people: {', '.join(panels)}.")


@figure
def cake(cherry, icing, sponge):
    """The cake of learning, areas true to scale: bits per example that a reward, a label and the input tell.

    Beside it the top under the magnifying glass. Source of the image: Yann LeCun, keynote at NIPS 2016.
    """
    canvas = new_canvas(4.2)
    axes, near, words = canvas.subplots(1, 3, width_ratios=[1.5, 0.9, 1.3])
    height = (sponge / 2) ** 0.5  # twice as wide as high
    width, radius = 2 * height, (cherry / np.pi) ** 0.5
    for each in (axes, near):
        for layer in range(4):  # of sponge, the lower two thirds of each darker
            bottom = layer * height / 4
            each.bar([0], [height / 4], width, bottom=bottom, color=PALETTE[4])
            each.bar([0], [height / 6], width, bottom=bottom, color="#C98500")
        each.bar([0], [icing / width], width, bottom=height, color=PALETTE[5])
        each.add_patch(Circle((0, height + icing / width + radius), radius, color=PALETTE[1], lw=0))
        each.set_aspect("equal")
        each.axis("off")
    axes.add_patch(Ellipse((0, 0), 1.2 * width, 0.12 * width, color="0.8", zorder=0))  # a plate
    axes.set(xlim=(-0.62 * width, 0.62 * width), ylim=(-0.2 * height, 1.15 * height), title="true to scale")
    reach = 4 * radius
    near.set(xlim=(-reach, reach), ylim=(height - reach * 0.9, height + reach * 1.35), title="the top, magnified")
    words.axis("off")
    lines = [
        (0.88, PALETTE[1], "cherry: a reward", cherry),
        (0.55, PALETTE[5], "icing: a label", icing),
        (0.22, PALETTE[4], "sponge: the image itself", sponge),
    ]
    for place, colour, name, bits in lines:
        words.plot(0.03, place - 0.07, "s", ms=20, color=colour, transform=words.transAxes, clip_on=False)
        text = f"{bits:,.0f}" if bits >= 10 else f"{bits:.1f}"
        words.text(0.14, place, name, transform=words.transAxes, va="center")
        words.text(0.14, place - 0.14, f"{text} bits", transform=words.transAxes, va="center", fontsize=20)
    return Figure(
        canvas, "A cake whose areas are bits per image: nearly all sponge, a film of icing and a speck of cherry."
    )


@figure
def line_fits(x, y, phi, lines):
    """A line through y against x, the same through y against phi, and the second one drawn over x. All (n,).

    lines: the two (slope, intercept).
    """
    canvas = new_canvas(4.2)
    panels = canvas.subplots(1, 3, sharey=True)
    for axes, horizontal in zip(panels, (x, phi, x), strict=True):
        axes.plot(horizontal, y, "o", color=PALETTE[0], ms=6, alpha=0.7, label="points")
    ends, squares = np.array([x.min(), x.max()]), np.array([phi.min(), phi.max()])
    panels[0].plot(ends, lines[0][0] * ends + lines[0][1], color=PALETTE[1], lw=4, label="best line")
    panels[1].plot(squares, lines[1][0] * squares + lines[1][1], color=PALETTE[1], lw=4)
    order = x.argsort()
    panels[2].plot(x[order], lines[1][0] * phi[order] + lines[1][1], color=PALETTE[1], lw=4)
    panels[0].set(xlabel="x", ylabel="y", title="a line in x")
    panels[1].set(xlabel="φ(x) = x²", title="a line in φ(x)")
    panels[2].set(xlabel="x", title="the same, seen over x")
    legend_outside(panels[0], ncols=2)
    return Figure(canvas, "A line misses points on a curve; the same points against x squared lie on a line.")


@figure
def two_classes(panels, names, line=None):
    """Points (n, 2) of two classes, in one or two panels, with a line that divides the last panel if given.

    panels: {title: (points, whether each is of the second class, xlabel, ylabel)}. names: of the two classes.
    line: height of a horizontal line.
    """
    canvas = new_canvas(4.8)
    grid = canvas.subplots(1, len(panels), squeeze=False)[0]
    for axes, (title, (points, second, xlabel, ylabel)) in zip(grid, panels.items(), strict=True):
        for mask, marker, colour, label in zip((~second, second), "o^", PALETTE, names, strict=False):
            axes.plot(*points[mask].T.numpy(), marker, color=colour, ms=7, alpha=0.8, label=label)
        axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    grid[0].set_aspect("equal")
    if line is not None:
        grid[-1].axhline(line, color="black", lw=3, label="a line that separates them")
    legend_outside(grid[-1], ncols=3, handletextpad=0.4)
    return Figure(canvas, f"Points of two classes, {names[0]} and {names[1]}: {', '.join(panels)}.")


@figure
def growing_network(stage, image, answer):
    """The drawing that grows. 1: a classifier, 2: its labels swapped for the input, 3: an autoencoder.

    image: the input (1, h, w). answer: what comes out, a text in stage 1, an image (1, h, w) afterwards.
    What is new in a stage is orange.
    """
    canvas = new_canvas(4.1)
    axes = canvas.subplots()
    axes.set(xlim=(0, 10), ylim=(0, 4.1), aspect="equal")
    axes.axis("off")
    first = "encoder" if stage == 3 else "feature\nnetwork"
    second = ("classification\nnetwork", "second\nnetwork", "decoder")[stage - 1]
    middle = "latent space Z" if stage == 3 else "features"
    narrow = 0.75 if stage == 1 else 1.15
    _block(axes, (2.1, 4.1), (1.15, 0.6), first, stage == 3)
    _block(axes, (5.3, 7.3), (0.6, narrow), second, stage > 1)
    axes.plot([4.7] * 4, [1.65, 2.05, 2.45, 2.85], "o", color=_colour(stage == 3), ms=15)
    axes.text(4.7, 3.75, middle, ha="center", va="center", color=_colour(stage == 3), weight="bold")
    for start, end in ((1.75, 2.05), (4.15, 4.5), (4.9, 5.25), (7.35, 7.75)):
        axes.annotate("", (end, 2.25), (start, 2.25), arrowprops={"arrowstyle": "-|>", "lw": 2.5, "color": "0.3"})
    _inset(axes, 0.1, image)
    axes.text(0.9, 3.35, "input x", ha="center", va="center")
    if stage == 1:
        axes.text(8.6, 2.25, answer, ha="center", va="center", fontsize=19)
        axes.text(8.6, 3.35, "output y", ha="center", va="center")
        loss = "cross-entropy of the output and the label that a person gave"
    else:
        _inset(axes, 7.8, answer)
        axes.text(8.6, 3.35, "output x̂", ha="center", va="center", color=_colour(stage == 2))
        axes.plot([0.9, 0.9, 8.6, 8.6], [1.35, 0.85, 0.85, 1.35], "--", color=_colour(stage == 2), lw=2)
        loss = "reconstruction error, Σ (x \N{MINUS SIGN} x̂)²: the label is the input itself"
    axes.text(4.75, 0.45, f"loss: {loss}", ha="center", va="center", color=_colour(stage == 2))
    words = (
        "A classifier: image, feature network, features, classification network, label.",
        "The same network, with the input swapped in for the labels: the second network gives back an image.",
        "An autoencoder: image, encoder, latent space Z, decoder, reconstruction.",
    )
    return Figure(canvas, words[stage - 1])


def _colour(new):
    """Orange for what is new in a stage of the drawing, dark for what was there."""
    return "#B84C00" if new else "0.15"


def _block(axes, across, half_heights, name, new):
    """A network as a trapezium from across[0] to across[1], with these half heights at its two ends."""
    (left, right), (before, after) = across, half_heights
    corners = [(left, 2.25 - before), (left, 2.25 + before), (right, 2.25 + after), (right, 2.25 - after)]
    axes.fill(*zip(*corners, strict=True), color=PALETTE[4] if new else PALETTE[5], alpha=0.75)
    axes.text((left + right) / 2, 2.25, name, ha="center", va="center", weight="bold")


def _inset(axes, left, image):
    """One image (1, h, w) in the drawing, 1.6 units wide."""
    inset = axes.inset_axes([left, 1.45, 1.6, 1.6], transform=axes.transData)
    draw_image(inset, image)


@figure
def agreement_bars(shares, questions, axis="% agree with neighbour"):
    """Grouped bars: nearest-neighbour accuracy of several sets of vectors, or other shares.

    shares: {name: one share for each question}. axis: what is counted, in percent.
    """
    canvas = new_canvas(4)
    axes = canvas.subplots()
    percent = {name: [100 * share for share in values] for name, values in shares.items()}
    draw_columns(axes, percent, form="%.0f %%", narrow=0.94)
    axes.set_xticks(range(1, len(questions) + 1), questions)
    axes.set(ylabel=axis, ylim=(0, 112))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.22), ncols=len(shares))
    counted = "neighbours that agree" if axis == "% agree with neighbour" else axis
    return Figure(canvas, f"Bars: {counted}, by {', '.join(shares)}, on {' and on '.join(questions)}.")
