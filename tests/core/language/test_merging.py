"""Defaults, and runbooks that change another."""

from allclear.core.language.merging import extended, with_defaults

ENGINE = {
    "severity": {"watch": "30m"},
    "detection": ["Alert"],
    "flags": {"security": "Security", "data-loss": "Data loss"},
    "lists": {"during": {"steps": {"a": "A"}}},
}


def test_what_a_runbook_does_not_say_is_the_engines() -> None:
    assert with_defaults({"name": "x"}, ENGINE) == {
        "name": "x",
        "detection": ["Alert"],
        "flags": {"security": "Security", "data-loss": "Data loss"},
        "lists": {"during": {"steps": {"a": "A"}}},
    }


def test_flags_add_to_the_engines_and_none_takes_one_out() -> None:
    flags = with_defaults({"flags": {"payments": "Payments", "security": "none"}}, ENGINE)["flags"]
    assert flags == {"data-loss": "Data loss", "payments": "Payments"}


def test_every_other_key_replaces_the_engines_whole() -> None:
    assert with_defaults({"lists": {"own": {"steps": {}}}}, ENGINE)["lists"] == {"own": {"steps": {}}}


def test_a_runbook_changes_another_key_by_key() -> None:
    base = {
        "name": "neutral",
        "title": "Neutral",
        "severities": {"P0": {"response": "5m", "review": "3d"}, "P3": {"response": "1d"}},
        "channels": {"slack": "#a"},
        "review": {"meeting": {"invite": ["ic"]}},
        "detection": ["Alert", "User"],
    }
    own = {
        "name": "mine",
        "extends": "neutral",
        "severities": {"P0": {"review": "none"}, "P3": "none", "P4": {"response": "2d"}},
        "channels": {"slack": "none", "mail": "a@b"},
        "review": {"meeting": "none"},
        "detection": ["Pager"],
    }
    assert extended(base, own) == {
        "name": "mine",
        "extends": "neutral",
        "title": "Neutral",
        "severities": {"P0": {"response": "5m", "review": "none"}, "P4": {"response": "2d"}},
        "channels": {"mail": "a@b"},
        "review": {},
        "detection": ["Pager"],
    }
