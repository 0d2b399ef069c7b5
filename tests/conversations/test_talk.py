"""Talk on an incident costs one round of reads, and loads none of the libraries."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from allclear import app
from allclear.adapters.github import early_talk
from conversations.room import KEY, ROOT, Room, open_room

SAID = "Nothing to do: somebody talked on the incident, and nothing is due."


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        opened.key = KEY
        opened.opens("ann")
        opened.says("bob", "/ack")
        yield opened


def reads(room: Room, who: str, text: str) -> list[str]:
    known = len(room.hub.requests)
    room.says(who, text)
    return [request.path for request in room.hub.requests[known:]]


def test_talk_reads_the_issue_and_its_comments_and_is_over(room: Room) -> None:
    issue = "/repos/acme/shop/issues/1"
    assert reads(room, "rae", "Any news?") == [issue, f"{issue}/comments"]
    assert room.printed[-1] == SAID
    assert (room.codes[-1], room.outputs) == (0, {"postmortem": "[]", "hotfix": "[]"})


def test_so_it_does_among_many_comments(room: Room) -> None:
    for _ in range(110):
        room.clock.advance(10)
        room.writes("rae", "Any news?")
    room.sweep()
    assert reads(room, "rae", "Any news?") == ["/repos/acme/shop/issues/1", "/graphql"]
    assert room.printed[-1] == SAID


def test_where_graphql_does_not_tell_them_it_reads_the_new_ones_after_the_issue(room: Room) -> None:
    for _ in range(110):
        room.clock.advance(10)
        room.writes("rae", "Any news?")
    room.sweep()
    room.hub.faults.add("nonsense", lambda _, where: where.endswith("/graphql"))
    issue = "/repos/acme/shop/issues/1"
    assert reads(room, "rae", "Any news?") == [issue, "/graphql", f"{issue}/comments"]
    assert room.printed[-1] == SAID


ASKING = ("/note saw it", "\uff0fack", "Root cause: the pool\nEvidence: logs", "> /ack")


@pytest.mark.parametrize("text", ASKING)
def test_what_may_ask_for_something_is_for_the_whole_pass(room: Room, text: str) -> None:
    room.says("bob", text)
    assert room.printed[-1] != SAID


def test_what_is_due_is_said_by_the_run_of_a_talk(room: Room) -> None:
    known = len(room.replies)
    room.clock.advance(7200)
    room.says("rae", "Any news?")
    assert len(room.replies) > known


def test_a_label_that_somebody_put_on_is_seen_by_the_run_of_a_talk(room: Room) -> None:
    room.people["bob"].label(room.number, "P2")
    room.delivered = len(room.hub.deliveries)
    room.says("rae", "Any news?")
    assert room.incident.severity == "P2"


def test_a_command_whose_run_was_lost_is_answered_by_that_of_the_next_talk(room: Room) -> None:
    room.writes("bob", "/note saw it")
    assert "saw it" in room.says("rae", "Any news?")


def test_without_a_key_nothing_is_believed(room: Room) -> None:
    room.key = ""
    room.says("rae", "Any news?")
    assert room.printed[-1] != SAID


@pytest.mark.parametrize("more", [{"GITHUB_REPOSITORY_ID": ""}, {"ALLCLEAR_KEY": ""}])
def test_without_what_it_takes_the_whole_pass_looks(room: Room, more: dict[str, str]) -> None:
    room.people["rae"].comment(room.number, "Any news?")
    event = room.hub.deliveries[-1]
    room.door(app.respond, event.event, event.payload, **more)
    assert room.printed[-1] != SAID


def test_while_little_is_left_of_the_hour_the_whole_pass_keeps_its_turn() -> None:
    assert early_talk._scarce({"x-ratelimit-remaining": "249", "x-ratelimit-limit": "1000"})
    assert early_talk._scarce({})
    assert not early_talk._scarce({"x-ratelimit-remaining": "250", "x-ratelimit-limit": "1000"})


@pytest.mark.parametrize("place", ["/issues/1", "/comments"])
def test_a_read_that_fails_is_for_the_whole_pass(room: Room, place: str) -> None:
    room.hub.faults.add("html_200", lambda method, where: method == "GET" and where.endswith(place))
    room.says("rae", "Any news?")
    assert (room.printed[-1] == SAID, room.codes[-1]) == (False, 0)


DOOR = """
import os, sys
sys.path.insert(0, sys.argv[1])
os._exit = sys.exit
try:
    exec(compile(open(sys.argv[1] + "/respond.py").read(), "respond.py", "exec"))
except SystemExit as end:
    code = end.code
foreign = {"github", "requests", "urllib3", "msgspec", "pydantic", "jinja2", "yaml", "dataclasses", "inspect"}
print(*sorted(foreign & set(sys.modules)))
print(*sorted(name for name in sys.modules if name.startswith("allclear.")))
raise SystemExit(code)
"""


def test_it_loads_none_of_the_libraries(tmp_path: Path) -> None:
    """A process of its own, over HTTP; the answers are asked for at once."""
    with open_room(tmp_path, http=True) as room:
        room.key = KEY
        room.opens("ann")
        room.people["rae"].comment(room.number, "Any news?")
        event = room.hub.deliveries[-1]
        file = tmp_path / "said.json"
        file.write_text(json.dumps(event.payload), encoding="utf-8")
        env = {
            "GITHUB_EVENT_NAME": event.event,
            "GITHUB_EVENT_PATH": str(file),
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_REPOSITORY_ID": str(room.repo.id),
            "GITHUB_API_URL": room.hub.api_url,
            "GITHUB_TOKEN": room.hub.actions_token(room.repo, permissions=room.rights("respond")),
            "GITHUB_WORKSPACE": str(room.root),
            "ALLCLEAR_KEY": KEY,
        }
        command = [sys.executable, "-c", DOOR, str(ROOT / "scripts")]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    said, foreign, ours = done.stdout.split("\n")[:3]
    assert (done.returncode, done.stderr) == (0, "")
    assert (said, foreign) == (SAID, "")
    assert len(ours.split()) <= 17
