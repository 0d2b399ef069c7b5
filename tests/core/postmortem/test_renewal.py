"""A merged report follows what happens later, and not a byte of people's changes with it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.core.postmortem.front_matter import (
    LATER,
    ActionCounts,
    OverriddenReview,
    Report,
    dump,
    read,
)
from allclear.core.postmortem.recorded_report import later, record
from allclear.core.postmortem.renewal import behind, names, renewed
from allclear.core.record.lean import lean
from allclear.core.record.postmortem import (
    Learned,
    PostmortemPublished,
    PostmortemReviewed,
    ReviewOverridden,
)
from allclear.core.record.postmortem_state import ReviewState
from allclear.core.record.progress import ActionAdded, ActionEnded
from core.postmortem.test_front_matter import hostile, moments, reports
from stories import ADA, BOB, HOTDASH, NOON, SETTINGS, Story

HERE = "hotdash/app"
AT = datetime(2025, 11, 1, 9, 0, tzinfo=UTC)
OLD = Report(id="INC-2025-007", severity="P1", title="Down", issue=7, repository=HERE, review="draft")
NEW = OLD.model_copy(
    update={
        "review": "published",
        "published_at": AT,
        "learned_at": AT,
        "action_items": ("Alert (done)",),
        "actions": ActionCounts(planned=1, done=1),
        "review_override": OverriddenReview(by="ada", at=AT, reason="The board: waits"),
    }
)
BODY = "# Down\n\nSaid by people: ---\n\n---\n"


def story() -> Story:
    told = Story().middle()
    told.tell(40, ADA, ActionAdded(owner=BOB, text="Alert"), ActionAdded(text="Load test"))
    return told


def front(told: Story) -> Report:
    bots = frozenset(SETTINGS.bots)
    return record(told.incident, HOTDASH, repository=HERE, bots=bots, now=NOON + timedelta(days=1))


def test_what_happens_later_is_the_last_part_of_the_record() -> None:
    told = story()
    assert (front(told).review, front(told).published_at, front(told).review_override) == (
        "draft",
        None,
        None,
    )
    told.tell(50, ADA, ReviewOverridden(why="The board waits"))
    told.tell(60, ADA, PostmortemPublished(at=AT)).tell(70, BOB, ActionEnded(number=1)).tell(
        80, BOB, Learned()
    )
    now = front(told)
    assert (now.review, now.published_at) == ("published", AT)
    assert now.learned_at == told.incident.postmortem.learned
    given = now.review_override
    assert given is not None
    assert (given.by, given.reason) == ("ada", "The board waits")
    assert now.actions == ActionCounts(planned=2, done=1)
    assert tuple(later(told.incident)) == LATER
    assert [name for name in Report.model_fields if name in LATER] == [*LATER]


def test_nobody_is_named_for_an_override_of_somebody_who_is_gone() -> None:
    told = story().tell(50, None, ReviewOverridden(why="It waits"))
    given = front(told).review_override
    assert given is not None
    assert given.by == "nobody"


@pytest.mark.parametrize("style", [{}, {"crlf": True}, {"bom": True}, {"bom": True, "crlf": True}])
def test_a_file_of_ours_becomes_what_would_be_written(style: dict[str, bool]) -> None:
    before = dump(OLD, BODY, {"reviewed": True}, **style)
    after = renewed(before, NEW)
    assert after == dump(NEW, BODY, {"reviewed": True}, **style)
    assert renewed(after, NEW) == after
    assert renewed(after, OLD) == before


EDITED = """\


---
# kept by Ann
title:   "Down"   # as the board says
issue: 7
repository: HotDash/App
team: {lead: ann,
  second: bob}

# the state
review: 'draft'   # for now
# what was promised

action_items: [
   ]
id: INC-2025-007
notes: |
  # not a comment

  more
severity: P1
# the end
---
  Text\t
