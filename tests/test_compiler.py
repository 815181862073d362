"""aeutils.compiler: optimizers step without PyTorch's compiler, and who compiles gets the real one."""

import os
import subprocess
import sys

import pytest

BEGIN = """import inspect, sys, torch, aeutils as ae
def is_there(): return "torch._dynamo.eval_frame" in sys.modules
"""
STEPS = """
ae.fit(ae.fully_connected((1, 8, 8), 2), torch.rand(9, 1, 8, 8), 1)
weight = torch.nn.Parameter(torch.zeros(3))
optimizer = torch.optim.Adam([weight], lr=0.1)
def step():
    optimizer.zero_grad()
    (weight - 1).square().sum().backward()
    optimizer.step()
    return weight[0].item()
step(), optimizer.load_state_dict(optimizer.state_dict()), inspect.getmodule(ae.fit)
print(is_there())
"""
COMPILED = """
print(torch.compile(lambda x: 2 * x, backend="eager")(torch.ones(1)).item(), is_there())
print(torch._dynamo is sys.modules["torch._dynamo"], type(torch._dynamo).__name__)
print(weight[0].item() < torch.compile(step, backend="eager")())
print([name for name in ("zero_grad", "add_param_group") if not hasattr(
    vars(torch.optim.Optimizer)[name].__wrapped__, "__dynamo_disable")])
"""
PART = """
import torch._dynamo.config
print(is_there(), torch._dynamo.config.__name__)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "said"),
    [
        (STEPS + COMPILED, ["False", "2.0 True", "True module", "True", "['add_param_group']"]),
        (PART, ["True torch._dynamo.config"]),
    ],
    ids=["by compiling, not by an optimizer", "by importing a part of it"],
)
def test_compiler_is_loaded_once_it_is_used(code, said):
    """Its import takes seconds, and the first step of any optimizer of torch.optim asks for it."""
    environment = {**os.environ, "CI": "true"}
    result = subprocess.run([sys.executable, "-c", BEGIN + code], env=environment, capture_output=True, text=True)
    assert result.stdout.splitlines() == said, result
