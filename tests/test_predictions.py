"""ae.predict and ae.reveal: what is shown, what is kept, what becomes of it, and what cannot be asked."""

import importlib
import subprocess
import sys

import nbclient
import nbformat
import numpy as np
import pytest
import torch

import aeutils as ae
from aeutils import predictions
from aeutils.checks import store
from aeutils.widgets.guess_panel import GuessPanel

pytestmark = pytest.mark.data_free
GREY = ("03 grey", "What is the output for a grey image?", ["grey", "a face"])
NUMBER = ("04 error", "How large is the error?", (0, 50))
SHARE = ("04 share", "Which share of it?", (0.0, 1.0))


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
    """A progress file of the test's own."""
    path = tmp_path / "progress.jsonl"
    monkeypatch.setenv("AEUTILS_PROGRESS", str(path))
    monkeypatch.setattr(store, "_known", [])
    monkeypatch.setattr(predictions, "_asked", {})
    return path


@pytest.fixture
def live(monkeypatch):
    """Somebody can click: a function that asks a question and returns its panel."""
    monkeypatch.setattr(predictions, "_is_live", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda shown: None)

    def ask(asked):
        ae.predict(*asked)
        return predictions._asked[asked[0]].panel

    return ask


def restart(monkeypatch):
    """As after a restart of the kernel: only the file is left."""
    monkeypatch.setattr(store, "_known", [])
    monkeypatch.setattr(predictions, "_asked", {})


