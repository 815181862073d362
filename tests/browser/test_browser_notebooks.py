"""Each notebook in JupyterLab: a student opens it, runs all cells, and sees nothing that should not be there."""

from playwright.sync_api import expect
import pytest

from browser.server import PROJECT

pytestmark = pytest.mark.data_free
NOTEBOOKS = sorted(path.name for path in (PROJECT / "notebooks").glob("[0-9]*.ipynb"))
WIDGET = "application/vnd.jupyter.widget-view+json"


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def test_the_course_opens_its_first_notebook(lab):
    lab.page.goto(lab.server.first_page())
    lab.wait_for_kernel()
    expect(lab.page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab.lm-mod-current")).to_have_text(NOTEBOOKS[0])
    assert lab.elsewhere() == [], "the page asks other machines"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_runs_to_its_end(lab, name):
    lab.open(name)
    notebook = lab.run_all()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    wrong = [output for output in outputs(notebook) if output.output_type == "error" or output.get("name") == "stderr"]
    assert not wrong
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    check_widgets(lab, notebook)
    check_panels(lab, sum("ae.check." in cell.source for cell in cells))
    assert lab.broken_images() == []
    assert lab.failures == []
    assert lab.elsewhere() == [], "the page asks other machines"


def check_widgets(lab, notebook):
    """Every widget of the notebook is shown, or hidden because it was closed, and none has failed."""
    places = ".jp-OutputArea-output.lm-Panel"
    widgets = [output for output in outputs(notebook) if WIDGET in output.get("data", {})]
    expect(lab.page.locator(places)).to_have_count(len(widgets))
    expect(lab.page.locator(f"{places}:not(.lm-mod-hidden):not(:has(> .lm-Widget:not(:empty)))")).to_have_count(0)
    expect(lab.page.locator(".jupyter-widgets-error-widget")).to_have_count(0)
    assert "Error displaying widget" not in lab.text()


def check_panels(lab, count):
    """Every check says that its question was not attempted yet; the last cell shows progress."""
    headlines = lab.page.locator(".jp-OutputArea [role=status] > b:first-child").all_text_contents()
    assert len(headlines) == count
    assert all(headline.startswith("… Not attempted yet: ") for headline in headlines[:-1]), headlines
    assert headlines[-1:] in ([], ["Your progress"])
