"""What an explorer hands to the page: texts and numbers as JSON, arrays and weights as one run of bytes."""

import numpy as np
import torch
from torch import nn

from aeutils.errors import InputError

POINTWISE = {nn.ReLU: "relu", nn.SiLU: "silu", nn.Sigmoid: "sigmoid", nn.Tanh: "tanh"}
UNMOVED = (nn.Flatten, nn.Unflatten, nn.Identity, nn.Dropout)
"""Layers that, in use, leave the order of values in memory as it is."""


class Pack:
    """Arrays in one run of bytes; the same array twice is stored once."""

    def __init__(self):
        self._parts, self._places, self._length = [], {}, 0

    def add(self, array):
        """Where the bytes of a NumPy array, or bytes as they are, begin."""
        content = bytes(array) if isinstance(array, bytes) else array.tobytes()
        if content not in self._places:
            self._places[content] = self._length
            self._parts.append(content)
            self._length += len(content)
        return self._places[content]

    def bytes(self):
        """All of them."""
        return b"".join(self._parts)


class Contents:
    """The fields and the bytes of one explorer, filled piece by piece.

    kind: the explorer's name. pack: where the bytes go, so that several explorers can share theirs. small: True to
    store weights as bytes with a scale for each row, a quarter of the size. fields: what becomes JSON.
    modules: {name: module} of the networks that the page does not know, for which it asks the kernel, and inputs:
    {name: shape of one input} of the same.
    """

    def __init__(self, kind, pack=None, small=False):
        self.pack, self._small = pack or Pack(), small
        self.fields = {"kind": kind, "arrays": {}, "networks": {}, "unknown": {}}
        self.modules, self.inputs = {}, {}

    def array(self, name, values):
        """Add a tensor of numbers as floats."""
        self._store(name, "float32", values.detach().float().cpu().numpy())

    def images(self, name, images):
        """Add images in [0, 1]; as bytes where nothing is lost."""
        levels = images.detach().flatten(1) * 255
        if torch.equal(levels.round() / 255, images.detach().flatten(1)):
            self._store(name, "uint8", levels.round().byte().cpu().numpy(), scale=1 / 255)
        else:
            self.array(name, images.flatten(1))

    def numbers(self, name, values):
        """Add whole numbers from 0 to 255, such as labels."""
        self._store(name, "uint8", values.byte().cpu().numpy(), scale=1)

    def network(self, name, module, example):
        """Add a network. example: one input for it, (1, ...). Raises InputError for weights that are not finite."""
        check_finite(module)
        layers = describe(module, example)
        if isinstance(layers, str):
            self.fields["unknown"][name], self.modules[name], self.inputs[name] = layers, module, example.shape
            return
        for number, layer in enumerate(layers):
            for part in ("weight", "bias"):
                if layer.get(part) is not None:
                    layer[part] = self._weights(f"{name}.{number}.{part}", layer[part])
        self.fields["networks"][name] = layers

    def autoencoder(self, model, image):
        """Add a model's encoder and decoder. image: (1, channels, height, width)."""
        self.network("encoder", model.encoder, image)
        with torch.no_grad():
            self.network("decoder", model.decoder, model.encoder(image))

    def weights(self, name, values):
        """Add a matrix of weights that belongs to no network."""
        self._weights(name, values)

    def _weights(self, name, tensor):
        values = tensor.detach().float().cpu().numpy()
        if not self._small or values.ndim < 2:
            self._store(name, "float32", values)
            return name
        rows = values.reshape(len(values), -1)
        scales = np.maximum(np.abs(rows).max(1), 1e-12).astype(np.float32) / 127
        whole = np.round(rows / scales[:, None]).astype(np.int8).reshape(values.shape)
        self._store(name, "int8", whole, scales=self.pack.add(scales))
        return name

    def _store(self, name, kind, values, **more):
        values = np.ascontiguousarray(values)
        entry = {"type": kind, "shape": list(values.shape), "offset": self.pack.add(values)}
        self.fields["arrays"][name] = entry | more


def describe(module, example):
    """The layers of a network for network.js, with tensors for weights; or, in words, what the page does not know."""
    layers, values = [], example
    with torch.no_grad():
        for layer in leaves(module):
            before, values = values, layer(values)
            known = _layer(layer, before, values)
            if known is None:
                return type(layer).__name__
            layers += known
    return layers


def leaves(module):
    """The layers of a network in their order; a module that is no plain nn.Sequential is one of them."""
    if type(module) is not nn.Sequential:
        return [module]
    return [leaf for child in module for leaf in leaves(child)]


def _layer(layer, before, after):
    """A list with what network.js has to know of one layer, or none where it does nothing; None for unknown layers."""
    kind = type(layer)
    if layer._forward_hooks or layer._forward_pre_hooks:
        return None
    if kind in POINTWISE:
        return [{"kind": POINTWISE[kind]}]
    if kind in UNMOVED:
        return []
    if kind is nn.Linear and before.ndim == 2:
        sizes = {"inputs": layer.in_features, "outputs": layer.out_features}
        return [{"kind": "linear", "weight": layer.weight, "bias": layer.bias, **sizes}]
    if before.ndim != 4:
        return None
    sizes = {"from": list(before.shape[1:]), "to": list(after.shape[1:])}
    if kind is nn.Upsample and layer.mode == "nearest" and _is_whole_multiple(before, after):
        return [{"kind": "upsample", **sizes}]
    return _convolution(layer, sizes) if kind in (nn.Conv2d, nn.ConvTranspose2d) else None


def _convolution(layer, sizes):
    plain = layer.groups == 1 and layer.dilation == (1, 1) and layer.padding_mode == "zeros"
    if not plain or isinstance(layer.padding, str):
        return None
    kind = "conv" if type(layer) is nn.Conv2d else "conv_transpose"
    steps = {"kernel": layer.kernel_size, "stride": layer.stride, "padding": layer.padding}
    steps = {name: list(value) for name, value in steps.items()}
    return [{"kind": kind, "weight": layer.weight, "bias": layer.bias, **sizes, **steps}]


def _is_whole_multiple(before, after):
    return all(large % small == 0 for small, large in zip(before.shape[2:], after.shape[2:], strict=True))


def check_finite(module):
    """Raise InputError where a weight is NaN or infinite."""
    if not all(parameter.isfinite().all() for parameter in module.parameters()):
        raise InputError("the model's weights hold NaN or infinity; train it anew with a smaller learning rate")
