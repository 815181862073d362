# %% [markdown]
# # 02 Compression, old and new
#
# **Purpose:** make things smaller and restore them, with methods designed by people and with methods that learn from data.
#
# After this notebook you can
#
# - say what encoding, decoding, lossless and lossy mean, and measure what was lost;
# - compare compression methods fairly: bytes against error, not one of the two alone;
# - say how many bytes a code takes, and what rounding its numbers costs;
# - explain why an autoencoder's learning is called *self-supervised*.
#
# You need notebook 01: its half page on tensors, and the idea of an autoencoder. It takes about {{seconds}} seconds to run on two processor cores.

# %%
import io
import zlib

import aeutils as ae
import numpy as np
from PIL import Image
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
import soundfile
import torch

# %% [markdown]
# ## 1. Shorten, expand
#
# Here is a phrase of 33 characters. We shorten it to its initials: 5 characters. A friend receives only those 5, and has a list
# with one word for each of them.
#
# - Shortening it is **encoding**; an *encoder* does it, and the result is the **code**.
# - Expanding it again is **decoding**; a *decoder* does it. The two together are a **codec**.

# %% tags=["live"]
# encode: keep the first letter of each word
# instructor minutes: 2
# instructor guess: "33 characters became 5, so this is a far better codec than zip." Nothing is said yet about getting the phrase back.
# instructor ask: Before we decode: how many other phrases would have become the same five letters?
before = "pictures become small codes again"
code = "".join(word[0] for word in before.split())
word_list = {"a": "apples", "b": "buy", "c": "cheap", "p": "people", "s": "some"}
print(f"{len(before)} characters became {len(code)}: {code}")

# %% [markdown]
# Which phrase does the friend get? Work it out with the list before you run the next cell.

# %% tags=["live", "predict"]
# decode: a word for each initial
# instructor minutes: 2
# instructor guess: "The friend gets at least some of the words right." All 5 are wrong.
# instructor ask: What failed here: the encoder, the decoder or the list? Would another list help with all phrases?
after = " ".join(word_list[letter] for letter in code)
wrong_words = sum(one != other for one, other in zip(before.split(), after.split(), strict=True))
print(f"{wrong_words} of {len(before.split())} words are wrong")

# %% tags=["predict"]
ae.plots.text_through_codec(before, code, after)

# %% tags=["collapsed"]
# Proof for the tests: the sizes, and that every word is wrong.
assert len(before) == 33 and len(code) == 5 and wrong_words == 5

# %% [markdown]
# A sensible phrase, but the wrong one. **The difference between before and after is the loss.** A codec that loses something is
# called **lossy**; one that always restores everything is **lossless**.
#
# Could a better word list save us? Not for all phrases. Count any five words as a sentence: there are far more sentences than codes of five letters, so most sentences have to share a code.

# %%
codes = 26**5  # each of the five letters is one of 26
sentences = 1_000**5  # with only 1,000 different words to choose five from
print(f"{codes:,} codes for {sentences:,} sentences: {sentences // codes:,} sentences for each code on average")

# %% [markdown]
# ## 2. Lossless
#
# *zlib* is a lossless codec; PNG files use it. It looks for repetitions and writes "the same again" in their place, and it
# gives frequent bytes short names. (A *byte* is 8 bits: a whole number from 0 to 255.) We give it four kinds of content.

# %%
image = ae.load_image("camera", size=256)
grey = (image[0, 0] * 255).round().byte().numpy()  # (256, 256): one byte per pixel
image = torch.from_numpy(grey / 255).float()[None, None]  # the same image, exactly as the bytes have it
contents = {
    "our phrase": before.encode(),
    "our phrase, 100 times": before.encode() * 100,
    "an image": grey.tobytes(),
    "noise": np.random.default_rng(0).integers(0, 256, 65_536, dtype=np.uint8).tobytes(),
}

# %%
options = ["none", "the noise", "the phrase, once", "the noise and the phrase, once"]
ae.predict("02 larger", "All four are packed. Which of them become *larger*?", options)

# %% tags=["nbval-ignore-output", "predict"] reason="asserted below the figure"
sizes, restored = {}, {}
for name, content in contents.items():
    compressed = zlib.compress(content, level=9)
    restored[name] = zlib.decompress(compressed)
    sizes[name] = len(content), len(compressed)
    print(f"{name}: {len(content):,} bytes became {len(compressed):,}; restored exactly: {restored[name] == content}")

# %% tags=["predict"]
ae.plots.bytes_before_and_after(sizes)

# %%
ae.reveal("02 larger", "the noise and the phrase, once")

# %% tags=["collapsed"]
# Proof for the tests: lossless; two become smaller, two larger, by less than 30 bytes.
assert restored == contents
growth = [after_zlib - before_zlib for before_zlib, after_zlib in sizes.values()]
assert 0 < growth[0] < 30 and 0 < growth[3] < 30 and growth[1] < -3_000 and growth[2] < -10_000

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# All four are restored exactly, but only two became smaller. Our phrase hardly repeats itself, and the noise was drawn at random. What zlib saves in them, if anything, is less than the few bytes that it adds.
#
# </details>
#
# **No lossless codec makes everything smaller: it saves bytes where it knows what to expect.** The rest of this notebook is about *who tells it what to expect*.

# %% [markdown]
# ## 3. An image as a sound
#
# Our image has 256 × 256 pixels: 65,536 bytes as grey values, or 262,144 when each pixel is stored as a number of 32 bits.
# We send it through three well-known codecs:
#
# - **PNG**: lossless, for images;
# - **JPEG**: lossy, for images;
# - **MP3**: lossy, for *sound*. It is designed to leave out what the ear would miss least.
#
# Sound? Why not: it is a long list of numbers (*samples*), and so is an image when we read its rows one after the other.

# %% tags=["live"]
# read the image as a sound, one row after the other
# instructor minutes: 3
# instructor guess: "An image lasts a minute or more as a sound." 65,536 samples at 44,100 a second: a second and a half.
# instructor ask: Two pixels touch, one above the other. How far apart are they in this sound?
rate = 44_100  # samples per second, as on a CD
sound = grey.flatten() / 255 * 1.8 - 0.9  # from 0 ... 255 to -0.9 ... 0.9: a sound swings around 0
print(f"{len(sound):,} samples: {len(sound) / rate:.2f} seconds")

# %%
ae.plots.image_as_sound(image, sound, rate, row=100)

