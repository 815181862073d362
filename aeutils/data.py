"""Sets of images in: MNIST digits, Fashion-MNIST, faces. All as float32 tensors (n, 1, height, width) in [0, 1].

Data sets are looked for in the folders that the environment variable AEUTILS_DATA names (separated as
in PATH), then in the project's data/ (installed packages: the user's data folder), then downloaded into it,
and when all that fails the smaller embedded subset is used. AEUTILS_DATA=embedded asks for the embedded subset
and nothing else.
"""

from dataclasses import dataclass
import hashlib
import os
import zlib

import numpy as np
import torch

from aeutils import mnist_files, workers
from aeutils.download import download
from aeutils.errors import DataError, check_whole_number
from aeutils.memory_map import as_floats, mapped
from aeutils.mnist_files import exists, unreadable
from aeutils.notebook import say
from aeutils.places import DATA, EMBEDDED, INSTALLED, from_user
from aeutils.sample_images import load_image, resize

HERE = str(DATA) if INSTALLED else "data/"
"""The folder for downloads, as we call it."""

WHOLE_MNIST = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
EMBEDDED_MNIST = {
    "train-images-idx3-ubyte": "ae62e89f9db7e57ecd24214988b77f52e246e9a5fc034700b33bef7782ec0b9a",
    "train-labels-idx1-ubyte": "e853eb76e6c5b10ae211fc219dd383f5669842cda18aa3f2c23da796996c686f",
    "t10k-images-idx3-ubyte": "4e8d1e4ac0e2c25bc13a95f530acde3e4bd4635e3d4d14fbe787d9888962261b",
    "t10k-labels-idx1-ubyte": "38be63f9a98949bec2fd01903dbbb6375ec5b981357121e109f77633dcd1ec14",
}
MNIST_COUNTS = {"whole": (60_000, 10_000), "embedded": (4_000, 1_000)}
"""Training and test images of each set; whole Fashion-MNIST has as many as whole MNIST."""
MNIST_BYTES_ON_DISK = 66_594_762
FASHION_MNIST = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
FASHION_BYTES_ON_DISK = 85_828_693
NO_DIGITS = {
    "train": ["astronaut", "brick", "camera", "cell", "coins", "grass"],
    "test": ["chelsea", "clock", "coffee", "gravel"],
}
"""Images from which the embedded stand-in for Fashion-MNIST is cut."""
OLIVETTI_PIXELS = "b119468c2f13775df12d3950e7c96644811647a6e10d30617777f245bf9b2f8b"
"""SHA-256 of the 400 x 4096 bytes; the file around them differs with the version that packed it."""
OLIVETTI_FILE = "olivetti_py3.pkz"
OLIVETTI_BYTES_ON_DISK = 4_277_698


@dataclass(frozen=True)
class LabelledImages:
    """Images of 28 x 28 pixels with labels, split for training and test.

    train_images, test_images: float32 (n, 1, 28, 28) in [0, 1]; train_labels, test_labels: int64 (n,).
    whole: True for the whole set, False for what is embedded in the course.
    source: one line that says which set this is and where it came from.
    """

    train_images: torch.Tensor
    train_labels: torch.Tensor
    test_images: torch.Tensor
    test_labels: torch.Tensor
    whole: bool
    source: str


class Digits(LabelledImages):
    """Handwritten digits: the 60,000 + 10,000 of MNIST or the embedded 4,000 + 1,000. Labels: 0 to 9."""


class Fashion(LabelledImages):
    """Articles of clothing: the 60,000 + 10,000 of Fashion-MNIST, labels 0 to 9; or what stands in for them.

    Embedded is no clothing, since nothing that the course installs carries any: 100 patches of each of the grey
    images named in NO_DIGITS, labelled by their image. Like clothing they are real, and no digits.
    """


@dataclass(frozen=True)
class Faces:
    """Images of people.

    images: float32 (n, 1, size, size) in [0, 1]; people: int64 (n,), the person on each image.
    whole: True for the 400 Olivetti faces (40 people, 10 images each), False for the embedded
    100 faces, whose people are not recorded: there every image counts as a person of its own.
    source: one line that says which set this is and where it came from.
    """

    images: torch.Tensor
    people: torch.Tensor
    whole: bool
    source: str


