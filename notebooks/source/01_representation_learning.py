# %% [markdown]
# # 01 Representation learning
#
# **Purpose:** see how much the description of a thing matters for a question about it, and how a machine can find a description by itself.
#
# After this notebook you can
#
# - measure how similar two images are, and say what that measure is blind to;
# - work out in bits how much a reward, a label, or the image itself tells a machine;
# - make a problem easy for a line by changing its representation;
# - draw an autoencoder, starting from a network that sorts images into classes.
#
# You need Python, an idea of what fitting a line to data means, and the half page on tensors that comes next. It takes about {{seconds}} seconds to run on two processor cores.
#
# Run the cells one after the other. Where it says **Predict**, stop and guess before you run the next cell. One click keeps your guess, and a cell further down compares it with what happened. A wrong guess is no failure: it shows you what to think about.

# %%
import bz2
import math
import zlib

import aeutils as ae
import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
import torch

# %% [markdown]
# ### Half a page on tensors
#
# PyTorch keeps numbers in **tensors**: tables with any number of *dimensions*. (NumPy calls them *arrays*, and much of the following is the same there.) Images are kept in one tensor of the *shape* (images, channels, height, width);
# grey images have one channel.

# %%
tiny = torch.tensor([[[[0.0, 0.5], [0.5, 1.0]]], [[[1.0, 1.0], [0.0, 0.0]]]])  # two grey images of 2 x 2 pixels
print("shape:", tuple(tiny.shape), " the first image:", tiny[0].tolist(), " only the second: ", tuple(tiny[[1]].shape))
rows = tiny.flatten(1)  # keep the first dimension, make one row of the others: a row of 4 pixels for each image
print("rows:", rows.tolist(), " their mean:", rows.mean(0).tolist(), " of each:", rows.mean(1).tolist())
print("brighter than 0.4:", (rows > 0.4).tolist(), " how many in each:", (rows > 0.4).sum(1).tolist())
print("every row times every row:", (rows @ rows.T).tolist())

# %% [markdown]
# - `mean(0)` runs *along* dimension 0 and leaves the others; so do `sum`, `amax` (the largest) and `argmax` (its place).
# - `rows - rows.mean(0)` subtracts the same row from each row: a dimension that is missing in front, or 1 long, is stretched (*broadcasting*).
# - A comparison makes a tensor of `True` and `False`, a *mask*. `rows[mask]` picks what is `True`, and `mask.float().mean()` is the share of `True`.
# - `a @ b` multiplies matrices; `.T` swaps rows and columns; `.numpy()` and `torch.from_numpy` convert to NumPy and back; `.item()` makes a Python number.

# %% [markdown]
# ## 1. A game: who is most similar?
#
# Here are a portrait and three other faces. Which of the three is most similar to the portrait, to your eye?

# %% tags=["nbval-ignore-output"] reason="says only where the faces came from"
faces = ae.load_faces()
vectors = faces.images.flatten(1)  # each image as one row of numbers, from 0 (black) to 1 (white)
print(f"{len(vectors)} images, each a list of {vectors.shape[1]:,} numbers")

# %% [markdown]
# To the computer an image is a list of numbers, one for each pixel. How similar are two lists $a$ and $b$? A common answer is the **cosine similarity**: think of each list as
# an arrow, and take the cosine of the angle between the two arrows. It is 1 when they point in the same direction, and 0 when they are at a right angle:
#
# $$\text{similarity}(a, b) = \frac{\sum_i a_i b_i}{\sqrt{\sum_i a_i^2}\,\sqrt{\sum_i b_i^2}} .$$


# %% tags=["live"]
# the formula, for all pairs at once: make every arrow 1 long, then multiply and add up
# instructor minutes: 3
# instructor guess: "Two different people are at a right angle, or even opposite: near 0 or below." On average 0.95: an even grey makes up 92 % of the images' squared length.
# instructor ask: Which values can the similarity of two images never have?
def similarities(vectors):
    """The cosine similarity of every vector with every other: (n, n)."""
    arrows = vectors / vectors.norm(dim=1, keepdim=True)  # all of length 1
    return arrows @ arrows.T


# %%
similarity = similarities(vectors)