# %% [markdown]
# `soundfile` writes MP3 into memory and reads it again. We ask for a constant number of bytes per second; `compression_level` runs from 0 (the most bytes) to below 1 (few bytes). At the higher levels this
# encoder also makes the sound up to 5 % quieter. In an image that is a loss of contrast, so we turn the volume up again, by the one factor that fits the original best (we do not count its bytes).


# %% tags=["live"]
# the image through MP3: write the sound into a file in memory, read it again, and cut it into rows
# instructor minutes: 6
# instructor guess: "Allowed to lose something, MP3 at its best needs fewer bytes than PNG." About twice as many, 61,648 against 31,611, and it still has an error.
# instructor ask: MP3 is made to lose what an ear would miss least. Could an eye see some of these losses?
def through_mp3(sound, level):
    """The image of a sound after MP3, (1, 1, 256, 256) in [0, 1], and the content of the file."""
    file = io.BytesIO()  # a file in memory
    options = {"format": "MP3", "subtype": "MPEG_LAYER_III", "bitrate_mode": "CONSTANT"}
    soundfile.write(file, sound, rate, compression_level=level, **options)
    file.seek(0)
    decoded, _ = soundfile.read(file)
    decoded *= (sound @ decoded) / (decoded @ decoded)  # as loud as before
    pixels = torch.from_numpy((decoded + 0.9) / 1.8).float().clamp(0, 1)
    return pixels.reshape(1, 1, 256, 256), file.getvalue()


# %% [markdown]
# How might the image sound? Imagine it before you press play.

# %% tags=["nbval-ignore-output", "predict"] reason="the file is that of the next cells, whose figures are asserted"
ae.Sound(through_mp3(sound, 0.9)[1], "the camera man, 256 rows of 256 pixels, in a second and a half")

# %%
looks = ["not to be recognised", "blurred evenly", "with squares in it", "with streaks along its rows"]
ae.predict("02 after MP3", "What will the image look like after MP3 in a sixth of its bytes?", looks)

# %% tags=["nbval-ignore-output", "predict"] reason="asserted at the end of section 4"
by_mp3 = {}
for level in (0, 0.25, 0.5, 0.75, 0.9):
    decoded, content = through_mp3(sound, level)
    error = ae.reconstruction_error(decoded, image).item()
    by_mp3[level] = decoded, len(content), error
    print(f"level {level:4}: {len(content):6,} bytes, error {error:5.1f}, {error / 65_536:.5f} per pixel")

# %% tags=["predict"]
ae.plots.codecs_on_an_image(image, {f"MP3, level {level}": by_mp3[level][:2] for level in (0, 0.5, 0.9)})

# %%
ae.reveal("02 after MP3", "with streaks along its rows")

# %% tags=["nbval-ignore-output", "predict"] reason="asserted at the end of section 4"
after_mp3 = by_mp3[0.9][0]
growth_along, growth_across = ((after_mp3.diff(dim=dim).std() / image.diff(dim=dim).std()).item() for dim in (3, 2))
print(f"after MP3, level 0.9, neighbours in a row differ {growth_along:.2f} times as much as before,", end=" ")
print(f"neighbouring rows {growth_across:.2f} times")
noisy = image + (after_mp3 - image).std() * torch.randn(image.shape, generator=torch.Generator().manual_seed(0))
noise_along, noise_across = ((noisy.diff(dim=dim).std() / image.diff(dim=dim).std()).item() for dim in (3, 2))
print(f"after noise as large, the same in all directions: {noise_along:.2f} and {noise_across:.2f} times")

# %% [markdown]
# A codec for sound carries an image! The number under each is the **reconstruction error** that the whole course uses: take the difference at each pixel
# (pixels counted from 0, black, to 1, white), square it, and add up all pixels.
#
# Noise as large, the same in all directions, makes neighbouring pixels differ at least 1.3 times as much as before, both ways. After MP3 they differ hardly more along a row, only
# from one row to the next: we see *horizontal streaks*.

# %% [markdown]
# ## 4. Codecs made for images
#
# PNG and JPEG can use the neighbours of a pixel in both directions. JPEG cuts the image into squares of 8 × 8 pixels, describes each as a sum of waves, and rounds
# how strong each wave is, the fine ones more roughly. `quality` says how roughly.


