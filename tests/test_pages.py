"""The pages for readers: their generated parts are up to date, links lead somewhere, commands name what exists."""

from functools import cache
from pathlib import Path
import re
import shlex

from build_notebooks import read, sources
import pages
import pytest
import run_tests

import course

pytestmark = pytest.mark.data_free

PROJECT = Path(__file__).parents[1]
PAGES = [*pages.PAGES, PROJECT / "CONTRIBUTING.md", PROJECT / "CHANGELOG.md", PROJECT / "data" / "README.md"]
COMMAND = re.compile(r"(?:[A-Z_]+=\S+ )?(?:python3?|py|\.venv/bin/python|\.venv/bin/ruff|\.ci/run)(?: .*)?")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


@cache
def text_of(page):
    return page.read_text(encoding="utf-8")


def commands(page):
    """Every command line of a page: in a block of code, or alone between backticks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text_of(page), re.DOTALL | re.MULTILINE)
    prose = re.sub(r"^```.*?^```", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    lines = [line.strip() for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", prose)
    return [line for line in lines if COMMAND.fullmatch(line)]


def test_generated_parts_are_what_the_stored_notebooks_make():
    readme, gallery = text_of(PROJECT / "README.md"), text_of(PROJECT / "docs" / "gallery.md")
    for source in sources():
        title, purpose = pages.opening(read(source, "student"))
        solutions = read(source, "solutions")
        seconds = solutions.metadata["aeutils"]["seconds"]
        assert f"| [{title}](notebooks/{source.stem}.ipynb) | {purpose} | {seconds} |" in readme, "run tools/pages.py"
        png, description = pages.chosen_figure(solutions)
        assert f"![{description}](../gallery/{source.stem}.png)" in gallery, "run tools/pages.py"
        assert (pages.GALLERY / f"{source.stem}.png").read_bytes() == png, "run tools/pages.py"


def test_readme_is_short():
    assert len(text_of(PROJECT / "README.md").splitlines()) <= 120


@each_page
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)]+)\)", text_of(page)):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path) if path else page
        assert file.exists(), f"{page.name} links to {target}"
        if anchor:
            titles = re.findall(r"^#+ (.*)", text_of(file), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}, target


@pytest.mark.parametrize("page, line", [(page, line) for page in PAGES for line in commands(page)])
def test_command_names_what_exists(page, line):
    words = [word for word in shlex.split(line) if not re.fullmatch(r"[A-Z_]+=\S+", word)]
    for word in words:
        if re.match(r"(tools|tests|notebooks|\.ci|docs)/", word):
            assert (PROJECT / word.split("::")[0]).exists(), f"{page.name}: {line}"
    if "course.py" in words:
        command, _, rest = course.parse(words[words.index("course.py") + 1 :])
        assert command != "test" or not rest or rest[0].startswith("-") or rest[0] in run_tests.WORDS or "/" in rest[0]


def test_pages_show_commands():
    """The test above would pass where none is found."""
    assert sum(len(commands(page)) for page in PAGES) > 20


@each_page
def test_code_in_backticks_is_there(page):
    """Functions of aeutils that a page names, and settings, exist."""
    import aeutils as ae

    for name in re.findall(r"`ae\.([a-z_.]+)\(", text_of(page)):
        thing = ae
        for part in name.split("."):
            thing = getattr(thing, part)
    settings = set(re.findall(r"AEUTILS_[A-Z]+", text_of(page)))
    code = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "aeutils").rglob("*.py"))
    assert all(setting in code for setting in settings), settings


def test_the_worked_example_of_a_question_works(monkeypatch):
    """The code in CONTRIBUTING.md makes a check that passes the right function and names each mistake."""
    import torch

    import aeutils as ae
    from aeutils.checks import core, kinds

    (code,) = re.findall(r"^```python\n(.*?)^```", text_of(PROJECT / "CONTRIBUTING.md"), re.DOTALL | re.MULTILINE)
    monkeypatch.setattr(core, "QUESTIONS", {})
    assert code.count("\n") <= 45
    scope = {"ask": kinds.ask, "torch": torch}
    exec(code, scope)
    (question,) = core.QUESTIONS.values()
    assert question.check(lambda images, codes: images[0].numel() / codes[0].numel()).status == "passed"
    for mistake in question.mistakes:
        assert [question.check(wrong).misconception for wrong in mistake.wrong] == [mistake.name]
    assert "smaller" not in ae.check.QUESTIONS
