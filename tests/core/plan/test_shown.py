"""Every text that a team writes into its runbook for people in an incident is shown to them in one.

What stands only in the document that `core.language.page` makes is held there (tests/core/language).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.effects import Reply
from allclear.core.plan.plan import Plan
from allclear.core.policy.guidance import RollbackReason
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.postmortem.document import write
from allclear.core.view.issue_form import issue_form
from core.issue_desk import IssueDesk
from stories import BOB, ISSUE_URL, NOON, RENDERER, UTC_ZONE
from written import NAMES, SMALL, raw, runbook_of

TOKENS: dict[str, Any] = SMALL | {
    "title": "Sentinel one",
    "default_severity": "SEV2",
    "about": {
        "text": "Sentinel two",
        "objectives": ["Sentinel three"],
        "principles": ["Sentinel four"],
        "owner": "Sentinel five",
    },
    "severities": {
        "SEV1": {
            "response": "5m",
            "name": "Sentinel six",
            "shown": "Sentinel seven",
            "definition": ["Sentinel eight", "Sentinel nine"],
            "examples": ["Sentinel ten"],
            "impact": ["Sentinel eleven"],
        },
        "SEV2": {"response": "5m", "at_least": {"rate": "10"}},
    },
    "measures": {"rate": {"title": "Sentinel twelve", "unit": "sentinels"}},
    "detection": ["Sentinel thirteen"],
    "causes": ["Sentinel fourteen"],
    "phases": {"Sentinel fifteen": "5m", "Sentinel sixteen": "2h"},
    "flags": {"burning": "Sentinel seventeen"},
    "rules": {"gravest": {"when": {"flag": "burning"}, "suggest": "SEV1", "say": "Sentinel eighteen"}},
    "look": {"Sentinel nineteen": ["sentinel twenty", "sentinel\ntwenty-one"]},
    "links": {"Sentinel twenty-two": {"Sentinel twenty-three": "Sentinel twenty-four"}},
    "patterns": {
        "known": {
            "title": "Sentinel twenty-five",
            "symptoms": ["sentinel twenty-six"],
            "look": ["sentinel twenty-seven"],
            "fix": {"Sentinel twenty-eight": "sentinel-action"},
            "later": "Sentinel twenty-nine",
        }
    },
    "rollback": {"immediate": [{"text": "Sentinel thirty", "when": {"flag": "burning"}}]},
}
"""A token in every text that is shown in an incident, and that this test is about."""

SHOWN = (
    "title",
    "about",
    "severities",
    "measures",
    "detection",
    "causes",
    "phases",
    "flags",
    "look",
    "links",
    "patterns",
    "rollback",
)
"""Keys whose texts are held here. The others are the clock's, the lists', the voices' and the people's."""

KEYS = {"item", "for", "when", "recovered", "fix_forward", "labels", "label", "alert", "at_least"}
"""What is no text for people, or is held elsewhere."""

NUMBERS = {"response", "escalate", "update", "watch", "silence", "target", "evidence", "review", "freeze"}


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text that is shown, and every heading."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key not in KEYS | NUMBERS and path != ("phases",):
                yield from leaves(one, (*path, key))
        if path[:1] in (("links",), ("look",), ("phases",)) or path[-1:] == ("fix",):
            yield from (((*path, key), key) for key in value)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one, path)
    else:
        yield path, str(value)


def flat(text: str) -> str:
    """Without what makes Markdown inert, and without the shape of lines."""
    return " ".join(re.sub(r"[\\`*\u2060>]", "", text).split()).casefold()


def written(plan: Plan) -> str:
    return "\n".join(one.body.split("\n", 1)[1] for one in plan.effects if isinstance(one, Reply))


def renderings(book: Runbook) -> str:
    """What people read in an incident that goes through all of it, and in the form that they begin with."""
    seen = [issue_form(book, "incident")]
    settings = read_authored(Settings, {"actions": {}})
    labels = frozenset({"incident"})
    one = IssueDesk(
        title="Down",
        labels=labels,
        known_labels=labels,
        runbook=book,
        settings=settings,
        access=IssueDesk().access,
    )
    seen.append(written(one.run()))
    for text in (
        "/sev",
        *(f"/flag {flag}" for flag in book.flags),
        *(f"/finding {measure.id}=1" for measure in book.measures),
        *(f"/note {pattern.symptoms[0]}" for pattern in book.patterns),
        *(f"/pattern {pattern.id}" for pattern in book.patterns),
        "/finding evidence: graphs",
    ):
        seen.append(one.answered(BOB, text))
        seen.append(_panel(one))
    for phase in book.phases:
        moved = replace(one, now=NOON + phase.start)
        moved.says(BOB, "/note still here")
        moved.run()
        seen.append(_panel(moved))
    return flat("\n".join([*seen, _document(one, book, settings)]))


def _panel(one: IssueDesk) -> str:
    assert one.panel is not None
    return one.panel.body


def _document(one: IssueDesk, book: Runbook, settings: Settings) -> str:
    return write(
        one.plan().incident,
        book,
        settings,
        existing=None,
        taken=frozenset(),
        renderer=RENDERER,
        zone=UTC_ZONE,
        repository="acme/shop",
        issue_url=ISSUE_URL,
        now=NOON,
    ).text


def reasons(book: Runbook) -> str:
    """What the answer to /rollback says of going back at once: its criteria stand there for people."""
    found: tuple[RollbackReason, ...] = book.reversal.reasons
    return flat("\n".join(one.text for one in found))


@pytest.mark.parametrize("name", ["sentinel", *NAMES])
def test_every_text_for_people_in_an_incident_is_shown_in_one(name: str) -> None:
    value = TOKENS if name == "sentinel" else raw(name)
    book = runbook_of(value)
    shown = renderings(book) + reasons(book)
    missing = [
        f"{'.'.join(path)}: {text}"
        for path, text in leaves({key: value[key] for key in SHOWN if key in value})
        if flat(text) not in shown and path[-1] != "symptoms"
    ]
    assert missing == []


def test_a_symptom_is_shown_when_it_is_found() -> None:
    assert "sentinel twenty-six" in renderings(runbook_of(TOKENS))


def test_what_a_rule_says_is_shown_with_what_it_suggests() -> None:
    assert "sentinel eighteen" in renderings(runbook_of(TOKENS))
