"""Checks of notebook 08, Convolutional autoencoders."""

import copy

from aeutils.checks import probes
from aeutils.checks.question import attempt, call, choose, describe, question, require, require_function
import torch
from torch import nn


@question("08", "The size that comes out of a convolution")
def convolved_size(output_size):
    """output_size(size, kernel, stride, padding): height or width of what a convolution makes of so many pixels."""
    require_function(output_size, "output_size(size, kernel, stride, padding)")
    hint = "Draw a row of pixels, with its padding. How many steps can the kernel go before it runs off the end?"
    for case in ((28, 3, 1, 0), (28, 5, 1, 2), (28, 3, 2, 1), (14, 4, 2, 1), (31, 5, 3, 2)):
        doing, right = f"output_size{case}", _size(*case)
        found = call(output_size, *case, doing=doing, expected=f"{right}", hint=hint)
        slips = {number: why for number, why in _size_slips(*case) if number != right}
        probes.require_number(found, right, slips, doing, hint, tolerance=1e-6)


def _size(size, kernel, stride, padding):
    """Height or width that comes out of a convolution."""
    return (size + 2 * padding - kernel) // stride + 1


def _size_slips(size, kernel, stride, padding):
    """(number, (misconception, hint)) of each misunderstanding of the size, the commonest last: of two, it counts."""
    way = size + 2 * padding - kernel
    once = "Padding is added at both ends of a row, not at one."
    none = "The padding is missing: those pixels are there for the kernel to stand on, too."
    stride_of_one = "The kernel does not stop at every pixel: it goes on by stride pixels each time."
    first = "You counted the steps. Before its first step the kernel has already stood somewhere."
    up = "The last step leads over the end: a kernel stands on the image as a whole, or not at all."
    part = "A part of a step leads nowhere. How many whole steps are there?"
    rule = "That is a rule for kernels of 3 with a padding of 1. Count for any kernel, with any padding."
    return [
        (-(-size // stride), ("size divided by the stride", rule)),
        (size // stride, ("size divided by the stride", rule)),
        (way + 1, ("ignores the stride", stride_of_one)),
        ((size + padding - kernel) // stride + 1, ("padding at one end", once)),
        (_size(size, kernel, stride, 0), ("no padding", none)),
        (way / stride + 1, ("parts of a step", part)),
        (-(-way // stride) + 1, ("rounded up", up)),
        (way // stride, ("steps, not places", first)),
    ]


@question("08", "What locality and sharing save")
def saved_parameters(count_both):
    """count_both(side, channels, maps, kernel): parameters of a convolution and of the fully connected layer.

    Both take channels x side x side numbers and make maps x side x side of them.
    """
    require_function(count_both, "count_both(side, channels, maps, kernel)")
    hint = "What does one number of the output look at? And which numbers of the output use the same weights?"
    for case in ((6, 2, 4, 3), (28, 1, 8, 3), (10, 3, 5, 7)):
        side, channels, maps, kernel = case
        doing, right = (
            f"count_both{case}",
            (maps * (channels * kernel**2 + 1), (channels * side**2 + 1) * maps * side**2),
        )
        expected = "{:,} and {:,}".format(*right)
        both = call(count_both, *case, doing=doing, expected=expected, hint=hint)
        two = "Return two numbers: first those of the convolution, then those of the fully connected layer."
        seen = f"{doing} gave {describe(both)}"
        with attempt(doing, expected, two, "not a pair"):
            found = list(both)
        require(len(found) == 2, "not a pair", seen, expected, two)
        numbers = [probes.number(part, doing, expected, two) for part in found]
        swapped = "Both numbers are right, in the other order: first the convolution."
        require(numbers != list(right[::-1]), "wrong order", seen, expected, swapped)
        slips = _convolution_slips(*case), _connected_slips(*case)
        for place, value, number, known in zip(("first", "second"), found, right, slips, strict=True):
            others = {slip: why for slip, why in known.items() if slip != number}
            probes.require_number(value, number, others, f"the {place} number of {doing}", hint, tolerance=1e-6)


def _convolution_slips(side, channels, maps, kernel):
    """What misunderstandings of a convolution's parameters lead to, for probes.require_number."""
    every = "You gave every pixel of the output weights of its own. One kernel goes over the whole image."
    bias = "These are the weights alone. Each feature map has a constant of its own besides, its bias."
    depth = "A kernel reaches through all channels of the input, with weights of their own for each of them."
    row = "A kernel is as high as it is wide. How many weights are in one?"
    single = "You counted one bias for the whole layer. Each feature map has its own."
    places = "You gave every pixel of a feature map a bias of its own. A map shares one, as it shares the kernel."
    weights = maps * channels * kernel**2
    return {
        weights * side**2: ("not shared", every),
        (weights + maps) * side**2: ("not shared", every),
        weights + maps * side**2: ("bias per pixel", places),
        weights: ("no biases", bias),
        weights + 1: ("one bias per layer", single),
        maps * kernel**2: ("one channel only", depth),
        maps * (kernel**2 + 1): ("one channel only", depth),
        maps * (channels * kernel + 1): ("kernel not squared", row),
        weights + channels: ("biases of the input", "A bias belongs to each map that comes out, not to what goes in."),
    }


def _connected_slips(side, channels, maps, kernel):
    """What misunderstandings of the fully connected layer's parameters lead to, for probes.require_number."""
    bias = "These are the weights alone. Each number that comes out has a constant of its own besides, its bias."
    pixels = "An image of so many pixels a side has side × side of them, in each of its channels."
    outputs = "It makes as many numbers as the convolution does: whole feature maps, not one number for each."
    per_map = "Here nothing is shared: each number that comes out has a bias of its own."
    inputs, made = channels * side**2, maps * side**2
    return {
        inputs * made: ("no biases, fully connected", bias),
        inputs * made + maps: ("one bias per map, fully connected", per_map),
        (channels * side + 1) * maps * side: ("side not squared", pixels),
        (inputs + 1) * maps: ("one number per map", outputs),
        (side**2 + 1) * side**2: ("channels left out", "Both sides have channels: those of the input, and the maps."),
    }


@question("08", "Twice as high, twice as wide, and no checkerboard")
def even_doubling(make_doubling):
    """make_doubling(channels, maps): a module (n, channels, h, w) -> (n, maps, 2h, 2w) that makes no checkerboard."""
    require_function(make_doubling, "make_doubling(channels, maps)")
    for channels, maps in ((6, 4), (3, 5)):
        doing, expected = f"make_doubling({channels}, {maps})", "a module: layers that can be called and trained"
        hint = "Which layer makes an image larger, which one learns? Put both into an nn.Sequential."
        block = call(make_doubling, channels, maps, doing=doing, expected=expected, hint=hint)
        layers = isinstance(block, nn.Module)
        require(layers, "no module", f"{doing} gave {describe(block)}", expected, hint)
        block.eval()
        _require_doubled(block, channels, maps, doing)
        probes.require_trainable(block, torch.randn(20, channels, 6, 6), doing)
        _require_even(block, channels, doing)
        _require_finer(block, channels, doing)


def _require_doubled(block, channels, maps, doing):
    """Raise NotYet unless images of any size come out with height and width doubled, as so many maps."""
    for height, width in ((7, 7), (5, 8)):
        given = torch.randn(2, channels, height, width)
        name, right = f"{doing} on {tuple(given.shape)}", (2, maps, 2 * height, 2 * width)
        fits = "What goes in has so many channels and any height and width. Does your block rely on one of them?"
        with torch.no_grad(), attempt(name, f"shape {right}", fits, "does not fit"):
            made = block(given)
        seen, expected = f"{name} gave {describe(made)}", f"a tensor of shape {right}"
        require(isinstance(made, torch.Tensor) and made.ndim == 4, "not images", seen, expected, fits)
        small = "Height and width are the same as before. Which layer repeats pixels?"
        require(made.shape[2:] != (height, width), "not doubled", seen, expected, small)
        lost = "At the edge some pixels are lost or added. What does padding do to the size?"
        for change in (-4, -2, -1, 1, 2):
            near = made.shape[2:] == (2 * height + change, 2 * width + change)
            require(not near, "wrong at the edge", seen, expected, lost)
        built_in = "The size was right for another image. Ask for twice the size, not for a certain one."
        require(made.shape[2:] == right[2:], "size built in", seen, expected, built_in)
        kept = "The size is right, the number of maps is not: which layer turns channels into maps?"
        require(made.shape[1] == maps, "wrong number of maps", seen, expected, kept)


def _require_even(block, channels, doing):
    """Raise NotYet unless what is the same everywhere comes out the same everywhere, away from the edge."""
    seen = f"an image that is the same everywhere came out of {doing} in a pattern that repeats every 2 pixels"
    expected = "the same number everywhere, but at the edge"
    with torch.no_grad():
        same = copy.deepcopy(block)
        for parameter in same.parameters():
            parameter.fill_(1 if parameter.ndim > 1 else parameter.mean())
        uneven = "Some pixels get more contributions than their neighbours: 3 does not divide by 2. Draw the overlap."
        require(_is_even(same, channels), "uneven overlap", seen, expected, uneven)
        by_place = "The overlap is even, but the four pixels that come from one use different weights. Share them."
        require(_is_even(block, channels), "weights by place", seen, expected, by_place)


def _is_even(block, channels):
    """Whether the block makes of each constant image one that is constant, away from the edge."""
    made = block(torch.randn(20, channels, 1, 1).expand(20, channels, 12, 12).contiguous())[:, :, 6:-6, 6:-6]
    spread = made.amax((2, 3)) - made.amin((2, 3))
    return bool((spread < 1e-4 * made.abs().max() + 1e-7).all())


def _require_finer(block, channels, doing):
    """Raise NotYet when the larger image consists of blocks of four equal pixels."""
    with torch.no_grad():
        made = block(torch.randn(20, channels, 6, 6))
    columns = (made[..., 0::2] - made[..., 1::2]).abs().max()
    seen = f"in what {doing} makes, every pixel has the same value as its neighbour"
    blocks = "Enlarging comes last, or the kernel sees one pixel at a time. What could then draw a fine line?"
    expected = "pixels that can differ from all of their neighbours"
    require(columns > 1e-5 * made.abs().max(), "blocks of four", seen, expected, blocks)


@question("08", "Which order does no harm?")
def harmless_order(answer):
    """A letter: which change of the pixels' order leaves a convolutional autoencoder as good as before."""
    left_right = "Left and right neighbours are still together. But what has become of those above and below?"
    hints = {
        "a": left_right,
        "c": "Within each half, which pixel is next to which? A kernel sees nine pixels of one small place.",
        "d": "With another order for each image not even the fully connected one can learn where anything is.",
    }
    choose(answer, "b", hints)
    return "In a mirror, neighbours stay neighbours: mirrored kernels do the same work."
