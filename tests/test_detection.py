"""aeutils.metrics against counting by hand; scores that cannot work are refused."""

import numpy as np
import pytest
from sklearn.metrics import auc, roc_curve
import torch

import aeutils as ae

pytestmark = pytest.mark.data_free
KNOWN, STRANGE = torch.tensor([1.0, 2, 3, 4]), torch.tensor([3.5, 5, 0.5])


def test_curve_has_the_shares_that_lie_at_or_above_each_threshold():
    curve = ae.roc(KNOWN, STRANGE)
    assert np.all(np.diff(curve.thresholds) < 0)
    for threshold, fpr, tpr in zip(curve.thresholds, curve.fpr, curve.tpr, strict=True):
        assert fpr == pytest.approx((threshold <= KNOWN).float().mean().item())
        assert tpr == pytest.approx((threshold <= STRANGE).float().mean().item())
    assert (curve.fpr[0], curve.tpr[0]) == (0, 0)
    assert (curve.fpr[-1], curve.tpr[-1]) == (1, 1)


def test_area_is_the_chance_that_an_anomaly_scores_higher():
    generator = torch.Generator().manual_seed(0)
    known, anomalies = torch.randn(60, generator=generator), torch.randn(40, generator=generator) + 0.7
    pairs = (anomalies[:, None] > known).float().mean().item()
    assert ae.roc(known, anomalies).auc == pytest.approx(pairs)
    assert ae.roc(KNOWN, KNOWN.clone()).auc == pytest.approx(0.5)
    assert ae.roc(KNOWN, KNOWN + 9).auc == 1 and ae.roc(KNOWN + 9, KNOWN).auc == 0
    assert ae.roc(torch.ones(3), torch.ones(5)).auc == pytest.approx(0.5)


def test_curve_is_that_of_scikit_learn():
    generator = torch.Generator().manual_seed(1)
    known, anomalies = torch.randn(300, generator=generator).round(decimals=1), torch.randn(50, generator=generator) + 1
    curve = ae.roc(known, anomalies)
    theirs = roc_curve([0] * 300 + [1] * 50, torch.cat([known, anomalies]).numpy(), drop_intermediate=False)
    for ours, expected in zip((curve.fpr, curve.tpr, curve.thresholds), theirs, strict=True):
        np.testing.assert_allclose(ours, expected)
    assert curve.auc == pytest.approx(auc(*theirs[:2]))


@pytest.mark.parametrize(
    "scores, said",
    [
        (torch.zeros(0), "are empty"),
        ([1.0, 2.0], "is a list; expected a tensor"),
        (torch.rand(3, 1), r"of shape \(3, 1\); expected floats \(n,\)"),
        (torch.arange(3), "torch.int64"),
        (torch.tensor([1.0, torch.nan]), "NaN or infinity"),
        (torch.tensor([1.0, torch.inf]), "NaN or infinity"),
    ],
)
def test_scores_that_make_no_curve_are_refused(scores, said):
    with pytest.raises(ae.InputError, match=f"known .*{said}"):
        ae.roc(scores, STRANGE)
    with pytest.raises(ae.InputError, match=f"anomalies .*{said}"):
        ae.roc(KNOWN, scores)
