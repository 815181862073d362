"""Answers to the questions of notebook 12."""

import math

import aeutils as ae
import numpy as np
import torch
from torch.nn import functional
from torchvision.transforms import functional as transforms

from answers import right, wrong


def half_wave(way):
    """From 1 to 0 along half a cosine."""
    return 0.5 * (1 + math.cos(math.pi * way))


def after_warm_up(fall):
    """A schedule whose warm-up is right; fall(way), as a part of the highest rate, comes afterwards."""

    def schedule(progress, learning_rate):
        return learning_rate * (progress / 0.1 if progress < 0.1 else fall((progress - 0.1) / 0.9))

    return schedule


def with_warm_up(rise):
    """A schedule whose fall is right; rise(progress), as a part of the highest rate, comes before."""

    def schedule(progress, learning_rate):
        return learning_rate * (rise(progress) if progress < 0.1 else half_wave((progress - 0.1) / 0.9))

    return schedule


@right("warm_cosine")
def as_in_the_formula():
    def schedule(progress, learning_rate):
        if progress < 0.1:
            return learning_rate * progress / 0.1
        return learning_rate * 0.5 * (1 + math.cos(math.pi * (progress - 0.1) / 0.9))

    return schedule


@right("warm_cosine")
def the_smaller_of_two_rates():
    def schedule(progress, learning_rate):
        way = max(progress - 0.1, 0) / 0.9
        return min(learning_rate * 10 * progress, learning_rate * math.cos(way * math.pi / 2) ** 2)

    return schedule


@right("warm_cosine")
def a_sine_that_falls():
    return after_warm_up(lambda way: (1 - math.sin(math.pi * (way - 0.5))) / 2)


@right("warm_cosine")
def numbers_of_numpy():
    def schedule(progress, learning_rate):
        way = np.clip((progress - 0.1) / 0.9, 0, 1)
        return np.interp(progress, [0, 0.1], [0, learning_rate]) * (1 + np.cos(np.pi * way)) / 2

    return schedule


@right("warm_cosine")
def an_array_without_axes():
    def schedule(progress, learning_rate):
        falling = (1 + np.cos(np.pi * (progress - 0.1) / 0.9)) / 2
        return learning_rate * np.where(progress < 0.1, np.array(progress / 0.1), falling)

    return schedule


@right("warm_cosine")
def tensors_without_axes():
    def schedule(progress, learning_rate):
        progress = torch.tensor(progress)
        falling = (1 + torch.cos(torch.pi * (progress - 0.1) / 0.9)) / 2
        return learning_rate * torch.where(progress <= 0.1, progress / 0.1, falling)

    return schedule


@right("warm_cosine")
def whole_numbers_at_the_ends():
    def schedule(progress, learning_rate):
        return 0 if progress in (0, 1) else as_in_the_formula()(progress, learning_rate)

    return schedule


@wrong("warm_cosine", "no warm-up")
def a_cosine_from_the_beginning():
    return lambda progress, learning_rate: learning_rate * half_wave(progress)


@wrong("warm_cosine", "no warm-up")
def waits_at_the_highest_rate():
    return with_warm_up(lambda progress: 1)


@wrong("warm_cosine", "no warm-up")
def forgets_the_first_part():
    return lambda progress, learning_rate: learning_rate * half_wave((progress - 0.1) / 0.9)


@wrong("warm_cosine", "wave from 0 on")
def wave_over_all_of_the_progress():
    def schedule(progress, learning_rate):
        return learning_rate * (progress / 0.1 if progress < 0.1 else half_wave(progress))

    return schedule


@wrong("warm_cosine", "wave from 0 on")
def wave_times_warm_up():
    return lambda progress, learning_rate: learning_rate * min(1, progress / 0.1) * half_wave(progress)


@wrong("warm_cosine", "wave from 0 on")
def the_smaller_one_of_a_wave_over_all():
    return lambda progress, learning_rate: learning_rate * min(progress / 0.1, half_wave(progress))


@wrong("warm_cosine", "not moved")
def divides_and_does_not_subtract():
    return after_warm_up(lambda way: half_wave((0.9 * way + 0.1) / 0.9))


