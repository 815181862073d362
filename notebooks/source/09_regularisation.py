# %% [markdown]
# # 09 Regularisation
#
# **Purpose:** give the code as many numbers as there are pixels, or more; see that the network then copies; and learn five kinds of regularisation, which are meant to keep it from the easy solution.
#
# After this notebook you can
#
# - say why an autoencoder with enough room can copy, and why a small error then says little about its code;
# - measure what a code is good for with a linear probe, which learns from ten labelled digits of each class;
# - write the loss or the layer of five kinds of autoencoder: denoising, sparse, with an L2 penalty, with tied weights, contractive;
# - compare them by error *and* by usefulness, and say which helped, by how much, and how surely.
#
# You need notebooks 04 to 06. It takes about {{seconds}} seconds to run on two processor cores.

# %%
import aeutils as ae
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, LogisticRegression
import torch
from torch import nn

# %% [markdown]
# ## 1. Enough room to copy
#
# So far the code was a bottleneck, with far fewer numbers than the image has pixels. What if it has
# **as many numbers as there are pixels**? Such a code is called **complete**; with more numbers than pixels it is **overcomplete**.
#
# In this notebook the digits have half their resolution, 14 × 14 pixels, each the mean of four. A network with as many numbers in its code as pixels then has a sixteenth of the weights.
#
# With a complete code, an autoencoder needs no training to copy. Here is one:

# %% tags=["live"]
# an encoder and a decoder that pass on each pixel unchanged
# instructor minutes: 3
# instructor guess: "An error of exactly 0 takes long training." Nothing is trained here, and even pure noise has an error of 0.
# instructor ask: What does this network know about digits, and what could we change so that it has to learn something?
copy = ae.fully_connected((1, 14, 14), 196)
copy.decoder = nn.Sequential(copy.decoder[0], nn.Unflatten(1, (1, 14, 14)))  # without the sigmoid
with torch.no_grad():
    for layer in (copy.encoder[1], copy.decoder[0]):
        layer.weight.copy_(torch.eye(196))  # 1 from each number to itself, 0 to all others
anything = torch.rand(100, 1, 14, 14)
assert ae.evaluate(copy, anything) == 0
print("error on images of pure noise:", ae.evaluate(copy, anything))

# %% [markdown]
# An error of exactly 0, on *any* image. And its code is the image itself: nothing has been learned. Does training end at something like it?
#
# From here on each network has one layer in and one layer out. A sigmoid follows each, so every number of the code lies between 0 and 1; we call it the **activity** of a unit. (Only the bottleneck of 20 numbers has a code without
# a sigmoid, as in earlier notebooks.) To save time, we train on 6,000 digits. All networks get the same digits in the same order, the same number of epochs and the same learning rate. (With the embedded digits training is shorter, with one seed; some of the text does not hold.)

# %% tags=["collapsed"]
# Settings: fewer epochs on the embedded digits, and one seed.
digits = ae.load_mnist()
epochs, more_seeds = (4, (1, 2)) if digits.whole else (3, ())

# %%
images, test = (nn.functional.avg_pool2d(each, 2) for each in (digits.train_images[:6_000], digits.test_images[:5_000]))
labels, test_labels = digits.train_labels[:6_000], digits.test_labels[:5_000]


# %% tags=["live"]
# as many units in the code as pixels, or more; the same training for every network
# instructor minutes: 3
# instructor guess: "392 numbers will overfit: the test error is above 2.2." It is the smallest of the three, less than half of that.
# instructor ask: A sigmoid follows each layer now. How could this network still come close to the perfect copy above?
def wide(units=196, seed=0):
    """An autoencoder with that many numbers in its code, not trained yet."""
    ae.seed_everything(seed)
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(196, units), nn.Sigmoid())
    return ae.Autoencoder(encoder, nn.Sequential(nn.Linear(units, 196), nn.Sigmoid(), nn.Unflatten(1, (1, 14, 14))))


def train(model, loss=None):
    """Train the model and return it. Without a loss it is the reconstruction error."""
    ae.fit(model, images, epochs, batch_size=50, learning_rate=0.02, loss=loss, precision="float32")
    return model


# %%
ae.predict(
    "09 overcomplete",
    "The test error of a code of 20 numbers is about 2.2. How large is it with 392, two for each pixel?",
    (0.0, 4.0),
)

# %% tags=["nbval-ignore-output", "predict"] reason="measured in the next cell"
ae.seed_everything(0)
models = {"bottleneck, 20": train(ae.fully_connected((1, 14, 14), 20)), "copying": train(wide())}
models["overcomplete"] = train(wide(392))

# %% tags=["nbval-ignore-output", "predict"]
errors = {name: ae.evaluate(model, test) for name, model in models.items()}
mean_image = ae.pca_error(0, images, test)
for name, error in errors.items():
    print(f"{name}: test error {error:.1f}, {error / mean_image:.0%} of that of the mean image")
assert errors["overcomplete"] < errors["copying"] < errors["bottleneck, 20"] / (2 if digits.whole else 1.5)
assert not digits.whole or (errors["copying"] < 0.1 * mean_image and abs(errors["bottleneck, 20"] - 2.2) < 0.2)

# %%
ae.reveal("09 overcomplete", errors["overcomplete"])

# %% [markdown]
# The wide networks leave less than a tenth of the error of the mean image, on digits that they have never seen. Judging by this error alone, they beat the bottleneck. But what have they learned?
#
# Now we try images that are **not digits**: the central 10 × 10 pixels of test digits, with their four quarters swapped or all pixels shuffled, always in the same way.

# %%
fails = ["only the bottleneck", "only the wide networks", "all of them", "none of them"]
ae.predict("09 cut up", "Which networks draw *cut-up* digits no better than a black image would?", fails)

