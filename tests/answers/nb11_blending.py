"""Answers to the questions of notebook 11."""

import math

import torch
from torch.nn import functional

from answers import right, wrong


def mixed(model, first, second, count):
    """Codes (count, latent) on the straight way from the code of one image to that of the other."""
    codes = model.encoder(torch.stack([first, second]))
    return torch.lerp(codes[:1], codes[1:], torch.linspace(0, 1, count)[:, None])


right(
    "film_of_codes",
    all_stops_at_once=lambda model, *given: model.decoder(mixed(model, *given)),
    one_after_the_other=lambda model, *given: torch.cat([model.decoder(code[None]) for code in mixed(model, *given)]),
    a_list_of_images=lambda model, *given: [model.decoder(code[None])[0].detach() for code in mixed(model, *given)],
)


def angles(first, second):
    """The angles between the codes of each pair, (n, 1), never quite 0."""
    return functional.cosine_similarity(first, second)[:, None].clamp(-1, 1 - 1e-7).arccos()


def arc(first, second, t, angle):
    return (torch.sin((1 - t) * angle) * first + torch.sin(t * angle) * second) / torch.sin(angle)


right(
    "way_on_the_sphere",
    an_angle_that_is_never_zero=lambda first, second, t: arc(first, second, t, angles(first, second).clamp_min(1e-3)),
    an_array_of_doubles=lambda first, second, t: arc(
        first.double(), second.double(), t, angles(first.double(), second.double())
    ).numpy(),
)


@right("way_on_the_sphere")
def sinc_has_no_hole(first, second, t):
    turns = angles(first.double(), second.double()) / math.pi
    weights = [share * torch.sinc(share * turns) / torch.sinc(turns) for share in (1 - t, t)]
    return (weights[0] * first + weights[1] * second).float()


@wrong("film_of_codes", "all alike")
def one_code_that_moves_on(model, first, second, count):
    code, end = model.encoder(torch.stack([first, second])).detach()
    step, film = (end - code) / (count - 1), []
    for _ in range(count):
        film.append(code)
        code += step
    return model.decoder(torch.stack(film))


@wrong("way_on_the_sphere", "small angles")
def a_line_up_to_half_a_radian(first, second, t):
    angle = angles(first, second)
    return torch.where(angle < 0.5, torch.lerp(first, second, t), arc(first, second, t, angle))


@wrong("way_on_the_sphere", "cut off near 180 degrees")
def cosines_of_at_most_0_999(first, second, t):
    return arc(first, second, t, angles(first, second).cos().clamp(-0.999, 0.999).arccos())
