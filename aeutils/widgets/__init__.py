"""Explorers: images that one moves with one's own hand.

Each function returns an Explorer, whose page computes by itself and answers at once. Where nobody can move anything
(the environment variable CI is set, as in builds and tests) it returns a Figure of the same thing instead.

What lives where: in a notebook an Explorer moves as long as the page is open, with its kernel or without. Opened anew
it moves where the notebook stores the state of its widgets (a setting of JupyterLab), else it is a Figure until it is
run again. Its stored output carries that, for GitHub and paper. In exported HTML it moves, by aeutils_lab.
explorer.save("name.html") writes a page that moves by itself; the site is made of the same.
"""

from aeutils.widgets.blend import blend
from aeutils.widgets.bottleneck import bottleneck
from aeutils.widgets.centring import centre_digit
from aeutils.widgets.draw_digit import draw_digit
from aeutils.widgets.exchange_symbols import exchange_symbols
from aeutils.widgets.kinds_of_codes import kinds_of_codes
from aeutils.widgets.latent_map import latent_map
from aeutils.widgets.manifold import manifold
from aeutils.widgets.noise_and_repair import noise_and_repair
from aeutils.widgets.turn_feature import turn_feature
from aeutils.widgets.watch_it_learn import watch_it_learn
from aeutils.widgets.watch_training import watch_training

__all__ = [
    "blend",
    "bottleneck",
    "centre_digit",
    "draw_digit",
    "exchange_symbols",
    "kinds_of_codes",
    "latent_map",
    "manifold",
    "noise_and_repair",
    "turn_feature",
    "watch_it_learn",
    "watch_training",
]
