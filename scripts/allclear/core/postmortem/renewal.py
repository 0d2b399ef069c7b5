"""A merged report follows what happens later: the keys of core.postmortem.front_matter.LATER are renewed in
its front matter, and nothing else of the file, to the byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

import yaml
from frontmatter.default_handlers import SafeLoader, YAMLHandler
from pydantic import ValidationError

from allclear.core.postmortem.front_matter import BOM, LATER, Document, Report, read, review_of
from allclear.core.record.incident import Incident


@dataclass(slots=True)
class _Key:
    """A key of the front matter: its lines in the file, and those up to the next key that are comments."""

    name: str
    lines: str
    rest: str = ""


def names(document: Document, issue: int, repository: str) -> bool:
    """Whether the report says that it is about this issue of this repository (``owner/name``)."""
    said = document.metadata
    number, where = said.get("issue"), said.get("repository")
    here = isinstance(where, str) and where.casefold() == repository.casefold()
    return here and isinstance(number, int) and not isinstance(number, bool) and number == issue


def renewed(text: str, front: Report) -> str:
    """The file with the keys of LATER as ``front`` has them. As it is where they say so already, where the
    report names another incident, and where its front matter cannot be read, or not be renewed alone.
    """
    document = read(text)
    if front.issue is None or not names(document, front.issue, front.repository):
        return text
    try:
        said = document.report
    except ValidationError:
        return text
    changed = {key: getattr(front, key) for key in LATER if getattr(said, key) != getattr(front, key)}
    begin, end = _front(text)
    keys = _keys(text[begin:end])
    if not changed or keys is None:
        return text
    line_end = "\r\n" if text[begin - 1] == "\r" else "\n"
    told = front.metadata()
    for key in changed:
        _set(keys, key, _dumped(key, told[key]).replace("\n", line_end) if key in told else "")
    made = text[:begin] + "".join(f"{one.lines}{one.rest}" for one in keys) + text[end:]
    return made if _holds(read(made), document, said.model_copy(update=changed)) else text


def behind(text: str, incident: Incident, repository: str) -> bool:
    """Whether the file lacks what happened later, as far as that is known of an incident without its whole
    record (core.record.lean). Not of a file that is not its own, or that nobody can renew.
    """
    document = read(text)
    if not names(document, incident.number, repository):
        return False
    try:
        said = document.report
    except ValidationError:
        return False
    known, counts = incident.progress, said.actions
    left = counts.planned - counts.done - counts.dropped if counts is not None else 0
    here = (said.review, said.published_at, said.learned_at, left)
    there = (
        review_of(incident),
        incident.reached("published"),
        incident.postmortem.learned,
        len(known.open_actions) + known.left_out,
    )
    return here != there


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
    """As core.postmortem.front_matter.dump writes it."""
    text = YAMLHandler().export({key: value}, Dumper=yaml.SafeDumper, sort_keys=False, width=100_000)
    return f"{text}\n"


def _holds(made: Document, before: Document, wanted: Report) -> bool:
    """Whether the file says what it should, and all else of it is as it was."""
    try:
        said = made.report
    except ValidationError:
        return False
    return (said, _others(made.metadata), made.body) == (wanted, _others(before.metadata), before.body)


def _others(metadata: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key: value for key, value in metadata.items() if key not in LATER}
