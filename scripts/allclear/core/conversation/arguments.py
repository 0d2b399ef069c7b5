"""The kinds of argument a command's function may name in its signature. Each reads itself and knows its
usage word.

``def sev(context: CommandContext, to: SeverityWord, why: Text = "") -> Answer`` is the whole parser of
``/sev P1 [why]``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

from allclear.core.conversation.command import Arg, ArgumentCursor, CommandContext
from allclear.core.conversation.said_days import due_day
from allclear.core.conversation.services import bare, not_a_service, service_named
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.neutral import code
from allclear.core.model.people import UNKNOWN, Person, Rights
from allclear.core.model.snapshot import Wants
from allclear.core.policy.settings import login_like

LONGEST = 4000
"""Characters of text one entry keeps:
the comment itself stays the full record, and the panel must not outgrow 65,536.
"""

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


def _text(cursor: ArgumentCursor, _room: CommandContext) -> tuple[str, ArgumentCursor]:
    if not cursor.text:
        raise MissingArgumentError("The text is missing.")
    if len(cursor.text) > LONGEST:
        raise UserError(
            f"That is {len(cursor.text):,} characters, and a command takes at most {LONGEST:,}. "
            "Put the long part into a comment of its own and link to it."
        )
    return cursor.text, ArgumentCursor("", "")


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


def calendar_day(text: str, context: CommandContext) -> str:
    """The day that ``text`` names, as ``YYYY-MM-DD``: a date, ``tomorrow``, ``friday``, ``EOW``, ``3d``. The
    next one in the runbook's zone where it says no year. Raises UserError.
    """
    return due_day(text, context.at.astimezone(context.zone).date()).isoformat()


def text_as(usage: str) -> Arg:
    """Text like any other, shown as ``usage`` in the help."""
    return Arg(usage, _text, text=True)


def _arg(
    usage: str, read: Callable[[ArgumentCursor, CommandContext], tuple[Any, ArgumentCursor]], words: int = 1
) -> Arg:
    return Arg(usage, read, words=words)


MANY = 100
"""Words of a list."""

RoleWord = Annotated[str, _arg("<role>", _role)]
PersonWord = Annotated[Person, Arg("@user", person, person_wanted)]
HolderOrSelf = Annotated[Person | None, Arg("[@user]", _holder, person_wanted)]
IssueNumber = Annotated[int, Arg("#<issue>", _issue, _issue_wanted)]
ServiceWord = Annotated[str, _arg("<service>", service)]
LeadingService = Annotated[str, _arg("<service>", leading_service)]
Services = Annotated[tuple[str, ...], _arg("<service>…", _services, MANY)]
Text = Annotated[str, text_as("<text>")]
Why = Annotated[str, text_as("<why>")]
