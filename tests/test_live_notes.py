"""The notes of the instructor for live coding: every cell has them, and docs/live.md shows them as they are."""

from pathlib import Path

from build_notebooks import sources
from editions import has_tag, notes
import jupytext
import live_notes
import pytest

pytestmark = pytest.mark.data_free

PAGE = Path(__file__).parents[1] / "docs" / "live.md"

each_notebook = pytest.mark.parametrize("source", sources(), ids=lambda source: source.stem)


@each_notebook
def test_every_live_cell_has_its_notes(source):
    cells = [cell for cell in jupytext.read(source, fmt="py:percent").cells if has_tag(cell, "live")]
    assert len(cells) >= 3
    for cell in cells:
        assert notes(cell), f"no notes for the instructor (see tools/editions.py):\n{cell.source}"


@each_notebook
def test_page_is_what_the_source_makes(source):
    text = PAGE.read_text(encoding="utf-8")
    assert f"\n{live_notes.page([source])}\n" in text, "run: python tools/pages.py"


@pytest.mark.parametrize(
    "text, later, needed",
    [
        ("a = 1\nb = a", ["print(b)"], ["b"]),
        ("a, (b, c) = 1, (2, 3)", ["print(c + a)"], ["a", "c"]),
        ("a = 1", ["a = 2", "print(a)"], []),
        ("a = 1", ["a = a + 1"], ["a"]),
        ("a = 1", ["a += 1"], ["a"]),
        ("a = 1", ["for a in range(3):\n    print(a)"], []),
        ("for a in range(3):\n    b = a", ["for c in a:\n    print(c)"], ["a"]),
        ("def f(x):\n    y = x\n    return y\n\n\nx = y = 1", ["f(3)"], ["f"]),
        ("x = y = z = 1", ["def f(x):\n    y = x\n    return y + z"], ["z"]),
        ("a = b = 1", ["def f():\n    return a\n\n\na = b"], ["b"]),
        ("a = b = 1", ["print([a for a in b])"], ["b"]),
        ("a = b = 1", ["print(sorted([], key=lambda a: a + b))"], ["b"]),
        ("class A:\n    b = 1", ["b = A()"], ["A"]),
        ("with open('a') as a:\n    b = {}", ["b[a] = 1"], ["a", "b"]),
        ("print(3)", ["print(3)"], []),
    ],
)
def test_names_that_later_cells_need(text, later, needed):
    assert live_notes.needed_later(text, later) == needed


def test_a_page_says_where_a_cell_stands_and_what_it_asks(tmp_path):
    source = tmp_path / "03_small.py"
    source.write_text(SMALL, encoding="utf-8")
    assert live_notes.page([source]) == SMALL_PAGE


SMALL = """\
# %% [markdown]
# # 03 Small
#
# ## 1. First

# %% tags=["live"]
# count to 2**8,
# in one line
# instructor minutes: 2
# instructor guess: it takes long
# instructor ask: how long?
# answer:
count = range(2**8)
# student: count = ...

# %% tags=["live"]
# and print
# instructor minutes: 3
# instructor guess: nothing
# instructor ask: why?
print(count)
"""
SMALL_PAGE = r"""## 03 Small

[The live edition](../notebooks/live/03_small.ipynb): 2 cells, 5 minutes.

### 1. First

**count to 2\*\*8, in one line**

- Needed later: `count`
- Minutes: 2
- Wrong guess: it takes long
- Ask: how long?

**and print**

- Needed later: no new name
- Minutes: 3
- Wrong guess: nothing
- Ask: why?"""