def load_mnist(train_count: int | None = None) -> Digits:
    """Load MNIST as Digits and print in one line which set it is.

    train_count: how many training images at most, the first ones; None for all. As float32 the 60,000 take up 188 MB.
    Raises DataError when AEUTILS_DATA names a folder that does not exist, or when a file that was
    found is incomplete or damaged; InputError for a train_count that is no whole number above 0.
    Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits.
    """
    if train_count is not None:
        train_count = check_whole_number("train_count", train_count, 1)
    arrays, origin = _find_labelled("MNIST", "MNIST", MNIST_BYTES_ON_DISK)
    if arrays is None:
        digits = _embedded_digits(origin, train_count)
    else:
        digits = _labelled(Digits, "MNIST, whole", arrays, origin, "MNIST", train_count)
    say(digits.source)
    return digits


def mnist_is_here() -> bool:
    """Whether load_mnist() has whole MNIST without a download."""
    if os.environ.get("AEUTILS_DATA") == "embedded":
        return False
    known = _known()
    return any(mnist_files.find(folder, "MNIST", known) for folder in [*_named_folders(), DATA])


def load_embedded_mnist(train_count: int | None = None) -> Digits:
    """The embedded subset of MNIST as load_mnist gives it, whatever AEUTILS_DATA says and without a word."""
    return _embedded_digits("as asked", train_count)


def load_fashion() -> Fashion:
    """Load Fashion-MNIST as Fashion and print in one line which set it is; embedded: patches of images instead.

    Raises DataError as load_mnist does.
    Source: Xiao, Rasul and Vollgraf, Fashion-MNIST, arXiv:1708.07747.
    """
    arrays, origin = _find_labelled("Fashion-MNIST", "FashionMNIST", FASHION_BYTES_ON_DISK)
    if arrays is None:
        patches = _patches("train") + _patches("test")
        fashion = _labelled(Fashion, "No clothing but embedded patches of grey images", patches, origin)
    else:
        fashion = _labelled(Fashion, "Fashion-MNIST, whole", arrays, origin, "FashionMNIST")
    say(fashion.source)
    return fashion


def _embedded_digits(origin, train_count=None):
    arrays = mnist_files.read(mnist_files.standard(EMBEDDED, "MNIST"), EMBEDDED_MNIST, MNIST_COUNTS["embedded"])
    return _labelled(Digits, "MNIST, embedded subset", arrays, origin, train_count=train_count)


def _labelled(kind, name, arrays, origin, product=None, train_count=None):
    """LabelledImages of a kind, from arrays of mnist_files.read. name, origin: what and from where, in words.

    product: which set it is if it is whole, None for what is embedded. train_count: how many of the training images,
    the first ones.
    """
    workers.start()
    train, train_labels, test, test_labels = arrays
    there = f"{len(train):,} training"
    if train_count and train_count < len(train):
        there = f"the first {train_count:,} of {there}"
    source = f"{name}: {there} and {len(test):,} test images, {origin}"
    if product:
        images = mapped(train, product, "train", train_count), mapped(test, product, "test")
    else:
        images = as_floats(train[:train_count]), as_floats(test)
    labels = [torch.from_numpy(each).long() for each in (train_labels[:train_count], test_labels)]
    return kind(images[0], labels[0], images[1], labels[1], product is not None, source)


def _patches(part):
    """uint8 arrays: patches (n, 28, 28) of the images in NO_DIGITS[part], 100 of each, and labels (n,)."""
    rows = [load_image(name, 280)[0, 0].unfold(0, 28, 28).unfold(1, 28, 28) for name in NO_DIGITS[part]]
    images = (torch.stack(rows).reshape(-1, 28, 28) * 255).round().byte().numpy()
    return [images, np.repeat(np.arange(len(rows)), 100)]