# %% tags=["predict"]
ae.seed_everything(0)
centre = test[:, :, 2:12, 2:12]  # the border is left black
cut_up, shuffled = torch.zeros_like(test), torch.zeros_like(test)
cut_up[:, :, 2:12, 2:12] = centre.roll((5, 5), dims=(2, 3))
shuffled[:, :, 2:12, 2:12] = centre.flatten(2)[:, :, torch.randperm(100)].reshape(centre.shape)
shown = torch.cat([test[:3], cut_up[:3], shuffled[:3]])
rows = {"original": shown}
with torch.no_grad():
    rows |= {name.replace(", ", "\n"): model(shown) for name, model in models.items()}
ae.plots.images(rows, titles=["digit"] * 3 + ["cut up"] * 3 + ["shuffled"] * 3, errors=True)

# %% tags=["nbval-ignore-output"]
left = {}
for kind, batch in {"digits": test, "cut up": cut_up, "shuffled": shuffled}.items():
    black = ae.reconstruction_error(torch.zeros_like(batch), batch).item()  # the error of a black image
    for name, model in models.items():
        left[name, kind] = ae.evaluate(model, batch) / black
        print(f"{kind}, {name}: {left[name, kind]:.0%} of the error of a black image")
    left["PCA, 20", kind] = ae.pca_error(20, images, batch) / black
    print(f"{kind}, PCA, 20: {left['PCA, 20', kind]:.0%} of the error of a black image")
for name in ("copying", "overcomplete"):
    assert left[name, "cut up"] < (0.35 if digits.whole else 0.5) < 0.7 < left["bottleneck, 20", "cut up"]
    assert left[name, "cut up"] < left[name, "shuffled"] < left["bottleneck, 20", "shuffled"]
    assert left[name, "cut up"] < (0.75 if digits.whole else 1) * left["PCA, 20", "cut up"]
assert not digits.whole or left["PCA, 20", "cut up"] < 0.5 < 1 < left["bottleneck, 20", "cut up"]

# %% tags=["collapsed"]
# Proof for the tests: more than half of the bottleneck's error on cut-up digits lies on the border.
with torch.no_grad():
    wrong = (models["bottleneck, 20"](cut_up) - cut_up).square()
assert not digits.whole or wrong[:, :, 2:12, 2:12].sum() < 0.45 * wrong.sum()
for name in ("copying", "overcomplete") if digits.whole else ():
    assert 0.19 < left[name, "cut up"] < 0.29 and 0.28 < left[name, "shuffled"] < 0.39

# %%
ae.reveal("09 cut up", fails[0] if left["bottleneck, 20", "cut up"] > 0.95 else fails[3])

# %% [markdown]
# After this short training, the bottleneck fails on cut-up digits: it draws them no better than a black image would. (More than half of its error lies on the border, where it draws grey. PCA, with 20 numbers too, leaves less than half of the error of a black image.) The wide networks leave 21 to 27 % of it, and of shuffled pixels 30 to 37 %.
# Mostly, they **copy**. From now on we use 196 numbers.

# %% [markdown]
# ## 2. What is a code good for?
#
# If the error cannot tell a good code from a copy, what can? We ask how well the code serves a user with **few labels**: a *linear* classifier learns from the codes of ten labelled digits
# of each class, 100 in all. How many test digits does it classify correctly? This is called a **linear probe** (Alain and Bengio, 2016). The classifier can only draw
# flat borders between the codes of different classes. Here is one, on the pixels:

# %% tags=["live", "nbval-ignore-output"]
# a linear classifier that learns from ten labelled digits of each class
# instructor minutes: 4
# instructor guess: "100 labels: little better than guessing, 20 %", or "98 %, as always with MNIST". It is between 60 and 85 %.
# instructor ask: Suppose other digits had been labelled, ten of each class again: how could we find out how much is luck?
few = torch.cat([(labels == digit).nonzero()[:10, 0] for digit in range(10)])
probe = LogisticRegression(C=10, max_iter=1000)
probe.fit(images[few].flatten(1) / 4, labels[few])  # / 4: distances between digits become about 1
share = probe.score(test.flatten(1) / 4, test_labels)
print(f"trained on {len(few)} labelled images, right for {share:.1%} of the {len(test):,} test images")
assert 0.6 < share < 0.85

# %% [markdown]
# Which hundred digits were labelled is a matter of luck. So `ae.linear_probe` does this ten times, each time with other labelled digits, but with the same ones for every kind of code. As in notebook 06, we also measure the nearest-neighbour accuracy:
# how often does the nearest other code have the same label?


# %% tags=["live"]
# everything that we want to know about one kind of code
# instructor minutes: 3
# instructor guess: "The probe learns from all 2,000 known digits." From ten of each class among them, and that ten times over.
# instructor ask: Why does each kind of code have to get the same labelled digits in each of the ten draws?
results = {}


@torch.no_grad()
def examine(name, encode, error):
    """Keep the test error, the nearest-neighbour accuracy and the ten shares of the linear probe."""
    known, new = encode(images[:2000]), encode(test)
    accuracy = ae.nearest_neighbour_accuracy(new[:2000], test_labels[:2000], "euclidean")
    results[name] = (error, accuracy, ae.linear_probe(known, labels[:2000], new, test_labels))


# %% [markdown]
# The copying network has six rivals: the pixels, PCA with 20 components, the image **blurred** (each pixel becomes the mean of the 3 × 3 around it), the blurred image **scaled** to length 1 (divided by the root of the sum of its squares), our bottleneck, and a wide network that is **not trained at all**, with random weights.

# %%
ae.predict(
    "09 copying",
    "How well do the codes of the copying network serve the classifier?",
    ["better than the pixels, by 5 points or more", "within 5 points of the pixels", "worse, by 5 points or more"],
)

# %% tags=["nbval-ignore-output", "predict"] reason="asserted in the next cell"
pca = PCA(20, random_state=0).fit(images.flatten(1).numpy())


def by_pca(images):
    """Codes (n, 20): images along the 20 principal components of the training images."""
    return torch.from_numpy(pca.transform(images.flatten(1).numpy())).float()


