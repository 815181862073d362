"""Answers to the questions of notebook 12."""

import math

import numpy as np
from scipy import ndimage
import torch
from torch.nn import functional

from answers import right, wrong


def after_warm_up(fall):
    """A schedule whose warm-up is right; fall(way), as a part of the highest rate, comes afterwards."""

    def schedule(progress, learning_rate):
        return learning_rate * (progress / 0.1 if progress < 0.1 else fall((progress - 0.1) / 0.9))

    return schedule


right("warm_cosine", a_sine_that_falls=after_warm_up(lambda way: (1 - math.sin(math.pi * (way - 0.5))) / 2))


@right("warm_cosine")
def numbers_of_numpy(progress, learning_rate):
    way = np.clip((progress - 0.1) / 0.9, 0, 1)
    return np.interp(progress, [0, 0.1], [0, learning_rate]) * (1 + np.cos(np.pi * way)) / 2


@right("warm_cosine")
def tensors_without_axes(progress, learning_rate):
    progress = torch.tensor(progress)
    falling = (1 + torch.cos(torch.pi * (progress - 0.1) / 0.9)) / 2
    return learning_rate * torch.where(progress <= 0.1, progress / 0.1, falling)


@wrong("warm_cosine", "a square too much")
def a_wave_squared(progress, learning_rate):
    return learning_rate * (numbers_of_numpy(progress, 1) ** (1 if progress < 0.1 else 2))


wrong("warm_cosine", "another fall")(after_warm_up(lambda way: 1 - way**2 * (3 - 2 * way)), "smooth polynomial")


def moved(images, down, right):
    """The right answer: padding may be negative."""
    return functional.pad(images, (right, -right, down, -down))


right(
    "shift_without_wrapping",
    padding_that_may_be_negative=moved,
    scipy_shifts=lambda images, down, right: torch.from_numpy(
        ndimage.shift(images.numpy(), (0, 0, down, right), order=0)
    ),
)


@right("shift_without_wrapping")
def a_grid_with_rounding(images, down, right):
    maps = torch.tensor([[1, 0, -2 * right / 28], [0, 1, -2 * down / 28]]).repeat(len(images), 1, 1)
    return functional.grid_sample(
        images, functional.affine_grid(maps, list(images.shape), align_corners=False), align_corners=False
    )


@wrong("shift_without_wrapping", "into the next row")
def into_the_next_row_and_blackened(images, down, right):
    return torch.roll(images, 28 * down + right) * (moved(torch.ones_like(images), down, 0) > 0)


@wrong("shift_without_wrapping", "another distance")
def by_two_at_most(images, down, right):
    return moved(images, max(-2, min(2, down)), max(-2, min(2, right)))


@wrong("shift_without_wrapping", "pixels mixed")
def over_the_images(images, down, right):
    return images + moved(images, down, right)


@wrong("shift_without_wrapping", "pixels mixed")
def in_thousandths(images, down, right):
    return moved(images, down, right).round(decimals=3)


@wrong("shift_without_wrapping", "fails far away")
def a_margin_of_nine(images, down, right):
    return functional.pad(images, (9, 9, 9, 9))[:, :, 9 - down : 37 - down, 9 - right : 37 - right]


@wrong("shift_without_wrapping", "images is kept in bytes, of 256 values,")
def by_way_of_bytes(images, down, right):
    return moved((images * 255).byte(), down, right) / 255


@wrong("warm_cosine", "progress is rounded to one decimal")
def in_tenths(progress, learning_rate):
    return tensors_without_axes(round(progress, 1), learning_rate)


wrong("warm_cosine", "a list")(
    lambda progress, learning_rate: [numbers_of_numpy(progress, learning_rate)], "in brackets"
)
