"""A post-mortem on its way to a pull request on a bad day (faults A1-A15, C1, P18)."""

import base64
import dataclasses
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Literal

import pytest

from allclear.adapters.github.errors import ForbiddenError, GitHubError, InvalidError, NotAFolderError
from allclear.adapters.github.reports import ATTEMPTS, Existing, publish
from allclear.core.model.structs import replace
from allclear.core.postmortem.document import branch
from allclear.core.record.people import Acknowledged
from allclear.core.record.progress import ActionAdded
from stories import ADA, BOB
from writing_desk import BRANCH, NAME, PATH, Desk, open_desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        yield opened


def test_without_the_right_to_open_pull_requests_there_is_a_link_and_one_clear_sentence(desk: Desk) -> None:
    desk.repo.state.allow_actions_pull_requests = False
    done = desk.publish()
    link = f"https://github.com/{NAME}/compare/main...{BRANCH}?expand=1"
    assert (done.pull, done.url, done.branch) == (None, link, BRANCH)
    assert "Allow GitHub Actions to create and approve pull requests" in done.note
    assert link in done.note
    assert desk.publish() == replace(done, changed=False)
    desk.repo.state.allow_actions_pull_requests = True
    assert desk.publish().pull == desk.repo.pulls()[0].number


def test_a_missing_permission_is_an_error_that_names_it(desk: Desk) -> None:
    desk.permissions["pull-requests"] = "read"
    with pytest.raises(ForbiddenError, match="not accessible by integration"):
        desk.publish()
    assert desk.repo.pulls() == []


def test_who_cannot_review_is_left_out_and_named(desk: Desk) -> None:
    desk.story.tell(151, ADA, Acknowledged(by=replace(BOB, id=77, login="gone")))
    done = desk.publish()
    assert set(desk.repo.pulls()[0].reviewers) == {"ada", "bob"}
    assert done.note == "No review was asked of `gone`: GitHub says they cannot review here."


def test_nobody_is_asked_twice_who_has_reviewed(desk: Desk) -> None:
    done = desk.publish()
    assert done.pull is not None
    desk.ada.review(done.pull)
    desk.bob.review(done.pull)
    assert desk.repo.pulls()[0].reviewers == ()
    desk.publish()
    assert desk.repo.pulls()[0].reviewers == ()


def test_a_lone_responder_who_cannot_review_is_named(desk: Desk) -> None:
    desk.story.entries = desk.story.entries[:1]
    desk.story.tell(4, BOB, Acknowledged(by=replace(BOB, id=77, login="gone")))
    assert desk.publish().note.startswith("No review was asked of `gone`")


def test_an_incident_without_responders_asks_nobody(desk: Desk) -> None:
    desk.story.entries = desk.story.entries[:1]
    assert desk.publish().note == ""
    assert desk.repo.pulls()[0].reviewers == ()


def test_a_pull_request_that_github_will_not_open_is_said(desk: Desk) -> None:
    made = desk.writer(Existing(BRANCH))(None)
    client = desk.client
    ref = {"ref": f"refs/heads/{BRANCH}", "sha": desk.repo.branches()["main"]}
    client.send("POST", f"/repos/{NAME}/git/refs", ref)
    existing = Existing(BRANCH, made.text, PATH, sha="0" * 40)
    with pytest.raises(InvalidError, match="No commits between main and"):
        publish(client, desk.repository, "main", existing, made, rewrite=desk.writer(existing))


def test_a_folder_in_the_place_of_the_report_is_said(desk: Desk) -> None:
    desk.repo.put_file(f"{PATH}/inside.md", "x")
    with pytest.raises(InvalidError, match="is not a file of less than 1 MB"):
        desk.find()


@pytest.mark.parametrize("folder", ["reports", "reports/incidents"])
def test_a_file_in_the_place_of_the_folder_is_said_before_anything_is_made(desk: Desk, folder: str) -> None:
    desk.repo.put_file(folder, "x")
    with pytest.raises(NotAFolderError, match=f"{folder} is a file, and it has to be a folder"):
        desk.publish()
    assert desk.repo.branches().keys() == {"main"}


