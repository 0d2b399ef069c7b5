"""The index of the post-mortems: the part of `reports/incidents/README.md` that is written by the engine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice
from urllib.parse import quote

from msgspec import Struct, field

from allclear.core.metrics.charts import charts
from allclear.core.metrics.collection import Collection
from allclear.core.metrics.measures import MEASURES, QUANTILES, cells
from allclear.core.metrics.numbers import Month, months, numbers, time_spent
from allclear.core.metrics.reading import ReportFile, ReportRow
from allclear.core.model.neutral import inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.postmortem.file_name import in_folder
from allclear.core.view.labels import Labels

BEGIN = "<!-- allclear:index begin: renewed when a post-mortem is merged; write above or below it -->"
END = "<!-- allclear:index end -->"
MOST_ROWS = 1000
"""Reports in the table: GitHub shows no Markdown of more than 512 kB."""
MOST_MONTHS = 24
MOST_FAULTS = 50
NEW_PAGE = "# Post-mortems\n\nOne file per incident. What people write on this page stays as it is.\n"
"""What stands above the index where there was no page."""

_MARK = "<!-- allclear:index begin"
_REPOSITORY = lazy_regex(r"[\w.-]{1,100}/[\w.-]{1,100}", re.ASCII)


class IndexLinks(Struct, frozen=True):
    """Where the links go: ``server`` is ``https://github.com``, ``repository`` the one that has the page
    (empty: not known), ``label`` that of incidents, ``severities`` those of the severities by their ids, with
    the labels that go with each in ``beside``. ``later``: those of incidents that are over, ``action`` that
    of the issues of action items; empty: none.
    """

    server: str = "https://github.com"
    repository: str = ""
    label: str = "incident"
    severities: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    later: tuple[str, ...] = ()
    action: str = ""


def index_links(labels: Labels, server: str, repository: str) -> IndexLinks:
    """The links of a repository with these labels."""
    names, severities = labels.names, labels.runbook.severities
    return IndexLinks(
        server,
        repository,
        labels.incident,
        {severity.id: labels.severity(severity) for severity in severities},
        {severity.id: severity.extra_labels for severity in severities},
        (names.postmortem, names.learned),
        names.action,
    )


def merged(page: str | None, part: str) -> str:
    """The page with its generated part renewed, and every word of people's as it was. A page without the
    part gets it at its end; None is no page.

    The part is what stands between its two lines, the first of which is the last before the second. A
    begin without an end is somebody's text: nobody knows how far it went.
    """
    whole = f"{BEGIN}\n\n{part.strip()}\n\n{END}"
    if page is None:
        return f"{NEW_PAGE}\n{whole}\n"
    crlf = "\r\n" in page
    text = page.replace("\r\n", "\n")
    lines = text.split("\n")
    found = _part(lines)
    if found:
        text = "\n".join([*lines[: found[0]], whole, *lines[found[1] + 1 :]])
    else:
        text = f"{text.rstrip()}\n\n{whole}\n" if text.strip() else f"{NEW_PAGE}\n{whole}\n"
    return text.replace("\n", "\r\n") if crlf else text


def _part(lines: Sequence[str]) -> tuple[int, int] | None:
    """The numbers of the part's first and last line, from 0; None when there is no part."""
    begin: int | None = None
    for number, line in enumerate(map(str.rstrip, lines)):
        if line.startswith(_MARK):
            begin = number
        elif line == END and begin is not None:
            return begin, number
    return None


def index_part(collection: Collection, links: IndexLinks) -> str:
    """The index as Markdown: the table, the numbers with their definitions, the diagrams, what is wrong."""
    by_month = months(collection.counted)
    parts = [
        "\n".join(_index(collection, links)),
        "\n".join(number_lines(collection, by_month, MOST_MONTHS)),
        charts(by_month),
        "\n".join(_faults(collection)),
    ]
    return "\n\n".join(part for part in parts if part)


def _index(collection: Collection, links: IndexLinks) -> Iterator[str]:
    files = collection.files
    if not files:
        yield "There is no post-mortem yet."
        return
    yield from (f"## All {len(files):,} reports" if len(files) > 1 else "## One report", "")
    below = [
        *(["[Numbers](#numbers)"] if collection.counted else []),
        *(["[To mend](#to-mend)"] if collection.wrong else []),
    ]
    if below:
        yield from (f"Below the table: {' · '.join(below)}", "")
    filters = _filters(files, links)
    if filters:
        yield from (f"Issues by label: {filters}", "")
    yield from (
        "| Day | Report | Severity | State | Services | Took | Actions | Issue |",
        "|---|---|---|---|---|---:|---|---|",
    )
    reasons = {one.file.path: one.why for one in collection.left_out}
    for file in files[:MOST_ROWS]:
        yield _line(file, reasons.get(file.path, ""), links)
    if len(files) > MOST_ROWS:
        rest = len(files) - MOST_ROWS
        yield from (
            "",
            f"{rest:,} older ones are not in this table. `allclear report --format csv` lists all.",
        )


