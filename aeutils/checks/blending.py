"""Checks of notebook 11, Blending."""

import math

from aeutils.checks import probes
from aeutils.checks.question import attempt, call, choose, describe, question, require, require_function
from aeutils.models import fully_connected
import torch
from torch.nn import functional

COUNT = 5
"""Images that morph is asked for."""


@question("11", "A film from one image to the other")
def film_of_codes(morph):
    """morph(model, first, second, count): so many images (count, 1, 28, 28), decoded on the straight way of codes."""
    require_function(morph, "morph(model, first, second, count)")
    doing, expected = f"morph(model, first, second, {COUNT})", f"images of shape ({COUNT}, 1, 28, 28)"
    model, (first, second) = _bent_model(), probes.some_digits(2)
    frames = "Encode both images, walk between their codes, decode every stop. How many stops are asked for, in all?"
    film = call(morph, model, first.clone(), second.clone(), COUNT, doing=doing, expected=expected, hint=frames)
    if isinstance(film, (list, tuple)):  # of images with or without a batch of their own
        with attempt(doing, expected, "Put the images into one tensor: torch.cat or torch.stack.", "not a tensor"):
            film = torch.stack([torch.as_tensor(image).reshape(1, 28, 28) for image in film])
    seen = f"{doing} gave {describe(film)}"
    require(isinstance(film, torch.Tensor), "not a tensor", seen, expected, frames)
    codes = "These are codes, not yet images. Which half of the model turns codes into images?"
    require(film.ndim != 2 or film.shape[1] != 3, "returns codes", seen, expected, codes)
    require(film.shape[1:] == (1, 28, 28), "wrong shape", seen, expected, frames)
    require(len(film) == COUNT, "wrong number", seen, expected, "The two ends belong to the count, too.")
    with torch.no_grad():
        right, slips = _films(model, first, second)
    for misconception, (slip, hint) in slips.items():
        require(not _near(film, slip), misconception, f"{doing} gave another film", "blended codes, decoded", hint)
    even = "Each stop is (1 - t) times the first code and t times the second, with t in equal steps from 0 to 1."
    require(_near(film, right), "another film", f"{doing} gave another film", "blended codes, decoded", even)