# %% tags=["collapsed"]
# Three faces to choose from; their places in `order` would tell the answer.
order = similarity[20].argsort(descending=True)  # all images, from the most to the least similar to image 20
trio = order[[len(order) // 2, 1, -1]]

# %%
ae.plots.who_is_most_alike(faces.images[[20]], faces.images[trio])

# %%
ae.predict("01 most similar", "And which of them will the computer call the *most* similar?", ["A", "B", "C"])

# %% tags=["predict"]
ae.plots.who_is_most_alike(faces.images[[20]], faces.images[trio], similarity[20, trio])

# %%
ae.reveal("01 most similar", "ABC"[similarity[20, trio].argmax()])

# %% tags=["collapsed"]
# Proof for the tests: the second of the three is the most similar.
assert similarity[20, trio].argmax() == 1

# %% [markdown]
# The pixels choose B. (They chose the three, too: in the list `order`, B comes first after the portrait itself, A stands halfway down, C is the last.) Does the most similar image show the same person? We take each image in turn and look for the most similar of all the others, its *nearest neighbour*. The share of images whose nearest neighbour is of the same class, here the same person, is called the **nearest-neighbour accuracy**.

# %% tags=["collapsed", "nbval-ignore-output"] reason="says only what the embedded faces cannot show"
# The embedded faces do not say who is who. With them each image counts as another person, and the score is 0.
if not faces.whole:
    print("These are the embedded faces: who is who is not recorded, so the scores in this section mean nothing here.")

# %%
ae.predict("01 same person", "In what percentage of cases does the nearest neighbour show the same person?", (0, 100))

# %% tags=["nbval-ignore-output", "predict"] reason="asserted at the end of the section"
same_person = ae.nearest_neighbour_accuracy(vectors, faces.people)
print(f"the nearest other image shows the same person in {same_person:.1%} of the cases")

# %%
if faces.whole:
    ae.reveal("01 same person", 100 * same_person)

# %% [markdown]
# The Olivetti faces are a collection of 40 people with ten images each, so there were nine other images of
# the same person to find. Let us make it harder: only one image of each person may be chosen.
#
# Here are another portrait and three faces. Which of them is the most similar to the portrait, to your eye?

# %%
hard, hard_trio = 63, torch.tensor([65, 45, 33])
ae.plots.who_is_most_alike(faces.images[[hard]], faces.images[hard_trio])

# %%
ae.predict("01 portrait", "And which of them will be the *least* similar in pixels?", ["A", "B", "C"])

# %% tags=["predict"]
ae.plots.who_is_most_alike(faces.images[[hard]], faces.images[hard_trio], similarity[hard, hard_trio])

# %%
ae.reveal("01 portrait", "ABC"[similarity[hard, hard_trio].argmin()])

# %% [markdown]
# In the Olivetti faces, A shows the same person as the portrait, and yet A is the *least* similar. (We looked for such a trio.)
#
# Now we do this with all images, as at the entrance of a company: one image of each person is on file, and each of the others must be
# matched to the right one. We try ten such files: the first image of each person, the second, and so on.


# %%
def recognised(vectors, people):
    """For each of ten files with one image per person: the share of other images matched to the right one."""
    table, shares = similarities(vectors), []
    for first in range(10):
        in_file = torch.zeros(len(people), dtype=bool)
        in_file[first::10] = True  # one image of each person
        matched = table[~in_file][:, in_file].argmax(1)
        shares.append((people[in_file][matched] == people[~in_file]).float().mean().item())
    return np.array(shares)


# %% tags=["nbval-ignore-output", "predict"] reason="asserted at the end of the section"
centred = vectors - vectors.mean(0)  # what is special about each face: its difference from the average face
one_each = {}
for name, rows in {"raw pixels": vectors, "average face subtracted": centred}.items():
    one_each[name] = recognised(rows, faces.people)
    all_images = ae.nearest_neighbour_accuracy(rows, faces.people)
    print(f"{name}: {all_images:.1%} with all images; with one of each person {one_each[name].mean():.1%}", end=" ")
    print(f"(from {one_each[name].min():.0%} to {one_each[name].max():.0%} over the ten files)")

# %% [markdown]
# Only about half of them are matched to the right person! With the average face subtracted, the score is better with each of the ten files. Look at all the similarities at once.

# %% tags=["nbval-ignore-output"] reason="asserted at the end of the section"
same = (faces.people[:, None] == faces.people).triu(1)  # triu(1): each pair once, and no image with itself
different = (faces.people[:, None] != faces.people).triu(1)
print(
    f"two different people: similarity {similarity[different].mean():.2f} on average, at most {similarity[different].max():.2f}"
)
print(f"two images of one person: {similarity[same].mean():.2f} on average")

# %% tags=["collapsed"]
# The pairs to draw: in the embedded faces no two images are known to show the same person.
pairs = same if faces.whole else different

# %%
both = {"raw pixels": similarity, "average face subtracted": similarities(centred)}
ae.plots.similarity_histogram({name: (table[pairs], table[different]) for name, table in both.items()})

# %% tags=["collapsed"]
# Proof for the tests: the scores of this section.
assert vectors.shape == (400 if faces.whole else 100, 64 * 64) and similarity[different].mean() > 0.85
if faces.whole:
    assert abs(similarity[different].mean() - 0.952) < 0.003 and abs(similarity[same].mean() - 0.973) < 0.003
    assert 0.91 < same_person < 0.93 and 0.93 < all_images < 0.95
    assert 0.49 < one_each["raw pixels"].mean() < 0.53 and 0.57 < one_each["average face subtracted"].mean() < 0.61
    assert (one_each["average face subtracted"] > one_each["raw pixels"]).all()
    lengths = vectors.square().sum(1).mean()
    assert 0.935 < vectors.mean(0).square().sum() / lengths < 0.945
    assert 0.915 < vectors.shape[1] * vectors.mean(1).square().mean() / lengths < 0.925  # an even grey
    assert faces.people[65] == faces.people[63] and similarity[63, 65] < similarity[63, [45, 33]].min()
    assert abs(both["average face subtracted"][different].mean()) < 0.05
    assert all(table[same].min() < table[different].mean() < table[different].max() for table in both.values())
    assert all(table[different].mean() < table[same].mean() < table[different].max() for table in both.values())

# %% tags=["collapsed"]
# Proof for the tests: local binary patterns (Ahonen and others, 2004), square roots of counts less their average.
centre = faces.images[:, 0, 1:-1, 1:-1]
around = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0)]
pattern = sum((faces.images[:, 0, y : y + 62, x : x + 62] > centre).long() << bit for bit, (y, x) in enumerate(around))
part = torch.arange(62) // 16
place = ((4 * part[:, None] + part) * 256 + pattern).flatten(1)  # 256 patterns in each of 4 x 4 parts
counts = torch.zeros(len(place), 16 * 256).scatter_add_(1, place, torch.ones(place.shape)).sqrt()
if faces.whole:
    by_patterns = recognised(counts - counts.mean(0), faces.people)
    assert 0.72 < by_patterns.mean() < 0.76 and (by_patterns > one_each["average face subtracted"]).all()

