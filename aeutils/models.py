"""Autoencoders: an encoder and a decoder that can be used together or apart."""

import itertools
import math
from numbers import Real

from aeutils.errors import InputError, check_whole_number
import torch
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


def fully_connected(image_shape, latent_size, hidden=()):
    """An Autoencoder of fully connected layers, its decoder the mirror image of its encoder.

    image_shape: (channels, height, width). latent_size: numbers in the code.
    hidden: sizes of the layers between image and code, with a ReLU after each; () for one layer
    in and one layer out. The code is linear; a sigmoid keeps the output in [0, 1].
    Raises InputError for a latent size that is no whole number from 1 to the number of pixels.
    """
    pixels = math.prod(image_shape)
    check_whole_number("latent size (against the pixels of the image)", latent_size, 1, pixels)
    sizes = [pixels, *hidden, latent_size]
    encoder = nn.Sequential(nn.Flatten(), *_layers(sizes))
    decoder = nn.Sequential(*_layers(sizes[::-1]), nn.Sigmoid(), nn.Unflatten(1, image_shape))
    return Autoencoder(encoder, decoder)


def convolutional(image_shape, latent_size, channels=(8, 16), brightness=0.13):
    """An Autoencoder of convolutional layers, its decoder the mirror image of its encoder.

    image_shape: (channels, height, width). latent_size: numbers in the code. channels: feature maps of each
    encoder layer, at least one; each layer (3 x 3, stride 2, then a ReLU) halves height and width. One fully
    connected layer makes the code, which is linear. The decoder doubles by repeating each pixel, then convolves,
    which leaves no checkerboard; a sigmoid keeps the output in [0, 1]. brightness: the mean pixel of the images,
    around which untrained output lies: 0.13 for MNIST, about 0.5 for photographs. All pixels share the last bias, so
    training that has to begin by darkening every pixel can end with all of them black for ever.
    Raises InputError for a latent size that is no whole number from 1 to the number of pixels, for a height or
    width that cannot be halved so often, and for a brightness that is not between 0 and 1.
    Source of resizing before the convolution: Odena, Dumoulin and Olah, Distill 2016, doi:10.23915/distill.00003.
    """
    colours, height, width = image_shape
    check_whole_number("latent size (against the pixels of the image)", latent_size, 1, math.prod(image_shape))
    factor = 2 ** len(channels)
    if not channels or height % factor or width % factor:
        fault = f"{len(channels)} layers halve an image of {height} x {width} pixels {len(channels)} times"
        raise InputError(f"{fault}; expected at least one layer, and sides that can be divided by {factor}")
    if not isinstance(brightness, Real) or not 0 < brightness < 1:
        raise InputError(f"brightness is {brightness!r}; expected the mean pixel of the images, between 0 and 1")
    inner = (channels[-1], height // factor, width // factor)
    down, up = [], [nn.Unflatten(1, inner)]
    for outer, deeper in itertools.pairwise([colours, *channels]):
        down += [_started(nn.Conv2d(outer, deeper, 3, stride=2, padding=1)), nn.ReLU()]
    for deeper, outer in itertools.pairwise([*channels[::-1], colours]):
        up += [nn.ReLU(), nn.Upsample(scale_factor=2), _started(nn.Conv2d(deeper, outer, 3, padding=1))]
    code = _started(nn.Linear(math.prod(inner), latent_size))
    from_code = _started(nn.Linear(latent_size, math.prod(inner)))
    for layer in (code, up[-1]):  # no ReLU follows
        nn.init.xavier_normal_(layer.weight)
    nn.init.constant_(up[-1].bias, math.log(brightness / (1 - brightness)))  # what the sigmoid turns to brightness
    model = Autoencoder(nn.Sequential(*down, nn.Flatten(), code), nn.Sequential(from_code, *up, nn.Sigmoid()))
    return model.to(memory_format=torch.channels_last)  # the same numbers in an order that trains twice as fast


def count_parameters(model):
    """How many numbers training can change in the model."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def _layers(sizes):
    """Linear layers from each size to the next, with a ReLU between them, and weights started as in _started."""
    layers = []
    for inputs, outputs in itertools.pairwise(sizes):
        layers += [_started(nn.Linear(inputs, outputs)), nn.ReLU()]
    nn.init.xavier_normal_(layers[-2].weight)  # no ReLU follows
    return layers[:-1]


def _started(layer):
    """A layer with starting weights so that signals keep their size on the way through many layers and their ReLUs.

    That is He's normal distribution; where no ReLU follows, Glorot's does the same. Biases begin at 0.
    Sources: He et al., arXiv:1502.01852; Glorot and Bengio, AISTATS 2010.
    """
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(layer.bias)
    return layer
