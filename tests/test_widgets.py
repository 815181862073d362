"""aeutils.widgets: driven as the browser drives them; no browser is needed here."""

import dataclasses
import io
import itertools
from pathlib import Path
import re
from statistics import median
import sys

import aeutils as ae
from aeutils.widgets import base
from aeutils.widgets.blend import mix
from aeutils.widgets.bottleneck import SIZES, bottlenecks
from aeutils.widgets.code_space import CodeSpace
from aeutils.widgets.draw_digit import EMPTY, EXAMPLES, PEN, drawing_of
from aeutils.widgets.latent_map import SIDE, TEN, map_image
import ipywidgets
from ipywidgets.widgets.widget import _instances
import numpy as np
from PIL import Image, ImageColor
import pytest
import torch
from torch import nn
import widget_speed

FOLDER = Path(ae.widgets.__file__).parent
SEVEN = EXAMPLES["seven"]


@pytest.fixture(scope="module")
def model(digits):
    """The deep network of notebook 06, trained a little."""
    ae.seed_everything(0)
    deep = ae.fully_connected((1, 28, 28), 20, (256, 128))
    ae.fit(deep, digits.train_images, 2, batch_size=64)
    return deep


@pytest.fixture(scope="module")
def flat_model(digits):
    """A network with 2 latent variables: its map hides nothing."""
    ae.seed_everything(0)
    flat = ae.fully_connected((1, 28, 28), 2)
    ae.fit(flat, digits.train_images[:1000], 2)
    return flat


@pytest.fixture
def live(monkeypatch):
    """Somebody is there to move something."""
    monkeypatch.delenv("CI", raising=False)


def every_explorer(model, digits):
    """{name: function that shows it}."""
    images, labels = digits.test_images, digits.test_labels
    return {
        "bottleneck": lambda: ae.widgets.bottleneck(digits),
        "latent_map": lambda: ae.widgets.latent_map(model, images, labels),
        "draw_digit": lambda: ae.widgets.draw_digit(model, images, labels),
        "blend": lambda: ae.widgets.blend(model, images),
    }


NAMES = ["bottleneck", "latent_map", "draw_digit", "blend"]


def parts(widget):
    """A widget and all that is in it."""
    return [widget, *itertools.chain.from_iterable(parts(child) for child in getattr(widget, "children", ()))]


def shows(shown, image):
    """whether a ShownImage shows the image (1, 28, 28)."""
    return bytes(shown.image.value) == base.png(image)


# --- Centring --------------------------------------------------------------------------------------------------------


def enlarged(image, side):
    """An image (1, 28, 28) in the lower right of a black drawing (300, 400), side pixels wide."""
    drawing = torch.zeros(300, 400)
    drawing[300 - side :, 395 - side : 395] = nn.functional.interpolate(image[None], (side, side))[0, 0]
    return drawing


def test_mnists_own_digits_come_back_exactly(digits):
    for image in digits.test_images[:300]:
        assert torch.equal(ae.widgets.centre_digit(image[0])[0], image)


@pytest.mark.parametrize("factor", [2, 5, 8])
def test_digit_that_is_moved_and_enlarged_comes_back(digits, factor):
    for image in digits.test_images[:50]:
        back = ae.widgets.centre_digit(enlarged(image, 28 * factor))
        assert torch.allclose(back[0], image, atol=1e-5)


def test_digit_enlarged_by_no_whole_factor_comes_back_nearly(digits):
    images = digits.test_images[:100]
    errors = [(ae.widgets.centre_digit(enlarged(image, 231))[0] - image).square().sum().item() for image in images]
    assert median(errors) < 0.05 * images.square().sum((1, 2, 3)).median()


def test_empty_drawing_is_an_empty_image():
    assert torch.equal(ae.widgets.centre_digit(torch.zeros(50, 70)), torch.zeros(1, 1, 28, 28))


@pytest.mark.parametrize("height, width", [(1, 1), (1, 100), (90, 3), (60, 60)])
def test_what_is_drawn_fits_the_box_and_keeps_its_proportions(height, width):
    drawing = np.zeros((200, 150))
    drawing[5 : 5 + height, 40 : 40 + width] = 1
    image = ae.widgets.centre_digit(drawing)[0, 0]
    rows, columns = image.any(1).sum().item(), image.any(0).sum().item()
    assert max(rows, columns) == 20 and image.dtype == torch.float32
    assert min(rows, columns) == max(1, round(20 * min(height, width) / max(height, width)))
    assert image[13:15, 13:15].all() or min(rows, columns) == 1


