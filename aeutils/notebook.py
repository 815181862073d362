"""What depends on being in a notebook: whether anyone watches, catching up after a slip in live coding, sounds."""

import base64
import ctypes
from html import escape
import json
import os
import re
import sys

from aeutils.errors import CourseError, InputError
from aeutils.places import SOLUTIONS

NOTEBOOKS = [
    "01_representation_learning",
    "02_compression",
    "03_the_simplest_autoencoder",
    "04_the_bottleneck",
    "05_deeper",
    "06_the_latent_space",
    "07_exercise_1",
    "08_convolutional",
    "09_regularisation",
    "10_applications",
    "11_blending",
    "12_the_record",
    "13_drawing_new_digits",
    "14_autoencoders_today",
]
"""The notebooks of the course, in order: looked up by these names, whatever else lies in their folders."""
SECTION = re.compile(r"^## (\d+)\. ", re.MULTILINE)


def is_quiet() -> bool:
    """True where nobody watches, so that no progress is drawn: the environment variable CI says so, as in each CI."""
    return _is_on("CI")


def is_still() -> bool:
    """True where cells show figures in place of explorers: AEUTILS_STILL=1 asks for it, else CI decides."""
    return _is_on("AEUTILS_STILL" if os.environ.get("AEUTILS_STILL") else "CI")


def _is_on(name):
    """Whether an environment variable is set, to anything but a word for no."""
    return os.environ.get(name, "").strip().lower() not in ("", "0", "false", "no", "off")


def shell():
    """The IPython shell that runs this code, in a notebook or a terminal; None elsewhere. IPython is not imported."""
    ipython = sys.modules.get("IPython")
    return ipython and ipython.get_ipython()


def say(text: str) -> None:
    """Print a text. Signs that the output cannot carry become question marks: on Windows a file may lack many."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding))


def give_back_memory() -> None:
    """In a notebook on Linux, return to the system after each cell what the cell has freed: other kernels need it.

    The C library keeps freed memory for later; giving it back takes some milliseconds. Elsewhere nothing happens.
    """
    trim = sys.platform == "linux" and shell() and getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        shell().events.register("post_run_cell", lambda *_: trim(0))


def catch_up(notebook: int, section: int) -> None:
    """Run, out of sight, all that a notebook does before one of its sections, so that the section can begin.

    notebook: its number, such as 4; section: the number in its heading, such as 2. The code is that of the
    solutions. Variables of your own stay, those that the course uses get the course's values.
    Raises InputError for a notebook or a section that does not exist, CourseError outside a notebook.
    """
    cells = _cells_before(_path(notebook), section)
    if not shell():
        raise CourseError("catch_up works in a notebook only: its variables are what it puts right")
    from IPython.utils.capture import capture_output

    for code in cells:
        with capture_output():
            result = shell().run_cell(code, silent=True)
        result.raise_error()
    print(f"Everything is as it should be at the beginning of section {section}.")


def _path(notebook):
    """The solutions of the notebook with that number."""
    paths = {int(name[:2]): SOLUTIONS / f"{name}.ipynb" for name in NOTEBOOKS}
    if type(notebook) is not int or notebook not in paths:
        raise InputError(f"notebook is {notebook!r}; expected the number of one of them, {_list(paths)}")
    if not paths[notebook].is_file():
        raise CourseError(
            f"catch_up needs the solutions of notebook {notebook}, and {paths[notebook]} is missing. Put it back, or "
            "install the course as a package, which brings all solutions"
        )
    return paths[notebook]


def _cells_before(path, section):
    """The code of all cells above the heading of a section."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    sources = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    starts = {}
    for index, (kind, text) in enumerate(sources):
        for number in SECTION.findall(text) if kind == "markdown" else []:
            starts[int(number)] = index
    if type(section) is not int or section not in starts:
        raise InputError(f"section is {section!r}; notebook {path.name[:2]} has the sections {_list(starts)}")
    return [text for kind, text in sources[: starts[section]] if kind == "code"]


def _list(numbers):
    return ", ".join(map(str, numbers))


class Sound:
    """A sound with a button that plays it.

    mp3: the content of an MP3 file, bytes. description: what is to be heard, for those who cannot hear it.
    """

    def __init__(self, mp3: bytes, description: str) -> None:
        if not isinstance(mp3, bytes):
            raise InputError(f"mp3 is a {type(mp3).__name__}; expected the content of an MP3 file, as bytes")
        self._mp3, self.description = mp3, description

    def __repr__(self):
        return f"Sound: {self.description}"

    def _repr_html_(self):
        source = f"data:audio/mpeg;base64,{base64.b64encode(self._mp3).decode()}"
        return f'<audio controls src="{source}" aria-label="{escape(self.description)}"></audio>'
