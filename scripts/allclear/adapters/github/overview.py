"""All incidents with open work, in a handful of requests: their issues carry their panels, and what was said
of late comes with two requests more. Where GraphQL does not answer, REST does, with many times as much.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from msgspec import Struct

from allclear.adapters.github.again import known
from allclear.adapters.github.client import Client
from allclear.adapters.github.incident_list import Heard, IncidentList, Since
from allclear.adapters.github.read import comment, issue, moment, panel_edits, pinned_panel
from allclear.core.model.snapshot import Comment, LastEdit, Repository, Snapshot
from allclear.core.model.times import stamp
from allclear.core.policy.settings import LabelNames
from allclear.core.record.chain import checkpoint
from allclear.core.record.checkpoint import Checkpoint
from allclear.core.record.read_again import OVERLAP
from allclear.core.record.seal import Trust
from allclear.core.view.labels import spelled

MOST_PAGES = 3
"""Pages of new comments the sweep reads for all incidents together;
what lies behind is looked at one by one.
"""

RECENT = timedelta(days=1)
"""So long are a quiet incident's last minutes looked at again: the cron is hours late on bad days (C2)."""


class OpenWork(Struct, frozen=True):
    """An issue, and what is known of it without looking closer; ``seen`` None: it has to be looked at.
    ``opened_by``: the id of who opened it, when nothing at all happened to it since.
    """

    number: int
    seen: Snapshot | None
    opened_by: int | None = None


class Overview:
    """What a sweep sees before it looks closer."""

    def __init__(self, client: Client, repository: Repository, trust: Trust, names: LabelNames) -> None:
        self._names = names
        self._client = client
        self._repository = repository
        self._trust = trust

    def open_work(self) -> Iterator[OpenWork]:
        """The incidents with open work."""
        chosen = IncidentList(self._client, self._repository, self._trust)
        found = known(partial(self._chosen, chosen), None)
        yield from self.by_rest() if found is None else self._brief(chosen, found)

    def _chosen(self, chosen: IncidentList) -> list[Mapping[str, Any]] | None:
        """The issues to look at; None is nothing that GitHub answers."""
        names = self._names
        lists = chosen.issues(names.incident, names.postmortem, RECENT)
        found = lists["open"]
        found += [one for one in lists["pending"] if spelled(one["labels"], (names.incident,))]
        found += [one for one in lists["closed"] if pinned_panel(one, self._trust.bots) is not None]
        return list({one["number"]: one for one in found}.values())

    def _brief(self, chosen: IncidentList, found: Iterable[Mapping[str, Any]]) -> Iterator[OpenWork]:
        """Each incident with its text and its comments where they may say anything new."""
        kept = [(one, self._kept(one, chosen.edits.get(one["number"]))) for one in found]
        asked = [
            Since(one, start - OVERLAP, _newer(one))
            for one, at in kept
            if at is not None and (start := self._unread(one, at)) is not None
        ]
        nothing: dict[int, Heard] = {}
        heard = known(partial(chosen.heard, asked), nothing)
        loud = {one.issue["number"] for one in asked} - heard.keys()
        for one, at in kept:
            number = one["number"]
            if at is None or number in loud:
                yield OpenWork(number, None, _untouched(one))
                continue
            said = heard.get(number, Heard("", ()))
            full = {**one, "body": said.body}
            yield OpenWork(number, self._snapshot(full, said.comments, chosen.edits.get(number)))

    def by_rest(self) -> Iterator[OpenWork]:
        """The same, where GraphQL does not say."""
        issues = f"/repos/{self._repository.name}/issues"
        raw = self._client.items(issues, {"labels": self._names.incident, "state": "open"})
        pending = f"{self._names.incident},{self._names.postmortem}"
        raw += self._client.items(issues, {"labels": pending, "state": "closed"})
        found = [one for one in raw if "pull_request" not in one]
        found += self._lately_closed()
        edits = panel_edits(self._client, found, self._trust)
        kept = {one["number"]: (one, self._kept(one, edits.get(one["number"]))) for one in found}
        unread = [self._unread(one, at) for one, at in kept.values() if at is not None]
        heard, since = self._comments(min((start for start in unread if start is not None), default=None))
        for number, (one, at) in kept.items():
            if at is None or (_newer(one) and (since is None or at.cursor_at - OVERLAP < since)):
                yield OpenWork(number, None, _untouched(one))
            else:
                yield OpenWork(number, self._snapshot(one, heard.get(number, ()), edits.get(number)))

    def _lately_closed(self) -> list[dict[str, Any]]:
        """Somebody may have closed an incident by hand, and the event was lost.

        Without a panel of ours it is none we know: it may be older than we are.
        """
        since = stamp(self._client.now - RECENT)
        params: dict[str, str | int] = {"labels": self._names.incident, "state": "closed", "since": since}
        closed = self._client.items(f"/repos/{self._repository.name}/issues", params)
        return [one for one in closed if pinned_panel(one, self._trust.bots) is not None]

    def _kept(self, data: Mapping[str, Any], edit: LastEdit | None) -> Checkpoint | None:
        panel = pinned_panel(data, self._trust.bots)
        kept = checkpoint(panel, edit, self._repository, data["number"], self._trust)
        return kept if kept is not None and kept.state is not None else None

    def _unread(self, data: Mapping[str, Any], at: Checkpoint) -> datetime | None:
        """From when on there may be comments that no run has read; None: there are none.

        A comment may have come in while a run was on its way to write the panel, and its event may be lost.
        """
        if _newer(data):
            return at.cursor_at
        written = _written(data)
        return written if self._client.now - written < RECENT else None

    def _comments(self, oldest: datetime | None) -> tuple[dict[int, list[Comment]], datetime | None]:
        """The comments changed since ``oldest`` by issue, and from when
        on the list is complete (None: it is not).
        """
        heard: dict[int, list[Comment]] = {}
        if oldest is None:
            return heard, None
        since = oldest - OVERLAP
        path = f"/repos/{self._repository.name}/issues/comments"
        params: dict[str, str | int] = {"since": stamp(since), "sort": "updated", "direction": "asc"}
        for count, page in enumerate(self._client.pages(path, params), start=1):
            for one in page:
                number = str(one.get("issue_url", "")).rpartition("/")[2]
                if number.isdigit():
                    heard.setdefault(int(number), []).append(comment(one))
            if count == MOST_PAGES and len(page) == 100:
                return heard, None
        return heard, since

    def _snapshot(self, data: Mapping[str, Any], heard: Iterable[Comment], edit: LastEdit | None) -> Snapshot:
        comments = {one.id: one for one in heard}
        return Snapshot(
            repository=self._repository,
            issue=issue(data),
            comments=tuple(comments[key] for key in sorted(comments)),
            now=self._client.now,
            panel=pinned_panel(data, self._trust.bots),
            panel_edit=edit,
            budget=self._client.budget,
        )


def _untouched(data: Mapping[str, Any]) -> int | None:
    """Who opened an issue that shows no change since, by id."""
    user = data.get("user") or {}
    return user.get("id") if data.get("updated_at") == data.get("created_at") else None


def _newer(data: Mapping[str, Any]) -> bool:
    """Whether something happened to the issue after the panel was last written."""
    return moment(data.get("updated_at")) > _written(data)


def _written(data: Mapping[str, Any]) -> datetime:
    """When the pinned panel was last written."""
    return moment((data.get("pinned_comment") or {}).get("updated_at"))
