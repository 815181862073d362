# %% [markdown]
# # 07 Exercise 1: introduction to autoencoders
#
# **Purpose:** build, train and question an autoencoder for handwritten digits, writing its parts yourself.
#
# After this notebook you can
#
# - prepare images for a network, and set validation images aside;
# - build an encoder and a decoder that mirror each other;
# - compare two common loss functions, and write a training loop;
# - say what 2 latent variables lose that 32 keep, and why;
# - read a map of codes without reading too much into it.
#
# You need notebooks 03 and 04; 05 and 06 help. With all answers filled in, it takes about {{seconds}} seconds to run on two processor cores. Allow an evening for it.
#
# ## How this works
#
# Each step has a cell in which you replace `...` with your answer. A check answers at once: it says what it saw and what it expected, and gives a hint if something is wrong.
# Run it as often as you like. Further hints unfold when you click on them; try without them first. Stars give the difficulty, from one to three.
#
# **Stuck at a step?** Move on and return to it later. The course has a replacement for each of these parts:
#
# | instead of your own | take |
# |---|---|
# | encoder and decoder | `ae.fully_connected` of notebook 05 |
# | loss | `ae.reconstruction_error` |
# | training | `ae.fit` |

# %%
from dataclasses import replace

import aeutils as ae
from sklearn.decomposition import PCA
import torch
from torch import nn
from torch.nn import functional

# %%
digits = ae.load_mnist()

# %% tags=["collapsed"]
epochs = 5 if digits.whole else 7  # the embedded subset is smaller: training goes through it more often
assert digits.train_images.shape[1:] == (1, 28, 28)

# %% [markdown]
# ## 1. Prepare the images
#
# MNIST's files hold bytes: whole numbers from 0 to 255. Our autoencoder needs floats, in a range that its last layer can reach. We add an axis for the channels, which convolutions will need. Here are ten digits as bytes.

# %%
raw = (digits.train_images[:10] * 255).round().byte().squeeze(1)
print(f"{raw.dtype}, shape {tuple(raw.shape)}, from {raw.min()} to {raw.max()}")

# %% [markdown]
# **Your answer** (★, 10 minutes)**:** write `prepare(raw)`. It takes `uint8` of shape (n, 28, 28), and returns `float32` of shape (n, 1, 28, 28) from 0 to 1.
#
# <details><summary>Hint 1</summary>
#
# Three things change: the kind of number, the range, the shape. Print `dtype`, `shape`, `min()` and `max()` after each.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Dividing whole numbers by a whole number gives floats in PyTorch as long as you use `/`, not `//`. By which number, for *every* batch?
#
# </details>
# <details><summary>Hint 3</summary>
#
# `unsqueeze` adds an axis of length 1. Which position does the channel have in (n, 1, 28, 28), counted from 0?
#
# </details>


# %% tags=["live"]
# Bytes to floats in [0, 1], with a channel axis
# instructor minutes: 3
# instructor guess: "Dividing by the largest pixel of the batch is the same as dividing by 255." Not for a batch of dark images: it makes them brighter.
# instructor ask: Which position does the channel have in (n, 1, 28, 28), and which layers need it, even for grey images?
def prepare(raw):
    """Bytes (n, 28, 28) as float32 (n, 1, 28, 28) in [0, 1]."""
    # answer:
    return raw.float().unsqueeze(1) / 255
    # student: return ...


# %% tags=["expected"]
ae.check.prepare(prepare) and ae.plots.images({"prepared": prepare(raw)})

# %% [markdown]
# `ae.load_mnist` has done the same for all digits, so from here on we use its images as they are.
#
# ### Set a validation set aside
#
# In this exercise you will make choices: how many latent variables, which loss, how long to train. Test digits by which you choose have had a part in your choice. So we cut
# a **validation set**, the last sixth, from the training digits and choose by that. The **test set** chooses nothing; its turn is at the very end. (Two checks on the way, of `train` and of your two models, print errors on test digits. Do not choose by them.)
#
# `practice` has the form of a data set. Where a data set has its test images, `practice` has the validation images.

