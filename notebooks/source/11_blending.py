# %% [markdown]
# # 11 Blending
#
# **Purpose:** mix images by mixing their codes, and find out by measuring, not by admiring, what that gains over mixing pixels.
#
# After this notebook you can
#
# - go from one image to another by **interpolation** in the latent space, in a straight line and on a sphere;
# - measure whether the images on the path are still digits, with a judge that you have tested first;
# - compare with simple rivals: an overlay, PCA, cleaned-up pixels, and looking up a real digit;
# - do arithmetic with codes: more slant, another digit.
#
# You need notebooks 05 and 06. It takes about {{seconds}} seconds to run on two processor cores.

# %%
import aeutils as ae
from sklearn.decomposition import PCA
import torch
from torch import nn
from torch.nn import functional

# %% [markdown]
# ## 1. Two paths from one digit to another
#
# We train the deep autoencoder of notebook 05, with 20 latent variables. Later we ask whether our results depend on the random seed, so training is a function of it. The last twelfth of the
# training digits is held out for **validation**: we use it to choose a judge. The test digits are for measuring.

# %% tags=["collapsed"]
# Settings: the embedded digits are fewer and need more passes, in smaller batches; a machine that has to use them may be
# slow, so it trains one network only.
digits = ae.load_mnist()
epochs, batch_size, learning_rate = (2, 256, 0.01) if digits.whole else (5, 64, 0.004)
seeds, pair_count = (3, 500) if digits.whole else (1, 150)


# %%
held_out = len(digits.train_images) // 12
train, train_labels = digits.train_images[:-held_out], digits.train_labels[:-held_out]
validation = digits.train_images[-held_out:]


# %% tags=["nbval-ignore-output"]
def trained(seed):
    """The deep autoencoder with 20 latent variables, trained from that seed."""
    ae.seed_everything(seed)
    model = ae.fully_connected((1, 28, 28), latent_size=20, hidden=(256, 128))
    ae.fit(model, train, epochs, batch_size=batch_size, learning_rate=learning_rate, seed=seed)
    return model


model = trained(seed=0)
test_error = ae.evaluate(model, digits.test_images)
print(f"reconstruction error on test digits: {test_error:.1f}")
assert test_error < (10 if digits.whole else 17)

# %% [markdown]
# Two paths of notebook 06 are the same weighted sum, $(1 - t)\,a + t\,b$ with $t$ from 0 to 1. On one of them $a$ and $b$ are the **pixels**
# of two images; on the other they are their **codes**, and the decoder turns each sum into an image.
#
# A 7 turns into a 2, and a 0 into a 4.

# %%
seen = ["on both paths", "only on the path of pixels", "only on the path of codes", "on neither"]
ae.predict("11 double exposure", "Halfway, where do you see both digits at once, one through the other?", seen)

# %% tags=["live", "predict"]
# two test digits become two others: mix the pixels, or mix the codes and decode
# instructor minutes: 5
# instructor guess: "A double exposure on both paths." Only pixels give one; with codes, some pixels get brighter than in both digits.
# instructor ask: Look at t = 1/2 on each path of codes: which digit is it, if any, and do you all agree?
images, labels = digits.test_images, digits.test_labels
with torch.no_grad():
    codes = model.encoder(images)
rows, eighths = {}, ["0", "⅛", "¼", "⅜", "½", "⅝", "¾", "⅞", "1"]
for start, end in ((7, 2), (0, 4)):
    first, second = (labels == start).nonzero()[0, 0], (labels == end).nonzero()[0, 0]
    t = torch.linspace(0, 1, 9)[:, None]
    rows[f"pixels, {start} to {end}"] = torch.lerp(images[first], images[second], t[..., None, None])
    with torch.no_grad():
        rows[f"codes, {start} to {end}"] = model.decoder(torch.lerp(codes[first], codes[second], t))
ae.plots.images(rows, titles=eighths)

# %%
ae.reveal("11 double exposure", seen[1])

# %% tags=["collapsed"]
# Proof for the tests: halfway, codes have pixels that are brighter than at both ends.
for walk in (rows["codes, 7 to 2"], rows["codes, 0 to 4"]):
    assert (walk[4] > torch.maximum(walk[0], walk[8]) + 0.1).any()

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# Pixels give a double exposure: the new digit appears while the old one fades, and both are grey in between. With codes strokes fade, too, but some pixels are brighter halfway than at both ends, as in no mixture of pixels. Look closely at the images near $t = \frac12$. How many are
# digits? For that we need a judge (section 3).
#
# </details>

# %% [markdown]
# ## 2. On the sphere
#
# Why should the path be straight? Think of the codes as points around their mean, the **mean code**. Between two that lie on a **sphere** around it there is another path: the arc.
#
# First we need pairs to measure on: test digits of different classes, drawn at random.


# %%
def pairs(seed, count=pair_count):
    """Indices (count,) of test digits, and of count others, each of another class than its partner."""
    generator = torch.Generator().manual_seed(seed)
    first, second = torch.randint(len(labels), (2, 2 * count), generator=generator)
    different = labels[first] != labels[second]
    return first[different][:count], second[different][:count]


first, second = pairs(seed=0)

# %% tags=["collapsed"]
# Proof for the tests: all pairs are pairs of different digits.
assert len(first) == len(second) == pair_count and (labels[first] != labels[second]).all()

# %% [markdown]
# Let $a$ and $b$ be two codes minus the mean code, and $\omega$ the angle between them. Then
#
# $$\frac{\sin((1 - t)\,\omega)}{\sin \omega}\; a \;+\; \frac{\sin(t\,\omega)}{\sin \omega}\; b$$
#
# plus the mean code is the code at $t$. This is *slerp*, spherical linear interpolation (Shoemake, SIGGRAPH 1985, for rotations; White, arXiv:1609.04468, for latent spaces).


