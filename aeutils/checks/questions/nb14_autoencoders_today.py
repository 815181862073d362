"""Questions of notebook 14, Autoencoders today."""

import math

import torch

from aeutils.checks.kinds import Case, ask, letter


@ask(
    "14",
    "Bits of an image in symbols",
    "symbol_bits(rows, columns, size)",
    cases=[
        *[(4, 4, 64), (7, 7, 512), (4, 4, 50), (2, 3, 5), (1, 1, 2), (5, 2, 100), (3, 6, 1000), (2, 2, 70000)],
        *[(3, 1, 257), (1, 4, 3), (2, 5, 1025), (32, 16, 2**16 + 1), (9, 8, 2**24)],
        Case(4, 4, 1, name="one symbol alone", hint="Where there is one symbol alone, nothing has to be told."),
    ],
    hint="With b bits one can tell 2 to the power of b symbols apart. How many whole bits does one symbol need, and "
    "how many symbols has the image?",
    mistakes={
        "not rounded up": (
            "That many bits a symbol has on average, at best. Here each symbol takes a whole number of bits.",
            lambda rows, columns, size: rows * columns * math.log2(size),
            lambda rows, columns, size: math.ceil(rows * columns * math.log2(size)),
        ),
        "rounded down": (
            "With so few bits not all symbols can be told apart. How many can be, with 5 bits, and how many with 6?",
            lambda rows, columns, size: rows * columns * math.floor(math.log2(size)),
            lambda rows, columns, size: rows * columns * round(math.log2(size)),
        ),
        "one bit too many": (
            "For 64 symbols 6 bits are enough: their numbers go from 0 to 63.",
            lambda rows, columns, size: rows * columns * size.bit_length(),
            lambda rows, columns, size: rows * columns * (math.floor(math.log2(size)) + 1),
            lambda rows, columns, size: rows * columns * (math.ceil(math.log2(size)) + 1),
        ),
        "bytes": (
            "These are bytes. Asked for are bits.",
            lambda rows, columns, size: rows * columns * math.ceil(math.log2(size)) / 8,
            lambda rows, columns, size: rows * columns * math.ceil(math.log2(size)) // 8,
            lambda rows, columns, size: math.ceil(rows * columns * math.ceil(math.log2(size)) / 8),
        ),
        "whole bytes": (
            "A symbol takes as few bits as possible, not whole bytes.",
            lambda rows, columns, size: rows * columns * math.ceil(math.log2(size) / 8) * 8,
        ),
        "natural logarithm": (
            "A bit is an answer of yes or no, so the logarithm to the base 2 counts them.",
            lambda rows, columns, size: rows * columns * math.log(size),
            lambda rows, columns, size: rows * columns * math.ceil(math.log(size)),
        ),
        "no logarithm": (
            "Each bit more doubles the number of symbols that can be told apart. How many bits lead to size?",
            lambda rows, columns, size: rows * columns * math.ceil(math.sqrt(size)),
            lambda rows, columns, size: rows * columns * math.ceil(size / 2),
            lambda rows, columns, size: rows * columns * 2**size,
        ),
        "power for product": (
            "So many different images there could be, or more. The bits of the symbols are added up: multiply.",
            lambda rows, columns, size: math.ceil(math.log2(size)) ** (rows * columns),
            lambda rows, columns, size: size ** (rows * columns),
        ),
        "a bit for each symbol of the codebook": (
            "Not every symbol of the codebook needs a bit of its own: 6 bits tell 64 symbols apart.",
            lambda rows, columns, size: rows * columns * size,
        ),
        "exchanged": (
            "You took the logarithm of how many symbols the image has. How many different ones are there?",
            lambda rows, columns, size: size * math.ceil(math.log2(rows * columns)),
        ),
        "bits of all at once": (
            "The bits of one symbol are counted first, then multiplied by the number of symbols.",
            lambda rows, columns, size: math.ceil(math.log2(rows * columns * size)),
            lambda rows, columns, size: math.log2(rows * columns * size),
        ),
    },
)
def bits_as_symbols(rows, columns, size):
    """Bits of an image of rows * columns symbols, each out of size, in whole bits for each symbol."""
    return rows * columns * math.ceil(math.log2(size))


