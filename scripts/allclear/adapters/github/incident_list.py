"""Incidents and their new comments by GraphQL, which answers with the fields that are asked for: REST shows
several times as much. What is found has the form that REST has, so that it is read in one place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from allclear.adapters.github.client import MOST_PAGES, Client
from allclear.adapters.github.editors import MOST_NODES, edit_of
from allclear.adapters.github.queries import query
from allclear.adapters.github.read import comment, moment, pinned_panel
from allclear.core.model.snapshot import Comment, LastEdit, Repository
from allclear.core.model.times import stamp
from allclear.core.record.checkpoint import intact
from allclear.core.record.seal import Trust

RESTED, AWAKE = 25, 100
"""So many changed comments of an issue are looked for: where nothing happened since its panel was written,
and where something did. Where there are more of them, it is looked at on its own.
"""

Shown = Mapping[str, Any]


class Since(Struct, frozen=True):
    """An issue of the list, and from when on its comments are wanted. ``awake``: it was changed since its
    panel was written.
    """

    issue: Shown
    start: datetime
    awake: bool


class Heard(Struct, frozen=True):
    """The text of an issue, and its comments that were changed since a time."""

    body: str
    comments: tuple[Comment, ...]


class IncidentList:
    """What GraphQL tells of the incidents of a repository, by the words of those it trusts."""

    def __init__(self, client: Client, repository: Repository, trust: Trust) -> None:
        self._client = client
        self._trust = trust
        self._owner, _, self._name = repository.name.partition("/")
        self.edits: dict[int, LastEdit] = {}
        """Who last edited the panels, by the issue's number. With keys nobody has to ask."""

    def issues(self, incident: str, postmortem: str, recent: timedelta) -> dict[str, list[Shown]]:
        """The issues with the label ``incident`` that are ``open``, those ``closed`` that were changed in the
        ``recent`` time, and the closed ones with the label ``postmortem``, as ``pending``; without their
        texts.
        """
        asked: dict[str, Any] = {
            "owner": self._owner,
            "name": self._name,
            "incident": incident,
            "postmortem": postmortem,
            "editors": self._trust.keys is None,
        }
        found: dict[str, dict[int, Shown]] = {"open": {}, "pending": {}, "closed": {}}
        more = {"open": True, "pending": True, "closed": False}
        for _ in range(MOST_PAGES):
            answer = self._ask("incidents", asked | more)["repository"]
            for name in [name for name, wanted in more.items() if wanted]:
                page = answer[name]
                found[name] |= {one["number"]: self._issue(one) for one in page["nodes"]}
                more[name] = page["pageInfo"]["hasNextPage"]
                asked[f"{name}After"] = page["pageInfo"]["endCursor"]
            if "since" not in asked:
                # What time it is, GitHub's first answer says.
                asked["since"], more["closed"] = stamp(self._client.now - recent), True
            if not any(more.values()):
                break
        return {name: list(issues.values()) for name, issues in found.items()}

    def heard(self, wanted: Sequence[Since]) -> dict[int, Heard]:
        """What was said in these issues since; those are left out in which too much was."""
        changed: dict[int, tuple[Since, str, list[str]]] = {}
        for most, group in ((RESTED, False), (AWAKE, True)):
            some = {one.issue["node_id"]: one for one in wanted if one.awake is group}
            for shown in self._nodes("changes", list(some), most=most):
                one, nodes = some[shown["id"]], shown["comments"]["nodes"]
                new = [each["id"] for each in nodes if moment(each["updatedAt"]) >= one.start]
                if len(new) < most:
                    changed[one.issue["number"]] = (one, shown["body"], new)
        ids = [each for one, _, new in changed.values() for each in new if each != _panel_node(one.issue)]
        texts = {one["id"]: one for one in self._nodes("comments", ids)}
        return {
            number: Heard(body, tuple(self._said(one.issue, new, texts)))
            for number, (one, body, new) in changed.items()
        }

    def _said(self, issue: Shown, new: Sequence[str], texts: Mapping[str, Shown]) -> list[Comment]:
        panel = issue["pinned_comment"]
        shown = [panel if node == _panel_node(issue) else _comment(issue, texts[node]) for node in new]
        return sorted((comment(one) for one in shown), key=lambda one: one.id)

    def _issue(self, node: Shown) -> Shown:
        pinned = (node.get("pinnedIssueComment") or {}).get("issueComment")
        found = {
            "number": node["number"],
            "node_id": node["id"],
            "title": node["title"],
            "html_url": node["url"],
            "user": _account(node["author"]),
            "state": node["state"].lower(),
            "labels": [one["name"] for one in node["labels"]["nodes"]],
            "assignees": [_account(one) for one in node["assignees"]["nodes"]],
            "created_at": node["createdAt"],
            "updated_at": node["updatedAt"],
        }
        found["pinned_comment"] = None if pinned is None else _comment(found, pinned)
        panel = pinned_panel(found, self._trust.bots)
        if self._trust.keys is None and panel is not None and intact(panel.body):
            self.edits[node["number"]] = edit_of(panel, pinned)
        return found

    def _nodes(self, name: str, ids: Sequence[str], **more: int) -> list[Shown]:
        """Each of the nodes. Raises KeyError when one is not there any more."""
        found: dict[str, Shown] = {}
        for start in range(0, len(ids), MOST_NODES):
            nodes = self._ask(name, {"ids": ids[start : start + MOST_NODES], **more})["nodes"]
            found |= {one["id"]: one for one in nodes if one}
        return [found[node] for node in ids]

    def _ask(self, name: str, asked: Mapping[str, Any]) -> Shown:
        return self._client.graphql(query(name), asked)


def _panel_node(issue: Shown) -> str:
    return str((issue["pinned_comment"] or {}).get("node_id", ""))


def _account(node: Shown | None) -> Shown | None:
    """An account as REST has it, which names bots otherwise; None for one that is gone."""
    if node is None or node.get("databaseId") is None:
        return None
    bot = "[bot]" if node.get("__typename") == "Bot" else ""
    return {"id": node["databaseId"], "login": node["login"] + bot}


def _comment(issue: Shown, node: Shown) -> Shown:
    number = int(node["fullDatabaseId"])
    return {
        "id": number,
        "node_id": node["id"],
        "user": _account(node["author"]),
        "body": node["body"],
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
        "html_url": f"{issue['html_url']}#issuecomment-{number}",
        "reactions": {"-1": (node.get("reactions") or {}).get("totalCount", 0)},
    }
