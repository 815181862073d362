"""MNIST in the forms in which people have it: taken where that is unambiguous, else named, never silently replaced."""

import gzip

import numpy as np
import pytest

import aeutils as ae
from aeutils import data, mnist_files
from aeutils.mnist_files import NAMES

RAW = data.EMBEDDED / "MNIST" / "raw"
OTHERS = dict.fromkeys(NAMES, "0" * 64)
"""Checksums of a set that is none of those in the tests."""


@pytest.fixture
def offline(data_folder, monkeypatch):
    """data/ is empty, downloads fail, and whole MNIST is the embedded one. Returns data/."""

    def refuse(*_):
        raise ae.DataError("there is no network in this test")

    monkeypatch.setattr(data, "download", refuse)
    monkeypatch.setattr(data, "FASHION_MNIST", OTHERS)
    return data_folder


def dotted(name):
    return name.replace("-idx", ".idx")


def place(folder, spell=str, pack=bytes):
    """Put the four files into a folder, under other names or packed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        path = folder / spell(name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(pack((RAW / name).read_bytes()))


def archive(folder, **changed):
    """Write Keras's mnist.npz into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    digits = mnist_files.read(mnist_files.standard(data.EMBEDDED, "MNIST"), data.EMBEDDED_MNIST, (4000, 1000))
    np.savez(folder / "mnist.npz", **dict(zip(NAMES.values(), digits, strict=True)) | changed)


def quick_gzip(content):
    return gzip.compress(content, 1)


def gz(name):
    return f"{name}.gz"


FORMS = {
    "torchvision's": lambda top: place(top / "MNIST" / "raw"),
    "files in MNIST": lambda top: place(top / "MNIST"),
    "raw beside": lambda top: place(top / "raw"),
    "flat": place,
    "flat, packed": lambda top: place(top, gz, quick_gzip),
    "packed in place": lambda top: place(top / "MNIST" / "raw", gz, quick_gzip),
    "Kaggle's": lambda top: place(top, dotted),
    "Kaggle's, packed": lambda top: place(top, lambda name: gz(dotted(name)), quick_gzip),
    "Kaggle's folders": lambda top: place(top, lambda name: f"{name}/{name}"),
    "Keras's": archive,
    "Keras's in MNIST": lambda top: archive(top / "MNIST"),
}


@pytest.mark.parametrize("form", FORMS)
def test_unambiguous_form_is_taken(form, offline, tmp_path, monkeypatch, digits):
    FORMS[form](tmp_path / "mine")
    monkeypatch.setenv("AEUTILS_DATA", str(tmp_path / "mine"))
    assert data.mnist_is_here()
    found = ae.load_mnist()
    assert found.whole and found.source.endswith("from AEUTILS_DATA")
    assert found.train_images.equal(digits.train_images) and found.test_labels.equal(digits.test_labels)


@pytest.mark.parametrize("inside", ["MNIST", "MNIST/raw"])
def test_folder_one_or_two_levels_too_deep_is_taken(inside, offline, place_mnist, tmp_path, monkeypatch):
    place_mnist(tmp_path)
    monkeypatch.setenv("AEUTILS_DATA", str(tmp_path / inside))
    assert ae.load_mnist().source.endswith("from AEUTILS_DATA")


def test_the_same_holds_in_data(offline):
    archive(offline)
    assert ae.load_mnist().source.endswith("from data/")


def test_kaggle_has_files_and_folders_of_the_same_name(offline, tmp_path, monkeypatch):
    place(tmp_path, dotted)
    for name in NAMES:
        (tmp_path / name).mkdir()
    monkeypatch.setenv("AEUTILS_DATA", str(tmp_path))
    assert ae.load_mnist().whole


def test_clothing_is_told_from_digits_by_checksum_and_by_folder(offline, tmp_path, monkeypatch):
    monkeypatch.setattr(data, "FASHION_MNIST", data.EMBEDDED_MNIST)
    monkeypatch.setattr(data, "WHOLE_MNIST", OTHERS)
    for folder in (tmp_path / "flat", tmp_path / "FashionMNIST" / "raw"):
        place(folder)
        monkeypatch.setenv("AEUTILS_DATA", str(folder))
        assert ae.load_fashion().source.endswith("from AEUTILS_DATA")
        digits = ae.load_mnist()
        assert not digits.whole
        assert digits.source.endswith("because AEUTILS_DATA has no MNIST and there is no network in this test")


@pytest.mark.parametrize("folder", ["flat", "MNIST/raw"])
def test_one_missing_file_is_named(folder, offline, tmp_path, monkeypatch):
    place(tmp_path / folder, gz, quick_gzip)
    (tmp_path / folder / "train-labels-idx1-ubyte.gz").unlink()
    monkeypatch.setenv("AEUTILS_DATA", str(tmp_path / folder))
    with pytest.raises(ae.DataError) as caught:
        ae.load_mnist()
    assert str(caught.value).startswith(f"{tmp_path / folder / 'train-labels-idx1-ubyte'} is missing")


def truncate(path):
    path.write_bytes(path.read_bytes()[:-1000])


