"""aeutils.data: which data are taken, that they are right, and that broken ones are refused with advice."""

import hashlib
import os
import shutil
import time
import tracemalloc
import zlib

import joblib
import numpy as np
import pytest
import torch

import aeutils as ae
from aeutils import data, sample_images

MNIST_FILES = list(data.EMBEDDED_MNIST)


@pytest.fixture
def no_download(monkeypatch):
    """Downloads fail at once, as without a network; the list tells which were tried."""
    tried = []

    def refuse(name, *_):
        tried.append(name)
        raise ae.DataError("there is no network in this test")

    monkeypatch.setattr(data, "download", refuse)
    return tried


# which data are taken


def test_embedded_digits_have_the_promised_shapes_and_ranges(digits):
    assert digits.train_images.shape == (4000, 1, 28, 28)
    assert digits.test_images.shape == (1000, 1, 28, 28)
    assert digits.train_images.dtype == digits.test_images.dtype == torch.float32
    assert digits.train_labels.dtype == digits.test_labels.dtype == torch.int64
    assert (digits.train_images.min(), digits.train_images.max()) == (0, 1)
    assert torch.bincount(torch.cat([digits.train_labels, digits.test_labels])).tolist() == [500] * 10
    assert not digits.whole


def test_whole_mnist_is_complete(whole_folder, monkeypatch, capsys):
    monkeypatch.setenv("AEUTILS_DATA", str(whole_folder))
    digits = ae.load_mnist()
    assert digits.whole
    assert digits.train_images.shape == (60_000, 1, 28, 28)
    assert digits.test_images.shape == (10_000, 1, 28, 28)
    assert digits.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert digits.test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert capsys.readouterr().out == digits.source + "\n"


def test_whole_mnist_is_in_memory_in_under_a_second(whole_folder, monkeypatch):
    monkeypatch.setenv("AEUTILS_DATA", str(whole_folder))
    seconds = []
    for _ in range(3):  # the best of three: other programs may need the processor too
        start = time.perf_counter()
        ae.load_mnist()
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 1


def test_some_training_images_are_the_first_ones_and_the_line_says_so(monkeypatch, digits):
    monkeypatch.setenv("AEUTILS_DATA", "embedded")
    some = ae.load_mnist(train_count=np.int64(30))
    assert some.train_images.equal(digits.train_images[:30]) and some.train_labels.equal(digits.train_labels[:30])
    assert some.test_images.equal(digits.test_images) and some.test_labels.equal(digits.test_labels)
    assert "the first 30 of 4,000 training and 1,000 test images" in some.source
    most = ae.load_mnist(train_count=60_000)
    assert most.train_images.equal(digits.train_images) and "subset: 4,000 training" in most.source


@pytest.mark.parametrize("count", [0, -1, 2.5, True, "4000"])
def test_train_count_that_is_no_whole_number_above_zero_is_refused_by_value(count):
    with pytest.raises(ae.InputError) as caught:
        ae.load_mnist(train_count=count)
    assert f"train_count is {count!r}; expected a whole number" in str(caught.value)


def test_embedded_on_request_looks_nowhere_else(data_folder, place_mnist, no_download, monkeypatch, capsys):
    place_mnist(data_folder)
    monkeypatch.setenv("AEUTILS_DATA", "embedded")
    assert not ae.load_mnist().whole
    assert not ae.load_faces(8).whole
    assert not ae.load_fashion().whole
    assert no_download == []
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and all("AEUTILS_DATA=embedded" in line for line in lines)


def test_first_named_folder_that_has_the_data_is_taken(data_folder, place_mnist, no_download, tmp_path, monkeypatch):
    empty, full, broken = (tmp_path / name for name in ("empty", "full", "broken"))
    for folder in (empty, broken / "MNIST"):
        folder.mkdir(parents=True)
    place_mnist(full)
    monkeypatch.setenv("AEUTILS_DATA", os.pathsep.join(map(str, (empty, full, broken))))
    digits = ae.load_mnist()
    assert digits.whole and digits.source.endswith("from AEUTILS_DATA")


