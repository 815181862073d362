"""What a check accepts, the later cells of the notebook can use: in each form, and without a further bound."""

import ast
from functools import cache
import re
from types import SimpleNamespace

from answers import ANSWERS
from build_notebooks import sources
from editions import code
import jupytext
import pytest
import torch

import aeutils as ae
from aeutils.checks import core, kinds, probes

pytestmark = pytest.mark.data_free

NAMES = """
    spread_kept mean_image_baseline smallest_enough same_subspace mirrored_parameters any_depth components_needed
    mixed_up several_stops prepare autoencoder project convolved_size saved_parameters even_doubling hidden_pixels
    k_strongest slopes_of_tanh decibels known_pixels_stay alarms_as_promised film_of_codes way_on_the_sphere warm_cosine
    shift_without_wrapping bits_of_variables drawn_codes velocity share_right next_symbol patches_hidden
"""
USED = NAMES.split()
"""Questions whose function is used for more than its check."""
IMPORTS = (ast.Import, ast.ImportFrom)
FORMS = {
    "a tensor": lambda made: made,
    "float64": lambda made: made.double() if made.is_floating_point() else made,
    "NumPy": lambda made: made.numpy(),
    "NumPy, float64": lambda made: (made.double() if made.is_floating_point() else made).numpy(),
    "Python": lambda made: made.tolist(),
    "a list": lambda made: [made.tolist()] if made.ndim == 0 else made.tolist(),
    "in brackets": lambda made: made.reshape(1) if made.ndim == 0 else made,
    "NumPy, in brackets": lambda made: made.reshape(1).numpy() if made.ndim == 0 else made.numpy(),
}
"""Forms in which students return the numbers of a right result, each made of a tensor."""


