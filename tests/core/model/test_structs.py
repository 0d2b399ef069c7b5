"""The unused ignores below would tell that mypy does not see the fields any more."""

from typing import ClassVar

import pytest
from msgspec import Struct

from allclear.core.model.structs import PartlyCompared, replace


class Dot(Struct, frozen=True):
    x: int
    colour: str = "red"


class Ring(Struct, frozen=True):
    x: int
    width: int = 1


def test_the_other_fields_stay_as_they_are() -> None:
    assert replace(Dot(1, "blue"), x=2) == Dot(2, "blue")


def test_of_one_or_the_other_what_both_have_can_be_another() -> None:
    either: list[Dot | Ring] = [Dot(1), Ring(1, 3)]
    assert [replace(one, x=2) for one in either] == [Dot(2), Ring(2, 3)]


def test_a_field_that_there_is_not_is_refused() -> None:
    with pytest.raises(TypeError):
        replace(Dot(1), y=2)  # type: ignore[call-arg]  # what is tested


def test_mypy_knows_the_type_of_a_field() -> None:
    assert str(replace(Dot(1), x="2").x) == "2"  # type: ignore[arg-type]  # what is tested: structs check nothing


class Said(PartlyCompared, frozen=True):
    text: str
    line: int = 0
    aside: ClassVar[frozenset[str]] = frozenset({"line"})


def test_what_stands_aside_is_not_compared() -> None:
    assert {Said("a", 1), Said("a", 2)} == {Said("a")}
    assert Said("a") != Said("b")
    assert Said("a") != "a"
