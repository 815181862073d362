# %% [markdown]
# # 08 Convolutional autoencoders
#
# **Purpose:** build autoencoders that know which pixels are neighbours, find out how many parameters that saves, and look at what their filters see.
#
# After this notebook you can
#
# - say what a fully connected layer does not know about images, and prove it;
# - compute a convolution by hand: kernel, stride, padding, the size that comes out, the number of parameters;
# - build a convolutional autoencoder, and compare it fairly with fully connected ones;
# - recognise a checkerboard in decoded images, measure it, and avoid it.
#
# You need notebooks 03 to 05. It takes about {{seconds}} seconds to run on two processor cores.

# %%
import aeutils as ae
import torch
from torch import nn
from torch.nn import functional

# %% [markdown]
# ## 1. Who are the neighbours?
#
# Let us play a trick on the fully connected autoencoder of notebook 05. We roll the dice once for a new order of the 784 pixels, and put the pixels of *every* digit into this same
# order. Nothing is lost; each shuffled image can be put back in order.

# %% tags=["nbval-ignore-output"]
digits = ae.load_mnist()
# every network in this notebook sees the same digits: a third of the training images, once (embedded ones more often)
some, passes = digits.train_images[:20_000], 1 if digits.whole else 3
assert digits.train_images.shape[1:] == digits.test_images.shape[1:] == (1, 28, 28)

# %% tags=["live"]
# one new order of the pixels for all images, and the way back
order = torch.randperm(784, generator=torch.Generator().manual_seed(0))
back = order.argsort()


def reorder(images, order):
    """The same pixels in another order."""
    return images.flatten(1)[:, order].reshape(images.shape)


shuffled, shuffled_test = reorder(some, order), reorder(digits.test_images, order)
assert torch.equal(reorder(shuffled, back), some)
ae.plots.images({"digit": some[:8], "shuffled": shuffled[:8]})

# %% [markdown]
# We train the same network twice: on the digits, and on the shuffled digits.
#
# **Predict:** by how much will the error on shuffled digits be larger?


# %% tags=["nbval-ignore-output"]
def train(model, images=some, test_images=digits.test_images, learning_rate=0.02, passes=passes):
    """Train for some passes over the images. Returns the seconds that took and the error on test images."""
    history = ae.fit(model, images, passes, batch_size=64, learning_rate=learning_rate)
    return sum(history.seconds), ae.evaluate(model, test_images)


connected, results = {}, {}
for name, images, test_images in [("digits", some, digits.test_images), ("shuffled", shuffled, shuffled_test)]:
    ae.seed_everything(0)
    connected[name] = ae.fully_connected((1, 28, 28), 20, hidden=(128,))
    results["connected", name] = train(connected[name], images, test_images)
    print(f"fully connected, {name}: test error {results['connected', name][1]:.2f}")
assert abs(results["connected", "shuffled"][1] / results["connected", "digits"][1] - 1) < 0.1

# %% [markdown]
# Not at all! The two errors differ by a few percent at most. In a fully connected layer each output has a weight for *every* pixel, and the
# layer does not care in which order they come. It has no idea that pixel 100 lies beside pixel 101 and above pixel 128. For us, the
# shuffled images are noise; to this network, it is the *digits* that look like that.
#
# That is a waste. What matters in an image, a stroke or an edge, lies in pixels **close to each other**, and it looks the same **wherever** it is. A layer that
# is built upon these two facts is a convolution.

# %% [markdown]
# ## 2. A convolution, by hand
#
# A small square of weights, the **kernel** (or *filter*), is slid over the image. At each place, its nine weights are multiplied by the nine pixels below them, and the products summed up.
# So that the kernel can stand on the edge too, the image gets a frame of zeros, the **padding**. All results together are a new image, the **feature map**.

# %% tags=["live"]
# a kernel of 3 × 3, slid over a digit
kernel = torch.tensor([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [-1.0, -1.0, -1.0]])
digit = digits.test_images[0]
padded = functional.pad(digit[0], (1, 1, 1, 1))
feature_map = torch.zeros(28, 28)
for row in range(28):
    for column in range(28):
        window = padded[row : row + 3, column : column + 3]
        feature_map[row, column] = (window * kernel).sum()

