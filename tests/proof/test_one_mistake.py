"""A file with one mistake: `allclear check` names its line, and a P0 pages somebody all the same.

The files are the shipped ones with one mistake each, as people make them: a letter too few, too many or
swapped in a name, a bracket or a colon that is not there, a tab, a line that stands there twice, a value of
another kind. Made by chance from a fixed seed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import pytest
from click.testing import CliRunner

from allclear.adapters.files.strict_yaml import load
from allclear.cli import main
from conversations.room import ROOT, Room, open_room
from sampling import Proof

SETTINGS = """\
runbook: hotdash
zone: Europe/Berlin
people:
  DevOps: [bob, cat]
  Manager: [mia]
  CEO: [ann]
services:
  web:
    environment: production
    provider: deploy-workflow
    values: { workflow: deploy.yml }
    health: ["https://app.example.com/health"]
    rollback:
      approval: second-person
hosts: [app.example.com]
actions:
  go:
    title: Restart the app
    run: [flyctl, apps, restart, my-app]
    env: [FLY_API_TOKEN]
rights: { resolve: maintain }
status_page: https://status.example.com
ignore: [deploy]
"""
_NAME = re.compile(r"^(\s*(?:- )?(?:\{ )?)([a-z_]{4,})(?=: |:$)")
OF_THE_TEAM = frozenset(
    {
        "about",
        "agenda",
        "at",
        "calendars",
        "channels",
        "chains",
        "contacts",
        "earlier",
        "fix",
        "flags",
        "items",
        "links",
        "lists",
        "look",
        "measures",
        "patterns",
        "phases",
        "roles",
        "routines",
        "rules",
        "sections",
        "severities",
        "steps",
        "voices",
    }
)
"""Below these stand names that a team gives: spelt otherwise, they are other names, and no mistake."""


@dataclass(frozen=True)
class Mistake:
    """A file with one mistake, in ``line`` (from 1)."""

    kind: str
    line: int
    text: str


def _letter_less(line: str, chance: Random) -> str:
    found = _NAME.match(line)
    if not found:
        return line
    at = chance.randrange(found.start(2) + 1, found.end(2) - 1)
    return line[:at] + line[at + 1 :]


def _letters_swapped(line: str, chance: Random) -> str:
    found = _NAME.match(line)
    if not found:
        return line
    at = chance.randrange(found.start(2), found.end(2) - 1)
    return line[:at] + line[at + 1] + line[at] + line[at + 2 :]


def _letter_twice(line: str, chance: Random) -> str:
    found = _NAME.match(line)
    if not found:
        return line
    at = chance.randrange(found.start(2), found.end(2))
    return line[:at] + line[at] + line[at:]


def _bracket_gone(line: str, _: Random) -> str:
    return re.sub(r"[]}](?=\s*(#.*)?$)", "", line, count=1)


def _list_for_a_text(line: str, _: Random) -> str:
    return re.sub(r"^(\s*[a-z_]+: )([A-Za-z][\w -]*)$", r"\1[[\2]]", line)


def _tab(line: str, _: Random) -> str:
    return re.sub(r"^ {2,}(?=\w)", "\t", line)


def _twice(line: str, _: Random) -> str:
    return f"{line}\n{line}" if re.match(r"^[a-z_]+: \S", line) else line


KINDS: tuple[Callable[[str, Random], str], ...] = (
    _letter_less,
    _letters_swapped,
    _letter_twice,
    _bracket_gone,
    _list_for_a_text,
    _tab,
    _twice,
)


def broken(text: str, count: int, seed: int) -> list[Mistake]:
    """``count`` different files, of all kinds and from all over the text."""
    chance, lines = Random(seed), text.splitlines()
    paths = load(text).lines
    of_the_team = {line for path, line in paths.items() if len(path) > 1 and path[-2] in OF_THE_TEAM}
    found: dict[str, Mistake] = {}
    for _ in range(count * 100):
        if len(found) == count:
            break
        at, kind = chance.randrange(len(lines)), chance.choice(KINDS)
        if at + 1 in of_the_team and kind in (_letter_less, _letters_swapped, _letter_twice):
            continue
        changed = kind(lines[at], chance)
        whole = "\n".join([*lines[:at], changed, *lines[at + 1 :]]) + "\n"
        if changed != lines[at] and not lines[at].lstrip().startswith("#"):
            line = at + 1 + changed.count("\n")
            found.setdefault(whole, Mistake(kind.__name__.strip("_"), line, whole))
    assert len(found) == count
    return list(found.values())


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with open_room(tmp_path_factory.mktemp("mistakes"), SETTINGS) as opened:
        (opened.root / "templates").unlink()
        shutil.copytree(ROOT / "templates", opened.root / "templates")
        workflow = opened.root / ".github" / "workflows" / "deploy.yml"
        workflow.parent.mkdir()
        workflow.write_text("on: push\n", encoding="utf-8")
        yield opened


def judged(room: Room, file: str, mistake: Mistake) -> list[str]:
    """What is not as it should be with this file in the repository."""
    place = room.root / file
    whole = place.read_text(encoding="utf-8")
    quiet = room.hub.snapshot()
    place.write_text(mistake.text, encoding="utf-8")
    wrong = []
    try:
        result = CliRunner().invoke(main, ["check", str(room.root)])
        # A reader of YAML finds what never ends where it should have ended: a line or so later.
        near = range(mistake.line, mistake.line + 4 if "YAML" in result.stderr else mistake.line + 1)
        if result.exit_code != 1 or not any(f"`{file}` line {line}:" in result.stderr for line in near):
            wrong.append(f"check ends with {result.exit_code}: {result.output[:300]}")
        room.opens("bob", labels=("incident", "P0"))
        said = "\n".join(comment.body for comment in room.replies)
        if not re.search(r"(?m)^@\w+", said):
            wrong.append(f"nobody is paged: {said[-300:]}")
        if file not in room.panel.body:
            wrong.append("the panel does not say so")
        if any(room.codes):
            wrong.append(f"runs end with {room.codes}")
    finally:
        place.write_text(whole, encoding="utf-8")
        room.hub.restore(quiet)
        room.codes.clear()
        room.pending.clear()
        room.delivered = len(room.hub.deliveries)
    return [f"{file} line {mistake.line} ({mistake.kind}): {one}" for one in wrong]


def test_a_settings_file_with_one_mistake_is_told_of_and_pages(room: Room, proof: Proof) -> None:
    cases = broken(SETTINGS, 200, seed=1)
    wrong = [one for case in proof(cases, 14) for one in judged(room, ".github/allclear.yml", case)]
    assert wrong == [], "\n".join(wrong)


def test_a_runbook_with_one_mistake_is_told_of_and_pages(room: Room, proof: Proof) -> None:
    text = (ROOT / "templates/runbooks/hotdash.yml").read_text(encoding="utf-8")
    cases = broken(text, 100, seed=2)
    wrong = [one for case in proof(cases, 8) for one in judged(room, "templates/runbooks/hotdash.yml", case)]
    assert wrong == [], "\n".join(wrong)
