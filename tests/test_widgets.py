"""aeutils.widgets: what Python hands over, and what the page's JavaScript makes of it, run with node."""

import base64
import copy
import dataclasses
from functools import cache, partial
import itertools
import json
import os
from pathlib import Path
import re
from statistics import median
import subprocess
import sys

from ipywidgets.widgets.widget import _instances
import numpy as np
import playwright
import pytest
from scipy.ndimage import median_filter
import torch
from torch import nn

import aeutils as ae
from aeutils.widgets import assemble
from aeutils.widgets.bottleneck import MOST, SIZES, bottlenecks
from aeutils.widgets.code_space import CodeSpace
from aeutils.widgets.contents import Contents, Pack, describe
from aeutils.widgets.draw_digit import EXAMPLES, PEN, drawing_of
from aeutils.widgets.exchange_symbols import average_patches

OF_A_MODEL = ["latent_map", "draw_digit", "blend", "noise_and_repair", "kinds_of_codes"]
"""Explorers of a model that they are given."""
OF_PARTS = ["manifold", "exchange_symbols", "turn_feature"]
"""Explorers of parts of models and of what they make of images."""
NAMES = ["bottleneck", "watch_it_learn", *OF_A_MODEL, *OF_PARTS]
UNPACK = """
const bytes = new DataView(Uint8Array.from(atob(given.data), (letter) => letter.charCodeAt(0)).buffer);
const arrays = unpack(given.arrays, bytes);
"""


@pytest.fixture(scope="module")
def model(digits):
    """The deep network of notebook 06, trained a little."""
    ae.seed_everything(0)
    deep = ae.fully_connected((1, 28, 28), 20, (256, 128))
    ae.fit(deep, digits.train_images, 2, batch_size=64)
    return deep


@pytest.fixture
def live(monkeypatch):
    """Somebody is there to move something."""
    monkeypatch.delenv("CI", raising=False)


@pytest.fixture(scope="session")
def node():
    """A function that runs code behind one of the page's modules; the code prints with answer(value)."""
    name = "node.exe" if os.name == "nt" else "node"
    program = Path(playwright.__file__).parent / "driver" / name  # that of playwright: nobody has to install one

    def run(module, code, **given):
        answer = "const answer = (value) => console.log(JSON.stringify(value, (_, x) => x?.buffer ? [...x] : x));"
        script = "\n".join([assemble.bundle(module), f"const given = {json.dumps(given)};", answer, code])
        options = {"input": script, "capture_output": True, "encoding": "utf-8", "timeout": 60}
        done = subprocess.run([str(program), "--input-type=module", "-"], **options)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    return run


def handed_over(contents):
    """What node has to be given of a Contents."""
    return {**contents.fields, "data": base64.b64encode(contents.pack.bytes()).decode()}


def every_explorer(model, digits):
    """{name: function that shows it}."""
    images, labels = digits.test_images, digits.test_labels
    return {
        "bottleneck": lambda: ae.widgets.bottleneck(digits),
        "latent_map": lambda: ae.widgets.latent_map(model, images, labels),
        "draw_digit": lambda: ae.widgets.draw_digit(model, images, labels),
        "blend": lambda: ae.widgets.blend(model, images),
        "watch_it_learn": lambda: ae.widgets.watch_it_learn(digits),
        "noise_and_repair": lambda: ae.widgets.noise_and_repair(model, model, images),
        "kinds_of_codes": lambda: ae.widgets.kinds_of_codes({"plain": model}, images),
        **{name: partial(getattr(ae.widgets, name), *parts) for name, parts in all_parts(images, labels).items()},
    }


@cache
def untrained_parts():
    """(decoder of two variables, codebook, decoder of symbols, directions, last layer), untrained."""
    torch.manual_seed(0)
    decoder = nn.Sequential(nn.Flatten(), nn.Linear(16 * 3, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28)))
    return (
        ae.fully_connected((1, 28, 28), 2, (8,)).decoder,
        torch.randn(6, 3),
        decoder,
        torch.randn(20, 9),
        nn.Linear(20, 10),
    )


