"""How to reach somebody whom GitHub does not know."""

from __future__ import annotations

from msgspec import Struct


class Contact(Struct, frozen=True, kw_only=True):
    """Somebody's addresses, as the runbook writes them. ``hours`` names the calendar when they answer."""

    title: str
    mail: str = ""
    slack: str = ""
    phone: str = ""
    web: str = ""
    note: str = ""
    hours: str = ""

    @property
    def ways(self) -> tuple[tuple[str, str], ...]:
        """How to reach them: the kind of address, and the address."""
        kinds = ("phone", "mail", "slack", "web", "note")
        return tuple((kind, value) for kind in kinds if (value := getattr(self, kind)))
