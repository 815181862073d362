"""Where things lie: what comes with the package, what is downloaded or remembered, what a user names by a path."""

import os
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

PACKAGE = Path(__file__).parent
EMBEDDED = PACKAGE / "embedded"
"""The embedded data, which are part of the package."""
INSTALLED = (PACKAGE / "solutions").is_dir()
"""Whether this is the package that was built and installed: it carries the solutions that a checkout has elsewhere."""
SOLUTIONS = PACKAGE / "solutions" if INSTALLED else PACKAGE.parent / "notebooks" / "solutions"
USER = user_data_path("aeutils", appauthor=False)
"""Where the system keeps this user's data: what is remembered belongs to a person, not to a folder."""
CACHE = user_cache_path("aeutils", appauthor=False)
"""Where the system keeps what can be made anew."""
DATA = USER if INSTALLED else PACKAGE.parent / "data"
"""Where downloads go."""
START = Path.cwd()
"""Where Python was started, as far as we know: a notebook may change its folder later."""


def from_user(path):
    """A path as a user names it in a setting: ~ is the home folder, and a relative one counts from START."""
    return START / os.path.expanduser(path)
