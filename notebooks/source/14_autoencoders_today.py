# %% [markdown]
# # 14 Autoencoders today
#
# **Purpose:** meet, small and measured, the autoencoders of today: with discrete codes, with most of the input hidden, and as a tool that reads the inside of another network.
#
# After this notebook you can
#
# - write a digit as 16 **symbols**, train through a step that has no gradient, and count the bits exactly;
# - train a **masked autoencoder**, and compare its codes with those of its rivals;
# - read the hidden layer of a classifier with a **sparse autoencoder**, and test by hand whether the classifier uses what you have read;
# - say what a **perceptual distance** sees that squared error does not;
# - place these ideas on a map of what came after the autoencoders of this course.
#
# You need notebooks 02, 07 and 09. It takes about {{seconds}} seconds to run on two processor cores.

# %%
import io
import math

import aeutils as ae
import numpy as np
from PIL import Image
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.mixture import GaussianMixture
import torch
from torch import nn
from torch.nn import functional

# %% [markdown]
# ## 1. Discrete codes
#
# So far a code was a list of *numbers*. Language models read and write **symbols** from a fixed list, their vocabulary. Can an image be written in symbols, too? Then a model made for text could draw.
#
# The idea is **vector quantisation**. The encoder turns each of the 16 patches of a digit, 7 × 7 pixels, into a vector of 8 numbers. A list of 64 vectors, the **codebook**, is learned along with the network.
# Each vector is replaced by the nearest one of the codebook, and the *number* of that one, from 0 to 63, is the symbol. The decoder looks up the vectors of all 16 symbols and makes a whole digit of them. (van den Oord and others, 2017. Theirs is deeper, and its codebook larger.)

# %% tags=["collapsed"]
# Settings: the embedded digits are fewer and need smaller batches.
digits = ae.load_mnist()
count, epochs, batch_size, more_seeds = (20_000, 3, 128, (1, 2)) if digits.whole else (2_500, 3, 24, ())
examples_count, draws = (10_000, 10) if digits.whole else (1_000, 3)

# %%
train, train_labels = digits.train_images[:count], digits.train_labels[:count]
test, test_labels = digits.test_images[:5_000], digits.test_labels[:5_000]


# %% tags=["live"]
# the nearest vector of the codebook
# instructor minutes: 3
# instructor guess: "It returns the nearest vectors." It returns their numbers: 16 whole numbers from 0 to 63 for each image.
# instructor ask: How many different codes can be written with 16 symbols out of 64, and how many bits is that?
def nearest(vectors, codebook):
    """The numbers (n, 16) of the vectors in codebook (64, 8) that are nearest to vectors (n, 16, 8)."""
    return torch.cdist(vectors, codebook).argmin(-1)


# %%
def in_patches(images):
    """Images (n, 1, 28, 28) cut into 16 patches of 7 x 7 pixels each: (n, 16, 49)."""
    return images.reshape(-1, 4, 7, 4, 7).transpose(2, 3).reshape(-1, 16, 49)


# %%
class SymbolAutoencoder(nn.Module):
    """An autoencoder whose code is 16 symbols out of 64, one for each patch of 7 x 7 pixels."""

    def __init__(self, hidden=128):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(49, 64), nn.ReLU(), nn.Linear(64, 8))  # the same for each patch
        self.codebook = nn.Parameter(torch.randn(64, 8))
        layers = nn.Linear(128, hidden), nn.ReLU(), nn.Linear(hidden, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28))
        self.decoder = nn.Sequential(nn.Flatten(), *layers)

    def symbols(self, images):
        return nearest(self.encoder(in_patches(images)), self.codebook)

    def forward(self, images):
        return self.decoder(self.codebook[self.symbols(images)])


# %% [markdown]
# How can that be trained? Change a weight of the encoder a little: the vectors move a little, the *nearest* number of the codebook stays what it was, and so does the output. Where it jumps, it has no slope. The gradient never reaches the encoder:

# %%
ae.seed_everything(0)
untrained, some = SymbolAutoencoder(), train[:100]
weights = untrained.encoder[0].weight
error = ae.reconstruction_error(untrained(some), some)
gradient = torch.autograd.grad(error, weights, allow_unused=True)[0]
print("gradient of the error with respect to the encoder's weights:", gradient)

# %% tags=["collapsed"]
# Proof for the tests: there is none; and, for the text on dead symbols, how long the vectors are at first.
assert gradient is None
assert 7 < untrained.codebook.norm(dim=1).mean() / untrained.encoder(in_patches(some)).norm(dim=2).mean() < 13

# %% [markdown]
# The way out is a white lie, the **straight-through estimator** (Hinton, 2012; Bengio and others, 2013): going forwards, take the chosen vector; going backwards, pretend that nothing had been replaced. In PyTorch it is one line, since `detach()` keeps a value and drops its gradient:
#
# $$\text{passed on} = z + (e - z)\text{.detach()}$$
#
# with the encoder's vector $z$ and the chosen $e$. Its *value* is $e$. Its *slope* with respect to $z$ is 1. Written out with two numbers, and a loss that is the square of what is passed on:

# %% tags=["live"]
# going forwards the chosen one, going backwards straight through
# instructor minutes: 4
# instructor guess: "The gradient is 2 z, that is 0.4 and 1.8." It is 2 e, 0 and 2: the square is taken where the decoder was.
# instructor ask: The first number of z is 0.2, and its gradient is 0. So what will ever pull z and e towards each other?
z, e = torch.tensor([0.2, 0.9], requires_grad=True), torch.tensor([0.0, 1.0])
passed_on = z + (e - z).detach()
passed_on.square().sum().backward()
print("passed on:", passed_on.tolist(), " gradient that reaches z:", z.grad.tolist())

# %% tags=["collapsed"]
# Proof for the tests: the value is that of e, the gradient 2 e, that of the square where the decoder was.
assert torch.equal(passed_on.detach(), e) and torch.equal(z.grad, 2 * e)

# %% [markdown]
# Two more terms belong to the loss. The codebook gets no gradient from the decoder now, so it is pulled to the vectors that chose it; and the vectors are pulled, four times less, to what they chose, so that the lie stays small.


# %% tags=["live"]
# three terms: reconstruct; codebook to vectors; vectors to codebook
# instructor minutes: 5
# instructor guess: "Nearly all 64 are used, since it is trained." Fewer than 20 are; the others are dead.
# instructor ask: The last two terms are the same squares. What does `detach()` decide in each of them?
def symbol_loss(model, images):
    """Reconstruction error straight through the codebook, and what draws vectors and codebook to each other."""
    vectors = model.encoder(in_patches(images))
    chosen = model.codebook[nearest(vectors, model.codebook)]
    error = ae.reconstruction_error(model.decoder(vectors + (chosen - vectors).detach()), images)
    move_codebook = (chosen - vectors.detach()).square().sum((1, 2)).mean()
    move_vectors = (vectors - chosen.detach()).square().sum((1, 2)).mean()
    return error + move_codebook + 0.25 * move_vectors


# %%
ae.predict("14 symbols used", "How many of its 64 symbols will it use, when we train it like this?", (0, 64))


# %% tags=["nbval-ignore-output", "predict"] reason="asserted two cells below"
def trained(watch=None):
    """The symbol autoencoder, trained; watch is called before the first epoch and after each."""
    ae.seed_everything(0)
    model = SymbolAutoencoder()
    ae.fit(model, train, epochs, batch_size=batch_size, learning_rate=0.03, loss=symbol_loss, watch=watch)
    return model


@torch.no_grad()
def used(model):
    """How many of the 64 symbols occur among the test digits."""
    return len(model.symbols(test).unique())


neglected = trained()
print(f"{used(neglected)} of 64 symbols are used; test error {ae.evaluate(neglected, test):.1f}")

# %%
ae.reveal("14 symbols used", used(neglected))

# %% [markdown]
# Most symbols are **dead**. The vectors of the codebook begin about ten times as long as the encoder's, so few are ever the nearest, and only those get a gradient.
# A crude remedy: before each epoch, a symbol that is hardly ever chosen is moved to the vector of a random patch.


