"""What a deploy system prints about its releases, read into Releases. The output is not trusted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from allclear.core.model.patterns import lazy_regex
from allclear.core.model.release import Release, Releases
from allclear.core.model.structs import replace
from allclear.core.model.times import utc
from allclear.core.policy.provider import Listing, Provider
from allclear.core.policy.service import PLACEHOLDER, Vector

LARGEST = 1024 * 1024
"""Characters of output that are read."""
LONGEST_LINE = 2000
"""Characters of a line that is matched against a pattern; longer ones are none of a list of releases."""
LONGEST = 500
"""Characters of a name or a target."""
MOST = 500
"""Releases that are kept; no list is gone back further."""
TRIES = 20
"""Places where the JSON may begin: some programs print a notice first."""


class ListingError(ValueError):
    """The output is no list of releases. The message says, for people, what is wrong with it."""


class ListedRelease(Struct, frozen=True):
    """One release as printed. ``current`` None: the list does not say which one runs. ``under_way``: it is
    being deployed.
    """

    release: Release
    current: bool | None = None
    under_way: bool = False


def read_rows(
    listing: Listing, output: str, values: Mapping[str, str] = MappingProxyType({})
) -> tuple[ListedRelease, ...]:
    """The releases in what ``listing.run`` printed, newest first. Raises ListingError when there is none to
    be found.
    """
    if len(output) > LARGEST:
        raise ListingError(f"The list of releases is longer than {LARGEST:,} characters.")
    read = _lines(listing, output, values) if listing.format == "lines" else _objects(listing, output)
    rows = list(islice(read, MOST))
    if listing.order == "oldest-first":
        rows.reverse()
    if listing.order == "by-number":
        rows.sort(key=lambda row: _number(row.release.name), reverse=True)
    return tuple(rows)


def releases_of(rows: Sequence[ListedRelease], at: int | None) -> Releases:
    """The releases of a list, of which the one ``at`` runs now.

    Those after it were tried and left, so that they are not among the earlier ones; nor is anything gone back
    to that lies between what runs now and the release that this repeats.
    """
    releases = [row.release for row in rows]
    if at is None:
        return Releases(current=None, earlier=tuple(releases))
    left = _left(releases, at)
    earlier = [replace(one, left=n in left) for n, one in enumerate(releases) if n > at]
    return Releases(current=releases[at], earlier=tuple(earlier))


def marked(rows: Sequence[ListedRelease]) -> int | None:
    """Where the current release stands: what the list says, else the newest that works."""
    found = [number for number, row in enumerate(rows) if row.current]
    if not found and all(row.current is None for row in rows):
        found = [number for number, row in enumerate(rows) if row.release.deployed]
    return found[0] if found else None


def _left(releases: Sequence[Release], at: int) -> frozenset[int]:
    """The places of what was left behind when somebody went back to what runs now."""
    found: set[int] = set()
    origin = releases[at].origin
    while origin:
        there = [n for n in range(at + 1, len(releases)) if is_called(releases[n], origin)]
        if not there:
            # It is numbered anew, and gone from the list: what has a higher number came after it.
            last = _number(origin)
            found |= {n for n in range(at + 1, len(releases)) if 0 <= last < _number(releases[n].name)}
            break
        found |= set(range(at + 1, there[0] + 1))
        at = there[0]
        origin = releases[at].origin
    return frozenset(found)


def is_called(release: Release, name: str) -> bool:
    """Whether the deploy system calls the release so."""
    return name in (release.name, release.target)


def _number(name: str) -> int:
    """The number in ``v41``; -1 where there is none."""
    found = re.fullmatch(r"[^0-9]*([0-9]{1,18})", name)
    return int(found[1]) if found else -1


def _lines(listing: Listing, output: str, values: Mapping[str, str]) -> Iterator[ListedRelease]:
    known = {name: re.escape(value) for name, value in values.items()}
    pattern = re.compile(fill(listing.pattern, known, foreign=True))
    works, marks = "ok" in pattern.groupindex, "current" in pattern.groupindex
    found = False
    for line in output.splitlines():
        text = line.strip()
        match = pattern.fullmatch(text) if len(text) <= LONGEST_LINE else None
        if match is None:
            continue
        groups = match.groupdict()
        release = _release(
            listing,
            (groups["release"], groups.get("target"), groups.get("at"), groups.get("origin")),
            ok=not works or bool(groups["ok"]),
        )
        if release is not None:
            found = True
            yield ListedRelease(release, bool(groups["current"]) if marks else None)
    if not found and output.strip():
        raise ListingError("No line of the list of releases matches its `pattern`.")


def _objects(listing: Listing, output: str) -> Iterator[ListedRelease]:
    rows = _at(_json(output), listing.at) if listing.at else _json(output)
    if rows is None:
        rows = []
    if listing.format == "object" and isinstance(rows, dict):
        rows = [rows]
    if not isinstance(rows, list):
        raise ListingError(
            f"`at: {listing.at}` leads to no list."
            if listing.at
            else "The list of releases is not a JSON list."
        )
    found = False
    for row in rows:
        if not isinstance(row, dict):
            continue
        state = _text(_at(row, listing.state)) if listing.state else ""
        target = _at(row, listing.target) if listing.target else None
        if listing.target and target is None:
            continue
        created = _at(row, listing.created) if listing.created else None
        origin = _at(row, listing.origin) if listing.origin else None
        release = _release(
            listing,
            (_at(row, listing.release), target, created, origin),
            ok=not listing.state or not listing.good or state in listing.good,
        )
        if release is not None:
            found = True
            current = _at(row, listing.current) is True if listing.current else None
            yield ListedRelease(release, current, under_way=state != "" and state in listing.under_way)
    if rows and not found:
        wanted = " and ".join(f"`{name}`" for name in (listing.release, listing.target) if name)
        raise ListingError(f"No entry of the list of releases has {wanted}.")


def _json(output: str) -> Any:
    """The JSON in the output; what stands before and behind it is left out."""
    text = output.strip()
    if not text:
        raise ListingError("The list of releases is empty: nothing was printed.")
    decoder = json.JSONDecoder()
    starts = [match.start() for match in re.finditer(r"^[ \t]*(?=[\[{])", text, re.MULTILINE)]
    for start in starts[:TRIES]:
        try:
            value, _ = decoder.raw_decode(text[start:].lstrip())
        except (ValueError, RecursionError):
            continue
        return value
    raise ListingError("The list of releases is not JSON.")


def _at(value: Any, path: str) -> Any:
    """What stands at ``a.b.c``; None where there is nothing."""
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def _text(value: Any) -> str:
    """A word of the output as text; empty for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value) if isinstance(value, str) or abs(value) < 10**18 else ""
    return text if len(text) <= LONGEST and text.isprintable() else ""


