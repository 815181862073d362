"""aeutils.workers: the threads that help torch count tiny numbers as 0, and no import starts them."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these threads are those of GNU OpenMP")


def printed(code):
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, timeout=60)
    return run.stdout.split()


@pytest.mark.parametrize(
    "first",
    [
        "ae.data.load_embedded_mnist()",
        'ae.load_image("camera", 256)',
        "ae.fit(ae.fully_connected((1, 8, 8), 2), torch.rand(3, 1, 8, 8), 1)",
    ],
)
def test_tiny_numbers_count_as_zero_in_all_threads(first):
    code = (
        "import aeutils as ae, torch\n"
        "torch.set_num_threads(2)\n"
        f"{first}\n"
        "print(torch.tensor(1e-39) * 1.0 != 0)\n"
        "tiny = torch.full((2**20,), 1e-39)\n"
        "torch.set_flush_denormal(True)\n"
        "print((tiny * 1.0).count_nonzero().item())"
    )
    assert printed(code)[-2:] == ["tensor(True)", "0"]


def test_process_forked_after_the_import_can_train():
    code = (
        "import aeutils as ae, multiprocessing, torch\n"
        "def train(_): return len(ae.fit(ae.fully_connected((1, 28, 28), 20), torch.rand(256, 1, 28, 28), 1).seconds)\n"
        "with multiprocessing.get_context('fork').Pool(1) as pool: print(pool.map(train, [0]))"
    )
    assert printed(code)[-1] == "[1]"
