"""Words with values in them, and nothing else."""

import pytest

from allclear.core.language.wording import WordingError, filled, lines_that_stay, named, stand_ins, unfilled


def test_a_text_names_its_values_once_in_their_order() -> None:
    assert named("{{ time }} {{status}} {{  time }}") == ("time", "status")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{% if x %}a{% endif %}", "'{% if x %}a{% endif %}'"),
        ("{{ time | upper }}", "'{{ time | upper }}'"),
        ("{{ a.b }}", "'{{ a.b }}'"),
        ("{{ Time }}", "'{{ Time }}'"),
        ("{# x #}", "'{# x #}'"),
        ("a }} b\nc", "'}} b'"),
    ],
)
def test_texts_hold_no_logic(text: str, shown: str) -> None:
    with pytest.raises(WordingError, match="texts hold no logic") as caught:
        named(text)
    assert str(caught.value).startswith(f"{shown} is no value")


def test_what_was_put_in_is_not_looked_at_again() -> None:
    assert filled("{{ text }}", {"text": "{{ time }} {% x %}", "time": "14:02"}) == "{{ time }} {% x %}"


def test_a_line_whose_value_never_comes_falls_away() -> None:
    text = "\nA {{ time }}\n\nNext: {{ next_update }}\n\nEvery {{ cadence }}\n\nB\n"
    values = {"time": "14:02", "next_update": "14:17", "cadence": "15 minutes"}
    assert filled(text, values) == "A 14:02\n\nNext: 14:17\n\nEvery 15 minutes\n\nB"
    assert filled(text, values, {"cadence", "next_update"}) == "A 14:02\n\nB"
    assert list(lines_that_stay(text, {"cadence"})) == ["A {{ time }}", "Next: {{ next_update }}", "B"]


def test_what_is_not_known_yet_prints_its_stand_in() -> None:
    values = stand_ins({"impact": "", "eta": "soon", "incident_commander": ""}, ["incident-commander"])
    assert (values["impact"], values["eta"]) == ("not known yet", "soon")
    assert values["incident_commander"] == "nobody yet"
    assert values["public_issue"] == "[what does not work]"


def test_a_text_for_the_public_with_a_stand_in_is_not_ready() -> None:
    values = stand_ins({"public_issue": "sign-in"}, ())
    assert unfilled(filled("{{ public_issue }} hits {{ public_affected }}", values)) == (
        "[what is affected]",
    )
    assert unfilled("[what else]") == ()
