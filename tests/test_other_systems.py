"""What Windows and macOS do differently, as far as it can be tried here. (On GitHub the whole suite runs there.)"""

import ast
from collections import Counter
from contextlib import redirect_stdout
import io
import os
from pathlib import Path
import pickle
import re
import ssl
import subprocess
import sys
import types

import numpy as np
import pytest
import torch

import aeutils as ae
from aeutils import data, download
from aeutils.checks import store

pytestmark = pytest.mark.data_free

PROJECT = Path(__file__).parents[1]
LONGEST_PATH = 150
"""Characters of a path inside the project: Windows allows 260 in all, and a folder in a home folder takes many."""
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?|.*[. ]|.*[<>:\"\\|?*\x00-\x1f].*", re.IGNORECASE)
"""Names that no file has on Windows."""
POSIX_ONLY = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "termios"}
"""Modules that Windows lacks."""
FORKS = {"fork", "forkpty", "register_at_fork", "set_start_method", "multiprocessing"}
SOURCES = [PROJECT / "course.py", PROJECT / "conftest.py"]
for _folder in ("aeutils", "tools", "notebooks/source"):
    SOURCES += sorted((PROJECT / _folder).rglob("*.py"))

each_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PROJECT).as_posix())


# Names and files


@pytest.fixture(scope="module")
def tracked():
    """The paths of the project's files, as Git knows them."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True)
    if listing.returncode != 0:
        pytest.skip("not a Git checkout")
    return listing.stdout.decode().rstrip("\0").split("\0")


def forbidden(path):
    """Whether a path has a name that Windows does not allow, or signs that macOS writes in another way."""
    return not path.isascii() or any(RESERVED.fullmatch(name) for name in path.split("/"))


def same_but_for_case(paths):
    """Files and folders that are one and the same where case does not count."""
    parts = {path.rsplit("/", cut)[0] for path in paths for cut in range(path.count("/") + 1)}
    return [name for name, count in Counter(part.lower() for part in parts).items() if count > 1]


def test_every_file_can_lie_on_every_system(tracked):
    assert "course.py" in tracked
    assert not [path for path in tracked if forbidden(path)]
    assert not [path for path in tracked if len(path) > LONGEST_PATH]
    assert not same_but_for_case(tracked)


def test_a_name_that_another_system_lacks_is_seen():
    for path in ("aux.py", "a/NUL", "a./b", "a b /c", "what?.md", "a:b", "Zürich.md", "com1.txt"):
        assert forbidden(path), path
    assert not any(map(forbidden, ("a/.github/x.yml", "console.py", "auxiliary/con_text.md", "a b.md")))
    assert same_but_for_case(["a/b.py", "A/c.py"]) == ["a"] and same_but_for_case(["b.py", "B.py", "c"]) == ["b.py"]


def test_lines_end_alike_everywhere_and_no_file_is_a_link(tracked):
    endings = subprocess.run(["git", "ls-files", "--eol"], cwd=PROJECT, capture_output=True, check=True).stdout
    for line in endings.decode().splitlines():
        assert line.startswith(("i/lf", "i/-text", "i/none")), line
        assert line.startswith("i/-text") or "attr/text=auto eol=lf" in line, line
    stages = subprocess.run(["git", "ls-files", "-s"], cwd=PROJECT, capture_output=True, check=True).stdout
    assert not [line for line in stages.decode().splitlines() if line.startswith("120000")]


# What the code asks of the system


def complaints(tree):
    """What in a syntax tree works on one system only, in words."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _about_call(node)
        elif isinstance(node, ast.Attribute) and node.attr in FORKS:
            yield f"{node.attr}: Windows does not fork, macOS and Python 3.14 rather not"
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
            if "multiprocessing" in names:
                yield "multiprocessing: its children begin in a different way on each system"
    for node in tree.body:  # inside a function such an import is a choice
        if isinstance(node, ast.Import) and (missing := POSIX_ONLY & {alias.name for alias in node.names}):
            yield f"import {missing}: Windows has none"


