"""Checks of notebook 12, The record."""

import math
from numbers import Real

from aeutils.checks import probes
from aeutils.checks.question import NotYet, call, choose, describe, question, require, require_function
from aeutils.optimizers import one_cycle
import torch
from torch.nn import functional

WARM = 0.1
"""Part of training in which the learning rate rises."""
MOMENTS = (0.0, 0.025, 0.05, WARM, 0.25, 0.4, 0.55, 0.7, 0.85, 1.0)
"""Progress at which a schedule is asked for its rate."""


@question("12", "Another schedule: warm-up, then a cosine")
def warm_cosine(schedule):
    """schedule(progress, learning_rate): the rate rises straight in the first tenth, then falls to 0 along a cosine."""
    require_function(schedule, "schedule(progress, learning_rate)")
    rates = {highest: [_rate(schedule, moment, highest) for moment in MOMENTS] for highest in (0.4, 0.01)}
    seen = "the same rates, whether learning_rate is 0.4 or 0.01"
    own = "How high the rate rises is what learning_rate says. What does your function do with it?"
    require(rates[0.4] != rates[0.01], "ignores learning_rate", seen, "rates up to learning_rate", own)
    for highest, found in rates.items():
        _require_rates([rate / highest for rate in found], highest)
    if not isinstance(_given(schedule, 0.0, 0.01), Real):
        return "The rates are right. ae.fit wants them as plain numbers: return float(...) of what you have."
    return "ae.fit takes it as it is: schedule=schedule."


def _asked(moment, highest):
    """In words, what is asked of the schedule at a moment, and the right rate."""
    return f"schedule({moment}, {highest})", f"{_right(moment) * highest:.4g}"


def _given(schedule, moment, highest):
    """What the schedule gives at a moment."""
    doing, expected = _asked(moment, highest)
    plain = "Your function gets two plain numbers, progress and learning_rate. math.cos and math.pi are made for those."
    return call(schedule, moment, highest, doing=doing, expected=expected, hint=plain)


def _rate(schedule, moment, highest):
    """What the schedule gives at a moment, as a float."""
    doing, expected = _asked(moment, highest)
    one = "ae.fit asks for one number: the learning rate at this moment."
    return probes.number(_given(schedule, moment, highest), doing, expected, one)


def _right(moment):
    """The right rate, as a part of the highest."""
    return moment / WARM if moment < WARM else _half_wave((moment - WARM) / (1 - WARM))


def _half_wave(way):
    """From 1 to 0 along half a cosine, while way goes from 0 to 1."""
    return (1 + math.cos(math.pi * way)) / 2


def _require_rates(parts, highest):
    """Raise NotYet unless these are the right rates; parts: one for each moment, as parts of the highest."""
    right = [_right(moment) for moment in MOMENTS]
    wrong = [k for k in range(len(MOMENTS)) if not _near_rates(parts[k : k + 1], right[k : k + 1])]
    if wrong:
        moment, part = MOMENTS[wrong[0]], parts[wrong[0]]
        doing, expected = _asked(moment, highest)
        seen = f"{doing} gave {part * highest:.4g}"
        for misconception, (slip, hint) in _slips_of_all(highest).items():
            require(not _near_rates(parts, [slip(moment) for moment in MOMENTS]), misconception, seen, expected, hint)
        _require_warm_up(parts, seen, expected)
        _require_fall(parts, seen, expected)


def _near_rates(parts, right):
    """Whether all rates are the same, but for a thousandth of the highest."""
    return all(math.isclose(part, one, abs_tol=1e-3) for part, one in zip(parts, right, strict=True))