def all_parts(images, labels):
    """{name: arguments} of the explorers that are given parts; at random, since only what is made of them matters."""
    flat, codebook, decoder, directions, last = untrained_parts()
    numbers = torch.Generator().manual_seed(0)
    symbols = torch.randint(6, (len(images), 16), generator=numbers)
    activity, features = (torch.rand(len(images), size, generator=numbers) for size in (20, 9))
    return {
        "manifold": (flat, torch.randn(len(images), 2, generator=numbers), labels),
        "exchange_symbols": (images, symbols, codebook, decoder),
        "turn_feature": (images, labels, activity, features * (features > 0.5), directions, last),
    }


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


def test_page_centres_as_python_does(digits, node):
    drawings = [drawing_of(strokes)[::4, ::4] for strokes in EXAMPLES.values()]
    drawings += [enlarged(digits.test_images[3], 60), torch.zeros(5, 7), torch.ones(1, 90)]
    given = [{"ink": each.flatten().tolist(), "sides": list(each.shape)} for each in drawings]
    made = node("centre.js", "answer(given.all.map(({ ink, sides }) => centreDigit(ink, ...sides)))", all=given)
    for drawing, image in zip(drawings, made, strict=True):
        assert torch.allclose(
            torch.tensor(image, dtype=torch.float32), ae.widgets.centre_digit(drawing).flatten(), atol=1e-5
        )


# --- The network -----------------------------------------------------------------------------------------------------


def layered(*layers):
    torch.manual_seed(0)
    return nn.Sequential(*layers)


def networks():
    """{name: (network, example input)} with all layers that the course uses."""
    image, code = torch.rand(1, 1, 28, 28), torch.randn(1, 20)
    connected, convolutional = (make((1, 28, 28), 20) for make in (ae.fully_connected, ae.convolutional))
    silu = layered(nn.Flatten(), nn.Linear(784, 30), nn.SiLU(), nn.Dropout(), nn.Linear(30, 5, bias=False), nn.Tanh())
    back = [nn.Unflatten(1, (16, 7, 7)), nn.ConvTranspose2d(16, 8, 3, 2, 1, 1), nn.ReLU()]
    transposed = layered(nn.Linear(20, 784), *back, nn.ConvTranspose2d(8, 1, 3, 2, 1, 1), nn.Sigmoid())
    uneven = layered(nn.Conv2d(1, 3, (5, 3), stride=(1, 2), padding=(2, 0)), nn.Conv2d(3, 2, 2, bias=False))
    return {
        "connected encoder": (connected.encoder, image),
        "connected decoder": (connected.decoder, code),
        "convolutional encoder": (convolutional.encoder, image),
        "convolutional decoder": (convolutional.decoder, code),
        "SiLU": (silu.eval(), image),
        "transposed": (transposed, code),
        "uneven": (uneven, image),
    }


RUN = UNPACK + "answer(network(given.networks.all, arrays)(Float32Array.from(given.values)))"


@pytest.mark.parametrize("name", networks())
def test_page_computes_what_pytorch_computes(name, node):
    module, example = networks()[name]
    contents = Contents("test")
    contents.network("all", module, example)
    made = node("network.js", RUN, **handed_over(contents), values=example.flatten().tolist())
    with torch.no_grad():
        assert torch.allclose(torch.tensor(made, dtype=torch.float32), module(example).flatten(), atol=1e-5)
    assert not contents.modules


def test_weights_as_bytes_cost_a_quarter_and_change_little(model, digits, node):
    image = digits.test_images[:1]
    whole, small = Contents("test"), Contents("test", small=True)
    for contents in (whole, small):
        contents.network("all", nn.Sequential(model.encoder, model.decoder), image)
    assert len(small.pack.bytes()) < 0.27 * len(whole.pack.bytes())
    made = node("network.js", RUN, **handed_over(small), values=image.flatten().tolist())
    with torch.no_grad():
        assert (torch.tensor(made, dtype=torch.float32) - model(image).flatten()).abs().max() < 0.1
    rounded = copy.deepcopy(model)
    with torch.no_grad():
        for weight in (each for each in rounded.parameters() if each.ndim == 2):
            scale = weight.abs().amax(1, keepdim=True) / 127
            weight.copy_((weight / scale).round() * scale)
        assert torch.allclose(torch.tensor(made, dtype=torch.float32), rounded(image).flatten(), atol=1 / 255)


class Doubled(nn.Sequential):
    """Its layers do not say what it does."""

    def forward(self, values):
        return 2 * super().forward(values)