def _bent_model():
    """A model with 3 latent variables, not trained, whose encoder and decoder are far from weighted sums."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(11)
        model = fully_connected((1, 28, 28), 3, (16,))
    with torch.no_grad():
        for layer in (model.decoder[0], model.decoder[2]):
            layer.weight *= 2
    return model.eval()


def _films(model, first, second):
    """The right film (COUNT, 1, 28, 28), and {misconception: (film, hint)}."""
    ends = torch.stack([first, second])
    codes, steps = model.encoder(ends), torch.arange(COUNT)[:, None]
    way = steps / (COUNT - 1)

    def mixed(pair, way):
        way = way.reshape(-1, *[1] * (pair.ndim - 1))
        return (1 - way) * pair[0] + way * pair[1]

    decoded = model.decoder(mixed(codes, way))
    pixels = "You mixed the images. Mix what the encoder makes of them."
    after = "You decoded the two codes and mixed the images. That is a double exposure, too: mix before you decode."
    through = "You mixed the images and sent the mixture through the model. Encode first, then mix the codes."
    end = "Yours stops before it has reached the second image. Which t must the last stop have?"
    start = "The film begins with the first image itself. Which t must the first stop have?"
    total = "Do the two weights of each stop add up to 1? Halfway, each code counts half."
    return decoded, {
        "mixes pixels": (mixed(ends, way), pixels),
        "mixes reconstructions": (mixed(model.decoder(codes), way), after),
        "encodes the mixture": (model(mixed(ends, way)), through),
        "other way round": (decoded.flip(0), "Yours begins with the second image and ends with the first."),
        "misses the end": (model.decoder(mixed(codes, steps / COUNT)), end),
        "misses both ends": (model.decoder(mixed(codes, (steps + 1) / (COUNT + 1))), f"{start} And the last one?"),
        "misses the start": (model.decoder(mixed(codes, (steps + 1) / COUNT)), start),
        "weights do not add up": (model.decoder(codes[0] + way * codes[1]), total),
    }


def _near(found, right):
    """Whether two tensors hold the same numbers, up to rounding; NaN is near nothing."""
    return found.shape == right.shape and torch.allclose(found.float(), right.float(), atol=1e-3)


@question("11", "A sphere without a hole")
def way_on_the_sphere(on_the_sphere):
    """on_the_sphere(first, second, t): codes (n, latent) on the arcs between the pairs of two tensors of codes."""
    require_function(on_the_sphere, "on_the_sphere(first, second, t)")
    first = torch.tensor([[3.0, 0, 0], [1.0, 2, 2], [0.0, 2, 0]])
    second = torch.tensor([[2.0, 4, 0], [2.0, 2, 1], [0.0, 1, 1]])
    no_angle = (
        "not an angle",
        "The arccos of what? A cosine is the product of two directions, of length 1 each.",
    )
    for t in (0.25, 0.5):
        right, slips = _arc(first, second, t), _sphere_slips(first, second, t)
        _require_codes(on_the_sphere, first, second, t, "three pairs of codes", right, no_angle, slips)
    same = torch.tensor([[1.0, 2, 2], [3.0, 1, 1], [0.3, 0.1, 0.7]])
    twice = torch.cat([same, same, first]), torch.cat([same, 2 * same, second])
    right = torch.cat([same, 1.5 * same, _arc(first, second, 0.5)])
    what = "nine pairs, of which six have equal directions"
    hole = "Where two directions are equal, the sine of their angle is 0. And rounding may take a cosine above 1."
    _require_codes(on_the_sphere, *twice, 0.5, what, right, ("divides by zero", hole), {})
    return "The shorter the arc, the straighter it is: where there is none left, the straight line does as well."


def _require_codes(on_the_sphere, first, second, t, what, right, not_finite, slips):
    """Raise NotYet unless on_the_sphere(first, second, t) is right.

    what: the pairs in words. not_finite: misconception and hint where it is NaN. slips: {misconception: (codes, hint)}.
    """
    doing, expected = f"on_the_sphere, for {what} and t = {t},", f"{_rounded(right)}"
    one_each = "One code for each pair is asked for, as long as theirs."
    found = call(on_the_sphere, first.clone(), second.clone(), t, doing=doing, expected=expected, hint=one_each)
    seen = f"{doing} gave {describe(found)}"
    require(isinstance(found, torch.Tensor), "not a tensor", seen, expected, one_each)
    require(found.shape == right.shape, "wrong shape", seen, expected, one_each)
    seen = f"{doing} gave {_rounded(found)}"
    require(bool(found.isfinite().all()), not_finite[0], seen, expected, not_finite[1])
    for misconception, (slip, hint) in slips.items():
        require(not _near(found, slip), misconception, seen, expected, hint)
    arc = "Which pairs are wrong in yours? Where the angle is 0, the lengths of the two ends may still differ."
    require(_near(found, right), "another way", seen, expected, arc)


def _angle(first, second):
    """The angle between the two codes of each pair, in radians, (n, 1)."""
    return torch.arccos(functional.cosine_similarity(first, second)[:, None])


def _arc(first, second, t, angle=None):
    """Codes on the arcs from first to second, with their own angles or others."""
    angle = _angle(first, second) if angle is None else angle
    return (torch.sin((1 - t) * angle) * first + torch.sin(t * angle) * second) / torch.sin(angle)


def _sphere_slips(first, second, t):
    """{misconception: (codes, hint)} of on_the_sphere."""
    angle = _angle(first, second)
    units = [functional.normalize(ends) for ends in (first, second)]
    radians = "sin takes radians. In which unit is your angle?"
    length = "Yours has length 1 everywhere. At t = 0 the code itself must come out, with the length that it has."
    straight = "That is the straight line. On the sphere the weights are sines."
    return {
        "straight line": (torch.lerp(first, second, t), straight),
        "loses the lengths": (_arc(*units, t), length),
        "degrees": (_arc(first, second, t, angle.rad2deg()), radians),
        "cosine for angle": (_arc(first, second, t, angle.cos()), "That is the cosine. The angle is its arccos."),
        "one angle for all": (_arc(first, second, t, angle.mean()), "Each pair has an angle of its own."),
        "not divided": (
            _arc(first, second, t) * angle.sin(),
            "At t = 1 the second code must come out as it is.",
        ),
    } | ({} if t == 0.5 else {"other way round": (_arc(second, first, t), "At t = 0 yours begins with the second.")})


def _rounded(codes):
    """The codes as lists of numbers with two decimals."""
    return [[round(number, 2) for number in code] for code in codes.tolist()]


@question("11", "How many bits does each latent variable hold?")
def bits_in_each(bits_per_variable):
    """bits_per_variable(mean, log_variance): the KL divergence of each latent variable, in bits, (latent,).

    mean, log_variance: (images, latent).
    """
    require_function(bits_per_variable, "bits_per_variable(mean, log_variance)")
    mean = torch.tensor([[2.0, 0, 0.5], [-1.0, 0, -0.5], [1.5, 0, 1.0], [-2.5, 0, 0.0]])
    log_variance = torch.tensor([[-3.0, 0, -0.5], [-2.0, 0, -1.0], [-4.0, 0, -0.5], [-3.0, 0, 0.5]])
    right = _nats(mean, log_variance).mean(0) / math.log(2)
    doing = "bits_per_variable, for 4 images and 3 latent variables,"
    expected = f"{_rounded(right[None])[0]}"
    each = "One number for each latent variable: the term of section 6, averaged over the images and not summed."
    given = (mean.clone(), log_variance.clone())
    found = call(bits_per_variable, *given, doing=doing, expected=expected, hint=each)
    with attempt(doing, expected, each, "not numbers"):
        found = torch.as_tensor(found).float()
    seen = f"{doing} gave {describe(found)}"
    images = "That is one number for each image. Asked for is one for each latent variable: which axis is which?"
    require(found.shape != (4,), "one per image", seen, expected, images)
    require(found.numel() != 1, "one number", seen, expected, f"That is a single number. {each}")
    require(found.shape == right.shape, "wrong shape", seen, expected, each)
    seen = f"{doing} gave {_rounded(found[None])[0]}"
    for misconception, (slip, hint) in _bit_slips(mean, log_variance).items():
        require(not _near(found, slip), misconception, seen, expected, hint)
    term = "Take the KL divergence of section 6, term by term. A variable with mean 0 and variance 1 holds 0 bits."
    require(_near(found, right), "another number", seen, expected, term)


def _nats(mean, log_variance):
    """KL divergence from N(0, 1) of each latent variable of each image, in nats."""
    return (mean**2 + log_variance.exp() - 1 - log_variance) / 2


def _bit_slips(mean, log_variance):
    """{misconception: (numbers, hint)} of bits_per_variable."""
    right = _nats(mean, log_variance).mean(0) / math.log(2)
    signs = "Is each sign as in section 6? A variance far from 1 must cost something, in either direction."
    nats = "These are the right numbers in the unit of the natural logarithm. How many of them make one bit?"
    taken = "You took log_variance for the variance. Which function undoes a logarithm?"
    deviation = "exp(log_variance / 2) is the standard deviation. The KL term asks for the variance."
    return {
        "nats": (right * math.log(2), nats),
        "wrong conversion": (right * math.log(2) ** 2, "Yours is too small. Is a bit more than a nat, or less?"),
        "forgets the half": (2 * right, "Twice as much as it should be: the term in section 6 begins with 1/2."),
        "nats without the half": (2 * right * math.log(2), f"Is the 1/2 of the term there? And: {nats}"),
        "sum over the images": (4 * right, "That is the sum over the images. Take their average."),
        "turned round": (-right, "A divergence is never negative. Look at the signs of all four parts."),
        "log-variance as variance": (
            _nats(mean, log_variance.abs().clamp_min(1e-12).log()).mean(0) / math.log(2),
            taken,
        ),
        "standard deviation": (_slipped(mean**2 + (log_variance / 2).exp() - 1 - log_variance), deviation),
        "wrong sign": (_slipped(mean**2 + log_variance.exp() - 1 + log_variance), signs),
        "mean not squared": (_slipped(mean + log_variance.exp() - 1 - log_variance), "What about a mean below 0?"),
    }


def _slipped(parts):
    """Bits out of the sum of the four parts of the term (images, latent)."""
    return parts.mean(0) / (2 * math.log(2))


@question("11", "Blending the codes of PCA")
def blend_of_pca_codes(answer):
    """A letter: what comes out halfway between two codes of PCA."""
    moved = "What moves strokes is the bend of the decoder. PCA's decoder is a weighted sum: what can that bend?"
    lost = "PCA keeps 20 numbers of 784. Does what was lost come back when two codes are mixed?"
    nearest = "Nothing in PCA looks for a digit. What does a weighted sum do to an average?"
    choose(answer, "b", {"a": moved, "c": lost, "d": nearest})
    return "Weighted sums and averages may change places. What blending gains in a latent space, the bends bring."
