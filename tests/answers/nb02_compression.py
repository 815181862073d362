"""Answers to the questions of notebook 02."""

from fractions import Fraction
from itertools import groupby
import zlib

import numpy as np
import torch

from answers import fresh, right, wrong_ones


def colour_and_length(row):
    """Each run as its colour and its length: the encoder that most right codecs here share."""
    code = []
    for pixel, run in groupby(row):
        code += [pixel, len(list(run))]
    return code


def repeat(code):
    """The decoder that belongs to it."""
    row = []
    for pixel, length in zip(code[::2], code[1::2], strict=True):
        row += [pixel] * length
    return row


def places_of_white(code):
    return [int(place in code[1:]) for place in range(code[0])]


@fresh("lossless_codec", "kept from call to call")
def one_list_for_all_rows():
    code = []

    def encode(row):
        code.extend(colour_and_length(row))
        return code

    return encode, repeat


@fresh("lossless_codec")
def where_the_row_changes():
    def encode(row):
        pixels = np.array(row)
        return [row[0], len(row), *(np.flatnonzero(np.diff(pixels)) + 1)]

    def decode(code):
        row = torch.full((code[1],), code[0])
        for change in code[2:]:
            row[change:] = 1 - row[change]
        return row

    return encode, decode


right(
    "lossless_codec",
    colour_and_length_of_each_run=(colour_and_length, repeat),
    a_library_does_it=(lambda row: zlib.compress(bytes(row)), lambda code: list(zlib.decompress(code))),
)


wrong_ones(
    "lossless_codec",
    {
        "long runs": [
            (lambda row: [min(number, 100) for number in colour_and_length(row)], repeat),
            (
                lambda row: [(128 * pixel + len([*run])) % 256 for pixel, run in groupby(row)],
                lambda code: [number // 128 for number in code for _ in range(number % 128)],
            ),
        ],
        "not shorter": [
            (lambda row: row, lambda code: code),
            (lambda row: [len(row), *(place for place, pixel in enumerate(row) if pixel)], places_of_white),
            (
                lambda row: [len(row), *np.packbits(np.array(row, dtype=np.uint8))],
                lambda code: np.unpackbits(np.array(code[1:], dtype=np.uint8))[: code[0]],
            ),
        ],
        "colours swapped": [
            (
                lambda row: [len(list(run)) for _, run in groupby(row)],
                lambda code: [index % 2 for index, length in enumerate(code) for _ in range(length)],
            )
        ],
        "end missing": [(lambda row: colour_and_length(row)[:-2], repeat)],
        "code ignored": [(colour_and_length, lambda code: [0, 0, 1, 1])],
        "index out of range": [
            (lambda row: [index for index in range(len(row)) if row[index] != row[index + 1]], repeat)
        ],
        "order lost": [(lambda row: [row.count(0), row.count(1)], lambda code: [0] * code[0] + [1] * code[1])],
        "lossy": [(lambda row: [row[0], len(row)], lambda code: [code[0]] * code[1])],
        "lengths of runs": (lambda row: row[::2], lambda code: [pixel for pixel in code for _ in range(2)]),
        "length for colour": [(colour_and_length, lambda code: repeat(code[::-1]))],
        "changes its input": [(lambda row: colour_and_length([row.pop(0) for _ in range(len(row))]), repeat)],
        "a text": [(colour_and_length, lambda code: list(map(str, repeat(code))))],
        "not bytes": [
            (lambda row: [*map(float, colour_and_length(row))], lambda code: repeat([*map(int, code)])),
            (lambda row: [(pixel, len(list(run))) for pixel, run in groupby(row)], repeat),
            (
                lambda row: [len(row), int("".join(map(str, row)), 2)],
                lambda code: [int(c) for c in f"{code[1]:b}"],
            ),
        ],
        "not a pair": colour_and_length,
        "no return": [(colour_and_length, lambda code: None)],
    },
)
right("largest_rounding_error", half_a_step=lambda bits: 1 / (2**bits - 1) / 2)


@right("largest_rounding_error")
def tries_many_pixels(bits):
    pixels = torch.linspace(0, 1, 100_001)
    steps = 2**bits - 1
    return ((pixels * steps).round() / steps - pixels).abs().max()


@right("largest_rounding_error")
def half_the_distance_of_neighbours(bits):
    values = np.linspace(0, 1, 2**bits)
    return (values[1] - values[0]) / 2


def decoder_bytes(variables):
    return (variables * 784 + 784 + 2 * variables) * 4


right(
    "bytes_in_all",
    codes_and_decoder=lambda count, variables, bits: count * variables * bits / 8 + decoder_bytes(variables),
    in_whole_bytes_with_the_bits_first=lambda count, variables, bits: (
        (count * variables * bits + 32 * (786 * variables + 784)) // 8
    ),
)


@right("bytes_in_all")
def adds_up_tensors(count, variables, bits):
    decoder = [torch.zeros(variables, 784), torch.zeros(784), torch.zeros(variables), torch.zeros(variables)]
    return torch.tensor(count * variables * bits) / 8 + sum(part.numel() * 4 for part in decoder)


right("largest_rounding_error", a_fraction=lambda bits: Fraction(1, 2 * (2**bits - 1)))
