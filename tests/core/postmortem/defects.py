"""Defects that are planted in good reports, one at a time, and the rule that has to find each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import count

Plant = Callable[[str], str]


def swap(pattern: str, by: str) -> Plant:
    """The first place that matches, replaced. A report without such a place is an error."""

    def plant(text: str) -> str:
        planted, places = re.subn(pattern, by, text, count=1, flags=re.MULTILINE)
        assert places, pattern
        return planted

    return plant


def below(heading: str, line: str) -> Plant:
    """A line of its own below the heading."""
    return swap(rf"^## {heading}$", f"## {heading}\n\n{line}\n")


def emptied(heading: str, left: str = "") -> Plant:
    """The section with nothing but ``left`` in it."""
    by = f"## {heading}\n\n{left}\n\n".replace("\\", r"\\")
    return swap(rf"^## {re.escape(heading)}\n(?:(?!## ).*\n)*", by)


def _gone(heading: str) -> Plant:
    return swap(rf"^## {heading}\n(?:(?!## ).*\n)*", "")


def _earlier(text: str) -> str:
    """The last line of the timeline's list, an hour before the others."""
    lines = text.split("\n")
    begin = lines.index("## Timeline")
    times = [n for n in range(begin, len(lines)) if re.match(r"- \d\d:\d\d", lines[n])]
    lines[times[-1]] = re.sub(r"\d\d:\d\d", "13:01", lines[times[-1]], count=1)
    return "\n".join(lines)


def _two_days(text: str) -> str:
    counter = count()
    days = ("2025-10-20 ", "2025-10-19 ")
    return re.sub(
        r"^- (?=\d\d:\d\d)",
        lambda _: f"- {days[n]}" if (n := next(counter)) < 2 else "- ",
        text,
        flags=re.MULTILINE,
    )


ACTION = r"^- \[ \] (.+?) \(owner: (\w+), due: ([\d-]+)\)$"