# %% tags=["live"]
# dead symbols get another chance
# instructor minutes: 4
# instructor guess: "Moving symbols during training spoils it." More than 50 are used now, and the error is more than a tenth lower.
# instructor ask: Why is no symbol moved after the last epoch?
@torch.no_grad()
def revive(model, history):
    """Move each symbol that is chosen less than a twentieth of the average to the vector of a random patch."""
    if len(history.seconds) < epochs:  # not after the last epoch
        vectors = model.encoder(in_patches(train[:2000])).flatten(0, 1)
        chosen = nearest(vectors, model.codebook).bincount(minlength=64)
        dead = chosen < len(vectors) / 64 / 20
        model.codebook[dead] = vectors[torch.randperm(len(vectors))[: dead.sum()]]


# %% tags=["nbval-ignore-output"]
symbolic = trained(watch=revive)
symbol_error = ae.evaluate(symbolic, test)
print(f"{used(symbolic)} of 64 symbols are used; test error {symbol_error:.1f}")
assert used(symbolic) > 50 and used(neglected) < 20 and symbol_error < 0.9 * ae.evaluate(neglected, test)

# %% [markdown]
# Here are digits as they are stored, with the number of a symbol in each patch, and what the decoder makes of them. The most common symbol of each is grey.

# %% tags=["gallery", "nbval-ignore-output"] reason="the model is asserted above"
with torch.no_grad():
    train_symbols, test_symbols = symbolic.symbols(digits.train_images[:40_000]), symbolic.symbols(test)
    decoded = symbolic(test)
ae.plots.symbols_of_digits(test[:6], test_symbols[:6], decoded[:6])

# %% [markdown]
# What does each symbol stand for? The average of all patches that were written with it:

# %% tags=["nbval-ignore-output"] reason="the model is asserted above"
patches = in_patches(train)
own = train_symbols[: len(train)]
averages = torch.stack([patches[own == each].mean(0).nan_to_num() for each in range(64)])
ae.plots.images(averages.reshape(64, 1, 7, 7))

# %% tags=["collapsed"]
# Proof for the tests: what the text below says.
empty_symbols = own[patches.sum(2) < 0.5].bincount(minlength=64)
assert not digits.whole or (empty_symbols.max() > 0.87 * empty_symbols.sum() and (averages.mean(1) < 0.03).sum() >= 3)

# %% [markdown]
# Most symbols are pieces of strokes: a direction, and a place in the patch. Several are nearly black, though one of them stands for nine in ten of the empty patches.
#
# **Exchange symbols by hand:** choose a place in the digit, then another symbol. Does the decoder change that patch alone? (Where no program runs, as on GitHub, a still figure takes its place.)

# %% tags=["nbval-ignore-output"] reason="the model is asserted above"
ae.widgets.exchange_symbols(test, test_symbols, symbolic.codebook, symbolic.decoder)

# %% [markdown]
# ### How many bits?
#
# One of 64 symbols takes $\log_2 64 = 6$ bits, a digit 16 × 6 = 96 bits, **12 bytes**. But empty patches are common, and a codec need not spend as many bits on them as on a rare stroke. So we also count **by frequency**: a symbol that has the
# probability $p$ at its place can be written in $-\log_2 p$ bits (notebook 01). The probabilities are counted on training digits (40,000 for the network, 20,000 for its rivals).
#
# Two rivals. **k-means**: the same patches, the same number of symbols, no network at all: each patch becomes the nearest of 64 patches that are typical of its place. And **PCA**: with 0 to 4 bits for a number, the more the larger its variance; and, counted by frequency, with all numbers rounded to the same step.


# %% tags=["live"]
# bits by frequency, place by place
# instructor minutes: 4
# instructor guess: "Frequencies save next to nothing, 11 of 12 bytes." It takes fewer than 7.5 bytes.
# instructor ask: Why do we add 0.1 to each count? Think of a symbol that the training digits never have at this place.
def code_length(known, symbols, size):
    """Bits of one digit, when a symbol takes -log2 of its frequency at this place among known ones (n, places)."""
    counts = torch.stack([place.bincount(minlength=size) for place in known.T]) + 0.1
    bits = -(counts / counts.sum(1, keepdim=True)).log2()
    return bits.gather(1, symbols.T).sum(0).mean().item()


# %% tags=["nbval-ignore-output"] reason="asserted at the end of the section"
by_frequency = code_length(train_symbols, test_symbols, 64) / 8
shown = {"16 symbols, network": ([12, by_frequency], [symbol_error] * 2)}
new_patches = in_patches(test)
known, new, restored = own.clone(), test_symbols.clone(), new_patches.clone()
for place in range(16):
    k_means = MiniBatchKMeans(64, random_state=0, n_init=1).fit(patches[:, place].numpy())
    centres = torch.from_numpy(k_means.cluster_centers_)
    known[:, place], new[:, place] = nearest(patches[:, place], centres), nearest(new_patches[:, place], centres)
    restored[:, place] = centres[new[:, place]]
k_means_error = ae.reconstruction_error(functional.fold(restored.transpose(1, 2), 28, 7, stride=7), test).item()
shown["16 symbols, k-means"] = ([12, code_length(known, new, 64) / 8], [k_means_error] * 2)
print(f"12 bytes, by frequency {by_frequency:.1f}: error {symbol_error:.1f}, with k-means {k_means_error:.1f}")

# %% tags=["nbval-ignore-output"] reason="asserted at the end of the section"
average = train.flatten(1).mean(0)
components = torch.linalg.eigh((train.flatten(1) - average).T.cov()).eigenvectors.flip(1)
known_codes, new_codes = ((images.flatten(1) - average) @ components[:, :100] for images in (train, test))


def add_point(name, bits, codes):
    """Into the figure below: bits of a digit, and the error of codes (n, size) of the first components."""
    restored = average + codes @ components[:, : codes.shape[1]].T
    error = ae.reconstruction_error(restored.reshape(test.shape).clamp(0, 1), test).item()
    shown[name] = [*shown[name][0], bits / 8], [*shown[name][1], error]


# %% tags=["nbval-ignore-output"] reason="asserted at the end of the section"
shown |= {"PCA, bits by variance": ([], []), "PCA, by frequency": ([], [])}
variances, each_bits = known_codes.var(0), torch.zeros(100)
steps = torch.tensor([1, 1.6, 1.0, 0.59, 0.34])  # in standard deviations, for 0 to 4 bits (Max, 1960)
for total in range(1, 129):  # each bit goes where the most error is left
    each_bits[(variances / 4**each_bits).argmax()] += 1
    if total % 16 == 0:
        step, most = steps[each_bits.long()] * variances.sqrt(), 2 ** (each_bits - 1) - 0.5
        add_point("PCA, bits by variance", total, ((new_codes / step).floor() + 0.5).clamp(-most, most) * step)
for step in (4, 3, 2, 1.5, 1.2):
    known, new = (known_codes / step).round(), (new_codes / step).round()
    new, lowest = new.clamp(known.amin(0), known.amax(0)), known.min()
    bits = code_length((known - lowest).long(), (new - lowest).long(), int(known.max() - lowest) + 1)
    add_point("PCA, by frequency", bits, step * new)

# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
fields = test[:, 0].reshape(-1, 40, 28, 28)  # one large sheet, as in notebook 02
sheet = (fields.permute(0, 2, 1, 3).reshape(-1, 1120) * 255).round().byte().numpy()
shown["JPEG"] = [], []
for quality in (50, 20, 10, 5, 1):
    file = io.BytesIO()
    Image.fromarray(sheet).save(file, format="JPEG", quality=quality, optimize=True)
    error = np.square((np.array(Image.open(file)) - sheet.astype(float)) / 255).sum() / len(test)
    shown["JPEG"] = [*shown["JPEG"][0], len(file.getvalue()) / len(test)], [*shown["JPEG"][1], error]
ae.plots.bytes_against_error(shown, {"one byte per pixel": 784}, what="digit")

# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
at_same_error = {name: np.interp(-symbol_error, -np.array(shown[name][1]), shown[name][0]) for name in list(shown)[2:4]}
for name, size in at_same_error.items():
    print(f"{name}: {size:.1f} bytes for the error of the symbols, {symbol_error:.1f}")
