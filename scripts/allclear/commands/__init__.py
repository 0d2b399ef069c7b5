"""Speaks. One file = one slash command; a new file is found by itself, there is no registry to edit."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType, ModuleType

from allclear.core.conversation.command import Command

ORDER = (
    "ack",
    "escalate",
    "sev",
    "status",
    "role",
    "ic",
    "take",
    "handoff",
    "impact",
    "affects",
    "finding",
    "pattern",
    "update",
    "draft",
    "publish",
    "note",
    "time",
    "check",
    "uncheck",
    "flag",
    "unflag",
    "rollback",
    "smoke",
    "approve",
    "cancel",
    "hotfix",
    "run",
    "flag-off",
    "resolve",
    "all-clear",
    "reopen",
    "duplicate",
    "action",
    "step",
    "postmortem",
    "review",
    "meeting",
    "evidence",
    "undo",
    "confirm",
    "dismiss",
    "help",
)
"""The order of the help: the life of an incident. A command not named here comes last, by its name."""


def command_in(module: ModuleType) -> Command:
    """The command of ``commands/<name>.py``: it is called like its file. Raises TypeError when it is not."""
    file = module.__name__.rpartition(".")[2]
    found = vars(module).get(file)
    if not isinstance(found, Command) or found.name.replace("-", "_") != file:
        raise TypeError(f"commands/{file}.py holds no command called {file.replace('_', '-')}")
    return found


def _discover() -> Mapping[str, Command]:
    modules = (import_module(f"{__name__}.{file.name}") for file in pkgutil.iter_modules(__path__))
    place = {name: number for number, name in enumerate(ORDER)}
    found = sorted(map(command_in, modules), key=lambda one: (place.get(one.name, len(place)), one.name))
    return MappingProxyType({one.name: one for one in found})


COMMANDS: Mapping[str, Command] = _discover()
"""Every command by its canonical name, in the order of the help."""
