"""Training: the loop that notebook 03 writes out by hand, with its accidents caught."""

from collections.abc import Callable
from contextlib import contextmanager, nullcontext
import copy
from dataclasses import dataclass, field
from functools import partial
import math
import random
import time

import numpy as np
import torch
from torch import nn
from tqdm.auto import tqdm

from aeutils import hardware
from aeutils.backpropagation import Backpropagation, plain_layers
from aeutils.errors import TrainingError, check_whole_number
from aeutils.metrics import Array, evaluate, reconstruction_error
from aeutils.models import device_of, keeping_random_state
from aeutils.notebook import is_quiet
from aeutils.optimizers import Adam, made_by, one_cycle
from aeutils.turns import Turns
from aeutils.validation import as_images, check_loss, check_model, check_settings, check_smallest_batch


@dataclass
class History:
    """What happened in training, one entry per finished epoch.

    train_error: reconstruction error on the training images, averaged while the weights moved.
    held_out_error: reconstruction error on the held-out images after the epoch; empty without them.
    seconds: time that the epoch's training took, without the measuring of held-out images.
    interrupted: True when the user stopped training before its last epoch.
    """

    train_error: list[float] = field(default_factory=list)
    held_out_error: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    interrupted: bool = False


def seed_everything(seed: int) -> None:
    """Make what follows repeatable: the same seed gives the same numbers on the same machine.

    seed: a whole number from 0 to 4,294,967,295 (32 bits); anything else raises InputError.
    """
    seed = check_whole_number("seed", seed, 0, 2**32 - 1)
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


@torch.inference_mode(False)
@torch.enable_grad()
def fit(
    model: nn.Module,
    images: Array,
    epochs: int,
    held_out: Array | None = None,
    batch_size: int = 128,
    learning_rate: float = 0.01,
    seed: int = 0,
    watch: Callable[[nn.Module, History], object] | None = None,
    loss: Callable[[nn.Module, torch.Tensor], torch.Tensor] | None = None,
    optimizer: Callable = Adam,
    schedule: Callable[[float, float], float] = one_cycle,
    precision: str = "auto",
    device: str | torch.device | None = None,
) -> History:
    """Train an autoencoder on images and return the History.

    images, held_out: float32 (n, channels, height, width) in [0, 1], tensors or NumPy arrays; held_out is only
    measured, never trained on. batch_size: images in a step; a single one left over joins the batch before.
    learning_rate: the highest; by default it rises to it and falls to nearly 0 (one cycle).
    seed: decides the order of the images and whatever is random in the model or the loss (noise, dropout).
    watch: called as watch(model, history) before the first epoch and after each, to show how it goes;
    history.seconds leaves out what it takes. loss: what training makes small in place of the reconstruction error,
    called as loss(model, originals) with a batch of images; it returns one number as a tensor, a mean over the batch.
    optimizer: called with the parameters; makes an optimizer of torch.optim, or another that has zero_grad() and
    step(learning_rate). schedule: called as schedule(progress, learning_rate), progress rising from 0 to 1 while
    training goes on; it returns the learning rate of the next step.
    precision: "float32", "bfloat16", or "auto", which takes bfloat16 where the processor gains by it.
    device: "cuda" or "mps" trains there, and brings the model back; None trains where the model is. Images are
    brought to it, wherever they lie.
    Interrupting the kernel ends training early; the model keeps what it has learned.
    Raises InputError for images, a model, a loss or settings that cannot work, TrainingError when the error is
    no longer finite; the model then has the weights it had before that epoch.
    """
    epochs, batch_size, seed = check_settings(epochs, batch_size, learning_rate, seed, watch, schedule, precision)
    check_model(model)
    images = as_images("images", images, model if loss is None else None)
    held_out = None if held_out is None else as_images("held_out", held_out, model)
    some = images[:2].to(device_of(model))
    if loss is not None:
        check_loss(loss, model, some)
    history, look, loss = History(), watch or (lambda *_: None), loss or _own_error
    check_smallest_batch(loss, model, some, min(batch_size, len(images)))
    generator = torch.Generator().manual_seed(seed)
    needs = (model, some, loss, batch_size, precision, device)
    with hardware.ready(*needs) as (place, cast), _own_randomness(seed, place), Turns(place) as turns:
        images, held_out = images.to(place), None if held_out is None else held_out.to(place)
        optimizer = made_by(optimizer, model.parameters())
        with tqdm(total=epochs, desc="Training", unit="epoch", disable=is_quiet()) as bar:
            try:
                look(model, history)
                for epoch in range(epochs):
                    before = copy.deepcopy(model.state_dict())
                    start = time.perf_counter()
                    batches = _batches(torch.randperm(len(images), generator=generator).to(place), batch_size)
                    shares = [(epoch + k / len(batches)) / epochs for k in range(len(batches))]
                    rates = [float(schedule(progress, learning_rate)) for progress in shares]
                    error = _train_epoch(model, images, batches, rates, loss, optimizer, cast, turns)
                    seconds = time.perf_counter() - start
                    if not math.isfinite(error):
                        model.load_state_dict(before)
                        raise _not_finite(error, epoch + 1, learning_rate)
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


