"""PyTorch as most tutorials do it: a DataLoader over torchvision's MNIST with ToTensor."""

import os

import plain_loop
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor


def load(train_images, test_images, batch):
    """Open the same data as torchvision does."""
    global loader
    plain_loop.load(train_images, test_images, batch)
    loader = DataLoader(MNIST(os.environ["BENCHMARK_MNIST"], transform=ToTensor()), batch, shuffle=True)


class Network(plain_loop.Network):
    """The same network and steps, fed by the loader."""

    def epoch(self):
        """One pass over the training images."""
        for images, _ in loader:
            self.step(images.flatten(1))
