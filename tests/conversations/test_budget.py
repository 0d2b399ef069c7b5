"""What a command costs: at most three reads and two writes, in three stages, with 100 comments on the issue
and with 5,000.

Reads: the issue with its panel, the new comments, the author's rights; who edited the panel, which is asked
where the record is not signed, comes with the comments. Writes: the reply; then the panel and what the
command changes, in one document. Stages: read, reply, rest; the requests of a stage do not wait for each
other. Counted are the requests of the run that answers; the post-mortem is a job of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest

from allclear import app
from allclear.adapters.files.event import Env, Trigger
from allclear.adapters.files.settings import Loaded, load_policy
from allclear.adapters.files.written_file import Earlier
from allclear.adapters.github.at_once import in_turn
from allclear.adapters.github.client import PAGE as PAGE_OF_COMMENTS
from allclear.commands import COMMANDS
from allclear.core.model.structs import replace
from allclear.core.record.chain import checkpoint_of
from allclear.jobs import respond as look
from allclear.jobs.freeze import freeze_after
from allclear.jobs.run import start
from allclear_lab.github import HubSnapshot
from conversations.room import KEY, SETTINGS, Room, minutes, open_room
from conversations.stages import Rounds, Stages, Watched

READS, WRITES = 3, 2
READ_STAGES = 1
"""All three are asked for at once: of the comments all, where they are few, else those that changed last."""
SIZES = (100, 5000)

PACE = 10
"""Seconds between two comments of the crowd. The hundred that changed last are enough while comments come
slower than every six seconds: the last 50 and those of five minutes are read again for late ones (A19)."""


class Cost(NamedTuple):
    """Requests of one run, and the rounds that they took."""

    reads: int
    writes: int
    stages: Stages


@dataclass(frozen=True)
class Case:
    """A command as ``by`` says it. ``before``, by bob, leads up to it. ``report``: on an outsider's report.
    ``services``: in a repository that has any, where more happens by itself.

    ``whole``: it needs all comments, a request for a hundred of them.

    ``why`` tells what the ``reads`` and ``writes`` beyond those of each command are for, and the rounds of
    them that wait for an answer: ``first`` before the reply, ``after`` it.
    """

    name: str
    text: str
    before: tuple[str, ...] = ()
    report: bool = False
    reads: int = 0
    writes: int = 0
    first: int = 0
    after: int = 0
    why: str = ""
    by: str = "bob"
    services: bool = False
    whole: bool = False


LABELS = "a label is put on, of which GraphQL's id is not known; one is taken off with the panel"
STARTED = "the workflow is started, on the branch that is the default one at that moment"
PERSON = "whether the person named may help is asked too, with the first reads"
FREEZE = "deploys freeze or thaw with it: the open pull requests are read, and what keeps one of them frozen"
CHANGED = "what was changed about the report is read: its events, and who last edited its text"
PAGE = "whether there is an account behind the page that is due with it"
RELEASES = "the deployments, what their makers said of them, and what lies between two of them"
LOOKED = "when all is done, what was deployed and merged before the start, and which runs failed"
TOLD = f"{LOOKED}; a release did, so the issue is read again, and a comment and the panel say it"
SERVICES = """
rights: { rollback: write }
services:
  app:
    provider: dispatch-workflow
    values: { workflow: deploy.yml }
    rollback: { approval: second-person }
    health: ["https://app.example.com/health"]
hosts: [app.example.com]
"""
PRODUCTION = """
actions:
  restart: { title: Restart it, run: ["true"], least: write, approval: none }
  disable: { title: Disable it, run: ["true", "{flag}"], parameters: { flag: { pattern: "[a-z]+" } },
             flag: true, least: write, approval: none }