# %% [markdown]
# In raw pixels two different people have a similarity of 0.95 on average: an even grey makes up 92 % of the images' squared length, and the average face 94 %. With the average face subtracted that similarity is near 0, and still about four in ten are matched to the wrong person.
# In both panels the two histograms overlap: two images of one person can be less similar than images of two people.
# The pixels hold more than that about *who* it is: *local binary patterns*, which say which neighbours of a pixel are brighter, match about three in four (we took the square roots of their counts in 16 parts of the face, less the average). Raw pixels, compared by cosine similarity, are a poor **representation** for this question.
#
# A **representation** is the form in which a thing is written down as numbers. The rest of this notebook is about finding better ones.

# %% [markdown]
# ## 2. How much is the machine told?
#
# A machine learns from what it is told. Here are three kinds of things to tell it:
#
# - **a reward**: it tries something and is told only how well that went, such as "right" or "wrong" (*reinforcement learning*);
# - **a label**: for each example it is told the right answer (*supervised learning*);
# - **the example itself**: it has to predict the input, or a part of it (*self-supervised learning*). No one has to write down an answer.
#
# How much is told is measured in **bits**: one bit is the answer to one question to which yes and no are equally likely. To point out one of $n$ equally likely things takes $\log_2 n$ bits.
#
# We begin with the first two, for images of handwritten digits. For the reward, a machine guesses at random which of the ten digits an image shows, and is told whether that was right.

# %% tags=["nbval-ignore-output", "predict"] reason="asserted at the end of the section"
digits = ae.load_mnist()
label_shares = torch.bincount(digits.train_labels) / len(digits.train_labels)
label_bits = -(label_shares * label_shares.log2()).sum().item()  # the average over the ten labels
reward_bits = -(0.1 * math.log2(0.1) + 0.9 * math.log2(0.9))  # "right" or "wrong" to a guess that is right 1 time in 10
print(f"a reward {reward_bits:.2f} bits, a label {label_bits:.2f} bits; log2(10) = {math.log2(10):.2f}")

# %% [markdown]
# And the image itself? It has 784 pixels of 8 bits. But that counts too much: the corners, for example, are black in all training images. A program that
# packs files, such as zip, writes such things in few bits. What is left after packing is a fairer count. It is still too high: `bz2` packs these images into less.


# %% tags=["live"]
# how much is in an image: what is left of it when zlib has packed it
# instructor minutes: 3
# instructor guess: "A digit packs to a few dozen bits, since it is mostly black." About 1,300 of its 6,272 remain.
# instructor ask: Digits pack to a fifth of their size, faces only to six sevenths. What do digits have that faces lack?
def bits_per_image(images):
    """Bits of one image: as they are, and packed by zlib (the method of zip files)."""
    stored = (images * 255).round().to(torch.uint8).numpy().tobytes()
    return len(stored) * 8 / len(images), len(zlib.compress(stored)) * 8 / len(images)


# %%
many_bits = ["about 4 times as many", "about 40 times as many", "about 400 times as many"]
ae.predict("01 bits", "How many bits are in a packed digit, compared with the 3.3 of its label?", many_bits)

# %% tags=["nbval-ignore-output", "predict"] reason="asserted at the end of the section"
large = ae.load_image("astronaut", size=512)
packed = {}
for name, images in {"digit": digits.train_images[:4000], "face": faces.images, "large portrait": large}.items():
    stored_bits, packed[name] = bits_per_image(images)
    print(f"one {name}: {stored_bits:,.0f} bits stored, {packed[name]:,.0f} packed")

