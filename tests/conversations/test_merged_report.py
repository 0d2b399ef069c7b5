"""A merged report and its row in the index follow what happens later, and people's words stay as they are."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from allclear import app
from allclear.adapters.github.report_index import BRANCH, MESSAGE
from allclear.core.postmortem.file_name import FOLDER, INDEX
from allclear.core.postmortem.front_matter import Report, read
from allclear_lab.github.faults import Kind
from allclear_lab.github.git.objects import GitObjects
from conversations.beginnings import beginning
from conversations.room import Room, minutes
from conversations.test_action_issues import issues
from conversations.test_learning import published as three_steps  # noqa: F401 - a fixture
from core.metrics.files import text
from proof.test_two_at_once import MANY, meanwhile
from sampling import Proof

PATH = f"{FOLDER}/2025-10-19-typo.md"


def front(room: Room, path: str = PATH, branch: str | None = None) -> Report:
    """The front matter of the report on the default branch."""
    return read(room.repo.file(path, branch) or "").report


def row(room: Room, title: str = "Typo", branch: str | None = None) -> str:
    """The report's line in the index."""
    (found,) = [one for one in (room.repo.file(INDEX, branch) or "").split("\n") if f"[{title}](" in one]
    return found


def changes(room: Room, path: str) -> list[str]:
    """The commits of the default branch that changed a file, the newest first."""
    git = room.repo.state.room(GitObjects)
    history = git.history(room.repo.branches()["main"])
    there = [(one.sha, git.entry(one.tree, path)) for one in history]
    return [sha for (sha, now), (_, before) in pairwise([*there, ("", None)]) if now != before]


def check_out(room: Room) -> None:
    """The next job's checkout has the reports of the default branch."""
    folder = room.root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in room.repo.checkout(room.repo.branches()["main"]).items():
        if path.startswith(f"{FOLDER}/"):
            (room.root / path).write_bytes(content)


def sweep(room: Room, times: int = 1) -> None:
    """The sweeps of the next minutes, each with the newest checkout."""
    for _ in range(times):
        check_out(room)
        room.sweep()
        room.clock.advance(minutes(10))


def jobs(room: Room) -> int:
    """How often the job ran that may write contents."""
    return sum("the post-mortem is merged" in one for one in room.printed)


def _merged(room: Room) -> None:
    """Sunday, 2025-10-19. A P3 whose post-mortem was merged, with two action items; no run has seen it."""
    room.opens("ann", "[INCIDENT P3] Typo", labels=("incident", "P3"))
    room.says("ann", "/ack\n/action @bob due:2025-11-03 spell-check\n/action buy a dictionary")
    room.says("ann", '/resolve it was a typo\n/all-clear --override "nothing to watch here"\n/postmortem')
    room.write_up()
    room.merges_report("mia")
    room.delivered = len(room.hub.deliveries)
    room.clock.advance(minutes(5))


merged = beginning(_merged)


def _filed(room: Room) -> None:
    """It is published, and its action items have issues."""
    _merged(room)
    sweep(room, 4)


filed = beginning(_filed)


def end(room: Room, *outcomes: str) -> None:
    """People close the issues of the action items."""
    for issue, outcome in zip(issues(room), outcomes, strict=False):
        if issue.state == "open":
            room.people["bob"].close(issue.number, outcome)
    room.clock.advance(minutes(10))


def test_the_merge_makes_it_published_in_one_commit_with_the_index(merged: Room) -> None:
    assert (front(merged).review, front(merged).published_at) == ("draft", None)
    sweep(merged)
    assert (front(merged).review, front(merged).published_at) == (
        "published",
        merged.incident.reached("published"),
    )
    assert changes(merged, PATH)[0] == changes(merged, INDEX)[0]
    assert "| P3 | published |" in row(merged)
    assert "| 0 of 2 done |" in row(merged)


def test_its_action_items_and_what_is_learned_follow(filed: Room) -> None:
    end(filed, "completed")
    sweep(filed)
    counts = front(filed).actions
    assert counts is not None
    assert (counts.planned, counts.done, counts.dropped) == (2, 1, 0)
    assert "was closed as completed" in front(filed).action_items[0]
    assert "| 1 of 2 done |" in row(filed)
    end(filed, "", "not_planned")
    sweep(filed)
    assert front(filed).learned_at == filed.incident.postmortem.learned is not None
    assert "| P3 | learned |" in row(filed)
    assert "| 1 of 1 done |" in row(filed)
    assert changes(filed, PATH)[0] == changes(filed, INDEX)[0]
    filed.says("bob", "/action @bob one more thing")
    assert front(filed).learned_at is None
    assert "| P3 | published |" in row(filed)
    assert "| 1 of 2 done |" in row(filed)


