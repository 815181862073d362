"""How fast ae.fit is beside other ways to train the same networks on the same digits, measured in one go.

    python tools/benchmark.py            print the table
    python tools/benchmark.py --write    and put it into docs/measured.md, with a figure in gallery/
    python tools/benchmark.py --threads  only: seconds per epoch with one thread and with all, by work per step
    python tools/benchmark.py --profile  only: what ae.fit spends an epoch on

Contestants (tools/contestants/), each in a process of its own: ae.fit, the plain loop in memory, with and without the
fused Adam, the DataLoader loop, Lightning, Keras 3 on JAX. The peers are installed into an environment of their own,
.venv-peers, on the first run. Networks, data and batch are the same; the order rotates from round to round; medians
are printed. Compiling and imports are not counted. Needs whole MNIST and two idle cores.
"""

from itertools import chain
import json
import os
from pathlib import Path
from statistics import median
import subprocess
import sys
import tempfile

from figures import seconds_of
import numpy as np
from pages import GALLERY, fill
import torch

import aeutils as ae
from aeutils import hardware

PROJECT = Path(__file__).parents[1]
CONTESTANTS = PROJECT / "tools" / "contestants"
PEERS = PROJECT / ".venv-peers"
NAMES = {
    "ours": "ae.fit",
    "plain_loop": "loop in memory",
    "fused_loop": "loop in memory, fused Adam",
    "loader_loop": "DataLoader loop",
    "lightning_loop": "Lightning",
    "keras_jax": "Keras 3 on JAX",
}
NETS = {"784-20-784": (13.5, 2 * 784 * 20), "784-256-64-20 and back": (9.0, 2 * (784 * 256 + 256 * 64 + 64 * 20))}
"""Of each network the test error to reach, and its weights."""
ROUNDS = 4
KINDS = {
    "matrix products": {"addmm", "mm"},
    "gathering the batch": {"index_select"},
    "sigmoid and ReLU, there and back": {"sigmoid", "sigmoid_backward", "relu", "clamp_min", "threshold_backward"},
    "Adam": {"_fused_adam_"},
}
"""What the operations of PyTorch are for, by their names; all others are the error, sums and bookkeeping."""
LEARNING_RATES = (0.001, 0.003, 0.01)
"""Of these the rival's best one counts in the time to a given error."""


def peers_python():
    """The Python that has the peers, set up where it is missing."""
    python = PEERS / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        uv = [sys.executable, "-m", "uv"] if not (found := Path(sys.executable).with_name("uv")).exists() else [found]
        subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, PEERS], check=True)
        install = [*uv, "pip", "install", "--quiet", "--python", python, "-r", CONTESTANTS / "requirements.txt"]
        subprocess.run(install, check=True)
    return python


