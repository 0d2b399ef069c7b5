"""Ways in which people write what the review asks for, and what they write that only looks like it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.postmortem.defects import ACTION, Plant, below, emptied, swap

_TABLE = "| What | Owner | Due |\n|---|:-:|---|\n"


def every(pattern: str, by: str) -> Plant:
    """All places that match, replaced. A report without such a place is an error."""

    def plant(text: str) -> str:
        planted, places = re.subn(pattern, by, text, flags=re.MULTILINE)
        assert places, pattern
        return planted

    return plant


def both(*plants: Plant) -> Plant:
    """One after the other."""

    def plant(text: str) -> str:
        for one in plants:
            text = one(text)
        return text

    return plant


def actions(lines: str) -> Plant:
    """The action items as people wrote them."""
    return emptied("Prevention", lines)


def runbooks(line: str) -> Plant:
    """What is said about runbooks."""
    return swap("^- Runbooks: .*$", line)


GOOD: Mapping[str, Plant] = {
    # Action items.
    "action items in a table": actions(
        f"{_TABLE}| Alert on the pool | [Ada](https://github.com/ada) | 2025-12-01 |\n"
        "| ~~Buy more memory~~ dropped | - | - |\n| Test the restore | bob & ada | Dec 1st, 2025 |"
    ),
    "owner and date nested below the box": actions(
        "- [ ] Alert on the pool\n  - **Owner:** @ada\n  - **Due:** 1 December 2025\n"
        "* [x] Roll the rule back, done the same day\n  - Owner: bob"
    ),
    "a numbered list without boxes": actions(
        "1. Alert on the pool - @ada, by 2025-12-01\n2. Stop doing it by hand (owner: bob, due: 2025-12-01)"
    ),
    "a mention and a bare date": actions("- [ ] Stop restarting it by hand (@ada, 2025/12/01)"),
    "two owners, and a date with dots": actions(
        "- [ ] Test the restore (Owner: `ada` and the team, due 1.12.2025)"
    ),
    "nothing to do, and why": actions("N/A because the vendor mended it, and the contract ends in May."),
    # Runbooks.
    "a runbook nested below its line": runbooks(
        "- Runbooks updated:\n    - the way back, in #57\n    - and #58"
    ),
    "runbooks under a heading of their own": runbooks("### Runbooks\n\nThe way back is described since #57."),
    "the address of the change": runbooks("| Runbooks | https://github.com/hotdash/app/pull/57/files |"),
    "no runbook, and why": runbooks(
        "- Playbooks: nothing to change; the pool is not described in any of them."
    ),
    # The timeline.
    "a timeline in bold, by two clocks": emptied(
        "Timeline",
        "- **14:05 UTC** first alert\n  - 13:50 UTC is when the first request failed\n"
        "- **16:17 CEST** cause found\n- **14:30 UTC** rolled back\n",
    ),
    "a timeline of the twelve hour clock": emptied(
        "Timeline", "| Time | What |\n|---|---|\n| 11:50 AM | A |\n| 12:40 PM | B |\n| 1:05 p.m. | C |\n"
    ),
    "a timeline of two days with headings": emptied(
        "Timeline",
        "### 19 October\n- 20:00 A\n- 23.50 Uhr B\n### 20 October\n- 09:00 C\n- 9.30 % of requests\n",
    ),
    # Words.
    "headings with numbers and signs": both(
        swap("^## Root Cause$", "## 2. Root Cause:"),
        swap("^## Lessons Learned$", "## 💡 **Lessons learned**"),
        swap("^## Prevention$", "## PREVENTION ##"),
    ),
    "another language": both(
        emptied("Root Cause", "Der Pool war für halb so viele Anfragen bemessen, wie kamen."),
        emptied("Lessons Learned", "1. アラートが早かった。\n2. Дежурный не мог войти: пароль истёк."),
    ),
    "a cause with code below its sentence": emptied(
        "Root Cause",
        "The loop of the new rule never ended:\n\n```python\nwhile True: pass  # TODO: human error <x>\n```",
    ),
    "a cause that is a table": emptied("Root Cause", "| Why | Because |\n|---|---|\n| No pool left | leak |"),
    "what people did, by name": below(
        "Resolution",
        "Ada rolled back at 14:10, after the deploy failed. Bob failed over to the replica, and bob broke "
        "the work down into two steps that ada could have been given. Because of ada's alert we saw it.",
    ),
    "what nobody did": below("Resolution", "We forgot nothing here; it is not that the alert was forgotten."),
    "words that only look unfinished": below(
        "Resolution",
        "The TODO in the code was three years old. `List<String>` became List<Text>, \\<escaped\\>, "
        "`<version>` of [your choice](https://example.com), <https://example.com/xx>, <kbd>q</kbd> and "
        "<strong>bold</strong><br/>.",
    ),
    "a quotation": emptied("Lessons Learned", "> The alert was early, and nobody read it."),
}
"""Good reports of HotDash, each written differently from what the engine offers."""

BAD: Mapping[str, tuple[str, Plant]] = {
    "a table of actions with a row of nobody's": ("no-owner", actions(f"{_TABLE}| Alert | | 2025-12-01 |")),
    "a table of actions without a date": ("no-due-date", actions(f"{_TABLE}| Alert | @ada | Q1 |")),
    "a table of actions with a column less": (
        "no-owner",
        actions("| What | Due |\n|-|-|\n| Alert | 2025-12-01 |"),
    ),
    "an owner to be found": ("no-owner", actions("- [ ] Find an owner of the pool (due: 2025-12-01)")),
    "an owner who is a team": ("no-owner", swap(ACTION, r"- [ ] \1 (owner: @acme/platform-team, due: \3)")),
    "an owner to be decided, beside a login": (
        "no-owner",
        swap(ACTION, r"- [ ] \1, ask @bob (owner: to be decided, due: \3)"),
    ),
    "everybody's": ("no-owner", swap(ACTION, r"- [ ] \1 (Assignee: all of us, due: \3)")),
    "a date that differs by country": ("no-due-date", swap(ACTION, r"- [ ] \1 (owner: \2, due: 12/01/2025)")),
    "the date of the incident": (
        "no-due-date",
        swap(ACTION, r"- [ ] Mend what broke on 2025-10-19 (owner: \2)"),
    ),
    "a numbered action without an owner": ("no-owner", actions("1. Alert on the pool, by 2025-12-01")),
    "bullets that promise nothing": ("no-actions", actions("- Better alerts\n- More tests")),
    "factors in an empty table": (
        "section-empty",
        emptied("Contributing Factors", "| Factor | Why |\n|---|---|\n| | |\n| - | n/a |"),
    ),
    "factors that are only tags": (
        "section-empty",
        emptied("Contributing Factors", "<details><br/>\n</details>"),
    ),
    "a cause that is only code": ("section-empty", emptied("Root Cause", "```\npanic: out of memory\n```")),
    "a cause that is quoted as unknown": ("section-empty", emptied("Root Cause", "> Under investigation.")),
    "lessons to come": ("section-empty", emptied("Lessons Learned", "1. Work in progress\n2. See above.")),
    "a value that was not filled in": ("unfinished", below("Resolution", "Restarted {{ service }} twice.")),
    "words in brackets to be replaced": (
        "unfinished",
        below("Resolution", "Restarted by [your name] at HH:MM."),
    ),
    "a mark in the middle of a list": ("unfinished", below("Resolution", "1. TODO link the change")),
    "a time of the timeline that was changed": (
        "timeline",
        swap("^- 14:17 UTC: Root cause identified$", "- 14:16 UTC: Root cause identified"),
    ),
    "a timeline of the afternoon that turns back": (
        "timeline",
        emptied("Timeline", "- 2:30 PM first alert\n- 2:10 PM rolled back"),
    ),
    "a duration of the table that was changed": (
        "duration",
        swap(r"\| 28 min \|$", "| 1 h 28 min (88 min) |"),
    ),
    "a duration of the front matter that was changed": (
        "record",
        swap("^  mitigation: 28$", "  mitigation: 5"),
    ),
    "a runbook that is said to need nothing, without a reason": (
        "runbooks",
        runbooks("- Runbooks: no change needed."),
    ),
    "a runbook that was not updated": (
        "runbooks",
        runbooks("- The runbook was not updated because of holidays."),
    ),
    "a list of steps that was taken out": (
        "runbooks",
        both(runbooks(""), swap(r"^- \[ \] Runbooks updated$", "")),
    ),
    "somebody who broke it": ("blame", below("Root Cause", "Bob, who was new, broke the migration.")),
    "somebody's mistake": ("blame", below("Root Cause", "It was bob\u2019s own mistake.")),
    "because of somebody": ("blame", below("Root Cause", "All of this happened because of Bob.")),
    "an engineer who forgot": ("blame", below("Root Cause", "The engineer on call simply forgot the flag.")),
    "blame in a heading": ("blame", swap("^## Follow-up$", "## Follow-up on human error")),
}
"""Defects in reports of HotDash as people write them: the rule that finds each, and how it is planted."""