def _numbers():
    """Numbers of both signs, none halfway between two whole ones."""
    generator = torch.Generator().manual_seed(3)
    some = torch.tensor([-1.73, -0.42, 0.34, 0.83, 2.67, 5.14])
    near = torch.tensor([0.47, 0.53, -0.47, -0.53, 0, 1, -3])  # a half, or whole
    more = [Case(near), Case(some[:1]), Case(20000.3 * some), Case(9 * torch.rand(2, 2, 3, 3, generator=generator))]
    return [Case(some), Case(some + 10), Case(301.3 * some), Case(4 * torch.randn(3, 7, generator=generator)), *more]


@ask(
    "14",
    "Rounding, straight through",
    "round_through(numbers)",
    cases=_numbers,
    hint="Take numbers + (something).detach(). Which something makes the value that of the rounded numbers?",
    gradient=0,
    rules={
        "not whole": (
            "Yours are no whole numbers, though some may come near. Is it a smooth step, or rounded to decimals?",
            lambda made, numbers: bool((made - made.round()).abs().max() < 1e-2),
        ),
    },
    mistakes={
        "not rounded": (
            "The numbers came back as they were. Their value should be that of the rounded ones.",
            lambda numbers: numbers * 1,
        ),
        "rounded down": (
            "Yours goes to a whole number, and not always to the nearest one: look at those below 0, too.",
            torch.floor,
            torch.trunc,
            lambda numbers: (numbers + 0.5).trunc(),
        ),
        "rounded up": ("You always go up. Rounding goes to the nearest whole number: torch.round.", torch.ceil),
        "difference alone": (
            "That is what rounding changes. It has to be added to the numbers.",
            lambda numbers: numbers.round() - numbers,
            lambda numbers: numbers - numbers.round(),
        ),
        "difference taken away": (
            "Go from the numbers to the rounded ones: rounded minus numbers is what has to be added, not the reverse.",
            lambda numbers: numbers + (numbers - numbers.round()),
        ),
        "both added": (
            "You add the rounded numbers to the numbers. Add the difference of the two.",
            lambda numbers: numbers + numbers.round(),
        ),
    },
)
def rounding_straight_through(numbers):
    """The numbers rounded to whole ones, with the gradient of numbers that were not rounded."""
    return numbers + (numbers.round() - numbers).detach()


def _texts():
    """Pairs of neighbouring symbols: some never occur, rows and columns differ."""
    cases = [(torch.tensor([0, 0, 0, 1, 1, 2]), torch.tensor([1, 1, 2, 0, 0, 1]), 3)]
    cases += [(torch.tensor([3, 3, 0]), torch.tensor([1, 1, 3]), 4)]
    generator = torch.Generator().manual_seed(5)
    cases += [(*torch.randint(0, 5, (2, 60), generator=generator).sort(1).values, 6)]
    cases += [(*torch.randint(0, 70, (2, 1100), generator=generator), 70)]
    most = "One pair occurs 2,100 times here. Which kind of number are your counts, and how far does it count exactly?"
    many = torch.ones(3000).long(), (torch.arange(3000) > 899).long(), 3
    return [*cases, Case(*many, shown="{name}, for 3,000 pairs,", name="too few numbers to count with", hint=most)]


def _pairs(given, symbols, size, begin=1.0):
    """How often each symbol comes after each other one, (size, size), counted from begin."""
    return torch.bincount(size * given + symbols, minlength=size**2).reshape(size, size) + begin


def _shares(counts, dim=1):
    return counts / counts.sum(dim, keepdim=True)


