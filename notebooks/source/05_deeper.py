# %% [markdown]
# # 05 Deeper
#
# **Purpose:** put more layers on each side of the bottleneck, and find out when that pays, what it costs, and whether the network is only memorising.
#
# After this notebook you can
#
# - build a deep autoencoder, and say what stands between its layers and why;
# - compare two networks fairly: the same code, the same training, the same number of parameters;
# - say for which bottlenecks depth pays, and for which a wider layer does better;
# - tell a network that has learned from one that has learned by heart.
#
# You need notebooks 03 and 04. It takes about {{seconds}} seconds to run on two processor cores.

# %%
import aeutils as ae
import torch
from torch import nn

# %% [markdown]
# ## 1. More layers
#
# So far the encoder was one layer: 784 pixels in, 20 numbers out. Now the digits go through layers of 256 and of 128 numbers first,
# and on the way back through layers of 128 and of 256. Layers that are neither input, code nor output are called **hidden** layers. A network with several of
# them on each side is called **deep**, one with none is called **shallow**.
#
# Just put one layer after the other? No: a weighted sum of weighted sums is again a weighted sum. Two layers in a row can do nothing that one layer
# cannot do. Here is the one that does the work of the two:

# %% tags=["live"]
# two linear layers in a row, and the single one that does the same
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
# So something that is *not* a sum has to stand between the layers. The function **ReLU**, $\max(0, a)$, will do: it turns each negative number into 0 and leaves
# the others alone. (Between layers it is useful. In notebook 03 it did harm only because it stood right before the code.) It lets each layer make bends and
# corners that the next layer combines.

# %% tags=["live"]
# 784, 256, 128, 20 and back, with a ReLU between the layers
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
# As the last line says, `ae.fully_connected(..., hidden=(256, 128))` builds the same network. It also chooses the size of the random starting weights with care
# (He and others, 2015): started too small, the signal fades a little in every layer, and a deep network learns slowly. Beside the shallow one it looks like this; each bar is a layer,
# the orange bar is the code:

# %%
ae.plots.layer_sizes({"shallow": [784, 20, 784], "deep": [784, 256, 128, 20, 128, 256, 784]})

# %% [markdown]
# Both have 20 latent variables, the same digits, the same number of epochs. Only the learning rate differs: large steps suit the
# shallow network, smaller ones the others.

# %% tags=["nbval-ignore-output"]
digits = ae.load_mnist()
# the embedded subset is small: go through it more often, in smaller batches
epochs, batch_size = (3, 256) if digits.whole else (6, 64)
assert digits.train_images.shape[1:] == digits.test_images.shape[1:] == (1, 28, 28)


# %% tags=["live"]
# the same training for every network
def train(latent_size, hidden):
    """Build and train one network. Returns it and its history, with the test error after each epoch."""
    learning_rate = (0.01 if hidden else 0.02) * (1 if digits.whole else 0.4)
    ae.seed_everything(0)
    model = ae.fully_connected((1, 28, 28), latent_size, hidden)
    history = ae.fit(model, digits.train_images, epochs, digits.test_images, batch_size, learning_rate)
    return model, history


# %% [markdown]
# The test images are only looked at, to draw a curve; nothing is trained on them.
#
# **Predict:** the deep network has about fifteen times as many parameters. How much smaller will its error be?

# %% tags=["nbval-ignore-output"]
models, histories = {}, {}
for name, hidden in [("shallow", ()), ("deep", (256, 128))]:
    models[name, 20], histories[name, 20] = train(20, hidden)
    error, seconds = histories[name, 20].held_out_error[-1], sum(histories[name, 20].seconds)
    print(f"{name}: {ae.count_parameters(models[name, 20]):,} parameters, test error {error:.2f}, {seconds:.1f} s")
assert histories["deep", 20].held_out_error[-1] < histories["shallow", 20].held_out_error[-1]

# %%
rows = {"original": digits.test_images[:8]}
with torch.no_grad():
    for name in ("shallow", "deep"):
        rows[name] = models[name, 20](digits.test_images[:8])
ae.plots.images(rows, errors=True)

# %% [markdown]
# The deep network's digits have cleaner strokes and less grey fog between them.
# But is that the depth? It also has more parameters, and it took more seconds. Perhaps *any* larger network would have done it.

# %% [markdown]
# ## 2. Wider, or deeper?
#
# A fair opponent has **as many parameters**, and spends them on one hidden layer: a wider one. How wide? A hidden layer of $w$ numbers on each side costs
#
# $$784 w + w \;+\; 20 w + 20 \;+\; 20 w + w \;+\; 784 w + 784 = 1610\,w + 804$$
#
# parameters: the weights and biases of each layer in turn.

# %% tags=["live"]
# as many parameters as the deep network, in one hidden layer
width = round((deep_parameters - 804) / 1610)
wide_parameters = ae.count_parameters(ae.fully_connected((1, 28, 28), 20, hidden=(width,)))
print(f"one hidden layer of {width} on each side: {wide_parameters:,} parameters, the deep network {deep_parameters:,}")
assert abs(wide_parameters / deep_parameters - 1) < 0.01

