"""Checks of notebook 07, Exercise 1, to the decoder; the rest: exercise_1_training.py and exercise_1_results.py."""

import copy
from itertools import pairwise

from aeutils.checks.probes import layer_widths, output, require_trainable, some_digits
from aeutils.checks.question import attempt, call, describe, question, require, require_function
import torch
from torch import nn

HIDDEN = [784, 128, 64]
"""Widths of the exercise's encoder before its code."""


@question("07", "Prepare the images")
def prepare(prepare):
    """prepare(raw): bytes, uint8 (n, 28, 28), as float32 (n, 1, 28, 28) in [0, 1]."""
    require_function(prepare, "prepare(raw)")
    bright = (some_digits(6) * 255).round().byte().squeeze(1)
    for raw in (bright, bright[1:3] // 3):  # the second batch is dark: its brightest pixel is far below 255
        _look_at_prepared(prepare, raw)


def _look_at_prepared(prepare, raw):
    given, count = raw.clone(), len(raw)
    expected = f"a tensor of float32, shape ({count}, 1, 28, 28), from 0 to {raw.max().item() / 255:.3g}"
    hint = "Three things are to change: the kind of number, the range, and one more axis."
    made = call(prepare, given, doing=f"prepare(raw) with {count} images", expected=expected, hint=hint)
    array = "Keep to tensors: what you return goes straight into a network."
    require(isinstance(made, torch.Tensor), "not a tensor", made, expected, array)
    own = "Your function changed the images that it was given, and others may need them. Make new ones."
    require(given.shape == raw.shape and torch.equal(given, raw), "changes its input", given, "raw as before", own)
    _look_at_kind(made, raw, expected)
    mistakes = {
        (count, 28, 28): ("no channel axis", "A network wants to know the number of channels: one, for grey."),
        (count, 28, 28, 1): ("channel last", "PyTorch wants the channel before height and width, not behind them."),
        (1, count, 28, 28): ("channel first", "That says one image with many channels. The images come first."),
        (count, 784): ("flattened", "Images keep their height and width; the encoder will flatten them itself."),
    }
    axes = "Which axis counts what? Images, channels, rows, columns."
    require_shape(made, "your function", (count, 1, 28, 28), mistakes, axes)
    _look_at_range(made, raw.float(), expected)


def _look_at_kind(made, raw, expected):
    if not made.is_floating_point():
        lost = made.max() < raw.max()
        cut = "Whole numbers cannot hold 0.5: nearly every grey was cut down to 0. Make floats first, then divide."
        still = "These are still whole numbers. A network computes with floats."
        require(False, "integer division" if lost else "still bytes", made, expected, cut if lost else still)
    twice = "The layers of a network hold float32, and refuse to be mixed with another kind. Look at .float()."
    require(made.dtype == torch.float32, "wrong precision", made, expected, twice)


def _look_at_range(made, raw, expected):
    seen, made, pixels = describe(made), made.squeeze(1), raw / 255
    low, high = made.min().item(), made.max().item()
    mistakes = [
        (raw, "not scaled", "Your brightest pixel is as bright as in raw. A sigmoid reaches 1 and not more."),
        (pixels / 255, "divided twice", f"You divided by 255 twice: {high:.2g} is your brightest pixel, all is black."),
        (raw / 256, "divided by 256", "There are 256 values, but the largest is 255: so white becomes 0.996, not 1."),
        (1 - pixels, "inverted", "Black has become white. In MNIST the ink is bright: 0 stays 0."),
        (pixels.mT, "transposed", "Rows and columns have changed places: your digits lie on their side."),
        (pixels.round(), "rounded", "Every grey has become black or white. Soft edges are grey: keep them."),
        (2 * pixels - 1, "from -1 to 1", "Now black is -1. The sigmoid at the end of our decoder reaches 0 to 1."),
        (raw / raw.max(), "own maximum", "A dark batch became as bright as the others: divide all by the same number."),
        (
            raw / raw.amax((1, 2), keepdim=True),
            "own maximum",
            "Each image got its own scale: divide all by the same.",
        ),
        (pixels // 1, "integer division", "Nearly every grey was cut down to 0. Division with // drops all decimals."),
    ]
    for values, name, hint in mistakes:
        require(torch.equal(pixels, values) or not alike(made, values), name, seen, expected, hint)
    standardised = "Mean 0 and deviation 1 helps other networks. Here a sigmoid has to reach the pixels: 0 to 1."
    require(low >= -0.01, "standardised", seen, expected, standardised)
    hint = "Compare one pixel by hand: raw 51 must become 0.2, in the same place."
    require(alike(made, pixels), "wrong values", seen, expected, hint)


def alike(one, other):
    """Whether two tensors agree but for rounding."""
    return torch.allclose(one, other, rtol=1e-4, atol=1e-5)


@question("07", "Build the encoder")
def encoder(make_encoder):
    """make_encoder(latent_size): a module, images (n, 1, 28, 28) -> codes (n, latent_size) through 128 and 64."""
    for latent_size in (2, 5, 32):
        doing = f"make_encoder({latent_size})"
        made = build(make_encoder, "make_encoder", latent_size)
        for count in (3, 1, 7):
            _look_at_codes(made, doing, some_digits(count), latent_size)
        require_trainable(made, some_digits(7), doing)
        _look_at_layers(made, doing, some_digits(7), [*HIDDEN, latent_size])
    _look_at_freedom(made, some_digits(7))


def build(make, name, latent_size):
    """make(latent_size), in eval mode: a new module each time."""
    example, doing = f"{name}(latent_size)", f"{name}({latent_size})"
    module = "Hand over the function itself, without brackets behind it: the check builds models of several sizes."
    require(not isinstance(make, nn.Module), "not a function", make, f"the function {name}", module)
    require_function(make, example)
    expected = "a new network: an nn.Sequential, or an object of a class of yours"
    hint = "Build the layers inside the function; use latent_size for the width that changes."
    made, again = (call(make, latent_size, doing=doing, expected=expected, hint=hint) for _ in range(2))
    brackets = "You returned the class itself. Write brackets behind it to make an object of it."
    require(not isinstance(made, type), "returns the class", made, expected, brackets)
    parts = "Put the pieces into one module: nn.Sequential(first, second, ...) is one."
    require(isinstance(made, nn.Module), "not a module", made, expected, parts)
    shared = {id(part) for part in made.parameters()} & {id(part) for part in again.parameters()}
    new = "Training one would change the other. Make the layers inside the function."
    require(not shared, "not a new one", f"{doing} twice gave the same layers", expected, new)
    return made.eval()


def _look_at_codes(encoder, doing, images, latent_size):
    count = len(images)
    doing, expected = f"{doing} on {count} images", f"codes of shape ({count}, {latent_size})"
    if not runs(encoder, images):
        _explain_why_it_takes_no_images(encoder, doing, images, expected)
    hint = "Follow the shape from layer to layer: what each one gives, the next must take."
    with torch.no_grad(), attempt(doing, expected, hint, "does not fit"):
        made = encoder(images)
    image = "That is as much as went in. The encoder ends at the code: the decoder is the next question."
    rows = "Each of the 28 rows was encoded by itself. The 784 pixels of an image must lie in one row first."
    fixed = "The width of the code stays, whatever latent_size is. Where does latent_size belong?"
    mistakes = {(count, width): ("latent size not used", fixed) for width in (1, 2, 3, 8, 10, 16, 20, 32, 64, 128)}
    mistakes |= {shape: ("returns the image", image) for shape in [(count, 784), (count, 1, 28, 28)]}
    mistakes |= {(count, 1, 28, latent_size): ("no flatten", rows)}
    mistakes |= {(latent_size,): ("batch size built in", "Keep the first axis: one code for each image.")}
    require_shape(made, doing, (count, latent_size), mistakes, hint)
    output(encoder, images, doing, (count, latent_size), hint)


def _explain_why_it_takes_no_images(encoder, doing, images, expected):
    one, three = some_digits(1), some_digits(3)
    flat = "A linear layer sees the last axis only: 28 columns. First the 784 pixels must lie in one row."
    unfolded = not runs(encoder, one) and runs(encoder, images.flatten(1))
    require(not unfolded, "no flatten", f"{doing} of shape (1, 28, 28) stops with an error", expected, flat)
    alone = "Flatten each image by itself, and leave the first axis open: how many images there are."
    some = runs(encoder, one) or runs(encoder, three)
    require(not some, "batch size built in", f"{doing} stops, with another number it runs", expected, alone)


def require_shape(made, doing, right, mistakes, hint):
    """Raise NotYet when a tensor has another shape than the right one.

    doing: what gave it, in words. mistakes: {shape: (misconception, hint)}; hint: for any other shape.
    """
    shape = tuple(getattr(made, "shape", ()))
    name, why = mistakes.get(shape, ("wrong shape", hint))
    require(shape == right, name, f"{doing} gave {describe(made)}", f"a tensor of shape {right}", why)


def runs(model, given):
    """Whether the model takes what is given without an error."""
    try:
        with torch.no_grad():
            model(given)
    except Exception:
        return False
    return True


def _look_at_layers(model, doing, given, expected):
    """Raise NotYet unless the model goes through linear layers of these widths, with something bent between them."""
    widths = _widths(model, given)
    arrows, wanted = (" -> ".join(map(str, sizes)) for sizes in (widths, expected))
    seen = f"{doing} goes {arrows}"
    missing = "Count the layers: from one width to the next takes one."
    require(len(widths) >= len(expected), "too few layers", seen, wanted, missing)
    more = "There are more layers than asked for. Three linear layers are enough here."
    require(len(widths) == len(expected), "too many layers", seen, wanted, more)
    backwards = "The decoder walks the encoder's way back: its narrowest layer comes first."
    mirrored = widths[0] > 64 or widths[1:3] != HIDDEN[1:]
    require(mirrored, "not mirrored", seen, wanted, backwards)
    require(widths == expected, "wrong widths", seen, wanted, "Compare the widths one by one.")
    row = "Two linear layers in a row are no more than one. Put a function that bends between them."
    straight = "from one linear layer straight into the next"
    require(
        not _straight_through(model, given), "no activation between", straight, "a function such as ReLU between", row
    )


def _widths(model, given):
    """layer_widths, also for matrices of one's own that are kept as nn.Linear keeps them: (outputs, inputs)."""
    shapes = [tuple(parameter.shape) for parameter in model.parameters() if parameter.ndim == 2]
    turned = len(shapes) > 1 and all(one[0] == two[1] for one, two in pairwise(shapes))
    if turned and not any(isinstance(part, nn.Linear) for part in model.modules()):
        return [shapes[0][1], *[outputs for outputs, _ in shapes]]
    return layer_widths(model, given)


def _straight_through(model, given):
    """Whether some linear layer takes exactly what another has made."""
    made, straight = [], []

    def note(_, arguments, result):
        straight.append(any(same.shape == arguments[0].shape and torch.equal(same, arguments[0]) for same in made))
        made.append(result)

    hooks = [part.register_forward_hook(note) for part in model.modules() if isinstance(part, nn.Linear)]
    with torch.no_grad():
        model(given)
    for hook in hooks:
        hook.remove()
    return any(straight)


def _stretched(model, given):
    """What a copy of the model makes of given when all its parameters are ten times as large: where does it stop?"""
    large = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in large.parameters():
            parameter.mul_(10)
        return large(given)


def _look_at_freedom(encoder, images):
    codes = _stretched(encoder, images)
    low, high = codes.min().item(), codes.max().item()
    seen = f"with weights ten times as large, codes from {low:.3g} to {high:.3g}"
    expected = "codes that may be any number, above or below 0"
    sums = bool((codes.sum(1) - 1).abs().max() < 1e-3)
    share = "The numbers of each code sum to 1: shares, as in a network that classifies. Here is nothing to classify."
    require(not sums, "softmax on the code", seen, expected, share)
    narrow = "Something squeezes the code into a narrow range. That belongs where pixels are made."
    require(max(-low, high) > 1.001, "squashed code", seen, expected, narrow)
    cut = "Negative numbers are cut off behind your last layer, as in trap 3 of notebook 03. The code has to be free."
    require(-low > 0.05 * high, "clipped code", seen, expected, cut)


@question("07", "Build the decoder")
def decoder(make_decoder):
    """make_decoder(latent_size): a module, codes (n, latent_size) -> images (n, 1, 28, 28) in [0, 1]."""
    for latent_size in (2, 5, 32):
        doing = f"make_decoder({latent_size})"
        made = build(make_decoder, "make_decoder", latent_size)
        for count in (3, 1, 7):
            _look_at_images(made, doing, torch.randn(count, latent_size))
        require_trainable(made, codes := torch.randn(7, latent_size), doing)
        _look_at_layers(made, doing, codes, [latent_size, *HIDDEN[::-1]])
        _look_at_brightness(made, codes)


def _look_at_images(decoder, doing, codes):
    count = len(codes)
    doing, right = f"{doing} on {count} codes", (count, 1, 28, 28)
    if not runs(decoder, codes):
        _explain_why_it_takes_no_codes(decoder, doing, codes)
    hint = "Follow the shape from layer to layer: what each one gives, the next must take."
    with torch.no_grad(), attempt(doing, f"images of shape {right}", hint, "does not fit"):
        made = decoder(codes)
    mistakes = {
        (count, 784): (
            "flat output",
            "The 784 pixels are in a row. Fold them into an image: nn.Flatten has an opposite.",
        ),
        (count, 28, 28): (
            "no channel axis",
            "Say that there is one channel, too: (images, channels, height, width).",
        ),
        (count, codes.shape[1]): (
            "returns a code",
            "What comes out is as small as a code. The image has 784 pixels.",
        ),
    }
    require_shape(made, doing, right, mistakes, hint)
    output(decoder, codes, doing, right, hint)


def _explain_why_it_takes_no_codes(decoder, doing, codes):
    count, latent_size = codes.shape
    expected = f"images of shape ({count}, 1, 28, 28)"
    image = "It takes images: that is an encoder. The decoder goes the other way, from the code to the image."
    require(not runs(decoder, some_digits(count)), "takes images", f"{doing} stops", expected, image)
    fixed = "It takes codes of another size, whatever latent_size is. Where does latent_size belong?"
    other = any(runs(decoder, torch.randn(count, size)) for size in (1, 2, 3, 8, 10, 16, 20, 32, 64, 784))
    require(not other, "latent size not used", f"{doing} of {latent_size} numbers stops", expected, fixed)
    alone = "It depends on how many codes come at once. Leave the first axis open."
    some = runs(decoder, codes[:1]) or runs(decoder, torch.randn(3, latent_size))
    require(not some, "batch size built in", f"{doing} stops, with another number it runs", expected, alone)


def _look_at_brightness(decoder, codes):
    """Which range the pixels can reach: a sigmoid's, or that of something else."""
    with torch.no_grad():
        usual = decoder(codes)
    pixels = _stretched(decoder, codes)
    low, high = min(pixels.min().item(), usual.min().item()), max(pixels.max().item(), usual.max().item())
    seen, expected = f"with weights ten times as large, pixels from {low:.3g} to {high:.3g}", "pixels from 0 to 1"
    signs = "A weighted sum can be any number, a pixel lies between 0 and 1. What squeezes numbers into that range?"
    require(low > -1e-4 or high <= 1.001, "no output activation", seen, expected, signs)
    tanh = (
        "Below 0 there is nothing blacker than black: this function reaches from -1 to 1. A sibling of it stops at 0."
    )
    require(low > -1e-4, "tanh at the end", seen, expected, tanh)
    zeros = bool((usual == 0).float().mean() > 0.01)
    relu = "Your last function stops at 0, but not at 1. A pixel cannot be whiter than white."
    require(high <= 1.001 or not zeros, "ReLU at the end", seen, expected, relu)
    beyond = "Pixels were scaled to lie between 0 and 1, so that is what has to come out."
    require(high <= 1.001, "beyond 1", seen, expected, beyond)
    share = "So all of them are nearly black: trap 2 of notebook 03. Each pixel needs its own 0 to 1."
    dark = bool((usual.sum((1, 2, 3)) - 1).abs().max() < 1e-3)
    require(not dark, "softmax at the end", "pixels of each image sum to 1", expected, share)
    cut = (
        "Cutting off at 0 and 1 gives the right range, but where it cuts no gradient comes back. Bend smoothly instead."
    )
    require(not zeros, "cut off", "many pixels are exactly 0 before any training", "pixels between 0 and 1", cut)
    narrow = (
        f"Make the weights large, and pixels should come near 0 and near 1. Yours stay from {low:.2g} to {high:.2g}."
    )
    require(low < 0.1 and high > 0.9, "narrow range", seen, expected, narrow)
