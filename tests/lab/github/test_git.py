"""Branches, commits and files: git's own names, and GitHub's answers when two writers meet."""

import base64
import json
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from github import GithubException, InputGitTreeElement, UnknownObjectException
from github.Repository import Repository

from allclear_lab.github import BrowserUser, GitHub, GitHubRefusal, RepositoryHandle, SimClock
from allclear_lab.github.git.objects import GitObjects, Signature

Client = Callable[[str], Repository]


@pytest.fixture
def writer(hub: GitHub, repo: RepositoryHandle) -> str:
    """The token of a workflow that may write contents; the repository has one file."""
    repo.put_file("README.md", "# Shop\n")
    return hub.actions_token(repo, {"contents": "write"})


def refused(deed: Callable[[], Any]) -> tuple[int, str]:
    """Status and message of a refusal through PyGithub."""
    with pytest.raises(GithubException) as caught:
        deed()
    return caught.value.status, caught.value.data["message"]


# Names


def test_blobs_trees_and_commits_are_named_as_git_names_them(tmp_path: Path) -> None:
    git = GitObjects()
    files = {
        "README.md": "hi\n",
        "docs/a.md": "a\n",
        "docs.md": "b\n",
        "docs/x/y.md": "",
        "reports/é.md": "ü",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")

    def real(*words: str, **given: Any) -> str:
        environment = {
            **os.environ,
            "GIT_AUTHOR_NAME": "Ann",
            "GIT_AUTHOR_EMAIL": "ann@example.com",
            "GIT_AUTHOR_DATE": "1760882520 +0000",
            "GIT_COMMITTER_NAME": "GitHub",
            "GIT_COMMITTER_EMAIL": "noreply@github.com",
            "GIT_COMMITTER_DATE": "1760882580 +0000",
        }
        command = ["git", "-C", str(tmp_path), *words]
        done = subprocess.run(command, capture_output=True, check=True, env=environment, text=True, **given)
        name: str = done.stdout.strip()
        return name

    real("init", "-q")
    (tmp_path / "docs" / "link.md").symlink_to("../README.md")
    real("add", ".")
    real("update-index", "--add", "--cacheinfo", f"160000,{'ab' * 20},docs/module")
    named = {path: git.add_blob(text.encode()) for path, text in files.items()}
    named |= {"docs/link.md": git.add_link("../README.md"), "docs/module": git.add_submodule("ab" * 20)}
    tree = git.add_tree(named)
    assert tree == real("write-tree")
    author = Signature("Ann", "ann@example.com", datetime(2025, 10, 19, 14, 2, tzinfo=UTC))
    committer = Signature("GitHub", "noreply@github.com", datetime(2025, 10, 19, 14, 3, tzinfo=UTC))
    first = git.add_commit(tree, (), author, committer, "First\n")
    assert first.sha == real("commit-tree", tree, input="First\n")
    second = git.add_commit(tree, (first.sha,), author, committer, "Second\n\nFixes #1\n")
    assert second.sha == real("commit-tree", tree, "-p", first.sha, input="Second\n\nFixes #1\n")


def test_the_same_story_gives_the_same_names(hub: GitHub, clock: SimClock) -> None:
    def told() -> str:
        with GitHub(SimClock(clock.now()), http=True) as other:
            shop = other.create_repository("acme/shop")
            ann = other.create_user("ann")
            shop.grant(ann, "write")
            shop.put_file("README.md", "hi")
            return shop.person(ann).push_file("main", "a.txt", "a")

    assert told() == told()


# Refs


def test_a_ref_can_be_created_once(client: Client, writer: str, repo: RepositoryHandle) -> None:
    shop = client(writer)
    tip = repo.branches()["main"]
    shop.create_git_ref("refs/heads/ops/1", tip)
    assert refused(lambda: shop.create_git_ref("refs/heads/ops/1", tip)) == (422, "Reference already exists")
    shop.create_git_ref("refs/oncall/claims/1", tip)
    assert [ref.ref for ref in shop.get_git_matching_refs("oncall/")] == ["refs/oncall/claims/1"]
    assert set(repo.branches()) == {"main", "ops/1"}


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("main", "Reference name must start with 'refs/' and contain at least two slashes"),
        ("refs/heads/a..b", "refs/heads/a..b is not a valid ref name."),
        ("refs/heads/a b", "refs/heads/a b is not a valid ref name."),
        ("refs/heads/a.lock", "refs/heads/a.lock is not a valid ref name."),
    ],
)
def test_a_ref_needs_a_proper_name(
    client: Client, writer: str, repo: RepositoryHandle, ref: str, message: str
) -> None:
    shop = client(writer)
    assert refused(lambda: shop.create_git_ref(ref, repo.branches()["main"])) == (422, message)


