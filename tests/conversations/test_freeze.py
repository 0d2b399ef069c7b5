"""The deploy freeze in a repository: red while a P0 burns, the hotfix free, green when it is mitigated."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from allclear.adapters.github import freeze as adapter
from allclear.core.production.freeze import CONTEXT, THAWED
from conversations.room import KEY, Room, minutes, open_room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened


def proposes(room: Room, branch: str) -> int:
    """Somebody opens a pull request."""
    room.people["bob"].push_file(branch, f"{branch}.py", "x = 1\n")
    number = room.people["bob"].open_pull(f"Work on {branch}", branch)
    room.delivered = len(room.hub.deliveries)
    return number


def status(room: Room, number: int) -> str:
    """The state and the words of our status on the pull request's last commit; empty without one."""
    sha = room.repo.branches()[room.repo.pull(number).head]
    found = room.repo.statuses(sha).get(CONTEXT)
    return f"{found.state}: {found.description}" if found else ""


def statuses_written(room: Room, since: int) -> int:
    """Those that GitHub took; it takes 80 writes a minute."""
    return sum("/statuses/" in one.path and one.applied for one in room.hub.requests[since:])


def looked_for_pulls(room: Room, since: int) -> int:
    """How often for those that are open: a sweep looks for hotfixes among the others as well."""
    asked = [str(request.body) for request in room.hub.requests[since:] if request.path == "/graphql"]
    return sum("pullRequests(states: [OPEN]" in query for query in asked)


def said(room: Room, words: str) -> bool:
    return any(words in line for line in room.printed)


def test_open_pull_requests_are_red_until_the_fix_is_in(room: Room) -> None:
    work = proposes(room, "work")
    incident = room.opens("ann")
    red = f"failure: Deploys are frozen by incident #{incident} (P0)"
    assert status(room, work) == red
    room.says("bob", "/ack")
    room.says("bob", "/status mitigating")
    assert status(room, work) == red
    room.says("bob", "/status monitoring")
    assert status(room, work) == f"success: {THAWED}"
    room.says("bob", "/status mitigating it is back")
    assert status(room, work) == red
    room.says("bob", "/sev P1")
    assert status(room, work) == f"success: {THAWED}"


def test_a_less_grave_incident_asks_github_nothing_about_pull_requests(room: Room) -> None:
    work = proposes(room, "work")
    known = len(room.hub.requests)
    room.opens("ann", "[INCIDENT P1] Tiles", labels=("incident", "P1"))
    room.says("bob", "/ack")
    room.says("bob", "/status monitoring")
    assert looked_for_pulls(room, known) == 0
    assert status(room, work) == ""


def test_while_nothing_changes_no_request_is_made_for_it(room: Room) -> None:
    proposes(room, "work")
    room.opens("ann")
    known = len(room.hub.requests)
    room.says("bob", "/ack")
    room.says("bob", "/note still looking")
    assert looked_for_pulls(room, known) + statuses_written(room, known) == 0


def test_a_drill_freezes_nothing(room: Room) -> None:
    work = proposes(room, "work")
    room.opens("ann", "[DRILL P0] Production down", labels=("incident", "P0"))
    room.sweep()
    assert status(room, work) == ""


def test_an_outsiders_report_freezes_nothing_until_it_is_confirmed(room: Room) -> None:
    work = proposes(room, "work")
    room.opens("out", form_labels=("incident", "P0"))
    room.sweep()
    assert status(room, work) == ""
    room.says("bob", "/confirm")
    assert status(room, work).startswith("failure")


def test_the_hotfix_is_free_and_what_is_opened_meanwhile_is_not(room: Room) -> None:
    incident = room.opens("ann")
    room.says("bob", "/hotfix raise the pool size")
    late = proposes(room, "late")
    room.sweep()
    (hotfix,) = [pull.number for pull in room.repo.pulls() if pull.head == f"hotfix/incident-{incident}"]
    assert status(room, hotfix) == f"success: The hotfix of incident #{incident} is not frozen"
    assert status(room, late).startswith("failure")
    known = len(room.hub.requests)
    room.sweep()
    assert statuses_written(room, known) == 0
    assert looked_for_pulls(room, known) == 1


