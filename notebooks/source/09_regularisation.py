# %% [markdown]
# # 09 Regularisation
#
# **Purpose:** give the code as many numbers as there are pixels, see that the network then only copies, and learn five ways to make it learn something instead.
#
# After this notebook you can
#
# - say why an autoencoder with room enough copies, and why a small error then means nothing;
# - measure what a code is good for, with ten labelled digits of each kind;
# - write the loss or the layer of five kinds of autoencoder: denoising, sparse, with weight decay, with tied weights, contractive;
# - compare them by error *and* by usefulness, and say which helped, and by how much.
#
# You need notebooks 04 to 06. It takes about {{seconds}} seconds to run on two processor cores.

# %%
import aeutils as ae
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
import torch
from torch import nn

# %% [markdown]
# ## 1. Room enough to copy
#
# So far the bottleneck did the teaching: 20 numbers cannot hold 784 pixels, so the network had to find out what digits have in common. What if the code has
# **as many numbers as there are pixels**, or more? Such a code is called **overcomplete**.
#
# The best overcomplete autoencoder needs no training at all. Here it is:

# %% tags=["live"]
# encoder and decoder that hand on each pixel as it is
copy = ae.fully_connected((1, 28, 28), 784)
copy.decoder = nn.Sequential(copy.decoder[0], nn.Unflatten(1, (1, 28, 28)))  # without the sigmoid
with torch.no_grad():
    for layer in (copy.encoder[1], copy.decoder[0]):
        layer.weight.copy_(torch.eye(784))  # 1 from each number to itself, 0 to all others
anything = torch.rand(100, 1, 28, 28)
assert ae.evaluate(copy, anything) == 0
print("error on images of pure noise:", ae.evaluate(copy, anything))

# %% [markdown]
# An error of exactly 0, on *any* image. And its code is the image itself: nothing has been learned. Will training end at something as silly?
#
# For the whole notebook we take one layer in and one layer out, with a sigmoid behind each, so that every number of the code lies between 0 and 1. We train on the first 12,000 digits, to save time. All networks of this notebook
# get the same digits, in the same order, as often, with the same learning rate, and work with numbers of the same precision.

# %% tags=["nbval-ignore-output"]
digits = ae.load_mnist()
images, labels = digits.train_images[:12_000], digits.train_labels[:12_000]
# the embedded subset is small: go through it more often, in smaller batches
epochs, batch_size = (4, 100) if digits.whole else (5, 50)
new_images, new_labels = digits.test_images[:5000], digits.test_labels[:5000]
assert images.shape[1:] == (1, 28, 28)


# %% tags=["live"]
# as many numbers in the code as pixels; the same training for all
def wide():
    """An autoencoder with a code of 784 numbers, not trained yet."""
    ae.seed_everything(0)
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 784), nn.Sigmoid())
    return ae.Autoencoder(encoder, nn.Sequential(nn.Linear(784, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28))))


def train(model, loss=None):
    """Train the model and return it. Without a loss it is the reconstruction error."""
    ae.fit(model, images, epochs, batch_size=batch_size, learning_rate=0.02, loss=loss, precision="float32")
    return model


# %% [markdown]
# **Predict:** how small will the error become with 784 numbers, where 20 reach about 14?

# %% tags=["nbval-ignore-output"]
ae.seed_everything(0)
models = {"bottleneck, 20": train(ae.fully_connected((1, 28, 28), 20)), "copying": train(wide())}
errors = {name: ae.evaluate(model, digits.test_images) for name, model in models.items()}
mean_image = ae.pca_error(0, images, digits.test_images)
for name, error in errors.items():
    print(f"{name}: test error {error:.1f}, {error / mean_image:.0%} of that of the mean image")
assert errors["copying"] < (3 if digits.whole else 4.5) and errors["copying"] < errors["bottleneck, 20"] / 3

# %% [markdown]
# Nearly nothing is left of the error, on digits that it has never seen. Judged by its error alone, a splendid network!
#
# Now images that are **no digits**: test digits cut into four quarters that are put together the wrong way round, and test digits whose pixels are all mixed up.
#
# **Predict:** what will each network make of them?