# %%
ae.reveal("01 bits", "about 400 times as many")

# %% [markdown]
# More than a thousand bits for a digit packed by zlib, more than a million for a large portrait, and a label tells about three. Yann LeCun drew this as a cake (in a talk at the conference NIPS in 2016). On his slide a reward tells *a few bits for some samples*,
# a label *10 to 10,000 bits per sample*, the input itself *millions*. The next cell draws the cake of our digits, true to scale.
# Before you run it: if the cake is 10 cm high, how thick is the icing?

# %% tags=["nbval-ignore-output", "gallery", "predict"] reason="the numbers in it are asserted in the next cell"
ae.plots.cake(cherry=reward_bits, icing=label_bits, sponge=packed["digit"])

# %% tags=["collapsed"]
# Proof for the tests: the numbers in the text and in the cake.
assert reward_bits < 1 and abs(label_bits - math.log2(10)) < 0.01
assert 1_000 < packed["digit"] < 1_500 and packed["large portrait"] > 1_000_000
assert all(packed[name] > 300 * label_bits for name in packed)
assert 0.2 < 100 * label_bits / packed["digit"] < 0.3  # millimetres of icing on 100 of sponge
for original in (digits.train_images[:4000], faces.images, large):
    raw = (original * 255).round().to(torch.uint8).numpy().tobytes()
    assert len(bz2.compress(raw)) < 0.9 * len(zlib.compress(raw))

# %% tags=["collapsed"]
# Proof for the tests: what a digit packs to in black and white, and how good its nearest neighbours still are.
grey, answers = digits.train_images[:4000], digits.train_labels[:2000]
black_and_white = (grey > 0.5).float()
assert bits_per_image(black_and_white)[1] < packed["digit"] / 4
by_tone = [ae.nearest_neighbour_accuracy(each[:2000].flatten(1), answers) for each in (grey, black_and_white)]
assert by_tone[0] - 0.03 < by_tone[1]

# %% [markdown]
# <details><summary><b>How thick?</b></summary>
#
# The cherry is reinforcement learning, the icing (a quarter of a millimetre on a cake of 10 cm) is supervised learning, and the sponge is self-supervised learning (*unsupervised*, LeCun still said). Nearly all of the bits are in the inputs themselves, and no one has to label those.
# (Not every bit is worth the same: in black and white a digit packs to less than a quarter, and the nearest-neighbour accuracy, among 2,000 digits, falls by less than three points.)
#
# </details>

# %% [markdown]
# ## 3. Representation matters
#
# There is a function $f$ that we do not know, and we see examples of it, with some noise: $y = f(x) + \varepsilon$. We look for a function that comes close to $f$. A **network** is a
# function with many numbers in it that can be adjusted. A line, $y = a x + b$, has only two such numbers.
#
# We make points from $f(x) = x^2$, for $x$ from $-3$ to $3$, with noise of size 0.5.

# %%
ae.predict("01 line", "What does the best line through these points look like?", ["nearly flat", "rising", "falling"])

# %%
generator = np.random.default_rng(0)
x = generator.uniform(-3, 3, 200)
y = x**2 + generator.normal(0, 0.5, 200)
line_in_x = np.polyfit(x, y, 1)  # the slope a and the constant b with the smallest squared error

# %% [markdown]
# We try a second line as well. The model stays a line; only its input changes: not $x$, but $\varphi(x) = x^2$.

# %% tags=["live", "predict"]
# the same linear model, given x² instead of x
# instructor minutes: 2
# instructor guess: "The line in x rises, because x² grows." It is nearly flat, and hardly better than always answering with the mean.
# instructor ask: Both fits are a slope and a constant. What were we told that let us choose x², and what if no one had told us?
phi = x**2
line_in_phi = np.polyfit(phi, y, 1)
ae.plots.line_fits(x, y, phi, (line_in_x, line_in_phi))

# %%
ae.reveal("01 line", "nearly flat")

# %% tags=["nbval-ignore-output", "predict"] reason="asserted in the next cell"
misses = [np.std(y - np.polyval(line, given)) for line, given in ((line_in_x, x), (line_in_phi, phi))]
print(f"typical miss: {misses[0]:.2f} for the line in x, {misses[1]:.2f} for the line in φ(x); the noise is 0.50")
print(f"always answering with the mean: {np.std(y):.2f}")

# %% tags=["collapsed"]
# Proof for the tests: the first line's slope is chance and it hardly beats the mean, the second misses by the noise.
assert abs(line_in_x[0]) < 2 * misses[0] / (np.std(x) * len(x) ** 0.5)  # two standard errors
assert misses[0] > 0.95 * np.std(y) and abs(misses[1] - 0.5) < 0.06