def test_mass_at_one_end_pushes_nothing_out_of_the_image():
    drawing = torch.zeros(100, 100)
    drawing[:, 50] = 0.01
    drawing[98:] = 1
    image = ae.widgets.centre_digit(drawing)[0, 0]
    assert image.any(1).sum() == 20 and image.any(0).sum() == 20


@pytest.mark.parametrize(
    "drawing, said",
    [
        ([[0.0, 1.0]], "a list; expected a tensor"),
        (torch.zeros(1, 28, 28), r"shape \(1, 28, 28\)"),
        (torch.zeros(0, 5), r"shape \(0, 5\)"),
        (torch.zeros(28, 28, dtype=torch.uint8), "divide them by 255"),
        (torch.full((5, 5), 1.5), "outside"),
        (torch.full((5, 5), -0.1), "outside"),
        (torch.full((5, 5), torch.nan), "NaN"),
    ],
)
def test_centring_refuses(drawing, said):
    with pytest.raises(ae.InputError, match=said):
        ae.widgets.centre_digit(drawing)


# --- The bottleneck --------------------------------------------------------------------------------------------------


def test_size_changes_both_reconstructions_and_their_errors(digits, live):
    explorer = ae.widgets.bottleneck(digits)
    seen = set()
    for size in SIZES:
        explorer.size.value = size
        image = digits.test_images[0]
        network, pca = bottlenecks(digits).reconstructions(image, size)
        assert shows(explorer.original, image) and shows(explorer.network, network) and shows(explorer.pca, pca)
        error = ae.reconstruction_error(pca[None], image[None])
        assert explorer.pca.caption.value == f"error {error:.1f}" and f"PCA {error:.1f}" in explorer.sentence.text
        seen |= {bytes(explorer.network.image.value), bytes(explorer.pca.image.value)}
    assert len(seen) == 2 * len(SIZES)


def test_digit_changes_all_three(digits, live):
    explorer = ae.widgets.bottleneck(digits)
    images = explorer.original, explorer.network, explorer.pca
    before = [bytes(shown.image.value) for shown in images]
    explorer.digit.value = 17
    assert shows(explorer.original, digits.test_images[17])
    assert all(bytes(shown.image.value) != old for shown, old in zip(images, before, strict=True))
    assert "Test digit 17" in explorer.sentence.text


def test_pca_beside_it_is_the_floor_of_the_course(digits):
    fitted = bottlenecks(digits)
    images = digits.test_images[:200]
    for size in (1, 16):
        made = torch.stack([fitted.reconstructions(image, size)[1] for image in images])
        floor = ae.pca_error(size, digits.train_images, images)
        assert ae.reconstruction_error(made, images).item() == pytest.approx(floor, rel=1e-4)


def test_more_variables_less_error_and_many_beat_pca(digits):
    network, pca = zip(*bottlenecks(digits).test_errors.values(), strict=True)
    assert all(few > many for few, many in itertools.pairwise(network))
    assert all(ours < floor for ours, floor in list(zip(network, pca, strict=True))[3:])


def test_second_call_trains_nothing_and_the_first_leaves_the_random_numbers(digits, monkeypatch):
    monkeypatch.setattr(sys.modules[bottlenecks.__module__], "_ready", {})
    few = dataclasses.replace(digits, train_images=digits.train_images[:300])
    before = torch.get_rng_state()
    fitted = bottlenecks(few)
    assert torch.equal(torch.get_rng_state(), before)
    again = dataclasses.replace(few, train_images=few.train_images.clone(), source="loaded anew")
    assert bottlenecks(again) is fitted


def test_interrupted_training_is_not_kept(digits, monkeypatch):
    monkeypatch.setattr(sys.modules[bottlenecks.__module__], "_ready", {})
    monkeypatch.setattr(sys.modules[bottlenecks.__module__], "fit", lambda *_, **__: ae.History(interrupted=True))
    with pytest.raises(KeyboardInterrupt):
        bottlenecks(digits)
    assert not bottlenecks.__globals__["_ready"]


# --- The map ---------------------------------------------------------------------------------------------------------


def test_click_on_a_code_decodes_it(flat_model, digits, live):
    """With two latent variables a place on the map is a whole code, so that its reconstruction has to come back."""
    images, labels = digits.test_images, digits.test_labels
    space = CodeSpace(flat_model, images)
    explorer = ae.widgets.latent_map(flat_model, images, labels)
    for index in (3, 44, 501):
        explorer.map.set_state({"place": space.place(space.scores[index])})
        with torch.no_grad():
            reconstruction = flat_model(images[index : index + 1])[0]
        shown = explorer._space.decode(torch.tensor([slider.value for slider in explorer.sliders]))
        assert torch.allclose(shown, reconstruction, atol=1e-3) and shows(explorer.decoded, shown)
        assert explorer.sentence.text.endswith(f"that of image {index}, the digit {labels[index]}.")


