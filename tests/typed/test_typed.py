"""Every input that people were seen to type does what they expect of it, or is told."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Helped, Refused
from allclear.core.record.facts import Fact
from allclear.core.record.fold import fold
from allclear.core.record.incident import Incident
from core.issue_desk import IssueDesk, facts, told
from stories import BOB
from typed.desks import OPEN, desk, undeclared
from typed.table import LOOKS, Row, rows

ROWS = rows()
BERLIN = read_authored(Settings, {"zone": "Europe/Berlin"})


@dataclass(frozen=True)
class Outcome:
    """What came of an input: the facts that it brought, the incident after it, and what was answered."""

    facts: tuple[Fact, ...]
    incident: Incident
    answer: str


def _outcome(issue: IssueDesk) -> Outcome:
    plan = issue.run()
    said = told(plan).replace("\u2060", "").replace("\\", "")
    brought = tuple(one for one in facts(plan) if not isinstance(one, Helped | Refused))
    return Outcome(brought, fold(42, plan.entries, issue.runbook), said)


def typed(text: str, on: str) -> Outcome:
    """What comes of a comment of bob."""
    issue = desk(on)
    issue.says(BOB, text)
    return _outcome(issue)


def played(row: Row) -> Outcome:
    """What comes of the row's input."""
    if row.typed is not None:
        return typed(row.typed, row.desk)
    labels = frozenset(row.labels if row.labels is not None else ("incident",))
    settings = BERLIN if row.desk == "berlin" else Settings()
    return _outcome(undeclared(row.title or OPEN, row.body or "", labels, settings))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_what_people_type_does_what_they_expect(row: Row) -> None:
    came = played(row)
    shown = f"{row.id}: {came.answer or 'nothing is answered'}"
    if row.does is not None:
        plain = typed("\n".join(row.does), row.desk).facts if row.does else ()
        assert came.facts == plain, shown
    looked = {name: LOOKS[name](came.incident) for name in row.facts}
    assert looked == dict(row.facts), shown
    heard = came.answer.casefold()
    assert [word for word in row.names if word.casefold() not in heard] == [], shown
    assert [word for word in row.never if word.casefold() in heard] == [], shown
    if row.silent:
        assert (came.answer, came.facts) == ("", ()), shown


def test_every_row_expects_something_and_has_a_name_of_its_own() -> None:
    ids = [row.id for row in ROWS]
    assert sorted(set(ids)) == sorted(ids)
    assert [row.id for row in ROWS if not row.expects] == []


def test_at_most_one_row_in_fifty_has_another_expectation_than_was_asked_for() -> None:
    assert len([row for row in ROWS if row.instead]) <= max(1, len(ROWS) // 50)
