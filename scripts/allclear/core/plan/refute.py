"""What an unsigned record says although the issue or the clock says otherwise: that does not count.

Without a key whoever makes the bot's account speak writes entries. These can be held against what GitHub
itself shows: who declared the incident, whether a deadline was due when people were told of it, and who asked
for an operation that changes production, or approved it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from allclear.core.clock.deadlines import due_time
from allclear.core.conversation.command import Policy
from allclear.core.conversation.words import command_at
from allclear.core.model.asking import Asking, Knowledge
from allclear.core.model.operation import ASKED_BY, DANGEROUS, is_hand_id
from allclear.core.model.people import Person, Rights
from allclear.core.model.snapshot import Comment, Snapshot, Wants
from allclear.core.model.structs import replace
from allclear.core.plan.passing import add_up
from allclear.core.record.audit import Undone
from allclear.core.record.chain import Break, Journal
from allclear.core.record.entry import Entry, command_of
from allclear.core.record.facts import Fact
from allclear.core.record.incident import Incident
from allclear.core.record.life import Declared
from allclear.core.record.production import OperationApproved, OperationAsked
from allclear.core.record.progress import Fired
from allclear.core.view.labels import folded

FRESH = timedelta(days=1)
"""So long after it was written down, who said it is held against it. Later they may have left, and what they
wrote may have been deleted.
"""


def refuted(known: Knowledge, journal: Journal, policy: Policy) -> Asking[Journal]:
    """The journal without the entries that the issue or the clock refutes, each named once. What a key
    signed, and what an earlier pass has looked at, is taken as it is.
    """
    if policy.keys is not None:
        return journal
    false = {entry.hash for entry in _untimely(known.snapshot, journal, policy)}
    for entry in journal.entries:
        comment = journal.sources.get(entry.hash)
        if comment is None:
            continue
        unasked = _unasked(known.snapshot, entry, comment, policy)
        if unasked or (yield from _undeclared(known, entry, comment, policy)):
            false.add(entry.hash)
    said = [
        Break.of(journal.sources[one.hash], "untrue", one.hash)
        for one in journal.entries
        if one.hash in false
    ]
    left = tuple(entry for entry in journal.entries if entry.hash not in false)
    return replace(journal, entries=left, broken=(*journal.broken, *said))


def _untimely(snapshot: Snapshot, journal: Journal, policy: Policy) -> Iterator[Entry]:
    """The entries that say a deadline came due, though it had not, or cannot."""
    if not any(_fired(entry) and entry.hash in journal.sources for entry in journal.entries):
        return
    so_far: list[Entry] = []
    base = journal.base.incident if journal.base is not None else None
    incident = base or Incident(snapshot.issue.number)
    for entry in journal.entries:
        comment = journal.sources.get(entry.hash)
        if comment is not None and any(
            _early(one, incident, policy, comment, snapshot.now) for one in _fired(entry)
        ):
            yield entry
            continue
        so_far.append(entry)
        again = entry.key == "declare" or any(isinstance(fact, Undone) for fact in entry.facts)
        added: Iterable[Entry] = so_far if again else (entry,)
        incident = add_up(snapshot, added, policy, onto=base if again else incident)


def _fired(entry: Entry) -> tuple[Fired, ...]:
    return tuple(fact for fact in entry.facts if isinstance(fact, Fired))


def _early(fact: Fired, incident: Incident, policy: Policy, comment: Comment, now: datetime) -> bool:
    """Whether a comment says that a deadline came due before it was, at the point that the record is at.

    By another runbook than today's it may have been due; so what that one alone had is not looked at, and
    what was written long ago neither.
    """
    written = comment.created_at
    if fact.due > written:
        return True
    timers: Iterable[str] = (fact.timer, *fact.covers)
    if incident.runbook.hash != policy.runbook.hash:
        ours = {deadline.id for deadline in policy.runbook.deadlines} if written > now - FRESH else set()
        timers = [timer for timer in timers if timer.split("/")[0] in ours]
    due = (due_time(incident, policy.runbook, timer) for timer in timers)
    return any(when is None or when > written for when in due)


def _unasked(snapshot: Snapshot, entry: Entry, comment: Comment, policy: Policy) -> bool:
    """Whether an entry says that somebody asked for a change of production, or approved one, who did not: who
    did wrote a comment that nobody edited, with a command that is taken from such comments alone.
    """
    if comment.created_at < snapshot.now - FRESH or not any(_words(fact, entry) for fact in entry.facts):
        return False
    source = next((one for one in snapshot.comments if one.id == entry.source), None)
    if source is None or source.edited or source.author is None or entry.by is None:
        return True
    there = command_of(entry.key)
    if there is None or there[0] != source.id or source.author.id != entry.by.id:
        return True
    typed = command_at(source.body, there[1], policy.runbook, policy.commands)
    if typed is None:
        return True
    return not all(typed.word in words for fact in entry.facts if (words := _words(fact, entry)))


def _words(fact: Fact, entry: Entry) -> frozenset[str]:
    """The commands that may be behind a fact which can change production; empty for all others. What was
    started by hand tells only of a run that there is.
    """
    if isinstance(fact, OperationApproved):
        return frozenset({"approve"})
    if not isinstance(fact, OperationAsked) or fact.kind not in DANGEROUS:
        return frozenset()
    if fact.by_hand and is_hand_id(fact.op) and entry.key == f"o:{fact.op}":
        return frozenset()
    return ASKED_BY[fact.kind]


def _undeclared(known: Knowledge, entry: Entry, comment: Comment, policy: Policy) -> Asking[bool]:
    """Whether an entry says that somebody declared the incident who did not, or may not."""
    if not any(isinstance(fact, Declared) for fact in entry.facts):
        return False
    if entry.by is None or not (yield from _took_part(known, entry, entry.by, policy)):
        return True
    if comment.created_at < known.snapshot.now - FRESH:
        return False
    rights = yield from known.rights_of(entry.by)
    return rights is not None and rights < Rights.TRIAGE


def _took_part(known: Knowledge, entry: Entry, by: Person, policy: Policy) -> Asking[bool]:
    """Whether the issue shows that this person opened or labelled it, or wrote the comment that confirmed it;
    one that is gone speaks for nobody, and against nobody.
    """
    if entry.key != "declare":
        source = next((one for one in known.snapshot.comments if one.id == entry.source), None)
        return source is None or (source.author is not None and source.author.id == by.id)
    author = known.snapshot.issue.author
    if author is not None and author.id == by.id:
        return True
    yield from known.learn(Wants(events=True))
    marks = folded(policy.labels.incident)
    return any(
        event.actor is not None and event.actor.id == by.id
        for event in known.snapshot.events or ()
        if event.kind == "labeled" and folded(event.label or "") == marks
    )