@pytest.mark.parametrize(
    "layer, example, said",
    [
        (nn.GELU(), torch.rand(1, 5), "GELU"),
        (Doubled(nn.Linear(5, 5)), torch.rand(1, 5), "Doubled"),
        (nn.Linear(28, 28), torch.rand(1, 1, 28, 28), "Linear"),
        (nn.Conv2d(2, 2, 3, groups=2), torch.rand(1, 2, 9, 9), "Conv2d"),
        (nn.Conv2d(1, 1, 3, dilation=2), torch.rand(1, 1, 9, 9), "Conv2d"),
        (nn.Conv2d(1, 1, 3, padding="same"), torch.rand(1, 1, 9, 9), "Conv2d"),
        (nn.Upsample(scale_factor=2, mode="bilinear"), torch.rand(1, 1, 9, 9), "Upsample"),
        (nn.Upsample(size=(10, 10)), torch.rand(1, 1, 9, 9), "Upsample"),
    ],
)
def test_layers_that_the_page_does_not_know_are_named(layer, example, said):
    assert describe(nn.Sequential(nn.Identity(), layer), example) == said


def test_layer_with_a_hook_is_none_that_the_page_knows():
    layer = nn.Linear(5, 5)
    layer.register_forward_hook(lambda *_: None)
    assert describe(layer, torch.rand(1, 5)) == "Linear"


def test_kernel_computes_what_the_page_does_not_know(digits, live):
    torch.manual_seed(0)
    decoder = nn.Sequential(nn.Linear(3, 784), nn.Softplus(), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28)))
    own = ae.Autoencoder(nn.Sequential(nn.Flatten(), nn.Linear(784, 3)), decoder)
    explorer = ae.widgets.blend(own, digits.test_images)
    assert explorer.fields["unknown"] == {"decoder": "Softplus"} and "encoder" in explorer.fields["networks"]
    answers, code = [], torch.rand(3)
    explorer.send = lambda content, buffers: answers.append((content, buffers))
    explorer._handle_custom_msg({"id": "7", "network": "decoder"}, [memoryview(code.numpy().tobytes())])
    ((content, [values]),) = answers
    with torch.no_grad():
        assert torch.equal(torch.frombuffer(bytearray(values), dtype=torch.float32), decoder(code[None]).flatten())
    assert content == {"id": "7"}


def test_arrays_arrive_as_they_were(node):
    contents, images = Contents("test"), torch.arange(256).reshape(4, 1, 8, 8) / 255
    contents.images("bytes", images)
    contents.images("floats", images / 3)
    contents.numbers("labels", torch.tensor([3, 9]))
    code = UNPACK + "answer([row(arrays.bytes, 3), row(arrays.floats, 2), arrays.labels.values])"
    exact, floats, labels = node("network.js", code, **handed_over(contents))
    assert torch.allclose(torch.tensor(exact, dtype=torch.float32), images[3].flatten(), atol=1e-6) and labels == [3, 9]
    assert torch.allclose(torch.tensor(floats, dtype=torch.float32), images[2].flatten() / 3)


def test_the_same_array_twice_is_stored_once():
    pack = Pack()
    places = [pack.add(np.arange(5)), pack.add(np.arange(6)), pack.add(np.arange(5))]
    assert places == [0, 40, 0] and len(pack.bytes()) == 88


# --- The bottleneck --------------------------------------------------------------------------------------------------


def test_page_reconstructs_as_the_autoencoder_and_pca_do(digits, live, node):
    explorer, image = ae.widgets.bottleneck(digits), digits.test_images[5]
    code = UNPACK.replace("unpack", "network_js.unpack") + (
        "const image = network_js.row(arrays.images, 5);"
        "answer(given.sizes.map((size) => [network_js.network(given.networks[`autoencoder ${size}`], arrays)(image),"
        " throughComponents(image, size, arrays)]))"
    )
    data = base64.b64encode(explorer.data).decode()
    made = node("bottleneck.js", code, **explorer.fields, data=data)
    for size, pair in zip(SIZES, made, strict=True):
        for ours, theirs in zip(pair, bottlenecks(digits).reconstructions(image, size), strict=True):
            assert torch.allclose(torch.tensor(ours, dtype=torch.float32), theirs.flatten(), atol=1e-4)


