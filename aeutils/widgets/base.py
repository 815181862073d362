"""What explorers are made of: an image that changes at once, a sentence that says what is seen, a map, a canvas."""

import io
from pathlib import Path

from aeutils.notebook import is_still
import anywidget
import ipywidgets
from PIL import Image
import traitlets

SIDE = 252
"""Side of an image on the screen, in pixels: nine for each of MNIST's."""
FIRST = 100
"""So many images can be chosen from."""
FOLDER = Path(__file__).parent


def live_or_still(live, still):
    """What a cell shows: an Explorer where somebody can move it, else a Figure. Both are functions that make one."""
    return still() if is_still() else live()


class Explorer(ipywidgets.VBox):
    """Controls, images and a sentence that says in words what they show.

    still: a function that makes the Figure which the stored output carries for those who have no kernel.
    """

    def __init__(self, name, children, still):
        self.sentence = Sentence()
        super().__init__([*children, self.sentence])
        self.add_class("aeutils-explorer").add_class(f"aeutils-{name}")
        self._still = still

    def _repr_mimebundle_(self, **options):
        image, metadata = self._still()._repr_mimebundle_()
        return {**super()._repr_mimebundle_(**options), **image}, metadata


class Sentence(anywidget.AnyWidget):
    """A sentence that screen readers read out when it changes. It brings the explorers' style sheet along, too."""

    _esm = FOLDER / "sentence.js"
    _css = FOLDER / "explorer.css"
    text = traitlets.Unicode().tag(sync=True)


class ClickMap(anywidget.AnyWidget):
    """A map on which one chooses a place: by click, by drag, or with the arrow keys.

    image: PNG bytes. place: [from the left, from the bottom], each from 0 to 1, or [] for none.
    label: what the map is, for screen readers. fixed: True where the place is only shown.
    """

    _esm = FOLDER / "click_map.js"
    image = traitlets.Bytes().tag(sync=True)
    place = traitlets.List(traitlets.Float()).tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    fixed = traitlets.Bool().tag(sync=True)


class DrawingPad(anywidget.AnyWidget):
    """A black square on which one draws in white: with mouse, pen or finger, or with the keyboard.

    strokes: lists of points [x, y], each from 0 to 1 from the top left corner. pen: the width of a stroke as a
    share of the square's side. label: what the square is, for screen readers. A button below clears it.
    """

    _esm = FOLDER / "drawing_pad.js"
    strokes = traitlets.List().tag(sync=True)
    pen = traitlets.Float().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)


class NamedImage(ipywidgets.Image):
    """An image with a tooltip, which is also its name for screen readers."""

    description = traitlets.Unicode().tag(sync=True)  # without one, ipywidgets 8 in the browser fails over the tooltip


class ShownImage(ipywidgets.VBox):
    """One grey image with its title above and a line of text below."""

    def __init__(self, title):
        self._title = title
        self.image = NamedImage(format="png", width=SIDE, height=SIDE)
        self.caption = ipywidgets.Label()
        super().__init__([ipywidgets.Label(title), self.image, self.caption])
        self.add_class("aeutils-image")

    def show(self, image, caption=""):
        """Show an image (1, height, width), 0 black and 1 white, with a caption."""
        with self.image.hold_sync():  # one message for both
            self.image.value = png(image)
            self.image.tooltip = f"{self._title}: {caption}" if caption else self._title
        self.caption.value = caption


def png(image, side=SIDE):
    """An image (1, height, width), 0 black and 1 white, as PNG bytes; side in pixels, pixels stay square pixels."""
    grey = Image.fromarray((image[0].clamp(0, 1) * 255).round().byte().numpy())
    return png_bytes(grey.resize((side, side), Image.Resampling.NEAREST), compress_level=1)


def png_bytes(image, **options):
    """A Pillow image as PNG bytes."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()


def image_slider(images, description, value=0):
    """A slider over the numbers of the first images."""
    return _slider(ipywidgets.IntSlider, value, 0, min(FIRST, len(images)) - 1, 1, description)


def real_slider(description, value, low, high, step, readout_format):
    """A slider over numbers from low to high."""
    return _slider(ipywidgets.FloatSlider, value, low, high, step, description, readout_format=readout_format)


def _slider(kind, value, low, high, step, description, **options):
    style = {"description_width": "initial"}
    return kind(value, min=low, max=high, step=step, description=description, style=style, **options)


def row(*children):
    """Widgets side by side, on a second line where the page is narrow."""
    return ipywidgets.HBox(children).add_class("aeutils-row")