def test_data_folder_comes_after_the_named_ones(data_folder, place_mnist, no_download, tmp_path, monkeypatch):
    place_mnist(data_folder)
    monkeypatch.setenv("AEUTILS_DATA", str(tmp_path))
    assert ae.load_mnist().source.endswith("from data/")
    assert no_download == []


def test_without_data_a_download_is_tried_and_the_embedded_subset_says_why(data_folder, no_download, capsys):
    digits = ae.load_mnist()
    assert no_download == ["MNIST"]
    assert not digits.whole
    assert digits.source.endswith("because there is no network in this test")
    assert capsys.readouterr().out == digits.source + "\n"


def test_working_directory_does_not_matter(data_folder, place_mnist, no_download, tmp_path, monkeypatch):
    place_mnist(data_folder)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert ae.load_mnist().whole
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("load", [ae.load_mnist, ae.load_faces, ae.load_fashion])
@pytest.mark.parametrize("name, fault", [("no_such_folder", "does not exist"), ("a_file", "is not a folder")])
def test_named_folder_that_is_none_is_refused(load, name, fault, tmp_path, monkeypatch):
    (tmp_path / "a_file").write_text("not a folder")
    monkeypatch.setenv("AEUTILS_DATA", str(tmp_path / name))
    with pytest.raises(ae.DataError) as caught:
        load()
    for part in (str(tmp_path / name), fault, "AEUTILS_DATA", "unset it"):
        assert part in str(caught.value)


# broken MNIST files


def truncate(path):
    path.write_bytes(path.read_bytes()[:-1000])


def empty(path):
    path.write_bytes(b"")


def lengthen(path):
    path.write_bytes(path.read_bytes() + b"\0")


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("product, load", [("MNIST", ae.load_mnist), ("FashionMNIST", ae.load_fashion)])
@pytest.mark.parametrize("name", MNIST_FILES)
@pytest.mark.parametrize(
    "damage, fault, advice",
    [
        (truncate, "is truncated", "Delete it"),
        (empty, "is truncated: 0 bytes", "Delete it"),
        (lengthen, "is too long", "Delete it"),
        (flip_a_bit, "is damaged", "Delete it"),
        (os.remove, "is missing", "Copy the missing one"),
    ],
)
def test_broken_mnist_file_is_refused_with_its_name_and_left_alone(
    product, load, name, damage, fault, advice, data_folder, place_mnist, no_download
):
    path = place_mnist(data_folder, product) / product / "raw" / name
    damage(path)
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(ae.DataError) as caught:
        load()
    assert str(caught.value).startswith(f"{path} {fault}")
    assert advice in str(caught.value)
    assert (path.read_bytes() if path.exists() else None) == before
    assert no_download == [], "what the user has is not replaced behind his back"


@pytest.mark.parametrize("target", ["MNIST/raw/t10k-images-idx3-ubyte", "MNIST/raw", "MNIST", "."])
def test_unreadable_mnist_is_refused_with_its_name(
    target, data_folder, place_mnist, open_folder, unprivileged, no_download, monkeypatch
):
    place_mnist(open_folder)
    (open_folder / target).chmod(0)
    monkeypatch.setenv("AEUTILS_DATA", str(open_folder))
    with unprivileged(), pytest.raises(ae.DataError) as caught:
        ae.load_mnist()
    assert str(caught.value).startswith(str(open_folder))
    assert "cannot be read (Permission denied)" in str(caught.value)
    assert "permissions" in str(caught.value)


def test_file_that_the_disk_cannot_read_is_refused_with_its_name(data_folder, place_mnist, monkeypatch):
    def fail(*_):
        raise OSError(5, "Input/output error")

    path = place_mnist(data_folder) / "MNIST" / "raw" / MNIST_FILES[0]
    monkeypatch.setattr(np, "fromfile", fail)
    with pytest.raises(ae.DataError) as caught:
        ae.load_mnist()
    assert str(caught.value).startswith(f"{path} cannot be read (Input/output error)")