def test_a_ref_points_only_at_what_exists(client: Client, writer: str) -> None:
    assert refused(lambda: client(writer).create_git_ref("refs/heads/x", "0" * 40)) == (
        422,
        "Object does not exist",
    )


def test_a_tree_on_top_of_another_changes_only_what_it_names(
    client: Client, writer: str, repo: RepositoryHandle
) -> None:
    repo.put_file("docs/a.md", "a\n")
    shop, before = client(writer), repo.branches()["main"]
    base = shop.get_git_commit(before).tree
    blob = shop.create_git_blob("Yg0K", "base64")
    entries = [
        InputGitTreeElement("docs/b.md", "100644", "blob", sha=blob.sha),
        InputGitTreeElement("README.md", "100644", "blob", content="# Ours\n"),
    ]
    tree = shop.create_git_tree(entries, base)
    commit = shop.create_git_commit("Both", tree, [shop.get_git_commit(before)])
    shop.get_git_ref("heads/main").edit(commit.sha)
    assert [repo.file(path) for path in repo.files()] == ["# Ours\n", "a\n", "b\r\n"]


def test_a_protected_branch_is_not_moved(client: Client, writer: str, repo: RepositoryHandle) -> None:
    shop, before = client(writer), repo.branches()["main"]
    repo.protect("main")
    parent = shop.get_git_commit(before)
    commit = shop.create_git_commit("The same", parent.tree, [parent])
    status, said = refused(lambda: shop.get_git_ref("heads/main").edit(commit.sha))
    assert (status, "Changes must be made through a pull request." in said) == (422, True)
    assert repo.branches()["main"] == before


def test_a_ref_moves_forward_only_unless_forced(
    client: Client, writer: str, repo: RepositoryHandle, people: dict[str, BrowserUser]
) -> None:
    shop = client(writer)
    first = repo.branches()["main"]
    shop.create_git_ref("refs/heads/work", first)
    second = repo.put_file("a.txt", "a")
    ref = shop.get_git_ref("heads/work")
    ref.edit(second)
    assert repo.branches()["work"] == second
    assert refused(lambda: ref.edit(first)) == (422, "Update is not a fast forward")
    ref.edit(first, force=True)
    assert repo.branches()["work"] == first
    people["write"].delete_branch("work")
    assert "work" not in repo.branches()
    assert refused(lambda: ref.edit(second)) == (422, "Reference does not exist")


# Files


def test_a_file_is_created_updated_and_deleted(client: Client, writer: str, repo: RepositoryHandle) -> None:
    shop = client(writer)
    made = shop.create_file("reports/1.md", "Report", "eins", branch="main")
    file = shop.get_contents("reports/1.md")
    assert not isinstance(file, list)
    assert (file.decoded_content, file.sha) == (b"eins", made["content"].sha)
    changed = shop.update_file("reports/1.md", "Again", "zwei", file.sha, branch="main")
    assert repo.file("reports/1.md") == "zwei"
    assert shop.get_commit(changed["commit"].sha).author.login == "github-actions[bot]"
    listed = shop.get_contents("reports")
    assert isinstance(listed, list)
    assert [(one.path, one.type) for one in listed] == [("reports/1.md", "file")]
    shop.delete_file("reports/1.md", "Away", changed["content"].sha, branch="main")
    assert repo.files() == ["README.md"]
    with pytest.raises(UnknownObjectException):
        shop.get_contents("reports/1.md")