decoder_numbers = ae.count_parameters(symbolic.decoder) + symbolic.codebook.numel()
print(f"numbers in the decoder: {decoder_numbers:,}; in the codebooks of k-means: {16 * 64 * 49:,}")

# %% tags=["collapsed"]
# Proof for the tests: what the text below says.
by_variance = shown["PCA, bits by variance"]
assert by_frequency < 7.5 and by_variance[0][5] == 12 and by_variance[1][5] < 0.95 * k_means_error
assert k_means_error < 0.95 * symbol_error and decoder_numbers > 2 * 16 * 64 * 49
assert not digits.whole or by_frequency < 0.95 * shown["16 symbols, k-means"][0][1]
assert not digits.whole or 1.05 < at_same_error["PCA, by frequency"] / by_frequency < 1.35
of_pca = np.interp(-shown["JPEG"][1][-1], -np.array(by_variance[1]), by_variance[0])
assert 0.45 < of_pca / shown["JPEG"][0][-1] < 0.55

# %% [markdown]
# - **PCA wins** at 12 bytes against three epochs, when its bits go where the variance is. k-means, with a codebook for each place, comes second, with less than half as many numbers to store as the network's decoder.
# - Counted by frequency, the digit takes little more than half of its 12 bytes. That is less than PCA takes for the same error. k-means takes more, at a smaller error.
# - At its lowest quality JPEG takes about twice the bytes of PCA with bits by variance for the same error, not counting PCA's components (notebook 02).

# %% [markdown]
# ### Symbols that draw
#
# Written in symbols, a digit is a text of 16 letters, and texts can be drawn from their statistics. A model of the codes is called a **prior**. A small one counts which symbols occur at each place. A larger one knows which follow which: the probability of a symbol given the one above it and the one to its left,
#
# $$p(s \mid \text{above}, \text{left}) \;\propto\; \frac{p(s \mid \text{above})\; p(s \mid \text{left})}{p(s)} ,$$
#
# a product of two tables for each place, as if the two neighbours, given the symbol, had nothing to do with each other. Nothing is trained, only counted.


# %%
def table(symbols, given=None):
    """Log-probabilities of symbols (n,): (64,), or, given a neighbour's symbols (n,), a row for each: (64, 64)."""
    counts = symbols.bincount(minlength=64) + 0.1
    if given is None:
        return (counts / counts.sum()).log()
    pairs = (64 * given + symbols).bincount(minlength=64**2).reshape(64, 64) + 3 * counts / counts.sum()
    return (pairs / pairs.sum(1, keepdim=True)).log()


# %% tags=["live"]
# how probable is each symbol at one place, given those above and to the left?
# instructor minutes: 5
# instructor guess: "One table for both neighbours would be better." It has 64 × 64 × 64 cells, six times as many as there are digits.
# instructor ask: Suppose we forget to divide by p(s): which symbol would be drawn too often?
known_grid = train_symbols.reshape(-1, 4, 4)


def log_probabilities(grid, row, column, neighbours=True):
    """Log-probabilities (n, 64) of the symbol at one place of symbols (n, 4, 4), given its two neighbours or not."""
    alone = table(known_grid[:, row, column])
    scores = alone.expand(len(grid), 64)
    for r, c in ((row - 1, column), (row, column - 1)):
        if neighbours and min(r, c) >= 0:
            scores = scores + table(known_grid[:, row, column], known_grid[:, r, c])[grid[:, r, c]] - alone
    return scores.log_softmax(1)


# %% [markdown]
# A better prior is a shorter code. In how many bits can test digits be written with either?

# %% tags=["nbval-ignore-output"] reason="asserted below"
test_grid, bits = test_symbols.reshape(-1, 4, 4), {"each place alone": 0.0, "given its neighbours": 0.0}
places = [(row, column) for row in range(4) for column in range(4)]
for row, column in places:
    for name, neighbours in zip(bits, (False, True), strict=True):
        logs = log_probabilities(test_grid, row, column, neighbours)
        bits[name] -= logs.gather(1, test_grid[:, row, column, None]).mean().item() / np.log(2)
for name, many in bits.items():
    print(f"{name}: {many:.1f} bits, {many / 8:.1f} bytes for a digit")

# %% [markdown]
# And now draw: from the upper left to the lower right, each symbol at random with these probabilities. Then the decoder makes an image of them. Two rivals without symbols, on the 24 numbers of PCA: one **Gaussian** with their mean and covariance, and a **mixture** of ten Gaussians, as in notebook 13.


# %% tags=["live"]
# one symbol after the other, then the decoder
# instructor minutes: 4
# instructor guess: "Most are accepted, since all symbols fit." Fewer than half are, and ten Gaussians do better.
# instructor ask: What does the last symbol, lower right, know of the first, upper left?
@torch.no_grad()
def drawn(count, neighbours):
    """Images (count, 1, 28, 28) of digits drawn symbol by symbol."""
    grid = torch.zeros(count, 4, 4, dtype=torch.long)
    for row, column in places:
        probabilities = log_probabilities(grid, row, column, neighbours).exp()
        grid[:, row, column] = torch.multinomial(probabilities, 1)[:, 0]
    return symbolic.decoder(symbolic.codebook[grid.flatten(1)])


# %% tags=["nbval-ignore-output"] reason="asserted below"
ae.seed_everything(0)
codes = (train.flatten(1) - average) @ components[:, :24]
gaussian = torch.distributions.MultivariateNormal(codes.mean(0), codes.T.cov())
mixture = GaussianMixture(10, tol=0.01, reg_covar=0.001, random_state=0).fit(codes[:10_000].double().numpy())
samples = {"one": gaussian.sample((1000,)), "ten": torch.from_numpy(mixture.sample(1000)[0]).float()}
drawings = {
    name: (average + made @ components[:, :24].T).clamp(0, 1).reshape(-1, 1, 28, 28) for name, made in samples.items()
}
drawings = {"PCA, one Gaussian": drawings["one"], "PCA, ten Gaussians": drawings["ten"][torch.randperm(1000)]}
drawings |= {"each place alone": drawn(1000, False), "given its neighbours": drawn(1000, True)}
ae.plots.images({name.replace(" ", "\n", 1): made[:10] for name, made in drawings.items()})

# %% [markdown]
# How many of them are digits? We ask a **jury** as in notebook 11, three classifiers with different seeds: an image counts as a digit if the average of their probabilities is at least 0.9 for one class.

# %%
jury = ae.Jury(train, train_labels, epochs=2, batch_size=2 * batch_size, learning_rate=0.006)

# %%
ae.predict(
    "14 drawn digits", "How many of the digits drawn given their neighbours will the jury accept, in %?", (0, 100)
)


# %% tags=["nbval-ignore-output", "predict"] reason="asserted below"
exhibits = {"real digits": test, "their reconstructions": decoded} | drawings
shares = {name: jury.accepted(images) for name, images in exhibits.items()}
ae.plots.bars(shares, "share called a digit by the jury")

# %%
ae.reveal("14 drawn digits", 100 * shares["given its neighbours"])

# %% tags=["collapsed"]
# Proof for the tests: what the text below says.
assert bits["given its neighbours"] < bits["each place alone"]
if digits.whole:
    assert bits["given its neighbours"] < 0.92 * bits["each place alone"]
    assert 0.5 > shares["given its neighbours"] > 0.03 + max(shares["each place alone"], shares["PCA, one Gaussian"])
    assert shares["PCA, ten Gaussians"] > shares["given its neighbours"] + 0.08
    assert shares["their reconstructions"] > 1.8 * shares["given its neighbours"]

# %% [markdown]
# The neighbours save bits, and more of their digits are accepted than of those whose places are drawn alone, and more than from one Gaussian. Still, most are refused, and ten Gaussians are well ahead. A table sees one symbol in each direction.
#
# Far more of the reconstructions are accepted. So the prior is the weak part, and it can be exchanged without touching encoder or decoder. van den Oord and others trained a deep network to predict the next symbol from those before it. Notebook 13 draws digits from codes that are numbers.

# %% [markdown]
# ## 2. Masked autoencoders
#
# Predict *any part of the input from any observed part*: a **masked autoencoder** (He and others, 2021) hides three quarters of the patches of an image, and fills them in from the rest. To draw the missing half of a 4, one would think, a network has to know what a 4 is; so its codes should be good for more.