def _batches(order, batch_size):
    """An order of images cut into batches. A single one left over joins the batch before: BatchNorm needs two."""
    batches = order.split(batch_size)
    if len(batches) > 1 and len(batches[-1]) == 1 < batch_size:
        batches = (*batches[:-2], order[-batch_size - 1 :])
    return batches


def _train_epoch(model, images, batches, rates, loss, optimizer, cast, turns):
    """One pass over the images: the training loop of notebook 03. Returns the mean error, NaN if a weight is."""
    model.train()
    gradients_of = _written_out(model, loss, cast, images, batches) or partial(_by_autograd, model, loss, cast)
    total = torch.zeros((), device=images.device)  # nothing waits for a number before the epoch is over
    for batch, rate in zip(batches, rates, strict=True):
        originals = images.index_select(0, batch)  # the same as images[batch], in half the time
        optimizer.zero_grad()
        total += gradients_of(originals) * len(batch)
        optimizer.step(rate)
        turns.pass_on()
    whole = all(parameter.isfinite().all() for parameter in model.parameters())  # the last step comes after its loss
    return total.item() / len(images) if whole else math.nan


def _by_autograd(model, loss, cast, originals):
    """The error of a batch; each parameter gets its gradient."""
    with cast:
        error = loss(model, originals)
    error.backward()
    return error.detach()


def _written_out(model, loss, cast, images, batches):
    """A function that does the same in less time, where the network and its error are plain ones; else None."""
    short = type(cast) is not nullcontext or torch.is_autocast_enabled("cpu")
    layers = None if loss is not _own_error or short else plain_layers(model, images.shape[1:])
    if layers is None or images.device.type != "cpu":
        return None
    networks = {count: Backpropagation(layers, count) for count in {len(batch) for batch in batches}}
    return lambda originals: networks[len(originals)](originals)


def _own_error(model, originals):
    """The loss of the course: the reconstruction error of a batch."""
    return reconstruction_error(model(originals), originals)


@contextmanager
def _own_randomness(seed, place):
    """Within it torch's random numbers follow from the seed; then they go on as if nothing had happened."""
    with keeping_random_state(place):
        torch.manual_seed(seed)
        yield


def _latest(history):
    """The newest errors, for the progress bar."""
    text = f"training error {history.train_error[-1]:.2f}"
    if history.held_out_error:
        text += f", held-out error {history.held_out_error[-1]:.2f}"
    return text


def _not_finite(error, epoch, learning_rate):
    return TrainingError(
        f"the reconstruction error became {error} in epoch {epoch}. The learning rate is too high: learning_rate is "
        f"{learning_rate}, try {learning_rate / 10:g}. The model is as it was before that epoch."
    )
