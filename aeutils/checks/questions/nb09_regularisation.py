"""Questions of notebook 09, Regularisation."""

import torch
from torch import nn

from aeutils.checks import probes
from aeutils.checks.core import call, question, require
from aeutils.checks.explain import near
from aeutils.checks.feedback import describe
from aeutils.checks.kinds import Case, ask, letter
from aeutils.metrics import reconstruction_error

HIDDEN_ONLY = "Only a part of the pixels adds to your error. It is that of the whole answer, hidden pixels and others."


class _Recorder(nn.Module):
    """Hands on what it is given, a little darker, and remembers it. It has one parameter, so gradients can flow."""

    def __init__(self):
        super().__init__()
        self.brightness = nn.Parameter(torch.tensor(0.75))
        self.seen = []

    def forward(self, images):
        """The images, a quarter darker."""
        self.seen.append(images.detach().clone())
        return self.brightness * images - 0.1

    def encoder(self, images):
        """Codes that are the images themselves."""
        self.seen.append(images.detach().clone())
        return images

    def decoder(self, codes):
        """The images of these codes, a quarter darker."""
        return self.brightness * codes - 0.1


@question("09", "Hide pixels: another denoising loss", "masking_loss(model, originals, share)")
def hidden_pixels(masking_loss):
    """masking_loss(model, originals, share): error of the model on originals in which a share of pixels is hidden."""
    own = torch.Generator().manual_seed(9)  # so that no seed of a student draws the same
    originals = 0.2 + 0.7 * torch.rand(30, 1, 28, 28, generator=own)  # no pixel is 0 by itself
    given = originals.clone()
    first, loss = _spoilt(masking_loss, given, 0.25)
    doing = "masking_loss(model, originals, 0.25)"
    changed = "Your function hides pixels in the originals themselves. Then nobody knows any more what was there."
    require(torch.equal(given, originals), "changes the originals", "the originals have changed", "a copy", changed)
    _require_hidden(first, originals, 0.25, doing)
    second, _ = _spoilt(masking_loss, originals.clone(), 0.25)
    seen = "the same pixels are hidden in every call"
    again = "A network could learn by heart which pixels are missing. Draw new random numbers each time; set no seed."
    require(not torch.equal(first, second), "same in every call", seen, "other pixels each time", again)
    each = "How many are hidden is left to chance, too. Each pixel has a random number of its own, that decides."
    counts = (first == 0).flatten(1).sum(1)
    seen = f"in {doing} {counts[0]} pixels of each image were hidden"
    require(len(counts.unique()) > 1, "the same number in each", seen, "about 25% of the pixels", each)
    totals = [int((hidden == 0).sum()) for hidden in (first, second, _spoilt(masking_loss, originals.clone(), 0.25)[0])]
    seen = f"in three calls of {doing} {totals[0]} pixels of all images were hidden each time"
    require(len(set(totals)) > 1, "the same number in each", seen, "about 25% of the pixels", each)
    _require_hidden(_spoilt(masking_loss, originals.clone(), 0.9)[0], originals, 0.9, "masking_loss, for a share 0.9,")
    ends = "Nothing is to be hidden for a share of 0, all for one of 1. Which random numbers are below the share?"
    for share in (0.0, 1.0):
        made = _spoilt(masking_loss, originals.clone(), share)[0]
        seen = f"for a share of {share:g} {(made == 0).float().mean():.0%} of the pixels were hidden"
        require(torch.equal(made, originals * (1 - share)), f"hides at {share:g}", seen, f"{share:.0%} of them", ends)
    parts = "A share may be any number from 0 to 1. Does yours become a whole number, as of percent?"
    made = _spoilt(masking_loss, originals.clone(), 0.004)[0]
    few = f"for a share of 0.004, of {made.numel():,} pixels {(made == 0).sum()} were hidden"
    require(30 < (made == 0).sum() < 160, "another small share", few, "about 94", parts)
    _require_loss(loss, first, originals, doing)
    small = 0.2 + 0.7 * torch.rand(2, 1, 20, 24)  # whether 28, or the number of images, is built in
    _require_loss(*_spoilt(masking_loss, small.clone(), 0.5)[::-1], small, "masking_loss on 2 images of 20 × 24 pixels")


