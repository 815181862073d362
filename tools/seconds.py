"""Run each notebook as students get it, with whole and with embedded data: how long it takes, and its slowest cell.

    python tools/seconds.py            print the table
    python tools/seconds.py --write    and put it into docs/measured.md
    python tools/seconds.py 09 10      only notebooks whose names begin so

Needs whole MNIST and two idle cores. Exits with 1 when a limit is missed.
"""

from datetime import datetime
import os
import sys

from build_notebooks import read, run, sources
from pages import link, publish

ALONE = "12_the_record"
"""Counted by itself: one of its cells trains for a minute."""
LIMITS = {"whole": 360, "embedded": 180}
"""Seconds that all other notebooks may take together, by data."""
ALONE_LIMIT, CELL_LIMIT = 240, 15
"""Seconds of that notebook, and of any cell of all others."""
BUDGET = 60
"""Seconds that a notebook may take when it is built, alone on two cores."""


def measure(notebook, data):
    """Run a notebook in a new kernel, its start included. Returns its seconds and those of its slowest cell."""
    os.environ["AEUTILS_DATA"] = data
    return run(notebook, record_timing=True), max(map(cell_seconds, notebook.cells))


def cell_seconds(cell):
    """How long a cell ran, by the times that its kernel told; 0 for prose."""
    times = cell.metadata.get("execution", {})
    if "shell.execute_reply" not in times:
        return 0.0
    begin, end = (datetime.fromisoformat(times[name]) for name in ("iopub.status.busy", "shell.execute_reply"))
    return (end - begin).total_seconds()


def lines(names, whole):
    """The lines of the table one by one, and with each whether its limits are kept. whole: AEUTILS_DATA of it."""
    yield "| notebook | whole data, s | slowest cell, s | embedded data, s | slowest cell, s |", True
    yield "|---|---|---|---|---|", True
    places, sums = {"whole": whole, "embedded": "embedded"}, dict.fromkeys(LIMITS, 0.0)
    for source in sources(names):
        alone, cells, kept = source.stem == ALONE, [], True
        for data, place in places.items():
            seconds, slowest = measure(read(source, "student"), place)
            sums[data] += 0 if alone else seconds
            kept &= seconds <= ALONE_LIMIT if alone else slowest <= CELL_LIMIT
            cells += [f"{seconds:.0f}", f"{slowest:.1f}"]
        yield f"| {link(source)} | {' | '.join(cells)} |", kept
    both = [f"{sums[data]:.0f} (at most {LIMITS[data]})" for data in LIMITS]
    kept = all(sums[data] <= LIMITS[data] for data in LIMITS)
    yield f"| all but {ALONE[:2]} | {both[0]} | at most {CELL_LIMIT} | {both[1]} | at most {CELL_LIMIT} |", kept


def main():
    names = [argument for argument in sys.argv[1:] if argument != "--write"]
    if "--write" in sys.argv and names:
        raise SystemExit("docs/measured.md shows all notebooks: give --write or names, not both.")
    os.environ |= {"CI": "true", "AEUTILS_PROGRESS": "off"}  # no progress bars, and nothing is kept
    import aeutils as ae

    if not ae.load_mnist().whole:
        raise SystemExit("The table needs whole MNIST too; set AEUTILS_DATA or connect to the network.")
    return publish("seconds", lines(names, os.environ.get("AEUTILS_DATA", "")))


if __name__ == "__main__":
    sys.exit(main())
