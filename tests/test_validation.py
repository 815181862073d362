"""aeutils.validation: what cannot be measured, drawn or trained is refused in the same words by all that take it."""

import copy
import time
import tracemalloc

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import aeutils as ae
from aeutils import validation

pytestmark = pytest.mark.data_free

SHAPE = (1, 28, 28)
RIGHT = 180.142
"""The first train_error of model() on images, in one epoch with seed 0."""


@pytest.fixture
def images(digits):
    return digits.train_images[:300]


def model():
    ae.seed_everything(0)
    return ae.fully_connected(SHAPE, 5)


def first_error(images, trained=None, **options):
    return ae.fit(trained or model(), images, 1, **options).train_error[0]


# where a user's meaning is plain, it is done


@pytest.mark.parametrize("off", [torch.no_grad, torch.inference_mode], ids=["no_grad", "inference_mode"])
def test_fit_trains_where_gradients_are_switched_off(off, images):
    trained = model()
    with off():
        assert first_error(images, trained) == pytest.approx(RIGHT, abs=2e-3)
        assert not torch.is_grad_enabled()


def test_fit_trains_after_gradients_were_switched_off_for_good(images):
    torch.set_grad_enabled(False)
    try:
        assert first_error(images) == pytest.approx(RIGHT, abs=2e-3)
        assert not torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)


def read_only(images):
    array = images.numpy().copy()
    array.flags.writeable = False
    return array


def made_in_inference_mode(images):
    with torch.inference_mode():
        return images.clone()