@ask(
    "14",
    "Which symbol comes next?",
    "next_table(given, symbols, size)",
    cases=_texts,
    hint="Begin with torch.ones(size, size). Each pair adds 1 in the row of the given symbol, in the column of the "
    "next. Then divide each row by its sum.",
    rules={
        "rows that do not sum to 1": (
            "Given a symbol, some symbol comes next: each row should sum to 1.",
            lambda made, given, symbols, size: torch.allclose(made.sum(1), torch.ones(size).double(), atol=1e-4),
        ),
        "0 and 1": (
            "Yours holds 0 and 1 alone. How probable is each symbol?",
            lambda made, given, symbols, size: not set(made.unique().tolist()) <= {0, 1},
        ),
        "pairs not counted": (
            "All rows are alike in yours. Does each pair add 1 in the row of its given symbol?",
            lambda made, given, symbols, size: not bool((made - made[0]).abs().max() < 1e-4),
        ),
    },
    mistakes={
        "rows and columns exchanged": (
            "The row is the symbol that is given, the column the one that comes next.",
            lambda given, symbols, size: _shares(_pairs(symbols, given, size)),
            lambda given, symbols, size: _shares(_pairs(given, symbols, size)).T,
            lambda given, symbols, size: _shares(_pairs(symbols, given, size), 0),
        ),
        "counts": (
            "These are counts. Divide each row by its sum.",
            lambda given, symbols, size: _pairs(given, symbols, size),
            lambda given, symbols, size: _pairs(given, symbols, size, 0),
        ),
        "counted from 0": (
            "A pair that was never seen has the probability 0 in yours, or hardly more: it would take very many bits. "
            "Count from 1.",
            lambda given, symbols, size: _shares(_pairs(given, symbols, size, 0.0)),
            lambda given, symbols, size: _shares(_pairs(given, symbols, size, 1e-6)),
            lambda given, symbols, size: _shares(_pairs(given, symbols, size, 0.0)).nan_to_num(),
            lambda given, symbols, size: _pairs(given, symbols, size, 0.0) / len(given),
        ),
        "counted from 2": (
            "1 is added twice: a pair that was never seen has the count 1.",
            lambda given, symbols, size: _shares(_pairs(given, symbols, size, 2.0)),
        ),
        "sums across": (
            "Numbers are divided by the sums of other rows. keepdim=True keeps each sum beside its row.",
            lambda given, symbols, size: _pairs(given, symbols, size) / _pairs(given, symbols, size).sum(1),
        ),
        "each pair once": (
            "A pair that occurs twice counts twice. table[given, symbols] += 1 adds it only once: use "
            "bincount or a loop.",
            lambda given, symbols, size: _shares(1.0 + (_pairs(given, symbols, size, 0) > 0)),
        ),
        "1 added to the shares": (
            "You add 1 after dividing. The counts begin at 1, and are divided last.",
            lambda given, symbols, size: _shares(_pairs(given, symbols, size, 0.0)) + 1,
            lambda given, symbols, size: _shares(_pairs(given, symbols, size, 0.0)).nan_to_num() + 1,
            lambda given, symbols, size: _shares(_shares(_pairs(given, symbols, size, 0.0)).nan_to_num() + 1),
        ),
        "a count of 1 not added": (
            "All counts begin at 1, and each pair adds 1 to that: a pair that occurs once has 2 in the end.",
            lambda given, symbols, size: _shares(_pairs(given, symbols, size, 0).clamp(min=1)),
            *[
                lambda given, symbols, size, begin=begin: _shares(_pairs(given, symbols, size, begin))
                for begin in (0.01, 0.1, 0.5)
            ],
            lambda given, symbols, size: _shares(_pairs(given, symbols, size, 1 / size)),
        ),
        "both directions": (
            "You count each pair in both directions. Which symbol comes first makes a difference.",
            lambda given, symbols, size: _shares(_pairs(given, symbols, size) + _pairs(symbols, given, size, 0)),
        ),
        "paired anew": (
            "given and symbols are paired already, place by place. You have moved one of them on.",
            lambda given, symbols, size: _shares(_pairs(given[:-1], symbols[1:], size)),
            lambda given, symbols, size: _shares(_pairs(given[1:], symbols[:-1], size)),
        ),
        "one number for several pairs": (
            "Different pairs get the same number in yours: 0 and 2 have the sum of 1 and 1.",
            lambda given, symbols, size: _shares(
                torch.bincount(given + symbols, minlength=size**2).reshape(size, size) + 1
            ),
        ),
        "another row": (
            "Pairs whose given symbol is not 0 land in other places. Is a number built in? Rows hold size places.",
            lambda given, symbols, size: _shares(
                torch.bincount(64 * given + symbols, minlength=size**2)[: size**2].reshape(size, size) + 1.0
            ),
        ),
        "softmax of counts": (
            "A softmax takes powers of the counts. A share is a count, divided by the sum of its row.",
            lambda given, symbols, size: _pairs(given, symbols, size).softmax(1),
        ),
    },
)
def next_symbol(given, symbols, size):
    """A table (size, size): the probability of each symbol given the one before it, counted from 1."""
    return _shares(_pairs(given, symbols, size))


