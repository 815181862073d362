"""Answers to the questions of notebook 13."""

import math

import numpy as np
import torch
from torch.distributions import Normal, kl_divergence

from answers import right, wrong


@right("bits_of_variables")
def by_the_library(means, deviations):
    standard = Normal(torch.zeros_like(means), torch.ones_like(means))
    return kl_divergence(Normal(means, deviations), standard).mean(dim=0) / math.log(2)


@right("bits_of_variables")
def variable_by_variable(means, deviations):
    bits = []
    for mean, deviation in zip(means.T.tolist(), deviations.T.tolist(), strict=True):
        prices = [(m * m + s * s - 1) / 2 - math.log(s) for m, s in zip(mean, deviation, strict=True)]
        bits.append(sum(prices) / len(prices) / math.log(2))
    return bits


@right("bits_of_variables")
def with_numpy(means, deviations):
    m, s = means.numpy(), deviations.numpy()
    return (0.5 * (m**2 + s**2 - 1) / np.log(2) - np.log2(s)).mean(axis=0)


@right("drawn_codes")
def power_of_a_half(means, variances, noise):
    return noise * variances**0.5 + means


@right("drawn_codes")
def by_logarithms(means, variances, noise):
    return means + (variances.log() / 2).exp() * noise


@right("drawn_codes")
def fused(means, variances, noise):
    return torch.addcmul(means.expand_as(noise), torch.sqrt(variances), noise)


@right("velocity")
def by_the_beginning(points, ends, t):
    beginning = (points - t * ends) / (1 - t)
    return ends - beginning


@right("velocity")
def time_left(points, ends, t):
    return torch.div(ends - points, 1 - t)


@right("velocity")
def row_by_row(points, ends, t):
    return torch.stack([(end - point) / (1 - time) for point, end, time in zip(points, ends, t, strict=True)])


@right("share_right")
def by_gather(probabilities, wanted):
    return (probabilities.gather(1, wanted[:, None]) >= 0.9).double().mean()


@right("share_right")
def sure_and_right(probabilities, wanted):
    sure, said = probabilities.max(dim=1)
    return ((sure >= 0.9) & (said == wanted)).sum() / len(wanted)


@right("share_right")
def one_by_one(probabilities, wanted):
    good = 0
    for row, digit in zip(probabilities, wanted, strict=True):
        if row[digit] >= 0.9:
            good += 1
    return good / len(wanted)


@wrong("share_right", "classes counted in wanted")
def as_many_classes_as_the_largest_wanted(probabilities, wanted):
    return ((probabilities * torch.nn.functional.one_hot(wanted)).sum(1) >= 0.9).float().mean()


@wrong("velocity", "only the distance")
def no_time(points, ends, t):
    return torch.sub(ends, points)


@wrong("share_right", "must be above")
def more_than_that(probabilities, wanted):
    return (probabilities[range(len(wanted)), wanted] > 0.9).float().mean()


@wrong("share_right", "rounded")
def rounded_to_a_tenth(probabilities, wanted):
    return round((probabilities[range(len(wanted)), wanted] >= 0.9).float().mean().item(), 1)


@wrong("drawn_codes", "no gradient")
def gradient_to_the_means_only(means, variances, noise):
    return means + variances.detach().sqrt() * noise


@wrong("share_right", "another threshold")
def rounded_first(probabilities, wanted):
    return (probabilities[range(len(wanted)), wanted].round(decimals=1) >= 0.9).float().mean()


@wrong("drawn_codes", "another shape")
def an_axis_in_front(means, variances, noise):
    return means[None] + variances.sqrt()[None] * noise


@wrong("bits_of_variables", "degrees of freedom")
def one_image_fewer(means, deviations):
    return by_the_library(means, deviations) * len(means) / (len(means) - 1)


@wrong("bits_of_variables", "something is rounded on the way")
def whole_bits_of_each_image(means, deviations):
    each = [by_the_library(*one).round() for one in zip(means.split(1), deviations.split(1), strict=True)]
    return torch.stack(each).mean(0)


@wrong("drawn_codes", "noise cut off")
def two_deviations_at_most(means, variances, noise):
    return means + variances.sqrt() * noise.clamp(-2, 2)


@wrong("velocity", "+0.01 is added to what is divided by")
def never_by_zero(points, ends, t):
    return (ends - points) / (1 - t + 0.01)


@wrong("share_right", "index along another axis")
def gathers_along_the_drawings(probabilities, wanted):
    return (probabilities.gather(0, wanted[None])[0] >= 0.9).float().mean()
