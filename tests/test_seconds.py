"""tools/seconds.py measures what a kernel told, and says which limit was missed."""

from build_notebooks import sources
import nbformat
import pytest
import seconds

pytestmark = pytest.mark.data_free


@pytest.mark.slow
def test_the_slowest_cell_is_found_and_is_not_the_whole(monkeypatch):
    monkeypatch.setenv("AEUTILS_DATA", "")
    notebook = nbformat.v4.new_notebook()
    cells = ["import time", "time.sleep(0.4)", "time.sleep(0.1)"]
    notebook.cells = [nbformat.v4.new_markdown_cell("prose"), *map(nbformat.v4.new_code_cell, cells)]
    whole, slowest = seconds.measure(notebook, "embedded")
    assert 0.4 <= slowest < 0.9 and whole > slowest + 0.1


ALL = [source.stem for source in sources()]
OTHERS = [place for place, name in enumerate(ALL) if name != seconds.ALONE]


@pytest.mark.parametrize(
    "took, slowest, missed",
    [(10, 9, []), (10, 16, OTHERS), (20, 9, [len(ALL)]), (250, 200, range(len(ALL) + 1))],
)
def test_a_missed_limit_is_seen(monkeypatch, took, slowest, missed):
    """So many notebooks of 20 s are too many on embedded data; notebook 12 has limits of its own."""
    monkeypatch.setattr(seconds, "measure", lambda notebook, data: (took, slowest))
    rows = list(seconds.lines((), "somewhere"))[2:]
    assert [place for place, (_, kept) in enumerate(rows) if not kept] == list(missed)


def test_the_parts_are_not_written_as_if_they_were_the_whole(monkeypatch):
    monkeypatch.setattr("sys.argv", ["seconds.py", "09", "--write"])
    with pytest.raises(SystemExit, match="not both"):
        seconds.main()