def test_two_writers_of_one_file_conflict(client: Client, writer: str, repo: RepositoryHandle) -> None:
    shop = client(writer)
    old = shop.get_contents("README.md")
    assert not isinstance(old, list)
    repo.put_file("README.md", "changed by a person")
    status, message = refused(lambda: shop.update_file("README.md", "m", "mine", old.sha))
    assert (status, message) == (409, f"README.md does not match {old.sha}")
    status, message = refused(lambda: shop.create_file("README.md", "m", "mine"))
    assert (status, message) == (422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    assert repo.file("README.md") == "changed by a person"


def test_a_file_needs_a_branch_that_exists(client: Client, writer: str) -> None:
    shop = client(writer)
    assert refused(lambda: shop.create_file("a", "m", "x", branch="none")) == (404, "Branch none not found")
    assert refused(lambda: shop.get_contents("README.md", ref="none"))[0] == 404


@pytest.mark.parametrize("path", ["../etc/passwd", "a//b", "a/./b", ".git/config"])
def test_a_path_cannot_leave_the_repository(
    hub: GitHub, repo: RepositoryHandle, writer: str, path: str
) -> None:
    # Without a client that tidies dots away.
    line = HTTPConnection(hub.api_url.removeprefix("http://"), timeout=10)
    body = '{"message": "m", "content": "eA=="}'
    headers = {"Authorization": f"Bearer {writer}", "User-Agent": "a test"}
    line.request("PUT", f"/repos/acme/shop/contents/{path}", body, headers)
    answer = line.getresponse()
    assert (answer.status, json.load(answer)["message"]) == (
        422,
        f"path contains a malformed path component: {path}",
    )
    line.close()
    assert repo.files() == ["README.md"]


def test_text_that_is_no_base64_is_refused(wire: Any, writer: str) -> None:
    answer = wire(writer)("PUT", "contents/a", {"message": "m", "content": "x"})
    assert (answer.status_code, answer.json()["message"]) == (422, "content is not valid Base64")


def test_a_commit_can_be_built_by_hand(client: Client, writer: str, repo: RepositoryHandle) -> None:
    shop = client(writer)
    tip = shop.get_git_commit(repo.branches()["main"])
    commit = shop.create_git_commit("By hand", tip.tree, [tip])
    shop.create_git_ref("refs/heads/hand", commit.sha)
    assert repo.files("hand") == ["README.md"]
    assert shop.get_commit("hand").commit.message == "By hand"


def test_history_is_listed_newest_first_and_by_path(
    client: Client, writer: str, repo: RepositoryHandle, hub: GitHub
) -> None:
    repo.put_file("a.txt", "1")
    hub.clock.advance(60)
    repo.put_file("b.txt", "1")
    hub.clock.advance(60)
    repo.put_file("a.txt", "2")
    shop = client(writer)
    assert [one.commit.message for one in shop.get_commits()][:3] == ["Add a.txt", "Add b.txt", "Add a.txt"]
    assert len(list(shop.get_commits(path="a.txt"))) == 2
    assert len(list(shop.get_commits(since=datetime(2025, 10, 19, 14, 3, tzinfo=UTC)))) == 2
    last = shop.get_commit("main")
    assert [(one.filename, one.status, one.additions, one.deletions) for one in last.files] == [
        ("a.txt", "modified", 1, 1)
    ]


@pytest.mark.parametrize(
    ("base", "head", "status", "ahead", "behind"),
    [
        ("main", "main", "identical", 0, 0),
        ("main", "work", "diverged", 2, 1),
        ("old", "main", "ahead", 1, 0),
        ("main", "old", "behind", 0, 1),
    ],
)
def test_branches_are_compared(
    client: Client,
    writer: str,
    repo: RepositoryHandle,
    base: str,
    head: str,
    status: str,
    ahead: int,
    behind: int,
) -> None:
    shop = client(writer)
    for name in ("old", "work"):
        shop.create_git_ref(f"refs/heads/{name}", repo.branches()["main"])
    repo.put_file("m.txt", "m")
    repo.put_file("w1.txt", "w", branch="work")
    repo.put_file("w2.txt", "w", branch="work")
    found = shop.compare(base, head)
    assert (found.status, found.ahead_by, found.behind_by) == (status, ahead, behind)


def test_an_empty_repository_says_so(hub: GitHub, repo: RepositoryHandle, client: Client) -> None:
    shop = client(hub.actions_token(repo, {"contents": "write"}))
    assert refused(lambda: shop.create_git_ref("refs/heads/x", "0" * 40)) == (409, "Git Repository is empty.")
    assert refused(lambda: list(shop.get_commits())) == (409, "Git Repository is empty.")
    shop.create_file("README.md", "First", "hi")
    assert repo.branches().keys() == {"main"}


# Rights and events


def test_a_token_without_contents_reads_and_writes_no_file(
    hub: GitHub, repo: RepositoryHandle, client: Client
) -> None:
    repo.put_file("README.md", "hi")
    nothing = client(hub.actions_token(repo, {"issues": "write"}))
    assert refused(lambda: nothing.get_contents("README.md"))[0] == 403
    reader = client(hub.actions_token(repo, {"contents": "read"}))
    assert not isinstance(reader.get_contents("README.md"), list)
    assert refused(lambda: reader.create_file("a", "m", "x")) == (
        403,
        "Resource not accessible by integration",
    )


@pytest.mark.parametrize(("role", "may"), [("triage", False), ("write", True)])
def test_people_need_write_to_push(
    repo: RepositoryHandle, people: dict[str, BrowserUser], role: str, may: bool
) -> None:
    repo.put_file("README.md", "hi")
    if may:
        people[role].push_file("main", "a.txt", "a")
        assert repo.file("a.txt") == "a"
    else:
        with pytest.raises(GitHubRefusal):
            people[role].push_file("main", "a.txt", "a")


def test_a_push_by_a_person_is_an_event_and_one_by_a_workflow_is_not(
    hub: GitHub, repo: RepositoryHandle, client: Client, writer: str, people: dict[str, BrowserUser]
) -> None:
    client(writer).create_file("bot.txt", "m", "x", branch="main")
    assert hub.deliveries == []
    people["write"].push_file("topic", "a.txt", "a", "Say a")
    created, pushed = hub.deliveries
    assert (created.event, created.payload["ref"], created.payload["ref_type"]) == (
        "create",
        "topic",
        "branch",
    )
    assert (pushed.event, pushed.payload["ref"], pushed.payload["created"]) == (
        "push",
        "refs/heads/topic",
        True,
    )
    assert [one["message"] for one in pushed.payload["commits"]] == ["Say a"]
    assert pushed.payload["head_commit"]["added"] == ["a.txt"]


@pytest.mark.parametrize(
    ("message", "closes"),
    [
        ("Fixes #1", True),
        ("resolved: #1", True),
        ("Closes acme/shop#1", True),
        ("Closes acme/other#1", False),
        ("see #1", False),
        ("prefixes #1", False),
    ],
)
def test_a_closing_keyword_on_the_default_branch_closes_the_issue_for_who_pushed(
    repo: RepositoryHandle, people: dict[str, BrowserUser], message: str, closes: bool
) -> None:
    repo.put_file("README.md", "hi")
    number = people["stranger"].open_issue("Down")
    people["write"].push_file("side", "a.txt", "a", message)
    assert repo.issue(number).state == "open"
    sha = people["write"].push_file("main", "b.txt", "b", message)
    issue = repo.issue(number)
    assert (issue.state == "closed") is closes
    if closes:
        assert issue.closed_by == "write-user"
        assert repo.state.issues[number].events[-1].commit_id == sha


# Workflow files


@pytest.fixture
def released(repo: RepositoryHandle) -> str:
    """A commit that was released before a workflow changed; main has gone on."""
    repo.put_file(".github/workflows/ci.yml", "name: ci\n")
    tip = repo.put_file("README.md", "# Shop\n")
    repo.put_file(".github/workflows/ci.yml", "name: CI\n")
    return tip


NOT_ACCESSIBLE = (403, "Resource not accessible by integration")


@pytest.mark.parametrize("ref", ["refs/heads/hotfix/incident-1", "refs/tags/v1", "refs/allclear/1/x"])
def test_a_workflows_token_may_not_create_a_ref_to_workflow_files_that_no_branch_has(
    hub: GitHub,
    repo: RepositoryHandle,
    client: Client,
    people: dict[str, BrowserUser],
    released: str,
    ref: str,
) -> None:
    token = hub.actions_token(repo, {"contents": "write"})
    assert refused(lambda: client(token).create_git_ref(ref, released)) == NOT_ACCESSIBLE
    assert repo.refs(ref) == {}
    # A branch that has the same files is enough, whatever else it has.
    people["write"].push_commit(released, "old")
    people["write"].push_file("old", "app.py", "")
    client(token).create_git_ref(ref, released)
    assert repo.refs(ref) == {ref: released}


def test_a_workflows_token_may_not_move_a_ref_there_either(
    hub: GitHub, repo: RepositoryHandle, client: Client, released: str
) -> None:
    side = client(hub.actions_token(repo, {"contents": "write"}))
    tip = repo.branches()["main"]
    side.create_git_ref("refs/heads/side", tip)
    ref = side.get_git_ref("heads/side")
    assert refused(lambda: ref.edit(released, force=True)) == NOT_ACCESSIBLE
    assert repo.branches()["side"] == tip


def test_a_person_may_and_so_may_anybody_where_the_commit_has_no_workflow_files(
    hub: GitHub, repo: RepositoryHandle, client: Client, released: str, users: dict[str, Any]
) -> None:
    client(hub.personal_token(users["write"])).create_git_ref("refs/heads/old", released)
    shop = client(hub.actions_token(repo, {"contents": "write"}))
    tree = shop.create_git_tree([InputGitTreeElement("README.md", "100644", "blob", content="hi")])
    commit = shop.create_git_commit("a record", tree, [])
    shop.create_git_ref("refs/allclear/1/x", commit.sha)
    assert repo.state.room(GitObjects).files(commit.sha).keys() == {"README.md"}


def test_a_workflows_token_may_not_write_a_workflow_file(
    hub: GitHub, repo: RepositoryHandle, client: Client, released: str
) -> None:
    shop = client(hub.actions_token(repo, {"contents": "write"}))
    assert released != repo.branches()["main"]
    assert refused(lambda: shop.create_file(".github/workflows/x.yml", "m", "x")) == NOT_ACCESSIBLE
    shop.create_file("app.py", "m", "x")


def test_links_submodules_and_binaries_are_shown_as_what_they_are(
    repo: RepositoryHandle, client: Client, writer: str, people: dict[str, BrowserUser], hub: GitHub
) -> None:
    bob, shop = people["write"], client(writer)
    bob.push_link("odd", "docs/link.md", "../README.md")
    bob.push_link("odd", "docs/away.md", "/etc/passwd")
    bob.push_submodule("odd", "docs/module", "ab" * 20)
    bob.push_bytes("odd", "docs/picture.md", b"\x89PNG\0")
    found = {one: shop.get_contents(f"docs/{one}", ref="odd") for one in ("link.md", "away.md", "module")}
    told = {name: one.raw_data for name, one in found.items() if not isinstance(one, list)}
    assert base64.b64decode(told["link.md"]["content"]) == b"# Shop\n"
    assert (told["away.md"]["type"], told["away.md"]["target"]) == ("symlink", "/etc/passwd")
    assert (told["module"]["type"], told["module"]["submodule_git_url"][:8]) == ("submodule", "https://")
    (docs,) = [
        one for one in shop.get_git_tree(shop.get_commit("odd").commit.tree.sha).tree if one.path == "docs"
    ]
    tree = shop.get_git_tree(docs.sha).tree
    assert {one.path: (one.mode, one.type) for one in tree} == {
        "away.md": ("120000", "blob"),
        "link.md": ("120000", "blob"),
        "module": ("160000", "commit"),
        "picture.md": ("100644", "blob"),
    }
    files = client(hub.actions_token(repo, {"pull-requests": "read"})).get_pull(bob.open_pull("t", "odd"))
    patches = {one.filename: one.patch for one in files.get_files()}
    assert not patches["docs/picture.md"]
    assert patches["docs/module"] == f"@@ -0,0 +1 @@\n+Subproject commit {'ab' * 20}"
    assert hub.violations == []