def _spoilt(masking_loss, originals, share):
    """What the model was given, (n, 1, 28, 28), and what came back."""
    model, doing = _Recorder(), f"masking_loss(model, originals, {share})"
    hint = "Hide pixels in a copy of the originals, hand it to the model, and compare what comes out."
    if originals.shape[-1] != 28:
        doing += f" on images of {originals.shape[2]} × {originals.shape[3]} pixels"
    loss = call(masking_loss, model, originals, share, doing=doing, expected="one number, as a tensor", hint=hint)
    same, own = model.brightness.item() == 0.75, "A loss says how good the model is. Who changes the model?"
    same &= model.training and model.brightness.grad is None
    seen = f"after {doing} the model's parameter, its gradient or its mode has changed"
    require(same, "changes its input", seen, "a model as before", own)
    seen = f"the model was called {len(model.seen)} times"
    require(len(model.seen) > 0, "model not used", seen, "the model's answer to a spoilt image", hint)
    if len(model.seen) == len(originals) == sum(map(len, model.seen)):  # one after the other
        model.seen = [torch.cat(model.seen)]
    shape = f"the model was given {describe(model.seen[0])}"
    whole = "The model takes images, all of the batch at once: (n, 1, 28, 28)."
    require(model.seen[0].shape == originals.shape, "wrong shape", shape, f"{tuple(originals.shape)}", whole)
    spoilt = (seen for seen in model.seen if share and not torch.equal(seen, originals))
    return next(spoilt, model.seen[0]), loss


def _require_hidden(spoilt, originals, share, doing):
    """Raise NotYet unless so many pixels are 0, others in each image, and all others as they were."""
    expected = f"images with {share:.0%} of their pixels set to 0"
    nothing = "The model got the originals as they are. What is spoilt must be what goes in."
    seen = f"in {doing} the model was given the originals"
    require(not torch.equal(spoilt, originals), "nothing hidden", seen, expected, nothing)
    hidden = spoilt == 0
    part, left = hidden.float().mean().item(), ~hidden
    ratio = (spoilt / originals)[left]
    scaled = (
        "The pixels that are left became brighter. Dropout does that, for a network's inner numbers; here it must not."
    )
    brighter = len(ratio) > 0 and bool((ratio > 1.05).all()) and bool((ratio - ratio.mean()).abs().max() < 1e-3)
    seen = f"in {doing} the model was given pixels {ratio.mean().item() if len(ratio) else 0:.2f} times as bright"
    require(not brighter, "left pixels brighter", seen, expected, scaled)
    other = "Each pixel should be either 0 or as it was. Some of yours have other values."
    seen = f"in {doing} pixels that are not 0 have changed"
    require(near(spoilt[left], originals[left], 1e-5), "other noise", seen, expected, other)
    seen = f"in {doing} {part:.0%} of the pixels were 0"
    kept = "You keep the share that should be hidden. When is a random number between 0 and 1 below the share?"
    require(abs(part - (1 - share)) > 0.03, "keeps the share", seen, expected, kept)
    in_images = hidden.flatten(1).float().mean(1)
    pieces = "Whole images are hidden, and others not at all. Each pixel has its own random number."
    require(not bool(((in_images == 0) | (in_images == 1)).all()), "whole images", seen, expected, pieces)
    lines = "Whole rows or columns are hidden. Each pixel has its own random number."
    whole = hidden.all(2, keepdim=True) | hidden.all(3, keepdim=True)
    require(not torch.equal(hidden, whole), "whole lines", seen, expected, lines)
    gap = (originals[hidden].mean() - originals[~hidden].mean()).abs()
    chosen = "Whether a pixel is hidden depends on how bright it is in yours. Each has the same chance."
    differ = f"in {doing} the hidden pixels are {gap:.2f} brighter, or darker, than the others on average"
    require(not gap > 0.05, "by brightness", differ, expected, chosen)
    many = "How many random numbers between 0 and 1 are below the share?"
    require(abs(part - share) < 0.03, "another share", seen, expected, many)
    one = "Draw a random number for each pixel of each image."
    seen = f"in {doing} several images lost just the same pixels"
    require(len(hidden.unique(dim=0)) == len(hidden), "one pattern for all", seen, expected, one)
    others = [hidden.roll(*way) for way in ((1, 2), (1, 3), ((1, 1), (2, 3)), ((1, -1), (2, 3)), (1, 0))]
    others += [hidden.flip(axis) for axis in ((2,), (3,), (2, 3))]
    both = max(((hidden & other).float().mean().item() for other in others), key=lambda both: abs(both - share**2))
    seen = f"in {doing} {both:.0%} of the pixels are hidden together with one at a certain other place, such as a "
    seen += f"neighbour or its mirror image, where chance hides {share**2:.0%}"
    require(abs(both - share**2) < 0.02, "pixels together", seen, expected, one)
    rates = [hidden.float().mean(axes) - share for axes in ((1, 2, 3), (0, 1, 3), (0, 1, 2))]
    most = max((rate for each in rates for rate in each.tolist()), key=abs)
    seen = f"in {doing} one image, row or column had {share + most:.0%} of its pixels set to 0"
    alike = "Every pixel of every image has the same chance. Is a part left out, or treated apart?"
    require(abs(most) < 0.1, "another share somewhere", seen, expected, alike)


