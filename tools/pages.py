"""Fill the generated parts of README.md and docs/: the table of notebooks, the gallery, the notes on live cells.

    python tools/pages.py

The first two are made from the stored notebooks, the notes from the sources (see live_notes.py). The gallery shows one
figure of each notebook; its images are written to gallery/. Other tools fill in what they
measured, with publish().
"""

import base64
from pathlib import Path
import sys

from build_notebooks import product, read, sources
from editions import has_tag
import live_notes

PROJECT = Path(__file__).parents[1]
README = PROJECT / "README.md"
GALLERY = PROJECT / "gallery"
PAGES = [README, *sorted((PROJECT / "docs").glob("*.md"))]
"""Where generated parts stand, between <!-- name --> and <!-- /name -->."""


def parts(name):
    """The one page that has a generated part, and its text: before that part, the part itself, after it."""
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    (page,) = (page for page in PAGES if start in page.read_text(encoding="utf-8"))
    head, rest = page.read_text(encoding="utf-8").split(start)
    part, tail = rest.split(end)
    return page, head + start, part, end + tail


def generated(name):
    """The text of a generated part as it stands."""
    return parts(name)[2]


def fill(name, text):
    """Replace a generated part of the one page that has it."""
    page, head, _, tail = parts(name)
    page.write_text(f"{head}{text}\n{tail}", encoding="utf-8", newline="\n")


def publish(name, rows):
    """Print a table as it grows; with --write on the command line put it into its page.

    rows: (line, whether its limits are kept), one by one; a line that misses one is marked. Returns the exit code.
    """
    table, all_kept = [], True
    for line, kept in rows:
        table.append(line if kept else line.removesuffix(" |") + ", **missed** |")
        all_kept = all_kept and kept
        print(table[-1], flush=True)
    if "--write" in sys.argv:
        fill(name, "\n".join(table))
    return 0 if all_kept else 1


def link(source, root="../"):
    """A notebook's title, as a link to what students open. root: from the page to the folder of the project."""
    return f"[{opening(read(source, 'student'))[0]}]({root}notebooks/{product(source, 'student').name})"


def opening(notebook):
    """The title and the purpose of a notebook, from the first cell of its source."""
    lines = next(cell.source for cell in notebook.cells if cell.source.startswith("# ")).splitlines()
    purpose = next(line for line in lines if line.startswith("**Purpose:**"))
    return lines[0].removeprefix("# "), purpose.removeprefix("**Purpose:** ")


def chosen_figure(notebook):
    """The figure of the cell tagged "gallery": its PNG bytes and its description."""
    for cell in notebook.cells:
        if has_tag(cell, "gallery"):
            (output,) = (output for output in cell.outputs if "image/png" in output.get("data", {}))
            return base64.b64decode(output.data["image/png"]), output.metadata["image/png"]["alt"]
    raise SystemExit("a notebook has no cell tagged gallery")


def main():
    table = ["| notebook | what it is for | seconds on two cores |", "|---|---|---|"]
    gallery = []
    GALLERY.mkdir(exist_ok=True)
    for source in sources():
        title, purpose = opening(read(source, "student"))
        solutions = read(source, "solutions")
        png, description = chosen_figure(solutions)
        name, seconds = source.stem, solutions.metadata["aeutils"]["seconds"]
        (GALLERY / f"{name}.png").write_bytes(png)
        table.append(f"| {link(source, '')} | {purpose} | {seconds} |")
        gallery.append(f"**{title}**\n\n![{description}](../gallery/{name}.png)")
    fill("notebooks", "\n".join(table))
    fill("gallery", "\n\n".join(gallery))
    fill("live", live_notes.page(sources()))


if __name__ == "__main__":
    main()
