"""Every refusal that another spelling puts right shows a line that can be typed here, in every runbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from allclear.commands import COMMANDS
from allclear.core.record.audit import Refused
from core.conversation.test_hints import RUNBOOKS, desk_of, refused, shown_lines
from core.issue_desk import IssueDesk, facts, told
from sampling import Proof
from stories import ADA

WRONG = ("", "xyzzy plugh", "@nobody", "#0", "P9 99:99", "due:2020-01-01 x", "--xyzzy", "x=1 y=2")
"""What no command can be meant with: nothing, unknown words, and values of the wrong kind."""
NO_LINE = frozenset({"settings", "no-provider", "no-services", "not-allowed"})
"""What no other line would put right: somebody has to set it up, or to be allowed."""
NOTHING_TO_DO = (
    "This runbook knows no kinds of incidents",
    "is not an operation of this incident. None is open here.",
    "Nothing is waiting to begin here.",
    "so there is nothing to reopen",
    "There is no report to confirm",
    "There is no command of yours to take back",
    "Nothing waits to be said to",
)
"""Of these there is nothing that the command could be about."""


def wrong_lines(name: str, proof: Proof, *, over: bool) -> list[str]:
    """Every command with what it cannot be meant with; of a sample, two of those, so that of all runbooks
    together each command has each.
    """
    wrong, some = (WRONG[:2], 1) if over else (WRONG, 2)
    every = [f"/{command} {text}".strip() for command in COMMANDS for text in wrong]
    if proof.whole:
        proof.count(len(every), len(every))
        return every
    first = RUNBOOKS.index(name) * some
    turns = [
        (command, (first + place + turn) % len(wrong))
        for place, command in enumerate(COMMANDS)
        for turn in range(some)
    ]
    proof.count(len(turns), len(every))
    return [f"/{command} {wrong[turn]}".strip() for command, turn in turns]


def refusals(desk: IssueDesk, lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each of the lines that is refused, and the refusal."""
    for line in lines:
        comments = list(desk.comments)
        desk.write(ADA, line)
        plan = desk.plan()
        desk.comments = comments
        codes = {one.code for one in facts(plan) if isinstance(one, Refused)}
        if codes and codes.isdisjoint(NO_LINE):
            # The first line repeats what was typed.
            yield line, told(plan).replace("\u2060", "").replace("\\", "").partition("\n")[2]


@pytest.mark.parametrize("over", [False, True], ids=["open", "over"])
@pytest.mark.parametrize("name", RUNBOOKS)
def test_a_refusal_shows_a_line_that_is_understood(name: str, over: bool, proof: Proof) -> None:
    desk = desk_of(name)
    if over:
        desk.says(ADA, '/all-clear --override "a test"')
        desk.run()
    understood: dict[str, bool] = {}
    without = []
    for line, said in refusals(desk, wrong_lines(name, proof, over=over)):
        if any(words in said for words in NOTHING_TO_DO):
            continue
        for shown in shown_lines(said):
            if shown not in understood:
                understood[shown] = refused(desk, [shown]) == []
        if not any(understood[shown] for shown in shown_lines(said)):
            without.append((line, said))
    assert without == []
