"""What is asked for reaches the executor's record and comes back, field by field, and so does how it ended.

The tests walk the fields of the two structs: one that is added to `Order` or `Outcome` is carried everywhere,
or these tests fail.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from msgspec import Struct

from allclear.core.model.execution import SUBJECT, Execution, read_record, write_record
from allclear.core.model.operation import Artifact, Operation, Order, Outcome, Smoke
from allclear.core.model.people import Person
from allclear.core.model.snapshot import Sighting
from allclear.core.model.stored import defaults, fields_of, read_values
from allclear.core.model.structs import replace
from allclear.core.production.ending import CHOSEN, judge, same
from allclear.core.production.order import claimed, linked, operation_of
from allclear.core.production.own_run import OwnRun
from allclear.core.record.entry import Entry
from allclear.core.record.production import OperationAsked, OperationEnded
from core.production_desk import BAD, OP, RUN_URL, Desk, minute, over
from stories import ADA

RUN = OwnRun(77, 1, "workflow_dispatch", "refs/heads/main", "x.yml", Person(id=5, login="bot"), "main")
ARTIFACT = Artifact(url="https://github.com/a", sha256="0" * 64, expires=minute(9), files=3)


VALUES: dict[Any, Any] = {
    bool: True,
    datetime: minute(3),
    int: 7,
    dict[str, str]: {"count": "4"},
    Smoke: BAD,
    Artifact: ARTIFACT,
}


def value_of(annotation: Any, name: str) -> Any:
    """A value of the field's type that is not its default."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)[-1]
    if type(None) in get_args(annotation):
        return value_of(get_args(annotation)[0], name)
    return f"{name} of ours" if annotation is str else VALUES[annotation]


def full(kind: type[Struct]) -> dict[str, Any]:
    """All its fields, each with a value of its own."""
    hints = get_type_hints(kind)
    return {name: value_of(hints[name], name) for name in kind.__struct_fields__}


def reread(entry: Entry) -> Entry:
    """The entry as it is read from the first line of a reply."""
    return read_values(Entry, json.loads(json.dumps(entry.compact())))


ORDER = full(Order)
OUTCOME = full(Outcome)


def operation(**more: Any) -> Operation:
    """The operation that the record of the incident has, told by entries that were written and read."""
    desk = Desk()
    desk.tell(15, ADA, OperationAsked(op=OP, **ORDER | more))
    desk.story.entries = [reread(entry) for entry in desk.story.entries]
    return desk.incident.production.operations[OP]


def execution(**more: Any) -> Execution:
    """The executor's record, written to git and read from it."""
    record = replace(claimed(operation(), OP, 42, RUN, minute(16)), **more)
    found = read_record(write_record(record))
    assert found is not None
    return found


@pytest.mark.parametrize("name", ORDER)
def test_every_field_of_an_order_reaches_the_executor_and_comes_back(name: str) -> None:
    wanted = ORDER[name]
    assert wanted != defaults(Order).get(name)
    for carrier in (operation(), execution(), linked(execution()), operation_of(execution(), Desk().policy)):
        assert getattr(carrier, name) == wanted, type(carrier).__name__


@pytest.mark.parametrize("name", OUTCOME)
def test_every_field_of_an_outcome_reaches_the_incident(name: str) -> None:
    asked = operation()
    record = execution(step="ended", started=minute(17), ended=minute(19), **OUTCOME)
    ended = judge(asked, Sighting(record, over()), minute(20))
    assert isinstance(ended, OperationEnded)
    desk = Desk().tell(15, ADA, OperationAsked(op=OP, **ORDER)).tell(20, None, ended)
    desk.story.entries = [reread(entry) for entry in desk.story.entries]
    known = desk.incident.production.operations[OP]
    for carrier in (record, ended, known):
        assert getattr(carrier, name) == OUTCOME[name], type(carrier).__name__
    assert (known.seconds, known.run, known.url) == (120, 77, RUN_URL)


def test_what_the_executor_does_not_say_is_as_it_was_asked_for() -> None:
    record = execution(step="ended", outcome="done", release="", before="")
    ended = judge(operation(), Sighting(record, over()), minute(20))
    desk = Desk().tell(15, ADA, OperationAsked(op=OP, **ORDER))
    assert isinstance(ended, OperationEnded)
    known = desk.tell(20, None, ended).incident.production.operations[OP]
    assert (known.release, known.before) == (ORDER["target"], ORDER["before"])


@pytest.mark.parametrize("name", sorted(ORDER.keys() - CHOSEN))
def test_a_record_that_differs_in_any_field_is_not_of_this_order(name: str) -> None:
    default = defaults(Order).get(name)
    other = "rollback" if name == "kind" else default
    assert same(operation(), execution())
    assert not same(operation(), execution(**{name: other}))


def test_the_record_in_git_is_flat_and_has_its_names() -> None:
    """A record that an earlier version wrote is read, and written with the same names and values."""
    known = {
        "operation": OP,
        "kind": "rollback",
        "issue": 42,
        "service": "web",
        "target": "v41",
        "release": "v41",
        "run": 77,
        "actor": "bot",
        "actor_id": 5,
        "approver": "mia",
        "step": "ended",
        "claimed": "2025-10-19T14:21:00Z",
        "started": "2025-10-19T14:22:00Z",
        "ended": "2025-10-19T14:24:00Z",
        "before": "v42",
        "after": "v41",
        "executed": True,
        "outcome": "done",
        "smoke": {"lines": [{"name": "health", "outcome": "pass", "detail": "200", "seconds": 0.2}]},
    }
    record = read_record(SUBJECT + json.dumps(known))
    assert record is not None
    assert json.loads(write_record(record).removeprefix(SUBJECT)) == known


def test_an_order_alone_is_told_by_its_own_fields() -> None:
    assert fields_of(Order, execution()) == fields_of(Order, operation()) == ORDER
