"""Checks of notebook 06, The latent space."""

from itertools import pairwise

from aeutils.checks import probes
from aeutils.checks.question import attempt, call, choose, describe, question, require, require_function
import torch


@question("06", "How many components does it take?")
def components_needed(count_components):
    """count_components(variances, share): how many of the largest variances make up at least that share of all."""
    require_function(count_components, "count_components(variances, share)")
    hint = "Add the variances up, one after the other: when do you have the share of their sum that is asked for?"
    for share, right in ((0.8, 3), (0.75, 2), (0.4, 1), (1.0, 5)):
        doing = f"count_components(variances, {share}), for the variances 8, 4, 2, 1, 1,"
        variances = torch.tensor([8.0, 4.0, 2.0, 1.0, 1.0])
        found = call(count_components, variances, share, doing=doing, expected=f"{right}", hint=hint)
        slips = {number: why for number, why in _component_slips(variances, share).items() if number != right}
        probes.require_number(found, right, slips, doing, hint)


def _component_slips(variances, share):
    """What misunderstandings of the explained variance lead to, for probes.require_number."""
    shares = variances / variances.sum()
    fewer = int((shares.cumsum(0) < share).sum())
    low = "So many hold less than the share that is asked for. Do you count from 0, or stop too early?"
    high = "Fewer would do. At least this share: exactly the share is enough."
    whole = "You compared variances with a share. What is the share of one variance in all of them?"
    alone = "You looked at each component by itself. Two components together hold the sum of their shares."
    small = "You began with the smallest. The components with the largest variances hold the most."
    return {
        fewer: ("too few", low),
        fewer + 2: ("too many", high),
        int((variances.cumsum(0) < share).sum()) + 1: ("not as shares", whole),
        int((shares >= share).sum()): ("not added up", alone),
        int((shares.flip(0).cumsum(0) < share).sum()) + 1: ("smallest first", small),
    }


MIXED_UP = (4, 9)
"""In _small_latent_space: the two digits that are nearest neighbours most often."""
TAKEN_FOR_IT = {
    (5, 6): ("by angle", "These lie in the same direction, but not near each other. Section 2 measured distances."),
    (1, 7): ("one order only", "A 4 beside a 9 and a 9 beside a 4 are the same mix-up. You counted them apart."),
    (2, 3): (
        "compares averages",
        "Their averages are near each other, but none of their images is. Ask the images.",
    ),
}
"""The pairs to which misconceptions lead, with the hint."""


@question("06", "Which two digits does the code mix up?")
def mixed_up(most_confused):
    """most_confused(codes, labels): the two different digits that are nearest neighbours most often."""
    require_function(most_confused, "most_confused(codes, labels)")
    codes, labels = _small_latent_space()
    for shift in (0, 3):  # the same with other digits
        doing = f"most_confused, for {len(codes)} codes,"
        right = _shifted(MIXED_UP, shift)
        expected = f"the digits {right[0]} and {right[1]}"
        alone = "Is no pair left? Then each image found itself: nothing is nearer to it than its own code."
        found = call(most_confused, codes.clone(), (labels + shift) % 10, doing=doing, expected=expected, hint=alone)
        pair, seen = _two_digits(found, doing, expected), f"{doing} gave {describe(found)}"
        for other, (misconception, hint) in TAKEN_FOR_IT.items():
            require(pair != _shifted(other, shift), misconception, seen, expected, hint)
        hint = "Find each image's nearest other image. Where the labels differ, count the pair, in either order."
        require(pair == right, "another pair", seen, expected, hint)


def _shifted(pair, shift):
    """Two digits, each raised by a shift, the smaller one first."""
    return sorted((digit + shift) % 10 for digit in pair)


def _two_digits(found, doing, expected):
    """What a student found, as a list of two different digits, the smaller one first. Raises NotYet if it is none."""
    seen, two = f"{doing} gave {describe(found)}", "Return two digits, such as (3, 5)."
    with attempt(doing, expected, two, "not a pair"):
        pair = sorted(int(digit) for digit in found)
    require(len(pair) == 2, "not a pair", seen, expected, two)
    places = "These are places of images. Their digits stand in labels."
    require(pair[0] >= 0 and pair[1] < 10, "places, not digits", seen, expected, places)
    same = "Count those whose neighbour is another digit. And can an image be its own nearest neighbour in yours?"
    require(pair[0] != pair[1], "twice the same digit", seen, expected, same)
    return pair


