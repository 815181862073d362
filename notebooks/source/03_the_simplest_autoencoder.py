# %% [markdown]
# # 03 The simplest autoencoder
#
# **Purpose:** build an autoencoder from one layer in and one layer out, and test it on images that it has never seen.
#
# After this notebook you can
#
# - name the parts of an autoencoder: encoder, code, decoder, reconstruction, reconstruction error;
# - explain each line of the training loop;
# - recognise *overfitting*: a network that is much better on its training images than on new ones;
# - recognise three common traps.
#
# You need notebook 01: its half page on tensors, and the idea of an autoencoder. It takes about {{seconds}} seconds to run on two processor cores.

# %%
import aeutils as ae
from sklearn.decomposition import PCA
import torch
from torch import nn

# %% [markdown]
# ## 1. One layer in, one layer out
#
# An **autoencoder** is a network that learns to reproduce its input. Copying would be easy, so we make it hard: between input and output,
# the image has to pass through a few numbers.
#
# - The **encoder** turns an image $x$ into a few numbers $z$, the **code** (or *latent vector*).
# - The **decoder** turns the code $z$ into an image $\hat{x}$, the **reconstruction**.
#
# We begin with one image: a portrait of 100 × 100 pixels. Each pixel is a number between 0 (black) and 1 (white).

# %%
portrait = ae.load_image("astronaut", size=100, crop=(0, 110, 230))
print("shape (images, channels, height, width):", tuple(portrait.shape))
print(f"darkest pixel {portrait.min():.2f}, brightest pixel {portrait.max():.2f}")

# %% [markdown]
# A **fully connected layer** (`nn.Linear`) computes each of its outputs as a weighted sum of all its inputs, plus a constant (the *bias*).
# The encoder is one such layer: 10,000 pixels in, 20 numbers out. The decoder is another: 20 numbers in, 10,000 pixels out.
# In the drawing each line is a weight; seven dots stand for the 10,000 pixels, three for the 20 code numbers. The output is drawn as if it were perfect.

# %%
ae.plots.layers_drawn(portrait[0], portrait[0])

# %% [markdown]
# A weighted sum can be any number, but a pixel lies between 0 and 1. The *sigmoid* function $1 / (1 + e^{-a})$ squeezes
# any number $a$ into that range, so we put it at the end. (A function like this, applied to the outputs of a layer, is called an *activation function*.)

# %% tags=["live"]
# the whole network: one layer in, one layer out
# instructor minutes: 4
# instructor guess: "It has about 10,000 parameters, one for each pixel." 410,020: each pixel is joined to each code number, on both sides.
# instructor ask: If we drew every line between the pixels and the code, how many would there be on one side?
ae.seed_everything(0)  # the same initialisation (the random weights before training) every time
encoder = nn.Sequential(nn.Flatten(), nn.Linear(10_000, 20))
decoder = nn.Sequential(nn.Linear(20, 10_000), nn.Sigmoid(), nn.Unflatten(1, (1, 100, 100)))
model = ae.Autoencoder(encoder, decoder)
model

# %% [markdown]
# The numbers that training changes are called *parameters*.

# %%
ae.predict(
    "03 parameters",
    "how many parameters does this network have?",
    ["about 10,000", "about 40,000", "about 400,000", "about 4 million"],
)

# %% tags=["predict"]
# a weight for each pair of a pixel and a code number, and a bias for each output
encoder_parameters = 10_000 * 20 + 20
decoder_parameters = 20 * 10_000 + 10_000
print(f"{encoder_parameters:,} in the encoder + {decoder_parameters:,} in the decoder")

# %%
ae.reveal("03 parameters", "about 400,000")

# %% tags=["collapsed"]
# Proof for the tests: PyTorch counts the same number.
assert encoder_parameters + decoder_parameters == ae.count_parameters(model) == 410_020

# %% [markdown]
# ### How wrong is a reconstruction?
#
# We measure this as the lecture does: take the difference at each pixel, square it, and **sum over all pixels** of the image,
#
# $$L = \sum_i (x_i - \hat{x}_i)^2 .$$
#
# With several images, $L$ is averaged over them. This number is the **reconstruction error** throughout the course.
# It is also our *loss function*, the number that training makes small. Divided by the number of pixels it is the error *per pixel*, which can be
# compared between images of different sizes.

# %% tags=["live"]
# the difference at each pixel, squared, and summed over all pixels
# instructor minutes: 3
# instructor guess: "Untrained it is wrong everywhere, so the error is near 10,000." About 830: every pixel would have to miss by 1, but the sigmoid's outputs begin around 0.5, between 0.3 and 0.7.
# instructor ask: Suppose that each output pixel is exactly 0.5. What is the largest error that an image of 10,000 pixels could have?
untrained_error = ((portrait - model(portrait)) ** 2).sum()
print(f"untrained: {untrained_error:.0f} summed over the pixels, {untrained_error / 10_000:.3f} per pixel")

# %% tags=["collapsed"]
# Proof for the tests: aeutils computes the same.
assert torch.isclose(untrained_error, ae.reconstruction_error(model(portrait), portrait))

# %% [markdown]
# ### The training loop, in the open
#
# Training repeats five steps, and the whole procedure is called *gradient descent*:
#
# 1. *reconstruct* the image;
# 2. *measure* the error;
# 3. forget the old gradients;
# 4. compute how the error changes with each parameter, its *gradient*. `backward` does this from the last layer back to the first (*backpropagation*);
# 5. *move* each parameter a little in the direction that lowers the error. This is the job of the *optimizer*; `Adam` is one that adapts the step size to each parameter.
#
# Remember this loop: in section 5 `ae.fit` takes over, which runs it for us.

