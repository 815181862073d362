"""Every figure of the course.

Each function returns a Figure: the last line of a cell shows it, with a description in words beside it.
"""

from aeutils.plots.applications import (
    colour_images,
    comparison_bars,
    error_bars,
    quality_against_noise,
    roc_curves,
    score_histograms,
)
from aeutils.plots.blending import along_the_way, code_lengths
from aeutils.plots.compression import (
    bytes_against_error,
    bytes_before_and_after,
    codecs_on_an_image,
    image_as_sound,
    text_through_codec,
    three_ways_to_learn,
)
from aeutils.plots.convolution import (
    checkerboard_curves,
    convolution_step,
    error_by_kind,
    filters_and_maps,
    overlap_counts,
    weight_tables,
)
from aeutils.plots.curves import code_bars, error_by_latent_size, learning_curves
from aeutils.plots.depth import by_layer, error_against_cost, layer_sizes, training_against_test
from aeutils.plots.images import images, pixel_by_pixel, signed_images
from aeutils.plots.latent_space import by_component, code_maps, map_and_decoded_grid, share_bars, spread_bars
from aeutils.plots.regularisation import code_comparison, error_against_usefulness
from aeutils.plots.representation import (
    agreement_bars,
    cake,
    growing_network,
    line_fits,
    similarity_histogram,
    two_rings,
    who_is_most_alike,
)
from aeutils.plots.style import Figure, projector

__all__ = [
    "Figure",
    "agreement_bars",
    "along_the_way",
    "by_component",
    "by_layer",
    "bytes_against_error",
    "bytes_before_and_after",
    "cake",
    "checkerboard_curves",
    "code_bars",
    "code_comparison",
    "code_lengths",
    "code_maps",
    "codecs_on_an_image",
    "colour_images",
    "comparison_bars",
    "convolution_step",
    "error_against_cost",
    "error_against_usefulness",
    "error_bars",
    "error_by_kind",
    "error_by_latent_size",
    "filters_and_maps",
    "growing_network",
    "image_as_sound",
    "images",
    "layer_sizes",
    "learning_curves",
    "line_fits",
    "map_and_decoded_grid",
    "overlap_counts",
    "pixel_by_pixel",
    "projector",
    "quality_against_noise",
    "roc_curves",
    "score_histograms",
    "share_bars",
    "signed_images",
    "similarity_histogram",
    "spread_bars",
    "text_through_codec",
    "three_ways_to_learn",
    "training_against_test",
    "two_rings",
    "weight_tables",
    "who_is_most_alike",
]
