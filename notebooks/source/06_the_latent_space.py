# %% [markdown]
# # 06 The latent space
#
# **Purpose:** look at the codes themselves: where the encoder puts each image, which images it puts near each other, and what lies between.
#
# After this notebook you can
#
# - draw a map of codes, and say how much of the truth such a flat map hides;
# - measure whether similar images have similar codes, instead of admiring a plot;
# - count how many of the latent variables are really used;
# - walk through the latent space and decode what you meet.
#
# You need notebooks 03 to 05. It takes about {{seconds}} seconds to run on two processor cores.

# %%
import aeutils as ae
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
import torch
from torch.nn import functional

# %% [markdown]
# ## 1. A map of the codes
#
# We train a deep autoencoder with 20 latent variables, as in notebook 05. An image of 28 × 28 = 784 pixels goes in, and about forty times fewer
# numbers come out of its encoder: the **code** $z$. All possible codes together are the **latent space**. Each image is one point in it.
#
# This time we watch a test digit while training goes on. (In this page as it is stored, it stands below, as it was after each epoch.)

# %% tags=["nbval-ignore-output"]
digits = ae.load_mnist()
# the embedded subset is small: go through it more often, in smaller batches with smaller steps
epochs, batch_size, learning_rate = (4, 256, 0.007) if digits.whole else (9, 64, 0.004)
ae.seed_everything(0)
model = ae.fully_connected((1, 28, 28), latent_size=20, hidden=(256, 128))
watch = ae.widgets.watch_training(digits.test_images[:1])
ae.fit(model, digits.train_images, epochs, batch_size=batch_size, learning_rate=learning_rate, watch=watch)
test_error = ae.evaluate(model, digits.test_images)
print(f"reconstruction error on test digits: {test_error:.1f}")
assert test_error < 16
watch

# %% [markdown]
# Now only the encoder. We encode test digits, which training has not seen. Their labels (which digit it is) are for looking only:
# training has not seen any label at all.

# %% tags=["live"]
# the encoder alone, on test digits
images, labels = digits.test_images[:5000], digits.test_labels[:5000]
with torch.no_grad():
    codes = model.encoder(images)
assert codes.shape == (len(images), 20)

# %% [markdown]
# Nobody can look at 20 dimensions. But PCA (notebook 04) finds the directions in which points vary most. Here it looks at the *codes*, and we
# draw how far each code lies along the first two of its components. Each point is drawn as its digit; the large digits stand in the middle of theirs.
#
# **Predict:** nobody told the network that there are ten kinds of images. Will the digits lie in ten heaps, or all mixed up?

# %% tags=["live"]
# a flat map: the codes along the first two components of their PCA
code_pca = PCA(20).fit(codes.numpy())
scores = torch.from_numpy(code_pca.transform(codes.numpy())).float()  # the codes along PCA's components
ae.plots.code_maps({"codes of test digits, first two components": scores[:, :2]}, labels)

# %% [markdown]
# Neither! Some digits keep to a region of their own, others lie on top of one another. Is the code that confused, or only its flat image?
# A map cannot answer that. A number can.

# %% [markdown]
# ## 2. Are similar images near each other?
#
# The lecture calls it **contextual learning**: the place of an image in the latent space comes from its likeness to the other images, so that similar ones lie near
# each other. Let us look first: ten test digits, each over the other test digit whose code is *nearest* to its own.

# %% tags=["live"]
# of ten digits, the other digit with the nearest code
distances = torch.cdist(codes[:10], codes)
distances[range(10), range(10)] = torch.inf  # an image is not its own neighbour
nearest = distances.argmin(1)
assert (nearest != torch.arange(10)).all()
ae.plots.images({"a digit": images[:10], "nearest code": images[nearest]})

# %% [markdown]
# Now measure. For each test digit we find its nearest neighbour and ask: **is it the same digit?** The share that says yes is the
# *nearest-neighbour accuracy*. Guessing would give about 10 %. We ask it in several spaces:
#
# - the 784 pixels themselves;
# - PCA of the *pixels*, 20 components, the linear code of notebook 04;
# - the 20 latent variables of our network, and of the same network *before* training (a control: does the training matter?);
# - the two numbers of the flat map.
#
# **Predict:** which space has the highest agreement?

