"""The files that install the course agree with each other, and course.py does what it says. No test needs a network."""

import ast
from contextlib import suppress
import importlib.util
import json
import os
from pathlib import Path
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import tomllib
from types import SimpleNamespace

from build_notebooks import sources
import nbclient
import nbformat
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
import psutil
import pytest
from tiny_index import PyTorch, serve
import yaml

pytestmark = [pytest.mark.data_free, pytest.mark.slow]

PROJECT = Path(__file__).parents[1]
PYPROJECT_TEXT = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads(PYPROJECT_TEXT)
STUDENTS = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
INCLUDE, *DEVELOPERS = (PROJECT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
PINS = STUDENTS + DEVELOPERS
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
FOR_STUDENTS = PYPROJECT["project"]["dependencies"] + EXTRAS["lab"]
DIRECT = FOR_STUDENTS + EXTRAS["test"] + EXTRAS["slides"]
PLACES = [
    {"python_full_version": version, "sys_platform": system, "os_name": "nt" if system == "win32" else "posix"}
    for version in ("3.11.0", "3.12.0", "3.13.0", "3.14.0")
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


def test_developers_get_what_students_have_and_more():
    assert INCLUDE == "-r requirements.txt"
    assert not {Requirement(line).name for line in STUDENTS} & {Requirement(line).name for line in DEVELOPERS}


def test_students_get_few_packages_and_none_that_only_tests_slides_and_grading_need():
    pins = [Requirement(line) for line in STUDENTS]
    linux = {"sys_platform": "linux", "os_name": "posix", "python_full_version": "3.11.9"}
    here = [pin for pin in pins if pin.marker is None or pin.marker.evaluate(linux)]
    assert len(here) <= 145 - 18, "torch with CUDA, which Linux alone has, adds 18, and 145 is the limit"
    names = {pin.name for pin in pins}
    assert not names & {"nbgrader", "notebook", "pytest", "sphinx", "playwright", "ruff", "hypothesis"}
    assert {canonicalize_name(Requirement(text).name) for text in FOR_STUDENTS} <= names


@pytest.mark.parametrize("dependency", DIRECT)
def test_direct_dependency_is_pinned_exactly_once_everywhere(dependency):
    wanted = Requirement(dependency)
    pins = [pin for pin in map(Requirement, PINS) if pin.name == canonicalize_name(wanted.name)]
    for place in PLACES:
        here = [pin for pin in pins if pin.marker is None or pin.marker.evaluate(place)]
        if wanted.marker and not wanted.marker.evaluate(place):
            assert not here
            continue
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


@pytest.mark.parametrize("name", ["environment.yml", "binder/environment.yml"])
def test_environments_take_only_conda_forge_and_a_python_that_the_pins_are_for(name):
    environment = yaml.safe_load((PROJECT / name).read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    python, pip, section = environment["dependencies"]
    assert pip == "pip" and set(section) == {"pip"}
    assert python.startswith("python=")
    assert SpecifierSet(PYPROJECT["project"]["requires-python"]).contains(python.split("=")[1])


def test_conda_installs_the_students_pins_and_the_package_where_it_survives():
    """Not "-e .": on a hub a persistent home folder hides the one that it would point into."""
    environment = yaml.safe_load((PROJECT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["dependencies"][-1] == {"pip": ["-r requirements.txt", "."]}


def test_images_get_the_same_uv_as_course_py():
    environment = yaml.safe_load((PROJECT / "binder" / "environment.yml").read_text(encoding="utf-8"))
    assert environment["dependencies"][-1] == {"pip": [load(PROJECT / "course.py").UV]}


@pytest.mark.skipif(os.name == "nt", reason="images are built on Linux")
@pytest.mark.parametrize("answers", [True, False])
def test_images_install_torch_without_cuda_where_it_can_be_had_and_keep_the_data_out_of_the_home(tmp_path, answers):
    """binder/postBuild with a uv that only notes what it is asked for, in an environment made for it."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    (tmp_path / "aeutils.py").write_text("raise SystemExit('the checkout, not what was installed')")
    found = "import os, sys\nsys.path.append(os.environ['PACKAGES'])\nfrom platformdirs import user_data_path\n"
    found += "print(os.environ['AEUTILS_DATA'], os.listdir(os.environ['AEUTILS_DATA']), user_data_path('aeutils'))\n"
    (packages,) = (tmp_path / "env" / "lib").glob("python*/site-packages")
    (packages / "aeutils.py").write_text(found + "load_mnist = load_faces = lambda: None\n")
    log = tmp_path / "log"
    uv = tmp_path / "env" / "bin" / "uv"
    refuse = "" if answers else 'case "$*" in *torch-backend*) exit 1;; esac\n'
    uv.write_text(f'#!/bin/sh\necho "$*" >>{log}\n{refuse}')
    uv.chmod(0o755)
    variables = {**os.environ, "PATH": f"{uv.parent}:/usr/bin:/bin", "PACKAGES": sysconfig.get_path("purelib")}
    variables.pop("AEUTILS_DATA", None)
    variables.pop("PYTHONPATH", None)
    command = PROJECT / "binder" / "postBuild"  # as a program: it must be one
    said = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=True).stdout
    share = f"{tmp_path / 'env'}/share/aeutils"  # is there, and where an installed package downloads to
    assert said.strip() == f"{share} [] {share}"
    *pins, package = log.read_text().splitlines()
    assert "--torch-backend=cpu" in pins[0] and "-r requirements.txt" in pins[0]
    assert ["--torch-backend=cpu" in line for line in pins] == ([True] if answers else [True, False])
    assert package.endswith("--no-deps .")


def test_minimum_python_is_the_same_everywhere():
    minimum = ".".join(map(str, load(PROJECT / "course.py").OLDEST_PYTHON))
    assert PYPROJECT["project"]["requires-python"] == f">={minimum}"
    assert PYPROJECT["tool"]["ruff"]["target-version"] == "py" + minimum.replace(".", "")
    assert f"Python](https://www.python.org/downloads/) {minimum} or newer" in (PROJECT / "README.md").read_text(
        "utf-8"
    )


def test_no_file_that_installs_names_a_registry():
    """Everyone's own pip or uv settings decide where packages come from."""
    addresses = re.compile(r"https?://|file://|pypi|pytorch\.org", re.I)
    for name in (
        "pyproject.toml",
        "requirements.txt",
        "requirements-dev.txt",
        "environment.yml",
        "binder/environment.yml",
        "course.py",
        "tools/pin.py",
        ".ci/run",
        "binder/postBuild",
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


class Machine:
    """Stands in for the module subprocess: notes what course.py runs, and makes .venv in earnest but installs nothing.

    fails: words; a command that has one of them fails. disk_is_full: nothing can be installed.
    stop: the number of the command at which Ctrl+C is pressed. pip_config: what pip says of its settings.
    """

    PIPE, STDOUT, DEVNULL, TimeoutExpired = (
        subprocess.PIPE,
        subprocess.STDOUT,
        subprocess.DEVNULL,
        subprocess.TimeoutExpired,
    )

    def __init__(self):
        self.commands, self.variables, self.fails, self.stop, self.pip_config = [], [], (), None, b""
        self.disk_is_full = False

    def run(self, command, env=None, **options):
        """The answer of a command."""
        text = " ".join(map(str, command))
        self.commands.append(text)
        self.variables.append(env or {})
        if len(self.commands) == self.stop:
            raise KeyboardInterrupt
        failed = any(word in text for word in self.fails)
        failed = failed or (self.disk_is_full and " -r " in text and "--dry-run" not in text)
        if " venv " in text:
            assert not Path(command[-1], "course-stamp").exists(), (
                "who is killed now leaves half a .venv that looks whole"
            )
        if not failed and (" venv " in text or text.endswith("print(sys.version)")):
            return subprocess.run(command, env=env, **options)
        output = {"compile": options.get("input", b"").strip() + b"+cpu", "config": self.pip_config}
        known = [words for name, words in output.items() if f"pip {name}" in text]
        known.append(b"OSError: [Errno 28] No space left")
        return SimpleNamespace(returncode=int(failed), stdout=known[0])

    def call(self, command, **options):
        """The exit code of a command."""
        return self.run(command, **options).returncode

    def Popen(self, command, **options):  # noqa: N802  the name that it stands in for
        """A command that runs beside others."""
        self.run(command, **options)
        return SimpleNamespace(wait=lambda: 0)

    def installed(self):
        """The variables of the last command that installed the requirements, and the command."""
        number = max(number for number, text in enumerate(self.commands) if "pip install" in text and " -r " in text)
        return self.variables[number], self.commands[number]

    def remade(self):
        """Whether .venv was made anew; forgets all commands."""
        commands = self.commands.copy()
        self.commands.clear(), self.variables.clear()
        return any(" venv --clear " in text for text in commands)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """course.py as a module that believes a temporary folder to be the project. course.machine notes what it runs."""
    module = load(PROJECT / "course.py")
    project = tmp_path / "mein K\u00fcrs"
    project.mkdir()
    for name in ("course.py", "requirements.txt", "requirements-dev.txt"):
        (project / name).write_bytes((PROJECT / name).read_bytes())
    shutil.copytree(PROJECT / "aeutils_lab" / "etc", project / "aeutils_lab" / "etc")
    monkeypatch.setattr(module, "PROJECT", project)
    for name in ("VENV", "STAMP", "COMPILED", "SETTINGS"):
        monkeypatch.setattr(module, name, project / getattr(module, name).relative_to(PROJECT))
    monkeypatch.setattr(module, "find_uv", lambda: "uv")
    monkeypatch.setattr(module, "has_nvidia_driver", lambda: True)
    for name in [name for name in os.environ if name.startswith(("UV_", "PIP_"))]:
        monkeypatch.delenv(name)
    module.machine = Machine()
    monkeypatch.setattr(module, "subprocess", module.machine)
    monkeypatch.chdir(tmp_path)
    return module


def start(course, torch=None, requirements="requirements.txt"):
    """What course.py does before it opens JupyterLab."""
    course.set_up(torch, requirements, course.environment())


def test_first_start_makes_the_venv_and_installs_the_students_pins(course):
    start(course)
    assert course.is_set_up("requirements.txt") and not course.is_set_up("requirements-dev.txt")
    _, command = course.machine.installed()
    pins = course.PROJECT / "requirements.txt"
    assert command == f"uv pip install --python {course.venv_python()} -r {pins}"
    assert course.machine.remade()


def test_second_start_runs_nothing(course):
    start(course)
    course.machine.commands.clear()
    start(course)
    assert course.machine.commands == []


def test_tests_slides_and_grading_add_theirs_when_first_used(course):
    start(course)
    course.machine.remade()
    start(course, requirements="requirements-dev.txt")
    assert course.machine.installed()[1].endswith(f"-r {course.PROJECT / 'requirements-dev.txt'}")
    assert not course.machine.remade(), "students' packages are there already"
    start(course, requirements="requirements-dev.txt")
    start(course)
    assert course.machine.commands == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_changed_requirements_are_installed_into_the_same_venv(course, name):
    start(course, requirements=name)
    course.machine.remade()
    with open(course.PROJECT / name, "a") as file:
        file.write("# changed\n")
    start(course, requirements=name)
    assert course.machine.installed()
    assert not course.machine.remade()


@pytest.mark.parametrize("uv", ["uv", None])
@pytest.mark.parametrize("earlier", [False, True])
def test_set_up_that_is_stopped_at_any_step_goes_on_at_the_next_start(course, monkeypatch, uv, earlier):
    """Stopped by Ctrl+C at its first command, at its second, and so on, with and without a .venv from before."""
    monkeypatch.setattr(course, "find_uv", lambda: uv)
    for number in range(1, 30):
        shutil.rmtree(course.VENV, ignore_errors=True)
        if earlier:
            start(course)
            course.STAMP.write_text(course.STAMP.read_text().replace('"usual"', '"cpu"'))
        course.machine.commands.clear()
        course.machine.stop = number
        try:
            start(course, "usual")
        except KeyboardInterrupt:
            pass
        else:
            break
        course.machine.stop = None
        start(course, "usual")
        assert course.is_set_up("requirements.txt")
        assert course.read_stamp()["torch"] == "usual"
    assert 3 < number < 29


@pytest.mark.parametrize("step", [" venv ", "ensurepip", "-r "])
def test_set_up_that_fails_at_a_step_says_so_and_goes_on_at_the_next_start(course, monkeypatch, step):
    monkeypatch.setattr(course, "find_uv", lambda: None)
    course.machine.fails = (step, "--version", "--python")
    for _ in range(2):
        with pytest.raises(SystemExit, match="run the same command again"):
            start(course)
        assert course.read_stamp() == {}
    course.machine.fails = ()
    start(course)
    assert course.is_set_up("requirements.txt")


def test_uv_that_lives_in_the_venv_is_looked_for_again_after_it_was_made_anew(course, monkeypatch):
    start(course)
    own = course.venv_python().with_name("uv")
    own.touch()
    monkeypatch.setattr(course, "find_uv", lambda: str(own) if own.exists() else None)
    monkeypatch.setattr(course, "fetch_uv", lambda variables: "fetched")
    course.STAMP.unlink()
    start(course)
    assert course.machine.installed()[1].startswith("fetched pip install")


def test_failed_update_is_started_afresh(course):
    start(course)
    (course.PROJECT / "requirements.txt").write_text("another==1\n")
    course.machine.fails = ("-r ",)
    with pytest.raises(SystemExit):
        start(course)
    course.machine.remade()
    course.machine.fails = ()
    start(course)
    assert course.machine.remade()


@pytest.mark.parametrize("case", ["vanished", "another", "half deleted", "of an older course.py"])
def test_venv_that_does_not_fit_is_made_anew(course, monkeypatch, case):
    start(course)
    course.machine.remade()
    if case == "vanished":
        course.venv_python().unlink()
    elif case == "another":
        monkeypatch.setattr(sys, "version", "3.99.0 (another Python)")
    elif case == "half deleted":
        shutil.rmtree(course.venv_python().parent)
    else:
        course.STAMP.write_text("4429358001306555 default")
    start(course)
    assert course.machine.remade()
    assert course.is_set_up("requirements.txt")


# --- Which torch


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the usual torch comes without CUDA")
class TestTorch:
    """Which torch is chosen, with what is said about it."""

    @pytest.fixture(autouse=True)
    def no_card(self, course, monkeypatch):
        monkeypatch.setattr(course, "has_nvidia_driver", lambda: False)

    def test_a_driver_or_a_choice_of_ones_own_is_respected(self, course, monkeypatch):
        monkeypatch.setenv("UV_TORCH_BACKEND", "cu130")
        start(course)
        assert course.machine.installed()[0]["UV_TORCH_BACKEND"] == "cu130"
        assert not [text for text in course.machine.commands if "pip compile" in text]
        monkeypatch.delenv("UV_TORCH_BACKEND")
        monkeypatch.setattr(course, "has_nvidia_driver", lambda: True)
        course.STAMP.unlink()
        start(course)
        assert "UV_TORCH_BACKEND" not in course.machine.installed()[0]

    def test_update_keeps_the_torch_that_is_there(self, course):
        start(course)
        (course.PROJECT / "requirements.txt").write_text("another==1\n")
        start(course)
        assert course.machine.installed()[0]["UV_TORCH_BACKEND"] == "cpu", "an update would bring CUDA"

    def test_changed_choice_makes_the_venv_anew_and_stays(self, course):
        start(course)
        assert course.machine.remade()
        start(course, "usual")
        assert "UV_TORCH_BACKEND" not in course.machine.installed()[0]
        assert course.machine.remade()
        start(course)
        assert course.machine.commands == []
        start(course, "cpu")
        assert course.machine.installed()[0]["UV_TORCH_BACKEND"] == "cpu"

    def test_cpu_that_cannot_be_had_leaves_the_venv_as_it_is(self, course):
        start(course, "usual")
        course.machine.fails = ("pip compile",)
        with pytest.raises(
            SystemExit, match="torch without CUDA cannot be had: PyTorch's own package index does not answer"
        ):
            start(course, "cpu")
        course.machine.commands.clear()
        start(course)
        assert course.machine.commands == []

    def test_cpu_without_uv_is_refused_and_not_ignored(self, course, monkeypatch):
        monkeypatch.setattr(course, "find_uv", lambda: None)
        with pytest.raises(
            SystemExit, match="torch without CUDA cannot be had: the installer uv could not be downloaded"
        ):
            start(course, "cpu")

    def test_real_uv_takes_it_from_an_index_on_this_machine(self, course, tmp_path, monkeypatch, capfd):
        """The address of PyTorch's index is uv's own; a proxy with a certificate authority of its own stands before it.

        That is a network as companies and universities have it: pip knows its index and its authority, uv does not.
        """
        bin_folders = os.pathsep.join([os.environ["PATH"], str(Path(sys.executable).parent)])
        uv = shutil.which("uv", path=bin_folders)
        if not uv or not shutil.which("openssl"):
            pytest.skip("needs uv and openssl")
        monkeypatch.setattr(course, "subprocess", subprocess)
        monkeypatch.setattr(course, "find_uv", lambda: uv)
        (course.PROJECT / "requirements.txt").write_text("torch==1.0\n")
        # This machine's own settings may name mirrors; without a network they cannot be reached.
        for name in [name for name in os.environ if re.search("proxy|SSL|CERT|CA_BUNDLE|^PIP_|^UV_", name, re.I)]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("UV_NO_CONFIG", "1")
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")

        def torch():
            return [path.name for path in course.VENV.glob("**/torch-*.dist-info")]

        with serve(tmp_path / "usual", "1.0") as usual, PyTorch(tmp_path / "own", "1.0+cpu") as pytorch:
            monkeypatch.setenv("PIP_INDEX_URL", f"{usual}/simple")
            monkeypatch.setenv("PIP_CERT", str(pytorch.authority))
            monkeypatch.setenv("PIP_PROXY", pytorch.proxy)
            start(course)
            assert "torch comes without CUDA" in capfd.readouterr().out
            assert torch() == ["torch-1.0+cpu.dist-info"]
            start(course, "usual")
            assert torch() == ["torch-1.0.dist-info"]
            monkeypatch.setattr(course, "ANSWER_SECONDS", 0.5)
            pytorch.silent = True
            with pytest.raises(SystemExit, match="torch without CUDA cannot be had"):
                start(course, "cpu")
            shutil.rmtree(course.VENV)
            started = time.monotonic()
            start(course)
            assert time.monotonic() - started < 30
            said = capfd.readouterr().out
            assert "does not answer: torch comes with CUDA" in said
            assert torch() == ["torch-1.0.dist-info"]
            pytorch.silent = False
            monkeypatch.setattr(course, "ANSWER_SECONDS", 20)
            start(course, "cpu")
            assert torch() == ["torch-1.0+cpu.dist-info"]


# --- Networks and environments


def test_uv_is_given_the_systems_certificates_and_pips_settings(course, monkeypatch):
    course.machine.pip_config = (
        b"global.cert='/etc/our \\'own\\' ca.pem'\nglobal.extra-index-url='\\nhttp://a/simple\\nhttp://b/simple'\n"
        b"global.index-url='http://global/simple'\ninstall.index-url='http://install/simple'\nglobal.timeout='60'\n"
        b"global.find-links='/wheels /more'\n:env:.proxy='http://p'\n"
    ).replace(b"\\'own\\'", b"own")
    monkeypatch.setenv("PIP_PROXY", "http://proxy")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("ALL_PROXY", raising=False)
    start(course)
    given, _ = course.machine.installed()
    assert given["UV_SYSTEM_CERTS"] == "1"
    assert given["SSL_CERT_FILE"] == "/etc/our own ca.pem"
    assert given["UV_DEFAULT_INDEX"] == "http://install/simple"
    assert given["UV_INDEX"] == "http://a/simple http://b/simple"
    assert given["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert given["UV_FIND_LINKS"] == "/wheels,/more"
    assert given["ALL_PROXY"] == "http://proxy"
    assert "UV_DEFAULT_INDEX" not in course.environment(), "JupyterLab has no use for it"


def test_uvs_own_settings_come_before_pips(course, monkeypatch):
    monkeypatch.setenv("UV_INDEX_URL", "http://uv/simple")
    monkeypatch.setenv("PIP_INDEX_URL", "http://pip/simple")
    assert "UV_DEFAULT_INDEX" not in course.installing(course.environment())


def test_pip_takes_over_where_uv_fails_for_the_network(course):
    course.machine.fails = ("uv pip install",)
    start(course)
    assert course.is_set_up("requirements.txt")
    assert course.machine.installed()[1].startswith(f"{course.venv_python()} -m pip install")


def test_pip_does_not_take_over_where_uv_fails_for_another_reason(course):
    course.machine.disk_is_full = True
    with pytest.raises(SystemExit, match="Installing failed, for the reason above"):
        start(course)
    assert course.machine.installed()[1].startswith("uv pip install")


def test_without_uv_plain_pip_installs(course, monkeypatch):
    monkeypatch.setattr(course, "find_uv", lambda: None)
    start(course)
    assert [text for text in course.machine.commands if text.endswith(course.UV)], "pip should first try to fetch uv"
    assert course.machine.installed()[1].startswith(f"{course.venv_python()} -m pip install")


def test_old_or_broken_uv_on_path_is_passed_over(tmp_path, monkeypatch):
    course = load(PROJECT / "course.py")
    if course.WINDOWS:
        pytest.skip("a shell script is no program there")
    monkeypatch.setattr(course, "VENV", tmp_path / ".venv")
    shim = tmp_path / "uv"
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + "/usr/bin:/bin")
    for script, found in {"exit 127": None, "echo uv 0.4.30": None, "echo 'uv 1.2.0 (a date)'": str(shim)}.items():
        shim.write_text(f"#!/bin/sh\n{script}\n")
        shim.chmod(0o755)
        assert course.find_uv() == found


@pytest.mark.parametrize(
    "version, given",
    [((3, 10, 13), "3.10"), ((3, 15, 0), "3.15")],
)
def test_python_without_wheels_is_told_what_to_do(version, given):
    course = load(PROJECT / "course.py")
    with pytest.raises(SystemExit, match=rf"3\.11 to 3\.14; this is {given} .*Install one of those"):
        course.check_python(version)
    course.check_python((3, 11, 0))
    course.check_python((3, 14, 2))


@pytest.mark.parametrize("machine, release", [("x86_64", "15.2"), ("arm64", "13.6.1")])
def test_mac_without_wheels_is_told_so(machine, release):
    course = load(PROJECT / "course.py")
    with pytest.raises(SystemExit, match=f"Apple silicon and macOS 14 or newer; this is macOS {release} on {machine}"):
        course.check_mac(machine, release)
    course.check_mac("arm64", "14.0")
    course.check_mac("x86_64", "")  # no Mac at all


def test_course_parses_in_old_pythons():
    """An old Python must come as far as the sentence about its age."""
    ast.parse((PROJECT / "course.py").read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_python_without_a_standard_module_is_told_what_to_do(course, monkeypatch, module):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == module else find_spec(name))
    monkeypatch.setattr(course, "find_uv", lambda: None)
    course.machine.fails = ("pip --version",)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    with pytest.raises(SystemExit, match=f"its standard module {module}.*sudo apt install python{version}-venv"):
        start(course)


def test_full_disk_ends_in_a_sentence_with_the_reason(course, monkeypatch):
    monkeypatch.setattr(course, "subprocess", subprocess)
    script = "raise OSError(28, 'No space left on device')"
    with pytest.raises(SystemExit, match=r"^Python could not put pip.*: OSError: .*No space left.*\n.*free disk space"):
        course.run([sys.executable, "-c", script], "Python could not put pip into .venv", dict(os.environ))


def test_unwritable_venv_is_told_what_to_do(course, monkeypatch):
    def refuse(stamp):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(course, "write_stamp", refuse)
    with pytest.raises(SystemExit, match=r"Cannot write to .* \(Permission denied\)\. Check the folder's permissions"):
        start(course)


def test_variables_that_mislead_python_are_not_handed_over(course, monkeypatch):
    for name in (*course.MISLEADING, "PIP_USER", "PIP_TARGET", "PYTHONPATH", "PYTHONHOME"):
        monkeypatch.setenv(name, "/elsewhere")
    given = course.environment()
    assert "/elsewhere" not in given.values()
    assert given["PIP_USER"] == "0", "pip's file may say otherwise"


@pytest.mark.parametrize("variables", [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}, {"LC_ALL": "C.UTF-8"}])
def test_aeutils_is_found_in_a_folder_with_an_umlaut_whatever_the_locale(course, monkeypatch, variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    (course.PROJECT / "aeutils").mkdir()
    (course.PROJECT / "aeutils" / "__init__.py").touch()
    monkeypatch.setattr(course, "subprocess", subprocess)
    monkeypatch.setattr(course, "imports", lambda: "import aeutils")
    course.make_venv(course.environment())
    course.finish()
    course.start_compiling(course.environment()).wait()
    assert (course.VENV / "etc" / "jupyter" / "jupyter_nbconvert_config.json").is_file(), "for exported pages"
    assert list((course.PROJECT / "aeutils" / "__pycache__").iterdir()), "compiled, for those who cannot write there"
    command = [str(course.venv_python()), "-c", "import aeutils, os; print(os.path.isfile(aeutils.__file__))"]
    done = subprocess.run(command, env=course.environment(), capture_output=True, text=True, cwd="/")
    assert (done.stdout.strip(), done.stderr) == ("True", "")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such home")
def test_home_that_cannot_be_written_is_replaced(course, monkeypatch, capsys):
    monkeypatch.setenv("HOME", "/dev/null/nobody")
    assert course.environment()["HOME"] == str(course.VENV / "home")
    assert "Your home folder /dev/null/nobody cannot be written" in capsys.readouterr().out
    home = course.PROJECT / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    assert course.environment()["HOME"] == str(home)
    (home / ".cache").touch()
    assert course.environment()["HOME"] == str(course.VENV / "home"), "uv and pip need .cache"


def real_start(folder, uv=None, arguments=(), **variables):
    """The real course.py in a bare folder, on its way. uv: a shell script in its place."""
    for name in ("course.py", "requirements.txt", "requirements-dev.txt"):
        (folder / name).write_bytes((PROJECT / name).read_bytes())
    path = f"{folder / 'bin'}:/usr/bin:/bin"
    (folder / "bin").mkdir(exist_ok=True)
    if uv:
        (folder / "bin" / "uv").write_text(f"#!/bin/sh\n{uv}\n")
        (folder / "bin" / "uv").chmod(0o755)
    environment = {**os.environ, "PATH": path, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", **variables}
    return subprocess.Popen(
        [sys.executable, "course.py", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for an installer is a shell script")
def test_no_network_ends_in_a_sentence_and_not_in_a_traceback(tmp_path):
    """A uv that breaks off as without a network; the second start, in the unfinished .venv, says the same."""
    uv = 'case "$*" in --version) echo "uv 1.0.0";; *--dry-run*) ;; *) echo "error: dns error" >&2; exit 2;; esac'
    for _ in range(2):
        child = real_start(tmp_path, uv, ["--cuda"])
        said, _ = child.communicate(timeout=120)
        assert child.returncode == 1
        assert "dns error" in said
        assert "needs an internet connection" in said and "run the same command again" in said
        assert "Traceback" not in said


def command_lines(process):
    """What the children of a process run, as far as they still do."""
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # a ZombieProcess is one
            yield " ".join(child.cmdline())


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C is another thing there")
@pytest.mark.parametrize("step", ["ensurepip", "uv pip install"])
def test_ctrl_c_ends_in_one_line(tmp_path, step):
    """Pressed while pip is put into .venv, and while uv installs: all processes of the terminal get it."""
    uv = None if step == "ensurepip" else '[ "$1" = --version ] && echo "uv 1.0.0" && exit 0\nexec sleep 100'
    child = real_start(tmp_path, uv, ["--cuda"])
    wanted = "ensurepip" if step == "ensurepip" else "sleep"
    end = time.monotonic() + 100
    while wanted not in " ".join(command_lines(psutil.Process(child.pid))):
        assert time.monotonic() < end and child.poll() is None
        time.sleep(0.02)
    os.killpg(child.pid, signal.SIGINT)
    said, _ = child.communicate(timeout=100)
    assert child.returncode == 1
    assert said.splitlines()[1:] == ["", "Stopped. Run the same command again to go on."]


# --- Compiling


@pytest.mark.parametrize("command", ["lab", "setup", "test"])
def test_jupyterlab_opens_while_modules_are_compiled_and_whatever_else_waits_for_it(course, monkeypatch, command):
    """JupyterLab's page is there half a minute sooner, and a set-up in an image loses nothing when it ends."""
    happened = []
    compiling = SimpleNamespace(wait=lambda: happened.append("compiled"))
    monkeypatch.setattr(course, "start_compiling", lambda variables: compiling)
    monkeypatch.setattr(course, "hand_over", lambda *program: happened.append("opened"))
    course.main([command])
    assert happened == {"lab": ["opened"], "setup": ["compiled"], "test": ["compiled", "opened"]}[command]


def test_modules_are_compiled_once_for_each_set_up_and_only_by_who_can_write(course, monkeypatch):
    def begins():
        course.machine.commands.clear()
        return course.start_compiling(course.environment()) is not None and course.COMPILE in course.machine.commands[0]

    start(course)
    assert begins() and begins(), "stopped, it begins anew"
    course.COMPILED.touch()
    assert not begins()
    (course.PROJECT / "requirements.txt").write_text("another==1\n")
    start(course)
    assert begins()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert not begins()


@pytest.mark.parametrize(("line", "done"), [("import nowhere", True), ("raise KeyboardInterrupt", False)])
def test_a_failed_import_keeps_no_other_from_being_compiled_and_a_stop_is_no_end(course, tmp_path, line, done):
    (tmp_path / "one.py").touch()
    command = [sys.executable, "-c", course.COMPILE, tmp_path / "done", f"{line}\nimport one"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(command, env=environment, stderr=subprocess.DEVNULL)
    assert [(tmp_path / name).exists() for name in ("done", "__pycache__")] == [done, done]


def test_all_that_notebooks_import_is_compiled():
    lines = [line.strip() for line in load(PROJECT / "course.py").imports().splitlines()]
    for source in sources():
        nodes = ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        assert {ast.unparse(node) for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))} <= {*lines}


def test_all_that_a_kernel_imports_at_its_start_and_for_its_first_figures_is_compiled(tmp_path, monkeypatch):
    """Its debugger, what reads images, what draws: who cannot write .venv would wait for that at each start."""
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    lines = load(PROJECT / "course.py").imports().splitlines()
    lines = [line for line in lines if "jupyterlab" not in line and "torchvision" not in line]  # those take longest
    code = "\n".join([*lines, "import sys, json; json.dump(sorted(sys.modules), open(sys.argv[1], 'w'))"])
    subprocess.run([sys.executable, "-c", code, tmp_path / "compiled"], check=True)
    cells = ["import aeutils as ae\nae.check", "ae.plots.images(ae.load_image('astronaut', 8))", "ae.load_faces()"]
    cells += [f"import sys, json; json.dump(sorted(sys.modules), open({str(tmp_path / 'used')!r}, 'w'))"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    compiled, used = (set(json.loads((tmp_path / name).read_text())) for name in ("compiled", "used"))
    known = {"torch", *sys.stdlib_module_names}  # torch loads a small part of itself only in a kernel
    assert {name for name in used - compiled if name.partition(".")[0] not in known} == set()


# --- Commands


def test_arguments():
    course = load(PROJECT / "course.py")
    parse, cpu = course.parse, course.TORCH["--cpu"]
    assert parse([]) == ("lab", None, [])
    assert parse(["--no-browser", "--port", "9000"]) == ("lab", None, ["--no-browser", "--port", "9000"])
    assert parse(["test", "-k", "mnist", "--cpu"]) == ("test", cpu, ["-k", "mnist"])
    assert parse(["--cuda", "slides", "04"]) == ("slides", course.TORCH["--cuda"], ["04"])
    with pytest.raises(SystemExit, match="given 'tset'; it knows lab, setup, test, slides, assignment"):
        parse(["tset"])
    with pytest.raises(SystemExit, match="both --cpu and --cuda"):
        parse(["--cpu", "--cuda"])


def test_lab_opens_the_first_notebook_whatever_lies_beside_it_and_passes_arguments_on(course, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    (course.PROJECT / "notebooks" / "source").mkdir(parents=True)
    for name in ("12_last.py", "01_first.py"):
        (course.PROJECT / "notebooks" / "source" / name).touch()
    for name in ("12_last.ipynb", "01_first.ipynb", "01_first-Copy1.ipynb", "#draft.ipynb"):
        (course.PROJECT / "notebooks" / name).touch()
    command = course.program("lab", ["--port", "9000"])
    assert command[:3] == [str(course.venv_python()), "-m", "jupyterlab"]
    assert command[-3:] == ["--port", "9000", str(course.PROJECT / "notebooks" / "01_first.ipynb")]
    assert "--allow-root" not in command


def test_root_may_start_jupyterlab_and_is_told(course, monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    assert course.program("lab", []).count("--allow-root") == 1
    assert "You are root" in capsys.readouterr().out
    assert course.program("lab", ["--allow-root"]).count("--allow-root") == 1
    assert "--allow-root" not in course.program("slides", ["04"])


@pytest.mark.parametrize("windows, python", [(False, "bin/python"), (True, "Scripts/python.exe")])
def test_programs_of_the_venv_on_posix_and_windows(course, monkeypatch, windows, python):
    monkeypatch.setattr(course, "WINDOWS", windows)
    tools = {"test": "run_tests.py", "slides": "make_slides.py", "assignment": "nbgrader_assignment.py"}
    assert tools == course.TOOLS
    for command, tool in tools.items():
        path = course.PROJECT / "tools" / tool
        assert course.program(command, ["-x"]) == [str(course.VENV / python), str(path), "-x"]


def test_news_pop_up_is_switched_off(course):
    start(course)
    overrides = course.VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    assert json.loads(overrides.read_text())["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


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
    monkeypatch.setenv("AEUTILS_DATA", "embedded")
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    variables = course.environment()
    assert variables["AEUTILS_DATA"] == "embedded" and variables["GOMP_SPINCOUNT"] == "7"
    assert variables["PATH"].split(os.pathsep)[0] == str(course.venv_python().parent)
    monkeypatch.setenv("JUPYTER_PATH", variables["JUPYTER_PATH"])
    assert KernelSpecManager().find_kernel_specs()["python3"] == str(course.VENV / "share/jupyter/kernels/python3")


def test_places_are_those_of_the_folder_where_the_course_was_started(course, tmp_path, monkeypatch):
    """Kernels start in other folders."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("AEUTILS_DATA", os.pathsep.join(["data", "~/mnist"]))
    monkeypatch.setenv("AEUTILS_PROGRESS", "off")
    variables = course.environment()
    assert variables["AEUTILS_DATA"].split(os.pathsep) == [str(tmp_path / "data"), str(tmp_path / "mnist")]
    assert variables["AEUTILS_PROGRESS"] == "off"
    assert variables["GOMP_SPINCOUNT"] == "2000" and variables["OPENBLAS_NUM_THREADS"] == "1"
