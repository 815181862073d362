"""Answers to the questions of notebook 06."""

from collections import Counter
from itertools import accumulate, pairwise

import numpy as np
from sklearn.neighbors import NearestNeighbors
import torch

from answers import right, wrong, wrong_ones

right(
    "components_needed",
    one_after_the_other=lambda variances, share: next(
        count for count, held in enumerate(accumulate(variances), 1) if held >= share * variances.sum()
    ),
    numpy_with_a_search=lambda variances, share: (
        np.searchsorted(np.cumsum(variances.numpy()), share * variances.sum().item()) + 1
    ),
    sorts_them_itself=lambda variances, share: one_more_than_hold_less(variances.sort(descending=True).values, share),
)


def nearest(codes):
    """The place of each code's nearest other code."""
    distances = torch.cdist(codes, codes)
    return distances.fill_diagonal_(torch.inf).argmin(1)


@right("mixed_up")
def a_table_of_ten_times_ten(codes, labels):
    table = torch.zeros(10, 10).index_put((labels, labels[nearest(codes)]), torch.ones(()), accumulate=True)
    return divmod((table + table.T).fill_diagonal_(0).argmax().item(), 10)


@right("mixed_up")
def a_counter_of_sets_with_scikit_learn(codes, labels):
    places = NearestNeighbors(n_neighbors=1).fit(codes).kneighbors(return_distance=False)[:, 0]
    pairs = zip(labels.tolist(), labels[places].tolist(), strict=True)
    return set(Counter(frozenset(pair) for pair in pairs if len(set(pair)) == 2).most_common(1)[0][0])


def most_common(labels, others, counts):
    """The pair of digits that stand beside each other most often, among those that count."""
    pairs = (tuple(sorted(pair)) for pair in zip(labels.tolist(), others.tolist(), strict=True))
    return Counter(filter(counts, pairs)).most_common(1)[0][0]


wrong_ones(
    "mixed_up",
    {
        "twice the same digit": lambda codes, labels: most_common(labels, labels[nearest(codes)], lambda pair: True),
        "index out of range": lambda codes, labels: most_common(
            labels, labels[torch.cdist(codes, codes).argmin(1)], lambda pair: pair[0] != pair[1]
        ),
        "fails for more": lambda codes, labels: a_table_of_ten_times_ten(codes[:100], labels[:100]),
        "0 left out": lambda codes, labels: most_common(
            labels, labels[nearest(codes)], lambda pair: 0 < pair[0] < pair[1]
        ),
        "not a pair": lambda codes, labels: labels[nearest(codes) != labels].mode().values.item(),
    },
)


def codes_of_a_tour(stops, steps):
    """The right codes, in a list."""
    legs = ((start, end, step / steps) for start, end in pairwise(stops) for step in range(1, steps + 1))
    return [stops[0], *(start + way * (end - start) for start, end, way in legs)]


right(
    "several_stops",
    one_code_after_the_other=lambda stops, steps: torch.stack(codes_of_a_tour(stops, steps)),
)


@right("several_stops")
def numpy_interpolates(stops, steps):
    places = np.linspace(0, len(stops) - 1, (len(stops) - 1) * steps + 1)
    return np.stack([np.interp(places, range(len(stops)), column) for column in stops.T.numpy()], axis=1)


wrong_ones("several_stops", {"several tensors": codes_of_a_tour})
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
