"""Questions of notebook 08, Convolutional autoencoders."""

import copy
from itertools import combinations

import torch
from torch import nn

from aeutils.checks import probes
from aeutils.checks.core import attempt, call, question, require
from aeutils.checks.explain import near
from aeutils.checks.feedback import describe
from aeutils.checks.kinds import Case, ask, letter

EVEN = "Yours was right for kernels of 3, 5 and 7, and this one is even. Is something of it halved, or rounded?"
ANY = "The rule is the same for all numbers, large or small. Is one of them cut off, built in, or treated apart?"


@ask(
    "08",
    "The size that comes out of a convolution",
    "output_size(size, kernel, stride, padding)",
    cases=[
        *((28, 3, 1, 0), (28, 5, 1, 2), (28, 5, 1, 0), (28, 3, 2, 1)),
        *((31, 5, 3, 2), (226, 7, 4, 3), (9, 3, 1, 4), (1000, 3, 1, 1)),
        *(Case(*each, name="odd kernels only", hint=EVEN) for each in ((14, 4, 2, 1), (20, 6, 3, 0), (5, 4, 1, 2))),
        *(Case(*each, name="not for all numbers", hint=ANY) for each in ((4, 1, 5, 0), (6, 31, 2, 14), (9, 2, 11, 20))),
    ],
    hint="Draw a row of pixels, with its padding. How many steps can the kernel go before it runs off the end?",
    tolerance=1e-6,
    mistakes={
        "rounded up": (
            "The last step leads over the end: a kernel stands on the image as a whole, or not at all.",
            lambda size, kernel, stride, padding: -(-(size + 2 * padding - kernel) // stride) + 1,
            lambda size, kernel, stride, padding: round((size + 2 * padding - kernel) / stride) + 1,
        ),
        "kernel ignored": (
            "A kernel covers several pixels, so it cannot stand at each of them without running off the end.",
            lambda size, kernel, stride, padding: (size + 2 * padding) // stride + 1,
            lambda size, kernel, stride, padding: (size + 2 * padding) // stride,
        ),
        "size divided by the stride": (
            "That is a rule for kernels of 3 with a padding of 1. Count for any kernel, with any padding.",
            lambda size, kernel, stride, padding: size // stride,
            lambda size, kernel, stride, padding: -(-size // stride),
        ),
        "size of a transposed one": (
            "That is how a transposed convolution enlarges. Here the kernel goes over what is there.",
            lambda size, kernel, stride, padding: (size - 1) * stride - 2 * padding + kernel,
        ),
        "steps, not places": (
            "That is the number of steps. Before its first step the kernel has already stood somewhere.",
            lambda size, kernel, stride, padding: (size + 2 * padding - kernel) // stride,
        ),
        "one added too early": (
            "That comes out when 1 is added before the division. It stands for the place where the kernel begins.",
            lambda size, kernel, stride, padding: (size + 2 * padding - kernel + 1) // stride,
            lambda size, kernel, stride, padding: round((size + 2 * padding - kernel + 1) / stride),
            lambda size, kernel, stride, padding: int((size + 2 * padding - kernel + 1) / stride + 0.5),
        ),
        "parts of a step": (
            "A part of a step leads nowhere. How many whole steps are there?",
            lambda size, kernel, stride, padding: (size + 2 * padding - kernel) / stride + 1,
        ),
        "rounded twice": (
            "You rounded quotients, each by itself. Add and subtract first, divide once, and round that.",
            lambda size, kernel, stride, padding: size // stride + 2 * padding // stride - kernel // stride + 1,
            lambda size, kernel, stride, padding: (size + 2 * padding) // stride - kernel // stride + 1,
        ),
        "no padding": (
            "The padding makes the row longer, by so many pixels at each end, before anything is divided.",
            lambda size, kernel, stride, padding: (size - kernel) // stride + 1,
            lambda size, kernel, stride, padding: (size - kernel) // stride + 1 + 2 * padding,
        ),
        "padding at one end": (
            "Padding is added at both ends of a row, not at one.",
            lambda size, kernel, stride, padding: (size + padding - kernel) // stride + 1,
        ),
        "ignores the stride": (
            "The kernel does not stop at every pixel: it goes on by stride pixels each time.",
            lambda size, kernel, stride, padding: size + 2 * padding - kernel + 1,
        ),
    },
)
def convolved_size(size, kernel, stride, padding):
    """Height or width of what a convolution makes of so many pixels."""
    return (size + 2 * padding - kernel) // stride + 1


def _convolution(side, channels, maps, kernel):
    return maps * (channels * kernel**2 + 1)


def _connected(side, channels, maps, kernel):
    return (channels * side**2 + 1) * maps * side**2


def _first(count):
    """A mistake in the parameters of the convolution, whatever the second number is."""
    return lambda *case: (count(*case), _connected(*case))


def _second(count):
    """A mistake in the parameters of the fully connected layer."""
    return lambda *case: (_convolution(*case), count(*case))


@ask(
    "08",
    "What locality and sharing save",
    "count_both(side, channels, maps, kernel)",
    cases=[
        *((6, 2, 4, 3), (14, 1, 8, 3), (10, 3, 5, 7), (5, 6, 2, 2)),
        *(Case(*each, name="not for all numbers", hint=ANY) for each in ((3, 1, 1, 5), (1, 4, 3, 3), (20, 1, 12, 9))),
    ],
    hint="What does one number of the output look at? And which numbers of the output use the same weights?",
    tolerance=1e-6,
    mistakes={
        "not shared": (
            "You count the weights anew for every pixel of the output. One kernel goes over the whole image.",
            _first(lambda side, channels, maps, kernel: maps * channels * kernel**2 * side**2),
            _first(lambda side, channels, maps, kernel: maps * (channels * kernel**2 + 1) * side**2),
            _first(lambda side, channels, maps, kernel: maps * channels * kernel**2 * side**2 + maps),
        ),
        "bias per pixel": (
            "You gave every pixel of a feature map a bias of its own. A map shares one, as it shares the kernel.",
            _first(lambda side, channels, maps, kernel: maps * (channels * kernel**2 + side**2)),
        ),
        "no biases": (
            "These are the weights alone. Each feature map has a constant of its own besides, its bias.",
            _first(lambda side, channels, maps, kernel: maps * channels * kernel**2),
        ),
        "one bias per layer": (
            "You counted one bias for the whole layer. Each feature map has its own.",
            _first(lambda side, channels, maps, kernel: maps * channels * kernel**2 + 1),
        ),
        "one channel only": (
            "A kernel reaches through all channels of the input, with weights of their own for each of them.",
            _first(lambda side, channels, maps, kernel: maps * kernel**2),
            _first(lambda side, channels, maps, kernel: maps * (kernel**2 + 1)),
        ),
        "biases of the input": (
            "A bias belongs to each map that comes out, not to what goes in.",
            _first(lambda side, channels, maps, kernel: maps * channels * kernel**2 + channels),
        ),
        "bias per channel": (
            "A map has one bias, however many channels its kernel reaches through.",
            _first(lambda side, channels, maps, kernel: maps * channels * (kernel**2 + 1)),
        ),
        "no biases, fully connected": (
            "These are the weights alone. Each number that comes out has a constant of its own besides, its bias.",
            _second(lambda side, channels, maps, kernel: channels * side**2 * maps * side**2),
        ),
        "one bias per map, fully connected": (
            "Here nothing is shared: each number that comes out has a bias of its own.",
            _second(lambda side, channels, maps, kernel: channels * side**2 * maps * side**2 + maps),
        ),
        "channels left out": (
            "Both sides have channels: those of the input, and the maps. How many numbers go in and come out?",
            _second(lambda side, channels, maps, kernel: (side**2 + 1) * side**2),
            _second(lambda side, channels, maps, kernel: (side**2 + 1) * maps * side**2),
        ),
        "biases of the input, fully connected": (
            "Each number that comes out has a bias, none of those that go in.",
            _second(lambda side, channels, maps, kernel: channels * side**2 * maps * side**2 + channels * side**2),
            _second(lambda side, channels, maps, kernel: (channels * side**2 + 1) * (maps * side**2 + 1) - 1),
        ),
        "kernel not squared": (
            "A kernel is as high as it is wide. How many weights are in one?",
            _first(lambda side, channels, maps, kernel: maps * (channels * kernel + 1)),
        ),
        "one map only": (
            "That is the kernel of a single feature map. Each map has a kernel of its own.",
            _first(lambda side, channels, maps, kernel: channels * kernel**2 + 1),
            _first(lambda side, channels, maps, kernel: channels * kernel**2 + maps),
        ),
        "side not squared": (
            "An image of so many pixels a side has side × side of them, in each of its channels.",
            _second(lambda side, channels, maps, kernel: (channels * side + 1) * maps * side),
        ),
        "one number per map": (
            "It makes as many numbers as the convolution does: whole feature maps, not one number for each.",
            _second(lambda side, channels, maps, kernel: (channels * side**2 + 1) * maps),
        ),
        "inputs plus outputs": (
            "You add what goes in and what comes out. Each number that comes out has a weight for each that goes in.",
            _second(lambda side, channels, maps, kernel: (channels + 2 * maps) * side**2),
            _second(lambda side, channels, maps, kernel: (channels + maps) * side**2),
        ),
        "a difference": (
            "Your second number is the fully connected layer's less the convolution's. Asked for are the two counts.",
            _second(lambda *case: _connected(*case) - _convolution(*case)),
        ),
        "maps shrink": (
            "Without padding, or with a stride, the maps would be smaller. Here they have the side of the image.",
            _second(lambda side, channels, maps, kernel: (channels * side**2 + 1) * maps * (side // 2) ** 2),
            _second(lambda side, channels, maps, kernel: (channels * side**2 + 1) * maps * (side - kernel + 1) ** 2),
        ),
    },
)
def saved_parameters(side, channels, maps, kernel):
    """Parameters of a convolution and a fully connected layer, both channels x side x side -> maps x side x side."""
    return maps * (channels * kernel**2 + 1), (channels * side**2 + 1) * maps * side**2


@question("08", "Twice as high, twice as wide, and no checkerboard", "make_doubling(channels, maps)")
def even_doubling(make_doubling):
    """make_doubling(channels, maps): a module (n, channels, h, w) -> (n, maps, 2h, 2w) that makes no checkerboard."""
    for channels, maps in ((6, 4), (3, 5), (2, 1)):
        doing, expected = f"make_doubling({channels}, {maps})", "a module: layers that can be called and trained"
        hint = "Which layer makes an image larger, which one learns? Put both into an nn.Sequential."
        block, again = (
            call(make_doubling, channels, maps, doing=doing, expected=expected, hint=hint) for _ in range(2)
        )
        layers = isinstance(block, nn.Module)
        require(layers, "no module", f"{doing} gave {describe(block)}", expected, hint)
        new = "Training one would change the other. Make the layers inside the function."
        shared = {id(part) for part in block.parameters()} & {id(part) for part in again.parameters()}
        require(not shared, "not a new one", f"{doing} twice gave layers with weights in common", expected, new)
        block.eval()
        _require_doubled(block, channels, maps, doing)
        given = torch.randn(20, channels, 6, 6, requires_grad=True)
        probes.require_trainable(block, given * 1, doing)  # which may be overwritten
        used = 0 if given.grad is None else int(given.grad.abs().sum((0, 2, 3)).count_nonzero())
        every = (
            "What comes out should depend on all channels of what goes in, and gradients flow back to them. Do they?"
        )
        seen, all_of_them = f"gradients of {doing} reach {used} channels of what goes in", f"all {channels} of them"
        require(used == channels, "channels left out", seen, all_of_them, every)
        probes.require_each_alone(block, given.detach(), "an image")
        _require_even(block, channels, doing)
        _require_in_place(block, channels, doing)
        _require_finer(block, channels, doing)


def _require_doubled(block, channels, maps, doing):
    """Raise NotYet unless images of any size come out with height and width doubled, as so many maps."""
    for height, width in ((7, 7), (5, 8)):
        given = torch.randn(2, channels, height, width)
        what, right = f"{doing} on {tuple(given.shape)}", (2, maps, 2 * height, 2 * width)
        fits = "What goes in has so many channels, of any height and width. Does each layer take what comes to it?"
        with torch.no_grad(), attempt(what, f"shape {right}", fits, "does not fit"):
            made = block(given)
        seen, expected = f"{what} gave {describe(made)}", f"a tensor of shape {right}"
        probes.require_tensor(made, what, expected)
        require(made.ndim == 4, "not images", seen, expected, fits)
        small = "Height and width are the same as before. Which layer repeats pixels, and does another one halve them?"
        require(made.shape[2:] != (height, width), "not doubled", seen, expected, small)
        single = "One of height and width is doubled, the other is as before."
        one = made.shape[2:] in [(2 * height, width), (height, 2 * width)]
        require(not one, "one direction only", seen, expected, single)
        much = "Height and width are four times as large. Where does that come from?"
        require(made.shape[2:] != (4 * height, 4 * width), "four times", seen, expected, much)
        shrunk = "The images became smaller. That is what an encoder does: which layer makes them larger?"
        smaller = made.shape[2] < height and made.shape[3] < width
        require(not smaller, "smaller", seen, expected, shrunk)
        lost = "Some pixels are lost or added. Follow the size through your layers: which one does it?"
        for change in (-4, -2, -1, 1, 2):
            off = made.shape[2:] == (2 * height + change, 2 * width + change)
            require(not off, "wrong at the edge", seen, expected, lost)
        built_in = "The size was right for 7 × 7 pixels. Is a size built in, or height taken for width?"
        another = "Height and width are not doubled. Work the size out step by step, layer by layer."
        name, why = ("not doubled", another) if (height, width) == (7, 7) else ("size built in", built_in)
        require(made.shape[2:] == right[2:], name, seen, expected, why)
        kept = "The size is right, the number of maps is not: which layer turns channels into maps?"
        require(made.shape[1] == maps, "wrong number of maps", seen, expected, kept)
        for tried, mode in ((block, ""), (copy.deepcopy(block).train(), ", in train mode,")):
            probes.output(tried, given, what + mode, right, fits)


def _require_even(block, channels, doing):
    """Raise NotYet unless what is the same everywhere comes out the same everywhere, away from the edge."""
    seen = f"an image that is the same everywhere came out of {doing} in a pattern that repeats every 2 pixels"
    expected = "the same number everywhere, but at the edge"
    with torch.no_grad():
        same, others = copy.deepcopy(block), copy.deepcopy(block)
        for parameter, other in zip(same.parameters(), others.parameters(), strict=True):
            parameter.fill_(1 if parameter.ndim > 1 else parameter.mean())
            if other.requires_grad:
                other.normal_(0, 0.1)
        uneven = "Neighbours are not made alike. Draw which inputs reach each of them: does 2 divide the kernel?"
        by_itself = "Which part of your block knows where in the image a pixel is? The same should be done everywhere."
        other = f"an image that is the same everywhere came out of {doing} different from place to place"
        require(_is_even(same, channels, 2), "different from place to place", other, expected, by_itself)
        require(_is_even(same, channels), "uneven overlap", seen, expected, uneven)
        by_place = "The overlap is even, but the four pixels from one use different weights, or biases. Share them."
        require(_is_even(block, channels), "weights by place", seen, expected, by_place)
        learned = "It begins without a pattern, but may learn one: four pixels come from one by different weights."
        require(_is_even(others, channels), "weights by place", f"with other weights, {seen}", expected, learned)
        chance = "While it trains, something else happens to single pixels. What does so, such as a dropout?"
        apart = others(torch.randn(2, channels, 6, 6))
        same_maps = any(near(one, other, 1e-6) for one, other in combinations(apart.unbind(1), 2))
        own = f"with other weights, {doing} makes two maps that are the same"
        require(not same_maps, "maps alike", own, "maps with weights of their own", "Is one map copied, or expanded?")
        trained = copy.deepcopy(block).train()
        require(_is_even(trained, channels), "uneven in training", f"{other}, in train mode", expected, chance)


def _is_even(block, channels, step=1):
    """Whether each constant image comes out constant, at every step-th pixel and away from the edge."""
    made = block(torch.randn(20, channels, 1, 1).expand(20, channels, 12, 12).contiguous())[:, :, 6:-6:step, 6:-6:step]
    spread = made.amax((2, 3)) - made.amin((2, 3))
    return bool((spread < 1e-4 * made.abs().max() + 1e-7).all())


def _require_in_place(block, channels, doing):
    """Raise NotYet when one quarter of an image, unlike the rest, does not come out in the same quarter alone."""
    other, given = torch.randn(2, 9, channels, 1, 1).expand(2, 9, channels, 20, 20)
    given = given.clone()
    given[..., :10, 10:] = other[..., :10, 10:]
    with torch.no_grad():
        made = block(given)
    expected = "an image in which that quarter is unlike the other three"
    seen = (
        f"an image whose upper right quarter is unlike the rest, enlarged by {doing}, has another part unlike the rest"
    )
    place = "Each pixel should grow where it is. Is the image repeated as a whole, as tiles, or are its parts moved?"
    quarter, *rest = (made[..., row, column] for row in (7, 27) for column in (27, 7))
    alike = all(near(part, rest[0], 1e-3) for part in rest) and not near(quarter, rest[0], 1e-3)
    require(alike, "out of place", seen, expected, place)


def _require_finer(block, channels, doing):
    """Raise NotYet when the larger image consists of blocks of two or four equal pixels."""
    with torch.no_grad():
        made = block(torch.randn(20, channels, 6, 6))
    seen = f"in what {doing} makes, every pixel has the same value as its neighbour"
    blocks = "Does enlarging come last? Or does the kernel see one pixel, row or column of four equal ones?"
    expected = "pixels that can differ from all of their neighbours"
    for each in (made, made.mT):
        finer = (each[..., 0::2] - each[..., 1::2]).abs().max() > 1e-5 * made.abs().max()
        require(finer, "blocks of four", seen, expected, blocks)


letter(
    "harmless_order",
    "08",
    "Which order does no harm?",
    right="b",
    wrong={
        "a": "Left and right neighbours are still together. But what has become of those above and below?",
        "c": "Within each half, which pixel is next to which? A kernel sees nine pixels of one small place.",
        "d": "With another order for each image not even the fully connected one can learn where anything is.",
    },
    passed="In a mirror, neighbours stay neighbours: mirrored kernels do the same work.",
)
