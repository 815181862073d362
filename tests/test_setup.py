"""The files that install the course agree with each other, and course.py does what it says. No test needs a network."""

import importlib.metadata
import importlib.util
import os
from pathlib import Path
import re
import subprocess
import sys
import tomllib

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
import pytest
import yaml

PROJECT = Path(__file__).parents[1]
PYPROJECT_TEXT = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads(PYPROJECT_TEXT)
PINS = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
DIRECT = PYPROJECT["project"]["dependencies"] + PYPROJECT["project"]["optional-dependencies"]["test"]
PLACES = [
    {"python_full_version": version, "sys_platform": system, "os_name": "nt" if system == "win32" else "posix"}
    for version in ("3.11.0", "3.12.0", "3.13.0")
    for system in ("linux", "darwin", "win32")
]


def load(path):
    """A Python file of the project as a module of its own."""
    specification = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


# --- The files agree -------------------------------------------------------------------------------------------------


def test_requirements_are_exact_pins():
    for line in PINS:
        pin, _, marker = line.partition(" ; ")
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*==[0-9][0-9a-z.]*", pin), f"not of the form name==version: {line}"
        assert not marker or Marker(marker)


@pytest.mark.parametrize("dependency", DIRECT)
def test_direct_dependency_is_pinned_exactly_once_everywhere(dependency):
    wanted = Requirement(dependency)
    pins = [pin for pin in map(Requirement, PINS) if pin.name == canonicalize_name(wanted.name)]
    for place in PLACES:
        here = [pin for pin in pins if pin.marker is None or pin.marker.evaluate(place)]
        assert len(here) == 1, f"{dependency} has {len(here)} pins in requirements.txt for {place}; run tools/pin.py"
        version = next(iter(here[0].specifier)).version
        assert wanted.specifier.contains(version), f"{here[0]} is not what pyproject.toml asks for: {dependency}"


def test_requirements_leave_torchs_own_cuda_packages_to_torch():
    assert not [line for line in PINS if line.startswith(("nvidia-", "cuda-", "triton"))]


def test_every_installed_package_that_a_direct_dependency_needs_is_pinned():
    """requirements.txt is the full closure: whatever our packages need, and what those need, has a pin."""
    from importlib.metadata import PackageNotFoundError, distribution

    pinned = {Requirement(line).name for line in PINS}
    to_visit, seen = [Requirement(text) for text in DIRECT], set()
    while to_visit:
        requirement = to_visit.pop()
        name = canonicalize_name(requirement.name)
        if name in seen or name.startswith(("nvidia-", "cuda-", "triton")):
            continue
        seen.add(name)
        assert name in pinned, f"{name} is needed, and requirements.txt does not pin it; run tools/pin.py"
        try:
            needs = map(Requirement, distribution(name).requires or [])
        except PackageNotFoundError:
            continue
        extras = requirement.extras or {""}
        to_visit += [
            need for need in needs if not need.marker or any(need.marker.evaluate({"extra": extra}) for extra in extras)
        ]


def test_every_direct_dependency_says_what_it_is_for():
    for dependency in DIRECT:
        line = next(line for line in PYPROJECT_TEXT.splitlines() if line.strip().startswith(f'"{dependency}"'))
        assert re.search(r'",\s+# \w.{9,}', line), f"pyproject.toml does not say what {dependency} is for"


def test_environment_installs_the_pins_and_the_project_and_nothing_else():
    environment = yaml.safe_load((PROJECT / "environment.yml").read_text(encoding="utf-8"))
    python, pip, section = environment["dependencies"]
    assert pip == "pip"
    assert section == {"pip": ["-r requirements.txt", "-e ."]}
    name, version = python.split("=")
    assert name == "python"
    assert SpecifierSet(PYPROJECT["project"]["requires-python"]).contains(version)


def test_minimum_python_is_the_same_everywhere():
    minimum = ".".join(map(str, load(PROJECT / "course.py").MINIMUM_PYTHON))
    assert PYPROJECT["project"]["requires-python"] == f">={minimum}"
    assert PYPROJECT["tool"]["ruff"]["target-version"] == "py" + minimum.replace(".", "")
    assert f"Python](https://www.python.org/downloads/) {minimum} or newer" in (PROJECT / "README.md").read_text(
        "utf-8"
    )


