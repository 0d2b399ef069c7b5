"""The texts of a runbook, filled in before there is an incident: what cannot be rendered is found then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches

from allclear.core.conversation.command import Policy
from allclear.core.conversation.notices import values
from allclear.core.model.errors import TextError
from allclear.core.model.neutral import code, cut
from allclear.core.policy.runbook import Severity
from allclear.core.record.entry import Entry
from allclear.core.record.fold import fold
from allclear.core.record.life import Declared

SOME_DAY = datetime(2025, 10, 19, 14, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BrokenText:
    """A text of the runbook at ``where``, its path in the file. ``why`` says what is wrong and what to do."""

    where: tuple[str | int, ...]
    why: str


def broken_texts(policy: Policy) -> tuple[BrokenText, ...]:
    """Every text of the runbook that could not be rendered, for any severity that it is for: each once.

    A runbook in the language of runbooks is checked where it is read, with the places of its own file.
    """
    if policy.runbook.stamp:
        return ()
    found: dict[tuple[str | int, ...], BrokenText] = {}
    for severity in policy.runbook.severities:
        known = _values(severity, policy)
        for where, source in _texts(policy, severity):
            why = _wrong(source, known, policy) if where not in found else ""
            if why:
                found[where] = BrokenText(where, why)
    return tuple(found.values())


def _texts(policy: Policy, severity: Severity) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The texts that incidents of this severity come to, each with its path."""
    for index, deadline in enumerate(policy.runbook.deadlines):
        if severity.id in deadline.within:
            yield ("deadlines", index, "text"), deadline.text
    for name, form in policy.runbook.messages.items():
        if not form.severities or severity.id in form.severities:
            yield ("messages", name, "head"), form.head
            yield from ((("messages", name, "fields", title), text) for title, text in form.fields.items())


def _values(severity: Severity, policy: Policy) -> Mapping[str, str]:
    """What the texts may name, as right after the declaration."""
    runbook = policy.runbook
    fact = Declared(
        severity=severity.id, title="Checkout is down", runbook=runbook.name, runbook_hash=runbook.hash
    )
    entry = Entry(key="declare", what="declare", at=SOME_DAY, facts=(fact,))
    return values(fold(1, (entry,), runbook), policy, "https://github.com", SOME_DAY)


def _wrong(source: str, known: Mapping[str, str], policy: Policy) -> str:
    """Why a text cannot be rendered; empty when it can, whether a value is there yet or not."""
    later = {name: value or "0" for name, value in known.items()}
    try:
        unknown = sorted(policy.renderer.names(source) - known.keys())
        if unknown:
            near = get_close_matches(unknown[0], known, 1)
            hint = f"did you mean {code(near[0])}?" if near else f"there are {', '.join(sorted(known))}."
            return f"{code(unknown[0])} is not a value that a text can name; {hint}"
        for filled in (known, later):
            policy.renderer.text(source, filled)
    except TextError as error:
        why = f"this text cannot be rendered: {cut(error.message, 200)}."
        return f"{why} Mend what stands between its braces."
    return ""
