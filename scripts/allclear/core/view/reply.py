"""What the bot answers: one comment a pass, entries on line one, then the answers in the comments' order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from allclear.core.clock.condition import holding
from allclear.core.clock.deadlines import timers
from allclear.core.clock.window import window
from allclear.core.model.errors import TextError
from allclear.core.model.milestones import IncidentKind, Milestone
from allclear.core.model.neutral import Renderer, code, inline
from allclear.core.model.people import Person
from allclear.core.model.structs import replace
from allclear.core.model.times import clock_time, in_minutes, whole_minutes
from allclear.core.policy.deadline import Condition, Deadline
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings, login_like
from allclear.core.record.entry import CLOSING, OPENING, Block, Entry, encode
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.seal import Keyring
from allclear.core.view.people import whom

LIMIT = 65_536
"""The longest body GitHub takes, counted the strictest way: in UTF-16 units. Above it, the answer is 422."""

ROOM = 60_000
"""What we use of it."""

MARKS = {"done": "✅", "refused": "❌", "helped": "💬"}
SIGNS = {"remind": "⏰", "escalate": "🚨", "notify": "📢"}

SEPARATOR = "\n\n"

SHORTENED = "*This was shortened to fit. The comment that it answers has the whole text.*"


class Said(Struct, frozen=True):
    """One answer to one command. ``mark``: done, refused or helped. ``say``: Markdown, already neutral.

    ``call``: the command as typed, empty for the engine's own word; ``who``: a login, or empty.
    """

    key: str
    call: str
    who: str
    mark: str
    say: str


class Notice(Struct, frozen=True):
    """A deadline that came due. ``title``, ``text`` and ``message`` are neutral Markdown.

    ``mentions``: logins that are notified (none in a drill); ``names``: for whom else it is, by name;
    ``late``: how long after ``due`` it is said; ``action``: the deadline's; ``message``: a filled-in form;
    ``kind``: the incident's, which says why nobody was notified where ``mentions`` is empty. ``instead``: why
    others hear of it than those whom it is meant for, a neutral sentence.
    """

    key: str
    title: str
    text: str
    mentions: tuple[str, ...]
    names: tuple[str, ...]
    due: datetime
    late: timedelta
    action: str
    message: str = ""
    kind: IncidentKind = "real"
    instead: str = ""


class Part(Struct, frozen=True):
    """What one entry puts into the reply. ``extra``: neutral Markdown that stands below the answer."""

    entry: Entry
    said: Said | None = None
    notice: Notice | None = None
    extra: str = ""


def engine_part(
    entry: Entry,
    say: str,
    mark: str = "done",
    *,
    to: Person | None = None,
    notice: Notice | None = None,
    extra: str = "",
) -> Part:
    """What the engine says by itself, no command being typed; ``to`` somebody or to everybody."""
    return Part(entry, Said(entry.key, "", to.login if to else "", mark, say), notice, extra)


class Composed(Struct, frozen=True):
    """One comment to post, and the keys of the entries it carries."""

    body: str
    keys: tuple[str, ...]


def size(text: str) -> int:
    """The length in UTF-16 units, the strictest reading of GitHub's "characters": an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def mention(login: str) -> str:
    """``@login``, which notifies; inert text where it cannot be a person's login."""
    return f"@{login}" if login_like(login) and not login.endswith("[bot]") else inline(login)


def compose(
    repo: int,
    issue: int,
    parts: Sequence[Part],
    *,
    renderer: Renderer,
    zone: ZoneInfo,
    now: datetime,
    keys: Keyring | None = None,
) -> list[Composed]:
    """As few comments as fit (A14, H8): each carries the entries it answers, in their order, signed when
    there are ``keys``.
    """
    empty = Block(repo=repo, issue=issue, at=now if keys else None, entries=())
    groups: list[_Group] = []
    for part in parts:
        sections = _sections(part, renderer, zone, now)
        cost = _cost(part, sections)
        if not groups or groups[-1].cost + cost > ROOM:
            groups.append(_Group(cost=size(encode(empty, keys))))
        groups[-1].add(part, sections, cost)
    return [
        Composed(
            body=_body(replace(empty, entries=tuple(group.entries)), group.sections, keys),
            keys=tuple(entry.key for entry in group.entries),
        )
        for group in groups
    ]


class _Group(Struct):
    """What goes into one comment."""

    cost: int
    entries: list[Entry] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)

    def add(self, part: Part, sections: Sequence[str], cost: int) -> None:
        self.entries.append(part.entry)
        self.sections.extend(sections)
        self.cost += cost


def _entry_cost(entry: Entry) -> int:
    alone = encode(Block(repo=0, issue=0, entries=(entry,)))
    return len(alone) - len(OPENING) - len(CLOSING)


def _cost(part: Part, sections: Sequence[str]) -> int:
    return _entry_cost(part.entry) + sum(size(section) + len(SEPARATOR) for section in sections)


def _body(block: Block, sections: Sequence[str], keys: Keyring | None) -> str:
    return SEPARATOR.join([encode(block, keys), *(section for section in sections if section)])