def _require_loss(loss, spoilt, originals, doing):
    """Raise NotYet unless the loss is the error against the originals, with a gradient."""
    answers = 0.75 * spoilt - 0.1  # beyond 0
    right = reconstruction_error(answers, originals).item()
    n = len(originals)
    noisy = "You compare with the spoilt images. Then the best answer is to hand them on. What should come out?"
    without = "That is the error of the spoilt images themselves: the model's answer to them is missing."
    mean = "That is the error of a single pixel. The course sums over the pixels of an image."
    summed = "That is the sum over all images. The error is that of one image, on average."
    clean = "That is the error without anything hidden. The model must answer to the spoilt images."
    both = "You add the error on clean images. Only the spoilt ones go into the model."
    without_holes = reconstruction_error(0.75 * originals - 0.1, originals).item()
    slips = {
        right + without_holes: ("adds the clean error", both),
        (right + without_holes) / 2: ("adds the clean error", both),
        reconstruction_error(answers, spoilt).item(): ("compares with the spoilt", noisy),
        reconstruction_error(spoilt, originals).item(): ("without the answer", without),
        without_holes: ("clean images in", clean),
        right / 784: ("per pixel", mean),
        right * n: ("not averaged", summed),
        (answers - originals)[spoilt == 0].square().sum().item() / n: ("only the hidden pixels", HIDDEN_ONLY),
        (answers - originals)[spoilt == 0].square().mean().item(): ("only the hidden pixels", HIDDEN_ONLY),
        (answers - originals)[spoilt != 0].square().sum().item() / n: ("only the visible pixels", HIDDEN_ONLY),
        (answers - originals).abs().sum().item() / n: ("not squared", "These are differences. Square each of them."),
    }
    hint = "The error between the model's answer to the spoilt images and the originals as they were."
    expected = probes.written(right)
    found = probes.number(loss, doing, expected, hint)
    seen = f"{doing} gave {probes.written(found)}"
    for slip, (name, why) in slips.items():
        require(not near(found, slip, 1e-3, 0), name, seen, expected, why)
    require(near(found, right, 1e-4, 1e-4), "another number", seen, expected, hint)
    seen = f"{doing} gave {describe(loss)}, without a gradient"
    flow = (
        "Training needs the gradient of the loss. Is there an item(), detach(), no_grad(), a tensor made anew, a list?"
    )
    require(getattr(loss, "grad_fn", None) is not None, "no gradient", seen, "a tensor with a gradient", flow)