# %% tags=["live"]
# hide 12 of the 16 patches of each image
# instructor minutes: 4
# instructor guess: "12 patches are hidden on average." Exactly 12 in each image: `order` has each number from 0 to 15 once.
# instructor ask: Hiding 12 of 16 patches or three quarters of the single pixels: which leaves more to go by, and why?
def patch_mask(images, share=0.75):
    """Where (n, 1, 28, 28) patches of 7 x 7 pixels are hidden: that share of each image's, others each time."""
    order = torch.rand(len(images), 16).argsort(1)  # the numbers 0 to 15 in random order, for each image
    hidden = (order < 16 * share).reshape(-1, 1, 4, 4)
    return hidden.repeat_interleave(7, 2).repeat_interleave(7, 3)


def masked_loss(model, originals):
    """The error of what the model makes of a quarter of the patches."""
    return ae.reconstruction_error(model(originals.masked_fill(patch_mask(originals), 0)), originals)


# %% [markdown]
# (He and others use a *transformer*, a network for sequences, here of patches. Its encoder never sees the hidden ones, and they count the error on those alone. Ours is a network as in notebook 05, and counts all pixels.)
#
# Its rivals are the same network with another loss: *plain*; *denoising*, with noise on every pixel (notebook 09, but not clamped); *contractive*, whose code is not to move with faint noise; and with *single pixels hidden*, chosen one by one as by Vincent and others in 2008, but three quarters of them.


# %%
def noise_loss(model, originals):
    return ae.reconstruction_error(model(originals + 0.5 * torch.randn_like(originals)), originals)


def contractive_loss(model, originals):
    codes, moved = model.encoder(originals), model.encoder(originals + 0.1 * torch.randn_like(originals))
    return ae.reconstruction_error(model.decoder(codes), originals) + 10 * (moved - codes).square().sum(1).mean()


def pixel_loss(model, originals):
    return ae.reconstruction_error(model(originals * (torch.rand_like(originals) < 0.25)), originals)


# %% tags=["nbval-ignore-output"] reason="asserted below"
def trained_with(loss, seed=0):
    """The same small network, with a code of 64 numbers, trained with that loss on 8,000 digits."""
    ae.seed_everything(seed)
    model = ae.fully_connected((1, 28, 28), 64, 128)
    ae.fit(model, train[:8_000], epochs, batch_size=80, learning_rate=0.01, loss=loss, seed=seed)
    return model


losses = {"plain": None, "denoising": noise_loss, "contractive": contractive_loss}
losses |= {"pixels hidden": pixel_loss, "masked": masked_loss}
models = {name: trained_with(loss) for name, loss in losses.items()}

# %% [markdown]
# First, does it fill patches in? A simple rival is a **look-up**: the average of the 20 training digits that are most similar where pixels are visible; or, *not told* where those are, most similar to the image with black patches.

# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
ae.seed_everything(1)
originals, library = test[:500], train[:8_000].flatten(1)  # the digits that the networks have seen
hidden = patch_mask(originals)
visible = originals.masked_fill(hidden, 0)
apart = (~hidden).flatten(1).float() @ library.square().T - 2 * visible.flatten(1) @ library.T
twenty = library[apart.topk(20, largest=False).indices].mean(1).reshape(-1, 1, 28, 28)
untold = library[torch.cdist(visible.flatten(1), library).topk(20, largest=False).indices].mean(1)
fillings = {"mean image": library.mean(0).reshape(1, 1, 28, 28).expand(500, -1, -1, -1), "look-up": twenty}
fillings["look-up, not told"] = untold.reshape(-1, 1, 28, 28)
with torch.no_grad():
    fillings |= {name: model(visible) for name, model in models.items()}
filling_errors = {name: ((made - originals) * hidden).square().sum().item() / 500 for name, made in fillings.items()}
ae.plots.bars(filling_errors, "error in the hidden patches")

# %%
assert filling_errors["look-up"] < 0.95 * filling_errors["masked"] or not digits.whole
assert not digits.whole or filling_errors["mean image"] < min(
    filling_errors[name] for name in losses if name != "masked"
)
assert filling_errors["masked"] < min(filling_errors[name] for name in losses if name != "masked")
assert not digits.whole or filling_errors["look-up, not told"] > 1.1 * filling_errors["mean image"]
verdicts = {name: jury.verdict(fillings[name].where(hidden, originals)).argmax(1) for name in ("masked", "look-up")}
wrong = {name: (verdict != test_labels[:500]).float().mean() for name, verdict in verdicts.items()}
assert not digits.whole or 0.45 > wrong["masked"] > max(1 / 3, wrong["look-up"] + 0.02)
rows = {"original": originals[:9], "visible": visible[:9]}
ae.plots.images(rows | {name: fillings[name][:9].where(hidden[:9], originals[:9]) for name in ("masked", "look-up")})

# %% [markdown]
# The jury of section 1 takes more than a third of the masked network's fillings for another digit. The look-up is *ahead* of it, and mistaken less often, if it is told which pixels are hidden, and worse than the mean image if not. So are the other networks, which were never asked to fill in patches. But a network keeps its codes. What are they good for?
#
# The linear probe of notebook 09 tells: ten labelled digits of each class, ten times.

# %%
ae.predict(
    "14 best code",
    "Whose codes serve a linear classifier best?",
    ["PCA or plain", "contractive", "denoising or pixels hidden", "masked"],
)


# %% tags=["nbval-ignore-output", "predict"] reason="asserted below"
@torch.no_grad()
def examine(encode, error):
    """The test error, the nearest-neighbour accuracy and the ten shares of the linear probe, as in notebook 09."""
    known, new = encode(train[:2000]), encode(test)
    accuracy = ae.nearest_neighbour_accuracy(new[:2000], test_labels[:2000], "euclidean")
    return error, accuracy, ae.linear_probe(known, train_labels[:2000], new, test_labels, draws=draws)


results = {"pixels": examine(nn.Flatten(), 0.0)}
pca_64 = examine(lambda images: (images.flatten(1) - average) @ components[:, :64], ae.pca_error(64, train, test))
blur = nn.Sequential(nn.AvgPool2d(5, 1, 2), nn.Flatten())  # each pixel the mean of 5 x 5
results["blurred pixels"] = examine(blur, ae.reconstruction_error(blur[0](test), test).item())
results |= {"PCA, 64": pca_64} | {
    name: examine(model.encoder, ae.evaluate(model, test)) for name, model in models.items()
}
ae.plots.code_comparison(results)

# %%
if digits.whole:
    ae.reveal("14 best code", "denoising or pixels hidden")

# %% [markdown]
# (The errors are those on whole digits, which only the plain and the contractive network have been trained on.) We train the two at the bottom with two more seeds:

# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
by_seed = {name: [results[name][2].mean().item()] for name in results}
for name in ("pixels hidden", "masked"):
    for seed in more_seeds:
        again = trained_with(losses[name], seed).encoder
        codes = [again(images).detach() for images in (train[:2000], test)]
        by_seed[name] += [ae.linear_probe(codes[0], train_labels[:2000], codes[1], test_labels).mean().item()]
for name, several in by_seed.items():
    print(f"{name}: " + ", ".join(f"{share:.1%}" for share in several))

# %% tags=["collapsed"]
# Proof for the tests: what the text below says.
if digits.whole:
    assert max(by_seed[name][0] for name in ("PCA, 64", "plain")) < by_seed["pixels"][0] + 0.005
    assert abs(by_seed["contractive"][0] - by_seed["pixels"][0]) < 0.0149
    best = by_seed["denoising"] + by_seed["pixels hidden"] + by_seed["blurred pixels"]
    assert all(0.018 < share - by_seed["pixels"][0] < 0.045 for share in best)
    assert -0.01 < np.mean(by_seed["masked"]) - by_seed["pixels"][0] < 0.0149
    assert max(results[name][1] for name in ("masked", "pixels hidden")) < results["pixels"][1]