# %% [markdown]
# A line cannot bend, and what it would gain on one side of 0 it would lose on the other (its small slope is chance): the line in $x$ is hardly better than always answering with the mean. The line in $\varphi(x)$ misses by about the size of the noise; on average over new points, no function of $x$ does better than that. **Same model, another representation.**
#
# Now two classes: points on two rings. Can a straight line separate the inner ring from the outer one?

# %%
angle = torch.from_numpy(generator.uniform(0, 2 * np.pi, 300))
outer = torch.arange(300) >= 150
radius = torch.where(outer, 2.0, 1.0) + torch.from_numpy(generator.normal(0, 0.12, 300))
points = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)
ae.plots.two_classes({"two rings": (points, outer, "x₁", "x₂")}, ("inner", "outer"))

# %%
ae.predict("01 rings", "What percentage of the points is on the right side of the best line?", (50, 100))

# %% [markdown]
# Let us try lines in 180 directions, each at 100 positions.


# %% tags=["predict"]
def best_line(points, outer):
    """Share of points on the right side, for the best of 18,000 lines."""
    best = 0.0
    for direction in torch.arange(180) * math.pi / 180:
        along = points @ torch.stack([direction.cos(), direction.sin()]).to(points)
        positions = torch.linspace(along.min(), along.max(), 100)[:, None]
        right = ((along > positions) == outer).double().mean(1)  # one share for each position
        best = max(best, right.max().item(), 1 - right.min().item())
    return best


share_of_rings = best_line(points, outer)
print(f"the best line has {share_of_rings:.0%} of the points on the right side")

# %%
ae.reveal("01 rings", 100 * share_of_rings)

# %% [markdown]
# None of them does it. Now we write each point down in another form, with a square again: $\varphi(x_1, x_2) = (x_1,\; x_1^2 + x_2^2)$. The second number is the squared distance from the centre.

# %% tags=["live"]
# the same points, written down in another form: φ(x₁, x₂) = (x₁, x₁² + x₂²)
# instructor minutes: 3
# instructor guess: "Rings need a circle, so a straight line can never get all points right." After φ a straight line does: 100 % instead of 68 %.
# instructor ask: Draw the line that separates the lifted points back into the old picture. What shape is it there?
lifted = torch.stack([points[:, 0], points.square().sum(1)], dim=1)
share_lifted = best_line(lifted, outer)
print(f"the best line has {share_lifted:.0%} of the points on the right side")

# %%
height = (lifted[~outer, 1].max() + lifted[outer, 1].min()).item() / 2
rings = {"as they are": (points, outer, "x₁", "x₂"), "after φ": (lifted, outer, "x₁", "x₁² + x₂²")}
ae.plots.two_classes(rings, ("inner", "outer"), line=height)

# %% tags=["collapsed"]
# Proof for the tests: before φ no line separates the rings, after it one does; the nearest neighbour needs no φ.
assert abs(share_of_rings - 0.68) < 0.01 and share_lifted == 1
assert (outer[torch.cdist(points, points).fill_diagonal_(9).argmin(1)] == outer).all()

# %% [markdown]
# What is impossible for a line in one representation can be easy in another. (The nearest neighbour needs no $\varphi$ for the rings; for the faces it was not enough.) But *we* had to find $\varphi$. For two rings that is easy. What is $\varphi$ for a face? Local binary patterns are one that people wrote down, and about one face in four still went to the wrong person.
# So let the machine **learn the representation**.

# %% [markdown]
# ## 4. Learning the representation
#
# One method is supervised: we train a network in two parts. The **feature network** turns the image into some numbers, the *features*, which are the learned $\varphi$; the **classification network** turns the features
# into an answer. Both parts are adjusted together to make the answers fit the labels. Our question: is the digit odd or even?

# %%
first_image = digits.test_images[0]
ae.plots.growing_network(1, first_image, "“odd”" if digits.test_labels[0] % 2 else "“even”")

# %% [markdown]
# Training lowers a single number, the **loss**, computed by a *loss function*. For labels it is the **cross-entropy**: the network says how likely "odd" and "even" are, and the loss is $-\log p$, where $p$ is the probability that it gave to the right label.
# With $\log_2$ it is in bits: certain and right costs 0 bits, fifty-fifty costs 1 bit, nearly certain and wrong costs many. (Our classifier takes the natural logarithm, whose unit, the *nat*, is 1.44 bits, and adds a small penalty on large weights.)
#
# Here the feature network has two layers, with 64 and then 16 outputs: 16 features. `fit` does the adjusting, in small steps; notebook 03 opens it up. It begins at random numbers, its *initialisation*, and takes the images in random order, so one run may be luckier than another: we train three of each kind (one with the embedded digits), each with its own *seed*, a number that fixes what is random.

# %%
images, labels = digits.train_images[:4000].flatten(1).numpy(), digits.train_labels[:4000].numpy()
new_images, new_labels = digits.test_images[:1000].flatten(1).numpy(), digits.test_labels[:1000].numpy()
options = {"activation": "tanh", "n_iter_no_change": 2}
seeds = range(3) if digits.whole else range(1)