def _levels():
    """Codes (5, 12) with another level in each row and in each column: across rows or columns, others are the largest.

    Those of the second set lie on both sides of 0, and the largest by size are below it.
    """
    codes = torch.rand(5, 12, generator=torch.Generator().manual_seed(1)) + torch.arange(5)[:, None]
    codes = codes + torch.linspace(0, 0.3, 12)
    signed = codes[:, torch.arange(12).roll(5)] - 4.2
    shown = "{{name}}, for codes of shape (5, 12) and k = {},"
    cases = [Case(codes, k, shown=shown.format(k)) for k in (3, 1, 12)]
    cases += [Case(signed, k, shown=shown.format(k) + " with numbers below 0,") for k in (4, 2)]
    more = torch.randn(9, 20, generator=torch.Generator().manual_seed(1))
    tall = 300 * torch.randn(30, 25, generator=torch.Generator().manual_seed(2))
    for part, k in ((signed[1:4, 3:10], 3), (more, 7), (more[:1, :4], 2), (tall, 10)):
        cases.append(Case(part, k, shown=f"{{name}}, for codes of shape {tuple(part.shape)} and k = {k},"))
    return cases


def _keep(codes, places):
    return codes * torch.zeros_like(codes).scatter(1, places, 1)


def _some_others_0(made, codes, k):
    """Whether, where the k largest numbers are as they were, there is a 0 among the others."""
    top = _keep(torch.ones_like(codes), codes.topk(k, 1).indices) > 0
    return not near(made[top], codes[top]) or not bool(made[~top].all())


@ask(
    "09",
    "Only the k strongest units",
    "keep_strongest(codes, k)",
    cases=_levels,
    hint="Each image has a row. Find the k largest numbers of each row, and set the others of that row to 0.",
    gradient=0,
    tolerance=1e-5,
    mistakes={
        "by size, not by value": (
            "You compare sizes without their sign. The largest numbers are asked for: -3 is smaller than 1.",
            lambda codes, k: _keep(codes, codes.abs().topk(k, 1).indices),
        ),
        "zeros left out": (
            "Only the numbers that are kept came back. Which unit they belong to is lost: return all, with zeros.",
            lambda codes, k: codes.topk(k, 1).values,
        ),
        "places, not codes": (
            "These are places of the largest numbers. Asked for are the codes, the others set to 0.",
            lambda codes, k: codes.topk(k, 1).indices,
        ),
        "ones, not numbers": (
            "You return marks of 1 where a number is kept. Asked for are the numbers themselves.",
            lambda codes, k: _keep(torch.ones_like(codes), codes.topk(k, 1).indices),
        ),
        "largest of all images": (
            "In yours the rows compete with each other, or share a threshold. Each image keeps its own k.",
            lambda codes, k: codes * torch.zeros_like(codes).scatter(0, codes.topk(k, 0).indices, 1),
            lambda codes, k: codes * (codes >= codes[0].topk(k).values[-1]),
            lambda codes, k: codes * (codes >= codes.flatten().topk(k).values[-1]),
            lambda codes, k: codes * (codes >= codes.flatten().topk(len(codes) * k).values[-1]),
        ),
        "rank and place exchanged": (
            "argsort gives places in the order of their numbers, not the rank of each. Sort twice, or use topk.",
            lambda codes, k: codes * (codes.argsort(1, descending=True) < k),
            lambda codes, k: codes * (codes.argsort(1) >= codes.shape[1] - k),
        ),
        "one choice for all": (
            "The same units are kept in every row. Each image has its own k largest.",
            lambda codes, k: _keep(codes, codes.mean(0, keepdim=True).topk(k, 1).indices.expand(len(codes), k)),
            lambda codes, k: _keep(codes, codes[:1].topk(k, 1).indices.expand(len(codes), k)),
        ),
        "drops the strongest": (
            "You set the largest to 0, and keep the others.",
            lambda codes, k: codes - _keep(codes, codes.topk(k, 1).indices),
        ),
        "keeps the weakest": (
            "Those that you keep are the smallest.",
            lambda codes, k: _keep(codes, codes.topk(k, 1, largest=False).indices),
        ),
        "the first k": (
            "You keep the first k units of each row, whatever they hold. Which ones are the largest?",
            lambda codes, k: torch.cat([codes[:, :k], 0 * codes[:, k:]], 1),
        ),
        "the last k": (
            "You keep the last k units of each row, whatever they hold. Which ones are the largest?",
            lambda codes, k: torch.cat([0 * codes[:, :-k], codes[:, -k:]], 1),
        ),
        "wrong number kept": (
            "Count what is left in each row: k numbers should be. What decides which of them stay?",
            lambda codes, k: codes * (codes > codes.topk(k, 1).values[:, -1:]),
            lambda codes, k: _keep(codes, codes.topk(min(k + 1, codes.shape[1]), 1).indices),
        ),
    },
    rules={
        "others not 0": ("The k largest are as they were. The others should be 0.", _some_others_0),
        "kept numbers changed": (
            "What is kept stays as it was. Do numbers change, or end up at other places?",
            lambda made, codes, k: bool(((made == 0) | ((made - codes).abs() < 1e-5)).all()),
        ),
        "wrong number kept": lambda made, codes, k: bool(((made != 0).sum(1) == k).all()),
    },
)
def k_strongest(codes, k):
    """Codes (n, units) with all but the k largest numbers of each image set to 0."""
    return _keep(codes, codes.topk(k, 1).indices)


