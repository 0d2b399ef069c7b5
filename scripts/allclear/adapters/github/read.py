"""Reads an issue into a Snapshot. Two requests for a steady incident:
the issue with its pinned panel, the new comments.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from allclear.adapters.github.again import known
from allclear.adapters.github.client import PAGE, Client
from allclear.adapters.github.document import label_nodes
from allclear.adapters.github.editors import last_edits
from allclear.adapters.github.errors import (
    ForbiddenError,
    GoneError,
    MovedError,
    NotFoundError,
    UnavailableError,
)
from allclear.adapters.github.new_comments import changed_since, panel_edit
from allclear.adapters.github.older_reports import older_reports
from allclear.adapters.github.paging import last_page
from allclear.core.model.people import UNKNOWN, Access, Person, Rights
from allclear.core.model.snapshot import (
    Comment,
    Issue,
    IssueEvent,
    LastEdit,
    OtherIssue,
    PullEnd,
    Repository,
    Snapshot,
    Wants,
)
from allclear.core.model.structs import replace
from allclear.core.model.times import stamp, utc
from allclear.core.policy.settings import LabelNames
from allclear.core.record.chain import checkpoint
from allclear.core.record.checkpoint import Checkpoint, intact, is_panel
from allclear.core.record.read_again import OVERLAP, SHORT_OVERLAP, read_again_from
from allclear.core.record.seal import Trust
from allclear.core.view.labels import spelled

READS = 3
"""How often comments are read while GitHub counts more of them than it shows (fault A19)."""


def person(data: Mapping[str, Any] | None) -> Person | None:
    """An account; None for a deleted one (A22)."""
    return Person(id=data["id"], login=data["login"]) if data else None


def moment(text: str | None) -> datetime:
    """A time of the API, in UTC. Raises UnavailableError when there is none:
    an answer without its times is broken.
    """
    if not text:
        raise UnavailableError(200, "a time is missing in GitHub's answer")
    return utc(datetime.fromisoformat(text))


def comment(data: Mapping[str, Any]) -> Comment:
    """A comment of the API."""
    return Comment(
        id=data["id"],
        author=person(data.get("user")),
        body=data.get("body") or "",
        created_at=moment(data.get("created_at")),
        updated_at=moment(data.get("updated_at")),
        url=data.get("html_url", ""),
        refused=(data.get("reactions") or {}).get("-1", 0) > 0,
        node=data.get("node_id", ""),
    )


def issue(data: Mapping[str, Any]) -> Issue:
    """An issue of the API."""
    names = [label if isinstance(label, str) else label.get("name") for label in data.get("labels") or ()]
    pinned = data.get("pinned_comment")
    closed_at = data.get("closed_at")
    return Issue(
        number=data["number"],
        title=data["title"],
        body=data.get("body") or "",
        author=person(data.get("user")),
        state=data["state"],
        labels=frozenset(name for name in names if name),
        assignees=tuple(found for user in data.get("assignees") or () if (found := person(user))),
        created_at=moment(data.get("created_at")),
        url=data["html_url"],
        closed_by=person(data.get("closed_by")),
        closed_at=moment(closed_at) if closed_at else None,
        locked=bool(data.get("locked")),
        pinned_comment=pinned["id"] if pinned else None,
        is_pull="pull_request" in data,
        node=data.get("node_id", ""),
        closed_as=data.get("state_reason") or "",
        label_nodes=label_nodes(data),
    )


def pinned_panel(data: Mapping[str, Any], bots: Iterable[int]) -> Comment | None:
    """The panel that the issue's answer carries with it; None when what is pinned is none of ours."""
    pinned = data.get("pinned_comment")
    found = comment(pinned) if pinned else None
    ours = (
        found is not None
        and found.author is not None
        and found.author.id in set(bots)
        and is_panel(found.body)
    )
    return found if ours else None