def test_map_and_sliders_stay_in_step(model, digits, live):
    explorer = ae.widgets.latent_map(model, digits.test_images, digits.test_labels)
    explorer.sliders[3].value = 1.5
    before = bytes(explorer.decoded.image.value)
    explorer.map.set_state({"place": [0.75, 0.5]})
    assert bytes(explorer.decoded.image.value) != before
    limit = explorer.sliders[0].max
    assert [slider.value for slider in explorer.sliders] == pytest.approx([limit / 2, 0, 0, 1.5])
    explorer.sliders[1].value = -limit
    assert explorer.map.place == pytest.approx([0.75, 0])
    explorer.home.click()
    assert explorer.map.place == [0.5, 0.5] and [slider.value for slider in explorer.sliders] == [0] * 4


def test_sliders_of_the_map_can_stand_at_the_average(model, digits, live):
    """In the browser a slider knows only whole steps from its lower end, and sends back where it stands."""
    for slider in ae.widgets.latent_map(model, digits.test_images, digits.test_labels).sliders:
        steps = -slider.min / slider.step
        assert steps == pytest.approx(round(steps), abs=1e-6)


def test_every_slider_changes_the_image(model, digits, live):
    explorer = ae.widgets.latent_map(model, digits.test_images, digits.test_labels)
    images = {bytes(explorer.decoded.image.value)}
    for slider in explorer.sliders:
        slider.value = 1.0
        images.add(bytes(explorer.decoded.image.value))
    assert len(images) == 5 and explorer.sentence.text.startswith("At +1.0, +1.0, +1.0, +1.0")


def test_components_are_those_of_pca(model, digits):
    with torch.no_grad():
        points = model.encoder(digits.test_images)
    space = CodeSpace(model, digits.test_images)
    spread = torch.linalg.svdvals(points - points.mean(0)) / (len(points) - 1) ** 0.5
    assert torch.allclose(space._spread, spread, rtol=1e-3)
    assert torch.allclose(space.scores.T.cov(), torch.eye(20), atol=1e-3)
    assert torch.allclose(space.encode(digits.test_images[5:6]), space.scores[5], atol=1e-4)
    assert all(space.nearest(space.scores[index]) == index for index in range(20))


