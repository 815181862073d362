# %% [markdown]
# # 05 Deeper
#
# **Purpose:** put more layers on each side of the bottleneck, and find out when that pays, what it costs, and whether the network generalises or only memorises.
#
# After this notebook you can
#
# - build a deep autoencoder, and say what stands between its layers and why;
# - picture the surface that a decoder with two latent variables draws;
# - compare two networks fairly: the same size of code, digits, epochs and number of parameters, a learning rate that
#   suits each, several seeds;
# - say for which of three bottlenecks depth pays here, and for which a wider layer does better;
# - recognise overfitting by comparing two errors.
#
# You need notebooks 03 and 04. It takes about {{seconds}} seconds to run on two processor cores.

# %%
import math

import aeutils as ae
import torch
from torch import nn

# %% tags=["collapsed", "nbval-ignore-output"]
# the data, how long to train on it; on the small embedded subset with a lower learning rate, and one seed instead of three
digits = ae.load_mnist(train_count=20_000)
few_epochs, batch_size, rate, seeds = (3, 128, 1, 3) if digits.whole else (4, 32, 0.5, 1)
some = digits.train_images[: 10_000 if digits.whole else 2_000]
test_images = digits.test_images[:: 5 if digits.whole else 1]  # from all parts of the set
assert some.shape[1:] == test_images.shape[1:] == (1, 28, 28)

# %% [markdown]
# ## 1. More layers
#
# So far the encoder was one layer, such as 784 pixels in, 20 numbers out. Now the digits first pass through layers of 256 and 128 numbers,
# and the decoder mirrors that with layers of 128 and 256. The layers between the pixels and the code, on either side, are **hidden layers**. (Some books count the code among them.) Here we call their number the **depth** of a network, their size its **width**, a network with several
# hidden layers on each side **deep**, and one with none **shallow**.
#
# Is it enough to put one layer after the other? No: a weighted sum of weighted sums is again a weighted sum. Whatever two linear layers in a row can do, one
# linear layer can do, too. Here is the single layer that replaces two:

# %% tags=["live"]
# two linear layers in a row, and the single one that does the same
# instructor minutes: 3
# instructor guess: "Two layers can do more than one: they have 206,100 parameters, the single one has 15,700." Both compute the same function.
# instructor ask: Then what do the other 190,000 parameters do, and what must come between the layers so that they count?
ae.seed_everything(0)
first, second = nn.Linear(784, 256), nn.Linear(256, 20)
single = nn.Linear(784, 20)
with torch.no_grad():
    single.weight.copy_(second.weight @ first.weight)
    single.bias.copy_(second.weight @ first.bias + second.bias)
    numbers = torch.rand(5, 784)
    assert torch.allclose(second(first(numbers)), single(numbers), atol=1e-5)
print("two layers in a row gave the same as one")

# %% [markdown]
# So we need something between the layers that is *not* a weighted sum, an **activation function**. **ReLU**, $\max(0, a)$, turns each negative number into 0 and leaves
# the others unchanged. (In notebook 03 it did harm directly before the code.) It lets each layer make
# corners, which the next layer combines.

# %% tags=["live"]
# 784, 256, 128, 20 and back, with a ReLU between the layers
# instructor minutes: 4
# instructor guess: "Three times as many layers, so three times as many parameters." 473,636, about fifteen times the 32,164 of the shallow network.
# instructor ask: Why is there a ReLU after the first two layers of the encoder, but none after the third?
ae.seed_everything(0)
encoder = nn.Sequential(
    nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 20)
)
decoder = nn.Sequential(
    nn.Linear(20, 128), nn.ReLU(), nn.Linear(128, 256), nn.ReLU(), nn.Linear(256, 784), nn.Sigmoid()
)
by_hand = ae.Autoencoder(encoder, nn.Sequential(decoder, nn.Unflatten(1, (1, 28, 28))))
deep_parameters = ae.count_parameters(by_hand)
print(f"{deep_parameters:,} parameters")
assert deep_parameters == ae.count_parameters(ae.fully_connected((1, 28, 28), 20, hidden=(256, 128)))

