"""Predictions: a guess before a figure, with one click, and after the figure what became of it. No points."""

from dataclasses import dataclass
from difflib import get_close_matches
import math
from numbers import Real

from aeutils.checks import store
from aeutils.checks.feedback import PANEL, show
from aeutils.errors import InputError
from aeutils.notebook import is_still, shell

BLUE = "#0072B2"
LONGEST = 80
"""Characters of an option: it stands on a button."""
POSITIONS = 50
"""A slider has at least so many, where there are so many whole numbers."""
NEAR = 0.1
"""A number is near within this share of its range."""
_asked = {}
"""{key: Prediction} of all that were asked in this kernel."""


def predict(key, question, options):
    """Ask for a guess, in a cell of its own before the figure that answers it.

    key: a name of its own in the whole course that begins with the notebook's number, such as "03 grey image".
    question: one sentence, Markdown. options: two to four short texts, of which one is clicked; or (low, high) for a
    number, chosen with a slider: a whole one where both are ints, else any. The guess is kept with the student's
    progress, and can be changed until ae.reveal has answered it.
    Where nobody can click (CI is set, no notebook) the question stands there as a sentence with its options.
    Raises InputError for a key or a question that is no text, and for options that are neither.
    """
    asked = Prediction(_text("key", key), _text("question", question), _checked(options))
    _asked[key] = asked
    if not _is_live():
        show(f"**Predict:** {question} ({asked.choice})", f"Predict: {question} ({asked.choice})", "text/markdown")
        return
    show(f"**Predict:** {question}", f"Predict: {question}", "text/markdown")
    asked.show_panel()


def reveal(key, answer):
    """Say what became of the guess, in a cell of its own right after the figure. Without a guess it says nothing.

    key: that of ae.predict. answer: one of the options; or the number, as measured. Where nobody can click
    (CI is set, no notebook) nothing is said either, so that outputs are the same for everyone.
    Raises InputError for a key that was not asked, and for an answer that is none of the options or no number.
    """
    asked = _asked.get(key) if isinstance(key, str) else None
    if asked is None:
        near = get_close_matches(f"{key}", _asked, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"key is {key!r}, which was not asked yet: run the cell with ae.predict({key!r}, ...){meant}")
    answer = asked.checked(answer)
    if not _is_live() or asked.guess is None:
        return
    text = asked.answer(answer)
    show(PANEL.format(colour=BLUE, headline=text, rows=""), text)


@dataclass
class Prediction:
    """One question: its options are texts, or (low, high). panel: what is clicked, once it is shown."""

    key: str
    question: str
    options: list | tuple
    panel: object = None

    @property
    def is_number(self):
        """Whether a number is asked for."""
        return isinstance(self.options, tuple)

    @property
    def choice(self):
        """What can be said, in words."""
        if self.is_number:
            return "a number from {} to {}".format(*map(self.written, self.options))
        return " / ".join(self.options)

    @property
    def step(self):
        """The distance between two positions of the slider: a power of ten, whole where whole numbers are asked for."""
        low, high = self.options
        step = 10.0 ** math.floor(math.log10((high - low) / POSITIONS))
        return max(1, round(step)) if all(isinstance(each, int) for each in self.options) else step

    @property
    def guess(self):
        """What the student has said, None before; a guess at options that the question had earlier does not count."""
        guess = store.guesses().get(self.key, {}).get("guess")
        fits = guess is not None and isinstance(guess, str) != self.is_number
        return guess if fits and (self.is_number or guess in self.options) else None

    @property
    def is_revealed(self):
        """Whether the guess has been answered, after which it stays."""
        return self.guess is not None and store.guesses()[self.key]["near"] is not None

    def take(self, guess):
        """Keep a guess, unless the answer is known already. Raises InputError if it is none of the options."""
        guess = self.checked(guess)
        if not self.is_revealed:
            store.record_guess(self.key, guess)

    def answer(self, answer):
        """Keep whether the guess was near, and return what there is to say."""
        guess = self.guess
        near = abs(guess - answer) <= NEAR * (self.options[1] - self.options[0]) if self.is_number else guess == answer
        if store.guesses()[self.key]["near"] is not near:
            store.record_guess(self.key, guess, near)
        if self.panel:
            self.panel.close_guess()
        said, true = self.written(guess), self.written(answer)
        if said == true:
            return f"You said {said}, and so it is."
        return f"You said {said}; it is {true}" + (", so you were near." if near else ".")

    def checked(self, value):
        """A guess or an answer, a number as a float. Raises InputError for one that cannot be."""
        if not self.is_number:
            if isinstance(value, str) and value in self.options:
                return value
            names = ", ".join(map(repr, self.options))
            raise InputError(f"the answer to {self.key!r} is given as {value!r}; expected one of its options, {names}")
        try:
            number = math.nan if isinstance(value, (bool, str)) else float(value)
        except (TypeError, ValueError, RuntimeError):
            number = math.nan
        if not math.isfinite(number):
            raise InputError(f"the answer to {self.key!r} is given as {value!r}; expected a number such as 0.5")
        return number

    def written(self, value):
        """A guess, an answer or an end of the range as it is shown: “text”, or a number no finer than one can guess."""
        if not self.is_number:
            return f"“{value}”"
        decimals = max(0, -math.floor(math.log10(self.step)))
        return f"{value:z,.{decimals}f}"

    def show_panel(self):
        """Show what is clicked."""
        from IPython.display import display

        from aeutils.widgets.guess_panel import GuessPanel

        self.panel = GuessPanel(self)
        display(self.panel)


def _is_live():
    """Whether somebody can click."""
    return bool(shell()) and not is_still()


def _text(name, value):
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{name} is {value!r}; expected a text")
    return value


def _checked(options):
    """Options as a list of texts or as (low, high)."""
    wanted = "expected two to four short texts in a list, or (low, high) for a number"
    if not isinstance(options, (list, tuple)):
        raise InputError(f"options is {options!r}; {wanted}")
    if len(options) == 2 and all(isinstance(each, Real) and not isinstance(each, bool) for each in options):
        low, high = options
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise InputError(f"options is ({low!r}, {high!r}); expected (low, high), two numbers with low below high")
        return low, high
    texts = [each for each in options if isinstance(each, str) and 0 < len(each.strip()) <= LONGEST]
    if not 2 <= len(options) <= 4 or len(set(texts)) < len(options):
        raise InputError(f"options is {options!r}; {wanted}; each text once, at most {LONGEST} characters")
    return texts