layer = nn.Conv2d(1, 1, kernel_size=3, padding=1, bias=False)
with torch.no_grad():
    layer.weight.copy_(kernel)
    assert torch.allclose(layer(digit[None])[0, 0], feature_map, atol=1e-5)

# %% [markdown]
# `nn.Conv2d` does the same, only faster. (A learned layer also adds a constant to each feature map, its bias.)
#
# **Predict:** where will the feature map of *this* kernel be far from 0?

# %%
place = divmod(feature_map.argmax().item(), 28)
ae.plots.convolution_step(digit, kernel, feature_map[None], *place)

# %% [markdown]
# The kernel compares the pixels above with those below: it answers to edges that run across. Purple where a stroke lies above and the background below, orange the other way round, and white where nothing changes.
#
# A convolution is still a weighted sum of pixels. So it must be a fully connected layer of a special kind. Which? We send images through it that have a single white pixel, and get the
# weights of that pixel.

# %% tags=["live"]
# the same convolution as a table of weights, for images of 6 × 6 pixels
single_pixels = torch.eye(36).reshape(36, 1, 6, 6)
with torch.no_grad():
    layer.weight.copy_(torch.arange(1.0, 10.0).reshape(3, 3) - 5.5)  # nine different weights
    table = layer(single_pixels).flatten(1).T
    full_table = nn.Linear(36, 36).weight.detach()
assert len(table[table != 0].unique()) == 9 and len(full_table.unique()) == 36 * 36
ae.plots.weight_tables({"fully connected: 1,296 weights": full_table, "convolution: 9 weights": table})

# %% [markdown]
# There are the two facts about images: **locality** (white: no weight between pixels that are far apart) and **shared weights** (one colour along each diagonal: the same weight, wherever the kernel stands).
#
# ### Stride, and the size that comes out
#
# An encoder should make images smaller. With a **stride** of 2 the kernel goes two pixels at a step. The side that comes out is
#
# $$\text{side out} = \left\lfloor \frac{\text{side in} + 2 \times \text{padding} - \text{kernel}}{\text{stride}} \right\rfloor + 1 ,$$
#
# so many whole steps ($\lfloor\ \rfloor$ rounds down), and one, for the place before the first step. With kernel 3, stride 2 and padding 1: 28 → 14 → 7.
#
# A layer has several kernels, one for each feature map that it makes, and each kernel reaches through all the channels of its input. **Predict:** how many parameters has a layer that makes 8 feature maps of
# 14 × 14 out of a digit? And a fully connected layer that makes as many numbers?

# %% tags=["live"]
# two strided convolutions in a row: sizes and parameters
first, second = nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.Conv2d(8, 16, 3, stride=2, padding=1)
shapes = [digit.shape, first(digit).shape, second(first(digit)).shape]
print(" → ".join(f"{channels} × {height} × {width}" for channels, height, width in shapes))
for name, convolution, inputs, outputs in [("first", first, 784, 8 * 14 * 14), ("second", second, 8 * 14 * 14, 784)]:
    as_connected = inputs * outputs + outputs
    print(f"{name}: {ae.count_parameters(convolution):,} parameters, fully connected {as_connected:,}")
assert shapes[1:] == [(8, 14, 14), (16, 7, 7)]
assert ae.count_parameters(first) == 8 * 9 + 8 and ae.count_parameters(second) == 16 * 8 * 9 + 16

# %% [markdown]
# ## 3. A convolutional autoencoder
#
# The encoder: two strided convolutions with a ReLU after each, then one fully connected layer from 16 × 7 × 7 = 784 numbers to the code. The decoder is its mirror image. But how does an image get *larger*?
# The simplest way: repeat each pixel (`nn.Upsample`), and let a convolution smooth and draw.

