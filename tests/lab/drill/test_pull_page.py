from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from allclear_lab.drill.moments import SeenComment, SeenPull, SeenReview, SeenStatus
from allclear_lab.drill.pull_page import pull_page

NOON = datetime(2025, 10, 19, 12, tzinfo=UTC)


def test_what_was_said_stands_in_the_order_in_which_it_was_said() -> None:
    talk = (
        SeenComment(7, "github-actions[bot]", True, "<!-- hidden -->\nOne to mend", NOON.replace(hour=13)),
    )
    reviews = (
        SeenReview("bob", "commented", "Is that all?", NOON),
        SeenReview("ann", "approved", "", NOON.replace(hour=14)),
    )
    checks = (SeenStatus("allclear/post-mortem", "success", "nothing | to mend"),)
    pull = SeenPull(2, "Post-mortem: *Down*", "Read it.", "merged", "b", ("max",), talk, reviews, checks)
    assert pull_page(pull, ZoneInfo("UTC")) == (
        "# Post-mortem: \\*Down\\* (#2)\n\nMerged, from the branch `b`.\n\n"
        "| Check | State | |\n|---|---|---|\n| `allclear/post-mortem` | success | nothing \\| to mend |\n\n"
        "---\n\nRead it.\n\n"
        "---\n\n**bob commented**, 2025-10-19 12:00 UTC\n\nIs that all?\n\n"
        "---\n\n**Allclear commented**, 2025-10-19 13:00 UTC\n\nOne to mend\n\n"
        "---\n\n**ann approved**, 2025-10-19 14:00 UTC\n"
    )


def test_without_checks_there_is_no_table() -> None:
    pull = SeenPull(2, "Down", "Read it.", "open", "b", ())
    assert (
        pull_page(pull, ZoneInfo("UTC")) == "# Down (#2)\n\nOpen, from the branch `b`.\n\n---\n\nRead it.\n"
    )
