"""Checks of notebook 01, Representation learning."""

from aeutils.checks.probes import require_number
from aeutils.checks.question import attempt, call, choose, describe, question, require, require_function
import torch


@question("01", "Cosine similarity by hand")
def cosine(cosine_of):
    """cosine_of(one, other): the cosine similarity of two rows of numbers, float32 (n,), one number."""
    require_function(cosine_of, "cosine(one, other)")
    hint = "Above the line: multiply place by place and add up. Below: the lengths of both arrows, each with its root."
    slips = {
        24 / 2500: ("no root", "Below the line stand the sums of squares. A length is the square root of such a sum."),
        48: ("brackets", "Python goes from left to right: a / b * c is (a / b) * c. Both roots belong below the line."),
        24: ("not divided", "You multiplied and added up. Long arrows get large numbers so; divide by both lengths."),
        4.8: ("divided once", "You divided by the length of one arrow only. The formula has two roots below the line."),
        2.4: ("divided once", "You divided by the length of one arrow only. The formula has two roots below the line."),
        24 / 98: ("not squared", "You divided by the sums of the numbers. The length of an arrow has squares in it."),
        24 / 98**0.5: ("not squared", "The roots are there, the squares below them are not."),
        77**0.5: ("distance", "This is how far apart the ends of the arrows are. Asked for is how alike they point."),
        0.52: ("one minus", "0.48 is the similarity; you took it from 1, which makes it a distance."),
        -0.48: ("sign turned", "The number is right but for its sign: arrows that point the same way have 1, not -1."),
        1.070142: ("angle", "This is the angle itself, in radians. Asked for is its cosine."),
        -0.5: ("centred", "You took away the means first: that is the correlation. Take the rows as they are."),
    }
    _compare(cosine_of, [3.0, 4.0, 0.0], [8.0, 0.0, 6.0], 0.48, slips, hint)
    opposite = "You lost a sign: arrows that point in opposite directions have -1."
    _compare(cosine_of, [1.0, -2.0, 0.5, 4.0], [-2.0, 4.0, -1.0, -8.0], -1.0, {1.0: ("no sign", opposite)}, hint)
    _compare(cosine_of, [0.2] * 100, [0.9] * 99 + [0.0], 0.99**0.5, {}, hint)


def _compare(cosine_of, one, other, right, slips, hint):
    """Raise NotYet unless cosine_of(one, other) is the number right; slips as in require_number."""
    rows = torch.tensor(one), torch.tensor(other)
    names = (str(one), str(other)) if len(one) < 5 else ("100 numbers", "100 others")
    doing = f"cosine({', '.join(names)})"
    given = "one and other are single rows of numbers, of shape (n,): there is no second axis to sum along."
    found = call(cosine_of, *rows, doing=doing, expected=f"{right:.5g}", hint=given)
    require_number(found, right, slips, doing, hint)


@question("01", "What cosine similarity is blind to")
def cosine_is_blind_to(letter):
    """letter: the change of an image that cosine similarity does not see."""
    hints = {
        "a": "After this each pixel is compared with one from the other side of the face. Try it: image.flip(-1).",
        "c": "Adding the same to every pixel turns the arrow a little towards the all-white image. Try it.",
        "d": "Each pixel is then compared with its neighbour, and at every edge the two differ. Try it.",
    }
    choose(letter, "b", hints)
    return "an arrow half as long points the same way; the three others turn it"


@question("01", "The bits in a label")
def bits_told(bits_of):
    """bits_of(shares): bits that a label tells on average, when its classes have these shares, float32 (n,)."""
    require_function(bits_of, "bits_told(shares)")
    hint = "A class of share p takes log2(1/p) bits to point out, and that happens in the share p of all cases."
    halves = {
        -1: ("minus bits", "The logarithm of a share is negative. Bits are not: a sign is missing."),
        0.693147: ("another logarithm", "That is right in another unit. Bits need the logarithm to the base 2."),
        0.30103: ("another logarithm", "That is right in another unit. Bits need the logarithm to the base 2."),
        2: ("not weighted", "You added up the classes as if all came up each time. Weigh each by its share."),
    }
    uneven = {
        1: ("shares ignored", "Counting the classes is enough only when all are equally likely: these are not."),
        1.736965: ("not weighted", "You took the plain mean over the classes. The class of share 0.9 counts more."),
        3.473931: ("not weighted", "You added up the classes as if all came up each time. Weigh each by its share."),
        3.321928: ("one class", "That is what the rare class tells. Mostly it is the other one: take the average."),
        0.152003: ("one class", "That is what the frequent class tells. Sometimes it is the other: take the average."),
    }
    _tell(bits_of, [0.5, 0.5], 1, halves, hint)
    _tell(bits_of, [0.9, 0.1], 0.468996, uneven, hint)
    _tell(bits_of, [0.1] * 10, 3.321928, {}, hint)
    _tell(bits_of, [0.5, 0.25, 0.125, 0.125], 1.75, {}, hint)
    _require_zero_share(bits_of)
    return "a label that is the same in 999 of 1,000 cases tells 0.011 bits: a rare disease teaches slowly"