# %% tags=["live"]
# A data set for making choices: its test images are validation images, cut from the training set
# instructor minutes: 3
# instructor guess: "The test digits may help us choose, as long as we do not train on them." Then these digits had a part in the choice.
# instructor ask: You try 20 settings and keep the one with the smallest test error. Is that error, on average, as large as on new digits?
cut = len(digits.train_images) * 5 // 6
practice = replace(
    digits,
    train_images=digits.train_images[:cut],
    train_labels=digits.train_labels[:cut],
    test_images=digits.train_images[cut:],
    test_labels=digits.train_labels[cut:],
)
print(f"{len(practice.train_images):,} to train on, {len(practice.test_images):,} to choose by")
assert len(practice.train_images) + len(practice.test_images) == len(digits.train_images)

# %% [markdown]
# ## 2. The encoder
#
# The encoder turns an image into a code, in three linear layers: 784 → 128 → 64 → `latent_size`. Between the layers stands an **activation function** such as ReLU; without it, three linear layers
# could do no more than one. The code itself may contain any numbers, positive or negative.
#
# (Would a ReLU after the last layer do any harm? Think about it before you run the check.)
#
# **Your answer** (★, 10 minutes)**:** write `make_encoder(latent_size)`. It returns a new network that turns images (n, 1, 28, 28) into codes (n, `latent_size`).
#
# <details><summary>Hint 1</summary>
#
# `nn.Sequential` applies layers one after the other. A linear layer expects its numbers in a row, and an image is a square.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `nn.Flatten()`, then `nn.Linear(inputs, outputs)` three times. The outputs of one are the inputs of the next. Where does `latent_size` belong?
#
# </details>
# <details><summary>Hint 3</summary>
#
# Two activations for three layers: there are two gaps between them.
#
# </details>


# %% tags=["live"]
# The encoder: 784 -> 128 -> 64 -> latent_size
# instructor minutes: 3
# instructor guess: "A ReLU belongs behind every layer, the last one too." Then no code number can be negative, and some may die.
# instructor ask: Which of the three layers has most of the parameters, and why?
def make_encoder(latent_size):
    """A network from images (n, 1, 28, 28) to codes (n, latent_size)."""
    # answer:
    hidden = [nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU()]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(64, latent_size))
    # student: return ...


# %%
ae.check.encoder(make_encoder)

# %% [markdown]
# ## 3. The decoder
#
# The decoder mirrors the encoder: `latent_size` → 64 → 128 → 784, and then folds the 784 numbers into an image again. Its last layer should come as close as needed to every value that a pixel can have,
# and give no others.
#
# **Your answer** (★★, 10 minutes)**:** write `make_decoder(latent_size)`. It returns a new network that turns codes (n, `latent_size`) into images (n, 1, 28, 28) with pixels from 0 to 1.
#
# <details><summary>Hint 1</summary>
#
# Read your encoder backwards. What is the opposite of `nn.Flatten`?
#
# </details>
# <details><summary>Hint 2</summary>
#
# A weighted sum can be any number. Notebook 03 met the function that squeezes any number into the range from 0 to 1, and showed what Softmax does instead.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `nn.Unflatten(1, (...))` folds axis 1 into the axes that you name: channel, height, width.
#
# </details>


# %% tags=["live"]
# The decoder: the mirror image, with pixels from 0 to 1
# instructor minutes: 3
# instructor guess: "Pixels are not negative, so end with a ReLU, or with a softmax." A ReLU can exceed 1; a softmax makes all pixels of an image sum to 1.
# instructor ask: The encoder ends without an activation function, the decoder with one. How does a pixel differ from a code number?
def make_decoder(latent_size):
    """A network from codes (n, latent_size) to images (n, 1, 28, 28) in [0, 1]."""
    # answer:
    hidden = [nn.Linear(latent_size, 64), nn.ReLU(), nn.Linear(64, 128), nn.ReLU()]
    return nn.Sequential(*hidden, nn.Linear(128, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28)))
    # student: return ...


# %%
ae.check.decoder(make_decoder)

# %% [markdown]
# ## 4. Join them
#
# **Your answer** (★, 5 minutes)**:** write `make_autoencoder(latent_size)`. It returns one network with the parts `.encoder` and `.decoder`; calling it reconstructs images.
#
# Once you pass, the figure shows what the *untrained* network makes of the digits.
#
# <details><summary>Hint 1</summary>
#
# Look up how notebook 03 joined the two. You may also write a class of your own, with `__init__` and `forward`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Both parts have to agree on the size of the code.
#
# </details>


