"""aeutils.training: fit trains, repeats itself, and says clearly what it cannot work with."""

import copy
import math
import random
import time

import numpy as np
import pytest
import torch
from torch import nn

import aeutils as ae

SHAPE = (1, 28, 28)
EPOCHS = 3


@pytest.fixture
def images(digits):
    """300 digits: with batches of 128 three steps an epoch, the last one smaller."""
    return digits.train_images[:300]


@pytest.fixture
def model():
    """A small autoencoder with the same first weights in every test."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return ae.fully_connected(SHAPE, 5)


def weights_of(model):
    return copy.deepcopy(model.state_dict())


def assert_same_weights(model, weights):
    for name, values in model.state_dict().items():
        assert torch.equal(values, weights[name]), name


# training


def test_error_falls_and_history_has_one_entry_per_epoch(model, images, digits):
    before = ae.evaluate(model, digits.test_images)
    history = ae.fit(model, images, epochs=8, held_out=digits.test_images)
    assert len(history.train_error) == len(history.held_out_error) == len(history.seconds) == 8
    assert history.train_error[-1] < history.train_error[0]
    assert history.held_out_error[-1] < 0.7 * before
    assert all(seconds > 0 for seconds in history.seconds)
    assert not history.interrupted


def test_held_out_error_is_measured_after_the_epoch(model, images, digits):
    history = ae.fit(model, images, EPOCHS, held_out=digits.test_images)
    assert history.held_out_error[-1] == ae.evaluate(model, digits.test_images)


def test_without_held_out_images_nothing_is_measured_on_them(model, images):
    assert ae.fit(model, images, EPOCHS).held_out_error == []


def test_train_error_is_the_mean_over_the_images_while_the_weights_move(model, images):
    """With a learning rate too small to matter it is the error of the untrained model, odd last batch included."""
    expected = ae.evaluate(model, images)
    assert ae.fit(model, images, 1, learning_rate=1e-12).train_error[0] == pytest.approx(expected, rel=1e-5)


def test_same_seed_gives_exactly_the_same_run(model, images, digits):
    twin = copy.deepcopy(model)
    first, second = (ae.fit(each, images, EPOCHS, held_out=digits.test_images, seed=4) for each in (model, twin))
    assert first.train_error == second.train_error
    assert first.held_out_error == second.held_out_error
    assert_same_weights(model, twin.state_dict())


def test_another_seed_gives_another_run(model, images):
    twin = copy.deepcopy(model)
    assert ae.fit(model, images, EPOCHS, seed=1).train_error != ae.fit(twin, images, EPOCHS, seed=2).train_error


def test_held_out_images_are_not_trained_on(model, images, digits):
    twin = copy.deepcopy(model)
    with_them = ae.fit(model, images, EPOCHS, held_out=digits.test_images)
    without = ae.fit(twin, images, EPOCHS)
    assert with_them.train_error == without.train_error
    assert_same_weights(model, twin.state_dict())


def test_every_image_is_seen_once_in_every_epoch_and_in_another_order(model, images):
    seen = []
    model.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]) if module.training else None)
    ae.fit(model, images, 2, batch_size=100)
    assert [len(batch) for batch in seen] == [100] * 6
    first, second = torch.cat(seen[:3]), torch.cat(seen[3:])
    assert not torch.equal(first, second)
    for epoch in (first, second):
        assert sorted(epoch.sum((1, 2, 3)).tolist()) == sorted(images.sum((1, 2, 3)).tolist())


def test_images_are_left_as_they_were(model, images):
    before = images.clone()
    ae.fit(model, images, 1)
    assert torch.equal(images, before)


def test_random_state_of_the_program_is_not_touched(model, images, digits):
    ae.seed_everything(3)
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    ae.fit(model, images, EPOCHS, held_out=digits.test_images)
    assert (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()) == before


def test_model_is_ready_to_use_afterwards(model, images):
    ae.fit(model, images, 1)
    assert not model.training
    assert model(images[:2]).shape == (2, *SHAPE)


@pytest.mark.parametrize("count, batch_size", [(1, 128), (300, 1000), (5, 1), (129, 128)])
def test_any_number_of_images_and_any_batch_size_will_do(count, batch_size, model, images):
    assert len(ae.fit(model, images[:count], 2, batch_size=batch_size).train_error) == 2


def test_watcher_sees_the_model_before_the_first_epoch_and_after_each(model, images, digits):
    seen = []

    def watch(watched, history):
        seen.append((watched is model, list(history.held_out_error), ae.evaluate(model, digits.test_images)))

    history = ae.fit(model, images, EPOCHS, held_out=digits.test_images, watch=watch)
    assert [epochs for _, epochs, _ in seen] == [history.held_out_error[:done] for done in range(EPOCHS + 1)]
    assert all(same for same, _, _ in seen)
    assert [error for _, _, error in seen[1:]] == history.held_out_error


@pytest.mark.slow
def test_what_a_watcher_takes_is_not_training_time(model, images):
    start = time.perf_counter()
    history = ae.fit(model, images, 2, watch=lambda *_: time.sleep(0.5))
    assert time.perf_counter() - start - sum(history.seconds) > 1.5


def noisy(model, originals):
    """A loss that draws random numbers."""
    return ae.reconstruction_error(model(originals + 0.3 * torch.randn_like(originals)), originals)


def test_a_loss_of_ones_own_is_what_training_makes_small(model, images):
    twin = copy.deepcopy(model)
    ae.fit(model, images, EPOCHS)
    history = ae.fit(twin, images, EPOCHS, loss=lambda model, originals: model.encoder(originals).square().mean())
    assert history.train_error[-1] < history.train_error[0]
    assert twin.encoder(images).square().mean() < model.encoder(images).square().mean()


def test_a_loss_that_draws_repeats_with_the_seed_and_leaves_the_random_state_alone(model, images):
    runs = []
    for seed, burn in [(3, 0), (3, 9), (4, 0)]:
        ae.seed_everything(burn)
        before = torch.get_rng_state()
        runs.append(ae.fit(copy.deepcopy(model), images, EPOCHS, seed=seed, loss=noisy).train_error)
        assert torch.equal(before, torch.get_rng_state())
    assert runs[0] == runs[1] != runs[2]


def test_a_loss_of_ones_own_may_give_the_model_some_of_the_channels_only(images):
    """As in notebook 10: luma in, chroma out."""
    model = nn.Conv2d(1, 2, 1)

    def loss(model, originals):
        return (model(originals[:, :1]) - originals[:, 1:]).square().sum() / len(originals)

    history = ae.fit(model, images.expand(-1, 3, -1, -1).contiguous(), EPOCHS, loss=loss)
    assert history.train_error[-1] < history.train_error[0]


def test_a_loss_of_ones_own_may_go_with_a_model_that_changes_the_shape(images):
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 3))

    def loss(model, originals):
        return (model(originals) - 1).square().mean()

    history = ae.fit(encoder, images, 8, learning_rate=0.001, loss=loss)
    assert history.train_error[-1] < history.train_error[0]


BAD_LOSSES = {
    "no function": (7, "loss is 7; expected a function"),
    "takes one argument": (lambda model: model, "loss(model, originals) stopped"),
    "raises": (
        lambda model, originals: model(originals) @ originals[0, 0, 0, :3],
        "stopped at originals of shape (2, 1",
    ),
    "one for each image": (lambda model, originals: model(originals).sum((1, 2, 3)), "a tensor of shape (2,)"),
    "no tensor": (lambda model, originals: 3.5, "gave 3.5; expected a tensor"),
    "no gradient": (lambda model, originals: model(originals).detach().sum(), "a gradient"),
}


@pytest.mark.parametrize("loss, words", BAD_LOSSES.values(), ids=BAD_LOSSES)
def test_a_loss_that_cannot_work_is_refused_with_advice(loss, words, model, images):
    weights = weights_of(model)
    with pytest.raises(ae.InputError) as caught:
        ae.fit(model, images, 1, loss=loss)
    assert words in str(caught.value)
    assert_same_weights(model, weights)
    assert model.training


@pytest.mark.parametrize("precision", ["auto", "float32", "bfloat16"])
def test_same_seed_gives_exactly_the_same_run_in_each_precision(precision, model, images):
    runs = [ae.fit(copy.deepcopy(model), images, EPOCHS, precision=precision).train_error for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0][-1] < runs[0][0]


def test_bfloat16_computes_with_shorter_numbers_and_keeps_the_weights_whole(model, images):
    twin = copy.deepcopy(model)
    exact, short = ae.fit(model, images, 8), ae.fit(twin, images, 8, precision="bfloat16")
    assert exact.train_error != short.train_error
    assert short.train_error[-1] == pytest.approx(exact.train_error[-1], rel=0.02)
    assert all(parameter.dtype == torch.float32 for parameter in twin.parameters())


def test_device_may_be_named(model, images):
    twin = copy.deepcopy(model)
    assert ae.fit(model, images, 1).train_error == ae.fit(twin, images, 1, device="cpu").train_error


@pytest.mark.parametrize("device", ["cuda:99", "tpu", 7.5, "mps"])
def test_device_that_is_not_there_is_refused_with_advice(device, model, images):
    if device == "mps" and torch.backends.mps.is_available():
        device = "mps:7"
    with pytest.raises(ae.InputError) as caught:
        ae.fit(model, images, 1, device=device)
    assert repr(device) in str(caught.value) and "'cuda' where there is" in str(caught.value)
    assert model.training


def test_unknown_precision_is_refused(model, images):
    with pytest.raises(ae.InputError, match="precision is 'half'; expected one of 'auto', 'float32', 'bfloat16'"):
        ae.fit(model, images, 1, precision="half")


def test_no_step_waits_for_a_number(model, images, monkeypatch):
    """On a GPU each .item() would stop the training until the step is done: one for the mean error of an epoch."""
    asked, item = [], torch.Tensor.item
    monkeypatch.setattr(torch.Tensor, "item", lambda tensor: asked.append(tensor) or item(tensor))
    counts = []
    for batch_size in (100, 10):
        asked.clear()
        ae.fit(model, images, 1, batch_size=batch_size)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_seed_everything_makes_every_generator_repeat():
    draws = []
    for _ in range(2):
        ae.seed_everything(7)
        draws.append((random.random(), np.random.rand(), torch.rand(1).item()))
    assert draws[0] == draws[1]
    ae.seed_everything(8)
    assert draws[0] != (random.random(), np.random.rand(), torch.rand(1).item())


def test_progress_bar_is_drawn_for_people(model, images, digits, monkeypatch, capsys):
    monkeypatch.delenv("CI", raising=False)
    history = ae.fit(model, images, EPOCHS, held_out=digits.test_images)
    shown = capsys.readouterr().err
    assert "Training" in shown and f"{EPOCHS}/{EPOCHS}" in shown
    assert f"training error {history.train_error[-1]:.2f}" in shown
    assert f"held-out error {history.held_out_error[-1]:.2f}" in shown


def test_training_is_quiet_in_ci(model, images, monkeypatch, capsys):
    monkeypatch.setenv("CI", "true")
    ae.fit(model, images, EPOCHS)
    assert capsys.readouterr() == ("", "")


# images that cannot work


def with_value(value):
    def change(images):
        images = images.clone()
        images[1, 0, 2, 3] = value
        return images

    return change


BAD_IMAGES = {
    "bytes": (lambda images: (images * 255).byte(), ["uint8", "/ 255"]),
    "floats up to 255": (lambda images: images * 255, ["from 0 to 255", "[0, 1]", "divide by 255"]),
    "below 0": (with_value(-0.5), ["from -0.5 to 1", "[0, 1]"]),
    "just above 1": (with_value(1.01), ["1.01", "[0, 1]"]),
    "NaN": (with_value(math.nan), ["NaN", "division by zero"]),
    "infinity": (with_value(math.inf), ["inf", "[0, 1]"]),
    "float64": (lambda images: images.double(), ["float64", "images.float()"]),
    "whole numbers": (lambda images: images.long(), ["int64", "images.float()"]),
    "one image": (lambda images: images[0], ["(1, 28, 28)", "(n, channels, height, width)"]),
    "flat": (lambda images: images.flatten(1), ["784", "(n, channels, height, width)"]),
    "none at all": (lambda images: images[:0], ["(0, 1, 28, 28)", "n > 0"]),
    "list": (list, ["list", "tensor"]),
    "in colour": (lambda images: images.expand(-1, 3, -1, -1), ["(3, 28, 28)", "images.mean(1, keepdim=True)"]),
    "other size": (lambda images: images[..., :-1], ["(1, 28, 27)", "do not fit the model"]),
}


@pytest.mark.parametrize("held_out", [False, True], ids=["images", "held_out"])
@pytest.mark.parametrize("change, words", BAD_IMAGES.values(), ids=BAD_IMAGES)
def test_images_that_cannot_work_are_refused_with_advice(change, words, held_out, model, images):
    weights, bad = weights_of(model), change(images)
    with pytest.raises(ae.InputError) as caught:
        ae.fit(model, *((images, 1, bad) if held_out else (bad, 1)))
    message = str(caught.value)
    assert message.startswith("held_out" if held_out else "images")
    for word in words:
        assert word in message
    assert_same_weights(model, weights)
    assert model.training, "a refused model is left in the mode it was in"


class Pair(nn.Linear):
    """A model that returns more than a reconstruction."""

    def forward(self, images):
        return images, images


BAD_MODELS = {
    "changes the shape": (nn.Conv2d(1, 1, 3), "(1, 1, 28, 28) into (1, 1, 26, 26)"),
    "returns a tuple": (Pair(1, 1), "a tuple"),
    "wants other channels": (nn.Conv2d(3, 3, 1), "do not fit the model"),
    "raises a ValueError": (nn.Sequential(nn.Flatten(), nn.BatchNorm2d(1)), "do not fit the model"),
    "has nothing to train": (nn.Identity(), "no parameters"),
    "is frozen": (nn.Conv2d(1, 1, 1).requires_grad_(False), "no parameters"),
    "is no model": ("autoencoder", "model is a str"),
    "is a class": (ae.Autoencoder, "model is a type"),
}


@pytest.mark.parametrize("bad, words", BAD_MODELS.values(), ids=BAD_MODELS)
def test_model_that_is_no_autoencoder_of_these_images_is_refused(bad, words, images):
    with pytest.raises(ae.InputError) as caught:
        ae.fit(bad, images, 1)
    assert words in str(caught.value)


def test_image_of_another_size_gets_one_sentence_and_no_stack_of_pytorch(images):
    with pytest.raises(ae.InputError) as caught:
        ae.fit(ae.fully_connected((1, 10, 10), 5), images, 1)
    assert "build the model for this image shape" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


@pytest.mark.parametrize(
    "name, values",
    [
        ("epochs", [0, -1, "3", 2.5, None, True]),
        ("batch_size", [0, -1, "128", 1.5, None, True]),
        ("learning_rate", [0, -0.1, math.nan, math.inf, "0.01", None, True]),
        ("seed", [-1, "0", 1.5, None]),
        ("watch", ["curve", 3, True]),
    ],
)
def test_impossible_setting_is_refused_by_name_and_value(name, values, model, images):
    for value in values:
        with pytest.raises(ae.InputError) as caught:
            ae.fit(model, images, **{"epochs": 1, name: value})
        assert str(caught.value).startswith(f"{name} is {value!r}; expected")


@pytest.mark.parametrize("value", [-1, "1", 1.5, 2**32])
def test_impossible_seed_is_refused_by_value(value):
    with pytest.raises(ae.InputError, match="seed is"):
        ae.seed_everything(value)


# accidents


def linear_autoencoder():
    """Without a sigmoid nothing keeps its output in bounds."""
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 5))
    return ae.Autoencoder(encoder, nn.Sequential(nn.Linear(5, 784), nn.Unflatten(1, SHAPE)))


@pytest.mark.parametrize("learning_rate", [1e10, 1e30])
def test_error_that_explodes_stops_training_and_restores_the_weights(learning_rate, images):
    model = linear_autoencoder()
    weights = weights_of(model)
    with pytest.raises(ae.TrainingError) as caught:
        ae.fit(model, images, 5, learning_rate=learning_rate)
    for words in ("epoch 1", f"learning_rate is {learning_rate}", f"try {learning_rate / 10:g}"):
        assert words in str(caught.value)
    assert_same_weights(model, weights)
    assert not model.training


def test_weights_that_explode_in_the_last_step_of_an_epoch_are_noticed(model, images):
    """The loss of that step is still a number, because it was taken before."""
    weights = weights_of(model)
    with pytest.raises(ae.TrainingError, match="epoch 1"):
        ae.fit(model, images, 1, batch_size=len(images), learning_rate=1e45)
    assert_same_weights(model, weights)


def test_weights_go_back_to_the_last_good_epoch(model, images):
    steps, good = [], []

    def explode_in_the_second_epoch(module, inputs, output):
        if not module.training:
            return None
        steps.append(len(inputs[0]))
        if len(steps) == 4:
            good.append(weights_of(module))
        return output * math.nan if len(steps) > 4 else output

    model.register_forward_hook(explode_in_the_second_epoch)
    with pytest.raises(ae.TrainingError, match=r"became nan in epoch 2\."):
        ae.fit(model, images, EPOCHS)
    assert_same_weights(model, good[0])


def interrupt_at(model, step, training=True):
    """Press the stop button when the model is used for the given time, in training or while measuring."""
    uses = []

    def stop(module, inputs, output):
        if module.training == training:
            uses.append(len(inputs[0]))
            if len(uses) == step:
                raise KeyboardInterrupt

    return model.register_forward_hook(stop)


@pytest.mark.parametrize(
    "step, training, epochs_done",
    [
        (1, True, 0),  # in the first batch
        (5, True, 1),  # in the middle of the second epoch
        (4 + 1, False, 1),  # while held-out images are measured: three uses look at the model, then one for each epoch
    ],
)
def test_interrupt_returns_what_there_is_and_keeps_the_model_usable(
    step, training, epochs_done, model, images, digits, capsys
):
    hook = interrupt_at(model, step, training)
    history = ae.fit(model, images, EPOCHS, held_out=digits.test_images)
    hook.remove()
    assert history.interrupted
    assert len(history.train_error) == len(history.held_out_error) == len(history.seconds) == epochs_done
    assert f"interrupted after {epochs_done} of {EPOCHS} epochs" in capsys.readouterr().out
    assert not model.training
    assert math.isfinite(ae.evaluate(model, digits.test_images))
    assert not ae.fit(model, images, 1).interrupted, "training can go on"


def test_interrupted_model_keeps_what_it_has_learned(model, images):
    weights = weights_of(model)
    interrupt_at(model, 3)
    ae.fit(model, images, EPOCHS)
    assert any(not torch.equal(values, weights[name]) for name, values in model.state_dict().items())
