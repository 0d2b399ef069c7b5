"""The exponent of a cost: what it leaves out, and what it does not hide."""

import math
from collections.abc import Callable

import pytest
from fit import NOISE, Growth, growth

SIZES = (10, 30, 100, 300, 1_000, 2_000, 5_000)
FITTED: dict[str, tuple[Callable[[float], float], float]] = {
    "in proportion": (lambda size: 3 * size, 1),
    "in proportion, over a large constant": (lambda size: 400 + 2 * size, 1),
    "in proportion, where it begins late": (lambda size: 10_000 + size, 1),
    "half of it doubled again": (lambda size: 400 + math.sqrt(size - 10), 0.5),
    "the square": (lambda size: 400 + (size - 10) ** 2, 2),
}


@pytest.mark.parametrize(("cost", "exponent"), FITTED.values(), ids=FITTED)
def test_the_exponent_is_that_of_what_is_beyond_the_constant_part(
    cost: Callable[[float], float], exponent: float
) -> None:
    found = growth(SIZES, [cost(size) for size in SIZES])
    assert found.exponent == pytest.approx(exponent, abs=0.001)


def test_a_square_under_a_large_constant_is_not_hidden_by_it() -> None:
    found = growth(SIZES, [1_000_000 + size * size for size in SIZES])
    assert found.exponent == pytest.approx(2, abs=0.05)


def test_noise_around_a_constant_is_flat() -> None:
    found = growth(SIZES, [100, 103, 99, 104, 101, 98, 104.9])
    assert (found.exponent, str(found)) == (None, "flat")


def test_growth_at_the_largest_size_alone_is_said_and_not_fitted() -> None:
    found = growth(SIZES, [100, 100, 100, 100, 100, 100, 200])
    assert found.exponent is None
    assert str(found) == "2.00 times at the largest"


def test_a_request_more_is_a_page_that_has_begun() -> None:
    pages = [6, 6, 6, 7, 11, 16, 31]
    with_it, without = growth(SIZES, pages), growth(SIZES, pages, grain=1)
    assert with_it.exponent is not None
    assert without.exponent is not None
    assert with_it.exponent > 1.1
    assert without.exponent == pytest.approx(1, abs=0.02)


def test_a_cost_from_nothing_has_an_exponent_too() -> None:
    assert growth([1, 11, 101, 1_001], [0, 10, 100, 1_000]) == Growth(1.0, math.inf)


def test_what_gets_cheaper_is_flat() -> None:
    assert str(growth([1, 2, 3, 4], [100, 90, 80, 70])) == "flat"


@pytest.mark.parametrize("sizes", [(), (1, 1, 2), (3, 2)], ids=["none", "one twice", "falling"])
def test_sizes_have_to_rise(sizes: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="sizes have to rise"):
        growth(sizes, [1.0] * len(sizes))


def test_sizes_that_noise_could_have_made_are_left_out() -> None:
    costs = [100, 106, 107, 130, 200, 300, 600]
    assert growth(SIZES, costs).exponent != pytest.approx(1, abs=0.05)
    assert growth(SIZES, costs, share=5 * NOISE).exponent == pytest.approx(1, abs=0.05)
