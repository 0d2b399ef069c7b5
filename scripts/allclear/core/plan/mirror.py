"""Mirrors of the record: reply, people, labels, state and panel, as effects in the order of writing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from allclear.core.conversation.inbox import ENDED
from allclear.core.model.effects import (
    AddLabels,
    Assign,
    Close,
    DeleteComment,
    Effect,
    JoinOther,
    PutPanel,
    React,
    RemoveLabel,
    Reopen,
    Reply,
)
from allclear.core.model.neutral import code, inline
from allclear.core.plan.operate import to_start
from allclear.core.plan.passing import Pass
from allclear.core.record.chain import advance
from allclear.core.record.checkpoint import Checkpoint, is_panel
from allclear.core.record.facts import Acknowledged, Joined, RoleSet
from allclear.core.record.incident import CLOSED, DUPLICATE, OPEN, REPORT
from allclear.core.record.join import Join
from allclear.core.view.labels import INCIDENT_LABEL, missing, ours, wanted
from allclear.core.view.panel import render_panel
from allclear.core.view.reply import compose

CLICK_WAITS = timedelta(minutes=10)
"""How long a clicked box is left as it is while GitHub does not say who clicked (fault A8)."""

MOST_ASSIGNEES = 10
"""https://docs.github.com/en/rest/issues/assignees#add-assignees-to-an-issue"""


def waits(doing: Pass) -> Iterator[str]:
    """A line for each command that waits (fault A16), for the panel."""
    for ask in doing.waiting:
        who = inline(ask.call.author.login)
        yield f"{code(ask.typed)} by {who} waits: GitHub did not say what they may do. The next run asks."


def effects(doing: Pass) -> Iterator[Effect]:
    """In the order of writing:
    the reply is the truth and comes first, the panel says that all of it was done and comes last.
    """
    snapshot, policy = doing.snapshot, doing.policy
    composed = compose(
        snapshot.repository.id,
        snapshot.issue.number,
        doing.parts,
        renderer=policy.renderer,
        zone=policy.zone,
        now=snapshot.now,
    )
    yield from (Reply(one.body, one.keys) for one in composed)
    yield from to_start(doing)
    refused = {comment.id for comment in snapshot.comments if comment.refused}
    yield from (
        React(comment, "-1") for comment in dict.fromkeys(doing.silent) if comment and comment not in refused
    )
    yield from _people(doing)
    yield from _labels(doing)
    yield from _state(doing)
    yield from _panel(doing)


def _people(doing: Pass) -> Iterator[Effect]:
    """Assign who newly responds. What the panel already knew was assigned then;
    who was taken off since stays off.
    """
    fresh = [entry for entry in doing.entries if entry.key not in doing.journal.known]
    logins: dict[str, None] = {}
    for fact in (fact for entry in fresh for fact in entry.facts):
        match fact:
            case Acknowledged():
                logins[fact.by.login] = None
            case RoleSet() if fact.person is not None:
                logins[fact.person.login] = None
            case Joined():
                logins |= dict.fromkeys(person.login for person in fact.people)
            case _:
                pass
    there = {person.login.lower() for person in doing.snapshot.issue.assignees}
    new = [login for login in logins if login.lower() not in there][: max(0, MOST_ASSIGNEES - len(there))]
    if new and doing.incident.stage in (OPEN, CLOSED):
        yield Assign(tuple(new))


def _labels(doing: Pass) -> Iterator[Effect]:
    runbook, now = doing.policy.runbook, doing.snapshot.issue.labels
    keep = wanted(doing.incident, runbook)
    if doing.incident.stage in (REPORT, OPEN):
        keep |= {INCIDENT_LABEL}
    known = doing.snapshot.repository_labels
    if known is not None:
        yield from missing(runbook, known)
    add = tuple(sorted(keep - now))
    if add:
        yield AddLabels(add)
    yield from (RemoveLabel(name) for name in sorted((now & ours(runbook)) - keep))


def _state(doing: Pass) -> Iterator[Effect]:
    issue, incident = doing.snapshot.issue, doing.incident
    if incident.stage == DUPLICATE and incident.duplicate_of is not None and issue.state == "open":
        people = tuple(person for person in incident.responders if not person.login.endswith("[bot]"))
        join = Join(
            repo=doing.snapshot.repository.id, issue=incident.number, of=incident.duplicate_of, people=people
        )
        body = f"{join.marker}\n\n#{incident.number} is the same incident. Its people come along."
        yield JoinOther(
            incident.duplicate_of,
            join.marker,
            body,
            tuple(person.login for person in people)[:MOST_ASSIGNEES],
        )
    if incident.stage in (OPEN, REPORT) and issue.state != "open" and not doing.waiting:
        yield Reopen()
    elif incident.stage in ENDED and issue.state == "open" and not doing.waiting:
        yield Close({CLOSED: "completed", DUPLICATE: "duplicate"}.get(incident.stage, "not_planned"))


def _panel(doing: Pass) -> Iterator[Effect]:
    snapshot, policy, issue = doing.snapshot, doing.policy, doing.snapshot.issue
    edit = snapshot.panel_edit
    if edit is not None and not edit.known and snapshot.now - edit.at < CLICK_WAITS:
        return
    cursor = advance(snapshot, doing.journal, [ask.call.comment for ask in doing.waiting if ask.call.comment])
    kept = doing.journal.checkpoint
    good = policy.settings.model_dump_json()
    if policy.trouble:
        good = kept.settings if kept else ""
    body = render_panel(
        doing.incident,
        policy.runbook,
        policy.settings,
        Checkpoint(tuple(doing.entries), cursor.id, cursor.at, cursor.count, good),
        renderer=policy.renderer,
        zone=policy.zone,
        repository=snapshot.repository,
        issue_url=issue.url,
        trouble=policy.trouble,
        waiting=tuple(waits(doing)),
        broken=doing.incident.tampered,
    )
    panel = snapshot.panel
    pinned = panel is not None and issue.pinned_comment == panel.id
    if panel is None or panel.body != body or not pinned:
        yield PutPanel(body, panel.id if panel else None, pinned)
    for comment in snapshot.comments:
        ours_too = comment.author is not None and comment.author.id in policy.settings.bots
        if panel is not None and comment.id != panel.id and ours_too and is_panel(comment.body):
            yield DeleteComment(comment.id)
