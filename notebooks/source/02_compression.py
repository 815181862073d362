# %% [markdown]
# # 02 Compression, old and new
#
# **Purpose:** make things smaller and get them back, with methods designed by people and with methods that learn from the data.
#
# After this notebook you can
#
# - say what encoding, decoding, lossless and lossy mean, and measure what was lost;
# - compare compression methods fairly: bytes against error, not one of the two alone;
# - say how many bytes a code of so many numbers takes, and what rounding the numbers costs;
# - explain why an autoencoder's learning is called *self-supervised*.
#
# You need Python and an idea of what fitting a line to data means. It takes about {{seconds}} seconds to run on two processor cores.

# %%
import io
import zlib

import aeutils as ae
import numpy as np
from PIL import Image
from scipy.signal import correlate
from sklearn.decomposition import PCA
import soundfile
import torch

# %% [markdown]
# ## 1. Shorten, expand
#
# Here is a phrase of 33 characters. We shorten it to its initials: 5 characters. Somebody else gets only those 5, and has a list
# with one word for each letter.
#
# - To shorten is to **encode**; what does it is an *encoder*, and what it makes is the **code**.
# - To expand is to **decode**; what does it is a *decoder*. The two together are a **codec**.

# %% tags=["live"]
# encode: keep of every word its initial
before = "images become small codes again"
code = "".join(word[0] for word in before.split())
word_list = {"a": "apples", "b": "buy", "c": "cheap", "p": "people", "s": "some"}
print(f"{len(before)} characters became {len(code)}: {code}")
assert len(before) == 33 and len(code) == 5

# %% [markdown]
# **Predict:** what will come out?

# %% tags=["live"]
# decode: a word for each initial
after = " ".join(word_list[letter] for letter in code)
wrong_words = sum(one != other for one, other in zip(before.split(), after.split(), strict=True))
print(f"{wrong_words} of {len(before.split())} words are wrong")
assert after != before and wrong_words == 5

# %%
ae.plots.text_through_codec(before, code, after)

# %% [markdown]
# A sensible phrase, and the wrong one. **The difference between before and after is the loss.** A codec that loses something is
# called **lossy**; one that gives everything back, always, is **lossless**.
#
# Another word list would not help for long. There are far more sentences than codes of five letters, so most sentences have to share a code:

# %%
codes = 26**5  # each of the five letters is one of 26
sentences = 1_000**5  # with only 1,000 different words to choose five from
print(f"{codes:,} codes for {sentences:,} sentences: {sentences // codes:,} sentences for each code")
assert sentences > codes

# %% [markdown]
# ## 2. Lossless
#
# *zlib* is the lossless codec inside ZIP and PNG files. It looks for repetitions and writes "the same again" in place of them; and it
# gives frequent bytes short names. (A *byte* is 8 bits: a whole number from 0 to 255.) We give it four things of different sorts.
#
# **Predict:** which of the four will become smaller? Will one become *larger*?

# %%
image = ae.load_image("camera", size=256)
grey = (image[0, 0] * 255).round().byte().numpy()  # (256, 256): one byte per pixel
image = torch.from_numpy(grey / 255).float()[None, None]  # the same image, exactly as the bytes have it
noise = np.random.default_rng(0).integers(0, 256, 65_536, dtype=np.uint8)
things = {
    "our phrase": before.encode(),
    "our phrase, 100 times": before.encode() * 100,
    "an image": grey.tobytes(),
    "random bytes": noise.tobytes(),
}

# %% tags=["nbval-ignore-output"]
sizes = {}
for name, content in things.items():
    compressed = zlib.compress(content, level=9)
    assert zlib.decompress(compressed) == content  # lossless: every byte comes back
    sizes[name] = len(content), len(compressed)
    print(f"{name}: {len(content):,} bytes became {len(compressed):,}, and came back as they were")
assert sizes["our phrase"][1] > 33 and sizes["our phrase, 100 times"][1] < 200
assert sizes["an image"][1] < 55_000 and sizes["random bytes"][1] > 65_536

# %%
ae.plots.bytes_before_and_after(sizes)

# %% [markdown]
# All four came back unchanged, but only two became smaller. Repetition can be written shorter. Our phrase is too short to repeat itself,
# and random bytes hold nothing that repeats: these two grew, by the few bytes that zlib adds to every file.
#
# **A codec is small only where it knows what to expect.** The rest of this notebook is about *who tells it what to expect*.

