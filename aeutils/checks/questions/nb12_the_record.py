"""Questions of notebook 12, The record."""

from itertools import product
import math

import torch
from torch.nn import functional

from aeutils.checks.explain import near
from aeutils.checks.kinds import Case, ask, letter
from aeutils.optimizers import one_cycle

WARM = 0.1
"""Part of training in which the learning rate rises."""
MOMENTS = (0.0, 0.013, 0.025, 0.05, 0.08, 0.0987, WARM, 0.102, 0.115, 0.15, 0.4, 0.55, 0.618, 0.85, 0.97, 0.995, 1.0)
"""Progress at which a schedule is asked for its rate."""
PI, COS = math.pi, math.cos


def _half_wave(way):
    """From 1 to 0 along half a cosine, while way goes from 0 to 1."""
    return (1 + COS(PI * way)) / 2


def _right(moment, warm=WARM):
    """The right rate, as a part of the highest; warm: another part of training in which it rises."""
    return moment / warm if moment < warm else _half_wave((moment - warm) / (1 - warm))


def _whole(rate):
    """A schedule that is another one from beginning to end; rate: of the progress, as a part of the highest."""
    return lambda progress, learning_rate: learning_rate * rate(progress)


def _fall(rate):
    """A mistake after the warm-up; rate: of the way through the fall, 0 to 1, and of the progress."""
    return _whole(lambda moment: moment / WARM if moment < WARM else rate((moment - WARM) / (1 - WARM), moment))


def _rise(rate):
    """A mistake in the warm-up; rate: of the progress."""
    return _whole(lambda moment: rate(moment) if moment < WARM else _right(moment))


BEGINS = "At progress 0.1 your wave is on its way already. It should begin there: how much of training is left for it?"
BELOW = "A rate below 0 would make the error larger. A cosine goes from 1 to -1: how do you bring that between 1 and 0?"
ANGLE = "math.cos takes radians. At which angle is a cosine at its lowest, and does yours get there?"