def test_a_forks_branch_of_that_name_is_not_the_hotfix(room: Room) -> None:
    proposes(room, "hotfix/incident-2")
    fork = room.hub.create_repository("out/shop")
    room.repo.pretend_fork(1, fork)
    assert room.opens("ann") == 2
    assert status(room, 1).startswith("failure")


def test_one_incidents_end_does_not_lift_what_another_asks_for(room: Room) -> None:
    work = proposes(room, "work")
    first = room.opens("ann")
    second = room.opens("ann")
    assert status(room, work) == f"failure: Deploys are frozen by incident #{first} (P0), #{second} (P0)"
    room.says("bob", "/status monitoring")
    assert status(room, work) == f"failure: Deploys are frozen by incident #{first} (P0)"
    room.number = first
    room.says("bob", "/status monitoring")
    assert status(room, work) == f"success: {THAWED}"


def test_another_incident_counts_by_its_labels_when_its_panel_is_gone(room: Room) -> None:
    work = proposes(room, "work")
    first = room.opens("ann")
    room.people["ann"].delete_comment(room.panel.id)
    room.delivered = len(room.hub.deliveries)
    room.opens("ann")
    room.says("bob", "/status monitoring")
    assert status(room, work) == f"failure: Deploys are frozen by incident #{first} (P0)"


def test_an_all_clear_by_override_lifts_it(room: Room) -> None:
    work = proposes(room, "work")
    room.opens("ann")
    room.says("ann", '/all-clear --override "a false alarm"')
    assert status(room, work) == f"success: {THAWED}"


def test_a_run_that_dies_before_it_lifts_is_made_up_for_by_the_sweep(room: Room) -> None:
    work = proposes(room, "work")
    room.opens("ann")
    room.hub.faults.add("error_before", lambda _, path: "/statuses/" in path, times=99)
    room.says("bob", "/status monitoring")
    assert "The deploy freeze waits for the next sweep" in room.printed[-1]
    assert room.codes[-1] == 0
    room.hub.faults.clear()
    assert status(room, work).startswith("failure")
    room.clock.advance(minutes(10))
    room.sweep()
    assert status(room, work) == f"success: {THAWED}"


def test_a_run_that_dies_on_its_way_is_made_up_for_by_the_next_run_or_the_sweep(room: Room) -> None:
    work = proposes(room, "work")
    room.opens("ann")
    room.writes("bob", "/status monitoring")
    written, known = room.hub.snapshot(), len(room.hub.requests)
    room.run()
    requests = len(room.hub.requests) - known
    for after in range(requests):
        for applied in (False, True):
            room.hub.restore(written)
            room.hub.faults.kill(after, applied=applied)
            room.run()
            room.hub.faults.clear()
            room.clock.advance(minutes(10))
            room.sweep()
            assert status(room, work) == f"success: {THAWED}", (after, applied)


def test_an_incident_that_cannot_be_looked_at_lifts_nothing(room: Room) -> None:
    work = proposes(room, "work")
    number = room.opens("ann")
    room.people["rae"].comment(number, "Any news?")
    room.people["ann"].delete_comment(room.panel.id)
    room.delivered = len(room.hub.deliveries)
    here = f"/repos/acme/shop/issues/{number}"
    room.hub.faults.add("error_before", lambda _, path: path.startswith(here), times=99)
    room.sweep()
    assert status(room, work).startswith("failure")


@pytest.mark.parametrize("lacking", ["statuses", "pull_requests"])
def test_a_token_without_the_permission_is_said_once_and_stops_nothing(room: Room, lacking: str) -> None:
    proposes(room, "work")
    room.permissions[lacking] = "none"
    room.opens("ann")
    (line,) = [line for line in room.printed if "The deploy freeze needs" in line]
    assert "`pull-requests: read` and `statuses: write`" in line
    assert set(room.codes) == {0}
    assert "declared" in room.replies[0].body


