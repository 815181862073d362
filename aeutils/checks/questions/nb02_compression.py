"""Questions of notebook 02, Compression, old and new."""

from contextlib import suppress
from itertools import groupby, pairwise
from operator import index

import torch

from aeutils.checks import explain, probes
from aeutils.checks.core import NotAttempted, attempt, call, question, require, require_function
from aeutils.checks.feedback import describe
from aeutils.checks.kinds import ask, letter

ROWS = [[0, 0, 0, 1, 1, 0, 0], [0], [0] * 200, [1] * 200, [0, 1] * 20, [1, 1, 1, 0, 0], [1], [0, 1, 1, 0, 1], [0] * 255]
ROWS += [[1] * 255, *([(k + 1) ** 3 % 11 % 2 for k in range(size)] for size in (2, 3, 100, 254)), [1, 0] * 127 + [1]]
"""Rows of pixels that tell mistakes apart: beginning and ending in 0 and in 1, long and short, restless and quiet."""
MOST_NUMBERS = 16
"""What the code of 200 equal pixels may take."""


@question("02", "A lossless codec for black and white rows")
def lossless_codec(codec):
    """codec: (encode_row, decode_row): from a list of 0 and 1 to numbers from 0 to 255, and from those to the list."""
    pair = isinstance(codec, (tuple, list)) and len(codec) == 2
    hint = "Hand over both functions: ae.check.lossless_codec((encode_row, decode_row))."
    require(pair, "not a pair", codec, "the two functions (encode_row, decode_row)", hint)
    if any(part is ... for part in codec):
        raise NotAttempted
    encode, decode = codec
    require_function(encode, "encode_row(row)")
    require_function(decode, "decode_row(code)")
    digits = (probes.some_digits(20) > 0.5).long().reshape(-1, 28).tolist()
    once, again = ([*_code(encode, ROWS[0])] for _ in range(2))
    kept = "What stays from one call to the next, or is drawn by chance? Each code has to begin anew, with a list made "
    kept += "inside encode_row."
    seen = f"encode_row({ROWS[0]}) gave {_shown(once)}, and {_shown(again)} in the next call"
    require(once == again, "kept from call to call", seen, "the same code each time", kept)
    before = explain.outside([encode])
    codes = [_code(encode, row) for row in ROWS + digits]
    sizes, after, read = [len(code) for code in codes], explain.outside([encode]), explain.outside([decode])
    alone = "decode_row gets the code, and nothing else: tomorrow, or elsewhere, there is no such name."
    same = any(one is other and isinstance(one, list) for one, other in pairwise(codes[: len(ROWS)]))
    seen = "two calls of encode_row gave one and the same list, the second with other numbers in it"
    require(not same, "kept from call to call", seen, "a new list for each row", kept)
    shared = [name for name in before if before[name] != after.get(name) and read.get(name) == after.get(name)]
    require(not shared, "not in the code", f"encode_row writes {shared} for decode_row", "all in the code", alone)
    _require_lossless(ROWS + digits, codes, [_row(decode, code) for code in codes])
    shorter = "Does encode_row write “the same again, so many times” where pixels repeat?"
    taken = f"200 black pixels took {sizes[2]} numbers, 200 white ones {sizes[3]}"
    require(max(sizes[2:4]) <= MOST_NUMBERS, "not shorter", taken, f"{MOST_NUMBERS} numbers at most", shorter)
    passed = f"all rows came back. {28 * len(digits):,} pixels of digits took {sum(sizes[len(ROWS) :]):,} numbers"
    passed += f" (as bits, eight to a byte, {4 * len(digits):,})"
    return f"{passed}; the row 0 1 0 1 ... of 40 pixels took {sizes[4]}"


def _code(encode, row):
    """encode(row). Raises NotYet unless it is numbers that each fit into a byte."""
    doing, expected = f"encode_row({_shown(row)})", "a flat list of whole numbers from 0 to 255"
    hint = "Put the numbers one behind the other into one list; each has to fit into a byte."
    any_row = "Follow this row by hand, from its first pixel to its last. Does encode_row stand first in the brackets?"
    given = list(row)
    code = call(encode, given, doing=doing, expected=expected, hint=any_row)
    own = "Your function changes the row that it is given, and others may need it. Make a new list."
    require(given == row, "changes its input", f"after {doing} the row has changed", "the row as before", own)
    fits = False
    with suppress(Exception):  # of whatever kind the answer is
        fits = len(bytes(index(code[place]) for place in range(len(code)))) == len(code)
    require(fits, "not bytes", f"{doing} returned {describe(code)}", expected, hint)
    return code


