"""The site in a browser, from the disk and with the network cut: drawn on, moved, read, and checked with axe."""

from pathlib import Path

from playwright.sync_api import expect
import pytest
from site_files import built

pytestmark = pytest.mark.data_free

AXE = (Path(__file__).parent / "vendored" / "axe.min.js").read_text(encoding="utf-8")
INK = "each => Math.max(...getComputedStyle(each).color.match(/\\d+/g).slice(0, 3))"
"""The brightest of red, green and blue in a text's colour."""
NO_EXCERPTS = "Failed to fetch"
"""What Sphinx's search says when it wants excerpts of the pages from the disk; the titles it has."""
NAMES = ["index.html", "playground.html", "contents.html", "06_the_latent_space.html"]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    return built(tmp_path_factory.getbasetemp())


@pytest.fixture
def visit(chromium, site):
    """A function that opens a page of the site without network; errors and requests elsewhere are failures."""
    contexts, failures = [], []

    def make(name, **options):
        context = chromium.new_context(offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: str(error) == NO_EXCERPTS or failures.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith("http") and failures.append(asked.url))
        page.goto((site / name).as_uri())
        return page

    yield make
    for context in contexts:
        context.close()
    assert failures == []


def draw(page, move):
    """Draw a stroke on the front page; move(x, y, number) goes to each of its places."""
    box = page.locator(".aeutils-pad").bounding_box()
    for number in range(5):
        move(box["x"] + box["width"] * (0.3 + 0.1 * number), box["y"] + box["height"] * 0.4, number)


def test_front_page_is_drawn_on_with_the_mouse(visit):
    page = visit("index.html")
    expect(page.locator(".aeutils-sentence")).to_contain_text("Nothing is drawn yet")

    def move(x, y, number):
        page.mouse.move(x, y)
        if number == 0:
            page.mouse.down()

    draw(page, move)
    page.mouse.up()
    expect(page.locator(".aeutils-sentence")).to_contain_text("reconstruction error is")


def test_front_page_is_drawn_on_with_a_finger(visit):
    page = visit("index.html", has_touch=True, viewport={"width": 360, "height": 740})
    draw(page, lambda x, y, _: page.touchscreen.tap(x, y))
    expect(page.locator(".aeutils-sentence")).to_contain_text("reconstruction error is")


def test_two_explorers_move_on_a_notebook_page(visit):
    page = visit("06_the_latent_space.html")
    blend, walk = (page.locator(f"[data-explorer={name}]") for name in ("blend", "latent_map"))
    blend.get_by_role("slider", name="from first to second").press("End")
    expect(blend.locator(".aeutils-sentence")).to_contain_text("100% of the distance")
    walk.locator(".aeutils-map").press("ArrowUp")
    expect(walk.locator(".aeutils-sentence")).not_to_contain_text("At +0.0, +0.0")


def test_search_finds_a_notebook(visit):
    page = visit("contents.html")
    page.keyboard.press("ControlOrMeta+K")
    page.locator("input[type=search] >> visible=true").fill("bottleneck")
    page.keyboard.press("Enter")
    page.locator("#search-results").get_by_role("link", name="04 The bottleneck", exact=True).click()
    expect(page.locator("h1").first).to_contain_text("04 The bottleneck")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_printed_is_the_page_alone_dark_on_white(visit, scheme):
    page = visit("04_the_bottleneck.html", viewport={"width": 800, "height": 1100}, color_scheme=scheme)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    for around in (".bd-sidebar-primary", ".bd-sidebar-secondary", ".header-article", ".prev-next-area"):
        assert page.locator(f"{around} >> visible=true").count() == 0, around
    prose = page.locator("article p >> visible=true").first
    assert prose.evaluate(INK) < 60, "a printer leaves out the background, however dark it is"
    assert prose.bounding_box()["width"] > 600
    assert page.locator("article img >> visible=true").count() > 3
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == scheme


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_page_fits_a_phone_and_axe_finds_nothing_serious(visit, name, scheme):
    page = visit(name, viewport={"width": 360, "height": 740}, color_scheme=scheme)
    if name != "contents.html":
        expect(page.locator(".aeutils-sentence").first).not_to_be_empty()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for title in page.locator(".prev-next-title").all():
        assert title.bounding_box()["x"] + title.bounding_box()["width"] <= 360, "cut off at the edge"
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then((result) => result.violations)")
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    assert [(each["id"], [node["target"] for node in each["nodes"]][:5]) for each in serious] == []
