"""Small networks of notebooks 13 and 14 for the playground: variational, written in symbols, read by features."""

from build_notebooks import taught
import torch
from torch import nn

import aeutils as ae

nearest, in_patches, SymbolAutoencoder, symbol_loss, SparseAutoencoder = taught(
    "14", "nearest", "in_patches", "SymbolAutoencoder", "symbol_loss", "SparseAutoencoder"
)


class Variational(nn.Module):
    """A variational autoencoder (notebook 13) with two latent variables and one hidden layer."""

    def __init__(self):
        super().__init__()
        plain = ae.fully_connected((1, 28, 28), 2, (64,))
        self.body, self.decoder = plain.encoder, plain.decoder
        self.body[-1] = nn.Linear(64, 4)

    def posterior(self, images):
        """Means and logarithms of variances (n, 2) of codes."""
        return self.body(images).chunk(2, dim=1)

    def forward(self, images):
        return self.decoder(self.posterior(images)[0])


def variational_loss(model, originals):
    """Minus the ELBO with a noise of variance 1/2: reconstruction error of drawn codes, and their KL divergence."""
    means, logs = model.posterior(originals)
    codes = means + (logs / 2).exp() * torch.randn_like(means)
    price = (means.square() + logs.exp() - 1 - logs).sum(1).mean() / 2
    return ae.reconstruction_error(model.decoder(codes), originals) + price


def reviver(images, epochs):
    """What to hand to ae.fit as watch: it moves symbols that are hardly used to where a patch's vector lies."""

    @torch.no_grad()
    def revive(model, history):
        if len(history.seconds) < epochs:  # not after the last epoch
            vectors = model.encoder(in_patches(images[:2000])).flatten(0, 1)
            chosen = nearest(vectors, model.codebook).bincount(minlength=len(model.codebook))
            dead = chosen < len(vectors) / len(model.codebook) / 20
            model.codebook[dead] = vectors[torch.randperm(len(vectors))[: dead.sum()]]

    return revive


def read_classifier(digits, images, epochs):
    """A classifier of digits and its features: (activity (n, 128), features, directions (128, units), last layer)."""
    classifier = ae.Jury(digits.train_images, digits.train_labels, max(epochs // 3, 1), 256).judges[0]
    hidden, last = classifier[:3], classifier[3]
    with torch.no_grad():
        neurons, activity = hidden(digits.train_images), hidden(images)
    scale = neurons.max()
    ae.seed_everything(0)
    reader = SparseAutoencoder(neurons.shape[1], 128, 4)
    if epochs:
        rows = (neurons / scale)[:, None, None]  # as images of one row
        ae.fit(reader, rows, epochs, batch_size=128, learning_rate=0.01, precision="float32")
    with torch.no_grad():
        features = reader.encoder(activity / scale)
    return activity, features, reader.writer.weight.detach() * scale, last