class Contestant:
    """A running process of tools/contestants/worker.py."""

    def __init__(self, name, folder):
        python = peers_python() if name in ("keras_jax", "lightning_loop") else sys.executable
        command = [python, CONTESTANTS / "worker.py", name, folder]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "encoding": "utf-8"}
        self._process = subprocess.Popen(command, **pipes)
        self.name = name

    def ask(self, do, **wanted):
        """The answer to one command."""
        self._process.stdin.write(json.dumps({"do": do, **wanted}) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("answer "):
                return json.loads(line.removeprefix("answer "))
        raise SystemExit(f"{self.name} stopped: run {CONTESTANTS.name}/worker.py {self.name} by hand to see why")

    def close(self):
        """End the process."""
        self._process.stdin.close()
        self._process.wait()


def epochs(contestants, net, rounds=ROUNDS):
    """{name: median seconds of an epoch}; the order rotates, and a first round is not counted."""
    seconds = {contestant.name: [] for contestant in contestants}
    for turn in range(rounds + 1):
        for contestant in contestants[turn % len(contestants) :] + contestants[: turn % len(contestants)]:
            seconds[contestant.name].append(contestant.ask("epoch", net=net)["seconds"])
    return {name: median(times[1:]) for name, times in seconds.items()}


def times_to_error(ours, rival, net):
    """Seconds to the target error, ours and the rival's with the best of its learning rates; medians of two."""
    target = NETS[net][0]
    tries = {rate: [] for rate in LEARNING_RATES}
    mine = []
    for _ in range(2):
        mine.append(ours.ask("reach", net=net, target=target, learning_rate=0.01)["seconds"])
        for rate in LEARNING_RATES:
            tries[rate].append(rival.ask("reach", net=net, target=target, learning_rate=rate)["seconds"])
    reached = {rate: median(times) for rate, times in tries.items() if None not in times}
    if None in mine or not reached:
        raise SystemExit(f"{net}: the error of {target} was not reached: ours {mine}, rival {tries}")
    best = min(reached, key=reached.get)
    return median(mine), reached[best], best


def speed_limit(dtype=torch.float32):
    """Multiplications and additions per second, the best that matrix products reach with one thread or all."""
    first, second = torch.randn(2, 2048, 2048).to(dtype)
    threads, seconds = torch.get_num_threads(), []
    with hardware.fast_products():
        for turn in range(24):
            torch.set_num_threads(1 if turn % 2 else threads)
            seconds.append(seconds_of(lambda: first @ second))
    torch.set_num_threads(threads)
    return 2 * 2048**3 / min(seconds)


def thread_table():
    """Seconds of an epoch with one thread and with all, by multiplications per step: where the second one pays."""
    images, rule = ae.load_mnist().train_images, hardware.sensible_threads
    print("multiplications per step, one thread, all threads")
    for hidden, batch_size in [((), 32), ((), 128), ((64,), 128), ((256, 64), 128), ((256, 64), 512)]:
        seconds = {1: [], torch.get_num_threads(): []}
        for count in [*seconds] * 3:
            hardware.sensible_threads = lambda *_, count=count: count
            model = ae.fully_connected((1, 28, 28), 20, hidden)
            seconds[count] += ae.fit(model, images, 1, batch_size=batch_size).seconds
        weights = sum(parameter.numel() for parameter in model.parameters() if parameter.ndim == 2)
        print(f"{3 * batch_size * weights / 1e6:24.0f}M", *(f"{median(times):10.2f}" for times in seconds.values()))
    hardware.sensible_threads = rule


def profile_table():
    """What ae.fit spends an epoch of batches of 128 on: shares of the kinds of operations, by PyTorch's profiler."""
    images = ae.load_mnist().train_images
    for net, hidden in zip(NETS, [(), (256, 64)], strict=True):
        model = ae.fully_connected((1, 28, 28), 20, hidden)
        ae.fit(model, images, 1)
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
            (seconds,) = ae.fit(model, images, 1).seconds
        spent = {event.key.removeprefix("aten::"): event.self_cpu_time_total / 1e6 for event in profile.key_averages()}
        shares = {kind: sum(spent.get(name, 0) for name in names) / seconds for kind, names in KINDS.items()}
        shares["the error, sums, Python, all else"] = 1 - sum(shares.values())
        print(
            f"{net}, {seconds:.2f} s with the profiler:",
            ", ".join(f"{kind} {share:.0%}" for kind, share in shares.items()),
        )


@ae.plots.style.figure
def bars(table):
    """Bars: seconds of an epoch of each contestant, for each network. table: {net: {name: seconds}}."""
    canvas = ae.plots.style.new_canvas(3.4)
    first = next(iter(table.values()))
    names = sorted(first, key=first.get, reverse=True)
    colours = [ae.plots.style.PALETTE[1 if name == "ours" else 0] for name in names]
    for axes, (net, seconds) in zip(canvas.subplots(1, len(table), sharey=True), table.items(), strict=True):
        drawn = axes.barh([NAMES[name] for name in names], [seconds[name] for name in names], color=colours)
        axes.bar_label(drawn, fmt="%.2f", padding=4)
        axes.set(title=net, xlabel="seconds per epoch", xlim=(0, 1.3 * max(seconds.values())))
        axes.locator_params(axis="x", nbins=4)
    return ae.plots.Figure(canvas, "Bars: seconds per epoch of ae.fit and of other ways to train, for two networks.")


def epoch_lines(contestants, count, table):
    """The lines of the table of epochs on count images; table becomes {net: {name: seconds}}."""
    for contestant in contestants.values():
        contestant.ask("peak")  # all are ready, and wait
    limit = speed_limit()
    yield f"The limit: {limit / 1e9:.0f} billion float32 operations per second, measured in the same run.\n"
    yield "| network | trained by | s per epoch | times ae.fit | of the limit | peak memory |"
    yield "|---|---|---|---|---|---|"
    for net, (_, weights) in NETS.items():
        table[net] = epochs(list(contestants.values()), net)
        for name, seconds in table[net].items():
            share = 6 * weights * count / limit / seconds  # each weight: two operations forwards, four back
            ratio, memory = seconds / table[net]["ours"], contestants[name].ask("peak")["megabytes"] / 1024
            yield f"| {net} | {NAMES[name]} | {seconds:.2f} | {ratio:.1f} | {share:.0%} | {memory:.1f} GB |"


def error_lines(contestants):
    """The lines of the table of times to a given error."""
    yield "\n| network | test error | ae.fit | Keras 3 on JAX, best learning rate | ratio |"
    yield "|---|---|---|---|---|"
    for net, (target, _) in NETS.items():
        mine, rival, rate = times_to_error(contestants["ours"], contestants["keras_jax"], net)
        yield f"| {net} | {target} | {mine:.1f} s | {rival:.1f} s with {rate} | {rival / mine:.1f} |"


def main():
    os.environ["CI"] = "true"  # no progress bars
    if "--threads" in sys.argv:
        return thread_table()
    if "--profile" in sys.argv:
        return profile_table()
    digits = ae.load_mnist()
    if not digits.whole:
        raise SystemExit("The benchmark needs whole MNIST; set AEUTILS_DATA or connect to the network.")
    places = [*os.environ.get("AEUTILS_DATA", "").split(os.pathsep), str(ae.data.DATA)]
    os.environ["BENCHMARK_MNIST"] = next(place for place in places if place and (Path(place) / "MNIST").exists())
    with tempfile.TemporaryDirectory() as folder:
        for name, images in [("train", digits.train_images), ("test", digits.test_images)]:
            np.save(Path(folder) / f"{name}.npy", images.flatten(1).numpy())
        contestants = {name: Contestant(name, folder) for name in NAMES}
        lines, table = [], {}
        for line in chain(epoch_lines(contestants, len(digits.train_images), table), error_lines(contestants)):
            print(line, flush=True)
            lines.append(line)
        for contestant in contestants.values():
            contestant.close()
    if "--write" in sys.argv:
        fill("speed", "\n".join(lines))
        bars(table).save(GALLERY / "speed.png")


if __name__ == "__main__":
    main()
