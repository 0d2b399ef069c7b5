"""Workflow files as they are played here: triggers, jobs in their order, steps that open a door.

A step that uses an action of the repository itself, a composite one, opens the door that the action opens
for its inputs; an installation is there already. Anything else that is not understood is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import yaml

from allclear_lab.runner.expressions import ExpressionContext, UnplayableError

_DOOR = re.compile(
    r"""python "?(?:\$GITHUB_WORKSPACE/)?scripts/(\$?\w+)\.py"?"""
    r"""|python3 -S "\$tree/scripts/allclear/launcher\.py" "(\$\w+)\""""
)
_OPENS = re.compile(r"python scripts/|^ *door:", re.MULTILINE)
_SET_UP = ("actions/checkout@", "actions/setup-python@")
_PULLS = frozenset({"pull_request", "pull_request_review"})
"""Events whose runs check out the pull request, merged, unless they are told otherwise."""
_TRUSTED = "${{ github.event.repository.default_branch }}"
_INSTALL = ("python -m pip install ", "python3 -m pip install ")
_LOOK = 'if python3 -S "$tree/scripts/allclear/launcher.py"; then '
_TREE = """\
tree=$GITHUB_ACTION_PATH
if [ ! -d "$tree/scripts/allclear" ]; then tree=$GITHUB_WORKSPACE; fi
"""
"""Where an action finds the code: beside itself, or at the top of the checkout."""
_INPUT = re.compile(r"\$\{\{ *inputs\.([\w-]+) *\}\}")
_INPUT_IN = re.compile(r"(?<![\w.'-])inputs\.([\w-]+)")
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_OUTPUT = re.compile(r"\$\{\{ *steps\.([\w-]+)\.outputs\.([\w-]+) *\}\}")
_KEYS = {
    "file": {"name", "run-name", "on", "permissions", "concurrency", "jobs"},
    "job": {
        *("name", "needs", "if", "runs-on", "timeout-minutes", "permissions", "environment", "outputs"),
        "steps",
    },
    "step": {"name", "id", "if", "run", "uses", "with", "env"},
    "action": {"name", "description", "inputs", "outputs", "runs"},
    "part": {"name", "id", "if", "run", "shell", "uses", "with", "env"},
    "concurrency": {"group", "cancel-in-progress", "queue"},
    "environment": {"name", "deployment"},
}


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """A step that does something here: it opens ``door``, or uploads the files of ``upload``'s settings.
    ``outputs``: those that an action passes on, by the names that the door gives them; None is all of them.
    """

    name: str
    id: str
    condition: str
    door: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    upload: Mapping[str, str] | None = None
    outputs: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class JobDefinition:
    """A job. ``environment`` and ``outputs`` are texts with expressions; ``before``: all it rests on.
    ``deployment``: it is recorded as a deployment to its environment.
    """

    name: str
    needs: tuple[str, ...]
    before: tuple[str, ...]
    condition: str
    environment: str
    permissions: Mapping[str, str]
    outputs: Mapping[str, str]
    steps: tuple[StepDefinition, ...]
    deployment: bool = True


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow file. ``group``: its concurrency group; ``queues``: more than one run may wait for it."""

    name: str
    triggers: Mapping[str, Any]
    group: str
    queues: bool
    jobs: tuple[JobDefinition, ...]

    def starts_on(self, event: str, action: str | None, files: Callable[[], Iterable[str]] = tuple) -> bool:
        """Whether an event starts it. ``files``: the paths that the event's pull request changes."""
        if event not in self.triggers:
            return False
        wanted = self.triggers[event]
        if not isinstance(wanted, Mapping):
            return True
        types, paths = wanted.get("types"), wanted.get("paths")
        if types is not None and action not in types:
            return False
        return paths is None or any(_below(path, pattern) for path in files() for pattern in paths)


