"""Answers to two questions of notebook 07: autoencoder, loss."""

import torch
from torch import nn
from torch.nn import functional

import aeutils as ae
from answers import fresh, right, wrong_ones
from answers.nb07_exercise_1 import encoder_of, folded

make_encoder, make_decoder = encoder_of(), folded(nn.Sigmoid())


class Joined(nn.Module):
    def __init__(self, latent_size):
        super().__init__()
        self.encoder, self.decoder = make_encoder(latent_size), make_decoder(latent_size)

    def forward(self, images):
        return self.decoder(self.encoder(images))


right(
    "autoencoder",
    course_class=lambda latent_size: ae.Autoencoder(make_encoder(latent_size), make_decoder(latent_size)),
    course_function=lambda latent_size: ae.fully_connected((1, 28, 28), latent_size, hidden=(128, 64)),
    class_of_ones_own=lambda latent_size: Joined(latent_size),
)


@right("autoencoder")
def sequential_with_named_parts(latent_size):
    model = nn.Sequential()
    model.add_module("encoder", make_encoder(latent_size))
    model.add_module("decoder", make_decoder(latent_size))
    return model


def joined_with(forward):
    """A make_autoencoder whose class has another forward."""

    class Other(Joined):
        pass

    Other.forward = forward
    return lambda latent_size: Other(latent_size)


@fresh("autoencoder", "no two parts")
def parts_in_a_list():
    class Listed(nn.Module):
        def __init__(self, latent_size):
            super().__init__()
            self.parts = [make_encoder(latent_size), make_decoder(latent_size)]

        def forward(self, images):
            return self.parts[1](self.parts[0](images))

    return lambda latent_size: Listed(latent_size)


@fresh("autoencoder", "not a new one")
def encoder_made_once():
    first = {latent_size: make_encoder(latent_size) for latent_size in (3, 32)}
    return lambda latent_size: ae.Autoencoder(first[latent_size], make_decoder(latent_size))


@fresh("autoencoder", "does not fit")
def forgets_forward():
    class NoForward(nn.Module):
        def __init__(self, latent_size):
            super().__init__()
            self.encoder, self.decoder = make_encoder(latent_size), make_decoder(latent_size)

    return lambda latent_size: NoForward(latent_size)


right(
    "loss",
    squares_summed_over_three_axes=lambda made, images: ((made - images) ** 2).sum((1, 2, 3)).mean(),
    squares_summed_and_divided=lambda made, images: (made - images).square().sum() / len(images),
    course_measure=ae.reconstruction_error,
    mean_squared_error_times_pixels=lambda made, images: 784 * functional.mse_loss(made, images),
)


@fresh("loss")
def module_and_division():
    squares = nn.MSELoss(reduction="sum")
    return lambda made, images: squares(made, images) / images.shape[0]


@right("loss")
def image_by_image(made, images):
    total = 0
    for one, other in zip(made, images, strict=True):
        total = total + torch.dist(one, other) ** 2
    return total / len(images)


wrong_ones(
    "autoencoder",
    {
        "part not attempted": lambda latent_size: ae.Autoencoder(..., make_decoder(latent_size)),
        "wrong order": joined_with(lambda self, images: self.encoder(self.decoder(images))),
        "parts swapped": lambda latent_size: ae.Autoencoder(make_decoder(latent_size), make_encoder(latent_size)),
        "forward returns the code": joined_with(lambda self, images: self.encoder(images)),
        "encoder twice": joined_with(lambda self, images: self.encoder(self.encoder(images))),
        "returns a tuple": joined_with(lambda self, images: (self.encoder(images), self.decoder(self.encoder(images)))),
        "parts do not fit": lambda latent_size: ae.Autoencoder(make_encoder(latent_size), make_decoder(10)),
        "latent size not used": lambda latent_size: ae.Autoencoder(make_encoder(32), make_decoder(32)),
        "encoder returns the image": lambda k: ae.Autoencoder(
            nn.Sequential(make_encoder(k), make_decoder(k)), make_decoder(k)
        ),
        "no two parts": lambda latent_size: nn.Sequential(make_encoder(latent_size), make_decoder(latent_size)),
        "no gradient": joined_with(lambda self, images: self.decoder(self.encoder(images).detach())),
        "not its own parts": [
            joined_with(lambda self, images: (self.decoder(self.encoder(images)) + images) / 2),
            joined_with(lambda self, images: make_decoder(self.encoder(images).shape[1])(self.encoder(images))),
        ],
        "returns the class": lambda latent_size: Joined,
        "not a module": lambda latent_size: (make_encoder(latent_size), make_decoder(latent_size)),
        "not a function": Joined(32),
        "parts not called": lambda latent_size: ae.Autoencoder(encoder_of, folded),
    },
)


@fresh("autoencoder")
def the_class_itself():
    class Own(nn.Module):
        def __init__(self, latent_size):
            super().__init__()
            self.encoder, self.decoder = encoder_of()(latent_size), folded(nn.Sigmoid())(latent_size)

        def forward(self, images):
            return self.decoder(self.encoder(images))

    return Own
