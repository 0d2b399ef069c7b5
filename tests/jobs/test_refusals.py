"""What an executor refuses before it claims, and again after the approval, which may come weeks later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from allclear.core.production.order import hand_id
from conversations.room import SETTINGS, minutes
from jobs.job import after, alone, job
from production.stage import SERVICES, Production, open_production

Change = Callable[[Production], object]
DAYS = 24 * 60
API = "  api: { provider: ours }\n"


def asked(production: Production) -> int:
    """mia's rollback, dispatched; nothing of its run was played yet."""
    production.opens()
    production.asks("mia", "/rollback web")
    alone(production)
    return production.run_of()


def approve(production: Production, run: int, who: str = "ann") -> None:
    production.room.repo.start_run(run)
    production.room.repo.wait_run(run, "production", deployment=False)
    production.room.people[who].approve(run)


def settle(production: Production, text: str, **more: str) -> None:
    """Somebody changes the settings.

    Between the jobs of one run that cannot happen on GitHub: each checks out the commit of the dispatch, and
    so finds the settings of that commit (tests/workflows/test_rules.py). Here all jobs share one folder, and
    what is refused all the same needs no such luck.
    """
    services = SERVICES.format(address=production.target.address, program=production.target.program)
    for old, new in more.items():
        services = services.replace(old, new)
    path = production.room.root / ".github" / "allclear.yml"
    path.write_text(
        SETTINGS + services.replace("    provider: ours\n", f"    provider: ours\n{text}"), encoding="utf-8"
    )


def demote(production: Production) -> None:
    production.room.repo.grant(production.room.account("mia"), "write")


def unprotect(production: Production) -> None:
    production.room.repo.environment("production", [])


def close(production: Production) -> None:
    production.asks("ann", '/all-clear --override "gone"')
    alone(production)


def cancel(production: Production) -> None:
    production.asks("mia", "/cancel")
    alone(production)


def redeploy(production: Production) -> None:
    production.room.repo.deploy(production.releases["v41"], "production")


def deploying(production: Production) -> None:
    production.room.repo.deploy(production.releases["v42"], "production", "in_progress")


def hidden(path: str) -> Change:
    def order(production: Production) -> None:
        production.hub.faults.add("error_before", lambda _, where: path in where, times=50, status=502)

    return order


