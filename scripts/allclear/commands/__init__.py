"""Speaks. One file = one slash command; a new file is found by itself, there is no registry to edit."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from types import ModuleType

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


class CommandTable(Mapping[str, Command]):
    """The commands by their names. Each file is read when its command is asked for, since a run needs one or
    two of them: reading all takes longer than answering.
    """

    def __init__(self, names: Iterable[str]) -> None:
        place = {name: number for number, name in enumerate(ORDER)}
        self._names = dict.fromkeys(sorted(names, key=lambda one: (place.get(one, len(place)), one)))

    def __getitem__(self, name: str) -> Command:
        if name not in self._names:
            raise KeyError(name)
        return command_in(import_module(f"{__name__}.{name.replace('-', '_')}"))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


COMMANDS: Mapping[str, Command] = CommandTable(
    file.name.replace("_", "-") for file in pkgutil.iter_modules(__path__)
)
"""Every command by its canonical name, in the order of the help."""
