"""Answers to the questions of notebook 08."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import aeutils as ae
from answers import fresh, right, wrong_ones

right(
    "convolved_size",
    unfolded=lambda size, kernel, stride, padding: len(torch.zeros(size + 2 * padding).unfold(0, kernel, stride)),
    length_of_a_range=lambda size, kernel, stride, padding: len(range(0, size + 2 * padding - kernel + 1, stride)),
    rounds_down_in_numpy=lambda size, kernel, stride, padding: np.floor((size + 2 * padding - kernel) / stride) + 1,
)


@fresh("convolved_size", "does not depend")
def remembers_without_the_padding():
    known = {}
    return lambda size, kernel, stride, padding: known.setdefault(
        (size, kernel, stride), (size + 2 * padding - kernel) // stride + 1
    )


right(
    "saved_parameters",
    a_tensor_of_two=lambda side, channels, maps, kernel: torch.tensor(
        [maps * channels * kernel**2 + maps, channels * side**4 * maps + side**2 * maps]
    ),
    builds_both_and_counts=lambda side, channels, maps, kernel: [
        ae.count_parameters(nn.Conv2d(channels, maps, kernel)),
        ae.count_parameters(nn.Linear(channels * side**2, maps * side**2)),
    ],
)


def enlarged(kernel=3, padding="same", behind=(), scale_factor=2, **settings):
    """A make_doubling that enlarges, then convolves."""
    return lambda channels, maps: nn.Sequential(
        nn.Upsample(scale_factor=scale_factor, **settings), nn.Conv2d(channels, maps, kernel, padding=padding), *behind
    )


class Doubling(nn.Module):
    """Enlarges by a function of tensors, between two convolutions."""

    def __init__(self, channels, maps):
        super().__init__()
        self.before, self.after = nn.Conv2d(channels, 7, 3, padding=1), nn.Conv2d(7, maps, 3, padding=1)
        self.norm = nn.BatchNorm2d(7)

    def forward(self, given):
        return self.after(functional.interpolate(torch.relu(self.norm(self.before(given))), scale_factor=2))


class Placed(nn.Conv2d):
    """A convolution of the enlarged image that adds how far to the right each pixel lies."""

    def __init__(self, channels, maps):
        super().__init__(channels, maps, 3, padding=1)

    def forward(self, given):
        made = super().forward(functional.interpolate(given, scale_factor=2))
        return made + torch.linspace(0, 1, made.shape[-1])


class Tied(nn.Module):
    """A transposed convolution whose kernel of 4 is a kernel of 3, spread over 2 pixels."""

    def __init__(self, channels, maps):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(channels, maps, 3, 3))

    def forward(self, given):
        spread = sum(functional.pad(self.weight, (x, 1 - x, y, 1 - y)) for x in (0, 1) for y in (0, 1))
        return functional.conv_transpose2d(given, spread, stride=2, padding=1)


right(
    "even_doubling",
    repeats_pixels_then_convolves=enlarged(),
    bilinear_with_a_larger_kernel_and_relu=enlarged(5, behind=[nn.ReLU()], mode="bilinear"),
    two_convolutions_and_interpolate=Doubling,
    transposed_with_tied_weights=Tied,
    an_activation_in_place_first=lambda *sizes: nn.Sequential(nn.ReLU(inplace=True), *enlarged()(*sizes)),
    repeats_pixels_then_transposed=lambda channels, maps: nn.Sequential(
        nn.UpsamplingNearest2d(scale_factor=2), nn.ConvTranspose2d(channels, maps, 3, padding=1)
    ),
)


def transposed(*settings):
    """A make_doubling of one transposed convolution with these settings."""
    return lambda channels, maps: nn.ConvTranspose2d(channels, maps, *settings)


class FirstChannel(nn.Conv2d):
    """A convolution of the first channel, enlarged."""

    def __init__(self, channels, maps):
        super().__init__(1, maps, 3, padding=1)

    def forward(self, given):
        return super().forward(functional.interpolate(given[:, :1], scale_factor=2))


class Untrained(nn.Module):
    """Enlarges, and chooses among the channels."""

    def __init__(self, channels, maps):
        super().__init__()
        self.chosen = torch.arange(maps) % channels

    def forward(self, given):
        return functional.interpolate(given, scale_factor=2)[:, self.chosen]


class Tiles(nn.Conv2d):
    """A convolution of the image repeated as a whole, four times."""

    def __init__(self, channels, maps):
        super().__init__(channels, maps, 3, padding=1)

    def forward(self, given):
        return super().forward(given.tile(2, 2))


wrong_ones(
    "even_doubling",
    {
        "out of place": Tiles,
        "channels left out": FirstChannel,
        "different from place to place": Placed,
        "uneven overlap": transposed(3, 2, 1, 1),
        "weights by place": [
            transposed(4, 2, 1),
            lambda channels, maps: nn.Sequential(nn.Conv2d(channels, 4 * maps, 3, padding=1), nn.PixelShuffle(2)),
        ],
        "wrong at the edge": enlarged(padding=0),
        "not doubled": lambda channels, maps: nn.Conv2d(channels, maps, 3, padding=1),
        "smaller": lambda channels, maps: nn.Conv2d(channels, maps, 3, stride=2, padding=1),
        "wrong number of maps": lambda channels, maps: nn.Upsample(scale_factor=2),
        "size built in": enlarged(scale_factor=None, size=(14, 14)),
        "sizes do not match": [
            lambda channels, maps: enlarged()(16, maps),
            lambda channels, maps: nn.Sequential(
                nn.Flatten(), nn.Linear(49 * channels, 196 * maps), nn.Unflatten(1, (maps, 14, 14))
            ),
        ],
        "no parameters": Untrained,
        "blocks of four": [
            lambda channels, maps: nn.Sequential(nn.Conv2d(channels, maps, 3, padding=1), nn.Upsample(scale_factor=2)),
            enlarged(kernel=(1, 3), padding=(0, 1)),
            enlarged(kernel=(3, 1), padding=(1, 0)),
        ],
        "uneven in training": enlarged(behind=[nn.Dropout(0.1)]),
        "no module": lambda channels, maps: torch.zeros(1, maps, 14, 14),
        "one direction only": enlarged(scale_factor=(2, 1)),
        "four times": enlarged(behind=[nn.Upsample(scale_factor=2)]),
    },
)
