"""Issues that people already have read the same for ever: the record, the incident, and what is left to do.

The recordings are not golden files: they never change (`SHA256SUMS`), as issues in people's repositories do
not. What may change on purpose is how a panel or a timeline reads; that stands in tests/golden/recorded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

import planning
from allclear.commands import COMMANDS
from allclear.core.conversation.command import Policy
from allclear.core.conversation.words import resolve_word
from allclear.core.model.authored import read_authored
from allclear.core.model.effects import AddLabels, CreateLabel, Effect, PutPanel, RemoveLabel, Reply
from allclear.core.model.execution import SUBJECT, read_record, write_record
from allclear.core.model.operation import Ending, OperationKind, OperationState
from allclear.core.model.snapshot import Comment, Snapshot
from allclear.core.model.stored import read_values
from allclear.core.model.structs import replace
from allclear.core.plan.plan import Plan
from allclear.core.policy.settings import ACTIONS_BOT, Settings
from allclear.core.postmortem.timeline import table
from allclear.core.record.audit import Adopted, Refused, RunbookChanged
from allclear.core.record.chain import read
from allclear.core.record.checkpoint import Checkpoint, is_panel, read_panel
from allclear.core.record.entry import Entry, decode, encode
from allclear.core.record.facts import Fact
from allclear.core.record.fold import fold
from allclear.core.record.incident import Stage
from allclear.core.record.life import Declared
from allclear.core.record.progress import Fired
from allclear.core.record.seal import Keyring, new_key, parse_keys
from golden_files import Golden
from recorded.replay import (
    Recording,
    flat,
    is_before,
    manifest,
    names,
    panel_text,
    policy,
    recording,
    replies,
    snapshot,
    state,
    sums,
)
from stories import HOTDASH

RECORDINGS = names()

CHANGED = """tests/recorded/{name} is not as it was recorded. It stands for an issue that people already have:
one that was written by an earlier version and that nobody can write anew. Put the file back (`git restore`),
and make the code read it. A new recording (tests/recorded/record.py) gets a new name."""


@pytest.fixture(params=RECORDINGS)
def recorded(request: pytest.FixtureRequest) -> Recording:
    found: Recording = recording(request.param)
    return found


@pytest.fixture
def rules(recorded: Recording, tmp_path: Path) -> Policy:
    return policy(recorded, tmp_path)


@pytest.fixture
def shown(golden: Golden, request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Holds a panel to the words that were last approved of."""
    name = request.node.callspec.params["recorded"]
    return lambda body: golden(f"recorded/{name}.md", panel_text(body))


def without_panel(seen: Snapshot) -> Snapshot:
    """As after somebody deleted the panel: everything has to come from the replies."""
    return replace(seen, panel=None, comments=tuple(one for one in seen.comments if not is_panel(one.body)))


def checkpoint(body: str, seen: Snapshot) -> Checkpoint:
    found = read_panel(body, seen.repository.id, seen.issue.number)
    assert found is not None
    return found


def planned(seen: Snapshot, rules: Policy) -> tuple[Plan, list[Effect], list[PutPanel]]:
    """The plan, its effects but those on the panel, and those."""
    found = planning.planned(seen, rules, planning.no_questions)
    panels = [effect for effect in found.effects if isinstance(effect, PutPanel)]
    others = [effect for effect in found.effects if not isinstance(effect, PutPanel)]
    return found, [effect for effect in others if not is_first_review_label(effect, seen, rules)], panels


def is_first_review_label(effect: Effect, seen: Snapshot, rules: Policy) -> bool:
    """Issues that are older than the labels of the review get theirs with the next sweep, once."""
    family = rules.labels.reviews
    return isinstance(effect, AddLabels) and {*effect.names} <= family and not seen.issue.labels & family


@pytest.mark.parametrize("name", sorted({*sums(), *manifest()}))
def test_no_recorded_file_ever_changes(name: str) -> None:
    assert sums().get(name) == manifest().get(name), CHANGED.format(name=name)