---
"""


def test_all_that_people_wrote_stays_as_they_wrote_it() -> None:
    after = renewed(EDITED, NEW)
    told = (
        "published_at: '2025-11-01T09:00:00Z'\nlearned_at: '2025-11-01T09:00:00Z'\n"
        "review_override:\n  by: ada\n  at: '2025-11-01T09:00:00Z'\n  reason: 'The board: waits'\n"
        "actions:\n  planned: 1\n  done: 1\n  dropped: 0\n"
    )
    assert after == (
        EDITED.replace("review: 'draft'   # for now\n", "review: published\n")
        .replace("action_items: [\n   ]\n", "action_items:\n- Alert (done)\n")
        .replace("severity: P1\n", f"severity: P1\n{told}")
    )


def test_what_is_not_so_any_more_is_taken_out() -> None:
    after = renewed(dump(NEW, BODY), OLD.model_copy(update={"review": "published", "published_at": AT}))
    assert "learned_at" not in after
    assert "review_override" not in after
    assert "published_at" in after


@pytest.mark.parametrize(
    "text",
    [
        "# By hand\n",
        "---\nissue: 7\n",
        "---\ntitle: a: b\n---\n",
        "---\n{issue: 7, repository: hotdash/app, id: a, severity: b, title: c}\n---\n",
        "---\n  issue: 7\n  repository: hotdash/app\n  id: a\n  severity: b\n  title: c\n---\n",
        dump(OLD.model_copy(update={"repository": "other/app"}), BODY),
        dump(OLD.model_copy(update={"issue": 8}), BODY),
        dump(OLD.model_copy(update={"issue": None}), BODY),
        dump(OLD, BODY).replace("issue: 7", "issue: true"),
        dump(OLD, BODY).replace("severity: P1", "severity: [P1]"),
        dump(OLD, BODY).replace("review: draft", "review: draft\nreview: draft"),
        dump(OLD, BODY).replace("review: draft", "review: &state draft\nmine: *state"),
        dump(OLD, BODY).replace("review: draft", "? review\n: draft"),
        dump(OLD, BODY).replace("---\n\n#", "--- \x0b\n\n#", 1).replace("\n", "\r"),
    ],
)
def test_what_is_not_ours_or_cannot_be_renewed_alone_stays(text: str) -> None:
    assert renewed(text, NEW) == text


def test_a_record_without_an_issue_renews_nothing() -> None:
    text = dump(OLD, BODY)
    assert renewed(text, NEW.model_copy(update={"issue": None})) == text


def test_a_long_front_matter_is_renewed_in_a_moment() -> None:
    long = dump(OLD, BODY, {f"key{number}": "word " * 10 for number in range(1000)})
    assert len(long) > 60_000
    assert renewed(long, NEW) == dump(NEW, BODY, read(long).extra)


later_fields = st.fixed_dictionaries(
    {},
    optional={
        "review": hostile,
        "published_at": st.none() | moments,
        "learned_at": st.none() | moments,
        "action_items": st.lists(hostile, max_size=3).map(tuple),
        "actions": st.none() | st.builds(ActionCounts, planned=st.integers(), done=st.integers()),
        "review_override": st.none() | st.builds(OverriddenReview, by=hostile, at=moments, reason=hostile),
    },
)


@given(reports, later_fields, hostile, st.booleans(), st.booleans())
def test_renewing_is_writing_anew_whatever_stands_in_it(
    report: Report,
    fields: dict[str, Any],
    body: str,
    bom: bool,
    crlf: bool,
) -> None:
    before = report.model_copy(update={"issue": 7, "repository": HERE})
    body = read(body).body.replace("\r", "") if "\ufeff" not in body else ""
    after = Report.model_validate(before.model_dump() | fields)
    text = dump(before, body, bom=bom, crlf=crlf)
    assert renewed(text, after) == dump(after, body, bom=bom, crlf=crlf)


def test_a_file_is_behind_when_something_happened_later() -> None:
    told = story()
    text = dump(front(told), BODY)
    assert names(read(text), told.incident.number, HERE)
    for fact in (
        ActionEnded(number=1),
        PostmortemPublished(at=AT),
        ActionEnded(number=2, outcome="dropped", why="Too dear"),
        Learned(),
    ):
        told.tell(90, BOB, fact)
        assert behind(text, told.incident, HERE)
        assert behind(text, lean(told.incident), HERE)
        text = renewed(text, front(told))
        assert not behind(text, told.incident, HERE)
        assert not behind(text, lean(told.incident), HERE)
    assert not behind(text.replace("hotdash/app", "other/app"), story().incident, HERE)
    assert not behind(text.replace("severity: P0", "severity: [P0]"), story().incident, HERE)


def test_a_file_without_actions_is_not_behind_a_record_without_any() -> None:
    told = Story().middle()
    assert not behind(dump(front(told), BODY), told.incident, HERE)


@pytest.mark.parametrize(
    ("state", "said"), [("draft", "draft"), ("in review", "in review"), ("approved", "in review")]
)
def test_the_file_says_how_far_its_review_is_but_not_that_its_text_is_approved(
    state: ReviewState, said: str
) -> None:
    told = story().tell(50, ADA, PostmortemReviewed(pull=1, commit="a", state=state))
    assert front(told).review == said
