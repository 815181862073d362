"""aeutils.download: whatever happens to a download, no broken file is left and the course goes on.

torchvision's own code downloads the embedded digits, packed as MNIST is, from a server on this machine.
"""

from functools import cache
import gzip
import hashlib
import http.server
import json
import os
from pathlib import Path
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import aeutils as ae
from aeutils import data, download

pytestmark = pytest.mark.slow

LEAN = """
import sys, types
for name in ("models", "ops", "_meta_registrations"):
    sys.modules["torchvision." + name] = types.ModuleType("torchvision." + name)
"""
"""Put before a program, it spares torchvision parts that have nothing to do with data, and us seven seconds."""
RAW = data.EMBEDDED / "MNIST" / "raw"
WHEN = 60
"""Seconds after which a test no longer waits for something that should happen at once."""
MNIST_FILES = list(data.EMBEDDED_MNIST)


@cache
def packed():
    """The embedded digits as a server offers them: {name.gz: bytes}."""
    return {f"{name}.gz": gzip.compress((RAW / name).read_bytes(), 1, mtime=0) for name in MNIST_FILES}


class Server(http.server.ThreadingHTTPServer):
    """Offers the digits. stall: stop in the middle of a file; together: let nobody start before so many have come."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server_port}/"
        self.files = dict(packed())
        self.stall = False
        self.together = threading.Barrier(1)
        self.in_mid_file, self.go_on = threading.Event(), threading.Event()

    def handle_error(self, request, client_address):
        """A client that was killed is no news."""


class Handler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        content = self.server.files.get(self.path[1:])
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()

    def do_GET(self):
        self.do_HEAD()
        name = self.path[1:]
        content = self.server.files.get(name, b"")
        if name.startswith("train-images"):
            self.server.together.wait(WHEN)
            if self.server.stall:
                self.wfile.write(content[: len(content) // 2])
                self.wfile.flush()
                self.server.in_mid_file.set()
                self.server.go_on.wait(WHEN)
                return
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def torchvision_from(server, name="MNIST", kind="MNIST"):
    """The course's own program for a data set, its class in torchvision told to use our server."""
    resources = [(name, hashlib.md5(content).hexdigest()) for name, content in server.files.items()]
    told = f"{kind}.mirrors = [{server.address!r}]\n{kind}.resources = {resources!r}\n"
    return f"{LEAN}\nfrom torchvision.datasets import {kind}\n{told}\n{download.PROGRAMS[name]}"


@pytest.fixture
def server(data_folder, monkeypatch):
    """A running server, which load_mnist downloads from; data/ is empty."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.05,))
        thread.start()
        monkeypatch.setitem(download.ADDRESSES, "MNIST", f"{running.address}t10k-labels-idx1-ubyte.gz")
        monkeypatch.setitem(download.PROGRAMS, "MNIST", torchvision_from(running))
        monkeypatch.setattr(download, "SOCKET_SECONDS", WHEN)  # where a test means to wait shorter, it says so:
        monkeypatch.setattr(download, "STALL_SECONDS", 5 * WHEN)  # a busy machine is no stalled download
        yield running
        running.go_on.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def instead(server, monkeypatch):
    """A function that sets the program to run instead of torchvision's, for what takes no real download."""

    def set_program(code):
        monkeypatch.setitem(download.PROGRAMS, "MNIST", f"import os, pathlib, shutil, sys, time\n{code}")

    return set_program


COPY = f"shutil.copytree({str(RAW)!r}, sys.argv[1] + '/MNIST/raw')\n"
"""A program that gets the files from the disk."""


def assert_embedded_because(*words):
    """load_mnist goes on with the embedded subset and gives the reason in one line."""
    digits = ae.load_mnist()
    assert not digits.whole and len(digits.test_images) == 1000
    assert "\n" not in digits.source
    for word in ("embedded subset", "because", *words):
        assert word in digits.source


# torchvision's own download


READ_EMBEDDED = """
import numpy
for train in (True, False):
    read = MNIST({folder!r}, train=train)
    numpy.savez({target!r} + str(train), images=read.data, labels=read.targets)
"""
"""Has torchvision read data/embedded, while it is there: to import it once more would take seconds."""


