"""What checks promise to students: what is theirs stays as it was, and progress is kept but may be lost."""

import _thread
from collections import OrderedDict
from functools import partial
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import nn

import aeutils as ae
from aeutils import data
from aeutils.checks import core, feedback, kinds, probes, sandbox, store
from aeutils.checks.sandbox import own_copy

pytestmark = pytest.mark.data_free


def trial(look):
    """A check that is no question of the course."""
    check = core.question("99", "A trial")(look)
    del core.QUESTIONS[look.__name__]
    return check


@trial
def run(function):
    """Passed by a function that returns without an error."""
    function(0)


def test_an_import_is_not_cut_off_when_the_time_is_up(tmp_path, monkeypatch):
    """Else half of a module stays behind, and every later import of it fails: "module 'sympy' has no attribute"."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "slow_to_import").mkdir()
    (tmp_path / "slow_to_import" / "__init__.py").write_text("from slow_to_import import part", encoding="utf-8")
    slow = "import time\nfor _ in range(80):\n    time.sleep(0.01)\nwhole = True"
    (tmp_path / "slow_to_import" / "part.py").write_text(slow, encoding="utf-8")
    reached, threads = [], []

    def never_ends():
        threads.append(threading.current_thread())
        import slow_to_import

        reached.append(slow_to_import.part.whole)
        while True:
            pass

    with pytest.raises(sandbox.TimeUpError):
        sandbox.run_bounded(never_ends, 0.1)
    assert reached == [True]
    assert not threads[0].is_alive()


@pytest.fixture
def hurried(monkeypatch):
    """Checks that wait a moment only."""
    monkeypatch.setattr(core, "SECONDS", 0.2)


# What a student has


class Norm(nn.Module):
    """A model with weights, a frozen one, buffers, two modes, and notes of its own."""

    def __init__(self):
        super().__init__()
        self.layer, self.norm, self.drop = nn.Linear(3, 2), nn.BatchNorm1d(2), nn.Dropout()
        self.layer.bias.requires_grad_(False)
        self.calls, self.notes = 0, []

    def forward(self, given):
        self.calls += 1
        made = self.drop(self.norm(self.layer(given)))
        self.notes.append(made)
        return made


class Desk:
    """What lies about in a student's notebook."""

    def __init__(self):
        self.model, self.models = Norm(), {32: [nn.Sequential(nn.Linear(2, 2))]}
        self.optimizer = torch.optim.Adam(self.model.layer.parameters())
        self.schedule = torch.optim.lr_scheduler.StepLR(self.optimizer, 1)
        self.train()
        self.model.norm.eval()
        self.tensor, self.array = torch.ones(2, 3), np.arange(4)
        self.list, self.dict, self.number = [1, [2]], {"a": {"b": 1}}, 3
        self.generators = torch.Generator(), np.random.default_rng(0), np.random.RandomState(0), random.Random(0)

    def train(self):
        """One step, of which gradients and momentum stay."""
        self.optimizer.zero_grad()
        self.model(torch.rand(2, 3)).square().sum().backward()
        self.optimizer.step()
        self.schedule.step()

    def upset(self, *_):
        """Change whatever can be changed."""
        self.model.train()
        self.train()
        self.upset_model(self.model)
        self.optimizer.add_param_group({"params": self.models[32][0].parameters()})
        with torch.no_grad():
            self.models[32][0][0].weight.zero_()
        self.models[2] = self.models.pop(32)
        self.upset_collections()
        torch.rand(1, generator=self.generators[0])
        _ = [generator.uniform(0, 1) for generator in self.generators[1:]]
        self.number, self.new = 4, 5
        del self.schedule

    def upset_model(self, model):
        model.layer.bias.requires_grad_()
        model.norm.running_mean += 1
        model.drop, model.extra = nn.Identity(), nn.Linear(1, 1)
        model.layer.weight.data = torch.zeros(4, 4, dtype=torch.float64)

    def upset_collections(self):
        self.tensor.mul_(torch.ones(3, requires_grad=True))
        self.array[0] = 9
        self.list[1].append(3)
        self.dict["a"].clear()

    def state(self):
        """All of it, down to the last bit."""
        model, tensor, (own, *others) = self.model, self.tensor, self.generators
        return exact(
            [
                [(name, type(part), part.training, list(vars(part))) for name, part in model.named_modules()],
                [(each.data_ptr(), each, each.grad, each.requires_grad) for each in model.parameters()],
                [model.state_dict(), model.calls, len(model.notes), self.optimizer.state_dict()],
                [(size, id(each), each[0].state_dict()) for size, each in self.models.items()],
                [self.schedule.last_epoch, tensor, tensor.is_leaf, tensor.requires_grad, tensor.data_ptr(), self.array],
                [self.list, self.dict, self.number, sorted(vars(self)), own.get_state()],
                [others[0].bit_generator.state, others[1].get_state(), others[2].getstate()],
            ]
        )