# %% tags=["live"]
# the path on the sphere, for many pairs of codes at once
# instructor minutes: 4
# instructor guess: "Halfway on the arc is the average of the codes." With length 1 and a right angle the average has length 0.71, not 1.
# instructor ask: The second assertion goes from length 1 to length 3. Is that path still an arc on a sphere?
def on_the_sphere(first, second, t):
    """Codes (n, latent) at t on the arcs around 0 from the first codes to the second ones."""
    angle = torch.arccos(functional.cosine_similarity(first, second))[:, None]
    return (torch.sin((1 - t) * angle) * first + torch.sin(t * angle) * second) / torch.sin(angle)


east, north = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
assert torch.allclose(on_the_sphere(east, north, 0.5), torch.tensor([[0.5, 0.5]]).sqrt())  # north-east
assert torch.allclose(on_the_sphere(east, 3 * north, 1.0), 3 * north, atol=1e-5)  # the end keeps its length

# %% [markdown]
# How far from the mean code do the codes lie? And how far away is the halfway point between two of them, on either path? (Choose two points at random on a large balloon and join them by a straight line. How close does the line come to the balloon's centre?)

# %%
ae.predict(
    "11 halfway point",
    "How far from the mean code is the halfway point of a straight path? (100 %: as far as the codes)",
    (0, 100),
)

# %% tags=["predict"]
with torch.no_grad():
    train_codes = model.encoder(train)
mean_code = train_codes.mean(0)
around = codes - mean_code
lengths = {
    "codes": around.norm(dim=1),
    "halfway, straight": torch.lerp(around[first], around[second], 0.5).norm(dim=1),
    "halfway, on the sphere": on_the_sphere(around[first], around[second], 0.5).norm(dim=1),
}
ae.plots.histogram(lengths, "distance from the mean code")

# %%
ae.reveal("11 halfway point", 100 * lengths["halfway, straight"].mean() / lengths["codes"].mean())

# %% tags=["collapsed"]
# Proof for the tests: a shell, which straight lines leave by a factor of about the square root of 2 and arcs do not.
mean_length, straight_length, sphere_length = (values.mean() for values in lengths.values())
assert 1.25 < mean_length / straight_length < 1.6 and abs(sphere_length / mean_length - 1) < 0.1
assert (lengths["codes"] < mean_length / 2).float().mean() < (0.001 if digits.whole else 0.02)
assert (lengths["halfway, straight"] < lengths["codes"].quantile(0.05)).float().mean() > 0.5
halfway = [path(around[first], around[second], 0.5) for path in (torch.lerp, on_the_sphere)]
gaps = [torch.cdist(places, train_codes - mean_code).amin(1).mean() for places in (around[:500], *halfway)]
assert 1.3 * gaps[0] < 1.1 * gaps[1] < gaps[2]
angles = functional.cosine_similarity(around[first], around[second]).arccos().rad2deg()
assert ((angles - 90).abs() < 30).float().mean() > 0.9

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# The codes lie in a shell around the mean code: fewer than one in a thousand is closer to it than half the average distance. (Points drawn from a normal distribution in 20 dimensions do that, too: near the centre there is hardly any room.) Most straight lines leave the shell: halfway they are closer to the mean code by a factor of about $\sqrt2 \approx 1.4$, as if the two codes stood at right angles. In
# 20 dimensions, most pairs of random directions are within 30° of that, and so are ours. The arcs stay in the shell. But on average the halfway point of an arc is *farther* from the nearest code of a training digit than the halfway point of the straight line. Both are farther from one than the codes of test digits are.
#
# </details>
#
# Which path gives better images? One pair, three paths:


# %%
def decoded_paths(model, first, second, t):
    """Images at t on two paths through the latent space, from the test digits with indices first to those of second."""
    with torch.no_grad():
        mean_code = model.encoder(train[:10_000]).mean(0)
        start, end = model.encoder(images[first]) - mean_code, model.encoder(images[second]) - mean_code
        return {
            "straight": model.decoder(mean_code + torch.lerp(start, end, t)),
            "on the sphere": model.decoder(mean_code + on_the_sphere(start, end, t)),
        }


# %% tags=["gallery"]
three, six = (labels == 3).nonzero()[1], (labels == 6).nonzero()[1]
steps = [step / 8 for step in range(9)]
stops = [{"pixels": torch.lerp(images[three], images[six], t)} | decoded_paths(model, three, six, t) for t in steps]
rows = {name.replace("on the ", "on the\n"): torch.cat([stop[name] for stop in stops]) for name in stops[0]}
ae.plots.images(rows, titles=eighths)

# %% tags=["collapsed"]
# Proof for the tests: both paths begin and end at the reconstructions of the two digits.
ends = [decoded_paths(model, first[:5], second[:5], t) for t in (0.0, 1.0)]
for reached, index in zip(ends, (first[:5], second[:5]), strict=True):
    assert all(torch.allclose(made, model(images[index]), atol=1e-3) for made in reached.values())

# %% [markdown]
# One pair proves nothing. We need many pairs, and a judge that tells what is a digit.

# %% [markdown]
# ## 3. Is it still a digit? Ask a jury
#
# A **classifier** can be the judge: a network trained with labels to tell the ten digits apart. It answers with ten probabilities. The idea: *an image counts as a digit when the highest probability is at least 0.9.*
#
# But a classifier knows only ten answers, and "that is not a digit" is none of them. Before we trust a judge, we test it. We train three, which differ only in their seed, and so in their initialisation and in the order of the digits.