# %%
ae.seed_everything(0)
order = torch.randperm(400)
middle = digits.test_images[:1000, :, 4:24, 4:24]  # the part that digits are drawn in
cut_up, mixed_up = torch.zeros(2, 1000, 1, 28, 28)
cut_up[:, :, 4:24, 4:24] = middle.roll((10, 10), dims=(2, 3))
mixed_up[:, :, 4:24, 4:24] = middle.flatten(2)[:, :, order].reshape(middle.shape)
shown = torch.cat([digits.test_images[:3], cut_up[:3], mixed_up[:3]])
rows = {"original": shown}
with torch.no_grad():
    rows |= {name.replace(", ", "\n"): model(shown) for name, model in models.items()}
ae.plots.images(rows, errors=True)

# %% tags=["nbval-ignore-output"]
came_back = {}
for kind, batch in {"digits": digits.test_images[:1000], "cut up": cut_up, "mixed up": mixed_up}.items():
    black = ae.reconstruction_error(torch.zeros_like(batch), batch).item()  # nothing at all comes back
    for name, model in models.items():
        came_back[name, kind] = 1 - ae.evaluate(model, batch) / black
        print(f"{kind}, {name}: {came_back[name, kind]:.0%} of the image came back")
assert came_back["copying", "cut up"] > 0.7 > 0.5 > came_back["bottleneck, 20", "cut up"]
assert came_back["copying", "mixed up"] > (1.5 if digits.whole else 1.3) * came_back["bottleneck, 20", "mixed up"]

# %% [markdown]
# The bottleneck answers as if there were only digits in the world. The wide network hands on whatever is made of strokes. (Of pixels that are all mixed up, less than half comes back: no digit
# ever asked it to copy those.) It has not found out what digits have in common. It **copies**.

# %% [markdown]
# ## 2. What is a code good for?
#
# If the error cannot tell a good code from a copy, what can? We ask how well the code serves somebody who has **few labels**. Ten labelled digits of each kind, and a *linear* classifier
# that learns from the codes of these 100 alone. How many of the test digits does it name? This is called a **linear probe** (Alain and Bengio, 2016). It is so simple that it cannot do
# much by itself: whatever it can do, the code has made easy. Here is one, on the pixels:

# %% tags=["live", "nbval-ignore-output"]
# a linear classifier that learns from ten labelled digits of each kind
few = torch.cat([(labels == digit).nonzero()[:10, 0] for digit in range(10)])
probe = LogisticRegression(C=10, max_iter=1000)
probe.fit(images[few].flatten(1) / 10, labels[few])  # / 10: differences of digits become about 1
share = probe.score(new_images.flatten(1) / 10, new_labels)
print(f"trained on {len(few)} labelled images, right for {share:.1%} of the {len(new_images):,} test images")
assert 0.6 < share < 0.85

# %% [markdown]
# Which hundred were labelled is a matter of luck, so `ae.linear_probe` does the same ten times, each time with other labelled digits, the same ones for every kind of code. As in notebook 06 we also ask for the nearest-neighbour accuracy:
# how often is the nearest other code that of the same digit?


# %% tags=["live"]
# everything that we want to know about one kind of code
results = {}


@torch.no_grad()
def examine(name, encode, error):
    """Keep the test error, the nearest-neighbour accuracy and the ten shares of the linear probe."""
    known, new = encode(images[:2000]), encode(new_images)
    agreement = ae.nearest_neighbour_accuracy(new[:3000], new_labels[:3000], "euclidean")
    results[name] = (error, agreement, ae.linear_probe(known, labels[:2000], new, new_labels))


# %% [markdown]
# **Predict:** pixels, PCA with 20 components, our bottleneck, our copying network. Which codes serve the classifier best?

# %% tags=["nbval-ignore-output"]
pca = PCA(20, random_state=0).fit(images.flatten(1).numpy())
examine("pixels", lambda images: images.flatten(1), 0.0)
examine(
    "PCA, 20",
    lambda images: torch.from_numpy(pca.transform(images.flatten(1).numpy())).float(),
    ae.pca_error(20, images, digits.test_images),
)
for name, model in models.items():
    examine(name, model.encoder, errors[name])
probed = {name: shares.mean().item() for name, (_, _, shares) in results.items()}
assert probed["copying"] < probed["pixels"] + 0.02

# %%
ae.plots.share_bars(probed, chance=0.1, axis="named rightly, from 10 labelled digits of each kind")

