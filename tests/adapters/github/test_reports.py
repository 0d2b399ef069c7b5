"""A post-mortem on its way to a pull request, and what people do to it meanwhile (I11, C3)."""

import dataclasses
from collections.abc import Iterator

import pytest

from allclear.adapters.github.errors import ConflictError
from allclear.adapters.github.reports import Published, find, publish
from allclear.core.model.structs import replace
from allclear.core.postmortem.document import Written
from allclear.core.postmortem.front_matter import read
from allclear.core.record.progress import ActionAdded
from stories import ADA, BOB
from writing_desk import BRANCH, NAME, PATH, Desk, open_desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        yield opened


def test_the_report_is_committed_and_its_pull_request_asks_the_responders(desk: Desk) -> None:
    done = desk.publish()
    pull = desk.repo.pulls()[0]
    url = f"https://github.com/{NAME}/pull/{pull.number}"
    assert done == Published(pull.number, url, BRANCH, PATH, "", changed=True, open=True)
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
    existing = desk.find(client)
    again = desk.writer(existing)
    turns: list[int] = []

    def somebody_is_quicker(text: str | None) -> Written:
        turns.append(1)
        made = again(text)
        desk.edit("## Root Cause\n", f"## Root Cause\n\nTurn {len(turns)}.\n")
        return made

    made = somebody_is_quicker(existing.text)
    with pytest.raises(ConflictError, match="keeps changing"):
        publish(client, desk.repository, "main", existing, made, rewrite=somebody_is_quicker)
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
    existing = desk.find()
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
    return dataclasses.replace(desk, number=number)


def test_other_pull_requests_and_later_attempts_claim_nothing(desk: Desk) -> None:
    desk.bob.push_file("fix", "app.py", "pass\n")
    desk.bob.open_pull("A fix", "fix")
    desk.bob.push_file("allclear/postmortem-7", "reports/incidents/other.md", "---\nissue: 7\n---\n")
    desk.bob.open_pull("Another post-mortem", "allclear/postmortem-7")
    assert desk.find().taken == frozenset()


def test_a_report_somebody_wrote_by_hand_is_not_ours(desk: Desk) -> None:
    desk.repo.put_file(PATH, "# My own post-mortem\n")
    done = desk.publish()
    assert done.path == "reports/incidents/2025-10-19-production-down-42.md"
    assert desk.text("main") == "# My own post-mortem\n"


def test_a_known_report_without_front_matter_is_ours(desk: Desk) -> None:
    desk.publish()
    desk.bob.push_file(BRANCH, PATH, "# Bob's words\n")
    seen = find(desk.client, desk.repository, 42, (PATH,), "main")
    assert seen.text == "# Bob's words\n"


def test_a_path_that_became_another_incidents_is_not_overwritten(desk: Desk) -> None:
    theirs = "---\nissue: 7\n---\n\nTheirs.\n"
    client = desk.client
    existing = desk.find(client)
    again = desk.writer(existing)
    desk.repo.put_file(PATH, theirs)
    with pytest.raises(ConflictError):
        publish(client, desk.repository, "main", existing, again(None), rewrite=again)
    assert desk.text() == theirs
    assert desk.publish().path == "reports/incidents/2025-10-19-production-down-42.md"


@pytest.mark.parametrize("front", ["issue: 42", "issue: 42\nrepository: a/b", "id: INC-2025-042\nissue: 42"])
def test_a_file_with_the_number_of_another_tracker_is_not_ours(desk: Desk, front: str) -> None:
    theirs = f"---\n{front}\n---\n\nTheirs.\n"
    desk.repo.put_file(PATH, theirs)
    done = desk.publish()
    assert done.path == "reports/incidents/2025-10-19-production-down-42.md"
    assert desk.text("main") == desk.text(BRANCH) == theirs


def test_the_report_is_ours_in_whatever_case_the_repository_is_spelt(desk: Desk) -> None:
    existing = desk.find()
    ours = desk.writer(existing)(None).text.replace(f"repository: {NAME}", f"repository: {NAME.upper()}")
    desk.repo.put_file(PATH, ours)
    assert desk.publish().path == PATH


def test_a_report_whose_place_is_recorded_is_ours_after_the_repository_was_renamed(desk: Desk) -> None:
    desk.publish()
    desk.edit(f"repository: {NAME}", "repository: hotdash/before")
    assert find(desk.client, desk.repository, 42, (PATH,), "main").text is not None
