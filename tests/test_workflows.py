"""The workflows and the container for those who host the course on GitHub: valid, safe, and naming only what exists."""

from itertools import product
import json
from pathlib import Path
import re
import shlex
import shutil
import subprocess
import sysconfig
import tomllib

import build_site
import pytest
import yaml

import course

pytestmark = pytest.mark.data_free

PROJECT = Path(__file__).parents[1]
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*"))
DEPENDABOT = PROJECT / ".github" / "dependabot.yml"
CONTAINER = PROJECT / ".devcontainer" / "devcontainer.json"
ABOUT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SYSTEMS, PYTHONS = {"ubuntu", "macos", "windows"}, ["3.11", "3.12", "3.13", "3.14"]
PINNED = re.compile(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
CONTAINER_KEYS = {
    "name": str,
    "image": str,
    "hostRequirements": dict,
    "postCreateCommand": str,
    "forwardPorts": list,
    "portsAttributes": dict,
    "customizations": dict,
}
"""What devcontainer.json may say, and of which kind it is: check-jsonschema brings no schema for it."""

PAGES = PROJECT / ".github" / "workflows" / "pages.yml"
"""The one that runs no tests: it publishes the site."""

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def read(path):
    """A workflow as a dictionary."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path):
    """The steps of all jobs of a workflow."""
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


def command_lines():
    """Every command line of the workflows and of the container, as lists of words."""
    lines = [step["run"] for path in WORKFLOWS for step in steps(path) if "run" in step]
    lines.append(json.loads(CONTAINER.read_text(encoding="utf-8"))["postCreateCommand"])
    return [shlex.split(line) for text in lines for line in text.splitlines()]


@pytest.fixture
def validate(capsys):
    """A function that runs check-jsonschema, in this process: to import it takes seconds."""
    from check_jsonschema import main

    def run(schema, *paths):
        with pytest.raises(SystemExit) as ended:
            main(["--builtin-schema", f"vendor.{schema}", *map(str, paths)])
        return ended.value.code, "".join(capsys.readouterr())

    return run


@pytest.fixture
def audit():
    """A function that runs zizmor, the one that is installed beside this Python."""
    program = shutil.which("zizmor", path=sysconfig.get_path("scripts"))
    assert program, "zizmor is not installed"

    def run(path):
        command = [program, "--offline", "--persona=auditor", "--quiet", "--color=never", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        return done.returncode, done.stdout + done.stderr

    return run


# The tools


def test_workflows_fit_githubs_schema(validate):
    code, said = validate("github-workflows", *WORKFLOWS)
    assert WORKFLOWS and code == 0, said


def test_dependabots_settings_fit_its_schema(validate):
    code, said = validate("dependabot", DEPENDABOT)
    assert code == 0, said


def test_zizmor_finds_no_weakness(audit):
    code, said = audit(PROJECT / ".github")
    assert code == 0, said


@pytest.fixture
def broken(tmp_path):
    """A function that writes a copy of a workflow with something replaced, and returns its path."""

    def write(pattern, replacement):
        path = tmp_path / ".github" / "workflows" / "broken.yml"
        path.parent.mkdir(parents=True)
        path.write_text(re.sub(pattern, replacement, WORKFLOWS[0].read_text(encoding="utf-8")), encoding="utf-8")
        return path

    return write


def test_an_action_that_is_not_pinned_is_seen(audit, broken):
    code, said = audit(broken(r"(uses: \S+)@[0-9a-f]{40}.*", r"\1@main"))
    assert code != 0 and "unpinned-uses" in said


def test_a_job_without_a_system_is_seen(validate, broken):
    code, said = validate("github-workflows", broken(r"\n *runs-on: .*", ""))
    assert code != 0 and "runs-on" in said


# What the tools do not look at


@each_workflow
def test_actions_are_pinned_by_commit_and_say_their_version(path):
    lines = [line.strip("- ") for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert lines and all(PINNED.fullmatch(line) for line in lines), lines


@each_workflow
def test_a_job_may_read_the_project_and_nothing_else_for_a_limited_time(path):
    workflow = read(path)
    assert workflow["permissions"] == {}
    assert all(
        job["permissions"] == {"contents": "read"} for name, job in workflow["jobs"].items() if name != "publish"
    )
    assert all(job["timeout-minutes"] <= 90 for job in workflow["jobs"].values())
    checkouts = [step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts and all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_site_is_published_by_a_job_that_runs_nothing_of_the_project_and_only_where_asked_for():
    build, publish = read(PAGES)["jobs"].values()
    assert publish["permissions"] == {"pages": "write", "id-token": "write"} and publish["if"] == "vars.PAGES == 'on'"
    assert [step["uses"].split("@")[0] for step in publish["steps"]] == ["actions/deploy-pages"]
    *_, built, upload = build["steps"]
    assert built["run"] == "python tools/build_site.py" and upload["with"]["path"] == build_site.SITE.name
    assert read(PAGES)[True] == {"push": {"branches": ["main"]}, "workflow_dispatch": None}
    assert build_site.SITE.parent == PROJECT


@pytest.mark.parametrize("path", [path for path in WORKFLOWS if path != PAGES], ids=lambda path: path.stem)
def test_workflow_runs_on_all_systems_with_embedded_data(path):
    (job,) = read(path)["jobs"].values()
    axes = job["strategy"]["matrix"]
    assert {system.split("-")[0] for system in axes["system"]} == SYSTEMS
    assert job["strategy"]["fail-fast"] is False and job["env"]["AEUTILS_DATA"] == "embedded"
    assert set(axes["python"]) <= set(PYTHONS) and {PYTHONS[0], PYTHONS[-1]} <= set(axes["python"])


def test_every_system_is_tested_with_every_python():
    (job,) = read(PROJECT / ".github" / "workflows" / "tests.yml")["jobs"].values()
    axes = job["strategy"]["matrix"]
    places = {(system.split("-")[0], python) for system, python in product(axes["system"], axes["python"])}
    assert places == set(product(SYSTEMS, PYTHONS))
    assert ABOUT["requires-python"] == f">={PYTHONS[0]}"


def test_newest_versions_are_tried_each_week():
    triggers = read(PROJECT / ".github" / "workflows" / "newest.yml")[True]  # YAML reads "on" as true
    (entry,) = triggers["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", entry["cron"])


# Each step, walked through


@pytest.mark.parametrize("words", command_lines(), ids=" ".join)
def test_every_command_line_names_what_exists(words):
    program, *rest = words
    assert program in ("python", "python3"), "no other command is the same on all systems"
    assert not {"|", "&&", ";", ">", "\\"} & set(words), "shells differ"
    if rest[0] == "course.py":
        course.parse(rest[1:])
    elif rest[0] == "-m":
        assert rest[1] in ("pip", "uv", "pytest")
    else:
        assert (PROJECT / rest[0]).is_file()
    for extras in re.findall(r"\.\[([\w,-]+)\]", " ".join(words)):
        assert set(extras.split(",")) >= set(ABOUT["optional-dependencies"])


@pytest.mark.parametrize("path", [*WORKFLOWS, DEPENDABOT, CONTAINER], ids=lambda path: path.name)
def test_no_file_names_a_registry(path):
    """Those who host the course decide where packages and images come from."""
    assert not re.search(r"https?://|--index|pypi|ghcr|mcr\.", path.read_text(encoding="utf-8"))


def test_cached_is_what_the_installer_fills():
    for step in steps(PROJECT / ".github" / "workflows" / "tests.yml"):
        if step.get("uses", "").startswith("actions/cache@"):
            place, patterns = step["with"]["path"], re.findall(r"hashFiles\('([^']+)'\)", step["with"]["key"])
        if "course.py" in step.get("run", ""):
            assert step["env"]["UV_CACHE_DIR"] == place
    assert [list(PROJECT.glob(pattern)) != [] for pattern in patterns] == [True]


# The container


def test_container_says_only_what_the_format_knows():
    settings = json.loads(CONTAINER.read_text(encoding="utf-8"))
    assert {name: type(value) for name, value in settings.items()} == CONTAINER_KEYS
    assert set(settings["hostRequirements"]) == {"cpus", "memory", "storage"}
    assert set(settings["portsAttributes"]) == set(map(str, settings["forwardPorts"]))
    assert set(settings["customizations"]["vscode"]) == {"extensions", "settings"}


def test_container_has_a_python_that_the_course_supports_and_its_kernel():
    settings = json.loads(CONTAINER.read_text(encoding="utf-8"))
    version = re.fullmatch(r"python:(3\.\d+)-\w+", settings["image"])[1]
    assert version in PYTHONS
    chosen = settings["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert chosen == "${containerWorkspaceFolder}/.venv/bin/python"
    assert 8888 in settings["forwardPorts"], "the port that JupyterLab takes unless told"
