"""What a run decides does not depend on how much of the conversation it read: all of it, or what is new since
the panel's checkpoint. Pure: a conversation is generated, runs happen in it, and each plans both ways.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from allclear.commands import COMMANDS
from allclear.core.conversation.command import Policy
from allclear.core.model.effects import (
    AddLabels,
    Assign,
    Close,
    Effect,
    PutPanel,
    React,
    RemoveLabel,
    Reopen,
    Reply,
)
from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.snapshot import Comment, Issue, IssueEvent, LastEdit, Snapshot, Wants
from allclear.core.model.structs import replace
from allclear.core.plan.plan import Plan
from allclear.core.policy.settings import ACTIONS_BOT, LabelNames
from allclear.core.record.chain import checkpoint, checkpoint_of
from allclear.core.record.lean import lean
from allclear.core.record.read_again import OVERLAP, STRIDE, read_again_from
from allclear.core.view.labels import Labels
from planning import no_questions, planned
from sampling import examples
from stories import ADA, BOB, CAT, HOTDASH, ISSUE_URL, NOON, RENDERER, REPOSITORY, SETTINGS

BOT = Person(id=ACTIONS_BOT, login="github-actions[bot]")
EVE = Person(id=4, login="eve")
POLICY = Policy(SETTINGS, HOTDASH, COMMANDS, RENDERER)
ACCESS = {
    "ada": Access(Rights.ADMIN, ADA),
    "bob": Access(Rights.WRITE, BOB),
    "cat": Access(Rights.TRIAGE, CAT),
    "eve": Access(Rights.READ, EVE),
    "dave": Access(Rights.WRITE, Person(id=6, login="dave")),
    "mona": Access(Rights.ADMIN, Person(id=5, login="mona")),
}


@dataclass
class World:
    """An issue that people write on, and runs that answer; ``pace``: seconds that a comment takes."""

    comments: list[Comment] = field(default_factory=list)
    panel: Comment | None = None
    state: Literal["open", "closed"] = "open"
    labels: frozenset[str] = frozenset({"incident", "P1"})
    assignees: tuple[Person, ...] = ()
    seconds: int = 0
    unknown: frozenset[str] = frozenset()
    """Logins that the permission endpoint says nothing about today."""
    pace: int = 10
    asked: int = 0
    """How often all comments were asked for."""

    def says(self, who: Person, body: str) -> None:
        # Our own reply takes no time: in any, another deadline may come due before the next run.
        self.seconds += 0 if who == BOT else self.pace
        at = NOON + timedelta(seconds=self.seconds)
        self.comments.append(Comment(1000 + len(self.comments), who, body, at, at))

    def seen(self, *, all_of_it: bool) -> Snapshot:
        """What a run reads: everything, or what changed since the checkpoint of the panel."""
        panel = None if all_of_it else self.panel
        edit = LastEdit(BOT, NOON)
        kept = checkpoint(panel, edit, REPOSITORY, 42, POLICY.trust)
        since = read_again_from(kept.cursor_at, kept.again_at, OVERLAP) if kept else NOON
        return Snapshot(
            repository=REPOSITORY,
            issue=Issue(
                42,
                "Down",
                "",
                ADA,
                self.state,
                self.labels,
                self.assignees,
                NOON,
                ISSUE_URL,
                pinned_comment=1,
            ),
            comments=tuple(comment for comment in self.comments if comment.updated_at >= since),
            now=NOON + timedelta(seconds=self.seconds),
            panel=panel,
            panel_edit=edit,
            access={login: Access(None) if login in self.unknown else may for login, may in ACCESS.items()},
            events=(IssueEvent(1, "labeled", ADA, NOON, "incident"),),
            repository_labels=frozenset(label.name for label in Labels(HOTDASH, LabelNames()).catalogue()),
        )

    def look_up(self, seen: Snapshot, wants: Wants) -> Snapshot:
        """All comments, when they are asked for; nothing else is."""
        assert wants == Wants(history=True)
        self.asked += 1
        return replace(seen, comments=tuple(self.comments), whole=True)

    def run(self) -> tuple[Plan, Plan]:
        """A run by the checkpoint, and what one that reads everything would have done in its place."""
        new = planned(self.seen(all_of_it=False), POLICY, self.look_up)
        whole = planned(self.seen(all_of_it=True), POLICY, no_questions)
        for effect in new.effects:
            self.apply(effect)
        return new, whole

    def apply(self, effect: Effect) -> None:
        match effect:
            case Reply():
                self.says(BOT, effect.body)
            case PutPanel():
                self.panel = Comment(1, BOT, effect.body, NOON, NOON)
            case AddLabels():
                self.labels |= set(effect.names)
            case RemoveLabel():
                self.labels -= {effect.name}
            case Assign():
                people = {one.login: one for one in (ADA, BOB, CAT)}
                self.assignees += tuple(people[login] for login in effect.logins)
            case Close():
                self.state = "closed"
            case Reopen():
                self.state = "open"
            case React():
                self.comments = [
                    replace(one, refused=True) if one.id == effect.comment else one for one in self.comments
                ]
            case _:
                pass


WORDS = st.sampled_from(
    [
        "/ack",
        "/sev P0 all of it",
        "/sev P2 hardly anybody",
        "/note 14:00 seen",
        "/ic @bob",
        "/finding a lock",
        "/status monitoring",
        "/check verification",
        "/undo",
        "/resolve",
        "/flag security\n/unflag security",
        "/akc",
        "/note a\n/note b\n/note c",
        "/update still at it",
        "/action add a test",
        "/time detected 14:01",
        "/reopen it is back",
        "/all-clear --override we go home",
        "> /ack",
        "thanks",
    ]
)
PEOPLE = st.sampled_from([ADA, BOB, CAT, EVE])
DEEDS = st.one_of(
    st.tuples(st.just("crowd"), st.integers(1, 2 * STRIDE + 20)),
    st.tuples(st.just("says"), PEOPLE, WORDS),
    st.tuples(st.just("says"), PEOPLE, WORDS),
    st.tuples(st.just("run")),
    st.tuples(st.just("silent"), st.sampled_from(["", "bob", "cat"])),
)


def crowd(world: World, count: int) -> None:
    for number in range(count):
        world.says(EVE, f"any news? {number}")


def agree(world: World) -> None:
    """A run, both ways."""
    new, whole = world.run()
    assert new.entries == whole.entries[len(whole.entries) - len(new.entries) :]
    assert lean(new.incident) == lean(whole.incident)
    assert (new.answers, new.waiting, new.record) == (whole.answers, whole.waiting, whole.record)
    panels = [effect.body for effect in whole.effects if isinstance(effect, PutPanel)]
    assert world.panel is not None
    assert panels == [world.panel.body]
    # In a crowd a run does not see every 👎 of the hour, and sets none rather than two.
    kinds = (PutPanel, Assign) if world.pace == UNHURRIED else (PutPanel, Assign, React)
    others = [[e for e in one.effects if not isinstance(e, kinds)] for one in (new, whole)]
    assert others[0] == others[1]


UNHURRIED, CROWDED = 10, 1
"""Seconds between two comments: of those, less than a stride are read again, or exactly one."""

TALK_LONG_AGO = [("crowd", 244), ("says", ADA, "> /ack"), ("crowd", 55), ("run",), ("crowd", 58)]
"""Somebody said something without a command, and the panel's cursor is behind it by now."""
ENDED_LATE = [("crowd", 244), ("says", ADA, "/all-clear --override we go home"), ("says", ADA, "/ack")]


