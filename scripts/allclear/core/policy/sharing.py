"""Services that share an environment: whose deployments are whose, as the settings tell it."""

from __future__ import annotations

from allclear.core.model.neutral import code
from allclear.core.policy.service import Service
from allclear.core.policy.settings import Settings

GUIDE = "docs/rollback.md"


def sharers(name: str, settings: Settings) -> tuple[str, ...]:
    """The other services of its environment, whose names GitHub compares without case. One of which nothing
    is said but its name is no more than a word that people use: it has no deployments.

    https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments
    """
    mine = settings.services[name].environment.casefold()
    return tuple(
        other
        for other, service in settings.services.items()
        if other != name and service.environment.casefold() == mine and service != Service()
    )


def not_told_apart(name: str, settings: Settings) -> str:
    """Why the settings do not tell the deployments of the service from others': a sentence with the way out,
    empty when they do.
    """
    service, others = settings.services[name], sharers(name, settings)
    if not others:
        return ""
    shown = f"`services.{name}.deployments`"
    if not service.deployments.given:
        named = ", ".join(code(other) for other in others)
        return (
            f"{shown} is missing: {code(name)} shares the environment {code(service.environment)} with "
            f"{named}, and nothing tells its deployments from theirs. Say which are its own, such as "
            f"{_suggestion(name, service)} (`{GUIDE}` has them all), or give it an environment of its own."
        )
    for other in others:
        theirs = settings.services[other].deployments
        if theirs.given and (service.deployments.covers(theirs) or theirs.covers(service.deployments)):
            return (
                f"{shown} and `services.{other}.deployments` are met by the same deployments of the "
                f"environment {code(service.environment)}, so nothing tells them apart. Name in both what "
                f"differs: `task`, `payload`, `workflow`, `creator` or `ref` (`{GUIDE}`)."
            )
    return ""


def _suggestion(name: str, service: Service) -> str:
    workflow = service.values.get("workflow", f"deploy-{name}.yml")
    return code(f"deployments: {{ workflow: {workflow} }}")
