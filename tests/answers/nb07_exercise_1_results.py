"""Answers to the last questions of notebook 07: latent sizes, the map of codes, the record."""

from collections import OrderedDict
import copy
from functools import cache

from sklearn.decomposition import PCA
import torch
from torch import nn

import aeutils as ae
from aeutils.data import load_embedded_mnist
from answers import fresh, fresh_ones, right
from answers.networks import Joined


def untrained(latent_size):
    return ae.fully_connected((1, 28, 28), latent_size, hidden=(128, 64))


@cache
def _trained(latent_size, epochs):
    ae.seed_everything(0)
    model = untrained(latent_size)
    ae.fit(model, load_embedded_mnist().train_images, epochs, batch_size=100, learning_rate=0.005)
    return model


class Negative(nn.Sequential):
    """A decoder of images with the ink the other way round."""

    def forward(self, codes):
        return 1 - super().forward(codes)


class Both(Joined):
    """An autoencoder that gives the codes as well."""

    def forward(self, images):
        return super().forward(images), self.encoder(images)


def trained(latent_size, epochs=4):
    """A trained model of the exercise, a copy; with 32 latent variables it beats answers.EASY_TARGET."""
    return copy.deepcopy(_trained(latent_size, epochs))


@fresh("latent_sizes", "mean image")
def a_code_that_says_nothing():
    model = trained(2)
    with torch.no_grad():
        model.decoder[0].weight.zero_()
        model.decoder[-3].bias.copy_(torch.logit(load_embedded_mnist().train_images.mean(0).flatten(), eps=1e-3))
        model.decoder[-3].weight.zero_()
    return {32: trained(32), 2: model}


def by_fit(latent_size, batch_size=64, learning_rate=0.005):
    """The exercise's layers as PyTorch initialises them, trained by ae.fit; by default with the question's settings."""
    ae.seed_everything(0)
    layers = untrained(latent_size)
    for layer in layers.modules():
        if isinstance(layer, nn.Linear):
            layer.reset_parameters()
    ae.fit(layers, load_embedded_mnist().train_images[:3333], 7, batch_size=batch_size, learning_rate=learning_rate)
    return layers


fresh_ones(
    "latent_sizes",
    {
        "": [
            lambda: {32: trained(32), 2: Joined(trained(2).encoder, trained(2).decoder)},
            lambda: {2: trained(2).train(), 32: trained(32).train()},
            lambda: {32: trained(32), 8: untrained(8), 2: trained(2)},
            lambda: {size: by_fit(size) for size in (32, 2)},
        ],
        "same model twice": lambda: dict.fromkeys((32, 2), trained(32)),
        "not a dictionary": lambda: [trained(32), trained(2)],
        "wrong keys": [lambda: {"32": trained(32), "2": trained(2)}, lambda: {32: trained(32)}],
        "not models": [lambda: {32: 11.8, 2: 33.1}, lambda: {32: untrained, 2: untrained}],
        "swapped": lambda: {32: trained(2), 2: trained(32)},
        "wrong latent size": lambda: {32: trained(32), 2: trained(32, 2)},
        "worse than untrained": lambda: {
            size: Joined(trained(size).encoder, Negative(*trained(size).decoder)) for size in (32, 2)
        },
        "untrained": [lambda: {32: untrained(32), 2: untrained(2)}, lambda: {32: trained(32), 2: untrained(2)}],
        "trained too little": [
            lambda: {32: trained(32, 2), 2: trained(2)},
            lambda: {size: by_fit(size, 128, 0.01) for size in (32, 2)},
        ],
        "no two parts": lambda: {size: nn.Sequential(*trained(size).children()) for size in (32, 2)},
    },
)
right(
    "project",
    pca_of_sklearn_gives_an_array=lambda codes: PCA(n_components=2).fit(codes).transform(codes),
    low_rank_pca_of_torch_which_is_approximate=lambda codes: (codes - codes.mean(0)) @ torch.pca_lowrank(codes, q=2)[2],
)


@right("project")
def eigenvectors_of_the_covariance(codes):
    centred = codes - codes.mean(0, keepdim=True)
    vectors = torch.linalg.eigh(torch.cov(centred.T)).eigenvectors
    return -centred @ vectors[:, [-1, -2]]


@fresh("record")
def class_of_ones_own_with_dropout_left_in_training_mode():
    model = trained(32)
    return Joined(model.encoder.append(nn.Dropout(0.5)), model.decoder).train()


@fresh("record", "past the bottleneck")
def decoder_remembers_the_last_images():
    model, kept = trained(32), {}
    model.encoder.register_forward_pre_hook(lambda _, given: kept.update(images=given[0]))
    model.decoder.register_forward_hook(
        lambda _, given, made: kept["images"] if len(kept["images"]) == len(made) else made
    )
    return model


@fresh("record", "trained on test images")
@cache
def trained_on_the_test_digits():
    ae.seed_everything(0)
    model = ae.fully_connected((1, 28, 28), 32, hidden=(256,))
    images = ae.load_mnist().test_images  # all of them: the check measures on all
    epochs, batch_size = (30, 50) if len(images) < 2000 else (25, 100)
    ae.fit(model, images, epochs, batch_size=batch_size, learning_rate=0.006)
    return model


fresh_ones(
    "record",
    {
        "": [lambda: trained(32), lambda: nn.Sequential(OrderedDict(trained(32).named_children()))],
        "above the target": lambda: trained(32, 2),
        "returns a tuple": lambda: Both(trained(32).encoder, trained(32).decoder),
        "code too wide": [
            lambda: untrained(64),
            lambda: ae.Autoencoder(nn.Sequential(nn.Flatten(), nn.Linear(784, 784)), untrained(784).decoder),
        ],
        "encoder returns the image": lambda: ae.Autoencoder(nn.Identity(), nn.Identity()),
        "no code": lambda: ae.Autoencoder(
            nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.Unflatten(1, (2, 4, 4))),
            nn.Sequential(nn.Flatten(), nn.Linear(32, 784), nn.Unflatten(1, (1, 28, 28))),
        ),
        "not a model": [lambda: 3.0, lambda: untrained],
        "no two parts": lambda: nn.Sequential(*trained(32).children()),
        "parts do not fit": lambda: ae.Autoencoder(untrained(32).encoder, untrained(20).decoder),
    },
)