class Spatial(nn.Module):
    """An encoder or a decoder of one convolution, whose code is a small image."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, images):
        return self.layer(images).sigmoid()


def odd_models():
    """Autoencoders with a single variable, with a dead one, and with codes that are images themselves."""
    torch.manual_seed(0)
    dead = ae.fully_connected((1, 28, 28), 3)
    with torch.no_grad():
        dead.encoder[-1].weight[1] = 0
    spatial = ae.Autoencoder(Spatial(nn.Conv2d(1, 1, 4, 4)), Spatial(nn.ConvTranspose2d(1, 1, 4, 4)))
    return {"one": ae.fully_connected((1, 28, 28), 1), "dead": dead, "spatial": spatial}


@pytest.mark.parametrize("kind", ["one", "dead", "spatial"])
@pytest.mark.parametrize("name", NAMES[1:])
def test_unusual_models_work(kind, name, digits, live):
    explorer = every_explorer(odd_models()[kind], digits)[name]()
    if name == "latent_map":
        explorer.map.set_state({"place": [0.9, 0.8]})
    if name == "draw_digit":
        explorer.pad.set_state({"strokes": SEVEN})
    assert explorer.sentence.text and "nan" not in explorer.sentence.text
    assert isinstance(explorer._still(), ae.plots.Figure)


# --- Drawing ---------------------------------------------------------------------------------------------------------


def test_strokes_are_centred_encoded_and_decoded(model, digits, live):
    images = digits.test_images[:100]
    explorer = ae.widgets.draw_digit(model, images, digits.test_labels[:100])
    explorer.pad.set_state({"strokes": SEVEN})
    image = ae.widgets.centre_digit(drawing_of(SEVEN))
    with torch.no_grad():
        returned = model(image)
    error = ae.reconstruction_error(returned, image).item()
    smaller = sum(ae.evaluate(model, each[None]) < error for each in images) / len(images)
    assert shows(explorer.seen, image[0]) and shows(explorer.returned, returned[0])
    assert f"error of {error:.1f}; {smaller:.0%} of 100 images" in explorer.sentence.text
    assert explorer.map.place == CodeSpace(model, images).place(explorer._space.encode(image))


def test_drawing_on_changes_the_images_and_clearing_takes_them_away(model, digits, live):
    explorer = ae.widgets.draw_digit(model, digits.test_images, digits.test_labels)
    empty = bytes(explorer.returned.image.value)
    assert explorer.sentence.text == EMPTY and explorer.map.place == []
    explorer.pad.strokes = SEVEN
    seven = bytes(explorer.returned.image.value)
    explorer.pad.strokes = [*SEVEN, [[0.35, 0.55], [0.65, 0.55]]]
    assert len({empty, seven, bytes(explorer.returned.image.value)}) == 3
    explorer.pad.strokes = []
    assert bytes(explorer.returned.image.value) == empty and explorer.map.place == []
    assert explorer.sentence.text == EMPTY and explorer.returned.caption.value == ""


def test_what_is_no_digit_comes_back_worse(model):
    digit, house = (ae.widgets.centre_digit(drawing_of(EXAMPLES[name])) for name in ("seven", "star"))
    assert ae.evaluate(model, house) > 1.5 * ae.evaluate(model, digit)


def test_a_single_point_is_a_dot_and_a_stroke_has_the_pens_width():
    dot = drawing_of([[[0.5, 0.5]]])
    assert dot.any(1).sum() == pytest.approx(PEN * 280, abs=2)
    line = drawing_of([[[0.2, 0.5], [0.8, 0.5]]])
    assert line[:, 140].sum() == pytest.approx(PEN * 280, abs=2)


# --- Blending --------------------------------------------------------------------------------------------------------


def test_both_ways_begin_at_the_first_and_end_at_the_second(model, digits, live):
    explorer = ae.widgets.blend(model, digits.test_images)
    explorer.first.value, explorer.second.value = 4, 9
    for share, index in ((0.0, 4), (1.0, 9)):
        explorer.way.value = share
        image = digits.test_images[index]
        with torch.no_grad():
            reconstruction = model(image[None])[0]
        made = mix(model, digits.test_images[4], digits.test_images[9], share)
        assert shows(explorer.mixtures[0], image) and torch.allclose(made[1], reconstruction, atol=1e-5)


def test_every_control_changes_the_mixtures(model, digits, live):
    explorer = ae.widgets.blend(model, digits.test_images)
    seen = {bytes(explorer.mixtures[1].image.value)}
    for slider, value in ((explorer.way, 0.3), (explorer.first, 7), (explorer.second, 8)):
        slider.value = value
        seen.add(bytes(explorer.mixtures[1].image.value))
    assert len(seen) == 4 and "30% of the way from image 7 to image 8" in explorer.sentence.text
    half = torch.lerp(digits.test_images[7], digits.test_images[8], 0.3)
    assert shows(explorer.mixtures[0], half)


# --- All of them -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_where_nobody_can_move_anything_stands_a_figure(name, model, digits, monkeypatch):
    monkeypatch.setenv("CI", "true")
    show, widgets = every_explorer(model, digits)[name], len(_instances)
    figure = show()
    assert isinstance(figure, ae.plots.Figure) and len(_instances) == widgets
    bundle, metadata = figure._repr_mimebundle_()
    assert len(bundle["image/png"]) > 5_000 and metadata["image/png"]["alt"] == figure.description
    assert repr(show()) == repr(figure) and not re.search(r"\d\.\d", figure.description)  # the same on each machine


@pytest.mark.parametrize("name", NAMES)
def test_stored_output_carries_an_image_beside_the_explorer(name, model, digits, live):
    explorer = every_explorer(model, digits)[name]()
    bundle, metadata = explorer._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"}
    assert bundle["image/png"].startswith(b"\x89PNG") and bundle["text/plain"].startswith("Figure: ")
    assert len(metadata["image/png"]["alt"]) > 40


@pytest.mark.parametrize("name", NAMES)
def test_everything_has_a_name_for_those_who_cannot_see_it(name, model, digits, live):
    explorer = every_explorer(model, digits)[name]()
    for widget in parts(explorer):
        if isinstance(widget, (base.ClickMap, base.DrawingPad)):
            assert len(widget.label) > 20
        if isinstance(widget, (ipywidgets.IntSlider, ipywidgets.FloatSlider, ipywidgets.SelectionSlider)):
            assert widget.description
        if isinstance(widget, ipywidgets.Image):
            assert widget.tooltip and int(widget.width) >= 200
    assert len(explorer.sentence.text) > 60 and f"aeutils-{name.replace('_', '-')}" in explorer._dom_classes


@pytest.mark.parametrize("name", NAMES[1:])
def test_model_is_left_as_it_was_and_the_explorer_keeps_its_own(name, digits, live):
    torch.manual_seed(1)
    own = ae.fully_connected((1, 28, 28), 5)
    own.train()
    own.decoder.eval()
    before = {key: value.clone() for key, value in own.state_dict().items()}
    explorer = every_explorer(own, digits)[name]()
    assert own.training and own.encoder.training and not own.decoder.training
    assert all(torch.equal(value, before[key]) for key, value in own.state_dict().items())
    image = next(bytes(each.value) for each in reversed(parts(explorer)) if isinstance(each, ipywidgets.Image))
    with torch.no_grad():
        own.decoder[0].bias += 5
    for slider in (each for each in parts(explorer) if isinstance(each, ipywidgets.FloatSlider)):
        start, slider.value = slider.value, slider.max
        slider.value = start
    assert image == next(bytes(each.value) for each in reversed(parts(explorer)) if isinstance(each, ipywidgets.Image))


IMAGES = torch.rand(30, 1, 28, 28, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(30) % 10
NETWORK = ae.fully_connected((1, 28, 28), 3)


@pytest.mark.parametrize("name", NAMES[1:])
@pytest.mark.parametrize(
    "model, images, said",
    [
        ("network", IMAGES, "model is a str; expected an Autoencoder"),
        (nn.Linear(2, 2), IMAGES, "model is a Linear; expected an Autoencoder"),
        (NETWORK, IMAGES.numpy(), "images is a ndarray"),
        (NETWORK, (IMAGES * 255).byte(), "divide them by 255"),
        (NETWORK, IMAGES * 2, r"expected \[0, 1\]"),
        (NETWORK, IMAGES[:1], "n at least 2"),
        (NETWORK, IMAGES[:, :, :20, :20], "do not fit the model"),
        (ae.fully_connected((1, 20, 20), 3), IMAGES[:, :, :20, :20], r"expected \(n, 1, 28, 28\)"),
    ],
)
def test_explorer_refuses(name, model, images, said):
    arguments = (model, images) if name == "blend" else (model, images, LABELS)
    with pytest.raises(ae.InputError, match=said):
        getattr(ae.widgets, name)(*arguments)


@pytest.mark.parametrize("name", ["latent_map", "draw_digit"])
@pytest.mark.parametrize(
    "labels, said",
    [
        (LABELS.tolist(), "labels are list"),
        (LABELS[:-1], r"torch.int64 \(29,\)"),
        (LABELS.float(), "torch.float32"),
        (LABELS + 5, "labels range from 5 to 14"),
    ],
)
def test_explorer_refuses_labels(name, labels, said):
    with pytest.raises(ae.InputError, match=said):
        getattr(ae.widgets, name)(NETWORK, IMAGES, labels)


def test_codes_that_are_not_finite_are_refused():
    broken = ae.fully_connected((1, 28, 28), 3)
    with torch.no_grad():
        broken.encoder[-1].bias[0] = torch.inf
    with pytest.raises(ae.InputError, match="NaN or infinity"):
        ae.widgets.latent_map(broken, IMAGES, LABELS)


@pytest.mark.parametrize("digits", [None, IMAGES, "mnist"])
def test_bottleneck_refuses_what_is_no_digits(digits):
    with pytest.raises(ae.InputError, match=r"ae\.load_mnist"):
        ae.widgets.bottleneck(digits)


def test_map_has_every_point_where_its_code_is_in_its_colour(model, digits):
    images, labels = digits.test_images, digits.test_labels
    space = CodeSpace(model, images)
    content = map_image(space, labels)
    image = np.array(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)
    outermost = [space.scores[:, axis].mul(sign).argmax().item() for axis in (0, 1) for sign in (1, -1)]
    for index in outermost:  # nothing lies over them
        across, upwards = space.place(space.scores[index])
        column, row = round(across * SIDE), round((1 - upwards) * SIDE)
        around = image[max(0, row - 12) : row + 12, max(0, column - 12) : column + 12]
        colour = np.array(ImageColor.getrgb(TEN[labels[index]]))
        assert np.abs(around - colour).sum(2).min() < 60
    assert len(content) < 300_000


@pytest.mark.parametrize("path", sorted([*FOLDER.glob("*.js"), *FOLDER.glob("*.css")]), ids=lambda path: path.name)
def test_nothing_is_fetched_from_a_network(path):
    assert not re.search(r"https?:|\bimport\b|@import|url\(", path.read_text(encoding="utf-8"))


def test_from_event_to_image_in_time(digits, live):
    for name, (event, image) in widget_speed.explorers(digits).items():
        assert median(widget_speed.milliseconds(event, image, 20)) < widget_speed.LIMIT, name
