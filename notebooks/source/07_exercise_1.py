# %% [markdown]
# # 07 Exercise 1: introduction to autoencoders
#
# **Purpose:** build, train and question an autoencoder for handwritten digits, every part of it with your own hands.
#
# After this notebook you can
#
# - prepare images for a network, and build an encoder and a decoder that mirror each other;
# - write a loss and a training loop, and measure on images that training never saw;
# - say what 2 latent variables lose that 32 keep, and why;
# - read a map of codes without reading too much into it.
#
# You need notebooks 03 and 04; 05 and 06 help. With all answers filled in it takes about {{seconds}} seconds to run on two processor cores. Take an evening for it.
#
# ## How this works
#
# Each step has a cell in which you replace `...` by your answer. The cell below it checks at once: what it saw, what it expected, and a hint if something is amiss.
# Run it as often as you like. Further hints unfold on demand; try without them first.
#
# **Stuck at a step?** Go on. What the course brings along can stand in for your part, and you can come back later:
#
# | instead of your own | take |
# |---|---|
# | encoder and decoder | `ae.fully_connected` of notebook 05 |
# | loss | `ae.reconstruction_error` |
# | training | `ae.fit` |

# %%
import aeutils as ae
from sklearn.decomposition import PCA
import torch
from torch import nn

# %% [markdown]
# The data: the digits of MNIST, and the first of the test digits, which we will watch while the network learns.

# %% tags=["nbval-ignore-output"]
digits = ae.load_mnist()
rounds = 1 if digits.whole else 4  # the embedded subset is 15 times smaller: go through it more often
assert digits.train_images.shape[1:] == (1, 28, 28)

# %% [markdown]
# ## 1. Prepare the images
#
# Image files hold bytes: whole numbers from 0 to 255. A network wants floats in a range that its last layer can reach, and it wants to know how many
# channels an image has. Here are some digits as they stand in the file.

# %%
raw = (digits.test_images[:10] * 255).round().byte().squeeze(1)
print(f"{raw.dtype}, shape {tuple(raw.shape)}, from {raw.min()} to {raw.max()}")

# %% [markdown]
# **Your answer:** write `prepare(raw)`. It takes `uint8` of shape (n, 28, 28), and returns `float32` of shape (n, 1, 28, 28) from 0 to 1.
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
def prepare(raw):
    """Bytes (n, 28, 28) as float32 (n, 1, 28, 28) in [0, 1]."""
    # answer:
    return raw.float().unsqueeze(1) / 255
    # student: return ...


# %% tags=["expected"]
ae.check.prepare(prepare) and ae.plots.images({"prepared": prepare(raw)})

# %% [markdown]
# `ae.load_mnist` has done the same for all digits, so from here on we use `digits.train_images` and `digits.test_images` as they are.

# %% [markdown]
# ## 2. The encoder
#
# The encoder turns an image into a code, in three linear layers: 784 → 128 → 64 → `latent_size`. Between the layers stands a function that bends (an *activation*), or three layers
# would be no more than one. The code itself may be any number.
#
# **Predict:** what would be lost if the last layer were followed by a ReLU as well?
#
# **Your answer:** write `make_encoder(latent_size)`. It returns a new network that turns images (n, 1, 28, 28) into codes (n, `latent_size`).
#
# <details><summary>Hint 1</summary>
#
# `nn.Sequential` puts layers in a row. A linear layer wants its numbers in a row too, and an image is a square.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `nn.Flatten()`, then `nn.Linear(inputs, outputs)` three times. What one gives, the next must take. Where does `latent_size` stand?
#
# </details>
# <details><summary>Hint 3</summary>
#
# Two activations for three layers: there are two gaps between them.
#
# </details>


