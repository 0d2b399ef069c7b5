"""Everything that `check` says about a runbook's texts."""

from typing import Any

import pytest

from allclear.core.language.checking_texts import text_mistakes
from allclear.core.language.known_names import RunbookMistake
from written import NAMES, NUMBERS, SMALL, file_of, raw


def found(**changes: Any) -> list[RunbookMistake]:
    return list(text_mistakes(file_of(SMALL | changes), NUMBERS))


def voice(text: str, **more: Any) -> dict[str, Any]:
    return {"voices": {"x": {"for": "SEV1", "at": {"update": text}} | more}}


@pytest.mark.parametrize("name", NAMES)
def test_the_written_texts_have_no_mistake(name: str) -> None:
    assert list(text_mistakes(file_of(raw(name)), NUMBERS)) == []


CASES: list[tuple[dict[str, Any], str, str]] = [
    (voice("{{ breif }}"), "voices.x.at.update.text", "no value 'breif'; did you mean 'brief'?"),
    (voice("{% if x %}"), "voices.x.at.update.text", "texts hold no logic"),
    (voice("{{ cause }}", public="true"), "voices.x.at.update.text", "public: use public_cause."),
    (voice("{{ slug }}", public="true"), "voices.x.at.update.text", "public: there are cadence, date,"),
    (voice("{{ room }}"), "voices.x.at.update.text", "'room' needs the channel 'room' under `channels`."),
    (voice("{{ status_page }}"), "voices.x.at.update.text", "needs the channel 'status-page'"),
    (voice("Next {{ next_update }}"), "voices.x.at.update.text", "left in SEV1, which has no next_update."),
    (
        {"voices": {"x": {"at": {"update": {"subject": "{{ breif }}", "text": "x"}}}}},
        "voices.x.at.update.subject",
        "did you mean 'brief'?",
    ),
    ({"rules": {"x": {"tell": "On-call", "say": "{{ x }}"}}}, "rules.x.say", "no value 'x'"),
    ({"lists": {"a": {"steps": {"b": "{{ x }}"}}}}, "lists.a.steps.b.text", "no value 'x'"),
    ({"channels": {"room": "#{{ x }}"}}, "channels.room", "no value 'x'"),
    ({"roles": {"next-update": {}}}, "roles.next-update", "is the name of a value that texts print"),
    ({"roles": {"public-fix": {}}}, "roles.public-fix", "is the name of a value that texts print"),
    (voice("{{ meeting }}"), "voices.x.at.update.text", "left in SEV1, which has no meeting."),
]


@pytest.mark.parametrize(("changes", "where", "said"), CASES)
def test_a_mistake_is_said_where_it_stands(changes: dict[str, Any], where: str, said: str) -> None:
    (mistake,) = found(**changes)
    assert ".".join(map(str, mistake.where)) == where
    assert said in mistake.why
    assert not mistake.warning


def test_a_text_may_name_roles_and_every_value_that_there_is() -> None:
    text = "{{ release_manager }} {{ room }} {{ status_page }} {{ next_update }} {{ postmortem }}"
    assert (
        found(
            roles={"release-manager": {}},
            channels={"room": "#inc-{{ slug }}", "status-page": "status.example.com"},
            **voice(text, every="1h"),
        )
        == []
    )


def test_a_line_may_fall_away_where_another_stays() -> None:
    assert found(**voice("Watched for {{ watch }}\nOn it", **{"for": "all"})) == []
    (mistake,) = found(**voice("Watched for {{ watch }}", **{"for": "all"}))
    assert mistake.why == "nothing of this text is left in SEV3, which has no watch."
    (mistake,) = found(**voice("It follows as {{ postmortem }}", **{"for": "SEV3"}))
    assert mistake.why == "nothing of this text is left in SEV3, which has no postmortem."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Every 15 minutes", "'15 minutes' is SEV1's update: write {{ cadence }}."),
        ("Watched for 30 minutes", "'30 minutes' is SEV1's watch: write {{ watch }}."),
    ],
)
def test_a_number_of_the_severity_that_is_typed_is_warned_of(text: str, said: str) -> None:
    (mistake,) = found(**voice(text, every="15m"))
    assert (mistake.why, mistake.warning) == (said, True)
    assert found(**voice("Every 7 minutes", every="15m")) == []
    assert found(rules={"x": {"tell": "On-call", "after": "30m", "say": "After 30 minutes"}}) == []


def test_a_voice_without_a_rhythm_of_its_own_has_that_of_the_severity() -> None:
    severities = SMALL["severities"] | {"SEV1": {"response": "5m", "update": "20m"}}
    assert found(severities=severities, **voice("Next: {{ next_update }}")) == []
