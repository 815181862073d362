"""aeutils_lab: exported pages whose explorers move, and notebooks opened anew without the errors of lost widgets."""

import asyncio
import json
from pathlib import Path
import re
import subprocess
import sys
from types import SimpleNamespace

from build_notebooks import read, sources
from ipywidgets import Widget
from nbconvert import HTMLExporter
import nbformat
import pytest
import torch
from traitlets.config import Config

import aeutils as ae
from aeutils.widgets import assemble
import aeutils_lab
import aeutils_lab.export
from aeutils_lab.export import NOT_OWN
from aeutils_lab.views import STATE, VIEW, forget_lost_views

pytestmark = pytest.mark.data_free

SETTINGS = Path(aeutils_lab.__file__).parent / "etc" / "jupyter"
IMAGES = torch.rand(5, 1, 28, 28, generator=torch.Generator().manual_seed(0))
BLEND = "ae.widgets.blend(model, images)"


def exported(notebook):
    """The HTML that nbconvert makes of a notebook with the course's settings."""
    settings = json.loads((SETTINGS / "jupyter_nbconvert_config.json").read_text(encoding="utf-8"))
    return HTMLExporter(config=Config(settings)).from_notebook_node(notebook)[0]


def notebook_of(source, data, metadata=None, **more):
    """A notebook with one code cell and its one output."""
    output = nbformat.v4.new_output("display_data", data, metadata=metadata or {})
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, outputs=[output])], metadata=more)


@pytest.fixture
def shown(monkeypatch):
    """(explorer, notebook that shows it as it is stored after a run, its kernel gone)."""
    monkeypatch.delenv("CI", raising=False)
    torch.manual_seed(0)
    explorer = ae.widgets.blend(ae.fully_connected((1, 28, 28), 3), IMAGES)
    data, metadata = explorer._repr_mimebundle_()
    data["image/png"] = "aGVsbG8="
    return explorer, notebook_of(BLEND, data, metadata)


