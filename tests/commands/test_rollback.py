"""/rollback: finds the last known good release, shows what it would undo, and asks; or says why not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import written
from allclear.core.model.authored import read_authored
from allclear.core.model.operation import operation_id
from allclear.core.model.release import Change, Comparison, EnvironmentSeen, Release, Releases
from allclear.core.model.snapshot import Wants
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Helped
from allclear.core.record.facts import Fact
from allclear.core.record.findings import Affected
from allclear.core.record.life import StatusSet
from allclear.core.record.observed import Measured
from allclear.core.record.production import OperationAsked, OperationEnded, OperationStarted
from allclear.core.record.progress import Flagged
from commands.production import BETWEEN, PROVIDERS, RUN_OF, RUNS, A, B, C, production, release
from commands.room import CLAIRE, DECLARED, Heard, Talk, World, at, runbook

OP = operation_id("rollback", 0, 7, "c101.1")
MIGRATION = Comparison(commits=BETWEEN.commits, paths=("db/migrations/7.sql", "app.py"), total=2)


def asked(heard: Heard) -> OperationAsked:
    """The one operation that was asked for."""
    (fact,) = [fact for fact in heard.facts if isinstance(fact, OperationAsked)]
    return fact


def test_000_14_the_last_known_good_release_is_asked_for() -> None:
    talk = production()
    heard = talk.says("/rollback web checkout is *down*\nsince noon", CLAIRE)

    digest = asked(heard).digest
    assert re.fullmatch("[0-9a-f]{12}", digest)
    assert heard.facts == (
        OperationAsked(
            op=OP,
            kind="rollback",
            service="web",
            target=B,
            release=B[:7],
            before=C[:7],
            digest=digest,
            undoes=f"{B}...{C}",
            why="checkout is *down*\nsince noon",
            approval="second-person",
            expires=talk.now + timedelta(minutes=30),
        ),
        StatusSet(to="mitigating"),
    )
    assert talk.incident.production.operations[OP].state == "asked"
    assert talk.incident.status == "mitigating"


def test_the_answer_says_from_what_to_what_who_approves_and_until_when() -> None:
    heard = production().says("/rollback", CLAIRE)
    commit = "https://github.com/acme/shop/commit/"
    understood, first, second = heard.say.split("\n\n")[:3]
    assert understood == (
        "Understood: service `web`; from `ccccccc`; to `bbbbbbb`, the last known good one; options: none; "
        "reason: none given."
    )
    assert first == (
        f"**Rollback of `web`:** [`ccccccc`]({commit}{C}) (since 13:30 UTC) → "
        f"[`bbbbbbb`]({commit}{B}) (of 2026-03-01 18:00 UTC)."
    )
    assert second == (
        f"Its id is `{OP}`. Somebody else has to approve it: `/approve {OP}`. "
        f"An approval binds to `{asked(heard).digest}`, which stands for all that is shown here. "
        f"It starts by 14:31 UTC or not at all. `/cancel {OP}` stops it before it begins."
    )


def test_what_would_be_undone_is_shown_and_nobody_is_called_by_it() -> None:
    heard = production().says("/rollback", CLAIRE)
    assert "**This would undo** 2 commits by alice, bob and no migrations." in heard.say
    rows = [line for line in heard.say.splitlines() if line.startswith("| [")]
    assert [row.split(" | ")[1] for row in rows] == ["alice", "bob"]
    assert "Sell \\*much\\* more @\u2060team #\u20601 \\| x |" in rows[0]
    assert "@team" not in heard.say


def test_a_long_list_of_commits_is_cut_and_counted() -> None:
    changes = tuple(Change(f"{n:040d}", f"dev{n % 12}", f"Change {n}") for n in range(100))
    heard = production(comparison=Comparison(changes, ("a",), total=250)).says("/rollback", CLAIRE)
    rows = [line for line in heard.say.splitlines() if line.startswith("| [")]
    assert len(rows) == 10
    assert "Change 99" in rows[0]
    assert "| | | and 240 more |" in heard.say
    assert "250 commits by dev3, dev2, dev1, dev0, dev11, dev10, dev9, dev8 and others and" in heard.say


def test_a_rollback_that_undoes_nothing_says_so() -> None:
    heard = production(comparison=Comparison()).says("/rollback", CLAIRE)
    assert "No commit would be undone." in heard.say
    assert "Yes: nothing changed between the two releases" in heard.say


# -- the decision tree of 004-27


def test_004_27_fix_forward_is_a_call_and_the_criteria_for_going_back_at_once_are_named() -> None:
    heard = production("P0").says("/rollback", CLAIRE)
    assert "| Ask before you approve | What is known |" in heard.say
    assert (
        "1. Could a fix be deployed within 30 min? If so, fix forward. | You decide. Roll back at once "
        "if: A new deployment" in heard.say
    )


@pytest.mark.parametrize(
    ("severity", "flags", "why"),
    [
        ("P0", ("data-loss",), "Data is corrupted or lost"),
        ("P1", ("security",), "A security vulnerability was introduced"),
    ],
)
def test_004_a2_the_immediate_criteria_skip_the_first_question_and_keep_the_second(
    severity: str, flags: tuple[str, ...], why: str
) -> None:
    talk = production(severity, comparison=MIGRATION)
    for flag in flags:
        talk.add("flag", Flagged(flag=flag))
    assert talk.says("/rollback", CLAIRE).code == "migrations"
    heard = talk.says("/rollback --with-migrations", CLAIRE)
    assert f"| Skip this question: {why} is a reason to roll back at once |" in heard.say
    assert "| **No**: 1 migration would stay |" in heard.say


@pytest.mark.parametrize(
    ("severity", "facts", "said"),
    [
        ("SEV1", (), "You decide. Roll back at once if: New deployment causes Severity 1 incident; "),
        ("SEV2", (Flagged(flag="deployment"),), "You decide. Roll back at once if: "),
        (
            "SEV1",
            (Flagged(flag="deployment"), Flagged(flag="data-loss")),
            "New deployment causes Severity 1 incident, Data corruption or loss detected is a reason to roll",
        ),
        (
            "SEV2",
            (Measured(measure="response-time", value=10),),
            "Skip this question: Performance degradation \\>10x baseline is a reason to roll back at once",
        ),
    ],
)
def test_004_26_a_reason_to_go_back_at_once_is_seen_by_what_the_runbook_says(
    severity: str, facts: tuple[Fact, ...], said: str
) -> None:
    talk = production(severity, book=written.runbook("dirt-free-crm"))
    for number, fact in enumerate(facts):
        talk.add(fact.t, fact, key=f"k{number}")
    assert said in talk.says("/rollback", CLAIRE).say


def test_a_runbook_without_a_reason_to_go_back_at_once_asks_the_questions_all_the_same() -> None:
    heard = production(book=runbook(rollback={})).says("/rollback", CLAIRE)
    assert "| Ask before you approve | What is known |" in heard.say
    assert "fix forward. | You decide |" in heard.say


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (0.2, "Likely: this release came 12 min before the incident began"),
        (24, "Likely: this release came 1 d before the incident began"),
        (50, "Doubtful: this release had run for 2 d 2 h when the incident began"),
        (-0.01, "Unlikely: this release came less than 1 min after the incident began"),
    ],
)
def test_004_27_whether_it_will_help_is_read_off_the_times(hours: float, said: str) -> None:
    runs = Releases(release(C, hours), (release(B, 100),))
    assert f"| {said} |" in production(runs=runs).says("/rollback", CLAIRE).say


def test_a_start_that_was_corrected_counts() -> None:
    talk = production(started=at("13:00"))
    assert "Unlikely: this release came 30 min after the incident began" in talk.says("/rollback", CLAIRE).say


# -- migrations


def test_004_27_migrations_in_between_refuse_it_and_are_listed() -> None:
    talk = production(comparison=MIGRATION)
    heard = talk.says("/rollback", CLAIRE)
    assert heard.code == "migrations"
    assert "- `db/migrations/7.sql`" in heard.say
    assert "`/rollback web to bbbbbbb --with-migrations`" in heard.say
    assert "app.py" not in heard.say
    assert talk.incident.production.operations == {}


def test_somebody_may_say_that_the_older_code_can_live_with_them() -> None:
    heard = production(comparison=MIGRATION).says("/rollback --with-migrations", CLAIRE)
    assert asked(heard).target == B
    assert "2 commits by alice, bob and 1 migration." in heard.say
    assert "These migrations would stay in the database:\n- `db/migrations/7.sql`" in heard.say


def test_many_migrations_are_cut_and_counted() -> None:
    many = Comparison(BETWEEN.commits, tuple(f"db/migrate/{n}.rb" for n in range(25)), total=2)
    refused = production(comparison=many).says("/rollback", CLAIRE).say
    shown = production(comparison=many).says("/rollback --with-migrations", CLAIRE).say
    for text in (refused, shown):
        assert text.count("- `db/migrate/") == 10
        assert "- and 15 more" in text


@pytest.mark.parametrize(
    ("comparison", "why"),
    [
        (None, "GitHub did not compare the two commits"),
        (Comparison(known=False), "GitHub did not compare the two commits"),
        (
            Comparison(BETWEEN.commits, ("a",), total=2, ahead=False),
            "bbbbbbb is not an ancestor of ccccccc",
        ),
        (
            Comparison(BETWEEN.commits, ("a",), total=2, complete=False),
            "GitHub lists only the first 300 changed",
        ),
    ],
)
def test_what_is_not_known_of_migrations_is_not_taken_for_none(
    comparison: Comparison | None, why: str
) -> None:
    heard = production(comparison=comparison).says("/rollback", CLAIRE)
    assert heard.code == "migrations"
    assert f"lies in between, because {why}" in heard.say
    shown = production(comparison=comparison).says("/rollback --with-migrations", CLAIRE)
    assert f"**Not known**: {why}" in shown.say
    assert asked(shown).target == B


def test_a_service_without_migrations_needs_no_comparison() -> None:
    heard = production(rollback={"migrations": []}, comparison=None).says("/rollback", CLAIRE)
    assert "Yes: the settings say that this service has no migrations" in heard.say
    assert "It is not known what would be undone: GitHub did not compare the two commits." in heard.say


def test_what_is_not_known_to_run_is_no_reason_to_believe_that_it_is_safe() -> None:
    runs = Releases(None, (release(B, 20),))
    talk = production(runs=runs)
    assert talk.says("/rollback", CLAIRE).code == "no-release"
    refused = talk.says("/rollback to bbbbbbb", CLAIRE)
    assert (refused.code, "because it is not known what is running now" in refused.say) == (
        "migrations",
        True,
    )
    heard = talk.says("/rollback to bbbbbbb --with-migrations", CLAIRE)
    assert "\n\n**Rollback of `web`:** what is running now → [`bbbbbbb`]" in heard.say
    assert "| Not known: there is no record of when the current release came |" in heard.say


# -- which service, which release


@pytest.mark.parametrize(
    ("text", "affected", "service"),
    [
        ("/rollback api", (), "api"),
        ("/rollback to aaaaaaa api", (), "api"),
        ("/rollback", ("api",), "api"),
        ("/rollback api", ("web",), "api"),
        ("/rollback", ("something else", "web"), "web"),
    ],
)
def test_the_service_is_the_named_one_or_the_only_one_affected(
    text: str, affected: tuple[str, ...], service: str
) -> None:
    talk = production(services={"api": {"provider": "deploy-workflow", "values": WORKFLOW}})
    talk.add("affects", Affected(services=affected))
    talk.world = replace(talk.world, releases={"web": RUNS, "api": RUNS}, environments={"production": OPEN})
    assert asked(talk.says(text, CLAIRE)).service == service


WORKFLOW = {"workflow": "deploy.yml"}
OPEN = EnvironmentSeen(exists=True, reviewers=True)


@pytest.mark.parametrize("affected", [(), ("web", "api"), ("database",)])
def test_a_service_that_could_be_several_is_asked_back(affected: tuple[str, ...]) -> None:
    talk = production(services={"api": {}})
    talk.add("affects", Affected(services=affected))
    heard = talk.says("/rollback", CLAIRE)
    assert heard.code == "unknown-service"
    assert heard.say == "Which service? This repository has `web`, `api`. Write `/rollback <service>`."


@pytest.mark.parametrize(("word", "target"), [("aaaaaaa", A), ("A" * 12, A), (A, A), ("`bbbbbbb`", B)])
def test_a_release_can_be_named(word: str, target: str) -> None:
    assert asked(production().says(f"/rollback web to {word}", CLAIRE)).target == target


def test_a_named_release_whose_smoke_run_failed_is_taken_and_shown_as_such() -> None:
    runs = Releases(release(C, 1, smoke="good"), (release(B, 20, smoke="bad"), release(A, 40)))
    assert asked(production(runs=runs).says("/rollback", CLAIRE)).target == A
    heard = production(runs=runs).says("/rollback to bbbbbbb", CLAIRE)
    assert asked(heard).target == B
    assert "(since 13:00 UTC, its smoke run passed) → " in heard.say
    assert "its smoke run **failed**)." in heard.say


def test_what_this_incident_went_back_from_is_not_offered_again() -> None:
    talk = production()
    talk.says("/rollback", CLAIRE)
    talk.add("rollback", OperationEnded(op=OP, outcome="done", before=B[:7], after=A[:7]))
    assert asked(talk.says("/rollback", CLAIRE)).target == A


@pytest.mark.parametrize(
    ("text", "runs", "code", "said"),
    [
        (
            "/rollback to ccccccc",
            RUNS,
            "current",
            "`ccccccc` is already running, so there is nothing to roll back.",
        ),
        ("/rollback to ddddddd", RUNS, "unknown-target", "There are `ccccccc`, `bbbbbbb`, `aaaaaaa`."),
        (f"/rollback to {A};id", RUNS, "unknown-target", "is not among the releases"),
        (
            "/rollback to bbbbbbb",
            Releases(release(C, 1), (release(B, 20, deployed=False),)),
            "unknown-target",
            "`bbbbbbb` was never deployed successfully.",
        ),
        (
            "/rollback",
            Releases(release(C, 1), (release(B, 20, smoke="bad"),)),
            "no-release",
            "Before `ccccccc`, no release of `web` in the environment `production` is known to be good.",
        ),
        ("/rollback", Releases(None, ()), "no-release", "GitHub knows no successful deployment of `web`"),
        (
            "/rollback",
            Releases(None, (), known=False),
            "unavailable",
            "GitHub did not say which releases of `web` ran.",
        ),
        (
            "/rollback to v1",
            Releases(release(C, 1), (Release("main; rm -rf /", "v1"),)),
            "unknown-target",
            (
                "`main; rm -rf /` is not a target that `deploy-workflow` accepts: it has to match "
                "`[0-9a-f]{40}`."
            ),
        ),
    ],
)
def test_where_it_cannot_go_it_says_so(text: str, runs: Releases, code: str, said: str) -> None:
    talk = production(runs=runs)
    heard = talk.says(text, CLAIRE)
    assert heard.code == code
    assert said in heard.say
    assert talk.incident.production.operations == {}
    assert talk.incident.status == "investigating"


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ({}, "no-services", "No service is configured"),
        ({"services": ["web"]}, "no-provider", "Give it a `provider:` in `.github/allclear.yml`"),
        (
            {"services": {"web": {"provider": "flyy"}}},
            "no-provider",
            "The provider `flyy` of `web` does not exist",
        ),
    ],
)
def test_what_is_not_configured_names_the_fix(settings: dict[str, Any], code: str, said: str) -> None:
    talk = Talk(settings=read_authored(Settings, settings), world=World(providers=PROVIDERS))
    heard = talk.says("/rollback", CLAIRE)
    assert (heard.code, said in heard.say) == (code, True)
    assert talk.asked == []


# -- nothing behind it is guessed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "/rollback web to aaaaaaa --with-migrations checkout is *down*",
            "from `ccccccc`; to `aaaaaaa`; options: with migrations; reason: checkout is \\*down\\*.",
        ),
        ("/rollback web aaaaaaa", "from `ccccccc`; to `aaaaaaa`; options: none; reason: none given."),
        (
            "/rollback web since ccccccc",
            "to `bbbbbbb`, the last known good one; options: none; reason: since ",
        ),
    ],
)
def test_02_the_answer_says_first_what_was_understood(text: str, said: str) -> None:
    heard = production().says(text, CLAIRE)
    assert said in heard.say.split("\n\n")[0]
    assert asked(heard).kind == "rollback"


@pytest.mark.parametrize(
    "text",
    ["/rollback web api", "/rollback web staging", "/rollback web broke in aaaaaaa", "/rollback web ?"],
)
def test_02_what_could_be_more_than_a_reason_starts_nothing(text: str) -> None:
    talk = production(services={"api": {}})
    assert talk.says(text, CLAIRE).code == "unclear"
    assert talk.incident.production.operations == {}


def test_01_a_dry_run_that_was_read_out_of_the_reason_says_because_of_which_words() -> None:
    heard = production().says("/rollback web checkout is broken, preview first", CLAIRE)
    assert heard.facts == (Helped(),)
    assert heard.say.startswith("This is a dry run, because of `preview`: nothing is changed.")


# -- approval


def guarded(seen: EnvironmentSeen | None) -> Talk:
    talk = production(rollback={"approval": "environment"})
    environments = {} if seen is None else {"production": seen}
    talk.world = replace(talk.world, environments=environments)
    return talk


def test_003_a2_a_guarded_environment_approves() -> None:
    talk = guarded(OPEN)
    heard = talk.says("/rollback", CLAIRE)
    assert (asked(heard).approval, asked(heard).environment) == ("environment", "production")
    assert "A reviewer of the environment `production` has to approve it." in heard.say
    assert talk.incident.production.operations[OP].state == "ready"


@pytest.mark.parametrize(
    ("seen", "code", "said"),
    [
        (EnvironmentSeen(exists=False), "settings", "does not exist"),
        (EnvironmentSeen(exists=True), "settings", "**Required reviewers**"),
        (EnvironmentSeen(exists=False, known=False), "missing", "Try again in a minute"),
        (None, "missing", "Try again in a minute"),
    ],
)
def test_p15_an_environment_that_guards_nothing_rolls_nothing_back(
    seen: EnvironmentSeen | None, code: str, said: str
) -> None:
    talk = guarded(seen)
    heard = talk.says("/rollback", CLAIRE)
    assert (heard.code, said in heard.say) == (code, True)
    assert talk.incident.production.operations == {}


def test_what_cannot_hurt_needs_nobody() -> None:
    heard = production(rollback={"approval": "none"}).says("/rollback", CLAIRE)
    assert (asked(heard).approval, asked(heard).environment) == ("none", "")
    assert f"Its id is `{OP}`. An approval binds to" in heard.say


# -- one at a time, in time


@pytest.mark.parametrize("url", ["", "https://github.com/acme/shop/actions/runs/1"])
def test_c6_a_second_rollback_of_the_service_is_told_of_the_first(url: str) -> None:
    talk = production()
    talk.says("/rollback", CLAIRE)
    if url:
        talk.add("rollback", OperationStarted(op=OP, run=1, url=url))
    heard = talk.says("/rollback to aaaaaaa", CLAIRE)
    shown = f"[`{OP}`]({url})" if url else f"`{OP}`"
    assert heard.code == "busy"
    assert heard.say.startswith(f"A rollback of `web` is under way already: {shown}.")
    # What runs is not interrupted.
    assert (f"`/cancel {OP}`" in heard.say) is not bool(url)
    assert list(talk.incident.production.operations) == [OP]


def test_when_the_first_has_ended_the_next_may_be_asked_for() -> None:
    talk = production()
    talk.says("/rollback", CLAIRE)
    talk.add("rollback", OperationEnded(op=OP, outcome="failed"))
    again = asked(talk.says("/rollback", CLAIRE))
    assert again.op == operation_id("rollback", 0, 7, "c102.1")


def test_what_a_rollback_that_failed_would_have_left_is_still_good() -> None:
    talk = production()
    talk.says("/rollback", CLAIRE)
    talk.add("rollback", OperationEnded(op=OP, outcome="failed", before=B[:7]))
    assert asked(talk.says("/rollback", CLAIRE)).target == B


def test_a_request_that_was_read_too_late_does_nothing() -> None:
    heard = production().says("/rollback", CLAIRE, processed_after=timedelta(minutes=45))
    assert heard.code == "late"
    assert heard.say.startswith("You asked for this 45 min ago")


def test_the_status_is_left_where_it_is_when_it_is_as_far_or_the_runbook_has_none() -> None:
    talk = production()
    talk.says("/status mitigating", CLAIRE)
    assert len(talk.says("/rollback", CLAIRE).facts) == 1
    states = {state.id: state.title for state in talk.runbook.states if state.id != "mitigating"}
    assert len(production(book=runbook(states=states)).says("/rollback", CLAIRE).facts) == 1


# -- dry runs


def test_a_dry_run_is_answered_at_once_and_leaves_nothing_behind() -> None:
    talk = production(comparison=MIGRATION)
    heard = talk.says("/rollback web --dry-run", CLAIRE)
    assert heard.facts == (Helped(),)
    assert heard.say.startswith("This is a dry run: nothing is changed.\n\n**Rollback of `web`:**")
    assert "| **No**: 1 migration would stay |" in heard.say
    assert (talk.incident.production.operations, talk.incident.status) == ({}, "investigating")


def test_a_dry_run_asks_nobody_who_guards_the_environment() -> None:
    talk = production(rollback={"approval": "environment"})
    talk.says("/rollback --dry-run", CLAIRE)
    assert not any(wants.environments for wants in talk.asked)


def test_a_dry_run_may_be_looked_at_while_a_rollback_runs() -> None:
    talk = production()
    talk.says("/rollback", CLAIRE)
    assert talk.says("/rollback --dry-run", CLAIRE).facts == (Helped(),)


def test_in_a_drill_it_is_always_a_dry_run_and_says_so() -> None:
    talk = production(kind="drill")
    heard = talk.says("/rollback web", CLAIRE)
    assert heard.facts == (Helped(),)
    assert heard.say.startswith("This is a drill, so this is a dry run: nothing is changed.")


# -- the deploy system has the list


def flying(**rollback: Any) -> Talk:
    web = {"provider": "fly", "values": {"app": "shop"}, "rollback": {"approval": "second-person"} | rollback}
    settings = read_authored(Settings, {"services": {"web": web}})
    return Talk(settings=settings, world=World(providers=PROVIDERS))


def test_where_the_deploy_system_has_the_list_the_run_looks_it_up() -> None:
    talk = flying()
    heard = talk.says("/rollback", CLAIRE)
    assert (asked(heard).target, asked(heard).release, asked(heard).before) == ("", "", "")
    assert heard.say.startswith(
        "Understood: service `web`; from what is running now; to the release before the current one; "
        "options: none; reason: none given.\n\n"
        "**Rollback of `web`** to the release before the current one. "
        "`fly` has the list of releases, so the run looks it up and says which one."
    )
    assert "It is not known what would be undone: only the deploy system knows its releases." in heard.say
    assert "**Not known**: only the deploy system knows its releases. Please look for yourself" in heard.say
    assert talk.asked == []


@pytest.mark.parametrize(
    ("word", "target", "release_"),
    [
        ("v41", "", "v41"),
        ("41", "", "41"),
        ("registry.fly.io/shop:deployment-01HX", "registry.fly.io/shop:deployment-01HX", None),
    ],
)
def test_001_15_a_release_of_the_deploy_system_is_named_or_looked_up(
    word: str, target: str, release_: str | None
) -> None:
    fact = asked(flying().says(f"/rollback to {word}", CLAIRE))
    assert (fact.target, fact.release) == (target, word if release_ is None else release_)


@pytest.mark.parametrize("word", ["v41;id", "$(id)", "../x", "\uff56\uff14\uff11", "v41|sh", "v" * 101])
def test_h11_what_is_no_name_of_a_release_goes_nowhere(word: str) -> None:
    talk = flying()
    heard = talk.says(f"/rollback to {word}", CLAIRE)
    assert heard.code == "unknown-target"
    assert talk.incident.production.operations == {}


def test_a_dry_run_there_has_to_ask_the_deploy_system() -> None:
    talk = flying(approval="environment")
    heard = talk.says("/rollback --dry-run", CLAIRE)
    fact = asked(heard)
    assert (fact.dry_run, fact.approval, fact.environment) == (True, "none", "")
    assert f"`{OP}` asks the deploy system for its releases." in heard.say
    assert talk.incident.status == "investigating"


def test_a_dry_run_that_is_under_way_blocks_no_rollback() -> None:
    talk = flying()
    talk.says("/rollback --dry-run", CLAIRE)
    assert not asked(talk.says("/rollback", CLAIRE)).dry_run


def test_the_settings_may_take_the_list_from_the_deployments_after_all() -> None:
    talk = flying(targets="deployments")
    assert talk.says("/rollback", CLAIRE).code == "unavailable"
    assert talk.asked == [Wants(releases=frozenset({"web"}))]


# -- what it asks GitHub for


def test_it_asks_for_the_releases_first_then_for_what_depends_on_them() -> None:
    talk = guarded(OPEN)
    talk.says("/rollback", CLAIRE)
    assert talk.asked == [
        Wants(releases=frozenset({"web"})),
        Wants(
            comparisons=frozenset({(B, C)}),
            environments=frozenset({"production"}),
            deploy_runs=frozenset({RUN_OF[B]}),
        ),
    ]


def test_a_release_without_its_commit_cannot_be_compared() -> None:
    runs = Releases(release(C, 1), (Release("f" * 40, "v1", at=DECLARED),))
    talk = production(runs=runs)
    assert "GitHub did not compare the two commits" in talk.says("/rollback", CLAIRE).say
    assert not any(wants.comparisons for wants in talk.asked)
