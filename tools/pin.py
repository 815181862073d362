"""Pin the exact version of every package that the course needs, for each Python and system.

    python tools/pin.py                      # keeps the versions that stand in the files where it can
    python tools/pin.py --upgrade            # takes the newest
    python tools/pin.py --upgrade-package torch

requirements.txt is for those who read and run the course; requirements-dev.txt begins with it and adds what tests,
slides and grading need. Needs uv on PATH, the package packaging, and the internet. What is not on the command line is
uv's default: the same package index that an installation uses.
"""

import itertools
from pathlib import Path
import subprocess
import sys
import tempfile

from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[1]
STUDENTS, DEVELOPERS = PROJECT / "requirements.txt", PROJECT / "requirements-dev.txt"
INCLUDE = f"-r {STUDENTS.name}"
"""First line of the developers' file."""
# torch's CUDA build asks for these itself, in the versions that it was built with; its CPU build must not get them.
LEFT_OUT = ("nvidia-", "cuda-", "triton")
PYTHONS = ("3.11.0", "3.11.14", "3.12.0", "3.13.0", "3.14.0")
SYSTEMS = (
    {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
)


def resolve(known, *options):
    """uv's lines, one per package, as near as possible to the known ones; a marker says where a package is needed."""
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        pins.write_text("\n".join(known), encoding="utf-8", newline="\n")
        command = ["uv", "pip", "compile", "pyproject.toml", "--universal", "--python-version=3.11"]
        command += ["--fork-strategy=fewest", "--no-annotate", "--no-header", "--quiet", f"--output-file={pins}"]
        subprocess.run([*command, *options], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
        return pins.read_text(encoding="utf-8").splitlines()


def simplify(line):
    """The line without a marker that always holds where the course runs, or None when it never does or is torch's."""
    requirement = Requirement(line)
    if requirement.name.startswith(LEFT_OUT):
        return None
    pin = f"{requirement.name}{requirement.specifier}"
    if requirement.marker is None:
        return pin
    holds = [requirement.marker.evaluate(place) for place in places()]
    if all(holds):
        return pin
    return f"{pin} ; {requirement.marker}" if any(holds) else None


def places():
    """The variables that markers ask for, for every Python and system that the course is for."""
    for version, system in itertools.product(PYTHONS, SYSTEMS):
        short = ".".join(version.split(".")[:2])
        cpython = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
        yield {"python_full_version": version, "python_version": short, **system, **cpython}


def pins(path):
    """The pins that stand in a file, as (name, line)."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [(Requirement(line).name, line) for line in lines if line and not line.startswith("-r ")]


def publish(path, lines):
    """Write pins into a file."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    print(f"{path.name}: {sum(not line.startswith('-r ') for line in lines)} packages")


def main():
    known = [line for _, line in pins(STUDENTS) + pins(DEVELOPERS)]
    students = resolve(known, "--extra=lab", *sys.argv[1:])
    publish(STUDENTS, list(filter(None, map(simplify, students))))
    with tempfile.TemporaryDirectory() as folder:
        same = Path(folder) / "same.txt"  # whoever runs the tests has what students have
        same.write_text("\n".join(students), encoding="utf-8", newline="\n")
        everything = resolve(known, "--all-extras", f"--constraints={same}", *sys.argv[1:])
    theirs = {name for name, _ in pins(STUDENTS)}
    more = [line for line in filter(None, map(simplify, everything)) if Requirement(line).name not in theirs]
    publish(DEVELOPERS, [INCLUDE, *more])


if __name__ == "__main__":
    main()
