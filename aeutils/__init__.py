"""aeutils: what the notebooks of the course on autoencoders share. `import aeutils as ae` is all they need."""

import importlib
import os

# Threads that wait for one another shall spin for some microseconds, then sleep. By default GNU OpenMP (Linux) spins
# so long that two notebooks training at once slow each other down many times over (tools/figures.py measures it).
# Torch reads the setting when it is loaded, so aeutils is imported before torch.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

from aeutils.data import load_faces, load_mnist, load_picture
from aeutils.errors import CourseError, DataError, InputError, TrainingError
from aeutils.metrics import evaluate, neighbour_agreement, pca_floor, per_pixel_error, reconstruction_error
from aeutils.models import Autoencoder, count_parameters, fully_connected
from aeutils.training import History, fit, seed_everything

__all__ = [
    "Autoencoder",
    "CourseError",
    "DataError",
    "History",
    "InputError",
    "TrainingError",
    "count_parameters",
    "evaluate",
    "fit",
    "fully_connected",
    "load_faces",
    "load_mnist",
    "load_picture",
    "neighbour_agreement",
    "pca_floor",
    "per_pixel_error",
    "plots",
    "reconstruction_error",
    "seed_everything",
]


def __getattr__(name):
    """Import aeutils.plots when it is first used: matplotlib takes a second that `import aeutils` need not wait for."""
    if name == "plots":
        return importlib.import_module("aeutils.plots")
    raise AttributeError(f"module 'aeutils' has no attribute {name!r}")
