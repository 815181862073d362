"""aeutils.optimizers: the same steps as PyTorch's own Adam, the same rates as its schedule."""

from aeutils.optimizers import Adam, one_cycle
import pytest
import torch
from torch import nn


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


def test_steps_are_those_of_torch():
    ours, theirs = pair()
    idle = ours["idle"].weight.clone()
    optimizers = Adam(ours.parameters(), (0.9, 0.99)), torch.optim.Adam(theirs.parameters(), betas=(0.9, 0.99))
    for step in range(20):
        rate, numbers = 0.1 / (step + 1), torch.randn(7, 5)
        for network, optimizer in zip((ours, theirs), optimizers, strict=True):
            optimizer.zero_grad()
            network["frozen"](network["used"](numbers)).square().sum().backward()
        optimizers[0].step(rate)
        optimizers[1].param_groups[0]["lr"] = rate
        optimizers[1].step()
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
