"""Training, watched: the error curve grows and one reconstruction sharpens, epoch by epoch."""

from html import escape

from aeutils.metrics import reconstruction_error
from aeutils.models import measuring
from aeutils.notebook import is_still
from aeutils.plots import Figure
from aeutils.plots import images as image_rows
from aeutils.plots.style import PALETTE
from aeutils.validation import check_one_image
from aeutils.widgets.base import SIDE, Explorer, ShownImage, row
from IPython.display import display
import ipywidgets

SHOWN = 8
"""So many moments at most stand in the figure."""
CURVE = (
    '<svg viewBox="0 0 420 {side}" width="420" height="{side}" role="img" aria-label="{words}">'
    '<path d="M40 10V{floor}H410" fill="none" stroke="currentColor" stroke-width="2"/>'
    '<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="4"/>'
    '<circle cx="{x}" cy="{y}" r="7" fill="{colour}"/>'
    '<g font-size="18" fill="currentColor"><text x="2" y="22">{top:.0f}</text><text x="22" y="{floor}">0</text>'
    '<text x="225" y="{bottom}" text-anchor="middle">epoch</text><text x="235" y="28">{words}</text></g></svg>'
)


def watch_training(image):
    """What to hand to ae.fit as watch: it draws the training while it goes on.

    image: one image, float32 (1, 1, height, width) in [0, 1], whose reconstruction is drawn, best one that is not
    trained on. Beside it grows the curve of the error, held-out if there is one, else that on the training images.
    Each training needs a watcher of its own. As the last line of the cell it shows, where nobody could watch
    (the environment variable AEUTILS_STILL or CI is set), the whole training in one Figure.
    Raises InputError for anything but one image.
    """
    return TrainingWatcher(image)


class TrainingWatcher:
    """Called by ae.fit as watcher(model, history), before the first epoch and after each.

    errors: the reconstruction error of each epoch so far. reconstructions: one more, as it begins untrained.
    """

    def __init__(self, image):
        check_one_image(image)
        self._image, self._panel = image, None
        self.errors, self.reconstructions = [], []

    def __call__(self, model, history):
        with measuring(model):
            self.reconstructions.append(model(self._image)[0].clone())
        self.errors = list(history.held_out_error or history.train_error)
        if is_still():
            return
        if self._panel is None:
            self._panel = WatchPanel(self._image[0], self.figure)
            display(self._panel)
        self._panel.show(self.reconstructions[-1], self.errors)

    def figure(self):
        """The training so far in one Figure: the reconstruction at eight moments at most, with its error."""
        last = len(self.reconstructions) - 1
        moments = sorted({round(step * last / (SHOWN - 1)) for step in range(SHOWN)})
        images = [self.reconstructions[moment] for moment in moments]
        rows = {"original": [self._image[0]] * len(images), "reconstruction": images}
        drawn = image_rows(rows, [f"epoch {moment}" for moment in moments], errors=True)
        words = f"One image over its reconstruction, from before training to after epoch {last}, with its error."
        return Figure(drawn.canvas, words)

    def _ipython_display_(self):
        """As the last line of a cell: the Figure for those who could not watch, nothing for those who did."""
        if self._panel is None:
            display(self.figure())


class WatchPanel(Explorer):
    """What is seen while training goes on: the original, its reconstruction, the curve."""

    def __init__(self, image, still):
        self._image = image
        self.original, self.reconstruction = ShownImage("original"), ShownImage("reconstruction")
        self.curve = ipywidgets.HTML()
        self.original.show(image)
        super().__init__("watch", [row(self.original, self.reconstruction, self.curve)], still)

    def show(self, reconstruction, errors):
        """Draw a reconstruction (1, height, width) and the errors of the epochs so far."""
        error = reconstruction_error(reconstruction[None], self._image[None]).item()
        self.reconstruction.show(reconstruction, f"error {error:.1f}")
        self.sentence.text = f"Before training: this image's error is {error:.1f}."
        if errors:
            self.curve.value = curve(errors)
            self.sentence.text = f"After epoch {len(errors)}: error {errors[-1]:.2f}, this image's {error:.1f}."


def curve(errors):
    """The errors of the epochs so far, as a curve in SVG."""
    top, floor = max(errors), SIDE - 26
    places = [
        (40 + 370 * (epoch + 1) / max(len(errors), 2), floor - (floor - 14) * error / top)
        for epoch, error in enumerate(errors)
    ]
    points = " ".join(f"{x:.0f},{y:.0f}" for x, y in places)
    x, y = places[-1]
    words = escape(f"error {errors[-1]:.2f}")
    shapes = {"points": points, "x": f"{x:.0f}", "y": f"{y:.0f}", "top": top, "words": words, "colour": PALETTE[0]}
    return CURVE.format(side=SIDE, floor=floor, bottom=SIDE - 6, **shapes)
