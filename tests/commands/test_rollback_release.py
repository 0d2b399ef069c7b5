"""/rollback: which release runs, and how sure that is, by the state of the newest deployment."""

from __future__ import annotations

import dataclasses

from allclear.core.model.release import Release, Releases, State
from allclear.core.model.structs import replace
from allclear.core.record.audit import Helped
from allclear.core.record.production import OperationAsked
from commands.production import RUN_OF, A, B, C, deploy_run, production, release
from commands.room import CLAIRE, Talk
from golden_files import Golden

RUN = "https://github.com/acme/shop/actions/runs/7"


def newest(state: State, sha: str = C, **more: object) -> Release:
    """The newest deployment, in that state."""
    one = release(sha, 0.5, state=state, deployed=state == "success", log=RUN)
    return replace(one, **more)  # type: ignore[arg-type]  # fields by name


def talk_of(current: Release | None, *earlier: Release, **more: tuple[Release, ...]) -> Talk:
    return production(runs=Releases(current, earlier or (release(B, 20), release(A, 40)), **more))  # type: ignore[arg-type]  # lists of releases by name


def target(talk: Talk, text: str) -> tuple[str, bool]:
    """Where the rollback that `text` asks for goes, and whether it said to go on while deploying."""
    (fact,) = [one for one in talk.says(text, CLAIRE).facts if isinstance(one, OperationAsked)]
    return fact.target, fact.while_deploying


def test_a_deploy_that_failed_half_way_is_what_runs_and_is_named_with_its_state(golden: Golden) -> None:
    talk = talk_of(newest("failed"))
    heard = talk.says("/rollback", CLAIRE)
    golden("reply/rollback-half-way.md", heard.say)
    (asked,) = [one for one in heard.facts if isinstance(one, OperationAsked)]
    assert (asked.target, asked.before) == (B, C[:7])


def test_the_release_before_one_that_failed_half_way_is_not_what_runs() -> None:
    assert target(talk_of(newest("failed")), "/rollback web to bbbbbbb") == (B, False)


def test_what_failed_half_way_cannot_be_gone_back_to() -> None:
    heard = talk_of(newest("failed")).says("/rollback to ccccccc", CLAIRE)
    assert (heard.code, heard.say) == ("unknown-target", "`ccccccc` was never deployed successfully.")


def test_a_release_whose_second_deployment_failed_can_be_put_back_whole() -> None:
    for text in ("/rollback to ccccccc --with-migrations", "/rollback --with-migrations"):
        assert target(talk_of(newest("failed"), release(C, 20), release(B, 40)), text)[0] == C


def test_a_deployment_in_progress_would_overwrite_it_so_it_needs_a_word(golden: Golden) -> None:
    current = newest("in progress")
    talk = talk_of(current, deploying=(current,))
    heard = talk.says("/rollback", CLAIRE)
    assert heard.code == "deploying"
    golden("reply/rollback-deploying.md", heard.say)
    assert target(talk, "/rollback --while-deploying") == (B, True)


def test_one_in_progress_behind_what_runs_needs_the_word_and_is_told() -> None:
    talk = talk_of(release(C, 0.5), deploying=(newest("in progress", A),))
    assert talk.says("/rollback", CLAIRE).code == "deploying"
    said = talk.says("/rollback --while-deploying", CLAIRE).say
    assert f"**This would overwrite the rollback:**\n- [`aaaaaaa`]({RUN}) is being deployed" in said


def test_a_dry_run_shows_what_is_in_progress_and_needs_no_word() -> None:
    current = newest("in progress")
    heard = talk_of(current, deploying=(current,)).says("/rollback --dry-run", CLAIRE)
    assert heard.facts == (Helped(),)
    assert f"**its [deployment]({RUN}) is in progress**, since 13:30 UTC" in heard.say


def test_where_github_does_not_say_whether_it_began_people_are_asked_with_both_lines(golden: Golden) -> None:
    talk = talk_of(newest("unclear"))
    heard = talk.says("/rollback", CLAIRE)
    assert heard.code == "unclear"
    golden("reply/rollback-unclear.md", heard.say)
    assert talk.incident.production.operations == {}
    for line, goal in (("/rollback web to bbbbbbb", B), ("/rollback web to aaaaaaa", A)):
        assert line in heard.say
        assert target(talk_of(newest("unclear")), line)[0] == goal


