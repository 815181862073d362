# %% [markdown]
# # 04 The bottleneck
#
# **Purpose:** change the number of latent variables, and find out what an autoencoder can do with few of them and what it cannot.
#
# After this notebook you can
#
# - say what a bottleneck is for, and read from a curve what each size costs;
# - explain why *few numbers* alone are not the point (one number can hold a whole image);
# - compare an autoencoder with its strongest linear rival, principal component analysis (PCA);
# - show that a linear autoencoder finds the subspace of PCA;
# - say what the reconstruction error does not see.
#
# You need notebook 03. It takes about {{seconds}} seconds to run on two processor cores.

# %%
from fractions import Fraction

import aeutils as ae
import numpy as np
from scipy.linalg import subspace_angles
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
import torch
from torch import nn

# %% [markdown]
# ## 1. Digits through 20, 10 and 2 numbers
#
# MNIST is a collection of handwritten digits: 60,000 *training* digits, and 10,000 *test* digits to judge what was learned.
#
# We make choices, such as the size of the bottleneck, on a third set: training digits that we set aside and train no network on, the **validation set**.
# To save time we take only the first 25,000 training digits, of which a fifth is set aside.

# %% tags=["nbval-ignore-output"] reason="says only where the digits came from"
digits = ae.load_mnist(train_count=25_000)
set_aside = len(digits.train_images) // 5
train_images, validation_images = digits.train_images[:-set_aside], digits.train_images[-set_aside:]
print(
    f"{len(train_images):,} to train on, {len(validation_images):,} for validation, {len(digits.test_images):,} to test"
)

# %% tags=["collapsed"]
# Settings: few passes in large steps, to save time; the embedded digits are fewer and need more passes, with two seeds.
epochs, batch_size, learning_rate, seeds = (3, 128, 0.06, 3) if digits.whole else (6, 64, 0.04, 2)

# %% [markdown]
# The numbers of the code are called **latent variables** (*latent*: hidden). Between the 784 pixels of the input and the 784 pixels of the output
# they form a narrow passage, the **bottleneck**. The number of latent variables is a **hyperparameter**: we set it, not the training.
# We train the simplest autoencoder, one layer in and one layer out, with three bottlenecks.


# %% tags=["live", "nbval-ignore-output"] reason="asserted below the errors"
# one layer in and one layer out, with each of the three bottlenecks
# instructor minutes: 4
# instructor guess: "A tenth of the numbers, ten times the error: about 140 through 2." About 14, 24 and 45 through 20, 10 and 2.
# instructor ask: Look at the row through 2: how many different shapes do you count, and which digits do they come from?
def trained(latent_size, seed=0):
    """The simplest autoencoder of that size; the seed decides its initialisation and the order of the images."""
    ae.seed_everything(seed)
    model = ae.fully_connected((1, 28, 28), latent_size)
    ae.fit(model, train_images, epochs, batch_size=batch_size, learning_rate=learning_rate, seed=seed)
    return model


models = {(latent_size, 0): trained(latent_size) for latent_size in (20, 10, 2)}

# %% [markdown]
# The **reconstruction error** (notebook 03) adds up the squared differences of all 784 pixels. With 20 latent variables it is about 14, averaged over the validation digits.

# %%
ae.predict("04 two variables", "what is it with 2 latent variables?", (10, 150))

# %% tags=["gallery", "predict"]
some = validation_images[:800]
with torch.no_grad():
    rows = {"original": some[:10]} | {f"through {size}": models[size, 0](some[:10]) for size in (20, 10, 2)}
ae.plots.images(rows, errors=True)

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# Of these ten digits, most are only soft through 20 numbers. Through 10, several become doubtful, and through 2 most become a smear.
#
# </details>
#
# The number under each image is its error. The next cell averages it over all validation digits.

# %% tags=["nbval-ignore-output", "predict"] reason="asserted in the cell after next"
for size in (20, 10, 2):
    error = ae.evaluate(models[size, 0], validation_images)
    print(f"{size:2d} latent variables: {error:5.2f} summed over the pixels, {error / 784:.4f} per pixel")

# %%
ae.reveal("04 two variables", ae.evaluate(models[2, 0], validation_images))

# %% tags=["collapsed"]
# Proof for the tests: more latent variables, less error.
by_size = [ae.evaluate(models[size, 0], validation_images) for size in (20, 10, 2)]
assert by_size == sorted(by_size)
assert not digits.whole or all(abs(by_size[place] - near) < 0.5 for place, near in enumerate((13.7, 23.9, 45.4)))

