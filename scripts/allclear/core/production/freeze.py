"""The deploy freeze: while a severity that asks for it is open and not mitigated, a commit status is red on
open pull requests, except on the incident's hotfix. Decided here; nothing in here asks GitHub.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from allclear.core.model.neutral import cut
from allclear.core.policy.runbook import Runbook
from allclear.core.production.hotfix import incident_of
from allclear.core.record.incident import Incident, Stage
from allclear.core.view.labels import Labels, spelled

CONTEXT = "allclear/freeze"
"""The name of the commit status."""
LONGEST = 140
"""Characters of a status' description:
https://docs.github.com/en/rest/commits/statuses#create-a-commit-status
"""
THAWED = "No incident freezes deploys"
NAMED = 5
"""Incidents that a description names before it counts the rest."""


class OpenPull(Struct, frozen=True):
    """An open pull request: ``sha`` is its last commit, ``branch`` where that comes from, in another
    repository when ``fork``. ``state`` is that of our status on the commit, in lower case, and ``told`` when
    it was written; None without one.
    """

    number: int
    sha: str
    branch: str
    fork: bool = False
    state: str | None = None
    description: str = ""
    told: datetime | None = None


class FreezeReason(Struct, frozen=True):
    """An incident that freezes deploys now. ``severity`` is an id of the runbook, ``url`` its issue's."""

    number: int
    severity: str
    url: str


class Wanted(Struct, frozen=True):
    """A status to write: ``state`` is failure or success."""

    sha: str
    state: str
    description: str
    target_url: str = ""


def frozen(incident: Incident, runbook: Runbook) -> bool:
    """Whether this incident freezes deploys. A drill never does, nor what is written up afterwards."""
    return (
        incident.stage == Stage.OPEN
        and incident.kind == "real"
        and incident.severity in runbook.freeze.severities
        and incident.reached("mitigated") is None
    )


def frozen_by_labels(shown: Iterable[str], labels: Labels) -> str:
    """The severity by which an open issue with these labels freezes deploys; empty when it does not.

    For an incident whose record could not be read along: labels mirror it.
    """
    names, runbook = tuple(shown), labels.runbook
    severity = next((one for one in runbook.severities if spelled(names, (labels.severity(one),))), None)
    if severity is None or severity.id not in runbook.freeze.severities:
        return ""
    order = [state.id for state in runbook.states]
    before = order[: order.index("monitoring")]  # which every runbook has, and which reaches mitigated
    return severity.id if spelled(names, map(labels.status, before)) else ""


def wanted_statuses(
    pulls: Sequence[OpenPull], reasons: Sequence[FreezeReason], *, lift: bool = True
) -> tuple[Wanted, ...]:
    """What has to be written, and only that; the hotfixes first, for they are in a hurry.

    While somebody freezes: red everywhere, green on the hotfixes of the incidents that freeze. Else green
    where red was left; what never had the status stays untouched. ``lift`` False: not every incident could be
    looked at, so that nothing turns green for want of a reason.

    A status belongs to a commit, not to a pull request. A commit that a hotfix shares with another pull
    request is free: it *is* the hotfix, wherever it is merged from. A fork's branch is never a hotfix,
    whatever its name.
    """
    hotfixed = {reason.number for reason in reasons}
    commits: dict[str, list[OpenPull]] = {}
    for pull in sorted(pulls, key=lambda one: one.number):
        commits.setdefault(pull.sha, []).append(pull)
    found: list[tuple[bool, Wanted]] = []
    for sha, sharing in commits.items():
        seen = sharing[0]
        numbers = (incident_of(one.branch) for one in sharing if not one.fork)
        free = next((number for number in numbers if number in hotfixed), None)
        wanted = _status(sha, free, reasons)
        untouched = not reasons and (seen.state in (None, "success") or not lift)
        if not untouched and (seen.state, seen.description) != (wanted.state, wanted.description):
            found.append((free is None, wanted))
    return tuple(wanted for _, wanted in sorted(found, key=lambda one: one[0]))


def _status(sha: str, free: int | None, reasons: Sequence[FreezeReason]) -> Wanted:
    if not reasons:
        return Wanted(sha, "success", THAWED)
    by = sorted(reasons, key=lambda one: one.number)
    if free is not None:
        url = next(one.url for one in by if one.number == free)
        return Wanted(sha, "success", f"The hotfix of incident #{free} is not frozen", url)
    named = ", ".join(f"#{one.number} ({one.severity})" for one in by[:NAMED])
    more = f" and {len(by) - NAMED} more" if len(by) > NAMED else ""
    said = f"Deploys are frozen by incident {named}{more}"
    return Wanted(sha, "failure", cut(said, LONGEST), by[0].url)
