"""A repository's own deploy workflow, and what its runs come to while somebody waits for them."""

from __future__ import annotations

from dataclasses import dataclass

from allclear_lab.github.actions.state import WorkflowRun
from jobs.job import alone
from production.stage import Production

FILE = "deploy.yml"
DEPLOY = """\
name: deploy
on:
  workflow_dispatch:
    inputs:
      sha: {type: string}
      to: {type: string}
jobs:
  a: {}
"""


@dataclass
class DeployWorkflow:
    """Plays the runs of `deploy.yml`. A job of it names `environment`, so that GitHub records a deployment;
    `approves` is who approves where it has reviewers, "" is nobody; `conclusion` is how a run ends.

    `stuck`: no runner takes a run.
    """

    production: Production
    environment: str = "production"
    approves: str = "mia"
    conclusion: str = "success"
    stuck: bool = False

    def __post_init__(self) -> None:
        self.production.room.repo.put_file(f".github/workflows/{FILE}", DEPLOY)
        alone(self.production)

    @property
    def runs(self) -> list[WorkflowRun]:
        """The runs of the workflow, oldest first."""
        return [run for run in self.production.room.repo.runs() if run.path.endswith(FILE)]

    def deployed(self, name: str, *, to: str = "production", event: str = "") -> int:
        """A run of before at that release, which deployed it `to` an environment; its id."""
        room = self.production.room
        made = room.people["bob"].dispatch(FILE, {"to": to})
        run = room.repo.run(made)
        run.head_sha = self.production.releases[name]
        run.event = event or run.event
        if to and room.repo.wait_run(made, to):
            room.people["ann"].approve(made)
        elif not to:
            room.repo.start_run(made)
        room.repo.finish_run(made, "success")
        alone(self.production)
        return made

    def sleep(self, seconds: float) -> None:
        """Time goes by, and a step of each run is made."""
        room = self.production.room
        room.sleep(seconds)
        for run in self.runs:
            self._go_on(run)

    def _go_on(self, run: WorkflowRun) -> None:
        repo = self.production.room.repo
        if run.status == "queued" and not self.stuck:
            if self.environment:
                repo.wait_run(run.id, self.environment)
            else:
                repo.start_run(run.id)
        elif run.status == "waiting" and self.approves:
            self.production.room.people[self.approves].approve(run.id)
        elif run.status == "in_progress" and self.conclusion:
            repo.finish_run(run.id, self.conclusion)