# %% [markdown]
# `ae.fully_connected(..., hidden=(256, 128))` builds the same layers. (The last line compares the number of
# parameters.) It also chooses an **initialisation** for layers with ReLU (He and others, 2015): random weights of such a
# size that the signal neither fades nor grows from layer to layer. Here is the deep network
# beside the shallow one; each bar is a layer, and the orange bar is the code:

# %%
ae.plots.layer_sizes({"shallow": [784, 20, 784], "deep": [784, 256, 128, 20, 128, 256, 784]})

# %% [markdown]
# ### What hidden layers do, drawn in three dimensions
#
# We cannot draw 784 dimensions, but we can draw three. We take points that lie on a curved sheet in space. The input of our autoencoder is the three coordinates of a point, and its code has two latent variables. So its decoder turns a flat plane, all its codes, into a
# **surface** in space. All reconstructed points lie on that surface. How well can it be bent to follow the sheet?

# %%
ae.predict(
    "05 shallow surface",
    "which surface will the shallow network draw, without any hidden layer? (Its last function is a sigmoid.)",
    ["exactly a plane", "nearly a plane", "a sheet with one bend", "a sheet with two bends, like the points"],
)


# %% tags=["live"]
# a curved sheet in space: 1,000 points to train on, and a lattice to look at
# instructor minutes: 4
# instructor guess: "A sigmoid is bent, so even the shallow network can follow the two bends." It draws nearly a plane; its error is about that of PCA.
# instructor ask: Each point of the sheet is made from u and v. Could a code of two numbers hold the sheet without any error?
def sheet(u, v):
    """Points of the sheet, as images of 1 x 3 pixels (n, 1, 1, 3) in [0, 1], for u and v (n,) from 0 to 1."""
    height = 0.5 + 0.33 * torch.sin(2 * math.pi * u) * torch.cos(math.pi * v)
    return torch.stack([0.15 + 0.7 * u, 0.15 + 0.7 * v, height], 1).reshape(-1, 1, 1, 3)


points = sheet(*torch.rand(2, 1000, generator=torch.Generator().manual_seed(0)))
u, v = torch.meshgrid(torch.linspace(0, 1, 21), torch.linspace(0, 1, 21), indexing="ij")
lattice = sheet(u.flatten(), v.flatten())

# %% tags=["nbval-ignore-output", "predict"] reason="the collapsed cell below asserts what it prints"
toy_errors, surfaces = {}, {}
for name, hidden in {"shallow": (), "wide": (30,), "deep": (10, 10)}.items():
    toy_errors[name] = []
    for seed in range(seeds):
        ae.seed_everything(seed)
        toy = ae.fully_connected((1, 1, 3), 2, hidden)
        ae.fit(toy, points, 40, batch_size=50, learning_rate=0.08, seed=seed)
        toy_errors[name].append(1000 * ae.evaluate(toy, points))
    surfaces[f"{name}, {ae.count_parameters(toy)} parameters"] = toy(lattice).reshape(21, 21, 3).detach()
    print(f"{name}: error {min(toy_errors[name]):.2f} to {max(toy_errors[name]):.2f} thousandths")
toy_pca = 1000 * ae.pca_error(2, points, points)
print(f"PCA with 2 components: {toy_pca:.2f} thousandths")

# %% tags=["predict"]
ae.plots.decoded_surfaces(points.reshape(-1, 3), surfaces)

# %%
ae.reveal("05 shallow surface", "nearly a plane")

# %% tags=["collapsed"]
# Proof for the tests: the errors of the three surfaces, for all seeds.
assert 0.97 * toy_pca < min(toy_errors["shallow"]) <= max(toy_errors["shallow"]) < 1.05 * toy_pca
wide_toy, deep_toy = sorted(toy_errors["wide"]), sorted(toy_errors["deep"])
assert max(wide_toy + deep_toy) < 0.25 * toy_pca
assert not digits.whole or (wide_toy[0] < deep_toy[-1] and deep_toy[0] < wide_toy[-1])
clouds = [surface.reshape(-1, 3) for surface in surfaces.values()]
flat, *bent = [(torch.linalg.svdvals(cloud - cloud.mean(0)) ** 2)[2] / cloud.var(0).sum() / 440 for cloud in clouds]
assert flat < 0.001 and min(bent) > 0.05  # the share of a surface's variance across the plane nearest to it

