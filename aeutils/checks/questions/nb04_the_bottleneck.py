"""Questions of notebook 04, The bottleneck."""

import numpy as np
import torch

from aeutils.checks import probes
from aeutils.checks.kinds import Case, ask, letter


def _two_sets():
    train, test = probes.digits().train_images, probes.some_digits(45)
    small = [images[..., 4:24, 2:26] for images in (train[60:90], test[20:45])]
    many = train[:3150, :, 13:15, 13:15].split([2100, 1050])
    return [
        Case(train[:50], test[:20], shown="for 50 training and 20 test digits, {name}(train_images, test_images)"),
        Case(
            *small,
            shown="for 30 training and 25 test images of 20 x 24 pixels, {name}(train_images, test_images)",
            name="784 built in",
            hint="Images may have other numbers of pixels than 784: sum over those that they have.",
        ),
        Case(
            *[images[images.sum((1, 2, 3)).argsort()] for images in many],  # so that parts differ
            shown="for 2,100 training and 1,050 test images of 2 x 2 pixels, {name}(...)",
            name="a part only",
            hint="Here are more images. Are all of them used, and does each count the same?",
        ),
        Case(train[50:100], test[20:40], shown="for 50 other training and 20 other test digits, {name}(...)"),
    ]


def _error(answer, images):
    return (answer - images).square().sum() / len(images)


@ask(
    "04",
    "The baseline without any code",
    "mean_image_error(train_images, test_images)",
    cases=_two_sets,
    bare=True,
    hint="One answer for all: the mean training image, pixel by pixel. Then its error on the test images.",
    tolerance=5e-5,
    mistakes={
        "one grey value": (
            "You took one mean number, a grey image. The mean image has a mean of its own at each pixel.",
            lambda train, test: _error(train.mean(), test),
        ),
        "error on the training images": (
            "You measured on the training images. They make the mean image; the error is that on test images.",
            lambda train, test: _error(train.mean(0), train),
        ),
        "divided by another number": (
            "You divided by the number of training images, but the error is that on the test images.",
            lambda train, test: _error(train.mean(0), test) * len(test) / len(train),
        ),
        "compares two means": (
            "You compared two mean images. Compare the mean training image with each test image.",
            lambda train, test: (train.mean(0) - test.mean(0)).square().sum(),
        ),
        "mean of the test images": (
            "Test images are in your mean image. Who measures on images must not have seen them before.",
            lambda train, test: _error(test.mean(0), test),
            lambda train, test: _error(torch.cat([train, test]).mean(0), test),
        ),
        "as many as test images": (
            "You took equally many images of both sets. All training images belong in the mean image.",
            lambda train, test: _error(train[: len(test)].mean(0), test[: len(train)]),
        ),
        "the mean image squared": (
            "You squared the mean image alone: ** comes before -. The difference is to be squared.",
            lambda train, test: (test - train.mean(0) ** 2).sum() / len(test),
        ),
        "not squared": (
            "Square the difference at each pixel, before you add them up.",
            lambda train, test: (train.mean(0) - test).abs().sum() / len(test),
            lambda train, test: (train.mean(0) - test).flatten(1).sum(1).square().mean(),
        ),
        "lengths": (
            "You took a root for each image: that is a distance. The error is without roots.",
            lambda train, test: (train.mean(0) - test).flatten(1).norm(dim=1).mean(),
        ),
        "mean over a side": (
            "Along one side of the images you took a mean in place of a sum. The error adds up all pixels of an image.",
            *[lambda train, test, axis=axis: _error(train.mean(0), test) / test.shape[axis] for axis in (2, 3)],
        ),
        "mean of each image": (
            "You took the mean along the channel: every training image is left. Along which axis do the images lie?",
            lambda train, test: torch.cdist(test.flatten(1), train.flatten(1)).square().sum(1).mean(),
        ),
    },
)
def mean_image_baseline(train, test):
    """The error of always answering with the mean training image."""
    return (train.mean(0) - test).square().sum() / len(test)


SIZES = [2, 5, 10, 15, 20, 30, 40]
ERRORS = [
    [16.0, 13.0, 7.5, 7.0, 6.5, 5.0, 4.5],
    [15.0, 12.0, 10.0, 8.5, 7.0, 4.5, 4.2],
    [17.0, 7.8, 9.0, 6.5, 8.3, 4.0, 3.8],
]
"""Errors with three seeds: with all of them, the smallest size that keeps to 8.0 is 30."""
OTHERS = [[31.0, 14.0, 9.5], [31.0, 12.0, 9.0], [30.2, 10.0, 8.5], [30.0, 15.004, 8.0]]

