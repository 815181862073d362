"""Answers to the questions of notebook 10."""

import numpy as np
from skimage.metrics import peak_signal_noise_ratio
import torch

from answers import fresh, right, wrong, wrong_ones


def errors(images, originals):
    """The squared error per pixel of each image."""
    return (images - originals).square().mean((1, 2, 3))


right(
    "decibels",
    each_image_then_the_mean=lambda images, originals: (10 * torch.log10(1 / errors(images, originals))).mean(),
    of_pixels_from_0_to_1=lambda images, originals: (
        10 * torch.log10(1 / errors(images.clamp(0, 1), originals.clamp(0, 1)))
    ).mean(),
    peak_over_the_root=lambda images, originals: 20 * (1 / errors(images, originals).sqrt()).log10().mean().item(),
)


@wrong("decibels", "by the library")
def scikit_image(images, originals):
    pairs = zip(originals.numpy(), images.numpy(), strict=True)
    return np.mean([peak_signal_noise_ratio(original, image, data_range=1) for original, image in pairs])


wrong_ones(
    "decibels",
    {
        "there is median in place of another function": lambda images, originals: (
            10 * torch.log10(1 / errors(images, originals))
        ).median(),
        "the last of images counts alone, and so with originals": lambda images, originals: (
            10 * torch.log10(1 / errors(images, originals))
        )[-1],
    },
)
right(
    "known_pixels_stay",
    both_halves=lambda model, images, missing: torch.where(
        missing, model.decoder(model.encoder(images.masked_fill(missing, 0.5))), images
    ),
    two_wheres=lambda model, images, missing: torch.where(missing, model(torch.where(missing, 0.5, images)), images),
    images_one_by_one=lambda model, images, missing: torch.stack(
        [
            model(image.masked_fill(hole, 0.5)[None])[0].where(hole, image)
            for image, hole in zip(images, missing, strict=True)
        ]
    ),
)


@right("known_pixels_stay")
def a_copy_that_is_written_into(model, images, missing):
    filled = images.clone()
    filled[missing] = 0.5
    with torch.no_grad():
        filled[missing] = model(filled)[missing]
    return filled


def scores(model, images):
    """The reconstruction error of each image."""
    with torch.no_grad():
        return (model(images) - images).square().sum((1, 2, 3))


def a_quantile_of_validation(model, validation, images, share):
    return scores(model, images) > scores(model, validation).quantile(1 - share)


right(
    "alarms_as_promised",
    a_quantile=a_quantile_of_validation,
    numpy_and_errors_per_pixel=lambda model, validation, images, share: (
        scores(model, images).numpy() / 784 >= np.percentile(scores(model, validation) / 784, 100 * (1 - share))
    ),
    the_rank_of_each_image=lambda model, validation, images, share: (
        (scores(model, validation) > scores(model, images)[:, None]).float().mean(1) < share
    ),
)
wrong_ones(
    "alarms_as_promised",
    {
        "not compared": lambda model, validation, images, share: (
            scores(model, images) - scores(model, validation).quantile(1 - share)
        ),
        "places": lambda *given: a_quantile_of_validation(*given).nonzero().flatten(),
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
        "keeps NaN": lambda model, images, missing: (
            images * ~missing + model(images * ~missing + 0.5 * missing) * missing
        ),
        "changes its input": lambda model, images, missing: torch.where(
            missing, model(images.masked_fill_(missing, 0.5)), images
        ),
        "replaces known pixels": lambda model, images, missing: torch.where(
            missing.any(0), model(torch.where(missing, 0.5, images)), images
        ),
    },
)


@fresh("known_pixels_stay", "fails for more")
def keeps_what_the_model_said_first():
    def infill(model, images, missing, kept=[]):  # noqa: B006  the mistake
        kept[:] = kept or [model(torch.where(missing, 0.5, images))]
        return torch.where(missing, kept[0], images)

    return infill


@wrong("known_pixels_stay", "sizes do not match")
def image_by_image_without_their_axis(model, images, missing):
    filled = images.clone()
    for at, mask in enumerate(missing):
        filled[at][mask] = model(images[at].masked_fill(mask, 0.5))[mask]
    return filled


@wrong("alarms_as_promised", "one number")
def share_of_alarms(model, validation, images, share):
    limit = (model(validation) - validation).square().sum((1, 2, 3)).quantile(1 - share)
    return ((model(images) - images).square().sum((1, 2, 3)) > limit).float().mean()
