"""The explorers, moved by hand: sliders, a map to click on, a square to draw on.

    AEUTILS_GALLERY=1 pytest tests/browser/test_browser_explorers.py

takes the image of them that README shows, of a network trained on whole MNIST where there is.
"""

import io
import os
import re
import time

import aeutils as ae
from aeutils.widgets.draw_digit import EXAMPLES, drawing_of
import numpy as np
from PIL import Image, ImageOps
from playwright.sync_api import expect
import pytest

from browser.server import PROJECT

pytestmark = pytest.mark.data_free

GALLERY = PROJECT / "gallery" / "explorers.png"
IS_WANTED = bool(os.environ.get("AEUTILS_GALLERY"))
DATA = "import os" if IS_WANTED else 'import os\nos.environ["AEUTILS_DATA"] = "embedded"'
TRAIN = """import aeutils as ae
digits = ae.load_mnist()
images, labels = digits.test_images, digits.test_labels
ae.seed_everything(0)
model = ae.fully_connected((1, 28, 28), 20, (256, 128))
ae.fit(model, digits.train_images, 3 if digits.whole else 8, batch_size=64, learning_rate=0.004)"""
ROUNDING = 0.01
"""As much of the map's side may lie between a click and its mark: the map's sliders know tenths only."""
PATIENCE = 60
"""Seconds in which an image must have changed; it takes a fraction of one."""


class Explorer:
    """An explorer on the page. whole: all of it; sentence: the one below it."""

    def __init__(self, whole):
        self.whole, self.sentence = whole, whole.locator(".aeutils-sentence")

    def image(self, title):
        """The image under a title, with its title and caption."""
        title = self.whole.page.get_by_text(title, exact=True)
        return self.whole.locator(".aeutils-image").filter(has=title)

    def error(self, title):
        """The error that stands below an image."""
        caption = self.image(title).get_by_text(re.compile(r"^error \d"))
        return float(caption.text_content().removeprefix("error "))

    def pixels(self, title):
        """What is to be seen under a title: (height, width), from 0 for black to 255."""
        screenshot = self.image(title).locator("img").screenshot()
        return np.array(Image.open(io.BytesIO(screenshot)).convert("L")).astype(float)

    def wait_for(self, title, holds):
        """Wait until holds(pixels) is true of an image; returns its pixels."""
        end = time.monotonic() + PATIENCE
        while not holds(pixels := self.pixels(title)):
            assert time.monotonic() < end, f"the image {title!r} does not become what it should be"
            self.whole.page.wait_for_timeout(50)
        return pixels

    def wait_for_change(self, title, before):
        """Wait until an image is another one than before, of which the pixels are given; returns its pixels."""
        return self.wait_for(title, lambda pixels: not np.array_equal(pixels, before))

    def mark(self):
        """Where the mark is on the map: shares of its side from the left and from the bottom."""
        style = self.whole.locator(".aeutils-mark").get_attribute("style")
        return tuple(float(share) / 100 for share in re.findall(r"([\d.]+)%", style))

    def slider(self, name):
        """The handle of a slider, for the keyboard."""
        return self.whole.get_by_role("slider", name=name)


@pytest.fixture
def settle(lab):
    """A function that waits until the kernel has answered to all that the page has sent so far.

    Answers to this answer, too: a slider that the kernel moves sends back what it rounded the value to.
    """

    def make():
        for _ in range(2):
            lab.run(lab.cell(DATA))

    return make


@pytest.fixture
def show(lab, settle):
    """A function that shows an explorer in a new notebook, and returns it as an Explorer."""

    def make(code):
        lab.create("explorer.ipynb", [DATA, TRAIN, code])
        for text in (DATA, TRAIN, code):
            lab.run(lab.cell(text))
        explorer = Explorer(lab.page.locator(".aeutils-explorer"))
        expect(explorer.sentence).not_to_be_empty()
        settle()
        return explorer

    yield make
    assert lab.failures == []


@pytest.fixture(scope="module")
def photographs():
    """Screenshots of explorers by name, from which README's image is made where it is asked for."""
    taken = {}
    yield taken
    if IS_WANTED and len(taken) == 4:
        compose([["bottleneck", "blend"], ["draw_digit", "latent_map"]], taken).save(GALLERY, optimize=True)


def compose(columns, taken, gap=60):
    """Screenshots (PNG bytes by name) in columns on white."""
    columns = [[trimmed(taken[name]) for name in column] for column in columns]
    widths = [max(each.width for each in column) for column in columns]
    height = max(sum(each.height + gap for each in column) for column in columns)
    composed = Image.new("RGB", (sum(widths) + gap * (len(columns) + 1), height + gap), "white")
    left = gap
    for column, width in zip(columns, widths, strict=True):
        top = gap
        for each in column:
            composed.paste(each, (left, top))
            top += each.height + gap
        left += width + gap
    return composed.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


