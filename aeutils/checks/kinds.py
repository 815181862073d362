"""Questions that are data: cases, the right function, and the mistakes, each with a hint and the wrong function itself.

The check runs the student's function on all cases. Where its results are not right, it names the mistake whose own
results they are; failing that, what is nearly right about them (explain.near_miss). Letters are data as well.
"""

from contextlib import suppress
import copy
from dataclasses import dataclass
from functools import partial
import inspect
from itertools import chain, takewhile
from numbers import Number
import random
import re
import time
import warnings

import numpy as np
import torch

from aeutils.checks import explain, probes, slips
from aeutils.checks.core import NotYet, attempt, call, question, require, require_own
from aeutils.checks.feedback import describe, rounded
from aeutils.checks.sandbox import TimeUpError


@dataclass(frozen=True)
class Mistake:
    """A misconception: its short name, a hint, and the functions that are written by students who have it."""

    name: str
    hint: str
    wrong: tuple


class Case:
    """What a student's function is given.

    shown: how the case is written in a panel, where its numbers say too little. name, hint: the misconception of who
    fails this case alone, after all before it were right.
    """

    def __init__(self, *given, shown="", name="", hint=""):
        self.given, self.shown, self.name, self.hint = given, shown, name, hint

    def copies(self):
        """The arguments, tensors and lists copied."""
        return [_copy(part) for part in self.given]


def ask(notebook, title, example, cases, hint, mistakes, passed="", tolerance=1e-3, **wishes):
    """Decorator that makes a question of the right function.

    example: how the notebook calls the student's function. cases: of Case, or tuples of arguments, or a function that
    makes them. hint: for who is wrong in a way that nobody foresaw. mistakes: {name: (hint, wrong function, ...)}, the
    most telling first; a result that explain.near_miss explains as well needs none. passed: what those are told who
    pass. tolerance: what may be missed, as a share of the number. wishes, all optional:

    gradient: place, or places, of the arguments whose gradient has to be that of the right function
    rules: {name: (hint, holds)}, in this order: holds(result, *arguments) says whether something is true that is true
        of the right result; {name: holds} where a mistake has that name and hint
    same: makes all results that are equally right the same, such as lambda pair: pair.sort().values
    slack: what may be missed in a tensor, as a share of its largest number
    dtype: of the result. form: what is asked for, in words. own: names of a library's functions that may not be used
    bare: True where a number in brackets would not do, as it never does where the right function gives Python's number
    """

    listed = tuple(Mistake(name, why, wrong) for name, (why, *wrong) in mistakes.items())

    def decorate(right):
        def look(answer):
            made = [case if isinstance(case, Case) else Case(*case) for case in (cases() if callable(cases) else cases)]
            trial = _Trial(answer, example, right, made, hint, tolerance, wishes)
            try:
                trial.require_right(listed)
                trial.require_kind()
                trial.require_gradient()
                require_own(answer, wishes.get("own", ()), "steps of your own", "It is right. Write it without that.")
            except TimeUpError:
                trial.require_so_far()
                raise
            return passed

        look.__name__, look.__doc__ = right.__name__, f"{example}: {inspect.cleandoc(right.__doc__)}"
        return question(notebook, title, example, right=right, mistakes=listed)(look)

    return decorate


def letter(name, notebook, title, right, wrong, passed=""):
    """Make a question whose answer is a letter: the right one, and {wrong letter: what it overlooks}."""

    def look(answer):
        text = str(answer) if type(answer) in (str, np.str_, np.ndarray, list, tuple, set) else ""
        letters = sorted([right, *wrong])
        given = _named(text, "".join(letters))
        expected = f"one of the letters {', '.join(letters)}, in quotes"
        quotes = 'Answer with a letter in quotes, such as "a".'
        require(given in letters, "not a letter", describe(answer), expected, quotes)
        require(given == right, f"chose {given}", f'"{given}"', "another of the letters", wrong.get(given, ""))
        return passed

    look.__name__, look.__doc__ = name, f"A letter: {title[0].lower()}{title[1:]}"
    return question(notebook, title, letters=wrong, right=right)(look)


SAYS = "i'[dm]|i|we|it|that|this|is|s|so|the|my|our|would|must|should|be|think|guess|believe|say|choose|pick|take|go|"
SAYS += "for|with|right|correct|best|true|only|one|probably|definitely|surely|answer|option|letter|choice|solution"
SAYS += "|claim|statement"
"""Words that stand before the letter, as in "I think it is c"."""
DOUBTS = r"and|or|nor|is(?! right| correct| true)|isn|are|not|no|never|wrong|false|incorrect|seems|looks|does|doesn|"
DOUBTS += r"can|cannot|a\W+(?:and|or)"
"""Words behind a letter that leave open whether it is the answer."""


def _named(text, letters):
    """The one of the letters that a text names, as "c", "I think (c)" and "c: its text" do; None if that is not clear.

    Of an "a " with small letters behind it, it is not clear: that may be the article.
    """
    ends = r"\s*[-\u2013\u2014:;.,=*(\])]|(?<!a)\s|\s(?=because|since|(?-i:[A-Z][a-z ]))"
    other = rf"(?!\1)\b[{letters}]\s*(?:[:.,?)\]]|$)"  # "b: its text" names one letter, "a) or b)" two
    behind = rf"(?:{ends})(?!\W*(?:{DOUBTS}|(?!\1|a)[{letters}])\b)(?!.*{other}).*"
    named = rf"(?:(?:{SAYS})\b|[\W_])*+(?<!\w')([{letters}])(?:\W*|{behind})"
    found = re.fullmatch(named, text.replace("\u2019", "'").strip(), re.DOTALL | re.IGNORECASE)
    return found[1].lower() if found else None


MOSTLY = 0.75
"""In which part of the cases the results have to be those of a mistake, where they are in no other way explained."""
ALIKE = 0.6
"""In which part of the changed cases, at least, where one of the two is wrong, a mistake has to give the same."""
CLEARLY = 0.9
"""The same for a slip, of which there are so many that one may often give the same by chance."""
HURRY = 1.5
"""Seconds after which a search for slips ends on a slow machine."""
MORE = {
    "name": "fails for more",
    "hint": "The cases before came out right. Is a number or a result kept that fits those, or is something left out?",
}
"""For a last case that is larger than the others."""
SAME, PARTS = "The same comes out of the right formula when in it", "Go through your formula part by part."
JOINED = "Put the parts into one tensor: torch.cat or torch.stack make one of many."


