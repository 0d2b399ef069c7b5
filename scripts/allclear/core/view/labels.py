"""Labels mirror the incident: what should be on the issue, what is ours to take off, how each one looks.

GitHub holds label names unique without regard to case and keeps the spelling that they were made with. So
names are compared folded, and what is written is what the repository or the issue already shows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from allclear.core.clock.action_items import dated
from allclear.core.clock.anchors import anchors, running
from allclear.core.clock.learning import owes_postmortem
from allclear.core.clock.step_duties import owned, undated_lists
from allclear.core.model.effects import CreateLabel
from allclear.core.model.neutral import cut
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.runbook import Runbook, Severity
from allclear.core.policy.settings import LabelNames, ReviewLabel
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.postmortem_state import ReviewState

REVIEWS: Mapping[ReviewState, tuple[ReviewLabel, str, str]] = {
    "draft": ("draft", "ededed", "The post-mortem has something left to write"),
    "in review": ("in-review", "fbca04", "The post-mortem waits for those who review it"),
    "approved": ("approved", "bfdadc", "The post-mortem is approved, and may be merged"),
    "published": ("published", "0e8a16", "The post-mortem is published"),
}
"""By how far the review of the post-mortem is: the name in the settings, colour and description."""

LONGEST_DESCRIPTION = 100
"""GitHub's limit: https://docs.github.com/en/rest/issues/labels#create-a-label"""

_USUAL = lazy_regex(
    r"(?:sev|severity|pri|prio|priority)[ \t:/_-]{0,4}([a-z0-9]{1,20})"
    r"|([a-z]{2,20})[ \t_-](?:severity|prio|priority)"
)
"""How other trackers call a severity's label: ``sev1``, ``severity/1``, ``priority: critical``, ``high
priority``.
"""
_NUMBERED = lazy_regex(r"(?:p|s|sev|severity|pri|prio|priority)[ _:/#.-]{0,3}[0-9]{1,2}(?![0-9])")
"""How a label begins that names a severity by its number: ``S1``, ``P-1``, ``P1-high``, ``P3 low``."""
_STORE = "s3"
"""A label of that name is rather of Amazon's store than of a severity."""

_BEFORE_INCIDENT = lazy_regex(r"(?:type|kind|category|issue|label)[ \t:/_-]{1,4}")
"""What trackers write before the name of a kind of issue."""


def folded(name: str) -> str:
    """A label's name as GitHub compares it."""
    return name.casefold()


def severity_of(incident: Incident, runbook: Runbook) -> Severity | None:
    """The incident's severity; None before there is one, or when the runbook no longer knows it."""
    return next((severity for severity in runbook.severities if severity.id == incident.severity), None)


def asks_for_more(incident: Incident, runbook: Runbook) -> bool:
    """Whether an action item, a step, a list or a text for the public is asked for after the all-clear: a
    sweep has to find the closed issue.
    """
    if incident.stage == Stage.CLOSED and (dated(incident) or owned(incident, runbook)):
        return True
    published = incident.reached("published") is not None and incident.postmortem.followed
    if incident.stage == Stage.CLOSED and published and incident.progress.open_actions:
        return True
    return incident.stage == Stage.CLOSED and any(
        (bool(one.checklist) or one.start == "draft")
        and running(incident, one, runbook)
        and bool(anchors(incident, one, runbook))
        for one in (*runbook.deadlines, *undated_lists(runbook))
    )


def spelled(labels: Iterable[str], names: Iterable[str]) -> frozenset[str]:
    """Those of ``labels`` that are among ``names`` without regard to case, as ``labels`` spell them."""
    wanted = {folded(name) for name in names}
    return frozenset(label for label in labels if folded(label) in wanted)