# %% [markdown]
# ## 2. One number is enough to store an image
#
# Are 2 numbers too few to *hold* a digit? No! A single number can hold any image if it has enough decimals. Let us try: the 784 pixels are
# 784 whole numbers below 256. We write them one after the other, as the digits of a number 0.… in base 256. Python's `Fraction`
# computes with exact rational numbers, so nothing is lost.


# %% tags=["live"]
# encoder and decoder without any learning: all pixels in one exact number
# instructor minutes: 4
# instructor guess: "A single number cannot hold 784 pixels, so something must be lost." Nothing is: a `Fraction` has as many digits as it needs.
# instructor ask: What would `pack` do with an image of pure noise, and what does that say about how much it knows of digits?
def pack(image):
    """One exact number between 0 and 1 that holds all pixels of an image (1, 28, 28)."""
    pixels = (image * 255).round().to(torch.uint8).flatten().tolist()
    return Fraction(int.from_bytes(pixels, "big"), 256**784)


def unpack(number):
    """The image (1, 28, 28) that the number holds."""
    pixels = int(number * 256**784).to_bytes(784, "big")
    return torch.tensor(list(pixels)).reshape(1, 28, 28) / 255


# %% tags=["live"]
# through one number and back
# instructor minutes: 2
# instructor guess: "False: a rounding error must creep in somewhere." True: whole numbers and fractions are computed exactly.
# instructor ask: Would this still print True if `number` were an ordinary decimal number of 16 digits?
digit = validation_images[3]
number = pack(digit)
print("every pixel as before:", torch.equal(unpack(number), digit))

# %% tags=["collapsed"]
# Proof for the tests: bit for bit.
assert torch.equal(unpack(number), digit)

# %% [markdown]
# This is an autoencoder! `pack` is its encoder, `unpack` its decoder, and its code is *one* number. It is even lossless, and nothing
# had to be learned. So encoding is easy.
#
# But what if the number is only *nearly* right? Multiplied by $256^{784}$ it is a whole number. We write that down in decimal, which takes more than a thousand digits, add 1 to one of them (a 9 becomes 0, and 1 is carried), and unpack: first for the 5th digit, then for the 101st, the 201st and so on, and for the last.

# %%
ae.predict(
    "04 one digit", "what percentage of these changes cost more than 14, the error through 20 numbers?", (0, 100)
)

# %% tags=["nbval-ignore-output"] reason="asserted below the figure"
written = str(int(number * 256**784))


def with_digit_changed(place):
    """The image after 1 is added to the decimal digit at a place (1 is the first)."""
    return unpack(number + Fraction(10 ** (len(written) - place), 256**784))


places = [5, *range(101, len(written), 100), len(written)]
packed_errors = [((with_digit_changed(place) - digit) ** 2).sum().item() for place in places]
print(
    f"{len(written):,} decimal digits; changing one of them costs an error from {max(packed_errors):.1f} to {min(packed_errors):.1f}"
)

# %% [markdown]
# Now the same with the autoencoder of section 1: we write down its 20 numbers in decimal, and add to each of them 1 in the place of its first digit (3.2 becomes 4.2, and -3.2 becomes -2.2); then in the place of the second, the third, and the fourth. We compare with the reconstructions from the unchanged codes, and take the mean over 800 images.

# %% tags=["live", "nbval-ignore-output"] reason="asserted below the figure"
# encode 800 images, change one decimal digit of every code number, decode
# instructor minutes: 5
# instructor guess: "Changing the first digit of all 20 numbers ruins the image, as in the packed number." The mean error is below 12; there it was above 100.
# instructor ask: Each further decimal place matters about a hundred times less. Why a hundred, and not ten?
with torch.no_grad():
    codes = models[20, 0].encoder(some)
    decoded, learned_errors, first_changed = models[20, 0].decoder(codes), [], None
    for place in range(1, 5):
        one_more = 10.0 ** (codes.abs().log10().floor() - place + 1)  # one more in that place of each number
        from_changed = models[20, 0].decoder(codes + one_more)
        learned_errors.append(ae.reconstruction_error(from_changed, decoded).item())
        first_changed = from_changed if place == 1 else first_changed