def _slips_of_all(highest):
    """{misconception: (rate at a moment, hint)} of schedules that are another one from beginning to end."""
    order = "progress comes first, then learning_rate. In which order does your function take them?"
    goes_on = "Yours goes on rising after the first tenth. What decides which of the two rules holds?"
    whole = "Yours rises as long as training lasts. Its steps are longest at the end, where they should be shortest."
    percent = "progress is 1 at the end of training, not 100. Where does the first tenth end, then?"
    branches = "You have both parts. Which of them holds at the beginning, and which afterwards?"
    own = "That is the schedule ae.fit has anyway. Here the warm-up is straight, and begins and ends elsewhere."
    still = "That is the highest rate all the time. It should rise to it first, and fall to 0 afterwards."
    return {
        "arguments swapped": (lambda moment: moment * _right(highest) / highest, order),
        "never changes": (lambda moment: 1, still),
        "warm-up never ends": (lambda moment: moment / WARM, goes_on),
        "only rises": (lambda moment: moment, whole),
        "percent": (lambda moment: moment / 10, percent),
        "parts exchanged": (
            lambda moment: _half_wave((moment - WARM) / (1 - WARM)) if moment < WARM else moment / WARM,
            branches,
        ),
        "one cycle": (lambda moment: one_cycle(moment, 1), own),
        "wave from 0 on": (lambda moment: min(moment / WARM, 1) * _half_wave(moment), BEGINS),
    }


BEGINS = "At progress 0.1 your wave is on its way already. It should begin there: how much of training is left for it?"


def _require_warm_up(parts, seen, expected):
    """Raise NotYet unless the first tenth is right: straight from 0 to the highest."""
    start, quarter, half = parts[:3]
    missing = "Yours begins high. A warm-up begins at 0."
    require(start < 0.9, "no warm-up", seen, expected, missing)
    begin = "A warm-up begins at 0. What does your rule for the first tenth give there?"
    require(_near_rates([start], [0]), "does not begin at 0", seen, expected, begin)
    stays = "Yours stays at 0 in the first tenth. Is there a division that drops the decimals (//, int)?"
    require(not _near_rates([quarter, half], [0, 0]), "0 at first", seen, expected, stays)
    straight = "Straight means: after half of the first tenth, half of the highest rate."
    if not _near_rates([quarter, half], [0.25, 0.5]):
        pace = "Yours rises straight, but at another pace. At which progress should it have reached the highest rate?"
        require(not _near_rates([half], [2 * quarter]), "another pace", seen, expected, pace)
        require(False, "bent warm-up", seen, expected, straight)


def _require_fall(parts, seen, expected):
    """Raise NotYet: the warm-up is right, so the fall is wrong."""
    first, moments = MOMENTS.index(WARM), MOMENTS[MOMENTS.index(WARM) :]
    fall = parts[first:]
    for misconception, (slips, hint) in _slips_of_fall().items():
        for slip in slips:
            made = [slip((moment - WARM) / (1 - WARM), moment) for moment in moments]
            require(not _near_rates(fall, made), misconception, seen, expected, hint)
    require(min(fall) > -1e-3, "below 0", seen, expected, BELOW)
    above = "Yours rises above learning_rate, which should be the highest. Where is your wave at its top, and how high?"
    require(max(fall) < 1 + 1e-3, "above the highest", seen, expected, above)
    end = "At progress 1 the rate should be 0. Which angle does your cosine have there, and what is added?"
    require(_near_rates(fall[-1:], [0]), "never reaches 0", seen, expected, end)
    other = "Half a wave of a cosine goes down from 1 to -1. Bring it between learning_rate and 0."
    require(False, "another fall", seen, expected, other)


BELOW = "A rate below 0 would make the error larger. A cosine goes from 1 to -1: how do you bring that between 1 and 0?"


