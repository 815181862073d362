"""Checks of notebook 07, Exercise 1: training."""

import copy
from dataclasses import dataclass, replace
import math

from aeutils.checks.exercise_1 import alike
from aeutils.checks.probes import digits as course_digits
from aeutils.checks.question import NotYet, attempt, call, question, require, require_function
from aeutils.data import Digits
from aeutils.metrics import evaluate, measuring
from aeutils.models import Autoencoder, fully_connected
from aeutils.training import seed_everything
import torch
from torch import nn

EPOCHS = 3
"""Epochs of training that the check asks for."""


@dataclass
class Run:
    """One run of a student's train().

    before, model: the model as handed in, and as it is afterwards. digits: those handed in. result: what came back.
    stale: for each backward pass, whether gradients of an earlier one were still there.
    """

    before: nn.Module
    model: nn.Module
    digits: Digits
    result: object
    stale: list


@question("07", "Train, and watch one digit", trains=True)
def train(train):
    """train(model, digits, epochs): errors on test images and snapshots of the first, from before the first epoch."""
    require_function(train, "train(model, digits, epochs)")
    digits = _few_digits()
    run = _first_run(train, digits)
    errors, snapshots = _errors_and_snapshots(run, EPOCHS, train)
    _look_at_steps(run, errors)
    elsewhere = _look_for_leaks(train, run)
    _look_at_learning(run)
    _look_at_errors(run, errors, elsewhere)
    _look_at_snapshots(run, snapshots)
    _look_at_mode(train, digits)
    return f"On {len(digits.train_images):,} digits the test error fell from {errors[0]:.0f} to {errors[-1]:.0f}."


def _first_run(train, digits):
    """The first run; when it stops, find out whether that is because images are compared with labels."""
    try:
        return _run(train, digits)
    except NotYet as verdict:
        if verdict.parts["misconception"] == "raises" and _runs_with_images_for_labels(train, digits):
            hint = "With images in place of the labels it runs. What is an autoencoder's output compared with?"
            raise NotYet("compares with labels", verdict.parts["seen"], "no use of labels", hint) from None
        raise


def _runs_with_images_for_labels(train, digits):
    try:
        _run(train, replace(digits, train_labels=digits.train_images.clone()), epochs=1)
    except NotYet:
        return False
    return True


def _few_digits():
    """1,500 training and 200 test images of the embedded subset, a copy."""
    whole = course_digits()
    images = [whole.train_images[:1500], whole.train_labels[:1500], whole.test_images[:200], whole.test_labels[:200]]
    return Digits(*(part.clone() for part in images), whole=False, source="1,500 training and 200 test images")


def _run(train, digits, epochs=EPOCHS, dropout=0.0):
    """Run a student's train() on a model and digits of its own, from the same random numbers each time."""
    seed_everything(0)
    plain = fully_connected((1, 28, 28), 16, hidden=(64,))
    model = Autoencoder(nn.Sequential(*plain.encoder, nn.Dropout(dropout)), plain.decoder) if dropout else plain
    before, stale = copy.deepcopy(model), []
    watched = model.decoder[0].weight
    watched.register_hook(lambda _: stale.append(watched.grad is not None and bool(watched.grad.any())))
    own = replace(digits, train_images=digits.train_images.clone(), test_images=digits.test_images.clone())
    hint = "Run train(make_autoencoder(2), digits, 1) in a cell of your own: it says which line stops. Has loss passed?"
    expected = "the pair (errors, snapshots)"
    result = call(train, model, own, epochs, doing=f"train(model, digits, {epochs})", expected=expected, hint=hint)
    return Run(before, model, digits, result, stale)


def _errors_and_snapshots(run, epochs, train):
    """The errors as floats and the snapshots as images (1, 28, 28), epochs + 1 of each."""
    expected = f"a pair: {epochs + 1} errors, and {epochs + 1} images"
    pair = "Return both, in this order: return errors, snapshots."
    require(isinstance(run.result, (tuple, list)) and len(run.result) == 2, "not a pair", run.result, expected, pair)
    one = "A single one came back. Keep a list, and append to it after every epoch."
    for part in run.result:
        several = isinstance(part, (list, tuple)) or getattr(part, "ndim", 0) > 0
        require(several, "only the last", part, expected, one)
    listed = [list(part) for part in run.result]
    with attempt(
        "reading the errors", expected, "Errors first, then snapshots: numbers first, then images.", "no numbers"
    ):
        errors = [float(error) for error in listed[0]]
    for name, part in zip(("errors", "snapshots"), listed, strict=True):
        _look_at_count(name, len(part), epochs, train)
    return errors, listed[1]


