"""Several changes of one issue in one request: a GraphQL document whose mutations GitHub does in their order.

https://docs.github.com/en/graphql/guides/forming-calls-with-graphql#about-mutations

Each of them may be done twice. What GitHub refuses here, or leaves open, is for the caller to do by REST.
They name things by ids: those of labels to put on come with a query that is asked anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import RateLimitedError
from allclear.adapters.github.limits import is_secondary, retry_at
from allclear.core.model.effects import AddLabels, Assign, Close, Effect, PutPanel, RemoveLabel, Reopen
from allclear.core.model.snapshot import Snapshot

REPOSITORY = "repository(owner: $owner, name: $name) {"
"""How a query names the repository, of which the labels are asked for too."""


def label_nodes(data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The ids in GraphQL of an issue's labels, by name."""
    shown = [one for one in data.get("labels") or () if isinstance(one, dict)]
    return tuple((one["name"], one["node_id"]) for one in shown if one.get("name") and one.get("node_id"))


def with_labels(query: str, names: Sequence[str]) -> str:
    """The ``query`` of a repository, with the labels of these names; their number is not known beforehand.

    https://docs.github.com/en/graphql/reference/objects#repository
    """
    given = "".join(f"$label{at}: String!, " for at in range(len(names)))
    fields = "".join(f" label{at}: label(name: $label{at}) {{ id }}" for at in range(len(names)))
    return query.replace("(", f"({given}", 1).replace(REPOSITORY, REPOSITORY + fields, 1)


def names_given(names: Sequence[str]) -> Mapping[str, str]:
    """The variables of that query that stand for the names."""
    return {f"label{at}": name for at, name in enumerate(names)}


def label_ids(repository: Mapping[str, Any], names: Sequence[str]) -> Mapping[str, str]:
    """The ids in the query's answer, by name; those are left out that the repository does not have."""
    found = {name: repository[key] for key, name in names_given(names).items()}
    return {name: str(one["id"]) for name, one in found.items() if one}


class Nodes(Struct, frozen=True):
    """The ids in GraphQL of what an issue's changes name: the issue itself, its comments by number, its
    labels by name, people by their login in lower case. What is not known is not in it.
    """

    issue: str
    comments: Mapping[int, str]
    labels: Mapping[str, str]
    people: Mapping[str, str]

    @classmethod
    def of(cls, snapshot: Snapshot, labels: Mapping[str, str]) -> Nodes:
        """Those that came with what was read, and of ``labels`` that the issue does not have yet."""
        issue, panel = snapshot.issue, snapshot.panel
        return cls(
            issue.node,
            {panel.id: panel.node} if panel is not None and panel.node else {},
            {**labels, **dict(issue.label_nodes)},
            {login: said.node for login, said in snapshot.access.items() if said.node},
        )


class Mutation(Struct, frozen=True):
    """One field of the document, and its ``input``, whose type is called like the field."""

    field: str
    input: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The type of its input."""
        return f"{self.field[0].upper()}{self.field[1:]}Input!"


def mutation(effect: Effect, nodes: Nodes) -> Mutation | None:
    """The effect as a mutation; None where it is none, or an id that it takes is not known."""
    if not nodes.issue:
        return None
    match effect:
        case Assign():
            people = [nodes.people.get(login.lower(), "") for login in effect.logins]
            given = {"assignableId": nodes.issue, "assigneeIds": people}
            return Mutation("addAssigneesToAssignable", given) if all(people) else None
        case AddLabels():
            ids = [nodes.labels.get(name, "") for name in effect.names]
            given = {"labelableId": nodes.issue, "labelIds": ids}
            return Mutation("addLabelsToLabelable", given) if all(ids) else None
        case RemoveLabel() if effect.name in nodes.labels:
            given = {"labelableId": nodes.issue, "labelIds": [nodes.labels[effect.name]]}
            return Mutation("removeLabelsFromLabelable", given)
        case Close():
            return Mutation("closeIssue", {"issueId": nodes.issue, "stateReason": effect.reason.upper()})
        case Reopen():
            return Mutation("reopenIssue", {"issueId": nodes.issue})
        case PutPanel(body, int(comment), pinned=True) if comment in nodes.comments:
            given = {"id": nodes.comments[comment], "body": body}
            return Mutation("updateIssueComment", given)
    return None


def document(mutations: Sequence[Mutation]) -> str:
    """The text of a document of these mutations, whose inputs are its variables ``i0``, ``i1`` and so on."""
    given = ", ".join(f"$i{at}: {one.kind}" for at, one in enumerate(mutations))
    fields = " ".join(
        f"e{at}: {one.field}(input: $i{at}) {{ clientMutationId }}" for at, one in enumerate(mutations)
    )
    return f"mutation({given}) {{ {fields} }}"


def write(client: Client, mutations: Sequence[Mutation]) -> tuple[bool, ...]:
    """Write them in one request, asked once. Returns of each whether it was done; raises GitHubError.

    A secondary limit raises RateLimitedError, also where it is told under 200. That GraphQL's hour is used up
    is a refusal like others: it is not the hour of REST.
    https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
    """
    variables = {f"i{at}": dict(one.input) for at, one in enumerate(mutations)}
    try:
        answer = client.once(document(mutations), variables)
    except RateLimitedError as limit:
        if not is_secondary(limit.message):
            return (False,) * len(mutations)
        raise
    told = answer.data if isinstance(answer.data, dict) else {}
    said = " ".join(str(one.get("message", "")) for one in told.get("errors") or ())
    if is_secondary(said):
        raise RateLimitedError(200, f"POST /graphql: {said}", retry_at(answer.headers, client.now), told)
    done = told.get("data") or {}
    return tuple(done.get(f"e{at}") is not None for at in range(len(mutations)))
