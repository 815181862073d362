"""aeutils.notebook: CI keeps progress bars and explorers away, AEUTILS_STILL decides about explorers alone."""

import pytest

from aeutils import notebook

pytestmark = pytest.mark.data_free


YES, NO = ["true", "1", "yes", "woodpecker"], ["", "0", "false", "False", " no ", "off"]


@pytest.mark.parametrize("value", YES + NO)
def test_ci_counts_where_it_does_not_say_no(value, monkeypatch):
    monkeypatch.delenv("AEUTILS_STILL", raising=False)
    monkeypatch.setenv("CI", value)
    assert notebook.is_quiet() == notebook.is_still() == (value in YES)


def test_without_ci_somebody_watches(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("AEUTILS_STILL", raising=False)
    assert not notebook.is_quiet() and not notebook.is_still()


@pytest.mark.parametrize("ci", ["", "true"])
def test_still_figures_have_a_setting_of_their_own_that_goes_before_ci(ci, monkeypatch):
    monkeypatch.setenv("CI", ci)
    for value, still in (("1", True), ("0", False), ("", bool(ci))):
        monkeypatch.setenv("AEUTILS_STILL", value)
        assert notebook.is_still() == still
        assert notebook.is_quiet() == bool(ci)