def _layers():
    """A layer whose slopes of tanh differ from 1, with digits, and a smaller one, with parts of digits."""
    made = []
    for units, images in ((12, probes.some_digits(6)), (5, probes.some_digits(15)[..., 4:24, 3:25])):
        layer = nn.Linear(images[0].numel(), units)
        with torch.no_grad():
            layer.weight.mul_(torch.linspace(2, 6, units)[:, None])  # units with weights of different lengths
            layer.bias.normal_()
        shown = f"{{name}}, for a layer of {units} units and {len(images)} digits,"
        shown += "" if images.shape[-1] == 28 else " cut to 20 × 22 pixels,"
        made.append(Case(layer, images, shown=shown))
    return made


def _penalty(layer, images, slope=lambda h: 1 - h**2, length=lambda weight: weight.square().sum(1)):
    """The mean over images of the summed squared slopes; slope of h, and what of each unit's weights, may be other."""
    return (slope(layer(images.flatten(1)).tanh()) ** 2 @ length(layer.weight)).mean()


@ask(
    "09",
    "The contractive penalty for tanh",
    "tanh_penalty(layer, images)",
    cases=_layers,
    hint="Square the slope of tanh for each unit, times the squared length of that unit's weights; sum over the units. "
    "layer takes rows of pixels: images.flatten(1). layer.weight has a row for each unit, a column for each pixel.",
    gradient=0,
    mistakes={
        "not squared": (
            "The slope of each unit against a pixel is (1 - h²) times a weight, and both are squared. Is yours?",
            lambda layer, images: _penalty(layer, images, length=lambda weight: weight.norm(dim=1)),
            lambda layer, images: _penalty(layer, images, length=lambda weight: weight.abs().sum(1)),
            lambda layer, images: _penalty(layer, images, length=lambda weight: weight.sum(1)),
            lambda layer, images: _penalty(layer, images, lambda h: (1 - h**2).sqrt()),
            lambda layer, images: _penalty(
                layer, images, lambda h: (1 - h**2).sqrt(), lambda weight: weight.abs().sum(1)
            ),
            lambda layer, images: _penalty(
                layer, images, lambda h: (1 - h**2).sqrt(), lambda weight: weight.norm(dim=1)
            ),
        ),
        "summed before squaring": (
            "You sum over pixels, units or images, and square the sum. Each slope is squared by itself, then summed.",
            lambda layer, images: _penalty(layer, images, length=lambda weight: weight.sum(1).square()),
            lambda layer, images: ((1 - layer(images.flatten(1)).tanh() ** 2) @ layer.weight).square().sum(1).mean(),
            lambda layer, images: ((1 - layer(images.flatten(1)).tanh() ** 2) @ layer.weight.sum(1)).square().mean(),
            lambda layer, images: (
                (1 - layer(images.flatten(1)).tanh() ** 2).mean(0) ** 2 @ layer.weight.square().sum(1)
            ),
            lambda layer, images: (
                ((1 - layer(images.flatten(1)).tanh() ** 2).sum(0) @ layer.weight).square().sum() / len(images)
            ),
        ),
        "slope of the sigmoid": (
            "That is the slope of the sigmoid, h(1 - h). tanh has another one.",
            lambda layer, images: _penalty(layer, images, lambda h: h * (1 - h)),
            lambda layer, images: _penalty(layer, images, lambda h: h.atanh().sigmoid() * (1 - h.atanh().sigmoid())),
        ),
        "slope of ReLU": (
            "That is the slope of ReLU, 1 or 0. tanh has another one.",
            lambda layer, images: _penalty(layer, images, lambda h: (h > 0).float()),
        ),
        "largest only": (
            "In each image only the unit with the largest slopes counts in yours. Sum over all of them.",
            lambda layer, images: (
                ((1 - layer(images.flatten(1)).tanh() ** 2) ** 2 * layer.weight.square().sum(1)).amax(1).mean()
            ),
        ),
        "before the tanh": (
            "The slope is 1 - h², with the code h. You took the sums that go into tanh.",
            lambda layer, images: _penalty(layer, images, lambda h: 1 - h.atanh() ** 2),
        ),
        "tanh twice": (
            "The slope is 1 - h², with the code h = tanh(layer(...)). You took tanh once too often.",
            lambda layer, images: _penalty(layer, images, lambda h: 1 - h.tanh() ** 2),
        ),
        "slopes only": (
            "In yours it makes no difference how large the weights are. Each pixel reaches a unit through a weight.",
            lambda layer, images: _penalty(layer, images, length=lambda weight: torch.ones(len(weight))),
        ),
        "biases counted": (
            "A bias shifts the sum of a unit, whatever the pixels are: it is no part of a slope.",
            lambda layer, images: _penalty(layer, images, length=lambda w: w.square().sum(1) + layer.bias**2),
        ),
        "slopes and weights apart": (
            "Each unit has a slope and a length of its own. Multiply those before you sum over the units.",
            lambda layer, images: (
                (1 - layer(images.flatten(1)).tanh() ** 2).square().sum(1).mean() * layer.weight.square().sum()
            ),
        ),
        "slope without square": (
            "The slope of tanh is 1 - h², and yours is 1 - h.",
            lambda layer, images: _penalty(layer, images, lambda h: 1 - h),
        ),
        "codes for slopes": (
            "You took the codes h, or their squares. The slope of tanh is 1 - h².",
            lambda layer, images: _penalty(layer, images, lambda h: h),
            lambda layer, images: _penalty(layer, images, lambda h: h**2),
        ),
        "a root too much": (
            "The penalty is the sum of squares itself, without a root.",
            lambda layer, images: _penalty(layer, images).sqrt(),
            lambda layer, images: (
                ((1 - layer(images.flatten(1)).tanh() ** 2) ** 2 @ layer.weight.square().sum(1)).sqrt().mean()
            ),
        ),
    },
)
def slopes_of_tanh(layer, images):
    """Mean over images of the summed squared slopes of tanh(layer(pixels))."""
    codes = layer(images.flatten(1)).tanh()
    return ((1 - codes**2) ** 2 @ layer.weight.square().sum(1)).mean()


letter(
    "cheap_way_out",
    "09",
    "The cheap way out",
    right="c",
    wrong={
        "a": "The code is 1000 times smaller, and then the decoder multiplies it by weights that are 1000 times "
        "larger. What arrives at the pixels?",
        "b": "What happens to the slopes of the encoder when its weights are divided by 1000? Whose slopes does the "
        "penalty sum: those of the encoder, of the decoder, or of both?",
        "d": "Whose slopes does the penalty sum: those of the encoder, of the decoder, or of both?",
    },
    passed="The code holds what it held, only smaller, and a millionth of the penalty is left. "
    "Tied weights close this way out.",
)
