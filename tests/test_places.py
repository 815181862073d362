"""aeutils.places: paths as users name them, and progress that belongs to a person."""

import os
from pathlib import Path
import subprocess
import sys

import pytest

import aeutils as ae
from aeutils import data, notebook, places
from aeutils.checks import store

PASSED = '{"question": "encoder"}\n'


@pytest.fixture
def user(tmp_path, monkeypatch):
    """The folder for this user's data; progress as in a new kernel, with no setting."""
    folder = tmp_path / "user"
    monkeypatch.setattr(store, "USER", folder)
    monkeypatch.setattr(store, "_known", [])
    monkeypatch.delenv("AEUTILS_PROGRESS", raising=False)
    return folder


@pytest.fixture
def old_file(tmp_path, monkeypatch):
    """The progress file in data/, where a checkout kept it before."""
    monkeypatch.setattr(store, "DATA", tmp_path / "data")
    store.DATA.mkdir()
    path = store.DATA / "progress.jsonl"
    path.write_text(PASSED, encoding="utf-8")
    return path


def test_paths_of_settings_know_home_and_count_from_the_start(monkeypatch, tmp_path):
    monkeypatch.setattr(places, "START", tmp_path / "start")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.chdir(os.sep)
    assert places.from_user("~/numbers") == tmp_path / "home" / "numbers"
    assert places.from_user("numbers") == tmp_path / "start" / "numbers"
    assert places.from_user(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("setting", ["~/mine", "mine"])
def test_data_are_found_from_home_and_from_the_start(setting, data_folder, place_mnist, tmp_path, monkeypatch):
    place_mnist(tmp_path / "mine")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setattr(places, "START", tmp_path)
    monkeypatch.setenv("AEUTILS_DATA", setting)
    assert ae.load_mnist().source.endswith("from AEUTILS_DATA")


def test_relative_folder_that_does_not_exist_is_named_in_full(data_folder, monkeypatch):
    monkeypatch.setenv("AEUTILS_DATA", "nowhere")
    with pytest.raises(ae.DataError) as caught:
        ae.load_mnist()
    assert f"the folder {Path.cwd() / 'nowhere'}, which does not exist" in str(caught.value)


@pytest.mark.parametrize("setting", ["~/mine/progress", "mine/progress"])
def test_progress_lies_where_the_setting_says(setting, user, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setattr(places, "START", tmp_path)
    monkeypatch.setenv("AEUTILS_PROGRESS", setting)
    store.record_pass("encoder")
    assert (tmp_path / "mine" / "progress").is_file() and not user.exists()


def test_without_a_setting_progress_belongs_to_the_user_not_to_the_folder(user, monkeypatch, tmp_path):
    monkeypatch.setattr(store, "DATA", tmp_path / "data")
    store.record_pass("encoder")
    assert (user / "progress.jsonl").read_text(encoding="utf-8").strip() == PASSED.strip()
    assert not store.DATA.exists()


def test_progress_that_a_checkout_kept_in_data_is_read_and_taken_along(user, old_file, monkeypatch):
    assert store.read()["passed"] == ["encoder"]
    store.record_pass("decoder")
    old_file.unlink()
    monkeypatch.setattr(store, "_known", [])
    assert store.read()["passed"] == ["decoder", "encoder"]


def test_progress_of_somebody_else_in_data_is_not_ours(user, old_file):
    if not hasattr(os, "chown") or os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(old_file, 65534, -1)
    assert store.read()["passed"] == []


def test_a_setting_means_that_file_alone(user, old_file, tmp_path, monkeypatch):
    monkeypatch.setenv("AEUTILS_PROGRESS", str(tmp_path / "own"))
    assert store.read()["passed"] == []


def test_a_checkout_keeps_its_data_and_finds_its_solutions_by_name(tmp_path, monkeypatch):
    assert not places.INSTALLED and places.PACKAGE.parent / "data" == places.DATA
    assert {f"{name}.ipynb" for name in notebook.NOTEBOOKS} <= {path.name for path in places.SOLUTIONS.iterdir()}
    assert data.EMBEDDED == places.PACKAGE / "embedded"


def test_the_user_folder_is_what_the_system_says(tmp_path):
    if sys.platform != "linux":
        pytest.skip("other systems have other folders")
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "PYTHONPATH": str(places.PACKAGE.parent)}
    code = "import sys; sys.path.insert(0, sys.argv[1]); import places; print(places.USER)"  # needs no PyTorch
    command = [sys.executable, "-c", code, str(places.PACKAGE)]
    assert subprocess.run(command, env=environment, capture_output=True, text=True).stdout.strip() == str(
        tmp_path / "aeutils"
    )
