"""The ready-made deploy systems: data that loads, without a shell, with targets that nothing slips into."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from allclear.adapters.files.settings import read_provider
from allclear.core.model.authored import read_authored
from allclear.core.policy.provider import Listing, Provider

ROOT = Path(__file__).resolve().parents[3]
NAMES = sorted(file.stem for file in (ROOT / "templates" / "providers").glob("*.yml"))
PROVIDERS = {name: read_provider(ROOT, name) for name in NAMES}
SHA = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"
REAL = {
    "command": [SHA],
    "deploy-workflow": [SHA],
    "dispatch-workflow": [SHA],
    "fly": [
        "registry.fly.io/hotdash-agent-service:deployment-01HXXXXXZ9",
        "registry.fly.io/hotdash-agent-service:deployment-1700000000",
        f"registry.fly.io/hotdash@sha256:{'ab' * 32}",
        "ghcr.io/acme/shop/web:v41",
        "localhost:5000/web:v41",
    ],
    "heroku": ["v41", "41"],
    "kubernetes": ["3", "120"],
    "script": ["2026-03-02T04-00", "backup_17.dump", "41"],
    "vercel": ["https://shop-6vd6bhoqt-acme.vercel.app"],
    "vercel-promote": ["https://shop-6vd6bhoqt-acme.vercel.app"],
}
SHELLS = {"sh", "bash", "dash", "zsh", "cmd", "powershell", "pwsh", "eval", "env", "xargs", "sudo"}


def test_every_ready_made_provider_is_looked_at_here() -> None:
    assert list(REAL) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_no_command_of_a_provider_goes_through_a_shell(name: str) -> None:
    for vector in PROVIDERS[name].vectors:
        # `bash script target` runs a file; the words behind it are its arguments, never a program.
        assert vector[0] not in SHELLS - {"bash"}
        assert not {"-c", "-lc", "-ic", "/c"} & set(vector)
        assert not any(sign in word for word in vector for sign in "|&;<>`$")


@pytest.mark.parametrize("name", NAMES)
def test_what_puts_back_is_told_what_to_put_back(name: str) -> None:
    provider = PROVIDERS[name]
    if provider.rollback is not None:
        assert sum("{target}" in word for word in provider.rollback) == 1
    for listing in (provider.list, provider.current):
        assert listing is None or not any("{target}" in word for word in listing.run)


@pytest.mark.parametrize(("name", "target"), [(name, target) for name in NAMES for target in REAL[name]])
def test_a_provider_takes_real_targets(name: str, target: str) -> None:
    assert PROVIDERS[name].accepts(target)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda target: "",
        lambda target: "-x",
        lambda target: f"-{target}",
        lambda target: f"--config={target}",
        lambda target: f"{target}; rm -rf /",
        lambda target: f"{target} ",
        lambda target: f" {target}",
        lambda target: f"{target}\n",
        lambda target: f"{target}\nrm",
        lambda target: f"{target}\r",
        lambda target: f"{target}\t--force",
        lambda target: f"{target}\0",
        lambda target: f"$({target})",
        lambda target: f"`{target}`",
        lambda target: f"{target}|sh",
        lambda target: f"{target}&&id",
        lambda target: f"{target}>x",
        lambda target: f"${{{target}}}",
        lambda target: "{target}",
        lambda target: f"{target}'",
        lambda target: f'"{target}"',
        lambda target: f"{target}\\",
        lambda target: f"../{target}",
        lambda target: f"{target}/../x",
        lambda target: f"{target}#x",
        lambda target: f"{target}?x=1",
        lambda target: f"{target}%0a",
        lambda target: f"{target}\u202e",
        lambda target: f"{target}\u200b",
        lambda target: f"{target}\u00a0",
        # Fullwidth, as an input method for Chinese or Japanese types it: e.g. v41 as \uff56\uff14\uff11.
        lambda target: "".join(chr(ord(sign) + 0xFEE0) for sign in target),
        lambda target: target.translate({ord(str(n)): chr(0x0660 + n) for n in range(10)}),
        lambda target: target * 500,
    ],
)
def test_a_provider_refuses_what_is_more_than_a_target(name: str, spoil: Any) -> None:
    for target in REAL[name]:
        assert not PROVIDERS[name].accepts(spoil(target)), spoil(target)


@pytest.mark.parametrize("target", ["https://evil.example/.vercel.app", "https://a.vercel.app.evil.example"])
def test_a_vercel_address_is_one_of_vercel(target: str) -> None:
    assert not PROVIDERS["vercel"].accepts(target)


def test_003_28_vercel_is_given_half_a_minute_before_it_is_looked_at() -> None:
    provider = PROVIDERS["vercel"]
    assert provider.rollback is not None
    assert provider.rollback[:2] == ("vercel", "rollback")
    assert "--yes" in provider.rollback
    assert provider.settle.total_seconds() == 30


def test_001_15_fly_deploys_an_image_again_for_it_has_no_rollback() -> None:
    provider = PROVIDERS["fly"]
    assert provider.rollback is not None
    assert provider.rollback[:2] == ("flyctl", "deploy")
    assert provider.list is not None
    assert provider.list.run[:2] == ("flyctl", "releases")


def test_004_28_vercel_promote_and_004_29_the_restore_script_are_there() -> None:
    assert (PROVIDERS["vercel-promote"].item, PROVIDERS["script"].item) == ("004-28", "004-29")
    assert PROVIDERS["script"].rollback == (
        "tsx",
        "scripts/migrate.ts",
        "--env",
        "PROD",
        "--rollback",
        "{target}",
    )


ONE = {"title": "One", "pattern": "v[0-9]+", "rollback": ["go", "{target}"]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rollback": None}, "name exactly one of rollback, rerun, start"),
        ({"rerun": {"workflow": "deploy.yml"}}, "name exactly one of rollback, rerun, start"),
        ({"targets": "provider"}, "targets: provider needs a list"),
        ({"pattern": "("}, "the pattern is not a regular expression"),
        ({"rollback": ["go", "{app}"]}, "{app} is not a placeholder; there are "),
        (
            {"rollback": ["{app}"], "values": {"app": "its name"}},
            "the program itself cannot be a placeholder",
        ),
        ({"target_from": "payload.a b"}, "target_from"),
        ({"list": {"run": ["ls"], "pattern": "(?P<release>.*)"}}, "`pattern` belongs to format `lines`"),
        ({"list": {"run": ["ls"], "format": "lines"}}, "`pattern` belongs to format `lines`"),
        (
            {"list": {"run": ["ls"], "format": "lines", "pattern": "("}},
            "the pattern is not a regular expression",
        ),
        ({"list": {"run": ["ls"], "format": "lines", "pattern": "v"}}, "the pattern needs a group `release`"),
        ({"env": ["lower"]}, "env"),
        ({"rollback": []}, "rollback"),
    ],
)
def test_a_provider_that_cannot_work_is_refused_when_it_is_read(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=r"(?s).*") as refused:
        read_authored(Provider, ONE | change)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "target", ["-x", "\uff56\uff14\uff11", "v\u0664\u0661", "a\nb", "a\tb", "a\0", "\u202ev1", "v" * 501]
)
def test_a_pattern_that_takes_anything_takes_no_option_no_look_alike_and_no_second_line(target: str) -> None:
    careless = read_authored(Provider, ONE | {"pattern": "(?s).*"})
    assert careless.accepts("v" * 500)
    assert not careless.accepts(target)


def test_a_provider_knows_all_the_commands_it_may_run() -> None:
    listing = {"run": ["ls"]}
    verify = [{"name": "look", "run": ["curl", "{release}"]}]
    provider = read_authored(Provider, ONE | {"list": listing, "current": listing, "verify": verify})
    assert provider.vectors == (("ls",), ("ls",), ("go", "{target}"), ("curl", "{release}"))
    assert read_authored(Provider, ONE | {"rollback": None, "start": {"workflow": "a.yml"}}).vectors == ()


def test_a_listing_is_newest_first_unless_it_says_otherwise() -> None:
    assert Listing(run=("ls",)).order == "newest-first"
    kubernetes = PROVIDERS["kubernetes"].list
    assert kubernetes is not None
    assert kubernetes.order == "by-number"