# %% tags=["nbval-ignore-output"]
gain = results["copying"][2] - results["pixels"][2]  # draw by draw, with the same labelled digits
print(f"copying against pixels: {100 * gain.mean():+.1f} points, better in {(gain > 0).sum()} of 10 draws")
assert abs(gain.mean()) < 0.02

# %% [markdown]
# All within a few points of each other. The network with almost no error gives codes that are **no better than the pixels** that it was given. What does it take to make them better?
#
# Whatever is added to the loss or the network to keep it from the easy way is called **regularisation**. Five ways follow. Each has a strength that has to be chosen; ours were chosen beforehand, by the
# linear probe on digits taken from the rest of the training images, never on test images. (The embedded subset uses the same.)

# %% [markdown]
# ## 3. Denoising: give it a broken image
#
# A copy of a noisy image is a noisy image. So: **spoil the input, and ask for the clean original** (Vincent and others, 2008 and 2010). Whoever only hands on pixels now has a large error. To remove noise, one
# must know what digits look like.


# %% tags=["live"]
# spoil the input; compare with the clean original
def spoil(images):
    """The images with noise on every pixel, new noise each time."""
    return (images + 0.5 * torch.randn_like(images)).clamp(0, 1)


def denoising_loss(model, originals):
    """The error of what the model makes of spoilt images, against the originals."""
    return ae.reconstruction_error(model(spoil(originals)), originals)


# %% [markdown]
# The noise is new for every image and every epoch. It is part of the loss, not of the model: when training is over, the encoder takes clean images.
#
# **Predict:** noisy test digits go into the copying network and into the denoising one. What comes out?

# %% tags=["nbval-ignore-output"]
models["denoising"] = train(wide(), denoising_loss)
ae.seed_everything(1)
noisy = spoil(digits.test_images)
with torch.no_grad():
    cleaned = {name: model(noisy) for name, model in models.items()}
noise_errors = {"the noise itself": ae.reconstruction_error(noisy, digits.test_images).item()}
noise_errors |= {name: ae.reconstruction_error(made, digits.test_images).item() for name, made in cleaned.items()}
for name, error in noise_errors.items():
    print(f"{name}: error against the clean digits {error:.1f}")
assert 2 * noise_errors["denoising"] < noise_errors["copying"] < noise_errors["the noise itself"]

# %%
rows = {"original": digits.test_images[:8], "noisy": noisy[:8]}
rows |= {name: cleaned[name][:8] for name in ("copying", "denoising")}
ae.plots.images(rows, errors=True)

# %% [markdown]
# And a clean digit?

# %% tags=["nbval-ignore-output"]
clean_error = ae.evaluate(models["denoising"], digits.test_images)
print(f"denoising network: error {noise_errors['denoising']:.1f} with noise, {clean_error:.1f} without")
examine("denoising", models["denoising"].encoder, clean_error)
gain = results["denoising"][2] - results["pixels"][2]
print(f"linear probe against pixels: {100 * gain.mean():+.1f} points, better in {(gain > 0).sum()} of 10 draws")
assert gain.mean() > 0.01 and clean_error > noise_errors["denoising"]

# %% [markdown]
# Two things to note. It has never seen a clean digit, and it does **worse** on clean digits than on noisy ones, for it takes off noise that is not there. Judged by its reconstruction error alone it would be thrown away. But
# its codes serve the classifier better than the pixels do, with the same labelled digits.
#
# What do its units look for? A unit's weights, one for each pixel, can be drawn as an image: purple pixels excite the unit, orange ones quiet it. We show the first ten units,
# and only the middle of the image. (At the rim digits have hardly any ink, so there is hardly anything to learn for the weights there.)


# %%
def features(model, count=784):
    """The weights of the first units of an encoder as images (count, 1, 20, 20): the middle of the image."""
    return model.encoder[1].weight.detach()[:count].reshape(-1, 1, 28, 28)[:, :, 4:24, 4:24]


ae.plots.signed_images({name: features(models[name], 10) for name in ("copying", "denoising")})

# %% [markdown]
# To copy, a unit can look for any pattern, as long as all units together catch everything. To denoise, it has to look for something that is larger than the noise: blobs, arcs, strokes.

