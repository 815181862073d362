"""Answers to the questions of notebook 04."""

import aeutils as ae
import numpy as np
from scipy.linalg import subspace_angles
import torch

from answers import right, wrong


@right("mean_image_baseline")
def with_the_courses_measure():
    def mean_image_error(train_images, test_images):
        return ae.reconstruction_error(train_images.mean(0).expand_as(test_images), test_images).item()

    return mean_image_error


@right("mean_image_baseline")
def by_hand_as_a_tensor():
    return lambda train, test: ((test - train.mean(dim=0, keepdim=True)) ** 2).sum((1, 2, 3)).mean()


@right("mean_image_baseline")
def with_pca_of_no_components():
    return lambda train, test: ae.pca_error(0, train, test)


@right("mean_image_baseline")
def with_numpy_in_a_loop():
    def mean_image_error(train_images, test_images):
        mean = train_images.numpy().mean(axis=0)
        return np.mean([((image - mean) ** 2).sum() for image in test_images.numpy()])

    return mean_image_error


@wrong("mean_image_baseline", "mean of the test images")
def the_mean_of_the_test_images():
    return lambda train, test: ((test - test.mean(0)) ** 2).sum() / len(test)


@wrong("mean_image_baseline", "one grey value")
def one_mean_over_everything():
    return lambda train, test: ((test - train.mean()) ** 2).sum() / len(test)


@wrong("mean_image_baseline", "per pixel")
def the_mean_of_all_squares():
    return lambda train, test: ((test - train.mean(0)) ** 2).mean()


@wrong("mean_image_baseline", "error on the training images")
def measures_on_the_training_images():
    return lambda train, test: ((train - train.mean(0)) ** 2).sum() / len(train)


@wrong("mean_image_baseline", "not averaged")
def the_sum_over_all_images():
    return lambda train, test: ((test - train.mean(0)) ** 2).sum()


@wrong("mean_image_baseline", "divided by another number")
def divides_by_the_other_number():
    return lambda train, test: ((test - train.mean(0)) ** 2).sum() / len(train)


@wrong("mean_image_baseline", "not squared")
def takes_sizes_of_differences():
    return lambda train, test: (test - train.mean(0)).abs().sum() / len(test)


@wrong("mean_image_baseline", "not one number")
def one_error_for_each_image():
    return lambda train, test: ((test - train.mean(0)) ** 2).sum((1, 2, 3))


@wrong("mean_image_baseline", "raises")
def the_mean_of_each_image():
    return lambda train, test: ((test - train.mean((1, 2, 3))) ** 2).sum() / len(test)


@right("smallest_enough")
def the_first_size_whose_worst_is_good_enough():
    def choose_size(sizes, errors, target):
        worst = errors.amax(0)
        return min(size for size, error in zip(sizes, worst, strict=True) if error <= target)

    return choose_size


@right("smallest_enough")
def a_loop_over_columns():
    def choose_size(sizes, errors, target):
        for column, size in enumerate(sizes):
            if (errors[:, column] <= target).all():
                return size
        return sizes[-1]

    return choose_size


@right("smallest_enough")
def a_mask_over_a_tensor_of_sizes():
    return lambda sizes, errors, target: torch.tensor(sizes)[(errors <= target).all(0)].min()


@wrong("smallest_enough", "looks at the mean")
def the_mean_of_the_seeds():
    return lambda sizes, errors, target: min(s for s, e in zip(sizes, errors.mean(0), strict=True) if e <= target)


@wrong("smallest_enough", "looks at the best seed")
def any_seed_will_do():
    return lambda sizes, errors, target: torch.tensor(sizes)[(errors <= target).any(0)].min()


@wrong("smallest_enough", "looks at one seed")
def the_first_seed_only():
    return lambda sizes, errors, target: min(s for s, e in zip(sizes, errors[0], strict=True) if e <= target)


@wrong("smallest_enough", "not the smallest")
def the_size_with_the_smallest_error():
    return lambda sizes, errors, target: sizes[errors.amax(0).argmin()]


@wrong("smallest_enough", "place, not size")
def the_place_of_the_size():
    return lambda sizes, errors, target: (errors.amax(0) <= target).int().argmax()


@wrong("smallest_enough", "error, not size")
def the_error_instead():
    return lambda sizes, errors, target: errors.amax(0)[errors.amax(0) <= target].max()


@wrong("smallest_enough", "must be below")
def strictly_below_the_target():
    return lambda sizes, errors, target: torch.tensor(sizes)[(errors < target).all(0)].min()


@wrong("smallest_enough", "not a number")
def all_sizes_that_are_enough():
    return lambda sizes, errors, target: [s for s, e in zip(sizes, errors.amax(0), strict=True) if e <= target]


@right("same_subspace")
def the_largest_principal_angle():
    return lambda first, second: np.degrees(subspace_angles(first, second)).max() <= 5


@right("same_subspace")
def all_of_the_angles_in_radians():
    return lambda first, second: bool((subspace_angles(first, second) < np.radians(5)).all())


@right("same_subspace")
def projections_with_torch():
    def same(first, second):
        first, second = (torch.linalg.qr(torch.from_numpy(each))[0] for each in (first, second))
        return torch.linalg.matrix_norm(first @ first.T - second @ second.T, 2) < np.sin(np.radians(5))

    return same


@right("same_subspace")
def singular_values_of_the_products():
    def same(first, second):
        cosines = np.linalg.svd(np.linalg.qr(first)[0].T @ np.linalg.qr(second)[0], compute_uv=False)
        return cosines.min() >= np.cos(np.pi / 36)

    return same


@wrong("same_subspace", "never says no")
def radians_taken_for_degrees():
    return lambda first, second: subspace_angles(first, second).max() < 5


@wrong("same_subspace", "never says no")
def rows_taken_for_directions():
    return lambda first, second: np.degrees(subspace_angles(first.T, second.T)).max() < 5


@wrong("same_subspace", "never says no")
def compares_the_shapes():
    return lambda first, second: first.shape == second.shape


@wrong("same_subspace", "compares the numbers")
def the_same_matrix():
    return lambda first, second: np.allclose(first, second, atol=0.1)


@wrong("same_subspace", "compares the numbers")
def the_same_columns_but_for_signs():
    return lambda first, second: np.allclose(abs((first * second).sum(0)), 1, atol=0.01)


@wrong("same_subspace", "disturbed by lengths")
def projections_of_stretched_directions():
    return lambda first, second: np.linalg.norm(first @ first.T - second @ second.T, 2) < np.sin(np.radians(5))


@wrong("same_subspace", "overlooks the largest angle")
def the_smallest_angle():
    return lambda first, second: np.degrees(subspace_angles(first, second)).min() < 5


@wrong("same_subspace", "overlooks the largest angle")
def the_mean_angle():
    return lambda first, second: np.degrees(subspace_angles(first, second)).mean() < 5


@wrong("same_subspace", "exact only")
def the_rank_of_both_together():
    return lambda first, second: np.linalg.matrix_rank(np.hstack([first, second])) == first.shape[1]


@wrong("same_subspace", "not yes or no")
def the_angle_itself():
    return lambda first, second: np.degrees(subspace_angles(first, second)).max()


@right("below_the_baseline")
def something_was_not_as_told():
    return "c"


@wrong("below_the_baseline", "chose a")
def longer_training():
    return "a"


@wrong("below_the_baseline", "chose b")
def a_lucky_start():
    return "b"


@wrong("below_the_baseline", "chose d")
def more_parameters():
    return "D "
