"""The deploy freeze: after a run looked at incidents, the statuses of open pull requests follow.

Nothing in here stops a run: a freeze that could not be written is said in its output, and the next sweep does
it. The sweep also covers the pull requests that were opened meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from allclear.adapters.github.errors import ForbiddenError, GitHubError
from allclear.adapters.github.freeze import (
    MOST_WRITES,
    IncidentSeen,
    open_incidents,
    open_pulls,
    pull_page,
    write_statuses,
)
from allclear.core.model.effects import AddLabels
from allclear.core.policy.runbook import Runbook
from allclear.core.production.freeze import (
    FreezeReason,
    OpenPull,
    frozen,
    frozen_by_labels,
    wanted_statuses,
)
from allclear.core.record.chain import checkpoint_of
from allclear.core.view.labels import Labels
from allclear.jobs.run import FreezeState, Run

if TYPE_CHECKING:
    from allclear.adapters.github.client import Client
    from allclear.jobs.apply import Beside
    from allclear.jobs.decided import Decided


def remember(run: Run, decided: Decided) -> None:
    """Keep what this pass decided about one incident, and whether it froze deploys before."""
    state = _state(decided)
    if state is not None:
        run.freezes[decided.snapshot.issue.number] = state


def _state(decided: Decided) -> FreezeState | None:
    """What a pass means for the freeze; None where the runbook freezes nothing.

    Before is what the panel knows: a run that was killed before it wrote the panel is noticed.
    """
    runbook, snapshot = decided.policy.runbook, decided.snapshot
    if not runbook.freeze.severities:
        return None
    kept = checkpoint_of(snapshot, decided.policy.trust)
    was = kept is not None and kept.state is not None and frozen(kept.state.incident, runbook)
    return FreezeState(decided.plan.incident, snapshot.issue.url, was)


def look_ahead(run: Run, decided: Decided) -> Beside | None:
    """What to ask while the reply is written, so that nothing waits for it: the first hundred open pull
    requests, where the freeze begins or ends with the plan. With them come the labels that it puts on.
    """
    state = _state(decided)
    if state is None or state.was_frozen == frozen(state.incident, decided.policy.runbook):
        return None

    put_on = [name for one in decided.plan.effects if isinstance(one, AddLabels) for name in one.names]

    def ask(client: Client) -> Mapping[str, str]:
        run.first_pulls = pull_page(client, run.repository, labels=put_on)
        return run.first_pulls.labels

    return ask


def freeze_after(run: Run) -> None:
    """After a look at one incident: when it began to freeze deploys, or ended it. Else no request is made.

    The other incidents are read where a status has to be written.
    """
    runbook = run.policy().runbook if run.freezes else None
    if runbook is None or all(
        one.was_frozen == frozen(one.incident, runbook) for one in run.freezes.values()
    ):
        return
    try:
        policy, own = run.policy(), _reasons(run, runbook)
        pulls = open_pulls(run.client, run.repository, first=run.first_pulls)
        if not wanted_statuses(pulls, own):
            return
        others = open_incidents(run.client, run.repository, policy.trust, label=policy.labels.incident)
        _freeze(run, pulls, [*own, *_others(run, others, policy.labels)])
    except GitHubError as error:
        _log_failure(run, error)


def freeze_all(run: Run, runbook: Runbook, numbers: Iterable[int]) -> None:
    """In a sweep over the incidents ``numbers``: whatever a lost run left, and what was opened meanwhile.

    When one of them could not be looked at, nothing is lifted: it may be the one that freezes.
    """
    if not runbook.freeze.severities:
        return
    try:
        pulls = open_pulls(run.client, run.repository)
        _freeze(run, pulls, _reasons(run, runbook), lift=run.freezes.keys() >= set(numbers))
    except GitHubError as error:
        _log_failure(run, error)


def _reasons(run: Run, runbook: Runbook) -> list[FreezeReason]:
    return [
        FreezeReason(number, one.incident.severity, one.url)
        for number, one in run.freezes.items()
        if frozen(one.incident, runbook)
    ]


def _others(run: Run, others: Iterable[IncidentSeen], labels: Labels) -> list[FreezeReason]:
    """What incidents freeze that this run did not look at: by their record, else by their labels."""
    found = []
    for one in others:
        if one.number in run.freezes:
            continue
        if one.incident is None:
            severity = frozen_by_labels(one.labels, labels)
        else:
            severity = one.incident.severity if frozen(one.incident, labels.runbook) else ""
        if severity:
            found.append(FreezeReason(one.number, severity, one.url))
    return found


def _freeze(
    run: Run, pulls: Sequence[OpenPull], reasons: Sequence[FreezeReason], *, lift: bool = True
) -> None:
    wanted = wanted_statuses(pulls, reasons, lift=lift)
    if not wanted:
        return
    written, refused = write_statuses(run.client, run.repository, wanted)
    what = "frozen" if reasons else "free again"
    run.out(f"Deploys are {what}: {written} statuses written.")
    if refused:
        run.out(f"GitHub did not take some of them: {refused}")
    if len(wanted) > MOST_WRITES:
        run.out(f"{len(wanted) - MOST_WRITES} pull requests are left for the next sweep.")


def _log_failure(run: Run, error: GitHubError) -> None:
    if isinstance(error, ForbiddenError):
        needs = "`pull-requests: read` and `statuses: write`"
        run.out(f"The deploy freeze needs {needs} for this job ({error.message}).")
    else:
        run.out(f"The deploy freeze waits for the next sweep ({error}).")