class _Trial:
    """A student's function on all cases of a question, beside the right one."""

    def __init__(self, answer, example, right, cases, hint, tolerance, wishes):
        self.answer, self.example, self.right, self.cases, self.hint = answer, example, right, cases, hint
        self.tolerance, self.wishes = tolerance, wishes
        self.name = example.split("(")[0]
        self.right_results = [_run(right, case) for case in cases]
        self.wanted = list(map(self._numbers, self.right_results))
        self.yes_or_no = isinstance(self.right_results[0], (bool, np.bool_))
        self.part = slice(None)
        self.results = []

    def require_so_far(self):
        """Raise NotYet for the first result that was not right when the time was up."""
        for case, (result, verdict), right in zip(self.cases, self.results, self.wanted, strict=False):
            if verdict or not self._near(self._numbers(result), right):
                seen = f"{self.doing(case)} gave {_written(result)}; the time was up before the check could say more"
                raise verdict or NotYet("another result", seen, self.expected(case), self.hint)

    def _numbers(self, result):
        """A result as the numbers that count, or None; see numbers and `same`."""
        made, same = numbers(result), self.wishes.get("same")
        return same(made) if same and made is not None else made

    def doing(self, case):
        """What is called in a case, in words."""
        return case.shown.format(name=self.name) or f"{self.name}({', '.join(map(_shown, case.given))})"

    def expected(self, case):
        """The right result of a case, in words."""
        wanted = _run(self.right, case)
        return self.wishes.get("form", "{}").format(_written(wanted))

    def _result(self, case):
        """(what the student's function gave, the verdict that stopped it or None) in one case."""
        given = copy.deepcopy(case.given)  # modules too
        try:
            doing, expected = self.doing(case), self.expected(case)
            _seed(0)
            found = call(self.answer, *given, doing=doing, expected=expected, hint=self.hint, example=self.example)
        except NotYet as verdict:
            return None, verdict
        if changed := _changed(given, case.given):
            own = "Your function changes what it is given, and others may need it as it was. Make a new one."
            return found, NotYet("changes its input", f"after {doing} {changed} changed", "input as before", own)
        return found, None

    def require_right(self, mistakes):
        """Call the student's function in all cases, and raise NotYet unless all results are right."""
        for case in self.cases:
            self.results.append(self._result(case))
        found = [None if verdict else self._numbers(result) for result, verdict in self.results]
        if not (bad := self._bad(found)):
            self._require_no_chance(0, self.wanted[0])
            return self._require_no_memory()
        self._require_no_mishap(mistakes, found, bad)
        self._require_no_kind(mistakes, found, bad)
        raise self._verdict(found, bad)

    def _seen(self, place):
        """What the student's function gave in a case, in words."""
        return f"{self.doing(self.cases[place])} gave {_written(self.results[place][0])}"

    def _stopped(self, place):
        """What the student's function gave in a case, or what stopped it, in words."""
        verdict = self.results[place][1]
        return verdict.parts["seen"] if verdict else self._seen(place)

    def _require_no_mishap(self, mistakes, found, bad):
        """Raise NotYet for what one case alone shows: a wrong type, chance, a mistake made in all, a special case."""
        first, case = bad[0], self.cases[bad[0]]
        result, verdict = self.results[first]
        seen, stopped, expected = self._seen(first), self._stopped(first), self.expected(case)
        if verdict and verdict.args[0] == "changes its input":
            raise verdict
        self._require_type(result, seen, expected)
        if not verdict and explain.returns_in_loop(self.answer):
            raise NotYet("returns inside the loop", seen, expected, explain.EARLY)
        self._require_no_mistake(mistakes, found, bad, 1, range(len(found)), stopped, expected)
        for place in () if verdict else sorted({first, 0}, reverse=True):  # what was right first may be so no more
            self._require_no_chance(place, found[place])
        if case.name:
            _search(self._require_not_rounded, found, seen, expected)
        if case.name and (first or not verdict):
            raise NotYet(case.name, f"{stopped}{self._other_shape(found[first], first)}", expected, case.hint)

    def _require_no_kind(self, mistakes, found, bad):
        """Raise NotYet for what several cases show: a mistake made in most, a slip, another form, a wrong part."""
        first, case = bad[0], self.cases[bad[0]]
        result, verdict = self.results[first]
        seen, stopped, expected = self._seen(first), self._stopped(first), self.expected(case)
        plain = [place for place in bad if not self.cases[place].name] or bad
        usual = [place for place, each in enumerate(self.cases) if not each.name]
        if not self.yes_or_no:  # there, what is wrong is the same for everybody
            self._require_no_mistake(mistakes, found, bad, 1, usual, stopped, expected)
        if verdict:
            raise verdict
        pair = isinstance(self.right_results[first], tuple) and not self.wishes.get("same")
        parts = partial(self._require_parts, mistakes, found, named=True) if pair else lambda: None
        for look in (self._require_nearly, self._require_dependence, partial(self._require_no_slip, parts)):
            _search(look, found, bad, seen, expected)
        power = not self.yes_or_no and explain.uses_xor(self.answer)
        require(not power, explain.XOR[0], seen, expected, explain.XOR[1])
        parts()
        if not self.yes_or_no:
            self._require_no_mistake(mistakes, found, bad, MOSTLY, plain, stopped, expected)
        self._require_form(result, self.wanted[first], self.doing(case), expected, case.given)
        if pair:
            self._require_parts(mistakes, found)
        self._require_rules(mistakes, found, bad)
        _search(self._require_no_more_than_mistake, found, bad, seen, expected, mistakes)
        _search(self._require_no_order)

    def _verdict(self, found, bad):
        """The NotYet that is left where nothing more was found: in which places, or cases, the results are wrong."""
        first = bad[0]
        seen, expected = self._seen(first), self.expected(self.cases[first])
        missed = explain.partly_right(found[first], self.wanted[first])
        if missed and not self.wishes.get("same"):  # which may have moved what is right
            name, what, why = missed
            return NotYet(name, f"{seen}: {what}", expected, f"{why} {self.hint}")
        wrong = [found[place] for place in bad]
        seen, expected = self._smallest(bad)
        _search(self._require_not_built_in, bad, seen, expected)
        if len(wrong) > 1 and all(one is not None and one.numel() == 1 for one in wrong) and not _differ(wrong):
            why = "Follow two of the wrong ones by hand. Is something rounded, or divided by //, or one branch taken?"
            where = f"{seen}. Wherever it is wrong, it is {_written(wrong[0])}"
            return NotYet("always the same where wrong", where, expected, f"{why} {self.hint}")
        whole = all(type(right) is int for right in self.right_results)
        parted = [place for place in bad if found[place] is not None and bool((found[place] % 1 != 0).any())]
        if whole and parted:  # where it can be seen
            seen, expected = self._seen(parted[0]), self.expected(self.cases[parted[0]])
            raise NotYet("no whole number", seen, expected, f"How many there are is a whole number. {self.hint}")
        return NotYet("another result", seen, expected, self.hint)

    def _require_not_rounded(self, found, seen, expected):
        """Raise NotYet when all results are rounded, as a special case may be the first to show."""
        missed = explain.near_miss(list(zip(found, self.wanted, strict=True)), [{} for _ in found])
        if missed and missed[0] == "rounded" and any(bool(one.any()) for one in found):
            raise NotYet(missed[0], f"{seen}: {missed[1]}", expected, f"{missed[2]} {self.hint}")

    def _require_not_built_in(self, bad, seen, expected):
        """Raise NotYet when the results are right wherever one argument, a number, is one of the cases' values."""
        given = [each.given for each in self.cases if not each.name]
        for place, name in enumerate(slips.names(self.right, self.example)):
            values = [each[place] for each in given if type(each[place]) in (int, float) and each[place] > 2]
            good, values = [], dict.fromkeys(values)
            for value in values:
                steps = [self._step(case, place, lambda _, value=value: value) for case in self.cases]
                if all(step and self._near(step[0][0], step[1][0]) for step in steps):
                    good.append(value)
            elsewhere = [each for at, each in enumerate(self.cases) if at not in bad and each.given[place] not in good]
            if good and not elsewhere and len(given[0]) > 1 and len(values) > len(good):
                which = " or ".join(map(probes.written, good))
                ask = "is that built in?" if len(good) == 1 else "what do these have in common?"
                why = f"Right where {name} is {which}, whatever else is given: {ask} {self.hint}"
                raise NotYet("built in", seen, expected, why)

    def _require_rules(self, mistakes, found, bad):
        """Raise NotYet for the first rule of the question that a result breaks."""
        hints = {mistake.name: mistake.hint for mistake in mistakes}
        for name, rule in self.wishes.get("rules", {}).items():
            hint, holds = rule if isinstance(rule, tuple) else (hints[name], rule)
            for place in bad if self.wanted[bad[0]].ndim == 0 else bad[:1]:  # numbers are one result, taken together
                broken = False
                with suppress(Exception):  # odd numbers, as students' functions give them
                    broken = found[place] is not None and not holds(found[place], *self.cases[place].copies())
                if broken:
                    raise NotYet(name, self._seen(place), self.expected(self.cases[place]), hint)

    def _other_shape(self, found, place):
        """What is to be said of a result whose shape is not the right one."""
        found, wanted = tuple(getattr(found, "shape", ())), tuple(self.wanted[place].shape)
        return f", of shape {found} in place of {wanted}" if found and found != wanted else ""

    def _smallest(self, bad):
        """(what was seen, what was expected) in the smallest case that fails, and what is right in others."""
        plain = [place for place in bad if not self.cases[place].name]
        place = min(plain or bad, key=lambda place: sum(map(_amount, self.cases[place].given)))
        case, good = self.cases[place], [each for number, each in enumerate(self.cases) if number not in bad]
        such_as = self.doing(good[0]).rstrip(",") if good else ""
        right = f". It is right in {len(good)} of {len(self.cases)} cases, such as {such_as}" if good else ""
        return f"{self._stopped(place)}{right}{self._as_it_should()}", self.expected(case)

    def _as_it_should(self):
        """With which arguments, all numbers, the results change as they should, and with which not, in words."""
        if not all(type(part) in (int, float) for case in self.cases for part in case.given):
            return ""
        named = {True: [], False: []}
        for place, name in enumerate(slips.names(self.right, self.example)):
            pairs = [(case, way) for case in self.cases for way in _other_ways(case.given[place])]
            steps = [each for each in (self._step(case, place, way) for case, way in pairs) if each]
            good = any(steps and all(self._near(*map(how, each)) for each in steps) for how in STEPS)
            named[good].append(name)
        if not all(named.values()):
            return ""
        return f". It changes as it should with {' and '.join(named[True])}, but not with {' and '.join(named[False])}"

    def _bad(self, found):
        """The places of the cases in which what was found is not right."""
        return [place for place, pair in enumerate(zip(found, self.wanted, strict=True)) if not self._near(*pair)]

    def _near(self, one, other):
        """Whether two results are the same, NaN being equal to NaN."""
        if one is None or other is None or (one.shape != other.shape and not one.numel() == other.numel() == 1):
            return False
        slack = self.wishes.get("slack", 0) if other.numel() else 0
        slack *= other.abs().nan_to_num(0, 0, 0).max().item() if slack else 0
        slack = max(slack, min(self.tolerance, 1e-3) / 10)
        return explain.near(one.reshape(other.shape), other, self.tolerance, slack, nan=True)

    def _require_parts(self, mistakes, found, named=False):
        """Raise NotYet for the first of several results that is wrong, each by itself; named: known mistakes only."""
        whole, parted = self.wanted, [one for one in found if one is not None]
        if any(one.ndim == 0 for one in parted):
            return
        for place, word in enumerate(("first", "second", "third")[: len(whole[0])]):
            self.part, self.wanted = slice(place, place + 1), [wanted[place : place + 1] for wanted in whole]
            own = [None if one is None else one[place : place + 1] for one in found]
            bad = self._bad(own)
            if bad and own[bad[0]] is not None:
                seen = f"the {word} number of {self.doing(self.cases[bad[0]])} was {_written(own[bad[0]])}"
                expected = _written(self.wanted[bad[0]])
                self._require_no_mistake(mistakes, own, bad, 1, bad, seen, expected)
                if named:
                    continue
                if missed := explain.near_miss(list(zip(own, self.wanted, strict=True)), []):
                    raise NotYet(missed[0], f"{seen}: {missed[1]}", expected, f"{missed[2]} {self.hint}")
                raise NotYet("another result", seen, expected, self.hint)
        self.part, self.wanted = slice(None), whole

    def _require_no_mistake(self, mistakes, found, bad, enough, chosen, seen, expected):
        """Raise NotYet when the results are those of a mistake; arguments as in _is."""
        likeness = []
        for mistake in mistakes:
            parts = [(self._is(wrong, found, chosen, bad, enough), wrong) for wrong in mistake.wrong]
            if most := max((part for part, _ in parts), default=0):
                likeness.append((most, mistake, [wrong for part, wrong in parts if part == most]))
        for _, mistake, alike in sorted(likeness, key=lambda each: -each[0]):
            if any(map(self._elsewhere, alike)):
                mostly = "" if enough == 1 else "Where your result is wrong, it is that of this slip: "
                raise NotYet(mistake.name, seen, expected, mostly + mistake.hint)

    def _is(self, wrong, found, chosen, bad, enough):
        """In which part of the chosen cases the student's results are those of a function; 0 where that is too few.

        It has to be wrong in the first bad case.

        enough: in which part of the cases they have to be the same.
        """
        same, alive = [], False
        chosen = sorted(chosen, key=lambda place: place != bad[0])  # the telling one first
        for place in chosen:
            slip = self._of(wrong, place)
            slip = slip if slip is None or self.part == slice(None) else slip[self.part]
            same.append(self._near(found[place], slip) or (slip is None and (found[place] is None or place not in bad)))
            alive |= slip is not None and place in bad  # two that stop in other ways are not the same
            if place == bad[0] and not (same[-1] and not self._near(slip, self.wanted[place])):
                return 0
        alike = [found[place] for each, place in zip(same, chosen, strict=True) if each and place in bad]
        telling = enough == 1 and len(chosen) == len(found)
        telling |= _differ(alike) and (enough == 1 or len(alike) > 1)
        part = sum(same) / len(same)
        if not all(each or place not in bad for each, place in zip(same, chosen, strict=True)):
            return 0
        return part if alive and telling and part >= enough else 0

    def _elsewhere(self, wrong, enough=ALIKE):
        """Whether the student's results are mostly those of a function where one argument of a case is another."""
        same = []
        places = [(each, place, way) for each in self.cases for place in range(len(each.given)) for way in range(3)]
        for each, place, way in self._in_time(places):
            other = copy.copy(each)
            other.given = each.copies()
            with suppress(Exception):  # there is no such way, or not all functions can take it
                other.given[place] = _other_ways(other.given[place])[way](other.given[place])
                made = [self._numbers(_run(function, other)) for function in (self.right, self.answer, wrong)]
                right, own, slip = made if self.part == slice(None) else [one[self.part] for one in made]
                fits = slip is not None and bool(right.isfinite().all())
                if fits and not (self._near(own, right) and self._near(slip, right)):
                    same.append(self._near(own, slip))
        return sum(same) >= enough * len(same)

    def _require_no_chance(self, place, found):
        """Raise NotYet when a case, which gave found, gives another result after other random numbers."""
        case, seen = self.cases[place], self._seen(place)
        kept = "What stays from one call to the next, such as a list outside of your function? "
        kept += "Or are there random numbers that no common seed sets?"
        chance = "Where do random numbers come in?"
        for seed in (0, 1, 27, 39):  # chance may be rare
            if not self._again(case, found, seed):
                stays = seed == 0 or not self._again(case, found, 0)
                why = f"The same arguments should give the same result. {kept if stays else chance}"
                twice = f"{seen}, and another result in the next call"
                raise NotYet("remembers" if stays else "random", twice, self.expected(case), why)

    def _again(self, case, found, seed):
        """Whether a case gives found once more, after random numbers of this seed, or stops."""
        again = found
        with suppress(Exception):
            _seed(seed)
            again = self._numbers(self.answer(*case.copies()))
        return found is None or again is None or self._near(again, found)

    def _require_no_memory(self):
        """Raise NotYet when the cases, with their tensors in reverse order, come out as they should not."""
        for case in self.cases:
            turned, same = Case(*map(_reversed, case.given)), True
            with suppress(Exception):  # not every order is one that both can take
                found, wanted = (self._numbers(_run(each, turned)) for each in (self.answer, self.right))
                seen = f"{self.doing(case)} was right, and then wrong for the same tensors in reverse order"
                kept = "Does something stay from one call to the next, as in a list outside of your function, or does "
                kept += "chance play in? "
                kept += "Or is something built in, such as an order, a size or a number that fits some examples only?"
                same = found is None or wanted is None or self._near(found, wanted)
                if not same and explain.near(found, wanted, 0.02, 0.02 * wanted.abs().max().item()):
                    kept = "It is nearly right. Is something rounded on the way, or too coarse a kind of number?"
            require(same, "remembers", seen, "the right result for both", kept)

    def _require_no_slip(self, parts, found, bad, seen, expected):
        """Raise NotYet when the results are those of the right function with one thing changed.

        parts: looks for known mistakes in parts of the result, before a slip whose words say little is named.
        """
        pairs = list(zip(found, self.wanted, strict=True))
        nearly = all(one is not None and explain.close(one, other) for one, other in pairs)
        little = "Is something rounded on the way, or a small part left out?"
        require(not nearly, "nearly right", f"{seen}: all your results are nearly right", expected, little)
        wrong = [found[place] for place in bad]
        mask = getattr(self.right_results[0], "dtype", None) == torch.bool
        if wrong[0] is None or not bool(wrong[0].isfinite().all()) or (mask and wrong[0].ndim == 0):
            return
        vague, single, alike = None, not _differ(wrong), set()
        usual = [place for place, case in enumerate(self.cases) if not case.name]
        sets = [range(len(found)), *([usual] if bad[0] in usual and len(usual) < len(found) else [])]
        numbers_given = slips.fixed(self.right, self.example, [case.given for case in self.cases])
        for changed, words in self._in_time(chain(slips.slips(self.right, self.example), numbers_given)):
            clear = slips.telling(words)
            if (clear or not vague) and any(self._is(changed, found, chosen, bad, 1) for chosen in sets):
                if not self._elsewhere(changed, CLEARLY):
                    continue
                if clear and not single:
                    raise NotYet(words, f"{seen}. {SAME} {words}", expected, f"{PARTS} {self.hint}")
                vague = None if clear or words.endswith("each time") else words
                alike.add(words)
        if single:  # many a slip gives one number, and more of them a mask of one value
            vague = alike.pop() if len(alike) == 1 and not mask else None
        if vague:
            parts()
            raise NotYet(vague, f"{seen}. {SAME} {vague}", expected, f"{PARTS} {self.hint}")

    def _require_no_order(self):
        """Raise NotYet when the order of what a tensor holds makes a difference to the result, and should not."""
        for place, name in enumerate(slips.names(self.right, self.example)):
            some = [each for each in self.cases if getattr(each.given[place], "ndim", 0) and len(each.given[place]) > 1]
            made = [(each, *step) for each in some if (step := self._step(each, place, lambda x: x.flip(0)))]
            if not all(self._near(*right) for *_, right in made):
                continue
            why = f"The order of {name}, along the first axis, should make no difference. Is the first treated in "
            why += f"another way, or each paired with what has the same place elsewhere? {self.hint}"
            for each, (other, own), (_, right) in made:
                seen = f"{self.doing(each)} gave {_written(own)}, and {_written(other)} with {name} in reverse order"
                fits = len(made) < 2 or self._near(own, other) or self._near(own, right)
                require(fits, "depends on the order", seen, self.expected(each), why)

    def _require_no_more_than_mistake(self, found, bad, seen, expected, mistakes):
        """Raise NotYet when a known mistake explains all results, but for a factor, another argument or the like."""
        if not _tell_apart(found):
            return
        sizes = [_sizes(case.given, slips.names(self.right, self.example)) for case in self.cases]
        known = ((mistake.name, wrong) for mistake in mistakes for wrong in mistake.wrong)
        for name, wrong in self._in_time(known):
            if missed := explain.related(found, partial(self._of, wrong), sizes):
                both = f"{seen}. The same comes of a known mistake, “{name}”; and then {missed}"
                raise NotYet("mistake and more", both, expected, f"{PARTS} {self.hint}")
        names = slips.names(self.right, self.example)
        known = [(each, wrong) for each in mistakes for wrong in each.wrong]
        changed = ((mistake, *each) for mistake, wrong in known for each in slips.other_arguments(wrong, names))
        for mistake, other, words in self._in_time(changed):
            if self._is(other, found, range(len(found)), bad, 1) and self._elsewhere(other, CLEARLY):
                both = f"{seen}. The same comes of a known mistake, “{mistake.name}”, when besides {words}"
                raise NotYet("mistake and more", both, expected, f"Of the mistake we say: “{mistake.hint}” {PARTS}")

    def _in_time(self, candidates):
        """Candidates, until the search has lasted too long for a student who waits."""
        end = time.monotonic() + HURRY
        return takewhile(lambda _: time.monotonic() < end, candidates)

    def _of(self, function, place):
        """What one of our functions gives in a case, as numbers, or None."""
        try:
            return self._numbers(_run(function, self.cases[place]))
        except Exception:
            return None

    def _require_nearly(self, found, bad, seen, expected):
        """Raise NotYet when all results are right but for one thing."""
        names = slips.names(self.right, self.example)
        sizes = [_sizes(case.given, names) for case in self.cases]
        pairs = list(zip(found, self.wanted, strict=True))
        missed, aside = explain.near_miss(pairs, sizes), ""
        plain = [place for place, case in enumerate(self.cases) if not case.name]
        if not missed and bad[0] in plain and 1 < len(plain) < len(pairs):  # and a special case fails besides
            missed = explain.near_miss([pairs[place] for place in plain], [sizes[place] for place in plain])
            aside = ", special cases aside"
        if missed:
            name, what, why = missed
            raise NotYet(name, f"{seen}: {what}{aside}", expected, f"{why} {self.hint}")

    def _require_dependence(self, found, bad, seen, expected):
        """Raise NotYet when numbers miss by a multiple of an argument, or do not depend on one."""
        names = slips.names(self.right, self.example)
        places = [place for place, part in enumerate(self.cases[0].given) if type(part) in (int, float)]
        if found[bad[0]] is None or found[bad[0]].shape != self.wanted[bad[0]].shape:
            return
        alike = all(one is not None and bool((one == one.flatten()[0]).all()) for one in found)
        if alike and any(one.numel() > 1 for one in found):
            return  # all True, say, whatever the cause
        pairs = list(zip(found, self.wanted, strict=True))
        given = [{names[place]: case.given[place] for place in places} for case in self.cases]
        if missed := explain.too_much(pairs, given):
            raise NotYet(missed[0], f"{seen}: {missed[1]}", expected, f"{missed[2]} {self.hint}")
        for place, name in enumerate(names):
            pairs = [(case, way) for case in self.cases for way in _other_ways(case.given[place])]
            made = [(way, each) for case, way in pairs if (each := self._changes(case, place, way))]
            changes, orders = ([each for way, each in made if way in ORDERS or every] for every in (True, False))
            axes = {ORDERS[way] for way, (_, right) in made if way in ORDERS and right}
            order = sum(right for _, right in orders) > 1 and not any(own for own, _ in orders)
            ignores = sum(right for _, right in changes) > 1 and not any(own for own, _ in changes)
            one = len(axes) == 1 and getattr(self.cases[0].given[place], "ndim", 0) > 1
            along = f" along its {axes.pop()} axis" if one else ""
            sorts = f"In what order the numbers of {name} stand{along} makes no difference to your result. It should. "
            sorts += self.hint
            turned = f"{seen}, and the same with {name} in another order"
            require(ignores or not order, "order makes no difference", turned, expected, sorts)
            tensor = isinstance(self.cases[0].given[place], torch.Tensor)  # how many it holds may count
            other = f"another {name}" if isinstance(self.cases[0].given[place], torch.nn.Module) else f"{name} changed"
            another, it = (f"other numbers in {name}", f"the numbers in {name}") if tensor else (other, name)
            why = f"Your result did not change when {it} did. Should it not? {self.hint}"
            require(not ignores, "does not depend", f"{seen}, and the same with {another}", expected, why)
            for count, word in enumerate(("second", "third"), 1):
                rows = [case for case in self.cases if getattr(case.given[place], "ndim", 0) == 2]
                made = [self._changes(case, place, partial(_from_column, count)) or (False, False) for case in rows]
                ignores = sum(right for _, right in made) > 1 and not any(own for own, _ in made)
                part = f"in the {word} and all further columns of {name}"
                why = f"Your result did not change when the numbers {part} did. Should it not? {self.hint}"
                other = f"{seen}, and the same with other numbers {part}"
                require(not ignores, "does not depend", other, expected, why)

    def _changes(self, case, place, way):
        """Whether (the student's result, the right one) changes with an argument; None where a function stops."""
        step = self._step(case, place, way)
        return step and tuple(not self._near(*each) for each in step)

    def _step(self, case, place, way):
        """Results, (other, as it is), of the student's function and of the right one; None where one stops."""
        moved = [case.copies() for _ in range(4)]  # for both functions: another, and as it is
        try:
            for parts in moved[::2]:
                parts[place] = way(parts[place])
            made = [tuple(numbers(each(*parts)) for parts in moved[:2]) for each in (self.answer, self.right)]
            fits = all(bool(result.isfinite().all()) for both in made for result in both)
        except Exception:  # not every other number is one that both can take
            return None
        return made if fits else None

    def _require_type(self, result, seen, expected):
        """Raise NotYet for a text, and for several answers where True or False is asked for."""
        text = "This is text, as print shows it. Return what it says: the value itself, without quotes."
        require(not isinstance(result, str), "a text", seen, expected, text)
        made = numbers(result)
        several = "Asked for is one answer, True or False. What has to hold for all of these together?"
        one = not self.yes_or_no or made is None or made.numel() == 1
        require(one, "several answers", seen, expected, several)

    def _require_form(self, result, wanted, doing, expected, given):
        """Raise NotYet unless the result is of the kind that is asked for: a number, numbers, a mask, a shape."""
        if wanted.numel() == 1 and wanted.ndim == 0:
            probes.number(result, doing, expected, self.hint)
            return
        seen, made = f"{doing} gave {describe(result)}", numbers(result)
        marks = getattr(self.right_results[0], "dtype", None) == torch.bool
        several = f"{wanted.numel()} {'times True or False' if marks else 'numbers'}, in brackets or as a tensor"
        kind = several if wanted.ndim == 1 else f"a tensor of {'True and False' if marks else 'numbers'}"
        parts = isinstance(result, (list, tuple)) and any(isinstance(part, torch.Tensor) for part in result)
        fits = made is not None and made.shape == wanted.shape
        numbered = enumerate(result, 1) if parts else ()
        whole = next((place for place, part in numbered if self._near(self._numbers(part), wanted)), 0)
        alone = f"Part {whole} of what you return, counted from 1, has the right values. One result alone is asked for."
        require(fits or not whole, "more than was asked", seen, expected, alone)
        require(fits or not parts, "several tensors", seen, expected, JOINED)
        require(made is not None, "not a tensor", seen, expected, f"Asked for is {kind}. {self.hint}")
        shape, pair = tuple(wanted.shape), isinstance(self.right_results[0], tuple)
        two = f"Return {wanted.numel()} numbers, in the order that the question names. {self.hint}"
        require(fits or not pair, "not a pair", seen, expected, two)
        self._require_axes(tuple(made.shape), shape, seen, expected, given)
        others = marks and not bool(((made == 0) | (made == 1)).all())
        mask = f"Asked for is True or False at each place. Yours holds other numbers. {self.hint}"
        require(not others, "no mask", seen, expected, mask)
        finite = "Where do infinite numbers or NaN come from: a division by zero, a logarithm, a root of less than 0?"
        others = ~made.isfinite()
        if bool(others.any()) and self._near(made[~others], wanted[~others]):
            seen += f": the finite ones are right, {int(others.sum())} are {made[others][0].item()}"
            finite = f"{finite} In the first such place should stand {probes.written(wanted[others][0].item())}."
        for part, name in zip(given, slips.names(self.right, self.example), strict=False):
            with suppress(Exception):  # what cannot be compared, or has another shape
                if made.isnan().any() and torch.equal(made.isnan(), (part < 0).expand_as(made)):
                    seen += f", NaN just where {name} is below 0"
                    finite = f"Is a root or a logarithm taken of what is below 0? What of {name} goes into it, and do "
                    finite += f"the arguments of your def come in the order of {self.example}?"
        require(not bool(others.any()), "not finite", seen, expected, finite)

    def _require_axes(self, made, wanted, seen, expected, given):
        """Raise NotYet for the first axis that is too long or too short, or when there are too few or too many."""
        count = f"Number of axes: {len(made)}. It should be {len(wanted)}: is one missing, or too much? {self.hint}"
        name = "too few axes" if len(made) < len(wanted) else "too many axes"
        require(len(made) == len(wanted), name, seen, f"shape {wanted}: {expected}", count)
        for axis, (length, right) in enumerate(zip(made, wanted, strict=True)):
            went_in = axis == 0 and right in [len(part) for part in given if getattr(part, "ndim", 0)]
            turned = f"{right} went in: are some left out, or is what goes in, or comes out, turned on its side? "
            why = f"Axis {axis}, counted from 0, has {length} places, and should have {right}. "
            why += turned * went_in + self.hint
            name = "too long" if length > right else "too short"
            require(length == right, name, seen, f"shape {wanted}: {expected}", why)

    def require_kind(self):
        """Raise NotYet unless the results are tensors of the kind of number that the question wants."""
        wanted = self.wishes.get("dtype")
        for case, (result, _), right in zip(self.cases, self.results, self.right_results, strict=True):
            seen, expected = f"{self.doing(case)} gave {describe(result)}", f"a tensor of {wanted or 'numbers'}"
            parts = result if isinstance(result, (list, tuple)) else ()
            row = len(parts) > 0 or getattr(result, "ndim", 0) > 0
            bare = not (row and (isinstance(right, Number) or self.wishes.get("bare")))
            require(bare, "a list", seen, "a number", "Return the number itself, without brackets around it.")
            axes, bools = getattr(right, "ndim", 0), getattr(right, "dtype", None) == torch.bool
            whole = not (axes == 2 or (axes > 2 and bools)) or not any(hasattr(part, "ndim") for part in parts)
            require(whole, "several tensors", seen, expected, JOINED)
            mask = bools and axes > 0
            true = str(getattr(result, "dtype", "bool")).endswith("bool")
            marks = "Numbers are no mask: with 0 and 1 as places, other things would be picked. Return True and False."
            require(not mask or true, "numbers for a mask", seen, "a tensor of True and False", marks)
            tensor = "Return the result as one tensor."
            require(wanted is None or isinstance(result, torch.Tensor), "not a tensor", seen, expected, tensor)
            kind = "The weights of a network are float32, and so is what goes in. Yours no longer is."
            require(wanted in (None, getattr(result, "dtype", None)), "wrong precision", seen, expected, kind)

    def require_gradient(self):
        """Raise NotYet unless gradients flow as in the right function, where the question wants it."""
        wish = self.wishes.get("gradient", ())
        for place in wish if isinstance(wish, tuple) else (wish,):
            self._require_gradient(place)

    def _require_gradient(self, wish):
        flow = "Training needs the gradient. Is there an item(), detach() or no_grad(), a tensor made anew, or a list?"
        for case in self.cases:
            doing = self.doing(case)
            right = _with_gradient(self.right, case, wish)
            with attempt(f"{doing} with gradients,", "the right gradient", self.hint):
                made, gradient = _with_gradient(self.answer, case, wish)
            parts = made if isinstance(made, (list, tuple)) else ()
            seen, whole = f"{doing} gave {describe(made)}", not any(hasattr(part, "ndim") for part in parts)
            require(whole or len(parts) < 2, "several tensors", seen, "one tensor with a gradient", JOINED)
            name = slips.names(self.right, self.example)[wish]
            seen = f"{doing} gave {describe(made)}, without a gradient for {name}"
            follows = isinstance(made, torch.Tensor) and made.requires_grad
            if isinstance(made, torch.Tensor) and not made.is_floating_point():
                flow = "Whole numbers, and True or False, carry no gradient. Is there an int(), long() or a comparison?"
            require(follows, "no gradient", seen, "a tensor with a gradient", flow)
            if right[1] is not None:
                near = gradient is not None and self._near(gradient.double(), right[1].double())
                told, *more = _about_gradient(gradient, right[1])
                require(near, "wrong gradient", f"{doing} gave, for {name}, {told}", *more)