def trimmed(png, edge=8):
    """A screenshot without its edge, where JupyterLab's lines run, and without white margins."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image = image.crop((edge // 2, 0, image.width - edge, image.height - edge))
    return image.crop(ImageOps.invert(image.convert("L")).point(lambda value: 255 * (value > 20)).getbbox())


def test_more_latent_variables_bring_back_more_of_a_digit(show, photographs):
    explorer = show("ae.widgets.bottleneck(digits)")
    slider = explorer.slider("latent variables")
    original, before = explorer.pixels("original"), explorer.pixels("autoencoder")
    slider.press("Home")
    expect(explorer.sentence).to_contain_text("through 1 latent variable:")
    few = explorer.wait_for_change("autoencoder", before)
    error = explorer.error("autoencoder")
    slider.press("End")
    expect(explorer.sentence).to_contain_text("through 64 latent variables:")
    many = explorer.wait_for_change("autoencoder", few)
    assert explorer.error("autoencoder") < error
    assert np.abs(many - original).mean() < np.abs(few - original).mean(), "the error fell, the image did not follow"
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")
    expect(explorer.sentence).to_contain_text("through 16 latent variables:")
    explorer.slider("test digit").press("ArrowRight")
    explorer.wait_for_change("original", original)
    expect(explorer.sentence).to_contain_text("Test digit 1 ")
    photographs["bottleneck"] = explorer.whole.screenshot()


def test_click_on_the_map_decodes_what_lies_there(show, settle, photographs):
    explorer = show("ae.widgets.latent_map(model, images, labels)")
    map_, middle = explorer.whole.locator(".aeutils-map"), explorer.pixels("decoded")
    side = map_.bounding_box()["width"]
    map_.click(position={"x": 0.7 * side, "y": 0.6 * side})
    settle()
    clicked = explorer.wait_for_change("decoded", middle)
    assert explorer.mark() == pytest.approx((0.7, 0.4), abs=ROUNDING)
    assert float(explorer.slider("component 1 →").get_attribute("aria-valuenow")) > 0, "sliders keep in step"
    map_.press("ArrowUp")
    map_.press("ArrowUp")
    settle()
    moved = explorer.wait_for_change("decoded", clicked)
    assert explorer.mark() == pytest.approx((0.7, 0.44), abs=2 * ROUNDING)
    explorer.slider("component 3").press("End")
    explorer.wait_for_change("decoded", moved)
    photographs["latent_map"] = explorer.whole.screenshot()
    explorer.whole.get_by_role("button", name="Back to the middle").click()
    explorer.wait_for("decoded", lambda pixels: np.array_equal(pixels, middle))


@pytest.fixture
def draw(lab, settle):
    """A function that draws strokes with the mouse and waits until the explorer has answered to all of them."""

    def make(explorer, strokes):
        canvas = explorer.whole.locator("canvas")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        for stroke in strokes:
            first, *others = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
            lab.page.mouse.move(*first)
            lab.page.mouse.down()
            for place in others:
                lab.page.mouse.move(*place, steps=8)
            lab.page.mouse.up()
        drawn = ae.widgets.centre_digit(drawing_of(strokes))[0, 0].numpy()
        explorer.wait_for("what the network sees", lambda pixels: np.abs(shrunk(pixels) - drawn).mean() < 0.02)
        settle()
        return drawn

    return make


def test_drawn_digit_is_seen_and_comes_back(show, draw, photographs):
    explorer = show("ae.widgets.draw_digit(model, images, labels)")
    mark = explorer.whole.locator(".aeutils-mark")
    empty = explorer.pixels("what comes back")
    expect(mark).to_be_hidden()
    draw(explorer, EXAMPLES["star"])
    expect(explorer.sentence).to_contain_text("It comes back with an error of")
    of_star = explorer.error("what comes back")
    explorer.whole.get_by_role("button", name="Clear").click()
    expect(explorer.sentence).to_contain_text("Nothing is drawn yet")
    explorer.wait_for("what comes back", lambda pixels: np.array_equal(pixels, empty))
    seven = draw(explorer, EXAMPLES["seven"])
    explorer.wait_for("what comes back", lambda pixels: np.abs(shrunk(pixels) - seven).mean() < 0.1)
    expect(mark).to_be_visible()
    assert explorer.error("what comes back") < of_star, "a star is no digit"
    photographs["draw_digit"] = explorer.whole.screenshot()


def shrunk(pixels):
    """The pixels of an image on the page as it was before it was enlarged, (28, 28) from 0 to 1."""
    return np.array(Image.fromarray(pixels).resize((28, 28), Image.Resampling.BOX)) / 255


def test_blend_goes_from_one_digit_to_another(show, photographs):
    explorer = show("ae.widgets.blend(model, images)")
    way, between = explorer.slider("from first to second"), explorer.pixels("mixed in pixels")
    latent = explorer.pixels("mixed in the latent space")
    photographs["blend"] = explorer.whole.screenshot()
    for key, end in (("Home", "first"), ("End", "second")):
        way.press(key)
        image = explorer.pixels(end)
        assert not np.array_equal(image, between)
        explorer.wait_for("mixed in pixels", lambda pixels, image=image: np.array_equal(pixels, image))
        latent = explorer.wait_for_change("mixed in the latent space", latent)
