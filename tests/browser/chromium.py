"""The browser that the tests drive: found where systems keep it, started without a window."""

from itertools import chain
import os
from pathlib import Path
import shutil

from playwright.sync_api import Error

COMMANDS = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "msedge",
    "microsoft-edge",
]
PLACES = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "{ProgramFiles}/Google/Chrome/Application/chrome.exe",
    "{LOCALAPPDATA}/Google/Chrome/Application/chrome.exe",
    "{ProgramFiles(x86)}/Microsoft/Edge/Application/msedge.exe",
]
"""Where browsers lie on macOS and Windows, which keep them off PATH."""
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
OR_WITHOUT = "or leave out what it proves: python3 course.py test no-browser"


def find_browser():
    """The path of Chromium or of a relative of it; None where there is none."""
    folders = {name: os.environ.get(name, "") for name in ("ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA")}
    on_path = filter(None, map(shutil.which, COMMANDS))
    elsewhere = (place.format_map(folders) for place in PLACES if Path(place.format_map(folders)).exists())
    return next(chain(on_path, elsewhere), None)


def launch(playwright):
    """A running browser. Raises RuntimeError, with one sentence, where there is none or it does not start."""
    path = find_browser()
    if path is None:
        raise RuntimeError(
            "No browser that the tests can drive was found. Install Chromium, Google Chrome or Microsoft Edge "
            f"(Debian: sudo apt install chromium) and run the tests again, {OR_WITHOUT}"
        )
    try:
        return playwright.chromium.launch(executable_path=path, args=OPTIONS)
    except Error as error:
        reason = error.message.splitlines()[0]
        raise RuntimeError(
            f"The browser {path} does not start ({reason}). Start it by hand to see why, {OR_WITHOUT}"
        ) from None
