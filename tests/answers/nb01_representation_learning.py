"""Answers to the questions of notebook 01."""

import math

import numpy as np
from scipy.stats import entropy
from sklearn.metrics.pairwise import cosine_similarity
import torch

from answers import right, wrong


@right("cosine")
def the_formula():
    return lambda one, other: (one * other).sum() / (one.square().sum().sqrt() * other.square().sum().sqrt())


@right("cosine")
def makes_both_arrows_1_long_first():
    return lambda one, other: (one / one.norm()) @ (other / other.norm())


@right("cosine")
def loops_in_plain_python():
    def cosine(one, other):
        product, squares, other_squares = 0.0, 0.0, 0.0
        for a, b in zip(one.tolist(), other.tolist(), strict=True):
            product, squares, other_squares = product + a * b, squares + a * a, other_squares + b * b
        return product / math.sqrt(squares * other_squares)

    return cosine


@right("cosine")
def numpy_for_the_lengths():
    return lambda one, other: np.dot(one, other) / np.linalg.norm(one) / np.linalg.norm(other)


@right("cosine")
def a_library_that_gives_a_table():
    return lambda one, other: cosine_similarity(one[None], other[None])


@right("cosine")
def torch_has_it_ready():
    return lambda one, other: torch.cosine_similarity(one, other, dim=0)


@right("bits_told")
def sums_over_shares_that_occur():
    def bits(shares):
        shares = shares[shares > 0]
        return -(shares * shares.log2()).sum()

    return bits


@right("bits_told")
def loops_with_math():
    return lambda shares: sum(p * math.log2(1 / p) for p in shares.tolist() if p)


@right("bits_told")
def a_library_knows_entropy():
    return lambda shares: entropy(shares, base=2)


@right("bits_told")
def clamps_the_shares():
    return lambda shares: -(shares * shares.clamp(min=1e-12).log2()).sum().item()


@right("bits_told")
def nan_counts_as_0():
    return lambda shares: -(shares * shares.log2()).nansum()


@right("chessboard_feature")
def the_product():
    return lambda points: points[:, 0] * points[:, 1]


@right("chessboard_feature")
def the_product_as_a_column():
    return lambda points: points.prod(dim=1, keepdim=True)


@right("chessboard_feature")
def whether_the_signs_agree():
    return lambda points: (points[:, 0] > 0) == (points[:, 1] > 0)


@right("chessboard_feature")
def a_loop_over_the_points():
    return lambda points: [-x * y for x, y in points.tolist()]


@right("chessboard_feature")
def the_angle_doubled():
    return lambda points: torch.sin(2 * torch.atan2(points[:, 1], points[:, 0]))


@right("chessboard_feature")
def two_folds():
    return lambda points: np.abs(points.sum(1).numpy()) - np.abs((points[:, 0] - points[:, 1]).numpy())


@wrong("chessboard_feature", "still a line")
def the_sum():
    return lambda points: points.sum(dim=1)


@wrong("chessboard_feature", "still a line")
def the_first_coordinate():
    return lambda points: points[:, 0]


@wrong("chessboard_feature", "distance")
def the_map_of_the_rings():
    return lambda points: points.square().sum(1)


@wrong("chessboard_feature", "distance")
def the_distance_from_the_middle():
    return lambda points: points.norm(dim=1)


@wrong("chessboard_feature", "signs lost")
def the_product_of_absolute_values():
    return lambda points: points.abs()[:, 0] - points.square()[:, 1]


@wrong("chessboard_feature", "signs lost")
def the_square_of_the_product():
    return lambda points: points.prod(1).square()


@wrong("chessboard_feature", "one coordinate")
def a_bend_in_one_coordinate():
    return lambda points: points[:, 0] ** 3


@wrong("chessboard_feature", "opposite corners differ")
def the_angle():
    return lambda points: torch.atan2(points[:, 1], points[:, 0])


@wrong("chessboard_feature", "opposite corners differ")
def adds_the_signs():
    return lambda points: points.sign().sum(1)


@wrong("chessboard_feature", "not separated")
def the_square_of_the_sum():
    return lambda points: points.sum(1).square()


@wrong("chessboard_feature", "not finite")
def the_product_of_logarithms():
    return lambda points: points[:, 0].log() * points[:, 1].log()


@wrong("chessboard_feature", "not one number each")
def keeps_a_coordinate_beside_it():
    return lambda points: torch.stack([points[:, 0], points.prod(1)], dim=1)


@wrong("chessboard_feature", "not one number each")
def takes_rows_for_columns():
    return lambda points: points[0] * points[1]


@wrong("chessboard_feature", "looks at the others")
def standardises_over_the_list():
    def feature(points):
        products = points.prod(1)
        return products - products.mean()

    return feature
