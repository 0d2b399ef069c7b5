"""Export, import, export: what was written is read back equal, whatever people wrote (H13 to H15, I8).

A record becomes a report; the report is taken apart and written again from the same record, to the same
bytes. Reports become JSON, CSV and a page; read back, each says what the rows say.
"""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from allclear.core.metrics.collection import Collection, collect
from allclear.core.metrics.formats import COLUMNS, FORMULA, as_csv, as_json, incidents
from allclear.core.metrics.index_page import index_part
from allclear.core.metrics.reading import ReportFile, read_row
from allclear.core.model.neutral import JOINER, cut, plain
from allclear.core.postmortem.document import Written, write
from allclear.core.postmortem.front_matter import dump, read
from allclear.core.record.findings import Found, ImpactSet
from allclear.core.record.life import Cleared, Resolved
from allclear.core.record.people import Acknowledged
from allclear.core.record.postmortem import PostmortemAsked, ReviewOverridden
from allclear.core.record.progress import ActionAdded, ActionEnded, Noted, Updated
from core.metrics.folder import LINKS
from core.postmortem.test_front_matter import hostile as values
from core.postmortem.test_front_matter import reports
from sampling import examples
from stories import ADA, BOB, CAT, HOSTILE, ISSUE_URL, NOON, RENDERER, SETTINGS, UTC_ZONE, Story

FOLDER = "reports/incidents"

HOSTILE_TEXTS = (
    HOSTILE,
    "../../etc/passwd\0.md",
    "CON",
    "🚨" * 300,
    "a" * 300,
    "---\nid: x\n---\n# Another",
    "title: a: b\n- c\n!!python/object/apply:os.system ['id']",
    "{{ config }}{% for one in two %}{# three #}${{ github.token }}",
    "<!-- allclear:begin head -->\n# Mine\n<!-- allclear:end head -->",
    "<!-- allclear:begin actions 000000000000 -->",
    "## Action Items\n\n- [ ] one\n- [x] two",
    "_What went well?_",
    "```\n~~~~\n    code",
    "| a | b |\n|---|---|",
    "\u202egnp.exe\u202c \u2067rtl\u2069 שלום",
    "e\u0301 ﬁ 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 👩‍👩‍👧 \U000e0041",
    "line\r\nline\rline\u2028line\x85line\x0bline\x0cline",
    "=1+1",
    "'=1+1",
    "''@SUM(A1)",
    "'Tis down; the \\ and \\; too",
    "- 1) 2. + # >",
    " \t ",
)
texts = st.sampled_from(HOSTILE_TEXTS) | values
lines = texts.filter(lambda text: bool(plain(text).strip()))


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """An incident by the book, in the words of somebody who means harm."""
    story = Story().declare(draw(lines)).tell(4, BOB, Acknowledged(by=BOB))
    impact = ImpactSet(users=draw(st.none() | st.integers(0, 10**9)), revenue=draw(lines), text=draw(lines))
    story.tell(6, ADA, impact)
    story.tell(8, BOB, Found(root_cause=draw(lines), evidence=draw(lines), proposed_fix=draw(lines)))
    story.tell(9, BOB, Updated(text=draw(lines), next=draw(texts), eta=draw(texts)))
    story.tell(10, ADA, Noted(at=NOON + timedelta(minutes=3), text=draw(lines)))
    for number in range(draw(st.integers(0, 3))):
        owner = draw(st.sampled_from((None, ADA, CAT)))
        story.tell(20 + number, ADA, ActionAdded(owner=owner, due="2025-12-01", text=draw(lines)))
    story.tell(40, BOB, Resolved(text=draw(lines)))
    gates = draw(st.lists(texts, max_size=2).map(tuple))
    story.tell(50, ADA, Cleared(text=draw(lines), override=draw(texts), open_gates=gates), PostmortemAsked())
    if draw(st.booleans()):
        story.tell(60, ADA, ReviewOverridden(why=draw(lines)))
    return story


def written(story: Story, existing: str | None = None) -> Written:
    return write(
        story.incident,
        story.runbook,
        SETTINGS,
        existing=existing,
        taken=frozenset(),
        renderer=RENDERER,
        zone=UTC_ZONE,
        repository="hotdash/app",
        issue_url=ISSUE_URL,
        now=NOON + timedelta(days=1),
    )


