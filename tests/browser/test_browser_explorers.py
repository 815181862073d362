"""The explorers in a browser: from a file on the disk, and in JupyterLab with and without its kernel.

    AEUTILS_GALLERY=1 pytest tests/browser/test_browser_explorers.py -k README

takes the image of them that README shows, of networks trained on whole MNIST where there is.
"""

import dataclasses
import io
import json
import os
import re
from statistics import median

from build_notebooks import read, sources
import nbclient
from nbconvert import HTMLExporter
import nbformat
from nbformat.sign import NotebookNotary
import numpy as np
from PIL import Image, ImageOps
import playground
from playwright.sync_api import expect
import pytest
from test_widgets import all_parts
import torch
from traitlets.config import Config
import widget_speed

import aeutils as ae
from aeutils.widgets.draw_digit import EXAMPLES, drawing_of
from aeutils_lab.views import VIEW
from browser.lab import CLOSE
from browser.server import PROJECT

pytestmark = pytest.mark.data_free

GALLERY = PROJECT / "gallery" / "explorers.png"
IS_WANTED = bool(os.environ.get("AEUTILS_GALLERY"))
PIXELS = """canvas => Array.from(
    canvas.getContext("2d").getImageData(0, 0, 28, 28).data.filter((_, at) => at % 4 === 0))"""
DATA = 'import os\nos.environ["AEUTILS_DATA"] = "embedded"'
MODEL = """import aeutils as ae
import torch
images = ae.load_mnist().test_images[:100]
torch.manual_seed(0)
model = ae.fully_connected((1, 28, 28), 20, (128,))"""
UNKNOWN = "model.decoder.insert(1, torch.nn.Softplus())"
BLEND = "ae.widgets.blend(model, images)"
WATCH = "watch = ae.widgets.watch_training(images[:1])\nae.fit(model, images, 2, watch=watch)\nwatch"
ASK = 'ae.predict("03 grey", "What comes out?", ["grey", "a face"])'


class Explorer:
    """An explorer on the page. whole: all of it; sentence: the one below it."""

    def __init__(self, whole):
        self.whole, self.sentence = whole, whole.locator(".aeutils-sentence")

    def image(self, title):
        """The canvas under a title."""
        name = self.whole.page.get_by_text(title, exact=True)
        return self.whole.locator(".aeutils-image").filter(has=name).locator("canvas")

    def pixels(self, title):
        """What the canvas under a title holds: (28, 28), from 0 for black to 255."""
        return np.reshape(self.image(title).evaluate(PIXELS), (28, 28))

    def error(self, title):
        """The error in the name of the canvas under a title."""
        return float(self.image(title).get_attribute("aria-label").rpartition("error ")[2])

    def mark(self):
        """Where the mark is on the map: shares of its side from the left and from the bottom."""
        style = self.whole.locator(".aeutils-mark").get_attribute("style")
        return tuple(float(share) / 100 for share in re.findall(r"([\d.]+)%", style))

    def slider(self, name):
        """A slider, for the keyboard."""
        return self.whole.get_by_role("slider", name=name)


@pytest.fixture(scope="module")
def playground_file(digits, tmp_path_factory):
    """The page with all explorers, of untrained networks or, for README, of trained ones."""
    path = tmp_path_factory.mktemp("playground") / "playground.html"
    few = dataclasses.replace(digits, train_images=digits.train_images[:300], train_labels=digits.train_labels[:300])
    collected = playground.collect(ae.load_mnist(), 3) if IS_WANTED else playground.collect(few, 0)
    path.write_text(playground.page(*collected), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def visits(chromium):
    """(a function that opens a file in a browser without network, what went wrong on the pages that it opened).

    A page's errors and its requests are failures.
    """
    contexts, failures = [], []

    def make(path, script=None, **options):
        context = chromium.new_context(**{"viewport": {"width": 1100, "height": 900}, "offline": True, **options})
        contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith("http") and failures.append(asked.url))
        page.goto(path.as_uri())
        expect(page.locator(".aeutils-sentence").last).not_to_be_empty()
        return page

    yield make, failures
    for context in contexts:
        context.close()


@pytest.fixture
def visit(visits):
    """The function that opens a file; what has gone wrong on any page by the end of a test fails it."""
    make, failures = visits
    yield make
    seen = failures[:]
    failures.clear()
    assert seen == []


@pytest.fixture(scope="module")
def open_playground(visits, playground_file):
    """The playground in a window, opened once: each test moves an explorer of its own in it."""
    return visits[0](playground_file)


