"""Answers to the first questions of notebook 07: prepare, encoder, decoder."""

import functools
import itertools

import numpy as np
import torch
from torch import nn

from answers import fresh, fresh_ones, right, wrong, wrong_ones

right(
    "prepare",
    float_divided_and_unsqueezed=lambda raw: raw.float().div(255).unsqueeze(1),
    indexed_with_none_and_divided_as_bytes=lambda raw: raw[:, None] / 255,
    through_numpy_and_back=lambda raw: torch.from_numpy(raw.numpy()[:, np.newaxis].astype(np.float32) / 255),
    image_by_image=lambda raw: torch.stack([image.reshape(1, 28, 28) * (1 / 255) for image in raw]),
)


wrong_ones(
    "prepare",
    {
        "wrong precision": lambda raw: raw.double().unsqueeze(1) / 255,
        "not a tensor": lambda raw: raw.numpy()[:, None] / np.float32(255),
        "changes its input": lambda raw: raw.unsqueeze_(1).float() / 255,
    },
)


def layers(*sizes, between=nn.ReLU, behind=()):
    """Linear layers with a function between them."""
    made = []
    for inputs, outputs in itertools.pairwise(sizes):
        made += [nn.Linear(inputs, outputs), between()]
    return [*made[:-1], *behind]


def encoder_of(*behind, between=nn.ReLU):
    """A make_encoder with further layers behind the code."""
    return lambda k: nn.Sequential(nn.Flatten(), *layers(784, 128, 64, k, between=between), *behind)


@right("encoder")
def gelu_batch_norm_and_dropout(latent_size):
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 128),
        nn.BatchNorm1d(128),
        nn.GELU(),
        nn.Dropout(0.2),
        nn.Linear(128, 64),
        nn.LeakyReLU(),
        nn.Linear(64, latent_size),
    )


class OwnEncoder(nn.Module):
    def __init__(self, latent_size):
        super().__init__()
        self.first, self.second, self.third = nn.Linear(784, 128), nn.Linear(128, 64), nn.Linear(64, latent_size)

    def forward(self, images):
        hidden = torch.relu(self.first(images.view(len(images), -1)))
        return self.third(torch.sigmoid(self.second(hidden)))


@right("encoder")
def lazy_layers_in_a_loop(latent_size):
    made = [nn.Flatten()]
    for width in (128, 64):
        made += [nn.LazyLinear(width), nn.ELU()]
    return nn.Sequential(*made, nn.LazyLinear(latent_size))


