"""What changed a service since somebody looked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from allclear.core.model.release import Release, Releases, State
from allclear.core.production.changes import changed_since

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def release(number: int, state: State = "success", name: str = "", after: int = 0) -> Release:
    at = NOON + timedelta(hours=number, minutes=after)
    return Release(name or f"v{number}", name or f"v{number}", at=at, state=state, id=number)


RUNS = Releases(release(3), (release(2), release(1)))


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (RUNS, ()),
        (replace(RUNS, idle=(release(4, "waiting"),)), ()),
        (replace(RUNS, earlier=(replace(release(2), smoke="bad"),)), ()),
        (Releases(release(4), (release(3), release(2))), ("`v3` was running, and now `v4` is",)),
        (
            Releases(release(4, "failed"), (release(3),)),
            ("`v3` was running, and now `v4` (not successful) is",),
        ),
        (
            Releases(release(4, name="v3"), (release(3), release(2))),
            ("`v3` was running, and now `v3` is",),
        ),
        (
            Releases(release(5, name="v3"), (release(4), release(3))),
            ("`v3` was running, and now `v3` is", "`v4` was deployed (successful)"),
        ),
        (
            Releases(None, RUNS.earlier),
            ("`v3` was running, and now a release that is not known is",),
        ),
        (replace(RUNS, gone=(release(4),)), ("`v4` was deployed (successful)",)),
        # The newest of several in a row was none after all, so that an older one is listed.
        (replace(RUNS, earlier=(release(2, "unclear"), release(1))), ()),
        (replace(RUNS, known=False), ("GitHub does not say what was deployed meanwhile",)),
        (replace(RUNS, mixed="?"), ("it cannot be told which deployments are the service's own",)),
    ],
)
def test_whatever_changed_what_runs_is_named(now: Releases, said: tuple[str, ...]) -> None:
    assert changed_since(RUNS, now) == said


def test_a_deployment_that_came_further_is_a_change() -> None:
    before = Releases(release(3, "in progress"), (release(2),))
    now = Releases(release(3, "success", after=5), (release(2),))
    assert changed_since(before, now) == ("the deployment of `v3` was in progress and is successful now",)


def test_what_was_not_known_before_is_known_to_have_changed() -> None:
    assert (
        changed_since(Releases(None, ()), RUNS)[0]
        == "a release that is not known was running, and now `v3` is"
    )
    assert changed_since(replace(RUNS, known=False), RUNS) != ()
    assert changed_since(replace(RUNS, mixed="?"), RUNS) != ()
    assert changed_since(Releases(None, ()), Releases(None, ())) == ()


def test_of_many_the_first_are_named() -> None:
    many = tuple(release(n, "failed") for n in range(20, 8, -1))
    said = changed_since(RUNS, Releases(release(30), (*many, release(3))))
    assert said[0] == "`v3` was running, and now `v30` is"
    assert (len(said), said[-1]) == (7, "7 more were deployed")
