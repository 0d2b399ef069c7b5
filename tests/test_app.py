"""The doors' own words: what starts a run, what does not, and what is missing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from allclear import app
from allclear.adapters.github.errors import GitHubError, explain
from conversations.room import ROOT, Room, open_room

Door = Callable[..., int]


def run(door: Door, folder: Path, event: object, **env: str) -> tuple[int, list[str], str]:
    """One job without a server: exit code, lines, GITHUB_OUTPUT."""
    file, output = folder / "event.json", folder / "output"
    file.write_text(event if isinstance(event, str) else json.dumps(event), encoding="utf-8")
    lines: list[str] = []
    more = {"GITHUB_EVENT_PATH": str(file), "GITHUB_OUTPUT": str(output)} | env
    code = door(more, out=lines.append)
    return code, lines, output.read_text() if output.exists() else ""


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({}, "the event is not about an issue"),
        ([], "the event is not about an issue"),
        ({"issue": {"number": "1"}}, "the event is not about an issue"),
        ({"issue": {"number": 4, "labels": []}}, "issue 4 is not an incident"),
        ({"issue": {"number": 4, "labels": None}, "label": None}, "issue 4 is not an incident"),
        ({"issue": {"number": 4, "labels": [{"name": "bug"}]}}, "issue 4 is not an incident"),
        (
            {"issue": {"number": 4, "pull_request": {"url": "x"}, "labels": [{"name": "incident"}]}},
            "a comment on a pull request does not drive an incident; comment on the incident's issue",
        ),
    ],
)
def test_h17_what_is_none_of_ours_ends_without_a_request(tmp_path: Path, event: Any, why: str) -> None:
    assert run(app.respond, tmp_path, event) == (0, [f"Nothing to do: {why}."], "postmortem=[]\nhotfix=[]\n")


def test_a_run_without_an_output_file_is_fine_too(tmp_path: Path) -> None:
    assert run(app.respond, tmp_path, {}, GITHUB_OUTPUT="")[0] == 0


@pytest.mark.parametrize("event", ["", "{", "\udcff".encode("utf-8", "surrogatepass").decode("latin-1")])
def test_an_event_that_cannot_be_read_is_said_in_one_line(tmp_path: Path, event: str) -> None:
    code, lines, _ = run(app.respond, tmp_path, event)
    assert code == 1
    assert lines[0].startswith("::error::the event in GITHUB_EVENT_PATH cannot be read: ")


@pytest.mark.parametrize("path", ["", "/nowhere/event.json"])
def test_an_event_that_is_not_there_is_said_in_one_line(tmp_path: Path, path: str) -> None:
    code, (line,), _ = run(app.respond, tmp_path, {}, GITHUB_EVENT_PATH=path)
    assert (code, line.startswith("::error::")) == (1, True)
    assert "GITHUB_EVENT_PATH" in line


@pytest.mark.parametrize(
    "number", ["", "0", "x", "1; rm -rf /", "$(1)", "99999999999", "1\u0662", "-1", None]
)
def test_a_dispatch_for_something_that_is_no_number_is_refused(tmp_path: Path, number: str | None) -> None:
    event = {"inputs": {"issue": number} if number is not None else None}
    for door, more in ((app.respond, {}), (app.postmortem, {"ALLCLEAR_ISSUES": number or ""})):
        code, (line,), _ = run(door, tmp_path, event, GITHUB_EVENT_NAME="workflow_dispatch", **more)
        assert (code, line) == (
            1,
            "::error::`issue` has to be the number of an incident's issue, such as 12",
        )


def test_every_script_is_a_door_and_every_job_has_a_function_that_is_called_like_it() -> None:
    assert {file.stem for file in (ROOT / "scripts").glob("*.py")} == app.DOORS.keys()
    for job in {job for jobs in app.DOORS.values() for job in jobs}:
        assert app._job(job).__name__ == job


@pytest.mark.parametrize("door", [app.respond, app.sweep, app.postmortem, app.hotfix])
def test_a_run_outside_of_a_workflow_is_told_what_it_lacks(tmp_path: Path, door: Door) -> None:
    event = {"issue": {"number": 1, "labels": [{"name": "incident"}]}}
    code, (line,), _ = run(door, tmp_path, event, ALLCLEAR_ISSUES="[1]")
    assert (code, line) == (
        1,
        "::error::GITHUB_TOKEN and GITHUB_REPOSITORY is not set; this script is started by a workflow",
    )


def test_an_error_line_cannot_speak_the_runners_protocol() -> None:
    hostile = GitHubError(500, "a%0A::set-output name=x::y\n::stop-commands::z")
    lines: list[str] = []
    app._error(lines.append, explain(hostile))
    (line,) = lines
    assert "\n" not in line
    assert "%250A" in line


@pytest.fixture
def room(tmp_path: Path) -> Any:
    with open_room(tmp_path) as opened:
        yield opened


def test_a_repository_whose_id_is_not_given_is_asked_for_it(room: Room) -> None:
    room.opens("ann")
    known = len(room.hub.requests)
    event = {"inputs": {"issue": "1"}}
    assert room.door(app.respond, "workflow_dispatch", event, GITHUB_REPOSITORY_ID="") == 0
    assert "/repos/acme/shop" in [request.path for request in room.hub.requests[known:]]
    assert room.journal.broken == ()


def test_a_post_mortem_of_what_is_no_incident_is_not_written(room: Room) -> None:
    room.number = room.people["ann"].open_issue("A question")
    assert room.write_up() == 0
    assert room.printed[-1] == "Issue 1 is not an incident, so there is nothing to write about."
    assert room.comments == ()


def test_two_incidents_that_are_duplicates_of_each_other_end_in_a_bounded_run(room: Room) -> None:
    first, second = room.opens("ann"), room.opens("ann")
    room.number = first
    room.writes("bob", f"/duplicate #{second}")
    room.number = second
    room.writes("bob", f"/duplicate #{first}")
    known = len(room.hub.requests)
    assert room.run() == 0
    assert len(room.hub.requests) - known < 60


def test_a_post_mortem_that_is_up_to_date_is_not_recorded_again(room: Room) -> None:
    room.opens("ann")
    room.says("mia", '/all-clear --override "over"')
    known = len(room.replies)
    assert room.write_up() == 0
    assert len(room.replies) == known