# %% [markdown]
# The surface of the shallow network is a plane, bent a little by the sigmoid, and its error is within a few percent of
# PCA's, whose surface is exactly flat. With hidden layers the surface bends with the sheet, and in each of our runs
# less than a quarter of the error remains. The errors of wide and deep overlap.
#
# Is the same true for digits?

# %% [markdown]
# ## 2. Wider, or deeper?
#
# We compare networks on digits. All have the same code size, the same training digits and the same number of epochs.
# Only one setting of the training differs: each network gets a learning rate of its own. To afford three seeds, we
# train each network on 10,000 digits only, and test it on 2,000. (What we say of the results holds for these digits;
# the embedded ones are too few for some of it.)
#
# <details><summary>How the learning rates were chosen</summary>
#
# On 2,000 *validation digits*, `digits.train_images[-2_000:]`, which no network here is trained on. Of 0.005, 0.01,
# 0.02, 0.035, 0.06 and 0.1, each network has the one that gave it the smallest mean error of three seeds, with 20
# latent variables. In section 3 we keep these rates. (With the best of the six for each network there, the order of wide
# and deep was the same.)
#
# </details>


# %% tags=["live"]
# the same training for every network
# instructor minutes: 3
# instructor guess: "Fair means the same learning rate for all." Shallow learns best at 0.035 to 0.06, the others at 0.01 to 0.02: one rate would favour one of them.
# instructor ask: What must be the same for all three networks, and what may be chosen for each of them?
def train(latent_size, hidden, seed, epochs=few_epochs):
    """Build and train one network. Returns it and its history, with the test error after each epoch."""
    learning_rate = rate * {0: 0.06, 1: 0.02}.get(len(hidden), 0.01)
    ae.seed_everything(seed)
    model = ae.fully_connected((1, 28, 28), latent_size, hidden)
    history = ae.fit(model, some, epochs, test_images, batch_size, learning_rate, seed)
    return model, history


# %% [markdown]
# (No network is trained on test digits, no learning rate chosen on them.)
#
# The deep network has about fifteen times as many parameters as the shallow one. If it is better, is that due to its depth, or would another network of its size do as well? A fair rival has the **same number of parameters** as the deep network,
# but in one hidden layer on each side, a *wide* one. How wide? A hidden layer of $w$ numbers on each side costs
#
# $$784 w + w \;+\; 20 w + 20 \;+\; 20 w + w \;+\; 784 w + 784 = 1610\,w + 804$$
#
# parameters: the weights and biases of each layer in turn.

# %% tags=["live"]
# the number of parameters of the deep network, in one hidden layer
# instructor minutes: 3
# instructor guess: "The same parameters in one layer means 256 + 128 = 384 numbers." 294 are enough: 474,144 parameters against 473,636.
# instructor ask: Where do most of these parameters lie: next to the pixels, or next to the code?
width = round((deep_parameters - 804) / 1610)
wide_parameters = ae.count_parameters(ae.fully_connected((1, 28, 28), 20, hidden=(width,)))
print(f"one hidden layer of {width} on each side: {wide_parameters:,} parameters, the deep network {deep_parameters:,}")
assert abs(wide_parameters / deep_parameters - 1) < 0.01

# %%
ae.plots.layer_sizes({"wide": [784, width, 20, width, 784], "deep": [784, 256, 128, 20, 128, 256, 784]})

# %%
ae.predict(
    "05 best with 20",
    "which network has the smallest test error with 20 latent variables, after the same number of epochs?",
    ["shallow", "wide", "deep", "wide and deep are equal"],
)


# %% tags=["collapsed"]
def test_errors(name, latent_size):
    """The test errors (seeds,) of a kind of network after its last epoch."""
    return torch.tensor([history.held_out_error[-1] for history in histories[name, latent_size]])


