"""aeutils.hardware: the rules by which a training is fitted to the machine, and that nothing of it stays behind."""

import os
import subprocess
import sys

import pytest
import torch

import aeutils as ae
from aeutils import hardware

CPU = torch.device("cpu")
IMAGE = torch.rand(1, 1, 28, 28)


def own_error(model, images):
    return ae.reconstruction_error(model(images), images)


def test_operations_of_fully_connected_layers_are_their_weights():
    assert hardware.operations(ae.fully_connected((1, 28, 28), 20), IMAGE, own_error) == 2 * 784 * 20


def test_operations_are_those_of_the_loss_which_may_give_the_model_some_channels_only():
    model = torch.nn.Conv2d(1, 2, 3)
    loss = lambda model, images: (model(images[:, :1] + torch.rand(28, 28)) - 1).square().mean()  # noqa: E731
    assert hardware.operations(model, torch.rand(2, 3, 28, 28), loss) == 2 * 9 * 26 * 26
    before = torch.get_rng_state()
    hardware.operations(model, torch.zeros(2, 3, 28, 28), loss)
    assert torch.equal(torch.get_rng_state(), before)


def test_operations_of_a_convolution_are_its_weights_at_each_place():
    model = ae.convolutional((1, 28, 28), 20, (8, 16))
    down = 9 * 8 * 14 * 14 + 9 * 8 * 16 * 7 * 7 + 16 * 7 * 7 * 20
    up = 20 * 16 * 7 * 7 + 9 * 16 * 8 * 14 * 14 + 9 * 8 * 28 * 28
    assert hardware.operations(model, IMAGE, own_error) == down + up


def test_small_steps_take_one_thread_and_large_ones_all_that_the_setting_allows(monkeypatch):
    monkeypatch.setenv("AEUTILS_THREADS", "")
    assert hardware.sensible_threads(hardware.ONE_THREAD, 8) == 1
    assert hardware.sensible_threads(hardware.ONE_THREAD + 1, 8) == 8
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "8")  # the package knows no test runner
    assert hardware.sensible_threads(1e9, 8) == 8
    for setting, threads in (("3", 3), (" 1 ", 1), ("99", 8)):
        monkeypatch.setenv("AEUTILS_THREADS", setting)
        assert hardware.sensible_threads(1e9, 8) == threads
    monkeypatch.delenv("AEUTILS_THREADS")
    assert hardware.sensible_threads(1e9, 8) == 8


@pytest.mark.parametrize("setting", ["0", "-1", "two", "1.5"])
def test_threads_that_are_no_number_of_threads_are_refused_before_training(setting, monkeypatch):
    monkeypatch.setenv("AEUTILS_THREADS", setting)
    with pytest.raises(ae.InputError, match=f"AEUTILS_THREADS is '{setting}'; expected .* a whole number"):
        ae.fit(ae.fully_connected((1, 8, 8), 2), torch.rand(3, 1, 8, 8), 1)


@pytest.mark.parametrize(
    "precision, gain, multiplications, short",
    [
        ("auto", 2.0, 1e9, True),
        ("auto", 2.0, 1e6, False),
        ("auto", 0.8, 1e9, False),
        ("float32", 2.0, 1e9, False),
        ("bfloat16", 0.8, 1e6, True),
    ],
)
def test_bfloat16_where_it_is_asked_for_or_pays(precision, gain, multiplications, short, monkeypatch):
    monkeypatch.setattr(hardware, "bfloat16_gain", lambda: gain)
    with hardware.autocast(precision, CPU, multiplications):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == (torch.bfloat16 if short else torch.float32)


@pytest.mark.slow
def test_gain_of_bfloat16_is_measured_once():
    assert 0.01 < hardware.bfloat16_gain() < 100
    assert hardware.bfloat16_gain() == hardware.bfloat16_gain()


@pytest.mark.parametrize(
    "pays, precision, before, within",
    [
        (True, "auto", "highest", "medium"),
        (False, "auto", "highest", "highest"),
        (True, "bfloat16", "highest", "highest"),
        (True, "auto", "high", "high"),
    ],
)
def test_products_go_to_onednn_where_it_pays_and_nobody_chose_otherwise(pays, precision, before, within, monkeypatch):
    monkeypatch.setattr(hardware, "onednn_pays", lambda: pays)
    torch.set_float32_matmul_precision(before)
    try:
        with hardware.ready(ae.fully_connected((1, 28, 28), 20), IMAGE, own_error, 1, precision, None):
            assert torch.get_float32_matmul_precision() == within
        assert torch.get_float32_matmul_precision() == before
    finally:
        torch.set_float32_matmul_precision("highest")


@pytest.mark.parametrize("sizes", [(128, 784, 256), (256, 1000, 500), (128, 20, 784)])
def test_products_in_a_training_are_those_of_float32(sizes):
    count, inputs, outputs = sizes
    first, second = torch.rand(count, inputs), torch.rand(inputs, outputs)
    with hardware.ready(ae.fully_connected((1, 28, 28), 20), IMAGE, own_error, 1, "float32", None):
        product = first @ second
    assert torch.allclose(product.double(), first.double() @ second.double(), rtol=1e-5)


@pytest.mark.parametrize("before", [True, False])
def test_what_counts_as_zero_is_as_before(before):
    model = ae.fully_connected((1, 8, 8), 2)
    if not torch.set_flush_denormal(before):
        pytest.skip("this processor cannot flush denormal numbers")
    try:
        ae.fit(model, torch.rand(3, 1, 8, 8), 1)
        assert (torch.tensor(1e-39) * 1.0 == 0) == before
    finally:
        torch.set_flush_denormal(False)


def test_machine_is_as_before_when_training_ends_or_breaks():
    model, before = ae.fully_connected((1, 28, 28), 20), torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(ZeroDivisionError), hardware.ready(model, IMAGE, own_error, 1, "auto", None) as (place, _):
            assert torch.get_num_threads() == 1 and place == CPU
            assert torch.tensor(1e-39) * 1.0 == 0
            raise ZeroDivisionError
        assert torch.get_num_threads() == 2
        assert torch.tensor(1e-39) * 1.0 != 0
    finally:
        torch.set_num_threads(before)


CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


@pytest.mark.skipif(sys.platform == "darwin", reason="there NumPy multiplies with Apple's own library")
@pytest.mark.parametrize(("own", "expected"), [({}, 1), ({"OPENBLAS_NUM_THREADS": "2"}, min(2, CORES))])
def test_numpy_and_scikit_learn_multiply_on_one_thread_unless_the_user_says_otherwise(own, expected):
    code = (
        "import aeutils, numpy, scipy.linalg, threadpoolctl\n"
        "print(*{pool['num_threads'] for pool in threadpoolctl.threadpool_info() if pool['user_api'] == 'blas'})"
    )
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("OPENBLAS", "OMP"))}
    run = subprocess.run([sys.executable, "-c", code], env=variables | own, capture_output=True, check=True)
    assert run.stdout.split() == [str(expected).encode()]
