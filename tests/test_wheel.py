"""The course as a package: the wheel, installed where nothing else of the course is, runs a notebook copied alone."""

import json
import os
from pathlib import Path
import shutil
import subprocess
import sys
import zipfile

import matplotlib
import nbformat
import pytest

from aeutils.notebook import NOTEBOOKS

pytestmark = [pytest.mark.data_free, pytest.mark.slow]

PROJECT = Path(__file__).parents[1]
NOTEBOOK = "02_compression.ipynb"
LAST_CELL = """
from aeutils import places
from aeutils.checks.store import path

ae.catch_up(7, 2)
assert ae.check.prepare(lambda raw: raw.float().unsqueeze(1) / 255)
print(places.PACKAGE, places.DATA, path(), sep="\\n")
"""
"""Appended to the notebook: catching up and a right answer, where there is no folder of the course."""
EXECUTE = """
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, kernel_name="python3", timeout=300).execute()
nbformat.write(notebook, sys.argv[1])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """The Python of a fresh environment with the wheel in it; all other packages are lent by the one that runs this."""
    folder = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (site,) = (folder / "lib").glob("python*/site-packages") if os.name != "nt" else [folder / "Lib" / "site-packages"]
    lent = [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    (site / "lent.pth").write_text("\n".join(lent), encoding="utf-8")  # the .pth files in those do not count
    command = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    uv = shutil.which("uv") or shutil.which("uv", path=Path(sys.executable).parent)
    pip = [uv, "pip"] if uv else [sys.executable, "-m", "pip"]
    where = ["--python", str(command)]
    options = [*where, "--offline"] if uv else ["--no-index"]
    subprocess.run([*pip, *([] if uv else where), "install", "--quiet", "--no-deps", *options, str(wheel)], check=True)
    return command


def user_of(folder, python):
    """The variables of a user whose home is the folder, who has no network, and whose kernel is that Python."""
    kernel = folder / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    foreign = ("AEUTILS_", "PYTHON", "XDG_", "JUPYTER", "PYTEST")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    nowhere = dict.fromkeys(["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"], "http://127.0.0.1:9")
    own = {"HOME": folder, "USERPROFILE": folder, "LOCALAPPDATA": folder, "JUPYTER_PATH": folder / "jupyter"}
    own |= {"MPLCONFIGDIR": matplotlib.get_cachedir(), "CI": "true", "no_proxy": ""}
    return {**variables, **nowhere, **{name: str(value) for name, value in own.items()}}


def test_wheel_holds_what_the_package_needs(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"aeutils/solutions/{name}.ipynb" for name in NOTEBOOKS} <= set(names)
    assert "aeutils-0.1.0.data/data/etc/jupyter/jupyter_nbconvert_config.json" in names
    assert sum(name.startswith("aeutils/embedded/MNIST/raw/") for name in names) == 4
    assert not [name for name in names if not name.startswith(("aeutils/", "aeutils-", "aeutils_lab/"))]
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    assert wheel.stat().st_size < 8_000_000


def test_notebook_alone_in_an_empty_folder_runs_without_a_network(python, tmp_path):
    home, folder = tmp_path / "home", tmp_path / "mine"
    home.mkdir()
    folder.mkdir()
    notebook = nbformat.read(PROJECT / "notebooks" / NOTEBOOK, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(LAST_CELL))
    nbformat.write(notebook, folder / NOTEBOOK)
    installed = {path for path in python.parents[1].rglob("*") if "__pycache__" not in path.parts}
    command = [str(python), "-c", EXECUTE, NOTEBOOK]
    result = subprocess.run(command, cwd=folder, env=user_of(home, python), capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-3000:]
    cells = nbformat.read(folder / NOTEBOOK, as_version=4).cells
    printed = "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", []))
    package, data, progress = (Path(line) for line in printed.splitlines()[-3:])
    assert "MNIST, embedded subset" in printed and "because" in printed
    assert package.is_relative_to(python.parents[1])
    assert data.is_relative_to(home) and progress == data / "progress.jsonl" and '"prepare"' in progress.read_text()
    assert [path.name for path in folder.iterdir()] == [NOTEBOOK]
    assert {path for path in python.parents[1].rglob("*") if "__pycache__" not in path.parts} == installed