def test_the_lines_to_type_repeat_what_was_asked_for() -> None:
    said = (
        talk_of(newest("unclear")).says("/rollback --with-migrations --while-deploying --dry-run", CLAIRE).say
    )
    assert "`/rollback web to aaaaaaa --dry-run --with-migrations --while-deploying`" in said


def test_a_reading_without_a_good_release_says_so() -> None:
    said = talk_of(newest("unclear"), release(B, 20)).says("/rollback", CLAIRE).say
    assert "- If it did not, `bbbbbbb` is running, and no release before it is known to be good." in said
    none = talk_of(newest("unclear"), newest("unclear", B)).says("/rollback", CLAIRE)
    assert none.code == "no-release"


def test_the_other_reading_may_be_a_deployment_that_failed_or_nothing_at_all() -> None:
    half = talk_of(newest("unclear"), newest("failed", B), release(C, 20), release(B, 40))
    said = half.says("/rollback", CLAIRE).say
    assert f"- If it did not, [`bbbbbbb`]({RUN}) may be running in part, and the last good" in said
    alone = talk_of(newest("unclear"), newest("unclear", C), newest("unclear", B, deployed=True))
    said = alone.says("/rollback", CLAIRE).say
    assert "- If none of them did, it is not known what is running, and no release before it" in said


def test_several_that_are_unclear_are_one_question() -> None:
    talk = talk_of(newest("unclear"), newest("unclear", "d" * 40), release(B, 20), release(A, 40))
    said = talk.says("/rollback", CLAIRE).say
    assert f"the deployments of [`ccccccc`]({RUN}) and [`ddddddd`]({RUN}) began." in said
    assert (
        "- If one of them began, that may be running in part, and the last good release before it is" in said
    )
    assert "- If none of them did, `bbbbbbb` is running" in said
    assert said.endswith("Look at the logs, and write the line that is right.")


def test_what_was_taken_down_can_be_named() -> None:
    talk = talk_of(release(B, 20), release(A, 40), gone=(release("d" * 40, 1, run=RUN_OF[A]),))
    talk.world = dataclasses.replace(talk.world, deploy_runs={RUN_OF[A]: deploy_run(A, sha="d" * 40)})
    assert target(talk, "/rollback to ddddddd --with-migrations")[0] == "d" * 40


def test_two_readings_with_one_goal_are_no_question() -> None:
    talk = talk_of(newest("unclear"), newest("failed", "d" * 40), release(B, 20), release(A, 40))
    heard = talk.says("/rollback", CLAIRE)
    assert f"**it is not known whether its [deployment]({RUN}) began**" in heard.say
    (asked,) = [one for one in heard.facts if isinstance(one, OperationAsked)]
    assert asked.target == B


def test_what_waits_for_approval_is_told_because_it_would_overwrite_the_rollback(golden: Golden) -> None:
    idle = (newest("waiting", "d" * 40), newest("not begun", "e" * 40, log=""))
    heard = talk_of(release(C, 0.5), idle=idle).says("/rollback", CLAIRE)
    golden("reply/rollback-waiting.md", heard.say)


def test_of_many_that_wait_the_first_are_named() -> None:
    idle = tuple(newest("waiting", f"{n:040d}") for n in range(9))
    said = talk_of(release(C, 0.5), idle=idle).says("/rollback", CLAIRE).say
    assert said.count("waits to be deployed") == 5
    assert "- and 4 more" in said


def test_what_only_waits_cannot_be_gone_back_to() -> None:
    idle = (newest("waiting", "d" * 40),)
    heard = talk_of(release(C, 0.5), idle=idle).says("/rollback to ddddddd", CLAIRE)
    assert heard.say == "`ddddddd` was never deployed successfully."


def test_where_the_deployments_cannot_be_told_apart_it_is_refused_with_the_way_out() -> None:
    runs = Releases(release(C, 0.5), (release(B, 20),), mixed="Nothing tells them apart. Do this.")
    heard = production(runs=runs).says("/rollback to bbbbbbb", CLAIRE)
    assert (heard.code, heard.say) == ("mixed", "Nothing tells them apart. Do this.")


def test_what_fails_without_times_and_links_is_told_all_the_same() -> None:
    bare = Release(C, "ccccccc", sha=C, deployed=False, state="failed")
    said = talk_of(bare).says("/rollback", CLAIRE).say
    assert "`ccccccc` (**its deployment began and did not succeed**) → " in said
    current = replace(bare, state="in progress")
    said = talk_of(current, deploying=(current,)).says("/rollback --while-deploying", CLAIRE).say
    assert "`ccccccc` (**its deployment is in progress**) → " in said
