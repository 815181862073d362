# %% [markdown]
# # 13 Drawing new digits
#
# **Purpose:** draw digits that no person has written, with a Gaussian mixture, a variational autoencoder and flow matching, and find out by measuring which of them draws best within seconds.
#
# After this notebook you can
#
# - say why the codes of a plain autoencoder cannot simply be sampled, and what helps at once;
# - write out the loss of a **variational autoencoder**, count its codes in nats and bits, and explain posterior collapse and blur;
# - train **flow matching** in the latent space and in pixels, and say what the latent space buys;
# - judge drawings: by a jury, by their variety, and by whether they are copies.
#
# You need notebooks 02, 06, 07, 09 and 11. It takes about {{seconds}} seconds to run on two processor cores.

# %%
import math
import time

import aeutils as ae
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
import torch
from torch import nn
from torch.nn import functional

# %% [markdown]
# ## 1. Any code will do?
#
# A decoder turns 20 numbers into a digit. So let us *make up* 20 numbers, and we have a new digit. Do we? We train the autoencoder of Exercise 1 (notebook 07), with 20 latent variables, and try.

# %% tags=["collapsed"]
# Settings: the embedded digits are far fewer and need more passes, in smaller batches; they are not enough for all
# that the text says.
digits = ae.load_mnist()
epochs, batch_size, learning_rate = (2, 100, 0.01) if digits.whole else (3, 64, 0.005)
mixture_size, flow_steps, count = (10_000, 800, 2000) if digits.whole else (1500, 80, 300)
for_each_class = 10 if digits.whole else 3  # components of a mixture

# %%
train, train_labels = digits.train_images[:30_000], digits.train_labels[:30_000]  # enough here, and quicker
test, test_labels = digits.test_images[::5], digits.test_labels[::5]


# %% tags=["nbval-ignore-output"]
def trained(model, loss=None, epochs=epochs):
    """Seconds that it took to train the model on the training digits."""
    history = ae.fit(model, train, epochs, batch_size=batch_size, learning_rate=learning_rate, loss=loss)
    return sum(history.seconds)


ae.seed_everything(0)
model = ae.fully_connected((1, 28, 28), latent_size=20, hidden=(128, 64))
model_seconds = trained(model)
test_error = ae.evaluate(model, test)
print(f"reconstruction error on test digits: {test_error:.1f}")
assert test_error < (14 if digits.whole else 26)

# %% [markdown]
# Which 20 numbers? They had better resemble real codes. A simple model of the training codes is one **Gaussian** (normal distribution) with their mean and their covariance, so that each variable is as large and as variable as it should be, and each pair as correlated. We draw from it. One such draw is called a **sample**.

# %% tags=["live"]
# samples from a Gaussian with the mean and the covariance of the codes, decoded
# instructor minutes: 3
# instructor guess: "Most, at least 70: mean and covariance are right." The jury accepts fewer than half as many of them as of the reconstructions.
# instructor ask: Which clouds of codes can have the same mean and the same covariance, and yet look quite different?
with torch.no_grad():
    codes = model.encoder(train)
gaussian = torch.distributions.MultivariateNormal(codes.mean(0), codes.T.cov())
ae.seed_everything(0)
with torch.no_grad():
    from_gaussian = model.decoder(gaussian.sample((count,)))
    reconstructed = model(test)

# %% [markdown]
# The judge is a **jury** like that of notebook 11: three classifiers that differ in their seed. An image is *accepted* when the average of their probabilities for one digit is at least 0.9.

# %%
half = len(train) // 2
jury = ae.Jury(train[:half], train_labels[:half], epochs, batch_size)  # its verdict(images): probabilities (n, 10)

# %% [markdown]
# It accepts about three in four of the test digits themselves.

# %%
ae.predict("13 Gaussian", "How many of 100 decoded samples of the Gaussian will the jury accept?", (0, 100))

# %% tags=["predict"]
ae.plots.images(
    {"test digits": test[:10], "reconstructed": reconstructed[:10], "from the\nGaussian": from_gaussian[:10]}
)

# %% tags=["nbval-ignore-output", "predict"]
shares = {"test digits": jury.accepted(test), "reconstructed": jury.accepted(reconstructed)}
shares["from the Gaussian"] = jury.accepted(from_gaussian)
for name, share in shares.items():
    print(f"{name}: {share:.0%} accepted")
assert shares["from the Gaussian"] < shares["reconstructed"] / (2 if digits.whole else 1.3)

# %%
ae.reveal("13 Gaussian", 100 * shares["from the Gaussian"])

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# Reconstructions are accepted about as often as the digits themselves, so the decoder can draw. The samples are accepted less than half as often. Their mean and covariance are right, yet most lie *between the classes*: fewer than a quarter have their ten nearest training codes in one class, against more than two thirds of test codes; and the samples that do are accepted more than twice as often as the others. The loss of an autoencoder asks for good reconstructions and says *nothing about where the codes lie*, and one Gaussian does not describe the clouds that they form (notebook 06).
#
# </details>
#
# So drawing with an autoencoder takes two things: its decoder, and **a model of the codes**. The next sections try three: a mixture, a prior, a flow.

# %% [markdown]
# ### More than one measure
#
# A jury can be fooled. Draw the same perfect 1 a thousand times: all are accepted. Or hand out training digits as new ones. Two more measures guard against that.
#
# - The **Fréchet distance** of features (Heusel and others, arXiv:1706.08500): take the 128 hidden activations of a judge, compute their mean and covariance over the drawings and over real digits, and measure how far apart the two Gaussians are. It is 0 where the two agree, and grows with the difference of their means and covariances: drawings that *vary too little* show, too.
# - The squared distance to the **nearest training digit**, to be compared with that of reconstructed *test* digits. Copies lie closer.


# %%
features = jury.judges[0][:3]  # of images (n, 1, 28, 28): hidden activations (n, 128)
with torch.no_grad():
    unseen = features(digits.train_images[-10_000:])  # by every model, with the whole data


def frechet(images):
    """Fréchet distance between the first judge's features of images and of 10,000 unseen digits."""
    with torch.no_grad():
        theirs = features(images)
    covariances = theirs.T.cov(), unseen.T.cov()
    shared = torch.linalg.eigvals(covariances[0] @ covariances[1]).real.clamp_min(0).sqrt().sum()
    spread = covariances[0].trace() + covariances[1].trace() - 2 * shared
    return ((theirs.mean(0) - unseen.mean(0)).square().sum() + spread).item()


# %%
def to_nearest(images):
    """Squared distance from each of the first 200 images to the nearest training digit, averaged."""
    return torch.cdist(images[:200].flatten(1), train.flatten(1)).amin(1).square().mean().item()


# %%
table = {}


def judged(name, images, seconds=0.0, parameters=0, wanted=None):
    """Keep what all measures say of drawings (n, 1, 28, 28). wanted: the digits (n,) that were asked for, if any."""
    probabilities = jury.verdict(images)
    sure, said = probabilities.amax(1) >= 0.9, probabilities.argmax(1)
    row = {"accepted": sure.float().mean().item(), "Fréchet": frechet(images), "nearest": to_nearest(images)}
    row["right"] = math.nan if wanted is None else (sure & (said == wanted)).float().mean().item()
    row["rarest"] = (said[sure].bincount(minlength=10) / sure.sum().clamp_min(1)).amin().item()
    table[name] = row | {"seconds": seconds, "parameters": parameters}