# %% tags=["live"]
# encoder 28 → 14 → 7 → 20 numbers, decoder the way back
encoder = nn.Sequential(
    *(nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU()),
    *(nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.ReLU()),
    *(nn.Flatten(), nn.Linear(16 * 7 * 7, 20)),
)
decoder = nn.Sequential(
    *(nn.Linear(20, 16 * 7 * 7), nn.Unflatten(1, (16, 7, 7)), nn.ReLU()),
    *(nn.Upsample(scale_factor=2), nn.Conv2d(16, 8, 3, padding=1), nn.ReLU()),
    *(nn.Upsample(scale_factor=2), nn.Conv2d(8, 1, 3, padding=1), nn.Sigmoid()),
)
by_hand = ae.Autoencoder(encoder, decoder)
print(f"{ae.count_parameters(by_hand):,} parameters")
assert by_hand(digit[None]).shape == (1, 1, 28, 28)
assert ae.count_parameters(by_hand) == ae.count_parameters(ae.convolutional((1, 28, 28), 20, channels=(8, 16)))

# %% [markdown]
# `ae.convolutional` builds the same, with starting weights chosen with care, as in notebook 05. One of them deserves a word: *all* pixels share the bias of the last layer. Started at 0, it makes all pixels
# grey; training then hurries to darken everything, and can end in images that are black for ever. So `ae.convolutional` starts it at the mean brightness of the digits.
#
# Where do the parameters sit? Nearly all in the two fully connected layers around the code; the four convolutions together have 80 + 1,168 + 1,160 + 73 = 2,481.
#
# Now it plays the game of section 1: once with the digits, once with the shuffled digits. **Predict:** what will shuffling do to *this* network?

# %% tags=["nbval-ignore-output"]
convolutional = {}
for name, images, test_images in [("digits", some, digits.test_images), ("shuffled", shuffled, shuffled_test)]:
    ae.seed_everything(0)
    convolutional[name] = ae.convolutional((1, 28, 28), 20, channels=(8, 16))
    results["convolution", name] = train(convolutional[name], images, test_images)
    print(f"convolutional, {name}: test error {results['convolution', name][1]:.2f}")
assert results["convolution", "digits"][1] < results["connected", "digits"][1]
assert results["convolution", "shuffled"][1] > 2 * results["convolution", "digits"][1]

# %% tags=["gallery"]
rows = {"original": digits.test_images[:8]}
with torch.no_grad():
    for kind, models in [("connected", connected), ("convolution", convolutional)]:
        rows[f"{kind},\ndigits"] = models["digits"](digits.test_images[:8])
        rows[f"{kind},\nshuffled"] = reorder(models["shuffled"](shuffled_test[:8]), back)
ae.plots.images(rows, errors=True)

# %% [markdown]
# (What was trained on shuffled images is put back in order here, so that we can see it.) On digits, the convolutional network is the better one. On shuffled digits it falls to pieces, and its error is larger by far than that of
# the fully connected network. It was built on the belief that neighbours belong together. Where that is true, the belief saves work; where it is false, it costs dearly.
# A belief of this kind, built into a network, is called an **inductive bias**.

# %% [markdown]
# ## 4. The same bottleneck, fewer parameters
#
# A fair comparison needs more than one network of each kind: several sizes, all with 20 latent variables, all trained alike: the same 20,000 digits, once, in the same batches of 64. (The learning rate of 0.02
# was chosen beforehand, on training images alone, 30,000 to train on and 5,000 to measure on: of the rates that we tried, for each network it was the best, or led to an error at most 8 % above the best.)
#
# **Predict:** the convolutional network has about 35,000 parameters. How many does a fully connected one need for the same error?

# %% tags=["nbval-ignore-output"]
contestants = {"fully connected": [], "convolutional": []}
for hidden in [(), (128,), (256,)]:
    ae.seed_everything(0)
    model = ae.fully_connected((1, 28, 28), 20, hidden)
    result = results["connected", "digits"] if hidden == (128,) else train(model)  # section 1 has trained this one
    contestants["fully connected"].append((ae.count_parameters(model), *result))
