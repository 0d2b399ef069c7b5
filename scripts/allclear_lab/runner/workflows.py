"""Workflow files as they are played here: triggers, jobs in their order, steps that open a door."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from allclear_lab.runner.expressions import UnplayableError

_DOOR = re.compile(r"python scripts/([a-z]+)\.py")
_SET_UP = ("actions/checkout@", "actions/setup-python@")
_INSTALL = "python -m pip install "
_KEYS = {
    "file": {"name", "run-name", "on", "permissions", "concurrency", "jobs"},
    "job": {
        *("name", "needs", "if", "runs-on", "timeout-minutes", "permissions", "environment", "outputs"),
        "steps",
    },
    "step": {"name", "id", "if", "run", "uses", "with", "env"},
    "concurrency": {"group", "cancel-in-progress", "queue"},
    "environment": {"name", "deployment"},
}


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """A step that does something here: it opens ``door``, or uploads the files of ``upload``'s settings."""

    name: str
    id: str
    condition: str
    door: str = ""
    env: Mapping[str, str] | None = None
    upload: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class JobDefinition:
    """A job. ``environment`` and ``outputs`` are texts with expressions; ``before``: all it rests on."""

    name: str
    needs: tuple[str, ...]
    before: tuple[str, ...]
    condition: str
    environment: str
    permissions: Mapping[str, str]
    outputs: Mapping[str, str]
    steps: tuple[StepDefinition, ...]


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow file. ``group``: its concurrency group; ``queues``: more than one run may wait for it."""

    name: str
    triggers: Mapping[str, Any]
    group: str
    queues: bool
    jobs: tuple[JobDefinition, ...]

    def starts_on(self, event: str, action: str | None) -> bool:
        """Whether an event starts it."""
        if event not in self.triggers:
            return False
        wanted = self.triggers[event]
        types = wanted.get("types") if isinstance(wanted, Mapping) else None
        return types is None or action in types


@cache
def read_workflow(path: str, text: str) -> Workflow:
    """Read a file. Raises Unplayable for what is not understood: a changed file never differs silently."""
    document = yaml.safe_load(text)
    # YAML 1.1 reads the key `on` as true.
    document = {("on" if key is True else key): value for key, value in document.items()}
    _known(path, "file", document)
    triggers = document["on"]
    triggers = {triggers: None} if isinstance(triggers, str) else triggers
    concurrency = document.get("concurrency") or {}
    _known(path, "concurrency", concurrency)
    if concurrency.get("cancel-in-progress"):
        raise UnplayableError(f"{path}: a run that is cancelled for another is not played")
    return Workflow(
        name=str(document.get("name", path)),
        triggers=triggers if isinstance(triggers, Mapping) else dict.fromkeys(triggers),
        group=str(concurrency.get("group", "")),
        queues=concurrency.get("queue") == "max",
        jobs=tuple(_ordered(path, document["jobs"], document.get("permissions") or {})),
    )


def _ordered(path: str, jobs: Mapping[str, Any], permissions: Mapping[str, str]) -> Iterator[JobDefinition]:
    """The jobs, each after those that it needs."""
    before: dict[str, tuple[str, ...]] = {}
    left = dict(jobs)
    while left:
        ready = [name for name, job in left.items() if set(_several(job.get("needs"))) <= before.keys()]
        if not ready:
            raise UnplayableError(f"{path}: the jobs {', '.join(left)} wait for each other")
        name, job = ready[0], left.pop(ready[0])
        where = f"{path}, job {name}"
        _known(where, "job", job)
        needs = _several(job.get("needs"))
        before[name] = tuple(dict.fromkeys([*(far for one in needs for far in before[one]), *needs]))
        environment = job.get("environment") or ""
        if isinstance(environment, Mapping):
            _known(where, "environment", environment)
            environment = environment["name"]
        yield JobDefinition(
            name=name,
            needs=needs,
            before=before[name],
            condition=str(job.get("if", "")),
            environment=str(environment),
            permissions=dict(job.get("permissions", permissions)),
            outputs={key: str(value) for key, value in (job.get("outputs") or {}).items()},
            steps=tuple(_steps(where, job["steps"])),
        )


def _steps(where: str, steps: Sequence[Mapping[str, Any]]) -> Iterator[StepDefinition]:
    """Those that do something here; a checkout and an installation are there already."""
    for number, step in enumerate(steps, start=1):
        name = str(step.get("name", f"step {number}"))
        _known(f"{where}, {name}", "step", step)
        same = (name, str(step.get("id", "")), str(step.get("if", "")))
        run, uses = str(step.get("run", "")).strip(), str(step.get("uses", ""))
        if door := _DOOR.fullmatch(run):
            env = {key: str(value) for key, value in (step.get("env") or {}).items()}
            yield StepDefinition(*same, door=door[1], env=env)
        elif uses.startswith("actions/upload-artifact@"):
            yield StepDefinition(*same, upload={key: str(value) for key, value in step["with"].items()})
        elif not uses.startswith(_SET_UP) and not run.startswith(_INSTALL):
            raise UnplayableError(f"{where}, {name}: {run or uses!r} is not played")


def _several(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _known(where: str, kind: str, given: Mapping[str, Any]) -> None:
    unknown = given.keys() - _KEYS[kind]
    if unknown:
        raise UnplayableError(f"{where}: `{min(unknown)}` is not played")
