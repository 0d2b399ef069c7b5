"""What can be done to branches and files, by people who push and by requests: rules, history, events."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from allclear_lab.github.git.objects import Commit, GitObjects, Signature
from allclear_lab.github.git.views import GitViews, signature
from allclear_lab.github.issues import acts as issue_acts
from allclear_lab.github.people.access import forbidden, must
from allclear_lab.github.pulls.state import Pulls
from allclear_lab.github.routing import Actor, GitHubRefusal
from allclear_lab.github.state import Repository

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub

NO_COMMIT = "0" * 40
# https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
CLOSING = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:([\w.-]+/[\w.-]+))?#(\d+)\b", re.IGNORECASE
)
# What `git check-ref-format` refuses: https://git-scm.com/docs/git-check-ref-format
BAD_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|^[/.-]|[/.]$|^$|^@$")


def branch_ref(name: str) -> str:
    """The full name of a branch."""
    return name if name.startswith("refs/") else f"refs/heads/{name}"


def commit_files(
    hub: GitHub,
    repository: Repository,
    actor: Actor,
    branch: str,
    changes: Mapping[str, bytes | None],
    message: str,
    *,
    author: Signature | None = None,
    committer: Signature | None = None,
    entries: Mapping[str, str] | None = None,
) -> Commit:
    """One commit on `branch` (leaving the default branch when new) of path -> content; None removes.
    `entries`: path -> name of what the object store has already.
    """
    must(hub.world, repository, actor, "write", "contents")
    git = repository.room(GitObjects)
    ref = branch_ref(branch)
    parent = git.refs.get(ref) or git.refs.get(branch_ref(repository.default_branch))
    files = git.files(parent) if parent else {}
    for path, content in changes.items():
        if content is None:
            files.pop(path, None)
        else:
            files[path] = git.add_blob(content)
    files |= entries or {}
    own = signature(actor.account, hub.now())
    commit = git.add_commit(
        git.add_tree(files),
        (parent,) if parent else (),
        author or committer or own,
        committer or own,
        message,
    )
    must_keep_workflows(repository, actor, commit.sha)
    move_ref(hub, repository, actor, ref, commit.sha)
    return commit


def seed_file(hub: GitHub, repository: Repository, path: str, text: str, branch: str | None = None) -> Commit:
    """Put a file on a branch as if it had always been there: by the owner, and nobody hears of it."""
    git = repository.room(GitObjects)
    ref = branch_ref(branch or repository.default_branch)
    parent = git.refs.get(ref) or git.refs.get(branch_ref(repository.default_branch))
    files = git.files(parent) if parent else {}
    files[path] = git.add_blob(text.encode())
    own = signature(hub.world.accounts[repository.owner_id], hub.now())
    commit = git.add_commit(git.add_tree(files), (parent,) if parent else (), own, own, f"Add {path}")
    git.refs[ref] = commit.sha
    for pull in repository.room(Pulls).by_number.values():
        if repository.issues[pull.number].state == "open":
            pull.base_sha = commit.sha if branch_ref(pull.base) == ref else pull.base_sha
            pull.head_sha = commit.sha if branch_ref(pull.head) == ref else pull.head_sha
    return commit


def file_text(repository: Repository, path: str, branch: str | None = None) -> str | None:
    """The text of a file on a branch, tag or commit (the default branch); None when it is not there."""
    git = repository.room(GitObjects)
    tip = git.resolve(branch or repository.default_branch)
    found = git.entry(git.commits[tip].tree, path) if tip else None
    return git.blobs[found.sha].decode() if found and found.kind == "blob" else None


def move_ref(hub: GitHub, repository: Repository, actor: Actor, ref: str, sha: str | None) -> None:
    """Point `ref` at a commit, or remove it (None), with what follows: events, pulls, closing keywords.

    Nothing follows for refs that are neither branches nor tags: nobody is told of those.
    """
    git = repository.room(GitObjects)
    before = git.refs.get(ref)
    if before == sha:
        return
    if sha is None:
        del git.refs[ref]
    else:
        git.refs[ref] = sha
    if not ref.startswith(("refs/heads/", "refs/tags/")):
        return
    repository.pushed_at = repository.updated_at = hub.now()
    known = {one.sha for one in git.history(before)} if before else _reachable(git, ref)
    arrived = [one for one in reversed(git.history(sha)) if one.sha not in known] if sha else []
    _announce_push(hub, repository, actor, ref, before, arrived)
    if ref.startswith("refs/heads/"):
        _follow_pulls(hub, repository, actor, ref.removeprefix("refs/heads/"), sha)
    if ref == branch_ref(repository.default_branch):
        for commit in arrived:
            close_by_keyword(hub, repository, actor, commit.message, sha=commit.sha)


def close_by_keyword(
    hub: GitHub,
    repository: Repository,
    actor: Actor,
    text: str,
    *,
    sha: str | None = None,
    pull: int | None = None,
) -> None:
    """Close the open issues of this repository that `text` says it fixes, for who merged or pushed.

    A commit `sha` leaves itself in the event. The merge of a `pull` leaves no commit: only GraphQL's `closer`
    tells it (https://docs.github.com/en/graphql/reference/unions#closer).
    """
    own = hub.world.full_name(repository).casefold()
    # GitHub closes them itself: a token needs no issues permission for it.
    hand = replace(actor, grants={**actor.grants, "issues": "write"})
    for name, number in CLOSING.findall(text):
        issue = repository.issues.get(int(number))
        if (
            name.casefold() in ("", own)
            and issue
            and issue.state == "open"
            and not issue.pull
            and not issue.deleted
        ):
            issue_acts.close(hub, repository, issue, hand, "completed", commit_sha=sha, by_pull=pull)


def check_ref(ref: str) -> None:
    """422 for a name that git would not take; the API also wants `refs/` and a second slash."""
    if not ref.startswith("refs/") or ref.count("/") < 2:
        raise GitHubRefusal(422, "Reference name must start with 'refs/' and contain at least two slashes")
    if BAD_REF.search(ref):
        raise GitHubRefusal(422, f"{ref} is not a valid ref name.")


def must_keep_workflows(repository: Repository, actor: Actor, sha: str) -> None:
    """403 for a workflow's token that would point a ref at workflow files which the tip of no branch has.

    No permission that a workflow can be given allows it; a person's token with the scope `workflow` may.
    https://docs.github.com/en/rest/git/refs, and https://github.com/release-plz/action/issues/518
    """
    git = repository.room(GitObjects)
    wanted = git.workflows(sha)
    if not actor.is_actions or wanted is None:
        return
    tips = (tip for ref, tip in git.refs.items() if ref.startswith("refs/heads/"))
    if all(git.workflows(tip) != wanted for tip in tips):
        raise forbidden(actor)


def require_commit(repository: Repository, name: str) -> Commit:
    """The commit a branch, tag or sha means: 422 for none, 409 in an empty repository."""
    git = repository.room(GitObjects)
    if not git.refs:
        raise GitHubRefusal(409, "Git Repository is empty.")
    sha = git.resolve(name)
    if sha is None:
        raise GitHubRefusal(422, f"No commit found for SHA: {name}")
    return git.commits[sha]


def _reachable(git: GitObjects, but: str) -> set[str]:
    """The commits that other refs already had: a new branch brings only what is beyond them."""
    return {one.sha for ref, tip in git.refs.items() if ref != but for one in git.history(tip)}


def _announce_push(
    hub: GitHub, repository: Repository, actor: Actor, ref: str, before: str | None, arrived: Iterable[Commit]
) -> None:
    git, show = repository.room(GitObjects), GitViews(hub.views, repository)
    after = git.refs.get(ref)
    name = ref.split("/", 2)[2]
    kind = "branch" if ref.startswith("refs/heads/") else "tag"
    if (before is None) != (after is None):
        more: dict[str, Any] = (
            {"master_branch": repository.default_branch, "description": None} if after else {}
        )
        verb = "create" if after else "delete"
        hub.deliver(repository, actor, verb, None, ref=name, ref_type=kind, pusher_type="user", **more)
    hub.deliver(
        repository,
        actor,
        "push",
        None,
        ref=ref,
        before=before or NO_COMMIT,
        after=after or NO_COMMIT,
        base_ref=None,
        created=before is None,
        deleted=after is None,
        forced=bool(before and after and not git.contains(after, before)),
        compare=f"{show.html}/compare/{(before or NO_COMMIT)[:12]}...{(after or NO_COMMIT)[:12]}",
        commits=[show.pushed_commit(one) for one in arrived],
        head_commit=show.pushed_commit(git.commits[after]) if after else None,
        pusher={"name": actor.account.login, "email": signature(actor.account, hub.now()).email},
    )


def _follow_pulls(hub: GitHub, repository: Repository, actor: Actor, branch: str, sha: str | None) -> None:
    """Open pull requests move with their branches; one whose head is deleted is closed."""
    for pull in repository.room(Pulls).by_number.values():
        issue = repository.issues[pull.number]
        if issue.state != "open":
            continue
        if pull.base == branch and sha:
            pull.base_sha = sha
        if pull.head == branch and sha and sha != pull.head_sha:
            before, pull.head_sha = pull.head_sha, sha
            issue.updated_at = hub.now()
            hub.announce_pull(repository, issue, actor, "synchronize", {"before": before, "after": sha})
        elif pull.head == branch and sha is None:
            issue_acts.record(hub, repository, issue, actor, "head_ref_deleted")
            hand = replace(actor, grants={**actor.grants, "issues": "write"})
            issue_acts.close(hub, repository, issue, hand)
