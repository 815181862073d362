"""Questions of notebook 13, Drawing new digits."""

import math

import torch

from aeutils.checks.kinds import MORE, Case, ask, letter

MEANS = torch.tensor([[0.0, 1.0, -2.0], [0.0, -1.0, 1.5]])
DEVIATIONS = torch.tensor([[1.0, 0.5, 0.1], [1.0, 0.8, 0.3]])
OTHERS = torch.tensor([[0.4, 2.0], [1.0, -1.0], [-0.6, 0.5], [0.2, 1.5]])
MANY = torch.randn(3, 40, 12, generator=torch.Generator().manual_seed(13))
LATER = torch.linspace(0, 0.95, 40)[:, None]
THEIR_DEVIATIONS = torch.tensor([[0.9, 0.2], [0.7, 0.3], [1.2, 0.25], [0.6, 0.4]])


def _nats(means, deviations):
    """Nats (n, latent) of normal distributions against the standard one."""
    return (means**2 + deviations**2 - 1 - (deviations**2).log()) / 2


def _bits(nats):
    return nats / math.log(2)


@ask(
    "13",
    "How many bits does each latent variable cost?",
    "bits_of_variables(means, deviations)",
    cases=[
        Case(MEANS, DEVIATIONS, shown="{name}, for two images and three variables,"),
        Case(OTHERS, THEIR_DEVIATIONS, shown="{name}, for four images and two variables,"),
        Case(4 * OTHERS, 3 * THEIR_DEVIATIONS**5, shown="{name}, for deviations from 0.001 to 7,"),
        Case(MANY[0, :3, :3], MANY[1, :3, :3].exp(), shown="{name}, for three images and three variables,"),
        Case(
            20 * MEANS[1:],
            DEVIATIONS[1:] / 1000,
            shown="{name}, for one image, and means up to 30,",
            name="fails for one",
            hint="This is for a single image, with large means and small deviations. What is different in yours there?",
        ),
        Case(
            0.02 * MANY[0] * torch.arange(1, 13) ** 1.5,  # the first of them tells hardly anything
            (0.02 * MANY[1] * torch.arange(1, 13)).exp(),
            shown="{name}, for 40 images and twelve variables, some of which cost less than 0.01 bits,",
        ),
    ],
    hint="The formula of section 3 gives nats for each variable of each image. What turns nats into bits, and which "
    "axis counts the images?",
    mistakes={
        "nats": ("That is in nats. A bit is ln 2 = 0.69 nats.", lambda m, s: _nats(m, s).mean(0)),
        "the other way round": (
            "One nat is more than one bit, so there are more bits than nats.",
            lambda m, s: (_nats(m, s) * math.log(2)).mean(0),
        ),
        "prior and posterior exchanged": (
            "That is the divergence of the prior from the posterior. Which of the two does the formula divide by?",
            lambda m, s: _bits(((m / s) ** 2 + 1 / s**2 - 1 + (s**2).log()) / 2).mean(0),
        ),
        "deviation for variance": (
            "The formula has variances, and you are given standard deviations: their square roots.",
            lambda m, s: _bits((m**2 + s - 1 - s.log()) / 2).mean(0),
            lambda m, s: _bits((m**2 + s**2 - 1 - s.log()) / 2).mean(0),
            lambda m, s: _bits((m**2 + s - 1 - (s**2).log()) / 2).mean(0),
        ),
        "logarithm taken for given": (
            "You are given standard deviations, not the logarithms of variances: no exp is needed.",
            lambda m, s: _bits((m**2 + s.exp() - 1 - s) / 2).mean(0),
            lambda m, s: _bits((m**2 + (2 * s).exp() - 1 - 2 * s) / 2).mean(0),
        ),
        "logarithm to the base 2 inside": (
            "Only the logarithm became one to the base 2. All of the formula is in nats: divide the whole by ln 2.",
            lambda m, s: ((m**2 + s**2 - 1 - (s**2).log2()) / 2).mean(0),
        ),
        "not halved": (
            "There is a ½ in front of the formula. It belongs to every part.",
            lambda m, s: _bits(2 * _nats(m, s)).mean(0),
            lambda m, s: _bits(m**2 / 2 + s**2 - 1 - 2 * s.log()).mean(0),
        ),
        "mean not squared": (
            "A mean costs by its square, whichever side of 0 it lies on.",
            lambda m, s: _bits((m + s**2 - 1 - (s**2).log()) / 2).mean(0),
            lambda m, s: _bits((m.abs() + s**2 - 1 - (s**2).log()) / 2).mean(0),
        ),
        "plus the logarithm": (
            "The less a variable scatters, the more it costs: the logarithm of the variance is subtracted.",
            lambda m, s: _bits((m**2 + s**2 - 1 + (s**2).log()) / 2).mean(0),
        ),
        "without the 1": (
            "Where the posterior is the prior, with mean 0 and deviation 1, nothing is told. Yours is not 0 there.",
            lambda m, s: _bits((m**2 + s**2 - (s**2).log()) / 2).mean(0),
        ),
        "over the variables": (
            "You took the average over the variables. Which axis counts the images?",
            lambda m, s: _bits(_nats(m, s)).mean(1),
        ),
        "one number for all": (
            "That is one number. Each variable has its own.",
            lambda m, s: _bits(_nats(m, s)).mean(),
            lambda m, s: _bits(_nats(m, s)).sum(1).mean(),
        ),
        "averages first": (
            "You averaged means or deviations first. Each image has a price of its own; average the prices.",
            lambda m, s: _bits(_nats(m.mean(0), s.mean(0))),
        ),
    },
    passed="A variable at 0 bits has collapsed: it tells nothing about any image.",
)
def bits_of_variables(means, deviations):
    """Bits (latent,) that each variable costs for an image on average; means, deviations: (n, latent)."""
    variances = deviations**2
    nats = (means**2 + variances - 1 - variances.log()) / 2
    return (nats / math.log(2)).mean(0)


