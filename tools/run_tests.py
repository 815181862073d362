"""The test command: python3 course.py test [quick | no-browser | all] [options and paths of pytest]

Without a word: every test; nbval runs all notebooks with their answers, a real browser those of the students.

quick        what one runs while changing a line: no notebook, no browser, nothing that starts programs.
no-browser   without the tests that drive a browser, where there is none.
all          nbval runs the students' notebooks, too (.ci/run does so once, with whole data).

Tests run side by side, one process for each core and one thread in each. -n 0 runs them one after another.
"""

import os
from pathlib import Path
import sys

import pytest

PROJECT = Path(__file__).parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]
MOST = 8
"""Processes side by side at most: each may hold 2 GB."""
WORDS = {
    "": (["tests", "notebooks/solutions"], []),
    "quick": (["tests"], ["--ignore=tests/browser", "-m", "not slow"]),
    "no-browser": (["tests", "notebooks/solutions"], ["--ignore=tests/browser"]),
    "all": (["tests", "notebooks"], []),
}
"""For each word of the command: where the tests are, and options of pytest."""
LEFT_OUT = {
    "quick": "Left out, as quick asks: notebooks, browser, and tests marked slow. python3 course.py test runs all.",
    "no-browser": "Left out, as no-browser asks: the notebooks in JupyterLab, explorers and slides in a browser.",
}
ADVICE = {
    pytest.ExitCode.NO_TESTS_COLLECTED: "No test ran: nothing matches {given}. python3 course.py test runs all.",
    pytest.ExitCode.USAGE_ERROR: "The tests did not start, for the reason above: {given} is not understood. "
    "python3 course.py test --help lists what is.",
}
"""What to say of pytest's exit codes."""


def main(arguments):
    """Run the tests; returns pytest's exit code."""
    os.chdir(PROJECT)
    word = arguments[0] if arguments and arguments[0] in WORDS else ""
    given = arguments[1:] if word else arguments
    if "-h" in given:
        print(__doc__)
        return 0
    places, options = WORDS[word]
    has_paths = any(Path(argument.split("::")[0]).exists() for argument in given if not argument.startswith("-"))
    options = [*options, *side_by_side(given), *given, *([] if has_paths else places)]
    try:
        check_cache(given)
        if word in ("", "all") and not has_paths:
            check_browser()
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    code = pytest.main(options)
    if code in ADVICE:
        print(ADVICE[code].format(given=" ".join(arguments) or "the selection"), file=sys.stderr)
    if word in LEFT_OUT:
        print(LEFT_OUT[word], file=sys.stderr)
    return int(code)


def side_by_side(given):
    """Options of pytest that share the tests among processes, a file to each, and settings for those processes."""
    alone = {"-n", "--pdb", "--collect-only", "--co", "-s"}
    workers = min(os.cpu_count() or 1, MOST)
    if workers == 1 or alone & set(given) or any(each.startswith("-n") for each in given):
        return []
    os.environ |= {"AEUTILS_THREADS": "1", "OMP_NUM_THREADS": "1"}  # else they wait for each other in every operation
    return ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]


def check_cache(given):
    """Raise RuntimeError where pytest could not write down which tests failed."""
    named = [option.partition("=")[2] for option in given if option.startswith("cache_dir=")]
    folder = Path(named[-1] if named else ".pytest_cache")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / "writable", "w", encoding="utf-8"):
            pass
    except OSError as error:
        raise RuntimeError(
            f"The tests cannot write into {folder.absolute()} ({error.strerror}). Check its permissions and the free "
            "disk space, or name another folder: python3 course.py test -o cache_dir=FOLDER"
        ) from None


def check_browser():
    """Raise RuntimeError unless there is a browser that starts: ten minutes later would be a bad time to say so."""
    from browser.chromium import launch
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launch(playwright).close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
