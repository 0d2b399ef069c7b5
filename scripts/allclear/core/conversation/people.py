"""People and roles as somebody names them: ``@cat``, ``[@cat](https://github.com/cat)``, ``incident
commander @cat, comms @bob``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct, field

from allclear.core.conversation.command import ArgumentCursor, CommandContext
from allclear.core.conversation.marks import SMALL, bare, only_signs
from allclear.core.conversation.role_remarks import asks
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import UNKNOWN, Person, Rights
from allclear.core.model.snapshot import Wants
from allclear.core.policy.role import RoleKind
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import login_like

NOBODY = frozenset({"-", "none", "nobody", "noone", "no-one", "unassigned", "vacant"})
"""What leaves a role empty."""

SELF = frozenset({"me", "myself", "i"})
_BETWEEN = SMALL | {"and", "und", "with", "please", "will", "for", "role"}
_REMARKS = frozenset(
    {"until", "till", "since", "because", "as", "while", "from", "not", "instead", "when", "if"}
)
_REMARKS |= {"after", "before", "once", "in", "later", "soon", "tomorrow", "tonight"}
"""Words that go on behind a role with something else than who has it."""
_LINKED = lazy_regex(r"\[@?([A-Za-z0-9][\w-]{0,38})\]\(https?://[^\s()]{1,200}\)", re.ASCII)
_PROFILE = lazy_regex(r"https?://[A-Za-z0-9.-]{1,100}/([A-Za-z0-9][\w-]{0,38})/?", re.ASCII)
_TOKEN = lazy_regex(r"\[[^\]\s]{1,50}\]\([^\s()]{1,200}\)[,.;:]?|https?://\S{1,200}|[^\s,;=:]{1,200}")
_MOST_TOKENS = 100
_LOGIN = r"@([A-Za-z0-9][\w-]{0,38}?)"
_LEAVING = lazy_regex(
    rf"(?<!\S)(?:from\s{{1,3}})?{_LOGIN}\s{{0,3}}(?:[-=]{{1,2}}>|[\u2192\u21d2\u27a1]\ufe0f?)\s{{0,3}}(?=@)"
    rf"|(?<!\S)from\s{{1,3}}{_LOGIN}\s{{1,3}}to\s{{1,3}}(?=@)|(?<=\w)\s{{1,3}}from\s{{1,3}}{_LOGIN}[.!]?$",
    re.ASCII,
)
"""Who gives a role up to somebody: ``@bob -> @cat``, ``from @bob to @cat``, ``@cat from @bob``."""
_QUESTION = "?\uff1f"
_OTHER_AT = ("\uff20", "\ufe6b")


def login_in(word: str) -> str:
    """The login in ``@login``, in a link to it, or in the address of its page; empty for anything else."""
    linked = _LINKED.match(word) or _PROFILE.fullmatch(word.rstrip(".,;:"))
    if linked:
        return linked[1]
    word = bare(word.lstrip("="))
    login = word.removeprefix("@").removesuffix("'s").removesuffix("\u2019s")
    return login if word.startswith("@") and login_like(login) else ""


def plain_login(word: str) -> str:
    """The login that ``word`` may be, although nothing marks it as one."""
    return word if login_like(word) and word.lower() not in SELF | NOBODY else ""


def person_wanted(cursor: ArgumentCursor) -> Wants:
    """What has to be known of the person named next: whether they may help."""
    login, word, _ = cursor.named(login_in)
    login = login or plain_login(word)
    return Wants(logins=frozenset({login} if login else ()))


def person(cursor: ArgumentCursor, context: CommandContext) -> tuple[Person, ArgumentCursor]:
    """Somebody who is there and may work on the incident: triage or more."""
    login, word, rest = cursor.named(login_in)
    if not word:
        raise MissingArgumentError("Who? Write the login with an @, such as `@octocat`.")
    return known_person(login, word, context), rest


def known_person(login: str, word: str, context: CommandContext) -> Person:
    """Whoever is named by ``login``, or without an @ by ``word``. Raises UserError for all others."""
    if not login and word.lower() in SELF:
        return context.by
    marked, login = bool(login), login or plain_login(word)
    if not login:
        raise _nobody(word)
    access = context.access.get(login.lower(), UNKNOWN)
    if access.rights is None:
        raise UserError(
            f"GitHub did not say what {code(login)} may do here. Try again in a minute.", "missing"
        )
    if not marked and (access.person is None or access.rights < Rights.TRIAGE):
        raise UserError(
            f"{code(word)} is not a person who can work here; write the login with an @, such as `@octocat`."
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
    return access.person


def _nobody(word: str) -> UserError:
    if word.endswith("?"):
        return UserError(f"{code(word)} is a question, not an order, so nothing is done.", "unclear")
    if word.startswith("@") and "/" in word:
        return UserError(f"{code(word)} is a team, and this is for one person; name one, such as `@octocat`.")
    if word.startswith(_OTHER_AT):
        login = word[1:]
        return UserError(
            f"{code(word)} begins with another sign than `@`, which GitHub knows nobody by; write "
            f"{code('@' + login)}."
        )
    return UserError(f"{code(word)} is not a person; write the login with an @, such as `@octocat`.")


class SaidPerson(Struct, frozen=True):
    """Somebody as they were named: ``login`` where it is marked as one, else only the ``word``."""

    login: str
    word: str

    @property
    def shown(self) -> str:
        """``@cat``, as it is typed."""
        return f"@{self.login or self.word}"


class SaidRole(Struct):
    """A role and whom it is for; ``empty``: for nobody."""

    kind: RoleKind
    people: list[SaidPerson] = field(default_factory=list)
    empty: bool = False


class SaidRoles(Struct):
    """What a line says of roles, in its order. ``people``: those who stand in front of any role. ``rest``:
    where the line stops being about that; ``aside``: all that follows the last role or person of it.
    ``asked``: it asks who has them, or all. ``leaving``: who gives a role up, as ``@bob``
    in ``@bob -> @cat`` does.
    """

    roles: list[SaidRole] = field(default_factory=list)
    people: list[SaidPerson] = field(default_factory=list)
    rest: str = ""
    aside: str = ""
    asked: bool = False
    leaving: list[str] = field(default_factory=list)

    @property
    def everybody(self) -> list[SaidPerson]:
        """All people that the line names."""
        return [*self.people, *(one for role in self.roles for one in role.people)]

    @property
    def wants(self) -> Wants:
        """What has to be known of them: whether they may help."""
        logins = (one.login or plain_login(one.word) for one in self.everybody)
        return Wants(logins=frozenset(login for login in logins if login))


def said_roles(line: str, runbook: Runbook, first: RoleKind | None = None) -> SaidRoles:
    """The roles that ``line`` gives, and to whom; people behind no role get ``first``, where there is one.

    A person in front of a role is who gets it, as in ``@cat comms``. A question gives none.
    """
    said = SaidRoles([SaidRole(first)] if first else [], asked=asks(line))
    said.leaving = [f"@{found[1] or found[2] or found[3]}" for found in _LEAVING.finditer(line)]
    line = _LEAVING.sub(" ", line)
    tokens = list(_tokens(line))
    at = behind = 0
    while at < len(tokens):
        word, start = tokens[at]
        taken = 1
        if login := login_in(word.rstrip(_QUESTION) if said.asked else word):
            _add(said, SaidPerson(login, word))
        elif found := _role_at([one for one, _ in tokens[at : at + 6]], runbook, asked=said.asked):
            kind, taken = found
            _begin(said, kind)
        elif _passed(word, last=at + 1 == len(tokens)) or said.asked:
            at += 1
            continue
        elif not _plain(said, bare(word) or word):
            said.rest = line[start:].strip()
            break
        at += taken
        behind = tokens[at - 1][1] + len(tokens[at - 1][0])
    said.aside = line[behind:].strip()
    if said.asked and not said.roles:
        said.roles = [SaidRole(kind) for kind in runbook.roles]
    if first and len(said.roles) > 1 and not said.roles[0].people and not said.roles[0].empty:
        del said.roles[0]
    return said


def _begin(said: SaidRoles, kind: RoleKind) -> None:
    """The line goes on with that role. One that was given right before is meant: ``@cat is ic``."""
    people = [said.people[-1]] if said.people else []
    if said.roles and said.roles[-1].kind == kind:
        said.roles[-1].people += people
    else:
        said.roles.append(SaidRole(kind, people))


def _tokens(line: str) -> Iterator[tuple[str, int]]:
    for number, found in enumerate(_TOKEN.finditer(line)):
        if number == _MOST_TOKENS:
            return
        yield found[0], found.start()


def _passed(word: str, *, last: bool) -> bool:
    """Whether the word says nothing between a role and a person. A dash at the end is nobody."""
    if only_signs(word):
        return not (last and word == "-")
    return bare(word).lower() in _BETWEEN


def _add(said: SaidRoles, one: SaidPerson) -> None:
    if said.roles and not said.people:
        said.roles[-1].people.append(one)
    else:
        said.people.append(one)


def _plain(said: SaidRoles, word: str) -> bool:
    """Whether the word, which nothing marks as a login, can only be who the role is for."""
    if not said.roles or said.roles[-1].people or said.roles[-1].empty or word.lower() in _REMARKS:
        return False
    if word.lower() in NOBODY:
        said.roles[-1].empty = True
    else:
        said.roles[-1].people.append(SaidPerson("", word))
    return True


def _role_at(words: list[str], runbook: Runbook, *, asked: bool) -> tuple[RoleKind, int] | None:
    """The role that the words begin with, and how many of them name it: its id, its title, the words of the
    runbook for it, or its id with the last word of its title (``comms lead``). Behind a minus none is named.
    """
    if words[0].startswith("-"):
        return None
    plain = [_folded(word.removeprefix("/").rstrip(_QUESTION if asked else "")) for word in words]
    for size in range(len(plain), 0, -1):
        said = " ".join(plain[:size])
        for kind in runbook.roles:
            if said in _names(kind):
                return kind, size
    return None


def _names(kind: RoleKind) -> set[str]:
    title = _folded(kind.title)
    short = _folded(re.sub(r"\([^()]{0,40}\)", "", kind.title))
    return {_folded(kind.id), title, short, f"{_folded(kind.id)} {short.split(' ')[-1]}"} | {
        _folded(word) for word in kind.words
    }


def _folded(words: str) -> str:
    return " ".join(bare(word) for word in re.split(r"[\s_-]+", words.lower())).strip()


def not_a_role(word: str, runbook: Runbook) -> UserError:
    """The refusal of a word that names no role of the runbook."""
    names = ", ".join(code(role.id) for role in runbook.roles)
    if not word:
        return MissingArgumentError(f"Which role? This runbook has {names}.")
    step = next((one.afterwards for one in runbook.lists if any(box.id == word for box in one.steps)), False)
    given = f" It is a step: {code(f'/step {word} @octocat')} gives it to somebody." if step else ""
    return UserError(f"{code(word)} is not a role; this runbook has {names}.{given}")


def one_of(said: SaidRole, context: CommandContext) -> list[Person]:
    """The people that a role is for, who may have it. Raises UserError where only one may and several are
    named.
    """
    people = list({one.shown.lower(): one for one in said.people}.values())
    marked = next((one.shown for one in people if one.login), "")
    odd = next((one.word for one in people if marked and not one.login and not _works_here(one, context)), "")
    if odd:
        raise UserError(
            f"{code(odd)} is neither a role nor a person who can work here, so nothing is done. Write "
            f"{code(f'/role {said.kind.id} {marked}')} for {code(marked)}, or "
            f"{code(f'/role {said.kind.id} none')} for nobody."
        )
    if len(people) > 1 and not said.kind.many:
        names = " and ".join(code(one.shown) for one in people)
        example = code(f"/role {said.kind.id} {said.people[0].shown}")
        raise UserError(
            f"Only one person can be {inline(said.kind.title)}, and {names} are named. Name one, such as "
            f"{example}."
        )
    return [known_person(one.login, one.word, context) for one in people]


def _works_here(one: SaidPerson, context: CommandContext) -> bool:
    access = context.access.get(one.word.lower(), UNKNOWN)
    return access.person is not None and access.rights is not None and access.rights >= Rights.TRIAGE