def _search(look, *arguments):
    """Call a search for an explanation, which raises NotYet where it finds one. Where it fails, there is none."""
    try:
        with warnings.catch_warnings(action="ignore"):  # what changed functions do is nothing to warn a student of
            look(*arguments)
    except NotYet:
        raise
    except Exception:  # odd numbers, as students' functions give them
        return


def _about_gradient(gradient, right):
    """(what was seen, what was expected, hint) about a gradient, or None, that is not the right one."""
    expected = "the right gradient"
    if gradient is None or (right.any() and not gradient.any()):
        lost = "The values are right. But no gradient comes back: is it stopped by a rounding, a comparison, a "
        lost += "detach(), a tensor made anew, or do two parts of it cancel each other? It has to go round that."
        return "a gradient of 0" if gradient is not None else "no gradient", expected, lost
    large, more = right.abs() > 1e-3 * right.abs().max(), int((gradient[right == 0].abs() > 1e-6).sum())
    times = gradient[large] / right[large]
    if more or not len(times):
        too_many = "The values are right. But what has no part in the result gets a gradient: past which step?"
        return f"a gradient at {more} places that should have none", expected, too_many
    if bool((times - times[0]).abs().max() < 1e-4 * times[0].abs()):
        factor = "The values are right. What multiplies the part through which the gradient flows?"
        return f"a gradient {times[0].item():.4g} times the right one", expected, factor
    if right.any() and bool((gradient == gradient.flatten()[0]).all()):
        hands_on = (
            "The values are right. But each number gets its own gradient from behind. Is that averaged, or replaced?"
        )
        return f"a gradient of {gradient.flatten()[0].item():.4g} everywhere", expected, hands_on
    same = torch.isclose(gradient, right, 1e-3, 1e-6)
    if bool(same.any()) and not bool(gradient[~same].any()):
        seen = f"the right gradient at {int(same.sum())} of {same.numel()} places, and 0 at the others"
        return seen, expected, "The values are right. What stops the gradient there: a clamp, a comparison, a detach()?"
    if torch.equal(gradient, gradient.round()) and not torch.equal(right, right.round()):
        return (
            "a gradient of whole numbers",
            expected,
            "The values are right. Is the gradient rounded on its way back, replaced, or sent to other places?",
        )
    part = "The values are right, the gradient is not. Is part of it computed with detach(), or from differences?"
    span = f"a gradient {times.min().item():.3g} to {times.max().item():.3g} times the right one"
    return span, expected, f"{part} What makes it differ from place to place?"


