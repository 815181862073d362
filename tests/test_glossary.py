"""docs/glossary.md: each term is found, and explained, in the notebook that it names."""

from functools import cache
from pathlib import Path
import re

from build_notebooks import sources
import jupytext
import pytest

pytestmark = pytest.mark.data_free

GLOSSARY = Path(__file__).parents[1] / "docs" / "glossary.md"
ROW = re.compile(r"^\| (?P<term>[^|]+) \| (?P<sentence>[^|]+) \| (?P<notebook>\d\d) \|$", re.MULTILINE)
ROWS = [found.groups() for found in ROW.finditer(GLOSSARY.read_text(encoding="utf-8"))]


@cache
def prose(number):
    """All markdown of the notebook with that number, in lower case."""
    (source,) = sources([number])
    cells = jupytext.read(source, fmt="py:percent").cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown").lower()


def names(term):
    """A term and what stands in brackets behind it: "PCA (principal component analysis)" is two names."""
    return [name.strip(" )").lower() for name in term.split("(")]


def test_every_line_of_the_table_is_read():
    lines = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert len(lines) == len(ROWS) + 1


def test_terms_are_in_order_and_occur_once():
    terms = [term.lower() for term, _, _ in ROWS]
    assert terms == sorted(set(terms))


@pytest.mark.parametrize("term, sentence, notebook", ROWS)
def test_term_stands_in_its_notebook_and_is_explained_in_one_sentence(term, sentence, notebook):
    text = prose(notebook)
    found = any(re.search(rf"\b{re.escape(name)}s?\b", text) for name in names(term))
    assert found, f"notebook {notebook} does not mention {term}"
    assert sentence[0].isupper() and sentence.endswith(".") and ". " not in sentence
