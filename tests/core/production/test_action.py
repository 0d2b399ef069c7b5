"""An action asked for in a comment, read again before it runs."""

from __future__ import annotations

import pytest

from allclear.core.conversation.parse import Typed, find
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights
from allclear.core.policy.settings import Settings
from allclear.core.production.action import bound_again
from commands.room import CLAIRE, HOTDASH
from commands.test_run import ACTIONS, asked, talk

SETTINGS = Settings.model_validate({"actions": ACTIONS})


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
