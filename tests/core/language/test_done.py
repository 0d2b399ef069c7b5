"""What a step may be done by."""

import pytest

from allclear.core.language.done import read_done
from allclear.core.policy.checklists import Done


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("mitigated", Done("moment", ("mitigated",))),
        ("all-clear", Done("moment", ("all-clear",))),
        ("severity", Done("severity")),
        ("told", Done("told")),
        ("told  Engineering Manager", Done("told", ("Engineering Manager",))),
        ("post-mortem", Done("post-mortem")),
        ("role ic, tech", Done("role", ("ic", "tech"))),
        ("evidence logs", Done("evidence", ("logs",))),
        ("said team.update", Done("said", ("team",), "update")),
        ("said team.all-clear", Done("said", ("team",), "all-clear")),
    ],
)
def test_the_words_are_read(text: str, done: Done) -> None:
    assert read_done(text) == done


@pytest.mark.parametrize(
    "text", ["", "fixed", "severity P0", "role", "role ,", "said team", "said team.lunch", "mitigated now"]
)
def test_other_words_are_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="nothing that can be seen to be done; write mitigated"):
        read_done(text)
