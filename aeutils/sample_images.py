"""Single images in, grey or in colour, as float32 tensors (1, channels, size, size) in [0, 1]."""

from aeutils.errors import InputError, check_whole_number
import numpy as np
import torch
from torch.nn import functional

IN_COLOUR = ["astronaut", "chelsea", "coffee", "hubble_deep_field", "retina", "rocket"]
IMAGES = ["astronaut", "brick", "camera", "cell", "chelsea", "clock", "coffee", "coins", "grass", "gravel"]
IMAGES += ["hubble_deep_field", "retina", "rocket"]
"""Images that scikit-image carries in its wheel, so that they need no network; licences in data/README.md."""


def load_image(name, size, crop=None, colour=False):
    """Load one of the images that scikit-image carries: float32 (1, 1, size, size) in [0, 1].

    name: one of IMAGES, such as "astronaut", "chelsea" (a cat), "camera", "coffee", "rocket".
    crop: (top, left, side) of the square to take, in pixels; without it the largest central square.
    colour: True gives red, green and blue, (1, 3, size, size), for those of IN_COLOUR; else it is grey.
    Raises InputError for an unknown name, a crop outside the image, a size below 1, or colour where there is none.
    """
    import skimage.color
    import skimage.data

    check_whole_number("size (the side of the image in pixels)", size, 1)
    if name not in IMAGES:
        raise InputError(f"there is no image {name!r}; choose one of {', '.join(IMAGES)}")
    if colour and name not in IN_COLOUR:
        raise InputError(f"the image {name!r} has no colours; choose one of {', '.join(IN_COLOUR)}, or colour=False")
    pixels = getattr(skimage.data, name)()
    if colour:
        channels = pixels / 255
    else:
        channels = (skimage.color.rgb2gray(pixels) if pixels.ndim == 3 else pixels / 255)[..., None]
    top, left, side = _square(name, *channels.shape[:2], crop)
    square = channels[top : top + side, left : left + side].transpose(2, 0, 1)
    return resize(torch.from_numpy(np.ascontiguousarray(square)).float()[None], size)


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
