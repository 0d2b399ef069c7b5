"""The argument that names a severity: ``/sev P1``, ``/sev from P2 to P1``, ``/sev raise to P1``."""

from __future__ import annotations

from typing import Annotated

from allclear.core.conversation.command import Arg, ArgumentCursor, CommandContext
from allclear.core.conversation.examples import example_words
from allclear.core.conversation.marks import bare, is_arrow, only_signs
from allclear.core.conversation.title_words import ARROW
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.runbook import Runbook, Severity
from allclear.core.view.guidance import which_severity

MOST_WORDS = 8
"""Words of the name of a severity."""

MOST_BEFORE = 4
"""Words in front of a severity that only say that it changes."""

RAISING = frozenset(
    {"raise", "raised", "raising", "up", "upgrade", "upgraded", "upgrading", "bump", "bumped"}
)
RAISING |= {"increase", "increased", "escalate", "escalated"}
LOWERING = frozenset({"lower", "lowered", "lowering", "down", "downgrade", "downgraded", "downgrading"})
LOWERING |= {"decrease", "decreased", "reduce", "reduced", "drop", "dropped", "de-escalate", "deescalate"}
_CHANGING = RAISING | LOWERING | {"change", "changed", "switch", "switched", "move", "moved", "make", "made"}
_CHANGING |= {"it", "it's", "its", "this", "please", "back", "go", "now", "actually"}
"""Words around a severity that say that it changes, or nothing."""

_GLUED = lazy_regex(r"([A-Za-z]{1,20}[._-]?[0-9]{1,3})[,;:\u2013\u2014](?=\S)")
"""A severity to which the reason is joined: ``P1,checkout``."""
_APART = lazy_regex(r"[^\w.]{1,9}")


