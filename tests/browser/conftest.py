"""A browser and a JupyterLab for the tests of this folder; what they showed goes into the report of a failed test."""

from playwright.sync_api import Error, expect, sync_playwright
import pytest

from browser.chromium import launch
from browser.lab import Lab
from browser.server import Server

PATIENCE = 60_000
"""Milliseconds that anything but running a notebook may take."""
FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="package")
def chromium():
    """The browser. Where there is none, the tests fail."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except RuntimeError as error:
            pytest.fail(str(error), pytrace=False)
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


@pytest.fixture(scope="package")
def tab(chromium, server):
    """JupyterLab in a tab of the browser, for one test after another."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(PATIENCE)
    yield Lab(context, server)
    context.close()


@pytest.fixture
def lab(tab, server, request):
    """JupyterLab with nothing open; after a test that failed it is loaded anew."""
    yield tab
    tab.close(reload=request.node.stash.get(FAILED, False))
    server.stop_kernels()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Add what the browser showed to the report of a failed test."""
    report = yield
    item.stash[FAILED] = report.failed
    if report.when == "call" and report.failed and "lab" in item.funcargs:
        try:
            evidence = item.funcargs["lab"].evidence(item.name)
        except Error as error:
            evidence = f"the page is gone: {error}"
        report.sections.append(("browser", evidence))
    return report