# %% [markdown]
# The contractive penalty (one seed) gains less than a point and a half over the pixels. So does hiding patches, on average over the seeds; and its nearest neighbours agree less often. **Simple rivals win**: hiding *single pixels* gains two to four, with each of three seeds. So do **blurred** pixels, each the mean of 5 × 5, with no network; and so does noise (one seed).
#
# He and others train large networks on photographs, where, as they argue, a missing patch can be filled in from its neighbours with little understanding; so they hide most of them. A code of 64 numbers, learned from digits in seconds, says nothing against that.

# %% [markdown]
# ## 3. Sparse autoencoders that read a network
#
# What do the units inside a network stand for? One would like each to stand for one thing. Often it does not: it answers to several unrelated things. One explanation is **superposition** (Elhage and others, 2022): a network knows more things, *features*, than it has units, and gives each of them a *direction* of its own.
# That works as long as few are there at once. Then a **sparse autoencoder** with many units, few of them active, might find these directions (Cunningham and others, 2023).
#
# ### A truth that we know
#
# Before we trust a method, we try it where we know the answer. We make 60 features, random directions in only 20 dimensions. Each example is the sum of a few of them, with strengths between ½ and 1.


# %%
def superposed(active, examples=examples_count):
    """Examples (n, 20), each the sum of that many of 60 features; and the features' directions (60, 20)."""
    directions = functional.normalize(torch.randn(60, 20), dim=1)
    chosen = torch.rand(examples, 60).argsort(1)[:, :active]
    strengths = torch.zeros(examples, 60).scatter(1, chosen, 0.5 + 0.5 * torch.rand(examples, active))
    return strengths @ directions, directions


# %% [markdown]
# The sparse autoencoder has twice as many units as there are features, and in each code only the $k$ strongest stay (*top-k*, notebook 09, exercise 2). This gives sparse codes without a penalty.


# %% tags=["live"]
# more units than inputs, of which only the k strongest answer
# instructor minutes: 5
# instructor guess: "20 at most, there are only 20 dimensions." With three at a time it recovers nearly all of the 60.
# instructor ask: How can 60 directions have room in 20 dimensions? What do they have to give up?
class SparseAutoencoder(nn.Module):
    def __init__(self, inputs, units, k):
        super().__init__()
        self.k, self.reader, self.writer = k, nn.Linear(inputs, units), nn.Linear(units, inputs)
        with torch.no_grad():  # at first each unit writes what it reads
            self.reader.weight.copy_(functional.normalize(torch.randn(units, inputs), dim=1))
            self.writer.weight.copy_(self.reader.weight.T)

    def encoder(self, inputs):
        activity = self.reader(inputs.flatten(1) - self.writer.bias).relu()
        strongest, places = activity.topk(self.k, dim=1)
        return torch.zeros_like(activity).scatter(1, places, strongest)

    def forward(self, inputs):
        return self.writer(self.encoder(inputs)).reshape(inputs.shape)


# %% [markdown]
# A direction is **recovered** if some unit writes along it (cosine similarity above 0.9). Rivals: PCA, which can only have 20 directions; and k-means, whose 120 centres are directions, too.

# %%
ae.predict(
    "14 superposition", "Three features at a time: how many of the 60 will the sparse autoencoder recover?", (0, 60)
)


# %%
def read_with(inputs, units, k, epochs):
    """A sparse autoencoder trained on inputs (n, d), which ae.fit takes as images of one row, in [0, 1]."""
    model = SparseAutoencoder(inputs.shape[1], units, k)
    rows = ((inputs - inputs.min()) / (inputs.max() - inputs.min()))[:, None, None]
    with torch.no_grad():
        model.reader.bias.zero_()
        model.writer.bias.copy_(rows.mean((0, 1, 2)))
    ae.fit(model, rows, epochs, batch_size=max(64, batch_size), learning_rate=0.01, precision="float32")
    return model


def recovered(found, directions):
    """The share of directions (60, d) that lie along one of those found (n, d)."""
    return (functional.normalize(found, dim=1) @ directions.T).amax(0).gt(0.9).float().mean().item()


# %% tags=["nbval-ignore-output", "predict"] reason="asserted in the next cell"
ae.seed_everything(0)
together, found = [1, 2, 3, 5], {"sparse autoencoder": [], "k-means": [], "PCA": []}
for active in together:
    examples, directions = superposed(active)
    sparse = read_with(examples, 120, active, 6)
    centres = KMeans(120, random_state=0, n_init=1).fit(examples.numpy()).cluster_centers_
    basis = torch.linalg.svd(examples - examples.mean(0), full_matrices=False)[2]
    found["sparse autoencoder"] += [recovered(sparse.writer.weight.detach().T, directions)]
    found["k-means"] += [recovered(torch.from_numpy(centres), directions)]
    found["PCA"] += [recovered(torch.cat([basis, -basis]), directions)]
ae.plots.curves(found, "features at a time", "share of 60 features recovered", together)

# %%
ae.reveal("14 superposition", 60 * found["sparse autoencoder"][together.index(3)])

# %% tags=["collapsed"]
# Proof for the tests: what the text below says.
by_count = {name: dict(zip(together, values, strict=True)) for name, values in found.items()}
assert not digits.whole or min(by_count["sparse autoencoder"][active] for active in (2, 3)) > 0.9
assert max(values[5] for values in by_count.values()) < 0.35
assert not digits.whole or by_count["k-means"][2] > by_count["sparse autoencoder"][2] - 0.1
assert by_count["k-means"][1] > 0.9 and by_count["k-means"][1] > by_count["sparse autoencoder"][1] + 0.05
assert not digits.whole or by_count["k-means"][3] > by_count["sparse autoencoder"][3] - 0.15
assert max(found["PCA"]) == 0

# %% [markdown]
# With two or three features at a time the sparse autoencoder finds **nearly all 60, in 20 dimensions**. PCA finds none.
#
# With one feature at a time, when each example lies along a feature, k-means is better; with two it is level, with three nearly so. With five, none of the three finds much, the sparse autoencoder in six epochs. (Dictionary learning, the classical method for this, is not in the figure.) And we told the sparse autoencoder how many features are active, which is not known in a real network.
#
# ### A network that we do not know
#
# Now the first judge of our jury, a classifier with 128 hidden units. We read its hidden layer: 256 units, 4 of them active for each digit.

# %% tags=["nbval-ignore-output"] reason="asserted below"
classifier = jury.judges[0]
hidden_layer, last_layer = classifier[:3], classifier[3]
with torch.no_grad():
    neurons, test_neurons = hidden_layer(train), hidden_layer(test)
scale = neurons.max()  # the sparse autoencoder sees numbers in [0, 1]
ae.seed_everything(0)
sparse = {k: read_with(neurons[:12_000], 256, k, epochs) for k in (2, 4, 8, 16)}  # 4 below; the others for comparison
reader = sparse[4]
with torch.no_grad():
    features = reader.encoder(test_neurons / scale)
active = [(each > 0).sum(1).float().mean() for each in (test_neurons, features)]
print(f"active for a digit: {active[0]:.0f} of 128 neurons, {active[1]:.0f} of 256 features")

# %% [markdown]
# How many **classes** does a unit answer to? Take its average activity for each of the ten classes. If it answers to one class alone, the count is 1; if equally to all, 10; in between the count is $e^{H}$, with their entropy $H$. (Notebook 06 counted by the participation ratio.)


# %% tags=["live"]
# average activity by class, and the number of classes that a unit answers to
# instructor minutes: 4
# instructor guess: "A feature answers to one class, a neuron to all ten." It is about three for a feature, seven for a neuron.
# instructor ask: A unit is equally active for two classes, and never for the others. Which count does it get?
def classes_answered(activity, labels):
    """Average activity by class (10, units) as shares of each unit's, and how many classes each answers to (units,)."""
    by_class = torch.stack([activity[labels == each].mean(0) for each in range(10)])
    shares = by_class / by_class.sum(0)
    return shares, (-(shares * shares.clamp(min=1e-9).log()).sum(0)).exp()


