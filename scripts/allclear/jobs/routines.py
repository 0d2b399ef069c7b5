"""The issues of routines: the last thing that a sweep does.

Nothing in here stops the sweep of incidents: what could not be opened is said in the run's output, and the
next sweep opens it. A runbook without routines costs no request, one with routines a request a sweep.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from allclear.adapters.github.again import UNDOCUMENTED, known
from allclear.adapters.github.errors import GitHubError, explain
from allclear.adapters.github.read import Reader
from allclear.adapters.github.routines import newest_issues, open_issue, open_issues
from allclear.core.conversation.command import Policy
from allclear.core.model.asking import drive
from allclear.core.model.snapshot import Issue
from allclear.core.plan.routine_issue import remembered
from allclear.core.plan.routines import Opening, PublishedIncident, issue_of, no_issue, openings, published
from allclear.core.record.incident import Incident
from allclear.jobs.run import Run


def open_routines(run: Run, incidents: Iterable[tuple[Incident, str]]) -> None:
    """Open the issues that are due. ``incidents``: those that the sweep looked at, with their addresses."""
    policy = run.policy()
    if not policy.runbook.routines:
        return
    budget = run.client.budget
    if budget is not None and budget.scarce:
        # What is left of the hour is for pages and answers.
        run.out("The routines wait for the next sweep: little is left of the hour's requests.")
        return
    try:
        _open(run, policy, published(incidents))
    except GitHubError as error:
        run.warn(f"The routines wait for the next sweep. {explain(error)}")
    except UNDOCUMENTED:
        run.warn("The routines wait for the next sweep: GitHub answered in a form that is not documented.")


def _open(run: Run, policy: Policy, told: tuple[PublishedIncident, ...]) -> None:
    labelled = newest_issues(run.client, run.repository, policy.settings.labels.routine)
    if not _missing(run, policy, labelled, told):
        return
    # The label may have been taken off, or be gone from the repository: the issues are there all the same.
    for opening in _missing(run, policy, (*labelled, *newest_issues(run.client, run.repository)), told):
        number = _open_one(run, policy, opening)
        run.out(f"Issue {number} was opened for the routine {opening.routine.id}.")


def _missing(
    run: Run, policy: Policy, seen: Sequence[Issue], told: tuple[PublishedIncident, ...]
) -> tuple[Opening, ...]:
    now = run.client.now
    return openings(policy.runbook, remembered(seen, policy.settings.bots, now), told, now)


def _open_one(run: Run, policy: Policy, opening: Opening) -> int:
    client, repository, names = run.client, run.repository, policy.settings.labels
    incidents: tuple[Issue, ...] | None = ()
    if opening.routine.open:
        incidents = known(lambda: open_issues(client, repository, names.incident), None)
    nothing = no_issue(repository, client.now)
    look_up = Reader(client, repository, policy.trust, names).look_up
    new = drive(issue_of(opening, incidents, policy, nothing), nothing, look_up)
    return open_issue(client, repository, new, label=names.routine, bots=policy.settings.bots)
