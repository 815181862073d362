# %% [markdown]
# # 08 Convolutional autoencoders
#
# **Purpose:** build autoencoders that use which pixels are neighbours, measure how many parameters that saves, and look at what their filters respond to.
#
# After this notebook you can
#
# - say what a fully connected layer is not told about images, and prove it;
# - compute a convolution by hand: kernel, stride, padding, the size of its output, the number of parameters;
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
# Let us play a trick on a fully connected autoencoder like those of notebook 05. We draw one random order of the 784 pixels and put the pixels of *every* digit into this same
# order. Nothing is lost: each shuffled image can be restored.

# %% tags=["collapsed"]
# the training images unless the text says otherwise: a third of them, once (embedded: a quarter, three times)
digits = ae.load_mnist()
some, passes, batch_size = digits.train_images[:20_000], 1, 64
if not digits.whole:
    some, passes, batch_size = digits.train_images[:1000], 3, 32
assert digits.train_images.shape[1:] == digits.test_images.shape[1:] == (1, 28, 28)

# %% tags=["live"]
# one random order of the pixels for all images, and how to undo it
# instructor minutes: 3
# instructor guess: "Shuffling destroys the image." Nothing is lost: with `back`, every digit can be restored exactly.
# instructor ask: Every image gets the same order. If each got an order of its own, could one `back` still restore them all?
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

# %%
much_larger = ["less than 10 % larger", "about half as large again", "several times as large"]
ae.predict("08 shuffled", "How large will the error on *shuffled* digits be, compared with digits?", much_larger)


# %% tags=["nbval-ignore-output", "predict"] reason="the collapsed cell asserts it"
def train(model, images=some, test_images=digits.test_images, learning_rate=0.02, passes=passes):
    """Train for some passes over the images. Returns the seconds that took and the error on test images."""
    history = ae.fit(model, images, passes, batch_size=batch_size, learning_rate=learning_rate)
    return sum(history.seconds), ae.evaluate(model, test_images)


connected, results = {}, {}
for name, images, test_images in [("digits", some, digits.test_images), ("shuffled", shuffled, shuffled_test)]:
    ae.seed_everything(0)
    connected[name] = ae.fully_connected((1, 28, 28), 20, hidden=(128,))
    results["connected", name] = train(connected[name], images, test_images)
    print(f"fully connected, {name}: test error {results['connected', name][1]:.2f}")

# %% tags=["collapsed"]
# Proof for the tests: nearly the same error.
assert abs(results["connected", "shuffled"][1] / results["connected", "digits"][1] - 1) < 0.1

# %%
ae.reveal("08 shuffled", much_larger[0])

# %% [markdown]
# The two errors differ by less than 10 %. Is that the shuffling, or chance? Both networks began with the same random weights, but in different places: the weights that belong to pixel 100 in one network belong, in the other, to
# the pixel that was moved to place 100. Let us shuffle the **initialisation** in the same way: then each weight begins at the same pixel in both networks.

# %% tags=["live", "nbval-ignore-output"]
# shuffled digits once more, with the initialisation in the same order as the pixels
# instructor minutes: 4
# instructor guess: "Another gap of a few percent, as before." Now only rounding can separate the two errors.
# instructor ask: Why must the columns of `first.weight` be reordered, but the rows of `last.weight`, and its bias as well?
ae.seed_everything(0)
same_start = ae.fully_connected((1, 28, 28), 20, hidden=(128,))
first, last = same_start.encoder[1], same_start.decoder[-3]
with torch.no_grad():
    before = same_start(digits.test_images[:100])
    first.weight.copy_(first.weight[:, order])
    last.weight.copy_(last.weight[order])
    last.bias.copy_(last.bias[order])
    assert torch.allclose(same_start(shuffled_test[:100]), reorder(before, order), atol=1e-5)
_, same_error = train(same_start, shuffled, shuffled_test)
print(f"digits {results['connected', 'digits'][1]:.4f}, shuffled, initialisation too {same_error:.4f}")
assert abs(same_error / results["connected", "digits"][1] - 1) < 0.02

# %% [markdown]
# The same error. (It may differ a little on your computer: sums in another order are rounded differently, and training can enlarge such differences.) And here is the proof: a fully connected layer has a weight for *every* pixel. Put pixels and weights into the
# same new order, and each of its sums stays the same, and so does each step of training. Nothing in it says that pixel 100 lies beside pixel 101 and above pixel 128: whatever it knows of neighbours, it has to learn from the training images. To us, the
# shuffled images look like noise; to this network, they are digits like any other.
#
# An edge lies in pixels **close to each other**, and it looks the same **wherever** it is. A layer built on these two facts is a **convolution**.