def _about_call(call):
    """Texts that are read or written in an encoding that differs from system to system, and a folder."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    said = {keyword.arg for keyword in call.keywords}
    values = [node.value for node in ast.walk(call) if isinstance(node, ast.Constant)]
    if name == "read_text" and not said and not call.args:
        yield "read_text without an encoding"
    if name == "write_text" and "encoding" not in said:
        yield "write_text without an encoding"
    if name == "open" and _is_file(call) and "encoding" not in said:
        yield "open without an encoding"
    if {"text", "universal_newlines"} & said and "encoding" not in said:
        yield "the output of a program without an encoding"
    if any(isinstance(value, str) and value.startswith("/tmp") for value in values):
        yield "a folder that Windows has not"


def _is_file(call):
    """Whether a call of "open" opens a text file: the built-in one, or that of a path."""
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    modes = [node.value for node in [*call.args, *(keyword.value for keyword in call.keywords)] if _is_mode(node)]
    return owner != "Image" and (not owner or bool(modes)) and not any("b" in mode for mode in modes)


def _is_mode(node):
    value = getattr(node, "value", None)
    return isinstance(value, str) and bool(re.fullmatch("[rwaxbt+]+", value))


@each_source
def test_code_asks_for_nothing_that_one_system_lacks(path):
    assert not list(complaints(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("path", sorted((PROJECT / "tools").glob("*.py")), ids=lambda path: path.stem)
def test_tools_write_the_same_bytes_everywhere(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    written = [call for call in calls if getattr(call.func, "attr", "") == "write_text"]
    assert all("newline" in {keyword.arg for keyword in call.keywords} for call in written), (
        'say newline="\\n", or on Windows lines end by CR LF'
    )


@pytest.mark.parametrize(
    "code",
    [
        "open('x')",
        "open('x', 'w')",
        "path.open('a')",
        "path.read_text()",
        "path.write_text(text)",
        "subprocess.run(command, text=True)",
        "os.fork()",
        "import resource",
        "from multiprocessing import Pool",
        "Path('/tmp/x')",
    ],
)
def test_what_one_system_lacks_is_seen(code):
    assert len(list(complaints(ast.parse(code)))) == 1
    allowed = "open('x', 'rb')\npath.open('rb')\nImage.open(x)\nopen('x', encoding='utf-8')\npath.read_text('utf-8')"
    assert not list(complaints(ast.parse(f"{allowed}\ndef f():\n    import resource")))


# What is printed


each_narrow_encoding = pytest.mark.parametrize("encoding", ["cp1252", "ascii"])


def printed(action, encoding):
    """What action prints to an output that knows some signs only, and is strict about it: a file on Windows, say."""
    with redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding, errors="strict")) as output:
        action()
        output.flush()
    return output.buffer.getvalue().decode(encoding)


@each_narrow_encoding
@pytest.mark.parametrize(
    "load, words", [(ae.load_mnist, "MNIST"), (ae.load_fashion, "clothing"), (ae.load_faces, "Faces")]
)
def test_data_are_loaded_where_the_output_lacks_the_signs_of_a_folder(load, words, encoding, no_download):
    text = printed(load, encoding)
    assert words in text and "d? (Zugriff verweigert)" in text


@pytest.fixture
def no_download(monkeypatch):
    """Downloads fail with a sentence about a folder that only some outputs can name."""

    def fail(*_):
        raise ae.DataError("cannot write to C:\\Users\\Łódź (Zugriff verweigert)")

    monkeypatch.setattr(data, "download", fail)
    monkeypatch.setenv("AEUTILS_DATA", "")
    monkeypatch.setattr(data, "DATA", Path("nowhere"))


@each_narrow_encoding
def test_every_check_can_reply(encoding):
    def ask():
        for name in ae.check.QUESTIONS:
            getattr(ae.check, name)(...)
            getattr(ae.check, name)("→ Łódź \ud800")
        ae.check.progress()
        ae.check.progress(3)

    text = printed(ask, encoding)
    assert text.count("[not attempted yet] ") == text.count("[not yet] ") == len(ae.check.QUESTIONS)


SCRIPT = """
import sys, warnings
warnings.filterwarnings("error", category=EncodingWarning, module=r"aeutils\\b")
import aeutils as ae
assert sys.stdout.encoding == "cp1252" and not sys.flags.utf8_mode
ae.load_mnist()
ae.check.dead_code_numbers("→ Łódź")
ae.check.progress(3)
print(ae.plots.code_bars(__import__("torch").arange(3.0)))
"""


def named_in_ascii(folder, links):
    """A folder, or a link to it where its name is not ASCII: torch does not start in one that LC_ALL=C cannot name."""
    if str(folder).isascii():
        return folder
    link = links / f"link-{len(str(folder))}"
    link.symlink_to(folder, target_is_directory=True)
    return link


@pytest.mark.slow
def test_package_works_where_nothing_is_utf_8(tmp_path):
    """As on Windows: files, terminal and arguments in old encodings."""
    old = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "PYTHONIOENCODING": "cp1252"}
    environment, project = (named_in_ascii(Path(path), tmp_path) for path in (sys.prefix, PROJECT))
    variables = {**os.environ, **old, "AEUTILS_DATA": "embedded", "PYTHONPATH": str(project), "CI": "true"}
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    python = environment / Path(sys.executable).relative_to(sys.prefix)
    command = [python, "-X", "warn_default_encoding", "script.py"]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert b"[not yet] Count the dead code numbers" in done.stdout


# Files that others have open


@pytest.mark.parametrize("times, moved", [(2, True), (99, False)])
def test_what_a_virus_scanner_has_open_is_moved_a_moment_later(times, moved, tmp_path, monkeypatch):
    refused, rename = [], os.rename

    def held(source, target):
        refused.append(source)
        if len(refused) <= times:
            raise PermissionError(13, "The process cannot access the file because it is being used by another process")
        rename(source, target)

    monkeypatch.setattr(os, "rename", held)
    monkeypatch.setattr(download, "PAUSES", (0.01, 0.01, 0.01))
    (tmp_path / "product").write_text("new", encoding="utf-8")
    if moved:
        download._move(tmp_path / "product", tmp_path / "target")
    else:
        with pytest.raises(ae.DataError, match="cannot write"):
            download._move(tmp_path / "product", tmp_path / "target")
    assert (tmp_path / "target").exists() is moved


def test_folder_that_is_in_use_is_removed_a_moment_later_or_left(tmp_path, monkeypatch):
    tries, rmtree = [], download.shutil.rmtree

    def held(folder):
        tries.append(folder)
        if len(tries) < 3:
            raise PermissionError(13, "in use")
        rmtree(folder)

    monkeypatch.setattr(download.shutil, "rmtree", held)
    monkeypatch.setattr(download, "PAUSES", (0.01, 0.01, 0.01))
    (tmp_path / "folder").mkdir()
    download._remove(tmp_path / "folder")
    assert not (tmp_path / "folder").exists() and len(tries) == 3
    tries.clear()
    monkeypatch.setattr(download, "PAUSES", ())
    download._remove(tmp_path / "folder")
    assert len(tries) == 1


def test_on_windows_kernels_append_to_the_progress_one_after_the_other(tmp_path, monkeypatch):
    file, seen = tmp_path / "progress.jsonl", []

    def locking(descriptor, mode, count):
        seen.append((mode, os.lseek(descriptor, 0, os.SEEK_CUR), count, b"encoder" in file.read_bytes()))

    monkeypatch.setitem(sys.modules, "msvcrt", types.SimpleNamespace(locking=locking, LK_LOCK="lock", LK_UNLCK="free"))
    monkeypatch.setattr(store, "WINDOWS", True)
    monkeypatch.setattr(store, "_known", [])
    monkeypatch.setenv("AEUTILS_PROGRESS", str(file))
    store.record_pass("encoder")
    far = 2 * store.MOST
    assert seen == [("lock", far, 1, False), ("free", far, 1, True)]
    assert store.read()["passed"] == ["encoder"] and file.stat().st_size < 100
    assert b"\r" not in file.read_bytes()


# A Python without certificates


@pytest.mark.parametrize(
    "platform, cafile, added", [("darwin", None, True), ("darwin", "/own.pem", False), ("linux", None, False)]
)
def test_on_macos_a_python_without_certificates_gets_some(platform, cafile, added, monkeypatch):
    paths = types.SimpleNamespace(cafile=cafile, capath=None)
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    found = download._variables()
    assert ("SSL_CERT_FILE" in found) is added
    assert not added or ssl.create_default_context(cafile=found.pop("SSL_CERT_FILE")).get_ca_certs()
    assert found == dict(os.environ)


# Processes that begin from nothing, as all do on Windows and macOS


@pytest.mark.parametrize("model", [ae.fully_connected((1, 8, 8), 2, (16,)), ae.convolutional((1, 8, 8), 2, (4,))])
def test_models_and_data_can_be_sent_to_a_process_that_was_not_forked(model, digits):
    images = torch.rand(3, 1, 8, 8)
    again, same = pickle.loads(pickle.dumps((model, digits)))
    assert torch.equal(again(images), model(images)) and np.array_equal(same.test_labels, digits.test_labels)