ORDERS = {(lambda x: x.flip(0)): "first", (lambda x: x.roll(1, -1)): "last"}
"""Functions that put the numbers of a tensor into another order, and along which of its axes."""
STEPS = (lambda both: both[0] - both[1], lambda both: both[0] / both[1])
"""What of two results, (other, as it is), is right where they change as they should."""


def _other_ways(part):
    """Functions that make another argument of one, for a number, a tensor or a model."""
    if type(part) is int:
        return (lambda x: x + 1, lambda x: 3 * x)
    if isinstance(part, torch.nn.Module):
        return tuple(partial(_other_model, times=times) for times in (0.8, -0.5))
    if isinstance(part, torch.Tensor) and part.ndim:
        if part.is_floating_point():
            orders = ORDERS if part.ndim > 1 or bool((part.diff() > 0).any()) else ()  # what is sorted always is
            return (*orders, lambda x: x.roll(1, -1) * torch.linspace(0.9, 0.4, x.shape[-1], dtype=x.dtype))
        return (*ORDERS, (lambda x: ~x) if part.dtype == torch.bool else lambda x: (x + 1) % (x.max() + 1))
    shares = (lambda x: x / 2, lambda x: 1.5 * x if x > 1 else x**0.5)  # a share stays one
    return shares if type(part) is float else ()