# %% tags=["predict"]
mean_image = train_images.mean(0)
mean_error = ae.reconstruction_error(mean_image.expand_as(validation_images), validation_images).item()
panels = {
    "one exact number, one image": (places, packed_errors),
    "20 learned numbers, 800 images": (range(1, 5), learned_errors),
}
ae.plots.error_by_changed_digit(panels, {"mean image, all validation digits": mean_error})

# %%
ae.reveal("04 one digit", 100 * np.mean(np.array(packed_errors) > 14))

# %% tags=["predict"]
shown = [digit, *(with_digit_changed(place) for place in (5, 801, len(written))), decoded[3], first_changed[3]]
titles = [
    "original",
    "5th digit\nchanged",
    "801st\nchanged",
    "last\nchanged",
    "through 20\nnumbers",
    "first digits\nchanged",
]
ae.plots.images({"": torch.stack(shown)}, titles=titles)

# %% tags=["collapsed"]
# Proof for the tests: packed, most places cost more than 14 and the last nothing; learned, each place matters less.
assert len(written) > 1_000 and packed_errors[0] > 100 and packed_errors[-1] < 0.01
assert not (with_digit_changed(len(written)) - digit).flatten()[:-1].any()  # only the last pixel
assert np.mean(np.array(packed_errors) > 14) > 0.6
rows_changed = ((with_digit_changed(5) - digit).abs() > 0.001).any(-1)[0]
assert 14 < rows_changed.sum() <= 20 and not rows_changed[-3:].any()
assert all(60 < learned_errors[place] / learned_errors[place + 1] < 130 for place in range(3))
assert learned_errors[0] < 12 and learned_errors[1] < 0.2

# %% [markdown]
# The exact number lists the pixels in their order. So its last digit changes only the last pixel here, too little to see (error 0.0), and the fifth changes most rows. (Some rows at the bottom survive:
# a power of ten is divisible by a large power of two, so the last bits stay.) One more in the fifth place changes the number by a ten-thousandth at most, and more than half of the rows turn into noise.
#
# In the learned code each further place matters about a hundred times less. Its decoder, weighted sums and a sigmoid, is a *smooth* function: from similar codes it made similar images. The exact number is **storage**:
# nearly the same number can stand for a quite different image. We want a **representation**, in which similar codes stand for similar images. Through a few variables, weighted sums and a sigmoid do not keep everything; training decides what they keep. That is what the bottleneck is for. A small number of variables alone is not enough: one number kept everything.

# %% [markdown]
# ## 3. How good could it be? Baselines
#
# Is an error of 14 small? Simple methods show which error can be reached without training a network. Such a method is a **baseline**:
#
# - **the mean image**, always the same answer, with no code at all (0 latent variables);
# - **look-up**: the answer is the training digit with the smallest error. Its code is a single whole number, the place of that digit in the list;
# - **PCA** (*principal component analysis*). It finds the $k$ directions, at right angles to one another, in which the training images vary most, the *principal components*, and describes each image by how far
#   it lies along each of them. No *linear* encoder and decoder with $k$ numbers has a smaller error on the images that PCA was fitted to;
# - **PCA, clipped**: the same, with values below 0 set to 0 and those above 1 set to 1. No true pixel lies outside, so no error grows;
# - **PCA in groups**: *k-means* sorts the training digits into groups of similar images, each with its own PCA, clipped. One of the $k$ numbers says which group.

# %%
ae.predict(
    "04 against PCA",
    "for which of the sizes 2, 10, 20 and 30 is the autoencoder clearly better than PCA, by more than 8 %?",
    ["for all four", "only for 2", "only for 10 and more", "for none"],
)

# %% tags=["live"]
# PCA on the training images, with up to 30 components
# instructor minutes: 4
# instructor guess: "The first two components do most of the work." They bring the error from 53.5 only to 44.5; ten of them bring it to 27.2.
# instructor ask: Clipping gains more with 20 components than with 2. Where do values below 0 and above 1 come from?
pca = PCA(30, svd_solver="covariance_eigh").fit(train_images.flatten(1).numpy())
mean, components = torch.from_numpy(pca.mean_).float(), torch.from_numpy(pca.components_).float()


def by_pca(images, count):
    """Reconstructions of images from that many components."""
    codes = (images.flatten(1) - mean) @ components[:count].T
    return (mean + codes @ components[:count]).reshape(images.shape)