@pytest.mark.parametrize(
    "asked, choice",
    [(GREY, "grey / a face"), (NUMBER, "a number from 0 to 50"), (SHARE, "a number from 0.00 to 1.00")],
)
def test_where_nobody_can_click_it_is_a_sentence_and_nothing_is_revealed(asked, choice, capsys, kept):
    store.record_guess(asked[0], asked[2][0])  # somebody's own guess changes no stored output
    ae.predict(*asked)
    assert capsys.readouterr().out == f"Predict: {asked[1]} ({choice})\n"
    ae.reveal(asked[0], asked[2][1])
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_in_a_notebook_that_nobody_watches_it_is_the_sentence_in_markdown(monkeypatch):
    monkeypatch.setenv("CI", "true")
    cells = ["import aeutils as ae", f"ae.predict(*{GREY})", "ae.reveal('03 grey', 'grey')"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    nbclient.NotebookClient(notebook, kernel_name="python3").execute()
    (shown,) = notebook.cells[1].outputs
    assert shown.data["text/markdown"] == "**Predict:** What is the output for a grey image? (grey / a face)"
    assert notebook.cells[2].outputs == []


def test_without_a_guess_nothing_is_revealed(live, capsys):
    live(GREY)
    capsys.readouterr()
    ae.reveal("03 grey", "a face")
    assert capsys.readouterr().out == "" and store.guesses() == {}


@pytest.mark.parametrize(
    "asked, guess, answer, said",
    [
        (GREY, "grey", "a face", "You said “grey”; it is “a face”."),
        (GREY, "a face", "a face", "You said “a face”, and so it is."),
        (NUMBER, 3, 49.6, "You said 3; it is 50."),
        (NUMBER, 10, torch.tensor(14.2), "You said 10; it is 14, so you were near."),
        (NUMBER, 14, np.float32(14.2), "You said 14, and so it is."),
        (NUMBER, 1, -0.2, "You said 1; it is 0, so you were near."),
        (SHARE, 0.5, 0.721, "You said 0.50; it is 0.72."),
        (("05 many", "How many?", (0, 100_000)), 20_000, 24_123, "You said 20,000; it is 24,123, so you were near."),
    ],
)
def test_with_a_guess_it_says_what_became_of_it(live, capsys, asked, guess, answer, said):
    panel = live(asked)
    panel.guess = guess
    assert panel.said.startswith("You said ")
    capsys.readouterr()
    ae.reveal(asked[0], answer)
    assert capsys.readouterr().out == f"{said}\n"
    assert store.guesses()[asked[0]]["near"] == ("near" in said or "so it is" in said)


def test_guess_changes_until_it_is_revealed_and_survives_a_restart(live, monkeypatch):
    panel = live(GREY)
    for guess in ("grey", "a face", "grey"):
        panel.guess = guess
    restart(monkeypatch)
    panel = live(GREY)
    assert panel.guess == "grey" and panel.said == "You said “grey”." and not panel.is_closed
    ae.reveal("03 grey", "a face")
    assert panel.is_closed
    panel.guess = "a face"
    assert store.guesses()["03 grey"]["guess"] == "grey"
    restart(monkeypatch)
    panel = live(GREY)
    assert panel.guess == "grey" and panel.is_closed


def test_revealed_once_more_it_writes_only_what_is_new(live, kept):
    live(NUMBER).guess = 10
    for answer in (14, 14.5, 14, 40):
        ae.reveal("04 error", answer)
    assert kept.read_text(encoding="utf-8").count('"prediction"') == 3
    assert store.guesses()["04 error"]["near"] is False


def test_guess_at_other_options_than_those_of_today_does_not_count(live):
    live(GREY).guess = "grey"
    assert live((*GREY[:2], ["black", "a face"])).guess is None
    assert live((*GREY[:2], (0, 5))).guess is None
    assert live(GREY).guess == "grey"


def test_off_keeps_nothing_on_the_disk(live, monkeypatch, tmp_path):
    monkeypatch.setenv("AEUTILS_PROGRESS", "off")
    panel = live(GREY)
    panel.guess = "grey"
    assert live(GREY).guess == "grey" and list(tmp_path.iterdir()) == []


def test_progress_counts_those_that_are_answered(live, capsys):
    ae.check.progress()
    assert "Predictions" not in capsys.readouterr().out
    for asked, guess, answer in ((GREY, "grey", "a face"), (NUMBER, 10, 14), (SHARE, 0.5, None)):
        live(asked).guess = guess
        if answer is not None:
            ae.reveal(asked[0], answer)
    capsys.readouterr()
    for notebook, counted in ((None, "1 of 2"), (3, "0 of 1"), (4, "1 of 1")):
        ae.check.progress(notebook)
        assert f"Predictions: {counted} near." in capsys.readouterr().out
    ae.check.progress(5)
    assert "Predictions" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "[]",
        '{"prediction": 3, "guess": "grey", "near": null, "at": 9e9}',
        '{"prediction": "03 grey", "guess": null, "near": null, "at": 9e9}',
        '{"prediction": "03 grey", "guess": NaN, "near": null, "at": 9e9}',
        '{"prediction": "03 grey", "guess": "a face", "near": "yes", "at": 9e9}',
        '{"prediction": "03 grey", "guess": "a face", "near": null, "at": "now"}',
        '{"prediction": "03 grey", "guess": "a fa',
    ],
)
def test_damaged_line_costs_that_line_alone(live, kept, line):
    live(GREY).guess = "grey"
    with kept.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    assert store.guesses()["03 grey"]["guess"] == "grey"
    assert store.read() == {"passed": [], "best": {}}


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"key": ""}, "key is ''; expected a text"),
        ({"key": 3}, "key is 3; expected a text"),
        ({"question": None}, "question is None; expected a text"),
        ({"options": []}, "options is []; expected two to four short texts in a list, or (low, high)"),
        ({"options": ["one"]}, "expected two to four"),
        ({"options": list("abcde")}, "expected two to four"),
        ({"options": ["a", "a"]}, "each text once"),
        ({"options": ["a", ""]}, "expected two to four"),
        ({"options": ["a", "b" * 81]}, "at most 80 characters"),
        ({"options": ["a", 2]}, "expected two to four"),
        ({"options": "yes or no"}, "options is 'yes or no'; expected two to four"),
        ({"options": (5, 3)}, "options is (5, 3); expected (low, high), two numbers with low below high"),
        ({"options": (3, 3)}, "low below high"),
        ({"options": (0, float("nan"))}, "low below high"),
        ({"options": (0, float("inf"))}, "low below high"),
        ({"options": (False, True)}, "expected two to four"),
    ],
)
def test_what_cannot_be_asked_is_one_clear_sentence(wrong, message):
    asked = dict(zip(("key", "question", "options"), GREY, strict=True)) | wrong
    with pytest.raises(ae.InputError) as caught:
        ae.predict(**asked)
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "key, answer, message",
    [
        ("03 gray", "grey", "run the cell with ae.predict('03 gray', ...); did you mean '03 grey'?"),
        ("elsewhere", "grey", "key is 'elsewhere', which was not asked yet: run the cell with ae.predict("),
        (3, "grey", "key is 3, which was not asked yet"),
        ("03 grey", "a cat", "'a cat'; expected one of its options, 'grey', 'a face'"),
        ("03 grey", 3, "expected one of its options"),
        ("04 error", "5", "the answer to '04 error' is given as '5'; expected a number"),
        ("04 error", float("nan"), "given as nan; expected a number"),
        ("04 error", True, "expected a number"),
        ("04 error", None, "expected a number"),
        ("04 error", torch.zeros(2), "expected a number"),
    ],
)
def test_what_cannot_be_revealed_is_one_clear_sentence(key, answer, message):
    ae.predict(*GREY)
    ae.predict(*NUMBER)
    with pytest.raises(ae.InputError) as caught:
        ae.reveal(key, answer)
    assert message in str(caught.value)


def test_unknown_guess_is_refused(live):
    live(GREY)
    with pytest.raises(ae.InputError, match="expected one of its options"):
        predictions._asked["03 grey"].take("a cat")
    assert store.guesses() == {}


@pytest.mark.parametrize(
    "options, step", [((0, 50), 1), ((0, 8), 1), ((0, 1000), 10), ((0.0, 1.0), 0.01), ((0, 8.0), 0.1)]
)
def test_slider_has_whole_numbers_where_both_ends_are(live, options, step):
    assert live(("04 step", "How many?", options)).step == pytest.approx(step)


def test_panel_says_in_its_stored_output_what_could_be_chosen(live):
    panel = live(GREY)
    bundle, _ = panel._repr_mimebundle_()
    assert isinstance(panel, GuessPanel) and bundle["text/plain"] == "grey / a face"


@pytest.mark.slow
def test_import_of_the_package_brings_no_widgets():
    code = "import sys, aeutils; print({'ipywidgets', 'anywidget', 'aeutils.predictions'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr
    assert ae.predict is importlib.import_module("aeutils.predictions").predict
