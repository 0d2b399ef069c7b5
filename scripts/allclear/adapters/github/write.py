"""Performs the effects of a plan by REST: one request an effect, each repeated only as its class allows.

Repeatable effects (labels, assignees, edits, state) are simply done again after a 5xx. A new comment is
looked for first: a 5xx may come after the write was applied (A2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import assert_never
from urllib.parse import quote

from allclear.adapters.github.action_issues import open_action_issue
from allclear.adapters.github.again import UNSURE, again
from allclear.adapters.github.client import ApiAnswer, Client
from allclear.adapters.github.dispatch import dispatch
from allclear.adapters.github.errors import GoneError, InvalidError, NotFoundError
from allclear.core.model.effects import (
    AddLabels,
    Assign,
    AssignActionIssue,
    Close,
    CreateLabel,
    DeleteComment,
    Dispatch,
    Effect,
    JoinOther,
    OpenActionIssue,
    PutPanel,
    React,
    RemoveLabel,
    Reopen,
    Reply,
    SetActionIssue,
)
from allclear.core.model.snapshot import Repository
from allclear.core.model.times import stamp
from allclear.core.record.checkpoint import is_panel
from allclear.core.record.entry import decode

LOOK_BACK = timedelta(minutes=2)
"""How far back our own comment is looked for after an answer that left it open whether it was written."""

TOO_LONG = "*The answer was too long for GitHub. Its record is complete, and the panel shows the outcome.*"


class Writer:
    """Writes to one issue of one repository, as the accounts ``bots``. ``branch``: the repository's default
    one, where that was asked a moment ago.
    """

    def __init__(
        self, client: Client, repository: Repository, number: int, bots: Iterable[int], *, branch: str = ""
    ) -> None:
        self._client = client
        self._number = number
        self._bots = frozenset(bots)
        self._branch = branch
        self._base = f"/repos/{repository.name}"
        self._issue = f"{self._base}/issues/{number}"

    def perform(self, effect: Effect) -> None:  # noqa: C901, PLR0912 - one arm an effect
        """Make one effect true. Raises GitHubError when that could not be done; the next run tries again."""
        match effect:
            case Reply():
                self._reply(effect)
            case PutPanel():
                self._panel(effect)
            case DeleteComment():
                self._repeatable(
                    "DELETE", f"{self._base}/issues/comments/{effect.comment}", gone_is_fine=True
                )
            case CreateLabel():
                body = {"name": effect.name, "color": effect.color, "description": effect.description}
                self._repeatable("POST", f"{self._base}/labels", body, accept=(422,))  # 422: there already
            case AddLabels():
                self._repeatable("POST", f"{self._issue}/labels", {"labels": list(effect.names)})
            case RemoveLabel():
                self._repeatable("DELETE", f"{self._issue}/labels/{quoted(effect.name)}", gone_is_fine=True)
            case Assign():
                self._repeatable("POST", f"{self._issue}/assignees", {"assignees": list(effect.logins)})
            case React():
                path = f"{self._base}/issues/comments/{effect.comment}/reactions"
                self._repeatable("POST", path, {"content": effect.content}, gone_is_fine=True)
            case Close():
                self._repeatable("PATCH", self._issue, {"state": "closed", "state_reason": effect.reason})
            case Reopen():
                self._repeatable("PATCH", self._issue, {"state": "open"})
            case JoinOther():
                self._join(effect)
            case Dispatch():
                dispatch(self._client, self._base, effect, self._branch)
            case OpenActionIssue():
                open_action_issue(self._client, self._base, effect, self._bots)
            case AssignActionIssue():
                path = f"{self._base}/issues/{effect.issue}/assignees"
                self._repeatable("POST", path, {"assignees": list(effect.logins)}, gone_is_fine=True)
            case SetActionIssue():
                body = {"state": "open"}
                if effect.state != "open":
                    body = {"state": "closed", "state_reason": effect.state}
                path = f"{self._base}/issues/{effect.issue}"
                self._repeatable("PATCH", path, body, gone_is_fine=True)
            case _:
                assert_never(effect)

    def _repeatable(
        self,
        verb: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        accept: tuple[int, ...] = (),
        gone_is_fine: bool = False,
    ) -> ApiAnswer | None:
        """A write that may be done twice: tried again after 5xx.

        ``gone_is_fine``: a 404 means that there is nothing to do (A11).
        """
        try:
            return again(self._client.pause, lambda: self._client.send(verb, path, body, accept=accept))
        except (NotFoundError, GoneError):
            if gone_is_fine:
                return None
            raise

    def _post_once(self, path: str, body: str, written: Callable[[str], bool]) -> int:
        """Post a comment once and return its id: after an unclear answer, look before trying again."""
        return again(
            self._client.pause,
            lambda: int(self._client.send("POST", path, {"body": body}).data["id"]),
            applied=lambda: self._find(path, written),
            waits=UNSURE,
        )

    def _find(self, path: str, written: Callable[[str], bool]) -> int | None:
        since = stamp(self._client.now - LOOK_BACK)
        for one in self._client.items(path, {"since": since}):
            author = one.get("user") or {}
            if author.get("id") in self._bots and written(one.get("body") or ""):
                return int(one["id"])
        return None

    def _reply(self, reply: Reply) -> None:
        path = f"{self._issue}/comments"
        try:
            self._post_once(path, reply.body, lambda body: _keys(body) == reply.keys)
        except InvalidError:
            # Too long after all: the record is what must not be lost (A14).
            shorter = f"{reply.body.split(chr(10), 1)[0]}\n\n{TOO_LONG}"
            self._post_once(path, shorter, lambda body: _keys(body) == reply.keys)

    def edit_panel(self, panel: PutPanel) -> None:
        """Edit a panel that is there; raises NotFoundError when it is not."""
        path = f"{self._base}/issues/comments/{panel.comment}"
        self._repeatable("PATCH", path, {"body": panel.body})

    def _panel(self, panel: PutPanel) -> None:
        comment = panel.comment
        if comment is not None:
            edited = self._repeatable(
                "PATCH", f"{self._base}/issues/comments/{comment}", {"body": panel.body}, gone_is_fine=True
            )
            comment = comment if edited is not None else None
        pinned = panel.pinned and comment is not None
        if comment is None:
            comment = self._post_once(f"{self._issue}/comments", panel.body, is_panel)
        if not pinned:
            # Pinning is a comfort; a server without it (404, 422) still has its panel.
            path = f"{self._base}/issues/comments/{comment}/pin"
            self._repeatable("PUT", path, accept=(403, 422), gone_is_fine=True)

    def _join(self, join: JoinOther) -> None:
        path = f"{self._base}/issues/{join.issue}/comments"
        try:
            if self._known(path, join.marker) is None:
                self._post_once(path, join.body, lambda body: body.startswith(join.marker))
            if join.assign:
                self._repeatable(
                    "POST", f"{self._base}/issues/{join.issue}/assignees", {"assignees": list(join.assign)}
                )
        except (NotFoundError, GoneError):
            return

    def _known(self, path: str, marker: str) -> int | None:
        for one in self._client.items(path):
            if (one.get("user") or {}).get("id") in self._bots and str(one.get("body")).startswith(marker):
                return int(one["id"])
        return None


def _keys(body: str) -> tuple[str, ...]:
    try:
        block = decode(body)
    except ValueError:
        return ()
    return tuple(entry.key for entry in block.entries) if block else ()


def quoted(name: str) -> str:
    """A label's name as one segment of a path."""
    return quote(name, safe="")