# %% tags=["nbval-ignore-output", "predict"] reason="asserted below the figure"
sizes, pca_errors, clipped_errors = [2, 10, 20, 30], torch.zeros(4), torch.zeros(4)
for place, size in enumerate(sizes):
    made = by_pca(validation_images, size)
    pca_errors[place] = ae.reconstruction_error(made, validation_images)
    clipped_errors[place] = ae.reconstruction_error(made.clamp_(0, 1), validation_images)
    print(f"PCA with {size:2d} components: {pca_errors[place]:.2f}, clipped {clipped_errors[place]:.2f}")

# %% [markdown]
# To save time we measure the look-up on the first 500 validation digits only.

# %% tags=["nbval-ignore-output"] reason="asserted below the figure"
nearest = torch.cdist(validation_images[:500].flatten(1), train_images.flatten(1)).amin(1)  # the smallest distances
look_up_error = (nearest**2).mean().item()
print(f"look-up among {len(train_images):,} training digits: {look_up_error:.2f}")

# %% tags=["nbval-ignore-output"] reason="asserted below the figure"
# k-means, and a PCA in each of its groups
grouped_errors, group_count = torch.zeros(4), 30 if digits.whole else 10
groups = KMeans(group_count, n_init=1, max_iter=10, random_state=0).fit(train_images.flatten(1).numpy())
of_train, of_validation = (groups.predict(each.flatten(1).numpy()) for each in (train_images, validation_images))
for group in range(group_count):
    own = PCA(29, random_state=0).fit(train_images[of_train == group].flatten(1).numpy())
    images = validation_images[of_validation == group].flatten(1).numpy()
    codes = own.transform(images)
    for place, size in enumerate(sizes):  # one number for the group, the others for its PCA
        made = own.mean_ + codes[:, : size - 1] @ own.components_[: size - 1]
        grouped_errors[place] += ((made.clip(0, 1) - images) ** 2).sum() / len(validation_images)
print(
    f"PCA in {group_count} groups, clipped:",
    ", ".join(f"{error:.2f}" for error in grouped_errors),
    f"with {sizes} numbers",
)

# %% [markdown]
# A network's initialisation is random. We train each size with several seeds, and draw their mean, with their range as a bar where it is larger than the point.

# %% tags=["nbval-ignore-output"] reason="asserted below the figure"
models[30, 0] = trained(30)
models |= {(size, seed): trained(size, seed) for seed in range(1, seeds) for size in sizes}

# %% tags=["nbval-ignore-output", "predict"] reason="asserted below the figure"
errors = torch.tensor([[ae.evaluate(models[size, seed], validation_images) for size in sizes] for seed in range(seeds)])
for size, run, pca_one, clipped in zip(sizes, errors.T, pca_errors, clipped_errors, strict=True):
    print(f"{size:2d}: autoencoder {run.min():.2f} to {run.max():.2f}, PCA {pca_one:.2f}, clipped {clipped:.2f}")

# %% tags=["predict"]
baselines = {"mean image": mean_error, "look-up, 500 digits": look_up_error, "PCA": pca_errors}
baselines |= {"PCA, clipped": clipped_errors, f"PCA in {group_count} groups, clipped": grouped_errors}
runs = {f"autoencoder, {len(errors)} seeds": errors}
ae.plots.curves(runs, "number of latent variables", "reconstruction error\n(validation digits)", sizes, baselines)

# %%
if digits.whole:
    ae.reveal("04 against PCA", "only for 10 and more")

# %% tags=["collapsed"]
# Proof for the tests: what the text below says.
saved = -(errors.mean(0).diff() / torch.tensor(sizes).diff())  # error saved by each further variable
assert not digits.whole or ((saved.diff() < 0).all() and saved[0] > 2 and abs(saved[-1] - 0.5) < 0.1)
assert (errors[:, 1:].amax(0) < (0.94 * clipped_errors if digits.whole else pca_errors)[1:]).all()
assert not digits.whole or (errors[:, 1:].amax(0) < 0.92 * pca_errors[1:]).all()
ratios = errors[:, 0] / pca_errors[0]
assert not digits.whole or (ratios.min() > 1.01 and ratios.max() < 1.035)
first = [[ae.evaluate(models[size, seed], validation_images[:500]) for seed in range(seeds)] for size in (10, 20)]
assert not digits.whole or 1.3 * max(first[1]) < look_up_error < 0.97 * min(first[0])
gained = pca_errors - clipped_errors
assert gained[2] > gained[0]
assert not digits.whole or abs(errors[:, 2].mean() - 13.8) < 0.1 > abs(clipped_errors[2] - 17.7)
assert not digits.whole or abs(mean_error - 53.5) < 0.1 > (pca_errors[:2] - torch.tensor([44.5, 27.2])).abs().max()