def _orders():
    """Numbers (n, 4, 4), all different, and how many patches to hide."""
    generator = torch.Generator().manual_seed(7)
    numbers = torch.rand(3, 4, 4, generator=generator) + torch.tensor([0.0, 0.2, 0.4])[:, None, None]
    shown = "{{name}}, for {} images and count = {},"
    sets = [
        Case(numbers[:some], count, shown=shown.format(some, count).replace(" 1 images", " one image"))
        for some, count in ((3, 3), (2, 12), (3, 1), (1, 9), (2, 15))
    ]
    sets += [Case(0.01 * numbers - 0.5, count, shown=shown.format(3, count)) for count in (2, 4, 5, 6, 8, 10, 14)]
    many = 1e5 * torch.randn(40, 4, 4, generator=generator)
    sets.append(Case(many, 5, shown=shown.format(40, 5) + " with large numbers,"))
    sets.append(Case(500 * (numbers[:2] - 0.6), 13, shown=shown.format(2, 13) + " with numbers from -300 to 300,"))
    end = "With count = 16 all is hidden. Does yours compare with a 17th number, or ask for less than the highest one?"
    none = "With count = 0 nothing is hidden. Does yours compare with the highest of the hidden? There is none."
    sets.append(Case(numbers[:2], 0, shown=shown.format(2, 0), name="fails for 0", hint=none))
    return [*sets, Case(numbers[:2], 16, shown=shown.format(2, 16), name="fails for all 16", hint=end)]


def _enlarged(small, side=7):
    """Each of (n, rows, columns) as a square of pixels, (n, 1, rows * side, columns * side)."""
    return small[:, None].repeat_interleave(side, 2).repeat_interleave(side, 3)


def _lowest(numbers, count, largest=False):
    """Where the count lowest of the 16 numbers of each image are, (n, 4, 4)."""
    flat = numbers.flatten(1)
    places = flat.topk(count, dim=1, largest=largest).indices
    return torch.zeros_like(flat).scatter(1, places, 1).bool().reshape(numbers.shape)