RISE = "Errors do not always fall from one size to the next. Which is the first size that is good enough?"


def _first(sizes, good):
    """The first size of those marked as good."""
    return sizes[int(good.nonzero()[0])]


@ask(
    "04",
    "Choose a bottleneck by its worst run",
    "choose_size(sizes, errors, target)",
    cases=[
        Case(SIZES, torch.tensor(ERRORS), 8.0, shown=f"{{name}}({SIZES}, errors, 8.0), for an example with 3 seeds,"),
        Case(
            [4, 6, 8, 12],
            torch.tensor([[30.0, 17.0, 15.0, 9.0]]),
            16.0,
            shown="{name}([4, 6, 8, 12], errors, 16.0), for the errors 30, 17, 15 and 9,",
            name="three seeds",
            hint="Here is one seed, with other sizes and another target. What of yours does not work with one?",
        ),
        *[
            Case(
                [3, 6, 9], torch.tensor(OTHERS), goal, shown=f"{{name}}([3, 6, 9], errors, {goal}), for 4 other seeds,"
            )
            for goal in (15.0, 15.5, 30.4, 31.0)
        ],
        Case(
            [2, 4, 6, 8, 10],
            torch.tensor([[30.0, 8.0, 17.0, 10.5, 8.0], [20.0, 7.0, 12.0, 11.0, 9.0]]),
            10.0,
            shown="{name}([2, 4, 6, 8, 10], errors, 10.0), where the worst errors are 30, 8, 17, 11, 9,",
            name="an error may rise again",
            hint=RISE,
        ),
    ],
    rules={
        "no such size": ("Yours is none of the sizes. Choose one of them.", lambda size, sizes, *_: size in sizes),
        "above the target": (
            "At that size the error of one seed, or more, is above the target.",
            lambda size, sizes, errors, target: bool((errors[:, sizes.index(size)] <= target).all()),
        ),
        "not the smallest": lambda size, sizes, errors, target: size <= _first(sizes, errors.amax(0) <= target),
    },
    hint="errors has a row for each seed, a column for each size. What is the worst that any seed did with a size?",
    mistakes={
        "looks at the mean": (
            "On average that size does it. But with one of the seeds its error is above the target.",
            lambda sizes, errors, target: _first(sizes, errors.mean(0) <= target),
        ),
        "looks at the best seed": (
            "That size was lucky once. Your next run may be like one of the other seeds.",
            lambda sizes, errors, target: _first(sizes, errors.amin(0) <= target),
        ),
        "an error may rise again": (
            RISE,
            lambda sizes, errors, target: sizes[int((errors.amax(0) > target).sum())],
            lambda sizes, errors, target: sizes[int((errors.amax(0) > target).nonzero()[-1]) + 1],
        ),
        "worst size of each seed": (
            "You took the worst size of each seed. Take the worst seed of each size: along which axis?",
            lambda sizes, errors, target: next(
                (size for size, worst in zip(sizes, errors.amax(1), strict=False) if worst <= target), None
            ),
            lambda sizes, errors, target: sizes[int((errors.amax(1) <= target).int().argmax())],
        ),
        "mean and deviation": (
            "The mean plus the deviation is not the worst of the seeds: that may be above it, or below.",
            lambda sizes, errors, target: _first(sizes, errors.mean(0) + errors.std(0) <= target),
            lambda sizes, errors, target: sizes[int((errors.mean(0) + errors.std(0) <= target).int().argmax())],
            lambda sizes, errors, target: sizes[int((errors.mean(0) + 2 * errors.std(0) <= target).int().argmax())],
        ),
        "size as a place": (
            "You looked in the column errors[:, size]. Columns are counted 0, 1, 2 ..., whatever the sizes are.",
            lambda sizes, errors, target: next(size for size in sizes if bool((errors[:, size] <= target).all())),
        ),
        "not the smallest": (
            "That size does it, but there is a smaller one that does it with every seed too.",
            lambda sizes, errors, target: sizes[-1],
        ),
        "each seed by itself": (
            "You took the size that each seed needs, and the largest of these. Can no seed be above the target there?",
            lambda sizes, errors, target: max(_first(sizes, run <= target) for run in errors),
        ),
        "the smallest of all": (
            "The smallest there is: above the target. Does any size fulfil your condition? Print what it compares.",
            lambda sizes, errors, target: sizes[0],
        ),
        "the closest": (
            "You took the size whose worst error is closest to the target. It may be above it.",
            lambda sizes, errors, target: sizes[int((errors.amax(0) - target).abs().argmin())],
        ),
        "place, not size": (
            "That is a place in the list. Asked for is the size that stands there.",
            lambda sizes, errors, target: int((errors.amax(0) <= target).nonzero()[0]),
        ),
        "error, not size": (
            "That is an error. Asked for is the size that has it.",
            lambda sizes, errors, target: next(worst for worst in errors.amax(0).tolist() if worst <= target),
        ),
        "one too early": (
            "That is the last size that does not do it. Which one comes next?",
            lambda sizes, errors, target: sizes[int((errors.amax(0) <= target).nonzero()[0]) - 1],
        ),
        "looks at one seed": (
            "With some of the seeds that size does it. What about the others?",
            lambda sizes, errors, target: _first(sizes, errors[errors.mean(1).argmax()] <= target),
            lambda sizes, errors, target: _first(sizes, errors[0] <= target),
            lambda sizes, errors, target: _first(sizes, errors[-1] <= target),
        ),
        "must be below": (
            "At most 31 means 31 or less: the target itself is good enough.",
            lambda sizes, errors, target: _first(sizes, errors.amax(0) < target),
        ),
    },
)
def smallest_enough(sizes, errors, target):
    """The smallest size whose error is at most target with every seed; errors: (seeds, sizes)."""
    worst = errors.amax(0)
    return next(size for size, error in zip(sizes, worst, strict=True) if error <= target)