# %% [markdown]
# ## 2. A convolution, by hand
#
# A small square of weights, the **kernel** (or *filter*), here of 3 × 3, slides over the image. At each place, its nine weights are multiplied by the nine pixels under it, and the products are added up.
# A frame of zeros around the image, the **padding**, lets the kernel stand on the edge, too. All results together form a new image, the **feature map**.

# %% tags=["live"]
# a kernel of 3 × 3, slid over a digit
# instructor minutes: 5
# instructor guess: "The map has 26 × 26 numbers." That is so without padding; with it the map keeps the 28 × 28 of the digit.
# instructor ask: What is the result where the window lies on plain black, and what where it lies on plain white?
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
# `nn.Conv2d` does the same. (By default it also adds a constant to each feature map, its bias. Strictly, the sliding sum is a *cross-correlation*; a convolution flips the kernel first. A learned kernel can come out flipped, too.)

# %%
places = ["inside the strokes", "along their upper and lower edges", "along all their edges"]
ae.predict("08 kernel", "Where will the feature map of *this* kernel be far from 0?", places)

# %% tags=["predict"]
place = divmod(feature_map.argmax().item(), 28)
ae.plots.convolution_step(digit, kernel, feature_map[None], *place)

# %%
ae.reveal("08 kernel", places[1])

# %% [markdown]
# The kernel compares the pixels above with those below: it responds most to horizontal edges. The map is purple where a stroke lies above the background, orange where it lies below, and pale grey where nothing changes from top to bottom.
#
# Each number in the map is still a weighted sum of pixels, so a convolution must be a special fully connected layer. Which one? We send images with a single white pixel through it; then each output is
# the weight of that pixel.

# %% tags=["live"]
# the same convolution as a table of weights, for images of 6 × 6 pixels
# instructor minutes: 4
# instructor guess: "Only nine entries of the table are not 0." Each of the 36 rows has up to nine, always out of the same nine values.
# instructor ask: Which places of the image belong to rows with only four or six weights?
single_pixels = torch.eye(36).reshape(36, 1, 6, 6)
with torch.no_grad():
    layer.weight.copy_(torch.arange(1.0, 10.0).reshape(3, 3) - 5.5)  # nine different weights
    table = layer(single_pixels).flatten(1).T
    full_table = nn.Linear(36, 36).weight.detach()
assert len(table[table != 0].unique()) == 9 and len(full_table.unique()) == 36 * 36
ae.plots.weight_tables({"fully connected: 1,296 weights": full_table, "convolution: 9 weights": table})

# %% [markdown]
# Here are the two ideas: **locality** (pale grey: no weight between pixels that are far apart) and **shared weights** (one colour along each diagonal: the same weight, wherever the kernel stands; where it reaches over the edge, there is a gap).
#
# ### Stride, and the size of the output
#
# Our encoder is to make images smaller. With a **stride** of 2 the kernel moves two pixels at a time. The side of the output is
#
# $$\text{side out} = \left\lfloor \frac{\text{side in} + 2 \times \text{padding} - \text{kernel}}{\text{stride}} \right\rfloor + 1 :$$
#
# the number of whole steps ($\lfloor\ \rfloor$ rounds down), plus one for the place before the first step. With kernel 3, stride 2 and padding 1: 28 → 14 → 7.
#
# A layer has one kernel for each feature map in its output, and each kernel spans all the channels of its input.

# %%
question = "How many parameters does a layer with 3 × 3 kernels need to turn a digit into 8 feature maps of 14 × 14?"
ae.predict("08 layer", question, ["9", "80", "1,568", "1,230,880"])

# %% tags=["live", "predict"]
# two strided convolutions in a row: sizes and parameters
# instructor minutes: 4
# instructor guess: "9, one kernel", or "1,568, one for each output". It is eight kernels of 9 weights, and eight biases: 80.
# instructor ask: The second layer has twice as many kernels as the first. Why does it have more than 14 times as many parameters?
first, second = nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.Conv2d(8, 16, 3, stride=2, padding=1)
shapes = [digit.shape, first(digit).shape, second(first(digit)).shape]
print(" → ".join(f"{channels} × {height} × {width}" for channels, height, width in shapes))
for name, convolution, inputs, outputs in [("first", first, 784, 8 * 14 * 14), ("second", second, 8 * 14 * 14, 784)]:
    as_connected = inputs * outputs + outputs
    print(f"{name}: {ae.count_parameters(convolution):,} parameters, fully connected {as_connected:,}")

# %% tags=["collapsed"]
# Proof for the tests: sizes and parameters.
assert shapes[1:] == [(8, 14, 14), (16, 7, 7)]
assert ae.count_parameters(first) == 8 * 9 + 8 and ae.count_parameters(second) == 16 * 8 * 9 + 16

