"""Answers to the questions of notebook 11."""

import math

import numpy as np
import torch
from torch.distributions import Normal, kl_divergence
from torch.nn import functional

from answers import right, wrong


@right("film_of_codes")
def all_stops_at_once():
    def morph(model, first, second, count):
        codes = model.encoder(torch.stack([first, second]))
        way = torch.linspace(0, 1, count)[:, None]
        return model.decoder((1 - way) * codes[0] + way * codes[1])

    return morph


@right("film_of_codes")
def one_stop_after_the_other():
    def morph(model, first, second, count):
        start, end = model.encoder(first[None]), model.encoder(second[None])
        film = []
        for step in range(count):
            film.append(model.decoder(start + step / (count - 1) * (end - start)))
        return torch.cat(film).detach()

    return morph


@right("film_of_codes")
def a_list_of_images():
    def morph(model, first, second, count):
        start, end = model.encoder(first[None])[0], model.encoder(second[None])[0]
        return [model.decoder(torch.lerp(start, end, t.item())[None])[0] for t in torch.linspace(0, 1, count)]

    return morph


@right("film_of_codes")
def weights_as_a_matrix():
    def morph(model, first, second, count):
        weights = torch.stack([torch.linspace(1, 0, count), torch.linspace(0, 1, count)], dim=1)
        with torch.no_grad():
            return model.decoder(weights @ model.encoder(torch.stack([first, second])))

    return morph


def film(shares):
    """A morph that decodes the codes at shares(count) of the way."""

    def morph(model, first, second, count):
        codes, way = model.encoder(torch.stack([first, second])), shares(count)[:, None]
        return model.decoder((1 - way) * codes[0] + way * codes[1])

    return morph


def pixels_on_the_way(first, second, count):
    """The mixtures of two images."""
    way = torch.linspace(0, 1, count)[:, None, None, None]
    return (1 - way) * first + way * second


@wrong("film_of_codes", "mixes pixels")
def mixes_the_images():
    return lambda model, first, second, count: pixels_on_the_way(first, second, count)


@wrong("film_of_codes", "encodes the mixture")
def mixes_the_images_and_reconstructs_them():
    return lambda model, first, second, count: model(pixels_on_the_way(first, second, count))


@wrong("film_of_codes", "mixes reconstructions")
def decodes_before_it_mixes():
    return lambda model, first, second, count: pixels_on_the_way(model(first[None]), model(second[None]), count)


@wrong("film_of_codes", "returns codes")
def forgets_the_decoder():
    def morph(model, first, second, count):
        codes = model.encoder(torch.stack([first, second]))
        return torch.lerp(codes[:1], codes[1:], torch.linspace(0, 1, count)[:, None])

    return morph


@wrong("film_of_codes", "other way round")
def from_the_second_to_the_first():
    return film(lambda count: torch.linspace(1, 0, count))


@wrong("film_of_codes", "misses the end")
def divides_by_the_count():
    return film(lambda count: torch.arange(count) / count)


@wrong("film_of_codes", "misses the start")
def counts_from_one():
    return film(lambda count: torch.arange(1, count + 1) / count)


@wrong("film_of_codes", "misses both ends")
def only_what_lies_between():
    return film(lambda count: torch.arange(1, count + 1) / (count + 1))


@wrong("film_of_codes", "wrong number")
def takes_the_ends_for_extras():
    return film(lambda count: torch.linspace(0, 1, count + 2))


@wrong("film_of_codes", "weights do not add up")
def keeps_the_first_code_whole():
    def morph(model, first, second, count):
        codes, way = model.encoder(torch.stack([first, second])), torch.linspace(0, 1, count)[:, None]
        return model.decoder(codes[0] + way * codes[1])

    return morph


@wrong("film_of_codes", "another film")
def steps_that_grow():
    return film(lambda count: torch.linspace(0, 1, count) ** 2)


def angles(first, second):
    """The angles between the codes of each pair, (n, 1), never quite 0."""
    return functional.cosine_similarity(first, second)[:, None].clamp(-1, 1 - 1e-7).arccos()


