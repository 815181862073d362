"""Measure the figures that the course promises and print them as a table, each with its limit.

    python tools/figures.py            print them
    python tools/figures.py --write    and put them into docs/measured.md

Needs whole MNIST and two idle cores. Exits with 1 when a limit is missed.
"""

from itertools import chain
import os
import subprocess
import sys
import time

from pages import publish
import torch
from torch.utils.data import DataLoader

import aeutils as ae

SHAPE = (1, 28, 28)


def seconds_of(action):
    """How long a call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def simplest(digits, latent_size, limit):
    """Test error and training seconds of one layer each way."""
    ae.seed_everything(0)
    model = ae.fully_connected(SHAPE, latent_size)
    history = ae.fit(model, digits.train_images, 10)
    error, seconds = ae.evaluate(model, digits.test_images), sum(history.seconds)
    yield f"784-{latent_size}-784, test error", f"{error:.2f}", f"at most {limit}", error <= limit
    yield f"784-{latent_size}-784, training", f"{seconds:.1f} s", "at most 10 s", seconds <= 10


def deep(digits):
    """Test error and training seconds of two hidden layers each way: the deep network of notebook 05."""
    for latent_size, limit in [(20, 8.5), (10, 12.5), (2, 31)]:
        ae.seed_everything(0)
        model = ae.fully_connected(SHAPE, latent_size, hidden=(256, 128))
        history = ae.fit(model, digits.train_images, 6, batch_size=256, learning_rate=0.007)
        error, seconds = ae.evaluate(model, digits.test_images), sum(history.seconds)
        what, met = f"784-256-128-{latent_size} and back", error <= limit and seconds <= 15
        yield what, f"{error:.2f} in {seconds:.1f} s", f"at most {limit} in 15 s of training", met


def loader_epoch(model, loader):
    """One epoch as in most tutorials: DataLoader over a torchvision data set with ToTensor."""
    optimizer = torch.optim.Adam(model.parameters())
    for images, _ in loader:
        loss = ae.reconstruction_error(model(images), images)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def against_loader(digits):
    """Ratio of one epoch's seconds, DataLoader loop to ae.fit, batch 128; median of three rounds in turn."""
    from torchvision.datasets import MNIST
    from torchvision.transforms import ToTensor

    root = next(part for part in [*os.environ.get("AEUTILS_DATA", "").split(os.pathsep), ae.data.DATA] if part)
    loader = DataLoader(MNIST(root, transform=ToTensor()), batch_size=128, shuffle=True)
    ratios = []
    for _ in range(3):
        slow = seconds_of(lambda: loader_epoch(ae.fully_connected(SHAPE, 20), loader))
        ratios.append(slow / ae.fit(ae.fully_connected(SHAPE, 20), digits.train_images, 1).seconds[0])
    ratio = sorted(ratios)[1]
    yield "one epoch, DataLoader loop against ae.fit", f"{ratio:.1f} times slower", "at least 5 times", ratio >= 5


def portrait():
    """The single portrait of notebook 03, with its loop: 10,000-20-10,000."""
    image = ae.load_image("astronaut", size=100, crop=(0, 110, 230))
    cat = ae.load_image("chelsea", size=100, crop=(20, 120, 230))
    ae.seed_everything(0)
    model = ae.fully_connected((1, 100, 100), 20)
    seconds = seconds_of(lambda: ae.fit(model, image, 400, learning_rate=0.001))
    with torch.no_grad():
        error = ae.per_pixel_error(model(image), image).item()
        to_portrait, to_cat = (ae.per_pixel_error(model(cat), other).item() for other in (image, cat))
    yield "one portrait, error per pixel", f"{error:.6f}", "below 0.001", error < 0.001
    yield "one portrait, training", f"{seconds:.1f} s", "under 5 s", seconds < 5
    met = to_portrait < to_cat
    yield "a cat fed to it: to portrait, to cat", f"{to_portrait:.4f}, {to_cat:.4f}", "nearer the portrait", met


def baselines(digits):
    """PCA's test errors against the published ones."""
    sizes = [2, 10, 20, 30]
    found = [round(floor, 2) for floor in ae.pca_error(sizes, digits.train_images, digits.test_images)]
    true = [43.64, 26.71, 18.45, 13.87]
    yield "PCA error, 2 / 10 / 20 / 30", " / ".join(map(str, found)), " / ".join(map(str, true)), found == true


def starting():
    """Seconds of `import aeutils` and of `import torch` alone in new processes, best of three in turn."""
    best = {"torch": 99.0, "aeutils": 99.0}
    for _ in range(3):
        for name in best:
            run = [sys.executable, "-c", f"import {name}"]
            best[name] = min(best[name], seconds_of(lambda run=run: subprocess.run(run, check=True)))
    text = f"{best['aeutils']:.1f} s, torch alone {best['torch']:.1f} s"
    yield "import aeutils", text, "at most 3 s", best["aeutils"] <= 3
    seconds = seconds_of(ae.load_mnist)
    yield "load whole MNIST", f"{seconds:.2f} s", "under 1 s", seconds < 1


def crowded():
    """How much slower training is while a second notebook trains too, with our thread setting and with OpenMP's."""
    code = (
        "import aeutils as ae, torch\n"
        "images = torch.rand(20_000, 1, 28, 28)\n"
        "model = ae.fully_connected((1, 28, 28), 20)\n"
        "ae.fit(model, images, 1)\n"
        "print(sum(ae.fit(model, images, 8, batch_size=256).seconds))"
    )
    for label, spins in [("as set by aeutils", os.environ["GOMP_SPINCOUNT"]), ("OpenMP's default", "300000")]:
        variables = {**os.environ, "GOMP_SPINCOUNT": spins}
        command = [sys.executable, "-c", code]
        alone = float(subprocess.run(command, env=variables, check=True, capture_output=True).stdout)
        pair = [subprocess.Popen(command, env=variables, stdout=subprocess.PIPE) for _ in range(2)]
        together = max(float(process.communicate()[0]) for process in pair)
        yield f"two notebooks training at once, threads {label}", f"{together / alone:.1f} times slower", "", True


def measure():
    """All rows: (what, measured, limit, whether it is met)."""
    digits = ae.load_mnist()
    if not digits.whole:
        raise SystemExit("The figures need whole MNIST; set AEUTILS_DATA or connect to the network.")
    ae.fit(ae.fully_connected(SHAPE, 20), digits.test_images, 1)  # torch imports its compiler in the first step
    for latent_size, limit in [(20, 13.5), (10, 24), (2, 44.5)]:
        yield from simplest(digits, latent_size, limit)
    yield from deep(digits)
    yield from against_loader(digits)
    yield from portrait()
    yield from baselines(digits)
    yield from starting()
    yield from crowded()


def main():
    os.environ["CI"] = "true"  # no progress bars
    head = ["| what | measured on two cores | limit |", "|---|---|---|"]
    rows = ((f"| {what} | {measured} | {limit} |", met) for what, measured, limit, met in measure())
    return publish("figures", chain(((line, True) for line in head), rows))


if __name__ == "__main__":
    sys.exit(main())