@pytest.mark.usefixtures("proof")
@example(deeds=TALK_LONG_AGO, pace=UNHURRIED)
@example(deeds=ENDED_LATE, pace=UNHURRIED)
@example(deeds=TALK_LONG_AGO, pace=CROWDED)
@example(deeds=ENDED_LATE, pace=CROWDED)
@settings(
    max_examples=examples(20, 300),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(deeds=st.lists(DEEDS, min_size=3, max_size=14), pace=st.sampled_from([UNHURRIED, CROWDED]))
def test_a_run_by_the_checkpoint_decides_what_a_run_over_everything_would(
    deeds: list[tuple[object, ...]], pace: int
) -> None:
    world = World(pace=pace)
    agree(world)
    for deed in deeds:
        match deed:
            case ("crowd", int(count)):
                crowd(world, count)
            case ("says", Person() as who, str(body)):
                world.says(who, body)
            case ("silent", str(login)):
                world.unknown = frozenset({login} - {""})
            case _:
                agree(world)
    world.unknown = frozenset()
    agree(world)
    # Our own reply may have filled a stride: then the checkpoint moves on once more, and nothing else does.
    assert all(isinstance(effect, PutPanel) for effect in world.run()[0].effects)
    assert world.run()[0].effects == ()


def test_the_checkpoint_does_move_on() -> None:
    world = World()
    agree(world)
    for _ in range(3):
        crowd(world, 3 * STRIDE)
        world.says(BOB, "/note seen")
        agree(world)
    kept = checkpoint_of(world.seen(all_of_it=False), POLICY.trust)
    assert kept is not None
    assert kept.count == 9 * STRIDE
    assert len(world.seen(all_of_it=False).comments) < 2 * STRIDE
