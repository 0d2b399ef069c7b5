"""The page about every rule of the older runbooks is made from the files and from the names of tests."""

from pathlib import Path

import pytest

from allclear.adapters.files.coverage_page import CoverageProof, coverage, covered, unproved
from allclear.adapters.files.runbooks import items_of
from written import ROOT, SHIPPED

RUNBOOKS = ("hotdash", "hotdash-agents", "sev", "habit-tracker", "dirt-free-crm")
PROOF = CoverageProof.model_validate(
    {"tests": {"000-01": "tests/x.py::test_a"}, "text": {"000-31": "nobody can check who owns it"}}
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/engine.yml").symlink_to(ROOT / "templates/engine.yml")
    (tmp_path / "templates/runbooks").symlink_to(SHIPPED)
    return tmp_path


def test_every_rule_of_every_runbook_has_a_row(checkout: Path) -> None:
    found = list(covered(checkout, RUNBOOKS, PROOF))
    assert [one.number for one in found] == [n for name in RUNBOOKS for n in items_of(checkout, name)]
    assert len(found) > 190


def test_a_rule_says_where_it_stands_what_becomes_of_it_and_what_shows_it(checkout: Path) -> None:
    page = coverage(covered(checkout, ["hotdash"], PROOF))
    here = "templates/runbooks/hotdash.yml"
    assert f"| 000-01 | `{here}:13`, `{here}:88` | executed | `tests/x.py::test_a` |\n" in page
    assert "| 000-08 | `the engine` | executed |  |\n" in page
    assert f"| 000-31 | `{here}:6` | only text | nobody can check who owns it |\n" in page


def test_what_the_page_lacks_is_said(checkout: Path) -> None:
    told = unproved(covered(checkout, ["hotdash"], PROOF))
    assert "000-02 is executed: name the test that shows it" in told
    assert not any(one.startswith(("000-01 ", "000-31 ")) for one in told)
    without = unproved(covered(checkout, ["hotdash"], CoverageProof()))
    assert "000-31 is only text: say why" in without


def test_the_strongest_of_several_places_counts(checkout: Path) -> None:
    kinds = {one.number: one.kind for one in covered(checkout, ["sev", "dirt-free-crm"], CoverageProof())}
    assert kinds["002-18"] == "executed"
    assert kinds["004-36"] == "executed"
