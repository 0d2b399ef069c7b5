"""Facts about the issues of action items, on a record and on what a checkpoint keeps of it."""

from __future__ import annotations

import pytest

from allclear.core.model.asking import HistoryNeededError
from allclear.core.record.entry import Entry
from allclear.core.record.facts import Fact
from allclear.core.record.fold import fold
from allclear.core.record.incident import Incident
from allclear.core.record.lean import lean
from allclear.core.record.progress import ActionAdded, ActionEnded, ActionFiled, ActionReopened
from stories import ADA, HOTDASH, NOON, Story


def told(incident: Incident, *facts: Fact) -> Incident:
    entry = Entry(key="later", what="action", by=ADA, at=NOON, facts=facts)
    return fold(42, [entry], HOTDASH, onto=incident)


def test_an_item_has_an_issue_ends_and_is_open_again() -> None:
    story = Story().declare().tell(1, ADA, ActionAdded(number=1, text="x"), ActionFiled(number=1, issue=9))
    assert [one.issue for one in lean(story.incident).progress.actions] == [9]
    story.tell(2, ADA, ActionEnded(number=1, why="#9 was closed"))
    (item,) = story.incident.progress.actions
    assert (item.outcome, item.ended is not None, story.incident.progress.ended) == ("done", True, 1)
    story.tell(3, ADA, ActionReopened(number=1))
    (item,) = story.incident.progress.actions
    assert (item.outcome, item.why, item.ended, item.issue) == ("", "", None, 9)
    assert story.incident.progress.ended == 0


@pytest.mark.parametrize("fact", [ActionReopened(number=1), ActionFiled(number=1, issue=9)])
def test_what_the_checkpoint_does_not_keep_is_read(fact: Fact) -> None:
    story = Story().declare().tell(1, ADA, ActionAdded(number=1, text="x"), ActionEnded(number=1))
    with pytest.raises(HistoryNeededError):
        told(lean(story.incident), fact)
