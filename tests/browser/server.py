"""JupyterLab, started by the course's own command, on a copy of the notebooks: no test changes the working tree."""

from contextlib import suppress
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import time
import urllib.request

import nbformat

import course

PROJECT = Path(__file__).parents[2]
STARTING = 120
"""Seconds that the server may take to answer."""
STOPPING = 15
"""Seconds after which it is killed."""


class Server:
    """A running JupyterLab. root: the folder that it shows, with the student edition in root/notebooks."""

    def __init__(self, folder):
        self.root, self.log, self._own = folder / "root", folder / "server.log", folder / "jupyter"
        self._variables = self._environment()
        copy_notebooks(PROJECT / "notebooks", self.root / "notebooks")
        with open(self.log, "w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                self._command(),
                cwd=PROJECT,
                env=self._variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _command(self):
        """course.py lab, where course.py made this Python's environment; else what it would then run."""
        options = ["--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"]
        options += ["--LabApp.expose_app_in_browser=True"]  # so that tests can open one notebook after another
        options += [f"--{manager}.root_dir={self.root}" for manager in ("FileContentsManager", "MappingKernelManager")]
        # Should the tests be killed, the server ends by itself.
        options += ["--MappingKernelManager.cull_idle_timeout=900", "--ServerApp.shutdown_no_activity_timeout=900"]
        if Path(sys.prefix) == course.VENV and course.is_set_up(course.STUDENTS):
            return [sys.executable, str(PROJECT / "course.py"), "lab", *options]
        self._variables["JUPYTER_CONFIG_PATH"] = str(PROJECT / "aeutils_lab" / "etc" / "jupyter")  # else in .venv
        news = self._own / "lab-settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
        news.parent.mkdir(parents=True)
        news.write_text('{"fetchNews": "false"}', encoding="utf-8")  # the pop-up that its set-up switches off
        return [sys.executable, *course.program("lab", options)[1:]]

    def _environment(self):
        """The variables of a student's shell: bars are drawn, progress is kept. Nothing is read from a home folder."""
        own = {"AEUTILS_PROGRESS": self.root / "progress.json", "IPYTHONDIR": self._own / "ipython"}
        own |= {f"JUPYTER_{name}_DIR": self._own / name.lower() for name in ("RUNTIME", "CONFIG", "DATA")}
        own |= {f"JUPYTERLAB_{name}_DIR": self._own / f"lab-{name.lower()}" for name in ("SETTINGS", "WORKSPACES")}
        variables = course.environment() | {name: str(value) for name, value in own.items()}
        variables["AEUTILS_DATA"] = "embedded"  # what a browser shows is the same; nbval runs both sets of data
        if "PYTHONPATH" in os.environ:  # tests of another working tree than the one that is installed
            variables["PYTHONPATH"] = os.environ["PYTHONPATH"]
        variables.pop("CI", None)
        return variables

    def wait(self):
        """Wait until it answers."""
        end = time.monotonic() + STARTING
        while not self._answers():
            assert self._process.poll() is None, f"JupyterLab stopped:\n{self.log.read_text('utf-8')}"
            assert time.monotonic() < end, f"no answer in {STARTING} s:\n{self.log.read_text('utf-8')}"
            time.sleep(0.1)

    def _answers(self):
        try:
            self.ask("GET", "api/status")
        except (OSError, IndexError, ValueError):  # no file yet, half a file, nobody listens
            return False
        return True

    def _information(self):
        """{"url", "token", ...}, as the server wrote it into its runtime folder."""
        return json.loads(sorted((self._own / "runtime").glob("jpserver-*.json"))[0].read_text(encoding="utf-8"))

    def ask(self, method, path):
        """The answer of the server's REST interface, decoded; None when it is empty."""
        known = self._information()
        request = urllib.request.Request(known["url"] + path, method=method)
        request.add_header("Authorization", f"token {known['token']}")
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=STARTING) as answer:
            return json.loads(answer.read() or "null")

    def address(self, path):
        """Where the browser finds a file of root, such as "notebooks/01.ipynb", with nothing else open.

        A workspace of the tests' own: what they had open must not come back in the one that a student sees.
        """
        known = self._information()
        return f"{known['url']}lab/workspaces/tests/tree/{path}?reset&token={known['token']}"

    def file_as(self, kind, path):
        """Where the browser finds a notebook of root in another form, such as "html", as the menu exports it."""
        known = self._information()
        return f"{known['url']}nbconvert/{kind}/{path}?download=true&token={known['token']}"

    def first_page(self):
        """The address that the course's command opens in a student's browser."""
        (page,) = (self._own / "runtime").glob("jpserver-file-to-run-*.html")
        return page.read_text(encoding="utf-8").split('<a href="')[1].split('"')[0]

    def stop_kernels(self):
        """End all kernels: the next test shall have the memory."""
        for kernel in self.ask("GET", "api/kernels"):
            self.ask("DELETE", f"api/kernels/{kernel['id']}")

    def stop(self):
        """End the server and whatever it has started."""
        try:
            with suppress(OSError, IndexError, ValueError, subprocess.TimeoutExpired):
                self.stop_kernels()
                self.ask("POST", "api/shutdown")
                self._process.wait(STOPPING)
        finally:
            if hasattr(os, "killpg"):
                with suppress(ProcessLookupError):  # then nothing was left over
                    os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
            self._process.wait()


def copy_notebooks(source, target):
    """Copy the student edition without its outputs, so that whatever a test sees was made while it looked.

    Nothing in it is folded: JupyterLab shows no number before a folded cell, and a test could not tell whether it ran.
    """
    target.mkdir(parents=True)
    for path in sorted(source.glob("[0-9]*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            cell.metadata.pop("jupyter", None)
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, target / path.name)
