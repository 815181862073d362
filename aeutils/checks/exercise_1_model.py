"""Checks of notebook 07, Exercise 1: join the parts, choose the loss."""

from aeutils.checks.exercise_1 import alike, build, require_shape, runs
from aeutils.checks.probes import output, require_trainable, some_digits
from aeutils.checks.question import attempt, call, describe, question, require, require_function
from aeutils.metrics import reconstruction_error
import torch
from torch import nn
from torch.nn import functional

OTHER_MEASURES = {
    "mean over pixels": "You averaged over the pixels as well. Sum over the pixels; average over the images only.",
    "sum over images": "With twice as many images it would be twice as large. Average over the images.",
    "absolute": "You took the size of each difference. Squares count a large one more than several small ones.",
    "signed": "Too bright here and too dark there cancel out. Make each difference positive before you add.",
    "root": "There is a square root. The measure of the course is the sum of squares itself.",
    "cross entropy": "Cross entropy compares probabilities and may serve too. Asked for is the squared difference.",
    "halved": "It is half of what is asked for. Some books halve; the measure of the course does not.",
    "negative": "It is negative. What training makes smaller must be 0 for a perfect copy, and else above 0.",
}
"""What to say to those who take another measure for the loss."""


@question("07", "Join them")
def autoencoder(make_autoencoder):
    """make_autoencoder(latent_size): encoder and decoder joined, with these attributes."""
    images = some_digits(5)
    for latent_size in (32, 3):
        model = build(make_autoencoder, "make_autoencoder", latent_size)
        codes = look_at_parts(model, images)
        doing, size = f"make_autoencoder({latent_size})", codes.shape[1]
        seen, expected = f"{doing} makes codes of {size} numbers", f"codes of {latent_size} numbers"
        fixed = "The code has another size than asked for. Does latent_size reach both encoder and decoder?"
        require(size == latent_size, "latent size not used", seen, expected, fixed)
        _look_at_forward(model, images, codes)
        require_trainable(model, images, doing)


def look_at_parts(model, images):
    """The codes (n, latent) of images in a model that has to have an encoder and a decoder which fit one another."""
    parts = {name: getattr(model, name, None) for name in ("encoder", "decoder")}
    dots = "It is made by a function above that has not been answered yet. Answer that, or take ae.fully_connected."
    open_parts = [name for name, part in parts.items() if part is ...]
    seen, expected = f"model.{' and model.'.join(open_parts)} is still the three dots", "two networks"
    require(not open_parts, "part not attempted", seen, expected, dots)
    lacks = [name for name, part in parts.items() if not isinstance(part, nn.Module)]
    names = "Keep both parts under these names: model.encoder and model.decoder. They will be used apart."
    seen, expected = f"a model without .{' and .'.join(lacks)}", "model.encoder and model.decoder, two modules"
    require(not lacks, "no two parts", seen, expected, names)
    swapped = not runs(model.encoder, images) and runs(model.decoder, images)
    seen, turned = "model.decoder takes images, model.encoder does not", "Encoder and decoder have changed places."
    require(not swapped, "parts swapped", seen, expected, turned)
    codes = _codes(model.encoder, images)
    doing = f"model.decoder on codes of {codes.shape[1]} numbers"
    sizes = "What the encoder gives, the decoder must take, and give back images: are both built for the same code?"
    with torch.no_grad(), attempt(doing, f"{len(images)} images back", sizes, "parts do not fit"):
        model.decoder(codes)
    output(model.decoder, codes, doing, images.shape, sizes, "parts do not fit")
    return codes


def _codes(encoder, images):
    doing, expected = f"model.encoder on {len(images)} images", "codes, one row of numbers for each image"
    with torch.no_grad(), attempt(doing, expected, "Try model.encoder alone, on a few images.", "does not fit"):
        codes = encoder(images)
    seen, whole = f"{doing} gave {describe(codes)}", getattr(codes, "shape", ()) in [images.shape, (len(images), 784)]
    inside = "The encoder's work ends at the code. Where does the image come back already?"
    require(not whole, "encoder returns the image", seen, expected, inside)
    flat = isinstance(codes, torch.Tensor) and codes.ndim == 2 and len(codes) == len(images)
    require(flat, "no code", seen, expected, "A code is one row of numbers for each image: a tensor (n, latent).")
    return codes


def _look_at_forward(model, images, codes):
    """Raise NotYet unless the model as a whole is its decoder after its encoder."""
    made, order = _way_through(model, images)
    way, both = f"image -> {' -> '.join(order) or 'neither of its parts'}", "image -> encoder -> decoder"
    first = "An image cannot go into the decoder: that takes codes. Which part comes first?"
    require(order[:1] != ["decoder"], "wrong order", way, both, first)
    twice = "The code went into the encoder once more. Which part takes codes?"
    require(order[:3] != ["encoder", "encoder", "an error"], "encoder twice", way, both, twice)
    require("an error" not in order, "does not fit", way, both, "Look at forward: what goes in, and what comes out?")
    doing, kept = f"model on {len(images)} images", f"a tensor of shape {tuple(images.shape)}"
    pair = "Return the reconstruction alone. Whoever wants the code asks model.encoder."
    several = isinstance(made, (tuple, list, dict))
    require(not several, "returns a tuple", f"{doing} gave {describe(made)}", kept, pair)
    code = "The code came out. An autoencoder gives the image back: one step is missing."
    mistakes = {tuple(codes.shape): ("forward returns the code", code)}
    require_shape(made, doing, tuple(images.shape), mistakes, "Calling the model has to give images.")
    with torch.no_grad():
        same = alike(made, model.decoder(codes))
    seen = "model(images) differs from model.decoder(model.encoder(images))"
    own = "What else has a hand in it? Everything must go through the code, and through these two parts."
    require(same, "not its own parts", seen, "the same", own)


