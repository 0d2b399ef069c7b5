"""Arguments that name something of the runbook: a severity, a state, steps of its lists, a flag."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated

from allclear.core.clock.checklist import asked_lists, open_steps
from allclear.core.conversation.arguments import MANY
from allclear.core.conversation.command import Arg, ArgumentCursor, CommandContext
from allclear.core.conversation.marks import bare, is_arrow, only_signs, spelled
from allclear.core.conversation.people import login_in
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.neutral import code
from allclear.core.policy.runbook import Runbook, Severity
from allclear.core.view.guidance import named_flags, which_severity

MOST_WORDS = 8
"""Words of the name of a severity, a state or a step."""

_SHORTEST = 4
"""Letters of a word that is compared: a shorter one is near to everything."""

_WONT = re.compile("won['\u2019]?t|nobody|skip|drop|n/?a$|cancel|obsolete", re.IGNORECASE)
"""How people begin to say that something will not be done."""

_FEW = 3
"""Words of a line that is repeated as a whole where it names no state."""


def _severity(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    """One severity; of two, ``from`` one to the other, the second."""
    runbook = context.runbook
    severity, word, rest = _leading(cursor, runbook)
    names = ", ".join(f"`{one.id}`" for one in runbook.severities)
    if not word:
        raise MissingArgumentError(f"Which severity? This runbook has:\n{which_severity(runbook)}\n\n")
    came_from = severity is None and word.lower() == "from"
    if came_from:
        severity, word, rest = _leading(rest, runbook)
    if severity is None:
        raise UserError(f"{code(word)} is not a severity; this runbook has {names}.")
    if word.endswith("?"):
        raise UserError(f"{code(word)} is a question, not an order; `/sev {severity.id}` sets it.")
    changed = _changed(rest, runbook)
    if changed is None and (came_from or _another(rest, severity, runbook)):
        raise UserError(
            f"Which severity is it, of those in {code(cursor.line, 60)}? This runbook has {names}."
        )
    severity, rest = changed or (severity, rest)
    return severity.id, rest.undivided()


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


def _changed(rest: ArgumentCursor, runbook: Runbook) -> tuple[Severity, ArgumentCursor] | None:
    """The severity behind an arrow or a ``to``, and what follows it; behind a ``to`` more than a severity may
    be the reason, unless it is spelt with its number.
    """
    sign, _, behind = rest.line.partition(" ")
    if not is_arrow(sign) and sign.lower() != "to":
        return None
    severity, word, left = _leading(ArgumentCursor(behind, rest.below), runbook)
    certain = is_arrow(sign) or not left.text or any(one.isdigit() for one in word)
    return (severity, left) if severity is not None and certain else None


def _another(rest: ArgumentCursor, severity: Severity, runbook: Runbook) -> bool:
    """Whether another severity stands right behind it, spelt with letters and its number."""
    words = [bare(word) for word in rest.line.split(None, 2)[:2]]
    if words and (words[0].lower() in ("or", "and") or only_signs(words[0])):
        words = words[1:]
    other = runbook.severity_named(words[0]) if words and not words[0].isdigit() else None
    return other not in (None, severity) and any(sign.isdigit() for sign in words[0])


def _state(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    states = {
        spelled(name): state.id
        for state in reversed(context.runbook.states)
        for name in (*state.words, state.title, state.id)
    }
    _, word, rest = cursor.named(lambda one: states.get(spelled(one), ""))
    names = ", ".join(f"`{state.id}`" for state in context.runbook.states)
    if not word:
        raise MissingArgumentError(f"Which status? This runbook has {names}.")
    line = f"{word} {rest.line}".strip()
    state, taken = _longest(line.split(None, MOST_WORDS)[:MOST_WORDS], states)
    if not state:
        few = line if len(line.split()) <= _FEW else word
        hint = _meant(word, context)
        raise UserError(f"{code(few)} is not a status; this runbook has {names}.{hint}")
    left = "".join(line.split(None, taken)[taken:])
    return state, ArgumentCursor(left, rest.below).undivided()


def _longest(words: Sequence[str], names: Mapping[str, str]) -> tuple[str, int]:
    """What the words begin with, of these names, and how many of them that are; empty where none is."""
    for count in range(min(MOST_WORDS, len(words)), 0, -1):
        found = names.get(spelled(" ".join(words[:count])), "")
        if found:
            return found, count
    return "", 0


def _meant(word: str, context: CommandContext) -> str:
    """The state that a misspelt word may mean; else the command, where it is rather one of those."""
    typed = spelled(word)[:40]
    if len(typed) < _SHORTEST:
        return ""
    near = get_close_matches(typed, [state.id for state in context.runbook.states], 1, cutoff=0.75)
    known = {name: f"/{one.name}" for one in context.commands.values() for name in (one.name, *one.aliases)}
    other = get_close_matches(typed, known, 1, cutoff=0.8)
    found = near or [known[name] for name in other]
    return f" Did you mean `{found[0]}`?" if found else ""


def _steps(cursor: ArgumentCursor, context: CommandContext) -> tuple[tuple[str, ...], ArgumentCursor]:
    words = [word for word in cursor.line.replace(",", " ").split() if not _joins(word)]
    shown = ", ".join(f"`{name}`" for name in open_steps(context.incident, context.runbook, context.at))
    if not words:
        raise MissingArgumentError(f"Which step? The checklist has {shown}.")
    if len(words) > MANY:
        raise UserError(f"That is more than {MANY} words; the checklist has {shown}.")
    names = _steps_named(context)
    steps: list[str] = []
    while words:
        step, taken = _longest(words, names)
        if not step:
            word = bare(words[0])
            near = get_close_matches(word.lower()[:60], [one.id for one in context.runbook.boxes], 1)
            meant = f" Did you mean `{near[0]}`?" if near else _instead(words[0], steps)
            raise UserError(f"{code(word)} is not a step of the checklist; it has {shown}.{meant}")
        steps.append(step)
        words = words[taken:]
    return tuple(dict.fromkeys(steps)), ArgumentCursor("", cursor.below)


def _instead(word: str, steps: Sequence[str]) -> str:
    """What to write for what else people say of a step: whose it is, or that nobody will do it."""
    if not steps:
        return ""
    if login_in(word):
        return f" {code(f'/step {steps[-1]} {word}')} says whose it is."
    if _WONT.match(word):
        return f' `/check {steps[-1]} --wont-do "why"` says that nobody will do it.'
    return ""


def step_named(text: str, context: CommandContext) -> str:
    """The one step that ``text`` names. Raises UserError when it names none, or several."""
    steps, _ = _steps(ArgumentCursor(text, ""), context)
    if len(steps) > 1:
        raise UserError("One step at a time, please: each has an owner and a date of its own.")
    return steps[0]


def _joins(word: str) -> bool:
    return only_signs(word) or word.lower() == "and"


def _steps_named(context: CommandContext) -> dict[str, str]:
    """The steps by their ids, by their texts where those differ, and by their places where one list is open:
    of several lists nobody knows in which one counts.
    """
    boxes = context.runbook.boxes
    texts = [spelled(step.text) for step in boxes]
    names = {text: step.id for text, step in zip(texts, boxes, strict=True) if texts.count(text) == 1}
    there = [one for one in asked_lists(context.incident, context.runbook, context.at) if one.since]
    if len(there) == 1:
        names |= {str(place): item.step.id for place, item in enumerate(there[0].items, 1)}
    return names | {spelled(step.id): step.id for step in boxes}


def _flags(cursor: ArgumentCursor, context: CommandContext) -> tuple[tuple[str, ...], ArgumentCursor]:
    """The flags that the line begins with, by their ids or titles; what follows them is text."""
    book = context.runbook
    names = {spelled(book.flag_titles.get(flag, flag)): flag for flag in book.flags}
    names |= {spelled(flag): flag for flag in book.flags}
    _, word, rest = cursor.named(lambda one: names.get(spelled(one), ""))
    words = f"{word} {rest.line}".replace(",", " ").split()
    shown = named_flags(book)
    if not words:
        raise MissingArgumentError(f"Which flag? This runbook has {shown}.")
    flags, read = list[str](), 0
    while read < len(words):
        joined = read + (bool(flags) and _joins(words[read]))
        flag, taken = _longest(words[joined:], names)
        if not flag:
            break
        flags.append(flag)
        read = joined + taken
    if not flags:
        raise UserError(f"{code(bare(words[0]))} is not a flag; this runbook has {shown}.")
    left = ArgumentCursor(" ".join(words[read:]), cursor.below)
    return tuple(dict.fromkeys(flags)), left.undivided()


SeverityWord = Annotated[str, Arg("<severity>", _severity)]
StateWord = Annotated[str, Arg("<status>", _state)]
StepWords = Annotated[tuple[str, ...], Arg("<step>…", _steps, words=MANY)]
FlagWords = Annotated[tuple[str, ...], Arg("<flag>…", _flags, words=MANY)]