# %% tags=["live"]
# Encoder and decoder as one network
# instructor minutes: 2
# instructor guess: "Even untrained, it shows a faint digit, since the digit went in." Grey all over: each pixel begins near 0.5.
# instructor ask: If all 784 pixels come out as 0.5, and most of them should be 0 or 1, how large is the error?
def make_autoencoder(latent_size):
    """An autoencoder with the parts .encoder and .decoder."""
    # answer:
    return ae.Autoencoder(make_encoder(latent_size), make_decoder(latent_size))
    # student: return ...


# %% tags=["expected"]
some = practice.test_images[:10]
ae.check.autoencoder(make_autoencoder) and ae.plots.images({"in": some, "out,\nuntrained": make_autoencoder(32)(some)})

# %% [markdown]
# ## 5. Choose the loss
#
# Training makes one number small, the **loss function** (or *objective*). For images with pixels from 0 to 1, two loss functions are common. Here $x$ is a pixel of an image and $\hat x$ the same pixel of its reconstruction. Both losses are summed over
# the pixels of an image and averaged over the images.
#
# | | squared error | cross-entropy |
# |---|---|---|
# | one pixel | $(x - \hat x)^2$ | $-x \log \hat x - (1 - x) \log (1 - \hat x)$ |
# | assumes | the pixel is $\hat x$ plus Gaussian noise of the same strength everywhere | the pixel is white with probability $\hat x$, else black |
# | smallest at | $\hat x = x$, where it is 0 | $\hat x = x$, where it is 0 only for black or white |
# | gradient before the sigmoid | $2 (\hat x - x) \, \hat x (1 - \hat x)$ | $\hat x - x$ |
# | in PyTorch, up to a factor | `mse_loss` | `binary_cross_entropy` after a sigmoid, `binary_cross_entropy_with_logits` in its place |
#
# ("Assumes": up to constants, each loss is the negative logarithm of the probability of the image under this assumption, for independent pixels. For cross-entropy that is exact only where pixels are black or white.) In the gradients, the factor $\hat x (1 - \hat x)$ is nearly 0 where the output is nearly 0 or 1. So a pixel that is completely wrong has almost no gradient before the sigmoid under squared error, and the largest under cross-entropy. Where pixels lie between black and white, even a perfect reconstruction has a cross-entropy above 0 (46 on the validation digits of whole MNIST).

# %%
ae.plots.pixel_losses([0.0, 0.5, 1.0])

# %% [markdown]
# **This course reports the squared error,** the **reconstruction error** of the lecture: it is 0 when nothing is lost, and it can be compared with PCA, the linear autoencoder with the smallest squared error on its training images. Which loss to *train* with is a separate choice.
# (Hinton and Salakhutdinov, Science 2006, fine-tuned with cross-entropy on MNIST and reported squared error.) First you write the squared error, then you see what each loss does.
#
# **Your answer** (★★, 10 minutes)**:** write `loss(reconstructions, images)`, the squared error. Both arguments have shape (n, 1, 28, 28). It returns a tensor with one number: the squared difference at each pixel, summed over the pixels of an image, averaged over the images. (`ae.reconstruction_error` does the same; the point is to write it.)
#
# <details><summary>Hint 1</summary>
#
# Work it out by hand for two images of one pixel each, with differences 0.5 and 0.1: it should be 0.13.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Over what do you sum, and by what do you divide? `mean()` alone divides by images *and* pixels.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Keep everything a tensor to the end: `.item()`, `float()` and `.detach()` forget how the number was computed, and then `backward()` cannot work.
#
# </details>


# %% tags=["live"]
# Squared error, summed over pixels, averaged over images
# instructor minutes: 3
# instructor guess: "`mean()` alone does the same." It also divides by 784 pixels: the same network is best, but the number is another one.
# instructor ask: Two batches, of 10 and of 1,000 digits, equally well reconstructed: should the loss be larger for the second?
def loss(reconstructions, images):
    """The reconstruction error, a tensor with one number."""
    # answer:
    return (reconstructions - images).square().sum() / len(images)
    # student: return ...


# %%
ae.check.loss(loss)

# %% [markdown]
# ### What each loss does to images
#
# We train the same network with both losses, three times each, on the first 12,000 of the `practice` digits (embedded subset: once, on all), and measure three numbers on the validation digits: the squared error, the cross-entropy, and the **greyness** $\sum_i 4 \hat x_i (1 - \hat x_i)$, which
# counts the pixels that are neither black nor white, each by how grey it is.