# %% tags=["live"]
# learn from the image to the label: odd (1) or even (0)
# instructor minutes: 3
# instructor guess: "Little more than half are right: being odd has nothing to do with the look of a digit." About 95 % are right.
# instructor ask: The label is one bit, odd or even. Which differences between digits may this network throw away?
classifiers = []
for seed in seeds:
    classifiers.append(MLPClassifier(hidden_layer_sizes=(64, 16), tol=0.01, random_state=seed, **options))
    classifiers[-1].fit(images, labels % 2)

# %% tags=["nbval-ignore-output"] reason="asserted at the end of the section"
shares_right = [classifier.score(new_images, new_labels % 2) for classifier in classifiers]
print(f"odd or even: {min(shares_right):.1%} to {max(shares_right):.1%} right, on images never seen in training")

# %% [markdown]
# Now the one step from which this course grows. **Swap the labels for the input.** The second network has to reproduce the image, from the 16 features alone. Where it said `fit(images, labels % 2)`,
# it now says `fit(images, images)`. This changes with it: the second network has 784 outputs in place of one, and we give it one more layer, of 64; the Python class is now a *regressor*, whose outputs need not be probabilities and whose loss is the squared difference; and `tol` is smaller: training stops when three passes over the images in a row gain less.

# %% tags=["live"]
# swap the labels for the input: learn from the image to the image
# instructor minutes: 4
# instructor guess: "The network learns to copy, so the error is nearly 0." Through 16 features 24 to 25; the average image has an error of 51, and PCA with 16 numbers one of 22.
# instructor ask: Who wrote down the answers that this network learns from, and how many numbers is each answer?
autoencoders = []
for seed in seeds:
    autoencoders.append(MLPRegressor(hidden_layer_sizes=(64, 16, 64), tol=0.0005, random_state=seed, **options))
    autoencoders[-1].fit(images, images)

# %% tags=["nbval-ignore-output"] reason="asserted at the end of the section"
outputs = torch.from_numpy(autoencoders[0].predict(new_images)).float().reshape(-1, 1, 28, 28)
error = ae.reconstruction_error(outputs, digits.test_images[:1000])
mean_error = ae.reconstruction_error(digits.train_images.mean(0).expand_as(outputs), digits.test_images[:1000])
print(f"squared difference from the input, summed over the pixels: {error:.1f};", end=" ")
print(f"always answering with the average image: {mean_error:.1f}")

# %%
ae.plots.growing_network(2, first_image, outputs[0])

# %% [markdown]
# No one has to label anything: the loss compares the output with the input. Such learning is **self-supervised**. And now the parts get their names. The feature network is the **encoder**, the features are
# a point in the **latent space** $Z$ (*latent* means hidden), and the second network is the **decoder**:

# %%
ae.plots.growing_network(3, first_image, outputs[0])

# %% [markdown]
# That is an **autoencoder**. These are its reconstructions of eight digits that it has never seen, from 16 numbers each:

# %%
ae.plots.images({"in": digits.test_images[:8], "out": outputs[:8]})

# %% [markdown]
# Blurred, and some could be taken for another digit. With 16 numbers PCA, a linear method that notebook 02 explains, does better here: its error is 22 after the same 4,000 digits of whole MNIST. But our training stopped while the loss was still falling. In notebook 05 deeper networks do better than PCA.
#
# ### What is in the features?
#
# Both kinds of network have found 16 features. Are they the same? We ask as in section 3: how far does a *line* get with them? With 16 features that is a weighted sum, whose weights we fit to the training images by least squares, with a small penalty on large ones (for "which digit" there are ten such sums, and the largest wins).
# Then we count the right answers on new images. This is called a **linear probe**. For comparison we take the pixels themselves, 16 random weighted sums of them, and 16 numbers from PCA (*principal component analysis*), which needs no network.

# %%
ae.predict(
    "01 features",
    "At which question are the classifier's features better than the autoencoder's?",
    ["only odd or even", "only which digit", "both", "neither"],
)


# %%
def features(network):
    """The outputs of the first two layers, for the training images and for the new ones: (n, 16) each."""
    sets = [images, new_images]
    for weights, constants in list(zip(network.coefs_, network.intercepts_, strict=True))[:2]:
        sets = [np.tanh(each @ weights + constants) for each in sets]
    return sets


def probe(known, new):
    """Share of new images that a linear probe gets right: "odd or even", and "which digit"."""
    questions = ((labels % 2, new_labels % 2), (labels, new_labels))
    return [RidgeClassifier().fit(known, told).score(new, asked) for told, asked in questions]


