"""aeutils.metrics against computations of their own: NumPy, and scikit-learn's PCA."""

import numpy as np
import pytest
import torch
from torch import nn

import aeutils as ae


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
        ae.pca_error(1, images, images)


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
    with pytest.raises(ae.InputError):
        ae.evaluate(model, torch.zeros(1, 1, 2, 2))
    assert model.training


def test_evaluate_refuses_images_in_colour_where_the_model_takes_grey_ones():
    for model in (ae.fully_connected((1, 8, 8), 3), ae.convolutional((1, 8, 8), 3)):
        with pytest.raises(ae.InputError) as caught:
            ae.evaluate(model, torch.rand(2, 3, 8, 8))
        for part in ("(3, 8, 8) (channels, height, width)", "do not fit the model", "images.mean(1, keepdim=True)"):
            assert part in str(caught.value)
    with pytest.raises(ae.InputError, match=r"build the model for this image shape$"):
        ae.evaluate(ae.fully_connected((1, 8, 8), 3), torch.rand(2, 1, 9, 9))


def test_evaluate_follows_no_gradients():
    model = nn.Conv2d(1, 1, 1)
    ae.evaluate(model, torch.rand(3, 1, 4, 4))
    assert model.weight.grad is None and torch.is_grad_enabled()


# the PCA error


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
    assert ae.pca_error(size, *halves) == pytest.approx(floor_by_scikit_learn(size, *halves), abs=1e-3)


def test_pca_floor_on_whole_mnist_is_the_published_one(whole_folder, monkeypatch):
    monkeypatch.setenv("AEUTILS_DATA", str(whole_folder))
    digits = ae.load_mnist()
    baselines = ae.pca_error([2, 10, 20, 30], digits.train_images, digits.test_images)
    assert [round(floor, 2) for floor in baselines] == [43.64, 26.71, 18.45, 13.87]


def test_pca_floor_of_zero_components_is_the_error_of_the_mean_image(halves):
    train, test = halves
    mean = train.mean(0, keepdim=True).expand_as(test)
    expected = ae.reconstruction_error(mean, test).item()
    assert ae.pca_error(0, train, test) == pytest.approx(expected, rel=1e-4)


def test_pca_floor_of_all_components_is_zero(halves):
    assert ae.pca_error(196, *halves) == pytest.approx(0, abs=1e-3)


def test_pca_floor_takes_one_size_or_many_and_falls_with_the_size(halves):
    baselines = ae.pca_error([1, 5, 25], *halves)
    assert baselines == pytest.approx([ae.pca_error(size, *halves) for size in (1, 5, 25)])
    assert baselines == pytest.approx(ae.pca_error((1, 5, 25), *halves))
    assert baselines == sorted(baselines, reverse=True)


@pytest.mark.parametrize("size", [-1, "20", 2.5, True, 785, None])
@pytest.mark.parametrize("wrap", [lambda size: size, lambda size: [2, size]])
def test_impossible_number_of_components_is_refused_by_value(size, wrap, digits):
    with pytest.raises(ae.InputError) as caught:
        ae.pca_error(wrap(size), digits.train_images, digits.test_images)
    assert f"latent size is {size!r};" in str(caught.value)


def test_more_components_than_training_images_are_refused(digits):
    with pytest.raises(ae.InputError, match="from 0 to 10"):
        ae.pca_error(11, digits.train_images[:10], digits.test_images)


def test_pca_floor_refuses_test_images_of_another_shape(digits):
    with pytest.raises(ae.InputError, match="one shape"):
        ae.pca_error(2, digits.train_images, digits.test_images[..., 1:])


# the labels of neighbours


def agreement_by_hand(codes, labels, measure):
    codes = codes.double().numpy()
    if measure == "cosine":
        codes = codes / np.linalg.norm(codes, axis=1, keepdims=True)
    hits = 0
    for index, code in enumerate(codes):
        distances = np.square(codes - code).sum(1)
        distances[index] = np.inf
        hits += labels[distances.argmin()].item() == labels[index].item()
    return hits / len(codes)


