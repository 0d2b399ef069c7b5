"""The reply that records where a post-mortem is."""

from __future__ import annotations

import pytest

from allclear.commands import COMMANDS
from allclear.core.conversation.command import Policy
from allclear.core.model.effects import Reply
from allclear.core.model.structs import replace
from allclear.core.postmortem.writeup import can_be_written, record_blocking, record_opening
from allclear.core.record.entry import decode
from allclear.core.record.facts import Fact
from allclear.core.record.life import Cleared, Declared, Dismissed, Reported
from allclear.core.record.postmortem import PostmortemAsked, PostmortemHeld, PostmortemOpened
from stories import ADA, HOTDASH, NOON, RENDERER, REPOSITORY, SETTINGS, Story

POLICY = Policy(SETTINGS, HOTDASH, COMMANDS, RENDERER)
PULL = PostmortemOpened(
    path="reports/incidents/down.md", branch="allclear/postmortem-42", url="https://github.com/p/5", pull=5
)
BRANCH = replace(PULL, pull=None, url="https://github.com/c")


def over(*facts: Fact) -> Story:
    story = Story().declare().notify().tell(150, ADA, Cleared(text="Rolled back"))
    return story.tell(151, None, *facts) if facts else story


def recorded(story: Story, opened: PostmortemOpened, note: str = "") -> Reply | None:
    return record_opening(story.incident, story.recorded, opened, note, POLICY, REPOSITORY, NOON)


def said(story: Story, opened: PostmortemOpened, note: str = "") -> str:
    reply = recorded(story, opened, note)
    assert reply is not None
    return reply.body.split("\n", 1)[1].strip()


@pytest.mark.parametrize(
    ("facts", "can"),
    [
        ((), False),
        ((Reported(title="Down"),), False),
        ((Reported(title="Down"), Dismissed(why="no")), False),
        ((Declared(severity="P0", title="Down", runbook="hotdash", runbook_hash="0"),), True),
    ],
    ids=["nothing", "a report", "dismissed", "an incident"],
)
def test_there_has_to_be_an_incident_to_write_about(facts: tuple[Fact, ...], can: bool) -> None:
    story = Story()
    for fact in facts:
        story.tell(0, ADA, fact)
    assert can_be_written(story.incident) is can


def test_a_pull_request_waits_for_its_review() -> None:
    assert said(over(), PULL) == (
        "✅ The post-mortem is ready for review: [pull request #5](https://github.com/p/5), "
        "`reports/incidents/down.md`."
    )


def test_where_no_pull_request_can_be_opened_the_branch_is_named_and_why() -> None:
    words = said(over(), BRANCH, "GitHub does not let the token open pull requests.")
    assert "is ready for review: [branch `allclear/postmortem-42`](https://github.com/c)" in words
    assert words.endswith("GitHub does not let the token open pull requests.")


def test_the_entry_follows_the_record() -> None:
    story = over()
    reply = recorded(story, PULL)
    assert reply is not None
    block = decode(reply.body)
    assert block is not None
    (entry,) = block.entries
    assert (block.repo, block.issue, reply.keys) == (REPOSITORY.id, 42, (entry.key,))
    assert (entry.prev, entry.hash) == (story.entries[-1].hash, entry.digest())
    assert (entry.key, entry.facts) == (f"postmortem:{len(story.entries)}", (PULL,))


def test_who_asked_for_it_anew_hears_that_it_is_up_to_date() -> None:
    assert "The post-mortem is up to date: " in said(over(PULL, PostmortemAsked()), PULL)


def test_nobody_is_told_what_the_record_says_already() -> None:
    assert recorded(over(PULL), PULL) is None


def test_a_file_in_the_place_of_the_folder_is_told_once_to_whoever_asked() -> None:
    story = over(PostmortemAsked())

    def blocked() -> Reply | None:
        return record_blocking(
            story.incident, story.entries, story.recorded, "reports/incidents", POLICY, REPOSITORY, NOON
        )

    reply = blocked()
    assert reply is not None
    assert "`reports/incidents` is a file" in reply.body
    assert "`reports/incidents.md`" in reply.body
    block = decode(reply.body)
    assert block is not None
    story.entries.extend(block.entries)
    assert blocked() is None
    story.tell(200, ADA, PostmortemAsked())
    assert blocked() is not None


def test_of_a_merged_one_that_is_held_it_says_so_where_the_record_brings_nothing_new() -> None:
    url = "https://github.com/hotdash/app/blob/main/reports/incidents/down.md"
    held = PostmortemHeld(pull=5, count=2, digest="0", url=url, line=3, text="x")
    text = said(over(PULL, held, PostmortemAsked()), PULL)
    assert "It was merged and is not published: 2 to mend, and nothing in the record is new." in text
    assert f"[Edit the file]({url.replace('/blob/', '/edit/')})" in text
    later = replace(PULL, pull=6, url="https://github.com/p/6")
    assert "not published" not in said(over(PULL, held, PostmortemAsked()), later)
    unread = replace(held, count=0)
    assert "not published" not in said(over(PULL, unread, PostmortemAsked()), PULL)
