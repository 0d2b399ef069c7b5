"""The step that puts a service back through GitHub's API: a deploy workflow is run again, or started. It
holds a token that may do this, no secret, and runs no command.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from allclear.adapters.files.job_output import summarise
from allclear.adapters.github.deployments import DeploymentReader
from allclear.adapters.github.errors import GitHubError
from allclear.adapters.production.deploy_runs import POLL, DeployError, DeployRuns
from allclear.core.model.neutral import code, inline
from allclear.core.model.operation import Ending
from allclear.core.model.release import Release
from allclear.core.model.structs import replace
from allclear.core.model.times import spell
from allclear.core.policy.provider import Provider
from allclear.core.policy.service import Service
from allclear.core.production.handover import Decision, Result
from allclear.core.production.listing import FillingError, fill, values_of
from allclear.jobs.act import SHOWN_AFTER, decided, outputs_of
from allclear.jobs.commands import LONGEST, ExecutionError
from allclear.jobs.operation_job import (
    OperationJob,
    dispatch_respond,
    log,
    operation_job,
    set_outputs,
)
from allclear.jobs.run import LocalStep, Run


def redeploy(run: Run) -> None:
    """Do what was decided, once. Gives the outputs ``result`` and ``smoke``; red unless it went well."""
    job = operation_job(run)
    decision = decided(LocalStep(run.env, run.root, run.out))
    result = _done(job, decision)
    set_outputs(job, outputs_of(decision, result))
    text = f": {result.text}" if result.text else ""
    log(job, f"{decision.order.title}: {result.outcome}{text}")
    said = f"**{inline(decision.order.title)}** ({code(decision.operation)}): {result.outcome}"
    summarise(run.env, f"{said}{inline(text, 500)}")
    run.failed = result.outcome != "done"


def _done(job: OperationJob, decision: Decision) -> Result:
    service, provider, chosen = decision.service, decision.provider, decision.chosen
    if service is None or provider is None or chosen is None:
        text = "only a rollback to a known release goes through GitHub's API"
        return Result(operation=decision.operation, outcome="refused", text=text)
    result = Result(
        operation=decision.operation, target=chosen.target, release=chosen.name, before=decision.before
    )
    text = unverified = ""
    outcome: Ending = "done"
    job.run.client.pause(SHOWN_AFTER)
    try:
        unverified = Redeploys(job, decision, service, provider).roll_back(chosen)
    except ExecutionError as error:
        text, outcome = str(error), error.outcome
    executed = outcome == "done"
    more: dict[str, Any] = {"outcome": outcome, "executed": executed, "text": text, "unverified": unverified}
    return replace(result, **more, after=chosen.name if executed else "")


class Redeploys:
    """The deploy workflow of a service."""

    def __init__(self, job: OperationJob, decision: Decision, service: Service, provider: Provider) -> None:
        self._job, self._decision, self._service, self._provider = job, decision, service, provider

    def roll_back(self, release: Release) -> str:
        """Put ``release`` into production, and wait until it is there: why nobody knows whether it is, empty
        when GitHub shows that it was deployed. Raises ExecutionError.
        """
        timeout = min(self._service.rollback.timeout, LONGEST)
        runs = DeployRuns(self._job.run.client, self._job.base)
        since = self._job.run.client.now
        try:
            run, attempt = self._started(runs, release)
            link = f"{self._job.run.repository.url}/actions/runs/{run}"
            log(self._job, f"{self._decision.operation}: deploy run {link}")
            conclusion = runs.wait(run, attempt, timeout, self._tell)
        except FillingError as error:
            raise ExecutionError(f"the deploy workflow cannot be named: {error}", "refused") from error
        except DeployError as error:
            raise ExecutionError(str(error), "unknown" if error.begun else "failed") from error
        except GitHubError as error:
            raise ExecutionError(
                f"GitHub did not say how the deploy run went ({error.status})", "unknown"
            ) from error
        if conclusion != "success":
            raise ExecutionError(f"the deploy workflow's run {run} ended with {conclusion}")
        unverified = self._confirmed(run, release, since)
        self._settle(max(self._provider.settle, self._service.rollback.settle))
        return unverified

    def _tell(self) -> None:
        """The deploy run waits for reviewers of its own: the incident tells them, with the link."""
        log(self._job, "The deploy run waits for its reviewers.")
        dispatch_respond(self._job, self._decision.issue)

    def _confirmed(self, run: int, release: Release, since: datetime) -> str:
        """Looked for until GitHub shows a new deployment of the commit, or the provider's ``lag`` is over."""
        client = self._job.run.client
        reader = DeploymentReader(client, self._job.run.repository)
        left = min(self._provider.lag, LONGEST / 4)
        pauses = iter(POLL)
        where = self._service.environment
        while True:
            seen = reader.deployed_since(where, release.sha or release.target, since)
            if seen:
                return ""
            if left <= timedelta():
                break
            pause = min(next(pauses, POLL[-1]), left.total_seconds())
            client.pause(pause)
            left -= timedelta(seconds=pause)
        if seen is None:
            return f"GitHub did not say whether {release.name} was deployed to {where}"
        missing = f"GitHub shows no new deployment of {release.name} to {where}"
        if self._provider.rerun is not None:
            raise ExecutionError(f"run {run} of the deploy workflow ended well, but {missing}")
        return missing

    def _started(self, runs: DeployRuns, release: Release) -> tuple[int, int]:
        """The run, and which attempt of it."""
        service, provider = self._service, self._provider
        if provider.rerun is not None:
            return release.run, runs.rerun(release.run)
        if provider.start is None:
            raise ExecutionError("the provider does not say how to roll back", "refused")
        values = values_of(provider, service.values, release)
        given = {name: fill(text, values) for name, text in provider.start.inputs.items()}
        workflow = fill(provider.start.workflow, service.values)
        return runs.start(workflow, self._job.own.default_branch, given), 1

    def _settle(self, wait: timedelta) -> None:
        if wait:
            log(self._job, f"Waiting {spell(wait)} before production is checked.")
            self._job.run.client.pause(min(wait, LONGEST / 5).total_seconds())