def _from_column(count, numbers):
    """Rows of numbers, all but the first so many of each taken from another row, and smaller."""
    return torch.cat([numbers[:, :count], 0.7 * numbers[:, count:].roll(1, 0)], 1)


def _other_model(model, times):
    other = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.mul_(times).sub_(0.01)
    return other


def _with_gradient(function, case, place):
    """What a function gives, and the gradient of a weighted sum at an argument; that of a layer is at its weights."""
    given = case.copies()
    if isinstance(given[place], torch.nn.Module):
        leaf = given[place].weight
    else:
        leaf = given[place].requires_grad_()
        given[place] = leaf * 1  # as a layer hands it on; may be overwritten
    made = function(*given)
    if isinstance(made, torch.Tensor) and made.requires_grad:
        with suppress(Exception):  # a sparse result, or one of an odd kind of number
            weights = torch.linspace(1, 2, made.numel(), dtype=torch.float64).reshape(made.shape)
            return made, torch.autograd.grad((made.double() * weights).sum(), leaf, allow_unused=True)[0]
    return made, None


def _seed(seed):
    """Set the random generators that all share."""
    torch.default_generator.manual_seed(seed)  # torch.manual_seed takes milliseconds: it asks for every kind of device
    np.random.seed(seed)
    random.seed(seed)