def to_change(
    there: Collection[str], wanted: Collection[str], ours: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is to be put on an issue or a pull request that carries the labels ``there``, as ``wanted`` spells
    it, and what is to be taken off of what is ``ours``, as ``there`` spells it.
    """
    known = {folded(name) for name in there}
    add = (name for name in wanted if folded(name) not in known)
    return tuple(sorted(add)), tuple(sorted(spelled(there, ours) - spelled(there, wanted)))


class Labels(Struct, frozen=True):
    """The labels that one repository's incidents carry: the runbook's, under the names of the settings."""

    runbook: Runbook
    names: LabelNames

    @property
    def incident(self) -> str:
        """The label that makes an issue an incident."""
        return self.names.incident

    def severity(self, severity: Severity) -> str:
        """The label that shows a severity."""
        return self.names.severities.get(severity.id) or self.runbook.label(severity)

    def status(self, status: str) -> str:
        """``status:monitoring``, or what the settings call it."""
        return self.names.states.get(status) or f"status:{status}"

    def review(self, state: ReviewState) -> str:
        """``postmortem:in-review``, or what the settings call it."""
        name = REVIEWS[state][0]
        return self.names.reviews.get(name) or f"postmortem:{name}"

    @property
    def reviews(self) -> frozenset[str]:
        """Those that show how far the review of a post-mortem is; of them an issue carries one."""
        return frozenset(self.review(state) for state in REVIEWS)

    def marks_incident(self, labels: Iterable[str]) -> bool:
        """Whether the label that makes an issue an incident is among these."""
        return bool(spelled(labels, (self.incident,)))

    def level(self, label: str) -> Severity | None:
        """The severity that a label of this name shows, by our names; None for any other label."""
        return next(
            (one for one in self.runbook.severities if folded(self.severity(one)) == folded(label)), None
        )

    def level_meant(self, label: str) -> Severity | None:
        """The severity that a label shows, also by another usual name, such as ``sev1``; by a bare name only
        the worst, for ``high`` and ``low`` may be said of anything. What goes with a severity shows none.
        """
        found, name = self.level(label), folded(label)[:60]
        beside = {folded(extra) for one in self.runbook.severities for extra in one.extra_labels}
        if found is not None or name in beside:
            return found
        if usual := _USUAL.fullmatch(name):
            found = self.runbook.severity_named(usual.group(1) or usual.group(2))
        if found is None and _NUMBERED.match(name) and name != _STORE:
            found = self._by_number(name)
        worst = self.runbook.severities[0]
        return found or (worst if name.isalpha() and self.runbook.severity_called(name) == worst else None)

    def _by_number(self, name: str) -> Severity | None:
        """The severity of a number, alone or beside its name: ``P-1``, ``P1-high``, ``P3 low``."""
        first, _, second = name.rpartition(" ")
        one, other = self.runbook.severity_named(first), self.runbook.severity_named(second)
        return self.runbook.severity_named(name) or (one if one is not None and one == other else None)

    def wanted(self, incident: Incident) -> frozenset[str]:
        """The labels of ours that the issue should carry. The incident label is people's: it is never
        touched.
        """
        if incident.stage == Stage.REPORT:
            return frozenset({self.names.reported})
        names: set[str] = set()
        severity = severity_of(incident, self.runbook)
        if severity is not None:
            names |= {self.severity(severity), *severity.extra_labels}
        if incident.stage in (Stage.OPEN, Stage.CLOSED):
            names.add(self.status(incident.status))
            if owes_postmortem(incident, self.runbook) or asks_for_more(incident, self.runbook):
                names.add(self.names.postmortem)
            if incident.postmortem.learned is not None:
                names.add(self.names.learned)
            if incident.review is not None:
                names.add(self.review(incident.review))
        return frozenset(names)

    def ours(self, had: Collection[str]) -> frozenset[str]:
        """Every label that the engine may take off an incident that had these severities. All others are
        foreign and left alone, an extra label of another severity too: people put that on.
        """
        extra = {name for one in self.runbook.severities if one.id not in had for name in one.extra_labels}
        kept = {folded(self.incident)} | {folded(name) for name in extra}
        kept -= {
            folded(name) for one in self.runbook.severities if one.id in had for name in one.extra_labels
        }
        return frozenset(label.name for label in self.catalogue() if folded(label.name) not in kept)

    def catalogue(self) -> tuple[CreateLabel, ...]:
        """How each label looks when the repository has none of that name yet."""
        runbook = self.runbook
        found = [
            CreateLabel(self.incident, "b60205", "An incident. Write /help in a comment to see the commands")
        ]
        found += [
            _label(self.severity(one), one.color, ": ".join(filter(None, (one.name, one.definition))))
            for one in runbook.severities
        ]
        found += [
            _label(self.status(state.id), state.color, f"Incident status: {state.title}")
            for state in runbook.states
        ]
        found.append(
            CreateLabel(self.names.reported, "d4c5f9", "A report that waits for /confirm or /dismiss")
        )
        found.append(
            CreateLabel(
                self.names.postmortem, "c5def5", "The post-mortem, a list or an action item is left to do"
            )
        )
        found.append(
            CreateLabel(self.names.learned, "0e8a16", "All that was to do after the incident is done")
        )
        found += [CreateLabel(self.review(state), color, told) for state, (_, color, told) in REVIEWS.items()]
        found += [
            _label(name, "ededed", f"Set on {one.id} incidents")
            for one in runbook.severities
            for name in one.extra_labels
        ]
        first: dict[str, CreateLabel] = {}
        for label in found:
            first.setdefault(folded(label.name), label)
        return tuple(first.values())

    def looking_like_incident(self, there: Iterable[str]) -> tuple[str, ...]:
        """Those of ``there`` by which a team may mean an incident, although the label of incidents has
        another name: ``🔥 incident``, ``type: incident``.
        """
        return tuple(
            sorted(name for name in there if _says_incident(name) and not self.marks_incident((name,)))
        )

    def missing(self, there: Iterable[str], *, at_first: bool = False) -> tuple[CreateLabel, ...]:
        """The labels that a repository with these names lacks; ``at_first``: those that an incident may carry
        before it has ended.
        """
        known = {folded(name) for name in there}
        if at_first:
            known |= {folded(name) for name in (self.names.learned, *self.reviews)}
        return tuple(label for label in self.catalogue() if folded(label.name) not in known)


def _says_incident(name: str) -> bool:
    bare = re.sub(r"[^a-z]{1,60}$|^[^a-z]{1,60}", "", folded(name)[:60])
    return _BEFORE_INCIDENT.sub("", bare, count=1) in ("incident", "incidents")


def _label(name: str, color: str, description: str) -> CreateLabel:
    return CreateLabel(name, color, cut(description, LONGEST_DESCRIPTION))