def addresses(page):
    """What a page loads from elsewhere."""
    return re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(?!data:)([^"]+)"', page)


@pytest.mark.slow
def test_stored_notebook_is_exported_with_explorers_that_move_and_asks_nobody():
    page = exported(read(sources(["06"])[0], "student"))
    for name in ("latent_map", "blend", "draw_digit"):
        assert re.search(rf'data-explorer="{name}"><img alt="[^"]+" src="data:image/png', page)
    assert page.count("adapter_js.showAll(") == 3 and addresses(page) == []
    prose = re.sub(r"<pre.*?</pre>|<style.*?</style>|<script.*?</script>", "", page, flags=re.DOTALL)
    assert "<math" in prose and "$" not in prose and NOT_OWN not in page
    assert len(page) < 2_800_000


def test_explorer_whose_state_is_stored_moves_the_students_own_network(shown):
    explorer, notebook = shown
    notebook.metadata["widgets"] = {STATE: Widget.get_manager_state(widgets=[explorer])}
    panel = nbformat.v4.new_output("display_data", {VIEW: {"model_id": "other"}, "text/plain": "grey / a face"})
    notebook.metadata["widgets"][STATE]["state"]["other"] = {}
    notebook.cells.append(nbformat.v4.new_code_cell("ae.predict(...)", outputs=[panel]))
    page = exported(nbformat.from_dict(notebook))
    assert "grey / a face" in page and VIEW not in page
    assert f'data-explorer="{explorer.model_id}"' in page and NOT_OWN not in page
    assert assemble._call({explorer.model_id: explorer.fields}, explorer.data) in page
    assert addresses(page) == []


def test_explorer_whose_state_is_not_stored_says_whose_network_moves(shown):
    _, notebook = shown
    page = exported(notebook)
    assert 'data-explorer="blend"' in page and NOT_OWN in page


def test_explorer_that_needs_its_kernel_stays_a_figure(shown):
    explorer, notebook = shown
    explorer.fields = {**explorer.fields, "unknown": {"decoder": "Softplus"}, "kind": "unheard of"}
    notebook.metadata["widgets"] = {STATE: Widget.get_manager_state(widgets=[explorer])}
    notebook.cells[0].source = "ae.widgets.unheard_of(model)"
    page = exported(nbformat.from_dict(notebook))
    assert "data-explorer" not in page and "aGVsbG8=" in page


def test_other_notebooks_are_exported_as_ever():
    page = exported(notebook_of("1 + 1", {"text/plain": "2"}))
    assert "mathjax" in page and "<script>{" not in page


def test_formulas_are_left_to_mathjax_where_nothing_can_write_them(monkeypatch):
    monkeypatch.setattr(aeutils_lab.export, "HAS_MATHML", False)
    notebook = notebook_of(BLEND, {"image/png": "aGk="}, {"image/png": {"alt": "two"}})
    notebook.cells.append(nbformat.v4.new_markdown_cell("$x^2$"))
    page = exported(notebook)
    assert "$x^2$" in page and len(addresses(page)) == 1 and 'data-explorer="blend"' in page


@pytest.mark.slow
def test_neither_torch_nor_aeutils_is_loaded_for_an_export():
    code = f"""
import json, sys
from nbconvert import HTMLExporter
import nbformat
from traitlets.config import Config
settings = json.load(open({str(SETTINGS / "jupyter_nbconvert_config.json")!r}))
output = nbformat.v4.new_output("display_data", {{"image/png": "aGk="}}, metadata={{"image/png": {{"alt": "two"}}}})
cell = nbformat.v4.new_code_cell({BLEND!r}, outputs=[output])
page, _ = HTMLExporter(config=Config(settings)).from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
import aeutils_lab.views
print(page.count('data-explorer="blend"'), sorted({{"torch", "aeutils"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "1 []\n", done.stderr


class Files:
    """A manager of files that has one notebook."""

    def __init__(self, notebook):
        self.notebook = notebook

    async def get(self, path, content=True):
        return {"type": "notebook", "content": self.notebook if content else None}


class FilesOfBefore(Files):
    """One that is not asynchronous."""

    def get(self, path, content=True):
        return {"type": "notebook", "content": self.notebook}


def server_of(files, *running):
    """A server with these files, in which the notebooks at these paths have kernels."""

    async def list_sessions():
        return [{"path": path} for path in running]

    sessions = SimpleNamespace(list_sessions=list_sessions)
    return SimpleNamespace(contents_manager=files, session_manager=sessions, config=Config())


def opened(notebook, *running, path="/notebooks/one.ipynb"):
    """What is stored as the output of the first cell, as a server hands it out."""
    server = server_of(Files(notebook), *running)
    asyncio.run(aeutils_lab._start_jupyter_server_extension(server))
    model = asyncio.run(server.contents_manager.get(path=path, content=True))
    return set(model["content"]["cells"][0]["outputs"][0]["data"])


def test_notebook_opened_without_its_kernel_shows_what_is_stored(shown):
    _, notebook = shown
    assert opened(notebook, "notebooks/two.ipynb") == {"image/png", "text/plain"}


def test_notebook_whose_kernel_runs_keeps_its_widgets(shown):
    _, notebook = shown
    assert VIEW in opened(notebook, "notebooks/one.ipynb")


def test_widget_whose_state_is_stored_stays(shown):
    explorer, notebook = shown
    notebook.metadata["widgets"] = {STATE: {"state": {explorer.model_id: {}}}}
    assert VIEW in opened(notebook)


def test_widget_that_has_nothing_beside_it_stays():
    assert opened(notebook_of("slider", {VIEW: {"model_id": "1"}})) == {VIEW}


def test_a_file_without_its_content_and_a_manager_of_another_kind_are_left_alone(shown):
    _, notebook = shown
    server = server_of(Files(notebook))
    forget_lost_views(server)
    assert asyncio.run(server.contents_manager.get("one.ipynb", content=False))["content"] is None
    server = server_of(FilesOfBefore(notebook))
    forget_lost_views(server)
    assert VIEW in server.contents_manager.get("one.ipynb")["content"].cells[0].outputs[0].data


def test_server_exports_as_the_command_does():
    server = server_of(Files(None))
    server.config.HTMLExporter.preprocessors = ["other"]
    aeutils_lab._load_jupyter_server_extension(server)
    settings = json.loads((SETTINGS / "jupyter_nbconvert_config.json").read_text(encoding="utf-8"))
    assert server.config.HTMLExporter.preprocessors == ["other", *settings["HTMLExporter"]["preprocessors"]]