def _reversed(part):
    """A tensor in the reverse order, along its first axis if that is longer than 1; anything else as it is.

    So is a row of falling numbers, since that may be what the question promises.
    """
    if isinstance(part, torch.Tensor) and part.ndim == 1 and bool((part.diff() <= 0).all()):
        return part
    return part.flip(0 if len(part) > 1 else -1) if isinstance(part, torch.Tensor) and part.ndim else part


def _run(function, case):
    """What one of our functions gives in a case."""
    _seed(0)
    return function(*case.copies())


def _copy(part):
    if isinstance(part, torch.Tensor):
        return part.clone()
    return part.copy() if isinstance(part, (list, dict, np.ndarray)) else part


def _changed(given, before):
    """What is not as before, in words, of tensors, arrays, lists and modules that were handed over; "" if all is."""
    for one, other in zip(given, before, strict=True):
        if isinstance(other, (torch.Tensor, np.ndarray)):
            if one.shape != other.shape or not bool(((one == other) | (one != one)).all()):  # NaN is as it was
                return "the input has"
        elif isinstance(other, torch.nn.Module):
            states = [[*part.state_dict().values()] for part in (one, other)]
            if len(states[0]) != len(states[1]) or _changed(*states):
                return "weights or buffers of the module have"
        elif isinstance(other, list) and one != other:
            return "the input has"
    return ""


