# %% [markdown]
# # 04 The bottleneck
#
# **Purpose:** turn the one knob that makes an autoencoder learn, the number of latent variables, and find out what it can and cannot do.
#
# After this notebook you can
#
# - say what a bottleneck is for, and choose one by looking at a curve;
# - explain why *few numbers* alone are not the point (one number can hold a whole image);
# - compare an autoencoder with the best that any linear method can do: principal component analysis (PCA);
# - show that a linear autoencoder *is* PCA.
#
# You need notebook 03. It takes about {{seconds}} seconds to run on two processor cores.

# %%
from fractions import Fraction

import aeutils as ae
import numpy as np
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA
import torch
from torch import nn

# %% [markdown]
# ## 1. Digits through 20, 10 and 2 numbers
#
# MNIST is a collection of handwritten digits: 60,000 to train on, and 10,000 to test with that no network gets to see before.

# %% tags=["nbval-ignore-output"]
digits = ae.load_mnist()
# the embedded subset is 15 times smaller: go through it more often, in smaller batches
rounds, batch_size = (1, 256) if digits.whole else (2, 64)
assert digits.train_images.shape[1:] == digits.test_images.shape[1:] == (1, 28, 28)

# %% [markdown]
# The numbers of the code are called **latent variables** (*latent*: hidden), and the narrow place that they form between the 784 pixels
# of the input and the 784 pixels of the output is the **bottleneck**. We train the simplest autoencoder, one layer in and
# one layer out, with three bottlenecks.
#
# **Predict:** what will the digits look like when each has to pass through 2 numbers?

# %% tags=["live", "nbval-ignore-output"]
# one layer in and one layer out, with each of the three bottlenecks
models = {}
for latent_size in (20, 10, 2):
    ae.seed_everything(0)
    models[latent_size] = ae.fully_connected((1, 28, 28), latent_size)
    history = ae.fit(models[latent_size], digits.train_images, 6 * rounds, batch_size=batch_size, learning_rate=0.02)
    print(f"{latent_size} latent variables: {sum(history.seconds):.1f} s of training")
    assert history.train_error[-1] < history.train_error[0]

# %% tags=["gallery"]
rows = {"original": digits.test_images[:10]}
with torch.no_grad():
    for latent_size, model in models.items():
        rows[f"through {latent_size}"] = model(digits.test_images[:10])
ae.plots.images(rows)

# %% [markdown]
# With 20 the digits come back, a little soft. With 10 some are doubtful. With 2 nearly everything becomes the same smear: some 9, some 0.
# Now the same as numbers, the **reconstruction error** of notebook 03 on all test digits:

# %% tags=["nbval-ignore-output"]
test_errors = {latent_size: ae.evaluate(model, digits.test_images) for latent_size, model in models.items()}
for latent_size, error in test_errors.items():
    print(f"{latent_size:2d} latent variables: {error:5.2f} summed over the pixels, {error / 784:.4f} per pixel")
if digits.whole:
    assert test_errors[20] < 13.5 and test_errors[10] < 24 and test_errors[2] < 44.5
assert test_errors[20] < test_errors[10] < test_errors[2]

# %% [markdown]
# ## 2. One number is enough (and useless)
#
# Is 2 too few to *hold* a digit? No! A single number can hold any image, if it has enough decimals. Let us do it: the 784 pixels are
# 784 whole numbers below 256. Write them one after the other, as the digits of a number 0.… to the base 256. Python's `Fraction`
# computes with exact rational numbers, so nothing is lost.


# %%
def pack(image):
    """One exact number between 0 and 1 that holds all pixels of an image (1, 28, 28)."""
    pixels = (image * 255).round().to(torch.uint8).flatten().tolist()
    return Fraction(int.from_bytes(pixels, "big"), 256**784)


def unpack(number):
    """The image (1, 28, 28) that the number holds."""
    pixels = int(number * 256**784).to_bytes(784, "big")
    return torch.tensor(list(pixels)).reshape(1, 28, 28) / 255