"""
RESOLVED = (
    "/ack",
    "/finding a bad migration",
    "/status monitoring",
    "/check verification",
    "/resolve rolled back",
)

CASES = (
    Case("ack", "/ack"),
    Case("escalate", "/escalate CEO", reads=1, first=1, why=PAGE),
    Case("sev", "/sev P1", reads=2, first=1, why=f"{FREEZE}; {PAGE}"),
    Case("status", "/status identified", writes=1, why=LABELS),
    Case("role", "/role ic @cat", reads=1, why=PERSON),
    Case("ic", "/ic @cat", reads=1, why=PERSON),
    Case("take", "/take comms"),
    Case("handoff", "/handoff @cat", reads=1, why=PERSON),
    Case("impact", "/impact users=15000 checkout is down"),
    Case("affects", "/affects app", reads=2, after=2, why=LOOKED),
    Case("finding", "/finding a bad migration", writes=1, why=f"investigating becomes identified: {LABELS}"),
    Case("update", "/update the rollback is under way"),
    Case("note", "/note 14:05 saw the first error"),
    Case("time", "/time detected 14:01", reads=4, writes=2, after=6, why=TOLD),
    Case("check", "/check verification"),
    Case("uncheck", "/uncheck verification", ("/check verification",)),
    Case("flag", "/flag security"),
    Case("unflag", "/unflag security", ("/flag security",)),
    Case(
        "rollback",
        "/rollback app",
        reads=3,
        writes=1,
        first=3,
        why=f"{RELEASES}; mitigating now: {LABELS}",
        services=True,
    ),
    Case("smoke", "/smoke app", reads=1, writes=1, why=STARTED, services=True),
    Case(
        "approve",
        "/approve",
        ("/rollback app",),
        reads=1,
        writes=1,
        why=STARTED,
        by="mia",
        services=True,
    ),
    Case("cancel", "/cancel", ("/rollback app",), services=True),
    Case("hotfix", "/hotfix raise the pool size"),
    Case("run", "/run restart", reads=1, writes=1, why=STARTED),
    Case("flag-off", "/flag-off payments", reads=1, writes=1, why=STARTED),
    Case("resolve", RESOLVED[-1], RESOLVED[:-1], writes=1, why=f"monitoring becomes resolved: {LABELS}"),
    Case("all-clear", "/all-clear", RESOLVED, writes=1, why=LABELS),
    Case(
        "reopen",
        "/reopen the errors are back",
        (*RESOLVED, "/all-clear"),
        reads=6,
        writes=3,
        after=8,
        why=f"{FREEZE}, and its status is written; {TOLD}",
    ),
    Case(
        "duplicate",
        "/duplicate #1",
        reads=5,
        writes=4,
        first=1,
        after=7,
        why="the other issue is looked at and told, this one is closed, and the run goes on to the other; "
        + FREEZE,
    ),
    Case("action", "/action @cat due:2025-12-01 add a test", reads=1, why=PERSON),
    Case("step", "/step debrief @cat due:2025-12-01", reads=1, why=PERSON),
    Case("postmortem", "/postmortem", RESOLVED, writes=1, why=LABELS),
    Case(
        "review",
        "/review",
        (*RESOLVED, "/postmortem"),
        reads=3,
        first=3,
        why="the pull request is read, which files it changes, and the post-mortem",
    ),
    Case("evidence", "/evidence", reads=1, writes=1, why=STARTED),
    Case("undo", "/undo", ("/note a slip of the pen",), whole=True),
    Case(
        "confirm",
        "/confirm",
        report=True,
        reads=8,
        writes=2,
        first=3,
        after=6,
        why=f"{FREEZE}; {CHANGED}; {PAGE}; {TOLD}",
    ),
    Case("dismiss", "/dismiss a question", report=True),
    Case("help", "/help"),
)


def pause(text: str) -> float:
    """Seconds before somebody says it: an all-clear has to wait until the extended monitoring is over."""
    return minutes(121) if text == "/all-clear" else minutes(1)


@dataclass
class Crowd:
    """An issue that many people wrote on, and the way back to it."""

    room: Room
    quiet: HubSnapshot
    incident: int
    report: int

    def cost(self, case: Case) -> Cost:
        """Say the command on the issue as it was, and count what its run asks of GitHub."""
        self.back(report=case.report)
        self.settle(SERVICES if case.services else "")
        for text in case.before:
            self.room.says("bob", text, after=pause(text))
        return self.answered(case.by, case.text)

    def back(self, *, report: bool = False) -> None:
        """The issue as it was before anybody said a command."""
        self.room.hub.restore(self.quiet)
        self.room.number = self.report if report else self.incident
        self.room.delivered, self.room.pending = len(self.room.hub.deliveries), []
        self.settle()

    def settle(self, more: str = "") -> None:
        """The settings of the room, and ``more``."""
        file = self.room.root / ".github" / "allclear.yml"
        file.write_text(SETTINGS + PRODUCTION + more, encoding="utf-8")

    def answered(self, who: str, text: str) -> Cost:
        """The requests of the run that a comment starts."""
        room = self.room
        room.clock.advance(pause(text))
        room.people[who].comment(room.number, text)
        event = room.hub.deliveries[-1]
        known = len(room.hub.requests)
        with watched(room) as rounds:
            assert room.door(app.respond, event.event, event.payload) == 0
        asked = room.hub.requests[known:]
        writes = sum(request.mutating for request in asked)
        return Cost(len(asked) - writes, writes, rounds.stages(known))


@contextmanager
def watched(room: Room) -> Iterator[Rounds]:
    """The rounds of what a door asks meanwhile."""
    before, rounds = room.hub.transport, Rounds(room.hub)
    room.at_once, room.hub.transport = rounds, Watched(rounds)
    try:
        yield rounds
    finally:
        room.at_once, room.hub.transport = in_turn, before


@contextmanager
def crowd(size: int) -> Iterator[Crowd]:
    """An incident and an outsider's report with ``size`` comments each, and another incident, #1."""
    with TemporaryDirectory() as folder, open_room(Path(folder), SETTINGS + PRODUCTION) as room:
        room.key = KEY
        for text in ("1", "2"):
            room.repo.deploy(room.repo.put_file("version", text))
        room.opens("ann")
        incident, report = room.opens("ann"), room.opens("out", form_labels=("incident",))
        for written in range(2, size):  # the panel and the first answer are comments too
            # Only of the newest it matters when they came, and so the same pages are due at every size.
            room.clock.advance(PACE if size - written < SIZES[0] else 0)
            for room.number in (incident, report):
                room.writes("rae", "Any news?")
        room.sweep()
        yield Crowd(room, room.hub.snapshot(), incident, report)


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"{size}-comments")
def people(request: pytest.FixtureRequest) -> Iterator[Crowd]:
    with crowd(request.param) as gathered:
        yield gathered


