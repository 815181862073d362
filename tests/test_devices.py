"""Training and measuring on a graphics card, without one: PyTorch's fake tensors know where each tensor lies.

They compute nothing, so every number that is asked for is 0.5. An operation on tensors of two devices raises.
"""

import contextlib

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

import aeutils as ae

pytestmark = pytest.mark.data_free

SHAPE = (1, 8, 8)


def move(module, device=None, memory_format=None):
    """What Module.to does: fake parameters cannot be moved in place."""
    for part in module.modules():
        for name, parameter in part.named_parameters(recurse=False):
            setattr(part, name, torch.nn.Parameter(parameter.detach().to(device)))
    return module


def backward(error):
    """What Tensor.backward does, without its engine, which asks for a real card: a gradient for each parameter."""
    nodes = [error.grad_fn]
    while nodes:
        node = nodes.pop()
        if hasattr(node, "variable"):
            node.variable.grad = torch.zeros_like(node.variable)
        nodes += [following for following, _ in node.next_functions if following is not None]


@pytest.fixture(autouse=True)
def card(monkeypatch):
    """Within it there is a card named cuda, which holds and computes nothing."""
    monkeypatch.setattr(torch.Tensor, "item", lambda tensor: 0.5)
    monkeypatch.setattr(torch.Tensor, "__bool__", lambda tensor: True)
    monkeypatch.setattr(torch.Tensor, "backward", backward)
    monkeypatch.setattr(torch.nn.Module, "to", move)
    kept = []
    monkeypatch.setattr(torch.random, "fork_rng", lambda devices: kept.append(devices) or contextlib.nullcontext())
    with FakeTensorMode():
        yield kept


def images(device="cpu", count=9):
    return torch.rand(count, *SHAPE, device=device)


def models():
    return [
        ae.fully_connected(SHAPE, 3),
        ae.fully_connected(SHAPE, 3, 16),
        ae.convolutional(SHAPE, 3, (4,)),
    ]


def test_fake_tensors_know_where_they_lie():
    with pytest.raises(RuntimeError, match="on the same device"):
        images("cuda").index_select(0, torch.arange(3))


def own_loss(model, originals):
    return (model(originals + torch.randn_like(originals)) - originals).square().sum() / len(originals)


@pytest.mark.slow
@pytest.mark.parametrize("loss", [None, own_loss])
@pytest.mark.parametrize("held_out", [None, "cpu", "cuda"])
def test_fit_trains_on_the_card_and_brings_the_model_back(held_out, loss):
    for model in models():
        held = None if held_out is None else images(held_out, 4)
        history = ae.fit(model, images(), 2, held, batch_size=4, device="cuda", loss=loss)
        assert len(history.train_error) == 2
        assert {parameter.device.type for parameter in model.parameters()} == {"cpu"}


@pytest.mark.parametrize("where", ["cpu", "cuda"])
def test_fit_trains_where_the_model_is_wherever_the_images_lie(where):
    for model in models():
        move(model, "cuda")
        assert len(ae.fit(model, images(where), 1, images("cpu", 4), batch_size=4, loss=own_loss).train_error) == 1
        assert len(ae.fit(model, images(where), 1, images("cuda", 4), batch_size=4).train_error) == 1
        assert {parameter.device.type for parameter in model.parameters()} == {"cuda"}


def test_random_numbers_of_the_card_go_on_as_before_wherever_fit_uses_the_model(card):
    ae.fit(move(models()[0], "cuda"), images(), 1, images(), loss=own_loss)
    assert len(card) == 4 and all(device.type == "cuda" for devices in card for device in devices) and all(card)


@pytest.mark.parametrize("image_place", ["cpu", "cuda"])
@pytest.mark.parametrize("model_place", ["cpu", "cuda"])
def test_evaluate_measures_wherever_model_and_images_are(model_place, image_place):
    for model in models():
        assert ae.evaluate(move(model, model_place), images(image_place)) == 0.5


@pytest.mark.parametrize("other", ["cpu", "cuda"])
def test_metrics_measure_on_the_card_with_labels_and_test_images_anywhere(other):
    train, test, codes = images("cuda"), images(other, 4), torch.rand(9, 3, device="cuda")
    assert ae.reconstruction_error(train, train).device.type == "cuda"
    assert ae.pca_error([1, 2], train, test) == [0.5, 0.5]
    labels = torch.arange(9, device=other) % 2
    for measure in ("cosine", "euclidean"):
        assert ae.nearest_neighbour_accuracy(codes, labels, measure) == 0.5
