"""The files of the built site, and what its pages point at."""

import functools
from html.parser import HTMLParser

from build_notebooks import sources
import build_site


@functools.cache
def built(base):
    """The folder of a site of two notebooks, with explorers, attachments and formulas. base: pytest's own folder."""
    folder = base / "site"
    build_site.build(sources(["04", "06"]), folder)
    return folder


class Page(HTMLParser):
    """What a page of the site points at. anchors: its own; targets: (attribute, address) of everything it names."""

    def __init__(self, path):
        super().__init__()
        self.anchors, self.targets, self.images = set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.anchors |= {values[key] for key in ("id", "name") if values.get(key)}
        if tag == "img":
            self.images.append(values)
        for key in ("href", "src"):
            if values.get(key) is not None:
                self.targets.append((tag, key, values[key]))
