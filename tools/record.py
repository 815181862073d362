"""The record of notebook 12 with its spread: the network of 2006 by the notebook's recipe, for several seeds.

    python tools/record.py 15 0 1 2    train for 15 epochs from each of these seeds, and measure on the test digits
    python tools/record.py --write     time an epoch, and put all trainings so far into docs/measured.md, with a figure

Each training adds a line to docs/record.csv; one that stands there is not done again. Errors do not depend on what else
the machine does; --write wants two idle cores. Both need whole MNIST. Rates, betas and schedule were chosen on held-out
training digits.
"""

import csv
import os
from pathlib import Path
from statistics import mean, median, stdev
import sys

from benchmark import speed_limit
from build_notebooks import taught
from pages import GALLERY, fill
import torch

import aeutils as ae
from aeutils import hardware

LOG = Path(__file__).parents[1] / "docs" / "record.csv"
HEAD = ["epochs", "seed", "train_error", "test_error"]
SIZES = (1000, 500, 250)
WEIGHTS = 2 * (784 * 1000 + 1000 * 500 + 500 * 250 + 250 * 30)
REFERENCES = {"2006": 3.0, "logistic PCA": 8.01}


def network(seed):
    """784-1000-500-250-30 and back, with SiLU."""
    ae.seed_everything(seed)
    model = ae.fully_connected((1, 28, 28), 30, hidden=SIZES)
    for half in (model.encoder, model.decoder):
        for position, layer in enumerate(half):
            if isinstance(layer, torch.nn.ReLU):
                half[position] = torch.nn.SiLU()
    return model


def train(model, images, epochs, seed):
    """Train by the long recipe of notebook 12, in its own words; returns the History."""
    adam, schedule, loss = taught("12", "adam", "rise_and_fall", "moving_loss")
    recipe = {"batch_size": 256, "learning_rate": 0.006, "optimizer": adam, "schedule": schedule, "loss": loss}
    return ae.fit(model, images, epochs, seed=seed, **recipe)


def logged():
    """The trainings so far: {epochs: {seed: (training error, test error)}}."""
    found = {}
    if LOG.exists():
        with open(LOG, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                errors = float(row["train_error"]), float(row["test_error"])
                found.setdefault(int(row["epochs"]), {})[int(row["seed"])] = errors
    return dict(sorted(found.items()))


def add(digits, epochs, seed):
    """Train once, and add a line to the log."""
    model = network(seed)
    history = train(model, digits.train_images, epochs, seed)
    errors = [f"{error:.4f}" for error in (history.train_error[-1], ae.evaluate(model, digits.test_images))]
    is_new = not LOG.exists()
    with open(LOG, "a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEAD] * is_new + [[epochs, seed, *errors]])
    print(f"{epochs} epochs, seed {seed}: training error {errors[0]}, test error {errors[1]}", flush=True)


def lines(found, epoch):
    """The table, for an epoch that takes so many seconds."""
    cast = hardware.autocast("auto", torch.device("cpu"), hardware.BFLOAT16)  # as ae.fit chooses
    kind = "bfloat16" if isinstance(cast, torch.autocast) else "float32"
    limit = speed_limit(getattr(torch, kind))
    share = 6 * WEIGHTS * 60_000 / limit / epoch
    yield f"One epoch takes {epoch:.1f} s on this machine, {share:.0%} of what its {limit / 1e9:.0f} billion {kind}"
    yield "operations a second would allow.\n"
    yield "| epochs | seconds | seeds | training error | test error, mean ± standard deviation |"
    yield "|---|---|---|---|---|"
    for epochs, runs in found.items():
        training, test = zip(*runs.values(), strict=True)
        spread = f" ± {stdev(test):.3f}" if len(test) > 1 else ", one seed"
        yield f"| {epochs} | {epochs * epoch:.0f} | {len(runs)} | {mean(training):.2f} | {mean(test):.3f}{spread} |"


@ae.plots.style.figure
def curve(found, epoch):
    """Test error against seconds of training, a dot for each seed. found: as from logged()."""
    canvas = ae.plots.style.new_canvas(4)
    axes = canvas.subplots()
    dots = [(epochs * epoch, error) for epochs, runs in found.items() for _, error in runs.values()]
    means = [(epochs * epoch, mean(error for _, error in runs.values())) for epochs, runs in found.items()]
    axes.plot(*zip(*means, strict=True), color=ae.plots.style.PALETTE[0])
    axes.plot(*zip(*dots, strict=True), "o", color=ae.plots.style.PALETTE[0], label="ours, a dot for each seed")
    ae.plots.style.draw_references(axes, REFERENCES)
    axes.set(xscale="log", xlabel="seconds of training on two cores", ylabel="test error", ylim=(0, 9))
    ae.plots.style.plain_ticks(axes.xaxis)
    axes.legend()
    return ae.plots.Figure(canvas, "Test error of the network of 2006 against seconds of training, for several seeds.")


def main(arguments):
    """Train what is asked for, or write what was found."""
    os.environ["CI"] = "true"  # no progress bars
    digits = ae.load_mnist()
    if not digits.whole:
        raise SystemExit("The record needs whole MNIST; set AEUTILS_DATA or connect to the network.")
    if arguments == ["--write"]:
        epoch = median(train(network(0), digits.train_images, 3, 0).seconds)
        text = "\n".join(lines(logged(), epoch))
        print(text)
        fill("record", text)
        curve(logged(), epoch).save(GALLERY / "record.png")
        return
    if not arguments or not all(argument.isdecimal() for argument in arguments):
        raise SystemExit(__doc__)
    epochs, *seeds = map(int, arguments)
    for seed in seeds:
        if seed not in logged().get(epochs, {}):
            add(digits, epochs, seed)


if __name__ == "__main__":
    main(sys.argv[1:])