# %%
ae.reveal("08 layer", f"{ae.count_parameters(first):,}")

# %% [markdown]
# ## 3. A convolutional autoencoder
#
# The encoder has two strided convolutions with a ReLU after each, then one fully connected layer from 16 × 7 × 7 = 784 numbers to the code. The decoder is its mirror image. But how does an image get *larger*?
# One method is to repeat each pixel (`nn.Upsample`) and then convolve.

# %% tags=["live"]
# encoder 28 → 14 → 7 → 20 numbers
# instructor minutes: 3
# instructor guess: "The convolutions hold most parameters." They have 80 and 1,168; the last line, from 784 to 20, has 15,700.
# instructor ask: The image has 784 pixels, and after `nn.Flatten` there are 784 numbers again. So which layer is the bottleneck?
encoder = nn.Sequential(
    nn.Conv2d(1, 8, kernel_size=3, stride=2, padding=1),
    nn.ReLU(),
    nn.Conv2d(8, 16, kernel_size=3, stride=2, padding=1),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(16 * 7 * 7, 20),
)

# %% tags=["live"]
# the decoder: 20 numbers → 7 → 14 → 28
# instructor minutes: 4
# instructor guess: "`nn.Upsample` learns to enlarge." It has no parameters: it repeats pixels; the convolution after it learns.
# instructor ask: Suppose we forget the `padding=1` of the first convolution: which side does the decoded image have?
decoder = nn.Sequential(
    nn.Linear(20, 16 * 7 * 7),
    nn.Unflatten(1, (16, 7, 7)),
    nn.ReLU(),
    nn.Upsample(scale_factor=2),
    nn.Conv2d(16, 8, kernel_size=3, padding=1),
    nn.ReLU(),
    nn.Upsample(scale_factor=2),
    nn.Conv2d(8, 1, kernel_size=3, padding=1),
    nn.Sigmoid(),
)

# %%
by_hand = ae.Autoencoder(encoder, decoder)
print(f"{ae.count_parameters(by_hand):,} parameters")
assert by_hand(digit[None]).shape == (1, 1, 28, 28)
assert str(by_hand) == str(ae.convolutional((1, 28, 28), 20, channels=(8, 16)))  # the same layers

# %% [markdown]
# `ae.convolutional` builds the same network, with the initialisation of notebook 05. One detail deserves a word: *all* pixels share the bias of the last layer. `ae.convolutional` gives it a
# value that makes untrained images about as bright, on average, as digits.
#
# Where are the parameters? More than nine tenths are in the two fully connected layers around the code; the four convolutions together have 80 + 1,168 + 1,160 + 73 = 2,481.
#
# Now we repeat the experiment of section 1, once with the digits and once with the shuffled digits.

# %%
harm = ["hardly any", "some, but it stays ahead of the fully connected network", "it falls far behind that network"]
ae.predict("08 shuffled convolution", "How much harm will shuffling do to *this* network?", harm)

# %% tags=["nbval-ignore-output", "predict"] reason="the collapsed cell asserts it"
convolutional = {}
for name, images, test_images in [("digits", some, digits.test_images), ("shuffled", shuffled, shuffled_test)]:
    ae.seed_everything(0)
    convolutional[name] = ae.convolutional((1, 28, 28), 20, channels=(8, 16))
    results["convolution", name] = train(convolutional[name], images, test_images)
    print(f"convolutional, {name}: test error {results['convolution', name][1]:.2f}")

# %% tags=["gallery", "predict"]
rows = {"original": digits.test_images[:8]}
with torch.no_grad():
    for kind, models in [("connected", connected), ("convolution", convolutional)]:
        rows[f"{kind},\ndigits"] = models["digits"](digits.test_images[:8])
        rows[f"{kind},\nshuffled"] = reorder(models["shuffled"](shuffled_test[:8]), back)
ae.plots.images(rows, errors=True)

# %% tags=["collapsed"]
# Proof for the tests: ahead on digits, far behind on shuffled ones.
assert results["convolution", "digits"][1] < results["connected", "digits"][1]
assert results["convolution", "shuffled"][1] > (2 if digits.whole else 1.3) * results["connected", "shuffled"][1]

# %%
ae.reveal("08 shuffled convolution", harm[2])

# %% [markdown]
# (The images of the networks trained on shuffled digits are put back in order here, so that we can see them.) On digits, the convolutional network has the smaller error. On shuffled digits, its error is more than twice that of
# the fully connected network (whole MNIST). It is built on the assumption that neighbours belong together. Such an assumption, built into a network, is called an **inductive bias**.