@wrong("warm_cosine", "not stretched")
def subtracts_and_does_not_divide():
    return after_warm_up(lambda way: half_wave(0.9 * way))


@wrong("warm_cosine", "whole wave")
def two_pi():
    return after_warm_up(lambda way: half_wave(2 * way))


@wrong("warm_cosine", "quarter wave")
def half_of_pi():
    return after_warm_up(lambda way: math.cos(math.pi / 2 * way))


@wrong("warm_cosine", "quarter wave")
def a_quarter_of_a_sine():
    return after_warm_up(lambda way: 1 - math.sin(math.pi / 2 * way))


@wrong("warm_cosine", "straight fall")
def falls_straight():
    return after_warm_up(lambda way: 1 - way)


@wrong("warm_cosine", "forgets pi")
def without_pi():
    return after_warm_up(lambda way: 0.5 * (1 + math.cos(way)))


@wrong("warm_cosine", "degrees")
def half_a_turn_in_degrees():
    return after_warm_up(lambda way: 0.5 * (1 + math.cos(180 * way)))


@wrong("warm_cosine", "never falls")
def turns_radians_into_radians():
    return after_warm_up(lambda way: 0.5 * (1 + math.cos(math.radians(math.pi * way))))


@wrong("warm_cosine", "upside down")
def minus_the_cosine():
    return after_warm_up(lambda way: 0.5 * (1 - math.cos(math.pi * way)))


@wrong("warm_cosine", "not halved")
def forgets_the_half():
    return after_warm_up(lambda way: 1 + math.cos(math.pi * way))


@wrong("warm_cosine", "below 0")
def the_cosine_itself():
    return after_warm_up(lambda way: math.cos(math.pi * way))


@wrong("warm_cosine", "below 0")
def half_the_cosine():
    return after_warm_up(lambda way: 0.5 * math.cos(math.pi * way))


@wrong("warm_cosine", "below 0")
def brackets_forgotten():
    return after_warm_up(lambda way: 0.5 * 1 + math.cos(math.pi * way))


@wrong("warm_cosine", "above the highest")
def half_added_to_the_cosine():
    return after_warm_up(lambda way: 1 + 0.5 * math.cos(math.pi * way))


@wrong("warm_cosine", "never reaches 0")
def keeps_a_tenth():
    return after_warm_up(lambda way: 0.1 + 0.9 * half_wave(way))


@wrong("warm_cosine", "never reaches 0")
def only_half_the_way_down():
    return after_warm_up(lambda way: half_wave(way / 2))


@wrong("warm_cosine", "another fall")
def the_wave_squared():
    return after_warm_up(lambda way: half_wave(way) ** 2)


@wrong("warm_cosine", "another fall")
def there_and_back_again():
    return after_warm_up(lambda way: abs(math.cos(1.5 * math.pi * way)))


@wrong("warm_cosine", "never falls")
def warm_up_alone():
    return lambda progress, learning_rate: learning_rate * min(1, progress / 0.1)


@wrong("warm_cosine", "never changes")
def the_rate_as_it_came():
    return lambda progress, learning_rate: learning_rate


@wrong("warm_cosine", "warm-up never ends")
def rises_for_ever():
    return lambda progress, learning_rate: learning_rate * progress / 0.1


@wrong("warm_cosine", "only rises")
def highest_at_the_end():
    return lambda progress, learning_rate: learning_rate * progress


@wrong("warm_cosine", "percent")
def progress_up_to_a_hundred():
    def schedule(progress, learning_rate):
        return learning_rate * (progress / 10 if progress < 10 else half_wave((progress - 10) / 90))

    return schedule


@wrong("warm_cosine", "parts exchanged")
def greater_for_less():
    def schedule(progress, learning_rate):
        return learning_rate * (progress / 0.1 if progress > 0.1 else half_wave((progress - 0.1) / 0.9))

    return schedule


@wrong("warm_cosine", "one cycle")
def what_fit_does_anyway():
    return ae.optimizers.one_cycle


@wrong("warm_cosine", "arguments swapped")
def takes_the_rate_first():
    return lambda learning_rate, progress: as_in_the_formula()(progress, learning_rate)


@wrong("warm_cosine", "ignores learning_rate")
def a_part_and_no_rate():
    return lambda progress, learning_rate: as_in_the_formula()(progress, 1)


