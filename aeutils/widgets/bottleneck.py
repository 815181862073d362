"""One digit through bottlenecks of all sizes."""

from dataclasses import dataclass
import zlib

from IPython.utils.capture import capture_output
import torch
from torch import nn
from tqdm.auto import tqdm

from aeutils.data import Digits
from aeutils.errors import InputError
from aeutils.metrics import evaluate, pca_error
from aeutils.models import fully_connected
from aeutils.notebook import is_quiet
from aeutils.plots import Figure
from aeutils.plots import images as image_rows
from aeutils.training import fit
from aeutils.widgets.assemble import bundle
from aeutils.widgets.base import FIRST, Explorer, live_or_still
from aeutils.widgets.code_space import principal_components
from aeutils.widgets.contents import Contents

SIZES = [1, 2, 4, 8, 16, 32, 64]
MOST = 20_000
"""Training images that are used, so that seven trainings take seconds."""


@dataclass(frozen=True)
class Bottlenecks:
    """Autoencoders and PCA of all sizes, fitted to the same training images.

    models: {latent size: Autoencoder}. mean: (784,) and axes: (784, 784), the training images' mean and principal
    components. test_errors: {latent size: (autoencoder's, PCA's)}, averaged over all test images.
    """

    models: dict
    mean: torch.Tensor
    axes: torch.Tensor
    test_errors: dict

    def reconstructions(self, image, size):
        """Reconstructions of an image (1, 28, 28) by the autoencoder and by PCA of that size: two such images."""
        with torch.no_grad():
            through_network = self.models[size](image[None])[0]
        axes = self.axes[:size]
        return through_network, (self.mean + (image.flatten() - self.mean) @ axes.T @ axes).reshape(image.shape)


_ready = {}
"""The latest Bottlenecks, by the pixels that they were fitted to, so that running the cell again is instant."""


def bottleneck(digits):
    """Change the number of latent variables and see what is left of a digit, beside PCA of the same size.

    digits: what ae.load_mnist() returns. Seven autoencoders with 1, 2, 4, ... 64 latent variables, one layer in and one
    out, are trained on its first 20,000 training images: some seconds the first time; then they are kept in memory. The
    first 100 test digits can be chosen. Nothing random outside is touched. Returns an Explorer, or a Figure where
    nobody can move anything. Raises InputError for other digits.
    """
    if not isinstance(digits, Digits):
        raise InputError(f"digits is a {type(digits).__name__}; expected what ae.load_mnist() returns")
    fitted, images = bottlenecks(digits), digits.test_images
    return live_or_still(BottleneckExplorer, contents, still, fitted, images)


class BottleneckExplorer(Explorer):
    """The explorer: a digit, its reconstruction by the autoencoder, and that by PCA."""

    _esm = bundle("bottleneck.js")


def contents(fitted, images, **options):
    """The Contents of the explorer; options: those of Contents."""
    made = Contents("bottleneck", **options)
    made.images("images", images[:FIRST])
    made.array("mean", fitted.mean)
    made.weights("axes", fitted.axes[: SIZES[-1]])
    for size, model in fitted.models.items():
        made.network(f"autoencoder {size}", nn.Sequential(model.encoder, model.decoder), images[:1])
    made.fields |= {"sizes": SIZES, "testErrors": fitted.test_errors}
    return made


def bottlenecks(digits):
    """The Bottlenecks fitted to the digits' training images, from memory where they are the same as last time."""
    train, test = digits.train_images[:MOST], digits.test_images
    key = tuple(zlib.crc32(images.numpy()) for images in (train, test))
    if key not in _ready:
        models = {size: trained(size, train) for size in tqdm(SIZES, "Training", leave=False, disable=is_quiet())}
        baselines = pca_error(SIZES, train, test)
        errors = {
            size: (evaluate(models[size], test), baseline) for size, baseline in zip(SIZES, baselines, strict=True)
        }
        _ready.clear()
        _ready[key] = Bottlenecks(models, *principal_components(train.flatten(1)), errors)
    return _ready[key]


def trained(size, images):
    """An autoencoder with that many latent variables, trained for a second or so; the same one each time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(size)
        model = fully_connected(tuple(images.shape[1:]), size)
    epochs, batch_size, learning_rate = (3, 128, 0.06) if len(images) > 10_000 else (6, 64, 0.04)
    with capture_output():  # one bar for all is enough
        history = fit(model, images, epochs, batch_size=batch_size, learning_rate=learning_rate)
    if history.interrupted:
        raise KeyboardInterrupt
    return model


def still(fitted, images):
    """The Figure in the explorer's place: the first test digit through all sizes."""
    image = images[0]
    network, pca = zip(*(fitted.reconstructions(image, size) for size in SIZES), strict=True)
    rows = {"original": [image] * len(SIZES), "autoencoder": network, "PCA": pca}
    drawn = image_rows(rows, [str(size) for size in SIZES], errors=True)
    words = f"One test digit through {SIZES[0]} to {SIZES[-1]} latent variables"
    return Figure(
        drawn.canvas, f"{words}: the original, its reconstruction by an autoencoder, and by PCA; under each its error."
    )
