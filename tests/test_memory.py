"""What a kernel needs in memory at its peak, beyond the images themselves: many kernels may share a machine."""

import os
from pathlib import Path
import platform
import subprocess
import sys

import pytest

import aeutils as ae

MEGABYTE = 1_000_000
PEAK = Path("/proc/self/clear_refs")
"""Where Linux forgets what the most was that a process had in memory."""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.data_free,
    pytest.mark.skipif(not PEAK.exists(), reason="only Linux tells the peak of a process"),
]

SCRIPT = """
from pathlib import Path
import numpy as np
import torch
import aeutils as ae
from aeutils import data

def kilobytes(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(name)))

def bytes_at_peak(work):
    Path("/proc/self/clear_refs").write_text("5")
    before = kilobytes("VmRSS")
    kept = work()
    return 1024 * (kilobytes("VmHWM") - before)

PIXELS, LABELS = np.full((60_000, 28, 28), 255, np.uint8), np.zeros(60_000, np.uint8)
def set_of_60_000(*_):
    return [PIXELS, LABELS, PIXELS[:10_000], LABELS[:10_000]], "made up"
data._find_labelled = set_of_60_000

images = torch.rand(20_000, 1, 28, 28)
model = ae.fully_connected((1, 28, 28), 20)
few = images[:1000]  # libraries are loaded
ae.fit(model, few, 1), ae.evaluate(model, few), ae.pca_error(2, few, few)
"""


FLOATS = 20_000 * 784 * 4
"""Bytes of the images that are measured: 63 million."""
MOST = {
    "ae.load_mnist(train_count=4_000)": 14_000 * 784 * 4 + 30 * MEGABYTE,
    "ae.load_mnist()": 70_000 * 784 * 4 + 30 * MEGABYTE,
    "ae.evaluate(model, images)": FLOATS // 2,
    "ae.fit(model, images, 1)": FLOATS // 2,
    "ae.pca_error(20, images, images[:10_000])": FLOATS,
}
"""Bytes that each may take up at its peak."""


@pytest.fixture(scope="module")
def peaks():
    """Bytes that each takes up at its peak, beyond what was in memory before, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(ae.__file__).parents[1]), *sys.path])}
    environment |= {"OMP_NUM_THREADS": "2", "CI": "true"}
    code = SCRIPT + "".join(f"print('peak', bytes_at_peak(lambda: {work}))\n" for work in MOST)
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    found = [int(line.split()[1]) for line in result.stdout.splitlines() if line.startswith("peak")]
    return dict(zip(MOST, found, strict=True))


@pytest.mark.parametrize("work", MOST)
def test_it_takes_little_beyond_the_images(work, peaks):
    assert peaks[work] < MOST[work]


NOTEBOOK = """
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
shell.run_cell("import aeutils")
kept = []  # what still lies behind the freed blocks keeps the C library from giving them back by itself

def megabytes():
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) // 1000

shell.user_ns["kept"] = kept
before = megabytes()
shell.run_cell("blocks = [bytes(100_000) for _ in range(2_000)]; kept.append(bytes(100_000)); del blocks")
print("kept", megabytes() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library may keep what is freed")
def test_what_a_cell_has_freed_goes_back_to_the_system():
    path = os.pathsep.join([str(Path(ae.__file__).parents[1]), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path, "IPYTHONDIR": os.devnull}
    result = subprocess.run([sys.executable, "-c", NOTEBOOK], env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout.split("kept")[-1]) < 50  # of 200
