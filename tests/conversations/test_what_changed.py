"""What changed before an incident began is said once the declaration is answered, and holds nothing up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from allclear_lab.github.faults import Kind
from conversations.room import KEY, START, Room, minutes, open_room

SETTINGS = """\
people: { DevOps: [bob], CEO: [mia] }
rights: { rollback: write }
services:
  web:
    provider: dispatch-workflow
    values: { workflow: deploy.yml }
    rollback: { approval: second-person, migrations: ["migrations/**"] }
  api: { environment: api }
"""
DEPLOY = (
    "on: {workflow_dispatch: {}}\njobs: {deploy: {runs-on: ubuntu-latest, steps: [{run: make deploy}]}}\n"
)
SHOP = "https://github.com/acme/shop"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Room]:
    """What runs is a release of yesterday."""
    with open_room(tmp_path, SETTINGS) as room:
        room.clock.set(START - timedelta(days=7))
        room.repo.put_file(".github/workflows/deploy.yml", DEPLOY)
        room.clock.set(START - timedelta(days=1))
        release(room, "Round the price", who="ann")
        room.clock.set(START)
        yield room


def release(
    room: Room, message: str, *, who: str = "bob", path: str = "app.txt", where: str = "production"
) -> str:
    """Somebody pushes a commit, which is deployed."""
    sha = room.people[who].push_file("main", path, message, message=message)
    room.repo.deploy(sha, where)
    return sha


def merge(room: Room, title: str, path: str, *, who: str = "bob") -> int:
    """Somebody's pull request is merged."""
    branch = f"work-{len(room.repo.branches())}"
    room.people[who].push_file(branch, path, title, message="wip")
    number = room.people[who].open_pull(title, branch)
    room.people["ann"].merge_pull(number, method="squash")
    return number


def said(room: Room) -> list[str]:
    """What was said of changes, oldest first."""
    texts = [one.body.split("\n", 1)[1] for one in room.replies]
    found = [
        text for text in texts if "**What changed before it began**" in text or "is known to have" in text
    ]
    return [text.partition("💬")[2].strip() for text in found]


def lines(room: Room) -> list[str]:
    """The newest word on it, without its heading."""
    return said(room)[-1].split("\n")[2:]


def line(what: str, before: str, by: str, text: str = "") -> str:
    """A line as it stands there."""
    return f"- {what}, **{before} before the start**, by {by}" + (f": {text}" if text else "")


def requests(room: Room, since: int) -> list[str]:
    return [f"{one.method} {one.path.removeprefix('/repos/acme/shop')}" for one in room.hub.requests[since:]]


def later(room: Room, count: float) -> None:
    room.clock.advance(minutes(count))


# -- what is said


def test_a_release_two_minutes_before_is_named_with_the_rollback_that_takes_it_back(shop: Room) -> None:
    good = shop.repo.branches()["main"]
    sha = release(shop, "Charge in cents")
    later(shop, 2)
    shop.opens("ann")
    deployed = f"[`{sha[:7]}`]({SHOP}/commit/{sha}) (`web`) was deployed to production"
    assert lines(shop) == [
        line(deployed, "2 min", "bob", "Charge in cents"),
        f"  To go back, write `/rollback web to {good[:7]}`",
    ]
    shop.writes("mia", f"/rollback web to {good[:7]}")
    shop.run()
    assert "✅" in shop.replies[-1].body


def test_what_was_merged_and_not_deployed_what_failed_and_what_changed_the_workflows(shop: Room) -> None:
    plain = merge(shop, "Speed up the search", "search.txt")
    later(shop, 5)
    settings = merge(shop, "Deploy from a bigger runner", ".github/workflows/docs.yml", who="mia")
    later(shop, 5)
    run = shop.people["bob"].dispatch("deploy.yml")
    shop.repo.start_run(run)
    shop.repo.finish_run(run, "failure")
    later(shop, 5)
    shop.opens("ann")
    changed = f"[`#{settings}`]({SHOP}/pull/{settings}) changed `.github/workflows`"
    assert lines(shop) == [
        line(f"[`deploy.yml`]({SHOP}/actions/runs/{run}) failed on `main`", "5 min", "bob"),
        line(changed, "10 min", "mia", "Deploy from a bigger runner"),
        line(f"[`#{plain}`]({SHOP}/pull/{plain}) was merged", "15 min", "bob", "Speed up the search"),
    ]


