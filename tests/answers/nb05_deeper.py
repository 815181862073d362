"""Answers to the questions of notebook 05."""

from functools import cache
from itertools import pairwise

import torch
from torch import nn

import aeutils as ae
from answers import right, wrong, wrong_ones
from answers.networks import PlainList, layers


def count(widths):
    """Weights and biases of the layers from each width to the next."""
    return sum(inputs * outputs + outputs for inputs, outputs in pairwise(widths))


right(
    "mirrored_parameters",
    both_ways_in_a_tensor=lambda widths: torch.tensor([count(widths), count(widths[::-1])]).sum(),
    there_and_back_in_pairs=lambda widths: count(widths + widths[-2::-1]),
    builds_it_and_counts=lambda widths: ae.count_parameters(
        ae.fully_connected((1, 1, widths[0]), widths[-1], widths[1:-1])
    ),
)

IMAGE = nn.Unflatten(1, (1, 28, 28))


def made_of(join):
    """A make_deep that joins the widths of the way there and those of the way back."""
    return lambda latent_size, hidden: join([784, *hidden, latent_size], [latent_size, *hidden[::-1], 784])


def deep(encoder, decoder, *last):
    """An Autoencoder of two lists of layers; last: what follows the decoder's, a sigmoid if nothing is named."""
    last = last or (nn.Sigmoid(),)
    return ae.Autoencoder(nn.Sequential(nn.Flatten(), *encoder), nn.Sequential(*decoder, *last, IMAGE))


def one_of_each_size(*ways):
    """Layers of these widths with a ReLU between them, there and back; layers of the same size are one."""
    made = {pair: nn.Linear(*pair) for way in ways for pair in pairwise(way)}
    return [[part for pair in pairwise(way) for part in (made[pair], nn.ReLU())][:-1] for way in ways]


def mirrored(*last, between=nn.ReLU, before_code=()):
    """A make_deep of a mirrored Autoencoder with other functions in it."""
    return made_of(
        lambda there, back: deep(
            [*layers(*there, between=between), *before_code], layers(*back, between=between), *last
        )
    )


right(
    "any_depth",
    a_loop_over_pairs=mirrored(),
    pixels_cut_off=mirrored(nn.Hardtanh(0, 1)),
    a_threshold_is_a_relu=mirrored(between=lambda: nn.Threshold(0.0, 0.0)),
    functions_in_place_and_dropout=mirrored(between=lambda: nn.Sequential(nn.ReLU(inplace=True), nn.Dropout(0.1))),
)
wrong_ones(
    "any_depth",
    {
        "not a new one": cache(lambda latent_size, hidden: ae.fully_connected((1, 28, 28), latent_size, hidden)),
        "ignores hidden": lambda latent_size, hidden: ae.fully_connected((1, 28, 28), latent_size, hidden[:1]),
        "wrong code": lambda latent_size, hidden: ae.fully_connected((1, 28, 28), 20, hidden),
        "not mirrored": lambda k, hidden: deep(layers(784, *hidden, k), layers(k, *hidden, 784)),
        "sizes do not match": made_of(lambda there, back: deep(layers(*there), layers(*there))),
        "no activation between": [
            made_of(lambda there, back: deep(layers(*there)[::2], layers(*back))),
            made_of(lambda there, back: deep(layers(*there), layers(*back)[::2])),
        ],
        "function before the code": mirrored(before_code=[nn.ReLU()]),
        "leaves the range": mirrored(nn.Identity()),
        "function behind the pixels": mirrored(nn.Sigmoid(), nn.Dropout(0.5)),
        "function behind the code": mirrored(before_code=[nn.Dropout(0.5)]),
        "too many parameters": mirrored(between=lambda: nn.Sequential(nn.ReLU(), nn.LazyBatchNorm1d())),
        "softmax": mirrored(nn.Softmax(1)),
        "no encoder": made_of(lambda there, back: nn.Sequential(nn.Flatten(), *layers(*there), *layers(*back), IMAGE)),
        "no parameters": made_of(
            lambda there, back: ae.Autoencoder(
                PlainList(nn.Flatten(), *layers(*there)), PlainList(*layers(*back), nn.Sigmoid(), IMAGE)
            )
        ),
        "function before the sigmoid": mirrored(nn.ReLU(), nn.Sigmoid()),
        "squashed between layers": mirrored(between=nn.Tanh),
        "function before the first layer": made_of(
            lambda there, back: deep(layers(*there), [nn.ReLU(), *layers(*back)])
        ),
        "by the library": lambda latent_size, hidden: ae.fully_connected((1, 28, 28), latent_size, hidden),
        "another function between layers": mirrored(between=nn.LeakyReLU),
        "a layer used twice": made_of(lambda there, back: deep(*one_of_each_size(there, back))),
        "lists of layers": made_of(lambda there, back: ae.Autoencoder(layers(*there), layers(*back))),
    },
)
wrong_ones(
    "mirrored_parameters",
    {
        "784 built in": lambda widths: count([784, *widths[1:], *widths[-2:0:-1], 784]),
        "number of layers built in": lambda widths: count([*widths[:2], widths[-1], *widths[1::-1]]),
    },
)


@wrong("any_depth", "changes its input")
def turns_the_list_round(latent_size, hidden):
    model = mirrored()(latent_size, hidden)
    if isinstance(hidden, list):
        hidden.reverse()
    return model
