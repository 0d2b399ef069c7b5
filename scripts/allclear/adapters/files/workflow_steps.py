"""The steps of a repository's workflow files that run a service's commands, and which variables they get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from allclear.adapters.files.strict_yaml import Mistake, Source, load
from allclear.core.policy.passing_check import Acting, PassingStep

FOLDER = ".github/workflows"
LARGEST = 500 * 1024
"""Bytes of a workflow file: https://docs.github.com/en/actions/reference/limits"""

_MARK = "ALLCLEAR_STEP"
RUNS: tuple[Acting, ...] = ("act", "smoke", "complete")
"""Steps that run commands, as workflow files name them."""


def passing_steps(root: Path) -> Iterator[PassingStep]:
    """Those of every workflow file of the checkout, wherever `allclear init` or people put them. A file that
    cannot be read is none of ours: GitHub says so itself.
    """
    for file in sorted((root / FOLDER).glob("*.y*ml")):
        text = file.read_text(encoding="utf-8", errors="replace")[:LARGEST]
        if _MARK not in text:
            continue
        try:
            source = load(text)
        except Mistake:
            continue
        yield from _steps(f"{FOLDER}/{file.name}", source)


def _steps(file: str, source: Source) -> Iterator[PassingStep]:
    jobs = source.value.get("jobs") if isinstance(source.value, Mapping) else None
    for job, document in _items(jobs):
        steps = document.get("steps") if isinstance(document, Mapping) else None
        for number, step in enumerate(steps if isinstance(steps, list) else ()):
            env = step.get("env") if isinstance(step, Mapping) else None
            said = env.get(_MARK) if isinstance(env, Mapping) else None
            runs = next((one for one in RUNS if one == said), None)
            if runs is None:
                continue
            given = step.get("with")
            handed = [value for name, value in _items(given) if name == "token"]
            yield PassingStep(
                file=file,
                line=source.line(("jobs", job, "steps", number, "env")),
                name=str(step.get("name", runs)),
                runs=runs,
                names=frozenset(name for name, _ in _items(env)),
                token="false" not in handed,
            )


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from value.items()