# %% [markdown]
# ## 4. The same bottleneck, fewer parameters
#
# A fair comparison needs more than one network of each kind. We take several sizes, all with 20 latent variables, all trained on the same mini-batches. (We chose the learning rates
# on 5,000 other training images: 0.06 for the convolutional networks, 0.04 for the fully connected one without a hidden layer, 0.02 for the other two.)
#
# And what the one kind has must be given to the other: so far, only `ae.convolutional` began with the mean brightness of the digits. In this section, the fully connected networks do so, too. Their hidden layer stands in the decoder
# alone: one in the encoder as well would nearly double the parameters, and hardly changed the validation errors.


# %%
def dark_connected(hidden):
    """A fully connected autoencoder: hidden layers in its decoder alone, its untrained output as dark as digits."""
    ae.seed_everything(0)
    model = ae.fully_connected((1, 28, 28), 20, hidden)
    model.encoder = ae.fully_connected((1, 28, 28), 20).encoder
    nn.init.constant_(model.decoder[-3].bias, -1.9)  # the last linear layer; a sigmoid turns -1.9 into 0.13
    return model


# %%
needed = ["about 34,645 too", "about three times that number", "about ten times that number"]
question = "How many does a fully connected network need for the error of the convolutional one with 34,645 parameters?"
ae.predict("08 parameters", question, needed)

# %% tags=["nbval-ignore-output"] reason="the collapsed cell asserts it"
contestants = {"fully connected": [], "convolutional": []}
for hidden in [(), (256,), (512,)]:
    model = dark_connected(hidden)
    result = train(model, learning_rate=0.02 if hidden else 0.04)
    contestants["fully connected"].append((ae.count_parameters(model), *result))
for channels in [(8, 8), (8, 16), (16, 32)]:
    ae.seed_everything(0)
    model = ae.convolutional((1, 28, 28), 20, channels)
    contestants["convolutional"].append((ae.count_parameters(model), *train(model, learning_rate=0.06)))

# %% tags=["nbval-ignore-output", "predict"] reason="the collapsed cell asserts it"
for kind, points in contestants.items():
    for parameters, seconds, error in points:
        print(f"{kind}: {parameters:,} parameters, {seconds:.1f} s of training, test error {error:.2f}")

# %% tags=["collapsed"]
# Proof for the tests: 6 times as many are too few, 12 times are enough; as many multiplications take longer.
_, six_times, twelve_times = contestants["fully connected"]  # in parameters of `middle`
smallest, middle, largest = contestants["convolutional"]
work = 9 * (8 * 14**2 + 8 * 8 * 7**2 + 8 * 8 * 14**2 + 8 * 28**2) + 2 * 8 * 7**2 * 20
assert abs(work / (784 * 20 + 20 * 256 + 256 * 784) - 1) < 0.05
assert [round(each[0] / middle[0]) for each in (six_times, twelve_times)] == [6, 12]
if digits.whole:
    assert abs(twelve_times[2] / middle[2] - 1) < 0.05 and largest[2] < 0.95 * twelve_times[2]
    assert middle[2] < six_times[2] and smallest[1] > six_times[1]

# %%
ae.reveal("08 parameters", needed[2])

# %% [markdown]
# All networks saw the same number of digits. But did they do the same *work*? Look at the seconds. We let the fully connected network with 222,564 parameters run three times through the digits.

# %% tags=["nbval-ignore-output"]
patient = dark_connected((256,))
three_passes = (ae.count_parameters(patient), *train(patient, passes=3 * passes))
print(f"three passes: {three_passes[1]:.1f} s of training, test error {three_passes[2]:.2f}")
assert three_passes[0] == 222_564 and three_passes[2] < (largest if digits.whole else twelve_times)[2]
assert not digits.whole or three_passes[1] < largest[1]

# %%
ae.plots.error_by_kind(contestants, {"connected, three passes": three_passes})

# %% [markdown]
# On whole MNIST:
#
# - **Left:** after one pass, the convolutional network with 34,645 parameters has a smaller error than the fully connected one with 6 times as many, and about that of the one with 12 times.
# - **Right:** in seconds it is another story. A weight of a convolution is used at every place of its image, here 49 to 784 times; a weight of a fully connected layer is used once. That is not all: the smallest convolutional network needs about as
#   many multiplications as the fully connected one with 222,564 parameters, but takes longer here. With three passes, a fully connected network has a smaller error than the largest convolutional one, in less time.
# - Each point is one run with one seed, so ignore small differences. (Three seeds, outside this page, gave 9.6 to 9.8 with 34,645 convolutional parameters; 10.2 with 222,564 fully connected ones, and 8.3 to 8.4 after three passes; 9.7 to 9.9 with 428,644. The largest convolutional network had 8.8 to 8.9.)
# - **Does the lead last?** With equal passes, yes: after six, with the better of two learning rates for each kind (three seeds, outside this page), the convolutional network with 34,645 parameters has 6.7 to 6.9, the fully connected one with 222,564 has 7.8.
#   In equal seconds, no: a fully connected one with 412,964 parameters reached 6.5 with two seeds, in 24 passes that took less time.

