"""load_image with an image of one's own: it comes as expected whatever form it has, or one sentence says what to do."""

import numpy as np
from PIL import Image
import pytest
import torch

import aeutils as ae

RAMP = np.linspace(0, 1, 64).reshape(8, 8)
"""A grey image, brighter from left to right and from line to line."""
GREY = (RAMP * 255).round().astype(np.uint8)
RED = np.zeros((8, 8, 3), np.uint8) + np.array([255, 0, 0], np.uint8)


def pixels(source, **options):
    return ae.load_image(source, 8, **options)


@pytest.fixture
def file(tmp_path):
    """A function that saves an image of Pillow and returns its path."""

    def save(image, name="mine.png", **options):
        image.save(tmp_path / name, **options)
        return tmp_path / name

    return save


@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_file_is_loaded_by_its_path(kind, file):
    image = pixels(kind(file(Image.fromarray(GREY))))
    assert image.shape == (1, 1, 8, 8) and image.dtype == torch.float32
    assert torch.allclose(image[0, 0], torch.from_numpy(GREY / 255).float())


def test_relative_path_counts_from_the_current_folder_and_home_is_known(file, tmp_path, monkeypatch):
    file(Image.fromarray(GREY))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert pixels("mine.png").equal(pixels("~/mine.png"))


def test_name_of_an_image_of_the_course_wins_over_a_file(file, tmp_path, monkeypatch):
    file(Image.fromarray(GREY), "camera", format="PNG")
    monkeypatch.chdir(tmp_path)
    assert not pixels("camera").equal(pixels(tmp_path / "camera"))


@pytest.mark.parametrize(
    "array",
    [
        GREY,
        (RAMP * 65535).round().astype(np.uint16),
        (RAMP * 65535).round().astype(">u2"),
        RAMP,
        RAMP.astype(np.float32),
    ],
    ids=["bytes", "16 bit", "16 bit, big-endian", "doubles", "floats"],
)
def test_array_of_each_kind_gives_the_same_image(array):
    for shaped in (array, array[:, :, None], np.stack([array] * 3, 2)):
        assert torch.allclose(pixels(shaped)[0, 0], torch.from_numpy(RAMP).float(), atol=0.5 / 255)


def test_array_of_truth_values_is_black_and_white():
    assert pixels(RAMP > 0.5).unique().tolist() == [0, 1]


def test_colours_stay_in_their_order():
    assert pixels(RED, colour=True)[0].mean((1, 2)).tolist() == [1, 0, 0]
    assert torch.allclose(pixels(RED), torch.tensor(0.2125))  # as red is weighed in other images
    assert pixels(Image.fromarray(RED), colour=True).equal(pixels(RED, colour=True))


def test_grey_image_in_colour_has_three_equal_channels():
    image = pixels(GREY, colour=True)
    assert image.shape == (1, 3, 8, 8) and image[:, :1].equal(image[:, 1:2]) and image[:, :1].equal(pixels(GREY))


def test_what_is_transparent_becomes_white():
    half = np.dstack([RED, np.full((8, 8), 51, np.uint8)])  # a fifth of red, four fifths of white
    for source in (half, Image.fromarray(half), half / 255):
        assert torch.allclose(pixels(source, colour=True)[0].mean((1, 2)), torch.tensor([1, 0.8, 0.8]), atol=1 / 255)
    clear = Image.new("LA", (8, 8), (0, 0))
    assert pixels(clear).unique().tolist() == [1]


def test_palette_and_its_transparent_colour(file):
    image = Image.new("P", (8, 8), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((0, 0), 1)
    assert pixels(file(image), colour=True)[0, :, 0, 0].tolist() == [0, 0, 1]
    clear = pixels(file(image, "clear.png", transparency=0), colour=True)
    assert clear[0, :, 1, 1].tolist() == [1, 1, 1] and clear[0, :, 0, 0].tolist() == [0, 0, 1]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "P", "CMYK", "YCbCr", "HSV", "LAB", "I;16", "I", "F"])
