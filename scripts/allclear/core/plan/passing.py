"""A pass under way: entries pile up, the incident follows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct, field

from allclear.core.conversation.ask import Ask
from allclear.core.conversation.command import Policy
from allclear.core.conversation.declare import clean_title
from allclear.core.conversation.saving import scarce
from allclear.core.model.asking import Knowledge
from allclear.core.model.effects import AssignActionIssue, OpenActionIssue
from allclear.core.model.operation import Operation
from allclear.core.model.snapshot import Snapshot
from allclear.core.model.structs import replace
from allclear.core.record.action_item import ActionItem
from allclear.core.record.audit import Undone
from allclear.core.record.chain import Journal
from allclear.core.record.entry import Entry
from allclear.core.record.fold import fold
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import Incident
from allclear.core.record.ledger import Ledger
from allclear.core.record.production import SmokePass, SmokeRunsPassed, apply_production
from allclear.core.record.state import RecordState
from allclear.core.view.reply import Part


class Pass(Struct):
    """The pass under way: entries pile up, the incident and the ledger follow. ``entries`` are those that
    were read, or follow the state that the panel kept, with those of the pass.

    ``ready_before``: operations that an earlier pass already had to start. ``pushed``: somebody pushed the
    branch of the hotfix, which we could not make. ``undeclared``: why this is no incident yet.
    ``postponed``: comments whose answer waits for a better hour. ``quiet``: smoke runs of the window that
    passed as the one before did, by service and with their runs' addresses, not in the record yet.
    ``starts``: those that are to be started. ``actions_before``: the action items by number, as far as they
    were known when it began; ``issue_states``: how their issues should be, by number; ``opened_issues``:
    those that are missing, ``assigned_issues`` those that lack their owner. ``review_mark``: for what the
    review of the post-mortem was looked at last; ``reviewed``: the pull request, where it was in this pass.
    """

    known: Knowledge
    policy: Policy
    journal: Journal
    incident: Incident
    entries: list[Entry]
    head: str
    ledger: Ledger
    parts: list[Part] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)
    waiting: list[Ask] = field(default_factory=list)
    ready_before: frozenset[str] = frozenset()
    pushed: bool = False
    undeclared: str = ""
    postponed: list[int] = field(default_factory=list)
    quiet: dict[str, list[tuple[SmokePass, str]]] = field(default_factory=dict)
    starts: list[Operation] = field(default_factory=list)
    actions_before: dict[int, ActionItem] = field(default_factory=dict)
    issue_states: dict[int, str] = field(default_factory=dict)
    opened_issues: list[OpenActionIssue] = field(default_factory=list)
    assigned_issues: list[AssignActionIssue] = field(default_factory=list)
    review_mark: str = ""
    reviewed: int | None = None

    @property
    def snapshot(self) -> Snapshot:
        """All that is known now."""
        return self.known.snapshot

    @property
    def scarce(self) -> bool:
        """Whether only pages and answers go out."""
        return scarce(self.snapshot, self.policy.settings.bots)

    @property
    def state(self) -> RecordState:
        """What the entries so far add up to, for the next run."""
        links = dict.fromkeys((*self.journal.links, *(part.entry.hash for part in self.parts)))
        linked = self.journal.linked + len(self.parts)
        runbook = self.policy.runbook.hash
        return RecordState(self.incident, self.ledger, self.head, tuple(links), linked, runbook)

    @property
    def read_entries(self) -> tuple[Entry, ...] | None:
        """All entries so far, when all of the comments were read; else None."""
        return tuple(self.entries) if self.journal.base is None else None

    def last_word(self, up_to: int | None = None) -> datetime | None:
        """When somebody at work on the incident last said something, a comment without a command included.
        ``up_to``: the last comment that counts; the newest without one.
        """
        people = {person.id for person in self.incident.team.at_work}
        said = [
            one.created_at
            for one in self.snapshot.comments
            if one.author and one.author.id in people and (up_to is None or one.id <= up_to)
        ]
        kept = self.journal.checkpoint.word if self.journal.checkpoint else None
        return max((*said, *(one for one in (kept, self.incident.word) if one)), default=None)

    def add(self, part: Part) -> None:
        """Take the part's entry into the record."""
        entry = part.entry.chained(self.head)
        self.head = entry.hash
        self.entries.append(entry)
        self.ledger = self.ledger.extended((entry,))
        self.parts.append(replace(part, entry=entry))
        if entry.key == "declare" or any(isinstance(fact, Undone) for fact in entry.facts):
            base = self.journal.base
            onto = base.incident if base is not None else None
            self.incident = add_up(self.snapshot, self.entries, self.policy, onto=onto)
        else:
            # The issue's title is read once a pass, and not for each of many commands.
            known, runbook = self.incident, self.policy.runbook
            self.incident = replace(fold(known.number, (entry,), runbook, onto=known), title=known.title)


def add_up(
    snapshot: Snapshot, entries: Iterable[Entry], policy: Policy, *, onto: Incident | None = None
) -> Incident:
    """The incident of the entries, under the title the issue has now: people find better ones on the way."""
    incident = fold(snapshot.issue.number, entries, policy.runbook, onto=onto)
    return replace(incident, title=clean_title(snapshot.issue.title, policy.runbook))


def with_passed(current: Pass) -> Incident:
    """The incident with the smoke runs that passed quietly and wait for the next reply: what people see."""
    waiting = [
        SmokeRunsPassed(service=service, runs=tuple(one for one, _ in runs), url=runs[-1][1])
        for service, runs in current.quiet.items()
    ]
    if not waiting:
        return current.incident
    header = EntryHeader(key="", what="smoke", at=current.snapshot.now)
    shown = current.incident
    for passed in waiting:
        shown = apply_production(shown, header, passed)
    return shown
