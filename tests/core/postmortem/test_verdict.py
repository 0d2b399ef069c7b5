"""What the review says on GitHub."""

import pytest

from allclear.core.model.people import Person
from allclear.core.postmortem.remarks import APPROVAL, Remark
from allclear.core.postmortem.review_state import review_state
from allclear.core.postmortem.verdict import MOST_ROWS, ReviewedFile, listed, verdict
from allclear.core.record.postmortem_state import ReviewOverride, ReviewState
from stories import NOON

PAGE = "https://github.com/acme/shop/blob/abc/reports/incidents/a%20b.md"
PATH = "reports/incidents/a b.md"
MIA = Person(id=9, login="mia")


def file(*found: Remark, path: str = PATH, override: ReviewOverride | None = None) -> ReviewedFile:
    return ReviewedFile(path, PAGE, found, override)


def test_what_holds_comes_first_and_each_line_is_a_link() -> None:
    found = verdict(
        [file(Remark(3, "hint", "About ada @ada", holds=False), Remark(7, "x", "Name one person."))]
    )
    assert (found.state, found.description) == ("failure", "1 to mend. Line 7: Name one person.")
    assert "https://github.com/acme/shop/blob/abc/reports/incidents/a%20b.md?plain=1#L7" in found.comment
    assert found.comment.index("Name one person") < found.comment.index("**Hints**")
    assert "@ada" not in found.comment


def test_without_anything_to_mend_the_status_is_green() -> None:
    found = verdict([file()])
    assert (found.state, found.description) == ("success", "Nothing holds the publication.")
    assert "Hints" not in found.comment


def test_a_long_list_and_long_words_fit_into_what_github_takes() -> None:
    long = [Remark(n, "x", "ä|" * 2000) for n in range(1, 500)]
    found = verdict([file(*long)])
    assert len(found.description) <= 140
    assert len(found.comment) < 65_536
    assert f"{499 - MOST_ROWS} more" in found.comment
    assert len(verdict([file(*long)] * 5).comment) < 65_536


def test_several_post_mortems_are_told_apart_and_one_that_is_held_holds_the_status() -> None:
    found = verdict([file(), file(Remark(7, "x", "Name one."), path="reports/incidents/`@b`.md")])
    assert (found.state, found.description) == ("failure", "1 to mend. Line 7: Name one.")
    assert "#### `reports/incidents/a b.md`" in found.comment
    assert found.comment.index("a b.md`") < found.comment.index("Name one.")
    assert "`@b`" not in found.comment


def test_what_was_overridden_is_green_and_says_who_and_why() -> None:
    why = ReviewOverride(NOON, MIA, "@ann does not know <b>")
    found = verdict([file(Remark(7, "x", "Name one."), override=why)])
    assert found.state == "success"
    assert found.description.startswith("1 to mend, overridden by mia: @\u2060ann does not know")
    assert "What is to mend was overridden by mia: @\u2060ann does not know \\<b" in found.comment
    assert "Name one." in found.comment
    assert "overridden" not in verdict([file(override=why)]).comment


def test_an_override_of_somebody_who_is_gone_is_nobodys() -> None:
    found = verdict([file(Remark(7, "x", "Name one."), override=ReviewOverride(NOON, None, "late"))])
    assert found.description == "1 to mend, overridden by somebody who is gone: late"


def test_one_that_only_waits_for_its_reviewers_is_pending() -> None:
    waits = Remark(1, APPROVAL, "0 of 1 approvals.")
    found = verdict([file(waits)])
    assert (found.state, found.description) == ("pending", "In review: 0 of 1 approvals.")
    assert "### This post-mortem is in review" in found.comment
    assert "\n0 of 1 approvals.\n" in found.comment
    assert "| Line |" not in found.comment


def test_what_is_to_write_comes_before_the_approvals_which_are_about_no_line() -> None:
    waits, names = Remark(1, APPROVAL, "0 of 1 approvals."), Remark(7, "x", "Name one.")
    for found in (verdict([file(waits, names)]), verdict([file(waits), file(names)])):
        assert (found.state, found.description) == ("failure", "2 to mend. Line 7: Name one.")
    rows = verdict([file(waits, names)]).comment
    assert "| Name one. |\n\n0 of 1 approvals.\n" in rows
    url = "https://github.example/a"
    assert list(listed([waits, names], url)) == [
        f"- [Line 7]({url}?plain=1#L7): Name one.",
        "- 0 of 1 approvals.",
    ]


@pytest.mark.parametrize(
    ("found", "approved", "published", "state"),
    [
        ((Remark(1, "x", "Mend."),), True, False, "draft"),
        ((Remark(1, "x", "Mend.", holds=False),), False, False, "in review"),
        ((Remark(1, APPROVAL, "0 of 1"),), False, False, "in review"),
        ((Remark(1, APPROVAL, "ada asked for changes"),), True, False, "in review"),
        ((), False, False, "in review"),
        ((), True, False, "approved"),
        ((Remark(1, "x", "Mend."),), False, True, "published"),
    ],
)
def test_how_far_a_review_is(
    found: tuple[Remark, ...], approved: bool, published: bool, state: ReviewState
) -> None:
    assert review_state(found, approved=approved, published=published) == state


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "`severity` is P2 here. `/postmortem`, and so on",
            "`severity` is P2 here. `/postmortem`, and so on",
        ),
        ("say `a|b` here", "say \\`a\\|b\\` here"),
        ("one ` alone, *b*", "one \\` alone, \\*b\\*"),
        ("`<b>` and <b>", "`<b>` and \\<b\\>"),
        ("`a` `b`", "`a` `b`"),
    ],
)
def test_what_a_remark_has_in_backticks_is_code(text: str, shown: str) -> None:
    (line,) = listed([Remark(7, "x", text)], PAGE)
    assert line == f"- [Line 7]({PAGE}?plain=1#L7): {shown}"
    assert f"| {shown} |" in verdict([file(Remark(7, "x", text))]).comment


def test_nobody_is_mentioned_from_between_backticks() -> None:
    (line,) = listed([Remark(7, "x", "`@ada` and @bob, ` @cat `")], PAGE)
    assert "`@ada` and @\u2060bob, `@cat`" in line


STATES: tuple[ReviewState, ...] = ("approved", "draft")


def test_how_far_a_pull_request_is_is_how_far_the_least_of_its_post_mortems_is() -> None:
    said = verdict(
        [ReviewedFile(PATH, PAGE, (), state="approved"), ReviewedFile(PATH, PAGE, (), state="draft")]
    )
    assert said.review == "draft"
    assert verdict([ReviewedFile(PATH, PAGE, ())]).review is None


def test_what_is_published_holds_nothing_whatever_is_found_at_its_commit() -> None:
    held = (Remark(3, "x", "Write it."),)
    said = verdict([ReviewedFile(PATH, PAGE, held, state="published")])
    assert (said.state, said.description, said.review) == (
        "success",
        "The post-mortem is published.",
        "published",
    )
    assert "### This post-mortem is published" in said.comment
    assert "What was to mend at this commit was mended on the default branch." in said.comment
    given = ReviewOverride(NOON, MIA, "not told")
    said = verdict([ReviewedFile(PATH, PAGE, held, given, "published")])
    assert said.description == "1 to mend, overridden by mia: not told"
    assert "| [3](" in said.comment
