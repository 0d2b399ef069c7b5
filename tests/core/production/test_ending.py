"""How an operation ended whose executor did not say so: the same words, whoever finds it."""

from __future__ import annotations

from typing import Any

import pytest

from allclear.core.model.operation import Artifact
from allclear.core.model.snapshot import Acting, Sighting
from allclear.core.model.stored import read_values
from allclear.core.model.structs import replace
from allclear.core.production.ending import (
    CANCELLED,
    HIDDEN,
    LOST,
    NOT_BEGUN,
    UNCHECKED,
    UNHEARD,
    UNSEEN,
    UNTOLD,
    belated,
    ended_by,
    ending,
    judge,
    withheld,
)
from allclear.core.production.handover import Result
from allclear.core.record.production import OperationEnded, OperationStarted
from core.production_desk import BAD, GOOD, OP, Desk, minute, over, record, running

SMOKE = {"kind": "smoke", "target": ""}
BEFORE = Acting("before")
CASES: dict[str, tuple[str, dict[str, Any], Acting | None, tuple[str, str]]] = {
    "nothing was begun": ("claimed", {}, BEFORE, ("failed", NOT_BEGUN)),
    "nothing was let through": ("claimed", {}, Acting("waiting"), ("failed", NOT_BEGUN)),
    "its step began": ("claimed", {}, Acting("began"), ("unknown", LOST)),
    "its step failed": ("claimed", {}, Acting("failed"), ("unknown", LOST)),
    "its step went well": ("claimed", {}, Acting("passed"), ("done", UNTOLD)),
    "its jobs are not shown": ("claimed", {}, Acting("unseen"), ("unknown", HIDDEN)),
    "nobody asked for its jobs": ("claimed", {}, None, ("unknown", HIDDEN)),
    "the step of a dry run began": ("claimed", {"dry_run": True}, Acting("began"), ("failed", UNSEEN)),
    "nothing was looked at": ("claimed", SMOKE, None, ("failed", NOT_BEGUN)),
    "looking began": ("claimed", SMOKE, Acting("began"), ("failed", UNSEEN)),
    "it was begun": ("started", {}, None, ("unknown", LOST)),
    "a dry run was begun, which changes nothing": ("started", {"dry_run": True}, None, ("failed", UNSEEN)),
    "looking was begun": ("started", SMOKE, None, ("failed", UNSEEN)),
    "it was done, and the checks were lost": ("executed", {}, None, ("done", UNCHECKED)),
    "it was done, and says something": ("executed", {"text": "slow"}, None, ("done", "slow")),
}


@pytest.mark.parametrize(("step", "more", "acting", "found"), CASES.values(), ids=CASES)
def test_a_run_that_ended_without_a_word_is_judged_by_how_far_it_came(
    step: str, more: dict[str, Any], acting: Acting | None, found: tuple[str, str]
) -> None:
    lost = record(step, **more)
    assert ending(lost, acting) == found
    asked = {name: value for name, value in more.items() if name != "text"}
    operation = Desk().asked(**asked).incident.production.operations[OP]
    fact = judge(operation, Sighting(lost, over("failure", acting)), minute(30))
    assert isinstance(fact, OperationEnded)
    assert (fact.outcome, fact.text) == found


@pytest.mark.parametrize(
    ("state", "approval", "waits"),
    [
        ("waiting", "environment", True),
        ("before", "environment", False),
        ("began", "environment", False),
        ("waiting", "none", False),
        (None, "environment", True),
    ],
)
def test_what_waits_for_a_reviewer_is_told_from_what_was_let_through(
    state: Any, approval: str, waits: bool
) -> None:
    operation = Desk().asked(approval=approval).incident.production.operations[OP]
    run = running(acting=Acting(state) if state else None)
    fact = judge(operation, Sighting(record("claimed"), run), minute(30))
    assert isinstance(fact, OperationStarted)
    assert fact.waiting is waits


def done(**more: Any) -> Result:
    said = {"operation": OP, "outcome": "done", "release": "v41", "before": "v42", "after": "v41"}
    return read_values(Result, said | {"executed": True, "smoke_follows": True} | more)


def test_what_the_jobs_handed_on_is_what_the_record_says() -> None:
    told = ended_by(record("claimed"), done(), done(smoke=GOOD), Acting("passed", minute(20), minute(21)))
    assert told == {
        "step": "ended",
        "outcome": "done",
        "executed": True,
        "text": "",
        "release": "v41",
        "before": "v42",
        "after": "v41",
        "target": "v41",
        "unverified": "",
        "smoke": GOOD,
        "started": minute(20),
        "ended": minute(21),
    }


def test_where_evidence_went_stands_in_its_record_and_in_no_other() -> None:
    artifact = Artifact(url="https://github.com/acme/shop", sha256="0" * 64, files=3)
    kept = ended_by(record("claimed", kind="evidence"), done(artifact=artifact), None, None)
    assert kept["artifact"] == artifact
    assert "artifact" not in ended_by(record("claimed"), done(artifact=artifact), None, None)


