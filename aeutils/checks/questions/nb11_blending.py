"""Questions of notebook 11, Blending."""

import math

import torch
from torch.nn import functional

from aeutils.checks import probes
from aeutils.checks.explain import near
from aeutils.checks.kinds import Case, ask, letter
from aeutils.models import fully_connected


def _bent_model(times=1):
    """A model with 3 latent variables, not trained, whose encoder and decoder are far from weighted sums.

    times: how much larger its codes are.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(11)
        model = fully_connected((1, 28, 28), 3, (16,))
    with torch.no_grad():
        for layer in (model.decoder[0], model.decoder[2]):
            layer.weight *= 2
        model.encoder[-1].weight *= times
    return model.eval()


def _two_films():
    one, two, three = probes.some_digits(3).split(1)
    return [
        Case(_bent_model(times), first[0], second[0], count, shown=f"{{name}}(model, first, second, {count})")
        for first, second, count, times in (
            (one, two, 5, 1),
            (three, one, 4, 1),
            (two, three, 40, 6),
            (one, three, 2, 1),
        )
    ]


def _mixed(ends, parts):
    """Mixtures of two ends, with these parts of the second."""
    parts = torch.as_tensor(parts, dtype=torch.float32).reshape(-1, *[1] * (ends.ndim - 1))
    return (1 - parts) * ends[0] + parts * ends[1]


def _decoded(parts):
    """A wrong film: codes mixed with other parts, decoded; parts: a function of the count."""
    return lambda model, first, second, count: model.decoder(_mixed(_codes(model, first, second), parts(count)))


def _codes(model, first, second):
    return model.encoder(torch.stack([first, second]))


def _ends(model, first, second, _):
    return model.decoder(_codes(model, first, second)).detach().double()


def _even(count):
    return torch.arange(count) / (count - 1)


@ask(
    "11",
    "A film from one image to the other",
    "morph(model, first, second, count)",
    cases=_two_films,
    hint="Encode both images, walk between their codes, decode every stop: each is (1 - t) times the first code and t "
    "times the second, with t in equal steps from 0 to 1.",
    form="images, {}: blended codes, decoded",
    rules={
        "all alike": (
            "All images of your film are the same. Is t, or does a list hold one code, changed in place (+=)?",
            lambda made, *given: not near(made, made[:1].expand_as(made)),
        ),
        "another start": (
            "The film begins with the first image, as the model gives it back. Yours begins with something else.",
            lambda made, *given: near(made[0], _ends(*given)[0], 1e-3, 1e-4),
        ),
        "another end": (
            "The film ends with the second image, as the model gives it back. Yours ends with something else.",
            lambda made, *given: near(made[-1], _ends(*given)[1], 1e-3, 1e-4),
        ),
        "another path": (
            "Both ends are right, what lies between is not. Each code is (1 - t) times the first and t times the "
            "second, with t in equal steps, none rounded: compare stop by stop.",
            lambda made, *given: False,
        ),
    },
    mistakes={
        "returns codes": (
            "These are codes, not yet images. Which half of the model turns codes into images?",
            lambda model, first, second, count: _mixed(_codes(model, first, second), _even(count)),
        ),
        "mixes pixels": (
            "You mixed the images. Mix what the encoder makes of them.",
            lambda model, first, second, count: _mixed(torch.stack([first, second]), _even(count)),
        ),
        "mixes reconstructions": (
            "You decoded the two codes and mixed the images. That is a double exposure, too: mix before you decode.",
            lambda model, first, second, count: _mixed(model.decoder(_codes(model, first, second)), _even(count)),
        ),
        "encodes the mixture": (
            "You mixed the images and sent the mixture through the model. Encode first, then mix the codes.",
            lambda model, first, second, count: model(_mixed(torch.stack([first, second]), _even(count))),
        ),
        "reconstructions encoded": (
            "You encoded what the model gives back. Encode the images themselves, and decode once.",
            lambda model, *given: model(_decoded(_even)(model, *given)),
            lambda model, first, second, count: model.decoder(
                _mixed(model.encoder(model(torch.stack([first, second]))), _even(count))
            ),
        ),
        "codes changed": (
            "The codes are changed before you mix them: moved, scaled or cut off. Take them as the encoder gives them.",
            *[
                lambda model, first, second, count, way=way: model.decoder(
                    _mixed(way(_codes(model, first, second)), _even(count))
                )
                for way in (functional.normalize, lambda c: c - c.mean(0), lambda c: c.clamp(0, 1), functional.hardtanh)
            ],
        ),
        "on an arc": (
            "Between the ends, your codes go along an arc. Asked for is the straight way.",
            lambda m, one, two, count: m.decoder(_arc(*_codes(m, one, two)[:, None], _even(count)[:, None])),
        ),
        "weights do not add up": (
            "Do the two weights of each stop add up to 1? Halfway, each code counts half.",
            lambda model, first, second, count: model.decoder(
                _codes(model, first, second)[0] + _even(count)[:, None] * _codes(model, first, second)[1]
            ),
        ),
    },
)
def film_of_codes(model, first, second, count):
    """So many images (count, 1, 28, 28), decoded on the straight way from one code to the other."""
    start, end = model.encoder(torch.stack([first, second]))
    way = torch.linspace(0, 1, count)[:, None]
    return model.decoder((1 - way) * start + way * end)


FIRST = torch.tensor([[3.0, 0, 0], [1.0, 2, 2], [0.0, 2, 0], [1.0, 0, 0.5], [3.0, 0.6, 0]])
SECOND = torch.tensor([[2.0, 4, 0], [2.0, 2, 1], [0.0, 1, 1], [-1.0, 1, 0], [1.0, 0.5, 0]])
SAME = torch.tensor([[1.0, 2, 2], [3.0, 1, 1], [0.3, 0.1, 0.7]])
ANGLES = "63, 27, 45, 129, 15"
MANY = torch.randn(300, 20, generator=torch.Generator().manual_seed(0))  # rounding takes some cosines above 1
NEAR_AND_FAR = MANY[:150] + torch.linspace(0.12, 5, 150)[:, None] * MANY[150:]
LONG = 40 * MANY.reshape(100, 60)
EQUAL = "Where two directions are equal, the sine of their angle is 0. And rounding may take a cosine above 1. Which "
EQUAL += "pairs are wrong, and is the choice each pair's own? There the lengths of the ends may still differ."


def _angle(first, second):
    """The angle between the two codes of each pair, in radians, (n, 1)."""
    return torch.arccos(functional.cosine_similarity(first, second).clamp(-1, 1)[:, None])


def _arc(first, second, t, angle=None, part=None):
    """Codes on the arcs from first to second, with their own angles or others; straight, to part, if there is none."""
    own = _angle(first, second)
    angle = own if angle is None else angle
    arc = (torch.sin((1 - t) * angle) * first + torch.sin(t * angle) * second) / torch.sin(angle)
    return torch.where(own > 1e-3, arc, torch.lerp(first, second, t if part is None else part))


def _bare(first, second, t, little=0.0, most=1.0):
    """The formula of section 2, with the cosine cut off, and a little added to the sine."""
    angle = torch.arccos(functional.cosine_similarity(first, second).clamp(max=most))[:, None]
    return (torch.sin((1 - t) * angle) * first + torch.sin(t * angle) * second) / (torch.sin(angle) + little)


@ask(
    "11",
    "A sphere without a hole",
    "on_any_sphere(first, second, t)",
    cases=[
        *[Case(FIRST, SECOND, t, shown=f"{{name}}, for pairs at {ANGLES} degrees and t = {t},") for t in (0.25, 0.5)],
        Case(FIRST, 0.6 * SECOND - FIRST, 0.3, shown="{name}, for five pairs at angles of 127 degrees and more,"),
        Case(
            FIRST[:4],
            0.05 * SECOND[:4] - FIRST[:4],
            0.3,
            shown="{name}, for four pairs of nearly opposite directions,",
            name="cut off near 180 degrees",
            hint="These directions are nearly opposite, not quite. Is the angle, or its cosine, kept away from there?",
        ),
        Case(
            torch.cat([FIRST, 1 + SECOND], 1),
            torch.cat([SECOND, FIRST], 1),
            0.4,
            shown="{name}, for codes of 6 numbers,",
        ),
        *[Case(SECOND, FIRST, t, shown=f"{{name}}, for five pairs of codes and t = {t},") for t in (0.0, 1.0)],
        Case(3 * torch.eye(3), 2 * torch.eye(3).roll(1, 0), 0.7, shown="{name}, for three pairs at right angles,"),
        Case(LONG[:1], LONG[1:2], 0.8, shown="{name}, for one pair of codes of 60 numbers,"),
        Case(MANY[:150], NEAR_AND_FAR, 0.6, shown="{name}, for 150 pairs of codes, from near to far,"),
        Case(
            torch.cat([SAME, SAME, FIRST]),
            torch.cat([SAME, 2 * SAME, SECOND]),
            0.5,
            shown="{name}, for eleven pairs, of which six have equal directions, and t = 0.5,",
            name="divides by zero",
            hint=EQUAL,
        ),
        Case(MANY, 1.7 * MANY, 0.5, shown="{name}, for 300 pairs of equal directions,", name="rounding", hint=EQUAL),
        Case(
            torch.cat([FIRST, 2 * SAME]),
            torch.cat([SECOND, SAME]),
            0.2,
            shown="{name}, for eight pairs, of which three have equal directions, and t = 0.2,",
            name="another way",
            hint="Where the angle is 0, the lengths of the two ends may still differ: the way is straight, from the "
            "first at t = 0 to the second at t = 1.",
        ),
    ],
    hint="One code for each pair is asked for, as long as theirs. Compare the angle, and then the weights of both "
    "codes, with on_the_sphere: what are the weights at t = 0, and what at t = 1?",
    mistakes={
        "straight for all": (
            "Where one pair has equal directions, all pairs go straight in yours. Choose for each pair: torch.where.",
            lambda first, second, t: (
                torch.lerp(first, second, t) if (_angle(first, second) < 1e-3).any() else _arc(first, second, t)
            ),
        ),
        "0 for equal directions": (
            "Where the angle comes out as 0, yours gives 0. Which points lie between the two codes there?",
            lambda first, second, t: _bare(first, second, t, most=2).nan_to_num(),
            *[
                lambda first, second, t, little=little: _bare(first, second, t, little).nan_to_num()
                for little in (0, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12)
            ],
        ),
        "one of the two": (
            "Where two directions are equal, yours gives one of the two codes. They may differ in length.",
            *[lambda first, second, t, part=part: _arc(first, second, t, part=part) for part in (0, 1)],
        ),
        "straight line": ("That is the straight line. On the sphere the weights are sines.", torch.lerp),
        "pushed out to the sphere": (
            "That is the straight line, pushed out to the sphere: it runs faster in its middle. The weights are sines.",
            lambda first, second, t: (
                functional.normalize(torch.lerp(first, second, t))
                * torch.lerp(first.norm(dim=1), second.norm(dim=1), t)[:, None]
            ),
            lambda first, second, t: functional.normalize(torch.lerp(first, second, t)) * first.norm(dim=1)[:, None],
        ),
        "lengths apart": (
            "You turn directions and blend lengths, each by itself. The weights belong to the codes as they are.",
            lambda first, second, t: (
                _arc(functional.normalize(first), functional.normalize(second), t)
                * torch.lerp(first.norm(dim=1), second.norm(dim=1), t)[:, None]
            ),
        ),
        "loses the lengths": (
            "Yours has length 1 everywhere. At t = 0 the code itself must come out, with the length that it has.",
            lambda first, second, t: functional.normalize(torch.lerp(first, second, t)),
            lambda first, second, t: _arc(functional.normalize(first), functional.normalize(second), t),
        ),
        "small angles": (
            "Where the angle is small, yours leaves the arc. Only where it is nearly 0 may a line take over.",
            *[
                lambda first, second, t, least=least, most=most: _arc(
                    first, second, t, _angle(first, second).clamp(least, math.pi - most)
                )
                for least in (0.3, 0.4, 0.5, 1, math.acos(0.9))
                for most in (0, least)
            ],
            *[
                lambda first, second, t, least=least: torch.where(
                    _angle(first, second) < least, torch.lerp(first, second, t), _arc(first, second, t)
                )
                for least in (0.3, 0.5, 0.8, 1)
            ],
        ),
        "degrees": (
            "sin takes radians. In which unit is your angle?",
            lambda first, second, t: _arc(first, second, t, _angle(first, second).rad2deg()),
        ),
        "cosine for angle": (
            "That is the cosine. The angle is its arccos.",
            lambda first, second, t: _arc(first, second, t, _angle(first, second).cos()),
        ),
        "not an angle": (
            "The arccos of what? A cosine is the product of two directions, of length 1 each.",
            lambda first, second, t: _arc(first, second, t, torch.arccos((first * second).sum(1, keepdim=True))),
        ),
        "one angle for all": (
            "Each pair has an angle of its own.",
            lambda first, second, t: _arc(first, second, t, _angle(first, second).mean()),
            lambda first, second, t: _arc(first, second, t, _angle(first.T, second.T).T),
            lambda first, second, t: _arc(first.T, second.T, t).T,
        ),
        "straight line everywhere": (
            "Where the angle is not 0, yours should follow the arc. Which of the two branches is taken when?",
            lambda first, second, t: torch.where(_angle(first, second) > 1e-3, torch.lerp(first, second, t), torch.nan),
        ),
        "not divided": (
            "At t = 1 the second code must come out as it is.",
            lambda first, second, t: _arc(first, second, t) * _angle(first, second).sin(),
        ),
        "other way round": ("At t = 0 yours begins with the second.", lambda first, second, t: _arc(second, first, t)),
    },
    passed="The shorter the arc, the straighter it is: where there is none left, the straight line does as well.",
)
def way_on_the_sphere(first, second, t):
    """Codes (n, latent) on the arcs between the pairs of two tensors of codes, equal directions too."""
    angle = torch.arccos(functional.cosine_similarity(first, second).clamp(-1, 1))[:, None]
    arc = (torch.sin((1 - t) * angle) * first + torch.sin(t * angle) * second) / torch.sin(angle)
    return torch.where(angle > 1e-3, arc, torch.lerp(first, second, t))


letter(
    "blend_of_pca_codes",
    "11",
    "Blending the codes of PCA",
    right="b",
    wrong={
        "a": "Only a decoder that bends does more than mix images. PCA's decoder is a weighted sum. Can that bend?",
        "c": "PCA keeps 20 numbers of 784. Does what was lost come back when two codes are mixed?",
        "d": "Nothing in PCA looks for a digit. What does a weighted sum do to an average?",
    },
    passed="Weighted sums and averages may change places. Without a bend, mixing codes is mixing reconstructions.",
)
