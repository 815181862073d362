"""Trainings of one user that take turns, so that each has all threads to itself while it computes."""

import os
from pathlib import Path
import tempfile
import time

from filelock import FileLock, Timeout
import torch

SLICE = 0.2
"""Seconds for which a training computes before another may go on."""
PATIENCE = 10
"""Seconds to wait. A training that has kept the turn for longer has been stopped, by a debugger perhaps."""


class Turns:
    """Within it a training on the CPU has the turn, and pass_on() between two steps lets another go first.

    The threads of one training wait for each other after each operation. Where those of a second want the same cores,
    nearly all of the time goes by with waiting: two trainings on two cores took four to six times as long each. In
    turns they take two to two and a half times as long. A training that is alone, or that leaves half of the cores to
    others, never waits.
    """

    def __init__(self, device):
        user = getattr(os, "getuid", int)()  # on Windows every user has a folder for temporary files
        place = Path(tempfile.gettempdir())
        self._turn, self._next = (FileLock(place / f"aeutils-{user}-{name}.lock") for name in ("turn", "next"))
        self._wanted = device.type == "cpu" and 2 * torch.get_num_threads() > (os.cpu_count() or 1) > 1

    def __enter__(self):
        self._take()
        return self

    def __exit__(self, *_):
        self._turn.release()

    def pass_on(self):
        """Let whoever waits go first, if the turn has lasted for a slice. For use between two steps of training."""
        if self._wanted and time.monotonic() - self._since > SLICE:
            self._turn.release()
            self._take()

    def _take(self):
        """Wait for the turn. Who waits holds a second lock; else whoever gives the turn away would take it back."""
        try:
            if self._wanted:
                with self._next.acquire(timeout=PATIENCE, poll_interval=0.001):
                    self._turn.acquire(timeout=PATIENCE, poll_interval=0.001)
        except (Timeout, OSError, RuntimeError):  # nobody passes it on; no place for the files; no locks there
            self._wanted = False
        self._since = time.monotonic()
