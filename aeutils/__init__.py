"""aeutils: what the notebooks of the course on autoencoders share. `import aeutils as ae` is all they need."""

import importlib
import os

# Threads that wait for one another spin for some microseconds, then sleep. By default GNU OpenMP (Linux) spins
# so long that two notebooks training at once slow each other down many times over (tools/figures.py measures it).
# Torch reads the setting when it is loaded. course.py makes it for all that it starts; where it does not start Python,
# as in Colab, the notebooks import aeutils before torch.
os.environ.setdefault("GOMP_SPINCOUNT", "2000")
# OpenBLAS, which multiplies for NumPy and scikit-learn, has no such setting: its threads wait by spinning, and the
# matrices of the course are too small to be worth a second one. Torch has threads of its own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from aeutils import compiler, notebook
from aeutils.data import load_faces, load_fashion, load_mnist
from aeutils.errors import CourseError, DataError, InputError, TrainingError
from aeutils.jury import Jury
from aeutils.metrics import (
    evaluate,
    linear_probe,
    nearest_neighbour_accuracy,
    pca_error,
    per_pixel_error,
    reconstruction_error,
    roc,
)
from aeutils.models import Autoencoder, convolutional, count_parameters, fully_connected
from aeutils.notebook import Sound, catch_up
from aeutils.sample_images import load_image
from aeutils.training import History, fit, seed_everything

__all__ = [
    "Autoencoder",
    "CourseError",
    "DataError",
    "History",
    "InputError",
    "Jury",
    "Sound",
    "TrainingError",
    "catch_up",
    "check",
    "convolutional",
    "count_parameters",
    "evaluate",
    "fit",
    "fully_connected",
    "linear_probe",
    "load_faces",
    "load_fashion",
    "load_image",
    "load_mnist",
    "nearest_neighbour_accuracy",
    "pca_error",
    "per_pixel_error",
    "plots",
    "predict",
    "reconstruction_error",
    "reveal",
    "roc",
    "seed_everything",
    "widgets",
]


compiler.postpone()
notebook.give_back_memory()

SLOW = {"check": "aeutils.checks", "plots": "aeutils.plots", "widgets": "aeutils.widgets"}
"""Submodules imported on first use, because they are slow to import."""
PREDICTIONS = ("predict", "reveal")
"""Functions of aeutils.predictions, which is imported on first use, too."""


def __getattr__(name):
    """ae.check, ae.plots and ae.widgets, ae.predict and ae.reveal, imported when first used."""
    if name in SLOW:
        return importlib.import_module(SLOW[name])
    if name in PREDICTIONS:
        return getattr(importlib.import_module("aeutils.predictions"), name)
    raise AttributeError(f"module 'aeutils' has no attribute {name!r}")
