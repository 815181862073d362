"""How well an autoencoder does, in one measure: squared error summed over the pixels of an image."""

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from aeutils.errors import InputError, check_whole_number
import numpy as np
import torch
from torch import nn


def reconstruction_error(reconstructions, images):
    """The loss of the lecture: squared error summed over each image's pixels, averaged over the images.

    Both of shape (n, channels, height, width). Returns a tensor with one number, in squared pixel
    units, that gradients flow through. Raises InputError when the two shapes differ, or for bytes.
    """
    _check_numbers("images", images)
    if reconstructions.shape != images.shape:
        raise InputError(
            f"reconstructions have shape {tuple(reconstructions.shape)}, images {tuple(images.shape)}; "
            "they must be the same, or PyTorch would silently stretch one to fit the other"
        )
    return nn.functional.mse_loss(reconstructions, images, reduction="sum") / len(images)


def per_pixel_error(reconstructions, images):
    """The reconstruction error divided by the number of pixels of one image, in squared pixel units."""
    return reconstruction_error(reconstructions, images) / images[0].numel()


@contextmanager
def measuring(model):
    """Within it the model is in eval mode and follows no gradients; then each part has the mode it had before."""
    modes = {part: part.training for part in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, mode in modes.items():
            part.training = mode


def evaluate(model, images):
    """The reconstruction error of a model on images (n, channels, height, width), as a float.

    Nothing is trained, and the model is left in the mode (train or eval) that it was in.
    Raises InputError for images that the model cannot take, such as images in colour where it was built for grey.
    """
    with measuring(model):
        try:
            parts = [reconstruction_error(model(part), part).item() * len(part) for part in images.split(1000)]
        except RuntimeError as error:
            raise misfit("images", images, error) from None
    return sum(parts) / len(images)


def misfit(name, images, error):
    """The InputError for images (n, channels, height, width) at which a model stopped with an error."""
    shape, reason = tuple(images.shape[1:]), str(error).splitlines()[0]
    advice = "build the model for this image shape"
    if shape[:1] == (3,):
        advice += ", or make the images grey, with one channel: images.mean(1, keepdim=True)"
    return InputError(f"{name} of shape {shape} (channels, height, width) do not fit the model ({reason}); {advice}")


def pca_error(latent_size, train_images, test_images):
    """Reconstruction error of PCA with latent_size components, fitted on training images, on test images.

    No linear encoder and decoder do better on the training images, so it is the baseline that a
    nonlinear autoencoder has to get under. latent_size: a whole number or a list of them; 0 stands for the
    mean image. Images (n, channels, height, width). Returns a float, or a list of floats for a list.
    Raises InputError for a size below 0 or above the number of pixels or of training images, for bytes,
    and for test images of another shape.
    Source of the measure: Hinton and Salakhutdinov, Science 313 (2006), 13.87 for 30 components on MNIST.
    """
    many = isinstance(latent_size, Sequence) and not isinstance(latent_size, str)
    sizes = list(latent_size) if many else [latent_size]
    _check_pair(train_images, test_images)
    train, test = train_images.flatten(1), test_images.flatten(1)
    for size in sizes:
        check_whole_number("latent size", size, 0, min(train.shape))
    mean = train.mean(0)
    centred = train - mean
    components = torch.linalg.eigh((centred.T @ centred).double()).eigenvectors.flip(1)
    scores = (test - mean).double() @ components
    left_over = scores.square().sum() - scores.square().sum(0).cumsum(0)
    left_over = torch.cat([scores.square().sum()[None], left_over]) / len(test)
    baselines = [left_over[size].item() for size in sizes]
    return baselines if many else baselines[0]


def nearest_neighbour_accuracy(codes, labels, measure="cosine"):
    """Share of vectors whose nearest other vector carries the same label, a float from 0 to 1.

    codes: floats (n, d), one vector for each of n images (codes, or pixels: images.flatten(1)).
    labels: (n,), such as digits or people. measure: "cosine" (nearest is the highest cosine similarity;
    a vector of zeros has similarity 0 with all others) or "euclidean" (the shortest distance).
    No vector is its own neighbour; of several equally near the first counts.
    Memory grows with n, not with n squared. Raises InputError for another measure or shape, bytes, NaN or infinity.
    Source: leave-one-out error of the nearest-neighbour rule, Cover and Hart, IEEE Trans. Inf. Theory 13 (1967).
    """
    _check_labelled(codes, labels)
    if measure not in ("cosine", "euclidean"):
        raise InputError(f"measure is {measure!r}; expected 'cosine' or 'euclidean'")
    with torch.no_grad():
        vectors = nn.functional.normalize(codes, dim=1) if measure == "cosine" else codes - codes.mean(0)
        lengths = 0 if measure == "cosine" else vectors.square().sum(1)
        nearest = []
        for start in range(0, len(vectors), 1000):
            nearness = 2 * vectors[start : start + 1000] @ vectors.T - lengths  # orders as the measure does
            nearness[:, start:].fill_diagonal_(-torch.inf)  # not its own neighbour
            nearest.append(nearness.argmax(1))
        return (labels[torch.cat(nearest)] == labels).float().mean().item()


def linear_probe(codes, labels, test_codes, test_labels, per_class=10, draws=10):
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

    _check_labelled(codes, labels)
    _check_labelled(test_codes, test_labels)
    check_whole_number("per_class", per_class, 1)
    check_whole_number("draws", draws, 1)
    if codes.shape[1] != test_codes.shape[1]:
        raise InputError(f"codes have {codes.shape[1]} numbers, test_codes {test_codes.shape[1]}; expected as many")
    classes, counts = labels.unique(return_counts=True)
    if len(classes) < 2 or counts.min() < per_class:
        given = f"{len(classes)} classes, the smallest with {counts.min()} codes"
        raise InputError(f"the labels hold {given}; expected two classes or more, each with {per_class} or more codes")
    shares = []
    for draw in range(draws):
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(draw))
        chosen = torch.cat([order[labels[order] == each][:per_class] for each in classes])
        middle = codes[chosen].mean(0)
        size = (codes[chosen] - middle).square().sum(1).mean().sqrt().clamp(min=1e-12)
        known, unknown = (((part - middle) / size).detach().numpy() for part in (codes[chosen], test_codes))
        with threadpool_limits(1):  # shared out to threads, so small a fit takes up to ten times as long
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


