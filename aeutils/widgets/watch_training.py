"""Training, watched: the error curve grows and one reconstruction sharpens, epoch by epoch."""

import anywidget
from IPython.display import display
import traitlets

from aeutils.models import measuring
from aeutils.notebook import is_still
from aeutils.plots import Figure
from aeutils.plots import images as image_rows
from aeutils.validation import check_one_image
from aeutils.widgets.assemble import bundle
from aeutils.widgets.base import Explorer
from aeutils.widgets.contents import Contents

SHOWN = 8
"""So many moments at most stand in the figure."""
SENTENCE = "A training was watched here."
"""What the stored output of the panel says to those who have no page that can run it."""


def watch_training(image):
    """What to hand to ae.fit as watch: it draws the training while it goes on.

    image: one image, float32 (1, 1, height, width) in [0, 1], whose reconstruction is drawn, best one that is not
    trained on. Beside it grows the curve of the error, held-out if there is one, else that on the training images.
    Each training needs a watcher of its own. As the last line of the cell it shows the whole training in one Figure,
    which is all there is where nobody could watch (the environment variable CI is set).
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
            self._panel = WatchPanel(self._image[0])
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
        """As the last line of a cell: the whole training in one Figure, for those who have watched it, too."""
        display(self.figure())


class WatchPanel(Explorer):
    """What is seen while training goes on: the original, its reconstruction, the curve.

    reconstruction: the latest one's values as bytes. errors: those of the epochs so far.
    """

    _esm = bundle("watch_training.js")
    reconstruction = traitlets.Bytes().tag(sync=True)
    errors = traitlets.List(traitlets.Float()).tag(sync=True)

    def __init__(self, image):
        contents = Contents("watch_training")
        contents.images("original", image[None])
        contents.fields |= {"height": image.shape[-2], "width": image.shape[-1]}
        super().__init__(contents, None)

    def show(self, reconstruction, errors):
        """Draw a reconstruction (1, height, width) and the errors of the epochs so far."""
        with self.hold_sync():  # one message for both
            self.errors = errors
            self.reconstruction = reconstruction.float().contiguous().numpy().tobytes()

    def _repr_mimebundle_(self, **options):
        """No Figure, which takes longer to draw than many an epoch: the watcher shows one at the end."""
        view, metadata = anywidget.AnyWidget._repr_mimebundle_(self, **options)
        return {**view, "text/plain": SENTENCE}, metadata