# %% tags=["nbval-ignore-output"]
pixel_pca = PCA(20, random_state=0).fit(digits.train_images.flatten(1).numpy())
ae.seed_everything(0)
untrained = ae.fully_connected((1, 28, 28), latent_size=20, hidden=(256, 128))
spaces = {
    "784 pixels": images.flatten(1),
    "PCA, 20 numbers": torch.from_numpy(pixel_pca.transform(images.flatten(1).numpy())),
    "untrained code, 20": untrained.encoder(images).detach(),
    "trained code, 20": codes,
    "flat map of it, 2": scores[:, :2],
}
agreement = {name: ae.nearest_neighbour_accuracy(space, labels, "euclidean") for name, space in spaces.items()}
assert abs(agreement["trained code, 20"] - agreement["784 pixels"]) < 0.04
assert agreement["trained code, 20"] > 2 * agreement["flat map of it, 2"]
assert agreement["untrained code, 20"] < agreement["trained code, 20"]

# %%
ae.plots.share_bars(agreement, chance=0.1, axis="nearest neighbour is the same digit")

# %% [markdown]
# Read this twice, for it is less than one might hope and more than the map shows.
#
# - The trained code is **hardly better or worse** than the pixels. It agrees about as often, with forty times fewer numbers. That is the honest claim:
#   *forty times fewer numbers, the same neighbours*. PCA's 20 numbers do just as well.
# - A network that was never trained already keeps many neighbours together, because it is a smooth function. Training adds the rest.
# - The flat map of the *same* codes falls far behind. What was mixed up was the image, not the code.

# %% [markdown]
# ## 3. How many of the 20 numbers are used?
#
# The variance of the codes along each of PCA's components tells how much of their differences that component holds: the **explained variance**.
#
# **Predict:** the first two components, those of the map, hold less than half of the variance. What share of the neighbours do they keep? And how many components bring it close to its best?

# %%
shares = torch.from_numpy(code_pca.explained_variance_ratio_)
kept = {
    count: ae.nearest_neighbour_accuracy(scores[:, :count], labels, "euclidean") for count in (2, 3, 5, 7, 10, 15, 20)
}
assert shares[:2].sum() < 0.5 and kept[10] > 1.5 * kept[2] and abs(kept[20] - agreement["trained code, 20"]) < 0.01
ae.plots.by_component(shares, kept)

# %% [markdown]
# Each further component keeps more neighbours. What tells a 4 from a 9 hides in the directions that no flat map shows.
#
# Can we say in one number how many directions there are? The **effective dimension** of points with variances $\lambda_1, \lambda_2, \dots$ along their components is
#
# $$\frac{(\lambda_1 + \lambda_2 + \dots)^2}{\lambda_1^2 + \lambda_2^2 + \dots} .$$
#
# With $k$ equal variances and the rest zero it is exactly $k$; with one large variance it is near 1. (It is also called the *participation ratio*.)


# %% tags=["live", "nbval-ignore-output"]
# how many directions the codes fill, as one number
def effective_dimension(variances):
    return (variances.sum() ** 2 / variances.square().sum()).item()


assert abs(effective_dimension(torch.tensor([3.0, 3.0, 3.0, 0.0])) - 3) < 1e-5
code_dimension = effective_dimension(shares)
pixel_dimension = effective_dimension(torch.linalg.eigvalsh(images.flatten(1).T.cov()))
print(f"effective dimension: {code_dimension:.1f} of 20 in the codes, {pixel_dimension:.1f} of 784 in the pixels")
assert 4 < code_dimension < 18 and code_dimension < pixel_dimension < 60

# %% [markdown]
# The codes fill far fewer than 20 directions *evenly*. That does not make the small ones useless, as the curve shows.
#
# Last, are there **dead units**: latent variables that are the same for every image (trap 3 in notebook 03)? We look at how much each of the 20 varies, and call one dead that
# varies less than a hundredth of the average.

