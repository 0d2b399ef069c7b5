"""What the review of a post-mortem says on GitHub: a status on the commit, a comment on the pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from allclear.core.model.neutral import cut, headline, inline
from allclear.core.postmortem.remarks import Remark

CONTEXT = "allclear/post-mortem"
"""The status's: a rule of the branch may require it
(https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/collaborating-on-repositories-with-code-quality-features/about-status-checks)."""
MARK = "<!-- allclear:review -->"
"""The first line of the comment, which finds it again. It proves nothing: nothing is read from it."""
MOST_ROWS = 60
"""Remarks that the comment lists."""
LONGEST_DESCRIPTION = 140
"""GitHub's limit: https://docs.github.com/en/rest/commits/statuses#create-a-commit-status"""


@dataclass(frozen=True, slots=True)
class ReviewVerdict:
    """``state`` is success or failure, ``description`` the status's words, ``comment`` is Markdown."""

    state: str
    description: str
    comment: str


def verdict(found: Sequence[Remark], file_url: str) -> ReviewVerdict:
    """``file_url``: the page of the file at the commit that was looked at."""
    held = [one for one in found if one.holds]
    if held:
        what = f"{len(held)} to mend. Line {held[0].line}: {headline(held[0].text)}"
    else:
        what = "Nothing holds the publication."
    return ReviewVerdict(
        state="failure" if held else "success",
        description=cut(what, LONGEST_DESCRIPTION),
        comment="\n".join(_comment(held, [one for one in found if not one.holds], file_url)),
    )


def _comment(held: Sequence[Remark], hints: Sequence[Remark], file_url: str) -> Iterator[str]:
    yield MARK
    if held:
        yield f"### {len(held)} to mend before this post-mortem can be published"
        yield from ("", *_rows(held, file_url))
    else:
        yield "### Nothing holds the publication"
        yield from ("", "Every section is written, and nothing contradicts the record.")
    if hints:
        yield from ("", "**Hints**, which hold nothing up:", "", *_rows(hints, file_url))
    yield from ("", "<sub>Renewed when the post-mortem is written again.</sub>")


def _rows(found: Sequence[Remark], file_url: str) -> Iterator[str]:
    yield from ("| Line | What to do |", "|---|---|")
    for one in found[:MOST_ROWS]:
        yield f"| [{one.line}]({_line_url(file_url, one.line)}) | {inline(one.text, 400)} |"
    if len(found) > MOST_ROWS:
        yield f"| … | {len(found) - MOST_ROWS} more |"


def _line_url(file_url: str, line: int) -> str:
    return f"{file_url}?plain=1#L{line}"
