"""How well scores tell anomalies from what is known."""

from dataclasses import dataclass

from aeutils.errors import InputError
import numpy as np
import torch


@dataclass(frozen=True)
class Roc:
    """A receiver operating characteristic: what each threshold would do, from the highest to the lowest.

    false_alarms, detections: shares (m,) of the known and of the anomalies that lie at or above thresholds (m,).
    area: under the curve; the chance that an anomaly scores higher than something known, where ties count half.
    """

    false_alarms: np.ndarray
    detections: np.ndarray
    thresholds: np.ndarray
    area: float


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
    false_alarms, detections = (
        (len(scores) - np.searchsorted(scores, thresholds)) / len(scores) for scores in (known, anomalies)
    )
    trapezoids = np.diff(false_alarms) * (detections[1:] + detections[:-1]) / 2
    return Roc(false_alarms, detections, thresholds, float(trapezoids.sum()))


def _check_scores(name, scores):
    """Raise InputError unless scores are finite floats (n,), at least one."""
    if not isinstance(scores, torch.Tensor):
        raise InputError(f"{name} is a {type(scores).__name__}; expected a tensor (n,) with a score for each picture")
    if scores.ndim != 1 or not scores.is_floating_point():
        given = f"{scores.dtype} of shape {tuple(scores.shape)}"
        raise InputError(f"{name} are {given}; expected floats (n,), one score for each picture")
    if len(scores) == 0:
        raise InputError(f"{name} are empty; a curve needs scores of both kinds, of what is known and of anomalies")
    if not scores.isfinite().all():
        raise InputError(f"{name} hold NaN or infinity; such a score is neither above nor below a threshold")
