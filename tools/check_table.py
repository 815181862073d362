"""Print every answer of tests/answers with the reply that its check gives, and how many replies are the right ones.

    python tools/check_table.py                 all questions
    python tools/check_table.py encoder train   those named

Exits with 1 unless all right answers pass, no wrong one does, and 95 % of the wrong ones get the hint meant for them.
"""

from contextlib import redirect_stdout
import io
import os
from pathlib import Path
import sys
import time

sys.path.append(str(Path(__file__).parents[1] / "tests"))
os.environ["AEUTILS_PROGRESS"] = "off"
ROW = "{:<26}  {:<52}  {:<28}  {}"


def reply_and_seconds(answer):
    """What the check replies, and how long it took."""
    start = time.perf_counter()
    with redirect_stdout(io.StringIO()):
        reply = answer.reply()
    return reply, time.perf_counter() - start


def main():
    from answers import ANSWERS

    wanted = [answer for answer in ANSWERS if not sys.argv[1:] or answer.question in sys.argv[1:]]
    print(ROW.format("question", "answer", "must show", "reply"))
    passed, own_hint, slipped, slowest = 0, 0, 0, 0.0
    for answer in wanted:
        reply, seconds = reply_and_seconds(answer)
        slowest = max(slowest, seconds)
        wrong = bool(answer.misconception)
        passed += not wrong and bool(reply)
        slipped += wrong and bool(reply)
        own_hint += wrong and reply.misconception == answer.misconception
        print(
            ROW.format(
                answer.question, answer.name, answer.misconception or "(right)", reply.misconception or reply.status
            )
        )
    wrong = sum(bool(answer.misconception) for answer in wanted)
    right = len(wanted) - wrong
    print(f"\nright answers that pass: {passed} of {right}")
    print(f"wrong answers that get their own hint: {own_hint} of {wrong}, that pass: {slipped}")
    print(f"slowest reply: {slowest:.1f} s")
    return 0 if passed == right and not slipped and own_hint >= 0.95 * wrong else 1


if __name__ == "__main__":
    sys.exit(main())