@pytest.fixture
def explorer(visit, open_playground, playground_file):
    """A function that returns an explorer of the playground: of the open one, or of a new one with options."""

    def make(name, **options):
        page = visit(playground_file, **options) if any(options.values()) else open_playground
        return Explorer(page.locator(f"[data-explorer={name}]"))

    return make


def test_playground_is_small_and_shows_every_explorer(visit, playground_file, open_playground):
    assert playground_file.stat().st_size <= playground.LIMIT
    page = open_playground
    expect(page.locator(".aeutils-explorer")).to_have_count(len(playground.TITLES))
    for sentence in page.locator(".aeutils-sentence").all():
        expect(sentence).to_have_text(re.compile(".{60,}"))


def test_image_follows_within_a_frame(visit, playground_file):
    page = visit(playground_file)  # one of its own: it moves them all
    for action in widget_speed.ACTIONS:
        times = widget_speed.milliseconds(page, action)
        quietest = min(median(times[begin : begin + 10]) for begin in range(0, len(times), 10))  # others compute, too
        assert quietest <= widget_speed.LIMIT, action


def test_pixels_are_those_of_pytorch(digits, visit, tmp_path, monkeypatch):
    """The student's own weights, a convolutional network, to 1/255."""
    monkeypatch.delenv("CI", raising=False)
    torch.manual_seed(0)
    model, images = ae.convolutional((1, 28, 28), 20), digits.test_images[:50]
    ae.widgets.blend(model, images).save(tmp_path / "blend.html")
    shown = Explorer(visit(tmp_path / "blend.html").locator("main"))
    for key, index in (("Home", 0), ("End", 1)):
        shown.slider("from first to second").press(key)
        with torch.no_grad():
            expected = model(images[index : index + 1])[0, 0].mul(255).round().numpy()
        assert np.abs(shown.pixels("mixed in the latent space") - expected).max() <= 1
        assert np.abs(shown.pixels("mixed in pixels") - images[index, 0].mul(255).numpy()).max() <= 1


def test_more_latent_variables_bring_back_more_of_a_digit(explorer):
    shown = explorer("bottleneck")
    slider = shown.slider("latent variables")
    slider.press("Home")
    expect(shown.sentence).to_contain_text("through 1 latent variable:")
    few, original = shown.pixels("PCA"), shown.pixels("original")
    error = shown.error("PCA")
    slider.press("End")
    expect(shown.sentence).to_contain_text("through 64 latent variables:")
    assert shown.error("PCA") < error
    assert np.abs(shown.pixels("PCA") - original).mean() < np.abs(few - original).mean()
    assert slider.get_attribute("aria-valuetext") == "64"
    shown.slider("test digit").press("ArrowRight")
    assert not np.array_equal(shown.pixels("original"), original)


def test_click_on_the_map_decodes_what_lies_there(explorer):
    shown = explorer("latent_map")
    map_, average = shown.whole.locator(".aeutils-map"), shown.pixels("decoded")
    side = map_.bounding_box()["width"]
    map_.click(position={"x": 0.7 * side, "y": 0.6 * side})
    clicked = shown.pixels("decoded")
    assert shown.mark() == pytest.approx((0.7, 0.4), abs=0.02) and not np.array_equal(clicked, average)
    assert float(shown.slider("component 1 →").input_value()) > 0, "sliders keep in step"
    map_.press("ArrowUp")
    assert shown.mark()[1] > 0.4
    shown.slider("component 3").press("End")
    assert not np.array_equal(shown.pixels("decoded"), clicked)
    shown.whole.get_by_role("button", name="Back to the average").click()
    assert np.array_equal(shown.pixels("decoded"), average)


def draw(shown, strokes):
    """Draw with the mouse."""
    canvas = shown.whole.locator(".aeutils-pad")
    canvas.scroll_into_view_if_needed()
    box, mouse = canvas.bounding_box(), shown.whole.page.mouse
    for stroke in strokes:
        first, *others = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        mouse.move(*first)
        mouse.down()
        for place in others:
            mouse.move(*place, steps=8)
        mouse.up()


def test_drawn_digit_is_seen_and_reconstructed(explorer):
    shown = explorer("draw_digit")
    mark, empty = shown.whole.locator(".aeutils-mark"), shown.pixels("reconstruction")
    expect(mark).to_be_hidden()
    draw(shown, EXAMPLES["seven"])
    drawn = ae.widgets.centre_digit(drawing_of(EXAMPLES["seven"]))[0, 0].numpy()
    assert np.abs(shown.pixels("what the network sees") / 255 - drawn).mean() < 0.02
    expect(shown.sentence).to_contain_text("Its reconstruction error is")
    expect(mark).to_be_visible()
    assert shown.error("reconstruction") > 0
    shown.whole.get_by_role("button", name="Clear").click()
    expect(shown.sentence).to_contain_text("Nothing is drawn yet")
    assert np.array_equal(shown.pixels("reconstruction"), empty)


