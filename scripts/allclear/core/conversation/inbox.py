"""The inbox: what people want and has no answer yet. Commands, labels set by hand, closes by hand, ticked
boxes.

Everything becomes a Call, in the order in which it was said, so that there is one way of deciding.
Level-triggered: it is found by looking at the issue, never by what event woke us. Who did something by hand
is asked for where the issue differs from the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from allclear.core.clock.checklist import checklist
from allclear.core.conversation.ask import Ask, Origin, by_bot
from allclear.core.conversation.command import Call, Policy
from allclear.core.conversation.forms import CLOSINGS
from allclear.core.conversation.unanswered import NO_REPLIES, Replies, in_comments, in_text
from allclear.core.conversation.words import commands_in
from allclear.core.model.asking import Asking, Knowledge
from allclear.core.model.people import Person, Rights
from allclear.core.model.snapshot import Closer, IssueEvent, Snapshot, Wants
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Severity
from allclear.core.record.checkpoint import Checkpoint, is_panel
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.ledger import Ledger
from allclear.core.view.labels import folded
from allclear.core.view.panel import boxes

ENDED = (Stage.CLOSED, Stage.DISMISSED, Stage.DUPLICATE)
MOST_DOUBTED = 10
"""People with a 👎 on their commands whose rights one pass asks for; the others wait for the next."""


def _refused(known: Knowledge, ledger: Ledger, policy: Policy) -> Asking[frozenset[int]]:
    """The comments that we refused by a 👎 before our last answer: those are seen, for ever.

    Anybody may put a 👎 on anything, and the list of comments shows only how many there are. So GitHub is
    asked whose it is, where the author has rights and no answer of ours names the comment.
    """
    snapshot = known.snapshot
    answers = _last_answer(snapshot, policy)
    doubtful = [
        (comment, comment.author)
        for comment in snapshot.comments
        if comment.refused
        and comment.id < answers
        and comment.author is not None
        and not by_bot(comment.author, policy)
        and commands_in(comment.body, policy.runbook, policy.commands, policy.settings.actions)
        and not ledger.touched(comment.id)
    ]
    people = list(dict.fromkeys(author.login for _, author in doubtful))[-MOST_DOUBTED:]
    ours = set[int]()
    for comment, author in doubtful:
        rights = (yield from known.rights_of(author)) if author.login in people else None
        if rights is not None and rights >= Rights.TRIAGE:
            yield from known.learn(Wants(refusals=frozenset({comment.id})))
            if not known.snapshot.refusals.get(comment.id, False):
                continue
        ours.add(comment.id)
    return frozenset(ours)


def _last_answer(snapshot: Snapshot, policy: Policy) -> int:
    """The id of our newest reply; 0 when there is none."""
    bots = policy.settings.bots
    ours = (c.id for c in snapshot.comments if c.author and c.author.id in bots and not is_panel(c.body))
    return max(ours, default=0)


def _differs(snapshot: Snapshot, incident: Incident, policy: Policy) -> bool:
    """Whether the issue differs from the incident in a way that only its event log explains: who did that?"""
    labels, open_now = snapshot.issue.labels, snapshot.issue.state == "open"
    if incident.stage in ENDED:
        return open_now
    if not open_now or not policy.labels.marks_incident(labels):
        return True
    return incident.stage == Stage.OPEN and not _as_recorded(labels, incident, policy)


def _as_recorded(labels: frozenset[str], incident: Incident, policy: Policy) -> bool:
    """Whether the severity's label is there, and no label shows another severity."""
    shown = [(label, policy.labels.level_meant(label)) for label in labels]
    own = any(
        policy.labels.level(label) == level is not None and level.id == incident.severity
        for label, level in shown
    )
    return own and all(level is None or level.id == incident.severity for _, level in shown)


