"""Answers to the first questions of notebook 07: prepare, encoder, decoder."""

import functools
import itertools

import numpy as np
import torch
from torch import nn

from answers import fresh, right, wrong

right(
    "prepare",
    float_divided_and_unsqueezed=lambda raw: raw.float().div(255).unsqueeze(1),
    indexed_with_none_and_divided_as_bytes=lambda raw: raw[:, None] / 255,
    through_numpy_and_back=lambda raw: torch.from_numpy(raw.numpy()[:, np.newaxis].astype(np.float32) / 255),
    image_by_image=lambda raw: torch.stack([image.reshape(1, 28, 28) * (1 / 255) for image in raw]),
)


def prepared_wrong(misconception, name, function):
    """Enter a wrong way to prepare images."""

    def make():
        return function

    make.__name__ = name
    wrong("prepare", misconception)(make)


prepared_wrong("not scaled", "forgets_to_scale", lambda raw: raw.float().unsqueeze(1))
prepared_wrong("divided twice", "divides_twice", lambda raw: raw.float().unsqueeze(1) / 255 / 255)
prepared_wrong("divided by 256", "divides_by_256", lambda raw: raw.float().unsqueeze(1) / 256)
prepared_wrong("integer division", "divides_whole_numbers", lambda raw: raw.unsqueeze(1) // 255)
prepared_wrong("integer division", "divides_whole_then_floats", lambda raw: (raw // 255).float().unsqueeze(1))
prepared_wrong("still bytes", "only_adds_the_channel", lambda raw: raw.unsqueeze(1))
prepared_wrong("wrong precision", "makes_doubles", lambda raw: raw.double().unsqueeze(1) / 255)
prepared_wrong("no channel axis", "forgets_the_channel", lambda raw: raw.float() / 255)
prepared_wrong("channel last", "puts_the_channel_last", lambda raw: raw.float().unsqueeze(-1) / 255)
prepared_wrong("channel first", "puts_the_channel_first", lambda raw: raw.float().unsqueeze(0) / 255)
prepared_wrong("flattened", "flattens", lambda raw: raw.float().flatten(1) / 255)
prepared_wrong("own maximum", "divides_by_the_largest_of_the_batch", lambda raw: raw.float().unsqueeze(1) / raw.max())
prepared_wrong(
    "own maximum",
    "divides_by_the_largest_of_each_image",
    lambda raw: raw.float().unsqueeze(1) / raw.amax((1, 2)).reshape(-1, 1, 1, 1),
)
prepared_wrong("inverted", "black_on_white", lambda raw: 1 - raw.float().unsqueeze(1) / 255)
prepared_wrong("transposed", "turns_the_images", lambda raw: raw.float().mT.unsqueeze(1) / 255)
prepared_wrong("rounded", "only_black_and_white", lambda raw: (raw > 127).float().unsqueeze(1))
prepared_wrong("from -1 to 1", "as_for_tanh", lambda raw: raw.float().unsqueeze(1) / 127.5 - 1)
prepared_wrong("not a tensor", "leaves_numpy", lambda raw: raw.numpy()[:, None] / np.float32(255))
prepared_wrong("changes its input", "unsqueezes_in_place", lambda raw: raw.unsqueeze_(1).float() / 255)
prepared_wrong("printed, not returned", "prints_instead", lambda raw: print(raw.float().unsqueeze(1) / 255))
wrong(
    "prepare",
    "standardised",
    mean_0_deviation_1=lambda raw: ((raw.float() - raw.float().mean()) / raw.float().std()).unsqueeze(1),
)
wrong("prepare", "not a function", hands_over_prepared_images=torch.zeros(6, 1, 28, 28))


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


wrong(
    "encoder",
    "no flatten",
    forgets_to_flatten=lambda k: nn.Sequential(*layers(784, 128, 64, k)),
    encodes_rows=lambda k: nn.Sequential(*layers(28, 128, 64, k)),
)
wrong(
    "encoder",
    "latent size not used",
    always_32=lambda latent_size: nn.Sequential(nn.Flatten(), *layers(784, 128, 64, 32)),
)
wrong("encoder", "wrong widths", widths_256_and_128=lambda k: nn.Sequential(nn.Flatten(), *layers(784, 256, 128, k)))
wrong("encoder", "too few layers", a_single_layer=lambda k: nn.Sequential(nn.Flatten(), nn.Linear(784, k)))
wrong("encoder", "too many layers", one_layer_more=lambda k: nn.Sequential(nn.Flatten(), *layers(784, 128, 64, 32, k)))
wrong(
    "encoder",
    "no activation between",
    linear_throughout=lambda k: nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.Linear(128, 64), nn.Linear(64, k)),
    one_activation_forgotten=lambda k: nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.Linear(64, k)
    ),
)
wrong(
    "encoder",
    "clipped code",
    relu_on_the_code=encoder_of(nn.ReLU()),
    leaky_relu_on_the_code=encoder_of(nn.LeakyReLU()),
)
wrong(
    "encoder",
    "squashed code",
    sigmoid_on_the_code=encoder_of(nn.Sigmoid()),
    tanh_on_the_code=encoder_of(nn.Tanh()),
)
wrong("encoder", "softmax on the code", softmax_on_the_code=encoder_of(nn.Softmax(dim=1)))
wrong(
    "encoder",
    "returns the image",
    whole_autoencoder=lambda k: nn.Sequential(
        nn.Flatten(), *layers(784, 128, 64, k, 64, 128, 784), nn.Unflatten(1, (1, 28, 28))
    ),
)


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


@fresh("encoder", "no gradient")
def detaches_the_code():
    class Detached(OwnEncoder):
        def forward(self, images):
            return super().forward(images).detach()

    return lambda latent_size: Detached(latent_size)


@fresh("encoder", "not a new one")
def always_the_same_object():
    kept = {k: nn.Sequential(nn.Flatten(), *layers(784, 128, 64, k)) for k in range(1, 100)}
    return lambda latent_size: kept[latent_size]


@fresh("encoder", "batch size built in")
def batch_size_in_the_view():
    class Fixed(OwnEncoder):
        def forward(self, images):
            return super().forward(images.view(3, 784))

    return lambda latent_size: Fixed(latent_size)


wrong(
    "encoder",
    "batch size built in",
    flattens_the_batch_too=lambda k: nn.Sequential(nn.Flatten(0), *layers(784, 128, 64, k)),
)
wrong("encoder", "returns the class", the_class_itself=lambda latent_size: OwnEncoder)
wrong("encoder", "not a module", a_list_of_layers=lambda k: [nn.Flatten(), *layers(784, 128, 64, k)])
wrong("encoder", "not a function", hands_over_an_encoder=encoder_of()(32))


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


wrong("decoder", "no output activation", ends_in_a_linear_layer=folded())
wrong("decoder", "ReLU at the end", relu_at_the_end=folded(nn.ReLU()))
wrong("decoder", "tanh at the end", tanh_at_the_end=folded(nn.Tanh()))
wrong("decoder", "softmax at the end", softmax_at_the_end=folded(nn.Softmax(dim=1)))
wrong("decoder", "cut off", clamps_at_the_end=folded(nn.Hardtanh(0, 1)))


@fresh("decoder", "beyond 1")
def pixels_up_to_255():
    class Bright(OwnDecoder):
        def forward(self, codes):
            return 255 * super().forward(codes)

    return lambda latent_size: Bright(latent_size)


wrong("decoder", "narrow range", sigmoid_twice=folded(nn.Sigmoid(), nn.Sigmoid()))
wrong(
    "decoder",
    "not mirrored",
    widths_in_the_encoders_order=lambda k: nn.Sequential(
        *layers(k, 128, 64, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28))
    ),
)
wrong(
    "decoder",
    "too few layers",
    one_layer_out=lambda k: nn.Sequential(nn.Linear(k, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28))),
)
wrong(
    "decoder",
    "wrong widths",
    other_widths=lambda k: nn.Sequential(*layers(k, 100, 200, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28))),
)
wrong("decoder", "latent size not used", takes_always_32=lambda latent_size: folded(nn.Sigmoid())(32))
wrong("decoder", "flat output", forgets_to_fold=decoder_of(nn.Sigmoid()))
wrong("decoder", "no channel axis", folds_without_a_channel=decoder_of(nn.Sigmoid(), nn.Unflatten(1, (28, 28))))
wrong(
    "decoder",
    "no activation between",
    nothing_between=decoder_of(nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28)), between=nn.Identity),
)
wrong("decoder", "takes images", an_encoder_again=encoder_of())