# %% tags=["live"]
# three networks with three seeds each
# instructor minutes: 4
# instructor guess: "With 20 latent variables the deep network wins, because deeper is better." Wide about 11, deep about 15, shallow about 16.5.
# instructor ask: Three seeds give three errors for each network. When would you say that one network is better than another?
hidden_layers = {"shallow": (), "wide": (width,), "deep": (256, 128)}
models, histories = {}, {}


def train_all(latent_size):
    """Train each kind of network with a few seeds, and print the range of their test errors."""
    for name, hidden in hidden_layers.items():
        runs = [train(latent_size, hidden, seed) for seed in range(seeds)]
        models[name, latent_size] = runs[0][0]
        histories[name, latent_size] = [history for _, history in runs]
        errors = test_errors(name, latent_size)
        print(f"{latent_size} latent variables, {name}: test error {errors.min():.2f} to {errors.max():.2f}")


# %% tags=["nbval-ignore-output", "predict"] reason="the collapsed cell below asserts what it prints"
train_all(20)
longer = train(20, (), seed=0, epochs=5 * few_epochs)[1]
print(f"shallow, five times as many epochs: test error {longer.held_out_error[-1]:.2f}")

# %% tags=["predict"]
parameters = {name: ae.count_parameters(models[name, 20]) for name in hidden_layers}
baselines = dict(zip((2, 10, 20), ae.pca_error([2, 10, 20], some, test_images), strict=True))
at_20 = {name: histories[name, 20] for name in hidden_layers}
parameters["shallow, longer"], at_20["shallow, longer"] = parameters["shallow"], [longer]
ae.plots.error_against_cost(parameters, at_20, {"PCA, 20 components": baselines[20]})

# %% tags=["predict"]
shown = {"original": test_images[:8]}
with torch.no_grad():
    reconstructed = {name: models[name, 20](test_images[:8]) for name in hidden_layers}
ae.plots.images(shown | reconstructed, errors=True)

# %%
ae.reveal("05 best with 20", min(hidden_layers, key=lambda name: test_errors(name, 20).mean()))

# %% tags=["collapsed"]
# Proof for the tests: what the text says of 20 latent variables, for all seeds.
shallow_20, wide_20, deep_20 = (test_errors(name, 20) for name in hidden_layers)
assert wide_20.mean() < 1.08 * deep_20.mean() and wide_20.max() < (0.78 if digits.whole else 0.85) * shallow_20.min()
assert deep_20.max() < (0.97 if digits.whole else 1.1) * shallow_20.min()
if digits.whole:
    assert deep_20.max() < 0.85 * baselines[20]
    assert wide_20.max() < deep_20.min()
    assert wide_20.max() < 0.9 * longer.held_out_error[-1] and longer.held_out_error[-1] < 0.95 * deep_20.min()
    assert min(longer.seconds) < min(min(run.seconds) for name in ("wide", "deep") for run in histories[name, 20])

# %% [markdown]
# At 20 latent variables, with about the same number of parameters and after this short training, the wide network is
# ahead of the deep one with every seed. Both have smaller errors than PCA with every seed.
#
# The right half shows the price: the shallow network's epochs take the least time. With five times as many epochs its
# error (one seed) falls below that of the deep network, but not below that of the wide one.

# %% [markdown]
# ## 3. Depth and bottleneck together
#
# What happens when there is less room in the code? We train the three networks with 10
# and with 2 latent variables as well. (Wide and deep still differ by less than 2 % in their number of parameters.)

# %%
ae.predict(
    "05 where depth pays",
    "with how many latent variables is the deep network better than the wide one, with every seed?",
    ["with 2", "with 10", "with 2 and 10", "with none of them"],
)

# %% tags=["nbval-ignore-output", "predict"] reason="the collapsed cell below asserts what it prints"
train_all(10)

# %% tags=["nbval-ignore-output", "predict"] reason="the collapsed cell below asserts what it prints"
train_all(2)