# %% [markdown]
# This is an autoencoder! `pack` is its encoder, `unpack` its decoder, and its code is *one* number. It is even lossless, and nothing
# had to be learned.

# %% tags=["live"]
# through one number and back
digit = digits.test_images[0]
number = pack(digit)
assert torch.equal(unpack(number), digit)  # bit for bit
print("every pixel came back")

# %% [markdown]
# So encoding is easy. **Predict:** write that number down in decimal, change its fifth digit a little, and unpack. How will the image change?

# %% tags=["nbval-ignore-output"]
written = str(int(number * 256**784))
changed = written[:4] + str((int(written[4]) + 1) % 10) + written[5:]
from_changed = unpack(Fraction(int(changed), 256**784))
print(f"{written[:12]}… became {changed[:12]}…, the other {len(written) - 12:,} digits are the same")
print(f"error: {ae.reconstruction_error(from_changed[None], digit[None]):.0f}")
assert ae.reconstruction_error(from_changed[None], digit[None]) > 50

# %%
ae.plots.images(
    {"": torch.stack([digit, unpack(number), from_changed])}, titles=["original", "unpacked", "one digit changed"]
)

# %% [markdown]
# Below the first changed pixels, nothing is left of the image but noise. (The foot survives by an accident of arithmetic: a power of ten is also divisible by a large
# power of two, so the last pixels keep their bits.) A code where the smallest change turns an image to noise is storage, not a **representation**. Two similar images have numbers that
# have nothing to do with each other; no number between them means anything.
#
# What happens when the autoencoder's code is changed a little?

# %% tags=["live"]
# encode, nudge one number of the code, decode
with torch.no_grad():
    code = models[20].encoder(digit[None])
    nudged = code.clone()
    nudged[0, 4] += 0.1 * code.abs().mean()  # the fifth of the 20 numbers, by a tenth of their usual size
    before, after = models[20].decoder(code)[0], models[20].decoder(nudged)[0]
assert (after - before).abs().max() < 0.5
ae.plots.images({"": torch.stack([digit, before, after])}, titles=["original", "decoded", "code nudged"])

# %% [markdown]
# Nearly nothing. The layers of a network are smooth functions: similar codes decode to similar images. That, and not the count of numbers
# alone, is what the bottleneck is for: few **smooth** variables force the network to spend them on what images have in common.

# %% [markdown]
# ## 3. How good could it be? Two baselines
#
# An error of 13 means nothing by itself. Two simple methods tell how low an error is to be had for free:
#
# - **the mean image**, always the same answer, with no code at all (0 latent variables);
# - **PCA** (*principal component analysis*). It finds the $k$ directions in which the training images vary most, and describes each image by how far
#   it lies along each of them. No other *linear* encoder and decoder with $k$ numbers have a smaller error on the images that it was fitted to.

# %% tags=["live", "nbval-ignore-output"]
# both baselines: 0 components stand for the mean image
numbers = [0, 2, 10, 20, 30]
pca_errors = dict(zip(numbers, ae.pca_error(numbers, digits.train_images, digits.test_images), strict=True))
for number, baseline in pca_errors.items():
    print(f"PCA with {number:2d} components: {baseline:.2f}")
if digits.whole:  # 13.87 is the figure in Hinton and Salakhutdinov, Science 313 (2006)
    assert [round(baseline, 2) for baseline in pca_errors.values()] == [52.9, 43.64, 26.71, 18.45, 13.87]

# %% [markdown]
# Now the curve: error against latent size. A network begins at random numbers, so a single run may be lucky; we train each size with three seeds
# and draw the range as a bar.
#
# **Predict:** for which sizes is the autoencoder better than PCA?

