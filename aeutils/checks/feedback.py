"""What a check answers: values and errors in a few words, and the coloured panel that shows them.

The panel is HTML in a notebook, and the same as plain text for terminals and screen readers. No object of a student's
may stop a reply, whatever it does when it is looked at.
"""

from dataclasses import dataclass
from html import escape
import reprlib
import sys
from types import FunctionType

import numpy as np
import torch

from aeutils.checks.sandbox import TimeUpError
from aeutils.notebook import say, shell

PASSED, NOT_ATTEMPTED, NOT_YET, NOT_CHECKED = "passed", "not attempted yet", "not yet", "not checked"
LOOKS = {
    PASSED: ("#0072B2", "✓"),
    NOT_ATTEMPTED: ("#666666", "…"),
    NOT_YET: ("#B34F00", "→"),
    NOT_CHECKED: ("#666666", "!"),
}
"""Colour and sign of each status: blue and vermilion of Okabe and Ito, which colour-blind readers can tell apart, the
latter darker than theirs, as all are dark enough to be read on the panel (WCAG AA)."""
LONGEST = 1000
"""Characters of one part of a panel; a student's object may describe itself with a million."""
SPACES = "\n\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
PANEL = (
    '<div role="status" style="border-left: 8px solid {colour}; background: #f7f7f7; color: #111; '
    'padding: 0.6em 1em; margin: 0.4em 0; max-width: 60em; font-size: 1.1em; line-height: 1.5">'
    '<b style="color: {colour}">{headline}</b>{rows}</div>'
)
SHORT = 60
"""Characters of a value that are shown."""
_short = reprlib.Repr()
_short.maxstring = _short.maxother = _short.maxlong = 4 * SHORT


def describe(value):
    """A value in a few words: kind, shape and range of a tensor, else its type and the beginning of what it prints."""
    try:
        return _describe(value)
    except TimeUpError:
        raise
    except BaseException:
        return "something that cannot be described"


def _describe(value):
    kind = type(value)
    if issubclass(kind, torch.Tensor):
        return _describe_tensor(value)
    if issubclass(kind, np.ndarray) and value.dtype.kind in "biuf":
        return _describe_tensor(torch.from_numpy(value.copy())).replace("a tensor", "an array", 1)
    if kind is FunctionType:
        return "a lambda" if value.__name__ == "<lambda>" else f"the function {value.__name__}"
    if kind is type:
        return f"the class {value.__name__}"
    if kind in (type(None), bool, int, float):
        return shortened(_short.repr(value))
    if kind is str:
        return f"the text {shortened(repr(value[: 2 * SHORT]))}"
    return f"a{'n' * (kind.__name__[0] in 'AEIOU')} {kind.__name__}: {shortened(_short.repr(value))}"


def shortened(text, longest=SHORT):
    """A text in one line, cut to a number of characters."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _describe_tensor(tensor):
    kind = str(tensor.dtype).removeprefix("torch.")
    if tensor.ndim == 0:
        return f"{tensor.item():.6g}"
    text = f"a tensor of {kind}, shape {tuple(tensor.shape)}"
    if tensor.dtype == torch.bool and tensor.numel() > 1:
        text += f", {int(tensor.sum()):,} of {tensor.numel():,} True"
    elif tensor.numel() and not tensor.is_complex():
        low, high = tensor.detach().min().item(), tensor.detach().max().item()
        text += f", from {low:.3g} to {high:.3g}"
    return text


def rounded(values):
    """A tensor as numbers for people to read: (nested lists of) numbers with at most 3 decimals, or True and False."""
    values = values.detach()
    if values.ndim:
        return [rounded(part) for part in values]
    return round(values.item(), 3) if values.is_floating_point() else values.item()


def describe_error(error):
    """Kind and first line of an error, at most 150 characters."""
    try:
        lines = str.__str__(str(error)).splitlines() or [""]
        return f"{type(error).__name__}: {lines[0]}"[:150].rstrip(": ")
    except TimeUpError:
        raise
    except BaseException:
        return "an error that cannot be described"


@dataclass(frozen=True)
class Reply:
    """The answer of one check. It counts as true when the question is passed.

    question: the name of the check. title: what it asks for, in words. status: "passed", "not attempted yet",
    "not yet", or "not checked" when the check itself failed. seen, expected, hint: what stands in the panel, empty
    where there is nothing to say; with those who have passed, seen is a remark and stands there as "note".
    misconception: a short name of what the answer shows, such as "not scaled"; empty for who has passed.
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


def show(shown, text, kind="text/html"):
    """Display something of a kind in a notebook, with text for those who cannot see it; elsewhere print the text."""
    if shell():
        sys.modules["IPython"].display.display({kind: shown, "text/plain": text}, raw=True)
    else:
        say(text)