def _way_through(model, images):
    """model(images), None if it stops, and the names of its parts in the order in which they were called."""
    order, made = [], None
    hooks = [
        part.register_forward_pre_hook(lambda *_, name=name: order.append(name))
        for name, part in [("encoder", model.encoder), ("decoder", model.decoder)]
    ]
    try:
        with torch.no_grad():
            made = model(images)
    except Exception:
        order.append("an error")
    for hook in hooks:
        hook.remove()
    return made, order


@question("07", "Choose the loss")
def loss(loss):
    """loss(reconstructions, images): squared error summed over pixels, averaged over images, with gradient."""
    require_function(loss, "loss(reconstructions, images)")
    tried = []
    for count in (5, 2):
        images = some_digits(count)
        made = (0.8 * torch.rand(images.shape) + 0.1).requires_grad_()
        tried.append((_loss_value(loss, made, images), made, images))
    for value, made, images in tried:
        _look_for_mistaken_loss(value.item(), made.detach(), images)
    _look_at_loss(tried)


def _loss_value(loss, made, images):
    """The loss, a tensor with one number and a gradient."""
    expected = "a tensor with one number, through which gradients flow"
    hint = "The difference at each pixel, squared; then a sum, then an average over the images."
    value = call(loss, made, images, doing="loss(reconstructions, images)", expected=expected, hint=hint)
    plain = "A plain number has forgotten how it was computed: backward() needs the tensor."
    require(isinstance(value, torch.Tensor), "not a tensor", value, expected, plain)
    many = "One number for each image: what is their average?"
    require(value.shape != (len(images),), "one number per image", value, expected, many)
    require(value.numel() == 1, "not one number", value, expected, "Training needs one number to make smaller.")
    cut = "The way back to the reconstructions is cut: is there a detach(), a no_grad(), a tensor(...) made anew?"
    require(value.requires_grad, "no gradient", f"{value.item():.4g}, without gradient", expected, cut)
    return value


def _look_for_mistaken_loss(value, made, images):
    """Raise NotYet when the value is that of another measure which students take."""
    count, difference = len(images), made - images
    squares, sizes = difference.square(), difference.abs()
    total, each = squares.sum(), squares.sum((1, 2, 3))
    entropy = functional.binary_cross_entropy(made, images)
    signed = [difference.mean(), difference.sum(), difference.sum() / count]
    measures = {
        "mean over pixels": [squares.mean()],
        "sum over images": [total],
        "absolute": [sizes.mean(), sizes.sum(), sizes.sum() / count],
        "signed": [*signed, *(-part for part in signed)],
        "root": [squares.mean().sqrt(), total.sqrt(), (total / count).sqrt(), each.sqrt().mean(), each.sqrt().sum()],
        "cross entropy": [entropy, entropy * 784, entropy * 784 * count],
        "halved": [total / count / 2],
        "negative": [-total / count],
    }
    for name, values in measures.items():
        near = any(abs(value - number) < 1e-4 * abs(number) for number in values)
        seen, expected = f"{value:.4g} for {count} images", f"{total / count:.4g}"
        require(not near, name, seen, expected, OTHER_MEASURES[name])


def _look_at_loss(tried):
    """Raise NotYet unless all values are right, and their gradients. tried: (value, reconstructions, images)."""
    rights = [reconstruction_error(made, images) for _, made, images in tried]
    divisors = [(right * len(images) / value).item() for right, (value, _, images) in zip(rights, tried, strict=True)]
    for right, (value, made, images) in zip(rights, tried, strict=True):
        seen, expected = f"{value.item():.4g} for {len(images)} images", f"{right.item():.4g}"
        fixed = f"You divide by {divisors[0]:.4g}, however many images come. Ask the batch how many it holds."
        require(abs(divisors[0] / divisors[1] - 1) > 1e-3, "batch size built in", seen, expected, fixed)
        hint = "Take two images of one pixel each: differences 0.5 and 0.1 must give (0.25 + 0.01) / 2 = 0.13."
        require(abs(value - right) < 1e-4 * right, "wrong value", seen, expected, hint)
        (gradient,) = torch.autograd.grad(value.sum(), made, allow_unused=True)
        wanted = "the squared error's gradient"
        way = "The value is right, but training would go another way. Is part of it computed with detach()?"
        fits = gradient is not None and alike(gradient, 2 * (made - images).detach() / len(images))
        require(fits, "wrong gradient", "another gradient than that of the squared error", wanted, way)
