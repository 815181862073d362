"""From one digit to another: in pixels, and in the latent space."""

import copy

from aeutils.plots import Figure
from aeutils.plots import images as image_rows
from aeutils.validation import check_digit_images
from aeutils.widgets.base import Explorer, ShownImage, image_slider, live_or_still, real_slider, row
import torch


def blend(model, images):
    """Pick two images and go from one to the other, in pixels and in the latent space side by side.

    model: an Autoencoder for images (1, 28, 28); it is not changed. images: float32 (n, 1, 28, 28) in [0, 1],
    n at least 2; the first 100 can be picked. In pixels the two are mixed; in the latent space their codes are, and
    the mixed code is decoded. Returns an Explorer, or a Figure where nobody can move anything.
    Raises InputError for what cannot work.
    """
    check_digit_images("images", images, model)
    model = copy.deepcopy(model).eval()
    return live_or_still(lambda: Blend(model, images), lambda: still(model, images))


class Blend(Explorer):
    """The explorer: two images, the way between them, and both mixtures at that place of the way."""

    def __init__(self, model, images):
        self._model, self._images = model, images
        self.first = image_slider(images, "first image")
        self.second = image_slider(images, "second image", 1)
        self.way = real_slider("from first to second", 0.5, 0.0, 1.0, 0.05, ".0%")
        self.ends = ShownImage("first"), ShownImage("second")
        self.mixtures = ShownImage("mixed in pixels"), ShownImage("mixed in the latent space")
        choice = [self.first, self.second, row(*self.ends)]
        super().__init__("blend", [*choice, self.way, row(*self.mixtures)], lambda: still(model, images))
        for slider in (self.first, self.second, self.way):
            slider.observe(self._show, "value")
        self._show()

    def _show(self, _change=None):
        first, second = self._images[self.first.value], self._images[self.second.value]
        mixtures = mix(self._model, first, second, self.way.value)
        for shown, image in zip((*self.ends, *self.mixtures), (first, second, *mixtures), strict=True):
            shown.show(image)
        likest = [(self._images[:1000] - mixture).square().sum((1, 2, 3)).min().item() for mixture in mixtures]
        self.sentence.text = (
            f"{self.way.value:.0%} of the way from image {self.first.value} to image {self.second.value}. "
            f"How far is it from any real digit? The most alike of {len(self._images[:1000]):,} images differs by "
            f"{likest[0]:.1f} from the mixture in pixels, by {likest[1]:.1f} from that in the latent space."
        )


def mix(model, first, second, share):
    """Two mixtures (1, 28, 28) of two images (1, 28, 28), in pixels and in the latent space.

    share: from 0 for the first (reconstructed, in the latent space) to 1 for the second.
    """
    with torch.no_grad():
        codes = model.encoder(torch.stack([first, second]))
        return torch.lerp(first, second, share), model.decoder(torch.lerp(codes[:1], codes[1:], share))[0]


def still(model, images):
    """The Figure in the explorer's place: the way from the first image to the second in seven steps."""
    shares = [step / 6 for step in range(7)]
    pixels, latent = zip(*(mix(model, images[0], images[1], share) for share in shares), strict=True)
    drawn = image_rows({"in pixels": pixels, "in the latent space": latent}, [f"{share:.0%}" for share in shares])
    return Figure(
        drawn.canvas,
        "Two ways from one digit to another in seven steps: mixed in pixels, where one digit "
        "fades into the other, and in the latent space, where its strokes change their shape.",
    )