def _row(decode, code):
    """decode(code) as a list of whole numbers."""
    doing, expected = f"decode_row({_shown(code)})", "a list of pixels, 0 or 1"
    hint = "decode_row gets what encode_row made of one row, and nothing else."
    code = [*code] if isinstance(code, list) else code  # no attribute of a list of one's own comes along
    before = [*code]
    row = call(decode, code, doing=doing, expected=expected, hint=hint)
    own = "Your function changes the code that it is given, and others may need it. Leave it as it is."
    require([*code] == before, "changes its input", f"after {doing} the code has changed", "the code as before", own)
    text = "This is text. A row is a list of numbers: [0, 1], not '01'."
    require(not isinstance(row, str), "a text", f"{doing} returned {describe(row)}", expected, text)
    with attempt(f"reading what {doing} returned, {describe(row)},", expected, "Return the pixels as one flat list."):
        row = list(row)
        seen = f"{doing} returned {describe(row)}"
        require(not any(isinstance(pixel, (str, bytes)) for pixel in row), "a text", seen, expected, text)
        whole = "A pixel is 0 or 1, and no number in between or beyond."
        require(all(int(pixel) == pixel for pixel in row), "no whole numbers", seen, expected, whole)
        return [int(pixel) for pixel in row]


def _require_lossless(rows, codes, backs):
    """Raise NotYet unless every row came back from its code."""
    ignored = "Are all codes the same, or does decode_row use a row that it finds elsewhere?"
    alike = f"all {len(rows)} codes became the same row, {_shown(backs[0])}"
    require(any(back != backs[0] for back in backs), "code ignored", alike, "each row as it was", ignored)
    for row, code, back in zip(rows, codes, backs, strict=True):
        seen = f"{_shown(row)} became {_shown(code)} and came back as {_shown(back)}"
        for misconception, shown, hint in _losses(row, back):
            require(not shown, misconception, seen, "the row as it was", hint)


def _losses(row, back):
    """(misconception, whether what came back of the row shows it, hint), the most telling first."""
    swapped = "The runs are right, black and white are not. How does decode_row know which comes first?"
    last = "The end of the row is missing. Is it in the code? Then decode_row ends too early, such as by a return in "
    last += "the loop. Is it not? Then where does encode_row end: before it writes the run still open?"
    first = "The beginning of the row is missing. Does your code keep how many 0 a row begins with?"
    longer = "The row came back, and more behind it. How does decode_row know where the row ends?"
    other = "Numbers other than 0 and 1 came back. Does decode_row read a length as a colour?"
    lengths = "The colours of the runs are right, some of their lengths are not. Follow the count of one run by hand."
    long = "Short runs come back, and this long one does not. Is there a length that your numbers cannot hold?"
    runs, runs_back = ([pixel for pixel, _ in groupby(each)] for each in (row, back))
    ends = not back or row[len(back) - 1 : len(back)] != row[len(back) : len(back) + 1]
    open_end = "All came back but the end of the last run. How does decode_row know how long that is?"
    colour = "One of the two colours did not come back. Which length does encode_row write for its runs?"
    order = "As many 0 and 1 as before, in another order: the code has to say where they stand, too."
    lossy = "Follow this row by hand through encode_row, then its code through decode_row. Where do they part?"
    return [
        ("colours swapped", back == [1 - pixel for pixel in row], swapped),
        ("long runs", back != row and len(set(row)) == 1 and len(row) > 1, long),
        ("end missing", len(back) < len(row) and back == row[: len(back)] and ends, last),
        ("length for colour", any(pixel not in (0, 1) for pixel in back), other),
        ("end not known", len(back) > len(row) > 1 and row == back[: len(row)], longer),
        ("turned round", back != row and back == row[::-1], "The row came back in reverse order: last pixel first."),
        ("beginning missing", 0 < len(back) < len(row) and back == row[-len(back) :], first),
        ("end not known", back == row[: len(back)] and back != row and runs == runs_back, open_end),
        ("lengths of runs", back != row and runs == runs_back, lengths),
        ("order lost", back != row and sorted(back) == sorted(row), order),
        ("lossy", set(back) < set(row), colour),
        ("lossy", back != row, lossy),
    ]