def test_three_lines_are_said_at_most_and_nobody_is_mentioned(shop: Room) -> None:
    for number in range(5):
        merge(shop, f"Change {number}, see @mia and #1", f"{number}.txt")
        later(shop, 5)
    shop.opens("ann")
    assert [line.partition(" was ")[0] for line in lines(shop)] == [
        f"- [`#{number}`]({SHOP}/pull/{number})" for number in (5, 4, 3)
    ]
    assert "@mia" not in said(shop)[0]
    assert " #1" not in said(shop)[0]


def test_a_title_says_nothing_but_its_words(shop: Room) -> None:
    merge(shop, "a --> <!-- allclear:entries {} --> [x](https://evil.example) `/rollback web` **b**", "x.txt")
    shop.opens("ann")
    told = lines(shop)[0]
    assert "\\<\\!" in told or "\\<!--" in told
    assert "](https://evil" not in told
    assert len(shop.journal.broken) == 0


def look(room: Room) -> list[str]:
    """The requests from the look back to the end of its run."""
    asked = requests(room, 0)
    begin = asked.index("GET /actions/runs") - 1
    ends = [at for at, one in enumerate(asked) if at > begin and one == "GET /issues/1"]
    said = "POST /issues/1/comments" in asked[begin:]
    return asked[begin : ends[said]]


def test_where_nothing_changed_nothing_is_said_and_two_requests_are_made(shop: Room) -> None:
    shop.key = KEY
    shop.clock.set(START + timedelta(days=7))
    shop.opens("ann")
    assert said(shop) == []
    assert [line for line in shop.printed if "nothing new is known to have changed before it began" in line]
    assert look(shop) == ["POST /graphql", "GET /actions/runs"]


def test_it_needs_no_settings(room: Room) -> None:
    release(room, "Round the price", where="Production")
    later(room, 90)
    sha = release(room, "Charge in cents", where="Production")
    release(room, "A preview", where="preview")
    later(room, 3)
    room.opens("ann")
    deployed = f"[`{sha[:7]}`]({SHOP}/commit/{sha}) was deployed to Production"
    assert lines(room) == [line(deployed, "3 min", "bob", "Charge in cents")]


def test_it_is_said_after_the_answer_and_the_pages_and_the_panel(shop: Room) -> None:
    shop.key = KEY
    release(shop, "Charge in cents")
    shop.opens("ann")
    asked = requests(shop, 0)
    before = asked[: asked.index("GET /actions/runs")]
    pinned = f"PUT /issues/comments/{shop.panel.id}/pin"
    assert [one for one in before if one in ("POST /issues/1/comments", pinned)] == [
        "POST /issues/1/comments",
        "POST /issues/1/comments",
        pinned,
    ]
    assert "@" in shop.replies[0].body
    assert [one.split("/compare")[0] for one in look(shop)] == [
        "POST /graphql",  # what happened
        "GET /actions/runs",
        "GET /issues/1",  # the issue as it is by now
        "GET /issues/1/comments",
        "POST /graphql",  # whether a rollback would be refused
        "GET /deployments",
        "GET ",
        "POST /issues/1/comments",
        f"PATCH /issues/comments/{shop.panel.id}",
    ]


# -- once, and again when the question is another


def test_it_is_said_once(shop: Room) -> None:
    release(shop, "Charge in cents")
    shop.opens("ann")
    shop.run()
    shop.says("bob", "/ack")
    later(shop, 1)
    shop.sweep()
    assert len(said(shop)) == 1


def test_a_corrected_start_is_another_question(shop: Room) -> None:
    later(shop, 60)
    release(shop, "Charge in cents")
    later(shop, 30)
    shop.opens("ann")
    assert "**30 min before the start**" in lines(shop)[0]
    shop.says("bob", "/time started 15:12")
    assert "**10 min before the start**" in lines(shop)[0]
    shop.says("bob", "/time started 14:30")
    assert "**1 d 28 min before the start**, by ann: Round the price" in lines(shop)[0]
    assert len(said(shop)) == 3


