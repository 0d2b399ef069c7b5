"""What a severity costs that pages many people: seven requests, in every runbook that is shipped, whoever is
in the incident already, with 5,000 comments as well.

It is one more for each of them who may be assigned to no issue here, an outsider for example: GitHub is asked
about them one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from allclear import app
from allclear.adapters.files.settings import load_policy
from allclear.core.view.first_settings import titles_to_fill
from conversations.room import KEY, ROOT, Room, minutes, open_room
from conversations.stages import Stages
from conversations.test_budget import PACE, watched

MOST = 7
RUNBOOKS = sorted(file.stem for file in (ROOT / "templates/runbooks").glob("*.yml"))
PAGES_MOST = "pagerduty"


def staffed(room: Room, runbook: str) -> str:
    """The settings of a team in which two people stand behind every title, each of them behind one."""
    lines = [f"runbook: {runbook}", "people:"]
    for number, title in enumerate(titles_to_fill(load_policy(room.root).runbook)):
        logins = [f"p{number}-{one}" for one in "ab"]
        for login in logins:
            room.repo.grant(room.hub.create_user(login, name=login), "triage")
        lines.append(f"  {title}: [{', '.join(logins)}]")
    return "\n".join(lines)


@contextmanager
def declared(folder: Path, runbook: str, comments: int = 0) -> Iterator[Room]:
    """An incident of the lowest severity, with as many comments by people."""
    with open_room(folder, f"runbook: {runbook}\n") as room:
        room.key = KEY
        (room.root / ".github/allclear.yml").write_text(staffed(room, runbook), encoding="utf-8")
        lowest = room.runbook.severities[-1]
        room.opens("ann", "[INCIDENT] A part is down", labels=("incident", room.runbook.label(lowest)))
        for left in range(comments, 0, -1):
            room.clock.advance(PACE if left < 100 else 0)
            room.writes("rae", "Any news?")
        room.sweep()
        yield room


def answered(room: Room, text: str) -> tuple[int, Stages]:
    """The requests of the run of a command that bob writes a minute later, and the rounds they took."""
    room.clock.advance(minutes(1))
    room.people["bob"].comment(room.number, text)
    event, known = room.hub.deliveries[-1], len(room.hub.requests)
    with watched(room) as rounds:
        assert room.door(app.respond, event.event, event.payload) == 0
    return len(room.hub.requests) - known, rounds.stages(known)


def costs(room: Room) -> Iterator[tuple[str, int, Stages]]:
    """What each of the two worst severities costs, with nobody in the incident and with somebody."""
    quiet = room.hub.snapshot()
    for severity in room.runbook.severities[:2]:
        for before in ((), ("/ack",)):
            room.hub.restore(quiet)
            room.delivered, room.pending = len(room.hub.deliveries), []
            for text in before:
                room.says("mia", text)
            yield (severity.id, *answered(room, f"/sev {severity.id}"))
            assert room.incident.severity == severity.id


def worst(found: list[tuple[str, int, Stages]]) -> Stages:
    """Of each stage, the most rounds that a command took."""
    return Stages(*(max(rounds) for rounds in zip(*(stages for _, _, stages in found), strict=True)))


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_the_worst_severities_of_every_runbook_cost_seven_requests(tmp_path: Path, runbook: str) -> None:
    with declared(tmp_path, runbook) as room:
        found = list(costs(room))
    assert [one for one in found if one[1] > MOST] == []
    # Where somebody is paged, it is asked whether they are there, all of them at once.
    assert worst(found) <= Stages(2, 1, 1)
    assert worst(found)[1:] == (1, 1)


def test_so_they_do_after_5000_comments(tmp_path: Path) -> None:
    with declared(tmp_path, PAGES_MOST, 5000) as room:
        found = list(costs(room))
    assert max(requests for _, requests, _ in found) == MOST
    assert worst(found) == Stages(2, 1, 1)


def test_who_may_be_assigned_to_nothing_is_asked_about_alone_and_paged(tmp_path: Path) -> None:
    with declared(tmp_path, PAGES_MOST) as room:
        file = room.root / ".github/allclear.yml"
        text = file.read_text(encoding="utf-8").replace("p6-a, p6-b", "out")
        file.write_text(text, encoding="utf-8")
        requests, _ = answered(room, f"/sev {room.runbook.severities[0].id}")
        assert requests == MOST + 1
        assert "@out" in room.replies[-1].body
