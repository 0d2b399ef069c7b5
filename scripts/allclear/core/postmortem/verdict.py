"""What the review of a post-mortem says on GitHub: a status on the commit, a comment on the pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from allclear.core.model.neutral import code, cut, headline, inline, plain
from allclear.core.model.patterns import lazy_regex
from allclear.core.postmortem.remarks import APPROVAL, Remark
from allclear.core.postmortem.review_state import review_state
from allclear.core.record.postmortem_state import ReviewOverride, ReviewState

CONTEXT = "allclear/post-mortem"
"""The status's: a rule of the branch may require it
(https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/collaborating-on-repositories-with-code-quality-features/about-status-checks)."""
MARK = "<!-- allclear:review -->"
"""The first line of the comment, which finds it again. It proves nothing: nothing is read from it."""
STATUS: Mapping[ReviewState, str] = {
    "draft": "failure",
    "in review": "pending",
    "approved": "success",
    "published": "success",
}
"""What the status says of a post-mortem that something holds or held, the least far first."""
MOST_LISTED = 10
"""Findings that an answer on the incident lists."""
MOST_ROWS = 60
"""Remarks that the comment lists."""
LONGEST_REMARK = 400
"""Characters of a remark in a comment."""
_CODE = lazy_regex(r"`([^`|]{1,200})`")
"""What a remark has in backticks. A bar would end the cell of a table, in code as well."""
LONGEST_DESCRIPTION = 140
"""GitHub's limit: https://docs.github.com/en/rest/commits/statuses#create-a-commit-status"""


class ReviewVerdict(Struct, frozen=True):
    """``state`` is what GitHub calls the status, ``description`` its words, ``comment`` is Markdown.
    ``review``: how far the review is; None where no post-mortem is an incident's here.
    """

    state: str
    description: str
    comment: str
    review: ReviewState | None = None


class ReviewedFile(Struct, frozen=True):
    """A post-mortem of a pull request. ``path`` is raw, ``url`` the page of the file at the commit that was
    looked at; ``override``: it is published all the same. ``state``: how far its review is; None: it is no
    incident's here. ``outdated``: logins whose approval is of an earlier text, and missing.
    """

    path: str
    url: str
    remarks: tuple[Remark, ...]
    override: ReviewOverride | None = None
    state: ReviewState | None = None
    outdated: tuple[str, ...] = ()

    @property
    def held(self) -> tuple[Remark, ...]:
        """What has to be mended: what is to write, then the approvals, which wait for that."""
        return _in_order(one for one in self.remarks if one.holds)

    @property
    def held_up(self) -> bool:
        """Whether that keeps it from being published."""
        return bool(self.held) and self.override is None and self.state != "published"

    @property
    def hints(self) -> tuple[Remark, ...]:
        """What holds nothing up."""
        return tuple(one for one in self.remarks if not one.holds)


def verdict(files: Sequence[ReviewedFile]) -> ReviewVerdict:
    """What is said of the post-mortems of a pull request."""
    open_files = [one for one in files if one.held_up]
    state = "success"
    overridden = [(one.override, len(one.held)) for one in files if one.held and one.override is not None]
    if open_files:
        held = _in_order(remark for one in open_files for remark in one.held)
        first = held[0]
        state = STATUS[review_state(held)]
        what = f"{len(held)} to mend. Line {first.line}: {headline(first.text)}"
        what = what if state == "failure" else f"In review: {headline(first.text)}"
    elif overridden:
        count = sum(held for _, held in overridden)
        what = f"{count} to mend, {headline(_given(overridden[0][0]))}"
    elif _published(files):
        what = "The post-mortem is published."
    else:
        what = "Nothing holds the publication."
    return ReviewVerdict(
        state=state,
        description=cut(what, LONGEST_DESCRIPTION),
        comment="\n".join(_comment(files)),
        review=min((one.state for one in files if one.state), key=tuple(STATUS).index, default=None),
    )


def listed(found: Sequence[Remark], file_url: str) -> Iterator[str]:
    """The findings as a list, for an answer on the incident."""
    for one in _in_order(found)[:MOST_LISTED]:
        place = "" if one.rule == APPROVAL else f"[Line {one.line}]({_line_url(file_url, one.line)}): "
        yield f"- {place}{_told(one)}"
    if len(found) > MOST_LISTED:
        yield f"- … and {len(found) - MOST_LISTED} more"


def _in_order(found: Iterable[Remark]) -> tuple[Remark, ...]:
    """The remarks as they come, but approvals, which are about no line, last."""
    return tuple(sorted(found, key=lambda one: one.rule == APPROVAL))


def _published(files: Sequence[ReviewedFile]) -> bool:
    return bool(files) and all(one.state == "published" for one in files)


def _given(override: ReviewOverride) -> str:
    """``overridden by mia: why``, raw."""
    who = override.by.login if override.by else "somebody who is gone"
    return f"overridden by {who}: {override.reason}"


def _comment(files: Sequence[ReviewedFile]) -> Iterator[str]:
    yield MARK
    held = [remark for one in files if one.held_up for remark in one.held]
    if held and review_state(held) == "draft":
        yield f"### {len(held)} to mend before this post-mortem can be published"
    elif held:
        yield "### This post-mortem is in review"
    elif _published(files):
        yield "### This post-mortem is published"
    else:
        yield "### Nothing holds the publication"
    rows = MOST_ROWS // max(1, len(files))
    for one in files:
        if len(files) > 1:
            yield from ("", f"#### {code(one.path)}")
        yield from _file(one, rows)
    yield from ("", "<sub>Renewed when the post-mortem changes.</sub>")


def _file(file: ReviewedFile, rows: int) -> Iterator[str]:
    if file.override is not None and file.held:
        yield from ("", f"What is to mend was {inline(_given(file.override))}")
    if file.held and file.override is None and file.state == "published":
        yield from ("", "What was to mend at this commit was mended on the default branch.")
    elif file.held:
        lines = [one for one in file.held if one.rule != APPROVAL]
        yield from ("", *_rows(lines, file.url, rows)) if lines else ()
        for one in file.held[len(lines) :]:
            yield from ("", _told(one))
    else:
        yield from ("", "Every section is written, and nothing contradicts the record.")
    if file.hints:
        yield from ("", "**Hints**, which hold nothing up:", "", *_rows(file.hints, file.url, rows))


def _rows(found: Sequence[Remark], file_url: str, most: int) -> Iterator[str]:
    yield from ("| Line | What to do |", "|---|---|")
    for one in found[:most]:
        yield f"| [{one.line}]({_line_url(file_url, one.line)}) | {_told(one)} |"
    if len(found) > most:
        yield f"| … | {len(found) - most} more |"


def _told(remark: Remark) -> str:
    """The remark as one inert line, with what stands in backticks as code."""
    text = cut(" ".join(plain(remark.text).split()), LONGEST_REMARK)
    parts, end = list[str](), 0
    for found in _CODE.finditer(text):
        parts += [_between(text[end : found.start()]), code(found[1], LONGEST_REMARK)]
        end = found.end()
    return "".join([*parts, _between(text[end:])])


def _between(text: str) -> str:
    """Inert text with the blanks around it, which stand between it and code."""
    before = " " if text.startswith(" ") else ""
    after = " " if text.strip() and text.endswith(" ") else ""
    return f"{before}{inline(text, LONGEST_REMARK)}{after}"


def _line_url(file_url: str, line: int) -> str:
    return f"{file_url}?plain=1#L{line}"