def _shown(numbers):
    """A row or a code for a panel, cut where it is long."""
    numbers = [int(number) for number in numbers]
    return str(numbers) if len(numbers) <= 12 else f"{str(numbers[:10])[:-1]}, ... {len(numbers)} in all]"


TWO_VALUES = "From 0 to 1 with 4 values there are 3 steps, not 4. Draw them, and count."


@ask(
    "02",
    "The largest rounding error",
    "largest_error(bits)",
    cases=[(4,), (2,), (8,), (1,), (3,), (6,), (11,)],
    hint="How far apart are two neighbouring values, and which pixel has the longest way to the nearest of them?",
    tolerance=2e-4,
    rules={
        "too few pixels": (
            "A little less than the most. Is there a step too many? Or had no pixel that you tried the longest way?",
            lambda error, bits: not 0.8 < error * 2 * (2**bits - 1) < 1,
        )
    },
    mistakes={
        "rounds down": (
            "That is the largest value below 1. How far can a pixel be from the nearest value?",
            lambda bits: 1 - 1 / (2**bits - 1),
        ),
        "a whole step": (
            "So far apart are two values from 0 to 1. Is that your range? A pixel goes to the nearer.",
            lambda bits: 1 / (2**bits - 1),
        ),
        "the mean": (
            "So much does a pixel change on average. Asked for is the most.",
            lambda bits: 0.25 / (2**bits - 1),
        ),
        "values for steps": (TWO_VALUES, lambda bits: 0.5 / 2**bits),
        "a step and values": (
            f"{TWO_VALUES} A pixel goes to the nearer value. And if you subtract a 1: from the power, or within it?",
            lambda bits: 1 / 2**bits,
        ),
        "not a power": (
            "One bit more makes twice as many values. In Python 2**bits says that; 2^bits and bits**2 do not.",
            lambda bits: 1 / (2 * bits),
            lambda bits: 0.5 / (2 ^ bits),
            lambda bits: 0.5 / ((2 ^ bits) - 1),
            lambda bits: 0.5 / (2 ^ bits - 1),
            lambda bits: 0.5 / (bits**2 - 1),
            lambda bits: 0.5 / (2 * bits - 1),
            lambda bits: 0.5 / bits,
        ),
        "bytes only": (
            "You tried the pixels of a file, 256 grey values. A pixel between two of them may have further to go.",
            lambda bits: _largest_of(torch.arange(256) / 255, bits),
        ),
        "rounded": (
            "Do not round the result: with many bits little of it is left.",
            *[lambda bits, places=places: round(0.5 / (2**bits - 1), places) for places in (3, 4)],
        ),
        "brackets": (
            "Python multiplies and divides before it subtracts: brackets say what the 1 is subtracted from.",
            lambda bits: 1 / (2 * 2**bits - 1),
            lambda bits: 1 / 2**bits - 0.5,
        ),
        "nothing left": ("Yours is always next to 0. Try pixels between the values, and no //.", lambda bits: 0),
    },
)
def largest_rounding_error(bits):
    """The most by which a pixel in [0, 1] changes when it is rounded to 2**bits values."""
    return 0.5 / (2**bits - 1)


def _largest_of(pixels, bits):
    """The most by which one of these pixels changes."""
    steps = 2**bits - 1
    return ((pixels * steps).round() / steps - pixels).abs().max()


