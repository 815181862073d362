"""Whether progress bars are drawn."""

import os


def is_quiet():
    """True where nobody watches: the environment variable CI is set, as every CI service does."""
    return bool(os.environ.get("CI"))
