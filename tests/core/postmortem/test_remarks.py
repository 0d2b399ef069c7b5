"""A post-mortem is looked at as a reviewer would: planted defects are found, good reports left in peace."""

from __future__ import annotations

import pytest

from allclear.core.postmortem.front_matter import read
from allclear.core.postmortem.remarks import WRITTEN_BY_PEOPLE, Remark
from allclear.core.postmortem.reviewing import reviewed
from core.postmortem.defects import HOTDASH, below, emptied, swap
from core.postmortem.reports import RUNBOOKS, TOLD, drafted, finished, story_of
from core.postmortem.ways import BAD
from core.postmortem.ways import GOOD as WAYS
from written import runbook

GOOD = [(number, name) for number in range(len(TOLD)) for name in RUNBOOKS]


def remarks(text: str, name: str, known: str | None = None) -> list[Remark]:
    record = read(known).report if known is not None else None
    return list(reviewed(text, runbook(name), record))


@pytest.mark.parametrize(("number", "name"), GOOD)
def test_a_good_report_is_left_in_peace(number: int, name: str) -> None:
    text = finished(number, name)
    assert remarks(text, name, known=text) == []


@pytest.mark.parametrize("defect", HOTDASH)
@pytest.mark.parametrize("number", range(0, len(TOLD), 2))
def test_a_planted_defect_is_found_in_its_line_and_nothing_else_is(defect: str, number: int) -> None:
    good = finished(number, "hotdash")
    rule, plant = HOTDASH[defect]
    bad = plant(good)
    found = remarks(bad, "hotdash", known=good)
    assert rule in {one.rule for one in found}, defect
    lines = bad.split("\n")
    assert all(1 <= one.line <= len(lines) for one in found)
    follows = {"order": {"record", "duration", "head"}, "whose": {"record"}, "duration": {"record", "head"}}
    follows |= {"record": {"duration", "head", "order"}, "prompt-left": {"no-actions"}, "unfinished": set()}
    assert {one.rule for one in found} <= {rule} | follows.get(rule, set()), defect


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", range(0, len(TOLD), 4))
def test_what_people_write_in_their_own_way_is_understood(way: str, number: int) -> None:
    good = finished(number, "hotdash")
    assert remarks(WAYS[way](good), "hotdash", known=good) == []


@pytest.mark.parametrize("defect", BAD)
@pytest.mark.parametrize("number", range(0, len(TOLD), 4))
def test_a_defect_is_found_however_people_write_it(defect: str, number: int) -> None:
    good = finished(number, "hotdash")
    rule, plant = BAD[defect]
    assert {one.rule for one in remarks(plant(good), "hotdash", known=good)} == {rule}


BY_PEOPLE = [
    (name, section.heading)
    for name in RUNBOOKS
    for section in runbook(name).review.sections
    if not section.block or section.block in WRITTEN_BY_PEOPLE
]


@pytest.mark.parametrize(("name", "heading"), BY_PEOPLE)
def test_no_section_of_any_runbook_that_only_people_can_write_may_be_empty(name: str, heading: str) -> None:
    good = finished(0, name)
    found = remarks(emptied(heading)(good), name, known=good)
    assert [(one.rule, one.holds) for one in found] == [("section-empty", True)]
    assert heading in found[0].text


def test_a_draft_asks_for_everything_that_people_have_to_write() -> None:
    told = TOLD[0]
    rules = {one.rule for one in remarks(drafted(story_of(told, "hotdash")), "hotdash")}
    assert rules == {"prompt-left", "runbooks"}


def test_a_timeline_may_pass_midnight_and_name_its_days() -> None:
    good = finished(0, "hotdash")
    timeline = (
        "- 23:50: A\n- 00:10: B\n- 2025-10-20 00:20: C\n- 00:30: D\n- 2025-10-21 00:01: E\n- 25:90: F\n"
    )
    text = emptied("Timeline", timeline)(good)
    assert remarks(text, "hotdash") == []


def test_without_a_timeline_or_times_there_is_nothing_to_contradict() -> None:
    text = (
        "---\nid: a\nseverity: P1\ntitle: x\nrepository: acme/shop\nissue: 3\n---\n**Duration**: 7 minutes\n"
    )
    assert {one.rule for one in remarks(text, "hotdash")} == {"section-missing", "runbooks"}


def test_an_override_with_its_reason_is_explained() -> None:
    text = swap(
        r"^number_of_people: .*$",
        "overrides:\n- by: ada\n  at: '2025-10-19T16:00:00Z'\n  reason: The vendor keeps the log\n",
    )(finished(0, "hotdash"))
    assert remarks(text, "hotdash") == []


@pytest.mark.parametrize(
    ("line", "explained"),
    [
        ("The override was given because the last check needs the vendor's morning.", True),
        ("- Ada overrode the gates, since nobody was left to look at the dashboards.", True),
        ("> The override was given because the last check needs the vendor's morning.", False),
        ("| 16:00 | ada | All clear (override): we were done for the day |", False),
        ("The override was fine.", False),
        ("The last check needs somebody of the vendor, who sleeps by now.", False),
    ],
)
def test_a_sentence_on_an_override_in_the_document_explains_it(line: str, explained: bool) -> None:
    text = swap(
        r"^number_of_people: .*$",
        "overrides:\n- by: ada\n  at: '2025-10-19T16:00:00Z'\n  reason: done\n",
    )(finished(0, "hotdash"))
    found = remarks(below("Resolution", line)(text), "hotdash")
    assert [one.rule for one in found] == ([] if explained else ["override"])


def test_nothing_to_do_may_be_said_instead_of_an_action() -> None:
    text = emptied("Prevention", "No action items, because the vendor mended it.")(finished(0, "hotdash"))
    assert remarks(text, "hotdash") == []


def test_numbers_of_other_kinds_are_nobodys_data() -> None:
    harmless = (
        "Run 18234567890123 took 4111111111111 ns at 2025-10-19 14:05:33 +0000, "
        "see sha 1234567890123456 and 0000 0000 0000 0000, mail to ops@example.com."
    )
    assert remarks(below("Resolution", harmless)(finished(0, "hotdash")), "hotdash") == []


def test_a_line_of_emphasis_that_asks_nothing_is_a_line_of_text() -> None:
    text = emptied("Lessons Learned", "_The alert was early._")(finished(0, "hotdash"))
    assert remarks(text, "hotdash") == []


def test_tags_and_code_are_no_unfilled_places() -> None:
    text = below("Resolution", "<details> and `<version>` and <https://example.com/a>")(
        finished(0, "hotdash")
    )
    assert remarks(text, "hotdash") == []
