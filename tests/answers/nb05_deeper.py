"""Answers to the questions of notebook 05."""

from itertools import pairwise

import aeutils as ae
import torch
from torch import nn

from answers import right, wrong, wrong_ones


def count(widths):
    """Weights and biases of the layers from each width to the next."""
    return sum(inputs * outputs + outputs for inputs, outputs in pairwise(widths))


@right("mirrored_parameters")
def weights_twice_and_biases_of_both_halves(widths):
    weights = sum(widths[i] * widths[i + 1] for i in range(len(widths) - 1))
    return 2 * weights + sum(widths[1:]) + sum(widths[:-1])


right(
    "mirrored_parameters",
    there_and_back_in_pairs=lambda widths: count(widths + widths[-2::-1]),
    builds_it_and_counts=lambda widths: ae.count_parameters(
        ae.fully_connected((1, 1, widths[0]), widths[-1], widths[1:-1])
    ),
)


@right("mirrored_parameters")
def a_tensor_of_sizes(widths):
    whole = torch.tensor(widths + widths[::-1][1:])
    return ((whole[:-1] + 1) * whole[1:]).sum()


def layers(widths):
    """Linear layers with a ReLU between them."""
    made = []
    for inputs, outputs in pairwise(widths):
        made += [nn.Linear(inputs, outputs), nn.ReLU()]
    return made[:-1]


IMAGE = nn.Unflatten(1, (1, 28, 28))


@right("any_depth")
def a_loop_over_pairs(latent_size, hidden):
    widths = [784, *hidden, latent_size]
    encoder = nn.Sequential(nn.Flatten(), *layers(widths))
    return ae.Autoencoder(encoder, nn.Sequential(*layers(widths[::-1]), nn.Sigmoid(), IMAGE))


class OwnHalf(nn.Module):
    """Layers in a ModuleList, with functions of torch in between."""

    def __init__(self, widths, shape, function=torch.tanh):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(inputs, outputs) for inputs, outputs in pairwise(widths))
        self.shape, self.function = shape, function

    def forward(self, given):
        given = given.flatten(1)
        for layer in self.layers[:-1]:
            given = self.function(layer(given))
        given = self.layers[-1](given)
        return given if len(self.shape) == 1 else torch.sigmoid(given).reshape(-1, *self.shape)


class Own(nn.Module):
    """An autoencoder of one's own."""

    def __init__(self, latent_size, hidden):
        super().__init__()
        self.encoder = OwnHalf([784, *hidden, latent_size], (latent_size,))
        self.decoder = OwnHalf([latent_size, *reversed(hidden), 784], (1, 28, 28), nn.functional.leaky_relu)

    def forward(self, images):
        return self.decoder(self.encoder(images))


right(
    "any_depth",
    the_courses_builder=lambda latent_size, hidden: ae.fully_connected((1, 28, 28), latent_size, hidden),
    classes_of_ones_own_with_other_functions=lambda latent_size, hidden: Own(latent_size, hidden),
)


@right("any_depth")
def relu_in_place_and_dropout(latent_size, hidden):
    def between(widths):
        made = []
        for inputs, outputs in pairwise(widths):
            made.extend([nn.Linear(inputs, outputs), nn.ReLU(inplace=True), nn.Dropout(0.1)])
        return made[:-2]

    widths = [784, *hidden, latent_size]
    return deep(between(widths), between(widths[::-1]))


def deep(encoder, decoder, *last):
    """An Autoencoder of two lists of layers; last: what follows the decoder's, a sigmoid if nothing is named."""
    last = last or (nn.Sigmoid(),)
    return ae.Autoencoder(nn.Sequential(nn.Flatten(), *encoder), nn.Sequential(*decoder, *last, IMAGE))


@wrong("any_depth", "sizes do not match")
def layers_in_the_wrong_order(latent_size, hidden):
    widths = [784, *hidden, latent_size]
    return deep(layers(widths), layers(widths))


@wrong("any_depth", "nothing between")
def weighted_sums_in_a_row(latent_size, hidden):
    widths = [784, *hidden, latent_size]
    return deep([nn.Linear(i, o) for i, o in pairwise(widths)], layers(widths[::-1]))


@wrong("any_depth", "nothing between")
def weighted_sums_in_the_decoder(latent_size, hidden):
    widths = [784, *hidden, latent_size]
    return deep(layers(widths), [nn.Linear(i, o) for i, o in pairwise(widths[::-1])])


@wrong("any_depth", "function before the code")
def a_relu_after_every_layer(latent_size, hidden):
    widths = [784, *hidden, latent_size]
    return deep([*layers(widths), nn.ReLU()], layers(widths[::-1]))


def ends_in(function):
    """A make_deep whose decoder ends in some function."""

    def make_deep(latent_size, hidden):
        widths = [784, *hidden, latent_size]
        return deep(layers(widths), layers(widths[::-1]), function)

    return make_deep


@wrong("any_depth", "no encoder")
def one_long_sequential(latent_size, hidden):
    widths = [784, *hidden, latent_size]
    return nn.Sequential(nn.Flatten(), *layers(widths), *layers(widths[::-1]), nn.Sigmoid(), IMAGE)


wrong_ones(
    "any_depth",
    {
        "ignores hidden": [
            lambda latent_size, hidden: ae.fully_connected((1, 28, 28), latent_size, (256, 128)),
            lambda latent_size, hidden: ae.fully_connected((1, 28, 28), latent_size, hidden[:1]),
        ],
        "wrong code": lambda latent_size, hidden: ae.fully_connected((1, 28, 28), 20, hidden),
        "not mirrored": lambda latent, hidden: deep(layers([784, *hidden, latent]), layers([latent, *hidden, 784])),
        "leaves the range": [ends_in(nn.Identity()), ends_in(nn.Tanh())],
        "softmax": ends_in(nn.Softmax(1)),
        "no encoder": lambda latent, hidden: (
            nn.Sequential(*layers([784, latent])),
            nn.Sequential(*layers([latent, 784])),
        ),
    },
)


class Hidden(nn.Module):
    """Layers in a plain list, where PyTorch does not find them."""

    def __init__(self, widths, shape):
        super().__init__()
        self.steps, self.shape = layers(widths), shape

    def forward(self, given):
        given = given.flatten(1)
        for step in self.steps:
            given = step(given)
        return given.reshape(-1, *self.shape)


@wrong("any_depth", "no parameters")
def layers_in_a_plain_list(latent_size, hidden):
    widths = [784, *hidden, latent_size]
    return ae.Autoencoder(Hidden(widths, (latent_size,)), Hidden(widths[::-1], (1, 28, 28)))


@wrong("any_depth", "function before the sigmoid")
def relu_right_before_the_sigmoid(latent_size, hidden):
    widths = [784, *hidden, latent_size]
    decoder = [*layers(widths[::-1]), nn.ReLU(), nn.Sigmoid(), IMAGE]
    return ae.Autoencoder(nn.Sequential(nn.Flatten(), *layers(widths)), nn.Sequential(*decoder))
