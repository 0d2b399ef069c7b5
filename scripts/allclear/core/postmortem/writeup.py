"""The record of a post-mortem that was opened: the entry and the words for the person who waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from allclear.core.conversation.command import Policy
from allclear.core.conversation.engine_reply import engine_reply
from allclear.core.model.effects import Reply
from allclear.core.model.neutral import code, inline
from allclear.core.model.snapshot import Repository
from allclear.core.postmortem.file_name import FOLDER
from allclear.core.record.audit import Refused
from allclear.core.record.entry import Entry, Recorded
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.postmortem import PostmortemOpened


def can_be_written(incident: Incident) -> bool:
    """Whether there is an incident to write about."""
    return incident.stage not in (Stage.NOTHING, Stage.REPORT, Stage.DISMISSED)


def record_blocking(
    incident: Incident,
    recorded: Iterable[Entry],
    record: Recorded,
    folder: str,
    policy: Policy,
    repository: Repository,
    now: datetime,
) -> Reply | None:
    """The reply that a file stands at ``folder``, where the folder of the post-mortems has to be; None when
    whoever asked for the post-mortem was told so already.
    """
    asked = incident.postmortem.asked or incident.reached("declared") or now
    key = f"postmortem-blocked:{asked:%Y%m%dT%H%M%SZ}"
    if any(entry.key == key for entry in recorded):
        return None
    say = (
        f"The post-mortem cannot be written yet: {code(folder)} is a file, and the post-mortems stand in "
        f"{code(FOLDER)}. Move that file away, for example to {code(f'{folder}.md')}. Then write "
        "`/postmortem`."
    )
    entry = Entry(key=key, what="postmortem", at=now, facts=(Refused(code="settings"),))
    return engine_reply(entry, say, record, repo=repository.id, issue=incident.number, policy=policy)


def record_opening(
    incident: Incident,
    record: Recorded,
    opened: PostmortemOpened,
    note: str,
    policy: Policy,
    repository: Repository,
    now: datetime,
) -> Reply | None:
    """The reply that records where the post-mortem is; None when the record says so already and nobody
    waits for it.

    ``note``: what kept it from being a reviewed pull request, in one sentence (ours).
    """
    known = incident.postmortem
    same = (known.url, known.path, known.pull) == (opened.url, opened.path, opened.pull)
    if same and not known.pending:
        return None
    what = "is up to date" if same else "is ready for review"
    where = (
        f"[pull request #{opened.pull}]({opened.url})"
        if opened.pull is not None
        else f"[branch {code(opened.branch)}]({opened.url})"
    )
    say = f"The post-mortem {what}: {where}, {code(opened.path)}."
    say += f"\n{inline(note, 600)}" if note else ""
    held = known.held
    if held is not None and held.count and same:
        edit = held.url.replace("/blob/", "/edit/", 1)
        say += (
            f"\nIt was merged and is not published: {held.count} to mend, and nothing in the record is new. "
            f"[Edit the file]({edit}), by a pull request or on the default branch."
        )
    entry = Entry(key=f"postmortem:{record.count}", what="postmortem", at=now, facts=(opened,))
    return engine_reply(entry, say, record, repo=repository.id, issue=incident.number, policy=policy)
