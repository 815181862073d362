# %% [markdown]
# # 11 Blending
#
# **Purpose:** mix images by mixing their codes, and find out by measuring, not by admiring, how much better that is than mixing pixels.
#
# After this notebook you can
#
# - go from one image to another through the latent space, in a straight line and on a sphere;
# - measure whether the images on the way are still digits, with a judge whom you have tested first;
# - compute with codes: more slant, another digit, light from the other side;
# - turn an autoencoder into a *variational* one, and draw digits that nobody wrote.
#
# You need notebooks 05 and 06. It takes about {{seconds}} seconds to run on two processor cores.

# %%
import aeutils as ae
import torch
from torch import nn
from torch.distributions import Normal, kl_divergence
from torch.nn import functional

# %% [markdown]
# ## 1. Two ways from a digit to another
#
# We train the deep autoencoder of notebook 05, with 20 latent variables. (What we tried out for this notebook, a jury or one classifier, and the weight
# in section 6, we compared on the last 5,000 training images, held out for that, not on test images.)

# %% tags=["nbval-ignore-output"]
digits = ae.load_mnist()
# the embedded subset is small: go through it more often, in smaller batches with smaller steps
epochs, batch_size, learning_rate = (4, 256, 0.01) if digits.whole else (12, 64, 0.004)
ae.seed_everything(0)
model = ae.fully_connected((1, 28, 28), latent_size=20, hidden=(256, 128))
ae.fit(model, digits.train_images, epochs, batch_size=batch_size, learning_rate=learning_rate)
test_error = ae.evaluate(model, digits.test_images)
print(f"reconstruction error on test digits: {test_error:.1f}")
assert test_error < (9 if digits.whole else 14)

# %% [markdown]
# Notebook 06 went from one digit to another in two ways. Both are the same weighted sum, $(1 - t)\,a + t\,b$ with $t$ from 0 to 1. In one of them $a$ and $b$ are the **pixels**
# of two images; in the other they are their **codes**, and the decoder makes an image of each sum.
#
# **Predict:** a 7 is to become a 2, and a 0 a 4. What will you see at $t = \frac12$, in either way?

# %% tags=["live"]
# two test digits become two others: mix the pixels, or mix the codes and decode
images, labels = digits.test_images, digits.test_labels
with torch.no_grad():
    codes = model.encoder(images)
rows = {}
for start, end in ((7, 2), (0, 4)):
    first, second = (labels == start).nonzero()[0, 0], (labels == end).nonzero()[0, 0]
    way = torch.linspace(0, 1, 9).reshape(9, 1, 1, 1)
    rows[f"pixels, {start} to {end}"] = (1 - way) * images[first] + way * images[second]
    way = way.reshape(9, 1)
    with torch.no_grad():
        rows[f"codes, {start} to {end}"] = model.decoder((1 - way) * codes[first] + way * codes[second])
assert all(len(row) == 9 for row in rows.values())
ae.plots.images(rows, titles=[f"{step / 8:.2g}" for step in range(9)])

# %% [markdown]
# Pixels give a double exposure: the new digit appears while the old one fades. Codes change the strokes themselves, in full white. But look at the middle: is that a digit? Sometimes it is, sometimes
# it is a squiggle. We come back to that with a judge.

# %% [markdown]
# ## 2. On the sphere
#
# Why should the way be straight? Think of the codes as points around their middle (the average code). How far from it do they lie, and how far does the
# halfway point between two of them lie?
#
# **Predict:** draw two points at random on a large balloon, and a straight line between them. How near does the line come to the balloon's middle?
#
# First, pairs to measure on: test digits of different classes, drawn at random.


# %%
def pairs(seed, count=300):
    """Places (count,) of test digits, and of as many others of another class."""
    generator = torch.Generator().manual_seed(seed)
    first, second = torch.randint(len(labels), (2, 2 * count), generator=generator)
    different = labels[first] != labels[second]
    return first[different][:count], second[different][:count]


first, second = pairs(seed=0)
assert len(first) == len(second) == 300 and (labels[first] != labels[second]).all()

# %% [markdown]
# If the directions of the two codes have nothing to do with each other, they are at right angles to each other (in many dimensions nearly all pairs of directions are), and the halfway point is nearer to the middle
# by a factor of $\sqrt2 \approx 1.4$. On a **sphere** around the middle there is another way that does not dive: the arc. With the angle $\omega$ between the directions of two codes $a$ and $b$, as seen from the middle,
#
# $$\frac{\sin((1 - t)\,\omega)}{\sin \omega}\; a \;+\; \frac{\sin(t\,\omega)}{\sin \omega}\; b$$
#
# is the code at $t$. It is called *slerp*, spherical linear interpolation (Shoemake, SIGGRAPH 1985, for turning things in space; White, arXiv:1609.04468, for latent spaces).


