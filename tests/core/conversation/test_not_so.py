"""Who says ``/resolve not yet`` resolves nothing, and a fix in whatever words goes through."""

from __future__ import annotations

import pytest

from allclear.core.conversation.not_so import check_so
from allclear.core.model.errors import UserError


@pytest.mark.parametrize(
    "text",
    [
        "not yet",
        "Not yet!",
        "(not yet)",
        "later",
        "of story",
        "soon",
        "if it stays green",
        "when ready",
        "wait",
        "no",
        "no, it is back",
        "no wait",
        "nope",
        "wrong",
        "wrong, it is back",
        "is wrong, it is back",
        "it\u2019s not fixed",
        "tomorrow",
        "in 10 minutes",
        "in a bit",
        "don\u2019t",
        "please wait",
        "is broken",
        "fails",
        "404",
        "button does nothing",
        "page is blank",
        "doesn\u2019t work",
        "not yet\nwe still look",
        "- no wait",
        "\u2014 not yet",
        "-> later",
        "... soon",
        "hopefully",
        "nvm",
        "undo that",
        "ready?",
        "can we, now?!",
        "\u23f3",
        "\U0001f914",
        "TBD",
        "to be confirmed",
        "pending approval",
        "after the final review",
        "in case it holds",
        "is next",
        "ETA 15:30",
    ],
)
def test_a_text_that_begins_with_a_doubt_ends_nothing(text: str) -> None:
    with pytest.raises(UserError, match="Nothing is done, because") as refused:
        check_so(text, "/resolve")
    assert "`/resolve because …`" in refused.value.message
    assert refused.value.code == "unclear"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rolled back to v41",
        "not a bug in our code: the vendor fixed it",
        "no errors for an hour",
        "no longer failing",
        "wrong config was reverted",
        "404s are gone",
        "500s are gone",
        "failed over to the replica",
        "page loads again",
        "after the rollback all is green",
        "because not yet compatible clients were removed",
        "is fixed",
        "stopped the runaway job",
        "rolled back, not yet clear why it failed",
        "rolled back\nnot yet clear why",
        "in v41 the pool is larger",
        "button removed",
        "button is fixed",
        "is back to normal",
        "It is back",  # the service, as the room says it
        "it is not a bug in our code",
        "cannot be reproduced",
        "does not happen any more",
        "errors are down to zero",
        "whenever the pool is full it is restarted",
        "- rolled back to v41",
        "\u2705",
        "because somebody asked for it, right?",
        "after the restart",
    ],
)
def test_a_fix_goes_through_in_whatever_words(text: str) -> None:
    check_so(text, "/resolve")