def _slips_of_fall():
    """{misconception: (functions of the way through the fall, 0 to 1, and of progress, hint)}."""
    pi, cos = math.pi, math.cos
    stretch = "Your wave begins at the right moment, but training ends before the wave does. How long may it be?"
    whole = "That is a whole wave: it comes up again. How much of it only goes down?"
    quarter = "A quarter of a wave is steepest at its end. Yours should be steepest in the middle, and flat at the end."
    straight = "Yours falls equally fast everywhere. A cosine is flat at both ends, and steepest in the middle."
    angle = "math.cos takes radians. At which angle is a cosine at its lowest, and does yours get there?"
    upside = "After the warm-up, yours begins at 0 and rises. Where does a cosine begin, and what did you make of it?"
    twice = "Yours begins twice as high as learning_rate. From where to where does 1 + cos go?"
    stays = "The warm-up is right. But then yours stays where it is, and it should fall to 0."
    return {
        "wave from 0 on": ([lambda way, moment: _half_wave(moment)], BEGINS),
        "not moved": ([lambda way, moment: _half_wave(moment / (1 - WARM))], BEGINS),
        "not stretched": ([lambda way, moment: _half_wave(moment - WARM)], stretch),
        "whole wave": ([lambda way, _: _half_wave(2 * way)], whole),
        "quarter wave": ([lambda way, _: cos(pi * way / 2), lambda way, _: 1 - math.sin(pi * way / 2)], quarter),
        "straight fall": ([lambda way, _: 1 - way], straight),
        "forgets pi": ([lambda way, _: (1 + cos(way)) / 2], angle),
        "degrees": ([lambda way, _: (1 + cos(180 * way)) / 2], angle),
        "upside down": ([lambda way, _: 1 - _half_wave(way)], upside),
        "not halved": ([lambda way, _: 2 * _half_wave(way)], twice),
        "below 0": ([lambda way, _: cos(pi * way), lambda way, _: cos(pi * way) / 2], BELOW),
        "never falls": ([lambda way, _: 1], stays),
    }


@question("12", "Shift without wrapping round")
def shift_without_wrapping(shift):
    """shift(images, down, right): images (n, 1, 28, 28) moved by whole pixels; what comes in is black."""
    require_function(shift, "shift(images, down, right)")
    images = 0.2 + 0.8 * torch.rand(5, 1, 28, 28)  # ink everywhere, at the rims too
    for down, right in ((2, 1), (1, 3)):
        _require_moved(shift, images, down, right)
    nothing = "What do your slices hold when a number is 0? [:-n], for one, is then empty, and [n:] is everything."
    for down, right in ((0, 2), (3, 0), (0, 0)):
        _require_moved(shift, images, down, right, ("fails for 0", nothing))
    back = "Below 0 means up, or left. At which side does ink leave then, and at which does black come in?"
    for down, right in ((-2, -1), (-1, 3), (3, -2), (0, -3), (-3, 0)):
        _require_moved(shift, images, down, right, ("fails below 0", back))


def _require_moved(shift, images, down, right, special=None):
    """Raise NotYet unless shift(images, down, right) is right.

    special: misconception and hint of such numbers; what is wrong otherwise was seen with other numbers before.
    """
    try:
        found = _shifted(shift, images, down, right)
        _require_shift(found, images, down, right)
    except NotYet as verdict:
        misconception, hint = special or (verdict.args[0], verdict.parts["hint"])
        case = f"This is for down = {down}, right = {right}. {hint}"
        raise NotYet(misconception, verdict.parts["seen"], verdict.parts["expected"], case) from None


def _shifted(shift, images, down, right):
    """What shift gives: a tensor of the right shape and kind, and the images are as before."""
    doing, expected = f"shift(images, {down}, {right})", f"a tensor of shape {tuple(images.shape)}"
    given = images.clone()
    axes = "The axes are: image, channel, row, column. Which of them do you cut or move, and do the sizes fit?"
    found = call(shift, given, down, right, doing=doing, expected=expected, hint=axes)
    changed = "Your function writes into the images it is given. Somebody may need them as they were: make new ones."
    seen = f"after {doing} the images handed over have changed"
    require(torch.equal(given, images), "changes the images", seen, "images as they were", changed)
    seen = f"{doing} gave {describe(found)}"
    require(isinstance(found, torch.Tensor), "not a tensor", seen, expected, "Return the moved images as one tensor.")
    _require_size(found, seen, expected)
    require(found.shape == images.shape, "wrong shape", seen, expected, axes)
    kind = "The weights of a network are float32, and so are the images. Yours no longer are."
    require(found.dtype == torch.float32, "not float32", seen, f"{expected}, float32", kind)
    return found