def numbers(result):
    """A result as a tensor of float64, or None where it is no number and no collection of numbers."""
    try:
        if isinstance(result, str):
            return None
        if isinstance(result, (set, frozenset)):
            result = sorted(result)
        if isinstance(result, (list, tuple)) and any(isinstance(part, torch.Tensor) and part.ndim for part in result):
            result = torch.stack([torch.as_tensor(part) for part in result])
        result = torch.tensor(float(result), dtype=torch.float64) if isinstance(result, Number) else result
        made = torch.as_tensor(result).detach()
        if made.is_complex():
            return None
        made = made.to("cpu", torch.float64)
        return made.clone() if made.layout == torch.strided else made.to_dense()
    except Exception:
        return None


def _differ(found):
    """Whether results, or the numbers in them, differ: hardly two mistakes come to all of them."""
    values = [values.flatten() for values in found if values is not None]
    return bool(values) and len(torch.cat(values).unique()) > 1


def _tell_apart(found):
    """Whether results hold enough different numbers that a mistake hardly gives all of them by chance."""
    if any(values is None or not bool(values.isfinite().all()) for values in found):
        return False
    values = torch.cat([values.flatten() for values in found])
    return len(values[(values % 1 != 0) | (values.abs() > 20)].unique()) > 2


def _amount(part):
    """How many numbers an argument holds."""
    if isinstance(part, torch.nn.Module):
        return sum(parameter.numel() for parameter in part.parameters())
    return part.numel() if isinstance(part, torch.Tensor) else np.size(part)


