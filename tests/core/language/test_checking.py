"""Everything that `check` says about what a runbook names."""

from typing import Any

import pytest

from allclear.core.language.checking import mistakes
from allclear.core.language.known_names import RunbookMistake
from written import NAMES, SMALL, file_of, raw


def found(**changes: Any) -> list[RunbookMistake]:
    return list(mistakes(file_of(SMALL | changes)))


def severity(name: str, **changes: Any) -> dict[str, Any]:
    levels: dict[str, Any] = SMALL["severities"]
    return {"severities": {**levels, name: levels[name] | changes}}


def rule(written: dict[str, Any]) -> dict[str, Any]:
    return {"rules": {"x": written}}


def voice(written: dict[str, Any]) -> dict[str, Any]:
    return {"voices": {"x": written}}


def box(written: dict[str, Any]) -> dict[str, Any]:
    """One list with one step."""
    return {"lists": {"a": {"steps": {"b": {"text": "B"} | written}}}}


@pytest.mark.parametrize("name", NAMES)
def test_the_written_runbooks_have_no_mistake(name: str) -> None:
    assert list(mistakes(file_of(raw(name)))) == []


ROLES = {"ic": {"title": "IC"}}
TEAM = {"at": {"update": "x"}}
CASES: list[tuple[dict[str, Any], str, str]] = [
    *(
        ({"rules": {name: {"tell": "On-call"}}, "roles": ROLES}, f"rules.{name}", "choose another id")
        for name in (
            "response",
            "review-due",
            "on-call-1",
            "on-call-again",
            "ic-filled",
            "team-update",
            "after-list",
        )
    ),
    (
        {"lists": {"a": {"opens": "published", "before": "published", "steps": {"b": "B"}}}},
        "lists.a.before",
        "a holds published but opens at published",
    ),
    ({"lists": {"a": {"before": "investigating", "steps": {"b": "B"}}}}, "lists.a.before", "opens with it"),
    (
        {"review": {"reviewers": ["On-cal"]}},
        "review.reviewers.0",
        "nobody is 'On-cal'; did you mean 'On-call'?",
    ),
    ({"default_severity": "SEV9"}, "default_severity", "no severity 'SEV9'; did you mean 'SEV3'?"),
    (severity("SEV1", at_least={"x": 1}), "severities.SEV1.at_least.x", "no measure 'x'; the runbook has no"),
    (severity("SEV1", alert=["pager"]), "severities.SEV1.alert.0", "no channel 'pager'; there are issue."),
    ({"roles": {"ic": {"for": "majro"}}}, "roles.ic.for.0", "no severity 'majro'; did you mean 'major'?"),
    (rule({"tell": "On-call", "after": {"P0": "1h"}}), "rules.x.after.P0", "no severity 'P0'"),
    ({"zone": "Europe/Berln"}, "zone", "is not an IANA time zone"),
    ({"calendars": {"office": {"holidays": "XX"}}}, "calendars.office.holidays", "XX"),
    (severity("SEV3", response="2h offic"), "severities.SEV3.response", "'2h offic': no calendar 'offic'"),
    (severity("SEV3", update="2h offic"), "severities.SEV3.update", "no calendar 'offic'"),
    (severity("SEV3", watch="2h offic"), "severities.SEV3.watch", "no calendar 'offic'"),
    ({"roles": {"ic": {"within": "1h offic"}}}, "roles.ic.within.all", "no calendar 'offic'"),
    ({"review": {"horizons": {"soon": {"within": "2 offic days"}}}}, "review.horizons.soon.within", "offic"),
    (
        {"routines": {"x": {"every": "offic days 09:00", "to": "On-call"}}},
        "routines.x.every",
        "no calendar 'offic'",
    ),
    ({"contacts": {"AWS": {"hours": "offic"}}}, "contacts.AWS.hours", "no calendar 'offic'"),
    (
        {"rules": {"x": {"tell": "On-call", "when": {"flag": "secruity"}}}},
        "rules.x.when.flag.0",
        "no flag 'secruity'; did you mean 'security'?",
    ),
    (
        box({"when": {"measured": {"cpu": "3"}}}),
        "lists.a.steps.b.when.measured.cpu",
        "no measure 'cpu'",
    ),
    (
        {"rollback": {"immediate": [{"text": "x", "for": "P0", "when": {"flag": "x"}}]}},
        "rollback.immediate.0.for.0",
        "no severity 'P0'",
    ),
    ({"chains": {"a": {"levels": ["On-call"], "for": "major"}}}, "severities.SEV3", "SEV3 has no chain"),
    (rule({"say": "hm"}), "rules.x", "x does nothing. Give it `tell`, `escalate` or `suggest`."),
    (
        {"rules": {"x": {"escalate": "oncall"}}},
        "rules.x.escalate",
        "no chain 'oncall'; did you mean 'on-call'?",
    ),
    (rule({"suggest": "P0"}), "rules.x.suggest", "no severity 'P0'"),
    (
        {"rules": {"x": {"tell": "On-call", "for": "SEV1", "after": {"SEV1": "1h"}}}},
        "rules.x.for",
        "x is for the severities that `after` names.",
    ),
    (
        {"rules": {"x": {"tell": "Team Laed"}}},
        "rules.x.tell.0",
        "nobody is 'Team Laed'; did you mean 'Team Lead'?",
    ),
    (rule({"tell": "Zeus"}), "rules.x.tell.0", "nobody is 'Zeus'; put the title into a chain"),
    (
        {"review": {"meeting": {"invite": ["Zeus"]}}},
        "review.meeting.invite.0",
        "nobody is 'Zeus'",
    ),
    (
        {"review": {"meeting": {"invite": [{"title": "ic", "for": "P0"}]}}},
        "review.meeting.invite.0.for.0",
        "no severity 'P0'",
    ),
    ({"routines": {"x": {"every": "3mo", "to": "Zeus"}}}, "routines.x.to.0", "nobody is 'Zeus'"),
    (
        {"routines": {"x": {"every": "3mo", "to": "On-call", "open": "P3"}}},
        "routines.x.open.0",
        "no severity 'P3'",
    ),
    ({"roles": {"ic": {"not": "tec"}}}, "roles.ic.not.0", "no role 'tec'"),
    (voice(TEAM | {"to": "slak"}), "voices.x.to.0", "no channel 'slak'"),
    (voice(TEAM | {"speaker": "coms"}), "voices.x.speaker", "did you mean 'comms'?"),
    (
        {"voices": {"x": TEAM | {"approve": "coms", "public": "true"}}},
        "voices.x.approve",
        "did you mean 'comms'?",
    ),
    (voice(TEAM | {"approve": "ic"}), "voices.x.approve", "`approve` needs `public: true`"),
    (voice({"at": {"lunch": "x"}}), "voices.x.at.lunch", "no moment 'lunch'"),
    (
        {"voices": {"x": {"every": "1h", "at": {"declared": "x"}}}},
        "voices.x.every",
        "has no text for `update`",
    ),
    ({"lists": {"a": {"role": "tec", "steps": {"b": "B"}}}}, "lists.a.role", "did you mean 'tech'?"),
    (
        {"lists": {"a": {"opens": "resolved", "before": "resolved", "steps": {"b": "B"}}}},
        "lists.a.before",
        "a holds resolved but opens at resolved",
    ),
    (
        {"lists": {"a": {"steps": {"b": "B"}}, "c": {"steps": {"b": "B"}}}},
        "lists.c.steps.b",
        "the step 'b' stands in a too",
    ),
    (box({"role": "x"}), "lists.a.steps.b.role", "no role 'x'"),
    (
        box({"done": "x"}),
        "lists.a.steps.b.done",
        "nothing that can be",
    ),
    (
        box({"done": "told Zeus"}),
        "lists.a.steps.b.done",
        "nobody is 'Zeus'",
    ),
    (
        box({"done": "role x"}),
        "lists.a.steps.b.done",
        "no role 'x'",
    ),
    (
        {
            "roles": {"ic": {"for": "major"}},
            "lists": {"a": {"for": "all", "steps": {"b": {"text": "B", "done": "role ic"}}}},
        },
        "lists.a.steps.b.done",
        "the role ic is not there for SEV3",
    ),
    (
        box({"done": "said tem.update"}),
        "lists.a.steps.b.done",
        "no voice 'tem'; did you mean 'team'?",
    ),
    (
        box({"done": "said team.declared"}),
        "lists.a.steps.b.done",
        "team has no text for declared",
    ),
    (
        {
            "voices": {"x": TEAM | {"for": "major"}},
            "routines": {
                "r": {"every": "3mo", "to": "On-call", "steps": {"b": {"text": "B", "done": "said x.update"}}}
            },
        },
        "routines.r.steps.b.done",
        "the voice x is not there for SEV3",
    ),
    (
        {
            "voices": {"x": TEAM | {"when": {"flag": "security"}}},
            "lists": {"a": {"steps": {"b": {"text": "B", "done": "said x.update"}}}},
        },
        "lists.a.steps.b.done",
        "x speaks only when its `when` holds",
    ),
    ({"contacts": {"All hands": {}}}, "contacts.All hands", "stands for people of the incident"),
    ({"items": {"000-01": "lists.nowhere"}}, "items.000-01", "'lists.nowhere' leads nowhere"),
    ({"items": {"000-01": "zone.x"}}, "items.000-01", "'zone.x' leads nowhere"),
]


