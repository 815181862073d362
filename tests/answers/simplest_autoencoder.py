"""Answers to the questions of notebook 03."""

from answers import right, wrong


@right("dead_code_numbers")
def all_along_the_pictures():
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


@wrong("dead_code_numbers", "counts pictures")
def looks_along_the_code():
    return lambda codes: (codes == 0).all(dim=1).sum()


@wrong("dead_code_numbers", "looks at one picture")
def looks_at_the_first_picture():
    return lambda codes: (codes[0] == 0).sum()


@wrong("dead_code_numbers", "returns nothing")
def forgets_to_return():
    def count_dead(codes):
        (codes == 0).all(dim=0).sum()

    return count_dead
