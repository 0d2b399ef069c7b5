"""Whose a deployment is: of everything that was deployed to an environment, what is the service's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from allclear.core.model.neutral import code
from allclear.core.model.operation import is_operation_id
from allclear.core.policy.own_deployments import look
from allclear.core.policy.settings import Settings
from allclear.core.policy.sharing import sharers
from allclear.core.production.announcement import TASK
from allclear.core.production.deployments import Deployment


class Attribution(Struct, frozen=True):
    """``own``: the service's; ``others``: the environment's other ones. ``mixed``: why it cannot be told, a
    sentence with the way out, empty when it can.
    """

    own: tuple[Deployment, ...]
    others: tuple[Deployment, ...]
    mixed: str = ""


def attribute(name: str, settings: Settings, deployments: Sequence[Deployment]) -> Attribution:
    """Whose these deployments of the service's environment are. Previews are nobody's."""
    own, doubts = list[Deployment](), list[str]()
    for one in deployments:
        said = _owner(one)
        if said:
            own += [one] if said == name else []
            continue
        if not settings.services[name].deployments.admits(_look(one)):
            continue
        also = [
            other
            for other in sharers(name, settings)
            if settings.services[other].deployments.given
            and settings.services[other].deployments.admits(_look(one))
        ]
        if also:
            doubts.append(_of_both(name, also[0], one))
        own.append(one)
    own = _without_previews(own)
    doubts += _of_nobody(name, settings, deployments, own)
    others = tuple(one for one in deployments if one not in own)
    return Attribution(tuple(own), others, doubts[0] if doubts else "")


def _owner(one: Deployment) -> str:
    """The service that a rollback of ours was of; empty for everybody else's deployments."""
    operation, service = one.payload.get("operation"), one.payload.get("service")
    ours = one.task == TASK and isinstance(operation, str) and is_operation_id(operation)
    return service if ours and isinstance(service, str) else ""


def _look(one: Deployment) -> Mapping[str, str]:
    return look(
        task=one.task,
        ref=one.ref,
        creator=one.creator,
        workflow=one.workflow or "",
        payload=one.payload,
    )


def _without_previews(own: Sequence[Deployment]) -> list[Deployment]:
    """What is marked as passing, or as not what people use, is a preview: where others are not marked so.
    Some tools mark all that they deploy, and then the mark says nothing.

    https://docs.github.com/en/rest/deployments/deployments#create-a-deployment
    """
    lasting = {one.environment for one in own if not one.transient}
    used = {one.environment for one in own if one.production}
    return [
        one
        for one in own
        if not (one.transient and one.environment in lasting)
        and (one.production is not False or one.environment not in used)
    ]


def _of_both(name: str, other: str, one: Deployment) -> str:
    return (
        f"{_shown(one)} meets both `services.{name}.deployments` and `services.{other}.deployments`, so it "
        "is not known whose it is. Name in both what differs, in `.github/allclear.yml`."
    )


def _of_nobody(
    name: str, settings: Settings, deployments: Sequence[Deployment], own: Sequence[Deployment]
) -> list[str]:
    """Deployments since the newest good one whose run GitHub does not show, so that their workflow is not
    known: they may be the service's own.
    """
    wanted = settings.services[name].deployments
    good = [at for one in own if (at := _succeeded(one))]
    return [
        f"GitHub does not show the run of {_shown(one)}, so it is not known whether that is a deployment of "
        f"{code(name)}. Give `services.{name}.deployments` in `.github/allclear.yml` something else to go by "
        "than `workflow`: `task`, `payload`, `creator` or `ref`."
        for one in deployments
        if one.workflow is None
        and wanted.workflow
        and wanted.admits(_look(one), but="workflow")
        and not (good and max(good) > one.created)
    ]


def _succeeded(one: Deployment) -> datetime | None:
    return max((status.at for status in one.statuses if status.state == "success"), default=None)


def _shown(one: Deployment) -> str:
    where = f"[{one.id}]({one.log})" if one.log else str(one.id)
    return f"Deployment {where} of {code(one.sha[:7])}"
