"""What owners write is read by msgspec where it is good; pydantic judges all else. Both have to agree: what
the first takes, the second takes, and makes the same value of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ValidationError

from allclear.adapters.files.reference_pages import SETTINGS
from allclear.adapters.files.strict_yaml import load
from allclear.core.model.authored import Authored, read_authored, read_directly, sign, written, written_json
from allclear.core.model.authored_model import model_of, validated
from allclear.core.model.embedded import Embedded
from allclear.core.model.times import Duration
from allclear.core.policy.provider import Provider
from allclear.core.policy.service import HttpCheck, Measure, Service
from allclear.core.policy.settings import LabelNames, Settings

ROOT = Path(__file__).resolve().parents[3]
MUTATIONS = 150
"""Of each file."""

EVERYTHING = r"""
zone: Europe/Berlin
people: { Manager: [octocat, "dependabot[bot]"], CEO: [] }
services:
  web:
    environment: live
    provider: fly
    values: { app: shop }
    health: [https://a.example.com]
    smoke:
      - name: cart
        url: https://a.example.com/cart
        method: POST
        headers: { x: y }
        status: [200, 204]
        expect: { status: ok, checks.0.ok: null, n: "5" }
        within: 2s
        timeout: 1m 30s
        tries: 3
        needed: 2
        retries: 1
        redirects: 5
    commands: [{ name: smoke, run: [npm, run], env: [TOKEN], timeout: 5m }]
    recovery:
      rate: { url: "https://a.example.com", path: a.b, times: 100 }
      slow: { prometheus: "https://p.example.com", query: q, times: "0.5" }
      own: { run: [bin/measure], env: [TOKEN] }
    rollback:
      { approval: second-person, targets: provider, expires: 1h, after: [{ name: a, run: [b] }] }
    hotfix: { start: production, base: main }
    evidence: [{ name: logs, run: [flyctl] }]
    deployments: { task: "deploy:*", payload: { app: web }, workflow: deploy.yml, creator: mona, ref: main }
  api:
providers:
  ours:
    title: Ours
    targets: provider
    target_from: payload.version
    pattern: v[0-9]+
    values: { host: The machine }
    optional: [host]
    env: [TOKEN]
    list: { run: [bin/releases], format: lines, pattern: "(?P<release>v[0-9]+)", prefix: v, timeout: 30s }
    current: { run: [bin/now, "{host}"], good: [up], created: at, current: now, origin: from }
    rollback: [bin/deploy, "{target}"]
    same: v[0-9]+
    lag: 2m
    verify: [{ name: version, run: [bin/version] }]
  again: { title: A, pattern: ".*", rerun: { workflow: deploy.yml } }
  anew:
    title: A
    pattern: ".*"
    start: { workflow: "{workflow}", inputs: { ref: "{target}" } }
    values: { workflow: W }
actions:
  scale:
    title: Scale
    service: web
    run: [scale, "{count}", "{app}"]
    parameters: { count: { pattern: "[1-9]" }, app: { choices: [a, b] } }
    least: write
    approval: none
    timeout: 1m
  off: { title: Off, run: [off, "{flag}"], flag: true, parameters: { flag: { pattern: "[a-z]+" } } }
hosts: [a.example.com, "p.example.com:8080"]
private_hosts: ["[::1]:80"]
rights: { resolve: maintain, rollback: write }
bots: [41898282, "7"]
ignore: [deploy]
status_page: https://status.example.com
labels: { incident: outage, reviews: { in-review: "waits for review" }, severities: { P0: critical } }
digest: never
public_evidence: "true"
"""

Case = tuple[str, type[Authored], Any]


def files() -> Iterator[Case]:
    """What is shipped, the examples of the reference, and a file that says everything."""
    for file in sorted((ROOT / "templates/settings").glob("*.yml")):
        yield file.name, Settings, load(file.read_text(encoding="utf-8")).value
    for file in sorted((ROOT / "templates/providers").glob("*.yml")):
        yield file.name, Provider, load(file.read_text(encoding="utf-8")).value
    for path, example in SETTINGS.examples.items():
        yield f"example {path}", Settings, load(example).value
    yield "everything", Settings, load(EVERYTHING).value


CASES = list(files())
IDS = [name for name, *_ in CASES]

ODD: tuple[Any, ...] = (
    *("", " ", "null", "NULL", "none", "~", "true", "True", "yes", "off", "false", "0", "1", "-0", "-0.0"),
    *("5", "+5", " 5", "05", "5.0", "5.", ".5", "1e3", "1E-3", "1.5e1", "1_000", "9007199254740993.0", "0x1"),
    *("9" * 400, "nan", "inf", "-inf", "1e400", "٣", "200", "99", "600"),
    *("2m", "2M", "1h 30m", "2 m", "1mo", "PT2M", "P1D", "0s", "999999w", "2m\n", "2x"),
    *(
        "web\n",
        "web",
        "Web",
        "web web",
        "wéb",
        "a" * 41,
        "a" * 51,
        "a" * 2001,
        "\x00",
        "\x1c",
        "\ud800",
        "a\ud800",
    ),
    *(
        "x,y",
        " x",
        "x ",
        "\x1cx",
        "\x85x",
        "\u2028",
        "a\nb",
        "@mona",
        "mona[bot]",
        "-a",
        "[",
        "(",
        "(a)",
        "(?P<x>a)",
    ),
    *(
        "deploy.yml",
        "deploy.yml\n",
        "{workflow}",
        "{target}",
        "{nobody}",
        "payload.a",
        "payload.",
        "sha",
        "second-person",
    ),
    *(
        "Europe/Berlin",
        "Nowhere/Else",
        "GET",
        "json",
        "lines",
        "mon",
        "admin",
        "write",
        "host:1",
        "TOKEN",
        "TOKEN\n",
    ),
    *(0, 1, -1, 5, 200, 2**64, 10**30, 1.0, 1.5, float("nan"), float("inf"), True, False, None, b"x"),
    *(
        [],
        {},
        [[]],
        [{}],
        ["a"],
        ["a", "a"],
        [None],
        [5],
        {"a": "b"},
        {"a": None},
        {"": ""},
        {5: "a"},
        {"a": {}},
    ),
    *(
        timedelta(minutes=2),
        {"name": "a", "run": ["b"]},
        [{"name": "a", "run": ["b"]}] * 2,
        ("a", "b"),
        {"a"},
    ),
    *(
        {"url": "https://x.example.com"},
        ["web", "api"],
        {"web": None},
        {"web": "null"},
        LabelNames(),
        Service(),
    ),
)
"""Values that a file may hold, or that other code of ours may put there."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inside:
        yield from places(one, (*path, name))


def changed(value: Any, chance: Random) -> Any:
    """The same with one change: another value, a key or an item more or less, or under another name."""
    value = deepcopy(value)
    *above, last = chance.choice([one for one in places(value) if one])
    holder = value
    for step in above:
        holder = holder[step]
    way = chance.randrange(6)
    if way == 0:
        del holder[last]
    elif way == 1 and isinstance(holder, dict):
        holder[chance.choice(ODD[:90])] = holder.pop(last)
    elif way == 2 and isinstance(holder, list):
        holder.append(chance.choice(ODD))
    elif way == 3 and isinstance(holder[last], str):
        holder[last] += chance.choice(("\n", " ", "x", "0", "\x1c", "\ud800", "{target}", "["))
    else:
        holder[last] = deepcopy(chance.choice(ODD))
    return value


def agree(kind: type[Authored], value: Any) -> bool:
    """Whether msgspec took it. Then pydantic takes it too, and makes the same of it."""
    found = read_directly(kind, value)
    if found is not None:
        assert repr(found) == repr(validated(kind, value)), value
    return found is not None


@pytest.mark.parametrize(("name", "kind", "value"), CASES, ids=IDS)
def test_a_good_file_is_read_without_pydantic_and_as_pydantic_reads_it(
    name: str, kind: type[Authored], value: Any
) -> None:
    assert agree(kind, value)


@pytest.mark.parametrize(("name", "kind", "value"), CASES, ids=IDS)
def test_what_msgspec_takes_pydantic_takes_as_well(name: str, kind: type[Authored], value: Any) -> None:
    chance = Random(name)
    taken = 0
    for _ in range(MUTATIONS):
        one = changed(value, chance)
        for _ in range(chance.randrange(2)):
            one = changed(one, chance) if one else one
        taken += agree(kind, one)
    assert 0 < taken < MUTATIONS


@pytest.mark.parametrize(
    "path",
    [
        "bots.0",
        "digest",
        "hosts",
        "labels.incident",
        "people.Manager",
        "public_evidence",
        "rights.rollback",
        "runbook",
        "services",
        "services.web",
        "services.web.environment",
        "services.web.recovery.rate.times",
        "services.web.recovery.own.run",
        "services.web.rollback.expires",
        "services.web.rollback.targets",
        "services.web.smoke.0.expect.status",
        "services.web.smoke.0.needed",
        "services.web.smoke.0.status.0",
        "services.web.smoke.0.timeout",
        "services.web.smoke.0.tries",
        "services.web.smoke.0.within",
        "providers.ours.current",
        "zone",
    ],
)
def test_both_make_the_same_of_every_odd_value(path: str) -> None:
    for odd in ODD:
        value = deepcopy(CASES[-1][2])
        *above, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        holder = value
        for step in above:
            holder = holder[step]
        holder[last] = odd
        agree(Settings, value)


@pytest.mark.parametrize(("name", "kind", "value"), CASES, ids=IDS)
def test_what_is_written_reads_as_the_same(name: str, kind: type[Authored], value: Any) -> None:
    found = read_authored(kind, value)
    assert read_authored(kind, written(found)) == found
    assert read_authored(kind, written(found, changed=True)) == found
    assert read_authored(kind, json.loads(written_json(found))) == found


def test_what_is_as_by_default_is_left_out() -> None:
    service = read_authored(Service, {"provider": "fly", "rollback": {"expires": "1h"}, "hotfix": {}})
    assert written(service, changed=True) == {"provider": "fly", "rollback": {"expires": "1h"}}
    assert written(HttpCheck(name="a", url="b"))["timeout"] == "10s"


def test_a_value_that_is_there_already_is_taken() -> None:
    assert read_authored(Settings, {"services": {"web": Service(provider="fly")}}) == Settings(
        services={"web": Service(provider="fly")}
    )


def test_a_contradiction_is_told_where_it_stands() -> None:
    with pytest.raises(ValidationError) as refused:
        read_authored(Settings, {"services": {"web": {"recovery": {"p95": {"query": "q"}}}}})
    (found,) = refused.value.errors()
    assert found["loc"] == ("services", "web", "recovery", "p95")
    assert found["msg"] == (
        "Value error, name exactly one source: run, url (with path) or prometheus (with query)"
    )


def test_who_makes_one_is_held_to_what_its_fields_say_together() -> None:
    with pytest.raises(ValueError, match="prometheus and query go together"):
        Measure(prometheus="https://p.example.com")


def test_a_sign_ends_where_the_text_ends() -> None:
    class Named(Authored, frozen=True, kw_only=True):
        name: Annotated[str, sign("^[a-z]$", longest=1)]

    assert read_directly(Named, {"name": "a"}) is not None
    assert read_directly(Named, {"name": "a\n"}) is None
    assert model_of(Named).model_json_schema()["properties"]["name"]["pattern"] == "^[a-z]$"


class Kept(Embedded, frozen=True):
    number: int


class Holder(BaseModel):
    kept: Kept
    check: HttpCheck
    span: Duration | None = None


def test_a_model_of_pydantic_may_hold_one() -> None:
    known = {"kept": {"number": 1}, "check": {"name": "a", "url": "b"}}
    held = Holder.model_validate(known)
    assert held == Holder(kept=Kept(1), check=HttpCheck(name="a", url="b"))
    assert held.model_dump(exclude_defaults=True) == known
    assert Holder.model_validate_json(held.model_dump_json()) == held
    with pytest.raises(ValidationError, match=r"check\.name"):
        Holder.model_validate(known | {"check": {"url": "b"}})