# %%
ae.plots.layer_sizes({"wide": [784, width, 20, width, 784], "deep": [784, 256, 128, 20, 128, 256, 784]})

# %% [markdown]
# **Predict:** 20 latent variables, the same number of parameters, the same training. Which is better?

# %% tags=["live", "nbval-ignore-output"]
# train the wide network, compare all three
models["wide", 20], histories["wide", 20] = train(20, (width,))
names = ["shallow", "wide", "deep"]
errors_at_20 = [histories[name, 20].held_out_error[-1] for name in names]
for name, error in zip(names, errors_at_20, strict=True):
    print(f"{name}: test error {error:.2f}, {sum(histories[name, 20].seconds):.1f} s of training")
assert errors_at_20[1] < errors_at_20[2]
if digits.whole:
    assert errors_at_20[2] < 8.5

# %%
parameters = {name: ae.count_parameters(models[name, 20]) for name in names}
pca_20 = ae.pca_error(20, digits.train_images, digits.test_images)
ae.plots.error_against_cost(parameters, {name: histories[name, 20] for name in names}, {"PCA": pca_20})

# %% [markdown]
# A disappointment for depth! In so few epochs, the *wide* network is a little ahead of the deep one of the same size at 20 latent variables, in about the same time. The step from shallow to
# one hidden layer gains a lot, and another layer gains nothing more. But this is one run of each network, with one seed; do not build on a difference as small as that
# between wide and deep.
#
# The right half shows that the shallow network is the fastest by far, and that its last epoch gained it little.

# %% [markdown]
# ## 3. Depth and bottleneck together
#
# 20 numbers leave room for a digit. What happens when there is less room? We train the three networks with 10 and with 2 latent variables too.
#
# **Predict:** at which end of the curve will depth pay?

# %% tags=["nbval-ignore-output"]
hidden_layers = {"shallow": (), "wide": (width,), "deep": (256, 128)}
for name, hidden in hidden_layers.items():
    models[name, 10], histories[name, 10] = train(10, hidden)
    print(f"{name}, 10 latent variables: test error {histories[name, 10].held_out_error[-1]:.2f}")
errors_at_10 = [histories[name, 10].held_out_error[-1] for name in names]
assert max(errors_at_10[1:]) < errors_at_10[0]
if digits.whole:
    assert errors_at_10[2] < 12.5

# %% tags=["nbval-ignore-output"]
for name, hidden in hidden_layers.items():
    models[name, 2], histories[name, 2] = train(2, hidden)
    print(f"{name}, 2 latent variables: test error {histories[name, 2].held_out_error[-1]:.2f}")
errors_at_2 = [histories[name, 2].held_out_error[-1] for name in names]
assert errors_at_2[2] < errors_at_2[1] < errors_at_2[0]
if digits.whole:
    assert errors_at_2[2] < 31

# %% tags=["gallery"]
sizes = [2, 10, 20]
baselines = ae.pca_error(sizes, digits.train_images, digits.test_images)
curves = {name: torch.tensor([[histories[name, size].held_out_error[-1] for size in sizes]]) for name in hidden_layers}
ae.plots.error_by_latent_size(sizes, curves, {"PCA": baselines})

# %% tags=["nbval-ignore-output"]
ratios = {
    size: histories["deep", size].held_out_error[-1] / histories["wide", size].held_out_error[-1] for size in sizes
}
for size, baseline in zip(sizes, baselines, strict=True):
    print(f"{size:2d} latent variables: deep / wide = {ratios[size]:.2f}, deep / PCA", end=" = ")
    print(f"{histories['deep', size].held_out_error[-1] / baseline:.2f}")
assert ratios[2] < ratios[20]
if digits.whole:
    assert ratios[2] < ratios[10] < 1
    assert all(
        histories["deep", size].held_out_error[-1] < baseline for size, baseline in zip(sizes, baselines, strict=True)
    )

# %% [markdown]
# Read it from left to right:
#
# - **2 latent variables** (and still 10): depth pays. Two numbers span a plane, and the digits do not lie on a plane. The plane has to be bent and folded until it comes near all
#   of them. The shallow network cannot bend at all and does no better than PCA; one hidden layer bends, two bend better.
# - **20 latent variables:** there is room enough, and little to fold. Width does as well as depth, or better.
# - Both networks with hidden layers are far below the PCA curve, with every bottleneck.
#
# The digits through 2 numbers:

# %%
rows = {"original": digits.test_images[:8]}
with torch.no_grad():
    for name in names:
        rows[f"{name}, 2"] = models[name, 2](digits.test_images[:8])
ae.plots.images(rows, errors=True)

