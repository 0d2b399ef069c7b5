"""A post-mortem on its way to a pull request, against the embedded GitHub (faults A1-A15, C1, P18, I11)."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

import pytest

from allclear.adapters.errors import ConflictError, ForbiddenError, GitHubError, InvalidError
from allclear.adapters.github import Client
from allclear.adapters.reports import ATTEMPTS, Existing, Published, look, publish
from allclear.core.entry import Acknowledged, ActionAdded, Cleared, Resolved
from allclear.core.postmortem import Written, branch, candidates, write
from allclear.core.report import read
from allclear.core.snapshot import Repository
from allclear.sandbox.clock import SimClock
from allclear.sandbox.handles import RepositoryHandle
from allclear.sandbox.hub import GitHub
from allclear.sandbox.person import Person
from allclear.sandbox.state import Account
from stories import ADA, BOB, HOTDASH, ISSUE_URL, NOON, RENDERER, SETTINGS, UTC_ZONE, Story

PATH = "reports/incidents/2025-10-19-production-down.md"
BRANCH = "allclear/postmortem-42"
PERMISSIONS = {"contents": "write", "pull-requests": "write"}
NAME = "hotdash/app"


def no_sleep(_seconds: float) -> None:
    """The sandbox's clock does not move by waiting."""


@dataclass
class Desk:
    """The repository, its people, and the job that writes post-mortem 42."""

    hub: GitHub
    repo: RepositoryHandle
    ada: Person
    bob: Person
    story: Story
    number: int = 42
    permissions: dict[str, str] = field(default_factory=lambda: dict(PERMISSIONS))

    @property
    def client(self) -> Client:
        return Client(self.hub.api_url, self.hub.actions_token(self.repo, self.permissions), sleep=no_sleep)

    @property
    def repository(self) -> Repository:
        return Repository(self.repo.id, NAME, f"https://github.com/{NAME}")

    def writer(self, existing: Existing) -> Callable[[str | None], Written]:
        incident = replace(self.story.incident, number=self.number)

        def again(text: str | None) -> Written:
            return write(
                incident,
                self.story.entries,
                HOTDASH,
                SETTINGS,
                existing=text,
                taken=existing.taken,
                renderer=RENDERER,
                zone=UTC_ZONE,
                repository=NAME,
                issue_url=ISSUE_URL,
                now=NOON,
            )

        return again

    def look(self, client: Client | None = None) -> Existing:
        incident = replace(self.story.incident, number=self.number)
        return look(client or self.client, self.repository, self.number, candidates(incident, NOON), "main")

    def publish(self, meanwhile: Callable[[], object] = lambda: None) -> Published:
        """One run; ``meanwhile`` is what people do between its reading and its writing."""
        client = self.client
        existing = self.look(client)
        again = self.writer(existing)
        made = again(existing.text)
        meanwhile()
        return publish(client, self.repository, "main", existing, made, again=again)

    def text(self, name: str = BRANCH, path: str = PATH) -> str:
        text = self.repo.file(path, name)
        assert text is not None
        return text

    def edit(self, old: str, new: str, name: str = BRANCH) -> None:
        """Bob changes the report in the browser."""
        text = self.text(name)
        assert old in text
        self.bob.push_file(name, PATH, text.replace(old, new))

    def commits(self, name: str = BRANCH) -> int:
        found = self.client.get(f"/repos/{NAME}/commits", {"sha": name, "path": PATH, "per_page": 100}).data
        return len(found)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with GitHub(clock=SimClock(NOON), seed=1) as hub:
        repo = hub.create_repository(NAME)
        people: dict[str, Account] = {login: hub.create_user(login) for login in ("ada", "bob")}
        repo.grant(people["ada"], "maintain")
        repo.grant(people["bob"], "write")
        repo.put_file("README.md", "HotDash\n")
        story = (
            Story().declare().notify().tell(4, BOB, Acknowledged(by=BOB)).tell(5, ADA, Acknowledged(by=ADA))
        )
        story.tell(30, BOB, Resolved(text="Rolled back")).tell(150, ADA, Cleared(text="Rolled back"))
        yield Desk(hub, repo, repo.person(people["ada"]), repo.person(people["bob"]), story)
        assert hub.violations == []


def test_the_report_is_committed_and_its_pull_request_asks_the_responders(desk: Desk) -> None:
    done = desk.publish()
    pull = desk.repo.pulls()[0]
    url = f"https://github.com/{NAME}/pull/{pull.number}"
    assert done == Published(pull.number, url, BRANCH, PATH, "", changed=True)
    assert pull.title == "Post-mortem: Production down (#42)"
    assert (pull.head, pull.base, pull.state) == (BRANCH, "main", "open")
    assert set(pull.reviewers) == {"ada", "bob"}
    assert read(desk.text()).report.issue == 42
    assert desk.repo.file(PATH) is None