@wrong("warm_cosine", "ignores learning_rate")
def a_rate_of_its_own():
    return lambda progress, learning_rate: as_in_the_formula()(progress, 0.01)


@wrong("warm_cosine", "does not begin at 0")
def begins_at_a_25th():
    return with_warm_up(lambda progress: 0.04 + 0.96 * progress / 0.1)


@wrong("warm_cosine", "0 at first")
def whole_number_division():
    return with_warm_up(lambda progress: progress // 0.1)


@wrong("warm_cosine", "another pace")
def rises_for_a_fifth():
    def schedule(progress, learning_rate):
        return learning_rate * (progress / 0.2 if progress < 0.2 else half_wave((progress - 0.2) / 0.8))

    return schedule


@wrong("warm_cosine", "another pace")
def rises_for_a_twentieth():
    def schedule(progress, learning_rate):
        return learning_rate * (progress / 0.05 if progress < 0.05 else half_wave((progress - 0.05) / 0.95))

    return schedule


@wrong("warm_cosine", "another pace")
def does_not_divide_by_a_tenth():
    return with_warm_up(lambda progress: progress)


@wrong("warm_cosine", "bent warm-up")
def rises_along_a_cosine():
    return with_warm_up(lambda progress: 1 - half_wave(progress / 0.1))


@wrong("warm_cosine", "bent warm-up")
def rises_as_the_square():
    return with_warm_up(lambda progress: (progress / 0.1) ** 2)


@wrong("warm_cosine", "returns nothing")
def no_return_in_the_second_part():
    def schedule(progress, learning_rate):
        if progress < 0.1:
            return learning_rate * progress / 0.1
        half_wave((progress - 0.1) / 0.9)

    return schedule


@wrong("warm_cosine", "raises")
def cosine_of_torch_for_a_plain_number():
    return after_warm_up(lambda way: (1 + torch.cos(torch.pi * way)) / 2)


@wrong("warm_cosine", "raises")
def takes_the_progress_alone():
    return lambda progress: half_wave(progress)


@wrong("warm_cosine", "not one number")
def the_rates_of_all_training():
    return lambda progress, learning_rate: learning_rate * np.linspace(0, 1, 10)


@wrong("warm_cosine", "not a number")
def a_text():
    return lambda progress, learning_rate: f"{learning_rate * half_wave(progress)}"


@wrong("warm_cosine", "not a function")
def the_rate_of_one_moment():
    return as_in_the_formula()(0.5, 0.01)


def moved(images, down, right):
    """The right answer: cut out of a larger black image."""
    return functional.pad(images, (6, 6, 6, 6))[:, :, 6 - down : 34 - down, 6 - right : 34 - right]


def padded(**options):
    """A shift that pads in some way, and cuts."""

    def shift(images, down, right):
        larger = functional.pad(images, (3, 3, 3, 3), **options)
        return larger[:, :, 3 - down : 31 - down, 3 - right : 31 - right]

    return shift


@right("shift_without_wrapping")
def cut_out_of_a_larger_image():
    return moved


@right("shift_without_wrapping")
def padding_that_may_be_negative():
    return lambda images, down, right: functional.pad(images, (right, -right, down, -down))


@right("shift_without_wrapping")
def rolls_and_blackens():
    def shift(images, down, right):
        made = torch.roll(images, (down, right), (2, 3))
        if down > 0:
            made[:, :, :down] = 0
        if down < 0:
            made[:, :, down:] = 0
        if right > 0:
            made[..., :right] = 0
        if right < 0:
            made[..., right:] = 0
        return made

    return shift


@right("shift_without_wrapping")
def slices_with_both_bounds():
    def shift(images, down, right):
        made = torch.zeros_like(images)
        rows, columns = slice(max(down, 0), 28 + min(down, 0)), slice(max(right, 0), 28 + min(right, 0))
        old_rows, old_columns = slice(max(-down, 0), 28 - max(down, 0)), slice(max(-right, 0), 28 - max(right, 0))
        made[:, :, rows, columns] = images[:, :, old_rows, old_columns]
        return made

    return shift


@right("shift_without_wrapping")
def pixel_by_pixel():
    def shift(images, down, right):
        made = torch.zeros_like(images)
        for row in range(28):
            for column in range(28):
                if 0 <= row - down < 28 and 0 <= column - right < 28:
                    made[:, 0, row, column] = images[:, 0, row - down, column - right]
        return made

    return shift


@right("shift_without_wrapping")
def products_with_shifted_unit_matrices():
    def shift(images, down, right):
        rows = torch.diag(torch.ones(28 - abs(down)), -down)
        return rows @ images @ torch.diag(torch.ones(28 - abs(right)), right)

    return shift


@right("shift_without_wrapping")
def an_affine_map_of_torchvision():
    return lambda images, down, right: transforms.affine(images, 0, [right, down], 1, [0, 0])


@right("shift_without_wrapping")
def a_grid_with_rounding():
    def shift(images, down, right):
        maps = torch.tensor([[1, 0, -2 * right / 28], [0, 1, -2 * down / 28]]).repeat(len(images), 1, 1)
        return functional.grid_sample(
            images, functional.affine_grid(maps, list(images.shape), align_corners=False), align_corners=False
        )

    return shift


@right("shift_without_wrapping")
def row_by_row_in_numpy():
    def shift(images, down, right):
        made = np.zeros_like(images.numpy())
        for row in range(28):
            if 0 <= row + down < 28:
                for column in range(max(0, -right), min(28, 28 - right)):
                    made[:, :, row + down, column + right] = images.numpy()[:, :, row, column]
        return torch.from_numpy(made)

    return shift


@wrong("shift_without_wrapping", "wraps round")
def rolls():
    return lambda images, down, right: torch.roll(images, (down, right), (2, 3))


@wrong("shift_without_wrapping", "wraps round")
def rolls_the_other_way():
    return lambda images, down, right: torch.roll(images, (-down, -right), (2, 3))


@wrong("shift_without_wrapping", "wraps round")
def rolls_along_the_channel():
    return lambda images, down, right: torch.roll(images, (down, right), (1, 2))


@wrong("shift_without_wrapping", "wraps round")
def blackens_rows_only():
    def shift(images, down, right):
        made = torch.roll(images, (down, right), (2, 3))
        made[:, :, :down] = 0
        return made

    return shift


@wrong("shift_without_wrapping", "opposite way")
def up_and_left():
    return lambda images, down, right: moved(images, -down, -right)


@wrong("shift_without_wrapping", "up, not down")
def up_and_right():
    return lambda images, down, right: moved(images, -down, right)


@wrong("shift_without_wrapping", "left, not right")
def down_and_left():
    return lambda images, down, right: moved(images, down, -right)


@wrong("shift_without_wrapping", "down and right swapped")
def columns_first():
    return lambda images, down, right: moved(images, right, down)


@wrong("shift_without_wrapping", "one direction only")
def only_down():
    return lambda images, down, right: moved(images, down, 0)


@wrong("shift_without_wrapping", "one direction only")
def only_right():
    return lambda images, down, right: moved(images, 0, right)


@wrong("shift_without_wrapping", "one direction only")
def the_second_overwrites_the_first():
    def shift(images, down, right):
        made = torch.zeros_like(images)
        made[:, :, down:] = images[:, :, : 28 - down]
        made = torch.zeros_like(images)
        made[..., right:] = images[..., : 28 - right]
        return made

    return shift


@wrong("shift_without_wrapping", "not moved")
def returns_what_came():
    def shift(images, down, right):
        moved(images, down, right)
        return images

    return shift


@wrong("shift_without_wrapping", "another distance")
def twice_as_far():
    return lambda images, down, right: moved(moved(images, down, right), down, right)


@wrong("shift_without_wrapping", "another distance")
def one_too_far():
    return lambda images, down, right: moved(images, down + 1, right + 1)


@wrong("shift_without_wrapping", "changes the images")
def blackens_in_the_images():
    def shift(images, down, right):
        images[:, :, 28 - down :] = 0
        images[..., 28 - right :] = 0
        return torch.roll(images, (down, right), (2, 3))

    return shift


@wrong("shift_without_wrapping", "changes the images")
def moves_in_place():
    def shift(images, down, right):
        images[:] = moved(images, down, right)
        return images

    return shift


@wrong("shift_without_wrapping", "rim repeated")
def pads_with_the_rim():
    return padded(mode="replicate")


@wrong("shift_without_wrapping", "rim repeated")
def takes_the_nearest_pixel_there_is():
    def shift(images, down, right):
        rows = (torch.arange(28) - down).clamp(0, 27)
        return images[:, :, rows][..., (torch.arange(28) - right).clamp(0, 27)]

    return shift


@wrong("shift_without_wrapping", "not black")
def fills_with_white():
    return padded(value=1.0)


@wrong("shift_without_wrapping", "not black")
def moves_a_clone_and_leaves_the_old_rim():
    def shift(images, down, right):
        made = images.clone()
        made[:, :, down:, right:] = images[:, :, : 28 - down, : 28 - right]
        return made

    return shift


@wrong("shift_without_wrapping", "not black")
def mirrors_at_the_rim():
    return padded(mode="reflect")


@wrong("shift_without_wrapping", "larger")
def pads_and_does_not_cut():
    return lambda images, down, right: functional.pad(images, (right, 0, down, 0))


@wrong("shift_without_wrapping", "larger")
def pads_on_all_sides():
    return lambda images, down, right: functional.pad(images, (right, right, down, down))


@wrong("shift_without_wrapping", "smaller")
def cuts_and_does_not_pad():
    return lambda images, down, right: images[:, :, : 28 - down, : 28 - right]


@wrong("shift_without_wrapping", "wrong shape")
def loses_the_channel():
    return lambda images, down, right: moved(images, down, right)[:, 0]


@wrong("shift_without_wrapping", "wrong shape")
def rows_of_pixels():
    return lambda images, down, right: moved(images, down, right).flatten(1)


@wrong("shift_without_wrapping", "fails for 0")
def slices_that_end_at_minus_zero():
    def shift(images, down, right):
        made = torch.zeros_like(images)
        made[:, :, down:, right:] = images[:, :, :-down, :-right]
        return made

    return shift


@wrong("shift_without_wrapping", "fails for 0")
def pads_and_cuts_at_minus_zero():
    return lambda images, down, right: functional.pad(images, (right, 0, down, 0))[:, :, :-down, :-right]


@wrong("shift_without_wrapping", "fails for 0")
def blackens_everything_for_zero():
    def shift(images, down, right):
        made = torch.roll(images, (down, right), (2, 3))
        if down > 0:
            made[:, :, :down] = 0
        else:
            made[:, :, down:] = 0
        if right > 0:
            made[..., :right] = 0
        else:
            made[..., right:] = 0
        return made

    return shift


@wrong("shift_without_wrapping", "fails for 0")
def returns_nothing_for_zero():
    return lambda images, down, right: moved(images, down, right) if down and right else None


@wrong("shift_without_wrapping", "fails below 0")
def slices_for_positive_numbers():
    def shift(images, down, right):
        made = torch.zeros_like(images)
        made[:, :, down:, right:] = images[:, :, : 28 - down, : 28 - right]
        return made

    return shift


@wrong("shift_without_wrapping", "fails below 0")
def blackens_for_positive_numbers():
    def shift(images, down, right):
        made = torch.roll(images, (down, right), (2, 3))
        made[:, :, :down] = 0
        made[..., :right] = 0
        return made

    return shift


@wrong("shift_without_wrapping", "fails below 0")
def without_the_sign():
    return lambda images, down, right: moved(images, abs(down), abs(right))


@wrong("shift_without_wrapping", "fails below 0")
def both_below_zero_or_none():
    def shift(images, down, right):
        made = torch.zeros_like(images)
        if down >= 0 and right >= 0:
            made[:, :, down:, right:] = images[:, :, : 28 - down, : 28 - right]
        else:
            made[:, :, :down, :right] = images[:, :, -down:, -right:]
        return made

    return shift


@wrong("shift_without_wrapping", "black on the wrong side")
def blackens_below():
    def shift(images, down, right):
        made = torch.roll(images, (down, right), (2, 3))
        made[:, :, 28 - down :] = 0
        made[..., 28 - right :] = 0
        return made

    return shift


@wrong("shift_without_wrapping", "black on the wrong side")
def blackens_above_and_rolls_then():
    def shift(images, down, right):
        made = images.clone()
        made[:, :, :down] = 0
        made[..., :right] = 0
        return torch.roll(made, (down, right), (2, 3))

    return shift


@wrong("shift_without_wrapping", "too much black")
def blackens_a_frame():
    def shift(images, down, right):
        made = torch.zeros_like(images)
        made[:, :, 3:-3, 3:-3] = moved(images, down, right)[:, :, 3:-3, 3:-3]
        return made

    return shift


@wrong("shift_without_wrapping", "too much black")
def blackens_as_much_at_both_sides():
    def shift(images, down, right):
        made = moved(images, down, right)
        made[:, :, 28 - down :] = 0
        made[..., 28 - right :] = 0
        return made

    return shift


@wrong("shift_without_wrapping", "all black")
def forgets_to_fill():
    return lambda images, down, right: torch.zeros_like(images)


@wrong("shift_without_wrapping", "all black")
def cuts_along_images_and_channels():
    def shift(images, down, right):
        made = torch.zeros_like(images)
        made[down:, right:] = images[:-down, :-right]
        return made

    return shift


@wrong("shift_without_wrapping", "images moved")
def rolls_the_batch():
    return lambda images, down, right: torch.roll(images, (down, right), (0, 1))


@wrong("shift_without_wrapping", "images moved")
def black_images_come_in():
    return lambda images, down, right: torch.cat([torch.zeros_like(images[:down]), images[:-down]])


@wrong("shift_without_wrapping", "first image only")
def moves_the_first():
    def shift(images, down, right):
        made = images.clone()
        made[0] = moved(images[:1], down, right)[0]
        return made

    return shift


@wrong("shift_without_wrapping", "first image only")
def the_first_for_all():
    return lambda images, down, right: moved(images[:1], down, right).expand(len(images), 1, 28, 28)


@wrong("shift_without_wrapping", "mirrored")
def flips_for_the_signs():
    return lambda images, down, right: moved(images, down, right).flip(2, 3)


@wrong("shift_without_wrapping", "rows for columns")
def transposes():
    return lambda images, down, right: moved(images, down, right).transpose(2, 3)


@wrong("shift_without_wrapping", "into the next row")
def rolls_the_pixels_of_a_row():
    def shift(images, down, right):
        return torch.roll(images.flatten(1), 28 * down + right, 1).reshape(images.shape)

    return shift


@wrong("shift_without_wrapping", "into the next row")
def rolls_without_axes():
    return lambda images, down, right: torch.roll(torch.roll(images, 28 * down), right)


@wrong("shift_without_wrapping", "another image")
def a_mixture_of_two_places():
    return lambda images, down, right: (images + moved(images, down, right)) / 2


@wrong("shift_without_wrapping", "another image")
def darker_ones():
    return lambda images, down, right: 0.9 * moved(images, down, right)


@wrong("shift_without_wrapping", "not float32")
def doubles_of_numpy():
    def shift(images, down, right):
        made = np.zeros(images.shape)
        made[:] = moved(images, down, right).numpy()
        return torch.from_numpy(made)

    return shift


@wrong("shift_without_wrapping", "not a tensor")
def an_array():
    return lambda images, down, right: moved(images, down, right).numpy()


@wrong("shift_without_wrapping", "not a tensor")
def a_list_of_images():
    return lambda images, down, right: list(moved(images, down, right))


@wrong("shift_without_wrapping", "returns nothing")
def moves_and_returns_nothing():
    def shift(images, down, right):
        moved(images, down, right)

    return shift


@wrong("shift_without_wrapping", "raises")
def rolls_along_one_axis_too_few():
    return lambda images, down, right: torch.roll(images, (down, right), 2)


@wrong("shift_without_wrapping", "not a function")
def images_and_no_function():
    return moved(torch.rand(2, 1, 28, 28), 1, 1)


@right("gap_choice")
def nothing_twice():
    return "b"


@wrong("gap_choice", "chose a")
def blurred():
    return "a"


@wrong("gap_choice", "chose c")
def more_test_images():
    return "c"


@wrong("gap_choice", "chose d")
def smaller_steps():
    return "d"
