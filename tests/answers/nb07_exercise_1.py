"""Answers to the first questions of notebook 07: prepare, encoder, decoder, autoencoder, loss."""

from collections import OrderedDict
import functools
import itertools

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import aeutils as ae
from answers import fresh_ones, right, wrong, wrong_ones
from answers.networks import Joined, PlainList, layers

right(
    "prepare",
    indexed_with_none_and_divided_as_bytes=lambda raw: raw[:, None] / 255,
    through_numpy_and_back=lambda raw: torch.from_numpy(raw.numpy()[:, np.newaxis].astype(np.float32) / 255),
    image_by_image=lambda raw: torch.stack([image.reshape(1, 28, 28) * (1 / 255) for image in raw]),
)
wrong_ones(
    "prepare",
    {
        "one image alone": lambda raw: raw.squeeze().unsqueeze(1) / 255,
        "the smallest of all its numbers is taken away from raw": lambda raw: (raw - raw.min())[:, None] / 255,
        "wrong precision": lambda raw: raw.double().unsqueeze(1) / 255,
        "not a tensor": lambda raw: raw.numpy()[:, None] / np.float32(255),
        "changes its input": lambda raw: raw.unsqueeze_(1).float() / 255,
    },
)


def encoder_of(*behind, sizes=(128, 64), between=nn.ReLU):
    """A make_encoder with other hidden layers, or further layers behind the code."""
    return lambda k: nn.Sequential(nn.Flatten(), *layers(784, *sizes, k, between=between), *behind)


def decoder_of(*behind, sizes=(64, 128), between=nn.ReLU):
    """A make_decoder that ends in the layers given."""
    return lambda k: nn.Sequential(*layers(k, *sizes, 784, between=between), *behind)


def folded(*behind, **other):
    """A make_decoder that ends in the layers given and folds pixels into images."""
    return decoder_of(*behind, nn.Unflatten(1, (1, 28, 28)), **other)


def noisy():
    """What may stand between layers: its size is found out late, and training differs from measuring."""
    return nn.Sequential(nn.LazyBatchNorm1d(), nn.GELU(), nn.Dropout(0.2))


make_encoder, make_decoder = encoder_of(), folded(nn.Sigmoid())


class OwnEncoder(nn.Module):
    def __init__(self, latent_size, between=torch.relu_):
        super().__init__()
        self.one, self.two, self.three = layers(784, 128, 64, latent_size)[::2]
        self.between = between

    def forward(self, images):
        return self.three(self.between(self.two(self.between(self.one(images.flatten(1))))))


class OwnWeights(nn.Module):
    """Matrices of one's own: as they are multiplied, (inputs, outputs), or turned as nn.Linear keeps them."""

    def __init__(self, latent_size, turned):
        super().__init__()
        pairs = itertools.pairwise((784, 128, 64, latent_size))
        made = [torch.randn(pair) / pair[0] ** 0.5 for pair in pairs]
        self.weights = nn.ParameterList(weight.T if turned else weight for weight in made)
        self.turned = turned

    def forward(self, images):
        hidden = images.flatten(1)
        for weight in self.weights:
            hidden = torch.relu(hidden) @ (weight.T if self.turned else weight)
        return hidden


right(
    "encoder",
    sequential_with_relu=make_encoder,
    batch_norm_and_dropout=encoder_of(between=noisy),
    matrices_of_ones_own=lambda latent_size: OwnWeights(latent_size, turned=False),
    turned_matrices_of_ones_own=lambda latent_size: OwnWeights(latent_size, turned=True),
    activations_in_place=encoder_of(between=lambda: nn.ReLU(True)),
    a_class_with_functions_in_place=OwnEncoder,
    a_partial=functools.partial(OwnEncoder, between=torch.tanh),
    convolution_as_large_as_the_image=lambda k: nn.Sequential(
        nn.Conv2d(1, 128, 28), nn.Flatten(), nn.ReLU(), *layers(128, 64, k)
    ),
    scripted=lambda k: torch.jit.script(make_encoder(k)),
)


class Behind(nn.Module):
    """Layers with a function of the result behind them."""

    def __init__(self, made, function):
        super().__init__()
        self.made, self.function = made, function

    def forward(self, given):
        return self.function(self.made(given))


