"""The codes of images, seen along their principal components."""

import copy
import math

import torch

from aeutils.errors import InputError
from aeutils.metrics import components
from aeutils.validation import check_digit_images, check_labels


class CodeSpace:
    """The codes of images and what the model decodes between them. The model is copied, so that both stay in step.

    images: float32 (n, 1, 28, 28) in [0, 1], n at least 2. labels: whole numbers (n,) from 0 to 9. scores:
    (n, components), the codes along their principal components in standard deviations, 0 for the average code; at
    least 2 components, of which the decoder ignores those that the code does not have. limit: no score lies further
    from 0; whole tenths, as sliders that go by tenths from one end reach 0 only then. Raises InputError for what
    cannot work.
    """

    def __init__(self, model, images, labels):
        check_digit_images("images", images, model)
        check_labels(labels, images)
        self.model = copy.deepcopy(model).eval()
        self.images, self.labels = images, labels
        with torch.no_grad():
            codes = torch.cat([self.model.encoder(part) for part in images.split(1000)])
            self._shape = codes.shape[1:]
            codes = codes.flatten(1)
            if not codes.isfinite().all():
                raise InputError("the model's codes hold NaN or infinity; train it anew with a smaller learning rate")
            self._mean, self._axes = principal_components(codes)
            if len(self._axes) < 2:
                self._axes = torch.nn.functional.pad(self._axes, (0, 0, 0, 1))
            spread = ((codes - self._mean) @ self._axes.T).std(0)
            self._spread = spread.where(spread > 1e-5 * spread.max(), 0)  # less is rounding: nothing varies there
            self.scores = self._along_axes(codes)
        self.limit = max(1.0, math.ceil(10.3 * self.scores[:, :2].abs().max().item()) / 10)

    def decode(self, scores):
        """The image (1, 28, 28) at scores (m,) of the first m components, the others at their average 0."""
        code = self._mean + (scores * self._spread[: len(scores)]) @ self._axes[: len(scores)]
        with torch.no_grad():
            return self.model.decoder(code.reshape(1, *self._shape))[0]

    @property
    def example(self):
        """One code as the decoder takes it: (1, latent), or (1, channels, height, width) where codes are images."""
        return self._mean.reshape(1, *self._shape)

    def hand_over(self, contents):
        """Put into an explorer's Contents what code_space.js needs."""
        for name, values in {"mean": self._mean, "axes": self._axes, "spread": self._spread}.items():
            contents.array(name, values)
        contents.array("scores", self.scores)
        contents.numbers("labels", self.labels)
        contents.fields["limit"] = self.limit

    def _along_axes(self, codes):
        """Scores of codes (n, latent); 0 along an axis in which nothing varies."""
        spread = self._spread.where(self._spread > 0, torch.inf)
        return (codes - self._mean) @ self._axes.T / spread


def principal_components(vectors):
    """Mean (d,) and principal components (m, d) of vectors (n, d), that of the largest variance first.

    Which way a component points is arbitrary; here its largest entry is above 0.
    """
    mean = vectors.mean(0)
    axes = components(vectors, mean).T.float()
    largest = axes.gather(1, axes.abs().argmax(1, keepdim=True))
    return mean, axes * largest.sign()