# %% tags=["live", "nbval-ignore-output"]
# how much each of the 20 latent variables varies
spread = codes.std(0)
dead = spread < 0.01 * spread.mean()
print(f"{dead.sum()} dead units; the spread goes from {spread.min():.1f} to {spread.max():.1f}")
assert not dead.any()

# %%
ae.plots.spread_bars(spread)

# %% [markdown]
# None: the code has no function behind it that could kill it. All 20 variables vary alike, and yet the codes have few strong directions. So the
# variables must vary *together*; no single one stands for "a loop" or "slanted".

# %% [markdown]
# ## 4. Explore
#
# The decoder turns *any* 20 numbers into an image, also those that no image has. We lay a lattice over the flat map and decode its points.
# A point of the map fixes the first two components; the other 18 stay at their average.
#
# **Predict:** what will you see where the map is empty?

# %% tags=["gallery"]
across = torch.quantile(scores[:, 0], torch.linspace(0.02, 0.98, 2)).tolist()
upwards = torch.quantile(scores[:, 1], torch.linspace(0.02, 0.98, 2)).tolist()
across, upwards = torch.linspace(*across, 9), torch.linspace(*upwards, 9)
lattice = torch.zeros(9, 9, 20)
lattice[:, :, 0], lattice[:, :, 1] = across[None, :], upwards[:, None]
lattice_codes = torch.from_numpy(code_pca.inverse_transform(lattice.reshape(-1, 20).numpy())).float()
with torch.no_grad():
    decoded = model.decoder(lattice_codes).reshape(9, 9, 1, 28, 28)
steps = (decoded[:, 1:] - decoded[:, :-1]).square().sum((2, 3, 4))  # from each image to the next on its right
ends = (decoded[:, -1] - decoded[:, 0]).square().sum((1, 2, 3))
assert steps.mean() < ends.mean() / 2
ae.plots.map_and_decoded_grid(scores[:, :2], labels, decoded, across, upwards)

# %% [markdown]
# A landscape without cliffs: each image differs little from its neighbours, far less than those at the two edges. Strokes grow, lean and close on the way. Many of
# the images are no digits at all. Nobody asked the network to put a digit at every point, only to bring back the digits that it was given.
#
# **Move about on the map yourself:** click on it, or use the sliders, which change the first four components. What does each of them change in the image?

# %%
ae.widgets.latent_map(model, images, labels)

# %% [markdown]
# ### A walk from one digit to another
#
# We take the codes of two test digits and go from one to the other in a straight line, decoding on the way. For comparison we do the same
# with the *pixels*.
#
# **Predict:** how will the middle of the two walks differ?

# %% tags=["live"]
# a straight line from a 3 to a 0: in the code, and in the pixels
way = torch.linspace(0, 1, 9)[:, None]  # 0: all first digit, 1: all second digit
first, second = (labels == 3).nonzero()[0, 0], (labels == 0).nonzero()[0, 0]
with torch.no_grad():
    in_code = model.decoder((1 - way) * codes[first] + way * codes[second])
in_pixels = (1 - way[..., None, None]) * images[first] + way[..., None, None] * images[second]
assert torch.allclose(in_pixels[0], images[first]) and torch.allclose(
    in_code[-1], model(images[second][None])[0], atol=1e-4
)
ae.plots.images({"pixels": in_pixels, "code": in_code})

# %% [markdown]
# In pixels, one digit fades out while the other fades in: halfway there are two pale digits on top of each other. In the latent space, strokes move. One pair of digits may be luck, so let us measure over many:
# how far is the halfway image from the *nearest real digit*?

# %% tags=["live", "nbval-ignore-output"]
# halfway between 500 pairs: how far from the nearest real digit?
one, other = slice(0, 500), slice(500, 1000)
with torch.no_grad():
    halfway_code = model.decoder((codes[one] + codes[other]) / 2).flatten(1)
halfway_pixels = ((images[one] + images[other]) / 2).flatten(1)
real = digits.train_images[:10_000].flatten(1)
to_real = [torch.cdist(each, real).amin(1).square().mean() for each in (halfway_pixels, halfway_code)]
print("squared distance to the nearest real digit: pixels {:.1f}, code {:.1f}".format(*to_real))
assert to_real[1] < to_real[0]

