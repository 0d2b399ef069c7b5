"""Ten thousand ways to change the record: replies and panels altered, careful forgeries that another workflow
of the repository wrote, or that somebody with write edited into a reply. Each is planned with a key and
without.

With the key nothing of it is in the record. Without, nothing of it reaches production: no operation of it is
started, and the executors read all replies and nothing from the panel. Whatever is not in the record as it
was is seen on the panel, or said anew; without a key the panel says as well that nobody signs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.effects import Dispatch, PutPanel
from allclear.core.model.operation import DANGEROUS, WORKFLOWS, is_hand_id
from allclear.core.model.snapshot import Comment, LastEdit, Snapshot, Wants
from allclear.core.model.stored import read_values
from allclear.core.model.structs import replace
from allclear.core.plan.passing import add_up
from allclear.core.plan.plan import Plan
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Adopted, Tampered, Undone
from allclear.core.record.chain import checkpoint_of, read
from allclear.core.record.checkpoint import sealed
from allclear.core.record.entry import OPENING, Block, Entry, NewerFormatError, decode, encode
from allclear.core.record.facts import Fact
from allclear.core.record.lean import lean
from allclear.core.record.life import (
    Cleared,
    Declared,
    Dismissed,
    MilestoneSet,
    Resolved,
    SeveritySet,
    StatusSet,
)
from allclear.core.record.panel_text import CHECKPOINT, CLOSING
from allclear.core.record.people import Acknowledged, RoleSet
from allclear.core.record.production import HotfixAsked, OperationApproved, OperationAsked, OperationEnded
from allclear.core.record.progress import Fired, Noted
from allclear.core.record.read_again import OVERLAP
from allclear.core.record.seal import new_key, parse_keys
from core.issue_desk import BOT, EVE, IssueDesk, declared
from packing import packed, unpacked
from planning import planned
from sampling import Proof
from stories import ADA, BOB, CAT, HOTDASH, NOON, REPOSITORY

CASES = 10_000
KEY, OTHER = (new_key(NOON.date(), bytes([sign]) * 32) for sign in b"kx")
SETTINGS = read_authored(Settings, {"services": {"web": {}}})
CHANGING = frozenset(WORKFLOWS[kind] for kind in DANGEROUS)


def desk_of(key: str) -> IssueDesk:
    """An incident under way: commands, a deadline, and so much talk that a run reads only the end of it."""
    desk = declared(key=key, title="[INCIDENT P1] Checkout is down", settings=SETTINGS)
    for who, text in (
        (BOB, "/ack"),
        (CAT, "/sev P0 all of it"),
        (ADA, "/ic @ada\n/impact users=100 nobody pays"),
        (BOB, "/note the pool is full\n/flag security"),
        (CAT, "/status mitigating"),
        (EVE, "any news?\n" * TALK),
        (BOB, "/finding a lock"),
        (CAT, "/note still at it"),
    ):
        for line in text.strip().split("\n" if who == EVE else "\0"):
            desk.says(who, line)
        desk.run()
    desk.later(20)
    desk.run()
    desk.run()
    return desk


TALK = 70


@dataclass(frozen=True)
class Scene:
    """The issue as it is, and what its record holds. ``open``: nobody signs."""

    desk: IssueDesk
    snapshot: Snapshot
    entries: tuple[Entry, ...]
    panel: Comment
    open: bool

    @property
    def replies(self) -> list[Comment]:
        return [one for one in self.snapshot.comments if one.author == BOT]


@cache
def scene(key: str) -> Scene:
    desk = desk_of(key)
    seen = desk.snapshot
    assert seen.panel is not None
    entries = read(replace(seen, whole=True), desk.policy.trust).entries
    return Scene(desk, seen, entries, seen.panel, not key)


# -- what is written in


def facts_of(random: Random, here: Scene) -> tuple[Fact, ...]:
    """What somebody might like to have in the record."""
    someone = random.choice([ADA, BOB, CAT, EVE])
    op = f"rollback-{random.getrandbits(32):08x}"
    later = NOON + timedelta(minutes=random.randint(-60, 600))
    one = random.choice(here.entries)
    wanted: list[Fact] = [
        SeveritySet(to=random.choice(["P1", "P2", "P3"])),
        StatusSet(to="monitoring"),
        Cleared(text="all is well"),
        Resolved(text="fixed"),
        Dismissed(why="no"),
        MilestoneSet(milestone="declared", at=later),
        Acknowledged(by=EVE),
        RoleSet(role="ic", person=EVE),
        Noted(at=later, text="x"),
        Fired(timer="escalate-manager/0/0", deadline="x", due=later, to=("CEO",)),
        Fired(timer=f"response/0/{random.randint(0, 9)}", deadline="x", due=NOON),
        Declared(severity="P3", title="x", kind="drill", runbook="hotdash", runbook_hash=HOTDASH.hash),
        OperationAsked(op=op, kind="rollback", service="web", target="v1", approval="none"),
        OperationAsked(op=op, kind="action", name="wipe", service="web", approval="none"),
        OperationAsked(op=f"hand-{op[-6:]}", kind="rollback", service="web", target="v1", by_hand=True),
        OperationApproved(op=op),
        OperationEnded(op=op, outcome="done"),
        HotfixAsked(text="x", commit="0" * 40),
        Undone(key=one.key),
        Tampered(what="untrue", entry=one.hash),
        Tampered(what="unsigned", url="x"),
        Adopted(heads=(one.hash,), count=9),
        Acknowledged(by=someone),
    ]
    return tuple(random.sample(wanted, random.randint(1, 3)))


def entry_of(random: Random, here: Scene) -> Entry:
    said = facts_of(random, here)
    known = random.choice(here.entries).key
    source = random.choice(here.snapshot.comments).id
    keys = [known, "declare", f"c{source}.0", f"c{source}.7", f"c{10**6}.0", "t:response/0/0"]
    op = next((fact.op for fact in said if isinstance(fact, OperationAsked)), "x")
    keys += [f"o:{op}", f"tampered:unsigned:{source}", "adopted:x"]
    key = random.choice(keys)
    by = random.choice([ADA, BOB, CAT, EVE, None])
    at = here.snapshot.now - timedelta(minutes=random.choice([0, 1, 30]))
    return Entry(key=key, what="x", by=by, at=at, source=random.choice([source, None]), facts=said)


def line_of(random: Random, here: Scene, prev: str) -> str:
    """A block that our own code might have written: hashes right, one entry after the other."""
    entries = []
    for _ in range(random.randint(1, 3)):
        entries.append(entry_of(random, here).chained(prev))
        prev = entries[-1].hash
    at = here.snapshot.now if random.random() < 0.5 else None
    block = Block(repo=REPOSITORY.id, issue=42, at=at, entries=tuple(entries))
    return encode(block, parse_keys(OTHER) if random.random() < 0.3 else None)


def echo(random: Random, here: Scene) -> Snapshot:
    """Another workflow repeats a stranger's text at the start of its comment."""
    head = here.entries[-1].hash
    prev = random.choice([head, head, head, random.choice(here.entries).hash, "0" * 24])
    body = line_of(random, here, prev)
    if random.random() < 0.1:
        other = random.choice(['"repo":7002', '"repo":7001,"v":1', '"repo":"7001"', '"repo":7001,"v":3'])
        body = body.replace('"repo":7001', other)
    if random.random() < 0.1:
        signature = random.choice(["", "0" * 64, "a" * 63, "A" * 64])
        body = body.replace("} -->", f',"sig":"{signature}"}} -->')
    return add(here, f"{body}\n\nThank you for your comment!")


