"""Whom the commands of a new comment name, so that what they may do is asked with the first reads.

It knows neither the runbook nor Markdown. Whom it misses is asked about when the command is read, a round
later; what it asks and nobody wants is a request for nothing, so it errs on the side of missing.

Standard library only, for the same reason as `first_reads`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

NAMING = {"action": 1, "handoff": 1, "ic": 2, "role": 2, "step": 1}
"""The commands that want to know what the people in their line may do, and of how many it is asked early."""

MOST = 2
"""People of one comment: it may name a hundred."""

SPOKEN_TO = frozenset({"ask", "tell", "ping", "notify", "with", "from", "by", "to", "at", "and", "or", "cc"})
"""As in core.conversation.action_owners, which a test holds together; that one is slower to import."""

_PERSON = (
    r"(?<![\w.@/+-])(?<!\bfrom )@([A-Za-z0-9][A-Za-z0-9_-]{0,38})"
    r"(?=['\u2019]s\b|\s|$|[^\w\s/@?%\[-](?!\w))(?!\s{0,3}(?:[-=]{1,2}>|[\u2192\u21d2\u27a1]))"
)
"""``@login`` as GitHub's logins are; no team, no address, nobody who is asked about (``@cat?``), and nobody
who gives a role up (``@bob -> @cat``, ``from @bob``).
"""
_DATE = r"(?<!\S)(?:due\s?[:=]\s?|by\s)\S+"
_LABEL = r"(?<![\w-])(?:owner|assignee|who)\s?[:=]\s?$"
_LONGEST_LABEL = 20
"""Characters in front of a person that are looked at for one."""
_DIVIDING = (",", ";", "|")


def named(commands: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The logins, in lower case, of the people whom these commands name, each with the rest of its line."""
    found: dict[str, None] = {}
    for word, line in commands:
        name = word.lower()
        if most := NAMING.get(name, 0):
            people = _owner(line) if name == "action" else _people(line)
            found |= dict.fromkeys([one[1].lower() for one in people][:most])
    return tuple(found)[:MOST]


def _people(line: str) -> list[re.Match[str]]:
    return list(re.finditer(_PERSON, line))


def _owner(line: str) -> list[re.Match[str]]:
    """Whom an action item is for: whom its line begins or ends with, apart from a date, or who stands behind
    ``owner:`` or between commas. Anybody else is a part of the sentence.
    """
    line = re.sub(_DATE, "", line, flags=re.IGNORECASE)
    return [one for one in _people(line) if _stands_apart(line[: one.start()], line[one.end() :])]


def _stands_apart(before: str, after: str) -> bool:
    if not re.search(r"\w", before) or re.search(_LABEL, before[-_LONGEST_LABEL:], re.IGNORECASE):
        return True
    alone = before.rstrip().endswith(_DIVIDING) and after.lstrip().startswith(_DIVIDING)
    return alone or not (re.search(r"\w", after) or before.rsplit(None, 1)[-1].lower() in SPOKEN_TO)