def test_downloaded_mnist_is_kept_and_torchvision_reads_the_embedded_digits_as_we_do(
    server, data_folder, tmp_path, monkeypatch
):
    read = READ_EMBEDDED.format(folder=str(data.EMBEDDED), target=str(tmp_path / "read"))
    monkeypatch.setitem(download.PROGRAMS, "MNIST", download.PROGRAMS["MNIST"] + read)
    digits = ae.load_mnist()
    assert digits.whole and digits.source.endswith("downloaded into data/")
    assert [path.name for path in data_folder.iterdir()] == ["MNIST"]
    server.files.clear()  # whoever asks again gets nothing
    assert ae.load_mnist().source.endswith("from data/")
    for train, images, labels in (
        (True, digits.train_images, digits.train_labels),
        (False, digits.test_images, digits.test_labels),
    ):
        with np.load(tmp_path / f"read{train}.npz") as theirs:
            assert np.array_equal(theirs["images"], (images[:, 0] * 255).round().byte())
            assert np.array_equal(theirs["labels"], labels)


def test_fashion_comes_through_torchvision_and_is_kept(server, data_folder, monkeypatch):
    own = "FashionMNIST.mirrors[0] + FashionMNIST.resources[1][0]"
    knows = f"assert {own} == {download.ADDRESSES['Fashion-MNIST']!r}"
    program = torchvision_from(server, "Fashion-MNIST", "FashionMNIST").replace(
        "FashionMNIST\n", f"FashionMNIST\n{knows}\n", 1
    )
    monkeypatch.setitem(download.ADDRESSES, "Fashion-MNIST", download.ADDRESSES["MNIST"])
    monkeypatch.setitem(download.PROGRAMS, "Fashion-MNIST", program)
    fashion = ae.load_fashion()
    assert fashion.whole and fashion.source.endswith("downloaded into data/")
    assert [path.name for path in data_folder.iterdir()] == ["FashionMNIST"]
    server.files.clear()  # whoever asks again gets nothing
    assert ae.load_fashion().source.endswith("from data/")


def test_corrupt_download_is_refused_and_nothing_is_left(server, data_folder):
    server.files["t10k-labels-idx1-ubyte.gz"] = server.files["t10k-labels-idx1-ubyte.gz"][:-1] + b"?"
    assert_embedded_because("the download of MNIST failed", "corrupted")
    assert list(data_folder.iterdir()) == []


def test_server_that_stops_in_mid_file_is_given_up_and_nothing_is_left(server, data_folder, monkeypatch):
    monkeypatch.setattr(download, "SOCKET_SECONDS", 1)
    server.stall = True
    assert_embedded_because("the download of MNIST failed", "timed out")
    assert server.in_mid_file.is_set()
    assert list(data_folder.iterdir()) == []


SCRIPT = """
import hashlib, json, sys, types
from pathlib import Path
settings = json.loads(sys.argv[1])
sys.modules["aeutils"] = types.ModuleType("aeutils")  # aeutils.download alone, which needs no PyTorch
sys.modules["aeutils"].__path__ = [settings["package"]]
from aeutils import download, errors

def verify(folder):
    for name, checksum in settings["checksums"].items():
        if hashlib.sha256((folder / "MNIST" / "raw" / name).read_bytes()).hexdigest() != checksum:
            raise errors.DataError("damaged")

vars(download).update(settings["limits"])
download.ADDRESSES["MNIST"], download.PROGRAMS["MNIST"] = settings["address"], settings["program"]
download.download("MNIST", Path(settings["folder"]), "MNIST", 1, verify)
verify(Path(settings["folder"]))
print("all is there")
"""


