"""When a routine's issue is opened, and what it says."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from allclear.commands import COMMANDS
from allclear.core.conversation.command import Policy
from allclear.core.model.asking import drive
from allclear.core.model.errors import TextError
from allclear.core.model.neutral import JOINER, Renderer
from allclear.core.model.people import Access, Rights
from allclear.core.model.snapshot import Issue, Snapshot, Wants
from allclear.core.model.structs import replace
from allclear.core.plan.routine_issue import (
    RoutineIssue,
    RoutineMarker,
    RoutineMemory,
    Turn,
    marker_of,
)
from allclear.core.plan.routines import (
    MOST_OPENED,
    NewIssue,
    Opening,
    PublishedIncident,
    issue_of,
    no_issue,
    openings,
    published,
)
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.service import Action
from allclear.core.policy.settings import Settings
from allclear.core.record.incident import Incident
from planning import nothing_more
from stories import RENDERER, REPOSITORY
from written import runbook, small

CLOSE = "Tick the boxes and close this issue when it is done."
NOW = datetime(2025, 10, 20, 9, 7, tzinfo=UTC)
DUE = NOW.replace(minute=0)
DAY = timedelta(days=1)
URL = "https://github.com/acme/shop/issues/9"
SETTINGS = Settings(people={"On-call": ("bob", "cat"), "Team Lead": ("ada",)})
TO = {"to": ["On-call"]}
DAILY = {"daily": {"every": "daily 09:00", **TO}}
SOME = PublishedIncident(9, "Checkout is down", URL, "SEV1", NOW - timedelta(hours=2))


def turn(due: datetime, since: datetime | None = None) -> Turn:
    return Turn(due=due, since=since or due)


def known(*turns: datetime, name: str = "daily", closed: Sequence[datetime] = ()) -> RoutineMemory:
    """Issues of these turns, the newest last."""
    issues = [
        RoutineIssue(at, name, URL, due not in closed, RoutineMarker(name=name, turn=turn(due)))
        for at, due in enumerate(turns, start=1)
    ]
    return RoutineMemory(tuple(issues), {name: turn(max(turns))} if turns else {})


def opened(
    book: Runbook, memory: RoutineMemory, now: datetime = NOW, *told: PublishedIncident
) -> tuple[Opening, ...]:
    return openings(book, memory, told, now)


def issue(opening: Opening, incidents: Sequence[Issue] | None = (), **more: Any) -> NewIssue:
    """The issue that it becomes, where everybody of the settings has an account."""
    kept: dict[str, Any] = {
        "settings": SETTINGS,
        "runbook": small(routines=DAILY),
        "renderer": RENDERER,
    } | more
    policy = Policy(kept["settings"], kept["runbook"], COMMANDS, kept["renderer"])
    nothing = no_issue(REPOSITORY, NOW)

    def look_up(seen: Snapshot, wants: Wants) -> Snapshot:
        access = dict.fromkeys(wants.logins, Access(Rights.WRITE))
        return replace(nothing_more(seen, wants), access={**seen.access, **access})

    return drive(issue_of(opening, incidents, policy, nothing), nothing, look_up)


def test_a_turn_that_came_is_opened_once() -> None:
    book = small(routines=DAILY)
    (one,) = opened(book, known(DUE - DAY))
    assert (one.marker.turn, one.until) == (turn(DUE, DUE - DAY), DUE + DAY)
    assert opened(book, known(DUE - DAY, DUE)) == ()


def test_of_many_turns_that_nobody_saw_the_last_is_opened() -> None:
    (one,) = opened(small(routines=DAILY), known(DUE - 40 * DAY))
    assert one.marker.turn.due == DUE


def test_a_routine_begins_with_a_turn_that_has_just_come() -> None:
    book = small(
        routines=DAILY | {"weekly": {"every": "sun 09:00", **TO}, "late": {"every": "sat 09:00", **TO}}
    )
    assert [one.routine.id for one in opened(book, RoutineMemory(), NOW - timedelta(minutes=9))] == [
        "daily",
        "weekly",
    ]


def test_what_comes_each_quarter_begins_now_and_keeps_its_day() -> None:
    book = small(routines={"review": {"every": "3mo", **TO}})
    (first,) = opened(book, RoutineMemory())
    assert first.marker.turn == turn(NOW)
    begun = datetime(2025, 1, 31, 9, tzinfo=UTC)
    april = RoutineMemory((), {"review": turn(datetime(2025, 4, 30, 9, tzinfo=UTC), begun)})
    (third,) = opened(book, april, datetime(2025, 7, 31, 10, tzinfo=UTC))
    assert third.marker.turn == turn(datetime(2025, 7, 31, 9, tzinfo=UTC), begun)


def test_an_issue_that_is_still_open_at_the_next_turn_is_overdue() -> None:
    memory = known(DUE - 2 * DAY, DUE - DAY)
    (one,) = opened(small(routines=DAILY), memory)
    # That of the day before was said to be overdue when the last one was opened.
    assert [late.number for late in one.overdue] == [2]
    (one,) = opened(small(routines=DAILY), known(DUE - DAY, closed=[DUE - DAY]))
    assert one.overdue == ()


def test_the_newest_issue_remembers_all_routines() -> None:
    book = small(
        routines=DAILY | {"second": {"every": "daily 09:00", **TO}, "review": {"every": "3mo", **TO}}
    )
    memory = RoutineMemory(
        (), {"daily": turn(DUE - DAY), "second": turn(DUE - DAY), "review": turn(DUE - DAY)}
    )
    first, second = opened(book, memory)
    assert first.marker.others == {"second": turn(DUE - DAY), "review": turn(DUE - DAY)}
    assert second.marker.others == {"daily": turn(DUE, DUE - DAY), "review": turn(DUE - DAY)}


def test_a_published_post_mortem_opens_one_beside_the_turns() -> None:
    """004-39"""
    book = small(routines={"daily": DAILY["daily"] | {"after": "major"}})
    minor, old = replace(SOME, severity="SEV3"), replace(SOME, number=3, at=NOW - 2 * DAY)
    (one,) = opened(book, known(DUE), NOW, SOME, minor, old)
    assert (one.after, one.marker.incident) == (SOME, 9)
    assert one.marker.others == {"daily": turn(DUE)}
    again = RoutineIssue(5, "Daily", URL, True, one.marker)
    memory = known(DUE)
    assert opened(book, replace(memory, issues=(*memory.issues, again)), NOW, SOME) == ()
    # Left open, it is overdue with the next turn.
    (later,) = opened(book, replace(memory, issues=(*memory.issues, again)), DUE + DAY, SOME)
    assert [late.number for late in later.overdue] == [1]


def test_only_what_is_published_of_a_real_incident_counts() -> None:
    done = Incident(9, title="Down", severity="SEV1", milestones={"published": NOW})
    told = published([(done, URL), (replace(done, kind="drill"), URL), (Incident(8), URL)])
    assert told == (PublishedIncident(9, "Down", URL, "SEV1", NOW),)


def test_one_run_opens_a_few_and_the_next_the_others() -> None:
    names = {f"r{at}": {"every": "daily 09:00", **TO} for at in range(MOST_OPENED + 2)}
    assert len(opened(small(routines=names), RoutineMemory())) == MOST_OPENED


def test_a_routine_whose_calendar_is_not_there_waits() -> None:
    assert opened(small(routines={"daily": {"every": "offic days 09:00", **TO}}), RoutineMemory()) == ()


def test_the_issue_has_its_boxes_and_people() -> None:
    steps = {
        "look": {"text": "Look at *alerts* @eve", "parts": ["All #1"], "run": "restore", "optional": True},
        "drill": {"text": "Restore", "run": "gone"},
    }
    book = small(
        zone="Europe/Berlin", routines={"daily": DAILY["daily"] | {"steps": steps, "title": "Checks @all"}}
    )
    action = Action(title="Restore", run=("npm", "run", "restore"))
    (one,) = opened(book, known(DUE - DAY, closed=[DUE - DAY]))
    new = issue(one, runbook=book, settings=replace(SETTINGS, actions={"restore": action}))
    assert marker_of(new.body) == new.marker == one.marker
    assert new.title == f"Checks @{JOINER}all, 2025-10-20"
    assert new.assignees == ("bob", "cat")
    assert new.body.split("\n")[1:] == [
        f"@bob @cat **Checks @{JOINER}all**: due until Tuesday, 2025-10-21, 09:00 CEST. {CLOSE}",
        "",
        f"- [ ] Look at \\*alerts\\* @{JOINER}eve (if it applies)",
        f"  - All #{JOINER}1",
        "  - Action `restore`: `npm run restore`",
        "- [ ] Restore",
        "  - Action `gone`",
    ]


def test_the_issue_says_what_is_overdue_and_what_it_comes_after() -> None:
    book = small(routines={"daily": DAILY["daily"] | {"after": "major"}})
    turned, after = opened(book, known(DUE - DAY), NOW, replace(SOME, title="<b>@ada</b>"))
    assert "**Overdue**, and still open: [daily](https://" in issue(turned).body
    new = issue(after)
    assert new.title == "Daily, after incident 9"
    assert f"follows the post-mortem of [\\<b\\>@{JOINER}ada\\</b\\>]({URL})." in new.body
    assert "[issue 9]" in issue(replace(after, after=replace(SOME, title=""))).body


def incident(number: int, title: str, *labels: str) -> Issue:
    return Issue(number, title, "", None, "open", frozenset(labels), (), NOW, URL)


def test_the_issue_lists_the_open_incidents_of_its_severities() -> None:
    """001-04"""
    book = runbook("hotdash-agents")
    (one,) = opened(book, RoutineMemory((), {"p3-review": turn(DUE - 3 * DAY)}), NOW + timedelta(hours=1))
    more = {"runbook": book, "settings": Settings(people={"Deployment Agent": ("bob",)})}
    there = [incident(3, "Second", "incident", "p3"), incident(1, "A", "P1"), incident(2, "First", "P3")]
    body = issue(one, there, **more).body
    assert body.index("- [ ] [First]") < body.index("- [ ] [Second]")
    assert "[A]" not in body
    assert "### Open incidents: P3" in body
    assert "There is none." in issue(one, [], **more).body
    assert "GitHub did not say which ones are open" in issue(one, None, **more).body


@pytest.mark.parametrize("people", [{}, {"Team Lead": ("ada",)}])
def test_titles_that_nobody_fills_go_on_to_others(people: dict[str, tuple[str, ...]]) -> None:
    (one,) = opened(small(routines=DAILY), known(DUE - DAY))
    new = issue(one, settings=Settings(people=people))
    assert ("@ada" in new.body) == bool(people)
    assert "Nobody who can be notified stands behind On-call" in new.body
    assert new.assignees == ()


class BrokenRenderer(type(RENDERER)):  # type: ignore[misc]  # the class of a value
    """Templates that cannot be rendered."""

    def file(self, name: str, values: Any) -> str:
        raise TextError(name)


def test_a_broken_template_keeps_the_boxes() -> None:
    book = small(routines={"daily": DAILY["daily"] | {"steps": {"look": "Look <b>"}}})
    (one,) = opened(book, known(DUE - DAY))
    broken: Renderer = BrokenRenderer.__new__(BrokenRenderer)
    new = issue(one, renderer=broken)
    assert new.body.split("\n")[1:] == ["@bob @cat Daily", "", "- [ ] Look \\<b\\>"]