for channels in [(8, 8), (8, 16), (16, 32)]:
    ae.seed_everything(0)
    model = ae.convolutional((1, 28, 28), 20, channels)
    result = results["convolution", "digits"] if channels == (8, 16) else train(model)  # and section 3 this one
    contestants["convolutional"].append((ae.count_parameters(model), *result))
largest_connected = contestants["fully connected"][-1]
assert contestants["convolutional"][-1][2] < 0.95 * largest_connected[2]

# %% tags=["nbval-ignore-output"]
for kind, points in contestants.items():
    for parameters, seconds, error in points:
        print(f"{kind}: {parameters:,} parameters, {seconds:.1f} s of training, test error {error:.2f}")
(_, _, smallest), (few_parameters, _, middle), _ = contestants["convolutional"]
assert middle < 1.1 * largest_connected[2] and 10 * few_parameters < largest_connected[0]
assert smallest < contestants["fully connected"][0][2]

# %% [markdown]
# That was the same number of digits for all. But is it the same *work*? Look at the seconds! The largest fully connected network shall run once more, three times through the digits.

# %% tags=["nbval-ignore-output"]
ae.seed_everything(0)
patient = ae.fully_connected((1, 28, 28), 20, hidden=(256,))
three_passes = (ae.count_parameters(patient), *train(patient, learning_rate=0.01, passes=3 * passes))
print(f"three times as long: {three_passes[1]:.1f} s of training, test error {three_passes[2]:.2f}")
assert three_passes[2] < largest_connected[2]
if digits.whole:
    assert three_passes[2] < contestants["convolutional"][-1][2]

# %%
ae.plots.error_by_kind(contestants, {"connected, three times as long": three_passes})

# %% [markdown]
# - **Left:** for the same error, the fully connected network needs more than ten times as many parameters. With the same number of parameters, the convolutional one is far ahead.
# - **Right:** in seconds it is another story. A weight of a convolution is used at every place of the image, dozens or hundreds of times; one of a fully connected layer is used once. On two processor cores a large
#   fully connected network, given as much time, does better than the convolutional ones. (Digits are small. With the pixels, the parameters of fully connected layers grow without measure: for an image of 256 × 256 pixels, the first layer of
#   256 would have 17 million. The kernel stays as it is.)
# - Each point is one run with one seed, so leave small differences alone.

# %% [markdown]
# ## 5. What the filters see
#
# The first layer has eight kernels of 3 × 3, and nobody has told them what to look for. We look at them in four ways: the weights themselves; the feature map of a digit; of all windows in 500 digits, the 100 that the filter answers to most, as
# their mean; and the damage when its feature map is switched off.
#
# **Predict:** will all eight be of use?

# %% tags=["nbval-ignore-output"]
trained, few = convolutional["digits"], digits.test_images[:500]
filters = trained.encoder[0].weight.detach()
with torch.no_grad():
    maps = trained.encoder[:2](few)  # convolution and ReLU
    windows = functional.unfold(few, 3, padding=1, stride=2).transpose(1, 2).reshape(-1, 1, 3, 3)
    strongest = maps.permute(1, 0, 2, 3).flatten(1).topk(100).indices  # of each filter
    losses, with_all = [], ae.evaluate(trained, few)
    for number in range(8):
        without = maps.clone()
        without[:, number] = 0
        made = trained.decoder(trained.encoder[2:](without))
        losses.append(ae.reconstruction_error(made, few).item() - with_all)
print("error without the filter:", ", ".join(f"{loss:+.1f}" for loss in losses))
assert max(losses) > 5 and min(losses) < 0.1 * max(losses)

# %%
ae.plots.filters_and_maps(digit, filters, maps[0][:, None], windows[strongest].mean(1), losses)

# %% [markdown]
# Most filters answer to an edge of a certain direction; one or two answer to nearly any stroke. The feature map is bright where it is found. (A filter of 3 × 3 cannot know more; the second layer combines what the first has seen, and sees
# 7 × 7 pixels.) They are far from equally important: some could be left out and hardly anybody would notice; without another one, everything is lost.
#
# ### Move the digit
#
# The kernel is the same everywhere. So what should happen to a feature map when the digit moves by two pixels, with a stride of 2? And what to the code?
#
# **Predict:** which kind of network suffers more when the digits move?

