"""Whom the commands of a new comment name, so that what they may do is asked with the first reads.

It knows neither the runbook nor Markdown, and takes who is named first. Whom it misses is asked about when
the command is read, a round later; whom nobody wanted cost a request for nothing, of which there are few.

Standard library only, for the same reason as `first_reads`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

NAMING = {"action": 1, "handoff": 1, "ic": 2, "role": 2, "step": 1}
"""The commands that want to know what the people in their line may do, and of how many it is asked early."""

MOST = 2
"""People of one comment: it may name a hundred."""

_PERSON = re.compile(
    r"(?<![\w.@/+-])@([A-Za-z0-9][A-Za-z0-9_-]{0,38})(?=['\u2019]s\b|\s|$|[^\w\s/@?%\[-](?!\w))"
)
"""``@login`` as GitHub's logins are; no team, no address, and nobody who is asked about (``@cat?``)."""


def named(commands: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The logins, in lower case, of the people whom these commands name, each with the rest of its line."""
    found: dict[str, None] = {}
    for word, line in commands:
        if most := NAMING.get(word.lower(), 0):
            found |= dict.fromkeys(login.lower() for login in _PERSON.findall(line)[:most])
    return tuple(found)[:MOST]
