"""aeutils.models: the shapes, the sizes and what they refuse."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

import aeutils as ae
from aeutils.data import load_embedded_mnist

SHAPE = (1, 28, 28)


def layer_sizes(network):
    """(inputs, outputs) of each linear layer in turn."""
    return [(layer.in_features, layer.out_features) for layer in network if isinstance(layer, nn.Linear)]


@pytest.mark.parametrize("shape", [SHAPE, (1, 100, 100), (3, 8, 6), torch.Size([1, 5, 5])])
def test_encoder_and_decoder_can_be_used_apart(shape):
    model = ae.fully_connected(shape, 7)
    images = torch.rand(5, *shape)
    codes = model.encoder(images)
    assert codes.shape == (5, 7)
    assert model.decoder(torch.rand(3, 7)).shape == (3, *shape)
    assert torch.equal(model(images), model.decoder(codes))


def test_autoencoder_joins_any_encoder_and_decoder():
    model = ae.Autoencoder(nn.Flatten(), nn.Unflatten(1, SHAPE))
    images = torch.rand(2, *SHAPE)
    assert torch.equal(model(images), images)


@pytest.mark.parametrize("hidden, sizes", [((), [784, 20]), ((100,), [784, 100, 20]), ((256, 64), [784, 256, 64, 20])])
def test_decoder_mirrors_the_encoder(hidden, sizes):
    model = ae.fully_connected(SHAPE, 20, hidden)
    steps = list(itertools.pairwise(sizes))
    assert layer_sizes(model.encoder) == steps
    assert layer_sizes(model.decoder) == [(outputs, inputs) for inputs, outputs in reversed(steps)]


@pytest.mark.parametrize("hidden, relus", [((), 0), ((100,), 1), ((256, 64), 2)])
def test_each_hidden_layer_is_followed_by_relu_and_the_code_is_linear(hidden, relus):
    model = ae.fully_connected(SHAPE, 20, hidden)
    for network in (model.encoder, model.decoder):
        assert sum(isinstance(layer, nn.ReLU) for layer in network) == relus
    assert isinstance(model.encoder[-1], nn.Linear)


@pytest.mark.parametrize("hidden", [256, (256), (256,), [256], np.int64(256), [np.int32(256)], range(256, 257)])
def test_one_hidden_layer_may_be_given_as_its_size(hidden):
    assert ae.count_parameters(ae.fully_connected(SHAPE, 20, hidden)) == 412_964


@pytest.mark.parametrize("hidden", [[256.0], [-5], [256, 0], [True], "256", None, 2.5, {256}, 0])
def test_hidden_sizes_that_are_none_are_refused_by_value(hidden):
    with pytest.raises(ae.InputError, match=r"hidden is .*; expected whole numbers above 0 in a tuple, such as \(256"):
        ae.fully_connected(SHAPE, 20, hidden)


@pytest.mark.parametrize("channels", [8, [8.0], (8, -16), "8", None])
def test_channels_that_are_none_are_refused_by_value(channels):
    with pytest.raises(ae.InputError, match=r"channels is .*; expected whole numbers above 0 in a tuple, such as \(8"):
        ae.convolutional(SHAPE, 20, channels)


@pytest.mark.parametrize(
    "shape", [784, (60_000, 1, 28, 28), (28, 28), (1, 28.0, 28), (1, 0, 28), (1, -1, 28), "1", None]
)
@pytest.mark.parametrize("build", [ae.fully_connected, ae.convolutional])
def test_what_is_no_shape_of_one_image_is_refused_before_memory_is_asked_for(build, shape):
    with pytest.raises(ae.InputError) as caught:
        build(shape, 20)
    assert str(caught.value).startswith(f"image_shape is {shape!r}; expected (channels, height, width) of one image")


def test_output_stays_in_range_whatever_the_code():
    output = ae.fully_connected(SHAPE, 2).decoder(torch.tensor([[1e4, -1e4], [-1e4, 1e4]]))
    assert output.min() >= 0 and output.max() <= 1


def by_hand(*sizes):
    """Weights and biases of linear layers of these sizes, there and back."""
    steps = list(itertools.pairwise(sizes))
    return sum(a * b + b for a, b in steps) + sum(a * b + a for a, b in steps)


@pytest.mark.parametrize(
    "hidden, latent_size, count",
    [((), 20, 2 * 784 * 20 + 20 + 784), ((), 2, by_hand(784, 2)), ((128, 32), 10, by_hand(784, 128, 32, 10))],
)
def test_parameter_count_is_that_of_the_formula(hidden, latent_size, count):
    assert ae.count_parameters(ae.fully_connected(SHAPE, latent_size, hidden)) == count


def test_frozen_parameters_are_not_counted():
    model = ae.fully_connected(SHAPE, 20)
    model.encoder.requires_grad_(False)
    assert ae.count_parameters(model) == 20 * 784 + 784


@pytest.mark.parametrize("latent_size", [0, -3, "20", 2.5, 20.0, True, None, 785, [20]])
def test_impossible_latent_size_is_refused_by_value(latent_size):
    with pytest.raises(ae.InputError) as caught:
        ae.fully_connected(SHAPE, latent_size)
    message = str(caught.value)
    assert "latent size" in message and f"is {latent_size!r};" in message
    assert "from 1 to 784" in message


@pytest.mark.parametrize("latent_size", [1, 784, np.int64(20)])
def test_latent_size_may_be_anything_from_one_to_all_pixels(latent_size):
    assert ae.fully_connected(SHAPE, latent_size).encoder(torch.rand(1, *SHAPE)).shape == (1, latent_size)


# convolutional


@pytest.mark.parametrize("shape, channels", [(SHAPE, (8, 16)), ((3, 64, 48), (4, 8, 16)), ((1, 2, 2), (5,))])
def test_convolutional_encoder_and_decoder_can_be_used_apart(shape, channels):
    model = ae.convolutional(shape, 3, channels)
    images = torch.rand(5, *shape)
    codes = model.encoder(images)
    assert codes.shape == (5, 3)
    output = model.decoder(1e4 * codes)
    assert output.shape == images.shape and output.min() >= 0 and output.max() <= 1


def test_convolutional_decoder_mirrors_the_encoder():
    model = ae.convolutional(SHAPE, 20, (8, 16))
    maps = [
        [(layer.in_channels, layer.out_channels) for layer in network if isinstance(layer, nn.Conv2d)]
        for network in (model.encoder, model.decoder)
    ]
    assert maps == [[(1, 8), (8, 16)], [(16, 8), (8, 1)]]
    assert layer_sizes(model.encoder) == [(16 * 7 * 7, 20)] and layer_sizes(model.decoder) == [(20, 16 * 7 * 7)]


def test_signals_keep_their_size_through_many_layers():
    ae.seed_everything(0)
    noise = torch.randn(200, *SHAPE)
    for model in (ae.fully_connected(SHAPE, 20, (256,) * 6), ae.convolutional(SHAPE, 20, (16, 16))):
        assert 0.3 < model.encoder(noise).std() < 3


@pytest.mark.parametrize("shape, channels", [(SHAPE, (8, 16, 32)), ((1, 28, 30), (8, 16)), (SHAPE, ())])
def test_sides_that_cannot_be_halved_so_often_are_refused(shape, channels):
    with pytest.raises(ae.InputError) as caught:
        ae.convolutional(shape, 20, channels)
    message = str(caught.value)
    assert f"{shape[1]} x {shape[2]}" in message and f"divided by {2 ** len(channels)}" in message


def test_convolutional_refuses_an_impossible_latent_size():
    with pytest.raises(ae.InputError, match="from 1 to 784"):
        ae.convolutional(SHAPE, 0)


@pytest.mark.parametrize("brightness", [0.13, 0.5, 0.9])
def test_untrained_convolutional_output_lies_around_the_brightness(brightness):
    ae.seed_everything(0)
    model = ae.convolutional(SHAPE, 20, brightness=brightness)
    black = model.decoder[-1](model.decoder[-2](torch.zeros(1, 8, 28, 28)))
    assert torch.allclose(black, torch.tensor(brightness))


@pytest.mark.parametrize("brightness", [0, 1, -0.1, 255, "dark", None, float("nan")])
def test_impossible_brightness_is_refused(brightness):
    with pytest.raises(ae.InputError, match=r"brightness is .* between 0 and 1"):
        ae.convolutional(SHAPE, 20, brightness=brightness)


@pytest.mark.slow
def test_convolutional_learns_dark_images_and_does_not_end_in_black():
    """As it did when the last bias began at 0: all pixels share it, and training overshot."""
    digits = load_embedded_mnist().train_images[:2000]
    ae.seed_everything(0)
    model = ae.convolutional(SHAPE, 20)
    ae.fit(model, digits, 1, batch_size=50, learning_rate=0.01)
    mean_image_error = ae.reconstruction_error(digits.mean(0).expand_as(digits), digits)
    assert ae.evaluate(model, digits) < 0.8 * mean_image_error