# %% tags=["live"]
# the way on the sphere, for many pairs of codes at once
def on_the_sphere(first, second, t):
    """Codes (n, latent) at t on the arcs around 0 from the first codes to the second ones."""
    angle = torch.arccos(functional.cosine_similarity(first, second))[:, None]
    return (torch.sin((1 - t) * angle) * first + torch.sin(t * angle) * second) / torch.sin(angle)


east, north = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
assert torch.allclose(on_the_sphere(east, north, 0.5), torch.tensor([[0.5, 0.5]]).sqrt())
assert torch.allclose(on_the_sphere(east, 3 * north, 1.0), 3 * north, atol=1e-5)

# %%
with torch.no_grad():
    middle = model.encoder(digits.train_images).mean(0)
around = codes - middle
lengths = {
    "codes": around.norm(dim=1),
    "halfway, straight": torch.lerp(around[first], around[second], 0.5).norm(dim=1),
    "halfway, on the sphere": on_the_sphere(around[first], around[second], 0.5).norm(dim=1),
}
mean_length, straight_length, sphere_length = (values.mean() for values in lengths.values())
assert straight_length < 0.8 * mean_length and abs(sphere_length / mean_length - 1) < 0.1
ae.plots.code_lengths(lengths)

# %% [markdown]
# The codes lie in a shell around their middle, and hardly any lies near it. Straight lines leave the shell, just where the decoder has seen few codes. The arcs stay in it.
# Does the decoder thank us? One pair, three ways:


# %%
def ways(model, codes, middle, first, second, t):
    """Images at t on the two ways through the latent space, from the codes at the places first to those at second."""
    with torch.no_grad():
        start, end = codes[first] - middle, codes[second] - middle
        return {
            "straight": model.decoder(middle + torch.lerp(start, end, t)),
            "on the sphere": model.decoder(middle + on_the_sphere(start, end, t)),
        }


ends = ways(model, codes, middle, first[:5], second[:5], 1.0)
assert all(torch.allclose(made, model(images[second[:5]]), atol=1e-3) for made in ends.values())

# %% tags=["gallery"]
pair = (labels == 3).nonzero()[1], (labels == 6).nonzero()[1]
steps = [step / 8 for step in range(9)]
stops = [
    {"pixels": torch.lerp(images[pair[0]], images[pair[1]], t)} | ways(model, codes, middle, *pair, t) for t in steps
]
rows = {name.replace("on the ", "on the\n"): torch.cat([stop[name] for stop in stops]) for name in stops[0]}
assert torch.allclose(rows["straight"][0], rows["on the\nsphere"][0], atol=1e-3)
ae.plots.images(rows, titles=[f"{t:.2g}" for t in steps])

# %% [markdown]
# With one pair one can prove anything. We need many pairs, and somebody who says what is a digit.

# %% [markdown]
# ## 3. Is it still a digit? Ask a jury
#
# A **classifier** can be the judge: a network that was trained with labels to tell the ten digits apart. It answers with ten probabilities. Idea: *an image counts as a digit when the highest of them is at least 0.9.*
#
# But a classifier knows only ten answers, and "that is no digit" is none of them. Before we believe a judge, we test it. We train three, which differ only in their seed: other random weights to start with, and the digits in another order.