# %%
few = replace(practice, train_images=practice.train_images[:12_000], train_labels=practice.train_labels[:12_000])
won = ["squared error", "cross-entropy", "neither: the seeds overlap"]
ae.predict(
    "07 squared error",
    "Training with which loss leaves the smaller *squared error* after two epochs, with all seeds?",
    won,
)

# %%
greyer = ["squared error", "cross-entropy", "neither: less than 6 % apart"]
ae.predict("07 greyness", "Which loss will make the greyer images?", greyer)


# %%
def cross_entropy(reconstructions, images):
    """Cross-entropy summed over the pixels of an image, averaged over images."""
    return functional.binary_cross_entropy(reconstructions, images, reduction="sum") / len(images)


def greyness(images):
    """How many pixels of an image are neither black nor white, each counted by how grey it is."""
    return (4 * images * (1 - images)).sum((1, 2, 3)).mean()


losses = {"squared error": ae.reconstruction_error, "cross-entropy": cross_entropy}
measures = {**losses, "greyness": lambda reconstructions, _: greyness(reconstructions)}


# %%
@torch.no_grad()
def measured(model):
    """All measures on the validation digits, 1,000 at a time: that saves memory."""
    parts = ((model(images), images) for images in practice.test_images.split(1_000))
    return torch.tensor([[each(*part).item() for each in measures.values()] for part in parts]).mean(0)


def train_with(measure, seed):
    """The layers of this exercise, trained with one of the losses; what is measured, and ten reconstructions."""
    ae.seed_everything(seed)
    model = ae.fully_connected((1, 28, 28), latent_size=32, hidden=(128, 64))
    objective = {"loss": lambda model, images: measure(model(images), images), "seed": seed}
    rate = 0.015 if digits.whole else 0.006  # 0.015: of five rates the best for both losses (whole MNIST)
    ae.fit(model, few.train_images, 2, learning_rate=rate, **objective)
    return measured(model), model(some).detach()


# %% tags=["nbval-ignore-output"] reason="the collapsed cell asserts it"
trained_with, reconstructed = {}, {"original": some}
for name, measure in losses.items():
    values, made = zip(*(train_with(measure, seed) for seed in range(3 if digits.whole else 1)), strict=True)
    trained_with[name] = torch.stack(values)  # seeds, measures
    reconstructed[name.replace(" ", "\n")] = made[0]

# %% tags=["collapsed"]
# what the text below says of the two losses, and what was to be predicted
squared, crossed = trained_with.values()
overlap = crossed[:, 0].min() < squared[:, 0].max() and squared[:, 0].min() < crossed[:, 0].max()
means = [results.mean(0) for results in (squared, crossed)]
smaller_squared_error = won[2] if overlap else won[int(means[0][0] > means[1][0])]
equally_grey = abs(means[1][2] / means[0][2] - 1) < 0.06
greyer_images = greyer[2] if equally_grey else greyer[int(means[0][2] < means[1][2])]
both, own = torch.cat([squared, crossed]), measured(nn.Identity())
assert both[:, 2].min() > 2 * own[2]
assert not digits.whole or ((both[:, 2] / (own[2] + 4 * both[:, 0]) - 1).abs().max() < 0.03 and own[1].round() == 46)
assert crossed[:, 1].max() < squared[:, 1].min()
assert not digits.whole or (overlap and equally_grey and 0 < means[0][0] - means[1][0] < 1)

# %% tags=["nbval-ignore-output", "predict"] reason="the collapsed cell asserts it"
print(f"{'trained with':15s}" + "".join(f"{name:>22s}" for name in measures))
for name, results in trained_with.items():
    print(f"{name:15s}" + "".join(f"{column.min():12.1f} to {column.max():6.1f}" for column in results.T))
print(f"greyness of the digits themselves: {own[2]:.1f}")

# %% tags=["predict"]
ae.plots.images(reconstructed, errors=True)

# %%
ae.reveal("07 squared error", smaller_squared_error)

# %%
ae.reveal("07 greyness", greyer_images)

