"""Checks of notebook 03, The simplest autoencoder."""

from aeutils.checks.question import call, question, require, require_function
import torch


@question("03", "Count the dead code numbers")
def dead_code_numbers(count_dead):
    """count_dead(codes): how many of the numbers in codes (n, latent) are 0 for every picture, an int."""
    require_function(count_dead, "count_dead(codes)")
    codes = torch.zeros(4, 6)
    codes[:, 2] = torch.tensor([0.0, 1.0, -2.0, 3.0])
    codes[3, 4], codes[1, 0], codes[2, 0] = 4.0, -1.0, 1.0
    expected = "3: of these 6 numbers, three are 0 for all 4 pictures"
    hint = "A number is dead when it is 0 for all pictures: ask that of each column, then count the columns."
    count = call(count_dead, codes, doing="count_dead(codes)", expected=expected, hint=hint)
    zeros = "You counted single zeros. A number of the code is dead only if it is 0 for every picture."
    require(count != 18, "counts zeros", count, expected, zeros)
    rows = "You went along each picture. The dead number is a column of the codes, over all pictures."
    require(count != 1, "counts pictures", count, expected, rows)
    first = "You looked at a single picture. Another picture may well use that number."
    require(count != 6, "looks at one picture", count, expected, first)
    require(count == 3, "wrong count", count, expected, hint)
