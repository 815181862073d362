"""Training: the loop that notebook 03 writes out by hand, with its accidents caught."""

from contextlib import contextmanager
import copy
from dataclasses import dataclass, field
import math
from numbers import Real
import random
import time

from aeutils.errors import InputError, TrainingError, check_whole_number
from aeutils.metrics import evaluate, measuring, reconstruction_error
from aeutils.models import count_parameters
from aeutils.quiet import is_quiet
import numpy as np
import torch
from tqdm.auto import tqdm


@dataclass
class History:
    """What happened in training, one entry per finished epoch.

    train_error: reconstruction error on the training images, averaged while the weights moved.
    held_out_error: reconstruction error on the held-out images after the epoch; empty without them.
    seconds: time that the epoch's training took, without the measuring of held-out images.
    interrupted: True when the user stopped training before its last epoch.
    """

    train_error: list = field(default_factory=list)
    held_out_error: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    interrupted: bool = False


def seed_everything(seed):
    """Make what follows repeatable: the same seed gives the same numbers on the same machine.

    seed: a whole number from 0 to 4,294,967,295 (32 bits); anything else raises InputError.
    """
    check_whole_number("seed", seed, 0, 2**32 - 1)
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def fit(model, images, epochs, held_out=None, batch_size=128, learning_rate=0.01, seed=0, watch=None, loss=None):
    """Train an autoencoder on images and return the History.

    images, held_out: float32 (n, channels, height, width) in [0, 1]; held_out is only measured, never
    trained on. learning_rate: the highest; it rises to it and falls to nearly 0 (one cycle).
    seed: decides the order of the images and whatever is random in the model or the loss (noise, dropout).
    watch: called as watch(model, history) before the first epoch and after each, to show how it goes;
    history.seconds leaves out what it takes. loss: what training makes small in place of the reconstruction error,
    called as loss(model, originals) with a batch of images; it returns one number as a tensor, a mean over the batch.
    Interrupting the kernel ends training early; the model keeps what it has learned.
    Raises InputError for images, a model, a loss or settings that cannot work, TrainingError when the error is
    no longer finite; the model then has the weights it had before that epoch.
    Source of the schedule: Smith and Topin, Super-convergence, arXiv:1708.07120.
    """
    _check_settings(epochs, batch_size, learning_rate, seed, watch)
    _check_model(model)
    if loss is None:
        check_images("images", images, model)
    else:
        check_images("images", images)
        _check_loss(loss, model, images[:2])
    if held_out is not None:
        check_images("held_out", held_out, model)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, betas=(0.9, 0.99), fused=True)
    steps = epochs * math.ceil(len(images) / batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=steps, cycle_momentum=False)
    generator = torch.Generator().manual_seed(seed)
    history, look, loss = History(), watch or (lambda *_: None), loss or _own_error
    with _own_randomness(seed), tqdm(total=epochs, desc="Training", unit="epoch", disable=is_quiet()) as bar:
        try:
            look(model, history)
            for _ in range(epochs):
                before = copy.deepcopy(model.state_dict())
                start = time.perf_counter()
                order = torch.randperm(len(images), generator=generator)
                error = _train_epoch(model, images, order.split(batch_size), loss, optimizer, schedule)
                seconds = time.perf_counter() - start
                if not math.isfinite(error):
                    model.load_state_dict(before)
                    raise _not_finite(error, len(history.seconds) + 1, learning_rate)
                if held_out is not None:  # first, so that an interrupt leaves lists of one length
                    history.held_out_error.append(evaluate(model, held_out))
                history.train_error.append(error)
                history.seconds.append(seconds)
                bar.set_postfix_str(_latest(history))
                bar.update()
                look(model, history)
        except KeyboardInterrupt:
            history.interrupted = True
            done = len(history.seconds)
            print(f"Training was interrupted after {done} of {epochs} epochs; the model keeps what it has learned.")
        finally:
            model.eval()
    return history


def _own_error(model, originals):
    """The loss of the course: the reconstruction error of a batch."""
    return reconstruction_error(model(originals), originals)