# %% tags=["nbval-ignore-output"]
sizes = [2, 5, 10, 20, 30]
errors, epochs = torch.zeros(3, len(sizes)), 2 if digits.whole else 7
for seed in range(3):
    for column, latent_size in enumerate(sizes):
        ae.seed_everything(seed)
        model = ae.fully_connected((1, 28, 28), latent_size)
        ae.fit(model, digits.train_images, epochs, batch_size=batch_size, learning_rate=0.02, seed=seed)
        errors[seed, column] = ae.evaluate(model, digits.test_images)
baselines = ae.pca_error(sizes, digits.train_images, digits.test_images)
assert (errors.mean(0)[2:] < torch.tensor(baselines[2:])).all()

# %%
mean_image = [pca_errors[0]] * len(sizes)
ae.plots.error_by_latent_size(sizes, {"autoencoder": errors}, {"mean image": mean_image, "PCA": baselines})

# %% tags=["nbval-ignore-output"]
for latent_size, error, spread, baseline in zip(
    sizes, errors.mean(0), errors.amax(0) - errors.amin(0), baselines, strict=True
):
    print(
        f"{latent_size:2d}: autoencoder {error:.2f} (range {spread:.2f}), PCA {baseline:.2f}, ratio {error / baseline:.2f}"
    )
assert errors[:, -1].max() < errors[:, 0].min()

# %% [markdown]
# - More latent variables, less error: each one buys less than the one before.
# - With 10 and more, the autoencoder is clearly below the PCA error. Its layers are as simple as those of PCA; what it has in addition is the sigmoid
#   at the end, which lets it make the large black areas black without spending any latent variables on them.
# - With 2 it is no better than PCA. A single layer on each side cannot bend two numbers around the digits. Notebook 05 gives it more layers.

# %% [markdown]
# **Try it yourself.** Choose the number of latent variables and a test digit: what do the autoencoder and PCA bring back? (First, seven small networks are trained, which
# takes some seconds. In this page as it is stored, a figure stands for what you can move.)

# %%
ae.widgets.bottleneck(digits)

# %% [markdown]
# ## 4. A linear autoencoder *is* PCA
#
# Take away the sigmoid, and nothing is left but weighted sums. Such an autoencoder minimises the same error as PCA, over the same functions.
# So it should end at the same place. Baldi and Hornik proved that it does (*Neural Networks* 2, 1989): the error has no other minimum.
#
# **Predict:** will its decoder hold the *same numbers* as PCA's components?

# %% tags=["live", "nbval-ignore-output"]
# no sigmoid: nothing but weighted sums
ae.seed_everything(0)
linear_decoder = nn.Sequential(nn.Linear(10, 784), nn.Unflatten(1, (1, 28, 28)))
linear_model = ae.Autoencoder(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), linear_decoder)
ae.fit(linear_model, digits.train_images, 10 * rounds, batch_size=512 if digits.whole else 64, learning_rate=0.02)
linear_error = ae.evaluate(linear_model, digits.test_images)
print(f"linear autoencoder {linear_error:.3f}, PCA {pca_errors[10]:.3f}: {linear_error / pca_errors[10] - 1:+.2%}")
assert abs(linear_error / pca_errors[10] - 1) < 0.01

# %% [markdown]
# The same error, within a fraction of a percent. Now the numbers: the ten columns of the decoder's weights, drawn as images, over PCA's ten components.

# %%
pca = PCA(10).fit(digits.train_images.flatten(1))
weights = linear_decoder[0].weight.detach().T.reshape(10, 1, 28, 28)
components = torch.from_numpy(pca.components_).float().reshape(10, 1, 28, 28)
ae.plots.signed_images({"decoder": weights, "PCA": components})

# %% [markdown]
# They look different! But that is only the choice of axes. Ten directions span a ten-dimensional *subspace*, as two directions
# span a plane, and the same plane can be spanned by many pairs of directions. What counts is whether the two subspaces are the same.
# **Principal angles** measure that: all of them 0° means the same subspace, 90° means that there is a direction in one that is missing in the other.

