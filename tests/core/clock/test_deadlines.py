from __future__ import annotations

from datetime import timedelta

import pytest

from allclear.core.clock.deadlines import due, timers, upcoming
from allclear.core.record.life import Cleared, Dismissed, Duplicated
from allclear.core.record.postmortem import PostmortemPublished
from allclear.core.record.progress import Fired
from commands.room import ALICE, HOTDASH, HOTDASH_DATA, Talk, at, runbook


def said(talk: Talk, clock: str, day: int = 2) -> dict[str, str]:
    """The deadlines due at that time, with whom they reach."""
    return {t.deadline.id: ", ".join(t.to) for t in due(talk.incident, talk.runbook, at(clock, day))}


def fire(talk: Talk, clock: str, day: int = 2) -> list[str]:
    """Tell everybody what is due, as a pass does; the keys of what was told."""
    found = due(talk.incident, talk.runbook, at(clock, day))
    talk.now = at(clock, day)
    for timer in found:
        talk.add(
            f"t:{timer.key}",
            Fired(timer=timer.key, deadline=timer.deadline.title, due=timer.due, covers=timer.covers),
        )
    return [timer.key for timer in found]


@pytest.mark.parametrize(("severity", "response"), [("P0", "14:05"), ("P1", "14:15"), ("P2", "15:00")])
def test_the_response_times_of_the_book(severity: str, response: str) -> None:
    incident = Talk(severity).incident
    found = {timer.deadline.id: timer.due for timer in timers(incident, HOTDASH, at("14:00"))}

    assert found["response"] == at(response)


def test_a_low_severity_has_a_day() -> None:
    found = {timer.deadline.id: timer.due for timer in timers(Talk("P3").incident, HOTDASH, at("14:00"))}

    assert found == {"initial-alert": at("14:00"), "response": at("14:00", day=3)}


@pytest.mark.parametrize(
    ("severity", "clock", "who"),
    [
        ("P0", "14:00", {"initial-alert": "DevOps", "escalate-ceo": "CEO"}),
        ("P1", "14:14", {"initial-alert": "DevOps"}),
        ("P1", "14:15", {"initial-alert": "DevOps", "escalate-manager": "Manager, DevOps"}),
        ("P2", "14:59", {"initial-alert": "DevOps"}),
        ("P2", "15:00", {"initial-alert": "DevOps", "escalate-manager": "Manager, DevOps"}),
        ("P3", "23:59", {"initial-alert": "DevOps"}),
    ],
)
def test_the_escalation_matrix_of_000_05(severity: str, clock: str, who: dict[str, str]) -> None:
    assert said(Talk(severity), clock) == who


def test_missed_levels_collapse_into_the_highest_and_missed_repetitions_into_the_last() -> None:
    talk = Talk("P0")

    top = next(t for t in due(talk.incident, HOTDASH, at("14:12")) if t.deadline.ladder == "response")
    assert (top.deadline.id, top.due, top.covers) == ("escalate-ceo", at("14:10"), ("response/0/0",))
    assert top.to == ("CEO", "DevOps")


def test_what_was_said_is_not_said_again_and_repeats_until_somebody_acknowledges() -> None:
    talk = Talk("P0")

    assert fire(talk, "14:00") == ["escalate-ceo/0/0", "initial-alert/0/0"]
    assert fire(talk, "14:00") == []
    assert fire(talk, "14:05") == ["escalate-ceo/0/1"]
    assert fire(talk, "14:06") == []
    talk.says("/ack")
    assert fire(talk, "14:14") == []


def test_the_cadence_of_a_p0_starts_with_the_declaration_and_anew_with_every_update() -> None:
    talk = Talk("P0")
    talk.says("/ack")
    assert "cadence" in said(talk, "14:15")
    talk.now = at("14:20")
    talk.says("/update all hands are on it")

    assert "cadence" not in said(talk, "14:35")
    assert said(talk, "14:36")["cadence"] == "incident commander, responders"
    assert fire(talk, "14:36")[-1] == "cadence/0/20260302T142100/0"
    assert fire(talk, "14:50") == []
    assert fire(talk, "15:10") == ["cadence/0/20260302T142100/2"]


def test_raising_the_severity_keeps_the_anchors_and_lowering_drops_what_was_to_come() -> None:
    talk = Talk("P2")
    assert "escalate-manager" not in said(talk, "14:20")
    talk.says("/sev P1")
    assert "escalate-manager" in said(talk, "14:20")
    talk.says("/sev P3")
    assert said(talk, "14:20") == {"initial-alert": "DevOps"}


def test_a_milestone_stops_its_deadlines() -> None:
    talk = Talk("P1")
    talk.says("/status monitoring")

    found = {timer.deadline.id: timer.due for timer in upcoming(talk.incident, HOTDASH, at("14:02"))}
    assert found == {"monitoring-over": at("15:01")}


def test_a_flag_is_a_condition() -> None:
    officer = HOTDASH_DATA["deadlines"][1] | {"id": "officer", "flag": "security", "ladder": ""}
    talk = Talk("P1", book=runbook(deadlines=[officer], steps=[], gates=[]))

    assert said(talk, "14:15") == {}
    talk.now = at("14:20")
    talk.says("/flag security")
    assert said(talk, "14:35") == {}
    assert said(talk, "14:36") == {"officer": "DevOps"}


@pytest.mark.parametrize("end", [Duplicated(of=12), Dismissed()])
def test_the_clocks_of_a_duplicate_stop(end: Duplicated | Dismissed) -> None:
    talk = Talk("P0")
    talk.add("end", end, by=ALICE)

    assert timers(talk.incident, HOTDASH, at("23:00")) == ()


def test_after_the_close_only_the_post_mortem_is_due() -> None:
    talk = Talk("P1")
    talk.add("c", Cleared(override="x"), by=ALICE)

    assert said(talk, "13:59", day=3) == {}
    assert said(talk, "14:00", day=3) == {"post-mortem-reminder": "incident commander, responders"}
    top = due(talk.incident, HOTDASH, at("15:00", day=6))[0]
    assert (top.deadline.id, top.due, top.covers) == (
        "post-mortem-due",
        at("14:00", day=6),
        ("post-mortem-reminder/0/0",),
    )

    talk.add("p", PostmortemPublished(at=talk.now + timedelta(hours=1)))
    assert said(talk, "15:00", day=6) == {}


def test_a_reopening_has_its_own_clocks() -> None:
    talk = Talk("P1")
    fire(talk, "14:20")
    talk.add("c", Cleared(override="x"), by=ALICE)
    talk.now = at("18:00")
    talk.says("/reopen it is back")

    assert fire(talk, "18:16") == ["initial-alert/1/0", "escalate-manager/1/0"]
    assert {key for key in talk.incident.progress.fired if "/1/" in key} == {
        *("initial-alert/1/0", "escalate-manager/1/0", "response/1/0"),
    }


def test_a_reopening_starts_the_cadence_after_an_old_update_anew() -> None:
    talk = Talk("P0")
    talk.says("/update one")
    talk.add("c", Cleared(override="x"), by=ALICE)
    talk.now = at("18:00")
    talk.says("/reopen it is back")

    found = {timer.deadline.id: timer.due for timer in timers(talk.incident, HOTDASH, at("18:02"))}
    assert found["cadence"] == at("18:16")


def test_a_report_has_no_clocks() -> None:
    assert timers(Talk(report=True).incident, HOTDASH, at("23:00")) == ()
