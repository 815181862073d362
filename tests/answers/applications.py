"""Answers to the questions of notebook 10."""

import math

import aeutils as ae
import numpy as np
from skimage.metrics import peak_signal_noise_ratio
import torch

from answers import right, wrong


def errors(pictures, originals):
    """The squared error per pixel of each picture."""
    return (pictures - originals).square().mean((1, 2, 3))


@right("decibels")
def each_picture_then_the_mean():
    return lambda pictures, originals: (10 * torch.log10(1 / errors(pictures, originals))).mean()


@right("decibels")
def in_a_loop_with_the_courses_measure():
    def mean_psnr(pictures, originals):
        levels = []
        for picture, original in zip(pictures, originals, strict=True):
            levels.append(-10 * math.log10(ae.per_pixel_error(picture[None], original[None])))
        return sum(levels) / len(levels)

    return mean_psnr


@right("decibels")
def peak_over_the_root():
    return lambda pictures, originals: 20 * (1 / errors(pictures, originals).sqrt()).log10().mean().item()


@right("decibels")
def scikit_image():
    def mean_psnr(pictures, originals):
        pairs = zip(originals.numpy(), pictures.numpy(), strict=True)
        return np.mean([peak_signal_noise_ratio(original, picture, data_range=1) for original, picture in pairs])

    return mean_psnr


@wrong("decibels", "averages the errors first")
def all_pixels_together():
    return lambda pictures, originals: -10 * (pictures - originals).square().mean().log10()


@wrong("decibels", "natural logarithm")
def log_instead_of_log10():
    return lambda pictures, originals: (10 * torch.log(1 / errors(pictures, originals))).mean()


@wrong("decibels", "wrong sign")
def forgets_to_turn_it_over():
    return lambda pictures, originals: (10 * errors(pictures, originals).log10()).mean()


@wrong("decibels", "wrong peak")
def the_peak_of_bytes():
    return lambda pictures, originals: (10 * torch.log10(255**2 / errors(pictures, originals))).mean()


@wrong("decibels", "root of the error")
def ten_times_with_the_root():
    return lambda pictures, originals: (10 * torch.log10(1 / errors(pictures, originals).sqrt())).mean()


@wrong("decibels", "summed over the pixels")
def the_courses_error_without_dividing():
    return lambda pictures, originals: (-10 * (784 * errors(pictures, originals)).log10()).mean()


@wrong("decibels", "not ten times")
def in_bel():
    return lambda pictures, originals: -errors(pictures, originals).log10().mean()


@wrong("decibels", "not one number")
def one_for_each_picture():
    return lambda pictures, originals: -10 * errors(pictures, originals).log10()


@wrong("decibels", "not squared")
def sizes_of_differences():
    return lambda pictures, originals: -10 * (pictures - originals).abs().mean((1, 2, 3)).log10().mean()


@wrong("decibels", "not squared")
def sizes_of_differences_squared_too_late():
    return lambda pictures, originals: -20 * (pictures - originals).abs().mean((1, 2, 3)).log10().mean()


@right("known_pixels_stay")
def two_wheres():
    def infill(model, pictures, missing):
        return torch.where(missing, model(torch.where(missing, 0.5, pictures)), pictures)

    return infill


@right("known_pixels_stay")
def a_copy_that_is_written_into():
    def infill(model, pictures, missing):
        filled = pictures.clone()
        filled[missing] = 0.5
        with torch.no_grad():
            filled[missing] = model(filled)[missing]
        return filled

    return infill


@right("known_pixels_stay")
def multiplied_masks():
    def infill(model, pictures, missing):
        hole = missing.float()
        return pictures * (1 - hole) + model(pictures * (1 - hole) + 0.5 * hole).detach() * hole

    return infill


@right("known_pixels_stay")
def masked_fill_picture_by_picture():
    def infill(model, pictures, missing):
        filled = []
        for picture, hole in zip(pictures, missing, strict=True):
            answer = model(picture.masked_fill(hole, 0.5)[None])[0]
            filled.append(answer.where(hole, picture))
        return torch.stack(filled)

    return infill


@wrong("known_pixels_stay", "replaces known pixels")
def the_whole_reconstruction():
    return lambda model, pictures, missing: model(torch.where(missing, 0.5, pictures))


@wrong("known_pixels_stay", "replaces known pixels")
def puts_together_the_wrong_way_round():
    def infill(model, pictures, missing):
        return torch.where(missing, pictures, model(torch.where(missing, 0.5, pictures)))

    return infill


@wrong("known_pixels_stay", "mask the wrong way round")
def paints_over_what_is_known():
    def infill(model, pictures, missing):
        seen = torch.where(missing, 0.25, torch.full_like(pictures, 0.5))
        return torch.where(missing, model(seen), pictures)

    return infill


@wrong("known_pixels_stay", "shows what means nothing")
def does_not_paint_the_holes():
    return lambda model, pictures, missing: torch.where(missing, model(pictures), pictures)