def test_a_step_that_is_taken_back_is_not_learned_any_more(three_steps: Room) -> None:  # noqa: F811 - see there
    path = three_steps.incident.postmortem.path
    check_out(three_steps)
    three_steps.says("cat", '/check runbooks prevention\n/check debrief --wont-do "we were all in the call"')
    assert front(three_steps, path).learned_at is not None
    three_steps.says("cat", "/uncheck runbooks")
    assert front(three_steps, path).learned_at is None
    assert front(three_steps, path).review == "published"


def test_an_override_of_the_review_is_in_the_report(room: Room) -> None:
    room.opens("ann", "[INCIDENT P3] Typo", labels=("incident", "P3"))
    room.says("ann", '/ack\n/resolve a typo\n/all-clear --override "nothing to watch here"\n/postmortem')
    room.write_up()
    pull = room.incident.postmortem.pull
    assert pull is not None
    room.people["mia"].merge_pull(pull)
    sweep(room)
    assert (front(room).review, front(room).review_override) == ("draft", None)
    assert "| P3 | draft |" in row(room)
    room.says("mia", '/postmortem --override "the board waits for it"')
    given = front(room).review_override
    assert given is not None
    assert (given.by, given.reason) == ("mia", "the board waits for it")
    assert front(room).review == "published"
    assert "| P3 | learned |" in row(room)  # nothing else was to do


def test_quiet_sweeps_ask_and_write_nothing_more(filed: Room) -> None:
    before, commits = jobs(filed), changes(filed, PATH)
    asked = len(filed.hub.requests)
    sweep(filed, 3)
    assert (jobs(filed), changes(filed, PATH)) == (before, commits)
    assert (len(filed.hub.requests) - asked) / 3 <= 14
    assert not [one for one in filed.hub.requests[asked:] if "/contents/" in one.path or "/git/" in one.path]


def test_what_people_write_stays_to_the_byte(filed: Room) -> None:
    theirs = (filed.repo.file(PATH) or "").replace(
        "review: published\n", "review:   'published'   # since Sunday\nteam: {lead: ann,\n  second: bob}\n"
    ).replace("## ", "##   ", 1) + "\n\n---\nOurs. \t\n"
    filed.people["ann"].push_file("main", PATH, "\ufeff" + theirs.replace("\n", "\r\n"))
    end(filed, "completed", "completed")
    sweep(filed, 2)
    after = filed.repo.checkout(filed.repo.branches()["main"])[PATH].decode()
    assert after.startswith("\ufeff")
    lines, wanted = after[1:].split("\r\n"), theirs.split("\n")
    assert [one for one in wanted if one not in lines] == [
        one for one in wanted if one.startswith(("- 'spell-check (", "- buy a", "  done: 0"))
    ]
    assert after.count("\n") == after.count("\r\n")
    assert front(filed).learned_at is not None
    assert read(after).extra == {"team": {"lead": "ann", "second": "bob"}}


def test_what_is_not_its_own_or_cannot_be_read_is_left_alone(filed: Room) -> None:
    number = filed.number
    others = {
        f"{FOLDER}/2023-05-05-old.md": text(issue=number, repository="acme/old", title="Old one"),
        f"{FOLDER}/2024-02-15-hand.md": text(issue=None, repository=None, title="By hand"),
        f"{FOLDER}/2024-02-16-next.md": text(issue=number + 1, title="Next"),
        PATH: (filed.repo.file(PATH) or "").replace("title: Typo", "title: a: typo"),
    }
    for path, content in others.items():
        filed.repo.put_file(path, content)
    end(filed, "completed", "completed")
    before = jobs(filed)
    sweep(filed, 4)
    assert {path: filed.repo.file(path) for path in others} == others
    assert jobs(filed) == before + 1


def test_a_report_that_was_moved_is_found_by_what_it_says(filed: Room) -> None:
    moved = f"{FOLDER}/2025-10-19-typo-on-the-front-page.md"
    filed.people["ann"].push_file("main", moved, filed.repo.file(PATH) or "")
    filed.people["ann"].push_file("main", PATH, text(issue=None, repository=None, title="By hand"))
    end(filed, "completed")
    sweep(filed)
    counts = front(filed, moved).actions
    assert counts is not None
    assert counts.done == 1


def test_a_job_that_never_ran_is_made_up_for_by_a_sweep(filed: Room) -> None:
    end(filed, "completed")
    check_out(filed)
    filed.door(app.sweep, "schedule", {})
    assert filed.outputs["postmortem"] == json.dumps([filed.number])
    filed.clock.advance(minutes(10))
    sweep(filed)
    assert "| 1 of 2 done |" in row(filed)
    sweep(filed)
    assert filed.outputs["postmortem"] == "[]"


def test_what_nobody_could_write_for_a_day_waits_for_the_next_news(filed: Room) -> None:
    filed.permissions = {"contents": "read"}
    end(filed, "completed")
    sweep(filed, 3)
    before = jobs(filed)
    assert before >= 3
    filed.clock.advance(minutes(24 * 60))
    sweep(filed, 3)
    assert jobs(filed) == before
    filed.permissions = {}
    end(filed, "", "completed")
    sweep(filed)
    assert "| 2 of 2 done |" in row(filed)


