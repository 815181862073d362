"""Questions of notebook 06, The latent space."""

from itertools import pairwise

import torch
from torch.nn.functional import interpolate, normalize

from aeutils.checks.explain import near
from aeutils.checks.kinds import MORE, Case, ask, letter

VARIANCES = torch.tensor([8.0, 4.0, 2.0, 1.0, 1.0])
OTHERS = torch.tensor([5.0, 4.0, 3.0, 2.0, 1.0, 0.5, 0.5])
MANY = torch.linspace(3000, 1000, 200)
FIXED = (
    "Is a size, a share or a number of variances built in, or does a tolerance, or a rounding, let something through?"
)


def _reach(sums, goal):
    """How many sums it takes until the goal is reached."""
    return int((sums < goal - 1e-6).sum()) + 1


@ask(
    "06",
    "How many components does it take?",
    "count_components(variances, share)",
    cases=[
        *[
            Case(VARIANCES, share, shown=f"{{name}}(variances, {share}), for the variances 8, 4, 2, 1, 1,")
            for share in (0.8, 0.75, 1.0)
        ],
        Case(
            VARIANCES,
            0.4,
            shown="{name}(variances, 0.4), for the variances 8, 4, 2, 1, 1,",
            name="begins too late",
            hint="The largest alone holds half. Does your count begin with it?",
        ),
        *[Case(OTHERS, share, shown=f"{{name}}(variances, {share}), for 5, 4, 3, 2, 1, ½, ½,") for share in (0.9, 0.6)],
        Case(
            MANY,
            0.95,
            shown="{name}(variances, 0.95), for 200 variances,",
            name="many variances",
            hint="More of them, and larger. Is their number built in, the kind of number too coarse, the rule another?",
        ),
        *[
            Case(given, share, shown=f"{{name}}(variances, {share}), for {words},", name="built in", hint=FIXED)
            for given, share, words in (
                (VARIANCES, 0.75005, "the variances 8, 4, 2, 1, 1"),
                (torch.tensor([2999.0, 1001.0]), 0.75, "the variances 2999, 1001"),
                (OTHERS, 0.3, "5, 4, 3, 2, 1, ½, ½"),
                (torch.tensor([8, 4, 2, 2, 0, 0]) / 256, 1.0, "8, 4, 2, 2, 0, 0, each over 256"),
                (torch.tensor([3.0, 1.0]), 0.02, "the variances 3, 1"),
                (torch.tensor([3.0]), 0.5, "a single variance"),
            )
        ],
    ],
    hint="Add the variances up, one after the other: when do you have the share of their sum that is asked for?",
    mistakes={
        "too many": (
            "Fewer would do. At least this share: exactly the share is enough.",
            lambda variances, share: min(
                int((variances.cumsum(0) / variances.sum() <= share + 1e-6).sum()) + 1, len(variances) + (share == 1)
            ),
            lambda variances, share: min(_reach(variances.cumsum(0), share * variances.sum() + 1e-3), len(variances)),
            lambda variances, share: (  # None where none is above it
                int((variances.cumsum(0) <= share * variances.sum() + 1e-3).sum()) + 1 if share < 1 else None
            ),
            lambda variances, share: _reach(variances.cumsum(0), share * variances.sum()) + 1,
        ),
        "too few": (
            "So many hold less than the share that is asked for. Do you count from 0, or stop too early?",
            lambda variances, share: _reach(variances.cumsum(0), share * variances.sum()) - 1,
        ),
        "not as shares": (
            "That comes out as if the first component alone held any share. What is a share, and of what?",
            lambda variances, share: min(_reach(variances.cumsum(0), share), len(variances)),  # as a loop ends
            lambda variances, share: _reach(variances.cumsum(0), share),
            lambda variances, share: _reach(variances.cumsum(0), share) if variances.sum() >= share else None,
            lambda variances, share: int((variances.cumsum(0) < share).sum()),
        ),
        "in percent": (
            "You compared percent with a share, and 80 percent is 0.8.",
            lambda variances, share: _reach(100 * variances.cumsum(0), share * variances.sum()),
        ),
        "the closest": (
            "Yours is the count that comes closest to the share. At least the share is asked for.",
            lambda variances, share: (variances.cumsum(0) / variances.sum() - share).abs().argmin() + 1,
        ),
        "not added up": (
            "You looked at each component by itself. Two components together hold the sum of their shares.",
            lambda variances, share: int((variances / variances.sum() >= share).sum()),
        ),
        "counts sums that reach it": (
            "You counted the sums that hold the share. Asked for is how many components the first of them adds up.",
            *[
                lambda variances, share, eps=eps: int((variances.cumsum(0) / variances.sum() >= share + eps).sum())
                for eps in (-1e-6, 1e-6)
            ],
        ),
        "effective dimension": (
            "That comes from the effective dimension. Asked for is how many of the largest make up the share.",
            lambda variances, share: variances.sum() ** 2 / variances.square().sum(),
            lambda variances, share: (share * variances.sum() ** 2 / variances.square().sum()).round(),
        ),
        "of the largest": (
            "You compared with the largest variance. The share is one of their sum.",
            lambda variances, share: int((variances >= share * variances.max()).sum()),
            lambda variances, share: int((variances >= (1 - share) * variances.max()).sum()),
        ),
        "a share": (
            "That is how much they hold. Asked for is how many components it takes.",
            *[
                lambda variances, share, n=n: (
                    variances.cumsum(0)[_reach(variances.cumsum(0), share * variances.sum()) - 1] / variances.sum() ** n
                )
                for n in (0, 1)
            ],
        ),
        "roots of the variances": (
            "You added up the roots, the standard deviations. What adds up is variances.",
            lambda variances, share: _reach(variances.sqrt().cumsum(0), share * variances.sqrt().sum()),
            lambda variances, share: int((variances.sqrt().cumsum(0) / variances.sqrt().sum() < share).sum()) + 1,
        ),
        "squares of the variances": (
            "You squared the variances. They are squares already, and add up as they are.",
            lambda variances, share: _reach(variances.square().cumsum(0), share * variances.square().sum()),
        ),
        "the rest": (
            "Yours stops when the share is left, or 1 minus the share is held. How much should be held?",
            lambda variances, share: _reach(variances.cumsum(0), (1 - share) * variances.sum()),
            lambda variances, share: int((variances.flip(0).cumsum(0) > share * variances.sum()).sum()),
        ),
    },
)
def components_needed(variances, share):
    """How many of the largest variances make up at least that share of all."""
    return _reach(variances.cumsum(0), share * variances.sum())


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
    points += [(0, (200, 200, 0)), (8, (200, 200, 0.1))]
    order = torch.randperm(len(points), generator=torch.Generator().manual_seed(6)).tolist()
    points = [points[index] for index in order]
    places = [[*place, 0, 0][:5] for _, place in points]
    return torch.tensor(places).float(), torch.tensor([digit for digit, _ in points])


