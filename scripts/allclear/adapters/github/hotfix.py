"""Makes a hotfix's branch and pull request, through the API only.

Every step looks whether it was done already: killed anywhere and started again, there is one branch and one
pull request. Nothing is ever forced, and what people pushed to the branch stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from allclear.adapters.github.again import again
from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import ForbiddenError, InvalidError, NotFoundError
from allclear.adapters.github.pulls import Proposal, Pull, compare_link, not_permitted, open_pull, pulls_of
from allclear.core.model.snapshot import Repository

BRANCH_EXISTS = "reference already exists"
"""GitHub's words for a ref that is there (https://docs.github.com/en/rest/git/refs#create-a-reference)."""

REPLICAS = 2.0
"""Seconds after which a new branch is known to all of GitHub, usually."""


@dataclass(frozen=True, slots=True)
class HotfixDraft:
    """What to make. ``start``: the commit to start from; empty: the head of the default branch. ``base``:
    where to merge; empty: into the default branch. ``title`` and ``message`` are neutral; ``body`` makes the
    text of the pull request for a base.
    """

    branch: str
    start: str
    base: str
    title: str
    message: str
    body: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Made:
    """``pull`` None: ``url`` is a link to open it with, and ``note`` says why. ``url`` empty: not even the
    branch could be made.
    """

    base: str
    url: str
    pull: int | None
    note: str = ""


def make(client: Client, repository: Repository, draft: HotfixDraft) -> Made:
    """Make what is not there yet. Raises adapters.errors.GitHubError for what the next run may do better."""
    default = str(client.get(f"/repos/{repository.name}").data["default_branch"])
    base = draft.base or default
    there = pulls_of(client, repository, draft.branch)
    if there:
        return Made(there[0].base, there[0].url, there[0].number)
    try:
        _branch_off(client, repository, draft, default, base)
        proposal = Proposal(draft.title, draft.branch, base, draft.body(base), draft=True)
        pull = _open(client, repository, proposal)
    except (ForbiddenError, InvalidError, NotFoundError) as refusal:
        # Rules for branches, a base that is none, a commit that is gone: somebody has to do it by hand.
        return Made(base, "", None, refusal.message)
    if pull is None:
        compare = compare_link(repository, base, draft.branch)
        return Made(base, compare, None, not_permitted(compare))
    return Made(pull.base, pull.url, pull.number)


def _open(client: Client, repository: Repository, proposal: Proposal) -> Pull | None:
    """The pull request. A branch that is new may not be known everywhere yet (A19), so a refusal is asked
    twice.
    """
    return again(
        client.pause, lambda: open_pull(client, repository, proposal), on=InvalidError, waits=(REPLICAS,)
    )


def _branch_off(client: Client, repository: Repository, draft: HotfixDraft, default: str, base: str) -> None:
    """The branch with a commit of its own: GitHub opens no pull request that changes nothing at all."""
    git = f"/repos/{repository.name}/git"
    tip = _tip(client, git, draft.branch)
    if tip is None:
        start = draft.start or _tip(client, git, default) or ""
        made = client.send(
            "POST",
            f"{git}/refs",
            {"ref": f"refs/heads/{draft.branch}", "sha": _empty_commit(client, git, start, draft.message)},
            accept=(422,),
        )
        if made.status != 422:
            return
        reason = str(made.data.get("message", ""))
        tip = _tip(client, git, draft.branch)
        if tip is None or BRANCH_EXISTS not in reason.lower():
            raise InvalidError(422, reason, made.data)
    between = f"{quote(base, safe='')}...{quote(draft.branch, safe='')}"
    if client.get(f"/repos/{repository.name}/compare/{between}").data["ahead_by"] == 0:
        sha = _empty_commit(client, git, tip, draft.message)
        # Somebody who pushed meanwhile has made the commit that was missing.
        client.send("PATCH", f"{git}/refs/heads/{quote(draft.branch)}", {"sha": sha}, accept=(422,))


def _tip(client: Client, git: str, name: str) -> str | None:
    """The commit a branch points to; None when there is no such branch."""
    try:
        return str(client.get(f"{git}/ref/heads/{quote(name)}").data["object"]["sha"])
    except NotFoundError:
        return None


def _empty_commit(client: Client, git: str, parent: str, message: str) -> str:
    """A commit on top of ``parent`` that changes no file."""
    tree = client.get(f"{git}/commits/{quote(parent, safe='')}").data["tree"]["sha"]
    body = {"message": message, "tree": tree, "parents": [parent]}
    return str(client.send("POST", f"{git}/commits", body).data["sha"])
