"""Pull requests from branches of this repository: looked for by their branch, opened once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import ForbiddenError, InvalidError, UnavailableError
from allclear.adapters.github.read import moment
from allclear.core.model.people import Person
from allclear.core.model.snapshot import Closer, PullSeen, Repository

QUERY = Path(__file__).with_name("pulls.graphql")

NOT_PERMITTED = "not permitted to create or approve pull requests"
"""GitHub's words when the repository does not let workflows open pull requests (platform notes B3)."""


class Pull(Struct, frozen=True):
    """A pull request. ``state`` is open, merged or closed; ``asked``: reviews were asked for."""

    number: int
    url: str
    state: str
    head: str
    base: str
    asked: bool = False


class Proposal(Struct, frozen=True):
    """What to open: branch ``head`` into ``base``. ``title`` and ``body`` are neutral."""

    title: str
    head: str
    base: str
    body: str
    draft: bool = False


def pulls_of(client: Client, repository: Repository, name: str) -> list[Pull]:
    """The pull requests of a branch of this repository: an open one first, then the newest."""
    owner = repository.name.split("/", 1)[0]
    params: dict[str, str | int] = {"head": f"{owner}:{name}", "state": "all", "per_page": 100}
    found = [_pull(one) for one in client.get(f"/repos/{repository.name}/pulls", params).data]
    return sorted(found, key=lambda one: (one.state != "open", -one.number))


def open_pull(client: Client, repository: Repository, proposal: Proposal) -> Pull | None:
    """The open pull request of the branch, made when there is none. None: workflows may open none here (B3).

    Raises InvalidError with GitHub's reasons when it will not.
    https://docs.github.com/en/rest/pulls/pulls#create-a-pull-request
    """
    made = _send(client, repository, proposal, draft=proposal.draft)
    if made is None or isinstance(made, Pull):
        return made
    if proposal.draft and "draft" in _reasons(made).lower():
        # Private repositories of free plans have no drafts.
        made = _send(client, repository, proposal, draft=False)
        if made is None or isinstance(made, Pull):
            return made
    opened = [one for one in pulls_of(client, repository, proposal.head) if one.state == "open"]
    if not opened:
        raise InvalidError(422, f"GitHub opens no pull request for {proposal.head}: {_reasons(made)}", made)
    return opened[0]


def compare_link(repository: Repository, base: str, head: str) -> str:
    """The page where a person opens the pull request."""
    return f"{repository.url}/compare/{quote(base)}...{quote(head)}?expand=1"


def not_permitted(compare: str) -> str:
    """What to do where workflows may open no pull requests."""
    return (
        f"GitHub does not let workflows open pull requests here. [Open it yourself]({compare}), or ask an "
        "admin to switch on **Allow GitHub Actions to create and approve pull requests** under "
        "Settings → Actions → General → Workflow permissions."
    )


def recent_pulls(client: Client, repository: Repository) -> tuple[PullSeen, ...]:
    """The hundred pull requests that changed last; none where GitHub does not show them, for nothing else may
    wait for that.

    https://docs.github.com/en/graphql/reference/objects#pullrequest
    """
    try:
        found = _asked(client, repository)
    except (ForbiddenError, UnavailableError):
        return ()
    nodes = found["pullRequests"]["nodes"]
    return tuple(_seen(node) for node in nodes if node)


def closer_of(client: Client, repository: Repository, number: int) -> Closer:
    """What closed the issue last. The REST API tells commits, and no pull request whose merge did it.

    https://docs.github.com/en/graphql/reference/unions#closer
    """
    try:
        found = _asked(client, repository, closer_of_issue=number)
    except (ForbiddenError, UnavailableError):
        return Closer(known=False)
    nodes = found["issue"]["timelineItems"]["nodes"]
    if not nodes:
        return Closer(known=False)
    at, by = moment(nodes[-1]["createdAt"]), nodes[-1]["closer"] or {}
    pull = _seen(by) if by.get("__typename") == "PullRequest" else None
    return Closer(at, pull, commit=by.get("__typename") == "Commit")


def _asked(client: Client, repository: Repository, closer_of_issue: int | None = None) -> Mapping[str, Any]:
    """What GraphQL shows of the repository: its pull requests, or what closed the issue."""
    owner, _, name = repository.name.partition("/")
    given = {"closer": closer_of_issue is not None, "number": closer_of_issue or 0}
    found = client.graphql(QUERY.read_text(encoding="utf-8"), {"owner": owner, "name": name, **given})
    shown: Mapping[str, Any] = found["repository"]
    return shown


def _seen(node: Mapping[str, Any]) -> PullSeen:
    author = node["author"] or {}
    number = author.get("databaseId")
    return PullSeen(
        number=node["number"],
        url=str(node["url"]),
        branch=str(node["headRefName"]),
        base=str(node["baseRefName"]),
        # A bot has no databaseId as a user: what any workflow opened is nobody's.
        author=Person(id=number, login=author["login"]) if number else None,
        merged=moment(node["mergedAt"]) if node["mergedAt"] else None,
        closed=moment(node["closedAt"]) if node["closedAt"] else None,
        fork=bool(node["isCrossRepository"]),
        head=str(node.get("headRefOid", "")),
        reviews=_reviews(node.get("reviews") or {"nodes": []}),
    )


def _reviews(found: Mapping[str, Any]) -> str:
    """What changes with each review that is given, edited or dismissed."""
    return " ".join(f"{one['id']}:{one['state']}:{one['updatedAt']}" for one in found["nodes"] if one)


def _send(
    client: Client, repository: Repository, proposal: Proposal, *, draft: bool
) -> Pull | Mapping[str, Any] | None:
    """The pull request; what GitHub answered with 422; None where workflows may open none."""
    body: dict[str, Any] = {
        "title": proposal.title,
        "head": proposal.head,
        "base": proposal.base,
        "body": proposal.body,
    }
    if draft:
        body["draft"] = True
    try:
        made = client.send("POST", f"/repos/{repository.name}/pulls", body, accept=(422,))
    except ForbiddenError as error:
        if NOT_PERMITTED not in error.message.lower():
            raise
        return None
    data: Mapping[str, Any] = made.data
    return data if made.status == 422 else _pull(data)


def _pull(data: Mapping[str, Any]) -> Pull:
    state = "merged" if data.get("merged_at") else str(data["state"])
    return Pull(
        data["number"],
        data["html_url"],
        state,
        data["head"]["sha"],
        data["base"]["ref"],
        bool(data.get("requested_reviewers")),
    )


def _reasons(data: Mapping[str, Any]) -> str:
    """Why GitHub refused, in its words."""
    errors = data.get("errors") or [{}]
    return "; ".join(str(one.get("message") or one) for one in errors if one) or str(data.get("message", ""))
