"""The guide to the first rollback: what it tells people to write is what the engine reads."""

import re
from pathlib import Path

import pytest
import yaml

from allclear.adapters.files.settings import load_policy
from allclear.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "rollback.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
HOSTS = "hosts: [app.hotrodan.com, prometheus.example.com, metrics.example.com]\n"


def test_the_guide_has_settings_to_copy() -> None:
    assert len(BLOCKS) >= 7
    providers = {
        service["provider"]
        for block in BLOCKS
        for service in yaml.safe_load(block).get("services", {}).values()
        if "provider" in service
    }
    assert {"fly", "vercel", "kubernetes", "deploy-workflow"} <= providers


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_what_the_guide_writes_is_read_without_a_complaint(block: str, tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    text = "runbook: hotdash\n" + (block if "hosts:" in block else block + HOSTS)
    (tmp_path / ".github" / "allclear.yml").write_text(text, encoding="utf-8")
    (tmp_path / "templates").symlink_to(ROOT / "templates")
    assert load_policy(tmp_path).trouble == ()


def test_the_commands_of_the_guide_exist() -> None:
    named = set(re.findall(r"`/([a-z-]+)", GUIDE))
    assert named >= {"rollback", "approve", "smoke", "run", "flag-off"}
    assert named <= set(COMMANDS)


def test_every_provider_of_the_guide_is_shipped() -> None:
    shipped = {file.stem for file in (ROOT / "templates" / "providers").glob("*.yml")}
    assert {"heroku", "script", "command", "dispatch-workflow", "vercel-promote"} <= shipped
