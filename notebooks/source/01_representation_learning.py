# %% [markdown]
# # 01 Representation learning
#
# **Purpose:** see that the way in which we describe a thing decides how hard a question about it is, and how a machine can find a good description.
#
# After this notebook you can
#
# - measure how alike two images are, and say what that measure is blind to;
# - work out in bits how much a reward, a label, or the image itself tells a machine;
# - make a hard problem easy by changing its representation;
# - draw an autoencoder, starting from a network that sorts images into classes.
#
# You need Python and an idea of what fitting a line to data means; nothing else. It takes about {{seconds}} seconds to run on two processor cores.
#
# Run the cells one after the other. Where it says **Predict**, stop and guess before you run the next cell. A wrong guess teaches more than a right one.

# %%
import math
import zlib

import aeutils as ae
import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor
import torch

# %% [markdown]
# ## 1. A game: who is most alike?
#
# Here is a portrait, and three other faces. **Predict:** which of the three will a computer call *most alike*? And which would you?

# %% tags=["nbval-ignore-output"]
faces = ae.load_faces()
vectors = faces.images.flatten(1)  # each image as one row of numbers, from 0 (black) to 1 (white)
print(f"{len(vectors)} images, each a list of {vectors.shape[1]:,} numbers")
assert vectors.shape == (400 if faces.whole else 100, 64 * 64)

# %% [markdown]
# To the computer an image is a list of numbers, one for each pixel. How alike are two lists $a$ and $b$? A common answer is the **cosine similarity**: think of each list as
# an arrow, and take the cosine of the angle between the two arrows. It is 1 when they point the same way, and 0 when they stand at a right angle:
#
# $$\text{similarity}(a, b) = \frac{\sum_i a_i b_i}{\sqrt{\sum_i a_i^2}\,\sqrt{\sum_i b_i^2}} .$$


# %% tags=["live"]
# the formula, for all pairs at once: make every arrow 1 long, then multiply and add up
def similarities(vectors):
    """The cosine similarity of every vector with every other: (n, n)."""
    arrows = vectors / vectors.norm(dim=1, keepdim=True)  # all of length 1
    return arrows @ arrows.T


