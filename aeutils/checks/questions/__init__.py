"""The questions, one module per notebook, in the order of the course. They do not import each other."""

from aeutils.checks.questions import (
    nb01_representation_learning,
    nb02_compression,
    nb03_the_simplest_autoencoder,
    nb04_the_bottleneck,
    nb05_deeper,
    nb06_the_latent_space,
    nb07_exercise_1,
    nb08_convolutional,
    nb09_regularisation,
    nb10_applications,
    nb11_blending,
    nb12_the_record,
    nb14_autoencoders_today,
)

__all__ = [
    "nb01_representation_learning",
    "nb02_compression",
    "nb03_the_simplest_autoencoder",
    "nb04_the_bottleneck",
    "nb05_deeper",
    "nb06_the_latent_space",
    "nb07_exercise_1",
    "nb08_convolutional",
    "nb09_regularisation",
    "nb10_applications",
    "nb11_blending",
    "nb12_the_record",
    "nb14_autoencoders_today",
]
