"""What the issues of routines tell, and what they cannot make us believe."""

from datetime import UTC, datetime, timedelta

import pytest

from allclear.core.model.people import Person
from allclear.core.model.snapshot import Issue
from allclear.core.model.structs import replace
from allclear.core.plan.routine_issue import (
    LONGEST,
    RoutineMarker,
    Turn,
    first_line,
    marker_of,
    remembered,
)
from allclear.core.policy.settings import ACTIONS_BOT
from core.issue_desk import BOT, EVE

NOW = datetime(2025, 10, 20, 9, 7, tzinfo=UTC)
DUE = NOW.replace(minute=0)
TURN = Turn(due=DUE, since=DUE)
MARKER = RoutineMarker(name="daily", turn=TURN)
BEFORE = Turn(due=DUE - timedelta(days=7), since=DUE - timedelta(days=70))


def issue(marker: RoutineMarker = MARKER, *, number: int = 7, author: Person | None = BOT) -> Issue:
    body = f"{first_line(marker)}\n- [ ] Look"
    return Issue(
        number, "Daily", body, author, "open", frozenset(), (), NOW, "https://github.com/x/y/issues/7"
    )


def turns(*issues: Issue) -> dict[str, Turn]:
    return dict(remembered(issues, (ACTIONS_BOT,), NOW).turns)


def test_a_marker_reads_as_it_was_written() -> None:
    rich = RoutineMarker(name="daily", turn=TURN, incident=12, others={"weekly": BEFORE})
    assert marker_of(first_line(rich)) == rich
    assert "\n" not in first_line(rich)
    assert first_line(rich).count(">") == 1


@pytest.mark.parametrize(
    "body",
    [
        "",
        "- [ ] Look",
        "<!-- allclear:routine -->",
        "<!-- allclear:routine {} -->",
        '<!-- allclear:routine {"name": 3, "turn": [} -->',
        f"<!-- allclear:routine {' ' * LONGEST} -->",
        f"\n{first_line(MARKER)}",
    ],
)
def test_what_is_no_marker_tells_nothing(body: str) -> None:
    assert marker_of(body) is None
    assert turns(replace(issue(), body=body)) == {}


@pytest.mark.parametrize("author", [EVE, None])
def test_only_our_own_issues_count(author: Person | None) -> None:
    assert turns(issue(author=author)) == {}
    assert turns(issue()) == {"daily": TURN}


def test_a_pull_request_is_no_issue_of_a_routine() -> None:
    assert turns(replace(issue(), is_pull=True)) == {}


@pytest.mark.parametrize(
    ("due", "since"),
    [
        (NOW + timedelta(minutes=1), DUE),
        (DUE - timedelta(days=1), DUE),
        (DUE, datetime(1, 1, 1, tzinfo=UTC)),
        (datetime(2025, 10, 20, 9), datetime(2025, 10, 20, 9)),  # noqa: DTZ001 - without a zone is the subject
    ],
)
def test_a_turn_that_cannot_be_true_does_not_count(due: datetime, since: datetime) -> None:
    wild = Turn(due=due, since=since)
    assert turns(issue(RoutineMarker(name="daily", turn=wild))) == {}
    assert turns(issue(RoutineMarker(name="daily", turn=TURN, others={"weekly": wild}))) == {"daily": TURN}


def test_the_newest_turn_of_each_routine_counts() -> None:
    newer = RoutineMarker(name="daily", turn=TURN, others={"weekly": BEFORE})
    older = RoutineMarker(name="daily", turn=BEFORE, others={"weekly": TURN})
    for order in ((newer, older), (older, newer)):
        assert turns(*(issue(one, number=at) for at, one in enumerate(order))) == {
            "daily": TURN,
            "weekly": TURN,
        }


def test_an_issue_that_came_after_an_incident_is_no_turn() -> None:
    after = RoutineMarker(name="daily", turn=TURN, incident=3, others={"daily": BEFORE})
    memory = remembered([issue(after)], (ACTIONS_BOT,), NOW)
    assert memory.turns == {"daily": BEFORE}
    assert [one.marker.incident for one in memory.issues] == [3]


def test_an_issue_that_was_read_twice_is_one() -> None:
    assert len(remembered([issue(), issue()], (ACTIONS_BOT,), NOW).issues) == 1
