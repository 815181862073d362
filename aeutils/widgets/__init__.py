"""Explorers: images that one moves with one's own hand.

Each function returns an Explorer, whose image answers at once. Where nobody can move anything (the environment
variable CI is set, as in builds and tests) it returns a Figure of the same thing instead. The stored output of
an Explorer carries that figure too, for readers on paper, on GitHub or without a kernel.
"""

from aeutils.widgets.blend import blend
from aeutils.widgets.bottleneck import bottleneck
from aeutils.widgets.centring import centre_digit
from aeutils.widgets.draw_digit import draw_digit
from aeutils.widgets.latent_map import latent_map
from aeutils.widgets.watch_training import watch_training

__all__ = ["blend", "bottleneck", "centre_digit", "draw_digit", "latent_map", "watch_training"]