@wrong("known_pixels_stay", "shows what means nothing")
def paints_over_everything_else():
    return lambda model, pictures, missing: torch.where(missing, model(pictures.where(missing, 0.5)), pictures)


@wrong("known_pixels_stay", "another number in the holes")
def black_holes():
    return lambda model, pictures, missing: torch.where(missing, model(pictures * ~missing), pictures)


@wrong("known_pixels_stay", "never asks the model")
def grey_is_enough():
    return lambda model, pictures, missing: torch.where(missing, 0.5, pictures)


@wrong("known_pixels_stay", "leaves the holes")
def asks_and_forgets_the_answer():
    def infill(model, pictures, missing):
        seen = torch.where(missing, 0.5, pictures)
        model(seen)
        return seen

    return infill


@wrong("known_pixels_stay", "changes what it was given")
def writes_into_the_pictures():
    def infill(model, pictures, missing):
        pictures[missing] = 0.5
        return torch.where(missing, model(pictures), pictures)

    return infill


@wrong("known_pixels_stay", "another filling")
def half_of_both():
    def infill(model, pictures, missing):
        seen = torch.where(missing, 0.5, pictures)
        return torch.where(missing, (model(seen) + seen) / 2, pictures)

    return infill


@wrong("known_pixels_stay", "wrong shape")
def the_missing_pixels_alone():
    return lambda model, pictures, missing: model(torch.where(missing, 0.5, pictures))[missing]


def scores(model, images):
    """The reconstruction error of each picture."""
    with torch.no_grad():
        return (model(images) - images).square().sum((1, 2, 3))


@right("alarms_as_promised")
def a_quantile_of_validation():
    def raise_alarms(model, validation, pictures, share):
        return scores(model, pictures) > scores(model, validation).quantile(1 - share)

    return raise_alarms


@right("alarms_as_promised")
def numpy_and_errors_per_pixel():
    def raise_alarms(model, validation, pictures, share):
        known, strange = (scores(model, each).numpy() / 784 for each in (validation, pictures))
        return strange >= np.percentile(known, 100 * (1 - share))

    return raise_alarms


@right("alarms_as_promised")
def sorts_and_counts():
    def raise_alarms(model, validation, pictures, share):
        known = scores(model, validation).sort(descending=True).values
        threshold = known[round(share * len(known))]
        return [score > threshold for score in scores(model, pictures).tolist()]

    return raise_alarms


@right("alarms_as_promised")
def the_rank_of_each_picture():
    def raise_alarms(model, validation, pictures, share):
        above = scores(model, validation)[None] > scores(model, pictures)[:, None]
        return above.float().mean(1) < share

    return raise_alarms


@wrong("alarms_as_promised", "threshold from the pictures")
def a_quantile_of_the_pictures():
    def raise_alarms(model, validation, pictures, share):
        strange = scores(model, pictures)
        return strange > strange.quantile(1 - share)

    return raise_alarms


@wrong("alarms_as_promised", "wrong tail")
def the_quantile_of_the_share():
    return lambda model, known, pictures, share: scores(model, pictures) > scores(model, known).quantile(share)


@wrong("alarms_as_promised", "alarm for the familiar")
def below_the_threshold():
    return lambda model, known, pictures, share: scores(model, pictures) < scores(model, known).quantile(1 - share)


@wrong("alarms_as_promised", "the highest of validation")
def above_everything_known():
    return lambda model, known, pictures, share: scores(model, pictures) > scores(model, known).max()


@wrong("alarms_as_promised", "the mean of validation")
def above_the_average():
    return lambda model, known, pictures, share: scores(model, pictures) > scores(model, known).mean()


@wrong("alarms_as_promised", "scores, not alarms")
def the_scores_themselves():
    return lambda model, known, pictures, share: scores(model, pictures)


@wrong("alarms_as_promised", "not one for each picture")
def one_error_for_all():
    def raise_alarms(model, validation, pictures, share):
        return ae.evaluate(model, pictures) > scores(model, validation).quantile(1 - share)

    return raise_alarms


@wrong("alarms_as_promised", "not one for each picture")
def an_answer_for_each_pixel():
    def raise_alarms(model, validation, pictures, share):
        return (model(pictures) - pictures).square() > scores(model, validation).quantile(1 - share)

    return raise_alarms


@wrong("alarms_as_promised", "another threshold")
def a_fixed_threshold():
    return lambda model, known, pictures, share: scores(model, pictures) > 160


@right("how_true_is_an_alarm")
def rare_things_stay_rare():
    return "c"


@wrong("how_true_is_an_alarm", "chose a")
def the_detection_rate():
    return "a"


@wrong("how_true_is_an_alarm", "chose b")
def one_minus_the_false_alarms():
    return "b"


@wrong("how_true_is_an_alarm", "chose d")
def as_before_the_alarm():
    return "d"