def test_a_run_waits_or_is_known_to_have_changed_nothing_only_when_its_jobs_say_so() -> None:
    assert running("waiting", acting=Acting("waiting")).waits
    assert not running("waiting", acting=Acting("before")).waits
    assert not running("waiting").waits
    assert not running(acting=Acting("waiting")).waits
    assert over(acting=Acting("before")).untouched
    assert not over(acting=Acting("unseen")).untouched
    assert not over().untouched


def test_smoke_that_passes_verifies_what_the_deploy_system_could_not_say() -> None:
    unsure = done(unverified="nobody can be asked")
    assert ended_by(record("claimed"), unsure, done(smoke=GOOD), None)["unverified"] == ""
    for looked in (done(smoke=BAD), None):
        assert ended_by(record("claimed"), unsure, looked, None)["unverified"] == "nobody can be asked"


def test_a_result_does_not_change_a_target_that_was_named() -> None:
    assert ended_by(record("claimed"), done(target="v13"), None, None)["target"] == "v41"
    assert ended_by(record("claimed", target=""), done(target="v13"), None, None)["target"] == "v13"


def test_smoke_checks_that_were_to_follow_and_did_not_are_missed() -> None:
    assert ended_by(record("claimed"), done(), None, None)["text"] == UNCHECKED
    assert ended_by(record("claimed"), done(smoke_follows=False), None, None)["text"] == ""
    assert ended_by(record("claimed"), done(text="slow"), None, None)["text"] == "slow"
    refused = done(outcome="refused", executed=False)
    assert "started" not in ended_by(record("claimed"), refused, None, Acting("failed", minute(20)))


def test_an_outcome_alone_is_told_when_the_runner_withholds_the_rest() -> None:
    """A runner drops a whole output in which a secret stands, whatever that is."""
    found = withheld(record("claimed"), "done")
    told = ended_by(record("claimed"), found, None, None)
    assert (told["outcome"], told["executed"], told["after"]) == ("done", True, "v41")
    assert "a secret stands in it" in told["text"]
    failed = withheld(record("claimed"), "failed")
    assert failed is not None
    assert (failed.outcome, failed.executed, failed.after) == ("failed", False, "")
    dry = withheld(record("claimed", dry_run=True), "done")
    assert dry is not None
    assert not dry.executed
    assert withheld(record("claimed"), "") is withheld(record("claimed"), "::x") is None


def test_without_a_word_the_steps_of_the_run_tell() -> None:
    told = ended_by(record("claimed"), None, None, Acting("passed", minute(20), minute(22)))
    assert (told["outcome"], told["executed"], told["after"]) == ("done", True, "v41")
    assert told["unverified"] == UNHEARD
    assert (told["started"], told["ended"]) == (minute(20), minute(22))
    told = ended_by(record("claimed"), done(outcome=None), None, BEFORE, rejected_by="mia")
    assert (told["outcome"], told["text"], told["executed"]) == ("refused", "mia rejected it", False)


STOPPED: dict[str, tuple[Sighting, str | None]] = {
    "it had begun, and its record says so": (
        Sighting(record(started=minute(17)), over()),
        "done",
    ),
    "it had begun, and only its steps say so": (
        Sighting(record("claimed"), over("failure", Acting("began"))),
        "unknown",
    ),
    "it had not begun": (Sighting(record("claimed"), over("failure", BEFORE)), None),
    "nobody knows": (Sighting(record("claimed"), over("failure")), None),
    "it goes on": (Sighting(record("claimed"), running(acting=Acting("began"))), None),
    "it was refused": (Sighting(record(outcome="refused"), over()), None),
    "its record is another's": (Sighting(record(target="v13", started=minute(17)), over()), None),
    "its run is none of ours": (Sighting(record(started=minute(17)), running(ours=False)), None),
    "its record is refused although it began": (
        Sighting(record(outcome="refused", started=minute(17)), over()),
        None,
    ),
}


@pytest.mark.parametrize(("seen", "outcome"), STOPPED.values(), ids=STOPPED)
def test_what_was_called_off_too_late_is_told(seen: Sighting, outcome: str | None) -> None:
    operation = Desk().asked().incident.production.operations[OP]
    stopped = replace(operation, state="ended", outcome="cancelled")
    fact = belated(stopped, seen)
    assert (fact.outcome if fact else None) == outcome
    assert belated(operation, seen) is None


def test_whoever_rejected_it_is_named_and_who_cancelled_it_is_not_known() -> None:
    waiting = record("claimed")
    assert ending(waiting, BEFORE, rejected_by="mia") == ("refused", "mia rejected it")
    assert ending(waiting, BEFORE, rejected_by="mia", cancelled=True) == ("refused", "mia rejected it")
    assert ending(waiting, BEFORE, cancelled=True) == ("cancelled", CANCELLED)


@pytest.mark.parametrize("step", ["started", "executed"])
def test_what_was_begun_is_not_called_off(step: str) -> None:
    assert ending(record(step), rejected_by="mia", cancelled=True) == ending(record(step))
