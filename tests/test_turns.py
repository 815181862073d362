"""aeutils.turns: trainings that would want the same cores compute one after the other."""

from itertools import pairwise
import os
import tempfile
import threading
import time

import pytest
import torch

import aeutils as ae
from aeutils import training, turns

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def crowded(monkeypatch, tmp_path):
    """Two cores, two threads for each training, and no slices: the turn goes on after each step."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    monkeypatch.setattr(turns, "SLICE", 0)
    monkeypatch.setattr(turns, "PATIENCE", 20)


def work(name, steps, diary):
    with turns.Turns(CPU) as mine:
        for _ in range(steps):
            diary.append(name)
            time.sleep(0.02)
            diary.append(name)
            mine.pass_on()


def at_once(*workers):
    threads = [threading.Thread(target=work, args=arguments) for arguments in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_alternate_and_neither_computes_while_the_other_does():
    diary = []
    at_once(("a", 10, diary), ("b", 10, diary))
    assert diary[::2] == diary[1::2], "a step was begun before the other's was done"
    changes = sum(one != other for one, other in pairwise(diary))
    assert changes >= 16


def test_a_slice_is_kept(monkeypatch):
    monkeypatch.setattr(turns, "SLICE", 60)
    diary = []
    at_once(("a", 5, diary), ("b", 5, diary))
    assert diary in (["a"] * 10 + ["b"] * 10, ["b"] * 10 + ["a"] * 10)


@pytest.mark.parametrize(("cores", "threads", "device"), [(4, 2, "cpu"), (1, 1, "cpu"), (2, 1, "cpu"), (2, 2, "meta")])
def test_where_nobody_is_in_the_way_nobody_waits(monkeypatch, cores, threads, device):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    with turns.Turns(torch.device(device)), turns.Turns(torch.device(device)) as second:
        second.pass_on()
    assert not os.listdir(tempfile.tempdir)


def test_a_turn_that_is_never_passed_on_is_waited_for_only_once(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.3)
    done, stuck = threading.Event(), threading.Event()

    def hold():
        with turns.Turns(CPU):
            stuck.set()
            done.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    stuck.wait(20)
    start = time.monotonic()
    work("b", 10, [])
    took = time.monotonic() - start
    done.set()
    holder.join()
    assert 0.3 <= took < 2


def test_without_a_folder_for_the_locks_training_goes_on(monkeypatch, tmp_path):
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setattr(tempfile, "tempdir", str(file))
    diary = []
    work("a", 3, diary)
    assert len(diary) == 6


def test_fit_offers_its_turn_after_each_step(monkeypatch):
    offered = []
    monkeypatch.setattr(training, "Turns", lambda device: Counted(device, offered))
    ae.fit(ae.fully_connected((1, 8, 8), 2), torch.rand(50, 1, 8, 8), 3, batch_size=10)
    assert len(offered) == 15


class Counted(turns.Turns):
    def __init__(self, device, offered):
        super().__init__(device)
        self._offered = offered

    def pass_on(self):
        self._offered.append(1)
        super().pass_on()
