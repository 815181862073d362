"""What a check answers: a coloured panel in a notebook, and the same as plain text for terminals and screen readers."""

from dataclasses import dataclass
from html import escape
import sys

from aeutils.checks.words import describe
from aeutils.notebook import say

PASSED, NOT_ATTEMPTED, NOT_YET = "passed", "not attempted yet", "not yet"
LOOKS = {PASSED: ("#0072B2", "✓"), NOT_ATTEMPTED: ("#767676", "…"), NOT_YET: ("#D55E00", "→")}
"""Colour and sign of each status; colours of Okabe and Ito, which colour-blind readers can tell apart."""
LONGEST = 1000
"""Characters of one part of a panel; a student's object may describe itself with a million."""
SPACES = "\n\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
PANEL = (
    '<div role="status" style="border-left: 8px solid {colour}; background: #f7f7f7; color: #111; '
    'padding: 0.6em 1em; margin: 0.4em 0; max-width: 60em; font-size: 1.1em; line-height: 1.5">'
    '<b style="color: {colour}">{headline}</b>{rows}</div>'
)


@dataclass(frozen=True)
class Reply:
    """The answer of one check. It counts as true when the question is passed.

    question: the name of the check. title: what it asks for, in words. status: "passed", "not attempted yet"
    or "not yet". seen, expected, hint: what stands in the panel, empty where there is nothing to say; with those
    who have passed, seen is a remark and stands there as "note".
    misconception: a short name of what the answer shows, such as "not scaled"; empty unless "not yet".
    """

    question: str
    title: str
    status: str
    seen: str = ""
    expected: str = ""
    hint: str = ""
    misconception: str = ""

    def __post_init__(self):
        for name, text in vars(self).items():
            object.__setattr__(self, name, plain(text))  # the way around the frozen class

    def __bool__(self):
        return self.status == PASSED

    def __str__(self):
        lines = [f"[{self.status}] {self.title}"]
        return "\n".join(lines + [f"  {name + ':':<9} {text}" for name, text in self._rows()])

    def _rows(self):
        rows = {"note" if self else "seen": self.seen, "expected": self.expected, "hint": self.hint}
        return [(name, text) for name, text in rows.items() if text]

    def html(self):
        """The panel, as HTML."""
        colour, sign = LOOKS[self.status]
        headline = f"{sign} {self.status.capitalize()}: {escape(self.title)}"
        rows = "".join(f"<br><b>{name.capitalize()}:</b> {escape(text)}" for name, text in self._rows())
        return PANEL.format(colour=colour, headline=headline, rows=rows)

    def _ipython_display_(self):
        """Nothing: the check has shown its reply already, and as the last line of a cell it must not come twice."""


def plain(text):
    """A text that can be shown anywhere: at most LONGEST characters, none of which is invisible or half of one."""
    text = str.__str__(text) if issubclass(type(text), str) else describe(text)
    text = text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
    return "".join(sign if sign.isprintable() or sign in SPACES else "\N{REPLACEMENT CHARACTER}" for sign in text)


def show(html, text):
    """Display html in a notebook, with text for those who cannot see it; elsewhere print the text."""
    ipython = sys.modules.get("IPython")
    if ipython and ipython.get_ipython():
        ipython.display.display({"text/html": html, "text/plain": text}, raw=True)
    else:
        say(text)