def repeated(random: Random, here: Scene) -> Snapshot:
    """An old reply, or the panel, once more."""
    one = random.choice([*here.replies, here.panel])
    return add(here, one.body, later=random.choice([0, 1, 30, 600]))


def add(here: Scene, body: str, later: float = 1) -> Snapshot:
    now = here.snapshot.now + timedelta(minutes=later)
    number = max(one.id for one in here.snapshot.comments) + 1
    comment = Comment(number, BOT, body, now, now, f"https://x/{number}")
    return replace(here.snapshot, now=now, comments=(*here.snapshot.comments, comment))


# -- what is changed in what is there


def damaged(random: Random, text: str) -> str:
    """One sign, or a few, other than they were."""
    at = random.randrange(len(text))
    cut = random.randint(0, 3)
    sign = random.choice(['"', "{", "0", "x", ",", "\\", "\u00e9", ""])
    return text[:at] + sign + text[at + cut :]


def swapped(random: Random, text: str) -> str:
    """A value of the record is another one."""
    old, new = random.choice(
        [
            ('"to":"P0"', '"to":"P3"'),
            ('"severity":"P1"', '"severity":"P3"'),
            ('"login":"bob"', '"login":"eve"'),
            ('"t":"acknowledged"', '"t":"helped"'),
            ('"repo":7001', '"repo":7002'),
            ('"v":2', '"v":1'),
            ('"prev":"', '"prev":"0'),
            ('"sig":"', '"sig":"0'),
            ('"t":"fired"', '"t":"note"'),
        ]
    )
    return text.replace(old, new, 1)


