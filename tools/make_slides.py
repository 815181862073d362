"""Make slides of the notebooks as they are stored, figures included; to show them takes no network and no Python.

    python tools/make_slides.py            all notebooks, into slides/
    python tools/make_slides.py 03 04      those whose names begin so

Open slides/NN_name.slides.html in any browser: arrow keys turn, Esc shows all slides, S opens the speaker's view.
A slide begins at each heading and at each piece of prose below it. Explorers move on them, each with the networks of
the site, in the place of the figure that stands for it.
"""

import importlib.util
from pathlib import Path
import shutil
import sys

from build_notebooks import read, sources
from editions import code_cells
from nbconvert import SlidesExporter
import playground

from aeutils.widgets.assemble import PAGE
from aeutils_lab.export import as_place, with_formulas, write_formulas

SLIDES = Path(__file__).parents[1] / "slides"


def make_slides(source, folder):
    """Write the slides of one source into a folder that copy_programs has filled. Returns their path."""
    notebook = read(source, "student")
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = with_formulas(cell.source)
    for cell in code_cells(notebook):
        write_formulas(cell)
        for name in playground.shown_by(cell):
            cell.outputs = [as_place(each, name) if "image/png" in each.data else each for each in cell.outputs]
    exporter = SlidesExporter(
        template_name="slides_template",
        extra_template_basedirs=[str(Path(__file__).parent)],
        reveal_url_prefix="reveal",
        reveal_theme="white",
        font_awesome_url="",
    )
    text, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": source.stem}})
    path = folder / f"{source.stem}.slides.html"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def copy_programs(folder):
    """Put the explorers into the folder, and reveal.js, as the package sphinx-revealjs carries it."""
    shutil.copy(PAGE / "explorer.css", folder)
    (folder / "explorers.js").write_text(playground.program(), encoding="utf-8", newline="\n")
    (package,) = importlib.util.find_spec("sphinx_revealjs").submodule_search_locations
    shutil.copytree(Path(package) / "_static" / "revealjs", folder / "reveal", dirs_exist_ok=True)


def main():
    SLIDES.mkdir(exist_ok=True)
    copy_programs(SLIDES)
    for source in sources(sys.argv[1:]):
        print(make_slides(source, SLIDES))


if __name__ == "__main__":
    main()