# %% tags=["live"]
# The encoder: 784 -> 128 -> 64 -> latent_size
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
# The decoder goes the same way back: `latent_size` → 64 → 128 → 784, and folds the 784 numbers into an image again. Its last layer has to reach every value that a pixel can have,
# and none besides.
#
# **Your answer:** write `make_decoder(latent_size)`. It returns a new network that turns codes (n, `latent_size`) into images (n, 1, 28, 28) with pixels from 0 to 1.
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
# The decoder: the way back, and pixels from 0 to 1
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
# **Your answer:** write `make_autoencoder(latent_size)`. It returns one network with the parts `.encoder` and `.decoder`; calling it reconstructs images.
#
# **Predict:** the figure shows what the *untrained* network makes of the digits. What will that look like?
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
def make_autoencoder(latent_size):
    """An autoencoder with the parts .encoder and .decoder."""
    # answer:
    return ae.Autoencoder(make_encoder(latent_size), make_decoder(latent_size))
    # student: return ...


# %% tags=["expected"]
some = digits.test_images[:10]
ae.check.autoencoder(make_autoencoder) and ae.plots.images({"in": some, "out,\nuntrained": make_autoencoder(32)(some)})

# %% [markdown]
# ## 5. The loss
#
# Training makes one number smaller. For us that is the **reconstruction error**: the difference at each pixel, squared, summed over the pixels of an image, averaged over the images.
#
# **Your answer:** write `loss(reconstructions, images)`, both of shape (n, 1, 28, 28). It returns a tensor with this one number. (`ae.reconstruction_error` does the same; the point is to write it.)
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
# Stay with tensors to the end: `.item()`, `float()` and `.detach()` forget how the number came about, and then `backward()` cannot work.
#
# </details>


# %% tags=["live"]
# Squared error, summed over pixels, averaged over images
def loss(reconstructions, images):
    """The reconstruction error, a tensor with one number."""
    # answer:
    return (reconstructions - images).square().sum() / len(images)
    # student: return ...


# %%
ae.check.loss(loss)

# %% [markdown]
# ## 6. Train, and watch one digit
#
# The loop of notebook 03, with two things to write down on the way: how large the error is on the *test* digits, and what the first test digit looks like when reconstructed. Both **before** the first epoch and after each one,
# so that `epochs` epochs give `epochs` + 1 numbers and `epochs` + 1 images.
#
# **Your answer:** write `train(model, digits, epochs)`. It trains the model on `digits.train_images` and returns two lists, `errors` and `snapshots`: test errors, and reconstructions of shape (1, 28, 28).
# Measure with `ae.evaluate(model, images)`; for the images there is `snapshot`. Batches of 128 and Adam with a learning rate of 0.003 do well.
#
# <details><summary>Hint 1</summary>
#
# One epoch goes once through all training images, in random order, batch by batch. `torch.randperm(n)` is a random order of n numbers, `.split(128)` cuts it into batches.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Five steps for each batch: reconstruct, measure, set the gradients to zero, compute new ones, move the parameters. All five are in section 1 of notebook 03.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `errors` begins as `[ae.evaluate(model, digits.test_images)]`, `snapshots` in the same way; when an epoch is over, each gets one more. How far must that line be indented?
#
# </details>


# %%
def snapshot(model, digits):
    """The first test digit (1, 28, 28), as the model reconstructs it now."""
    with torch.no_grad():  # we only look
        return model(digits.test_images[:1])[0]


# %% tags=["live"]
# The training loop: errors and snapshots from before the first epoch on
def train(model, digits, epochs):
    """Train on digits.train_images; test errors and reconstructions of the first test digit, epochs + 1 of each."""
    # answer:
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    errors, snapshots = [ae.evaluate(model, digits.test_images)], [snapshot(model, digits)]
    for _ in range(epochs):
        for batch in torch.randperm(len(digits.train_images)).split(128):
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
# Now in earnest, with two bottlenecks: 32 latent variables, and 2.
#
# **Predict:** how many times larger will the error be with 2? What will the digits look like?
#
# **Your answer:** fill three dictionaries whose keys are the latent sizes 32 and 2: the trained `models`, their `errors` and their `snapshots`. Train for `5 * rounds` epochs. (With `ae.fit` in place of `train`, fill
# `models` alone.)
#
# <details><summary>Hint 1</summary>
#
# A loop over the two sizes; in it a new model, and one call of `train`. `ae.seed_everything(0)` before each makes it repeatable.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `models[latent_size] = ...` writes into a dictionary, and `errors[latent_size], snapshots[latent_size] = ...` takes both results of `train` at once.
#
# </details>