# %% [markdown]
# ## 5. What the filters see
#
# What do the eight kernels of 3 × 3 in the first layer respond to? We look at each of them in four ways: its weights; its feature map of a digit; the mean of the 100 windows, in 500 digits, to which
# it responds most; and its **ablation**, which tells by how much the error grows when its feature map is set to 0.

# %%
question = "Leave out one filter at a time: how many of the eight raise the error by more than 0.5?"
ae.predict("08 filters", question, (0, 8))

# %% tags=["nbval-ignore-output", "predict"] reason="the collapsed cell asserts it"
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

# %% tags=["predict"]
ae.plots.filters_and_maps(digit, filters, maps[0][:, None], windows[strongest].mean(1), losses)

# %% tags=["collapsed"]
# Proof for the tests: what the text below says of seed 0.
assert max(losses) > (with_all if digits.whole else 5)
assert sum(loss < 0.5 for loss in losses) >= (4 if digits.whole else 1)
liked = windows[strongest].mean(1)[:, 0]
edges = torch.cat([liked[[0, 4], :, 0] - liked[[0, 4], :, 2], (liked[5, 0] - liked[5, 2])[None]])
assert not digits.whole or (edges.min() > 0.4 and liked[7].mean() > 0.7)
ae.seed_everything(0)
untrained = ae.convolutional((1, 28, 28), 20, channels=(8, 16)).encoder[0].weight.detach()
assert functional.cosine_similarity(untrained.flatten(1), filters.flatten(1)).min() > 0.9

# %%
ae.reveal("08 filters", sum(loss > 0.5 for loss in losses))

# %% [markdown]
# In this network (seed 0, whole MNIST), filters 1 and 5 respond most to windows that are bright on the left and dark on the right, filter 6 to those that are bright above and dark below: edges. Filter 8 likes windows that are mostly bright. (The
# second layer combines these maps, and sees 7 × 7 pixels.) The filters are not equally important: without the most important one the error more than doubles; without any one of four others it grows by less than 0.5.
#
# Two cautions. Ablation tells what this trained network *relies* on; it does not tell how well a network would do that is trained without the filter. And one pass of training changed these filters little: all have a cosine similarity above 0.9 with their random initialisation.
#
# ### Move the digit
#
# The kernel is the same everywhere, and the stride is 2. So what should happen to a feature map when the digit moves by two pixels? By one pixel? And what should happen to the code?

# %%
suffers = ["the fully connected one", "the convolutional one", "both: less than 20 % apart"]
ae.predict("08 moved", "When the digits move, whose error will grow by the larger factor?", suffers)

# %% tags=["live"]
# two pixels to the right: the feature maps move by one pixel
# instructor minutes: 4
# instructor guess: "A step of one pixel hardly changes the maps." More than a fifth of their energy differs, whether you shift them by 0 or by 1.
# instructor ask: When the digit moves by two pixels, the maps move by one. Which steps does the second layer follow exactly?
moved = functional.pad(few, (2, -2))
with torch.no_grad():
    moved_maps = trained.encoder[:2](moved)
    codes, moved_codes = trained.encoder(few), trained.encoder(moved)
assert torch.allclose(moved_maps[..., 2:-1], maps[..., 1:-2], atol=1e-4)
by_one = trained.encoder[:2](functional.pad(few, (1, -1))).detach()  # one pixel: half a step of the stride
changed = [((by_one - maps.roll(shift, 3)) ** 2)[..., 2:-1].sum() / maps[..., 2:-1].square().sum() for shift in (0, 1)]
assert min(changed) > 0.2
to_another = (codes - codes.roll(1, 0)).norm(dim=1).mean()
change = (moved_codes - codes).norm(dim=1).mean() / to_another
assert change > 0.3


# %% tags=["predict"]
strongest_maps = maps[0].sum((1, 2)).topk(5).indices.tolist()
rows = {}
for name, image, made in (("digit", few[0], maps[0]), ("moved", moved[0], moved_maps[0])):
    rows[name] = [image, *made[strongest_maps, None] / maps[0].max()]
ae.plots.images(rows, titles=["image", *(f"map {number + 1}" for number in strongest_maps)])