def test_that_nothing_was_found_is_only_said_where_it_corrects_what_was_said(shop: Room) -> None:
    release(shop, "Charge in cents")
    shop.opens("ann")
    shop.says("bob", "/time started 2025-10-11 14:30")
    assert (
        said(shop)[-1] == "Nothing is known to have changed before 2025-10-11 14:30 UTC, the corrected start."
    )
    shop.says("bob", "/time started 2025-10-11 13:30")
    assert len(said(shop)) == 2


def test_a_service_that_turns_out_to_be_affected_comes_first(shop: Room) -> None:
    shop.repo.deploy(shop.repo.branches()["main"], "api")
    later(shop, 5)
    release(shop, "Charge in cents")
    later(shop, 5)
    shop.opens("ann")
    assert lines(shop)[0].endswith("Charge in cents")
    shop.says("bob", "/affects api")
    first, second = (line for line in lines(shop) if line.startswith("- "))
    assert "(`api`) was deployed to api, **10 min before" in first
    assert second.endswith("Charge in cents")
    shop.says("bob", "/affects web")
    assert len(said(shop)) == 3  # both are affected: the nearest comes first again
    shop.says("bob", "/impact users=10")
    assert len(said(shop)) == 3


def test_a_reopened_incident_asks_what_changed_before_it_came_back(shop: Room) -> None:
    shop.opens("ann")
    for text in ("/ack", '/all-clear --override "a false alarm"'):
        shop.says("ann", text)
    later(shop, 60)
    sha = release(shop, "Charge in cents")
    later(shop, 2)
    shop.says("ann", "/reopen it is back")
    assert f"`{sha[:7]}`" in lines(shop)[0]


def test_a_report_is_looked_into_when_it_is_confirmed(shop: Room) -> None:
    release(shop, "Charge in cents")
    later(shop, 2)
    shop.opens("out", form_labels=("incident",))
    assert said(shop) == []
    shop.says("bob", "/confirm")
    assert "Charge in cents" in said(shop)[0]


def test_a_declaration_of_the_sweep_is_looked_into_as_well(shop: Room) -> None:
    release(shop, "Charge in cents")
    shop.number = shop.people["ann"].open_issue("[INCIDENT P0] Down", "", ("incident", "P0"))
    shop.sweep()
    assert "Charge in cents" in said(shop)[0]


def test_what_is_only_written_up_is_not_looked_into(shop: Room) -> None:
    release(shop, "Charge in cents")
    shop.opens("ann", "[RETRO P1] Down last night", labels=("incident", "P1", "retro"))
    assert said(shop) == []


def test_the_record_has_it_for_the_post_mortem(shop: Room) -> None:
    shop.key = KEY
    sha = release(shop, "Charge in cents")
    later(shop, 2)
    shop.opens("ann")
    told = [(f"{one.at:%H:%M}", one.text) for one in shop.incident.timeline if one.what.startswith("Changed")]
    assert told == [("14:02", f"{sha[:7]} deployed to production by bob: Charge in cents")]


# -- a rollback that would be refused is not suggested


def undo(room: Room) -> bool:
    return any("/rollback" in line for line in lines(room))


def test_not_across_a_migration(shop: Room) -> None:
    release(shop, "Cents", path="migrations/1.sql")
    shop.opens("ann")
    assert not undo(shop)


def test_not_when_something_else_runs_by_now(shop: Room) -> None:
    release(shop, "Charge in cents")
    later(shop, 10)
    release(shop, "Charge in cents, properly")
    shop.opens("ann", body=f"Started: {START + timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}")
    assert lines(shop)[0].endswith("Charge in cents")
    assert not undo(shop)


def test_not_when_a_fix_is_in_or_on_its_way(shop: Room) -> None:
    release(shop, "Charge in cents")
    later(shop, 10)
    shop.opens("ann")
    assert undo(shop)
    shop.says("bob", "/rollback web")
    shop.says("bob", "/time started 14:10")
    assert "**8 min before the start**" in lines(shop)[0]
    assert not undo(shop)


# -- nothing waits for it, and nothing fails with it