# %% tags=["live", "nbval-ignore-output"] reason="the final error is asserted in the next cell"
# the training loop: reconstruct, measure, compute the gradients, move, and again
# instructor minutes: 6
# instructor guess: "The error falls by the same amount every 60 steps." It does not: about 827, 588, 31, 3, 1. At first it even rises, to about 2,250 in step 1.
# instructor ask: What would the gradients be in the second step if we left out `zero_grad`?
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)  # lr: the learning rate, how large the steps are
for step in range(241):
    reconstruction = model(portrait)
    error = ae.reconstruction_error(reconstruction, portrait)
    optimizer.zero_grad()  # forget the gradients of the last step
    error.backward()  # compute the new ones
    optimizer.step()  # move every parameter
    if step % 60 == 0:
        print(f"step {step:3d}: error {error.item():8.2f}, per pixel {error.item() / 10_000:.6f}")

# %% tags=["collapsed"]
# Proof for the tests: it has learned the portrait.
reconstruction = model(portrait).detach()  # detach: we only look, no gradients needed
assert ae.per_pixel_error(reconstruction, portrait) < 0.0002

# %% [markdown]
# ## 2. Compare, pixel by pixel
#
# From left to right: the input, the output, their difference, and a scatter plot with one point for each pixel: its value in the output against its value in the input.
# A perfect reconstruction would put all points on the grey diagonal.

# %%
ae.plots.pixel_by_pixel(portrait, reconstruction)

# %% [markdown]
# ## 3. Encoder and decoder, apart
#
# Each half can be used on its own. The encoder gives the code: 20 numbers instead of 10,000.

# %% tags=["live"]
# the encoder alone: from the portrait to its code
# instructor minutes: 2
# instructor guess: "Each number stands for a part of the face: one for the eyes, one for the hair." Each is a weighted sum of all 10,000 pixels.
# instructor ask: 10,000 pixels became 20 numbers, and the portrait can be drawn from them. Where is the rest of it kept?
code = model.encoder(portrait).detach()
print("the code has shape", tuple(code.shape))

# %%
ae.plots.code_bars(code[0])

# %% [markdown]
# From these 20 numbers, the decoder draws the portrait:

# %% tags=["live"]
# the decoder alone: from the code to the image
# instructor minutes: 2
# instructor guess: "From 20 numbers alone the image is rougher than the reconstruction." It is the same image: the reconstruction was made from the same 20 numbers.
# instructor ask: You send a friend these 20 numbers. What else does the friend need to see the portrait, and how large is that?
decoded = model.decoder(code).detach()
print("largest difference from the reconstruction above:", f"{(decoded - reconstruction).abs().max():.4f}")

# %% tags=["collapsed"]
# Proof for the tests: the two halves, one after the other, are the whole.
assert torch.allclose(decoded, reconstruction, atol=1e-5)

# %% [markdown]
# ## 4. Feed it something else
#
# 10,000 pixels in 20 numbers, with hardly any error: that looks like splendid compression. Let us give the trained network another image, a cat.

# %%
ae.predict(
    "03 cat",
    "what is the output when the input is a cat?",
    ["the cat", "a blurred cat", "something like noise", "the portrait"],
)

# %% tags=["live", "nbval-ignore-output", "predict"] reason="asserted in the cell below the figure"
# a cat as the input: what is the output nearer to?
# instructor minutes: 4
# instructor guess: "The output is a blurred cat, or half cat and half portrait." The portrait: 0.003 per pixel away from it, 0.083 from the cat.
# instructor ask: Did anything in the training ever reward the network for looking at its input?
cat = ae.load_image("chelsea", size=100, crop=(20, 120, 230))
from_cat = model(cat).detach()
to_portrait = ae.per_pixel_error(from_cat, portrait)
to_cat = ae.per_pixel_error(from_cat, cat)
print(f"the output differs from the portrait by {to_portrait:.4f} per pixel, from the cat by {to_cat:.4f}")

# %% tags=["gallery", "predict"]
ae.plots.images({"in": torch.cat([portrait, cat]), "out": torch.cat([reconstruction, from_cat])})

# %%
ae.reveal("03 cat", "the portrait")

# %% tags=["collapsed"]
# Proof for the tests: the output is ten times nearer to the portrait.
assert 10 * to_portrait < to_cat

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# The portrait again! Training never asked the network to tell one image from another.
#
# </details>
#
# Does it answer *everything* with the portrait? We try four more inputs: light grey all over, noise, the negative of the portrait, and black all over.

# %%
ae.predict("03 four inputs", "how many of the four outputs will show the portrait?", (0, 4))

# %% tags=["predict"]
noise = torch.rand(portrait.shape, generator=torch.Generator().manual_seed(17))
inputs = {
    "portrait": portrait,
    "cat": cat,
    "light grey": torch.full_like(portrait, 0.85),
    "noise": noise,
    "negative": 1 - portrait,
    "black": torch.zeros_like(portrait),
}
with torch.no_grad():
    outputs = {name: model(image) for name, image in inputs.items()}
rows = {"in": torch.cat([*inputs.values()][2:]), "out": torch.cat([*outputs.values()][2:])}
ae.plots.images(rows, titles=[*inputs][2:])

