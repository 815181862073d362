"""tools/class_load.py measures a few numbers of kernels at a time; its table on the page keeps the others."""

import class_load
import pages
import pytest

pytestmark = pytest.mark.data_free

EARLIER = [
    "| notebook | kernels at once | s |",
    "|---|---|---|",
    "| 02 | 8 | 0.44 |",
    "| 03 | 4 | 0.70 |",
    "| 03 | 16 | 0.40 |",
]
MEMORY = "With 0.50 GB each, the most of 8 kernels or more, 30 students need 15 GB and 200 students need 100 GB."


def rows(monkeypatch, classes, earlier):
    monkeypatch.setattr(class_load, "measure", lambda count, number: (10 * count, 1, 5e8))
    _, _, *found = [line for line, _ in class_load.lines(classes, "03", earlier)]
    return [line.strip("| ").split(" | ")[:3] for line in found if line.startswith("|")], found[-1]


def test_lines_that_are_not_measured_stay_in_the_order_of_their_numbers(monkeypatch):
    found = [["02", "8", "0.44"], ["03", "4", "40"], ["03", "8", "80"], ["03", "16", "0.40"]]
    assert rows(monkeypatch, [8, 4], EARLIER) == (found, MEMORY)
    assert rows(monkeypatch, [2], []) == ([["03", "2", "20"]], "")


def test_a_generated_part_is_read_as_it_was_written_and_nothing_else_changes(monkeypatch, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- class -->\n<!-- /class -->\nafter\n")
    monkeypatch.setattr(pages, "PAGES", [page])
    assert pages.generated("class") == ""
    pages.fill("class", "one\ntwo")
    pages.fill("class", pages.generated("class").strip())
    assert page.read_text() == "before\n<!-- class -->\none\ntwo\n<!-- /class -->\nafter\n"
