"""Secrets that commands name and no workflow passes: such a command would find nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from msgspec import Struct

from allclear.core.model.neutral import code
from allclear.core.policy.provider import Provider
from allclear.core.policy.settings import Settings
from allclear.core.policy.variables import (
    by_api,
    evidence_names,
    rollback_names,
    secret_names,
    smoke_names,
)

Acting = Literal["act", "smoke", "complete"]

OUTPUTS: Mapping[Acting, str] = {"act": "secrets", "smoke": "smoke_secrets", "complete": "secrets"}
"""Which output of the job `claim` has the names for each step."""


class PassingStep(Struct, frozen=True):
    """A step of a workflow file that runs commands. ``line`` is that of its `env:`, ``names`` the variables
    in there, ``token`` whether the action hands it the job's token.
    """

    file: str
    line: int
    name: str
    runs: Acting
    names: frozenset[str]
    token: bool


def not_passed(
    settings: Settings, providers: Mapping[str, Provider], steps: Iterable[PassingStep]
) -> tuple[str, ...]:
    """One sentence for each name that a step lacks: file, line, who needs it, and the line to add."""
    needed = {runs: dict(_needed(runs, settings, providers)) for runs in OUTPUTS}
    return tuple(
        sentence for step in steps for sentence in (*_tokens(step), *_lacking(step, needed[step.runs]))
    )


def passes(name: str, runs: Acting) -> str:
    """The line of a workflow file that passes a secret, when the operation names it and only then."""
    named = f"contains(fromJSON(needs.claim.outputs.{OUTPUTS[runs]}), '{name}')"
    return f"{name}: ${{{{ {named} && secrets.{name} || '' }}}}"


def _tokens(step: PassingStep) -> Iterator[str]:
    if step.token:
        yield (
            f"`{step.file}` line {step.line}: the step {code(step.name)} runs commands, which must not see "
            "the job's token. Add `token: false` under its `with:`."
        )


def _lacking(step: PassingStep, needed: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(needed.keys() - step.names):
        yield (
            f"`{step.file}` line {step.line}: the step {code(step.name)} does not pass {code(name)}, which "
            f"`{needed[name]}` names. Add this line under its `env:`: `{passes(name, step.runs)}`"
        )


def _needed(runs: Acting, settings: Settings, providers: Mapping[str, Provider]) -> Iterator[tuple[str, str]]:
    """Every name, with the setting that it comes from."""
    for name, service in settings.services.items():
        where = f"services.{name}"
        provider = providers.get(service.provider)
        listed: Iterable[str] = ()
        if runs == "act" and provider is not None:
            listed = rollback_names(service, provider)
        elif runs == "smoke":
            after = (*provider.verify, *service.rollback.after) if provider and by_api(provider) else ()
            more = provider.env if provider and by_api(provider) and provider.verify else ()
            listed = (*smoke_names(service, after), *more)
        elif runs == "complete":
            listed = evidence_names([service])
        yield from ((one, where) for one in secret_names(listed))
    if runs == "act":
        for name, action in settings.actions.items():
            yield from ((one, f"actions.{name}") for one in secret_names(action.env))
