"""One contestant of tools/benchmark.py, in a process of its own, obeying one line of JSON after another.

    python worker.py CONTESTANT FOLDER

FOLDER holds train.npy and test.npy, float32 (n, 784) in [0, 1]. Each command is answered by one line of JSON:
{"do": "epoch", "net": ...}       {"seconds"} of one epoch; the first one of a net is preceded by a warm-up
{"do": "reach", "net": ..., "target": ..., "learning_rate": ...}
                                  {"seconds", "error"} of a training until its test error is at most the target
{"do": "peak"}                    {"megabytes"} that the process has had in memory at most
"""

import importlib
import json
from pathlib import Path
import sys
import time

import numpy as np

WIDTHS = {"784-20-784": [784, 20], "784-256-64-20 and back": [784, 256, 64, 20]}
BATCH = 128
MOST_EPOCHS = 40


def seconds_of(action):
    """How long a call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def epoch(contestant, net, cache={}):  # noqa: B006  lasts as long as the process
    """Seconds of one epoch of a network that is warm."""
    if net not in cache:
        cache[net] = contestant.Network(WIDTHS[net], 0.001)
        cache[net].warm_up()
    return {"seconds": seconds_of(cache[net].epoch)}


def reach(contestant, net, target, learning_rate):
    """Training seconds until the test error is at most the target; None where it is not reached.

    Measuring the error is not counted, nor what a warm-up takes away: compiling.
    """
    network, seconds = contestant.Network(WIDTHS[net], learning_rate), 0.0
    network.warm_up()
    for _ in range(MOST_EPOCHS):
        seconds += seconds_of(network.epoch)
        error = network.error()
        if error <= target:
            return {"seconds": seconds, "error": error}
    return {"seconds": None, "error": error}


def main():
    name, folder = sys.argv[1], Path(sys.argv[2])
    contestant = importlib.import_module(name)
    contestant.load(np.load(folder / "train.npy"), np.load(folder / "test.npy"), BATCH)
    reach_ = getattr(contestant, "reach", None) or (lambda **wanted: reach(contestant, **wanted))
    for line in sys.stdin:
        wanted = json.loads(line)
        do = wanted.pop("do")
        if do == "epoch":
            answer = epoch(contestant, wanted["net"])
        elif do == "reach":
            answer = reach_(**wanted)
        else:
            import resource  # Linux and macOS alone have it

            answer = {"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
        print("answer", json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