# %% [markdown]
# ## 4. Is it only memorising?
#
# The deep network has hundreds of thousands of parameters. Perhaps it has learned its training digits by heart, as the network of notebook 03 did with the portrait?
#
# There is a simple test: compare the error on images that it was **trained** on with the error on **test** images that it has never seen. Who learns by heart
# is good at the first and bad at the second. We measure both after training, with the same finished network.
#
# For comparison we train the same deep network on 300 digits only.
#
# **Predict:** which of the two networks has the smaller error on *its own training images*?

# %% tags=["live", "nbval-ignore-output"]
# the deep network again, on 300 digits only
few = digits.train_images[:300]
ae.seed_everything(0)
memoriser = ae.fully_connected((1, 28, 28), 20, hidden=(256, 128))
ae.fit(memoriser, few, epochs=120, batch_size=50, learning_rate=0.003)
on_few, memoriser_on_test = ae.evaluate(memoriser, few), ae.evaluate(memoriser, digits.test_images)
print(f"300 digits: training error {on_few:.2f}, test error {memoriser_on_test:.2f}")
assert memoriser_on_test > 2 * on_few

# %% tags=["nbval-ignore-output"]
both_errors = {}
for name in names:
    model = models[name, 20]
    both_errors[name] = (ae.evaluate(model, digits.train_images), ae.evaluate(model, digits.test_images))
    print("{}: training error {:.2f}, test error {:.2f}".format(name, *both_errors[name]))
both_errors["deep,\n300 digits"] = (on_few, memoriser_on_test)
gap = both_errors["deep"][1] / both_errors["deep"][0] - 1
print(
    f"deep network: test error {gap:+.1%} against training error; on 300 digits {memoriser_on_test / on_few - 1:+.0%}"
)
assert gap < (0.05 if digits.whole else 0.5)

# %%
ae.plots.training_against_test(both_errors)

# %%
with torch.no_grad():
    rows = {
        "one of the\n300": few[:8],
        "out ": memoriser(few[:8]),
        "a test digit": digits.test_images[:8],
        "out": memoriser(digits.test_images[:8]),
    }
ae.plots.images(rows)

# %% [markdown]
# - On 300 digits it **does** memorise: those come back well, new ones are redrawn from strokes that it knows, and often wrong. Looking
#   at its training error alone, we would have called it a good network.
# - On the whole training set it does **not**: the two bars are nearly the same height. 60,000 digits are too many to learn by heart through 20 numbers, so it had
#   to find what they have in common. (On the embedded subset of 4,000 digits the gap is wider.)
#
# The same network, the same code, the same parameters: how much it memorises is decided by how much data there is.

# %% tags=["nbval-ignore-output"]
if digits.whole:
    print("trained on all 60,000 digits: the gap is small")
else:
    print(f"embedded subset, {len(digits.train_images):,} digits: the gap of {gap:.0%} says that it memorises a little")
assert memoriser_on_test / on_few - 1 > gap

# %% [markdown]
# ## Your turn
#
# Each exercise ends in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint.
#
# **1. Count before you build.** A fair comparison needs the number of parameters of any network with a mirrored decoder. `widths` is a list from the pixels to the code,
# such as `[784, 256, 128, 20]`; the decoder goes the same way back. How many weights and biases have encoder and decoder together?


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
# **2. An autoencoder of any depth.** Build one for digits of 28 × 28 pixels, without `ae.fully_connected`. `hidden` holds the sizes of the encoder's hidden layers, as many as there are
# (perhaps none). The decoder is its mirror image, with a ReLU between layers, no function before the code, and pixels between 0 and 1 at the end.
#
# <details><summary>Hint 1</summary>
#
# Make one list of all widths, from 784 to the code. The decoder needs the same list, the other way round.
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
# **3. More images, or a larger network?** Suppose that two networks were trained on digits, and measured as in section 4:
#
# | | training error | test error |
# |---|---|---|
# | A | 4 | 21 |
# | B | 20 | 21 |
#
# Which claim do these numbers support?
#
# - **a** A is the better network for new digits, since its training error is much smaller.
# - **b** B is the better network for new digits, since it does not memorise.
# - **c** On new digits they are equally good. More training images would probably help B; A rather needs a larger network or longer training.
# - **d** On new digits they are equally good. More training images would probably help A; B rather needs a larger network or longer training.

# %%
# answer:
answer = "d"
# student: answer = ...
ae.check.what_would_help(answer)

# %%
ae.check.progress(5)

# %% [markdown]
# ## What to remember
#
# - Layers in a row are only worth having with something between them that is not a weighted sum, such as ReLU.
# - Compare fairly: as many latent variables, as many parameters, the same training. Otherwise you do not know *what* made the difference.
# - Depth pays most where the bottleneck is tight. With more room, one wide layer can be as good or better.
# - Training error says nothing by itself. Test error close to training error: it has learned. Far above: it has memorised.
#
# **Where next:** notebook 06 looks into the codes: what do those 20 numbers know about the digits?
