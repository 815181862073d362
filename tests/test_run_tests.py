"""The test command: what its words choose, one sentence for whatever stops it, and the lines that it prints."""

from collections import Counter
import os
from pathlib import Path
import subprocess
import sys
from types import SimpleNamespace

from browser import chromium
from playwright.sync_api import sync_playwright
import pytest
import reporting
import run_tests

pytestmark = pytest.mark.data_free


@pytest.fixture
def chosen(monkeypatch):
    """A function that runs the command as far as pytest, and returns what pytest would be given."""
    monkeypatch.setattr(run_tests, "check_browser", lambda: None)
    shared = ("AEUTILS_THREADS", "OMP_NUM_THREADS")  # these tests themselves may run side by side
    monkeypatch.setattr(os, "environ", {name: value for name, value in os.environ.items() if name not in shared})
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    given = []
    monkeypatch.setattr(run_tests.pytest, "main", lambda options: given.append(options) or 0)

    def choose(*arguments):
        assert run_tests.main([*arguments]) == 0
        return given.pop()

    return choose


def test_without_a_word_nbval_runs_the_solutions_and_a_browser_the_students_notebooks(chosen):
    options = chosen()
    assert options[-2:] == ["tests", "notebooks/solutions"] and not any("ignore" in option for option in options)
    assert options[:3] == ["-n", "2", "--dist"] and os.environ["AEUTILS_THREADS"] == "1"


def test_quick_leaves_out_notebooks_browser_and_what_is_slow_and_says_so(chosen, capsys):
    options = chosen("quick")
    assert options[-1] == "tests" and "--ignore=tests/browser" in options and "not slow" in options
    assert "notebooks, browser, and tests marked slow" in capsys.readouterr().err


def test_all_adds_the_students_notebooks(chosen):
    assert chosen("all", "-m", "not data_free")[-4:] == ["-m", "not data_free", "tests", "notebooks"]


def test_without_a_browser_the_rest_can_be_run(chosen, capsys):
    assert "--ignore=tests/browser" in chosen("no-browser")
    assert "Left out, as no-browser asks" in capsys.readouterr().err


def test_named_files_are_run_alone_and_one_after_another_where_asked(chosen):
    assert chosen("tests/test_models.py::test_x", "-n0") == ["tests/test_models.py::test_x", "-n0"]


def test_one_core_runs_one_after_another_with_all_threads(chosen, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert chosen() == ["tests", "notebooks/solutions"] and "AEUTILS_THREADS" not in os.environ


def test_no_browser_is_said_at_once(monkeypatch, capsys):
    monkeypatch.setattr(chromium, "find_browser", lambda: None)
    assert run_tests.main([]) == 1
    assert capsys.readouterr().err.startswith("No browser that the tests can drive was found. Install Chromium, ")


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for a browser is a shell script")
@pytest.mark.slow
def test_browser_that_crashes_at_its_start_is_one_sentence(monkeypatch, tmp_path):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(chromium, "find_browser", lambda: str(broken))
    with sync_playwright() as playwright, pytest.raises(RuntimeError, match=r"does not start .*no-browser") as caught:
        chromium.launch(playwright)
    assert len(str(caught.value).splitlines()) == 1


def test_cache_that_cannot_be_written_is_one_sentence(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert run_tests.main(["quick", "-o", f"cache_dir={tmp_path / 'file' / 'cache'}"]) == 1
    assert "The tests cannot write into" in (said := capsys.readouterr().err) and "cache_dir=FOLDER" in said


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments, code, sentence",
    [
        (["tests/test_optimizers.py", "-k", "nothing_like_it"], 5, "No test ran: nothing matches"),
        (["--no-such-option", "tests/test_optimizers.py"], 4, "--no-such-option tests/test_optimizers.py is not under"),
    ],
)
def test_what_pytest_does_not_understand_is_a_sentence_and_a_failure(arguments, code, sentence):
    command = [sys.executable, str(Path(run_tests.__file__)), "-n0", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == code and sentence in done.stderr


# --- Lines while it runs ---------------------------------------------------------------------------------------------


@pytest.fixture
def printed():
    """The lines that a FileLines printed, and itself."""
    lines = []
    terminal = SimpleNamespace(verbosity=0, write_line=lambda text, **_: lines.append(text))
    return reporting.FileLines(terminal), lines


def report(nodeid, when="call", outcome="passed", duration=1.0):
    parts = {"nodeid": nodeid, "when": when, "outcome": outcome, "duration": duration}
    return SimpleNamespace(
        **parts, failed=outcome == "failed", skipped=outcome == "skipped", passed=outcome == "passed"
    )


def test_a_line_for_each_file_when_its_last_test_is_over(printed):
    files, lines = printed
    files.pytest_xdist_node_collection_finished(None, ["a.py::one", "a.py::two", "b.py::one"])
    files.pytest_xdist_node_collection_finished(None, ["a.py::one", "a.py::two", "b.py::one"])  # the second process
    for name in ("one", "two"):
        for when in ("setup", "call", "teardown"):
            assert lines == []
            files.pytest_runtest_logreport(report(f"a.py::{name}", when))
    assert len(lines) == 1 and lines[0].endswith("1 of 2  a.py: 2 passed, 6 s")


def test_a_failure_is_named_at_once_and_counted(printed):
    files, lines = printed
    files.pytest_collection_finish(SimpleNamespace(items=[SimpleNamespace(nodeid="a.py::one")]))
    files.pytest_runtest_logreport(report("a.py::one", outcome="failed"))
    assert lines == ["FAILED a.py::one"]
    files.pytest_runtest_logreport(report("a.py::one", "teardown"))
    assert "1 of 1  a.py: 1 failed" in lines[1]


def test_the_slowest_files_come_last(printed):
    files, lines = printed
    files._seconds = Counter({f"{number}.py": number for number in range(20)})
    files.pytest_terminal_summary(SimpleNamespace(section=lines.append, write_line=lines.append))
    assert lines[0] == "slowest files" and len(lines) == 11 and lines[1].split() == ["19.0", "s", "19.py"]
