"""Questions of notebook 10, Applications."""

import torch
from torch import nn

from aeutils.checks import probes
from aeutils.checks.core import attempt, call, question, require
from aeutils.checks.feedback import describe
from aeutils.checks.kinds import Case, ask, letter
from aeutils.models import Autoencoder


def _spoilt_digits():
    """Digits that are wrong by up to so much, each by another amount, more to the right; and smaller, dimmer images."""
    originals, made = probes.some_digits(3), []
    for wrong_by in ((0.1, 0.02, 0.4), (0.3, 0.05, 0.05)):
        pattern = (1 - 2 * originals.round()) * torch.linspace(0.2, 1, 28)
        images = originals + torch.tensor(wrong_by)[:, None, None, None] * pattern
        shown = f"for three digits that are wrong by up to {', '.join(map(str, wrong_by))}, {{name}}"
        made.append(Case(images, originals, shown=shown))
    small = 0.7 * torch.rand(4, 3, 8, 10, generator=torch.Generator().manual_seed(3))
    shown = "for four colour images of 8 × 10 pixels, {name}"
    noise = 0.2 * torch.rand(4, 3, 8, 10, generator=torch.Generator().manual_seed(4))
    return [*made, Case(small + noise * torch.arange(1, 5)[:, None, None, None], small, shown=shown)]


def _per_pixel(images, originals):
    return (images - originals).square().mean((1, 2, 3))


def _level(per_pixel):
    return (-10 * per_pixel.log10()).mean()


@ask(
    "10",
    "Decibels",
    "mean_psnr(images, originals)",
    cases=_spoilt_digits,
    hint="For each image: the mean of its squared differences, and 10 times the logarithm of 1 over it.",
    form="{} dB",
    mistakes={
        "averages the errors first": (
            "You averaged the errors first. Asked for is the mean of the decibels: each image has its own PSNR.",
            lambda images, originals: _level(_per_pixel(images, originals).mean()),
        ),
        "wrong peak": (
            "Your peak is 255, that of bytes. The brightest pixel here is 1.",
            lambda images, originals: _level(_per_pixel(images, originals) / 255**2),
            lambda images, originals: _level(_per_pixel(images, originals) / 255),
        ),
        "own peak": (
            "You took each image's own brightest pixel. The peak is the brightest that a pixel can be: 1.",
            lambda images, originals: _level(_per_pixel(images, originals) / originals.amax((1, 2, 3)) ** 2),
            lambda images, originals: _level(_per_pixel(images, originals) / images.amax((1, 2, 3)) ** 2),
            lambda images, originals: _level(_per_pixel(images, originals) / originals.max() ** 2),
        ),
        "root of the error": (
            "You took the root of the error. PSNR compares squares: the squared peak and the squared error.",
            lambda images, originals: _level(_per_pixel(images, originals)) / 2,
        ),
        "twice as many": (
            "20 times the logarithm belongs to errors that are not squared. Yours are.",
            lambda images, originals: 2 * _level(_per_pixel(images, originals)),
        ),
        "summed over the pixels": (
            "You summed over the pixels of an image. PSNR takes the error per pixel.",
            lambda images, originals: _level((images - originals).square().sum((1, 2, 3))),
        ),
        "784 pixels built in": (
            "You divide by 784 whatever the size of the images. How many numbers has one here?",
            lambda images, originals: _level((images - originals).square().sum((1, 2, 3)) / 784),
        ),
        "channels left out": (
            "You divide by height times width. A colour image has three numbers at each pixel.",
            lambda images, originals: _level((images - originals).square().sum(1).mean((1, 2))),
        ),
        "not squared": (
            "These are differences. Square them at each pixel before you average.",
            lambda images, originals: _level((images - originals).abs().mean((1, 2, 3))),
            lambda images, originals: 2 * _level((images - originals).abs().mean((1, 2, 3))),
        ),
        "no logarithm": (
            "That is the error itself. Decibels are 10 times the logarithm of 1 over it.",
            lambda images, originals: _per_pixel(images, originals).mean(),
        ),
    },
)
def decibels(images, originals):
    """The PSNR of each image in decibels, averaged over the images."""
    return (-10 * (images - originals).square().mean((1, 2, 3)).log10()).mean()


