"""Questions of notebook 03, The simplest autoencoder."""

from contextlib import suppress

import torch
from torch import nn

from aeutils.checks import probes
from aeutils.checks.core import attempt, call, question, require
from aeutils.checks.feedback import describe
from aeutils.checks.kinds import Case, ask
from aeutils.models import Autoencoder


@ask(
    "03",
    "Count the parameters",
    "parameter_count(pixels, latent_size)",
    cases=[(784, 20), (12, 5), (10_000, 1)],
    hint="For each of the two layers: inputs times outputs weights, and a bias for each output.",
    tolerance=1e-9,
    mistakes={
        "no biases": (
            "The weights are all there. Each layer has something more: a constant for each output.",
            lambda pixels, latent_size: 2 * pixels * latent_size,
        ),
        "one layer": (
            "That is a weight for each pair of pixel and code number, once. There are two layers.",
            lambda pixels, latent_size: pixels * latent_size,
        ),
        "one bias per layer": (
            "A layer has a bias for each of its outputs, not one for all of them.",
            lambda pixels, latent_size: 2 * pixels * latent_size + 2,
        ),
        "biases of inputs": (
            "Too many biases: a layer has one for each output, none for its inputs.",
            lambda pixels, latent_size: 2 * (pixels * latent_size + latent_size + pixels),
            lambda pixels, latent_size: 2 * pixels * latent_size + 2 * pixels,
            lambda pixels, latent_size: 2 * (pixels + 1) * (latent_size + 1),
        ),
        "biases multiplied": (
            "You multiplied by the biases. Each output adds one number to the count.",
            lambda pixels, latent_size: pixels * latent_size * latent_size + latent_size * pixels * pixels,
        ),
        "no product": (
            "You added up sizes. A weight connects each input with each output. (len counts rows, numel all numbers.)",
            lambda pixels, latent_size: 2 * (pixels + latent_size),
            lambda pixels, latent_size: pixels + latent_size + pixels,
        ),
        "tensors counted": (
            "That is how many tensors of parameters there are. How many numbers does each of them hold?",
            lambda pixels, latent_size: 4,
        ),
        "encoder only": (
            "That is the encoder. The decoder has parameters of its own.",
            lambda pixels, latent_size: pixels * latent_size + latent_size,
        ),
        "weights once": (
            "The biases are there, the weights only once. The decoder has its own weights.",
            lambda pixels, latent_size: pixels * latent_size + latent_size + pixels,
        ),
        "decoder's biases forgotten": (
            "The encoder has its biases. How many outputs does the decoder have?",
            lambda pixels, latent_size: 2 * pixels * latent_size + latent_size,
        ),
        "encoder twice": (
            "That is the encoder twice. The decoder has as many weights, but other outputs.",
            lambda pixels, latent_size: 2 * (pixels * latent_size + latent_size),
        ),
    },
    passed=f"for a photograph of 12 million pixels the same two layers would have {492_000_020:,} parameters",
)
def parameter_count(pixels, latent_size):
    """Parameters of a network pixels -> latent_size -> pixels, both layers with biases."""
    return pixels * latent_size + latent_size + (latent_size * pixels + pixels)


SHARES = "Add up over images and pixels first. Divide once, at the end."


class _Blend(nn.Module):
    """Decodes a code, which is the flat image, into a share of that image and the rest of one fixed image."""

    def __init__(self, share, fixed):
        super().__init__()
        self.share, self.fixed = share, nn.Parameter(fixed)

    def forward(self, codes):
        return self.share * codes.unflatten(1, self.fixed.shape) + (1 - self.share) * self.fixed


