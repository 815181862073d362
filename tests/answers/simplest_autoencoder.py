"""Answers to the questions of notebook 03."""

import aeutils as ae
import numpy as np
import torch
from torch import nn

from answers import right, wrong


@right("parameter_count")
def weights_and_biases_of_both_layers():
    return lambda pixels, latent_size: (pixels + 1) * latent_size + (latent_size + 1) * pixels


@right("parameter_count")
def builds_the_network_and_counts():
    return lambda pixels, latent_size: ae.count_parameters(ae.fully_connected((1, 1, pixels), latent_size))


@right("parameter_count")
def adds_up_the_sizes_of_two_layers():
    def count(pixels, latent_size):
        layers = nn.Linear(pixels, latent_size), nn.Linear(latent_size, pixels)
        return torch.tensor([part.numel() for layer in layers for part in layer.parameters()]).sum()

    return count


@wrong("parameter_count", "no biases")
def weights_only():
    return lambda pixels, latent_size: 2 * pixels * latent_size


@wrong("parameter_count", "encoder only")
def the_encoder():
    return lambda pixels, latent_size: pixels * latent_size + latent_size


@wrong("parameter_count", "decoder only")
def the_decoder():
    return lambda pixels, latent_size: pixels * latent_size + pixels


@wrong("parameter_count", "one layer")
def one_layer_without_biases():
    return lambda pixels, latent_size: pixels * latent_size


@wrong("parameter_count", "weights once")
def one_set_of_weights_for_both():
    return lambda pixels, latent_size: pixels * latent_size + latent_size + pixels


@wrong("parameter_count", "decoder's biases forgotten")
def biases_of_the_code_only():
    return lambda pixels, latent_size: 2 * pixels * latent_size + latent_size


@wrong("parameter_count", "encoder's biases forgotten")
def biases_of_the_pixels_only():
    return lambda pixels, latent_size: 2 * pixels * latent_size + pixels


@wrong("parameter_count", "one bias per layer")
def one_bias_for_each_layer():
    return lambda pixels, latent_size: 2 * pixels * latent_size + 2


@wrong("parameter_count", "biases of inputs")
def biases_on_both_sides_of_each_layer():
    return lambda pixels, latent_size: 2 * (pixels * latent_size + latent_size + pixels)


@wrong("parameter_count", "another number")
def the_number_of_the_notebook():
    return lambda pixels, latent_size: 410_020


def spread(images):
    return (images - images.mean(0)).square().sum((1, 2, 3)).mean()


@right("spread_kept")
def spread_by_spread():
    return lambda model, images: spread(model(images)) / spread(images)


@right("spread_kept")
def variances_of_the_pixels():
    return lambda model, images: (model(images).var(0).sum() / images.var(0).sum()).item()


@right("spread_kept")
def numpy_and_detached():
    def kept(model, images):
        made, given = model(images).detach().flatten(1).numpy(), images.flatten(1).numpy()
        return np.var(made, axis=0).sum() / np.var(given, axis=0).sum()

    return kept


@right("spread_kept")
def the_error_of_the_mean_image():
    def kept(model, images):
        with torch.no_grad():
            parts = [
                ae.reconstruction_error(each.mean(0).expand_as(each), each).item() for each in (model(images), images)
            ]
        return parts[0] / parts[1]

    return kept


@right("spread_kept")
def encodes_and_decodes_image_by_image():
    def kept(model, images):
        made = torch.cat([model.decoder(model.encoder(image[None])) for image in images])
        return sum((image - made.mean(0)).square().sum() for image in made) / spread(images) / len(images)

    return kept


@wrong("spread_kept", "not squared")
def standard_deviations():
    return lambda model, images: (spread(model(images)) / spread(images)).sqrt()


@wrong("spread_kept", "upside down")
def images_by_reconstructions():
    return lambda model, images: spread(images) / spread(model(images))


@wrong("spread_kept", "not the reconstructions")
def forgets_the_model():
    return lambda model, images: spread(images) / spread(images)


@wrong("spread_kept", "not divided")
def the_spread_alone():
    return lambda model, images: spread(model(images))


@wrong("spread_kept", "lost, not kept")
def one_minus():
    return lambda model, images: 1 - spread(model(images)) / spread(images)


@wrong("spread_kept", "one mean for all pixels")
def the_mean_of_all_numbers():
    return lambda model, images: model(images).var() / images.var()


@wrong("spread_kept", "one mean for all pixels")
def the_mean_of_each_image():
    return lambda model, images: model(images).flatten(1).var(1).sum() / images.flatten(1).var(1).sum()


@wrong("spread_kept", "the error")
def error_by_spread():
    return lambda model, images: ae.reconstruction_error(model(images), images) / spread(images)


@wrong("spread_kept", "the error")
def share_explained():
    return lambda model, images: 1 - ae.reconstruction_error(model(images), images) / spread(images)


