"""aeutils.plots: every function returns an image of bounded size with a description, and changes no settings."""

import doctest
from functools import cache
import gc
import inspect
import io
import itertools
import random
import struct

from matplotlib.backends.backend_agg import RendererAgg
import matplotlib.style
import numpy as np
from PIL import Image
import pytest
import torch

import aeutils as ae
from aeutils import plots
from aeutils.plots import style

pytestmark = pytest.mark.data_free

IMAGES = torch.linspace(0, 1, 6 * 12 * 12).reshape(6, 1, 12, 12)
COLOURS = torch.linspace(0, 1, 4 * 3 * 12 * 12).reshape(3, 4, 12, 12).transpose(0, 1)
HISTORY = ae.History([40.0, 30.0, 25.0], [41.0, 32.0, 27.0], [1.0, 1.0, 1.0])
POINTS = torch.linspace(-1, 1, 80).reshape(40, 2).sin()
UNFINISHED = ae.History([40.0], [], [1.0], interrupted=True)
RING = torch.tensor([[0.0, 1.0], [1.0, 0.0], [-1.0, 0.5], [0.5, 0.5]])
RESULTS = {
    "pixels": (0.0, 0.93, torch.tensor([0.74, 0.78])),
    "copying": (2.0, 0.92, torch.tensor([0.73, 0.76])),
    "contractive": (9.0, 0.94, torch.tensor([0.80, 0.85])),
}
LINE_DATA = [np.linspace(-2, 2, 9) ** power for power in (1, 2, 2)]

