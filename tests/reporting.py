"""What pytest prints for this project: a line for each file as soon as it is done, and the ten slowest at the end."""

from collections import Counter
import time

import pytest

SLOWEST = 10


class FileLines:
    """Counts, in the process that the user sees, which test files are done. terminal: pytest's terminal reporter."""

    def __init__(self, terminal):
        self._terminal, self._start = terminal, time.monotonic()
        self._left, self._seconds, self._outcomes, self._done = Counter(), Counter(), {}, set()

    def pytest_collection_finish(self, session):
        """Without processes side by side: what there is to do."""
        self._expect(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node, ids):
        """The same where processes run side by side, each of which has found all tests."""
        if not self._left:
            self._expect(ids)

    def _expect(self, ids):
        self._left.update(map(file_of, ids))

    def pytest_runtest_logreport(self, report):
        """Count a part of a test: set-up, call, or clean-up."""
        file = file_of(report.nodeid)
        self._seconds[file] += report.duration
        outcomes = self._outcomes.setdefault(file, Counter())
        if report.failed:
            outcomes["failed"] += 1
            self._terminal.write_line(f"FAILED {report.nodeid}", red=True)
        elif report.when == "call" or report.skipped:
            outcomes[report.outcome] += 1
        if report.when == "teardown":
            self._left[file] -= 1
            if not self._left[file]:
                self._finish(file)

    def _finish(self, file):
        self._done.add(file)
        minutes, seconds = divmod(int(time.monotonic() - self._start), 60)
        counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self._outcomes[file].items()))
        place = f"[{minutes}:{seconds:02d}] {len(self._done)} of {len(self._left)}"
        self._terminal.write_line(f"{place}  {file}: {counts}, {self._seconds[file]:.0f} s")

    def pytest_report_teststatus(self, report):
        """No dots: the lines above tell more. What did not pass keeps its name in the summary."""
        if report.passed and not self._terminal.verbosity > 0:
            return ("passed" if report.when == "call" else ""), "", ""
        return None

    def pytest_terminal_summary(self, terminalreporter):
        """The files that took longest."""
        terminalreporter.section("slowest files")
        for file, seconds in self._seconds.most_common(SLOWEST):
            terminalreporter.write_line(f"{seconds:6.1f} s  {file}")


def file_of(nodeid):
    """The file of a test."""
    return nodeid.split("::")[0]


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    """Print lines in the process that has a terminal; those that it starts have none."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal and not hasattr(config, "workerinput"):
        config.pluginmanager.register(FileLines(terminal), "file-lines")