# %% [markdown]
# The middle of a walk through the latent space is nearer to a real digit than the middle of a walk through the pixels. Blend two digits of your choice:

# %%
ae.widgets.blend(model, images)

# %% [markdown]
# ## 5. The similarity game again, with faces
#
# In notebook 01 we ranked images of people by their likeness to a portrait, in raw pixels. Does a code do better? We train a face autoencoder on 30 of the 40
# people and play with the ten people whom it has never seen.

# %% tags=["nbval-ignore-output"]
faces = ae.load_faces()
new = faces.people >= faces.people.max() * 3 // 4 + 1  # the last quarter of the people
known_faces, new_faces, new_people = faces.images[~new], faces.images[new], faces.people[new]
ae.seed_everything(0)
face_model = ae.fully_connected((1, 64, 64), latent_size=20)  # one layer: deeper ones learn 300 images by heart
face_history = ae.fit(face_model, known_faces, 60, held_out=new_faces, batch_size=16, learning_rate=0.004)
assert face_history.held_out_error[-1] < face_history.held_out_error[0]

# %% [markdown]
# Likeness is **cosine similarity**, the cosine of the angle between two vectors, as in notebook 01. In pixels and codes we first subtract the
# average of the training faces, as PCA does by itself; raw pixels stay in the game for comparison.

# %%
face_pca = PCA(20, random_state=0).fit(known_faces.flatten(1).numpy())
with torch.no_grad():
    face_codes = face_model.encoder(new_faces) - face_model.encoder(known_faces).mean(0)
face_spaces = {
    "raw pixels": new_faces.flatten(1),
    "pixels - average": (new_faces - known_faces.mean(0)).flatten(1),
    "PCA, 20 numbers": torch.from_numpy(face_pca.transform(new_faces.flatten(1).numpy())).float(),
    "code, 20 numbers": face_codes,
}
assert all(len(space) == len(new_faces) for space in face_spaces.values())

# %% [markdown]
# For some of the new people: which other image does each space call the most alike, when there is **one** image of each person to choose from?
#
# **Predict:** how often will you agree with the code?

# %%
asked = torch.arange(5, len(new_faces), 10)[:8]  # the sixth image of each person, when people are recorded
choice = torch.arange(0, len(new_faces), 10)  # the first image of each person
rows = {"who is this?": new_faces[asked[: len(choice)]]}
for name in ("pixels - average", "PCA, 20 numbers", "code, 20 numbers"):
    directions = functional.normalize(face_spaces[name], dim=1)
    most_alike = (directions[asked] @ directions[choice].T).argmax(1)
    rows[name.replace(", ", "\n").replace(" - ", "\n- ")] = new_faces[choice[most_alike]]
ae.plots.images(rows)


# %% [markdown]
# Now the score, over all new faces: each of the ten images of a person takes its turn to be the one on offer, and all other images ask.


# %%
def game_score(vectors):
    """The share of right answers, for vectors of 10 people with 10 images each, in order."""
    directions = functional.normalize(vectors, dim=1).reshape(10, 10, -1)  # people, images, numbers
    right = 0
    for offered in range(10):
        answers = (directions @ directions[:, offered].T).argmax(2)  # of each image: the person most alike
        right += (answers == torch.arange(10)[:, None]).sum().item() - 10  # the offered ones always find themselves
    return right / 900


assert game_score(torch.eye(10).repeat_interleave(10, dim=0)) == 1

# %% tags=["nbval-ignore-output"]
if faces.whole:
    scores_of_game = {name: game_score(space) for name, space in face_spaces.items()}
    any_other = {name: ae.nearest_neighbour_accuracy(space, new_people) for name, space in face_spaces.items()}
    for name in face_spaces:
        print(f"{name:17s} one image of each: {scores_of_game[name]:.0%}, all others: {any_other[name]:.0%}")
    assert min(any_other.values()) > 0.9
    assert 0.5 < scores_of_game["code, 20 numbers"] < scores_of_game["pixels - average"]
else:
    print("Nobody recorded who is on the embedded faces, so there is no score to compute.")

