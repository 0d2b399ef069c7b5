"""Talk is told from the issue and its comments alone, and never taken for what is not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from allclear.core.model.people import Person
from allclear.core.model.snapshot import Comment
from allclear.core.model.structs import replace
from allclear.core.plan.talk import only_talk
from allclear.core.record.panel_text import QUIET
from allclear.core.record.read_again import STRIDE
from allclear.core.record.seal import new_key
from core.issue_desk import BOT, EVE, IssueDesk, declared
from stories import ADA, BOB, CAT, ISSUE_URL, NOON, REPOSITORY

ROOT = Path(__file__).resolve().parents[3]
KEY = new_key(NOON.date(), bytes(range(32)))
OTHER_KEY = new_key(NOON.date(), bytes(32))


def shown(one: Comment) -> dict[str, Any]:
    """A comment as GitHub's API shows it."""
    return {
        "id": one.id,
        "user": {"id": one.author.id, "login": one.author.login} if one.author else None,
        "body": one.body,
        "created_at": f"{one.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "updated_at": f"{one.updated_at:%Y-%m-%dT%H:%M:%SZ}",
    }


@dataclass
class Seen:
    """What a run is given: changed at will by a test."""

    issue: dict[str, Any]
    comments: list[dict[str, Any]]
    given: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, desk: IssueDesk, comment: int) -> Seen:
        """The issue of a desk as the run of a comment reads it."""
        issue = {
            "number": 42,
            "title": desk.title,
            "body": desk.body or None,
            "state": desk.state,
            "labels": [{"name": name} for name in sorted(desk.labels)],
            "comments": len(desk.comments) + (desk.panel is not None),
            "repository_url": f"https://api.github.com/repos/{REPOSITORY.name}",
            "pinned_comment": shown(desk.panel) if desk.panel and desk.pinned else None,
        }
        return cls(
            issue,
            [shown(one) for one in ([desk.panel] if desk.panel else []) + desk.comments],
            {
                "repository": (REPOSITORY.id, REPOSITORY.name),
                "comment": comment,
                "now": desk.now,
                "keys": desk.key,
            },
        )

    @property
    def talk(self) -> bool:
        return only_talk(self.issue, self.comments, **self.given)

    @property
    def last(self) -> dict[str, Any]:
        return self.comments[-1]


def started(**more: object) -> IssueDesk:
    desk = declared(key=KEY, brief=True, **more)
    desk.says(BOB, "/ack")
    desk.run()
    return desk


def said(text: str = "any news?", who: Person | None = EVE) -> Seen:
    """What the run of a comment sees, on an incident with a command that has its answer."""
    desk = started()
    return Seen.of(desk, desk.says(who, text))


def test_a_question_on_an_incident_is_talk() -> None:
    assert said().talk


def test_so_is_the_question_of_somebody_whose_account_is_gone() -> None:
    desk = started()
    assert Seen.of(desk, desk.says(None, "and who was that?")).talk


ASKING = ("/note x", "\uff0fack", "Root cause: the pool", "**Fix** it", "> /ack", "`/ack`", "\u200b/ack")


@pytest.mark.parametrize("text", ASKING)
def test_what_may_be_a_command_or_a_form_is_none(text: str) -> None:
    assert not said(text).talk


def test_a_command_that_has_no_answer_yet_is_not_passed_over_for_the_talk_after_it() -> None:
    desk = started()
    desk.says(BOB, "/sev P0")
    assert not Seen.of(desk, desk.says(EVE, "any news?")).talk


def change(what: str, value: object) -> Callable[[Seen], object]:
    return lambda seen: seen.issue.__setitem__(what, value)


def edit_panel(old: str, new: str) -> Callable[[Seen], None]:
    def edit(seen: Seen) -> None:
        panel = seen.issue["pinned_comment"]
        assert old in panel["body"]
        panel["body"] = panel["body"].replace(old, new)

    return edit