def _two_sets_of_digits():
    """The same latent space with the digits as they are, and with others; and clouds, where other distances differ."""
    codes, labels = _small_latent_space()
    other = "The same codes with other digits, 0 among the pair. Is 0 taken for nothing, or a digit built in?"
    told = {"shown": "{name}, for the same codes with other digits,", "name": "0 left out", "hint": other}
    sets, scales = [(codes, labels), *map(_clouds, SEEDS)], (1, 1, 1, 0.01, 1e5)  # no distance has a size by itself
    clouds = [
        Case(each * scale, digits, shown=f"{{name}}, for {len(digits)} codes,")
        for (each, digits), scale in zip(sets, scales, strict=True)
    ]
    beside = "{name}, for five codes of 3, each beside two of 5 that are nearer to each other, and two pairs 1 and 2,"
    line = [0, 1, 50, 51, *(100 * place + end for place in range(1, 6) for end in (0, 1, 3))]
    one_way = Case(torch.tensor(line)[:, None].float(), torch.tensor([1, 2] * 2 + [5, 5, 3] * 5), shown=beside)
    places = torch.arange(18) // 2 * 50.0
    places[11::2] += 1  # five pairs share a code, four are near each other
    equal = Case(
        places[:, None],
        torch.tensor([3, 5] * 5 + [1, 2] * 4),
        shown="{name}, for codes of which some are equal,",
        name="equal codes",
        hint="Two images may have the same code. Do you leave out the image itself, or one at distance 0?",
    )
    places, digits = torch.arange(300) // 2 * 50.0 + torch.arange(300) % 2, torch.full((300,), 4)
    digits[:4], digits[-10:] = torch.tensor([7, 8] * 2), torch.tensor([1, 2] * 5)  # what is frequent comes late
    many = Case(places[:, None], digits, shown="{name}, for 300 codes,", **MORE)
    return [clouds[0], Case(codes, (labels + 6) % 10, **told), *clouds[1:], one_way, equal, many]