# %% tags=["nbval-ignore-output", "predict"] reason="the collapsed cell asserts it"
print(f"one pixel: the maps, shifted by 0 or 1, differ by at least {min(changed):.0%} of their energy; two: not at all")
errors = {"PCA, 20 components": [ae.pca_error([20], some, images)[0] for images in (few, moved)]}
for name, model in [("fully connected", connected["digits"]), ("convolutional", trained)]:
    errors[name] = [ae.evaluate(model, images) for images in (few, moved)]
times = {name: elsewhere / centred for name, (centred, elsewhere) in errors.items()}
for name, (centred, elsewhere) in errors.items():
    print(f"{name}: error {centred:.1f}, on moved digits {elsewhere:.1f}, {times[name]:.2f} times as large")
print(f"the code moves by {change:.0%} of the distance to another digit's code")

# %% tags=["collapsed"]
# Proof for the tests: nearly the same factor for both networks, a smaller one for PCA.
by_pca, *of_networks = times.values()
assert min(of_networks) > 1.3 and abs(times["convolutional"] / times["fully connected"] - 1) < 0.2
moved_by_pca, *moved_by_networks = (several[1] for several in errors.values())
assert not digits.whole or (by_pca < 0.9 * min(of_networks) and moved_by_pca > 1.1 * max(moved_by_networks))

# %%
ae.reveal("08 moved", suffers[2])

# %% [markdown]
# If the digit moves by two pixels, the feature maps move along with it, exactly (away from the edge): convolving and moving can be exchanged. The layer is **equivariant** to movements by a multiple of its stride. A movement by one pixel falls between
# two places of the kernel, and gives different maps.
#
# And yet the error of the convolutional autoencoder grows by *about the same factor* as that of the other one. That of PCA grows by less, but is larger than both, on the moved digits, too (whole MNIST). We suspect the two fully connected layers around the code: each has a weight of its own for every place. Exercise 5 lets you test
# this suspicion.

# %% [markdown]
# ## 6. The checkerboard
#
# Another method to enlarge images is the **transposed convolution**. Each pixel *paints* the whole kernel, times its value, into the larger image. Where kernels overlap, they
# add up. With a stride of 2, the next kernel begins two pixels further on. How often is each pixel painted? Let all pixels and all weights be 1, and count.

# %%
painted = ["all equally often", "some up to twice as often as others", "some up to four times as often as others"]
ae.predict(
    "08 painted", "With a kernel of 3 and a stride of 2, how often are pixels away from the edge painted?", painted
)

# %% tags=["live", "predict"]
# how many contributions does each pixel get, when an image is doubled by either method?
# instructor minutes: 4
# instructor guess: "All equally often: each pixel paints the same kernel." Away from the edge it is once, twice or four times.
# instructor ask: Suppose the kernel has a side of 4, and the stride is still 2: is each inner pixel painted equally often?
ones, kernel_of_ones = torch.ones(1, 1, 6, 6), torch.ones(1, 1, 3, 3)
transposed_count = functional.conv_transpose2d(ones, kernel_of_ones, stride=2, padding=1, output_padding=1)[0, 0]
repeated = functional.interpolate(ones, scale_factor=2)
repeat_count = functional.conv2d(repeated, kernel_of_ones, padding=1)[0, 0]
ae.plots.overlap_counts({"transposed convolution": transposed_count, "repeat, then convolve": repeat_count})

# %% tags=["collapsed"]
# Proof for the tests: the numbers away from the edge.
inside = slice(1, -1)
assert transposed_count[inside, inside].unique().tolist() == [1, 2, 4]
assert repeat_count[inside, inside].unique().tolist() == [9]

# %%
ae.reveal("08 painted", painted[2])

# %% [markdown]
# The kernel's side, 3, is not a multiple of the stride, so the pixels get 1, 2 or 4 contributions in turn. With weights that are all 1, that is a **checkerboard** (Odena, Dumoulin and Olah, *Distill*, 2016, doi 10.23915/distill.00003). Repeating and convolving gives each pixel the same number, away from the edge.
#
# To measure it, we compute the share of the **finest pattern** in an image: what alternates from each row or column to the next. (In the Fourier transform of the image, these are the waves of the highest
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
# instructor minutes: 3
# instructor guess: "It undoes a convolution." It only turns the shapes around; what the stride threw away does not return.
# instructor ask: Both decoders have exactly as many weights. Why should one of them begin with a grid, and the other not?
def transposed(kernel=3):
    """An autoencoder whose decoder, too, has a stride of 2, and kernels with a side of 3 or 4."""
    sizes = {"kernel_size": kernel, "stride": 2, "padding": 1, "output_padding": 4 - kernel}
    model = ae.convolutional((1, 28, 28), 20, channels=(8, 16))
    model.decoder = nn.Sequential(
        nn.Linear(20, 16 * 7 * 7),
        nn.Unflatten(1, (16, 7, 7)),
        nn.ReLU(),
        nn.ConvTranspose2d(16, 8, **sizes),
        nn.ReLU(),
        nn.ConvTranspose2d(8, 1, **sizes),
        nn.Sigmoid(),
    )
    nn.init.constant_(model.decoder[-2].bias, -1.9)  # as dark as digits, as in ae.convolutional
    return model