@fresh("decoder", "batch size built in")
def folds_three_images():
    class Three(OwnDecoder):
        def forward(self, codes):
            return super().forward(codes).reshape(3, 1, 28, 28)

    return lambda latent_size: Three(latent_size)


@fresh("decoder", "not a new one")
def one_decoder_for_all():
    kept = {k: folded(nn.Sigmoid())(k) for k in range(1, 40)}
    return lambda latent_size: kept[latent_size]


@fresh("decoder", "no gradient")
def decodes_without_gradients():
    class Frozen(OwnDecoder):
        @torch.no_grad()
        def forward(self, codes):
            return super().forward(codes)

    return lambda latent_size: Frozen(latent_size)


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


ENCODERS = {
    "returns a tuple": lambda code: (code, code),
    "NumPy in the network": lambda code: code.detach().numpy(),
    "wrong precision": lambda code: code.double(),
    "forward returns nothing": lambda code: None,
    "random in eval mode": lambda code: code + 0.1 * torch.randn_like(code),
    "depends on the batch": lambda code: code - code.mean(0),
}
for name, function in ENCODERS.items():
    make = functools.partial(encoder_with, function)
    make.__name__ = f"code_that_{name}".replace(" ", "_")
    wrong("encoder", name)(make)


@fresh("encoder", "no super().__init__()")
def forgets_the_first_line_of_init():
    class Encoder(nn.Module):
        def __init__(self, latent_size):
            self.layers = encoder_of()(latent_size)

    return Encoder


wrong(
    "encoder",
    "brackets forgotten",
    relu_without_brackets=lambda k: nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU, nn.Linear(128, 64), nn.Linear(64, k)
    ),
)


def between_extremes(made):
    return (made - made.min()) / (made.max() - made.min())


DECODERS = {
    "softmax at the end": [lambda made: made.softmax(-1)],
    "depends on the batch": [between_extremes, lambda made: made.softmax(0)],
    "random in eval mode": [lambda made: nn.functional.dropout(made.sigmoid(), 0.5)],
}
for name, functions in DECODERS.items():
    for number, function in enumerate(functions):
        make = functools.partial(decoder_with, function)
        make.__name__ = f"{name}_{number}".replace(" ", "_")
        wrong("decoder", name)(make)
wrong("decoder", "dropout behind the output", drops_pixels_in_training=folded(nn.Sigmoid(), nn.Dropout(0.3)))
wrong("decoder", "codes detached", cuts_the_way_to_the_code=lambda k: Before(folded(nn.Sigmoid())(k), torch.detach))