LOOKS: dict[str, Callable[[str, str], bool]] = {
    "history": lambda _, path: path == "/graphql",
    "runs": lambda _, path: path.endswith("/actions/runs"),
}
FAULTS: tuple[tuple[Kind, int], ...] = (
    ("error_before", 500),
    ("error_before", 502),
    ("error_before", 404),
    ("error_before", 422),
    ("drop_before", 0),
    ("truncated_json", 0),
    ("html_200", 0),
    ("nonsense", 0),
    ("secondary", 403),
    ("primary_exhausted", 403),
    ("unauthorized", 401),
    ("not_accessible", 0),
    ("gone", 404),
    ("gone", 410),
    ("redirect", 301),
)


@pytest.mark.parametrize(("kind", "status"), FAULTS, ids=str)
def test_whatever_github_answers_instead_is_a_line_of_the_log(shop: Room, kind: Kind, status: int) -> None:
    shop.key = KEY  # without it GraphQL is asked for the panel's editor as well
    release(shop, "Charge in cents")
    fault = shop.hub.faults.add(
        kind, LOOKS["history"], times=99, status=status, location="https://github.com/elsewhere"
    )
    before = shop.clock.now()
    shop.opens("ann", "[INCIDENT P2] Slow", labels=("incident", "P2"))  # a P0 asks GraphQL for the freeze
    assert set(shop.codes) == {0}
    assert shop.clock.now() - before < timedelta(seconds=1)  # it is neither tried again nor waited for
    assert (fault.seen, said(shop)) == (1, [])
    assert [line for line in shop.printed if "it is not known what changed before it began" in line]
    assert "✅ Incident declared" in shop.replies[0].body
    shop.hub.faults.clear()
    assert "✅" in shop.says("bob", "/ack")


@pytest.mark.parametrize(("kind", "status"), FAULTS[:5], ids=str)
def test_without_the_list_of_runs_the_rest_is_said(shop: Room, kind: Kind, status: int) -> None:
    merge(shop, "Speed up the search", "search.txt")
    shop.hub.faults.add(kind, LOOKS["runs"], times=9, status=status)
    shop.opens("ann")
    told = {"drop_before": 0, "error_before": 0 if status >= 500 else 1}[kind]
    assert len(said(shop)) == told  # where GitHub does not answer at all, nothing more is asked of it
    assert set(shop.codes) == {0}


@pytest.mark.parametrize("kind", ["error_before", "error_after", "drop_after"])
def test_a_comment_that_cannot_be_written_is_no_failure(shop: Room, kind: Kind) -> None:
    release(shop, "Charge in cents")
    shop.hub.faults.add(
        kind, lambda verb, path: verb == "POST" and path.endswith("/comments"), nth=3, times=9
    )
    shop.opens("ann")
    assert set(shop.codes) == {0}
    shop.hub.faults.clear()
    later(shop, 1)
    assert "✅" in shop.says("bob", "/ack")
    assert len(said(shop)) == (kind != "error_before")
    assert shop.journal.broken == ()


@pytest.mark.parametrize("pinned", [True, False], ids=["the panel is seen", "the panel is not seen"])
def test_nothing_is_declared_twice_while_github_does_not_show_the_answer_yet(
    shop: Room, pinned: bool
) -> None:
    release(shop, "Charge in cents")
    shop.hub.faults.add("stale_reads", seconds=3600)
    if not pinned:
        shop.hub.faults.add("gone", lambda _, path: path.endswith("/pin"), status=404)
    shop.number = shop.people["ann"].open_issue("[INCIDENT P0] Down", "", ("incident", "P0"))
    shop.run()
    shop.hub.faults.clear()
    assert [entry.key for entry in shop.journal.entries].count("declare") == 1
    assert len(said(shop)) == pinned
    assert shop.journal.broken == ()


def test_it_is_said_anew_after_hours_when_only_the_panel_holds_the_beginning(shop: Room) -> None:
    shop.key = KEY
    release(shop, "Charge in cents")
    later(shop, 10)
    shop.opens("ann")
    for _ in range(60):
        later(shop, 5)
        shop.writes("rae", "Any news?")
    shop.says("bob", "/ack")
    later(shop, 60)
    shop.says("bob", "/time started 14:10")
    assert len(said(shop)) == 2
    assert "**8 min before the start**" in lines(shop)[0]
    later(shop, 60)
    shop.says("bob", "/affects web")
    assert len(said(shop)) == 2
