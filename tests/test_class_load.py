"""tools/class_load.py measures a few numbers of kernels at a time; its table on the page keeps the others."""

import class_load
import pages
import pytest

pytestmark = pytest.mark.data_free

EARLIER = ["| kernels at once | all done after, s |", "|---|---|", "| 4 | old |", "| 16 | old |"]


def rows(monkeypatch, classes, earlier):
    monkeypatch.setattr(class_load, "measure", lambda count: (10 * count, 1, 5e8))
    return [line.split(" | ")[:2] for line, _ in class_load.lines(classes, earlier)][2:]


def test_lines_that_are_not_measured_stay_in_the_order_of_their_numbers(monkeypatch):
    assert rows(monkeypatch, [8, 4], EARLIER) == [["| 4", "40"], ["| 8", "80"], ["| 16", "old |"]]
    assert rows(monkeypatch, [2], []) == [["| 2", "20"]]


def test_a_generated_part_is_read_as_it_was_written_and_nothing_else_changes(monkeypatch, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- class -->\n<!-- /class -->\nafter\n")
    monkeypatch.setattr(pages, "PAGES", [page])
    assert pages.generated("class") == ""
    pages.fill("class", "one\ntwo")
    pages.fill("class", pages.generated("class").strip())
    assert page.read_text() == "before\n<!-- class -->\none\ntwo\n<!-- /class -->\nafter\n"