# %% tags=["nbval-ignore-output"]
def train_classifier(seed):
    """A classifier for digits, trained for some seconds on the training images and their labels."""
    ae.seed_everything(seed)
    classifier = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = torch.optim.Adam(classifier.parameters(), lr=0.003)
    for _ in range(4 if digits.whole else 10):
        for batch in torch.randperm(len(digits.train_images)).split(2 * batch_size):
            loss = functional.cross_entropy(classifier(digits.train_images[batch]), digits.train_labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return classifier


jury = [train_classifier(seed) for seed in range(3)]
assert len(jury) == 3

# %% [markdown]
# The three shall also sit as a **jury**: its probabilities are the averages of theirs (Lakshminarayanan and others, arXiv:1612.01474, use such averages to know when a network does not know).


# %% tags=["live", "nbval-ignore-output"]
# what the jury says: averages of the probabilities
def verdict(images, judges=jury):
    """Probabilities (n, 10) of the ten digits, averaged over the judges."""
    with torch.no_grad():
        return torch.stack([judge(images).softmax(1) for judge in judges]).mean(0)


def accepted(images, judges=jury):
    """The share of images that count as a digit: of one class with a probability of at least 0.9."""
    return (verdict(images, judges).amax(1) >= 0.9).float().mean().item()


accuracy = (verdict(images).argmax(1) == labels).float().mean().item()
print(f"right answers on test digits: {accuracy:.1%}")
assert accuracy > (0.96 if digits.whole else 0.9)

# %% [markdown]
# Now the judges are judged. Besides test digits they get their reconstructions, and things that are no digits: digits whose pixels are shuffled, noise, and the average of all training digits.
#
# **Predict:** how much noise will a single classifier call a digit, with a probability of at least 0.9?

# %% tags=["nbval-ignore-output"]
ae.seed_everything(0)
shuffled = images[:1000].flatten(1)[:, torch.randperm(784)].reshape(-1, 1, 28, 28)
with torch.no_grad():
    reconstructions = model(images)
tests = {
    "test digits": images,
    "reconstructed": reconstructions,
    "shuffled": shuffled,
    "noise": torch.rand(1000, 1, 28, 28),
    "average digit": digits.train_images.mean(0, keepdim=True),
}
alone = [sum(accepted(test, [judge]) for judge in jury) / 3 for test in tests.values()]
together = [accepted(test) for test in tests.values()]
assert together[0] > 0.8 and together[3] < alone[3] and together[2] < 0.3 and together[4] == 0
ae.plots.agreement_bars({"one classifier": alone, "the jury": together}, list(tests), axis="% called a digit")

# %% [markdown]
# A single classifier is sure of itself where it knows nothing. Where three of them disagree, their average is not sure. So the jury it is. It refuses some real digits, too,
# so about nine in ten is the best that any way can reach.
#
# Now all ways, over 300 pairs with each of three seeds. And a second measure, which no network takes: how far is an image from the **nearest real digit** (of 5,000 training images)?

# %%
real = digits.train_images[:5000].flatten(1)


def to_real(images):
    """Squared distance from each image to the nearest real digit, averaged."""
    return torch.cdist(images.flatten(1), real).amin(1).square().mean().item()


assert to_real(digits.train_images[:10]) < 0.1  # these are among them

# %% tags=["nbval-ignore-output"]
shares, distances = {}, {}
for seed in range(3):
    first, second = pairs(seed)
    for t in steps:
        stop = {"pixels": torch.lerp(images[first], images[second], t)} | ways(model, codes, middle, first, second, t)
        for name, made in stop.items():
            shares.setdefault(name, []).append(accepted(made))
            distances.setdefault(name, []).append(to_real(made))
assert len(shares["pixels"]) == 27

# %%
share_curves = {name: torch.tensor(values).reshape(3, 9) for name, values in shares.items()}
distance_curves = {name: torch.tensor(values).reshape(3, 9) for name, values in distances.items()}
halfway = {name: values[:, 4].mean().item() for name, values in share_curves.items()}
assert halfway["pixels"] < halfway["straight"] < halfway["on the sphere"] < 0.7
assert all(distance_curves["pixels"][:, 4] > distance_curves["straight"][:, 4])
of_real = to_real(images[:1000])
assert all(distance_curves["straight"][:, 0] < of_real)
panels = {
    "called a digit": (share_curves, {"real digits": together[0]}),
    "distance to the nearest real digit": (distance_curves, {"real digits": of_real}),
}
ae.plots.along_the_way("share t of the way", steps, panels)

# %% [markdown]
# Read both panels, for they do not say the same.
#
# - **Pixels** lose: halfway, fewest are called a digit, and they are the farthest from any real one.
# - **Codes** do better, but far from well: with all of MNIST, about two thirds of the halfway images are *not* called a digit. A plain autoencoder was trained to bring digits back; nobody asked it to have a digit at every point in between.
# - **The sphere** is a little ahead of the straight line halfway, and not before. (Two more networks from other random starts, measured on held-out training digits: the same order halfway.) In distance it is behind.
#   But a distance rewards what is soft: even at $t = 0$ the reconstructions are nearer to a real digit than real test digits are.

# %% [markdown]
# ### A fair objection
#
# Is it really the *way through the latent space* that makes the difference? The decoder draws clean strokes, whatever it is given. So let us give the pixels the same chance: mix the pixels, and send the mixture **through the autoencoder**.
#
# **Predict:** will that be worse than mixing codes, or better?

# %% tags=["live", "nbval-ignore-output"]
# mix the pixels, then clean the mixture up
cleaned = []
for seed in range(3):
    first, second = pairs(seed)
    with torch.no_grad():
        cleaned.append(accepted(model((images[first] + images[second]) / 2)))
halfway["pixels, cleaned"] = sum(cleaned) / 3
for name, share in halfway.items():
    print(f"{share:.0%} called a digit halfway: {name}")
assert halfway["pixels, cleaned"] > halfway["on the sphere"]

# %% [markdown]
# A surprise: of all four, the double exposure that went through the autoencoder is called a digit most often! (With the two other networks, too.) The encoder has never seen such an image, and gives it a code from which the decoder draws strokes again.
# So the gain over pixels proves little about ways through the latent space: a decoder that knows only strokes is enough for it.
#
# How differently do the two mix? Were encoder and decoder weighted sums, the two ways would be the same, and mixing codes would be mixing reconstructions (exercise 4). This tells how far they are from that:


# %% tags=["nbval-ignore-output"]
def bend(model, first, second):
    """How far the decoded average of two codes lies from the average of the two reconstructions.

    0: no difference, mixing codes is mixing images; 1: as far as that average lies from either reconstruction.
    """
    with torch.no_grad():
        start, end = model(first), model(second)
        decoded = model.decoder((model.encoder(first) + model.encoder(second)) / 2)
    return ((decoded - (start + end) / 2).square().sum() / ((end - start) / 2).square().sum()).item()


digit_bend = bend(model, images[first], images[second])
print(f"bend of the latent space of digits: {digit_bend:.2f}")
assert 0.3 < digit_bend < 0.8

# %% [markdown]
# ## 4. Arithmetic with codes
#
# If small steps in the latent space change strokes, is there a *direction* for each kind of change? Take **slant**. How far a digit leans can be measured from its pixels: for all its ink, how much further to the right does it lie
# for each pixel further up? (The slope of a line through the ink.)


# %%
def slant(images):
    """How far each digit leans to the right: pixels to the right for each pixel upwards, (n,)."""
    ink, places = images[:, 0], torch.arange(28.0)
    total = ink.sum((1, 2))[:, None]
    right = places - (ink.sum(1) * places).sum(1, keepdim=True) / total  # of each column, from the middle of the ink
    up = (ink.sum(2) * places).sum(1, keepdim=True) / total - places  # of each row
    together = (ink * up[:, :, None] * right[:, None, :]).sum((1, 2))
    return together / (ink * up[:, :, None].square()).sum((1, 2))


assert torch.allclose(slant(torch.eye(28).flip(0)[None, None]), torch.tensor([1.0]))  # a stroke at 45 degrees
leaning = slant(images).argsort()[torch.linspace(10, len(images) - 10, 8).long()]
ae.plots.images({"": images[leaning]}, titles=[f"{value:+.1f}" for value in slant(images[leaning])])

# %% [markdown]
# The direction of slant: the average code of the tenth of the training digits that lean most to the right, minus that of the tenth that lean most to the left. Simple, and there is a trap in it:

# %% tags=["live", "nbval-ignore-output"]
# which digits are the most slanted ones?
with torch.no_grad():
    train_codes = model.encoder(digits.train_images)
train_slants, tenth = slant(digits.train_images), len(digits.train_images) // 10
order = train_slants.argsort()
simple = train_codes[order[-tenth:]].mean(0) - train_codes[order[:tenth]].mean(0)
ones = [(digits.train_labels[places] == 1).float().mean().item() for places in (order[-tenth:], order[:tenth])]
print(f"of the digits that lean most to the right, {ones[0]:.0%} are a 1; to the left, {ones[1]:.0%}")
assert ones[0] > 3 * ones[1]

# %% [markdown]
# Ones lean. So this direction does not only say "more slant", it also says "more like a 1". To separate the two, we take the difference **within each class**, and average the ten differences.


# %%
def within_classes(vectors):
    """The direction (d,) from left-leaning to right-leaning digits among training vectors (n, d), class by class."""
    directions = []
    for digit in range(10):
        own = digits.train_labels == digit
        order, tenth = train_slants[own].argsort(), own.sum() // 10
        directions.append(vectors[own][order[-tenth:]].mean(0) - vectors[own][order[:tenth]].mean(0))
    return torch.stack(directions).mean(0)


more_slant = within_classes(train_codes)
pixel_slant = within_classes(digits.train_images.flatten(1)).reshape(1, 28, 28)
assert functional.cosine_similarity(simple, more_slant, dim=0) < 0.99

# %% [markdown]
# We add it to codes of test digits, with strengths from -1 (the whole difference to the left) to 1. And, to be fair again, the same with pixels: the same average difference, of images.
#
# **Predict:** what do you see when the difference of average *images* is added to a digit?

# %%
strengths, shown = [-1, -0.5, 0, 0.5, 1], [0, 4]
rows = {}
for place in shown:
    with torch.no_grad():
        rows[f"codes, {labels[place]}"] = torch.cat([model.decoder(codes[[place]] + s * more_slant) for s in strengths])
    rows[f"pixels, {labels[place]}"] = torch.stack([(images[place] + s * pixel_slant).clamp(0, 1) for s in strengths])
assert len(rows) == 4
ae.plots.images(rows, titles=[f"{s:+g}" for s in strengths])

# %% [markdown]
# Added to codes, it makes the digits lean. Added to pixels, it lays a shadow over them. Over all test digits:

# %% tags=["nbval-ignore-output"]
slants, kept = {}, {}
for strength in strengths:
    with torch.no_grad():
        slanted = {
            "codes, within classes": model.decoder(codes + strength * more_slant),
            "codes, simple": model.decoder(codes + strength * simple),
            "pixels": (images + strength * pixel_slant).clamp(0, 1),
        }
    for name, made in slanted.items():
        slants.setdefault(name, []).append(slant(made).mean().item())
        sure = verdict(made)[range(len(labels)), labels] >= 0.9  # of the digit that it was
        kept.setdefault(name, []).append(sure.float().mean().item())
assert all(lean[0] < lean[2] - 0.2 and lean[4] > lean[2] + 0.2 for lean in slants.values())
assert kept["codes, within classes"][4] > kept["codes, simple"][4]

# %% tags=["nbval-ignore-output"]
with torch.no_grad():
    before, after = slant(model.decoder(codes)), slant(model.decoder(codes + 0.5 * more_slant))
print(f"half the direction makes {(after > before).float().mean():.1%} of the test digits lean more to the right")
assert (after > before).float().mean() > 0.95
slant_curves, kept_curves = (
    {name: torch.tensor([values]) for name, values in table.items()} for table in (slants, kept)
)
panels = {"average slant": (slant_curves, {}), "called the digit that it was": (kept_curves, {})}
ae.plots.along_the_way("strength", strengths, panels)

# %% [markdown]
# - The direction does what it says: nearly every digit leans more, and half of it leaves most digits what they are.
# - The whole of it costs dearly. Taken within classes it costs less, as we hoped: far to the right, more digits stay what they are.
# - In numbers the **pixels are not far behind**, though their images look worse. The jury does not mind the shadows much, and our slant counts them as ink.
#
# Another direction: from the average 4 to the average 9. Add it to the codes of 4s, and they should become 9s, each in its own handwriting. And so on for all 90 pairs of classes.

# %% tags=["nbval-ignore-output"]
shares_of_pairs = {"codes": [], "pixels": []}
of_class = [digits.train_labels == digit for digit in range(10)]
code_means = torch.stack([train_codes[own].mean(0) for own in of_class])
pixel_means = torch.stack([digits.train_images[own].mean(0) for own in of_class])
for start in range(10):
    own = labels == start
    for end in set(range(10)) - {start}:
        with torch.no_grad():
            by_codes = model.decoder(codes[own] + code_means[end] - code_means[start])
        by_pixels = (images[own] + pixel_means[end] - pixel_means[start]).clamp(0, 1)
        for name, made in (("codes", by_codes), ("pixels", by_pixels)):
            shares_of_pairs[name].append((verdict(made)[:, end] >= 0.9).float().mean())
turned = {name: torch.stack(values).mean().item() for name, values in shares_of_pairs.items()}
print("turned into the other digit: " + ", ".join(f"{share:.0%} with {name}" for name, share in turned.items()))
assert 0.3 < turned["codes"] < 0.8 and turned["codes"] > turned["pixels"] - 0.05

# %%
fours = (labels == 4).nonzero()[:8, 0]
with torch.no_grad():
    by_codes = model.decoder(codes[fours] + code_means[9] - code_means[4])
by_pixels = (images[fours] + pixel_means[9] - pixel_means[4]).clamp(0, 1)
assert by_codes.shape == by_pixels.shape
ae.plots.images({"a 4": images[fours], "codes\n+ 9 - 4": by_codes, "pixels\n+ 9 - 4": by_pixels})

# %% [markdown]
# About half of the digits become the other one, so that the jury is sure of it; with pixels fewer, and in the image one sees why: the top of the 9 is a grey cloud, the same for all.

# %% [markdown]
# ## 5. From one person to another
#
# Faces now, and people that training has not seen. We have only a few hundred images, so we keep to one layer on each side (notebook 06).

# %% tags=["nbval-ignore-output"]
faces = ae.load_faces()
new = faces.people >= faces.people.max() * 3 // 4 + 1  # the last quarter of the people
known_faces, new_faces = faces.images[~new], faces.images[new]
ae.seed_everything(0)
face_model = ae.fully_connected((1, 64, 64), latent_size=20)
ae.fit(face_model, known_faces, 60, batch_size=16, learning_rate=0.004)
known_error, new_error = ae.evaluate(face_model, known_faces), ae.evaluate(face_model, new_faces)
print(f"reconstruction error: known people {known_error:.1f}, new people {new_error:.1f}")
assert known_error < new_error

# %% [markdown]
# **Predict:** with digits, pixels gave a double exposure. Will they here?

# %%
with torch.no_grad():
    face_codes = face_model.encoder(new_faces)
    way = torch.linspace(0, 1, 7)[:, None]
    in_code = face_model.decoder((1 - way) * face_codes[0] + way * face_codes[-10])
way = way[..., None, None]
in_pixels = (1 - way) * new_faces[0] + way * new_faces[-10]
assert in_code.shape == in_pixels.shape == (7, 1, 64, 64)
ae.plots.images({"pixels": in_pixels, "codes": in_code}, titles=[f"{step / 6:.2g}" for step in range(7)])

# %% tags=["nbval-ignore-output"]
face_bend = bend(face_model, new_faces[:-10], new_faces[10:])
print(f"bend of the latent space: faces {face_bend:.3f}, digits {digit_bend:.2f}")
assert face_bend < 0.1

# %% [markdown]
# Eyes lie on eyes and mouths on mouths, so even pixels give a face on the way. And the codes give hardly more than the mixture of two soft reconstructions: the bend is close to 0. *With these faces and this network, mixing codes is mixing images*, and what comes out
# is worse, since a new person does not come back well from 20 numbers. In a trial, a network with a hidden layer of 256 bent more (0.23), but brought new people back worse still, with an error of 63. More than that, a few hundred images do not give.
#
# Is there a direction to be found? Nobody has written down who smiles. But where the **light** comes from can be measured: the right half of the image minus the left half.


# %%
def light(images):
    """How much brighter the right half of each image is than its left half, in mean pixel values, (n,)."""
    return images[..., 32:].mean((1, 2, 3)) - images[..., :32].mean((1, 2, 3))


assert light(new_faces.flip(3)).sum().isclose(-light(new_faces).sum(), atol=1e-3)  # in a mirror

# %%
order, tenth = light(known_faces).argsort(), len(known_faces) // 10
right, left = order[-tenth:], order[:tenth]
with torch.no_grad():
    known_codes = face_model.encoder(known_faces)
    more_light = known_codes[right].mean(0) - known_codes[left].mean(0)
    rows = {"codes": torch.cat([face_model.decoder(face_codes[20:21] + s * more_light) for s in strengths])}
pixel_light = known_faces[right].mean(0) - known_faces[left].mean(0)
rows["pixels"] = torch.stack([(new_faces[20] + s * pixel_light).clamp(0, 1) for s in strengths])
assert len(rows["codes"]) == len(rows["pixels"]) == 5
ae.plots.images(rows, titles=[f"{s:+g}" for s in strengths])

# %% tags=["nbval-ignore-output"]
lights = {"codes": [], "pixels": []}
for strength in strengths:
    with torch.no_grad():
        lights["codes"].append(light(face_model.decoder(face_codes + strength * more_light)).mean().item())
    lights["pixels"].append(light((new_faces + strength * pixel_light).clamp(0, 1)).mean().item())
for name, values in lights.items():
    print(f"{name}: right half minus left half", ", ".join(f"{value:+.2f}" for value in values))
assert all(values[0] < values[2] - 0.2 and values[4] > values[2] + 0.2 for values in lights.values())
assert max(abs(code - pixel) for code, pixel in zip(*lights.values(), strict=True)) < 0.06

# %% [markdown]
# The light wanders, on people whom training has never seen, with codes as with pixels, and just as far. Light *adds up* in pixels; there is nothing here that a latent space is needed for. Slant does not add up: there the codes moved
# strokes where the pixels laid shadows.

# %% [markdown]
# ## 6. Outlook: a variational autoencoder
#
# Nobody told the plain autoencoder *where* to put its codes, or what to do in between. Kingma and Welling (*Auto-encoding variational Bayes*, 2014, arXiv:1312.6114) change two things.
#
# **The code becomes a cloud.** The encoder gives two lists of numbers for each image, a mean $\mu$ and the logarithm of a variance, $\log \sigma^2$. The code is drawn from that cloud anew each time:
#
# $$z = \mu + \sigma\,\varepsilon, \qquad \varepsilon \text{ from } N(0, I), \qquad \sigma = e^{(\log \sigma^2) / 2} .$$
#
# All that is random is in $\varepsilon$, so gradients flow through $\mu$ and $\sigma$: the *reparametrised step*. The decoder must now bring the image back from every point of the cloud, not from one point.
#
# **The clouds are held together.** The loss gets a second term, which measures how far each cloud is from the standard one, $N(0, I)$: the *Kullback-Leibler divergence*. For such clouds it can be worked out:
#
# $$\text{KL} = \tfrac12 \sum_k \left( \mu_k^2 + \sigma_k^2 - 1 - \log \sigma_k^2 \right) .$$


# %% tags=["live"]
# the reparametrised step and the divergence, checked against PyTorch's own
def draw_codes(mean, log_variance):
    """One code (n, latent) from the cloud of each image."""
    return mean + torch.exp(log_variance / 2) * torch.randn_like(mean)


def divergence(mean, log_variance):
    """KL divergence of each image's cloud from N(0, I), (n,)."""
    return (mean.square() + log_variance.exp() - 1 - log_variance).sum(1) / 2


mean, log_variance = torch.randn(50, 20), torch.randn(50, 20)
checked = kl_divergence(Normal(mean, log_variance.exp().sqrt()), Normal(0.0, 1.0)).sum(1)
assert torch.allclose(divergence(mean, log_variance), checked, rtol=1e-4)
many = draw_codes(torch.full((100_000, 1), 3.0), torch.full((100_000, 1), 4.0).log())
assert abs(many.mean() - 3) < 0.05 and abs(many.var() - 4) < 0.1

# %% [markdown]
# The network is the one of section 1 with a second last layer in its encoder, for $\log \sigma^2$. Its own last layer gives the mean. The loss is the sum of both terms. (The second could have a weight. On the held-out training digits,
# with one network each, weights of 0.1 and 0.3 gave fewer drawings that a jury accepts; a weight of 2 gave a few more, 50 % against 47 %, with a larger error, 22 against 15.)

# %%
ae.seed_everything(0)
vae = ae.fully_connected((1, 28, 28), latent_size=20, hidden=(256, 128))
vae.log_variance = nn.Linear(128, 20)


def cloud(vae, images):
    """Mean and log-variance, both (n, latent), of the cloud of each image."""
    features = vae.encoder[:-1](images)
    return vae.encoder[-1](features), vae.log_variance(features)


def variational_loss(vae, originals):
    mean, log_variance = cloud(vae, originals)
    reconstructions = vae.decoder(draw_codes(mean, log_variance))
    return ae.reconstruction_error(reconstructions, originals) + divergence(mean, log_variance).mean()


# %% tags=["nbval-ignore-output"]
ae.fit(vae, digits.train_images, epochs, batch_size=batch_size, learning_rate=learning_rate, loss=variational_loss)
vae_error = ae.evaluate(vae, images)  # with the mean for a code
with torch.no_grad():
    vae_codes, vae_log_variance = cloud(vae, images)
print(f"reconstruction error on test digits: variational {vae_error:.1f}, plain {test_error:.1f}")
assert test_error < vae_error < (20 if digits.whole else 28)

# %% [markdown]
# That is the price: the error is about twice as large, since the code is blurred on purpose. What do we get for it?
#
# **Draw digits that nobody wrote.** The variational autoencoder says where codes lie: around 0 with spread 1. So draw 20 numbers from $N(0, I)$ and decode. For the plain autoencoder we do the best that we can: we draw each latent variable with the mean and the spread
# that it has over the training digits.
#
# **Predict:** which of the two rows will look like digits?

# %% tags=["live", "nbval-ignore-output"]
# codes out of nothing, for both decoders
ae.seed_everything(0)
noise = torch.randn(2000, 20)
with torch.no_grad():
    drawn = {
        "plain": model.decoder(middle + train_codes.std(0) * noise),
        "plain, with\ncorrelations": model.decoder(middle + noise @ torch.linalg.cholesky(train_codes.T.cov()).T),
        "variational": vae.decoder(noise),
    }
drawn_shares = {name: accepted(made) for name, made in drawn.items()}
classes = verdict(drawn["variational"]).argmax(1).bincount(minlength=10)
print(", ".join(f"{name}: {share:.0%}" for name, share in drawn_shares.items()).replace("\n", " "))
assert drawn_shares["plain"] < drawn_shares["variational"] and classes.min() > 50
ae.plots.images({name: made[:10] for name, made in drawn.items()})

# %% [markdown]
# Of the variational autoencoder's drawings, about half are called a digit, and every digit occurs. The plain autoencoder's random codes mostly fall where no digit lives. Its latent variables vary *together* (notebook 06), which
# one spread for each does not know; drawing with their correlations helps it, but not enough.
#
# And on the way between digits?

# %% tags=["nbval-ignore-output"]
vae_halfway = {"straight": [], "on the sphere": []}
for seed in range(3):
    for name, made in ways(vae, vae_codes, 0, *pairs(seed), 0.5).items():
        vae_halfway[name].append(accepted(made) / 3)
vae_halfway = {name: sum(values) for name, values in vae_halfway.items()}
summary = {
    "plain": [together[1], drawn_shares["plain"], halfway["straight"], halfway["on the sphere"]],
    "variational": [accepted(vae(images)), drawn_shares["variational"], *vae_halfway.values()],
}
gains = [each["on the sphere"] - each["straight"] for each in (halfway, vae_halfway)]
assert min(gains) > 0 and vae_halfway["on the sphere"] > halfway["on the sphere"]
assert gains[1] > gains[0] or not digits.whole
questions = ["reconstructed", "drawn at random", "halfway, straight", "halfway, sphere"]
ae.plots.agreement_bars(summary, questions, axis="% called a digit")

# %% [markdown]
# With the clouds held together around 0, the sphere pays more than before. But look how far even the variational autoencoder is from what real digits get: a small network, some seconds of training, soft drawings, and half of them are squiggles.
#
# Blend digits of your choice, with the variational autoencoder:

# %%
ae.widgets.blend(vae, images)

# %% [markdown]
# ## Your turn
#
# Each exercise ends in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint.
#
# **1. A film from one image to the other.** Write `morph`: for two images, each (1, 28, 28), it gives `count` images (count, 1, 28, 28) on the straight way through the latent space of `model`, in equal steps. The first is the reconstruction of the first
# image, the last that of the second.
#
# <details><summary>Hint 1</summary>
#
# Encoder and decoder take batches. `torch.stack` makes one of two images, `image[None]` one of a single image.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.linspace(0, 1, count)` has both ends. As a column, `[:, None]`, it multiplies a code to `count` rows.
#
# </details>


# %%
def morph(model, first, second, count):
    """Images (count, 1, 28, 28) on the way from the first image to the second, decoded from blended codes."""
    # answer:
    start, end = model.encoder(torch.stack([first, second]))
    way = torch.linspace(0, 1, count)[:, None]
    return model.decoder((1 - way) * start + way * end).detach()
    # student: return ...


# %% tags=["expected"]
ae.check.film_of_codes(morph) and ae.plots.images({"variational": morph(vae, images[3], images[5], 8)})

# %% [markdown]
# **2. A sphere without a hole.** `on_the_sphere` of section 2 has a flaw: for two codes of the *same direction* it gives `nan`, not a number. Why? Write one that works for all pairs of codes, except those of exactly opposite directions (between which there are many arcs).
# Some pairs of a batch may have the same direction and others not. Where there is no arc, the way is the straight line.
#
# <details><summary>Hint 1</summary>
#
# Which number do you divide by, and what is it when the angle is 0? And what does rounding do to a cosine that should be 1?
#
# </details>
# <details><summary>Hint 2</summary>
#
# On a very short arc and on the straight line you meet the same points. `torch.where(condition, one, other)` chooses row by row; `clamp` keeps numbers in a range.
#
# </details>


# %%
def on_any_sphere(first, second, t):
    """Codes (n, latent) at t on the arcs from the first codes (n, latent) to the second ones, equal directions too."""
    # answer:
    angle = torch.arccos(functional.cosine_similarity(first, second).clamp(-1, 1))[:, None]
    arc = (torch.sin((1 - t) * angle) * first + torch.sin(t * angle) * second) / torch.sin(angle)
    return torch.where(angle > 0.001, arc, torch.lerp(first, second, t))
    # student: return ...


# %%
if ae.check.way_on_the_sphere(on_any_sphere):
    print("from a code to itself:", torch.allclose(on_any_sphere(codes[:9], codes[:9], 0.3), codes[:9], atol=1e-4))

# %% [markdown]
# **3. How many bits does each latent variable hold?** The divergence of section 6 is a sum over the latent variables. Each part says how much the images tell *that* variable: none, if its cloud is the standard one whatever the image. Write a function that
# gives this part for each latent variable, averaged over the images, **in bits**. (With the natural logarithm one gets *nats*; a bit is $\log 2 \approx 0.69$ nats.)


# %% tags=["nbval-ignore-output"]
def bits_per_variable(mean, log_variance):
    """Bits (latent,) that each latent variable holds on average, for clouds of images: both (images, latent)."""
    # answer:
    nats = (mean.square() + log_variance.exp() - 1 - log_variance) / 2
    return nats.mean(0) / torch.tensor(2.0).log()
    # student: return ...


if ae.check.bits_in_each(bits_per_variable):
    bits = bits_per_variable(vae_codes, vae_log_variance)
    print(
        f"{(bits > 0.1).sum()} of 20 latent variables hold more than a tenth of a bit; together {bits.sum():.0f} bits"
    )

# %% [markdown]
# The others it hardly uses. That is the second term's doing: each bit has its price, and must save as much error.
#
# **4. Blending the codes of PCA.** Encode two digits with PCA, 20 components, take the average of their two codes, and decode it with PCA. What do you get?
#
# - **a** A digit between the two: its strokes have moved, as with our network.
# - **b** The average of the two reconstructions: a double exposure.
# - **c** The average of the two original images: a double exposure, with all its details.
# - **d** The digit of the training set that is nearest to both.

# %%
# answer:
answer = "b"
# student: answer = ...
ae.check.blend_of_pca_codes(answer)

# %%
ae.check.progress(11)

# %% [markdown]
# ## What to remember
#
# - Mixing codes moves strokes, mixing pixels lays one image over another. Compare fairly: mixed pixels that went through the autoencoder do as well, or better.
# - Test your judge before you believe it. A single classifier takes noise for digits, a jury of three does not so easily. And a distance prefers what is soft.
# - Codes lie in a shell. The arc stays in it, the straight line does not; with a plain autoencoder that helps a little, with a variational one more.
# - Directions in the latent space do what the examples had in common, wanted or not: slant, and "more like a 1".
# - A plain autoencoder owes you nothing between its codes. A variational one is trained with clouds instead of points, and pays for it in error.
#
# **Where next:** notebook 12 goes for the record: the smallest error that a code of 30 numbers can reach.
