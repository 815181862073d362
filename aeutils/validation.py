"""What can be measured, drawn and trained: what cannot work is refused, in the same words everywhere, with advice."""

import copy
import math
from numbers import Real

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from aeutils.errors import InputError, check_whole_number
from aeutils.models import count_parameters, device_of, keeping_random_state, measuring

PRECISIONS = ("auto", "float32", "bfloat16")
IMAGES = "a tensor (n, channels, height, width)"
DIGIT = (1, 28, 28)
"""Channels, height and width of MNIST's images."""


# images


def as_tensor(name, values, wanted=IMAGES):
    """values as a tensor: itself, or what a NumPy array holds, in float32 where the array has longer floats.

    wanted: what is expected, in words. Raises InputError for anything else.
    """
    if isinstance(values, torch.Tensor):
        return values
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
        exact = np.float32 if values.dtype.kind == "f" else values.dtype
        return torch.from_numpy(np.require(values, exact, "CW"))  # torch shares no memory that is read-only
    raise InputError(f"{name} is {kind_of(values)}; expected {wanted}{_where_images_are(values, name)}")


def _where_images_are(values, name):
    """What to do with a thing that holds images, or takes them, as the end of a sentence."""
    if isinstance(values, torch.nn.Module):
        return ", such as model(images)" if name == "reconstructions" else "; the model comes first, then the images"
    for part in ("train_images", "images"):  # of Digits, Fashion, Faces
        if hasattr(values, part):
            return f", such as its {part}"
    if isinstance(values, DataLoader):
        return ", of all batches together: torch.cat([images for images, labels in loader])"
    if isinstance(values, Dataset):
        return ", of all images together: torch.stack([image for image, label in dataset])"
    listed = isinstance(values, list | tuple) and all(isinstance(each, torch.Tensor) for each in values)
    return f": torch.stack({name})" if listed and values else ""


def as_images(name, images, model=None):
    """images as a tensor that needs no gradient: float32 (n, channels, height, width) in [0, 1], n above 0.

    NumPy arrays will do. Raises InputError for anything else, and where the model, if any, cannot reconstruct them.
    """
    as_floats = "" if isinstance(images, np.ndarray) else ".float()"  # NumPy divides bytes into floats by itself
    images = as_tensor(name, images)
    if images.dtype != torch.float32:
        advice = _dtype_advice(images, as_floats)
        raise InputError(f"{name} are {images.dtype}; expected torch.float32 in [0, 1]; {advice}")
    if images.ndim != 4 or images.numel() == 0:
        raise InputError(f"{name} have shape {tuple(images.shape)}; expected (n, channels, height, width) with n > 0")
    low, high = (value.item() for value in images.detach().aminmax())
    if math.isnan(low):
        raise InputError(f"{name} contain NaN (not a number); look for a division by zero and use clean images")
    if low < 0 or high > 1:
        advice = _range_advice(low, high)
        raise InputError(f"{name} range from {low:g} to {high:g}; expected [0, 1]; {advice}")
    if model is not None:
        with keeping_random_state(device_of(model)):
            reconstruct(name, images[:1], model)
    images = images.detach()
    return images.clone() if images.is_inference() else images


def check_images(name, images, model=None):
    """Raise InputError unless images are a tensor for which as_images has nothing to change."""
    if not isinstance(images, torch.Tensor):
        raise InputError(f"{name} is {kind_of(images)}; expected {IMAGES}{_where_images_are(images, name)}")
    as_images(name, images, model)


def check_digit_images(name, images, model, sizes=(DIGIT,)):
    """Raise InputError unless images are two or more of one of the sizes, and the model an Autoencoder for them."""
    if not all(isinstance(getattr(model, part, None), torch.nn.Module) for part in ("encoder", "decoder")):
        raise InputError(f"model is {kind_of(model)}; expected an Autoencoder, with an encoder and a decoder")
    check_images(name, images, model)
    if images.shape[1:] not in sizes or len(images) < 2:
        expected = " or ".join(f"(n, {', '.join(map(str, size))})" for size in sizes)
        raise InputError(f"{name} have shape {tuple(images.shape)}; expected {expected} with n at least 2")
    with measuring(model):
        codes = model.encoder(images[:1])
    if not isinstance(codes, torch.Tensor) or codes.shape[0] != 1:
        raise InputError("the model's encoder does not turn one image into one code")


