"""Whether a post-mortem shows that runbooks were updated: by a merged change, or by words on why not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from allclear.core.model.patterns import lazy_regex
from allclear.core.model.report_seen import ChangeState, NamedChange
from allclear.core.policy.runbook import Runbook
from allclear.core.postmortem.outline import Line, ReportOutline
from allclear.core.postmortem.remarks import Remark
from allclear.core.postmortem.remarks_on_actions import TASK, names_owner

MOST_CHANGES = 5
"""Changes that one report has looked up."""

SHORTEST_REASON = 3
"""Words that say why no runbook has to change."""

_RUNBOOK = lazy_regex(r"\b(?:runbooks?|playbooks?)\b", re.IGNORECASE)
_WAIVED = lazy_regex(
    r"\b(?:no (?:\w{1,20} ){0,2}(?:change|update|edit)s?|not (?:needed|necessary|required|affected)|"
    r"not applicable|nothing to (?:change|update|add|mend|fix)|won't do|will not be (?:changed|updated)|"
    r"unchanged|n/a|none (?:is |was )?(?:needed|necessary|required|affected))\b"
    r"(?: needed| necessary| required)?",
    re.IGNORECASE,
)
_WORD = lazy_regex(r"[^\W\d_]{2,}")
_BETWEEN = lazy_regex(r"[\s()\[\]<>`\"'*,;|]+")
_URL = lazy_regex(
    r"https?://[^/]{1,100}/(?P<repository>[\w.-]{1,40}/[\w.-]{1,100})/"
    r"(?:pull/(?P<pull>\d{1,9})|commit/(?P<commit>[0-9a-f]{7,40})|(?:blob|tree|edit)/[^/]{1,100}/(?P<file>.{1,300}))"
    r"(?:[/?#].{0,300})?",
    re.IGNORECASE,
)
_NUMBER = lazy_regex(r"(?P<repository>[\w.-]{1,40}/[\w.-]{1,100})?#(?P<pull>\d{1,9})")
_COMMIT = lazy_regex(r"(?=[0-9a-f]{0,39}[0-9])(?=[0-9a-f]{0,39}[a-f])[0-9a-f]{7,40}")
_FILE = lazy_regex(r"(?:\.{1,2}/){0,8}(?P<file>[\w.-][\w./-]{0,300}\.(?:md|ya?ml|adoc|rst|txt))(?:[?#].*)?")
_ELSEWHERE = lazy_regex(r"https?://\S{3,}")


class _Topic(Struct, frozen=True):
    """Lines that belong together and are about runbooks."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return " ; ".join(line.text.strip() for line in self.lines)

    @property
    def waived(self) -> bool:
        """Whether it says that nothing has to change, and why."""
        text = self.text
        if not _WAIVED.search(text):
            return False
        left = _RUNBOOK.sub("", _WAIVED.sub("", text))
        return len(_WORD.findall(left.replace("updated", ""))) >= SHORTEST_REASON

    @property
    def asking(self) -> int | None:
        """The line of a box that is about a runbook and that nobody was given."""
        boxes = (line for line in self.lines if TASK.match(line.text.strip()))
        asking = (line for line in boxes if _RUNBOOK.search(line.text) and not names_owner(line.text))
        return next((line.number for line in asking), None)


def changes_named(report: ReportOutline, repository: str) -> tuple[NamedChange, ...]:
    """The changes of ``repository`` (``owner/name``) by which the report shows that runbooks were updated, as
    many as are looked up.
    """
    return _named(list(_topics(report)), repository)[0][:MOST_CHANGES]


