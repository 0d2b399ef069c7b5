"""What the file says about learning, as the engine executes it."""

from typing import Any

import pytest

from allclear.core.calendar.recurrence import Recurrence
from allclear.core.policy.contradictions import MisplacedError
from allclear.core.policy.routine import Routine, RoutineStep
from written import runbook, small


def test_reviewers_and_approvals_are_as_they_are_written() -> None:
    review = small(review={"reviewers": "On-call", "approvals": 2}).review
    assert (review.reviewers, review.approvals(1), review.approvals(3)) == (("On-call",), 2, 2)


def test_without_a_word_on_it_one_approval_is_needed_where_somebody_else_responded() -> None:
    review = small().review
    assert (review.reviewers, review.approvals(0), review.approvals(1), review.approvals(2)) == ((), 0, 0, 1)
    assert small(review={"approvals": 0}).review.approvals(2) == 0


def test_routines_have_all_that_the_file_says() -> None:
    """004-39"""
    (review,) = runbook("dirt-free-crm").routines
    assert review == Routine(
        id="runbook-review",
        title="Review of the runbook",
        every=Recurrence.read("3mo"),
        after=("SEV1", "SEV2"),
        to=("System Administrator",),
        steps=(RoutineStep(text="Reviewed and updated to ensure accuracy and effectiveness"),),
    )


def test_three_routines_of_a_team() -> None:
    """003-24, 003-25, 003-26"""
    found = {one.id: (one.title, str(one.every), len(one.steps)) for one in runbook("habit-tracker").routines}
    assert found == {
        "daily": ("Daily Checks", "office days 09:00", 3),
        "weekly": ("Weekly Checks", "mon 09:00", 3),
        "monthly": ("Monthly Checks", "monthly 1 09:00", 3),
    }


def test_a_review_of_open_incidents_names_their_severities() -> None:
    """001-04"""
    (review,) = runbook("hotdash-agents").routines
    assert (review.open, review.to) == (("P3",), ("Deployment Agent",))


def test_a_title_is_the_id_spelt_out() -> None:
    (one,) = small(routines={"check-backups": {"every": "3mo", "to": ["On-call"]}}).routines
    assert one.title == "Check backups"


@pytest.mark.parametrize(
    ("key", "value"),
    [("done", "resolved"), ("for", "SEV1"), ("when", {"flag": "security"}), ("role", "ic")],
)
def test_a_step_of_a_routine_knows_no_incident(key: str, value: Any) -> None:
    step = {"text": "Look", key: value}
    daily = {"every": "daily 09:00", "to": ["On-call"], "steps": {"look": step}}
    with pytest.raises(MisplacedError, match="a routine is about no incident") as wrong:
        small(routines={"daily": daily})
    assert wrong.value.where == ("routines", "daily", "steps", "look", key)


def test_the_review_has_all_that_the_file_says() -> None:
    """004-31..34"""
    review = runbook("dirt-free-crm").review
    assert [one.heading for one in review.sections][:2] == ["Executive Summary", "Timeline"]
    assert (review.sections[4].id, review.sections[4].block) == ("own-response-analysis", "")
    assert review.sections[5].id == "prevention"
    assert [(one.id, str(one.within)) for one in review.horizons] == [
        ("immediate", "3d"),
        ("short-term", "2w"),
        ("long-term", "3mo"),
    ]
    assert review.horizons[0].parts[0] == "Critical fixes implementation"
    assert review.meeting is not None
    invited = {one.title: one.severities for one in review.meeting.invite}
    assert invited["CEO"] == ("SEV1", "SEV2")
    assert invited["ic"] == ("SEV1", "SEV2", "SEV3", "SEV4")
    assert str(review.meeting.agenda[0].takes) == "5m"


def test_the_engine_s_headings_stay_where_only_a_meeting_is_said() -> None:
    """002-22"""
    review = runbook("sev").review
    assert review.meeting is not None
    assert [one.heading for one in review.sections] == [
        *("Summary", "Timeline", "Root cause", "Contributing factors", "Action items", "Lessons learned")
    ]


def test_those_severities_get_a_post_mortem_that_have_a_review() -> None:
    assert runbook("sev").postmortem.required == ("SEV1", "SEV2")
    assert runbook("hotdash").postmortem.required == ("P0", "P1", "P2")


@pytest.mark.parametrize(
    ("sections", "why"),
    [
        ({"One": "lessons", "Two": "lessons"}, "'lessons' fills 'One' already"),
        ({"Our view": {}, "Our view 2": {}}, "its mark would be that of 'Our view' already"),
    ],
)
def test_two_headings_do_not_share_what_fills_them(sections: dict[str, Any], why: str) -> None:
    with pytest.raises(MisplacedError, match=why) as wrong:
        small(review={"sections": sections})
    assert wrong.value.where == ("review", "sections", list(sections)[1])
