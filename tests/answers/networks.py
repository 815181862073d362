"""Layers and networks of which answers in several notebooks are made; no answers themselves."""

from itertools import pairwise

from torch import nn


def layers(*sizes, between=nn.ReLU):
    """Linear layers of these sizes with a function between them."""
    made = []
    for inputs, outputs in pairwise(sizes):
        made += [nn.Linear(inputs, outputs), between()]
    return made[:-1]


class PlainList(nn.Module):
    """Layers in a plain list, where PyTorch does not find them."""

    def __init__(self, *steps):
        super().__init__()
        self.steps = list(steps)

    def forward(self, given):
        for step in self.steps:
            given = step(given)
        return given


class Joined(nn.Module):
    """An autoencoder of one's own."""

    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, images):
        return self.decoder(self.encoder(images))
