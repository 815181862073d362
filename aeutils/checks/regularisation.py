"""Checks of notebook 09, Regularisation."""

from aeutils.checks import probes
from aeutils.checks.question import (
    attempt,
    call,
    choose,
    describe,
    question,
    require,
    require_function,
)
from aeutils.metrics import reconstruction_error
import torch
from torch import nn


class _Recorder(nn.Module):
    """Hands on what it is given, a little darker, and remembers it. It has one parameter, so gradients can flow."""

    def __init__(self):
        super().__init__()
        self.brightness = nn.Parameter(torch.tensor(0.75))
        self.seen = []

    def forward(self, images):
        """The images, a quarter darker."""
        self.seen.append(images.detach().clone())
        return self.brightness * images

    def encoder(self, images):
        """Codes that are the images themselves."""
        self.seen.append(images.detach().clone())
        return images

    def decoder(self, codes):
        """The images of these codes, a quarter darker."""
        return self.brightness * codes


@question("09", "Hide pixels: another denoising loss")
def hidden_pixels(masking_loss):
    """masking_loss(model, originals, share): error of the model on originals in which a share of pixels is hidden."""
    require_function(masking_loss, "masking_loss(model, originals, share)")
    originals = 0.2 + 0.7 * torch.rand(30, 1, 28, 28)  # no pixel is 0 by itself
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
    _require_hidden(_spoilt(masking_loss, originals.clone(), 0.6)[0], originals, 0.6, "masking_loss, for a share 0.6,")
    _require_loss(loss, first, originals, doing)


def _spoilt(masking_loss, originals, share):
    """What the model was given, (n, 1, 28, 28), and what came back."""
    model, doing = _Recorder(), f"masking_loss(model, originals, {share})"
    hint = "Hide pixels in a copy of the originals, hand it to the model, and compare what comes out."
    loss = call(masking_loss, model, originals, share, doing=doing, expected="one number, as a tensor", hint=hint)
    seen = f"the model was called {len(model.seen)} times"
    require(len(model.seen) > 0, "model not used", seen, "the model's answer to a spoilt image", hint)
    shape = f"the model was given {describe(model.seen[0])}"
    whole = "The model takes images, all of the batch at once: (n, 1, 28, 28)."
    require(model.seen[0].shape == originals.shape, "wrong shape", shape, f"{tuple(originals.shape)}", whole)
    return model.seen[0], loss


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
    other = "Each pixel is either 0 or as it was. Yours have other values: no noise is added here."
    seen = f"in {doing} pixels that are not 0 have changed"
    require(torch.equal(spoilt[left], originals[left]), "other noise", seen, expected, other)
    seen = f"in {doing} {part:.0%} of the pixels were 0"
    kept = "You keep the share that should be hidden. When is a random number between 0 and 1 below the share?"
    require(abs(part - (1 - share)) > 0.03, "keeps the share", seen, expected, kept)
    in_images = hidden.flatten(1).float().mean(1)
    pieces = "Whole images are hidden, and others not at all. Each pixel has its own random number."
    require(not bool(((in_images == 0) | (in_images == 1)).all()), "whole images", seen, expected, pieces)
    many = "How many random numbers between 0 and 1 are below the share?"
    require(abs(part - share) < 0.03, "another share", seen, expected, many)
    one = "The same pixels are missing in all images. Draw a random number for each pixel of each image."
    seen = f"in {doing} every image lost the same pixels"
    require(not bool((hidden == hidden[:1]).all()), "one pattern for all", seen, expected, one)


def _require_loss(loss, spoilt, originals, doing):
    """Raise NotYet unless the loss is the error against the originals, with a gradient."""
    answers = 0.75 * spoilt
    right = reconstruction_error(answers, originals).item()
    n = len(originals)
    noisy = "You compare with the spoilt images. Then the best answer is to hand them on. What should come out?"
    without = "You compare the spoilt image with the original. The model's answer is missing."
    mean = "That is the error of a single pixel. The course sums over the pixels of an image."
    summed = "That is the sum over all images. The error is that of one image, on average."
    clean = "That is the error without anything hidden. The model must answer to the spoilt images."
    slips = {
        reconstruction_error(answers, spoilt).item(): ("compares with the spoilt", noisy),
        reconstruction_error(spoilt, originals).item(): ("without the answer", without),
        reconstruction_error(0.75 * originals, originals).item(): ("clean images in", clean),
        right / 784: ("per pixel", mean),
        right * n: ("not averaged", summed),
        (answers - originals).abs().sum().item() / n: ("not squared", "These are differences. Square each of them."),
    }
    hint = "The error between the model's answer to the spoilt images and the originals as they were."
    probes.require_number(loss, right, slips, doing, hint)
    seen = f"{doing} gave {describe(loss)}, without a gradient"
    flow = "Training needs the gradient of the loss. Is there an item(), detach() or no_grad()?"
    require(getattr(loss, "requires_grad", False), "no gradient", seen, "a tensor with a gradient", flow)


