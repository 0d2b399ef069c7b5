"""What an approval binds to: whatever decides what is done and undone changes the digest, and is told."""

from __future__ import annotations

import re
from typing import Any

import pytest
from msgspec.structs import fields

from allclear.core.model.authored import read_authored
from allclear.core.model.operation import Operation, Order
from allclear.core.model.release import Change, Comparison, Release
from allclear.core.model.stored import fields_of
from allclear.core.model.structs import replace
from allclear.core.policy.service import Action, Service
from allclear.core.policy.settings import Settings
from allclear.core.production.binding import (
    Bound,
    bound_action,
    bound_rollback,
    changes,
    ordered,
    range_of,
)
from allclear.core.production.request import Request
from allclear.core.production.rollback import Aim
from commands.production import PROVIDERS, RUNS, A, B, C, release
from commands.room import DECLARED
from stories import ADA

GLOBS = ("**/migrations/**",)
BETWEEN = Comparison(commits=(Change(C, "bob", "Sell more"),), paths=("app.py",), total=1)
D = "d" * 40
LATER = Comparison(
    commits=(Change(C, "bob", "Sell more"), Change(D, "eve", "Mend it")),
    paths=("app.py", "db/migrations/43.sql"),
    total=2,
)


def service(**more: Any) -> Service:
    said = {"provider": "deploy-workflow", "values": {"workflow": "deploy.yml"}} | more
    return read_authored(Settings, {"services": {"web": said}}).services["web"]


def aimed(provider: str = "deploy-workflow", current: Release | None = None, **more: Any) -> Aim:
    now = current or release(C, 1)
    return Aim("web", service(**more), PROVIDERS[provider], release(B, 20), now)


def bound(aim: Aim | None = None, compared: Comparison | None = BETWEEN, **more: Any) -> Bound:
    dry_run = more.pop("dry_run", False)
    return bound_rollback(aim or aimed(), compared, Request("web", **more), dry_run=dry_run)


def operation(of: Bound) -> Operation:
    return Operation(id="rollback-7f3a2c1d", asked=DECLARED, by=ADA, **fields_of(Order, ordered(of)))


def test_the_same_is_the_same_and_short_enough_to_compare() -> None:
    assert bound().digest == bound().digest
    assert re.fullmatch("[0-9a-f]{12}", bound().digest)


@pytest.mark.parametrize("field", [one.name for one in fields(Bound)])
def test_each_part_of_it_decides(field: str) -> None:
    value = getattr(bound(), field)
    other: Any = (
        not value if isinstance(value, bool) else (("x",) if isinstance(value, tuple) else f"{value}x")
    )
    assert replace(bound(), **{field: other}).digest != bound().digest


OTHERS: dict[str, Bound] = {
    "another commit runs": bound(aimed(current=release(D, 0.1)), LATER),
    "another provider": bound(aimed("kubernetes")),
    "another value": bound(aimed(values={"workflow": "other.yml"})),
    "another environment": bound(aimed(environment="eu")),
    "deployed again": bound(aimed(current=replace(release(C, 1), id=8))),
    "one that came and went": bound(replace(aimed(), touched=(replace(release(D, 0.5), id=9),))),
    "a deploy that ended": bound(aimed(current=replace(release(C, 1), id=8, state="failed"))),
    "a commit more": bound(compared=LATER),
    "a cut list": bound(compared=replace(BETWEEN, complete=False)),
    "a longer history": bound(compared=replace(BETWEEN, total=260)),
    "nothing known": bound(compared=None),
    "with migrations": bound(with_migrations=True),
    "while deploying": bound(while_deploying=True),
    "a dry run": bound(dry_run=True),
    "only a word": bound(replace(aimed(), release=None, word="v41")),
    "no current": bound(replace(aimed(), current=None)),
}


@pytest.mark.parametrize("case", OTHERS)
def test_whatever_would_be_done_otherwise_has_another_digest(case: str) -> None:
    assert OTHERS[case].digest != bound().digest
    assert len({one.digest for one in OTHERS.values()}) == len(OTHERS)


def test_what_people_call_a_provider_does_not_matter() -> None:
    renamed = replace(aimed(), provider=replace(PROVIDERS["deploy-workflow"], title="x", item="y"))
    assert bound(renamed).digest == bound().digest


def test_an_order_says_what_is_bound() -> None:
    order = ordered(bound(with_migrations=True))
    assert (order.target, order.release, order.before) == (B, B[:7], C[:7])
    assert (order.with_migrations, order.undoes) == (True, f"{B}...{C}")
    assert order.digest == bound(with_migrations=True).digest


def action(**more: Any) -> Action:
    said = {"title": "More", "run": ["scale", "{count}"], "parameters": {"count": {"pattern": "[0-9]"}}}
    return read_authored(Settings, {"actions": {"scale": said | more}}).actions["scale"]


