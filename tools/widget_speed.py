"""How long each explorer takes from an event to the image, and what it costs to watch a training.

    python tools/widget_speed.py            print the table
    python tools/widget_speed.py --write    and put it into docs/measured.md

Opens the playground in Chromium and takes the median and the worst time of 60 events: from the event that a moved
slider, a key or a stroke sends until the pixels are in the image. No kernel runs. It fails when a median is above 16
ms, when the page is too large, or when it asked for another address. Trainings with and without a watcher take turns
in the kernel of a notebook; their ratio must not be above 1.05. Measure on an idle machine.
"""

from pathlib import Path
import shutil
from statistics import median
import sys
import tempfile

import nbclient
import nbformat
from pages import publish
import playground
from playwright.sync_api import sync_playwright

import aeutils as ae
from aeutils.widgets.assemble import stored

LIMIT = 16
"""Milliseconds from event to image: one frame of a screen."""
EVENTS = 60
WATCHING = 1.05
"""At most so many times as long takes a training that is watched."""
ROUND = ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"]
ACTIONS = {
    "draw_digit, stroke": ("draw_digit", ".aeutils-pad", "keys", [" ", *["ArrowDown", "ArrowRight"] * EVENTS]),
    "bottleneck, size": ("bottleneck", "input >> nth=0", "values", range(7)),
    "bottleneck, digit": ("bottleneck", "input >> nth=1", "values", range(100)),
    "latent_map, place": ("latent_map", ".aeutils-map", "keys", ["ArrowRight", "ArrowUp", "ArrowUp", "ArrowLeft"]),
    "latent_map, slider": ("latent_map", "input >> nth=2", "values", [-2, -1, 0, 1, 2]),
    "blend, position": ("blend", "input >> nth=2", "values", [0, 0.25, 0.5, 0.75, 1]),
    "blend, image": ("blend", "input >> nth=0", "values", range(100)),
    "noise_and_repair, noise": ("noise_and_repair", ".aeutils-pad", "keys", [" ", *["ArrowDown"] * EVENTS]),
    "noise_and_repair, digit": ("noise_and_repair", "input >> nth=0", "values", range(100)),
    "kinds_of_codes, value": ("kinds_of_codes", "input >> nth=2", "values", [-1, -0.5, 0.5, 1]),
    "manifold, place": ("manifold", ".aeutils-map", "keys", ["ArrowRight", "ArrowUp", "ArrowUp", "ArrowLeft"]),
    "exchange_symbols, symbol": ("exchange_symbols", ".aeutils-palette .aeutils-picker", "keys", [*ROUND]),
    "turn_feature, value": ("turn_feature", "input >> nth=2", "values", [0, 0.3, 0.6, 1]),
}
"""{what is moved: (explorer, which element, how, the values or keys in turn)}"""
MEASURE = """async (element, [how, values, count]) => {
  const root = element.closest(".aeutils-explorer");
  const images = [...root.querySelectorAll("canvas[width='28'], .aeutils-bars")];
  const pixels = () => images.map((each) => each.toDataURL()).join();
  const [times, seen] = [[], new Set()];
  element.dispatchEvent(new Event("blur")); // the pen is up
  for (let number = 0; number < count; number++) {
    const value = values[number % values.length];
    const start = performance.now();
    const shown = new Promise((resolve) => root.addEventListener("aeutils-shown", resolve, { once: true }));
    if (how === "keys") element.dispatchEvent(new KeyboardEvent("keydown", { key: value, bubbles: true }));
    else { element.value = value; element.dispatchEvent(new Event("input")); }
    await Promise.race([shown, new Promise((resolve) => setTimeout(resolve, 1000))]);
    images.forEach((each) => each.getContext("2d").getImageData(0, 0, 1, 1));
    times.push(performance.now() - start);
    seen.add(pixels());
    await new Promise((resolve) => setTimeout(resolve));
  }
  return [times, seen.size];
}"""
TRAININGS = """
from statistics import median
import time
import aeutils as ae
from aeutils.widgets.assemble import stored

digits = ae.load_mnist()

def seconds(watch):
    model = ae.fully_connected((1, 28, 28), 20)
    start = time.perf_counter()
    ae.fit(model, digits.train_images, 4, watch=watch and ae.widgets.watch_training(digits.test_images[:1]))
    return time.perf_counter() - start

seconds(None)  # the first step of all takes longer
ratio = median(seconds(True) / seconds(None) for _ in range(7))
"""


def milliseconds(page, action, count=EVENTS):
    """The time that each of count events took until its image was there, in an open playground."""
    explorer, element, how, values = ACTIONS[action]
    target = page.locator(f"[data-explorer={explorer}]").locator(element)
    times, images = target.evaluate(MEASURE, [how, list(values), count])
    assert images > 2, f"{action}: the image did not follow"
    return times


def cost_of_watching():
    """How many times as long the simplest network trains, in the kernel of a notebook, when it is watched."""
    cells = [nbformat.v4.new_code_cell(code) for code in (TRAININGS, "ratio")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, kernel_name="python3").execute()
    return float(notebook.cells[1].outputs[0].data["text/plain"])


def lines():
    """(line of the table, whether its limit is kept), one by one."""
    yield "| what | measured on two cores | limit |", True
    yield "|---|---|---|", True
    asked = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "playground.html"
        path.write_text(playground.page(*stored()), encoding="utf-8", newline="\n")
        size = path.stat().st_size
        limit = f"at most {playground.LIMIT:,} bytes"
        yield f"| a page with all explorers | {size:,} bytes | {limit} |", size <= playground.LIMIT
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--disable-gpu"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        page.locator(".aeutils-explorer").last.wait_for()
        for action in ACTIONS:
            times = milliseconds(page, action)
            measured = f"{median(times):.1f} ms, at worst {max(times):.1f} ms"
            yield f"| {action} | {measured} | median at most {LIMIT} ms |", median(times) <= LIMIT
    others = [address for address in asked if not address.startswith(("file:", "blob:", "data:"))]
    yield f"| requests to other addresses | {len(others)} | none |", not others
    ratio = cost_of_watching()
    yield f"| a training that is watched | {ratio:.3f} times as long | at most {WATCHING} times |", ratio <= WATCHING


def main():
    digits = ae.load_mnist()
    if not digits.whole:
        sys.exit("An epoch is watched in a few milliseconds, so it has to be one of whole MNIST; set AEUTILS_DATA.")
    return publish("explorers", lines())


if __name__ == "__main__":
    sys.exit(main())
