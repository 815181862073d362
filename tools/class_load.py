"""A class at work on one machine: kernels that all run one notebook at once; memory of each, and the slowest cell.

python tools/class_load.py               print the table of notebook 03 for 1, 4 and 8 kernels, which takes six minutes
python tools/class_load.py --write       and put it into docs/instructors.md
python tools/class_load.py --write 16    measure other numbers of kernels, and leave the other lines as they are
python tools/class_load.py --write 8 --notebook 02     another notebook
"""

import argparse
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
MANY = 8
"""Kernels from which on the memory of each stands for that of a class."""
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


def measure(count, number):
    """Run a notebook in this many kernels at once: seconds of all, of the slowest cell; peak bytes of a kernel.

    Each has a folder for temporary files of its own, as users have: only notebooks of one user take turns in training.
    """
    (source,) = sources([number])
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


def lines(classes, number, earlier=()):
    """The lines of the table, in the shape that publish takes. earlier: lines of a table, kept where not measured."""
    yield "| notebook | kernels at once | all done after, s | slowest cell, s | memory of each at the peak, GB |", True
    yield "|---|---|---|---|---|", True
    rows = {(line.split()[1], int(line.split()[3])): line for line in earlier if re.match(r"\| \d", line)}
    for key in sorted(rows | {(number, count): None for count in classes}):
        if key[0] == number and key[1] in classes:
            seconds, slowest, peak = measure(key[1], number)
            rows[key] = f"| {number} | {key[1]} | {seconds:.0f} | {slowest:.0f} | {peak / 1e9:.2f} |"
        yield rows[key], True
    yield "", True
    of_many = [float(row.split()[-2]) for (_, count), row in rows.items() if count >= MANY]
    if of_many:
        needs = " and ".join(f"{students} students need {students * max(of_many):.0f} GB" for students in (30, 200))
        yield f"With {max(of_many):.2f} GB each, the most of {MANY} kernels or more, {needs}.", True


def main():
    os.environ |= {"CI": "true", "AEUTILS_PROGRESS": "off"}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("classes", nargs="*", type=int, default=CLASSES, metavar="KERNELS")
    parser.add_argument("--notebook", default="03", metavar="NN")
    parser.add_argument("--write", action="store_true")
    wanted = parser.parse_args()
    earlier = generated("class").splitlines() if wanted.write else ()
    return publish("class", lines(wanted.classes, wanted.notebook, earlier))


if __name__ == "__main__":
    sys.exit(main())