def arc(first, second, t, angle):
    return (torch.sin((1 - t) * angle) * first + torch.sin(t * angle) * second) / torch.sin(angle)


@right("way_on_the_sphere")
def the_straight_line_where_there_is_no_arc():
    def on_the_sphere(first, second, t):
        angle = functional.cosine_similarity(first, second)[:, None].clamp(-1, 1).arccos()
        return torch.where(angle < 1e-3, torch.lerp(first, second, t), arc(first, second, t, angle))

    return on_the_sphere


@right("way_on_the_sphere")
def an_angle_that_is_never_zero():
    return lambda first, second, t: arc(first, second, t, angles(first, second).clamp_min(1e-3))


@right("way_on_the_sphere")
def one_pair_after_the_other():
    def on_the_sphere(first, second, t):
        codes = []
        for a, b in zip(first.double().numpy(), second.double().numpy(), strict=True):
            cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
            angle = math.acos(min(1.0, max(-1.0, cosine)))
            if math.sin(angle) < 1e-6:
                codes.append((1 - t) * a + t * b)
            else:
                codes.append((math.sin((1 - t) * angle) * a + math.sin(t * angle) * b) / math.sin(angle))
        return torch.tensor(np.array(codes)).float()

    return on_the_sphere


@right("way_on_the_sphere")
def sinc_has_no_hole():
    def on_the_sphere(first, second, t):
        turns = angles(first.double(), second.double()) / math.pi
        weights = [share * torch.sinc(share * turns) / torch.sinc(turns) for share in (1 - t, t)]
        return (weights[0] * first + weights[1] * second).float()

    return on_the_sphere


@wrong("way_on_the_sphere", "divides by zero")
def as_in_section_2():
    def on_the_sphere(first, second, t):
        angle = torch.arccos(functional.cosine_similarity(first, second, dim=1))[:, None]
        return arc(first, second, t, angle)

    return on_the_sphere


@wrong("way_on_the_sphere", "straight line")
def the_straight_line():
    return lambda first, second, t: torch.lerp(first, second, t)


@wrong("way_on_the_sphere", "loses the lengths")
def normalises_the_ends():
    def on_the_sphere(first, second, t):
        first, second = functional.normalize(first), functional.normalize(second)
        return arc(first, second, t, angles(first, second).clamp_min(1e-3))

    return on_the_sphere


@wrong("way_on_the_sphere", "degrees")
def the_angle_in_degrees():
    return lambda first, second, t: arc(first, second, t, angles(first, second).clamp_min(1e-3).rad2deg())


@wrong("way_on_the_sphere", "cosine for angle")
def forgets_the_arccos():
    return lambda first, second, t: arc(first, second, t, functional.cosine_similarity(first, second)[:, None])


@wrong("way_on_the_sphere", "not an angle")
def forgets_the_lengths_in_the_cosine():
    return lambda first, second, t: arc(first, second, t, (first * second).sum(1, keepdim=True).arccos())


@wrong("way_on_the_sphere", "one angle for all")
def the_average_angle():
    return lambda first, second, t: arc(first, second, t, angles(first, second).mean())


@wrong("way_on_the_sphere", "not divided")
def forgets_the_sine_below():
    def on_the_sphere(first, second, t):
        angle = angles(first, second)
        return torch.sin((1 - t) * angle) * first + torch.sin(t * angle) * second

    return on_the_sphere


@wrong("way_on_the_sphere", "other way round")
def begins_with_the_second():
    return lambda first, second, t: arc(second, first, t, angles(first, second).clamp_min(1e-3))


@wrong("way_on_the_sphere", "another way")
def keeps_the_first_where_the_directions_are_equal():
    def on_the_sphere(first, second, t):
        angle = functional.cosine_similarity(first, second)[:, None].clamp(-1, 1).arccos()
        return torch.where(angle < 1e-3, first, arc(first, second, t, angle))

    return on_the_sphere


def nats(mean, log_variance):
    return (mean**2 + log_variance.exp() - 1 - log_variance) / 2


