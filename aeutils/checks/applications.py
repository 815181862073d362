"""Checks of notebook 10, Applications."""

import math

from aeutils.checks import probes
from aeutils.checks.question import attempt, call, choose, describe, question, require, require_function
from aeutils.models import Autoencoder
import torch
from torch import nn


@question("10", "Decibels")
def decibels(mean_psnr):
    """mean_psnr(images, originals): the PSNR of each image in decibels, averaged over the images."""
    require_function(mean_psnr, "mean_psnr(images, originals)")
    originals = probes.some_digits(3)
    for wrong_by in ((0.1, 0.02, 0.4), (0.3, 0.05, 0.05)):
        pattern = (1 - 2 * originals.round()) * torch.linspace(0.2, 1, 28)  # more to the right
        images = originals + torch.tensor(wrong_by)[:, None, None, None] * pattern
        doing = f"for three digits that are wrong by up to {', '.join(map(str, wrong_by))}, mean_psnr"
        per_pixel = (images - originals).square().mean((1, 2, 3))
        right = (-10 * per_pixel.log10()).mean().item()
        hint = "For each image: the mean of its squared differences, and 10 times the logarithm of 1 over it."
        found = call(mean_psnr, images.clone(), originals.clone(), doing=doing, expected=f"{right:.4g} dB", hint=hint)
        slips = _decibel_slips(per_pixel, (images - originals).abs().mean((1, 2, 3)))
        probes.require_number(found, right, slips, doing, hint)


def _decibel_slips(per_pixel, sizes):
    """What misunderstandings of PSNR lead to, for probes.require_number.

    per_pixel: (n,), the error of each image; sizes: (n,), its mean difference without sign.
    """
    level = (-10 * per_pixel.log10()).mean().item()
    together = "You averaged the errors first. Asked for is the mean of the decibels: each image has its own PSNR."
    natural = "That is the natural logarithm. Decibels come from the one to the base 10."
    sign = "Less error must give more decibels. What is divided by what, under the logarithm?"
    bytes_ = "Your peak is 255, that of bytes. The brightest pixel here is 1."
    root = "You took the root of the error. PSNR compares squares: the squared peak and the squared error."
    summed = "You summed over the pixels of an image. PSNR takes the error per pixel."
    plain = "These are differences. Square them at each pixel before you average."
    bel = "That is in bel. A decibel is a tenth of it, so there are ten times as many."
    return {
        -10 * math.log10(per_pixel.mean()): ("averages the errors first", together),
        -10 * per_pixel.log().mean().item(): ("natural logarithm", natural),
        -level: ("wrong sign", sign),
        level + 20 * math.log10(255): ("wrong peak", bytes_),
        level / 2: ("root of the error", root),
        level - 10 * math.log10(784): ("summed over the pixels", summed),
        level / 10: ("not ten times", bel),
        (-10 * sizes.log10()).mean().item(): ("not squared", plain),
        (-20 * sizes.log10()).mean().item(): ("not squared", plain),
    }


