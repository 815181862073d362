"""Slides in the browser, straight from the disk: they turn to the last one, complete, and ask nobody for anything."""

from build_notebooks import sources
from make_slides import copy_programs, make_slides
from playwright.sync_api import expect
import pytest

pytestmark = pytest.mark.data_free
BROKEN = "[...document.querySelectorAll('img')].filter(image => !image.naturalWidth).length"


def test_slides_turn_from_the_first_to_the_last(chromium, tmp_path):
    copy_programs(tmp_path)
    slides = make_slides(sources(["04"])[0], tmp_path)
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    asked, failures = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto(slides.as_uri())
    expect(page.locator("section.present h1").first).to_have_text("04 The bottleneck¶")
    count = page.evaluate("Reveal.getTotalSlides()")
    assert count > 20
    for _ in range(count - 1):
        page.keyboard.press("Space")
    assert page.evaluate("Reveal.isLastSlide()")
    expect(page.locator("section.present section.present")).to_contain_text("Where next")
    assert page.evaluate(BROKEN) == 0 and page.locator("math").count() > 0
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
    assert failures == []
    page.close()


def test_explorer_moves_on_its_slide_and_its_keys_do_not_turn_it(chromium, tmp_path):
    copy_programs(tmp_path)
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.goto(make_slides(sources(["06"])[0], tmp_path).as_uri())
    expect(page.locator(".aeutils-explorer")).to_have_count(3)
    place = page.evaluate("""() => {
        const slide = document.querySelector("[data-explorer=blend]").closest("section");
        const { h, v } = Reveal.getIndices(slide);
        Reveal.slide(h, v);
        return [h, v];
    }""")
    blend = page.locator("section.present [data-explorer=blend]")
    slider = blend.get_by_role("slider", name="from first to second")
    slider.press("ArrowRight")
    expect(blend.locator(".aeutils-sentence")).to_contain_text("55% of the distance")
    assert page.evaluate("[Reveal.getIndices().h, Reveal.getIndices().v]") == place
    assert blend.locator("img").count() == 0, "the figure has made room"
    page.close()