def _from_events(known: Knowledge, ledger: Ledger, incident: Incident, policy: Policy) -> Asking[list[Ask]]:
    """What people did to the issue itself: the newest of each kind that has no answer."""
    if _differs(known.snapshot, incident, policy):
        yield from known.learn(Wants(events=True))
    snapshot = known.snapshot
    if snapshot.events is None:
        return []
    events = [
        e for e in snapshot.events if e.actor and not by_bot(e.actor, policy) and not ledger.has(f"l{e.id}")
    ]
    if incident.stage in ENDED:
        return list(_reopening(snapshot, incident, events))
    closing = yield from _closing(known, ledger, incident, policy)
    return [
        *_severity_labels(snapshot, ledger.severity_at, events, incident, policy),
        *_incident_label(snapshot, events, policy),
        *closing,
    ]


def _severity_labels(
    snapshot: Snapshot,
    spoken: datetime | None,
    events: list[IssueEvent],
    incident: Incident,
    policy: Policy,
) -> Iterator[Ask]:
    """A severity label set or taken off since we last spoke of the severity."""
    now = {folded(label) for label in snapshot.issue.labels}
    if incident.stage != Stage.OPEN or _as_recorded(snapshot.issue.labels, incident, policy):
        return
    shown: list[tuple[IssueEvent, Severity]] = [
        (event, level)
        for event in events
        if (level := policy.labels.level_meant(event.label or "")) is not None
        and (spoken is None or event.at > spoken)
    ]
    set_by_hand = [
        (event, level.id)
        for event, level in shown
        if event.kind == "labeled" and folded(event.label or "") in now and level.id != incident.severity
    ]
    taken_off = [
        (event, "")
        for event, level in shown
        if event.kind == "unlabeled"
        and folded(event.label or "") not in now
        and level.id == incident.severity
        and policy.labels.level(event.label or "") is not None
    ]
    for event, named in set_by_hand[-1:] or taken_off[-1:]:
        yield _from_event(event, "severity-label", "sev", named, f"label {event.label}")


def _incident_label(snapshot: Snapshot, events: list[IssueEvent], policy: Policy) -> Iterator[Ask]:
    marks = folded(policy.labels.incident)
    if not policy.labels.marks_incident(snapshot.issue.labels):
        for event in [e for e in events if e.kind == "unlabeled" and folded(e.label or "") == marks][-1:]:
            yield _from_event(event, "incident-label", "unlabel", "", f"label {event.label} taken off")


def _closing(known: Knowledge, ledger: Ledger, incident: Incident, policy: Policy) -> Asking[list[Ask]]:
    """The close that stands now, whoever did it; our own closes are no wish of anybody's.

    The merge of a pull request that says "Fixes #12" closes in the name of whoever merged it, and the event
    log does not tell it from a close by hand: GitHub is asked what closed the issue.
    https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
    """
    issue, events = known.snapshot.issue, known.snapshot.events or ()
    if issue.state == "open":
        return []
    latest = next((event for event in reversed(events) if event.kind == "closed" and event.actor), None)
    if latest is None and issue.closed_by and issue.closed_at:
        # The event log may lag behind; the issue itself says who closed it.
        latest = IssueEvent(int(issue.closed_at.timestamp()), "closed", issue.closed_by, issue.closed_at)
    if latest is None or latest.actor is None or ledger.has(f"l{latest.id}"):
        return []
    if latest.commit is None:
        yield from known.learn(Wants(closer=True))
    closer = known.snapshot.closer or Closer()
    unclear = latest.commit is None and not (closer.known and closer.at and closer.at >= latest.at)
    keyword = latest.commit is not None or (not unclear and (closer.commit or closer.pull is not None))
    if latest.actor.id in policy.settings.bots and not keyword:
        return []
    word = "all-clear" if incident.stage == Stage.OPEN else "dismiss"
    typed = "closed by a keyword" if keyword else "closed by hand"
    return [replace(_from_event(latest, "close", word, "", typed), keyword=keyword, unclear=unclear)]


