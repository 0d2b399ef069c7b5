"""The words people type after the slash: names, aliases, and the runbook's own words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from allclear.core.conversation.command import Command
from allclear.core.conversation.parse import MOST_CALLS, Typed, find
from allclear.core.conversation.slash import Shape
from allclear.core.policy.runbook import Runbook

LONGEST = 40
"""No command is longer; a longer word is not worth comparing."""

_SEVERITY = re.compile(r"sev(?:erity)?-?([a-z0-9]{1,20})", re.ASCII)


def _typed(word: str) -> str:
    """The word in the form names are compared in: no slash, lower case;
    empty for what cannot be a command's name.
    """
    bare = word.removeprefix("/")
    return bare.lower().replace("_", "-") if bare.isascii() and len(bare) <= LONGEST else ""


def _named(wanted: str, commands: Mapping[str, Command]) -> Command | None:
    if wanted in commands:
        return commands[wanted]
    return next((found for found in commands.values() if wanted in found.aliases), None)


def resolve_word(word: str, runbook: Runbook, commands: Mapping[str, Command]) -> tuple[Command, str] | None:
    """The command that ``/word`` means, and what to put in front of the rest of its line.

    ``/severity`` is ``/sev``; ``/p1`` and ``/critical`` are ``/sev`` with that severity in front;
    ``/monitoring`` is ``/status`` with that state; ``/comms`` is ``/role`` with that role. ASCII only, in
    any case: look-alike letters are never a command. None when it means nothing here.
    """
    wanted = _typed(word)
    if not wanted[:1].isalpha() and wanted != "?":
        return None
    named = _named(wanted, commands)
    if named is not None:
        return named, ""
    compound = _SEVERITY.fullmatch(wanted)
    severity = runbook.severity_called(wanted) or (
        runbook.severity_called(compound.group(1)) if compound else None
    )
    state, role = runbook.state(wanted), runbook.role(wanted)
    if severity is not None:
        name, prefix = "sev", severity.id
    elif state is not None:
        # Only /resolve looks at the gates.
        name, prefix = ("resolve", "") if state.id == "resolved" else ("status", state.id)
    elif role is not None:
        name, prefix = "role", role.id
    else:
        return None
    return (commands[name], prefix) if name in commands else None


def commands_in(body: str, runbook: Runbook, commands: Mapping[str, Command]) -> tuple[Typed, ...]:
    """The commands of a comment, and what only looks like one, in order."""

    @cache
    def shape(word: str) -> Shape | None:
        meant = resolve_word(word, runbook, commands)
        if meant is None:
            return None
        named, prefix = meant
        room = named.shape.room
        return replace(named.shape, room=None if room is None else room - len(prefix.split()))

    return find(body, shape)


def command_at(body: str, ordinal: int, runbook: Runbook, commands: Mapping[str, Command]) -> Typed | None:
    """The ``ordinal``th bare command of a comment, as the command's own file gets it; None when there is
    none, or text that only looks like one.
    """
    found = [one for one in commands_in(body, runbook, commands)[:MOST_CALLS] if one.place == str(ordinal)]
    if not found or found[0].how != "bare":
        return None
    typed = found[0]
    meant = resolve_word(typed.word, runbook, commands)
    return Typed(meant[0].name, f"{meant[1]} {typed.line}".strip(), typed.below) if meant else None


def nearest(word: str, runbook: Runbook, commands: Mapping[str, Command]) -> str | None:
    """The word, without its slash, that somebody may have meant by
    one that means nothing; None when none is.
    """
    wanted = _typed(word)
    known = [name for found in commands.values() for name in (found.name, *found.aliases)]
    known += [severity.id.lower() for severity in runbook.severities]
    known += [state.id for state in runbook.states] + [role.id for role in runbook.roles]
    close = (
        difflib.get_close_matches(wanted, dict.fromkeys(known), n=1, cutoff=0.65) if len(wanted) > 1 else []
    )
    return close[0] if close else None
