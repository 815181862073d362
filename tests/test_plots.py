"""aeutils.plots: every function returns an image of bounded size with a description, and changes no settings."""

import inspect
import io
import struct

import aeutils as ae
from aeutils import plots
from aeutils.plots import style
import matplotlib
import numpy as np
from PIL import Image
import pytest
import torch

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
    "codecs_on_a_image": lambda: plots.codecs_on_a_image(
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
    "cake": lambda: plots.cake(cherry=0.5, icing=3.3, filling=1300),
    "line_fits": lambda: plots.line_fits(*LINE_DATA, ((0.1, 3.0), (1.0, 0.0))),
    "two_classes": lambda: plots.two_classes(
        {"before": (RING, RING[:, 0] > 0, "x", "y"), "after": (RING, RING[:, 0] > 0, "x", "φ")}, ("a", "b"), line=0.5
    ),
    "growing_network": lambda: plots.growing_network(2, IMAGES[0], IMAGES[1]),
    "agreement_bars": lambda: plots.agreement_bars({"pixels": [0.9, 0.8], "code": [0.8, 0.7]}, ["odd?", "which?"]),
    "layer_sizes": lambda: plots.layer_sizes({"shallow": [784, 20, 784], "deep": [784, 256, 20, 256, 784]}),
    "error_against_cost": lambda: plots.error_against_cost(
        {"shallow": 32_000, "deep": 470_000}, {"shallow": HISTORY, "deep": HISTORY}, {"PCA": 18.45}
    ),
    "training_against_test": lambda: plots.training_against_test({"deep": (8.1, 8.3), "300 digits": (3.0, 25.0)}),
    "by_layer": lambda: plots.by_layer({"small": [1e-9, 1e-4, 1.0], "He's": [0.5, 0.4, 0.3]}, "gradient"),
    "code_maps": lambda: plots.code_maps({"PCA": POINTS, "t-SNE": POINTS**2}, torch.arange(40) % 10),
    "map_and_decoded_grid": lambda: plots.map_and_decoded_grid(
        POINTS,
        torch.arange(40) % 3,
        IMAGES.reshape(3, 2, 1, 12, 12),
        torch.tensor([-1.0, 1]),
        torch.tensor([-1.0, 0, 1]),
    ),
    "by_component": lambda: plots.by_component(torch.linspace(0.095, 0.005, 20), {2: 0.3, 10: 0.8, 20: 0.9}),
    "spread_bars": lambda: plots.spread_bars(torch.linspace(0, 2, 20)),
    "code_lengths": lambda: plots.code_lengths({"digits": POINTS[:, 0] + 3, "halfway": POINTS[:, 1] + 2}),
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
    "quality_bars": lambda: plots.quality_bars({"noisy": (9.4, 0.3), "non-local\nmeans": (15.9, 0.52)}),
    "quality_against_noise": lambda: plots.quality_against_noise(
        [0.1, 0.5, 1.0], {"nothing": [22.0, 9.4, 6.0], "autoencoder": [19.0, 18.5, 13.9]}, trained=0.5
    ),
    "error_bars": lambda: plots.error_bars({"mean image": 22.6, "network": 11.8}, "squared error"),
    "colour_images": lambda: plots.colour_images({"original": COLOURS, "coloured by\na network": COLOURS**2}),
    "score_histograms": lambda: plots.score_histograms(
        {"digits": torch.linspace(0.5, 30, 50), "others": torch.linspace(15, 300, 50)}, 25.0
    ),
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
    "layers_drawn": lambda: plots.layers_drawn(IMAGES[0], IMAGES[1]),
    "codes_beside_each_other": lambda: plots.codes_beside_each_other({"portrait": POINTS[0], "cat": POINTS[1]}),
    "overfitting_curves": lambda: plots.overfitting_curves(HISTORY, ("old", "new"), {"PCA": 20.0}),
    "active_code_numbers": lambda: plots.active_code_numbers(torch.tensor([0.0, 0.5, 1.0])),
    "error_by_changed_digit": lambda: plots.error_by_changed_digit({"exact": ([1, 2], [9, 3])}, {"mean image": 5.0}),
    "error_against_size": lambda: plots.error_against_size(
        [2, 10], torch.tensor([[44.0, 24.0], [43.0, 23.0]]), {"a": [53, 53], "b": [44, 27], "c": [43, 25]}, "digits"
    ),
    "principal_angles": lambda: plots.principal_angles(
        {"ours": np.array([3.0, 1.0]), "random": np.array([89.0, 70.0])}
    ),
    "share_bars": lambda: plots.share_bars({"pixels": 0.9, "code": 0.5}, chance=0.1, axis="right answers"),
}
"""One call of every plot function."""


