"""The comments of a long issue that changed last: one question, which does not wait for the issue.

From when on comments are wanted stands in the panel, and that comes with the issue. So the hundred that
changed last are asked for at the same time, by GraphQL, which answers with the fields that are asked for.
Whether they reach back far enough is seen when both are there; where they do not, and where the answer is
anything but such a list, REST is asked for what changed since.

Standard library only, for the same reason as `first_reads`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime

from allclear.adapters.github.queries import query
from allclear.core.record.checkpoint_words import DOUBT, unpacked
from allclear.core.record.read_again import OVERLAP, read_again_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CHECKPOINT = r'<!-- allclear:checkpoint \{"packed":"([A-Za-z0-9+/=.]{1,100000})"'
"""What the panel holds packed (core.record.checkpoint_words)."""

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
"""How GitHub writes a time; such texts are ordered as the times are."""


class Newest:
    """Comments in the form that REST has, the last changed first. ``more``: there are others, which changed
    before these. Where it was asked who edited them, ``edit`` of a comment has GraphQL's words for it.
    """

    __slots__ = ("comments", "more")

    def __init__(self, comments: list[dict[str, Any]], *, more: bool) -> None:
        self.comments, self.more = comments, more

    def since(self, since: str) -> list[dict[str, Any]] | None:
        """Those that changed at that time or later (ISO 8601, UTC, to the second), by their ids, as REST
        lists them. None where there may be others of them.
        """
        if self.more and not (self.comments and self.comments[-1]["updated_at"] < since):
            return None
        return sorted(
            (one for one in self.comments if one["updated_at"] >= since), key=lambda one: int(one["id"])
        )


def question(repository: str, number: int, *, editors: bool) -> bytes:
    """The body of the question. ``editors``: ask who edited them too."""
    owner, _, name = repository.partition("/")
    asked = {"owner": owner, "name": name, "number": number, "editors": editors}
    return json.dumps({"query": query("newest"), "variables": asked}).encode()


def newest(text: str) -> Newest | None:
    """What GraphQL answered; None for an error, for half an answer, and for whatever is no list in order."""
    try:
        told = json.loads(text)
        issue = told["data"]["repository"]["issue"]
        comments = [_comment(issue["url"], one) for one in issue["comments"]["nodes"]]
        more = issue["comments"]["pageInfo"]["hasNextPage"]
    except DOUBT:
        return None
    times = [one["updated_at"] for one in comments]
    in_order = times == sorted(times, reverse=True) and len({one["id"] for one in comments}) == len(comments)
    sound = in_order and isinstance(more, bool) and "errors" not in told
    return Newest(comments, more=more) if sound else None


def wanted_since(text: str) -> str:
    """From when on comments are wanted, by the panel in GitHub's answer for the issue: what its checkpoint
    has not seen, and a little before. Empty where nothing says so.

    Nobody believes the panel for that: another list than the run wants is not taken.
    """
    try:
        packed = re.search(_CHECKPOINT, json.loads(text)["pinned_comment"]["body"])
        held = json.loads(unpacked(packed[1]) if packed else b"{}")
        again_at = datetime.fromisoformat(held["again_at"]) if held.get("again_at") else None
        since = read_again_from(datetime.fromisoformat(held["cursor_at"]), again_at, OVERLAP)
    except DOUBT:
        return ""
    return since.strftime("%Y-%m-%dT%H:%M:%SZ")


def _comment(page: str, node: Mapping[str, Any]) -> dict[str, Any]:
    """A comment as REST shows it. Raises one of DOUBT for what cannot be told so."""
    number = int(node["fullDatabaseId"])
    found = {
        "id": number,
        "node_id": _text(node["id"]),
        "user": _account(node["author"]),
        "body": _text(node["body"]),
        "created_at": _time(node["createdAt"]),
        "updated_at": _time(node["updatedAt"]),
        "html_url": f"{_text(page)}#issuecomment-{number}",
        "reactions": {"-1": int(node["reactions"]["totalCount"])},
    }
    if "lastEditedAt" in node:
        found["edit"] = {"lastEditedAt": node["lastEditedAt"], "editor": node["editor"]}
    return found


def _account(node: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """An account in REST's words, which names bots otherwise; None for one that is gone. Raises TypeError
    for one of another kind: REST tells its number, and this does not.
    """
    if node is None:
        return None
    number, login = node.get("databaseId"), _text(node["login"])
    if not isinstance(number, int):
        raise TypeError(login)
    return {"id": number, "login": login + ("[bot]" if node["__typename"] == "Bot" else "")}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _time(value: object) -> str:
    text = _text(value)
    if _TIME.fullmatch(text) is None:
        raise ValueError(text)
    return text
