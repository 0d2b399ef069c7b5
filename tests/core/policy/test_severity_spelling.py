"""One reader for all spellings of a severity."""

from __future__ import annotations

import pytest

from allclear.core.model.structs import replace
from allclear.core.policy.severity_spelling import LONGEST, called, leading, meant
from written import runbook

SHIPPED = ("hotdash", "hotdash-agents", "habit-tracker", "neutral", "sev", "dirt-free-crm", "pagerduty")
BOOK = runbook("hotdash").severities


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        *((one, "P1") for one in ("P1", "p1", "P-1", "P 1", "p_1", "SEV1", "SEV-1", "SEV 1", "sev_1", "S1")),
        *((one, "P1") for one in ("severity 1", "Severity: 1", "severity/1", "prio1", "level 1", "1", "1️⃣")),
        *((one, "P1") for one in ("high", "HIGH!!", "Urgent", "High (Urgent)", "priority: high", "sev high")),
        *((one, "P0") for one in ("p0!!", "SEV-0", "(P0)", "<P0>", '"P0"', "**P0**", "= P0", "`P0`", "P0?")),
        *((one, "P2") for one in ("moderate", "normal", "med", "Ｐ２", "P2\u200b", "【P2】", "“medium”")),
        *((one, "P0") for one in ("crit", "Critical", "0")),
    ],
)
def test_a_severity_is_known_by_every_usual_spelling(text: str, severity: str) -> None:
    found = meant(text, BOOK)
    assert found is not None
    assert found.id == severity


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "!", "P", "P4", "P00", "PO", "sev", "severity", "SEV 9", "1.0", "+1", "-1", "- P1"),
        *("P1/P2", "P1 P2", "P1 2", "medium-high", "not high", "highly", "P10", "AP1", "P1x", "unknown"),
        *("\u0420" + "1", "x1", "priority: someday", "critical path", "1 2", "P1" * LONGEST),
    ],
)
def test_what_names_no_severity_or_several_is_none(text: str) -> None:
    assert meant(text, BOOK) is None


@pytest.mark.parametrize(
    ("word", "severity"),
    [("p1", "P1"), ("P-1", "P1"), ("high", "P1"), ("s3", ""), ("sev3", ""), ("normal", ""), ("p" * 99, "")],
)
def test_a_command_is_only_an_own_word_of_the_runbook(word: str, severity: str) -> None:
    found = called(word, BOOK)
    assert (found.id if found else "") == severity


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_runbooks_own_words_and_numbers_name_its_severities(name: str) -> None:
    levels = runbook(name).severities
    for level in levels:
        number = level.id[-1]
        for word in (
            level.id,
            level.shown,
            *level.words,
            f"SEV-{number}",
            f"severity {number}",
            f"S{number}",
        ):
            assert meant(word, levels) == level, word
            assert meant(f"**{word.upper()}!**", levels) == level, word


def test_a_bracketed_word_that_two_names_share_is_neither() -> None:
    levels = runbook("hotdash").severities
    twice = [replace(levels[0], name="Bad (Urgent)"), *levels[1:]]
    assert meant("urgent", levels) == levels[1]
    assert meant("urgent", twice) is None


@pytest.mark.parametrize(
    ("text", "severity", "rest"),
    [
        ("SEV 1 half of all orders", "P1", "half of all orders"),
        ("severity 1", "P1", ""),
        ("1 pod down", "P1", "pod down"),
        ("P1, checkout is dead", "P1", "checkout is dead"),
        ("High (Urgent) because of sales", "P1", "because of sales"),
        ("P1 1 pod down", "P1", "1 pod down"),
        ("P1\n\nfrom  here", "P1", "from  here"),
    ],
)
def test_the_longest_spelling_at_the_start_is_read(text: str, severity: str, rest: str) -> None:
    found = leading(text, BOOK)
    assert found is not None
    assert (found[0].id, found[1]) == (severity, rest)


@pytest.mark.parametrize("text", ["", "half of all orders", "x" * 70_000, "sev " * 20_000])
def test_a_text_that_begins_with_no_severity_has_none(text: str) -> None:
    assert leading(text, BOOK) is None
