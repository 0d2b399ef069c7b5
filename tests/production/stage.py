"""A production that breaks, in an incident room: the stage for everything that `/rollback` and its kind do.

    with open_production(tmp_path) as production:
        production.opens()                                  # ann declares a P0; release v42 is broken
        production.says("mia", "/rollback web it broke")    # the entry, the dispatch, the claim; it waits
        production.approve("ann")                           # a reviewer; the rest of the run happens
        assert production.executions() == 1                 # starts of the deploy program, by its own log

The room is that of `conversations/room.py` (people: ann admin, mia maintain, bob write, cat triage, rae read,
out nobody). What GitHub would start is played by `allclear_lab.runner` from the workflow files of this
checkout. What they deploy to is `allclear_lab.drill.production_server`: an HTTP service on 127.0.0.1 whose
version a real process changes. Three releases are deployed, v40 and v41 are well, v42 is broken and runs. The
environment `production` is reviewed by mia and ann.

For tests that lose runners:

    production.asks("mia", "/rollback web")     # the comment, its run of `respond`, and nothing more
    run = production.run_of("rollback")         # the id of the operation's run
    production.hosted.play(run, RunnerLoss("execute", "Look", request=7))
    assert production.hosted.runner.struck      # it did come so far
    production.run_everything()                 # all that follows: `always()` jobs, the looks they dispatch
    production.sweep()

`steps()` lists the jobs and steps of a workflow for a parametrized test; `hosted.ran[-1].asked` has True for
each writing request of a step. `mark()` and `back(mark)` go back in time: GitHub, the runs and production.
`hub.faults` is there for everything else that goes wrong; a `Loss` clears it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from allclear.core.model.operation import Operation, OperationKind
from allclear_lab.drill.production_server import DeployStart, ProductionServer, Version
from allclear_lab.drill.repository import DOORS
from allclear_lab.github import GitHub, HubSnapshot
from allclear_lab.runner.job_runner import RunnerSetup
from allclear_lab.runner.step_runs import StepRun
from allclear_lab.runner.workflow_runner import FOLDER, RunsMark, WorkflowRunner
from conversations.room import ROOT, SETTINGS, Room, minutes, open_room

SERVICES = """\
services:
  web:
    provider: ours
    health: ["http://{address}/health"]
    smoke:
      - {{ name: version, url: "http://{address}/api/version", expect: {{ version: v41 }} }}
    recovery:
      error-rate: {{ url: "http://{address}/metrics.json", path: errors }}
      p95: {{ url: "http://{address}/metrics.json", path: p95 }}
providers:
  ours:
    title: Our deploys
    pattern: "[0-9a-f]{{40}}"
    env: [ALLCLEAR_OPERATION]
    rollback: [python3, "{program}", "{address}", "{{target}}"]
