"""No open incident is forgotten."""

from __future__ import annotations

import written
from allclear.core.clock.anchors import anchors
from allclear.core.clock.deadlines import due, due_time
from allclear.core.clock.silence import longest, watch_for_silence
from allclear.core.record.incident import Incident
from allclear.core.record.life import Cleared, StatusSet
from allclear.core.record.progress import Fired
from commands.room import ALICE, HOTDASH, Talk, at, declared, runbook
from written import small


def asked(talk: Talk, clock: str, day: int = 2) -> list[tuple[str, ...]]:
    """Whom the silence is told at that time; and that they were told is in the record."""
    found = [one for one in due(talk.incident, talk.runbook, at(clock, day)) if one.deadline.quiet]
    talk.now = at(clock, day)
    for one in found:
        fact = Fired(timer=one.key, deadline="x", due=one.due, covers=one.covers, titles=one.to)
        talk.add(f"t:{one.key}", fact)
    return [one.to for one in found]


def test_the_commander_then_the_first_responder_then_one_level_after_the_other() -> None:
    talk = Talk("P1")
    talk.says("/ack")

    assert asked(talk, "15:00") == []
    assert asked(talk, "15:01") == [("Incident Commander",)]
    assert asked(talk, "15:30") == []
    assert asked(talk, "16:01") == [("Incident Commander", "DevOps")]
    assert asked(talk, "17:01") == [("Incident Commander", "Manager")]
    assert asked(talk, "18:01") == [("Incident Commander", "Manager")]


def test_missed_silences_are_told_once_to_everybody_they_were_for() -> None:
    talk = Talk("P1")
    talk.says("/ack")

    assert asked(talk, "18:30") == [("Incident Commander", "Manager", "DevOps")]
    assert asked(talk, "18:59") == []


def test_a_word_of_a_person_restarts_it_and_a_word_of_the_engine_does_not() -> None:
    talk = Talk("P1")
    talk.says("/ack")
    talk.now = at("14:50")
    talk.says("/note looking at the database")

    assert asked(talk, "15:50") == []
    assert asked(talk, "15:51") == [("Incident Commander",)]
    assert asked(talk, "16:51") == [("Incident Commander", "DevOps")]


def test_a_refused_command_of_somebody_who_takes_part_is_a_word() -> None:
    talk = Talk("P1")
    talk.says("/ack")
    talk.now = at("14:50")
    assert talk.says("/resolve").code == "gate"

    assert asked(talk, "15:50") == []


def test_lesser_severities_may_be_silent_for_a_day() -> None:
    talk = Talk("P3")
    talk.says("/ack")

    assert asked(talk, "14:00", day=3) == []
    assert asked(talk, "14:01", day=3) == [("Incident Commander",)]


def test_nobody_is_silent_before_a_response_is_due_that_takes_longer() -> None:
    """002-04: on Friday evening, the next business day ends on Monday at five."""
    talk = Talk("SEV4", book=written.runbook("sev"))
    talk.entries.clear()
    talk.now = at("22:30", day=6)
    talk.add("declare", declared("SEV4"), by=ALICE)

    assert asked(talk, "20:00", day=9) == []
    assert asked(talk, "20:59", day=10) == []
    assert asked(talk, "21:00", day=10) == [("Incident Commander",)]


def test_a_word_before_the_response_is_due_brings_the_question_no_nearer() -> None:
    """002-04: what is said on Sunday evening lasts no shorter than nothing at all."""
    talk = Talk("SEV4", book=written.runbook("sev"))
    talk.entries.clear()
    talk.now = at("22:30", day=6)
    talk.add("declare", declared("SEV4"), by=ALICE)
    talk.now = at("22:00", day=8)
    talk.says("/flag security")
    assert talk.incident.reached("acknowledged") is None

    assert asked(talk, "20:59", day=10) == []
    assert asked(talk, "21:00", day=10) == [("Incident Commander",)]


def test_what_is_fixed_before_anybody_has_to_respond_is_watched_to_the_end_first() -> None:
    book = small(
        severities={"SEV1": {"response": "2h", "escalate": "by hand", "silence": "1h", "watch": "6h"}}
    )
    talk = Talk("SEV1", book=book)
    talk.add("fixed", StatusSet(to="monitoring"), by=ALICE)
    assert talk.incident.reached("acknowledged") is None

    assert asked(talk, "20:59") == []
    assert asked(talk, "21:00") == [("Incident Commander",)]


def test_what_was_never_opened_is_not_waited_for() -> None:
    (first, *_) = watch_for_silence(HOTDASH)
    assert anchors(Incident(number=1, severity="P1"), first, HOTDASH) == ()


def test_where_updates_are_owed_less_often_nobody_has_to_speak_more_often() -> None:
    """004-03 to 004-05."""
    book = written.runbook("dirt-free-crm")
    spans = {level: str(span) for level, span in longest(book).items()}
    assert spans == {"SEV1": "1h", "SEV2": "2h", "SEV3": "1d", "SEV4": "1w"}
    own = small(severities={"SEV1": {"response": "5m", "update": "2h", "silence": "30m"}})
    assert {level: str(span) for level, span in longest(own).items()} == {"SEV1": "30m"}


def test_while_somebody_is_called_again_and_again_nothing_else_is_said() -> None:
    talk = Talk("P0")
    assert asked(talk, "16:00") == []
    talk.says("/ack")
    assert asked(talk, "17:01") == [("Incident Commander",)]


def test_the_window_after_a_fix_is_no_silence_and_what_comes_after_it_is() -> None:
    talk = Talk("P1")
    talk.says("/ack")
    talk.says("/status monitoring")

    assert asked(talk, "15:30") == []
    assert asked(talk, "16:02") == [("Incident Commander",)]
    talk.add("c", Cleared(override="x"), by=ALICE)
    assert asked(talk, "23:00") == []


def test_an_incident_that_is_written_up_afterwards_is_not_waited_for() -> None:
    talk = Talk("P1", kind="retro")
    talk.says("/ack")

    assert asked(talk, "23:00") == []


def test_a_reopened_incident_is_waited_for_anew() -> None:
    talk = Talk("P1")
    talk.add("c", Cleared(override="x"), by=ALICE)
    talk.now = at("18:00")
    talk.says("/reopen it is back")
    talk.says("/ack")

    assert asked(talk, "19:01") == []
    assert asked(talk, "19:02") == [("Incident Commander",)]


def test_a_runbook_says_how_long_and_none_is_never() -> None:
    book = small(
        severities={
            "SEV1": {"response": "5m", "silence": "20m"},
            "SEV2": {"response": "5m", "silence": "none"},
            "SEV3": {"response": "5m", "silence": "0m"},
        }
    )

    assert {level: str(span) for level, span in longest(book).items()} == {"SEV1": "20m"}
    assert {level: str(span) for level, span in longest(HOTDASH).items()} == {
        **dict.fromkeys(["P0", "P1"], "1h"),
        **dict.fromkeys(["P2", "P3"], "1d"),
    }
    talk = Talk("SEV1", book=book)
    talk.says("/ack")
    assert asked(talk, "14:21") == [("Incident Commander",)]


def test_without_the_role_it_is_still_for_the_commander() -> None:
    talk = Talk("P1", book=runbook(roles={}))
    talk.says("/ack")

    assert asked(talk, "15:01") == [("ic",)]


def test_a_silence_that_was_told_was_due() -> None:
    talk = Talk("P1")
    talk.says("/ack")
    (timer,) = (one for one in due(talk.incident, HOTDASH, at("15:05")) if one.deadline.quiet)

    assert due_time(talk.incident, HOTDASH, timer.key) == at("15:01")
