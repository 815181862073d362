"""Answers to the questions of notebook 06."""

from collections import Counter
from itertools import pairwise

import numpy as np
from sklearn.neighbors import NearestNeighbors
import torch

from answers import right, wrong, wrong_ones

right(
    "components_needed",
    one_more_than_those_that_hold_less=lambda variances, share: (
        int(((variances / variances.sum()).cumsum(0) < share).sum()) + 1
    ),
)


@right("components_needed")
def adds_up_in_a_loop(variances, share):
    held = 0
    for count, variance in enumerate(variances, start=1):
        held += variance
        if held >= share * variances.sum():
            return count
    return len(variances)


@right("components_needed")
def numpy_with_a_search(variances, share):
    held = np.cumsum(variances.numpy())
    return np.searchsorted(held / held[-1], share) + 1


def nearest(codes):
    """The place of each code's nearest other code."""
    distances = torch.cdist(codes, codes)
    return distances.fill_diagonal_(torch.inf).argmin(1)


@right("mixed_up")
def pairs_sorted_and_counted(codes, labels):
    pairs = torch.stack([labels, labels[nearest(codes)]]).sort(0).values.T
    pairs, counts = pairs[pairs[:, 0] != pairs[:, 1]].unique(dim=0, return_counts=True)
    return tuple(pairs[counts.argmax()].tolist())


@right("mixed_up")
def a_table_of_ten_times_ten(codes, labels):
    table = torch.zeros(10, 10)
    for label, other in zip(labels, labels[nearest(codes)], strict=True):
        table[label, other] += 1
    table = (table + table.T).fill_diagonal_(0)
    return divmod(table.argmax().item(), 10)


@right("mixed_up")
def a_counter_of_sets_with_scikit_learn(codes, labels):
    places = NearestNeighbors(n_neighbors=2).fit(codes).kneighbors(codes, return_distance=False)[:, 1]
    pairs = zip(labels.tolist(), labels[places].tolist(), strict=True)
    return set(Counter(frozenset(pair) for pair in pairs if len(set(pair)) == 2).most_common(1)[0][0])


@wrong("mixed_up", "twice the same digit")
def counts_agreement_too(codes, labels):
    pairs = zip(labels.tolist(), labels[nearest(codes)].tolist(), strict=True)
    return Counter(tuple(sorted(pair)) for pair in pairs).most_common(1)[0][0]


@wrong("mixed_up", "index out of range")
def each_is_its_own_neighbour(codes, labels):
    others = labels[torch.cdist(codes, codes).argmin(1)]
    pairs = zip(labels.tolist(), others.tolist(), strict=True)
    return Counter(pair for pair in pairs if pair[0] != pair[1]).most_common(1)[0][0]


def without_0(codes, labels):
    pairs = zip(labels.tolist(), labels[nearest(codes)].tolist(), strict=True)
    return Counter(tuple(sorted(pair)) for pair in pairs if all(pair) and pair[0] != pair[1]).most_common(1)[0][0]


wrong_ones(
    "mixed_up",
    {
        "0 left out": without_0,
        "not a pair": lambda codes, labels: labels[nearest(codes) != labels].mode().values.item(),
    },
)


@right("several_stops")
def each_leg_without_its_end_and_the_last_stop(stops, steps):
    shares = torch.arange(steps)[:, None] / steps
    legs = [(1 - shares) * start + shares * end for start, end in pairwise(stops)]
    return torch.cat([*legs, stops[-1:]])


@right("several_stops")
def one_code_after_the_other(stops, steps):
    codes = [stops[0]]
    for start, end in pairwise(stops):
        for step in range(1, steps + 1):
            codes.append(start + step / steps * (end - start))
    return torch.stack(codes)


@right("several_stops")
def numpy_interpolates(stops, steps):
    places = np.linspace(0, len(stops) - 1, (len(stops) - 1) * steps + 1)
    return np.stack([np.interp(places, range(len(stops)), column) for column in stops.T.numpy()], axis=1)


wrong_ones(
    "several_stops",
    {"several tensors": lambda stops, steps: [*one_code_after_the_other(stops, steps)]},
)
wrong_ones(
    "components_needed",
    {
        "no whole number": lambda variances, share: np.interp(
            share, np.cumsum([0, *variances]) / variances.sum().item(), range(len(variances) + 1)
        ),
        "begins too late": lambda variances, share: max(2, one_more_than_hold_less(variances, share)),
    },
)


def one_more_than_hold_less(variances, share):
    return int((variances.cumsum(0) < share * variances.sum() - 1e-6).sum()) + 1


@wrong("several_stops", "adds up fractions")
def shares_that_add_up_a_fraction(stops, steps):
    parts = torch.arange(0, 1, 1 / steps)[:, None]
    return torch.cat([*[a + parts * (b - a) for a, b in pairwise(stops)], stops[-1:]])