@right("bits_in_each")
def the_term_over_the_logarithm_of_two():
    return lambda mean, log_variance: nats(mean, log_variance).mean(0) / math.log(2)


@right("bits_in_each")
def asks_torch_for_the_divergence():
    def bits_per_variable(mean, log_variance):
        divergence = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0))
        return (divergence / torch.tensor(2.0).log()).mean(dim=0)

    return bits_per_variable


@right("bits_in_each")
def one_variable_after_the_other():
    def bits_per_variable(mean, log_variance):
        bits = []
        for variable in range(mean.shape[1]):
            own = nats(mean[:, variable], log_variance[:, variable])
            bits.append(own.mean().item() * math.log2(math.e))
        return bits

    return bits_per_variable


@right("bits_in_each")
def numpy_with_a_logarithm_to_the_base_two():
    def bits_per_variable(mean, log_variance):
        mean, variance = mean.numpy(), np.exp(log_variance.numpy())
        return ((mean**2 + variance - 1) / np.log(4) - np.log2(variance) / 2).mean(axis=0)

    return bits_per_variable


@wrong("bits_in_each", "nats")
def forgets_the_bits():
    return lambda mean, log_variance: nats(mean, log_variance).mean(0)


@wrong("bits_in_each", "wrong conversion")
def multiplies_by_the_logarithm():
    return lambda mean, log_variance: nats(mean, log_variance).mean(0) * math.log(2)


@wrong("bits_in_each", "forgets the half")
def no_half():
    return lambda mean, log_variance: 2 * nats(mean, log_variance).mean(0) / math.log(2)


@wrong("bits_in_each", "nats without the half")
def neither_half_nor_bits():
    return lambda mean, log_variance: 2 * nats(mean, log_variance).mean(0)


@wrong("bits_in_each", "sum over the images")
def sums_the_images():
    return lambda mean, log_variance: nats(mean, log_variance).sum(0) / math.log(2)


@wrong("bits_in_each", "one per image")
def averages_the_variables():
    return lambda mean, log_variance: nats(mean, log_variance).mean(1) / math.log(2)


@wrong("bits_in_each", "one number")
def averages_everything():
    return lambda mean, log_variance: nats(mean, log_variance).sum(1).mean() / math.log(2)


@wrong("bits_in_each", "wrong shape")
def no_average():
    return lambda mean, log_variance: nats(mean, log_variance) / math.log(2)


@wrong("bits_in_each", "turned round")
def all_signs_wrong():
    return lambda mean, log_variance: -nats(mean, log_variance).mean(0) / math.log(2)


@wrong("bits_in_each", "wrong sign")
def adds_the_logarithm():
    def bits_per_variable(mean, log_variance):
        return (mean**2 + log_variance.exp() - 1 + log_variance).mean(0) / 2 / math.log(2)

    return bits_per_variable


@wrong("bits_in_each", "log-variance as variance")
def takes_the_size_of_the_logarithm_for_the_variance():
    return lambda mean, log_variance: nats(mean, log_variance.abs().clamp_min(1e-12).log()).mean(0) / math.log(2)


@wrong("bits_in_each", "standard deviation")
def takes_the_deviation_for_the_variance():
    def bits_per_variable(mean, log_variance):
        return (mean**2 + (log_variance / 2).exp() - 1 - log_variance).mean(0) / 2 / math.log(2)

    return bits_per_variable


@wrong("bits_in_each", "mean not squared")
def forgets_the_square():
    def bits_per_variable(mean, log_variance):
        return (mean + log_variance.exp() - 1 - log_variance).mean(0) / 2 / math.log(2)

    return bits_per_variable


@right("blend_of_pca_codes")
def the_average_of_the_reconstructions():
    return "b"


@wrong("blend_of_pca_codes", "chose a")
def moved_strokes():
    return "a"


@wrong("blend_of_pca_codes", "chose c")
def the_average_of_the_images():
    return "c"


@wrong("blend_of_pca_codes", "chose d")
def the_nearest_digit():
    return "d"
