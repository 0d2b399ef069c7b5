"""What the steps of played jobs did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StepRun:
    """One opening of a door: a step of a workflow's job. ``asked`` has each request it made, True for those
    that write. ``workflow`` and ``run_id`` name the workflow run, ``summary`` is what the step wrote into the
    job's summary.

    ``seconds`` is real time: for the terminal only, so that a transcript is the same every time.
    """

    door: str
    event: str
    code: int
    asked: tuple[bool, ...] = ()
    seconds: float = field(default=0, compare=False)
    output: str = field(default="", compare=False)
    workflow: str = ""
    run_id: int = 0
    job: str = ""
    step: str = ""
    summary: str = field(default="", compare=False)

    @property
    def reads(self) -> int:
        """How many requests only read."""
        return len(self.asked) - self.writes

    @property
    def writes(self) -> int:
        """How many requests may have changed something."""
        return sum(self.asked)


def told_runs(runs: Sequence[StepRun], *, events: bool = False) -> list[str]:
    """Each workflow run in a few words, with the jobs that ran: ``smoke (claim, smoke, report)``.

    ``events`` adds what started it; otherwise equal ones are told once, with their number.
    """
    jobs: dict[int, list[str]] = {}
    for run in runs:
        seen = jobs.setdefault(run.run_id, [])
        if run.job not in seen:
            seen.append(run.job)
    first = {run.run_id: run for run in reversed(runs)}
    told = []
    for run_id, names in jobs.items():
        run = first[run_id]
        path = f" ({', '.join(names)})" if names != [run.workflow] else ""
        told.append(f"{run.workflow}{path}{f' ← {run.event}' if events else ''}")
    if events:
        return told
    return [f"{one} x {told.count(one)}" if told.count(one) > 1 else one for one in dict.fromkeys(told)]
