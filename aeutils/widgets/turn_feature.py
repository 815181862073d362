"""One feature of a network's hidden layer, turned by hand, and the network's answer beside it."""

import copy

import torch

from aeutils.errors import InputError
from aeutils.plots import Figure
from aeutils.plots import images as image_rows
from aeutils.validation import DIGIT, check_images, check_labels, kind_of
from aeutils.widgets.assemble import bundle
from aeutils.widgets.base import FIRST, Explorer, live_or_still
from aeutils.widgets.contents import Contents, check_finite

COMPARED = 1000
"""The number of images among which those are found for which a feature is largest."""
RARE = 5
"""A feature that is active for fewer of them is left out."""
STRONGEST = 8
"""So many of these digits are shown."""
CLASSES = 10


def turn_feature(images, labels, activity, features, directions, last_layer):
    """Turn one feature of a classifier's hidden layer up or down, and see its answer change.

    images: float32 (n, 1, 28, 28) in [0, 1], n at least 2; the first 100 can be chosen. labels: whole numbers (n,) from
    0 to 9. activity: float32 (n, units), the hidden layer's. features: float32 (n, count), how strong each feature of
    a sparse autoencoder is in it; those active for fewer than 5 of the first 1,000 images are left out. directions:
    float32 (units, count), what each feature adds to the activity where it is 1: the weights of the decoder.
    last_layer: a module that turns activity (1, units) into ten outputs, whose softmax is the answer; not changed.
    Returns an Explorer, or a Figure where nobody can move anything. Raises InputError for what cannot work.
    """
    check_images("images", images)
    if images.shape[1:] != DIGIT or len(images) < 2:
        raise InputError(f"images have shape {tuple(images.shape)}; expected (n, 1, 28, 28) with n at least 2")
    check_labels(labels, images)
    values = {"activity": activity, "features": features, "directions": directions}
    _check_values(len(images), values)
    _check_layer(last_layer, activity)
    values = {name: each.detach() for name, each in values.items()}
    alive = often_active(values["features"])
    if len(alive) == 0:
        raise InputError(f"features has none that is active for {RARE} of the first {COMPARED:,} images")
    return live_or_still(TurnFeature, contents, still, images, labels, values, alive, copy.deepcopy(last_layer).eval())


def often_active(features):
    """The numbers of the features (n, count) that are not rare."""
    return (features[:COMPARED] > 0).sum(0).ge(min(RARE, len(features))).nonzero().flatten()


def _check_values(count, values):
    """Raise InputError unless the three matrices are finite floats that fit the images and each other."""
    for name, each in values.items():
        if not isinstance(each, torch.Tensor) or not each.is_floating_point() or each.ndim != 2:
            given = f"{each.dtype} {tuple(each.shape)}" if isinstance(each, torch.Tensor) else kind_of(each)
            raise InputError(f"{name} is {given}; expected a matrix of floats")
        if not each.isfinite().all():
            raise InputError(f"{name} holds NaN or infinity; train the model anew with a smaller learning rate")
    (rows, units), (others, features), shape = (tuple(each.shape) for each in values.values())
    if rows != count or others != count:
        raise InputError(f"activity has {rows} rows, features {others}; expected one for each of the {count} images")
    if shape != (units, features):
        raise InputError(f"directions has shape {shape}; expected (units, features), here ({units}, {features})")


def _check_layer(layer, activity):
    """Raise InputError unless a module turns one row of the activity into ten outputs."""
    if not isinstance(layer, torch.nn.Module):
        raise InputError(f"last_layer is {kind_of(layer)}; expected a module, such as classifier[-1]")
    check_finite(layer)
    try:
        with torch.no_grad():
            shape = tuple(layer(activity[:1]).shape)
    except (RuntimeError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"last_layer cannot take activity of shape {tuple(activity[:1].shape)} ({error})") from None
    if shape != (1, CLASSES):
        raise InputError(f"last_layer makes {shape} of one row of activity; expected (1, {CLASSES})")


class TurnFeature(Explorer):
    """The explorer: a digit, a feature and its value, the digits for which it is largest, and the answers as bars."""

    _esm = bundle("turn_feature.js")


def contents(images, labels, values, alive, last_layer, **options):
    """The Contents of the explorer; options: those of Contents."""
    made = Contents("turn_feature", **options)
    made.images("images", images[:COMPARED])
    made.numbers("labels", labels[:COMPARED])
    made.weights("activity", values["activity"][:FIRST])
    made.weights("features", values["features"][:COMPARED, alive])
    made.weights("directions", values["directions"][:, alive].T)
    made.network("last layer", last_layer, values["activity"][:1])
    made.fields["numbers"] = alive.tolist()
    return made


def still(images, _labels, values, alive, _last_layer):
    """The Figure in the explorer's place: the digits for which each of the most frequent features is largest."""
    features = values["features"][:COMPARED]
    frequent = alive[(features[:, alive] > 0).sum(0).argsort(descending=True, stable=True)[:4]]
    strongest = features[:, frequent].argsort(dim=0, descending=True, stable=True)[:STRONGEST]
    rows = {f"feature {number}": images[strongest[:, row]] for row, number in enumerate(frequent.tolist())}
    words = "Of each of the features that are most often active, the digits for which it is largest"
    return Figure(image_rows(rows).canvas, f"{words}, one feature in each row.")
