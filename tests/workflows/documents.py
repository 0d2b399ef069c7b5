"""The workflow files of this repository and the action that they use, parsed."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github/workflows"
ACTION = ROOT / "action.yml"
OURS = "./"
NAMES = sorted(path.name for path in FOLDER.glob("*.yml"))

Document = dict[str, Any]


@cache
def workflow(name: str) -> Document:
    # YAML 1.1 reads the bare word `on` as true.
    text = (FOLDER / name).read_text().replace("\non:", '\n"on":')
    document: Document = yaml.safe_load(text)
    return document


@cache
def action() -> Document:
    document: Document = yaml.safe_load(ACTION.read_text())
    return document


def parts() -> list[Document]:
    """The steps of the action."""
    found: list[Document] = action()["runs"]["steps"]
    return found


def jobs(name: str) -> Iterator[tuple[str, Document]]:
    yield from workflow(name)["jobs"].items()


def steps(name: str) -> Iterator[Document]:
    for _, job in jobs(name):
        yield from job["steps"]
