"""What a machine can do for a training: how many threads, which numbers, which device. Rules, so that runs repeat."""

from contextlib import contextmanager, nullcontext
from functools import cache, partial
import math
import os
import time

import torch

from aeutils import workers
from aeutils.errors import InputError
from aeutils.models import device_of, keeping_random_state, measuring

ONE_THREAD = 10e6
"""Multiplications in one step up to which one thread is enough: the others would wait for it in each operation.

Measured on two cores where nothing else runs: with 12e6 or more a second thread saves up to a third of the time, with
3e6 it costs time (python tools/benchmark.py --threads). Where something else runs, it can cost several times as much.
"""
BFLOAT16 = 1e9
"""From so many multiplications in one step on, "auto" takes bfloat16 where the processor multiplies it faster.

Measured where matrices are multiplied twice as fast: 784-256-64-20 took in batches of 128 (170e6) a twentieth less
time, of 512 (670e6) a third less, 784-1000-500-250-30 in batches of 512 half. Where whole tiles of it are multiplied
(AMX) the first became a tenth slower, 784-1000-500-250-30 in batches of 256 took two thirds of the time.
"""
WORTH = 1.5
"""How many times as fast as float32 it must be: the numbers have to be converted, too."""


@cache
def bfloat16_gain():
    """How many times as fast as in float32 matrices are multiplied in bfloat16 here, measured once, in some 50 ms.

    The names of a processor's instructions do not tell: with the same ones (AVX-512 BF16) one processor was twice as
    fast, another slower.
    """
    pairs = {dtype: torch.ones(2, 512, 512, dtype=dtype) for dtype in (torch.float32, torch.bfloat16)}
    return _times_as_fast(*(lambda pair=pair: torch.mm(*pair) for pair in pairs.values()))


@cache
def onednn_pays():
    """Whether oneDNN multiplies float32 matrices faster here than what PyTorch takes by itself, and as exactly.

    PyTorch hands such products to oneDNN where it may compute them in bfloat16 ("medium"). Where a processor gains
    nothing by that, oneDNN computes in float32 all the same: with AVX-512 on AMD's, where MKL takes AVX2, twice as
    fast. Measured once, in some 30 ms.
    """
    pair = torch.linspace(0, 1, 2 * 512 * 512).sin().reshape(2, 512, 512)

    def product(precision):
        with _products(precision):
            return torch.mm(*pair)

    exact = torch.allclose(product("medium").double(), torch.mm(*pair.double()), rtol=1e-5)
    return exact and _times_as_fast(partial(product, "highest"), partial(product, "medium")) > 1.3


def _times_as_fast(one, other):
    """How many times as fast as one the other is, at their best of eight, in turn: a busy moment hits both."""
    best = [math.inf, math.inf]
    for _ in range(8):
        for place, work in enumerate((one, other)):
            start = time.perf_counter()
            work()
            best[place] = min(best[place], time.perf_counter() - start)
    return best[0] / best[1]


@contextmanager
def _products(precision):
    """Within it torch multiplies float32 matrices in this precision, then as before."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def fast_products():
    """A context in which float32 matrices are multiplied by oneDNN, if that pays and nobody chose a precision."""
    if torch.get_float32_matmul_precision() == "highest" and onednn_pays():
        return _products("medium")
    return nullcontext()


def operations(model, images, loss):
    """Multiplications with weights that loss(model, images) takes for one of the images, a float.

    The loss knows what the model is given: perhaps only some channels of the images. Nothing random outside is touched.
    """
    counted = []

    def count(layer, inputs, output):
        weight = getattr(layer, "weight", None)
        if isinstance(weight, torch.Tensor) and weight.ndim > 1 and isinstance(output, torch.Tensor):
            places = output[0, 0].numel() if output.ndim > 2 else 1  # a convolution uses its weights at each of them
            counted.append(weight.numel() * places)

    hooks = [layer.register_forward_hook(count) for layer in model.modules()]
    try:
        with measuring(model), torch.enable_grad(), keeping_random_state(device_of(model)):
            loss(model, images)
    finally:
        for hook in hooks:
            hook.remove()
    return float(sum(counted))


@contextmanager
def ready(model, images, loss, batch_size, precision, device):
    """Within it the model is on its device, torch uses the threads and products that pay; below 1e-38 counts as 0.

    Then everything is as before.
    images: a few of those to train on. Yields the torch.device, and the context in which the loss of a step is to be
    computed (see autocast).
    """
    workers.start()
    home, place = device_of(model), find_device(device, model)
    multiplications = 3 * batch_size * operations(model, images.to(home), loss)  # forwards, and twice as many back
    before, flushed = torch.get_num_threads(), math.ulp(0.0) * 1.0 == 0
    cast = autocast(precision, place, multiplications)
    plain = place.type == "cpu" and type(cast) is nullcontext
    try:
        torch.set_num_threads(sensible_threads(multiplications, before))
        torch.set_flush_denormal(True)  # numbers below 1e-38, plenty behind a saturated sigmoid, are many times slower
        model.to(place)
        with fast_products() if plain else nullcontext():
            yield place, cast
    finally:
        model.to(home)
        torch.set_flush_denormal(flushed)
        torch.set_num_threads(before)


def sensible_threads(multiplications, available):
    """How many of the available threads a step of so many multiplications can use, at most AEUTILS_THREADS.

    Where several trainings share the cores, that environment variable gives each its part. Raises InputError
    unless it is a whole number of at least 1, or empty.
    """
    setting = os.environ.get("AEUTILS_THREADS", "").strip() or str(available)
    if not setting.isdecimal() or int(setting) == 0:
        advice = "expected the most threads a training may use, a whole number of at least 1; or unset it"
        raise InputError(f"the environment variable AEUTILS_THREADS is {setting!r}; {advice}")
    return 1 if multiplications <= ONE_THREAD else min(available, int(setting))


def autocast(precision, device, multiplications):
    """The context in which the loss of a step is computed: in bfloat16, or as it stands, in float32.

    precision: "float32", "bfloat16", or "auto": bfloat16 where it pays, see BFLOAT16; not by itself on a GPU.
    """
    large = precision == "auto" and device.type == "cpu" and multiplications >= BFLOAT16
    if precision == "bfloat16" or (large and bfloat16_gain() >= WORTH):
        return torch.autocast(device.type, torch.bfloat16)
    return nullcontext()


def find_device(device, model):
    """The torch.device to train on: where the model is for None, else the one that is named.

    Raises InputError for a name that PyTorch does not know or this machine does not have.
    """
    if device is None:
        return device_of(model)
    try:
        found = torch.device(device)
        torch.zeros(1, device=found)
    except (RuntimeError, TypeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            f"device is {device!r}, which cannot be used here ({reason}); expected None or 'cpu', 'cuda' where there "
            "is an NVIDIA card, 'mps' on Apple silicon"
        ) from None
    return found
