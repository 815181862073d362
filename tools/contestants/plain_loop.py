"""PyTorch without help: the images in memory, torch.optim.Adam, a loop."""

import itertools

import torch
from torch import nn


def load(train_images, test_images, batch):
    """Keep the data."""
    global train, test, batch_size
    train, test, batch_size = torch.from_numpy(train_images), torch.from_numpy(test_images), batch


def layers(widths):
    """An autoencoder of linear layers, with a ReLU between them and a sigmoid at its end."""
    stack = []
    for side in (widths, widths[::-1]):
        for inputs, outputs in itertools.pairwise(side):
            stack += [nn.Linear(inputs, outputs), nn.ReLU()]
        stack.pop()
    return nn.Sequential(*stack, nn.Sigmoid())


class Network:
    """An autoencoder and its Adam."""

    def __init__(self, widths, learning_rate):
        torch.manual_seed(0)
        self.model = layers(widths)
        self.optimizer = torch.optim.Adam(self.model.parameters(), learning_rate)

    def warm_up(self):
        """Torch imports its compiler in the first step of all."""
        stranger = layers([4, 2])
        optimizer = torch.optim.Adam(stranger.parameters())
        stranger(torch.ones(1, 4)).sum().backward()
        optimizer.step()

    def epoch(self):
        """One pass over the training images."""
        order = torch.randperm(len(train))
        for start in range(0, len(train), batch_size):
            self.step(train[order[start : start + batch_size]])

    def step(self, images):
        """One step of the training."""
        loss = ((self.model(images) - images) ** 2).sum() / len(images)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def error(self):
        """Test error, summed over the pixels."""
        with torch.no_grad():
            return ((self.model(test) - test) ** 2).sum().item() / len(test)