def _blends():
    digits = probes.digits().train_images[:2100]
    images, fixed = digits[:12], (4 * digits[12]).round() / 4  # so that the mean of equal images is exact
    shares = (0.6, 0.0, 1.0, torch.linspace(0.2, 0.9, 28), 1.5)
    mixed, one_answer, copy, uneven, louder = (Autoencoder(nn.Flatten(), _Blend(share, fixed)) for share in shares)
    small = Autoencoder(nn.Flatten(), _Blend(0.6, fixed[..., 4:24, 2:26]))
    bent = Autoencoder(nn.Flatten(), nn.Sequential(_Blend(4.0, fixed), nn.Sigmoid()))
    return [
        Case(mixed, images, shown="{name}(mixed, 12 digits)"),
        Case(one_answer, images, shown="{name}(one_answer, 12 digits)"),
        Case(copy, images[:5], shown="{name}(copy, 5 digits)"),
        Case(mixed, images[:7], shown="{name}(mixed, 7 digits)"),
        Case(bent, digits[20:32], shown="{name}(bent, 12 digits)"),
        Case(
            uneven,
            images,
            shown="{name}(uneven, 12 digits)",
            name="mean of shares",
            hint=SHARES,
        ),
        Case(
            small,
            images[..., 4:24, 2:26],
            shown="{name}(small, 12 images of 20 x 24 pixels)",
            name="784 built in",
            hint="Images may have other numbers of pixels than 784. Is a number of pixels, or of rows, built in?",
        ),
        Case(
            louder,
            images,
            shown="{name}(louder, 12 digits)",
            name="cut at 1",
            hint="A model may spread images further apart: then the share is above 1.",
        ),
        Case(
            uneven,
            digits[digits.sum((1, 2, 3)).argsort()],  # so that parts differ
            shown="{name}(uneven, 2,100 digits)",
            name="a part only",
            hint="There may be many images. Are all used, with one mean image?",
        ),
    ]


def _spread(images):
    return (images - images.mean(0)).square().sum()


def _ratio(model, images, spread):
    return spread(model(images)) / spread(images)


@ask(
    "03",
    "How much of the variety comes through",
    "spread_kept(model, images)",
    cases=_blends,
    bare=True,
    hint="A spread: squared differences from the mean image, added up. Once for what comes out, once for images.",
    mistakes={
        "not the reconstructions": (
            "Both spreads are the same. Is one that of model(images)?",
            lambda model, images: 1.0,
        ),
        "not divided": (
            "That is a single spread. Divide that of the reconstructions by that of the images.",
            lambda model, images: _spread(model(images)),
            lambda model, images: _spread(model(images)) / len(images),
            lambda model, images: model(images).var(0).mean(),
            lambda model, images: model(images).var(0, correction=0).mean(),
            lambda model, images: _spread(images),
        ),
        "subtracted": (
            "That is a difference of two spreads. A share is a quotient.",
            lambda model, images: _spread(model(images)) - _spread(images),
        ),
        "one mean for all pixels": (
            "Bright and dark pixels of an image are no spread between images. Take the mean along the images.",
            lambda model, images: model(images).var() / images.var(),
            lambda model, images: model(images).var((1, 2, 3)).sum() / images.var((1, 2, 3)).sum(),
        ),
        "the error": (
            "That comes from the error. Compare the reconstructions with each other, not with what went in.",
            lambda model, images: (model(images) - images).square().sum() / _spread(images),
            lambda model, images: 1 - (model(images) - images).square().sum() / _spread(images),
        ),
        "not squared": (
            "You added up sizes of differences, or deviations. A spread has the squares.",
            lambda model, images: model(images).std(0).sum() / images.std(0).sum(),
            lambda model, images: (
                (model(images) - model(images).mean(0)).abs().sum() / (images - images.mean(0)).abs().sum()
            ),
            lambda model, images: _ratio(model, images, lambda x: (x - x.mean(0)).flatten(1).norm(dim=1).sum()),
        ),
        "squared too late": (
            "You added up differences, and then squared. In a sum they cancel: square each one first.",
            lambda model, images: _ratio(model, images, lambda x: (x - x.mean(0)).flatten(1).sum(1).square().sum()),
        ),
        "nothing left": (
            "0 / 0 gives such a number. Which spread is 0: along the one channel, or at a pixel that is always black?",
            lambda model, images: torch.nan,
        ),
        "mean of the inputs": (
            "The reconstructions have a mean image of their own: take that.",
            lambda model, images: (model(images) - images.mean(0)).square().sum() / _spread(images),
        ),
        "other images": (
            "Does the model get the images themselves, as they are?",
            lambda model, images: _spread(model(images - images.mean(0))) / _spread(images),
            lambda model, images: _spread(model(model(images))) / _spread(model(images)),
        ),
        "mean of shares": (
            SHARES,
            lambda model, images: (model(images).var(0) / images.var(0))[images.var(0) > 0].mean(),
            lambda model, images: (model(images).var(0) / images.var(0).clamp(min=1e-8)).mean(),
            lambda model, images: _ratio(model, images, lambda x: (x - x.mean(0)).square().sum((1, 2, 3))).mean(),
        ),
        "reconstructs the mean": (
            "You reconstructed the mean image. Asked for is the mean of the reconstructions: another image.",
            lambda model, images: (
                (model(images) - model(images.mean(0, keepdim=True))).square().sum() / _spread(images)
            ),
        ),
    },
)
def spread_kept(model, images):
    """The spread of the reconstructions, as a share of the spread of the images."""

    def spread(images):
        return ((images - images.mean(0)) ** 2).sum() / len(images)

    return spread(model(images)) / spread(images)


