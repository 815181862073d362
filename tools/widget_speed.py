"""How long each explorer takes from an event to the image, and what it costs to watch a training.

    python tools/widget_speed.py

Prints the median and the worst time of many events in milliseconds, and fails when a median is not below 50. An event
is what the browser sends when somebody moves a slider, clicks or draws; the image is there when its bytes are ready
to be sent back. The way to the browser and back and its drawing come on top. Trainings with and without a watcher take
turns in the kernel of a notebook; their ratio must not be above 1.05. Measure on an idle machine.
"""

import itertools
import os
from statistics import median
import sys
import time

import aeutils as ae
import nbclient
import nbformat
import torch

LIMIT = 50
"""Milliseconds from event to image."""
EVENTS = 60
WATCHING = 1.05
"""At most so many times as long takes a training that is watched."""
TRAININGS = """
from statistics import median
import time
import aeutils as ae

digits = ae.load_mnist()

def seconds(watch):
    model = ae.fully_connected((1, 28, 28), 20)
    start = time.perf_counter()
    ae.fit(model, digits.train_images, 4, watch=watch and ae.widgets.watch_training(digits.test_images[:1]))
    return time.perf_counter() - start

seconds(None)  # the first step of all takes longer
ratio = median(seconds(True) / seconds(None) for _ in range(7))
"""


def explorers(digits):
    """{name: (event, image)} of every explorer: event(number) does what the browser does; image() are the bytes."""
    with torch.random.fork_rng(devices=[]):
        model = ae.fully_connected((1, 28, 28), 20, (256, 128))  # untrained: its speed is the same
    images, labels = digits.test_images, digits.test_labels
    size = ae.widgets.bottleneck(digits)
    walk = ae.widgets.latent_map(model, images, labels)
    drawing = ae.widgets.draw_digit(model, images, labels)
    between = ae.widgets.blend(model, images)
    return {
        "bottleneck, size": (sender(size.size, "index", lambda n: n % 7), shown(size.network)),
        "bottleneck, digit": (sender(size.digit, "value", lambda n: n % 100), shown(size.network)),
        "latent_map, click": (sender(walk.map, "place", lambda n: [n % 17 / 16, n % 13 / 12]), shown(walk.decoded)),
        "latent_map, slider": (sender(walk.sliders[2], "value", lambda n: n % 11 / 2 - 2), shown(walk.decoded)),
        "draw_digit, stroke": (sender(drawing.pad, "strokes", scribble), shown(drawing.returned)),
        "blend, way": (sender(between.way, "value", lambda n: n % 11 / 10), shown(between.mixtures[1])),
        "blend, image": (sender(between.first, "value", lambda n: n % 100), shown(between.mixtures[1])),
    }


def sender(widget, trait, value):
    """A function that sets the trait to value(number), by the way that a message of the browser takes."""
    return lambda number: widget.set_state({trait: value(number)})


def shown(image):
    """A function that returns the PNG bytes of an image on the page."""
    return lambda: bytes(image.image.value)


def scribble(number):
    """A zigzag of a hundred points that grows with the number, as strokes."""
    return [[[0.1 + 0.8 * step / 100, 0.2 + 0.6 * (step * number % 10) / 10] for step in range(20 + number % 80)]]


def milliseconds(event, image, count=EVENTS):
    """The time that each of count events took until its image was ready. All must have changed the image."""
    times, images = [], [image()]
    for number in range(1, count + 1):
        start = time.perf_counter()
        event(number)
        times.append(1000 * (time.perf_counter() - start))
        images.append(image())
    assert all(old != new for old, new in itertools.pairwise(images[1:])), "an event left the image as it was"
    return times


def cost_of_watching():
    """How many times as long the simplest network trains, in the kernel of a notebook, when it is watched."""
    cells = [nbformat.v4.new_code_cell(code) for code in (TRAININGS, "ratio")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, kernel_name="python3").execute()
    return float(notebook.cells[1].outputs[0].data["text/plain"])


def main():
    os.environ.pop("CI", None)  # where it is set, there are figures and no explorers
    slow = []
    print(f"{'explorer, event':22} median  worst (ms, {EVENTS} events)")
    for name, (event, image) in explorers(ae.load_mnist()).items():
        times = milliseconds(event, image)
        print(f"{name:22} {median(times):6.1f} {max(times):6.1f}")
        slow += [name] * (median(times) >= LIMIT)
    ratio = cost_of_watching()
    print(f"a watched training takes {ratio:.3f} times as long")
    slow += ["watch_training"] * (ratio > WATCHING)
    sys.exit(f"too slow: {', '.join(slow)}" if slow else 0)


if __name__ == "__main__":
    main()
