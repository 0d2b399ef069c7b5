"""Which release a rollback goes back to, and which one people mean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from allclear.core.model.errors import UserError
from allclear.core.model.release import Good, Release, Releases, find, last_known_good
from allclear.core.model.structs import replace

A, B, C, D = (letter * 40 for letter in "abcd")


def release(sha: str, *, smoke: Good = "unknown", deployed: bool = True) -> Release:
    return Release(target=sha, name=sha[:7], sha=sha, smoke=smoke, deployed=deployed)


def runs(current: str | None, *earlier: Release) -> Releases:
    return Releases(current=release(current) if current else None, earlier=earlier)


@pytest.mark.parametrize(
    ("releases", "good"),
    [
        (runs(C, release(B), release(A)), B),
        (runs(C, release(B, smoke="bad"), release(A)), A),
        (runs(C, release(B, smoke="good"), release(A)), B),
        (runs(C, release(B, deployed=False), release(A)), A),
        (runs(C, release(B, smoke="bad"), release(A, deployed=False)), None),
        (runs(C), None),
        (runs(None, release(B), release(A)), None),
        # Gone back to A: what came after it was left, so only what lies before A is better known.
        (runs(A, release(B), release(A)), None),
        (runs(B, release(C), release(B), release(A)), A),
        (runs(B, release(C), release(B), release(D), release(B), release(A)), A),
        # What was bad the last time it ran is not good because it had run well before.
        (runs(C, release(B, smoke="bad"), release(A), release(B)), A),
        (runs(C, release(B, smoke="bad"), release(B)), None),
        # A deployment of the same commit that failed is no second coming.
        (runs(B, release(B, deployed=False), release(A)), A),
        (runs(B, release(A), release(B, deployed=False), release(D)), A),
    ],
)
def test_000_a10_the_last_known_good_release(releases: Releases, good: str | None) -> None:
    found = last_known_good(releases)
    assert (found.target if found else None) == good


def test_what_may_run_goes_down_to_the_newest_deployment_that_succeeded() -> None:
    failed, unclear = replace(release(C), state="failed"), replace(release(D), state="unclear")
    here = Releases(current=unclear, earlier=(failed, release(B), release(A)))
    assert [one.sha for one in here.may_run] == [D, C, B]
    assert [one.sha for one in runs(B, failed, release(A)).may_run] == [B]
    assert Releases(current=failed, earlier=(unclear,)).may_run == (failed, unclear)
    assert runs(None).may_run == ()


def test_what_touched_production_last_is_what_runs_what_came_in_its_second_and_what_was_taken_down() -> None:
    at = [datetime(2026, 3, 2, 12, minute, tzinfo=UTC) for minute in (1, 2, 3)]
    old, now, same, gone = (
        replace(release(sha), at=at[when]) for sha, when in ((A, 0), (B, 1), (C, 1), (D, 2))
    )
    assert Releases(now, (same, old), gone=(gone,)).newest == (now, same, gone)
    assert Releases(replace(now, at=None), (same, replace(old, at=None))).newest[1:] == ()
    assert Releases(now, (replace(old, at=None),)).newest == (now,)
    assert Releases(None, (old,), gone=(gone,)).newest == (gone,)


def test_what_an_incident_went_back_from_is_not_offered_again() -> None:
    there = runs(D, release(C), release(B), release(A))
    for avoided in ({C}, {C[:7]}):
        found = last_known_good(there, avoided)
        assert found is not None
        assert found.target == B


FOUR = Releases(
    current=Release("https://x.example", "v4", sha=D),
    earlier=(release(C), Release("img:3", "v3", sha=B), Release("img:3", "v2", sha=A), release(C)),
)


@pytest.mark.parametrize(
    ("word", "target"),
    [
        ("v4", "https://x.example"),
        ("V4", "https://x.example"),
        ("4", "https://x.example"),
        ("https://x.example", "https://x.example"),
        ("ccccccc", C),
        ("CCCCCCCCCC", C),
        (C, C),
        ("dddddddd", "https://x.example"),
        ("img:3", "img:3"),
        ("v2", "img:3"),
    ],
)
def test_a_release_is_found_by_name_target_or_the_beginning_of_its_commit(word: str, target: str) -> None:
    assert find(FOUR, word).target == target


def test_of_several_deployments_of_one_release_the_newest_is_meant() -> None:
    assert find(FOUR, "img:3").name == "v3"


@pytest.mark.parametrize("word", ["v9", "cccccc", "", "\uff563", "eeeeeee", "img:33", "ccccccc; rm", "-c"])
def test_what_never_ran_here_is_not_found_and_what_did_is_listed(word: str) -> None:
    with pytest.raises(UserError) as refused:
        find(FOUR, word)
    assert refused.value.code == "unknown-target"
    assert "There are `v4`, `ccccccc`, `v3`." in refused.value.message


def test_what_failed_to_deploy_is_not_listed() -> None:
    with pytest.raises(UserError, match="None ran here yet, as far as GitHub knows"):
        find(runs(None, release(B, deployed=False)), "v1")


def test_the_beginning_of_two_commits_is_not_enough() -> None:
    two = runs(A, release("1234567" + "0" * 33), release("1234567" + "1" * 33))
    with pytest.raises(UserError) as refused:
        find(two, "1234567")
    assert refused.value.code == "unknown-target"
    assert f"`{'1234567' + '0' * 33}`, `{'1234567' + '1' * 33}`" in refused.value.message
    assert find(two, "12345670").target == "1234567" + "0" * 33


def test_no_refusal_lists_more_than_people_read() -> None:
    many = runs(None, *(Release(f"t{n}", f"v{n}") for n in range(500)))
    with pytest.raises(UserError) as refused:
        find(many, "x")
    assert refused.value.message.count("`v") == 10