def test_a_finger_and_the_keyboard_draw_too(explorer):
    shown = explorer("draw_digit", has_touch=True)
    pad = shown.whole.locator(".aeutils-pad")
    pad.tap()
    dot = shown.pixels("what the network sees")
    assert dot.any()
    for key in (" ", *["ArrowDown"] * 9, " "):
        pad.press(key)
    assert not np.array_equal(shown.pixels("what the network sees"), dot)


def test_noise_is_painted_and_repaired(explorer):
    shown = explorer("noise_and_repair")
    expect(shown.sentence).to_contain_text("noise on 0 of 784 pixels and 0 hidden: error 0.0")
    draw(shown, [[[0.4, 0.5], [0.6, 0.5]]])
    expect(shown.sentence).not_to_contain_text("noise on 0 of")
    shown.whole.get_by_role("button", name="Noise everywhere").click()
    expect(shown.sentence).to_contain_text("noise on 784 of 784")
    shown.whole.get_by_label("brush", exact=True).select_option("hole")
    draw(shown, [[[0.5, 0.5], [0.5, 0.6]]])
    expect(shown.sentence).not_to_contain_text(" 0 hidden")
    shown.whole.get_by_role("button", name="Clean").click()
    expect(shown.sentence).to_contain_text("error 0.0")


def test_a_latent_variable_is_changed_by_hand(explorer):
    shown = explorer("kinds_of_codes")
    before = shown.pixels("with the changed variable")
    assert np.array_equal(before, shown.pixels("reconstruction"))
    shown.slider("its value").press("End")
    assert not np.array_equal(shown.pixels("with the changed variable"), before)
    assert np.array_equal(shown.pixels("reconstruction"), before)
    shown.whole.get_by_label("kind of code").select_option("sparse")
    expect(shown.sentence).to_contain_text("of 64 latent variables")


@pytest.fixture
def saved(visit, tmp_path, monkeypatch):
    """A function that saves an explorer of parts, untrained, and opens it for a finger: (Explorer, its parts)."""
    monkeypatch.delenv("CI", raising=False)

    def make(name, digits):
        parts = all_parts(digits.test_images[:50], digits.test_labels[:50])[name]
        getattr(ae.widgets, name)(*parts).save(tmp_path / f"{name}.html")
        return Explorer(visit(tmp_path / f"{name}.html", has_touch=True).locator("main")), parts

    return make


def assert_same_pixels(shown, title, made):
    """Compare a canvas with what PyTorch made, (1, 1, 28, 28)."""
    assert np.abs(shown.pixels(title) - made[0, 0].mul(255).round().detach().numpy()).max() <= 1


def test_walk_on_all_that_two_variables_can_draw(saved, digits):
    shown, (decoder, _, _) = saved("manifold", digits)
    shown.slider("first variable →").press("End")
    assert_same_pixels(shown, "decoded", decoder(torch.tensor([[2.5, 0.0]])))
    assert shown.mark() == pytest.approx((1, 0.5), abs=0.01)
    map_ = shown.whole.locator(".aeutils-map")
    side = map_.bounding_box()["width"]
    map_.tap(position={"x": 0.25 * side, "y": 0.5 * side})
    assert shown.mark() == pytest.approx((0.25, 0.5), abs=0.02), "a quarter of the prior lies to the left"
    assert float(shown.slider("first variable →").input_value()) == pytest.approx(-0.67, abs=0.06)
    map_.press("ArrowUp")
    assert shown.mark()[1] == pytest.approx(0.52, abs=0.01)
    tiles = map_.locator("canvas").evaluate("each => each.toDataURL()")
    shown.whole.get_by_label("on the map").select_option("codes of digits")
    assert map_.locator("canvas").evaluate("each => each.toDataURL()") != tiles
    shown.whole.get_by_role("button", name="Back to the middle").click()
    assert_same_pixels(shown, "decoded", decoder(torch.zeros(1, 2)))