@pytest.mark.usefixtures("proof")
@settings(max_examples=examples(16, 300), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(stories(), st.booleans(), st.booleans())
def test_a_report_written_over_itself_is_the_same_to_the_byte(story: Story, bom: bool, crlf: bool) -> None:
    first = written(story)
    found = read(first.text)
    assert not found.broken
    assert found.report == first.report
    assert dump(found.report, found.body, found.extra) == first.text
    text = dump(first.report, found.body, bom=bom, crlf=crlf)
    assert read(text).report == first.report
    assert written(story, text).text == text


@pytest.mark.usefixtures("proof")
@settings(max_examples=examples(16, 300), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    stories(),
    texts,
    st.dictionaries(st.sampled_from(("reviewed", "team", "seen")), values, max_size=2),
    lines,
)
def test_what_people_add_stays_and_what_changes_later_is_written_once(
    story: Story, added: str, extra: dict[str, str], why: str
) -> None:
    told = {key: plain(value) for key, value in extra.items()}
    first = written(story)
    theirs = read(dump(first.report, f"{read(first.text).body}\n\nTheirs: {plain(added)}", told))
    text = dump(theirs.report, theirs.body, theirs.extra)
    assert written(story, text).text == text
    story.tell(70, CAT, ActionAdded(owner=CAT, text=why)).tell(80, CAT, ActionEnded(number=1, why=why))
    later = written(story, text)
    assert read(later.text).extra == theirs.extra
    assert read(later.text).report == later.report
    assert written(story, later.text).text == later.text


names = (
    st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: raw.decode(errors="surrogateescape"))
).map(lambda name: re.sub(r"[/\0]", "-", name) + ".md")
"""What git and file systems let a file be called: any bytes but these."""


@st.composite
def collections(draw: st.DrawFn) -> Collection:
    """Reports as somebody may have written them, read."""
    found = draw(st.lists(st.tuples(names, reports, texts), max_size=4, unique_by=lambda one: one[0]))
    return collect(
        ReportFile(
            path=f"{FOLDER}/{name}", row=read_row(dump(report.model_copy(update={"title": title}), "# x"))
        )
        for name, report, title in found
    )


def from_cell(cell: str) -> str:
    """The text that a cell of the CSV says: one apostrophe keeps a spreadsheet from reading a formula."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("' \n").startswith(FORMULA) else cell


def from_list(cell: str) -> list[str]:
    found = re.split(r"(?<!\\)((?:\\\\)*); ", cell)
    names = [name + slashes for name, slashes in zip(found[::2], [*found[1::2], ""], strict=True)]
    return [re.sub(r"\\(.)", r"\1", one) for one in names]


@pytest.mark.usefixtures("proof")
@settings(max_examples=examples(24, 800), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(collections())
def test_the_formats_read_back_say_what_the_rows_say(collection: Collection) -> None:
    rows = incidents(collection)
    assert json.loads(as_json(collection))["incidents"] == rows
    header, *cells = csv.reader(io.StringIO(as_csv(collection), newline=""))
    assert tuple(header) == COLUMNS
    back = [dict(zip(COLUMNS, map(from_cell, line), strict=True)) for line in cells]
    assert [one | {"services": from_list(one["services"])} for one in back] == [
        {key: "" if value is None else str(value) for key, value in row.items()}
        | {"services": row["services"] or [""]}
        for row in rows
    ]
    assert not any(cell.strip().startswith(FORMULA) for line in cells for cell in line)


def shown(text: str, most: int) -> str:
    """A text as one line of a page."""
    return cut(" ".join(plain(text).split()), most)


def content(token: Token) -> str:
    return "".join(one.content for one in token.children or ()).replace(JOINER, "")


@pytest.mark.usefixtures("proof")
@settings(max_examples=examples(24, 800), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(collections())
def test_the_page_read_back_says_what_the_rows_say(collection: Collection) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(index_part(collection, LINKS))
    cells = [after for token, after in pairwise(tokens) if token.type == "td_open"]
    table = [cells[at : at + 8] for at in range(0, 8 * len(collection.files), 8)]
    assert len(table) == len(collection.files)
    for file, line in zip(collection.files, table, strict=True):
        day, title, severity, state, services, took, _, issue = line
        row: Any = file.row
        assert content(day) == (file.day.isoformat() if file.day else "")
        assert content(title) == shown(file.title, 120)
        (link,) = [one for one in title.children or () if one.type == "link_open"]
        name = file.path.rpartition("/")[2].encode(errors="surrogateescape")
        assert unquote_to_bytes(str(link.attrs["href"])) == b"./" + name
        assert content(severity) == shown(row.severity, 40)
        assert content(state).startswith(shown(row.review or row.state, 40))
        assert content(services) == ", ".join(filter(None, (shown(one, 60) for one in row.services[:20])))
        assert content(took) == (f"{row.resolution:,} min" if row.resolution is not None else "")
        assert not content(issue) or content(issue).endswith(str(row.issue))
