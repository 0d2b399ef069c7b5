"""Arguments that name something of the runbook: a state, steps of its lists, a flag."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated

from allclear.core.clock.checklist import asked_lists, open_steps
from allclear.core.conversation.arguments import MANY
from allclear.core.conversation.command import Arg, ArgumentCursor, CommandContext
from allclear.core.conversation.marks import SMALL, bare, is_arrow, only_signs, spelled
from allclear.core.conversation.people import login_in
from allclear.core.conversation.title_words import ARROW
from allclear.core.conversation.words import nearest, resolve_word
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.view.guidance import named_flags

MOST_WORDS = 8
"""Words of the name of a state or a step."""

_SHORTEST = 4
"""Letters of a word that is compared: a shorter one is near to everything."""

_LONGEST_STEPS = 2000
"""Characters of a line of steps that are looked at."""
_ASIDE = lazy_regex(r"\([^()]{1,80}\)")
_BOX = lazy_regex(r"\[[xX]\]")

_WONT = lazy_regex("won['\u2019]?t|nobody|skip|drop|n/?a$|cancel|obsolete", re.IGNORECASE)
"""How people begin to say that something will not be done."""

_FEW = 3
"""Words of a line that is repeated as a whole where it names no state."""


def _state(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    states = {
        spelled(name): state.id
        for state in reversed(context.runbook.states)
        for name in (*state.words, state.title, state.id)
    }
    cursor, came_from = _without_moving(cursor, states)
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
    moved, left = _moved(left, states)
    if came_from and not moved:
        said = f"{code(f'from {state}')} does not say where it goes; this runbook has {names}."
        raise UserError(said)
    return moved or state, ArgumentCursor(left, rest.below).undivided()


_MOVING = frozenset(
    {"back", "change", "changed", "changing", "go", "goes", "going", "move", "moved", "moving"}
)
_MOVING |= {"from", "still", "went", "set", "we", "we're"}
"""Words in front of a state that say that it changes, or that it does not."""


def _without_moving(cursor: ArgumentCursor, states: Mapping[str, str]) -> tuple[ArgumentCursor, bool]:
    """What follows the words that only say how it changes, and whether a ``from`` is one of them; an arrow in
    the first word is one of its own.
    """
    came_from = False
    for _ in range(MOST_WORDS):
        word, rest = cursor.word()
        if not rest.line or word.lower() not in _MOVING | SMALL or spelled(word) in states:
            break
        came_from = came_from or word.lower() == "from"
        cursor = rest
    word, rest = cursor.word()
    if ARROW.search(word[1:]):
        cursor = ArgumentCursor(f"{ARROW.sub(' -> ', word, count=1)} {rest.line}".strip(), rest.below)
    return cursor, came_from


def _moved(left: str, states: Mapping[str, str]) -> tuple[str, str]:
    """The state behind an arrow or a ``to`` that ``left`` begins with, and what follows it; none and ``left``
    where there is none.
    """
    sign, _, behind = left.partition(" ")
    if not is_arrow(sign) and sign.lower() != "to":
        return "", left
    words = behind.split(None, MOST_WORDS)
    other, taken = _longest(words[:MOST_WORDS], states)
    return (other, "".join(behind.split(None, taken)[taken:])) if other else ("", left)


def _longest(words: Sequence[str], names: Mapping[str, str]) -> tuple[str, int]:
    """What the words begin with, of these names, and how many of them that are; empty where none is."""
    for count in range(min(MOST_WORDS, len(words)), 0, -1):
        found = names.get(spelled(" ".join(words[:count])), "")
        if found and not is_arrow(words[count - 1]):
            return found, count
    return "", 0


def _meant(word: str, context: CommandContext) -> str:
    """The state that a misspelt word may mean; else the command, where it is rather one of those."""
    typed = spelled(word)[:40]
    if len(typed) < _SHORTEST:
        return ""
    near = get_close_matches(typed, [state.id for state in context.runbook.states], 1, cutoff=0.75)
    if near:
        return f" Did you mean `{near[0]}`?"
    other = nearest(typed, context.runbook, context.commands)
    named = resolve_word(other, context.runbook, context.commands) if other else None
    return f" Did you mean `/{other if named[1] else named[0].name}`?" if named else ""


_RANGE = lazy_regex(
    r"(?<![\w-])#?(\d{1,2})\s{0,3}(?:[-\u2013\u2014\u2026]|\.{2,3}|\s(?:to|through|until)\s)\s{0,3}#?(\d{1,2})(?![\w-])",
    re.IGNORECASE,
)
_FILLERS = frozenset({"and", "step", "steps", "no", "number", "done", "ok", "is", "are", "the", "please"})
"""Words around the names of steps that say nothing."""


def _steps(cursor: ArgumentCursor, context: CommandContext) -> tuple[tuple[str, ...], ArgumentCursor]:
    """The steps that the line names, all of them; of ``4-8`` each."""
    line = _RANGE.sub(_counted, cursor.line[:_LONGEST_STEPS])
    words = [
        word for word in line.replace(",", " ").split() if not only_signs(word) and not _BOX.fullmatch(word)
    ]
    shown = ", ".join(f"`{name}`" for name in open_steps(context.incident, context.runbook, context.at))
    if not words:
        raise MissingArgumentError(f"Which step? The checklist has {shown}.")
    if len(words) > MANY:
        raise UserError(f"That is more than {MANY} words; the checklist has {shown}.")
    names = _steps_named(context)
    steps: list[str] = []
    while words:
        step, taken = _longest(words, names)
        if step:
            steps.append(step)
        elif bare(words[0]).lower() not in _FILLERS:
            raise _not_a_step(words[0], names, shown, steps, context)
        words = words[max(taken, 1) :]
    if not steps:
        raise MissingArgumentError(f"Which step? The checklist has {shown}.")
    return tuple(dict.fromkeys(steps)), ArgumentCursor("", cursor.below)


def _counted(found: re.Match[str]) -> str:
    """``4-8`` as ``4 5 6 7 8``; anything that does not count up stays as it is."""
    first, last = int(found[1]), int(found[2])
    return " ".join(map(str, range(first, last + 1))) if first < last else found[0]


def _not_a_step(
    typed: str, names: Mapping[str, str], shown: str, steps: Sequence[str], context: CommandContext
) -> UserError:
    word = bare(typed)
    if step := names.get(spelled(word.rstrip("?"))):
        return UserError(
            f"{code(word)} is a question, not an order; {code(f'/{context.call.word} {step}')} is one."
        )
    near = get_close_matches(word.lower()[:60], [one.id for one in context.runbook.boxes], 1)
    meant = f" Did you mean `{near[0]}`?" if near else _instead(typed, steps)
    if word.lstrip("#").isdecimal() and "1" not in names:
        meant = " Numbers count where one list is open, and there are several."
    return UserError(f"{code(word)} is not a step of the checklist; it has {shown}.{meant}")


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


def _shortened(text: str) -> str:
    """The text of a step without what stands in brackets."""
    return spelled(_ASIDE.sub(" ", text))


def _steps_named(context: CommandContext) -> dict[str, str]:
    """The steps by their ids, with or without what joins the words of one, by their texts where those differ,
    and by their places where one list is open: of several lists nobody knows in which one counts.
    """
    boxes = context.runbook.boxes
    names: dict[str, str] = {}
    for texts in ([_shortened(step.text) for step in boxes], [spelled(step.text) for step in boxes]):
        names |= {text: step.id for text, step in zip(texts, boxes, strict=True) if texts.count(text) == 1}
    there = [one for one in asked_lists(context.incident, context.runbook, context.at) if one.since]
    if len(there) == 1:
        for place, item in enumerate(there[0].items, 1):
            names |= dict.fromkeys((str(place), f"#{place}", f"step {place}"), item.step.id)
    names |= {spelled(step.id).replace(" ", ""): step.id for step in reversed(boxes)}
    return names | {spelled(step.id): step.id for step in boxes}


_OFF = frozenset({"off", "false", "no", "not", "none", "removed", "cleared", "gone", "lowered", "maybe"})
"""Right behind a flag these say that it is not so."""
_MINUS = lazy_regex(r"\s{0,9}[-!]\w")


def _not_raised(line: str, words: Sequence[str], read: int) -> str:
    """The words that say that a flag is not so: a minus in front of it, an ``off`` right behind it; else
    nothing. What a colon or a dash divides from it is a note.
    """
    if _MINUS.match(line):
        return line.split(maxsplit=1)[0]
    if read == len(words) or bare(words[read]).lower() not in _OFF:
        return ""
    noted = re.search(rf"[:;\u2013\u2014-]\s{{1,9}}{re.escape(words[read])}", line)
    return "" if noted else " ".join(words[: read + 1])


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
    while read < len(words) and len(flags) < MANY:
        joined = read + (bool(flags) and _joins(words[read]))
        flag, taken = _longest(words[joined : joined + MOST_WORDS], names)
        if not flag:
            break
        flags.append(flag)
        read = joined + taken
    if not flags:
        raise UserError(f"{code(bare(words[0]))} is not a flag; this runbook has {shown}.")
    if context.call.word != "unflag" and (said := _not_raised(cursor.line, words, read)):
        raise UserError(
            f"{code(said, 60)} reads as if it is not so, so nothing is done. {code(f'/flag {flags[0]}')} "
            f"raises it, and {code(f'/unflag {flags[0]}')} takes it back.",
            "unclear",
        )
    left = ArgumentCursor(" ".join(words[read:]), cursor.below)
    return tuple(dict.fromkeys(flags)), left.undivided()


StateWord = Annotated[str, Arg("<status>", _state)]
StepWords = Annotated[tuple[str, ...], Arg("<step>…", _steps, words=MANY)]
FlagWords = Annotated[tuple[str, ...], Arg("<flag>…", _flags, words=MANY)]
