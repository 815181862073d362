"""A class at work on one machine: kernels that all run notebook 03 at once; memory of each, and the slowest cell.

python tools/class_load.py            print the table
python tools/class_load.py --write    and put it into docs/instructors.md
python tools/class_load.py 2 4        other numbers of kernels
"""

from concurrent.futures import ThreadPoolExecutor
import os
import sys
import threading
import time

from build_notebooks import read, sources
from nbclient import NotebookClient
from pages import publish
import psutil
from seconds import cell_seconds

CLASSES = (1, 4, 8, 16)
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
    """Run notebook 03 in this many kernels at once: seconds of all, of the slowest cell; peak bytes of a kernel."""
    (source,) = sources(["03"])
    notebooks = [read(source, "student") for _ in range(count)]
    clients = [NotebookClient(each, kernel_name="python3", timeout=1800, record_timing=True) for each in notebooks]
    peak, over = 0, threading.Event()
    start = time.monotonic()
    with ThreadPoolExecutor(count) as pool:
        running = [pool.submit(client.execute) for client in clients]
        while not all(each.done() for each in running):
            peak = max(peak, sum(memory_of_kernels()) / count)
            over.wait(EVERY)
        for each in running:
            each.result()
    slowest = max(cell_seconds(cell) for notebook in notebooks for cell in notebook.cells)
    return time.monotonic() - start, slowest, peak


def lines(classes):
    """The lines of the table, in the shape that publish takes."""
    yield "| kernels at once | all done after, s | slowest cell, s | memory of each at the peak, GB |", True
    yield "|---|---|---|---|", True
    for count in classes:
        seconds, slowest, peak = measure(count)
        yield f"| {count} | {seconds:.0f} | {slowest:.0f} | {peak / 1e9:.1f} |", True


def main():
    os.environ |= {"CI": "true", "AEUTILS_PROGRESS": "off"}
    classes = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    return publish("class", lines(classes or CLASSES))


if __name__ == "__main__":
    sys.exit(main())
