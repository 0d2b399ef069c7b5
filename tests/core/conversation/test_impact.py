"""What people write about the impact is read whole: numbers, amounts, and the sentence beside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.core.conversation.impact import said_impact
from allclear.core.conversation.quantities import amount_at, count_at
from allclear.core.model.counts import About, counted
from allclear.core.model.errors import UserError
from allclear.core.record.findings import ImpactSet


@pytest.mark.parametrize(
    "typed",
    [
        "users=15000",
        "users=15 000",
        "users=15\u00a0000",
        "users=15\u202f000",
        "users=15\u2009000",
        "users=15'000",
        "users=15_000",
        "users=15k",
        "users=15 k",
        "users=15.0k",
        "users=15 thousand",
        "users=15 thousand people",
        "users=0.015 million",
        "users = 15000",
        "users: 15000",
        "users 15000",
        "user=15000",
        "customers=15000",
        "affected users: 15000",
        "Users affected: 15000",
        "**Users:** 15000",
        "- Users: 15000",
        "users=15000.",
        "users=15000,",
        "users=15000;",
        "users=15000!",
        'users="15 000"',
        "users=\u201c15k users\u201d",
        "15000 users",
        "15k customers affected",
        "users=1.5\u4e07",
    ],
)
def test_a_number_of_users_is_read_in_every_usual_form(typed: str) -> None:
    assert said_impact(typed) == (ImpactSet(users=15_000), ())


@pytest.mark.parametrize(
    ("typed", "about"),
    [
        ("users=~15k", "about"),
        ("users\u224815000", "about"),
        ("users ~15000", "about"),
        ("users=about 15,000", "about"),
        ("approx. 15k users", "about"),
        ("users=15000 or so", "about"),
        ("users>15000", "more than"),
        ("users=>15k", "more than"),
        ("users=over 15k", "more than"),
        ("users=<15k", "less than"),
        ("fewer than 15000 users", "less than"),
        ("users=>=15k", "at least"),
        ("users=15k+", "at least"),
        ("users=15000 or more", "at least"),
        ("users=up to 15k", "at most"),
    ],
)
def test_how_exact_a_number_is_is_kept(typed: str, about: About) -> None:
    assert said_impact(typed) == (ImpactSet(users=15_000, about=about), ())


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("users=10-20%", "10-20%"),
        ("users=10 - 20", "10 - 20"),
        ("users=10\u201320k", "10\u201320k"),
        ("users: 10 to 20 in Oslo", "10 to 20"),
        ("users=between 10 and 20", "between 10 and 20"),
        ("users=5 percent", "5 percent"),
        ("users=unknown", "unknown"),
        ("users=none", "none"),
        ("users=all", "all"),
        ("users=?", "?"),
        ("Checkout is down, users: a few", "a few"),
    ],
)
def test_a_range_a_percentage_or_a_word_is_no_number_and_stays_whole(typed: str, words: str) -> None:
    assert said_impact(typed) == (ImpactSet(text=typed), (words,))


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("users=100 of 4000", "100 of 4000"),
        ("users=100/4000 in the EU", "100/4000 in the EU"),
        ("100 of 4000 users", "100 of 4000 users"),
        ("100 users cannot pay", "100 users cannot pay"),
        ("100 users\n100 of 4000 users", "100 of 4000 users"),
        ("users=100 since noon", "since noon"),
        ("users=100 (all of them)", "(all of them)"),
        ("checkout is down, users=100", "checkout is down"),
        ("checkout is down (users: 100) since noon", "checkout is down since noon"),
    ],
)
def test_the_sentence_around_a_number_stays(typed: str, text: str) -> None:
    assert said_impact(typed)[0] == ImpactSet(users=100, text=text)


@pytest.mark.parametrize(
    "typed",
    [
        "users=15k, revenue=$45k",
        "users=15k;revenue=$45k",
        "users=15k and revenue=$45k",
        "users: 15k / revenue: $45k",
        "Users: 15k\nRevenue: $45k",
        "Revenue lost: $45k\nUsers affected: 15k",
        "revenue=$45k users=15k",
        "15k users, $45k",
        "15k users and $45k lost revenue",
        "users 15k, revenue $45k",
        "$45k revenue, 15k users",
    ],
)
def test_both_may_stand_in_any_order_with_any_sign_between_them(typed: str) -> None:
    assert said_impact(typed) == (ImpactSet(users=15_000, revenue="$45k"), ())


@pytest.mark.parametrize(
    "amount",
    [
        "$45000",
        "$1.2M",
        "45k EUR",
        "EUR 45k",
        "US$45k/h",
        "R$45k",
        "45000kr",
        "kr 45000",
        "Rs. 45000",
        "\u00a5450\u4e07",
        "$10-20k",
        "$10k \u2013 $20k",
        "<$1k",
        "-$45k",
        "\u2212$45k",
        "$ 45k",
        "1.2 million dollars",
        "45 Mio. EUR",
        "$45k USD",
        "45.000,00\u20ac",
        "45.000,- EUR",
        "1 200 000 CHF",
        "1'200'000 CHF",
        "~$45k/hour",
        "\u00a345k per day",
        "\u20b945 lakh",
        "\u20ac45k+",
        "up to $45k",
        "$45k or more",
        "10 % of daily revenue",
        "0",
        "unknown",
        "not known yet",
        "none",
        "?",
    ],
)
@pytest.mark.parametrize("end", ["", ".", "; since noon", ", users=7", " since noon", "\nsince noon"])
def test_an_amount_is_kept_whole_as_it_was_typed(amount: str, end: str) -> None:
    fact, untold = said_impact(f"revenue={amount}{end}")

    assert (fact.revenue, untold) == (amount, ())
    assert fact.text == ("since noon" if "noon" in end else "")
    assert fact.users == (7 if "users" in end else None)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("users=15,00", "`15,00` is not a number of users; write `users=15000` or `users=15k`."),
        ("users=15.000k", "`15.000k` is not a number of users;"),
        ("users=1e9", "`1e9` is not a number of users;"),
        ("users=-5", "`-5` is not a number of users;"),
        ('users="lots"', '`"lots"` is not a number of users;'),
        ("users=", "Nothing stands where a number of users should; write `users=15000`"),
        ("revenue=much", "`much` is not an amount; write `revenue=$45000`"),
        ('revenue="much"', '`"much"` is not an amount;'),
        ('revenue="$5', '`"$5` is not an amount;'),
        ("revenue:", "Nothing stands where an amount should; write `revenue=$45000`"),
        ("users=1 users=2", "The number of users is given twice. Which one is meant?"),
        ("revenue=$1, revenue=$2", "The revenue is given twice. Which one is meant?"),
    ],
)
def test_what_cannot_be_right_is_refused(typed: str, said: str) -> None:
    with pytest.raises(UserError) as refused:
        said_impact(typed)

    assert refused.value.message.startswith(said)


@pytest.mark.parametrize(
    "typed",
    [
        "users cannot log in",
        "users 2 and 3 are hit",
        "checkout is down for 15000 users",
        "the query users=active is slow",
        "10% of users",
        "10-20 users",
        "a note on users: none of them is hit, says bob: users: none",
        "45k",
        "$45k",
        "$45k credit",
    ],
)
def test_a_sentence_without_a_field_stays_as_it_is(typed: str) -> None:
    assert said_impact(typed)[0] == ImpactSet(text=typed)


@given(
    users=st.integers(0, 10_000_000_000),
    about=st.sampled_from(["", "about", "at least", "at most", "more than", "less than"]),
)
def test_a_number_typed_as_it_is_shown_is_the_same_number(users: int, about: About) -> None:
    shown = counted(users, about)

    assert said_impact(shown) == (ImpactSet(users=users, about=about), ())
    assert said_impact(f"users={shown}, revenue unknown")[0] == ImpactSet(
        users=users, about=about, revenue="unknown"
    )


@given(
    st.from_regex(
        r"(about )?([$\u20ac] ?)?[1-9][0-9]{0,2}([,.][0-9]{3})?[kM]?( EUR| USD)?(/h| per day)?",
        fullmatch=True,
    )
)
def test_an_amount_typed_as_it_is_shown_is_the_same_amount(amount: str) -> None:
    assert said_impact(f"revenue {amount}")[0] == ImpactSet(revenue=amount.strip())


@given(st.text(alphabet="users=:revn ~0159.,'k$€M%/-of()\n", max_size=80))
def test_no_text_breaks_the_reading_and_no_figure_is_lost(text: str) -> None:
    try:
        fact, _ = said_impact(text)
    except UserError:
        return
    left = f"{fact.text} {fact.revenue or ''} {fact.users if fact.users is not None else ''}"
    if fact.users is None:
        assert sorted(filter(str.isdigit, left)) == sorted(filter(str.isdigit, text))


def test_a_quoted_number_has_to_be_one() -> None:
    assert count_at('"15k" users') is not None
    assert count_at('"15k and more"') is None
    assert amount_at('"$5 and more"') is None


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("users=1/3", "1/3"),
        ("users=2/3 of all", "2/3"),
        ("affected=15000", "affected=15000"),
        ("loss=$45k", "loss=$45k"),
        ("checkout is down, cost = $45k", "cost = $45k"),
        ("10-20% of users", "10-20% of users"),
        ("5% of all customers, checkout only", "5% of all customers"),
    ],
)
def test_a_part_of_all_or_a_number_under_another_name_stays_text_and_is_told(typed: str, words: str) -> None:
    assert said_impact(typed) == (ImpactSet(text=typed), (words,))


def test_a_part_of_all_users_is_told_once() -> None:
    assert said_impact("users=10% of users")[1] == ("10%",)


def test_grand_is_a_thousand_and_stays_with_its_amount() -> None:
    assert said_impact("revenue=45 grand") == (ImpactSet(revenue="45 grand"), ())


def test_a_part_of_counted_people_is_a_number() -> None:
    assert said_impact("users=100/4000") == (ImpactSet(users=100, text="100/4000"), ())


@pytest.mark.parametrize(
    ("typed", "fact"),
    [
        ("it is down (users=300)", ImpactSet(users=300, text="it is down")),
        (
            "it is down (users=300, revenue=$4k) at noon",
            ImpactSet(users=300, revenue="$4k", text="it is down at noon"),
        ),
        ("(users=300)", ImpactSet(users=300)),
        ("it is down (in the EU, users=300)", ImpactSet(users=300, text="it is down (in the EU )")),
        ("users='15k'", ImpactSet(users=15_000)),
        ("users=`15k` revenue=`$4k`", ImpactSet(users=15_000, revenue="$4k")),
        ("'a b", ImpactSet(text="'a b")),
    ],
)
def test_brackets_and_quotes_around_a_value_are_no_part_of_it(typed: str, fact: ImpactSet) -> None:
    assert said_impact(typed)[0] == fact
