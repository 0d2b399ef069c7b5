"""What is said of a word that is no command here: where it leads, with what to type."""

from __future__ import annotations

import re
from collections.abc import Iterable

from allclear.core.conversation.command import Policy
from allclear.core.conversation.elsewhere import OTHERS, TOOLS, Elsewhere, elsewhere
from allclear.core.conversation.examples import example_words, filled
from allclear.core.conversation.slash import odd_letter, plain_letters
from allclear.core.conversation.words import compared, nearest, resolve_word
from allclear.core.model.neutral import code, inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.service import Action
from allclear.core.policy.settings import Settings

_SPAN = lazy_regex(r"`([^`]{1,200})`")
_LEVEL = lazy_regex(r"(?:s|p|sev|severity|pri|prio|priority)-?[0-9]{1,2}", re.ASCII)
MOST_BEFORE = 4
"""Words behind a command of another tool in which a severity is looked for: ``/raise from P2 to P1``."""
MOST_NAMED = 10
"""Words of other bots that one answer names."""


def told(word: str, rest: str, policy: Policy) -> str:
    """The sentences for somebody who typed ``/word rest``, which is no command here. Neutral Markdown."""
    wanted, typed = compared(word), code(f"/{word}")
    if wanted in policy.settings.actions:
        line = code(as_parameter(wanted, policy.settings.actions[wanted], rest), 200)
        return f"{typed} is not a command, and {code(wanted)} is an action here: {line}."
    row = elsewhere(wanted)
    if row is not None and _first(rest).lower() == "of" and not row.takes:
        row = None  # "/end of story" is a saying.
    if row is not None and not (row.drops and _first(rest) not in ("", row.drops)):
        return f"{typed} is not a command here. {advice(row, rest, policy)}"
    if wanted in TOOLS:
        return f"{typed} is not a command here: commands stand by themselves. {_by_itself(rest, policy)}"
    if severity := policy.runbook.severity_named(wanted):
        return f"{typed} is not a command. {code('/sev ' + severity.id)} sets the severity."
    if _LEVEL.fullmatch(wanted):
        names = ", ".join(code(one.id) for one in policy.runbook.severities)
        example = code("/sev " + example_words(policy.runbook, policy.settings)["severity"])
        return f"{typed} names no severity of this runbook, which has {names}. {example} sets one."
    if odd := odd_letter(word):
        return f"{typed} is not a command.{odd}{_plain(plain_letters(word), policy)} `/help` lists them all."
    near = nearest(word, policy.runbook, policy.commands) or _parted(wanted, policy)
    hint = f" Did you mean {code('/' + near)}?" if near else ""
    return f"{typed} is not a command.{hint} `/help` lists them all."


def _plain(word: str, policy: Policy) -> str:
    """Which command a word is in plain letters, or is near to; empty for none."""
    ours = resolve_word(word, policy.runbook, policy.commands) is not None
    near = word if ours else nearest(word, policy.runbook, policy.commands)
    return f" Type {code('/' + near)} again in plain letters." if near else ""


def advice(row: Elsewhere, rest: str, policy: Policy) -> str:
    """What to type instead of one of its words."""
    text = (
        rest.removeprefix(_first(rest)).strip() if row.drops and _first(rest) == row.drops else rest.strip()
    )
    named = [policy.runbook.severity_named(one) for one in text.split()[:MOST_BEFORE]]
    severity = next((one for one in reversed(named) if one is not None), None)
    words = example_words(policy.runbook, policy.settings) | {"rest": text}
    words |= {"severity": severity.id} if severity else {}
    shown = _SPAN.sub(lambda span: code(filled(span[1], words), 200), row.say)
    return shown.replace("{people}", _people(policy.settings)) if row.say.startswith("{people}") else shown


def _parted(wanted: str, policy: Policy) -> str:
    """The command, with what it is about where that is known here, for a word in which a hyphen stands
    between them: ``/rollback-web``; empty where the word begins with no command.
    """
    runbook, settings = policy.runbook, policy.settings
    parts = wanted.split("-")
    for count in range(len(parts) - 1, 0, -1):
        name, about = "-".join(parts[:count]), "-".join(parts[count:])
        if name in settings.actions:
            return f"run {name}"
        if resolve_word(name, runbook, policy.commands) is not None:
            known = {
                *settings.services,
                *settings.actions,
                *runbook.flags,
                *(one.id for one in runbook.boxes),
            }
            known |= {one.id for one in runbook.states} | {one.id for one in runbook.roles}
            return f"{name} {about}" if about in known else name
    return ""


def _first(rest: str) -> str:
    return next(iter(rest.split()), "")


def _by_itself(rest: str, policy: Policy) -> str:
    first, _, after = rest.strip().partition(" ")
    if resolve_word(first, policy.runbook, policy.commands) is not None:
        return f"Write {code(f'/{first} {after}', 200)}."
    row = elsewhere(compared(first))
    return advice(row, after, policy) if row is not None else "`/help` lists them all."


def _people(settings: Settings) -> str:
    if not settings.people:
        return "Nobody is named yet: `people:` in `.github/allclear.yml` says who is behind each title."
    shown = (
        f"{inline(title)} is {', '.join(map(code, logins))}" for title, logins in settings.people.items()
    )
    return f"{'; '.join(shown)}."


def told_page(word: str, rest: str) -> str:
    """What is said of a command that reads like the page of its name; nothing of it was done."""
    first = _first(rest).lower().strip(".,:;")
    page = "" if first in ("page", "endpoint", "route", "url", "path") else " page"
    says = code(f"/{word} The /{word}{page} {rest}", 200)
    return (
        f"This reads like a page called {code(f'/{word}')}, so nothing was recorded. To say it all the same, "
        f"write it as a sentence: {says}."
    )


def foreign(word: str) -> bool:
    """Whether the word is a command of another bot that reads the same comments."""
    return compared(word) in OTHERS


def told_foreign(words: Iterable[str]) -> str:
    """The one answer to the commands of other bots in a comment."""
    names = list(dict.fromkeys(words))
    shown = ", ".join(code(f"/{name}") for name in names[:MOST_NAMED])
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    quiet = code(f"ignore: [{', '.join(names[:MOST_NAMED])}]", 300)
    are = "are commands" if len(names) > 1 else "is a command"
    return f"{shown}{more} {are} of other bots. {quiet} in `.github/allclear.yml` keeps Allclear quiet."


def as_parameter(name: str, action: Action, text: str) -> str:
    """The line to type for somebody who wrote only the value of an action's one parameter: ``/scale 4`` is
    ``/run scale count=4``; any other text stays as it is.
    """
    value, _, why = text.partition(" ")
    if len(action.parameters) == 1:
        ((one, rule),) = action.parameters.items()
        if value and "=" not in value and rule.accepts(value):
            return f"/run {name} {one}={value} {why}".rstrip()
    return f"/run {name} {text}".rstrip()
