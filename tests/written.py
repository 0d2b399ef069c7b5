"""Runbooks as people write them, and what they become for the engine."""

from functools import cache
from pathlib import Path
from typing import Any

from allclear.adapters.files.strict_yaml import load
from allclear.core.language.compiled import compiled
from allclear.core.language.document import RunbookFile
from allclear.core.language.merging import with_defaults
from allclear.core.language.numbers import Numbers
from allclear.core.policy.runbook import Runbook

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "templates" / "runbooks"
FILES = {file.stem: file for folder in (SHIPPED, ROOT / "tests/language") for file in folder.glob("*.yml")}
NAMES = sorted(FILES)
ENGINE: dict[str, Any] = load((ROOT / "templates/engine.yml").read_text(encoding="utf-8")).value
NUMBERS = Numbers.model_validate(ENGINE["severity"])

SMALL: dict[str, Any] = {
    "name": "small",
    "severities": {
        "SEV1": {"response": "5m"},
        "SEV2": {"response": "30m"},
        "SEV3": {"response": "1h"},
    },
    "chains": {"on-call": ["On-call", "Team Lead"]},
}
"""As little as a runbook needs."""


def text(name: str) -> str:
    """The file of this name."""
    return FILES[name].read_text(encoding="utf-8")


def raw(name: str) -> dict[str, Any]:
    """What the file of this name says."""
    value: dict[str, Any] = load(text(name)).value
    return value


def file_of(value: dict[str, Any]) -> RunbookFile:
    """The document of such a file, with the engine's defaults."""
    return RunbookFile.model_validate(with_defaults(value, ENGINE))


def runbook_of(value: dict[str, Any]) -> Runbook:
    """What the engine makes of such a file."""
    return compiled(file_of(value), NUMBERS)


def small(**changes: Any) -> Runbook:
    """The small runbook with these keys beside its own, or instead of them."""
    return runbook_of(SMALL | changes)


@cache
def runbook(name: str) -> Runbook:
    """What the engine makes of the file of this name."""
    return runbook_of(raw(name))
