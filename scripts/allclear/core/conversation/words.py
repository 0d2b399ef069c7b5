"""The words people type after the slash: names, aliases, and the runbook's own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import cache

from allclear.core.conversation.addresses import (
    PLAIN,
    SENTENCES,
    USUAL,
    aside,
    is_a_page,
    surely_a_page,
    tells_of_a_page,
)
from allclear.core.conversation.aliases import NAMED
from allclear.core.conversation.command import Command
from allclear.core.conversation.elsewhere import ALONE, OTHERS, TOOLS, elsewhere, taken_as
from allclear.core.conversation.parse import MOST_CALLS, Typed, find
from allclear.core.conversation.slash import Shape
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook, Severity

LONGEST = 40
"""No command is longer; a longer word is not worth comparing."""

_SEVERITY = lazy_regex(r"(?:sev(?:erity)?|prio(?:rity)?|pri)-?([a-z0-9]{1,20})", re.ASCII)
_NUMBERED = lazy_regex(r"/?((?:[SP]|(?i:lvl|level))[-_]?[0-9]{1,2})", re.ASCII)
"""Words that name a severity where they stand alone: in front of text, or small, ``/s3`` may be a path."""
_STOPS = " .,:;!"


def compared(word: str) -> str:
    """The word in the form names are compared in: no slash, lower case;
    empty for what cannot be a command's name.
    """
    bare = word.removeprefix("/")
    return bare.lower().replace("_", "-") if bare.isascii() and len(bare) <= LONGEST else ""


def _named(wanted: str, commands: Mapping[str, Command]) -> Command | None:
    return commands.get(wanted) or commands.get(NAMED.get(wanted, ""))


def resolve_word(word: str, runbook: Runbook, commands: Mapping[str, Command]) -> tuple[Command, str] | None:
    """The command that ``/word`` means, and what to put in front of the rest of its line.

    ``/severity`` is ``/sev``; ``/p1`` and ``/critical`` are ``/sev`` with that severity in front;
    ``/monitoring`` is ``/status`` with that state; ``/comms`` is ``/role`` with that role. ASCII only, in
    any case: look-alike letters are never a command. None when it means nothing here.
    """
    wanted = compared(word)
    if not wanted[:1].isalpha() and wanted != "?":
        return None
    named = _named(wanted, commands)
    if named is not None:
        return named, ""
    severity = _severity_called(wanted, runbook)
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


def _severity_called(wanted: str, runbook: Runbook) -> Severity | None:
    """The severity of ``/p1``, ``/critical``, ``/sev-1``, ``/prio1`` and ``/p1-high``."""
    compound = _SEVERITY.fullmatch(wanted)
    first, _, second = wanted.partition("-")
    twice = runbook.severity_called(first)
    return (
        runbook.severity_called(wanted)
        or (runbook.severity_called(compound.group(1)) if compound else None)
        or (twice if twice and runbook.severity_called(second) == twice else None)
    )


def understood(
    word: str, line: str, runbook: Runbook, commands: Mapping[str, Command]
) -> tuple[Command, str] | None:
    """The command that ``/word line`` means, and its line as the command's own file gets it.

    A word of people or of another tool means ours where it says the same and harms nothing: ``/rca pool`` is
    ``/finding pool``; ``/sev --help`` is ``/help sev``. None when it means nothing here.
    """
    rest = line.strip()
    if compared(word) in ALONE and rest.startswith("@") and len(rest.split()) == 1:
        return None
    found = resolve_word(word, runbook, commands)
    if found is not None:
        if "help" in commands and _asks_for_help(rest, found[0]):
            return commands["help"], word
        return found[0], f"{found[1]} {line}".strip()
    numbered = _NUMBERED.fullmatch(word)
    alone = runbook.severity_named(numbered.group(1)) if numbered else None
    if alone is not None and not rest.strip(_STOPS) and "sev" in commands:
        return commands["sev"], alone.id
    severity = runbook.severity_named(rest.split(None, 1)[0]) if rest else None
    taken = taken_as(compared(word), rest, severity=severity is not None)
    if taken is None:
        return None
    name, _, its = taken.removeprefix("/").partition(" ")
    return (commands[name], its) if name in commands else None


_HELP_OPTIONS = frozenset({"--help", "\u2014help", "\u2013help", "--usage"})
_HELP_ALONE = frozenset({"-h", "-help", "-?", "/?", "?", "help", "help?", "usage"})


def _asks_for_help(rest: str, command: Command) -> bool:
    """Whether what follows a command only asks how it is written. ``/escalate help`` calls for help, and
    ``/ic?`` asks who has it.
    """
    words = rest.lower().split()
    if words and (
        words[0] in _HELP_OPTIONS or (words[-1] in _HELP_OPTIONS and command.name not in SENTENCES)
    ):
        return True
    alone = len(words) == 1 and words[0] in _HELP_ALONE
    own = (command.asks and words[:1] == ["?"]) or (
        command.name == "escalate" and rest.lower().startswith("help")
    )
    return alone and not own


def once_meant(word: str, runbook: Runbook, commands: Mapping[str, Command]) -> Command | None:
    """The command that was meant by a ``/word`` that was taken, whatever stood after it."""
    found = resolve_word(word, runbook, commands)
    if found is None and _NUMBERED.fullmatch(word.upper()):
        return commands.get("sev")
    row = elsewhere(compared(word))
    if found is None and row is not None and row.takes:
        return commands.get(row.takes.removeprefix("/").split(None, 1)[0])
    return found[0] if found else None


def _never(_line: str) -> bool:
    return False


def _always(_line: str) -> bool:
    return True


def _usual_page(line: str) -> bool:
    return not line.strip() or tells_of_a_page(line)


def _page_of(
    word: str, runbook: Runbook, commands: Mapping[str, Command], actions: Collection[str]
) -> Callable[[str], bool]:
    """What tells of a line behind ``/word`` that it speaks to nobody."""
    meant = resolve_word(word, runbook, commands)
    if meant is not None:
        if meant[0].name in SENTENCES:
            return _never
        return is_a_page if meant[0].name in PLAIN and not meant[1] else surely_a_page
    wanted = compared(word)
    if aside(wanted):
        return _always
    if (
        wanted in actions
        or elsewhere(wanted) is not None
        or wanted in TOOLS
        or nearest(wanted, runbook, commands)
    ):
        return surely_a_page
    if wanted in OTHERS:
        return _never
    return _usual_page if wanted in USUAL else tells_of_a_page


def commands_in(
    body: str, runbook: Runbook, commands: Mapping[str, Command], actions: Collection[str] = ()
) -> tuple[Typed, ...]:
    """The commands of a comment, and what only looks like one, in order, without the lines that speak to
    nobody: ``/checkout answers 500``. ``actions``: the names of those there are here, which may be called as
    a page usually is.

    Such a line belongs to the text of the command above it, as any other line does.
    """

    @cache
    def shape(word: str) -> Shape | None:
        meant = resolve_word(word, runbook, commands)
        if meant is None:
            return None
        named, prefix = meant
        room = named.shape.room
        return replace(named.shape, room=None if room is None else room - len(prefix.split()))

    @cache
    def page(word: str) -> Callable[[str], bool]:
        return _page_of(word, runbook, commands, actions)

    found: list[Typed] = []
    for one in find(body, shape):
        if one.look_alike or not page(one.word)(one.line):
            found.append(one)
        elif found and not (found[-1].told or found[-1].look_alike):
            below = (found[-1].below, one.typed, one.below)
            found[-1] = replace(found[-1], below="\n".join(part for part in below if part))
    return tuple(found)


def command_at(body: str, ordinal: int, runbook: Runbook, commands: Mapping[str, Command]) -> Typed | None:
    """The ``ordinal``th bare command of a comment, as the command's own file gets it; None when there is
    none, or text that only looks like one.
    """
    found = [one for one in commands_in(body, runbook, commands)[:MOST_CALLS] if one.place == str(ordinal)]
    if not found or found[0].how != "bare":
        return None
    typed = found[0]
    meant = understood(typed.word, typed.line, runbook, commands)
    return Typed(meant[0].name, meant[1], typed.below) if meant else None


def nearest(word: str, runbook: Runbook, commands: Mapping[str, Command]) -> str | None:
    """The word, without its slash, that somebody may have mistyped; None when none is near.

    One slip of the fingers is near, and two in a word of seven letters or more: a letter that is missing,
    doubled or changed, two that changed places. Neither the first letter nor one of a short word is changed
    by a slip, and ``un-`` and ``de-`` are none, for ``/unack`` is not ``/ack``.
    """
    wanted = compared(word)
    known = [*commands, *(alias for alias, name in NAMED.items() if name in commands)]
    known += [severity.id.lower() for severity in runbook.severities]
    known += [state.id for state in runbook.states] + [role.id for role in runbook.roles]
    slips = 2 if len(wanted) >= LONG_WORD else 1
    near = [(_slips(wanted, name), name) for name in dict.fromkeys(known) if _comparable(wanted, name, slips)]
    return min(((count, name) for count, name in near if count <= slips), default=(0, None))[1]


LONG_WORD = 7
"""Letters of a word in which people slip twice."""
SHORT_WORD = 5
"""Letters of a word in which another letter makes another word: ``/nope`` is not ``/note``."""
_OPPOSITES = ("un", "de", "dis", "non", "re")


def _comparable(wanted: str, name: str, slips: int) -> bool:
    if min(len(wanted), len(name)) < 3 or abs(len(wanted) - len(name)) > slips:
        return False
    prefix = next((one for one in _OPPOSITES if wanted == one + name or wanted == f"{one}-{name}"), "")
    return not prefix and (wanted[0] == name[0] or wanted[:2] == name[1::-1])


def _slips(typed: str, name: str) -> int:
    """How many slips lie between two words: the optimal string alignment distance, in which a changed letter
    of a short word counts as two (https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance).
    """
    changed = 1 if min(len(typed), len(name)) > SHORT_WORD else 2
    rows = [list(range(len(name) + 1))]
    for i, sign in enumerate(typed, start=1):
        row = [i]
        for j, other in enumerate(name, start=1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (0 if sign == other else changed))
            if i > 1 and j > 1 and sign == name[j - 2] and typed[i - 2] == other:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
