# %% [markdown]
# # 03 The simplest autoencoder
#
# **Purpose:** build an autoencoder from one layer in and one layer out, and see what decides whether it is any good.
#
# After this notebook you can
#
# - name the parts of an autoencoder: encoder, code, decoder, reconstruction, reconstruction error;
# - write the training loop yourself;
# - tell whether a network has learned *images* or has learned *one answer by heart*;
# - recognise three traps that catch nearly everybody.
#
# You need Python and an idea of what fitting a line to data means. It takes about {{seconds}} seconds to run on two processor cores.

# %%
import aeutils as ae
import torch
from torch import nn

# %% [markdown]
# ## 1. One layer in, one layer out
#
# An **autoencoder** is a network that is asked to give back what it was given. That would be trivial, were it not for its
# middle: the image has to pass through a handful of numbers.
#
# - The **encoder** turns an image $x$ into a few numbers $z$, the **code** (or *latent vector*).
# - The **decoder** turns the code $z$ into an image $\hat{x}$, the **reconstruction**.
#
# Here is the image that we begin with: a portrait of 100 × 100 pixels. Each pixel is a number between 0 (black) and 1 (white).

# %%
portrait = ae.load_image("astronaut", size=100, crop=(0, 110, 230))
print("shape (images, channels, height, width):", tuple(portrait.shape))
print(f"darkest pixel {portrait.min():.2f}, brightest pixel {portrait.max():.2f}")

# %%
ae.plots.images({"portrait": portrait})

# %% [markdown]
# A **fully connected layer** (`nn.Linear`) computes each of its outputs as a weighted sum of all its inputs, plus a constant (the *bias*).
# The encoder is one such layer: 10,000 pixels in, 20 numbers out. The decoder is another: 20 numbers in, 10,000 pixels out.
#
# A weighted sum can be any number, but a pixel lies between 0 and 1. The *sigmoid* function $1 / (1 + e^{-a})$ squeezes
# any number $a$ into that range, so it comes last.

# %% tags=["live"]
# the whole network: one layer in, one layer out
ae.seed_everything(0)  # the same random start every time
encoder = nn.Sequential(nn.Flatten(), nn.Linear(10_000, 20))
decoder = nn.Sequential(nn.Linear(20, 10_000), nn.Sigmoid(), nn.Unflatten(1, (1, 100, 100)))
model = ae.Autoencoder(encoder, decoder)
model

# %% [markdown]
# **Predict:** how many numbers (*parameters*) can training change in this network? Work it out before you run the next cell.

# %%
# a weight for each pair of a pixel and a code number, and a bias for each output
encoder_parameters = 10_000 * 20 + 20
decoder_parameters = 20 * 10_000 + 10_000
print(f"{encoder_parameters:,} in the encoder + {decoder_parameters:,} in the decoder")
assert encoder_parameters + decoder_parameters == ae.count_parameters(model) == 410_020

# %% [markdown]
# ### How wrong is a reconstruction?
#
# We measure it as the lecture does: take the difference at each pixel, square it, and **sum over all pixels** of the image,
#
# $$L = \sum_i (x_i - \hat{x}_i)^2 .$$
#
# With several images, $L$ is averaged over them. This number is the **reconstruction error** in the whole course.
# Divided by the number of pixels it is the error *per pixel*, which is easier to compare between images of different sizes.

# %% tags=["live"]
# the difference at each pixel, squared, and summed over all pixels
untrained_error = ((portrait - model(portrait)) ** 2).sum()
assert torch.isclose(untrained_error, ae.reconstruction_error(model(portrait), portrait))
print(f"untrained: {untrained_error:.0f} in all, {untrained_error / 10_000:.3f} per pixel")

# %% [markdown]
# ### The training loop, in the open
#
# Training repeats five steps: *reconstruct* the image, *measure* the error, find out in which direction each parameter should
# move to lessen the error (its *gradient*, computed by `backward`), *move* all parameters a little that way (done by the
# *optimizer*; `Adam` is one that adapts the length of the step), and begin again.
#
# This is the only time in the course that the loop is written out. From then on `ae.fit` does the same.

