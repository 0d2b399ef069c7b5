"""Speaks. One file = one slash command; a new file is found by itself, there is no registry to edit."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from allclear.core.command import Command

ORDER = (
    *(
        "ack",
        "sev",
        "status",
        "role",
        "ic",
        "handoff",
        "impact",
        "affects",
        "finding",
        "update",
        "note",
        "time",
    ),
    *(
        "check",
        "uncheck",
        "flag",
        "unflag",
        "resolve",
        "all-clear",
        "reopen",
        "duplicate",
        "action",
        "postmortem",
    ),
    *("undo", "confirm", "dismiss", "help"),
)
"""The order of the help: the life of an incident. A command not named here comes last, by its name."""


def _discover() -> Mapping[str, Command]:
    found: dict[str, Command] = {}
    for module in pkgutil.iter_modules(__path__):
        here = vars(import_module(f"{__name__}.{module.name}"))
        answer = here.get(module.name)
        if not isinstance(answer, Command) or answer.name.replace("-", "_") != module.name:
            msg = f"commands/{module.name}.py holds no command called {module.name.replace('_', '-')}"
            raise TypeError(msg)
        found[answer.name] = answer
    place = {name: number for number, name in enumerate(ORDER)}
    return MappingProxyType(
        dict(sorted(found.items(), key=lambda item: (place.get(item[0], len(place)), item[0])))
    )


COMMANDS: Mapping[str, Command] = _discover()
"""Every command by its canonical name, in the order of the help."""