def proposals(room: Room) -> list[tuple[str, str]]:
    return [(one.head, one.state) for one in room.repo.pulls() if one.title == MESSAGE]


def test_a_protected_branch_gets_one_pull_request_with_both(merged: Room) -> None:
    merged.repo.protect("main")
    sweep(merged, 4)
    ((branch, state),) = proposals(merged)
    assert (branch[: len(BRANCH)], state) == (BRANCH, "open")
    before = jobs(merged)
    sweep(merged, 3)
    assert jobs(merged) == before
    assert front(merged).review == "draft"
    assert front(merged, branch=branch).review == "published"
    assert "| P3 | published |" in row(merged, branch=branch)
    theirs = (merged.repo.file(PATH, branch) or "").replace("## Timeline", "## Timeline\n\nSee #1.")
    merged.people["bob"].push_file(branch, PATH, theirs)
    end(merged, "completed")
    sweep(merged, 2)
    assert proposals(merged) == [(branch, "open")]
    assert "| 1 of 2 done |" in row(merged, branch=branch)
    assert "See #1." in (merged.repo.file(PATH, branch) or "")
    (pull,) = [one.number for one in merged.repo.pulls() if one.title == MESSAGE]
    merged.people["bob"].merge_pull(pull, "squash")
    sweep(merged, 2)
    assert front(merged).review == "published"
    assert proposals(merged) == [(branch, "closed")]


def test_a_proposal_that_people_close_comes_back_with_the_next_news(merged: Room) -> None:
    merged.repo.protect("main")
    sweep(merged, 4)
    (pull,) = [one.number for one in merged.repo.pulls() if one.title == MESSAGE]
    merged.people["bob"].close_pull(pull)
    before = jobs(merged)
    sweep(merged, 3)
    assert jobs(merged) == before
    assert [state for _, state in proposals(merged)] == ["closed"]
    merged.people["bob"].push_file("main", "README.md", "# New\n")
    end(merged, "completed")
    sweep(merged)
    assert [state for _, state in proposals(merged)] == ["closed", "open"]


def test_an_open_pull_request_of_the_report_brings_it_itself(filed: Room) -> None:
    filed.says("bob", "/note one more thing\n/postmortem")
    pulls = [one for one in filed.repo.pulls() if one.state == "open"]
    assert [one.head for one in pulls] == [f"allclear/postmortem-{filed.number}-2"]
    before = filed.repo.file(PATH)
    end(filed, "completed")
    sweep(filed, 3)
    assert filed.repo.file(PATH) == before
    there = front(filed, branch=pulls[0].head)
    assert there.actions is not None
    assert (there.actions.done, there.review) == (1, "published")
    filed.people["mia"].merge_pull(pulls[0].number)
    end(filed, "", "completed")
    sweep(filed)
    assert "| P3 | learned |" in row(filed)


def test_somebody_pushes_at_every_request_and_nothing_is_lost(filed: Room, proof: Proof) -> None:
    end(filed, "completed", "completed")
    check_out(filed)
    before = filed.hub.snapshot()

    def other(room: Room) -> None:
        said = (room.repo.file(PATH) or "").replace("## Timeline", "## Timeline\n\nSee #1.")
        room.people["ann"].push_file("main", PATH, said)

    with meanwhile(filed, MANY, other) as seen:
        filed.sweep()
    for at in proof(range(seen[0]), 5):
        filed.hub.restore(before)
        filed.pending = []
        with meanwhile(filed, at, other):
            filed.sweep()
        assert "See #1." in (filed.repo.file(PATH) or ""), at
        assert front(filed).learned_at is not None, at
        assert "| P3 | learned |" in row(filed), at


@pytest.mark.parametrize("kind", ["error_before", "drop_after"])
@pytest.mark.parametrize("protected", [False, True], ids=["a commit", "a pull request"])
def test_killed_at_any_request_the_next_sweeps_make_up_for_it(
    filed: Room, kind: Kind, proof: Proof, *, protected: bool
) -> None:
    if protected:
        filed.repo.protect("main")
    end(filed, "completed", "completed")
    before = filed.hub.snapshot()
    with meanwhile(filed, MANY, Room.sweep) as seen:
        sweep(filed, 1)
    wanted = len(changes(filed, PATH)), len(filed.repo.pulls())
    for at in proof(range(1, seen[0] + 1), 5):
        filed.hub.restore(before)
        filed.pending = []
        filed.hub.faults.add(kind, nth=at, times=3)
        sweep(filed)
        filed.hub.faults.clear()
        sweep(filed, 3)
        branch = proposals(filed)[-1][0] if protected else None
        assert front(filed, branch=branch).learned_at is not None, at
        assert "| P3 | learned |" in row(filed, branch=branch), at
        assert (len(changes(filed, PATH)), len(filed.repo.pulls())) == wanted, at