def on_runbooks(
    report: ReportOutline,
    runbook: Runbook,
    severity: str,
    repository: str,
    changes: Mapping[NamedChange, ChangeState] | None,
) -> Iterator[Remark]:
    """What is missing where the report or the runbook says that runbooks are to be updated. ``changes``: what
    GitHub says of those that changes_named() found; None: nobody looked, and what is named counts.
    """
    topics = list(_topics(report))
    asked = next((line for one in topics if (line := one.asking) is not None), None)
    if asked is None and not _asked(runbook, severity):
        return
    if any(one.waived for one in topics):
        return
    here, elsewhere = _named(topics, repository)
    states = {one: changes.get(one) for one in here} if changes is not None else dict.fromkeys(here, "merged")
    if "merged" in states.values() or (changes is None and elsewhere):
        return
    line = asked or (topics[0].lines[0].number if topics else 1)
    unseen = [*elsewhere, *(str(one) for one, state in states.items() if state is None)]
    if unseen and "not merged" not in states.values():
        yield Remark(
            line,
            "runbooks-elsewhere",
            f"The runbook was updated by {unseen[0]}, as it says here. Whether that is merged cannot be seen "
            "from here: look before you publish.",
            holds=False,
        )
        return
    told = "; ".join(f"{one} {_STATE[one.kind, state]}" for one, state in states.items() if state is not None)
    why = f"{told}." if told else "Nothing shows that the runbook was updated."
    yield Remark(
        line,
        "runbooks",
        f"{why} Link the change once it is merged, or say why none is needed: "
        "`Runbooks: no change, because …`.",
    )


_STATE: Mapping[tuple[str, str], str] = {
    ("pull", "not merged"): "is not merged into the default branch",
    ("pull", "none"): "is no pull request of this repository",
    ("commit", "not merged"): "is not on the default branch",
    ("commit", "none"): "is no commit of this repository",
    ("file", "not merged"): "was not changed on the default branch since the incident began",
    ("file", "none"): "is no file of this repository",
}


def _asked(runbook: Runbook, severity: str) -> bool:
    """Whether the runbook has a step after the incident that is about runbooks, for this severity."""
    return any(
        severity in step.levels and not step.optional and _RUNBOOK.search(step.text)
        for one in runbook.lists
        if one.afterwards
        for step in one.steps
    )


def _topics(report: ReportOutline) -> Iterator[_Topic]:
    """The lines that name a runbook with what is nested below them, and what stands below such a heading."""
    for chapter in report.chapters:
        headed = bool(_RUNBOOK.search(chapter.heading))
        lines = chapter.lines
        at = 0
        while at < len(lines):
            line = lines[at]
            begin, at = at, at + 1
            if line.code or not line.text.strip():
                continue
            if line.heading:
                headed = bool(_RUNBOOK.search(line.text))
            elif headed or _RUNBOOK.search(line.text):
                while at < len(lines) and lines[at].text.strip() and lines[at].indent > line.indent:
                    at += 1
                yield _Topic(tuple(lines[begin:at]))


def _named(topics: Sequence[_Topic], repository: str) -> tuple[tuple[NamedChange, ...], tuple[str, ...]]:
    """The changes of this repository, and what is named of other places."""
    here, elsewhere = dict[NamedChange, None](), dict[str, None]()
    for topic in topics:
        for word in _BETWEEN.split(topic.text):
            found = _change(word.rstrip(".:!?"), repository)
            if isinstance(found, NamedChange):
                here[found] = None
            elif found:
                elsewhere[found] = None
    return tuple(here), tuple(elsewhere)


def _change(word: str, repository: str) -> NamedChange | str:
    """The change that a word names; the word itself when that is elsewhere, else empty."""
    if len(word) > LONGEST_WORD:
        return ""
    match = _URL.fullmatch(word) or _NUMBER.fullmatch(word)
    if match is not None:
        found = match.groupdict()
        if (found["repository"] or repository).casefold() != repository.casefold():
            return word
        if found["pull"]:
            return NamedChange("pull", found["pull"])
        return NamedChange("commit", found["commit"]) if found["commit"] else _file(found["file"])
    if _COMMIT.fullmatch(word):
        return NamedChange("commit", word)
    file = _FILE.fullmatch(word)
    if file is not None and _RUNBOOK.search(file["file"]):
        return _file(file["file"])
    return word if _ELSEWHERE.fullmatch(word) else ""


LONGEST_WORD = 500
"""Characters of an address."""


def _file(path: str) -> NamedChange:
    return NamedChange("file", re.split(r"[?#]", path, maxsplit=1)[0])
