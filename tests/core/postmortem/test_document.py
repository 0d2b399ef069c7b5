"""The post-mortem as people read it (000-21, 000-22, 000-29) and what its pull request says."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from markdown_it import MarkdownIt

from allclear.core.model.neutral import Renderer
from allclear.core.model.people import Person
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.postmortem.document import MOST_REVIEWERS, Written, branch, candidates, write
from allclear.core.postmortem.front_matter import read
from allclear.core.record.findings import Found, ImpactSet
from allclear.core.record.incident import Incident
from allclear.core.record.life import Cleared, Joined, Reopened, Reported, Resolved, StatusSet
from allclear.core.record.people import Acknowledged, RoleSet
from allclear.core.record.postmortem import PostmortemAsked, PostmortemOpened, PostmortemPublished
from allclear.core.record.progress import ActionAdded, ActionEnded, Flagged, Noted, Ticked, Updated
from golden_files import Golden
from stories import ADA, BOB, CAT, HOSTILE, HOTDASH, ISSUE_URL, NOON, RENDERER, SETTINGS, UTC_ZONE, Story

PATH = "reports/incidents/2025-10-19-production-down.md"


def written(
    story: Story,
    existing: str | None = None,
    *,
    taken: frozenset[str] = frozenset(),
    zone: ZoneInfo = UTC_ZONE,
    runbook: Runbook = HOTDASH,
    incident: Incident | None = None,
    renderer: Renderer = RENDERER,
) -> Written:
    return write(
        incident or story.incident,
        runbook,
        SETTINGS,
        existing=existing,
        taken=taken,
        renderer=renderer,
        zone=zone,
        repository="hotdash/app",
        issue_url=ISSUE_URL,
        now=NOON + timedelta(days=1),
    )


def full() -> Story:
    """An incident by the book."""
    story = Story().middle()
    story.tell(6, ADA, ImpactSet(users=15000, revenue="$45000", text="Nobody can check out"))
    story.tell(12, ADA, Updated(text="Rolling back", next="Watch the pool", eta="14:40"))
    story.tell(13, ADA, Noted(at=NOON - timedelta(minutes=2), text="First ticket | from a *customer*"))
    story.tell(20, BOB, StatusSet(to="monitoring", text="Rollback is out"))
    story.tell(30, BOB, Ticked(step="verification")).tell(31, BOB, Resolved(text="Rolled back to deploy 40"))
    story.tell(140, ADA, ActionAdded(owner=BOB, due="2025-12-01", text="Alert on pool size"))
    story.tell(141, ADA, ActionAdded(text="Load-test migrations"))
    return story.tell(150, ADA, Cleared(text="Rolled back to deploy 40"), PostmortemAsked())


def overridden() -> Story:
    """An incident that was closed against open gates."""
    story = (
        Story().declare().notify().tell(4, BOB, Acknowledged(by=BOB)).tell(5, BOB, Flagged(flag="security"))
    )
    story.tell(9, BOB, Found(root_cause="Key in a log", proposed_fix="Rotate the key"))
    return story.tell(
        40,
        ADA,
        Cleared(override="The board\ncalls at 15:00", open_gates=("verification", "monitoring", "resolved")),
    )


def test_a_full_incident_reads_like_this(golden: Golden) -> None:
    made = written(full())
    golden("postmortem/full.md", made.text.removesuffix("\n"))
    golden("postmortem/full_pull_request.md", f"{made.title}\n\n{made.body}")


def test_a_bare_incident_says_what_nobody_recorded(golden: Golden) -> None:
    golden("postmortem/bare.md", written(Story().declare()).text.removesuffix("\n"))


def test_an_override_is_loud(golden: Golden) -> None:
    made = written(overridden())
    golden("postmortem/override.md", made.text.removesuffix("\n"))
    assert "> [!CAUTION]\n> **Closed by override** by ada" in made.text
    assert "Closed by override" in made.body


def test_written_again_it_keeps_what_people_wrote(golden: Golden) -> None:
    story = full()
    edited = (
        written(story)
        .text.replace("1. _What went well?_", "1. The rollback took 3 minutes.")
        .replace("- [ ] Alert on pool size", "- [x] Alert on pool size, done")
        .replace("---\n\n<!--", "reviewed: true\n---\n\n<!--", 1)
        .replace("## Resolution\n", "## Resolution\n\nSee also deploy 41.\n")
    )
    story.tell(160, BOB, ActionAdded(owner=CAT, text="Write it down"))
    made = written(story, edited)
    golden("postmortem/regenerated.md", made.text.removesuffix("\n"))
    assert "1. The rollback took 3 minutes." in made.text
    assert "- [x] Alert on pool size, done" in made.text
    assert "- [ ] Write it down (owner: cat, due: no date)" in made.text
    assert read(made.text).extra == {"reviewed": True}
    assert made.report.action_items[-1] == "Write it down (owner: cat)"


def test_what_became_of_it_later_is_alone_no_reason_to_write_it_again() -> None:
    story = full()
    existing = written(story).text
    story.tell(160, ADA, PostmortemOpened(path=PATH, branch="x", url="u", pull=3))
    story.tell(170, ADA, PostmortemPublished(at=NOON + timedelta(hours=6)))
    again = written(story, existing)
    assert again.text == existing
    assert (again.report.review, again.report.published_at) == ("published", NOON + timedelta(hours=6))
    story.tell(180, BOB, ImpactSet(users=16000))
    after = read(written(story, existing).text).report
    assert (after.review, after.published_at) == ("published", NOON + timedelta(hours=6))
    assert not any("Post-mortem" in event.event for event in after.timeline)


def test_what_is_done_is_ticked_and_what_is_dropped_says_why() -> None:
    story = Story().declare()
    story.tell(1, BOB, ActionAdded(owner=CAT, text="An alert"), ActionAdded(text="A second pool"))
    story.tell(2, CAT, ActionEnded(number=1), ActionEnded(number=2, outcome="dropped", why="Too dear"))
    made = written(story)
    assert "- [x] An alert (owner: cat, due: no date, done)" in made.text
    assert "- [ ] A second pool (owner: nobody yet, due: no date, dropped: Too dear)" in made.text
    assert made.report.action_items == ("An alert (owner: cat, done)", "A second pool (dropped: Too dear)")


def test_a_step_that_nobody_will_do_says_why() -> None:
    story = Story().declare()
    story.tell(1, BOB, Ticked(step="prevention", without="No *time*", dropped=True))
    assert "Prevention implemented (won't do: No \\*time\\*)" in written(story).text


def test_the_sections_stand_in_the_runbooks_order() -> None:
    text = written(full()).text
    headings = re.findall(r"^(?:# |## |\*\*)[^\n*]*", read(text).body, re.MULTILINE)
    assert [heading.strip() for heading in headings][:11] == [
        "# Incident Post-Mortem: Production down",
        "**Date",
        "**Severity",
        "**Duration",
        "**User Impact",
        "## Timeline",
        "## Root Cause",
        "**Evidence",
        "## Contributing Factors",
        "## Resolution",
        "## Prevention",
    ]
    canonical = text.split("begin timeline")[1].split("<!--")[0]
    assert re.findall(r"^- \d\d:\d\d UTC: (.*)$", canonical, re.MULTILINE) == [
        "Incident detected",
        "Team notified",
        "Root cause identified",
        "Fix applied",
        "Verified resolved",
    ]


def test_twice_the_same_is_the_same_to_the_byte() -> None:
    for story in (full(), overridden(), Story().declare()):
        first = written(story)
        assert written(story, first.text) == first


def test_its_own_opening_does_not_change_it() -> None:
    story = full()
    before = written(story).text
    story.tell(151, None, PostmortemOpened(path=PATH, branch=branch(42), url="https://x.example", pull=7))
    story.tell(160, None, PostmortemPublished(at=NOON + timedelta(days=1)))
    assert written(story, before).text == before


def test_times_are_told_in_the_zone_with_its_name() -> None:
    text = written(full(), zone=ZoneInfo("Europe/Berlin")).text
    assert "- 16:05 CEST: Incident detected" in text
    assert "**Date**: 2025-10-19" in text


def test_the_team_is_notified_by_the_first_notice_or_else_by_the_tick() -> None:
    story = Story().declare().tell(7, BOB, Ticked(step="notified"))
    assert "- 14:12 UTC: Team notified" in written(story).text
    assert "- 14:13 UTC: Team notified" in written(story.notify(8)).text
    assert "- not recorded: Team notified" in written(Story().declare()).text


def test_a_draft_says_so_and_what_holds_the_all_clear() -> None:
    made = written(Story().middle())
    assert "This is a draft, written while the incident was still open (identified)." in made.text
    waits = "Fix applied, Verification completed, Resolved, Extended monitoring"
    assert f"> **Open before the all-clear**: {waits}." in made.text
    assert "The incident was still open (identified)" in made.body


def test_once_it_is_resolved_a_draft_names_what_is_left() -> None:
    story = Story().middle().tell(31, BOB, Resolved(text="Rolled back"))
    assert "> **Open before the all-clear**: Extended monitoring." in written(story).text


def test_a_duplicate_or_report_names_no_gates() -> None:
    made = written(Story().tell(0, ADA, Reported(title="Is it down?")))
    assert made.path == "reports/incidents/2025-10-20-is-it-down.md"
    assert "To the all-clear" not in made.text


def test_a_status_the_runbook_dropped_is_shown_as_it_was() -> None:
    story = Story().middle()
    states = tuple(state for state in HOTDASH.states if state.id != "identified")
    assert "still open (identified)" in written(story, runbook=replace(HOTDASH, states=states)).text


def test_a_role_the_runbook_dropped_is_shown_by_its_id() -> None:
    assert "- ic: ada" in written(full(), runbook=replace(HOTDASH, roles=())).text


def test_a_drill_says_so_in_name_front_matter_and_text() -> None:
    made = written(Story().declare(kind="drill"))
    assert made.path == "reports/incidents/2025-10-19-drill-production-down.md"
    assert made.report.kind == "drill"
    assert "This was a drill." in made.text
    assert "This was a drill." in made.body


def test_a_reopened_incident_says_so() -> None:
    story = full().tell(200, BOB, Reopened(why="it is back")).tell(205, BOB, Acknowledged(by=BOB))
    text = written(story).text
    assert "| Acknowledgement | reopened → acknowledged | 5 min |" in text
    assert "The incident was reopened once." in text


def test_long_durations_are_told_both_ways() -> None:
    story = Story().declare().tell(147, BOB, Resolved(text="fixed"))
    assert "| Resolution | started → resolved | 2 h 30 min (150 min) |" in written(story).text


def test_the_path_avoids_another_incidents_file() -> None:
    numbered = "reports/incidents/2025-10-19-production-down-42.md"
    story = full()
    assert written(story).path == PATH
    assert written(story, taken=frozenset({PATH})).path == numbered
    assert candidates(story.incident, NOON) == (PATH, numbered)


def test_the_path_stays_when_the_start_is_corrected() -> None:
    story = full().tell(
        151, None, PostmortemOpened(path="reports/incidents/x.md", branch="b", url="u", pull=7)
    )
    assert written(story).path == "reports/incidents/x.md"


def test_the_pull_request_closes_nothing_and_calls_nobody() -> None:
    story = Story().declare(title=f"Fixes #7, closes GH-8: {HOSTILE}").tell(1, BOB, Acknowledged(by=BOB))
    made = written(story.tell(30, ADA, Cleared(override=f"resolves #9 {HOSTILE}")))
    closing = re.compile(r"(?i)\b(close[sd]?|fix(e[sd])?|resolve[sd]?)\b[:\s]+((\w+/\w+)?#|GH-)\d")
    for text in (made.title, made.body, made.message):
        assert not closing.search(text)
        assert not re.search(r"(?<![\w`])@\w", text)
    assert made.title.startswith("Post-mortem: Fixes ")
    assert made.title.endswith("(#42)")
    assert "#42" in made.body


def test_an_endless_title_fits_a_pull_request() -> None:
    made = written(Story().declare(title="word " * 200))
    assert len(made.title) < 256
    assert written(Story().declare(title="\u202e")).title == "Post-mortem: incident (#42)"


def test_the_pull_request_lists_what_is_left_to_do() -> None:
    body = written(full()).body
    assert "- [ ] Action items assigned" in body
    assert "- [ ] Team debriefed" in body
    assert "Post-mortem created" not in body
    assert "wait for somebody with write access" in body


def test_reviewers_are_the_responders_without_bots() -> None:
    bot = Person(id=SETTINGS.bots[0], login="github-actions[bot]")
    story = Story().declare().tell(1, BOB, Acknowledged(by=BOB)).tell(2, bot, Acknowledged(by=bot))
    assert written(story).reviewers == ("bob",)


def test_github_takes_no_more_than_fifteen_reviewers() -> None:
    crowd = tuple(Person(id=100 + n, login=f"p{n}") for n in range(30))
    assert (
        len(written(Story().declare().tell(1, ADA, Joined(issue=7, people=crowd))).reviewers)
        == MOST_REVIEWERS
    )


def hostile() -> Story:
    """Every place a person can write into holds the same attack."""
    story = Story().declare(
        title=HOSTILE, detected_by=HOSTILE, services=(HOSTILE,), impact=f"{HOSTILE}\n## Prevention\n- [ ] x"
    )
    story.tell(1, BOB, RoleSet(role="ic", person=BOB), ImpactSet(revenue=HOSTILE))
    evil = f"{HOSTILE}\n<!-- allclear:end root-cause -->\n---\n# Title\n```\n{{{{ config }}}}\n${{{{ x }}}}"
    story.tell(2, BOB, Found(root_cause=evil, evidence=evil, proposed_fix=evil), Noted(at=NOON, text=evil))
    story.tell(3, BOB, ActionAdded(owner=BOB, due="2025-12-01", text=evil), Flagged(flag="security"))
    return story.tell(4, BOB, Cleared(text=evil, override=evil, open_gates=(HOSTILE,)))


def test_hostile_text_stays_text_and_breaks_no_block() -> None:
    made = written(hostile())
    body = read(made.text).body
    assert made.report.title == read(made.text).report.title
    assert "{{ config }}" in body
    names = re.findall(r"^<!-- allclear:begin ([a-z-]+) ", body, re.MULTILINE)
    assert names == re.findall(r"^<!-- allclear:end ([a-z-]+) -->$", body, re.MULTILINE)
    shown = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    assert "<!--" not in shown.replace("\\<!--", "")
    headings = [line for line in shown.split("\n") if line.startswith("#")]
    assert len([line for line in headings if line.startswith("# ")]) == 1
    assert headings.count("## Prevention") == 1
    html = MarkdownIt("gfm-like", {"linkify": False}).render(shown)
    assert "http://evil" not in re.sub(r">[^<]*<", "><", html)
    assert written(hostile(), made.text) == made


def test_front_matter_that_somebody_broke_is_kept_as_text() -> None:
    story = full()
    broken = (
        written(story).text.replace("id: INC", "id: [INC", 1).replace("kind: real", "note: ````\nkind: real")
    )
    made = written(story, broken)
    assert "## Front matter that could not be read\n\n`````yaml\nid: [INC-2025-042\n" in made.text
    assert read(made.text).report.id == "INC-2025-042"
    assert written(story, made.text).text == made.text


def test_windows_line_ends_and_the_mark_in_front_stay() -> None:
    story = full()
    windows = "\ufeff" + written(story).text.replace("\n", "\r\n")
    assert written(story, windows).text == windows


def test_branches_of_later_attempts_are_numbered() -> None:
    assert (branch(42), branch(42, 2)) == ("allclear/postmortem-42", "allclear/postmortem-42-2")


@pytest.mark.parametrize(
    "title", ["---", "a: b", "- x", "!!python/object:os.system", "*x", "{}", "'", "yes", "1e3"]
)
def test_a_title_that_breaks_front_matter_reads_back(title: str) -> None:
    made = written(Story().declare(title=title))
    assert read(made.text).report.title == title
    plain: Any = yaml.safe_load(made.text.split("---\n")[1])
    assert plain["title"] == title


def test_an_incident_without_any_entry_is_dated_by_the_clock() -> None:
    made = written(Story(), incident=replace(Incident(42), title="Odd"))
    assert made.path == "reports/incidents/2025-10-20-odd.md"
    assert made.report.id == "INC-2025-042"


def test_the_pull_request_says_whether_somebody_else_has_to_approve_it() -> None:
    alone = Story().declare()
    none = replace(HOTDASH, review=replace(HOTDASH.review, asked_approvals=0))
    assert "It needs 1 approval of somebody who did not write it." in written(full()).body
    assert "Nobody has to approve it, for nobody else responded.\n" in written(alone).body
    assert "Nobody has to approve it.\n" in written(full(), runbook=none).body