def check_one_image(image):
    """Raise InputError unless image is one grey image, float32 (1, 1, height, width) in [0, 1]."""
    if not isinstance(image, torch.Tensor):
        raise InputError(f"image is {kind_of(image)}; expected a tensor (1, 1, height, width)")
    if image.dtype != torch.float32 or image.ndim != 4 or image.shape[:2] != (1, 1) or image.numel() == 0:
        given = f"{image.dtype} of shape {tuple(image.shape)}"
        raise InputError(f"image is {given}; expected torch.float32 (1, 1, height, width), such as test_images[:1]")
    if not ((image >= 0) & (image <= 1)).all():  # NaN is neither
        raise InputError("image has values outside [0, 1] or NaN; for bytes divide by 255")


def _dtype_advice(images, as_floats):
    """How to make float32 in [0, 1] of images of another kind of numbers. as_floats: what makes floats, in code."""
    if images.is_floating_point() or images.numel() == 0:
        return "use images.float()"
    highest = 255 if images.dtype == torch.uint8 else images.to(torch.int64).max().item()
    if highest <= 1:
        return f"use images{as_floats or '.astype(np.float32)'}"
    if highest <= 255:
        return f"divide them by 255: images{as_floats} / 255"
    return f"divide images of 16 bits by 65,535: images{as_floats} / 65535"


def _range_advice(low, high):
    """How floats from low to high became what they are, and what to do."""
    if math.isinf(high):
        return "look for a division by zero and use clean images"
    if low < 0:
        return "values below 0 often come from Normalize or another scaling: leave it out"
    return "for bytes divide by 255" if high <= 255 else "for images of 16 bits divide by 65,535: images / 65535"


# numbers and labels


def as_floats(name, values, wanted=IMAGES):
    """values as a tensor of floats, one or more, with its gradients. Raises InputError for bytes, and for nothing.

    The squares of bytes do not fit a byte, and PyTorch would cut them off in silence.
    """
    values = as_tensor(name, values, wanted)
    if not values.is_floating_point():
        advice = "bytes: use images.float() / 255"
        raise InputError(f"{name} are {values.dtype}; expected float32 in [0, 1]; {advice}")
    if values.numel() == 0:
        raise InputError(f"{name} are empty, of shape {tuple(values.shape)}; expected {wanted} with n > 0")
    return values


def is_finite(values):
    """Whether none of a tensor's floats, one or more, is NaN or infinite.

    The smallest and the largest tell, as NaN is both where there is one; isfinite() would take up more than values do.
    """
    return all(end.isfinite().item() for end in values.detach().aminmax())


def as_pair(train_images, test_images):
    """Both as tensors of finite floats, (n, ...) and (m, ...), on one device, or InputError."""
    train, test = as_floats("train_images", train_images), as_floats("test_images", test_images)
    for name, images in (("train_images", train), ("test_images", test)):
        if images.ndim < 2:
            raise InputError(f"{name} have shape {tuple(images.shape)}; expected (n, channels, height, width)")
        if not is_finite(images):
            raise InputError(f"{name} contain NaN or infinity; use clean images")
    if train.shape[1:] != test.shape[1:]:
        shapes = f"{tuple(train.shape[1:])} and {tuple(test.shape[1:])}"
        raise InputError(f"training and test images have the shapes {shapes}; expected images of one shape")
    return train.detach(), test.detach().to(train.device)


