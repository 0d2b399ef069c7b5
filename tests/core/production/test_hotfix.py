"""The words of a hotfix: they close, mention and refer to nothing, and skip no checks (000-A1, I7)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.commands import COMMANDS
from allclear.core.conversation.command import Policy
from allclear.core.model.snapshot import PullSeen
from allclear.core.model.structs import replace
from allclear.core.production import hotfix
from allclear.core.production.hotfix import (
    Hurdle,
    Obstacle,
    attempt,
    branch,
    harmless,
    incident_of,
    made_by_hand,
)
from allclear.core.record.entry import Recorded, decode, genesis
from allclear.core.record.incident import Hotfix, Incident, ProductionState, Stage
from allclear.core.record.production import HotfixClosed, HotfixMerged, HotfixOpened
from commands.room import DECLARED, Talk
from stories import BOB, HOTDASH, RENDERER, REPOSITORY, SETTINGS

# GitHub's own list and forms:
# https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
CLOSES = re.compile(
    r"\b(close[sd]?|fix(es|ed)?|resolve[sd]?)\b\W{0,9}(#\d|GH-\d|[\w.-]+/[\w.-]+#\d|https?://\S+/issues/\d)",
    re.IGNORECASE,
)
SKIPS = re.compile(r"\[(skip ci|ci skip|no ci|skip actions|actions skip)\]", re.IGNORECASE)
CALLS = re.compile(r"[@#]\w|\bGH-\d|https?:", re.IGNORECASE)

POLICY = Policy(SETTINGS, HOTDASH, COMMANDS, RENDERER)
BURNS = Incident(
    number=12,
    stage=Stage.OPEN,
    severity="P0",
    title="Down",
    production=ProductionState(hotfix=Hotfix(text="pool", pending=True)),
)


@pytest.mark.parametrize(
    "text",
    [
        "fixes #12",
        "Fix: #12",
        "it closes GH-12",
        "resolved acme/shop#12",
        "RESOLVES https://github.com/acme/shop/issues/12",
        "this fixes",
        "fixed  \n #12",
        "fi\u200bxes #12",
        "[skip ci] go",
        "[CI SKIP]",
        "ping @acme/ops and @ann",
        "&commat;ann",
    ],
)
def test_a_description_is_only_words(text: str) -> None:
    said = f"{harmless(text)} (refs #12)"
    assert not CLOSES.search(said)
    assert not SKIPS.search(said)
    assert not CALLS.search(harmless(text))
    assert "\n" not in said


PIECES = (
    *("fix", "es", "ed", "closes", "Resolve", "#12", "GH-12", "acme/shop#12", ":", " ", "\n", "[skip ci]"),
    *("https://github.com/acme/shop/issues/12", "@ann", "www.x.de", "\u2060", "\u00a0", "."),
)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_composition_of_words_becomes_a_keyword(text: str) -> None:
    said = hotfix.message(replace(BURNS, production=ProductionState(hotfix=Hotfix(text=text))))
    assert not CLOSES.search(said)
    assert not SKIPS.search(said)
    assert said.endswith(" (refs #12)")


def test_ordinary_words_stay_as_they_are() -> None:
    assert harmless("fix the pool size, close idle connections (a/b)") == (
        "fix the pool size, close idle connections (a/b)"
    )


def test_a_long_description_is_cut_in_the_title_and_whole_in_the_body() -> None:
    long = replace(BURNS, production=ProductionState(hotfix=Hotfix(text="word " * 60)))
    assert len(hotfix.title(long)) <= 140
    assert "word " * 50 in hotfix.body(long, branch(12), "main", "url", RENDERER)


def test_without_words_it_is_the_fix_of_the_incident() -> None:
    assert (
        hotfix.title(replace(BURNS, production=ProductionState(hotfix=Hotfix(text="\u200b"))))
        == "HOTFIX: fix the incident"
    )
    assert (
        hotfix.message(replace(BURNS, production=ProductionState(hotfix=None)))
        == "hotfix: fix the incident (refs #12)"
    )


def test_the_body_says_where_it_starts_and_closes_nothing() -> None:
    text = replace(BURNS, production=ProductionState(hotfix=Hotfix(text="fixes #12\n@ann", commit="a" * 40)))
    body = hotfix.body(
        text, "hotfix/incident-12", "release", "https://github.com/acme/shop/issues/12", RENDERER
    )
    assert body.startswith("Refs #12: **Down** (P0).")
    assert "The branch starts at `aaaaaaa`" in body
    assert "squash it into `release`" in body
    assert not CLOSES.search(body)
    assert "@ann" not in body
    assert "This is a drill" not in body
    assert "The branch starts at `main`" in hotfix.body(BURNS, branch(12), "main", "url", RENDERER)
    nothing = hotfix.body(
        replace(BURNS, production=ProductionState(hotfix=None)), branch(12), "main", "url", RENDERER
    )
    assert "> " not in nothing


def test_branches_are_named_by_the_incident_and_the_attempt() -> None:
    assert (branch(12), branch(12, 2)) == ("hotfix/incident-12", "hotfix/incident-12-2")
    assert incident_of(branch(12)) == incident_of(branch(12, 2)) == 12
    assert incident_of("main") is None
    talk = Talk()
    assert attempt(talk.incident) == 1
    talk.add("merged", HotfixMerged(at=DECLARED))
    assert attempt(talk.incident) == 2


def test_it_is_made_only_while_the_incident_is_open_and_wants_it() -> None:
    assert hotfix.wanted(BURNS)
    assert not hotfix.wanted(replace(BURNS, stage=Stage.CLOSED))
    assert not hotfix.wanted(replace(BURNS, production=ProductionState(hotfix=None)))
    assert not hotfix.wanted(replace(BURNS, production=ProductionState(hotfix=Hotfix(pull=3))))


def opening(opened: HotfixOpened, note: str | Hurdle = "", commit: str = "") -> str:
    """What the reply says that records where the hotfix is."""
    asked = replace(
        BURNS, production=ProductionState(hotfix=Hotfix(text="pool", pending=True, commit=commit))
    )
    first = Recorded(genesis(REPOSITORY.id, 12))
    reply = hotfix.record_opening(asked, first, opened, note, POLICY, REPOSITORY, DECLARED)
    block = decode(reply.body)
    assert block is not None
    assert [entry.prev for entry in block.entries] == [genesis(REPOSITORY.id, 12)]
    assert block.entries[0].facts == (opened,)
    return reply.body.split("\n", 1)[1].strip()


def test_the_reply_says_where_to_push_the_fix() -> None:
    told = opening(HotfixOpened(branch="hotfix/incident-12", base="main", url="https://x/3", pull=3))
    assert (
        "the branch `hotfix/incident-12` and [pull request #3](https://x/3). Push the fix to that branch:"
        in told
    )
    assert "git fetch origin && git switch hotfix/incident-12" in told
    assert "It merges into `main`, and that does not close the incident." in told


def test_a_branch_without_a_pull_request_says_what_kept_it() -> None:
    told = opening(HotfixOpened(branch="b", base="main", url="https://x/c"), "The token may not open any.")
    assert "the branch `b` and no pull request yet." in told
    assert told.endswith("The token may not open any. It is followed here as soon as it is there.")


RUNS = "c" * 40
UNMADE = HotfixOpened(branch="hotfix/incident-12", base="release", url="")


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("workflows", "a file in `.github/workflows` was changed since `ccccccc`, which runs in production,"),
        ("token", "be made (GitHub says: @\u2060ann no). The job `hotfix` needs `contents: write`;"),
        (
            "rule",
            "be made (GitHub says: @\u2060ann no). A rule for branches can forbid it (Settings",
        ),
    ],
)
def test_what_keeps_us_from_making_the_branch_is_told_with_the_lines_that_make_it(
    what: Obstacle, why: str
) -> None:
    said = "" if what == "workflows" else "@ann no"
    told = opening(UNMADE, Hurdle(what, said, "main"), RUNS)
    assert why in told
    assert "@ann" not in told
    assert (
        f"```\ngit fetch origin {RUNS}\ngit switch --create hotfix/incident-12 {RUNS}\n"
        "git push --set-upstream origin hotfix/incident-12\n```" in told
    )
    assert "Its pull request into `release` is opened by the next run that finds the branch" in told


@pytest.mark.parametrize("commit", ["", "v42; rm -rf /"])
def test_without_a_commit_the_lines_start_at_the_default_branch(commit: str) -> None:
    told = opening(UNMADE, Hurdle("workflows", "", "main; reboot"), commit)
    assert "git fetch origin 'main; reboot'\ngit switch --create hotfix/incident-12 FETCH_HEAD\n" in told
    assert "since the commit it starts from, and no workflow" in told
    assert "rm -rf" not in told


def test_a_base_that_is_none_and_a_commit_that_is_gone_are_told_with_the_setting() -> None:
    told = opening(UNMADE, Hurdle("base"), RUNS)
    assert "There is no branch `release` to merge the hotfix into." in told
    assert "```" not in told
    told = opening(UNMADE, Hurdle("commit", "Not Found", "main"), RUNS)
    assert "The commit `ccccccc`, which runs in production, is not in this repository (GitHub says" in told
    assert "`hotfix: { start: default-branch }`" in told


# -- one made by hand


def seen(number: int = 7, **more: Any) -> PullSeen:
    found = PullSeen(number, f"https://x/{number}", "hotfix/incident-12", "main", BOB)
    return replace(found, **more)


ENDED = {"merged": DECLARED + timedelta(hours=1), "closed": DECLARED + timedelta(hours=1)}


def numbers(*pulls: PullSeen, answered: tuple[str, ...] = (), incident: Incident = BURNS) -> list[int]:
    return [one.number for one in made_by_hand(incident, pulls, answered.__contains__)]


def test_pull_requests_from_the_incidents_branch_may_be_its_hotfix_and_open_ones_come_first() -> None:
    assert numbers(seen(7, **ENDED), seen(8), seen(9, branch="hotfix/incident-12-2"), seen(10, **ENDED)) == [
        9,
        8,
        10,
        7,
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"branch": "hotfix/incident-13"},
        {"branch": "fix"},
        {"fork": True},
        {"author": None},
        {"closed": DECLARED},
    ],
)
def test_no_other_pull_request_may_be_it(other: dict[str, Any]) -> None:
    assert numbers(seen(7, **other)) == []


def test_a_merge_that_is_in_the_record_and_one_of_an_earlier_interval_are_no_news() -> None:
    assert numbers(seen(7, **ENDED), answered=("hotfix-merged:7",)) == []
    again = replace(BURNS, opened=DECLARED + timedelta(hours=2))
    assert numbers(seen(7, **ENDED), incident=again) == []
    assert numbers(seen(7, **ENDED), incident=replace(BURNS, opened=DECLARED)) == [7]


def test_the_next_attempt_comes_after_every_branch_that_is_used_up() -> None:
    talk = Talk()
    talk.add("a", HotfixOpened(branch="hotfix/incident-12-4", base="main", url="u", pull=3))
    assert attempt(talk.incident) == 1
    talk.add("b", HotfixClosed(at=DECLARED))
    assert attempt(talk.incident) == 5
    talk.add("c", HotfixOpened(branch="hotfix/incident-12", base="main", url="u", pull=4))
    talk.add("d", HotfixMerged(at=DECLARED))
    assert attempt(talk.incident) == 5
    talk.add("e", HotfixOpened(branch="somebody's own", base="main", url="u"))
    talk.add("f", HotfixMerged(at=DECLARED))
    assert attempt(talk.incident) == 5