SAME = {
    "array": lambda images: images.numpy(),
    "array of float64": lambda images: images.numpy().astype(np.float64),
    "array that is read-only": read_only,
    "array turned over": lambda images: images.numpy()[::-1][::-1],
    "tensor that requires gradients": lambda images: images.clone().requires_grad_(),
    "tensor with a history": lambda images: images.clone().requires_grad_() * 1,
    "tensor made in inference mode": made_in_inference_mode,
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("same", SAME.values(), ids=SAME)
def test_images_that_are_as_good_as_a_tensor_are_taken(same, images):
    given, error = same(images), ae.evaluate(model(), images)
    assert first_error(given, held_out=given) == pytest.approx(RIGHT, abs=2e-3)
    assert ae.evaluate(model(), given) == error
    assert ae.reconstruction_error(given, given).item() == ae.per_pixel_error(given, given).item() == 0
    assert ae.pca_error(3, given, given) == ae.pca_error(3, images, images)


def test_integers_of_numpy_are_as_good_as_those_of_python(images):
    ours = first_error(images, seed=3, batch_size=64)
    assert first_error(images, seed=np.int64(3), batch_size=np.int64(64)) == ours
    ae.seed_everything(np.int64(3))
    drawn = torch.rand(1)
    ae.seed_everything(3)
    assert torch.equal(torch.rand(1), drawn)


def test_labels_and_codes_may_be_arrays_and_lists():
    codes, labels = torch.rand(12, 3), [0, 1, 2] * 4
    expected = ae.nearest_neighbour_accuracy(codes, torch.tensor(labels))
    assert ae.nearest_neighbour_accuracy(codes.numpy(), np.array(labels)) == expected
    assert ae.nearest_neighbour_accuracy(codes, labels) == expected
    scores = torch.tensor([1.0, 2.0])
    assert ae.roc(scores.numpy(), scores + 2).auc == 1
    with pytest.raises(ae.InputError, match="labels is a list; expected a tensor"):
        ae.nearest_neighbour_accuracy(codes, ["one", "two"])


# what is no image is refused in the same words by fit and evaluate, and by the metrics where they need the same

BAD = {
    "empty": (lambda images: images[:0], "images have shape (0, 1, 28, 28); expected (n, channels, height, width)"),
    "bytes": (lambda images: (images * 255).byte(), "divide them by 255: images.float() / 255"),
    "array of bytes": (lambda images: (images * 255).byte().numpy(), "divide them by 255: images / 255"),
    "0 to 255": (lambda images: images * 255, "images range from 0 to 255; expected [0, 1]; for bytes divide by 255"),
    "PNG of 16 bits": (
        lambda images: (images * 65_535).int(),
        "divide images of 16 bits by 65,535: images.float() / 65535",
    ),
    "array of 16 bits": (
        lambda images: (images.numpy() * 65_535).astype(np.uint16),
        "divide images of 16 bits by 65,535: images / 65535",
    ),
    "floats of 16 bits": (lambda images: images * 65_535, "for images of 16 bits divide by 65,535"),
    "normalised": (lambda images: (images - 0.1307) / 0.3081, "leave it out"),
    "loader": (lambda images: DataLoader(images), "torch.cat([images for images, labels in loader])"),
    "data set": (lambda images: TensorDataset(images), "torch.stack([image for image, label in dataset])"),
    "list of images": (list, "images is a list; expected a tensor (n, channels, height, width): torch.stack(images)"),
    "array of anything": (lambda images: np.array([None]), "images is an ndarray; expected a tensor"),
}


def assert_refused(words, action, *arguments, **options):
    """An error of one line that has the words, raised with no other error in its wake."""
    with pytest.raises(ae.InputError) as caught:
        action(*arguments, **options)
    message = str(caught.value)
    assert words in message and "\n" not in message
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("change, words", BAD.values(), ids=BAD)
def test_images_that_cannot_work_get_one_sentence_from_all(change, words, images):
    bad, untrained = change(images), model()
    before = copy.deepcopy(untrained.state_dict())
    assert_refused(words, ae.fit, untrained, bad, 1)
    assert_refused(words, ae.evaluate, untrained, bad)
    assert all(torch.equal(values, before[name]) for name, values in untrained.state_dict().items())
    assert untrained.training


def test_sets_of_images_are_told_which_of_their_parts_is_meant(digits):
    for action in (lambda given: ae.fit(model(), given, 1), lambda given: ae.evaluate(model(), given)):
        assert_refused("images is a Digits; expected a tensor", action, digits)
        assert_refused("such as its train_images", action, digits)


def test_swapped_arguments_are_named(images):
    words = "the model comes first, then the images"
    assert_refused(words, ae.fit, images, model(), 1)
    assert_refused(words, ae.evaluate, images, model())
    assert_refused(words, ae.evaluate, images.numpy(), model())
    assert_refused("images is an Autoencoder; expected a tensor", ae.evaluate, model(), model())
    assert_refused("reconstructions is an Autoencoder", ae.reconstruction_error, model(), images)


@pytest.mark.parametrize("metric", [ae.reconstruction_error, ae.per_pixel_error])
def test_errors_of_nothing_and_of_no_tensor_are_refused(metric, images):
    assert_refused("images are empty", metric, images[:0], images[:0])
    assert_refused("images is a list", metric, images, list(images))
    assert_refused("reconstructions is a NoneType", metric, None, images)


def test_pca_of_no_images_of_numbers_and_of_nan_are_refused(images):
    assert_refused("train_images are empty", ae.pca_error, 1, images[:0], images)
    assert_refused("train_images have shape (3,)", ae.pca_error, 1, torch.rand(3), torch.rand(3))
    assert_refused("test_images contain NaN", ae.pca_error, 1, images, images * torch.nan)


def test_a_notebook_shows_the_sentence_alone(images, capsys):
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    for action in (lambda: ae.fit(model(), images[0], 1), lambda: ae.plots.images("digits")):
        with pytest.raises(ae.InputError) as caught:
            action()
        shell.showtraceback((caught.type, caught.value, caught.tb))
        assert capsys.readouterr().out == f"InputError: {caught.value}\n"


# models


class Pair(nn.Linear):
    """A model that returns more than a reconstruction."""

    def forward(self, images):
        return images, images


def test_a_model_that_returns_a_tuple_is_refused_by_all_who_use_it(images):
    assert_refused("into a tuple; it must keep the shape", ae.fit, Pair(1, 1), images, 1)
    assert_refused("into a tuple; it must keep the shape", ae.evaluate, Pair(1, 1), images)


@pytest.mark.parametrize("options", [{}, {"loss": lambda model, images: model(images).square().mean()}])
def test_a_model_of_other_numbers_is_told_to_become_float(options, images):
    assert_refused("model.float()", ae.fit, model().double(), images, 1, **options)
    assert_refused("model.float()", ae.evaluate, model().double(), images)
    assert first_error(images, model().double().float()) == pytest.approx(RIGHT, abs=2e-3)


def test_default_numbers_of_float64_get_the_same_advice_and_training_works_after_it(images):
    torch.set_default_dtype(torch.float64)
    try:
        assert_refused("model.float()", ae.fit, model(), images, 1)
        assert len(ae.fit(model().float(), images, 1).train_error) == 1
    finally:
        torch.set_default_dtype(torch.float32)


def test_layers_without_a_size_are_named(images):
    lazy = nn.Sequential(nn.Flatten(), nn.LazyLinear(784), nn.Sigmoid(), nn.Unflatten(1, SHAPE))
    assert_refused("such as LazyLinear; call model(images[:1]) once", ae.fit, lazy, images, 1)
    assert_refused("such as LazyLinear; call model(images[:1]) once", ae.count_parameters, lazy)
    lazy(images[:1])
    assert len(ae.fit(lazy, images, 1).train_error) == 1


def test_a_model_made_in_inference_mode_is_refused(images):
    with torch.inference_mode():
        made = model()
    assert_refused("torch.inference_mode()", ae.fit, made, images, 1)


def normalising():
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 5), nn.BatchNorm1d(5))
    return ae.Autoencoder(encoder, nn.Sequential(nn.Linear(5, 784), nn.Sigmoid(), nn.Unflatten(1, SHAPE)))