SEEDS = 87, 1693, 9167, 11965
"""Draws of clouds that tell mistakes apart: whichever way one counts, no two pairs are equally frequent."""


def _clouds(seed):
    """Codes (90, 3) and labels (90,): ten clouds, some with more digits than others, that touch each other."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(100, (90,), generator=generator).float().sqrt().long()
    centres = 2 * torch.randn(10, 3, generator=generator) + 1
    return centres[labels] + torch.randn(90, 3, generator=generator), labels


def _distances(codes):
    """Distances (n, n) between codes; none is near itself."""
    return torch.cdist(codes, codes).fill_diagonal_(torch.inf)


def _cosines(codes):
    directions = codes / codes.norm(dim=1, keepdim=True)
    return (directions @ directions.T).fill_diagonal_(-torch.inf)


def _most_frequent(labels, others):
    """The two different digits that stand beside each other most often, in either order."""
    low, high = torch.minimum(labels, others), torch.maximum(labels, others)
    pair = (10 * low + high)[low != high].mode().values.item()
    return pair // 10, pair % 10


def _nearest(codes, labels):
    """The digit of each code's nearest other code."""
    return labels[_distances(codes).argmin(1)]


def _several(codes, labels, count):
    others = labels[_distances(codes).topk(count, largest=False).indices]
    return _most_frequent(labels.repeat_interleave(count), others.flatten())


def _table(labels, others, shares=False, accumulate=True):
    """How often two different digits stand beside each other, (10, 10), or in which share of the first's images."""
    table = torch.zeros(10, 10).index_put((labels, others), torch.ones(len(labels)), accumulate=accumulate)
    table /= table.sum(1, keepdim=True).clamp(min=1) if shares else 1
    return (table + table.T).fill_diagonal_(0)


def _most(table):
    return divmod(table.argmax().item(), 10)


def _least(table):
    return divmod(table.fill_diagonal_(torch.inf).argmin().item(), 10)


def _in_one_order(labels, others):
    pair = (10 * labels + others)[labels != others].mode().values.item()
    return pair // 10, pair % 10


def _by_key(labels, others, key, place):
    """One of the pairs of digits, the first or the last, that have the most frequent key, such as their product."""
    keys = key(labels, others)
    return _pair(labels, others, (keys == keys[labels != others].mode().values) & (labels != others), place)


def _pair(labels, others, marked, place):
    """One of the pairs that are marked."""
    return labels[marked][place].item(), others[marked][place].item()


def _partner(labels, others, own):
    """The digit that has the most neighbours of other kinds, and the one that it, or any digit, has most often."""
    digit = labels[others != labels].mode().values
    return digit.item(), others[((labels == digit) | (not own)) & (others != labels)].mode().values.item()


def _nearest_place(codes, labels):
    """The places of the two nearest codes of different digits."""
    nearest = _distances(codes).masked_fill(labels[:, None] == labels, torch.inf).argmin().item()
    return divmod(nearest, len(codes))


def _first_place(codes, labels):
    """The places of the first code whose nearest one has another digit, and of that one."""
    nearest = _distances(codes).argmin(1)
    place = (labels != labels[nearest]).nonzero()[0].item()
    return place, nearest[place].item()


def _mutual(labels, nearest):
    """The most frequent pair of digits where each of two images is the nearest of the other."""
    both = nearest[nearest] == torch.arange(len(labels))
    return _most(_table(labels[both], labels[nearest][both]))


def _nearest_averages(codes, labels, digits):
    averages = torch.stack([codes[labels == digit].mean(0) for digit in digits])
    return digits[[*divmod(_distances(averages).argmin().item(), len(digits))]]


