"""Run the whole test suite as a newcomer does, on embedded data: how long it takes, and which files take longest.

    python tools/suite_seconds.py            print the table
    python tools/suite_seconds.py --write    and put it into docs/measured.md

Needs idle cores. Exits with 1 when a limit is missed or a test failed.
"""

import os
from pathlib import Path
import re
import subprocess
import sys
import time

from pages import publish

PROJECT = Path(__file__).parents[1]
LOGS = PROJECT / ".pytest_cache"
"""Where the output of the runs is kept."""
RUNS = {"quick": ("embedded", 90), "": ("embedded", 600)}
"""For each word of the command: the data, and the seconds that it may take on two idle cores."""
SLOWEST = re.compile(r"^ *([\d.]+) s  (\S+)$", re.MULTILINE)


def lines():
    """The lines of the table one by one, and with each whether its limit is kept."""
    yield "| what | seconds on two cores | limit |", True
    yield "|---|---|---|", True
    LOGS.mkdir(exist_ok=True)
    for word, (data, limit) in RUNS.items():
        command = [sys.executable, str(PROJECT / "tools" / "run_tests.py"), *filter(None, [word])]
        start = time.monotonic()
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "AEUTILS_DATA": data},
        )
        seconds = time.monotonic() - start
        (LOGS / f"suite-{word or 'all'}.log").write_text(done.stdout, encoding="utf-8", newline="\n")
        kept = done.returncode == 0 and seconds <= limit
        name = f"python3 course.py test {word}".strip()
        yield f"| `{name}`, {data} data | {seconds:.0f} | at most {limit} |", kept
    for seconds, file in SLOWEST.findall(done.stdout):
        yield f"| {file} | {float(seconds):.0f} |  |", True


if __name__ == "__main__":
    sys.exit(publish("suite", lines()))
