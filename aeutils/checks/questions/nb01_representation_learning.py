"""Questions of notebook 01, Representation learning."""

import math

import torch

from aeutils.checks.core import attempt, call, question, require
from aeutils.checks.explain import near
from aeutils.checks.feedback import describe
from aeutils.checks.kinds import Case, ask, letter


@ask(
    "01",
    "Cosine similarity by hand",
    "cosine(one, other)",
    cases=[
        (torch.tensor([3.0, 4.0, 0.0]), torch.tensor([8.0, 0.0, 6.0])),
        (torch.tensor([1.0, -2.0, 0.5, 4.0]), torch.tensor([-2.0, 4.0, -1.0, -8.0])),
        Case(torch.full((5000,), 0.2), torch.tensor([0.9] * 4800 + [0.0] * 200), shown="{name}(5,000 numbers, others)"),
        (torch.tensor([0.05, 0.025]), torch.tensor([0.016, -0.048])),
        (torch.arange(1.0, 7.0), torch.arange(2.0, 8.0)),
        Case(
            torch.tensor([2.0, 3.0, 6.0]),
            torch.tensor([1.0, 2.0, -2.0]),
            name="remembers",
            hint="Rows of 3 numbers came before, with other lengths. Is something kept from one call to the next?",
        ),
    ],
    hint="Above the line: multiply place by place and add up. Below: the lengths of both arrows, each with its root.",
    mistakes={
        "no root": (
            "Below the line stand the sums of squares. A length is the square root of such a sum.",
            lambda one, other: one @ other / (one @ one * (other @ other)),
        ),
        "one root": (
            "Below the line one of the two lengths lacks its root: a length is the root of a sum of squares.",
            lambda one, other: one @ other / (one.norm() * (other @ other)),
            lambda one, other: one @ other / (one @ one * other.norm()),
        ),
        "not squared": (
            "You divided by sums of the numbers. The length of an arrow has squares in it, below the root.",
            lambda one, other: one @ other / (one.sum() * other.sum()),
            lambda one, other: one @ other / (one.abs().sum() * other.abs().sum()),
            lambda one, other: one @ other / (one.sum() * other.sum()).sqrt(),
            lambda one, other: one @ other / (one.sum().sqrt() * other.sum().sqrt()),
        ),
        "sum for product": (
            "Below the line you added. The lengths of both arrows are multiplied there.",
            lambda one, other: one @ other / (one @ one + other @ other).sqrt(),
            lambda one, other: 2 * one @ other / (one @ one + other @ other),
            lambda one, other: 2 * one @ other / (one.norm() + other.norm()),
        ),
        "distance": (
            "This is how far apart the ends of the arrows are. Asked for is how alike they point.",
            lambda one, other: (one - other).norm(),
        ),
        "centred": (
            "You took away the means first: that is the correlation. Take the rows as they are.",
            lambda one, other: torch.cosine_similarity(one - one.mean(), other - other.mean(), 0),
        ),
        "brackets": (
            "Python goes from left to right: a / b * c is (a / b) * c. Both roots belong below the line.",
            lambda one, other: one @ other / one.norm() * other.norm(),
        ),
        "angle": (
            "This is the angle itself, in radians. Asked for is its cosine.",
            lambda one, other: torch.cosine_similarity(one, other, 0).acos(),
        ),
    },
)
def cosine(one, other):
    """The cosine similarity of two rows of numbers, float32 (n,), one number."""
    return (one * other).sum() / ((one**2).sum().sqrt() * (other**2).sum().sqrt())


letter(
    "cosine_is_blind_to",
    "01",
    "What cosine similarity is blind to",
    right="b",
    wrong={
        "a": "After this each pixel is compared with one from the other side of the face. Try it: image.flip(-1).",
        "c": "Adding the same to every pixel turns the arrow a little towards the all-white image. Try it.",
        "d": "Each pixel is then compared with its neighbour, and at every edge the two differ. Try it.",
    },
    passed="an arrow half as long points the same way; the three others turn it",
)


