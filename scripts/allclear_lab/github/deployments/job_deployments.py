"""Deployments that Actions itself records: one for each job that names an environment, in each attempt.

https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allclear_lab.github.actions.state import WorkflowRun
from allclear_lab.github.deployments.deployments import Deployment, Deployments, deploy, report
from allclear_lab.github.routing import Actor
from allclear_lab.github.state import ACTIONS_BOT_ID, Repository

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub

_ENDED = {"success": "success", "skipped": "inactive", "neutral": "success"}
"""What a job's end is to its deployment; anything else is a failure."""


def begin(hub: GitHub, repository: Repository, run: WorkflowRun, environment: str, state: str) -> None:
    """The run's job comes to its environment: a deployment of the run's commit, whose statuses lead to it.

    It is made by whoever started the run, through the app of Actions: https://github.com/cli/cli/issues/5541
    """
    actor = _actions(hub, run)
    branch = run.ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
    made = deploy(hub, repository, actor, run.head_sha, environment)
    made.ref = branch or run.head_sha
    run.deployments.append(made.id)
    _say(hub, repository, actor, run, made, state)


def follow(hub: GitHub, repository: Repository, run: WorkflowRun, state: str) -> None:
    """The deployments of this attempt that have not ended say how far their job is: ``in_progress``, or how
    the run ended. One that waited for reviewers is queued first.
    """
    known = repository.room(Deployments).by_id
    for number in run.deployments:
        one = known[number]
        if one.state in ("waiting", "queued", "in_progress"):
            word = state if state == "in_progress" else _ENDED.get(state, "failure")
            queued = ["queued"] if (one.state, word) == ("waiting", "in_progress") else []
            for said in (*queued, word):
                _say(hub, repository, _actions(hub, run), run, one, said)


def _say(
    hub: GitHub, repository: Repository, actor: Actor, run: WorkflowRun, one: Deployment, state: str
) -> None:
    page = f"{hub.server_url}/{hub.world.full_name(repository)}/actions/runs/{run.id}"
    job = run.id * 1000 + run.run_attempt * 20
    report(hub, repository, actor, one, state, log_url=f"{page}/job/{job}")


def _actions(hub: GitHub, run: WorkflowRun) -> Actor:
    who = run.triggering_actor_id or run.actor_id
    return Actor(hub.world.accounts.get(who, hub.world.accounts[ACTIONS_BOT_ID]), "actions")
