"""aeutils.optimizers: the same steps as PyTorch's own Adam, the same rates as its schedule."""

import os
import subprocess
import sys

import pytest
import torch
from torch import nn

import aeutils as ae
from aeutils import optimizers
from aeutils.optimizers import Adam, one_cycle


def pair():
    """Two equal networks, of which one part gets no gradient and another none is asked of."""
    torch.manual_seed(0)
    made = []
    for _ in range(2):
        network = nn.ModuleDict({"used": nn.Linear(5, 3), "idle": nn.Linear(2, 2), "frozen": nn.Linear(3, 3)})
        network["frozen"].requires_grad_(False)
        made.append(network)
    made[1].load_state_dict(made[0].state_dict())
    return made


@pytest.mark.parametrize("hidden", [False, True], ids=["PyTorch's own step", "where PyTorch has it no longer"])
def test_steps_are_those_of_torch(hidden, monkeypatch):
    if hidden:
        monkeypatch.setattr(optimizers, "adam", None)
    ours, theirs = pair()
    idle = ours["idle"].weight.clone()
    made = Adam(ours.parameters(), (0.9, 0.99)), torch.optim.Adam(theirs.parameters(), betas=(0.9, 0.99))
    for step in range(20):
        rate, numbers = 0.1 / (step + 1), torch.randn(7, 5)
        for network, optimizer in zip((ours, theirs), made, strict=True):
            optimizer.zero_grad()
            network["frozen"](network["used"](numbers)).square().sum().backward()
        made[0].step(rate)
        made[1].param_groups[0]["lr"] = rate
        made[1].step()
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(mine, other, rtol=1e-5, atol=1e-6)
    assert torch.equal(ours["idle"].weight, idle)
    assert not torch.equal(ours["used"].weight, pair()[0]["used"].weight)


def test_zero_grad_forgets_the_gradients():
    network, _ = pair()
    optimizer = Adam(network.parameters())
    network["used"](torch.randn(2, 5)).sum().backward()
    optimizer.zero_grad()
    assert all(parameter.grad is None for parameter in network.parameters())


def test_rate_rises_and_falls_as_in_torch():
    parameter, steps = nn.Parameter(torch.zeros(1)), 2000
    optimizer = torch.optim.SGD([parameter])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.7, total_steps=steps, cycle_momentum=False)
    for step in range(steps):
        assert one_cycle(step / steps, 0.7) == pytest.approx(optimizer.param_groups[0]["lr"], abs=0.002)
        optimizer.step()
        schedule.step()
    assert one_cycle(0, 0.7) == pytest.approx(0.7 / 25)
    assert one_cycle(0.3, 0.7) == pytest.approx(0.7)
    assert one_cycle(1, 0.7) == pytest.approx(0)


class Signs:
    """Moves every weight by the learning rate, against the sign of its gradient."""

    def __init__(self, parameters):
        self.parameters, self.rates = list(parameters), []

    def zero_grad(self):
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self, learning_rate):
        self.rates.append(learning_rate)
        for parameter in self.parameters:
            parameter -= learning_rate * parameter.grad.sign()


def fitted(**settings):
    """The history of a small training with an optimizer or a schedule of one's own."""
    torch.manual_seed(0)
    return ae.fit(ae.fully_connected((1, 8, 8), 2), torch.rand(20, 1, 8, 8), 2, batch_size=10, **settings)


def test_fit_takes_an_optimizer_and_a_schedule_of_ones_own():
    made = []
    falling = lambda progress, highest: highest * (1 - progress)  # noqa: E731
    fitted(optimizer=lambda parameters: made.append(Signs(parameters)) or made[0], schedule=falling, learning_rate=0.1)
    assert made[0].rates == pytest.approx([0.1, 0.075, 0.05, 0.025])


def test_fit_takes_an_optimizer_of_torch_and_tells_it_each_rate():
    rates = []

    class Watched(torch.optim.SGD):
        def step(self, closure=None):
            rates.append(self.param_groups[0]["lr"])
            return super().step(closure)

    errors = fitted(optimizer=Watched, schedule=lambda progress, highest: highest / 2, learning_rate=0.02).train_error
    assert rates == [0.01] * 4 and errors[1] < errors[0]


@pytest.mark.parametrize("optimizer", [lambda parameters: 3, "adam", torch.optim.SGD([nn.Parameter(torch.ones(1))])])
def test_what_is_no_optimizer_is_refused_with_advice(optimizer):
    with pytest.raises(ae.InputError, match=r"^optimizer .*such as ae.optimizers.Adam or torch.optim.SGD"):
        fitted(optimizer=optimizer)


@pytest.mark.parametrize("schedule", [None, 0.1, lambda progress, highest: None, lambda progress, highest: -highest])
def test_what_is_no_schedule_is_refused_with_advice(schedule):
    with pytest.raises(ae.InputError, match=r"^schedule .*called as schedule\(progress, learning_rate\)"):
        fitted(schedule=schedule)


@pytest.mark.slow
def test_package_works_where_pytorch_has_its_step_under_another_name():
    code = "import torch.optim.adam as module; own = module.adam; del module.adam; import aeutils as ae, torch; "
    code += "module.adam = own; torch.manual_seed(0); "  # PyTorch itself would know the other name
    code += "model = ae.fully_connected((1, 4, 4), 2); history = ae.fit(model, torch.rand(64, 1, 4, 4), 3); "
    code += "assert ae.optimizers.adam is None; assert history.train_error[-1] < history.train_error[0]"
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"CI": "true"}, timeout=120)