def test_white_is_white_in_every_mode_of_pillow(mode):
    values = {"I;16": np.full((8, 8), 65535, np.uint16), "I": np.full((8, 8), 65535, np.int32)}
    values["F"] = np.ones((8, 8), np.float32)
    if mode in values:
        image = Image.fromarray(values[mode])
        assert image.mode == mode
    else:
        white = {"LAB": (255, 128, 128), "CMYK": (0, 0, 0, 0), "YCbCr": (255, 128, 128), "HSV": (0, 0, 255)}
        image = (
            Image.new(mode, (8, 8), white[mode]) if mode in white else Image.new("RGB", (8, 8), "white").convert(mode)
        )
    assert pixels(image).min() > 0.99


def test_sixteen_bits_are_kept(file):
    fine = np.full((8, 8), 30_000, np.uint16)
    fine[0, 0] += 1
    image = pixels(file(Image.fromarray(fine)))[0, 0]
    assert image[1, 1].item() == pytest.approx(30_000 / 65_535)
    assert image[0, 0] > image[1, 1], "8 bits would not tell them apart"


def test_image_is_turned_as_the_camera_recorded(file):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees clockwise
    path = file(Image.fromarray(GREY), exif=exif)
    assert torch.allclose(pixels(path)[0, 0], torch.from_numpy(np.rot90(GREY, -1).copy() / 255).float())


def test_crop_counts_in_the_own_image():
    assert torch.allclose(ae.load_image(GREY, 2, crop=(3, 4, 2))[0, 0], torch.from_numpy(GREY[3:5, 4:6] / 255).float())
    with pytest.raises(ae.InputError, match="leaves the image, which is 8 x 8 pixels"):
        ae.load_image(GREY, 2, crop=(3, 4, 6))


@pytest.mark.parametrize(
    "array, advice",
    [
        (RAMP * 255, "float64 from 0 to 255; .*divide by 255"),
        (GREY.astype(int), "int64 from 0 to 255; .*divide by 255"),
        (RAMP * 65535, "divide by 65,535"),
        (RAMP - 0.5, "from -0.5 to 0.5; expected uint8"),
        (np.full((8, 8), np.nan), "from nan to nan; expected uint8"),
        (RAMP.astype(complex), "holds complex128; expected uint8"),
        (RAMP.astype(object), "holds object; expected uint8"),
        (np.zeros((3, 8, 8)), r"shape \(3, 8, 8\); .*put the channels last"),
        (np.zeros((2, 8, 8, 3)), r"shape \(2, 8, 8, 3\); expected \(height, width\)"),
        (np.zeros(8), r"shape \(8,\)"),
        (np.zeros((0, 8)), r"shape \(0, 8\)"),
    ],
)
def test_array_of_another_kind_is_refused_with_advice(array, advice):
    with pytest.raises(ae.InputError, match=advice):
        pixels(array)


@pytest.mark.parametrize("source", [torch.zeros(1, 8, 8), [[0, 1], [1, 0]], b"camera", object()])
def test_other_things_are_refused_with_what_may_be_given(source):
    with pytest.raises(ae.InputError, match=f"of kind {type(source).__name__}; .*an image of Pillow, or a NumPy array"):
        pixels(source)


def test_missing_file_is_named_with_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ae.DataError, match=f"no image file photo.jpg .in the folder {tmp_path}"):
        pixels("photo.jpg")


@pytest.mark.parametrize("content", [b"", b"these are words", b"\x89PNG\r\n\x1a\n"])
def test_file_that_is_no_image_is_refused(content, tmp_path):
    (tmp_path / "photo.heic").write_bytes(content)
    with pytest.raises(ae.DataError, match=r"photo\.heic is no image that Pillow can read\. Save it as PNG or JPEG"):
        pixels(tmp_path / "photo.heic")


def test_truncated_file_is_refused(file):
    path = file(Image.fromarray(np.random.default_rng(0).integers(0, 256, (50, 50, 3), np.uint8)))
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(ae.DataError, match=r"mine\.png cannot be read as an image"):
        pixels(path)


def test_folder_is_no_image(tmp_path):
    with pytest.raises(ae.DataError, match=r"Is a directory|Permission denied"):
        pixels(tmp_path)
