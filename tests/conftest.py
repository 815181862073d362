"""What several test files share. No test here needs the internet; those that need whole data say so."""

import contextlib
import os
from pathlib import Path
import shutil
import signal
import tempfile

import pytest

import aeutils as ae
from aeutils import data, memory_map

SETTING = os.environ.get("AEUTILS_DATA", "")
"""What the user asked for, before any test changes it."""
FOLDERS = [] if SETTING == "embedded" else [Path(part) for part in SETTING.split(os.pathsep) if part]


def pytest_configure():
    """Let Ctrl+C interrupt, as tests of it expect: what a shell starts in the background ignores it, children too."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def files_of_floats(tmp_path_factory):
    """Tests make these files in a folder of their own: some sets of theirs are smaller than they say."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATA", "CACHE"):
            patch.setattr(memory_map, name, tmp_path_factory.mktemp("files_of_floats") / name)
        yield


def load_with(setting, load):
    """Call load with AEUTILS_DATA set to setting."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AEUTILS_DATA", setting)
        return load()


@pytest.fixture(scope="session")
def digits():
    """The embedded digits: 4,000 + 1,000."""
    return load_with("embedded", ae.load_mnist)


def folder_with(product):
    """A folder of whole data that holds the product, or None in a clone that has none."""
    if SETTING == "embedded":
        return None
    return next((folder for folder in [*FOLDERS, data.DATA] if (folder / product).exists()), None)


@pytest.fixture(scope="session")
def whole_folder():
    """A folder with whole MNIST. Whoever names folders in AEUTILS_DATA gets no skip: then it has to be there."""
    folder = folder_with("MNIST")
    if folder is None and not FOLDERS:
        pytest.skip("needs whole MNIST: set AEUTILS_DATA to a folder that has it")
    assert folder is not None, f"AEUTILS_DATA={SETTING} has no MNIST"
    return folder


@pytest.fixture(scope="session")
def fashion_folder():
    """A folder with whole Fashion-MNIST."""
    folder = folder_with("FashionMNIST")
    if folder is None:
        pytest.skip("needs Fashion-MNIST: set AEUTILS_DATA to a folder that has it")
    return folder


@pytest.fixture(scope="session")
def olivetti_folder():
    """A folder with the Olivetti faces."""
    folder = folder_with("olivetti_py3.pkz")
    if folder is None:
        pytest.skip("needs the Olivetti faces: set AEUTILS_DATA to a folder that has them")
    return folder


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    """The empty data/ of a project whose whole MNIST and Fashion-MNIST are the embedded MNIST, to keep tests quick."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setattr(data, "DATA", folder)
    monkeypatch.setattr(data, "WHOLE_MNIST", data.EMBEDDED_MNIST)
    monkeypatch.setattr(data, "FASHION_MNIST", data.EMBEDDED_MNIST)
    monkeypatch.setitem(data.MNIST_COUNTS, "whole", data.MNIST_COUNTS["embedded"])
    monkeypatch.delenv("AEUTILS_DATA", raising=False)
    return folder


@pytest.fixture
def place_mnist():
    """A function that puts intact MNIST files into a folder, under the name of the product, and returns the folder."""

    def place(folder, product="MNIST"):
        shutil.copytree(data.EMBEDDED / "MNIST", folder / product)
        return folder

    return place


@pytest.fixture
def open_folder():
    """A new folder that every user may enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755)


@pytest.fixture
def unprivileged():
    """A context manager in which permissions count: root, who may do everything, becomes nobody."""
    if os.name == "nt":
        pytest.skip("Windows does not deny a file by its mode")

    @contextlib.contextmanager
    def as_nobody():
        if os.geteuid() != 0:
            yield
            return
        try:
            os.seteuid(65534)
        except OSError:
            pytest.skip("root of a user namespace in which there is nobody else")
        try:
            yield
        finally:
            os.seteuid(0)

    return as_nobody