# %% tags=["live", "nbval-ignore-output"]
# the training loop: reconstruct, measure, find the direction, move, and again
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)  # lr: learning rate, the length of a step
for step in range(301):
    reconstruction = model(portrait)
    error = ae.reconstruction_error(reconstruction, portrait)
    optimizer.zero_grad()  # forget the gradients of the last step
    error.backward()  # compute the new ones
    optimizer.step()  # move every parameter
    if step % 60 == 0:
        print(f"step {step:3d}: error {error.item():8.2f}, per pixel {error.item() / 10_000:.6f}")
assert error.item() / 10_000 < 0.001

# %% [markdown]
# ## 2. Compare, pixel by pixel
#
# Left to right: what went in, what came out, the difference, and every single pixel: its value going in against its value coming
# out. A perfect reconstruction would put all points on the grey diagonal.

# %% tags=["nbval-ignore-output"]
reconstruction = model(portrait).detach()  # detach: we only look, no gradients needed
assert ae.per_pixel_error(reconstruction, portrait) < 0.001
ae.plots.pixel_by_pixel(portrait, reconstruction)

# %% [markdown]
# ## 3. Encoder and decoder, apart
#
# The two halves can be used on their own. The encoder gives the code: 20 numbers instead of 10,000.

# %% tags=["live"]
# the encoder alone: from the portrait to its code
code = model.encoder(portrait).detach()
print("the code has shape", tuple(code.shape))

# %%
ae.plots.code_bars(code[0])

# %% [markdown]
# Somebody who has the decoder needs only these 20 numbers to see the portrait.

# %% tags=["live"]
# the decoder alone: from the code to the image
decoded = model.decoder(code).detach()
assert torch.allclose(decoded, reconstruction, atol=1e-5)  # the same as going through both halves at once
ae.plots.images({"portrait": portrait, "decoded\nfrom 20 numbers": decoded})

# %% [markdown]
# ## 4. Feed it something else
#
# 10,000 pixels in 20 numbers, hardly an error: that looks like splendid compression.
#
# **Predict:** what comes out when we put a cat in? A cat? A blurred cat? Noise?

# %% tags=["live", "nbval-ignore-output"]
# a cat goes in; what comes out, and what is it nearer to?
cat = ae.load_image("chelsea", size=100, crop=(20, 120, 230))
from_cat = model(cat).detach()
to_portrait = ae.per_pixel_error(from_cat, portrait)
to_cat = ae.per_pixel_error(from_cat, cat)
print(f"what came out differs from the portrait by {to_portrait:.4f} per pixel, from the cat by {to_cat:.4f}")
assert to_portrait < to_cat

# %% tags=["gallery"]
ae.plots.images({"in": torch.cat([portrait, cat]), "out": torch.cat([reconstruction, from_cat])})

# %% [markdown]
# The portrait! The network has learned **one answer**, and it gives that answer to every question. Its error on the portrait was
# tiny because it never had to tell one image from another. What a network does with the images that it was trained on
# says little; what counts is what it does with images that it has never seen.

# %% [markdown]
# ## 5. More images
#
# Let us train on a dozen different images. `ae.fit` is the loop from above, with some comforts: it takes the images in small
# groups (*batches*) in random order, raises and lowers the learning rate on the way, and shows its progress.
# One round through all images is called an *epoch*.

# %%
names = ["camera", "coffee", "rocket", "coins", "grass", "brick", "gravel", "clock", "retina", "cell"]
variety = torch.cat([portrait, cat, *[ae.load_image(name, size=100) for name in names]])
ae.plots.images({"training\nimages": variety[:6], "": variety[6:]})

# %% tags=["nbval-ignore-output"]
ae.seed_everything(0)
variety_model = ae.fully_connected((1, 100, 100), latent_size=20)  # the same two layers as above
ae.fit(variety_model, variety, epochs=1200, batch_size=12, learning_rate=0.001)
variety_error = ae.evaluate(variety_model, variety)
print(f"error on its training images: {variety_error:.1f}, {variety_error / 10_000:.5f} per pixel")
assert variety_error / 10_000 < 0.002

# %%
with torch.no_grad():
    variety_reconstructions = variety_model(variety)