# %% tags=["nbval-ignore-output", "predict"] reason="asserted at the end of the section"
pca = PCA(16, random_state=0).fit(images)
random = [np.random.default_rng(seed).normal(size=(784, 16)) for seed in seeds]
scores = {
    "pixels": np.array([probe(images, new_images)]),
    "random": np.array([probe(images @ weights, new_images @ weights) for weights in random]),
    "PCA": np.array([probe(pca.transform(images), pca.transform(new_images))]),
    "classifier": np.array([probe(*features(network)) for network in classifiers]),
    "autoencoder": np.array([probe(*features(network)) for network in autoencoders]),
}
for name, runs in scores.items():
    (low_parity, low_digit), (high_parity, high_digit) = runs.min(0), runs.max(0)
    print(f"{name:16} odd or even {low_parity:.1%} to {high_parity:.1%}, digit {low_digit:.1%} to {high_digit:.1%}")

# %% tags=["predict"]
means = {name: runs.mean(0).tolist() for name, runs in scores.items()}
ae.plots.agreement_bars(means, ["odd or even?", "which digit?"], axis="% right, linear probe")

# %%
ae.reveal("01 features", "only odd or even")

# %% tags=["collapsed"]
# Proof for the tests: what the text below says.
assert min(shares_right) > 0.9 and error < 0.6 * mean_error
pixels, random_sums, pca_16, supervised, own = scores.values()
assert supervised[:, 0].min() > own[:, 0].max() + 0.05  # odd or even
assert own[:, 1].min() > supervised[:, 1].max()  # which digit
assert supervised[:, 1].min() > 0.4
if digits.whole:
    assert 0.935 < min(shares_right) <= max(shares_right) < 0.965 and 23.5 < error < 25.5 and 50 < mean_error < 52
    assert supervised[:, 0].min() > max(pixels[0, 0], pca_16[0, 0], random_sums[:, 0].max()) + 0.03
    assert supervised[:, 1].max() < min(own[:, 1].min(), pixels[0, 1], pca_16[0, 1]) - 0.03
    assert abs(supervised[:, 1].mean() - random_sums[:, 1].mean()) < 0.08
    assert (pixels - own).min() > 0 and (pixels - own).max() < 0.09 and abs(pca_16 - own).max() < 0.04
    assert 21.5 < np.square(pca.inverse_transform(pca.transform(new_images)) - new_images).sum(1).mean() < 22.4 < error
    assert all(network.n_iter_ < 20 and np.diff(network.loss_curve_).max() < 0 for network in autoencoders)

# %% tags=["collapsed"]
# Proof for the tests: the nearest of the 4,000, in pixels, the classifiers' features, PCA and the autoencoders'.
by_nearest = []  # odd or even, and which digit
both_sets = [features(network) for network in classifiers + autoencoders]
for known, new in [(images, new_images), (pca.transform(images), pca.transform(new_images)), *both_sets]:
    nearest = KNeighborsClassifier(1, metric="cosine").fit(known, labels).predict(new)
    by_nearest.append([(nearest % 2 == new_labels % 2).mean(), (nearest == new_labels).mean()])
by_nearest = np.array(by_nearest)
if digits.whole:
    assert by_nearest[2:5, 0].mean() < by_nearest[0, 0] + 0.005 and by_nearest[5:, 1].max() < by_nearest[1, 1]

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# - The classifier's features are **specialised**: with each seed they are the best of the five at the question that they were made for, and behind PCA and the autoencoder at the other, where they get 60 to 65 % right and random sums of the pixels 55 to 60 %.
# - That is with a *line*. With the nearest neighbour among the 4,000, as in the game, the classifier's features have no lead over the pixels at odd or even.
# - The autoencoder never saw a label. With 16 numbers in place of 784, its features come within nine percentage points of the pixels on both questions. At "which digit", for which neither network was trained, they beat the classifier's: they are more **general**.
# - They do not *beat* the pixels here. PCA's 16 weighted sums do about as well with a line, and better with the nearest neighbour at "which digit". When a network's code is better than weighted sums is a question for the rest of the course.
#
# </details>

# %% [markdown]
# ## Your turn
#
# The first four exercises end in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint.
# Each exercise is marked with its difficulty, from ★ to ★★★, and with about how long it takes.
#
# **Cosine by hand** (★, 5 minutes). Write `cosine(one, other)` for two single rows of numbers: the formula of section 1, without the function that we wrote there. The rows are tensors of shape (n,), the answer is one number.
#
# <details><summary>Hint 1</summary>
#
# There is one sum above the fraction line, and two below it, each under a root.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `one * other` multiplies place by place, `.sum()` adds up, `.sqrt()` takes the root. Do not forget brackets around everything below the fraction line.
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
# **What is it blind to?** (★, 5 minutes) An image is changed. After *one* of these changes its cosine similarity to the original image is still exactly 1 (but for rounding in the last digits). After which?
#
# - **a** It is mirrored: `image.flip(-1)`.
# - **b** Every pixel becomes half as bright: `image * 0.5`.
# - **c** Every pixel becomes brighter by 0.2: `image + 0.2`.
# - **d** It moves to the right by one pixel: `image.roll(1, -1)`.
#
# Decide first, then try it: `image = faces.images[20]`, and your `cosine(image.flatten(), ...)`.