# %% tags=["collapsed"]
# Proof for the tests: PCA in groups; and with 2, the error after ten epochs is below that of PCA, clipped or not.
leads = errors.amin(0) / grouped_errors
assert (leads > 1.05).all() and leads.argmin() == 3
more = [group_count * 784 * size / ae.count_parameters(models[size, 0]) for size in sizes]  # times as many parameters
assert not digits.whole or (min(more) > 11.9 and max(more) < 15)
for seed in range(seeds if digits.whole else 0):
    ae.seed_everything(seed)
    longer = ae.fully_connected((1, 28, 28), 2)
    ae.fit(longer, train_images, 10, batch_size=batch_size, learning_rate=learning_rate, seed=seed)
    assert 0.98 * pca_errors[0] < ae.evaluate(longer, validation_images) < min(0.995 * pca_errors[0], clipped_errors[0])

# %% [markdown]
# - More latent variables, less error, and the curve flattens: on average, each further one saves more than 2 between 2 and 10, and about 0.5 between 20 and 30.
# - With 10 and more, every run of the autoencoder is at least 6 % below PCA, clipped or not. Its layers are weighted sums like those of PCA; what it has in addition is the sigmoid
#   at the end. An exercise below asks how much of the gain the sigmoid explains.
# - With 2, PCA is ahead by one to three percent after these few epochs; trained for ten epochs, the autoencoder is ahead by about one percent.
# - PCA in 30 groups, which is not linear, is ahead of the autoencoder at all four sizes, with 12 to 15 times as many parameters. The lead is smallest with 30 variables.
# - The look-up among 20,000 digits, with one whole number, has a smaller error than the networks with 10 latent variables on the same 500 digits; with 20, their error is more than a fifth below its own. But no digit outside its list can be the answer.
#
# To compare with a published result, we now use the test digits. For PCA with 30 components, fitted to all 60,000 training digits (three times ours), Hinton and Salakhutdinov print 13.87
# (*Science* 313, 2006). Beside it stands 8.01, for *logistic PCA*, whose decoder is like ours: weighted sums, and a sigmoid at the end.

# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
test_pca_error = ae.pca_error(30, train_images, digits.test_images)
runs = [ae.evaluate(models[30, seed], digits.test_images) for seed in range(seeds)]
print(f"30, test digits: autoencoder {min(runs):.2f} to {max(runs):.2f}, PCA {test_pca_error:.2f}")

# %% tags=["collapsed"]
# Proof for the tests: PCA fitted to a third of the digits comes close to the published 13.87.
assert not digits.whole or abs(test_pca_error / 13.87 - 1) < 0.005

# %% [markdown]
# **Try it yourself.** Choose the number of latent variables and a digit, and compare the reconstructions of the autoencoder and of PCA. (First, seven other small networks are trained, which
# takes some seconds. On the stored page, a figure takes the place of the explorer, with the number of latent variables above each column.)

# %%
ae.widgets.bottleneck(digits)

# %% [markdown]
# ## 4. A linear autoencoder beside PCA
#
# Without the sigmoid, nothing is left but weighted sums. With ten numbers between them, none have a smaller error on the training images than PCA. Can training get stuck above that?
# Baldi and Hornik proved (*Neural Networks* 2, 1989, for a covariance matrix of full rank with distinct eigenvalues) that the error has no other local minimum, only saddle points, from which it can still fall.
# Ours does not have full rank: some pixels are always black.

# %%
ae.predict(
    "04 linear",
    "what will the weights of its decoder be?",
    ["PCA's components", "PCA's components in another order", "mixtures of PCA's components", "something unrelated"],
)

# %% tags=["live", "nbval-ignore-output", "predict"] reason="asserted below the figures"
# no sigmoid: nothing but weighted sums
# instructor minutes: 4
# instructor guess: "The network finds PCA's components one by one, in their order." It finds the same error, but its ten images are mixtures of them.
# instructor ask: If we swap two of the ten code numbers, in the encoder and in the decoder, does the error change?
ae.seed_everything(0)
linear_decoder = nn.Sequential(nn.Linear(10, 784), nn.Unflatten(1, (1, 28, 28)))
linear_model = ae.Autoencoder(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), linear_decoder)
passes, rate = (10, 0.02) if digits.whole else (24, 0.03)
ae.fit(linear_model, train_images, passes, batch_size=batch_size, learning_rate=rate)
linear_error = ae.evaluate(linear_model, validation_images)
print(f"linear autoencoder {linear_error:.3f}, PCA {pca_errors[1]:.3f}: {linear_error / pca_errors[1] - 1:+.2%}")