def _tell(bits_of, shares, right, slips, hint):
    """Raise NotYet unless bits_of(shares) is the number right; slips as in require_number."""
    doing = f"bits_told({shares})"
    found = call(bits_of, torch.tensor(shares), doing=doing, expected=f"{right:.5g}", hint=hint)
    require_number(found, right, slips, doing, hint)


def _require_zero_share(bits_of):
    """Raise NotYet unless a class that never occurs tells nothing."""
    doing, expected = "bits_told([0.5, 0.0, 0.5])", "1: a class that never occurs tells nothing"
    hint = "The logarithm of 0 is minus infinity, and 0 times that is no number. Leave out the classes with share 0."
    found = call(
        bits_of, torch.tensor([0.5, 0, 0.5]), doing=doing, expected=expected, hint=hint, misconception="share 0"
    )
    with attempt(doing, expected, hint):
        near = abs(float(found) - 1) < 1e-3
    require(near, "share 0", f"{doing} gave {describe(found)}", expected, hint)


@question("01", "A feature for four corners")
def chessboard_feature(feature):
    """feature(points): of points (n, 2) one number each, such that a threshold separates opposite pairs of corners."""
    require_function(feature, "feature(points)")
    points, alike = _corners(160)
    numbers = _numbers(feature, points)
    share = _best_threshold(numbers, alike)
    if share < 1:
        seen = f"the best threshold has {share:.0%} of 160 points on the right side"
        for misconception, shown, hint in _slips(feature, points, numbers):
            require(not shown, misconception, seen, "all of them", hint)
        near = "Look at points close to an edge, such as (0.9, 0.1) and (0.9, -0.1): they belong to different classes."
        require(False, "not separated", seen, "all of them", near)
    single = _numbers(feature, points[:1])
    hint = "The number of a point may depend on that point only, not on the others in the list."
    together, alone = f"{numbers[0]:.3g}", f"{single[0]:.3g}"
    seen = f"the same point gets {together} among others and {alone} alone"
    require(torch.isclose(numbers[0], single[0], atol=1e-4), "looks at the others", seen, "the same number", hint)


def _corners(count):
    """Points (count, 2) in the four corners of a square, and whether their two numbers have the same sign."""
    corners = torch.tensor([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]]).repeat(count // 4, 1)
    return corners * (0.1 + 0.9 * torch.rand(count, 2)), corners.prod(1) > 0


def _numbers(feature, points):
    """feature(points) as float64 (n,). Raises NotYet unless it is one finite number for each point."""
    doing, expected = f"feature(points) with {len(points)} points", f"{len(points)} numbers, one for each point"
    hint = "points has one row for each point: points[:, 0] is the first coordinate of all, points[0] the first point."
    made = call(feature, points.clone(), doing=doing, expected=expected, hint=hint)
    with attempt(f"making a tensor of what {doing} gave", expected, hint):
        numbers = torch.as_tensor(made).detach().to(torch.float64)
    require(numbers.numel() == len(points), "not one number each", f"{doing} gave {describe(made)}", expected, hint)
    root = "A number is missing or infinite. The root or the logarithm of a negative number, a division by zero?"
    require(bool(numbers.isfinite().all()), "not finite", f"{doing} gave {describe(made)}", expected, root)
    return numbers.flatten()


def _best_threshold(numbers, classes):
    """Share of the numbers (n,) on the right side of the best threshold, whichever side is whose."""
    right = ((numbers[:, None] > numbers) == classes[:, None]).double().mean(0)
    return max(right.max().item(), 1 - right.min().item())


def _slips(feature, points, numbers):
    """(misconception, whether the feature shows it, hint), the most telling first."""

    def unchanged(moved):
        return torch.allclose(_numbers(feature, moved), numbers, atol=1e-4)

    others, turned = points.roll(1, 0), points @ torch.tensor([[0.6, 0.8], [-0.8, 0.6]])  # about the middle
    middle = _numbers(feature, (points + others) / 2)
    halfway = torch.allclose(middle, (numbers + _numbers(feature, others)) / 2, atol=1e-4)
    line = "What you compute is a weighted sum. A threshold on that is again a straight line: multiply something."
    ring = "That is the distance from the middle, or goes with it. It helped with the rings; here no corner is nearer."
    signs = "Your number is the same in all four corners: squares and absolute values take the signs away."
    single = "Your number uses one coordinate only. What counts is how the two go together."
    opposite = "The corners (1, 1) and (-1, -1) belong together, but your number tells them apart."
    return [
        ("still a line", halfway, line),
        ("distance", unchanged(turned), ring),
        ("signs lost", unchanged(points.abs()), signs),
        ("one coordinate", unchanged(points * torch.tensor([1, -0.5])), single),
        ("one coordinate", unchanged(points * torch.tensor([-0.5, 1])), single),
        ("opposite corners differ", not unchanged(-points), opposite),
    ]