# %%
alike = similarities(vectors)
order = alike[20].argsort(descending=True)  # everybody, from the most to the least alike to image 20
trio = order[[len(order) // 2, 1, -1]]
ae.plots.who_is_most_alike(faces.images[[20]], faces.images[trio])

# %%
assert alike[20, trio].argmax() == 1
ae.plots.who_is_most_alike(faces.images[[20]], faces.images[trio], alike[20, trio])

# %% [markdown]
# That was easy: the most alike of the three is alike to us, too. Is it always so? **Predict:** we take every image in turn and look for the most similar of all the others. How often is it
# the same person?

# %% tags=["nbval-ignore-output"]
same_person = ae.nearest_neighbour_accuracy(
    vectors, faces.people
)  # the share whose nearest other shows the same person
if faces.whole:
    print(f"the nearest other image shows the same person in {same_person:.1%} of the cases")
    assert 0.91 < same_person < 0.94
else:
    print("These are the embedded faces, and nobody recorded who is who: the game cannot be scored here.")
    assert len(faces.people.unique()) == len(faces.people)

# %% [markdown]
# On the Olivetti faces, a collection of 40 people with ten images each, that is a fine score. (With the embedded faces, which you have when there was no network, the game can be looked at but not scored.) But there were nine other images of
# the same person to be found, some of them taken a moment later. Let us make it harder: only one image of each person may be chosen.
#
# **Predict:** which of these three is most alike to the portrait, for us, and for the pixels?

# %%
hard = 63  # in the Olivetti faces images 60 to 69 show one person
hard_trio = torch.tensor([65, 45, 33])
ae.plots.who_is_most_alike(faces.images[[hard]], faces.images[hard_trio])

# %% tags=["nbval-ignore-output"]
if faces.whole:
    assert faces.people[65] == faces.people[63] and alike[63, 65] < alike[63, [45, 33]].min()
ae.plots.who_is_most_alike(faces.images[[hard]], faces.images[hard_trio], alike[hard, hard_trio])

# %% [markdown]
# On the Olivetti faces, A is the same person as the portrait, and is called the *least* alike. And now all images, as an entrance guard has to do it: one image of each person is in the file, and each of the others must be
# matched to it. There are ten images of each person, so there are ten such files.


# %%
def recognised(vectors, people):
    """For each of ten files with one image per person: the share of other images matched to the right one."""
    shares = []
    for first in range(10):
        in_file = torch.zeros(len(people), dtype=bool)
        in_file[first::10] = True  # one image of each person
        matched = similarities(vectors)[~in_file][:, in_file].argmax(1)
        shares.append((people[in_file][matched] == people[~in_file]).float().mean().item())
    return shares


# %% tags=["nbval-ignore-output"]
centred = vectors - vectors.mean(0)  # what is special about each face: its difference from the average face
for name, rows in {"raw pixels": vectors, "less the average face": centred}.items():
    if faces.whole:
        one, many = recognised(rows, faces.people), ae.nearest_neighbour_accuracy(rows, faces.people)
        print(f"{name}: {many:.1%} with all images, {np.mean(one):.1%} with one of each person", end=" ")
        print(f"(from {min(one):.0%} to {max(one):.0%})")
        assert 0.91 < many < 0.96 and 0.45 < np.mean(one) < 0.65
    else:
        print(f"{name}: cannot be scored here, the people are not recorded")

# %% [markdown]
# Only about every second one! Taking away the average face, which all faces share, helps a little. Why is it so hard? Look at all the similarities at once.

# %% tags=["nbval-ignore-output"]
same = (faces.people[:, None] == faces.people).triu(1)  # triu(1): each pair once, nobody with himself
different = (faces.people[:, None] != faces.people).triu(1)
print(f"raw pixels: two different people have a similarity of {alike[different].mean():.2f} on average", end=" ")
print(f"and at most {alike[different].max():.2f}")
if faces.whole:
    print(f"two images of one person: {alike[same].mean():.2f} on average, at least {alike[same].min():.2f}")
    assert alike[same].min() < alike[different].mean() < alike[same].mean() < alike[different].max()
assert alike[different].mean() > 0.85

# %%
pairs = same if faces.whole else different  # in the embedded faces there are no two images known to show one person
both = {"raw pixels": alike, "less the average face": similarities(centred)}
ae.plots.similarity_histogram({name: (table[pairs], table[different]) for name, table in both.items()})

# %% [markdown]
# In raw pixels nearly everybody is nearly alike to everybody: a face in the middle, the light from the front. The two heaps overlap. A turn of the head or a smile can change the pixels more than another person does.
# The information *who* is in the pixels, for we can see it. But pixels are a bad **representation** for this question.
#
# A **representation** is the way in which a thing is written down as numbers. The rest of this notebook is about finding a better one.

# %% [markdown]
# ## 2. How much is the machine told?
#
# A machine learns from what it is told. There are three ways of telling:
#
# - **a reward**: it tries something and hears only how well that went, such as "right" or "wrong" (*reinforcement learning*);
# - **a label**: for each example a person has written down the answer (*supervised learning*);
# - **the example itself**: it has to predict the input, or a part of it (*self-supervised learning*). Nobody has to write anything.
#
# How much is told is measured in **bits**: one bit is the answer to one question to which yes and no are equally likely. To point out one of $n$ equally likely things takes $\log_2 n$ bits.
#
# **Predict:** for an image of a handwritten digit, how many bits does each of the three tell?

# %% tags=["nbval-ignore-output"]
digits = ae.load_mnist()
label_shares = torch.bincount(digits.train_labels) / len(digits.train_labels)
label_bits = -(label_shares * label_shares.log2()).sum().item()  # the average over the ten labels
reward_bits = -(0.1 * math.log2(0.1) + 0.9 * math.log2(0.9))  # "right" or "wrong" to a guess that is right 1 time in 10
print(f"a reward {reward_bits:.2f} bits, a label {label_bits:.2f} bits; log2(10) = {math.log2(10):.2f}")
assert reward_bits < 1 and abs(label_bits - math.log2(10)) < 0.01

# %% [markdown]
# And the image itself? It has 784 pixels of 8 bits. But that counts too much: the corners are always black, and nobody learns anything from being told so. A program that
# packs files, such as zip, writes such things in few bits. What is left after packing is a fairer count; the truth is lower still, for a better packer would need less.


# %% tags=["live"]
# how much is in an image: what is left of it when zlib has packed it
def bits_per_image(images):
    """Bits of one image: as they are, and packed by zlib (the method of zip files)."""
    stored = (images * 255).round().to(torch.uint8).numpy().tobytes()
    return len(stored) * 8 / len(images), len(zlib.compress(stored)) * 8 / len(images)


# %% tags=["nbval-ignore-output"]
portrait = ae.load_image("astronaut", size=512)
for name, images in {"digit": digits.train_images[:4000], "face": faces.images, "large portrait": portrait}.items():
    stored_bits, packed_bits = bits_per_image(images)
    print(f"one {name}: {stored_bits:,.0f} bits stored, {packed_bits:,.0f} packed")
    assert 1_000 < packed_bits < stored_bits
image_bits = bits_per_image(digits.train_images[:4000])[1]
assert 300 < image_bits / label_bits < 500

# %% [markdown]
# Thousands of bits for a digit, more than a million for a large portrait, and a label tells about three. Yann LeCun drew this as a cake (in a talk at the conference NIPS in 2016). Here it is for our digits, true to scale.
# **Predict:** how thick is the icing?

# %% tags=["nbval-ignore-output", "gallery"] reason="the numbers in it are asserted in the cells above"
ae.plots.cake(cherry=reward_bits, icing=label_bits, filling=image_bits)

# %% [markdown]
# The cherry is reinforcement learning, the icing is supervised learning, and the cake is self-supervised learning. Most of what can be learned is in the inputs themselves, and they cost nothing.
# (Not every bit is worth the same: many of them only say how somebody's pen wobbled.)

# %% [markdown]
# ## 3. Representation matters
#
# Learning means: somewhere out there is a function, and we see examples of it, with some noise: $y = f(x) + \varepsilon$. We look for a function that comes close to $f$. A **network** is such a
# function, with many numbers in it that can be adjusted. The simplest of all is a line, $y = a x + b$, with two such numbers.
#
# Here are points from $f(x) = x^2$, with noise of size 0.5. **Predict:** what does the best line through them look like?

# %%
generator = np.random.default_rng(0)
x = generator.uniform(-3, 3, 200)
y = x**2 + generator.normal(0, 0.5, 200)
line_in_x = np.polyfit(x, y, 1)  # the slope a and the constant b with the smallest squared error

# %% [markdown]
# A line cannot bend, so it fails. Now we leave the model as it is, still a line, and change only what we give to it: not $x$, but $\varphi(x) = x^2$.

# %% tags=["live"]
# the same linear model, given x² instead of x
phi = x**2
line_in_phi = np.polyfit(phi, y, 1)
ae.plots.line_fits(x, y, phi, (line_in_x, line_in_phi))

# %% tags=["nbval-ignore-output"]
misses = [np.std(y - np.polyval(line, given)) for line, given in ((line_in_x, x), (line_in_phi, phi))]
print(f"typical miss: {misses[0]:.2f} for the line in x, {misses[1]:.2f} for the line in φ(x); the noise is 0.50")
print(f"always answering with the mean: {np.std(y):.2f}")
assert misses[0] > 0.95 * np.std(y) and abs(misses[1] - 0.5) < 0.06

# %% [markdown]
# The line in $x$ is hardly better than no line at all. The line in $\varphi(x)$ misses by no more than the noise, and nobody can do better than that. **Same model, another representation.**
#
# The same with classes. Here are points on two rings. **Predict:** can a straight line separate the inner ring from the outer one? How many of the points can it get right, at best?

# %%
angle = torch.from_numpy(generator.uniform(0, 2 * np.pi, 300))
outer = torch.arange(300) >= 150
radius = torch.where(outer, 2.0, 1.0) + torch.from_numpy(generator.normal(0, 0.12, 300))
points = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)
ae.plots.two_rings({"two rings": (points, outer, "x₁", "x₂")})

# %% [markdown]
# Let us not believe, but try: lines in 180 directions, each at 100 positions.


# %%
def best_line(points, outer):
    """Share of points on the right side, for the best of 18,000 lines, and the position of that line."""
    best = (0.0, 0.0)
    for direction in torch.arange(180) * math.pi / 180:
        along = points @ torch.stack([direction.cos(), direction.sin()]).to(points)
        for position in torch.linspace(along.min(), along.max(), 100):
            right = ((along > position) == outer).double().mean().item()
            best = max(best, (max(right, 1 - right), position.item()))
    return best


share_right, _ = best_line(points, outer)
print(f"the best line has {share_right:.0%} of the points on the right side")
assert 0.6 < share_right < 0.85

# %% [markdown]
# No line does it. Now we write each point down in another way, with a square again: $\varphi(x_1, x_2) = (x_1,\; x_1^2 + x_2^2)$. The second number is the squared distance from the middle.

# %% tags=["live"]
# the same points, written down in another way: φ(x₁, x₂) = (x₁, x₁² + x₂²)
lifted = torch.stack([points[:, 0], points.square().sum(1)], dim=1)
share_right, _ = best_line(lifted, outer)
print(f"the best line has {share_right:.0%} of the points on the right side")
assert share_right == 1

# %%
height = (lifted[~outer, 1].max() + lifted[outer, 1].min()).item() / 2
rings = {"as they are": (points, outer, "x₁", "x₂"), "after φ": (lifted, outer, "x₁", "x₁² + x₂²")}
ae.plots.two_rings(rings, line=height)

# %% [markdown]
# With the right representation a hard problem becomes an easy one: a line is enough. But *we* had to find $\varphi$. For two rings that is easy. What is $\varphi$ for a face? Nobody can write it down.
# So let the machine **learn the representation**. That is what the rest of the course is about.

# %% [markdown]
# ## 4. Learning the representation
#
# The usual way is supervised. A network in two parts: the **feature network** turns the image into some numbers, the *features*, which is the learned $\varphi$; the **classification network** turns the features
# into an answer. Both parts are adjusted together until the answers fit the labels. Our question is simple: is the digit odd or even?

# %%
as_rows = digits.test_images[0]
ae.plots.growing_network(1, as_rows, "“odd”")

# %% [markdown]
# What is adjusted has to be judged by one number, the **loss**. For labels it is the *cross-entropy*: the network says how likely it finds "odd" and "even", and the loss is the number of bits that it was surprised by, when
# it hears the label. Certain and right costs 0 bits, fifty-fifty costs 1 bit, certain and wrong costs very much.
#
# Here the feature network has two layers, with 64 and then 16 outputs: 16 features. `fit` does the adjusting, in small steps that each lower the loss a bit; notebook 03 opens it up.

# %%
images, labels = digits.train_images[:4000].flatten(1).numpy(), digits.train_labels[:4000].numpy()
new_images, new_labels = digits.test_images[:1000].flatten(1).numpy(), digits.test_labels[:1000]
options = {"activation": "tanh", "n_iter_no_change": 2, "random_state": 0}

# %% tags=["live"]
# learn from the image to the label: odd (1) or even (0)
classifier = MLPClassifier(hidden_layer_sizes=(64, 16), tol=0.01, **options)
_ = classifier.fit(images, labels % 2)

# %% tags=["nbval-ignore-output"]
share_right = classifier.score(new_images, new_labels % 2)
print(f"odd or even: {share_right:.1%} right, on images that it has never seen")
assert share_right > 0.9

# %% [markdown]
# Now the one step from which this course grows. **Swap the labels for the input.** The second network has to give back the image, out of the 16 features alone. Look for the difference in the code: where it said `fit(images, labels % 2)`,
# it now says `fit(images, images)`.

# %% tags=["live"]
# swap the labels for the input: learn from the image to the image
autoencoder = MLPRegressor(hidden_layer_sizes=(64, 16, 64), tol=0.0005, **options)
_ = autoencoder.fit(images, images)

# %% tags=["nbval-ignore-output"]
outputs = torch.from_numpy(autoencoder.predict(new_images)).float().reshape(-1, 1, 28, 28)
error = ae.reconstruction_error(outputs, digits.test_images[:1000])
mean_error = ae.reconstruction_error(digits.train_images.mean(0).expand_as(outputs), digits.test_images[:1000])
print(f"squared difference from the input, summed over the pixels: {error:.1f};", end=" ")
print(f"always answering with the average image: {mean_error:.1f}")
assert error < 0.6 * mean_error

# %%
ae.plots.growing_network(2, as_rows, outputs[0])

# %% [markdown]
# No person has to label anything any more: the loss compares what comes out with what went in. Such learning is **self-supervised**. And now the parts get their names. The feature network is the **encoder**, the features are
# a point in the **latent space** $Z$ (*latent* means hidden), and the second network is the **decoder**:

# %%
ae.plots.growing_network(3, as_rows, outputs[0])

# %% [markdown]
# That is an **autoencoder**. Here is what yours gives back for eight digits that it has never seen, from 16 numbers each:

# %%
ae.plots.images({"in": digits.test_images[:8], "out": outputs[:8]})

# %% [markdown]
# Blurred, and some could be taken for another digit: this network is small and was trained for seconds. Notebooks 03 to 05 make better ones.
#
# ### What is in the features?
#
# Both networks have found 16 features. Are they the same? We ask as in the game: is the nearest other image, by its features, of the same kind? **Predict:** which features are better at "odd or even", which are better at "which
# digit"?


# %%
def features(network, images):
    """What comes out of the first two layers: (n, 16)."""
    for weights, constants in list(zip(network.coefs_, network.intercepts_, strict=True))[:2]:
        images = np.tanh(images @ weights + constants)
    return torch.from_numpy(images).float()


# %% tags=["nbval-ignore-output"]
rows = {
    "pixels": torch.from_numpy(new_images),
    "classifier's features": features(classifier, new_images),
    "autoencoder's features": features(autoencoder, new_images),
}
agreement = {}
for name, row in rows.items():
    agreement[name] = [ae.nearest_neighbour_accuracy(row, wanted) for wanted in (new_labels % 2, new_labels)]
    print(f"{name}: odd or even {agreement[name][0]:.1%}, which digit {agreement[name][1]:.1%}")
supervised, own = agreement["classifier's features"], agreement["autoencoder's features"]
assert supervised[0] > own[0] and own[1] > supervised[1] + 0.05 and own[1] > 0.75
assert agreement["pixels"][0] - own[0] < 0.08 and 0 < agreement["pixels"][1] - own[1] < 0.1

# %%
ae.plots.agreement_bars(agreement, ["odd or even?", "which digit?"])

# %% [markdown]
# - The classifier's features are **specialised**: best at the question that they were made for, worst at another. What the labels did not ask for was thrown away.
# - The autoencoder never saw a label. With 16 numbers instead of 784, its features come within some percent of all the pixels on both questions. They are **general**.
# - They do not *beat* the pixels here. Smaller is not yet better. What makes a code better than that is a question for the rest of the course.

# %% [markdown]
# ## Your turn
#
# Each exercise ends in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint.
#
# **Cosine by hand.** Write `cosine(one, other)` for two single rows of numbers: the formula of section 1, without the function that we wrote there. The rows are tensors of shape (n,), the answer is one number.
#
# <details><summary>Hint 1</summary>
#
# Above the line stands one sum, below the line two sums, each under a root.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `one * other` multiplies place by place, `.sum()` adds up, `.sqrt()` takes the root. Do not forget brackets around everything below the line.
#
# </details>


# %%
def cosine(one, other):
    """The cosine similarity of two rows of numbers (n,)."""
    # answer:
    return (one * other).sum() / ((one**2).sum().sqrt() * (other**2).sum().sqrt())
    # student: return ...


ae.check.cosine(cosine)

# %% [markdown]
# **What is it blind to?** Somebody changes an image. After *one* of these changes its cosine similarity to the image as it was is still exactly 1. After which?
#
# - **a** It is mirrored: `image.flip(-1)`.
# - **b** Every pixel becomes half as bright: `image * 0.5`.
# - **c** Every pixel becomes brighter by 0.2: `image + 0.2`.
# - **d** It moves to the right by one pixel: `image.roll(1, -1)`.
#
# Think first. Then try it: `image = faces.images[20]`, and your `cosine(image.flatten(), ...)`.

# %%
# answer:
answer = "b"
# student: answer = ...

ae.check.cosine_is_blind_to(answer)

# %% [markdown]
# **A rare label.** The ten digits are about equally frequent. Most labels are not like that: of 1,000 people who are tested, perhaps one is ill. Write `bits_told(shares)`: how many bits does a label tell *on average*, when its
# classes have these shares? For a tensor such as `[0.5, 0.25, 0.25]`, whose sum is 1. One of the shares may be 0.
#
# <details><summary>Hint 1</summary>
#
# To point out a class that comes up in the share $p$ of all cases takes $\log_2(1/p)$ bits. A rare class tells much, but it comes up rarely.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The average over all cases weighs each class by its share. Section 2 did that once, for the labels of the digits. But what does it give for a share of 0?
#
# </details>


# %%
def bits_told(shares):
    """Bits that a label tells on average, when its classes have these shares (n,)."""
    # answer:
    occurring = shares[shares > 0]  # a class that never comes up tells nothing
    return -(occurring * occurring.log2()).sum()
    # student: return ...


ae.check.bits_told(bits_told)

# %% [markdown]
# **Four corners.** Again two classes that no line separates. A point belongs to the first class when its two numbers have the same sign (upper right and lower left), and to the second when they have
# different signs. Here, the points of the first class are drawn as 0, those of the second as 1:

# %%
corners = torch.from_numpy(generator.choice([-1, 1], (160, 2)) * generator.uniform(0.1, 1, (160, 2)))
second_class = corners[:, 0].sign() != corners[:, 1].sign()
share_right, _ = best_line(corners, second_class)
print(f"the best line has {share_right:.0%} of the points on the right side")
assert share_right < 0.85
ae.plots.code_maps({"four corners": corners}, second_class.long())

# %% [markdown]
# Write a $\varphi$ that gives each point *one* number, such that all points of one class lie below some threshold, and all of the other above. `points` has the shape (n, 2).
#
# <details><summary>Hint 1</summary>
#
# What helped with the rings does not help here: the corners are all equally far from the middle. You need something that does not change when *both* signs change.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Minus times minus is plus.
#
# </details>


# %%
def chessboard_feature(points):
    """One number for each of the points (n, 2): (n,)."""
    # answer:
    return points[:, 0] * points[:, 1]
    # student: return ...


ae.check.chessboard_feature(chessboard_feature)

# %%
ae.check.progress(1)

# %% [markdown]
# ## What to remember
#
# - A representation is how a thing is written down as numbers. It decides whether a question is easy: the same line that fails on $x$ fits on $x^2$.
# - Raw pixels are a poor representation for *who is it*: nearly all faces look alike to them.
# - A reward tells less than a bit, a label a few bits, the input itself thousands and more.
# - Supervised learning makes features for its one task. Swap the labels for the input, and you have an autoencoder: encoder, latent space, decoder. It needs no labels.
#
# **Where next:** notebook 02 looks at the squeezing itself: what can be left out of an image, and who decides that.
