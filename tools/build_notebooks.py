"""Build the notebooks in notebooks/ from their sources in notebooks/source/, figures included.

    python tools/build_notebooks.py            all of them
    python tools/build_notebooks.py 03 04      those whose names begin so
    python tools/build_notebooks.py --prose    take over prose and tags alone, where no code has changed

Building needs the whole data sets (see data/README.md). Building twice changes nothing but timings.
"""

import hashlib
import json
import math
import os
from pathlib import Path
import sys
import time

import jupytext
import nbclient
import nbformat

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SOURCES = NOTEBOOKS / "source"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
PEAK_MEMORY = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def sources(names=()):
    """The notebook sources, in order; only those whose names begin with one of names, if any are given."""
    return sorted(path for path in SOURCES.glob("*.py") if not names or path.name.startswith(tuple(names)))


def product(source):
    """The notebook that is built from a source."""
    return NOTEBOOKS / f"{source.stem}.ipynb"


def make(source, measured):
    """The notebook of a source, without outputs.

    measured: {"seconds": int, "megabytes": int} of the last run; {{seconds}} in the prose becomes
    those seconds, rounded up to the next five. Cell ids are made from the cells' text, so they stay.
    """
    notebook = jupytext.read(source, fmt="py:percent")
    shown_seconds = str(math.ceil(measured["seconds"] / 5) * 5)
    seen = set()
    for cell in notebook.cells:
        cell.id = _cell_id(cell.source, seen)
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("{{seconds}}", shown_seconds)
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": KERNEL, "language_info": {"name": "python"}, "aeutils": measured}
    )
    return notebook


def _cell_id(text, seen):
    """Eight characters that depend on the text alone, and on how often the same text came before."""
    repeat = 0
    while (name := hashlib.sha256(f"{repeat}{text}".encode()).hexdigest()[:8]) in seen:
        repeat += 1
    seen.add(name)
    return name


def execute(notebook):
    """Run all cells in a new kernel and return {"seconds", "megabytes"}: the time it took, peak memory."""
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK_MEMORY))
    start = time.perf_counter()
    nbclient.NotebookClient(
        notebook, kernel_name="python3", timeout=300, record_timing=False, coalesce_streams=True
    ).execute(cwd=NOTEBOOKS)
    seconds = time.perf_counter() - start
    kilobytes = int(notebook.cells.pop().outputs[0].text)
    return {"seconds": round(seconds), "megabytes": round(kilobytes / 1024)}


def check_outputs(notebook):
    """Stop when a cell wrote a warning: a student must not wonder whether it matters."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise SystemExit(f"this cell writes to stderr:\n{cell.source}\n\n{output.text}")


def write(notebook, path):
    """Write the notebook with sorted keys and a final newline, in one step."""
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    nbformat.validate(nbformat.reads(text, as_version=4))
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def build(source):
    """Execute one source and write its notebook."""
    executed = make(source, {"seconds": 0, "megabytes": 0})
    measured = execute(executed)
    check_outputs(executed)
    finish(source, measured, executed)
    kilobytes = product(source).stat().st_size // 1024
    print(f"{source.stem}: {measured['seconds']} s, {measured['megabytes']} MB peak, file {kilobytes} KB", flush=True)


def take_over_prose(source):
    """Write the notebook with the outputs that it has stored. Stops when a line of code has changed."""
    stored = nbformat.read(product(source), as_version=4)
    if [cell.source for cell in code_cells(stored)] != [
        cell.source for cell in code_cells(make(source, {"seconds": 0}))
    ]:
        raise SystemExit(f"{source.name}: its code has changed, so it must be built without --prose")
    finish(source, stored.metadata["aeutils"], stored)


def finish(source, measured, executed):
    """Write the notebook of a source with the outputs of an executed one."""
    finished = make(source, measured)
    for cell, done in zip(code_cells(finished), code_cells(executed), strict=True):
        cell.outputs, cell.execution_count = done.outputs, done.execution_count
    write(finished, product(source))


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def main():
    names = [argument for argument in sys.argv[1:] if argument != "--prose"]
    if "--prose" in sys.argv:
        for source in sources(names):
            take_over_prose(source)
        return
    os.environ["CI"] = "true"  # no progress bars in stored outputs
    import aeutils as ae

    if not (ae.load_mnist().whole and ae.load_faces().whole):
        raise SystemExit("Notebooks are built with the whole data sets; set AEUTILS_DATA or connect to the network.")
    for source in sources(names):
        build(source)


if __name__ == "__main__":
    main()