# %% [markdown]
# ## 4. Sparse: few units at a time
#
# Another way: let there be many numbers in the code, but let only **few of them be active** for any one image. Each unit shall be active with an average of only $\rho = 0.05$ over the digits. (The average of unit $j$ over a batch is
# $\hat\rho_j$.) A penalty that is 0 just there and grows on both sides is the *Kullback-Leibler divergence*:
#
# $$\sum_j \; \rho \log\frac{\rho}{\hat\rho_j} + (1 - \rho)\log\frac{1 - \rho}{1 - \hat\rho_j}$$
#
# (Ng, lecture notes *Sparse autoencoder*, 2011. A simpler penalty is the sum of all activities, called L1.)


# %% tags=["live"]
# each unit active by 0.05 on average
def sparse_loss(model, originals):
    """Reconstruction error, and a penalty for units whose average activity is not 0.05."""
    codes = model.encoder(originals)
    wanted, average = 0.05, codes.mean(0)  # average of each unit over the batch
    penalty = wanted * (wanted / average).log() + (1 - wanted) * ((1 - wanted) / (1 - average)).log()
    return ae.reconstruction_error(model.decoder(codes), originals) + 1.0 * penalty.sum()


# %% [markdown]
# **Predict:** the 784 numbers of a code, drawn as a square of 28 × 28, white for 1 and black for 0. How will the codes of the copying and of the sparse network look?

# %% tags=["nbval-ignore-output"]
models["sparse"] = train(wide(), sparse_loss)
examine("sparse", models["sparse"].encoder, ae.evaluate(models["sparse"], digits.test_images))
active = {}
with torch.no_grad():
    for name in ("copying", "sparse"):
        active[name] = (models[name].encoder(new_images) > 0.5).float().sum(1).mean().item()
        print(f"{name}: for one digit, {active[name]:.0f} of 784 units are above one half, on average")
assert active["sparse"] < active["copying"] / 5

# %%
with torch.no_grad():
    squares = {f"code,\n{name}": models[name].encoder(new_images[:8]).reshape(8, 1, 28, 28) for name in active}
ae.plots.images({"digit": new_images[:8], **squares})

# %% [markdown]
# The copying network describes every digit by hundreds of units at once. The sparse one names a dozen or so.

# %% [markdown]
# ## 5. Small weights, and shared weights
#
# **Weight decay** puts the squares of all weights into the loss. Large weights are what one needs to answer steeply to small differences. (Biases are left alone.)


# %% tags=["live"]
# large weights cost
def decay_loss(model, originals):
    """Reconstruction error, and a penalty on the squares of all weights."""
    squares = model.encoder[1].weight.square().sum() + model.decoder[0].weight.square().sum()
    return ae.reconstruction_error(model(originals), originals) + 0.003 * squares


# %% tags=["nbval-ignore-output"]
def root_mean_square(model):
    """How large the weights of the encoder are."""
    return model.encoder[1].weight.square().mean().sqrt().item()


models["weight decay"] = train(wide(), decay_loss)
sizes = {name: root_mean_square(models[name]) for name in ("copying", "weight decay")}
print(", ".join(f"{name}: weights of about {size:.2f}" for name, size in sizes.items()))
assert sizes["weight decay"] < sizes["copying"] / 2


# %% [markdown]
# **Tied weights:** the decoder has no weights of its own. It uses those of the encoder, the other way round (transposed): what excites a unit is also what the unit draws. This is a layer and not a loss:


