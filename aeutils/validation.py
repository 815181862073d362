"""What can be trained: images, models, losses and settings that cannot work are refused, with advice."""

import math
from numbers import Real

from aeutils.errors import InputError, check_whole_number
from aeutils.metrics import measuring, misfit
from aeutils.models import count_parameters
import torch

PRECISIONS = ("auto", "float32", "bfloat16")


def check_settings(epochs, batch_size, learning_rate, seed, watch, schedule, precision):
    """Raise InputError unless these settings of ae.fit can work."""
    check_whole_number("epochs", epochs, 1)
    check_whole_number("batch_size", batch_size, 1)
    check_whole_number("seed", seed, 0)
    number = isinstance(learning_rate, Real) and not isinstance(learning_rate, bool)
    if not number or not 0 < learning_rate < math.inf:
        raise InputError(f"learning_rate is {learning_rate!r}; expected a number above 0, such as 0.01")
    if watch is not None and not callable(watch):
        raise InputError(f"watch is {watch!r}; expected a function that is called as watch(model, history)")
    rate = schedule(0.0, learning_rate) if callable(schedule) else None
    if not isinstance(rate, Real) or not 0 <= rate < math.inf:
        fault = f"gave {rate!r} at the beginning" if callable(schedule) else f"is {schedule!r}"
        advice = "a function, called as schedule(progress, learning_rate), of which each result is a learning rate"
        raise InputError(f"schedule {fault}; expected {advice}, a number that is not below 0")
    if precision not in PRECISIONS:
        raise InputError(f"precision is {precision!r}; expected one of {', '.join(map(repr, PRECISIONS))}")


def check_model(model):
    """Raise InputError unless model is a PyTorch module with something to train."""
    if not isinstance(model, torch.nn.Module):
        raise InputError(f"model is a {type(model).__name__}; expected an Autoencoder or another torch.nn.Module")
    if count_parameters(model) == 0:
        raise InputError("the model has no parameters that training could change")


def check_loss(loss, model, originals):
    """Raise InputError unless loss(model, originals) is one number with a gradient. The model stays as it is."""
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
        raise misfit(name, image, error) from None
    made = tuple(output.shape) if isinstance(output, torch.Tensor) else f"a {type(output).__name__}"
    if made != tuple(image.shape):
        raise InputError(f"the model turns an image of shape {tuple(image.shape)} into {made}; it must keep the shape")
