"""Answers to the questions of notebook 05."""

from itertools import pairwise

import torch
from torch import nn

import aeutils as ae
from answers import right, wrong_ones


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


SHAPE = 1, 28, 28
IMAGE = nn.Unflatten(1, SHAPE)


def deep(encoder, decoder, *last):
    """An Autoencoder of two lists of layers; last: what follows the decoder's, a sigmoid if nothing is named."""
    last = last or (nn.Sigmoid(),)
    return ae.Autoencoder(nn.Sequential(nn.Flatten(), *encoder), nn.Sequential(*decoder, *last, IMAGE))


def made_of(join):
    """A make_deep that joins the widths of the way there and those of the way back."""

    def make_deep(latent_size, hidden):
        widths = [784, *hidden, latent_size]
        return join(widths, widths[::-1])

    return make_deep


def linear(widths):
    """Linear layers with nothing between them."""
    return layers(widths)[::2]


def soft(widths):
    """Layers with functions in place and dropout between them."""
    return [part for layer in linear(widths) for part in (layer, nn.ReLU(inplace=True), nn.Dropout(0.1))][:-2]


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
    a_loop_over_pairs=made_of(lambda there, back: deep(layers(there), layers(back))),
    relu_in_place_and_dropout=made_of(lambda there, back: deep(soft(there), soft(back))),
    the_courses_builder=lambda latent_size, hidden: ae.fully_connected((1, 28, 28), latent_size, hidden),
    classes_of_ones_own_with_other_functions=lambda latent_size, hidden: Own(latent_size, hidden),
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


wrong_ones(
    "any_depth",
    {
        "ignores hidden": [
            lambda latent_size, hidden: ae.fully_connected((1, 28, 28), latent_size, (256, 128)),
            lambda latent_size, hidden: ae.fully_connected((1, 28, 28), latent_size, hidden[:1]),
        ],
        "wrong code": lambda latent_size, hidden: ae.fully_connected((1, 28, 28), 20, hidden),
        "not mirrored": lambda latent, hidden: deep(layers([784, *hidden, latent]), layers([latent, *hidden, 784])),
        "sizes do not match": made_of(lambda there, back: deep(layers(there), layers(there))),
        "nothing between": [
            made_of(lambda there, back: deep(linear(there), layers(back))),
            made_of(lambda there, back: deep(layers(there), linear(back))),
        ],
        "function before the code": made_of(lambda there, back: deep([*layers(there), nn.ReLU()], layers(back))),
        "leaves the range": [
            made_of(lambda there, back: deep(layers(there), layers(back), nn.Identity())),
            made_of(lambda there, back: deep(layers(there), layers(back), nn.Tanh())),
        ],
        "softmax": made_of(lambda there, back: deep(layers(there), layers(back), nn.Softmax(1))),
        "no encoder": [
            made_of(lambda there, back: nn.Sequential(nn.Flatten(), *layers(there), *layers(back), IMAGE)),
            made_of(lambda there, back: (nn.Sequential(*layers(there)), nn.Sequential(*layers(back)))),
        ],
        "no parameters": made_of(lambda there, back: ae.Autoencoder(Hidden(there, there[-1:]), Hidden(back, SHAPE))),
        "function before the sigmoid": made_of(
            lambda there, back: deep(layers(there), layers(back), nn.ReLU(), nn.Sigmoid())
        ),
    },
)