def test_bytes_that_are_no_utf8_come_back_as_they_were(desk: Desk) -> None:
    desk.publish()
    client = desk.client
    data = client.get(f"/repos/{NAME}/contents/{PATH}", {"ref": BRANCH}).data
    raw = base64.b64decode(data["content"]).replace(b"1. _What went well?_", b"1. caf\xe9")
    body = {"message": "x", "content": base64.b64encode(raw).decode(), "sha": data["sha"], "branch": BRANCH}
    client.send("PUT", f"/repos/{NAME}/contents/{PATH}", body)
    desk.story.tell(160, ADA, ActionAdded(owner=BOB, text="Alert on pool size"))
    assert desk.publish().changed
    after = base64.b64decode(client.get(f"/repos/{NAME}/contents/{PATH}", {"ref": BRANCH}).data["content"])
    assert b"1. caf\xe9" in after


def test_an_endless_row_of_pull_requests_stops_somewhere(desk: Desk) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        name = branch(42, attempt)
        desk.bob.push_file(name, f"x/{attempt}", "x")
        desk.bob.close_pull(desk.bob.open_pull("No", name))
    with pytest.raises(GitHubError, match="somebody has to look"):
        desk.find()


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
def test_killed_at_any_request_and_run_again_there_is_one_of_everything(desk: Desk, *, applied: bool) -> None:
    start = desk.hub.snapshot()
    before = len(desk.hub.requests)
    desk.publish()
    total = len(desk.hub.requests) - before
    expected = (
        desk.text(),
        desk.commits(),
        [dataclasses.replace(one, number=0) for one in desk.repo.pulls()],
    )
    assert total <= 14
    for k in range(total):
        desk.hub.restore(start)
        desk.hub.faults.kill(after_requests=k, applied=applied)
        with pytest.raises(GitHubError):
            desk.publish()
        desk.hub.faults.clear()
        done = desk.publish()
        assert done.pull is not None
        seen = (
            desk.text(),
            desk.commits(),
            [dataclasses.replace(one, number=0) for one in desk.repo.pulls()],
        )
        assert seen == expected, f"killed at request {k}"


@pytest.mark.parametrize("kind", ["error_before", "error_after"])
def test_a_server_error_at_any_write_leaves_one_of_everything(
    desk: Desk, kind: Literal["error_before", "error_after"]
) -> None:
    start = desk.hub.snapshot()
    desk.publish()
    expected = (desk.text(), desk.commits(), len(desk.repo.pulls()))
    writes = [one for one in desk.hub.requests if one.mutating]
    for k in range(1, len(writes) + 1):
        desk.hub.restore(start)
        desk.hub.faults.add(kind, lambda method, _: method != "GET", nth=k)
        with suppress(GitHubError):  # creating the branch is tried again at once
            desk.publish()
        desk.hub.faults.clear()
        desk.publish()
        assert (desk.text(), desk.commits(), len(desk.repo.pulls())) == expected, f"{kind} at write {k}"


def test_the_clock_does_not_change_the_report(desk: Desk) -> None:
    first = desk.publish()
    desk.hub.clock.advance(timedelta(days=3))
    assert desk.publish() == replace(first, changed=False)


def test_every_request_is_one_that_github_documents(desk: Desk) -> None:
    from fidelity.faithful import assert_faithful  # noqa: PLC0415 - takes seconds, and only this test needs it

    first = desk.publish()
    desk.story.tell(160, ADA, ActionAdded(owner=BOB, text="Alert on pool size"))
    desk.publish(lambda: desk.edit("1. _What went well?_", "1. Bob was quick."))
    assert first.pull is not None
    desk.bob.merge_pull(first.pull)
    desk.story.tell(161, ADA, ActionAdded(text="Debrief"))
    desk.publish()
    assert_faithful(desk.hub)