# %%
def repeating():
    """The layers of `ae.convolutional`, its decoder initialised like the transposed one: as PyTorch does it."""
    model = ae.convolutional((1, 28, 28), 20, channels=(8, 16))
    for layer in model.decoder:
        if isinstance(layer, nn.Linear | nn.Conv2d):
            layer.reset_parameters()
    nn.init.constant_(model.decoder[-2].bias, -1.9)
    return model


# %% [markdown]
# First before training, with five random initialisations of each, PyTorch's own in all these decoders. We add kernels of 4, which overlap *evenly* with a stride of 2.

# %% tags=["nbval-ignore-output"]
methods = {"transposed": transposed, "repeat, convolve": repeating}
at_start = {}
for name, make in {**methods, "transposed, kernel of 4": lambda: transposed(4)}.items():
    at_start[name] = []
    for seed in range(5):
        ae.seed_everything(seed)
        at_start[name].append(finest_pattern(make()(few).detach()))
    print(f"{name}, untrained: from {min(at_start[name]):.1%} to {max(at_start[name]):.1%} with five seeds")
assert min(at_start["transposed"] + at_start["transposed, kernel of 4"]) > 0.1  # white noise: 0.07
assert max(at_start["repeat, convolve"]) < 0.02

# %% [markdown]
# Now we train one of each for 80 steps on the same few digits, and look at the decoded test digits every five steps.

# %%
fate = ["it falls below that of real digits", "about half of it stays", "all of it stays"]
ae.predict("08 checkerboard", "What will 80 steps of training do to the share of the pattern?", fate)


