"""Checks of notebook 04, The bottleneck."""

from aeutils.checks import probes
from aeutils.checks.question import call, choose, question, require, require_function
from aeutils.metrics import reconstruction_error
import numpy as np
import torch


@question("04", "The baseline without any code")
def mean_image_baseline(mean_image_error):
    """mean_image_error(train_images, test_images): the error of always answering with the mean training image."""
    require_function(mean_image_error, "mean_image_error(train_images, test_images)")
    train, test = probes.digits().train_images[:50].clone(), probes.some_digits(20)
    doing = "for 50 training and 20 test digits, mean_image_error(train_images, test_images)"
    right = round(_error_of_always(train.mean(0), test), 2)
    hint = "One answer for all: the mean training image, pixel by pixel. Then its error on the test images."
    error = call(mean_image_error, train, test, doing=doing, expected=f"{right}", hint=hint)
    probes.require_number(error, right, _baseline_slips(train, test), doing, hint)


def _error_of_always(answer, images):
    """Reconstruction error on images when the answer is the same for all of them, a float."""
    return reconstruction_error(answer.expand_as(images), images).item()


def _baseline_slips(train, test):
    """What misunderstandings of the mean image lead to, for probes.require_number."""
    difference = train.mean(0) - test
    right, per_pixel = _error_of_always(train.mean(0), test), "This is the error per pixel. The course sums over them."
    grey = "You took one mean number, a grey image. The mean image has a mean of its own at each pixel."
    seen = "Your mean image was made of test images. Who measures on images must not have seen them before."
    trained = "You measured on the training images. They make the mean image; the error is that on test images."
    summed = "This is the sum over all test images. The error is that of one image, on average."
    over = "You divided by the number of training images, but the error is that on the test images."
    return {
        right / 784: ("per pixel", per_pixel),
        _error_of_always(train.mean(), test): ("one grey value", grey),
        _error_of_always(test.mean(0), test): ("mean of the test images", seen),
        _error_of_always(train.mean(0), train): ("error on the training images", trained),
        right * len(test): ("not averaged", summed),
        right * len(test) / len(train): ("divided by another number", over),
        difference.abs().sum().item() / len(test): ("not squared", "These are differences. Square them at each pixel."),
    }


SIZES, TARGET = [2, 5, 10, 15, 20, 30], 8.0
ERRORS = [[16.0, 13.0, 7.5, 7.0, 6.5, 5.0], [15.0, 12.0, 10.0, 8.5, 7.0, 4.5], [17.0, 7.8, 9.0, 6.5, 7.2, 4.0]]
"""Errors with three seeds: with all of them, the smallest size that keeps to the target is 20."""
SIZE_SLIPS = {
    15: ("looks at the mean", "On average that size does it. But with one of the seeds its error is above the target."),
    5: ("looks at the best seed", "That size was lucky once. Your next run may be like one of the other seeds."),
    10: ("looks at one seed", "With the first seed that size does it. What about the other seeds?"),
    30: ("not the smallest", "That size does it, but there is a smaller one that does it with every seed too."),
    4: ("place, not size", "That is a place in the list. Asked for is the size that stands there."),
    7.2: ("error, not size", "That is an error. Asked for is the size that has it."),
}


@question("04", "Choose a bottleneck by its worst run")
def smallest_enough(choose_size):
    """choose_size(sizes, errors, target): the smallest size whose error is at most target with every seed.

    errors: (seeds, sizes).
    """
    require_function(choose_size, "choose_size(sizes, errors, target)")
    doing = f"choose_size({SIZES}, errors, {TARGET}), for an example with 3 seeds,"
    hint = "errors has a row for each seed, a column for each size. What is the worst that any seed did with a size?"
    size = call(choose_size, list(SIZES), torch.tensor(ERRORS), TARGET, doing=doing, expected="20", hint=hint)
    probes.require_number(size, 20, SIZE_SLIPS, doing, hint)
    doing = "choose_size([4, 8, 12], errors, 16.0), for the errors 30, 16 and 9,"
    exactly = {12: ("must be below", "At most 16 means 16 or less: the target itself is good enough.")}
    size = call(choose_size, [4, 8, 12], torch.tensor([[30.0, 16, 9]]), 16.0, doing=doing, expected="8", hint=hint)
    probes.require_number(size, 8, exactly, doing, hint)


@question("04", "The same subspace?")
def same_subspace(is_same_subspace):
    """is_same_subspace(first, second): whether the columns of two arrays span the same subspace, within 5 degrees.

    Both (pixels, directions), NumPy.
    """
    require_function(is_same_subspace, "is_same_subspace(first, second)")
    for misconception, first, second, right, seen, hint in _pairs_of_subspaces():
        doing, expected = f"is_same_subspace, for {seen},", f"{right}"
        kind = "Both are NumPy arrays with a row for each pixel and a column for each direction, as in section 4."
        answer = call(is_same_subspace, first, second, doing=doing, expected=expected, hint=kind)
        value = probes.number(answer, doing, expected, "Answer with True or False.")
        yes_or_no = "Answer with True or False: are they at most 5 degrees apart?"
        require(value in (0, 1), "not yes or no", f"{doing} gave {value:.4g}", expected, yes_or_no)
        require(value == right, misconception, f"{doing} gave {value == 1}", expected, hint)


def _pairs_of_subspaces():
    """(misconception shown by a wrong answer, first, second, right answer, what they are, hint) for each pair."""
    axes = np.linalg.qr(np.random.default_rng(4).normal(size=(12, 6)))[0]
    plane, others = axes[:, :3], axes[:, 3:]
    turn = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0]
    mixed = turn * np.array([1.0, 4.0, 9.0]) @ turn[::-1]
    never = "Nothing is alike here. Print your angles: degrees or radians? Is each column taken for a direction?"
    columns = "The numbers differ, and still every direction of one lies in the other. Compare subspaces, not numbers."
    lengths = "Longer directions, and such that are not at right angles, span the same subspace. Do they disturb you?"
    tilted = _tilted(plane, others, [0, 0, 10])
    one_out = "Two directions are shared, the third is not. A single large angle makes the subspaces differ."
    exact = "Training never ends exactly at its goal. Up to 5 degrees count as the same here, and these are 2 apart."
    return [
        ("never says no", plane, others, False, "directions at right angles to each other", never),
        ("compares the numbers", plane, plane @ turn, True, "the same three directions, turned", columns),
        ("disturbed by lengths", plane, plane @ mixed, True, "the same three directions, mixed and stretched", lengths),
        ("overlooks the largest angle", plane, tilted, False, "the same three directions, one tilted by 10°", one_out),
        (
            "exact only",
            plane,
            _tilted(plane, others, [2, 2, 2]),
            True,
            "the same three directions, all tilted by 2°",
            exact,
        ),
    ]


def _tilted(plane, others, degrees):
    """Each direction of the plane, tilted by its angle towards one of the others."""
    angles = np.radians(degrees)
    return plane * np.cos(angles) + others * np.sin(angles)


@question("04", "Below the baseline")
def below_the_baseline(answer):
    """A letter: what to believe of a linear autoencoder with an error below that of PCA on the same images."""
    again = "can lead down to the lowest error that there is, and no further. Which error is that, for weighted sums?"
    hints = {
        "a": f"Longer training {again}",
        "b": f"A lucky start {again}",
        "d": "PCA has its constant too: it subtracts the mean image, and adds it again. So what could be left to gain?",
    }
    choose(answer, "c", hints)
    return "On the images that PCA was fitted to, no weighted sums do better. Look for the slip in the experiment."