ae.plots.images({"in": variety[:6], "out": variety_reconstructions[:6]})

# %% [markdown]
# It can tell twelve images apart, the cat among them. **Predict:** will it manage a face that it has never seen?
#
# For that we need faces. Some of them we keep back: no network may see them in training. We keep back *people*, not images; otherwise
# the network would know the person already.

# %% tags=["nbval-ignore-output"]
faces = ae.load_faces(size=100)
last_person = faces.people.max()
kept_back = faces.people > last_person * 0.9  # every tenth person
training_faces, new_faces = faces.images[~kept_back], faces.images[kept_back]
assert not set(faces.people[kept_back].tolist()) & set(faces.people[~kept_back].tolist())
print(f"{len(training_faces)} images to train on, {len(new_faces)} images of people kept back")

# %%
one_of_each = new_faces[:: len(new_faces) // 4][:4]  # four people
with torch.no_grad():
    by_variety = variety_model(one_of_each)
ae.plots.images({"a new face": one_of_each, "out": by_variety})

# %% [markdown]
# It fails: ghosts, made from the images that it knows. Twelve images taught it those twelve images.

# %% [markdown]
# ## 6. Better data, better autoencoder
#
# Now the same two layers, trained on a few hundred faces instead. Same size, same parameters; only the data is better.

# %% tags=["live", "nbval-ignore-output"]
# the same two layers, trained on faces, and tested on people kept back
ae.seed_everything(0)
faces_model = ae.fully_connected((1, 100, 100), latent_size=20)
faces_history = ae.fit(faces_model, training_faces, epochs=120, held_out=new_faces, batch_size=16, learning_rate=0.002)
print(f"error on faces of people it has never seen: {faces_history.held_out_error[-1]:.0f}")
assert faces_history.held_out_error[-1] < faces_history.held_out_error[0]

# %% [markdown]
# The same new faces through all three networks, from the worst-taught to the best-taught. Under each image stands its error.

# %%
with torch.no_grad():
    rows = {
        "a new face": one_of_each,
        "trained on\none portrait": model(one_of_each),
        "trained on\na dozen images": variety_model(one_of_each),
        "trained on\nfaces": faces_model(one_of_each),
    }
ae.plots.images(rows, errors=True)

# %% tags=["nbval-ignore-output"]
errors = [ae.evaluate(network, new_faces) for network in (model, variety_model, faces_model)]
mean_face_error = ae.reconstruction_error(training_faces.mean(0).expand_as(new_faces), new_faces).item()
print("one portrait {:.0f}, a dozen images {:.0f}, faces {:.0f}".format(*errors))
print(f"always answering with the average face: {mean_face_error:.0f}")
assert errors[2] < mean_face_error < min(errors[:2])

# %% [markdown]
# Two things to see:
#
# - The third network is better than answering every question with the average face, so it has learned something about *faces in general*.
#   The first two are worse than that.
# - It is far from perfect: the new faces come out a little like people it knows. A few hundred images are few.

# %% tags=["nbval-ignore-output"] reason="the curve only shows what the cells above assert"
ae.plots.learning_curves(
    {"faces: training people (solid), new people (dashed)": faces_history}, {"average face": mean_face_error}
)

# %% [markdown]
# ## 7. Three traps, on purpose
#
# Three mistakes that nearly everybody makes once. None of them raises an error by itself; the images just come out wrong. We make
# them with small images that train fast: handwritten digits of 28 × 28 pixels, from the collection *MNIST*.

# %% tags=["nbval-ignore-output"]
digits = ae.load_mnist()
some_digits = digits.train_images[:4_000]
test_digits = digits.test_images[:8]
assert some_digits.shape[1:] == (1, 28, 28)


# %% [markdown]
# To make mistakes that `ae.fit` would refuse, we need the loop from above once more, with a random batch of 128 images in each step.


# %%
def train(model, images, steps=300):
    """The training loop of section 1, on random batches. Returns the error on the last batch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _ in range(steps):
        batch = images[torch.randint(len(images), (128,))]
        error = ae.reconstruction_error(model(batch), batch)
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
    return error.item()


# %% [markdown]
# **Trap 1: forgetting to scale the pixels.** Image files hold whole numbers from 0 to 255. We train on those as they are.
#
# **Predict:** the sigmoid at the end reaches at most 1. What will the reconstructions look like?

# %% tags=["nbval-ignore-output"]
ae.seed_everything(0)
unscaled_model = ae.fully_connected((1, 28, 28), latent_size=20)
train(unscaled_model, some_digits * 255)
ae.seed_everything(0)
scaled_model = ae.fully_connected((1, 28, 28), latent_size=20)
train(scaled_model, some_digits)
with torch.no_grad():
    from_unscaled, from_scaled = unscaled_model(test_digits * 255), scaled_model(test_digits)
extreme = ((from_unscaled < 0.01) | (from_unscaled > 0.99)).float().mean()
print(f"trained unscaled, {extreme:.0%} of all output pixels are stuck at 0 or 1")
assert extreme > 0.9

# %%
ae.plots.images({"in": test_digits, "trained\non 0 to 255": from_unscaled, "trained\non 0 to 1": from_scaled})

# %% [markdown]
# Every pixel that is not quite black should have become 2 or 100 or 255, so the output was pushed up to 1 and stuck there, for all digits alike.
# `ae.fit` looks at the pixels before it begins, and says so:

# %%
try:
    ae.fit(unscaled_model, some_digits * 255, epochs=1)
except ae.InputError as error:
    print(error)

# %% [markdown]
# **Trap 2: an output layer that cannot reach the pixels.** `Softmax` is the usual last layer of networks that *classify*: it makes all outputs
# positive and their sum 1. Nothing warns us when we use it here.
#
# **Predict:** the white pixels of a digit sum to about 100. What will the image look like when the sum must be 1?

# %% tags=["nbval-ignore-output"]
ae.seed_everything(0)
softmax_decoder = nn.Sequential(nn.Linear(20, 784), nn.Softmax(dim=1), nn.Unflatten(1, (1, 28, 28)))
softmax_model = ae.Autoencoder(nn.Sequential(nn.Flatten(), nn.Linear(784, 20)), softmax_decoder)
train(softmax_model, some_digits)
with torch.no_grad():
    from_softmax = softmax_model(test_digits)
print(f"sum over the pixels: {test_digits[0].sum():.0f} going in, {from_softmax[0].sum():.0f} coming out")
assert torch.allclose(from_softmax.sum((1, 2, 3)), torch.ones(8), atol=1e-4)

# %%
ae.plots.images({"in": test_digits, "softmax\nat the end": from_softmax, "sigmoid\nat the end": from_scaled})

# %% [markdown]
# **Trap 3: a ReLU right before the code.** The ReLU function, $\max(0, a)$, is popular *between* layers. Put it before the code, and each code
# number that would be negative becomes 0. One that is 0 for every image gets no gradient any more. It is *dead*, and stays dead.
#
# **Predict:** of 20 code numbers, how many are still alive after training?

# %% tags=["nbval-ignore-output"]
ae.seed_everything(0)
relu_encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 20), nn.ReLU())
relu_decoder = nn.Sequential(nn.Linear(20, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28)))
relu_model = ae.Autoencoder(relu_encoder, relu_decoder)
train(relu_model, some_digits)
with torch.no_grad():
    dead = (relu_model.encoder(digits.test_images) == 0).all(dim=0)
print(f"{dead.sum()} of 20 code numbers are 0 for every single test digit")
relu_error, linear_error = ae.evaluate(relu_model, digits.test_images), ae.evaluate(scaled_model, digits.test_images)
print(f"error with the ReLU {relu_error:.1f}, without {linear_error:.1f}")
assert dead.any() and relu_error > linear_error

# %% [markdown]
# We asked for 20 numbers and got fewer. The remedy is simple: let the code be any number, and put no function behind the encoder's last layer.

# %% [markdown]
# ## Your turn
#
# Each exercise ends in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint.
#
# **Count the parameters.** Write `parameter_count(pixels, latent_size)`: how many parameters has a network like ours, one layer in and one layer out, for images with so many pixels and a code of so many numbers?
#
# <details><summary>Hint 1</summary>
#
# Section 1 has counted them for 10,000 pixels and 20 numbers. Which of the numbers in that cell is which?
#
# </details>


# %%
def parameter_count(pixels, latent_size):
    """Parameters of a network with one layer in and one layer out."""
    # answer:
    encoder = pixels * latent_size + latent_size
    decoder = latent_size * pixels + pixels
    return encoder + decoder
    # student: return ...


ae.check.parameter_count(parameter_count)

# %% [markdown]
# **How much of the variety comes through?** The network of section 4 gives nearly the same image, whatever it gets. Let us measure that. The **spread** of some images is: the squared difference of each image from their *average image*, summed over
# the pixels, averaged over the images. Write `spread_kept(model, images)`: the spread of the reconstructions, divided by the spread of the images. A model that gives one answer to everything has 0, a perfect copy has 1.
#
# <details><summary>Hint 1</summary>
#
# `images.mean(0)` is the average image. The reconstructions `model(images)` have one of their own.
#
# </details>
# <details><summary>Hint 2</summary>
#
# You need the same thing twice, for two sets of images: write a little function `spread(images)` first.
#
# </details>


# %%
def spread_kept(model, images):
    """Spread of the model's reconstructions, as a share of the spread of the images (n, 1, height, width)."""

    # answer:
    def spread(images):
        return ((images - images.mean(0)) ** 2).sum() / len(images)

    return spread(model(images)) / spread(images)
    # student: return ...


# %% [markdown]
# When you have passed, it is tried on the new faces, with all three networks of section 6. **Predict:** which of them keeps how much?

# %% tags=["nbval-ignore-output"]
networks = {"one portrait": model, "a dozen images": variety_model, "faces": faces_model}
if ae.check.spread_kept(spread_kept):
    with torch.no_grad():
        kept = {taught: float(spread_kept(network, new_faces)) for taught, network in networks.items()}
    print(*[f"trained on {taught}: {share:.1%} of the spread" for taught, share in kept.items()], sep="\n")

# %% [markdown]
# Variety is not likeness: the ghosts of section 5 differ from one another, too. It takes both numbers, the spread that is kept and the error, to say what a network can do.
#
# **Keep back people.** `faces.people` says for each image who is on it. Write `keep_back(people)`: for such a list, of *any* collection of faces, a mask that is `True` for the images to keep back. About every fifth person is
# to be kept back, with all their images. Do not rely on the order of the images, nor on which numbers the people have.
#
# <details><summary>Hint 1</summary>
#
# `people.unique()` lists everybody once. Choose some of *them*.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.isin(people, chosen)` asks of each image whether its person is among the chosen.
#
# </details>


# %%
def keep_back(people):
    """True for each image that is kept back, given who is on it: int64 (n,) to bool (n,)."""
    # answer:
    everybody = people.unique()
    return torch.isin(people, everybody[::5])  # every fifth person
    # student: return ...


ae.check.keep_back_people(keep_back)

# %% [markdown]
# **Dead numbers.** Write `count_dead(codes)`: how many of the numbers in `codes` (images, latent variables) are 0 for *every* image?
#
# <details><summary>Hint 1</summary>
#
# `codes == 0` is a table of True and False. `.all(dim=...)` asks along one of its two directions whether all are True. Which one?
#
# </details>


# %%
def count_dead(codes):
    """How many numbers of the codes (n, latent) are 0 for every image."""
    # answer:
    return int((codes == 0).all(dim=0).sum())
    # student: return ...


ae.check.dead_code_numbers(count_dead)

# %%
ae.check.progress(3)

# %% [markdown]
# ## What to remember
#
# - An autoencoder is an encoder (image to code) and a decoder (code to image), trained so that the image comes back.
# - The reconstruction error is the squared difference, summed over the pixels of an image, averaged over images.
# - A small error on the training images proves nothing. Test with images, and people, that training never saw.
# - Better data makes a better autoencoder, with not one parameter more.
# - Scale pixels to [0, 1], end with a layer that reaches exactly that range, leave the code free.
#
# **Where next:** notebook 04 turns the one knob that this notebook left alone: how many numbers the code has.