def test_a_second_run_changes_nothing(desk: Desk) -> None:
    first = desk.publish()
    before = len(desk.hub.requests)
    assert desk.publish() == replace(first, changed=False)
    assert not [one for one in desk.hub.requests[before:] if one.mutating]
    assert desk.commits() == 1


def test_news_is_one_more_commit_on_the_same_pull_request(desk: Desk) -> None:
    first = desk.publish()
    desk.story.tell(160, ADA, ActionAdded(owner=BOB, text="Alert on pool size"))
    assert desk.publish() == replace(first, changed=True)
    assert "- [ ] Alert on pool size" in desk.text()
    assert desk.commits() == 2


def test_what_people_wrote_on_the_branch_stays(desk: Desk) -> None:
    desk.publish()
    desk.edit("1. _What went well?_", "1. Bob was quick.")
    desk.story.tell(160, ADA, ActionAdded(owner=BOB, text="Alert on pool size"))
    desk.publish()
    assert "1. Bob was quick." in desk.text()
    assert "Alert on pool size" in desk.text()


def test_somebody_commits_between_reading_and_writing(desk: Desk) -> None:
    desk.publish()
    desk.story.tell(160, ADA, ActionAdded(owner=BOB, text="Alert on pool size"))
    done = desk.publish(lambda: desk.edit("1. _What went well?_", "1. Bob was quick."))
    assert done.changed
    assert "1. Bob was quick." in desk.text()
    assert "Alert on pool size" in desk.text()


def test_another_run_was_quicker_with_the_same_text(desk: Desk) -> None:
    done = desk.publish(meanwhile=desk.publish)
    assert not done.changed
    assert len(desk.repo.pulls()) == 1
    assert desk.commits() == 1


def test_a_file_that_keeps_changing_is_left_to_the_next_run(desk: Desk) -> None:
    desk.publish()
    desk.story.tell(160, ADA, ActionAdded(owner=BOB, text="Alert on pool size"))
    client = desk.client
    existing = desk.look(client)
    again = desk.writer(existing)
    turns: list[int] = []

    def somebody_is_quicker(text: str | None) -> Written:
        turns.append(1)
        made = again(text)
        desk.edit("## Root Cause\n", f"## Root Cause\n\nTurn {len(turns)}.\n")
        return made

    made = somebody_is_quicker(existing.text)
    with pytest.raises(ConflictError, match="keeps changing"):
        publish(client, desk.repository, "main", existing, made, again=somebody_is_quicker)
    assert "Turn 1." in desk.text()
    assert desk.publish().changed


def remove(desk: Desk) -> None:
    """Somebody deletes the file on its branch."""
    sha = desk.client.get(f"/repos/{NAME}/contents/{PATH}", {"ref": BRANCH}).data["sha"]
    desk.client.send(
        "DELETE", f"/repos/{NAME}/contents/{PATH}", {"message": "x", "sha": sha, "branch": BRANCH}
    )


def test_somebody_deletes_the_file_between_reading_and_writing(desk: Desk) -> None:
    desk.publish()
    desk.edit("1. _What went well?_", "1. Bob was quick.")
    desk.story.tell(160, ADA, ActionAdded(owner=BOB, text="Alert on pool size"))
    assert desk.publish(lambda: remove(desk)).changed
    assert "1. Bob was quick." in desk.text()
    assert "Alert on pool size" in desk.text()


def test_people_may_rename_the_file_on_its_branch(desk: Desk) -> None:
    desk.publish()
    better = "reports/incidents/2025-10-19-pool.md"
    desk.bob.push_file(BRANCH, better, desk.text())
    desk.bob.push_file(BRANCH, "reports/incidents/2025-01-01-notes.md", "Not a report.\n")
    desk.bob.push_file(BRANCH, "docs/pool.md", "Nor this.\n")
    remove(desk)
    desk.story.tell(160, ADA, ActionAdded(owner=BOB, text="Alert on pool size"))
    done = desk.publish()
    assert done.path == better
    assert "Alert on pool size" in desk.text(path=better)
    assert desk.repo.file(PATH, BRANCH) is None


def test_after_the_merge_there_is_nothing_left_to_do(desk: Desk) -> None:
    first = desk.publish()
    assert first.pull is not None
    desk.edit("1. _What went well?_", "1. Bob was quick.")
    desk.bob.merge_pull(first.pull)
    desk.bob.delete_branch(BRANCH)
    done = desk.publish()
    assert (done.pull, done.url, done.changed) == (first.pull, first.url, False)
    assert len(desk.repo.pulls()) == 1


def test_news_after_the_merge_is_a_second_pull_request_over_the_merged_text(desk: Desk) -> None:
    first = desk.publish()
    assert first.pull is not None
    desk.edit("1. _What went well?_", "1. Bob was quick.")
    desk.bob.merge_pull(first.pull)
    desk.story.tell(160, ADA, ActionAdded(owner=BOB, text="Alert on pool size"))
    done = desk.publish()
    assert done.branch == "allclear/postmortem-42-2"
    assert done.pull not in (None, first.pull)
    assert "1. Bob was quick." in desk.text(done.branch)
    assert desk.publish() == replace(done, changed=False)


