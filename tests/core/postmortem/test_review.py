"""The headings, the meeting and the dates that a runbook asks for after an incident."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from allclear.adapters.files.templates import Templates
from allclear.core.model.neutral import Renderer
from allclear.core.model.stored import read_values
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.postmortem.approvals import reviewers
from allclear.core.postmortem.document import Written, write
from allclear.core.record.findings import Found, ImpactSet
from allclear.core.record.life import Cleared, Declared, Resolved
from allclear.core.record.observed import PatternNamed
from allclear.core.record.people import Acknowledged, RoleSet
from allclear.core.record.postmortem import MeetingPlanned, PostmortemAsked
from allclear.core.record.progress import ActionAdded, Ticked
from golden_files import Golden
from stories import ADA, BOB, HOTDASH, ISSUE_URL, NOON, RENDERER, UTC_ZONE, Story
from written import runbook, small

SETTINGS = Settings(people={"CEO": ("mona",), "Operations Manager": ("dave",)})
TEN = datetime(2025, 10, 22, 10, tzinfo=UTC)


def document(
    story: Story, book: Runbook, existing: str | None = None, *, renderer: Renderer = RENDERER
) -> Written:
    return write(
        story.incident,
        book,
        SETTINGS,
        existing=existing,
        taken=frozenset(),
        renderer=renderer,
        zone=UTC_ZONE,
        repository="acme/shop",
        issue_url=ISSUE_URL,
        now=NOON + timedelta(days=1),
    )


def ended(book: Runbook, *, meeting: bool = True) -> Story:
    """An incident of the worst severity that is over."""
    story = Story(book)
    level = book.severities[0].id
    told = {"title": "Checkout is down", "severity": level, "started": NOON, "services": ("web",)}
    story.tell(0, ADA, read_values(Declared, told | {"runbook": book.name, "runbook_hash": "0" * 12}))
    story.tell(4, BOB, Acknowledged(by=BOB), RoleSet(role=book.roles[0].id, person=ADA))
    story.tell(5, ADA, ImpactSet(users=1500), Found(root_cause="A lock", evidence="The log"))
    story.tell(30, BOB, Resolved(text="Released the lock"))
    story.tell(31, BOB, ActionAdded(owner=BOB, due="2025-12-01", text="Alert on locks"))
    story.tell(40, BOB, Cleared(text="Released the lock"), PostmortemAsked())
    return story.tell(41, ADA, MeetingPlanned(at=TEN)) if meeting else story


@pytest.mark.parametrize("name", ["dirt-free-crm", "habit-tracker", "hotdash", "sev"])
def test_the_post_mortem_has_the_headings_of_the_runbook(golden: Golden, name: str) -> None:
    """004-31..34, 003-17, 000-22, 002-22..24"""
    book = runbook(name)
    golden(f"postmortem/review/{name}.md", document(ended(book), book).text)


@pytest.mark.parametrize(("number", "said"), [(0, ""), (1, "1 approval of"), (2, "2 approvals of")])
def test_the_pull_request_says_what_publishes_it_and_how_many_approve_it(number: int, said: str) -> None:
    book = small(review={"approvals": number})
    body = document(ended(book), book).body
    assert "published when it is merged with the status `allclear/post-mortem` in green" in body
    assert ("It needs" in body, said in body) == (number > 0, True)


def test_the_people_of_the_runbook_are_asked_to_review_each_once_and_no_bot() -> None:
    book = small(
        review={"reviewers": ["CEO", "@Mona", "Robot"]},
        contacts={"CEO": {"note": "x"}, "@Mona": {"note": "x"}, "Robot": {"note": "x"}},
    )
    people = replace(SETTINGS, people={"CEO": ("mona",), "Robot": ("robot[bot]",)})
    incident = ended(book).incident
    assert [one.casefold() for one in reviewers(incident, book, people)] == ["mona"]
    assert reviewers(incident, small(), people) == ("bob", "ada")
    assert reviewers(incident, small(review={"reviewers": "Team Lead"}), people) == ("bob", "ada")


def test_the_engine_has_six_headings() -> None:
    text = document(ended(small()), small()).text
    headings = [line.removeprefix("## ") for line in text.split("\n") if line.startswith("## ")]
    assert headings == [
        *("Summary", "Timeline", "Root cause", "Contributing factors", "Action items", "Lessons learned"),
        *("Checklists", "Durations", "People"),
    ]


BLOCKS = {
    "summary": "On 2025-10-19: Checkout is down",
    "timeline": "<summary>Everything that was recorded</summary>",
    "root-cause": "**Evidence**: The log",
    "five-whys": "1. _Why did it happen?_",
    "contributing": "What made it possible",
    "impact": "- Users: 1,500 users",
    "resolution": "Released the lock",
    "went-well": "_What went well?_",
    "went-poorly": "_Where were we lucky?_",
    "lessons": "where were we lucky?_",
    "actions": "- [ ] Alert on locks (owner: bob, due: 2025-12-01)",
}


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_fills_its_heading_and_parts_are_asked_of_people(block: str) -> None:
    sections = {"Mine": {"block": block, "parts": ["Who *was* there", "Why"]}, "Other": {"parts": ["More"]}}
    asked = small(review={"sections": sections})
    text = document(ended(asked), asked).text
    mine = text[text.index("## Mine") : text.index("## Other")]
    assert "1. _Who \\*was\\* there_\n1. _Why_\n" in mine
    assert "1. _More_\n" in text
    plain = small(review={"sections": {"Mine": block}})
    assert BLOCKS[block] in document(ended(plain), plain).text.split("## Mine")[1]


def test_what_people_wrote_below_a_heading_stays() -> None:
    book = runbook("dirt-free-crm")
    first = document(ended(book), book).text
    edited = first.replace("1. _What worked well_\n1. _Areas for improvement_\n", "The pager worked.\n")
    assert edited != first
    again = document(ended(book), book, edited).text
    assert "The pager worked." in again
    assert "_What worked well_" not in again


def test_a_document_of_the_old_language_reads_on_in_the_new_one() -> None:
    story = ended(runbook("hotdash"))
    old = document(story, HOTDASH).text
    new = document(story, runbook("hotdash"), old).text
    for heading in ("Timeline", "Root Cause", "Contributing Factors", "Prevention", "Lessons Learned"):
        assert new.count(f"\n## {heading}\n") == 1


def test_the_meeting_has_people_and_times() -> None:
    """004-31, 004-32"""
    book = runbook("dirt-free-crm")
    text = document(ended(book), book).text
    meeting = text[text.index("## Review meeting") :].split("##", 2)[1]
    assert "- When: Wednesday, 2025-10-22, 10:00 UTC" in meeting
    assert "(ada)" in meeting
    assert "CEO (mona), Operations Manager (dave)" in meeting
    assert "1. 10:00 **Incident Overview** (5 minutes): Timeline and impact summary; Resolution" in meeting
    assert "2. 10:05 **What Went Well** (10 minutes)" in meeting
    assert "5. 10:45 **Action Items**" in meeting


def test_a_meeting_without_a_date_says_how_it_gets_one() -> None:
    book = runbook("dirt-free-crm")
    text = document(ended(book, meeting=False), book).text
    assert "- When: not planned yet; `/meeting <time>` on the issue sets it" in text
    assert "1. **Incident Overview** (5 minutes)" in text


def test_nobody_meets_about_an_incident_without_a_post_mortem() -> None:
    book = small(review={"meeting": {"invite": ["ic"]}})
    story = Story(book).declare(severity=book.severities[-1].id)
    assert "Review meeting" not in document(story, book).text


def test_a_meeting_may_have_no_agenda_and_nobody_invited() -> None:
    book = small(review={"meeting": {}})
    text = document(ended(book), book).text
    meeting = text[text.index("## Review meeting") : text.index("## Checklists")]
    assert meeting.count("\n- ") == 1


def test_the_pull_request_asks_for_every_heading_and_names_the_meeting() -> None:
    book = runbook("dirt-free-crm")
    body = document(ended(book), book).body
    assert "- [ ] Every heading has its text, and no question is left (edit `reports/" in body
    assert "- [ ] It was talked about: Wednesday, 2025-10-22, 10:00 UTC\n" in body
    assert "`/meeting <time>` on the issue sets when" in document(ended(book, meeting=False), book).body


def test_the_root_cause_says_which_known_kind_of_incident_it_was() -> None:
    book = runbook("habit-tracker")
    story = ended(book).tell(50, BOB, PatternNamed(pattern="database"))
    assert "\n\n**Known kind of incident**: 🗄️ Database Issues\n" in document(story, book).text


def test_a_list_of_which_nothing_was_done_is_left_out_where_it_only_offered_something() -> None:
    book = runbook("hotdash")
    assert "### Apply Immediate Fix" not in document(ended(book), book).text
    story = ended(book).tell(50, BOB, Ticked(step="rollback"))
    assert "- [x] Option A: Rollback to last known good version" in document(story, book).text


def test_a_list_that_asks_for_nothing_but_the_post_mortem_is_not_in_it() -> None:
    book = small(
        lists={"after": {"opens": "resolved", "steps": {"x": {"text": "Write it", "done": "post-mortem"}}}}
    )
    made = document(ended(book), book)
    assert "## Checklists" not in made.text
    assert "**After**" not in made.body


@pytest.mark.parametrize(("severity", "listed"), [("P0", True), ("P3", False)])
def test_while_its_template_is_broken_the_document_has_the_runbooks_headings(
    tmp_path: Path, severity: str, listed: bool
) -> None:
    (tmp_path / "postmortem.md.j2").write_text("{{ nothing_of_ours }}", encoding="utf-8")
    text = document(Story().declare(severity=severity), HOTDASH, renderer=Templates(tmp_path)).text
    headings = re.findall(r"(?m)^## (.*)$", text)
    assert headings[:4] == ["Timeline", "Root Cause", "Contributing Factors", "Resolution"]
    assert ("- [x] Severity assigned" in text) is listed