@wrong("spread_kept", "mean of the inputs")
def from_the_mean_of_the_inputs():
    def kept(model, images):
        return (model(images) - images.mean(0)).square().sum((1, 2, 3)).mean() / spread(images)

    return kept


@wrong("spread_kept", "not one number")
def one_share_for_each_image():
    return lambda model, images: (model(images) - model(images).mean(0)).square().sum((1, 2, 3)) / spread(images)


@wrong("spread_kept", "raises")
def numpy_without_detach():
    return lambda model, images: np.var(model(images).numpy(), axis=0).sum() / images.var(0).sum()


@wrong("spread_kept", "another number")
def the_spread_of_the_code():
    return lambda model, images: model.encoder(images).var(0).mean() / images.var(0).sum()


@right("keep_back_people")
def every_fifth_of_the_people_who_occur():
    return lambda people: torch.isin(people, people.unique()[::5])


@right("keep_back_people")
def the_last_fifth_as_a_list():
    def keep_back(people):
        names = sorted(set(people.tolist()))
        return [person in names[-max(1, len(names) // 5) :] for person in people.tolist()]

    return keep_back


@right("keep_back_people")
def random_people():
    def keep_back(people):
        names = people.unique()
        chosen = names[torch.randperm(len(names))[: max(1, round(len(names) / 5))]]
        return (people[:, None] == chosen).any(1)

    return keep_back


@right("keep_back_people")
def the_highest_numbers_as_the_notebook_does():
    return lambda people: people > people.max() * 0.8


@right("keep_back_people")
def numpy_and_remainders():
    return lambda people: np.isin(people.numpy() % 5, [0])


@wrong("keep_back_people", "chooses images")
def every_fifth_image():
    return lambda people: torch.arange(len(people)) % 5 == 0


@wrong("keep_back_people", "chooses images")
def random_images():
    return lambda people: torch.rand(len(people)) < 0.2


@wrong("keep_back_people", "trusts the order")
def the_last_fifth_of_the_images():
    return lambda people: torch.arange(len(people)) >= len(people) * 0.8


@wrong("keep_back_people", "nobody kept back")
def people_of_the_olivetti_faces():
    return lambda people: people >= 32


@wrong("keep_back_people", "nobody kept back")
def a_list_of_people_typed_in():
    return lambda people: [person in (0, 5, 10, 15, 20, 25, 30, 35) for person in people]


@wrong("keep_back_people", "turned round")
def true_for_training():
    return lambda people: people <= people.max() * 0.8


@wrong("keep_back_people", "not a fifth")
def one_person_only():
    return lambda people: people == people[0]


@wrong("keep_back_people", "not a mask")
def positions_instead_of_a_mask():
    return lambda people: (people > people.max() * 0.8).nonzero()[:, 0]


@wrong("keep_back_people", "not a mask")
def the_people_instead_of_a_mask():
    return lambda people: people[people > people.max() * 0.8]


@wrong("keep_back_people", "nobody left")
def everybody():
    return lambda people: people >= 0


@right("dead_code_numbers")
def all_along_the_images():
    return lambda codes: int((codes == 0).all(dim=0).sum())


@right("dead_code_numbers")
def sums_of_sizes_in_a_loop():
    return lambda codes: sum(1 for column in codes.T if column.abs().sum() == 0)


@right("dead_code_numbers")
def a_tensor_instead_of_an_int():
    return lambda codes: (codes != 0).any(0).logical_not().sum()


@wrong("dead_code_numbers", "counts zeros")
def counts_every_zero():
    return lambda codes: (codes == 0).sum()


@wrong("dead_code_numbers", "counts images")
def looks_along_the_code():
    return lambda codes: (codes == 0).all(dim=1).sum()


@wrong("dead_code_numbers", "looks at one image")
def looks_at_the_first_image():
    return lambda codes: (codes[0] == 0).sum()


@wrong("dead_code_numbers", "any zero")
def a_zero_anywhere():
    return lambda codes: (codes == 0).any(dim=0).sum()


@wrong("dead_code_numbers", "counts the living")
def counts_those_that_are_used():
    return lambda codes: (codes != 0).any(dim=0).sum()


@wrong("dead_code_numbers", "adds up")
def sums_that_are_0():
    return lambda codes: (codes.sum(dim=0) == 0).sum()


@wrong("dead_code_numbers", "positive only")
def nothing_above_0():
    return lambda codes: (codes.amax(dim=0) <= 0).sum()


@wrong("dead_code_numbers", "not one number")
def which_instead_of_how_many():
    return lambda codes: (codes == 0).all(dim=0)


@wrong("dead_code_numbers", "another number")
def the_number_in_this_example():
    return lambda codes: 3


@wrong("dead_code_numbers", "returns nothing")
def forgets_to_return():
    def count_dead(codes):
        (codes == 0).all(dim=0).sum()

    return count_dead
