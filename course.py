"""Start the course, with everything it needs set up in the folder .venv beside this file.

    python3 course.py [lab]                  open the first notebook in JupyterLab
    python3 course.py setup                  set up all that it needs, and end
    python3 course.py test                   run all tests
    python3 course.py slides 04              make slides of notebook 04
    python3 course.py assignment 07 FOLDER   make an assignment for nbgrader out of notebook 07

The first start installs the exact versions of requirements.txt, which takes minutes and needs the
internet; later starts take a second and need none. The other commands add those of requirements-dev.txt
when they are first used. Nothing outside .venv is changed: to remove it all, or to start afresh, delete
that folder. Whatever else you write is passed on, for example to jupyter lab.

--cpu    install the torch without CUDA: 4 GB less on Linux, enough for the whole course.
--cuda   install the torch that uses an NVIDIA card.
         Without either, course.py takes --cpu on Linux where it finds no NVIDIA driver, if it can.
         What is installed stays until you ask for the other one.
"""

# This file must parse in every Python 3, or those who have an old one would see a SyntaxError, not our sentence.
import ast
import hashlib
import importlib.util
import json
import os
from pathlib import Path
import platform
import re
import shutil
import subprocess
import sys
import sysconfig

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 14)
"""Between these there are wheels of all pinned versions."""
OLDEST_MACOS = 14
UV, OLDEST_UV = "uv==0.13.9", (0, 11)
WINDOWS, LINUX = os.name == "nt", sys.platform == "linux"
PROJECT = Path(__file__).resolve().parent
VENV = PROJECT / ".venv"
STAMP = VENV / "course-stamp"
"""Says what .venv was set up for. It is there only while .venv is whole."""
STUDENTS, DEVELOPERS = "requirements.txt", "requirements-dev.txt"
FOR_STUDENTS = ("lab", "setup")
TOOLS = {"test": "run_tests.py", "slides": "make_slides.py", "assignment": "nbgrader_assignment.py"}
"""The commands: those that need only the students' requirements, and the programs in tools/ behind all others."""
TORCH = {"--cpu": "cpu" if LINUX else "usual", "--cuda": "auto" if WINDOWS else "usual"}
"""Which torch the options ask for: that of the usual index, or uv's name of a build in PyTorch's own index."""
ANSWER_SECONDS = 10
"""What PyTorch's own index may take to answer before the usual one is taken."""
WRITE_ADVICE = "Check the folder's permissions and the free disk space, then run the same command again."
SETTINGS = VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
NO_POP_UPS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
PATH_FILE = 'import os, sys; sys.path.append(os.path.dirname(sys.prefix)); sys.modules["rfc3987_syntax"] = None\n'
"""A .pth file that lets .venv import aeutils; a path written out could have letters that not every start can read.

And a start of JupyterLab takes a third less: jsonschema, which it imports, makes the grammar of web addresses each time
that it finds this package, and does without where it is missing.
"""
COMPILED = VENV / "course-compiled"
"""Lies there once all that the course imports has been compiled."""
BEFORE_NOTEBOOKS = """\
import ipykernel_launcher, ipykernel.kernelapp, ipykernel.debugger, tqdm.notebook
import IPython.core.completerlib, IPython.core.debugger, IPython.core.logger, IPython.core.oinspect
import IPython.extensions.storemagic, tornado.platform.asyncio
import aeutils.checks, aeutils.plots, aeutils.predictions, aeutils.widgets
"""
AFTER_NOTEBOOKS = """\
ae.load_image("astronaut", 8)
import PIL.Image; PIL.Image.preinit()
import sklearn.datasets, scipy.signal, matplotlib.pyplot, jupyterlab.labapp, jupyter_lsp, nbconvert.exporters
import torchvision.datasets
"""
"""What the course imports besides what its notebooks do. The first part is what the first kernel waits for."""
COMPILE = """\
import os, sys
getattr(os, "nice", int)(10)  # JupyterLab and its kernels come first
for line in sys.argv[2].splitlines():
    try:
        exec(line)
    except Exception:  # whoever needs it will be told
        pass
open(sys.argv[1], "w").close()
"""
"""A program that runs the lines that it is given, which compiles what they import, and then notes that it did."""
MISLEADING = ["PYTHONPATH", "PYTHONHOME", "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE"]
MISLEADING += ["PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV"]
"""Variables that bring other modules into .venv, put ours elsewhere or keep them from being compiled, garble paths."""
# In a home folder, what uv, pip, IPython and JupyterLab write to. After "sudo pip" some of it may belong to root.
HOME_PARTS = ["", ".cache", ".cache/uv", ".cache/pip", ".ipython", ".jupyter", ".local", ".local/share/jupyter"]
# The settings of pip that uv reads from a variable.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
}