@contextmanager
def _own_randomness(seed):
    """Within it torch's random numbers follow from the seed; then they go on as if nothing had happened."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def _train_epoch(model, images, batches, loss, optimizer, schedule):
    """One pass over the images: the training loop of notebook 03. Returns the mean error, NaN if a weight is."""
    model.train()
    total = 0.0
    for batch in batches:
        originals = images[batch]
        error = loss(model, originals)
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        schedule.step()
        total += error.item() * len(batch)
    whole = all(parameter.isfinite().all() for parameter in model.parameters())  # the last step comes after its loss
    return total / len(images) if whole else math.nan


def _latest(history):
    """The newest errors, for the progress bar."""
    text = f"training error {history.train_error[-1]:.2f}"
    if history.held_out_error:
        text += f", held-out error {history.held_out_error[-1]:.2f}"
    return text


def _not_finite(error, epoch, learning_rate):
    return TrainingError(
        f"the reconstruction error became {error} in epoch {epoch}. The steps are too long: learning_rate is "
        f"{learning_rate}, try {learning_rate / 10:g}. The model is as it was before that epoch."
    )


def _check_settings(epochs, batch_size, learning_rate, seed, watch):
    check_whole_number("epochs", epochs, 1)
    check_whole_number("batch_size", batch_size, 1)
    check_whole_number("seed", seed, 0)
    number = isinstance(learning_rate, Real) and not isinstance(learning_rate, bool)
    if not number or not 0 < learning_rate < math.inf:
        raise InputError(f"learning_rate is {learning_rate!r}; expected a number above 0, such as 0.01")
    if watch is not None and not callable(watch):
        raise InputError(f"watch is {watch!r}; expected a function that is called as watch(model, history)")


def _check_model(model):
    """Raise InputError unless model is a PyTorch module with something to train."""
    if not isinstance(model, torch.nn.Module):
        raise InputError(f"model is a {type(model).__name__}; expected an Autoencoder or another torch.nn.Module")
    if count_parameters(model) == 0:
        raise InputError("the model has no parameters that training could change")


def _check_loss(loss, model, originals):
    """Raise InputError unless loss(model, originals) is one finite number with a gradient. The model stays as it is."""
    if not callable(loss):
        raise InputError(f"loss is {loss!r}; expected a function that is called as loss(model, originals)")
    with measuring(model), torch.enable_grad(), torch.random.fork_rng(devices=[]):
        try:
            value = loss(model, originals)
        except (RuntimeError, ValueError, TypeError) as error:
            reason = str(error).splitlines()[0]
            shape = tuple(originals.shape)
            raise InputError(f"loss(model, originals) stopped at originals of shape {shape}: {reason}") from None
    if not isinstance(value, torch.Tensor) or value.numel() != 1 or not value.requires_grad:
        made = f"a tensor of shape {tuple(value.shape)}" if isinstance(value, torch.Tensor) else repr(value)
        raise InputError(f"loss(model, originals) gave {made}; expected a tensor with one number that has a gradient")


def check_images(name, images, model=None):
    """Raise InputError unless images are float32 (n, channels, height, width) in [0, 1] that fit the model, if any."""
    if not isinstance(images, torch.Tensor):
        raise InputError(f"{name} is a {type(images).__name__}; expected a tensor (n, channels, height, width)")
    if images.dtype != torch.float32:
        advice = "divide them by 255: images.float() / 255" if images.dtype == torch.uint8 else "use images.float()"
        raise InputError(f"{name} are {images.dtype}; expected torch.float32 in [0, 1]; {advice}")
    if images.ndim != 4 or len(images) == 0:
        raise InputError(f"{name} have shape {tuple(images.shape)}; expected (n, channels, height, width) with n > 0")
    low, high = (value.item() for value in images.aminmax())
    if math.isnan(low):
        raise InputError(f"{name} contain NaN (not a number); look for a division by zero and use clean images")
    if low < 0 or high > 1:
        raise InputError(f"{name} range from {low:g} to {high:g}; expected [0, 1]; for bytes divide by 255")
    if model is not None:
        _check_fit(name, images[:1], model)


def _check_fit(name, image, model):
    """Raise InputError unless the model turns the one image into another of the same shape."""
    try:
        with measuring(model):
            output = model(image)
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            f"{name} of shape {tuple(image.shape[1:])} (channels, height, width) do not fit the model ({reason}); "
            "build the model for this picture shape"
        ) from None
    made = tuple(output.shape) if isinstance(output, torch.Tensor) else f"a {type(output).__name__}"
    if made != tuple(image.shape):
        raise InputError(f"the model turns an image of shape {tuple(image.shape)} into {made}; it must keep the shape")
