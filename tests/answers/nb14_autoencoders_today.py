"""Answers to the questions of notebook 14."""

import math

import torch

from answers import fresh, right, wrong


@right("bits_as_symbols")
def logarithm_rounded_up(rows, columns, size):
    return math.ceil(math.log2(size)) * rows * columns


@right("bits_as_symbols")
def digits_of_the_highest_number(rows, columns, size):
    return rows * columns * (size - 1).bit_length()


@right("bits_as_symbols")
def doubles_until_it_is_enough(rows, columns, size):
    bits = 0
    while 2**bits < size:
        bits += 1
    return torch.tensor(rows * columns * bits)


@right("rounding_straight_through")
def numbers_and_the_detached_difference(numbers):
    return numbers + (torch.round(numbers) - numbers).detach()


@right("rounding_straight_through")
def rounded_and_a_gradient_from_nothing(numbers):
    return numbers.round().detach() + numbers - numbers.detach()


@right("rounding_straight_through")
def a_function_with_a_gradient_of_its_own(numbers):
    class Through(torch.autograd.Function):
        @staticmethod
        def forward(ctx, given):
            return given.round()

        @staticmethod
        def backward(ctx, gradient):
            return gradient

    return Through.apply(numbers)


@wrong("rounding_straight_through", "no gradient")
def rounded_and_detached(numbers):
    return numbers.round().detach()


@wrong("rounding_straight_through", "wrong gradient")
def rounded_only(numbers):
    return numbers.round()


@wrong("rounding_straight_through", "wrong gradient")
def nothing_detached(numbers):
    return numbers + (numbers.round() - numbers)


@wrong("rounding_straight_through", "wrong gradient")
def a_gradient_times_the_numbers(numbers):
    return numbers.round().detach() + (numbers.square() - numbers.square().detach()) / 2


@wrong("rounding_straight_through", "not whole")
def a_smooth_step(numbers):
    return numbers - torch.sin(2 * math.pi * numbers) / (2 * math.pi)


@wrong("rounding_straight_through", "wrong gradient")
def gradient_of_the_mean(numbers):
    return numbers.round().detach() + (numbers - numbers.detach()).mean()


@right("next_symbol")
def pairs_as_single_numbers(given, symbols, size):
    counts = torch.bincount(given * size + symbols, minlength=size * size).reshape(size, size) + 1
    return counts / counts.sum(1)[:, None]


@right("next_symbol")
def one_pair_after_the_other(given, symbols, size):
    table = [[1] * size for _ in range(size)]
    for row, column in zip(given.tolist(), symbols.tolist(), strict=True):
        table[row][column] += 1
    return [[count / sum(row) for count in row] for row in table]


@right("next_symbol")
def a_product_of_ones_and_zeros(given, symbols, size):
    first, second = (torch.nn.functional.one_hot(each, size).float() for each in (given, symbols))
    return torch.nn.functional.normalize(first.T @ second + 1, p=1, dim=1)


@wrong("next_symbol", "each pair once")
def adds_by_index(given, symbols, size):
    table = torch.ones(size, size)
    table[given, symbols] += 1
    return table / table.sum(1, keepdim=True)


@wrong("next_symbol", "rounded")
def whole_parts_of_shares(given, symbols, size):
    counts = torch.bincount(given * size + symbols, minlength=size * size).reshape(size, size) + 1
    return counts // counts.sum(1, keepdim=True)


@wrong("next_symbol", "0 and 1")
def the_most_frequent_alone(given, symbols, size):
    return torch.nn.functional.one_hot(pairs_as_single_numbers(given, symbols, size).argmax(1), size).float()


@fresh("next_symbol", "remembers")
def counts_in_a_default_table():
    def counted(given, symbols, size, tables={}):  # noqa: B006  the mistake
        table = tables.setdefault(size, torch.ones(size, size))
        for pair in zip(given, symbols, strict=True):
            table[pair] += 1
        return table / table.sum(1, keepdim=True)

    return counted


@right("patches_hidden")
def ranks_by_sorting_twice(numbers, count):
    ranks = numbers.flatten(1).argsort(1).argsort(1)
    small = (ranks < count).reshape(-1, 1, 4, 4)
    return small.repeat_interleave(7, 2).repeat_interleave(7, 3)


@right("patches_hidden")
def places_of_the_lowest(numbers, count):
    places = numbers.flatten(1).topk(count, largest=False).indices
    small = torch.zeros(len(numbers), 16).scatter(1, places, 1).reshape(-1, 1, 4, 4)
    return torch.nn.functional.interpolate(small, scale_factor=7).bool()


@wrong("patches_hidden", "fails for 0")
def up_to_the_highest_that_is_hidden(numbers, count):
    bound = numbers.flatten(1).sort(1).values[:, count - 1]
    small = numbers <= bound[:, None, None]
    return torch.kron(small.float(), torch.ones(7, 7))[:, None].bool()


@right("patches_hidden")
def patch_by_patch(numbers, count):
    hidden = torch.zeros(len(numbers), 1, 28, 28, dtype=torch.bool)
    for image, own in zip(hidden, numbers, strict=True):
        for place in own.flatten().argsort()[:count].tolist():
            row, column = divmod(place, 4)
            image[0, 7 * row : 7 * row + 7, 7 * column : 7 * column + 7] = True
    return hidden


@wrong("patches_hidden", "numbers is squared")
def nearest_to_0(numbers, count):
    return ranks_by_sorting_twice(numbers.abs(), count)


@wrong("patches_hidden", "mirrored")
def upside_down(numbers, count):
    return ranks_by_sorting_twice(numbers, count).flip(2)


@wrong("patches_hidden", "rank and place exchanged")
def sorts_once(numbers, count):
    small = (numbers.flatten(1).argsort(1) < count).reshape(-1, 1, 4, 4)
    return small.repeat_interleave(7, 2).repeat_interleave(7, 3)


@wrong("patches_hidden", "fails for all 16")
def below_the_next_one(numbers, count):
    bound = numbers.flatten(1).sort(1).values[:, count]
    return ranks_by_sorting_twice(torch.where(numbers < bound[:, None, None], 0, 1), count)


@wrong("patches_hidden", "fails for all 16")
def below_a_quantile(numbers, count):
    small = numbers < numbers.flatten(1).quantile(count / 16, dim=1)[:, None, None]
    return small[:, None].repeat_interleave(7, 2).repeat_interleave(7, 3)


@wrong("next_symbol", "too few numbers to count with")
def counts_of_half_precision(given, symbols, size):
    table = torch.ones(size, size, dtype=torch.float16)
    for pair in zip(given, symbols, strict=True):
        table[pair] += 1
    return (table / table.sum(1, keepdim=True)).float()
