"""What a runbook tells people who look for the cause or the severity, as Markdown for replies and panel."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from allclear.core.clock.advice import Advice
from allclear.core.clock.readings import latest
from allclear.core.model.neutral import code, inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.guidance import LookGroup, Pattern
from allclear.core.policy.runbook import Runbook, Severity
from allclear.core.policy.settings import Settings
from allclear.core.record.incident import Incident

FENCE = "`" * 5
"""Longer than any run of backticks a runbook would hold, so that nothing in it ends the fence."""

WHOLE = 2000
"""Characters of one text of a runbook that are shown: all of it."""

_CODE = lazy_regex(r"`([^`\n]{1,200})`")
_ADDRESS = lazy_regex(r"https?://[^\s()<>\[\]]{1,500}", re.IGNORECASE)
_DOCUMENT = lazy_regex(r"[\w-][\w.-]{0,80}(?:/[\w-][\w.-]{0,80}){1,10}\.md")


def marked(text: str) -> str:
    """One line of a runbook, inert but for what stands in backticks."""
    parts, end = [], 0
    for found in _CODE.finditer(text):
        parts += [inline(text[end : found.start()], WHOLE), code(found[1], 200)]
        end = found.end()
    return " ".join(filter(None, [*parts, inline(text[end:], WHOLE)]))


def folded(summary: str, lines: Iterable[str]) -> str:
    """Lines that are shown on a click; nothing without any."""
    body = "\n".join(lines).strip()
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>" if body else ""


def described(severity: Severity, runbook: Runbook) -> str:
    """``- `P0`, Critical: Production completely down. Such as: Database unavailable``: all that the runbook
    says, for the label that GitHub shows is cut.
    """
    meant = "; ".join(severity.definitions) or severity.definition
    called = [severity.shown, severity.name]
    name = " · ".join(inline(one) for one in dict.fromkeys(called) if one not in ("", severity.id))
    said = ": ".join(filter(None, (name, inline(meant, WHOLE))))
    least = [
        inline(f"{one.title} from {one.written(one.least[severity.id])}")
        for one in runbook.measures
        if severity.id in one.least
    ]
    more = {"Measured": least}
    more |= {"Such as": [inline(one, WHOLE) for one in severity.examples]}
    more |= {"It means": [inline(one, WHOLE) for one in severity.impact]}
    told = "".join(f". {title}: {', '.join(texts)}" for title, texts in more.items() if texts)
    return f"- `{severity.id}`{f', {said}' if said else ''}{told}"


def which_severity(runbook: Runbook) -> str:
    """What each severity means: the answer to "P1 or P2?"."""
    return "\n".join(described(severity, runbook) for severity in runbook.severities)


def named_flags(runbook: Runbook) -> str:
    """Every flag, with what it means in brackets."""
    titles = runbook.flag_titles
    return ", ".join(
        f"`{flag}` ({inline(titles[flag])})" if flag in titles else f"`{flag}`" for flag in runbook.flags
    )


def about(runbook: Runbook) -> str:
    """What the runbook is for, and by which principles people act; folded."""
    said = runbook.about
    lines = [inline(said.text, WHOLE)] if said.text else []
    for title, texts in (("Objectives", said.objectives), ("Principles", said.principles)):
        lines += ["", f"**{title}**", "", *(f"- {marked(text)}" for text in texts)] if texts else []
    facts = [inline(f"{name[:1].upper()}{name[1:]}: {text}", WHOLE) for name, text in said.facts.items()]
    lines += ["", "; ".join(facts)] if facts else []
    return folded(f"About: {inline(runbook.title)}", lines)


def looked(groups: Sequence[LookGroup]) -> list[str]:
    """Commands under their headings."""
    lines: list[str] = []
    for group in groups:
        lines += ["", f"**{inline(group.title)}**", "", *fenced(group.commands)]
    return lines


def fenced(commands: Iterable[str]) -> list[str]:
    """Commands to copy. They are shown, never run."""
    return [f"{FENCE}sh", *(command.strip() for command in commands), FENCE]


def first_words(incident: Incident, runbook: Runbook, table: str) -> str:
    """What stands below the declaration: which severity it is when nobody named one, what will happen when
    (``table``), where to look, and what the runbook is for.
    """
    which = f"**Which severity is it?**\n\n{which_severity(runbook)}" if incident.severity_asked else ""
    planned = f"**What will happen when**\n\n{table}" if table else ""
    where = folded("Where to look", looked(runbook.look))
    return "\n\n".join(filter(None, (which, planned, where, about(runbook))))


def link(name: str, text: str, repository: str) -> str:
    """A page by its name; a document of the repository too, and a note as it stands."""
    title = inline(name)
    if _ADDRESS.fullmatch(text):
        return f"[{title}]({text})"
    if repository and _DOCUMENT.fullmatch(text):
        return f"[{title}]({repository}/blob/HEAD/{text})"
    return f"{title}: {marked(text)}"


def shown_pattern(pattern: Pattern, settings: Settings) -> list[str]:
    """How to see whether it is this one, and what helps."""
    lines = [*fenced(pattern.look)] if pattern.look else []
    lines += [""] if pattern.look and pattern.fixes else []
    for remedy in pattern.fixes:
        action = settings.actions.get(remedy.action)
        runs = f": {code(' '.join(action.run), 200)}" if action else ", which the settings do not have yet"
        run = f": {code(f'/run {remedy.action}')}{runs}" if remedy.action else ""
        lines.append(f"- {marked(remedy.text)}{run}")
    lines += [f"- Later: {marked(pattern.later)}"] if pattern.later else []
    return lines


def asked_severity(advice: Sequence[Advice], runbook: Runbook) -> list[str]:
    """Whether it is the severity that this suggests; ``advice``: all of one severity, at least one."""
    severity = runbook.severity(advice[0].to)
    seen = "; ".join(dict.fromkeys(inline(one.why, WHOLE) for one in advice))
    return [
        f"**Is this {code(severity.id)}?** {seen}.",
        described(severity, runbook),
        "",
        f"If so, write {code(f'/sev {severity.id}')}. Nothing changes by itself.",
    ]


def known_pattern(incident: Incident, runbook: Runbook) -> Pattern | None:
    """The known kind of incident that people say it is."""
    return runbook.pattern(incident.observed.pattern) if incident.observed.pattern else None


def measured(incident: Incident, runbook: Runbook) -> list[str]:
    """``Error rate 12 %``: what every measure stands at that somebody read."""
    found = [(one, latest(incident, one.id)) for one in runbook.measures]
    return [inline(f"{one.title} {one.written(value)}") for one, value in found if value is not None]