def exact(thing):
    """Everything in it, as a text."""
    if isinstance(thing, (torch.Tensor, np.ndarray)):
        return f"{thing.dtype} {thing.tolist()}"
    if isinstance(thing, dict):
        return f"{ {name: exact(part) for name, part in thing.items()} }"
    return f"{[exact(part) for part in thing]}" if isinstance(thing, (list, tuple)) else repr(thing)


desk = Desk()
desks = {"mine": [desk]}


def names_it(_):
    desk.upset()


def names_where_it_is(_):
    desks["mine"][0].upset()


def calls_what_names_it(_):
    (lambda: names_it(0))()


@torch.no_grad()
def is_decorated(_):
    with torch.enable_grad():
        desk.upset()


def has_it_as_default(_, mine=desk):
    mine.upset()


def closes_over(mine):
    return lambda _: mine.upset()


class Helper:
    """Its methods reach a global variable."""

    @staticmethod
    def work():
        desk.upset()

    def __call__(self, _):
        self.work()


class Child(Helper, nn.Module):
    """A model that reaches a global variable by a method of its parent."""


def makes_a_helper(_):
    Helper()(0)


REACHES = {
    "a global variable": names_it,
    "a collection": names_where_it_is,
    "another function": calls_what_names_it,
    "a decorated function": is_decorated,
    "a default value": has_it_as_default,
    "a closure": closes_over(desk),
    "its own object": desk.upset,
    "an argument of partial": partial(Desk.upset, desk),
    "the methods of its class": Helper(),
    "the methods of its parent": Child(),
    "a class": makes_a_helper,
}


@pytest.mark.parametrize("way", REACHES)
def test_what_a_function_can_reach_stays_as_it_was(way):
    before = desk.state()
    reply = run(REACHES[way])
    assert reply, reply
    assert desk.state() == before


def test_upsetting_changes_every_part_of_the_state():
    own = Desk()
    before, schedule = own.state(), own.schedule
    own.upset()
    own.schedule = schedule
    assert own.state() != before


def test_data_sets_are_not_copied(monkeypatch):
    images = torch.zeros(100)
    monkeypatch.setattr(sandbox, "LARGEST", images.nbytes - 1)
    assert run(lambda _: images.add_(1))
    assert images.sum() == 100, "this is said in the docstring of LARGEST"


def test_copies_are_bounded_in_sum(monkeypatch):
    """The nearest ones are kept, and what comes after so many bytes is not copied."""
    first, second = torch.zeros(100), torch.zeros(100)
    monkeypatch.setattr(sandbox, "KEPT", first.nbytes + second.nbytes - 1)
    assert run(lambda _: (first.add_(1), second.add_(1)))
    assert (first.sum() == 0) != (second.sum() == 0)
    copied = own_copy([first, second])
    assert copied[0] is not first and copied[1] is second


def test_graph_from_before_the_check_can_be_followed_after_it():
    weight, given = torch.ones(2, requires_grad=True), torch.ones(2)
    loss = (weight * given).sum()
    assert run(lambda _: given + weight)
    loss.backward()
    assert weight.grad.tolist() == [1, 1]


def sets_globals(_):
    global desks, fresh
    desks, fresh = {}, 3


def test_global_variables_refer_to_the_same_things():
    before = desks
    assert run(sets_globals)
    assert desks is before and "fresh" not in globals()