# %% tags=["live"]
# two pixels to the right: the feature maps move with the digit, one pixel
moved = functional.pad(few, (2, -2))
with torch.no_grad():
    moved_maps = trained.encoder[:2](moved)
    codes, moved_codes = trained.encoder(few), trained.encoder(moved)
assert torch.allclose(moved_maps[..., 2:-1], maps[..., 1:-2], atol=1e-4)
to_another = (codes - codes.roll(1, 0)).norm(dim=1).mean()
change = (moved_codes - codes).norm(dim=1).mean() / to_another
assert change > 0.3


# %%
strongest_maps = maps[0].sum((1, 2)).topk(5).indices
rows = {}
for name, image, made in (("digit", few[0], maps[0]), ("moved", moved[0], moved_maps[0])):
    rows[name] = [image, *made[strongest_maps, None] / maps[0].max()]
ae.plots.images(rows)

# %% tags=["nbval-ignore-output"]
times = {}
for name, model in [("fully connected", connected["digits"]), ("convolutional", trained)]:
    times[name] = ae.evaluate(model, moved) / ae.evaluate(model, few)
    print(f"{name}: the error on moved digits is {times[name]:.2f} times as large")
print(f"the code moves by {change:.0%} of the distance to another digit's code")
assert min(times.values()) > 1.5 and abs(times["convolutional"] / times["fully connected"] - 1) < 0.25

# %% [markdown]
# The feature maps move along with the digit, exactly: convolution and movement can change places (it is **equivariant**). And yet the convolutional autoencoder suffers *as much* as the other! Its code comes from a
# fully connected layer, which has a weight of its own for each place, and has only ever seen digits in the middle. A network is as blind to movement as its blindest layer.

# %% [markdown]
# ## 6. The checkerboard
#
# There is another way to make images larger, and you will meet it in many programs: the **transposed convolution**. Each pixel *paints* the whole kernel, times its value, into the larger image, and where the kernels overlap they
# add up. With a stride of 2 the next kernel begins two pixels further. How often is each pixel painted? Let all pixels and all weights be 1, and count.
#
# **Predict:** a kernel of 3, a stride of 2. Will every pixel be painted equally often?

# %% tags=["live"]
# how many contributions does each pixel get, in the two ways to double an image?
ones, kernel_of_ones = torch.ones(1, 1, 6, 6), torch.ones(1, 1, 3, 3)
transposed_count = functional.conv_transpose2d(ones, kernel_of_ones, stride=2, padding=1, output_padding=1)[0, 0]
repeated = functional.interpolate(ones, scale_factor=2)
repeat_count = functional.conv2d(repeated, kernel_of_ones, padding=1)[0, 0]
inside = slice(1, -1)
assert transposed_count[inside, inside].unique().tolist() == [1, 2, 4]
assert repeat_count[inside, inside].unique().tolist() == [9]
ae.plots.overlap_counts({"transposed convolution": transposed_count, "repeat, then convolve": repeat_count})

# %% [markdown]
# No: 3 does not divide by 2, so the pixels get 1, 2 or 4 contributions in turn. That is a **checkerboard**, before anything is learned (Odena, Dumoulin and Olah, *Distill*, 2016, doi 10.23915/distill.00003). Repeating and convolving gives each pixel the same, away from the edge.
#
# To measure it, we ask for the share of the **finest pattern** in an image: what changes from every row or column to the next, in turn, and back. (In the Fourier transform of the image, these are the waves of the highest
# frequency there is, the Nyquist frequency; the share is that of their energy.)