@ask(
    "06",
    "Which two digits does the code mix up?",
    "most_confused(codes, labels)",
    cases=_two_sets_of_digits,
    hint="Find each image's nearest other image. Where the labels differ, count the pair, in either order.",
    form="the digits {}",
    same=lambda pair: pair.flatten().sort().values,
    mistakes={
        "the nearest pair": (
            "These two codes are the nearest of all, but only once. Count how often each pair occurs.",
            lambda codes, labels: labels[list(_nearest_place(codes, labels))].tolist(),
        ),
        "by angle": (
            "These lie in the same direction, but not near each other. Section 2 measured distances.",
            lambda codes, labels: _most_frequent(labels, labels[_distances(normalize(codes)).argmin(1)]),
            lambda codes, labels: _most_frequent(labels, labels[_cosines(codes).argmax(1)]),
        ),
        "the farthest": (
            "You took the code that is farthest away. Confused is what lies near.",
            lambda codes, labels: _most_frequent(labels, labels[torch.cdist(codes, codes).argmax(1)]),
        ),
        "one order only": (
            "A 4 beside a 9 and a 9 beside a 4 are the same mix-up. Yours takes them apart, or one of them only.",
            lambda codes, labels: _in_one_order(labels, _nearest(codes, labels)),
            lambda codes, labels: _in_one_order(labels, torch.minimum(labels, _nearest(codes, labels))),
            lambda codes, labels: _in_one_order(labels, torch.maximum(labels, _nearest(codes, labels))),
        ),
        "pairs fall together": (
            "Other pairs count as the same one in yours, as 2 times 6 is 3 times 4, and 4 plus 9 is 5 plus 8.",
            *[lambda codes, labels, n=n: _by_key(labels, _nearest(codes, labels), torch.mul, n) for n in (0, -1)],
            *[lambda codes, labels, n=n: _by_key(labels, _nearest(codes, labels), torch.add, n) for n in (0, -1)],
        ),
        "same digits left out": (
            "You looked for the nearest image of another digit. If one of the same digit is nearer, that is no mix-up.",
            lambda codes, labels: _most_frequent(
                labels, labels[_distances(codes).masked_fill(labels[:, None] == labels, torch.inf).argmin(1)]
            ),
        ),
        "half of the neighbours": (
            "Each image has all others for neighbours, those before it and those behind it.",
            lambda codes, labels: _most_frequent(
                labels[:-1], labels[(_distances(codes) + _distances(codes).fill_(torch.inf).tril()).argmin(1)[:-1]]
            ),
        ),
        "compares averages": (
            "Their averages are near each other, but none of their images is. Ask the images.",
            lambda codes, labels: _nearest_averages(codes, labels, torch.arange(10)),  # NaN where there is none
            lambda codes, labels: _nearest_averages(codes, labels, labels.unique()),
        ),
        "largest products": (
            "You took the largest product of two codes, and long codes have large products with all. Take distances.",
            lambda codes, labels: _most(_table(labels, labels[(codes @ codes.T).fill_diagonal_(-torch.inf).argmax(1)])),
        ),
        "twice the same digit": (
            "Count those whose neighbour is another digit. And can an image be its own nearest neighbour in yours?",
            lambda codes, labels: (0, 0),
            lambda codes, labels: _most(_table(labels, labels[torch.cdist(codes, codes).argmin(1)])),
            lambda codes, labels: [labels.mode().values.item()] * 2,
        ),
        "second nearest": (
            "You took the second nearest of the others. Is the image itself already left out where you leave it out?",
            lambda codes, labels: _most_frequent(labels, labels[_distances(codes).kthvalue(2).indices]),
        ),
        "several neighbours": (
            "You asked several neighbours of each image. Only the nearest one counts.",
            *[lambda codes, labels, count=count: _several(codes, labels, count) for count in (2, 3, 5, 10)],
        ),
        "digits apart": (
            "You counted the two digits one at a time. Count pairs, not digits.",
            lambda codes, labels: labels[_nearest(codes, labels) != labels].bincount(minlength=10).topk(2).indices,
            *[lambda codes, labels, own=own: _partner(labels, _nearest(codes, labels), own) for own in (True, False)],
        ),
        "mutual only": (
            "You count two images only where each is the other's nearest. A nearest one may have a nearer one itself.",
            lambda codes, labels: _mutual(labels, _distances(codes).argmin(1)),
        ),
        "shares, not counts": (
            "You divided by how often a digit occurs. Asked for is how often the pair occurs.",
            lambda codes, labels: _most(_table(labels, _nearest(codes, labels), shares=True)),
        ),
        "each pair once": (
            "In yours a pair counts once in each order. With tensors a and b, table[a, b] += 1 counts no place twice.",
            lambda codes, labels: _most(_table(labels, _nearest(codes, labels), accumulate=False)),
        ),
        "the first pair": (
            "That is the first pair that you come to. Count how often each occurs. (No two tensors are the same key.)",
            lambda codes, labels: _pair(labels, _nearest(codes, labels), labels != _nearest(codes, labels), 0),
        ),
        "the rarest pair": (
            "You took the pair that occurs least often. Asked for is the most frequent one.",
            lambda codes, labels: _least(_table(labels, _nearest(codes, labels))),
        ),
        "places, not digits": (
            "These are places of images. Their digits stand in labels.",
            _nearest_place,
            _first_place,
            lambda codes, labels: divmod(_distances(codes).argmin().item(), len(codes)),
        ),
    },
    rules={"twice the same digit": lambda made, codes, labels: bool(made[0] != made[1])},
)
def mixed_up(codes, labels):
    """The two different digits that are nearest neighbours most often."""
    return _most_frequent(labels, labels[_distances(codes).argmin(1)])