HOTDASH: Mapping[str, tuple[str, Plant]] = {
    # What only people can write.
    "no root cause": ("section-empty", emptied("Root Cause")),
    "a root cause to come": ("section-empty", emptied("Root Cause", "TBD")),
    "a root cause that is not recorded": ("section-empty", emptied("Root Cause", "Not recorded.")),
    "no contributing factors": ("section-empty", emptied("Contributing Factors", "1.\n2.")),
    "contributing factors that are dashes": ("section-empty", emptied("Contributing Factors", "- -\n- n/a")),
    "no lessons": ("section-empty", emptied("Lessons Learned", "N/A")),
    "lessons in a comment": ("section-empty", emptied("Lessons Learned", "<!-- we learned a lot -->")),
    "lessons that are labels": ("section-empty", emptied("Lessons Learned", "**What went well**:")),
    "the section of lessons is gone": ("section-missing", _gone("Lessons Learned")),
    "the section of causes is gone": ("section-missing", _gone("Root Cause")),
    "a renamed section": ("section-missing", swap("^## Contributing Factors$", "## Factors")),
    # What still asks.
    "a question of the template": (
        "prompt-left",
        below("Contributing Factors", "1. _What made it harder to notice or to fix?_"),
    ),
    "a cause that is asked for": ("prompt-left", below("Root Cause", "_Not recorded. What caused it?_")),
    "actions that are asked for": (
        "prompt-left",
        below("Prevention", "_No action items yet. Add them here._"),
    ),
    "something left to do": ("unfinished", below("Resolution", "TODO: link the pull request")),
    "something to be fixed": ("unfinished", below("Resolution", "We rolled back. FIXME")),
    "a place that nobody filled": ("unfinished", below("Resolution", "Rolled back to <version>.")),
    # What was promised.
    "an action of nobody": ("no-owner", swap(ACTION, r"- [ ] \1 (owner: nobody yet, due: \3)")),
    "an action without a word on its owner": ("no-owner", swap(ACTION, r"- [ ] \1 (due: \3)")),
    "an action of the team": ("no-owner", swap(ACTION, r"- [ ] \1 (owner: team, due: \3)")),
    "an action without a date": ("no-due-date", swap(ACTION, r"- [ ] \1 (owner: \2, due: no date)")),
    "an action for some day": ("no-due-date", swap(ACTION, r"- [ ] \1 (owner: \2, due: soon)")),
    "an action of the 31st of February": (
        "no-due-date",
        swap(ACTION, r"- [ ] \1 (owner: \2, due: 2025-02-31)"),
    ),
    "no action at all": ("no-actions", emptied("Prevention", "We will be more careful.")),
    "a runbook that nobody updated": ("runbooks", swap(r"^- Runbooks: .*$", "")),
    "a runbook that is said to be updated": (
        "runbooks",
        swap(r"^- Runbooks: .*$", "- The runbook was updated."),
    ),
    # What contradicts.
    "a line of the timeline is earlier": ("timeline", _earlier),
    "a day of the timeline is earlier": ("timeline", _two_days),
    "another severity in the head": ("head", swap(r"^\*\*Severity\*\*: P0", "**Severity**: P2")),
    "another date in the head": ("head", swap(r"^\*\*Date\*\*: [\d-]+", "**Date**: 2025-10-18")),
    "another duration in the head": (
        "head",
        swap(r"^\*\*Duration\*\*: \d+ minutes", "**Duration**: 7 minutes"),
    ),
    "a duration that is not the difference": (
        "duration",
        swap(r"^  duration_minutes: \d+", "  duration_minutes: 5"),
    ),
    "resolved before it started": (
        "order",
        swap(r"^resolved_at: .*$", "resolved_at: '2025-10-19T13:00:00Z'"),
    ),
    "closed before it was resolved": ("order", swap(r"^closed_at: .*$", "closed_at: '2025-10-19T14:06:00Z'")),
    "detected before it started": (
        "order",
        swap(r"^detected_at: .*$", "detected_at: '2025-10-19T13:00:00Z'"),
    ),
    "another start than the issue has": (
        "record",
        swap(r"^started_at: .*$", "started_at: '2025-10-19T13:30:00Z'"),
    ),
    "fewer users than the issue has": ("record", swap(r"^  users_affected: .*$", "  users_affected: 3")),
    "another issue": ("record", swap(r"^issue: 42$", "issue: 7")),
    "nobody knows whose it is": ("whose", swap(r"^repository: .*$", "")),
    "front matter that is no YAML": ("front-matter", swap(r"^severity: .*$", "severity: [P0")),
    "front matter with a date that there is not": (
        "front-matter",
        swap(r"^started_at: .*$", "started_at: '2025-13-45'"),
    ),
    "an override that says nothing": (
        "override",
        swap(
            r"^number_of_people: .*$",
            "overrides:\n- by: ada\n  at: '2025-10-19T16:00:00Z'\n  reason: done\nnumber_of_people: 2",
        ),
    ),
    # What is hinted at.
    "a person who is to blame": ("blame", below("Root Cause", "This was human error.")),
    "a person who forgot": ("blame", below("Root Cause", "Then bob forgot to run the migration.")),
    "a person who should have known": ("blame", below("Lessons Learned", "She should have known better.")),
    "a token": ("secret", below("Resolution", "We used ghp_" + "a1B2c3D4e5" * 4 + " for it.")),
    "a password in an address": (
        "secret",
        below("Resolution", "postgres://app:hunter2secret@db.internal/shop"),
    ),
    "a mail address": ("customer-data", below("Root Cause", "First seen by jane.doe@contoso.com.")),
    "a telephone number": ("customer-data", below("Root Cause", "Reported by +49 30 901820 at noon.")),
    "a card number": (
        "customer-data",
        below("Root Cause", "The card 4111 1111 1111 1111 was charged twice."),
    ),
    "a bank account": ("customer-data", below("Root Cause", "Paid to DE89 3704 0044 0532 0130 00 twice.")),
}
"""By what is wrong: the rule that finds it, and how it is planted in a report of HotDash."""
