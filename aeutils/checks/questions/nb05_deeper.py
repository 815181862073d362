"""Questions of notebook 05, Deeper."""

from contextlib import suppress
from itertools import pairwise

import torch

from aeutils.checks import probes
from aeutils.checks.core import call, question, require, require_own
from aeutils.checks.explain import near
from aeutils.checks.feedback import describe
from aeutils.checks.kinds import Case, ask, letter


def _parameters(widths):
    """Weights and biases of the linear layers from each width to the next."""
    return sum(inputs * outputs + outputs for inputs, outputs in pairwise(widths))


def _weights(widths):
    return 2 * sum(inputs * outputs for inputs, outputs in pairwise(widths))


ANY_NUMBER = "There may be any number of hidden layers, or none: is one built in?"


@ask(
    "05",
    "Count the parameters of any mirrored network",
    "count_mirrored(widths)",
    cases=[
        ([784, 30, 2],),
        Case([6, 4, 2], name="784 built in", hint="Here an image has 6 pixels. Is 784 built in, or another size?"),
        *(
            Case(widths, name="number of layers built in", hint=ANY_NUMBER)
            for widths in ([784, 256, 128, 64], [784, 20], [3072, 1000, 800, 7, 6, 5, 3, 1])
        ),
        Case([4, 9, 2], name="widths sorted", hint="Widths may rise, too. Take the layers in the order of the list."),
        Case([8, 7, 7, 7, 2], name="equal widths", hint="Layers of the same size are layers of their own: count each."),
    ],
    hint="Write down the layers of the whole network, there and back. What does each of them cost?",
    tolerance=1e-6,
    mistakes={
        "no biases": ("These are the weights alone. Each output of a layer has a bias besides: a constant.", _weights),
        "encoder only": ("That is the encoder. The decoder goes all the way back, with parameters too.", _parameters),
        "decoder only": ("That is the decoder. The encoder has its own.", lambda widths: _parameters(widths[::-1])),
        "encoder twice": (
            "The decoder has as many weights as the encoder, but not as many biases. How many has its last layer?",
            lambda widths: 2 * _parameters(widths),
        ),
        "not reversed": (
            "On the way back the hidden layers come in the reverse order.",
            lambda widths: _parameters(widths) + _parameters([widths[-1], *widths[1:-1], widths[0]]),
        ),
        "code counted twice": (
            "The network has no layer from the code to the code: the code is where the two halves meet.",
            lambda widths: _parameters([*widths, *widths[::-1]]),
            lambda widths: _parameters([*widths, widths[-1], *widths[::-1]]),
        ),
        "no product": (
            "You added up widths. A weight leads from each number of one layer to each number of the next.",
            lambda widths: 2 * sum(widths) - widths[-1],
        ),
        "one network": (
            "Section 2 counted so, for 784 pixels and a code of 20.",
            lambda widths: 1610 * widths[1] + 804,
        ),
        "one bias per layer": (
            "You counted one bias per layer. Each output of a layer has its own.",
            lambda widths: _weights(widths) + 2 * (len(widths) - 1),
        ),
        "784 built in": (
            "As many pixels as widths begins with come out, not always 784.",
            lambda widths: _parameters([*widths, *widths[-2::-1]]) - widths[0] + 784,
        ),
        "shallow": (
            "No hidden layers: the shallow one.",
            lambda widths: _parameters([widths[0], widths[-1], widths[0]]),
        ),
        "last biases missing": (
            "The pixels that come out have biases too: 1 for each of them.",
            lambda widths: _parameters([*widths, *widths[-2::-1]]) - widths[0],
        ),
        "biases of the code missing": (
            "The code has biases too: each layer has one for each number that it makes.",
            lambda widths: _parameters([*widths, *widths[-2::-1]]) - widths[-1],
        ),
        "biases of all widths": (
            "A bias belongs to each number that a layer gives. Which of the widths does a layer give, and how often?",
            lambda widths: _weights(widths) + 2 * sum(widths),
            lambda widths: _weights(widths) + 2 * sum(widths) - widths[0],
            lambda widths: _weights(widths) + 2 * sum(widths) - widths[-1],
            lambda widths: _weights(widths) + 2 * sum(widths[:-1]),
            lambda widths: 2 * sum((inputs + 1) * (outputs + 1) for inputs, outputs in pairwise(widths)),
        ),
        "tensors counted": (
            "That is how many tensors of parameters there are. How many numbers does each of them hold?",
            lambda widths: 4 * (len(widths) - 1),
        ),
        "first layer only": (
            "That is a single layer there and back. How many layers are there?",
            lambda widths: _parameters([widths[0], widths[1], widths[0]]),
        ),
        "weights once": (
            "The biases are there, the weights only once. The decoder has its own weights.",
            lambda widths: _parameters([*widths, *widths[-2::-1]]) - _weights(widths) // 2,
        ),
    },
)
def mirrored_parameters(widths):
    """Parameters of an encoder with these widths and a mirrored decoder; widths: [784, 128, 20]."""
    whole = widths + widths[-2::-1]
    return sum((whole[i] + 1) * whole[i + 1] for i in range(len(whole) - 1))


