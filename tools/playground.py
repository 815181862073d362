"""All explorers with networks of their own, as the site shows them: without Jupyter, Python or a server.

python tools/playground.py        train the networks and store them in aeutils/widgets/ (needs whole MNIST, a minute)
"""

import importlib
import json
import sys
import zlib

from playground_models import (
    SymbolAutoencoder,
    Variational,
    read_classifier,
    reviver,
    symbol_loss,
    variational_loss,
)
import torch

import aeutils as ae
from aeutils.widgets.assemble import STORED, script, standalone, stored
from aeutils.widgets.bottleneck import bottlenecks
from aeutils.widgets.code_space import CodeSpace
from aeutils.widgets.contents import Pack
from aeutils.widgets.exchange_symbols import average_patches
from aeutils.widgets.turn_feature import often_active
from aeutils_lab.export import SHOWN

LIMIT = 1_500_000
"""Bytes of a page with all explorers at most: programs, weights and images."""
COMPARED, MAPPED = 1000, 500
"""So many digits are compared with and trained on; so many are on the maps."""
TITLES = {
    "draw_digit": "Draw your own digit",
    "bottleneck": "The size of the bottleneck",
    "latent_map": "A map of the codes",
    "blend": "From one digit to another",
    "watch_it_learn": "Watch it learn",
    "noise_and_repair": "Noise and repair",
    "kinds_of_codes": "Kinds of codes",
    "manifold": "All digits of two latent variables",
    "exchange_symbols": "A digit written in symbols",
    "turn_feature": "One feature of a classifier",
}


def shown_by(cell):
    """Names of the explorers that a code cell shows and that the site has."""
    return [name for name in SHOWN.findall(cell.source) if name in TITLES]


def program():
    """The JavaScript that shows the stored explorers where data-explorer marks their places."""
    return script(stored())


def collect(digits, epochs):
    """({name: fields}, bytes) of all explorers, their networks trained for some epochs and stored as bytes."""
    images, labels = digits.test_images[:COMPARED], digits.test_labels[:COMPARED]
    options = {"pack": Pack(), "small": True}
    space = CodeSpace(trained(digits, epochs, hidden=(64,)), images[:MAPPED], labels[:MAPPED])
    repairers = {
        "denoiser": trained(digits, epochs // 2, 32, (64,), denoising),
        "infiller": trained(digits, epochs // 2, 32, (64,), infilling),
    }
    kinds = {"plain": space.model, "sparse": trained(digits, epochs, 64, (), sparse)}
    flat = fitted(Variational(), digits, epochs, variational_loss)
    symbolic = SymbolAutoencoder(hidden=48)  # smaller than the notebook's, as it travels with the page
    fitted(symbolic, digits, epochs, symbol_loss, 0.02, reviver(digits.train_images, epochs))
    with torch.no_grad():
        codes, symbols = flat.posterior(images[:MAPPED])[0], symbolic.symbols(images)
    book = symbolic.codebook.detach()
    patches = average_patches(images, symbols, len(book))
    activity, features, directions, last = read_classifier(digits, images, epochs)
    values = {"activity": activity, "features": features, "directions": directions}
    alive = often_active(features)
    explorers = [
        contents_of("draw_digit")(space, **options),
        contents_of("bottleneck")(bottlenecks(digits), images, **options),
        contents_of("latent_map")(space, **options),
        contents_of("blend")(space.model, images, **options),
        contents_of("watch_it_learn")(images, labels, **options),
        contents_of("noise_and_repair")(repairers, images, **options),
        contents_of("kinds_of_codes")(kinds, images, **options),
        contents_of("manifold")(flat.decoder, codes, labels, **options),
        contents_of("exchange_symbols")(images, symbols, book, symbolic.decoder, patches, **options),
        contents_of("turn_feature")(images, labels, values, alive, last, **options),
    ]
    return {each.fields["kind"]: each.fields for each in explorers}, options["pack"].bytes()


def contents_of(name):
    """The function of an explorer's module that collects what it hands over."""
    return importlib.import_module(f"aeutils.widgets.{name}").contents  # ae.widgets has functions of those names


def trained(digits, epochs, latent_size=20, hidden=(), loss=None):
    """A fully connected autoencoder, the same one each time."""
    ae.seed_everything(0)
    return fitted(ae.fully_connected((1, 28, 28), latent_size, hidden), digits, epochs, loss)


def fitted(model, digits, epochs, loss=None, learning_rate=0.004, watch=None):
    """The model, trained."""
    if epochs:
        options = {"batch_size": 64, "learning_rate": learning_rate, "loss": loss, "watch": watch}
        ae.fit(model, digits.train_images, epochs, **options)
    return model


def denoising(model, originals):
    """The loss of notebook 10's denoiser, for noise of any strength up to 0.75."""
    strength = 0.75 * torch.rand(len(originals), 1, 1, 1)
    return ae.reconstruction_error(model(originals + strength * torch.randn_like(originals)), originals)


def infilling(model, originals):
    """The loss of notebook 10's infiller: grey blocks of 12 x 12 pixels at random places."""
    rows, columns = torch.randint(0, 17, (2, len(originals), 1))
    line = torch.arange(28)
    down, across = ((line >= start) & (line < start + 12) for start in (rows, columns))
    hidden = (down[:, :, None] & across[:, None, :])[:, None]
    return ae.reconstruction_error(model(originals.where(~hidden, 0.5)), originals)


def sparse(model, originals):
    """The reconstruction error and a price for every latent variable that is not 0."""
    codes = model.encoder(originals)
    return ae.reconstruction_error(model.decoder(codes), originals) + 0.3 * codes.abs().sum(1).mean()


def page(explorers, data):
    """The HTML of a page with all explorers."""
    parts = [f'<h2>{TITLES[name]}</h2>\n<div data-explorer="{name}"></div>' for name in TITLES]
    body = "\n".join(["<h1>Autoencoders: a playground</h1>", *parts])
    return standalone("Autoencoders: a playground", explorers, data, body)


def main():
    digits = ae.load_mnist()
    if not digits.whole:
        sys.exit("The site's networks are trained on whole MNIST; set AEUTILS_DATA or connect to the network.")
    explorers, data = collect(digits, 10)
    STORED.with_suffix(".json").write_text(json.dumps(explorers, sort_keys=True) + "\n", encoding="utf-8", newline="\n")
    STORED.with_suffix(".bin").write_bytes(zlib.compress(data, 9))
    print(f"a page with all explorers: {len(page(explorers, data)):,} bytes, at most {LIMIT:,}")


if __name__ == "__main__":
    main()