def as_labelled(codes, labels):
    """Finite float codes (n, d), n at least 2, and one label for each, as tensors on one device, or InputError."""
    codes, labels = as_floats("codes", codes, "a tensor (n, d)").detach(), _as_labels(labels)
    if codes.ndim != 2 or len(codes) < 2 or labels.shape != codes.shape[:1]:
        shapes = f"codes have shape {tuple(codes.shape)}, labels {tuple(labels.shape)}"
        raise InputError(f"{shapes}; expected (n, d) and (n,) with n at least 2; images: use images.flatten(1)")
    if not is_finite(codes):
        raise InputError("codes hold NaN or infinity; nothing is near or far from that")
    return codes, labels.to(codes.device)


def _as_labels(labels):
    """Labels as a tensor: itself, or a list or an array of numbers."""
    try:
        return torch.as_tensor(labels)
    except (TypeError, ValueError, RuntimeError):
        raise InputError(f"labels is {kind_of(labels)}; expected a tensor (n,) with a number for each code") from None


def check_labels(labels, images):
    """Raise InputError unless labels are one digit from 0 to 9 for each image."""
    if not isinstance(labels, torch.Tensor) or labels.is_floating_point() or labels.shape != images.shape[:1]:
        kind = f"{labels.dtype} {tuple(labels.shape)}" if isinstance(labels, torch.Tensor) else type(labels).__name__
        raise InputError(f"labels are {kind}; expected one whole number for each of the {len(images):,} images")
    if labels.min() < 0 or labels.max() > 9:
        raise InputError(f"labels range from {labels.min()} to {labels.max()}; expected digits from 0 to 9")


def as_scores(name, scores):
    """Finite float scores (n,), at least one, as a sorted NumPy array, or InputError."""
    scores = as_tensor(name, scores, "a tensor (n,) with a score for each image")
    if scores.ndim != 1 or not scores.is_floating_point():
        given = f"{scores.dtype} of shape {tuple(scores.shape)}"
        raise InputError(f"{name} are {given}; expected floats (n,), one score for each image")
    if len(scores) == 0:
        raise InputError(f"{name} are empty; a curve needs scores of both kinds, of what is known and of anomalies")
    if not is_finite(scores):
        raise InputError(f"{name} hold NaN or infinity; such a score is neither above nor below a threshold")
    return np.sort(scores.detach().cpu().numpy())


def kind_of(thing):
    """What sort of thing it is, with its article, for a sentence that begins "model is"."""
    name = type(thing).__name__
    return f"an {name}" if name[0] in "AEIOUaeiou" or name == "ndarray" else f"a {name}"


# models, losses, settings


def check_module(model):
    """Raise InputError unless model is a PyTorch module."""
    if not isinstance(model, torch.nn.Module):
        swapped = "; the model comes first, then the images" if isinstance(model, torch.Tensor | np.ndarray) else ""
        expected = "expected an Autoencoder or another torch.nn.Module"
        raise InputError(f"model is {kind_of(model)}; {expected}{swapped}")


def check_model(model):
    """Raise InputError unless model is a PyTorch module with something to train."""
    check_module(model)
    if count_parameters(model) == 0:
        raise InputError("the model has no parameters that training could change")
    if any(parameter.is_inference() for parameter in model.parameters()):
        raise InputError("the model was made within torch.inference_mode(), for use alone; make it anew outside")


def reconstruct(name, images, model):
    """What the model, which is in the mode for measuring, makes of images, where they lie.

    Raises InputError where it cannot take them, or makes something of another shape.
    """
    try:
        with measuring(model):
            output = model(images.to(device_of(model)))
    except (RuntimeError, ValueError) as error:
        raise _misfit(name, images, model, error) from None
    made = tuple(output.shape) if isinstance(output, torch.Tensor) else kind_of(output)
    if made != tuple(images.shape):
        before = f"an image of shape {tuple(images.shape)}" if len(images) == 1 else f"images {tuple(images.shape)}"
        raise InputError(f"the model turns {before} into {made}; it must keep the shape")
    return output.to(images.device)