def _require_size(found, seen, expected):
    """Raise NotYet when the images have become larger or smaller."""
    rows, columns = found.shape[2:] if found.ndim == 4 else (28, 28)
    grown = "Black has come in, but nothing has left: the images have grown. What should leave, and at which side?"
    require(max(rows, columns) <= 28 or min(rows, columns) < 28, "larger", seen, expected, grown)
    shrunk = "Ink has left, but no black has come in for it: the images have shrunk."
    require(min(rows, columns) >= 28 or max(rows, columns) > 28, "smaller", seen, expected, shrunk)


def _moved(images, down, right):
    """The images, moved so, up to 8 pixels."""
    return functional.pad(images, (8, 8, 8, 8))[..., 8 - down :, 8 - right :][..., :28, :28]


def _require_shift(found, images, down, right):
    """Raise NotYet unless all images are moved so, black coming in; found: of the right shape."""
    wanted = _moved(images, down, right)
    if not _near(found, wanted):
        expected = f"all images moved {_in_words(down, right)}, black coming in"
        doing = f"shift(images, {down}, {right})"
        _require_distance(found, images, (down, right), doing, expected)
        _require_order(found, images, (down, right), doing, expected)
        _require_black(found, images, (down, right), doing, expected)
        as_it_is = "Each pixel keeps its brightness, and goes as far as all others do. Look at one of your images."
        require(False, "another image", f"{doing} gave other images", expected, as_it_is)


def _near(found, right):
    """Whether two tensors of one shape hold the same numbers, up to rounding."""
    return torch.allclose(found, right, atol=1e-3)


def _in_words(down, right):
    """A shift in words: 2 up and 1 right."""
    ways = [f"{down} down" if down > 0 else f"{-down} up"] if down else []
    ways += [f"{right} right" if right > 0 else f"{-right} left"] if right else []
    return " and ".join(ways) or "0 pixels"


def _require_distance(found, images, way, doing, expected):
    """Raise NotYet when the images are moved in the right manner, but another way: further, back, not at all."""
    down, right = way
    back = "Rows are counted from the top, columns from the left. Where does row 0 go, and where column 0?"
    half = "That is half of the way. Does the second move begin with what the first one has made?"
    known = {
        (0, 0): ("not moved", "These are the images as they were. Do you return what you have made, or what came?"),
        (-down, -right): ("opposite way", back),
        (-down, right): ("up, not down", back),
        (down, -right): ("left, not right", back),
        (right, down): ("down and right swapped", "Which axis counts the rows, and which the columns?"),
        (down, 0): ("one direction only", half),
        (0, right): ("one direction only", half),
    }
    far = "Compare how far they went with what was asked for. Is something done twice, or one pixel too far?"
    wraps = "What leaves at one side comes in again at the other. It should be lost, and black come in."
    for there in [(rows, columns) for rows in range(-6, 7) for columns in range(-6, 7)]:
        seen = f"{doing} gave images moved {_in_words(*there)}"
        misconception, hint = known.get(there, ("another distance", far))
        require(not _near(found, _moved(images, *there)), misconception, seen, expected, hint)
        seen = f"{doing} moved them {_in_words(*there)}, and what left came in again"
        require(not _near(found, images.roll(there, (2, 3))), "wraps round", seen, expected, wraps)