# %% [markdown]
# Besides real digits, reconstructions and the Gaussian we judge a **copier**: it draws by reconstructing a *training* digit.

# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
decoder_size = ae.count_parameters(model.decoder)
with torch.no_grad():
    copies = model(train[-count:])  # digits that the jury has not seen
judged("test digits", test)
judged("reconstructed test digits", reconstructed)
judged("copier", copies, model_seconds, decoder_size + codes.numel())  # it knows all codes by heart
judged("Gaussian", from_gaussian, model_seconds, decoder_size + 20 + 210)  # mean, and one half of the covariance
measures = {"accepted": "share accepted", "Fréchet": "Fréchet distance", "nearest": "to nearest digit"}
panels = {title: {name: row[measure] for name, row in table.items()} for measure, title in measures.items()}
ae.plots.bars(panels)

# %% tags=["collapsed"]
# Proof for the tests: most samples of the Gaussian lie between the classes; those within one are accepted more often.
with torch.no_grad():
    samples, of_test = gaussian.sample((count,)), model.encoder(test)
    accepted = jury.verdict(model.decoder(samples)).amax(1) >= 0.9
nearest = (train_labels[torch.cdist(some, codes).topk(10, largest=False).indices] for some in (samples, of_test))
within, test_within = ((each == each[:, :1]).all(1) for each in nearest)
assert (within.float().mean() < 0.25 and test_within.float().mean() > 2 / 3) or not digits.whole
assert accepted[within].float().mean() > 2 * accepted[~within].float().mean() or not digits.whole

# %% tags=["collapsed"]
# Proof for the tests: a copier is accepted and varies like real digits, and lies much closer to training digits.
real, again, copied, poor = (table[name] for name in list(table)[:4])
assert copied["accepted"] > again["accepted"] - 0.07 and again["nearest"] < real["nearest"]
assert abs(again["accepted"] - real["accepted"]) < 0.06 or not digits.whole
assert copied["Fréchet"] < 1.3 * again["Fréchet"] and (0.67 < real["accepted"] < 0.86 or not digits.whole)
assert copied["nearest"] < (0.8 if digits.whole else 0.97) * again["nearest"]
assert poor["Fréchet"] > (3 if digits.whole else 1.1) * max(again["Fréchet"], copied["Fréchet"])

# %% [markdown]
# By the first two measures the copier is close to reconstructions of test digits; the third catches it. (Reconstructions of test digits lie closer to a training digit than the test digits themselves do. So 'closer than a real digit' would prove nothing.)

# %% [markdown]
# ## 2. The rival first: a mixture of Gaussians
#
# If the codes form several clouds, let us use several Gaussians: a **Gaussian mixture**. Each component has a weight, a mean and a covariance of its own. Fitting one takes one call to scikit-learn; to draw, choose a component by its weight, then sample from it.


# %% tags=["live"]
# fit a Gaussian mixture to codes
# instructor minutes: 3
# instructor guess: "A little more than 25 %, the codes are the same." With 50 it is within ten points of the reconstructions.
# instructor ask: There are only ten digits. Why should 50 Gaussians describe their codes better than ten?
def fitted(codes, components):
    """A mixture of that number of Gaussians, each with its own covariance, fitted to codes (n, latent)."""
    return GaussianMixture(components, tol=0.01, reg_covar=0.001, random_state=0).fit(codes.numpy())


@torch.no_grad()
def drawn_from(mixture, count, decoder=model.decoder, scale=1):
    """Images, decoded from samples of a mixture, with its covariances times scale."""
    weights, means, covariances = map(torch.from_numpy, (mixture.weights_, mixture.means_, mixture.covariances_))
    gaussians = torch.distributions.MultivariateNormal(means, scale * covariances)
    chosen = torch.distributions.Categorical(weights)
    return decoder(torch.distributions.MixtureSameFamily(chosen, gaussians).sample((count,)))


# %%
ae.predict("13 mixture", "One Gaussian: about 25 %. How many drawings are accepted with 50 Gaussians, in %?", (0, 100))

# %% tags=["nbval-ignore-output", "predict"] reason="asserted in the next cells"
for components in (10, 50):
    start = time.perf_counter()
    mixture = fitted(codes[:mixture_size], components)
    seconds = model_seconds + time.perf_counter() - start
    from_mixture = drawn_from(mixture, count)
    judged(f"mixture of {components}", from_mixture, seconds, decoder_size + components * 231)
    print(f"{components} components: {table[f'mixture of {components}']['accepted']:.0%} accepted")

# %%
ae.reveal("13 mixture", 100 * table["mixture of 50"]["accepted"])

# %% [markdown]
# And if we want to choose *which* digit is drawn? Then we give each class a mixture of its own, with ten components, fitted to its codes alone. Such a model is called **class-conditional**.

