"""Chains of a written runbook: who is told when. Everything that may happen is held to an oracle."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from allclear.core.clock.deadlines import due, due_time
from allclear.core.record.life import Reopened, Resolved, SeveritySet, StatusSet
from allclear.core.record.people import Acknowledged
from allclear.core.record.progress import Fired, Flagged, Unflagged
from commands.room import ALICE, DECLARED, Talk
from core.clock.chain_oracle import BOOK, Oracle
from written import small

WORDS = ("ack", "fix", "SEV1", "SEV2", "SEV3", "down", "security", "no down", "no security", "escalate")
Happening = tuple[int, str, bool]
"""So many minutes later, what happens, and whether a run sees it at once."""


def look(talk: Talk) -> list[list[str]]:
    """Tell everybody what is due, as a pass does; whom each notice is for."""
    found = due(talk.incident, talk.runbook, talk.now)
    for one in found:
        assert due_time(talk.incident, talk.runbook, one.key) == one.due
        titles = one.to if one.deadline.aim else ()
        talk.add(
            f"t:{one.key}", Fired(timer=one.key, deadline="x", due=one.due, covers=one.covers, titles=titles)
        )
    keys = [entry.key for entry in talk.entries]
    assert len(keys) == len(set(keys))
    return sorted(sorted(one.to) for one in found)


def happens(word: str, talk: Talk, oracle: Oracle, minute: int) -> None:
    """One thing that people do, in the incident and in the oracle."""
    if word == "escalate":
        talk.later(minutes=-1)
        assert "told now" in talk.says("/escalate").say
        oracle.call(minute)
        return
    flag = word.removeprefix("no ")
    key = f"c{minute}.{len(talk.entries)}"
    if word == "ack":
        talk.add("ack", Acknowledged(by=ALICE), by=ALICE, key=key)
        oracle.acknowledge()
    elif word == "fix":
        talk.add("status", StatusSet(to="monitoring"), by=ALICE, key=key)
        oracle.fix()
    elif word.startswith("SEV"):
        talk.add("sev", SeveritySet(to=word), by=ALICE, key=key)
        oracle.severity = word
    elif word == flag:
        talk.add("flag", Flagged(flag=flag), by=ALICE, key=key)
        oracle.flag(flag, minute)
    else:
        talk.add("unflag", Unflagged(flag=flag), by=ALICE, key=key)
        oracle.unflag(flag)


@settings(max_examples=400, deadline=None)
@given(
    severity=st.sampled_from(("SEV1", "SEV2", "SEV3")),
    seen=st.booleans(),
    happenings=st.lists(
        st.tuples(st.integers(1, 25), st.sampled_from((*WORDS, "")), st.booleans()), min_size=1, max_size=14
    ),
)
def test_whoever_is_to_be_told_is_told_whatever_happens_and_however_late_a_run_comes(
    severity: str, seen: bool, happenings: list[Happening]
) -> None:
    talk, oracle, minute = Talk(severity, book=BOOK), Oracle(severity), 0
    if seen:
        assert look(talk) == oracle.look(0)
    for later, word, looks in happenings:
        minute += later
        talk.later(minutes=later)
        if word:
            happens(word, talk, oracle, minute)
        if looks or not word:
            assert look(talk) == oracle.look(minute), (minute, word)
    assert (talk.now - DECLARED).total_seconds() == minute * 60
    assert talk.incident.progress.told == {title.lower() for title in oracle.told}


LADDERS = small(
    severities={level: {"response": "15m", "silence": "none"} for level in ("P0", "P1", "P2", "P3")},
    chains={
        "gravest": {"levels": ["DevOps", "CEO"], "for": "P0"},
        "devops": {"levels": ["DevOps", "Manager"], "for": ["P1", "P2"]},
        "board": {"levels": [["DevOps", "CEO"], "Board"], "for": "P3"},
    },
    rules={"gravest": "none"},
)


def test_who_was_called_for_worse_is_not_called_again_by_the_chain_of_a_lower_severity() -> None:
    """And their chain goes on: the next of it is told when nobody has acknowledged (issue 11)."""
    talk = Talk("P0", book=LADDERS)
    assert look(talk) == [["DevOps"]]
    talk.later(minutes=5)
    talk.add("sev", SeveritySet(to="P1"), by=ALICE, key="c1")
    assert look(talk) == []
    talk.later(minutes=11)
    assert look(talk) == [["DevOps", "Manager"]]


def test_who_was_not_called_yet_is_called_whatever_the_severity_was() -> None:
    talk = Talk("P0", book=LADDERS)
    look(talk)
    talk.add("sev", SeveritySet(to="P3"), by=ALICE, key="c1")
    assert look(talk) == [["CEO", "DevOps"]]


def test_who_was_called_for_less_is_called_again_when_it_is_worse() -> None:
    talk = Talk("P2", book=LADDERS)
    assert look(talk) == [["DevOps"]]
    talk.add("sev", SeveritySet(to="P0"), by=ALICE, key="c1")
    assert look(talk) == [["DevOps"]]
    talk.add("sev", SeveritySet(to="P1"), by=ALICE, key="c2")
    assert look(talk) == []


def test_a_reopened_incident_calls_everybody_of_its_chain_anew() -> None:
    talk = Talk("P0", book=LADDERS)
    look(talk)
    talk.add("resolve", Resolved(), by=ALICE, key="c1")
    talk.add("reopen", Reopened(why="It is back"), by=ALICE, key="c2")
    talk.add("sev", SeveritySet(to="P1"), by=ALICE, key="c3")
    assert look(talk) == [["DevOps"]]