# %% tags=["live", "nbval-ignore-output"] reason="prints nothing; the next cell checks"
# Train with 32 and with 2 latent variables
models, errors, snapshots = {}, {}, {}
# answer:
for latent_size in (32, 2):
    ae.seed_everything(0)
    models[latent_size] = make_autoencoder(latent_size)
    errors[latent_size], snapshots[latent_size] = train(models[latent_size], digits, 5 * rounds)
# student: models = ...

# %% [markdown]
# If you have passed, the figure shows your first test digit before training and after each fifth of it, above through 32 numbers, below through 2.

# %% tags=["nbval-ignore-output", "expected"]
compared = ae.check.latent_sizes(models)
watched = {f"through {size}": torch.stack([*shots]).reshape(-1, 1, 28, 28) for size, shots in snapshots.items()}
compared and watched and ae.plots.images({label: shots[::rounds] for label, shots in watched.items()})

# %% [markdown]
# Most is won in the first epochs. Later ones still sharpen what comes through 32; through 2 little more is to be had. Now ten test digits through both, each over its error:

# %% tags=["gallery"]
if compared:
    with torch.no_grad():
        rows = {"original": some, "through 32": models[32](some), "through 2": models[2](some)}
compared and ae.plots.images(rows, errors=True)

# %% tags=["nbval-ignore-output"]
if compared:
    error = {size: ae.evaluate(model, digits.test_images) for size, model in models.items()}
    print(f"all test digits: {error[32]:.1f} through 32, {error[2]:.1f} through 2, ", end="")
    print(f"{error[2] / error[32]:.1f} times as large")
    decoder_sizes = {size: ae.count_parameters(model.decoder) for size, model in models.items()}
    print(f"parameters in the decoder: {decoder_sizes[32]:,} and {decoder_sizes[2]:,}")
    assert error[2] > 1.2 * error[32]

# %% [markdown]
# **Your answer:** *why* is the error through 2 so much larger? Choose the statement that explains it.
#
# - **a.** There is no room in two numbers for the values of 784 pixels.
# - **b.** The network with 2 needs more epochs; given enough of them, it would get where the other one is.
# - **c.** Two numbers span a plane, and the decoder bends it smoothly. Digits differ in more ways than a sheet can follow, so images that differ must share nearly the same code.
# - **d.** The decoder of the smaller network has far fewer parameters.
# - **e.** There are ten digits, so it takes at least ten numbers, one for each.
#
# <details><summary>Hint</summary>
#
# Some of these can be tested: look at the parameters printed above, at the course of `errors`, and at section 2 of notebook 04.
#
# </details>

# %%
# answer:
answer = "c"
# student: answer = ...
ae.check.why_two_is_too_few(answer)

# %% [markdown]
# ## 8. A map of the codes
#
# The encoder puts every digit at one point of the latent space. With 2 latent variables that is a map already. 32 have to be flattened first: PCA finds the two directions in which the codes vary most.
#
# **Your answer:** write `project(codes)`. It takes codes of shape (n, latent) and returns a tensor (n, 2): how far each code lies from the mean code along the first and along the second principal component.
#
# **Predict:** nobody told the network which digit is which. Will equal digits lie together?
#
# <details><summary>Hint 1</summary>
#
# Notebook 06 draws such a map. `PCA` of scikit-learn, or `torch.linalg.svd` of the centred codes.
#
# </details>
# <details><summary>Hint 2</summary>
#
# There are the directions (`components_`), how much they hold (`explained_variance_`), and the places of the codes along them. Which of the three makes a map?
#
# </details>
# <details><summary>Hint 3</summary>
#
# `fit_transform` gives the places as a NumPy array; `torch.from_numpy` makes a tensor of it.
#
# </details>


# %% tags=["live"]
# Flatten codes to two numbers by PCA
def project(codes):
    """The codes (n, latent) along their first two principal components, (n, 2)."""
    # answer:
    return torch.from_numpy(PCA(2).fit_transform(codes.numpy()))
    # student: return ...