def test_variables_of_a_closure_refer_to_the_same_things():
    count = 0

    def counts(_):
        nonlocal count
        count += 1

    assert run(counts)
    assert count == 0


def never_returns(_):
    desk.upset()
    while True:
        time.sleep(0.01)


def is_interrupted(_):
    desk.upset()
    _thread.interrupt_main()
    never_returns(0)


def leaves(_):
    desk.upset()
    raise SystemExit


@pytest.mark.parametrize(
    ("ends", "shown"), [(never_returns, "never ends"), (is_interrupted, "interrupted"), (leaves, "unforeseen")]
)
def test_whatever_ends_the_check_everything_is_as_it_was(ends, shown, monkeypatch):
    monkeypatch.setattr(core, "SECONDS", 5 if shown == "interrupted" else 1)  # what upsets is done by then
    before, output, start = desk.state(), sys.stdout, time.monotonic()
    assert run(ends).misconception == shown
    assert desk.state() == before and sys.stdout is output
    assert time.monotonic() - start < 3


@pytest.mark.parametrize("place", ["in the check", "in the answer"])
def test_missing_data_are_never_an_answers_fault(place, monkeypatch, tmp_path):
    """An error of ours is raised as it is; nothing calls a right answer "not yet"."""

    def load(_):
        monkeypatch.setattr(data, "EMBEDDED", tmp_path)
        return data.load_embedded_mnist()

    check = run if place == "in the answer" else trial(load)
    with pytest.raises(ae.DataError, match="train-images-idx3-ubyte is missing"):
        check(load)