def _pairs_of_subspaces():
    axes = np.linalg.qr(np.random.default_rng(4).normal(size=(12, 6)))[0]
    plane, others = axes[:, :3], axes[:, 3:]
    turn = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0]
    mixed = turn * np.array([1.0, 4.0, 9.0]) @ turn[::-1]
    pairs = {
        "directions at right angles to each other,": (
            others,
            "never says no",
            "Nothing is alike here. Print your angles: degrees or radians? Is each column taken for a direction?",
        ),
        "the same three directions, turned,": (
            plane @ turn,
            "compares the numbers",
            "The numbers differ, and still every direction of one lies in the other. Compare subspaces, not numbers: "
            "all columns together, as they are, with none left out and no mean taken away.",
        ),
        "the same three directions, mixed and stretched,": (
            plane @ mixed,
            "disturbed by lengths",
            "Longer directions, and such that are not at right angles, span the same subspace. Do they disturb you?",
        ),
        "the same three directions, mixed and shrunk,": (
            plane @ mixed / 20,
            "disturbed by lengths",
            "Shorter directions, and such that are not at right angles, span the same subspace. Do they disturb you?",
        ),
        "the same three directions, all tilted by 4°,": (
            _tilted(plane, others, [4, 4, 4]),
            "exact only",
            "Training ends near its goal: up to 5 degrees count as the same. All are 4 here. Do you add them up?",
        ),
        "the same three directions, all tilted by 10°,": (
            _tilted(plane, others, [10, 10, 10]),
            "another limit",
            "Up to 5 degrees count as the same, and this is more. Is your limit one of degrees, radians, or a cosine?",
        ),
        "three directions twice as long, all tilted by 10°,": (
            2 * _tilted(plane, others, [10, 10, 10]),
            "disturbed by lengths",
            "Longer directions are no nearer to each other. A cosine needs directions of length 1, at right angles.",
        ),
        "three directions 20 times as long, all tilted by 2°,": (
            20 * _tilted(plane, others, [2, 2, 2]),
            "disturbed by lengths",
            "Longer directions are no further from each other. What is left over has to be set against the length.",
        ),
        "the same three directions, one tilted by 7°, and mixed,": (
            _tilted(plane, others, [0, 0, 7]) @ (np.eye(3) - 2 / 3),  # no column is further away than 4.7°
            "overlooks the largest angle",
            "Two directions are shared, the third is 7 degrees off. Up to 5 count as the same: which angle decides?",
        ),
        "the same three directions, one tilted by 4.9°,": (
            _tilted(plane, others, [0, 4.9, 1]),
            "another limit",
            "Up to 5 degrees count as the same, and this is less. How many radians are 5 degrees?",
        ),
        "the same three directions, one tilted by 5.1°,": (
            _tilted(plane, others, [5.1, 0, 1]),
            "another limit",
            "Up to 5 degrees count as the same, and this is more. How many radians are 5 degrees?",
        ),
    }
    alike = np.array([[1.0, 1.0, 0.0], [0.0, 0.1, 0.0], [0.0, 0.0, 1.0]])
    why = "Each column lies near the other subspace, but they are nearly alike. What lies across them counts as well."
    nearly_alike = plane @ alike, _tilted(plane, others, [0, 30, 0]) @ alike
    axes_50 = np.linalg.qr(np.random.default_rng(6).normal(size=(50, 31)))[0]
    last_differs = np.delete(axes_50, 29, 1)
    centred = [np.column_stack([plane[:, :2], plane[:, 2] + more]) for more in (1, 20)]
    mean = "The third directions differ, by a constant at every place. Is a mean taken away? Another subspace is left."
    return [
        *[
            Case(plane, second, shown="{name}, for " + shown, name=name, hint=hint)
            for shown, (second, name, hint) in pairs.items()
        ],
        Case(*nearly_alike, shown="{name}, for columns nearly alike, tilted by 30°,", name="columns only", hint=why),
        *[
            Case(
                *pair,
                shown="{name}, for " + shown,
                name="another number of directions",
                hint="There may be one direction, or many, and more pixels. Is a number of them built in?",
            )
            for shown, pair in (
                ("a single direction and its opposite, 3 times as long,", (plane[:, :1], -3 * plane[:, :1])),
                ("30 directions in 50 pixels, of which the last is another,", (axes_50[:, :30], last_differs)),
            )
        ],
        Case(*centred, shown="{name}, for two directions shared and a third that differs,", name="centred", hint=mean),
    ]


