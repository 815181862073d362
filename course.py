"""Start the course, with everything it needs set up in the folder .venv beside this file.

    python3 course.py [lab] [--cpu] [...]    open the first notebook in JupyterLab
    python3 course.py test  [--cpu] [...]    run all tests

The first start installs the exact versions of requirements.txt, which takes minutes and needs the
internet; later starts take a second and need none. Nothing outside .venv is changed: to remove it all,
or to start afresh, delete that folder. Whatever else you write is passed on to jupyter lab or pytest.

--cpu    install the torch without CUDA: several gigabytes less on Linux, enough for the whole course.
         The choice is kept until .venv is deleted.
"""

# This file must parse in every Python 3, or those who have an old one would see a SyntaxError, not our sentence.
import hashlib
import importlib.util
import json
import os
from pathlib import Path
import shutil
import subprocess
import sys

MINIMUM_PYTHON = (3, 11)
UV = "uv==0.13.9"
WINDOWS = os.name == "nt"
PROJECT = Path(__file__).resolve().parent
VENV = PROJECT / ".venv"
STAMP = VENV / "course-stamp"
"""Says for which requirements .venv was set up, or "unfinished" while that is going on; then "cpu" or "default"."""
WRITE_ADVICE = "Check the folder's permissions and the free disk space, then run the same command again."
COURSE_CONFIG = "etc/course"
"""Folder in .venv with settings for the JupyterLab that this file starts; other programs in .venv do not see them."""
SETTINGS = {
    # No pop-ups.
    "share/jupyter/lab/settings/overrides.json": {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
    },
    # nbgrader is there for those who grade. Students get neither its menus and panels nor those of its companion.
    COURSE_CONFIG + "/labconfig/page_config.json": {
        "disabledExtensions": {"@jupyter/nbgrader": True, "@jupyter-notebook/lab-extension": True}
    },
    COURSE_CONFIG + "/jupyter_server_config.json": {
        "ServerApp": {
            "jpserver_extensions": {
                "nbgrader.server_extensions.assignment_list": False,
                "nbgrader.server_extensions.course_list": False,
                "nbgrader.server_extensions.formgrader": False,
                "nbgrader.server_extensions.validate_assignment": False,
                "notebook": False,
            }
        }
    },
}
"""What is written into .venv: settings of JupyterLab, by file."""


def main(arguments):
    """Set up whatever is missing, then become jupyter lab or pytest. Returns the exit code."""
    command, cpu, extra = parse(arguments)
    os.chdir(str(PROJECT))
    cpu = set_up(cpu)
    return hand_over(program(command, extra), environment(cpu))


def parse(arguments):
    """The command ("lab" or "test"), whether --cpu was asked for, and the arguments to pass on."""
    extra = [argument for argument in arguments if argument != "--cpu"]
    if extra and extra[0] in ("-h", "--help"):
        print(__doc__)
        raise SystemExit(0)
    command = extra.pop(0) if extra and not extra[0].startswith("-") else "lab"
    if command not in ("lab", "test"):
        raise SystemExit(f"course.py was given {command!r}; it knows lab and test. Try: python3 course.py lab")
    return command, "--cpu" in arguments, extra


def set_up(cpu):
    """Make .venv what requirements.txt and pyproject.toml ask for. Returns whether its torch is without CUDA."""
    check_python(sys.version_info)
    stamp, flavour = read_stamp()
    rebuild = stamp == "unfinished" or (cpu and flavour != "cpu")
    cpu = cpu or flavour == "cpu"
    if stamp == fingerprint() and not rebuild and venv_python().exists():
        return cpu
    print(f"Setting up {VENV}: minutes the first time, never again while it stays as it is.", flush=True)
    uv = find_uv()
    check_modules(uv)
    try:
        if rebuild or not same_python():
            make_venv()
        write_stamp("unfinished", cpu)
        install(uv, cpu)
        write_settings()
        write_stamp(fingerprint(), cpu)
    except OSError as error:
        raise SystemExit(f"Cannot write to {VENV} ({error.strerror}). {WRITE_ADVICE}") from None
    return cpu


def make_venv():
    """Make an empty .venv, in place of whatever is there. pip comes later, and only if there is no uv."""
    command = [sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)]
    run(command, f"Python could not make {VENV}, for the reason above. {WRITE_ADVICE}")


def check_python(version):
    """Exit with a clear sentence when this Python is too old."""
    if tuple(version[:2]) < MINIMUM_PYTHON:
        needed, given = "{}.{}".format(*MINIMUM_PYTHON), "{}.{}".format(*version[:2])
        raise SystemExit(
            f"The course needs Python {needed} or newer; this is {given} ({sys.executable}). "
            "Install a newer Python and start course.py with it, for example: python3.12 course.py"
        )