@pytest.mark.parametrize("panel", [True, False], ids=["with its panel", "from the replies alone"])
def test_the_entries_and_the_incident_are_read_as_they_were(
    recorded: Recording, rules: Policy, panel: bool
) -> None:
    seen = snapshot(recorded) if panel else without_panel(snapshot(recorded))
    journal = read(seen, rules.trust)
    assert journal.broken == ()
    assert (journal.checkpoint is not None) is panel
    assert [entry.compact() for entry in journal.entries] == recorded["entries"]
    incident = flat(fold(seen.issue.number, journal.entries, rules.runbook))
    for name, value in state(recorded).items():
        assert incident[name] == value, name
    assert list(incident) == sorted(recorded["state"], key=list(incident).index)


def test_the_timeline_tells_the_same_in_the_words_of_today(
    recorded: Recording, rules: Policy, golden: Golden, request: pytest.FixtureRequest
) -> None:
    """The smoke runs of a watch are one line; nothing that somebody wrote is left out."""
    seen = snapshot(recorded)
    incident = fold(seen.issue.number, read(seen, rules.trust).entries, rules.runbook)
    before = recorded["state"]["timeline"]
    assert {one.source for one in incident.timeline} >= {one["source"] for one in before}
    assert [one.text for one in incident.timeline if one.text] == [
        one["text"] for one in before if one["text"]
    ]
    name = request.node.callspec.params["recorded"]
    golden(f"recorded/{name}-timeline.md", table(incident, rules.zone))


def test_every_entry_still_has_the_hash_it_had(recorded: Recording) -> None:
    for data in recorded["entries"]:
        entry = read_values(Entry, data)
        assert (entry.digest(), entry.compact()) == (data["hash"], data)


def added(found: Plan, recorded: Recording) -> tuple[Entry, ...]:
    """The entries of the pass, after those that were there."""
    known = len(recorded["entries"])
    assert [entry.compact() for entry in found.entries[:known]] == recorded["entries"]
    return found.entries[known:]


def test_nothing_is_left_to_do(recorded: Recording, rules: Policy, shown: Callable[[str], None]) -> None:
    """The panel is written once more where its words, or the packing of its checkpoint, changed since."""
    seen = snapshot(recorded)
    assert seen.panel is not None
    assert rules.trouble == ()
    found, others, panels = planned(seen, rules)
    assert (found.answers, found.waiting) == (tuple(entry.key for entry in added(found, recorded)), ())
    if not is_before(recorded):
        assert (others, found.answers) == ([], ())
    assert [(put.comment, put.pinned) for put in panels] in ([], [(seen.panel.id, True)])
    shown(panels[0].body if panels else seen.panel.body)


def test_another_runbook_is_said_once_and_nobody_is_told_twice(
    recorded: Recording, rules: Policy, golden: Golden, request: pytest.FixtureRequest
) -> None:
    """An incident that is open while its repository takes the new language goes on by that."""
    seen = snapshot(recorded)
    found, others, panels = planned(seen, rules)
    changes = [fact for entry in added(found, recorded) for fact in entry.facts]
    moved = is_before(recorded) and found.incident.stage is Stage.OPEN
    assert [type(one) for one in changes if isinstance(one, RunbookChanged)] == [RunbookChanged] * moved
    before = set(fired(recorded))
    for fact in changes:
        if isinstance(fact, Fired):
            clock = next(one for one in rules.runbook.deadlines if fact.timer.startswith(f"{one.id}/"))
            assert before.isdisjoint({clock.id, *clock.earlier}), fact.timer
    said = [effect for effect in others if isinstance(effect, Reply)]
    assert len(said) == bool(changes)
    if said:
        golden(
            f"recorded/{request.node.callspec.params['recorded']}-upgraded.md",
            said[0].body.split("\n", 1)[1] + "\n",
        )
    # The next pass has nothing to add.
    author = next(one.author for one in seen.comments if one.author and one.author.id == ACTIONS_BOT)
    told = [Comment(10**12, author, one.body, seen.now, seen.now) for one in said]
    assert seen.panel is not None
    written = replace(seen.panel, body=panels[0].body if panels else seen.panel.body)
    comments = (*(one for one in seen.comments if one.id != written.id), written, *told)
    again, labels, _ = planned(replace(seen, panel=written, comments=comments), rules)
    assert again.answers == ()
    assert not any(isinstance(effect, Reply) for effect in labels)


def fired(recorded: Recording) -> Iterator[str]:
    """The deadlines that were said."""
    for data in recorded["entries"]:
        for fact in read_values(Entry, data).facts:
            if isinstance(fact, Fired):
                yield fact.timer.split("/", 1)[0]


