"""What runs, as the deploy system says: what changed since somebody asked, and whether it worked."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from allclear.adapters.files.settings import read_provider
from allclear.core.model.authored import read_authored
from allclear.core.model.errors import UserError
from allclear.core.model.operation import Order
from allclear.core.model.release import Release, last_known_good
from allclear.core.model.structs import replace
from allclear.core.policy.provider import Listing, Provider
from allclear.core.production.choice import choose
from allclear.core.production.listing import ListedRelease, marked, read_rows, releases_of
from allclear.core.production.what_runs import (
    SILENT,
    STALE,
    UNASKED,
    Verdict,
    WhatRuns,
    changed_since,
    releases,
    verdict,
    what_runs,
)

ROOT = Path(__file__).resolve().parents[3]
FLY, HEROKU, KUBERNETES, VERCEL, SCRIPT = (
    read_provider(ROOT, name) for name in ("fly", "heroku", "kubernetes", "vercel", "script")
)
NAMED = {"name": "web", "app": "web", "namespace": "default"}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def image(word: str) -> str:
    return f"registry.fly.io/web:deployment-{word}"


def rows(provider: Provider, printed: str) -> tuple[ListedRelease, ...]:
    assert provider.list is not None
    return read_rows(provider.list, printed, NAMED)


def fly(*machines: tuple[int, str], said: tuple[tuple[int, str, str, int], ...]) -> WhatRuns:
    """Releases (version, state, image, minutes after noon), and the machines."""
    listed = [
        {
            "Version": version,
            "Status": state,
            "ImageRef": image(word),
            "CreatedAt": (NOON + timedelta(minutes=late)).isoformat(),
        }
        for version, state, word, late in said
    ]
    running = [
        {"id": str(n), "config": {"image": image(word), "metadata": {"fly_release_version": str(version)}}}
        for n, (version, word) in enumerate(machines)
    ]
    assert FLY.current is not None
    return what_runs(FLY, rows(FLY, json.dumps(listed)), read_rows(FLY.current, json.dumps(running), NAMED))


HALF = ((42, "failed", "C", -9), (41, "complete", "B", -60), (40, "complete", "A", -99))


def test_a_deploy_that_failed_half_way_is_what_has_to_be_undone() -> None:
    found = releases(FLY, fly((42, "C"), (41, "B"), said=HALF), NOON)
    assert found.current is not None
    assert found.current.name == "v42"
    good = last_known_good(found)
    assert good is not None
    assert good.name == "v41"


def test_a_deploy_that_failed_before_any_machine_had_it_is_not_what_runs() -> None:
    found = releases(FLY, fly((41, "B"), (41, "B"), said=HALF), NOON)
    assert found.current is not None
    assert found.current.name == "v41"
    good = last_known_good(found)
    assert good is not None
    assert good.name == "v40"


def test_a_machine_that_no_release_made_says_nothing() -> None:
    assert FLY.current is not None
    alone = [{"id": "1", "config": {"image": image("X"), "metadata": {}}}]
    both = [*alone, {"config": {"image": image("B"), "metadata": {"fly_release_version": "41"}}}]
    found = what_runs(FLY, (), read_rows(FLY.current, json.dumps(both), NAMED))
    assert found.names == "v41"


def test_what_runs_and_is_not_listed_is_told_all_the_same() -> None:
    found = releases(FLY, fly((39, "Z"), said=HALF), NOON)
    assert found.current == Release(image("Z"), "v39")
    assert [one.name for one in found.earlier] == ["v42", "v41", "v40"]
    none = releases(FLY, WhatRuns(rows(FLY, "[]"), ()), NOON)
    assert none.current is None


@pytest.mark.parametrize(
    ("machines", "found"),
    [
        (((44, "B"), (44, "B")), Verdict("yes")),
        # flyctl counts a machine as updated that went back to its old image: superfly/flyctl#4921.
        (((44, "B"), (42, "C"), (42, "C")), Verdict("no", "2 of 3 still run v42")),
        (((42, "C"),), Verdict("no", "v42 is what runs")),
        (((42, "C"), (40, "A")), Verdict("no", "v42 and v40 is what runs")),
        ((), Verdict("unknown", SILENT)),
    ],
)
def test_it_worked_when_every_machine_has_the_image(
    machines: tuple[tuple[int, str], ...], found: Verdict
) -> None:
    target = Release(image("B"), "v41")
    assert verdict(FLY, target, fly(*machines, said=HALF)) == found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (image("B"), f"{image('B')}@sha256:{'ab' * 32}", True),
        (image("B"), image("C"), False),
        (f"ghcr.io/a/b@sha256:{'ab' * 32}", f"ghcr.io/a/b@sha256:{'cd' * 32}", False),
        (f"ghcr.io/a/b@sha256:{'ab' * 32}", f"ghcr.io/a/b@sha256:{'ab' * 32}", True),
        (f"localhost:5000/b@sha256:{'ab' * 32}", f"localhost:5000/b@sha256:{'cd' * 32}", False),
        (f"localhost:5000/b@sha256:{'ab' * 32}", "localhost:5000/b:v1", False),
    ],
)
def test_an_image_is_the_same_with_and_without_its_digest(one: str, other: str, same: bool) -> None:
    assert FLY.alike(one, other) is same
    assert FLY.alike(other, one) is same


def test_an_address_of_vercel_is_the_same_with_and_without_its_scheme() -> None:
    assert VERCEL.alike("https://shop-6vd6bhoqt.vercel.app", "shop-6vd6bhoqt.vercel.app")
    assert not VERCEL.alike("https://shop-6vd6bhoqt.vercel.app", "shop-1a2b3c4d5.vercel.app")
    assert not VERCEL.alike("https://shop-6vd6bhoqt.vercel.app", "shop.example.com")


def heroku(*said: tuple[int, str, str, bool]) -> tuple[ListedRelease, ...]:
    return rows(
        HEROKU,
        json.dumps(
            [
                {
                    "version": version,
                    "status": state,
                    "description": words,
                    "current": current,
                    "created_at": (NOON + timedelta(minutes=version)).isoformat(),
                }
                for version, state, words, current in said
            ]
        ),
    )


OLD = ((41, "succeeded", "Deploy 1a2b3c4d", False), (40, "succeeded", "Deploy 0a1b2c3d", False))
BACK = (43, "succeeded", "Rollback to v41", True)
BROKEN = (42, "succeeded", "Deploy 2a2b3c4d", False)


def test_a_release_that_repeats_another_is_that_one() -> None:
    seen = what_runs(HEROKU, heroku(BACK, BROKEN, *OLD), None)
    assert verdict(HEROKU, Release("41", "v41"), seen) == Verdict("yes")
    assert verdict(HEROKU, Release("40", "v40"), seen) == Verdict("no", "v43 is what runs")


def test_a_release_phase_that_fails_leaves_the_old_one_running() -> None:
    failed = ((43, "failed", "Rollback to v41", False), (42, "succeeded", "Deploy 2a2b3c4d", True))
    seen = what_runs(HEROKU, heroku(*failed, *OLD), None)
    assert verdict(HEROKU, Release("41", "v41"), seen) == Verdict("no", "v42 is what runs")


def test_what_somebody_went_back_from_is_not_gone_back_to() -> None:
    """v43 repeats v41, so v42 is the broken one, and v41 itself is what runs."""
    found = releases(HEROKU, what_runs(HEROKU, heroku(BACK, BROKEN, *OLD), None), NOON)
    assert [(one.name, one.left) for one in found.earlier] == [("v42", True), ("v41", True), ("v40", False)]
    good = last_known_good(found)
    assert good is not None
    assert good.name == "v40"


def test_going_back_again_is_followed_to_where_it_began() -> None:
    twice = heroku(
        (45, "succeeded", "Rollback to v43", True),
        (44, "succeeded", "Deploy 9", False),
        (43, "succeeded", "Rollback to v41", False),
        BROKEN,
        *OLD,
    )
    found = releases(HEROKU, what_runs(HEROKU, twice, None), NOON)
    good = last_known_good(found)
    assert good is not None
    assert good.name == "v40"


def test_a_release_that_repeats_one_which_is_no_longer_listed_leaves_the_newer_ones() -> None:
    found = releases(HEROKU, what_runs(HEROKU, heroku(BACK, BROKEN, OLD[1]), None), NOON)
    assert [(one.name, one.left) for one in found.earlier] == [("v42", True), ("v40", False)]
    words = Listing(run=("ls",), release="name", origin="of")
    odd = [{"name": "b", "of": "gone"}, {"name": "a"}]
    rows = read_rows(words, json.dumps(odd))
    assert [one.left for one in releases_of(rows, marked(rows)).earlier] == [False]


REPLICA_SETS = (
    "web      5   2\nweb   3   <none>\nweb-2  9  <none>\nweb  1  <none>\napi  7  1,4\nweb   4  <none>\n"
)


def kubernetes(revision: str, since: str = "2026-03-02T11:00:00Z") -> WhatRuns:
    assert KUBERNETES.current is not None
    said = read_rows(KUBERNETES.current, f"{revision}  {since}\n", NAMED)
    return what_runs(KUBERNETES, rows(KUBERNETES, REPLICA_SETS), said)


def test_a_replica_set_remembers_the_revision_that_it_was() -> None:
    """`kubectl rollout undo --to-revision=2` makes 5 of it, and 2 is gone."""
    seen = kubernetes("5")
    assert verdict(KUBERNETES, Release("2", "2"), seen) == Verdict("yes")
    assert verdict(KUBERNETES, Release("3", "3"), seen) == Verdict("no", "5 is what runs")
    found = releases(KUBERNETES, seen, NOON)
    assert found.current is not None
    assert found.current.name == "5"
    assert [(one.name, one.left) for one in found.earlier] == [("4", True), ("3", True), ("1", False)]


def test_where_nobody_can_be_asked_the_newest_that_works_is_taken_and_nothing_is_verified() -> None:
    seen = what_runs(FLY, rows(FLY, "[]"), None)
    assert seen.running is None
    listed = fly(said=HALF).listed
    found = releases(FLY, WhatRuns(listed), NOON)
    assert found.current is not None
    assert found.current.name == "v41"
    assert verdict(FLY, Release(image("B"), "v41"), WhatRuns(listed)) == Verdict("unknown", UNASKED)
    assert (FLY.asked_what_runs, SCRIPT.asked_what_runs) == (FLY.current, SCRIPT.list)
    assert read_provider(ROOT, "command").asked_what_runs is None
    assert (FLY.tells_when, KUBERNETES.tells_when, SCRIPT.tells_when) == (True, True, False)


def test_what_is_not_up_does_not_run() -> None:
    current = {"run": ["machines"], "release": "version", "target": "image", "state": "state", "good": ["up"]}
    provider = replace(FLY, current=read_authored(Listing, current))
    printed = [
        {"version": "v42", "image": "c", "state": "up"},
        {"version": "v41", "image": "b", "state": "down"},
    ]
    said = read_rows(read_authored(Listing, current), json.dumps(printed))
    assert what_runs(provider, (), said).names == "v42"


def test_a_list_that_marks_what_runs_needs_no_other_command() -> None:
    seen = what_runs(SCRIPT, rows(SCRIPT, "c\nb *\na\n"), None)
    assert seen.names == "b"
    unmarked = what_runs(SCRIPT, rows(SCRIPT, "c\nb\n"), None)
    assert verdict(SCRIPT, Release("b", "b"), unmarked) == Verdict("unknown", SILENT)


ASKED = NOON
V42 = Release("42", "v42")
CHANGED: dict[str, tuple[WhatRuns, tuple[Release, ...], str]] = {
    "nothing": (fly((42, "C"), said=HALF), (), ""),
    "nothing, and it is what was to be undone": (
        fly((42, "C"), said=HALF),
        (Release(image("C"), "v42"),),
        "",
    ),
    "what ran before a deployment that failed": (
        fly((41, "B"), said=HALF),
        (Release("", "v42"), Release(image("B"), "v41")),
        "",
    ),
    "a release by others": (
        fly((43, "D"), said=((43, "complete", "D", 4), *HALF)),
        (),
        "v43 came at 12:04 UTC, after this was asked for at 12:00 UTC",
    ),
    "a failed release by others": (
        fly((42, "C"), said=((43, "failed", "D", 4), *HALF)),
        (),
        "v43 came at 12:04 UTC, after this was asked for at 12:00 UTC",
    ),
    "another one runs than was named": (
        fly((41, "B"), said=HALF),
        (Release("v42", "v42"),),
        "v41 is what runs now, and v42 was to be undone",
    ),
    "the one that was named runs in part": (
        fly((42, "C"), (41, "B"), said=HALF),
        (Release("v42", "v42"),),
        "",
    ),
    "nobody says what runs": (WhatRuns(), (V42,), ""),
    "a rollout that ended later": (
        kubernetes("5", "2026-03-02T12:00:30Z"),
        (),
        "5 came at 12:00 UTC, after this was asked for at 12:00 UTC",
    ),
    "no times at all": (kubernetes("5", "<none>"), (), ""),
}


@pytest.mark.parametrize(("seen", "undone", "said"), CHANGED.values(), ids=CHANGED)
def test_what_changed_since_it_was_asked_for_is_named(
    seen: WhatRuns, undone: tuple[Release, ...], said: str
) -> None:
    assert changed_since(ASKED, undone, seen, FLY) == said


@pytest.mark.parametrize(
    ("row", "busy"),
    [
        (ListedRelease(Release("43", "v43", at=NOON), under_way=True), True),
        (ListedRelease(Release("43", "v43"), under_way=True), True),
        (ListedRelease(Release("43", "v43", at=NOON)), False),
        # Nobody ended it: `flyctl releases` may say so for ever.
        (ListedRelease(Release("43", "v43", at=NOON - STALE), under_way=True), False),
    ],
)
def test_what_is_being_deployed_would_overwrite_a_rollback(row: ListedRelease, busy: bool) -> None:
    old = tuple(ListedRelease(Release(str(n), f"v{n}"), n == 42) for n in (42, 41))
    found = releases(HEROKU, WhatRuns((row, *old), (old[0].release,)), NOON + timedelta(minutes=1))
    assert [(one.name, one.state) for one in found.deploying] == ([("v43", "in progress")] if busy else [])
    order = Order(kind="rollback", service="web", release="v41")
    if not busy:
        assert choose(order, (), found, HEROKU).name == "v41"
        return
    with pytest.raises(UserError, match="is being deployed right now"):
        choose(order, (), found, HEROKU)
    go_on = replace(order, while_deploying=True)
    assert choose(go_on, (), found, HEROKU).name == "v41"


def test_what_runs_under_another_number_is_running_already() -> None:
    found = releases(HEROKU, what_runs(HEROKU, heroku(BACK, BROKEN, *OLD), None), NOON)
    with pytest.raises(UserError, match="`v41` is already running, as `v43`"):
        choose(Order(kind="rollback", service="web", release="v41"), (), found, HEROKU)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"same": "("}, "the part that is the `same` is not a regular expression"),
        ({"values": {"app": "its name"}, "optional": ["app"]}, "{app} is needed to go back"),
        ({"list": {"run": ["ls"], "origin_pattern": "("}}, "the origin_pattern is not a regular expression"),
        ({"list": {"run": ["ls"], "origin_pattern": "v1"}}, "the origin_pattern needs a group"),
        (
            {"current": {"run": ["ls"], "format": "lines", "pattern": "{nam} (?P<release>v1)"}},
            "{nam} is not a placeholder",
        ),
    ],
)
def test_a_provider_that_cannot_say_what_runs_is_refused_when_it_is_read(
    change: dict[str, Any], said: str
) -> None:
    one = {"title": "One", "pattern": "v[0-9]+", "rollback": ["go", "{target}", "{app}"]}
    with pytest.raises(ValueError, match=r"(?s).*") as refused:
        read_authored(Provider, one | {"values": {"app": "its name"}} | change)
    assert said in str(refused.value)
