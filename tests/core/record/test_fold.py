from __future__ import annotations

from datetime import timedelta

import pytest

from allclear.core.record.audit import Helped, Refused, RunbookChanged, Tampered, Undone
from allclear.core.record.entry import Entry
from allclear.core.record.facts import Fact
from allclear.core.record.findings import Found
from allclear.core.record.fold import fold
from allclear.core.record.incident import GateOverride, Incident
from allclear.core.record.life import (
    Cleared,
    Declared,
    Dismissed,
    Joined,
    MilestoneSet,
    Resolved,
    SeveritySet,
    StatusSet,
)
from allclear.core.record.people import Acknowledged, RoleSet
from allclear.core.record.postmortem import PostmortemAsked, PostmortemOpened, PostmortemPublished
from allclear.core.record.progress import Fired
from commands.room import ALICE, BOB, CAROL, DECLARED, HOTDASH, Talk, at, declared
from stories import Story


def told(talk: Talk) -> list[tuple[str, str]]:
    return [(line.what, line.text) for line in talk.incident.timeline]


def folded(*facts: Fact, first: Declared | None = None) -> Incident:
    talk = Talk()
    if first is not None:
        talk.entries.clear()
        talk.add("declare", first, by=CAROL)
    talk.later(minutes=10)
    talk.add("x", *facts, by=ALICE)
    return talk.incident


def test_nothing_adds_up_to_nothing() -> None:
    incident = fold(7, [], HOTDASH)

    assert incident == Incident(number=7)
    assert (incident.stage, incident.active, incident.last) == ("nothing", False, None)


def test_a_declaration_without_times_starts_at_once() -> None:
    talk = Talk()

    assert talk.incident.milestones == {"started": DECLARED, "detected": DECLARED, "declared": DECLARED}
    assert (talk.incident.active, talk.incident.brief) == (True, "Checkout is down")
    assert talk.incident.team.reporter == CAROL
    assert told(talk) == [("Declared P1", "")]


def test_a_declaration_with_times_has_them_in_the_timeline() -> None:
    talk = Talk(started=at("13:30"), detected=at("13:50"), detected_by="Monitoring alert", reporter=BOB)

    assert told(talk) == [
        ("Started", ""),
        ("Detected", "Monitoring alert"),
        ("Declared P1", "Monitoring alert"),
    ]
    assert [line.at for line in talk.incident.timeline] == [at("13:30"), at("13:50"), DECLARED]
    assert talk.incident.team.reporter == BOB


def test_a_start_is_the_detection_when_nobody_gave_one() -> None:
    talk = Talk(detected=at("13:50"))

    assert talk.incident.reached("started") == at("13:50")
    assert told(talk) == [("Started", ""), ("Declared P1", "")]


def test_who_is_refused_or_asks_for_help_takes_no_part() -> None:
    talk = Talk()
    talk.add("a", Refused(code="not-allowed"), by=BOB)
    talk.add("b", Helped(), by=BOB)
    assert [person.login for person in talk.incident.team.people] == ["carol"]
    talk.add("c", Acknowledged(by=BOB), by=BOB)
    talk.add("d", SeveritySet(to="P0"), by=BOB)

    assert [person.login for person in talk.incident.team.people] == ["carol", "bob"]


def test_the_last_word_is_the_latest_not_the_last_read() -> None:
    talk = Talk()
    late = Entry(key="late", what="x", at=DECLARED - timedelta(hours=1), facts=(Helped(),))

    assert fold(7, [*talk.entries, late], HOTDASH).last == DECLARED


def test_what_was_undone_does_not_count_and_stays_in_the_timeline() -> None:
    talk = Talk()
    talk.add("/sev", SeveritySet(to="P0"), by=ALICE, key="c1.1")
    talk.add("/undo", Undone(key="c1.1", what="sev"), by=ALICE, key="c2.1")

    assert talk.incident.severity == "P1"
    assert told(talk)[-1] == ("Taken back", "sev")


def test_entries_can_be_added_to_an_incident() -> None:
    talk = Talk()
    before = talk.incident
    new = talk.add("/sev", SeveritySet(to="P0"), by=ALICE)

    assert fold(7, [new], HOTDASH, onto=before) == talk.incident


@pytest.mark.parametrize(
    ("way", "reached"),
    [
        (["identified"], {"identified"}),
        (["monitoring"], {"mitigated"}),
        (["identified", "monitoring"], {"identified", "mitigated"}),
        (["identified", "monitoring", "identified"], {"identified"}),
        (["identified", "monitoring", "investigating"], set()),
        (["mitigating"], set()),
    ],
)
def test_a_status_reaches_its_milestone_and_going_back_loses_the_later_ones(
    way: list[str], reached: set[str]
) -> None:
    incident = folded(*(StatusSet(to=to) for to in way))

    assert set(incident.milestones) - {"started", "detected", "declared"} == reached
    assert incident.status == way[-1]


