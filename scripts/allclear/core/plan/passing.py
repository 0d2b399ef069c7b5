"""A pass under way: entries pile up, the incident follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from allclear.core.conversation.command import Policy
from allclear.core.conversation.declare import clean_title
from allclear.core.conversation.inbox import Ask
from allclear.core.conversation.saving import scarce
from allclear.core.model.asking import Knowledge
from allclear.core.model.snapshot import Snapshot
from allclear.core.record.audit import Undone
from allclear.core.record.chain import Journal
from allclear.core.record.entry import Entry
from allclear.core.record.fold import fold
from allclear.core.record.incident import Incident
from allclear.core.view.reply import Part


@dataclass(slots=True)
class Pass:
    """The pass under way: entries pile up, the incident follows.

    ``ready_before``: operations that an earlier pass already had to start. ``pushed``: somebody pushed the
    branch of the hotfix, which we could not make. ``undeclared``: why this is no incident yet.
    ``postponed``: comments whose answer waits for a better hour.
    """

    known: Knowledge
    policy: Policy
    journal: Journal
    incident: Incident
    entries: list[Entry]
    head: str
    parts: list[Part] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)
    waiting: list[Ask] = field(default_factory=list)
    ready_before: frozenset[str] = frozenset()
    pushed: bool = False
    undeclared: str = ""
    postponed: list[int] = field(default_factory=list)

    @property
    def snapshot(self) -> Snapshot:
        """All that is known now."""
        return self.known.snapshot

    @property
    def scarce(self) -> bool:
        """Whether only pages and answers go out."""
        return scarce(self.snapshot, self.policy.settings.bots)

    def add(self, part: Part) -> None:
        """Take the part's entry into the record."""
        entry = part.entry.chained(self.head)
        self.head = entry.hash
        self.entries.append(entry)
        self.parts.append(replace(part, entry=entry))
        if entry.key == "declare" or any(isinstance(fact, Undone) for fact in entry.facts):
            self.incident = add_up(self.snapshot, self.entries, self.policy)
        else:
            self.incident = add_up(self.snapshot, (entry,), self.policy, onto=self.incident)


def add_up(
    snapshot: Snapshot, entries: Iterable[Entry], policy: Policy, *, onto: Incident | None = None
) -> Incident:
    """The incident of the entries, under the title the issue has now: people find better ones on the way."""
    incident = fold(snapshot.issue.number, entries, policy.runbook, onto=onto)
    return replace(incident, title=clean_title(snapshot.issue.title))
