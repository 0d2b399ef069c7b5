"""Workflow files, as far as starting them goes: name, triggers, inputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from allclear_lab.github.git.objects import GitObjects
from allclear_lab.github.routing import GitHubRefusal, Unfaithful

FOLDER = ".github/workflows"
INPUTS_AT_MOST = 25
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
_OPERAND = re.compile(
    r"(?:github\.event\.)?inputs\.(?P<input>[\w-]+)|(?P<actor>github\.actor)|'(?P<text>(?:[^']|'')*)'"
)


@dataclass(frozen=True, slots=True)
class WorkflowFile:
    """A workflow file at some commit. `triggers` are the events of `on:` with their settings."""

    path: str
    name: str
    triggers: Mapping[str, Any] = field(default_factory=dict)
    run_name: str = ""
    jobs: tuple[str, ...] = ()

    def named(self, inputs: Mapping[str, str], actor: str) -> str:
        """What a run is called: `run-name` with its expressions filled in, "" without one.

        Expressions are inputs, `github.actor` and texts, with `||` between them; Unfaithful for others.
        https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#run-name
        """

        def value(operand: str) -> str:
            known = _OPERAND.fullmatch(operand.strip())
            if known is None:
                msg = f"{self.path}: the embedded GitHub cannot evaluate {operand.strip()!r} in run-name"
                raise Unfaithful(msg)
            if known["actor"]:
                return actor
            return inputs.get(known["input"], "") if known["input"] else known["text"].replace("''", "'")

        def fill(expression: re.Match[str]) -> str:
            return next(filter(None, map(value, expression[1].split("||"))), "")

        return _EXPRESSION.sub(fill, self.run_name).strip()

    def inputs(self, given: Mapping[str, Any]) -> dict[str, str]:
        """The inputs a dispatch with `given` runs with, defaults filled in; 422 for undeclared ones.

        https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event
        """
        if "workflow_dispatch" not in self.triggers:
            raise GitHubRefusal(422, "Workflow does not have 'workflow_dispatch' trigger")
        declared = (self.triggers["workflow_dispatch"] or {}).get("inputs") or {}
        unexpected = sorted(given.keys() - declared.keys())
        if unexpected:
            names = ", ".join(f'"{name}"' for name in unexpected)
            raise GitHubRefusal(422, f"Unexpected inputs provided: [{names}]")
        if len(given) > INPUTS_AT_MOST:
            raise GitHubRefusal(422, f"Inputs can have at most {INPUTS_AT_MOST} properties")
        if sum(len(str(value)) for value in given.values()) > 65_535:
            raise GitHubRefusal(422, "inputs are too large.")
        return {
            name: value
            for name, about in declared.items()
            if (value := _value(name, about or {}, given.get(name))) is not None
        }


def workflow_files(git: GitObjects, commit: str) -> list[WorkflowFile]:
    """The workflow files of a commit, by path. A file that is no YAML mapping is none."""
    tree = git.entry(git.commits[commit].tree, FOLDER)
    if tree is None or tree.kind != "tree":
        return []
    found = (
        _read(f"{FOLDER}/{entry.name}", git.blobs[entry.sha].decode(errors="replace"))
        for entry in git.trees[tree.sha]
        if entry.kind == "blob" and entry.name.endswith((".yml", ".yaml"))
    )
    return [one for one in found if one is not None]


# The same few files are read for every dispatch, and YAML is slow.
@lru_cache(maxsize=256)
def _read(path: str, text: str) -> WorkflowFile | None:
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    if not isinstance(document, dict):
        return None
    # YAML 1.1 reads the key `on` as true.
    triggers = document.get("on", document.get(True))
    if isinstance(triggers, str):
        triggers = {triggers: None}
    elif isinstance(triggers, list):
        triggers = dict.fromkeys(triggers)
    jobs = document.get("jobs")
    return WorkflowFile(
        path,
        str(document.get("name") or path),
        triggers or {},
        str(document.get("run-name") or ""),
        tuple(map(str, jobs)) if isinstance(jobs, dict) else (),
    )


def _value(name: str, about: Mapping[str, Any], given: Any) -> str | None:
    if given is None:
        default = about.get("default")
        # A default may be a YAML boolean or number; a run gets its text.
        given = str(default).lower() if isinstance(default, bool) else default
        given = None if given is None else str(given)
    if not given and about.get("required"):
        raise GitHubRefusal(422, f"Required input '{name}' not provided")
    if given is None:
        return None
    # The API takes only texts; GitHub's schema check refuses the rest.
    if not isinstance(given, str):
        raise GitHubRefusal(
            422, f"Invalid request.\n\nFor 'properties/inputs/{name}', {given!r} is not a string."
        )
    if about.get("type") == "choice" and given not in map(str, about.get("options", ())):
        raise GitHubRefusal(
            422, f"Provided value '{given}' for input '{name}' not in the list of allowed values"
        )
    if about.get("type") == "boolean" and given not in {"true", "false"}:
        raise GitHubRefusal(422, f"Provided value '{given}' for input '{name}' is not a valid boolean")
    return given
