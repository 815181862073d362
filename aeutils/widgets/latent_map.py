"""The latent space as a map on which one walks."""

from aeutils.plots import Figure, images
from aeutils.plots.latent_space import TEN
from aeutils.validation import check_labels
from aeutils.widgets.base import ClickMap, Explorer, ShownImage, live_or_still, png_bytes, real_slider, row
from aeutils.widgets.code_space import CodeSpace
import ipywidgets
from PIL import Image, ImageDraw, ImageFont
import torch

SIDE = 920
"""Side of the drawn map in pixels, twice its size on the page."""
DRAWN = 1500
"""More points than these would hide one another."""
SLIDERS = 4


def latent_map(model, images, labels):
    """Walk through the latent space: click on the map of codes, or move sliders, and see what is decoded there.

    model: an Autoencoder for images (1, 28, 28); it is not changed. images: float32 (n, 1, 28, 28) in [0, 1],
    n at least 2, encoded as the points of the map. labels: whole numbers (n,) from 0 to 9, for the colours only.
    The map shows the codes' first two principal components; its points are drawn as their digits, at most 1,500.
    Four sliders move along the first four components, in standard deviations. The others stay at their average.
    Returns an Explorer, or a Figure where nobody can move anything. Raises InputError for what cannot work.
    """
    space = CodeSpace(model, images)
    check_labels(labels, images)
    return live_or_still(lambda: LatentMap(space, labels), lambda: still(space))


class LatentMap(Explorer):
    """The explorer: a map, the image decoded at its mark, and sliders that stay in step with the mark."""

    def __init__(self, space, labels):
        self._space, self._labels = space, labels
        count = min(SLIDERS, space.scores.shape[1])
        self.map = ClickMap(image=map_image(space, labels), label="Map of the codes; arrow keys move the mark")
        self.decoded = ShownImage("decoded")
        limits = [max(space.limit, 3.0)] * count
        limits[:2] = [space.limit] * 2  # the edges of the map
        names = ["component 1 →", "component 2 ↑", "component 3", "component 4"]
        self.sliders = [real_slider(names[i], 0.0, -limits[i], limits[i], 0.1, "+.1f") for i in range(count)]
        self.home = ipywidgets.Button(description="Back to the middle", layout={"width": "auto"})
        super().__init__("latent-map", [row(self.map, self._side())], lambda: still(space))
        self._moving = False
        self._go([0.0] * count)
        self.map.observe(self._follow_map, "place")
        for slider in self.sliders:
            slider.observe(self._follow_sliders, "value")
        self.home.on_click(lambda _: self._go([0.0] * count))

    def _side(self):
        return ipywidgets.VBox([self.decoded, *self.sliders, self.home]).add_class("aeutils-side")

    def _follow_map(self, change):
        across, upwards = ((2 * share - 1) * self._space.limit for share in change["new"])
        self._go([across, upwards, *(slider.value for slider in self.sliders[2:])])

    def _follow_sliders(self, _change):
        self._go([slider.value for slider in self.sliders])

    def _go(self, scores):
        """Show what is at scores: the image first, which one waits for, then all that has to keep in step."""
        if self._moving:
            return
        self._moving = True
        place = torch.tensor(scores)
        self.decoded.show(self._space.decode(place))
        self.map.place = self._space.place(place)
        for slider, score in zip(self.sliders, scores, strict=True):
            slider.value = score
        self.sentence.text = self._sentence(place)
        self._moving = False

    def _sentence(self, scores):
        nearest = self._space.nearest(scores)
        place = ", ".join(f"{score:+z.1f}" for score in scores)
        return (
            f"At {place} standard deviations from the average code. The nearest of {len(self._labels):,} codes "
            f"is that of image {nearest}, the digit {self._labels[nearest]}."
        )


def map_image(space, labels):
    """PNG bytes of the map: each point as its digit in its colour, each digit large at its middle."""
    image = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(image)
    for line in ([0, SIDE // 2, SIDE, SIDE // 2], [SIDE // 2, 0, SIDE // 2, SIDE]):
        draw.line(line, fill="#DDDDDD", width=3)
    digits, small, large = labels.tolist(), ImageFont.load_default(19), ImageFont.load_default(64)
    for scores, digit in zip(space.scores[:DRAWN], digits, strict=False):
        draw.text(_pixels(space, scores), str(digit), TEN[digit], small, anchor="mm")
    for digit in sorted(set(digits)):
        middle = _pixels(space, space.scores[labels == digit].median(0).values)
        draw.text(middle, str(digit), TEN[digit], large, anchor="mm", stroke_width=6, stroke_fill="white")
    return png_bytes(image.quantize(64, dither=Image.Dither.NONE), optimize=True)


def _pixels(space, scores):
    """Where scores lie on the drawn map, in pixels from the top left corner."""
    across, upwards = space.place(scores)
    return across * SIDE, (1 - upwards) * SIDE


def still(space):
    """The Figure in the explorer's place: walks along the components through the average code."""
    count, steps = min(SLIDERS, space.scores.shape[1]), torch.linspace(-3, 3, 7)
    walks = (steps[:, None] * torch.eye(count)[i] for i in range(count))
    rows = {f"component {i}": [space.decode(scores) for scores in walk] for i, walk in enumerate(walks, 1)}
    drawn = images(rows, [f"{step:+.0f}" if step else "average" for step in steps])
    words = f"What the decoder makes of codes along each of the first {count} principal components of the codes"
    return Figure(drawn.canvas, f"{words}, from 3 standard deviations below the average code to 3 above.")
