"""A hotfix from the comment to the merge: branch, pull request, record (000-15, 003-13, 000-A1, I7)."""

import subprocess
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from allclear import app
from allclear.core.record.production import HotfixOpened
from allclear_lab.github import CommentView
from allclear_lab.github.faults import Kind
from allclear_lab.github.git.objects import Commit, GitObjects
from conversations.room import SETTINGS, Room, open_room
from sampling import Proof

FROM_PRODUCTION = (
    SETTINGS
    + """
services:
  web: { provider: deploy-workflow, values: { workflow: deploy.yml },
         hotfix: { start: production, base: release } }
  api: {}
"""
)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened


def branch(room: Room) -> str:
    return f"hotfix/incident-{room.number}"


def last(room: Room) -> CommentView:
    return room.replies[-1]


def merge(room: Room, pull: int, who: str = "bob") -> None:
    room.people[who].ready(pull)
    room.people[who].merge_pull(pull, "squash")
    room.delivered = len(room.hub.deliveries)


def test_a_hotfix_is_a_branch_a_draft_and_a_reply_that_says_where(room: Room) -> None:
    room.opens("ann")
    main = room.repo.branches()["main"]
    said = room.says("bob", "/hotfix raise the pool size")
    (pull,) = room.repo.pulls()
    assert f"`{branch(room)}` is being prepared from the default branch" in said
    assert f"[pull request #{pull.number}]" in said
    assert f"git switch {branch(room)}" in said
    assert "Approve workflows to run" in said  # B2
    assert (pull.head, pull.base, pull.title) == (branch(room), "main", "HOTFIX: raise the pool size")
    assert pull.draft
    made = room.repo.branches()[branch(room)]
    commit: Commit = room.hub.world.repositories[room.repo.id].room(GitObjects).commits[made]
    assert commit.parents == (main,)
    assert commit.message == f"hotfix: raise the pool size (refs #{room.number})"
    assert room.repo.files(branch(room)) == room.repo.files("main")
    incident = room.incident
    assert incident.production.hotfix is not None
    assert (incident.production.hotfix.pull, incident.production.hotfix.pending) == (pull.number, False)
    assert f"Hotfix `{branch(room)}` · [pull request]({pull_url(room, pull.number)})" in room.panel.body


