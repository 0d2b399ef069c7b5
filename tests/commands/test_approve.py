"""/approve: a second person says yes, and only that."""

from __future__ import annotations

from datetime import timedelta

import pytest

from allclear.core.model.operation import OperationKind, operation_id
from allclear.core.model.stored import read_values
from allclear.core.model.structs import replace
from allclear.core.production.binding import bound_rollback
from allclear.core.production.request import Request
from allclear.core.production.rollback import Aim
from allclear.core.record.audit import Helped
from allclear.core.record.life import Cleared, Reopened
from allclear.core.record.production import (
    OperationApproved,
    OperationAsked,
    OperationEnded,
    OperationStarted,
)
from commands.production import BETWEEN, PROVIDERS, B, C, production, release, settings
from commands.room import ALICE, BOB, CLAIRE, Talk

OP = operation_id("rollback", 0, 7, "c101.1")
RUN = "https://github.com/acme/shop/actions/runs/9"


AIM = Aim("web", settings().services["web"], PROVIDERS["deploy-workflow"], release(B, 20), release(C, 0.5))
BOUND = bound_rollback(AIM, BETWEEN, Request("web"), dry_run=False)
YES = OperationApproved(op=OP, digest=BOUND.digest)


@pytest.fixture
def asked() -> Talk:
    """Claire asked for a rollback of web."""
    talk = production()
    talk.says("/rollback web", CLAIRE)
    return talk


def also(talk: Talk, op: str, kind: OperationKind = "rollback", **more: object) -> None:
    fact = read_values(OperationAsked, {"op": op, "kind": kind, "service": "api"} | more)
    talk.add("rollback", fact, by=CLAIRE, key=op)


@pytest.mark.parametrize("words", ["", f" {OP}", f" `{OP}`", f" {OP[:12].upper()}", " rollback"])
def test_somebody_else_approves_and_it_starts(asked: Talk, words: str) -> None:
    heard = asked.says(f"/approve{words}", ALICE)
    assert heard.facts == (YES,)
    assert heard.say == (
        f"Rollback of `web` to `bbbbbbb` (`{OP}`) is approved and starts. The approval binds to "
        f"`{BOUND.digest}`."
    )
    operation = asked.incident.production.operations[OP]
    assert (operation.state, operation.approved_by) == ("ready", ALICE)
    assert (operation.digest, operation.approved_digest) == (BOUND.digest, BOUND.digest)
    assert (operation.source, operation.approved_source) == ("c101.1", "c102.1")


@pytest.mark.parametrize("words", ["looks right to me", "because checkout is down", "@claire go"])
def test_a_remark_behind_it_is_a_remark(asked: Talk, words: str) -> None:
    assert asked.says(f"/approve {OP} {words}", ALICE).facts == (YES,)


@pytest.mark.parametrize(
    "words", ["?", "not yet", "if bob agrees", "dry run first", "--dry-run", "(noop)", "-f"]
)
def test_a_remark_that_may_take_the_yes_back_approves_nothing(asked: Talk, words: str) -> None:
    heard = asked.says(f"/approve {OP} {words}", ALICE)
    assert heard.code == "unclear"
    assert heard.say.endswith(f"`/approve {OP}` alone approves it.")
    assert asked.incident.production.operations[OP].state == "asked"


def test_whoever_asked_cannot_approve_under_any_login(asked: Talk) -> None:
    renamed = replace(CLAIRE, login="claire-2")
    for person in (CLAIRE, renamed):
        heard = asked.says("/approve", person)
        assert heard.code == "not-allowed"
        assert "needs a second person" in heard.say
    assert asked.incident.production.operations[OP].state == "asked"


def test_a_login_that_changed_hands_is_somebody_else(asked: Talk) -> None:
    other = replace(BOB, login=CLAIRE.login)
    assert asked.says("/approve", other).facts == (YES,)


def test_approving_twice_changes_nothing(asked: Talk) -> None:
    asked.says("/approve", ALICE)
    heard = asked.says(f"/approve {OP}", BOB)
    assert heard.facts == (Helped(),)
    assert "has been approved by alice already" in heard.say
    assert asked.incident.production.operations[OP].approved_by == ALICE