def names(node, kind):
    """The variables that code reads (ast.Load) or sets (ast.Store)."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, kind)}


def defined(node):
    """What a statement gives a value: its variables, or the function or class that it defines."""
    return {node.name} if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else names(node, ast.Store)


@cache
def student_cells(source):
    """(code of the student edition, whether it is one to fill in) of each code cell of a notebook."""
    cells = [cell for cell in jupytext.read(source, fmt="py:percent").cells if cell.cell_type == "code"]
    return [(code(cell, "student"), "# student:" in cell.source) for cell in cells]


def following(source, answer=None):
    """The statements of the student edition that use an answer, or what comes of it, in their order.

    answer: the name of one, else all answers. What cells to fill in do with an answer is the student's own.
    """
    given, found = set(), []
    for text, to_fill_in in student_cells(source):
        for node in ast.parse(text).body:
            if to_fill_in and isinstance(node, (ast.FunctionDef, ast.Assign)):
                given |= {name for name in defined(node) if answer in (None, name)}
                given -= {name for name in defined(node) if answer not in (None, name)}
            elif given & names(node, ast.Load):
                given |= defined(node)
                found.append(node)
            else:
                given -= defined(node)
    return found


def small(latent_size=20, shape=(1, 28, 28)):
    """A network that was never trained."""
    ae.seed_everything(0)
    return ae.fully_connected(shape, latent_size, hidden=(16,))


def stand_ins():
    """What the notebooks have made when the answers are used, smaller and untrained: {question: {name: value}}."""
    digits, model = probes.digits(), small()
    test, labels, holes = digits.test_images[:60], digits.test_labels[:60], torch.zeros(60, 1, 28, 28, dtype=torch.bool)
    holes[:, :, 8:18, 8:18] = True
    codes, tiny = model.encoder(test).detach(), torch.nn.functional.avg_pool2d(test, 2)
    tied = small(96, (1, 14, 14))
    with_holes, sizes = test.where(~holes, 0.5), [2, 5, 10, 20]
    practice = SimpleNamespace(test_images=test, test_labels=labels)
    errors, draws = torch.tensor([[40.0, 31.0, 25.0, 20.0]] * 2), lambda images: torch.randn(2, len(images), 2)
    return {
        "spread_kept": {"networks": {"faces": small(20, (1, 30, 30))}, "new_faces": torch.rand(9, 1, 30, 30)},
        "mean_image_baseline": {"digits": digits},
        "smallest_enough": {"sizes": sizes, "errors": errors, "seeds": 2},
        "same_subspace": {"columns": torch.rand(784, 10), "components": torch.rand(20, 784)},
        "mirrored_parameters": {"deep_parameters": 410_020},
        "any_depth": {},
        "components_needed": {"shares": torch.linspace(0.09, 0.01, 20, dtype=torch.float64)},
        "mixed_up": {"codes": codes, "labels": labels},
        "several_stops": {"codes": codes, "model": model},
        "prepare": {"raw": (digits.train_images[:10] * 255).round().byte().squeeze(1)},
        "autoencoder": {"some": test[:10]},
        "project": {
            "compared": True,
            "practice": practice,
            "codes_of": lambda size: small(size).encoder(test).detach(),
        },
        "convolved_size": {},
        "saved_parameters": {},
        "even_doubling": {},
        "hidden_pixels": {"models": {"denoising": tied}, "test": tiny},
        "k_strongest": {"models": {"copying": tied, "sparse": tied}, "test": tiny},
        "slopes_of_tanh": {"models": {"copying": tied}, "test": tiny},
        "decibels": {"noisy": test + 0.1, "few": test},
        "known_pixels_stay": {"with_holes": with_holes, "holes": holes, "infiller": model, "test": test},
        "alarms_as_promised": {"digit_model": model, "validation": digits.train_images[:100], "test": test},
        "film_of_codes": {"model": model, "images": test},
        "way_on_the_sphere": {"codes": codes},
        "warm_cosine": {
            "climb": lambda name, *_, **settings: ae.fit(model, test, 1, **settings),
            "he": 0,
            "modern": {},
        },
        "shift_without_wrapping": {"validation": test},
        "bits_of_variables": {"flat": SimpleNamespace(posterior=draws), "test": test},
        "drawn_codes": {},
        "velocity": {},
        "share_right": {
            "by_flow": test,
            "jury": SimpleNamespace(verdict=lambda images: torch.rand(len(images), 10)),
            "wanted": torch.arange(60) % 10,
        },
        "next_symbol": {"known_grid": torch.arange(3200).reshape(200, 4, 4) % 64},
        "patches_hidden": {"numbers": torch.arange(16.0).reshape(1, 4, 4).expand(6, 4, 4), "test": test},
    }


def place_of(name):
    """(the source of a question, how the notebook calls the function that answers it)."""
    asked = ae.check.QUESTIONS[name]
    (source,) = sources([asked.notebook])
    return source, asked.example.split("(")[0]


def in_form(function, form):
    """A function that returns its numbers in another form."""

    def formed(*arguments):
        return form(torch.as_tensor(function(*arguments)).detach())

    return formed


def accepted(asked):
    """Answers that pass: those of the table, and the right function with its result in other forms."""
    table = [answer.make() for answer in ANSWERS if answer.question == asked.name and not answer.misconception]
    return table + [one for form in FORMS.values() if asked.right and asked.check(one := in_form(asked.right, form))]


def use(source, name, space):
    """Run the statements of the student edition that use an answer. space: the answer by its name, and the rest."""
    own = [node for text, _ in student_cells(source) for node in ast.parse(text).body if type(node) in IMPORTS]
    torch.manual_seed(0)
    exec(compile(ast.Module(own + following(source, name), []), source.name, "exec"), space)


@pytest.mark.slow
def test_no_question_is_forgotten():
    """Whose function is used for more than its check."""
    functions = [name for name, asked in ae.check.QUESTIONS.items() if asked.example]
    text = {name: "\n".join(map(ast.unparse, following(*place_of(name)))) for name in functions}
    used = [name for name in functions if re.sub(r"(if )?ae\.check\.\w+\([(\w, )]+\)", "", text[name]).strip()]
    assert used == USED == [*stand_ins()]


@pytest.mark.slow
@pytest.mark.parametrize("name", USED)
def test_what_a_check_accepts_later_cells_can_use(name, monkeypatch):
    monkeypatch.setattr(core, "SECONDS", 60)
    monkeypatch.setattr(kinds, "HURRY", 0)
    source, function = place_of(name)
    answers = accepted(ae.check.QUESTIONS[name])
    monkeypatch.setattr(ae.check, name, lambda _: True)
    monkeypatch.setattr(ae, "reveal", lambda *_: None)
    assert answers
    for answer in answers:
        use(source, function, {**stand_ins()[name], function: answer})


@pytest.mark.slow
def test_models_of_07_may_stand_beside_something_else(monkeypatch):
    """The check of latent_sizes looks at two keys alone, and asks nothing of errors and snapshots."""
    digits, (source,) = probes.digits(), sources(["07"])
    practice = SimpleNamespace(test_images=digits.test_images[:60], test_labels=digits.test_labels[:60])
    for name in ("latent_sizes", "project"):
        monkeypatch.setattr(ae.check, name, lambda _: True)
    monkeypatch.setattr(ae, "reveal", lambda *_: None)
    recorded = {name: {} for name in ("errors", "snapshots", "recorded", "watched", "epoch_titles")}
    given = {"practice": practice, "some": practice.test_images[:10], "project": lambda codes: codes[:, :2].tolist()}
    use(source, "models", {**recorded, **given, "models": {32: small(32), "of notebook 05": small, 2: small(2)}})


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.stem)
def test_no_cell_demands_more_of_an_answer_than_its_check(source):
    """An assertion about what comes of a student's answer would stop students who have passed."""
    asserted = [ast.unparse(each) for node in following(source) for each in ast.walk(node) if type(each) is ast.Assert]
    assert not asserted
