"""What a prediction is clicked on: a button for each option, or a slider for a number."""

import anywidget
import traitlets

from aeutils.widgets.assemble import PAGE, bundle


class GuessPanel(anywidget.AnyWidget):
    """The buttons or the slider of one Prediction, below its question.

    guess: the option or number, None before. said: the sentence that confirms that it is kept. is_closed: whether
    the answer is known, so that nothing can be changed.
    """

    _esm = bundle("guess_panel.js")
    _css = PAGE / "explorer.css"
    question = traitlets.Unicode().tag(sync=True)
    options = traitlets.List().tag(sync=True)
    step = traitlets.Float(0).tag(sync=True)
    guess = traitlets.Any(None, allow_none=True).tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    is_closed = traitlets.Bool(False).tag(sync=True)

    def __init__(self, prediction):
        fields = {"question": prediction.question, "options": list(prediction.options)}
        step = prediction.step if prediction.is_number else 0
        super().__init__(**fields, step=step, guess=prediction.guess)
        self._prediction = prediction
        self._confirm()
        self.observe(self._take, "guess")

    def close_guess(self):
        """From now on nothing can be changed."""
        self.is_closed = True

    def _take(self, change):
        self._prediction.take(change.new)
        self._confirm()

    def _confirm(self):
        guess, self.is_closed = self._prediction.guess, self._prediction.is_revealed
        if guess is not None:
            self.said = f"You said {self._prediction.written(guess)}."

    def _repr_mimebundle_(self, **options):
        view, metadata = super()._repr_mimebundle_(**options)
        return {**view, "text/plain": self._prediction.choice}, metadata