# %% [markdown]
# What we saw on whole MNIST:
#
# - In **cross-entropy**, the networks trained with it are the better ones, with every seed.
# - In **squared error**, the ranges of the three seeds overlap after these two epochs.
# - **Greyness** differs by less than 6 %. Under either loss the best answer to doubt about a pixel is the mean of what it may be. If every pixel were that mean, the greyness would be that of the digits plus four times the squared error. All six networks are within 3 % of that, and more than twice as grey as the digits.
#
# **Your answer** (★★, 5 minutes)**:** Ada has trained with squared error, and her squared error on validation digits is 19. Ben has trained the same network with cross-entropy, and his cross-entropy on the same digits is 105.
# Whose network reconstructs better?
#
# - **a.** Ada's, since 19 is less than 105, and the smaller of two losses is always the better one.
# - **b.** Ben's, since cross-entropy learns most from those pixels that are completely wrong.
# - **c.** The two numbers cannot be compared: both networks have to be measured with the same loss.
# - **d.** Nothing can ever tell: networks with different losses are different kinds of things.

# %%
# answer:
answer = "c"
# student: answer = ...
ae.check.compare_losses(answer)

# %% [markdown]
# ## 6. Train, and watch one digit
#
# This is the loop of notebook 03, now in epochs and with two records: the error on digits that are **held out** from training, and the reconstruction of the first of them. Record both **before** the first epoch and after each one:
# `epochs` epochs give `epochs` + 1 numbers and `epochs` + 1 images.
#
# **Your answer** (★★★, 30 minutes)**:** write `train(model, digits, epochs)`. It trains the model on `digits.train_images`, each once in every epoch and in a random order, and returns two lists, `errors` and `snapshots`: errors on `digits.test_images`, and reconstructions of shape (1, 28, 28).
# The caller decides which digits these are; section 7 passes `few`. Measure errors with `ae.evaluate(model, images)`, and take the images with `snapshot`. We take mini-batches of 64, and Adam with a learning rate of 0.005.
#
# <details><summary>Hint 1</summary>
#
# One epoch goes once through all training images, in random order, batch by batch. `torch.randperm(n)` is a random order of the numbers from 0 to n - 1, and `.split(64)` cuts it into batches.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Five steps for each batch: reconstruct, measure, set the gradients to zero, compute new ones, move the parameters. All five are in section 1 of notebook 03.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `errors` begins as `[ae.evaluate(model, digits.test_images)]`, and `snapshots` in the same way. After each epoch, append one entry to each. How far must that line be indented?
#
# </details>


# %%
def snapshot(model, digits):
    """The first of the held-out digits (1, 28, 28), as the model reconstructs it now."""
    with torch.no_grad():  # we only look
        return model(digits.test_images[:1])[0]


# %% tags=["live"]
# The training loop: errors and snapshots from before the first epoch on
# instructor minutes: 6
# instructor guess: "`epochs` passes give `epochs` errors." One more: the first is measured before training.
# instructor ask: How many errors would be recorded if the two `append` lines stood one step further to the right?
def train(model, digits, epochs):
    """Train on digits.train_images; errors on digits.test_images and snapshots, epochs + 1 of each."""
    # answer:
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    errors, snapshots = [ae.evaluate(model, digits.test_images)], [snapshot(model, digits)]
    for _ in range(epochs):
        for batch in torch.randperm(len(digits.train_images)).split(64):
            images = digits.train_images[batch]
            optimizer.zero_grad()
            loss(model(images), images).backward()
            optimizer.step()
        errors.append(ae.evaluate(model, digits.test_images))
        snapshots.append(snapshot(model, digits))
    return errors, snapshots
    # student: return ...


# %% tags=["nbval-ignore-output"]
ae.check.train(train)

# %% [markdown]
# ## 7. 32 against 2
#
# Now we compare two bottlenecks, 32 latent variables and 2. Again we train on `few`; its validation digits are those of `practice`.

# %%
ae.predict("07 times", "The error through 2: how many times as large as the error through 32?", (1.0, 10.0))

# %% [markdown]
# **Your answer** (★★, 15 minutes)**:** fill three dictionaries whose keys are the latent sizes 32 and 2: the trained `models`, their `errors` and their `snapshots`. Train on `few` for `epochs` epochs. (With `ae.fit` in place of `train`, take `batch_size=64, learning_rate=0.005`, and fill
# `models` alone.)
#
# <details><summary>Hint 1</summary>
#
# Write a loop over the two sizes. In it, make a new model and call `train` once. `ae.seed_everything(0)` before each model makes the result repeatable.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `models[latent_size] = ...` writes into a dictionary, and `errors[latent_size], snapshots[latent_size] = ...` takes both results of `train` at once.
#
# </details>