def rewritten(random: Random, here: Scene, comment: Comment) -> str:
    """The block of a reply with something else in it, and every hash of it right again."""
    text = comment.body.split("\n", 1)[0][len(OPENING) : -len(CLOSING)]
    held: dict[str, Any] = json.loads(text)
    held.pop("sig", None)
    block = read_values(Block, held)
    entries = list(block.entries)
    place = random.randrange(len(entries))
    change = random.choice(["fact", "drop", "more", "by", "key"])
    if change == "drop" and len(entries) > 1:
        del entries[place]
    elif change == "more":
        entries.insert(place, entry_of(random, here))
    elif change == "by":
        entries[place] = replace(entries[place], by=EVE)
    elif change == "key":
        entries[place] = replace(entries[place], key="c5.0")
    else:
        entries[place] = replace(entries[place], facts=facts_of(random, here))
    prev = block.entries[0].prev
    for number, entry in enumerate(entries):
        entries[number] = entry.chained(prev)
        prev = entries[number].hash
    return encode(replace(block, entries=tuple(entries)))


def edited(random: Random, here: Scene) -> Snapshot:
    """Somebody with write, or another workflow, edits a reply; the next run reads all of them."""
    old = random.choice(here.replies)
    line, _, rest = old.body.partition("\n")
    how = random.choice([damaged, swapped, None])
    line = how(random, line) if how is not None else rewritten(random, here, old)
    now = here.snapshot.now + timedelta(minutes=1)
    when = random.choice([now, now, old.updated_at])
    changed = replace(old, body=f"{line}\n{rest}", updated_at=when)
    comments = tuple(changed if one.id == old.id else one for one in here.snapshot.comments)
    seen = replace(here.snapshot, now=now, comments=comments)
    return without_panel(seen) if random.random() < 0.7 else seen


def without_panel(seen: Snapshot) -> Snapshot:
    return replace(seen, panel=None, panel_edit=None, issue=replace(seen.issue, pinned_comment=None))


def deleted(random: Random, here: Scene) -> Snapshot:
    """A reply is gone, and the panel with it."""
    old = random.choice(here.replies)
    comments = tuple(one for one in here.snapshot.comments if one.id != old.id)
    now = here.snapshot.now + timedelta(minutes=1)
    return without_panel(replace(here.snapshot, now=now, comments=comments))


def repanelled(random: Random, here: Scene) -> Snapshot:
    """The panel's checkpoint with something else in it, by our own code or with a sign changed."""
    body = here.panel.body
    visible, _, last = body.rpartition(CHECKPOINT)
    tail: dict[str, str] = json.loads(last.removesuffix(CLOSING))
    held: dict[str, Any] = json.loads(unpacked(tail["packed"]))
    restate(random, held)
    changed = packed(json.dumps(held))
    keys = parse_keys(OTHER) if random.random() < 0.3 else None
    body = sealed(visible, changed, REPOSITORY.id, 42, keys)
    if random.random() < 0.3:
        body = damaged(random, here.panel.body)
    if random.random() < 0.3:
        signature = tail.get("sig", "0" * 64)
        body = body.replace(f"}}{CLOSING}", f',"sig":"{signature}"}}{CLOSING}')
    now = here.snapshot.now + timedelta(minutes=1)
    panel = replace(here.panel, body=body, updated_at=now)
    who = LastEdit(random.choice([ADA, BOB, None]), now, known=random.random() < 0.7)
    return replace(here.snapshot, now=now, panel=panel, panel_edit=who)


def restate(random: Random, held: dict[str, Any]) -> None:
    """The state in a checkpoint, with something else in it."""
    state = held["state"]
    incident, ledger = state["incident"], state["ledger"]
    match random.randrange(7):
        case 0:
            incident["severity"] = "P3"
        case 1:
            incident["stage"] = "closed"
        case 2:
            op = {"kind": "rollback", "service": "web", "target": "v1", "id": "rollback-1234567"}
            asked = {"asked": NOON.isoformat(), "state": "ready", "source": "c1.0"}
            incident["production"] = {"operations": {op["id"]: op | asked}}
        case 3:
            ledger["keys"]["comment"].popitem()
        case 4:
            state["links"].pop(random.randrange(len(state["links"])))
        case 5:
            state["head"] = "0" * 24
        case _:
            held["cursor_id"], held["count"] = held["cursor_id"] - 10, held["count"] - 10


