"""What is due after the all-clear, and until when."""

from datetime import timedelta

from allclear.core.clock.deadlines import due
from allclear.core.record.life import Cleared, Resolved
from allclear.core.record.postmortem import PostmortemPublished
from allclear.core.record.progress import ActionAdded, ActionEnded, Ticked
from allclear.core.view.labels import asks_for_more
from stories import ADA, HOTDASH, NOON, Story
from written import small

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


def test_a_list_with_a_date_of_its_own_is_asked_for_after_the_publication_too() -> None:
    """003-13: the backport is due two days after the resolution, and a post-mortem may be quicker."""
    backport = {"opens": "resolved", "due": "2d", "steps": {"backport": "Backport to the main branch"}}
    book = small(lists={"backport": backport})
    story = Story(book).declare(severity="SEV1").tell(1, ADA, Resolved()).tell(2, ADA, Cleared())
    story.tell(1440, None, PostmortemPublished(at=NOON + timedelta(days=1)))
    assert [one.deadline.id for one in due(story.incident, book, LATE)] == ["backport-list"]
    assert asks_for_more(story.incident, book)

    story.tell(1500, ADA, Ticked(step="backport"))
    assert due(story.incident, book, LATE) == ()
    assert not asks_for_more(story.incident, book)


def test_an_action_item_with_a_date_has_the_sweep_look_after_the_close() -> None:
    story = cleared().tell(1440, None, PostmortemPublished(at=NOON + timedelta(days=1)))
    assert not asks_for_more(story.incident, HOTDASH)
    story.tell(1500, ADA, ActionAdded(number=1, due="2025-11-03", text="An alert"))
    assert asks_for_more(story.incident, HOTDASH)
    story.tell(1501, ADA, ActionEnded(number=1))
    assert not asks_for_more(story.incident, HOTDASH)