@ask(
    "14",
    "Hide the patches with the lowest numbers",
    "hide_lowest(numbers, count)",
    cases=_orders,
    hint="First a small mask (n, 4, 4): which numbers are the count lowest of their image? Then each of its places "
    "becomes a square of 7 x 7 pixels.",
    mistakes={
        "visible for hidden": (
            "Yours is True where the image stays visible. True should mean hidden.",
            lambda numbers, count: ~_enlarged(_lowest(numbers, count)),
        ),
        "highest hidden": (
            "Yours hides the patches with the highest numbers.",
            lambda numbers, count: _enlarged(_lowest(numbers, count, largest=True)),
        ),
        "patches repeated side by side": (
            "The small mask is repeated as tiles. Each of its places should become a square: repeat_interleave.",
            lambda numbers, count: _lowest(numbers, count)[:, None].repeat(1, 1, 7, 7),
        ),
        "still 4 x 4": (
            "That says which patches are hidden. Asked for are the pixels: each patch is a square of 7 x 7.",
            lambda numbers, count: _lowest(numbers, count)[:, None],
            lambda numbers, count: _lowest(numbers, count),
        ),
        "images compete": (
            "The lowest numbers of all images together are hidden. Each image hides its own count.",
            lambda numbers, count: _enlarged(
                numbers <= numbers.flatten().topk(count, largest=False).values[-1],
            ),
            lambda numbers, count: _enlarged(
                numbers <= numbers.flatten().topk(min(count * len(numbers), numbers.numel()), largest=False).values[-1],
            ),
        ),
        "a share, not a number": (
            "Numbers below count / 16 are hidden in yours, more or fewer in each image. Exactly count should be.",
            lambda numbers, count: _enlarged(numbers < count / 16),
        ),
        "one too few or too many": (
            "Count the hidden patches of each image: count should be. What decides which of them are hidden?",
            lambda numbers, count: _enlarged(_lowest(numbers, count + 1)),
            lambda numbers, count: _enlarged(_lowest(numbers, count - 1)),
        ),
        "within each row": (
            "You compare the numbers of each row, or column, of patches. All 16 numbers of an image compete.",
            *[
                lambda numbers, count, axis=axis: _enlarged(numbers.argsort(axis).argsort(axis) < count)
                for axis in (1, 2)
            ],
            *[
                lambda numbers, count, axis=axis: _enlarged(numbers.argsort(axis).argsort(axis) < count // 4)
                for axis in (1, 2)
            ],
        ),
        "along the images": (
            "You compare the images with each other. Each image by itself: along which axis do you sort?",
            lambda numbers, count: _enlarged(numbers.argsort(0).argsort(0) < count),
        ),
        "what any image hides": (
            "Every image hides what any of them hides: [:, places] means all rows. Each image has its own places.",
            lambda numbers, count: _enlarged(_lowest(numbers, count).any(0).expand_as(numbers)),
        ),
        "rank and place exchanged": (
            "argsort gives places in the order of their numbers, not the rank of each. Sort twice, or use topk and "
            "scatter.",
            lambda numbers, count: _enlarged((numbers.flatten(1).argsort(1) < count).reshape(numbers.shape)),
        ),
    },
    rules={
        "not whole patches": (
            "Patches lie side by side, 7 pixels apart. All of the 7 x 7 pixels of a patch are hidden, or none.",
            lambda made, numbers, count: (
                made.shape == (len(numbers), 1, 28, 28) and bool((made == _enlarged(made[:, 0, ::7, ::7])).all())
            ),
        ),
        "one too few or too many": lambda made, numbers, count: bool((made.flatten(1).sum(1) == 49 * count).all()),
    },
)
def patches_hidden(numbers, count):
    """Where (n, 1, 28, 28) the count patches of 7 x 7 pixels with the lowest numbers (n, 4, 4) of each image are."""
    return _enlarged(_lowest(numbers, count))


letter(
    "feature_is_used",
    "14",
    "What shows that a feature is used?",
    right="c",
    wrong={
        "a": "So much is known about the feature, not about the classifier: it may never look at it. What would have "
        "to change if it did?",
        "b": "A small error says that the features hold what the hidden layer holds, all together. What does one of "
        "them do?",
        "d": "Ten digits show when the feature is active. What follows for the answer of the classifier?",
    },
    passed="Only an intervention shows it: what is turned, and what follows.",
)
