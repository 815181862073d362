"""aeutils.memory_map: float32 images in a file that notebooks share; without it everything works as before."""

import os
import stat
import subprocess
import sys

import numpy as np
import pytest
import torch

from aeutils import data, memory_map
from aeutils.memory_map import as_floats, mapped

PIXELS = np.random.default_rng(0).integers(0, 256, (200, 28, 28), dtype=np.uint8)


@pytest.fixture(autouse=True)
def folders(monkeypatch, tmp_path):
    """Folders of the course and of the user's cache in which nothing is yet."""
    monkeypatch.setattr(memory_map, "DATA", tmp_path / "data")
    monkeypatch.setattr(memory_map, "CACHE", tmp_path / "home" / "cache")
    monkeypatch.setattr(memory_map, "SPARE", 0)
    monkeypatch.setattr(memory_map, "WORTH_WHILE", 0)
    return tmp_path


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_file_lies_in_the_cache_and_holds_the_same_numbers(folders):
    for _ in range(2):
        images = mapped(PIXELS, "MNIST", "train")
        assert images.equal(as_floats(PIXELS)) and images.shape == (200, 1, 28, 28)
    assert files(folders) == ["home/cache/MNIST/float32/train-200.npy"]


def test_what_was_downloaded_into_the_course_has_its_file_beside_it_for_everybody(folders):
    (folders / "data" / "MNIST").mkdir(parents=True)
    mapped(PIXELS, "MNIST", "train")
    assert files(folders) == ["data/MNIST/float32/train-200.npy"]
    if os.name == "posix":
        path = folders / "data" / "MNIST" / "float32" / "train-200.npy"
        assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_the_first_ones_only():
    assert mapped(PIXELS, "MNIST", "train", 7).equal(as_floats(PIXELS[:7]))


def test_few_images_need_no_file(folders, monkeypatch):
    monkeypatch.setattr(memory_map, "WORTH_WHILE", 8 * 28 * 28)
    assert mapped(PIXELS, "MNIST", "train", 7).equal(as_floats(PIXELS[:7]))
    assert not files(folders)


def test_what_is_written_to_the_images_stays_in_this_process():
    mapped(PIXELS, "MNIST", "train").zero_()
    assert mapped(PIXELS, "MNIST", "train").equal(as_floats(PIXELS))


@pytest.mark.parametrize("fault", ["empty", "cut off", "zeros", "other images", "other numbers", "no array", "objects"])
def test_file_that_holds_something_else_is_made_anew(folders, fault):
    mapped(PIXELS, "MNIST", "train")
    (path,) = folders.rglob("train-200.npy")
    content = path.read_bytes()
    if fault in ("empty", "cut off", "no array"):
        path.write_bytes({"empty": b"", "cut off": content[:-1], "no array": b"hello" * 100}[fault])
    elif fault == "zeros":
        path.write_bytes(content[:-600_000] + bytes(600_000))
    else:
        wrong = {"other images": as_floats(255 - PIXELS), "other numbers": as_floats(PIXELS).double()}
        np.save(path, wrong[fault].numpy() if fault in wrong else np.array([{}]), allow_pickle=True)
    assert mapped(PIXELS, "MNIST", "train").equal(as_floats(PIXELS))
    assert hash(path.read_bytes()) == hash(content)


@pytest.mark.parametrize("fault", ["no folder can be made", "full disk", "disk becomes full"])
def test_where_no_file_can_be_made_images_are_in_memory(folders, monkeypatch, fault):
    if fault == "no folder can be made":
        (folders / "home").touch()
    elif fault == "full disk":
        monkeypatch.setattr(memory_map, "SPARE", 2**62)
    else:

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(memory_map, "_save", full)
    assert mapped(PIXELS, "MNIST", "train").equal(as_floats(PIXELS))
    assert files(folders) in ([], ["home"])


def test_interrupted_while_it_is_written_nothing_is_left(folders, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(memory_map, "_save", interrupt)
    with pytest.raises(KeyboardInterrupt):
        mapped(PIXELS, "MNIST", "train")
    assert not files(folders)


def test_notebooks_that_start_at_the_same_time_share_one_file(folders, monkeypatch):
    """Each keeps the file that it has mapped: a second one in its place would be in memory twice."""
    save, path = memory_map._save, folders / "home" / "cache" / "MNIST" / "float32" / "train-200.npy"

    def another_was_faster(file, pixels):
        monkeypatch.setattr(memory_map, "_save", save)
        mapped(PIXELS, "MNIST", "train")
        found.append(path.stat().st_ino)
        save(file, pixels)

    found = []
    monkeypatch.setattr(memory_map, "_save", another_was_faster)
    assert mapped(PIXELS, "MNIST", "train").equal(as_floats(PIXELS))
    assert [path.stat().st_ino] == found and len(files(folders)) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells of a process's memory")
def test_whole_mnist_takes_no_memory_of_its_own(whole_folder, folders):
    code = (
        "import re, aeutils as ae, torch\n"
        "def own(): return int(re.search(r'RssAnon:\\s+(\\d+)', open('/proc/self/status').read())[1]) / 1000\n"
        "ae.data.load_embedded_mnist()\n"
        "before = own()\n"
        "digits = ae.load_mnist()\n"
        "digits.train_images.sum(), digits.test_images.sum()\n"
        "print(own() - before)"
    )
    variables = {**os.environ, "AEUTILS_DATA": str(whole_folder), "XDG_CACHE_HOME": str(folders)}
    for _ in range(2):  # the first makes the file
        run = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, check=True, text=True)
    assert float(run.stdout.split()[-1]) < 30, "MB; 220 without the file"


def test_digits_of_both_kinds_are_the_same(whole_folder, monkeypatch):
    monkeypatch.setenv("AEUTILS_DATA", str(whole_folder))
    digits = data.load_mnist()
    again = data.load_mnist(train_count=30_000)
    monkeypatch.setattr(data, "mapped", lambda pixels, product, part, count=None: as_floats(pixels[:count]))
    plain = data.load_mnist()
    assert digits.train_images.equal(plain.train_images) and digits.test_images.equal(plain.test_images)
    assert again.train_images.equal(plain.train_images[:30_000])
    assert torch.equal(again.train_labels, plain.train_labels[:30_000])