@ask(
    "01",
    "The bits in a label",
    "bits_told(shares)",
    cases=[
        (torch.tensor([0.5, 0.5]),),
        (torch.tensor([0.1, 0.9]),),
        (torch.tensor([0.1] * 10),),
        Case(torch.tensor([0.05] * 20), shown="{name}(20 times 0.05)"),
        (torch.tensor([0.1, 0.6, 0.1, 0.1, 0.1]),),
        (torch.tensor([1.0]),),
        Case(
            torch.tensor([0.5, 0.41] + [9e-5] * 1000),
            shown="{name}([0.5, 0.41] and 1,000 times 0.00009)",
            name="rare class",
            hint="The classes of share 0.00009 count as well: each tells log2(1/0.00009), 13 bits, and together they "
            "are 9 % of the cases.",
        ),
        Case(
            torch.tensor([0.0, 0.75, 0.25]),
            name="share 0",
            hint="A class of share 0 never occurs: leave it out, only it. (Its logarithm is minus infinity; 0 times "
            "that is no number.)",
        ),
    ],
    hint="A class of share p takes log2(1/p) bits to point out, and that happens in the share p of all cases.",
    mistakes={
        "shares ignored": (
            "Counting the classes is enough only when all are equally likely: these are not.",
            lambda shares: torch.tensor(float(len(shares))).log2(),
        ),
        "one class": (
            "That is what a single class tells. Which one comes up differs: take the average.",
            lambda shares: -shares.min().log2(),
            lambda shares: -shares.max().log2(),
        ),
        "two classes": (
            "You took the first class, and all others together for the second. There may be more than two.",
            lambda shares: torch.special.entr(torch.stack([shares[0], 1 - shares[0]])).sum() / math.log(2),
            lambda shares: -(shares[0] * shares[0].log2() + (1 - shares[0]) * (1 - shares[0]).log2()),
        ),
        "not weighted": (
            "You counted all classes alike. Weigh each by its share: the class of share 0.9 counts more.",
            lambda shares: -shares.log2().sum(),
            lambda shares: -shares.log2().mean(),
        ),
        "a question for each": (
            "For each class you asked: this one, or another? A label answers that for all classes at once.",
            lambda shares: -(shares.xlogy(shares) + (1 - shares).xlogy(1 - shares)).sum() / math.log(2),
        ),
        "share of the most": (
            "You divided by the bits of equal classes. Asked for is how many bits, not which share of the most.",
            lambda shares: -shares.xlogy(shares).sum() / math.log(len(shares)),
            lambda shares: -shares.xlogy(shares).sum() / math.log((shares > 0).sum()),
        ),
    },
    passed="a label that is the same in 999 of 1,000 cases tells 0.011 bits: a rare disease teaches slowly",
)
def bits_told(shares):
    """Bits that a label tells on average, when its classes have these shares, float32 (n,)."""
    occurring = shares[shares > 0]
    return -(occurring * occurring.log2()).sum()


@question("01", "A feature for four corners", "chessboard_feature(points)")
def chessboard_feature(feature):
    """feature(points): of points (n, 2) one number each, such that a threshold separates opposite pairs of corners."""
    points, alike = _corners(160)
    numbers = _numbers(feature, points)
    share = _best_threshold(numbers, alike)
    if share < 1:
        seen = f"the best threshold has {share:.0%} of 160 points on the right side"
        for misconception, shown, hint in _slips(feature, points, numbers):
            require(not shown, misconception, seen, "all of them", hint)
        edge = "The class of a point changes where one of its numbers changes its sign, and only there. Does yours?"
        require(False, "not separated", seen, "all of them", edge)
    single = _numbers(feature, points[-1:])
    together, alone = f"{numbers[-1]:.3g}", f"{single[0]:.3g}"
    seen = f"the same point gets {together} among others and {alone} alone"
    require(near(numbers[-1], single[0], 1e-4), "looks at the others", seen, "the same number", EVERY)


EVERY = "The number of a point should depend on that point only: not on the others, their order, or chance."