def _require_order(found, images, way, doing, expected):
    """Raise NotYet when pixels stand in another order, or images do."""
    wanted, ahead = _moved(images, *way), 28 * way[0] + way[1]
    mirror = "Moved, but turned round as well. Is there a flip?"
    flips = [made for axes in ((2,), (3,), (2, 3)) for made in (wanted.flip(axes), _moved(images.flip(axes), *way))]
    seen = f"{doing} gave mirrored images"
    require(not any(_near(found, flip) for flip in flips), "mirrored", seen, expected, mirror)
    lying, seen = "What were rows are columns now. Is there a transpose?", f"{doing} gave rows for columns"
    turned = _near(found, wanted.mT) or _near(found, _moved(images.mT, *way))
    require(not turned, "rows for columns", seen, expected, lying)
    flat = "At the end of a row, yours goes on in the next one. In which axis does a pixel move to the right?"
    runs_on = [images.roll(ahead), images.flatten(1).roll(ahead, 1).view_as(images), images.roll(way[0])]
    seen = f"{doing} moved pixels from row to row"
    require(not any(_near(found, made) for made in runs_on), "into the next row", seen, expected, flat)
    places = [[_near(one, other) for other in images] for one in found]
    whole = [any(row) or not one.any() for row, one in zip(places, found, strict=True)]  # black ones have come in
    axis = "The first axis counts the images. Which ones count rows and columns?"
    seen = f"{doing} gave the images in another order"
    require(not (all(whole) and any(map(any, places))), "images moved", seen, expected, axis)
    others, seen = "All images should move, each for itself.", f"{doing} is right for the first image only"
    require(not _near(found[0], wanted[0]), "first image only", seen, expected, others)


def _require_black(found, images, way, doing, expected):
    """Raise NotYet when the images are moved rightly, but black is not where it should be."""
    rolled, new = images.roll(way, (2, 3)), _moved(torch.ones_like(images), *way) == 0
    ink = found.abs() > 1e-3
    empty = "Nothing is left. Do you fill what you have made, and along which axes do you cut?"
    require(bool(ink.any()), "all black", f"{doing} gave black images", expected, empty)
    if _near(found[ink], rolled[ink]):  # then what is there is at its place, or has come round
        came, lost = bool((ink & new).any()), bool((~ink & ~new).any())
        side = "There is black, but what has come round stays. Going down, at which side does ink come in again?"
        seen = f"{doing} lost what should stay, and kept what should leave"
        require(not (came and lost), "black on the wrong side", seen, expected, side)
        seen, wraps = f"{doing} let come in again what had left", "What leaves should be lost. Look at all four sides."
        require(not came, "wraps round", seen, expected, wraps)
        seen, stay = f"{doing} lost ink that should stay", "Yours has black where none comes in. Which sides need it?"
        require(not lost, "too much black", seen, expected, stay)
    if _near(found[~new], rolled[~new]):
        rim = functional.pad(images, (8, 8, 8, 8), mode="replicate")[..., 8 - way[0] :, 8 - way[1] :][..., :28, :28]
        seen, black = f"{doing} repeated the rim", "What comes in is the rim again, drawn out. It should be black."
        require(not _near(found, rim), "rim repeated", seen, expected, black)
        seen, value = f"{doing} let come in what is not black", "What stays is right. Which value of a pixel is black?"
        require(False, "not black", seen, expected, value)


@question("12", "Why the training error rises")
def gap_choice(answer):
    """A letter: why shifted images make the error larger on training images and smaller on new ones."""
    blurred = "Each pixel moves as it is: what could blur it? And what is easier to compress has a smaller error."
    tests = "Which images are shifted here, those of the training set or those of the test set?"
    steps = "The schedule sets the rate, with or without shifts. What is it that differs from one epoch to the next?"
    choose(answer, "b", {"a": blurred, "c": tests, "d": steps})
    return (
        "A shifted digit is a digit still, so new images cost nothing. A larger training error is no loss: what "
        "counts is the error on new images."
    )