@ask(
    "12",
    "Another schedule: warm-up, then a cosine",
    "schedule(progress, learning_rate)",
    cases=[(moment, highest) for highest in (0.4, 0.002, 30.0) for moment in MOMENTS],
    tolerance=1e-4,
    hint="Your function gets two plain numbers, and gives one: the learning rate at this moment.",
    mistakes={
        "ignores learning_rate": (
            "How high the rate rises is what learning_rate says. What does your function do with it?",
            *[lambda progress, _, rate=rate: rate * _right(progress) for rate in (1, 0.1, 0.01, 0.001, 0.003, 0.005)],
        ),
        "percent": ("progress ends at 1, not 100. Where does the first tenth end?", _whole(lambda moment: moment / 10)),
        "one cycle": (
            "That is the schedule ae.fit has anyway. Here the warm-up is straight, and begins and ends elsewhere.",
            _whole(lambda moment: one_cycle(moment, 1)),
        ),
        "wave from 0 on": (
            BEGINS,
            _whole(lambda moment: min(moment / WARM, 1) * _half_wave(moment)),
            _fall(lambda way, moment: _half_wave(moment)),
        ),
        "no warm-up": (
            "Yours begins high. A warm-up begins at 0.",
            _whole(_half_wave),
            _whole(lambda moment: _half_wave((moment - WARM) / (1 - WARM))),
            _rise(lambda moment: 1),
        ),
        "0 at first": ("Yours stays at 0 there. Does a division drop the decimals (//, int)?", _rise(lambda moment: 0)),
        "another pace": (
            "Yours rises straight, but at another pace. At which progress should it have reached the highest rate?",
            *[_rise(lambda moment, pace=pace: pace * moment) for pace in (1, 5, 20, 100, 9, 0.1, 1 / 0.9, 2)],
            *[_whole(lambda moment, warm=warm: _right(moment, warm)) for warm in (0.2, 0.05, 0.01, 0.5)],
        ),
        "a square too much": (
            "At progress 0.55 the rate should be half of the highest. Yours is a quarter: half, and squared.",
            _fall(lambda way, _: _half_wave(way) ** 2),
        ),
        "quarter wave": (
            "A quarter of a wave is flat at one end alone. Half a wave is steepest in the middle, flat at both ends.",
            _fall(lambda way, _: COS(PI * way / 2)),
            _fall(lambda way, _: 1 - math.sin(PI * way / 2)),
        ),
        "straight fall": (
            "Yours falls equally fast everywhere. A cosine is flat at both ends, and steepest in the middle.",
            _fall(lambda way, _: 1 - way),
        ),
        "degrees": (ANGLE, _fall(lambda way, _: (1 + COS(180 * way)) / 2)),
        "below 0": (BELOW, _fall(lambda way, _: COS(PI * way)), _fall(lambda way, _: COS(PI * way) / 2)),
        "never falls": ("The warm-up is right. Then yours should fall to 0, and stays.", _fall(lambda way, _: 1)),
        "warm-up never ends": (
            "Yours goes on rising after the first tenth. What decides which of the two rules holds?",
            _whole(lambda moment: moment / WARM),
        ),
        "parts exchanged": (
            "You have both parts. Which of them holds at the beginning, and which afterwards?",
            _whole(lambda moment: _half_wave((moment - WARM) / (1 - WARM)) if moment < WARM else moment / WARM),
        ),
        "not moved": (BEGINS, _fall(lambda way, moment: _half_wave(moment / (1 - WARM)))),
        "not stretched": (
            "Your wave begins at the right moment, but training ends before the wave does. How long may it be?",
            _fall(lambda way, moment: _half_wave(moment - WARM)),
        ),
        "whole wave": (
            "A whole wave comes up again. How much of it only falls?",
            _fall(lambda way, _: _half_wave(2 * way)),
        ),
        "forgets pi": (ANGLE, _fall(lambda way, _: (1 + COS(way)) / 2)),
        "upside down": (
            "After the warm-up, yours begins at 0 and rises. Where does a cosine begin, and what did you make of it?",
            _fall(lambda way, _: 1 - _half_wave(way)),
        ),
        "half a bracket": (
            "learning_rate multiplies a part of yours only. All of the half wave, from 1 to 0, is to be multiplied.",
            *[
                lambda moment, top, part=part: (
                    top * moment / WARM if moment < WARM else part(COS(PI * (moment - WARM) / (1 - WARM)), top)
                )
                for part in (lambda wave, top: (1 + wave * top) / 2, lambda wave, top: 0.5 + wave * top / 2)
            ],
        ),
        "halved in part": (
            "Your wave goes from 1.5 times learning_rate to half of it. Does the half reach all of 1 + cos?",
            _fall(lambda way, _: 1 + COS(PI * way) / 2),
        ),
        "not halved": (
            "Yours begins twice as high as learning_rate. From where to where does 1 + cos go?",
            _fall(lambda way, _: 2 * _half_wave(way)),
        ),
    },
    rules={
        "does not begin at 0": (
            "A warm-up begins at 0. What does your rule for the first tenth give there?",
            lambda made, moment, highest: moment > 0 or abs(made) < 1e-3 * highest,
        ),
        "bent warm-up": (
            "Straight is neither bent nor in stairs: a third of the first tenth gives a third of learning_rate. Yours?",
            lambda made, moment, highest: moment >= WARM or abs(made / highest - moment / WARM) < 1e-3,
        ),
        "below 0": lambda made, moment, highest: made > -1e-3 * highest,
        "above the highest": (
            "Yours rises above learning_rate, which should be the highest. Which of the two parts does so, and when?",
            lambda made, moment, highest: made < 1.001 * highest,
        ),
        "never reaches 0": (
            "At progress 1 the rate should be 0. What does each part of your formula give there?",
            lambda made, moment, highest: moment < 1 or abs(made) < 1e-3 * highest,
        ),
        "not half at 0.55": (
            "At progress 0.55, half of the fall is over, and the rate should be half of the highest.",
            lambda made, moment, highest: moment != 0.55 or abs(made / highest - 0.5) < 1e-3,
        ),
        "another fall": (
            "At 0.55 and at the end your rate is right, or nearly. All the fall should follow half a cosine wave.",
            lambda made, moment, highest: False,
        ),
    },
    passed="ae.fit takes it as it is: schedule=schedule. It wants plain numbers: where yours gives tensors, "
    "return float(...) of them.",
)
def warm_cosine(progress, learning_rate):
    """The rate rises straight in the first tenth, then falls to 0 along a cosine."""
    way = (progress - WARM) / (1 - WARM)
    return learning_rate * progress / WARM if progress < WARM else learning_rate * (1 + math.cos(math.pi * way)) / 2


def _moved(images, down, right):
    """The images, moved so, up to 28 pixels; what comes in is black."""
    return functional.pad(images, (28, 28, 28, 28))[..., 28 - down :, 28 - right :][..., :28, :28]