def png_of(figure):
    """What a notebook is given: (width, height, alt text, plain text). Raises when it is no PNG."""
    bundle, metadata = figure._repr_mimebundle_()
    png = bundle["image/png"]
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and png[12:16] == b"IHDR" and png[-8:-4] == b"IEND"
    return *struct.unpack(">II", png[16:24]), metadata["image/png"]["alt"], bundle["text/plain"]


def test_every_plot_function_has_a_case():
    functions = [name for name, _ in inspect.getmembers(plots, inspect.isfunction)]
    assert [*sorted([*CASES, "projector"])] == functions == [name for name in plots.__all__ if name != "Figure"]


@pytest.mark.parametrize("name", CASES)
def test_figure_is_a_image_of_bounded_size_with_a_description(name):
    figure = CASES[name]()
    assert isinstance(figure, plots.Figure)
    width, height, alt, text = png_of(figure)
    assert 300 <= width <= 1100 and 100 <= height <= 1100
    assert alt == figure.description and len(alt) > 20
    assert figure.description in text


@pytest.fixture
def on_projector():
    plots.projector()
    yield
    plots.projector(False)


@pytest.mark.parametrize("name", CASES)
def test_figure_for_a_projector_is_half_as_large_again(name, on_projector):
    large = png_of(CASES[name]())
    plots.projector(False)
    usual = png_of(CASES[name]())
    assert [round(large[side] / usual[side], 2) for side in (0, 1)] == [1.5, 1.5]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("on", [True, False])
def test_nothing_is_cut_off_at_the_edge(name, on, on_projector):
    plots.projector(on)
    drawing = Image.open(io.BytesIO(CASES[name]()._png())).convert("L")
    right, bottom = drawing.width - 1, drawing.height - 1
    edges = [(0, 0, 1, bottom), (right, 0, right + 1, bottom), (0, 0, right, 1), (0, bottom, right, bottom + 1)]
    assert all(drawing.crop(edge).getextrema() == (255, 255) for edge in edges)


@pytest.mark.parametrize("name", CASES)
def test_settings_of_matplotlib_stay_as_they_were(name):
    before = dict(matplotlib.rcParams)
    png_of(CASES[name]())
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("name", CASES)
def test_same_call_gives_the_same_bytes(name):
    assert CASES[name]()._repr_mimebundle_() == CASES[name]()._repr_mimebundle_()


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


def test_images_keep_black_and_white_whatever_the_images_hold():
    figure = plots.images({"grey": IMAGES[2:4]})
    assert {image.get_clim() for axes in figure.canvas.axes for image in axes.images} == {(0, 1)}


def test_images_in_colour_keep_every_colour():
    drawing = Image.open(io.BytesIO(CASES["colour_images"]()._png())).convert("RGB")
    shown = {colour for _, colour in drawing.getcolors(maxcolors=10**6)}
    for image in COLOURS:
        for pixel in (image.permute(1, 2, 0).reshape(-1, 3)[::30] * 255).round().int().tolist():
            assert any(max(abs(a - b) for a, b in zip(pixel, colour, strict=True)) <= 4 for colour in shown)
    few = Image.open(io.BytesIO(CASES["images"]()._png())).convert("RGB")
    assert len(few.getcolors(maxcolors=10**6)) <= 128


@pytest.mark.parametrize("logarithmic, scale", [(False, "linear"), (True, "log")])
def test_learning_curves_stretch_small_errors_when_asked_to(logarithmic, scale):
    (axes,) = plots.learning_curves({"record": HISTORY}, {"2006": 3.0}, logarithmic).canvas.axes
    assert axes.get_yscale() == scale
    assert axes.get_ylim()[0] <= 3.0 <= axes.get_ylim()[1]


def test_roc_curves_names_the_area_and_marks_the_threshold():
    (axes,) = CASES["roc_curves"]().canvas.axes
    (label,) = [text.get_text() for text in axes.get_legend().get_texts()]
    assert label == f"9 left out: AUC {ae.roc(torch.linspace(0, 1, 9), torch.linspace(0.5, 2, 9)).auc:.2f}"
    assert any(list(line.get_xdata()) == [0.05] and list(line.get_ydata()) == [0.4] for line in axes.lines)


def test_images_writes_the_reconstruction_error_under_each_image():
    figure = plots.images({"original": IMAGES, "black": torch.zeros_like(IMAGES)}, errors=True)
    written = [axes.get_xlabel() for axes in figure.canvas.axes if axes.get_xlabel()]
    assert written == [f"{image.square().sum():.1f}" for image in IMAGES]


def test_outputs_of_a_model_can_be_drawn_without_detaching():
    model = ae.fully_connected((1, 12, 12), 3)
    png_of(plots.images({"original": IMAGES, "reconstruction": model(IMAGES)}, errors=True))


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