def test_the_labels_are_those_that_the_record_asks_for(recorded: Recording, rules: Policy) -> None:
    seen = snapshot(recorded)
    assert sorted(seen.issue.labels) == recorded["labels"]
    asked = [effect for effect in planned(seen, rules)[1] if isinstance(effect, AddLabels | RemoveLabel)]
    assert asked == []


def test_a_panel_that_is_gone_is_written_anew_as_it_was(
    recorded: Recording, rules: Policy, shown: Callable[[str], None]
) -> None:
    seen = snapshot(recorded)
    found, others, (put,) = planned(without_panel(seen), rules)
    assert added(found, recorded) == () or is_before(recorded)
    assert not any(isinstance(effect, AddLabels | RemoveLabel) for effect in others)
    assert seen.panel is not None
    before, after = checkpoint(seen.panel.body, seen), checkpoint(put.body, seen)
    for kept in (before, after):
        # A setting that is added later has its default in what was kept before.
        assert read_authored(Settings, json.loads(kept.settings)) == rules.settings
    # A state of other code is never gone on from: it is read from the comments, up to the same one.
    assert after.state is not None
    # From when on a crowd's comments are read again was not kept in earlier versions.
    assert before.again_at in (None, after.again_at)
    since = replace(after, settings=before.settings, again_at=before.again_at, state=None)
    assert since == replace(before, state=None)
    shown(put.body)


def test_what_people_see_is_all_but_the_hidden_lines(recorded: Recording) -> None:
    seen = snapshot(recorded)
    assert seen.panel is not None
    assert panel_text(seen.panel.body).split("\n") == recorded["panel"]
    assert replies(recorded) == recorded["replies"]


def test_every_record_of_an_operation_is_read_and_would_be_written_the_same(recorded: Recording) -> None:
    for name, data in recorded["known"]["operations"].items():
        if data["record"] is not None:
            found = read_record(data["record"])
            assert found is not None
            assert found.operation == name
            # An object of JSON has no order (RFC 8259): the same names with the same values are the same.
            written, before = (text.removeprefix(SUBJECT) for text in (write_record(found), data["record"]))
            assert json.loads(written) == json.loads(before)


# What the recordings have to hold between them


def entries() -> Iterator[Entry]:
    """Every entry of every recording."""
    for name in RECORDINGS:
        yield from (read_values(Entry, data) for data in recording(name)["entries"])


def states(field: str) -> set[Any]:
    return {recording(name)["state"][field] for name in RECORDINGS}


def operations() -> list[Any]:
    return [one for name in RECORDINGS for one in recording(name)["state"]["operations"].values()]


def accepted() -> set[str]:
    """The commands that were given in a comment, and not refused."""
    found = set()
    for entry in entries():
        if entry.key.startswith("c") and not any(isinstance(fact, Refused) for fact in entry.facts):
            named = resolve_word(entry.what.split(None, 1)[0], HOTDASH, COMMANDS)
            found |= {named[0].name} if named else set()
    return found


def test_every_fact_is_recorded() -> None:
    missing = {kind.__name__ for kind in get_args(Fact)} - {
        type(fact).__name__ for entry in entries() for fact in entry.facts
    }
    assert missing == set(), "record an incident that has them (tests/recorded/record.py)"


def test_every_command_is_recorded_as_it_is_taken() -> None:
    missing = set(COMMANDS) - accepted()
    assert missing == set(), "record an incident that has them (tests/recorded/record.py)"


def test_refusals_of_many_kinds_are_recorded() -> None:
    codes = {fact.code for entry in entries() for fact in entry.facts if isinstance(fact, Refused)}
    assert codes >= {
        "busy",
        "edited",
        "gate",
        "look-alike",
        "malformed",
        "missing",
        "no-access",
        "no-services",
        "not-allowed",
        "not-an-incident",
        "state",
        "unknown",
        "unknown-service",
        "unknown-target",
    }


def test_every_stage_and_every_kind_of_incident_is_recorded() -> None:
    assert states("stage") == {"report", "open", "dismissed", "duplicate", "closed"}
    kinds = get_args(get_type_hints(Declared)["kind"])
    assert states("kind") == set(kinds)


