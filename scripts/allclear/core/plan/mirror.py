"""Mirrors of the record: reply, people, labels, state and panel, as effects in the order of writing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from allclear.core.conversation.inbox import ENDED
from allclear.core.conversation.saving import spared
from allclear.core.model.asking import Asking
from allclear.core.model.authored import written_json
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
from allclear.core.model.snapshot import Wants
from allclear.core.plan.action_issues import issue_effects
from allclear.core.plan.operate import to_start
from allclear.core.plan.passing import Pass, with_passed
from allclear.core.plan.quiet import quiet
from allclear.core.record.checkpoint import Checkpoint, intact, is_panel
from allclear.core.record.cursor import advance
from allclear.core.record.incident import Stage
from allclear.core.record.join import Join
from allclear.core.record.life import Joined
from allclear.core.record.people import Acknowledged, RoleSet
from allclear.core.record.read_again import OVERLAP, read_again_from
from allclear.core.view.labels import to_change
from allclear.core.view.panel import render_panel
from allclear.core.view.reply import compose

CLICK_WAITS = timedelta(minutes=10)
"""How long a clicked box is left as it is while GitHub does not say who clicked (fault A8)."""

HOUR = timedelta(hours=1)
MOST_REACTIONS = 3
"""In one pass, however many strangers there are."""

MOST_LABELS = 100
"""An issue takes no more: near it, what is to go makes room for what is to come."""

MOST_HELD = 100
"""Comments, a page of them, that are read again so that a stranger is answered in a better hour."""

MOST_ASSIGNEES = 10
"""https://docs.github.com/en/rest/issues/assignees#add-assignees-to-an-issue"""


def waits(current: Pass) -> Iterator[str]:
    """A line for each command that waits (fault A16), for the panel."""
    for ask in current.waiting:
        who = inline(ask.call.author.login)
        what = "who edited it, or what they may do" if ask.call.edited else "what they may do"
        what = "what closed the issue" if ask.unclear else what
        yield (
            f"{code(ask.typed)} by {who} is waiting, because GitHub did not say {what}. The next run asks "
            "again."
        )


def effects(current: Pass) -> Asking[tuple[Effect, ...]]:
    """In the order of writing:
    the reply is the truth and comes first, the panel says that all of it was done and comes last.
    """
    if any(part.entry.key == "declare" for part in current.parts):
        # The runbook's labels are made with the first incident, should the repository not have them.
        yield from current.known.learn(Wants(labels=True))
    wanted = tuple(_effects(current))
    # With the panel goes how far the comments are read: of a flood, too many would be read again.
    news = bool(current.parts) or len(current.snapshot.comments) >= MOST_HELD
    return spared(wanted, news=news) if current.scarce else wanted


def _effects(current: Pass) -> Iterator[Effect]:
    snapshot, policy = current.snapshot, current.policy
    composed = compose(
        snapshot.repository.id,
        snapshot.issue.number,
        current.parts,
        renderer=policy.renderer,
        zone=policy.zone,
        now=snapshot.now,
        keys=policy.keys,
    )
    yield from (Reply(one.body, one.keys) for one in composed)
    yield from to_start(current)
    yield from _people(current)
    if "events" not in snapshot.unsaid:
        # Else what somebody did by hand would be put back before it is known who did it, and be lost.
        yield from _labels(current)
        yield from _state(current)
    yield from issue_effects(current)
    yield from _panel(current)
    yield from _reactions(current)


