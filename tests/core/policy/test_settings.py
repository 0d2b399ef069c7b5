from __future__ import annotations

import pytest
from pydantic import ValidationError

from allclear.core.model.authored import read_authored
from allclear.core.model.authored_model import model_of
from allclear.core.model.people import Rights
from allclear.core.policy.service import Service
from allclear.core.policy.settings import ACTIONS_BOT, Settings, login_like


def test_an_empty_file_works() -> None:
    settings = read_authored(Settings, {})

    assert (settings.runbook, settings.bots, settings.zone) == ("neutral", (ACTIONS_BOT,), "")


def test_rights_can_be_raised_and_never_lowered() -> None:
    settings = Settings(rights={"sev": "maintain", "resolve": "read"})

    assert settings.least("sev", Rights.TRIAGE) == Rights.MAINTAIN
    assert settings.least("resolve", Rights.WRITE) == Rights.WRITE
    assert settings.least("ack", Rights.TRIAGE) == Rights.TRIAGE
    assert Rights.MAINTAIN.word == "maintain"


def test_titles_are_found_in_any_case() -> None:
    settings = Settings(people={"Manager": ("octocat", "hubot[bot]")})

    assert settings.holders("manager") == ("octocat", "hubot[bot]")
    assert settings.holders("CEO") == ()


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (
            {"people": {"CEO": ["@octocat"]}},
            "'@octocat' is not a GitHub login; write it without the @, as in octocat",
        ),
        ({"zone": "Middle-earth"}, "is not an IANA time zone"),
        ({"peple": {}}, "Extra inputs are not permitted"),
        ({"rights": {"sev": "owner"}}, "Input should be 'read', 'triage', 'write', 'maintain' or 'admin'"),
        ({"runbook": "../../etc/passwd"}, "String should match pattern"),
    ],
)
def test_a_mistake_in_the_file_says_what_to_write(file: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_authored(Settings, file)
    assert why in str(refused.value)


def test_a_zone_may_be_named() -> None:
    assert read_authored(Settings, {"zone": ""}).zone == ""
    assert Settings(zone="Europe/Berlin").zone == "Europe/Berlin"


@pytest.mark.parametrize("login", ["octocat", "a", "a-b", "x" * 39, "github-actions[bot]", "under_score"])
def test_what_can_be_a_login(login: str) -> None:
    assert login_like(login)


@pytest.mark.parametrize("login", ["", "[bot]", "-a", "x" * 40, "a b", "a/b", "@a", "münchen", "a.b"])
def test_what_cannot_be_a_login(login: str) -> None:
    assert not login_like(login)


@pytest.mark.parametrize(
    ("word", "least"),
    [("", "maintain"), ("read", "write"), ("triage", "write"), ("write", "write"), ("admin", "admin")],
)
def test_a_command_with_a_floor_can_be_lowered_to_it_and_no_further(word: str, least: str) -> None:
    """A personal repository has no `maintain` role: /rollback can be opened to `write`."""
    settings = read_authored(Settings, {"rights": {"rollback": word} if word else {}})
    assert settings.least("rollback", Rights.MAINTAIN, Rights.WRITE).word == least


def test_services_are_names_or_names_with_what_is_known_of_them() -> None:
    names = read_authored(Settings, {"services": ["web", "api"]})
    described = read_authored(Settings, {"services": {"web": {"provider": "fly"}, "api": None}})
    assert list(names.services) == list(described.services) == ["web", "api"]
    assert names.services["web"] == described.services["api"] == Service()
    assert described.services["web"].provider == "fly"


@pytest.mark.parametrize("services", ["web", 7, {"a/b": {}}, {"": {}}, {"-x": {}}, {"a b": {}}])
def test_what_cannot_name_a_service_is_refused(services: object) -> None:
    with pytest.raises(ValidationError):
        read_authored(Settings, {"services": services})


def test_services_may_be_a_list_of_names() -> None:
    assert read_authored(Settings, {"services": ["web", "api"]}).services == {
        "web": Service(),
        "api": Service(),
    }
    with pytest.raises(ValidationError, match=r"write a list of names, such as `\[web, api\]`"):
        read_authored(Settings, {"services": [{"web": {}}]})
    with pytest.raises(ValidationError, match="valid dictionary"):
        read_authored(Settings, {"services": 7})


def test_a_repository_operates_on_something_when_it_has_a_service_or_an_action() -> None:
    assert not Settings().operates
    assert read_authored(Settings, {"services": ["web"]}).operates
    restart = {"title": "Restart it", "run": ["true"], "approval": "none"}
    assert read_authored(Settings, {"actions": {"restart": restart}}).operates


def test_the_schema_for_editors_takes_names_of_services_too() -> None:
    forms = model_of(Settings).model_json_schema()["properties"]["services"]["anyOf"]
    assert forms[0] == {"type": "array", "items": {"type": "string"}}
    (one,) = forms[1]["patternProperties"].values()
    assert {"type": "null"} in one["anyOf"]
