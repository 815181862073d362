"""The plain loop with the fused form of torch.optim.Adam, which moves all parameters in one pass."""

import plain_loop
import torch

load = plain_loop.load


class Network(plain_loop.Network):
    """The same network and steps, with another Adam."""

    def __init__(self, widths, learning_rate):
        super().__init__(widths, learning_rate)
        self.optimizer = torch.optim.Adam(self.model.parameters(), learning_rate, fused=True)
