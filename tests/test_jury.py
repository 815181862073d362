"""The jury: sure of digits, not of what is none, and the same each time."""

import pytest
import torch

import aeutils as ae

pytestmark = pytest.mark.data_free


@pytest.fixture(scope="module")
def jury(digits):
    return ae.Jury(digits.train_images, digits.train_labels, epochs=4, batch_size=64)


def test_probabilities_add_up_and_name_the_digit(jury, digits):
    probabilities = jury.verdict(digits.test_images)
    assert probabilities.shape == (1000, 10) and not probabilities.requires_grad
    assert torch.allclose(probabilities.sum(1), torch.ones(1000), atol=1e-5)
    assert (probabilities.argmax(1) == digits.test_labels).float().mean() > 0.9


def test_digits_are_accepted_more_often_than_their_average(jury, digits):
    parts = digits.test_images.split(100)
    averages = torch.cat([part.mean(0, keepdim=True) for part in parts])
    assert jury.accepted(digits.test_images) > 0.6 > 0.2 > jury.accepted(averages)


def test_its_judges_are_those_that_notebook_11_writes_out(digits):
    """The same steps, seed by seed."""
    images, labels = digits.train_images[:200], digits.train_labels[:200]
    for seed, judge in enumerate(ae.Jury(images, labels, 2, 50, 0.006).judges):
        ae.seed_everything(seed)
        classifier = torch.nn.Sequential(
            torch.nn.Flatten(), torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10)
        )
        optimizer = torch.optim.Adam(classifier.parameters(), lr=0.006)
        for _ in range(2):
            for batch in torch.randperm(200).split(50):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(classifier(images[batch]), labels[batch]).backward()
                optimizer.step()
        assert torch.allclose(judge(images), classifier(images), atol=1e-4)


@pytest.mark.parametrize(
    "changed, words",
    [
        ({"labels": torch.zeros(3)}, "labels"),
        ({"images": torch.zeros(10, 28, 28)}, "images have shape"),
        ({"epochs": 0}, "epochs is 0"),
        ({"learning_rate": -1}, "learning_rate is -1"),
    ],
)
def test_what_cannot_be_judged_is_one_sentence(changed, words):
    given = {"images": torch.zeros(10, 1, 28, 28), "labels": torch.arange(10), "epochs": 1, "batch_size": 5}
    with pytest.raises(ae.InputError, match=words):
        ae.Jury(**given | changed)


def test_it_is_trained_without_the_optimizers_of_torch(digits, monkeypatch):
    """The first step of one imports PyTorch's compiler, which takes seconds in each notebook."""
    monkeypatch.setattr(torch.optim, "Adam", None)
    ae.Jury(digits.train_images[:100], digits.train_labels[:100], epochs=1, batch_size=50)