def _release(listing: Listing, said: tuple[Any, Any, Any, Any], *, ok: bool) -> Release | None:
    """One release of what was ``said``: its name, its target or None, its time, what it repeats.

    None when it names no release: nothing unprintable, nothing endless.
    """
    release, target, created, origin = said
    word = _text(release)
    aim = _text(target) if target is not None else word
    if not word or not aim:
        return None
    found = re.search(listing.origin_pattern, _text(origin))
    return Release(
        target=aim,
        name=_prefixed(listing, word),
        at=_moment(created),
        deployed=ok,
        state="success" if ok else "failed",
        origin=_prefixed(listing, found[1]) if found and found[1] else "",
    )


def _prefixed(listing: Listing, word: str) -> str:
    return word if word.startswith(listing.prefix) else f"{listing.prefix}{word}"


def _moment(value: Any) -> datetime | None:
    try:
        return utc(datetime.fromisoformat(_text(value)))
    except (ValueError, OverflowError):
        return None


_NAME = lazy_regex(r"[A-Za-z0-9][A-Za-z0-9._+:/@-]{0,199}")
_COMMIT = lazy_regex(r"[0-9a-f]{40}|[0-9a-f]{64}")


class FillingError(ValueError):
    """A placeholder has no value that may be passed on. The message says which."""


def values_of(provider: Provider, values: Mapping[str, str], release: Release | None) -> dict[str, str]:
    """What the placeholders stand for: the service's values, and the parts of ``release``, as far as they may
    be passed on. A release that the provider does not accept fills nothing.
    """
    filled = {name: value for name, value in values.items() if name in provider.values}
    if release is not None:
        if provider.accepts(release.target):
            filled["target"] = release.target
        if _NAME.fullmatch(release.name):
            filled["release"] = release.name
        if _COMMIT.fullmatch(release.sha):
            filled["sha"] = release.sha
    return filled


def filled(vector: Vector, values: Mapping[str, str], *, foreign: bool = False) -> tuple[str, ...]:
    """The words of a command. Raises FillingError when a value is missing.

    ``foreign``: the words are those of any program, for which ``{name}`` may mean something of its own, so
    that what has no value stays as it is.
    """
    return tuple(fill(word, values, foreign=foreign) for word in vector)


def fill(word: str, values: Mapping[str, str], *, foreign: bool = False) -> str:
    """One word, in which every ``{name}`` is replaced once: what a value holds is not looked at again."""
    missing = sorted(set(PLACEHOLDER.findall(word)) - values.keys())
    if missing and not foreign:
        msg = f"there is no value for {{{missing[0]}}}"
        raise FillingError(msg)
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), word)