# %% tags=["live", "nbval-ignore-output"] reason="prints nothing; the next cell checks"
# Train with 32 and with 2 latent variables
# instructor minutes: 4
# instructor guess: "A sixteenth of the numbers, so about sixteen times the error." About twice the error, after these few epochs.
# instructor ask: Would the network with 2 reach the other one's error if it were trained ten times as long?
models, errors, snapshots = {}, {}, {}
# answer:
for latent_size in (32, 2):
    ae.seed_everything(0)
    models[latent_size] = make_autoencoder(latent_size)
    errors[latent_size], snapshots[latent_size] = train(models[latent_size], few, epochs)
# student: models = ...

# %% [markdown]
# If you have passed, the figure shows the first validation digit before training and after each epoch: through 32 numbers in the first row, through 2 in the second.

# %% tags=["nbval-ignore-output", "expected"]
compared = ae.check.latent_sizes(models)
watched = {f"through {size}": torch.stack([*shots]).reshape(-1, 1, 28, 28) for size, shots in snapshots.items()}
epoch_titles = [f"epoch {epoch}" for epoch in range(max(map(len, watched.values()), default=0))]
compared and watched and ae.plots.images(watched, titles=epoch_titles)

# %% [markdown]
# And these are the errors that you recorded, beside **baselines**: the mean image (printed), PCA (on its training images the best linear encoder and decoder), and the look-up of notebook 04, on 500 digits: its code is one number, the place of the nearest training digit.

# %% tags=["nbval-ignore-output"] reason="draws what the student's train recorded; the collapsed cell below asserts it"
*by_pca, of_mean_image = ae.pca_error([32, 2, 0], few.train_images, few.test_images)
print(f"the mean image for every digit: an error of {of_mean_image:.1f}")
baselines = dict(zip(["PCA, 32", "PCA, 2"], by_pca, strict=True))
distances = torch.cdist(few.test_images[:500].flatten(1), few.train_images.flatten(1))
baselines["look-up, 500 digits"] = distances.min(1).values.square().mean().item()
recorded = {f"through {size}": [float(error) for error in several] for size, several in errors.items()}
compared and recorded and ae.plots.errors_by_epoch(recorded, baselines)

# %%
# answer:
for several in errors.values():
    assert several[0] - several[1] > 0.75 * (several[0] - several[-1])
    assert several[0] - of_mean_image > 0.8 * (several[0] - several[1])
assert errors[2][-1] < baselines["PCA, 2"] and errors[32][-1] > baselines["PCA, 32"]
assert baselines["look-up, 500 digits"] < ae.evaluate(models[2], few.test_images[:500])
ae.seed_everything(0)
same_layers = ae.fully_connected((1, 28, 28), latent_size=32, hidden=(128, 64))
ae.fit(same_layers, few.train_images, epochs, learning_rate=0.01)
assert not digits.whole or ae.evaluate(same_layers, few.test_images) < baselines["PCA, 32"]
# student: # In which epoch does each network gain most? Which of the two beats PCA?

# %% [markdown]
# <details><summary><b>What we saw</b></summary>
#
# With our answers, the first epoch brings most of the gain, but the mean image alone gives more than four fifths of that. Through 2, the network beats PCA, whose reconstructions lie in a plane, but not the look-up. Through 32, PCA is still ahead. The layers are not to blame: made by `ae.fully_connected` and trained by `ae.fit`, the same layers beat PCA after as many epochs (whole MNIST).
#
# </details>
#
# Now ten validation digits through both, each with its error below:

# %% tags=["gallery"]
if compared:
    with torch.no_grad():
        rows = {"original": some, "through 32": models[32](some), "through 2": models[2](some)}
compared and ae.plots.images(rows, errors=True)

# %% tags=["nbval-ignore-output"] reason="the next question asserts it"
if compared:
    error = {size: ae.evaluate(models[size], practice.test_images) for size in (32, 2)}
    print(f"all validation digits: {error[32]:.1f} through 32, {error[2]:.1f} through 2, ", end="")
    print(f"{error[2] / error[32]:.1f} times as large")
    decoder_sizes = {size: ae.count_parameters(models[size].decoder) for size in (32, 2)}
    print(f"parameters in the decoder: {decoder_sizes[32]:,} and {decoder_sizes[2]:,}")

# %% tags=["collapsed"]
if compared:
    ae.reveal("07 times", error[2] / error[32])

