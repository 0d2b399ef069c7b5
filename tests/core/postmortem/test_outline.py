"""A report file by its lines, as people read it."""

import pytest

from allclear.core.postmortem.outline import outline
from cpu_seconds import cpu_seconds

TEXT = """\
---
id: INC-2025-001
title: x
---
# Title

## Timeline <!-- of the day -->

- 14:05 <!-- one
two --> Detected
```
## no heading
<!-- no comment
~~~
```
## Causes ##
"""


def test_chapters_know_their_lines_by_the_number_in_the_file() -> None:
    report = outline(TEXT)
    assert [(line.number, line.text) for line in report.front] == [(2, "id: INC-2025-001"), (3, "title: x")]
    assert [(one.heading, one.number) for one in report.chapters] == [
        ("", 5),
        ("Timeline", 7),
        ("Causes", 16),
    ]
    assert report.front_line("title") == 3
    assert report.front_line("nothing") == 1


def test_a_chapter_is_found_in_any_case() -> None:
    found = outline(TEXT).chapter("timeline")
    assert found is not None
    assert [line.text.strip() for line in found.prose] == ["- 14:05", "Detected"]
    assert outline(TEXT).chapter("Lessons") is None


def test_what_stands_in_a_fence_is_code_also_when_it_looks_like_something_else() -> None:
    found = outline(TEXT).chapter("Timeline")
    assert found is not None
    assert [line.number for line in found.lines if line.code] == [11, 12, 13, 14, 15]


def test_front_matter_that_never_ends_and_a_file_without_any_are_text() -> None:
    assert outline("---\nid: 1\n").front == ()
    assert outline("# A title\n").front == ()
    assert outline("").chapters[0].lines[0].text == ""


def test_line_ends_and_the_mark_of_windows_are_no_trouble() -> None:
    report = outline("\ufeff---\r\nid: 1\r\n---\r\n## A\r\ntext\r\n")
    assert [(one.heading, one.number) for one in report.chapters] == [("", 4), ("A", 4)]


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("## C#", "C#"),
        ("## Causes ##", "Causes"),
        ("##  A  # ", "A"),
        (f"## a{'#' * 90_000}x", f"a{'#' * 90_000}x"),
        (f"## a{' ' * 90_000}#", "a"),
        ("## ##", ""),
    ],
)
def test_a_heading_is_what_stands_between_its_signs(line: str, heading: str) -> None:
    assert outline(line).chapters[1].heading == heading


@pytest.mark.parametrize("line", ["##", "##a", "#hash", "####### seven", "text ## a"])
def test_other_lines_with_such_signs_are_no_headings(line: str) -> None:
    (chapter,) = outline(line).chapters
    assert [one.text for one in chapter.prose] == [line]


@pytest.mark.parametrize(
    "written", ["2. Root Cause:", "**root cause**", "\U0001f50d Root Cause", "_Root cause_ :"]
)
def test_a_chapter_is_found_however_its_heading_is_numbered_or_marked(written: str) -> None:
    found = outline(f"## {written}\n\ntext\n").chapter("Root Cause")
    assert found is not None
    assert found.heading == written


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a <!-- b --> c", "a  c"),
        ("a \\<!-- b --> c", "a \\<!-- b --> c"),
        ("a \\\\<!-- b --> c", "a \\\\ c"),
        ("the tag `<!--` is open", "the tag `<!--` is open"),
        ("``a ` <!-- `` and <!-- gone -->", "``a ` <!-- `` and "),
        ("a ` alone <!-- gone --> b", "a ` alone  b"),
        ("`x` <!-- `y --> z", "`x`  z"),
        ("<!-- `a --> b` --> c", " b` --> c"),
    ],
)
def test_a_comment_begins_only_where_people_see_none_of_it(written: str, shown: str) -> None:
    (chapter,) = outline(f"{written}\nnext").chapters
    assert [one.text for one in chapter.lines] == [shown, "next"]


def test_the_words_of_a_report_may_be_all_signs_of_code_and_comments() -> None:
    texts = [
        one * (65536 // len(one)) for one in ("`", "` ``", "\\<!--", "<!--", "`<!--`", "-->", "<!-- -->")
    ]
    assert cpu_seconds(lambda: [outline(text) for text in texts]) < 2