def _line(file: ReportFile, why: str, links: IndexLinks) -> str:
    row = file.row
    # Nearly all are resolved: what a reader looks for is how far the report is, where it says so.
    state = inline(row.review or row.state, 40)
    if why:
        state = f"{state}; not counted: {inline(why)}" if state else f"not counted: {inline(why)}"
    elif row.by_hand:
        state = f"{state}, written by hand" if state else "written by hand"
    took = f"{row.resolution:,} min" if row.resolution is not None else ""
    name = _address(in_folder(file.path))
    shown = (
        f"{file.day:%Y-%m-%d}" if file.day else "",
        f"[{inline(file.title, 120)}]({name})",
        inline(row.severity, 40),
        state,
        ", ".join(filter(None, (inline(service, 60) for service in row.services[:20]))),
        took,
        _actions(row),
        _issue(file, links),
    )
    return f"| {' | '.join(shown)} |"


def _actions(row: ReportRow) -> str:
    """How far its action items are, as the report says; how many there are where it only lists them."""
    left = row.actions - row.actions_dropped
    if row.actions_done is None:
        return f"{row.actions:,} listed" if row.actions else ""
    return f"{row.actions_done:,} of {left:,} done" if left else ""


def _address(name: str) -> str:
    """Beside the page; ``./`` because a name may look like an address of its own."""
    return "./" + "/".join(map(_escaped, name.split("/")))


def _escaped(text: str) -> str:
    """As a part of an address; a name of a file need not be UTF-8."""
    return quote(text, safe="", errors="surrogateescape")


def _issue(file: ReportFile, links: IndexLinks) -> str:
    row = file.row
    if row.issue is None or not _REPOSITORY.fullmatch(row.repository):
        return ""
    elsewhere = row.repository.casefold() != links.repository.casefold()
    name = f"{inline(row.repository)} {row.issue}" if elsewhere and links.repository else f"{row.issue}"
    return f"[{name}]({links.server}/{row.repository}/issues/{row.issue})"


def _filters(files: Sequence[ReportFile], links: IndexLinks) -> str:
    """Links to the issues of all incidents, to those with the label of each severity that occurs, and to
    those with the other labels by which people look for one.
    """
    if not _REPOSITORY.fullmatch(links.repository):
        return ""
    occurring = {file.row.severity for file in files}
    labels = {name: label for name, label in links.severities.items() if name in occurring}
    found = [f"[all]({_search(links, links.label)})"]
    found += [f"[{inline(name)}]({_search(links, links.label, label)})" for name, label in labels.items()]
    more = (*(one for name in labels for one in links.beside.get(name, ())), *links.later)
    found += [f"[{inline(one)}]({_search(links, links.label, one)})" for one in dict.fromkeys(more)]
    found += [f"[{inline(links.action)}]({_search(links, links.action)})"] if links.action else []
    return " · ".join(found)


def _search(links: IndexLinks, *labels: str) -> str:
    words = " ".join(["is:issue", *(f'label:"{label}"' for label in labels)])
    return f"{links.server}/{links.repository}/issues?q={_escaped(words)}"


def number_lines(collection: Collection, by_month: Sequence[Month], most: int) -> Iterator[str]:
    """The numbers of each month, newest first, in at most so many rows, and of all; below them, what each
    means.
    """
    if not collection.counted:
        return
    yield from ("## Numbers", "")
    yield f"| Month | {' | '.join(measure.title for measure in MEASURES)} |"
    yield f"|---|{'---:|' * len(MEASURES)}"
    for name, shown in islice(rows(by_month), most):
        yield f"| {name} | {' | '.join(map(inline, shown))} |"
    every = numbers(collection.counted, time_spent(collection.counted))
    yield f"| **All** | {' | '.join(map(inline, cells(every)))} |"
    yield ""
    yield from (f"- **{measure.title}**: {measure.definition}" for measure in MEASURES)
    yield f"- {QUANTILES}"


def rows(by_month: Sequence[Month]) -> Iterator[tuple[str, list[str]]]:
    """The months, newest first, with their cells (raw). Several in a row without anything are one row."""
    told = [(month.name, cells(month.numbers)) for month in reversed(by_month)]
    for empty, group in groupby(told, key=lambda one: not any(one[1])):
        found = list(group)
        if empty and len(found) > 1:
            yield f"{found[-1][0]} to {found[0][0]}", found[0][1]
        else:
            yield from found


def _faults(collection: Collection) -> Iterator[str]:
    wrong = [(file, fault) for file in collection.wrong for fault in file.row.faults]
    if not wrong:
        return
    yield from ("## To mend", "", "These reports are left as they are. What is wrong in them:", "")
    for file, fault in wrong[:MOST_FAULTS]:
        name, line = in_folder(file.path), fault.line
        place = f"[{inline(name)}, line {line}]({_address(name)}?plain=1#L{line})"
        yield f"- {place}: {inline(fault.text, 400)}"
    if len(wrong) > MOST_FAULTS:
        yield f"- … and {len(wrong) - MOST_FAULTS:,} more; `allclear report` names them all."