# %% tags=["live"]
# write the image into a file in memory, read it again, and weigh the file
# instructor minutes: 3
# instructor guess: "At similar sizes MP3's error is perhaps twice that of JPEG." Nearly eight times, and in more bytes: 10,787 against 8,358.
# instructor ask: What is JPEG told about an image that MP3 is not?
def through_image_codec(pixels, **options):
    """Grey bytes (height, width) after a codec of PIL, and the bytes of the file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, **options)
    return np.array(Image.open(file).convert("L")), len(file.getvalue())  # L: grey


# %% tags=["nbval-ignore-output"] reason="asserted at the end of the section"
from_png, png_size = through_image_codec(grey, format="PNG", optimize=True)
print(f"PNG: {png_size:,} bytes, every pixel as before: {np.array_equal(from_png, grey)}")

# %% tags=["nbval-ignore-output"] reason="asserted at the end of the section"
by_jpeg = {}
for quality in (95, 75, 50, 30, 10, 5):
    from_jpeg, size = through_image_codec(grey, format="JPEG", quality=quality)
    decoded = torch.from_numpy(from_jpeg / 255).float()[None, None]
    by_jpeg[quality] = decoded, size, ae.reconstruction_error(decoded, image).item()
print("JPEG:", ", ".join(f"quality {quality} takes {size:,} bytes" for quality, (_, size, _) in by_jpeg.items()))

# %%
ae.predict(
    "02 MP3",
    "At level 0.9 MP3 took more bytes than JPEG at quality 75. MP3's error is how many times as large as JPEG's?",
    (0, 50),
)

# %% tags=["predict"]
shown = {"MP3, level 0.9": by_mp3[0.9], "JPEG, quality 75": by_jpeg[75], "JPEG, quality 5": by_jpeg[5]}
ae.plots.codecs_on_an_image(image, {name: each[:2] for name, each in shown.items()}, crop=(30, 70, 128))

# %%
ae.reveal("02 MP3", by_mp3[0.9][2] / by_jpeg[75][2])

# %% [markdown]
# (The figure enlarges a part of the image and gives the error of this part; the prediction was about the whole.) At quality 5, in about a fortieth of the bytes, we see how JPEG works: the squares of 8 × 8 appear.
#
# One number, bytes *or* error, does not tell which of two lossy codecs is better. It takes the **curve of bytes against error**: further to the left means fewer bytes, further down a smaller error.

# %% tags=["gallery", "predict"]
ae.plots.bytes_against_error(
    {
        "MP3": ([size for _, size, _ in by_mp3.values()], [error for *_, error in by_mp3.values()]),
        "JPEG": ([size for _, size, _ in by_jpeg.values()], [error for *_, error in by_jpeg.values()]),
    },
    {"zlib (lossless)": sizes["an image"][1], "PNG (lossless)": png_size, "one byte per pixel": 65_536},
    what="image",
)

# %% tags=["nbval-ignore-output"] reason="asserted in the next cell"
print(f"MP3 at its best: {by_mp3[0][1]:,} bytes with an error of {by_mp3[0][2]:.1f}; PNG: {png_size:,} without any")
print(
    f"MP3 in {by_mp3[0.9][1]:,} bytes has {by_mp3[0.9][2] / by_jpeg[75][2]:.0f} times the error of JPEG in {by_jpeg[75][1]:,}"
)
for name, (_, size, error) in (("MP3, level 0.9", by_mp3[0.9]), ("JPEG, quality 30", by_jpeg[30])):
    print(f"{name}: {65_536 / size:.0f} times smaller than the pixels, error {error:.0f}")

# %% tags=["collapsed"]
# Proof for the tests: what the text says of MP3, PNG and JPEG.
assert np.array_equal(from_png, grey)
assert by_mp3[0][1] > 1.8 * png_size and by_mp3[0][1] > 0.9 * 65_536 and 0 < by_mp3[0][2] < 3
assert by_jpeg[75][1] < by_mp3[0.9][1] and by_mp3[0.9][2] > 7 * by_jpeg[75][2]
assert 14.5 < 65_536 / by_jpeg[30][1] < 16 and 5.5 < 65_536 / by_mp3[0.9][1] < 6.5
assert 2.5 < by_mp3[0.9][2] / by_jpeg[30][2] < 3.5 and 37 < 65_536 / by_jpeg[5][1] < 42
assert growth_along < 1.1 and growth_across > 1.15 and 1.3 < noise_along < noise_across

# %% [markdown]
# At level 0 MP3 needs more than nine tenths of the bytes of the pixels, and nearly twice as many as PNG takes *without* any loss. In a fifteenth of the bytes JPEG has about a third of the error that MP3 has in a sixth.
#
# What does each codec expect? In our image a row resembles the row above it. We put the rows into a random order, and encode again.

# %%
ae.predict(
    "02 shuffled rows",
    "Which codec suffers when the rows are shuffled?",
    ["only JPEG", "only MP3", "both, JPEG more", "both, MP3 more"],
)

# %% tags=["nbval-ignore-output", "predict"] reason="asserted in the next cell"
order = np.random.default_rng(0).permutation(256)
mixed = image[:, :, order]
from_mp3, content = through_mp3(sound.reshape(256, 256)[order].flatten(), 0.9)
from_jpeg, jpeg_size = through_image_codec(grey[order], format="JPEG", quality=75)
mixed_mp3 = ae.reconstruction_error(from_mp3, mixed).item()
mixed_jpeg = np.square((from_jpeg - grey[order].astype(float)) / 255).sum()
print(f"MP3, level 0.9, in {len(content):,} bytes: error {by_mp3[0.9][2]:.0f}, with shuffled rows {mixed_mp3:.0f}")
print(f"JPEG, quality 75: error {by_jpeg[75][2]:.0f} in {by_jpeg[75][1]:,} bytes,", end=" ")
print(f"with shuffled rows {mixed_jpeg:.0f} in {jpeg_size:,} bytes")

# %% tags=["collapsed"]
# Proof for the tests: MP3 loses a little, JPEG much, though it may use twice the bytes.
assert len(content) == by_mp3[0.9][1] and 1.2 < mixed_mp3 / by_mp3[0.9][2] < 1.35
assert 2.5 < mixed_jpeg / by_jpeg[75][2] < 3.5 and jpeg_size > 2 * by_jpeg[75][1]
frequencies = []  # that hold 90 % of the energy of 1,152 samples, without the mean
for rows in (sound.reshape(256, 256), sound.reshape(256, 256)[order]):
    parts = np.lib.stride_tricks.sliding_window_view(rows.flatten() - sound.mean(), 1_152)[::576] * np.hanning(1_152)
    energy = np.sort(np.abs(np.fft.rfft(parts)) ** 2)[:, ::-1].cumsum(1)
    frequencies.append(np.median((energy < 0.9 * energy[:, -1:]).sum(1)))
assert frequencies[1] > 1.5 * frequencies[0]

# %%
ae.reveal("02 shuffled rows", "both, JPEG more")

# %% [markdown]
# JPEG's squares are full of rows that do not belong together: it takes more than twice the bytes and still has about three times the error. MP3's error grows, too, by about a quarter, though it knows no rows: rows that are alike make a sound that nearly repeats every 256 samples, so its energy lies in fewer frequencies than that of shuffled rows.
#
# People who studied the ear told MP3 what to expect, and people who studied the eye told JPEG: each for *one* kind of data.
#
# **Could a codec learn from examples what to expect?**

# %% [markdown]
# ## 5. A codec learned from data
#
# We take images of one kind only: handwritten digits of 28 × 28 pixels, from the collection *MNIST*. The codec may look at the *training* digits; we
# measure on *test* digits that it has never seen.

# %% tags=["nbval-ignore-output"] reason="says only where the digits came from"
digits = ae.load_mnist()
some = digits.test_images[:8]

# %% [markdown]
# A method of 1901 (Karl Pearson) that learns from examples is **PCA** (*principal component analysis*). It finds a few basic images, the *principal components*, such that the average digit plus a weighted sum of them comes
# as near as possible to the training digits, by their mean squared error.
#
# - **encode:** how much of each component is in this digit? These numbers are the code. A number in a code is called a *latent variable*.
# - **decode:** add up the components in these amounts, and the average digit.

# %%
pca = PCA(100, random_state=0).fit(digits.train_images.flatten(1).numpy())  # each digit as a row of 784 numbers
components, average = torch.from_numpy(pca.components_).float(), torch.from_numpy(pca.mean_).float()
components.shape


# %% tags=["live"]
# encode: how much of each component? decode: add them up in these amounts
# instructor minutes: 4
# instructor guess: "To decode we need the inverse of a matrix." The components stand at right angles and have length 1, so the transpose does it.
# instructor ask: What does `decode` draw when all numbers of a code are 0?
def encode(images, count):
    """The codes (n, count) of images (n, 1, 28, 28)."""
    return images.flatten(1) @ components[:count].T - average @ components[:count].T


def decode(codes):
    """The images (n, 1, 28, 28) of codes (n, count)."""
    return (average + codes @ components[: codes.shape[1]]).reshape(-1, 1, 28, 28)


# %%
ae.plots.signed_images({"components\n1 to 8": components[:8].reshape(8, 1, 28, 28)})

# %% [markdown]
# PCA found these in the digits; they were not designed. A positive number makes a digit brighter where the component is purple and darker where it is orange, a negative one the other way round. Now some digits through 2, 10 and 50 of these numbers.
# The number under each is its error.

# %%
rows = {"original": some} | {f"through {count}": decode(encode(some, count)) for count in (2, 10, 50)}
ae.plots.images(rows, errors=True)

# %% [markdown]
# ### How many bytes is a code?
#
# "20 numbers" is not a size yet: it depends on how exactly we write them down. If each variable takes equally many bits,
#
# $$\text{bytes of a code} = \text{number of variables} \times \text{bits for each} \;/\; 8 .$$
#
# PyTorch usually computes with 32-bit numbers, so 20 variables take 80 bytes. With fewer bits we have to round, that is, to **quantise**: with 8 bits a variable can
# take only $2^8 = 256$ different values, spread evenly between the lowest and the highest that occurred in the training digits.


# %% tags=["live"]
# round: from a number to the nearest of 2**bits steps, and back
# instructor minutes: 4
# instructor guess: "A quarter of the bits, so a clearly larger error, by 20 % or more." From 32 to 8 bits it grows by less than 1 %; at 2 bits by almost 90 %.
# instructor ask: All variables get the same number of steps. Which one is rounded by the largest amounts, the first or the last?
def quantise(codes, bits, lowest, highest):
    """The codes, each variable rounded to one of 2**bits values between its lowest and its highest."""
    steps = 2**bits - 1
    whole_numbers = ((codes - lowest) / (highest - lowest) * steps).round().clamp(0, steps)  # this is what we store
    return lowest + whole_numbers / steps * (highest - lowest)


# %%
def error_after(decoder, codes):
    """The error of the test digits that a decoder makes of these codes, 1,000 at a time to save memory."""
    parts = zip(codes.split(1_000), digits.test_images.split(1_000), strict=True)
    return sum(ae.reconstruction_error(decoder(part), images).item() * len(part) for part, images in parts) / len(codes)


# %%
ae.predict(
    "02 bits", "From 32 bits to 8 a code shrinks to a quarter. By what percentage will the error grow?", (0, 100)
)

# %% tags=["nbval-ignore-output", "predict"] reason="asserted below the figure"
train_codes, test_codes = encode(digits.train_images, 100), encode(digits.test_images, 100)
lowest, highest = train_codes.amin(0), train_codes.amax(0)
counts, curves = [2, 5, 10, 20, 30, 40, 60, 100], {}
for bits in (32, 8, 4, 2):
    errors = []
    for count in counts:
        codes = test_codes[:, :count]
        if bits < 32:
            codes = quantise(codes, bits, lowest[:count], highest[:count])
        errors.append(error_after(decode, codes))
    curves[f"PCA, {bits} bits"] = [count * bits / 8 for count in counts], errors
    print(f"{bits:2d} bits: 20 variables take {20 * bits / 8:.0f} bytes, error {errors[counts.index(20)]:.2f}")

# %% tags=["predict"]
ae.plots.bytes_against_error(curves, {"one byte per pixel": 784}, what="digit")

# %%
ae.reveal("02 bits", 100 * (curves["PCA, 8 bits"][1][3] / curves["PCA, 32 bits"][1][3] - 1))  # 20 variables

# %% tags=["collapsed"]
# Proof for the tests: 8 bits cost below 1 %, 4 bits a few percent, 2 bits much, and no more is gained above 20; PCA is right.
exact, *rounded = (np.array(errors) for _, errors in curves.values())
assert (rounded[0] < 1.01 * exact).all()
assert 1.02 < rounded[1][3] / exact[3] < 1.1 and rounded[1][5] < 0.75 * rounded[0][3]
assert 1.15 < rounded[1][-1] / exact[-1] < 1.35
assert rounded[2][3] > 1.4 * exact[3] and (np.diff(rounded[2] / exact) > 0).all()
assert min(rounded[2][4:]) > 0.97 * rounded[2][3] or not digits.whole
assert abs(exact[3] / ae.pca_error(20, digits.train_images, digits.test_images) - 1) < 0.001

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# From 32 bits to 8: a quarter of the bytes, and an error that differs by less than one percent. With 4 bits and 20 variables the error grows by a few percent (with 100 by about a quarter), but 20 bytes then hold
# 40 variables, and their error is less than three quarters of that of 20 variables with 8 bits. With 2 bits the rounding costs much, the more so the more variables there are: beyond 20 of them, more hardly help.
#
# </details>
#
# With 8 bits for each, 20 latent variables are 20 bytes.
#
# ### The decoder is not free
#
# To see the digits you need the decoder, too: the components, the average digit, and the lowest and highest value of each variable. It must be stored **once**, whatever the number of digits.

# %%
pixel_bytes, code_bytes = 784, 20
decoder_bytes = (20 * 784 + 784 + 2 * 20) * 4  # components, average, lowest and highest: numbers of 32 bits
worth_it = decoder_bytes / (pixel_bytes - code_bytes)
print(
    f"decoder: {decoder_bytes:,} bytes; decoder and codes are smaller than pixels from {np.ceil(worth_it):.0f} digits on"
)

# %%
numbers_of_digits = (50, 100, 1_000, 10_000)
totals = {count: (count * pixel_bytes, count * code_bytes + decoder_bytes) for count in numbers_of_digits}
ae.plots.bytes_before_and_after({f"{count:,} digits": total for count, total in totals.items()})

# %% tags=["collapsed"]
# Proof for the tests: for 50 digits codes and decoder are larger than the pixels, not for 100; what the text says of more.
assert totals[50][1] > totals[50][0] and totals[100][1] < totals[100][0] and 80 < worth_it < 100
share = {count: decoder_bytes / total for count, (_, total) in totals.items()}
table = torch.cat([components[:20], average[None]]).T
table = quantise(table, 8, table.amin(0), table.amax(0)).T
rounded = quantise(test_codes[:, :20], 8, lowest[:20], highest[:20])
error = error_after(lambda codes: (codes @ table[:20] + table[20]).reshape(-1, 1, 28, 28), rounded)
assert error < 1.01 * exact[3] and 21 < (21 * 784 + 41 * 2 * 4) / (pixel_bytes - code_bytes) < 22
assert share[1_000] > 0.75 and 0.2 < share[10_000] < 0.3 and decoder_bytes < 0.01 * totals[10_000][0]

# %% [markdown]
# For 50 digits, codes and decoder together are *larger* than the pixels. For 10,000 the decoder takes less than a hundredth of the bytes of the pixels, but it is still a quarter of all that we store. (The decoder's numbers could be rounded to 8 bits, too: it would then pay from 22 digits on.)

# %% [markdown]
# ## 6. What an autoencoder adds
#
# PCA can only add up images. An **autoencoder** learns its code from the data as well, but its encoder and decoder are *networks* (notebook 01), which can compute more than
# weighted sums. Notebook 03 builds the simplest from the beginning: weighted sums, too, but a *sigmoid* follows. Here it is another codec, with 20 or 40 variables. A network begins at random numbers, its *initialisation*, so we train three of each size.

# %% tags=["collapsed"]
# Settings: the embedded digits are 15 times fewer and need more passes; with them one initialisation has to do.
epochs, seeds = (3, 3) if digits.whole else (20, 1)

# %% tags=["live"]
# an autoencoder as a codec: 20 or 40 variables, learned from the digits alone; three initialisations
# instructor minutes: 4
# instructor guess: "With 20 variables of 8 bits the error is 13 against PCA's 17: that is the best use of 20 bytes." 40 variables of 4 bits: 6.1; PCA with 3 and 2 bits: 8.0.
# instructor ask: What is a fair comparison of two codecs: the same number of variables, or the same number of bytes?
models = {20: [], 40: []}
for latent_size, its_models in models.items():
    for seed in range(seeds):
        ae.seed_everything(seed)
        model = ae.fully_connected((1, 28, 28), latent_size)
        ae.fit(model, digits.train_images, epochs=epochs, batch_size=256, learning_rate=0.04, seed=seed)
        its_models.append(model)

# %% [markdown]
# We now spread the $2^{\text{bits}}$ values over (bits + 1) / 2 standard deviations to either side of the mean, for the autoencoder and for PCA.
# And we keep the pixels of all codecs from 0 to 1, as the sigmoid does.


# %% tags=["nbval-ignore-output"] reason="printed and asserted at the end of the section"
def round_well(codes, known, bits):
    """The codes, each variable rounded to 2**bits values about the mean of the training codes, known."""
    mean, reach = known.mean(0), (bits + 1) / 2 * known.std(0)
    return quantise(codes, bits, mean - reach, mean + reach)


by_autoencoder = {(20, 32): [], (20, 8): [], (20, 4): [], (40, 4): [], (40, 2): []}  # variables and bits
with torch.no_grad():
    for (variables, bits), its_errors in by_autoencoder.items():
        for model in models[variables]:
            known, codes = model.encoder(digits.train_images), model.encoder(digits.test_images)
            rounded = codes if bits == 32 else round_well(codes, known, bits)
            its_errors.append(error_after(model.decoder, rounded))

# %% [markdown]
# And the codecs designed by hand? A JPEG file of a single digit is mostly header (what the file has to say about itself). To be fair we put the test digits on
# large sheets, edge to edge, and divide the bytes of the sheets by the number of digits.


# %%
def on_sheets(**options):
    """Bytes and error of a test digit in a codec of PIL, 2,500 of them on a sheet."""
    size = error = 0
    for part in digits.test_images.split(2_500):
        sheet = (part * 255).round().byte().reshape(-1, 50, 28, 28).permute(0, 2, 1, 3).reshape(-1, 50 * 28).numpy()
        decoded, its_size = through_image_codec(sheet, **options)
        size, error = size + its_size, error + np.square((decoded - sheet.astype(float)) / 255).sum()
    return size / len(digits.test_images), error / len(digits.test_images)


# %% tags=["nbval-ignore-output"] reason="asserted at the end of the section"
alone = through_image_codec((some[0, 0] * 255).round().byte().numpy(), format="JPEG")[1]
jpeg = [on_sheets(format="JPEG", optimize=True, quality=quality) for quality in (75, 50, 20, 10, 6, 1)]
jpeg_bytes, jpeg_errors = zip(*jpeg, strict=True)
webp_bytes, webp_error = on_sheets(format="WEBP", method=2, quality=5)
png_bytes, _ = on_sheets(format="PNG")
print(f"JPEG: {alone} bytes for one digit alone, on the sheets from {jpeg_bytes[0]:.0f} down to {jpeg_bytes[-1]:.0f}")

# %% [markdown]
# And three rivals without a network. **PCA**, with 4 bits, or better with 3 for the first variables and 2 for later ones.
# The **look-up**: sender and receiver keep all training digits, numbered. The code of a digit is the number of the training digit most similar to it.
# **Short lists** in a row (*residual vector quantisation*): the first has 256 typical digits, the next 256 typical examples of what the first leaves over, and so on: a byte for each list.


# %% tags=["nbval-ignore-output"] reason="asserted at the end of the section"
def error_of_pca(*parts):
    """The error of PCA's test codes, rounded part by part: each a slice of the variables, and their bits."""
    rounded = [round_well(test_codes[:, part], train_codes[:, part], bits) for part, bits in parts]
    return error_after(lambda codes: decode(codes).clamp(0, 1), torch.cat(rounded, dim=1))


