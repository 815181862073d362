"""aeutils: what the notebooks of the course on autoencoders share. `import aeutils as ae` is all they need."""

import importlib
import os

# Threads that wait for one another shall spin for some microseconds, then sleep. By default GNU OpenMP (Linux) spins
# so long that two notebooks training at once slow each other down many times over (tools/figures.py measures it).
# Torch reads the setting when it is loaded, so aeutils is imported before torch.
os.environ.setdefault("GOMP_SPINCOUNT", "2000")

from aeutils.data import load_faces, load_fashion, load_mnist
from aeutils.detection import roc
from aeutils.errors import CourseError, DataError, InputError, TrainingError
from aeutils.live import catch_up
from aeutils.metrics import (
    evaluate,
    linear_probe,
    neighbour_agreement,
    pca_floor,
    per_pixel_error,
    reconstruction_error,
)
from aeutils.models import Autoencoder, convolutional, count_parameters, fully_connected
from aeutils.single_pictures import load_picture
from aeutils.training import History, fit, seed_everything

__all__ = [
    "Autoencoder",
    "CourseError",
    "DataError",
    "History",
    "InputError",
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
    "load_mnist",
    "load_picture",
    "neighbour_agreement",
    "pca_floor",
    "per_pixel_error",
    "plots",
    "reconstruction_error",
    "roc",
    "seed_everything",
    "widgets",
]


SLOW = {"check": "aeutils.checks", "plots": "aeutils.plots", "widgets": "aeutils.widgets"}
"""Parts that are imported when they are first used: what they need takes time for which nobody should wait before."""


def __getattr__(name):
    """ae.check, ae.plots and ae.widgets, imported when first used."""
    if name in SLOW:
        return importlib.import_module(SLOW[name])
    raise AttributeError(f"module 'aeutils' has no attribute {name!r}")