def _misfit(name, images, model, error):
    """The InputError for images (n, channels, height, width) at which a model stopped with an error."""
    shape, reason = tuple(images.shape[1:]), str(error).splitlines()[0]
    advice = "build the model for this image shape"
    if shape[:1] == (3,):
        advice += ", or make the images grey, with one channel: images.mean(1, keepdim=True)"
    advice = _precision_advice(model) or advice
    return InputError(f"{name} of shape {shape} (channels, height, width) do not fit the model ({reason}); {advice}")


def _precision_advice(model):
    """What to do with a model whose numbers are not those of images, float32; else nothing."""
    others = {part.dtype for part in model.parameters() if part.dtype != torch.float32}
    return f"the model's numbers are {others.pop()}; images are torch.float32, so use model.float()" if others else ""


def check_loss(loss, model, originals):
    """Raise InputError unless loss(model, originals) is one number with a gradient. The model stays as it is."""
    called = "a function that is called as loss(model, originals)"
    if not callable(loss):
        raise InputError(f"loss is {loss!r}; expected {called}")
    with measuring(model), torch.enable_grad(), keeping_random_state(device_of(model)):
        try:
            value = loss(model, originals)
        except Exception as error:  # whatever somebody else's function can raise
            reason, shape = (str(error).splitlines() or [type(error).__name__])[0], tuple(originals.shape)
            example = "lambda model, originals: ae.reconstruction_error(model(originals), originals)"
            advice = _precision_advice(model) or f"expected a function of model and originals, such as {example}"
            stop = f"loss(model, originals) stopped at originals of shape {shape}: {reason}"
            raise InputError(f"{stop}; {advice}") from None
    if not isinstance(value, torch.Tensor) or value.numel() != 1 or not value.requires_grad:
        made = f"a tensor of shape {tuple(value.shape)}" if isinstance(value, torch.Tensor) else repr(value)
        raise InputError(f"loss(model, originals) gave {made}; expected a tensor with one number that has a gradient")


def check_smallest_batch(loss, model, originals, batch_size):
    """Raise InputError where batches of one image are to be trained on by a model that cannot: BatchNorm needs two."""
    normalised = any(isinstance(part, torch.nn.modules.batchnorm._BatchNorm) for part in model.modules())
    if not normalised or min(batch_size, len(originals)) > 1:
        return
    try:
        with torch.no_grad(), keeping_random_state(originals.device):
            loss(copy.deepcopy(model).train(), originals[:1])
    except ValueError as error:
        given = f"batch_size {batch_size} and {len(originals)} images" if len(originals) == 1 else f"{batch_size=}"
        advice = "expected two images or more in each batch, since the model's BatchNorm compares them"
        raise InputError(f"training stopped at a batch of one image, with {given} ({error}); {advice}") from None


def check_settings(epochs, batch_size, learning_rate, seed, watch, schedule, precision):
    """Raise InputError unless these settings of ae.fit can work; epochs, batch_size and seed as Python's integers."""
    whole = check_whole_number("epochs", epochs, 1), check_whole_number("batch_size", batch_size, 1)
    whole += (check_whole_number("seed", seed, 0, 2**64 - 1),)
    number = isinstance(learning_rate, Real) and not isinstance(learning_rate, bool)
    if not number or not 0 < learning_rate < math.inf:
        raise InputError(f"learning_rate is {learning_rate!r}; expected a number above 0, such as 0.01")
    if watch is not None and not callable(watch):
        raise InputError(f"watch is {watch!r}; expected a function that is called as watch(model, history)")
    rate = schedule(0.0, learning_rate) if callable(schedule) else None
    rate = rate.item() if getattr(rate, "ndim", None) == 0 else rate  # a tensor without axes holds a number, too
    if not isinstance(rate, Real) or not 0 <= rate < math.inf:
        fault = f"gave {rate!r} at the beginning" if callable(schedule) else f"is {schedule!r}"
        advice = "a function, called as schedule(progress, learning_rate), of which each result is a learning rate"
        raise InputError(f"schedule {fault}; expected {advice}, a number that is not below 0")
    if precision not in PRECISIONS:
        raise InputError(f"precision is {precision!r}; expected one of {', '.join(map(repr, PRECISIONS))}")
    return whole