# %%
def codes_of(size):
    """Codes (n, size) of the test digits, from the model with that latent size."""
    with torch.no_grad():
        return models[size].encoder(digits.test_images)


# %% tags=["expected"]
mapped = ae.check.project(project) and compared
if mapped:
    maps = {"32, flattened": torch.as_tensor(project(codes_of(32))), "2, as they are": codes_of(2)}
mapped and ae.plots.code_maps(maps, digits.test_labels)

# %% [markdown]
# The labels only choose the colours. How much of the neighbourhood is left on each map? Notebook 06 measured it as the share of digits whose nearest neighbour is the same digit:

# %% tags=["nbval-ignore-output"]
if mapped:
    spaces = {"32 numbers": codes_of(32), "the same, flattened": maps["32, flattened"], "2 numbers": codes_of(2)}
    kept = {
        name: ae.nearest_neighbour_accuracy(space, digits.test_labels, "euclidean") for name, space in spaces.items()
    }
    for name, share in kept.items():
        print(f"{name}: the nearest neighbour is the same digit for {share:.0%}")
    assert kept["the same, flattened"] < kept["32 numbers"]

# %% [markdown]
# **Your answer:** what do the maps show? Choose the one statement that they, the images and the printed shares bear out.
#
# - **a.** Equal digits lie together because training was told which digits are equal.
# - **b.** Digits that look alike lie near each other, though no label was ever seen; and where two kinds overlap on the left map, their codes may still lie apart.
# - **c.** Where 4 and 9 overlap on the left map, the encoder with 32 numbers gives them the same codes.
# - **d.** The two axes of the left map are the two most important of the 32 latent variables.
# - **e.** The right map is the tidier one, so the code of 2 numbers is the better code.
#
# <details><summary>Hint</summary>
#
# Ask of each statement what it would take to be true: what did `train` get to see, what is left out on the left map, which shares were printed?
#
# </details>

# %%
# answer:
answer = "b"
# student: answer = ...
ae.check.what_the_map_shows(answer)

# %% [markdown]
# ## 9. Beat the target
#
# The last task is open. **Train an autoencoder with at most 32 latent variables whose error on the test digits is below 5** (below 8 on the embedded subset). Any width, any depth, any way to train; only the code must not
# have more than 32 numbers, and the test digits must have no part in training. The check keeps your personal best, also between sessions.
#
# You may use what the course brings along. Long training is not needed.
#
# <details><summary>Hint 1</summary>
#
# Change one thing at a time, and write down what it gained. Start with your network from above under `ae.fit`, which raises and lowers the learning rate on the way.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Notebook 05 compared wide with deep at 20 latent variables. Which was ahead, when there was room enough in the code?
#
# </details>
# <details><summary>Hint 3</summary>
#
# One hidden layer on each side is enough, if it is several hundred wide.
#
# </details>

# %% tags=["live", "nbval-ignore-output"] reason="prints nothing; the next cell checks"
# The best autoencoder with 32 latent variables that you can train
ae.seed_everything(0)
# answer:
champion = ae.fully_connected((1, 28, 28), latent_size=32, hidden=(512,))
batch_size = 256 if digits.whole else 64
history = ae.fit(champion, digits.train_images, 5 * rounds, batch_size=batch_size, learning_rate=0.006)
# student: champion = ...

# %% tags=["nbval-ignore-output"]
ae.check.record(champion)

# %%
ae.check.progress(7)

# %% [markdown]
# ## What to remember
#
# - Images become float32 (n, 1, 28, 28) in [0, 1]. The encoder flattens, the decoder folds; the code is free, the output ends in a sigmoid.
# - The loss compares the reconstruction with the image itself. Labels have no part in it, and test images have no part in training.
# - Write down the error *before* training: only against that does a number after it say something.
# - Two latent variables hold a sheet, and digits differ in more ways than a sheet can follow.
# - A map is a shadow of the codes. What overlaps in the shadow need not overlap in the codes.
#
# **Where next:** you have built by hand what notebooks 03 to 06 took apart. The next notebooks leave the fully connected layers behind.
