"""A prediction in JupyterLab: clicked or moved, answered by the cell after the figure, there again after a restart."""

from pathlib import Path

from playwright.sync_api import expect
import pytest

pytestmark = pytest.mark.data_free

AXE = (Path(__file__).parent / "vendored" / "axe.min.js").read_text(encoding="utf-8")
IMPORT = "import aeutils as ae"
ASK = 'ae.predict("03 grey", "What comes out for $x = 0.5$, *grey* all over?", ["grey", "a face", "noise"])'
REVEAL = 'ae.reveal("03 grey", "a face")'
ASK_NUMBER = 'ae.predict("03 error", "How large is the error?", (0, 50))'
REVEAL_NUMBER = 'ae.reveal("03 error", 38.2)'
PROGRESS = "ae.check.progress(3)"
CELLS = [IMPORT, ASK, REVEAL, ASK_NUMBER, REVEAL_NUMBER, PROGRESS]


@pytest.fixture
def asked(lab):
    """The notebook, with both questions asked by a student who has said nothing yet."""
    (lab.server.root / "progress.json").unlink(missing_ok=True)
    lab.create("predictions.ipynb", CELLS)
    for text in (IMPORT, ASK, ASK_NUMBER):
        lab.run(lab.cell(text))
    yield lab
    assert lab.failures == []
    (lab.server.root / "progress.json").unlink(missing_ok=True)


def panel(lab, text):
    return lab.cell(text).locator(".aeutils-guess")


def reply(lab, text):
    lab.run(lab.cell(text))
    return lab.panel(lab.cell(text))


def restart(lab):
    """Restart the kernel, as a student does, and run the import."""
    lab.choose("Kernel", "kernelmenu:restart")
    lab.page.locator(".jp-Dialog-button.jp-mod-warn").click()
    lab.wait_for_kernel()
    lab.run(lab.cell(IMPORT))


def choose_theme(lab, name):
    """Choose a theme, as a student does: settings, theme."""
    lab.page.locator(".lm-MenuBar-itemLabel").get_by_text("Settings", exact=True).click()
    lab.page.locator(".lm-Menu-item").get_by_text("Theme", exact=True).hover()
    themes = lab.page.locator(".lm-Menu-item[data-command='apputils:change-theme']")
    themes.get_by_text(name, exact=True).click()
    expect(lab.page.locator("body")).to_have_attribute("data-jp-theme-name", name)


def found_by_axe(lab):
    found = lab.page.evaluate("axe.run('.aeutils-guess').then((result) => result.violations)")
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


def test_guess_is_clicked_answered_and_kept(asked):
    lab = asked
    expect(lab.cell(ASK).locator(".jp-RenderedMarkdown")).to_contain_text("Predict: What comes out")
    assert reply(lab, REVEAL).count() == 0, "nothing is said to who has said nothing"
    panel(lab, ASK).get_by_role("button", name="grey").click()
    expect(panel(lab, ASK).get_by_role("status")).to_have_text("You said “grey”.")
    slider = panel(lab, ASK_NUMBER).get_by_role("slider", name="your guess")
    slider.focus()
    for _ in range(5):
        lab.page.keyboard.press("ArrowRight")
    lab.page.keyboard.press("Tab")
    lab.page.keyboard.press("Enter")
    expect(panel(lab, ASK_NUMBER).get_by_role("status")).to_have_text("You said 30.")
    lab.page.evaluate(AXE)
    assert found_by_axe(lab) == []
    choose_theme(lab, "JupyterLab Dark")
    assert found_by_axe(lab) == []
    choose_theme(lab, "JupyterLab Light")  # the server remembers it
    restart(lab)
    lab.run(lab.cell(ASK))
    grey, face = (panel(lab, ASK).get_by_role("button", name=name) for name in ("grey", "a face"))
    expect(grey).to_have_attribute("aria-pressed", "true")
    expect(face).to_have_attribute("aria-pressed", "false")
    expect(reply(lab, REVEAL)).to_have_text("You said “grey”; it is “a face”.")
    expect(face).to_be_disabled()
    lab.run(lab.cell(ASK_NUMBER))
    expect(panel(lab, ASK_NUMBER).get_by_role("slider")).to_have_value("30")
    expect(reply(lab, REVEAL_NUMBER)).to_have_text("You said 30; it is 38.")
    expect(reply(lab, PROGRESS)).to_contain_text("Predictions: 0 of 2 near.")