private_hosts: ["{address}"]
"""
"""The part of the settings about production; `{address}` and `{program}` are filled in."""

REVIEWERS = ("mia", "ann")
RELEASES = (Version("v40"), Version("v41"), Version("v42", healthy=False, errors=38.5, p95=11))


@dataclass(frozen=True)
class Mark:
    """A moment to go back to."""

    world: HubSnapshot
    runs: RunsMark
    current: str
    versions: Mapping[str, Version]
    executed: Sequence[DeployStart]
    number: int


class Production:
    """The room, the runners and what they deploy to. `releases`: names to commits; `handed`: what jobs that
    a test plays one by one hand on, by run.
    """

    def __init__(
        self, room: Room, target: ProductionServer, secrets: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        self.room = room
        self.target = target
        self.releases: dict[str, str] = {}
        self.commits = 0
        self.handed: dict[int, dict[str, str]] = {}
        for file in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
            room.repo.put_file(FOLDER + file.name, file.read_text(encoding="utf-8"))
        room.repo.put_file("action.yml", (ROOT / "action.yml").read_text(encoding="utf-8"))
        machine = RunnerSetup(DOORS, room.root, room.folder, room.sleep, secrets or {})
        self.hosted = WorkflowRunner(room.hub, room.repo, machine)

    @property
    def hub(self) -> GitHub:
        return self.room.hub

    # -- what was deployed

    def release(
        self, version: Version, who: str = "bob", path: str = "app.txt", state: str = "success"
    ) -> str:
        """Somebody pushes a commit, and it is deployed."""
        self.commits += 1
        self.room.clock.advance(minutes(10))
        text = f"{version.name}, number {self.commits}"
        sha = self.room.people[who].push_file("main", path, text, f"Release {version.name}")
        self.room.repo.deploy(sha, "production", state, payload={"version": version.name})
        self.target.release(sha, version)
        self.releases[version.name] = sha
        self.hosted.ignore()
        return sha

    def executions(self) -> int:
        """How often the deploy program was started."""
        return len(self.target.executions())

    # -- people

    def opens(self, who: str = "ann", title: str = "[INCIDENT P0] Production down") -> int:
        """Two minutes after the last release somebody opens the incident, and the runs for it happen."""
        self.room.clock.advance(minutes(2))
        self.room.number = self.room.people[who].open_issue(title, "", ("incident", title[10:12]))
        self.run_everything()
        return self.room.number

    def says(self, who: str, text: str, after: float = 10) -> str:
        """A comment some seconds later, and everything that it starts. What the bot said then."""
        known = self._known()
        self._comment(who, text, after)
        self.run_everything()
        return self.room.visible(known)

    def asks(self, who: str, text: str, after: float = 10) -> str:
        """A comment, and the one run of `respond` for it: what that dispatched is still to come."""
        known = self._known()
        self._comment(who, text, after)
        self.hosted.hear()
        self.hosted.play(self.hosted.attempts[-1].id)
        return self.room.visible(known)

    def approve(self, who: str, comment: str = "", after: float = 30) -> str:
        """A reviewer approves the run that waits; then everything that follows. What the bot said."""
        return self._review(who, comment, after, yes=True)

    def reject(self, who: str, comment: str = "", after: float = 30) -> str:
        """A reviewer rejects it."""
        return self._review(who, comment, after, yes=False)

    def _review(self, who: str, comment: str, after: float, *, yes: bool) -> str:
        self.room.clock.advance(after)
        known, person, run = self._known(), self.room.people[who], self.waiting()[-1]
        (person.approve if yes else person.reject)(run, comment)
        self.run_everything()
        return self.room.visible(known)

    def dispatch(self, who: str, workflow: str, inputs: Mapping[str, str] | None = None) -> int:
        """A workflow by hand, and everything that follows; its run."""
        run = self.room.people[who].dispatch(workflow, inputs)
        self.run_everything()
        return run

    def _comment(self, who: str, text: str, after: float) -> None:
        self.room.clock.advance(after)
        self.room.people[who].comment(self.room.number, text)

    def _known(self) -> set[int]:
        return {comment.id for comment in self.room.comments}

    # -- runs

    def run_everything(self) -> list[StepRun]:
        """All runs that can go on, until they ended or wait for people."""
        return self.hosted.work()

    def sweep(self, after: float = 0) -> str:
        """The schedule comes round, and everything that follows. What the bot said."""
        self.room.clock.advance(after)
        known = self._known()
        self.hub.schedule("sweep.yml")
        self.run_everything()
        return self.room.visible(known)

    def waiting(self) -> list[int]:
        """The runs that wait for a reviewer, oldest first."""
        return [run.id for run in self.room.repo.runs() if run.status == "waiting"]

    def runs_of(self, workflow: str = "rollback-production.yml") -> list[int]:
        """The runs of a workflow, oldest first."""
        return [run.id for run in self.room.repo.runs() if run.path == FOLDER + workflow]

    def steps(self, workflow: str = "rollback-production.yml") -> list[tuple[str, str]]:
        """Every step of a workflow that does something, with its job, in their order."""
        file = self.hosted.files("main")[FOLDER + workflow]
        return [(job.name, step.name) for job in file.jobs for step in job.steps]

    # -- what is there

    def operations(self, kind: OperationKind | None = None) -> Sequence[Operation]:
        """The incident's operations, oldest first."""
        found = self.room.incident.production.operations.values()
        return [one for one in found if kind in (None, one.kind)]

    def operation(self, kind: OperationKind = "rollback") -> Operation:
        """The newest operation of a kind."""
        return self.operations(kind)[-1]

    def run_of(self, kind: OperationKind = "rollback") -> int:
        """The newest run that was dispatched for the newest operation of a kind."""
        name = self.operation(kind).id
        return [run.id for run in self.room.repo.runs() if run.title.endswith(name)][-1]

    # -- again

    def mark(self) -> Mark:
        runs, target = self.hosted.mark(), self.target
        versions, executed = dict(target.versions), target.executions()
        return Mark(self.hub.snapshot(), runs, target.runs, versions, executed, self.room.number)

    def back(self, mark: Mark) -> None:
        """As it was then, GitHub, the runs and production."""
        self.hub.faults.clear()
        self.hub.restore(mark.world)
        self.hosted.back(mark.runs)
        self.target.versions = dict(mark.versions)
        self.target.forget(mark.current, mark.executed)
        self.room.number = mark.number


@contextmanager
def open_production(
    folder: Path,
    settings: str = "",
    *,
    services: str = SERVICES,
    reviewers: Sequence[str] = REVIEWERS,
    releases: Sequence[Version] = RELEASES,
    secrets: Mapping[str, Mapping[str, str]] | None = None,
    http: bool = False,
) -> Iterator[Production]:
    """A production with these releases, the last one running. `settings` are added to those of the room;
    `secrets` go by environment, those of the repository under ""; `http` is for doors in other processes.
    """
    deploys = folder / "deploys"
    deploys.mkdir()
    with ProductionServer(deploys) as target:
        about = services.format(address=target.address, program=target.program)
        with open_room(folder, SETTINGS + settings + about, http=http) as room:
            production = Production(room, target, secrets)
            accounts = [room.account(login) for login in reviewers]
            room.repo.environment("production", accounts)
            for version in releases:
                production.release(version)
            yield production