# %% tags=["nbval-ignore-output"] reason="draws what the cell above asserts; without recorded people there is nothing to draw"
if faces.whole:
    bars = ae.plots.share_bars(scores_of_game, chance=0.1, axis="right person found, one image of each")
else:
    bars = "no people recorded, no score"
bars

# %% [markdown]
# A disappointment, measured on the whole set: **the code plays worse than the pixels it was made from**, and worse than PCA. When all other images of a person are there to be found, everything
# succeeds, for one of them is nearly a copy. With one image, the code loses. (Ten people and one network are few: a difference of some points may be chance.)
#
# Nothing in the training asked who somebody is; it asked for *pixels* back. But that is true of PCA too. What sets the two apart? Perhaps the network
# has learned too little from so few faces. The error on the new people tells.

# %% tags=["nbval-ignore-output"]
from_pca = face_pca.inverse_transform(face_spaces["PCA, 20 numbers"].numpy())
face_baseline = ae.reconstruction_error(torch.from_numpy(from_pca).reshape(new_faces.shape), new_faces)
face_error = face_history.held_out_error[-1]
print(f"reconstruction error on new people: PCA {face_baseline:.1f}, network {face_error:.1f}")
if faces.whole:
    assert face_error > face_baseline

# %% [markdown]
# With a few hundred images to learn from, the network does not even *reconstruct* new faces as well as PCA does. That fits: a code that keeps less of a face
# has less to recognise it by. It is a guess, though. We have measured both, and not that the one causes the other.

# %% [markdown]
# ## 6. When the flat map misleads
#
# Back to the digits. PCA looks for the flat *shadow* of the codes that is largest. **t-SNE** (*t-distributed stochastic neighbour embedding*, van der Maaten and Hinton, Journal of Machine Learning
# Research 9, 2008) asks for something else: put points on paper so that those that are *near* each other stay near. It bends space to do so.
#
# **Predict:** the same codes, the same labels unseen. Will the heaps come apart?

# %%
few = slice(0, 1500)  # t-SNE takes its time
flat = TSNE(2, init="pca", random_state=0).fit_transform(codes[few].numpy())
tsne_points = torch.from_numpy(flat).float()
assert tsne_points.isfinite().all()
ae.plots.code_maps({"PCA": scores[few, :2], "t-SNE": tsne_points}, labels[few])

# %% tags=["nbval-ignore-output"]
maps = {"code, 20 numbers": codes[few], "PCA, 2 numbers": scores[few, :2], "t-SNE, 2 numbers": tsne_points}
of_maps = {name: ae.nearest_neighbour_accuracy(space, labels[few], "euclidean") for name, space in maps.items()}
print(", ".join(f"{name}: {share:.0%}" for name, share in of_maps.items()))
assert of_maps["t-SNE, 2 numbers"] > 1.5 * of_maps["PCA, 2 numbers"]
assert abs(of_maps["t-SNE, 2 numbers"] - of_maps["code, 20 numbers"]) < 0.08

# %% [markdown]
# The neighbours were there all the time. t-SNE shows them on two axes; PCA's shadow laid them on top of each other.
#
# t-SNE misleads in its own way. Its axes mean nothing, and neither do the sizes of the heaps and the gaps between them. It is no function: it cannot place a new digit, and a point on its
# map cannot be decoded. So we walk with PCA, and look for neighbours with t-SNE.

# %% [markdown]
# ## 7. A digit of your own
#
# Draw a digit with mouse or finger. It is scaled and moved to the middle as MNIST's digits were, then encoded, shown as a point on the map, and decoded.
#
# **Predict:** what comes back when you draw something that is no digit, a triangle or a face?

# %%
ae.widgets.draw_digit(model, images, labels)

# %% [markdown]
# The decoder has learned the strokes of digits and nothing else. Whatever you draw, it can answer only with what 20 numbers and those strokes can say, and the error tells
# how much of your drawing was lost.

# %% [markdown]
# ## Your turn
#
# Each exercise ends in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint.
#
# **1. How many components does it take?** Another way to count directions: how many components, from the largest on, hold together *at least* a given share of all the variance?
# `variances` is a tensor from the largest to the smallest, which need not sum to 1; `share` lies between 0 and 1.