def test_symbols_are_exchanged_by_hand(saved, digits):
    shown, (_, symbols, codebook, decoder) = saved("exchange_symbols", digits)
    written = symbols[:1].clone()
    assert_same_pixels(shown, "with your symbols", decoder(codebook[written]))
    places, palette = (shown.whole.get_by_role("radiogroup", name=name) for name in ("Place in", "Symbol at"))
    places.get_by_role("radio", name="row 2, column 3").tap()
    written[0, 6] = (written[0, 6] + 1) % 6
    palette.get_by_role("radio", name=f"symbol {written[0, 6]}", exact=True).tap()
    expect(shown.sentence).to_contain_text("1 of 16 symbols exchanged. In row 2, column 3")
    assert_same_pixels(shown, "with your symbols", decoder(codebook[written]))
    assert_same_pixels(shown, "decoded", decoder(codebook[symbols[:1]]))
    expect(places.get_by_role("radio", checked=True)).to_have_attribute(
        "aria-label", f"row 2, column 3: symbol {written[0, 6]}"
    )
    key, step = ("ArrowRight", 1) if written[0, 6] < 5 else ("ArrowLeft", -1)
    palette.get_by_role("radio", checked=True).press(key)
    written[0, 6] += step
    expect(palette.locator(":focus")).to_have_attribute("aria-label", f"symbol {written[0, 6]}")
    assert_same_pixels(shown, "with your symbols", decoder(codebook[written]))
    shown.whole.get_by_role("button", name="Undo all").click()
    expect(shown.sentence).to_contain_text("0 of 16 symbols exchanged")


def test_feature_is_turned_by_hand_and_the_answer_follows(saved, digits):
    shown, (_, _, activity, features, directions, last) = saved("turn_feature", digits)
    bars = shown.whole.get_by_role("img", name="The classifier's answer")
    before = last(activity[:1]).softmax(1)[0]
    expect(bars).to_have_attribute("aria-label", re.compile(f"answer: {before.argmax()} with {before.max():.0%}"))
    shown.slider("feature").press("ArrowRight")
    shown.slider("its value").press("End")
    most = 2 * features[:, 1].max()
    turned = last(activity[:1] + (most - features[0, 1]) * directions[:, 1]).softmax(1)[0]
    assert turned.argmax() != before.argmax(), "else nothing is tested"
    said = f"{turned.argmax()} with {turned.max():.0%}"
    expect(shown.sentence).to_contain_text(f"at {most:.2f} the classifier says {said}")
    expect(bars).to_have_attribute("aria-label", re.compile(f"answer: {said}; before, {before.argmax()} with"))
    shown.whole.get_by_role("button", name="Undo the change").click()
    expect(bars).to_have_attribute("aria-label", re.compile(f"answer: {before.argmax()} with"))


NO_WORKERS = "delete window.Worker"
FORBIDDEN = "window.Worker = class { constructor() { setTimeout(() => this.onerror()); } postMessage() {} }"


@pytest.mark.parametrize("script", [None, NO_WORKERS, FORBIDDEN], ids=["worker", "no workers", "forbidden"])
def test_training_in_the_page_lowers_the_error(explorer, script):
    shown = explorer("watch_it_learn", script=script)
    expect(shown.sentence).to_contain_text("Not trained yet")
    image = shown.whole.get_by_label("reconstruction 0", exact=True)
    before = image.evaluate(PIXELS)
    shown.whole.get_by_role("button", name="Start").click()
    curve = shown.whole.locator(".aeutils-curve polyline")
    expect(curve).to_have_attribute("points", re.compile(r"^(\S+ ){3,}"))
    shown.whole.get_by_role("button", name="Pause").click()
    heights = [int(point.split(",")[1]) for point in curve.get_attribute("points").split()]
    assert heights[-1] > heights[0], "the error falls; SVG counts from the top"
    assert image.evaluate(PIXELS) != before
    shown.whole.get_by_role("button", name="Reset").click()
    expect(shown.sentence).to_contain_text("Not trained yet")


def test_page_fits_a_phone_and_can_be_read(visit, playground_file):
    page = visit(playground_file, viewport={"width": 360, "height": 700})
    for scheme, ink in (("light", "rgb(0, 0, 0)"), ("dark", "rgb(255, 255, 255)")):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.locator(".aeutils-sentence").first.evaluate("each => getComputedStyle(each).color") == ink


def test_exported_notebook_moves_without_jupyter_and_without_a_network(visit, tmp_path):
    path = tmp_path / "exported.html"
    settings = (PROJECT / "aeutils_lab" / "etc" / "jupyter" / "jupyter_nbconvert_config.json").read_text("utf-8")
    exporter = HTMLExporter(config=Config(json.loads(settings)))
    path.write_text(exporter.from_notebook_node(read(sources(["06"])[0], "student"))[0], encoding="utf-8")
    page = visit(path)
    expect(page.locator(".aeutils-explorer")).to_have_count(3)
    assert page.locator("math").count() > 0
    shown = Explorer(page.locator("[data-explorer=blend]"))
    before = shown.pixels("mixed in the latent space")
    shown.slider("from first to second").press("End")
    expect(shown.sentence).to_contain_text("100% of the distance")
    assert not np.array_equal(shown.pixels("mixed in the latent space"), before)


