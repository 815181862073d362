"""The watcher of trainings: what it draws while people look, and the figure for those who could not."""

import importlib

import pytest
import torch

import aeutils as ae
from aeutils.widgets.watch_training import WatchPanel

EPOCHS = 3
MODULE = importlib.import_module("aeutils.widgets.watch_training")  # ae.widgets has a function of that name


@pytest.fixture
def model():
    ae.seed_everything(0)
    return ae.fully_connected((1, 28, 28), 5)


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, to somebody who looks."""
    things = []
    monkeypatch.setattr(MODULE, "is_still", lambda: False)
    monkeypatch.setattr(MODULE, "display", things.append)
    return things


def train(model, digits, **options):
    watch = ae.widgets.watch_training(digits.test_images[:1])
    history = ae.fit(model, digits.train_images[:500], EPOCHS, watch=watch, **options)
    return watch, history


def test_panel_is_shown_once_and_changes_with_every_epoch(model, digits, shown, monkeypatch):
    seen = []
    original = WatchPanel.show

    def show(panel, *arguments):
        original(panel, *arguments)
        seen.append((bytes(panel.reconstruction), tuple(panel.errors)))

    monkeypatch.setattr(WatchPanel, "show", show)
    watch, history = train(model, digits, held_out=digits.test_images)
    assert len(shown) == 1 and "image/png" not in shown[0]._repr_mimebundle_()[0], "drawing it takes an epoch's time"
    assert len(seen) == EPOCHS + 1
    for part in zip(*seen, strict=True):
        assert len(set(part)) == EPOCHS + 1
    assert seen[0][1] == () and seen[-1][1] == tuple(history.held_out_error)
    assert seen[-1][0] == watch.reconstructions[-1].numpy().tobytes()
    watch._ipython_display_()
    panel, figure = shown
    assert panel.reconstruction == seen[-1][0] and f"after epoch {EPOCHS}" in figure.description


def test_where_nobody_looks_it_is_a_figure(model, digits, monkeypatch):
    things = []
    monkeypatch.setattr(MODULE, "display", things.append)
    watch, _ = train(model, digits)
    assert things == []
    watch._ipython_display_()
    (figure,) = things
    assert isinstance(figure, ae.plots.Figure) and f"after epoch {EPOCHS}" in figure.description
    assert figure._png()[:4] == b"\x89PNG"


def test_without_held_out_images_the_curve_is_that_of_the_training_images(model, digits):
    watch, history = train(model, digits)
    assert watch.errors == history.train_error


def test_reconstructions_are_those_of_the_moment(model, digits):
    watch, _ = train(model, digits)
    assert len(watch.reconstructions) == EPOCHS + 1
    with torch.no_grad():
        assert torch.equal(watch.reconstructions[-1], model(digits.test_images[:1])[0])
    assert not torch.equal(watch.reconstructions[0], watch.reconstructions[-1])


def test_watching_changes_nothing_in_the_training(model, digits):
    _, history = train(model, digits)
    ae.seed_everything(0)
    again = ae.fully_connected((1, 28, 28), 5)
    assert ae.fit(again, digits.train_images[:500], EPOCHS).train_error == history.train_error


@pytest.mark.parametrize(
    "bad", [None, "digit", torch.zeros(1, 28, 28), torch.zeros(2, 1, 28, 28), torch.ones(1, 1, 4, 4) * 2]
)
def test_anything_but_one_image_is_a_clear_error(bad):
    with pytest.raises(ae.InputError, match=r"^image "):
        ae.widgets.watch_training(bad)