# %% tags=["gallery", "predict"]
sizes = [2, 10, 20]
curves = {name: torch.stack([test_errors(name, size) for size in sizes], 1) for name in hidden_layers}
ae.plots.error_by_latent_size(sizes, curves, {"PCA": list(baselines.values())})

# %% tags=["nbval-ignore-output", "predict"] reason="the collapsed cell below asserts what it prints"
ratios = {size: test_errors("deep", size).mean() / test_errors("wide", size).mean() for size in sizes}
for size, ratio in ratios.items():
    to_pca = test_errors("deep", size).mean() / baselines[size]
    print(f"{size:2d} latent variables: deep / wide = {ratio:.2f}, deep / PCA = {to_pca:.2f}")

# %%
pays = tuple(size for size in (2, 10) if test_errors("deep", size).max() < test_errors("wide", size).min())
where = {(): "with none of them", (2,): "with 2", (10,): "with 10", (2, 10): "with 2 and 10"}
ae.reveal("05 where depth pays", where[pays])

# %% tags=["collapsed"]
# Proof for the tests: what the text says of the curves, for all seeds.
shallow_2, wide_2, deep_2 = (test_errors(name, 2) for name in hidden_layers)
assert ratios[2] < ratios[10] < ratios[20] and wide_2.max() < 0.92 * shallow_2.min()
for size in sizes:
    in_wide, in_deep = (ae.count_parameters(models[name, size]) for name in ("wide", "deep"))
    assert abs(in_wide / in_deep - 1) < 0.02
    below = [test_errors(name, size).max() < baselines[size] for name in ("wide", "deep")]
    assert all(below) or not digits.whole
if digits.whole:
    assert deep_2.max() < wide_2.min() and test_errors("wide", 10).max() < test_errors("deep", 10).min()
    assert ratios[2] > 0.9 and ratios[10] < 1.1 and ratios[20] > 1.2 and shallow_2.min() > baselines[2]

# %% [markdown]
# Read it from left to right:
#
# - **2 latent variables:** the deep network is a few percent ahead, with every seed. As on the sheet, the decoder draws a
#   surface, here in 784 dimensions. The shallow network draws a plane that
#   only its sigmoid bends; in these few epochs its error stays above PCA's.
# - **10 latent variables:** the wide network is a few percent ahead, with every seed.
# - **20 latent variables:** the error of the deep network is more than 1.2 times that of the wide one. Would longer
#   training change that? (Exercise 4.)
# - At these three bottlenecks, both networks with hidden layers are below the PCA curve.
#
# The digits through 2 numbers:

# %%
with torch.no_grad():
    reconstructed = {f"{name}, 2": models[name, 2](test_images[:8]) for name in hidden_layers}
ae.plots.images(shown | reconstructed, errors=True)

# %% [markdown]
# ## 4. Is it only memorising?
#
# The deep network has hundreds of thousands of parameters. Perhaps it has memorised its training digits, as the network of notebook 03 memorised the portrait?
#
# There is a simple test: compare the error on the **training** images with the error on **test** images, which it has
# never seen. A network that **generalises** does well on both; one that has **overfitted** is good at the first and bad
# at the second. If both sets are equally hard, the gap says how much better a network fits its own images. The test
# error says which of two networks is better on new images. We measure both errors after training, with the same
# finished network.
#
# For comparison we train the same deep network on 300 digits only, and go over them until it has taken about as many
# steps.

# %%
ae.predict(
    "05 memoriser",
    "which network has the smaller error on *its own training images*?",
    ["the one trained on 300 digits", "the one trained on thousands", "about the same"],
)

# %% tags=["live", "nbval-ignore-output", "predict"] reason="the collapsed cell below asserts what it prints"
# the deep network again, on 300 digits only
# instructor minutes: 4
# instructor guess: "More digits make every error smaller, that on the training images, too." 300 digits: about 3 on its own, about 29 on new ones.
# instructor ask: If a seller showed you only training errors, which network would you buy?
few = digits.train_images[:300]
ae.seed_everything(0)
memoriser = ae.fully_connected((1, 28, 28), 20, hidden=(256, 128))
steps = few_epochs * math.ceil(len(some) / batch_size)
epochs = steps // math.ceil(len(few) / batch_size)
ae.fit(memoriser, few, epochs, batch_size=batch_size, learning_rate=0.01 * rate)
on_few, memoriser_on_test = ae.evaluate(memoriser, few), ae.evaluate(memoriser, test_images)
print(f"300 digits, {epochs} epochs: training error {on_few:.2f}, test error {memoriser_on_test:.2f}")

