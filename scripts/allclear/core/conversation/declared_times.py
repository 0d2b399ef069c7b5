"""When an incident started and was detected, as the text of its issue says it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from msgspec import Struct

from allclear.core.conversation.said_times import SaidTime, read_time
from allclear.core.conversation.said_zones import zone_at
from allclear.core.conversation.time_arguments import SLACK, zone_left
from allclear.core.model.errors import UserError
from allclear.core.model.milestones import Milestone
from allclear.core.model.neutral import code, cut, plain
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.times import stamp

MOMENTS: tuple[Milestone, ...] = ("started", "detected")

_HEADING = lazy_regex(
    r"^#{2,4}[ \t]{1,3}(?P<name>started|detected)[ \t]{0,3}(?:\((?P<zone>[^()\n]{1,40})\))?"
    r"[ \t]{0,9}#{0,4}\r?$",
    re.IGNORECASE | re.MULTILINE,
)


class DeclaredTimes(Struct, frozen=True):
    """``unread``: what could not be understood; ``asked``: what could be two times, as a question."""

    at: Mapping[Milestone, datetime]
    unread: tuple[str, ...]
    asked: tuple[str, ...]


def declared_times(
    told: Mapping[str, str], body: str, own: tzinfo, written: datetime, now: datetime
) -> DeclaredTimes:
    """The times of ``told``, the fields of ``body``, which was ``written`` then and is read ``now``.

    An issue form says in its heading in which zone it asks: ``### Started (UTC)``. Forms that do not are from
    before that and asked for UTC. Any other time is in ``own``, the team's zone, unless it names one.
    """
    forms = {found["name"].lower(): found for found in _HEADING.finditer(plain(body))}
    at: dict[Milestone, datetime] = {}
    unread, asked = list[str](), list[str]()
    for name in MOMENTS:
        form = forms.get(name)
        named = (form["zone"] or "").strip() if form else ""
        value = told.get(f"{name} ({named.lower()})") or told.get(name)
        if value is None:
            continue
        words = f"{name.capitalize()}: {cut(value, 60)}"
        try:
            found = _moment(value, _form_zone(named, own, now) if form else own, written, now)
        except UserError as error:
            asked.append(f"{code(words)} was not taken. {error.message} Then write `/time {name} …`.")
            continue
        if found is None:
            unread.append(words)
        else:
            at[name] = found
    return DeclaredTimes(at, tuple(unread), tuple(asked))


def _form_zone(named: str, own: tzinfo, now: datetime) -> tzinfo:
    if not named:
        return UTC
    zone = zone_at(named, 0, own, now.replace(tzinfo=None), dated=True)
    return zone.clock if zone and zone.end == len(named) else own


def _moment(value: str, zone: tzinfo, written: datetime, now: datetime) -> datetime | None:
    """What ``value`` says, as of when it was written. It may be of an edit since then: a time that would be
    another today is asked about.
    """
    found, today = (_past(read_time(value, zone, at, slack=SLACK), now) for at in (written, now))
    if found is None or zone_left(found.rest):
        return None
    if today and found.at != today.at and not found.relative:
        raise UserError(f"It can be `{stamp(found.at)}` or `{stamp(today.at)}`. Which one is meant?")
    return min(found.at, now)


def _past(found: SaidTime | None, now: datetime) -> SaidTime | None:
    return found if found and found.at <= now + SLACK else None
