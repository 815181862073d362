"""What a student has passed, and the best result so far: kept in one small file that may be lost at any time."""

import json
import os
from pathlib import Path

from aeutils.data import DATA

_memory = {"passed": [], "best": {}}
"""What this kernel knows, in case the file cannot be written."""


def path():
    """The progress file: what AEUTILS_PROGRESS names, else data/progress.json in the project.

    AEUTILS_PROGRESS=off keeps no file: then progress lasts as long as the kernel.
    """
    return Path(os.environ.get("AEUTILS_PROGRESS") or DATA / "progress.json")


def read():
    """{"passed": [names of questions], "best": {name: lowest error}}, from the file and from this kernel."""
    try:
        stored = {"passed": [], "best": {}} if _is_off() else json.loads(path().read_text(encoding="utf-8"))
        passed = [name for name in stored["passed"] if isinstance(name, str)]
        best = {name: float(error) for name, error in stored["best"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # missing or damaged: begin anew
        passed, best = [], {}
    for name, error in _memory["best"].items():
        best[name] = min(error, best.get(name, error))
    return {"passed": sorted({*passed, *_memory["passed"]}), "best": best}


def record_pass(name):
    """Remember that a question was passed."""
    _memory["passed"].append(name)
    _write()


def record_best(name, error):
    """Remember a result of an open task and return the best one before it, or None if it is the first."""
    before = read()["best"].get(name)
    _memory["best"][name] = error if before is None else min(error, before)
    _write()
    return before


def _is_off():
    return os.environ.get("AEUTILS_PROGRESS") == "off"


def _write():
    """Write the file in one step, so that it is never half a file. Where that is not allowed, memory has to do."""
    if _is_off():
        return
    try:
        path().parent.mkdir(parents=True, exist_ok=True)
        draft = path().with_suffix(f".{os.getpid()}.draft")
        draft.write_text(json.dumps(read(), indent=1), encoding="utf-8")
        draft.replace(path())
    except OSError:
        pass