@question("05", "An autoencoder of any depth", "make_deep(latent_size, hidden)")
def any_depth(make_deep):
    """make_deep(latent_size, hidden): a deep autoencoder for digits with hidden layers of the given sizes, mirrored."""
    for latent_size, hidden in ((3, (64, 32)), (5, (40, 50, 50, 30)), (4, ())):
        doing = f"make_deep({latent_size}, {hidden})"
        hint = "Go through the sizes in pairs: from each one to the next leads a layer."
        told = {"doing": doing, "expected": "an autoencoder", "hint": hint}
        model, again = (call(make_deep, latent_size, hidden, **told) for _ in range(2))
        seen = f"{doing} twice gave the same model"
        require(again is not model, "not a new one", seen, "a new one", "Make the layers inside the function.")
        halves = "Put the halves together by ae.Autoencoder(encoder, decoder), and return that."
        parts = [getattr(model, half, None) for half in ("encoder", "decoder")]
        listed = "A Python list is no network. Put the layers of each half into one: nn.Sequential(*layers)."
        lists = [part for part in parts if isinstance(part, (list, tuple))]
        require(not lists, "lists of layers", f"{doing} has a half that is {describe(lists)}", "two modules", listed)
        joined = all(isinstance(part, torch.nn.Module) for part in (model, *parts))
        seen, expected = f"{doing} gave {describe(model)}", "a model with .encoder and .decoder, two modules"
        require(joined, "no encoder", seen, expected, halves)
        model.eval()
        _require_sizes(model, latent_size, hidden, doing)
        digits = probes.some_digits(4)
        probes.require_functions_between(model.encoder, digits, f"the encoder of {doing}")
        probes.require_functions_between(model.decoder, model.encoder(digits), f"the decoder of {doing}")
        _require_no_squashing(model.encoder, 1000 * digits, f"the encoder of {doing}")
        _require_no_squashing(model.decoder, 1000 * torch.randn(4, latent_size), f"the decoder of {doing}")
        _require_free_code_and_pixels(model, latent_size, doing)
        probes.require_nothing_around(model.encoder, digits, f"the encoder of {doing}")
        probes.require_nothing_around(model.decoder, torch.randn(50, latent_size), f"the decoder of {doing}")
        parameters = sum({part.data_ptr(): part.numel() for part in model.parameters()}.values())
        right = _parameters([784, *hidden, latent_size, *hidden[::-1], 784])
        fewer = "Is a bias missing, or do two layers share their weights?"
        seen = f"{doing} has {parameters:,} parameters"
        require(parameters >= right, "too few parameters", seen, f"{right:,}", fewer)
        more = "Linear layers, each with its biases, and ReLU between them: what else of yours has parameters?"
        require(parameters == right, "too many parameters", seen, f"{right:,}", more)
    given = [40, 50]
    with suppress(Exception):  # where it takes no list, none is changed
        make_deep(5, given)
    own = "Your function changes the list that it is given, and others may need it. Make a new one."
    require(given == [40, 50], "changes its input", f"after make_deep(5, hidden) hidden is {given}", "[40, 50]", own)
    own = "That is the course's builder, and it works. Here the point is to build the layers yourself."
    require_own(make_deep, ["fully_connected"], "layers of your own", own)


def _require_no_squashing(half, given, doing):
    """Raise NotYet when a function between two layers squeezes all numbers into a narrow range."""
    for (_, _, made), (_, taken, _) in pairwise(probes.linear_calls(half, given)):
        largest, left = made.abs().max().item(), taken.abs().max().item()
        seen = f"in {doing}, a layer gives numbers up to {largest:.3g}, and the next gets none above {left:.3g}"
        fade = "The function between them squeezes all numbers, so gradients fade on the way. Which one is asked for?"
        require(largest < 10 or left > 1.001, "squashed between layers", seen, "a ReLU between layers", fade)
        relu = "What is below 0 becomes 0, and all else stays as it is. Which function does that?"
        seen = f"in {doing}, numbers from {made.min():.3g} to {made.max():.3g} became some from {taken.min():.3g} to "
        same = near(taken.flatten(), made.relu().flatten())
        require(same, "another function between layers", f"{seen}{taken.max():.3g}", "a ReLU between layers", relu)


