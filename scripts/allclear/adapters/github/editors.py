"""Whether comments and issues were ever edited, and who last did, which only GraphQL tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from allclear.adapters.github.again import known
from allclear.adapters.github.client import Client
from allclear.core.model.people import Person
from allclear.core.model.snapshot import Comment, Issue, LastEdit
from allclear.core.model.times import utc

QUERY = Path(__file__).with_name("editors.graphql")

MOST_NODES = 100
"""https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api"""

NOTHING: Mapping[str, Mapping[str, Any]] = {}
"""What is known when GitHub does not say."""


def last_edits(client: Client, texts: Sequence[Comment | Issue]) -> dict[str, LastEdit]:
    """Who last edited these comments, or the text of an issue, by their GraphQL ids.

    Nobody edited it: its author. Not to be found out now: ``known`` is False.
    """
    found = shown(client, [text.node for text in texts])
    return {text.node: edit_of(text, found.get(text.node)) for text in texts}


def shown(client: Client, nodes: Iterable[str], *, texts: bool = False) -> dict[str, Mapping[str, Any]]:
    """What GitHub shows of them by now, by their ids, with their ``texts`` or without; nothing of a hundred
    when it does not answer, or lacks one of them.
    """
    found: dict[str, Mapping[str, Any]] = {}
    every = list(nodes)
    for start in range(0, len(every), MOST_NODES):
        found |= known(partial(_ask, client, every[start : start + MOST_NODES], texts), NOTHING)
    return found


def _ask(client: Client, nodes: list[str], texts: bool) -> Mapping[str, Mapping[str, Any]]:
    query = QUERY.read_text(encoding="utf-8")
    found = client.graphql(query, {"ids": nodes, "texts": texts}).get("nodes") or ()
    return {one["id"]: one for one in found if one and "lastEditedAt" in one}


def edit_of(text: Comment | Issue, found: Mapping[str, Any] | None) -> LastEdit:
    """Who last edited it, by what GraphQL shows of it; None: nothing."""
    if found is None:
        at = text.updated_at if isinstance(text, Comment) else text.created_at
        return LastEdit(None, at, known=False)
    edited, editor = found.get("lastEditedAt"), found.get("editor") or {}
    if not edited:
        return LastEdit(text.author, text.created_at)
    who = Person(id=editor["databaseId"], login=editor["login"]) if editor.get("databaseId") else None
    return LastEdit(who, utc(datetime.fromisoformat(edited)))
