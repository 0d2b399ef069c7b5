"""Which variables commands need: those that a workflow has to pass, and no other reaches a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.provider import Provider
from allclear.core.policy.service import Service, ServiceCommand

_SET_ANYWAY = lazy_regex(r"(?:ALLCLEAR|GITHUB|RUNNER|ACTIONS)_.*|CI|HOME|LANG|PATH")
"""Names that the runner or we set: no secret can be called so.
https://docs.github.com/en/actions/reference/security/secrets#naming-your-secrets
"""

DATA = "_DATA"
"""``KUBECONFIG`` beside ``KUBECONFIG_DATA`` is the path of a file with the second, and no secret itself."""


def secret_names(listed: Iterable[str]) -> tuple[str, ...]:
    """The names among those that commands list which a workflow has to pass as secrets, each once, sorted."""
    names = frozenset(listed)
    return tuple(
        sorted(one for one in names if not _SET_ANYWAY.fullmatch(one) and f"{one}{DATA}" not in names)
    )


def by_api(provider: Provider) -> bool:
    """Whether GitHub's API puts a service back, so that no command runs and no secret is needed for it."""
    return provider.rollback is None


def rollback_names(service: Service, provider: Provider) -> Iterator[str]:
    """What the commands of a rollback list."""
    if by_api(provider):
        return
    yield from provider.env
    for command in (*provider.verify, *service.rollback.after):
        yield from command.env


def smoke_names(service: Service, more: Iterable[ServiceCommand] = ()) -> Iterator[str]:
    """What the commands of a smoke run list, with ``more`` of them after a rollback by GitHub's API."""
    for command in (*service.commands, *more):
        yield from command.env
    for measure in service.recovery.values():
        yield from measure.env


def evidence_names(services: Iterable[Service]) -> Iterator[str]:
    """What the evidence commands of these services list."""
    for service in services:
        for command in service.evidence:
            yield from command.env
