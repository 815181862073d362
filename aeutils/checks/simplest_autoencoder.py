"""Checks of notebook 03, The simplest autoencoder."""

from functools import partial

from aeutils.checks.probes import require_number, some_digits
from aeutils.checks.question import attempt, call, describe, question, require, require_function
from aeutils.models import Autoencoder
import torch
from torch import nn

IN_ORDER = "40 people in order"
"""Here the images of each person lie together; where they do not, mistakes of another kind come to light."""
CODES = torch.tensor(
    [
        [0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0],
        [0.0, -1.0, -2.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0],
        [0.0, 1.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 4.0, -1.5, 0.0, -3.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    ]
)
"""Codes of 5 images with 3 dead numbers of 9; every misunderstanding counts another number in them."""


@question("03", "Count the parameters")
def parameter_count(count):
    """count(pixels, latent_size): parameters of a network pixels -> latent_size -> pixels, both layers with biases."""
    require_function(count, "parameter_count(pixels, latent_size)")
    hint = "For each of the two layers: inputs times outputs weights, and a bias for each output."
    slips = {
        31_360: ("no biases", "The weights are all there. Each layer has something more: a constant for each output."),
        15_700: ("encoder only", "That is the encoder. The decoder has parameters of its own."),
        16_464: ("decoder only", "That is the decoder. The encoder has parameters of its own."),
        15_680: ("one layer", "That is a weight for each pair of pixel and code number, once. There are two layers."),
        16_484: ("weights once", "The biases are there, the weights only once. The decoder has its own weights."),
        31_380: ("decoder's biases forgotten", "The encoder has its biases. How many outputs does the decoder have?"),
        32_144: ("encoder's biases forgotten", "The decoder has its biases. How many outputs does the encoder have?"),
        31_362: ("one bias per layer", "A layer has a bias for each of its outputs, not one for all of them."),
        32_968: ("biases of inputs", "Too many biases: a layer has one for each output, none for its inputs."),
    }
    for pixels, latent_size in [(784, 20), (12, 5), (10_000, 1)]:
        doing = f"parameter_count({pixels}, {latent_size})"
        right = 2 * pixels * latent_size + latent_size + pixels
        found = call(count, pixels, latent_size, doing=doing, expected=f"{right:,}", hint=hint)
        require_number(found, right, slips if pixels == 784 else {}, doing, hint, tolerance=1e-9)
    return f"for a photograph of 12 million pixels the same two layers would have {492_000_020:,} parameters"


class _Blend(nn.Module):
    """Decodes a code, which is the flat image, into a share of that image and the rest of one fixed image."""

    def __init__(self, share, fixed):
        super().__init__()
        self.share, self.fixed = share, nn.Parameter(fixed)

    def forward(self, codes):
        return self.share * codes.unflatten(1, (1, 28, 28)) + (1 - self.share) * self.fixed


@question("03", "How much of the variety comes through")
def spread_kept(share_kept):
    """share_kept(model, images): the spread of the reconstructions, as a share of the spread of the images."""
    require_function(share_kept, "spread_kept(model, images)")
    digits = some_digits(13)
    images, fixed = digits[:12], digits[12]
    mixed, one_answer, copy = (Autoencoder(nn.Flatten(), _Blend(share, fixed)) for share in (0.6, 0.0, 1.0))
    require_share = partial(_require_share, share_kept)
    require_share("mixed", mixed, images, 0.36, _spread_slips(images, mixed(images).detach()))
    always = "This model gives the same image whatever it gets. Do you look at what comes out, model(images)?"
    require_share("one_answer", one_answer, images, 0.0, {1.0: ("not the reconstructions", always)})
    require_share("copy", copy, images[:5], 1.0, {})


def _require_share(share_kept, name, model, images, right, slips):
    """Raise NotYet unless share_kept(model, images) is the number right."""
    doing = f"spread_kept({name}, {len(images)} digits)"
    detached = "model(images) is a tensor like images; numpy takes it as model(images).detach().numpy()."
    found = call(share_kept, model, images.clone(), doing=doing, expected=f"{right}", hint=detached)
    hint = "A spread: squared differences from the mean image, added up. Once for what comes out, once for images."
    require_number(found, right, slips, doing, hint)


def _spread_slips(images, made):
    """{number: (misconception, hint)} to which misunderstandings lead, for images and their reconstructions."""
    spread = images.var(0, correction=0).sum().item()
    error = (made - images).square().sum((1, 2, 3)).mean().item() / spread
    about_inputs = (made - images.mean(0)).square().sum((1, 2, 3)).mean().item() / spread
    of_pixels = "Bright and dark pixels of an image are no spread between images. Take the mean along the images."
    divide = "That is the spread of the reconstructions. Divide it by that of the images."
    of_error = "That comes from the error. Compare the reconstructions with each other, not with what went in."
    return {
        0.6: ("not squared", "So much of each difference comes through. The spread is made of their squares."),
        1 / 0.36: ("upside down", "You divided the images' spread by that of the reconstructions."),
        1.0: ("not the reconstructions", "Both spreads are the same here. Is one of them that of model(images)?"),
        0.64: ("lost, not kept", "That is the share that is lost. Asked for is the share that came through."),
        spread * 0.36: ("not divided", divide),
        spread * 0.36 / 784: ("not divided", divide),
        (made.var() / images.var()).item(): ("one mean for all pixels", of_pixels),
        (made.var((1, 2, 3)).sum() / images.var((1, 2, 3)).sum()).item(): ("one mean for all pixels", of_pixels),
        error: ("the error", of_error),
        1 - error: ("the error", of_error),
        about_inputs: ("mean of the inputs", "The reconstructions have a mean image of their own: take that."),
    }


@question("03", "Keep back people, not images")
def keep_back_people(keep_back):
    """keep_back(people): for the person on each image, int64 (n,), a mask (n,): True for every fifth person or so."""
    require_function(keep_back, "keep_back(people)")
    sets = {
        IN_ORDER: torch.arange(40).repeat_interleave(10),
        "people 0 to 9": torch.arange(10).repeat(3),
        "mixed images": torch.tensor([40, 3, 8, 77, 12, 12, 3, 90, 41, 3, 40, 77, 8, 12, 55, 90, 33, 65, 3, 33]),
    }
    for name, people in sets.items():
        doing = f"keep_back(people), {name},"
        expected = f"a mask: True or False for each of {len(people)} images"
        hint = "people == 7 is such a mask: True for each image of person 7."
        made = call(keep_back, people.clone(), doing=doing, expected=expected, hint=hint)
        with attempt(f"making a tensor of what {doing} gave", expected, hint, "not a mask"):
            mask = torch.as_tensor(made)
        fits = mask.shape == people.shape and bool(((mask == 0) | (mask == 1)).all())
        require(fits, "not a mask", f"{doing} gave {describe(made)}", expected, hint)
        _require_split(name, people, mask.bool())
    return "nobody who is kept back is among the others, in whatever order the images come"


def _require_split(name, people, mask):
    """Raise NotYet unless each person is on one side of the mask, and the side kept back is the smaller one."""
    kept, others = set(people[mask].tolist()), set(people[~mask].tolist())
    expected = "about every fifth person kept back, with all images"
    fixed = "Other data sets have other people, and more or fewer of them. Which ones occur in people?"
    require(kept, "nobody kept back", f"{name}: nobody is kept back", expected, fixed)
    require(others, "nobody left", f"{name}: nobody is left to train on", expected, fixed)
    for person in sorted(kept & others):
        ordered = name == IN_ORDER
        misconception = "chooses images" if ordered else "trusts the order"
        hint = "You chose images. Who was seen on one of them is no stranger any more: choose people."
        lie_apart = "You cut at a place in the list. Here the images of a person lie apart: who is on each of them?"
        seen = f"{name}: person {person} is on both sides"
        require(False, misconception, seen, expected, hint if ordered else lie_apart)
    shown = f"{name}: {len(kept)} of {len(kept | others)} people are kept back"
    share = len(kept) / len(kept | others)
    turned = "Most people are kept back. True means kept back, False means: to train on."
    require(share < 0.6, "turned round", shown, expected, turned)
    fifth = "Training needs most of the people, and a test with one or two of 40 says little."
    require(0.1 <= share <= 0.4 or name != IN_ORDER, "not a fifth", shown, expected, fifth)


@question("03", "Count the dead code numbers")
def dead_code_numbers(count_dead):
    """count_dead(codes): how many of the numbers in codes (n, latent) are 0 for every image, an int."""
    require_function(count_dead, "count_dead(codes)")
    hint = "A number is dead when it is 0 for all images: ask that of each column, then count the columns."
    slips = {
        34: ("counts zeros", "You counted single zeros. A number is dead only if it is 0 for every image."),
        1: ("counts images", "You went along each image. A dead number is a column, over all images."),
        6: ("counts the living", "That is how many are alive: for at least one image not 0."),
        7: ("looks at one image", "You looked at a single image. Another image may well use that number."),
        9: ("any zero", "Each number is 0 for some image. Dead means 0 for every image."),
        5: ("adds up", "1 and -1 add up to 0, too, and such a number is alive."),
        4: ("positive only", "A number below 0 is not dead. Only one that is 0 for every image is."),
    }
    for codes, right in [(CODES, 3), (torch.ones(2, 3), 0), (torch.zeros(6, 2), 2)]:
        doing = f"count_dead(codes) for {len(codes)} images with {codes.shape[1]} numbers each"
        found = call(count_dead, codes.clone(), doing=doing, expected=f"{right}", hint=hint)
        require_number(found, right, slips if right == 3 else {}, doing, hint)
