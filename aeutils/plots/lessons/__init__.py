"""The drawings of single lessons, a module for each notebook that has some of its own; also found as ae.plots.NAME."""

from aeutils.plots.lessons.autoencoders_today import symbols_of_digits
from aeutils.plots.lessons.blending import along_the_way
from aeutils.plots.lessons.compression import (
    bytes_against_error,
    bytes_before_and_after,
    codecs_on_an_image,
    image_as_sound,
    text_through_codec,
    three_ways_to_learn,
)
from aeutils.plots.lessons.convolutional import (
    checkerboard_curves,
    convolution_step,
    error_by_kind,
    filters_and_maps,
    overlap_counts,
    weight_tables,
)
from aeutils.plots.lessons.deeper import (
    decoded_surfaces,
    error_against_cost,
    error_by_latent_size,
    layer_sizes,
    training_against_test,
)
from aeutils.plots.lessons.exercise_1 import errors_by_epoch, pixel_losses
from aeutils.plots.lessons.regularisation import code_comparison, error_against_usefulness
from aeutils.plots.lessons.representation_learning import (
    agreement_bars,
    cake,
    growing_network,
    line_fits,
    similarity_histogram,
    two_classes,
    who_is_most_alike,
)
from aeutils.plots.lessons.the_bottleneck import error_by_changed_digit
from aeutils.plots.lessons.the_latent_space import by_component, map_and_decoded_grid, share_bars
from aeutils.plots.lessons.the_simplest_autoencoder import (
    active_code_numbers,
    code_bars,
    codes_beside_each_other,
    layers_drawn,
    overfitting_curves,
)

__all__ = [
    "active_code_numbers",
    "agreement_bars",
    "along_the_way",
    "by_component",
    "bytes_against_error",
    "bytes_before_and_after",
    "cake",
    "checkerboard_curves",
    "code_bars",
    "code_comparison",
    "codecs_on_an_image",
    "codes_beside_each_other",
    "convolution_step",
    "decoded_surfaces",
    "error_against_cost",
    "error_against_usefulness",
    "error_by_changed_digit",
    "error_by_kind",
    "error_by_latent_size",
    "errors_by_epoch",
    "filters_and_maps",
    "growing_network",
    "image_as_sound",
    "layer_sizes",
    "layers_drawn",
    "line_fits",
    "map_and_decoded_grid",
    "overfitting_curves",
    "overlap_counts",
    "pixel_losses",
    "share_bars",
    "similarity_histogram",
    "symbols_of_digits",
    "text_through_codec",
    "three_ways_to_learn",
    "training_against_test",
    "two_classes",
    "weight_tables",
    "who_is_most_alike",
]