# %% tags=["nbval-ignore-output"]
def count_components(variances, share):
    """How many of the largest variances make up at least that share of their sum."""
    # answer:
    held = (variances / variances.sum()).cumsum(0)
    return int((held < share).sum()) + 1
    # student: return ...


if ae.check.components_needed(count_components):
    print(f"{count_components(shares, 0.9)} of the 20 components hold 90 % of the codes' variance")

# %% [markdown]
# Compare with the effective dimension in section 3: two fair ways to count, two answers.
#
# **2. Which two digits does the code mix up?** Find for each code its nearest *other* code. Where the two labels differ, a pair of digits is mixed up. Which pair is it most often? A 4 whose neighbour is a 9 and
# a 9 whose neighbour is a 4 count as the same pair. **Predict** the answer before you compute it.
#
# <details><summary>Hint 1</summary>
#
# Section 2 found the nearest codes of ten digits, and kept each from finding itself.
#
# </details>
# <details><summary>Hint 2</summary>
#
# A table of 10 × 10 counts: rows for the digit, columns for its neighbour's digit. What does its diagonal hold? And how do you add the two orders of a pair?
#
# </details>


# %%
def most_confused(codes, labels):
    """The two different digits that are most often nearest neighbours, for codes (n, latent) and labels (n,)."""
    # answer:
    distances = torch.cdist(codes, codes).fill_diagonal_(torch.inf)  # no code is its own neighbour
    table = torch.zeros(10, 10)
    for label, other in zip(labels, labels[distances.argmin(1)], strict=True):
        table[label, other] += 1
    table = (table + table.T).fill_diagonal_(0)
    return divmod(table.argmax().item(), 10)
    # student: return ...


# %% tags=["nbval-ignore-output"]
ae.check.mixed_up(most_confused) and most_confused(codes, labels)

# %% [markdown]
# **3. A tour.** The walk in section 4 led from one digit to another. Make a tour of any number of stops: from each to the next in a straight line, in `steps` equal steps.
# For 3 stops A, B, C and 2 steps that is A, halfway, B, halfway, C: five codes, each stop once.
#
# <details><summary>Hint 1</summary>
#
# Write down the shares of the way on one leg: where does it begin, and who takes care of its end?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Each leg but the last can leave its end to the next leg. Then only one stop is missing.
#
# </details>


# %%
def tour(stops, steps):
    """Codes (n, latent) along the straight ways from each of the stops (m, latent) to the next."""
    # answer:
    shares = torch.arange(steps)[:, None] / steps
    legs = [stops[i] + shares * (stops[i + 1] - stops[i]) for i in range(len(stops) - 1)]
    return torch.cat([*legs, stops[-1:]])
    # student: return ...


# %% tags=["expected"]
ae.check.several_stops(tour) and ae.plots.images({"a tour": model.decoder(tour(codes[:4], 3)).detach()})

# %% [markdown]
# **4. What distances on the map prove.** The map of section 1 shows 2 of the 20 components of PCA. Two codes lie near each other on it, or far apart. What do you know about their distance in the code, all 20 components?
#
# - **a** Near on the map: near in the code. Far apart on the map: far apart in the code.
# - **b** Near on the map: that proves nothing. Far apart on the map: far apart in the code.
# - **c** Near on the map: near in the code. Far apart on the map: that proves nothing.
# - **d** Neither proves anything.

# %%
# answer:
answer = "b"
# student: answer = ...
ae.check.near_on_the_map(answer)

# %%
ae.check.progress(6)

# %% [markdown]
# ## What to remember
#
# - The encoder puts each image at a point of the latent space. Similar images lie near each other, though nobody told the network what is similar: contextual learning.
# - Measure it. On digits the code keeps the neighbours that the pixels have, with forty times fewer numbers. It hardly finds better ones.
# - A flat map hides most of what a code knows. Never judge a code by two of its components.
# - The decoder makes an image of every point, and moves strokes where mixing pixels lays one image over another.
# - A code knows what its training asked for. Ours was asked for pixels, of few faces, so it is no expert on people.
#
# **Where next:** in notebook 07 you build all of this yourself.