def test_a_second_one_is_answered_with_the_link_and_makes_nothing(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/hotfix raise the pool size")
    (pull,) = room.repo.pulls()
    said = room.says("mia", "/hotfix something else")
    assert f"There is a hotfix already: [pull request #{pull.number}]({pull_url(room, pull.number)})" in said
    assert len(room.repo.pulls()) == 1


def pull_url(room: Room, number: int) -> str:
    return f"https://github.com/acme/shop/pull/{number}"


def test_a_doubled_comment_event_makes_one(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/hotfix raise the pool size")
    room.run()
    room.open_hotfix()
    assert room.printed[-1] == f"Issue {room.number} has not asked for a hotfix, or has it already."
    room.sweep()
    assert len(room.repo.pulls()) == 1
    assert sum(isinstance(fact, HotfixOpened) for one in room.journal.entries for fact in one.facts) == 1


@pytest.mark.parametrize(
    "text",
    [
        "this fixes #{n}",
        "fixes GH-{n}",
        "closes https://github.com/acme/shop/issues/{n}",
        "Resolves acme/shop#{n}",
        "it fixes",
        "fix:\u00a0#{n}",
        "FIXED #{n} [skip ci] @ann",
    ],
)
def test_merging_it_never_closes_the_incident_whatever_its_description_says(room: Room, text: str) -> None:
    room.opens("ann")
    room.says("bob", f"/hotfix {text.replace('{n}', str(room.number))}")
    (pull,) = room.repo.pulls()
    assert "@ann" not in pull.title
    assert "[skip ci]" not in pull.title
    room.people["bob"].push_file(branch(room), "app.py", "pool = 20\n", f"{pull.title}\n\n{pull.body}")
    room.people["bob"].ready(pull.number)
    room.people["bob"].merge_pull(pull.number, "squash")
    assert room.issue.state == "open"


def test_the_merge_is_noticed_and_says_how_long_to_watch_a_fix_forward(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/hotfix raise the pool size")
    (pull,) = room.repo.pulls()
    room.people["bob"].push_file(branch(room), "app.py", "pool = 20\n")
    merge(room, pull.number)
    room.sweep()
    assert f"The hotfix [#{pull.number}]" in last(room).body
    assert "is merged. When it is deployed, write `/status monitoring`" in last(room).body
    assert "extended monitoring of 2 hours." in last(room).body
    incident = room.incident
    assert incident.production.fixed_by == "hotfix"
    assert incident.production.hotfix is not None
    assert incident.production.hotfix.merged is not None
    replies = len(room.replies)
    room.run()
    room.sweep()
    assert len(room.replies) == replies


def test_what_did_not_hold_gets_a_second_branch(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/hotfix raise the pool size")
    first = room.repo.pulls()[0].number
    merge(room, first)
    room.run()
    room.says("bob", "/hotfix raise it more")
    heads = {pull.head for pull in room.repo.pulls()}
    assert heads == {branch(room), f"{branch(room)}-2"}


def test_where_workflows_may_open_no_pull_requests_there_is_a_link_and_no_spam(room: Room) -> None:
    room.repo.state.allow_actions_pull_requests = False
    room.opens("ann")
    said = room.says("bob", "/hotfix raise the pool size")
    link = f"https://github.com/acme/shop/compare/main...{branch(room)}?expand=1"
    assert f"[Open it yourself]({link})" in said
    assert branch(room) in room.repo.branches()
    replies = len(room.replies)
    room.sweep()
    assert len(room.replies) == replies
    number = room.people["bob"].open_pull("By hand", branch(room))
    assert f"[pull request #{number}]" in room.says("bob", "/hotfix raise the pool size")


def creates_refs(verb: str, path: str) -> bool:
    return verb == "POST" and path.endswith("/git/refs")


def pasted(said: str) -> list[str]:
    """The lines of the code block, as a person pastes them into a terminal."""
    return said.split("```\n")[1].splitlines()


def test_a_token_that_may_not_push_is_said_with_the_way_by_hand(room: Room) -> None:
    room.opens("ann")
    room.permissions["contents"] = "read"
    said = room.says("bob", "/hotfix raise the pool size")
    assert "GitHub did not let the branch of the hotfix be made (GitHub says:" in said
    assert "The job `hotfix` needs `contents: write`" in said
    assert "Somebody with write access can push it:" in said
    assert pasted(said) == [
        "git fetch origin main",
        f"git switch --create {branch(room)} FETCH_HEAD",
        f"git push --set-upstream origin {branch(room)}",
    ]
    assert f"Hotfix `{branch(room)}`, waits for somebody to push its branch" in room.panel.body
    replies = len(room.replies)
    room.sweep()
    assert len(room.replies) == replies
    del room.permissions["contents"]
    room.people["bob"].push_file(branch(room), "app.py", "pool = 20\n")
    assert "[pull request #" in room.says("bob", "/hotfix raise the pool size")


def test_the_pull_request_is_opened_once_somebody_has_pushed_the_branch(room: Room) -> None:
    room.opens("ann")
    room.permissions["contents"] = "read"
    room.says("bob", "/hotfix raise the pool size")
    del room.permissions["contents"]
    pushed = room.people["bob"].push_file(branch(room), "app.py", "pool = 20\n")
    room.sweep()
    (pull,) = room.repo.pulls()
    assert (pull.head, pull.title, pull.draft) == (branch(room), "HOTFIX: raise the pool size", True)
    assert room.repo.branches()[branch(room)] == pushed
    assert f"[pull request #{pull.number}]" in last(room).body
    replies = len(room.replies)
    room.sweep()
    room.run()
    assert len(room.replies) == replies


def test_what_still_cannot_be_made_from_a_branch_that_was_pushed_is_not_said_again(room: Room) -> None:
    room.opens("ann")
    room.permissions["contents"] = "read"
    room.says("bob", "/hotfix raise the pool size")
    # Just the commit it starts from: it takes a commit of its own before there can be a pull request.
    room.people["bob"].push_commit(room.repo.branches()["main"], branch(room))
    replies = len(room.replies)
    for _ in range(2):
        room.sweep()
    assert len(room.replies) == replies
    assert "was pushed by hand, and still is not to be used" in room.printed[-1]
    assert room.outputs["hotfix"] == "[]"
    del room.permissions["contents"]
    room.sweep()
    assert "[pull request #" in last(room).body


@pytest.mark.parametrize("kind", ["rule", "update_failed"])
def test_a_rule_that_forbids_the_branch_is_said(room: Room, kind: Kind) -> None:
    """A rule may answer with no more than "Reference update failed", as an accident does."""
    room.opens("ann")
    refused = room.hub.faults.add(kind, creates_refs, times=9)
    said = room.says("bob", "/hotfix raise the pool size")
    assert refused.seen == 3
    assert "A rule for branches can forbid it (Settings → Rules)" in said
    assert pasted(said)[0] == "git fetch origin main"


def test_a_branch_that_github_refuses_at_random_is_made(room: Room) -> None:
    room.opens("ann")
    room.hub.faults.add("update_failed", creates_refs, times=2)
    assert "[pull request #" in room.says("bob", "/hotfix raise the pool size")


def test_the_lines_to_paste_do_what_they_say(room: Room, tmp_path: Path) -> None:
    """With git itself, from a branch whose name a shell would take for an order."""
    room.opens("ann")
    room.permissions["contents"] = "read"
    name = "main;touch$IFS'oops'"
    room.repo.put_file("README.md", "x", branch=name)
    room.repo.state.default_branch = name
    lines = pasted(room.says("bob", "/hotfix raise the pool size"))
    there, here = tmp_path / "there.git", tmp_path / "here"
    who = ["-c", "user.name=Bob", "-c", "user.email=bob@example.com"]
    git("init", "--bare", "-b", name, str(there))
    git("clone", "-q", str(there), str(here))
    git("-C", str(here), *who, "commit", "-q", "--allow-empty", "-m", "first")
    git("-C", str(here), "push", "-q", "origin", f"HEAD:refs/heads/{name}")
    for line in lines:
        subprocess.run(["sh", "-c", line], cwd=here, check=True, capture_output=True, timeout=60)
    assert branch(room) in git("-C", str(there), "branch", "--list", "hotfix/*")
    assert not list(here.glob("oops*"))


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


def test_a_branch_that_somebody_pushed_before_is_taken_as_it_is(room: Room) -> None:
    room.opens("ann")
    pushed = room.people["bob"].push_file(branch(room), "app.py", "pool = 20\n")
    room.says("bob", "/hotfix raise the pool size")
    assert room.repo.branches()[branch(room)] == pushed
    assert room.repo.pulls()[0].head == branch(room)


def test_a_branch_without_a_commit_of_its_own_gets_one(room: Room) -> None:
    room.opens("ann")
    main = room.repo.branches()["main"]
    room.hub.world.repositories[room.repo.id].room(GitObjects).refs[f"refs/heads/{branch(room)}"] = main
    room.says("bob", "/hotfix raise the pool size")
    assert room.repo.branches()[branch(room)] != main
    assert room.repo.pulls()[0].head == branch(room)


def test_a_repository_without_drafts_gets_a_plain_pull_request(room: Room) -> None:
    room.repo.state.allow_drafts = False
    room.opens("ann")
    room.says("bob", "/hotfix raise the pool size")
    assert [pull.draft for pull in room.repo.pulls()] == [False]


def test_a_branch_that_is_not_known_everywhere_yet_is_asked_for_once_more(room: Room) -> None:
    room.opens("ann")
    opening = room.hub.faults.add(
        "error_before", lambda verb, path: verb == "POST" and path.endswith("/pulls"), status=422
    )
    assert "[pull request #" in room.says("bob", "/hotfix raise the pool size")
    assert opening.seen == 2


def test_a_pull_request_that_somebody_opens_in_the_same_second_is_the_one(room: Room) -> None:
    room.opens("ann")
    room.writes("bob", "/hotfix raise the pool size")
    refs = room.hub.world.repositories[room.repo.id].room(GitObjects).refs
    pushed = room.people["bob"].push_file("mine", "app.py", "pool = 20\n")

    def just_before(verb: str, path: str) -> bool:
        """Somebody is quicker: with the branch, and then with the pull request."""
        if verb == "POST" and path.endswith("/git/refs"):
            refs[f"refs/heads/{branch(room)}"] = pushed
        return False

    def refused_and_there(verb: str, path: str) -> bool:
        return verb == "POST" and path.endswith("/pulls")

    room.hub.faults.add("error_before", just_before)
    room.hub.faults.add("error_after", refused_and_there, status=422)
    room.run()
    (pull,) = room.repo.pulls()
    assert room.repo.branches()[branch(room)] == pushed
    assert room.incident.production.hotfix is not None
    assert room.incident.production.hotfix.pull == pull.number


def test_a_token_that_may_open_no_pull_requests_is_said(room: Room) -> None:
    room.opens("ann")
    room.permissions["pull_requests"] = "read"
    assert "not accessible by integration" in room.says("bob", "/hotfix raise the pool size")


def test_without_drafts_what_github_will_not_open_is_said_all_the_same(room: Room) -> None:
    room.repo.state.allow_drafts = False
    room.opens("ann")
    plain = room.hub.faults.add(
        "error_before",
        lambda verb, path: verb == "POST" and path.endswith("/pulls"),
        nth=2,
        times=9,
        status=422,
    )
    assert "GitHub did not open a pull request" in room.says("bob", "/hotfix raise the pool size")
    assert plain.seen == 3  # as a draft, as none, and once more


def test_what_github_will_not_open_is_said(room: Room) -> None:
    room.opens("ann")
    room.hub.faults.add(
        "error_before", lambda verb, path: verb == "POST" and path.endswith("/pulls"), times=9, status=422
    )
    said = room.says("bob", "/hotfix raise the pool size")
    assert "GitHub did not open a pull request" in said
    link = f"https://github.com/acme/shop/compare/main...{branch(room)}?expand=1"
    assert f"[Open it yourself]({link}). It is followed here as soon as it is there." in said


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path, FROM_PRODUCTION) as opened:
        yield opened


def test_a_hotfix_from_production_starts_at_what_runs_there_and_goes_where_it_is_told(
    production: Room,
) -> None:
    room = production
    runs = room.repo.branches()["main"]
    room.repo.deploy(runs)
    room.repo.put_file("next.py", "not released\n")
    room.repo.put_file("app.py", "released\n", branch="release")
    room.opens("ann")
    said = room.says("bob", "/hotfix WEB raise the pool size")
    assert f"from `{runs[:7]}`, which runs in production" in said
    (pull,) = room.repo.pulls()
    assert (pull.base, pull.title) == ("release", "HOTFIX: raise the pool size")
    assert "next.py" not in room.repo.files(branch(room))


def test_what_runs_is_written_down_before_it_is_used(production: Room) -> None:
    """003-A3: a deployment between the comment and the job does not change what the hotfix starts from."""
    room = production
    runs = room.repo.branches()["main"]
    room.repo.deploy(runs)
    room.repo.put_file("app.py", "released\n", branch="release")
    room.opens("ann")
    room.hub.faults.add("error_before", lambda verb, path: "/git/" in path, times=9)
    room.says("bob", "/hotfix web raise the pool size")
    room.hub.faults.clear()
    room.repo.deploy(room.repo.put_file("next.py", "a new release\n"))
    room.sweep()
    assert "next.py" not in room.repo.files(branch(room))


def test_without_a_deployment_there_is_nothing_to_start_from(production: Room) -> None:
    production.opens("ann")
    said = production.says("bob", "/hotfix web raise the pool size")
    assert "No deployment says which commit of `web` runs in `production`" in said
    assert production.repo.pulls() == []


def test_while_github_does_not_answer_it_says_to_try_again(production: Room) -> None:
    production.opens("ann")
    production.hub.faults.add("error_before", lambda _, path: path == "/graphql", times=9)
    assert "Try again in a minute" in production.says("bob", "/hotfix web raise the pool size")


def test_services_that_differ_have_to_be_named(production: Room) -> None:
    production.opens("ann")
    assert "Which service is the hotfix for? Begin with its name: `web`, `api`" in production.says(
        "bob", "/hotfix x y"
    )
    production.says("bob", "/affects api")
    assert "[pull request #" in production.says("bob", "/hotfix x y")


def test_a_base_that_is_no_branch_is_said(production: Room) -> None:
    production.repo.deploy(production.repo.branches()["main"])
    production.opens("ann")
    said = production.says("bob", "/hotfix web raise the pool size")
    assert "There is no branch `release` to merge the hotfix into. Name another one as `hotfix: {" in said
    assert branch(production) not in production.repo.branches()


def test_a_workflow_that_changed_since_the_release_is_said_with_the_lines_to_paste(production: Room) -> None:
    """Z3: no workflow may create a branch from there, whatever its permissions are. People may."""
    room = production
    room.repo.put_file("app.py", "released\n", branch="release")
    runs = room.repo.branches()["main"]
    room.repo.deploy(runs)
    changed = room.repo.put_file(".github/workflows/ci.yml", "name: ci\n")
    room.people["bob"].push_commit(changed, "release")
    room.opens("ann")
    said = room.says("bob", "/hotfix web raise the pool size")
    assert (
        f"a file in `.github/workflows` was changed since `{runs[:7]}`, which runs in production, and no "
        "workflow may push a branch whose workflow files no other branch has. People may." in said
    )
    assert pasted(said) == [
        f"git fetch origin {runs}",
        f"git switch --create {branch(room)} {runs}",
        f"git push --set-upstream origin {branch(room)}",
    ]
    assert "Its pull request into `release` is opened by the next run" in said
    room.people["bob"].push_commit(runs, branch(room))
    room.sweep()
    (pull,) = room.repo.pulls()
    assert (pull.head, pull.base) == (branch(room), "release")
    assert ".github/workflows/ci.yml" not in room.repo.files(branch(room))
    assert f"[pull request #{pull.number}]" in last(room).body


def test_a_released_commit_that_is_gone_is_said(production: Room) -> None:
    room = production
    room.repo.put_file("app.py", "released\n", branch="release")
    runs = room.repo.branches()["main"]
    room.repo.deploy(runs)
    room.opens("ann")
    room.hub.faults.add("gone", lambda _, path: path.endswith(f"/git/commits/{runs}"), times=9)
    said = room.says("bob", "/hotfix web raise the pool size")
    assert f"The commit `{runs[:7]}`, which runs in production, is not in this repository" in said
    assert "```" not in said


def test_a_kill_at_any_request_leaves_one_branch_one_pull_request_and_one_reply(
    room: Room, proof: Proof
) -> None:
    """C1, C2: the job dies before or after any of its requests; the next run makes up for it."""
    room.opens("ann")
    room.writes("bob", "/hotfix raise the pool size")
    room.door(app.respond, "workflow_dispatch", {"inputs": {"issue": str(room.number)}})
    asked = room.hub.snapshot()
    known = len(room.hub.requests)
    room.open_hotfix()
    requests = len(room.hub.requests) - known
    wanted = (room.repo.pulls()[0].title, len(room.replies))
    for after, applied in proof(product(range(requests), (False, True)), 5):
        room.hub.restore(asked)
        room.hub.faults.kill(after, applied=applied)
        room.open_hotfix()
        room.hub.faults.clear()
        room.sweep()
        assert [pull.title for pull in room.repo.pulls()] == [wanted[0]], (after, applied)
        assert len(room.replies) == wanted[1], (after, applied)
        assert len(room.repo.branches()) == 2
        assert room.incident.production.hotfix is not None
        assert room.incident.production.hotfix.pull == room.repo.pulls()[0].number


def test_a_drill_says_that_it_is_one(room: Room) -> None:
    room.opens("ann", "[DRILL P0] Production down", labels=("incident", "P0"))
    room.says("bob", "/hotfix raise the pool size")
    assert "This is a drill" in room.repo.pulls()[0].body


@pytest.mark.parametrize("numbers", ["", "x", "1; rm"])
def test_the_door_takes_numbers_only(room: Room, numbers: str) -> None:
    assert room.door(app.hotfix, "workflow_dispatch", {}, ALLCLEAR_ISSUES=numbers) == 1
    assert "has to be the number" in room.printed[-1]