def roc(known, anomalies):
    """The Roc of a detector that calls high scores anomalies.

    known, anomalies: the scores of what should and what should not pass, float tensors (n,) and (m,), neither empty.
    Raises InputError for scores of another shape, of one kind only, and for NaN or infinity.
    Source: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27 (2006).
    """
    for name, scores in (("known", known), ("anomalies", anomalies)):
        _check_scores(name, scores)
    known, anomalies = (np.sort(scores.detach().cpu().numpy()) for scores in (known, anomalies))
    thresholds = np.append(np.unique(np.append(known, anomalies)), np.inf)[::-1]
    fpr, tpr = ((len(scores) - np.searchsorted(scores, thresholds)) / len(scores) for scores in (known, anomalies))
    trapezoids = np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2
    return Roc(fpr, tpr, thresholds, float(trapezoids.sum()))


def _check_labelled(codes, labels):
    """Raise InputError unless codes are finite floats (n, d), n at least 2, with one label for each."""
    _check_numbers("codes", codes)
    if codes.ndim != 2 or len(codes) < 2 or labels.shape != codes.shape[:1]:
        shapes = f"codes have shape {tuple(codes.shape)}, labels {tuple(labels.shape)}"
        raise InputError(f"{shapes}; expected (n, d) and (n,) with n at least 2; images: use images.flatten(1)")
    if not codes.isfinite().all():
        raise InputError("codes hold NaN or infinity; nothing is near or far from that")


def _check_pair(train_images, test_images):
    """Raise InputError unless both are numbers, not bytes, and images of one shape."""
    _check_numbers("train_images", train_images)
    _check_numbers("test_images", test_images)
    if train_images.shape[1:] != test_images.shape[1:]:
        shapes = f"{tuple(train_images.shape[1:])} and {tuple(test_images.shape[1:])}"
        raise InputError(f"training and test images have the shapes {shapes}; expected images of one shape")


def _check_numbers(name, images):
    """Raise InputError for bytes: their squares do not fit a byte, and PyTorch would cut them off in silence."""
    if not images.is_floating_point():
        raise InputError(f"{name} are {images.dtype}; expected float32 in [0, 1]; bytes: use images.float() / 255")


def _check_scores(name, scores):
    """Raise InputError unless scores are finite floats (n,), at least one."""
    if not isinstance(scores, torch.Tensor):
        raise InputError(f"{name} is a {type(scores).__name__}; expected a tensor (n,) with a score for each image")
    if scores.ndim != 1 or not scores.is_floating_point():
        given = f"{scores.dtype} of shape {tuple(scores.shape)}"
        raise InputError(f"{name} are {given}; expected floats (n,), one score for each image")
    if len(scores) == 0:
        raise InputError(f"{name} are empty; a curve needs scores of both kinds, of what is known and of anomalies")
    if not scores.isfinite().all():
        raise InputError(f"{name} hold NaN or infinity; such a score is neither above nor below a threshold")