def wait_until(happened):
    """Wait for something that another process does."""
    deadline = time.monotonic() + WHEN
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def start_script(folder):
    """Start a process of its own that downloads MNIST into the folder."""
    settings = {
        "package": str(Path(ae.__file__).parent),
        "address": download.ADDRESSES["MNIST"],
        "program": download.PROGRAMS["MNIST"],
        "folder": str(folder),
        "checksums": data.EMBEDDED_MNIST,
        "limits": {"SOCKET_SECONDS": download.SOCKET_SECONDS, "STALL_SECONDS": download.STALL_SECONDS},
    }
    command = [sys.executable, "-c", SCRIPT, json.dumps(settings)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_killed_download_is_never_taken_for_data_and_swept_up_later(instead, data_folder, tmp_path):
    number = tmp_path / "child.txt"
    half = f"os.remove(sys.argv[1] + '/MNIST/raw/{MNIST_FILES[-1]}')"
    instead(f"{COPY}{half}\npathlib.Path({str(number)!r}).write_text(str(os.getpid()))\ntime.sleep(20)")
    process = start_script(data_folder)
    try:
        wait_until(lambda: number.exists() and number.read_text())
    finally:
        process.kill()
        process.communicate()
    os.kill(int(number.read_text()), signal.SIGTERM)  # the child that nobody watches any more
    (leftover,) = data_folder.iterdir()
    assert leftover.name.startswith(".download-") and len(list(leftover.glob("MNIST/raw/*"))) == 3
    long_ago = time.time() - 2 * download.TOTAL_SECONDS - 1
    os.utime(leftover, (long_ago, long_ago))
    instead(COPY)
    assert ae.load_mnist().source.endswith("downloaded into data/")
    assert [path.name for path in data_folder.iterdir()] == ["MNIST"]


def test_two_processes_that_fill_one_empty_folder_at_once_both_succeed(server, data_folder):
    server.together = threading.Barrier(2)
    processes = [start_script(data_folder) for _ in range(2)]
    try:
        outputs = [process.communicate(timeout=2 * WHEN)[0].decode() for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert all("all is there" in output for output in outputs), outputs
    assert [path.name for path in data_folder.iterdir()] == ["MNIST"]
    assert ae.load_mnist().source.endswith("from data/")


# what takes no real download


def test_without_network_the_reason_comes_before_torchvision_is_even_imported(instead, data_folder, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # nobody listens here
        monkeypatch.setitem(download.ADDRESSES, "MNIST", f"http://127.0.0.1:{closed.getsockname()[1]}/")
        instead(f"pathlib.Path({str(data_folder)!r}, 'imported').touch()")
        assert_embedded_because("no connection to http://127.0.0.1", "refused")
    assert list(data_folder.iterdir()) == []


def test_server_that_answers_with_an_error_has_been_reached(server, instead, monkeypatch):
    """Whether that matters is for the download to decide: it may have other addresses."""
    monkeypatch.setitem(download.ADDRESSES, "MNIST", f"{server.address}no_such_file")
    instead(COPY)
    assert ae.load_mnist().whole


def test_download_that_stalls_is_ended_within_the_bound(instead, data_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "STALL_SECONDS", 1)
    monkeypatch.setattr(download, "TOTAL_SECONDS", 300)
    survived = tmp_path / "survived"
    instead(f"time.sleep(20); pathlib.Path({str(survived)!r}).touch()")
    assert_embedded_because("the download stalled")
    assert list(data_folder.iterdir()) == []
    assert not survived.exists(), "the child was waited for, not ended"


def test_download_that_trickles_is_ended_within_the_bound(instead, data_folder, monkeypatch):
    monkeypatch.setattr(download, "STALL_SECONDS", 300)
    monkeypatch.setattr(download, "TOTAL_SECONDS", 1)
    instead("for _ in range(600): print('one more byte', flush=True); time.sleep(0.05)")
    assert_embedded_because("the download stalled")
    assert list(data_folder.iterdir()) == []


@pytest.mark.parametrize(
    "code",
    [
        COPY + "pathlib.Path(sys.argv[1], 'MNIST/raw/t10k-labels-idx1-ubyte').write_bytes(b'?' * 1008)",
        COPY + "os.remove(sys.argv[1] + '/MNIST/raw/t10k-labels-idx1-ubyte')",
        "",
    ],
    ids=["other bytes", "one file too few", "nothing at all"],
)
def test_download_that_is_not_mnist_is_refused_and_nothing_is_left(code, instead, data_folder):
    instead(code)
    assert_embedded_because("the download of MNIST arrived damaged")
    assert list(data_folder.iterdir()) == []


def test_reason_is_the_last_line_that_the_download_has_said(instead, monkeypatch):
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # without it, what is printed may come after what fails
    instead("print('much ado'); sys.exit('No space left on device')")
    assert_embedded_because("the download of MNIST failed (No space left on device)")


def test_progress_bar_is_drawn_for_people_and_not_in_ci(instead, data_folder, monkeypatch, capsys):
    instead(COPY)
    monkeypatch.delenv("CI", raising=False)
    assert ae.load_mnist().whole
    assert "Downloading MNIST" in capsys.readouterr().err
    os.rename(data_folder / "MNIST", data_folder / "set aside")
    monkeypatch.setenv("CI", "true")
    assert ae.load_mnist().whole
    assert capsys.readouterr().err == ""


def test_download_works_without_progress_bar_while_it_grows(instead, monkeypatch):
    monkeypatch.setenv("CI", "true")
    instead("for _ in range(5): print('more', flush=True); time.sleep(0.1)\n" + COPY)
    assert ae.load_mnist().whole


def test_download_is_verified_first_and_then_moved_into_place_not_copied(instead, data_folder):
    """A copy could be cut short, or be seen when half done."""
    seen = []

    def verify(workplace):
        assert not (data_folder / "MNIST").exists()
        seen.append((workplace / "MNIST").stat().st_ino)

    instead(COPY)
    download.download("MNIST", data_folder, "MNIST", 1, verify)
    assert [(data_folder / "MNIST").stat().st_ino] == seen


@pytest.mark.parametrize("mine", ["file", "folder"])
def test_what_a_user_has_put_in_the_place_meanwhile_is_never_overwritten(mine, instead, tmp_path):
    instead("pathlib.Path(sys.argv[1], 'product').write_text('theirs')")
    target = tmp_path / "product"
    if mine == "folder":
        target.mkdir()
    file = target / "file" if mine == "folder" else target
    file.write_text("mine")
    download.download("MNIST", tmp_path, "product", 6, lambda folder: None)
    assert file.read_text() == "mine"


def test_folder_that_cannot_be_written_means_embedded_with_the_reason(
    instead, data_folder, open_folder, place_mnist, unprivileged, monkeypatch
):
    instead(COPY)
    monkeypatch.setattr(data, "DATA", open_folder / "data")
    monkeypatch.setattr(data, "EMBEDDED", place_mnist(open_folder / "embedded"))
    data.DATA.mkdir()
    data.DATA.chmod(0o555)
    with unprivileged():
        assert_embedded_because(f"cannot write to {data.DATA} (Permission denied)")
    assert list(data.DATA.iterdir()) == []


def test_folder_that_cannot_be_made_means_embedded_with_the_reason(instead, tmp_path, monkeypatch):
    instead(COPY)
    (tmp_path / "a file").touch()
    monkeypatch.setattr(data, "DATA", tmp_path / "a file" / "data")
    assert_embedded_because(f"cannot write to {data.DATA} (")  # each system has words of its own


def test_full_disk_means_embedded_with_the_reason(instead, data_folder, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(subprocess, "Popen", full)
    assert_embedded_because(f"{data_folder} cannot be filled (No space left on device)")
    assert list(data_folder.iterdir()) == []


def test_only_old_leftovers_are_swept_up(instead, data_folder):
    instead(COPY)
    old, new, other = (data_folder / name for name in (".download-old", ".download-new", "notes"))
    long_ago = time.time() - 2 * download.TOTAL_SECONDS - 1
    for folder in (old, new, other):
        folder.mkdir()
        (folder / "half a file").touch()
    for folder in (old, other):
        os.utime(folder, (long_ago, long_ago))
    assert ae.load_mnist().whole
    assert {path.name for path in data_folder.iterdir()} == {"MNIST", ".download-new", "notes"}


def test_interrupt_ends_the_download_and_leaves_nothing(instead, data_folder, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    instead("time.sleep(20)")
    monkeypatch.setattr(download, "_bytes_in", interrupt)
    with pytest.raises(KeyboardInterrupt):
        ae.load_mnist()
    assert list(data_folder.iterdir()) == []


def test_olivetti_faces_come_through_scikit_learn():
    assert "fetch_olivetti_faces(data_home=sys.argv[1]" in download.PROGRAMS["Olivetti faces"]
    from sklearn.datasets import _olivetti_faces

    assert _olivetti_faces.FACES.url == download.ADDRESSES["Olivetti faces"]