# %% [markdown]
# **Your answer** (★★, 10 minutes)**:** *why* is the error through 2 so much larger? Choose the statement that explains it.
#
# - **a.** Two numbers cannot hold the values of 784 pixels: there is no room for that much information in them.
# - **b.** The network with 2 needs more epochs; given enough of them, it would reach the error of the other one.
# - **c.** The decoder bends a plane without tearing it, and digits differ in more directions than its bent sheet follows.
# - **d.** The decoder of the smaller network has far fewer parameters, so it can draw only a few kinds of strokes.
# - **e.** There are ten digits, so a code needs at least ten numbers, one for each kind of digit.
#
# <details><summary>Hint</summary>
#
# You can test some of these: look at the parameters printed above, at the curves of `errors`, and at section 2 of notebook 04.
#
# </details>

# %%
# answer:
answer = "c"
assert error[2] > (1.7 if digits.whole else 1.3) * error[32]
# student: answer = ...
ae.check.why_two_is_too_few(answer)

# %% [markdown]
# ## 8. A map of the codes
#
# The encoder puts every digit at one point of the latent space. With 2 latent variables, that is already a map. Codes of 32 numbers have to be flattened first: PCA finds the two directions in which they vary most.
#
# **Your answer** (★★, 15 minutes)**:** write `project(codes)`. It takes codes of shape (n, latent) and returns (n, 2) numbers: how far each code lies from the mean code along the first and along the second principal component.
#
# <details><summary>Hint 1</summary>
#
# Notebook 06 draws such a map. `PCA` of scikit-learn, or `torch.linalg.svd` of the centred codes.
#
# </details>
# <details><summary>Hint 2</summary>
#
# PCA gives the directions (`components_`), their variances (`explained_variance_`), and the coordinates of the codes along the directions. Which of the three makes a map?
#
# </details>
# <details><summary>Hint 3</summary>
#
# `fit_transform` gives the coordinates as a NumPy array; `torch.from_numpy` turns it into a tensor.
#
# </details>


# %% tags=["live"]
# Flatten codes to two numbers by PCA
# instructor minutes: 3
# instructor guess: "The map of 32 numbers keeps nearly all neighbours, as the codes do." The nearest neighbour is the same digit for fewer than half, in all 32 numbers for about nine in ten.
# instructor ask: Before you see the maps: which will be tidier, 32 numbers flattened to 2, or 2 numbers as they are?
def project(codes):
    """The codes (n, latent) along their first two principal components, (n, 2)."""
    # answer:
    return torch.from_numpy(PCA(2).fit_transform(codes.numpy()))
    # student: return ...


# %%
def codes_of(size):
    """Codes (n, size) of the validation digits, from the model with that latent size."""
    with torch.no_grad():
        return models[size].encoder(practice.test_images)


# %% [markdown]
# The network was never told which digit is which. On the map of 32 numbers flattened to 2, each digit has a nearest neighbour. How often is it the same digit?

# %%
question = "For what percentage of the digits is the nearest neighbour on that map the same digit?"
ae.predict("07 neighbours", question, (0, 100))

# %% tags=["expected"]
mapped = ae.check.project(project) and compared
if mapped:
    maps = {"32, flattened": torch.as_tensor(project(codes_of(32))), "2, as they are": codes_of(2)}
mapped and ae.plots.code_maps(maps, practice.test_labels)

# %% [markdown]
# The labels only choose how a point is drawn (its digit, its colour) and where the large digits stand, not where the points lie. How well does each map keep similar digits together? Notebook 06 measured it by **nearest-neighbour accuracy**, the share of digits whose nearest neighbour is the same digit. Here we take 4,000 digits (embedded subset: all), and their pixels:

# %% tags=["nbval-ignore-output"] reason="the next question asserts it"
if mapped:
    spaces = {"32 numbers": codes_of(32), "the same, flattened": maps["32, flattened"], "2 numbers": codes_of(2)}
    spaces["784 pixels"] = pixels = practice.test_images[:4_000].flatten(1)
    spaces["the pixels, flattened"] = PCA(2).fit_transform(pixels.numpy())
    labels = practice.test_labels[:4_000]
    kept = {name: ae.nearest_neighbour_accuracy(space[:4_000], labels, "euclidean") for name, space in spaces.items()}
    for name, share in kept.items():
        print(f"{name}: the nearest neighbour is the same digit for {share:.0%}")

