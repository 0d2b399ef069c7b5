"""A conversation in an incident: people say commands, the entries add up, nothing outside is touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import written
from allclear.commands import COMMANDS
from allclear.core.conversation.command import Answer, Call, Command, CommandContext
from allclear.core.conversation.words import resolve_word
from allclear.core.model.deploy_run import DeployRun
from allclear.core.model.errors import UserError
from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.release import Comparison, EnvironmentSeen, Releases
from allclear.core.model.snapshot import OtherIssue, Repository, Visibility, Wants
from allclear.core.model.structs import replace
from allclear.core.model.times import zone
from allclear.core.policy.provider import Provider
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Refused
from allclear.core.record.entry import Entry
from allclear.core.record.facts import Fact
from allclear.core.record.fold import fold
from allclear.core.record.incident import Incident
from allclear.core.record.lean import lean
from allclear.core.record.life import Declared, Reported

HOTDASH_DATA = written.raw("hotdash")
HOTDASH = written.runbook("hotdash")

ALICE = Person(id=1, login="alice")
BOB = Person(id=2, login="bob")
CAROL = Person(id=3, login="carol")
CLAIRE = Person(id=5, login="claire")
ACCESS = {
    "alice": Access(Rights.WRITE, ALICE),
    "bob": Access(Rights.TRIAGE, BOB),
    "carol": Access(Rights.READ, CAROL),
    "claire": Access(Rights.MAINTAIN, CLAIRE),
    "shy": Access(None),
    "nobody": Access(Rights.NONE, None),
    "stranger": Access(Rights.NONE, None),
}
OTHERS = {
    12: OtherIssue(12, "Database down", incident=True, open=True),
    13: OtherIssue(13, "Old outage", incident=True, open=False),
    14: OtherIssue(14, "A question", incident=False, open=True),
    15: OtherIssue(15, "", known=False),
    404: None,
}
DECLARED = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
"""A Monday. Every conversation begins here, and goes on a minute with every command."""


def at(clock: str, day: int = 2) -> datetime:
    """``14:05`` of that day of March 2026, UTC."""
    hour, minute = clock.split(":")
    return datetime(2026, 3, day, int(hour), int(minute), tzinfo=UTC)


def runbook(**changes: object) -> Runbook:
    """HotDash with other parts."""
    return written.runbook_of(HOTDASH_DATA | changes)


def declared(severity: str = "P1", **more: Any) -> Declared:
    return Declared(
        severity=severity, title="Checkout is down", runbook="hotdash", runbook_hash=HOTDASH.hash, **more
    )


@dataclass(frozen=True)
class Heard:
    """What somebody was told. ``code`` is the reason of a refusal, else empty."""

    say: str
    facts: tuple[Fact, ...] = ()
    code: str = ""


@dataclass(frozen=True)
class World:
    """What GitHub says when a command wants to know it; what is not here, it does not say."""

    releases: Mapping[str, Releases] = field(default_factory=dict)
    comparisons: Mapping[tuple[str, str], Comparison] = field(default_factory=dict)
    environments: Mapping[str, EnvironmentSeen] = field(default_factory=dict)
    deploy_runs: Mapping[int, DeployRun | None] = field(default_factory=dict)
    providers: Mapping[str, Provider] = field(default_factory=dict)
    visibility: Visibility = "private"


class Talk:
    """An incident people talk to. Rights and stage are the planner's to check, not here."""

    def __init__(
        self,
        severity: str = "P1",
        *,
        book: Runbook = HOTDASH,
        settings: Settings | None = None,
        report: bool = False,
        world: World | None = None,
        **more: Any,
    ) -> None:
        self.runbook = book
        self.world = world or World()
        self.asked: list[Wants] = []
        self.settings = settings or Settings()
        self.zone = zone(self.settings.zone or book.zone)
        self.report = declared(severity, **more) if report else None
        self.now = DECLARED
        self.comment = 100
        self.unread: set[str] = set()
        self.read_late = 0
        self.entries: list[Entry] = []
        self.add(
            "declare", Reported(title="Checkout is down") if report else declared(severity, **more), by=CAROL
        )

    @property
    def incident(self) -> Incident:
        return fold(7, self.entries, self.runbook)

    def add(self, what: str, *facts: Fact, by: Person | None = None, key: str = "") -> Entry:
        """Something that happened without a command."""
        entry = Entry(key=key or what, what=what, by=by, at=self.now, facts=facts)
        self.entries.append(entry)
        return entry

    @property
    def replies(self) -> Mapping[str, int]:
        """The comments that showed the entries: the last one, or one that came after what is said now."""
        last = self.comment - 1 + self.read_late
        return {entry.key: last for entry in self.entries if entry.key not in self.unread}

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def says(
        self,
        text: str,
        by: Person = ALICE,
        *,
        rights: Rights = Rights.WRITE,
        edited: bool = False,
        processed_after: timedelta = timedelta(),
        brief: bool = False,
    ) -> Heard:
        """Somebody comments ``/word line`` with more lines below; a minute has gone by. ``brief``: what the
        checkpoint keeps is known of the incident, and no more.
        """
        self.later(minutes=1)
        self.comment += 1
        first, _, below = text.partition("\n")
        word, _, line = first.partition(" ")
        found = resolve_word(word, self.runbook, COMMANDS)
        assert found is not None, f"{word} means nothing"
        command, prefix = found
        call = Call(
            key=f"c{self.comment}.1",
            word=word.removeprefix("/"),
            line=f"{prefix} {line}".strip(),
            below=below,
            comment=self.comment,
            author=by,
            at=self.now,
            edited=edited,
        )
        room = CommandContext(
            call=call,
            incident=lean(self.incident) if brief else self.incident,
            runbook=self.runbook,
            settings=self.settings,
            zone=self.zone,
            by=by,
            rights=rights,
            at=self.now,
            now=self.now + processed_after,
            access=ACCESS,
            others=OTHERS,
            entries=None if brief else tuple(self.entries),
            commands=COMMANDS,
            report=self.report,
            repository=Repository(0, "acme/shop", "https://github.com/acme/shop"),
            visibility=self.world.visibility,
            providers=self.world.providers,
            replies=self.replies,
        )
        room = self._informed(room, command)
        try:
            answer = command.answer(room)
        except UserError as refusal:
            self.add(call.word, Refused(code=refusal.code), by=by, key=call.key)
            return Heard(refusal.message, code=refusal.code)
        assert isinstance(answer, Answer)
        self.add(call.word, *answer.facts, by=by, key=call.key)
        return Heard(answer.say, answer.facts)

    def _informed(self, room: CommandContext, command: Command) -> CommandContext:
        """The room with what the command wants to know, asked for as a pass asks."""
        for _ in range(5):
            wanted = command.wanted(room)
            wants = Wants(
                releases=wanted.releases - room.releases.keys(),
                comparisons=wanted.comparisons - room.comparisons.keys(),
                environments=wanted.environments - room.environments.keys(),
                deploy_runs=wanted.deploy_runs - room.deploy_runs.keys(),
            )
            if not wants:
                return room
            self.asked.append(wants)
            said = self.world
            releases = {
                one: said.releases.get(one, Releases(None, (), known=False)) for one in wants.releases
            }
            compared = {one: said.comparisons.get(one, Comparison(known=False)) for one in wants.comparisons}
            seen = {
                one: said.environments.get(one, EnvironmentSeen(exists=False, known=False))
                for one in wants.environments
            }
            runs = {one: said.deploy_runs.get(one, DeployRun(one, known=False)) for one in wants.deploy_runs}
            room = replace(
                room,
                releases={**room.releases, **releases},
                comparisons={**room.comparisons, **compared},
                environments={**room.environments, **seen},
                deploy_runs={**room.deploy_runs, **runs},
            )
        raise AssertionError(f"/{command.name} never knows enough: {self.asked[-1]}")


def bare_context(talk: Talk, call: Call) -> CommandContext:
    """What a command of alice's is given that nothing was looked up for."""
    return CommandContext(
        call=call,
        incident=talk.incident,
        runbook=talk.runbook,
        settings=talk.settings,
        zone=talk.zone,
        by=ALICE,
        rights=Rights.WRITE,
        at=at("14:05"),
        now=at("14:05"),
        access={},
        others={},
        entries=(),
        commands=COMMANDS,
    )