def _tilted(plane, others, degrees):
    """Each direction of the plane, tilted by its angle towards one of the others."""
    angles = np.radians(degrees)
    return plane * np.cos(angles) + others * np.sin(angles)


def _largest_angle(first, second):
    """The largest principal angle between the subspaces that the columns span, in degrees."""
    cosines = np.linalg.svd(np.linalg.qr(first)[0].T @ np.linalg.qr(second)[0], compute_uv=False)
    return np.degrees(np.arccos(np.clip(cosines, -1, 1)).max())


@ask(
    "04",
    "The same subspace?",
    "is_same_subspace(first, second)",
    cases=_pairs_of_subspaces,
    hint="Answer with True or False: are they at most 5 degrees apart? Both are NumPy arrays with a row for each pixel "
    "and a column for each direction, as in section 4.",
    mistakes={
        "turned round": (
            "Yours is False where the subspaces are the same, and True where they differ.",
            lambda first, second: not _largest_angle(first, second) <= 5,
        ),
        "never says yes": (
            "Yours says False to everything, even to the same three directions, turned. Compare subspaces, not their "
            "numbers. If you compute angles, print them.",
            lambda first, second: False,
        ),
        "always says yes": (
            "Yours says True to everything, even to directions at right angles. Print your angles: degrees or radians? "
            "Is each column taken for a direction?",
            lambda first, second: True,
        ),
        "not yes or no": (
            "That is an angle. Answer with True or False: are they at most 5 degrees apart?",
            lambda first, second: _largest_angle(first, second),
        ),
    },
)
def same_subspace(first, second):
    """Whether the columns of two arrays (pixels, directions) span the same subspace, within 5 degrees."""
    return _largest_angle(first, second) <= 5


letter(
    "below_the_baseline",
    "04",
    "Below the baseline",
    right="c",
    wrong={
        "a": "Longer training can lead down to the lowest error that there is, and no further. Which error is that, "
        "for weighted sums?",
        "b": "A lucky start can lead down to the lowest error that there is, and no further. Which error is that, for "
        "weighted sums?",
        "d": "PCA has its constant too: it subtracts the mean image, and adds it again. So what could be left to gain?",
    },
    passed="On the images that PCA was fitted to, no weighted sums do better. Look for the slip in the experiment.",
)