def _require_sizes(model, latent_size, hidden, doing):
    """Raise NotYet unless codes, images and the widths in between are those asked for, mirrored in the decoder."""
    digits = probes.some_digits(4)
    hint = "First each image becomes a row of 784 pixels. The last layer gives as many numbers as the code has."
    code = probes.output(model.encoder, digits, f"the encoder of {doing}", (4, latent_size), hint, "wrong code")
    back = "The decoder goes the encoder's way backwards, with layers of its own, and makes images of the pixels."
    probes.output(model.decoder, code, f"the decoder of {doing}", (4, 1, 28, 28), back, "wrong image")
    made = probes.output(model, digits, doing, (4, 1, 28, 28), back, "wrong image")
    seen, past = f"{doing} gives other images than its decoder makes of the codes", "Is there a way past the code?"
    require(near(made, model.decoder(code), 1e-4), "past the code", seen, "the decoder's images of the codes", past)
    apart = near(model(torch.cat([digits[:1], 0 * digits[1:]]))[0], made[0], 1e-4)
    seen, own = f"the first image from {doing} changes with those beside it", "Nothing is to be taken over axis 0."
    require(apart, "depends on the batch", seen, "each image by itself", own)
    probes.require_trainable(model, probes.some_digits(100), doing)
    there, again = probes.layer_widths(model.encoder, digits), probes.layer_widths(model.decoder, code)
    probes.require_each_once(model, digits, doing)
    right = [784, *hidden, latent_size]
    own = "Do your layers depend on what stands in hidden, and on all of it?"
    require(there == right, "ignores hidden", f"widths in the encoder of {doing}: {there}", f"{right}", own)
    seen, mirror = f"widths in the decoder of {doing}: {again}", "Mirrored: what the encoder did last is undone first."
    mirror = mirror if len(again) == len(there) else "As many layers as in the encoder. Which is too much, or missing?"
    require(again == right[::-1], "not mirrored", seen, f"{right[::-1]}", mirror)


def _require_free_code_and_pixels(model, latent_size, doing):
    """Raise NotYet when a function limits the code, or when none keeps the pixels within [0, 1]."""
    digits = 1000 * probes.some_digits(200)  # large, so that no limit is overlooked
    with torch.no_grad():
        code, pixels = model.encoder(digits), model.decoder(100 * torch.randn(200, latent_size)).flatten(1)
    last = probes.linear_calls(model.encoder, digits)[-1:]
    dead = (
        "Something behind the last layer of the encoder changes the code. What may stand there (notebook 03, trap 3)?"
    )
    free = not last or torch.equal(last[0][2], code)
    seen = f"codes of {doing}: {describe(code)}"
    require(free, "function before the code", seen, "any numbers, negative ones too", dead)
    given = torch.randn(50, latent_size, requires_grad=True)
    (gradient,) = torch.autograd.grad(model.decoder(given).square().sum(), given)
    front = (
        "A code may be any number, and here all those below 0 look alike. What stands before the decoder's first layer?"
    )
    seen = f"in the decoder of {doing}, code numbers below 0 make no difference to the image"
    require(bool(gradient[given < 0].any()), "function before the first layer", seen, "every number counts", front)
    seen = f"images from the decoder of {doing}: {describe(pixels)}"
    leaves = "A weighted sum can be any number, a pixel cannot. What stood at the end of the decoder in section 1?"
    require(bool((pixels >= 0).all() and (pixels <= 1).all()), "leaves the range", seen, "pixels from 0 to 1", leaves)
    grey = "No pixel is ever darker than 0.49. Do numbers below 0 reach the sigmoid, and is what it gives the image?"
    require(bool(pixels.min() < 0.49), "function before the sigmoid", seen, "pixels from 0 to 1", grey)
    summed = "In each image the pixels sum to 1: that is softmax, for classes (notebook 03, trap 2)."
    require(not near(pixels.sum(1), torch.ones(200)), "softmax", seen, "pixels free of each other", summed)


letter(
    "what_would_help",
    "05",
    "More images, or a larger network?",
    right="d",
    wrong={
        "a": "Its training error is small. But will you use it on the images that it was trained on?",
        "b": "It does not memorise, true. Is it therefore better on new digits? Compare the two errors that tell.",
        "c": "Which of the two has learned its images by heart? More images would keep it from doing so.",
    },
    passed="The test error says how good a network is; its gap to the training error says what may help it.",
)
