"""How pytest runs the notebooks: strictly with the whole data sets, laxly on the embedded subset."""

import json
import os
from pathlib import Path

import pytest

pytest_plugins = ["reporting"]
NOTEBOOKS = Path(__file__).parent / "notebooks"
LONG_FILES = {
    "test_browser_notebooks.py": 300,
    "test_browser_explorers.py": 80,
    "test_checks.py": 60,
    "test_plots.py": 50,
    "test_nbgrader.py": 40,
    "test_setup.py": 30,
    "test_wheel.py": 30,
    "test_widgets.py": 30,
}
"""Test files that take longest, in seconds of two cores; only their order matters."""


def pytest_ignore_collect(collection_path):
    """Leave out notebooks that have no source, such as a student's copy: they are none of ours."""
    inside = collection_path.suffix == ".ipynb" and NOTEBOOKS in collection_path.parents
    return True if inside and not (NOTEBOOKS / "source" / f"{collection_path.stem}.py").exists() else None


def pytest_configure(config):
    """Choose the profile by the data at hand, the same way in which a notebook will find it."""
    os.environ["CI"] = "true"  # no progress bars
    os.environ["AEUTILS_PROGRESS"] = "off"  # every notebook begins with nothing passed
    import aeutils as ae

    try:
        config.whole_data = ae.load_mnist().whole and ae.load_faces().whole
    except ae.DataError as error:
        pytest.exit(f"The data cannot be used. {error}", returncode=2)
    config.option.nbval = config.whole_data
    config.option.nbval_lax = not config.whole_data


def pytest_report_header(config):
    if config.whole_data:
        return "data: whole; notebooks must reproduce their stored output (nbval, strict)"
    return "data: embedded subset; notebooks must run and their assertions hold (nbval, lax)"


def pytest_collection_modifyitems(items):
    """The longest files first, so that processes side by side end together."""
    files = {item.path for item in items}
    seconds = {path: expected_seconds(path) for path in files}
    items.sort(key=lambda item: -seconds[item.path])


def expected_seconds(path):
    """About how long a test file takes; what is not known counts nothing and keeps its place."""
    if path.suffix == ".ipynb":
        return json.loads(path.read_text(encoding="utf-8"))["metadata"]["aeutils"]["seconds"]
    return LONG_FILES.get(path.name, 0)
