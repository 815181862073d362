"""A browser and a JupyterLab for the tests of this folder; what they showed goes into the report of a failed test."""

from itertools import chain
import os
from pathlib import Path
import shutil

from playwright.sync_api import Error, expect, sync_playwright
import pytest

from browser.lab import Lab
from browser.server import Server

COMMANDS = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "msedge",
    "microsoft-edge",
]
PLACES = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "{ProgramFiles}/Google/Chrome/Application/chrome.exe",
    "{LOCALAPPDATA}/Google/Chrome/Application/chrome.exe",
    "{ProgramFiles(x86)}/Microsoft/Edge/Application/msedge.exe",
]
"""Where browsers lie on macOS and Windows, which keep them off PATH."""
ADVICE = (
    "No browser that the tests can drive was found. Install Chromium, Google Chrome or Microsoft Edge "
    "(Debian: sudo apt install chromium) and run the tests again."
)
PATIENCE = 60_000
"""Milliseconds that anything but running a notebook may take."""


def find_browser():
    """The path of Chromium or of a relative of it; None where there is none."""
    folders = {name: os.environ.get(name, "") for name in ("ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA")}
    on_path = filter(None, map(shutil.which, COMMANDS))
    elsewhere = (place.format_map(folders) for place in PLACES if Path(place.format_map(folders)).exists())
    return next(chain(on_path, elsewhere), None)


@pytest.fixture(scope="package")
def chromium(pytestconfig):
    """The browser. Where there is none, the tests are skipped on a student's machine and fail in CI."""
    path = find_browser()
    if path is None:
        (pytest.fail if pytestconfig.in_ci else pytest.skip)(ADVICE)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        options = ["--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def server(tmp_path_factory):
    """A running JupyterLab."""
    running = Server(tmp_path_factory.mktemp("lab"))
    try:
        running.wait()
        yield running
    finally:
        running.stop()


@pytest.fixture
def lab(chromium, server):
    """A new tab, in a browser that knows nothing of the tests before."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(PATIENCE)
    yield Lab(context.new_page(), server)
    context.close()
    server.stop_kernels()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Add what the browser showed to the report of a failed test."""
    report = yield
    if report.when == "call" and report.failed and "lab" in item.funcargs:
        try:
            evidence = item.funcargs["lab"].evidence(item.name)
        except Error as error:
            evidence = f"the page is gone: {error}"
        report.sections.append(("browser", evidence))
    return report