CASES = {
    "bars": lambda: plots.bars(
        {"PSNR (dB)": {"noisy": 9.4, "network": [18.1, 18.4]}, "SSIM": {"noisy": 0.3, "network": [0.7, 0.72]}}
    ),
    "columns": lambda: plots.columns(
        {"one": [3.0, 1.0], "two": POINTS[0]}, "number", "value", ["first", "second"], ".1f"
    ),
    "curves": lambda: plots.curves(
        {"one run": [44.0, 24.0], "two seeds": torch.tensor([[44.0, 24.0, 13.0], [43.0, 23.0, 12.0]])},
        "latent variables",
        "error",
        [2, 10, 30],
        {"mean image": 52.7, "PCA": [45.0, 26.0, 14.0]},
        {"here": 10},
        logarithmic="xy",
    ),
    "scatter": lambda: plots.scatter({"real": (24.0, 57.0), "code": (24.1, 108.0)}, "far", "grey", "real"),
    "histogram": lambda: plots.histogram(
        {"digits": torch.linspace(0.5, 30, 50), "others": torch.linspace(15, 300, 50)},
        "score",
        {"alarm": 25.0},
        50,
        True,
    ),
    "heatmap": lambda: plots.heatmap(POINTS[:6], list("abcdef"), ["left", "right"], "side", "point", ".2f", "points"),
    "images": lambda: plots.images({"original": IMAGES, "reconstruction": IMAGES / 2}, list("abcdef"), errors=True),
    "pixel_by_pixel": lambda: plots.pixel_by_pixel(IMAGES[:1], IMAGES[1:2]),
    "code_bars": lambda: plots.code_bars(torch.linspace(-3, 5, 20)),
    "learning_curves": lambda: plots.learning_curves({"20 latent": HISTORY, "stopped": UNFINISHED}, {"PCA": 18.45}),
    "error_by_latent_size": lambda: plots.error_by_latent_size(
        [2, 10, 30], {"linear": torch.tensor([[44.0, 24.0, 13.0], [43.0, 23.0, 12.0]])}, {"PCA": [43.6, 26.7, 13.9]}
    ),
    "signed_images": lambda: plots.signed_images({"directions": IMAGES - 0.5, "their halves": IMAGES / 2 - 0.2}),
    "text_through_codec": lambda: plots.text_through_codec("small codes again", "sca", "some codes again"),
    "bytes_before_and_after": lambda: plots.bytes_before_and_after({"text": (100, 40), "noise": (100, 110)}),
    "image_as_sound": lambda: plots.image_as_sound(IMAGES[:1], IMAGES[0].flatten() * 2 - 1, 44_100, 5),
    "codecs_on_an_image": lambda: plots.codecs_on_an_image(
        IMAGES[:1], {"half": (IMAGES[:1] / 2, 40), "other": (IMAGES[1:2], 20)}
    ),
    "bytes_against_error": lambda: plots.bytes_against_error(
        {"JPEG": ([20, 40, 80], [9.0, 4.0, 1.0]), "network": ([20], [5.0])}, {"PNG": 120}, what="digit"
    ),
    "three_ways_to_learn": lambda: plots.three_ways_to_learn(IMAGES[0], 7),
    "who_is_most_alike": lambda: plots.who_is_most_alike(IMAGES[:1], IMAGES[1:4], torch.tensor([0.9, 0.8, 0.7])),
    "similarity_histogram": lambda: plots.similarity_histogram(
        {
            "raw": (torch.linspace(0.8, 1, 50), torch.linspace(0.7, 1, 50)),
            "less": (torch.linspace(-0.5, 0.9, 50), torch.linspace(-0.9, 0.3, 50)),
        }
    ),
    "cake": lambda: plots.cake(cherry=0.5, icing=3.3, sponge=1300),
    "line_fits": lambda: plots.line_fits(*LINE_DATA, ((0.1, 3.0), (1.0, 0.0))),
    "two_classes": lambda: plots.two_classes(
        {"before": (RING, RING[:, 0] > 0, "x", "y"), "after": (RING, RING[:, 0] > 0, "x", "φ")}, ("a", "b"), line=0.5
    ),
    "growing_network": lambda: plots.growing_network(2, IMAGES[0], IMAGES[1]),
    "agreement_bars": lambda: plots.agreement_bars({"pixels": [0.9, 0.8], "code": [0.8, 0.7]}, ["odd?", "which?"]),
    "layer_sizes": lambda: plots.layer_sizes({"shallow": [784, 20, 784], "deep": [784, 256, 20, 256, 784]}),
    "error_against_cost": lambda: plots.error_against_cost(
        {"shallow": 32_000, "deep": 470_000}, {"shallow": [HISTORY], "deep": [HISTORY, HISTORY]}, {"PCA": 18.45}
    ),
    "training_against_test": lambda: plots.training_against_test({"deep": (8.1, 8.3), "300 digits": (3.0, 25.0)}),
    "code_maps": lambda: plots.code_maps({"PCA": POINTS, "t-SNE": POINTS**2}, torch.arange(40) % 10),
    "map_and_decoded_grid": lambda: plots.map_and_decoded_grid(
        POINTS,
        torch.arange(40) % 3,
        IMAGES.reshape(3, 2, 1, 12, 12),
        torch.tensor([-1.0, 1]),
        torch.tensor([-1.0, 0, 1]),
    ),
    "by_component": lambda: plots.by_component(torch.linspace(0.095, 0.005, 20), {2: 0.3, 10: 0.8, 20: 0.9}),
    "along_the_way": lambda: plots.along_the_way(
        "share of the way",
        [0, 0.5, 1],
        {
            "called a digit": ({"pixels": torch.tensor([[0.9, 0.3, 0.9], [0.8, 0.2, 0.9]])}, {"real digits": 0.92}),
            "distance": ({"pixels": torch.tensor([[24.0, 30.0, 23.0]])}, {}),
        },
    ),
    "error_against_usefulness": lambda: plots.error_against_usefulness(RESULTS),
    "code_comparison": lambda: plots.code_comparison(RESULTS),
    "roc_curves": lambda: plots.roc_curves(
        {"9 left out": ae.roc(torch.linspace(0, 1, 9), torch.linspace(0.5, 2, 9))}, {"9 left out": (0.05, 0.4)}
    ),
    "convolution_step": lambda: plots.convolution_step(
        IMAGES[0], torch.tensor([[1.0, 1, 1], [0, 0, 0], [-1, -1, -1]]), IMAGES[1] - 0.5, 5, 6
    ),
    "weight_tables": lambda: plots.weight_tables({"all": POINTS, "few": torch.eye(16, 36)}),
    "error_by_kind": lambda: plots.error_by_kind(
        {"convolutional": [(17_000, 4.0, 11.0), (75_000, 7.0, 8.0)], "fully connected": [(400_000, 2.0, 10.0)]},
        {"three passes": (400_000, 6.0, 8.0)},
    ),
    "filters_and_maps": lambda: plots.filters_and_maps(
        IMAGES[0], IMAGES[:, :, :3, :3] - 0.5, IMAGES, IMAGES[:, :, :3, :3], [0.5, 1.0, 20.0, 3.0, 4.0, 0.0]
    ),
    "overlap_counts": lambda: plots.overlap_counts({"uneven": torch.ones(12, 12), "even": 4 * torch.ones(12, 12)}),
    "checkerboard_curves": lambda: plots.checkerboard_curves(
        [0, 5, 10], {"transposed": [0.5, 0.1, 0.01], "repeat, convolve": [0.005, 0.004, 0.001]}, {"real digits": 0.003}
    ),
    "share_bars": lambda: plots.share_bars({"pixels": 0.9, "code": [0.5, 0.6]}, chance=0.1, axis="right answers"),
    "decoded_surfaces": lambda: plots.decoded_surfaces(
        IMAGES.flatten()[:27].reshape(9, 3), {"shallow": IMAGES.flatten()[:60].reshape(4, 5, 3)}
    ),
    "errors_by_epoch": lambda: plots.errors_by_epoch({"through 2": [180.0, 40.0, 30.0]}, {"PCA": 43.0}),
    "pixel_losses": lambda: plots.pixel_losses([0.0, 0.5, 1.0]),
    "layers_drawn": lambda: plots.layers_drawn(IMAGES[0], IMAGES[1]),
    "codes_beside_each_other": lambda: plots.codes_beside_each_other({"portrait": POINTS[0], "cat": POINTS[1]}),
    "overfitting_curves": lambda: plots.overfitting_curves(HISTORY, ("old", "new"), {"PCA": 20.0}),
    "active_code_numbers": lambda: plots.active_code_numbers(torch.tensor([0.0, 0.5, 1.0])),
    "error_by_changed_digit": lambda: plots.error_by_changed_digit({"exact": ([1, 2], [9, 3])}, {"mean image": 5.0}),
    "symbols_of_digits": lambda: plots.symbols_of_digits(IMAGES, torch.arange(96).reshape(6, 16) % 64, IMAGES / 2),
}
"""One call of every plot function."""


@cache
def drawn(name, on, /):
    """A case drawn once, for a screen or (on) for a projector: the figure, its PNG, alt and plain text."""
    before = settings()
    plots.projector(on)
    try:
        figure = CASES[name]()
        png, alt, text = parts_of(figure)
    finally:
        plots.projector(False)
    assert settings() == before, "settings of matplotlib and states of random generators stay as they were"
    return figure, png, alt, text


