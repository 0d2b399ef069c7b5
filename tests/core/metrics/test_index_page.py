"""The index: what is in it, what it is safe from, and what people wrote around it."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from allclear.core.metrics.charts import charts
from allclear.core.metrics.collection import collect
from allclear.core.metrics.index_page import (
    BEGIN,
    END,
    MOST_FAULTS,
    MOST_ROWS,
    IndexLinks,
    index_links,
    index_part,
    merged,
)
from allclear.core.metrics.numbers import months
from allclear.core.metrics.reading import ReportFile, ReportRow
from allclear.core.policy.settings import LabelNames
from allclear.core.view.labels import Labels
from core.metrics.files import file, lasting
from core.metrics.folder import COLLECTION, LINKS
from core.metrics.test_numbers import at
from golden_files import Golden
from stories import HOTDASH

PART = index_part(COLLECTION, LINKS)
PAGE = f"# Ours\n\nHello.\n\n{BEGIN}\n\nold\n\n{END}\n\nThe end.\n"


def test_the_index_reads_as_somebody_approved_of_it(golden: Golden) -> None:
    golden("metrics/README.md", merged(None, PART))


def test_every_row_is_one_table_row_whatever_a_report_is_called() -> None:
    rows = [line for line in PART.split("\n") if re.match(r"\| \d{4}-\d{2}-\d{2} ", line)]
    assert len(rows) == len(COLLECTION.files)
    reader = MarkdownIt("commonmark").enable("table")
    tokens = reader.parse(PART)
    assert sum(one.type == "tbody_open" for one in tokens) == 2
    html = reader.render(PART)
    assert "evil" in html
    assert 'href="http://evil"' not in html
    assert "<b>" not in html
    assert "@everyone" not in PART


def test_links_lead_to_the_report_its_issue_and_the_issues_of_a_label() -> None:
    assert "](./2025-10-19-checkout.md)" in PART
    assert "[42](https://github.com/acme/shop/issues/42)" in PART
    assert "[acme/old.shop 7](https://github.com/acme/old.shop/issues/7)" in PART
    wanted = "is%3Aissue%20label%3A%22incident%22%20label%3A%22severity%3A%20P1%22"
    assert f"[P1](https://github.com/acme/shop/issues?q={wanted})" in PART
    assert "[P3]" not in PART
    assert PART.count("[all-hands](") == 1
    assert "[minor](" not in PART
    pending = "is%3Aissue%20label%3A%22incident%22%20label%3A%22postmortem%3Apending%22"
    assert f"[postmortem:pending](https://github.com/acme/shop/issues?q={pending})" in PART
    assert (
        "[action-item](https://github.com/acme/shop/issues?q=is%3Aissue%20label%3A%22action-item%22)" in PART
    )


def test_the_links_have_the_labels_of_the_settings() -> None:
    names = LabelNames(incident="outage", learned="wiser", action="todo", severities={"P1": "sev1"})
    links = index_links(Labels(HOTDASH, names), "https://github.com", "acme/shop")
    assert (links.label, links.later, links.action) == ("outage", ("postmortem:pending", "wiser"), "todo")
    assert (links.severities["P1"], links.severities["P2"]) == ("sev1", "P2")
    assert links.beside.keys() == links.severities.keys()


def test_the_state_is_how_far_the_report_is_where_it_says_so() -> None:
    def row(**more: Any) -> str:
        return index_part(collect([file(**more)]), LINKS).split("\n")[8]

    assert "| P1 | resolved |" in row()
    assert "| P1 | in review |" in row(review="in review")
    assert "| P1 | learned |" in row(review="published", learned_at="2025-11-20T15:00:00Z")


def test_a_row_says_how_far_its_actions_are() -> None:
    def row(**more: Any) -> str:
        return index_part(collect([file(**more)]), LINKS).split("\n")[8]

    assert "| 40 min | 1 of 2 done |" in row(actions={"planned": 3, "done": 1, "dropped": 1})
    assert "| 40 min | 2 listed |" in row(action_items=["a", "b"])
    assert "| 40 min |  |" in row(actions={"planned": 1, "done": 0, "dropped": 1})
    assert "| 40 min |  |" in row()


def test_without_a_repository_there_are_no_links_to_labels_and_issues_have_their_own() -> None:
    part = index_part(COLLECTION, IndexLinks())
    assert "Issues by label" not in part
    assert "[42](https://github.com/acme/shop/issues/42)" in part


def test_a_repository_that_is_no_name_leads_nowhere() -> None:
    part = index_part(collect([file(repository="javascript:alert(1)//x y")]), LINKS)
    assert "javascript" not in part.replace("\\", "")


def test_the_first_index_says_that_there_is_nothing_yet() -> None:
    assert index_part(collect([]), LINKS) == "There is no post-mortem yet."


def test_reports_that_are_not_counted_make_no_numbers() -> None:
    part = index_part(collect([file(kind="drill")]), LINKS)
    assert "## One report" in part
    assert "## Numbers" not in part
    assert "#numbers" not in part
    assert "mermaid" not in part


def test_a_very_long_index_names_what_it_leaves_out() -> None:
    many = [lasting(number, at(number), at(number + 1)) for number in range(MOST_ROWS + 5)]
    part = index_part(collect(many), LINKS)
    assert "5 older ones are not in this table" in part
    assert part.count("](./") == MOST_ROWS


def test_very_many_faults_are_counted() -> None:
    many = [file(f"2025-10-19-{number}.md", content="---\na: [\n---\n") for number in range(MOST_FAULTS + 2)]
    part = index_part(collect(many), LINKS)
    assert "… and 2 more; `allclear report` names them all." in part


def test_a_diagram_has_one_series_and_no_month_of_nothing_among_the_durations() -> None:
    files = [lasting(1, at(0), None, resolution=12), lasting(2, at(61 * 24 * 60), None, resolution=20)]
    first, second = charts(months(files)).split("\n\n")
    assert 'x-axis ["2025-10", "2025-11", "2025-12"]' in first
    assert "bar [1, 0, 1]" in first
    assert 'x-axis ["2025-10", "2025-12"]' in second
    assert "bar [12, 20]" in second
    assert charts(months([lasting(1, at(0), None)])).count("mermaid") == 1
    assert charts(()) == ""


def test_a_new_page_has_a_title_and_the_index() -> None:
    assert merged(None, "x") == merged("", "x") == merged("\n", "x")
    assert merged(None, "x").startswith("# Post-mortems\n")


def test_what_people_wrote_stays_and_the_index_is_renewed_in_its_place() -> None:
    assert merged(PAGE, "fresh") == PAGE.replace("old", "fresh")
    assert merged(merged(PAGE, "fresh"), "old") == PAGE


def test_a_page_without_the_index_gets_it_at_its_end() -> None:
    assert merged("# Ours", "x") == f"# Ours\n\n{BEGIN}\n\nx\n\n{END}\n"


def test_a_page_keeps_its_line_ends() -> None:
    found = merged(PAGE.replace("\n", "\r\n"), "fresh")
    assert found == PAGE.replace("old", "fresh").replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        (PAGE.replace(END, ""), ("# Ours", "old", "The end.")),
        (PAGE.replace(BEGIN, ""), ("# Ours", "old", "The end.")),
        (f"{BEGIN}\nmine\n{PAGE}", ("mine", "# Ours", "The end.")),
        (PAGE.replace(BEGIN, "<!-- allclear:index begin -->"), ("# Ours", "The end.")),
        (PAGE.replace(END, END + "  "), ("# Ours", "The end.")),
    ],
)
def test_a_damaged_mark_costs_nobody_a_word(page: str, kept: tuple[str, ...]) -> None:
    found = merged(page, "fresh")
    assert all(word in found for word in kept)
    assert found.count("fresh") == 1 + page.count("fresh")
    assert merged(found, "fresh") == found


words = st.lists(st.sampled_from(["a", "b", " ", "\n", "\r\n", f"\n{BEGIN}\n", f"\n{END}\n"])).map("".join)


@given(words)
def test_a_renewed_page_is_the_same_when_it_is_renewed_again(page: str) -> None:
    first = merged(page, "one")
    assert merged(first, "one") == first
    if BEGIN not in page or END not in page:
        left = first.replace("\r\n", "\n").split("\n")
        assert [
            line
            for line in page.replace("\r\n", "\n").split("\n")
            if line.strip() not in map(str.strip, left)
        ] == []


def test_a_file_name_in_other_bytes_is_linked() -> None:
    part = index_part(
        collect([ReportFile(path="reports/incidents/2025-10-19-\udcff.md", row=ReportRow())]), LINKS
    )
    assert "(./2025-10-19-%FF.md)" in part


def test_a_report_in_a_folder_of_its_year_is_linked_there() -> None:
    part = index_part(collect([file("2025/10/2025-10-19-a?.md")]), LINKS)
    assert "(./2025/10/2025-10-19-a%3F.md)" in part
