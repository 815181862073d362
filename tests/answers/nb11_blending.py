"""Answers to the questions of notebook 11."""

import math

import numpy as np
import torch
from torch.nn import functional

from answers import right, wrong


@right("film_of_codes")
def all_stops_at_once(model, first, second, count):
    codes = model.encoder(torch.stack([first, second]))
    way = torch.linspace(0, 1, count)[:, None]
    return model.decoder((1 - way) * codes[0] + way * codes[1])


@right("film_of_codes")
def one_stop_after_the_other(model, first, second, count):
    start, end = model.encoder(first[None]), model.encoder(second[None])
    film = []
    for step in range(count):
        film.append(model.decoder(start + step / (count - 1) * (end - start)))
    return torch.cat(film).detach()


@right("film_of_codes")
def a_list_of_images(model, first, second, count):
    start, end = model.encoder(first[None])[0], model.encoder(second[None])[0]
    return [model.decoder(torch.lerp(start, end, t.item())[None])[0] for t in torch.linspace(0, 1, count)]


def angles(first, second):
    """The angles between the codes of each pair, (n, 1), never quite 0."""
    return functional.cosine_similarity(first, second)[:, None].clamp(-1, 1 - 1e-7).arccos()


def arc(first, second, t, angle):
    return (torch.sin((1 - t) * angle) * first + torch.sin(t * angle) * second) / torch.sin(angle)


right(
    "way_on_the_sphere",
    an_angle_that_is_never_zero=lambda first, second, t: arc(first, second, t, angles(first, second).clamp_min(1e-3)),
)


@right("way_on_the_sphere")
def one_pair_after_the_other(first, second, t):
    codes = []
    for a, b in zip(first.double().numpy(), second.double().numpy(), strict=True):
        cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        angle = math.acos(min(1.0, max(-1.0, cosine)))
        if math.sin(angle) < 1e-6:
            codes.append((1 - t) * a + t * b)
        else:
            codes.append((math.sin((1 - t) * angle) * a + math.sin(t * angle) * b) / math.sin(angle))
    return torch.tensor(np.array(codes)).float()


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