def as_read(seen: Snapshot, here: Scene) -> Snapshot:
    """What a run reads of it at first."""
    kept = checkpoint_of(seen, here.desk.policy.trust)
    if kept is None or kept.state is None:
        return seen
    since = kept.cursor_at - OVERLAP
    return replace(seen, comments=tuple(one for one in seen.comments if one.updated_at >= since))


MUTATIONS: tuple[Callable[[Random, Scene], Snapshot], ...] = (
    echo,
    echo,
    echo,
    repeated,
    edited,
    edited,
    edited,
    deleted,
    repanelled,
    repanelled,
)


def planned_of(here: Scene, seen: Snapshot) -> Plan | None:
    """The pass; None when it stops and writes nothing, with a word about what to do."""

    def look_up(known: Snapshot, wants: Wants) -> Snapshot:
        found = here.desk.look_up(known, wants)
        return replace(found, comments=seen.comments) if wants.history else found

    try:
        return planned(as_read(seen, here), here.desk.policy, look_up)
    except NewerFormatError:
        return None


def held(plan: Plan, here: Scene) -> tuple[Entry, ...]:
    """What the pass took from the panel, unread."""
    return here.entries[: plan.record.count - len(plan.entries)]


def panel_of(plan: Plan, seen: Snapshot) -> str:
    """The panel as people see it after the pass."""
    bodies = [effect.body for effect in plan.effects if isinstance(effect, PutPanel)]
    return bodies[0] if bodies else seen.panel.body if seen.panel else ""


def foreign(plan: Plan, here: Scene) -> list[Entry]:
    """What is in the record, and neither was there before nor was said by this pass."""
    ours = {entry.hash for entry in here.entries}
    return [one for one in plan.entries if one.hash not in ours and one.key not in plan.answers]


def changes_production(entry: Entry) -> bool:
    """Whether an executor would act on it; what was started by hand has its own run."""
    return any(
        (isinstance(fact, OperationAsked) and fact.kind in DANGEROUS and not is_hand_id(fact.op))
        or isinstance(fact, OperationApproved)
        for fact in entry.facts
    )


@pytest.mark.parametrize("key", [KEY, ""], ids=["signed", "open"])
def test_no_change_of_the_record_counts_with_a_key_or_reaches_production_without(
    key: str, proof: Proof
) -> None:
    here = scene(key)
    found = Counter[str]()
    for case in proof(range(CASES), 90):
        random = Random(f"{case}")
        mutate = random.choice(MUTATIONS)
        seen = mutate(random, here)
        plan = planned_of(here, seen)
        if plan is None:
            assert here.open, f"case {case}: a stranger stops nothing where there is a key"
            found["stopped"] += 1
            continue
        try:
            look(here, seen, plan, found)
        except AssertionError as error:
            raise AssertionError(f"case {case}, {mutate.__name__}") from error
    # The cases do what they are there for: some are seen, and without a key some of them count.
    assert found["seen"] > 20
    assert found["unread"] > 20
    assert (found["strange"] > 0) is here.open


def look(here: Scene, seen: Snapshot, plan: Plan, found: Counter[str]) -> None:
    """What must not be, is not."""
    strange, shown = foreign(plan, here), panel_of(plan, seen)
    alarm = "[!CAUTION]" in shown
    found["seen"] += alarm
    found["strange"] += bool(strange)
    started = [one for one in plan.effects if isinstance(one, Dispatch) and one.workflow in CHANGING]
    assert started == []
    assert [one for one in strange if changes_production(one)] == []
    if not here.open:
        assert strange == []
    if strange:
        assert "The record is not signed" in shown
    # What is not in the record any more is said anew, or the panel shows that something is damaged, or that
    # nobody signs what took its place.
    taken = held(plan, here)
    lost = [one for one in here.entries if one not in taken and one not in plan.entries]
    if taken:
        found["unread"] += 1
        whole_incident = add_up(seen, (*taken, *plan.entries), here.desk.policy)
        assert lean(plan.incident) == lean(whole_incident)
    anew = {entry.key for entry in plan.entries if entry.key in plan.answers}
    assert alarm or strange or all(one.key in anew for one in lost)
    # Nothing that stands in a panel is read by an executor.
    whole = read(without_panel(seen), here.desk.policy.trust)
    assert not [one for one in whole.entries if one.hash not in {*written(seen)}]


def written(seen: Snapshot) -> Iterator[str]:
    """The hashes of all entries that stand in replies."""
    for comment in seen.comments:
        try:
            block = decode(comment.body)
        except ValueError:  # damaged
            continue
        yield from (entry.hash for entry in (block.entries if block else ()))