# %% tags=["nbval-ignore-output", "predict"] reason="the collapsed cell asserts it"
def film_of(make):
    """What the network makes of test digits, every 5 steps of its first 80."""
    ae.seed_everything(0)
    model, film = make(), []
    keep = {"watch": lambda model, _: film.append(model(few[:100]).detach())}
    count = 320 if digits.whole else 160
    ae.fit(model, some[:count], 16, batch_size=count // 5, learning_rate=0.01, **keep)
    return film


films = {name: film_of(make) for name, make in methods.items()}
shares = {name: [finest_pattern(images) for images in film] for name, film in films.items()}
for name, share in shares.items():
    print(f"{name}: at the start {share[0]:.2%}, after 10 steps {share[2]:.2%}, after 80 steps {share[-1]:.2%}")


# %% tags=["predict"]
def stretched(image):
    """The image with its contrast stretched: its darkest pixel black, its brightest white."""
    return (image - image.min()) / (image.max() - image.min())


steps = [0, 10, 20, 30, 80]
rows = {name.replace(", ", ",\n"): [stretched(film[step // 5][0]) for step in steps] for name, film in films.items()}
ae.plots.images(rows, titles=["untrained", *(f"{step} steps" for step in steps[1:])])

# %% [markdown]
# (This is the first test digit. The contrast of each image is stretched, because untrained ones have hardly any.) And here is the share of the finest pattern, in 100 decoded test digits:

# %%
ae.plots.checkerboard_curves(range(0, 81, 5), shares, {"real digits": in_digits})

# %% [markdown]
# A share can fall because the pattern gets weaker, or because everything else gets stronger. So we measure the pattern itself, too: its part of the squared differences from an image's mean pixel.


# %% tags=["nbval-ignore-output", "predict"] reason="the collapsed cell asserts it"
def amount_of_pattern(images):
    """The finest pattern per image, in squared pixel units."""
    return finest_pattern(images) * (images - images.mean((2, 3), keepdim=True)).square().sum().item() / len(images)


amounts, amount_in_digits = [amount_of_pattern(images) for images in films["transposed"]], amount_of_pattern(few)
peak = max(amounts)
print(
    f"transposed: at the start {amounts[0]:.3f}, at most {peak:.2f} (after {5 * amounts.index(peak)} steps)", end=", "
)
still_there = amount_of_pattern(films["repeat, convolve"][-1])
print(f"after 80 steps {amounts[-1]:.2f}; repeat, convolve {still_there:.2f}; real digits {amount_in_digits:.2f}")

# %% tags=["collapsed"]
# Proof for the tests: what the text below says of seed 0.
assert shares["transposed"][2] > 10 * in_digits and max(share[-1] for share in shares.values()) < in_digits
assert peak > 10 * amounts[0] and peak > 2 * amount_in_digits > 2 * amounts[-1]
assert not digits.whole or amounts[-1] > max(1.3 * still_there, 3 * amounts[0])

# %%
ae.reveal("08 checkerboard", fate[0])

# %% [markdown]
# - **Before training**, transposed convolutions paint a checkerboard: with each of the five seeds, the finest pattern has a share of more than 10 % (in white noise, 7 %). With repeating and convolving it is below 2 %.
# - **Does it need the uneven overlap?** No: with kernels of 4 the pattern is there, too. In a uniform image, each of the four pixels in the place of one gets the sum of different weights. After repeating, each gets the sum of the whole kernel. You will see it in exercise 3.
# - **Training first makes it stronger, then weaker** (seed 0, whole MNIST). While the digits emerge, the pattern grows, to more than twice what real digits contain. Within 80 steps both its share and its amount have sunk below those of real digits. But its amount is still larger than at the start, and larger than that of the network that repeats pixels.

# %% [markdown]
# ## Your turn
#
# Exercises 1 to 4 end in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint. Stars give the difficulty, from one to three.
#
# **1. The size of the output.** (★, 5 minutes) Write the formula of section 2 as a function. From the side of the image, the kernel, the stride, and the padding that is added at *each* edge, it computes the side of the feature map.


# %%
def output_size(size, kernel, stride, padding):
    """The side, in pixels, of the feature map that a convolution makes of a square image with this side."""
    # answer:
    return (size + 2 * padding - kernel) // stride + 1
    # student: return ...


if ae.check.convolved_size(output_size):
    print("28 →", output_size(28, 3, 2, 1), "→", output_size(14, 3, 2, 1))

# %% [markdown]
# **2. What locality and sharing save.** (★★, 15 minutes) A layer takes images with `channels` channels of `side` × `side` pixels, and makes `maps` feature maps of the same side. How many parameters does a convolution with kernels of
# `kernel` × `kernel` have, biases included? And how many does a fully connected layer with the same inputs and outputs have? Return both, in this order.


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
# **3. Twice as high, twice as wide, and no checkerboard.** (★★, 15 minutes) Write a building block for decoders. It takes feature maps (n, `channels`, height, width), of any height and width, and gives (n, `maps`, 2 × height, 2 × width). It has
# weights to learn; it turns a uniform image into a uniform image (except at the edge); and neighbouring pixels of its output can differ. Also try a transposed convolution with a kernel of 4: what does the check say?
#
# <details><summary>Hint 1</summary>
#
# Two layers, one that enlarges and one that learns. Which comes first? Think of the sharpest line that the block could draw.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The convolution must not change the size of its input. Which padding does that, for a kernel of 3? Use exercise 1.
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
# **4. Which order does no harm?** (★, 5 minutes) In section 3, one random order of the pixels harmed the convolutional autoencoder. Suppose you train and test it on digits that are changed in one of the following four ways. With which will it be
# about as good as on the original digits?
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

# %% [markdown]
# **5. Investigate: can an autoencoder cope with movement?** (★★★, 45 minutes, no check) In section 5, both kinds of network suffered when the digits moved. Change **one** thing, **predict** its effect on the error on centred and on
# moved test digits, train with three seeds, and explain. Some candidates:
#
# - **augmentation:** in each mini-batch, move the training digits by up to two pixels: write a `loss(model, originals)` and hand it to `ae.fit`. Does it help the fully connected network as much?
# - **a bigger bottleneck:** position is information, too. How many more latent variables does it take until augmented training reaches the old error?
# - **no fully connected layer around the code:** a third strided convolution whose few channels *are* the code. What does equivariance give you now, and what does it cost?
#
# Choose by digits that you cut from `digits.train_images[len(some):]`, and look at the test digits once.

# %%
# your experiment

# %%
ae.check.progress(8)

# %% [markdown]
# ## What to remember
#
# - A fully connected layer is not told which pixels are neighbours: with pixels and initialisation in another order it reaches the same error, up to rounding. A convolution has weights only between neighbours, and the same ones everywhere.
# - This inductive bias saved parameters on digits, and did harm on shuffled ones. It saved no seconds here.
# - Side out = (side in + 2 × padding - kernel) / stride, rounded down, + 1.
# - Feature maps move with the image when it moves by a multiple of the stride. Our autoencoder's error grew all the same.
# - Transposed convolutions started with a checkerboard, even where kernels overlap evenly; repeating pixels and convolving did not. With seed 0, 80 steps of training brought the checkerboard's share below that of real digits.
#
# **Where next:** notebook 09 keeps large networks from learning what they should not.
