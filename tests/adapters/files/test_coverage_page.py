"""The page about every rule of the older runbooks is made from the files and from the names of tests."""

import re
from pathlib import Path

import pytest

from allclear.adapters.files.coverage_page import CoverageProof, coverage, covered, unproved
from allclear.adapters.files.runbooks import items_of
from allclear.adapters.files.strict_yaml import load
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
    assert "## `templates/runbooks/hotdash.yml`\n" in page
    assert "| 000-01 | `severities.P0`, `rules.gravest` | executed | `tests/x.py::test_a` |\n" in page
    assert "| 000-08 | `the engine` | executed | no test yet |\n" in page
    assert "| 000-31 | `about` | only text | nobody can check who owns it |\n" in page
    assert "rules, 2 have a test or a reason. Without a test: 000-02, 000-03," in page


def test_what_the_page_lacks_is_said(checkout: Path) -> None:
    told = unproved(covered(checkout, ["hotdash"], PROOF))
    assert "000-02 is executed: name the test that shows it" in told
    assert not any(one.startswith(("000-01 ", "000-31 ")) for one in told)
    without = unproved(covered(checkout, ["hotdash"], CoverageProof()))
    assert "000-31 is rendered: name the test that shows it" in without


def test_all_that_becomes_of_a_rule_is_told(checkout: Path) -> None:
    found = {one.number: one for one in covered(checkout, RUNBOOKS, CoverageProof())}
    assert found["002-17"].kinds == ("executed", "enforced")  # the list holds, and its steps tick themselves
    assert found["000-18"].kinds == ("enforced",)  # the all-clear waits for its number
    assert found["004-36"].kinds == ("executed", "rendered")
    assert found["002-13"].kinds == ("rendered",)
    assert found["000-14"].kinds == ("executed",)  # its step names the command
    assert found["004-34"].kinds == ("executed",)


def test_what_is_for_a_channel_of_the_future_says_so(checkout: Path) -> None:
    proof = CoverageProof.model_validate({"later": ["000-10"], "open": {"000-10": "its own test"}})
    found = {one.number: one for one in covered(checkout, ["hotdash", "sev"], proof)}
    assert {number for number, one in found.items() if one.later} >= {"000-10", "002-09", "002-11", "002-12"}
    assert not found["000-01"].later
    assert found["000-10"].row.endswith("| executed; channel: later | no test yet: its own test |")


SHOWN = CoverageProof.model_validate(load((ROOT / "tests/runbook_coverage.yml").read_text()).value)
SAY = f"allclear runbook coverage {' '.join(RUNBOOKS)} --proof tests/runbook_coverage.yml"


def test_the_page_in_the_repository_is_that_of_the_runbooks() -> None:
    kept = (ROOT / "docs/runbook-coverage.md").read_text(encoding="utf-8")
    assert kept == coverage(covered(ROOT, RUNBOOKS, SHOWN)), f"{SAY} > docs/runbook-coverage.md"


def test_no_rule_is_forgotten_and_none_is_told_of_twice() -> None:
    numbers = {n for name in RUNBOOKS for n in items_of(ROOT, name)}
    assert set(SHOWN.tests) | set(SHOWN.text) | set(SHOWN.open) == numbers
    assert not set(SHOWN.open) & (set(SHOWN.tests) | set(SHOWN.text)), "a rule with a test is not open"
    assert set(SHOWN.later) <= numbers


@pytest.mark.parametrize("number", SHOWN.tests)
def test_every_test_that_shows_a_rule_is_there(number: str) -> None:
    for named in SHOWN.tests[number]:
        file, _, test = named.partition("::")
        assert re.search(rf"(?m)^def {test}\(", (ROOT / file).read_text(encoding="utf-8")), named
