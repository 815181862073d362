"""The student's way through an exercise: a wrong answer and its hint, the right answer, progress."""

from playwright.sync_api import expect
import pytest

import aeutils as ae

pytestmark = pytest.mark.data_free

STUB = "def prepare(raw):"
ANSWER = "def prepare(raw):\n    return {}"
CHECK = "ae.check.prepare(prepare)"
TITLE = ae.check.QUESTIONS["prepare"].title


def answer(lab, text):
    """Write an answer into its cell, run it and its check; returns the cell of the check."""
    stub, check = lab.cell(STUB), lab.cell(CHECK)
    lab.write(stub, ANSWER.format(text))
    lab.run(stub)
    lab.run(check)
    return check


def test_exercise_1_wrong_answer_is_told_why_and_right_answer_passes(lab):
    lab.open("07_exercise_1.ipynb")
    for text in ("import aeutils as ae", "ae.load_mnist()", "raw = "):
        lab.run(lab.cell(text))
    check = answer(lab, "raw.float().unsqueeze(1)")
    expect(lab.panel(check)).to_have_count(1)
    expect(lab.panel(check)).to_contain_text(f"Not yet: {TITLE}")
    expect(lab.panel(check)).to_contain_text(ae.check.prepare(lambda raw: raw.float().unsqueeze(1)).hint)
    expect(check.locator("img")).to_have_count(0)
    check = answer(lab, "raw.float().unsqueeze(1) / 255")
    expect(lab.panel(check)).to_have_count(1)
    expect(lab.panel(check)).to_contain_text(f"Passed: {TITLE}")
    expect(check.locator("img")).to_have_count(1)
    assert lab.broken_images() == []
    progress = lab.cell("ae.check.progress(7)")
    lab.run(progress)
    expect(lab.panel(progress)).to_contain_text(f"✓ {TITLE}")
    assert lab.failures == []


def test_hints_unfold_one_by_one(lab):
    lab.open("07_exercise_1.ipynb")
    hints = lab.page.locator("details")
    assert hints.count() > 0
    for hint in hints.all():
        text = hint.locator("> :not(summary)").first
        expect(text).to_be_hidden()
        hint.locator("summary").click()
        expect(text).to_be_visible()