def main(arguments):
    """Set up whatever is missing, then become the program that the arguments ask for. Returns its exit code."""
    check_python(sys.version_info)
    check_mac(platform.machine(), platform.mac_ver()[0])
    sys.stdout.reconfigure(errors="backslashreplace")  # a path may have letters that the terminal lacks
    command, torch, extra = parse(arguments)
    variables = environment()
    set_up(torch, STUDENTS if command in FOR_STUDENTS else DEVELOPERS, variables)
    compiling = start_compiling(variables)
    if compiling and command != "lab":  # JupyterLab opens meanwhile
        compiling.wait()
    if command == "setup":
        return 0
    if command == "test":
        os.chdir(str(PROJECT))
    return hand_over(program(command, extra), variables)


def parse(arguments):
    """The command, which torch was asked for (None: not said), and the arguments to pass on."""
    extra = [argument for argument in arguments if argument not in TORCH]
    asked = [TORCH[argument] for argument in arguments if argument in TORCH]
    if extra and extra[0] in ("-h", "--help"):
        print(__doc__)
        raise SystemExit(0)
    command = extra.pop(0) if extra and not extra[0].startswith("-") else "lab"
    if command not in (*FOR_STUDENTS, *TOOLS):
        known = ", ".join((*FOR_STUDENTS, *TOOLS))
        raise SystemExit(f"course.py was given {command!r}; it knows {known}. Try: python3 course.py lab")
    if "--cpu" in arguments and "--cuda" in arguments:
        raise SystemExit("course.py was given both --cpu and --cuda; name one of them.")
    return command, (asked or [None])[0], extra


# --- Setting up ------------------------------------------------------------------------------------------------------


def set_up(torch, requirements, variables):
    """Make .venv what a file of requirements asks for, with the torch that was asked for (None: whichever suits)."""
    stamp = read_stamp()
    other_torch = torch not in (None, stamp.get("torch"))
    if is_set_up(requirements) and not other_torch:
        return
    print(f"Setting up {VENV}: minutes the first time, never again while it stays as it is.", flush=True)
    variables = installing(variables)
    torch = torch or stamp.get("torch")
    afresh = not stamp or other_torch or not same_python(variables)
    try:
        uv = find_uv()
        chosen = None if afresh else torch
        if afresh and uv:  # where --cpu cannot be had, the .venv that there is stays
            chosen = choose_torch(torch, uv, variables)
        for mark in (STAMP, COMPILED):
            if mark.exists():
                mark.unlink()
        if afresh:
            make_venv(variables)
        uv = find_uv() or fetch_uv(variables)  # that of before may be gone with the old .venv
        chosen = chosen or choose_torch(torch, uv, variables)
        install(uv, chosen, requirements, variables)
        finish()
        now = {name: fingerprint(name) for name in (STUDENTS, requirements)}
        write_stamp({**({} if afresh else stamp), **now, "torch": chosen})
    except OSError as error:
        raise SystemExit(f"Cannot write to {VENV} ({error.strerror or error}). {WRITE_ADVICE}") from None


def check_python(version):
    """Exit with a clear sentence when this Python cannot run the pinned versions."""
    problem = ""
    if not OLDEST_PYTHON <= tuple(version[:2]) <= NEWEST_PYTHON:
        problem = "{}.{}".format(*version[:2])
    elif sys.implementation.name != "cpython":
        problem = sys.implementation.name
    elif sys.maxsize < 2**32:
        problem = "a 32-bit one"
    elif sysconfig.get_config_var("Py_GIL_DISABLED"):
        problem = "a free-threaded one"
    if problem:
        oldest, newest = "{}.{}".format(*OLDEST_PYTHON), "{}.{}".format(*NEWEST_PYTHON)
        raise SystemExit(
            f"The course needs the usual 64-bit Python, {oldest} to {newest}; this is {problem} ({sys.executable}). "
            "Install one of those and start course.py with it, for example: python3.13 course.py"
        )