# %%
ae.reveal("03 four inputs", sum(ae.per_pixel_error(outputs[name], portrait) < 0.02 for name in [*inputs][2:]))

# %% [markdown]
# To see why, look at the codes. We compare their directions by the cosine similarity of notebook 01, and print how long each code is, and how bright its image, as multiples of the portrait's.

# %% tags=["nbval-ignore-output"] reason="asserted in the cell below the next figure"
with torch.no_grad():
    codes = {name: model.encoder(image)[0] for name, image in inputs.items()}
for name, its_code in codes.items():
    length, brightness = its_code.norm() / code.norm(), inputs[name].mean() / portrait.mean()
    to_portrait = ae.per_pixel_error(outputs[name], portrait)
    print(
        f"{name:10}: brightness {brightness:.2f}, length of the code {length:.2f}, output to portrait {to_portrait:.4f}"
    )

# %%
ae.plots.codes_beside_each_other(codes)

# %% tags=["collapsed"]
# Proof for the tests: one direction for all but black, lengths as the brightness, and the portrait from each; untrained, not.
for name, its_code in codes.items():
    relative_length, brightness = its_code.norm() / code.norm(), inputs[name].mean() / portrait.mean()
    assert abs(relative_length - brightness) < 0.06
    if name != "black":
        assert torch.cosine_similarity(its_code, code[0], dim=0) > 0.95
        assert ae.per_pixel_error(outputs[name], portrait) < 0.02
assert ae.per_pixel_error(outputs["black"], portrait) > 0.05
assert (outputs["black"] - 0.5).abs().max() < 0.15
before = []
for seed in range(12):
    ae.seed_everything(seed)
    untrained = nn.Linear(10_000, 20)
    before.append(torch.cosine_similarity(untrained((1 - portrait).flatten()), untrained(portrait.flatten()), dim=0))
assert 0.25 < min(before) <= before[0] < 0.35 and 0.7 < max(before) < 0.85

# %% tags=["collapsed"]
# Proof for the tests: nearly all weights of one code number have changed by the same amount.
ae.seed_everything(0)
changes = (model.encoder[1].weight - nn.Linear(10_000, 20).weight).abs()
usual = changes.median(1, keepdim=True).values
assert ((changes / usual - 1).abs() < 0.1).float().mean() > 0.98

# %% tags=["collapsed"]
# Proof for the tests: with plain gradient descent in the encoder, the negative's code is less than half as long.
ae.seed_everything(0)
plain_encoder = nn.Sequential(nn.Flatten(), nn.Linear(10_000, 20))
its_decoder = nn.Sequential(nn.Linear(20, 10_000), nn.Sigmoid(), nn.Unflatten(1, (1, 100, 100)))
plain, adam = torch.optim.SGD(plain_encoder.parameters(), lr=1e-5), torch.optim.Adam(its_decoder.parameters(), lr=1e-3)
for _ in range(241):
    error = ae.reconstruction_error(its_decoder(plain_encoder(portrait)), portrait)
    plain.zero_grad()
    adam.zero_grad()
    error.backward()
    plain.step()
    adam.step()
assert error < 2 and 0.3 < plain_encoder(1 - portrait).norm() / plain_encoder(portrait).norm() < 0.5

# %% [markdown]
# Three of the four outputs show the portrait; only black gives something else. All codes but that of black point in nearly the **same direction**, and their lengths follow the brightness of the images: *the encoder has become a light meter*.
# (Before training, portrait and negative had codes with a similarity of 0.3; over twelve initialisations it was 0.3 to 0.8.) The decoder has learned to turn that one direction into the portrait, with more or less contrast. In a black image there is no light to measure, so its code is nearly 0, and the decoder turns that into grey.
#
# That nearly all pixels count the same is the work of the optimizer. The gradient of a weight in the encoder is proportional to the brightness of its pixel in the portrait;
# Adam gives nearly all weights of one code number steps of the same size. (With plain gradient descent in the encoder, and Adam in the decoder only, the negative's code is less than half as long as the portrait's.)
#
# The small error on the training image said nothing about other images. Doing well on images that training never saw is called **generalisation**.
#
# Now the decoder alone. We give it half of the portrait's code, zeros, and the *opposite* code, $-z$.

# %%
ae.predict(
    "03 opposite code",
    "what does the decoder make of the opposite code?",
    ["the portrait", "its negative", "grey all over", "noise"],
)

# %% tags=["predict"]
with torch.no_grad():
    halved, opposite = model.decoder(code / 2), model.decoder(-code)
drawn = torch.cat([halved, model.decoder(0 * code), opposite]).detach()
ae.plots.images({"decoded": drawn}, titles=["half the code", "zeros", "the opposite code"])

# %%
ae.reveal("03 opposite code", "its negative")

# %% tags=["collapsed"]
# Proof for the tests: the opposite code is decoded to the negative.
assert ae.per_pixel_error(opposite, 1 - portrait) < 0.01

# %% [markdown]
# ## 5. More images
#
# Now we train on a dozen different images. `ae.fit` is the loop from above, with some additions: it takes the images in small
# groups (*mini-batches*) in random order, raises and lowers the learning rate as training goes on, and shows its progress.
# One pass over all images is called an *epoch*.

# %%
names = ["camera", "coffee", "rocket", "coins", "grass", "brick", "gravel", "clock", "retina", "cell"]
variety = torch.cat([portrait, cat, *[ae.load_image(name, size=100) for name in names]])
variety.shape

# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
ae.seed_everything(0)
variety_model = ae.fully_connected((1, 100, 100), latent_size=20)  # the same two layers as above
ae.fit(variety_model, variety, epochs=300, batch_size=12, learning_rate=0.003)
variety_error = ae.evaluate(variety_model, variety)
print(f"error on its training images: {variety_error:.1f}, {variety_error / 10_000:.5f} per pixel")

# %% tags=["collapsed"]
# Proof for the tests: all twelve are learned.
assert variety_error / 10_000 < 0.001

# %%
with torch.no_grad():
    variety_reconstructions = variety_model(variety)
ae.plots.images({"in": variety[1:4], "out": variety_reconstructions[1:4]})

# %% [markdown]
# This network can tell twelve images apart, the cat among them. What will it do with a face that it has never seen?
#
# To find out we need faces, some of which no network sees in training: *held-out* images. We hold out *people*, not images; otherwise
# training might show the network other images of the same person.

# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
faces = ae.load_faces(size=100)
held_out = faces.people > faces.people.max() * 0.9  # the last tenth of the people
training_faces, new_faces = faces.images[~held_out], faces.images[held_out]
some_new = new_faces[:: len(new_faces) // 4][:3:2]  # two new people
print(f"{len(training_faces)} images to train on, {len(new_faces)} images of people held out")

# %% tags=["collapsed"]
# Proof for the tests: no person is in both sets.
assert not set(faces.people[held_out].tolist()) & set(faces.people[~held_out].tolist())

# %%
ae.predict(
    "03 new face",
    "what does it make of a face that it has never seen?",
    ["that face", "that face, blurred", "the most similar of the twelve images", "a mixture of the twelve images"],
)

# %% tags=["predict"]
with torch.no_grad():
    by_variety = variety_model(some_new)
ae.plots.images({"": torch.stack([some_new[0], by_variety[0]])}, titles=["a new face", "out"])

# %%
ae.reveal("03 new face", "a mixture of the twelve images")

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# It fails: the output is a ghost, mixed from the images that it knows. A weighted sum of the twelve (plus a constant) explains more than 90 % of the output's variance, but less than half of the variance of the face itself. And the network does not even find the best such sum for the face.
#
# </details>

# %% tags=["collapsed"]
# Proof for the tests: weighted sums of the twelve explain nearly all of both outputs, not of the faces; neither is one of them.
twelve = torch.cat([variety.flatten(1), torch.ones(1, 10_000)])
for output, face in zip(by_variety, some_new, strict=True):
    both = torch.stack([output.flatten(), face.flatten()], 1)
    missed = (both - twelve.T @ torch.linalg.lstsq(twelve.T, both).solution).var(0) / both.var(0)
    assert missed[0] < 0.1 and missed[1] > 0.5
    error_of_best, its_error = missed[1] * face.var() * 10_000, ((output - face) ** 2).sum()
    assert error_of_best < (0.8 if faces.whole else 1) * its_error
    assert ((variety - output) ** 2).sum((1, 2, 3)).min() > 100

# %% [markdown]
# ## 6. Better data, better autoencoder
#
# Now we train the same two layers on faces instead. The network is the same; the data is better suited, and there is more of it.

# %% tags=["live", "nbval-ignore-output"] reason="asserted at the end of the section"
# the same two layers, trained on faces, and tested on people held out
# instructor minutes: 4
# instructor guess: "A trained network beats any simple method." On new people its error is about 95; PCA with 20 numbers has about 53.
# instructor ask: We held out people, not images. What would this error tell us if each person were in both sets?
ae.seed_everything(0)
faces_model = ae.fully_connected((1, 100, 100), latent_size=20)
batch_size = 32 if faces.whole else 16
faces_history = ae.fit(faces_model, training_faces, 60, held_out=new_faces, batch_size=batch_size, learning_rate=0.003)
print(f"error on faces of people it has never seen: {faces_history.held_out_error[-1]:.0f}")

# %% [markdown]
# Is this network any good? To answer that we need something to compare it with, a **baseline**. Here are three simple rivals, none of which needs a network:
#
# - *the average face*: the same answer to everything;
# - *the nearest face*: look up the training face with the smallest error;
# - *PCA* (principal component analysis) with 20 numbers: the average face plus weighted sums of 20 images, which are chosen so that no others do better on the training faces. Notebook 02 introduces it.

# %%
ae.predict(
    "03 rivals",
    "which of the three has the smallest error on new people?",
    ["the average face", "the nearest face", "PCA, 20 numbers"],
)

# %% tags=["nbval-ignore-output", "predict"] reason="asserted in the next cell"
average_face = training_faces.mean(0).expand_as(new_faces)
differences = torch.cdist(new_faces.flatten(1), training_faces.flatten(1)) ** 2  # each new face to each training face
pca = PCA(20, svd_solver="full").fit(training_faces.flatten(1).numpy())
by_pca = pca.inverse_transform(pca.transform(new_faces.flatten(1).numpy()))
rivals = {
    "average face": ae.reconstruction_error(average_face, new_faces).item(),
    "nearest face": differences.min(1).values.mean().item(),
    "PCA, 20 numbers": ae.reconstruction_error(torch.from_numpy(by_pca).reshape(new_faces.shape), new_faces).item(),
}
networks = {"one portrait": model, "a dozen images": variety_model, "faces": faces_model}
errors = {f"trained on {taught}": ae.evaluate(network, new_faces) for taught, network in networks.items()}
for name, error in sorted((rivals | errors).items(), key=lambda pair: pair[1]):
    print(f"{name:26} {error:6.1f}")
won = [ae.evaluate(variety_model, face[None]) < ae.evaluate(faces_model, face[None]) for face in new_faces]
print(f"trained on a dozen images beats trained on faces on {sum(won)} of {len(new_faces)} new faces")

# %%
ae.reveal("03 rivals", "PCA, 20 numbers")

# %% [markdown]
# Two of the new faces through all three networks, and through PCA, each with its error.

# %% tags=["nbval-ignore-output", "predict"] reason="asserted in the next cell"
with torch.no_grad():
    shown = {
        "a new face": some_new,
        "one portrait": model(some_new),
        "a dozen images": variety_model(some_new),
        "faces": faces_model(some_new),
        "PCA": torch.from_numpy(by_pca).reshape(new_faces.shape)[:: len(new_faces) // 4][:3:2],
    }
for row in range(2):
    its_errors = [f"{name} {((each[row] - some_new[row]) ** 2).sum():.0f}" for name, each in shown.items()]
    print(f"face {row + 1}:", ", ".join(its_errors[1:]))
by_face = [torch.stack([each[row] for each in shown.values()]) for row in range(2)]
ae.plots.images({"face 1": by_face[0], "face 2": by_face[1]}, titles=[*shown])

# %% tags=["collapsed"]
# Proof for the tests: PCA first, then the network trained on faces, then the average face, then the other two.
network_error = errors["trained on faces"]
assert network_error < (0.48 if faces.whole else 0.9) * rivals["average face"] and rivals["average face"] < min(
    errors["trained on one portrait"], errors["trained on a dozen images"]
)
if faces.whole:
    errors_of_third = [ae.evaluate(network, some_new[1:]) for network in (variety_model, faces_model)]
    assert errors_of_third[0] < 0.9 * errors_of_third[1]
    assert 1.5 * rivals["PCA, 20 numbers"] < network_error < rivals["nearest face"]
    assert sum(won) == 4 and len(faces.people[held_out][torch.tensor(won)].unique()) == 1

# %% tags=["collapsed"]
# Proof for the tests: twelve faces do far better than the dozen images, here the worst of six choices; best fits to each face.
people = faces.people[~held_out]
twelve_faces = torch.stack([training_faces[people == person][0] for person in people.unique()[2::3][:12]])
ae.seed_everything(0)
twelve_model = ae.fully_connected((1, 100, 100), latent_size=20)
if faces.whole:
    ae.fit(twelve_model, twelve_faces, epochs=300, batch_size=12, learning_rate=0.003)
    assert ae.evaluate(twelve_model, new_faces) < 200 and 370 < errors["trained on a dozen images"] < 390
    known, new = (each.flatten(1) - each.flatten(1).mean(1, keepdim=True) for each in (training_faces, new_faces))
    known = torch.cat([training_faces.mean(0).flatten()[None] - training_faces.mean(), known])
    fitted = (new**2).sum(1) - (known @ new.T) ** 2 / (known**2).sum(1, keepdim=True)
    assert 132 < fitted[0].mean() < 134 and 101 < fitted[1:].min(0).values.mean() < 103

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# - The network trained on faces has less than half of the error of the average face; the first two networks have a larger one. (With brightness and contrast fitted to each new face, the average face still has about 133, the best of the training faces 102.)
# - Two things have changed: faces instead of other images, and thirty times as many (and with them more steps). Twelve faces, trained exactly like the dozen images, bring the error from 380 down to below 200: more than half of the way to 95.
# - These are averages over four people. On four images of one person, the second face here among them, the network trained on a dozen images has the smaller error.
# - **PCA wins.** With a code of the same size, and without a training loop, its error is 53, our network's 95. What went wrong?
#
# </details>
#
# ### Overfitting
#
# The history that `ae.fit` returned holds the error on the training images, averaged over each epoch, and on the new people, after it.

# %%
references = {"average face, new people": rivals["average face"], "PCA, new people": rivals["PCA, 20 numbers"]}
ae.plots.overfitting_curves(faces_history, ("training people", "new people"), references)

# %% tags=["collapsed"]
# Proof for the tests: the training error falls to the end, the error on new people does not.
best = min(range(60), key=lambda epoch: faces_history.held_out_error[epoch])
assert best < 50 or not faces.whole
afterwards = torch.tensor(faces_history.held_out_error[best:])
assert not faces.whole or afterwards.diff().abs().max() > afterwards[-1] - afterwards[0]  # the jumps
assert 0.88 < faces_history.held_out_error[best] / faces_history.held_out_error[-1] < 0.94 or not faces.whole
assert faces_history.held_out_error[-1] > (1.8 if faces.whole else 1.5) * faces_history.train_error[-1]
assert min(faces_history.train_error) > 0.98 * faces_history.train_error[-1]
average_on_training = ae.reconstruction_error(training_faces.mean(0).expand_as(training_faces), training_faces)
assert not faces.whole or 1.1 < rivals["average face"] / average_on_training < 1.3
pca_on_training = pca.inverse_transform(pca.transform(training_faces.flatten(1).numpy()))
pca_training_error = ae.reconstruction_error(
    torch.from_numpy(pca_on_training).reshape(training_faces.shape), training_faces
)
assert not faces.whole or 1.15 < faces_history.train_error[-1] / pca_training_error < 1.3

# %% tags=["collapsed"]
# Proof for the tests: with the best codes, the decoder draws the new faces almost as well as PCA.
best_codes = faces_model.encoder(new_faces).detach().requires_grad_()
of_codes = torch.optim.Adam([best_codes], lr=0.3)
for _ in range(40):
    error = ae.reconstruction_error(faces_model.decoder(best_codes), new_faces)
    of_codes.zero_grad()
    error.backward(inputs=[best_codes])
    of_codes.step()
assert not faces.whole or 53 < error < 55

# %% [markdown]
# For a while both errors fall. Then the network keeps improving on the people that it is trained on, but *not* on the new ones.
# In the end, its error on new people is about twice as large. (The average face, too, has an error a fifth larger on them; and four people are few.) This is **overfitting**.
#
# On the training faces the network's error is a fifth larger than PCA's. And with codes fitted to the new faces, its decoder draws them with an error of 54, where PCA has 53. So what fails on new people is the encoder: it finds worse codes for them.
#
# One remedy for overfitting is to stop near the lowest point, which is called *early stopping*. (Here that point is about a tenth lower, but the curve jumps by as much between two epochs.) But images on which we chose when to stop cannot also judge the result: the choice may have suited them by luck. So we need a third group of people,
# a **validation set**, on which to choose, and a *test set* that is used once, at the end. Notebook 06 does this with faces.

# %% [markdown]
# ## 7. Three traps, on purpose
#
# Here are three mistakes that are easy to make. PyTorch reports none of them; the reconstructions just become worse. We make
# them with small images, on which training is fast: handwritten digits of 28 × 28 pixels, from the collection *MNIST*.

# %% tags=["nbval-ignore-output"] reason="says only where the digits came from"
digits = ae.load_mnist(train_count=4_000)  # the first 4,000 of the 60,000 are enough here
some_digits = digits.train_images
test_digits = digits.test_images[:8]

# %% [markdown]
# `ae.fit` would refuse the first of these mistakes, so here is the loop of section 1 again, as a function that takes a random mini-batch of images in each step.


# %%
def train(model, images):
    """The training loop of section 1, on random mini-batches."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.006)
    for _ in range(150):
        batch = images[torch.randint(len(images), (64,))]
        error = ae.reconstruction_error(model(batch), batch)
        optimizer.zero_grad()
        error.backward()
        optimizer.step()


# %% [markdown]
# **Trap 1: forgetting to scale the pixels.** The files of MNIST hold whole numbers from 0 to 255. We train on those as they are. The sigmoid at the end reaches at most 1.

# %%
ae.predict(
    "03 unscaled",
    "what will the reconstructions look like?",
    ["as usual", "too bright", "grey all over", "the same white blot for every digit"],
)

# %% tags=["nbval-ignore-output", "predict"] reason="asserted below the figure"
ae.seed_everything(0)
unscaled_model = ae.fully_connected((1, 28, 28), latent_size=20)
train(unscaled_model, some_digits * 255)
ae.seed_everything(0)
scaled_model = ae.fully_connected((1, 28, 28), latent_size=20)
train(scaled_model, some_digits)
with torch.no_grad():
    from_unscaled, from_scaled = unscaled_model(test_digits * 255), scaled_model(test_digits)
extreme = ((from_unscaled < 0.01) | (from_unscaled > 0.99)).float().mean()
print(f"trained unscaled, {extreme:.0%} of all output pixels are within 0.01 of 0 or 1")

# %% tags=["predict"]
ae.plots.images({"in": test_digits, "trained\non 0 to 255": from_unscaled, "trained\non 0 to 1": from_scaled})

# %%
ae.reveal("03 unscaled", "the same white blot for every digit")

# %% tags=["collapsed"]
# Proof for the tests: nearly all outputs are at one of the two ends, and hardly a pixel depends on the digit.
assert extreme > 0.95 and (some_digits[some_digits > 0] * 255 > 1).float().mean() > 0.95
assert (from_unscaled - from_unscaled[0]).abs().mean() < 0.02 and (from_unscaled > 0.99).float().mean() > 0.4

# %% tags=["collapsed"]
# Proof for the tests: inputs from 0 to 255 alone do that, and targets from 0 to 255 alone. The encoder sees images times factor.
for factor, images in ((255, some_digits), (1 / 255, some_digits * 255)):
    ae.seed_everything(0)
    half_unscaled = ae.fully_connected((1, 28, 28), latent_size=20)
    half_unscaled.encoder.register_forward_pre_hook(lambda _, given, factor=factor: (given[0] * factor,))
    train(half_unscaled, images)
    with torch.no_grad():
        outputs = half_unscaled(test_digits * images.max())
    assert ((outputs < 0.01) | (outputs > 0.99)).float().mean() > 0.9
    assert (outputs - outputs[0]).abs().mean() < 0.02

# %% [markdown]
# Almost every pixel that is not black is above 1, more than the sigmoid can reach. So training pushed many outputs to 1: the blot. With only the inputs from 0 to 255, or only the targets,
# nearly all outputs end near 0 or 1, too, and hardly depend on the input (at this learning rate).
# `ae.fit` looks at the pixels before it begins, and refuses:

# %%
try:
    ae.fit(unscaled_model, some_digits * 255, epochs=1)
except ae.InputError as error:
    print(error)

# %% [markdown]
# **Trap 2: an output layer that cannot reach the pixels.** `Softmax` turns outputs into probabilities, for networks that *classify*: it makes them all
# positive, with a sum of 1. Nothing warns us when we use it here, although the pixels of a digit sum to about 100 on average.

# %%
ae.predict(
    "03 softmax",
    "what will the image look like when its pixels must sum to 1?",
    ["as usual", "grey all over", "nearly black", "one white pixel"],
)

# %% tags=["nbval-ignore-output", "predict"] reason="asserted below the figure"
ae.seed_everything(0)
softmax_model = ae.fully_connected((1, 28, 28), latent_size=20)
softmax_model.decoder[1] = nn.Softmax(dim=1)  # in place of the sigmoid
train(softmax_model, some_digits)
with torch.no_grad():
    from_softmax = softmax_model(test_digits)
print(f"sum over the pixels: {test_digits[0].sum():.0f} in the input, {from_softmax[0].sum():.0f} in the output")

# %% tags=["predict"]
ae.plots.images({"in": test_digits, "softmax\nat the end": from_softmax, "sigmoid\nat the end": from_scaled})

# %%
ae.reveal("03 softmax", "nearly black")

# %% tags=["collapsed"]
# Proof for the tests: the outputs of a softmax sum to 1, digits to about 100, and hardly a pixel of all eight is brighter than 0.2.
assert torch.allclose(from_softmax.sum((1, 2, 3)), torch.ones(8), atol=1e-4) and (from_softmax > 0.2).sum() < 20
assert 90 < some_digits.sum() / len(some_digits) < 115

# %% [markdown]
# **Trap 3: a ReLU right before the code.** The activation function ReLU, $\max(0, a)$, is common *between* layers. Put it before the code, and each code
# number that would be negative becomes 0. One that is 0 for every image receives no gradient: it is *dead*.
#
# A single run may be a lucky one, so we train from three initialisations (one with the embedded digits), each with and without the ReLU.

# %%
ae.predict("03 dead", "after training, how many of the 20 code numbers are dead, on average?", (0, 20))


# %% tags=["predict"]
def digit_autoencoder(*last_layers):
    """One layer in, one layer out, as in section 1; last_layers come after the encoder."""
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 20), *last_layers)
    return ae.Autoencoder(encoder, nn.Sequential(nn.Linear(20, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28))))


# %% tags=["predict"]
dead, relu_errors, plain_errors = [], [], []
seeds = range(3 if digits.whole else 1)
for seed in seeds:
    plain_and_relu = []
    for last_layers, its_errors in ((), plain_errors), ((nn.ReLU(),), relu_errors):
        ae.seed_everything(seed)
        trap_model = digit_autoencoder(*last_layers)
        train(trap_model, some_digits)
        its_errors.append(ae.evaluate(trap_model, digits.test_images))
        plain_and_relu.append(trap_model)
    with torch.no_grad():
        active = (trap_model.encoder(digits.test_images) > 0).float().mean(0)
    dead.append(int((active == 0).sum()))

# %% tags=["nbval-ignore-output", "predict"] reason="asserted below the figure"
for seed, count in enumerate(dead):
    print(
        f"seed {seed}: {count} of 20 dead; error {relu_errors[seed]:.1f} with the ReLU, {plain_errors[seed]:.1f} without"
    )

# %% tags=["predict"]
ae.plots.active_code_numbers(active)  # of the last run

# %%
ae.reveal("03 dead", sum(dead) / len(dead))

# %%
# the networks of the last run
with torch.no_grad():
    no_relu, with_relu = (each(test_digits) for each in plain_and_relu)
    rows = {"in": test_digits, "ReLU before\nthe code": with_relu, "no ReLU": no_relu}
ae.plots.images(rows, errors=True)

# %% tags=["collapsed"]
# Proof for the tests: with every seed several are dead and the error is larger; with another initialisation fewer.
assert min(dead) >= 4 and max(dead) <= 14 and min(relu_errors) > (1.1 if digits.whole else 1) * max(plain_errors)
glorot_dead = []
for seed in seeds:
    ae.seed_everything(seed)
    glorot_model = ae.fully_connected((1, 28, 28), latent_size=20)
    glorot_model.encoder.append(nn.ReLU())
    train(glorot_model, some_digits)
    with torch.no_grad():
        glorot_dead.append(20 - int((glorot_model.encoder(digits.test_images) > 0).any(0).sum()))
assert sum(glorot_dead) < 0.6 * sum(dead)

# %% [markdown]
# We asked for 20 numbers and got fewer. How many die depends on the initialisation: with the one that `ae.fully_connected` uses (Glorot's in both layers, instead of PyTorch's default) fewer do; notebook 12 tells more. With every seed the error is larger with the ReLU.
# The remedy is simple: put no activation function after the encoder's last layer.

# %% [markdown]
# ## Your turn
#
# The first four exercises end in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint.
# Beside each exercise stands its difficulty, from ★ to ★★★, and about how long it takes.
#
# **Count the parameters** (★, 5 minutes). Write `parameter_count(pixels, latent_size)`: how many parameters does a network like ours have, one layer in and one layer out, for images of `pixels` pixels and a code of `latent_size` numbers?
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
# **How much of the variety is kept?** (★★, 10 minutes) The network of section 4 turned five of six inputs into the portrait. Let us measure that. The **spread** of some images is the squared difference of each image from their *average image*, summed over
# the pixels and averaged over the images. Write `spread_kept(model, images)`: the spread of the reconstructions, divided by the spread of the images. A model with one answer to everything has 0, a perfect copy has 1.
#
# <details><summary>Hint 1</summary>
#
# `images.mean(0)` is the average image. The reconstructions `model(images)` have an average image of their own.
#
# </details>
# <details><summary>Hint 2</summary>
#
# You need the spread twice, for two sets of images: write a small function `spread(images)` first.
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
# When you have passed, your function is tried on the new faces, with all three networks of section 6. Which of them do you expect to keep the most?

# %% tags=["nbval-ignore-output"]
if ae.check.spread_kept(spread_kept):
    with torch.no_grad():
        kept = {taught: float(spread_kept(network, new_faces)) for taught, network in networks.items()}
    print(*[f"trained on {taught}: {share:.1%} of the spread" for taught, share in kept.items()], sep="\n")

# %% [markdown]
# A large spread alone does not make a good reconstruction: the two ghosts in section 6 differ from each other, too.
#
# **Hold out people** (★★, 10 minutes). `faces.people` says for each image who is on it. Write `keep_back(people)`: from such a list, for *any* collection of faces, it makes a mask that is `True` where an image is held out. Hold out about a fifth of the people,
# each with all their images. Do not rely on the order of the images, nor on which numbers the people have.
#
# <details><summary>Hint 1</summary>
#
# `people.unique()` lists each person once. Choose some of *them*.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.isin(people, chosen)` says for each image whether its person is among the chosen.
#
# </details>


# %%
def keep_back(people):
    """True for each image that is held out, given who is on it: int64 (n,) to bool (n,)."""
    # answer:
    each_once = people.unique()
    return torch.isin(people, each_once[::5])  # every fifth person
    # student: return ...


ae.check.keep_back_people(keep_back)

# %% [markdown]
# **Dead numbers** (★, 5 minutes). Write `count_dead(codes)`: how many of the numbers in `codes` (images, latent variables) are 0 for *every* image?
#
# <details><summary>Hint 1</summary>
#
# `codes == 0` is a table of True and False. `.all(dim=...)` says along one of its two dimensions whether all are True. Which dimension do you need?
#
# </details>


# %%
def count_dead(codes):
    """How many numbers of the codes (n, latent) are 0 for every image."""
    # answer:
    return int((codes == 0).all(dim=0).sum())
    # student: return ...


ae.check.dead_code_numbers(count_dead)

# %% [markdown]
# **Investigate: what would cure the overfitting?** (★★, 20 minutes, no check) Here are two suggestions for the network of section 6: *fewer latent variables*, or *more people* to learn from.
#
# 1. Predict: how do the errors on training people and on new people, and the gap between them, change with 5 latent variables instead of 20? And how when the network is trained on a third of the people only, the first or the second third?
# 2. Write a function that trains such a network and returns both errors, and call it for the four cases. Fewer images make an epoch shorter: give each run the same number of steps, not of epochs.
# 3. Explain what you see in two sentences. Which of the two errors decides whether a change is an improvement?


# %% tags=["nbval-ignore-output"] reason="an investigation: every student gets other numbers"
# answer:
def both_errors(latent_size, images):
    """Errors on the training images and on new people, after a third of the steps of section 6."""
    ae.seed_everything(0)
    trained = ae.fully_connected((1, 100, 100), latent_size)
    ae.fit(trained, images, 20 * len(training_faces) // len(images), batch_size=batch_size, learning_rate=0.003)
    return ae.evaluate(trained, images), ae.evaluate(trained, new_faces)


thirds, found = training_faces.split(len(training_faces) // 3), []
for latent_size, images in ((20, training_faces), (5, training_faces), (20, thirds[0]), (20, thirds[1])):
    on_training, on_new = both_errors(latent_size, images)
    print(f"{latent_size:2} numbers, {len(images)} images: training {on_training:.0f}, new people {on_new:.0f}")
    found.append((on_training, on_new, on_new - on_training))
if faces.whole:  # fewer numbers: both errors larger; fewer people: a smaller error on them, larger on others
    assert found[1][0] > 1.2 * found[0][0] and found[1][1] > 1.15 * found[0][1]
    assert all(a < 0.8 * found[0][0] and b > 1.05 * found[0][1] and gap > 2 * found[0][2] for a, b, gap in found[2:])
# student: def both_errors(latent_size, images):
# student:     """Errors on the training images and on new people, after a third of the steps of section 6."""
# student:     return ...

# %% [markdown]
# <details><summary>What we found</summary>
#
# With fewer latent variables both errors become larger: that is no improvement, whatever the gap does.
# With either third of the people, the error on them becomes smaller and the error on new people larger: the gap is more than twice as wide. Of the two suggestions, more people (and with them more images) is the one that lowers the error on new people, which is what counts. (One seed, and one choice of new people.)
#
# </details>

# %%
ae.check.progress(3)

# %% [markdown]
# ## What to remember
#
# - An autoencoder is an encoder (image to code) and a decoder (code to image), trained to reproduce its input.
# - The reconstruction error is the squared difference, summed over the pixels of an image, averaged over images.
# - A small error on the training images may be overfitting. Test with images, and people, that training never saw.
# - Compare with a simple baseline. Here PCA was better than the network on new people.
# - Better data made a better autoencoder for faces, without a single additional parameter.
# - Scale pixels to [0, 1], end with a layer whose outputs cover that range, and put no ReLU before the code.
#
# **Where next:** notebook 04 asks what happens when the code has fewer numbers, or more.
