"""Images as float32 in files that are mapped into memory: all notebooks that use them share one copy."""

import os
from pathlib import Path
import shutil
import tempfile

import numpy as np
import torch

from aeutils.places import CACHE, DATA

WORTH_WHILE = 5_000_000
"""Pixels from which on a file is made."""
SPARE = 2_000_000_000
"""Bytes that have to be left on the disk."""
EVERY = 61
"""Of so many images one is compared with what it should be: a crash may have left a file that only looks whole."""


def as_floats(pixels):
    """uint8 (n, height, width) as float32 (n, 1, height, width) in [0, 1], in memory."""
    return torch.from_numpy(pixels).float().div_(255).unsqueeze(1)


def mapped(pixels, product, part, count=None):
    """As as_floats, but in a file, the first count of them; in memory if there is none and none can be made.

    product, part: of which set of images these are all. Where the course has downloaded it into a folder of its own,
    the file lies beside it, and all users of that folder share it; else it lies in the user's cache. What is written
    to the images stays in this process.
    """
    if count and count * pixels[0].size < WORTH_WHILE:
        return as_floats(pixels[:count])
    paths = [folder / product / "float32" / f"{part}-{len(pixels)}.npy" for folder in (DATA, CACHE)]
    for path in paths:
        if (images := _read(path, pixels)) is not None:
            return images[:count]
    made = next((path for path in paths if _write(path, pixels)), None)
    images = made and _read(made, pixels)
    return as_floats(pixels[:count]) if images is None else images[:count]


def _read(path, pixels):
    """The images of a file, or None if it is not there or does not hold these."""
    try:
        images = torch.from_numpy(np.load(path, mmap_mode="c"))
    except (OSError, ValueError, EOFError, TypeError):  # missing; cut off or no array; empty; not of numbers
        return None
    alike = images.dtype == torch.float32 and images.shape == (len(pixels), 1, *pixels.shape[1:])
    return images if alike and images[::EVERY].equal(as_floats(pixels[::EVERY])) else None


def _write(path, pixels):
    """Whether the images could be written to a file: all of them or none, whoever else writes it now."""
    try:
        path.parent.mkdir(exist_ok=True, parents=path.is_relative_to(CACHE))
        if shutil.disk_usage(path.parent).free < SPARE:
            return False
        handle, unfinished = tempfile.mkstemp(dir=path.parent)
    except OSError:
        return False
    try:
        with os.fdopen(handle, "wb") as file:
            _save(file, pixels)
        os.chmod(unfinished, 0o644)  # others may read it
        if _read(path, pixels) is None:  # else another notebook was faster, and is using its file
            os.replace(unfinished, path)
    except OSError:
        return False
    finally:  # nothing is left of it, also where somebody interrupts
        Path(unfinished).unlink(missing_ok=True)
    return True


def _save(file, pixels):
    """Write the images as np.save would, 1,000 at a time: no notebook needs the memory for all."""
    kind, shape = np.dtype(np.float32).str, (len(pixels), 1, *pixels.shape[1:])
    np.lib.format.write_array_header_1_0(file, {"descr": kind, "fortran_order": False, "shape": shape})
    for start in range(0, len(pixels), 1_000):
        file.write(as_floats(pixels[start : start + 1_000]).numpy().data)