# %% tags=["live", "nbval-ignore-output"] reason="asserted in the next cells"
# one mixture for each class; drawings in the order 0, 1, ..., 9, 0, 1, ...
# instructor minutes: 4
# instructor guess: "So good that it must copy." The drawings lie about as far from training digits as reconstructed test digits do.
# instructor ask: Suppose you had the mixture of 50 and no labels: how could you find out which components draw a 3?
start = time.perf_counter()
some, their_labels = codes[: 2 * mixture_size], train_labels[: 2 * mixture_size]
mixtures = [fitted(some[their_labels == digit], for_each_class) for digit in range(10)]
seconds = model_seconds + time.perf_counter() - start
wanted = torch.arange(count) % 10
by_class = [drawn_from(mixture, count // 10) for mixture in mixtures]
by_mixtures = torch.stack(by_class, dim=1).flatten(0, 1)
judged("mixture for each class", by_mixtures, seconds, decoder_size + 10 * for_each_class * 231, wanted)
ae.plots.images({"Gaussian": from_gaussian[:10], "mixture of 50": from_mixture[:10], "each class": by_mixtures[:10]})

# %% tags=["collapsed"]
# Proof for the tests: more components draw better; the mixtures are no copiers, and no class is missing.
ten, fifty, each_class = (table[name] for name in ("mixture of 10", "mixture of 50", "mixture for each class"))
assert poor["accepted"] + 0.1 < ten["accepted"] < fifty["accepted"] + (0 if digits.whole else 0.05)
if digits.whole:
    assert abs(each_class["right"] - fifty["accepted"]) < 0.1 and fifty["accepted"] > again["accepted"] - 0.1
    assert min(fifty["nearest"], each_class["nearest"]) > 0.9 * again["nearest"]
    assert min(fifty["rarest"], each_class["rarest"]) > 0.02 and each_class["Fréchet"] < poor["Fréchet"] / 3

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# With 50 components the jury accepts a share of the drawings within ten points of that of reconstructed test digits. Mixtures for each class draw the digit that was asked for about as often. On average both lie about as far from the training digits as reconstructions of test digits do.
#
# </details>
#
# **This is the rival.** Whatever follows has to be measured against an autoencoder and a mixture from the textbook.

# %% [markdown]
# ## 3. The variational autoencoder
#
# The other idea: rather than find out afterwards where the codes lie, *prescribe* it. A **variational autoencoder** (Kingma and Welling, arXiv:1312.6114) is trained to bring its codes close to the distribution from which we want to draw, the **prior**: each variable from the standard normal distribution, with mean 0 and variance 1, independent of the others.
#
# For that its encoder no longer gives one code. It gives a *distribution* of codes for each image, the (approximate) **posterior**: for each latent variable a mean $\mu$ and a variance $\sigma^2$. A code is drawn from it, then decoded.


# %% tags=["live"]
# an encoder with two numbers for each latent variable
# instructor minutes: 4
# instructor guess: "Twice the numbers, so 40 latent variables." It is still 20, each with a mean and the log of a variance.
# instructor ask: Why does the encoder give the logarithm of the variance, and not the variance itself?
class Variational(nn.Module):
    """The autoencoder above, with a mean and the logarithm of a variance for each latent variable."""

    def __init__(self, latent_size=20):
        super().__init__()
        plain = ae.fully_connected((1, 28, 28), latent_size, hidden=(128, 64))
        self.body, self.decoder = plain.encoder, plain.decoder
        self.body[-1] = nn.Linear(64, 2 * latent_size)

    def posterior(self, images):
        return self.body(images).chunk(2, dim=1)

    def forward(self, images):
        means, _ = self.posterior(images)
        return self.decoder(means)


# %% [markdown]
# How can gradients flow through a random draw? By drawing the randomness separately: $z = \mu + \sigma\,\varepsilon$ with $\varepsilon$ from the standard normal distribution. Now $z$ is an ordinary formula of $\mu$ and $\sigma$. This is **reparameterisation**.


# %% tags=["live"]
# draw codes so that gradients can flow
# instructor minutes: 3
# instructor guess: "No gradient passes a random draw." Here it does: the noise comes from outside, the code is a plain formula.
# instructor ask: Two draws for the same image give two codes. What does the loss ask the decoder to make of them?
def drawn(means, log_variances):
    """Codes (n, latent), each number drawn from a normal distribution of its own."""
    return means + (log_variances / 2).exp() * torch.randn_like(means)


# %% [markdown]
# ### The loss, written out
#
# We want the training images $x$ to be probable under the model: large $\log p(x)$. That is hard to compute, since it takes all codes $z$ from which $x$ might have been drawn. But there is a lower bound, the **ELBO** (*evidence lower bound*):
#
# $$\log p(x) \;\ge\; \underbrace{\mathbb{E}_{z \sim q(z|x)} \log p(x|z)}_{\text{how well the drawn code describes } x} \;-\; \underbrace{\mathrm{KL}\big(q(z|x)\,\|\,p(z)\big)}_{\text{what the code costs}}$$
#
# - $q(z|x)$ is the posterior that the encoder gives, $p(z)$ the prior. The **KL divergence** (notebook 09) from one to the other is the price of the code, in *nats* (with the natural logarithm), or in bits (divide by $\ln 2 \approx 0.69$). On average the code tells at most as much about the image, and less where the codes do not follow the prior. For a normal distribution against the standard normal one it is, for each variable, $\frac12(\mu^2 + \sigma^2 - 1 - \ln \sigma^2)$: 0 where the posterior *is* the prior.
# - $p(x|z)$: the decoder gives the mean $\hat x$ of each pixel; around it lies a Gaussian with a variance $s^2$ that we choose. For an image of 784 pixels
#
# $$-\log p(x|z) = \frac{1}{2 s^2} \sum_i (x_i - \hat x_i)^2 + 392 \ln(2\pi s^2) .$$
#
# With $s^2 = \frac12$ the first term is our reconstruction error, and the second a constant. So the loss, minus the ELBO, is **reconstruction error + KL divergence**, in nats, up to that constant. Another variance gives, times $2s^2$, reconstruction error $+\,\beta\,$KL with $\beta = 2 s^2$. In this model, to choose $\beta$ is to say how much noise there is on each pixel.


# %%
def kl_divergence(means, log_variances):
    """Nats (n, latent) that each latent variable of each image costs."""
    return (means.square() + log_variances.exp() - 1 - log_variances) / 2


assert kl_divergence(torch.zeros(1), torch.zeros(1)) == 0 and kl_divergence(torch.ones(1), torch.zeros(1)) == 0.5


# %% tags=["live"]
# minus the ELBO: the error with drawn codes, plus beta times the KL divergence
# instructor minutes: 5
# instructor guess: "All 20 variables are used, as before." Between 3 and 14 are; the others cost less than 0.05 nats each.
# instructor ask: Suppose beta is 0: which variance will the encoder choose, and which model is left then?
def variational_loss(beta):
    """A loss for ae.fit."""

    def loss(model, originals):
        means, log_variances = model.posterior(originals)
        error = ae.reconstruction_error(model.decoder(drawn(means, log_variances)), originals)
        return error + beta * kl_divergence(means, log_variances).sum(1).mean()

    return loss


# %% tags=["nbval-ignore-output"] reason="measured in the next cells"
ae.seed_everything(0)
variational = {1: Variational()}
variational_seconds = trained(variational[1], variational_loss(1))


# %% [markdown]
# The loss uses a code *drawn* from the posterior. We measure the error with that, and with the mean code.


# %%
@torch.no_grad()
def examine(model):
    """On test digits: the error with mean codes, the error with drawn codes, nats of each variable (latent,)."""
    ae.seed_everything(0)
    means, log_variances = model.posterior(test)
    codes = means, drawn(means, log_variances)
    errors = [ae.reconstruction_error(model.decoder(each), test).item() for each in codes]
    return *errors, kl_divergence(means, log_variances).mean(0)


# %%
ae.predict("13 collapse", "How many of the 20 latent variables cost more than 0.05 nats for a digit?", (0, 20))

# %% tags=["nbval-ignore-output", "predict"]
mean_error, drawn_error, nats = examine(variational[1])
print(
    f"error: {mean_error:.1f} with mean codes, {drawn_error:.1f} with drawn codes; plain autoencoder {test_error:.1f}"
)
print(f"a code costs {nats.sum():.1f} nats, that is {nats.sum() / math.log(2):.1f} bits")
assert test_error + 3 < mean_error + 1 < drawn_error < 30 or not digits.whole
assert 4 < nats.sum() < 14 or not digits.whole

# %% tags=["nbval-ignore-output", "predict"] reason="asserted in the next cell"
ae.plots.columns(nats.sort(descending=True).values, "latent variable, sorted", "nats")

# %%
ae.reveal("13 collapse", (nats > 0.05).sum())

# %% tags=["collapsed"]
# Proof for the tests: with all data fewer than three quarters of the variables are used.
used = (nats > 0.05).sum().item()
assert 3 <= used <= 14 or not digits.whole

# %% [markdown]
# ### Posterior collapse
#
# The others are near 0: their posterior is nearly the prior, whatever the image, so they tell the decoder next to nothing. This is called **posterior collapse**. Is it a fault? Follow the price. A variable costs its nats, and it pays only when it lowers the squared error by more than that.
#
# One remedy is a **warm-up** of $\beta$ (Bowman and others, arXiv:1511.06349): begin with cheap codes, here half of the steps with $\beta = 0.1$, then raise the price to 1.

# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
ae.seed_everything(0)
warmed, cheap = Variational(), [0.1] * (epochs * len(train) // batch_size // 2)
trained(warmed, lambda *batch: variational_loss(cheap.pop() if cheap else 1)(*batch))
_, warmed_error, warmed_nats = examine(warmed)
for name, error, each in (("as before", drawn_error, nats), ("warm-up", warmed_error, warmed_nats)):
    print(f"{name}: {(each > 0.05).sum()} used, error {error:.1f} + {each.sum():.1f} nats = {error + each.sum():.1f}")
sorted_nats = {"as before": nats.sort(descending=True).values, "warm-up": warmed_nats.sort(descending=True).values}
ae.plots.columns(sorted_nats, "latent variable, sorted", "nats")

# %% tags=["collapsed"]
# Proof for the tests: more variables are used, and the loss is nearly the same.
assert (warmed_nats > 0.05).sum() > used or not digits.whole
assert abs(warmed_error + warmed_nats.sum() - drawn_error - nats.sum()) < 1.5 or not digits.whole

# %% [markdown]
# More variables are in use, and the loss differs by less than 1.5 nats. So here, by this loss, a few variables that cost more each do about as well as many that cost less.

# %% [markdown]
# ### Bits against error
#
# Now we have a price in bits and an error: a variational autoencoder can be read as a *codec*, with $\beta$ as its quality setting. In notebook 02 codecs were compared by a curve. Ours has three points, $\beta = 1, 0.2$ and $0.03$.
#
# The rival: a variational autoencoder whose encoder and decoder are *linear* needs no training. The best one follows from PCA (Tipping and Bishop, *Probabilistic principal component analysis*, 1999): with the variances $\lambda_k$ of the principal components, each component with $\lambda_k > s^2$ costs $\frac12 \ln(\lambda_k / s^2)$ nats and leaves an error of $s^2$; all others cost nothing, and leave an error of $\lambda_k$. (That is posterior collapse with pencil and paper: components that vary less than the noise of a pixel are switched off.)


# %% tags=["nbval-ignore-output"]
def linear_codec(variance, variances):
    """Nats and error of the linear variational autoencoder with this variance of a pixel's noise."""
    used = variances[variances > variance]
    return 0.5 * (used / variance).log().sum().item(), variances.clamp_max(variance).sum().item()


start = time.perf_counter()
pca = PCA(784, svd_solver="covariance_eigh").fit(train.flatten(1).numpy())
pca_seconds = time.perf_counter() - start
variances = torch.from_numpy(pca.explained_variance_).float()
linear_nats, linear_error = linear_codec(0.5, variances)
print(f"linear, β = 1: error {linear_error:.1f} + {linear_nats:.1f} nats = {linear_error + linear_nats:.1f}")
assert linear_error + linear_nats > drawn_error + nats.sum() + 1 or not digits.whole

# %% [markdown]
# (This linear one may use all its components, not just 20, and is measured on the training digits that it was made from.) By this sum the network beats it. And with other prices?

# %% tags=["nbval-ignore-output"] reason="measured in the next cells"
for beta in (0.2, 0.03):
    ae.seed_everything(0)
    variational[beta] = Variational()
    trained(variational[beta], variational_loss(beta))

# %% [markdown]
# And a codec of notebook 02: PCA with its numbers rounded to 4 bits each.


# %%
rows, average = torch.from_numpy(pca.components_[:30]).float(), torch.from_numpy(pca.mean_).float()
pca_codes, pca_test_codes = ((images.flatten(1) - average) @ rows.T for images in (train, test))


def rounded_pca(count, steps=15):
    """Error on test digits of the first principal components, each rounded to one of 16 values."""
    lowest, highest = pca_codes[:, :count].amin(0), pca_codes[:, :count].amax(0)
    whole_numbers = ((pca_test_codes[:, :count] - lowest) / (highest - lowest) * steps).round().clamp(0, steps)
    codes = lowest + whole_numbers / steps * (highest - lowest)
    return ae.reconstruction_error((average + codes @ rows[:count]).reshape(test.shape), test).item()


# %% tags=["nbval-ignore-output", "gallery"] reason="asserted in the next cell"
examined = {beta: examine(each) for beta, each in variational.items()}
errors = {beta: error for beta, (_, error, _) in examined.items()}
costs = {beta: each.sum().item() for beta, (_, _, each) in examined.items()}
in_bytes = 1 / math.log(2) / 8  # of a nat
linear = [linear_codec(beta / 2, variances) for beta in (2, *variational)]
sizes = [2, 5, 10, 20, 30]
curves = {
    "variational": ([cost * in_bytes for cost in costs.values()], list(errors.values())),
    "linear": ([cost * in_bytes for cost, _ in linear], [error for _, error in linear]),
    "PCA, 4 bits each": ([size / 2 for size in sizes], [rounded_pca(size) for size in sizes]),
}
ae.plots.bytes_against_error(curves, what="digit")

# %% tags=["collapsed"]
# Proof for the tests: the smaller the price, the more bits; at one or two bytes the variational autoencoder is ahead.
assert list(costs.values()) == sorted(costs.values()) and list(errors.values()) == sorted(errors.values())[::-1]
finely = [linear_codec(0.5 * 0.93**step, variances) for step in range(-20, 80)]
ahead = {beta: min(error for cost, error in finely if cost <= costs[beta]) - errors[beta] for beta in variational}
if digits.whole:
    assert ahead[1] > 3 and ahead[0.2] > 2 and abs(ahead[0.03]) < 1.5 and linear[-1][1] < errors[0.03]
    assert 1 < costs[1] * in_bytes < 2 and 4 < costs[0.2] * in_bytes < 5 and 8 < costs[0.03] * in_bytes < 12
    rounded = {1: rounded_pca(3), 0.2: rounded_pca(9), 0.03: rounded_pca(20)}  # about as many bytes, or more
    assert all(max(errors[beta], errors[beta] + ahead[beta]) < 0.85 * rounded[beta] for beta in rounded)

# %% tags=["collapsed"]
# Proof for the tests: PCA rounded in equal steps, each whole number as long as an ideal code makes it.
some = torch.from_numpy(pca.transform(train[:10_000].flatten(1).numpy())[:, :200])
for step in (3, 2, 1):
    cost, error = 0, variances[200:].sum().item()
    for numbers in some.T:
        _, place, counts = (numbers / step).round().unique(return_inverse=True, return_counts=True)
        centres = torch.zeros(len(counts)).index_add(0, place, numbers) / counts  # the average of what is rounded alike
        cost -= (counts / len(some)).log().mul(counts / len(some)).sum().item()
        error += (numbers - centres[place]).square().mean().item()
    limit = min(each for nats_, each in finely if nats_ <= cost)
    assert 1.05 < error / limit < 1.25 or not digits.whole

# %% [markdown]
# At one to two bytes, and again at four to five, the network is ahead of the linear one: its error is smaller by more than 2 at the same price. At about ten bytes the two meet. Both are ahead of PCA with 4 bits each, but that is a crude way to round: with the same step for all components and an ideal code for the whole numbers, its error is at most 25 % above the linear one's at the same price. (Mind that the nats are a price in theory, whereas the bytes of notebook 02 can be written to a file as they are.)
#
# Which $\beta$ is right? In a model of probabilities the variance of the noise is a parameter like any other, and for a given network the best value is the one that is *observed*: $s^2 = $ error $/\, 784$. A variance of $\frac12$ is more than numbers between 0 and 1 can have (at most $\frac14$):

# %% tags=["nbval-ignore-output"]
for beta in variational:
    observed = errors[beta] / 784
    pairs = {"": (costs[beta], errors[beta]), "linear ": linear_codec(beta / 2, variances)}
    elbos = {name: -error / beta - 392 * math.log(math.pi * beta) - cost for name, (cost, error) in pairs.items()}
    shown = ", ".join(f"{name}ELBO {elbo:.0f} nats" for name, elbo in elbos.items())
    print(f"β = {beta}: noise assumed {beta / 2:.3f}, observed {observed:.3f}; {shown}")
    assert beta < 0.2 or beta / 2 > 2 * observed

# %% tags=["collapsed"]
# Proof for the tests: at the last price the noise is as observed; the linear model's ELBO is larger, but not with 20.
noise = variances[20:].mean().item()  # the best for 20 components
cost, error = linear_codec(noise, variances[:20])
with_20 = -(error + variances[20:].sum().item()) / (2 * noise) - 392 * math.log(math.tau * noise) - cost
assert elbos["linear "] > elbos[""] + 50 and (elbos[""] > with_20 + 80 or not digits.whole)
assumed = {beta: -errors[beta] / beta - 392 * math.log(math.pi * beta) - costs[beta] for beta in variational}
assert (0.5 < 0.015 / observed < 1.5 and assumed[0.03] > assumed[0.2] + 200) or not digits.whole
one, middle, last = (-392 * (1 + math.log(math.tau * errors[beta] / 784)) - costs[beta] for beta in variational)
assert 20 < last - max(one, middle) < 100 or not digits.whole

# %% [markdown]
# Only at $\beta = 0.03$ is the noise about what is observed, and there the ELBO is larger by hundreds of nats. (It may be positive: $p(x)$ is a density, not a probability.) So by this bound $\beta = 0.03$ is the best of the three (with the noise observed in each, by tens of nats). And the linear model, one Gaussian in 784 dimensions, has a larger one still! (With only 20 components it is behind by more than 80 nats.)
#
# Does that make for good drawings? Likelihood and good looks need not go together (Theis and others, arXiv:1511.01844).

# %%
ae.predict(
    "13 beta",
    "Codes are drawn from the prior and decoded. With which β are the most drawings accepted?",
    ["β = 1", "β = 0.2", "β = 0.03"],
)

# %% tags=["nbval-ignore-output", "predict"] reason="asserted in the next cell"
ae.seed_everything(0)
from_prior = torch.randn(count, 20)
with torch.no_grad():
    drawings = {f"β = {beta}": each.decoder(from_prior) for beta, each in variational.items()}
    again_by_beta = {f"β = {beta}": each.decoder(drawn(*each.posterior(test))) for beta, each in variational.items()}
prior_shares = {name: jury.accepted(each) for name, each in drawings.items()}
again_shares = {name: jury.accepted(each) for name, each in again_by_beta.items()}
judged("variational, β = 1", drawings["β = 1"], variational_seconds, decoder_size)
ae.plots.bars({"accepted: drawn from the prior": prior_shares, "accepted: reconstructed": again_shares})

# %%
ae.reveal("13 beta", max(prior_shares, key=prior_shares.get))

# %% tags=["collapsed"]
# Proof for the tests: cheap codes reconstruct better and draw worse; no price draws as well as a mixture.
if digits.whole:
    assert prior_shares["β = 0.03"] < 0.7 * prior_shares["β = 0.2"] < 0.7 * prior_shares["β = 1"]
    assert again_shares["β = 1"] + 0.03 < min(again_shares["β = 0.2"], again_shares["β = 0.03"])
    assert prior_shares["β = 0.03"] < poor["accepted"] and max(prior_shares.values()) < ten["accepted"] - 0.1

# %% tags=["predict"]
ae.plots.images({name: each[:10] for name, each in drawings.items()})

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# Among these three prices the two goals pull in opposite directions. With the highest, most drawings are accepted, and fewest reconstructions. With the lowest, more reconstructions are accepted, and fewer drawings than from the single Gaussian of section 1. So the largest ELBO of the three goes with the fewest accepted drawings. And at each of them the jury accepts fewer than from a mixture of ten Gaussians on the codes of a plain autoencoder.
#
# </details>

# %% [markdown]
# ### The map
#
# With **two** latent variables the latent space can be drawn. On the left: the mean codes of test digits; on the right: what the decoder draws at each +. The lattice is finer where the prior is denser: between any two neighbouring lines lies the same share of its samples. (Fewer than 8 % of the prior's samples lie farther from all codes than 99 % of test digits do: fewer than with a Gaussian fitted to two numbers of PCA.)

# %% tags=["nbval-ignore-output"] reason="a figure; the next section measures this model"
ae.seed_everything(0)
flat = Variational(2)
trained(flat, variational_loss(1))
positions = torch.distributions.Normal(0, 1).icdf(torch.linspace(0.03, 0.97, 14))
lattice = torch.stack(torch.meshgrid(positions, positions, indexing="xy"), dim=-1)
with torch.no_grad():
    grid = flat.decoder(lattice.reshape(-1, 2)).reshape(14, 14, 1, 28, 28)
    flat_codes, _ = flat.posterior(test)
ae.plots.map_and_decoded_grid(flat_codes[:500], test_labels[:500], grid, positions, positions, "latent variable")

# %% [markdown]
# **Walk from digit to digit yourself:** click on the map, or use the sliders. Equal areas of the map have equal shares of the prior. (Where no program runs, as on GitHub, a still figure takes its place.)

# %%
ae.widgets.manifold(flat.decoder, flat_codes, test_labels)

# %% [markdown]
# ### Blur, and where it comes from
#
# The drawings are blurred. Where one code has to stand for several digits, the best single answer by the squared error is their **average**. Let us check that on the map: take the code of a test digit, look up the training digits whose codes lie nearest, and average them.

# %% tags=["nbval-ignore-output"]
with torch.no_grad():
    train_codes, _ = flat.posterior(train)
    decoded = flat.decoder(flat_codes[:8])
closest = torch.cdist(flat_codes[:8], train_codes).topk(30, largest=False).indices  # (8, 30)
averages = train[closest].mean(1)
neighbours = {f"neighbour {number + 1}": train[closest[:, number]] for number in range(3)}
to_average = ae.reconstruction_error(decoded, averages).item()
to_neighbour = ae.reconstruction_error(decoded, neighbours["neighbour 1"]).item()
print(f"error of what is decoded, against the average {to_average:.1f}, against one neighbour {to_neighbour:.1f}")
assert to_average < to_neighbour / (6 if digits.whole else 1.5)
ae.plots.images({"decoded": decoded, "average of 30": averages, **neighbours})

# %% tags=["collapsed"]
# Proof for the tests: few samples of the prior fall into a gap, farther from all codes than 99 in 100 of test digits.
two, new = pca_codes[:, :2], pca_test_codes[:, :2]
rival = torch.distributions.MultivariateNormal(two.mean(0), two.T.cov()).sample((count,))
gaps = []
for known_codes, new_codes, samples in ((train_codes, flat_codes, torch.randn(count, 2)), (two, new, rival)):
    apart, in_gaps = (torch.cdist(some, known_codes).amin(1) for some in (new_codes, samples))
    gaps.append((in_gaps > apart.quantile(0.99)).float().mean())
assert (gaps[0] < min(0.08, gaps[1])) or not digits.whole

# %% [markdown]
# Against the average, the error of what is decoded is less than a sixth of that against one neighbour.
#
# And with 20 variables, how much blur does the price add? Count the grey: the share of pixels between 0.1 and 0.9 among all that are not black (above 0.1).


# %% tags=["nbval-ignore-output"]
def grey(images):
    """The share of grey pixels among those that are not black."""
    return ((images > 0.1) & (images < 0.9)).sum().item() / (images > 0.1).sum().item()


greys = {"test digits": grey(test), "plain, reconstructed": grey(reconstructed)}
greys |= {f"{name}, reconstructed": grey(each) for name, each in again_by_beta.items()}
assert greys["test digits"] < 0.6 < greys["plain, reconstructed"] < greys["β = 1, reconstructed"]
by_price = [greys[f"{name}, reconstructed"] for name in again_by_beta]
assert by_price == sorted(by_price, reverse=True)
ae.plots.bars(greys, "share of grey among pixels that are not black")

# %% [markdown]
# One more thing. The decoder gives the *mean* of $p(x|z)$. A true sample of the model has the noise on top, and with $s^2 = \frac12$ it looks like this:

# %%
ae.seed_everything(0)
means = drawings["β = 1"][:8]
snow = {f"noise of\nvariance {variance}": means + variance**0.5 * torch.randn_like(means) for variance in (0.5, 0.015)}
ae.plots.images({"means": means, **snow})

# %% [markdown]
# The middle row is what a loss with $\beta = 1$ takes digits to be. What we show of such models are means.

# %% [markdown]
# ## 4. Flow matching
#
# Back to the plain autoencoder and its clouds of odd shapes. A mixture describes them by Gaussians. A network can do it, too, by **flow matching** (Lipman and others, arXiv:2210.02747), a close relative of diffusion, which Esser and others (arXiv:2403.03206) scaled up to an image generator.
#
# Take a point of pure noise $x_0$ and a real code $x_1$. Between them runs a straight path, $x_t = (1 - t)\,x_0 + t\,x_1$. A network sees $x_t$, $t$ and the label, and has to say **where the path ends**. It cannot know, since paths to many codes pass through the same point; trained with the squared error it learns to answer with the average of all their ends. That is just what is needed: when every point moves with the velocity $(\text{end} - x_t) / (1 - t)$, with the exact averages and in tiny steps, the cloud of noise at $t = 0$ has become the cloud of codes at $t = 1$.


# %% tags=["live"]
# where does the path end on which these points lie?
# instructor minutes: 4
# instructor guess: "The network says in which direction to go." It says where the path ends; the velocity follows from that.
# instructor ask: At t = 0 the point is pure noise. Which end should the network name, if it knows only the label?
class Flow(nn.Module):
    """For points (n, size) at times t (n, 1) on paths to digits with these labels (n,): the ends of the paths."""

    def __init__(self, size, width=256):
        super().__init__()
        inner = [nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU()]
        self.layers = nn.Sequential(nn.Linear(size + 18, width), nn.SiLU(), *inner, nn.Linear(width, size))

    def forward(self, points, t, labels):
        angles = t * torch.tensor([0.5, 1.0, 2.0, 4.0]) * math.pi  # eight numbers for t, not one
        return self.layers(torch.cat([points, angles.sin(), angles.cos(), functional.one_hot(labels, 10)], dim=1))


# %% tags=["live"]
# training: noise, a real one, a point between them; where does the path end?
# instructor minutes: 4
# instructor guess: "Training follows each path step by step." It looks at one random point of each path, and never walks it.
# instructor ask: At which t is the end of the path easy to tell, and at which is it hard?
def train_flow(flow, real, steps, batch=64):
    """Seconds that it took to train on real codes or images (n, size)."""
    start, optimizer = time.perf_counter(), ae.optimizers.Adam(flow.parameters())
    for step in range(steps):
        chosen, t = torch.randint(len(real), (batch,)), torch.rand(batch, 1)
        points = torch.lerp(torch.randn(batch, real.shape[1]), real[chosen], t)
        loss = (flow(points, t, train_labels[chosen]) - real[chosen]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step(ae.optimizers.one_cycle(step / steps, 0.004))
    return time.perf_counter() - start


# %% tags=["live"]
# drawing: from noise in short steps, each towards where the path seems to end
# instructor minutes: 4
# instructor guess: "One step is enough, it names the end." At t = 0 it can only name an average: about the mean code of the class.
# instructor ask: We divide by 1 - t, and t rises towards 1. Why does this never divide by 0?
@torch.no_grad()
def flowing(flow, size, labels, steps=30):
    """Points (steps + 1, n, size) on their paths from noise to codes or images of these labels."""
    points = [torch.randn(len(labels), size)]
    for step in range(steps):
        t = torch.full((len(labels), 1), step / steps)
        velocity = (flow(points[-1], t, labels) - points[-1]) / (1 - t)
        points.append(points[-1] + velocity / steps)
    return torch.stack(points)


# %% [markdown]
# To draw in the *latent space* of an autoencoder, and then decode, is the idea of latent diffusion (Rombach and others, arXiv:2112.10752). We standardise the codes: each variable gets mean 0 and variance 1, like the noise.

# %% tags=["nbval-ignore-output"] reason="measured below"
mean, deviation = codes.mean(0), codes.std(0)
ae.seed_everything(0)
code_flow = Flow(20)
flow_seconds = train_flow(code_flow, (codes - mean) / deviation, flow_steps)
paths = flowing(code_flow, 20, wanted) * deviation + mean
with torch.no_grad():
    by_flow = model.decoder(paths[-1])
parameters = decoder_size + ae.count_parameters(code_flow)
judged("flow in codes", by_flow, model_seconds + flow_seconds, parameters, wanted)

# %% [markdown]
# Three paths, decoded on their way from noise to a code:

# %% tags=["nbval-ignore-output"] reason="a figure of one run"
with torch.no_grad():
    stops = {f"to a {digit}": model.decoder(paths[::3, digit]) for digit in (2, 3, 7)}
ae.plots.images(stops, titles=["t = 0", *(f"{stop / 10:g}" for stop in range(1, 11))])

# %% [markdown]
# What does the latent space buy? A network of the same kind can flow in **pixels**, with images in place of codes. We give it about as many seconds as the autoencoder and the flow in codes take together: as many steps as that flow, each of which takes longer, with the same learning rate.

# %%
ae.predict(
    "13 pixels", "Flow in pixels: how many drawings are accepted as the digit that was asked for, in %?", (0, 100)
)

# %% tags=["nbval-ignore-output", "predict"] reason="asserted in the next cell"
ae.seed_everything(0)
pixel_flow = Flow(784)
pixel_seconds = train_flow(pixel_flow, 2 * train.flatten(1) - 1, flow_steps)
in_pixels = flowing(pixel_flow, 784, wanted)[-1].add(1).div(2).clamp(0, 1).reshape(-1, 1, 28, 28)
judged("flow in pixels", in_pixels, pixel_seconds, ae.count_parameters(pixel_flow), wanted)
in_all = model_seconds + flow_seconds
print(f"seconds of training: {in_all:.1f} for autoencoder and flow in codes, {pixel_seconds:.1f} in pixels")
ae.plots.images({"mixtures": by_mixtures[:10], "flow in codes": by_flow[:10], "flow in pixels": in_pixels[:10]})

# %%
ae.reveal("13 pixels", 100 * table["flow in pixels"]["right"])

# %% tags=["collapsed"]
# Proof for the tests: the flow does much better in codes than in pixels.
in_codes, pixels = table["flow in codes"], table["flow in pixels"]
assert in_codes["Fréchet"] < pixels["Fréchet"] and 2 < pixels["parameters"] / in_codes["parameters"] < 2.2
assert in_codes["right"] > pixels["right"] + 0.15 or not digits.whole

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# In these seconds fewer of the drawings are the right digit, by more than 15 points, and their Fréchet distance is larger. The network has about twice as many weights as the other network and the decoder together.
#
# </details>
#
# Do encoder and decoder have to be networks? Those of PCA are linear. Two rivals on its 20 numbers, a mixture for each class and a flow:

# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
start = time.perf_counter()
twenty = pca_codes[: 2 * mixture_size, :20]
pca_mixtures = [fitted(twenty[their_labels == digit], for_each_class) for digit in range(10)]
seconds = pca_seconds + time.perf_counter() - start


def pca_decoder(codes):
    return (average + codes @ rows[:20]).clamp(0, 1).reshape(-1, 1, 28, 28)


by_pca = [drawn_from(each, count // 10, pca_decoder) for each in pca_mixtures]
by_pca = torch.stack(by_pca, dim=1).flatten(0, 1)
judged("mixtures, codes of PCA", by_pca, seconds, 21 * 784 + 10 * for_each_class * 231, wanted)

# %% tags=["nbval-ignore-output"] reason="asserted below"
ae.seed_everything(0)
pca_flow, all_codes = Flow(20), pca_codes[:, :20]
middle, width = all_codes.mean(0), all_codes.std(0)
seconds = pca_seconds + train_flow(pca_flow, (all_codes - middle) / width, flow_steps)
pca_by_flow = pca_decoder(flowing(pca_flow, 20, wanted)[-1] * width + middle)
judged("flow, codes of PCA", pca_by_flow, seconds, 21 * 784 + ae.count_parameters(pca_flow), wanted)
ae.plots.images({"mixtures,\ncodes of PCA": by_pca[:10], "flow,\ncodes of PCA": pca_by_flow[:10]})

# %% [markdown]
# ## 5. Who wins?
#
# The flows and the mixtures for each class are told which digit to draw, the variational autoencoder is not. So we tell its decoder:

# %% tags=["nbval-ignore-output"] reason="asserted below"
ae.seed_everything(0)
told, start, steps = Variational(), time.perf_counter(), epochs * len(train) // batch_size
told.decoder[0], names = nn.Linear(20 + 10, 64), torch.eye(10)  # a code, and which digit it is
optimizer = ae.optimizers.Adam(told.parameters())
for step in range(steps):
    chosen = torch.randint(len(train), (batch_size,))
    means, log_variances = told.posterior(train[chosen])
    decoded = told.decoder(torch.cat([drawn(means, log_variances), names[train_labels[chosen]]], dim=1))
    loss = ae.reconstruction_error(decoded, train[chosen]) + kl_divergence(means, log_variances).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step(ae.optimizers.one_cycle(step / steps, learning_rate))
seconds, size = time.perf_counter() - start, ae.count_parameters(told.decoder)
with torch.no_grad():
    by_told = told.decoder(torch.cat([from_prior, names[wanted]], dim=1))
judged("variational, told", by_told, seconds, size, wanted)

# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
print(f"{'':28}accepted  right class  rarest class  Fréchet  nearest  seconds  parameters")
for name, row in table.items():
    right = "-" if math.isnan(row["right"]) else f"{row['right']:.0%}"
    cells = f"{row['accepted']:>8.0%}{right:>13}{row['rarest']:>14.1%}{row['Fréchet']:>9.1f}{row['nearest']:>9.1f}"
    print(f"{name:28}{cells}{row['seconds']:>9.1f}{row['parameters']:>12,}")

# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
measures |= {"seconds": "seconds"}
panels = {title: {name: row[measure] for name, row in table.items()} for measure, title in measures.items()}
ae.plots.bars(panels)

# %% tags=["collapsed"]
# Proof for the tests: what the text below says.
by_class, told_digit = table["mixture for each class"], table["variational, told"]
pca_mixture, pca_flowing = table["mixtures, codes of PCA"], table["flow, codes of PCA"]
if digits.whole:
    assert all(row["nearest"] > 0.9 * again["nearest"] for name, row in table.items() if name != "copier")
    assert min(by_class["rarest"], in_codes["rarest"]) > 0.03 and again_shares["β = 1"] > 1.5 * prior_shares["β = 1"]
    assert in_codes["accepted"] > real["accepted"] and abs(again["accepted"] - by_class["right"]) < 0.07
    mixed = max(by_class["Fréchet"], fifty["Fréchet"])
    assert mixed < 1.5 * real["Fréchet"] and mixed < 0.9 * in_codes["Fréchet"]
    assert 0 < in_codes["right"] - by_class["right"] < 0.2 and in_codes["Fréchet"] < pixels["Fréchet"]
    assert by_class["parameters"] < 0.55 * in_codes["parameters"] and pixels["parameters"] < 2 * 784 * 785 // 2
    assert min(told_digit["right"], in_codes["right"]) > max(pca_flowing["right"], real["accepted"])
    assert max(prior_shares.values()) < poor["accepted"] + 0.15

# %% tags=["collapsed"]
# Proof for the tests: what the text below says of codes of PCA, and of the variational autoencoder's distance.
if digits.whole:
    assert by_class["right"] > pca_mixture["right"] + 0.1 and in_codes["right"] > pca_flowing["right"] + 0.05
    assert abs(pca_mixture["right"] - pixels["right"]) < 0.1 and pca_mixture["Fréchet"] > 2 * by_class["Fréchet"]
    assert pca_flowing["right"] > pixels["right"] + 0.05 and pca_flowing["Fréchet"] > 2 * in_codes["Fréchet"]
    assert min(pca_mixture["Fréchet"], pca_flowing["Fréchet"]) > 1.2 * pixels["Fréchet"]
    largest = max(row["Fréchet"] for name, row in table.items() if not name.startswith("variational"))
    price_distances = [frechet(each) for each in drawings.values()]
    assert 1.3 * largest < min(told_digit["Fréchet"], *price_distances)
    assert 1.5 * frechet(again_by_beta["β = 1"]) < min(price_distances)

# %% tags=["collapsed"]
# Proof for the tests: with half the covariances the mixtures are about as good as the flow, by both measures.
halved = torch.cat([drawn_from(mixture, count // 10, scale=0.5) for mixture in mixtures])
accepted, distance = jury.accepted(halved), frechet(halved)
assert (accepted > in_codes["accepted"] - 0.05 and 0.7 < distance / in_codes["Fréchet"] < 1.3) or not digits.whole

# %% [markdown]
# Who wins depends on what you ask for.
#
# - **Accepted, and the right digit:** the flow in codes and the variational autoencoder told the digit are ahead, accepted even more often than real digits. The mixtures for each class, as fitted, draw the right digit about as often as reconstructions of test digits are accepted (within seven points). With half the covariances their drawings are accepted about as often as the flow's, at a Fréchet distance within 30 % of the flow's.
# - **Fréchet distance:** the mixture of 50 and those for each class are ahead of the flow, at most 1.5 times as far as real digits. They have about half the parameters of the flow and its decoder.
# - **The variational autoencoder**, after these two epochs, has the largest Fréchet distance, told the digit or not. Where it is not told, the jury accepts at most 15 points more of its drawings than of the single Gaussian's, at these three prices. Blur alone does not explain it: with $\beta = 1$ its reconstructions are blurred, too, yet accepted more than 1.5 times as often, at a smaller distance. So codes drawn from the prior are not like codes of digits. It gives something else: a map, a price in bits.
# - **With PCA** as encoder and decoder a mixture draws the right digit about as often as the flow in pixels, and a flow more often, but both at a larger Fréchet distance. With the autoencoder both gain more than five points, at less than half the Fréchet distance; its codes and its decoder differ.
# - **Copies:** on average all drawings lie about as far from the training digits as reconstructed test digits do, or farther. Only the copier's are closer.
#
# (One seed each; 2,000 drawings leave the shares uncertain by about a percent.) So here no rival beats the textbook by both measures. But count: a full covariance in $d$ dimensions has $d\,(d + 1) / 2$ numbers, 210 for our 20, and 134 million for the 16,384 numbers that the codes of an image generator can have. A network, like covariances of low rank, can have fewer: in our 784 pixels, the whole flow has fewer parameters than two full covariances.

# %% [markdown]
# ## Your turn
#
# Exercises 1 to 5 end in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint. Stars give the difficulty, from one to three.
#
# **1. How many bits does each latent variable cost?** (★★, 10 minutes) An encoder gives means and *standard deviations* $\sigma$ (not variances, nor their logarithms), (n, latent) each. Write `bits_of_variables`: for each latent variable its price in **bits**, averaged over the images.
#
# <details><summary>Hint</summary>
#
# Section 3 has the formula, in nats, with $\sigma^2$. How many nats is one bit?
#
# </details>


# %%
def bits_of_variables(means, deviations):
    """Bits (latent,) that each variable costs, averaged over images; means, deviations: (n, latent)."""
    # answer:
    nats = (means**2 + deviations**2 - 1 - (deviations**2).log()) / 2
    return nats.mean(0) / math.log(2)
    # student: return ...


# %% tags=["nbval-ignore-output"]
if ae.check.bits_of_variables(bits_of_variables):
    with torch.no_grad():
        prices = bits_of_variables(flat.posterior(test)[0], (flat.posterior(test)[1] / 2).exp())
    print("the two variables of the map:", ", ".join(f"{each:.1f} bits" for each in prices))

# %% [markdown]
# **2. Draw codes.** (★, 5 minutes) Write the reparameterised draw, this time with *variances*, and with the noise given: numbers from the standard normal distribution, either one for each number of the codes, (n, latent), or for several draws at once, (draws, n, latent). The codes have the shape of the noise.


# %%
def drawn_codes(means, variances, noise):
    """Codes in the shape of the noise; means, variances: (n, latent)."""
    # answer:
    return means + variances.sqrt() * noise
    # student: return ...


# %%
ae.check.drawn_codes(drawn_codes) and drawn_codes(torch.zeros(1, 3), torch.ones(1, 3), torch.randn(2, 1, 3)).shape

# %% [markdown]
# **3. How fast to the end?** (★★, 10 minutes) A point on a straight path is at `points` at time `t`, and arrives at `ends` at time 1. With which velocity does it move? `points` and `ends` are (n, size), `t` is (n, 1) and below 1. Where the path began is not known.


# %%
def velocity(points, ends, t):
    """Velocities (n, size) of points (n, size) that reach the ends (n, size) at time 1; t: (n, 1)."""
    # answer:
    return (ends - points) / (1 - t)
    # student: return ...


# %%
ae.check.velocity(velocity) and velocity(torch.zeros(1, 2), torch.ones(1, 2), torch.tensor([[0.5]]))

# %% [markdown]
# **4. The share of the right class.** (★★, 10 minutes) `probabilities` (n, classes) is what a jury says of n drawings, `wanted` (n,) the class that was asked for in each. Write `share_right`: the share of all drawings for which the wanted class has a probability of at least 0.9.
#
# <details><summary>Hint</summary>
#
# A row number and a column number for each drawing: `probabilities[range(n), ...]`. Or `probabilities.gather`.
#
# </details>


# %%
def share_right(probabilities, wanted):
    """Share of drawings whose wanted class (n,) has a probability (n, classes) of at least 0.9."""
    # answer:
    return (probabilities[range(len(wanted)), wanted] >= 0.9).float().mean().item()
    # student: return ...


# %% tags=["nbval-ignore-output"]
if ae.check.share_right(share_right):
    print(f"flow in codes: {share_right(jury.verdict(by_flow), wanted):.0%} are the digit that was asked for")

# %% [markdown]
# **5. A price that is too high.** (★, 5 minutes) A variational autoencoder was trained with $\beta = 100$. All its variables are at 0 nats. You draw codes from the prior and decode them. What do you see?
#
# - **a** Different digits, all a little blurred.
# - **b** The same grey image each time: about the average of all training digits.
# - **c** Noise, other noise each time.
# - **d** Training digits: with no bits to spend, the decoder has learned some of them by heart.

# %%
# answer:
answer = "b"
# student: answer = ...
ae.check.empty_codes(answer)

# %% [markdown]
# **6. Investigate: what is missing?** (★★★, 45 minutes, no check) Choose one. *A*: the mixtures on the codes of the variational autoencoder with $\beta = 0.03$. Do they draw better than the prior? *B*: the flow with two steps in place of thirty, or with a thousand. *C*: more latent variables, 60 say: which of mixture and flow copes better? *Predict* first; measure with `judged`, with three seeds where it is close; explain.

# %% tags=["nbval-ignore-output"] reason="an investigation: every student has numbers of their own"
# answer:
# one investigation: fewer steps
for steps in (1, 3, 10):
    with torch.no_grad():
        quick = model.decoder(flowing(code_flow, 20, wanted, steps)[-1] * deviation + mean)
    print(
        f"steps: {steps}, {share_right(jury.verdict(quick), wanted):.0%} of the right class, Fréchet {frechet(quick):.1f}"
    )
# student: # your experiment, your prediction, your measurement

# %%
ae.check.progress(13)

# %% [markdown]
# ## What to remember
#
# - The loss of a plain autoencoder says nothing about where its codes lie. To draw with it, one needs the decoder *and* a model of the codes.
# - The textbook comes first: a Gaussian mixture on the codes.
# - A variational autoencoder prescribes the distribution of the codes. Its loss is the error plus the price of the code in nats; the weight between them is the noise that one assumes on each pixel. Here the higher the price, the more blurred were the reconstructions, and the more drawings from the prior were accepted.
# - A collapsed variable costs nothing and tells nothing. Blur comes from averaging what shares a code.
# - Flow matching turns noise into codes step by step, by asking where a path will end. In our latent space that took seconds.
# - Judge drawings by several measures: accepted, varied, and not copied. The likelihood of pixels is another matter.
#
# **Where next:** notebook 14 shows what autoencoders are used for today: discrete codes, masked images, and reading the inside of other networks.
