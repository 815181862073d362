"""A jury of classifiers that says whether an image is a digit. Notebook 11 writes it out, and tests it."""

import numpy as np
import torch
from torch import nn

from aeutils.optimizers import Adam, one_cycle
from aeutils.training import seed_everything
from aeutils.validation import as_images, check_labels, check_settings

SURE = 0.9
"""The probability from which on an image counts as a digit."""


class Jury:
    """Three classifiers for digits that differ only in their seed; their probabilities are averaged.

    images: float32 (n, 1, height, width) in [0, 1]. labels: int64 (n,), from 0 to 9. Each classifier has one hidden
    layer of 128 units and is trained with cross-entropy and Adam for these epochs. judges: the three, such that
    judges[0][:3](images) are the hidden activations (m, 128) of the first. Raises InputError for what ae.fit refuses,
    and for labels that are not one digit for each image.
    Source: Lakshminarayanan and others, Simple and scalable predictive uncertainty estimation using deep ensembles,
    arXiv:1612.01474.
    """

    def __init__(
        self,
        images: torch.Tensor | np.ndarray,
        labels: torch.Tensor,
        epochs: int,
        batch_size: int,
        learning_rate: float = 0.003,
    ) -> None:
        images = as_images("images", images)
        check_labels(labels, images)
        epochs, batch_size, _ = check_settings(epochs, batch_size, learning_rate, 0, None, one_cycle, "auto")
        self.judges = [_classifier(images, labels, epochs, batch_size, learning_rate, seed) for seed in range(3)]

    def verdict(self, images: torch.Tensor) -> torch.Tensor:
        """Probabilities (m, 10) of the ten digits for images (m, 1, height, width), averaged over the judges."""
        with torch.no_grad():
            return torch.stack([judge(images).softmax(1) for judge in self.judges]).mean(0)

    def accepted(self, images: torch.Tensor) -> float:
        """The share, from 0 to 1, of images that count as a digit: of one class with a probability of at least 0.9."""
        return (self.verdict(images).amax(1) >= SURE).float().mean().item()


def _classifier(
    images: torch.Tensor, labels: torch.Tensor, epochs: int, batch_size: int, learning_rate: float, seed: int
) -> nn.Sequential:
    """A trained classifier for digits."""
    seed_everything(seed)
    classifier = nn.Sequential(nn.Flatten(), nn.Linear(images[0].numel(), 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = Adam(classifier.parameters(), betas=(0.9, 0.999))
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(batch_size):
            loss = nn.functional.cross_entropy(classifier(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step(learning_rate)
    return classifier