class _Watched(nn.Module):
    """Gives back each image as its negative, a little dimmed, and keeps what it was shown."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(0.8))
        self.shown = []

    def forward(self, images):
        self.shown.append(images.detach().clone())
        return self.weight * (1 - images)


@question("10", "What is known stays")
def known_pixels_stay(infill):
    """infill(model, images, missing): the images, missing pixels filled by the model, the others as before."""
    require_function(infill, "infill(model, images, missing)")
    images, missing = probes.some_digits(6), torch.zeros(6, 1, 28, 28, dtype=torch.bool)
    for index in range(6):
        missing[index, :, 5 + index : 17 + index, 14 - index : 26 - index] = True
    images[missing] = torch.rand(int(missing.sum()), generator=torch.Generator().manual_seed(10))  # means nothing
    doing, expected = "infill, for 6 digits with holes,", "images of the same shape"
    hint = "First make what the network sees, with 0.5 in the holes. Then take from its answer what was missing."
    given, mask, model = images.clone(), missing.clone(), _Watched()
    found = call(infill, model, given, mask, doing=doing, expected=expected, hint=hint)
    changed = "Did you write into images? Work on a copy, or use torch.where, which makes a new tensor."
    intact = torch.equal(given, images) and torch.equal(mask, missing)
    require(
        intact,
        "changes what it was given",
        "images or missing are no longer what they were",
        "both as before",
        changed,
    )
    seen = f"{doing} gave {describe(found)}"
    with attempt(doing, expected, hint, "not images"):
        filled = torch.as_tensor(found).detach().float()
    require(filled.shape == images.shape, "wrong shape", seen, f"a tensor {tuple(images.shape)}", hint)
    _require_grey_holes(model.shown, images, missing)
    _require_filled(filled, images, missing, 0.8 * (1 - torch.where(missing, 0.5, images)))


def _require_grey_holes(shown, images, missing):
    """Raise NotYet unless the model was shown the images with 0.5 in the holes."""
    expected = "the known pixels as they are, and 0.5 where pixels are missing"
    asked = "The model was never asked. Who else could know what belongs into the holes?"
    require(len(shown) > 0, "never asks the model", "the model was not called", expected, asked)
    batch = torch.cat([each.reshape(-1, 1, 28, 28) for each in shown])
    same = batch.shape == images.shape
    require(same, "shows other images", f"the model saw {describe(batch)}", expected, "Show it all images, once.")
    in_holes, outside = batch[missing], batch[~missing]
    peeks = "The model saw what stands at the missing places. That means nothing; in training it saw 0.5 there."
    seen = f"in the holes the model saw {describe(in_holes)}"
    require(not torch.equal(in_holes, images[missing]), "shows what means nothing", seen, expected, peeks)
    swapped = "You painted over what is known, and left the holes. In missing, True stands where pixels are missing."
    known = torch.allclose(outside, images[~missing])
    require(
        known, "mask the wrong way round", f"outside the holes the model saw {describe(outside)}", expected, swapped
    )
    other = "A network can only know a hole by what it saw in holes in training. Which number was that?"
    require(bool((in_holes == 0.5).all()), "another number in the holes", seen, expected, other)


def _require_filled(filled, images, missing, answer):
    """Raise NotYet unless the known pixels are as they were, and the missing ones those of the model's answer."""
    inside, outside = filled[missing], filled[~missing]
    seen = f"known pixels differ by up to {(outside - images[~missing]).abs().max():.2f}"
    whole = "You returned the model's image. Where a pixel is known, it shall stay, the model's guess is worse."
    kept = torch.allclose(outside, images[~missing])
    require(kept, "replaces known pixels", seen, "known pixels exactly as they were", whole)
    seen, expected = f"in the holes stands {describe(inside)}", "what the model answered there"
    left = "The holes are as before. Take the missing pixels from the model's answer."
    untouched = torch.equal(inside, images[missing]) or bool((inside == 0.5).all())
    require(not untouched, "leaves the holes", seen, expected, left)
    other = "Take the missing pixels of each image from the same places of the model's answer, unchanged."
    require(torch.allclose(inside, answer[missing], atol=1e-4), "another filling", seen, expected, other)


def _black_model():
    """An Autoencoder whose reconstructions are black: the score of an image is the sum of its squared pixels."""
    encoder, decoder = nn.Linear(784, 1), nn.Linear(1, 784)
    for layer in (encoder, decoder):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    return Autoencoder(nn.Sequential(nn.Flatten(), encoder), nn.Sequential(decoder, nn.Unflatten(1, (1, 28, 28))))


def _with_scores(scores):
    """Even grey images (n, 1, 28, 28) that the black model gives these scores."""
    return (torch.tensor(scores) / 784).sqrt()[:, None, None, None].expand(-1, 1, 28, 28).clone()


JUDGED = [2.0, 30.5, 70.5, 85.5, 92.5, 93.5, 97.5, 120.0, 150.0, 200.0, 300.0, 400.0]
"""The scores of the images to judge. Those of validation are 1, 2, ... 100."""