# %% tags=["live"]
# a decoder that uses the encoder's weights
class TiedDecoder(nn.Module):
    """Decodes with the transposed weights of an encoder's linear layer, and biases of its own."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer  # the encoder's own layer, not a copy of it
        self.bias = nn.Parameter(torch.zeros(layer.in_features))

    def forward(self, codes):
        pixels = codes @ self.layer.weight + self.bias  # weight: (units, pixels), so this is its transpose at work
        return torch.sigmoid(pixels).unflatten(1, (1, 28, 28))


# %% tags=["nbval-ignore-output"]
def tied():
    """As wide(), with tied weights."""
    encoder = wide().encoder
    return ae.Autoencoder(encoder, TiedDecoder(encoder[1]))


models["tied weights"] = train(tied())
for name in ("weight decay", "tied weights"):
    examine(name, models[name].encoder, ae.evaluate(models[name], digits.test_images))
    gain = results[name][2] - results["copying"][2]
    print(f"{name}: error {results[name][0]:.1f}, against copying {100 * gain.mean():+.1f} points in the linear probe")
    assert gain.mean() > 0

# %%
counts = {name: ae.count_parameters(models[name]) for name in ("copying", "tied weights")}
assert counts["copying"] - counts["tied weights"] == 784 * 784
assert results["tied weights"][0] < 1.3 * results["copying"][0] < results["weight decay"][0]
print(", ".join(f"{name}: {count:,} parameters" for name, count in counts.items()))

# %% [markdown]
# Nearly half of the parameters are gone, and tied weights *copy as well as before*: there is room enough in the rest. They alone do not stop the copying, though the code has become a little better. Weight decay gives up some of the error.

# %% [markdown]
# ## 6. Contractive: a code that hardly moves
#
# When an image changes a little, how far does its code move? The **Jacobian** of the encoder holds the answer: the slope of each number of the code against each pixel, here 784 × 784 slopes. A **contractive** autoencoder
# (Rifai and others, 2011) is punished for the sum of their squares. The code then wants to stand still whatever the image does; the reconstruction error pulls the other way, for different digits need different codes. What is left over
# should be movements that turn one digit into another.
#
# All these slopes sound expensive, but for one sigmoid layer $h_j = \sigma(w_j \cdot x + b_j)$ the sum has a short form, since the slope of the sigmoid is $h(1 - h)$:
#
# $$\sum_{j,\,i} \left(\frac{\partial h_j}{\partial x_i}\right)^2 = \sum_j \big(h_j (1 - h_j)\big)^2 \, \lVert w_j\rVert^2$$


# %% tags=["live"]
# the squared slopes of a sigmoid layer, summed; and the loss
def squared_slopes(model, codes):
    """For each code the sum of the squared slopes of its encoder, a sigmoid layer."""
    return (codes * (1 - codes)).square() @ model.encoder[1].weight.square().sum(1)


def contractive_loss(model, originals):
    """Reconstruction error, and a penalty on the slopes of the encoder."""
    codes = model.encoder(originals)
    error = ae.reconstruction_error(model.decoder(codes), originals)
    return error + 0.5 * squared_slopes(model, codes).mean()


# %% [markdown]
# Is the short form right? PyTorch can work out all slopes one by one. Compare, for one digit:

# %% tags=["live", "nbval-ignore-output"]
# all slopes one by one, against the short form
digit = new_images[:1]
slopes = torch.autograd.functional.jacobian(models["tied weights"].encoder, digit)
with torch.no_grad():
    short = squared_slopes(models["tied weights"], models["tied weights"].encoder(digit)).item()
print(f"{slopes.numel():,} slopes: their squares sum to {slopes.square().sum():.3f}, short form {short:.3f}")
assert slopes.numel() == 784 * 784 and abs(short / slopes.square().sum().item() - 1) < 1e-3

# %% [markdown]
# There is a cheap way out: make the encoder's weights tiny, and the decoder's as much larger. So, as in the paper, the contractive network has **tied weights**, where one cannot grow while the other shrinks.
#
# How far do codes move? Only in comparison can that be said: we add faint noise to the images, and divide by the distance between the codes of two different digits.

# %% tags=["nbval-ignore-output"]
models["contractive"] = train(tied(), contractive_loss)
examine("contractive", models["contractive"].encoder, ae.evaluate(models["contractive"], digits.test_images))
ae.seed_everything(2)
one, faint = new_images[:1000], new_images[:1000] + 0.1 * torch.randn(1000, 1, 28, 28)
moved = {}
with torch.no_grad():
    for name, encode in {"pixels": nn.Flatten(), **{name: model.encoder for name, model in models.items()}}.items():
        by_noise, by_digit = encode(faint) - encode(one), encode(one.roll(1, 0)) - encode(one)
        moved[name] = (by_noise.norm(dim=1).mean() / by_digit.norm(dim=1).mean()).item()
        print(f"{name}: faint noise moves the code by {moved[name]:.0%} of the way to another digit")
assert moved["contractive"] == min(moved.values()) and moved["contractive"] < moved["tied weights"] / 1.5

# %% [markdown]
# The contractive code moves least, as it was told to, and by much less than the same network without the penalty (*tied weights*).

# %% [markdown]
# ## 7. Which of them helped?
#
# All in one image. To the left: a small error. Up: a useful code.
#
# **Predict:** where will each of the five lie?

# %% tags=["gallery"]
ae.plots.error_against_usefulness(results)

# %% [markdown]
# And with what it is made of. Each small dot on the right is a draw of labelled digits:

# %%
ae.plots.code_comparison(results)

# %% tags=["nbval-ignore-output"]
gains = {}
for name, (error, agreement, shares) in results.items():
    gain = shares - results["pixels"][2]  # the same labelled digits
    gains[name] = gain.mean().item()
    print(f"{name:14s} error {error:4.1f}  neighbours {agreement:.1%}  linear probe {shares.mean():.1%}", end="  ")
    print(
        f"({shares.min():.0%} to {shares.max():.0%}), {100 * gains[name]:+.1f} points, {(gain > 0).sum()} of 10 draws"
    )
five = ["denoising", "sparse", "weight decay", "tied weights", "contractive"]
assert min(gains[name] for name in five) > gains["copying"]
assert gains["contractive"] == max(gains.values()) and gains["contractive"] > 0.03
assert min(gains["denoising"], gains["sparse"]) > 0.01
assert abs(gains["copying"]) < 0.02 and abs(gains["copying"] - gains["bottleneck, 20"]) < 0.03

# %% tags=["nbval-ignore-output"]
others = [name for name in five if name != "tied weights"]
assert min(results[name][0] for name in others) > 1.5 * results["copying"][0]
more_neighbours = {name: agreement - results["pixels"][1] for name, (_, agreement, _) in results.items()}
assert max(more_neighbours.values()) < 0.05 and more_neighbours["sparse"] < 0
print(f"neighbours against pixels: from {100 * min(more_neighbours.values()):+.1f}", end=" ")
print(f"to {100 * max(more_neighbours.values()):+.1f} points")

# %% [markdown]
# - **A small error promises nothing.** The copying network has one of the two smallest errors of all networks, and a code that is hardly better or worse than the pixels, or than the 20 numbers of the bottleneck.
# - All five have better codes than the copying network. The contractive one gains most over the pixels, denoising and sparsity about half of that; weight decay and tied weights little.
# - It costs: those that help most have a larger error. **Useful and exact are two aims.**
# - Which digits were labelled matters as much as most of these differences (look at the dots). That is why we compare draw by draw, with the same labelled digits.
# - The **neighbours** disappoint. They agree a few points more often at best, and the sparse code *loses* some against the pixels. What makes a code easy for a linear classifier need not bring equal digits nearer together.
# - Each network was trained once. A difference of one or two points between two networks may be chance.
#
# And what did their units learn?

# %%
ae.plots.signed_images({name: features(models[name], 10) for name in ["copying", *five]})

# %% [markdown]
# The difference is famous: noise above, strokes below. Can it be measured? In a stroke, neighbouring pixels have similar weights, and most of the weight lies on few pixels. So we ask how alike each weight is to that on its right (1: the same, 0: no
# relation), and on how many of the 400 pixels the weights lie (by the effective dimension of notebook 06).


# %% tags=["nbval-ignore-output"]
alike, pixels_used = {}, {}
for name in ["copying", *five]:
    weights = features(models[name])
    alike[name] = nn.functional.cosine_similarity(weights[..., 1:].flatten(1), weights[..., :-1].flatten(1)).median()
    energy = weights.square().flatten(1)
    pixels_used[name] = (energy.sum(1).square() / energy.square().sum(1)).median()
    print(f"{name}: neighbouring weights alike by {alike[name]:.2f}, weight on {pixels_used[name]:.0f} of 400 pixels")
assert all(alike[name] > alike["copying"] for name in others)
assert min(pixels_used.values()) == pixels_used["contractive"] < 0.8 * pixels_used["copying"]

# %% [markdown]
# The eye was right. Neighbouring weights are more alike in all but one of the five: tied weights alone change nothing here, as they did not stop the copying. The contractive network's units look at the fewest pixels.
#
# One warning. Everything here is one layer in and one layer out, trained for seconds. The order of the five is that of *our* experiment. With other data or other strengths, or with a deeper network, it may be another one. What stays is the lesson:
# decide what the code is for, and measure that.

# %% [markdown]
# ## Your turn
#
# Each exercise ends in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint.
#
# **1. Another way to spoil.** In their first paper (2008) Vincent and others *hid pixels*: each pixel is set to 0 with the probability `share`, each for itself, and others in every image and every call. Write the loss of a
# denoising autoencoder of this kind.
#
# <details><summary>Hint 1</summary>
#
# `torch.rand_like(originals) < 0.3` is true for about 30 % of the pixels.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Three steps: make a spoilt copy, let the model work on it, compare. With what?
#
# </details>


# %% tags=["nbval-ignore-output"]
def masking_loss(model, originals, share):
    """The error of the model on originals (n, 1, 28, 28) in which a share of the pixels is hidden."""
    # answer:
    hidden = torch.rand_like(originals) < share
    return ae.reconstruction_error(model(originals.masked_fill(hidden, 0)), originals)
    # student: return ...


if ae.check.hidden_pixels(masking_loss):
    print(f"half of the pixels hidden: {masking_loss(models['denoising'], new_images, 0.5).item():.0f}")

# %% [markdown]
# **2. A sixth way: only the strongest.** A *k-sparse* autoencoder (Makhzani and Frey, 2013) needs no penalty. In the code of each image it keeps the `k` largest numbers as they are, and sets all others to 0. Write this step.
# Gradients must flow through the numbers that are kept.
#
# <details><summary>Hint</summary>
#
# `codes.topk(k, dim=...)` gives the largest numbers *and* their places. Along which dimension does an image's code lie? Then put the numbers into zeros (`torch.zeros_like`, `scatter`), or compare each number with the
# smallest that is kept.
#
# </details>


# %% tags=["nbval-ignore-output"]
def keep_strongest(codes, k):
    """Codes (n, units) with all but the k largest numbers of each image set to 0."""
    # answer:
    values, places = codes.topk(k, dim=1)
    return torch.zeros_like(codes).scatter(1, places, values)
    # student: return ...


if ae.check.k_strongest(keep_strongest):
    for name in ("copying", "sparse"):
        codes = models[name].encoder(new_images).detach()
        print(f"{name}: the 60 strongest units hold {keep_strongest(codes, 60).sum() / codes.sum():.0%} of the code")

# %% [markdown]
# **3. Contractive with another function.** Somebody's encoder is $h = \tanh(W x + b)$. The slope of $\tanh$ is $1 - h^2$. Write the contractive penalty for it: the sum of the squared slopes of all units against all pixels, averaged over
# the images. `layer` is the `nn.Linear`, `images` are (n, 1, 28, 28).
#
# <details><summary>Hint</summary>
#
# Go through `squared_slopes` in section 6. What in it belongs to the sigmoid, and what to the weighted sum before it? You can compare with `torch.autograd.functional.jacobian`.
#
# </details>


# %%
def tanh_penalty(layer, images):
    """Mean over images of the summed squared slopes of tanh(layer(pixels)) against the pixels."""
    # answer:
    codes = torch.tanh(layer(images.flatten(1)))
    return ((1 - codes**2) ** 2 @ layer.weight.square().sum(1)).mean()
    # student: return ...


# %% tags=["nbval-ignore-output"]
ae.check.slopes_of_tanh(tanh_penalty) and tanh_penalty(models["copying"].encoder[1], new_images[:100]).item()

# %% [markdown]
# **4. The cheap way out.** An autoencoder has a linear code (no sigmoid behind it) and weights that are *not* tied. Somebody divides the encoder's weights and biases by 1000 and multiplies the decoder's weights by 1000. What happens to the
# reconstruction error, and to the contractive penalty?
#
# - **a** The error grows, since the code is now too small to hold a digit. The penalty falls.
# - **b** Both stay as they were.
# - **c** The error stays as it was. The penalty falls to a millionth.
# - **d** The error stays as it was. The penalty grows, since the decoder's weights have grown.

# %%
# answer:
answer = "c"
# student: answer = ...
ae.check.cheap_way_out(answer)

# %%
ae.check.progress(9)

# %% [markdown]
# ## What to remember
#
# - A network with room enough copies. Its error is tiny, and its code is no better than the pixels.
# - A bottleneck is only one way to prevent that. Others: spoil the input, allow few active units, keep the weights small, punish a code that moves.
# - The reconstruction error does not say what a code is good for. Decide what it is for, and measure it: for instance with a linear probe and few labels.
# - Compare with the same labelled images, and with the pixels themselves.
#
# **Where next:** in notebook 10 autoencoders are put to work: taking off noise, filling in what is missing, finding what does not belong.