@pytest.mark.parametrize(("changes", "where", "said"), CASES)
def test_a_mistake_is_said_where_it_stands(changes: dict[str, Any], where: str, said: str) -> None:
    (mistake, *more) = [one for one in found(**changes) if ".".join(map(str, one.where)) == where]
    assert more == []
    assert said in mistake.why
    assert mistake.why.endswith((".", "?"))
    assert not mistake.warning


def test_a_voice_that_speaks_under_a_condition_may_be_asked_for_under_the_same() -> None:
    condition = {"when": {"flag": "security"}}
    step = {"text": "B", "done": "said x.update"}
    voices = {"x": TEAM | condition}
    assert found(voices=voices, lists={"a": {"steps": {"b": step | condition}}}) == []
    assert found(voices=voices, lists={"a": condition | {"steps": {"b": step}}}) == []


def test_bands_fall_from_the_worse_to_the_less() -> None:
    levels = {
        "SEV1": {"response": "5m", "at_least": {"error-rate": "50"}},
        "SEV2": {"response": "5m"},
        "SEV3": {"response": "5m", "at_least": {"error-rate": "60"}},
    }
    (mistake,) = found(severities=levels, measures={"error-rate": {}})
    assert mistake.where == ("severities", "SEV3", "at_least", "error-rate")
    assert mistake.why == "SEV3 error-rate 60 is not below SEV1's 50."


@pytest.mark.parametrize(
    ("response", "said"),
    [("20m", ["SEV3 is answered within 20m, sooner than SEV2 with 30m."]), ("30m", []), ("2h always", [])],
)
def test_a_lesser_severity_that_is_answered_sooner_is_hardly_meant(response: str, said: list[str]) -> None:
    assert [one.why for one in found(**severity("SEV3", response=response)) if one.warning] == said


def test_a_contact_may_have_hours() -> None:
    assert found(contacts={"AWS": {"hours": "always"}}) == []


def test_items_may_lead_to_a_line_or_to_the_engine() -> None:
    assert found(items={"000-01": ["chains.on-call", "engine"]}) == []


def test_a_voice_that_names_nobody_is_spoken_by_whoever_responds_where_nobody_commands() -> None:
    roles = {"lead": {"title": "Lead", "duties": ["Decides"]}}
    assert found(roles=roles) == []
