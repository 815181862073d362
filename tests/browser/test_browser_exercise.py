"""The student's way through an exercise: a wrong answer, its hint, the right answer, progress."""

import aeutils as ae
from playwright.sync_api import expect


def counts_single_zeros(codes):
    return (codes == 0).sum()


STUB = "ae.check.dead_code_numbers(count_dead)"
ANSWER = "def count_dead(codes):\n    return {}\n\n\n" + STUB


def test_wrong_answer_is_told_why_and_right_answer_passes(lab):
    lab.open("03_the_simplest_autoencoder.ipynb")
    lab.run(lab.cell("import aeutils as ae"))
    cell = lab.cell(STUB)
    lab.write(cell, ANSWER.format("(codes == 0).sum()"))
    lab.run(cell)
    expect(lab.panel(cell)).to_have_count(1)
    expect(lab.panel(cell)).to_contain_text("Not yet: Count the dead code numbers")
    expect(lab.panel(cell)).to_contain_text(ae.check.dead_code_numbers(counts_single_zeros).hint)
    lab.write(cell, ANSWER.format("(codes == 0).all(dim=0).sum()"))
    lab.run(cell)
    expect(lab.panel(cell)).to_have_count(1)
    expect(lab.panel(cell)).to_contain_text("Passed: Count the dead code numbers")
    progress = lab.cell("ae.check.progress(3)")
    lab.run(progress)
    expect(lab.panel(progress)).to_contain_text("✓ Count the dead code numbers")
