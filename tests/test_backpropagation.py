"""aeutils.backpropagation: the gradients are those of autograd, and networks that need autograd get it."""

import copy
from functools import partial

import pytest
import torch
from torch import nn

import aeutils as ae
from aeutils import training
from aeutils.backpropagation import Backpropagation, plain_layers

pytestmark = pytest.mark.data_free

SHAPE = (1, 6, 5)


def network(*layers):
    """Layers between Flatten and Unflatten."""
    return nn.Sequential(nn.Flatten(), *layers, nn.Unflatten(1, SHAPE))


def plain_networks():
    ae.seed_everything(1)
    twice = nn.ReLU()
    return {
        "784-20-784, small": ae.fully_connected(SHAPE, 3),
        "deep": ae.fully_connected(SHAPE, 3, (20, 10)),
        "SiLU": network(nn.Linear(30, 9), nn.SiLU(), nn.Linear(9, 30), nn.Sigmoid()),
        "sigmoid in the middle": network(nn.Linear(30, 9), nn.Sigmoid(), nn.Linear(9, 30)),
        "one layer": network(nn.Linear(30, 30)),
        "one ReLU in two places": network(nn.Linear(30, 9), twice, nn.Linear(9, 30), twice),
        "nested": network(nn.Sequential(nn.Linear(30, 9), nn.Sequential(nn.ReLU())), nn.Linear(9, 30)),
    }


@pytest.mark.parametrize("name", plain_networks())
def test_gradients_and_error_are_those_of_autograd(name):
    model = plain_networks()[name]
    twin = copy.deepcopy(model)
    layers = plain_layers(model, SHAPE)
    for count in (7, 3):
        images = torch.rand(count, *SHAPE)
        twin.zero_grad()
        error = ae.reconstruction_error(twin(images), images)
        error.backward()
        by_hand = Backpropagation(layers, count)
        for _ in range(2):  # the second time it writes over what the first left
            assert by_hand(images).item() == pytest.approx(error.item(), rel=1e-5)
            for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
                torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", plain_networks())
def test_training_gives_the_numbers_of_autograd(name, monkeypatch):
    images, histories = torch.rand(50, *SHAPE), []
    for _ in range(2):
        model = plain_networks()[name]
        history = ae.fit(model, images, 3, held_out=images[:9], batch_size=16)
        histories.append([*history.train_error, *history.held_out_error, ae.evaluate(model, images)])
        monkeypatch.setattr(training, "plain_layers", lambda *_: None)
    assert histories[0] == pytest.approx(histories[1], rel=1e-5)


def test_fit_takes_the_written_out_step_for_a_plain_network_under_its_own_error_alone(monkeypatch):
    taken = []

    class Watched(Backpropagation):
        def __call__(self, images):
            taken.append(len(images))
            return super().__call__(images)

    monkeypatch.setattr(training, "Backpropagation", Watched)
    images = torch.rand(10, *SHAPE)
    ae.fit(ae.fully_connected(SHAPE, 3), images, 2, batch_size=4)
    assert taken == [4, 4, 2] * 2
    taken.clear()
    ae.fit(ae.fully_connected(SHAPE, 3), images, 1, loss=lambda model, batch: (model(batch) - batch).square().mean())
    ae.fit(ae.fully_connected(SHAPE, 3), images, 1, precision="bfloat16")
    with torch.autocast("cpu", torch.bfloat16):
        ae.fit(ae.fully_connected(SHAPE, 3), images, 1)
    ae.fit(ae.convolutional((1, 8, 8), 3), torch.rand(10, 1, 8, 8), 1)
    assert taken == []


def test_a_hook_set_while_training_goes_on_is_noticed_in_the_next_epoch():
    seen = []

    def watch(model, history):
        if len(history.train_error) == 1:
            model.encoder.register_forward_hook(lambda *_: seen.append(model.training))

    ae.fit(ae.fully_connected(SHAPE, 3), torch.rand(6, *SHAPE), 3, batch_size=3, watch=watch)
    assert seen == [True] * 4