@ask(
    "02",
    "All the bytes of a learned codec",
    "bytes_in_all(count, variables, bits)",
    cases=[(1_000, 20, 4), (50, 20, 8), (10_000, 8, 2), (8, 1, 1), (100, 35, 16)],
    hint="First the codes of all digits. Then, once, everything that decode and quantise use: numbers of 32 bits.",
    tolerance=1e-6,
    mistakes={
        "no decoder": (
            "Those are the codes alone. Nobody can read them without the decoder.",
            lambda count, variables, bits: count * variables * bits / 8,
        ),
        "average forgotten": (
            "The average digit is missing: decode adds it at the end.",
            lambda count, variables, bits: count * variables * bits / 8 + (_decoder(variables) - 784) * 4,
        ),
        "average for each": (
            "You counted an average digit for each variable. There is one.",
            lambda count, variables, bits: count * variables * bits / 8 + (2 * variables * 784 + 2 * variables) * 4,
        ),
        "28 for 784": (
            "You counted 28 numbers for a digit. That is one of its rows.",
            lambda count, variables, bits: count * variables * bits / 8 + (variables * 28 + 28 + 2 * variables) * 4,
        ),
        "range forgotten": (
            "Nobody can undo the rounding without the range of each variable: its lowest and its highest value.",
            lambda count, variables, bits: count * variables * bits / 8 + (_decoder(variables) - 2 * variables) * 4,
            lambda count, variables, bits: count * variables * bits / 8 + (_decoder(variables) - variables) * 4,
        ),
        "one range for all": (
            "That is one range for all variables. Each of them was rounded within its own.",
            lambda count, variables, bits: count * variables * bits / 8 + (variables * 784 + 784 + 2) * 4,
        ),
        "components only": (
            "Components alone are not the decoder. What else do quantise and decode use?",
            lambda count, variables, bits: count * variables * bits / 8 + variables * 784 * 4,
        ),
        "decoder in bits": (
            "The decoder is counted in bits, and 8 bits make a byte.",
            lambda count, variables, bits: count * variables * bits / 8 + _decoder(variables) * 32,
        ),
        "decoder rounded": (
            "Only the codes have so few bits. The decoder's numbers have 32 bits each.",
            lambda count, variables, bits: count * variables * bits / 8 + _decoder(variables) * bits / 8,
        ),
        "pixels for codes": (
            "You stored 784 pixels for each digit. A code has a number for each variable.",
            lambda count, variables, bits: count * 784 * bits / 8 + _decoder(variables) * 4,
        ),
        "no codes": (
            "That is the decoder. What is stored per digit?",
            lambda count, variables, bits: _decoder(variables) * 4,
        ),
        "codes in bits": (
            "The codes are counted in bits, and 8 bits make a byte.",
            lambda count, variables, bits: count * variables * bits + _decoder(variables) * 4,
        ),
        "decoder for each": (
            "The decoder is stored once, however many digits there are.",
            lambda count, variables, bits: count * (variables * bits / 8 + _decoder(variables) * 4),
        ),
        "numbers for bytes": (
            "The decoder's numbers have 32 bits each: more than a byte.",
            lambda count, variables, bits: count * variables * bits / 8 + _decoder(variables),
        ),
        "64 bits": (
            "What is stored once counts twice as much in yours. Those numbers have 32 bits each, float32.",
            lambda count, variables, bits: count * variables * bits / 8 + _decoder(variables) * 8,
        ),
        "whole bytes": (
            "You gave each code, or number, whole bytes of its own. The bits of all codes stand one behind the other.",
            lambda count, variables, bits: count * -(-variables * bits // 8) + _decoder(variables) * 4,
            lambda count, variables, bits: count * variables * -(-bits // 8) + _decoder(variables) * 4,
        ),
        "codes not rounded": (
            "The codes have only so many bits each. The decoder's numbers have 32.",
            lambda count, variables, bits: (count * variables + _decoder(variables)) * 4,
        ),
    },
)
def bytes_in_all(count, variables, bits):
    """Bytes of the codes of so many digits, and of the PCA decoder with them."""
    return count * variables * bits / 8 + (variables * 784 + 784 + 2 * variables) * 4


def _decoder(variables):
    """Numbers of the decoder: components, average digit, lowest and highest value of each variable."""
    return variables * 784 + 784 + 2 * variables


letter(
    "self_supervised",
    "02",
    "Which of these is self-supervised?",
    right="c",
    wrong={
        "a": "Somebody wrote those words, even if nobody was paid for it. So the target is a label.",
        "b": "There is no right answer here with which the groups could be compared: no target at all.",
        "d": "A game tells only won or lost, and that only at its end: a reward, not a target for each position.",
    },
    passed="the target is a part of the image itself, so every image in colour is an example",
)
