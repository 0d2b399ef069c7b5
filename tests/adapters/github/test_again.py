"""Trying again: how often, after which waits, and what is looked at before a write is repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from allclear.adapters.github.again import BACKOFF, again, appears
from allclear.adapters.github.errors import GitHubError, InvalidError, NotFoundError, UnavailableError

DOWN = UnavailableError(502, "bad gateway")


class Script:
    """Answers one after the other; what is done and waited for stands in `log`."""

    def __init__(self, answers: Iterable[object], sights: Iterable[str | None] = ()) -> None:
        self.answers, self.sights = list(answers), list(sights)
        self.log: list[object] = []

    def pause(self, seconds: float) -> None:
        self.log.append(seconds)

    def do(self) -> str:
        self.log.append("do")
        answer = self.answers.pop(0)
        if isinstance(answer, GitHubError):
            raise answer
        return str(answer)

    def look(self) -> str | None:
        self.log.append("look")
        return self.sights.pop(0)


def test_what_goes_well_is_done_once() -> None:
    script = Script(["done"])
    assert again(script.pause, script.do, applied=script.look) == "done"
    assert script.log == ["do"]


def test_what_github_does_not_answer_is_done_three_times_at_most() -> None:
    script = Script([DOWN, DOWN, "done"])
    assert again(script.pause, script.do) == "done"
    assert script.log == ["do", BACKOFF[0], "do", BACKOFF[1], "do"]

    script = Script([DOWN, DOWN, DOWN, "too late"])
    with pytest.raises(UnavailableError):
        again(script.pause, script.do)
    assert script.log == ["do", BACKOFF[0], "do", BACKOFF[1], "do"]


def test_another_refusal_is_final() -> None:
    script = Script([NotFoundError(404, "no"), "done"])
    with pytest.raises(NotFoundError):
        again(script.pause, script.do)
    assert script.log == ["do"]


@pytest.mark.parametrize("kind", [InvalidError, NotFoundError])
def test_what_counts_as_not_there_yet_is_said_by_whoever_asks(kind: type[GitHubError]) -> None:
    script = Script([kind(422, "not yet"), "done"])
    assert again(script.pause, script.do, on=(InvalidError, NotFoundError), waits=(2.0,)) == "done"
    assert script.log == ["do", 2.0, "do"]


@pytest.mark.parametrize("failures", [1, 2, 3])
def test_a_write_is_looked_for_before_it_is_done_again_and_after_the_last_time(failures: int) -> None:
    script = Script([DOWN] * failures, [None] * (failures - 1) + ["there"])
    assert again(script.pause, script.do, applied=script.look) == "there"
    assert [one for one in script.log if isinstance(one, str)] == ["do", "look"] * failures


def test_a_write_that_is_nowhere_to_be_seen_has_failed() -> None:
    script = Script([DOWN] * 3, [None] * 3)
    with pytest.raises(UnavailableError):
        again(script.pause, script.do, applied=script.look)
    assert script.log == ["do", BACKOFF[0], "look", "do", BACKOFF[1], "look", "do", "look"]


def late(sights: list[int | None]) -> Callable[[], int | None]:
    return lambda: sights.pop(0)


def test_what_is_shown_late_is_waited_for() -> None:
    waited: list[float] = []
    assert appears(waited.append, late([None, 7, 8]), (5.0, 10.0, 15.0)) == 7
    assert waited == [5.0, 10.0]
    assert appears(waited.append, late([None, None, 9]), (1.0, 1.0)) is None
