"""Slides: made of the stored notebooks, complete in themselves, and turned in a real browser by tests/browser."""

from functools import cache
import re

from build_notebooks import sources
from make_slides import copy_programs, make_slides
import nbformat
import pytest

from aeutils_lab.export import with_formulas, write_formulas

pytestmark = [pytest.mark.data_free, pytest.mark.slow]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("slides")
    copy_programs(path)
    return path


@pytest.fixture(scope="module")
def slides_of(folder):
    """A function that gives the slides of a source as text; they are made once."""
    return cache(lambda source: make_slides(source, folder).read_text(encoding="utf-8"))


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.stem)
def test_slides_fetch_nothing(source, folder, slides_of):
    text = slides_of(source)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"[^>]*(?:script|stylesheet)', text)
    assert not re.findall(r'<(?:script|link)[^>]*(?:src|href)="(?:https?:)?//', text)
    for address in re.findall(r'<(?:script|link)[^>]*(?:src|href)="([^"#][^"]*)"', text):
        assert (folder / address).is_file(), address


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.stem)
def test_every_section_begins_a_slide_and_no_formula_is_left(source, slides_of):
    text = slides_of(source)
    assert text.count("<section") > 20
    for heading in re.findall(r"^# ## (\d+\. .*)$", source.read_text(encoding="utf-8"), re.MULTILINE):
        assert heading.split("*")[0].strip().split('"')[0] in text
    prose = re.sub(r"<pre.*?</pre>|<style.*?</style>|<script.*?</script>", "", text, flags=re.DOTALL)
    assert "$" not in prose


def test_explorers_have_their_places_with_a_figure_for_where_no_script_runs(slides_of):
    text = slides_of(sources(["06"])[0])
    for name in ("latent_map", "blend", "draw_digit"):
        figure = r'<img alt="[^"]+" src="data:image/png;base64,[^"]+" width="1000"/>'
        assert re.search(rf'data-explorer="{name}">{figure}</div>', text)


def test_predictions_are_sentences(slides_of):
    text = slides_of(sources(["02"])[0])
    assert "<strong>Predict:</strong> All four are packed. Which of them become <em>larger</em>? (none / the" in text


def test_formulas_become_mathml():
    text = with_formulas("an $x^2$ and\n$$\\hat{x}_i$$\nfor $5 and 6")
    assert text.count("<math") == 2 and 'display="block"' in text and "for $5 and 6" in text
    assert with_formulas("no formula") == "no formula"


def test_formulas_of_a_prediction_become_mathml():
    shown = {"text/markdown": "**Predict:** what is $x^2$? (1 / 2)", "text/plain": "Predict: what is $x^2$? (1 / 2)"}
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", shown)])
    write_formulas(cell)
    assert "<math" in cell.outputs[0].data["text/markdown"] and "$" not in cell.outputs[0].data["text/markdown"]


def test_reveal_is_there(folder):
    assert (folder / "reveal" / "dist" / "reveal.js").is_file()
