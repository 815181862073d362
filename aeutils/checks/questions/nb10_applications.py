"""Questions of notebook 10, Applications."""

import torch
from torch import nn

from aeutils.checks import probes
from aeutils.checks.explain import near
from aeutils.checks.kinds import MORE, Case, ask, letter
from aeutils.models import Autoencoder


def _spoilt_digits():
    """Digits that are wrong by up to so much, each by another amount, more to the right; and smaller, dimmer images."""
    originals = probes.some_digits(3)
    pattern = (1 - 2 * originals.round()) * torch.linspace(0.2, 1, 28)
    images = originals + torch.tensor([0.4, 0.02, 0.1])[:, None, None, None] * pattern
    made = [Case(images, originals, shown="{name}, for three digits that are wrong by up to 0.4, 0.02, 0.1,")]
    made.append(Case(originals + 0.005 * pattern, originals, shown="{name}, for digits that are wrong by up to 0.005,"))
    for count, height, width in ((7, 8, 10), (5, 6, 4), (1, 5, 3), (130, 2, 3)):
        small = 0.7 * torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(3))
        noise = 0.2 * torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(4))
        noise *= torch.tensor([0.3, -1, 2])[:, None, None]  # each channel by another amount
        noise *= (7 * (torch.arange(1, count + 1) / count) ** 1.5).roll(2)[:, None, None, None]
        made.append(
            Case(
                (small + noise).clamp(0.02, 0.96),  # pixels lie between 0 and 1
                small,
                shown=f"{{name}}, for {count} colour image{'s' * (count > 1)} of {height} × {width} pixels,",
            )
        )
    return made


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
    own=("psnr", "peak_signal_noise_ratio"),
    mistakes={
        "averages the errors first": (
            "You averaged the errors first. Asked for is the mean of the decibels: each image has its own PSNR.",
            lambda images, originals: _level(_per_pixel(images, originals).mean()),
        ),
        "wrong peak": (
            "Peak and pixels are on two scales, one up to 255, as bytes are, and one up to 1. Here both go up to 1.",
            *[
                lambda images, originals, factor=factor: _level(_per_pixel(images, originals) * factor)
                for factor in (255**-2, 1 / 255, 255, 255**2)
            ],
        ),
        "wraps round": (
            "Bytes have no numbers below 0: 3 - 5 makes 254. Take the differences of the pixels as they are.",
            lambda images, originals: _level(
                (((255 * images).byte() - (255 * originals).byte()) ** 2).float().mean((1, 2, 3)) / 255**2
            ),
        ),
        "own peak": (
            "You took the brightest pixel that there is. The peak is the brightest that a pixel can be: 1.",
            lambda images, originals: _level(_per_pixel(images, originals) / originals.amax((1, 2, 3)) ** 2),
            lambda images, originals: _level(_per_pixel(images, originals) / images.amax((1, 2, 3)) ** 2),
            lambda images, originals: _level(_per_pixel(images, originals) / originals.max() ** 2),
            lambda images, originals: _level(_per_pixel(images, originals) / images.max() ** 2),
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
        "signal for peak": (
            "You compare with how bright the image is. The P stands for peak: the brightest that a pixel can be, 1.",
            lambda images, originals: _level(_per_pixel(images, originals) / originals.square().mean((1, 2, 3))),
        ),
        "no logarithm": (
            "That is the error itself. Decibels are 10 times the logarithm of 1 over it.",
            lambda images, originals: _per_pixel(images, originals).mean(),
        ),
        "root of the error": (
            "You took the root of the error. PSNR compares squares: the squared peak and the squared error.",
            lambda images, originals: _level(_per_pixel(images, originals)) / 2,
        ),
        "twice as many": (
            "20 times the logarithm belongs to errors that are not squared. Yours are.",
            lambda images, originals: 2 * _level(_per_pixel(images, originals)),
        ),
        "each channel by itself": (
            "You took the decibels of each channel, and averaged those. An image has one error, over all its numbers.",
            lambda images, originals: _level((images - originals).square().mean((2, 3))),
        ),
        "averaged over the images": (
            "You averaged over the images first, pixel by pixel. Each image has its own error, over its pixels.",
            lambda images, originals: _level((images - originals).square().mean(0)),
        ),
        "variance of the differences": (
            "You took the variance of the differences. An image that is too bright everywhere is wrong, too.",
            *[
                lambda images, originals, n=n: _level((images - originals).flatten(1).var(1, correction=n))
                for n in (0, 1)
            ],
        ),
        "not squared": (
            "These are differences. Square them at each pixel before you average.",
            lambda images, originals: _level((images - originals).abs().mean((1, 2, 3))),
            lambda images, originals: 2 * _level((images - originals).abs().mean((1, 2, 3))),
        ),
    },
)
def decibels(images, originals):
    """The PSNR of each image in decibels, averaged over the images."""
    return (-10 * (images - originals).square().mean((1, 2, 3)).log10()).mean()