class OwnMatrices(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        pairs = itertools.pairwise(sizes)
        self.matrices = nn.ParameterList(torch.randn(pair) / pair[0] ** 0.5 for pair in pairs)

    def forward(self, images):
        hidden = images.flatten(1)
        for matrix in self.matrices[:-1]:
            hidden = torch.relu(hidden @ matrix)
        return hidden @ self.matrices[-1]


class OwnWeights(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        pairs = itertools.pairwise(sizes)
        self.weights = nn.ParameterList(torch.randn(outputs, inputs) / inputs**0.5 for inputs, outputs in pairs)

    def forward(self, images):
        hidden = images.reshape(len(images), 784)
        for weight in self.weights[:-1]:
            hidden = nn.functional.silu(nn.functional.linear(hidden, weight))
        return nn.functional.linear(hidden, self.weights[-1])


@fresh("encoder", "no parameters")
def layers_in_a_plain_list():
    class Listed(nn.Module):
        def __init__(self, latent_size):
            super().__init__()
            self.steps = [nn.Flatten(), *layers(784, 128, 64, latent_size)]

        def forward(self, images):
            for step in self.steps:
                images = step(images)
            return images

    return lambda latent_size: Listed(latent_size)


@wrong("encoder", "no return")
def forgets_to_return_the_encoder(latent_size):
    nn.Sequential(nn.Flatten(), *layers(784, 128, 64, latent_size))


def decoder_of(*behind, between=nn.ReLU):
    """A make_decoder that ends in the layers given."""
    return lambda k: nn.Sequential(*layers(k, 64, 128, 784, between=between), *behind)


def folded(*behind):
    """A make_decoder that ends in the layers given and folds pixels into images."""
    return decoder_of(*behind, nn.Unflatten(1, (1, 28, 28)))


class OwnDecoder(nn.Module):
    def __init__(self, latent_size):
        super().__init__()
        self.inner = nn.Sequential(*layers(latent_size, 64, 128, 784, between=nn.Tanh))

    def forward(self, codes):
        return (torch.tanh(self.inner(codes)) / 2 + 0.5).reshape(-1, 1, 28, 28)


right(
    "decoder",
    sequential_with_sigmoid=folded(nn.Sigmoid()),
    sigmoid_behind_the_folding=decoder_of(nn.Unflatten(1, (1, 28, 28)), nn.Sigmoid(), between=nn.SiLU),
    class_with_a_shifted_tanh=lambda latent_size: OwnDecoder(latent_size),
)


@right("decoder")
def with_batch_norm_and_dropout(latent_size):
    parts = [nn.Linear(latent_size, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.1)]
    parts += [nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 784), nn.Sigmoid()]
    return nn.Sequential(*parts, nn.Unflatten(1, (1, 28, 28)))


@fresh("encoder")
def a_class_with_in_place_functions():
    class Encoder(nn.Module):
        def __init__(self, latent_size):
            super().__init__()
            self.one, self.two, self.three = nn.Linear(784, 128), nn.Linear(128, 64), nn.Linear(64, latent_size)

        def forward(self, images):
            return self.three(nn.functional.relu_(self.two(self.one(images.flatten(1)).relu_())))

    return Encoder


right(
    "encoder",
    sequential_with_relu=encoder_of(),
    sequential_with_tanh_between=encoder_of(between=nn.Tanh),
    class_of_ones_own=lambda latent_size: OwnEncoder(latent_size),
    matrices_of_ones_own=lambda latent_size: OwnMatrices(784, 128, 64, latent_size),
    weights_of_ones_own=lambda latent_size: OwnWeights(784, 128, 64, latent_size),
    activations_in_place=lambda k: nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(True), nn.Linear(128, 64), nn.ReLU(inplace=True), nn.Linear(64, k)
    ),
    a_partial=functools.partial(lambda between, k: encoder_of(between=between)(k), nn.Tanh),
    convolution_as_large_as_the_image=lambda k: nn.Sequential(
        nn.Conv2d(1, 128, 28), nn.Flatten(), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, k)
    ),
    scripted=lambda k: torch.jit.script(encoder_of()(k)),
)


@fresh("decoder")
def sigmoid_in_place():
    class Decoder(nn.Module):
        def __init__(self, latent_size):
            super().__init__()
            self.layers = nn.Sequential(*layers(latent_size, 64, 128, 784))

        def forward(self, codes):
            return self.layers(codes).sigmoid_().view(-1, 1, 28, 28)

    return Decoder


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
    return lambda k: Behind(encoder_of()(k), function)


def decoder_with(function, *behind):
    return lambda k: Behind(folded(*behind)(k), function)


wrong_ones(
    "encoder",
    {
        "no gradient": encoder_with(torch.detach),
        "batch size built in": lambda k: Before(encoder_of()(k), lambda images: images.view(3, 784)),
        "returns a tuple": encoder_with(lambda code: (code, code)),
        "NumPy in the network": encoder_with(lambda code: code.detach().numpy()),
        "wrong precision": encoder_with(lambda code: code.double()),
        "forward returns nothing": encoder_with(lambda code: None),
        "random in eval mode": encoder_with(lambda code: code + 0.1 * torch.randn_like(code)),
        "depends on the batch": encoder_with(lambda code: code - code.mean(0)),
    },
)


@fresh("encoder", "no super().__init__()")
def forgets_the_first_line_of_init():
    class Encoder(nn.Module):
        def __init__(self, latent_size):
            self.layers = encoder_of()(latent_size)

    return Encoder