IN_ORDER, APART, UNEVEN = "40 people in order", "50 people, far apart", "41 people, one on 60 of 100 images"
"""Here the images of each person lie together; where they do not, mistakes of another kind come to light."""


@question("03", "Keep back people, not images", "keep_back(people)")
def keep_back_people(keep_back):
    """keep_back(people): for the person on each image, int64 (n,), a mask (n,): True for every fifth person or so."""
    sets = {
        IN_ORDER: torch.arange(40).repeat_interleave(10),
        "people 0 to 9": torch.arange(10).repeat(3),
        "people 0, 5, 10 ... 95": torch.arange(0, 100, 5).repeat(2),
        "30 people on one image each": torch.arange(30),
        "mixed images": torch.tensor([40, 3, 8, 77, 12, 12, 3, 90, 41, 3, 40, 77, 8, 12, 55, 90, 33, 65, 3, 33]),
        APART: (torch.arange(50) ** 3).repeat(2),
        "50 people, mixed": torch.randperm(200, generator=torch.Generator().manual_seed(0)) % 50,
        "300 people": torch.arange(300).repeat(2),
        UNEVEN: torch.cat([torch.full((60,), 7), torch.arange(100, 140)]),
        "people 0, 256, 512 ...": 256 * torch.arange(100).repeat(2),
    }
    for name, people in sets.items():
        doing = f"keep_back(people), {name},"
        expected = f"a mask: True or False for each of {len(people)} images"
        hint = "people == 7 is such a mask: True for each image of person 7."
        given = people.clone()
        made = call(keep_back, given, doing=doing, expected=expected, hint=hint)
        own = "Your function changes the people that it is given. Make a new tensor."
        require(torch.equal(given, people), "changes its input", f"after {doing} people is another", "as before", own)
        with attempt(f"making a tensor of what {doing} gave", expected, hint, "not a mask"):
            mask = torch.as_tensor(made)
        fits = mask.shape == people.shape and mask.dtype == torch.bool
        require(fits, "not a mask", f"{doing} gave {describe(made)}", expected, hint)
        _require_split(name, people, mask.bool(), keep_back)
    few = torch.tensor([2, 31, 400, 5_000, 60_000]).repeat(3)
    counts = {len(few[keep_back(few.clone())].unique()) for _ in range(20)}
    chance = "Does chance decide for each person, or for numbers that nobody has? Settle how many are kept back, and "
    chance += "then choose so many of those who occur."
    seen = f"5 people, far apart, 20 times: from {min(counts)} to {max(counts)} of them kept back"
    require(len(counts) == 1, "a coin for each", seen, "about every fifth person each time", chance)
    return "nobody who is kept back is among the others, in whatever order the images come"


