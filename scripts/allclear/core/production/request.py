"""What somebody typed behind ``/rollback``. Nothing of it is guessed:

- a word for a dry run makes it a dry run, wherever and however it is written;
- a second service is asked about, and so is what could be an option, a condition or another environment;
- the reason stands behind ``because``, a dash or a colon, or is text that is none of these.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import ClassVar, Literal

from msgspec import Struct

from allclear.core.conversation.marks import AROUND
from allclear.core.conversation.services import bare, begun_name, not_a_service, questioned, service_named
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.structs import PartlyCompared
from allclear.core.production.doubt import POLITE, doubt, first_words, put_off, release_in_quotes, unreal
from allclear.core.production.dry_run import (
    AHEAD,
    Where,
    dry_words,
    folded,
    is_dry,
    leading_dry,
    speaks_of_one,
)

OPTIONS = ("dry-run", "with-migrations", "while-deploying")

LONGEST = 4000
"""Characters of a reason."""

_BEFORE = 500
"""Characters of the names and options in front of a reason."""

HINT = "A reason comes after the service: `/rollback <service> <why>`."

_OPTION = lazy_regex(r"[(\[{<`*~]*-{1,3}[^\W\d_].*")
_MIGRATIONS = lazy_regex(r"[\W_]*with[\s_-]?migrations?\b")
_BEGUN = {"with": "with-migrations", "while": "while-deploying"}
"""Options of two words, by their first."""
_SEPARATOR = lazy_regex(r"-{1,3}|because|cause|bc|cuz|(?:reason|why)[:=]")
_QUOTES = "\"'\u201c\u2018\u00ab\u201e"
_ARROWS = ("to", "->", "-->", "=>", "\u2192", "\u21d2", "\u27a1")
_KINDS = ("release", "version", "deployment", "deploy", "commit", "tag")


class Request(PartlyCompared, frozen=True):
    """What somebody typed behind ``/rollback``. Empty: not named.

    ``form``: it was said in the form of the run, and not in a comment.

    ``dry_words``: the words that make it a dry run; empty when an option says so. ``loose``: the words of the
    reason that nothing marks as one, ``under`` the first word below, where the line says nothing more.
    """

    service: str = ""
    target: str = ""
    dry_run: bool = False
    with_migrations: bool = False
    while_deploying: bool = False
    why: str = ""
    form: bool = False
    dry_words: str = ""
    loose: tuple[str, ...] = ()
    under: str = ""
    aside: ClassVar[frozenset[str]] = frozenset({"form", "dry_words", "loose", "under"})


class _Reading(Struct):
    """A request that is being read: the ``words`` left of its line, the lines ``below``, and what was found.

    ``marked``: how it was said that only the reason is left.
    """

    words: list[str]
    below: list[str]
    services: Collection[str]
    options: Sequence[str]
    given: set[str]
    marked: Literal["", "dash", "reason"] = ""

    @classmethod
    def of(cls, line: str, below: str, services: Collection[str], options: Sequence[str]) -> _Reading:
        """What is left when the options are read. Raises UserError for one that there is not, and for a text
        that is too long to be read.
        """
        if len(line) + len(below) > LONGEST + _BEFORE:
            raise _too_long(len(line) + len(below))
        given: set[str] = set()
        words = _without_options(line.split(), given, options)
        lines = [one for one in below.split("\n") if not _only_options(one, given, options)]
        return cls(words, lines, services, options, given)

    def next(self) -> str:
        """The next word, folded; empty at the end."""
        return folded(self.words[0]) if self.words else ""

    def pop(self) -> str:
        """Take the next word. A colon behind it marks what follows as the reason."""
        word = self.words.pop(0)
        self.marked = "dash" if word.endswith(":") else ""
        return word


def read_request(line: str, below: str, services: Collection[str]) -> Request:
    """Read ``[service] [to <target>] [--option…] [why]``; options may stand anywhere.

    The first word is a service or ``to``, never a reason: a service that is spelt wrong must not become the
    reason for rolling back another one. Raises UserError.
    """
    reading = _Reading.of(line, below, services, OPTIONS)
    service = _service(reading)
    target = _target(reading)
    if target and not service and not reading.marked and service_named(reading.next(), services):
        service = service_named(reading.pop(), services)
    _skip_options(reading)
    read = _read_reason(reading, f"/rollback {service}".strip(), service)
    return Request(
        service,
        target,
        dry_run=read.dry_run,
        with_migrations="with-migrations" in reading.given,
        while_deploying="while-deploying" in reading.given,
        why=read.why,
        dry_words=read.dry_words,
        loose=read.loose,
        under="" if read.loose or reading.marked else next(iter(read.why.split()), ""),
    )


class Reason(Struct, frozen=True):
    """The text behind a command on production. ``loose``: its words that nothing marks as a reason."""

    why: str
    dry_run: bool
    dry_words: str = ""
    loose: tuple[str, ...] = ()


def read_reason(text: str, typed: str) -> Reason:
    """Read ``[--dry-run] [why]`` behind the command ``typed``. Raises UserError as ``read_request`` does."""
    line, _, below = text.partition("\n")
    reading = _Reading.of(line, below, (), OPTIONS[:1])
    _skip_options(reading)
    return _read_reason(reading, typed, "")


def _read_reason(reading: _Reading, typed: str, service: str) -> Reason:
    loose, reason = _split(reading)
    found = _dry_words(loose, reason, reading)
    dry = "dry-run" in reading.given or bool(found)
    named = [] if reading.marked else first_words(reading.below)
    begun = begun_name(" ".join(loose), reading.services) if not dry else ""
    _refuse_second_service([*loose, *named], service, reading.services, begun)
    if not dry:
        _refuse_unclear(loose, reason, reading, typed)
    why = "\n".join([" ".join([*loose, *reason]), *reading.below]).strip()
    if len(why) > LONGEST:
        raise _too_long(len(why))
    return Reason(why, dry, "" if "dry-run" in reading.given else found, tuple(loose))


def _too_long(length: int) -> UserError:
    said = f"The reason has {length:,} characters, and only {LONGEST:,} are kept."
    return UserError(f"{said} Please shorten it.")


def _without_options(words: Sequence[str], given: set[str], options: Sequence[str]) -> list[str]:
    """The words that are no options; those are added to ``given``. Raises UserError for one there is not."""
    left: list[str] = []
    several = iter(words)
    for word in several:
        if not _OPTION.fullmatch(folded(word)):
            left.append(word)
            continue
        name, _, value = folded(word).partition("=")
        name = re.sub(r"[\s_.]", "-", name.strip("-" + AROUND))
        if name in _BEGUN:
            name = f"{name}-{folded(next(several, '')).strip(AROUND)}"
        if is_dry(name) and value.strip(AROUND) in ("", "true", "yes", "1", "on"):
            given.add("dry-run")
        elif name in options and not value:
            given.add(name)
        else:
            there = ", ".join(f"`--{one}`" for one in options)
            verb = "are" if len(options) > 1 else "is"
            raise UserError(f"{code(word)} is not an option here; there {verb} {there}.")
    return left


def _only_options(line: str, given: set[str], options: Sequence[str]) -> bool:
    """Whether the line holds options and nothing else; they are added to ``given`` then."""
    words = line.split()
    only = bool(words) and all(_OPTION.fullmatch(folded(word)) for word in words)
    return only and not _without_options(words, given, options)


def _skip_options(reading: _Reading) -> None:
    """Past the words that say, where an option may stand, that it is a dry run, or what it may do."""
    taken = 1
    while taken:
        words = _unnamed(reading.words[:AHEAD], reading.services)
        taken = leading_dry(words)
        if taken:
            reading.given.add("dry-run")
        elif "with-migrations" in reading.options and (found := _MIGRATIONS.match(" ".join(words))):
            taken = len(found[0].split())
            reading.given.add("with-migrations")
        del reading.words[:taken]


def _unnamed(words: Iterable[str], services: Collection[str]) -> list[str]:
    """The words, folded, without the names of services: one may be called ``preview``."""
    return ["x" if service_named(word, services) else folded(word) for word in words]


def _service(reading: _Reading) -> str:
    """The service that comes first; empty when the request begins with ``to`` or says nothing."""
    _skip_options(reading)
    names = [service_named(word, reading.services) for word in reading.words[:2]]
    if len(names) > 1 and names[1] and not names[0] and POLITE.fullmatch(reading.next()):
        reading.pop()
        names.pop(0)
    if names and names[0]:
        reading.pop()
        _skip_options(reading)
        return names[0]
    if reading.words and reading.next() not in _ARROWS:
        if asked := questioned(reading.words[0], lambda word: service_named(word, reading.services)):
            raise unclear(reading.words[0], f"/rollback {asked}", "is a question, not an order")
        raise not_a_service(reading.words[0], reading.services, HINT)
    return ""


def _target(reading: _Reading) -> str:
    """The release behind ``to``, on the line or alone on the next one; empty when there is no such word."""
    if not reading.words and not reading.marked and reading.below and reading.below[0].strip():
        first = reading.below[0].split()
        if folded(first[0]) in _ARROWS:
            reading.words = _without_options(first, reading.given, reading.options)
            reading.below.pop(0)
    if reading.marked or reading.next() not in _ARROWS:
        return ""
    reading.pop()
    if len(reading.words) > 1 and reading.next() in _KINDS:
        reading.pop()
    word = reading.pop() if reading.words else ""
    target = word.rstrip(".,;:!").strip("`\"'\u201c\u201d").rstrip(".,;:!")
    if not target or is_dry(folded(target)):
        raise UserError("To which release? Write its name, such as `to v41` or `to 1a2b3c4`.")
    return target


def _split(reading: _Reading) -> tuple[list[str], list[str]]:
    """The words that nothing marks as the reason, and those that a sign does."""
    words = reading.words
    if not reading.marked and words and words[0][0] in _QUOTES:
        reading.marked = "dash"
    if reading.marked:
        return [], words
    for n, word in enumerate(words):
        if _SEPARATOR.fullmatch(folded(word)):
            reading.marked = "reason" if word[0].isalpha() else "dash"
            return words[:n], words[n + 1 :] if n == 0 else words[n:]
    return words, []


def _dry_words(loose: Sequence[str], reason: Sequence[str], reading: _Reading) -> str:
    """The words of the text that make it a dry run; empty when there are none."""

    def found(words: Sequence[str], where: Where) -> str:
        return dry_words(" ".join(_unnamed(words, reading.services)), where=where)

    where: Where = reading.marked or "anywhere"
    lines = (found(one.split(), where) for one in reading.below)
    return found(loose, "anywhere") or found(reason, where) or next(filter(None, lines), "")


def _refuse_second_service(words: Sequence[str], service: str, services: Collection[str], begun: str) -> None:
    parts = [part for word in words for part in re.split(r"[/,+&|]", word) if part]
    pairs = [f"{bare(one)}-{bare(two)}" for one, two in pairwise(words)]
    other = next(
        (one for part in [*parts, *pairs] if (one := service_named(part, services)) and one != service), ""
    )
    if not other and words:
        near = difflib.get_close_matches(folded(words[0]).strip(AROUND)[:60], services, n=1, cutoff=0.85)
        other = next((one for one in (*near, begun) if one and one != service), "")
    if other:
        name = f" {service}" if service else ""
        raise UserError(
            f"{code(other)} is a service, too, and a `/rollback` is of one service. Write one for each. If "
            f"it is part of the reason, put that behind `because`: `/rollback{name} because …`.",
            "unclear",
        )


def _refuse_unclear(loose: Sequence[str], reason: Sequence[str], reading: _Reading, typed: str) -> None:
    """Refuse what could be more than a reason. Raises UserError."""
    text = [" ".join([*loose, *reason]), *reading.below]
    asks = next((one.strip() for one in text if one.strip()), "")
    if folded(asks).rstrip(AROUND + " ").endswith("?"):
        raise unclear(asks, typed, "is a question, not an order")
    if reading.marked:
        spoken = next((one for one in (" ".join(reason), *reading.below) if speaks_of_one(folded(one))), "")
        if spoken:
            raise unclear(spoken, typed, "speaks of a dry run")
    lines = [loose, *([] if reading.marked else [one.split() for one in reading.below])]
    doubts = (doubt([folded(word) for word in words], below=n > 0) for n, words in enumerate(lines))
    why = " ".join(reason)
    later = reading.marked == "dash" and put_off(folded(why))
    found = next(filter(None, doubts), "") or (
        why if later or unreal(reason) or release_in_quotes(reason) else ""
    )
    if found:
        raise unclear(found, typed)


def unclear(words: str, typed: str, what: str = "could be more than a reason") -> UserError:
    """Nothing is done, because of these words; says how to write what may be meant."""
    return UserError(
        f"Nothing is done, because {code(words, 60)} {what}. Write {code(f'{typed} --dry-run')} to see what "
        f"would happen, or put the reason behind `because`: {code(f'{typed} because …')}.",
        "unclear",
    )