def _look_at_count(name, count, epochs, train):
    seen, expected = f"{count} {name} for {epochs} epochs", f"{epochs + 1} {name}"
    start = "How good is the model before it has learned anything? Begin there, then once after every epoch."
    require(count != epochs, "no start", seen, expected, start)
    require(count != 1, "only the last", seen, expected, "Keep a list, and append to it after every epoch.")
    if count != epochs + 1:
        again = len(list(_run(train, _few_digits(), 1).result[name == "snapshots"]))
        fixed = "Whatever number of epochs is asked for, it stays the same. Where does epochs belong?"
        require(again != count, "epochs not used", f"{seen}, and {again} for 1", expected, fixed)
    often = "Measure once for each epoch, not for each batch: how far is that line indented?"
    require(count == epochs + 1, "wrong count", seen, expected, often)


def _weights(model):
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def _look_at_steps(run, errors):
    """Raise NotYet unless encoder and decoder have both changed, each step from gradients of its own."""
    expected = "encoder and decoder trained"
    moved = {name: _moved(getattr(run.before, name), getattr(run.model, name)) for name in ("encoder", "decoder")}
    other = "The model handed in is as it was. Do you train another one, made inside the function or outside?"
    fell = errors[-1] < 0.99 * errors[0]
    require(any(moved.values()) or not fell, "another model", "your errors fall, the model's do not", expected, other)
    step = "Gradients say where to go; nobody went. Which line moves the parameters, and which computes the gradients?"
    require(any(moved.values()), "no step", "not one parameter has changed", expected, step)
    given = "Which parameters does your optimizer get? It has to be those of the whole model."
    for name, far in moved.items():
        require(far > 0, f"{name} not trained", f"the {name} has not changed", expected, given)
    zero = "Each backward() adds its gradients to those of all steps before. Who sets them back to zero?"
    stale = len(run.stale) > 2 and all(run.stale[1:])
    seen, fresh = "gradients of all steps before were still there", "only gradients of the batch at hand"
    require(not stale, "no zero_grad", seen, fresh, zero)


def _look_at_learning(run):
    """Raise NotYet unless the model is better than before."""
    images = run.digits.test_images
    start, error = evaluate(run.before, images), evaluate(run.model, images)
    black = images.square().sum().item() / len(images)
    expected = "a test error that falls from epoch to epoch"
    seen = f"an error of {error:.4g} after {EPOCHS} epochs; all-black images have {black:.0f}"
    long = "Your steps are too long: the weights were thrown far off. Look at the learning rate."
    far = not math.isfinite(error) or (error > 0.95 * black and _moved(run.before, run.model) > 1)
    require(not far, "steps too long", seen, expected, long)
    seen = f"an error of {start:.1f} before, {error:.1f} after {EPOCHS} epochs"
    worse = "It gets worse from step to step. Is the loss the right way up?"
    require(error < 1.02 * start, "gets worse", seen, expected, worse)
    slow = "It hardly learns. Is the learning rate too small, or are there too few steps in each epoch?"
    require(error < 0.98 * start, "learns too slowly", seen, expected, slow)


def _moved(before, after):
    """By how much the parameter that changed most has changed."""
    return (_weights(before) - _weights(after)).abs().max().item()


def _look_for_leaks(train, run):
    """Raise NotYet when labels or test images change what is learned; returns a run with other ones of both."""
    digits, others = run.digits, course_digits().test_images[200:400]
    elsewhere = _run(train, replace(digits, test_images=others, train_labels=digits.train_labels.flip(0)))
    if torch.allclose(_weights(run.model), _weights(elsewhere.model), atol=1e-6):
        return elsewhere
    by_labels = _run(train, replace(digits, train_labels=digits.train_labels.flip(0)))
    if torch.allclose(_weights(elsewhere.model), _weights(by_labels.model), atol=1e-6):
        labels = "With other labels other weights come out. An autoencoder compares its output with the image itself."
        require(False, "compares with labels", "what is learned depends on the labels", "no use of labels", labels)
    same_again = torch.allclose(_weights(run.model), _weights(_run(train, digits).model), atol=1e-6)
    tests = (
        "With other test images other weights come out: they have a part in training, so they test nothing any more."
    )
    require(
        not same_again, "trained on test images", "what is learned depends on the test images", "it does not", tests
    )
    return elsewhere  # not repeatable: nothing can be said


