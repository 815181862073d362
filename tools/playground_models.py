"""Small networks of notebooks 13 and 14 for the playground: variational, written in symbols, read by features."""

from build_notebooks import taught
import torch
from torch import nn

import aeutils as ae

_, symbol_loss, SparseAutoencoder = taught("14", "nearest", "symbol_loss", "SparseAutoencoder")


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


class SymbolAutoencoder(nn.Module):
    """An autoencoder whose code is 16 symbols out of 64 (notebook 14), with a smaller decoder."""

    def __init__(self):
        super().__init__()
        self.to_vectors = nn.Sequential(nn.Conv2d(1, 64, 7, stride=7), nn.ReLU(), nn.Conv2d(64, 8, 1), nn.Flatten(2))
        self.codebook = nn.Parameter(torch.randn(64, 8))
        layers = nn.Linear(128, 48), nn.ReLU(), nn.Linear(48, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28))
        self.decoder = nn.Sequential(nn.Flatten(), *layers)

    def vectors(self, images):
        """The encoder's vector (n, 16, 8) for each patch."""
        return self.to_vectors(images).transpose(1, 2)

    def symbols(self, images):
        """The numbers (n, 16) of the nearest vectors in the codebook."""
        return torch.cdist(self.vectors(images), self.codebook).argmin(-1)

    def forward(self, images):
        return self.decoder(self.codebook[self.symbols(images)])


def reviver(images, epochs):
    """What to hand to ae.fit as watch: it moves symbols that are hardly used to where a patch's vector lies."""

    @torch.no_grad()
    def revive(model, history):
        if len(history.seconds) < epochs:  # not after the last epoch
            vectors = model.vectors(images[:2000]).flatten(0, 1)
            chosen = torch.cdist(vectors, model.codebook).argmin(-1).bincount(minlength=len(model.codebook))
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