class Before(Behind):
    """Layers with a function of what goes in before them."""

    def forward(self, given):
        return self.made(self.function(given))


def encoder_with(function):
    return lambda k: Behind(make_encoder(k), function)


def decoder_with(function):
    return lambda k: Behind(folded()(k), function)


@wrong("encoder", "no return")
def forgets_to_return_the_encoder(latent_size):
    nn.Sequential(nn.Flatten(), *layers(784, 128, 64, latent_size))


class ForgetsTheFirstLine(nn.Module):
    def __init__(self, latent_size):
        self.layers = make_encoder(latent_size)


wrong_ones(
    "encoder",
    {
        "no super().__init__()": ForgetsTheFirstLine,
        "no parameters": lambda k: PlainList(nn.Flatten(), *layers(784, 128, 64, k)),
        "no gradient": encoder_with(torch.detach),
        "batch size built in": [
            lambda k: Before(make_encoder(k), lambda images: images.view(3, 784)),
            lambda k: nn.Sequential(nn.Flatten(0), *layers(784, 128, 64, k)),
        ],
        "returns a tuple": encoder_with(lambda code: (code, code)),
        "NumPy in the network": encoder_with(lambda code: code.detach().numpy()),
        "wrong precision": encoder_with(lambda code: code.double()),
        "forward returns nothing": encoder_with(lambda code: None),
        "random in eval mode": encoder_with(lambda code: code + 0.1 * torch.randn_like(code)),
        "depends on the batch": encoder_with(lambda code: code - code.mean(0)),
        "no flatten": [
            lambda k: nn.Sequential(*layers(784, 128, 64, k)),
            lambda k: nn.Sequential(*layers(28, 128, 64, k)),
        ],
        "latent size not used": lambda latent_size: make_encoder(32),
        "wrong widths": encoder_of(sizes=(256, 128)),
        "too few layers": encoder_of(sizes=()),
        "too many layers": encoder_of(sizes=(128, 64, 32)),
        "no activation between": [
            lambda k: nn.Sequential(nn.Flatten(), nn.Linear(784, 128), *layers(128, 64, k)),
            lambda k: nn.Sequential(nn.Flatten(), nn.ReLU(), nn.Linear(784, 128), *layers(128, 64, k)),
        ],
        "clipped code": [encoder_of(layer) for layer in (nn.ReLU(), nn.LeakyReLU(), nn.LogSoftmax(1))],
        "function behind the code": encoder_with(lambda code: functional.layer_norm(code, code.shape[1:])),
        "squashed code": [encoder_of(nn.Sigmoid()), encoder_of(nn.Tanh())],
        "softmax on the code": encoder_of(nn.Softmax(dim=1)),
        "returns the image": lambda k: nn.Sequential(make_encoder(k), make_decoder(k)),
        "returns the class": lambda latent_size: OwnEncoder,
        "not a module": lambda k: [nn.Flatten(), *layers(784, 128, 64, k)],
        "not a function": make_encoder(32),
        "brackets forgotten": lambda k: nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU, *layers(128, 64, k)),
    },
)
right(
    "decoder",
    sequential_with_sigmoid=make_decoder,
    batch_norm_and_dropout=folded(nn.Sigmoid(), between=noisy),
    sigmoid_in_place_behind_the_folding=decoder_with(torch.sigmoid_),
    a_shifted_tanh=decoder_with(lambda made: torch.tanh(made) / 2 + 0.5),
)
wrong_ones(
    "decoder",
    {
        "beyond 1": decoder_with(lambda made: 255 * made.sigmoid()),
        "batch size built in": decoder_with(lambda made: made.sigmoid().reshape(3, 1, 28, 28)),
        "no gradient": decoder_with(lambda made: made.sigmoid().detach()),
        "softmax at the end": [folded(nn.Softmax(dim=1)), decoder_with(lambda made: made.softmax(-1))],
        "depends on the batch": decoder_with(lambda made: made.softmax(0)),
        "random in eval mode": decoder_with(lambda made: functional.dropout(made.sigmoid(), 0.5)),
        "no output activation": folded(),
        "ReLU at the end": folded(nn.ReLU()),
        "tanh at the end": folded(nn.Tanh()),
        "cut off": [
            folded(nn.Hardtanh(0, 1)),
            decoder_with(lambda made: (made / 2 + 0.5).clamp(0, 1)),
        ],
        "negative pixels": folded(nn.LogSigmoid()),
        "narrow range": folded(nn.Sigmoid(), nn.Sigmoid()),
        "not mirrored": folded(nn.Sigmoid(), sizes=(128, 64)),
        "too few layers": folded(nn.Sigmoid(), sizes=()),
        "wrong widths": folded(nn.Sigmoid(), sizes=(100, 200)),
        "latent size not used": lambda latent_size: make_decoder(32),
        "flat output": decoder_of(nn.Sigmoid()),
        "no channel axis": decoder_of(nn.Sigmoid(), nn.Unflatten(1, (28, 28))),
        "no activation between": folded(nn.Sigmoid(), between=nn.Identity),
        "takes images": make_encoder,
        "dropout behind the output": folded(nn.Sigmoid(), nn.Dropout(0.3)),
        "codes detached": lambda k: Before(make_decoder(k), torch.detach),
        "function before the first layer": lambda k: Before(folded(nn.Sigmoid())(k), functional.normalize),
        "scaled by its own range": decoder_with(lambda made: made.sigmoid() / made.sigmoid().amax((1, 2, 3), True)),
    },
)
fresh_ones("encoder", {"not a new one": lambda: functools.cache(make_encoder)})
fresh_ones("decoder", {"not a new one": lambda: functools.cache(make_decoder)})


