"""Answers to the questions of notebook 10."""

import math

import numpy as np
from skimage.metrics import peak_signal_noise_ratio
import torch

import aeutils as ae
from answers import right, wrong, wrong_ones


def errors(images, originals):
    """The squared error per pixel of each image."""
    return (images - originals).square().mean((1, 2, 3))


@right("decibels")
def in_a_loop_with_the_courses_measure(images, originals):
    levels = []
    for image, original in zip(images, originals, strict=True):
        levels.append(-10 * math.log10(ae.per_pixel_error(image[None], original[None])))
    return sum(levels) / len(levels)


right(
    "decibels",
    each_image_then_the_mean=lambda images, originals: (10 * torch.log10(1 / errors(images, originals))).mean(),
    peak_over_the_root=lambda images, originals: 20 * (1 / errors(images, originals).sqrt()).log10().mean().item(),
)


@right("decibels")
def scikit_image(images, originals):
    pairs = zip(originals.numpy(), images.numpy(), strict=True)
    return np.mean([peak_signal_noise_ratio(original, image, data_range=1) for original, image in pairs])


@right("known_pixels_stay")
def two_wheres(model, images, missing):
    return torch.where(missing, model(torch.where(missing, 0.5, images)), images)


@right("known_pixels_stay")
def a_copy_that_is_written_into(model, images, missing):
    filled = images.clone()
    filled[missing] = 0.5
    with torch.no_grad():
        filled[missing] = model(filled)[missing]
    return filled


@wrong("known_pixels_stay", "keeps NaN")
def multiplied_masks(model, images, missing):
    hole = missing.float()
    return images * (1 - hole) + model(images * (1 - hole) + 0.5 * hole).detach() * hole


@right("known_pixels_stay")
def masked_fill_image_by_image(model, images, missing):
    filled = []
    for image, hole in zip(images, missing, strict=True):
        answer = model(image.masked_fill(hole, 0.5)[None])[0]
        filled.append(answer.where(hole, image))
    return torch.stack(filled)


@wrong("known_pixels_stay", "replaces known pixels")
def puts_together_the_wrong_way_round(model, images, missing):
    return torch.where(missing, images, model(torch.where(missing, 0.5, images)))


@wrong("known_pixels_stay", "mask the wrong way round")
def paints_over_what_is_known(model, images, missing):
    seen = torch.where(missing, 0.25, torch.full_like(images, 0.5))
    return torch.where(missing, model(seen), images)


@wrong("known_pixels_stay", "leaves the holes")
def asks_and_forgets_the_answer(model, images, missing):
    seen = torch.where(missing, 0.5, images)
    model(seen)
    return seen


@wrong("known_pixels_stay", "changes what it was given")
def writes_into_the_images(model, images, missing):
    images[missing] = 0.5
    return torch.where(missing, model(images), images)


@wrong("known_pixels_stay", "another filling")
def half_of_both(model, images, missing):
    seen = torch.where(missing, 0.5, images)
    return torch.where(missing, (model(seen) + seen) / 2, images)


def scores(model, images):
    """The reconstruction error of each image."""
    with torch.no_grad():
        return (model(images) - images).square().sum((1, 2, 3))


@right("alarms_as_promised")
def a_quantile_of_validation(model, validation, images, share):
    return scores(model, images) > scores(model, validation).quantile(1 - share)


@right("alarms_as_promised")
def numpy_and_errors_per_pixel(model, validation, images, share):
    known, strange = (scores(model, each).numpy() / 784 for each in (validation, images))
    return strange >= np.percentile(known, 100 * (1 - share))


@right("alarms_as_promised")
def sorts_and_counts(model, validation, images, share):
    known = scores(model, validation).sort(descending=True).values
    threshold = known[round(share * len(known))]
    return [score > threshold for score in scores(model, images).tolist()]


@right("alarms_as_promised")
def the_rank_of_each_image(model, validation, images, share):
    above = scores(model, validation)[None] > scores(model, images)[:, None]
    return above.float().mean(1) < share


wrong_ones(
    "known_pixels_stay",
    {
        "replaces known pixels": lambda model, images, missing: model(torch.where(missing, 0.5, images)),
        "shows what means nothing": [
            lambda model, images, missing: torch.where(missing, model(images), images),
            lambda model, images, missing: torch.where(missing, model(images.where(missing, 0.5)), images),
        ],
        "another number in the holes": lambda model, images, missing: torch.where(
            missing, model(images * ~missing), images
        ),
        "never asks the model": lambda model, images, missing: torch.where(missing, 0.5, images),
        "wrong shape": lambda model, images, missing: model(torch.where(missing, 0.5, images))[missing],
        "shows grey only": lambda model, images, missing: torch.where(
            missing, model(torch.full_like(images, 0.5)), images
        ),
        "rounds known pixels": lambda model, images, missing: torch.where(
            missing, model(torch.where(missing, 0.5, images)), images.round()
        ),
    },
)