def test_a_single_image_left_over_joins_the_batch_before(images):
    sizes, trained = [], normalising()
    trained.register_forward_pre_hook(lambda part, given: sizes.append(len(given[0])) if part.training else None)
    ae.fit(trained, images[:129], 1)
    ae.fit(trained, images[:257], 1)
    ae.fit(trained, images[:130], 1)
    assert sizes == [129, 128, 129, 128, 2]


def test_every_batch_of_one_is_refused_where_batch_norm_needs_two_and_the_weights_stay(images):
    trained = normalising()
    before = copy.deepcopy(trained.state_dict())
    assert_refused("expected two images or more in each batch", ae.fit, trained, images[:5], 1, batch_size=1)
    assert_refused("expected two images or more in each batch", ae.fit, trained, images[:1], 1)
    assert all(torch.equal(values, before[name]) for name, values in trained.state_dict().items())
    per_pixel = nn.Sequential(nn.BatchNorm2d(1), nn.Conv2d(1, 1, 1), nn.Sigmoid())
    assert len(ae.fit(per_pixel, images[:3], 1, batch_size=1).train_error) == 1, "784 pixels of a channel are enough"
    assert len(ae.fit(model(), images[:3], 1, batch_size=1).train_error) == 1


# losses and settings


@pytest.mark.parametrize("loss", [nn.MSELoss(), nn.functional.mse_loss, ae.reconstruction_error, lambda one: one])
def test_a_loss_of_two_tensors_is_told_what_a_loss_takes(loss, images):
    words = "expected a function of model and originals, such as lambda model, originals: ae.reconstruction_error"
    assert_refused(words, ae.fit, model(), images, 1, loss=loss)


def test_a_loss_that_stops_without_a_word_is_named_by_its_error(images):
    def loss(model, originals):
        raise KeyError

    assert_refused("stopped at originals of shape (2, 1, 28, 28): KeyError", ae.fit, model(), images, 1, loss=loss)


def test_a_seed_beyond_what_pytorch_takes_is_refused(images):
    assert_refused("seed is 18446744073709551616; expected", ae.fit, model(), images, 1, seed=2**64)
    assert len(ae.fit(model(), images, 1, seed=2**64 - 1).train_error) == 1


# PCA of few large images


def test_pca_of_few_colour_photographs_takes_little_time_and_memory():
    torch.manual_seed(0)
    train, test = torch.rand(20, 3, 128, 128), torch.rand(5, 3, 128, 128)
    ae.pca_error(1, train[:3], test)  # libraries are loaded
    tracemalloc.start()
    start = time.perf_counter()
    error = ae.pca_error(5, train, test)
    assert time.perf_counter() - start < 5  # 0.1 s; a 49,152 x 49,152 matrix would take minutes, if it fitted
    tracemalloc.stop()
    assert error == pytest.approx(4304.31, abs=0.01)


def test_pca_of_fewer_images_than_pixels_is_that_of_scikit_learn(digits):
    from sklearn.decomposition import PCA

    train, test = digits.train_images[:40], digits.test_images[:50]
    pca = PCA(10, svd_solver="full").fit(train.flatten(1).double().numpy())
    rows = test.flatten(1).double().numpy()
    expected = np.square(pca.inverse_transform(pca.transform(rows)) - rows).sum(1).mean()
    assert ae.pca_error(10, train, test) == pytest.approx(expected, rel=1e-5)
    on_themselves = ae.pca_error([0, 39, 40], train, train)
    assert on_themselves[0] > 40 and on_themselves[1:] == pytest.approx([0, 0], abs=1e-3)
    assert ae.pca_error(2, train[:2], train[:2]) == pytest.approx(0, abs=1e-3)
    assert ae.pca_error(1, train[:1].expand(3, -1, -1, -1), test) > 40, "images without a difference have no components"


def test_kinds_of_things_have_their_article():
    kinds = [validation.kind_of(thing) for thing in (1, "a", model(), np.zeros(1))]
    assert kinds == ["an int", "a str", "an Autoencoder", "an ndarray"]
