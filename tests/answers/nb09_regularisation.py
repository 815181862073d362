"""Answers to the questions of notebook 09."""

import torch
from torch.nn import functional

import aeutils as ae
from answers import right, wrong, wrong_ones


@right("hidden_pixels")
def zeros_in_a_clone_and_both_halves_of_the_model(model, originals, share):
    spoilt = originals.clone()
    spoilt[torch.rand(originals.shape) < share] = 0
    return functional.mse_loss(model.decoder(model.encoder(spoilt)), originals, reduction="sum") / len(originals)


@wrong("hidden_pixels", "the same number in each")
def exactly_so_many_in_each_image(model, originals, share):
    order = torch.rand_like(originals).flatten(1).argsort(1).reshape(originals.shape)
    spoilt = torch.where(order < share * 784, 0.0, originals)
    return ae.reconstruction_error(model(spoilt), originals)


def with_spoilt(spoil):
    """A loss that compares with the originals; spoil(originals, share) makes what goes in."""
    return lambda model, originals, share: ae.reconstruction_error(model(spoil(originals, share)), originals)


def hide(originals, share):
    """The right way to hide pixels."""
    return originals * (torch.rand_like(originals) >= share)


right(
    "hidden_pixels",
    random_numbers_below_the_share=with_spoilt(hide),
    dropout_without_its_factor=with_spoilt(lambda images, share: functional.dropout(images, share) * (1 - share)),
)


wrong_ones(
    "hidden_pixels",
    {
        "compares with the spoilt": lambda model, originals, share: ae.reconstruction_error(
            model(spoilt := hide(originals, share)), spoilt
        ),
        "changes the originals": with_spoilt(
            lambda originals, share: originals.masked_fill_(torch.rand_like(originals) < share, 0)
        ),
        "clean images in": lambda model, originals, share: (
            model(hide(originals, share)),
            ae.reconstruction_error(model(originals), originals),
        )[1],
        "nothing hidden": lambda model, originals, share: ae.reconstruction_error(
            hide(model(originals), share), originals
        ),
        "left pixels brighter": with_spoilt(lambda originals, share: functional.dropout(originals, share)),
        "keeps the share": with_spoilt(lambda originals, share: originals * (torch.rand_like(originals) < share)),
        "another share": with_spoilt(lambda originals, share: hide(originals, 0.5)),
        "by brightness": with_spoilt(
            lambda originals, share: originals * (torch.rand_like(originals) * (1 - originals) >= share)
        ),
        "other noise": with_spoilt(lambda originals, share: originals + share * torch.randn_like(originals)),
        "same in every call": with_spoilt(
            lambda originals, share: (
                originals * (torch.rand(originals.shape, generator=torch.Generator().manual_seed(0)) >= share)
            )
        ),
        "another number": lambda model, originals, share: ae.reconstruction_error(
            model(hide(originals, share)), hide(originals, share)
        ),
        "one pattern for all": with_spoilt(lambda originals, share: originals * (torch.rand(1, 1, 28, 28) >= share)),
        "pixels together": with_spoilt(
            lambda originals, share: originals * (torch.rand(len(originals), 1, 14, 14).kron(torch.ones(2, 2)) >= share)
        ),
        "whole lines": with_spoilt(
            lambda originals, share: originals * (torch.rand(len(originals), 1, 28, 1) >= share)
        ),
        "without the answer": lambda model, originals, share: (
            model(spoilt := hide(originals, share)),
            ae.reconstruction_error(spoilt, originals),
        )[1],
        "whole images": with_spoilt(
            lambda originals, share: originals * (torch.rand(len(originals), 1, 1, 1) >= share)
        ),
        "per pixel": lambda model, originals, share: functional.mse_loss(model(hide(originals, share)), originals),
        "not averaged": lambda model, originals, share: ((model(hide(originals, share)) - originals) ** 2).sum(),
        "not one number": lambda model, originals, share: ((model(hide(originals, share)) - originals) ** 2).sum(
            (1, 2, 3)
        ),
        "no gradient": lambda *given: torch.tensor(with_spoilt(hide)(*given).item(), requires_grad=True),
        "model not used": lambda model, originals, share: ae.reconstruction_error(hide(originals, share), originals),
    },
)


@wrong("hidden_pixels", "only the hidden pixels")
def compares_hidden_pixels_only(model, originals, share):
    hidden = torch.rand_like(originals) < share
    made = model(originals.masked_fill(hidden, 0))
    return (made - originals)[hidden].square().sum() / len(originals)


def strongest_marked(codes, k):
    return codes * torch.zeros_like(codes).scatter(1, codes.topk(k).indices, 1)


right(
    "k_strongest",
    strongest_marked=strongest_marked,
    at_least_the_smallest_that_is_kept=lambda codes, k: codes * (codes >= codes.topk(k).values[:, -1:]),
    ranks_by_sorting_twice=lambda codes, k: torch.where(codes.argsort(1).argsort(1) >= codes.shape[1] - k, codes, 0.0),
)


@right("slopes_of_tanh")
def as_in_the_lesson(layer, images):
    codes = torch.tanh(layer(images.flatten(1)))
    return ((1 - codes.square()).square() @ layer.weight.square().sum(1)).mean()


@right("slopes_of_tanh")
def slopes_by_autograd(layer, images):
    pixels = images.flatten(1)
    slopes = torch.vmap(torch.func.jacrev(lambda one: torch.tanh(layer(one))))(pixels)
    return slopes.square().sum() / len(pixels)


wrong_ones(
    "hidden_pixels",
    {
        "hides at 0": with_spoilt(
            lambda originals, share: originals * (torch.randint(0, 101, originals.shape) > 100 * share)
        )
    },
)
wrong_ones(
    "slopes_of_tanh",
    {
        "wrong gradient": lambda layer, images: (
            (1 - torch.tanh(layer(images.flatten(1))).square()).square() @ layer.weight.detach().square().sum(1)
        ).mean(),
        "cannot be folded": lambda layer, images: as_in_the_lesson(layer, images.reshape(-1, 784)),
    },
)
wrong_ones(
    "k_strongest",
    {
        "wrong gradient": lambda codes, k: codes + (strongest_marked(codes, k) - codes).detach(),
        "others not 0": lambda codes, k: codes.where(codes >= codes.topk(k).values[:, -1:], codes.min()),
        "kept numbers changed": lambda codes, k: (codes - codes.topk(k, dim=1).values[:, -1:]).relu(),
        "one choice for all": lambda codes, k: torch.zeros_like(codes).index_copy(
            1, codes[0].topk(k).indices, codes[:, codes[0].topk(k).indices]
        ),
    },
)


@wrong("hidden_pixels", "another small share")
def whole_percent(model, originals, share):
    hidden = torch.randint(0, 100, originals.shape) < int(100 * share)
    return ae.reconstruction_error(model(originals.masked_fill(hidden, 0)), originals)


@wrong("k_strongest", "changed in place")
def smallest_set_to_0_in_views(codes, k):
    kept = codes.clone()
    for row in kept:
        while (row != 0).sum() > k:
            row[row == row[row != 0].min()] = 0
    return kept