# %% tags=["nbval-ignore-output"] reason="asserted below"
four = test_neurons * (test_neurons >= test_neurons.topk(4, dim=1).values[:, -1:])
activities = {"neurons": test_neurons, "features": features, "neurons (only the four strongest kept)": four}
alive = {name: each[:, (each > 0).sum(0) > 10] for name, each in activities.items()}
answers = {name: classes_answered(activity, test_labels) for name, activity in alive.items()}
medians = {name: many.median().item() for name, (_, many) in answers.items()}
for name, median in medians.items():
    print(f"{alive[name].shape[1]} {name} are active at times; half of them answer to fewer than {median:.1f} classes")
rows = [f"{name} {number}" for name in ("neuron", "feature") for number in range(1, 11)]
ae.plots.heatmap(torch.cat([answers[name][0].T[:10] for name in ("neurons", "features")]), rows, range(10), "class")

# %% [markdown]
# A neuron answers to about seven classes, a feature to about three. The features are **purer**, though not pure; and most of the 256 are active for at most ten of the 5,000 test digits. But the *neurons*, too, answer to about three when only the four strongest are kept.
#
# (Is a class the right thing to ask for? A feature may stand for a stroke that occurs in several digits, and be pure all the same. Classes are only what we have labels for.)
#
# ### Does the classifier notice?
#
# A reading is faithful if the network works as well with it: we replace the hidden layer's activity by its reconstruction, and let the last layer answer. Three rivals keep $k$ numbers, too: PCA, random directions, and the $k$ most active neurons with all others set to 0. A fourth is a look-up that keeps one symbol: which of 256 centres, found by k-means, is the nearest.

# %%
ae.predict(
    "14 replaced",
    "The classifier is right for about 93 %. How often, in %, with 4 features in place of 128 neurons?",
    (10, 100),
)


# %%
@torch.no_grad()
def right_answers(activity):
    """The share of test digits that the last layer classifies correctly by this activity of the hidden layer."""
    return (last_layer(activity).argmax(1) == test_labels).float().mean().item()


# %% tags=["nbval-ignore-output", "predict"] reason="asserted below"
mean = neurons.mean(0)
basis = torch.linalg.eigh((neurons - mean).T.cov()).eigenvectors.flip(1)
ae.seed_everything(0)
random_basis = torch.linalg.qr(torch.randn(128, 128))[0]
replaced = {"sparse autoencoder": [], "PCA": [], "strongest neurons": [], "random directions": []}
for k, model in sparse.items():
    with torch.no_grad():
        replaced["sparse autoencoder"] += [right_answers(model(test_neurons / scale) * scale)]
    for name, directions in (("PCA", basis[:, :k]), ("random directions", random_basis[:, :k])):
        replaced[name] += [right_answers(mean + (test_neurons - mean) @ directions @ directions.T)]
    smallest = test_neurons.topk(k, dim=1).values[:, -1:]
    replaced["strongest neurons"] += [right_answers(test_neurons * (test_neurons >= smallest))]

# %% tags=["nbval-ignore-output", "predict"] reason="asserted in a cell below"
k_means = MiniBatchKMeans(256, random_state=0, n_init=1, batch_size=4096, max_iter=10).fit(neurons[:10_000].numpy())
centres = torch.from_numpy(k_means.cluster_centers_)
looked_up = right_answers(centres[nearest(test_neurons, centres)])
itself = {"the classifier itself": right_answers(test_neurons)}
curves = replaced | {"look-up, one symbol": [looked_up] * len(sparse)}
ae.plots.curves(curves, "numbers kept", "share classified correctly", list(sparse), itself)

# %%
ae.reveal("14 replaced", 100 * replaced["sparse autoencoder"][1])


# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
def loss_of(activity):
    """The cross-entropy of the last layer's answers to this activity."""
    with torch.no_grad():
        return functional.cross_entropy(last_layer(activity), test_labels).item()


with torch.no_grad():
    read = reader(test_neurons / scale) * scale
by_pca = {k: mean + (test_neurons - mean) @ basis[:, :k] @ basis[:, :k].T for k in (4, 8)}
costs = {"the classifier itself": loss_of(test_neurons), "4 features": loss_of(read)}
costs |= {f"PCA, {k} numbers": loss_of(each) for k, each in by_pca.items()}
costs["look-up, one symbol"] = loss_of(centres[nearest(test_neurons, centres)])
for name, cost in costs.items():
    print(f"{name}: cross-entropy {cost:.2f}")

# %% tags=["collapsed"]
# Proof for the tests: what the text below says.
itself = right_answers(test_neurons)
ours, pca, strongest_neurons, at_random = (dict(zip(sparse, values, strict=True)) for values in replaced.values())
margin = 0.1 if digits.whole else 0
assert itself - ours[4] < (0.06 if digits.whole else 0.2) and ours[4] > margin + max(pca[4], strongest_neurons[4])
assert ours[4] > pca[8] - (0 if digits.whole else 0.05) and abs(ours[16] - pca[16]) < 0.03
assert not digits.whole or all(0.67 < each[4] / itself < 0.8 for each in (strongest_neurons, pca))
assert at_random[4] < 0.2 and costs["the classifier itself"] < costs["4 features"] < costs["PCA, 4 numbers"]
assert costs["4 features"] < costs["PCA, 8 numbers"] or not digits.whole
neurons_median, features_median, four_median = medians.values()
assert neurons_median > 1.6 * features_median and (2.5 < four_median < 3.4 or not digits.whole)
assert not digits.whole or alive["features"].shape[1] < 128
assert not digits.whole or (abs(looked_up - ours[4]) < 0.04 and 0.9 < itself < 0.96)
assert not digits.whole or costs["look-up, one symbol"] > costs["4 features"] + 0.03

# %% [markdown]
# Four features in place of 128 neurons cost the classifier a few points. The four strongest neurons, or four numbers of PCA, cost it between a fifth and a third of its right answers; random directions leave it little better than guessing.
#
# Is that fair? The sparse autoencoder says four numbers *and which* four of 256. Count the choice as four more numbers: then it is still ahead of PCA with eight. But at 16 PCA is nearly as good. And the **look-up**, which says nothing but which of 256 centres is nearest, gives about as many right answers as the four features, though its cross-entropy is larger. The last layer's ten outputs need no learning, and lose nothing. Faithful is not the same as understood.
#
# ### Turn one feature by hand
#
# That a feature is active for 3s does not prove that the classifier *uses* it as a sign of a 3. An experiment can: turn it up and watch the answer. Of the features that are active for at least one training digit in a hundred, this is the one that answers most purely to one class, with the test digits for which it is most active:

# %% tags=["nbval-ignore-output"] reason="asserted below"
with torch.no_grad():
    train_features = reader.encoder(neurons / scale)  # features are chosen on training digits
shares, many = classes_answered(train_features, train_labels)
frequent = (train_features > 0).sum(0) > len(train) / 100
feature = many.where(frequent, torch.inf).argmin().item()
target = shares[:, feature].argmax().item()
strongest = features[:, feature].argsort(descending=True)[:10]
assert many[feature] < 3
print(f"feature {feature} answers to {many[feature]:.1f} classes, most of all to {target}")
ae.plots.images({f"feature {feature}": test[strongest]}, [f"{value:.2f}" for value in features[strongest, feature]])

# %% [markdown]
# One feature of one class could be luck. So we do it for each class $c$ in turn, with the feature that answers most purely to it. Five rivals, of the same length: the **neuron** with the largest weight for $c$ in the last layer; the **k-means centre** with most digits of $c$ in its cluster, less the mean; the **difference of means**, from all other digits to those of $c$, which knows the labels; the **last layer's weights** for $c$, less their average over the classes; and a random direction. (The bars span the ten classes.)

# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
strengths = [0, 0.5, 1, 1.5, 2, 3]
names = "feature", "neuron", "k-means centre", "difference of means", "last layer's weights", "random direction"
turned, of_centre = {name: [] for name in names}, nearest(neurons, centres)
weights = last_layer.weight.detach() - last_layer.weight.detach().mean(0)  # less the average over the classes
for target in range(10):
    others, own = test_neurons[test_labels != target], train_labels == target
    difference = neurons[own].mean(0) - neurons[~own].mean(0)
    feature = (shares[target] * frequent).nan_to_num().argmax()
    tried = reader.writer.weight.detach()[:, feature], torch.eye(128)[weights[target].argmax()]
    centre = centres[of_centre[own].bincount().argmax()] - mean
    tried = *tried, centre, difference, weights[target], random_basis[:, target]
    for curve, each in zip(turned.values(), tried, strict=True):
        steps = [s * functional.normalize(each, dim=0) * difference.norm() for s in strengths]
        curve.append(torch.stack([(last_layer(others + step).argmax(1) == target).float().mean() for step in steps]))
