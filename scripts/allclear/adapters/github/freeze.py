"""The deploy freeze on GitHub: the open pull requests, the incidents that freeze them, and the statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from allclear.adapters.github.again import again
from allclear.adapters.github.client import Client
from allclear.adapters.github.document import label_ids, names_given, with_labels
from allclear.adapters.github.errors import ForbiddenError, InvalidError, NotFoundError, UnavailableError
from allclear.adapters.github.read import moment, panel_edits, pinned_panel
from allclear.core.model.snapshot import Repository
from allclear.core.production.freeze import CONTEXT, OpenPull, Wanted
from allclear.core.record.chain import checkpoint
from allclear.core.record.incident import Incident
from allclear.core.record.seal import Trust

QUERY = Path(__file__).with_name("open_pulls.graphql")
MOST_PAGES = 10
"""1,000 open pull requests; what lies behind waits until some of them are closed."""
MOST_WRITES = 100
"""Statuses one run writes; the next goes on (B5: 80 writes a minute, 500 an hour)."""
UNHURRIED = 10
"""So many writes need no pause between them."""
PACE = 1.0
"""Seconds between the others:
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""


class IncidentSeen(Struct, frozen=True):
    """An open incident as the list of issues shows it. ``incident``: what its panel knows; None
    without a panel of ours.
    """

    number: int
    url: str
    labels: frozenset[str]
    incident: Incident | None


def open_incidents(client: Client, repository: Repository, trust: Trust, *, label: str) -> list[IncidentSeen]:
    """All open incidents, in one list: each issue carries its panel, which knows what they add up to."""
    params: dict[str, str | int] = {"labels": label, "state": "open"}
    raw = [
        one for one in client.items(f"/repos/{repository.name}/issues", params) if "pull_request" not in one
    ]
    edits = panel_edits(client, raw, trust)
    found = []
    for one in raw:
        panel, edit = pinned_panel(one, trust.bots), edits.get(one["number"])
        kept = checkpoint(panel, edit, repository, one["number"], trust)
        labels = frozenset(str(label["name"]) for label in one["labels"])
        incident = kept.state.incident if kept and kept.state else None
        found.append(IncidentSeen(one["number"], one["html_url"], labels, incident))
    return found


class PullPage(Struct, frozen=True):
    """A hundred open pull requests. ``after``: where the next ones begin; None: there are no more.
    ``labels``: the ids in GraphQL of the repository's labels that were asked for with them, by name.
    """

    pulls: tuple[OpenPull, ...]
    after: str | None
    labels: Mapping[str, str]


def pull_page(
    client: Client,
    repository: Repository,
    context: str = CONTEXT,
    *,
    after: str | None = None,
    labels: Sequence[str] = (),
) -> PullPage:
    """A hundred open pull requests, with our status of that ``context`` on their last commits; one request.

    Raises ForbiddenError when the token may not read pull requests.
    https://docs.github.com/en/graphql/reference/objects#pullrequest
    """
    owner, _, name = repository.name.partition("/")
    asked = {"owner": owner, "name": name, "context": context, "after": after, **names_given(labels)}
    query = with_labels(QUERY.read_text(encoding="utf-8"), labels)
    found = _ask(client, query, asked)["repository"]
    page = found["pullRequests"]
    more = page["pageInfo"]["hasNextPage"]
    return PullPage(
        tuple(_pull(node) for node in page["nodes"] if node),
        str(page["pageInfo"]["endCursor"]) if more else None,
        label_ids(found, labels),
    )


def open_pulls(
    client: Client, repository: Repository, context: str = CONTEXT, *, first: PullPage | None = None
) -> tuple[OpenPull, ...]:
    """Every open pull request; the ``first`` of them may have been read before. Raises ForbiddenError."""
    page = first or pull_page(client, repository, context)
    found = [*page.pulls]
    for _ in range(MOST_PAGES - 1):
        if page.after is None:
            break
        page = pull_page(client, repository, context, after=page.after)
        found += page.pulls
    return tuple(found)


def write_statuses(client: Client, repository: Repository, wanted: Sequence[Wanted]) -> tuple[int, str]:
    """Write as many as one run may. Returns how many, and why some were refused (empty: none was).

    A commit that GitHub does not take a status for (1,000 of a context is its limit, or it is gone) keeps
    none of the others from theirs. Raises ForbiddenError when the token may write none.
    https://docs.github.com/en/rest/commits/statuses#create-a-commit-status
    """
    written, refused = 0, ""
    for count, one in enumerate(wanted[:MOST_WRITES]):
        if count >= UNHURRIED:
            client.pause(PACE)
        try:
            _write(client, repository, one)
        except (InvalidError, NotFoundError) as error:
            refused = refused or error.message
        else:
            written += 1
    return written, refused


def _write(client: Client, repository: Repository, wanted: Wanted) -> None:
    """One status. Tried again after 5xx: the same one twice says the same."""
    path = f"/repos/{repository.name}/statuses/{wanted.sha}"
    body = {"state": wanted.state, "context": CONTEXT, "description": wanted.description}
    if wanted.target_url:
        body["target_url"] = wanted.target_url
    again(client.pause, lambda: client.send("POST", path, body))


def _ask(client: Client, query: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return client.graphql(query, variables)
    except UnavailableError as error:
        errors = error.data.get("errors") if isinstance(error.data, dict) else None
        forbidden = [one for one in errors or () if one.get("type") == "FORBIDDEN"]
        if not forbidden:
            raise
        raise ForbiddenError(403, str(forbidden[0].get("message", "")), error.data) from error


def _pull(node: Mapping[str, Any]) -> OpenPull:
    commits = node["commits"]["nodes"]
    status = (commits[0]["commit"].get("status") or {}) if commits else {}
    seen = status.get("context") or {}
    return OpenPull(
        number=node["number"],
        sha=str(node["headRefOid"]),
        branch=str(node["headRefName"]),
        fork=bool(node["isCrossRepository"]),
        state=str(seen["state"]).lower() if seen else None,
        description=str(seen.get("description") or ""),
        told=moment(seen["createdAt"]) if seen else None,
    )