# %% tags=["nbval-ignore-output"]
def finest_pattern(images):
    """The share of the finest pattern, from 0 to 1, in what varies in images (n, 1, 28, 28)."""
    energy = torch.fft.fft2(images - images.mean((2, 3), keepdim=True)).abs().square().sum((0, 1))
    finest = energy[14].sum() + energy[:, 14].sum() - energy[14, 14]  # 14 waves in 28 rows, in 28 columns, or both
    return (finest / energy.sum()).item()


stripes = torch.zeros(1, 1, 28, 28)
stripes[..., ::2] = 1
in_digits = finest_pattern(few)
print(f"stripes {finest_pattern(stripes):.0%}, real digits {in_digits:.2%}")
assert abs(finest_pattern(stripes) - 1) < 1e-4 and in_digits < 0.01


# %% tags=["live"]
# the same network, with transposed convolutions in its decoder
def transposed():
    """An autoencoder with a kernel of 3 and a stride of 2 on the way up, too."""
    model = ae.convolutional((1, 28, 28), 20, channels=(8, 16))
    model.decoder = nn.Sequential(
        *(nn.Linear(20, 16 * 7 * 7), nn.Unflatten(1, (16, 7, 7)), nn.ReLU()),
        *(nn.ConvTranspose2d(16, 8, 3, stride=2, padding=1, output_padding=1), nn.ReLU()),
        *(nn.ConvTranspose2d(8, 1, 3, stride=2, padding=1, output_padding=1), nn.Sigmoid()),
    )
    nn.init.constant_(model.decoder[-2].bias, -1.9)  # as dark as digits, as in ae.convolutional
    return model


# %% [markdown]
# First before training, with five different random starts of each.

# %% tags=["nbval-ignore-output"]
ways = {"transposed": transposed, "repeat, convolve": lambda: ae.convolutional((1, 28, 28), 20, channels=(8, 16))}
at_start = {name: [] for name in ways}
for name, make in ways.items():
    for seed in range(5):
        ae.seed_everything(seed)
        at_start[name].append(finest_pattern(make()(few).detach()))
    print(f"{name}, untrained: from {min(at_start[name]):.1%} to {max(at_start[name]):.1%} with five seeds")
assert min(at_start["transposed"]) > 0.05 and max(at_start["repeat, convolve"]) < 0.02

# %% [markdown]
# Now we train one of each for 80 steps on the same 640 digits, and look at the decoded test digits every five steps.
#
# **Predict:** will training wipe the pattern out?


# %% tags=["nbval-ignore-output"]
def film_of(make):
    """What the network makes of test digits, every 5 steps of its first 80."""
    ae.seed_everything(0)
    model, film = make(), []
    ae.fit(model, some[:640], 16, learning_rate=0.01, watch=lambda model, _: film.append(model(few).detach()))
    return film


films = {name: film_of(make) for name, make in ways.items()}
shares = {name: [finest_pattern(images) for images in film] for name, film in films.items()}
for name, share in shares.items():
    print(f"{name}: at the start {share[0]:.2%}, after 10 steps {share[2]:.2%}, after 80 steps {share[-1]:.2%}")
assert shares["transposed"][2] > 10 * in_digits and max(share[-1] for share in shares.values()) < in_digits


# %%
def stretched(image):
    """The image with its contrast drawn out: its darkest pixel black, its brightest white."""
    return (image - image.min()) / (image.max() - image.min())


