"""The issue form that people declare an incident with, made from the runbook.

GitHub's syntax: https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from allclear.core.model.neutral import cut, inline
from allclear.core.policy.runbook import Runbook, Severity
from allclear.core.view.guidance import which_severity

NOT_SURE = "Not sure"

LONGEST_OPTION = 100
"""Characters of an option; the whole definition stands above the choice."""


def severity_option(severity: Severity) -> str:
    """``P0 - Critical``: the id comes first, for that is what is read."""
    return cut(f"{severity.id} - {severity.name}", LONGEST_OPTION)


def issue_form(runbook: Runbook, label: str, zone: str = "") -> str:
    """The text of ``.github/ISSUE_TEMPLATE/incident.yml``. ``label``: what marks an incident; ``zone``: in
    which people write times, the runbook's where it is empty.
    """
    return "\n".join([*_head(runbook, label), *_fields(runbook, zone or runbook.zone)]) + "\n"


def _head(runbook: Runbook, label: str) -> Iterator[str]:
    yield "name: Incident"
    yield _line(
        "description",
        "Something is broken for users, or is about to be. One minute is enough; everything can be corrected "
        "later.",
    )
    yield f"labels: [{_quoted(label)}]"
    yield "body:"
    yield from _markdown(
        f"**{inline(runbook.title)}**",
        "",
        "Send this as soon as you know that something is wrong. Allclear answers within a minute, and says "
        "who is notified and when.",
        "If you have no role in this repository, a responder has to confirm your report first.",
        "",
        "Which severity is it?",
        "",
        *which_severity(runbook).split("\n"),
    )


def _fields(runbook: Runbook, zone: str) -> Iterator[str]:
    options = [*map(severity_option, runbook.severities), NOT_SURE]
    yield from _dropdown("severity", "Severity", options, "When in doubt, choose the higher one.")
    yield from _required()
    yield from _text(
        "what",
        "What is happening",
        "What you see, and what you expected. Never paste passwords or keys.",
        "The checkout answers with an error 500 since the deploy.",
        kind="textarea",
    )
    yield from _required()
    yield from _text(
        "started",
        f"Started ({zone})",  # What is answered is read in the zone that stands above it.
        f"In {zone}. Leave it empty if it began just now.",
        "2026-11-21T14:02:00Z" if zone == "UTC" else "2026-11-21 14:02",
    )
    if runbook.detection:
        yield from _dropdown("detected", "Detected by", runbook.detection)
    yield from _text("impact", "User impact", "Who notices, and how many.", "All who pay, about 15,000")
    yield from _text("services", "Affected services", "Names separated by commas.", "checkout, api")


def _markdown(*lines: str) -> Iterator[str]:
    yield "  - type: markdown"
    yield "    attributes:"
    yield "      value: |"
    yield from (f"        {line}".rstrip() for line in lines)


def _dropdown(name: str, label: str, options: Iterable[str], description: str = "") -> Iterator[str]:
    yield from _field("dropdown", name, label, description)
    yield "      options:"
    yield from (f"        - {_quoted(option)}" for option in options)


def _text(name: str, label: str, description: str, placeholder: str, kind: str = "input") -> Iterator[str]:
    yield from _field(kind, name, label, description)
    yield f"      placeholder: {_quoted(placeholder)}"


def _field(kind: str, name: str, label: str, description: str) -> Iterator[str]:
    yield f"  - type: {kind}"
    yield f"    id: {name}"
    yield "    attributes:"
    yield f"      label: {label}"
    if description:
        yield f"      description: {_quoted(description)}"


def _required() -> Iterator[str]:
    yield "    validations:"
    yield "      required: true"


def _line(key: str, text: str) -> str:
    return f"{key}: {_quoted(text)}"


def _quoted(text: str) -> str:
    """A text as YAML reads it whatever stands in it: JSON's strings are YAML's."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False)