def check_mac(machine, release):
    """Exit with a clear sentence on a Mac for which there is no torch. Elsewhere the release is empty."""
    if release and (machine != "arm64" or int(release.split(".")[0]) < OLDEST_MACOS):
        raise SystemExit(
            f"torch exists for Macs with Apple silicon and macOS {OLDEST_MACOS} or newer; this is macOS {release} on "
            f"{machine}. If the Mac is newer than that, install a Python for Apple silicon and start course.py with it."
        )


def check_modules(names):
    """Exit with a clear sentence when this Python lacks a module (Debian and Ubuntu split some off)."""
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        raise SystemExit(
            f"This Python ({sys.executable}) comes without its standard module {' and '.join(missing)}, which makes "
            f".venv. On Debian and Ubuntu run: sudo apt install {package}; elsewhere install a complete Python. "
            "Then run the same command again."
        )


def fingerprint(requirements):
    """What .venv depends on, as one word: this Python, this folder and file, and the requirements."""
    digest = hashlib.sha256(sys.version.encode() + os.fsencode(str(PROJECT)))
    for name in sorted({"course.py", STUDENTS, requirements}):
        digest.update((PROJECT / name).read_bytes())
    return digest.hexdigest()


def read_stamp():
    """What write_stamp wrote; empty when .venv is not whole."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(stamp):
    """Note in one step for which requirements .venv was set up, and with which torch."""
    draft = STAMP.with_name("course-stamp-draft")
    draft.write_text(json.dumps(stamp), encoding="utf-8")
    os.replace(str(draft), str(STAMP))


def is_set_up(requirements):
    """Whether .venv is what a file of requirements asks for."""
    return read_stamp().get(requirements) == fingerprint(requirements) and venv_python().exists()


def venv_python():
    """The Python of .venv."""
    return VENV / "Scripts" / "python.exe" if WINDOWS else VENV / "bin" / "python"


def same_python(variables):
    """Whether .venv has a Python that runs and is of the version that runs this file."""
    command = [str(venv_python()), "-c", "import sys; print(sys.version)"]
    try:
        answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=variables)
    except OSError:
        return False
    return answer.stdout.decode(errors="replace").split() == sys.version.split()


def make_venv(variables):
    """Make an empty .venv, in place of whatever is there. pip comes later, and only if there is no uv."""
    check_modules(["venv"])
    command = [sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)]
    run(command, f"Python could not make {VENV}", variables)


def find_uv():
    """The uv on PATH if it works (a pyenv shim may not) and is not too old, else the one in .venv, else None."""
    for uv in (shutil.which("uv"), shutil.which("uv", path=str(venv_python().parent))):
        if uv:
            answer = subprocess.run([uv, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            version = re.match(rb"uv (\d+)\.(\d+)", answer.stdout)
            if version and tuple(map(int, version.groups())) >= OLDEST_UV:
                return uv
    return None


def fetch_uv(variables):
    """Put uv into .venv, with the pip of this Python or with one of .venv's own. Returns None where that fails."""
    download = ["install", "--quiet", "--no-deps", "--retries", "1", UV]
    if not succeeds([sys.executable, "-m", "pip", "--python", str(venv_python()), *download], variables):
        ensure_pip(variables)
        succeeds([str(venv_python()), "-m", "pip", *download], variables)
    return find_uv()


def ensure_pip(variables):
    """See to it that .venv has pip."""
    if not succeeds([str(venv_python()), "-m", "pip", "--version"], variables):
        check_modules(["ensurepip"])
        run([str(venv_python()), "-m", "ensurepip"], "Python could not put pip into .venv", variables)


def choose_torch(asked, uv, variables):
    """Which torch to install: what was asked for, else the one without CUDA where no card could use the other."""
    if asked is None and (not LINUX or "UV_TORCH_BACKEND" in variables or has_nvidia_driver()):
        return "usual"
    if asked not in (None, "cpu"):
        return asked
    if uv and pytorch_answers(uv, variables):
        if not asked:
            print("No NVIDIA driver here: torch comes without CUDA, 4 GB less (--cuda insists on it).", flush=True)
        return "cpu"
    missing = "PyTorch's own package index does not answer" if uv else "the installer uv could not be downloaded"
    if asked:
        raise SystemExit(
            f"A torch without CUDA cannot be had: {missing}. Check the internet connection (behind a proxy: set "
            "HTTPS_PROXY) and run the same command again, or take the usual torch: python3 course.py --cuda"
        )
    print(
        f"No NVIDIA driver here, but {missing}: torch comes with CUDA, 4 GB more (--cpu later replaces it).", flush=True
    )
    return "usual"