# %% [markdown]
# ## 3. An image as a sound
#
# Our image has 256 × 256 pixels: 65,536 bytes as grey values, or 262,144 when each pixel is stored as a number of 32 bits.
# We send it through three well-known codecs:
#
# - **PNG**: lossless, for images;
# - **JPEG**: lossy, for images;
# - **MP3**: lossy, for *music*. It leaves out what the ear would hardly miss.
#
# Music? Why not: a sound is a long row of numbers (*samples*), and so is an image when you read its rows one after the other.

# %% tags=["live"]
# read the image as a sound, one row after the other
rate = 44_100  # samples per second, as on a CD
sound = grey.flatten() / 255 * 1.8 - 0.9  # from 0 ... 255 to -0.9 ... 0.9: a sound swings around 0
print(f"{len(sound):,} samples: {len(sound) / rate:.2f} seconds")
assert len(sound) == 256 * 256

# %%
ae.plots.image_as_sound(image, sound, rate, row=100)

# %% [markdown]
# `soundfile` writes MP3 into memory and reads it back. MP3 works in blocks of 1,152 samples, and its encoder puts a little silence in front. Some
# decoders cut that off again, others do not. A sound that begins a moment late is no matter; an image would be out of place. So we look
# for the shift at which both sounds agree best, undo it, and cut to the length of the original.


# %%
def line_up(decoded, original):
    """The decoded sound, shifted and cut (or filled) so that it lies on the original; and the shift in samples."""
    agreement = correlate(decoded - decoded.mean(), original - original.mean())  # one value for every shift
    shift = int(agreement.argmax()) - (len(original) - 1)
    padded = np.pad(decoded, (max(-shift, 0), len(original)))
    return padded[max(shift, 0) :][: len(original)], shift


# %% tags=["nbval-ignore-output"]
late = np.concatenate([np.zeros(1_105), sound])  # a test: 1,105 samples of silence in front
assert line_up(late, sound)[1] == 1_105 and np.array_equal(line_up(late, sound)[0], sound)
assert np.array_equal(line_up(sound[300:], sound)[0][300:], sound[300:])  # ... and one that begins too early


# %% [markdown]
# Now the codec itself. MP3's `compression_level` runs from 0 (large and good) to below 1 (small and bad).


# %%
def through_mp3(level):
    """The image after MP3, (1, 1, 256, 256) in [0, 1], the bytes of the file, and the shift that was undone."""
    file = io.BytesIO()  # a file in memory
    soundfile.write(file, sound, rate, format="MP3", subtype="MPEG_LAYER_III", compression_level=level)
    file.seek(0)
    decoded, _ = soundfile.read(file)
    aligned, shift = line_up(decoded, sound)
    pixels = torch.from_numpy((aligned + 0.9) / 1.8).float().clamp(0, 1)
    return pixels.reshape(1, 1, 256, 256), len(file.getvalue()), shift


# %% [markdown]
# **Predict:** will we still recognise the image? And what will the loss look like?

# %% tags=["nbval-ignore-output"]
by_mp3 = {}
for level in (0, 0.5, 0.9, 0.99):
    decoded, size, shift = through_mp3(level)
    error = ae.reconstruction_error(decoded, image).item()
    by_mp3[level] = decoded, size, error
    print(f"level {level:4}: {size:6,} bytes, error {error:6.1f}, {error / 65_536:.5f} per pixel, shift {shift}")
assert 20_000 < by_mp3[0][1] < 45_000 and 4_000 < by_mp3[0.99][1] < 14_000
assert by_mp3[0][2] < 30 < by_mp3[0.99][2] < 400

# %%
ae.plots.codecs_on_an_image(image, {f"MP3, level {level}": by_mp3[level][:2] for level in (0, 0.5, 0.99)})

# %% [markdown]
# A codec for music carries an image! The number under each is the **reconstruction error** that the whole course uses: take the difference at each pixel
# (pixels counted from 0, black, to 1, white), square it, and add up all pixels.
#
# The loss is of a special kind: the image is blurred *along its rows* and full of horizontal streaks, for MP3 leaves out the highest tones, and a high
# tone here is a fast change from left to right. That the row above is nearly the same, MP3 cannot know. No sound has a row above.