def test_a_closed_pull_request_is_a_no_until_there_is_news(desk: Desk) -> None:
    first = desk.publish()
    assert first.pull is not None
    desk.edit("1. _What went well?_", "1. Bob was quick.")
    desk.bob.close_pull(first.pull)
    assert desk.publish().pull == first.pull
    assert len(desk.repo.pulls()) == 1
    desk.story.tell(160, ADA, ActionAdded(owner=BOB, text="Alert on pool size"))
    done = desk.publish()
    assert done.branch == "allclear/postmortem-42-2"
    assert "1. Bob was quick." in desk.text(done.branch)


def test_a_report_that_reached_main_by_hand_is_left_there(desk: Desk) -> None:
    existing = desk.look()
    desk.repo.put_file(PATH, desk.writer(existing)(None).text)
    done = desk.publish()
    assert (done.pull, done.url) == (None, f"https://github.com/{NAME}/blob/main/{PATH}")
    assert desk.repo.pulls() == []


def test_two_incidents_of_one_day_and_title_do_not_share_a_file(desk: Desk) -> None:
    desk.publish()
    second = replace_number(desk, 43)
    numbered = "reports/incidents/2025-10-19-production-down-43.md"
    done = second.publish()
    assert done.path == numbered
    assert second.publish().path == numbered
    for pull in desk.repo.pulls():
        desk.bob.merge_pull(pull.number)
    assert read(desk.text("main")).report.issue == 42
    assert read(desk.text("main", numbered)).report.issue == 43
    assert replace_number(desk, 44).publish().path == "reports/incidents/2025-10-19-production-down-44.md"


def replace_number(desk: Desk, number: int) -> Desk:
    return replace(desk, number=number)


def test_other_pull_requests_and_later_attempts_claim_nothing(desk: Desk) -> None:
    desk.bob.push_file("fix", "app.py", "pass\n")
    desk.bob.open_pull("A fix", "fix")
    desk.bob.push_file("allclear/postmortem-7", "reports/incidents/other.md", "---\nissue: 7\n---\n")
    desk.bob.open_pull("Another post-mortem", "allclear/postmortem-7")
    assert desk.look().taken == frozenset()


def test_a_report_somebody_wrote_by_hand_is_not_ours(desk: Desk) -> None:
    desk.repo.put_file(PATH, "# My own post-mortem\n")
    done = desk.publish()
    assert done.path == "reports/incidents/2025-10-19-production-down-42.md"
    assert desk.text("main") == "# My own post-mortem\n"


def test_a_known_report_without_front_matter_is_ours(desk: Desk) -> None:
    desk.publish()
    desk.bob.push_file(BRANCH, PATH, "# Bob's words\n")
    seen = look(desk.client, desk.repository, 42, (PATH,), "main")
    assert seen.text == "# Bob's words\n"


def test_a_path_that_became_another_incidents_is_not_overwritten(desk: Desk) -> None:
    theirs = "---\nissue: 7\n---\n\nTheirs.\n"
    client = desk.client
    existing = desk.look(client)
    again = desk.writer(existing)
    desk.repo.put_file(PATH, theirs)
    with pytest.raises(ConflictError):
        publish(client, desk.repository, "main", existing, again(None), again=again)
    assert desk.text() == theirs
    assert desk.publish().path == "reports/incidents/2025-10-19-production-down-42.md"


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
    desk.story.tell(151, ADA, Acknowledged(by=BOB.model_copy(update={"id": 77, "login": "gone"})))
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
    desk.story.tell(4, BOB, Acknowledged(by=BOB.model_copy(update={"id": 77, "login": "gone"})))
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
        publish(client, desk.repository, "main", existing, made, again=desk.writer(existing))


def test_a_folder_in_the_place_of_the_report_is_said(desk: Desk) -> None:
    desk.repo.put_file(f"{PATH}/inside.md", "x")
    with pytest.raises(InvalidError, match="is no file of less than 1 MB"):
        desk.look()


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
        desk.look()


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
def test_killed_at_any_request_and_run_again_there_is_one_of_everything(desk: Desk, *, applied: bool) -> None:
    start = desk.hub.snapshot()
    before = len(desk.hub.requests)
    desk.publish()
    total = len(desk.hub.requests) - before
    expected = (desk.text(), desk.commits(), [replace(one, number=0) for one in desk.repo.pulls()])
    assert total <= 14
    for k in range(total):
        desk.hub.restore(start)
        desk.hub.faults.kill(after_requests=k, applied=applied)
        with pytest.raises(GitHubError):
            desk.publish()
        desk.hub.faults.clear()
        done = desk.publish()
        assert done.pull is not None
        seen = (desk.text(), desk.commits(), [replace(one, number=0) for one in desk.repo.pulls()])
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
        with pytest.raises(GitHubError):
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
