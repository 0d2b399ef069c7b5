"""Who stands in which chain, who was told so far, and whose turn it is."""

from __future__ import annotations

from collections.abc import Collection
from itertools import takewhile

from allclear.core.policy.deadline import Chain, Deadline
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import Incident


def chains_of(runbook: Runbook, level: str) -> tuple[Chain, ...]:
    """The chains that climb for this severity, the first of the runbook first."""
    return tuple(chain for chain in runbook.chains if level in chain.severities)


def chain_named(runbook: Runbook, level: str, name: str = "") -> Chain:
    """The chain of that id; without one, the first that is for this severity, else the runbook's first."""
    every = (*chains_of(runbook, level), *runbook.chains)
    return next((chain for chain in every if chain.id == name), every[0])


def next_level(chain: Chain, heard: Collection[str]) -> int:
    """The lowest level (from 1) of which not everybody was told; the last when all were."""
    for number, titles in enumerate(chain.levels, start=1):
        if not all(title.lower() in heard for title in titles):
            return number
    return len(chain.levels)


def asked_when_worse(incident: Incident, runbook: Runbook) -> frozenset[str]:
    """Whom the chains of worse severities have told in this interval (lower-case titles): they know that they
    are called, and of less they need no call.
    """
    worse = frozenset(takewhile(lambda level: level != incident.severity, (s.id for s in runbook.severities)))
    fired = {tuple(key.split("/")[:2]) for key in incident.progress.fired}
    return frozenset(
        title.lower()
        for chain in runbook.chains
        if worse.issuperset(chain.severities)
        for number, titles in enumerate(chain.levels, start=1)
        if (f"{chain.id}-{number}", f"{incident.interval}") in fired
        for title in titles
    )


def addressed(
    deadline: Deadline, incident: Incident, runbook: Runbook, heard: Collection[str]
) -> tuple[str, ...]:
    """The titles that a deadline is for, when so many were told before."""
    if not deadline.aim:
        return deadline.to
    chain = chain_named(runbook, incident.severity, deadline.chain)
    if deadline.aim == "first":
        more = chain.levels[0]
    elif deadline.aim == "next":
        more = chain.levels[next_level(chain, heard) - 1]
    else:
        so_far = [title for titles in chain.levels for title in titles if title.lower() in heard]
        more = tuple(so_far) or chain.levels[0]
    return tuple(dict.fromkeys((*deadline.to, *more)))
