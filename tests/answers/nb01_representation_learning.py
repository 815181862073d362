"""Answers to the questions of notebook 01."""

import math
from operator import mul

import numpy as np
from scipy.stats import entropy
from sklearn.metrics.pairwise import cosine_similarity
import torch

from answers import right, wrong, wrong_ones

right(
    "cosine",
    plain_python=lambda one, other: sum(map(mul, one.tolist(), other.tolist())) / math.hypot(*one) / math.hypot(*other),
    numpy_for_the_lengths=lambda one, other: np.dot(one, other) / np.linalg.norm(one) / np.linalg.norm(other),
    a_library_that_gives_a_table=lambda one, other: cosine_similarity(one[None], other[None]),
)
right(
    "bits_told",
    loops_with_math=lambda shares: sum(p * math.log2(1 / p) for p in shares.tolist() if p),
    a_library_knows_entropy=lambda shares: entropy(shares, base=2),
    nan_counts_as_0=lambda shares: -(shares * shares.log2()).nansum(),
)
right(
    "chessboard_feature",
    the_product_along_a_row=lambda points: points.prod(dim=1),
    whether_the_signs_agree=lambda points: (points[:, 0] > 0) == (points[:, 1] > 0),
    a_loop_over_the_points=lambda points: [-x * y for x, y in points.tolist()],
    two_folds=lambda points: np.abs(points.sum(1).numpy()) - np.abs((points[:, 0] - points[:, 1]).numpy()),
)
wrong_ones(
    "chessboard_feature",
    {
        "still a line": lambda points: points.sum(dim=1),
        "distance": lambda points: points.norm(dim=1),
        "signs lost": lambda points: points.abs()[:, 0] - points.square()[:, 1],
        "one coordinate": lambda points: points[:, 0] ** 3,
        "opposite corners differ": lambda points: torch.atan2(points[:, 1], points[:, 0]),
        "not separated": lambda points: points.sum(1).square(),
        "other points": lambda points: points.prod(1).sort().values,
        "looks at the others": lambda points: points.prod(1) - points.prod(1)[0],
        "not finite": lambda points: points[:, 0].log() * points[:, 1].log(),
        "a column": lambda points: points.prod(dim=1, keepdim=True),
        "not one number each": [
            lambda points: torch.stack([points[:, 0], points.prod(1)], dim=1),
            lambda points: (points[:, 0], points.prod(1)),
        ],
    },
)
wrong_ones(
    "cosine",
    {
        "+0.01 is added to what is divided by": lambda one, other: (
            (one * other).sum() / ((one**2).sum().sqrt() * (other**2).sum().sqrt() + 0.01)
        )
    },
)


@wrong("cosine", "remembers")
def keeps_the_length_of_the_first_row_of_each_size(one, other, lengths={}):  # noqa: B006
    return (one @ other) / (lengths.setdefault(len(one), one.norm()) * other.norm())
