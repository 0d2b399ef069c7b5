"""Who a line is for, and values that differ by severity."""

import pytest

from allclear.core.language.selection import Levels

LEVELS = Levels(("P0", "P1", "P2", "P3"))


@pytest.mark.parametrize(
    ("names", "selected"),
    [
        (["all"], ("P0", "P1", "P2", "P3")),
        (["major"], ("P0", "P1")),
        (["minor"], ("P2", "P3")),
        (["worst"], ("P0",)),
        (["P3", "P1"], ("P1", "P3")),
        (["P2", "major"], ("P0", "P1", "P2")),
        ([], ()),
    ],
)
def test_a_name_stands_for_severities_in_their_order(names: list[str], selected: tuple[str, ...]) -> None:
    assert LEVELS.selected(names) == selected


def test_a_severity_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        LEVELS.selected(["SEV1"])


def test_the_two_worst_are_major_and_a_lone_one_is_too() -> None:
    assert Levels(("P0",)).members("major") == ("P0",)
    assert Levels(("P0",)).members("minor") == ()


@pytest.mark.parametrize(
    ("values", "spread"),
    [
        ({"all": "1h"}, {"P0": "1h", "P1": "1h", "P2": "1h", "P3": "1h"}),
        ({"all": "1h", "major": "2h"}, {"P0": "2h", "P1": "2h", "P2": "1h", "P3": "1h"}),
        ({"P1": "3h", "major": "2h"}, {"P0": "2h", "P1": "3h"}),
        ({"worst": "3h", "major": "2h"}, {"P0": "3h", "P1": "2h"}),
        ({"all": "1h", "P3": "none", "minor": "4h"}, {"P0": "1h", "P1": "1h", "P2": "4h"}),
        ({}, {}),
    ],
)
def test_the_narrower_name_counts_and_none_is_no_value(
    values: dict[str, str], spread: dict[str, str]
) -> None:
    assert LEVELS.spread(values) == spread
