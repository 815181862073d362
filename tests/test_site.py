"""The site: built from stored notebooks, it points at nothing that is not there and needs no network."""

from urllib.parse import unquote, urlsplit

from build_notebooks import sources
import build_site
import playground
import pytest
from site_files import Page, built

from aeutils.widgets import assemble

pytestmark = [pytest.mark.data_free, pytest.mark.slow]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    return built(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def pages(site):
    """{path: Page} of all pages."""
    return {path: Page(path) for path in sorted(site.rglob("*.html"))}


def test_every_link_and_anchor_leads_somewhere(pages):
    broken = []
    for path, page in pages.items():
        for _, _, address in page.targets:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            known = pages[target].anchors if target in pages else set()
            if not target.exists() or (parts.fragment and target in pages and unquote(parts.fragment) not in known):
                broken.append(f"{path.name}: {address}")
    assert broken == []


def test_pages_fetch_nothing_from_elsewhere(pages):
    """Links that one clicks may lead elsewhere; scripts, styles and images may not."""
    fetched = [
        f"{path.name}: {address}"
        for path, page in pages.items()
        for tag, _, address in page.targets
        if tag != "a" and urlsplit(address).netloc
    ]
    assert fetched == []


def test_every_image_says_what_it_shows(pages):
    for path, page in pages.items():
        for image in page.images:
            assert image.get("alt") and not image["alt"].startswith("_images"), f"{path.name}: {image}"


def test_front_page_is_small(site):
    assert (site / "index.html").stat().st_size <= 300_000
    assert (site / "playground.html").stat().st_size <= playground.LIMIT


def test_notebook_page_has_its_explorers_its_notebook_and_no_raw_formula(site):
    text = (site / "06_the_latent_space.html").read_text(encoding="utf-8")
    for name in ("latent_map", "blend", "draw_digit"):
        assert f'data-explorer="{name}"' in text
    assert "06_the_latent_space.ipynb" in text and "<math" in text and "<details>" in text and "attachment:" not in text
    assert "Colab" not in text, "no address of a repository is set"


def test_what_a_notebook_folds_is_folded_on_its_page(site):
    """Machinery and answers to predictions: no one reads the answer above the question, or proofs in between."""
    text = (site / "04_the_bottleneck.html").read_text(encoding="utf-8")
    notebook = build_site.read(sources(["04"])[0], "student")
    parts = [part for cell in notebook.cells for part in cell.metadata.get("jupyter", {})]
    for part, (_, words) in build_site.FOLDS.items():
        assert text.count(words) == parts.count(part) > 0
    assert "Author name not set" not in text


def test_link_to_a_live_edition_keeps_its_words_alone(site):
    text = (site / "live.html").read_text(encoding="utf-8")
    assert "The live edition" in text and ">The live edition</" not in text


def test_address_of_the_repository_brings_links(monkeypatch):
    monkeypatch.setenv("AEUTILS_REPOSITORY", "https://example.org/owner/name/")
    line = build_site.links(sources(["04"])[0])
    assert "https://example.org/owner/name/issues/new?title=04_the_bottleneck" in line
    assert "colab.research.google.com/github/owner/name/blob/main/notebooks/04_the_bottleneck.ipynb" in line


def test_explorer_alone_has_the_arrays_that_it_had():
    explorers, data = assemble.stored()
    alone, own = assemble.only(explorers, data, ["draw_digit"])
    for name, entry in explorers["draw_digit"]["arrays"].items():
        there = alone["draw_digit"]["arrays"][name]["offset"]
        assert own[there : there + 20] == data[entry["offset"] : entry["offset"] + 20]
    assert len(own) < len(data) / 3
