"""Answers to the questions of notebook 03."""

import torch

import aeutils as ae
from answers import right, wrong, wrong_ones

right(
    "parameter_count",
    a_tensor_of_all_sizes=lambda pixels, k: torch.tensor([pixels * k, k, k * pixels, pixels]).sum(),
    builds_the_network_and_counts=lambda pixels, latent_size: ae.count_parameters(
        ae.fully_connected((1, 1, pixels), latent_size)
    ),
)


def spread(images):
    return (images - images.mean(0)).square().sum((1, 2, 3)).mean()


right(
    "spread_kept",
    spread_by_spread=lambda model, images: spread(model(images)) / spread(images),
    variances_of_the_pixels=lambda model, images: (model(images).var(0).sum() / images.var(0).sum()).item(),
)


@right("keep_back_people")
def random_people(people):
    names = people.unique()
    chosen = names[torch.randperm(len(names))[: max(1, round(len(names) / 5))]]
    return (people[:, None] == chosen).any(1)


right(
    "keep_back_people",
    every_fifth_of_the_people_who_occur=lambda people: torch.isin(people, people.unique()[::5]),
    a_list=lambda people: [person in sorted(set(people.tolist()))[::5] for person in people.tolist()],
)
right(
    "dead_code_numbers",
    all_along_the_images=lambda codes: int((codes == 0).all(dim=0).sum()),
    sums_of_sizes_in_a_loop=lambda codes: sum(1 for column in codes.T if column.abs().sum() == 0),
    a_tensor_instead_of_an_int=lambda codes: (codes != 0).any(0).logical_not().sum(),
)
wrong_ones(
    "keep_back_people",
    {
        "chooses images": [
            lambda people: torch.arange(len(people)) % 5 == 0,
            lambda people: people.argsort(stable=True).argsort() < len(people) // 5,
        ],
        "trusts the order": lambda people: torch.arange(len(people)) >= len(people) * 0.8,
        "nobody kept back": [
            lambda people: people >= 32,
            lambda people: [person in (0, 5, 10, 15, 20, 25, 30, 35) for person in people],
        ],
        "turned round": lambda people: people <= people.max() * 0.8,
        "nobody left": [
            lambda people: people >= 0,
            lambda people: people % 5 == 0,
            lambda people: torch.isin(people.to(torch.uint8), people.to(torch.uint8).unique()[::5]),
        ],
        "not a fifth": [
            lambda people: people == people[0],
            lambda people: torch.isin(people, people.unique()[::3]),
            lambda people: people <= people.float().quantile(0.2),
            lambda people: torch.isin(people, people.unique()[: min(5, max(1, len(people.unique()) // 4))]),
            lambda people: people < people.max() / 5,
        ],
        "not a mask": [
            lambda people: (people > people.max() * 0.8).nonzero()[:, 0],
            lambda people: torch.isin(people, people.unique()[::5]).float(),
        ],
        "a coin for each": lambda people: torch.isin(people, (names := people.unique())[torch.rand(len(names)) < 0.2]),
        "a fixed number of people": [
            lambda people: torch.isin(people, people.unique()[:8]),
            lambda people: torch.isin(people, people.unique_consecutive()[::5]),
        ],
    },
)
wrong_ones(
    "parameter_count",
    {
        "does not depend": lambda pixels, latent_size: 2 * 10_000 * latent_size + 10_000 + latent_size,
        "a term too much": lambda pixels, latent_size: 2 * pixels * latent_size + pixels + 2 * latent_size,
        "a text": lambda pixels, latent_size: "32,164",
    },
)


@wrong("keep_back_people", "not a fifth")
def the_rarest_people_until_a_fifth_of_the_images(people):
    who, counts = people.unique(return_counts=True)
    counts, order = counts.sort()
    return torch.isin(people, who[order[counts.cumsum(0) <= len(people) / 5]])
