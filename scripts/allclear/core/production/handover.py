"""What one step of an operation's workflow hands to the next.

A step that looks holds the token and no secret; the step that acts holds the secrets and no token. So the
first writes down a decision, which says exactly what the second may do, and the second a result, which the
last job puts into the record. What commands printed stands in a result: scrubbed, bounded, and only text.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Self

from pydantic import Field, model_validator

from allclear.core.model.execution import LONGEST
from allclear.core.model.frozen import Frozen
from allclear.core.model.operation import Order, Outcome, Smoke
from allclear.core.model.release import Release
from allclear.core.model.stored import json_text, read_json
from allclear.core.model.structs import replace
from allclear.core.model.times import Duration
from allclear.core.policy.provider import Provider
from allclear.core.policy.runbook import Criterion
from allclear.core.policy.service import Action, Service, ServiceCommand
from allclear.core.policy.settings import Settings
from allclear.core.policy.variables import by_api
from allclear.core.production.evidence import Manifest


class Decision(Frozen):
    """What the step that acts may do: commands of the settings, as the step before read and checked them.

    ``run`` is the workflow run that may do it, in its first attempt; ``environment`` is that of the job, for
    what is said of an empty secret. ``chosen`` None, for a rollback: the deploy system has the list, and the
    release is chosen from it, never one of ``avoid``. ``before``: what ran when it was decided, where that is
    known. ``smoke``: whether the service is looked at afterwards.

    ``asked``: when somebody asked for it, and ``now`` when it was decided; what changed the service in
    between ends it. ``undone``: what may run by the request, what it undoes first; empty where it does not
    say.
    """

    v: Literal[1] = 1
    operation: str
    run: int
    environment: str = ""
    smoke: bool = False
    order: Order
    service: Service | None = None
    provider: Provider | None = None
    action: Action | None = None
    chosen: Release | None = None
    before: str = ""
    undone: tuple[Release, ...] = ()
    avoid: tuple[str, ...] = ()
    asked: datetime | None = None
    now: datetime | None = None
    issue: int = 0

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.action is None) == (self.service is None or self.provider is None):
            msg = "a decision is about an action, or about a service and its provider"
            raise ValueError(msg)
        return self


class SmokeDecision(Frozen):
    """What the step that looks at a service may ask and run. ``more``: commands that follow a rollback which
    went through GitHub's API, where no command ran; ``values`` fill their placeholders.
    """

    v: Literal[1] = 1
    operation: str
    run: int
    environment: str = ""
    name: str
    service: Service
    criteria: tuple[Criterion, ...] = ()
    hosts: tuple[str, ...] = ()
    private_hosts: tuple[str, ...] = ()
    more: tuple[ServiceCommand, ...] = ()
    values: dict[str, str] = Field(default_factory=dict)


class EvidenceCommand(Frozen):
    """One command whose print is kept as the file ``path``. Its words are whole: nothing is left to fill."""

    source: str
    path: str
    name: str
    words: tuple[str, ...] = Field(min_length=1)
    env: tuple[str, ...] = ()
    timeout: Duration


class EvidenceDecision(Frozen):
    """What the step before collected of an incident, and the commands whose print is still to be added.

    ``left``: bytes that there is room for.
    """

    v: Literal[1] = 1
    operation: str
    run: int
    environment: str = ""
    manifest: Manifest
    left: int
    commands: tuple[EvidenceCommand, ...] = ()


class Result(Outcome, frozen=True, kw_only=True):
    """What a step says that acted or looked. ``executed``: production was changed, and the deploy system says
    that it went well; ``target``: what it chose where none was named; ``smoke_follows``: the service is
    looked at next. When it was, GitHub says.
    """

    v: Literal[1] = 1
    operation: str
    target: str = ""
    executed: bool = False
    smoke_follows: bool = False


def smoke_follows(order: Order, settings: Settings, providers: Mapping[str, Provider]) -> bool:
    """Whether the service of a dangerous order is looked at once it was changed."""
    service = settings.services.get(order.service)
    if service is None or order.dry_run:
        return False
    provider = providers.get(service.provider) if order.kind == "rollback" else None
    return service.has_smoke or bool(smoke_more(service, provider))


def smoke_more(service: Service, provider: Provider | None) -> tuple[ServiceCommand, ...]:
    """Commands that have to pass after a rollback by GitHub's API: its job runs none, the smoke job does."""
    if provider is None or not by_api(provider):
        return ()
    extra = tuple(replace(one, env=(*provider.env, *one.env)) for one in provider.verify)
    return (*extra, *service.rollback.after)


def write_result(result: Result) -> str:
    """The result as one line of JSON. It goes through a variable of the environment, of which the system
    takes 128 KiB: beyond LONGEST bytes the details of checks are left out.
    """
    text = json_text(result)
    if len(text.encode()) > LONGEST and result.smoke is not None:
        bare = tuple(replace(line, detail="") for line in result.smoke.lines)
        text = json_text(replace(result, smoke=Smoke(lines=bare)))
    return text


def read_result(text: str, operation: str) -> Result | None:
    """The result of this operation's step; None when there is none, or none that can be read."""
    if not text or len(text) > 2 * LONGEST:
        return None
    try:
        result = read_json(Result, text)
    except ValueError:
        return None
    return result if result.operation == operation else None
