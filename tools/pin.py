"""Make requirements.txt: the exact version of every package that the course needs, for each Python and system.

    python tools/pin.py                      # keeps the versions that requirements.txt has where it can
    python tools/pin.py --upgrade            # takes the newest
    python tools/pin.py --upgrade-package torch

Needs uv on PATH, the packages of the project, and the internet. What is not on the command line is uv's default: the
same package index that an installation uses.
"""

import itertools
from pathlib import Path
import subprocess
import sys

from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[1]
REQUIREMENTS = PROJECT / "requirements.txt"
# torch's CUDA build asks for these itself, in the versions that it was built with; its CPU build must not get them.
LEFT_OUT = ("nvidia-", "cuda-", "triton")
PYTHONS = ("3.11.0", "3.11.14", "3.12.0", "3.13.0", "3.14.0")
SYSTEMS = (
    {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
)


def resolve(options):
    """uv's lines, one per package; a marker says where a package is needed."""
    command = ["uv", "pip", "compile", "pyproject.toml", "--all-extras", "--universal", "--python-version=3.11"]
    command += ["--fork-strategy=fewest", "--no-annotate", "--no-header", "--quiet"]
    command += ["--output-file=requirements.txt", *options]
    subprocess.run(command, cwd=PROJECT, check=True)
    return REQUIREMENTS.read_text(encoding="utf-8").splitlines()


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


def main():
    lines = [simplified for line in resolve(sys.argv[1:]) if (simplified := simplify(line))]
    REQUIREMENTS.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    print(f"{REQUIREMENTS.name}: {len(lines)} packages")


if __name__ == "__main__":
    main()
