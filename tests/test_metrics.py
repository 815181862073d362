"""aeutils.metrics against computations of their own: NumPy, and scikit-learn's PCA."""

import aeutils as ae
import numpy as np
import pytest
import torch
from torch import nn


class Half(nn.Module):
    """Not a good autoencoder: every pixel becomes half as bright. Counts how many images it saw at once."""

    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.5)
        self.seen = []

    def forward(self, images):
        self.seen.append(len(images))
        return self.dropout(images) / 2


def test_reconstruction_error_is_summed_per_image_and_averaged_over_images():
    generator = np.random.default_rng(0)
    ours, theirs = generator.random((2, 5, 3, 4, 6), np.float32)
    expected = np.mean([np.sum((a - b) ** 2) for a, b in zip(ours, theirs, strict=True)])
    ours, theirs = torch.from_numpy(ours), torch.from_numpy(theirs)
    assert ae.reconstruction_error(ours, theirs).item() == pytest.approx(expected, rel=1e-5)
    assert ae.per_pixel_error(ours, theirs).item() == pytest.approx(expected / 72, rel=1e-5)


def test_reconstruction_error_by_hand():
    images = torch.tensor([[[[0.0, 1.0]]], [[[0.5, 0.5]]]])
    reconstructions = torch.tensor([[[[1.0, 1.0]]], [[[0.5, 1.0]]]])
    assert ae.reconstruction_error(reconstructions, images).item() == (1 + 0.25) / 2
    assert ae.per_pixel_error(reconstructions, images).item() == (1 + 0.25) / 4


def test_gradients_flow_through_the_reconstruction_error():
    images = torch.rand(4, 1, 3, 3)
    reconstructions = torch.rand(4, 1, 3, 3, requires_grad=True)
    ae.reconstruction_error(reconstructions, images).backward()
    assert torch.allclose(reconstructions.grad, 2 * (reconstructions - images).detach() / 4)


@pytest.mark.parametrize("shape", [(1, 1, 4, 4), (3, 1, 4, 1), (3, 16), (3, 4, 4)])
def test_shapes_that_pytorch_would_stretch_are_refused(shape):
    with pytest.raises(ae.InputError) as caught:
        ae.reconstruction_error(torch.zeros(shape), torch.zeros(3, 1, 4, 4))
    assert str(shape) in str(caught.value) and "(3, 1, 4, 4)" in str(caught.value)


def test_bytes_are_refused_because_their_squares_overflow():
    images = torch.full((1, 1, 2, 2), 200, dtype=torch.uint8)
    with pytest.raises(ae.InputError, match=r"uint8.*/ 255"):
        ae.reconstruction_error(images, images)
    with pytest.raises(ae.InputError, match=r"uint8.*/ 255"):
        ae.pca_floor(1, images, images)


@pytest.mark.parametrize("count", [1, 999, 1000, 1001, 2500])
def test_evaluate_equals_the_error_of_all_images_at_once(count, digits):
    images = digits.train_images[:count]
    expected = (images.double() / 2).square().sum().item() / count
    assert ae.evaluate(Half(), images) == pytest.approx(expected, rel=1e-5)


def test_evaluate_never_needs_memory_for_all_images_at_once(digits):
    model = Half()
    ae.evaluate(model, digits.train_images)
    assert max(model.seen) <= 1000 and sum(model.seen) == 4000


@pytest.mark.parametrize("training", [True, False])
def test_evaluate_switches_dropout_off_and_leaves_every_mode_as_it_was(training, digits):
    model = nn.Sequential(Half(), nn.Dropout(0.5))
    model.train(training)
    model[1].eval()  # a part that its owner has frozen
    ae.evaluate(model, digits.test_images)
    assert [part.training for part in model.modules()] == [training, training, training, False]


def test_evaluate_leaves_the_mode_as_it_was_when_the_model_fails():
    model = nn.Sequential(nn.Linear(3, 3))
    with pytest.raises(RuntimeError):
        ae.evaluate(model, torch.zeros(1, 1, 2, 2))
    assert model.training


def test_evaluate_follows_no_gradients():
    model = nn.Conv2d(1, 1, 1)
    ae.evaluate(model, torch.rand(3, 1, 4, 4))
    assert model.weight.grad is None and torch.is_grad_enabled()


# the PCA floor


@pytest.fixture(scope="module")
def halves(digits):
    """Training and test digits of 14 x 14 pixels: every second one, which makes PCA quick."""
    return digits.train_images[:1500, :, ::2, ::2], digits.test_images[:, :, ::2, ::2]


def floor_by_scikit_learn(size, train, test):
    from sklearn.decomposition import PCA

    pca = PCA(size, svd_solver="full").fit(train.flatten(1).double().numpy())
    test = test.flatten(1).double().numpy()
    return np.square(pca.inverse_transform(pca.transform(test)) - test).sum(1).mean()


@pytest.mark.parametrize("size", [1, 10, 30, 150])
def test_pca_floor_is_that_of_scikit_learn_on_the_embedded_digits(size, halves):
    assert ae.pca_floor(size, *halves) == pytest.approx(floor_by_scikit_learn(size, *halves), abs=1e-3)


def test_pca_floor_on_whole_mnist_is_the_published_one(whole_folder, monkeypatch):
    monkeypatch.setenv("AEUTILS_DATA", str(whole_folder))
    digits = ae.load_mnist()
    floors = ae.pca_floor([2, 10, 20, 30], digits.train_images, digits.test_images)
    assert [round(floor, 2) for floor in floors] == [43.64, 26.71, 18.45, 13.87]


def test_pca_floor_of_zero_components_is_the_error_of_the_mean_image(halves):
    train, test = halves
    mean = train.mean(0, keepdim=True).expand_as(test)
    expected = ae.reconstruction_error(mean, test).item()
    assert ae.pca_floor(0, train, test) == pytest.approx(expected, rel=1e-4)


def test_pca_floor_of_all_components_is_zero(halves):
    assert ae.pca_floor(196, *halves) == pytest.approx(0, abs=1e-3)


def test_pca_floor_takes_one_size_or_many_and_falls_with_the_size(halves):
    floors = ae.pca_floor([1, 5, 25], *halves)
    assert floors == pytest.approx([ae.pca_floor(size, *halves) for size in (1, 5, 25)])
    assert floors == pytest.approx(ae.pca_floor((1, 5, 25), *halves))
    assert floors == sorted(floors, reverse=True)


@pytest.mark.parametrize("size", [-1, "20", 2.5, True, 785, None])
@pytest.mark.parametrize("wrap", [lambda size: size, lambda size: [2, size]])
def test_impossible_number_of_components_is_refused_by_value(size, wrap, digits):
    with pytest.raises(ae.InputError) as caught:
        ae.pca_floor(wrap(size), digits.train_images, digits.test_images)
    assert f"latent size is {size!r};" in str(caught.value)


def test_more_components_than_training_images_are_refused(digits):
    with pytest.raises(ae.InputError, match="from 0 to 10"):
        ae.pca_floor(11, digits.train_images[:10], digits.test_images)


def test_pca_floor_refuses_test_images_of_another_shape(digits):
    with pytest.raises(ae.InputError, match="one shape"):
        ae.pca_floor(2, digits.train_images, digits.test_images[..., 1:])
