"""Downloads that cannot hang and cannot leave a broken file.

torchvision and scikit-learn do the downloading, in a process of its own that is ended when it
stalls. It writes into a temporary folder; only a finished, verified download is moved into place,
in one step that either happens wholly or not at all.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tqdm.auto import tqdm

from aeutils.errors import DataError
from aeutils.quiet import is_quiet

STALL_SECONDS = 30
"""A download that receives nothing for this long is given up."""
TOTAL_SECONDS = 600
"""A download is given up after this long, however it goes."""

SOCKET_TIMEOUT = "import socket, sys; socket.setdefaulttimeout(10); "
PROGRAMS = {
    "MNIST": "from torchvision.datasets import MNIST; MNIST(sys.argv[1], download=True)",
    "Olivetti faces": (
        "from sklearn.datasets import fetch_olivetti_faces; fetch_olivetti_faces(data_home=sys.argv[1], n_retries=1)"
    ),
}
"""What each child process runs; its one argument is the folder to download into."""


def download(name, folder, product, size, verify):
    """Download the data set called name so that folder/product exists, whole and verified.

    name: a key of PROGRAMS. folder: where the product shall lie. product: the file or folder that
    the download makes. size: bytes it takes on disk, for the progress bar. verify: called with the
    folder of the finished download; raises DataError when it is not what it should be.
    Raises DataError when there is no network, the wait is over or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        workplace = Path(tempfile.mkdtemp(prefix=".download-", dir=folder))
    except OSError as error:
        raise DataError(f"cannot write to {folder} ({error.strerror})") from None
    try:
        _run(name, workplace, size)
        verify(workplace)
        _move(workplace / product, folder / product)
    finally:
        shutil.rmtree(workplace, ignore_errors=True)


def _sweep(folder):
    """Remove what downloads that were killed long ago have left."""
    for leftover in folder.glob(".download-*"):
        try:
            if time.time() - leftover.stat().st_mtime > 2 * TOTAL_SECONDS:
                shutil.rmtree(leftover, ignore_errors=True)
        except OSError:  # another process has just removed it
            pass


def _run(name, workplace, size):
    """Run the child that downloads, with a progress bar; end it when it stalls or takes too long."""
    code = SOCKET_TIMEOUT + PROGRAMS[name]
    with (
        open(workplace / "log.txt", "w+b") as log,
        tqdm(total=size, unit="B", unit_scale=True, desc=f"Downloading {name}", disable=is_quiet()) as bar,
    ):
        child = subprocess.Popen([sys.executable, "-c", code, str(workplace)], stdout=log, stderr=log)
        try:
            _watch(child, workplace, bar)
        finally:
            child.kill()
            child.wait()
        if child.returncode != 0:
            log.seek(0)
            lines = log.read().decode(errors="replace").strip().splitlines() or ["no reason given"]
            raise DataError(f"the download of {name} failed ({lines[-1].strip()})")


def _watch(child, workplace, bar):
    """Wait for the child while bytes keep coming. Raises DataError when they do not."""
    start = last_change = time.monotonic()
    received = 0
    while child.poll() is None:
        time.sleep(0.1)
        now, on_disk = time.monotonic(), _bytes_in(workplace)
        if on_disk != received:
            received, last_change = on_disk, now
            bar.n = max(bar.n, min(received, bar.total))
            bar.refresh()
        if now - last_change > STALL_SECONDS or now - start > TOTAL_SECONDS:
            raise DataError(f"the download stalled: {received:,} bytes in {now - start:.0f} s")


def _bytes_in(folder):
    """Bytes of all files below the folder (files may vanish while we look)."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total


def _move(product, target):
    """Move the product to its place in one step. If somebody else was first, theirs stays."""
    try:
        os.rename(product, target)
    except OSError:
        if not target.exists():
            raise DataError(f"cannot write {target}") from None