steps = [0, 10, 20, 30, 80]
rows = {name.replace(", ", ",\n"): [stretched(film[step // 5][0]) for step in steps] for name, film in films.items()}
ae.plots.images(rows, titles=["start", *(f"{step} steps" for step in steps[1:])])

# %% [markdown]
# (The first test digit, a 7. Each image's contrast is drawn out, since at the start all are nearly one grey.) And the share of the finest pattern in all 500:

# %%
ae.plots.checkerboard_curves(range(0, 81, 5), shares, {"real digits": in_digits})

# %% [markdown]
# - **At the start**, the transposed convolutions paint a checkerboard, with every seed. Repeat-and-convolve does not.
# - **Training removes it:** the error punishes the pattern, and within some dozens of steps it has sunk below what real digits have. After that, there is little left by which to tell the two networks apart. For an autoencoder on digits, it is a bad start and no
#   more. Where a loss does not look at every pixel, as in the adversarial training that the authors studied, the pattern can stay.
# - A kernel of 4 with a stride of 2 overlaps *evenly*. That helps, but does not suffice: of the four pixels that come from one, each still has weights of its own. You will see it in exercise 3.

# %% [markdown]
# ## Your turn
#
# Each exercise ends in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint.
#
# **1. The size that comes out.** Write the arithmetic of section 2 as a function: the side of the feature map, from the side of the image, the kernel, the stride, and the padding that is added at *each* edge.


# %%
def output_size(size, kernel, stride, padding):
    """The side, in pixels, of what a convolution makes of an image with so many pixels a side."""
    # answer:
    return (size + 2 * padding - kernel) // stride + 1
    # student: return ...


if ae.check.convolved_size(output_size):
    print("28 →", output_size(28, 3, 2, 1), "→", output_size(14, 3, 2, 1))

# %% [markdown]
# **2. What locality and sharing save.** A layer takes images with `channels` channels of `side` × `side` pixels, and makes `maps` feature maps of the same side. How many parameters has a convolution with kernels of
# `kernel` × `kernel`, biases included? And how many a fully connected layer that does the same? Return both, in this order.


# %%
def count_both(side, channels, maps, kernel):
    """The parameters of the convolution, and those of the fully connected layer."""
    # answer:
    convolution = maps * (channels * kernel**2 + 1)
    connected = (channels * side**2 + 1) * maps * side**2
    return convolution, connected
    # student: return ...


if ae.check.saved_parameters(count_both):
    print("a colour image of 64 × 64, 16 maps: {:,} against {:,}".format(*count_both(64, 3, 16, 3)))

# %% [markdown]
# **3. Twice as high, twice as wide, and no checkerboard.** Write a building block for decoders. It takes feature maps (n, `channels`, height, width), of any height and width, and gives (n, `maps`, 2 × height, 2 × width). It can
# learn; an image that is the same everywhere comes out the same everywhere (but for the edge); and pixels next to each other can differ. Try a transposed convolution with a kernel of 4 as well: what does the check say?
#
# <details><summary>Hint 1</summary>
#
# Two layers, one that enlarges and one that learns. Which comes first? Think of the sharpest line that the block could draw.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The convolution must keep the size that it gets. Which padding does that, for a kernel of 3? Use exercise 1.
#
# </details>


# %%
def make_doubling(channels, maps):
    """A module that doubles height and width of feature maps, without a checkerboard."""
    # answer:
    return nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(channels, maps, 3, padding=1))
    # student: return ...


# %%
ae.check.even_doubling(make_doubling) and make_doubling(16, 8)(torch.rand(1, 16, 7, 7)).shape

# %% [markdown]
# **4. Which order does no harm?** In section 3, one random order of the pixels ruined the convolutional autoencoder. Suppose you train and test it on digits that are changed in one of these ways. With which will it be
# about as good as on the digits themselves?
#
# - **a** The 28 rows of every image are put in the same random order.
# - **b** Every image is mirrored, left to right.
# - **c** In every image, the pixels of the left half are put in one random order, and those of the right half in another.
# - **d** Every image gets a random order of its own.

# %%
# answer:
answer = "b"
# student: answer = ...
ae.check.harmless_order(answer)

# %%
ae.check.progress(8)

# %% [markdown]
# ## What to remember
#
# - A fully connected layer does not know which pixels are neighbours. A convolution is built on it: weights only between neighbours, and the same ones everywhere.
# - That saves parameters by the dozen where neighbours belong together, and costs dearly where they do not. It does not save seconds.
# - Side out = (side in + 2 × padding - kernel) / stride, rounded down, + 1.
# - Feature maps move with the image. A code made by a fully connected layer does not.
# - To make images larger, repeat pixels and convolve. Transposed convolutions with uneven overlap start with a checkerboard; a loss on every pixel removes it.
#
# **Where next:** notebook 09 keeps large networks from learning what they should not.
