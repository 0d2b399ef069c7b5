"""The rollback decision: what is asked for, where it goes back to, what that would undo, whether it may."""

from __future__ import annotations

from typing import Literal

from allclear.core.provider import Provider
from allclear.core.service import Service


def source_of_targets(service: Service, provider: Provider) -> Literal["deployments", "provider"]:
    """Where the list of releases comes from: the service's word counts before the provider's."""
    return service.rollback.targets or provider.targets