def settings():
    """What no drawing may change: matplotlib's settings, and the states of all random generators."""
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    return dict(matplotlib.rcParams), states


def parts_of(figure):
    """What a notebook is given of a figure: a PNG as bytes, alt text, plain text."""
    bundle, metadata = figure._repr_mimebundle_()
    return bundle["image/png"], metadata["image/png"]["alt"], bundle["text/plain"]


def shown_width(figure):
    """How wide a page shows a figure, in pixels."""
    return figure._repr_mimebundle_()[1]["image/png"]["width"]


def size_of(png):
    """Width and height; raises when it is no PNG."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and png[12:16] == b"IHDR" and png[-8:-4] == b"IEND"
    return struct.unpack(">II", png[16:24])


def public_functions(module):
    """The names of the public functions that a module has or imports."""
    return [name for name, _ in inspect.getmembers(module, inspect.isfunction) if not name.startswith("_")]


GENERAL = public_functions(plots)
"""The names of the general figures, and projector."""


def test_every_plot_function_has_a_case():
    drawings = public_functions(plots.lessons)
    assert sorted(plots.lessons.__all__) == drawings and set(drawings).isdisjoint(GENERAL)
    assert [name for name in plots.__all__ if name != "Figure"] == GENERAL
    assert sorted([*CASES, "projector"]) == sorted(GENERAL + drawings)


@pytest.mark.parametrize("name", GENERAL)
def test_example_in_the_docstring_of_a_general_figure_gives_what_it_says(name):
    (example,) = doctest.DocTestFinder(recurse=False).find(getattr(plots, name), name, globs={"ae": ae, "torch": torch})
    failed, tried = doctest.DocTestRunner().run(example)
    assert tried > 0 and failed == 0


def test_drawings_of_lessons_are_found_beside_the_general_figures():
    assert plots.cake is plots.lessons.cake and "cake" not in dir(plots)
    with pytest.raises(AttributeError, match=r"module 'aeutils\.plots' has no attribute 'pie'"):
        _ = plots.pie


@pytest.mark.parametrize("name", CASES)
def test_figure_is_a_sharp_image_of_bounded_size_with_a_description(name):
    figure, png, alt, text = drawn(name, False)
    assert isinstance(figure, plots.Figure)
    width, height = size_of(png)
    assert width == 2 * shown_width(figure) and 300 <= shown_width(figure) <= 1100 and 200 <= height <= 2200
    assert alt == figure.description and len(alt) > 20
    assert figure.description in text


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_figure_for_a_projector_is_half_as_large_again(name):
    large, usual = size_of(drawn(name, True)[1]), size_of(drawn(name, False)[1])
    assert [round(large[side] / usual[side], 2) for side in (0, 1)] == [1.5, 1.5]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("on", [pytest.param(True, marks=pytest.mark.slow), False])
def test_nothing_is_cut_off_at_the_edge(name, on):
    drawing = Image.open(io.BytesIO(drawn(name, on)[1])).convert("L")
    right, bottom = drawing.width - 1, drawing.height - 1
    edges = [(0, 0, 1, bottom), (right, 0, right + 1, bottom), (0, 0, right, 1), (0, bottom, right, bottom + 1)]
    assert all(drawing.crop(edge).getextrema() == (255, 255) for edge in edges)


def test_figure_that_was_shown_keeps_no_pixels_but_can_be_shown_again():
    def canvases_of_pixels():
        gc.collect()
        return sum(type(each) is RendererAgg for each in gc.get_objects())

    figure, before = CASES["bars"](), canvases_of_pixels()
    first = parts_of(figure)
    assert canvases_of_pixels() == before
    assert parts_of(figure) == first


def test_same_call_gives_the_same_bytes():
    """No drawing takes random numbers (see drawn), so one of them speaks for all."""
    assert parts_of(CASES["images"]()) == drawn("images", False)[1:]


def test_figures_have_the_look_of_the_course_and_not_that_of_matplotlib():
    (axes,) = CASES["code_bars"]().canvas.axes
    assert axes.xaxis.label.get_size() == style.STYLE["axes.labelsize"]
    assert not axes.spines["top"].get_visible()


def test_figures_are_not_kept_open():
    from matplotlib import pyplot

    CASES["code_bars"]()
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize("ending, start", [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_save_writes_the_format_that_the_ending_names(ending, start, tmp_path):
    path = tmp_path / f"figure.{ending}"
    CASES["code_bars"]().save(path)
    assert path.read_bytes().startswith(start)


@pytest.mark.slow
def test_show_in_a_notebook_displays_the_figure_wherever_it_is_called(monkeypatch):
    import IPython
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()  # what a kernel has, without a terminal
    shell.display_pub = CapturingDisplayPublisher()
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    monkeypatch.setattr(InteractiveShell, "initialized", lambda: True)
    monkeypatch.setattr(InteractiveShell, "instance", lambda: shell)
    for name in ("code_bars", "images"):
        CASES[name]().show()
    shown = [output["data"] for output in shell.display_pub.outputs]
    assert [data["text/plain"][:12] for data in shown] == ["Figure: Bars", "Figure: Rows"]
    assert all("image/png" in data for data in shown)


def test_show_in_a_terminal_says_where_the_drawing_is(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    figure = CASES["code_bars"]()
    figure.show()
    said = capsys.readouterr().out
    (path,) = tmp_path.rglob("*.png")
    assert path.read_bytes()[:4] == b"\x89PNG"
    assert said == f"{figure!r} The drawing is in {path}\n"


def test_print_and_display_say_in_plain_python_how_to_see_the_figure(capsys):
    from IPython.display import display

    figure = CASES["code_bars"]()
    print(figure)
    display(figure)
    how = "It shows as the last line of a cell, or with show(); save(path) writes it to a file."
    assert capsys.readouterr().out.splitlines() == [f"Figure: Bars: the 20 numbers of one code. {how}"] * 2


@pytest.mark.parametrize("path", ["no folder/figure.png", "figure.xyz"])
def test_a_figure_that_cannot_be_written_says_what_is_expected(path, tmp_path):
    with pytest.raises(ae.InputError, match=r"cannot be written to .* expected a file in an existing folder, .* \.png"):
        CASES["code_bars"]().save(tmp_path / path)


@pytest.mark.parametrize("name", ["code_bars", "learning_curves", "images"])
def test_figures_are_dark_on_opaque_white_whatever_style_matplotlib_was_given(name, tmp_path):
    usual = CASES[name]()._png()
    with matplotlib.style.context("dark_background"), matplotlib.rc_context({"savefig.transparent": True}):
        figure = CASES[name]()
        assert figure._png() == usual
        figure.save(tmp_path / "figure.png")
    with Image.open(tmp_path / "figure.png") as image:
        assert image.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)


def test_images_keep_black_and_white_whatever_the_images_hold():
    figure = plots.images({"grey": IMAGES[2:4]})
    assert {image.get_clim() for axes in figure.canvas.axes for image in axes.images} == {(0, 1)}


def test_images_in_colour_keep_every_colour():
    drawing = Image.open(io.BytesIO(plots.images({"original": COLOURS, "squared": COLOURS**2})._png())).convert("RGB")
    shown = {colour for _, colour in drawing.getcolors(maxcolors=10**6)}
    for image in COLOURS:
        for pixel in (image.permute(1, 2, 0).reshape(-1, 3)[::30] * 255).round().int().tolist():
            assert any(max(abs(a - b) for a, b in zip(pixel, colour, strict=True)) <= 4 for colour in shown)
    few = Image.open(io.BytesIO(drawn("images", False)[1])).convert("RGB")
    assert len(few.getcolors(maxcolors=10**6)) <= 64


DIGITS = torch.rand(45, 1, 28, 28, generator=torch.Generator().manual_seed(0))
GREY = DIGITS[:4]
SAME_ROWS = {
    "tensor": GREY,
    "list": list(GREY),
    "list of single images": [image[None] for image in GREY],
    "array": GREY.numpy(),
    "without an axis for grey": GREY[:, 0],
    "array with the channels last": GREY.permute(0, 2, 3, 1).numpy(),
    "with a history of gradients": GREY.clone().requires_grad_() * 1,
    "float64": GREY.double(),
}


def pixels_of(figure):
    """All images of a figure."""
    return [np.asarray(image.get_array()) for axes in figure.canvas.axes for image in axes.images]


def notes_of(figure):
    """What is written above or under the images, a list for each line of images."""
    return [[text.get_text() for text in axes.get_xticklabels()] for axes in figure.canvas.axes]


@pytest.mark.parametrize("rows", SAME_ROWS.values(), ids=SAME_ROWS)
def test_images_takes_what_holds_images(rows):
    for given in (rows, {"a row": rows}):
        drawn = pixels_of(plots.images(given))
        assert np.allclose(drawn, GREY[:, 0])
    assert plots.images(rows).description == "Rows of 4 images."
    assert plots.images({"": rows}).description == "Rows of 4 images."


@pytest.mark.parametrize("image", [GREY[0], GREY[0, 0], GREY[:1], GREY[0, 0].numpy(), GREY[0, 0].tolist()])
def test_one_image_is_a_row_of_one(image):
    assert np.allclose(pixels_of(plots.images(image)), GREY[:1, 0])


def test_images_draws_bytes_as_shades_and_colour_as_colour():
    assert np.allclose(pixels_of(plots.images((255 * GREY).byte())), GREY[:, 0], atol=1 / 255)
    colours = DIGITS[:12, 0, :12, :12].reshape(4, 3, 12, 12)
    for given in (colours, colours.permute(0, 2, 3, 1).numpy(), list(colours)):
        figure = plots.images({"colour": given})
        assert np.allclose(pixels_of(figure), colours.permute(0, 2, 3, 1))
        assert len(Image.open(io.BytesIO(figure._png())).convert("RGB").getcolors(maxcolors=10**6)) > 128


def test_rows_of_different_length_are_drawn_whole():
    figure = plots.images({"three": GREY[:3], "five": DIGITS[:5]}, titles=list("abc"), errors=True)
    assert len(pixels_of(figure)) == 8
    assert list(map(len, notes_of(figure))) == [3, 3], "titles; errors where there is an original"
    assert len(pixels_of(plots.signed_images({"three": GREY[:3] - 0.5, "five": DIGITS[:5] - 0.5}))) == 8


@pytest.mark.slow
def test_many_images_go_on_in_further_lines():
    figure = plots.images({"original": DIGITS, "half": DIGITS / 2}, titles=range(45), errors=True)
    order = [image for start in (0, 20, 40) for part in (DIGITS, DIGITS / 2) for image in part[start : start + 20]]
    assert len(figure.canvas.axes) == 6, "three lines of each row"
    assert all(np.allclose(drawn, image[0]) for drawn, image in zip(pixels_of(figure), order, strict=True))
    notes = notes_of(figure)
    assert notes[0] == [str(number) for number in range(20)] and len(notes[4]) == len(notes[5]) == 5
    assert notes[5] == [f"{(image / 2).square().sum():.1f}" for image in DIGITS[40:]]
    assert figure.canvas.axes[3].get_ylabel() == "half"
    assert parts_of(figure)[1] == "Rows of 45 images: original, half; under each image its reconstruction error."


@pytest.mark.parametrize("count", [2, 4, 6, 10])
def test_labels_of_rows_stay_within_the_canvas(count):
    figure = plots.images({"original": DIGITS[:count], "through PCA": DIGITS[:count]})
    drawing = np.asarray(Image.open(io.BytesIO(figure._png())).convert("L"))
    assert drawing[:, [0, -1]].min() > 200


@pytest.mark.slow
def test_three_hundred_images_are_drawn_in_a_moment():
    figure = plots.images({"test": DIGITS.repeat(7, 1, 1, 1)[:300]})
    assert len(figure.canvas.axes) == 15, "axes of their own for 300 images would take a minute"
    assert shown_width(figure) <= 1100


BAD_ROWS = {
    "none": ({}, "there are 0 images to draw in a row; expected {label: images"),
    "empty": ({"a": IMAGES[:0]}, "there are 0 images to draw"),
    "too many": (torch.zeros(1001, 1, 2, 2), "there are 1,001 images to draw in a row; .* from 1 to 1,000"),
    "words": ("digits", "a str cannot be drawn; expected a tensor"),
    "an object": ({"a": np.array([None])}, "an ndarray cannot be drawn"),
    "two channels": (torch.zeros(3, 2, 4, 4), r"shape \(3, 4, 2, 4\)|shape \(3, 2, 4, 4\)|1 or 3 channels"),
}


@pytest.mark.parametrize("rows, words", BAD_ROWS.values(), ids=BAD_ROWS)
def test_what_is_no_row_of_images_gets_one_sentence(rows, words):
    with pytest.raises(ae.InputError, match=words) as caught:
        plots.images(rows)
    assert "\n" not in str(caught.value) and caught.value.__cause__ is None


def test_too_few_titles_are_refused():
    with pytest.raises(ae.InputError, match="there are 2 titles; expected one for each image"):
        plots.images(GREY, titles=["a", "b"])


def looks_of(lines):
    """What readers can tell curves apart by."""
    return {(line.get_color(), line.get_marker()) for line in lines}


def test_learning_curves_draws_every_history_and_each_looks_different():
    (axes,) = plots.learning_curves({number: HISTORY for number in range(10)}).canvas.axes
    assert len(axes.lines) == 20 and len(looks_of(axes.lines)) == 10
    assert [line.get_linestyle() for line in axes.lines] == ["-", "--"] * 10
    assert [line.get_marker() for line in axes.lines[:14]] == [""] * 14
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == [*map(str, range(10)), "on training images", "on held-out images"]


def test_learning_curves_takes_one_history_alone_and_refuses_what_is_none():
    (axes,) = plots.learning_curves(HISTORY).canvas.axes
    assert [list(line.get_ydata()) for line in axes.lines] == [HISTORY.train_error, HISTORY.held_out_error]
    for wrong in ([HISTORY], {"a": [3.0, 2.0]}, None):
        with pytest.raises(ae.InputError, match=r"histories is a.*; expected a History, or {label: History}"):
            plots.learning_curves(wrong)


def test_error_by_latent_size_draws_every_curve_and_baseline_and_takes_lists():
    curves = {str(number): [[44.0 + number, 24.0], [43.0 + number, 23.0]] for number in range(8)}
    baselines = {str(number): [50.0 + number, 30.0] for number in range(4)}
    (axes,) = plots.error_by_latent_size([2, 10], curves, baselines).canvas.axes
    assert len(axes.containers) == 8 and len(looks_of(bars[0] for bars in axes.containers)) == 8
    assert len(axes.get_legend().get_texts()) == 12
    with pytest.raises(ae.InputError, match=r"errors of linear have shape \(3,\); expected \(seeds, sizes\)"):
        plots.error_by_latent_size([2, 10, 30], {"linear": [44.0, 24.0, 13.0]}, {})


def test_no_plot_leaves_a_curve_out_silently():
    many = [f"{number}" for number in range(9)]
    calls = {
        "along_the_way": plots.along_the_way("x", [0, 1], {"y": ({name: torch.rand(2, 2) for name in many}, {})}),
        "curves": plots.curves({name: [1.0, 2.0] for name in many}, "layer", "gradient"),
        "checkerboard_curves": plots.checkerboard_curves([0, 5], {name: [0.5, 0.1] for name in many}, {}),
    }
    for name, figure in calls.items():
        curves = [line for line in figure.canvas.axes[0].lines if line.get_label() in many]
        assert len(curves) == len(looks_of(curves)) == 9, name
    ring = ae.roc(torch.linspace(0, 1, 9), torch.linspace(0.5, 2, 9))
    assert len(plots.roc_curves(dict.fromkeys(many, ring), dict.fromkeys(many, (0.1, 0.4))).canvas.axes[0].lines) == 19


@pytest.mark.parametrize("code", [np.arange(3.0), [0.0, 1.0, 2.0], torch.arange(3.0).requires_grad_()])
def test_code_bars_takes_any_kind_of_numbers(code):
    (axes,) = plots.code_bars(code).canvas.axes
    assert [bar.get_height() for bar in axes.patches] == [0, 1, 2]


@pytest.mark.parametrize("logarithmic, scale", [(False, "linear"), (True, "log")])
def test_learning_curves_stretch_small_errors_when_asked_to(logarithmic, scale):
    (axes,) = plots.learning_curves({"record": HISTORY}, {"2006": 3.0}, logarithmic).canvas.axes
    assert axes.get_yscale() == scale
    assert axes.get_ylim()[0] <= 3.0 <= axes.get_ylim()[1]


def test_roc_curves_names_the_area_and_marks_the_threshold():
    (axes,) = CASES["roc_curves"]().canvas.axes
    (label,) = [text.get_text() for text in axes.get_legend().get_texts()]
    assert label == f"9 left out: AUC {ae.roc(torch.linspace(0, 1, 9), torch.linspace(0.5, 2, 9)).auc:.3f}"
    assert any(list(line.get_xdata()) == [0.05] and list(line.get_ydata()) == [0.4] for line in axes.lines)


def test_images_writes_the_reconstruction_error_under_each_image():
    figure = plots.images({"original": IMAGES, "black": torch.zeros_like(IMAGES)}, errors=True)
    assert notes_of(figure) == [[], [f"{image.square().sum():.1f}" for image in IMAGES]]


def test_outputs_of_a_model_can_be_drawn_without_detaching():
    model = ae.fully_connected((1, 12, 12), 3)
    parts_of(plots.images({"original": IMAGES, "reconstruction": model(IMAGES)}, errors=True))


def test_learning_curves_draws_training_solid_and_held_out_dashed():
    lines = plots.learning_curves({"20 latent": HISTORY, "stopped": UNFINISHED}).canvas.axes[0].lines
    assert [(line.get_linestyle(), list(line.get_ydata())) for line in lines] == [
        ("-", HISTORY.train_error),
        ("--", HISTORY.held_out_error),
        ("-", UNFINISHED.train_error),
    ]


def test_along_the_way_draws_the_mean_over_the_seeds_and_shares_in_percent():
    shares, distance = CASES["along_the_way"]().canvas.axes
    assert list(shares.lines[0].get_ydata()) == pytest.approx([0.85, 0.25, 0.9])
    assert list(distance.lines[0].get_ydata()) == [24, 30, 23]
    assert shares.yaxis.get_major_formatter()(0.5) == "50%" and distance.get_ylim()[1] > 30


def test_bars_are_the_mean_over_the_seeds_and_each_seed_is_a_dot():
    psnr, ssim = CASES["bars"]().canvas.axes
    assert [bar.get_width() for bar in psnr.patches] == pytest.approx([9.4, 18.25])
    assert [list(line.get_xdata()) for line in psnr.lines] == [[18.1, 18.4]]
    assert [text.get_text() for axes in (psnr, ssim) for text in axes.texts] == ["9.4", "18.2", "0.30", "0.71"]
    (axes,) = plots.bars({"mean image": 22.0, "network": [11.0, 13.0]}, "squared error").canvas.axes
    assert [bar.get_width() for bar in axes.patches] == [22, 12] and len(axes.lines) == 1


def test_ranges_of_seeds_stand_side_by_side_within_the_axes():
    drawing = plots.curves({name: torch.tensor([[1.0, 2.0], [3.0, 9.0]]) for name in ("one", "other")}, "x", "y")
    (axes,) = drawing.canvas.axes
    assert axes.get_ylim()[1] > 9
    bars = [
        axes.transData.inverted().transform(each.get_transform().transform(each.get_segments()[1]))
        for each in axes.collections
    ]
    assert bars[0][0, 0] < 2 < bars[1][0, 0] and all(each[:, 1].tolist() == pytest.approx([2, 9]) for each in bars)


def test_large_digits_of_a_map_do_not_cover_each_other():
    points = torch.cat([torch.randn(40, 2, generator=torch.Generator().manual_seed(0)) * 0.01, RING * 5])
    labels = torch.cat([torch.arange(40) % 10, torch.zeros(4, dtype=torch.int64)])
    (axes,) = plots.code_maps({"crowded": points}, labels).canvas.axes
    places = torch.tensor([text.get_position() for text in axes.texts]) / torch.tensor([10.0, 5.0])
    assert len(places) == 10 and torch.pdist(places).min() > 0.08


def test_curves_are_the_mean_over_the_seeds_and_end_where_their_numbers_end():
    (axes,) = CASES["curves"]().canvas.axes
    drawn = {line.get_label(): line.get_xydata().tolist() for line in axes.lines}
    assert drawn["one run"] == [[2, 44], [10, 24]]
    assert drawn["two seeds"] == [[2, 43.5], [10, 23.5], [30, 12.5]]
    assert drawn["PCA"] == [[2, 45], [10, 26], [30, 14]]
    assert [text.get_text() for text in axes.texts] == ["mean image", "here"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2", "10", "30"]
    assert {label.get_text() for label in axes.get_yticklabels()} == {"20", "50"}


def test_curves_without_places_are_counted_from_1_and_heights_from_0():
    (axes,) = plots.curves({"short": [3.0, 2.0], "long": [4.0, 3.0, 2.0]}, "epoch", "error").canvas.axes
    assert [list(line.get_xdata()) for line in axes.lines] == [[1, 2], [1, 2, 3]] and axes.get_ylim()[0] == 0


def test_places_too_near_for_a_number_under_each_get_the_usual_ones():
    (axes,) = plots.curves({"a": [3.0] * 30}, "epoch", "error", range(30)).canvas.axes
    assert len(axes.get_xticks()) < 10


def test_legends_have_as_many_columns_as_fit():
    for labels, columns in (
        (["PCA", "code"], 2),
        ([f"a network of {size} numbers" for size in "123"], 2),
        (["x" * 70] * 2, 1),
    ):
        figure = plots.curves({f"{label}{at}": [1.0, 2.0] for at, label in enumerate(labels)}, "", "")
        assert figure.canvas.legends[0]._ncols == columns


def test_columns_stand_around_the_place_of_their_name():
    (axes,) = CASES["columns"]().canvas.axes
    assert [bar.get_center()[0] for bar in axes.patches] == pytest.approx([0.8, 1.8, 1.2, 2.2])
    assert [bar.get_height() for bar in axes.patches] == pytest.approx([3, 1, *POINTS[0].tolist()])
    assert [text.get_text() for text in axes.texts] == ["3.0", "1.0", *(f"{each:.1f}" for each in POINTS[0])]


def test_histograms_are_shares_of_their_own_kind():
    (axes,) = plots.histogram({"few": [1.0, 2.0], "many": [1.0] * 30 + [2.0] * 10}, bins=2).canvas.axes
    outlines = [shape.get_xy() for shape in axes.patches[1::2]]
    assert [max(outline[:, 1]) for outline in outlines] == pytest.approx([0.5, 0.75])


@pytest.mark.parametrize("values, left", [([1.0, 4.0], 0), ([3.0, 4.0], 3), ([-1.0, 4.0], -1), ([2.0], 1.5)])
def test_histogram_begins_at_0_where_that_leaves_room(values, left):
    (axes,) = plots.histogram(values).canvas.axes
    assert axes.patches[0].get_xy()[:, 0].min() == left


def test_scatter_names_single_points_beside_them_and_many_in_a_legend():
    (single,) = CASES["scatter"]().canvas.axes
    assert [text.get_text() for text in single.texts] == ["real", "code"]
    assert [line.get_marker() for line in single.lines] == ["*", "o"]
    many = plots.scatter({"a": POINTS, "b": POINTS[:3]}).canvas
    assert [text.get_text() for text in many.legends[0].texts] == ["a", "b"] and not many.axes[0].texts


def test_heatmap_writes_its_numbers_and_is_white_at_0_where_some_are_below():
    axes, _ = CASES["heatmap"]().canvas.axes
    assert [text.get_text() for text in axes.texts] == [f"{number:.2f}" for number in POINTS[:6].flatten()]
    low, high = axes.images[0].get_clim()
    assert low == -high
    axes, _ = plots.heatmap([[0, 1], [2, 4]], written=".0f").canvas.axes
    assert axes.images[0].get_clim() == (0, 4)
    assert [text.get_color() for text in axes.texts] == ["black", "black", "black", "white"], "halfway is still pale"


def test_labels_beside_points_find_room_among_eleven_codes():
    """The codes of notebook 09: three of its points were once covered by labels."""
    errors = [0, 2.67, 4.69, 2.24, 0.78, 0.49, 2.91, 1.53, 1.25, 0.83, 2.79]
    shares = [0.694, 0.698, 0.718, 0.688, 0.706, 0.704, 0.724, 0.735, 0.703, 0.718, 0.743]
    names = (
        "pixels,PCA 20,blurred,bottleneck 20,copying,overcomplete,denoising,sparse,L2 penalty,tied weights,contractive"
    )
    results = {
        name: (error, 0.9, torch.tensor([share - 0.03, share + 0.03]))
        for name, error, share in zip(names.split(","), errors, shares, strict=True)
    }
    figure = plots.error_against_usefulness(results)
    axes, _ = figure.canvas.axes[0], figure.canvas.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    points = axes.transData.transform(list(zip(errors, shares, strict=True)))
    assert not any(box.padded(6).contains(*point) for box in boxes for point in points)
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))


WRONG = {
    "no dictionary": (lambda: plots.bars([1, 2]), r"values is .*; expected \{label: numbers\}"),
    "nothing": (lambda: plots.bars({}), "values is empty; expected"),
    "no number": (lambda: plots.bars({"a": "many"}), "a str cannot be drawn"),
    "None": (lambda: plots.bars({"a": None}), "cannot be drawn"),
    "a table for a bar": (lambda: plots.bars({"a": [[1, 2]]}), r"a has shape \(1, 2\); expected one number or a list"),
    "other labels": (lambda: plots.bars({"x": {"a": 1}, "y": {"b": 1}}), r"y has the labels \['b'\]; expected .*'a'"),
    "groups of two sizes": (lambda: plots.columns({"a": [1, 2], "b": [1]}), "b has 1 numbers; expected 2"),
    "too few names": (lambda: plots.columns([1, 2], names=["a"]), "there are 1 names; expected 2"),
    "too few places": (lambda: plots.curves({"a": [1, 2]}, "", "", [1]), "x has 1 numbers; expected 2"),
    "an empty curve": (lambda: plots.curves({"a": []}, "", ""), r"a has shape \(0,\); expected a list of numbers or"),
    "points in space": (lambda: plots.scatter({"a": torch.ones(4, 3)}), r"a have shape \(4, 3\); expected \(n, 2\)"),
    "no such star": (lambda: plots.scatter({"a": (1, 2)}, star="b"), "star is 'b'; expected one of a"),
    "none above 0": (lambda: plots.histogram([-1.0], logarithmic=True), "expected numbers above 0"),
    "not a number": (lambda: plots.bars({"a": [1.0, float("nan")]}), "a holds NaN or infinity; expected finite"),
    "no table": (lambda: plots.heatmap([1, 2]), r"the table has shape \(2,\); expected a table of numbers"),
    "too many rows": (lambda: plots.heatmap([[1, 2]], rows="ab"), "there are 2 rows; expected 1"),
    "maps in space": (lambda: plots.code_maps({"a": torch.ones(4, 3)}, torch.arange(4)), r"expected \(n, 2\)"),
    "no ROC curve": (lambda: plots.roc_curves({"a": [1, 2]}), "expected {label: what ae.roc returned}"),
}


@pytest.mark.parametrize("call, message", WRONG.values(), ids=WRONG)
def test_what_cannot_be_drawn_is_named_with_what_is_expected(call, message):
    with pytest.raises(ae.InputError, match=message):
        call()


def test_numbers_of_every_kind_are_drawn_alike():
    values = [3.0, -1.0, 2.5]
    tensor = torch.tensor(values)
    with_history = tensor * torch.ones(3, requires_grad=True)
    for given in (values, tuple(values), np.array(values), tensor, tensor.double(), list(tensor), with_history):
        (axes,) = plots.columns(given).canvas.axes
        assert [bar.get_height() for bar in axes.patches] == values


def test_agreement_bars_says_what_is_counted():
    figure = plots.agreement_bars({"one": [0.5], "three": [0.25]}, ["noise"], axis="% called a digit")
    assert figure.canvas.axes[0].get_ylabel() == "% called a digit" and "called a digit" in figure.description
    assert [bar.get_height() for bar in figure.canvas.axes[0].patches] == [50, 25]


def test_codes_lie_where_their_error_and_the_mean_of_their_draws_say():
    (axes,) = CASES["error_against_usefulness"]().canvas.axes
    points = {line.get_xydata()[0].tolist()[0]: line.get_xydata()[0].tolist()[1] for line in axes.lines[1:]}
    assert points == {error: pytest.approx(draws.mean().item()) for error, _, draws in RESULTS.values()}
    left, _, right = CASES["code_comparison"]().canvas.axes
    assert [bar.get_width() for bar in left.patches] == [error for error, _, _ in RESULTS.values()]
    assert [list(line.get_xdata()) for line in right.lines[: len(RESULTS)]] == [
        pytest.approx(draws.tolist()) for _, _, draws in RESULTS.values()
    ]


def test_labels_of_codes_that_lie_close_together_cover_neither_points_nor_one_another():
    places = {"pixels": (0.0, 0.694), "overcomplete": (0.49, 0.702), "copying": (0.78, 0.703), "tied": (0.83, 0.713)}
    places |= {"L2 penalty": (1.24, 0.701), "sparse": (1.5, 0.73), "bottleneck": (2.2, 0.687), "PCA": (2.7, 0.694)}
    results = {
        label: (error, 0.9, torch.tensor([share - 0.02, share + 0.02])) for label, (error, share) in places.items()
    }
    figure = plots.error_against_usefulness(results)
    axes, _ = figure.canvas.axes[0], figure.canvas.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert len(boxes) == len(places) and not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
    points = axes.transData.transform([*places.values()])
    assert not any(box.padded(8).contains(*point) for box in boxes for point in points)
    assert all(axes.get_window_extent().contains(box.x0, box.y0) for box in boxes)


def test_convolution_step_marks_the_window_and_writes_the_number():
    kernel = torch.tensor([[0.0, 0, 0], [0, 2, 0], [0, 0, 0]])
    figure = plots.convolution_step(IMAGES[0], kernel, 2 * IMAGES[0], 4, 7)
    image, window, weights, made = figure.canvas.axes
    (frame,) = image.patches
    assert frame.get_bbox().bounds == (5.5, 2.5, 3, 3)
    assert torch.equal(torch.tensor(window.images[0].get_array().data), IMAGES[0, 0, 3:6, 6:9])
    assert sorted(text.get_text() for text in weights.texts) == ["0"] * 8 + ["2"]
    assert made.get_xlabel().endswith(f"{2 * IMAGES[0, 0, 4, 7]:.2f}")


def test_overlap_counts_are_written_into_the_pixels():
    (axes,) = plots.overlap_counts({"uneven": torch.tensor([[1.0, 2.0], [2.0, 4.0]])}).canvas.axes
    assert [text.get_text() for text in axes.texts] == ["1", "2", "2", "4"]


def test_filters_and_maps_shows_all_maps_on_one_scale():
    maps = torch.ones(2, 1, 4, 4) * torch.tensor([1.0, 4.0])[:, None, None, None]
    figure = plots.filters_and_maps(IMAGES[0], torch.eye(3).expand(2, 1, 3, 3), maps, maps[:, :, :3, :3], [1.0, 2.0])
    second_row = [axes for axes in figure.canvas.axes if axes.images and axes.images[0].get_array().shape == (4, 4)]
    assert [axes.images[0].get_array().max() for axes in second_row] == [0.25, 1]


def test_symbols_stand_in_their_patches_and_the_most_common_one_is_grey():
    symbols = torch.tensor([[0, 7, 0, 63]])
    axes = plots.symbols_of_digits(IMAGES[:1], symbols, IMAGES[:1]).canvas.axes[1]
    written = {text.get_position(): (text.get_text(), text.get_color()) for text in axes.texts}
    grey, blue = "0.7", style.PALETTE[0]
    assert written[0.5, 0.5] == written[0.5, 1.5] == ("0", grey)
    assert written[1.5, 0.5] == ("7", blue) and written[1.5, 1.5] == ("63", blue)
