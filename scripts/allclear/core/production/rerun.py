"""Whether the run that made a deployment can be run again: the very run, and only within GitHub's limits.

https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from allclear.core.model.deploy_run import DeployRun
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.release import Release
from allclear.core.policy.provider import Provider
from allclear.core.policy.service import Service
from allclear.core.production.listing import FillingError, fill

LIMIT = timedelta(days=30)
"""So long after it first ran a run can be run again."""

MOST_ATTEMPTS = 51
"""The first attempt, and 50 more."""

WAY_OUT = (
    "The provider `dispatch-workflow` starts the workflow anew with the commit instead, however old it is: "
    "`docs/rollback.md` shows how."
)


def run_named(log: str, page: str) -> int:
    """The run that a deployment's ``log_url`` names, ``<page>/actions/runs/<id>/job/<job>``; 0 when it names
    none of the repository at ``page``.

    Only Actions links to a job: what a rollback of ours announces links to its run, and is no deploy run.
    """
    found = re.fullmatch(
        rf"{re.escape(page)}/actions/runs/([1-9][0-9]{{0,18}})(?:/attempts/[0-9]{{1,3}})?/job/[0-9]{{1,19}}",
        log,
        re.IGNORECASE | re.ASCII,
    )
    return int(found[1]) if found else 0


def runs_again(provider: Provider, release: Release | None) -> frozenset[int]:
    """The run that would be run again: what ``check_rerun`` has to know."""
    return frozenset({release.run} if provider.rerun is not None and release is not None else ()) - {0}


def check_rerun(
    service: Service, provider: Provider, release: Release | None, seen: DeployRun | None, now: datetime
) -> None:
    """Whether ``release`` can be put back, where that means to run the run again that made its deployment.
    ``seen`` is that run; None when there is none. Raises UserError with the way out.
    """
    if provider.rerun is None or release is None:
        return
    try:
        workflow = fill(provider.rerun.workflow, service.values)
    except FillingError as error:
        raise UserError(f"The deploy workflow cannot be named: {error}.", "settings") from error
    named = code(release.name)
    if not release.run:
        raise UserError(
            f"GitHub's deployment of {named} names no run of this repository that made it, so there is "
            f"nothing to run again. {WAY_OUT}",
            "no-run",
        )
    if seen is None:
        raise UserError(f"The run that deployed {named} is gone. {WAY_OUT}", "no-run")
    if not seen.known:
        raise UserError(
            f"GitHub did not show the run that deployed {named}. Try again in a minute.", "unavailable"
        )
    linked = f"The run that deployed {named} ([{seen.id}]({seen.url}))" if seen.url else f"Run {seen.id}"
    if seen.workflow != workflow:
        raise UserError(
            f"{linked} is one of {code(seen.workflow)}, and the settings say {code(workflow)}. Name the file "
            "that deploys as `values: { workflow: … }` in `.github/allclear.yml`.",
            "no-run",
        )
    if seen.sha != release.sha:
        raise UserError(
            f"{linked} ran for the commit {code(seen.sha[:7])}, so it would not deploy {named}. {WAY_OUT}",
            "no-run",
        )
    if seen.status != "completed":
        raise UserError(f"{linked} has not ended yet. Ask again when it has.", "busy")
    if seen.created is not None and now - seen.created >= LIMIT:
        raise UserError(
            f"{linked} is older than 30 days, and GitHub runs none again that is. {WAY_OUT}", "no-run"
        )
    if seen.attempt >= MOST_ATTEMPTS:
        raise UserError(
            f"{linked} was run again 50 times, and GitHub runs none again more often. {WAY_OUT}", "no-run"
        )