wrong_ones(
    "encoder",
    {
        "no flatten": [
            lambda k: nn.Sequential(*layers(784, 128, 64, k)),
            lambda k: nn.Sequential(*layers(28, 128, 64, k)),
        ],
        "latent size not used": lambda latent_size: nn.Sequential(nn.Flatten(), *layers(784, 128, 64, 32)),
        "wrong widths": lambda k: nn.Sequential(nn.Flatten(), *layers(784, 256, 128, k)),
        "too few layers": lambda k: nn.Sequential(nn.Flatten(), nn.Linear(784, k)),
        "too many layers": lambda k: nn.Sequential(nn.Flatten(), *layers(784, 128, 64, 32, k)),
        "no activation between": [
            lambda k: nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.Linear(128, 64), nn.Linear(64, k)),
            lambda k: nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.Linear(64, k)),
        ],
        "clipped code": [encoder_of(nn.ReLU()), encoder_of(nn.LeakyReLU())],
        "squashed code": [encoder_of(nn.Sigmoid()), encoder_of(nn.Tanh())],
        "softmax on the code": encoder_of(nn.Softmax(dim=1)),
        "returns the image": lambda k: nn.Sequential(
            nn.Flatten(), *layers(784, 128, 64, k, 64, 128, 784), nn.Unflatten(1, (1, 28, 28))
        ),
        "batch size built in": lambda k: nn.Sequential(nn.Flatten(0), *layers(784, 128, 64, k)),
        "returns the class": lambda latent_size: OwnEncoder,
        "not a module": lambda k: [nn.Flatten(), *layers(784, 128, 64, k)],
        "not a function": encoder_of()(32),
        "brackets forgotten": lambda k: nn.Sequential(
            nn.Flatten(), nn.Linear(784, 128), nn.ReLU, nn.Linear(128, 64), nn.Linear(64, k)
        ),
    },
)


def between_extremes(made):
    return (made - made.min()) / (made.max() - made.min())


wrong_ones(
    "decoder",
    {
        "beyond 1": decoder_with(lambda made: 255 * made.sigmoid()),
        "batch size built in": decoder_with(lambda made: made.sigmoid().reshape(3, 1, 28, 28)),
        "no gradient": decoder_with(lambda made: made.sigmoid().detach()),
        "softmax at the end": decoder_with(lambda made: made.softmax(-1)),
        "depends on the batch": [decoder_with(between_extremes), decoder_with(lambda made: made.softmax(0))],
        "random in eval mode": decoder_with(lambda made: nn.functional.dropout(made.sigmoid(), 0.5)),
    },
)


wrong_ones(
    "decoder",
    {
        "no output activation": folded(),
        "ReLU at the end": folded(nn.ReLU()),
        "tanh at the end": folded(nn.Tanh()),
        "softmax at the end": folded(nn.Softmax(dim=1)),
        "cut off": folded(nn.Hardtanh(0, 1)),
        "narrow range": folded(nn.Sigmoid(), nn.Sigmoid()),
        "not mirrored": lambda k: nn.Sequential(*layers(k, 128, 64, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28))),
        "too few layers": lambda k: nn.Sequential(nn.Linear(k, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28))),
        "wrong widths": lambda k: nn.Sequential(*layers(k, 100, 200, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28))),
        "latent size not used": lambda latent_size: folded(nn.Sigmoid())(32),
        "flat output": decoder_of(nn.Sigmoid()),
        "no channel axis": decoder_of(nn.Sigmoid(), nn.Unflatten(1, (28, 28))),
        "no activation between": decoder_of(nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28)), between=nn.Identity),
        "takes images": encoder_of(),
        "dropout behind the output": folded(nn.Sigmoid(), nn.Dropout(0.3)),
        "codes detached": lambda k: Before(folded(nn.Sigmoid())(k), torch.detach),
    },
)
fresh_ones("encoder", {"not a new one": lambda: functools.cache(encoder_of())})
fresh_ones("decoder", {"not a new one": lambda: functools.cache(folded(nn.Sigmoid()))})