def test_operations_of_every_kind_are_under_way_and_end_in_every_way() -> None:
    found = operations()
    assert {one["kind"] for one in found} == set(get_args(OperationKind))
    assert {one["outcome"] for one in found} == {*get_args(Ending), None}
    assert {one["state"] for one in found} == set(get_args(OperationState))
    assert {one["approval"] for one in found} == {"environment", "second-person", "none"}
    assert any(one["dry_run"] for one in found)
    assert any(one["id"].startswith("hand-") for one in found)
    assert any(one["smoke"] for one in found)
    assert any(one["artifact"] for one in found)


def test_what_people_do_to_the_issue_itself_is_recorded() -> None:
    """Labels and closes (l), boxes (b), reminders (t), what joined (j), and what was tampered with."""
    keys = {entry.key for entry in entries()}
    for start in ("c", "l", "b", "t:", "j", "o:", "w:", "tampered:", "runbook:", "published:"):
        assert any(key.startswith(start) for key in keys), start


def test_a_recording_is_plain_json_with_sorted_keys() -> None:
    for name in RECORDINGS:
        text = (Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8")
        assert json.dumps(recording(name), indent=1, sort_keys=True) + "\n" == text


# -- the same issues in a repository that has a key


def keyring(text: str) -> Keyring:
    found = parse_keys(text)
    assert found is not None
    return found


def signed_by(seen: Snapshot, keys: Keyring) -> Snapshot:
    """The issue as if this key had been there from the beginning."""
    return replace(seen, comments=tuple(_signed(one, keys) for one in seen.comments))


def _signed(comment: Comment, keys: Keyring) -> Comment:
    try:
        block = decode(comment.body)
    except ValueError:  # somebody edited it
        return comment
    if block is None or comment.author is None or comment.author.id != ACTIONS_BOT or comment.edited:
        return comment
    timed = replace(block, at=comment.created_at)
    return replace(comment, body="\n".join([encode(timed, keys), *comment.body.split("\n")[1:]]))


def test_signed_from_the_beginning_it_is_the_same_incident(recorded: Recording, rules: Policy) -> None:
    keys = keyring(new_key(date(2020, 1, 1), bytes(32)))
    seen = signed_by(without_panel(snapshot(recorded)), keys)
    journal = read(seen, replace(rules, keys=keys).trust)
    assert (journal.broken, journal.adopt) == ((), None)
    assert [entry.compact() for entry in journal.entries] == recorded["entries"]


def test_a_key_takes_it_over_and_it_is_the_same_incident(recorded: Recording, rules: Policy) -> None:
    seen = without_panel(snapshot(recorded))
    keyed = replace(rules, keys=keyring(new_key(seen.now.date(), bytes(32))))
    found, _, (put,) = planned(seen, keyed)
    (fact,) = (fact for entry in added(found, recorded) for fact in entry.facts if isinstance(fact, Adopted))
    assert fact.count == len(recorded["entries"])
    # A pass goes by the title that the issue has now, and the newest entry is its own.
    newer = ("runbook_hash", "proposed", "fired") if is_before(recorded) else ()
    kept = {name: recorded["state"][name] for name in ("title", "last", *newer) if name in recorded["state"]}
    kept["timeline"] = recorded["state"]["timeline"]
    now = {name: value for name, value in flat(found.incident).items() if name in recorded["state"]}
    assert now | kept == recorded["state"]
    # Its first signed reply written, the next pass has nothing to add, with its panel or without it.
    (reply,) = (effect for effect in found.effects if isinstance(effect, Reply))
    author = next(one.author for one in seen.comments if one.author and one.author.id == ACTIONS_BOT)
    told = Comment(10**12, author, reply.body, seen.now, seen.now)
    later = replace(seen, comments=(*seen.comments, told))
    assert planned(later, keyed)[0].entries == found.entries
    panel = Comment(10**12 + 1, author, put.body, seen.now, seen.now)
    pinned = replace(later.issue, pinned_comment=panel.id)
    steady = replace(later, panel=panel, issue=pinned)
    again, others, panels = planned(steady, keyed)
    wanted = [effect for effect in others if not isinstance(effect, CreateLabel)]
    assert (again.entries, wanted, panels) == (found.entries, [], [])
