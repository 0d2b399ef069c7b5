"""Owner, date and text of an action item are told apart wherever people write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.core.conversation.action_items import MOST_ITEMS, SaidItem, said_items
from allclear.core.conversation.said_days import due_day
from allclear.core.model.errors import UserError

TODAY = date(2025, 10, 19)


def day(words: str) -> str:
    return due_day(words, TODAY).isoformat()


def horizon(line: str) -> tuple[str, str]:
    name, _, rest = line.partition(" ")
    return ("2025-10-26", rest) if name == "soon" else ("", line)


def items(text: str) -> list[tuple[str, str, str]]:
    """Owner, date and text of each."""
    found, _ = said_items(text, day, horizon, TODAY.isoformat())
    return [(one.owner.login if one.owner else "", one.due, one.text) for one in found]


@pytest.mark.parametrize(
    "typed",
    [
        "@cat due:2025-12-01 add a test",
        "@cat due: 2025-12-01 add a test",
        "@cat due=2025-12-01 add a test",
        "@cat due 2025-12-01 add a test",
        "@cat due by 2025-12-01 add a test",
        "@cat due on Dec 1, 2025: add a test",
        "@cat, due 2025-12-01: add a test",
        "@cat by 2025-12-01: add a test",
        "@cat: by 2025-12-01, add a test",
        "@cat add a test due:2025-12-01",
        "@cat add a test due:2025-12-01.",
        "@cat add a test, due 1 Dec 2025",
        "@cat add a test by 01.12.2025",
        "@cat add a test (due: 2025-12-01)",
        "@cat add a test [due 2025/12/01].",
        "@cat add a test - deadline: 2025-12-01",
        "@cat: add a test (by Dec 1)",
        "add a test @cat due:2025-12-01",
        "add a test due:2025-12-01 @cat",
        "add a test by 2025-12-01 (@cat)",
        "add a test by 2025-12-01 \u2014 @cat",
        "add a test (owner: @cat, due: 2025-12-01)",
        "add a test owner:@cat due:2025-12-01",
        "add a test owner=cat due=2025-12-01",
        "add a test, assignee: @cat, due 2025-12-01",
        "add a test assigned to @cat by 2025-12-01",
        "add a test owner @cat due 2025-12-01",
        "add a test for @cat by 2025-12-01",
        "add a test (@cat, due 2025-12-01)",
        "due 2025-12-01 @cat add a test",
        "due:2025-12-01 add a test @cat",
        "[@cat](https://github.com/cat) add a test due:2025-12-01",
        "**@cat** add a test due:2025-12-01",
        "- [ ] @cat add a test due:2025-12-01",
        "[ ] @cat add a test due:2025-12-01",
        "1. @cat add a test due:2025-12-01",
        "@cat Due Date: 2025-12-01 add a test",
        "soon @cat add a test due:2025-12-01",
        "add a test, @cat, 2025-12-01",
        "add a test, @cat, 2025-12-01.",
        "add a test - @cat - 2025-12-01",
        "add a test; @cat; Dec 1, 2025",
        "add a test | @cat | 01.12.2025",
        "add a test (@cat, 2025-12-01)",
        "add a test (2025-12-01, @cat)",
        "add a test (2025-12-01) @cat",
        "add a test @cat (2025-12-01)",
        "add a test @cat 2025-12-01",
        "add a test 2025-12-01, @cat",
        "add a test \u2192 @cat, 2025-12-01",
        "@cat add a test -- 2025-12-01",
        "@cat add a test [2025-12-01 EOD]",
        "@cat, 2025-12-01, add a test",
        "@cat 2025-12-01 add a test",
        "@cat 2025-12-01: add a test",
        "2025-12-01 @cat add a test",
        "2025-12-01: add a test @cat",
        "@cat add a test until 2025-12-01",
        "@cat add a test before 2025-12-01",
        "@cat add a test no later than 2025-12-01",
        "@cat add a test, deadline 2025-12-01",
        "@cat add a test by 2025-12-01 EOD",
        "what: add a test, who: @cat, when: 2025-12-01",
        "who: @cat what: add a test when: 2025-12-01",
        "task: add a test; owner: cat; eta: 2025-12-01",
        "| add a test | @cat | 2025-12-01 |",
        "| 1 | add a test | @cat | 2025-12-01 |",
        "|Action|Owner|Due|\n|---|---|---|\n|add a test|@cat|2025-12-01|",
        "| # | Due date | Task | Who |\n| 1 | 2025-12-01 | add a test | cat |",
    ],
)
def test_an_owner_and_a_date_are_found_wherever_they_stand(typed: str) -> None:
    assert items(typed) == [("cat", "2025-12-01", "add a test")]


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("tomorrow", "2025-10-20"),
        ("friday", "2025-10-24"),
        ("next friday", "2025-10-24"),
        ("EOW", "2025-10-24"),
        ("end of week", "2025-10-24"),
        ("in 3 days", "2025-10-22"),
        ("3d", "2025-10-22"),
        ("Fri, Oct 24", "2025-10-24"),
    ],
)
@pytest.mark.parametrize("typed", ["@cat due:{} test it", "@cat test it due {}.", "test it by {} @cat"])
def test_a_date_may_have_more_than_one_word(typed: str, words: str, due: str) -> None:
    assert items(typed.format(words)) == [("cat", due, "test it")]


@pytest.mark.parametrize(
    "text",
    [
        "ask @bob about the pool",
        "agree on it with @bob",
        "add the tests that were due to the outage",
        "reduce errors by 5 percent",
        "restart it by hand",
        "find all jobs run by friday cron and stop them",
        "upgrade @types/node",
        "write down who is owner of the pool",
        "do the due diligence of the provider",
        "add a test\nwith @bob, due:soon",
        "remove data from before 2025-10-01",
        "fix what broke on 2025-10-10",
        "read the post-mortem (2024-12-01)",
        "move 3/4 of the jobs, 1/2",
        "look at @a/@b",
        "tell them by 2025-12-01 at the latest",
        "2025-12-01",
        "sync, not async",
        "5/10 of the requests fail",
        "upgrade the view to 3d",
        "fix it when: the pool is empty",
        "agree with cat and @bob",
    ],
)
def test_what_belongs_to_the_sentence_stays_in_it(text: str) -> None:
    assert said_items(text, day, horizon, TODAY.isoformat()) == ((SaidItem(text),), "")


@pytest.mark.parametrize(
    ("text", "doubted"),
    [
        ("upgrade the API to 2025-12-01", "2025-12-01"),
        ("add a test 2025-12-01", "2025-12-01"),
        ("2025-12-01 release needs a test", "2025-12-01"),
        ("add a test friday", "friday"),
        ("add a test (3d)", "3d"),
        ("add a test in 3 days", "in 3 days"),
        ("delete logs before 2026-01-01", "2026-01-01"),
        ("keep it frozen until friday", "friday"),
    ],
)
def test_a_date_that_may_be_a_part_of_the_sentence_is_told(text: str, doubted: str) -> None:
    found, _ = said_items(text, day, horizon, TODAY.isoformat())
    assert found == (SaidItem(text, doubted=doubted),)


@pytest.mark.parametrize("typed", ["add a test, 10/11/2025", "@cat 10/11/2025: do it", "do it @cat, 12/01"])
def test_a_date_that_can_be_two_is_asked_about(typed: str) -> None:
    with pytest.raises(UserError, match="can be"):
        said_items(typed, day, horizon, TODAY.isoformat())


@pytest.mark.parametrize(
    ("typed", "owner", "others", "text"),
    [
        ("@cat @bob add a test", "cat", ["@bob"], "@bob add a test"),
        ("@cat, @bob and @eve: add a test", "cat", ["@bob", "@eve"], "@bob @eve add a test"),
        ("add a test @cat @bob", "cat", ["@bob"], "@bob add a test"),
        ("add a test @cat / @bob", "cat", ["@bob"], "@bob add a test"),
        ("@cat add a test @bob", "cat", ["@bob"], "@bob add a test"),
        ("@cat add a test owner:@bob", "cat", ["@bob"], "@bob add a test"),
        ("soon @cat @bob add a test", "cat", ["@bob"], "@bob add a test"),
        ("@cat and add a test", "cat", [], "and add a test"),
        ("@cat/@bob add a test", "cat", ["@bob"], "@bob add a test"),
        ("add a test (@cat/@bob)", "cat", ["@bob"], "@bob add a test"),
        ("add a test @cat and @bob", "cat", ["@bob"], "@bob add a test"),
    ],
)
def test_a_second_owner_stays_in_the_text(typed: str, owner: str, others: list[str], text: str) -> None:
    ((found,), _) = said_items(typed, day, horizon)

    assert found.owner is not None
    assert (found.owner.login, [one.shown for one in found.others], found.text) == (owner, others, text)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("\n- @cat add a test\n- @bob write it", [("cat", "", "add a test"), ("bob", "", "write it")]),
        ("\n1. @cat add a test\n2) write it", [("cat", "", "add a test"), ("", "", "write it")]),
        ("- add a test\n- [ ] write it by friday", [("", "", "add a test"), ("", "2025-10-24", "write it")]),
        ("* add a test\n\n* write it", [("", "", "add a test"), ("", "", "write it")]),
        (
            "@cat due friday\n- add\n- @bob write",
            [("cat", "2025-10-24", "add"), ("bob", "2025-10-24", "write")],
        ),
        ("add\n- @bob write", [("", "", "add"), ("bob", "", "write")]),
        ("add\nmore\n- @bob write", [("", "", "add\nmore"), ("bob", "", "write")]),
        ("\n@cat add\n@bob write", [("cat", "", "add"), ("bob", "", "write")]),
        ("Items:\n@cat add\n@bob write", [("cat", "", "add"), ("bob", "", "write")]),
        ("add\n@cat in web\n@bob in api", [("", "", "add\n@cat in web\n@bob in api")]),
        ("@cat friday: add", [("cat", "2025-10-24", "add")]),
        ("friday: @cat add", [("cat", "2025-10-24", "add")]),
        ("@cat friday add", [("cat", "", "friday add")]),
        ("\n@cat add\nas we said\n@bob write", [("cat", "", "add\nas we said"), ("bob", "", "write")]),
        ("add @cat\nwrite, @bob, 2025-12-01", [("cat", "", "add"), ("bob", "2025-12-01", "write")]),
        ("@cat: add; @bob: write", [("cat", "", "add"), ("bob", "", "write")]),
        ("@cat: add, @bob: write", [("cat", "", "add"), ("bob", "", "write")]),
        ("add; @bob: write", [("", "", "add; @bob: write")]),
        ("@cat add\nand write", [("cat", "", "add\nand write")]),
        (
            "| Task | Who | Rank | Due |\n|:--|--|--|--|\n| add | TBD | P1 | - |\n| write | @cat @bob |||",
            [("", "", "add (rank: P1)"), ("cat", "", "@bob write")],
        ),
        ("| Task | Owner |\n|---|---|\n| add | Bob Smith |\n", [("", "", "add (Bob Smith)")]),
        ("| one | two |\n|---|---|\n| add | @cat |", [("cat", "", "add")]),
        ("@bob by friday\n\n| Task | Owner |\n| add | |", [("bob", "2025-10-24", "add")]),
        (
            "- add\n  - one\n  - two\n  text\n- write",
            [("", "", "add\n  - one\n  - two\n  text"), ("", "", "write")],
        ),
    ],
)
def test_a_list_makes_one_item_a_line(typed: str, found: list[tuple[str, str, str]]) -> None:
    assert items(typed) == found


def test_a_list_below_an_item_without_owners_is_part_of_it() -> None:
    assert items("@cat add tests\n- of the pool\n- of the queue") == [
        ("cat", "", "add tests\n- of the pool\n- of the queue")
    ]


def test_the_heading_of_a_list_is_no_item() -> None:
    found, heading = said_items("Follow-ups:\n- add\n- write", day, horizon)

    assert ([one.text for one in found], heading) == (["add", "write"], "Follow-ups")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("@cat due:2025-12-01", "What is to be done?"),
        ("", "What is to be done?"),
        ("- @cat\n- add", "What is to be done?"),
        ("add due:soon", "`soon` is not a date"),
        ("add due=2025-02-30", "`2025-02-30` is not a date"),
        ("add due:2025-12-01T10:00", "`2025-12-01T10:00` is not a date"),
        ("add due:", "When is it due? Write a day, such as `due:friday`."),
        ("add due:!", "When is it due? Write a day"),
        ("add due:10/11", "`10/11` can be"),
        ("due:friday add due:monday", "A second date stands behind `due:friday`. When is it due?"),
        ("- a\n" * (MOST_ITEMS + 1), f"These are {MOST_ITEMS + 1} action items, and one command takes"),
    ],
)
def test_what_cannot_be_right_is_refused(typed: str, said: str) -> None:
    with pytest.raises(UserError) as refused:
        said_items(typed, day, horizon)

    assert refused.value.message.startswith(said)


def test_words_for_a_date_that_are_none_are_kept_and_told() -> None:
    assert said_items("add it due soon-ish", day, horizon)[0] == (
        SaidItem("add it due soon-ish", undated="due soon-ish"),
    )
    assert said_items("due a due b due c due d due e due f due friday", day, horizon)[0][0].undated == "due a"


@given(
    owner=st.sampled_from(["", "@cat", "@o-k"]),
    due=st.sampled_from(["", "2025-12-01", "2026-02-28"]),
    text=st.from_regex(r"[a-z]{2,9}( [a-z]{4,9}){1,4}\.?", fullmatch=True).filter(
        lambda text: not {"due", "by", "for", "owner", "assignee", "soon"} & set(text.rstrip(".").split())
    ),
)
def test_an_item_typed_as_it_is_shown_is_the_same_item(owner: str, due: str, text: str) -> None:
    shown = " ".join(part for part in (owner, f"due:{due}" if due else "", text) if part)

    assert items(shown) == [(owner.removeprefix("@"), due, text)]


@given(st.text(alphabet="@ab:due=by2025-1.[]()\n ", max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    try:
        found, _ = said_items(text, day, horizon)
    except UserError:
        return
    assert all(one.text for one in found)
