"""Which release is gone back to, once the list is known."""

from __future__ import annotations

import pytest

from allclear.core.model.errors import UserError
from allclear.core.model.operation import Order
from allclear.core.model.release import Release, Releases
from allclear.core.model.stored import read_values
from allclear.core.policy.provider import Provider
from allclear.core.production.choice import choose

LISTED = Releases(
    Release("v42", "v42"),
    (
        Release("v41", "v41"),
        Release("bad!", "bad"),
        Release("v39", "v39"),
        Release("v38", "v38", deployed=False),
    ),
)
OURS = Provider(title="Ours", pattern="v[0-9]+", rollback=("back", "{target}"))


def order(**named: str) -> Order:
    return read_values(Order, {"kind": "rollback", "service": "web"} | named)


@pytest.mark.parametrize(
    ("named", "avoid", "found"),
    [
        ({}, (), "v41"),
        ({"target": "v39"}, (), "v39"),
        ({"release": "39"}, (), "v39"),
        ({}, ("v41", "bad"), "v39"),
    ],
)
def test_the_named_one_or_the_last_known_good_one(
    named: dict[str, str], avoid: tuple[str, ...], found: str
) -> None:
    assert choose(order(**named), avoid, LISTED, OURS).name == found


@pytest.mark.parametrize(
    ("named", "avoid", "said"),
    [
        ({"release": "v99"}, (), "is not among the releases"),
        ({"target": "v42"}, (), "is already running"),
        ({"release": "bad"}, (), "not a target that the provider accepts"),
        ({}, ("v41", "bad", "v39"), "no earlier release that worked"),
    ],
)
def test_where_it_cannot_go_is_said(named: dict[str, str], avoid: tuple[str, ...], said: str) -> None:
    with pytest.raises(UserError, match=said):
        choose(order(**named), avoid, LISTED, OURS)


def test_a_list_that_does_not_say_what_runs_is_taken_at_its_word() -> None:
    assert choose(order(target="v41"), (), Releases(None, LISTED.earlier), OURS).name == "v41"