def blurred(images):
    """Codes (n, pixels): each pixel the mean of the 3 × 3 around it."""
    return nn.functional.avg_pool2d(images, 3, stride=1, padding=1).flatten(1)


def scaled(images):
    """Codes (n, pixels): blurred images, each divided by the root of the sum of its squares."""
    return nn.functional.normalize(blurred(images))


# %% tags=["predict"]
def linear_map(known, wanted, new):
    """Images (m, 1, 14, 14) that the best linear map from known to wanted, by least squares, makes of new."""
    fitted = LinearRegression().fit(known.flatten(1).numpy(), wanted.flatten(1).numpy())
    return torch.from_numpy(fitted.predict(new.flatten(1).numpy())).float().reshape(-1, 1, 14, 14).clamp(0, 1)


# %% tags=["nbval-ignore-output", "predict"] reason="asserted in the next cell"
examine("pixels", lambda images: images.flatten(1), 0.0)
examine("PCA, 20", by_pca, ae.pca_error(20, images, test))
for name, encode in {"blurred": blurred, "blurred, scaled": scaled}.items():  # a linear map decodes them
    decoded = linear_map(encode(images), images, encode(test))
    examine(name, encode, ae.reconstruction_error(decoded, test).item())
untrained = wide()
examine("untrained", untrained.encoder, ae.evaluate(untrained, test))
for name in ("bottleneck, 20", "copying"):
    examine(name, models[name].encoder, errors[name])
probed = {name: shares.mean().item() for name, (_, _, shares) in results.items()}
ae.plots.share_bars(probed, chance=0.1, axis="classified correctly, from 10 labelled digits of each class")

# %% tags=["collapsed"]
# Proof for the tests: the copying network is within two points of the pixels; the blurs are the best.
assert abs(probed["copying"] - probed["pixels"]) < (0.02 if digits.whole else 0.04)
assert abs(probed["untrained"] - probed["pixels"]) < 0.04
assert not digits.whole or sorted(probed, key=probed.get)[-2:] == ["blurred", "blurred, scaled"]
assert not digits.whole or 0.04 < probed["blurred, scaled"] - probed["pixels"] < 0.06

# %%
ae.reveal("09 copying", "within 5 points of the pixels")

# %% [markdown]
# The copying network has a small error, and its codes are **within two points of the pixels** of its input. The best are the two blurs, which have learned nothing. The scaled one leads the pixels by about five points. What does it take to do better?
#
# What we change in the loss or in the network to keep it from the easy solution is called **regularisation**. Five kinds follow. Each has a strength, a hyperparameter (only tied weights have none). We chose the strengths by the
# linear probe on validation digits from the rest of the training images. (The embedded subset uses the same values.)

# %% [markdown]
# ## 3. Denoising: corrupt the input
#
# A copy of a noisy image is a noisy image. So **corrupt the input, and ask for the clean original** (Vincent and others, 2008 and 2010). A network that only passes on pixels now has a large error.


# %% tags=["live"]
# corrupt the input; compare with the clean original
# instructor minutes: 3
# instructor guess: "Compare with the noisy image, it is the input." Then a copy is perfect again; the target is the clean digit.
# instructor ask: What could a network learn instead, if each digit came with the same noise in every epoch?
def corrupt(images):
    """The images with noise added, cut off at 0 and 1; new noise each time."""
    return (images + 0.5 * torch.randn_like(images)).clamp(0, 1)


def denoising_loss(model, originals):
    """The error of what the model makes of corrupted images, against the originals."""
    return ae.reconstruction_error(model(corrupt(originals)), originals)


# %% [markdown]
# The noise is new for every image and every epoch. It is part of the loss, not of the model: after training, the encoder takes clean images.
#
# Now noisy test digits go into the copying network and into the denoising one.

# %%
ae.predict("09 noisy", "What share of the noise's error will the *copying* network remove, in %?", (0, 100))

# %% tags=["nbval-ignore-output", "predict"] reason="measured below"
models["denoising"] = train(wide(), denoising_loss)
ae.seed_everything(1)
noisy = corrupt(test)
with torch.no_grad():
    cleaned = {name: models[name](noisy) for name in ("copying", "denoising")}

# %% [markdown]
# It has two simple rivals: the best **linear map** from noisy images to clean ones, fitted by least squares to as much noise as the network has seen; and the mean of the 20 training digits **nearest** to the noisy image:

# %% tags=["nbval-ignore-output", "predict"]
originals = images.repeat(epochs, 1, 1, 1)
by_line = linear_map(corrupt(originals), originals, noisy)
near = torch.cdist(noisy.flatten(1), images.flatten(1)).topk(20, largest=False).indices
shown = {"noisy": noisy, "linear map": by_line, "20 nearest": images[near].mean(1), **cleaned}
noise_errors = {name: ae.reconstruction_error(made, test).item() for name, made in shown.items()}
for name, error in noise_errors.items():
    print(f"{name}: error against the clean digits {error:.1f}")
assert abs(noise_errors["copying"] / noise_errors["noisy"] - 0.33) < (0.03 if digits.whole else 0.17)
assert max(noise_errors["linear map"], noise_errors["denoising"]) < noise_errors["copying"] / 1.3
assert abs(noise_errors["linear map"] / noise_errors["denoising"] - 1) < (0.1 if digits.whole else 0.3)
assert not digits.whole or (noise_errors["20 nearest"] < 3.9 and mean_image < 0.5 * noise_errors["noisy"])
assert not digits.whole or max(abs(noise_errors["denoising"] - 4.6), abs(noise_errors["copying"] - 7.4)) < 0.3

# %% tags=["predict"]
ae.plots.images({"original": test[:8]} | {name: made[:8] for name, made in shown.items()}, errors=True)

# %%
ae.reveal("09 noisy", 100 - 100 * noise_errors["copying"] / noise_errors["noisy"])