def has_nvidia_driver():
    """Whether this Linux has the driver of an NVIDIA card."""
    traces = ("/proc/driver/nvidia/version", "/sys/module/nvidia/version", "/usr/lib/wsl/lib/nvidia-smi")
    return any(map(os.path.exists, traces)) or shutil.which("nvidia-smi") is not None


def pytorch_answers(uv, variables):
    """Whether PyTorch's own index, whose address uv knows, has our torch without CUDA and says so within seconds."""
    pins = (PROJECT / STUDENTS).read_text(encoding="utf-8").splitlines()
    torch = next(pin for pin in pins if pin.startswith("torch=="))
    command = [uv, "pip", "compile", "-", "--no-deps", "--quiet", "--no-header", "--torch-backend=cpu"]
    try:
        answer = subprocess.run(
            [*command, "--python", sys.executable],
            input=torch.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(variables, UV_HTTP_TIMEOUT="5", UV_HTTP_RETRIES="0"),
            timeout=ANSWER_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return False
    return answer.returncode == 0 and torch.encode() in answer.stdout


def install(uv, torch, requirements, variables):
    """Install the requirements into .venv: with uv, which is several times faster, or else with pip."""
    wanted = ["-r", str(PROJECT / requirements)]
    if uv:
        command = [uv, "pip", "install", "--python", str(venv_python()), *wanted]
        if torch != "usual":
            variables = dict(variables, UV_TORCH_BACKEND=torch)
        if subprocess.call(command, env=variables) == 0:
            return
        # pip reads the settings of networks that uv does not know; it cannot help where the disk is full.
        if torch == "usual" and not succeeds([*command, "--dry-run"], variables):
            print("\nuv failed, for the reason above. Trying pip, which takes longer.", flush=True)
            uv = None
    if not uv:
        ensure_pip(variables)
        if subprocess.call([str(venv_python()), "-m", "pip", "install", "--no-compile", *wanted], env=variables) == 0:
            return
    raise SystemExit(
        "\nInstalling failed, for the reason above. It needs an internet connection that reaches the Python package "
        "index, for a torch without CUDA also PyTorch's own (behind a proxy: set HTTPS_PROXY), and 7 GB of free disk, "
        "2 GB without CUDA. Then run the same command again. Nothing outside .venv was changed."
    )


def finish():
    """Let .venv import aeutils, and write the settings of JupyterLab and nbconvert."""
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(VENV), "platbase": str(VENV)}))
    (packages / "course.pth").write_text(PATH_FILE, encoding="ascii")
    SETTINGS.parent.mkdir(parents=True, exist_ok=True)
    SETTINGS.write_text(json.dumps(NO_POP_UPS, indent=1), encoding="utf-8")
    shutil.copytree(str(PROJECT / "aeutils_lab" / "etc"), str(VENV / "etc"), dirs_exist_ok=True)


def start_compiling(variables):
    """Have all that the course imports compiled, unless it is, by a process beside this one. Returns it, or None.

    Who cannot write .venv would else compile at each start of a kernel. A kernel may start meanwhile, since Python
    replaces compiled files whole. Where it is stopped, the next start of the course begins it anew.
    """
    if COMPILED.exists() or not os.access(str(VENV), os.W_OK):
        return None
    silent = {name: subprocess.DEVNULL for name in ("stdin", "stdout", "stderr")}
    return subprocess.Popen([str(venv_python()), "-c", COMPILE, str(COMPILED), imports()], env=variables, **silent)


def imports():
    """Lines that import all that the course does. aeutils stands before torch, which alone would load more."""
    sources = sorted((PROJECT / "notebooks" / "source").glob("[0-9]*.py"))
    text = "".join(source.read_text(encoding="utf-8") for source in sources)
    lines = re.findall(r"^(?:import|from) [^#\n]*", text, re.MULTILINE)
    return BEFORE_NOTEBOOKS + "\n".join(dict.fromkeys(lines)) + "\n" + AFTER_NOTEBOOKS


