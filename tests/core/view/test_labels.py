from datetime import timedelta

import pytest

from allclear.core.clock.learning import owes_postmortem
from allclear.core.model.structs import replace
from allclear.core.policy.settings import LabelNames
from allclear.core.record.facts import Fact
from allclear.core.record.life import (
    Cleared,
    Dismissed,
    Duplicated,
    Reopened,
    Reported,
    Resolved,
    SeveritySet,
    StatusSet,
)
from allclear.core.record.people import Acknowledged
from allclear.core.record.postmortem import PostmortemAsked, PostmortemPublished
from allclear.core.record.production import HotfixMerged, HotfixOpened
from allclear.core.record.progress import Ticked
from allclear.core.record.voices import Drafted, Spoken
from allclear.core.view.labels import Labels, to_change
from stories import ADA, BOB, HOTDASH, NOON, Story
from written import runbook

OURS = Labels(HOTDASH, LabelNames())
LEVELS = ("P0", "P1", "P2", "P3")
PENDING_LABEL = "postmortem:pending"


def labels(story: Story) -> set[str]:
    return set(Labels(story.runbook, LabelNames()).wanted(story.incident))


def test_severity_and_status_are_labels() -> None:
    assert labels(Story().declare()) == {"P0", "status:investigating"}
    assert labels(Story().declare().tell(1, ADA, StatusSet(to="monitoring"))) == {"P0", "status:monitoring"}


def test_a_p3_is_its_own_backlog_issue() -> None:
    assert labels(Story().declare(severity="P3")) == {"P3", "backlog", "status:investigating"}


def test_a_report_is_only_a_report() -> None:
    assert labels(Story().tell(0, BOB, Reported(title="x"))) == {"status:reported"}


def test_an_issue_without_a_record_needs_no_label_of_ours() -> None:
    assert labels(Story()) == set()


@pytest.mark.parametrize(
    ("end", "left"), [(Duplicated(of=3), {"P0"}), (Dismissed(), {"P0"})], ids=["duplicate", "dismissed"]
)
def test_what_goes_on_nowhere_has_no_status(end: Fact, left: set[str]) -> None:
    assert labels(Story().declare().tell(1, ADA, end)) == left


def test_a_severity_the_runbook_does_not_know_has_no_label() -> None:
    assert labels(Story().declare().tell(1, ADA, SeveritySet(to="SEV9"))) == {"status:investigating"}


def test_a_closed_p0_owes_a_post_mortem_until_it_is_published() -> None:
    story = Story().declare().tell(1, ADA, Acknowledged(by=ADA)).tell(2, ADA, Resolved())
    assert PENDING_LABEL not in labels(story)
    assert labels(story.tell(200, ADA, Cleared())) == {"P0", "status:resolved", PENDING_LABEL}
    at = NOON + timedelta(days=1)
    assert PENDING_LABEL not in labels(story.tell(1500, None, PostmortemPublished(at=at)))


def test_a_closed_p3_owes_none_unless_somebody_asks() -> None:
    story = Story().declare(severity="P3").tell(2, ADA, Cleared())
    assert not owes_postmortem(story.incident, HOTDASH)
    assert owes_postmortem(story.tell(3, ADA, PostmortemAsked()).incident, HOTDASH)


def test_a_list_that_is_due_after_the_all_clear_keeps_the_issue_in_sight_without_a_post_mortem() -> None:
    """Of a minor severity nobody wants a post-mortem, and the backport of its hotfix is due all the same."""
    story = Story(runbook("habit-tracker")).declare(severity="P2")
    story.tell(1, ADA, HotfixOpened(branch="hotfix/incident-42", base="main", url="u", pull=3))
    story.tell(2, None, HotfixMerged(at=NOON)).tell(3, ADA, StatusSet(to="monitoring"))
    story.tell(4, ADA, Resolved()).tell(5, ADA, Cleared())
    assert not owes_postmortem(story.incident, story.runbook)
    assert PENDING_LABEL in labels(story)
    assert PENDING_LABEL not in labels(story.tell(6, ADA, Ticked(step="backport")))


def test_a_text_for_the_public_that_waits_after_the_all_clear_keeps_the_issue_in_sight() -> None:
    story = Story(runbook("neutral")).declare(severity="P2").tell(1, ADA, Resolved())
    story.tell(2, None, Drafted(voice="customers", moment="resolved")).tell(3, ADA, Cleared())
    assert PENDING_LABEL in labels(story)
    assert PENDING_LABEL not in labels(story.tell(4, ADA, Spoken(voice="customers", moment="resolved")))


def test_reopening_takes_the_debt_back_until_the_next_close() -> None:
    story = Story().declare().tell(2, ADA, Cleared()).tell(3, ADA, Reopened(why="again"))
    assert labels(story) == {"P0", "status:investigating"}


def test_everything_we_want_is_ours_and_the_incident_label_is_not() -> None:
    assert labels(Story().declare(severity="P3")) < OURS.ours(LEVELS)
    assert {*LEVELS, "backlog", "status:reported", PENDING_LABEL} < OURS.ours(LEVELS)
    assert "incident" not in OURS.ours(LEVELS)
    assert "bug" not in OURS.ours(LEVELS)