def _ways():
    """Images with ink everywhere, at the rims too, and ways to move them."""
    images = 0.2 + 0.8 * torch.rand(30, 1, 28, 28, generator=torch.Generator().manual_seed(12))
    nothing = "Is there a rule of its own for 0? And in a slice, [:-n] is then empty, and [n:] is everything."
    back = "Below 0 means up, or left. At which side does ink leave then, and at which does black come in?"
    ways = [(way, "", "") for way in ((2, 1), (1, 3), (2, 2))]
    ways += [(way, "fails for 0", nothing) for way in ((0, 2), (3, 0), (0, 0))]
    ways += [(way, "fails below 0", back) for way in ((-2, -1), (-1, 3), (3, -2), (0, -3), (-3, 0))]
    far = "Moves by up to 3 pixels came out right. Is a margin, or a limit, built in? They may go up to 27."
    ways += [(way, "fails far away", far) for way in ((27, -27), (-27, 27), (-5, -7))]
    counts = {(2, 1): 5, (2, 2): 1}  # of images; elsewhere all
    return [
        Case(
            images[: counts.get((down, right))],
            down,
            right,
            shown=f"{{name}}(images, {down}, {right})",
            name=name,
            hint=f"This is for down = {down}, right = {right}. {hint}",
        )
        for (down, right), name, hint in ways
    ]


WRONG_SIDE = "There is black, but what has come round stays. Going down, at which side does ink come in again?"
BACK = "Rows are counted from the top, columns from the left. Where does row 0 go, and where column 0?"
IMAGES = "The first axis counts the images. Which ones count rows and columns?"


def _padded(images, down, right, mode="replicate"):
    """The images moved, the rim being drawn out, or mirrored."""
    return functional.pad(images, (8, 8, 8, 8), mode=mode)[..., 8 - down :, 8 - right :][..., :28, :28]


def _new(images, down, right):
    """Where nothing was before the images moved."""
    return _moved(torch.ones_like(images), down, right) == 0


def _lets_in_again(made, images, down, right, rolled):
    """Whether some of what left has come in again, where it does in the rolled images."""
    new = _new(images, down, right)
    ink = (made.abs() > 1e-3) & new
    stays = near(made * ~new, _moved(images, down, right))
    return stays and bool(ink.any()) and near(made[ink], rolled[ink])


WAYS = {
    "not moved": (
        "These are the images as they were. Do you return what you have made, or what came?",
        lambda d, r: (0, 0),
    ),
    "opposite way": (BACK, lambda d, r: (-d, -r)),
    "up, not down": (BACK, lambda d, r: (-d, r)),
    "left, not right": (BACK, lambda d, r: (d, -r)),
    "down and right swapped": ("Which axis counts the rows, and which the columns?", lambda d, r: (r, d)),
    "one direction only": (
        "That is half of the way. Does the second move begin with what the first one has made?",
        lambda d, r: (d, 0),
        lambda d, r: (0, r),
    ),
    "another distance": (
        "Compare how far they went with what was asked for. Is something done twice, or one pixel too far?",
        *[
            lambda d, r, other=other, down=down, right=right: (other(d) if down else d, other(r) if right else r)
            for other in (lambda x: 2 * x, lambda x: x + 1, lambda x: x - 1)
            for down, right in ((True, True), (True, False), (False, True))
        ],
    ),
}
"""Mistakes that lead to another way, as {name: (hint, function that makes that way of the right one, ...)}."""
ROLLED = [lambda d, r: (d, r), lambda d, r: (r, 0), *[way for _, *some in list(WAYS.values())[1:] for way in some]]


def _by(move, way):
    """A function that moves images some other way."""
    return lambda images, down, right: move(images, *way(down, right))


def _rolled(images, down, right):
    return images.roll((down, right), (2, 3))


