"""The incident record: the front matter of a post-mortem, with the field names of item 002-24 and ours.

python-frontmatter writes and reads it; nobody concatenates YAML (faults E17, H14).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from itertools import islice, pairwise
from typing import Annotated, Any

import frontmatter
import yaml
from frontmatter.default_handlers import SafeLoader, YAMLHandler
from msgspec import Struct
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from allclear.core.model.frozen import Frozen
from allclear.core.model.milestones import IncidentKind
from allclear.core.model.neutral import plain
from allclear.core.model.times import stamp, utc

BOM = "\ufeff"


def _as_text(value: Any) -> Any:
    """A number or date that YAML made of plain text, as text again."""
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def _clock(value: Any) -> Any:
    """A time in either spelling: as text, or as the number that YAML 1.1 makes of ``14:15`` (002-A4)."""
    if isinstance(value, int) and not isinstance(value, bool):
        # 14:15 is 855, 14:15:30 is 51330: beyond a day's minutes it must be seconds.
        hours, rest = divmod(value if value < 1440 else value // 60, 60)
        return f"{hours:02d}:{rest:02d}"
    return _as_text(value)


Text = Annotated[str, BeforeValidator(_as_text), AfterValidator(plain)]
Clock = Annotated[str, BeforeValidator(_clock), AfterValidator(plain)]


def _in_utc(moment: datetime) -> datetime:
    try:
        return utc(moment)
    except OverflowError:
        # A time of the year 1 or 9999, in a zone that puts it outside of both.
        raise ValueError("no year that has this time in UTC") from None


Moment = Annotated[datetime, AfterValidator(_in_utc), PlainSerializer(stamp, return_type=str)]
"""UTC, written as ``2025-10-19T14:02:00Z`` in quotes, so that every YAML reader sees the same text."""


class Impact(Frozen):
    """``duration_minutes`` runs from started to resolved; None is not known."""

    users_affected: int | None = None
    revenue_lost: Text | None = None
    duration_minutes: int | None = None


class Event(Frozen):
    """One line of the timeline. We write a UTC stamp; ``14:15`` is read too. Ours are the milestones; files
    of earlier versions hold everything that was recorded, as the document's table does.
    """

    time: Clock
    event: Text


class Override(Frozen):
    """An all-clear against open gates: who, when, why, and what was open."""

    by: Text
    at: Moment
    reason: Text
    open_gates: tuple[Text, ...] = ()


class OverriddenReview(Frozen):
    """A post-mortem that was published whatever its review held against it: who said so, when, why."""

    by: Text
    at: Moment
    reason: Text


class Minutes(Frozen):
    """The durations in whole minutes; None is not recorded."""

    detection: int | None = None
    acknowledgement: int | None = None
    mitigation: int | None = None
    resolution: int | None = None


class ActionCounts(Frozen):
    """The action items when the report was last written; ``dropped``: somebody said that nobody will."""

    planned: int = 0
    done: int = 0
    dropped: int = 0


class Report(Frozen):
    """An incident as a file keeps it. A file with only the first nine, 002-24's, loads.

    ``review`` is the state of the post-mortem itself, ``status`` that of the incident.
    """

    id: Text
    severity: Text
    title: Text
    started_at: Moment | None = None
    detected_by: Text | None = None
    resolved_at: Moment | None = None
    impact: Impact = Impact.initial()
    timeline: tuple[Event, ...] = ()
    action_items: tuple[Text, ...] = ()
    issue: int | None = None
    repository: Text = ""
    kind: IncidentKind = "real"
    runbook: Text = ""
    runbook_hash: Text = ""
    status: Text = ""
    review: Text = ""
    declared_at: Moment | None = None
    detected_at: Moment | None = None
    acknowledged_at: Moment | None = None
    identified_at: Moment | None = None
    mitigated_at: Moment | None = None
    closed_at: Moment | None = None
    published_at: Moment | None = None
    learned_at: Moment | None = None
    services: tuple[Text, ...] = ()
    roles: dict[Text, Text] = Field(default_factory=dict)
    responders: tuple[Text, ...] = ()
    flags: tuple[Text, ...] = ()
    overrides: tuple[Override, ...] = ()
    review_override: OverriddenReview | None = None
    durations: Minutes = Minutes.initial()
    number_of_people: int = 0
    promises: dict[Text, Text] = Field(default_factory=dict)
    reopened: int | None = None
    escalated: int | None = None
    actions: ActionCounts | None = None
    duplicate_of: int | None = None

    def metadata(self) -> dict[str, Any]:
        """The record as plain YAML values: text, whole numbers, null, lists and mappings. Of our own fields
        only those that say something: GitHub shows each as a row above the document.
        """
        every = self.model_dump(mode="json")
        return {key: value for key, value in every.items() if key in NAMED or value not in (None, "", [], {})}


NAMED = (
    "id",
    "severity",
    "title",
    "started_at",
    "detected_by",
    "resolved_at",
    "impact",
    "timeline",
    "action_items",
)
"""The fields of item 002-24, which every record has."""

LATER = (
    "action_items",
    "review",
    "published_at",
    "learned_at",
    "review_override",
    "actions",
)
"""The fields that tell what becomes of the incident after its report was written, in their order there."""


class Document(Struct, frozen=True):
    """A report file taken apart.

    ``metadata`` is the front matter as YAML read it, ``body`` the Markdown after it, with LF line ends.
    ``broken`` is front matter that is no YAML mapping, word for word, and ``broken_at`` the line of the file
    that shows it. ``bom`` and ``crlf`` tell how the file
    was written.
    """

    metadata: Mapping[Any, Any]
    body: str
    broken: str = ""
    broken_at: int = 1
    bom: bool = False
    crlf: bool = False

    @property
    def report(self) -> Report:
        """The record in the front matter, without keys that are not ours. Raises pydantic.ValidationError."""
        return Report.model_validate(
            {key: value for key, value in self.metadata.items() if key in Report.model_fields}
        )

    @property
    def extra(self) -> dict[Any, Any]:
        """What people added to the front matter."""
        return {key: value for key, value in self.metadata.items() if key not in Report.model_fields}


def read(text: str) -> Document:
    """Take a report file apart. Never fails: what cannot be read as front matter stays as text."""
    bom = text.startswith(BOM)
    crlf = "\r\n" in text
    text = text.removeprefix(BOM).replace("\r\n", "\n")
    blank = len(text[: len(text) - len(text.lstrip())].split("\n"))
    text = text.strip()
    handler = YAMLHandler()
    if not handler.detect(text):
        return Document({}, text, bom=bom, crlf=crlf)
    try:
        front, body = handler.split(text)
    except ValueError:
        # It begins like front matter, and that never ends.
        return Document({}, text, bom=bom, crlf=crlf)
    try:
        metadata = handler.load(front)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # ValueError: PyYAML lets datetime complain about a date such as 2025-13-45.
        metadata = None
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        blank += mark.line if mark is not None else 0
    if not isinstance(metadata, dict):
        return Document({}, body.strip(), broken=front.strip("\n"), broken_at=blank, bom=bom, crlf=crlf)
    return Document(metadata, body.strip(), bom=bom, crlf=crlf)


def dump(
    report: Report,
    body: str,
    extra: Mapping[Any, Any] | None = None,
    *,
    bom: bool = False,
    crlf: bool = False,
) -> str:
    """The whole file: front matter in our order, people's own keys after ours, then the Markdown."""
    post = frontmatter.Post(body, YAMLHandler())
    post.metadata = {**report.metadata(), **(extra or {})}
    # A wide line keeps a value on one line; PyYAML's own dumper, unlike libyaml's, leaves emoji readable.
    text = frontmatter.dumps(post, Dumper=yaml.SafeDumper, sort_keys=False, width=100_000) + "\n"
    return (BOM if bom else "") + (text.replace("\n", "\r\n") if crlf else text)