def _sections(part: Part, renderer: Renderer, zone: ZoneInfo, now: datetime) -> list[str]:
    """The visible text of one part, shortened when not even a comment of its own has room for it."""
    sections = [_answer(part.said, renderer)] if part.said else []
    sections += [part.extra.strip()] if part.extra.strip() else []
    sections += [_notice(part.notice, renderer, zone, now)] if part.notice else []
    room = ROOM - _entry_cost(part.entry) - 200
    if size(SEPARATOR.join(sections)) <= room:
        return sections
    return [shorten(SEPARATOR.join(sections), room)]


def shorten(text: str, room: int) -> str:
    """Whole lines from the start of ``text`` that fit into ``room`` UTF-16 units, and a word about it.

    A code fence that was open is closed.
    """
    left = room - size(SHORTENED) - 16
    kept: list[str] = []
    fence = ""
    for line in text.split("\n"):
        left -= size(line) + 1
        if left < 0:
            break
        kept.append(line)
        if line.startswith("```"):
            fence = "" if fence else "```"
    return "\n".join([*kept, *([fence] if fence else []), "", SHORTENED])


def answer_values(said: Said) -> dict[str, object]:
    """The values of ``answer.md.j2``."""
    say = said.say.strip()
    return {
        "mark": MARKS[said.mark],
        "call": code(said.call) if said.call else "",
        "who": inline(said.who),
        "say": say,
        "long": "\n" in say,
    }


def _answer(said: Said, renderer: Renderer) -> str:
    values = answer_values(said)
    try:
        return renderer.file("answer.md.j2", values).strip()
    except TextError:
        return " ".join(filter(None, (MARKS[said.mark], str(values["call"]), said.say.strip())))


def notice_values(notice: Notice, zone: ZoneInfo, now: datetime) -> dict[str, object]:
    """The values of ``notice.md.j2``."""
    return {
        "sign": SIGNS[notice.action],
        "title": notice.title,
        "text": notice.text.strip(),
        "mentions": [mention(login) for login in notice.mentions],
        "names": [inline(name) for name in notice.names],
        "kind": notice.kind,
        "due": clock_time(notice.due, zone, near=now),
        "late": in_minutes(notice.late) if whole_minutes(notice.late) else "",
        "message": notice.message.strip(),
        "instead": notice.instead,
    }


def _notice(notice: Notice, renderer: Renderer, zone: ZoneInfo, now: datetime) -> str:
    """A notice must reach whom it is for, also when its template is broken."""
    try:
        return renderer.file("notice.md.j2", notice_values(notice, zone, now)).strip()
    except TextError:
        to = " ".join(mention(login) for login in notice.mentions)
        told = (to, f"**{notice.title}**", notice.text.strip(), notice.message.strip())
        return SEPARATOR.join(filter(None, told))


NOW = "now"
"""Instead of a time: it is due."""

AFTER: dict[Milestone | str, str] = {
    "started": "the start",
    "detected": "the detection",
    "declared": "the declaration",
    "acknowledged": "the first `/ack`",
    "identified": "the root cause is known",
    "mitigated": "the fix",
    "resolved": "the resolution",
    "closed": "the close",
    "published": "the post-mortem",
    "window-end": "the fix",
}
"""What a deadline that has no clock time yet waits for."""


def plan_table(incident: Incident, runbook: Runbook, zone: ZoneInfo, settings: Settings) -> str:
    """What will happen when, and who hears of it; what has no clock time yet comes last."""
    now = incident.last
    if now is None:
        return ""
    planned = [
        (NOW if timer.due <= now else clock_time(timer.due, zone, near=now), timer.deadline, timer.to)
        for timer in timers(incident, runbook, now)
    ]
    planned += [
        (f"{_length(deadline, incident, runbook)} after {AFTER[deadline.start]}", deadline, deadline.to)
        for deadline in runbook.deadlines
        if _ahead(deadline, incident, runbook)
    ]
    rows = [
        f"| {when} | {_what(deadline, incident, now=when == NOW)} | {whom(to, incident, runbook, settings)} |"
        for when, deadline, to in planned
    ]
    return "\n".join(["| When | What | For whom |", "|---|---|---|", *rows]) if rows else ""


def _length(deadline: Deadline, incident: Incident, runbook: Runbook) -> str:
    """From what a deadline waits for until it is due; the end of the window is told from the fix on."""
    span = window(incident, runbook) if deadline.start == "window-end" else None
    return (span or deadline.within[incident.severity]).words()


def _ahead(deadline: Deadline, incident: Incident, runbook: Runbook) -> bool:
    """Whether its clock has yet to start."""
    if incident.stage not in (Stage.OPEN, Stage.CLOSED) or incident.severity not in deadline.within:
        return False
    match deadline.start:
        case "word" | "voice" | "draft":
            return False
        case "window-end":
            return window(incident, runbook) is not None and incident.reached("mitigated") is None
        case start:
            holds = deadline.when == Condition() or bool(holding(incident, deadline.when))
            return holds and incident.reached(start) is None


def _what(deadline: Deadline, incident: Incident, *, now: bool) -> str:
    """What it is, how often it comes again, and what makes it needless, save what is due ``now``."""
    every, end = deadline.repeat.get(incident.severity), "done" if deadline.checklist else deadline.until
    if every and deadline.last is None:
        until = f" until {end}" if end else ""
        return f"{inline(deadline.title)}, then {every.since(deadline.first).words()}{until}"
    unless = f", unless {deadline.until}" if deadline.until and not deadline.role and not now else ""
    return f"{inline(deadline.title)}{unless}"