def test_a_commit_that_takes_no_more_statuses_keeps_no_other_from_its(room: Room) -> None:
    first, second = proposes(room, "one"), proposes(room, "two")
    room.hub.faults.add("error_before", lambda _, path: "/statuses/" in path, status=422)
    room.opens("ann")
    assert (status(room, first), status(room, second)[:7]) == ("", "failure")
    assert said(room, "GitHub did not take some of them")


def test_a_server_error_is_tried_again(room: Room) -> None:
    work = proposes(room, "work")
    room.hub.faults.add("error_after", lambda _, path: "/statuses/" in path, times=2)
    room.opens("ann")
    assert status(room, work).startswith("failure")


def test_many_pull_requests_are_written_in_peace_and_the_rest_next_time(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "MOST_WRITES", 12)  # a hundred pull requests take long to open
    monkeypatch.setattr("allclear.jobs.freeze.MOST_WRITES", 12)
    pulls = [proposes(room, f"work-{number}") for number in range(14)]
    before = room.clock.now()
    room.opens("ann")
    assert sum(status(room, number) != "" for number in pulls) == 12
    assert "2 pull requests are left for the next sweep." in room.printed
    assert (room.clock.now() - before).total_seconds() >= 2
    room.sweep()
    assert all(status(room, number).startswith("failure") for number in pulls)


def test_pages_of_pull_requests_are_followed(room: Room) -> None:
    for number in range(101):
        proposes(room, f"work-{number}")
    known = len(room.hub.requests)
    room.opens("ann")
    assert looked_for_pulls(room, known) == 2
    assert statuses_written(room, known) == 100
    room.sweep()
    assert all(status(room, number).startswith("failure") for number in range(1, 102))


def test_what_lies_behind_the_last_page_waits_until_some_are_closed(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "MOST_PAGES", 1)  # a thousand pull requests take long to open
    pulls = [proposes(room, f"work-{number}") for number in range(101)]
    room.opens("ann")
    room.sweep()
    assert [status(room, number) != "" for number in pulls].count(False) == 1


def test_a_pull_request_that_carries_the_label_is_no_incident(room: Room) -> None:
    work = proposes(room, "work")
    room.people["ann"].label(work, "incident", "P0", "status:investigating")
    room.opens("ann")
    room.says("bob", "/status monitoring")
    assert status(room, work) == f"success: {THAWED}"


def test_what_github_answers_without_data_waits_for_the_sweep(room: Room) -> None:
    room.key = KEY  # Without it, who edited the panel would be asked in the same way.
    work = proposes(room, "work")
    room.hub.faults.add("html_200", lambda _, path: path == "/graphql", times=1000)
    room.opens("ann")
    assert said(room, "The deploy freeze waits for the next sweep")
    room.printed.clear()
    assert room.sweep() == 0
    assert said(room, "The deploy freeze waits for the next sweep")
    room.hub.faults.clear()
    room.sweep()
    assert status(room, work).startswith("failure")


def test_a_runbook_without_a_freeze_never_asks(room: Room) -> None:
    templates = room.root / "templates"
    real = templates.resolve()
    templates.unlink()
    templates.mkdir()
    for one in real.iterdir():
        if one.name != "runbooks":
            (templates / one.name).symlink_to(one)
    (templates / "runbooks").mkdir()
    text = (real / "runbooks" / "hotdash.yml").read_text()
    (templates / "runbooks" / "hotdash.yml").write_text(text.replace("    freeze: true\n", ""))
    work = proposes(room, "work")
    known = len(room.hub.requests)
    room.opens("ann")
    room.sweep()
    assert looked_for_pulls(room, known) == 0
    assert status(room, work) == ""
