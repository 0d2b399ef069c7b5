from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from allclear.core.policy.checklist_steps import Verified
from allclear.core.policy.runbook import Runbook
from commands.room import HOTDASH, HOTDASH_DATA, runbook


def changed(part: str, index: int, **values: Any) -> dict[str, Any]:
    """HotDash with one thing of one list changed."""
    things = [dict(thing) for thing in HOTDASH_DATA[part]]
    things[index] |= values
    return HOTDASH_DATA | {part: things}


def test_the_default_runbook_says_what_the_book_says() -> None:
    assert [severity.id for severity in HOTDASH.severities] == ["P0", "P1", "P2", "P3"]
    assert [severity.response for severity in HOTDASH.severities] == [
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(hours=24),
    ]
    assert [HOTDASH.window(severity.id) for severity in HOTDASH.severities] == [
        timedelta(hours=2),
        timedelta(hours=1),
        timedelta(minutes=30),
        None,
    ]
    assert runbook(gates=[]).window("P0") is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (
            HOTDASH_DATA | {"default_severity": "P9"},
            "default_severity names 'P9', which this runbook does not have; it has P0, P1",
        ),
        (changed("deadlines", 0, within={"SEV1": "5m"}), "deadline initial-alert names 'SEV1'"),
        (changed("deadlines", 0, repeat={"SEV1": "5m"}), "deadline initial-alert names 'SEV1'"),
        (changed("deadlines", 0, flag="pirates"), "deadline initial-alert flag names 'pirates'"),
        (changed("gates", 0, steps=["dance"]), "gate resolve names 'dance'"),
        (changed("gates", 1, except_steps=["dance"]), "gate all-clear names 'dance'"),
        (changed("gates", 1, elapsed={"SEV1": "5m"}), "gate all-clear names 'SEV1'"),
        (changed("steps", 2, verified={"fired": "dance"}), "step notified names 'dance'"),
        (
            HOTDASH_DATA | {"messages": {"update": {"head": "x", "severities": ["S"]}}},
            "message update names 'S'",
        ),
        (HOTDASH_DATA | {"postmortem": {"required": ["S"]}}, "postmortem.required names 'S'"),
        (
            HOTDASH_DATA | {"flags": []} | {"deadlines": changed("deadlines", 0, flag="x")["deadlines"]},
            "it has none",
        ),
        (HOTDASH_DATA | {"zone": "Nowhere"}, "'Nowhere' is not an IANA time zone"),
        (
            HOTDASH_DATA | {"severities": [*HOTDASH_DATA["severities"], HOTDASH_DATA["severities"][0]]},
            "severity 'P0' is there twice",
        ),
        (changed("steps", 1, id="severity"), "step 'severity' is there twice"),
        (changed("deadlines", 4, id="response"), "deadline 'response' is there twice"),
        (HOTDASH_DATA | {"colour": "red"}, "Extra inputs are not permitted"),
        (
            changed("steps", 2, verified={"fired": "response", "fact": "closed"}),
            "name exactly one of milestone, fired, fact",
        ),
        (changed("severities", 0, response="soon"), "'soon' is not a duration"),
        (changed("gates", 1, after={"rollback": {"S": "5m"}}), "gate all-clear after names 'S'"),
        (HOTDASH_DATA | {"watching": {"every": {"S": "5m"}}}, "watching.every names 'S'"),
        (HOTDASH_DATA | {"freeze": {"severities": ["S"]}}, "freeze.severities names 'S'"),
        (HOTDASH_DATA | {"evidence": {"within": {"S": "5m"}}}, "evidence.within names 'S'"),
        (HOTDASH_DATA | {"reversal": {"severities": ["S"]}}, "reversal.severities names 'S'"),
        (HOTDASH_DATA | {"reversal": {"flags": ["x"]}}, "reversal.flags names 'x'"),
        (changed("recovery", 0, below=None), "name a bound: below or above"),
    ],
)
def test_a_runbook_that_names_what_it_does_not_have_is_refused(data: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Runbook.model_validate(data)
    assert why in str(refused.value)


def test_000_18_the_recovery_criteria_have_the_written_numbers() -> None:
    bounds = {one.id: (one.below, one.unit) for one in HOTDASH.recovery}
    assert bounds == {
        "error-rate": (0.1, "%"),
        "p95": (3, "s"),
        "new-errors": (1, ""),
        "user-reports": (0, ""),
    }
    assert {one.item for one in HOTDASH.recovery} == {"000-18"}


def test_a_step_is_seen_in_exactly_one_way() -> None:
    with pytest.raises(ValidationError, match="name exactly one of"):
        Verified()


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("P0", "P0"),
        ("p0", "P0"),
        (" Critical ", "P0"),
        ("0", "P0"),
        ("sev3", "P3"),
        ("cosmetic", "P3"),
        ("P", None),
        ("", None),
        ("P00", None),
    ],
)
def test_a_severity_is_known_by_its_words(word: str, severity: str | None) -> None:
    found = HOTDASH.severity_named(word)

    assert (found.id if found else None) == severity


def test_a_severity_is_known_by_its_label() -> None:
    book = Runbook.model_validate(changed("severities", 0, label="sev:zero"))

    assert book.label(book.severities[0]) == "sev:zero"
    assert book.severity_named("SEV:zero") == book.severities[0]
    assert book.label(book.severity("P1")) == "P1"


def test_severities_are_ranked_from_the_worst() -> None:
    assert [HOTDASH.rank(level) for level in ("P0", "P3")] == [0, 3]
    with pytest.raises(KeyError):
        HOTDASH.severity("P9")


def test_states_roles_and_steps_are_known_by_their_words() -> None:
    state, role, step = HOTDASH.state(" Fixing "), HOTDASH.role("TL"), HOTDASH.step("8")
    assert (state.id if state else "", role.id if role else "", step.id if step else "") == (
        *("mitigating", "tech", "verification"),
    )
    assert HOTDASH.state("paused") is None
    assert HOTDASH.role("pilot") is None
    assert HOTDASH.gate("lunch") is None


@pytest.mark.parametrize("word", ["0", "15", "-1", "²", "٣", "nothing", ""])
def test_a_number_outside_of_the_list_is_no_step(word: str) -> None:
    assert HOTDASH.step(word) is None


def test_the_stamp_is_of_the_content() -> None:
    again = Runbook.model_validate(HOTDASH.model_dump(mode="json"))

    assert again.hash == HOTDASH.hash
    assert len(HOTDASH.hash) == 12
    assert runbook(title="Other").hash != HOTDASH.hash