def _corners(count):
    """Points (count, 2) in the four corners of a square, and whether their two numbers have the same sign."""
    corners = torch.tensor([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]]).repeat(count // 4, 1)
    corners = corners[torch.randperm(count)]
    return corners * (0.1 + 0.9 * torch.rand(count, 2)), corners.prod(1) > 0


def _numbers(feature, points):
    """feature(points) as float64 (n,). Raises NotYet unless it is one finite number for each point."""
    doing, expected = (
        f"chessboard_feature(points) with {len(points)} points",
        f"{len(points)} numbers, one for each point",
    )
    hint = "points has one row for each point: points[:, 0] is the first coordinate of all, points[0] the first point."
    given = points.clone()
    made = call(feature, given, doing=doing, expected=expected, hint=hint)
    own = "Your function changes the points that it is given. Make a new tensor."
    require(torch.equal(given, points), "changes its input", f"after {doing} points is another", "as before", own)
    parts = isinstance(made, (tuple, list)) and any(getattr(part, "ndim", 0) for part in made)
    require(not parts, "not one number each", f"{doing} gave {describe(made)}", expected, f"Return one tensor. {hint}")
    with attempt(f"making a tensor of what {doing} gave", expected, hint):
        numbers = torch.as_tensor(made).detach().to(torch.float64)
    seen = f"{doing} gave {describe(made)}"
    require(numbers.numel() == len(points), "not one number each", seen, expected, hint)
    column = (
        f"The numbers are one for each point, but in a table: shape {tuple(numbers.shape)}. Drop the axis of length 1."
    )
    require(numbers.shape == (len(points),), "a column", seen, f"a tensor of shape ({len(points)},)", column)
    root = "A number is missing or infinite. The root or the logarithm of a negative number, a division by zero?"
    require(bool(numbers.isfinite().all()), "not finite", seen, expected, root)
    return numbers


def _best_threshold(numbers, classes):
    """Share of the numbers (n,) on the right side of the best threshold, whichever side is whose."""
    right = ((numbers[:, None] > numbers) == classes[:, None]).double().mean(0)
    return max(right.max().item(), 1 - right.min().item())


def _slips(feature, points, numbers):
    """(misconception, whether the feature shows it, hint), the most telling first."""

    def unchanged(moved):
        return near(_numbers(feature, moved), numbers, 1e-4)

    back = _numbers(feature, points.flip(0))
    own = "The numbers stay while the points come in another order. Number i belongs to point i: is points used, as is?"
    others, turned = points.roll(1, 0), points @ torch.tensor([[0.6, 0.8], [-0.8, 0.6]])  # about the middle
    middle = _numbers(feature, (points + others) / 2)
    halfway = near(middle, (numbers + _numbers(feature, others)) / 2, 1e-4)
    line = "What you compute is a weighted sum. A threshold on that is again a straight line: multiply something."
    ring = "That is the distance from the middle, or goes with it. It helped with the rings; here no corner is nearer."
    signs = "Your number is the same in all four corners: squares and absolute values take the signs away."
    single = "Your number uses one coordinate only. What counts is how the two go together."
    across = _numbers(feature, -points)
    x, y = points[(far := (across - numbers).abs().argmax())].tolist()
    opposite = (
        f"({x:.2f}, {y:.2f}) and ({-x:.2f}, {-y:.2f}) lie in opposite corners, which belong together. Yours gives "
    )
    opposite += f"them {numbers[far]:.3g} and {across[far]:.3g}."
    same = "Your number is the same for all points. What do you compare, round, or compute, of each?"
    often = numbers.mode().values + 0  # no -0
    shared = (
        f"{int((numbers == often).sum())} of {len(points)} points, in all four corners, get the number {often:.3g}. "
    )
    shared += "Is something rounded, or compared?"
    return [
        ("always the same", not numbers.std() > 0, same),
        ("other points", near(back, numbers, 1e-4) and numbers.std() > 0, own),
        ("looks at the others", not near(back, numbers.flip(0), 1e-4), EVERY),
        ("still a line", halfway, line),
        ("distance", unchanged(turned), ring),
        ("signs lost", unchanged(points.abs()), signs),
        ("one coordinate", unchanged(points * torch.tensor([1, -0.5])), single),
        ("one coordinate", unchanged(points * torch.tensor([-0.5, 1])), single),
        ("opposite corners differ", not near(across, numbers, 1e-4), opposite),
        ("many alike", len(points[numbers == often].sign().unique(dim=0)) == 4, shared),
    ]