# %% tags=["nbval-ignore-output", "predict"] reason="the collapsed cell below asserts what it prints"
both_errors = {}
for name in hidden_layers:
    model = models[name, 20]
    both_errors[f"{name},\n{len(some):,} digits"] = (ae.evaluate(model, some), ae.evaluate(model, test_images))
deep_on_training, deep_on_test = both_errors[f"deep,\n{len(some):,} digits"]
both_errors["deep,\n300 digits"] = (on_few, memoriser_on_test)
both_errors["PCA,\n300 digits"] = (ae.pca_error(20, few, few), ae.pca_error(20, few, test_images))
gap = deep_on_test / deep_on_training - 1
print(f"deep, {len(some):,} digits: test error {gap:+.1%} against training error", end="; ")
print(f"300 digits: {memoriser_on_test / on_few - 1:+.0%}")

# %% tags=["predict"]
ae.plots.training_against_test(both_errors)

# %%
ae.reveal("05 memoriser", "the one trained on 300 digits")

# %% tags=["predict"]
with torch.no_grad():
    rows = {
        "one of the\n300": few[:8],
        "reconstruction ": memoriser(few[:8]),
        "a test digit": test_images[:8],
        "reconstruction": memoriser(test_images[:8]),
    }
ae.plots.images(rows)

# %% tags=["collapsed"]
# Proof for the tests: which network memorises, which generalises, and that a narrow gap does not make the best one.
assert on_few < deep_on_training and memoriser_on_test > (7 if digits.whole else 2.5) * on_few
assert gap < (0.1 if digits.whole else 0.6) and 0.99 * steps < epochs * math.ceil(len(few) / batch_size) <= steps
pca_on_few, pca_on_test = both_errors["PCA,\n300 digits"]
assert pca_on_few > on_few and pca_on_test < (0.85 if digits.whole else 0.95) * memoriser_on_test
on_training, on_test = torch.tensor(list(both_errors.values()))[:3].T
assert (on_test / on_training).argmin() == 0 and (on_test.argmax() == 0 or not digits.whole)

# %% [markdown]
# - Trained on 300 digits, it **does** memorise: its error on new digits is more than seven times that on its own. Its
#   training error alone would have hidden that. PCA with 20 components, fitted to the same 300 digits, is worse on
#   those, and better on new ones.
# - Trained on thousands of digits, and for three epochs only, it **generalises**: its two bars differ by less than 10 %.
# - Of the three networks trained on thousands, the shallow one has the narrowest gap, and the largest test error.
#
# The network, its initialisation, the learning rate and the number of steps are the same: here fewer *different*
# images, each seen more often, make the difference between generalising and memorising. Notebook 06 meets overfitting
# again, with faces, and tests a remedy.

# %% [markdown]
# ## Your turn
#
# Exercises 1 to 3 end in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint. Beside each exercise stands its difficulty, from ★ to ★★★, and about how long it takes.
#
# **1. Count before you build.** (★, 10 minutes) A fair comparison needs the number of parameters of any network with a mirrored decoder. `widths` is a list from the pixels to the code,
# such as `[784, 256, 128, 20]`; the decoder has the same widths in reverse. How many weights and biases do the encoder and the decoder have together?


# %%
def count_mirrored(widths):
    """How many parameters an encoder with these widths and its mirrored decoder have together."""
    # answer:
    whole = widths + widths[-2::-1]
    return sum((whole[i] + 1) * whole[i + 1] for i in range(len(whole) - 1))  # + 1: the bias
    # student: return ...


