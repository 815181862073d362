"""A class at work on one machine: kernels that all run notebook 03 at once; memory of each, and the slowest cell.

python tools/class_load.py               print the table for 1, 4 and 8 kernels, which takes six minutes
python tools/class_load.py --write       and put it into docs/instructors.md
python tools/class_load.py --write 16    measure other numbers of kernels, and leave the other lines as they are
"""

from concurrent.futures import ThreadPoolExecutor
import os
import re
import sys
import tempfile
import threading
import time

from build_notebooks import read, sources
from nbclient import NotebookClient
from pages import generated, publish
import psutil
from seconds import cell_seconds

CLASSES = (1, 4, 8)
EVERY = 0.5
"""Seconds between two looks at the memory."""


def memory_of_kernels():
    """Bytes of each kernel: on Linux its proportional share of what several use, elsewhere all that is resident."""
    found = []
    for process in psutil.Process().children():
        try:
            if "ipykernel" not in " ".join(process.cmdline()):
                continue
            full = process.memory_full_info()
            found.append(getattr(full, "pss", 0) or full.rss)
        except psutil.Error:  # ended meanwhile
            continue
    return found


def measure(count):
    """Run notebook 03 in this many kernels at once: seconds of all, of the slowest cell; peak bytes of a kernel.

    Each has a folder for temporary files of its own, as users have: only notebooks of one user take turns in training.
    """
    (source,) = sources(["03"])
    notebooks = [read(source, "student") for _ in range(count)]
    clients = [NotebookClient(each, kernel_name="python3", timeout=1800, record_timing=True) for each in notebooks]
    peak, over = 0, threading.Event()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(count) as pool:
        own = [{**os.environ, "TMPDIR": tempfile.mkdtemp(dir=folder)} for _ in clients]
        running = [pool.submit(client.execute, env=each) for client, each in zip(clients, own, strict=True)]
        while not all(each.done() for each in running):
            peak = max(peak, sum(memory_of_kernels()) / count)
            over.wait(EVERY)
        for each in running:
            each.result()
    slowest = max(cell_seconds(cell) for notebook in notebooks for cell in notebook.cells)
    return time.monotonic() - start, slowest, peak


def lines(classes, earlier=()):
    """The lines of the table, in the shape that publish takes. earlier: lines of a table, kept where not measured."""
    yield "| kernels at once | all done after, s | slowest cell, s | memory of each at the peak, GB |", True
    yield "|---|---|---|---|", True
    kept = {int(line.split()[1]): line for line in earlier if re.match(r"\| \d", line)}
    for count in sorted({*kept, *classes}):
        if count in classes:
            seconds, slowest, peak = measure(count)
            yield f"| {count} | {seconds:.0f} | {slowest:.0f} | {peak / 1e9:.2f} |", True
        else:
            yield kept[count], True


def main():
    os.environ |= {"CI": "true", "AEUTILS_PROGRESS": "off"}
    classes = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    earlier = generated("class").splitlines() if "--write" in sys.argv else ()
    return publish("class", lines(classes or CLASSES, earlier))


if __name__ == "__main__":
    sys.exit(main())