def _severity(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    """One severity; of two, ``from`` one to the other, the second."""
    runbook = context.runbook
    begun, turned = _passed(cursor, runbook)
    severity, word, rest = _leading(begun, runbook)
    names = ", ".join(f"`{one.id}`" for one in runbook.severities)
    if not word:
        raise MissingArgumentError(f"Which severity? This runbook has:\n{which_severity(runbook)}\n\n")
    came_from = severity is None and word.lower() == "from"
    if came_from:
        severity, word, rest = _leading(rest, runbook)
    if severity is None:
        severity, rest = _joined(word, rest, context)
    if severity is None and _several(word, runbook):
        raise _which(cursor, context)
    if severity is None:
        shown = cursor.named(runbook.severity_named)[1] if turned else word
        raise UserError(f"{code(shown)} is not a severity; this runbook has {names}.")
    if word.endswith("?"):
        raise UserError(f"{code(word)} is a question, not an order; `/sev {severity.id}` sets it.")
    changed = _changed(rest, runbook)
    if changed is None and (came_from or _another(rest, severity, runbook)):
        raise _which(cursor, context)
    severity, rest = changed or (severity, rest)
    _agree(turned, severity, cursor, context)
    return severity.id, _told_twice(rest, severity, runbook).undivided()


def _which(cursor: ArgumentCursor, context: CommandContext) -> UserError:
    names = ", ".join(f"`{one.id}`" for one in context.runbook.severities)
    example = example_words(context.runbook, context.settings)["severity"]
    return UserError(
        f"Which severity is it, of those in {code(cursor.line, 60)}? This runbook has {names}. Write one, "
        f"such as `/sev {example}`."
    )


def _passed(cursor: ArgumentCursor, runbook: Runbook) -> tuple[ArgumentCursor, str]:
    """What follows the words that only say that it changes, and the first of those; ``raise to P1``."""
    turned = ""
    for _ in range(MOST_BEFORE):
        word, rest = cursor.word()
        if word.lower() not in _CHANGING or not rest.line.strip() or runbook.severity_named(word):
            break
        turned, cursor = turned or word.lower(), rest
    return cursor, turned


def _agree(turned: str, to: Severity, cursor: ArgumentCursor, context: CommandContext) -> None:
    """Raises UserError where ``raise to P3`` would lower it, or the other way round."""
    was, runbook = context.incident.severity, context.runbook
    known = {one.id for one in runbook.severities}
    if was not in known or turned not in RAISING | LOWERING:
        return
    does = runbook.rank(was) - runbook.rank(to.id)
    if (does < 0 and turned in RAISING) or (does > 0 and turned in LOWERING):
        way = "lower" if does < 0 else "raise"
        raise UserError(
            f"{code(cursor.line, 60)} would {way} it, for the severity is `{was}`. `/sev {to.id}` sets it "
            "all the same."
        )


def _leading(cursor: ArgumentCursor, runbook: Runbook) -> tuple[Severity | None, str, ArgumentCursor]:
    """The severity that the line begins with, in as few words as name one, the first of them, and what
    follows.
    """
    severity, word, rest = cursor.named(runbook.severity_named)
    words = [word, *rest.line.split(None, MOST_WORDS)[:MOST_WORDS]]
    for count in range(2, len(words) + 1):
        if severity is not None:
            break
        severity = runbook.severity_named(" ".join(words[:count]))
        if severity is not None:
            rest = ArgumentCursor("".join(rest.line.split(None, count - 1)[count - 1 :]), rest.below)
    return severity, word, rest


def _joined(
    word: str, rest: ArgumentCursor, context: CommandContext
) -> tuple[Severity | None, ArgumentCursor]:
    """The severity in a word of several parts: behind an arrow, where what stands before it is what the
    incident has, or before a comma; and what follows it.
    """
    runbook = context.runbook
    before, arrow, after = word, "", ""
    if pointed := ARROW.search(word):
        before, arrow, after = word[: pointed.start()], pointed[0], word[pointed.end() :]
    came = runbook.severity_named(before) if before else None
    if arrow and (not before or (came is not None and came.id == context.incident.severity)):
        return runbook.severity_named(after), rest
    glued = _GLUED.match(word)
    if glued is None or _several(word, runbook):
        return None, rest
    line = f"{word[glued.end() :]} {rest.line}".strip()
    return runbook.severity_named(glued.group(1)), ArgumentCursor(line, rest.below)


def _several(word: str, runbook: Runbook) -> bool:
    """Whether a word names two severities in its parts: ``P1/P2``."""
    parts = _APART.split(word)[:MOST_WORDS]
    return len({one.id for part in parts if part and (one := runbook.severity_named(part))}) > 1


def _changed(rest: ArgumentCursor, runbook: Runbook) -> tuple[Severity, ArgumentCursor] | None:
    """The severity behind an arrow, a ``to`` or a ``now``, and what follows it; behind a word more than a
    severity may be the reason, unless it is spelt with its number.
    """
    sign, _, behind = rest.line.partition(" ")
    if not is_arrow(sign) and sign.lower() not in _CHANGING | {"to"}:
        return None
    begun, turned = _passed(ArgumentCursor(behind, rest.below), runbook)
    severity, word, left = _leading(begun, runbook)
    numbered = any(one.isdigit() for one in word)
    certain = is_arrow(sign) or numbered or (sign.lower() == "to" and not turned and not left.text)
    return (severity, left) if severity is not None and certain else None


def _another(rest: ArgumentCursor, severity: Severity, runbook: Runbook) -> bool:
    """Whether another severity stands right behind it, spelt with letters and its number."""
    words = [bare(word) for word in rest.line.split(None, 2)[:2]]
    if words and (words[0].lower() in ("or", "and", "vs", "versus", "und", "oder") or only_signs(words[0])):
        words = words[1:]
    other = runbook.severity_named(words[0]) if words and not words[0].isdigit() else None
    return other not in (None, severity) and any(sign.isdigit() for sign in words[0])


def _told_twice(rest: ArgumentCursor, severity: Severity, runbook: Runbook) -> ArgumentCursor:
    """What follows the same severity in brackets: ``P1 (high)``."""
    if not rest.line.startswith("("):
        return rest
    inner, close, behind = rest.line[1:].partition(")")
    same = close and runbook.severity_named(inner) == severity
    return ArgumentCursor(behind.strip(), rest.below) if same else rest


SeverityWord = Annotated[str, Arg("<severity>", _severity)]