# %% [markdown]
# The same validation error, within a fifth of one percent. Now the weights: the ten columns of the decoder's weights, drawn as images, over PCA's ten components. The third row is made from the first:
# the weighted sums of the decoder's columns that come nearest to PCA's components.

# %% tags=["nbval-ignore-output", "predict"] reason="asserted below the next figure"
columns = linear_decoder[0].weight.detach()  # (784, 10)
mixture = torch.linalg.lstsq(columns, components[:10].T).solution  # how much of each column
rows = {"decoder": columns.T, "PCA": components[:10], "PCA from\ndecoder": (columns @ mixture).T}
ae.plots.signed_images({name: row.reshape(10, 1, 28, 28) for name, row in rows.items()})

# %% [markdown]
# The first two rows look different! But ten directions span a ten-dimensional *subspace*, just as two directions
# span a plane, and many pairs of directions span the same plane. The third row looks like the second: PCA's components lie nearly in the subspace of the decoder.
#
# **Principal angles** measure this: all of them 0° means the same subspace; one of 90° means that some direction in one is at right angles to all of the other. For comparison, we take ten random directions as well.

# %% tags=["live", "nbval-ignore-output"] reason="asserted below the figure"
# principal angles to PCA: of our decoder, and of random directions
# instructor minutes: 3
# instructor guess: "The ten images looked so different that the angles must be large." The largest is below 2.5°; for random directions it is about 89°.
# instructor ask: Two pairs of arrows lie in the same plane, but point in different directions. What are their principal angles?
angles = np.degrees(subspace_angles(columns.numpy(), components[:10].T.numpy()))
random_columns = np.random.default_rng(0).normal(size=(784, 10))
random_angles = np.degrees(subspace_angles(random_columns, components[:10].T.numpy()))
print(f"largest angle: linear autoencoder {angles.max():.1f}°, random directions {random_angles.max():.1f}°")

# %%
both_angles = {"linear autoencoder": angles, "random directions": random_angles}
ae.plots.columns(both_angles, "principal angle, from the largest to the smallest", "degrees")

# %%
ae.reveal("04 linear", "mixtures of PCA's components")

# %% tags=["collapsed"]
# Proof for the tests: the same error and the same subspace as PCA, and other axes.
assert abs(linear_error / pca_errors[1] - 1) < 0.002
assert (train_images.amax(0) == 0).any()  # always black
assert angles.max() < 2.5 and random_angles.min() > 60 and 88 < random_angles.max() < 90
assert (components[:10] @ nn.functional.normalize(columns, dim=0)).abs().max() < 0.95  # cosines

# %% [markdown]
# All angles are below 2.5°: **the linear autoencoder has found the subspace of PCA**, nearly, just by making the error small.
# The error cannot tell it the axes: any axes in the subspace give the same error.

# %% [markdown]
# ## 5. What the error does not see
#
# The networks so far were trained to make this error small. What does it measure? We compare what the bottleneck does to a digit with what moving the digit by one pixel does.

# %%
ae.predict(
    "04 moved digit",
    "which has the larger error, on average?",
    ["a digit moved by one pixel", "a digit through 10 latent variables"],
)


# %% tags=["live"]
# move a digit to the right
# instructor minutes: 2
# instructor guess: "The eye hardly notices one pixel, so the error is close to 0." It is larger than through 10 latent variables, where it is about 24.
# instructor ask: Which pixels of a digit contribute to the error when it moves by one pixel, and which do not?
def moved(images, pixels):
    """The images (n, 1, 28, 28), moved to the right by that many pixels; what leaves at the edge is lost."""
    return nn.functional.pad(images, (pixels, 0, 0, 0))[..., :28]


# %% tags=["nbval-ignore-output", "predict"] reason="asserted below the figures"
with torch.no_grad():
    answers = {
        "through 20": models[20, 0](some),
        "through 10": models[10, 0](some),
        "moved by\none pixel": moved(some, 1),
        "mean image": mean_image.expand_as(some),
        "moved by\ntwo pixels": moved(some, 2),
    }