def test_pca_beside_it_is_the_baseline_of_the_course(digits):
    fitted = bottlenecks(digits)
    images = digits.test_images[:200]
    for size in (1, 16):
        made = torch.stack([fitted.reconstructions(image, size)[1] for image in images])
        baseline = ae.pca_error(size, digits.train_images[:MOST], images)
        assert ae.reconstruction_error(made, images).item() == pytest.approx(baseline, rel=1e-4)


def test_more_variables_less_error_and_many_beat_pca(digits):
    network, pca = zip(*bottlenecks(digits).test_errors.values(), strict=True)
    assert all(few > many for few, many in itertools.pairwise(network))
    assert all(ours < other for ours, other in list(zip(network, pca, strict=True))[3:])


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


@pytest.mark.parametrize("latent_size", [1, 2, 20])
def test_page_finds_the_code_and_the_place_of_an_image(latent_size, digits, model, node):
    torch.manual_seed(0)
    own = model if latent_size == 20 else ae.fully_connected((1, 28, 28), latent_size)
    space, contents = CodeSpace(own, digits.test_images, digits.test_labels), Contents("latent_map")
    space.hand_over(contents)
    with torch.no_grad():
        codes = own.encoder(digits.test_images[:30])
    code = UNPACK.replace("unpack", "network_js.unpack") + (
        "const space = codeSpace(arrays, given.limit);"
        "answer(given.codes.map((code) => {const scores = space.along(code);"
        "return [scores, space.code(scores), space.nearest(scores), space.place(scores)]}))"
    )
    made = node("code_space.js", code, **handed_over(contents), codes=codes.tolist())
    for index, (scores, back, nearest, place) in enumerate(made):
        assert torch.allclose(torch.tensor(scores, dtype=torch.float32), space.scores[index], atol=1e-3)
        assert torch.allclose(torch.tensor(back, dtype=torch.float32), codes[index], atol=1e-3)
        assert torch.allclose(
            torch.tensor(place, dtype=torch.float32), (space.scores[index, :2] / space.limit + 1) / 2, atol=1e-3
        )
        assert nearest == index
    assert space.scores[:, :2].abs().max() <= space.limit


def test_components_are_those_of_pca(model, digits):
    with torch.no_grad():
        points = model.encoder(digits.test_images)
    space = CodeSpace(model, digits.test_images, digits.test_labels)
    spread = torch.linalg.svdvals(points - points.mean(0)) / (len(points) - 1) ** 0.5
    assert torch.allclose(space._spread, spread, rtol=1e-3)
    assert torch.allclose(space.scores.T.cov(), torch.eye(20), atol=1e-3)


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
@pytest.mark.parametrize("name", OF_A_MODEL)
def test_unusual_models_work(kind, name, digits, live):
    explorer = every_explorer(odd_models()[kind], digits)[name]()
    json.dumps(explorer.fields, allow_nan=False)
    assert isinstance(explorer._still(), ae.plots.Figure)


# --- Drawing ---------------------------------------------------------------------------------------------------------


def test_what_is_no_digit_comes_back_worse(model):
    digit, house = (ae.widgets.centre_digit(drawing_of(EXAMPLES[name])) for name in ("seven", "star"))
    assert ae.evaluate(model, house) > 1.5 * ae.evaluate(model, digit)


def test_a_single_point_is_a_dot_and_a_stroke_has_the_pens_width():
    dot = drawing_of([[[0.5, 0.5]]])
    assert dot.any(1).sum() == pytest.approx(PEN * 280, abs=2)
    line = drawing_of([[[0.2, 0.5], [0.8, 0.5]]])
    assert line[:, 140].sum() == pytest.approx(PEN * 280, abs=2)


# --- Training in the page --------------------------------------------------------------------------------------------