def test_after_its_time_nobody_can_approve(asked: Talk) -> None:
    asked.later(minutes=27)
    assert asked.says("/approve", ALICE, processed_after=timedelta(minutes=2)).say.endswith(
        "has expired. Ask for it again."
    )
    assert asked.says("/approve", ALICE).facts == (YES,)


def test_what_has_ended_cannot_be_approved(asked: Talk) -> None:
    asked.add("rollback", OperationEnded(op=OP, outcome="expired"))
    heard = asked.says(f"/approve {OP}", ALICE)
    assert (heard.code, "has ended already (expired). Ask for it again." in heard.say) == ("state", True)


def test_what_was_asked_before_the_incident_was_reopened_is_asked_anew(asked: Talk) -> None:
    asked.add("all-clear", Cleared(text="done"))
    asked.add("reopen", Reopened(why="it is back"))
    heard = asked.says("/approve", ALICE)
    assert (heard.code, "before the incident was reopened" in heard.say) == ("state", True)


@pytest.mark.parametrize(
    ("url", "where"), [("", "its run, which has not started yet"), (RUN, f"[its run]({RUN})")]
)
def test_003_a2_a_guarded_environment_is_approved_in_its_run(url: str, where: str) -> None:
    talk = production()
    also(talk, "rollback-aaaa1111", approval="environment", environment="production")
    if url:
        talk.add("rollback", OperationStarted(op="rollback-aaaa1111", run=9, url=url, waiting=True))
    heard = talk.says("/approve rollback-aaaa1111", ALICE)
    assert heard.code == "state"
    assert (
        f"by a reviewer of the environment `production`, in {where} under *Review deployments*." in heard.say
    )
    nothing = talk.says("/approve", ALICE).say
    assert nothing.startswith("Nothing waits for `/approve` here.")
    assert (f"waits for a reviewer in {where}" in nothing) is bool(url)


def test_what_needs_no_approval_says_so() -> None:
    talk = production()
    also(talk, "smoke-aaaa1111", "smoke")
    assert talk.says("/approve smoke-aaaa1111", ALICE).say.endswith("needs no approval.")


def test_nothing_to_approve(asked: Talk) -> None:
    asked.add("rollback", OperationEnded(op=OP, outcome="cancelled"))
    heard = asked.says("/approve", ALICE)
    assert (heard.code, heard.say) == ("state", "Nothing waits for `/approve` here.")


def test_of_several_one_has_to_be_named(asked: Talk) -> None:
    also(asked, "rollback-aaaa1111", approval="second-person")
    heard = asked.says("/approve", ALICE)
    assert heard.say == f"Which one? There are `{OP}`, `rollback-aaaa1111`."
    assert (
        f"`roll` could be `{OP}`, `rollback-aaaa1111`. Write more of it."
        in asked.says("/approve roll", ALICE).say
    )
    assert asked.says("/approve rollback-a", ALICE).facts == (OperationApproved(op="rollback-aaaa1111"),)


@pytest.mark.parametrize("word", ["rollback-ffffffff", "it", "\uff52ollback", "@team", "[x](y)", "-"])
def test_what_is_no_operation_here_approves_nothing(asked: Talk, word: str) -> None:
    heard = asked.says(f"/approve {word}", ALICE)
    assert heard.code == "missing"
    assert heard.say == f"`{word}` is not an operation of this incident. These are open: `{OP}`."
    assert asked.incident.production.operations[OP].state == "asked"


def test_what_the_engine_asked_for_anybody_with_the_role_may_approve() -> None:
    talk = production()
    fact = OperationAsked(op="action-aaaa1111", kind="action", name="restart", approval="second-person")
    talk.add("action", fact)
    assert talk.says("/approve", CLAIRE).facts == (OperationApproved(op="action-aaaa1111"),)


def test_a_yes_from_before_the_answer_binds_to_nothing(asked: Talk) -> None:
    """In the same pass, or while the answer was being written, nobody could have read it."""
    asked.unread.add("c101.1")
    heard = asked.says("/approve", ALICE)
    assert heard.code == "state"
    assert "This came before the answer that shows what Rollback of `web` to `bbbbbbb`" in heard.say
    asked.unread.clear()
    asked.read_late = 10
    assert asked.says("/approve", ALICE).code == "state"
    asked.read_late = 0
    assert asked.says("/approve", ALICE).facts == (YES,)
