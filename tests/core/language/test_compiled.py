"""What a written runbook becomes for the engine."""

from typing import Any

import pytest

from allclear.core.policy.contradictions import MisplacedError
from allclear.core.policy.deadline import Condition
from written import NAMES, SMALL, runbook, runbook_of, small


@pytest.mark.parametrize("name", NAMES)
def test_every_written_runbook_becomes_one_that_the_engine_executes(name: str) -> None:
    assert runbook(name).name == name


def test_a_runbook_of_a_few_lines_is_whole() -> None:
    book = small()
    assert [one.id for one in book.severities] == ["SEV1", "SEV2", "SEV3"]
    assert book.title == "small"
    assert book.default_severity == "SEV2"
    assert book.first_responder == "On-call"
    assert [state.id for state in book.states] == [
        "investigating",
        "identified",
        "mitigating",
        "monitoring",
        "resolved",
    ]
    assert book.roles[0].title == "Incident Commander"
    assert "user-facing" in book.flags
    assert book.reversal.reasons[0].severities == ("SEV1",)


def test_a_lone_severity_is_the_default() -> None:
    assert runbook_of(SMALL | {"severities": {"Bad": {"response": "5m"}}}).default_severity == "Bad"


@pytest.mark.parametrize(
    "word", ["SEV1", "sev1", "sev-1", "SEV 1", "severity 1", "1", "Critical", "severity:1"]
)
def test_people_name_a_severity_in_any_usual_way(word: str) -> None:
    found = runbook("dirt-free-crm").severity_named(word)
    assert found is not None
    assert found.id == "SEV1"
    assert found.shown == "SEV 1"


def test_the_number_of_a_severity_counts_behind_the_usual_words_of_other_runbooks_too() -> None:
    book = runbook("sev")
    assert book.severity_named("P1") == book.severity("SEV1")
    assert book.severity_named("P0") is None


def test_a_role_without_a_title_has_its_id_spelt_out() -> None:
    book = small(roles={"release-manager": {"duties": ["Releases", "Says so"]}})
    assert (book.roles[0].title, book.roles[0].duties) == ("Release manager", ("Releases", "Says so"))


def test_states_are_those_of_the_runbook_under_its_titles() -> None:
    book = runbook("dirt-free-crm")
    assert [(state.id, state.reaches) for state in book.states] == [
        ("investigating", None),
        ("identified", "identified"),
        ("monitoring", "mitigated"),
        ("resolved", "resolved"),
    ]


def test_recovery_is_what_the_measures_say() -> None:
    found = {one.id: (one.below, one.above, one.unit) for one in runbook("hotdash").recovery}
    assert found == {
        "error-rate": (0.1, None, "%"),
        "p95": (3.0, None, "s"),
        "new-errors": (1.0, None, ""),
        "user-reports": (0.0, None, ""),
    }
    above = small(measures={"uptime": {"recovered": ">99.5"}}).recovery[0]
    assert (above.title, above.below, above.above) == ("uptime", None, 99.5)


def test_what_to_do_first_when_a_rollback_is_decided() -> None:
    (found,) = small(rollback={"immediate": ["It burns"]}).reversal.reasons
    assert (found.text, found.severities, found.when) == ("It burns", (), Condition())


@pytest.mark.parametrize(
    ("changes", "where", "said"),
    [
        (
            {"severities": {"major": {"response": "5m"}}},
            ("severities", "major"),
            "stands for a group of severities",
        ),
        (
            {
                "severities": {
                    "A": {"response": "5m", "name": "Bad"},
                    "B": {"response": "5m", "name": "bad (ish)"},
                }
            },
            ("severities", "B"),
            "'bad' names A and B",
        ),
        ({"states": {"investigating": "x"}}, ("states",), "monitoring is missing"),
        ({"measures": {"p95": {"recovered": "low"}}}, ("measures", "p95", "recovered"), "'low' is no bound"),
    ],
)
def test_a_contradiction_names_its_place(changes: dict[str, Any], where: tuple[str, ...], said: str) -> None:
    with pytest.raises(MisplacedError, match=said) as caught:
        runbook_of(SMALL | changes)
    assert caught.value.where == where


def test_the_stamp_changes_with_what_is_written_and_with_nothing_else() -> None:
    assert small().hash == small(zone="UTC").hash
    assert small().hash != small(zone="Europe/Berlin").hash


def test_a_step_that_nobody_could_see_to_be_done_is_a_contradiction() -> None:
    with pytest.raises(MisplacedError) as found:
        small(lists={"first": {"steps": {"look": {"text": "Look", "done": "seen"}}}})
    assert found.value.where == ("lists", "first", "steps", "look", "done")
    assert "'seen' is nothing that can be seen to be done" in str(found.value)


def test_what_is_due_with_the_post_mortem_is_said_with_it() -> None:
    found = {one.id: one for one in runbook("sev").deadlines}
    assert found["follow-up-list"].ladder_at("SEV1") == found["review-due"].ladder_at("SEV1") == "review"
    assert found["immediate-list"].ladder_at("SEV1") == "immediate-list"
    assert found["immediate-list"].to == ("Incident Commander",)


def test_a_window_goes_by_the_fix_and_none_is_none() -> None:
    assert str(runbook("sev").window("SEV1", "rollback")) == "30m"
    assert str(runbook("sev").window("SEV1", "action")) == "1h"
    assert runbook("sev").window("SEV4") is None
    none = runbook_of(SMALL | {"severities": {"Bad": {"response": "5m", "watch": "none"}}})
    assert (none.window("Bad"), none.watching.every) == (None, {})
    assert list(small().watching.every) == ["SEV1", "SEV2"]


def test_evidence_is_kept_for_the_severities_that_say_so() -> None:
    assert {level: str(limit) for level, limit in runbook("sev").evidence.within.items()} == {
        "SEV1": "2h",
        "SEV2": "2h",
    }