OF_OTHER_RUNBOOKS = {"draft", "publish", "pattern", "meeting"}
"""The runbook of this room has no voices for the public, no patterns and no meeting: they are refused."""


def test_every_command_has_its_budget() -> None:
    assert [case.name for case in CASES] == [name for name in COMMANDS if name not in OF_OTHER_RUNBOOKS]
    assert [case.name for case in CASES if (case.reads or case.writes) and not case.why] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_command_costs_three_reads_and_two_writes_in_three_stages(people: Crowd, case: Case) -> None:
    cost = people.cost(case)
    told = [entry for entry in people.room.journal.entries if entry.what == case.name]
    assert told, f"{case.text} was not answered"
    assert [fact for fact in told[-1].facts if fact.t == "refused"] == []
    pages = -(-len(people.room.comments) // PAGE_OF_COMMENTS) if case.whole else 0
    assert cost.reads <= READS + case.reads + pages
    assert cost.writes <= WRITES + case.writes
    assert cost.stages.read <= READ_STAGES + case.first + pages
    assert cost.stages.reply == 1
    assert cost.stages.rest <= 1 + case.after
    # An exception that is not needed any more is to be struck off the list.
    assert not case.reads or cost.reads == READS + case.reads
    assert not case.writes or cost.writes == WRITES + case.writes
    assert not case.first or cost.stages.read == READ_STAGES + case.first
    assert not case.after or cost.stages.rest == 1 + case.after


@pytest.mark.parametrize(("text", "most"), [("/ack", 5), ("/note seen", 5), ("/sev P1", 6)])
def test_a_steady_incident_answers_in_so_many_requests(people: Crowd, text: str, most: int) -> None:
    """Steady: those who are paged with the severity are in it already."""
    people.back()
    people.room.says("mia", "/ack")
    reads, writes, stages = people.answered("bob", text)
    assert reads + writes <= most
    assert stages == Stages(READ_STAGES, 1, 1)


@pytest.mark.parametrize("key", [KEY, ""], ids=["signed", "unsigned"])
@pytest.mark.parametrize("text", ["/ack", "/note seen", "/sev P1", "/status identified", "/ic @cat"])
def test_a_young_incident_answers_in_three_rounds(room: Room, text: str, key: str) -> None:
    room.key = key
    room.opens("ann")
    room.says("mia", "/ack")
    room.people["bob"].comment(room.number, text)
    event, known = room.hub.deliveries[-1], len(room.hub.requests)
    with watched(room) as rounds:
        assert room.door(app.respond, event.event, event.payload) == 0
    assert rounds.stages(known) == Stages(1, 1, 1)


def test_without_a_key_a_command_costs_no_more_for_who_edited_the_panel_comes_with_it(people: Crowd) -> None:
    people.back()
    people.room.key = ""
    try:
        # The first run signs nothing any more, and reads all comments for that no longer.
        people.answered("bob", "/note before")
        assert people.answered("bob", "/note seen") == Cost(READS, WRITES, Stages(READ_STAGES, 1, 1))
    finally:
        people.room.key = KEY


@pytest.mark.parametrize(
    ("who", "text"),
    [("bob", "/sevv P1"), ("bob", "/all-clear"), ("rae", "/ack"), ("out", "/resolve"), ("bob", "/sev")],
    ids=["a typing error", "a gate", "a reader", "a stranger", "an argument missing"],
)
def test_what_is_refused_costs_no_more(people: Crowd, who: str, text: str) -> None:
    people.back()
    reads, writes, _ = people.answered(who, text)
    assert reads <= READS + (text == "/all-clear")  # two hours later, a page is due
    assert 1 <= writes <= WRITES


def test_several_commands_of_a_comment_share_the_reply_and_the_panel(people: Crowd) -> None:
    people.back()
    cost = people.answered("bob", "/ack\n/sev P1\n/note saw it\n/flag security\n/ic @cat")
    assert len(people.room.journal.entries) >= 5
    assert cost.reads <= READS + 3  # the person named, the freeze that ends with P1, and who is paged
    assert cost.writes <= WRITES + 1  # a label is put on


def test_deploys_thaw_and_a_workflow_starts_in_the_same_three_rounds(people: Crowd) -> None:
    """Beside the reply both is asked for: the open pull requests, and the default branch."""
    people.back()
    people.room.says("mia", "/ack")
    reads, writes, stages = people.answered("bob", "/sev P1\n/run restart")
    assert (reads, writes) == (READS + 2, WRITES + 1)
    assert stages == Stages(READ_STAGES, 1, 1)


def test_a_word_of_thanks_asks_nobody_for_rights_and_is_not_answered(people: Crowd) -> None:
    people.back()
    replies = people.room.replies
    reads, writes, _ = people.answered("rae", "Thank you!")
    assert people.room.replies == replies
    assert reads <= 2
    assert writes <= 1  # the panel's checkpoint moves on, once in fifty comments


def test_of_whom_a_note_mentions_nothing_is_asked(people: Crowd) -> None:
    people.back()
    assert people.answered("bob", "/note thanks @cat") == Cost(READS, WRITES, Stages(READ_STAGES, 1, 1))


def test_declaring_costs_the_same_in_every_repository_that_has_the_labels(people: Crowd) -> None:
    """More reads than a command: nothing is known of the issue yet, so its events and the labels are read."""
    people.back()
    room = people.room
    before = len(room.hub.deliveries)
    room.number = room.people["ann"].open_issue("[INCIDENT P0] Production down", "", ("incident", "P0"))
    event = next(one for one in room.hub.deliveries[before:] if one.event == "issues")
    known = len(room.hub.requests)
    assert room.door(app.respond, event.event, event.payload) == 0
    writes = sum(request.mutating for request in room.hub.requests[known:])
    # One for the deploy freeze, one for the page; four for what changed before, once all is done.
    assert len(room.hub.requests) - known - writes <= 7 + 4
    assert writes <= 4 + 2  # the reply, the status label, the panel and its pin; what changed, and the panel


def reads_of(room: Room, settings: str) -> list[str | None]:
    """What a run that looks at two issues and freezes deploys falls back on, each time it reads settings."""
    (room.root / ".github" / "allclear.yml").write_text(settings, encoding="utf-8")
    room.opens("ann", "[INCIDENT P3] Typo", labels=("incident", "P3"))
    room.opens("ann", "[INCIDENT P3] Another", labels=("incident", "P3"))
    room.writes("bob", "/sev P0 all of it")
    room.writes("bob", "/duplicate #1")
    reads: list[str | None] = []

    def load(root: Path, *, last_good: str | None, earlier: Earlier) -> Loaded:
        reads.append(last_good)
        return load_policy(root, last_good=last_good, earlier=earlier)

    def respond(env: Env, **around: Any) -> int:
        run = replace(start(env, **around), load=load)
        look.respond(run, Trigger(room.number))
        freeze_after(run)
        assert [one.incident.number for one in run.freezes.values()] == [2, 1]
        return 0

    room.door(respond, "workflow_dispatch", {})
    return reads


def test_a_run_reads_settings_and_runbook_once(room: Room) -> None:
    assert reads_of(room, SETTINGS) == [None]


def test_a_run_with_broken_settings_reads_them_once_more_for_the_last_good_ones(room: Room) -> None:
    assert reads_of(room, SETTINGS + "peple: x\n") == [None, room_settings(room)]


def room_settings(room: Room) -> str:
    kept = checkpoint_of(room.snapshot, room.trust)
    assert kept is not None
    return kept.settings