# %% tags=["nbval-ignore-output"] reason="tested as a jury below"
def train_classifier(seed):
    """A classifier for digits, trained for a few seconds on the training images and their labels."""
    ae.seed_everything(seed)
    classifier = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = torch.optim.Adam(classifier.parameters(), lr=0.003)
    for _ in range(epochs + 1):
        for batch in torch.randperm(len(train)).split(2 * batch_size):
            loss = functional.cross_entropy(classifier(train[batch]), train_labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return classifier


judges = [train_classifier(seed) for seed in range(3)]

# %% [markdown]
# The three can also sit as a **jury**: its probabilities are the averages of theirs. (Lakshminarayanan and others, arXiv:1612.01474, use such *ensembles* to estimate how uncertain a network is.)


# %% tags=["live"]
# what the jury says: averages of the probabilities
# instructor minutes: 3
# instructor guess: "Three judges vote, and two decide." Their probabilities are averaged, so one who doubts can veto.
# instructor ask: Two judges are certain that it is a 3, the third that it is an 8. Is the image accepted?
def verdict(images, jury=judges):
    """Probabilities (n, 10) of the ten digits, averaged over the judges."""
    with torch.no_grad():
        return torch.stack([judge(images).softmax(1) for judge in jury]).mean(0)


def accepted(images, jury=judges):
    """The share of images that count as a digit: of one class with a probability of at least 0.9."""
    return (verdict(images, jury).amax(1) >= 0.9).float().mean().item()


# %% [markdown]
# Now we judge the judges, on validation digits. They also get reconstructions of those digits, and things that are not digits: digits with shuffled pixels, noise, and averages of a hundred digits each.

# %%
ae.predict(
    "11 noise",
    "How much of the noise does a classifier call a digit (with a probability of at least 0.9), on average, in %?",
    (0, 100),
)

# %% tags=["nbval-ignore-output", "predict"] reason="asserted in the next cell"
ae.seed_everything(0)
shuffled = validation[:1000].flatten(1)[:, torch.randperm(784)].reshape(-1, 1, 28, 28)
averages = torch.stack([validation[torch.randint(held_out, (100,))].mean(0) for _ in range(200)])
with torch.no_grad():
    reconstructed = model(validation)
exhibits = {"digits": validation, "reconstructed": reconstructed, "shuffled": shuffled}
exhibits |= {"noise": torch.rand(1000, 1, 28, 28), "averages": averages}
alone = [sum(accepted(exhibit, [judge]) for judge in judges) / 3 for exhibit in exhibits.values()]
together = [accepted(exhibit) for exhibit in exhibits.values()]
ae.plots.agreement_bars({"one classifier": alone, "the jury": together}, list(exhibits), axis="% called a digit")

# %%
ae.reveal("11 noise", 100 * alone[3])

# %% tags=["collapsed"]
# Proof for the tests: the jury refuses what is no digit far more often, and some real digits; the three seldom agree on noise.
assert 0.7 < together[0] < 0.9
assert all(refused < alone[place] for place, refused in enumerate(together) if place >= 2)
assert sum(together[2:]) < (0.5 if digits.whole else 0.9) * sum(alone[2:])
each_alone = [accepted(exhibits["noise"], [judge]) for judge in judges]
if digits.whole:  # single judges differ widely; the jury gains less on shuffled digits and averages
    assert together[3] < alone[3] / 5 and max(each_alone) > 2 * min(each_alone)
    assert all(together[place] > alone[place] / 5 for place in (2, 4))
guesses = torch.stack([verdict(exhibits["noise"], [judge]).argmax(1) for judge in judges])
assert not digits.whole or (guesses == guesses[0]).all(0).float().mean() < 0.2

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# A single classifier can be confident about what is no digit: on average it calls much of the noise one (the three differ widely in how much). These three rarely see the *same* digit in it, and where they disagree, their average is not confident. Not every jury is like that. On shuffled digits and averages, our jury gains less.
#
# </details>
#
# So we take the jury. It refuses more than one in ten of the real digits, too:
# that, not 100 %, is the yardstick for a path.
#
# We also take a second measure, which needs no network: the squared distance from an image to the **nearest real digit**, among 2,500 training digits. And we train two more autoencoders from other seeds, to see how much depends on the seed.

# %%
real = train[:2500].flatten(1)


def to_real(images):
    """Squared distance from each image to the nearest real digit, averaged."""
    return torch.cdist(images.flatten(1), real).amin(1).square().mean().item()


# %% tags=["nbval-ignore-output"] reason="measured in the next cells"
networks = [model, *(trained(seed) for seed in range(1, seeds))]

# %% tags=["nbval-ignore-output", "predict"] reason="asserted two cells below"
shares, distances = {}, {}
for t in steps:
    stops = [{"pixels": torch.lerp(images[first], images[second], t)}]
    stops += [decoded_paths(network, first, second, t) for network in networks]
    for name, made in (item for stop in stops for item in stop.items()):
        shares.setdefault(name, []).append(accepted(made))
        distances.setdefault(name, []).append(to_real(made))
share_curves = {name: torch.tensor(values).reshape(9, -1).T for name, values in shares.items()}
distance_curves = {name: torch.tensor(values).reshape(9, -1).T for name, values in distances.items()}
real_share, real_distance = accepted(images), to_real(images[:1000])
panels = {
    "called a digit": (share_curves, {"real digits": real_share}),
    "squared distance to a real digit": (distance_curves, {"real digits": real_distance}),
}
ae.plots.along_the_way("t, from one digit to the other", steps, panels)

# %% tags=["collapsed"]
# Proof for the tests: halfway, in every network, codes are called a digit more often than pixels, and the sphere beats
# the straight path, but not near the two digits; pixels are farthest from a real digit; reconstructions are nearer to
# one than the digits they reconstruct.
halfway = {name: values[:, 4] for name, values in share_curves.items()}
assert (halfway["straight"] > halfway["pixels"]).all() and (halfway["on the sphere"] > halfway["straight"]).all()
near_ends = (share_curves["on the sphere"] - share_curves["straight"])[:, [1, 2, 6, 7]].mean(1)
assert not digits.whole or (near_ends < 0).all()
assert halfway["on the sphere"].max() < (0.5 if digits.whole else 0.6)
assert (distance_curves["pixels"][:, 4] > distance_curves["on the sphere"][:, 4]).all()
assert (distance_curves["on the sphere"][:, 4] > distance_curves["straight"][:, 4]).all()
assert (distance_curves["straight"][:, 0] < distance_curves["pixels"][:, 0]).all()

# %% [markdown]
# Curves are means over three networks, bands their range. The two panels disagree about the sphere.
#
# - **Pixels** lose: halfway, the fewest are called a digit, and they are farthest from a real one.
# - **Codes** do better, but more than half of the halfway images are *not* called a digit. A plain autoencoder was trained to reconstruct digits. Nothing in its loss asks for a digit at every point in between.
# - **The sphere** is a little ahead of the straight path halfway, in all three networks, though not near the two digits. In distance it is behind.
# - A small distance is no proof: at $t = 0$ the reconstructions are closer to a real digit than the digits they reconstruct.

# %% [markdown]
# ### Simple rivals
#
# Is it really the path through the latent space that makes the difference? Six rivals get the same pairs, halfway:
#
# - **overlaid pixels**: both digits at full brightness, one over the other (to see what the jury rewards);
# - **blurred pixels**: mix the pixels, then blur the mixture (to see what the distance rewards);
# - **PCA**: mix the codes of PCA with 20 components, and **PCA, sharpened**: double the contrast of that mixture;
# - **cleaned pixels**: mix the pixels, and send the mixture *through the autoencoder*;
# - **look-up**: mix the pixels, and take the nearest of the 2,500 real digits.
#
# Where a rival depends on a network, black dots mark the three networks.

# %%
rivals = {"mixed codes, straight": "straight", "mixed codes, on the sphere": "on the sphere"}
rivals |= {"mixed pixels, cleaned": "cleaned pixels", "both digits overlaid": "overlaid pixels"}
ae.predict("11 rivals", "Which of these mixtures is called a digit most often?", list(rivals))

# %% tags=["live", "nbval-ignore-output", "predict"] reason="asserted in the next cell"
# the rivals, halfway
# instructor minutes: 6
# instructor guess: "Mixed codes on the sphere." Two digits overlaid are called a digit more often, and so are cleaned pixels.
# instructor ask: We send mixed pixels through PCA, and call it a mixture of PCA codes. Why is that the same?
mixed = (images[first] + images[second]) / 2
pca = PCA(20, svd_solver="covariance_eigh").fit(train.flatten(1).numpy())
by_pca = torch.from_numpy(pca.inverse_transform(pca.transform(mixed.flatten(1).numpy()))).float().reshape(mixed.shape)
looked_up = real[torch.cdist(mixed.flatten(1), real).argmin(1)].reshape(mixed.shape)
made = {"pixels": [mixed], "overlaid pixels": [torch.maximum(images[first], images[second])]}
made |= {"blurred pixels": [functional.avg_pool2d(mixed, 3, 1, 1)]}
made |= {"PCA": [by_pca.clamp(0, 1)], "PCA, sharpened": [(2 * by_pca - 0.5).clamp(0, 1)]}
paths = [decoded_paths(network, first, second, 0.5) for network in networks]
made |= {name: [path[name] for path in paths] for name in ("straight", "on the sphere")}
with torch.no_grad():
    made["cleaned pixels"] = [network(mixed) for network in networks]
made |= {"look-up": [looked_up], "real digits": [images[:1000]]}
share_of = {name: [accepted(each) for each in runs] for name, runs in made.items()}
distance_of = {name: [to_real(each) for each in runs] for name, runs in made.items()}
ae.plots.bars({"share called a digit": share_of, "squared distance to a real digit": distance_of})

# %%
ae.reveal("11 rivals", max(rivals, key=lambda rival: sum(share_of[rivals[rival]]) / len(share_of[rivals[rival]])))

# %% tags=["collapsed"]
# Proof for the tests: the overlay is called a digit most often, then cleaned pixels, in every network; double contrast
# helps the straight path; in distance the straight path is ahead of cleaned pixels.
if digits.whole:
    assert all(a > b for a, b in zip(share_of["cleaned pixels"], share_of["on the sphere"], strict=True))
    assert share_of["pixels"][0] < share_of["PCA, sharpened"][0] < min(share_of["straight"])
    assert share_of["overlaid pixels"][0] > max(*share_of["cleaned pixels"], 2 * share_of["pixels"][0])
    sharpened = [accepted((2 * path["straight"] - 0.5).clamp(0, 1)) for path in paths]
    straight, sphere = sum(share_of["straight"]), sum(share_of["on the sphere"])
    assert sum(sharpened) - straight > 0.7 * (sphere - straight)
others = [max(runs) for name, runs in distance_of.items() if name != "overlaid pixels"]
assert distance_of["overlaid pixels"][0] > 1.3 * max(others)
assert min(distance_of["cleaned pixels"]) > max(distance_of["straight"])

# %% tags=["collapsed"]
# Proof for the tests: look-up wins both measures; half the brightness costs real digits more than half; a black image
# comes next in distance; blur and PCA, called a digit less often than codes, come closer to a real digit than pixels.
assert share_of["look-up"][0] > max(share_of["cleaned pixels"]) and distance_of["look-up"][0] < 0.1
assert abs(share_of["look-up"][0] - share_of["real digits"][0]) < 0.1
assert accepted(images[:1000] / 2) < share_of["real digits"][0] / 2
black = to_real(torch.zeros_like(mixed[:1]))
assert all(black < min(runs) for name, runs in distance_of.items() if name != "look-up")
assert not digits.whole or abs(distance_of["PCA, sharpened"][0] * seeds / sum(distance_of["straight"]) - 1) < 0.05
for name in ("blurred pixels", "PCA"):
    assert share_of[name][0] < min(share_of["straight" if digits.whole else "on the sphere"])
    assert distance_of[name][0] < min(distance_of["pixels"])

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# - Of the mixtures in the figure, the **overlay** is called a digit most often, though it is a double exposure. The jury rewards brightness: it calls real digits at half their brightness a digit less than half as often. In distance the overlay is far behind. But an image that is *all black* is nearer to a real digit than any of these mixtures on average.
#   Neither measure is proof of a digit.
# - Next comes the double exposure that went **through the autoencoder**. The encoder has never seen such images, and still gives them codes from which the decoder draws strokes.
#   So a gain over mixed pixels needs no path through the latent space. (In distance, cleaned pixels are behind the straight path.)
# - Contrast counts. With its contrast doubled, a PCA mixture is about as near to a real digit as the straight path, but called one less often; and with *its* contrast doubled, the straight path is called one more often.
# - The **look-up** gives a real digit: its distance is 0 by construction, and it is called a digit about as often as other real digits. No mixture comes close. PCA and the blur are called a digit less often than codes, and yet they come closer to a real digit than the mixture of pixels.
#
# </details>
#
# So why not look digits up? A blend has to do two things: stay among the digits *and* get from one to the other in small steps. Here is how the look-up moves, from $t = 0$ to $t = 1$:

# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
mixtures = torch.stack([torch.lerp(images[first], images[second], t) for t in steps])
nearest = torch.cdist(mixtures.flatten(2), real).argmin(2)  # (9, pairs)
rows = {"look-up": real[nearest[:, 0]].reshape(9, 1, 28, 28)}
with torch.no_grad():
    rows["cleaned\npixels"] = model(mixtures[:, 0])
rows["straight"] = torch.cat([decoded_paths(model, first[:1], second[:1], t)["straight"] for t in steps])
different = torch.tensor([len(set(column)) for column in nearest.T.tolist()]).float().mean().item()
print(f"among the nine images of the look-up, {different:.1f} are different, on average")
ae.plots.images(rows, titles=eighths)

# %% tags=["collapsed"]
# Proof for the tests: fewer than five images for nine steps, so the look-up stands still and jumps; in no pair do the
# others take half as large a step; halfway, nearly all pairs have a pixel that is brighter than in both reconstructions.
assert 1 < different < 5
with torch.no_grad():
    cleaned = torch.stack([model(mixture) for mixture in mixtures])
    straight = torch.stack([model.decoder(torch.lerp(codes[first], codes[second], t)) for t in steps])
walks = [real[nearest], cleaned, straight]
jumped, *others = [(walk[1:] - walk[:-1]).flatten(2).square().sum(2).amax(0) for walk in walks]  # the largest step
assert all((largest < jumped / 2).all() for largest in others)
brighter = (straight[4] > torch.maximum(straight[0], straight[8]) + 0.1).flatten(1).any(1)
assert brighter.float().mean() > 0.95

# %% [markdown]
# It stands still and then jumps. Codes move in small steps, and so do cleaned pixels. How far is mixing codes from mixing reconstructions? If the decoder were linear, there would be no difference: the decoded average of two codes would be the average of the two reconstructions (exercise 3). This number tells how
# far we are from that:


# %% tags=["nbval-ignore-output"]
def bend(model, first, second):
    """Squared distance of the decoded average of two codes from the average of the two reconstructions.

    0: no difference, mixing codes is mixing reconstructions; 1: as far as that average lies from either reconstruction.
    """
    with torch.no_grad():
        start, end = model(first), model(second)
        decoded = model.decoder((model.encoder(first) + model.encoder(second)) / 2)
    return ((decoded - (start + end) / 2).square().sum() / ((end - start) / 2).square().sum()).item()


digit_bends = [bend(network, images[first], images[second]) for network in networks]
print("bend of the latent space of digits, three networks: " + ", ".join(f"{each:.2f}" for each in digit_bends))
assert min(digit_bends) > 0.3 and max(digit_bends) < 0.8

# %% [markdown]
# ## 4. Arithmetic with codes
#
# Is there a *direction* in the latent space for a kind of change? Take **slant**. We can measure from the pixels how far a digit leans: with each pixel upwards, how much further to the right does its ink lie? (This is the slope of a line through the ink.)


# %%
def slant(images):
    """How far each digit leans to the right: pixels to the right for each pixel upwards, (n,)."""
    ink, positions = images[:, 0], torch.arange(28.0)
    total = ink.sum((1, 2))[:, None]
    right = (
        positions - (ink.sum(1) * positions).sum(1, keepdim=True) / total
    )  # of each column, from the mean of the ink
    up = (ink.sum(2) * positions).sum(1, keepdim=True) / total - positions  # of each row
    together = (ink * up[:, :, None] * right[:, None, :]).sum((1, 2))
    return together / (ink * up[:, :, None].square()).sum((1, 2))


assert torch.allclose(slant(torch.eye(28).flip(0)[None, None]), torch.tensor([1.0]))  # a stroke at 45 degrees
leaning = slant(images).argsort()[torch.linspace(10, len(images) - 10, 8).long()]
ae.plots.images({"slant": images[leaning]}, titles=[f"{value:+.1f}" for value in slant(images[leaning])])

# %% [markdown]
# Here is a direction for slant. Take the tenth of the training digits that lean most to the right, and the tenth that lean most to the left, and subtract the mean code of the latter from that of the former. It is simple, and there is a trap in it:

# %% tags=["live", "nbval-ignore-output"]
# which digits are the most slanted ones?
# instructor minutes: 3
# instructor guess: "All classes lean equally often." In the tenth that leans most to the right, 1s are more than seven times as common as in the other.
# instructor ask: We subtract one mean code from the other. What will the difference contain besides slant?
train_slants, tenth = slant(train), len(train) // 10
order = train_slants.argsort()
simple = train_codes[order[-tenth:]].mean(0) - train_codes[order[:tenth]].mean(0)
ones = [(train_labels[chosen] == 1).float().mean().item() for chosen in (order[-tenth:], order[:tenth])]
print(f"of the digits that lean most to the right, {ones[0]:.0%} are a 1; to the left, {ones[1]:.0%}")
assert ones[0] > (7 if digits.whole else 5) * ones[1]

# %% [markdown]
# Many 1s lean to the right. So this direction says not only "more slant" but also, a little, "more like a 1": slant and class are *confounded*. To separate them, we take the difference **within each class**, and average the ten differences.


# %%
def within_classes(vectors):
    """The direction (d,) from left-leaning to right-leaning digits among training vectors (n, d), class by class."""
    directions = []
    for digit in range(10):
        own = train_labels == digit
        order, tenth = train_slants[own].argsort(), own.sum() // 10
        directions.append(vectors[own][order[-tenth:]].mean(0) - vectors[own][order[:tenth]].mean(0))
    return torch.stack(directions).mean(0)


more_slant = within_classes(train_codes)
pixel_slant = within_classes(train.flatten(1)).reshape(1, 28, 28)

# %% tags=["collapsed"]
# Proof for the tests: the simple direction points a little towards the 1s; the one within classes does so less.
towards_ones = train_codes[train_labels == 1].mean(0) - train_codes[train_labels != 1].mean(0)
within, between = functional.cosine_similarity(torch.stack([more_slant, simple]), towards_ones[None])
assert between > within + 0.05 and 0.05 < between < 0.5

# %% [markdown]
# We add it to the codes of test digits, with strengths from -1 (the whole difference to the left) to 1. There are two rivals. One is the same average difference, taken of *images* instead of codes. The other is **shearing** the image, which moves each row sideways in proportion to its height. It needs no learning
# at all; we choose its amount so that, averaged over left and right, the slant changes as much as with the codes.

# %%
added = ["the digit leans, with clean strokes", "a shadow lies over the digit", "nothing changes"]
ae.predict("11 slanted pixels", "What do you see when the difference of average *images* is added to a digit?", added)


# %%
def sheared(images, amount):
    """The images with each row moved right by amount pixels for each pixel that it lies above the centre."""
    shear = torch.tensor([[1.0, amount, 0.0], [0.0, 1.0, 0.0]]).expand(len(images), 2, 3)
    return functional.grid_sample(images, functional.affine_grid(shear, images.shape, False), align_corners=False)


with torch.no_grad():  # shear by as much as the whole direction changes the slant, averaged over left and right
    to_right, to_left = (slant(model.decoder(codes[:3000] + sign * more_slant)).mean() for sign in (1, -1))
amount = (to_right - to_left).item() / 2

# %% tags=["predict"]
strengths, rows = [-1, -0.5, 0, 0.5, 1], {}
for index in (0, 4):
    one, name = images[[index]], labels[index]
    with torch.no_grad():
        rows[f"codes, {name}"] = torch.cat([model.decoder(codes[[index]] + s * more_slant) for s in strengths])
    rows[f"pixels, {name}"] = torch.cat([(one + s * pixel_slant).clamp(0, 1) for s in strengths])
    rows[f"sheared, {name}"] = torch.cat([sheared(one, s * amount) for s in strengths])
ae.plots.images(rows, titles=[f"{s:+g}" if s else "0" for s in strengths])

# %%
ae.reveal("11 slanted pixels", added[1])

# %% [markdown]
# Added to codes, the direction makes the digits lean. Added to pixels, it lays a shadow over them. Shearing keeps the strokes. Now we measure, on 3,000 test digits:

# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
slants, kept = {}, {}
for strength in strengths:
    with torch.no_grad():
        slanted = {
            "codes, within classes": model.decoder(codes[:3000] + strength * more_slant),
            "codes, simple": model.decoder(codes[:3000] + strength * simple),
            "pixels": (images[:3000] + strength * pixel_slant).clamp(0, 1),
            "sheared": sheared(images[:3000], strength * amount),
        }
    for name, leaning in slanted.items():
        slants.setdefault(name, []).append(slant(leaning).mean().item())
        sure = verdict(leaning)[range(len(leaning)), labels[:3000]] >= 0.9  # of the digit that it was
        kept.setdefault(name, []).append(sure.float().mean().item())
panels = {"average slant": slants, "called the digit that it was": kept}
panels = {title: ({name: torch.tensor([each]) for name, each in table.items()}, {}) for title, table in panels.items()}
ae.plots.along_the_way("strength", strengths, panels)

# %% tags=["collapsed"]
# Proof for the tests: what the text below says of strengths and shares.
assert all(lean[0] < lean[2] - 0.2 and lean[4] > lean[2] + 0.2 for lean in slants.values())
assert kept["codes, within classes"][4] > kept["codes, simple"][4] + (0.05 if digits.whole else 0)
assert not digits.whole or all(
    kept["sheared"][place] > max(kept["codes, within classes"][place], kept["codes, simple"][place]) for place in (0, 4)
)
with torch.no_grad():
    before, after = slant(model.decoder(codes)), slant(model.decoder(codes + 0.5 * more_slant))
    stronger = model.decoder(codes[:3000] + 1.08 * more_slant)
still = (verdict(stronger)[range(len(stronger)), labels[:3000]] >= 0.9).float().mean().item()
if digits.whole:  # it leans them as much as the simple direction does, and still keeps more, but not as many as before
    assert slant(stronger).mean() > slants["codes, simple"][4]
    assert kept["codes, simple"][4] < still < kept["codes, within classes"][4]
shadow = slant((images + 0.5 * pixel_slant).clamp(0, 1))
for more in (after > before, shadow > slant(images)):
    assert more.float().mean() > (0.98 if digits.whole else 0.9)

# %% [markdown]
# - Half of the direction makes at least 98 % of the test digits lean more to the right. By this measure, half of the shadow does, too.
# - At full strength many digits are no longer called what they were. Far to the right, the direction taken within classes keeps more than the simple one. (It also leans digits a little less, which explains a part of that, but not all.)
# - **Shearing keeps more digits than either direction**, and needs no network. A direction in the latent space is for changes for which you have examples, but no formula.
#
# Such a change is the one from a 4 to a 9. Subtract the mean code of the 4s, add that of the 9s, and each 4 should become a 9 in the same handwriting.

# %% tags=["nbval-ignore-output"]
fours, (of_4, of_9) = images[labels == 4], (train_labels == 4, train_labels == 9)
with torch.no_grad():
    by_codes = model.decoder(model.encoder(fours) + train_codes[of_9].mean(0) - train_codes[of_4].mean(0))
by_pixels = (fours + train[of_9].mean(0) - train[of_4].mean(0)).clamp(0, 1)
said = [verdict(made) for made in (by_codes, by_pixels)]
sure = [(each[:, 9] >= 0.9).float().mean().item() for each in said]
first_guess = [(each.argmax(1) == 9).float().mean().item() for each in said]
print("a 9 with a probability of at least 0.9: {:.0%} with codes, {:.0%} with pixels".format(*sure))
print("a 9 as the jury's first guess: {:.0%} with codes, {:.0%} with pixels".format(*first_guess))
assert max(sure) < 0.5 and abs(sure[0] - sure[1]) < (0.1 if digits.whole else 0.3)
assert not digits.whole or 0.5 < first_guess[0] < first_guess[1]
ae.plots.images({"a 4": fours[:8], "codes\n+ 9 - 4": by_codes[:8], "pixels\n+ 9 - 4": by_pixels[:8]})

# %% [markdown]
# With both, a 9 is the jury's first guess for most of the 4s, with pixels for more of them; it is sure of fewer than half. And the images differ: with codes the strokes change; with pixels the same grey cloud lies over each. (This is one network, and one jury.)

# %% [markdown]
# ## 5. From one person to another
#
# Now we blend faces, of people who are not in the training set. The network has one layer on each side, as in notebook 06.

# %% tags=["nbval-ignore-output"]
faces = ae.load_faces()
new = faces.people >= faces.people.max() * 3 // 4 + 1  # the last quarter of the people
known_faces, new_faces = faces.images[~new], faces.images[new]
ae.seed_everything(0)
face_model = ae.fully_connected((1, 64, 64), latent_size=20)
ae.fit(face_model, known_faces, 60, batch_size=16, learning_rate=0.004)
known_error, new_error = ae.evaluate(face_model, known_faces), ae.evaluate(face_model, new_faces)
pca_known, pca_new = (ae.pca_error(20, known_faces, some) for some in (known_faces, new_faces))
print(f"reconstruction error on known and new people: {known_error:.1f} and {new_error:.1f}", end=", ")
print(f"with PCA {pca_known:.1f} and {pca_new:.1f}")
assert known_error < (0.48 if faces.whole else 0.8) * new_error and pca_new < new_error
assert not faces.whole or 1 > pca_known / known_error > pca_new / new_error

# %% [markdown]
# The network **generalises** badly: its error is more than twice as large on new people. PCA's is larger, too, but by a smaller factor, and PCA does better on both. With digits, mixed pixels gave a double exposure.

# %%
faces_seen = ["a double exposure, as with digits", "a face, from pixels and from codes", "a face, only from codes"]
ae.predict("11 faces", "What will you see halfway between two *faces*?", faces_seen)

# %% tags=["predict"]
t = torch.linspace(0, 1, 9)[:, None]
with torch.no_grad():
    face_codes = face_model.encoder(new_faces)
    in_code = face_model.decoder(torch.lerp(face_codes[0], face_codes[-10], t))
in_pixels = torch.lerp(new_faces[0], new_faces[-10], t[..., None, None])
ae.plots.images({"pixels": in_pixels, "codes": in_code}, titles=eighths)

# %%
ae.reveal("11 faces", faces_seen[1])

# %% tags=["nbval-ignore-output"]
face_bend = bend(face_model, new_faces[:-10], new_faces[10:])
print(f"bend of the latent space of faces: {face_bend:.3f}")
assert face_bend < 0.05

# %% [markdown]
# In this pair eyes lie on eyes and mouths on mouths, and even mixed pixels give a face (the glasses fade). And mixed codes give hardly more than the mixture of two soft reconstructions: the bend is close to 0. *With these faces and a network without hidden layers, mixing codes is nearly mixing reconstructions*,
# and the network's 20 numbers reconstruct a new person poorly.
#
# Blend digits of your choice:

# %%
ae.widgets.blend(model, images)

# %% [markdown]
# ## Your turn
#
# Exercises 1 to 3 end in a check. Run it as often as you like: it says at once what it saw and what it expected, and gives a hint. Stars give the difficulty, from one to three.
#
# **1. A film from one image to the other.** (★, 10 minutes) Write `morph`. From two images, each (1, 28, 28), it makes `count` images (count, 1, 28, 28) on the straight path through the latent space of `model`, in equal steps. The first is the reconstruction of the first
# image, the last that of the second.
#
# <details><summary>Hint 1</summary>
#
# Encoder and decoder take batches. `torch.stack` makes one of two images, `image[None]` one of a single image.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.linspace(0, 1, count)` has both ends. As a column, `[:, None]`, it turns one code into `count` rows.
#
# </details>


# %%
def morph(model, first, second, count):
    """Images (count, 1, 28, 28) on the path from the first image to the second, decoded from blended codes."""
    # answer:
    start, end = model.encoder(torch.stack([first, second]))
    t = torch.linspace(0, 1, count)[:, None]
    return model.decoder((1 - t) * start + t * end).detach()
    # student: return ...


# %% tags=["expected"]
ae.check.film_of_codes(morph) and ae.plots.images({"your film": morph(model, images[3], images[5], 8)})

# %% [markdown]
# **2. A sphere without a hole.** (★★, 15 minutes) `on_the_sphere` of section 2 has a flaw: for many pairs of codes of the *same direction* it gives `nan` (not a number). Why? Write a version that works for all pairs of codes, except those of exactly opposite directions (between which there are many arcs).
# Some pairs in a batch may have the same direction and others not. Where there is no arc, take the straight line.
#
# <details><summary>Hint 1</summary>
#
# Which number do you divide by, and what is it when the angle is 0? And what does rounding do to a cosine that should be 1?
#
# </details>
# <details><summary>Hint 2</summary>
#
# A very short arc and the straight line pass through nearly the same points. `torch.where(condition, one, other)` chooses row by row; `clamp` keeps numbers in a range.
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
    same = torch.as_tensor(on_any_sphere(codes[:9], codes[:9], 0.3)).float()
    print("from a code to itself:", torch.allclose(same, codes[:9], atol=1e-4))

# %% [markdown]
# **3. Blending the codes of PCA.** (★, 5 minutes) Encode two digits with PCA, 20 components, take the average of their two codes, and decode it with PCA. What do you get?
#
# - **a** A digit between the two: some of its strokes are in neither.
# - **b** The average of the two reconstructions: a double exposure.
# - **c** The average of the two original images: a double exposure, with all its details.
# - **d** The digit of the training set that is nearest to both.

# %%
# answer:
answer = "b"
# student: answer = ...
ae.check.blend_of_pca_codes(answer)

# %% [markdown]
# **4. Investigate: what makes a latent space good for blending?** (★★★, 30 minutes, no check) Change one thing about the network: fewer or more latent variables (5, 60), no hidden layer, noise on the codes in training (a `loss` for `ae.fit` that adds some of it
# before decoding). Write down how you expect the reconstruction error, the bend and the share called a digit halfway to change. Train with three seeds, as many passes as here and a learning rate that suits it, compare with section 3, and explain what you see. (A small bend is not good in itself.)

# %% tags=["nbval-ignore-output"] reason="an investigation: every student has numbers of their own"
# answer:
# one investigation: no hidden layer, so the decoder is a weighted sum and a sigmoid; here at a higher learning rate
for seed in range(seeds):
    ae.seed_everything(seed)
    flat = ae.fully_connected((1, 28, 28), latent_size=20)
    ae.fit(flat, train, epochs, batch_size=batch_size, learning_rate=5 * learning_rate, seed=seed)
    share = accepted(decoded_paths(flat, first, second, 0.5)["straight"])
    print(f"without a hidden layer: reconstruction error {ae.evaluate(flat, images):.1f}", end=", ")
    print(f"bend {bend(flat, images[first], images[second]):.2f}, called a digit {share:.0%}")
# student: # your network, your prediction, your measurement

# %%
ae.check.progress(11)

# %% [markdown]
# ## What to remember
#
# - Mixing pixels lays one image over another. Mixing codes fades strokes, too, but makes some pixels brighter than in both. Our jury called mixed codes a digit more often than mixed pixels, cleaned pixels more often still, and overlaid digits even more often.
# - Test your judge before you trust it. Our classifiers, one by one, took much of the noise for digits; together they did so less often, but preferred bright images. And a black image was nearer to a real digit than any mixture was on average.
# - A look-up always gives a real digit, but it jumps. A blend has to stay among the digits *and* move in small steps.
# - Our codes lie in a shell. Arcs stay in it; most straight lines do not. Halfway, arcs are a little ahead by one measure, and behind by the other.
# - Directions in the latent space do what their examples have in common, wanted or not: slant, and "more like a 1". Shearing, a formula, kept more digits.
# - A plain autoencoder promises nothing between its codes.
#
# **Where next:** notebook 12 goes for the record: it trains a deep network with a code of 30 numbers, and asks what it takes to get below an error published in 2006.