def test_a_status_no_runbook_knows_is_kept_as_it_was_said() -> None:
    talk = Talk()
    talk.add("x", StatusSet(to="paused"), by=ALICE)

    assert talk.incident.status == "paused"
    assert told(talk)[-1] == ("Status: paused", "")


def test_the_first_time_of_a_milestone_counts() -> None:
    talk = Talk()
    talk.add("a", Acknowledged(by=ALICE), by=ALICE)
    talk.later(minutes=5)
    talk.add("b", Acknowledged(by=BOB), by=BOB)

    assert talk.incident.reached("acknowledged") == DECLARED
    assert [what for what, _ in told(talk)[1:]] == ["Acknowledged", "Joined the response"]


def test_a_corrected_declaration_moves_the_clocks() -> None:
    incident = folded(MilestoneSet(milestone="declared", at=at("13:00")))

    assert (incident.opened, incident.reached("declared")) == (at("13:00"), at("13:00"))


def test_a_role_without_its_kind_keeps_its_id() -> None:
    talk = Talk()
    talk.add("x", RoleSet(role="pilot", person=BOB), by=ALICE)

    assert told(talk)[-1] == ("pilot", "bob")
    assert talk.incident.team.responders == (BOB,)


def test_a_root_cause_identifies_and_does_not_throw_back() -> None:
    assert folded(Found(root_cause="x")).status == "identified"
    later = folded(StatusSet(to="monitoring"), Found(root_cause="x"))
    assert (later.status, "identified" in later.milestones) == ("monitoring", True)


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        (Found(proposed_fix="fix", evidence="e"), "fix"),
        (Found(evidence="e", impact="i"), "e"),
        (Found(impact="i"), "i"),
    ],
)
def test_a_finding_without_a_cause_is_still_told(fact: Found, text: str) -> None:
    line = folded(fact).timeline[-1]

    assert (line.what, line.text) == ("Findings", text)


def test_a_resolution_is_also_a_mitigation() -> None:
    incident = folded(Resolved(text="rolled back"))

    assert incident.reached("mitigated") == incident.reached("resolved") == at("14:10")
    assert (incident.status, incident.findings.fix, incident.stage) == ("resolved", "rolled back", "open")
    assert folded(Resolved(text="a"), Resolved()).findings.fix == "a"


def test_an_all_clear_closes_and_an_override_is_kept() -> None:
    plain, forced = Cleared(text="fixed"), Cleared(override="false alarm", open_gates=("fix",))

    assert folded(plain).progress.overrides == ()
    incident = folded(forced)
    given = GateOverride(at("14:10"), ALICE, "false alarm", ("fix",))
    assert (incident.stage, incident.status, incident.progress.overrides) == ("closed", "resolved", (given,))
    assert incident.timeline[-1].what == "All clear (override)"
    assert {"mitigated", "resolved", "closed"} <= set(incident.milestones)


def test_people_of_a_duplicate_come_along() -> None:
    incident = folded(Joined(issue=9, people=(BOB, ALICE, BOB)))

    assert (incident.links.joined, incident.team.responders) == ((9,), (BOB, ALICE))


def test_a_fired_deadline_stands_for_what_it_covers() -> None:
    incident = folded(
        Fired(timer="b/0/0", deadline="Escalated", due=DECLARED, to=("CEO",), covers=("a/0/0",))
    )

    assert incident.progress.fired == {"b/0/0": at("14:10"), "a/0/0": at("14:10")}
    assert (incident.timeline[-1].what, incident.timeline[-1].text) == ("Escalated", "CEO")


def test_the_post_mortem_is_asked_for_opened_and_published() -> None:
    opened = PostmortemOpened(path="p.md", branch="b", url="u", pull=3)

    assert folded(PostmortemAsked()).postmortem.pending
    incident = folded(PostmortemAsked(), opened)
    assert (incident.postmortem.pending, incident.postmortem.pull) == (False, 3)
    assert folded(PostmortemPublished(at=at("18:00"))).reached("published") == at("18:00")


def test_a_changed_runbook_and_a_broken_record_are_told() -> None:
    incident = folded(RunbookChanged(name="other", hash="123"))
    assert (incident.runbook.name, incident.runbook.hash) == ("other", "123")

    edited, gap = folded(Tampered(what="edited", url="u")), folded(Tampered(what="gap", url="u"))
    assert edited.tampered == ("A reply of the record was edited, and does not count: u",)
    assert gap.tampered == ("A reply of the record was deleted or edited before this one: u",)


def test_a_report_can_be_dismissed_and_declared_after_all() -> None:
    talk = Talk(report=True)
    assert (talk.incident.stage, talk.incident.team.reporter) == ("report", CAROL)
    talk.add("d", Dismissed(why="no"), by=ALICE)
    assert talk.incident.stage == "dismissed"
    talk.add("c", declared("P0"), by=ALICE)
    assert (talk.incident.stage, talk.incident.severity) == ("open", "P0")


def test_that_it_is_an_incident_cannot_be_taken_back() -> None:
    story = Story().declare()
    story.tell(1, BOB, Undone(key=story.entries[0].key))
    assert story.incident.stage == "open"
