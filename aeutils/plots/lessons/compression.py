"""Codecs: text and images before and after, an image as a sound, bytes against error, three ways to learn."""

from aeutils.metrics import reconstruction_error
from aeutils.plots.style import PALETTE, WIDTH, Figure, draw_image, draw_signed_image, figure, new_canvas, plain_ticks

MARKERS = ["o", "s", "^", "D", "v"]


@figure
def text_through_codec(before, code, after):
    """A phrase, its code and the phrase that the code was expanded to, each as long as it is; wrong words in orange."""
    canvas = new_canvas(3.4)
    axes = canvas.subplots()
    letter = {"family": "monospace", "fontsize": 20, "va": "center", "ha": "center"}
    originals = before.split()
    for row, (label, text) in enumerate({"before": before, "code": code, "after": after}.items()):
        height = -1.6 * row
        axes.text(-1, height, label, ha="right", va="center")
        axes.text(34, height, f"{len(text)} characters", va="center")
        axes.barh(height, len(text) + 0.6, left=-0.3, height=0.95, color="0.93")
        wrong = _wrong_letters(text, originals) if label == "after" else set()
        for position, character in enumerate(text):
            colour = PALETTE[1] if position in wrong else PALETTE[0] if label == "code" else "black"
            weight = "bold" if position in wrong else "normal"
            axes.text(position + 0.5, height, character, color=colour, weight=weight, **letter)
    for height, label in ((-0.8, "encode"), (-2.4, "decode")):
        axes.annotate("", (2.5, height - 0.3), (2.5, height + 0.3), arrowprops={"arrowstyle": "-|>", "lw": 2.5})
        axes.text(3.2, height, label, va="center", color="0.35")
    axes.set(xlim=(-5.5, 44), ylim=(-3.8, 0.6))
    axes.set_axis_off()
    description = f"“{before}” is encoded as “{code}” and decoded as “{after}”; wrong words are orange."
    return Figure(canvas, description)


def _wrong_letters(text, originals):
    """The positions in a text of those words that are not the original ones."""
    positions, start = set(), 0
    for word, original in zip(text.split(), originals, strict=True):
        if word != original:
            positions |= set(range(start, start + len(word)))
        start += len(word) + 1
    return positions


@figure
def bytes_before_and_after(sizes):
    """What is left of each file after encoding, in percent, as bars. sizes: {label: (bytes before, bytes after)}."""
    canvas = new_canvas(0.85 * len(sizes) + 1.1)
    axes = canvas.subplots()
    shares = [100 * after / before for before, after in sizes.values()]
    colours = [PALETTE[0] if share < 100 else PALETTE[1] for share in shares]
    axes.barh(list(sizes), shares, color=colours, height=0.6)
    for row, ((before, after), share) in enumerate(zip(sizes.values(), shares, strict=True)):
        text = f"{before:,} → {after:,}"
        axes.text(share + 1.5, row, text, va="center", bbox={"color": "white", "pad": 2})
    axes.axvline(100, color="0.35", lw=1.5, ls="--", zorder=0.5)
    axes.invert_yaxis()
    axes.set(xlabel="bytes after encoding, in % of the bytes before", xlim=(0, 1.35 * max(shares)))
    return Figure(canvas, f"Bars: bytes after encoding as a share of those before: {', '.join(sizes)}.")


@figure
def image_as_sound(image, sound, rate, row):
    """An image (1, 1, height, width) with three rows marked, and the same rows of its sound as a wave.

    sound: the rows one after the other, (height * width,), between -1 and 1; rate: samples per second.
    """
    canvas = new_canvas(3.4)
    left, right = canvas.subplots(1, 2, width_ratios=[1, 2.2])
    draw_image(left, image[0], "the image")
    width = image.shape[-1]
    for number, colour in zip(range(row, row + 3), PALETTE, strict=False):
        samples = range(number * width, (number + 1) * width)
        left.axhline(number, color=colour, lw=2)
        milliseconds = [1000 * sample / rate for sample in samples]
        right.plot(milliseconds, sound[samples.start : samples.stop], color=colour, lw=2, label=f"row {number}")
    right.set(xlabel="time (milliseconds)", ylabel="sound", ylim=(-1.05, 1.5), yticks=[-1, 0, 1])
    right.set_title("three of its rows, read as sound")
    right.legend(ncols=3, loc="upper center")
    return Figure(canvas, "An image with three marked rows, and these rows as a wave of sound against time.")