def _reactions(current: Pass) -> Iterator[Effect]:
    """A 👎 for strangers whose commands get no answer: one for each of them in an hour at most, and last of
    all, so that nobody can use up what GitHub lets us write.

    The hours of a stranger count from their one answer, or else from the declaration. Only in the first
    minutes of one is there a reaction, for what is read of the comments then covers all of it.
    """
    comments = {comment.id: comment for comment in current.snapshot.comments}
    begun = current.ledger.begun or current.snapshot.now
    silenced = [comments[one].author for one in current.silent if one in comments]
    strangers = {one.id for one in silenced if one is not None}
    since = {one: speaker.at if (speaker := current.ledger.speaker(one)) else begun for one in strangers}
    hours = {
        one.id: (one.author.id, (one.created_at - since[one.author.id]) // HOUR)
        for one in comments.values()
        if one.author is not None and one.author.id in since
    }
    seen = {hours[one.id] for one in comments.values() if one.refused and one.id in hours}
    kept = current.journal.checkpoint
    read_from = (
        read_again_from(kept.cursor_at, kept.again_at, OVERLAP)
        if kept and not current.snapshot.whole
        else None
    )
    wanted = []
    for number in dict.fromkeys(current.silent):
        if number not in hours or hours[number] in seen:
            continue
        author, hour = hours[number]
        start = since[author] + hour * HOUR
        # Of a flood, less is read again: then a 👎 of this hour may be among what is not.
        covered = read_from is None or start >= read_from
        if covered and current.snapshot.now - start <= OVERLAP:
            seen.add(hours[number])
            wanted.append(React(number, "-1"))
    yield from wanted[:MOST_REACTIONS]


def _people(current: Pass) -> Iterator[Effect]:
    """Assign who newly responds. What the panel already knew was assigned then;
    who was taken off since stays off.
    """
    fresh = [entry for entry in current.entries if entry.key not in current.journal.known]
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
    there = {person.login.lower() for person in current.snapshot.issue.assignees}
    new = [login for login in logins if login.lower() not in there][: max(0, MOST_ASSIGNEES - len(there))]
    if new and current.incident.stage in (Stage.OPEN, Stage.CLOSED):
        yield Assign(tuple(new))


def _labels(current: Pass) -> Iterator[Effect]:
    labels, now = current.policy.labels, current.snapshot.issue.labels
    keep = labels.wanted(current.incident)
    if current.incident.stage in (Stage.REPORT, Stage.OPEN):
        keep |= {labels.incident}
    known = current.snapshot.repository_labels
    if known is not None:
        yield from labels.missing(known, at_first=True)
    add, off = to_change(now, keep, labels.ours(current.ledger.levels))
    remove = [RemoveLabel(name) for name in off]
    crowded = len(now) + len(add) > MOST_LABELS
    yield from remove if crowded else ()
    if add:
        yield AddLabels(add)
    yield from () if crowded else remove


def _labels_then(current: Pass) -> frozenset[str]:
    """The labels of the issue when this pass is done."""
    labels = set(current.snapshot.issue.labels)
    for effect in _labels(current):
        if isinstance(effect, RemoveLabel):
            labels.discard(effect.name)
        elif isinstance(effect, AddLabels):
            labels |= set(effect.names)
    return frozenset(labels)


def _state(current: Pass) -> Iterator[Effect]:
    issue, incident = current.snapshot.issue, current.incident
    if (
        incident.stage == Stage.DUPLICATE
        and incident.links.duplicate_of is not None
        and issue.state == "open"
    ):
        people = tuple(person for person in incident.team.responders if not person.login.endswith("[bot]"))
        join = Join(
            repo=current.snapshot.repository.id,
            issue=incident.number,
            of=incident.links.duplicate_of,
            people=people,
        ).signed(current.policy.keys)
        body = f"{join.marker}\n\n#{incident.number} is the same incident. Its people are added here."
        yield JoinOther(
            incident.links.duplicate_of,
            join.marker,
            body,
            tuple(person.login for person in people)[:MOST_ASSIGNEES],
        )
    if incident.stage in (Stage.OPEN, Stage.REPORT) and issue.state != "open" and not current.waiting:
        yield Reopen()
    elif incident.stage in ENDED and issue.state == "open" and not current.waiting:
        yield Close(
            {Stage.CLOSED: "completed", Stage.DUPLICATE: "duplicate"}.get(incident.stage, "not_planned")
        )


def _panel(current: Pass) -> Iterator[Effect]:
    snapshot, policy, issue = current.snapshot, current.policy, current.snapshot.issue
    edit = snapshot.panel_edit
    clicked = snapshot.panel is not None and not intact(snapshot.panel.body)
    if clicked and edit is not None and not edit.known and snapshot.now - edit.at < CLICK_WAITS:
        return
    unanswered = [ask.call.comment for ask in current.waiting if ask.call.comment]
    if len(snapshot.comments) < MOST_HELD:
        unanswered += current.postponed
    cursor = advance(snapshot, current.journal, unanswered)
    kept = current.journal.checkpoint
    heard = current.last_word(cursor.id)
    word = None if heard == current.incident.word else heard
    good = written_json(policy.settings)
    if policy.trouble:
        good = kept.settings if kept else ""
    unshown = current.incident.tampers - len(current.incident.tampered)
    body = render_panel(
        with_passed(current),
        policy.runbook,
        policy.settings,
        Checkpoint(
            current.state.bounded(),
            cursor.id,
            cursor.at,
            cursor.count,
            good,
            word,
            current.review_mark,
            cursor.again_at,
        ),
        renderer=policy.renderer,
        zone=policy.zone,
        repository=snapshot.repository,
        issue_url=issue.url,
        trouble=policy.trouble,
        waiting=tuple(waits(current)),
        broken=(*current.incident.tampered, *[""] * unshown),
        keys=policy.keys,
        quiet=quiet(current, _labels_then(current), heard),
    )
    panel = snapshot.panel
    pinned = panel is not None and issue.pinned_comment == panel.id
    if panel is None or panel.body != body or not pinned:
        yield PutPanel(body, panel.id if panel else None, pinned)
    for comment in snapshot.comments:
        ours_too = comment.author is not None and comment.author.id in policy.settings.bots
        if panel is not None and comment.id != panel.id and ours_too and is_panel(comment.body):
            yield DeleteComment(comment.id)