def _require_split(name, people, mask, keep_back):
    """Raise NotYet unless each person is on one side of the mask, and the side kept back is the smaller one."""
    kept, others = set(people[mask].tolist()), set(people[~mask].tolist())
    expected = "about every fifth person kept back, with all images"
    fixed = "Other data sets have other people, and more or fewer of them. Which ones occur in people?"
    print_it = "Print whom you choose, and when True comes out. A set never holds the tensor that you look for: "
    print_it += "tolist() makes numbers of tensors."
    none = print_it if name == IN_ORDER else fixed
    require(kept, "nobody kept back", f"{name}: nobody is kept back", expected, none)
    often = "Everybody is chosen. Images name each person many times: count, and choose, among people named once each."
    left = often if name == IN_ORDER else fixed
    require(others, "nobody left", f"{name}: nobody is left to train on", expected, left)
    for person in sorted(kept & others):
        cut = name == IN_ORDER or len(kept & others) == 1  # the one where the count of images ends
        misconception = "chooses images" if cut else "trusts the order"
        hint = "Who was seen on one image is no stranger any more: choose people, and take all images of each."
        apart = "Here the images of a person lie apart. Place by place, the mask follows people: who is on each image?"
        seen = f"{name}: person {person} is on both sides"
        require(False, misconception, seen, expected, hint if cut else apart)
    shown = f"{name}: {len(kept)} of {len(kept | others)} people are kept back"
    share = len(kept) / len(kept | others)
    turned = "Most people are kept back. True means kept back. Or did you choose images? A few show nearly everybody."
    require(share < 0.6 or name != IN_ORDER, "turned round", shown, expected, turned)
    many = "There may be more people than 40, or fewer: is a number of people built in, or one of images?"
    if "mixed" in name or name.startswith("people"):
        many = (
            "Does each person stand once in your list of people, also where their images lie apart? Or is a number "
            "of people built in?"
        )
        with suppress(Exception):  # what copes with one order may stop in another
            ordered = people.sort().values
            sorted_by = len(ordered[torch.as_tensor(keep_back(ordered.clone()))].unique())
            if sorted_by != len(kept):
                many = f"The same images, sorted by person, give {sorted_by} people: why does their order count? {many}"
    require(share < 0.6, "a fixed number of people", shown, expected, many)
    fifth = "About a fifth of the people, however many there are. Which share is yours, or is a number built in?"
    if name == APART:
        fifth = "Here the numbers of the people lie far apart. Do you choose by how large a number is? Choose by place."
    if name == UNEVEN:
        fifth = "Here one person is on most of the images. A fifth of the people is asked for, not of the images."
    low, high = (0.17, 0.24) if len(kept | others) > 200 else (0.1, 0.4)  # few people may be drawn by chance
    require(low <= share <= high or len(kept | others) < 40, "not a fifth", shown, expected, fifth)


