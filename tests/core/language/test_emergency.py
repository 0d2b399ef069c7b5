"""The runbook for when there is none that can be read."""

from __future__ import annotations

import pytest

from allclear.core.clock.deadlines import timers
from allclear.core.language.checking import mistakes
from allclear.core.language.document import RunbookFile
from allclear.core.language.emergency import EMERGENCY, emergency
from commands.room import Talk


def test_it_names_only_what_it_has() -> None:
    assert list(mistakes(RunbookFile.model_validate(EMERGENCY))) == []


@pytest.mark.parametrize("severity", ["P0", "P1", "P2", "P3"])
def test_people_are_told_at_once_and_the_next_level_when_nobody_answers(severity: str) -> None:
    talk = Talk(severity, book=emergency())
    first, *later = timers(talk.incident, talk.runbook, talk.now)

    assert (first.to, first.due) == (("DevOps",), talk.now)
    assert {title for one in later for title in one.to} >= {"Manager", "CEO"}
    assert "acknowledged" in talk.says("/ack").say


def test_an_incident_can_be_gone_through_from_its_beginning_to_its_end() -> None:
    talk = Talk("P1", book=emergency())
    for said in ("/ic", "/flag security", "/sev critical", "/status identified", "/update Rolled back"):
        assert talk.says(said).code == ""
    assert talk.says("/resolve").code == "gate"
    for said in ("/status monitoring", "/resolve rolled back", "/all-clear"):
        assert talk.says(said).code == ""
    assert talk.incident.stage == "closed"