def test_an_action_binds_to_the_words_that_will_run() -> None:
    first = bound_action("scale", action(), {"count": "4"}, dry_run=False)
    assert ordered(first).arguments == {"count": "4"}
    digests = {
        first.digest,
        bound_action("scale", action(), {"count": "5"}, dry_run=False).digest,
        bound_action("scale", action(run=["scale", "down", "{count}"]), {"count": "4"}, dry_run=False).digest,
        bound_action("scale", action(env=["TOKEN"]), {"count": "4"}, dry_run=False).digest,
        bound_action("more", action(), {"count": "4"}, dry_run=False).digest,
        bound_action("scale", action(), {"count": "4"}, dry_run=True).digest,
    }
    assert len(digests) == 6
    again = bound_action("scale", action(title="Bigger"), {"count": "4"}, dry_run=False)
    assert again.digest == first.digest


CHANGED: dict[str, tuple[Bound, Comparison | None, str]] = {
    "a fix with a migration was deployed": (
        bound(aimed(current=release(D, 0.1)), LATER),
        BETWEEN,
        "what runs: ccccccc → ddddddd; commits added: ddddddd; migrations added: db/migrations/43.sql",
    ),
    "what ran is not known any more": (
        bound(aimed(current=release(D, 0.1)), LATER),
        Comparison(known=False),
        "what runs: ccccccc → ddddddd",
    ),
    "a commit less": (
        replace(bound(aimed(current=release(D, 0.1)), BETWEEN), before=C[:7]),
        LATER,
        "commits no longer undone: ddddddd; migrations no longer undone: db/migrations/43.sql",
    ),
    "another target": (
        bound(replace(aimed(), release=release(A, 40))),
        None,
        "goes back to: bbbbbbb → aaaaaaa",
    ),
    "it was deployed again": (
        bound(aimed(current=replace(release(C, 1), id=8, state="failed"))),
        None,
        "the deployment of ccccccc: not known → 8 (failed)",
    ),
    "migrations may stay": (bound(with_migrations=True), None, "whether migrations may lie in between"),
    "a deployment may be under way": (
        bound(while_deploying=True),
        None,
        "whether a deployment may be under way",
    ),
    "the settings": (
        bound(aimed(values={"workflow": "x.yml"})),
        None,
        "what the settings say of how it is done",
    ),
    "another action": (
        replace(bound(), name="scale"),
        None,
        "which action, or with which values",
    ),
    "nothing is known to run": (
        bound(replace(aimed(), current=None), None),
        None,
        "what runs: ccccccc → not known",
    ),
}


@pytest.mark.parametrize("case", CHANGED)
def test_what_changed_is_told_old_and_new(case: str) -> None:
    now, earlier, said = CHANGED[case]
    assert changes(operation(bound()), now, earlier, GLOBS) == said


def test_what_came_meanwhile_is_another_digest_and_told_although_the_same_deployment_runs() -> None:
    """Deployed and taken down again, or deployed within the second of what runs: seen by its time alone."""
    before = replace(RUNS, current=replace(release(C, 0.5), id=7), gone=(replace(release(D, 0.4), id=8),))
    first = bound(replace(aimed(current=before.current), touched=before.newest))
    late = [replace(release(sha, -after), id=id_) for sha, after, id_ in ((A, 1, 9), (B, 2, 10), (B, 3, 11))]
    now = replace(before, gone=(*reversed(late), *before.gone))
    told = changes(
        operation(first), bound(replace(aimed(current=now.current), touched=now.newest)), None, GLOBS, now
    )
    assert told == "deployed meanwhile and taken down again: bbbbbbb, aaaaaaa"
    again = replace(before, current=replace(release(C, -1), id=7), earlier=(replace(release(A, -1), id=9),))
    other = bound(replace(aimed(current=again.current), touched=again.newest))
    assert len({first.digest, other.digest}) == 2
    assert changes(operation(first), other, None, GLOBS, again) == "deployed meanwhile: ccccccc, aaaaaaa"
    # Nothing came, so it is something else.
    elsewhere = bound(replace(aimed(current=before.current, environment="eu"), touched=before.newest))
    said = changes(operation(first), elsewhere, None, GLOBS, before)
    assert said == "what the settings say of how it is done"


def test_what_is_numbered_by_the_deploy_system_alone_touched_nothing_at_github() -> None:
    aim = aimed(current=replace(release(C, 1), id=0))
    assert bound(replace(aim, touched=(release(C, 1),))).touched == ()


def test_a_long_list_is_cut() -> None:
    many = tuple(Change(f"{n:040x}", "bob", "x") for n in range(9))
    now = bound(aimed(current=release(D, 0.1)), Comparison(commits=many, total=9))
    told = changes(operation(bound()), now, Comparison(), GLOBS)
    assert "commits added: 0000000, 0000000, 0000000, 0000000, 0000000 and 4 more" in told


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{A}...{B}", (A, B)),
        ("", None),
        (f"{A}...main", None),
        (f"{A}..{B}", None),
        (f"{A}...{B}/../x", None),
    ],
)
def test_only_two_whole_commits_are_a_range(text: str, found: tuple[str, str] | None) -> None:
    assert range_of(text) == found