@pytest.mark.parametrize("measure", ["cosine", "euclidean"])
@pytest.mark.parametrize("count", [2, 1000, 1300])
def test_neighbour_agreement_is_that_of_a_loop_in_numpy(measure, count, digits):
    codes = torch.nn.functional.avg_pool2d(digits.train_images[:count], 4).flatten(1)  # 49 numbers: quick to loop over
    labels = digits.train_labels[:count]
    expected = agreement_by_hand(codes, labels, measure)
    assert ae.nearest_neighbour_accuracy(codes, labels, measure) == pytest.approx(expected, abs=1e-6)


def test_neighbour_agreement_by_hand():
    codes = torch.tensor([[1.0, 0.0], [9.0, 1.0], [1.0, 2.5], [0.0, 1.5]])
    labels = torch.tensor([0, 0, 1, 1])
    assert ae.nearest_neighbour_accuracy(codes, labels) == 1.0  # the directions: 0, 6, 68 and 90 degrees
    assert ae.nearest_neighbour_accuracy(codes, labels, "euclidean") == 0.75  # (1, 0) is nearest to (0, 1.5)


def test_euclidean_neighbours_are_found_far_from_zero():
    codes = torch.tensor([[1.0], [2.0], [4.0], [5.0]]) + 1e6
    assert ae.nearest_neighbour_accuracy(codes, torch.tensor([0, 0, 1, 1]), "euclidean") == 1.0


def test_a_second_copy_is_a_neighbour_and_zeros_are_near_nobody():
    codes = torch.tensor([[0.0, 0.0], [1.0, 2.0], [1.0, 2.0], [-1.0, -2.0]])
    assert ae.nearest_neighbour_accuracy(codes, torch.tensor([0, 1, 1, 0])) == 0.75


def test_neighbour_agreement_leaves_the_codes_as_they_were_and_follows_no_gradients():
    codes = torch.rand(20, 3, requires_grad=True)
    before = codes.detach().clone()
    assert isinstance(ae.nearest_neighbour_accuracy(codes, torch.arange(20) % 2), float)
    assert torch.equal(codes.detach(), before) and codes.grad is None


@pytest.mark.parametrize(
    "codes, labels, measure, message",
    [
        (torch.zeros(3, 1, 4, 4), torch.zeros(3), "cosine", "flatten"),
        (torch.zeros(3, 4), torch.zeros(4), "cosine", r"\(3, 4\).*\(4,\)"),
        (torch.zeros(1, 4), torch.zeros(1), "cosine", "at least 2"),
        (torch.zeros(3, 4, dtype=torch.uint8), torch.zeros(3), "cosine", "uint8"),
        (torch.tensor([[1.0], [torch.nan]]), torch.zeros(2), "euclidean", "NaN"),
        (torch.zeros(3, 4), torch.zeros(3), "manhattan", "'manhattan'.*'cosine' or 'euclidean'"),
    ],
)
def test_codes_whose_neighbours_mean_nothing_are_refused(codes, labels, measure, message):
    with pytest.raises(ae.InputError, match=message):
        ae.nearest_neighbour_accuracy(codes, labels, measure)


# a linear classifier that learns from few codes


def classes_in_rows(count):
    """Codes (3 * count, 5) of three classes that lie apart, and their labels, mixed."""
    generator = torch.Generator().manual_seed(1)
    labels = torch.arange(3 * count) % 3
    codes = torch.randn(3 * count, 5, generator=generator)
    codes[:, :3] += 6 * nn.functional.one_hot(labels, 3)
    return codes, labels


def test_linear_probe_is_right_about_classes_that_lie_apart_and_guesses_where_there_is_nothing():
    codes, labels = classes_in_rows(100)
    shares = ae.linear_probe(codes[:150], labels[:150], codes[150:], labels[150:], per_class=5, draws=3)
    assert shares.shape == (3,) and shares.dtype == torch.float32 and shares.min() > 0.95
    nothing = torch.randn(300, 5, generator=torch.Generator().manual_seed(2))
    guesses = ae.linear_probe(nothing[:150], labels[:150], nothing[150:], labels[150:], per_class=5, draws=20)
    assert 0.2 < guesses.mean() < 0.45 and guesses.max() <= 1 and guesses.std() > 0