def test_no_file_that_installs_names_a_registry():
    """Everyone's own pip or uv settings decide where packages come from."""
    addresses = re.compile(r"https?://|file://|--index|index.url|find.links|pypi", re.I)
    for name in (
        "pyproject.toml",
        "requirements.txt",
        "environment.yml",
        "course.py",
        "tools/pin.py",
        ".ci/run",
        "postBuild",
    ):
        text = (PROJECT / name).read_text(encoding="utf-8")
        assert not addresses.search(text), f"{name} names an address: {addresses.search(text)[0]}"


# --- tools/pin.py ----------------------------------------------------------------------------------------------------


def test_pin_keeps_only_markers_that_matter_and_leaves_cuda_out():
    simplify = load(PROJECT / "tools" / "pin.py").simplify
    assert simplify("numpy==2.4.6") == "numpy==2.4.6"
    assert simplify("psutil==7.2.2 ; sys_platform != 'android'") == "psutil==7.2.2"
    assert simplify("appnope==1.0.0 ; sys_platform == 'darwin'") == 'appnope==1.0.0 ; sys_platform == "darwin"'
    assert simplify("old==1.0 ; python_full_version < '3.11'") is None
    assert simplify("nvidia-cublas==13.4.1.3 ; sys_platform == 'linux'") is None


# --- course.py -------------------------------------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path, monkeypatch):
    """course.py as a module that believes a temporary folder to be the project, and only notes what it would run."""
    module = load(PROJECT / "course.py")
    project = tmp_path / "my course"
    for name in ("requirements.txt", "pyproject.toml"):
        project.joinpath(name).parent.mkdir(exist_ok=True)
        project.joinpath(name).write_bytes((PROJECT / name).read_bytes())
    monkeypatch.setattr(module, "PROJECT", project)
    monkeypatch.setattr(module, "VENV", project / ".venv")
    monkeypatch.setattr(module, "STAMP", project / ".venv" / "course-stamp")
    monkeypatch.setattr(module, "find_uv", lambda: "uv")
    module.commands = []

    def note(command, problem, **options):
        module.commands.append((command, options))
        if "venv" in command:
            subprocess.run(command, check=True)

    monkeypatch.setattr(module, "run", note)
    monkeypatch.chdir(tmp_path)
    return module


def commands(course):
    """What course.py ran since the last look, as text."""
    found = [" ".join(command) for command, _ in course.commands]
    course.commands.clear()
    return found


def test_first_start_makes_the_venv_and_installs_pins_then_project(course):
    assert course.set_up(cpu=False) is False
    make, pins, project = commands(course)
    assert make.endswith(f"-m venv --clear --without-pip {course.VENV}")
    assert pins == f"uv pip install --python {course.venv_python()} -r {course.PROJECT / 'requirements.txt'}"
    assert project == f"uv pip install --python {course.venv_python()} --no-deps -e {course.PROJECT}"


def test_second_start_runs_nothing(course):
    course.set_up(cpu=False)
    commands(course)
    course.set_up(cpu=False)
    assert commands(course) == []


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_changed_requirements_are_installed_into_the_same_venv(course, name):
    course.set_up(cpu=False)
    commands(course)
    with open(course.PROJECT / name, "a") as file:
        file.write("# changed\n")
    course.set_up(cpu=False)
    assert [" venv " in command for command in commands(course)] == [False, False]


def test_killed_set_up_is_started_afresh(course, monkeypatch):
    def killed(uv, cpu):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(course, "install", killed)
        with pytest.raises(KeyboardInterrupt):
            course.set_up(cpu=False)
    (course.VENV / "half-installed").touch()
    commands(course)
    course.set_up(cpu=False)
    assert " venv --clear " in commands(course)[0]
    assert not (course.VENV / "half-installed").exists()


def test_failed_update_is_started_afresh(course, monkeypatch):
    course.set_up(cpu=False)
    (course.PROJECT / "requirements.txt").write_text("another==1\n")
    with monkeypatch.context() as patch:
        patch.setattr(course, "install", lambda uv, cpu: sys.exit("no network"))
        with pytest.raises(SystemExit):
            course.set_up(cpu=False)
    commands(course)
    course.set_up(cpu=False)
    assert " venv --clear " in commands(course)[0]


def test_venv_without_a_working_python_is_made_anew(course):
    course.set_up(cpu=False)
    commands(course)
    course.venv_python().unlink()
    course.set_up(cpu=False)
    assert " venv --clear " in commands(course)[0]


def test_venv_of_another_python_is_made_anew(course, monkeypatch):
    course.set_up(cpu=False)
    commands(course)
    monkeypatch.setattr(sys, "version", "3.99.0 (another Python)")
    course.set_up(cpu=False)
    assert " venv --clear " in commands(course)[0]


