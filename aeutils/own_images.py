"""Images of one's own: the pixels of a file, of an image of Pillow, or of an array, whatever form they are in."""

import os

import numpy as np

from aeutils.errors import DataError, InputError

SHAPES = "expected (height, width), or (height, width, 3 or 4) for red, green, blue and opacity"
RANGES = "expected uint8 from 0 to 255, uint16 from 0 to 65,535, or floats from 0 to 1"


def read_file(path):
    """Pixels of an image file, as read_pillow gives them. Raises DataError for a file that is missing or no image."""
    from PIL import Image, UnidentifiedImageError

    path = os.path.expanduser(path)
    try:
        with Image.open(path) as image:
            image.load()
    except FileNotFoundError:
        raise DataError(f"there is no image file {path} (in the folder {os.getcwd()}). Check its name") from None
    except UnidentifiedImageError:
        raise DataError(f"{path} is no image that Pillow can read. Save it as PNG or JPEG, and load that") from None
    except Exception as error:  # a damaged file can raise nearly anything
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path} cannot be read as an image ({reason}). Save it anew as PNG or JPEG") from None
    return read_pillow(image)


def read_pillow(image):
    """Pixels of an image of Pillow: floats (height, width) or (height, width, 3) in [0, 1].

    It is turned as the camera recorded; what is transparent becomes white; 16 bits are kept.
    """
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # a PNG of 16 bits, also where Pillow gives 32 for it
        values = np.asarray(image)
        return read_array(values.astype(np.uint16) if values.min() >= 0 and values.max() < 2**16 else values)
    if image.mode == "F":
        return read_array(np.asarray(image))
    if "A" in image.mode.upper().replace("LAB", "") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return np.asarray(Image.alpha_composite(white, image).convert("RGB")) / 255
    return np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB")) / 255


def read_array(array):
    """Pixels of an array: floats (height, width) or (height, width, 3) in [0, 1]. Raises InputError."""
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)) or 0 in array.shape:
        advice = "; put the channels last: array.transpose(1, 2, 0)" if _channels_first(array) else ""
        raise InputError(f"the array has shape {array.shape}; {SHAPES}{advice}")
    pixels = _in_range(array)
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        opacity = pixels[:, :, 3:]
        return pixels[:, :, :3] * opacity + 1 - opacity  # over white
    return pixels


def _channels_first(array):
    return array.ndim == 3 and array.shape[0] in (1, 3, 4)


def _in_range(array):
    """The array as floats in [0, 1]."""
    if array.dtype.kind == "u" and array.dtype.itemsize <= 2:
        return array / np.iinfo(array.dtype).max
    if array.dtype.kind not in "biuf":
        raise InputError(f"the array holds {array.dtype}; {RANGES}")
    if array.dtype.kind == "b":
        return array.astype(float)
    low, high = array.min(), array.max()
    if array.dtype.kind == "f" and 0 <= low <= high <= 1:
        return array.astype(float)
    advice = ""
    if low >= 0 and high < 2**16:
        advice = f"; divide by {255 if high < 256 else 65_535:,}, if that is its white"
    raise InputError(f"the array holds {array.dtype} from {low:g} to {high:g}; {RANGES}{advice}")
