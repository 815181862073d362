"""Autoencoders: an encoder and a decoder that can be used together or apart."""

import itertools
import math

from aeutils.errors import check_whole_number
from torch import nn


class Autoencoder(nn.Module):
    """An encoder followed by a decoder.

    encoder: images (n, channels, height, width) -> codes (n, latent).
    decoder: codes (n, latent) -> images (n, channels, height, width).
    Calling the autoencoder reconstructs: decoder(encoder(images)).
    """

    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def forward(self, images):
        """Reconstructions of images, same shape."""
        return self.decoder(self.encoder(images))


def fully_connected(picture_shape, latent_size, hidden=()):
    """An Autoencoder of fully connected layers, its decoder the mirror image of its encoder.

    picture_shape: (channels, height, width). latent_size: numbers in the code.
    hidden: sizes of the layers between picture and code, with a ReLU after each; () for one layer
    in and one layer out. The code is linear; a sigmoid keeps the output in [0, 1].
    Raises InputError for a latent size that is no whole number from 1 to the number of pixels.
    """
    pixels = math.prod(picture_shape)
    check_whole_number("latent size (against the pixels of the picture)", latent_size, 1, pixels)
    sizes = [pixels, *hidden, latent_size]
    encoder = nn.Sequential(nn.Flatten(), *_layers(sizes))
    decoder = nn.Sequential(*_layers(sizes[::-1]), nn.Sigmoid(), nn.Unflatten(1, picture_shape))
    return Autoencoder(encoder, decoder)


def count_parameters(model):
    """How many numbers training can change in the model."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def _layers(sizes):
    """Linear layers from each size to the next, with a ReLU between them.

    Weights start so that signals keep their size on the way through many layers: He's normal distribution before
    a ReLU, Glorot's where none follows. Sources: He et al., arXiv:1502.01852; Glorot and Bengio, AISTATS 2010.
    """
    layers = []
    for inputs, outputs in itertools.pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        nn.init.kaiming_normal_(layers[-2].weight, nonlinearity="relu")
        nn.init.zeros_(layers[-2].bias)
    nn.init.xavier_normal_(layers[-2].weight)
    return layers[:-1]