@figure
def codecs_on_an_image(original, decoded, crop=None):
    """One image (1, 1, height, width) and what codecs made of it, over the differences, full colour from 0.2 on.

    decoded: {label: (image, bytes)}. crop: (top, left, side) of a part to enlarge. Under each stands the
    reconstruction error of what is shown.
    """
    whole, count = original[0].numel(), len(decoded) + 1
    if crop is not None:
        top, left, side = crop
        part = (..., slice(top, top + side), slice(left, left + side))
        original, decoded = original[part], {label: (image[part], size) for label, (image, size) in decoded.items()}
    canvas = new_canvas(2 * WIDTH / count + 0.8)
    grid = canvas.subplots(2, count)
    draw_image(grid[0, 0], original[0], f"original\n{whole:,} bytes")
    grid[1, 0].set_axis_off()
    note = "difference:\norange: too dark,\nwhite: no error,\npurple: too bright"
    grid[1, 0].text(0.5, 0.5, note, ha="center", va="center", transform=grid[1, 0].transAxes)
    for column, (label, (image, size)) in enumerate(decoded.items(), start=1):
        draw_image(grid[0, column], image[0], f"{label}\n{size:,} bytes")
        grid[0, column].set_xlabel(f"error {reconstruction_error(image, original):.1f}")
        draw_signed_image(grid[1, column], (image - original)[0])
        grid[1, column].images[0].set_clim(-0.2, 0.2)
    return Figure(canvas, f"An image, the same after {', '.join(decoded)}, and under each its difference.")


@figure
def bytes_against_error(curves, lossless=None, what="file"):
    """Error against bytes, both axes logarithmic, for codecs that lose something.

    curves: {label: (bytes, errors)}, two lists; lists of one or two are stars. lossless: {label: bytes}, codecs
    without any error, drawn as vertical lines. what: what the bytes and the errors are counted for.
    """
    canvas = new_canvas(5)
    axes = canvas.subplots()
    for index, (label, (sizes, errors)) in enumerate(curves.items()):
        marker = MARKERS[index % len(MARKERS)] if len(sizes) > 2 else "*"
        size = 9 if len(sizes) > 2 else 22
        axes.plot(sizes, errors, marker=marker, color=PALETTE[index % len(PALETTE)], label=label, markersize=size)
    for label, size in (lossless or {}).items():
        axes.axvline(size, color="0.5", lw=1.5, ls="--")
        place = {"xycoords": ("data", "axes fraction"), "xytext": (-5, 0), "textcoords": "offset points"}
        axes.annotate(label, (size, 0.97), rotation=90, ha="right", va="top", color="0.35", **place)
    axes.set(xscale="log", yscale="log", xlabel=f"bytes per {what}", ylabel=f"reconstruction error per {what}")
    plain_ticks(axes.xaxis, axes.yaxis)
    axes.legend()
    return Figure(canvas, f"Error against bytes per {what}: {', '.join([*curves, *(lossless or {})])}.")


@figure
def three_ways_to_learn(image, label):
    """What a network is shown and what it has to answer, in supervised, unsupervised and self-supervised learning.

    image: (1, height, width); label: the answer that a person wrote down.
    """
    canvas = new_canvas(4.1)
    ways = {
        "supervised": ("a label", "given by a person"),
        "unsupervised": ("nothing", "no target"),
        "self-supervised": ("the input itself", "no one had to label it"),
    }
    grid = canvas.subplots(2, 3)
    for column, (way, (target, origin)) in enumerate(ways.items()):
        draw_image(grid[0, column], image, way)
        grid[0, column].set_xlabel("input")
        if way == "self-supervised":
            draw_image(grid[1, column], image)
        else:
            grid[1, column].imshow([[1]], cmap="gray", vmin=0, vmax=1)
            text = str(label) if way == "supervised" else "?"
            colour = PALETTE[1] if way == "supervised" else "0.6"
            grid[1, column].text(0, 0, text, fontsize=60, ha="center", va="center", color=colour)
            grid[1, column].set(xticks=[], yticks=[])
            grid[1, column].spines[:].set_visible(True)
        grid[1, column].set_xlabel(f"target: {target}\n({origin})")
    return Figure(canvas, "The same input under supervised, unsupervised and self-supervised, and the target of each.")