turned = {name: torch.stack(curve) for name, curve in turned.items()}
ae.plots.curves(turned, "strength (1: the distance of the means)", "share of others called c", strengths)

# %% tags=["collapsed"]
# Proof for the tests: what the text below says, at three times the distance of the means and at that distance.
final, once = ({name: values.mean(0)[place].item() for name, values in turned.items()} for place in (-1, 2))
assert final["difference of means"] > final["feature"] > 2 * final["neuron"] and final["random direction"] < 0.1
assert once["last layer's weights"] > once["difference of means"] + 0.05 > once["feature"] + 0.1
assert not digits.whole or (
    once["k-means centre"] > once["feature"] and final["k-means centre"] > final["feature"] - 0.03
)
pure = (shares * frequent).nan_to_num().argmax(1)[test_labels]  # for each digit the feature of its class
away = features.gather(1, pure[:, None]) * scale * reader.writer.weight.detach().T[pure]
random_away = random_basis.T[test_labels] * away.norm(dim=1, keepdim=True)
assert not digits.whole or right_answers(test_neurons - away) < 0.9 * itself
assert right_answers(test_neurons - random_away) > 0.97 * itself

# %% [markdown]
# Turned up, a feature changes the answer to its class far more often than a single neuron, and a random direction does next to nothing on average. So the classifier does answer to these directions; taken away from the digits of their class, they cost it more than a tenth of its right answers, random directions of the same length less than 3 %. But the **difference of means** is stronger, and, at the distance of the means, the **last layer's weights**
# are stronger still. These two take labels for a thing, or an output that stands for it; to train a sparse autoencoder takes neither. But nor does k-means, and its **centre** does no worse here.

# %% [markdown]
# **Turn features yourself:** choose a digit and a feature, and turn it up until the answer changes. (Where no program runs, as on GitHub, a still figure takes its place.)

# %% tags=["nbval-ignore-output"] reason="a figure of what is asserted above"
ae.widgets.turn_feature(test, test_labels, test_neurons, features, reader.writer.weight * scale, last_layer)

# %% [markdown]
# ## 4. What a distance sees
#
# The notebooks have found fault with the squared error: move a digit by one pixel, and it is large. One can also measure in the *features of a trained network*: a **perceptual distance** (Johnson and others, 2016; Zhang and others, 2018). Ours is the squared distance between the activities of our classifier's hidden layer.
#
# Five things happen to a digit: it moves by one pixel, or by two; it is blurred; a square of 8 × 8 pixels at its centre is erased; its strokes get thinner. Each distance is given in percent of that to a digit of another class.


# %%
def thinned(images):
    """Each pixel becomes the darkest of the four in the square of which it is the upper left one."""
    return -functional.max_pool2d(functional.pad(-images, (0, 1, 0, 1)), 2, 1)


one, one_labels = test[:1000], test_labels[:1000]
erased = one.clone()
erased[:, :, 10:18, 10:18] = 0
partner = torch.stack([(one_labels != each).float() for each in one_labels]).multinomial(1)[:, 0]
changed = {"moved by 1": functional.pad(one, (1, -1)), "moved by 2": functional.pad(one, (2, -2))}
changed |= {"blurred": functional.avg_pool2d(one, 3, 1, 1), "erased": erased}
changed |= {"thinner": thinned(one), "another class": one[partner]}
ae.plots.images({"original": one[:8]} | {name: each[:8] for name, each in changed.items()}, errors=True)

# %%
ae.predict(
    "14 perceptual",
    "By squared error an erased centre is a smaller change than a step of one pixel. In the classifier's features?",
    ["smaller, too", "about the same", "larger"],
)


# %% tags=["nbval-ignore-output", "predict"] reason="asserted below"
def cross_entropy(images, others):
    """That of pixels, with others in the place of the reconstruction, less its lowest value."""
    costs = [
        functional.binary_cross_entropy(each.clamp(0.01, 0.99), images, reduction="none") for each in (others, images)
    ]
    return (costs[0] - costs[1]).flatten(1).sum(1)


@torch.no_grad()
def in_features(images, others, layers=hidden_layer):
    return (layers(images) - layers(others)).square().sum(1)


# %% tags=["nbval-ignore-output", "predict"] reason="asserted below"
distances = {"squared error": lambda images, others: (images - others).square().flatten(1).sum(1)}
distances |= {
    "cross-entropy": cross_entropy,
    "perceptual": in_features,
    "blurred first": lambda *pair: in_features(*pair, nn.Sequential(nn.AvgPool2d(7, 1, 3), nn.Flatten())),
}
seen = {
    name: {change: far(one, each).mean().item() for change, each in changed.items()} for name, far in distances.items()
}
percent = {
    name: {change: 100 * far / row["another class"] for change, far in row.items()} for name, row in seen.items()
}
ae.plots.bars(percent)

# %%
size = percent["perceptual"]["erased"] / percent["perceptual"]["moved by 1"]
ae.reveal("14 perceptual", "larger" if size > 1.1 else "about the same" if size > 0.9 else "smaller, too")

# %% tags=["collapsed"]
# Proof for the tests: what the text below says.
squared, entropy, learned, simple = percent.values()
assert squared["erased"] < squared["moved by 1"] < squared["moved by 2"] and entropy["erased"] < entropy["moved by 1"]
assert squared["blurred"] == min(squared.values()) and all(abs(squared[each] - entropy[each]) < 8 for each in squared)
assert learned["erased"] > (2.5 if digits.whole else 1.2) * learned["moved by 1"]
assert learned["moved by 1"] < (0.3 if digits.whole else 0.7) * squared["moved by 1"] and learned["blurred"] < 5
assert simple["erased"] > 2.5 * simple["moved by 1"] and simple["moved by 1"] < 0.4 * squared["moved by 1"]
assert 60 < squared["moved by 2"] < 75
ae.seed_everything(0)
untrained = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU())
before = {change: in_features(one, each, untrained).mean().item() for change, each in changed.items()}
before = {change: 100 * far / before["another class"] for change, far in before.items()}
assert before["erased"] < before["moved by 1"] and all(abs(before[each] - squared[each]) < 14 for each in squared)

# %% [markdown]
# - **Squared error** takes a digit moved by two pixels to be about 70 % of the way to another class, and minds the blur least of all. To it a hole in the centre is a smaller change than a step of one pixel. **Cross-entropy** gives percentages within eight points of these: it, too, compares pixel by pixel.
# - In the **features** a step to the side has shrunk to a quarter, and the hole weighs several times as much as the step. The classifier hardly notices the blur. In the features of an untrained network of the same shape the hole weighs less than the step.
# - A simple rival needs no network: **blur** both images first, each pixel the mean of 7 × 7, and take the squared error. The step shrinks nearly as much, and the hole weighs several times as much as the step.
#
# The autoencoder of latent diffusion (section 5) adds a perceptual distance to a comparison of pixels, and a second network that judges whether the result looks real.