STOPS = [
    ([[0.0, 8.0], [4.5, 0.0], [8.0, 4.0]], 4),
    ([[1.0, 2.0, 0.0], [3.0, -6.0, 4.0]], 1),
    ([[0.0, 0.0], [6.0, 0.0], [6.0, 9.0], [3.0, 9.0]], 3),
]
"""Tours: stops (m, 2) and the steps from each to the next."""
SIX_STOPS = torch.randn(6, 5, generator=torch.Generator().manual_seed(6))
END = "Yours comes near the last stop, and does not reach it."
BETWEEN = "How many codes lie between two stops, when there are so many steps from one to the next?"


def _legs(stops, parts):
    """Codes at these parts of the way of every leg, one leg behind the other."""
    return torch.cat([a + (b - a) * torch.as_tensor(parts, dtype=torch.float32)[:, None] for a, b in pairwise(stops)])


def _steps(steps):
    return [(step + 1) / steps for step in range(steps)]


def _of_stops(stops, steps, **told):
    return Case(torch.tensor(stops), steps, shown=f"{{name}}({str(stops).replace('.0', '')}, {steps})", **told)


@ask(
    "06",
    "A tour of the latent space",
    "tour(stops, steps)",
    cases=[
        *(_of_stops(*each) for each in STOPS),
        Case(SIX_STOPS, 2, shown="{name}, for six stops of 5 numbers and 2 steps,"),
        _of_stops(
            [[5.0, 1.0], [2.0, 2.0], [2.0, 2.0]],
            2,
            name="equal codes left out",
            hint="The last two stops are the same. Their leg takes its steps all the same.",
        ),
        _of_stops(
            [[0.0, 0.0], [49.0, 98.0]],
            49,
            name="adds up fractions",
            hint="A computer rounds 1/49: 49 of them are not quite 1. Count steps in whole numbers, then divide.",
        ),
    ],
    hint="Codes are asked for, not yet images. Take one leg first, from one stop to the next: what share of the way is "
    "behind you after each step?",
    form="codes: {}",
    mistakes={
        "one code for a leg": (
            "In yours all codes of a leg are its end. Is it one tensor, many times in a list, that += changes?",
            lambda stops, steps: torch.cat([stops[1:].repeat_interleave(steps, 0), stops[-1:]]),
        ),
        "misses the start": (
            "The first code of the tour is the first stop itself. Which t counts for which stop?",
            lambda stops, steps: _legs(stops, _steps(steps)),
            lambda stops, steps: _legs(stops, [1 - part for part in [0, *_steps(steps)]]),
            lambda stops, steps: torch.cat([_legs(stops, [1 - part for part in [0, *_steps(steps)[:-1]]]), stops[-1:]]),
        ),
        "goes back": (
            "Yours returns to the first stop. The tour ends at the last one.",
            lambda stops, steps: _tour(torch.cat([stops, stops[:1]]), steps),
        ),
        "stops come twice": (
            "A stop that ends one leg begins the next. In yours it comes twice.",
            lambda stops, steps: _legs(stops, [0, *_steps(steps)]),
            lambda stops, steps: _legs(stops, torch.linspace(0, 1, steps)),
        ),
        "misses the end": (END, lambda stops, steps: _legs(stops, [0, *_steps(steps)[:-1]])),
        "first leg only": (
            "Yours leaves out legs behind the first. From each stop leads one to the next: a loop over pairs of stops.",
            lambda stops, steps: _tour(stops[:2], steps),
            lambda stops, steps: torch.cat(
                [_tour(stops[place : place + 2], steps) for place in range(0, len(stops) - 1, 2)]
            ),
        ),
        "last leg only": (
            "That is the last leg. Keep the codes of every leg, and put them one behind the other.",
            lambda stops, steps: _tour(stops[-2:], steps),
        ),
        "leaves out stops": (
            "Yours goes straight from the first stop to the last. Each leg leads to the next one.",
            lambda stops, steps: _tour(stops[[0, -1]], steps),
            lambda stops, steps: _tour(stops[[0, -1]], steps * (len(stops) - 1)),
        ),
        "stops only": (f"All codes of yours are stops. {BETWEEN}", lambda stops, steps: stops),
        "wrong number of steps": (
            BETWEEN,
            lambda stops, steps: _tour(stops, steps + 1),
            lambda stops, steps: _tour(stops, max(steps - 1, 1)),
            lambda stops, steps: interpolate(stops.T[None], steps + 1, mode="linear", align_corners=True)[0].T,
        ),
        "middles of cells": (
            "interpolate takes your stops for the middles of cells. What does its documentation say of corners?",
            lambda stops, steps: interpolate(stops.T[None], (len(stops) - 1) * steps + 1, mode="linear")[0].T,
        ),
    },
    rules={
        "misses the start": lambda made, stops, _: _at(made[0], stops[0]),
        "stops only": lambda made, stops, steps: (
            steps == 1 or not all(any(_at(code, stop) for stop in stops) for code in made)
        ),
        "stops come twice": lambda made, stops, _: all(
            sum(_at(code, stop) for code in made) < 2 for stop in stops[1:-1]
        ),
        "misses the end": lambda made, stops, _: any(_at(code, stops[-1]) for code in made),
        "leaves out stops": (
            "Yours does not come past every stop. Each leg leads to the next one.",
            lambda made, stops, _: all(any(_at(code, stop) for code in made) for stop in stops),
        ),
        "another order": (
            "These are the right codes, in another order: that of the tour is asked for.",
            lambda made, stops, steps: (
                near(made, _tour(stops, steps))
                or not all(any(_at(code, other) for other in made) for code in _tour(stops, steps))
            ),
        ),
        "uneven steps": (
            "All steps of a leg are straight and equally long.",
            lambda made, stops, steps: near(made, _tour(stops, steps)),
        ),
    },
)
def several_stops(stops, steps):
    """Codes on the straight way from each stop to the next, in so many steps: ((m - 1) * steps + 1, latent)."""
    shares = torch.arange(steps)[:, None] / steps
    legs = [stops[i] + shares * (stops[i + 1] - stops[i]) for i in range(len(stops) - 1)]
    return torch.cat([*legs, stops[-1:]])


def _at(code, stop):
    return near(code, stop)


def _tour(stops, steps):
    return torch.cat([stops[:1], _legs(stops, _steps(steps))])


letter(
    "near_on_the_map",
    "06",
    "What distances on the map prove",
    right="b",
    wrong={
        "a": "Points that are near on the map nearly agree in 2 components of 20. What do you know of the other 18?",
        "c": "Points that are near on the map nearly agree in 2 components of 20. What do you know of the other 18? "
        "Does a shadow ever lie further apart than the things that throw it? PCA's map is a shadow of the codes.",
        "d": "Does a shadow ever lie further apart than the things that throw it? PCA's map is a shadow of the codes.",
    },
    passed="A shadow can only shorten distances. With t-SNE's map, neither near nor far would prove anything.",
)