def run(command, problem, variables):
    """Run a step of the set-up in silence; exit with the problem and its reason in a sentence when it fails."""
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=variables)
    if answer.returncode != 0:
        lines = answer.stdout.decode(errors="replace").strip().splitlines() or ["no reason given"]
        reasons = [line for line in lines if "Errno" in line and "CalledProcessError" not in line]
        raise SystemExit(f"{problem}: {(reasons or lines)[-1].strip()}\n{WRITE_ADVICE}")


def succeeds(command, variables):
    """Run a command in silence, and say whether it did what it should."""
    return subprocess.call(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


# --- What uv, JupyterLab and the tests see ---------------------------------------------------------------------------


def environment():
    """The variables of the programs to start: the user's own, without what misleads Python, and .venv before all."""
    variables = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    variables["PIP_USER"] = "0"
    # Two notebooks that work at once slow each other down less (see aeutils/__init__.py), whatever is imported first.
    variables.setdefault("GOMP_SPINCOUNT", "2000")
    variables.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Jupyter takes the first kernel called python3 that it finds; a user's own one would not know this course.
    for name, folder in {"PATH": venv_python().parent, "JUPYTER_PATH": VENV / "share" / "jupyter"}.items():
        variables[name] = os.pathsep.join(filter(None, [str(folder), variables.get(name)]))
    for name, word in {"AEUTILS_DATA": "embedded", "AEUTILS_PROGRESS": "off"}.items():
        if variables.get(name, word) != word:  # kernels start in other folders
            places = map(os.path.expanduser, variables[name].split(os.pathsep))
            variables[name] = os.pathsep.join(os.path.abspath(place) for place in places if place)
    home = os.path.expanduser("~")
    if not WINDOWS and not all(can_be_written(os.path.join(home, part)) for part in HOME_PARTS):
        variables["HOME"] = str(VENV / "home")
        print(f"Your home folder {home} cannot be written; {variables['HOME']} takes its place here.", flush=True)
    return variables


def can_be_written(path):
    """Whether a folder can be written, or made where it is missing."""
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    return os.path.isdir(path) and os.access(path, os.W_OK | os.X_OK)


def installing(variables):
    """The variables for uv and pip: those given, with the system's certificates and pip's own settings for uv."""
    variables = dict(variables, UV_SYSTEM_CERTS="1")
    settings = pip_settings(variables)
    if any(name.startswith(("UV_INDEX", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX")) for name in variables):
        settings.pop("index-url", None), settings.pop("extra-index-url", None)
    for name, value in settings.items():
        several = {"extra-index-url": " ", "find-links": ",", "trusted-host": " "}.get(name)
        variables.setdefault(PIP_TO_UV[name], several.join(value.split()) if several else value)
    if "extra-index-url" in settings:
        variables.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")  # what pip does
    return variables


def pip_settings(variables):
    """What pip is told in its files and variables, as far as uv has the same: {name: value}."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=variables)
    lines, settings = answer.stdout.decode(errors="replace"), {}
    for section in ("global", "install"):
        for name, value in re.findall(rf"^{section}\.([a-z-]+)=('.*'|\".*\")\r?$", lines, re.MULTILINE):
            settings[name] = ast.literal_eval(value)
    for name in PIP_TO_UV:
        settings[name] = os.environ.get("PIP_" + name.upper().replace("-", "_")) or settings.get(name)
    return {name: settings[name] for name in PIP_TO_UV if settings[name]}


def program(command, extra):
    """The command line of jupyter lab, at the first notebook, or of a tool."""
    python = str(venv_python())
    if command in TOOLS:
        return [python, str(PROJECT / "tools" / TOOLS[command]), *extra]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and "--allow-root" not in extra:
        print("You are root: JupyterLab gets --allow-root, without which it would refuse to start.", flush=True)
        extra = ["--allow-root", *extra]
    first = sorted((PROJECT / "notebooks" / "source").glob("[0-9]*.py"))[:1]  # beside it may lie copies of students
    notebooks = [str(PROJECT / "notebooks" / f"{source.stem}.ipynb") for source in first]
    return [python, "-m", "jupyterlab", f"--ServerApp.root_dir={PROJECT}", *extra, *notebooks]


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
