"""The kinds of argument a command's function may name in its signature. Each reads itself and knows its
usage word.

``def sev(context: CommandContext, to: SeverityWord, why: Text = "") -> Answer`` is the whole parser of
``/sev P1 [why]``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from allclear.core.conversation.command import Arg, ArgumentCursor, CommandContext
from allclear.core.conversation.extent import body, everything, paragraph
from allclear.core.conversation.services import bare, not_a_service, service_named
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.milestones import Milestone
from allclear.core.model.neutral import code
from allclear.core.model.people import UNKNOWN, Person, Rights
from allclear.core.model.snapshot import Wants
from allclear.core.model.times import clock_time, parse_clock
from allclear.core.policy.settings import login_like

MOVABLE: tuple[Milestone, ...] = (
    "started",
    "detected",
    "acknowledged",
    "identified",
    "mitigated",
    "resolved",
)


LONGEST_NAME = 60
"""Characters of a service's name."""


def _role(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    word, rest = cursor.word()
    names = ", ".join(f"`{role.id}`" for role in context.runbook.roles)
    if not word:
        raise MissingArgumentError(f"Which role? This runbook has {names}.")
    role = context.runbook.role(word)
    if role is None:
        raise UserError(f"{code(word)} is not a role; this runbook has {names}.")
    return role.id, rest


def _login(word: str) -> str:
    """The login in ``@login``, which a sign may follow; empty for anything else."""
    login = word.removeprefix("@").rstrip(".,:;!?")
    return login if word.startswith("@") and login_like(login) else ""


def person_wanted(cursor: ArgumentCursor) -> Wants:
    """What has to be known of the person named next: whether they may help."""
    login = _login(cursor.word()[0])
    return Wants(logins=frozenset({login} if login else ()))


def person(cursor: ArgumentCursor, context: CommandContext) -> tuple[Person, ArgumentCursor]:
    """Somebody who is there and may work on the incident: triage or more."""
    word, rest = cursor.word()
    if not word:
        raise MissingArgumentError("Who? Write the login with an @, such as `@octocat`.")
    login = _login(word)
    if not login:
        raise UserError(f"{code(word)} is not a person; write the login with an @, such as `@octocat`.")
    access = context.access.get(login.lower(), UNKNOWN)
    if access.rights is None:
        raise UserError(
            f"GitHub did not say what {code(login)} may do here. Try again in a minute.", "missing"
        )
    if access.person is None:
        raise UserError(
            f"GitHub knows no account {code(login)}. Check the spelling, or invite them to the repository.",
            "missing",
        )
    if access.rights < Rights.TRIAGE:
        raise UserError(
            f"{code(login)} cannot work on this: it needs at least `triage` access, and GitHub says "
            f"`{access.rights.word}`. An admin can invite them under Settings → Collaborators.",
            "no-access",
        )
    return access.person, rest


def _holder(cursor: ArgumentCursor, context: CommandContext) -> tuple[Person | None, ArgumentCursor]:
    """Somebody, who speaks when nobody is named, or nobody: ``-`` and ``none`` clear a role."""
    word, rest = cursor.word()
    if not word:
        return context.by, rest
    return (None, rest) if word.lower() in ("-", "none", "nobody") else person(cursor, context)


def _issue(cursor: ArgumentCursor, _room: CommandContext) -> tuple[int, ArgumentCursor]:
    word, rest = cursor.word()
    if not word:
        raise MissingArgumentError("Which issue? Write its number, such as `#12`.")
    number = issue_number(word)
    if number is None:
        raise UserError(f"{code(word)} is not an issue of this repository; write its number, such as `#12`.")
    return number, rest


def _issue_wanted(cursor: ArgumentCursor) -> Wants:
    number = issue_number(cursor.word()[0])
    return Wants(issues=frozenset() if number is None else frozenset({number}))


def issue_number(word: str) -> int | None:
    """The number in ``#12`` or ``12``; None for anything else."""
    match = re.fullmatch(r"#?([1-9][0-9]{0,9})[.,;:!]?", word, re.ASCII)
    return int(match.group(1)) if match else None


def a_word(cursor: ArgumentCursor, _room: CommandContext) -> tuple[str, ArgumentCursor]:
    """The next word, whatever it is."""
    word, rest = cursor.word()
    if not word:
        raise MissingArgumentError("A word is missing.")
    return word, rest


def service(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    """The service that the next word names: a service that is spelt wrong is never the text that follows."""
    known = context.settings.services
    found, word, rest = cursor.named(lambda word: service_named(word, known))
    if not word:
        raise MissingArgumentError("Which service?")
    if not found:
        hint = f"A reason comes after the service: `/{context.call.word} <service> <why>`."
        raise not_a_service(word, known, hint)
    return found, rest


def leading_service(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    """The service that the next word names; any other word is the beginning of the text that follows."""
    word, rest = cursor.word()
    found = service_named(word, context.settings.services)
    if not found:
        raise MissingArgumentError("Which service?")
    return found, rest


def _services(cursor: ArgumentCursor, context: CommandContext) -> tuple[tuple[str, ...], ArgumentCursor]:
    """One or more; any names at all where the settings list none."""
    words = cursor.line.replace(",", " ").split()
    known = context.settings.services
    if not words:
        names = ", ".join(code(name) for name in known)
        raise MissingArgumentError("Which service?" + (f" This repository has {names}." if known else ""))
    found = []
    for word in words:
        name = service_named(word, known) if known else bare(word)
        if not name:
            raise not_a_service(word, known)
        if len(name) > LONGEST_NAME:
            raise UserError(f"{code(name, 20)} is too long for the name of a service.")
        found.append(name)
    return tuple(dict.fromkeys(found)), ArgumentCursor("", cursor.below)


_PAIR = re.compile(r'\s*([A-Za-z_]{1,30})=("[^"\n]{0,200}"|“[^”\n]{0,200}”|\S{1,200})(?=\s|$)')


def pairs(text: str, names: frozenset[str]) -> tuple[dict[str, str], str]:
    """``key=value`` words at the start of ``text`` whose key is one of ``names``, and the text after them.

    A value with spaces stands in quotes. Of a key given twice the last counts.
    """
    found: dict[str, str] = {}
    rest = text
    while (match := _PAIR.match(rest)) and match.group(1).lower() in names:
        found[match.group(1).lower()] = match.group(2).strip('"“”')
        rest = rest[match.end() :]
    return found, rest.strip()


CORRECTABLE: Mapping[str, Milestone] = {
    "start": "started",
    "began": "started",
    "detect": "detected",
    "ack": "acknowledged",
    "acked": "acknowledged",
    "acknowledge": "acknowledged",
    "identify": "identified",
    "mitigate": "mitigated",
    "resolve": "resolved",
    **{name: name for name in MOVABLE},
}
"""What people type for a milestone that /time may correct. The others are what the engine itself saw happen.
"""


def _milestone(cursor: ArgumentCursor, _room: CommandContext) -> tuple[Milestone, ArgumentCursor]:
    word, rest = cursor.word()
    names = ", ".join(f"`{name}`" for name in MOVABLE)
    if not word:
        raise MissingArgumentError(f"Which milestone? You can correct {names}.")
    milestone = CORRECTABLE.get(word.lower())
    if milestone is None:
        raise UserError(f"{code(word)} is not a milestone to correct; you can correct {names}.")
    return milestone, rest


SLACK = timedelta(minutes=5)
"""A clock time this far ahead means now: watches differ, and ``14:06`` said at 14:05:40 is not yesterday's.
"""


def said_time(text: str, context: CommandContext) -> tuple[datetime, str] | None:
    """The time at the start of ``text`` and what follows it, or None when it does not begin with one.

    Read in the runbook's zone unless the text names one, against the moment it was said, not the moment it is
    processed: a run that is hours late reads the same. Raises UserError for a time in the future.
    """
    found = parse_clock(text, context.zone, context.at + SLACK)
    if found is None:
        return None
    moment, rest = found
    if moment > context.at + SLACK:
        raise UserError(f"{clock_time(moment, context.zone, near=context.at)} is in the future.")
    return min(moment, context.at), rest


def _moment(cursor: ArgumentCursor, context: CommandContext) -> tuple[datetime, ArgumentCursor]:
    example = "such as `14:05`, `2026-03-01 14:05` or `14:05+02:00`"
    if not cursor.line.strip():
        raise MissingArgumentError(f"When? Write a time, {example}.")
    found = said_time(cursor.line, context)
    if found is None:
        raise UserError(f"{code(cursor.line)} is not a time; write one {example}.")
    return found[0], ArgumentCursor(found[1], cursor.below)


def calendar_day(text: str) -> str:
    """``text`` when it is a date written ``YYYY-MM-DD``. Raises UserError."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UserError(f"{code(text)} is not a date; write it as `2026-12-01`.") from error


def text_as(usage: str) -> Arg:
    """Text like any other, shown as ``usage`` in the help."""
    return Arg(usage, paragraph, text=True)


def body_as(usage: str) -> Arg:
    """Text of several paragraphs, without the talk at its end."""
    return Arg(usage, body, text=True)


def whole_as(usage: str) -> Arg:
    """All that stands there, which is read again where it is carried out."""
    return Arg(usage, everything, text=True)


def _arg(
    usage: str, read: Callable[[ArgumentCursor, CommandContext], tuple[Any, ArgumentCursor]], words: int = 1
) -> Arg:
    return Arg(usage, read, words=words)


MANY = 100
"""Words of a list."""

RoleWord = Annotated[str, _arg("<role>", _role)]
PersonWord = Annotated[Person, Arg("@user", person, person_wanted)]
MilestoneWord = Annotated[Milestone, _arg("<milestone>", _milestone)]
Moment = Annotated[datetime, _arg("<time>", _moment, 3)]
HolderOrSelf = Annotated[Person | None, Arg("[@user]", _holder, person_wanted)]
IssueNumber = Annotated[int, Arg("#<issue>", _issue, _issue_wanted)]
ServiceWord = Annotated[str, _arg("<service>", service)]
LeadingService = Annotated[str, _arg("<service>", leading_service)]
Services = Annotated[tuple[str, ...], _arg("<service>…", _services, MANY)]
Text = Annotated[str, text_as("<text>")]
Body = Annotated[str, body_as("<text>")]
Why = Annotated[str, text_as("<why>")]