class _Key(Struct):
    """A key of the front matter: its lines in the file, and those up to the next key that are comments."""

    name: str
    lines: str
    rest: str = ""


def with_keys(text: str, values: Mapping[str, Any]) -> str | None:
    """A report file with these keys of ours renewed in its front matter, of which it has some, and every
    other byte as it was; a value of None takes the key out. None where it is not one key below the other.
    """
    begin, end = _front(text)
    keys = _keys(text[begin:end])
    if keys is None:
        return None
    line_end = "\r\n" if text[begin - 1] == "\r" else "\n"
    for key, value in values.items():
        _set(keys, key, "" if value is None else _dumped(key, value).replace("\n", line_end))
    return text[:begin] + "".join(f"{one.lines}{one.rest}" for one in keys) + text[end:]


def _front(text: str) -> tuple[int, int]:
    """Where the YAML of the front matter begins and ends in a file that has some."""
    whole = text.removeprefix(BOM).lstrip()
    skipped = len(text) - len(whole)
    first, second = islice(YAMLHandler.FM_BOUNDARY.finditer(whole), 2)
    return skipped + first.end(), skipped + second.start()


def _keys(front: str) -> list[_Key] | None:
    """The keys of the front matter with their lines; None where it is not one key below the other."""
    node = yaml.compose(front, Loader=SafeLoader)
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        return None
    marks = [(str(key.value), key.start_mark) for key, _ in node.value]
    if len({name for name, _ in marks}) != len(marks) or any(mark.column for _, mark in marks):
        return None
    starts = [mark.index for _, mark in marks]
    found = [_Key("", front[: starts[0]])]
    for (name, _), (start, end) in zip(marks, pairwise([*starts, len(front)]), strict=True):
        lines = front[start:end].split("\n")
        count = len(lines)
        while count > 1 and (not lines[count - 1].strip() or lines[count - 1].startswith("#")):
            count -= 1
        own = "\n".join(lines[:count])
        rest = front[start + len(own) : end]
        # The line end belongs to the key.
        found.append(_Key(name, own + rest[:1], rest[1:]))
    return found


def _set(keys: list[_Key], name: str, lines: str) -> None:
    """Put these lines in the place of the key's, or where the key belongs among ours."""
    there = next((one for one in keys if one.name == name), None)
    if there is not None:
        there.lines = lines
        return
    order = list(Report.model_fields)
    before = frozenset(order[: order.index(name)])
    at = max((place for place, one in enumerate(keys) if one.name in before), default=0)
    keys.insert(at + 1, _Key(name, lines, keys[at].rest))
    keys[at].rest = ""


def _dumped(key: str, value: Any) -> str:
    """As `dump` writes it."""
    text = YAMLHandler().export({key: value}, Dumper=yaml.SafeDumper, sort_keys=False, width=100_000)
    return f"{text}\n"
