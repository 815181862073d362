"""A digit written in symbols, which one exchanges by hand."""

import copy

import torch
from torch.nn import functional

from aeutils.errors import InputError
from aeutils.plots import Figure
from aeutils.plots import images as image_rows
from aeutils.validation import DIGIT, check_images, kind_of
from aeutils.widgets.assemble import bundle
from aeutils.widgets.base import FIRST, Explorer, live_or_still
from aeutils.widgets.contents import Contents
from aeutils.widgets.manifold import check_decoder

MOST = 256
"""Symbols at most: each is stored as a byte."""
SHOWN = 8
"""Digits in the static figure."""


def exchange_symbols(images, symbols, codebook, decoder):
    """Exchange single symbols of a digit that is written in symbols, and see what the decoder makes of it.

    images: float32 (n, 1, 28, 28) in [0, 1], n at least 2; the first 100 can be chosen. symbols: whole numbers
    (n, places), the symbol of each patch of each image, row by row; places: 4, 16 or 49, or one. codebook: float32
    (size, width), the vectors of at most 256 symbols. decoder: a module that turns vectors (1, places, width) into an
    image (1, 1, 28, 28); not changed. Each symbol is drawn as the average of all patches that are written with it.
    Returns an Explorer, or a Figure where nobody can move anything. Raises InputError for what cannot work.
    """
    check_images("images", images)
    if images.shape[1:] != DIGIT or len(images) < 2:
        raise InputError(f"images have shape {tuple(images.shape)}; expected (n, 1, 28, 28) with n at least 2")
    size = _checked(images, symbols, codebook)
    check_decoder(decoder, codebook[symbols[:2]].detach(), "codebook[symbols]", "(n, places, width)", 3)
    decoder = copy.deepcopy(decoder).eval()
    averages = average_patches(images, symbols, size)
    return live_or_still(ExchangeSymbols, contents, still, images, symbols, codebook.detach(), decoder, averages)


def _checked(images, symbols, codebook):
    """The number of symbols, or InputError."""
    if not isinstance(codebook, torch.Tensor) or not codebook.is_floating_point() or codebook.ndim != 2:
        shape = tuple(codebook.shape) if isinstance(codebook, torch.Tensor) else kind_of(codebook)
        raise InputError(f"codebook is {shape}; expected floats (size, width), a vector for each symbol")
    if not 2 <= len(codebook) <= MOST:
        raise InputError(f"codebook has {len(codebook)} vectors; expected 2 to {MOST}")
    if not isinstance(symbols, torch.Tensor) or symbols.is_floating_point() or symbols.ndim != 2:
        given = f"{symbols.dtype} {tuple(symbols.shape)}" if isinstance(symbols, torch.Tensor) else kind_of(symbols)
        raise InputError(f"symbols is {given}; expected whole numbers (n, places)")
    if len(symbols) != len(images) or symbols.shape[1] not in (1, 4, 16, 49):
        raise InputError(
            f"symbols has shape {tuple(symbols.shape)}; expected ({len(images)}, places) with 1, 4, 16 or 49 places"
        )
    if symbols.min() < 0 or symbols.max() >= len(codebook):
        low, high = symbols.aminmax()
        raise InputError(f"symbols range from {low} to {high}; expected 0 to {len(codebook) - 1}, as in the codebook")
    return len(codebook)


def average_patches(images, symbols, size):
    """The average (size, side, side) of all patches that are written with each symbol; black where there is none."""
    side = 28 // round(symbols.shape[1] ** 0.5)
    patches = functional.unfold(images, side, stride=side).transpose(1, 2).flatten(0, 1)
    sums = torch.zeros(size, side * side).index_add(0, symbols.flatten(), patches)
    counts = symbols.flatten().bincount(minlength=size).clamp(min=1)
    return (sums / counts[:, None]).reshape(size, side, side)


class ExchangeSymbols(Explorer):
    """The explorer: the symbols of a digit, all symbols to choose from, and what the decoder makes of them."""

    _esm = bundle("exchange_symbols.js")


def contents(images, symbols, codebook, decoder, averages, **options):
    """The Contents of the explorer; options: those of Contents."""
    made = Contents("exchange_symbols", **options)
    made.images("images", images[:FIRST])
    made.numbers("symbols", symbols[:FIRST])
    made.array("codebook", codebook)
    made.images("averages", (averages * 255).round() / 255)
    made.network("decoder", decoder, codebook[symbols[:1]])
    return made


def still(images, symbols, codebook, decoder, _averages):
    """The Figure in the explorer's place: digits decoded, and with the symbols of one place exchanged."""
    some = symbols[:SHOWN]
    exchanged = some.clone()
    place = max(range(some.shape[1]), key=lambda each: len(some[:, each].unique()))  # where symbols differ most
    exchanged[:, place] = some[:, place].roll(1)
    with torch.no_grad():
        rows = {"original": images[:SHOWN], "decoded": decoder(codebook[some])}
        rows["one symbol\nexchanged"] = decoder(codebook[exchanged])
    words = "Digits over what a decoder makes of their symbols, and of the same with one symbol exchanged"
    return Figure(image_rows(rows).canvas, f"{words}: at one place each has that of the digit to its left.")