ae.plots.images({"original": some[8:16]} | {name: answer[8:16] for name, answer in answers.items()}, errors=True)

# %% tags=["predict"]
unseen = {name.replace("\n", " "): ae.reconstruction_error(answer, some).item() for name, answer in answers.items()}
ae.plots.bars(unseen, "reconstruction error, mean over 800 validation digits")

# %%
ae.reveal("04 moved digit", "a digit moved by one pixel")

# %% tags=["collapsed"]
# Proof for the tests: the order of the bars, also when digits move to the left, up or down.
assert list(unseen.values()) == sorted(unseen.values())
for pixels, less in ((1, unseen["through 10"]), (2, unseen["mean image"])):
    for shift in ((0, -pixels), (pixels, 0), (-pixels, 0)):
        away = ae.reconstruction_error(some.roll(shift, (2, 3)), some)
        assert away > (1.1 if digits.whole else 1) * less
away, doubtful = ((answers[name] - some).square().sum((1, 2, 3)) for name in ("moved by\none pixel", "through 10"))
assert (away > doubtful).float().mean() > 0.5
blurred = nn.functional.avg_pool2d(some, 3, stride=1, padding=1)
assert 8.5 < ae.reconstruction_error(blurred, some) < 9.5

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# A digit moved by one pixel has a larger error, on average and for most digits, than what comes out of 10 variables. Moved by two pixels, it has a larger one, on average, than the mean image, which shows no digit.
#
# The squared error compares each pixel only with the one *in the same place*. When a stroke moves by one pixel, both of its edges count: along one it is missing, along the other it is where nothing should be. A blurred stroke costs less: replacing each pixel by the mean of the 3 × 3 pixels around it has an error of only about 9.
#
# </details>
#
# So **a small error and a good likeness are not the same thing**. Look at the images, too.

# %% [markdown]
# ## Your turn
#
# The first four exercises end in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint.
# Beside each exercise stands its difficulty, from ★ to ★★★, and about how long it takes.
#
# **1. The baseline without any code** (★, 5 minutes). Compute the error of the mean image yourself, in the measure of this course: the answer is always
# the mean of the *training* images. What is the error on the *test* images?


# %%
def mean_image_error(train_images, test_images):
    """Reconstruction error on the test images when the answer is always the mean training image."""
    # answer:
    mean_image = train_images.mean(0)
    return ((test_images - mean_image) ** 2).sum().item() / len(test_images)
    # student: return ...


if ae.check.mean_image_baseline(mean_image_error):
    print(f"all test digits: {mean_image_error(digits.train_images, digits.test_images):.1f}")

# %% [markdown]
# **2. Choose a bottleneck by its worst run** (★★, 10 minutes). What is the smallest size whose validation error is at most `target` with
# *every* seed? `sizes` is a list in rising order and `errors` a tensor (seeds, sizes), as in section 3. You may assume that there is such a size.


# %%
def choose_size(sizes, errors, target):
    """The smallest of the sizes whose error is at most target with every seed."""
    # answer:
    for size, worst in zip(sizes, errors.amax(0), strict=True):
        if worst <= target:
            return size
    # student: return ...


if ae.check.smallest_enough(choose_size):
    print(f"an error of at most 30 with each of {seeds} seeds: {choose_size(sizes, errors, 30.0)} latent variables")

# %% [markdown]
# **3. The same subspace?** (★★, 10 minutes) Write a function that says whether the columns of two arrays of the same shape span the same subspace: `True` if they are *at most 5 degrees* apart, else `False`.
# Different columns can span the same subspace.
#
# <details><summary>Hint 1</summary>
#
# Section 4 computed ten angles for ten directions. What must be true of them if *every* direction of one subspace also lies in the other?
#
# </details>
# <details><summary>Hint 2</summary>
#
# `subspace_angles` gives radians, the largest angle first.
#
# </details>


# %%
def is_same_subspace(first, second):
    """Whether the columns of two arrays (pixels, directions) span the same subspace, within 5 degrees."""
    # answer:
    return bool(np.degrees(subspace_angles(first, second)).max() <= 5)
    # student: return ...


if ae.check.same_subspace(is_same_subspace):
    print("decoder and PCA:", is_same_subspace(columns.numpy(), components[:10].T.numpy()))

