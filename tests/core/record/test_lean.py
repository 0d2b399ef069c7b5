"""What a checkpoint keeps: that it goes on as the whole record would, and that nothing in it grows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from allclear.core.clock.checklist import checklist
from allclear.core.clock.deadlines import timers
from allclear.core.clock.gates import holds
from allclear.core.conversation.command import Policy
from allclear.core.conversation.notices import values
from allclear.core.model.asking import HistoryNeededError
from allclear.core.model.neutral import code, inline
from allclear.core.model.operation import Artifact, Smoke, SmokeLine
from allclear.core.model.people import Person
from allclear.core.model.stored import read_values
from allclear.core.model.structs import replace
from allclear.core.production.hotfix import attempt
from allclear.core.record.audit import Helped, Refused, Tampered, Undone
from allclear.core.record.checkpoint import Checkpoint, read_panel
from allclear.core.record.entry import Entry, genesis
from allclear.core.record.facts import Fact
from allclear.core.record.findings import Affected, Found, ImpactSet
from allclear.core.record.fold import fold
from allclear.core.record.incident import Incident
from allclear.core.record.lean import LEFT_OUT, LONGEST, MOST, MOST_ACTIONS, lean
from allclear.core.record.ledger import MOST_KEYS, MOST_SPEAKERS, Ledger
from allclear.core.record.life import Cleared, MilestoneSet, Reopened, Resolved, SeveritySet, StatusSet
from allclear.core.record.observed import Measured, PatternHinted, PatternNamed, SeveritySuggested
from allclear.core.record.people import Acknowledged, RoleSet
from allclear.core.record.postmortem import PostmortemAsked, PostmortemOpened
from allclear.core.record.production import (
    HotfixAsked,
    HotfixClosed,
    HotfixMerged,
    HotfixOpened,
    OperationAsked,
    OperationEnded,
    OperationStarted,
    SmokePass,
    SmokeRunsPassed,
)
from allclear.core.record.progress import (
    ActionAdded,
    ActionEnded,
    ActionReopened,
    Escalated,
    Fired,
    Flagged,
    Noted,
    Ticked,
    Unflagged,
    Updated,
)
from allclear.core.record.state import RecordState, dump, load
from allclear.core.view.panel import render_panel
from allclear.core.view.panel_values import view
from allclear.core.view.reply import ROOM, size
from recorded.replay import names as recordings
from recorded.replay import recording
from stories import ADA, BOB, CAT, HOTDASH, NOON, RENDERER, REPOSITORY, SETTINGS, UTC_ZONE, Story

POLICY = Policy(SETTINGS, HOTDASH, {}, RENDERER)
PEOPLE = st.sampled_from([ADA, BOB, CAT, None])
SERVICES = st.sampled_from(["web", "db"])
OPS = st.sampled_from([f"{kind}-{n:07}" for kind in ("smoke", "evidence", "rollback") for n in range(9)])
TEXT = st.sampled_from(
    ["", "a", "  spaced\n out ", "x" * 3000, " " * 5000 + "end", "line\n" * 900, "\u00e9" * 1600]
)
LINES = st.lists(
    st.builds(
        SmokeLine,
        name=st.sampled_from(["health", "p95"]),
        kind=st.sampled_from(["http", "measure"]),
        outcome=st.sampled_from(["pass", "fail", "error", "skipped"]),
        detail=TEXT | st.sampled_from(["0.01 %, below 0.1 %", "12 s, but has to be below 3 s"]),
    ),
    max_size=8,
)
SMOKE = st.builds(lambda lines: Smoke(lines=tuple(lines)), LINES)
TIMES = st.integers(-60, 600).map(lambda minutes: NOON + timedelta(minutes=minutes))


def asked(op: str, service: str) -> OperationAsked:
    return read_values(OperationAsked, {"op": op, "kind": op.partition("-")[0], "service": service})


FACTS: st.SearchStrategy[Fact] = st.one_of(
    st.builds(Acknowledged, by=st.sampled_from([ADA, BOB, CAT])),
    st.builds(SeveritySet, to=st.sampled_from(["P0", "P1", "P2"])),
    st.builds(StatusSet, to=st.sampled_from(["mitigating", "monitoring", "investigating"])),
    st.builds(MilestoneSet, milestone=st.sampled_from(["detected", "mitigated", "declared"]), at=TIMES),
    st.builds(Resolved, text=TEXT),
    st.builds(Cleared, text=TEXT, override=TEXT),
    st.builds(Reopened, why=TEXT),
    st.builds(RoleSet, role=st.sampled_from(["ic", "tech"]), person=PEOPLE),
    st.builds(ImpactSet, users=st.integers(0, 9), revenue=TEXT, text=TEXT),
    st.builds(Affected, services=SERVICES.map(lambda name: (name,))),
    st.builds(Found, root_cause=TEXT, evidence=TEXT, impact=TEXT, proposed_fix=TEXT),
    st.builds(Measured, measure=st.sampled_from(["p95", "error-rate"]), value=st.integers(-9, 99).map(float)),
    st.builds(SeveritySuggested, to=st.just("P0"), cause=st.integers(0, 80).map(str)),
    st.builds(PatternHinted, pattern=st.sampled_from(["a", "b"])),
    st.builds(PatternNamed, pattern=st.sampled_from(["a", "b"])),
    st.builds(Updated, text=TEXT, next=TEXT, eta=TEXT),
    st.builds(ActionAdded, owner=PEOPLE, due=st.sampled_from(["", "2025-10-21"]), text=TEXT),
    st.builds(ActionEnded, number=st.integers(1, 6), outcome=st.sampled_from(["done", "dropped"]), why=TEXT),
    st.builds(Noted, at=TIMES, text=TEXT),
    st.builds(Flagged, flag=st.sampled_from(["security", "data-loss"])),
    st.builds(Unflagged, flag=st.just("security")),
    st.builds(Escalated, to=st.sampled_from([("CEO",), ("DevOps", "Manager")]), why=TEXT),
    st.builds(Ticked, step=st.sampled_from(["verification", "status-page"])),
    st.builds(
        Fired,
        timer=st.builds(
            lambda name, interval, number: f"{name}/{interval}/{number}",
            st.sampled_from(["initial-alert", "escalate-ceo", "update-due"]),
            st.integers(0, 1),
            st.integers(0, 150),
        ),
        deadline=st.just("x"),
        due=TIMES,
        unheard=st.booleans(),
    ),
    st.builds(asked, OPS, SERVICES),
    st.builds(OperationStarted, op=OPS, run=st.just(7)),
    st.builds(
        OperationEnded,
        op=OPS,
        outcome=st.sampled_from(["done", "failed", "unknown", "cancelled"]),
        text=TEXT,
        smoke=st.none() | SMOKE,
    ),
    st.builds(
        SmokeRunsPassed,
        service=SERVICES,
        runs=st.lists(st.builds(SmokePass, op=OPS, at=TIMES), min_size=1, max_size=4).map(tuple),
    ),
    st.builds(HotfixAsked, text=TEXT),
    st.builds(
        HotfixOpened,
        branch=st.sampled_from(["hotfix/incident-42", "hotfix/incident-42-3", "x"]),
        base=st.just("main"),
        url=st.just("u"),
        pull=st.just(3),
    ),
    st.builds(HotfixMerged, at=TIMES),
    st.builds(HotfixClosed, at=TIMES),
    st.builds(PostmortemAsked),
    st.builds(PostmortemOpened, path=st.just("p"), branch=st.just("b"), url=st.just("u")),
    st.builds(Tampered, what=st.just("stray"), url=st.just("https://x/1")),
    st.builds(Refused, code=st.just("state")),
    st.builds(Helped),
)
TOLD = st.lists(st.tuples(PEOPLE, st.lists(FACTS, min_size=1, max_size=2)), max_size=60)


def entries_of(told: list[tuple[Person | None, list[Fact]]]) -> list[Entry]:
    story = Story().declare(services=("web",))
    for minute, (who, facts) in enumerate(told, start=1):
        story.tell(minute, who, *facts)
    return story.entries


def kept(entries: list[Entry], onto: RecordState | None = None) -> RecordState:
    """What a checkpoint keeps after these entries; what stands in a panel is text."""
    incident = fold(42, entries, HOTDASH, onto=onto.incident if onto else None)
    ledger = (onto.ledger if onto else Ledger()).extended(entries)
    links = dict.fromkeys((*(onto.links if onto else ()), *(entry.hash for entry in entries)))
    linked = (onto.linked if onto else 0) + len(entries)
    head = entries[-1].hash if entries else onto.head if onto else genesis(REPOSITORY.id, 42)
    state = RecordState(incident, ledger, head, tuple(links), linked, HOTDASH.hash).bounded()
    assert state is not None
    read = load(json.loads(json.dumps(dump(state))))
    assert read == state
    return read


def told_of(incident: Incident) -> list[object]:
    """What people are shown of an incident, and what is decided on it."""
    now = incident.last or NOON
    seen = view(incident, HOTDASH, SETTINGS, UTC_ZONE, REPOSITORY)
    return [
        seen,
        values(incident, POLICY, "link", now),
        timers(incident, HOTDASH, now),
        checklist(incident, HOTDASH),
        [holds(incident, HOTDASH, before, now, UTC_ZONE) for before in ("resolve", "all-clear")],
        attempt(incident),
        (incident.progress.updated, incident.progress.planned, incident.tampers),
        incident.production.asked,
    ]


@given(told=TOLD, cut=st.integers(0, 61), again=st.integers(0, 61))
def test_a_checkpoint_at_any_place_and_the_rest_add_up_to_what_the_whole_does(
    told: list[tuple[Person | None, list[Fact]]], cut: int, again: int
) -> None:
    entries = entries_of(told)
    first, second = sorted((min(cut, len(told)) + 1, min(again, len(told)) + 1))
    whole = kept(entries)
    assert kept(entries[first:], kept(entries[:first])) == whole
    between = kept(entries[first:second], kept(entries[:first]))
    assert dump(kept(entries[second:], between)) == dump(whole)


@given(told=TOLD)
def test_of_what_a_checkpoint_keeps_the_same_is_shown_and_decided(
    told: list[tuple[Person | None, list[Fact]]],
) -> None:
    incident = fold(42, entries_of(told), HOTDASH)
    assert lean(lean(incident)) == lean(incident)
    assert told_of(lean(incident)) == told_of(incident)


@pytest.mark.parametrize("name", recordings())
def test_every_recorded_issue_adds_up_to_the_same_from_a_checkpoint_at_any_place(name: str) -> None:
    entries = [read_values(Entry, data) for data in recording(name)["entries"]]
    whole = fold(42, entries, HOTDASH)
    assert told_of(lean(whole)) == told_of(whole)
    for cut in range(1, len(entries)):
        try:
            found = kept(entries[cut:], kept(entries[:cut]))
        except HistoryNeededError:
            before = {entry.key for entry in entries[:cut]}
            # What is over is not in it: neither what is taken back nor what is opened again.
            assert any(
                isinstance(fact, ActionReopened) or (isinstance(fact, Undone) and fact.key in before)
                for entry in entries[cut:]
                for fact in entry.facts
            )
            continue
        assert found == kept(entries)


def much_said(story: Story, *timers: str) -> Incident:
    """What a checkpoint keeps of an incident in which these were told, and then so much else."""
    for minute, timer in enumerate(timers, start=2):
        story.tell(minute, None, Fired(timer=timer, deadline="x", due=NOON))
    for number in range(MOST["progress.fired"]):
        told = Fired(timer=f"team-update/0/20251019T140500/{number}", deadline="x", due=NOON)
        story.tell(100 + number, None, told)
    return lean(lean(story.incident))


def test_who_was_told_of_a_raised_flag_is_remembered_while_it_is_up_however_much_is_said() -> None:
    story = Story().declare().tell(1, BOB, Flagged(flag="data-loss")).tell(1, BOB, Flagged(flag="security"))
    timers = ["team/0/c101.0/0", "team/0/c102.0/0", "team/0/c102.0/1", "team/0/c99.0/0", "team/1/c102.0/0"]
    incident = much_said(story, *timers)
    assert {*timers} & {*incident.progress.fired} == {"team/0/c101.0/0", "team/0/c102.0/1", "team/0/c99.0/0"}


def test_the_newest_notice_of_a_clock_that_starts_anew_is_remembered_however_much_is_said() -> None:
    silent = (
        "silence-1/0/20251019T140500/0",
        "silence-1/0/20251019T160000/0",
        "silence-1/0/20251019T180000/0",
    )
    incident = much_said(Story().declare(), *silent)
    assert [timer for timer in silent if timer in incident.progress.fired] == [silent[0], silent[2]]


# -- nothing in it grows


SMALL = {
    "findings.changed": "three at most, each in words of GitHub: a headline, names, a title",
    "number": "an issue's number",
    "stage": "one of a few",
    "kind": "one of a few",
    "title": "the issue's: 256 characters",
    "severity": "of the runbook",
    "status": "of the runbook",
    "milestones": "nine of them",
    "detected_by": "cut when it is read",
    "team.reporter.login": "GitHub's: 39 characters",
    "team.roles": "of the runbook",
    "team.beside": "people with access, in roles of the runbook",
    "team.proposed": "of the runbook, with logins and titles of the settings",
    "team.responders": "people with access, and who came along with a duplicate",
    "impact.services": "of the settings",
    "observed.gauges": "measures of the runbook, with thirty-two rises at most",
    "observed.suggested": "sixty-four at most",
    "observed.hinted": "of the runbook",
    "observed.pattern": "of the runbook",
    "progress.ticks": "of the runbook",
    "progress.flags": "of the runbook",
    "progress.raised": "of the runbook",
    "progress.told": "titles of the runbook and of the settings",
    "progress.escalations.key": "ours",
    "public": "eight values, cut when they are typed",
    "voices": "of the runbook",
    "progress.escalations.by.login": "GitHub's",
    "progress.escalations.to": "titles of the runbook and of the settings",
    "progress.escalations.chain": "of the runbook",
    "progress.unheard": "of the deadlines that are kept",
    "production.asked": "four kinds",
    "production.smoke": "of the settings; the lines that failed, the first five with words",
    "production.hotfix.service": "of the settings",
    "production.hotfix.commit": "a commit",
    "production.hotfix.branch": "ours",
    "production.hotfix.base": "of the settings",
    "production.hotfix.url": "GitHub's",
    "production.fixed_by": "one of a few",
    "postmortem.path": "ours",
    "postmortem.branch": "ours",
    "postmortem.url": "GitHub's",
    "postmortem.held.digest": "a hash",
    "postmortem.held.url": "GitHub's",
    "postmortem.override.by.login": "GitHub's",
    "links.joined": "numbers of other incidents",
    "runbook.name": "of the runbook",
    "runbook.hash": "a hash",
    "progress.duties": "by steps, of the runbook",
    "progress.actions.owner.login": "GitHub's",
    "progress.actions.due": "a date",
    "progress.overrides.by.login": "GitHub's",
    "progress.overrides.open_gates": "of the runbook",
    "progress.updates.by.login": "GitHub's",
}
"""What may have any length by its type, and does not by its nature, with the reason."""


def long_parts(kind: Any, path: str = "") -> Iterator[str]:
    """Texts and collections in an annotation, by path; what is in a collection that is cut counts as well."""
    if path in SMALL or path in LEFT_OUT:
        yield path
    elif isinstance(kind, type) and issubclass(kind, Struct):
        hints = get_type_hints(kind)
        for name in kind.__struct_fields__:
            yield from long_parts(hints[name], f"{path}.{name}".lstrip("."))
    elif isinstance(kind, type) and issubclass(kind, str):
        yield path
    elif getattr(kind, "__origin__", None) in (tuple, frozenset) or str(kind).startswith(
        "collections.abc.Map"
    ):
        yield path
        if path != "production.operations":
            for inner in get_args(kind):
                if inner is not Ellipsis and inner is not str:
                    yield from long_parts(inner, path)
    elif not isinstance(kind, type):
        for inner in get_args(kind):
            yield from long_parts(inner, path)


def test_whatever_may_be_long_is_left_out_or_cut_or_short_for_a_reason() -> None:
    """A field that is added to the incident is in the checkpoint; this asks what keeps it small."""
    known = {*LEFT_OUT, *LONGEST, *MOST, *SMALL}
    found = set(long_parts(Incident))
    assert sorted(found - known) == [], "say in core.record.lean what of it is kept, or above why it is short"
    assert sorted(known - found) == [], "there is no such part any more"


def astral(random: Random, count: int) -> str:
    """Text that no packing makes shorter, four bytes a sign."""
    return "".join(chr(random.randrange(0x20000, 0x2A6DF)) for _ in range(count))


@pytest.mark.parametrize(("names", "kept_whole"), [(60, True), (1500, False)])
def test_a_panel_with_the_longest_texts_that_do_not_pack_keeps_the_state_and_in_any_case_the_settings(
    names: int, kept_whole: bool
) -> None:
    random = Random(9)

    def long() -> str:
        return astral(random, 3_000)

    story = Story().declare(title=astral(random, 250), services=("web", "db"), impact=long())
    for number in range(1, 400):
        story.tell(number, Person(id=random.randrange(10**8), login=f"p{number}"), Refused(code="state"))
    for number in range(400, 430):
        story.tell(number, ADA, Noted(at=NOON, text=long()))
    for number in range(700, 720):
        story.tell(number, BOB, Found(root_cause=long(), evidence=long(), proposed_fix=long(), impact=long()))
        story.tell(number, BOB, Updated(text=long(), next=long(), eta=long()))
        story.tell(number, BOB, ActionAdded(text=long()), ImpactSet(revenue=long()), HotfixAsked(text=long()))
        fired = Fired(timer=f"update-due/0/{number}", deadline="x", due=NOON)
        story.tell(number, None, fired, Tampered(what="stray", url=f"https://x/{long()[:100]}"))
        ended = OperationEnded(op=f"evidence-{number:07}", outcome="done", text=long())
        story.tell(number, BOB, asked(f"evidence-{number:07}", "web"), ended)
    story.tell(720, BOB, Resolved(text=long()))
    story.tell(721, BOB, Cleared(text=long(), override=long()))
    settings = json.dumps({"people": [f"{random.getrandbits(160):x}" for _ in range(names)]})
    panel = render_panel(
        story.incident,
        HOTDASH,
        SETTINGS,
        Checkpoint(story.state, 9001, NOON, 50, settings),
        renderer=RENDERER,
        zone=UTC_ZONE,
        repository=REPOSITORY,
        issue_url="https://github.com/hotdash/app/issues/42",
        trouble=(code(long(), 400),) * 4,
        waiting=tuple(f"{code(long())} by {inline(long()[:39])} is waiting" for _ in range(20)),
        broken=story.incident.tampered,
    )
    assert size(panel) <= ROOM
    found = read_panel(panel, 7001, 42)
    assert found is not None
    assert found.settings == settings
    assert found.state == (story.state if kept_whole else None)


def test_of_many_action_items_those_are_kept_that_hold_something_up_and_are_known_to_be_more() -> None:
    story = Story().declare()
    for number in range(1, MOST_ACTIONS + 3):
        owner = None if number == MOST_ACTIONS + 2 else ADA
        story.tell(number, ADA, ActionAdded(number=number, owner=owner, due="2025-10-21", text="x"))
    kept = lean(lean(story.incident)).progress
    assert [one.number for one in kept.actions] == [*range(1, MOST_ACTIONS), MOST_ACTIONS + 2]
    assert kept.left_out == 2
    # Which of those that are left out comes up in its place stands in the comments alone.
    ended = story.tell(99, ADA, ActionEnded(number=3)).entries[-1]
    with pytest.raises(HistoryNeededError):
        fold(42, [ended], HOTDASH, onto=lean(story.incident))


# -- the ledger


def said(number: int, key: str = "", by: Person | None = None, *facts: Fact) -> Entry:
    at: datetime = NOON + timedelta(minutes=number)
    return Entry(key=key or f"c{number}.0", what="x", by=by, at=at, facts=facts or (Helped(),))


def bounded(*entries: Entry) -> Ledger:
    found = Ledger().extended(entries).bounded()
    assert found is not None
    return found


def test_a_ledger_says_what_it_knows_and_asks_for_the_comments_where_it_forgot() -> None:
    most = MOST_KEYS["comment"]
    ledger = bounded(*(said(number) for number in range(1, most + 11)))
    assert ledger.has("c11.0")
    assert not ledger.has(f"c{most + 11}.0")
    assert ledger.touched(11, commands=True)
    assert not ledger.has("t:told/0/0")
    for question in (lambda: ledger.has("c10.0"), lambda: ledger.touched(10), lambda: ledger.named(3)):
        with pytest.raises(HistoryNeededError):
            question()


@pytest.mark.parametrize("key", ["l{}", "t:x/0/{}", "published:{}"])
def test_what_is_about_no_comment_is_remembered_by_its_kind(key: str) -> None:
    ledger = bounded(*(said(number, key.format(number)) for number in range(1, 66)))
    assert ledger.has(key.format(2))
    assert not ledger.has("c5.0")
    with pytest.raises(HistoryNeededError):
        ledger.has(key.format(1))


def test_who_spoke_last_is_remembered_and_others_are_asked_for() -> None:
    people = [Person(id=number, login=f"p{number}") for number in range(MOST_SPEAKERS + 1)]
    ledger = bounded(*(said(one.id + 1, "", one) for one in people))
    newest = ledger.speaker(MOST_SPEAKERS)
    assert newest is not None
    assert newest.told
    with pytest.raises(HistoryNeededError):
        ledger.speaker(0)
    with pytest.raises(HistoryNeededError):
        ledger.extended([said(999, "", people[0])])


def test_somebody_who_was_told_once_stays_so_and_who_only_acted_was_not() -> None:
    ledger = Ledger().extended(
        [said(1, "", BOB), said(2, "", BOB, Acknowledged(by=BOB)), said(3, "t:x", CAT)]
    )
    bob, cat = ledger.speaker(BOB.id), ledger.speaker(CAT.id)
    assert bob is not None
    assert cat is not None
    assert (bob.told, bob.at, cat.told) == (True, NOON + timedelta(minutes=2), False)
    assert ledger.speaker(ADA.id) is None


def test_comments_are_named_by_what_is_wrong_with_them() -> None:
    ledger = Ledger().extended([said(1, "tampered:untrue:77:abc"), said(2, "j5.78"), said(3, "c79.1")])
    assert ledger.named(77) == ("tampered:untrue:77:abc",)
    assert (ledger.touched(77), ledger.touched(78), ledger.touched(78, commands=True)) == (False, True, False)


def test_more_severities_than_any_runbook_has_are_too_many_to_keep() -> None:
    levels = [said(number, "", None, SeveritySet(to=f"S{number}")) for number in range(1, 40)]
    assert Ledger().extended(levels).bounded() is None
    state = Story().declare().state
    assert state is not None
    assert replace(state, ledger=Ledger().extended(levels)).bounded() is None


def test_what_is_taken_back_or_declared_before_the_checkpoint_needs_all_entries() -> None:
    story = Story().declare().tell(1, BOB, Flagged(flag="security"))
    base = story.incident
    for entry in (said(3, "c3.0", BOB, Undone(key="c101.0")), said(3, "declare")):
        with pytest.raises(HistoryNeededError):
            fold(42, [entry], HOTDASH, onto=base)


def test_what_a_step_of_a_list_waits_for_is_kept() -> None:
    """The action items that are open, and which evidence there is (002-21, 002-22)."""
    story = Story().declare()
    story.tell(1, ADA, ActionAdded(text="An alert", owner=ADA))
    story.tell(2, ADA, ActionAdded(text="A test", owner=ADA, due="2026-01-01"))
    kept = lean(story.incident).progress.actions
    assert [(one.owner, one.due) for one in kept] == [(ADA, ""), (ADA, "2026-01-01")]
    ended = story.tell(2, ADA, ActionEnded(number=1), ActionEnded(number=2, outcome="dropped", why="Rare"))
    assert lean(ended.incident).progress.actions == ()
    assert (lean(ended.incident).progress.planned, lean(ended.incident).progress.ended) == (2, 2)

    artifact = Artifact(url="https://x.test", sha256="0" * 64, files=9, kinds=("logs",))
    story.tell(3, ADA, OperationAsked(op="evidence-000001", kind="evidence"))
    story.tell(4, None, OperationEnded(op="evidence-000001", outcome="done", artifact=artifact))
    (one,) = lean(story.incident).production.operations.values()
    assert one.artifact == Artifact(url="", sha256="", kinds=("logs",))
