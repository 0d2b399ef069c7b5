"""People without the right change nothing, whatever they type and whoever has their old name by now (H1)."""

from __future__ import annotations

import pytest

from allclear.commands import COMMANDS
from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.structs import replace
from allclear.core.record.audit import Refused
from conversations.room import Room
from planning import no_questions, planned
from proof.story import keys, same, shown
from proof.test_same_plan import POLICY, World
from stories import BOB

EXAMPLES = [example for command in COMMANDS.values() for example in command.examples]


def test_an_outsider_who_types_every_command_gets_one_answer_and_changes_nothing(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/ack\n/finding a lock\n/status monitoring\n/check verification")
    state, panel, labels, said = same(room.incident), shown(room.panel.body), room.issue.labels, keys(room)
    assert "access to this repository" in room.says("out", EXAMPLES[0])
    told = shown(room.panel.body)
    for example in EXAMPLES[1:]:
        assert room.says("out", example) == ""
        # What the panel hides moves on, once in fifty comments: how far it has read.
        assert shown(room.panel.body) == told
    assert room.says("out", "\n".join(EXAMPLES)) == ""
    assert len(keys(room)) == len(said) + 1
    assert (same(room.incident), shown(room.panel.body), room.issue.labels) == (state, panel, labels)
    assert room.issue.state == "open"
    disliked = [c for c in room.comments if c.author == "out" and c.reactions]
    assert len(disliked) <= 1


@pytest.mark.parametrize(
    ("access", "refused"),
    [
        (Access(Rights.TRIAGE, BOB), False),
        (Access(Rights.ADMIN, Person(id=99, login="bob")), True),
        (Access(Rights.ADMIN, None), True),
        (Access(Rights.NONE), True),
        (Access(Rights.READ, Person(id=BOB.id, login="Bob")), True),
        (Access(Rights.WRITE, Person(id=BOB.id, login="Bob")), False),
    ],
    ids=["his own", "a namesake's", "nobody's", "none", "too little", "written otherwise"],
)
def test_the_account_counts_by_its_id_not_by_its_login(access: Access, *, refused: bool) -> None:
    world = World()
    world.run()
    world.says(BOB, "/sev P0 all of it")
    snapshot = world.seen(all_of_it=True)
    decided = planned(replace(snapshot, access={**snapshot.access, "bob": access}), POLICY, no_questions)
    (answer,) = [entry for entry in decided.entries if entry.key.startswith("c")]
    assert any(isinstance(fact, Refused) and fact.code == "not-allowed" for fact in answer.facts) is refused
    assert decided.incident.severity == ("P1" if refused else "P0")


def test_a_ghost_says_nothing(room: Room) -> None:
    world = World()
    world.run()
    world.says(BOB, "/sev P0 all of it")
    world.comments[-1] = replace(world.comments[-1], author=None)
    new, whole = world.run()
    assert new.answers == whole.answers == ()
    assert new.incident.severity == "P1"


def test_a_stranger_is_answered_again_on_the_next_incident(room: Room) -> None:
    room.opens("ann")
    assert "access to this repository" in room.says("out", "/resolve")
    room.opens("ann", "[INCIDENT P1] Another")
    assert "access to this repository" in room.says("out", "/resolve")
