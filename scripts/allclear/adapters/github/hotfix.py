"""Makes a hotfix's branch and pull request, through the API only.

Every step looks whether it was done already: killed anywhere and started again, there is one branch and one
pull request. Nothing is ever forced, and what people pushed to the branch stays.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from msgspec import Struct

from allclear.adapters.github.again import again
from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import ForbiddenError, GitHubError, InvalidError, NotFoundError
from allclear.adapters.github.pulls import Proposal, Pull, compare_link, not_permitted, open_pull, pulls_of
from allclear.adapters.github.refs import create, tip
from allclear.core.model.neutral import inline
from allclear.core.model.snapshot import Repository
from allclear.core.production.hotfix import Hurdle

REPLICAS = 2.0
"""Seconds after which a new branch is known to all of GitHub, usually."""


class HotfixDraft(Struct, frozen=True):
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


class Made(Struct, frozen=True):
    """``pull`` None: ``url`` is a link to open it with, and ``note``, Markdown, says why. ``url`` empty: not
    even the branch could be made, and ``note`` is the hurdle.
    """

    base: str
    url: str
    pull: int | None
    note: str | Hurdle = ""


REFUSED = (ForbiddenError, InvalidError, NotFoundError)
"""Rules, permissions, what is not there: somebody has to do it by hand."""


def make(client: Client, repository: Repository, draft: HotfixDraft) -> Made:
    """Make what is not there yet. Raises adapters.errors.GitHubError for what the next run may do better."""
    default = str(client.get(f"/repos/{repository.name}").data["default_branch"])
    git = f"/repos/{repository.name}/git"
    base = draft.base or default
    there = [one for one in pulls_of(client, repository, draft.branch) if one.state != "closed"]
    if there:
        return Made(there[0].base, there[0].url, there[0].number)
    if draft.base and tip(client, git, f"refs/heads/{draft.base}") is None:
        return Made(base, "", None, Hurdle("base"))
    try:
        _branch_off(client, repository, draft, default, base)
    except REFUSED as refusal:
        return Made(base, "", None, _hurdle(client, repository, draft, default, refusal))
    compare = compare_link(repository, base, draft.branch)
    try:
        proposal = Proposal(draft.title, draft.branch, base, draft.body(base), draft=True)
        pull = _open(client, repository, proposal)
    except REFUSED as refusal:
        said = f"GitHub did not open a pull request: {inline(refusal.message, 600)}."
        return Made(base, compare, None, f"{said} [Open it yourself]({compare}).")
    if pull is None:
        return Made(base, compare, None, not_permitted(compare))
    return Made(pull.base, pull.url, pull.number)


def _hurdle(
    client: Client, repository: Repository, draft: HotfixDraft, default: str, refusal: GitHubError
) -> Hurdle:
    """What the refusal of a branch means. GitHub says nothing of workflow files, so they are compared."""
    if draft.start and _gone(client, repository, draft.start):
        return Hurdle("commit", refusal.message, default)
    if not isinstance(refusal, ForbiddenError):
        return Hurdle("rule", refusal.message, default)
    if draft.start and _workflows(client, repository, draft.start) != _workflows(client, repository, default):
        return Hurdle("workflows", "", default)
    return Hurdle("token", refusal.message, default)


def _gone(client: Client, repository: Repository, start: str) -> bool:
    """Whether the commit to start from is not in the repository."""
    try:
        client.get(f"/repos/{repository.name}/git/commits/{quote(start, safe='')}")
    except (InvalidError, NotFoundError):
        return True
    return False


def _workflows(client: Client, repository: Repository, ref: str) -> dict[str, str]:
    """The workflow files at a branch or commit, each with the name of its content."""
    try:
        path = f"/repos/{repository.name}/contents/.github/workflows"
        files = client.get(path, {"ref": ref}).data
    except NotFoundError:
        return {}
    return {str(one["path"]): str(one["sha"]) for one in files}


def _open(client: Client, repository: Repository, proposal: Proposal) -> Pull | None:
    """The pull request. A branch that is new may not be known everywhere yet (A19), so a refusal is asked
    twice.
    """
    return again(
        client.pause, lambda: open_pull(client, repository, proposal), on=InvalidError, waits=(REPLICAS,)
    )


def _branch_off(client: Client, repository: Repository, draft: HotfixDraft, default: str, base: str) -> None:
    """The branch with a commit of its own: GitHub opens no pull request that changes nothing at all."""
    git, ref = f"/repos/{repository.name}/git", f"refs/heads/{draft.branch}"
    there = tip(client, git, ref)
    if there is None:
        start = draft.start or tip(client, git, f"refs/heads/{default}") or ""
        own = _empty_commit(client, git, start, draft.message)
        there = create(client, git, ref, own)
        if there == own:
            return
    between = f"{quote(base, safe='')}...{quote(draft.branch, safe='')}"
    if client.get(f"/repos/{repository.name}/compare/{between}").data["ahead_by"] == 0:
        sha = _empty_commit(client, git, there, draft.message)
        # Somebody who pushed meanwhile has made the commit that was missing.
        client.send("PATCH", f"{git}/{quote(ref)}", {"sha": sha}, accept=(422,))


def _empty_commit(client: Client, git: str, parent: str, message: str) -> str:
    """A commit on top of ``parent`` that changes no file."""
    tree = client.get(f"{git}/commits/{quote(parent, safe='')}").data["tree"]["sha"]
    body = {"message": message, "tree": tree, "parents": [parent]}
    return str(client.send("POST", f"{git}/commits", body).data["sha"])
