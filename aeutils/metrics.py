"""How well an autoencoder does, in one measure: squared error summed over the pixels of an image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import torch
from torch import nn

from aeutils.errors import InputError, check_whole_number
from aeutils.models import measuring
from aeutils.validation import as_floats, as_images, as_labelled, as_pair, as_scores, check_module, reconstruct

Array = torch.Tensor | np.ndarray
PART = 1000
"""Images that are measured at once, since what is computed from all of them would take up more memory than they do."""


def reconstruction_error(reconstructions: Array, images: Array) -> torch.Tensor:
    """The loss of the lecture: squared error summed over each image's pixels, averaged over the images.

    Both of shape (n, channels, height, width). Returns a tensor with one number, in squared pixel
    units, that gradients flow through. Raises InputError when the two shapes differ, for bytes and for no images.
    """
    images, reconstructions = as_floats("images", images), as_floats("reconstructions", reconstructions)
    if reconstructions.shape != images.shape:
        raise InputError(
            f"reconstructions have shape {tuple(reconstructions.shape)}, images {tuple(images.shape)}; "
            "they must be the same, or PyTorch would silently stretch one to fit the other"
        )
    return nn.functional.mse_loss(reconstructions, images, reduction="sum") / len(images)


def per_pixel_error(reconstructions: Array, images: Array) -> torch.Tensor:
    """The reconstruction error divided by the number of pixels of one image, in squared pixel units."""
    error = reconstruction_error(reconstructions, images)
    return error / (images.size // len(images) if isinstance(images, np.ndarray) else images[0].numel())


def evaluate(model: nn.Module, images: Array) -> float:
    """The reconstruction error of a model on images (n, channels, height, width) in [0, 1], as a float.

    Nothing is trained, and the model is left in the mode (train or eval) that it was in. Images may be a NumPy array,
    and lie on another device than the model. Raises InputError for what ae.fit refuses, too: other kinds of numbers,
    and images that the model cannot take, such as images in colour where it was built for grey.
    """
    check_module(model)
    images, total = as_images("images", images), 0
    with measuring(model):
        for part in images.split(PART):
            total += reconstruction_error(reconstruct("images", part, model), part).item() * len(part)
    return total / len(images)


@overload
def pca_error(latent_size: int, train_images: Array, test_images: Array) -> float: ...


@overload
def pca_error(latent_size: Sequence[int], train_images: Array, test_images: Array) -> list[float]: ...


def pca_error(latent_size, train_images, test_images):
    """Reconstruction error of PCA with latent_size components, fitted on training images, on test images.

    No linear encoder and decoder do better on the training images, so it is the baseline that a
    nonlinear autoencoder has to get under. latent_size: a whole number or a list of them; 0 stands for the
    mean image. Images (n, channels, height, width). Returns a float, or a list of floats for a list.
    Raises InputError for a size below 0 or above the number of pixels or of training images, for bytes,
    and for test images of another shape.
    Source of the measure: Hinton and Salakhutdinov, Science 313 (2006), 13.87 for 30 components on MNIST.
    """
    many = isinstance(latent_size, Sequence | np.ndarray) and not isinstance(latent_size, str)
    sizes = list(latent_size) if many else [latent_size]
    train, test = (images.flatten(1) for images in as_pair(train_images, test_images))
    for size in sizes:
        check_whole_number("latent size", size, 0, min(train.shape))
    mean = train.mean(0)
    axes, captured, whole = components(train, mean), 0, 0
    for part in test.split(PART):
        rest = (part - mean).double()
        captured += (rest @ axes).square().sum(0)
        whole += rest.square().sum()
    left_over = (whole - torch.nn.functional.pad(captured.cumsum(0), (1, 0))) / len(test)
    baselines = [left_over[size].item() for size in sizes]
    return baselines if many else baselines[0]


def components(rows, mean):
    """Principal components (d, m) of rows (n, d) with this mean (d,), that of the largest variance first, in float64.

    From the smaller of two square matrices with the same eigenvalues: d x d, or, where there are fewer rows than
    columns, n x n, whose eigenvectors say how much of each row makes a component.
    """
    count, width = rows.shape
    if count >= width:
        products = 0
        for part in rows.split(PART):
            centred = part - mean
            products += (centred.T @ centred).double()
        return torch.linalg.eigh(products).eigenvectors.flip(1)
    centred = rows - mean
    values, shares = torch.linalg.eigh((centred @ centred.T).double())
    real = values > 1e-6 * values[-1]  # n rows about their mean have n - 1 directions at most; the others are rounding
    return centred.double().T @ (shares * values.rsqrt().where(real, 0)).flip(1)


def nearest_neighbour_accuracy(codes: Array, labels: Array, measure: str = "cosine") -> float:
    """Share of vectors whose nearest other vector carries the same label, a float from 0 to 1.

    codes: floats (n, d), one vector for each of n images (codes, or pixels: images.flatten(1)).
    labels: (n,), such as digits or people. measure: "cosine" (nearest is the highest cosine similarity;
    a vector of zeros has similarity 0 with all others) or "euclidean" (the shortest distance).
    No vector is its own neighbour; of several equally near the first counts.
    Memory grows with n, not with n squared. Raises InputError for another measure or shape, bytes, NaN or infinity.
    Source: leave-one-out error of the nearest-neighbour rule, Cover and Hart, IEEE Trans. Inf. Theory 13 (1967).
    """
    codes, labels = as_labelled(codes, labels)
    if measure not in ("cosine", "euclidean"):
        raise InputError(f"measure is {measure!r}; expected 'cosine' or 'euclidean'")
    with torch.no_grad():
        vectors = nn.functional.normalize(codes, dim=1) if measure == "cosine" else codes - codes.mean(0)
        lengths = 0 if measure == "cosine" else vectors.square().sum(1)
        nearest = []
        for start in range(0, len(vectors), PART):
            nearness = (2 * vectors[start : start + PART] @ vectors.T).sub_(lengths)  # orders as the measure does
            nearness[:, start:].fill_diagonal_(-torch.inf)  # not its own neighbour
            nearest.append(nearness.argmax(1))
        return (labels[torch.cat(nearest)] == labels).float().mean().item()


def linear_probe(
    codes: Array, labels: Array, test_codes: Array, test_labels: Array, per_class: int = 10, draws: int = 10
) -> torch.Tensor:
    """What codes are good for: the share of right answers of a linear classifier that learned from few of them.

    codes (n, d), labels (n,): from which per_class of each class are drawn at random. Logistic regression learns from
    those alone, and answers for all test_codes (m, d). Returns the shares of right answers, from 0 to 1, as a float
    tensor (draws,). The draws are the same whenever the labels are, so two kinds of codes can be compared draw by
    draw. All codes are moved and scaled alike, so that those drawn lie about 0 at a mean squared distance of 1: else
    the penalty on the classifier's weights would prefer codes of large numbers.
    Raises InputError for other shapes, bytes, NaN or infinity, numbers below 1, and fewer of a class than per_class.
    Source: Alain and Bengio, Understanding intermediate layers using linear classifier probes, arXiv:1610.01644.
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    codes, labels, test_codes, test_labels = (
        part.cpu() for part in (*as_labelled(codes, labels), *as_labelled(test_codes, test_labels))
    )
    check_whole_number("per_class", per_class, 1)
    check_whole_number("draws", draws, 1)
    if codes.shape[1] != test_codes.shape[1]:
        raise InputError(f"codes have {codes.shape[1]} numbers, test_codes {test_codes.shape[1]}; expected as many")
    classes, counts = labels.unique(return_counts=True)
    if len(classes) < 2 or counts.min() < per_class:
        given = f"{len(classes)} classes, the smallest with {counts.min()} codes"
        raise InputError(f"the labels hold {given}; expected two classes or more, each with {per_class} or more codes")
    shares = []
    with threadpool_limits(1):  # shared out to threads, so small a fit takes up to ten times as long
        for draw in range(draws):
            order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(draw))
            chosen = torch.cat([order[labels[order] == each][:per_class] for each in classes])
            middle = codes[chosen].mean(0)
            size = (codes[chosen] - middle).square().sum(1).mean().sqrt().clamp(min=1e-12)
            known, unknown = (((part - middle) / size).numpy() for part in (codes[chosen], test_codes))
            probe = LogisticRegression(C=10, max_iter=1000).fit(known, labels[chosen].numpy())
            shares.append((probe.predict(unknown) == test_labels.numpy()).mean())
    return torch.tensor(shares, dtype=torch.float32)


@dataclass(frozen=True)
class Roc:
    """A receiver operating characteristic: what each threshold would do, from the highest to the lowest.

    fpr, tpr: false and true positive rates (m,), the shares of known and anomalous scores at or above thresholds (m,).
    auc: area under the curve; the chance that an anomaly scores higher than something known, where ties count half.
    """

    fpr: np.ndarray
    tpr: np.ndarray
    thresholds: np.ndarray
    auc: float


def roc(known: Array, anomalies: Array) -> Roc:
    """The Roc of a detector that calls high scores anomalies.

    known, anomalies: the scores of what should and what should not pass, float tensors (n,) and (m,), neither empty.
    Raises InputError for scores of another shape, of one kind only, and for NaN or infinity.
    Source: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27 (2006).
    """
    known, anomalies = as_scores("known", known), as_scores("anomalies", anomalies)
    thresholds = np.append(np.unique(np.append(known, anomalies)), np.inf)[::-1]
    fpr, tpr = ((len(scores) - np.searchsorted(scores, thresholds)) / len(scores) for scores in (known, anomalies))
    trapezoids = np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2
    return Roc(fpr, tpr, thresholds, float(trapezoids.sum()))