def cut_to_its_head(path):
    path.write_bytes(path.read_bytes()[:20])


def other_bytes(path):
    path.write_bytes(quick_gzip(b"?" * 4008))


def endless(path):
    path.write_bytes(quick_gzip(bytes(10_000_000)))


@pytest.mark.parametrize(
    "damage, fault",
    [
        (truncate, "is damaged"),
        (other_bytes, "is damaged"),
        (endless, "is too long: 4,009"),
        (cut_to_its_head, "is damaged"),
    ],
)
def test_broken_gz_is_refused_with_its_name(damage, fault, offline, tmp_path, monkeypatch):
    place(tmp_path, gz, quick_gzip)
    path = tmp_path / "train-labels-idx1-ubyte.gz"
    damage(path)
    monkeypatch.setenv("AEUTILS_DATA", str(tmp_path))
    with pytest.raises(ae.DataError) as caught:
        ae.load_mnist()
    assert str(caught.value).startswith(f"{path} {fault}")


@pytest.mark.parametrize(
    "changed",
    [
        {"y_train": np.zeros(4000, np.uint8)},
        {"y_train": np.zeros(4000)},
        {"y_train": np.array([None] * 4000)},
    ],
    ids=["other digits", "floats", "objects"],
)
def test_broken_npz_is_refused_with_the_name_of_its_array(changed, offline, tmp_path, monkeypatch):
    archive(tmp_path, **changed)
    monkeypatch.setenv("AEUTILS_DATA", str(tmp_path))
    with pytest.raises(ae.DataError) as caught:
        ae.load_mnist()
    assert str(caught.value).startswith(f"{tmp_path / 'mnist.npz' / 'y_train'} is damaged")


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04"])
def test_npz_that_is_none_is_refused(content, offline, tmp_path, monkeypatch):
    (tmp_path / "mnist.npz").write_bytes(content)
    monkeypatch.setenv("AEUTILS_DATA", str(tmp_path))
    with pytest.raises(ae.DataError, match=r"mnist\.npz.* is damaged"):
        ae.load_mnist()


@pytest.mark.parametrize("name", ["mnist_train.csv", "mnist.pkl.gz", "train-images-idx3-ubyte.zip", "MNIST_data"])
def test_what_only_looks_like_mnist_is_named_with_what_was_expected(name, offline, tmp_path, monkeypatch):
    (tmp_path / name).write_bytes(b"whatever")
    monkeypatch.setenv("AEUTILS_DATA", str(tmp_path))
    with pytest.raises(ae.DataError) as caught:
        ae.load_mnist()
    for part in (str(tmp_path), name, "expected MNIST/raw/", *NAMES, ".gz", "data/README.md"):
        assert part in str(caught.value)


def test_folder_one_level_too_high_is_named_with_the_right_one(offline, place_mnist, tmp_path, monkeypatch):
    place_mnist(tmp_path / "top" / "sets")
    monkeypatch.setenv("AEUTILS_DATA", str(tmp_path / "top"))
    with pytest.raises(ae.DataError, match=r"but its folder sets has it\. Set AEUTILS_DATA to "):
        ae.load_mnist()


@pytest.mark.parametrize(
    "name", ["KMNIST", "EMNIST", "FashionMNIST", "fashion-mnist.npz", "notes.txt", "olivetti_py3.pkz"]
)
def test_other_sets_are_no_reason_to_stop(name, offline, tmp_path, monkeypatch):
    (tmp_path / name).mkdir()
    monkeypatch.setenv("AEUTILS_DATA", str(tmp_path))
    assert ae.load_mnist().source.endswith("because AEUTILS_DATA has no MNIST and there is no network in this test")


def test_clothing_in_another_form_is_named_too(offline, tmp_path, monkeypatch):
    (tmp_path / "fashion-mnist_train.csv").touch()
    monkeypatch.setenv("AEUTILS_DATA", str(tmp_path))
    with pytest.raises(ae.DataError, match=r"fashion-mnist_train\.csv was: expected FashionMNIST/raw/"):
        ae.load_fashion()


def test_what_lies_in_data_ends_the_search_before_anything_is_refused(offline, place_mnist, tmp_path, monkeypatch):
    place_mnist(offline)
    (tmp_path / "mnist_train.csv").touch()
    monkeypatch.setenv("AEUTILS_DATA", str(tmp_path))
    assert ae.load_mnist().source.endswith("from data/")


def test_folder_that_cannot_be_listed_is_refused_with_its_name(offline, open_folder, unprivileged, monkeypatch):
    monkeypatch.setattr(data, "DATA", open_folder / "data")
    monkeypatch.setenv("AEUTILS_DATA", str(open_folder))
    open_folder.chmod(0o111)
    with unprivileged(), pytest.raises(ae.DataError) as caught:
        ae.load_mnist()
    assert str(caught.value).startswith(f"{open_folder} cannot be read (Permission denied)")


def test_idx_bytes_are_those_of_the_embedded_files(digits):
    labels = digits.test_labels.byte().numpy()
    assert mnist_files.idx_bytes(labels) == (RAW / "t10k-labels-idx1-ubyte").read_bytes()