def test_right_answer_to_a_question_whose_digits_are_missing_is_not_blamed(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(data, "EMBEDDED", tmp_path)
    probes.digits.cache_clear()
    with pytest.raises(ae.DataError, match="train-images-idx3-ubyte is missing"):
        ae.check.prepare(lambda raw: raw.float().unsqueeze(1) / 255)
    assert "not yet" not in capsys.readouterr().out.lower()


def test_answers_themselves_stay_as_they_were():
    own = Desk()
    own.model.notes.clear()  # tensors with a history cannot be copied

    @trial
    def wreck(model, optimizer, tensor, array, collection, table):
        own_things = own.model, own.optimizer, own.tensor, own.array
        for thing, original in zip((model, optimizer, tensor, array), own_things, strict=True):
            assert thing is not original
        model.train()(torch.ones(2, 3)).sum().backward()
        optimizer.step()
        for spoilt in (collection[0], tensor, array, table["weight"]):
            spoilt[:] = 5
        collection.clear()
        table.clear()

    before = own.state()
    collection, table = [own.tensor], own.model.layer.state_dict()
    reply = wreck(own.model, own.optimizer, own.tensor, own.array, collection, table)
    assert reply, reply
    assert own.state() == before and len(collection) == 1 and len(table) == 2


def test_model_that_cannot_be_copied_is_looked_at_all_the_same():
    own = Desk()
    own.model.lock = threading.Lock()
    before = own.state()

    @trial
    def spoil(model):
        own.upset_model(model)

    assert spoil(own.model)
    assert own.state() == before


def test_copies_share_what_their_originals_share():
    model = nn.Linear(2, 2)
    optimizer, table = torch.optim.SGD(model.parameters()), OrderedDict(a=[model], b=model)
    table["me"] = table
    copied, other, collected = own_copy((model, optimizer, table))
    assert other.param_groups[0]["params"][0] is copied.weight and copied.weight is not model.weight
    assert collected["a"][0] is collected["b"] is copied and collected["me"] is collected


# What belongs to the whole kernel


def settings():
    """All that code can set for everybody."""
    randoms = [random.getstate(), np.random.get_state(), torch.get_rng_state()]
    torchs = [torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads(), torch.is_anomaly_enabled()]
    others = [torch.are_deterministic_algorithms_enabled(), np.geterr(), warnings.filters, plt.get_fignums()]
    return exact([*randoms, *torchs, *others, sys.getrecursionlimit(), id(sys.stdout), id(sys.stderr)])


def upset_settings(_):
    ae.seed_everything(7)
    random.seed(7)
    np.random.seed(7)
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    torch.autograd.set_detect_anomaly(True)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    np.seterr(all="raise")
    warnings.simplefilter("error")
    plt.figure()
    sys.setrecursionlimit(1234)
    sys.stdout = sys.stderr = None


@pytest.mark.parametrize("ending", [lambda: None, lambda: 1 / 0, lambda: never_returns(0)])
def test_random_state_and_settings_stay_as_they_were(ending, hurried):
    open_figure = plt.figure().number
    before = settings()
    run(lambda _: (upset_settings(0), ending()))
    assert settings() == before
    plt.close(open_figure)


@pytest.mark.parametrize("name", core.QUESTIONS)
def test_no_question_touches_the_random_state(name):
    before = settings()
    core.QUESTIONS[name].check(lambda *_: torch.rand(3))
    assert settings() == before


def test_check_is_the_same_with_and_without_gradients():
    with torch.no_grad():
        assert run(lambda _: torch.ones(1, requires_grad=True).sum().backward())
        assert not torch.is_grad_enabled()


def test_what_a_function_prints_is_swallowed(capsys):
    assert run(lambda _: (print("printed"), print("warned", file=sys.stderr)))
    shown = capsys.readouterr()
    assert shown.out == "[passed] A trial\n" and not shown.err


def test_panel_can_be_printed_where_signs_are_missing(monkeypatch, tmp_path):
    with (tmp_path / "console").open("w", encoding="cp1252") as console:
        monkeypatch.setattr(sys, "stdout", console)
        ae.check.progress(3)
        ae.check.self_supervised("\ud800 →")
    assert "?" in (tmp_path / "console").read_text(encoding="cp1252")


# Progress


@pytest.fixture
def file(tmp_path, monkeypatch):
    """The progress file of a student who has just begun."""
    monkeypatch.setenv("AEUTILS_PROGRESS", str(tmp_path / "new folder" / "progress"))
    monkeypatch.setattr(store, "_known", [])
    return tmp_path / "new folder" / "progress"


def restart(monkeypatch):
    """As in a new kernel."""
    monkeypatch.setattr(store, "_known", [])


def test_progress_survives_a_restart(file, monkeypatch):
    assert ae.check.dead_code_numbers(lambda codes: (codes == 0).all(0).sum())
    assert store.record_best("record", 20.5) is None
    assert store.record_best("record", 22) == 20.5 == store.record_best("record", 18)
    restart(monkeypatch)
    assert store.read() == {"passed": ["dead_code_numbers"], "best": {"record": 18}}
    assert "dead_code_numbers" in ae.check.progress(3).passed
    file.unlink()
    assert store.read() == {"passed": [], "best": {}}


def test_the_same_again_makes_the_file_no_longer(file):
    store.record_pass("encoder")
    size = file.stat().st_size
    store.record_pass("encoder")
    assert store.record_best("record", float("nan")) is None
    assert file.stat().st_size == size


def test_what_another_version_wrote_is_kept(file, monkeypatch):
    store.record_pass("from the future")
    restart(monkeypatch)
    store.record_pass("encoder")
    restart(monkeypatch)
    assert store.read()["passed"] == ["encoder", "from the future"]
    ae.check.progress()


FOREIGN = {
    "empty": b"",
    "half a line": b'{"question": "deco',
    "no text": b"\x89PNG\r\n\xff\x00",
    "other JSON": b'[1, {"question": 3}, null]\n{"question": null}\n3\n"passed"\n{"passed": ["x"]}',
    "odd errors": b'{"question": "a", "error": NaN}\n{"question": "a", "error": "1"}\n{"question": "a", "error": [1]}'
    b'\n{"question": "a", "error": 1' + b"0" * 400 + b"}",
    "deep": b"[" * 100_000,
    "huge": b"x" * 3_000_000,
}


@pytest.mark.parametrize("content", FOREIGN)
def test_damaged_file_is_no_error_and_loses_nothing_else(content, file, monkeypatch):
    file.parent.mkdir()
    file.write_bytes(FOREIGN[content])
    assert store.read() == {"passed": [], "best": {}}
    store.record_pass("encoder")
    store.record_best("record", 20)
    restart(monkeypatch)
    assert store.read() == {"passed": ["encoder"], "best": {"record": 20}}
    assert file.read_bytes().startswith(FOREIGN[content])


def test_file_that_cannot_be_used_is_no_error(file, open_folder, unprivileged, monkeypatch):
    (open_folder / "unreadable").touch(mode=0)
    (open_folder / "read-only").touch(mode=0o444)
    os.mkfifo(open_folder / "pipe")
    for place in ("unreadable", "read-only", "pipe", "", "pipe/below", "x" * 300):
        monkeypatch.setenv("AEUTILS_PROGRESS", str(open_folder / place))
        restart(monkeypatch)
        open_folder.chmod(0o555)
        with unprivileged():
            store.record_pass("encoder")
            assert store.record_best("record", 3.0) is None and store.record_best("record", 4.0) == 3.0
            assert store.read() == {"passed": ["encoder"], "best": {"record": 3.0}}


def test_off_keeps_no_file(file, monkeypatch, tmp_path):
    monkeypatch.setenv("AEUTILS_PROGRESS", "off")
    monkeypatch.chdir(tmp_path)
    store.record_pass("encoder")
    assert store.read()["passed"] == ["encoder"] and not list(tmp_path.iterdir())


KERNEL = """
from aeutils.checks import store
import sys
for number in range(30):
    store.record_pass(f"{sys.argv[1]} {number}")
    store.record_best("record", 1000 - number + 0.5 * int(sys.argv[1]))
    for line in store._stored():
        assert not line or store._entry(line), line
"""


@pytest.mark.slow
def test_kernels_that_write_at_the_same_time_lose_nothing(file):
    command = [sys.executable, "-c", KERNEL]
    kernels = [subprocess.Popen([*command, f"{number}"], stderr=subprocess.PIPE, text=True) for number in range(2)]
    for kernel in kernels:
        assert (kernel.communicate()[1], kernel.returncode) == ("", 0)
    found = store.read()
    assert len(found["passed"]) == 60 and found["best"] == {"record": 971}
    assert all(json.loads(line) for line in file.read_text().splitlines() if line)


def test_overhead_of_a_check_is_small():
    """In a notebook with whole data sets and several models, all of which the function names."""
    images, others = torch.zeros(60_000, 784), [torch.zeros(1000, 784) for _ in range(4)]
    models = {size: nn.Sequential(nn.Linear(784, 256), nn.Linear(256, size)) for size in range(2, 12)}
    assert run(lambda _: (images, others, models))
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        run(lambda _: (images, others, models))
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.1


def luminance(colour):
    """Relative luminance of a colour, "#rrggbb", as WCAG 2.1 defines it."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("status", feedback.LOOKS)
def test_text_of_a_panel_can_be_read(status):
    """All text has a contrast of 4.5 to 1 with the panel, as WCAG AA asks."""
    html = feedback.Reply("name", "A title", status, seen="this").html()
    (ground,) = re.findall(r"background: (#\w{6})", html)
    colours = set(re.findall(r"(?<![-\w])color: (#\w+)", html))
    assert len(colours) == 2
    for colour in colours:
        colour = colour if len(colour) == 7 else "#" + "".join(2 * sign for sign in colour[1:])
        light, dark = sorted((luminance(ground), luminance(colour)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, colour


@pytest.mark.parametrize(
    "gradient, right, told",
    [
        ([1.0, 1.0, 1.0], [0.0, 0.0, 1.0], "a gradient at 2 places that should have none"),
        ([1.0, -3.0, 3.0], [1.0, 2.0, 3.0], "a gradient -1.5 to 1 times the right one"),
        ([1.0, 1.0, 1.0], [1.0, 2.0, 3.0], "a gradient of 1 everywhere"),
        ([0.0, 2.0, 3.0], [1.0, 2.0, 3.0], "the right gradient at 2 of 3 places, and 0 at the others"),
        ([2.0, 4.0, 6.0], [1.0, 2.0, 3.0], "a gradient 2 times the right one"),
    ],
)
def test_what_is_wrong_with_a_gradient_is_told(gradient, right, told):
    seen, expected, _ = kinds._about_gradient(torch.tensor(gradient), torch.tensor(right))
    assert (seen, expected) == (told, "the right gradient")
