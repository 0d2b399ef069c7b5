"""Post-mortems as people finish them: what the engine writes, with every question answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from yaml import safe_load

from allclear.core.postmortem.document import write
from allclear.core.postmortem.outline import outline
from allclear.core.postmortem.remarks import prompts
from allclear.core.record.findings import Found, ImpactSet
from allclear.core.record.life import Cleared, Resolved, StatusSet
from allclear.core.record.people import Acknowledged
from allclear.core.record.postmortem import PostmortemAsked
from allclear.core.record.progress import ActionAdded, Noted, Updated
from stories import ADA, BOB, ISSUE_URL, NOON, RENDERER, SETTINGS, Story
from written import runbook

TOLD: list[dict[str, Any]] = safe_load(Path(__file__).with_name("told.yml").read_text(encoding="utf-8"))
"""Incidents that teams have published, in our words: what happened, why, what they did and learned."""
HORIZONS = ("immediate", "short-term")
"""Of the runbook that has some: for which nobody planned anything, since all is due later."""
RUNBOOKS = ("neutral", "hotdash", "hotdash-agents", "sev", "habit-tracker", "dirt-free-crm", "pagerduty")


def story_of(told: Mapping[str, Any], name: str) -> Story:
    """The incident, recorded by this runbook."""
    book = runbook(name)
    story = Story(book).declare(told["title"], book.severities[0].id, runbook=name)
    story.tell(4, BOB, Acknowledged(by=BOB))
    story.tell(6, ADA, ImpactSet(users=told["users"], text=told["impact"]))
    story.tell(12, BOB, Found(root_cause=told["cause"], evidence=told["evidence"], proposed_fix=told["fix"]))
    story.tell(14, ADA, Updated(text=told["fix"], next="Watch it"))
    story.tell(16, ADA, Noted(at=NOON + timedelta(minutes=15), text="Support was told"))
    story.tell(25, BOB, StatusSet(to="monitoring", text=told["fix"]))
    story.tell(40, BOB, Resolved(text=told["fix"]))
    for number, action in enumerate(told["actions"]):
        story.tell(50 + number, ADA, ActionAdded(owner=(ADA, BOB)[number % 2], due="2025-12-01", text=action))
    return story.tell(170, ADA, Cleared(text=told["fix"]), PostmortemAsked())


def drafted(story: Story) -> str:
    """The report as the engine writes it."""
    return write(
        story.incident,
        story.runbook,
        SETTINGS,
        existing=None,
        taken=frozenset(),
        renderer=RENDERER,
        zone=ZoneInfo("UTC"),
        repository="hotdash/app",
        issue_url=ISSUE_URL,
        now=NOON + timedelta(days=1),
    ).text


@cache
def finished(number: int, name: str) -> str:
    """The draft of the incident ``number`` with an answer in the place of every question."""
    told = TOLD[number]
    text = drafted(story_of(told, name))
    parts = [part for section in runbook(name).review.sections for part in section.parts]
    lines = text.split("\n")
    answers = [*told["factors"], *told["lessons"]]
    asked = [line.number for chapter in outline(text).chapters for line in prompts(chapter, parts)]
    for n, at in enumerate(asked):
        mark = re.match(r"(?:[-*+]|\d+[.)])? ?", lines[at - 1])
        lines[at - 1] = f"{mark[0] if mark else ''}{answers[n % len(answers)]}"
    for horizon in HORIZONS if runbook(name).review.horizons else ():
        at = next(n for n, line in enumerate(lines) if line.startswith(f"- `/action {horizon} "))
        lines[at] = f"- {horizon.capitalize()}: nothing to do, because the change was taken back."
    lines += ["", "## Follow-up", "", "- Runbooks: the way back is described since #57.", ""]
    return "\n".join(lines)