class _Dimmed(nn.Module):
    """Makes of pixels (n, 784) their negative, dimmed, moved, with some of their mean: that shows what was given."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(0.7))

    def forward(self, pixels):
        return (self.weight * (1 - pixels.roll(300, 1)) + 0.2 * pixels.mean(1, keepdim=True)).reshape(-1, 1, 28, 28)


class _Negative(nn.Sequential):
    """An autoencoder that gives back each image as its negative, dimmed."""

    encoder, decoder = property(lambda self: self[0]), property(lambda self: self[1])

    def __init__(self):
        super().__init__(nn.Flatten(), _Dimmed())


def _holes():
    """Digits with a hole in each, elsewhere in each; what stands in the holes means nothing, and then is NaN."""
    images, missing = 0.97 * probes.some_digits(6), torch.zeros(6, 1, 28, 28, dtype=torch.bool)
    for index in range(6):
        missing[index, :, 5 + index : 17 + index, 14 - index : 26 - index] = True
    missing[4, :, 20:, ::5] = True  # not every hole is a square
    images[:, :, 3, ::4] = 0.5  # and what is known may be as grey as the holes
    images[missing] = torch.rand(int(missing.sum()), generator=torch.Generator().manual_seed(10))
    nan = "What stands in a hole may be anything, NaN too, and NaN times 0 is NaN. Choose pixels; do not multiply."
    empty = Case(_Negative(), images.masked_fill(missing, torch.nan), missing, name="keeps NaN", hint=nan)
    empty.shown = "{name}, for 6 digits with NaN in their holes,"
    more, holes = probes.some_digits(20), torch.rand(20, 1, 28, 28, generator=torch.Generator().manual_seed(1)) < 0.3
    holes[0], holes[1] = False, True
    holes[2] = torch.arange(784).reshape(28, 28) == 400
    return [
        Case(_Negative(), images, missing, shown="{name}, for 6 digits with holes,"),
        empty,
        Case(_Negative(), more[3:4], holes[3:4], shown="{name}, for one digit with many holes,", **MORE),
        Case(
            _Negative(),
            more,
            holes,
            shown="{name}, for 20 digits, of which one misses all pixels, one none, one one,",
            **MORE,
        ),
    ]


def _filled(shown):
    """An answer that shows the model something else; shown: of the images and missing."""
    return lambda model, images, missing: torch.where(missing, model(shown(images, missing)), images)


def _grey(images, missing):
    return torch.where(missing, 0.5, images)


@ask(
    "10",
    "What is known stays",
    "infill(model, images, missing)",
    cases=_holes,
    hint="First make what the network sees, with 0.5 in the holes. Then take from its answer what was missing.",
    dtype=torch.float32,
    tolerance=1e-5,
    mistakes={
        "the missing pixels alone": (
            "Your result holds the missing pixels alone. They belong into the images, at their places.",
            lambda model, images, missing: model(_grey(images, missing))[missing],
            lambda model, images, missing: model(_grey(images, missing)) * missing,
        ),
        "leaves the holes": (
            "The holes are grey, or as they were. Only the model can know what belongs there: take it from its answer.",
            lambda model, images, missing: images,
            lambda model, images, missing: _grey(images, missing),
        ),
        "replaces known pixels": (
            "What is known should stay, and the model's guess is worse. Take from its answer the missing pixels alone.",
            lambda model, images, missing: model(_grey(images, missing)),
            lambda model, images, missing: torch.where(missing, images, model(_grey(images, missing))),
            lambda model, images, missing: torch.where(missing, 0.5, model(_grey(images, missing))),
        ),
        "paints elsewhere": (
            "You painted other pixels grey than those that are missing. For each image, missing says where they are.",
            _filled(lambda images, missing: torch.where(missing[:1], 0.5, images)),
            _filled(lambda images, missing: torch.where(missing.any(0), 0.5, images)),
            _filled(
                lambda images, missing: images.masked_fill(nn.functional.pad(torch.ones(12, 12), [8] * 4) > 0, 0.5)
            ),
        ),
        "another range": (
            "The model saw other numbers than in training, where pixels went from 0 to 1, and holes were 0.5.",
            _filled(lambda images, missing: 2 * _grey(images, missing) - 1),
            _filled(lambda images, missing: 255 * _grey(images, missing)),
        ),
        "adds the answer": (
            "The model's answer is added to what stands in the holes. It should take its place.",
            lambda m, i, hole: _grey(i, hole) + m(_grey(i, hole)) * hole,
            lambda m, i, hole: i + m(_grey(i, hole)) * hole,
        ),
        "rounds the answer": (
            "What the model fills in comes out rounded. It should be as the model gives it.",
            lambda model, images, missing: torch.where(missing, model(_grey(images, missing)).round(), images),
        ),
        "filled in another order": (
            "The holes hold what the model answers elsewhere: masked_scatter takes its numbers one after the other.",
            lambda model, images, missing: images.masked_scatter(missing, model(_grey(images, missing))),
        ),
        "shows what means nothing": (
            "The model saw what stands at the missing places. That means nothing; in training it saw 0.5 there.",
            _filled(lambda images, missing: images),
        ),
        "mask the wrong way round": (
            "You painted over what is known, and left the holes. In missing, True stands where pixels are missing.",
            _filled(lambda images, missing: _grey(images, ~missing)),
            lambda model, images, missing: torch.where(missing, images, model(_grey(images, ~missing))),
        ),
        "shows grey only": (
            "Everything is grey in what the model saw. Only the holes are; what is known, it may see.",
            _filled(lambda images, missing: torch.full_like(images, 0.5)),
        ),
        "another number in the holes": (
            "A network can only know a hole by what it saw in holes in training. Which number was that?",
            _filled(lambda images, missing: images * ~missing),
            _filled(lambda images, missing: torch.where(missing, images[~missing].mean(), images)),
            *[
                _filled(lambda images, missing, number=number: torch.where(missing, number, images))
                for number in (0.0, 1.0, -1.0, 0.1, 0.2, 0.25, 0.75, -0.5, 1.5, 127.0, 128.0, 255.0)
            ],
        ),
    },
    rules={
        "replaces known pixels": (
            "Known pixels come out changed. Where missing is False, in each image by its own mask, they should stay.",
            lambda made, model, images, missing: near(made[~missing], images[~missing].double(), 1e-5),
        ),
        "another filling": (
            "What is known is right, what fills the holes is not, in some image at least. The model should see the "
            "images with 0.5 in all holes, once, and its answer fill each hole pixel by pixel.",
            lambda made, *given: False,
        ),
    },
)
def known_pixels_stay(model, images, missing):
    """The images, missing pixels filled by the model, the others as before."""
    return torch.where(missing, model(torch.where(missing, 0.5, images)), images)


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


JUDGED = [2.0, 30.5, 51.0, 70.5, 79.9, 84.5, 89.0, 91.3, 92.5, 93.5, 94.5, 96.0, 98.1, 99.3, 103.0, 108.0, 115.0, 130.0]
JUDGED += [150.0, 200.0, 300.0, 400.0, 99.95, 5.5, 9.5, 10.5, 15.0, 20.5, 40.5, 60.5, 12.5, 25.5, 65.5, 75.5]
"""The scores of the images to judge. Those of validation are 1 to 100, in an order that means nothing."""


def _to_judge():
    """A model with a copy in each image of 0.3 of its ink: its error is the score, and the ink ranks in reverse."""
    model, validation, images = (
        _black_model(),
        _with_scores([37 * n % 101 for n in range(1, 101)]),
        _with_scores(JUDGED),
    )
    shown = "{{name}}(model, validation, images, {}), for {} images with scores from {} to {},"
    return [
        Case(
            _half_model(), *_inky(), 0.1, shown="{name}(model, validation, images, 0.1), for a model of upper halves,"
        ),
        Case(model, validation, images, 0.1, shown=shown.format(0.1, len(JUDGED), 2, 400)),
        Case(model, validation / 10, images / 10, 0.2, shown=shown.format(0.2, len(JUDGED), 0.02, 4)),
        Case(model, validation, _with_scores([30.0]), 0.9, shown="{name}(..., 0.9), for one image with the score 30,"),
        Case(
            model,
            _with_scores([7.0 * n % 401 for n in range(1, 401)]),
            _with_scores([1500.0, 396.5, *[3.3 * n + 1 for n in range(120)]]),  # none near the threshold of 398
            0.005,
            shown="{name}(..., 0.005), for 400 images of validation and 122 to judge,",
        ),
        Case(
            model,
            validation,
            _with_scores([2.0, 60.5, 30.5]),
            0.1,
            shown="{name}(..., 0.1), for three images that are reconstructed well,",
            name="always rings for one",
            hint="None of these images should ring. Does yours always ring for some, or is its threshold another here?",
        ),
    ]


def _half_model():
    """An Autoencoder that gives back the upper half of an image, and black below: the lower half is its error."""
    model = _black_model(784)
    with torch.no_grad():
        model.encoder[1].weight.copy_(torch.eye(784))
        model.decoder[0].weight.copy_(torch.diag((torch.arange(784) < 392).float()))
    return model


def _inky():
    """Validation and images to judge whose errors under the half model do not go with their ink.

    Nor do they go with the largest difference, or the sum of differences: the error of each lies on 4, 8 or 14 rows.
    """
    made, generator = [], torch.Generator().manual_seed(0)
    for scores in (torch.arange(2.0, 101, 2) ** 1.5 / 10, torch.tensor([0.2, 1.0, 2.9, 3.0, 3.2, 4.0, 5.0, *JUDGED])):
        images = torch.zeros(len(scores), 1, 28, 28)
        images[:, :, :14] = torch.rand(len(scores), 1, 1, 1, generator=generator)
        for image, score, rows in zip(images, scores, torch.tensor([4, 14, 8]).repeat(40), strict=False):
            image[:, 14 : 14 + int(rows)] = (score / (28 * int(rows))).sqrt()
        made.append(images)
    return made


def _scores(model, images):
    return (model(images) - images).square().sum((1, 2, 3))


def _rings_above(threshold):
    """A detector; threshold: of the scores of validation, those of the images, and the share."""

    def detector(model, validation, images, share):
        scores = _scores(model, images)
        return scores > threshold(_scores(model, validation), scores, share)

    return detector


def _by_score(score):
    """A detector whose score is another one; score: of the model and images."""
    return lambda model, validation, images, share: score(model, images) > score(model, validation).quantile(1 - share)


_alarms = _rings_above(lambda known, strange, share: known.quantile(1 - share))


@ask(
    "10",
    "A detector that keeps its promise",
    "raise_alarms(model, validation, images, share)",
    cases=_to_judge,
    hint="Three steps: a score for each image, the threshold from the scores of validation, a comparison.",
    mistakes={
        "threshold from the images": (
            "Your threshold depends on the images to judge. A flood of anomalies would silence it. Ask validation.",
            _rings_above(lambda known, strange, share: strange.quantile(1 - share)),
        ),
        "another difference": (
            "Your score is the largest difference, or their sum. Square each difference, and sum the squares.",
            *[
                _by_score(lambda model, images, much=much: much((model(images) - images).flatten(1)))
                for much in (
                    lambda d: d.abs().amax(1),
                    lambda d: d.sum(1).abs(),
                    lambda d: d.abs().sum(1),
                    lambda d: d.sum(1),
                )
            ],
        ),
        "alarm for the familiar": (
            "It rings for what the model reconstructs well. A high score is what is strange.",
            lambda *given: ~_alarms(*given),
            lambda model, validation, images, share: ~_alarms(model, validation, images, 1 - share),
        ),
        "the highest of validation": (
            "No image of validation, or hardly one, lies above your threshold. How many may? share goes from 0 to 1.",
            _rings_above(lambda known, strange, share: known.quantile(1 - share / 100)),
            _rings_above(lambda known, strange, share: known.max()),
        ),
        "a percentage for a share": (
            "Nearly all of validation lies above your threshold. np.percentile counts to 100, quantile to 1.",
            _rings_above(lambda known, strange, share: known.quantile((1 - share) / 100)),
        ),
        "pixels, not images": (
            "Your threshold comes from single pixels. Each image of validation has one score; take those.",
            lambda model, validation, images, share: (
                _scores(model, images) / 784 > (model(validation) - validation).square().quantile(1 - share)
            ),
        ),
        "mean and deviations": (
            "The threshold is the mean, or some deviations above it. It knows nothing of the share that was promised.",
            *[
                _rings_above(lambda known, strange, share, times=times: known.mean() + times * known.std())
                for times in (0, 1, 1.28, 1.5, 1.645, 1.96, 2, 2.5, 3)
            ],
        ),
        "another share": (
            "Yours rings too often or too seldom. Which share of validation lies above your threshold?",
            _rings_above(lambda known, strange, share: known.quantile(1 - 2 * share)),
            _rings_above(lambda known, strange, share: known.quantile(1 - share / 2)),
            _rings_above(lambda known, strange, share: known.quantile(1 - share**2)),
        ),
        "threshold from both": (
            "The images to judge have a say in your threshold. Many anomalies would raise it. Ask validation alone.",
            _rings_above(lambda known, strange, share: torch.cat([known, strange]).quantile(1 - share)),
        ),
        "error by ink": (
            "Your score is the error divided by the ink of the image. It should be the error as it is.",
            _by_score(lambda model, images: _scores(model, images) / images.square().sum((1, 2, 3))),
        ),
        "share of the highest": (
            "The threshold is a share of the highest score. Above which score does that share of validation lie?",
            _rings_above(lambda known, strange, share: (1 - share) * known.max()),
        ),
        "ink, not error": (
            "Your score is how much ink an image has, or its reconstruction. It should be how far the two differ.",
            _by_score(lambda model, images: model(images).square().sum((1, 2, 3))),
            _by_score(lambda model, images: images.square().sum((1, 2, 3))),
            _by_score(lambda model, images: images.sum((1, 2, 3))),
        ),
        "scores, not alarms": (
            "These are no alarms yet. Compare the scores with the threshold, and return True or False for each.",
            lambda model, validation, images, share: _scores(model, images),
        ),
        "wrong tail": (
            "Too many images raise an alarm. The promised share should lie above the threshold: which lies below?",
            _rings_above(lambda known, strange, share: known.quantile(share)),
            _rings_above(lambda known, strange, share: known.sort().values[int(share * len(known)) - 1]),
        ),
    },
    rules={
        "one answer for all": (
            "All images get the same answer in yours. Is there one score for each, on the scale of the threshold?",
            lambda made, *given: len(made) < 2 or bool((made != made[0]).any()),
        ),
        "not by error": (
            "An image rings, and one with a larger error does not. What is your score, and is there one threshold?",
            lambda made, model, validation, images, share: bool(
                made[_scores(model, images).argsort()].diff().min() >= 0
            ),
        ),
        "another share": lambda made, *given: False,
    },
)
def alarms_as_promised(model, validation, images, share):
    """An alarm, True or False, for each image, at a share of false alarms."""
    threshold = _scores(model, validation).quantile(1 - share)
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