VARIANCES = torch.tensor([[1.0, 0.25, 0.04], [0.81, 0.36, 0.09]])
NOISE = torch.tensor([[[0.5, -1.0, 2.0], [3.2, 0.3, -0.7]], [[-0.2, 0.8, 1.1], [0.6, -1.4, 0.9]]])


def _noise():
    """Cases: two images drawn once each, then twice each."""
    return [
        Case(MEANS, VARIANCES, NOISE[0], shown="{name}, for two images with three variables each,"),
        Case(MEANS, VARIANCES, NOISE, shown="{name}, for the same two images and twice as much noise,"),
        Case(
            90 * MEANS, 500 * VARIANCES**3, NOISE[[0, 1, 1]].roll(1, 1), shown="{name}, for large codes, three draws,"
        ),
        Case(MEANS, VARIANCES, NOISE[:1], shown="{name}, for two images, and the noise of a single draw,"),
        Case(
            MANY[0],
            (0.02 + MANY[1].abs()) ** 2,
            2 * torch.stack([*MANY, *-MANY]),
            shown="{name}, for 40 images with twelve variables each and six draws,",
            **MORE,
        ),
    ]


@ask(
    "13",
    "Draw codes: reparameterisation",
    "drawn_codes(means, variances, noise)",
    cases=_noise,
    hint="z is the mean plus the standard deviation times the noise, number by number.",
    gradient=(0, 1),
    mistakes={
        "variance for deviation": (
            "You multiplied the noise by the variance. The standard deviation is its square root.",
            lambda m, v, e: m + v * e,
        ),
        "squared": (
            "A standard deviation is the square root of a variance, not its square.",
            lambda m, v, e: m + v**2 * e,
        ),
        "logarithm taken for given": (
            "You are given the variances themselves, not their logarithms: no exp is needed.",
            lambda m, v, e: m + (v / 2).exp() * e,
            lambda m, v, e: m + v.exp() * e,
        ),
        "noise cut off": (
            "Large numbers come out smaller in yours. Use the noise as it is given, and codes as they come out.",
            *[lambda m, v, e, most=most: m + v.sqrt() * e.clamp(-most, most) for most in (1, 2, 2.5, 3)],
            *[lambda m, v, e, most=most: (m + v.sqrt() * e).clamp(-most, most) for most in (1, 2, 3, 4, 5)],
        ),
        "blended": (
            "Yours blends mean and noise: the more the noise counts, the less the mean does. The mean counts as it is.",
            lambda m, v, e: torch.lerp(m.expand_as(e), e, v.sqrt().expand_as(e)),
        ),
        "noise as it is": ("How far the noise reaches depends on the variance.", lambda m, v, e: m + e),
        "without the mean": ("The noise lies around the mean. Where is the mean?", lambda m, v, e: v.sqrt() * e),
        "without the noise": (
            "That is the same in every draw.",
            lambda m, v, e: m + v.sqrt(),
            lambda m, v, e: m + 0 * e,
        ),
        "minus the noise": (
            "As a distribution that would do as well, but use the noise as it is given: plus.",
            lambda m, v, e: m - v.sqrt() * e,
        ),
        "noise on the whole": (
            "Only the deviation is multiplied by the noise, not the mean.",
            lambda m, v, e: (m + v.sqrt()) * e,
            lambda m, v, e: m * e + v.sqrt(),
        ),
        "divided": ("A larger variance lets the noise reach further.", lambda m, v, e: m + e / v.sqrt()),
        "standardised": (
            "That is the reverse, from a code to its noise. Solve it for the code.",
            lambda m, v, e: (e - m) / v.sqrt(),
        ),
        "noise averaged": (
            "The noise is averaged in yours. Each image, in each draw, has noise of its own.",
            lambda m, v, e: m + v.sqrt() * e.mean(0),
            lambda m, v, e: m + v.sqrt() * e.mean(),
        ),
        "axes exchanged": (
            "Your numbers are right, but draws and images have changed places. Keep the axes of the noise.",
            lambda m, v, e: (m + v.sqrt() * e).transpose(0, 1) if e.ndim == 3 else m + v.sqrt() * e,
        ),
        "draws for images": (
            "The first axis of the noise counts draws, the second images. Yours takes each draw for an image.",
            lambda m, v, e: m[:, None] + v.sqrt()[:, None] * e if e.ndim == 3 else m + v.sqrt() * e,
            lambda m, v, e: torch.stack([a + b.sqrt() * c for a, b, c in zip(m, v, e, strict=False)]),
        ),
        "only the first draw": (
            "There is noise for several draws. Each of them is asked for.",
            lambda m, v, e: m + v.sqrt() * (e[0] if e.ndim == 3 else e),
            lambda m, v, e: m + v.sqrt() * (e[:1].expand_as(e) if e.ndim == 3 else e),
        ),
    },
    passed="Means and variances are parameters in an ordinary formula now, so gradients flow to both.",
)
def drawn_codes(means, variances, noise):
    """Codes in the shape of noise, (n, latent) or (draws, n, latent), from means and variances, (n, latent) each."""
    return means + variances.sqrt() * noise


