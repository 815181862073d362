"""What explorers are made of: a page that computes by itself, and the figure for those who have no such page."""

from functools import partial
from pathlib import Path

import anywidget
import torch
import traitlets

from aeutils.errors import InputError
from aeutils.notebook import is_still
from aeutils.widgets.assemble import PAGE, standalone

FIRST = 100
"""So many images can be chosen from."""


def live_or_still(explorer, contents, still, *given):
    """What a cell shows of what it is given: an explorer where somebody can move it, else its still Figure.

    explorer: a subclass of Explorer. contents, still: functions that make its Contents and its Figure of what is given.
    """
    figure = partial(still, *given)
    return figure() if is_still() else explorer(contents(*given), figure)


class Explorer(anywidget.AnyWidget):
    """An explorer in a notebook. From the moment that it is shown the page computes by itself.

    contents: the Contents that are handed over. still: a function that makes the Figure which the stored output
    carries for those who have no page that can run it. Networks that the page does not know the kernel computes.
    """

    _css = PAGE / "explorer.css"
    fields = traitlets.Dict().tag(sync=True)
    data = traitlets.Bytes().tag(sync=True)

    def __init__(self, contents, still):
        super().__init__(fields=contents.fields, data=contents.pack.bytes())
        self._modules, self._inputs, self._still = contents.modules, contents.inputs, still
        self.on_msg(self._compute)

    def _compute(self, _widget, question, buffers):
        """Answer the page's question for what a network makes of values."""
        values = torch.frombuffer(bytearray(buffers[0]), dtype=torch.float32)
        name = question["network"]
        with torch.no_grad():
            made = self._modules[name](values.reshape(self._inputs[name]))
        self.send({"id": question["id"]}, [made.contiguous().numpy().tobytes()])

    def save(self, path):
        """Write the explorer as one HTML file that works without Jupyter, Python or a network.

        Raises InputError where the page does not know a layer of the model.
        """
        unknown = sorted(set(self.fields["unknown"].values()))
        if unknown:
            raise InputError(f"the page does not know the layers {', '.join(unknown)}; only a kernel can run them")
        Path(path).write_text(standalone(self.fields["kind"], {"": self.fields}, self.data), encoding="utf-8")

    def _repr_mimebundle_(self, **options):
        view, _ = super()._repr_mimebundle_(**options)
        image, metadata = self._still()._repr_mimebundle_()
        return {**view, **image}, metadata