if ae.check.mirrored_parameters(count_mirrored):
    print(f"{count_mirrored([784, 256, 128, 20]):,} by your count, {deep_parameters:,} in section 1")

# %% [markdown]
# **2. An autoencoder of any depth.** (★★, 20 minutes) Build one for digits of 28 × 28 pixels, without `ae.fully_connected`. `hidden` holds the sizes of the encoder's hidden layers: any number of them,
# perhaps none. The decoder is the mirror image of the encoder. There is a ReLU between layers (dropout, too, if you like), no activation function before the code, and the output pixels lie between 0 and 1.
#
# <details><summary>Hint 1</summary>
#
# Make one list of all widths, from 784 to the code. The decoder needs the same list in reverse.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Collect the layers in a Python list, in a loop, and unpack it at the end: `nn.Sequential(*layers)`. The loop leaves one ReLU too many; where?
#
# </details>
# <details><summary>Hint 3</summary>
#
# The encoder begins with `nn.Flatten()`. The decoder ends in a sigmoid and `nn.Unflatten(1, (1, 28, 28))`. `ae.Autoencoder(encoder, decoder)` joins them.
#
# </details>


# %%
def make_deep(latent_size, hidden):
    """An autoencoder for digits with these hidden layers, and their mirror image in the decoder."""

    # answer:
    def layers(widths):
        made = []
        for i in range(len(widths) - 1):
            made += [nn.Linear(widths[i], widths[i + 1]), nn.ReLU()]
        return made[:-1]

    widths = [784, *hidden, latent_size]
    encoder = nn.Sequential(nn.Flatten(), *layers(widths))
    decoder = nn.Sequential(*layers(widths[::-1]), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28)))
    return ae.Autoencoder(encoder, decoder)
    # student: return ...


# %%
ae.check.any_depth(make_deep) and make_deep(20, (256, 128)).encoder

# %% [markdown]
# **3. More images, or a larger network?** (★★, 10 minutes) Suppose that we trained two networks on digits and measured them as in section 4:
#
# | | training error | test error |
# |---|---|---|
# | A | 4 | 21 |
# | B | 20 | 21 |
#
# Which claim do these numbers support best?
#
# - **a** A is the better network for new digits, since its training error is much smaller.
# - **b** B is the better network for new digits, since it does not memorise.
# - **c** On new digits they are equally good. More training images may help B most, and a larger network or longer
#   training A.
# - **d** On new digits they are equally good. More training images may help A most, and a larger network or longer
#   training B.

# %%
# answer:
answer = "d"
# student: answer = ...
ae.check.what_would_help(answer)

# %% [markdown]
# **4. Investigate: when does depth pay?** (★★★, 45 minutes, no check) Choose **one** question, write down your prediction, train with three seeds, draw the curves, and explain what you see.
#
# - Is a network with *three* hidden layers even better with 2 latent variables? Keep the number of parameters the same: use exercise 1.
# - `train(20, ...)` stops after `few_epochs` epochs. Does the order of wide and deep with 20 latent variables change
#   after ten? First choose the learning rate of each on a validation set cut from `digits.train_images[len(some):]`.
# - At which number of digits does memorising stop? Train the deep network on 300, 1,000, 3,000 and 10,000 digits, with the same number of *steps*, and draw both errors.
# - What does the initialisation contribute? Multiply all weights of the deep network by 0.5 before training, then by 2.

# %%
# your experiment

# %%
ae.check.progress(5)

# %% [markdown]
# ## What to remember
#
# - Several layers in a row can do more than one only with something between them that is not a weighted sum, such as ReLU.
# - Compare fairly: the same size of code, digits, epochs and number of parameters, a learning rate that suits each,
#   several seeds. Otherwise you do not know *what* made the difference.
# - A decoder with two latent variables draws a surface. Hidden layers let it bend more.
# - In our short training depth paid with 2 latent variables. With 10 and 20, one wide layer did better.
# - A small training error does not tell how good a network is on new images. The gap to the test error says how far it
#   overfits; the test error says which of two networks is better.
#
# **Where next:** notebook 06 looks into the codes: what do those 20 numbers know about the digits?