POINTS = torch.tensor([[0.0, 1.0], [2.0, -1.0], [0.5, 0.25]])
ENDS = torch.tensor([[1.0, 1.5], [-1.0, 0.0], [2.0, 3.0]])


@ask(
    "13",
    "How fast to the end?",
    "velocity(points, ends, t)",
    cases=[
        Case(
            POINTS, ENDS, torch.tensor([[0.25], [0.5], [0.8]]), shown="{name}, for three points at t = 0.25, 0.5, 0.8,"
        ),
        Case(
            POINTS + 1,
            ENDS.flip(0) - 2,
            torch.tensor([[0.1], [0.9], [0.4]]),
            shown="{name}, for points at t = 0.1, 0.9, 0.4,",
        ),
        Case(
            POINTS, ENDS, torch.tensor([[0.01], [0.99], [0.9995]]), shown="{name}, for points at t from 0.01 to 0.9995,"
        ),
        Case(
            MANY[0, :1, :5],
            MANY[1, :1, :5],
            LATER[:1],
            shown="{name}, for one point of five numbers at t = 0,",
            name="fails at 0",
            hint="This is for one point of five numbers, at t = 0. Is a number built in, or is there a rule for 0?",
        ),
        Case(*MANY[:2], LATER, shown="{name}, for 40 points of twelve numbers, from t = 0 to 0.95,", **MORE),
    ],
    hint="How far is it from the point to the end, and how much time is left until t = 1?",
    mistakes={
        "only the distance": (
            "That is what is left of the path. In how much time has it to be covered?",
            lambda x, end, t: end - x,
        ),
        "backwards": (
            "Yours leads away from the end.",
            lambda x, end, t: (x - end) / (1 - t),
            lambda x, end, t: x - end,
        ),
        "divided by the time gone": (
            "t is the time that has gone by since the noise. How much is left until 1?",
            lambda x, end, t: (end - x) / t,
        ),
        "multiplied": (
            "The less time is left, the faster: divide by it.",
            lambda x, end, t: (end - x) * (1 - t),
            lambda x, end, t: (end - x) * t,
        ),
        "a step, not a velocity": (
            "That is a point further on the path. Asked for is the velocity.",
            lambda x, end, t: x + (end - x) * (1 - t),
            lambda x, end, t: x + (end - x) * t,
            *[lambda x, end, t, n=n: x + (end - x) / (1 - t) / n for n in (10, 20, 30, 50, 100)],
        ),
        "the point too": (
            "That is the velocity and the point added up; to multiply the point by t comes to the same.",
            lambda x, end, t: x + (end - x) / (1 - t),
        ),
        "taken for the noise": (
            "The point is on the path at t, and not its beginning; nor is it the noise.",
            lambda x, end, t: end - (1 - t) * x,
            lambda x, end, t: t * end - (1 - t) * x,
        ),
        "brackets": (
            "Python divides before it subtracts. Do you divide one difference by the other, and are both in brackets?",
            lambda x, end, t: end - x / (1 - t),
            lambda x, end, t: end / (1 - t) - x,
            lambda x, end, t: (end - x) / 1 - t,
            lambda x, end, t: end - x / 1 - t,
        ),
        "another power": (
            "There is a root or a square in yours. A velocity is a distance divided by a time, both as they are.",
            lambda x, end, t: (end - x) / (1 - t) ** 2,
            lambda x, end, t: (end - x) / (1 - t).sqrt(),
            lambda x, end, t: (end - x) ** 2 / (1 - t),
        ),
        "one time for all": (
            "You take one time for all points. Each has a time of its own.",
            lambda x, end, t: (end - x) / (1 - t[0]),
            lambda x, end, t: (end - x) / (1 - t.mean()),
            lambda x, end, t: (end - x) / (1 - t.max()),
        ),
        "noise for velocity": (
            "That is where the path began. The velocity is the end minus that.",
            lambda x, end, t: (x - t * end) / (1 - t),
        ),
        "part of the beginning": (
            "What is left of a point without t times the end is not yet the beginning, but 1 - t times it.",
            lambda x, end, t: end - (x - t * end),
        ),
    },
    passed="On a straight path this is the end minus the beginning, at each t, though the beginning is not known.",
)
def velocity(points, ends, t):
    """Velocities (n, size) with which points (n, size), at times t (n, 1) on straight paths, reach the ends at 1."""
    return (ends - points) / (1 - t)