def _reopening(snapshot: Snapshot, incident: Incident, events: list[IssueEvent]) -> Iterator[Ask]:
    ended = incident.last
    again = [e for e in events if e.kind == "reopened" and (ended is None or e.at > ended)]
    if snapshot.issue.state == "open":
        for event in again[-1:]:
            yield _from_event(event, "reopen", "reopen", "opened again by hand", "reopened by hand")


def _from_event(event: IssueEvent, origin: Origin, word: str, line: str, typed: str) -> Ask:
    author = event.actor or Person(id=0, login="ghost")
    call = Call(key=f"l{event.id}", word=word, line=line, below="", comment=0, author=author, at=event.at)
    return Ask(call, origin, typed)


def _ticked(snapshot: Snapshot, incident: Incident, policy: Policy) -> dict[str, bool]:
    """Boxes of the panel that show something else than the record: step id -> ticked."""
    panel = snapshot.panel
    if panel is None or not is_panel(panel.body) or incident.stage not in (Stage.OPEN, Stage.CLOSED):
        return {}
    shown = boxes(panel.body)
    return {
        item.step.id: shown[item.step.id]
        for item in checklist(incident, policy.runbook)
        if item.step.id in shown and shown[item.step.id] != item.done and not item.verified
    }


def _from_boxes(
    known: Knowledge, kept: Checkpoint | None, ledger: Ledger, incident: Incident, policy: Policy
) -> Asking[list[Ask]]:
    """Clicks on the panel's boxes. Who clicked is the comment's last editor;
    nobody known, nothing done (D9).
    """
    ticked = _ticked(known.snapshot, incident, policy)
    if ticked and kept is None:
        yield from known.learn(Wants(panel_editor=True))
    panel, edit = known.snapshot.panel, known.snapshot.panel_edit
    if panel is None or edit is None or edit.editor is None or by_bot(edit.editor, policy):
        return []
    found = []
    for ordinal, (step, on) in enumerate(ticked.items()):
        key = f"b{panel.id}-{edit.at:%Y%m%dT%H%M%S}-{step}"
        if not ledger.has(key):
            word = "check" if on else "uncheck"
            call = Call(
                key=key, word=word, line=step, below="", comment=ordinal, author=edit.editor, at=edit.at
            )
            found.append(Ask(call, "box", f"box {step}"))
    return found


def inbox(
    known: Knowledge,
    kept: Checkpoint | None,
    ledger: Ledger,
    incident: Incident,
    policy: Policy,
    replies: Replies = NO_REPLIES,
) -> Asking[tuple[Ask, ...]]:
    """Everything unanswered, in the order in which it was said. ``kept`` is the panel's checkpoint, None when
    somebody else changed the panel last.
    """
    touched = yield from _from_events(known, ledger, incident, policy)
    clicked = yield from _from_boxes(known, kept, ledger, incident, policy)
    refused = yield from _refused(known, ledger, policy)
    written = yield from in_text(known, ledger, incident, policy, replies)
    forms = incident.stage == Stage.OPEN
    said = list(in_comments(known.snapshot, ledger, policy, refused, replies, forms=forms))
    # Who fills in the form and closes the issue does one thing (000-20).
    touched = [ask for ask in touched if not any(_closes_too(ask, one) for one in said)]
    return tuple(sorted([*said, *written, *touched, *clicked], key=lambda ask: ask.order))


CLOSED_WITH = timedelta(minutes=10)
"""So long after a closing comment the close is one with it."""


def _closes_too(ask: Ask, form: Ask) -> bool:
    """Whether somebody closed the issue together with the closing form that they filled in."""
    closing = ask.origin == "close" and form.origin == "form" and form.call.word in CLOSINGS
    same = ask.call.author.id == form.call.author.id and not (ask.keyword or ask.unclear)
    return closing and same and form.call.at <= ask.call.at <= form.call.at + CLOSED_WITH
