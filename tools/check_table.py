"""Print every answer of tests/answers and of the questions of data with its reply, and how many replies are right.

    python tools/check_table.py                 all questions
    python tools/check_table.py encoder train   those named

First one line for each answer, marked with ! where the reply is not the right one; then one line for each question,
and all in all. Exits with 1 unless all right answers pass, no wrong one does, and 95 % of the wrong ones get the hint
meant for them.
"""

from collections import Counter
from contextlib import redirect_stdout
import io
import os
from pathlib import Path
import sys
import time

sys.path.append(str(Path(__file__).parents[1] / "tests"))
os.environ |= {"AEUTILS_PROGRESS": "off", "CI": "true"}  # nothing is kept, no bars are drawn
ANSWER = "{:1} {:<24}  {:<56}  {:<32}  {}"
QUESTION = "{:<24}  {:>7}  {:>7}  {:>6}  {:>7}"
ENOUGH = 0.95
"""Part of the wrong answers that must get their own hint."""


def tried(answer):
    """The reply to an answer, and in seconds how long it took; one line is printed."""
    answer.make()  # where an answer takes a training, it is kept: the clock is for the check
    start = time.perf_counter()
    with redirect_stdout(io.StringIO()):
        reply = answer.reply()
    seconds = time.perf_counter() - start
    shown, wanted = reply.misconception or reply.status, answer.misconception or "passed"
    print(ANSWER.format(" " if shown == wanted else "!", answer.question, answer.name, wanted, shown))
    return answer, reply, seconds


def counts(rows):
    """What a table says about some answers: how many are right or wrong, and how many of them are seen as such."""
    count = Counter()
    for answer, reply, _ in rows:
        kind = "wrong" if answer.misconception else "right"
        count[kind] += 1
        count[f"{kind} that pass"] += bool(reply)
        count["own hint"] += bool(answer.misconception) and reply.misconception == answer.misconception
    return count


def print_questions(rows):
    """One line for each question."""
    print("\n" + QUESTION.format("question", "right", "wrong", "hints", "slowest"))
    for name in dict.fromkeys(answer.question for answer, _, _ in rows):
        own = [row for row in rows if row[0].question == name]
        count, slowest = counts(own), max(seconds for _, _, seconds in own)
        right = f"{count['right that pass']}/{count['right']}"
        hints = f"{len({answer.misconception for answer, _, _ in own} - {''})}"
        print(QUESTION.format(name, right, f"{count['own hint']}/{count['wrong']}", hints, f"{slowest:.1f} s"))


def main():
    from answers import ANSWERS, data_answers

    answers = [*ANSWERS, *data_answers()]
    unknown = set(sys.argv[1:]) - {answer.question for answer in answers}
    if unknown:
        raise SystemExit(f"no answers to {', '.join(sorted(unknown))}")
    print(ANSWER.format(" ", "question", "answer", "must show", "shows"))
    rows = [tried(answer) for answer in answers if not sys.argv[1:] or answer.question in sys.argv[1:]]
    print_questions(rows)
    count = counts(rows)
    print(f"\nright answers that pass: {count['right that pass']} of {count['right']}")
    print(f"wrong answers that get their own hint: {count['own hint']} of {count['wrong']}", end="")
    print(f", that pass: {count['wrong that pass']}")
    print(f"slowest reply: {max(seconds for _, _, seconds in rows):.1f} s")
    all_right = count["right that pass"] == count["right"] and not count["wrong that pass"]
    return 0 if all_right and count["own hint"] >= ENOUGH * count["wrong"] else 1


if __name__ == "__main__":
    sys.exit(main())