# %% tags=["live", "nbval-ignore-output"]
# principal angles to PCA: of our decoder, and of random directions
angles = np.degrees(subspace_angles(linear_decoder[0].weight.detach().numpy(), pca.components_.T))
random_angles = np.degrees(subspace_angles(np.random.default_rng(0).normal(size=(784, 10)), pca.components_.T))
print("linear autoencoder against PCA:", ", ".join(f"{angle:.1f}°" for angle in angles))
print("random directions against PCA: ", ", ".join(f"{angle:.1f}°" for angle in random_angles))
assert angles.max() < 5 and random_angles.min() > 45

# %% [markdown]
# All angles are close to 0°: **the linear autoencoder has found the subspace of PCA**, by walking downhill, without being told what a principal
# component is. It finds the plane but not the axes, because any axes in that plane give the same error.

# %% [markdown]
# ## Your turn
#
# Each exercise ends in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint.
#
# **1. The baseline without any code.** Section 3 took the error of the mean image from `ae.pca_error`. Work it out yourself, in the course's measure: always answer
# with the mean of the *training* images. What is the error on the *test* images?


# %%
def mean_image_error(train_images, test_images):
    """Reconstruction error on the test images when the answer is always the mean training image."""
    # answer:
    mean_image = train_images.mean(0)
    return ((test_images - mean_image) ** 2).sum().item() / len(test_images)
    # student: return ...


if ae.check.mean_image_baseline(mean_image_error):
    print(f"all digits: {mean_image_error(digits.train_images, digits.test_images):.1f}")

# %% [markdown]
# **2. Choose a bottleneck by its worst run.** Your next run may be as unlucky as the unluckiest seed of section 3. Which is the smallest size whose error is at most `target` with
# *every* seed? `sizes` is a list in rising order, `errors` a tensor (seeds, sizes), as in section 3, and there is such a size.


# %%
def choose_size(sizes, errors, target):
    """The smallest of the sizes whose error is at most target with every seed."""
    # answer:
    for size, worst in zip(sizes, errors.amax(0), strict=True):
        if worst <= target:
            return size
    # student: return ...


if ae.check.smallest_enough(choose_size):
    print(f"never above an error of 30: {choose_size(sizes, errors, 30.0)} latent variables")

# %% [markdown]
# **3. The same subspace?** Write a function that says whether the columns of two arrays span the same subspace: `True` if they are *at most 5 degrees* apart, else `False`.
# The directions may be turned, mixed or stretched; that does not change the subspace.
#
# <details><summary>Hint 1</summary>
#
# Section 4 computed ten angles for ten directions. What must hold for them, if *every* direction of one subspace also lies in the other?
#
# </details>
# <details><summary>Hint 2</summary>
#
# `subspace_angles` answers in radians, the largest angle first.
#
# </details>


# %%
def is_same_subspace(first, second):
    """Whether the columns of two arrays (pixels, directions) span the same subspace, within 5 degrees."""
    # answer:
    return bool(np.degrees(subspace_angles(first, second)).max() <= 5)
    # student: return ...


if ae.check.same_subspace(is_same_subspace):
    print("decoder and PCA:", is_same_subspace(linear_decoder[0].weight.detach().numpy(), pca.components_.T))

# %% [markdown]
# **4. Below the baseline.** A fellow student reports: *"My autoencoder has 10 latent variables and no function but weighted sums. On the 60,000 images
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

# %%
ae.check.progress(4)

# %% [markdown]
# ## What to remember
#
# - The bottleneck is the number of latent variables. More of them, less error, each buying less than the last.
# - One number with enough decimals can *store* an image. Learning a *representation*, in which similar images have similar codes, is the hard part.
# - Compare with a baseline: the mean image, and PCA with as many components.
# - A linear autoencoder is PCA. Whatever an autoencoder does better than PCA comes from being nonlinear.
#
# **Where next:** notebook 05 puts more layers on each side of the bottleneck.
