"""ae.fit: for one epoch with the settings of the others, for a target error with its own."""

from functools import partial
import time

import torch

import aeutils as ae

SETTINGS = {
    "784-20-784": (48_000, (0.8, 0.9), {"epochs": 1, "batch_size": 96, "learning_rate": 0.03}),
    "784-256-64-20 and back": (40_000, (0.9, 0.95), {"epochs": 2, "batch_size": 96, "learning_rate": 0.007}),
}
"""Training images, betas and other settings with which ae.fit reaches the target errors. Chosen among some 60: the
fewest images with which the error on the last 10,000 training images, never trained on, is below the target. In so few
steps Adam does better with a shorter memory than usual; the deep network takes more and smaller steps."""


def load(train_images, test_images, batch):
    """Keep the data."""
    global train, test, batch_size
    train, test = (torch.from_numpy(images).reshape(-1, 1, 28, 28) for images in (train_images, test_images))
    batch_size = batch


class Network:
    """An autoencoder of the course."""

    def __init__(self, widths, learning_rate):
        ae.seed_everything(0)
        self.model = ae.fully_connected((1, 28, 28), widths[-1], widths[1:-1])
        self.learning_rate = learning_rate

    def warm_up(self):
        """Nothing has to be compiled; the memory is asked for."""
        ae.fit(ae.fully_connected((1, 28, 28), 2), train[: 4 * batch_size], 1)

    def epoch(self):
        """One pass over the training images."""
        ae.fit(self.model, train, 1, batch_size=batch_size, learning_rate=self.learning_rate)


def reach(net, target, learning_rate):
    """A whole training with its schedule, whose end is set before it begins."""
    from worker import WIDTHS

    network = Network(WIDTHS[net], learning_rate)
    network.warm_up()
    start = time.perf_counter()
    images, betas, settings = SETTINGS[net]
    ae.fit(network.model, train[:images], optimizer=partial(ae.optimizers.Adam, betas=betas), **settings)
    seconds, error = time.perf_counter() - start, ae.evaluate(network.model, test)
    return {"seconds": seconds if error <= target else None, "error": error}
