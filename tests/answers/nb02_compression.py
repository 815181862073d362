"""Answers to the questions of notebook 02."""

from fractions import Fraction
from itertools import groupby
import zlib

import numpy as np
import torch

from answers import fresh, right, wrong_ones


def colour_and_length(row):
    """Each run as its colour and its length: the encoder that most right codecs here share."""
    return [number for pixel, run in groupby(row) for number in (pixel, len(list(run)))]


def repeat(code):
    """The decoder that belongs to it."""
    return [pixel for pixel, length in zip(code[::2], code[1::2], strict=True) for _ in range(length)]


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
        "no whole numbers": (colour_and_length, lambda code: [pixel + 0.4 for pixel in repeat(code)]),
        "long runs": [
            (lambda row: [min(number, 100) for number in colour_and_length(row)], repeat),
            (
                lambda row: [(128 * pixel + len([*run])) % 256 for pixel, run in groupby(row)],
                lambda code: [number // 128 for number in code for _ in range(number % 128)],
            ),
        ],
        "not shorter": (lambda row: row, lambda code: code),
        "colours swapped": (
            lambda row: [len(list(run)) for _, run in groupby(row)],
            lambda code: [index % 2 for index, length in enumerate(code) for _ in range(length)],
        ),
        "end not known": (lambda row: [*colour_and_length(row)[:-1], 1], repeat),
        "end missing": (lambda row: colour_and_length(row)[:-2], repeat),
        "code ignored": (colour_and_length, lambda code: [0, 0, 1, 1]),
        "index out of range": (lambda row: [at for at in range(len(row)) if row[at] != row[at + 1]], repeat),
        "order lost": (lambda row: [row.count(0), row.count(1)], lambda code: [0] * code[0] + [1] * code[1]),
        "lossy": (lambda row: [row[0], len(row)], lambda code: [code[0]] * code[1]),
        "turned round": (colour_and_length, lambda code: repeat(code)[::-1]),
        "lengths of runs": (lambda row: row[::2], lambda code: [pixel for pixel in code for _ in range(2)]),
        "length for colour": (colour_and_length, lambda code: repeat(code[::-1])),
        "changes its input": (lambda row: colour_and_length([row.pop(0) for _ in range(len(row))]), repeat),
        "a text": (colour_and_length, lambda code: list(map(str, repeat(code)))),
        "not bytes": [
            (lambda row: [*map(float, colour_and_length(row))], lambda code: repeat([*map(int, code)])),
            (lambda row: [len(row), int("".join(map(str, row)), 2)], lambda code: [int(c) for c in f"{code[1]:b}"]),
        ],
        "not a pair": colour_and_length,
        "no return": (colour_and_length, lambda code: None),
    },
)
right(
    "largest_rounding_error",
    half_the_distance_of_neighbours=lambda bits: np.diff(np.linspace(0, 1, 2**bits)).max() / 2,
    a_fraction=lambda bits: Fraction(1, 2 * (2**bits - 1)),
)


right(
    "bytes_in_all",
    codes_and_decoder=lambda count, variables, bits: count * variables * bits / 8 + (786 * variables + 784) * 4,
    in_whole_bytes_with_the_bits_first=lambda count, variables, bits: (
        (count * variables * bits + 32 * (786 * variables + 784)) // 8
    ),
)