# %% [markdown]
# Even the copying network removes two thirds of the noise's error, so it is not a perfect copier. (The mean image, whatever comes in, would remove more than half.) The denoising network leaves 4.6 in place of 7.4, but a linear map is within a tenth of that, and the 20 nearest do
# better: their error stays below 3.9. Here we care about the code, not about the clean image.
#
# And a clean digit?

# %%
ae.predict(
    "09 clean digit", "On clean digits the copying network has an error of 0.8. And the denoising one?", (0.0, 8.0)
)

# %% tags=["nbval-ignore-output", "predict"]
clean_error = ae.evaluate(models["denoising"], test)
print(f"denoising network: error {noise_errors['denoising']:.1f} with noise, {clean_error:.1f} without")
examine("denoising", models["denoising"].encoder, clean_error)
gain = results["denoising"][2] - results["pixels"][2]
print(f"linear probe against pixels: {100 * gain.mean():+.1f} points, better in {(gain > 0).sum()} of 10 draws")
assert clean_error > (3 if digits.whole else 1.5) * errors["copying"] and (gain.mean() > 0.01 or not digits.whole)

# %%
ae.reveal("09 clean digit", clean_error)

# %% [markdown]
# Its encoder has never been given a clean digit in training (clean digits were only its targets), and its error on clean digits is more than three times that of the copying network. Judging by its reconstruction error alone, we would throw it away. But
# its codes serve the classifier better than the pixels do, with the same labelled digits.

# %% [markdown]
# ## 4. Sparse: each unit rarely active
#
# Another idea: let there be many units, but let each of them be active **rarely**, with an average activity of only $\rho = 0.05$ over the digits. (The average of unit $j$ over a mini-batch is
# $\hat\rho_j$.) We need a penalty that is 0 exactly there and grows on both sides. The **KL divergence** (Kullback-Leibler divergence) is one. It measures how far one distribution is from another; here, how far a coin that shows heads with probability $\hat\rho_j$ is from one with probability $\rho$:
#
# $$\sum_j \left( \rho \log\frac{\rho}{\hat\rho_j} + (1 - \rho)\log\frac{1 - \rho}{1 - \hat\rho_j} \right)$$
#
# (Ng, lecture notes *Sparse autoencoder*, 2011. A simpler penalty is the sum of all activities, called L1.) Note what it asks for: it limits each unit's *average over images*, not the number of active units *in an image*.


# %% tags=["live"]
# each unit active by 0.05 on average
# instructor minutes: 5
# instructor guess: "At most 5 % of the units, ten, are active in an image." It limits the average of each unit over many images.
# instructor ask: Which penalty does a unit get that is at 0.05 for every image, and how much does it tell about the image?
def sparse_loss(model, originals):
    """Reconstruction error, and a penalty for units whose average activity is not 0.05."""
    codes = model.encoder(originals)
    wanted, average = 0.05, codes.mean(0)  # average of each unit over the mini-batch
    penalty = wanted * (wanted / average).log() + (1 - wanted) * ((1 - wanted) / (1 - average)).log()
    return ae.reconstruction_error(model.decoder(codes), originals) + 0.1 * penalty.sum()


# %% [markdown]
# How does that change a code?

# %%
ae.predict("09 active", "In the *sparse* code, how many of the 196 units will be above one half, on average?", (0, 196))

# %% tags=["nbval-ignore-output", "predict"]
models["sparse"] = train(wide(), sparse_loss)
examine("sparse", models["sparse"].encoder, ae.evaluate(models["sparse"], test))
active = {}
with torch.no_grad():
    for name in ("copying", "sparse"):
        codes = models[name].encoder(test)
        active[name] = (codes > 0.5).float().sum(1)
        low, high = active[name].quantile(torch.tensor([0.05, 0.95])).tolist()
        print(f"{name}: average activity {codes.mean():.2f};", end=" ")
        print(f"{active[name].mean():.0f} of 196 units above one half ({low:.0f} to {high:.0f} for nine in ten digits)")
assert active["sparse"].mean() < active["copying"].mean() / 4 and 70 < active["copying"].mean() < 125
assert not digits.whole or (0.09 < codes.mean() < 0.13 and 8 < active["sparse"].mean() < 12)
assert not digits.whole or ((active["copying"] > 72) & (active["copying"] < 113)).float().mean() > 0.9

# %%
ae.reveal("09 active", active["sparse"].mean().item())

# %% [markdown]
# Here are the 196 numbers of some codes, each code drawn as a square of 14 × 14, white for 1 and black for 0:

# %% tags=["predict"]
with torch.no_grad():
    squares = {f"code,\n{name}": models[name].encoder(test[:8]).reshape(8, 1, 14, 14) for name in active}
ae.plots.images({"digit": test[:8], **squares})

# %% [markdown]
# In the copying network, about half of the units are above one half, and for nine in ten digits it is roughly 75 to 110. In the sparse one there are about ten, more for some digits than for others: nothing bounds their number in a single image. (Exercise 2 does.) Even the average activity is still about twice the 0.05 that we asked for.

# %% [markdown]
# ## 5. Small weights, and shared weights
#
# An **L2 penalty** adds the squares of all weights, times its strength, to the loss. A unit needs large weights to respond steeply to small differences. (Biases are left alone.)
#
# This is often called *weight decay*, and with plain gradient descent the two are the same: each step shrinks all weights a little. With Adam they are not, because Adam rescales the gradient of the penalty along with the rest.
# **AdamW** (Loshchilov and Hutter, 2019) shrinks the weights directly, beside Adam's step. Ours is the penalty.


# %% tags=["live"]
# a penalty on large weights
# instructor minutes: 3
# instructor guess: "It sets many weights to exactly 0." None is exactly 0. The nearest are those of pixels that are hardly ever lit.
# instructor ask: Make the penalty a thousand times stronger: what will the network draw? Mind that biases cost nothing.
def l2_loss(model, originals):
    """Reconstruction error, and a penalty on the squares of all weights."""
    squares = model.encoder[1].weight.square().sum() + model.decoder[0].weight.square().sum()
    return ae.reconstruction_error(model(originals), originals) + 0.0005 * squares