by_8_bits, by_4_bits = ({count: error_of_pca((slice(count), bits)) for count in counts} for bits in (8, 4))
by_3_and_2 = {}  # 3 bits for as many variables as there are bytes, 2 bits for the next, 2.5 times as many
for size in (4, 10, 20, 28):
    by_3_and_2[size] = error_of_pca((slice(size), 3), (slice(size, size * 7 // 2), 2))

# %% tags=["nbval-ignore-output"] reason="asserted at the end of the section"
library, some_test = digits.train_images.flatten(1), digits.test_images[::10].flatten(1)
look_up_bytes = np.ceil(np.log2(len(library))) / 8  # as many bits as it takes to number them all
nearest = torch.full([len(some_test)], torch.inf)
for part in library.split(1_000):
    nearest = torch.minimum(nearest, torch.cdist(some_test, part).amin(1))
look_up_error = nearest.square().mean().item()
print(f"look-up: {look_up_bytes:.1f} bytes for each digit; the list itself takes {library.numel():,} bytes")

# %% tags=["nbval-ignore-output"] reason="asserted at the end of the section"
left, left_of_test = (codes[:, :80].numpy().copy() for codes in (train_codes, test_codes))
lists_errors = []  # lists of PCA's codes, 80 variables
for number in range(20):
    entries = KMeans(256, init="random", n_init=1, max_iter=3, random_state=number, copy_x=False).fit(left)
    left -= entries.cluster_centers_[entries.labels_]
    left_of_test -= entries.cluster_centers_[entries.predict(left_of_test)]
    found = test_codes[:, :80] - torch.from_numpy(left_of_test)  # the sum of the entries so far
    lists_errors.append(error_after(lambda codes: decode(codes).clamp(0, 1), found))

# %%
ae.predict(
    "02 twenty bytes",
    "You have 20 bytes for each digit. Which of these codecs has the smallest error?",
    [
        "PCA: 40 variables, 4 bits",
        "20 short lists",
        "autoencoder: 20 variables, 8 bits",
        "autoencoder: 40 variables, 4 bits",
    ],
)

# %% tags=["predict"]
means = {key: np.mean(its_errors) for key, its_errors in by_autoencoder.items()}
shown = {"PCA, 4 bits": ([count / 2 for count in counts], by_4_bits.values()), "JPEG": (jpeg_bytes, jpeg_errors)}
shown["short lists"] = range(1, 21), lists_errors
shown["PCA, 3 and 2 bits"] = by_3_and_2.keys(), by_3_and_2.values()
shown["autoencoder, 20 variables"] = [20, 10], [means[20, 8], means[20, 4]]
shown["look-up"] = [look_up_bytes], [look_up_error]
shown["autoencoder, 40 variables"] = [20, 10], [means[40, 4], means[40, 2]]
ae.plots.bytes_against_error(shown, {"PNG (lossless)": png_bytes, "one byte per pixel": 784}, what="digit")

# %% tags=["nbval-ignore-output", "predict"] reason="asserted in the next cell"
in_20_bytes = {"PCA: 40 variables, 4 bits": by_4_bits[40], "20 short lists": lists_errors[19]}
in_20_bytes |= {f"autoencoder: {size} variables, {bits} bits": means[size, bits] for size, bits in ((20, 8), (40, 4))}
for name, error in in_20_bytes.items():
    print(f"20 bytes, {name}: error {error:.1f}")
print(f"20 bytes, PCA, 3 and 2 bits: error {by_3_and_2[20]:.1f}; with 20 variables, 8 bits: {by_8_bits[20]:.1f}")
print(f"10 bytes: PCA (4 bits) {by_4_bits[20]:.1f}, 3 and 2 bits {by_3_and_2[10]:.1f}, ", end="")
print(f"10 short lists {lists_errors[9]:.1f}, ", end="")
print(f"autoencoder (20 variables, 4 bits) {means[20, 4]:.1f}, (40 variables, 2 bits) {means[40, 2]:.1f}")
print(
    f"{look_up_bytes:.0f} bytes: look-up {look_up_error:.1f} (on every tenth test digit), 2 lists {lists_errors[1]:.1f}"
)
print(f"{jpeg_bytes[-1]:.0f} bytes: JPEG {jpeg_errors[-1]:.1f}; 30 bytes: PCA (4 bits) {by_4_bits[60]:.1f}")
jpeg_there = np.interp(webp_bytes, jpeg_bytes[::-1], jpeg_errors[::-1])
print(f"{webp_bytes:.0f} bytes: JPEG {jpeg_there:.1f} (between its points), WebP {webp_error:.1f}")


# %% tags=["collapsed"]
# PCA and the autoencoder once more, if each value took as many bits as its share in the training digits allows.
def with_few_bits(decoder, known, codes, steps):
    """Bytes and errors of codes rounded to multiples of each step, in an ideal entropy coding."""
    found = []
    for step in steps:
        whole, bits = (codes / step).round(), 0
        for column, seen in zip(whole.T, known.T, strict=True):
            counts = ((seen / step).round().long() + 200).bincount(minlength=400) + 0.01
            bits -= (counts / len(known)).log2()[column.long() + 200].mean().item()
        found.append((bits / 8, error_after(decoder, whole * step)))
    return zip(*found, strict=True)


# %% tags=["collapsed", "nbval-ignore-output", "predict"] reason="asserted below the answer"
steps = 0.75, 0.65, 0.4, 0.3
few_bytes, few_errors = with_few_bits(lambda codes: decode(codes).clamp(0, 1), train_codes, test_codes, steps)
few_by_pca = {size: np.interp(size, few_bytes, few_errors) for size in (20, 30)}
few_by_autoencoder = []
for model in models[40]:
    with torch.no_grad():
        known, codes = model.encoder(digits.train_images), model.encoder(digits.test_images)
        scale = known.std(0)
        decoder = lambda codes, model=model, scale=scale: model.decoder(codes * scale)  # noqa: E731
        found = with_few_bits(decoder, known / scale, codes / scale, (0.35, 0.25))
    few_by_autoencoder.append(np.interp(20, *found))
print(f"fewer bits for frequent values: PCA {few_by_pca[20]:.1f} in 20 bytes, {few_by_pca[30]:.1f} in 30;", end=" ")
print(f"autoencoder {np.mean(few_by_autoencoder):.1f} in 20")

# %%
ae.reveal("02 twenty bytes", min(in_20_bytes, key=in_20_bytes.get))

# %% tags=["collapsed"]
# Proof for the tests: what the text below says.
low_20, low_40, high_10 = min(by_autoencoder[20, 8]), max(by_autoencoder[40, 4]), max(by_autoencoder[40, 2])
assert max(by_autoencoder[20, 8]) < 1.01 * max(by_autoencoder[20, 32]) and alone > 2 * jpeg_bytes[0]
logs = np.log([jpeg_bytes, jpeg_errors])[:, ::-1]
jpeg_at = {size: np.exp(np.interp(np.log(size), *logs)) for size in (30, 40, 50, 60, 100)}  # with 8 bits: a byte each
assert all(jpeg_at[count] < by_8_bits[count] for count in counts[4:]) and 25 < jpeg_bytes[-1] < 40
assert by_4_bits[60] < 0.8 * jpeg_at[30] and by_4_bits[100] < 0.9 * jpeg_at[50] and webp_error < 0.4 * jpeg_there
assert max(by_autoencoder[20, 8]) < 0.9 * by_8_bits[20] and max(by_autoencoder[20, 4]) < 0.9 * by_4_bits[20]
assert low_40 < 0.9 * min(by_4_bits[40], low_20) and low_40 < lists_errors[19] and by_4_bits[40] < low_20
assert low_40 < by_3_and_2[20] < 0.9 * by_4_bits[40]
if digits.whole:
    assert low_40 < 0.95 * min(by_3_and_2[20], lists_errors[19]) and few_by_pca[30] < 0.48 * jpeg_at[30]
    assert few_bytes[0] < 20 < 30 < few_bytes[-1] and abs(few_by_pca[20] / means[40, 4] - 1) < 0.05
    assert max(few_by_autoencoder) < 0.97 * min(few_by_pca[20], min(by_autoencoder[40, 4]))
    assert lists_errors[9] < 0.95 * min(by_autoencoder[40, 2]) and abs(webp_bytes - 70) < 5
    assert high_10 < 0.95 * min(by_3_and_2[10], *by_autoencoder[20, 4])

# %% tags=["collapsed"]
# Proof for the tests: PCA with 4 bits and its decoder, shared by 10,000 digits, in 32 bits and in 8; against JPEG.
for count, added in ((60, 19), (100, 32)):
    decoders = [(count + 1) * 784 * each / 10_000 for each in (4, 1)]  # bytes for each digit
    by_jpeg = np.exp(np.interp(np.log([count / 2 + decoder for decoder in decoders]), *logs))
    assert round(decoders[0]) == added and (by_jpeg[0] < by_4_bits[count] < by_jpeg[1] or not digits.whole)

# %% tags=["collapsed"]
# Proof for the tests: the look-up, and the bytes of the decoders, 4 for each number.
assert not digits.whole or (look_up_bytes == 2 and abs(look_up_error / lists_errors[1] - 1) < 0.1)
assert not digits.whole or max(look_up_error, lists_errors[1]) < 0.9 * by_3_and_2[4]
lists_bytes = (20 * 256 * 80 + 80 * 784 + 784) * 4  # the lists; PCA's components and average
assert round(lists_bytes / 1e6, 1) == 1.9 and round((40 * 784 + 784 + 2 * 40) * 4 / 1e6, 2) == 0.13

# %% [markdown]
# <details><summary><b>What happened</b></summary>
#
# - **JPEG knows no digit**, yet in 30 to 100 bytes its error is smaller than that of PCA with 8 bits. With 4 bits PCA has the smaller error in 30 bytes and in 50, not counting its decoder. Shared by these 10,000 digits, the decoder adds 19 and 32 bytes to each, and JPEG is ahead; with the decoder in 8 bits, PCA is. If PCA wrote frequent values with fewer bits, too, as JPEG does (the last line above), its error in 30 bytes,
#   without the decoder, would be less than half of JPEG's. WebP, designed by people in 2010, has about a third of JPEG's error in 70 bytes.
# - **JPEG ends** at its lowest quality, with about 30 bytes.
# - **In 20 bytes the autoencoder** has the smallest error of our figure, with 40 variables of 4 bits. With 20 variables of 8 bits it beats PCA with as many of 8 bits, but not PCA with 40 of 4, let alone with 3 and 2 bits. Compare bytes, not variables.
#   With fewer bits for frequent values, PCA would be about level with it, and the autoencoder (trained on all of MNIST) ahead again, by a little.
# - **In 10 bytes** 40 variables of 2 bits are the better use for the autoencoder, too. It beats the two PCAs of our figure, but not ten short lists. Notebook 14 builds an autoencoder with such a list inside.
# - **In 2 bytes** the look-up (on a tenth of the test digits) and two lists are within a tenth of one another, and better than PCA in 4. But the look-up has to store 47 million bytes (twenty lists 1.9 million, the autoencoder's decoder 0.13 million).
#
# </details>
#
# **No one designed the code of the autoencoder**: it was learned from digits, and notebook 03 learns one from faces. Such codes can be used for more than storing:

# %% [markdown]
# | What a learned code is good for | In the course |
# |---|---|
# | reducing the dimension: few numbers instead of many | notebook 04 |
# | general representations: comparing images by their codes | notebook 06 |
# | denoising, infilling (guessing a missing part), colouring grey images | notebooks 09, 10 |
# | detecting anomalies: images that the codec reproduces badly | notebook 10 |
# | blending: mixing two codes and decoding the mixture | notebook 11 |

# %% [markdown]
# ## 7. Why "self-supervised"?
#
# In **supervised** learning each image comes with a *target*, the right answer, often written down by a person: a label. In **unsupervised** learning there are no labels and no target.
# An autoencoder stands between: it has an explicit target for each image, like a supervised network, but no person had to write it, as in unsupervised learning. **The target is the input itself.**

# %%
ae.plots.three_ways_to_learn(digits.test_images[0], digits.test_labels[0].item())

# %%
ae.predict(
    "02 targets",
    "For each label, how many target numbers does self-supervised learning get from our training digits?",
    ["none", "one", "28", "784"],
)

# %% tags=["nbval-ignore-output", "predict"] reason="asserted in the next cell"
labels, pixels = digits.train_labels.numel(), digits.train_images.numel()
print(f"supervised:      {labels:12,} target numbers, {labels:,} of them written by people")
print(f"unsupervised:    {0:12,} target numbers")
print(f"self-supervised: {pixels:12,} target numbers, 0 of them written by people")

# %%
ae.reveal("02 targets", "784")

# %% tags=["collapsed"]
# Proof for the tests: 784 pixels for each label.
assert pixels == 784 * labels

# %% [markdown]
# Look again at the call that trained our autoencoder: `ae.fit(model, digits.train_images, ...)`. The labels of the digits were never handed over. The images were input and target at once.

# %% [markdown]
# ## Your turn
#
# The first four exercises end in a check. Run it as often as you like: it says at once what it saw, what it expected, and gives a hint.
# Beside each exercise stands its difficulty, from ★ to ★★★, and about how long it takes.
#
# **A codec of your own** (★★★, 20 minutes). Take one row of a drawing in black and white, a list such as `[0, 0, 0, 1, 1, 0]`. Write two functions:
#
# - `encode_row(row)` returns the code: a flat list of whole numbers from 0 to 255, each of which takes one byte;
# - `decode_row(code)` returns the row. It is given the code and nothing else.
#
# Your codec must be **lossless** for every row of 1 to 255 pixels, and the code of a row of 200 equal pixels may have at most 16 numbers. (The codes of some rows may be longer than the rows, as with zlib in section 2.)
#
# <details><summary>Hint 1</summary>
#
# Such rows are made of *runs*: three black, two white, one black. What do you have to write down so that a friend can draw them?
#
# </details>
# <details><summary>Hint 2</summary>
#
# For each run you need its colour and its length. Walk along the row. While the pixel is the same as the one before, the last length grows by 1; otherwise a new run begins.
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
# **The largest rounding error** (★, 5 minutes). Pixels from 0 to 1 are rounded to $2^{\text{bits}}$ values, spread evenly, 0 and 1 among them. Write `largest_error(bits)`: by how much can a pixel change, at most?
#
# <details><summary>Hint 1</summary>
#
# Draw the line from 0 to 1 with 2 bits on it: four values. How far apart are two neighbours? Which pixel is farthest from the nearest of them?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Or try: `quantise(pixels, bits, 0, 1)` with many pixels between 0 and 1, and look for the largest difference.
#
# </details>


# %%
def largest_error(bits):
    """The most by which rounding to 2**bits values changes a pixel in [0, 1]."""
    # answer:
    steps = 2**bits - 1
    return 1 / steps / 2  # halfway between two values it is half a step to either
    # student: return ...


ae.check.largest_rounding_error(largest_error)

# %% [markdown]
# **All the bytes** (★★, 10 minutes). A friend sends you MNIST digits, compressed by PCA. Write `bytes_in_all(count, variables, bits)`: how many bytes do the codes of `count` digits take, each of `variables` variables with `bits` bits, *plus* the decoder?
# Everything that the decoder needs is stored with 32 bits for each number, as in section 5.
#
# <details><summary>Hint 1</summary>
#
# To undo the rounding, you need two numbers for each variable. To make an image, you need the components and the average digit, of 784 pixels each.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Section 5 counts the decoder's bytes for 20 variables. Which of the numbers in that line change with the number of variables?
#
# </details>


# %%
def bytes_in_all(count, variables, bits):
    """Bytes of the codes of that many digits, and of the decoder."""
    # answer:
    codes = count * variables * bits / 8
    decoder = (variables * 784 + 784 + 2 * variables) * 4
    return codes + decoder
    # student: return ...


ae.check.bytes_in_all(bytes_in_all)

# %% [markdown]
# **Which one is self-supervised?** (★, 5 minutes)
#
# - **a** A network is shown photographs from the web, and learns to predict the words that people have written under them.
# - **b** A program is given the shopping lists of a million customers, and sorts the customers into groups.
# - **c** A network is shown colour photographs turned to grey, and learns to predict their colours.
# - **d** A program plays chess against itself, and is told after each game who has won.

# %%
# answer:
answer = "c"
# student: answer = ...

ae.check.self_supervised(answer)

# %% [markdown]
# **Investigate: a codec for the wrong data** (★★, 20 minutes, no check). A learned codec expects what it was trained on.
#
# 1. Predict: encode and decode test digits turned by 90° (`images.rot90(1, (2, 3))`), with PCA and with the autoencoder of section 6, 20 variables each. How many times larger does each error become?
# 2. Measure it. Then train the autoencoder on digits of which the first half is turned. What does it lose on upright digits? And how much of that does it lose only because it saw fewer upright digits?
# 3. Explain: what does a codec pay for expecting more?

# %% tags=["nbval-ignore-output"] reason="an investigation: every student has numbers of their own"
# answer:
first, second = digits.train_images.chunk(2)
turned, test = torch.cat([first.rot90(1, (2, 3)), second]), digits.test_images
ae.seed_everything(0)
networks = {"all upright": models[20][0]}
for trained_on, images in {"half of them turned": turned, "half as many, upright": second}.items():
    networks[trained_on] = ae.fully_connected((1, 28, 28), latent_size=20)
    ae.fit(networks[trained_on], images, epochs=epochs, batch_size=256, learning_rate=0.04)
found = []
for name, images in {"upright": test, "turned": test.rot90(1, (2, 3))}.items():
    linear = ae.reconstruction_error(decode(encode(images, 20)), images).item()
    found.append([linear, *[ae.evaluate(network, images) for network in networks.values()]])
    print(f"{name}:", *[f"{key}: {error:.1f};" for key, error in zip(["PCA", *networks], found[-1], strict=True)])
(linear, up, mixed, fewer), (linear_turned, around, *_) = found
assert not digits.whole or (0 < fewer - up < (mixed - up) / 3 and mixed > 1.1 * up)
assert not digits.whole or (around > 2 * up and 1.7 < linear_turned / linear < 2 and up < linear)
# student: turned = ...

# %% [markdown]
# <details><summary>What we found</summary>
#
# Turned, the digits have nearly twice the error with PCA and more than twice with the autoencoder, which is the better one on upright digits. Trained on both (one initialisation), the autoencoder loses more than a tenth on upright digits.
# Trained on the upright half alone, it loses less than a third of that: the codec that expects turned digits, too, pays more on upright ones.
#
# </details>

# %%
ae.check.progress(2)

# %% [markdown]
# ## What to remember
#
# - Encode, then decode. The difference between before and after is the loss; a lossless codec has none, whatever the input.
# - Compare codecs by their curve of bytes against error. People told MP3, JPEG and PNG what to expect.
# - PCA and autoencoders *learn* it from examples.
# - The size of a code is the number of variables times the bits of each. Rounding to 8 bits raised the error by less than 1 % here. And the decoder must be stored once.
# - Self-supervised: explicit targets without labels, because the target is taken from the data themselves: the input, or a part of it.
#
# **Where next:** notebook 03 builds the simplest autoencoder, and trains it in the open.
