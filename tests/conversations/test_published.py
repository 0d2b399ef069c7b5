"""Merging a post-mortem publishes it, unless its review holds it; then it says what is to mend."""

from __future__ import annotations

from conversations.beginnings import beginning
from conversations.review_room import over
from conversations.room import Room, minutes
from core.postmortem.mending import mended

PATH = "reports/incidents/2025-10-19-login-is-broken.md"
HELD = "The post-mortem was merged, and it is **not published**"


def _closed(room: Room) -> None:
    over(room, severity="P1")


closed = beginning(_closed)


def merge(room: Room) -> None:
    pull = room.incident.postmortem.pull
    assert pull is not None
    room.people["ann"].merge_pull(pull)


def sweep(room: Room, after: float = minutes(10)) -> None:
    room.clock.advance(after)
    assert room.sweep() == 0


def held(room: Room) -> list[str]:
    return [one.body for one in room.replies if HELD in one.body]


def test_merged_although_something_is_to_mend_it_is_not_published_and_its_clock_goes_on(closed: Room) -> None:
    merge(closed)
    sweep(closed)
    (said,) = held(closed)
    assert f"https://github.com/acme/shop/blob/main/{PATH}?plain=1#L" in said
    assert f"[Edit the file](https://github.com/acme/shop/edit/main/{PATH})" in said
    assert "Merged, and not published: " in closed.panel.body
    assert "postmortem:pending" in closed.issue.labels
    sweep(closed)
    assert len(held(closed)) == 1
    sweep(closed, minutes(24 * 60))
    assert any("Post-mortem reminder" in one.body for one in closed.replies)


def test_mended_on_the_default_branch_it_is_published_by_the_next_sweep(closed: Room) -> None:
    merge(closed)
    sweep(closed)
    text = mended(closed.repo.file(PATH, "main") or "", closed.runbook)
    closed.people["bob"].push_file("main", PATH, text, message="Mend")
    sweep(closed)
    assert f"The post-mortem is published: {PATH}." in closed.replies[-1].body.replace("\u2060", "")
    assert closed.incident.reached("published") == closed.clock.now()


def test_written_anew_and_merged_it_is_looked_at_where_it_stands_now(closed: Room) -> None:
    merge(closed)
    sweep(closed)
    closed.says("bob", "/note 15:00 the pool was larger before")
    closed.says("bob", "/postmortem")
    closed.merges_report("bob")
    sweep(closed)
    assert closed.incident.reached("published") is not None


def test_a_file_that_was_renamed_before_the_merge_is_found(closed: Room) -> None:
    branch = closed.incident.postmortem.branch
    text = mended(closed.repo.file(PATH, branch) or "", closed.runbook)
    other = "reports/incidents/2025-10-19-sign-in.md"
    closed.people["bob"].push_file(branch, other, text)
    closed.people["bob"].delete_file(branch, PATH)
    merge(closed)
    sweep(closed)
    assert closed.incident.reached("published") is not None


def test_a_file_that_was_removed_before_the_merge_is_not_published(closed: Room) -> None:
    branch = closed.incident.postmortem.branch
    closed.people["bob"].push_file(branch, "notes.md", "Elsewhere")
    closed.people["bob"].delete_file(branch, PATH)
    merge(closed)
    sweep(closed)
    (said,) = held(closed)
    assert "is not there any more" in said


def test_a_github_that_does_not_show_the_file_is_asked_again(closed: Room) -> None:
    closed.merges_report("ann")
    closed.hub.faults.add("error_before", lambda _, path: "/contents/" in path, times=50, status=502)
    sweep(closed)
    assert "GitHub did not show" in closed.replies[-1].body
    assert closed.incident.reached("published") is None
    closed.hub.faults.clear()
    sweep(closed)
    assert closed.incident.reached("published") is not None


def test_an_override_needs_maintain_and_publishes_what_was_merged(closed: Room) -> None:
    merge(closed)
    sweep(closed)
    refused = closed.says("bob", '/postmortem --override "nobody is left who knows"')
    assert "An override needs `maintain` access" in refused
    said = closed.says("mia", '/postmortem --override "nobody is left who knows"')
    assert "The post-mortem is published" in said
    assert "mia overrode that: nobody is left who knows" in said
    assert "overridden by mia: nobody is left who knows" in closed.panel.body
