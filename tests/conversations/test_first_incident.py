"""A first incident, from the label to the pull request, in this process and over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import find_tool
from conversations.room import Room, minutes, open_room
from fidelity.faithful import assert_faithful


@pytest.fixture(params=[False, True], ids=["in process", "over HTTP"])
def room(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Room]:
    with open_room(tmp_path, http=request.param) as opened:
        yield opened
    if find_tool("openapi"):  # tests/fidelity fails in CI when it is missing
        assert_faithful(opened.hub)


def test_an_incident_is_declared_answered_cleared_and_written_up(room: Room) -> None:
    room.opens("ann", body="Started: 2025-10-19T14:00:00Z\\nStatus: Investigating")  # 000-08, 000-A11
    assert room.issue.labels == {"incident", "P0", "status:investigating"}
    assert room.issue.pinned_comment_id == room.panel.id
    assert "responder" not in room.issue.assignees

    assert "✅ `/ack` · bob" in room.says("bob", "/ack")
    assert room.issue.assignees == ("bob",)
    room.says("bob", "/finding a bad migration")
    room.says("bob", "/status monitoring")
    room.says("bob", "/check verification")
    assert "RESOLVED: Production down" in room.says("bob", "/resolve rolled back")
    assert "Extended monitoring" in room.says("bob", "/all-clear")
    assert room.issue.state == "open"

    room.says("bob", "/all-clear", after=minutes(121))
    assert (room.issue.state, room.issue.state_reason) == ("closed", "completed")
    assert room.incident.postmortem.path == "reports/incidents/2025-10-19-production-down.md"
    assert room.codes == [0] * len(room.codes)


def test_the_owner_of_an_action_may_stand_on_the_line_below(room: Room) -> None:
    room.opens("ann")
    assert "for **cat**" in room.says("bob", "/action\n@cat due:2025-12-01 add a test")