class _Watched(nn.Module):
    """Gives back each image as its negative, a little dimmed, and keeps what it was shown."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(0.8))
        self.shown = []

    def forward(self, images):
        self.shown.append(images.detach().clone())
        return self.weight * (1 - images)


@question("10", "What is known stays", "infill(model, images, missing)")
def known_pixels_stay(infill):
    """infill(model, images, missing): the images, missing pixels filled by the model, the others as before."""
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
    images[missing] = torch.nan
    found = call(infill, _Watched(), images.clone(), missing.clone(), doing=doing, expected=expected, hint=hint)
    anything = "What stands in a hole may be anything, NaN too, and NaN times 0 is NaN. Choose pixels; do not multiply."
    whole = bool(torch.as_tensor(found).isfinite().all())
    require(whole, "keeps NaN", "with NaN in the holes, NaN came out", "the model's answer in the holes", anything)


def _require_grey_holes(shown, images, missing):
    """Raise NotYet unless the model was shown the images with 0.5 in the holes."""
    expected = "the known pixels as they are, and 0.5 where pixels are missing"
    asked = "The model was never asked. Who else could know what belongs into the holes?"
    require(len(shown) > 0, "never asks the model", "the model was not called", expected, asked)
    batch = torch.cat([each.reshape(-1, 1, 28, 28) for each in shown])
    same = batch.shape == images.shape
    require(same, "shows other images", f"the model saw {describe(batch)}", expected, "Show it all images, once.")
    grey = "Everything is grey in what the model saw. Only the holes are; what is known, it may see."
    require(not bool((batch == 0.5).all()), "shows grey only", "the model saw 0.5 everywhere", expected, grey)
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
    rounded = "Known pixels come out rounded. They should stay exactly as they are."
    round_ = torch.allclose(outside, images[~missing].round())
    require(not round_, "rounds known pixels", seen, "known pixels exactly as they were", rounded)
    whole = "You returned the model's image. Where a pixel is known, it shall stay, the model's guess is worse."
    kept = torch.allclose(outside, images[~missing])
    require(kept, "replaces known pixels", seen, "known pixels exactly as they were", whole)
    seen, expected = f"in the holes stands {describe(inside)}", "what the model answered there"
    left = "The holes are as before. Take the missing pixels from the model's answer."
    untouched = torch.equal(inside, images[missing]) or bool((inside == 0.5).all())
    require(not untouched, "leaves the holes", seen, expected, left)
    other = "Take the missing pixels of each image from the same places of the model's answer, unchanged."
    require(torch.allclose(inside, answer[missing], atol=1e-4), "another filling", seen, expected, other)


def _black_model(latent_size=1):
    """An Autoencoder whose reconstructions are black: the score of an image is the sum of its squared pixels."""
    encoder, decoder = nn.Linear(784, latent_size), nn.Linear(latent_size, 784)
    for layer in (encoder, decoder):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    return Autoencoder(nn.Sequential(nn.Flatten(), encoder), nn.Sequential(decoder, nn.Unflatten(1, (1, 28, 28))))


def _with_scores(scores):
    """Even grey images (n, 1, 28, 28) that the black model gives these scores."""
    return (torch.tensor(scores) / 784).sqrt()[:, None, None, None].expand(-1, 1, 28, 28).clone()


JUDGED = [2.0, 30.5, 70.5, 84.5, 88.0, 92.5, 93.5, 97.5, 103.0, 120.0, 150.0, 200.0, 300.0, 400.0]
"""The scores of the images to judge. Those of validation are 1, 2, ... 100."""


def _to_judge():
    """A model with a copy in each image of 0.3 of its ink: its error is the score, and the ink ranks in reverse."""
    model, validation, images = _black_model(), _with_scores(range(1, 101)), _with_scores(JUDGED)
    shown = f"{{name}}(model, validation, images, {{share}}), for {len(JUDGED)} images with scores 2, 30.5 ... 400,"
    return [
        *[Case(model, validation, images, share, shown=shown.replace("{share}", f"{share}")) for share in (0.1, 0.2)],
        Case(_half_model(), *_inky(), 0.1, shown="{name}, for a model that gives back the upper half of each image,"),
    ]


def _half_model():
    """An Autoencoder that gives back the upper half of an image, and black below: the lower half is its error."""
    model = _black_model(784)
    with torch.no_grad():
        model.encoder[1].weight.copy_(torch.eye(784))
        model.decoder[0].weight.copy_(torch.diag((torch.arange(784) < 392).float()))
    return model


def _inky():
    """Validation and images to judge with the more ink, the smaller their error under the half model."""
    made = []
    for scores in (torch.arange(1.0, 101) ** 1.5 / 10, torch.tensor(JUDGED)):
        halves = [(2 * (500 - scores) / 784), (2 * scores / 784)]  # squared grey of the upper and the lower half
        made.append(torch.cat([part.sqrt()[:, None, None, None].expand(-1, 1, 14, 28) for part in halves], 2))
    return made


def _scores(model, images):
    return (model(images) - images).square().sum((1, 2, 3))


ANSWER = "One answer for each image: sum the squared differences over its pixels only, not over the images."


@ask(
    "10",
    "A detector that keeps its promise",
    "raise_alarms(model, validation, images, share)",
    cases=_to_judge,
    hint="Three steps: a score for each image, the threshold from the scores of validation, a comparison.",
    mistakes={
        "threshold from the images": (
            "Your threshold depends on the images to judge. A flood of anomalies would silence it. Ask validation.",
            lambda model, validation, images, share: _alarms(model, images, _quantile(model, images, 1 - share)),
        ),
        "wrong tail": (
            "Almost every image raises an alarm. The promised share should lie above the threshold: which lies below?",
            lambda model, validation, images, share: _alarms(model, images, _quantile(model, validation, share)),
        ),
        "alarm for the familiar": (
            "It rings for what the model reconstructs well. A high score is what is strange.",
            lambda model, validation, images, share: ~_alarms(model, images, _quantile(model, validation, 1 - share)),
            lambda model, validation, images, share: ~_alarms(model, images, _quantile(model, validation, share)),
        ),
        "the highest of validation": (
            "The threshold is the highest score of validation: that promises no false alarms. More are allowed.",
            lambda model, validation, images, share: _alarms(model, images, _scores(model, validation).max()),
        ),
        "the mean of validation": (
            "The threshold is the mean of validation. It knows nothing of the share that was promised.",
            lambda model, validation, images, share: _alarms(model, images, _scores(model, validation).mean()),
        ),
        "mean and deviations": (
            "The threshold is the mean and some deviations. It knows nothing of the share that was promised.",
            lambda model, validation, images, share: _alarms(
                model, images, _scores(model, validation).mean() + 2 * _scores(model, validation).std()
            ),
            lambda model, validation, images, share: _alarms(
                model, images, _scores(model, validation).mean() + _scores(model, validation).std()
            ),
        ),
        "share of the highest": (
            (
                "The threshold is a share of the highest score. Asked for is the score above which that share of "
                "validation lies."
            ),
            lambda model, validation, images, share: _alarms(
                model, images, (1 - share) * _scores(model, validation).max()
            ),
        ),
        "share of the images": (
            "Yours always rings for the same share of the images, strange or not. Ask validation for a threshold.",
            lambda model, validation, images, share: _alarms(
                model, images, _scores(model, images).sort().values[-1 - round(share * len(images))]
            ),
        ),
        "ink, not error": (
            "Your score is how much ink an image has. It should be how badly the model reconstructs it.",
            lambda model, validation, images, share: (
                images.square().sum((1, 2, 3)) > validation.square().sum((1, 2, 3)).quantile(1 - share)
            ),
        ),
        "scores, not alarms": (
            "These are no alarms yet. Compare the scores with the threshold, and return True or False for each.",
            lambda model, validation, images, share: _scores(model, images),
        ),
        "threshold, not alarms": (
            "That is the threshold. Compare the score of each image with it.",
            lambda model, validation, images, share: _quantile(model, validation, 1 - share),
        ),
        "judges validation": (
            "You judged the validation images. They give the threshold; the alarms are for images.",
            lambda model, validation, images, share: _alarms(
                model, validation, _quantile(model, validation, 1 - share)
            ),
        ),
    },
)
def alarms_as_promised(model, validation, images, share):
    """An alarm, True or False, for each image, at a share of false alarms."""
    return _alarms(model, images, _quantile(model, validation, 1 - share))


def _quantile(model, images, share):
    return _scores(model, images).quantile(share)


def _alarms(model, images, threshold):
    return _scores(model, images) > threshold


letter(
    "how_true_is_an_alarm",
    "10",
    "How true is an alarm?",
    right="c",
    wrong={
        "a": "90 % of the anomalies ring. But the question is which share of what rings is an anomaly. Take 10,000 "
        "images. How many of them are anomalies and ring? How many are known, and ring too?",
        "b": "95 % of the known images do not ring. This one did. Take 10,000 images. How many of them are anomalies "
        "and ring? How many are known, and ring too?",
        "d": "That is how likely it was before the alarm rang. Take 10,000 images. How many of them are anomalies and "
        "ring? How many are known, and ring too?",
    },
    passed="Of 10,000 images 100 are anomalies, and 90 of them ring; of the 9,900 known ones 495 ring. "
    "90 / 585 is 15 %.",
)
