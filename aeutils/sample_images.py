"""Single images in, grey or in colour, as float32 tensors (1, channels, size, size) in [0, 1]."""

import os
from pathlib import Path
import sys

import numpy as np
import torch
from torch.nn import functional

from aeutils import workers
from aeutils.errors import InputError, check_whole_number
from aeutils.own_images import read_array, read_file, read_pillow

IN_COLOUR = ["astronaut", "chelsea", "coffee", "hubble_deep_field", "retina", "rocket"]
IMAGES = ["astronaut", "brick", "camera", "cell", "chelsea", "clock", "coffee", "coins", "grass", "gravel"]
IMAGES += ["hubble_deep_field", "retina", "rocket"]
"""Images that scikit-image carries in its wheel, so that they need no network; licences in data/README.md."""


def load_image(
    source: object, size: int, crop: tuple[int, int, int] | None = None, colour: bool = False
) -> torch.Tensor:
    """Load an image, one of your own or one that scikit-image carries: float32 (1, 1, size, size) in [0, 1].

    source: a name of IMAGES, such as "astronaut", "chelsea" (a cat), "camera", "coffee", "rocket"; or the path of an
    image file, an image of Pillow, or an array (height, width[, 3 or 4]) of uint8, uint16, or floats in [0, 1].
    crop: (top, left, side) of the square to take, in pixels; without it the largest central square.
    colour: True gives red, green and blue, (1, 3, size, size): of the names, for those of IN_COLOUR. Else it is grey.
    Raises InputError for an unknown name, an array of another kind, a crop outside the image, a size below 1, or colour
    where there is none; DataError for a file that is missing or no image.
    """
    check_whole_number("size (the side of the image in pixels)", size, 1)
    workers.start()
    pixels = _pixels(source)
    if colour and pixels.ndim == 2:
        if isinstance(source, str) and source in IMAGES:
            raise InputError(
                f"the image {source!r} has no colours; choose one of {', '.join(IN_COLOUR)}, or colour=False"
            )
        pixels = np.stack([pixels] * 3, axis=2)
    channels = pixels if colour else _grey(pixels)[..., None]
    name = source if isinstance(source, str) else "the image"
    height, width = channels.shape[:2]
    top, left, side = _square(name, height, width, crop)
    square = channels[top : top + side, left : left + side].transpose(2, 0, 1)
    return resize(torch.from_numpy(np.ascontiguousarray(square)).float()[None], size)


def _pixels(source):
    """The pixels of whatever load_image accepts, floats (height, width) or (height, width, 3) in [0, 1]."""
    if isinstance(source, str) and source in IMAGES:
        import skimage.data

        return getattr(skimage.data, source)() / 255
    if isinstance(source, Path) or (isinstance(source, str) and _is_path(source)):
        return read_file(source)
    if isinstance(source, np.ndarray):
        return read_array(source)
    pillow = sys.modules.get("PIL.Image")  # if it was never imported, this is no image of it
    if pillow and isinstance(source, pillow.Image):
        return read_pillow(source)
    given = repr(source) if isinstance(source, (str, int, float, type(None))) else f"of kind {type(source).__name__}"
    raise InputError(
        f"there is no image {given}; choose one of {', '.join(IMAGES)}, or give the path of a file of your own, an "
        "image of Pillow, or a NumPy array"
    )


def _is_path(text):
    """Whether a text that is no name of an image is meant as the path of a file: it is one, or looks like one."""
    return any(sign in text for sign in "./\\~") or os.path.isfile(text)


def _grey(pixels):
    import skimage.color

    return skimage.color.rgb2gray(pixels) if pixels.ndim == 3 else pixels


def _square(name, height, width, crop):
    """The square (top, left, side) to cut out of an image: the crop asked for, or the largest central one."""
    if crop is None:
        side = min(height, width)
        return (height - side) // 2, (width - side) // 2, side
    if not isinstance(crop, (tuple, list)) or len(crop) != 3:
        raise InputError(f"crop is {crop!r}; expected three whole numbers (top, left, side)")
    for part, value, lowest in zip(("top", "left", "side"), crop, (0, 0, 1), strict=True):
        check_whole_number(f"{part} of the crop", value, lowest)
    top, left, side = crop
    if top + side > height or left + side > width:
        raise InputError(f"crop {crop} (top, left, side) leaves {name}, which is {height} x {width} pixels")
    return top, left, side


def resize(images, size):
    """Images (n, channels, h, w) as (n, channels, size, size), still in [0, 1]."""
    if images.shape[-2:] == (size, size):
        return images
    resized = functional.interpolate(images, (size, size), mode="bilinear", antialias=True)
    return resized.clamp_(0, 1)