def test_any_optimizer_gets_the_gradients():
    for optimizer in (partial(torch.optim.SGD, lr=1), torch.optim.AdamW):
        ae.seed_everything(0)
        history = ae.fit(ae.fully_connected(SHAPE, 3), torch.rand(20, *SHAPE), 9, optimizer=optimizer)
        assert history.train_error[-1] < history.train_error[0]


class Loud(nn.Linear):
    """A subclass that computes something else."""

    def forward(self, inputs):
        return 2 * super().forward(inputs)


class Backwards(ae.Autoencoder):
    """A subclass that computes something else."""

    def forward(self, images):
        return 1 - super().forward(images)


def changed(change):
    """A plain network after change(it)."""
    model = ae.fully_connected(SHAPE, 3, (9,))
    result = change(model)
    return result if isinstance(result, nn.Module) else model


def tie(model):
    model.encoder[3].weight = model.encoder[1].weight


def replace_forward(model):
    model.encoder[1].forward = lambda inputs: inputs[:, :9]


shared = nn.Linear(30, 30)
NEEDS_AUTOGRAD = {
    "forward hook": changed(lambda model: model.encoder[1].register_forward_hook(print)),
    "forward pre-hook": changed(lambda model: model.decoder.register_forward_pre_hook(print)),
    "backward hook": changed(lambda model: model.register_full_backward_hook(print)),
    "backward pre-hook": changed(lambda model: model.encoder[2].register_full_backward_pre_hook(print)),
    "hook on a weight": changed(lambda model: model.encoder[1].weight.register_hook(print)),
    "hook after a gradient": changed(lambda model: model.encoder[1].bias.register_post_accumulate_grad_hook(print)),
    "another forward": changed(replace_forward),
    "frozen encoder": changed(lambda model: model.encoder.requires_grad_(False)),
    "frozen bias": changed(lambda model: model.decoder[0].bias.requires_grad_(False)),
    "float64": changed(lambda model: model.double()),
    "another device": changed(lambda model: model.to("meta")),
    "weight norm": changed(lambda model: nn.utils.parametrizations.weight_norm(model.encoder[1])),
    "subclass of a layer": network(Loud(30, 30)),
    "subclass of Autoencoder": changed(lambda model: Backwards(model.encoder, model.decoder)),
    "dropout": network(nn.Linear(30, 30), nn.Dropout(0.5)),
    "no bias": network(nn.Linear(30, 30, bias=False)),
    "tied layers": network(shared, shared),
    "tied weights": changed(tie),
    "other Unflatten": nn.Sequential(nn.Flatten(), nn.Linear(30, 30), nn.Unflatten(1, (1, 5, 6))),
    "other Flatten": nn.Sequential(nn.Flatten(2), nn.Linear(30, 30), nn.Unflatten(2, SHAPE)),
    "no Flatten": nn.Sequential(nn.Linear(5, 5), nn.Sigmoid()),
    "ReLU with a threshold of its own": network(nn.Linear(30, 30), nn.Threshold(0.1, 20)),
    "two activations in a row": network(nn.Linear(30, 30), nn.ReLU(), nn.Sigmoid()),
    "activation first": network(nn.Sigmoid(), nn.Linear(30, 30)),
    "nothing between": network(),
    "nothing at all": nn.Sequential(),
    "a single layer": nn.Linear(3, 3),
}


@pytest.mark.parametrize("model", NEEDS_AUTOGRAD.values(), ids=NEEDS_AUTOGRAD)
def test_networks_that_need_autograd_are_left_to_it(model):
    assert plain_layers(model, SHAPE) is None


def test_a_hook_on_all_modules_is_noticed():
    model = ae.fully_connected(SHAPE, 3)
    assert plain_layers(model, SHAPE)
    hook = nn.modules.module.register_module_forward_hook(lambda *_: None)
    try:
        assert plain_layers(model, SHAPE) is None
    finally:
        hook.remove()