def check_modules(uv):
    """Exit with a clear sentence when this Python cannot make .venv (Debian and Ubuntu split that part off)."""
    needed = ["venv"] if uv else ["venv", "ensurepip"]
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        raise SystemExit(
            f"This Python ({sys.executable}) comes without its standard module {' and '.join(missing)}, which makes "
            f".venv. On Debian and Ubuntu run: sudo apt install {package}; elsewhere install a complete Python. "
            "Then run the same command again."
        )


def fingerprint():
    """What .venv depends on, as one word: this Python, this folder, the pins and the project's own settings."""
    digest = hashlib.sha256(f"{sys.version} {PROJECT}".encode())
    for name in ("requirements.txt", "pyproject.toml"):
        digest.update((PROJECT / name).read_bytes())
    return digest.hexdigest()


def read_stamp():
    """The two words of the stamp; empty ones when there is none."""
    words = STAMP.read_text(encoding="utf-8").split() if STAMP.exists() else []
    return tuple(words) if len(words) == 2 else ("", "")


def write_stamp(state, cpu):
    """Note the state of .venv, and which torch it has, in one step."""
    draft = STAMP.with_name("course-stamp-draft")
    draft.write_text(f"{state} {'cpu' if cpu else 'default'}", encoding="utf-8")
    os.replace(str(draft), str(STAMP))


def venv_python():
    """The Python of .venv."""
    return VENV / "Scripts" / "python.exe" if WINDOWS else VENV / "bin" / "python"


def same_python():
    """Whether .venv has a Python that runs and is of the version that runs this file."""
    command = [str(venv_python()), "-c", "import sys; print(sys.version)"]
    try:
        answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        return False
    return answer.stdout.decode(errors="replace").split() == sys.version.split()


def find_uv():
    """The uv on PATH if it works (a pyenv shim may not), else the one in .venv, else None."""
    for uv in (shutil.which("uv"), shutil.which("uv", path=str(venv_python().parent))):
        if uv and subprocess.call([uv, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
            return uv
    return None


def install(uv, cpu):
    """Install the pins and the project into .venv: with uv, which is several times faster, or else with pip."""
    if not uv:
        run([str(venv_python()), "-m", "ensurepip"], "Python could not put pip into .venv.", stdout=subprocess.DEVNULL)
        pip = [str(venv_python()), "-m", "pip", "install", "--quiet", "--retries", "1", UV]
        subprocess.call(pip, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        uv = find_uv()
    if cpu and not uv and sys.platform == "linux":
        raise SystemExit(
            "--cpu needs the installer uv, which is not on PATH and could not be downloaded. Check the internet "
            "connection or install uv, then run the same command again; without --cpu plain pip is enough."
        )
    for command in install_commands(uv):
        run(
            command,
            "Installing failed, for the reason above. It needs an internet connection that reaches the Python package "
            "index, with --cpu also PyTorch's own (behind a proxy: set HTTPS_PROXY), and 7 GB of free disk, 2 GB with "
            "--cpu. Then run the same command again. Nothing outside .venv was changed.",
            env=environment(cpu),
        )


def install_commands(uv):
    """Two command lines: one for the pins, one for the project itself, whose dependencies are those pins."""
    python = str(venv_python())
    pip = [uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]
    return [[*pip, "-r", str(PROJECT / "requirements.txt")], [*pip, "--no-deps", "-e", str(PROJECT)]]


def write_settings():
    """Write the settings of JupyterLab."""
    for name, settings in SETTINGS.items():
        path = VENV / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings, indent=1), encoding="utf-8")


def run(command, problem, **options):
    """Run a command of the set-up; exit with the problem in words when it fails."""
    if subprocess.call(command, **options) != 0:
        raise SystemExit("\n" + problem)


def environment(cpu):
    """The variables that uv, jupyter lab and pytest see: the user's own, and .venv before all else."""
    variables = dict(os.environ)
    if cpu:
        variables["UV_TORCH_BACKEND"] = "cpu"
    # Jupyter takes the first kernel called python3 that it finds; a user's own one would not know this course.
    first = {
        "PATH": venv_python().parent,
        "JUPYTER_PATH": VENV / "share" / "jupyter",
        "JUPYTER_CONFIG_PATH": VENV / COURSE_CONFIG,
    }
    for name, folder in first.items():
        variables[name] = os.pathsep.join(filter(None, [str(folder), variables.get(name)]))
    return variables


def program(command, extra):
    """The command line of jupyter lab, at the first notebook, or of pytest."""
    python = str(venv_python())
    if command == "test":
        return [python, "-m", "pytest", *extra]
    notebooks = sorted((PROJECT / "notebooks").glob("[0-9]*.ipynb"))
    return [python, "-m", "jupyterlab", f"--ServerApp.root_dir={PROJECT}", *extra, *map(str, notebooks[:1])]


def hand_over(command, variables):
    """Become the given program; on Windows, which cannot, wait for it. Returns its exit code."""
    if not WINDOWS:
        os.execve(command[0], command, variables)
    child = subprocess.Popen(command, env=variables)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # Ctrl+C is meant for the child: JupyterLab asks whether to stop
            pass


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped. Run the same command again to go on.")
