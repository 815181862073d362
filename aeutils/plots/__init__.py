"""Every figure of the course.

Each function returns a Figure: the last line of a cell shows it, with a description in words beside it, and its
show() does so anywhere else. Images and numbers may be tensors, arrays or lists.
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
from aeutils.plots.bottleneck import error_against_size, error_by_changed_digit, principal_angles
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
from aeutils.plots.curves import code_bars, error_by_latent_size, errors_by_epoch, learning_curves, pixel_losses
from aeutils.plots.depth import by_layer, decoded_surfaces, error_against_cost, layer_sizes, training_against_test
from aeutils.plots.images import images, pixel_by_pixel, signed_images
from aeutils.plots.latent_space import (
    by_component,
    code_maps,
    map_and_decoded_grid,
    share_bars,
    spread_bars,
    two_measures,
)
from aeutils.plots.regularisation import code_comparison, error_against_usefulness
from aeutils.plots.representation import (
    agreement_bars,
    cake,
    growing_network,
    line_fits,
    similarity_histogram,
    two_classes,
    who_is_most_alike,
)
from aeutils.plots.simplest_autoencoder import (
    active_code_numbers,
    codes_beside_each_other,
    layers_drawn,
    overfitting_curves,
)
from aeutils.plots.style import Figure, projector

__all__ = [
    "Figure",
    "active_code_numbers",
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
    "codes_beside_each_other",
    "colour_images",
    "comparison_bars",
    "convolution_step",
    "decoded_surfaces",
    "error_against_cost",
    "error_against_size",
    "error_against_usefulness",
    "error_bars",
    "error_by_changed_digit",
    "error_by_kind",
    "error_by_latent_size",
    "errors_by_epoch",
    "filters_and_maps",
    "growing_network",
    "image_as_sound",
    "images",
    "layer_sizes",
    "layers_drawn",
    "learning_curves",
    "line_fits",
    "map_and_decoded_grid",
    "overfitting_curves",
    "overlap_counts",
    "pixel_by_pixel",
    "pixel_losses",
    "principal_angles",
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
    "two_classes",
    "two_measures",
    "weight_tables",
    "who_is_most_alike",
]
