"""/run and /flag-off: allow-listed actions, checked words (000-16, 001-08, 002-14..16, 003-11, 003-12)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.core.model.authored import read_authored
from allclear.core.model.people import Rights
from allclear.core.model.release import EnvironmentSeen
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Helped
from allclear.core.record.production import OperationAsked, OperationEnded, OperationStarted
from commands.room import CLAIRE, Heard, Talk, World

GUARDED = EnvironmentSeen(exists=True, reviewers=True, self_review=False)
ACTIONS: dict[str, Any] = {
    "restart": {"title": "Restart the app", "item": "000-16", "run": ["fly", "apps", "restart"]},
    "scale": {
        "title": "Add machines",
        "run": ["fly", "scale", "count", "{count}", "--region={region}"],
        "parameters": {"count": {"pattern": "[0-9]{1,2}"}, "region": {"choices": ["fra", "iad"]}},
        "approval": "second-person",
        "service": "web",
        "expires": "10m",
    },
    "disable": {
        "title": "Turn a feature off",
        "run": ["npm", "run", "feature:disable", "--", "--feature={flag}"],
        "parameters": {"flag": {"pattern": "[a-z-]{1,40}"}},
        "flag": True,
        "least": "write",
        "approval": "none",
    },
}


def talk(seen: EnvironmentSeen | None = GUARDED, actions: dict[str, Any] | None = None, **more: Any) -> Talk:
    settings = read_authored(Settings, {"actions": ACTIONS if actions is None else actions})
    world = World(environments={"production": seen} if seen else {})
    return Talk(settings=settings, world=world, **more)


def maintainer(talk: Talk, text: str, **more: Any) -> Heard:
    return talk.says(text, CLAIRE, rights=Rights.MAINTAIN, **more)


def asked(heard: Heard) -> OperationAsked:
    (fact,) = heard.facts
    assert isinstance(fact, OperationAsked)
    return fact


def test_alone_it_lists_what_there_is_with_words_access_and_approval() -> None:
    heard = talk().says("/run")
    assert heard.facts == (Helped(),)
    assert "| `/run restart` | Restart the app | `maintain` | a reviewer of its environment |" in heard.say
    assert "| `/run scale count=[0-9]{1,2} region=fra\\|iad` | Add machines | `maintain`" in heard.say
    assert "| `/run disable flag=[a-z-]{1,40}` | Turn a feature off | `write` | none |" in heard.say


def test_without_any_it_says_where_they_go() -> None:
    assert (
        "Actions are defined under `actions:` in `.github/allclear.yml`" in talk(actions={}).says("/run").say
    )
    heard = maintainer(talk(actions={}), "/run restart")
    assert "none is defined yet under `actions:`" in heard.say


def test_the_words_behind_an_action_are_repeated_as_the_reason() -> None:
    assert maintainer(talk(), "/run restart web is *slow*").say.endswith("The reason: `web is *slow*`.")
    assert "The reason" not in maintainer(talk(), "/run restart").say


@pytest.mark.parametrize("typed", ["api", "api is slow", "API"])
def test_another_service_than_the_actions_is_asked_about(typed: str) -> None:
    services = {name: {"health": ["https://app.example.com/health"]} for name in ("web", "api")}
    settings = {"actions": ACTIONS, "services": services, "hosts": ["app.example.com"]}
    room = Talk(settings=read_authored(Settings, settings))
    line = "/run scale count=4 region=fra"

    heard = maintainer(room, f"{line} {typed}")
    assert (heard.code, heard.facts) == ("unclear", ())
    assert (
        "`scale` is for `web`, and `api` is another service. If it is part of the reason, put that"
        in heard.say
    )
    assert f"behind `because`: `{line} because …`." in heard.say
    for fine in ("web", "web is slow", f"because {typed}", "slow"):
        assert asked(maintainer(Talk(settings=room.settings), f"{line} {fine}")).why


def test_an_action_is_written_down_with_all_that_will_be_done() -> None:
    room = talk()
    heard = maintainer(room, "/run RESTART the pool is stuck\nand nobody knows why")
    fact = asked(heard)
    assert fact == OperationAsked(
        op=fact.op,
        kind="action",
        name="restart",
        digest=fact.digest,
        why="the pool is stuck\nand nobody knows why",
        approval="environment",
        environment="production",
        expires=room.now + timedelta(minutes=30),
    )
    assert fact.op.startswith("action-")
    assert f"**Restart the app** (`{fact.op}`): `fly apps restart`." in heard.say
    assert "A reviewer of the environment `production` has to approve it." in heard.say
    assert f"An approval binds to `{fact.digest}`, which stands for all that is shown here." in heard.say
    assert "It starts by 14:31 UTC or not at all." in heard.say


def test_values_are_put_into_the_words_and_nowhere_else() -> None:
    heard = maintainer(talk(), '/run scale region="fra" COUNT=4 the queue is filling up')
    fact = asked(heard)
    assert fact.arguments == {"count": "4", "region": "fra"}
    assert (fact.service, fact.why) == ("web", "the queue is filling up")
    assert "`fly scale count 4 --region=fra`" in heard.say
    assert f"Somebody else has to approve it: `/approve {fact.op}`." in heard.say


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/run scale count=4", "`scale` needs `region`: one of `fra`, `iad`."),
        ("/run scale region=fra", "`scale` needs `count`: a word that matches `[0-9]{1,2}`."),
        (
            "/run scale count=400 region=fra",
            "`400` is not a value for `count`, which takes a word that matches",
        ),
        (
            "/run scale count=4 region=lhr",
            "`lhr` is not a value for `region`, which takes one of `fra`, `iad`.",
        ),
        ("/run scale count=4 region=FRA", "`FRA` is not a value for `region`"),
        ("/run scale count=-4 region=fra", "`-4` is not a value for `count`"),
        ("/run scale count=4;rm region=fra", "`4;rm` is not a value for `count`"),
        ("/run scale count=$(id) region=fra", "`$(id)` is not a value for `count`"),
        ("/run scale count=\uff14 region=fra", "is not a value for `count`"),
        ('/run scale count="4 5" region=fra', "`4 5` is not a value for `count`"),
        ("/run scale count=4 count=5 region=fra", "`count` is given twice"),
        (
            "/run scale count=4 size=9 region=fra",
            "`size` is not a parameter of `scale`; its parameters are `count`",
        ),
        ("/run restart now=yes", "`now` is not a parameter of `restart`; its parameters are none."),
        ("/run reboot", "`reboot` is not an action; this repository has `restart`, `scale`, `disable`."),
        ("/run ../x", "`../x` is not an action;"),
    ],
)
def test_what_is_not_accepted_is_named_with_what_would_be(text: str, told: str) -> None:
    heard = maintainer(talk(), text)
    assert told in heard.say
    assert heard.code == "malformed"


def test_an_action_has_its_own_least_role() -> None:
    heard = talk().says("/run restart")
    assert heard.code == "not-allowed"
    assert "`restart` needs `maintain` access" in heard.say
    assert asked(talk().says("/run disable flag=payments")).approval == "none"


@pytest.mark.parametrize(
    ("seen", "code", "told"),
    [
        (None, "missing", "did not say how the environment `production` is protected. Try again"),
        (EnvironmentSeen(exists=False), "settings", "`production` does not exist, so nobody could approve"),
        (
            EnvironmentSeen(exists=True),
            "settings",
            "has no required reviewers, so nobody would have to approve",
        ),
    ],
)
def test_an_approval_that_could_not_be_had_is_refused_with_the_fix(
    seen: EnvironmentSeen | None, code: str, told: str
) -> None:
    heard = maintainer(talk(seen), "/run restart")
    assert heard.code == code
    assert told in heard.say


def test_only_the_environment_of_an_action_that_asks_for_it_is_looked_up() -> None:
    room = talk()
    maintainer(room, "/run scale count=4 region=fra")
    maintainer(room, "/run")
    maintainer(room, "/run nothing")
    assert room.asked == []
    maintainer(room, "/run restart")
    assert [wants.environments for wants in room.asked] == [frozenset({"production"})]


def test_in_a_drill_it_is_a_dry_run_that_asks_nobody() -> None:
    room = talk(EnvironmentSeen(exists=False), kind="drill")
    heard = maintainer(room, "/run restart")
    assert (asked(heard).dry_run, asked(heard).approval) == (True, "none")
    assert "This is a drill, so this is a dry run: nothing is changed." in heard.say
    assert room.asked == []


def test_the_same_action_does_not_run_twice_at_once() -> None:
    room = talk()
    first = asked(maintainer(room, "/run restart"))
    heard = maintainer(room, "/run restart")
    assert heard.code == "state"
    assert f"`restart` is under way already (`{first.op}`). `/cancel {first.op}` calls it off." in heard.say
    room.add(
        "started", OperationStarted(op=first.op, run=9, url="https://github.com/acme/shop/actions/runs/9")
    )
    assert "[its run](https://github.com/acme/shop/actions/runs/9)" in maintainer(room, "/run restart").say
    assert asked(maintainer(room, "/run scale count=4 region=fra")).name == "scale"
    room.add("ended", OperationEnded(op=first.op, outcome="done"))
    assert asked(maintainer(room, "/run restart")).op != first.op


def test_a_command_that_was_heard_too_late_does_not_start() -> None:
    heard = maintainer(talk(), "/run scale count=4 region=fra", processed_after=timedelta(minutes=11))
    assert heard.code == "state"
    assert "asked for this 11 min ago, and it may only start within 10 min" in heard.say


def test_the_same_comment_is_the_same_operation() -> None:
    assert asked(maintainer(talk(), "/run restart")).op == asked(maintainer(talk(), "/run restart")).op


def test_flag_off_is_the_one_action_for_flags() -> None:
    heard = talk().says("/flag-off stripe-payments the provider is down")
    fact = asked(heard)
    assert (fact.name, fact.arguments, fact.why) == (
        "disable",
        {"flag": "stripe-payments"},
        "the provider is down",
    )
    assert "`npm run feature:disable -- --feature=stripe-payments`" in heard.say


def test_names_may_stand_in_backticks() -> None:
    assert asked(maintainer(talk(), "/run `Restart` it hangs")).name == "restart"
    assert asked(talk().says("/flag-off `stripe-payments`")).arguments == {"flag": "stripe-payments"}


@pytest.mark.parametrize("name", ["UPPER", "a;b", "x" * 41, "payments=on"])
def test_a_flags_name_is_held_to_the_actions_rule(name: str) -> None:
    assert "is not a value for `flag`" in talk().says(f"/flag-off {name}").say


def test_a_flag_is_named_once() -> None:
    heard = talk().says("/flag-off payments flag=search")
    assert "`flag` is given already" in heard.say


def test_without_a_flag_action_it_says_how_to_have_one() -> None:
    restart = {"restart": ACTIONS["restart"]}
    heard = talk(actions=restart).says("/flag-off payments")
    assert heard.code == "settings"
    assert "Add `flag: true`" in heard.say


def test_with_several_it_says_which_to_run() -> None:
    both = {"posthog": ACTIONS["disable"], "disable": ACTIONS["disable"]}
    heard = talk(actions=both).says("/flag-off payments")
    assert heard.code == "settings"
    assert "`/run posthog flag=…` or `/run disable flag=…`" in heard.say


def test_flag_off_asks_for_the_environment_of_its_action() -> None:
    guarded = {"disable": ACTIONS["disable"] | {"approval": "environment"}}
    room = talk(actions=guarded)
    assert asked(room.says("/flag-off payments")).approval == "environment"
    assert [wants.environments for wants in room.asked] == [frozenset({"production"})]


@pytest.mark.parametrize("text", ["--dry-run", "dry run", "noop please", "the queue is full\n(dry run)"])
def test_a_dry_run_of_an_action_shows_its_words_and_asks_nothing(text: str) -> None:
    room = talk()
    heard = maintainer(room, f"/run scale count=4 region=fra {text}")
    assert heard.facts == (Helped(),)
    assert heard.say.startswith("This is a dry run: nothing is changed. **")
    assert "4" in heard.say
    assert room.incident.production.operations == {}


def test_a_dry_run_of_turning_a_flag_off_asks_nothing_either() -> None:
    heard = maintainer(talk(), "/flag-off stripe-payments --dry-run")
    assert heard.facts == (Helped(),)
    assert "`npm run feature:disable -- --feature=stripe-payments`" in heard.say


SPELT = [
    "--dry-run",
    "-- dry-run",
    "dry run",
    "(dry-run)",
    "\ufe63\ufe63dry-run",
    "noop",
    "no-op",
    "simulate",
    "preview",
    "test only",
    "`--dry-run`",
    "--dryrun",
    "Trockenlauf",
]


@pytest.mark.parametrize("words", SPELT)
@pytest.mark.parametrize(
    "typed",
    [
        "/run {} restart",
        "/run {} of restart it hangs",
        "/run scale {} count=4 region=fra",
        "/run scale count=4 {} region=fra",
        "/run scale count=4 region=fra it hangs {}",
        "/run scale count=4 region=fra\nit hangs\n{}",
        "/run {} scale count=4 region=fra",
    ],
)
def test_a_dry_run_may_be_said_anywhere_around_an_action(words: str, typed: str) -> None:
    room = talk()
    heard = maintainer(room, typed.format(words))
    assert heard.facts == (Helped(),)
    assert heard.say.startswith("This is a dry run: nothing is changed.")
    assert room.incident.production.operations == {}


@pytest.mark.parametrize("words", SPELT)
def test_a_word_for_a_dry_run_in_front_of_a_flag_is_not_the_flag(words: str) -> None:
    room = talk()
    heard = maintainer(room, f"/flag-off {words} stripe-payments")
    assert heard.facts == (Helped(),) or heard.code
    assert room.incident.production.operations == {}


def test_a_flag_that_is_called_like_a_dry_run_is_asked_about() -> None:
    heard = talk().says("/flag-off preview")
    assert heard.code == "unclear"
    assert "`/run disable flag=preview` turns a flag of that name off" in heard.say
    assert asked(talk().says("/flag-off preview-checkout")).arguments == {"flag": "preview-checkout"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/flag-off --all", "`--all` is not an option here; there is `--dry-run`."),
        ("/flag-off \u2014force stripe", "is not an option here; there is `--dry-run`."),
        ("/flag-off stripe-payments?", "is a question, not an order"),
        ("/run restart?", "`restart?` is a question, not an order"),
        ("/run restart scale", "`scale` is an action, too, and a `/run` is of one."),
        ("/run restart, scale", "`/run restart because \u2026`"),
        ("/run scale 4", "Write `/run scale count=4 region=fra`."),
        ("/run scale count=", "`count` has no value. Its value follows the sign: `/run scale count=4"),
        ("/run scale count = 4", "Write `/run scale count=4 region=fra`."),
        ('/run scale "count=4"', "Write `/run scale count=4 region=fra`."),
        ("/run scale count=4 --dry-run count=5 region=fra", "`count` is given twice"),
        ("/flag-off --dry-run", "A word is missing."),
        ("/run reboot?", "`reboot?` is not an action"),
    ],
)
def test_what_is_no_action_or_no_flag_is_told_and_nothing_runs(text: str, told: str) -> None:
    room = talk()
    heard = maintainer(room, text)
    assert told in heard.say
    assert room.incident.production.operations == {}


def test_the_words_of_a_dry_run_alone_list_what_there_is() -> None:
    assert "| `/run restart` |" in maintainer(talk(), "/run --dry-run").say


@given(
    text=st.text(max_size=30),
    words=st.sampled_from(SPELT),
    typed=st.sampled_from(
        [
            "/run {w} restart {t}",
            "/run restart {w} {t}",
            "/run restart {t} {w}",
            "/run restart {t}\n{w}",
            "/flag-off {w} stripe {t}",
            "/flag-off stripe {w} {t}",
            "/flag-off stripe {t} {w}",
        ]
    ),
)
def test_no_spelling_of_a_dry_run_ever_runs_an_action(text: str, words: str, typed: str) -> None:
    room = talk()
    maintainer(room, typed.format(w=words, t=text))
    assert all(one.dry_run for one in room.incident.production.operations.values())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("/run restart --force", "malformed"),
        ("/run restart -f", "malformed"),
        ("/run restart staging", "unclear"),
        ("/run restart ?", "unclear"),
        ("/run restart not yet", "unclear"),
        ("/flag-off stripe-payments --now", "malformed"),
        ("/flag-off stripe-payments on staging", "unclear"),
    ],
)
def test_an_option_behind_an_action_does_not_become_its_reason(text: str, code: str) -> None:
    room = talk()
    heard = maintainer(room, text)
    assert heard.code == code
    assert room.incident.production.operations == {}
