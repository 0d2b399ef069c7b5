"""The issue form is made from the runbook, and read back as an incident (001-05, 000-07)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from allclear.core.conversation.declare import claims
from allclear.core.model.snapshot import Issue
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.view.issue_form import issue_form, severity_option
from allclear.core.view.labels import Labels
from stories import ADA, ISSUE_URL, NOON, UTC_ZONE
from written import NAMES, runbook, small


def form(book: Runbook, label: str = "incident") -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(issue_form(book, label))
    return read


def field(read: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in read["body"] if one.get("id") == name)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_it_offers_the_severities_and_the_ways_of_noticing_of_the_runbook(name: str) -> None:
    book = runbook(name)
    read = form(book)
    options = field(read, "severity")["attributes"]["options"]
    assert options == [*map(severity_option, book.severities), "Not sure"]
    assert field(read, "detected")["attributes"]["options"] == list(book.detection)
    assert read["labels"] == ["incident"]
    intro = read["body"][0]["attributes"]["value"]
    for severity in book.severities:
        assert f"- `{severity.id}`" in intro
    # GitHub takes no form with an option twice, or without an id of its own for each field.
    assert len(options) == len(set(options))
    names = [one["id"] for one in read["body"] if "id" in one]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_chosen_there_is_what_the_incident_is(name: str) -> None:
    book = runbook(name)
    labels = Labels(book, Settings().labels)
    for severity in book.severities:
        body = f"### Severity\n\n{severity_option(severity)}\n\n### Detected by\n\n{book.detection[0]}\n"
        issue = Issue(1, "Down", body, ADA, "open", frozenset({"incident"}), (), NOON, ISSUE_URL)
        said = claims(issue, labels, UTC_ZONE, NOON)
        assert (said.severity, said.asked) == (severity.id, False)
        assert said.detected_by == " ".join(book.detection[0].split())


@pytest.mark.parametrize(("zone", "hour"), [("UTC", 13), ("Europe/Berlin", 11), ("America/New_York", 17)])
def test_a_start_that_is_answered_in_the_form_is_read_in_the_zone_that_the_form_names(
    zone: str, hour: int
) -> None:
    written = yaml.safe_load(issue_form(runbook("hotdash"), "incident", zone))
    label = field(written, "started")["attributes"]["label"]
    body = f"### {label}\n\n2025-10-18 13:40\n"
    issue = Issue(1, "Down", body, ADA, "open", frozenset({"incident"}), (), NOON, ISSUE_URL)
    for team in ("UTC", zone, "Asia/Tokyo"):  # The settings may have changed since the form was written.
        said = claims(issue, Labels(runbook("hotdash"), Settings().labels), ZoneInfo(team), NOON)
        assert said.started == datetime(2025, 10, 18, hour, 40, tzinfo=UTC)


def test_any_text_of_a_runbook_makes_a_form_that_can_be_read() -> None:
    odd = 'a: "b" # c\n- d'
    book = small(
        title=odd,
        zone="Europe/Berlin",
        detection=[odd, "yes"],
        severities={"SEV1": {"response": "5m", "name": odd, "definition": odd}},
    )
    read = form(book, "Vorfall: #1")
    assert read["labels"] == ["Vorfall: #1"]
    assert field(read, "detected")["attributes"]["options"] == ['a: "b" # c - d', "yes"]
    assert field(read, "started")["attributes"]["description"].startswith("In Europe/Berlin.")


def test_without_ways_of_noticing_there_is_no_such_field() -> None:
    read = form(small(detection=[]))
    assert "detected" not in {one.get("id") for one in read["body"]}