def joined_with(forward):
    """A make_autoencoder of a class with another forward."""
    return lambda k: type("Other", (Joined,), {"forward": forward})(make_encoder(k), make_decoder(k))


make_autoencoder = joined_with(Joined.forward)

right(
    "autoencoder",
    course_class=lambda k: ae.Autoencoder(make_encoder(k), make_decoder(k)),
    course_function=lambda k: ae.fully_connected((1, 28, 28), k, hidden=(128, 64)),
    class_of_ones_own=make_autoencoder,
    sequential_with_named_parts=lambda k: nn.Sequential(OrderedDict(encoder=make_encoder(k), decoder=make_decoder(k))),
)
fresh_ones("autoencoder", {"not a new one": lambda: functools.cache(make_autoencoder)})
wrong_ones(
    "autoencoder",
    {
        "part not attempted": lambda k: ae.Autoencoder(..., make_decoder(k)),
        "no two parts": lambda k: nn.Sequential(make_encoder(k), make_decoder(k)),
        "no forward": joined_with(nn.Module.forward),
        "wrong order": joined_with(lambda self, images: self.encoder(self.decoder(images))),
        "parts swapped": lambda k: ae.Autoencoder(make_decoder(k), make_encoder(k)),
        "forward returns the code": joined_with(lambda self, images: self.encoder(images)),
        "encoder twice": joined_with(lambda self, images: self.encoder(self.encoder(images))),
        "returns a tuple": joined_with(lambda self, images: (self.encoder(images), self.decoder(self.encoder(images)))),
        "parts do not fit": lambda k: ae.Autoencoder(make_encoder(k), make_decoder(10)),
        "latent size not used": lambda k: ae.Autoencoder(make_encoder(32), make_decoder(32)),
        "encoder returns the image": lambda k: ae.Autoencoder(
            nn.Sequential(make_encoder(k), make_decoder(k)), make_decoder(k)
        ),
        "no gradient": joined_with(lambda self, images: self.decoder(self.encoder(images).detach())),
        "not its own parts": joined_with(lambda self, images: (self.decoder(self.encoder(images)) + images) / 2),
        "returns the class": lambda latent_size: Joined,
        "not a module": lambda k: (make_encoder(k), make_decoder(k)),
        "not a function": Joined(make_encoder(32), make_decoder(32)),
        "parts not called": lambda latent_size: ae.Autoencoder(encoder_of, folded),
    },
)
right(
    "loss",
    squares_summed_over_three_axes=lambda made, images: ((made - images) ** 2).sum((1, 2, 3)).mean(),
    course_measure=ae.reconstruction_error,
    mean_squared_error_times_pixels=lambda made, images: 784 * functional.mse_loss(made, images),
)