def _small_latent_space():
    """Codes (n, 5) and labels (n,) of ten digits, in an order that means nothing.

    Each 4 and 9 are nearest to each other, 3 + 3 times. A 7 is nearest to a 1 four times, the 1 to another 1.
    The averages of 2 and 3 are the same, their images far apart. Each 5 has a 6 behind it, in the same direction.
    The other digits keep to themselves.
    """
    points = []
    for place in range(3):
        points += [(4, (20 * place, 0, 0)), (9, (20 * place + 1, 0, 0))]
    for place in range(4):
        points += [(7, (20 * place, 90, 0)), (1, (20 * place + 2, 90, 0)), (1, (20 * place + 3, 90, 0))]
    for side in (-60, 60):
        points += [(2, (side, 0, 60 + end)) for end in (0, 1)] + [(3, (0, side, 60 + end)) for end in (0, 1)]
    for digit in (0, 8):
        points += [(digit, (20 * digit, -90, end)) for end in (0, 1)]
    for angle in torch.arange(6) * 0.4:
        for turn in (-0.02, 0.02):
            east, north = (angle + turn).cos().item(), (angle + turn).sin().item()
            points += [(digit, (0, 0, 0, length * east, length * north)) for digit, length in ((5, 60), (6, 90))]
    order = torch.randperm(len(points), generator=torch.Generator().manual_seed(6)).tolist()
    points = [points[index] for index in order]
    places = [[*place, 0, 0][:5] for _, place in points]
    return torch.tensor(places).float(), torch.tensor([digit for digit, _ in points])


STOPS = {
    "a corner": ([[0.0, 8.0], [4.0, 0.0], [8.0, 4.0]], 4),
    "the shortest": ([[1.0, 2.0], [3.0, -6.0]], 1),
    "three sides": ([[0.0, 0.0], [6.0, 0.0], [6.0, 9.0], [3.0, 9.0]], 3),
}
"""Tours: stops (m, 2) and the steps from each to the next."""


@question("06", "A tour of the latent space")
def several_stops(tour):
    """tour(stops, steps): codes on the straight way from each stop to the next, in so many steps."""
    require_function(tour, "tour(stops, steps)")
    for places, steps in STOPS.values():
        stops = torch.tensor(places)
        doing, expected = f"tour({places}, {steps})", f"{(len(stops) - 1) * steps + 1} codes"
        hint = "Take one leg first, from one stop to the next: what share of the way is behind you after each step?"
        found = call(tour, stops.clone(), steps, doing=doing, expected=expected, hint=hint)
        rows = "One tensor (codes, latent) is asked for: torch.cat or torch.stack make one of many."
        with attempt(doing, expected, rows, "not a tensor"):
            codes = torch.as_tensor(found).float()
        seen = f"{doing} gave {describe(found)}"
        require(codes.ndim == 2 and codes.shape[1] == 2 and len(codes), "wrong shape", seen, expected, rows)
        for true, misconception, hint in _rules_of_the_tour(codes, stops, steps):
            require(true, misconception, f"{doing} gave {_rounded(codes)}", expected, hint)


def _rules_of_the_tour(codes, stops, steps):
    """(whether the codes keep it, misconception, hint) for each rule, the first ones first."""
    legs = [a + (b - a) * torch.arange(1, steps + 1)[:, None] / steps for a, b in pairwise(stops)]
    right = torch.cat([stops[:1], *legs])
    moves = codes.diff(dim=0).abs().amax(1) > 1e-4
    passed = [any(_near(code, stop) for code in codes) for stop in stops]
    home = not (len(stops) > 2 and _near(codes[-1], stops[0]))
    between = f"With {steps} steps from each stop to the next, {steps - 1} codes lie between them."
    return [
        (_near(codes[0], stops[0]), "misses the start", "The first code of the tour is the first stop itself."),
        (home, "goes back", "Yours returns to the first stop. The tour ends at the last one."),
        (bool(moves.all()), "stops come twice", "A stop that ends one leg begins the next. In yours it comes twice."),
        (passed[-1], "misses the end", "Yours comes near the last stop, and does not reach it."),
        (all(passed), "leaves out stops", "Yours does not come past every stop. Each leg leads to the next one."),
        (len(codes) == len(right), "wrong number of steps", between),
        (_near(codes, right), "uneven steps", "All steps of a leg are straight and equally long."),
    ]


def _rounded(codes):
    """The codes as lists of numbers with two decimals."""
    return [[round(number, 2) for number in code] for code in codes.tolist()]


def _near(first, second):
    """Whether two tensors hold the same numbers, up to rounding."""
    return first.shape == second.shape and torch.allclose(first, second, atol=1e-3)


@question("06", "What distances on the map prove")
def near_on_the_map(answer):
    """A letter: what near and far on the flat map of PCA say about near and far in the code."""
    near = "Points that are near on the map nearly agree in 2 components of 20. What do you know of the other 18?"
    far = "Does a shadow ever lie further apart than the things that throw it? PCA's map is a shadow of the codes."
    choose(answer, "b", {"a": near, "c": f"{near} {far}", "d": far})
    return "A shadow can only shorten distances. With t-SNE's map, neither near nor far would prove anything."
