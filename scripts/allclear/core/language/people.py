"""Roles and contacts, and the clocks of roles that somebody has to have by a time."""

from __future__ import annotations

from collections.abc import Iterator

from allclear.core.language.document import RunbookFile
from allclear.core.language.entries import WrittenRole
from allclear.core.language.limits import Limits
from allclear.core.language.selection import Levels
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.slug import spelt
from allclear.core.policy.contact import Contact
from allclear.core.policy.deadline import Deadline
from allclear.core.policy.role import RoleKind

COMMANDER = "ic"
"""The role of whoever acknowledges first, where the runbook names nobody for it."""

_NO_WORD = lazy_regex(r"[^a-z0-9]+")


def roles(file: RunbookFile, levels: Levels) -> tuple[RoleKind, ...]:
    """The roles, in the order of the file."""
    return tuple(
        RoleKind(
            id=name,
            title=role_title(name, role),
            words=_words(name, role, file),
            duties=role.duties,
            severities=levels.selected(role.for_),
            when=role.when.condition,
            primary=role.primary,
            backup=role.backup,
            excludes=role.not_,
            many=role.many,
            by_ack=name == COMMANDER and not role.primary,
        )
        for name, role in file.roles.items()
    )


def role_clocks(file: RunbookFile, limits: Limits) -> Iterator[Deadline]:
    """``ic-filled``: by when somebody has to have the role. It is for those whom it is meant for, or for the
    first responder.
    """
    for name, role in file.roles.items():
        chosen = limits.levels.selected(role.for_)
        within = {level: limit for level, limit in limits.spread(role.within).items() if level in chosen}
        if not within:
            continue
        to = (*role.primary, *role.backup)
        backup = (
            f" The backup ({' and '.join(role.backup)}) takes it with `/ack` as well." if role.backup else ""
        )
        yield Deadline(
            id=f"{name}-filled",
            title=f"{role_title(name, role)} due",
            start="declared",
            until="resolved",
            within=dict(within),
            to=to,
            aim="" if to else "first",
            when=role.when.condition,
            role=name,
            text=(
                "Nobody has this role yet, and somebody should have it {{ limit }}. Take it with "
                f"`/take {name}`, or give it to somebody with `/role {name} @user`.{_inert(backup)}"
            ),
        )


def contacts(file: RunbookFile) -> tuple[Contact, ...]:
    """The contacts, in the order of the file."""
    return tuple(
        Contact(title=title, **one.model_dump(exclude={"item"})) for title, one in file.contacts.items()
    )


def role_title(name: str, role: WrittenRole) -> str:
    """What people call a role: its title, else its id as they read it."""
    return role.title or spelt(name)


def _words(name: str, role: WrittenRole, file: RunbookFile) -> tuple[str, ...]:
    """The title as one word, as it is typed: ``incident-commander``; and its last word, ``commander``, where
    no other title ends so.
    """
    ends = [_typed(key, one).rpartition("-")[2] for key, one in file.roles.items()]
    word = _typed(name, role)
    last = word.rpartition("-")[2]
    words = dict.fromkeys((word, last) if ends.count(last) == 1 else (word,))
    return tuple(one for one in words if one and one not in file.roles)


def _typed(name: str, role: WrittenRole) -> str:
    return _NO_WORD.sub("-", role_title(name, role).lower()).strip("-")


def _inert(text: str) -> str:
    """The text of a runbook within a text that takes values: its braces are none."""
    return text.replace("{", "").replace("}", "")
