"""What is due after the all-clear, and until when."""

from datetime import timedelta

from allclear.core.clock.deadlines import due
from allclear.core.record.life import Cleared, Resolved
from allclear.core.record.postmortem import PostmortemPublished
from allclear.core.record.progress import Ticked
from stories import ADA, HOTDASH, NOON, Story

LATE = NOON + timedelta(days=4)


def cleared() -> Story:
    return Story().declare().tell(1, ADA, Resolved()).tell(2, ADA, Cleared())


def asked(story: Story) -> set[str]:
    found = due(story.incident, HOTDASH, LATE)
    return {key.split("/")[0] for one in found for key in (one.key, *one.covers)}


def test_a_list_for_afterwards_is_asked_for_with_the_post_mortem() -> None:
    assert asked(cleared()) == {"review-reminder", "review-due", "after-list"}


def test_the_published_post_mortem_ends_the_asking_for_both() -> None:
    published = PostmortemPublished(at=NOON + timedelta(days=1))
    assert asked(cleared().tell(1440, None, published)) == set()


def test_a_list_that_is_done_is_asked_for_no_more() -> None:
    story = cleared()
    for step in ("post-mortem", "actions", "runbooks", "prevention", "debrief"):
        story.tell(3, ADA, Ticked(step=step))
    assert asked(story) == {"review-reminder", "review-due"}
