"""Downloads that cannot hang and cannot leave a broken file.

torchvision and scikit-learn do the downloading, in a process of its own that is ended when it
stalls. It writes into a temporary folder; only a finished, verified download is moved into place,
in one step that either happens wholly or not at all.
"""

import contextlib
import importlib.util
import os
from pathlib import Path
import shutil
import subprocess
import sys
import tempfile
import time

from tqdm.auto import tqdm

from aeutils.errors import DataError
from aeutils.notebook import is_quiet

STALL_SECONDS = 60
"""A download that receives nothing for this long is given up. To import torchvision may take half of it."""
TOTAL_SECONDS = 600
"""A download is given up after this long, however it goes."""

PAUSES = (0.1, 0.4, 1.5)
"""Seconds between two tries to move or remove a file that another program has open."""
SOCKET_SECONDS = 10
"""A server that does not answer for this long is given up."""

PROGRAMS = {
    "MNIST": "from torchvision.datasets import MNIST; MNIST(sys.argv[1], download=True)",
    "Fashion-MNIST": "from torchvision.datasets import FashionMNIST; FashionMNIST(sys.argv[1], download=True)",
    "Olivetti faces": (
        "from sklearn.datasets import fetch_olivetti_faces; fetch_olivetti_faces(data_home=sys.argv[1], n_retries=1)"
    ),
}
"""What the child process runs for each data set; its one argument is the folder to download into."""
ADDRESSES = {
    "MNIST": "https://ossci-datasets.s3.amazonaws.com/mnist/train-labels-idx1-ubyte.gz",
    "Fashion-MNIST": "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-labels-idx1-ubyte.gz",
    "Olivetti faces": "https://ndownloader.figshare.com/files/5976027",
}
"""Where the child asks first whether there is a network at all."""
KNOCK = """
import socket, ssl, sys, urllib.error, urllib.request
socket.setdefaulttimeout({seconds})
try:
    urllib.request.urlopen({address!r}).close()
except urllib.error.URLError as error:
    if isinstance(error.reason, OSError) and not isinstance(error.reason, ssl.SSLError):
        sys.exit(f"no connection to {address}: {{error.reason}}")
"""
"""Without a network this fails at once; to import torchvision and fail then takes ten seconds."""


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
        _verify(name, workplace, verify)
        _move(workplace / product, folder / product)
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"{folder} cannot be filled ({error.strerror})") from None
    finally:
        _remove(workplace)


def _sweep(folder):
    """Remove what downloads that were killed long ago have left."""
    for leftover in folder.glob(".download-*"):
        try:
            if time.time() - leftover.stat().st_mtime > 2 * TOTAL_SECONDS:
                _remove(leftover)
        except OSError:  # another process has just removed it
            pass


def _remove(folder):
    """Remove a folder. What cannot be removed now is swept up later."""
    with contextlib.suppress(OSError):
        _patiently(lambda: shutil.rmtree(folder))


def _patiently(action):
    """Call action until it is not refused, for some seconds.

    On Windows nothing can be moved or removed that a program has open: a virus scanner looks at each new file, and a
    process that was ended lets go of its files a moment later.
    """
    for pause in PAUSES:
        with contextlib.suppress(PermissionError):
            return action()
        time.sleep(pause)
    return action()


def _verify(name, workplace, verify):
    """Raise DataError unless verify accepts what was downloaded. Its own message names a file that will be gone."""
    try:
        verify(workplace)
    except DataError:
        raise DataError(f"the download of {name} arrived damaged") from None


def _run(name, workplace, size):
    """Run the child that downloads, with a progress bar; end it when it stalls or takes too long."""
    code = KNOCK.format(seconds=SOCKET_SECONDS, address=ADDRESSES[name]) + PROGRAMS[name]
    with (
        open(workplace / "log.txt", "w+b") as log,
        tqdm(total=size, unit="B", unit_scale=True, desc=f"Downloading {name}", disable=is_quiet()) as bar,
    ):
        # -u: what it prints stands before the error that ends it. We read what it says as UTF-8.
        program = [sys.executable, "-u", "-X", "utf8", "-c", code, str(workplace)]
        child = subprocess.Popen(program, stdout=log, stderr=log, env=_variables())
        try:
            _watch(child, workplace, bar)
        finally:
            child.kill()
            child.wait()
        if child.returncode != 0:
            log.seek(0)
            lines = log.read().decode(errors="replace").strip().splitlines() or ["no reason given"]
            raise DataError(f"the download of {name} failed ({lines[-1].strip()})")


def _variables():
    """The child's environment variables.

    The Python that macOS users install knows no certificates before a script beside it was run: then every download
    would fail. Where that is so, certifi's serve, which installers bring along.
    """
    import ssl

    known = ssl.get_default_verify_paths()  # SSL_CERT_FILE included
    if sys.platform != "darwin" or known.cafile or known.capath or not importlib.util.find_spec("certifi"):
        return dict(os.environ)
    import certifi

    return {**os.environ, "SSL_CERT_FILE": certifi.where()}


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
    """Move the product to its place in one step. If something is there already, that stays."""
    try:
        if not target.exists():  # a rename would overwrite a file
            _patiently(lambda: os.rename(product, target))
    except OSError:  # not an error when another process has moved its folder there just now
        if not target.exists():
            raise DataError(f"cannot write {target}") from None