@question("09", "Only the k strongest units")
def k_strongest(keep_strongest):
    """keep_strongest(codes, k): codes (n, units) with all but the k largest numbers of each image set to 0."""
    require_function(keep_strongest, "keep_strongest(codes, k)")
    # each image has another level, each unit another one too: across images or units, others are the largest
    codes = torch.rand(5, 12) + torch.arange(5)[:, None] + torch.linspace(0, 0.3, 12)
    for k in (3, 1, 12):
        doing, expected = f"keep_strongest, for codes of shape (5, 12) and k = {k},", f"{k} numbers kept in each row"
        given = codes.clone().requires_grad_()
        handed = given * 1  # as a layer hands it on; may be changed in place
        hint = "Each image has a row. Find the k largest numbers of each row, and set the others of that row to 0."
        found = call(keep_strongest, handed, k, doing=doing, expected=expected, hint=hint)
        seen, tensor = f"{doing} gave {describe(found)}", "Return the codes, as a tensor of the same shape."
        require(isinstance(found, torch.Tensor), "not a tensor", seen, expected, tensor)
        places = "Only the numbers that are kept came back. Which unit they belong to is lost: return all, with zeros."
        short = found.shape == (5, k) != codes.shape
        require(not short, "zeros left out", seen, "a tensor of shape (5, 12)", places)
        require(found.shape == codes.shape, "wrong shape", seen, "a tensor of shape (5, 12)", tensor)
        _require_strongest(found.detach().float(), codes, k, doing, expected)
        _require_gradient(found, given, k, doing)


def _require_strongest(found, codes, k, doing, expected):
    """Raise NotYet unless in each row the k largest numbers are kept, and nothing else."""
    right = codes * (codes >= codes.sort(1).values[:, -k:][:, :1])
    kept = found != 0
    counts = [int(count) for count in kept.sum(1)]
    seen = f"{doing} kept {counts} numbers in the five rows"
    marks = "You return marks of 1 where a number is kept. Asked for are the numbers themselves."
    require(not torch.equal(found, (right != 0).float()), "ones, not numbers", seen, expected, marks)
    overall = "The rows compete with each other in yours. Each image keeps its own k."
    batch = int(kept.sum()) == k < 12
    require(not batch, "largest of all images", seen, expected, overall)
    columns = "You keep the k largest of each unit over the images. Asked for are the k largest of each image."
    of_units = k <= 5 and torch.equal(kept, codes >= codes.sort(0).values[-min(k, 5)])
    require(not of_units, "by unit", seen, expected, columns)
    dropped = "You set the largest to 0, and keep the others."
    require(not (k < 12 and torch.equal(found, codes - right)), "drops the strongest", seen, expected, dropped)
    small = "Those that you keep are the smallest."
    least = codes * (codes <= codes.sort(1).values[:, k - 1 : k])
    require(not (k < 12 and torch.equal(found, least)), "keeps the weakest", seen, expected, small)
    number = "Count again what is left in each row: does your bound let in one too few, or too many?"
    require(counts == [k] * 5, "wrong number kept", seen, expected, number)
    as_it_was = "What is kept stays as it was. Do numbers change, or end up at other places?"
    require(torch.allclose(found, right), "kept numbers changed", seen, f"{expected}, unchanged", as_it_was)


