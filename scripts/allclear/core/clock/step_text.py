"""The text of a step: the runbook's words, with the incident's values in them."""

from __future__ import annotations

from allclear.core.clock.window import window
from allclear.core.language.wording import filled, stand_ins
from allclear.core.model.neutral import code, inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.slug import slug
from allclear.core.policy.checklists import Step
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import Incident

_NAMED = lazy_regex(r"\{\{ {0,3}([a-z][a-z0-9_]{0,50}) {0,3}\}\}")
_CODE = lazy_regex(r"`([^`\n]{1,200})`")


def step_text(step: Step, incident: Incident, runbook: Runbook) -> str:
    """One line of Markdown: what the runbook says, with the commands in it as commands, and everything else
    inert.
    """
    return marked(worded(step.text, incident, runbook))


def short_name(incident: Incident) -> str:
    """What the incident is called in the name of its channel: the first service that is affected; as long as
    none is known, the words of its title (002-A9).
    """
    return slug(next(iter(incident.impact.services), incident.brief), incident.number)


def worded(text: str, incident: Incident, runbook: Runbook) -> str:
    """The text with the incident's values in it; lines with a value that it never has fall away. Raw."""
    span, started = window(incident, runbook), incident.reached("started")
    levels = [one.id for one in runbook.severities]
    severity = runbook.severity(incident.severity) if incident.severity in levels else None
    values = {
        "watch": span.words() if span is not None else "",
        "severity": severity.shown or severity.id if severity else incident.severity,
        "severity_name": severity.name if severity else "",
        "brief": incident.brief,
        "services": ", ".join(incident.impact.services),
        "date": f"{started.astimezone(runbook.times.zone):%Y-%m-%d}" if started else "",
        "timestamp": f"{started.astimezone(runbook.times.zone):%Y%m%d-%H%M}" if started else "",
        "slug": short_name(incident),
    }
    values["room"] = filled(runbook.channels.get("room", ""), values)
    known = stand_ins(values, [role.id for role in runbook.roles])
    # What no text may name is told where the runbook is checked; here it stays as it was written.
    strange = {name: f"{{{{ {name} }}}}" for name in _NAMED.findall(text) if name not in known}
    return filled(text, known | strange, () if span else ("watch",))


def marked(text: str, limit: int = 300) -> str:
    """A line of the runbook as Markdown: what stands in backticks is code, all else is inert."""
    parts = []
    at = 0
    for match in _CODE.finditer(text):
        parts += [_inert(text[at : match.start()], limit), code(match[1], limit)]
        at = match.end()
    return "".join([*parts, _inert(text[at:], limit)]).strip()


def _inert(text: str, limit: int) -> str:
    """Inert, with the blanks at its ends as they are."""
    before = " " if text[:1].isspace() else ""
    after = " " if text[1:] and text[-1:].isspace() else ""
    return f"{before}{inline(text, limit)}{after}" if text.strip() else before
