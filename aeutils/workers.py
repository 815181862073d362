"""The threads that help torch on Linux, started such that numbers below 1e-38 count as 0 in them."""

from functools import cache
import math
import sys

import torch


@cache
def start():
    """Start these threads, unless they run. On Windows and macOS torch brings another OpenMP, which was not measured.

    Where training asks torch to count tiny numbers as 0 (hardware.ready), it does so for one thread. The others take
    over what holds when they start, and keep it. On two threads 784-20-784 took 0.19 s for an epoch of MNIST, and takes
    0.14 with this. Called before the course's own work wakes them, not on import: a process that is forked after they
    have started cannot use them, and waits for ever.
    """
    if sys.platform == "linux":
        flushed = math.ulp(0.0) * 1.0 == 0
        torch.set_flush_denormal(True)
        torch.zeros(torch.get_num_threads(), 2**15).neg_()  # 32,768 numbers for each: torch wakes no thread for fewer
        torch.set_flush_denormal(flushed)
