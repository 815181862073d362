"""Answers to the questions of notebook 04."""

import numpy as np
from scipy.linalg import subspace_angles
import torch

import aeutils as ae
from answers import right, wrong, wrong_ones

right(
    "mean_image_baseline",
    by_hand_as_a_tensor=lambda train, test: ((test - train.mean(dim=0, keepdim=True)) ** 2).sum((1, 2, 3)).mean(),
    with_numpy=lambda train, test: ((test.numpy() - train.numpy().mean(axis=0)) ** 2).sum((1, 2, 3)).mean(),
    with_pca_of_no_components=lambda train, test: ae.pca_error(0, train, test),
)


right(
    "smallest_enough",
    a_loop_over_columns=lambda sizes, errors, target: next(
        size for size, column in zip(sizes, errors.T, strict=True) if (column <= target).all()
    ),
    a_mask_over_a_tensor_of_sizes=lambda sizes, errors, target: torch.tensor(sizes)[(errors <= target).all(0)].min(),
)
right(
    "same_subspace",
    the_largest_principal_angle=lambda first, second: np.degrees(subspace_angles(first, second)).max() <= 5,
    all_of_the_angles_in_radians=lambda first, second: bool((subspace_angles(first, second) < np.radians(5)).all()),
)
wrong_ones(
    "same_subspace",
    {
        "exact only": lambda first, second: np.degrees(np.arccos(np.prod(np.cos(subspace_angles(first, second))))) <= 5,
        "overlooks the largest angle": lambda first, second: (
            np.linalg.norm((q := np.linalg.qr(second)[0]) - first @ np.linalg.lstsq(first, q)[0], axis=0).max()
            < 0.08716
        ),
        "another limit": lambda first, second: np.cos(subspace_angles(first, second)).min() >= 0.95,
    },
)
wrong_ones(
    "smallest_enough",
    {
        "three seeds": lambda sizes, errors, target: sizes[(errors <= target).sum(0).tolist().index(3)],
    },
)


@wrong("smallest_enough", "an error may rise again")
def halves_the_list_again_and_again(sizes, errors, target):
    low, high = 0, len(sizes) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if errors[:, middle].max() <= target else (middle + 1, high)
    return sizes[low]