def test_an_extra_label_of_a_severity_that_the_incident_never_had_is_peoples() -> None:
    assert "backlog" not in OURS.ours(("P0", "P2"))
    assert "backlog" in OURS.ours(("P2", "P3"))


def test_every_label_can_be_created_as_it_is() -> None:
    made = OURS.catalogue()
    assert {label.name for label in made} == OURS.ours(LEVELS) | {"incident"}
    assert len({label.name for label in made}) == len(made)
    for label in made:
        assert len(label.color) == 6
        assert 0 < len(label.description) <= 100
        assert len(label.name) <= 50


def test_a_long_definition_is_cut_and_a_missing_one_left_out() -> None:
    worst, *others = HOTDASH.severities
    long = replace(worst, definition="x" * 200)
    bare = replace(others[0], definition="")
    runbook = replace(HOTDASH, severities=(long, bare))
    made = {label.name: label for label in Labels(runbook, LabelNames()).catalogue()}
    assert len(made["P0"].description) == 100
    assert made["P1"].description == "High (Urgent)"


def test_two_severities_may_share_an_extra_label() -> None:
    shared = tuple(replace(one, extra_labels=("backlog",)) for one in HOTDASH.severities)
    runbook = replace(HOTDASH, severities=shared)
    names = [label.name for label in Labels(runbook, LabelNames()).catalogue()]
    assert names.count("backlog") == 1


def test_the_labels_that_a_repository_lacks_are_those_it_has_in_no_case() -> None:
    names = [label.name for label in OURS.catalogue()]
    assert [label.name for label in OURS.missing(())] == names
    assert OURS.missing([name.upper() for name in names]) == ()
    assert [label.name for label in OURS.missing([name for name in names if name != "P0"])] == ["P0"]


def test_the_settings_may_give_every_label_another_name() -> None:
    names = LabelNames(
        incident="🔥 incident",
        reported="needs triage",
        postmortem="write it up",
        severities={"P0": "severity: critical"},
        states={"investigating": "state/looking"},
    )
    renamed = Labels(HOTDASH, names)
    assert renamed.wanted(Story().declare().incident) == {"severity: critical", "state/looking"}
    assert renamed.wanted(Story().tell(0, BOB, Reported(title="x")).incident) == {"needs triage"}
    assert "write it up" in renamed.wanted(Story().declare().tell(2, ADA, Cleared()).incident)
    assert renamed.marks_incident({"bug", "🔥 Incident"})
    assert not renamed.marks_incident({"incident"})
    assert {"incident", "P0"}.isdisjoint(label.name for label in renamed.catalogue())


@pytest.mark.parametrize(
    ("label", "level"),
    [
        ("P1", "P1"),
        ("p1", "P1"),
        ("sev1", "P1"),
        ("SEV-1", "P1"),
        ("severity/1", "P1"),
        ("severity: high", "P1"),
        ("priority: critical", "P0"),
        ("prio:P0", "P0"),
        *((one, "P1") for one in ("S1", "P-1", "P 1", "P1-high", "P1 high", "sev:1", "priority/P1", "pri1")),
        *((one, "P1") for one in ("P1: High", "High Priority", "high-severity", "SEV_1", "severity-1-high")),
        *((one, "P3") for one in ("P3 low", "priority::low")),
        *((one, "P0") for one in ("critical", "CRITICAL")),
        *((one, None) for one in ("high", "low", "medium", "urgent", "critical path", "low hanging fruit")),
        *((one, None) for one in ("S3", "s3", "P9", "P10", "p1x", "L1", "level 1", "1", "P0 high")),
        *((one, None) for one in ("area/p1", "team:critical", "top priority", "P1 of many")),
        ("P1 🔥", None),
        ("severity", None),
        ("severe1", None),
        ("priority: someday", None),
        ("sev" + "1" * 10_000, None),
    ],
)
def test_a_severity_is_read_off_the_labels_that_teams_use_for_it(label: str, level: str | None) -> None:
    found = OURS.level_meant(label)
    assert (found.id if found else None) == level
    assert OURS.level(label) == (found if label.lower() == "p1" else None)


def test_a_label_that_goes_with_a_severity_shows_no_other() -> None:
    first, *others = HOTDASH.severities
    book = replace(HOTDASH, severities=(replace(first, extra_labels=("High priority",)), *others))
    assert Labels(book, LabelNames()).level_meant("high priority") is None


def test_labels_that_may_mean_an_incident_are_known_unless_they_do() -> None:
    there = ("🔥 incident", "type: incident", "Incident", "incidents", "post-incident", "bug", "")
    assert OURS.looking_like_incident(there) == ("incidents", "type: incident", "🔥 incident")


def test_labels_are_compared_without_regard_to_case_and_written_as_they_are_spelled_there() -> None:
    there = ("Postmortem:Draft", "PostMortem:Published", "mine")
    ours = Labels(HOTDASH, LabelNames()).reviews
    assert to_change(there, ("postmortem:draft",), ours) == ((), ("PostMortem:Published",))
    assert to_change(there, ("postmortem:in-review",), ours) == (
        ("postmortem:in-review",),
        ("PostMortem:Published", "Postmortem:Draft"),
    )