def panel_edits(client: Client, issues: Iterable[Mapping[str, Any]], trust: Trust) -> dict[int, LastEdit]:
    """Who last edited the panels of these issues of the API, by the issue's number: a request for a hundred.

    With keys nobody has to ask: a panel is signed or not.
    """
    if trust.keys is not None:
        return {}
    panels = [(one, pinned_panel(one, trust.bots)) for one in issues]
    intacts = [(one, panel) for one, panel in panels if panel is not None and intact(panel.body)]
    edits = last_edits(client, [panel for _, panel in intacts])
    return {one["number"]: edits[panel.node] for one, panel in intacts}


class Reader:
    """Reads issues of one repository, by the words of those it trusts.

    ``names``: what the labels are called there.
    """

    def __init__(
        self, client: Client, repository: Repository, trust: Trust, names: LabelNames | None = None
    ) -> None:
        self._names = names or LabelNames()
        self._client = client
        self.repository = repository
        self._trust = trust
        self._total: object = None

    def read(
        self, number: int, hint: int | None = None, *, whole: bool = False, wide: bool = False
    ) -> Snapshot:
        """The issue as it is now. ``hint`` is a comment that must be there: GitHub told us of it. ``whole``:
        all comments, and nothing of the record is taken from the panel. ``wide``: what was changed a little
        before the cursor too, however much that is.

        Raises MovedError when the issue is in another repository by now, NotFoundError and GoneError as
        GitHub does.
        """
        data = self._client.get(f"{self._base}/issues/{number}").data
        if not isinstance(data, dict) or "number" not in data:
            raise UnavailableError(200, f"issue {number} did not come as an object")
        self._stay(data, number)
        now = self._client.now
        panel = pinned_panel(data, self._trust.bots)
        ask_editor = not whole and self._trust.keys is None
        comments_path = f"{self._base}/issues/{number}/comments"
        edit = panel_edit(self._client, comments_path, panel) if ask_editor else None
        kept = checkpoint(panel, edit, self.repository, number, self._trust)
        if whole or (kept is not None and kept.state is None):
            kept = None
        self._total = data.get("comments")
        raw = self._comments(number, kept, hint, wide=wide)
        comments = tuple(sorted((comment(one) for one in raw), key=lambda one: one.id))
        if panel is None:
            bots = self._trust.bots
            panel = next((c for c in comments if c.author and c.author.id in bots and is_panel(c.body)), None)
        return Snapshot(
            repository=self.repository,
            issue=issue(data),
            comments=comments,
            now=now,
            panel=panel,
            panel_edit=edit,
            whole=kept is None,
            budget=self._client.budget,
        )

    def look_up(self, snapshot: Snapshot, wants: Wants) -> Snapshot:
        """The snapshot with what plan() still wanted to know."""
        number, panel = snapshot.issue.number, snapshot.panel
        if wants.history:
            snapshot = self._whole(snapshot)
        access = {login: known(partial(self.access, login), UNKNOWN) for login in sorted(wants.logins)}
        others = {other: self._other(other) for other in sorted(wants.issues)}
        events = known(partial(self._events, number), None) if wants.events else snapshot.events
        labels = known(self.labels, None) if wants.labels else snapshot.repository_labels
        edit = snapshot.panel_edit
        if wants.panel_editor:
            edit = self._last_edit(panel)
        pulls = {pull: known(partial(self._end, pull), PullEnd()) for pull in sorted(wants.pulls)}
        refusals = {one: known(partial(self._refused, one), False) for one in sorted(wants.refusals)}
        reports = known(partial(self._reports, snapshot), None) if wants.reports else snapshot.reports
        unsaid = {
            name
            for name, asked, found in (
                ("events", wants.events, events),
                ("labels", wants.labels, labels),
                ("reports", wants.reports, reports),
            )
            if asked and found is None
        }
        return replace(
            snapshot,
            access={**snapshot.access, **access},
            others={**snapshot.others, **others},
            events=events,
            repository_labels=labels,
            panel_edit=edit,
            editors={**snapshot.editors, **self._editors(snapshot, wants.editors)},
            issue_edit=self._last_edit(snapshot.issue) if wants.issue_editor else snapshot.issue_edit,
            pulls={**snapshot.pulls, **pulls},
            unsaid=snapshot.unsaid | unsaid,
            refusals={**snapshot.refusals, **refusals},
            reports=reports,
        )

    def _whole(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with all comments; what it had already stays, should the list lag behind (A19)."""
        raw = self._comments(snapshot.issue.number, None, None)
        found = {one.id: one for one in snapshot.comments} | {one["id"]: comment(one) for one in raw}
        return replace(snapshot, comments=tuple(found[number] for number in sorted(found)), whole=True)

    @property
    def _base(self) -> str:
        return f"/repos/{self.repository.name}"

    def _stay(self, data: Mapping[str, Any], number: int) -> None:
        """Nothing is written to an issue that was moved:
        PyGithub follows redirects, the answer says where it went (A20).
        """
        where = str(data.get("repository_url", "")).lower()
        if not where.endswith(f"/repos/{self.repository.name.lower()}") or data["number"] != number:
            raise MovedError(301, f"issue {number} is now at {where}; it is left alone")

    def _comments(
        self, number: int, kept: Checkpoint | None, hint: int | None, *, wide: bool = False
    ) -> list[dict[str, Any]]:
        """The comments that may be new. Where there are fewer than GitHub counts, one may have become visible
        late, behind the cursor: then those of five minutes are read again, however many they are (A19).
        """
        path, total = f"{self._base}/issues/{number}/comments", self._total
        left = self._client.budget
        overlap = SHORT_OVERLAP if left is not None and left.scarce else OVERLAP
        after, seen = (kept.cursor_id, kept.count) if kept else (0, 0)
        raw: list[dict[str, Any]] = []
        for attempt in range(READS):
            since = ""
            if kept is not None:
                far = wide or attempt > 0
                since = stamp(read_again_from(kept.cursor_at, None if far else kept.again_at, overlap))
            raw = changed_since(self._client, path, since)
            shown = sum(one["id"] > after and not is_panel(one.get("body") or "") for one in raw)
            panels = 1 if kept or any(is_panel(one.get("body") or "") for one in raw) else 0
            if not isinstance(total, int) or seen + shown + panels >= total or attempt == READS - 1:
                break
            self._client.pause(1.0 + attempt)
        if hint is not None and hint not in {one["id"] for one in raw}:
            raw += self._hinted(hint, number)
        return raw

    def _hinted(self, hint: int, number: int) -> list[dict[str, Any]]:
        """The comment that started this run, when the list does not show it yet;
        nothing when it was deleted (H6).
        """
        try:
            found = self._client.get(f"{self._base}/issues/comments/{hint}").data
        except (NotFoundError, GoneError):
            return []
        return [found] if str(found.get("issue_url", "")).endswith(f"/issues/{number}") else []

    def access(self, login: str) -> Access:
        """What the repository lets this login do; asked of the permission endpoint, never of
        ``author_association``.

        https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
        """
        try:
            data = self._client.get(f"{self._base}/collaborators/{quote(login, safe='')}/permission").data
        except NotFoundError:
            return Access(Rights.NONE)
        except (ForbiddenError, UnavailableError):
            return Access(None)
        if not {"role_name", "permission"} & data.keys():
            return Access(None)  # An answer without either says nothing.
        return Access(rights(data), person(data.get("user")), (data.get("user") or {}).get("node_id", ""))

    def _other(self, number: int) -> OtherIssue | None:
        unclear: OtherIssue | None = OtherIssue(number, "", known=False)
        return known(partial(self._found, number), unclear)

    def _found(self, number: int) -> OtherIssue | None:
        try:
            data = self._client.get(f"{self._base}/issues/{number}").data
            self._stay(data, number)
        except (NotFoundError, GoneError, MovedError):
            return None
        found = issue(data)
        marked = bool(spelled(found.labels, (self._names.incident,)))
        return OtherIssue(number, found.title, marked, found.state == "open")

    def _events(self, number: int) -> tuple[IssueEvent, ...]:
        """The oldest and the newest events; what lies between them in a very long log decides nothing."""
        path = f"{self._base}/issues/{number}/events"
        first = self._client.get(path, {"per_page": PAGE, "page": 1})
        raw = list(first.data)
        last = last_page(first.headers.get("link"))
        for page in range(max(2, (last or 1) - 1), (last or 1) + 1):
            raw += self._client.get(path, {"per_page": PAGE, "page": page}).data
        found = [
            IssueEvent(
                id=one["id"],
                kind=one["event"],
                actor=person(one.get("actor")),
                at=moment(one.get("created_at")),
                label=(one.get("label") or {}).get("name"),
                commit=one.get("commit_id"),
                former_title=(one.get("rename") or {}).get("from"),
            )
            for one in raw
        ]
        return tuple(sorted(found, key=lambda event: event.id))

    def _reports(self, snapshot: Snapshot) -> int:
        """The older reports of the author of this one; a deleted account has none."""
        author, label = snapshot.issue.author, self._names.incident
        if author is None:
            return 0
        return older_reports(self._client, self.repository, label, author.login, snapshot.issue.number)

    def _refused(self, number: int) -> bool:
        """Whether a 👎 on this comment is ours.

        https://docs.github.com/en/rest/reactions/reactions#list-reactions-for-an-issue-comment
        """
        path = f"{self._base}/issues/comments/{number}/reactions"
        found = self._client.items(path, {"content": "-1"})
        return any((one.get("user") or {}).get("id") in self._trust.bots for one in found)

    def labels(self) -> frozenset[str]:
        """The names of the repository's labels."""
        return frozenset(label["name"] for label in self._client.items(f"{self._base}/labels"))

    def _last_edit(self, text: Comment | Issue | None) -> LastEdit | None:
        return last_edits(self._client, [text])[text.node] if text is not None else None

    def _editors(self, snapshot: Snapshot, wanted: Collection[int]) -> dict[int, LastEdit]:
        """What is not to be found any more is known not to be known."""
        gone = {number: LastEdit(None, snapshot.now, known=False) for number in wanted}
        there = [one for one in snapshot.comments if one.id in wanted]
        edits = last_edits(self._client, there)
        return gone | {one.id: edits[one.node] for one in there}

    def _end(self, pull: int) -> PullEnd:
        try:
            # A pull request is an issue too, and as one it is readable without any `pull-requests`
            # permission:
            # https://docs.github.com/en/rest/issues/issues#get-an-issue
            found = self._client.get(f"{self._base}/issues/{pull}").data
        except (NotFoundError, GoneError, ForbiddenError):
            return PullEnd()
        merged, closed = (found.get("pull_request") or {}).get("merged_at"), found.get("closed_at")
        return PullEnd(moment(merged) if merged else None, moment(closed) if closed else None)


def rights(data: Mapping[str, Any]) -> Rights:
    """The repository role in an answer of the permission endpoint; a custom role counts as what it may do
    at least.

    The old ``permission`` field folds maintain into write and triage into read, so it is the last to be
    asked (D3).
    """
    role = _named(data.get("role_name"))
    if role is not None:
        return role
    may = (data.get("user") or {}).get("permissions") or {}
    able = [level for key, level in PERMISSIONS if may.get(key)]
    return able[0] if able else _named(data.get("permission")) or Rights.NONE


PERMISSIONS = (
    ("admin", Rights.ADMIN),
    ("maintain", Rights.MAINTAIN),
    ("push", Rights.WRITE),
    ("triage", Rights.TRIAGE),
    ("pull", Rights.READ),
)


def _named(name: object) -> Rights | None:
    return Rights.__members__.get(name.upper()) if isinstance(name, str) else None