# %% tags=["nbval-ignore-output"]
def root_mean_square(model):
    """How large the weights of the encoder are."""
    return model.encoder[1].weight.square().mean().sqrt().item()


models["L2 penalty"] = train(wide(), l2_loss)
sizes = {name: root_mean_square(models[name]) for name in ("copying", "L2 penalty")}
print(", ".join(f"{name}: root mean square weight {size:.2f}" for name, size in sizes.items()))
assert sizes["L2 penalty"] < sizes["copying"] / (2 if digits.whole else 1.3)


# %% [markdown]
# **Tied weights:** the decoder has no weights of its own. It uses those of the encoder, transposed: the pixels that excite a unit are also the pixels that the unit draws. This is a layer, not a loss:


# %% tags=["live"]
# a decoder that uses the encoder's weights
# instructor minutes: 4
# instructor guess: "Half the weights, so about twice the error." It stays below 1.3 times the error of the copying network.
# instructor ask: The encoder and the decoder use one and the same weight. From where does its gradient come?
class TiedDecoder(nn.Module):
    """Decodes with the transposed weights of an encoder's linear layer, and biases of its own."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer  # the encoder's own layer, not a copy of it
        self.bias = nn.Parameter(torch.zeros(layer.in_features))

    def forward(self, codes):
        pixels = codes @ self.layer.weight + self.bias  # weight: (units, pixels), so this multiplies by its transpose
        return torch.sigmoid(pixels).unflatten(1, (1, 14, 14))


# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
def tied(seed=0):
    """As wide(), with tied weights."""
    encoder = wide(seed=seed).encoder
    return ae.Autoencoder(encoder, TiedDecoder(encoder[1]))


models["tied weights"] = train(tied())
for name in ("L2 penalty", "tied weights"):
    examine(name, models[name].encoder, ae.evaluate(models[name], test))
    print(f"{name}: error {results[name][0]:.1f}")
counts = {name: ae.count_parameters(models[name]) for name in ("copying", "tied weights")}
print(", ".join(f"{name}: {count:,} parameters" for name, count in counts.items()))

# %% tags=["collapsed"]
# Proof for the tests: half the weights, nearly the same error, on cut-up digits, too; the L2 penalty costs more of it.
assert counts["copying"] - counts["tied weights"] == 196 * 196
assert results["tied weights"][0] < (1.15 if digits.whole else 1.3) * results["copying"][0]
assert not digits.whole or ae.evaluate(models["tied weights"], cut_up) < 1.2 * ae.evaluate(models["copying"], cut_up)
assert not digits.whole or 1.3 * results["copying"][0] < results["L2 penalty"][0]
assert not digits.whole or max(abs(results["L2 penalty"][0] - 1.2), abs(results["copying"][0] - 0.8)) < 0.1

# %% [markdown]
# Nearly half of the parameters are gone, and the network with tied weights *copies almost as well as before*: its error is at most 1.2 times as large, on cut-up digits, too. Tied weights alone do not stop the copying. With the L2 penalty, the error is 1.2 in place of 0.8.

# %% [markdown]
# ## 6. Contractive: a code that hardly moves
#
# When an image changes a little, how far does its code move? The **Jacobian** of the encoder holds the answer: the slope of each number of the code with respect to each pixel, here 196 × 196 slopes. A **contractive** autoencoder
# (Rifai and others, 2011) pays for the sum of their squares. This penalty alone asks for a code that stands still; the reconstruction error pulls the other way, because different digits need different codes. The hope is that
# what remains are the movements that turn one digit into another.
#
# For one sigmoid layer $h_j = \sigma(w_j \cdot x + b_j)$ the sum has a short form, since the slope of the sigmoid is $h(1 - h)$:
#
# $$\sum_{j,\,i} \left(\frac{\partial h_j}{\partial x_i}\right)^2 = \sum_j \big(h_j (1 - h_j)\big)^2 \, \lVert w_j\rVert^2$$


# %% tags=["live"]
# the squared slopes of a sigmoid layer, summed; and the loss
# instructor minutes: 5
# instructor guess: "The penalty makes codes small." It makes them stand still: it asks for their slopes, not for their size.
# instructor ask: At which activity does the slope of a unit cost most, and at which activities hardly anything?
def squared_slopes(model, codes):
    """For each code the sum of the squared slopes of its encoder, a sigmoid layer."""
    return (codes * (1 - codes)).square() @ model.encoder[1].weight.square().sum(1)


def contractive_loss(model, originals):
    """Reconstruction error, and a penalty on the slopes of the encoder."""
    codes = model.encoder(originals)
    error = ae.reconstruction_error(model.decoder(codes), originals)
    return error + 0.2 * squared_slopes(model, codes).mean()


# %% [markdown]
# Is the short form right? PyTorch can compute all slopes one by one. Compare, for one digit:

# %% tags=["live", "nbval-ignore-output"]
# all slopes one by one, against the short form
# instructor minutes: 3
# instructor guess: "196 slopes, one for each pixel." Each of 196 units has a slope for each of 196 pixels: that makes 38,416.
# instructor ask: For which encoders would the short form be wrong? Think of another layer, or of ReLU.
digit = test[:1]
slopes = torch.autograd.functional.jacobian(models["tied weights"].encoder, digit)
with torch.no_grad():
    short = squared_slopes(models["tied weights"], models["tied weights"].encoder(digit)).item()
print(f"{slopes.numel():,} slopes: their squares sum to {slopes.square().sum():.3f}, short form {short:.3f}")
assert slopes.numel() == 196 * 196 and abs(short / slopes.square().sum().item() - 1) < 1e-3

# %% [markdown]
# There is a loophole: make the encoder's weights tiny, where the sigmoid is nearly straight, and the decoder's large. So, as in the paper, the contractive network has **tied weights**, where one cannot grow while the other shrinks.
#
# How far do codes move? We add faint noise to the images, measure how far their codes move, and divide by the distance between the codes of two images.

# %%
still = ["PCA, 20", "bottleneck, 20", "denoising", "contractive"]
ae.predict("09 moves least", "Whose codes move least?", still)

# %% tags=["nbval-ignore-output", "predict"] reason="asserted in the next cell"
models["contractive"] = train(tied(), contractive_loss)
examine("contractive", models["contractive"].encoder, ae.evaluate(models["contractive"], test))
ae.seed_everything(2)
one, faint = test[:1000], test[:1000] + 0.1 * torch.randn(1000, 1, 14, 14)
moved = {}
with torch.no_grad():
    encoders = {"pixels": nn.Flatten(), "PCA, 10": lambda images: by_pca(images)[:, :10], "PCA, 20": by_pca}
    encoders |= {name: model.encoder for name, model in models.items()}
    for name, encode in encoders.items():
        by_noise, by_digit = encode(faint) - encode(one), encode(one.roll(1, 0)) - encode(one)
        moved[name] = (by_noise.norm(dim=1).mean() / by_digit.norm(dim=1).mean()).item()
        print(f"{name}: faint noise moves the code by {moved[name]:.0%} of the distance to another digit")

# %% tags=["collapsed"]
# Proof for the tests: what the text below says of the codes that move least.
least = sorted(moved, key=moved.get)
if digits.whole:
    assert set(least[:2]) == {"contractive", "PCA, 10"} and set(least[2:4]) == {"PCA, 20", "denoising"}
    assert max(abs(moved["contractive"] - 0.1), abs(moved["tied weights"] - 0.17)) < 0.02
assert moved["contractive"] < moved["tied weights"] / (1.4 if digits.whole else 1.1)

# %%
ae.reveal("09 moves least", min(still, key=moved.get))

# %% [markdown]
# Of the four, the contractive code moves least, as its loss asks: 10 %, and 17 % in the same network without the penalty (*tied weights*). Next come PCA and the denoising network. PCA's 20 numbers
# leave out most of the directions in which noise can move an image. With only 10 numbers, its code moves about as little as the contractive one.

# %% [markdown]
# ## 7. Which of them helped?
#
# Here they are in one figure. (The untrained network is left out.) Points further to the left have a smaller error, points further up a more useful code. Each is one kind of code (networks: from seed 0); its bar shows the range over the ten draws of labelled digits. (A linear map, fitted to the training digits, decodes the two blurs.)

# %%
ae.predict(
    "09 no help",
    "Whose code serves the classifier no better than that of the copying network?",
    ["denoising", "sparse", "L2 penalty", "contractive"],
)

# %% tags=["gallery", "predict"]
compared = {name: each for name, each in results.items() if name != "untrained"}
ae.plots.error_against_usefulness(compared)

# %%
if digits.whole:
    ae.reveal("09 no help", "L2 penalty")

# %% [markdown]
# Here is the nearest-neighbour accuracy, too. Each small dot on the right is a draw of labelled digits:

# %%
ae.plots.code_comparison(compared)

# %% tags=["collapsed"]
# Proof for the tests: what the text below says of seed 0.
gains = {name: (shares - results["pixels"][2]).mean().item() for name, (_, _, shares) in results.items()}
five = ["denoising", "sparse", "L2 penalty", "tied weights", "contractive"]
others = [name for name in five if name != "tied weights"]
assert not digits.whole or min(results[name][0] for name in others) > 1.4 * results["copying"][0]
dearer = [results[name][0] / results["copying"][0] for name in ("denoising", "sparse", "contractive")]
assert not digits.whole or (min(dearer) > 1.8 and max(dearer) < 4.2)
assert not digits.whole or results["blurred, scaled"][0] < 0.9 * results["copying"][0]
assert min(shares.max() - shares.min() for _, _, shares in results.values()) > (0.04 if digits.whole else 0.02)
assert not digits.whole or (gains["denoising"] > gains["blurred"] - 0.005 and gains["sparse"] > gains["blurred"])
more_neighbours = {name: accuracy - results["pixels"][1] for name, (_, accuracy, _) in results.items()}
assert not digits.whole or (max(more_neighbours.values()) < 0.02 and more_neighbours["contractive"] < -0.01)

# %% [markdown]
# Change a code by hand: choose a kind of code and a digit, see which units respond, and change one. (Where no program runs, as on GitHub, a still figure takes its place.)

# %%
ae.widgets.kinds_of_codes({name: models[name] for name in ("bottleneck, 20", "copying", "denoising", "sparse")}, test)

# %% [markdown]
# The draws say nothing about the luck of the initialisation. So we train each kind with two more seeds. Since the contractive network has tied weights *and* a penalty, we also tie those of the sparse one:

# %% tags=["collapsed"]
# What trains each kind, and the mean share of right answers of the linear probe on its codes.
recipes = {"copying": (wide, None), "denoising": (wide, denoising_loss), "sparse": (wide, sparse_loss)}
recipes |= {"L2 penalty": (wide, l2_loss), "tied weights": (tied, None), "contractive": (tied, contractive_loss)}
recipes["sparse, tied"] = (tied, sparse_loss)


def usefulness(model):
    with torch.no_grad():
        shares = ae.linear_probe(model.encoder(images[:2000]), labels[:2000], model.encoder(test), test_labels)
    return shares.mean().item()


# %% tags=["nbval-ignore-output"] reason="measured below"
seed_0 = ["pixels", "blurred", "blurred, scaled", "copying", *five]
by_seed = {name: [results[name][2].mean().item()] for name in seed_0}
by_seed["sparse, tied"] = [usefulness(train(tied(), sparse_loss))]
for name, (build, loss) in recipes.items():
    by_seed[name] += [usefulness(train(build(seed=seed), loss)) for seed in more_seeds]

# %%
lines = " (lines: three seeds)" if more_seeds else ""
ae.plots.share_bars(by_seed, chance=0.1, axis=f"classified correctly, 10 labels of each class{lines}")

# %% tags=["collapsed"]
# Proof for the tests: the order is the same for every seed, and what the text below says in points.
if digits.whole:
    order = ["contractive", "sparse", "denoising", "tied weights", "copying", "pixels"]
    lowest, highest = ([pick(by_seed[name]) for name in order] for pick in (min, max))
    assert all(low > high for low, high in zip(lowest[:-1], highest[1:], strict=True))
    points = {name: 100 * sum(shares) / len(shares) for name, shares in by_seed.items()}
    above_copying = {name: points[name] - points["copying"] for name in five}
    assert abs(above_copying["contractive"] - 4) < 0.7 and abs(above_copying["tied weights"] - 1) < 0.7
    assert abs(above_copying["L2 penalty"]) < 0.7 and points["tied weights"] - points["pixels"] < 2.5
    assert 1.5 < points["blurred"] - points["pixels"] < 2.5 and 0 < points["denoising"] - points["blurred"] < 1
    assert min(points["sparse"], points["contractive"]) > points["blurred"] + 1
    assert abs(points["blurred, scaled"] - points["contractive"]) < 1
    assert abs(points["sparse, tied"] - points["contractive"]) < 1
    untied = train(wide(), contractive_loss)
    assert 100 * usefulness(untied) < 100 * by_seed["copying"][0] + 1

# %% [markdown]
# - **A small error promises no useful code.** The copying network and the one with tied weights, which copies too, have the smallest errors of the networks shown, and codes at most about two points better than the pixels.
# - Four of the five have better codes than the copying network, in the same order with each of three seeds: the contractive one (about four points better), the sparse one, the denoising one, and, by about one point, the one with tied weights. The L2 penalty changes less than a point.
# - **Change one thing at a time.** The contractive network has tied weights, too. With them, the sparse one is level with it, within a point. Without them, the contractive one gains less than a point over the copying network (seed 0).
# - **The blur is a strong rival.** It learns nothing, and gains about two points over the pixels. The denoising network is less than a point ahead of it, the sparse and the contractive one more than a point.
# - **Scaled to length 1, it is level with the contractive network** after this short training, within a point: two steps without learning.
# - **Useful and exact are two aims.** The three kinds of network that help most have about two to four times the error of the copying one. But one need not cost the other: decoded by a linear map, the scaled blur has a smaller error than the copying network.
# - Which digits were labelled moves each result by more than four points (look at the dots), so we compare on the same ones.
# - The **neighbours** disappoint. Their accuracy gains less than two points at best, and the contractive code, good for the classifier, *loses* more than a point against the pixels (with seed 0). What makes a code easy for a linear classifier need not make the nearest code one of the same digit.
#
# And what did their units learn? A unit's weights, one for each pixel, can be drawn as an image: purple pixels excite the unit, orange ones inhibit it. Whose weights will look like strokes?


# %% tags=["predict"]
def features(model, count=196):
    """The weights of the first units of an encoder as images (count, 1, 14, 14)."""
    return model.encoder[1].weight.detach()[:count].reshape(-1, 1, 14, 14)


ae.plots.signed_images({name: features(models[name], 9) for name in ["copying", *five]})

# %% [markdown]
# Can we measure that? In a stroke, neighbouring pixels have similar weights, and most of the weight lies on few pixels. We look at the 10 × 10 pixels in the centre: the border holds only 2 % of the digits' sum of squares. We subtract the average weight of each unit, since a unit that is inhibited a little by every pixel would look smooth without any stroke. Then we ask how similar each weight is to that on its right (cosine similarity; 1: the same, 0: no
# relation), and on how many of the 100 pixels the weights lie (by the effective dimension of notebook 06).


# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
similar, pixels_used = {}, {}
for name in ["copying", *five]:
    weights = features(models[name])[..., 2:12, 2:12]  # the centre
    weights = weights - weights.mean((1, 2, 3), keepdim=True)  # an offset shared by all pixels is no stroke
    neighbours = weights[..., 1:].flatten(1), weights[..., :-1].flatten(1)
    similar[name] = nn.functional.cosine_similarity(*neighbours).median().item()
    energy = weights.square().flatten(1)
    pixels_used[name] = (energy.sum(1).square() / energy.square().sum(1)).median().item()
    print(f"{name}: similarity of neighbouring weights {similar[name]:.2f}", end=", ")
    print(f"weight on {pixels_used[name]:.0f} of 100 pixels")

# %% tags=["collapsed"]
# Proof for the tests: what the text below says of smooth and of concentrated weights.
assert not digits.whole or images[..., 2:12, 2:12].square().sum() / images.square().sum() > 0.975
if digits.whole:
    smoothest, fewest = sorted(similar, key=similar.get), sorted(pixels_used, key=pixels_used.get)
    assert smoothest[-2:] == ["denoising", "contractive"] and fewest[0] == "contractive" and fewest[-1] == "copying"
    assert similar["contractive"] > similar["denoising"] + 0.04 > max(similar[name] for name in smoothest[:-2]) + 0.06
    weights = features(untied)[..., 2:12, 2:12]
    weights = weights - weights.mean((1, 2, 3), keepdim=True)
    neighbours = weights[..., 1:].flatten(1), weights[..., :-1].flatten(1)
    assert nn.functional.cosine_similarity(*neighbours).median() > similar["contractive"] - 0.03
    energy = weights.square().flatten(1)
    assert (energy.sum(1).square() / energy.square().sum(1)).median() < min(pixels_used["contractive"] + 4, 31)
    assert pixels_used["contractive"] < 0.92 * pixels_used[fewest[1]] < 0.85 * pixels_used["copying"]

# %% [markdown]
# The contractive network has the **smoothest** weights, followed by the denoising one. Contractive weights also lie on the **fewest pixels**, those of the copying network on the most. By these two measures, contractive units come closest to strokes (seed 0). Do
# strokes make a code useful? Without tied weights, those of the contractive network are just as smooth and lie on nearly as few pixels, but its code is less than a point better than that of the copying network.
#
# One warning. Each network has one layer in and one layer out and was trained for a few epochs, at one learning rate. Gains and order are those of *our* experiment. What stays is the lesson:
# decide what the code is for, and measure that.

# %% [markdown]
# ## Your turn
#
# Exercises 1 to 4 end in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint. Stars give the difficulty, from one to three.
#
# **1. Another corruption.** (★, 10 minutes) In their first paper (2008) Vincent and others *hid pixels*. Here, each pixel is set to 0 with the probability `share`, independently of all others, and anew in every image and every call. Write the loss of a
# denoising autoencoder of this kind.
#
# <details><summary>Hint 1</summary>
#
# `torch.rand_like(originals) < 0.3` is true for about 30 % of the pixels.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Three steps: make a corrupted copy, run the model on it, compare. With what?
#
# </details>


# %% tags=["nbval-ignore-output"]
def masking_loss(model, originals, share):
    """The error of the model on originals (n, 1, height, width) in which a share of the pixels is hidden."""
    # answer:
    hidden = torch.rand_like(originals) < share
    return ae.reconstruction_error(model(originals.masked_fill(hidden, 0)), originals)
    # student: return ...


if ae.check.hidden_pixels(masking_loss):
    print(f"half of the pixels hidden: {masking_loss(models['denoising'], test, 0.5).item():.0f}")

# %% [markdown]
# **2. A sixth kind: only the strongest.** (★★, 15 minutes) A *k-sparse* autoencoder (Makhzani and Frey, 2013) needs no penalty. In the code of each image it keeps the `k` largest numbers as they are, and sets all others to 0. Write this step.
# Gradients must flow through the numbers that are kept.
#
# <details><summary>Hint</summary>
#
# `codes.topk(k, dim=...)` gives the largest numbers *and* their positions. Along which dimension does an image's code lie? Then put the numbers into zeros (`torch.zeros_like`, `scatter`), or compare each number with the
# smallest that is kept.
#
# </details>


# %% tags=["nbval-ignore-output"]
def keep_strongest(codes, k):
    """Codes (n, units) with all but the k largest numbers of each image set to 0."""
    # answer:
    values, places = codes.topk(k, dim=1)
    return torch.zeros_like(codes).scatter(1, places, values)
    # student: return ...


if ae.check.k_strongest(keep_strongest):
    for name in ("copying", "sparse"):
        codes = models[name].encoder(test).detach()
        print(f"{name}: the 60 strongest units hold {keep_strongest(codes, 60).sum() / codes.sum():.0%} of the code")

# %% [markdown]
# **3. Contractive with another activation function.** (★★★, 20 minutes) Let the encoder be $h = \tanh(W x + b)$. The slope of $\tanh$ is $1 - h^2$. Write the contractive penalty for it: the sum of the squared slopes of all units with respect to all pixels, averaged over
# the images. `layer` is the `nn.Linear`, `images` are (n, 1, height, width).
#
# <details><summary>Hint</summary>
#
# Go through `squared_slopes` in section 6. What in it belongs to the sigmoid, and what to the weighted sum before it? You can compare with `torch.autograd.functional.jacobian`.
#
# </details>


# %%
def tanh_penalty(layer, images):
    """Mean over images of the summed squared slopes of tanh(layer(pixels)) against the pixels."""
    # answer:
    codes = torch.tanh(layer(images.flatten(1)))
    return ((1 - codes**2) ** 2 @ layer.weight.square().sum(1)).mean()
    # student: return ...


# %% tags=["nbval-ignore-output"]
ae.check.slopes_of_tanh(tanh_penalty) and tanh_penalty(models["copying"].encoder[1], test[:100]).item()

# %% [markdown]
# **4. The loophole.** (★, 5 minutes) An autoencoder has a linear code (no sigmoid behind it) and weights that are *not* tied. You divide the encoder's weights and biases by 1000 and multiply the decoder's weights by 1000. What happens to the
# reconstruction error, and to the contractive penalty?
#
# - **a** The error grows, since the code is now too small to hold a digit. The penalty falls.
# - **b** Both stay as they were.
# - **c** The error stays as it was. The penalty falls to a millionth.
# - **d** The error stays as it was. The penalty grows, since the decoder's weights have grown.

# %%
# answer:
answer = "c"
# student: answer = ...
ae.check.cheap_way_out(answer)

# %% [markdown]
# **5. Investigate: real weight decay.** (★★, 30 minutes, no check) Train `wide()` with AdamW: `ae.fit` takes `optimizer=lambda parameters: torch.optim.AdamW(parameters, weight_decay=0.1)`. First write down whether you expect it to do what the L2 penalty does to the weights, to the error and to the linear probe. Try several strengths, with two or three seeds for the best, and explain.
# Or combine two kinds: does a network that is denoising *and* contractive beat both?


# %% tags=["nbval-ignore-output"] reason="an investigation: every student has numbers of their own"
# answer:
# one investigation: noise for the contractive network, too, both at full strength
def both_losses(model, originals):
    return denoising_loss(model, originals) + 0.2 * squared_slopes(model, model.encoder(originals)).mean()


share = usefulness(train(tied(), both_losses))
alone = by_seed["contractive"][0]
print(f"linear probe: contractive {alone:.1%}, contractive and denoising {share:.1%}")
assert not digits.whole or share < alone
# student: # your network, your prediction, your measurement

# %%
ae.check.progress(9)

# %% [markdown]
# ## What to remember
#
# - A network with enough room can copy, and ours mostly did. Its error was small, its code within two points of the pixels.
# - A bottleneck is only one kind of regularisation. Others corrupt the input, make each unit rarely active, keep the weights small, or penalise a code that moves.
# - The reconstruction error does not say what a code is good for. Decide what it is for, and measure it: for instance with a linear probe and few labels.
# - Compare with the same labelled images, with simple rivals such as the pixels and their blur, and with more than one seed.
#
# **Where next:** in notebook 10 autoencoders are put to work: removing noise, filling in what is missing, finding what does not belong.
