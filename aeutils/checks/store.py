"""What a student has passed, the best results, the predictions: kept in a small file that may be lost at any time.

The file has one line for each thing to remember, and lines are only ever added. So kernels that write at the same
time lose nothing of each other, a damaged line costs that line alone, and what a newer version wrote is kept.
"""

from contextlib import contextmanager, suppress
import json
import math
import os
import time

from aeutils.places import DATA, USER, from_user

WINDOWS = os.name == "nt"
MOST = 2**20
"""Bytes that are read, from the end of the file; all the course takes some 5,000."""
_known = []
"""The lines of this kernel, in case the file cannot be written."""


def path():
    """The progress file: what AEUTILS_PROGRESS names, else progress.jsonl where the system keeps this user's data.

    AEUTILS_PROGRESS=off keeps no file: then progress lasts as long as the kernel.
    """
    named = os.environ.get("AEUTILS_PROGRESS")
    return from_user(named) if named else USER / "progress.jsonl"


def read():
    """{"passed": [names of questions], "best": {name: lowest error}}, from the file and from this kernel."""
    passed, best = set(), {}
    for line in [*_stored(), *_earlier(), *_known]:
        with suppress(ValueError, TypeError, KeyError, ArithmeticError, RecursionError):  # not a line of ours
            name, error = _entry(line)
            if error is None:
                passed.add(name)
            else:
                best[name] = min(error, best.get(name, error))
    return {"passed": sorted(passed), "best": best}


def _entry(line):
    """(question, error or None) of a line; raises an error of many kinds if it is none of ours."""
    entry = json.loads(line)
    name, error = entry["question"], entry.get("error")
    if not isinstance(name, str) or isinstance(error, str) or (error is not None and not math.isfinite(error)):
        raise ValueError("written by somebody else")
    return name, error


def guesses():
    """{key of a prediction: {"guess": text or number, "near": whether it was, None before the answer, "at": when}}."""
    latest = {}
    for line in [*_stored(), *_known]:
        with suppress(ValueError, TypeError, KeyError, ArithmeticError, RecursionError):  # not a line of ours
            key, entry = _guess(line)
            if key not in latest or entry["at"] >= latest[key]["at"]:
                latest[key] = entry
    return latest


def _guess(line):
    """(key, its entry) of a line; raises an error of many kinds if it is none of ours."""
    entry = json.loads(line)
    key, guess, near, at = (entry[name] for name in ("prediction", "guess", "near", "at"))
    numbers = [number for number in (guess, at) if not isinstance(number, str)]
    if not isinstance(key, str) or near not in (None, True, False) or isinstance(at, str):
        raise ValueError("written by somebody else")
    if not all(math.isfinite(number) for number in numbers):
        raise ValueError("written by somebody else")
    return key, {"guess": guess, "near": near, "at": at}


def record_guess(key, guess, near=None):
    """Remember the guess at a prediction and, once it was answered, whether it was near. The latest one counts."""
    _remember({"prediction": key, "guess": guess, "near": near, "at": time.time()})


def record_pass(name):
    """Remember that a question was passed."""
    _remember({"question": name})


def record_best(name, error):
    """Remember a result of an open task and return the best one before it, or None if it is the first."""
    before = read()["best"].get(name)
    if math.isfinite(error) and (before is None or error < before):
        _remember({"question": name, "error": float(error)})
    return before


def _remember(entry):
    """Add a line to what this kernel knows, and to the file all its lines that are not there yet."""
    _known.append(json.dumps(entry))
    stored = _stored()
    missing = [line for line in dict.fromkeys([*_earlier(), *_known]) if line not in stored]
    if not missing or _is_off():
        return
    with suppress(OSError):  # where writing is not allowed, this kernel's memory has to do
        path().parent.mkdir(parents=True, exist_ok=True)
        if path().is_file() or not path().exists():
            with path().open("a", encoding="utf-8", newline="\n") as file, _alone(file):
                file.write("\n" + "\n".join(missing) + "\n")  # begins anew after a line that is only half there


@contextmanager
def _alone(file):
    """Within it no other kernel appends to the file. Only Windows needs a lock: it appends in two steps."""
    if not WINDOWS:
        yield
        return
    import msvcrt

    file.seek(2 * MOST)  # a byte that nobody reads: what is locked there cannot be read either
    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
    try:
        yield
    finally:
        file.flush()
        file.seek(2 * MOST)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)


def _stored():
    """The lines of the file, as far as it is there and can be read."""
    return [] if _is_off() else _lines(path())


def _earlier():
    """The lines of data/progress.jsonl, where a checkout kept them before, if that file is this user's own."""
    old = DATA / "progress.jsonl"
    if os.environ.get("AEUTILS_PROGRESS") or old == path():
        return []
    with suppress(OSError):
        if not hasattr(os, "getuid") or old.stat().st_uid == os.getuid():
            return [line for line in _lines(old) if line.startswith('{"question"')]  # no junk
    return []


def _lines(file):
    """The lines of a file, as far as it is there and can be read."""
    with suppress(OSError):
        if file.is_file():
            with file.open("rb") as opened:
                opened.seek(max(0, file.stat().st_size - MOST))
                return opened.read(MOST).decode("utf-8", "replace").splitlines()
    return []


def _is_off():
    return os.environ.get("AEUTILS_PROGRESS") == "off"