@question("10", "A detector that keeps its promise")
def alarms_as_promised(raise_alarms):
    """raise_alarms(model, validation, images, share): an alarm for each image, at a share of false alarms."""
    require_function(raise_alarms, "raise_alarms(model, validation, images, share)")
    model, validation, images = _black_model(), _with_scores(range(1, 101)), _with_scores(JUDGED)
    hint = "Three steps: a score for each image, the threshold from the scores of validation, a comparison."
    for share in (0.1, 0.2):
        limit = 100 * (1 - share) + 0.5
        right = [score > limit for score in JUDGED]
        doing = f"raise_alarms(model, validation, images, {share}), for {len(JUDGED)} images,"
        expected = f"{len(JUDGED)} times True or False, {sum(right)} of them True"
        found = call(
            raise_alarms, model, validation.clone(), images.clone(), share, doing=doing, expected=expected, hint=hint
        )
        alarms = _yes_or_no(found, doing, expected, hint)
        seen = f"{doing} gave {sum(alarms)} alarms, for the scores {_listed(JUDGED, alarms)}"
        wanted = f"alarms for the scores {_listed(JUDGED, right)}; validation has the scores 1, 2, 3, ... 100"
        for misconception, slip, why in _alarm_slips(share):
            require(alarms != slip or slip == right, misconception, seen, wanted, why)
        require(alarms == right, "another threshold", seen, wanted, hint)


def _yes_or_no(found, doing, expected, hint):
    """The alarms of a student as a list of True and False. Raises NotYet if they are something else."""
    with attempt(doing, expected, hint, "not alarms"):
        alarms = torch.as_tensor(found)
    seen = f"{doing} gave {describe(found)}"
    each = "One answer for each image: sum the squared differences over its pixels only, not over the images."
    require(alarms.numel() == len(JUDGED) == alarms.shape[0], "not one for each image", seen, expected, each)
    whether = "These are no alarms yet. Compare the scores with the threshold, and return True or False for each."
    alarms = alarms.flatten()
    require(bool(((alarms == 0) | (alarms == 1)).all()), "scores, not alarms", seen, expected, whether)
    return [bool(alarm) for alarm in alarms]


def _listed(scores, alarms):
    """The scores for which there is an alarm, for people to read."""
    return ", ".join(f"{score:g}" for score, alarm in zip(scores, alarms, strict=True) if alarm) or "of no image"


def _alarm_slips(share):
    """(misconception, the alarms that it raises, hint), the most telling first."""
    scores = torch.tensor(JUDGED)
    validation = torch.arange(1.0, 101)
    own = "Your threshold depends on the images to judge. A flood of anomalies would silence it. Ask validation."
    tail = f"Nearly everything rings. A share of {share} shall lie above the threshold: which share lies below it?"
    below = "It rings for what the model brings back well. A high score is what is strange."
    strictest = "The threshold is the highest score of validation: that promises no false alarms. More are allowed."
    middle = "The threshold is the mean of validation. It knows nothing of the share that was promised."
    rules = [
        ("threshold from the images", scores > scores.quantile(1 - share), own),
        ("wrong tail", scores > validation.quantile(share), tail),
        ("alarm for the familiar", scores < validation.quantile(1 - share), below),
        ("alarm for the familiar", scores < validation.quantile(share), below),
        ("the highest of validation", scores > validation.max(), strictest),
        ("the mean of validation", scores > validation.mean(), middle),
    ]
    return [(misconception, alarms.tolist(), why) for misconception, alarms, why in rules]


@question("10", "How true is an alarm?")
def how_true_is_an_alarm(answer):
    """A letter: the share of alarms that are true, when anomalies are rare."""
    count = "Take 10,000 images. How many of them are anomalies and ring? How many are known, and ring too?"
    hints = {
        "a": f"90 % of the anomalies ring. But the question is which share of what rings is an anomaly. {count}",
        "b": f"95 % of the known images do not ring. This one did. {count}",
        "d": f"That is how likely it was before the alarm rang. {count}",
    }
    choose(answer, "c", hints)
    return (
        "Of 10,000 images 100 are anomalies, and 90 of them ring; of the 9,900 known ones 495 ring. 90 / 585 is 15 %."
    )
