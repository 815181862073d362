"""Backpropagation written out: what error.backward() does for a stack of layers, in the order in which it happens.

The forward pass computes the activations of one layer after the other, and keeps them. The backward pass goes through
the layers in reverse, with a delta in hand: the gradient of the error with respect to what a layer gave out. By the
chain rule each layer turns it into the delta of what it took in, and a linear layer finds the gradients of its
weights and biases on the way.

ae.fit takes these steps for the plain networks of the course, and leaves all others to PyTorch's autograd. That finds
the same gradients (tests/test_backpropagation.py), but asks for new memory in each step and keeps a record of each
operation; here every result has its place, the same in each step.
Source: Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, Nature 323 (1986).
"""

from itertools import pairwise

import torch
from torch import nn

from aeutils.models import Autoencoder

aten = torch.ops.aten
"""PyTorch's operations by their own names, among them the derivatives that its autograd uses."""


class Linear:
    """outputs = inputs @ weight.T + bias, for a batch of inputs (count, in_features)."""

    def __init__(self, layer, count):
        self.weight, self.bias = layer.weight, layer.bias
        self.weight_gradient, self.bias_gradient = torch.empty_like(layer.weight), torch.empty_like(layer.bias)
        self.outputs = layer.weight.new_empty(count, layer.out_features)
        self.delta = layer.weight.new_empty(count, layer.in_features)

    def forward(self, inputs):
        """The outputs (count, out_features)."""
        self.inputs = inputs
        return torch.addmm(self.bias, inputs, self.weight.T, out=self.outputs)

    def backward(self, delta, is_first):
        """The delta of the inputs, which nothing needs before the first layer; and the gradients of the parameters."""
        self.weight.grad = torch.mm(delta.T, self.inputs, out=self.weight_gradient)
        self.bias.grad = torch.sum(delta, 0, out=self.bias_gradient)
        return None if is_first else torch.mm(delta, self.weight, out=self.delta)


FUNCTIONS = {nn.ReLU: torch.relu_, nn.Sigmoid: torch.sigmoid_, nn.SiLU: nn.functional.silu}
"""Activation functions, written over their inputs where the derivative needs the outputs alone."""
DERIVATIVES = {
    nn.ReLU: lambda delta, kept: aten.threshold_backward.grad_input(delta, kept, 0, grad_input=delta),
    nn.Sigmoid: lambda delta, kept: aten.sigmoid_backward.grad_input(delta, kept, grad_input=delta),
    nn.SiLU: lambda delta, kept: aten.silu_backward.grad_input(delta, kept, grad_input=delta),
}
"""What turns the delta of their outputs into that of their inputs, in its place: a product with the slope at each."""


class Activation:
    """An activation function, number by number."""

    def __init__(self, layer, count):
        self.function, self.derivative = FUNCTIONS[type(layer)], DERIVATIVES[type(layer)]

    def forward(self, inputs):
        """The outputs, of the same shape."""
        self.kept = inputs  # the outputs, too, but for SiLU
        return self.function(inputs)

    def backward(self, delta, is_first):
        """The delta of the inputs: that of the outputs times the slope of the function at each of them."""
        return self.derivative(delta, self.kept)


class Backpropagation:
    """The reconstruction error of a stack of layers on batches of count images, and its gradients."""

    def __init__(self, layers, count):
        self.steps = [(Linear if type(layer) is nn.Linear else Activation)(layer, count) for layer in layers]
        self.difference, self.squares = layers[0].weight.new_empty(2, count, layers[0].in_features)
        self.count = count

    @torch.no_grad()
    def __call__(self, images):
        """The error of the images, summed over the pixels of each; every parameter gets its gradient."""
        originals = activations = images.flatten(1)
        for step in self.steps:
            activations = step.forward(activations)
        difference = torch.sub(activations, originals, out=self.difference)
        error = torch.square(difference, out=self.squares).sum() / self.count
        delta = difference.mul_(2 / self.count)  # the derivative of the error, written over the difference
        for step in reversed(self.steps):
            delta = step.backward(delta, step is self.steps[0])
        return error


def plain_layers(model, image_shape):
    """The layers between Flatten and Unflatten of a network that Backpropagation can train; None for all others.

    It can where autograd would find nothing else to do: on the CPU, in float32, linear layers with biases, each with
    ReLU, SiLU, Sigmoid or nothing after it, all to be trained, none used twice, of a subclass, or watched by a hook.
    """
    leaves = _in_turn(model)
    if [type(leaves[0]), type(leaves[-1])] != [nn.Flatten, nn.Unflatten] or _is_watched(model):
        return None
    flatten, *layers, unflatten = leaves
    ends = (flatten.start_dim, flatten.end_dim, unflatten.dim, tuple(unflatten.unflattened_size))
    known = all(
        type(layer) is nn.Linear or (type(layer) in FUNCTIONS and type(before) is nn.Linear)
        for before, layer in pairwise([None, *layers])
    )
    if ends != (1, -1, 1, tuple(image_shape)) or not layers or not known:
        return None
    parameters = [each for layer in layers if type(layer) is nn.Linear for each in (layer.weight, layer.bias)]
    return layers if all(map(_is_plain, parameters)) and len(set(parameters)) == len(parameters) else None


def _in_turn(module):
    """The layers that an image passes, one after the other, as often as it does."""
    if type(module) is Autoencoder:
        return _in_turn(module.encoder) + _in_turn(module.decoder)
    if type(module) is nn.Sequential and len(module):
        return [layer for part in module for layer in _in_turn(part)]
    return [module]


def _is_plain(parameter):
    """Whether a parameter is to be trained, in float32 on the CPU, and nothing waits for its gradient."""
    hooks = getattr(parameter, "_backward_hooks", None) or getattr(parameter, "_post_accumulate_grad_hooks", None)
    usual = type(parameter) is nn.Parameter and parameter.requires_grad and not hooks
    return usual and (parameter.dtype, parameter.device.type) == (torch.float32, "cpu")


def _is_watched(model):
    """Whether a hook on one of the modules, or on all there are, wants to see what passes, or forward is replaced."""
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    own = any("forward" in vars(module) or any(getattr(module, kind) for kind in kinds) for module in model.modules())
    return own or bool(nn.modules.module._has_any_global_hook())
