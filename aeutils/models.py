"""Autoencoders: an encoder and a decoder that can be used together or apart."""

from collections.abc import Sequence
from contextlib import contextmanager
import itertools
import math
from numbers import Integral, Real

import torch
from torch import nn

from aeutils.errors import InputError, check_whole_number


class Autoencoder(nn.Module):
    """An encoder followed by a decoder.

    encoder: images (n, channels, height, width) -> codes (n, latent).
    decoder: codes (n, latent) -> images (n, channels, height, width).
    Calling the autoencoder reconstructs: decoder(encoder(images)).
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Reconstructions of images, same shape."""
        return self.decoder(self.encoder(images))


def fully_connected(image_shape: Sequence[int], latent_size: int, hidden: int | Sequence[int] = ()) -> Autoencoder:
    """An Autoencoder of fully connected layers, its decoder the mirror image of its encoder.

    image_shape: (channels, height, width). latent_size: numbers in the code.
    hidden: sizes of the layers between image and code, with a ReLU after each; () for one layer
    in and one layer out, a number for one hidden layer. The code is linear; a sigmoid keeps the output in [0, 1].
    Raises InputError for a latent size that is no whole number from 1 to the number of pixels, and for other sizes
    that are no whole numbers above 0.
    """
    image_shape, hidden = _image_shape(image_shape), [hidden] if _is_whole(hidden) else hidden
    hidden = _sizes("hidden", hidden, "(256, 64) or (256,)")
    pixels = math.prod(image_shape)
    latent_size = check_whole_number("latent size (against the pixels of the image)", latent_size, 1, pixels)
    sizes = [pixels, *hidden, latent_size]
    encoder = nn.Sequential(nn.Flatten(), *_layers(sizes))
    decoder = nn.Sequential(*_layers(sizes[::-1]), nn.Sigmoid(), nn.Unflatten(1, image_shape))
    return Autoencoder(encoder, decoder)


def convolutional(
    image_shape: Sequence[int], latent_size: int, channels: Sequence[int] = (8, 16), brightness: float = 0.13
) -> Autoencoder:
    """An Autoencoder of convolutional layers, its decoder the mirror image of its encoder.

    image_shape: (channels, height, width). latent_size: numbers in the code. channels: feature maps of each
    encoder layer, at least one; each layer (3 x 3, stride 2, then a ReLU) halves height and width. One fully
    connected layer makes the code, which is linear. The decoder doubles by repeating each pixel, then convolves,
    which leaves no checkerboard; a sigmoid keeps the output in [0, 1]. brightness: the mean pixel of the images,
    around which untrained output lies: 0.13 for MNIST, about 0.5 for photographs. All pixels share the last bias, so
    training that has to begin by darkening every pixel can end with all of them black for ever.
    Raises InputError for a latent size that is no whole number from 1 to the number of pixels, for other sizes that
    are no whole numbers above 0, for a height or width that cannot be halved so often, and for a brightness that is
    not between 0 and 1.
    Source of resizing before the convolution: Odena, Dumoulin and Olah, Distill 2016, doi:10.23915/distill.00003.
    """
    image_shape, channels = _image_shape(image_shape), _sizes("channels", channels, "(8, 16) or (8,)")
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


def count_parameters(model: nn.Module) -> int:
    """How many numbers training can change in the model.

    Raises InputError for a model that has layers without a size as yet, such as LazyLinear.
    """
    if any(torch.nn.parameter.is_lazy(parameter) for parameter in model.parameters()):
        advice = "call model(images[:1]) once, which gives them their size"
        raise InputError(f"the model has layers that wait for their first images, such as LazyLinear; {advice}")
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


@contextmanager
def measuring(model):
    """Within it the model is in eval mode and follows no gradients; then each part has the mode it had before."""
    modes = {part: part.training for part in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, mode in modes.items():
            part.training = mode


def device_of(model: nn.Module) -> torch.device:
    """The torch.device on which a model lies; the CPU for one that holds no numbers."""
    numbers = next(itertools.chain(model.parameters(), model.buffers()), None)
    return torch.device("cpu") if numbers is None else numbers.device


def keeping_random_state(device):
    """A context after which torch's random numbers go on, on the CPU and the device, as if nothing had happened."""
    return torch.random.fork_rng(devices=[device] if device.type == "cuda" else [])


def _image_shape(image_shape):
    """The shape of one image (channels, height, width) as three ints, or InputError."""
    shape = tuple(image_shape) if isinstance(image_shape, (tuple, list)) else ()
    if len(shape) != 3 or not all(_is_whole(side) and side > 0 for side in shape):
        advice = "(channels, height, width) of one image, such as images.shape[1:]"
        raise InputError(f"image_shape is {image_shape!r}; expected {advice}")
    return tuple(int(side) for side in shape)


def _sizes(name, sizes, example):
    """Sizes of layers as a list of ints, or InputError."""
    if not isinstance(sizes, (tuple, list, range)) or not all(_is_whole(size) and size > 0 for size in sizes):
        raise InputError(f"{name} is {sizes!r}; expected whole numbers above 0 in a tuple, such as {example}")
    return [int(size) for size in sizes]


def _is_whole(number):
    """Whether it is a whole number of any kind, Python's or NumPy's."""
    return isinstance(number, Integral) and not isinstance(number, bool)


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