def test_gradients_are_those_of_pytorch(digits, node):
    images, sizes = digits.train_images[:8].flatten(1), [784, 64, 2, 64, 784]
    code = (
        "const made = trainer(Float32Array.from(given.images.flat()), given.sizes, 3);"
        "const weights = made.layers.map((layer) => layer.values.map((values) => [...values]));"
        "const loss = made.gradients([0, 1, 2, 3, 4, 5, 6, 7]);"
        "answer({ loss, weights, gradients: made.layers.map((layer) => layer.gradients) })"
    )
    made = node("train.js", code, images=images.tolist(), sizes=sizes)
    hers = ae.fully_connected((1, 28, 28), 2, (64,))
    layers = [layer for layer in hers.modules() if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for layer, (weight, bias) in zip(layers, made["weights"], strict=True):
            layer.weight.copy_(torch.tensor(weight, dtype=torch.float32).reshape(layer.weight.shape))
            layer.bias.copy_(torch.tensor(bias, dtype=torch.float32))
    loss = ae.reconstruction_error(hers(images.reshape(-1, 1, 28, 28)), images.reshape(-1, 1, 28, 28))
    loss.backward()
    assert made["loss"] == pytest.approx(loss.item(), rel=1e-4)
    for layer, (weight, bias) in zip(layers, made["gradients"], strict=True):
        assert torch.allclose(
            torch.tensor(weight, dtype=torch.float32).reshape(layer.weight.shape), layer.weight.grad, atol=1e-4
        )
        assert torch.allclose(torch.tensor(bias, dtype=torch.float32), layer.bias.grad, atol=1e-4)


TRAIN = """
const images = Float32Array.from(given.images.flat());
const hear = training((news) => {
  if (news.errors.length < 8) return;
  hear({ runs: false });
  answer(news);
}, trainer, 20, 10);
hear({ images, sizes: [784, 16, 2, 16, 784], seed: 1, shown: 3, rate: 0.003, runs: true });
"""


@pytest.mark.slow
def test_training_in_the_page_learns_and_tells(digits, node):
    told = node("train.js", TRAIN, images=digits.train_images[:200].flatten(1).tolist())
    assert told["errors"][7] < 0.8 * told["errors"][0]
    assert told["epoch"] >= 8 and [len(told[name]) for name in ("codes", "images")] == [10, 3]
    assert len(told["images"][0]) == 784 and len(told["codes"][0]) == 2


# --- Repairing -------------------------------------------------------------------------------------------------------


def test_median_is_that_of_scipy(node):
    image = torch.rand(28, 28, generator=torch.Generator().manual_seed(0))
    made = node("noise_and_repair.js", "answer(median(given.image))", image=image.flatten().tolist())
    assert np.allclose(np.reshape(made, (28, 28)), median_filter(image.numpy(), size=3), atol=1e-6)


# --- Parts of models --------------------------------------------------------------------------------------------------


def test_normal_distribution_is_that_of_pytorch_and_the_way_back_leads_back(node):
    places = torch.linspace(-2.5, 2.5, 21)
    shares, back = node(
        "manifold.js", "answer([given.z.map(below), given.z.map((z) => valueAt(placeOf(z)))])", z=places.tolist()
    )
    expected = torch.distributions.Normal(0, 1).cdf(places)
    assert torch.allclose(torch.tensor(shares), expected, atol=1e-6)
    assert torch.allclose(torch.tensor(back), places, atol=1e-5)


def test_symbol_is_drawn_as_the_average_of_its_patches():
    images, symbols = torch.zeros(2, 1, 28, 28), torch.zeros(2, 16, dtype=torch.long)
    images[0, :, :7, 7:14], images[1, :, 21:, :7] = 1, 0.5
    symbols[0, 1] = symbols[1, 12] = 3
    averages = average_patches(images, symbols, 4)
    assert torch.equal(averages[3], torch.full((7, 7), 0.75)) and not averages[:3].any()


def test_rare_features_are_left_out(live):
    images, labels, activity, features, directions, last = all_parts(IMAGES, LABELS)["turn_feature"]
    features = features.clone()
    features[:, 2], features[:, 4] = 0, torch.arange(30) < 4
    shown = ae.widgets.turn_feature(images, labels, activity, features, directions, last)
    assert shown.fields["numbers"] == [0, 1, 3, 5, 6, 7, 8]
    with pytest.raises(ae.InputError, match="features has none that is active for 5"):
        ae.widgets.turn_feature(images, labels, activity, torch.zeros(30, 9), directions, last)


@pytest.mark.parametrize(
    "name, number, value, said",
    [
        ("manifold", 0, "decoder", "decoder is a str; expected a module"),
        ("manifold", 0, nn.Linear(3, 4), r"decoder cannot take codes of shape \(1, 2\)"),
        ("manifold", 0, nn.Linear(2, 4), r"decoder makes \(1, 4\) of one code; expected an image"),
        ("manifold", 1, [0.0, 1.0], "codes is a list; expected floats"),
        ("manifold", 1, torch.zeros(30, 3), r"codes has shape \(30, 3\)|cannot take codes"),
        ("manifold", 1, torch.full((30, 2), torch.nan), "codes holds NaN or infinity"),
        ("manifold", 2, torch.arange(29) % 10, "one whole number for each of the 30"),
        ("exchange_symbols", 0, torch.rand(30, 1, 14, 14), r"expected \(n, 1, 28, 28\)"),
        ("exchange_symbols", 1, torch.zeros(30, 16), r"symbols is torch.float32 \(30, 16\); expected whole numbers"),
        ("exchange_symbols", 1, torch.zeros(30, 9, dtype=torch.long), "1, 4, 16 or 49 places"),
        ("exchange_symbols", 1, torch.full((30, 16), 6), "symbols range from 6 to 6; expected 0 to 5"),
        ("exchange_symbols", 2, torch.zeros(6), r"codebook is \(6,\); expected floats"),
        ("exchange_symbols", 2, torch.zeros(300, 3), "codebook has 300 vectors; expected 2 to 256"),
        ("exchange_symbols", 3, nn.Linear(3, 3), r"decoder makes \(1, 16, 3\)"),
        ("turn_feature", 2, torch.zeros(29, 20), "activity has 29 rows, features 30"),
        ("turn_feature", 3, "features", "features is a str; expected a matrix of floats"),
        ("turn_feature", 3, torch.full((30, 9), torch.inf), "features holds NaN or infinity"),
        ("turn_feature", 4, torch.zeros(9, 20), r"directions has shape \(9, 20\); expected"),
        ("turn_feature", 5, nn.Linear(20, 3), r"last_layer makes \(1, 3\)"),
        ("turn_feature", 5, nn.Linear(19, 10), "last_layer cannot take activity"),
        ("turn_feature", 5, None, "last_layer is a NoneType"),
    ],
)
def test_explorer_of_parts_refuses(name, number, value, said):
    parts = list(all_parts(IMAGES, LABELS)[name])
    parts[number] = value
    with pytest.raises(ae.InputError, match=said):
        getattr(ae.widgets, name)(*parts)


@pytest.mark.parametrize("name, number", [("manifold", 0), ("exchange_symbols", 3), ("turn_feature", 5)])
def test_parts_whose_weights_are_not_finite_are_refused_and_unknown_layers_asked_of_the_kernel(name, number, live):
    parts = list(all_parts(IMAGES, LABELS)[name])
    parts[number] = nn.Sequential(copy.deepcopy(parts[number]), nn.Softplus())
    assert list(getattr(ae.widgets, name)(*parts).fields["unknown"].values()) == ["Softplus"]
    with torch.no_grad():
        next(parts[number].parameters()).flatten()[0] = torch.nan
    with pytest.raises(ae.InputError, match="weights hold NaN or infinity"):
        getattr(ae.widgets, name)(*parts)


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
    assert explorer.fields["kind"] == name and len(explorer.data) > 10_000
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"}
    assert bundle["image/png"].startswith(b"\x89PNG") and bundle["text/plain"].startswith("Figure: ")
    assert len(metadata["image/png"]["alt"]) > 40


@pytest.mark.parametrize("name", OF_A_MODEL)
def test_model_is_left_as_it_was_and_the_explorer_keeps_its_own(name, digits, live):
    torch.manual_seed(1)
    own = ae.fully_connected((1, 28, 28), 5)
    own.train()
    own.decoder.eval()
    before = {key: value.clone() for key, value in own.state_dict().items()}
    explorer = every_explorer(own, digits)[name]()
    data = bytes(explorer.data)
    assert own.training and own.encoder.training and not own.decoder.training
    assert all(torch.equal(value, before[key]) for key, value in own.state_dict().items())
    with torch.no_grad():
        own.decoder[0].bias += 5
    assert explorer.data == data and before["decoder.0.bias"].numpy().tobytes() in data


@pytest.mark.parametrize("name", NAMES)
def test_explorer_can_be_saved_as_one_file(name, model, digits, live, tmp_path):
    explorer = every_explorer(model, digits)[name]()
    explorer.save(tmp_path / "explorer.html")
    page = (tmp_path / "explorer.html").read_text(encoding="utf-8")
    assert f"<title>{name}</title>" in page and not re.search(r"(?:src|href)=|https?:", page)


def test_explorer_that_needs_the_kernel_cannot_be_saved(digits, live, tmp_path):
    own = ae.fully_connected((1, 28, 28), 5)
    own.encoder.append(nn.Softsign())
    with pytest.raises(ae.InputError, match="does not know the layers Softsign"):
        ae.widgets.blend(own, digits.test_images).save(tmp_path / "explorer.html")


IMAGES = torch.rand(30, 1, 28, 28, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(30) % 10
NETWORK = ae.fully_connected((1, 28, 28), 3)


@pytest.mark.parametrize("name", OF_A_MODEL)
@pytest.mark.parametrize(
    "model, images, said",
    [
        ("network", IMAGES, "model is a str; expected an Autoencoder"),
        (nn.Linear(2, 2), IMAGES, "model is a Linear; expected an Autoencoder"),
        (NETWORK, IMAGES.numpy(), "images is an ndarray"),
        (NETWORK, (IMAGES * 255).byte(), "divide them by 255"),
        (NETWORK, IMAGES * 2, r"expected \[0, 1\]"),
        (NETWORK, IMAGES[:1], "n at least 2"),
        (NETWORK, IMAGES[:, :, :20, :20], "do not fit the model"),
        (ae.fully_connected((1, 24, 24), 3), IMAGES[:, :, :24, :24], r"expected \(n, 1, 28, 28\)"),
    ],
)
def test_explorer_refuses(name, model, images, said):
    arguments = {"blend": (model, images), "noise_and_repair": (model, model, images)}
    arguments["kinds_of_codes"] = ({"plain": model}, images)
    with pytest.raises(ae.InputError, match=said):
        getattr(ae.widgets, name)(*arguments.get(name, (model, images, LABELS)))


def test_noise_of_the_still_figure_is_not_clipped_as_it_is_not_in_training():
    seen, denoiser = [], ae.fully_connected((1, 28, 28), 3)
    denoiser.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    ae.widgets.noise_and_repair(denoiser, NETWORK, IMAGES)
    assert seen[-1].min() < 0 and seen[-1].max() > 1


def test_kinds_of_codes_takes_digits_at_half_their_resolution(live):
    shown = ae.widgets.kinds_of_codes({"plain": ae.fully_connected((1, 14, 14), 3)}, IMAGES[:, :, ::2, ::2])
    assert shown.fields["arrays"]["images"]["shape"] == [30, 196] and not shown.fields["unknown"]


@pytest.mark.parametrize("models, said", [({}, "models is empty"), ([NETWORK], "models is a list")])
def test_kinds_of_codes_refuses(models, said):
    with pytest.raises(ae.InputError, match=said):
        ae.widgets.kinds_of_codes(models, IMAGES)


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
    with pytest.raises(ae.InputError, match="codes hold NaN or infinity"):
        ae.widgets.latent_map(broken, IMAGES, LABELS)


def test_weights_that_are_not_finite_are_refused(live):
    broken = ae.fully_connected((1, 28, 28), 3)
    with torch.no_grad():
        broken.decoder[0].weight[0, 0] = torch.nan
    with pytest.raises(ae.InputError, match="weights hold NaN or infinity"):
        ae.widgets.blend(broken, IMAGES)


@pytest.mark.parametrize("name", ["bottleneck", "watch_it_learn"])
@pytest.mark.parametrize("digits", [None, IMAGES, "mnist"])
def test_explorer_refuses_what_is_no_digits(name, digits):
    with pytest.raises(ae.InputError, match=r"ae\.load_mnist"):
        getattr(ae.widgets, name)(digits)


@pytest.mark.parametrize("path", sorted(assemble.PAGE.glob("*.*")), ids=lambda path: path.name)
def test_nothing_is_fetched_from_a_network(path):
    text = assemble.IMPORTS.sub("", path.read_text(encoding="utf-8"))
    assert not re.search(r"https?:|\bimport\b|@import|url\(|\bfetch\b|localStorage", text)


@pytest.mark.parametrize("path", sorted(assemble.PAGE.glob("*.js")), ids=lambda path: path.name)
def test_module_can_be_loaded(path, node):
    assert node(path.name, "answer(true)")
