"""A notebook as one HTML file: explorers that move, formulas that browsers draw themselves, no request to a network.

nbconvert calls as_page for each notebook that it turns into HTML, on the command line and for JupyterLab's menu
(File, Save and Export As, HTML). An explorer moves the student's own network where the notebook stores the state of its
widgets (a setting of JupyterLab), else the course's, trained beforehand. Its figure stays where no script runs.
"""

import base64
from html import escape
import importlib.util
from pathlib import Path
import re

import nbformat

from aeutils_lab.views import VIEW, states, without_lost_views

FORMULA = re.compile(r"\$\$(?P<display>.+?)\$\$|\$(?P<inline>[^$\n]+?)\$", re.DOTALL)
SHOWN = re.compile(r"^ae\.widgets\.(\w+)\(", re.MULTILINE)
HAS_MATHML = importlib.util.find_spec("latex2mathml") is not None
"""Where it is not installed, formulas are left to the MathJax that nbconvert loads from a network."""
NOT_OWN = (
    "<p>This moves a network of the course: the notebook does not store yours. JupyterLab stores it where "
    "“Save Widget State Automatically” in the menu Settings is on.</p>"
)


def as_page(notebook, resources):
    """The notebook and nbconvert's resources for its page. What has nothing of the course stays as it is."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    places = [(cell, name) for cell in code for name in SHOWN.findall(cell.source)]
    if not places and "aeutils" not in notebook.metadata:
        return notebook, resources
    _move(notebook, places)
    if HAS_MATHML:
        resources = resources | {"mathjax_url": ""}
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = with_formulas(cell.source)
            write_formulas(cell)
    notebook.metadata.pop("widgets", None)  # other widgets would load a library from a network
    without_lost_views(notebook)
    return notebook, resources | {"require_js_url": ""}


def with_formulas(text):
    """Markdown in which each formula, $inline$ or $$display$$, is MathML, which browsers draw by themselves."""
    from latex2mathml.converter import convert

    def as_mathml(found):
        display = "block" if found["display"] else "inline"
        return convert((found["display"] or found["inline"]).strip(), display=display)

    return FORMULA.sub(as_mathml, text)


def write_formulas(cell):
    """The same in what a code cell shows as Markdown, such as a prediction."""
    for output in cell.get("outputs", []):
        if "text/markdown" in output.get("data", {}):
            output.data["text/markdown"] = with_formulas(output.data["text/markdown"])


def as_place(output, name, note=""):
    """The output of an explorer's cell as the place where it moves; where no script runs, its figure stays."""
    about = output.metadata["image/png"]
    look = f'alt="{escape(about["alt"])}"' + (f' width="{about["width"]}"' if "width" in about else "")
    figure = f'<img src="data:image/png;base64,{output.data["image/png"]}" {look}>'
    text = f'<div data-explorer="{name}">{figure}</div>{note}'
    return nbformat.v4.new_output("display_data", {"text/html": text})


def _move(notebook, places):
    """Put explorers in the place of their figures, and the program that moves them below the last."""
    assemble = _assemble()
    course, own, packs, last = assemble.stored(), states(notebook), {}, None
    for cell, name in places:
        for number, output in enumerate(cell.outputs):
            if "image/png" not in output.get("data", {}):
                continue
            view = output.data.get(VIEW, {}).get("model_id")
            if pack := _own_pack(view, own):
                key, note = view, ""
            elif name in course[0]:
                key, pack, note = name, assemble.only(*course, [name]), NOT_OWN if view else ""
            else:
                continue
            packs[key] = pack
            last = cell.outputs[number] = as_place(output, key, note)
    if last:
        style = (assemble.PAGE / "explorer.css").read_text(encoding="utf-8")
        program = assemble.script(*packs.values())
        last.data["text/html"] += f"<style>{style}</style><script>{program}</script>"


def _own_pack(key, own):
    """({key: fields}, bytes) of an explorer whose state the notebook stores and that needs no kernel; else None."""
    stored = own.get(key, {})
    fields = stored.get("state", {}).get("fields")
    buffers = [each["data"] for each in stored.get("buffers", []) if each["path"] == ["data"]]
    if not fields or not buffers or fields["unknown"]:
        return None
    return {key: fields}, base64.b64decode(buffers[0])


def _assemble():
    """aeutils.widgets.assemble, loaded by its file: the package would bring torch along."""
    (package,) = importlib.util.find_spec("aeutils").submodule_search_locations
    spec = importlib.util.spec_from_file_location("aeutils_assemble", Path(package) / "widgets" / "assemble.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