# %% [markdown]
# ## 4. Codecs made for images
#
# PNG and JPEG do know about neighbours in both directions. JPEG cuts the image into squares of 8 × 8 pixels, describes each as a sum of waves, and stores the
# fine waves only roughly. `quality` says how roughly.


# %% tags=["live"]
# write the image into a file in memory, read it back, and weigh the file
def through_image_codec(pixels, **options):
    """Grey bytes (height, width) after a codec of PIL, and the bytes of the file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, **options)
    return np.array(Image.open(file)), len(file.getvalue())


# %% tags=["nbval-ignore-output"]
from_png, png_size = through_image_codec(grey, format="PNG", optimize=True)
assert np.array_equal(from_png, grey)  # lossless
print(f"PNG: {png_size:,} bytes, every pixel as before")
assert 20_000 < png_size < sizes["an image"][1]  # PNG uses zlib, and in addition it knows the neighbours

# %% tags=["nbval-ignore-output"]
by_jpeg = {}
for quality in (95, 75, 50, 30, 10, 5):
    from_jpeg, size = through_image_codec(grey, format="JPEG", quality=quality)
    decoded = torch.from_numpy(from_jpeg / 255).float()[None, None]
    by_jpeg[quality] = decoded, size, ae.reconstruction_error(decoded, image).item()
    print(f"JPEG, quality {quality}: {size:,} bytes, error {by_jpeg[quality][2]:.1f}")
assert by_jpeg[95][2] < 5 and 5_000 < by_jpeg[75][1] < 12_000 and by_jpeg[5][1] < 2_500

# %% [markdown]
# **Predict:** MP3 at its smallest, and JPEG with about as many bytes. Which loses more?

# %%
ae.plots.codecs_on_an_image(
    image,
    {"MP3, level 0.99": by_mp3[0.99][:2], "JPEG, quality 75": by_jpeg[75][:2], "JPEG, quality 5": by_jpeg[5][:2]},
)

# %% [markdown]
# At the same size JPEG's error can hardly be seen. Only at a few percent of the original do we see how it works: the squares of 8 × 8 appear.
#
# One number, bytes *or* error, says nothing about a codec. It takes the **curve of bytes against error**: further to the left is smaller, further down is better.

# %% tags=["gallery"]
ae.plots.bytes_against_error(
    {
        "MP3": ([size for _, size, _ in by_mp3.values()], [error for *_, error in by_mp3.values()]),
        "JPEG": ([size for _, size, _ in by_jpeg.values()], [error for *_, error in by_jpeg.values()]),
    },
    {"zlib (lossless)": sizes["an image"][1], "PNG (lossless)": png_size, "one byte per pixel": 65_536},
    what="image",
)

# %% tags=["nbval-ignore-output"]
print(f"MP3 at its best: {by_mp3[0][1]:,} bytes with an error; PNG: {png_size:,} bytes without any")
print(f"at about the same bytes, MP3's error is {by_mp3[0.99][2] / by_jpeg[75][2]:.0f} times that of JPEG")
assert 0.7 < by_mp3[0][1] / png_size < 1.4
assert by_jpeg[75][1] < by_mp3[0.9][1] and by_jpeg[75][2] * 8 < by_mp3[0.99][2]

# %% [markdown]
# So MP3 does work on images, but at its best it needs as many bytes as PNG does *without* losing anything. The lecture's image went from 262,000 bytes
# (32 bits for each pixel) to 37,000 with MP3 and to 26,000 with JPEG: the same order.
#
# What to expect was told to MP3 by people who studied the ear, and to JPEG by people who studied the eye. Years of work, for *one* kind of data each.
#
# **Could a codec learn from examples what to expect?**

# %% [markdown]
# ## 5. A codec learned from data
#
# We take images of one kind only: handwritten digits of 28 × 28 pixels, from the collection *MNIST*. The codec may look at the *training* digits; we
# measure on *test* digits that it has never seen.

# %% tags=["nbval-ignore-output"]
digits = ae.load_mnist()
assert digits.train_images.shape[1:] == digits.test_images.shape[1:] == (1, 28, 28)

# %% [markdown]
# The oldest method that learns a code is **PCA** (*principal component analysis*). It finds a few basic images, its *components*, such that every digit is nearly
# the average digit plus a weighted sum of them. It is fitting a line to data, only with more directions than one.
#
# - **encode:** how much of each component is in this digit? These numbers are the code. A number in a code is called a *latent variable*.
# - **decode:** add up the components in these amounts, and the average digit.

# %% tags=["nbval-ignore-output"]
train_rows = digits.train_images.flatten(1).numpy()  # each digit as a row of 784 numbers
pca = PCA(100, random_state=0).fit(train_rows)
components, average = torch.from_numpy(pca.components_).float(), torch.from_numpy(pca.mean_).float()
assert components.shape == (100, 784)


# %% tags=["live"]
# encode: how much of each component? decode: add them up in these amounts
def encode(images, count):
    """The codes (n, count) of images (n, 1, 28, 28)."""
    return (images.flatten(1) - average) @ components[:count].T


def decode(codes):
    """The images (n, 1, 28, 28) of codes (n, count)."""
    return (average + codes @ components[: codes.shape[1]]).reshape(-1, 1, 28, 28)


# %%
ae.plots.signed_images({"components\n1 to 8": components[:8].reshape(8, 1, 28, 28)})

# %% [markdown]
# Nobody drew these: PCA found them in the digits. Purple makes a digit brighter there, orange darker (or the other way round, for a negative number). Now some digits, through 2, 10 and 50 of these numbers.

# %% tags=["nbval-ignore-output"]
some = digits.test_images[:8]
rows = {"original": some} | {f"through {count}": decode(encode(some, count)) for count in (2, 10, 50)}
errors = [
    ae.reconstruction_error(decode(encode(digits.test_images, count)), digits.test_images) for count in (2, 10, 50)
]
print("error on all test digits: {:.1f} with 2, {:.1f} with 10, {:.1f} with 50".format(*errors))
assert 40 < errors[0] < 48 and 24 < errors[1] < 30 and 8 < errors[2] < 10.5

# %%
ae.plots.images(rows)

# %% [markdown]
# ### How many bytes is a code?
#
# "20 numbers" is no size: it depends on how exactly we write them down. So the honest size of a code is
#
# $$\text{bytes of a code} = \text{number of variables} \times \text{bits for each} \;/\; 8 .$$
#
# PyTorch computes with 32 bits for each number: 20 variables take 80 bytes. With fewer bits we have to round, that is, to **quantise**: with 8 bits a variable can
# take only $2^8 = 256$ different values, spread evenly between the lowest and the highest that occurred in the training digits.


# %% tags=["live"]
# round: from a number to the nearest of 2**bits steps, and back
def quantise(codes, bits, lowest, highest):
    """The codes, each variable rounded to one of 2**bits values between its lowest and its highest."""
    steps = 2**bits - 1
    whole_numbers = ((codes - lowest) / (highest - lowest) * steps).round().clamp(0, steps)  # this is what we store
    return lowest + whole_numbers / steps * (highest - lowest)


# %% [markdown]
# **Predict:** from 32 bits to 8 the code shrinks to a quarter. By how much will the error grow? And with 4 bits? With 2?

# %% tags=["nbval-ignore-output"]
train_codes = encode(digits.train_images, 100)
lowest, highest = train_codes.amin(0), train_codes.amax(0)
counts, curves = (2, 5, 10, 20, 30, 40, 60, 100), {}
for bits in (32, 8, 4, 2):
    errors = []
    for count in counts:
        codes = encode(digits.test_images, count)
        if bits < 32:
            codes = quantise(codes, bits, lowest[:count], highest[:count])
        errors.append(ae.reconstruction_error(decode(codes), digits.test_images).item())
    curves[f"PCA, {bits} bits"] = [count * bits / 8 for count in counts], errors
    print(f"{bits:2d} bits: 20 variables take {20 * bits / 8:.0f} bytes, error {errors[counts.index(20)]:.2f}")
assert curves["PCA, 8 bits"][1][3] / curves["PCA, 32 bits"][1][3] < 1.01
assert curves["PCA, 4 bits"][1][3] / curves["PCA, 32 bits"][1][3] < 1.1

# %%
ae.plots.bytes_against_error(curves, {"one byte per pixel": 784}, what="digit")

# %% [markdown]
# From 32 bits to 8: a quarter of the bytes, and an error that differs by less than one percent. The other 24 bits were for nothing. With 4 bits we lose a few percent, and for the same bytes may
# keep twice as many variables: a better deal still. With 2 bits the rounding spoils everything, and more variables do not help.
#
# From now on, when this course says "20 latent variables", think "20 bytes".

# %% tags=["nbval-ignore-output"]
baseline = ae.pca_error(20, digits.train_images, digits.test_images)  # computed in another way, without rounding
print(f"20 variables: {curves['PCA, 32 bits'][1][3]:.2f}, computed in another way {baseline:.2f}")
assert abs(curves["PCA, 32 bits"][1][3] / baseline - 1) < 0.001

# %% [markdown]
# ### The decoder is not free
#
# Whoever wants to see the digits needs the decoder, too: the components, the average digit, and the lowest and highest value of each variable. It must be stored, **once**, however many
# digits there are.

# %%
pixel_bytes, code_bytes = 784, 20
decoder_bytes = (20 * 784 + 784 + 2 * 20) * 4  # components, average, lowest and highest: numbers of 32 bits
worth_it = decoder_bytes / (pixel_bytes - code_bytes)
print(f"the decoder takes {decoder_bytes:,} bytes; it pays from {np.ceil(worth_it):.0f} digits on")
assert 80 < worth_it < 100

# %%
ae.plots.bytes_before_and_after(
    {
        f"{count:,} digits": (count * pixel_bytes, count * code_bytes + decoder_bytes)
        for count in (50, 100, 1_000, 10_000)
    }
)

# %% [markdown]
# For 50 digits, codes and decoder together are *larger* than the pixels. For thousands it hardly counts. (JPEG's decoder has to be stored, too. It is in your computer already.)

# %% [markdown]
# ## 6. What an autoencoder adds
#
# PCA can only add up images. An **autoencoder** learns its code from the data as well, but its encoder and decoder are *networks* (notebook 01), which can compute more than
# sums. Notebook 03 builds one from the beginning. Here we only use one, as another codec: 20 variables with 8 bits, or with 4.

# %% tags=["live"]
# an autoencoder as a codec: 20 variables, learned from the digits alone
ae.seed_everything(0)
model = ae.fully_connected((1, 28, 28), latent_size=20)
history = ae.fit(model, digits.train_images, epochs=6 if digits.whole else 60, batch_size=256, learning_rate=0.02)

# %% tags=["nbval-ignore-output"]
with torch.no_grad():
    train_codes, test_codes = model.encoder(digits.train_images), model.encoder(digits.test_images)
    by_autoencoder = []
    for bits in (8, 4):
        rounded = quantise(test_codes, bits, train_codes.amin(0), train_codes.amax(0))
        by_autoencoder.append(ae.reconstruction_error(model.decoder(rounded), digits.test_images).item())
assert by_autoencoder[0] / ae.evaluate(model, digits.test_images) < 1.01  # what 8 bits cost

# %% tags=["nbval-ignore-output"]
for bits, error in zip((8, 4), by_autoencoder, strict=True):
    pca_error = curves[f"PCA, {bits} bits"][1][counts.index(20)]
    print(f"20 variables with {bits} bits: PCA {pca_error:.2f}, autoencoder {error:.2f}")
    assert error < 0.9 * pca_error
pca_30, pca_40 = (curves["PCA, 4 bits"][1][counts.index(count)] for count in (30, 40))
print(f"PCA with 4 bits: 15 bytes (30 variables) {pca_30:.2f}, 20 bytes (40 variables) {pca_40:.2f}")
assert abs(by_autoencoder[1] / pca_30 - 1) < 0.1 and pca_40 < by_autoencoder[0]

# %% [markdown]
# And the codecs designed by hand? A JPEG file of a single digit is mostly header (what the file has to say about itself). To be fair we put all test digits on one
# large sheet, each in a field of 32 × 32 pixels, and divide the bytes of the sheet by the number of digits.

# %% tags=["nbval-ignore-output"]
count, across = len(digits.test_images), 40
fields = torch.nn.functional.pad(digits.test_images[:, 0], (2, 2, 2, 2)).reshape(-1, across, 32, 32)
sheet = (fields.permute(0, 2, 1, 3).reshape(-1, across * 32) * 255).round().byte().numpy()
alone = through_image_codec((some[0, 0] * 255).byte().numpy(), format="JPEG")[1]
jpeg_bytes, jpeg_errors = [], []
for quality in (75, 50, 20, 10, 5, 1):
    decoded, size = through_image_codec(sheet, format="JPEG", quality=quality, optimize=True)
    jpeg_bytes.append(size / count)
    jpeg_errors.append(np.square((decoded - sheet.astype(float)) / 255).sum() / count)
png_bytes = through_image_codec(sheet, format="PNG")[1] / count
print(f"JPEG: {alone} bytes for one digit alone, on the sheet from {jpeg_bytes[0]:.0f} down to {jpeg_bytes[-1]:.0f}")
assert alone > 400 and 25 < jpeg_bytes[-1] < 40 and 100 < png_bytes < 250

# %% [markdown]
# **Predict:** who wins on digits: JPEG with its decades of work, PCA, or the autoencoder?

# %%
shown = {name: curves[name] for name in ("PCA, 8 bits", "PCA, 4 bits")}
shown |= {"JPEG": (jpeg_bytes, jpeg_errors), "autoencoder, 8 and 4 bits": ([20, 10], by_autoencoder)}
ae.plots.bytes_against_error(shown, {"PNG (lossless)": png_bytes, "one byte per pixel": 784}, what="digit")

# %% tags=["nbval-ignore-output"]
by_8_bits = curves["PCA, 8 bits"][1][counts.index(30)]
by_4_bits = curves["PCA, 4 bits"][1][counts.index(60)]
print(f"JPEG at its smallest: {jpeg_bytes[-1]:.0f} bytes, error {jpeg_errors[-1]:.1f}")
print(f"PCA in 30 bytes: 30 variables of 8 bits {by_8_bits:.1f}, 60 variables of 4 bits {by_4_bits:.1f}")
assert by_4_bits < jpeg_errors[-1] < by_8_bits

# %% [markdown]
# Read it honestly:
#
# - **JPEG is hard to beat** where it works at all. PCA with 8 bits loses against it; with 4 bits it is just ahead. For JPEG writes frequent values with fewer bits, which we do not do.
# - **JPEG comes to an end** at its lowest quality. It knows images in general, not digits. The learned codecs go on to 20, 10, 5 bytes.
# - **The autoencoder beats PCA with as many variables and bits.** In 10 bytes it reaches about the error for which PCA needs 15. But it does not win everywhere:
#   its 20 bytes with 8 bits are badly spent, for PCA puts 40 variables of 4 bits there and is better. This is the simplest autoencoder there is, trained for
#   seconds; notebook 05 makes it better.
#
# What is new is not the size. It is that **nobody designed the code**: give the same program faces instead of digits, and it learns a code for faces. And a code that has learned
# what is typical can be used for more than storing:

# %% [markdown]
# | What a learned code is good for | In the course |
# |---|---|
# | reducing the dimension: few numbers instead of many | notebook 04 |
# | general representations: similar images have similar codes | notebook 06 |
# | denoising, infilling (guessing a missing part), colouring grey images | notebooks 09, 10 |
# | detecting anomalies: what the codec cannot reproduce is not typical | notebook 10 |
# | blending: mixing two codes and decoding the mixture | notebook 11 |

# %% [markdown]
# ## 7. Why "self-supervised"?
#
# In **supervised** learning each image comes with a *target*, the right answer, that a person has written down: a label. In **unsupervised** learning there are no labels and no target.
# An autoencoder stands between: it has an explicit target for each image, like a supervised network, but no person had to write it, as in unsupervised learning. **The target is the input itself.**

# %%
ae.plots.three_ways_to_learn(digits.test_images[0], digits.test_labels[0].item())

# %% [markdown]
# **Predict:** how many numbers of target does each way of learning have, and how many of them did people have to write?

# %% tags=["nbval-ignore-output"]
labels, pixels = digits.train_labels.numel(), digits.train_images.numel()
print(f"supervised:      {labels:12,} target numbers, {labels:,} of them written by people")
print(f"unsupervised:    {0:12,} target numbers")
print(f"self-supervised: {pixels:12,} target numbers, 0 of them written by people")
assert pixels == 784 * labels

# %% [markdown]
# Look back at the call that trained our autoencoder: `ae.fit(model, digits.train_images, ...)`. The labels of the digits were never handed over. The images were input and target at once.

# %% [markdown]
# ## Your turn
#
# Each exercise ends in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint.
#
# **A codec of your own.** Take one row of a drawing in black and white, a list such as `[0, 0, 0, 1, 1, 0]`. Write two functions:
#
# - `encode_row(row)` makes the code: a flat list of whole numbers from 0 to 255, each of which takes one byte;
# - `decode_row(code)` makes the row again. It gets the code and nothing else.
#
# Your codec must be **lossless** for every row of up to 255 pixels, and for a row of 200 equal pixels the code may have at most 16 numbers. (For some rows it will be longer than the row. That cannot be helped: section 2.)
#
# <details><summary>Hint 1</summary>
#
# Such rows are made of *runs*: three black, two white, one black. What do you have to write down, so that somebody else can draw them?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Of each run: its colour, and its length. Walk along the row. While the pixel is the same as the one before, the last length grows by 1; otherwise a new run begins.
#
# </details>
# <details><summary>Hint 3</summary>
#
# In Python `code[-1] += 1` makes the last number of a list larger, and `[0] * 3` is `[0, 0, 0]`. In `decode_row`, `range(0, len(code), 2)` steps from run to run.
#
# </details>


# %%
def encode_row(row):
    """The code of a row of 0 and 1: a list of numbers from 0 to 255."""
    # answer:
    code = []
    for position, pixel in enumerate(row):
        if position == 0 or pixel != row[position - 1]:
            code += [pixel, 0]  # a new run: its colour, and its length so far
        code[-1] += 1
    return code
    # student: return ...


# %%
def decode_row(code):
    """The row of 0 and 1 that has this code."""
    # answer:
    row = []
    for position in range(0, len(code), 2):
        row += [code[position]] * code[position + 1]
    return row
    # student: return ...


ae.check.lossless_codec((encode_row, decode_row))

# %% [markdown]
# **The largest rounding error.** Pixels from 0 to 1 are rounded to $2^{\text{bits}}$ values, spread evenly, 0 and 1 among them. Write `largest_error(bits)`: by how much can a pixel change, at most?
#
# <details><summary>Hint 1</summary>
#
# Draw the line from 0 to 1 with 2 bits on it: four values. How far apart are two neighbours? Where is the pixel that has the longest way?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Or try: `quantise(pixels, bits, 0, 1)` for very many pixels between 0 and 1, and look for the largest difference.
#
# </details>


# %%
def largest_error(bits):
    """The most by which rounding to 2**bits values changes a pixel in [0, 1]."""
    # answer:
    steps = 2**bits - 1
    return 1 / steps / 2  # from the middle between two values it is half a step to either
    # student: return ...


ae.check.largest_rounding_error(largest_error)

# %% [markdown]
# **All the bytes.** Somebody sends you MNIST digits by PCA. Write `bytes_in_all(count, variables, bits)`: how many bytes do the codes of `count` digits take, with so many variables of so many bits each, *and* the decoder?
# Everything that the decoder needs is stored with 32 bits for each number, as in section 5.
#
# <details><summary>Hint 1</summary>
#
# To undo the rounding takes two numbers for each variable. To make an image takes the components and the average digit, of 784 pixels each.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Section 5 counts the decoder's bytes for 20 variables. Which of the numbers in that line change with the number of variables?
#
# </details>


# %%
def bytes_in_all(count, variables, bits):
    """Bytes of the codes of so many digits, and of the decoder."""
    # answer:
    codes = count * variables * bits / 8
    decoder = (variables * 784 + 784 + 2 * variables) * 4
    return codes + decoder
    # student: return ...


ae.check.bytes_in_all(bytes_in_all)

# %% [markdown]
# **Which one is self-supervised?**
#
# - **a** A network gets photographs from the web, and learns to predict the words that people have written under them.
# - **b** A program gets the shopping lists of a million customers, and sorts the customers into groups.
# - **c** A network gets colour photographs turned to grey, and learns to predict their colours.
# - **d** A program plays chess against itself, and hears after each game who has won.

# %%
# answer:
answer = "c"
# student: answer = ...

ae.check.self_supervised(answer)

# %%
ae.check.progress(2)

# %% [markdown]
# ## What to remember
#
# - Encode, then decode. The difference between before and after is the loss; a lossless codec has none, for any input.
# - Compare codecs by their curve of bytes against error. MP3, JPEG and PNG are small where they were told what to expect.
# - PCA and autoencoders *learn* what to expect, from examples.
# - The size of a code is the number of variables times the bits of each. 8 bits cost next to nothing. And the decoder must be stored, once.
# - Self-supervised: explicit targets without labels, because the target is the input.
#
# **Where next:** notebook 03 builds the simplest autoencoder, and trains it in the open.