# %% [markdown]
# **4. Below the baseline** (★★, 5 minutes). A fellow student reports: *"My autoencoder has 10 latent variables and consists of nothing but weighted sums. On the 60,000 images
# that it was trained on, its error is 5 % below that of PCA with 10 components, fitted to the same images and measured on them."* What do you believe?
#
# - **a** It was trained longer than ours.
# - **b** It had a lucky seed.
# - **c** Something is not as reported.
# - **d** It has biases, so it has more parameters than PCA.

# %%
# answer:
answer = "c"
# student: answer = ...
ae.check.below_the_baseline(answer)

# %% [markdown]
# **5. Investigate: how much does the sigmoid explain?** (★★★, 20 minutes, no check) With 20 latent variables the autoencoder is well below clipped PCA. As *functions*, the two differ only in the end of the decoder: a sigmoid, or clipping to 0 and 1. But PCA is fitted first, and clipped only afterwards.
#
# 1. Predict: train an autoencoder with 20 latent variables whose decoder ends in clipping, `nn.Hardtanh(0, 1)`, instead of the sigmoid. Is its error nearer to that of clipped PCA, or to that of the sigmoid?
# 2. Build it as in section 4, train it with the settings of section 1, but with a quarter of the learning rate: a clipped output receives no gradient, so a large step can turn pixels black for good. Compare the three *validation* errors, with three seeds.
# 3. Explain. What can a decoder that is *trained* with clipping do with the black background that PCA, clipped afterwards, cannot?

# %% tags=["nbval-ignore-output"] reason="an investigation: every student gets other numbers"
# answer:
errors_clipping = []
for seed in range(seeds):
    ae.seed_everything(seed)
    clipping = ae.fully_connected((1, 28, 28), 20)
    clipping.decoder[1] = nn.Hardtanh(0, 1)  # in place of the sigmoid
    ae.fit(clipping, train_images, epochs, batch_size=batch_size, learning_rate=learning_rate / 4, seed=seed)
    errors_clipping.append(ae.evaluate(clipping, validation_images))
print(f"PCA, clipped {clipped_errors[2]:.2f}; sigmoid {errors[:, 2].min():.2f} to {errors[:, 2].max():.2f}")
print(f"clipped while training: {min(errors_clipping):.2f} to {max(errors_clipping):.2f}")
with torch.no_grad():
    black, before = validation_images == 0, clipping.decoder[0](clipping.encoder(validation_images)).view(-1, 1, 28, 28)
both = [each.clamp(0, 1)[black].square().sum() / len(black) for each in (by_pca(validation_images, 20), before)]
print(f"in black pixels: PCA {both[0]:.2f}, clipping {both[1]:.2f}; before it, median {before[black].median():.1f}")
share = (both[0] - both[1]) / (clipped_errors[2] - errors_clipping[-1])  # of the gain
assert not digits.whole or (0.6 < share < 0.73 and -0.65 < before[black].median() < -0.4)
assert not digits.whole or all(abs(error / errors[:, 2].mean() - 1) < 0.03 for error in errors_clipping)
# student: errors_clipping = ...

# %% [markdown]
# <details><summary>What we found</summary>
#
# Clipped while training, the autoencoder ends at about 13.6, within three percent of the sigmoid (13.8); clipped PCA has 17.7. So the shape of the sigmoid is not needed here: it is enough that values are kept between 0 and 1 *while training*. About two thirds of the gain are in the black pixels.
# There everything below 0 becomes black, so the decoder lets the background fall below 0, to about -0.5 before clipping, and need not keep it at exactly 0. PCA is fitted before it is clipped, so it cannot make use of that.
#
# </details>

# %%
ae.check.progress(4)

# %% [markdown]
# ## What to remember
#
# - The size of the bottleneck is the number of latent variables, a hyperparameter. From 2 to 30, more of them made the error smaller, and the curve flattened.
# - One number with enough decimals can *store* an image. In the *representation* that we want, similar codes stand for similar images.
# - Compare with baselines: the mean image, and PCA with the same number of components, also in groups. Choose on validation digits, never by the test digits.
# - Our linear autoencoder ended near the subspace and the error of PCA. Only nonlinear ones can do better on the images that PCA was fitted to.
# - The squared error compares pixels in the same place only: on average, a digit moved by one pixel has a larger error than one through 10 variables.
#
# **Where next:** notebook 05 puts more layers on each side of the bottleneck.
