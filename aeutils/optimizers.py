"""The steps of ae.fit: Adam, as PyTorch computes it, with less around it, or others; and how long each step is."""

from collections.abc import Iterable
import math

import torch

from aeutils.errors import InputError

try:
    from torch.optim.adam import adam
except ImportError:  # it is no public name, and may go
    adam = None  # type: ignore[assignment]


class Adam:
    """Adam with PyTorch's own fused step, which updates all parameters in one pass.

    parameters: tensors; those that need no gradient are left alone. betas: how slowly the means of the gradients and
    of their squares forget.

    torch.optim.Adam computes the same numbers, but spends time on bookkeeping in each step, which small networks feel.
    Where PyTorch no longer has that step, torch.optim.Adam does all.
    Source: Kingma and Ba, Adam: a method for stochastic optimization, arXiv:1412.6980.
    """

    def __init__(self, parameters: Iterable[torch.Tensor], betas: tuple[float, float] = (0.9, 0.99)) -> None:
        self._parameters = [parameter for parameter in parameters if parameter.requires_grad]
        self._betas = betas
        self._of_torch = _OfTorch(torch.optim.Adam(self._parameters, betas=betas)) if adam is None else None
        self._state = {
            parameter: (
                torch.zeros_like(parameter),
                torch.zeros_like(parameter),
                torch.zeros((), dtype=torch.float32, device=parameter.device),
            )
            for parameter in self._parameters
        }

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self._parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Move each parameter that has a gradient."""
        if self._of_torch:
            self._of_torch.step(learning_rate)
            return
        pairs = [(parameter, parameter.grad) for parameter in self._parameters if parameter.grad is not None]
        moved, gradients = map(list, zip(*pairs, strict=True))
        means, squares, steps = zip(*[self._state[parameter] for parameter in moved], strict=True)
        adam(
            moved,
            gradients,
            list(means),
            list(squares),
            [],
            list(steps),
            fused=True,
            amsgrad=False,
            beta1=self._betas[0],
            beta2=self._betas[1],
            lr=learning_rate,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        )


class _OfTorch:
    """An optimizer of torch.optim that is told the learning rate of each step."""

    def __init__(self, optimizer):
        self._optimizer = optimizer
        self.zero_grad = optimizer.zero_grad

    def step(self, learning_rate):
        """Move each parameter that has a gradient."""
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate
        self._optimizer.step()


def made_by(factory, parameters):
    """What factory(parameters) makes, as an optimizer with zero_grad() and step(learning_rate).

    Raises InputError where it makes neither such a thing nor an optimizer of torch.optim.
    """
    fault = f"is a {type(factory).__name__}"
    if callable(factory):
        made = factory(parameters)
        if isinstance(made, torch.optim.Optimizer):
            return _OfTorch(made)
        if all(callable(getattr(made, name, None)) for name in ("zero_grad", "step")):
            return made
        fault = f"made {made!r}"
    advice = "a function that makes one from the model's parameters, such as ae.optimizers.Adam or torch.optim.SGD"
    raise InputError(f"optimizer {fault}; expected {advice}")


RISE, FIRST = 0.3, 1 / 25
"""Part of training in which the learning rate rises, and where it begins, as a part of the highest."""


def one_cycle(progress: float, highest: float) -> float:
    """The learning rate at a moment of training: it rises to the highest, then falls to 0, along half a cosine each.

    progress: 0 at the beginning of training, 1 at its end.
    Source: Smith and Topin, Super-convergence, arXiv:1708.07120, with the settings of PyTorch's OneCycleLR.
    """
    rising = progress < RISE
    lowest, way = (FIRST, progress / RISE) if rising else (0, (1 - progress) / (1 - RISE))
    return highest * (lowest + (1 - lowest) * (1 - math.cos(math.pi * way)) / 2)
