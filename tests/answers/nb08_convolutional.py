"""Answers to the questions of notebook 08."""

import aeutils as ae
import numpy as np
import torch
from torch import nn
from torch.nn import functional

from answers import right, wrong


@right("convolved_size")
def whole_steps_and_one():
    return lambda size, kernel, stride, padding: (size + 2 * padding - kernel) // stride + 1


@right("convolved_size")
def asks_pytorch():
    def output_size(size, kernel, stride, padding):
        return nn.Conv2d(1, 1, kernel, stride, padding)(torch.zeros(1, 1, size, size)).shape[-1]

    return output_size


@right("convolved_size")
def walks_along_the_row():
    def output_size(size, kernel, stride, padding):
        places, start = 0, -padding
        while start + kernel <= size + padding:
            places, start = places + 1, start + stride
        return places

    return output_size


@right("convolved_size")
def length_of_a_range():
    return lambda size, kernel, stride, padding: len(range(0, size + 2 * padding - kernel + 1, stride))


@right("convolved_size")
def rounds_down_in_numpy():
    return lambda size, kernel, stride, padding: np.floor((size + 2 * padding - kernel) / stride) + 1


def convolution(channels, maps, kernel):
    """Weights and biases of a convolution."""
    return maps * (channels * kernel**2 + 1)


def connected(side, channels, maps):
    """Weights and biases of the fully connected layer."""
    return (channels * side**2 + 1) * maps * side**2


@right("saved_parameters")
def both_by_formula():
    return lambda side, channels, maps, kernel: (convolution(channels, maps, kernel), connected(side, channels, maps))


@right("saved_parameters")
def builds_both_and_counts():
    def count_both(side, channels, maps, kernel):
        pair = nn.Conv2d(channels, maps, kernel), nn.Linear(channels * side**2, maps * side**2)
        return [ae.count_parameters(layer) for layer in pair]

    return count_both


@right("saved_parameters")
def a_tensor_of_two():
    def count_both(side, channels, maps, kernel):
        made = maps * side**2
        return torch.tensor([maps * channels * kernel**2 + maps, channels * side**2 * made + made])

    return count_both


@right("even_doubling")
def repeats_pixels_then_convolves():
    return lambda channels, maps: nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(channels, maps, 3, padding=1))


@right("even_doubling")
def bilinear_with_a_larger_kernel_and_relu():
    def make_doubling(channels, maps):
        enlarge = nn.Upsample(scale_factor=2, mode="bilinear")
        return nn.Sequential(enlarge, nn.Conv2d(channels, maps, 5, padding="same"), nn.ReLU())

    return make_doubling


class Doubling(nn.Module):
    """Enlarges by a function of tensors, between two convolutions."""

    def __init__(self, channels, maps, enlarge):
        super().__init__()
        self.before, self.after = nn.Conv2d(channels, 7, 3, padding=1), nn.Conv2d(7, maps, 3, padding=1)
        self.norm, self.enlarge = nn.BatchNorm2d(7), enlarge

    def forward(self, given):
        return self.after(self.enlarge(torch.relu(self.norm(self.before(given)))))


@right("even_doubling")
def two_convolutions_and_interpolate():
    return lambda channels, maps: Doubling(channels, maps, lambda x: functional.interpolate(x, scale_factor=2))


@right("even_doubling")
def repeat_interleave():
    def twice(images):
        return images.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)

    return lambda channels, maps: Doubling(channels, maps, twice)


class Tied(nn.Module):
    """A transposed convolution whose kernel of 4 is a kernel of 3, spread over 2 pixels."""

    def __init__(self, channels, maps):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(channels, maps, 3, 3))

    def forward(self, given):
        spread = sum(functional.pad(self.weight, (x, 1 - x, y, 1 - y)) for x in (0, 1) for y in (0, 1))
        return functional.conv_transpose2d(given, spread, stride=2, padding=1)


@right("even_doubling")
def transposed_with_tied_weights():
    return lambda channels, maps: Tied(channels, maps)


def transposed(*settings):
    """A make_doubling of one transposed convolution with these settings."""
    return lambda channels, maps: nn.ConvTranspose2d(channels, maps, *settings)


@wrong("even_doubling", "uneven overlap")
def transposed_with_a_kernel_of_3():
    return transposed(3, 2, 1, 1)


@wrong("even_doubling", "uneven overlap")
def transposed_with_a_kernel_of_5():
    return transposed(5, 2, 2, 1)


@wrong("even_doubling", "weights by place")
def transposed_with_a_kernel_of_4():
    return transposed(4, 2, 1)


@wrong("even_doubling", "weights by place")
def transposed_without_overlap():
    return transposed(2, 2)


@wrong("even_doubling", "weights by place")
def pixels_shuffled_out_of_channels():
    return lambda channels, maps: nn.Sequential(nn.Conv2d(channels, 4 * maps, 3, padding=1), nn.PixelShuffle(2))


@wrong("even_doubling", "wrong at the edge")
def transposed_without_output_padding():
    return transposed(3, 2, 1)


@wrong("even_doubling", "wrong at the edge")
def no_padding():
    return lambda channels, maps: nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(channels, maps, 3))


@wrong("even_doubling", "not doubled")
def only_convolves():
    return lambda channels, maps: nn.Conv2d(channels, maps, 3, padding=1)


@wrong("even_doubling", "wrong number of maps")
def only_repeats():
    return lambda channels, maps: nn.Upsample(scale_factor=2)


@wrong("even_doubling", "size built in")
def always_14_pixels():
    return lambda channels, maps: nn.Sequential(nn.Upsample(size=(14, 14)), nn.Conv2d(channels, maps, 3, padding=1))


@wrong("even_doubling", "sizes do not match")
def always_16_channels():
    return lambda channels, maps: nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(16, maps, 3, padding=1))


@wrong("even_doubling", "sizes do not match")
def a_linear_layer():
    def make_doubling(channels, maps):
        return nn.Sequential(nn.Flatten(), nn.Linear(49 * channels, 196 * maps), nn.Unflatten(1, (maps, 14, 14)))

    return make_doubling


class Untrained(nn.Module):
    """Enlarges, and chooses among the channels."""

    def __init__(self, channels, maps):
        super().__init__()
        self.chosen = torch.arange(maps) % channels

    def forward(self, given):
        return functional.interpolate(given, scale_factor=2)[:, self.chosen]


@wrong("even_doubling", "no parameters")
def nothing_to_learn():
    return lambda channels, maps: Untrained(channels, maps)


@wrong("even_doubling", "blocks of four")
def convolves_first():
    return lambda channels, maps: nn.Sequential(nn.Conv2d(channels, maps, 3, padding=1), nn.Upsample(scale_factor=2))


@wrong("even_doubling", "blocks of four")
def a_kernel_of_one_pixel():
    return lambda channels, maps: nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(channels, maps, 1))


@wrong("even_doubling", "no module")
def an_image_and_not_a_block():
    return lambda channels, maps: torch.zeros(1, maps, 14, 14)


@wrong("even_doubling", "one direction only")
def doubles_the_height():
    return lambda channels, maps: nn.Sequential(
        nn.Upsample(scale_factor=(2, 1)), nn.Conv2d(channels, maps, 3, padding=1)
    )


@wrong("even_doubling", "four times")
def doubles_twice():
    return lambda channels, maps: nn.Sequential(
        nn.Upsample(scale_factor=2), nn.Conv2d(channels, maps, 3, padding=1), nn.Upsample(scale_factor=2)
    )