def _sizes(given, names):
    """What a result may wrongly be divided by: how many images, rows, or numbers the arguments hold, or one of them."""
    sizes = {}
    for part, name in zip(given, names, strict=False):
        if isinstance(part, torch.nn.Linear):
            sizes |= {"units": part.out_features, "weights": part.weight.numel()}
        if isinstance(part, torch.Tensor) and part.ndim:
            sizes |= {"images" if part.ndim > 2 else "rows" if part.ndim == 2 else "numbers": len(part)}
            sizes["pixels" if part.ndim > 2 else "numbers in all"] = part.numel() // (len(part) if part.ndim > 2 else 1)
            sizes |= {"columns": part.shape[1]} if part.ndim == 2 else {}
        if type(part) in (int, float) and part > 0:
            sizes[f"argument {name}"] = part
    return sizes


def _shown(part):
    """An argument for a panel."""
    if isinstance(part, torch.Tensor):
        return str(rounded(part)) if part.numel() <= 6 else f"a tensor {tuple(part.shape)}"
    if isinstance(part, torch.nn.Module):
        return "model"
    return describe(part) if not isinstance(part, (int, float, list, tuple)) else repr(part)


def _written(value):
    """A result for people to read."""
    made = numbers(value)
    if isinstance(value, torch.Tensor) and made is not None and 1 < made.numel() <= 16:
        return str(rounded(value))
    if isinstance(value, (list, tuple)) and len(value) <= 6 and all(isinstance(part, (int, float)) for part in value):
        return " and ".join(map(probes.written, value))
    if made is not None and made.numel() == 1:
        if isinstance(value, bool) or getattr(value, "dtype", None) in (torch.bool, np.dtype(bool)):
            return str(bool(value))
        return probes.written(made.item())
    return describe(value)