CODES = torch.tensor(
    [
        [0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.5],
        [0.0, -1.0, -2.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0],
        [0.0, 1.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0],
        [0.0, 0.0, 0.0, 0.0, 4.0, -1.5, 0.0, -3.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    ]
)
"""Codes of 5 images with 3 dead numbers of 10; every misunderstanding counts another number in them."""
FAINT = torch.tensor([[0.0, 1e-4, 0.5, 0.0, 1e-18], [0.0, 0.0, -0.5, 0.0, 0.0], [0.0, -2e-4, 0.0, 0.0, 0.0]])
"""Codes of which two numbers are near 0 for every image, and not dead."""
MANY = CODES.repeat(300, 1).sort(0).values
MANY[1100, 0] = 2.5  # one image of 1,500 uses it
NEARLY = "Nearly 0 still says something. Dead is exactly 0."


def _of_codes(codes, **told):
    shown = f"{{name}}(codes) for {len(codes)} images with {codes.shape[1]} numbers each"
    return Case(codes, shown=shown, **told)


@ask(
    "03",
    "Count the dead code numbers",
    "count_dead(codes)",
    cases=[
        *map(_of_codes, (CODES, torch.ones(2, 3), torch.zeros(6, 24), torch.tensor([[0.0, 2.0, 0.0]]), MANY)),
        _of_codes(FAINT, name="nearly 0", hint=NEARLY),
    ],
    hint="A number is dead when it is 0 for all images: ask that of each column, then count the columns.",
    mistakes={
        "counts zeros": (
            "You counted single numbers. Dead is 0 for every image: count columns.",
            lambda codes: (codes == 0).sum(),
            lambda codes: (codes == 0).sum() // len(codes),
            lambda codes: codes.shape[1] - (codes != 0).sum(),
        ),
        "counts images": (
            "You went along each image. A dead number is a column.",
            lambda codes: (codes == 0).all(1).sum(),
        ),
        "counts the living": ("Those are alive: not 0 for some image.", lambda codes: (codes != 0).any(0).sum()),
        "looks at one image": (
            "You did not look at every image. Another one may well use that number.",
            lambda codes: ((codes[0] == 0) & (codes[-1] == 0)).sum(),
            lambda codes: (codes[0] == 0).sum(),
            lambda codes: (codes[-1] == 0).sum(),
        ),
        "20 built in": (
            "You subtracted from 20. Codes may have more numbers than that, or fewer: ask for their shape.",
            lambda codes: 20 - (codes != 0).any(0).sum(),
        ),
        "as many as images": (
            "You looked at as many columns as there are images. Which place in codes.shape counts the columns?",
            lambda codes: (codes[:, range(len(codes))] == 0).all(0).sum(),
        ),
        "any zero": (
            "Each is 0 for some image. Dead is 0 for every image.",
            lambda codes: (codes == 0).any(0).sum(),
            lambda codes: (codes.prod(0) == 0).sum(),
        ),
        "most images": (
            "A number that is 0 for most images says something with the others. Dead is 0 for every image.",
            *[lambda codes, part=part: ((codes == 0).float().mean(0) > part).sum() for part in (0.5, 0.9, 0.99)],
        ),
        "adds up": (
            "1 and -1 add up to 0, too: such a number lives.",
            lambda codes: (codes.sum(0).abs() < 1e-6).sum(),
            lambda codes: (codes.sum(0) == 0).sum(),
        ),
        "positive only": (
            "A number below 0 is not dead. Dead is 0 for every image.",
            lambda codes: (codes <= 0).all(0).sum(),
        ),
        "negative only": (
            "A number above 0 is not dead. Dead is 0 for every image.",
            lambda codes: (codes >= 0).all(0).sum(),
            lambda codes: (codes.amin(0) == 0).sum(),
        ),
        "nearly 0": (
            NEARLY,
            lambda codes: (codes.abs() < 1e-3).all(0).sum(),
            lambda codes: (codes.abs() < 1e-6).all(0).sum(),
        ),
        "always the same": (
            "A number that is the same for all images, and not 0, is not meant here.",
            lambda codes: (codes == codes[0]).all(0).sum(),
            lambda codes: (codes.std(0) == 0).sum(),
        ),
        "all at once": (
            "That asks one question of all codes together. Ask each column, and count the columns.",
            lambda codes: (codes == 0).all().int(),
        ),
        "a share": ("That is a share. Asked for is how many.", lambda codes: (codes == 0).all(0).float().mean()),
    },
)
def dead_code_numbers(codes):
    """How many of the numbers in codes (n, latent) are 0 for every image, an int."""
    return (codes == 0).all(0).sum()
