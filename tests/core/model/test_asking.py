"""A decision that asks: nothing twice, no question left open, no end of questions."""

from __future__ import annotations

import pytest
from msgspec.structs import fields

from allclear.core.model.asking import MOST_QUESTIONS, Asking, Knowledge, drive
from allclear.core.model.people import Access, Rights
from allclear.core.model.report_seen import ReportPlace
from allclear.core.model.snapshot import Comment, Snapshot, Wants
from allclear.core.model.structs import replace
from core.issue_desk import BOT, IssueDesk
from planning import nothing_more
from stories import ADA, BOB, NOON

SEEN = replace(IssueDesk().snapshot, panel=Comment(1, BOT, "", NOON, NOON))
EVERYTHING = Wants(
    logins=frozenset({"Ada"}),
    issues=frozenset({7}),
    events=True,
    labels=True,
    panel_editor=True,
    editors=frozenset({9}),
    issue_editor=True,
    pulls=frozenset({3}),
    recent_pulls=True,
    closer=True,
    visibility=True,
    branches=frozenset({"hotfix/incident-42"}),
    operations=frozenset({"smoke-1"}),
    by_hand=True,
    releases=frozenset({"web"}),
    comparisons=frozenset({("a", "b")}),
    refusals=frozenset({9}),
    environments=frozenset({"production"}),
    deploy_runs=frozenset({77}),
    reports=True,
    merged_reports=frozenset({ReportPlace(3, "reports/incidents/a.md")}),
    pull_reviews=frozenset({3}),
    history=True,
    assignable=frozenset({"ada"}),
)


def learning(known: Knowledge, *wants: Wants) -> Asking[Snapshot]:
    for one in wants:
        yield from known.learn(one)
    return known.snapshot


def test_what_is_asked_of_issues_people_and_labels_is_not_elsewhere() -> None:
    near = {"logins", "issues", "events", "labels", "panel_editor", "editors", "issue_editor", "pulls"}
    near |= {"refusals", "reports", "history", "assignable"}
    for field in fields(Wants):
        assert Wants(**{field.name: getattr(EVERYTHING, field.name)}).elsewhere == (field.name not in near)


def test_what_was_looked_up_is_known_even_when_it_is_nothing() -> None:
    assert SEEN.lacks(EVERYTHING) == replace(EVERYTHING, logins=frozenset({"ada"}))
    assert not nothing_more(SEEN, SEEN.lacks(EVERYTHING)).lacks(EVERYTHING)
    assert not SEEN.lacks(Wants())


def test_the_editor_of_no_panel_is_nobody_to_ask_about() -> None:
    assert not replace(SEEN, panel=None).lacks(Wants(panel_editor=True))


def test_everything_that_can_be_wanted_can_be_wanted_together() -> None:
    parts = [Wants(**{field.name: getattr(EVERYTHING, field.name)}) for field in fields(Wants)]
    together = Wants()
    for part in parts:
        assert part
        together |= part
    assert together == EVERYTHING


def test_nothing_is_asked_for_twice() -> None:
    asked: list[Wants] = []

    def look_up(seen: Snapshot, wants: Wants) -> Snapshot:
        asked.append(wants)
        return nothing_more(seen, wants)

    drive(learning(Knowledge(SEEN), EVERYTHING, EVERYTHING, Wants(issues=frozenset({7, 8}))), SEEN, look_up)
    assert asked == [SEEN.lacks(EVERYTHING), Wants(issues=frozenset({8}))]


@pytest.mark.parametrize(
    ("access", "rights"),
    [
        (Access(Rights.WRITE, BOB), Rights.WRITE),
        (Access(Rights.ADMIN, ADA), Rights.NONE),
        (Access(None), None),
    ],
)
def test_rights_are_those_of_the_account_not_of_the_login(access: Access, rights: Rights | None) -> None:
    found = drive(Knowledge(SEEN).rights_of(BOB), SEEN, lambda seen, _: replace(seen, access={"bob": access}))
    assert found is rights


def test_a_question_that_is_left_open_is_a_mistake_of_whoever_looks_things_up() -> None:
    with pytest.raises(RuntimeError, match="leaves a question open"):
        drive(learning(Knowledge(SEEN), Wants(events=True)), SEEN, lambda seen, _: seen)


def test_questions_without_end_are_stopped() -> None:
    endless = (Wants(issues=frozenset({100 + number})) for number in range(2 * MOST_QUESTIONS))
    with pytest.raises(RuntimeError, match="asked 1000 questions and has still one"):
        drive(learning(Knowledge(SEEN), *endless), SEEN, nothing_more)