def _below(path: str, pattern: str) -> bool:
    """Whether a path matches a filter. A folder with all that is in it is played, and no other pattern.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
    """
    folder = pattern.removesuffix("**")
    if folder == pattern or not folder.endswith("/") or set(folder) & set("*?[]!+"):
        raise UnplayableError(f"the filter {pattern!r} is not played")
    return path.startswith(folder)


def opens_a_door(text: str) -> bool:
    """Whether a workflow file leads into the product; others are not played."""
    return _OPENS.search(text) is not None


@cache
def read_workflow(path: str, text: str, actions: tuple[tuple[str, str], ...] = ()) -> Workflow:
    """Read a file. ``actions``: paths and texts of those that the repository itself has. Raises Unplayable
    for what is not understood: a changed file never differs silently.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UnplayableError(f"{path} is no YAML: {error}") from error
    if isinstance(document, Mapping):
        # YAML 1.1 reads the key `on` as true.
        document = {("on" if key is True else key): value for key, value in document.items()}
    _known(path, "file", document)
    if not isinstance(document.get("jobs"), Mapping) or "on" not in document:
        raise UnplayableError(f"{path} has no jobs, or nothing that starts them")
    triggers = document["on"]
    triggers = {triggers: None} if isinstance(triggers, str) else triggers
    concurrency = document.get("concurrency") or {}
    _known(path, "concurrency", concurrency)
    if concurrency.get("cancel-in-progress"):
        raise UnplayableError(f"{path}: a run that is cancelled for another is not played")
    jobs = tuple(_ordered(path, document["jobs"], document.get("permissions") or {}, dict(actions)))
    _only_trusted_code(path, triggers, document["jobs"])
    return Workflow(
        name=str(document.get("name", path)),
        triggers=triggers if isinstance(triggers, Mapping) else dict.fromkeys(triggers),
        group=str(concurrency.get("group", "")),
        queues=concurrency.get("queue") == "max",
        jobs=jobs,
    )


def _only_trusted_code(path: str, triggers: Iterable[str], jobs: Mapping[str, Any]) -> None:
    """Raise UnplayableError where a run would have the code of a pull request: checkouts are of the default
    branch here.
    """
    steps = [step for job in jobs.values() for step in job.get("steps") or ()]
    refs = [
        (step.get("with") or {}).get("ref")
        for step in steps
        if str(step.get("uses", "")).startswith("actions/checkout@")
    ]
    if _PULLS & set(triggers) and any(ref != _TRUSTED for ref in refs):
        raise UnplayableError(f"{path}: a checkout of what a pull request brings is not played")


def _ordered(
    path: str, jobs: Mapping[str, Any], permissions: Mapping[str, str], actions: Mapping[str, str]
) -> Iterator[JobDefinition]:
    """The jobs, each after those that it needs."""
    before: dict[str, tuple[str, ...]] = {}
    left = dict(jobs)
    for name, job in left.items():
        _known(f"{path}, job {name}", "job", job)
    while left:
        ready = [name for name, job in left.items() if set(_several(job.get("needs"))) <= before.keys()]
        if not ready:
            raise UnplayableError(f"{path}: the jobs {', '.join(left)} wait for each other")
        name, job = ready[0], left.pop(ready[0])
        where = f"{path}, job {name}"
        needs = _several(job.get("needs"))
        before[name] = tuple(dict.fromkeys([*(far for one in needs for far in before[one]), *needs]))
        environment, deployment = job.get("environment") or "", True
        if isinstance(environment, Mapping):
            _known(where, "environment", environment)
            deployment = environment.get("deployment", True) is True
            environment = environment["name"]
        yield JobDefinition(
            name=name,
            needs=needs,
            before=before[name],
            condition=str(job.get("if", "")),
            environment=str(environment),
            permissions=dict(job.get("permissions", permissions)),
            outputs={key: str(value) for key, value in (job.get("outputs") or {}).items()},
            steps=tuple(_steps(where, job.get("steps") or (), actions)),
            deployment=deployment,
        )


def _steps(
    where: str, steps: Sequence[Mapping[str, Any]], actions: Mapping[str, str]
) -> Iterator[StepDefinition]:
    """Those that do something here; a checkout and an installation are there already."""
    for number, step in enumerate(steps, start=1):
        name = str(step.get("name", f"step {number}"))
        here = f"{where}, {name}"
        _known(here, "step", step)
        bare = StepDefinition(
            name, str(step.get("id", "")), str(step.get("if", "")), env=_texts(step.get("env"))
        )
        uses = str(step.get("uses", ""))
        if uses.startswith("actions/upload-artifact@"):
            yield replace(bare, upload=_texts(step["with"]))
        elif uses.startswith("./"):
            path = str(PurePosixPath(uses, "action.yml"))
            if path not in actions:
                raise UnplayableError(f"{here}: there is no {path}")
            yield from _parts(here, bare, yaml.safe_load(actions[path]), _texts(step.get("with")))
        elif door := _door(here, step, bare.env):
            yield replace(bare, door=door)


def _parts(
    where: str, step: StepDefinition, action: Mapping[str, Any], given: Mapping[str, str]
) -> Iterator[StepDefinition]:
    """A step that uses a composite action, once for each door that the action opens for these inputs.

    https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax
    """
    _known(where, "action", action)
    inputs = {name: str(about.get("default", "")) for name, about in (action.get("inputs") or {}).items()}
    if unknown := given.keys() - inputs.keys():
        raise UnplayableError(f"{where}: `{min(unknown)}` is not an input of the action")
    inputs |= given
    # A step of the action that only looks or sets up puts nothing out here.
    parts: Mapping[str, Any] = {
        str(part["id"]): {"outputs": {}} for part in action["runs"]["steps"] if "id" in part
    }
    known = ExpressionContext({"inputs": inputs, "steps": parts}, {"success": True})
    for part in action["runs"]["steps"]:
        here = f"{where}, {part.get('name', 'a step of the action')}"
        _known(here, "part", part)
        # Inputs are known before anything runs: what is skipped for them need not be understood.
        if not known.holds(str(part.get("if", ""))):
            continue
        own = {key: _with_inputs(text, inputs) for key, text in _texts(part.get("env")).items()}
        env = {**step.env, **own}
        if door := _door(here, part, env):
            passed = {
                name: _OUTPUT.fullmatch(str(about["value"]))
                for name, about in (action.get("outputs") or {}).items()
            }
            outputs = {name: one[2] for name, one in passed.items() if one and one[1] == part.get("id")}
            yield replace(step, door=door, env=env, outputs=outputs)


def _with_inputs(text: str, inputs: Mapping[str, str]) -> str:
    """A text of the action in which its inputs are known; other expressions wait until the step runs."""

    def literal(found: re.Match[str]) -> str:
        return "'" + inputs[found[1]].replace("'", "''") + "'"

    plain = _INPUT.sub(lambda one: inputs[one[1]], text)
    return _EXPRESSION.sub(lambda one: _INPUT_IN.sub(literal, one[0]), plain)


def _door(where: str, step: Mapping[str, Any], env: Mapping[str, str]) -> str:
    """The door that a step opens, also one that a variable names; "" when the step only sets up."""
    run, uses = str(step.get("run", "")).strip().removeprefix(_TREE), str(step.get("uses", ""))
    if found := _DOOR.fullmatch(run):
        door = found[1] or found[2]
        return env[door[1:]] if door.startswith("$") else door
    if uses.startswith(_SET_UP) or run.startswith((*_INSTALL, _LOOK)):
        return ""
    raise UnplayableError(f"{where}: {run or uses!r} is not played")


def _texts(given: Mapping[str, Any] | None) -> dict[str, str]:
    """Values as GitHub reads them: ``true`` is the text ``true``."""
    return {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in (given or {}).items()
    }


def _several(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _known(where: str, kind: str, given: Any) -> None:
    if not isinstance(given, Mapping):
        raise UnplayableError(f"{where}: this is no {kind}")
    unknown = given.keys() - _KEYS[kind]
    if unknown:
        raise UnplayableError(f"{where}: `{min(unknown)}` is not played")