def test_checksums_are_those_of_the_embedded_files():
    for name, checksum in data.EMBEDDED_MNIST.items():
        content = (data.EMBEDDED / "MNIST" / "raw" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == checksum


# Fashion-MNIST


def test_whole_fashion_is_complete(fashion_folder, monkeypatch, capsys):
    monkeypatch.setenv("AEUTILS_DATA", str(fashion_folder))
    fashion = ae.load_fashion()
    assert fashion.whole and isinstance(fashion, data.Fashion)
    assert fashion.train_images.shape == (60_000, 1, 28, 28) and fashion.test_images.shape == (10_000, 1, 28, 28)
    assert torch.bincount(fashion.train_labels).tolist() == [6000] * 10
    assert fashion.test_labels[:5].tolist() == [9, 2, 1, 1, 6]
    assert capsys.readouterr().out == fashion.source + "\n"


def test_in_place_of_fashion_stand_patches_of_images_and_say_so(monkeypatch, capsys):
    monkeypatch.setenv("AEUTILS_DATA", "embedded")
    fashion = ae.load_fashion()
    assert not fashion.whole and isinstance(fashion, data.Fashion)
    assert capsys.readouterr().out == fashion.source + "\n" and fashion.source.startswith("No clothing but")
    for images, labels, names in (
        (fashion.train_images, fashion.train_labels, data.NO_DIGITS["train"]),
        (fashion.test_images, fashion.test_labels, data.NO_DIGITS["test"]),
    ):
        assert images.shape == (100 * len(names), 1, 28, 28) and images.dtype == torch.float32
        assert 0 <= images.min() < images.max() <= 1
        assert torch.bincount(labels).tolist() == [100] * len(names) and labels.dtype == torch.int64
    assert not set(data.NO_DIGITS["train"]) & set(data.NO_DIGITS["test"])
    third_below = ae.load_image(data.NO_DIGITS["test"][1], 280)[0, 0, 56:84, :28]
    assert torch.allclose(fashion.test_images[120, 0], third_below, atol=1 / 255)


def test_fashion_is_found_and_downloaded_as_mnist_is(data_folder, place_mnist, no_download, tmp_path, monkeypatch):
    assert ae.load_fashion().source.endswith("because there is no network in this test")
    assert no_download == ["Fashion-MNIST"]
    place_mnist(data_folder)
    assert not ae.load_fashion().whole, "digits are no clothing"
    place_mnist(data_folder, "FashionMNIST")
    assert ae.load_fashion().source.endswith("from data/")
    place_mnist(tmp_path / "mine", "FashionMNIST")
    monkeypatch.setenv("AEUTILS_DATA", str(tmp_path / "mine"))
    assert ae.load_fashion().source.endswith("from AEUTILS_DATA")


# faces


def test_embedded_faces_are_a_hundred_images_in_range(monkeypatch):
    monkeypatch.setenv("AEUTILS_DATA", "embedded")
    faces = ae.load_faces()
    assert faces.images.shape == (100, 1, 64, 64) and faces.images.dtype == torch.float32
    assert 0 <= faces.images.min() < faces.images.max() <= 1
    assert faces.people.tolist() == list(range(100)) and faces.people.dtype == torch.int64
    assert not faces.whole


def test_olivetti_faces_are_ten_images_of_each_of_forty_people(olivetti_folder, monkeypatch, capsys):
    monkeypatch.setenv("AEUTILS_DATA", str(olivetti_folder))
    faces = ae.load_faces()
    assert faces.whole
    assert faces.images.shape == (400, 1, 64, 64) and faces.images.dtype == torch.float32
    assert (faces.images.min(), faces.images.max()) == (0, 1)
    assert torch.bincount(faces.people).tolist() == [10] * 40
    assert capsys.readouterr().out == faces.source + "\n"


@pytest.mark.parametrize("size", [1, 25, 32, 100])
def test_faces_come_in_the_size_asked_for(size, monkeypatch):
    monkeypatch.setenv("AEUTILS_DATA", "embedded")
    images = ae.load_faces(size).images
    assert images.shape == (100, 1, size, size)
    assert images.min() >= 0 and images.max() <= 1


def write_text(path):
    path.write_text("this is not a pickle")


def pickle_something_else(path):
    joblib.dump({"faces": "none"}, path)


def pickle_other_numbers(path):
    joblib.dump(np.zeros((400, 4096), np.float32), path)


@pytest.fixture(scope="session")
def pretended_olivetti(tmp_path_factory):
    """A file packed as the Olivetti faces are, which can be damaged where the real one is not at hand."""
    path = tmp_path_factory.mktemp("olivetti") / "olivetti_py3.pkz"
    joblib.dump(np.random.default_rng(0).integers(0, 256, (400, 4096), np.uint8), path, compress=6)
    return path


@pytest.mark.parametrize(
    "damage", [truncate, empty, flip_a_bit, write_text, pickle_something_else, pickle_other_numbers]
)
def test_broken_olivetti_file_is_refused_with_its_name_and_left_alone(
    damage, data_folder, no_download, pretended_olivetti, monkeypatch
):
    monkeypatch.setattr(data, "OLIVETTI_PIXELS", hashlib.sha256(joblib.load(pretended_olivetti)).hexdigest())
    path = data_folder / pretended_olivetti.name
    shutil.copy(pretended_olivetti, path)
    assert ae.load_faces(8).whole, "before it is damaged it is taken"
    damage(path)
    before = path.read_bytes()
    with pytest.raises(ae.DataError) as caught:
        ae.load_faces(8)
    assert str(caught.value).startswith(f"{path} is damaged")
    assert "Delete it" in str(caught.value)
    assert path.read_bytes() == before
    assert no_download == []


class Executes:
    """A pickle of this runs what it likes."""

    def __reduce__(self):
        return print, ("executed",)


def test_nothing_in_a_faces_file_is_executed(data_folder, no_download, capsys):
    joblib.dump(Executes(), data_folder / "olivetti_py3.pkz", compress=6)
    with pytest.raises(ae.DataError, match="is damaged"):
        ae.load_faces(8)
    assert capsys.readouterr().out == ""


def test_faces_file_that_unpacks_to_gigabytes_is_refused_at_once(data_folder, no_download):
    (data_folder / "olivetti_py3.pkz").write_bytes(zlib.compress(bytes(200_000_000), 1))
    tracemalloc.start()
    with pytest.raises(ae.DataError, match="is damaged"):
        ae.load_faces(8)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20_000_000


def test_faces_are_those_that_scikit_learn_reads(olivetti_folder, monkeypatch):
    from sklearn.datasets import fetch_olivetti_faces

    theirs = fetch_olivetti_faces(data_home=olivetti_folder, download_if_missing=False)
    monkeypatch.setenv("AEUTILS_DATA", str(olivetti_folder))
    ours = ae.load_faces()
    assert np.array_equal(ours.images[:, 0], theirs.images) and np.array_equal(ours.people, theirs.target)


def test_unreadable_olivetti_file_is_not_called_damaged(open_folder, unprivileged, data_folder, monkeypatch):
    path = open_folder / "olivetti_py3.pkz"
    path.write_bytes(b"whatever")
    path.chmod(0)
    monkeypatch.setenv("AEUTILS_DATA", str(open_folder))
    with unprivileged(), pytest.raises(ae.DataError) as caught:
        ae.load_faces()
    assert str(caught.value).startswith(f"{path} cannot be read (Permission denied)")


# single images


@pytest.mark.parametrize("name", sample_images.IMAGES)
def test_every_named_image_is_there_in_grey(name):
    assert f"`{name}`" in (data.DATA / "README.md").read_text(encoding="utf-8"), "its licence is not listed"
    image = ae.load_image(name, 16)
    assert image.shape == (1, 1, 16, 16) and image.dtype == torch.float32
    assert 0 <= image.min() < image.max() <= 1


@pytest.mark.parametrize("name", sample_images.IN_COLOUR)
def test_colour_is_red_green_and_blue(name):
    image = ae.load_image(name, 24, colour=True)
    assert image.shape == (1, 3, 24, 24) and image.dtype == torch.float32
    assert 0 <= image.min() < image.max() <= 1
    weights = torch.tensor([0.2125, 0.7154, 0.0721])[:, None, None]  # those of skimage.color.rgb2gray
    assert torch.allclose((image * weights).sum(1, keepdim=True), ae.load_image(name, 24), atol=1e-4)


def test_chelsea_is_more_red_than_blue():
    red, _, blue = ae.load_image("chelsea", 24, colour=True).mean((0, 2, 3))
    assert red > 1.2 * blue


def test_colour_of_a_grey_image_is_refused_with_those_that_have_it():
    with pytest.raises(ae.InputError, match="'camera' has no colours; choose one of astronaut, chelsea"):
        ae.load_image("camera", 16, colour=True)


def test_crop_takes_the_square_it_names():
    import skimage.data

    whole = torch.from_numpy(skimage.data.camera()).float() / 255
    assert torch.allclose(ae.load_image("camera", 50, crop=(30, 200, 50))[0, 0], whole[30:80, 200:250])


def test_without_crop_the_largest_central_square_is_taken():
    import skimage.data

    whole = torch.from_numpy(skimage.data.coins()).float() / 255  # 303 x 384
    assert torch.allclose(ae.load_image("coins", 303)[0, 0], whole[:, 40:343])


@pytest.mark.parametrize("name", ["nobody", "download_all", "data_dir", "", 3, None])
def test_unknown_image_is_refused_with_the_names_there_are(name):
    with pytest.raises(ae.InputError) as caught:
        ae.load_image(name, 16)
    assert repr(name) in str(caught.value) and "astronaut" in str(caught.value)


@pytest.mark.parametrize(
    "crop",
    [(0, 0, 513), (500, 0, 50), (0, 500, 50), (-1, 0, 50), (0, -1, 50), (0, 0, 0), (0, 0), (0, 0, 0.5), "abc", 7, ()],
)
def test_crop_outside_the_image_or_of_other_kind_is_refused(crop):
    with pytest.raises(ae.InputError, match="crop"):
        ae.load_image("camera", 16, crop=crop)


@pytest.mark.parametrize("size", [0, -1, "100", 2.5, None, True])
@pytest.mark.parametrize("load", [ae.load_faces, lambda size: ae.load_image("camera", size)])
def test_size_that_is_no_whole_number_above_zero_is_refused_by_value(load, size, monkeypatch):
    monkeypatch.setenv("AEUTILS_DATA", "embedded")
    with pytest.raises(ae.InputError) as caught:
        load(size)
    assert f"is {size!r};" in str(caught.value)


# how a student sees an error


@pytest.fixture
def run_cell(tmp_path, capsys):
    """A function that runs code as a cell of IPython and returns all that is shown."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell(ipython_dir=str(tmp_path))
    shell.history_manager.enabled = False

    def run(code):
        capsys.readouterr()
        result = shell.run_cell(code)
        shown = capsys.readouterr()
        return result, shown.out + shown.err

    yield run
    shell.restore_sys_module_state()
    shell.history_manager.end_session()


def test_a_notebook_shows_the_message_and_no_traceback(run_cell, tmp_path, monkeypatch):
    monkeypatch.setenv("AEUTILS_DATA", str(tmp_path / "nowhere"))
    result, shown = run_cell("import aeutils\naeutils.load_mnist()")
    assert isinstance(result.error_in_exec, ae.DataError)
    assert shown.strip() == f"DataError: {result.error_in_exec}"


def test_other_errors_keep_their_traceback(run_cell):
    _, shown = run_cell("1 / 0")
    assert "Traceback" in shown and "ZeroDivisionError" in shown


@pytest.mark.parametrize(
    "error, twin", [(ae.DataError, OSError), (ae.InputError, ValueError), (ae.TrainingError, RuntimeError)]
)
def test_each_error_is_a_course_error_and_what_python_would_raise(error, twin):
    assert issubclass(error, ae.CourseError) and issubclass(error, twin)
    assert str(error("the message")) == "the message"
