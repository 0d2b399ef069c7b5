"""The texts of a runbook: words with ``{{ name }}`` in them, and nothing else. No text holds logic."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from allclear.core.model.patterns import lazy_regex

STAND_INS: Mapping[str, str] = {
    "id": "",
    "link": "",
    "brief": "",
    "severity": "",
    "severity_name": "",
    "status": "",
    "services": "not known yet",
    "impact": "not known yet",
    "cause": "not known yet",
    "fix": "not written down",
    "text": "not said yet",
    "next": "not said",
    "eta": "not known yet",
    "started": "not known yet",
    "time": "",
    "resolved_at": "not yet",
    "next_update": "when there is news",
    "meeting": "not planned yet",
    "date": "",
    "timestamp": "",
    "duration": "not over yet",
    "minutes": "not over yet",
    "watch": "",
    "cadence": "",
    "responders": "nobody yet",
    "room": "",
    "status_page": "",
    "postmortem": "follows the all-clear, as a pull request",
    "slug": "",
    "verified": "not looked at",
}
"""What every text may name, with what it prints as long as the value is not known; empty: it always is."""

PUBLIC: Mapping[str, str] = {
    "public_brief": "[what happened, in a few words]",
    "public_issue": "[what does not work]",
    "public_affected": "[what is affected]",
    "public_status": "[what is being done]",
    "public_eta": "[when it will work again]",
    "public_cause": "[why it happened, for everybody]",
    "public_fix": "[what was done, for everybody]",
    "public_contact": "[where to ask]",
}
"""What is typed for the public, and what stands there as long as nobody typed it."""

NOBODY = "nobody yet"
"""What the name of a role prints as long as nobody has it."""

FOR_THE_PUBLIC = frozenset(
    {
        *PUBLIC,
        "started",
        "time",
        "resolved_at",
        "next_update",
        "meeting",
        "date",
        "timestamp",
        "duration",
        "minutes",
        "watch",
        "cadence",
        "severity_name",
        "status_page",
    }
)
"""All that a text for the public may name."""

INSTEAD: Mapping[str, str] = {
    "brief": "public_brief",
    "impact": "public_issue",
    "services": "public_affected",
    "status": "public_status",
    "text": "public_status",
    "eta": "public_eta",
    "cause": "public_cause",
    "fix": "public_fix",
    "severity": "severity_name",
    "link": "status_page",
}
"""What the public may read of a value that is technical."""

_NAME = lazy_regex(r"\{\{ {0,3}([a-z][a-z0-9_]{0,50}) {0,3}\}\}")
_BRACES = lazy_regex(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_BLANKS = lazy_regex(r"\n(?:[ \t]*\n){2,}")


class WordingError(ValueError):
    """A text that holds something else than words and names. ``row``: in which of its lines, from 0."""

    def __init__(self, message: str, row: int) -> None:
        super().__init__(message)
        self.row = row


def named(text: str) -> tuple[str, ...]:
    """The values that a text names, each once, in their order. Raises WordingError."""
    rest = _NAME.sub("", text)
    braces = _BRACES.search(rest)
    if braces is not None:
        shown = rest[braces.start() : braces.start() + 40].splitlines()[0]
        raise WordingError(
            f"{shown!r} is no value: texts hold no logic. Write {{{{ name }}}}; use `for`, `when` or a list.",
            rest.count("\n", 0, braces.start()),
        )
    return tuple(dict.fromkeys(match[1] for match in _NAME.finditer(text)))


def row_of(text: str, name: str) -> int:
    """In which of its lines, from 0, a text names this value first."""
    return next(text.count("\n", 0, match.start()) for match in _NAME.finditer(text) if match[1] == name)


def filled(text: str, values: Mapping[str, str], never: Collection[str] = ()) -> str:
    """The text with these values, each put in once and as it is. ``never``: what this severity never has: the
    lines that name it fall away. A value that is not there stays as it was written.
    """
    kept = [
        _NAME.sub(lambda match: values.get(match[1], match[0]), line)
        for line in text.strip().split("\n")
        if not any(match[1] in never for match in _NAME.finditer(line))
    ]
    return _BLANKS.sub("\n\n", "\n".join(kept)).strip()


def stand_ins(values: Mapping[str, str], roles: Collection[str]) -> dict[str, str]:
    """The values, with the stand-in of each that is empty or not there. ``roles``: their ids."""
    every = {**STAND_INS, **PUBLIC, **dict.fromkeys(map(role_value, roles), NOBODY)}
    return {name: values.get(name) or stand_in for name, stand_in in every.items()}


def role_value(role: str) -> str:
    """How a text names who has this role."""
    return role.replace("-", "_")


def unfilled(text: str) -> tuple[str, ...]:
    """The stand-ins in brackets that a filled text still holds: it is not ready for the public."""
    return tuple(stand_in for stand_in in PUBLIC.values() if stand_in in text)


def lines_that_stay(text: str, never: Collection[str]) -> Iterator[str]:
    """The lines with words that do not fall away where these values are never there."""
    for line in text.split("\n"):
        if line.strip() and not any(match[1] in never for match in _NAME.finditer(line)):
            yield line