CHANGES: dict[str, tuple[Change, str, str]] = {
    "closed": (close, "is no longer open", "refused"),
    "cancelled": (cancel, "cancelled", "cancelled"),
    "expired": (
        lambda production: production.room.clock.advance(minutes(29 * DAYS)),
        "had to begin before",
        "expired",
    ),
    "demoted": (demote, "It needs maintain access", "refused"),
    "a permission that cannot be asked": (hidden("/permission"), "did not say what mia may do", "refused"),
    "unprotected": (unprotect, "no required reviewers", "refused"),
    "an environment that cannot be asked": (hidden("/environments/"), "did not say how", "refused"),
    "releases that cannot be asked": (hidden("/graphql"), "did not say which releases ran here", "refused"),
    "is already running": (redeploy, "is already running", "refused"),
    "is being deployed right now": (deploying, "is being deployed right now", "refused"),
    "another service shares its environment": (
        lambda production: settle(
            production, "", **{"services:\n": "services:\n  api: { provider: ours }\n"}
        ),
        "services.web.deployments is missing",
        "refused",
    ),
    "the service is gone": (
        lambda production: settle(production, "", web="shop"),
        "no longer have the service web",
        "refused",
    ),
    "have changed who has to approve it": (
        lambda production: settle(production, "    rollback: { approval: none }\n"),
        "have changed who has to approve it",
        "refused",
    ),
    "another pattern": (
        lambda production: settle(production, "", **{"[0-9a-f]{40}": "v[0-9]+"}),
        "is not a target that ours accepts",
        "refused",
    ),
    "no provider": (
        lambda production: settle(production, "", **{"provider: ours": "environment: production"}),
        "do not say how web is rolled back",
        "refused",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_since_it_was_asked_for_is_refused_at_the_claim(
    production: Production, change: str
) -> None:
    act, said, outcome = CHANGES[change]
    run = asked(production)
    act(production)
    done = job(production, "claim", run)
    assert done.code == 1
    assert said in done.printed, done.printed
    assert done.outputs == {}
    refs = [ref for ref in production.room.repo.refs("refs/allclear/") if "rollback-" in ref]
    # What the incident itself has ended needs no record of its own.
    assert len(refs) == (0 if change == "cancelled" else 1)
    production.hub.faults.clear()
    production.sweep()
    ended = production.operation()
    assert (ended.open, ended.outcome) in ((False, outcome), (False, "refused"))
    assert production.executions() == 0


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_while_it_waited_for_the_approval_is_refused_before_it_acts(
    production: Production, change: str
) -> None:
    act, said, outcome = CHANGES[change]
    run = asked(production)
    claimed = job(production, "claim", run)
    assert claimed.outputs["environment"] == "production"
    production.hosted.ignore()
    approve(production, run)
    act(production)
    done = job(production, "execute", run, after(claimed))
    assert done.code == 1
    assert said in done.printed, done.printed
    assert done.outputs.keys() == {"result", "outcome"}
    assert "was not executed" in done.summary
    production.hub.faults.clear()
    assert production.executions() == 0
    job(production, "report", run, after(claimed))
    production.room.repo.finish_run(run, "failure")
    production.sweep()
    assert (production.operation().outcome, production.executions()) == (outcome, 0)


STARTS: dict[str, tuple[dict[str, str], str]] = {
    "another branch": ({"GITHUB_REF": "refs/heads/evil"}, "Start it on the default branch, main"),
    "a tag of that name": ({"GITHUB_REF": "refs/tags/main"}, "Start it on the default branch, main"),
    "another event": ({"GITHUB_EVENT_NAME": "push"}, "not by workflow_dispatch"),
    "the re-run button": ({"GITHUB_RUN_ATTEMPT": "2"}, "This is attempt 2"),
    "no attempt at all": ({"GITHUB_RUN_ATTEMPT": ""}, "This is attempt 0"),
    "another file": (
        {"GITHUB_WORKFLOW_REF": "acme/shop/.github/workflows/x.yml@refs/heads/main"},
        "Its file is x.yml",
    ),
}


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("step", ["claim", "execute"])
def test_a_run_that_was_started_otherwise_does_nothing(production: Production, step: str, start: str) -> None:
    env, said = STARTS[start]
    run = asked(production)
    given: dict[str, str] = {}
    if step == "execute":
        given = after(job(production, "claim", run))
        approve(production, run)
    before = production.room.repo.refs("refs/allclear/")
    done = job(production, step, run, given | env)
    assert (done.code, done.outputs) == (1, {})
    assert said in done.printed, done.printed
    assert production.room.repo.refs("refs/allclear/") == before
    assert production.executions() == 0


INPUTS: dict[str, dict[str, str]] = {
    "another service": {"service": "api"},
    "another target": {"target": "0" * 40},
    "no target": {"target": ""},
    "an id that nobody asked for": {"operation": "rollback-00000000"},
    "an id of another kind": {"operation": "smoke-00000000"},
    "no id": {"operation": "../../heads/main"},
    "an expression": {"operation": "${{ github.token }}"},
    "another incident": {"incident": "2"},
    "no incident": {"incident": "99"},
    "hostile number": {"incident": "1/../2"},
    "fullwidth digits": {"incident": "\uff11"},
    "far too long": {"target": "a" * 60_000},
}


@pytest.mark.parametrize("inputs", INPUTS)
def test_inputs_that_differ_from_the_record_do_nothing(production: Production, inputs: str) -> None:
    """H20: everybody with write access may dispatch, with any inputs. The id is not used up either: what is
    written down is that this run was refused.
    """
    run = asked(production)
    production.opens()  # incident 2
    good = dict(production.room.repo.run(run).inputs)
    other = production.room.people["bob"].dispatch("rollback-production.yml", good | INPUTS[inputs])
    done = job(production, "claim", other)
    assert (done.code, done.outputs) == (1, {}), done.printed
    claimed = {ref.rpartition("/")[2] for ref in production.room.repo.refs("refs/allclear/")}
    assert claimed <= {hand_id(other)}
    assert job(production, "claim", run).outputs["go"] == "true"


def test_nothing_is_claimed_before_a_second_person_said_yes(tmp_path: Path) -> None:
    services = SERVICES.replace(
        "    provider: ours\n", "    provider: ours\n    rollback: {{ approval: second-person }}\n"
    )
    with open_production(tmp_path, services=services) as production:
        production.opens()
        production.asks("mia", "/rollback web")
        operation = production.operation()
        inputs = {"operation": operation.id, "service": "web", "target": operation.target, "incident": "1"}
        run = production.room.people["mia"].dispatch("rollback-production.yml", inputs)
        done = job(production, "claim", run)
        assert (done.code, done.outputs) == (1, {})
        assert "Nobody has approved it yet" in done.printed
        alone(production)
        production.asks("ann", f"/approve {operation.id}")
        alone(production)
        # The one who said yes may not any more, by the time that it begins.
        claimed = job(production, "claim", production.run_of())
        assert claimed.outputs["environment"] == ""
        production.room.repo.grant(production.room.account("ann"), "read")
        done = job(production, "execute", production.run_of(), after(claimed))
        assert "GitHub says that ann has read" in done.printed
        assert production.executions() == 0


def test_who_asked_for_it_does_not_approve_it(production: Production) -> None:
    """The run is the bot's, so GitHub would let its requester approve it: looked at here (E8)."""
    run = asked(production)
    claimed = job(production, "claim", run)
    approve(production, run, who="mia")
    done = job(production, "execute", run, after(claimed))
    assert done.code == 1
    assert "mia asked for it and approved it" in done.printed
    assert production.executions() == 0


def test_without_an_approval_on_record_nothing_happens(production: Production) -> None:
    """An environment that lost its reviewers and got them back lets a run through that nobody approved."""
    run = asked(production)
    claimed = job(production, "claim", run)
    done = job(production, "execute", run, after(claimed))
    assert done.code == 1
    assert "no approval of this run" in done.printed
    assert production.executions() == 0


def test_a_job_acts_only_on_what_its_own_run_claimed(production: Production) -> None:
    run = asked(production)
    claimed = job(production, "claim", run)
    approve(production, run)
    other = production.room.people["bob"].dispatch("rollback-production.yml", {})
    for given, said in (
        (after(claimed), "was not claimed by this run"),
        ({}, "named no operation"),
        ({"ALLCLEAR_OPERATION": "rollback-00000000", "ALLCLEAR_ISSUE": "1"}, "was not claimed by this run"),
    ):
        for step in ("execute", "report"):
            done = job(production, step, other, given)
            assert done.code == 1
            assert said in done.printed
    assert production.executions() == 0


def test_a_job_that_comes_again_finds_it_done(production: Production) -> None:
    run = asked(production)
    claimed = job(production, "claim", run)
    again = job(production, "claim", run)
    assert (again.code, again.outputs) == (0, {})
    assert f"run {run} has claimed it" in again.printed
    approve(production, run)
    assert job(production, "execute", run, after(claimed)).outputs["smoke"] == "true"
    job(production, "report", run, after(claimed))
    done = job(production, "execute", run, after(claimed))
    assert (done.code, production.executions()) == (1, 1)
    assert "is ended already" in done.printed


def test_the_token_of_a_job_cannot_be_used_for_more(production: Production) -> None:
    """What the workflow grants is enough, and the executor writes nothing on the issue."""
    run = asked(production)
    known = len(production.room.comments)
    claimed = job(production, "claim", run)
    approve(production, run)
    assert job(production, "execute", run, after(claimed)).code == 0
    assert job(production, "smoke", run, after(claimed), door="smoke").code == 0
    assert len(production.room.comments) == known


@pytest.mark.parametrize("step", ["", "claims", "act; rm"])
def test_a_job_without_a_step_says_what_is_missing(production: Production, step: str) -> None:
    run = asked(production)
    done = job(production, "claim", run, {"ALLCLEAR_STEP": step})
    assert done.code == 1
    assert "ALLCLEAR_STEP has to be one of claim, look, act, redeploy, report" in done.printed
