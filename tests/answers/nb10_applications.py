"""Answers to the questions of notebook 10."""

import numpy as np
from skimage.metrics import peak_signal_noise_ratio
import torch

from answers import right, wrong, wrong_ones


def errors(images, originals):
    """The squared error per pixel of each image."""
    return (images - originals).square().mean((1, 2, 3))


right(
    "decibels",
    each_image_then_the_mean=lambda images, originals: (10 * torch.log10(1 / errors(images, originals))).mean(),
    peak_over_the_root=lambda images, originals: 20 * (1 / errors(images, originals).sqrt()).log10().mean().item(),
)


@right("decibels")
def scikit_image(images, originals):
    pairs = zip(originals.numpy(), images.numpy(), strict=True)
    return np.mean([peak_signal_noise_ratio(original, image, data_range=1) for original, image in pairs])


wrong_ones(
    "decibels",
    {
        "there is median in place of another": lambda images, originals: (
            10 * torch.log10(1 / errors(images, originals))
        ).median(),
        "the last of images counts alone, and so with originals": lambda images, originals: (
            10 * torch.log10(1 / errors(images, originals))
        )[-1],
    },
)


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


@wrong("known_pixels_stay", "changes its input")
def writes_into_the_images(model, images, missing):
    images[missing] = 0.5
    return torch.where(missing, model(images), images)


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
def the_rank_of_each_image(model, validation, images, share):
    above = scores(model, validation)[None] > scores(model, images)[:, None]
    return above.float().mean(1) < share


@wrong("alarms_as_promised", "mean and deviations")
def the_95_percent_of_a_normal_distribution(model, validation, images, share):
    known = scores(model, validation)
    return scores(model, images) > known.mean() + 1.645 * known.std()


@wrong("alarms_as_promised", "not compared")
def scores_above_the_threshold(model, validation, images, share):
    return scores(model, images) - scores(model, validation).quantile(1 - share)


@wrong("alarms_as_promised", "places")
def where_it_rings(model, validation, images, share):
    return a_quantile_of_validation(model, validation, images, share).nonzero().flatten()


@wrong("alarms_as_promised", "another share")
def share_taken_twice(model, validation, images, share):
    return scores(model, images) > scores(model, validation).quantile(1 - 2 * share)


wrong_ones(
    "alarms_as_promised",
    {
        "something is rounded on the way": lambda model, validation, images, share: (
            scores(model, images) > scores(model, validation).quantile(1 - share).round()
        ),
        "not by error": lambda model, validation, images, share: (
            a_quantile_of_validation(model, validation, images, share / 2)
            | (scores(model, images) < scores(model, validation).quantile(share / 2))
        ),
        "another share": lambda model, validation, images, share: (
            scores(model, images) > scores(model, validation)[int(len(validation) * (1 - share))]
        ),
        "another difference": lambda model, validation, images, share: (
            (model(images) - images).sum((1, 2, 3)).square()
            > (model(validation) - validation).sum((1, 2, 3)).square().quantile(1 - share)
        ),
    },
)
wrong_ones(
    "decibels",
    {
        "the square comes after the sum or mean, not before it": lambda images, originals: (
            -10 * (images - originals).mean((1, 2, 3)).square().log10()
        ).mean(),
        "the first channel of images counts alone, and so with originals": lambda images, originals: (
            -10 * (images - originals)[:, 0].square().mean((1, 2)).log10()
        ).mean(),
        "+0.001 is added before a root or logarithm is taken": lambda images, originals: (
            -10 * (0.001 + (images - originals).square().mean((1, 2, 3))).log10()
        ).mean(),
    },
)
wrong_ones(
    "known_pixels_stay",
    {
        "replaces known pixels": lambda model, images, missing: torch.where(
            missing.any(0), model(torch.where(missing, 0.5, images)), images
        )
    },
)
