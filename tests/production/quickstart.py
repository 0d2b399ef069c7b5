"""The settings that docs/rollback.md tells people to copy, as a test's repository has them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "rollback.md"


def quickstart(heading: str, number: int = 0, rollback: dict[str, Any] | None = None, **more: Any) -> str:
    """The block below a heading of the guide. Its first service gets the rules of `rollback`, and `more`.

    Braces are doubled: the stage fills its settings in.
    """
    section = GUIDE.read_text(encoding="utf-8").split(f"### {heading}\n")[1].split("\n### ")[0]
    found = re.findall(r"^```yaml\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    settings = yaml.safe_load(found[number])
    service = next(iter(settings["services"].values()))
    service |= {"rollback": rollback} if rollback else {}
    service |= more
    text: str = yaml.safe_dump(settings, sort_keys=False)
    return text.replace("{", "{{").replace("}", "}}")
