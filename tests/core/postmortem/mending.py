"""People who do what the review of a post-mortem tells them to."""

from __future__ import annotations

import re

from allclear.core.policy.runbook import Runbook
from allclear.core.postmortem.front_matter import Report
from allclear.core.postmortem.remarks import Remark
from allclear.core.postmortem.reviewing import reviewed

ROUNDS = 20
"""After so many readings there has to be nothing left."""

WORDS = "The pool was sized for half of the people who used it."
ACTION = "- [ ] Alert on the pool (owner: bob, due: 2025-12-01)"


def mended(text: str, runbook: Runbook, record: Report | None = None) -> str:
    """The report with everything in it that its review asks for."""
    for _ in range(ROUNDS):
        held = [one for one in reviewed(text, runbook, record) if one.holds]
        if not held:
            return text
        lines = text.split("\n")
        for one in reversed(held):
            _mend(lines, one)
        text = "\n".join(lines)
    msg = f"this cannot be mended here: {held}"
    raise AssertionError(msg)


def _mend(lines: list[str], found: Remark) -> None:
    at = found.line - 1
    match found.rule:
        case "prompt-left":
            mark = re.match(r"(?:[-*+]|\d+[.)])? ?", lines[at])
            lines[at] = f"{mark[0] if mark else ''}{WORDS}"
        case "section-missing":
            heading = re.search(r"`(## .+)`", found.text)
            assert heading is not None
            lines += ["", heading[1], "", WORDS]
        case "section-empty":
            lines[at + 1 : at + 1] = ["", WORDS]
        case "no-actions":
            lines[at + 1 : at + 1] = ["", ACTION]
        case "no-owner" | "no-due-date":
            bare = re.sub(r"[ ]*\((?:proposed|owner)[^()]*\)$", "", lines[at])
            lines[at] = f"{bare} (owner: bob, due: 2025-12-01)"
        case "unfinished":
            lines[at] = WORDS
        case "runbooks":
            lines += ["", "## Follow-up", "", "- Runbooks: no change, because none is about the pool."]
        case "override":
            lines += ["", "The override was given because nothing was left to watch after the rollback."]
        case _:
            raise AssertionError(found)
