"""An action asked for in a comment, read again before it runs."""

from __future__ import annotations

import pytest

from allclear.core.conversation.hints import as_parameter
from allclear.core.conversation.parse import Typed, find
from allclear.core.model.authored import read_authored
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights
from allclear.core.policy.service import Action
from allclear.core.policy.settings import Settings
from allclear.core.production.action import bound_again
from commands.room import CLAIRE, HOTDASH
from commands.test_run import ACTIONS, asked, talk

SETTINGS = read_authored(Settings, {"actions": ACTIONS})


@pytest.mark.parametrize(
    "text",
    [
        "/run restart",
        "/run `RESTART` the pool is stuck",
        "/run scale count=4 region=fra\nthe queue is full",
        "/flag-off `stripe-payments` the provider is down",
    ],
)
def test_the_same_words_bind_to_the_same(text: str) -> None:
    (typed,) = find(text)
    fact = asked(talk().says(text, CLAIRE, rights=Rights.MAINTAIN))
    assert bound_again(typed, SETTINGS, HOTDASH, "").digest == fact.digest


def test_other_words_bind_to_something_else() -> None:
    (typed,) = find("/run scale count=4 region=fra")
    other = Typed("run", "scale count=5 region=fra", "")
    dry = Typed("run", "scale count=4 region=fra --dry-run", "")
    assert len({bound_again(one, SETTINGS, HOTDASH, "").digest for one in (typed, other, dry)}) == 3


@pytest.mark.parametrize("line", ["gone", "scale count=x region=fra", "scale"])
def test_what_the_settings_no_longer_take_is_refused(line: str) -> None:
    with pytest.raises(UserError):
        bound_again(Typed("run", line, ""), SETTINGS, HOTDASH, "")


@pytest.mark.parametrize(
    ("parameters", "text", "line"),
    [
        ({"count": {"pattern": "[0-9]"}}, "4", "/run scale count=4"),
        ({"count": {"pattern": "[0-9]"}}, "4 the queue is full", "/run scale count=4 the queue is full"),
        ({"count": {"pattern": "[0-9]"}}, "up", "/run scale up"),
        ({"count": {"pattern": ".*"}}, "count=4", "/run scale count=4"),
        ({"count": {"pattern": ".*"}}, "", "/run scale"),
        ({}, "4", "/run scale 4"),
    ],
)
def test_a_value_alone_becomes_the_one_parameter_in_the_line_that_is_advised(
    parameters: dict[str, object], text: str, line: str
) -> None:
    run = ["scale", *(f"{{{one}}}" for one in parameters)]
    action = read_authored(Action, {"title": "Scale", "run": run, "parameters": parameters})
    assert as_parameter("scale", action, text) == line