def load_faces(size: int = 64) -> Faces:
    """Load images of faces, size x size pixels, as Faces and print in one line which set it is.

    Raises DataError as load_mnist does, InputError for a size that is no whole number above 0.
    Source: the Olivetti faces, AT&T Laboratories Cambridge, through scikit-learn; embedded instead:
    the 100 faces of scikit-image's lfw_subset (25 x 25), taken from Labeled Faces in the Wild.
    """
    check_whole_number("size (the side of the image in pixels)", size, 1)
    found, origin = _find("Olivetti faces", OLIVETTI_FILE, OLIVETTI_BYTES_ON_DISK, _locate_olivetti, _read_olivetti)
    images, people = found or _read_embedded_faces()
    kind = "400 Olivetti images of 40 people" if found else "100 embedded images"
    source = f"Faces: {kind}, {origin}"
    say(source)
    images = resize(torch.from_numpy(images).float().unsqueeze(1), size)
    return Faces(images, torch.from_numpy(people), found is not None, source)


def _known():
    """{product: {name: SHA-256}} of the sets whose files have MNIST's names."""
    return {"MNIST": WHOLE_MNIST, "FashionMNIST": FASHION_MNIST}


def _find_labelled(name, product, size):
    """The uint8 arrays of whole MNIST or Fashion-MNIST, or None, and where they were found: see _find."""
    return _find(
        name,
        product,
        size,
        locate=lambda folder: mnist_files.find(folder, product, _known()),
        read=lambda files: mnist_files.read(files, _known()[product], MNIST_COUNTS["whole"]),
        refuse=lambda folder: mnist_files.refuse_similar(folder, product),
    )


def _find(name, product, size, locate, read, refuse=lambda folder: None):
    """What read makes of the first thing that is found, or None for the embedded subset; and where that is, in words.

    locate(folder): what the folder has of it, or None. read(found): raises DataError when that is damaged. Both get
    what is downloaded, too. refuse(folder): raises DataError when a folder of the user's only seems to have it.
    """
    if os.environ.get("AEUTILS_DATA") == "embedded":
        return None, "as AEUTILS_DATA=embedded asks"
    for folder in _named_folders():
        if found := locate(folder):
            return read(found), "from AEUTILS_DATA"
    if found := locate(DATA):
        return read(found), f"from {HERE}"
    named = list(_named_folders())
    for folder in named:
        refuse(folder)

    def verify(workplace):
        if not (found := locate(workplace)):
            raise DataError("nothing has arrived")
        read(found)

    try:
        download(name, DATA, product, size, verify)
    except DataError as error:
        return None, f"because {f'AEUTILS_DATA has no {name} and ' if named else ''}{error}"
    return read(locate(DATA)), f"downloaded into {HERE}"


def _named_folders():
    """The folders that AEUTILS_DATA names, one after the other. Raises DataError for what is none."""
    for part in filter(None, os.environ.get("AEUTILS_DATA", "").split(os.pathsep)):
        folder = from_user(part)
        if not exists(folder) or not folder.is_dir():
            fault = "is not a folder" if exists(folder) else "does not exist"
            raise DataError(
                f"AEUTILS_DATA names the folder {folder}, which {fault}. "
                "Correct the variable or unset it; AEUTILS_DATA=embedded takes the embedded subset."
            )
        yield folder


def _locate_olivetti(folder):
    path = folder / OLIVETTI_FILE
    return path if exists(path) else None


def _read_olivetti(path):
    """Images float32 (400, 64, 64) in [0, 1] and people int64 (400,). Raises DataError.

    The file is a pickle, packed by joblib. To load a pickle runs what it says, so we do not: it ends in the pixels and
    a full stop, and their checksum tells whether it does.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from None
    size = 400 * 4096
    try:
        unpacked = zlib.decompressobj().decompress(content, size + 10_000)
    except zlib.error:
        unpacked = b""
    pixels = unpacked[-size - 1 : -1]
    if hashlib.sha256(pixels).hexdigest() != OLIVETTI_PIXELS:
        raise DataError(
            f"{path} is damaged: it does not hold the 400 Olivetti faces ({len(content):,} bytes). "
            "Delete it to have it downloaded again, or copy it anew from a good source."
        )
    values = np.frombuffer(pixels, np.uint8).reshape(400, 64, 64).transpose(0, 2, 1).astype(np.float32)
    values -= values.min()
    return values / values.max(), np.repeat(np.arange(40), 10)


def _read_embedded_faces():
    """Images float32 (100, 25, 25) in [0, 1] and a person number int64 (100,) for each."""
    from skimage.data import lfw_subset

    return lfw_subset()[:100].astype(np.float32), np.arange(100)