# %% tags=["collapsed"]
if mapped:
    ae.reveal("07 neighbours", 100 * kept["the same, flattened"])

# %% [markdown]
# **Your answer** (★★, 10 minutes)**:** what do the maps show? Choose the one statement that they, the images and the printed shares support.
#
# - **a.** The same digits lie together because training was told the labels and moved their codes together.
# - **b.** Similar digits lie close together though no label was used; codes that overlap on the left map may lie apart.
# - **c.** Where 4 and 9 overlap on the left map, the encoder with 32 numbers gives them the same codes.
# - **d.** The two axes of the left map are the two most important of the 32 latent variables; the others matter less.
# - **e.** The right map is the tidier one, with clearer clusters, so the code of 2 numbers is the better code.
#
# <details><summary>Hint</summary>
#
# Ask what would make each statement true: what did `train` see, what does the left map leave out, which shares were printed?
#
# </details>

# %%
# answer:
answer = "b"
assert kept["the same, flattened"] < kept["32 numbers"] - (0.3 if digits.whole else 0.2)
assert 0.2 < kept["the same, flattened"] < 0.5 and (kept["32 numbers"] > 0.85 or not digits.whole)
# student: answer = ...
ae.check.what_the_map_shows(answer)

# %% [markdown]
# ## 9. Beat the target
#
# The last task is open (★★★, an hour or more). **Train an autoencoder with at most 32 latent variables whose error on the test digits is below 5** (below 9 on the embedded subset). Any width, any depth, any loss and schedule; only the code must not
# have more than 32 numbers.
#
# **The rule:** train on `practice.train_images` and choose by the error on `practice.test_images`, the validation set, as often as you like. The check at the end looks at the test digits. Run it **once**, when you have made your choice.
# (The check remembers your personal best. If you run it again and again and choose by it, the test set becomes a second validation set.)
#
# Work like an experimenter. Change one thing at a time; write down the change, your **prediction** and the result; explain each surprise.
#
# | change | predicted error | validation error | why? |
# |---|---|---|---|
# | the network of section 7, trained with `ae.fit` | | | |
# | the same layers, made by `ae.fully_connected` | | | |
#
# <details><summary>Hint 1</summary>
#
# Start with your network from above and `ae.fit`, which raises the learning rate at first and lowers it towards the end.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Notebook 05 compared wide and deep networks. Which was ahead at 20 latent variables? And what did `ae.fully_connected` choose for them with care, before training?
#
# </details>
# <details><summary>Hint 3</summary>
#
# One hidden layer on each side is enough: ours has a width of 512 (embedded subset: 256).
#
# </details>

# %% tags=["live", "nbval-ignore-output"] reason="the check below tests it"
# The best autoencoder with 32 latent variables that you can train
# instructor minutes: 6
# instructor guess: "It takes more layers, or hundreds of epochs." One hidden layer of 512 on each side and 3 epochs are enough: about 4.65 on the validation digits.
# instructor ask: Which one thing would you change first, and which validation error do you predict?
ae.seed_everything(0)
# answer:
width, passes, batch_size = (512, 3, 128) if digits.whole else (256, 8, 32)
champion = ae.fully_connected((1, 28, 28), latent_size=32, hidden=(width,))
history = ae.fit(champion, practice.train_images, passes, batch_size=batch_size, learning_rate=0.006)
# student: champion = ...
if isinstance(champion, nn.Module):
    print(f"validation error {ae.evaluate(champion, practice.test_images):.2f}")

# %% [markdown]
# Is this your choice? Then, once:

# %% tags=["nbval-ignore-output"]
ae.check.record(champion)

# %%
ae.check.progress(7)

# %% [markdown]
# ## What to remember
#
# - Images become float32 (n, 1, 28, 28) in [0, 1]. The encoder flattens, the decoder folds; the code is free, the output ends in a sigmoid.
# - Choose by validation images that are cut from the training set. Look at the test set once, at the end.
# - Squared error assumes Gaussian noise, cross-entropy pixels that are black or white. Say which one you trained with and which one you report; never compare their values.
# - Compare each error with baselines: the mean image, the look-up, PCA.
# - With two latent variables the decoder draws a bent sheet, and digits differ in more directions than it follows.
# - A flat map is a shadow of the codes. What overlaps in the shadow need not overlap in the codes.
#
# **Where next:** notebook 08 builds with convolutions.
