"""What the review says on GitHub."""

from allclear.core.postmortem.remarks import Remark
from allclear.core.postmortem.verdict import MOST_ROWS, verdict

PAGE = "https://github.com/acme/shop/blob/abc/reports/incidents/a%20b.md"


def test_what_holds_comes_first_and_each_line_is_a_link() -> None:
    found = verdict(
        [Remark(3, "hint", "About ada @ada", holds=False), Remark(7, "x", "Name one person.")], PAGE
    )
    assert (found.state, found.description) == ("failure", "1 to mend. Line 7: Name one person.")
    assert "https://github.com/acme/shop/blob/abc/reports/incidents/a%20b.md?plain=1#L7" in found.comment
    assert found.comment.index("Name one person") < found.comment.index("**Hints**")
    assert "@ada" not in found.comment


def test_without_anything_to_mend_the_status_is_green() -> None:
    found = verdict([], PAGE)
    assert (found.state, found.description) == ("success", "Nothing holds the publication.")
    assert "Hints" not in found.comment


def test_a_long_list_and_long_words_fit_into_what_github_takes() -> None:
    found = verdict([Remark(n, "x", "ä|" * 2000) for n in range(1, 500)], PAGE)
    assert len(found.description) <= 140
    assert len(found.comment) < 65_536
    assert f"{499 - MOST_ROWS} more" in found.comment
