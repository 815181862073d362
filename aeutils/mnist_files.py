"""The four files of MNIST, and those of Fashion-MNIST, which bear the same names: found, read and verified."""

import gzip
import hashlib
import os
import re
import struct
import zipfile
import zlib

import numpy as np

from aeutils.errors import DataError

NAMES = {
    "train-images-idx3-ubyte": "x_train",
    "train-labels-idx1-ubyte": "y_train",
    "t10k-images-idx3-ubyte": "x_test",
    "t10k-labels-idx1-ubyte": "y_test",
}
"""The files, and what the same arrays are called in the mnist.npz of Keras."""
ARCHIVE = "mnist.npz"
SMALLEST = "t10k-labels-idx1-ubyte"
EXPECTED = "expected {product}/raw/ with " + ", ".join(NAMES) + " (also as .gz, or these files in the folder itself)"
ADVICE = "Delete it to have it downloaded again, or copy it anew from a good source."


def standard(folder, product):
    """{name: path} of the files where torchvision puts them. product: "MNIST" or "FashionMNIST"."""
    return {name: folder / product / "raw" / name for name in NAMES}


def find(folder, product, known):
    """{name: path} of a product's files in a folder, or None if it has none of them.

    They may lie as torchvision puts them, or one or two levels higher (the folder may itself be the product's, or its
    raw/), each as .gz or as Kaggle names it (a dot before idx, or in a folder of its own name), or all in one
    mnist.npz, whose arrays count as files in it. A missing file is in the answer all the same: to read it says so.
    known: {product: {name: SHA-256}}; files that lie in a folder without a product's name are told apart by these.
    """
    inner = folder / product
    if exists(inner):
        return _files(inner / "raw") or _files(inner) or _archive(inner, product) or standard(folder, product)
    owner = folder.parent.name if folder.name == "raw" else folder.name
    loose = _files(folder / "raw") or _files(folder)
    if loose and (owner == product or (owner not in known and _belong(loose, product, known))):
        return loose
    return _archive(folder, product)


def _files(folder):
    """{name: path} of the four files in a folder, if there is at least one of them."""
    found = {name: next(filter(_is_file, _spellings(folder, name)), None) for name in NAMES}
    return {name: path or folder / name for name, path in found.items()} if any(found.values()) else None


def _spellings(folder, name):
    dotted = name.replace("-idx", ".idx")
    return [folder / spelling for spelling in (name, dotted, f"{name}.gz", f"{dotted}.gz", f"{name}/{name}")]


def _is_file(path):
    return exists(path) and path.is_file()


def _archive(folder, product):
    path = folder / ARCHIVE
    return {name: path / key for name, key in NAMES.items()} if product == "MNIST" and exists(path) else None


def _belong(files, product, known):
    """Whether files in a folder of another name are the product's. Those of no known set count as a broken MNIST."""
    try:
        digest = hashlib.sha256(_content(files[SMALLEST], 20_000)).hexdigest()
    except DataError:
        digest = None
    owners = [owner for owner, checksums in known.items() if checksums[SMALLEST] == digest]
    return product in owners or (not owners and product == "MNIST")


def refuse_similar(folder, product):
    """Raise DataError when a folder, in which find found nothing, seems to hold the product in another form."""
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise unreadable(folder, error) from None
    wanted = r"fashion" if product == "FashionMNIST" else r"(?<![a-z])mnist|ubyte"
    strange = [name for name in names if re.search(wanted, name.lower())]
    if product == "MNIST":
        strange = [name for name in strange if "fashion" not in name.lower()]
        strange = [] if _files(folder) else strange  # those of another set
    begin = f"AEUTILS_DATA names the folder {folder}, in which {product} was not found"
    if strange:
        raise DataError(
            f"{begin}, but {', '.join(strange[:5])} was: {EXPECTED.format(product=product)}. Rename what is there, or "
            "name another folder; data/README.md shows the layout."
        )
    for name in names:
        if exists(folder / name / product):
            raise DataError(f"{begin}, but its folder {name} has it. Set AEUTILS_DATA to {folder / name}.")


def read(files, checksums, counts):
    """uint8 arrays: training images (n, 28, 28) and labels (n,), test images and labels.

    files: {name: path}; checksums: {name: SHA-256}; counts: (training images, test images). Raises DataError.
    """
    arrays = []
    for index, (name, checksum) in enumerate(checksums.items()):
        count = counts[index // 2]
        header, shape = (16, (count, 28, 28)) if "images" in name else (8, (count,))
        content = _verified(files[name], header + int(np.prod(shape)), checksum)
        arrays.append(content[header:].reshape(shape))
    return arrays


def _verified(path, size, checksum):
    """The bytes of a file, uint8 (size,), whose SHA-256 must be the given one. Raises DataError."""
    content = _content(path, size)
    if len(content) != size:
        fault = "is truncated" if len(content) < size else "is too long"
        raise DataError(f"{path} {fault}: {len(content):,} bytes, expected {size:,}. {ADVICE}")
    if hashlib.sha256(content).hexdigest() != checksum:
        raise DataError(f"{path} is damaged: its SHA-256 checksum is not the published one. {ADVICE}")
    return content


def _content(path, size):
    """The bytes of a file, uint8 (n,), unpacked; of one that unpacks to more than size bytes, only one more."""
    try:
        if path.parent.suffix == ".npz":
            with np.load(path.parent, allow_pickle=False) as archive:
                content = idx_bytes(archive[path.name].astype(np.uint8, casting="safe"))
                return np.frombuffer(bytearray(content), np.uint8)  # which may be written to
        if path.suffix == ".gz":
            with gzip.open(path) as file:
                return np.frombuffer(bytearray(file.read(size + 1)), np.uint8)
        return np.fromfile(path, np.uint8)
    except (FileNotFoundError, NotADirectoryError):
        others = "The other files of the set are not enough. Copy the missing one there, or delete the folder."
        raise DataError(f"{path} is missing. {others}") from None
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError, ValueError, TypeError, KeyError):
        raise DataError(f"{path} is damaged: it cannot be unpacked. {ADVICE}") from None
    except OSError as error:
        raise unreadable(path, error) from None


def idx_bytes(array):
    """The bytes of a uint8 array in MNIST's own format, IDX: magic number, big-endian sizes, data."""
    return struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape) + array.tobytes()


def exists(path):
    """Whether the path exists. Raises DataError where one may not even look."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise unreadable(path, error) from None
    return True


def unreadable(path, error):
    """The DataError for a path that cannot be read."""
    return DataError(f"{path} cannot be read ({error.strerror}). Check its permissions and those of its folders.")