@ask(
    "12",
    "Shift without wrapping round",
    "shift(images, down, right)",
    cases=_ways,
    tolerance=1e-4,
    hint="The axes are: image, channel, row, column. Which of them do you cut or move, and do the sizes fit?",
    dtype=torch.float32,
    mistakes={
        **{name: (hint, *[_by(_moved, way) for way in some]) for name, (hint, *some) in WAYS.items()},
        "moved over the other": (
            "Your second move begins with the images as they were, and writes over the first. Does it go on from it?",
            lambda i, d, r: torch.where(_new(i, 0, r), _moved(i, d, 0), _moved(i, 0, r)),
        ),
        "wraps round": (
            "What leaves at one side comes in again at the other. It should be lost, and black come in.",
            *[_by(_rolled, way) for way in ROLLED],
        ),
        "larger": (
            "Black has come in, but nothing has left: the images have grown. What should leave, and at which side?",
            lambda i, d, r: functional.pad(i, (r, 0, d, 0)),
            lambda i, d, r: functional.pad(i, (r, r, d, d)),
        ),
        "smaller": (
            "Ink has left, but no black has come in for it: the images have shrunk.",
            lambda i, d, r: i[..., : 28 - d, : 28 - r],
            lambda i, d, r: i[..., d:, r:],
        ),
        "mirrored": (
            "Moved, but turned round as well. Is there a flip?",
            *[lambda i, d, r, axes=axes: _moved(i, d, r).flip(axes) for axes in (2, 3, (2, 3))],
            *[lambda i, d, r, axes=axes: _moved(i.flip(axes), d, r) for axes in (2, 3, (2, 3))],
        ),
        "into the next row": (
            "At the end of a row, yours goes on in the next one. In which axis does a pixel move to the right?",
            lambda i, d, r: i.roll(28 * d + r),
            lambda i, d, r: i.flatten(1).roll(28 * d + r, 1).view_as(i),
            lambda i, d, r: i.roll(d),
        ),
        "images moved": (
            IMAGES,
            lambda i, d, r: i.roll((d, r), (0, 1)),
            lambda i, d, r: i.roll((d, r), (0, 2)),
            lambda i, d, r: torch.cat([torch.zeros_like(i[:d]), i])[: len(i)],
        ),
        "first image only": (
            "All images should move, each for itself.",
            lambda i, d, r: torch.cat([_moved(i[:1], d, r), i[1:]]),
            lambda i, d, r: _moved(i, d, r)[:1].expand_as(i),
        ),
        "black on the wrong side": (WRONG_SIDE, lambda i, d, r: i.roll((d, r), (2, 3)) * ~_new(i, -d, -r)),
        "one line black": (
            "Yours blackens one row or column at a side, however far the images move. How many have come round?",
            lambda i, d, r: _rolled(i, d, r) * ~_new(i, max(-1, min(1, d)), max(-1, min(1, r))),
            lambda i, d, r: functional.pad(_rolled(i, d, r)[..., 1:-1, 1:-1], (1, 1, 1, 1)),
        ),
        "rim repeated": (
            "What comes in is the rim again, drawn out or mirrored. It should be black.",
            _padded,
            lambda i, d, r: _padded(i, d, r, "reflect"),
        ),
        "not black": (
            "What stays is right. What comes in is not black in yours: which value is black, and where is it put in?",
            lambda i, d, r: _moved(i, d, r) + _new(i, d, r),
        ),
    },
    rules={
        "images moved": lambda made, i, d, r: (
            not any(near(one, other) for k, one in enumerate(made) for j, other in enumerate(i) if j != k)
        ),
        "black on the wrong side": (
            "Yours has ink where black should come in, and black where ink should be. Which way do your images move?",
            lambda made, i, d, r: (
                not (bool((made[_new(i, d, r)].abs() > 1e-3).any()) and bool((made[~_new(i, d, r)].abs() < 1e-3).any()))
            ),
        ),
        "too much black": (
            "Yours has black where none comes in. Which sides of an image need it, and are there whole images of it?",
            lambda made, i, d, r: bool((made[~_new(i, d, r)].abs() > 1e-3).all()),
        ),
        "wraps round": (
            "What leaves should be lost. Look at all four sides.",
            lambda made, i, d, r: not _lets_in_again(made, i, d, r, _rolled(i, d, r)),
        ),
        "into the next row": lambda made, i, d, r: (
            not _lets_in_again(made, i, d, r, i.roll(28 * d + r))
            and not _lets_in_again(made, i, d, r, i.flatten(1).roll(28 * d + r, 1).view_as(i))
        ),
        "not black": lambda made, i, d, r: (
            not near(made * ~_new(i, d, r), _moved(i, d, r), 1e-4, 1e-5) or near(made.roll((-d, -r), (2, 3)), i)
        ),
        "another distance": lambda made, i, d, r: (
            not any(near(made, _moved(i, *way)) for way in product(range(-4, 5), repeat=2) if way != (d, r))
        ),
        "pixels mixed": (
            "Some numbers in yours are those of no pixel. Pixels move by as many places as are asked for, which are "
            "whole, or are lost; nothing is mixed or added.",
            lambda made, i, d, r: bool(((made == 0) | torch.isin(made.float(), i)).all()),
        ),
    },
)
def shift_without_wrapping(images, down, right):
    """Images (n, 1, 28, 28) moved by whole pixels; what comes in is black."""
    return _moved(images, down, right)


letter(
    "gap_choice",
    "12",
    "Why the training error rises",
    right="b",
    wrong={
        "a": "Each pixel moves as it is: what could blur it? And what is easier to compress has a smaller error.",
        "c": "Which images are shifted here, those of the training set or those of the test set?",
        "d": "The schedule sets the rate, with or without shifts. What is it that differs from one epoch to the next?",
    },
    passed="A shifted digit is a digit still, so new images cost nothing. A larger training error is no loss: what "
    "counts is the error on new images.",
)
