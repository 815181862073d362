"""Build the three editions of each notebook from its source in notebooks/source/, figures included (see editions.py).

    python tools/build_notebooks.py            all of them
    python tools/build_notebooks.py 03 04      those whose names begin so
    python tools/build_notebooks.py --prose    take over prose and tags alone, where no code has changed

Building needs the whole data sets (see data/README.md) and a Python before 3.14. Building twice changes nothing but
timings.
"""

import ast
import base64
import json
import os
from pathlib import Path
import sys
import time

from editions import EDITIONS, code_cells, expected_figures, lessons, make, place
import nbclient
import nbformat

PROJECT = Path(__file__).parents[1]
NOTEBOOKS = PROJECT / "notebooks"
SOURCES = NOTEBOOKS / "source"
PEAK_MEMORY = """
import sys
if sys.platform == "win32":
    import psutil
    print(psutil.Process().memory_info().peak_wset // 1024)
else:
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1))
"""
"""Prints the kilobytes that a kernel has taken at most. Each system counts in its own way."""


def sources(names=()):
    """The notebook sources, in order; only those whose names begin with one of names, if any are given."""
    return sorted(path for path in SOURCES.glob("*.py") if not names or path.name.startswith(tuple(names)))


def taught(number, *names):
    """What a notebook writes out under these names: classes and functions that need nothing but its imports."""
    (source,) = sources([number])
    imports_and_names = [
        node
        for node in ast.parse(source.read_text(encoding="utf-8")).body
        if isinstance(node, (ast.Import, ast.ImportFrom)) or getattr(node, "name", None) in names
    ]
    space = {}
    exec(compile(ast.Module(imports_and_names, []), source.name, "exec"), space)
    return [space[name] for name in names]


def product(source, edition):
    """The notebook that is built from a source."""
    return PROJECT / place(source, edition)


def read(source, edition):
    """The stored notebook of a source in an edition."""
    return nbformat.read(product(source, edition), as_version=4)


def run(notebook, record_timing=False):
    """Run all cells in a new kernel and return the seconds that it took. record_timing: keep those of each cell."""
    options = {"kernel_name": "python3", "timeout": 300, "coalesce_streams": True}
    start = time.perf_counter()
    nbclient.NotebookClient(notebook, record_timing=record_timing, **options).execute(cwd=NOTEBOOKS)
    return time.perf_counter() - start


def execute(notebook):
    """Run all cells in a new kernel and return {"seconds", "megabytes"}: the time it took, peak memory."""
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK_MEMORY))
    seconds = run(notebook)
    kilobytes = int(notebook.cells.pop().outputs[0].text)
    return {"seconds": round(seconds), "megabytes": round(kilobytes / 1024)}


def check_outputs(notebook):
    """Stop when a cell wrote a warning: a student must not wonder whether it matters."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise SystemExit(f"this cell writes to stderr:\n{cell.source}\n\n{output.text}")


def pack(notebook):
    """Write the same pixels in fewer bytes: that takes a second for each image, too long for a student's notebook."""
    import oxipng

    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        if image := output.get("data", {}).get("image/png"):
            packed = oxipng.optimize_from_memory(base64.b64decode(image), level=4)
            output.data["image/png"] = base64.b64encode(packed).decode()


def write(notebook, path):
    """Write the notebook with sorted keys and a final newline, in one step."""
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    nbformat.validate(nbformat.reads(text, as_version=4))
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    unfinished.replace(path)


def build(source):
    """Write all editions of one source; the solutions and the student edition are executed."""
    complete_seconds, figures = 0, ()
    for edition in EDITIONS:
        measured = {"complete_seconds": complete_seconds}
        executed = make(source, edition, measured, figures)
        if edition != "live":
            measured |= execute(executed)
            check_outputs(executed)
            pack(executed)
        if edition == "solutions":
            measured["complete_seconds"] = complete_seconds = measured["seconds"]
            figures = expected_figures(executed)
        finish(source, edition, measured, figures, executed)
        kilobytes = product(source, edition).stat().st_size // 1024
        print(f"{source.stem}, {edition}: {measured}, file {kilobytes} KB", flush=True)


def take_over_prose(source):
    """Write all editions with the outputs that they have stored. Stops when a line of code has changed."""
    figures = expected_figures(read(source, "solutions"))
    for edition in EDITIONS:
        stored = read(source, edition)
        measured = stored.metadata["aeutils"]
        made = make(source, edition, measured, figures)
        if [cell.source for cell in lessons(stored)] != [cell.source for cell in lessons(made)]:
            raise SystemExit(f"{source.name}: its code has changed, so it must be built without --prose")
        finish(source, edition, measured, figures, stored)


def finish(source, edition, measured, figures, executed):
    """Write an edition with the outputs of an executed notebook."""
    finished = make(source, edition, measured, figures)
    for cell, done in zip(lessons(finished), lessons(executed), strict=True):
        cell.outputs = done.outputs
    if edition != "live":
        for number, cell in enumerate(code_cells(finished), 1):
            cell.execution_count = number
    write(finished, product(source, edition))


def main():
    names = [argument for argument in sys.argv[1:] if argument != "--prose"]
    if "--prose" in sys.argv:
        for source in sources(names):
            take_over_prose(source)
        return
    os.environ["CI"] = "true"  # no progress bars in stored outputs
    os.environ["AEUTILS_PROGRESS"] = "off"  # every notebook begins with nothing passed
    import aeutils as ae

    if not (ae.load_mnist().whole and ae.load_faces().whole):
        raise SystemExit("Notebooks are built with the whole data sets; set AEUTILS_DATA or connect to the network.")
    for source in sources(names):
        build(source)


if __name__ == "__main__":
    main()