# %% [markdown]
# ## 5. A map of what came after
#
# This course has been about one idea: squeeze through a code, and compare with the input. Here is some of what grew out of it, and, with flow matching, what is used on its codes. Where a notebook of this course has it, try it there.
#
# - **Variational autoencoders** (Kingma and Welling, *Auto-Encoding Variational Bayes*, 2013, arXiv:1312.6114). The encoder gives a distribution of codes in place of one code, and a sample of it is decoded. A second term of the loss keeps these distributions close to a prior, from which one can then draw codes. Notebook 13 builds one.
# - **Discrete codes** (van den Oord and others, *Neural Discrete Representation Learning*, 2017, arXiv:1711.00937). A codebook turns an image, a sound or a film into symbols, and the straight-through estimator carries the gradient past the choice. A second network learns which symbols follow which, and draws new ones. This is section 1.
# - **Masked autoencoders** (He and others, *Masked Autoencoders Are Scalable Vision Learners*, 2021, arXiv:2111.06377). Three quarters of the patches of a photograph are hidden, and the encoder sees only the rest. A small decoder fills in the pixels, and is thrown away after training; the encoder goes on to be used for other tasks. This is section 2.
# - **Latent diffusion** (Rombach and others, *High-Resolution Image Synthesis with Latent Diffusion Models*, 2021, arXiv:2112.10752). An autoencoder is trained first, with a perceptual distance in its loss, and shrinks an image to a small grid of codes. A diffusion model, which learns to remove noise step by step, then works on these codes instead of pixels. That makes training and drawing cheaper; the decoder adds the details.
# - **Flow matching** (Lipman and others, *Flow Matching for Generative Modeling*, 2022, arXiv:2210.02747). A network learns the velocity with which samples of noise move to become data, by plain regression on given paths from one to the other. To draw, one starts at noise and follows the velocity. Notebook 13 does it with the codes of digits.
# - **Sparse autoencoders that read networks** (Cunningham and others, *Sparse Autoencoders Find Highly Interpretable Features in Language Models*, 2023, arXiv:2309.08600). The input is the inner activity of a language model, and the code is overcomplete and sparse. By the measure of the paper, its features are easier to interpret than the model's own units. This is section 3.
#
# Further sources. Straight-through: Bengio and others, arXiv:1308.3432, who name a lecture of Hinton's. Superposition: Elhage and others, arXiv:2209.10652. Perceptual distances: Johnson and others, arXiv:1603.08155; Zhang and others, arXiv:1801.03924. Hidden pixels: Vincent and others, ICML 2008. Top-k: Makhzani and Frey, arXiv:1312.5663.

# %% [markdown]
# ## Your turn
#
# Exercises 1 to 5 end in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint. Stars give the difficulty, from one to three.
#
# **1. How many bits?** (★, 5 minutes) An image is stored as `rows` × `columns` symbols from a codebook of `size` vectors. Each symbol takes the same whole number of bits, as few as possible. How many bits does the image take?
#
# <details><summary>Hint</summary>
#
# With 6 bits one can tell $2^6 = 64$ symbols apart. And 50 symbols? `math.log2` and `math.ceil` help.
#
# </details>


# %%
def symbol_bits(rows, columns, size):
    """Bits of an image of rows * columns symbols, each one of size."""
    # answer:
    return rows * columns * math.ceil(math.log2(size))
    # student: return ...


ae.check.bits_as_symbols(symbol_bits)

# %% [markdown]
# **2. Rounding, straight through.** (★★, 10 minutes) Rounding has no useful gradient, either. Write a function whose *value* is that of the numbers rounded to whole ones, and whose *gradient* is that of numbers that were not rounded.
#
# <details><summary>Hint</summary>
#
# Section 1 has one line for it. What takes the place of the chosen vector?
#
# </details>


# %%
def round_through(numbers):
    """The numbers rounded to whole ones; gradients pass as if nothing had been rounded."""
    # answer:
    return numbers + (numbers.round() - numbers).detach()
    # student: return ...


ae.check.rounding_straight_through(round_through)

# %% [markdown]
# **3. What comes next?** (★★, 15 minutes) `given` and `symbols` (n,) are pairs: the second symbol came right after the first, each a number below `size`. Make the table of probabilities (size, size): row $a$, column $b$ holds the probability of $b$, given $a$. Begin all counts at 1, so that no pair is impossible.
#
# <details><summary>Hint 1</summary>
#
# First count the pairs. `given * size + symbols` is another number for each kind of pair; `bincount` counts numbers.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Given $a$, *some* symbol comes next. So what does each row sum to?
#
# </details>


# %%
def next_table(given, symbols, size):
    """The probability (size, size) of each symbol (columns), given the one before it (rows)."""
    # answer:
    counts = (given * size + symbols).bincount(minlength=size**2).reshape(size, size) + 1
    return counts / counts.sum(1, keepdim=True)
    # student: return ...


# %% tags=["nbval-ignore-output"]
if ae.check.next_symbol(next_table):
    left_to_right = torch.as_tensor(next_table(known_grid[:, 0, 0], known_grid[:, 0, 1], 64))
    empty = known_grid.flatten().bincount().argmax()
    print(f"upper left: the symbol of most empty patches repeats itself in {left_to_right[empty, empty]:.0%}")

# %% [markdown]
# **4. Hide the lowest.** (★★, 15 minutes) `patch_mask` of section 2 draws its own random numbers. Write one that is told what to hide: `numbers` (n, 4, 4) has one number for each patch, all of them different. Hide, in each image, the `count` patches (0 to 16) with the lowest numbers. Return where pixels are hidden, True or False, (n, 1, 28, 28).
#
# <details><summary>Hint 1</summary>
#
# Which of the 16 numbers are the `count` lowest? `topk(count, largest=False)` knows their places. Or: `argsort` gives the places in order, and `argsort` of *that* the rank of each.
#
# </details>
# <details><summary>Hint 2</summary>
#
# From (n, 4, 4) to (n, 1, 28, 28): see the last line of `patch_mask`.
#
# </details>


# %%
def hide_lowest(numbers, count):
    """Where (n, 1, 28, 28) the count patches with the lowest numbers (n, 4, 4) of each image are hidden."""
    # answer:
    ranks = numbers.flatten(1).argsort(1).argsort(1)
    hidden = (ranks < count).reshape(-1, 1, 4, 4)
    return hidden.repeat_interleave(7, 2).repeat_interleave(7, 3)
    # student: return ...


# %% tags=["expected"]
numbers = torch.arange(16.0).reshape(1, 4, 4).expand(6, 4, 4)
ae.check.patches_hidden(hide_lowest) and ae.plots.images(
    {"left to right": test[:6].masked_fill(torch.as_tensor(hide_lowest(numbers, 8)).bool(), 0)}
)

# %% [markdown]
# **5. Is it used?** (★, 5 minutes) A sparse autoencoder has found a feature that is active for 7s alone. What shows that the classifier *uses* it to recognise 7s?
#
# - **a** It is active for 7s, and for no other digit.
# - **b** Replaced by their reconstructions, the activities of the hidden layer lead to nearly the same answers.
# - **c** Turned down to 0, it makes the classifier miss many 7s, and other features of the same strength do not.
# - **d** The ten digits for which it is most active are all 7s with the same stroke.

# %%
# answer:
answer = "c"
# student: answer = ...
ae.check.feature_is_used(answer)

# %% [markdown]
# **6. Investigate: a prior for each class.** (★★, 20 minutes, no check) The tables of section 1 do not know which digit they draw. Make them from the digits of one class only, draw 200, and ask the jury, for each of the ten classes. *Predict* how many will be accepted. Which class fares best, which worst, and how many numbers have to be stored in the tables of all ten?

# %% tags=["nbval-ignore-output"] reason="an investigation: every student has numbers of their own"
# answer:
every_grid = known_grid
for digit in range(10):  # 1s and 6s fare best, 9s worst; nearly a million numbers, more than the symbols counted
    known_grid = every_grid[digits.train_labels[:40_000] == digit]  # what log_probabilities counts in
    print(f"only {digit}s: {jury.accepted(drawn(200, True)):.0%} accepted")
known_grid = every_grid
# student: # your tables, your prediction, your measurement

# %%
ae.check.progress(14)

# %% [markdown]
# ## What to remember
#
# - Vector quantisation writes an image in symbols of a codebook. Gradients go straight through the choice; dead symbols are moved to where the vectors are. What counts is bits, by frequency.
# - To draw from codes takes a prior, and how good the drawings are depends on it.
# - Hide most patches and predict them: in three epochs on digits it hardly helps the linear probe, and noise, single hidden pixels or a mere blur help more. Measure before you believe.
# - A sparse autoencoder can find features in superposition, here two or three at a time; so can k-means. That a feature is used is shown by turning it, not by looking at it.
# - Squared error and a distance in a network's features weigh the same changes differently. Blur both images first, and squared error, too, weighs a hole more than a step.
#
# **Where next:** this is the end of the course. Take one of the papers of section 5 (any but flow matching, which has no encoder), and find in it the encoder, the code, the decoder, and the rival that it was compared with.
