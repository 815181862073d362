"""A sample of the mutants of tools/mutants.py: checks name what is wrong with answers they were not tuned for."""

import mutants
import pytest

import aeutils as ae

pytestmark = [pytest.mark.data_free, pytest.mark.slow]


@pytest.mark.parametrize("name", mutants.INPUTS)
def test_mutants_are_told_what_is_wrong(name):
    rows = mutants.judged(name, 3)
    general = [(text, reply) for text, reply in rows if reply.misconception in mutants.GENERAL]
    assert rows and not [text for text, reply in rows if reply], "a wrong answer passes"
    assert len(general) <= 1, general


def test_solution_itself_behaves_like_itself_and_a_mutant_does_not():
    asked = ae.check.QUESTIONS["cosine"]
    (tree,), space = mutants.solutions(asked)
    right = mutants.compiled(tree, space)
    assert mutants.same_behaviour(right, right, asked)
    changed = [mutants.compiled(mutant, space) for mutant in mutants.mutants(tree)]
    assert sum(not mutants.same_behaviour(right, each, asked) for each in changed) > 20