# %%
# answer:
answer = "b"
# student: answer = ...

ae.check.cosine_is_blind_to(answer)

# %% [markdown]
# **A rare label** (★★, 10 minutes). The ten digits are about equally frequent. Many labels are not like that: of 1,000 people who are tested, perhaps one is ill. Write `bits_told(shares)`: how many bits does a label tell *on average*, when its
# classes have these shares? `shares` is a tensor such as `[0.5, 0.25, 0.25]`, whose sum is 1. One of the shares may be 0.
#
# <details><summary>Hint 1</summary>
#
# To point out a class whose share is $p$ takes $\log_2(1/p)$ bits. A rare class tells much, but it occurs rarely.
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
    occurring = shares[shares > 0]  # a class that never occurs tells nothing
    return -(occurring * occurring.log2()).sum()
    # student: return ...


ae.check.bits_told(bits_told)

# %% [markdown]
# **Four corners** (★★, 10 minutes). Again two classes that no line separates. A point belongs to the first class when its two numbers have the same sign (upper right and lower left), and to the second when they have
# different signs.

# %%
corners = torch.from_numpy(generator.choice([-1, 1], (160, 2)) * generator.uniform(0.1, 1, (160, 2)))
second_class = corners[:, 0].sign() != corners[:, 1].sign()
print(f"the best line has {best_line(corners, second_class):.0%} of the points on the right side")
ae.plots.two_classes({"four corners": (corners, second_class, "x₁", "x₂")}, ("same sign", "different signs"))

# %% [markdown]
# Write a $\varphi$ that gives each point *one* number, such that all points of one class lie below some threshold, and all points of the other above it. `points` has the shape (n, 2).
#
# <details><summary>Hint 1</summary>
#
# What helped with the rings does not help here: both classes have points near the centre and far from it. Look for something that does not change when *both* signs change.
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

# %% [markdown]
# **Investigate: features for another question** (★★, 15 minutes, no check). The classifier of section 4 learned "odd or even". Ask it something else.
#
# 1. Predict: train a classifier on "is the digit below 5?". Are its features better or worse than those of section 4 at "which digit"? And what if it is trained on all ten labels?
# 2. Train both (`labels < 5` and `labels` in place of `labels % 2`) and take the `probe(*features(network))` of each, three seeds each.
# 3. Explain: which kind of question makes features that are good at other questions, too?

# %% tags=["nbval-ignore-output"] reason="an investigation: every student has numbers of their own"
# answer:
asked_for = {}
more_ink = images.sum(1) > np.median(images.sum(1))
for name, wanted in {"below 5": labels < 5, "more ink": more_ink, "which digit": labels}.items():
    for seed in seeds[:1] if name == "more ink" else seeds:  # more ink: far from the others, so once is enough
        asked = MLPClassifier(hidden_layer_sizes=(64, 16), tol=0.01, random_state=seed, **options).fit(images, wanted)
        parity, digit = probe(*features(asked))
        asked_for.setdefault(name, []).append((parity, digit))
        print(f"trained on {name!r}, seed {seed}: odd or even {parity:.1%}, which digit {digit:.1%}")
below_5, ink, all_ten = (np.array(runs) for runs in asked_for.values())
if digits.whole:
    assert below_5[:, 0].max() < supervised[:, 0].min() and 0 < below_5[:, 1].mean() - supervised[:, 1].mean() < 0.1
    assert ink[:, 1].max() < random_sums[:, 1].min() - 0.1
    assert all_ten[:, 0].min() > pixels[0, 0] + 0.01 and all_ten[:, 1].min() > supervised[:, 1].max() + 0.15
# student: features_for_another_question = ...

# %% [markdown]
# <details><summary>What we found</summary>
#
# The features that learned "below 5" are on average better at "which digit" than those of section 4 (68 % against 62 %), and worse at "odd or even". Those that learned all ten labels beat the pixels at both: the answer to "which digit" contains the answer to "odd or even".
# The number of bits alone does not decide: "Does it have more ink than most?" tells one bit, as "below 5" does, but its features (one seed) are more than ten points worse at "which digit" than random sums of the pixels.
#
# </details>

# %%
ae.check.progress(1)

# %% [markdown]
# ## What to remember
#
# - A representation is the form in which a thing is written down as numbers. What a simple model can do depends on it: our line fails on $x$ and fits on $x^2$.
# - Raw pixels, compared by cosine similarity, are a poor representation for *who is it*: given one image of each person, in about half of the cases that of another person was more similar.
# - Of a digit, a reward for a random guess tells about half a bit, a label 3.3 bits, the image itself, packed by zlib, more than a thousand.
# - The classifier's features were the best at their own question, not at another. Swap the labels for the input, and you have an autoencoder: encoder, latent space, decoder.
#
# **Where next:** notebook 02 looks at compression itself: what can be left out of an image, and who decides that.
