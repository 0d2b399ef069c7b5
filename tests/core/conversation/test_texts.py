"""What cannot be rendered: found before there is an incident, and sent all the same when there is one."""

from typing import Any

import pytest

from allclear.commands import COMMANDS
from allclear.core.clock.deadlines import due
from allclear.core.conversation.command import Policy
from allclear.core.conversation.notices import announcement, notice
from allclear.core.conversation.texts import broken_texts
from allclear.core.model.asking import Knowledge
from allclear.core.model.neutral import Renderer
from allclear.core.policy.runbook import Runbook
from core.issue_desk import IssueDesk
from planning import driven
from stories import HOTDASH, NOON, RENDERER, SETTINGS, Story
from written import runbook

SEEN = IssueDesk().snapshot


def policy(runbook: Runbook = HOTDASH, renderer: Renderer = RENDERER) -> Policy:
    return Policy(SETTINGS, runbook, COMMANDS, renderer)


def with_text(text: str) -> Runbook:
    """HotDash whose first notice reads so."""
    first, *others = HOTDASH.deadlines
    return HOTDASH.model_copy(update={"deadlines": (first.model_copy(update={"text": text}), *others)})


def with_message(name: Any, **parts: Any) -> Runbook:
    form = HOTDASH.messages[name].model_copy(update=parts)
    return HOTDASH.model_copy(update={"messages": {**HOTDASH.messages, name: form}})


def test_the_shipped_runbook_can_be_rendered() -> None:
    assert broken_texts(policy()) == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ breif }}", "`breif` is not a value that a text can name; did you mean `brief`?"),
        ("{{ 'x' if severity == 'P9' else brief }}{{ breif if 0 }}", "did you mean `brief`?"),
        ("{{ xyzzy }}", "there are brief, duration, eta,"),
        ("{{ brief", "this text cannot be rendered: unexpected end of template"),
        ("{{ brief + 1 }}", "this text cannot be rendered: "),
        ("{{ 1 // 0 if impact }}", "this text cannot be rendered: integer division or modulo by zero."),
    ],
)
def test_a_text_that_cannot_be_rendered_is_found_with_its_place_and_what_to_do(text: str, why: str) -> None:
    (found,) = broken_texts(policy(with_text(text)))
    assert found.where == ("deadlines", 0, "text")
    assert why in found.why


def test_forms_are_looked_at_field_by_field() -> None:
    fields = {"Severity": "{{ severty }}", "Link": "{{ link }}"}
    found = broken_texts(policy(with_message("update", head="{{ x }}", fields=fields)))
    assert [one.where for one in found] == [
        ("messages", "update", "head"),
        ("messages", "update", "fields", "Severity"),
    ]


def test_a_text_for_severities_that_there_are_none_of_is_left_alone() -> None:
    first, *others = HOTDASH.deadlines
    never = first.model_copy(update={"text": "{{ x }}", "within": {}})
    assert broken_texts(policy(HOTDASH.model_copy(update={"deadlines": (never, *others)}))) == ()


def test_a_broken_text_is_sent_as_it_stands_to_whom_it_is_for() -> None:
    rules = policy(with_text("{{ breif }} @everyone"))
    story = Story(rules.runbook).declare()
    timer = next(
        one for one in due(story.incident, rules.runbook, NOON) if one.deadline.id == "initial-alert"
    )
    _, spoken = driven(notice(timer, story.incident, rules, Knowledge(SEEN)), SEEN)
    assert spoken.mentions == ("dave", "eve")
    assert "breif" in spoken.text
    assert "@everyone" not in spoken.text


def test_a_broken_form_keeps_what_can_be_rendered() -> None:
    rules = policy(with_message("update", head="{{ x }}"))
    told = announcement("update", Story().declare().incident, rules, "https://x", NOON, {"text": "all well"})
    assert "**Progress:** all well" in told
    assert "{{ x }}" in told.replace("\\", "")


def test_a_runbook_in_the_language_of_runbooks_is_checked_where_it_is_read() -> None:
    assert broken_texts(policy(runbook("sev"))) == ()