SURE = torch.tensor([[0.95, 0.03, 0.02], [0.92, 0.05, 0.03], [0.5, 0.3, 0.2], [0.03, 0.91, 0.06], [0.05, 0.15, 0.8]])
NEARLY = torch.tensor([[0.8996, 0.1004], [0.86, 0.14], [0.09, 0.91]])
TENS, DRAWN = torch.arange(24) % 10, torch.arange(150) % 24  # some drawings are there twice
BLEND = torch.lerp(torch.eye(10)[TENS + (TENS == 4)], torch.full((10,), 0.1), torch.linspace(0, 0.113, 24)[:, None])
"""Of ten classes, each sure of one, from 1 to 0.898; where a 4 is wanted, it is a 5."""
OTHER_SURE = torch.tensor([[0.01, 0.98, 0.01], [0.3, 0.6, 0.1], [0.94, 0.03, 0.03], [0.02, 0.03, 0.95]])


def _share(choose):
    """A wrong share; choose: which drawings count, given probabilities and the digits that were asked for."""
    return lambda probabilities, wanted: choose(probabilities, wanted).float().mean().item()


@ask(
    "13",
    "The share of the right class",
    "share_right(probabilities, wanted)",
    cases=[
        Case(SURE, torch.tensor([0, 1, 0, 1, 2]), shown="{name}, for five drawings and three classes,"),
        Case(OTHER_SURE, torch.tensor([1, 1, 2, 2]), shown="{name}, for four drawings and three classes,"),
        Case(
            torch.cat([OTHER_SURE, SURE[:3]]),
            torch.tensor([1, 1, 2, 2, 0, 0, 0]),
            shown="{name}, for seven drawings and three classes,",
        ),
        Case(SURE[:3], torch.tensor([1, 2, 0]), shown="{name}, where no drawing is what it should be,"),
        Case(
            NEARLY,
            torch.tensor([0, 0, 1]),
            shown="{name}, for drawings with 0.8996, 0.86 and 0.91 for what they should be,",
        ),
        Case(
            NEARLY.flip(1),
            torch.tensor([0, 0, 0]),
            shown="{name}, for drawings with 0.1004, 0.14 and 0.91 for class 0, which all should be,",
            name="classes counted in wanted",
            hint="How many classes there are is how many columns there are. Not each of them has to be wanted.",
        ),
        Case(
            torch.tensor([[0.9, 0.1], [0.1, 0.9], [0.6, 0.4]], dtype=torch.float64),
            torch.tensor([0, 0, 1]),
            shown="{name}, for three drawings with [0.9, 0.1], [0.1, 0.9], [0.6, 0.4], meant to be 0, 0, 1,",
            name="must be above",
            hint="At least 0.9 means 0.9 or more: 0.9 itself counts.",
        ),
        Case(
            torch.eye(3),
            torch.tensor([0, 1, 1]),
            shown="{name}, for three drawings sure to 1, two of which are what they should be,",
            name="fails for 1",
            hint="Here each drawing has a probability of 1 for one class. Does that count in yours?",
        ),
        Case(SURE[:1], torch.tensor([0]), shown="{name}, for one drawing that is what it should be,"),
        Case(BLEND[DRAWN], TENS[DRAWN], shown="{name}, for 150 drawings, some sure to 1, and ten classes,", **MORE),
    ],
    hint="For each drawing look at the probability of the digit that was asked for. When does it count?",
    mistakes={
        "never counts": (
            "Hardly a drawing counts in yours. Are the probabilities as they were given, or changed, as by a softmax?",
            lambda p, y: 0.0,
            _share(lambda p, y: (p / p.sum(0))[range(len(y)), y] >= 0.9),
        ),
        "class 0 never counts": (
            "Drawings that should be of class 0 never count in yours. Is 0 taken for nothing, as by an if or an and?",
            _share(lambda p, y: (p[range(len(y)), y] >= 0.9) & (y > 0)),
        ),
        "columns from 1": ("Classes count from 0, as columns do.", _share(lambda p, y: p[range(len(y)), y - 1] >= 0.9)),
        "any class": (
            "You count every drawing that the jury is sure of, of whatever class. It has to be the wanted one.",
            _share(lambda p, y: p.amax(1) >= 0.9),
        ),
        "one class for all": (
            "You look for the same class in every drawing. Each drawing has its own wanted class.",
            _share(lambda p, y: p[:, y[0]] >= 0.9),
        ),
        "not sure": (
            "That is the share of drawings for which the wanted class is the most probable one. It needs at least 0.9.",
            _share(lambda p, y: p.argmax(1) == y),
        ),
        "another threshold": (
            "At which probability does a drawing begin to count in yours: is one rounded? At least 0.9 is asked for.",
            *[
                lambda p, y, least=least: (p[range(len(y)), y] >= least).float().mean()
                for least in (0.51, 0.7, 0.8, 0.85, 0.88, 0.92, 0.93, 0.95, 0.98, 0.99)
            ],
        ),
        "among the accepted": (
            "You divide by the number of accepted drawings. Drawings that are no digit are failures, too.",
            lambda p, y: (
                ((p.argmax(1) == y) & (p.amax(1) >= 0.9)).sum().item() / max(1, (p.amax(1) >= 0.9).sum().item())
            ),
        ),
        "one of two": (
            "You count drawings for which one of two conditions holds. Both have to hold.",
            _share(lambda p, y: (p.amax(1) >= 0.9) | (p.argmax(1) == y)),
        ),
        "each class alike": (
            "You average over the classes, so that a rare one counts as much as a frequent one. Count drawings.",
            lambda p, y: torch.stack([(p[y == each, each] >= 0.9).float().mean() for each in y.unique()]).mean(),
            lambda p, y: (
                torch.stack([p[y == each, each][-1] >= 0.9 for each in y.unique()]).float().mean()  # a dictionary
            ),
        ),
        "ends with a failure": (
            "Yours stops at the first drawing that fails. Those after it count as well.",
            _share(lambda p, y: (p[range(len(y)), y] >= 0.9).cumprod(0)),
        ),
        "divided by the classes": (
            "You divide by the number of classes. Of what is it a share?",
            lambda p, y: (p[range(len(y)), y] >= 0.9).sum().item() / p.shape[1],
        ),
        "row for class": (
            "probabilities[wanted] takes whole rows. The classes are columns: one of them in each row.",
            _share(lambda p, y: p[y] >= 0.9),
            _share(lambda p, y: p[y].amax(1) >= 0.9),
        ),
        "none taken for the first": (
            "Where no class reaches 0.9, argmax still names one: the first. Look at the wanted class itself.",
            _share(lambda p, y: (p >= 0.9).float().argmax(1) == y),
        ),
        "mean of those that count": (
            "That is the mean probability of the drawings that count. How many count, as a share of all?",
            lambda p, y: (c := p[range(len(y)), y])[c >= 0.9].mean().item(),
        ),
        "mean probability": (
            "That is the mean probability of the wanted classes. Count drawings: each is in or out.",
            lambda p, y: p[range(len(y)), y].mean().item(),
        ),
        "counts": (
            "That is how many. As a share of all drawings?",
            lambda p, y: (p[range(len(y)), y] >= 0.9).sum().item(),
        ),
        "mean over classes, too": (
            "You compare every class of every drawing with 0.9. Only the wanted class counts.",
            _share(lambda p, y: p >= 0.9),
        ),
        "all columns for each": (
            "probabilities[:, wanted] is a table of all drawings against all wanted digits. Pair them: give a row "
            "number with each.",
            _share(lambda p, y: p[:, y] >= 0.9),
        ),
    },
    passed="An image that is no digit and one that is the wrong digit both count as failures.",
)
def share_right(probabilities, wanted):
    """Share of drawings whose wanted digit (n,) has a probability (n, classes) of at least 0.9."""
    return (probabilities[range(len(wanted)), wanted] >= 0.9).float().mean().item()


letter(
    "empty_codes",
    "13",
    "A price that is too high",
    right="b",
    wrong={
        "a": "To draw different digits the decoder must be told something. How many bits do its codes hold?",
        "c": "The decoder was trained with the squared error. Which single answer is best if nothing is known?",
        "d": "To know which digit to give out, the decoder would need to be told which. It is told nothing.",
    },
    passed="With nothing told, the best answer by the squared error is the average of all digits: blur at its utmost.",
)
