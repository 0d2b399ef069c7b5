"""What a pass decides by: the owner's settings, the runbook, the commands there are, and the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from allclear.core.clock import zone
from allclear.core.command import Command
from allclear.core.provider import Provider
from allclear.core.render import Renderer
from allclear.core.runbook import Runbook
from allclear.core.settings import Settings


@dataclass(frozen=True, slots=True)
class Policy:
    """``trouble``: what is wrong with the settings file, for people;
    the last good settings are in force then. ``providers``: the deploy systems there are, those of the
    settings included.
    """

    settings: Settings
    runbook: Runbook
    commands: Mapping[str, Command]
    renderer: Renderer
    trouble: tuple[str, ...] = ()
    providers: Mapping[str, Provider] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The zone people read times in: the settings' or the runbook's."""
        return zone(self.settings.zone or self.runbook.zone)