def test_cpu_sets_ups_torch_backend_only_when_asked(course, monkeypatch):
    monkeypatch.delenv("UV_TORCH_BACKEND", raising=False)
    course.set_up(cpu=False)
    assert all("UV_TORCH_BACKEND" not in options["env"] for _, options in course.commands if "env" in options)
    commands(course)
    assert course.set_up(cpu=True) is True
    assert [options["env"]["UV_TORCH_BACKEND"] for _, options in course.commands if "env" in options] == ["cpu", "cpu"]
    assert " venv --clear " in commands(course)[0], "the torch with CUDA would stay"
    assert course.set_up(cpu=False) is True, "the choice is kept"
    assert commands(course) == []
    (course.PROJECT / "requirements.txt").write_text("another==1\n")
    course.set_up(cpu=False)
    assert course.commands[0][1]["env"]["UV_TORCH_BACKEND"] == "cpu", "an update would bring CUDA"


def test_news_pop_up_is_switched_off(course):
    course.set_up(cpu=False)
    overrides = (course.VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.json").read_text()
    assert '"fetchNews": "false"' in overrides


def test_students_see_nothing_of_nbgrader_in_jupyterlab(course, monkeypatch):
    """Whatever nbgrader and its companion notebook bring into Jupyter is switched off where course.py starts it."""
    from jupyter_core.paths import jupyter_config_path
    from jupyter_server.extension.config import ExtensionConfigManager
    from jupyterlab_server.config import get_static_page_config

    def server_extensions():
        found = ExtensionConfigManager(read_config_path=jupyter_config_path()).get_jpserver_extensions()
        return {name for name, enabled in found.items() if enabled and name.split(".")[0] in ("nbgrader", "notebook")}

    monkeypatch.delenv("JUPYTER_CONFIG_PATH", raising=False)
    assert server_extensions(), "nbgrader is there for those who grade"
    course.set_up(cpu=False)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", course.environment(cpu=False)["JUPYTER_CONFIG_PATH"])
    assert not server_extensions()
    disabled = get_static_page_config()["disabledExtensions"]
    for package in ("nbgrader", "notebook"):
        for file in importlib.metadata.files(package):
            if file.match("share/jupyter/labextensions/@*/*/package.json"):
                assert "/".join(file.parts[-3:-1]) in disabled


def test_without_uv_plain_pip_installs(course, monkeypatch):
    monkeypatch.setattr(course, "find_uv", lambda: None)
    tried = []
    monkeypatch.setattr(subprocess, "call", lambda command, **options: tried.append(" ".join(command)) or 1)
    course.install(None, cpu=False)
    assert tried[0].endswith(course.UV), "pip should first try to fetch uv"
    ensure, pins, project = commands(course)
    assert ensure == f"{course.venv_python()} -m ensurepip"
    assert pins.startswith(f"{course.venv_python()} -m pip install -r ")
    assert project.startswith(f"{course.venv_python()} -m pip install --no-deps -e ")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere torch comes without CUDA")
def test_cpu_without_uv_is_refused_and_not_ignored(course, monkeypatch):
    monkeypatch.setattr(course, "find_uv", lambda: None)
    monkeypatch.setattr(subprocess, "call", lambda command, **options: 1)
    with pytest.raises(SystemExit, match=r"--cpu needs the installer uv, .*Check the internet"):
        course.install(None, cpu=True)


def test_broken_uv_on_path_is_passed_over(tmp_path, monkeypatch):
    course = load(PROJECT / "course.py")
    monkeypatch.setattr(course, "VENV", tmp_path / ".venv")
    shim = tmp_path / "uv"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + "/usr/bin:/bin")
    if course.WINDOWS:
        pytest.skip("a shell script is no program there")
    assert course.find_uv() is None
    shim.write_text("#!/bin/sh\nexit 0\n")
    assert course.find_uv() == str(shim)


def test_old_python_is_told_what_to_do():
    course = load(PROJECT / "course.py")
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; this is 3\.10 .*Install a newer Python"):
        course.check_python((3, 10, 13))
    course.check_python((3, 11, 0))