def test_linear_probe_learns_from_the_labelled_codes_alone():
    """The test's labels, turned by one, turn its answers from right to wrong, and change nothing else."""
    codes, labels = classes_in_rows(100)
    turned = ae.linear_probe(codes[:150], labels[:150], codes[150:], (labels[150:] + 1) % 3, 5, 3)
    assert turned.max() < 0.05


def test_linear_probe_of_one_draw_is_logistic_regression_on_just_so_many_of_each_class():
    from sklearn.linear_model import LogisticRegression

    codes, labels = classes_in_rows(4)
    codes = codes + 2 * torch.randn(codes.shape, generator=torch.Generator().manual_seed(3))  # not too easy
    known = (codes - codes.mean(0)) / (codes - codes.mean(0)).square().sum(1).mean().sqrt()
    expected = LogisticRegression(C=10, max_iter=1000).fit(known, labels).score(known, labels)
    whole = ae.linear_probe(codes, labels, codes, labels, per_class=4, draws=2)
    assert whole.tolist() == pytest.approx([expected, expected])
    assert ae.linear_probe(codes, labels, codes, labels, per_class=1, draws=8).std() > 0, "each draw takes others"


def test_linear_probe_does_not_see_where_codes_lie_and_how_large_they_are(digits):
    given = [digits.train_images[:500].flatten(1), digits.test_images[:200].flatten(1)]
    labels = [digits.train_labels[:500], digits.test_labels[:200]]
    shares = [
        ae.linear_probe(scale * given[0] + shift, labels[0], scale * given[1] + shift, labels[1], draws=2)
        for scale, shift in ((1, 0), (100, 0), (0.01, 5))
    ]
    assert torch.allclose(shares[0], shares[1], atol=0.011) and torch.allclose(shares[0], shares[2], atol=0.011)
    assert shares[0].min() > 0.5


def test_linear_probe_repeats_itself_leaves_codes_and_random_numbers_alone_and_bears_constant_codes():
    codes, labels = classes_in_rows(20)
    codes.requires_grad_()
    before, state = codes.detach().clone(), torch.get_rng_state()
    first, second = (ae.linear_probe(codes, labels, codes, labels, 3, 2) for _ in range(2))
    assert torch.equal(first, second) and torch.equal(codes.detach(), before) and codes.grad is None
    assert torch.equal(torch.get_rng_state(), state)
    constant = torch.ones(60, 5)
    assert ae.linear_probe(constant, labels, constant, labels, 3, 2).tolist() == pytest.approx([1 / 3, 1 / 3])


@pytest.mark.parametrize(
    "change, message",
    [
        ({"codes": torch.zeros(6, 1, 4, 4)}, "flatten"),
        ({"test_codes": torch.zeros(6, 4, dtype=torch.uint8)}, "uint8"),
        ({"test_codes": torch.zeros(6, 4)}, "5 numbers, test_codes 4"),
        ({"test_labels": torch.zeros(5)}, r"\(6, 5\).*\(5,\)"),
        ({"codes": torch.full((6, 5), torch.nan)}, "NaN"),
        ({"labels": torch.zeros(6, dtype=torch.int64)}, "1 classes.*two classes or more"),
        ({"per_class": 4}, "smallest with 3 codes.*4 or more"),
        ({"per_class": 0}, "per_class is 0"),
        ({"draws": 2.5}, "draws is 2.5"),
    ],
)
def test_codes_and_numbers_that_a_probe_cannot_use_are_refused(change, message):
    labels = torch.arange(6) % 2
    given = {"codes": torch.rand(6, 5), "labels": labels, "test_codes": torch.rand(6, 5), "test_labels": labels}
    with pytest.raises(ae.InputError, match=message):
        ae.linear_probe(**{**given, "per_class": 2, "draws": 1, **change})