@pytest.mark.skipif(not IS_WANTED, reason="README's image is taken when AEUTILS_GALLERY is set")
def test_readme_shows_four_explorers(explorer):
    shown = explorer("bottleneck", viewport={"width": 1000, "height": 900})
    draw(Explorer(shown.whole.page.locator("[data-explorer=draw_digit]")), EXAMPLES["seven"])
    taken = {name: shown.whole.page.locator(f"[data-explorer={name}]").screenshot() for name in playground.TITLES}
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


def trimmed(png):
    """A screenshot without white margins."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    return image.crop(ImageOps.invert(image.convert("L")).point(lambda value: 255 * (value > 20)).getbbox())


# --- In JupyterLab ---------------------------------------------------------------------------------------------------


@pytest.fixture
def show(lab):
    """A function that shows explorers in a new notebook, and returns the last as an Explorer."""

    def make(*codes):
        cells = [DATA, MODEL, *codes]
        lab.create("explorer.ipynb", cells)
        for text in cells:
            lab.run(lab.cell(text))
        shown = Explorer(lab.page.locator(".aeutils-explorer").last)
        expect(shown.sentence).not_to_be_empty()
        return shown

    yield make
    assert lab.failures == []


def test_explorer_goes_on_when_the_kernel_has_stopped(show, lab):
    shown = show(BLEND)
    lab.server.stop_kernels()
    before = shown.pixels("mixed in the latent space")
    shown.slider("from first to second").press("End")
    expect(shown.sentence).to_contain_text("100% of the distance")
    assert not np.array_equal(shown.pixels("mixed in the latent space"), before)


def test_explorer_whose_state_is_stored_moves_in_a_notebook_that_is_opened_anew(lab):
    """Its kernel is gone, and the new one knows nothing of it."""
    cells = [nbformat.v4.new_code_cell(text) for text in (f"{DATA}\nos.environ.pop('CI', None)", MODEL, BLEND)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, kernel_name="python3", store_widget_state=True).execute()
    NotebookNotary(data_dir=str(lab.server.log.parent / "jupyter" / "data")).sign(notebook)  # else the figure is shown
    nbformat.write(notebook, lab.server.root / "notebooks" / "stored.ipynb")
    lab.open("stored.ipynb")
    shown = Explorer(lab.page.locator(".aeutils-explorer"))
    expect(shown.sentence).to_contain_text("50% of the distance")
    before = shown.pixels("mixed in the latent space")
    shown.slider("from first to second").press("End")
    expect(shown.sentence).to_contain_text("100% of the distance")
    assert not np.array_equal(shown.pixels("mixed in the latent space"), before)


def test_notebook_opened_anew_shows_figures_and_sentences_and_is_exported(show, lab, visit, tmp_path):
    """Its kernel is gone, and no state of widgets is stored."""
    show(ASK, WATCH, BLEND)
    watched = Explorer(lab.cell(WATCH).locator(".aeutils-explorer"))
    expect(watched.sentence).to_contain_text("After epoch 2")
    assert VIEW in json.dumps(lab.save())
    lab.page.evaluate(CLOSE)
    lab.server.stop_kernels()
    lab.open("explorer.ipynb")
    for text in (WATCH, BLEND):
        expect(lab.cell(text).locator(".jp-OutputArea img")).to_be_visible()
    expect(lab.cell(ASK).locator(".jp-OutputArea")).to_contain_text("What comes out?")
    expect(lab.cell(ASK).locator(".jp-OutputArea")).to_contain_text("grey / a face")
    assert "model not found" not in lab.text() and "Loading widget" not in lab.text()
    path = tmp_path / "exported.html"
    path.write_bytes(lab.page.request.get(lab.server.file_as("html", "notebooks/explorer.ipynb")).body())
    shown = Explorer(visit(path).locator("[data-explorer=blend]"))
    shown.slider("from first to second").press("End")
    expect(shown.sentence).to_contain_text("100% of the distance")


def test_kernel_computes_layers_that_the_page_does_not_know(show):
    shown = show(UNKNOWN, BLEND)
    expect(shown.whole.get_by_text("does not know this network's Softplus, so the kernel computes")).to_be_visible()
    before = shown.pixels("mixed in the latent space")
    shown.slider("from first to second").press("End")
    expect(shown.sentence).to_contain_text("100% of the distance")
    assert not np.array_equal(shown.pixels("mixed in the latent space"), before)