def bot_says(text: str, *, edited: bool = False) -> Callable[[Seen], None]:
    def say(seen: Seen) -> None:
        stray = Comment(2000, BOT, text, NOON, NOON + timedelta(seconds=edited), ISSUE_URL)
        seen.comments.append(shown(stray))

    return say


DOUBTS: dict[str, Callable[[Seen], object]] = {
    "it has another title": change("title", "[INCIDENT P0] Checkout is down"),
    "it has another text": change("body", "more"),
    "a label was put on": change("labels", [{"name": "incident"}, {"name": "P1"}, {"name": "x"}]),
    "it is closed": change("state", "closed"),
    "it is a pull request": change("pull_request", {}),
    "it was moved": change("repository_url", "https://api.github.com/repos/else/where"),
    "a comment is not shown yet": change("comments", 99),
    "the panel is not pinned": change("pinned_comment", None),
    "a box was ticked": edit_panel("- [ ]", "- [x]"),
    "the panel is of another issue": edit_panel('"issue":42', '"issue":43'),
    "the end of the quiet was changed": edit_panel('"due":"2025', '"due":"2095'),
    "the panel has no such line": edit_panel(QUIET, "<!-- "),
    "the signature was changed": edit_panel('"sig":"', '"sig":"0'),
    "somebody else wrote the panel": lambda seen: seen.issue["pinned_comment"].update(user={"id": 4}),
    "something is due": lambda seen: seen.given.update(now=NOON + timedelta(days=1)),
    "what the panel holds is nested without end": edit_panel('{"packed":', "[" * 60_000 + '{"packed":'),
    "the key is another": lambda seen: seen.given.update(keys=OTHER_KEY),
    "the key is none": lambda seen: seen.given.update(keys="nonsense"),
    "the key has another form": lambda seen: seen.given.update(keys=KEY.replace("ac1-", "ac2-")),
    "there is no key": lambda seen: seen.given.update(keys=""),
    "the comment is not shown": lambda seen: seen.comments.pop(),
    "the comment is a command by now": lambda seen: seen.last.update(body="/ack"),
    "a reply was edited": lambda seen: seen.comments[-2].update(updated_at=seen.last["updated_at"]),
    "a reply is not known to the panel": lambda seen: seen.comments[-2].update(
        body=seen.comments[-2]["body"].replace('"hash":"', '"hash":"0')
    ),
    "the bot's account wrote an odd record": bot_says("<!-- allclear:entries {} -->"),
    "another issue joined": bot_says("text\n<!-- allclear:join {} -->"),
    "another workflow edited its words": bot_says("hello", edited=True),
    "a command was edited": lambda seen: next(one for one in seen.comments if one["body"] == "/ack").update(
        updated_at=seen.last["updated_at"]
    ),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_whatever_is_in_doubt_is_for_the_whole_pass(doubt: str) -> None:
    seen = said()
    assert seen.talk
    DOUBTS[doubt](seen)
    assert not seen.talk


def test_what_another_workflow_says_with_the_bots_account_is_talk() -> None:
    seen = said()
    bot_says("Thanks for your report!")(seen)
    assert seen.talk


def test_a_comment_that_was_there_when_a_later_one_had_its_answer_is_not_looked_at_again() -> None:
    desk = started()
    desk.says(EVE, "status: unknown")
    desk.later(2).says(BOB, "/note saw it")
    desk.run()
    assert Seen.of(desk, desk.says(EVE, "any news?")).talk


def test_a_command_that_github_showed_late_is_not_passed_over_for_the_answer_to_one_after_it() -> None:
    desk = started()
    desk.says(BOB, "/sev P0")
    desk.write(BOB, "/note saw it")
    late = desk.comments.pop(-2)
    desk.run()
    desk.comments.insert(-2, late)
    assert not Seen.of(desk, desk.says(EVE, "any news?")).talk


def test_talk_that_is_edited_into_other_talk_is_talk() -> None:
    seen = said()
    seen.last["updated_at"] = "2025-10-19T14:59:00Z"
    assert seen.talk


def test_with_fifty_new_comments_the_cursor_moves_on() -> None:
    desk = started()
    for _ in range(STRIDE):
        desk.write(EVE, "any news?")
    assert not Seen.of(desk, desk.write(EVE, "so?")).talk
    desk.run()
    assert Seen.of(desk, desk.write(EVE, "so?")).talk


def test_who_only_talks_for_an_hour_is_looked_after_by_the_whole_pass() -> None:
    """Nobody was asked whether this is forgotten, for somebody talked; but the panel does not know of it."""
    desk = started()
    for _ in range(8):
        desk.later(9).says(BOB, "still at it")
        desk.run()
    assert desk.panel is not None
    assert QUIET not in desk.panel.body
    desk.says(BOB, "/note saw it")
    desk.run()
    assert QUIET in desk.panel.body


WORDS = (
    "any news?",
    "it is #12 again",
    "see https://example.com/a/b?c=1",
    "since 14:05 and/or later",
    "thanks!",
    "no: nothing",
    "\u200b/ack",
    "> quoted\n\nyes",
    "the fix is out\n- [x] done",
)
COMMANDS = ("/note seen", "/flag security", "/sev P0", "/impact users=10 it is down", "/sevv", "/ack")


def deed(chance: Random, desk: IssueDesk) -> None:
    """Something that happens on an issue, of which nobody tells the run of the next comment."""
    match chance.randrange(12):
        case 0:
            desk.does(chance.choice([BOB, EVE]), "labeled", chance.choice(["P0", "area", "P2"]))
        case 1:
            desk.title = f"{desk.title} again"
        case 2:
            if desk.panel and "[ ]" in desk.panel.body:
                desk.ticks(BOB, "[ ]")
        case 3:
            place = chance.randrange(len(desk.comments))
            text = chance.choice(["/note changed", "never mind"])
            desk.comments[place] = replace(desk.comments[place], body=text, updated_at=desk.now)
        case 4:
            desk.comments.pop(chance.randrange(len(desk.comments)))
        case 5:
            desk.says(chance.choice([BOB, CAT, EVE]), chance.choice(COMMANDS))
        case 6:
            desk.says(BOT, chance.choice(["Hello!", desk.comments[0].body]))
        case 7:
            desk.does(BOB, "closed")
        case _:
            pass


@pytest.mark.parametrize("seed", range(12))
def test_where_it_is_talk_the_whole_pass_has_nothing_to_do(seed: int) -> None:
    chance = Random(seed)
    desk = started() if seed % 3 else declared(key=KEY, brief=True)
    talks = 0
    for _ in range(25):
        if chance.random() < 0.3:
            deed(chance, desk)
        desk.later(chance.choice([0, 0, 1, 1, 2, 7]))
        who = chance.choice([ADA, BOB, CAT, EVE, None])
        comment = desk.says(who, chance.choice(WORDS if chance.random() < 0.7 else COMMANDS))
        if Seen.of(desk, comment).talk:
            talks += 1
            decided = desk.plan()
            assert (decided.effects, decided.answers, decided.waiting) == ((), (), ())
            told = {decided.postmortem, decided.hotfix, decided.happened, decided.look_back}
            assert told == {False, None}
        desk.run()
    assert talks


def test_the_runs_of_talk_are_seen_to_be_many() -> None:
    desk = started()
    assert all(Seen.of(desk, desk.write(EVE, text)).talk for text in WORDS[:5])


def test_it_takes_the_standard_library_only() -> None:
    program = "import allclear.core.plan.talk, sys; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT / "scripts", capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    foreign = {"msgspec", "pydantic", "yaml", "markdown_it"}
    assert {name.partition(".")[0] for name in loaded} & foreign == set()
    assert [name for name in loaded if name.startswith("allclear.core.")] == [
        "allclear.core.conversation",
        "allclear.core.conversation.plain_talk",
        "allclear.core.plan",
        "allclear.core.plan.talk",
        "allclear.core.record",
        "allclear.core.record.checkpoint_words",
        "allclear.core.record.panel_text",
        "allclear.core.record.read_again",
    ]