def _require_gradient(found, given, k, doing):
    """Raise NotYet unless gradients flow through the numbers that were kept."""
    expected = "gradients through the numbers that are kept"
    flow = "Training must reach the encoder through the kept numbers. Is there a detach(), a no_grad() or a new tensor?"
    require(found.requires_grad, "no gradient", f"{doing} gave a tensor without a gradient", expected, flow)
    with attempt(doing, expected, flow, "no gradient"):
        found.sum().backward()
    reached = 0 if given.grad is None else int((given.grad != 0).sum())
    seen = f"gradients reach {reached} numbers"
    require(reached == 5 * k, "no gradient", seen, expected, flow)


@question("09", "The contractive penalty for tanh")
def slopes_of_tanh(tanh_penalty):
    """tanh_penalty(layer, images): mean over images of the summed squared slopes of tanh(layer(pixels))."""
    require_function(tanh_penalty, "tanh_penalty(layer, images)")
    torch.manual_seed(9)
    layer, images = nn.Linear(784, 12), probes.some_digits(6)
    with torch.no_grad():
        layer.weight.mul_(4)  # so that the slopes of tanh differ from 1
        layer.bias.normal_()
    doing = "tanh_penalty, for a layer of 12 units and 6 digits,"
    hint = (
        "Square the slope of tanh for each unit, times the squared length of that unit's weights; sum over the units."
    )
    right, slips = _tanh_slips(layer, images)
    expected = f"{right:.4g}, as a tensor"
    sizes = "layer takes 784 numbers: images.flatten(1). layer.weight has a row for each unit, a column for each pixel."
    found = call(tanh_penalty, layer, images.clone(), doing=doing, expected=expected, hint=sizes)
    probes.require_number(found, right, slips, doing, hint)
    seen = f"{doing} gave {describe(found)}, without a gradient"
    flow = "Training needs the gradient of the penalty. Is there an item(), detach() or no_grad()?"
    require(getattr(found, "requires_grad", False), "no gradient", seen, "a tensor with a gradient", flow)


@torch.no_grad()
def _tanh_slips(layer, images):
    """The right penalty, and what misunderstandings lead to, for probes.require_number."""
    sums = layer(images.flatten(1))
    h, lengths = sums.tanh(), layer.weight.square().sum(1)
    slopes = 1 - h**2
    right = (slopes**2 @ lengths).mean().item()
    once = "The slope of each unit against a pixel is (1 - h²) times a weight, and both are squared. Is yours?"
    own = "That is the slope of the sigmoid, h(1 - h). tanh has another one."
    before = "The slope is 1 - h², with the code h. You took the sums that go into tanh."
    flat = "These are the weights alone: weight decay. How steep tanh is depends on the image."
    weights = "Without the weights it is only the slope of tanh. Each pixel reaches a unit through a weight."
    return right, {
        (slopes @ lengths).mean().item(): ("slope not squared", once),
        (slopes**2 @ lengths.sqrt()).mean().item(): ("weights not squared", once),
        (slopes @ lengths.sqrt()).mean().item(): ("nothing squared", once),
        ((h * (1 - h)) ** 2 @ lengths).mean().item(): ("slope of the sigmoid", own),
        ((1 - sums**2) ** 2 @ lengths).mean().item(): ("before the tanh", before),
        lengths.sum().item(): ("weights only", flat),
        (slopes**2).sum(1).mean().item(): ("slopes only", weights),
        right * len(images): ("not averaged", "That is the sum over all images. The mean is asked for."),
        right / 12: ("mean over units", "You took the mean over the units. Sum over them; the mean is over images."),
        right / 12 / 784: ("mean over all", "You took a mean over units and pixels. Sum over both."),
        right**0.5: ("a root too much", "The penalty is the sum of squares itself, without a root."),
        (slopes**2 @ lengths).sqrt().mean().item(): ("a root too much", "No root is asked for: the sum of squares."),
    }


@question("09", "The cheap way out")
def cheap_way_out(answer):
    """A letter: what a smaller encoder and a larger decoder do to the error and to the contractive penalty."""
    size = "The code is 1000 times smaller, and then the decoder multiplies it by weights that are 1000 times larger."
    which = "Whose slopes does the penalty sum: those of the encoder, of the decoder, or of both?"
    hints = {
        "a": f"{size} What arrives at the pixels?",
        "b": f"What happens to the slopes of the encoder when its weights are divided by 1000? {which}",
        "d": which,
    }
    choose(answer, "c", hints)
    return "The code holds what it held, only smaller, and the penalty is gone. Tied weights close this way out."