def test_course_parses_in_old_pythons():
    """An old Python must come as far as the sentence about its age."""
    import ast

    ast.parse((PROJECT / "course.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_python_without_ensurepip_is_told_what_to_do(course, monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find_spec(name))
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    with pytest.raises(
        SystemExit, match=f"without its standard module ensurepip.*sudo apt install python{version}-venv"
    ):
        course.check_modules(uv=None)
    course.check_modules(uv="uv")  # uv needs no pip


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for an installer is a shell script")
def test_no_network_ends_in_a_sentence_and_not_in_a_traceback(tmp_path):
    """The real course.py in a bare folder, with a uv that fails as without a network."""
    for name in ("course.py", "requirements.txt", "pyproject.toml"):
        (tmp_path / name).write_bytes((PROJECT / name).read_bytes())
    uv = tmp_path / "uv"
    uv.write_text('#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "error: dns error" >&2\nexit 2\n')
    uv.chmod(0o755)
    variables = {**os.environ, "PATH": str(tmp_path) + os.pathsep + os.environ["PATH"]}
    for _ in range(2):  # the second start, in the half-finished .venv, says the same
        command = [sys.executable, "course.py", "test"]
        outcome = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True)
        assert outcome.returncode == 1
        assert "dns error" in outcome.stderr
        assert "needs an internet connection" in outcome.stderr
        assert "run the same command again" in outcome.stderr
        assert "Traceback" not in outcome.stderr


def test_unwritable_stamp_is_told_what_to_do(course, monkeypatch):
    def refuse(state, cpu):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(course, "write_stamp", refuse)
    with pytest.raises(SystemExit, match=r"Cannot write to .* \(Permission denied\)\. Check the folder's permissions"):
        course.set_up(cpu=False)


def test_arguments():
    parse = load(PROJECT / "course.py").parse
    assert parse([]) == ("lab", False, [])
    assert parse(["--no-browser", "--port", "9000"]) == ("lab", False, ["--no-browser", "--port", "9000"])
    assert parse(["test", "-k", "mnist", "--cpu"]) == ("test", True, ["-k", "mnist"])
    assert parse(["--cpu", "test"]) == ("test", True, [])
    with pytest.raises(SystemExit, match="given 'tset'; it knows lab and test"):
        parse(["tset"])


def test_lab_opens_the_first_notebook_and_passes_arguments_on(course):
    (course.PROJECT / "notebooks").mkdir()
    for name in ("12_last.ipynb", "01_first.ipynb", "#draft.ipynb"):
        (course.PROJECT / "notebooks" / name).touch()
    command = course.program("lab", ["--port", "9000"])
    assert command[:3] == [str(course.venv_python()), "-m", "jupyterlab"]
    assert command[-3:] == ["--port", "9000", str(course.PROJECT / "notebooks" / "01_first.ipynb")]
    assert "--allow-root" not in command


def test_programs_of_the_venv_on_posix_and_windows(course, monkeypatch):
    monkeypatch.setattr(course, "WINDOWS", False)
    assert course.program("test", ["-x"]) == [str(course.VENV / "bin" / "python"), "-m", "pytest", "-x"]
    monkeypatch.setattr(course, "WINDOWS", True)
    assert course.program("test", ["-x"]) == [str(course.VENV / "Scripts" / "python.exe"), "-m", "pytest", "-x"]


@pytest.mark.parametrize("code", [0, 5])
@pytest.mark.parametrize("windows", [False, True])
def test_exit_code_is_passed_through(windows, code):
    """In a process of its own, because on POSIX course.py becomes the program that it starts."""
    script = (
        f"import sys; sys.path.insert(0, {str(PROJECT)!r}); import course, os; course.WINDOWS = {windows};"
        f"sys.exit(course.hand_over([sys.executable, '-c', 'raise SystemExit({code})'], dict(os.environ)))"
    )
    assert subprocess.run([sys.executable, "-c", script]).returncode == code


def test_variables_pass_through_and_the_venvs_kernel_comes_first(course, monkeypatch):
    from jupyter_client.kernelspec import KernelSpecManager

    own = course.PROJECT / "own"
    for folder in (own, course.VENV / "share" / "jupyter"):
        (folder / "kernels" / "python3").mkdir(parents=True)
        (folder / "kernels" / "python3" / "kernel.json").write_text('{"argv": [], "display_name": "", "language": ""}')
    monkeypatch.setenv("JUPYTER_PATH", str(own))
    monkeypatch.setenv("AEUTILS_DATA", "somewhere")
    variables = course.environment(cpu=False)
    assert variables["AEUTILS_DATA"] == "somewhere"
    assert variables["PATH"].split(os.pathsep)[0] == str(course.venv_python().parent)
    monkeypatch.setenv("JUPYTER_PATH", variables["JUPYTER_PATH"])
    assert KernelSpecManager().find_kernel_specs()["python3"] == str(course.VENV / "share/jupyter/kernels/python3")