def _look_at_errors(run, errors, elsewhere):
    wanted = [evaluate(model, run.digits.test_images) for model in (run.before, run.model)]
    seen = f"errors from {errors[0]:.4g} to {errors[-1]:.4g}"
    expected = f"errors on the test images, from {wanted[0]:.4g} to {wanted[1]:.4g}"
    own = "With other test images the same errors come out. On which images do you measure?"
    same = all(
        math.isclose(one, float(two), rel_tol=1e-4) for one, two in zip(errors, elsewhere.result[0], strict=True)
    )
    require(not same, "error on training images", seen, expected, own)
    if not math.isclose(errors[-1], wanted[1], rel_tol=1e-4):
        _explain_last_error(run, errors[-1], wanted[1], seen, expected)
    first = "The first number must come from the model as it was handed in, before any step."
    require(math.isclose(errors[0], wanted[0], rel_tol=1e-4), "no start", seen, expected, first)


def _explain_last_error(run, last, wanted, seen, expected):
    tests, trained = run.digits.test_images, run.digits.train_images
    every = evaluate(run.model, torch.cat([tests, trained]))
    mistakes = {
        "per pixel": (wanted / 784, "That is the error of a single pixel: sum over the 784 pixels of an image."),
        "sum over images": (wanted * len(tests), "Divide by the number of images."),
        "error on training images": (every, "Measure on the test images alone."),
        "one image only": (evaluate(run.model, tests[:1]), "That is the error of one image. Take all test images."),
    }
    for name, (value, hint) in mistakes.items():
        require(not math.isclose(last, value, rel_tol=1e-4), name, seen, expected, hint)
    late = "Your last number is from before the last epoch, or from its way. Measure when the epoch is over."
    require(False, "not the test error", seen, expected, late)


SHOWN = "the first test digit, as the model reconstructs it, before training and after each epoch"
"""What the snapshots are to be."""


def _look_at_snapshots(run, snapshots):
    shots = [_one_image(shot) for shot in snapshots]
    same, seen = "All are the same image. Is it made anew after every epoch?", "the first snapshot equals the last"
    require(not alike(shots[0], shots[-1]), "always the same", seen, SHOWN, same)
    tests, trained = run.digits.test_images, run.digits.train_images
    known, seen = "What a model makes of images that it knows says little.", "a training digit in the last snapshot"
    require(not alike(shots[-1], _first_reconstruction(run.model, trained)), "a training digit", seen, SHOWN, known)
    which, seen = "Reconstruct digits.test_images[:1] when the epoch is over.", "another image in the last snapshot"
    require(alike(shots[-1], _first_reconstruction(run.model, tests)), "another image", seen, SHOWN, which)
    begin = "The first snapshot must come from the model as it was handed in, before any step."
    start = alike(shots[0], _first_reconstruction(run.before, tests))
    require(start, "no start", "another image in the first snapshot", SHOWN, begin)


def _one_image(shot):
    """A snapshot as an image (1, 28, 28)."""
    image = isinstance(shot, torch.Tensor) and shot.numel() == 784
    require(image, "not an image", shot, "images of 28 × 28 pixels", "Keep the reconstruction of one image each time.")
    keeps = "Each snapshot drags along all it was computed from. We only look: no gradients needed."
    require(not shot.requires_grad, "keeps gradients", "snapshots with gradients", SHOWN, keeps)
    return shot.reshape(1, 28, 28)


def _first_reconstruction(model, images):
    with measuring(model):
        return model(images[:1])[0]


def _look_at_mode(train, digits):
    """Raise NotYet unless a model with Dropout is measured in eval mode."""
    run = _run(train, digits, epochs=1, dropout=0.3)
    wanted, last = evaluate(run.model, digits.test_images), float(list(run.result[0])[-1])
    seen = f"for a model with Dropout, {last:.1f}"
    hint = "Dropout leaves out numbers at random while it trains. Which mode must a model be in when it is measured?"
    require(math.isclose(last, wanted, rel_tol=1e-4), "measured in training mode", seen, f"{wanted:.1f}", hint)
