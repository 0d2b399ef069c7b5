"""Hostile text in the comments that ask for operations, and in what these show: commits, files, branches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from allclear_lab.drill.production_server import DeployStart
from allclear_lab.github.actions.state import WorkflowRun
from allclear_lab.github.git.acts import BAD_REF
from conversations.room import OPERATIONS
from production.harmless import HOSTILE, SECRETS, Watch
from production.stage import SERVICES, Mark, Production, open_production
from sampling import Proof

ACTIONS = """
actions:
  scale:
    title: Add machines
    run: [touch, "CANARY-{count}"]
    parameters: { count: { pattern: "[1-9][0-9]?" } }
    approval: none
    least: write
  disable:
    title: Turn a feature off
    run: [touch, "CANARY-{flag}"]
    parameters: { flag: { pattern: "flag-[a-z]{1,40}" } }
    flag: true
    approval: none
    least: write
"""
REFUSED = (
    "/rollback web to {}",
    "/rollback {} to v41",
    "/run scale count={}",
    "/run {}",
    "/flag-off {}",
    "/approve {}",
    "/cancel {}",
)
TOLD = ("/rollback web {}", "/hotfix web {}", "/smoke web {}", "/evidence web {}")
ROOM = 7000
"""Characters of a text in a comment, which takes 65,536 in all."""


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Production, Path, Mark]]:
    folder = tmp_path_factory.mktemp("hostile")
    canary = folder / "canary"
    actions = ACTIONS.replace("CANARY", str(canary))
    with open_production(folder, actions, secrets={"": SECRETS, "production": SECRETS}) as production:
        production.opens()
        yield production, canary, production.mark()


@pytest.fixture
def opened(there: tuple[Production, Path, Mark]) -> tuple[Production, Path]:
    """A production with an open incident, as if nothing had been tried before; and the file CANARY."""
    production, canary, mark = there
    production.back(mark)
    return production, canary


def comment(forms: tuple[str, ...], text: str, canary: Path) -> str:
    text = text.replace("CANARY", str(canary))[:ROOM]
    return "\n\n".join(form.format(text) for form in forms)


def operations(production: Production) -> list[WorkflowRun]:
    """The runs of operations that were started."""
    return [run for run in production.room.repo.runs() if run.path.endswith(OPERATIONS)]


def test_what_names_nothing_starts_nothing(opened: tuple[Production, Path], proof: Proof) -> None:
    """H11, H12, H15: asked for by an admin."""
    production, canary = opened
    before = production.mark()
    for text in proof(HOSTILE, 24):
        watch = Watch(production, canary)
        production.asks("ann", comment(REFUSED, text, canary))
        assert production.hosted.attempts == [], text
        watch.holds()
        assert not list(canary.parent.glob("canary*"))
        production.back(before)


def test_what_is_said_beside_an_operation_is_told_and_no_part_of_it(
    opened: tuple[Production, Path], proof: Proof
) -> None:
    production, canary = opened
    before = production.mark()
    number = production.room.number
    good = {"service": "web", "incident": str(number)}
    for text in proof(HOSTILE, 12):
        watch = Watch(production, canary)
        production.asks("ann", comment(TOLD, text, canary))
        for run in operations(production):
            given = dict(run.inputs)
            assert given.pop("operation") in production.room.incident.production.operations, text
            assert given.pop("target", "") in ("", production.releases["v41"]), text
            boxes = ("dry_run", "migrations", "while_deploying")
            assert {given.pop(box, "false") for box in boxes} == {"false"}, text
            assert given == good, text
        watch.holds(branches=[f"hotfix/incident-{number}"] if production.room.repo.pulls() else [])
        production.back(before)


def test_with_such_a_reason_a_rollback_gets_the_same_words_as_without(
    opened: tuple[Production, Path], proof: Proof
) -> None:
    production, canary = opened
    before = production.mark()
    # A word with a hyphen in front would be an option, and there is none of that name; a fence makes code of
    # the commands that follow; a question is no order; a backslash breaks the line, so that the command does
    # not stand bare; and a reason has its bound.
    plain = [text for text in HOSTILE if text not in ("?", "\\")]
    told = [text for text in plain if "\n```" not in text and len(text) < 4000]
    fit = [text for text in told if not any(word.startswith("-") for word in text.split())]
    for text in proof(fit, 6):
        watch = Watch(production, canary)
        production.says("ann", comment(("/rollback web because {}", *TOLD[1:]), text, canary))
        production.approve("mia", text[:ROOM])
        execution = DeployStart(production.operation().id, production.releases["v41"])
        watch.holds([execution], branches=[f"hotfix/incident-{production.room.number}"])
        assert production.operation().outcome == "done"
        production.back(before)


def test_subjects_and_paths_of_commits_are_shown_as_they_are(
    opened: tuple[Production, Path], proof: Proof
) -> None:
    production, canary = opened
    before = production.mark()
    # A pushed commit that says it fixes the issue closes it, as everywhere on GitHub.
    fit = [text for text in HOSTILE if "\0" not in text and not text.endswith("es #1")]
    for start in proof(range(0, len(fit), 8), 6):
        for number, text in enumerate(fit[start : start + 8]):
            path = text.strip("/\n")[:80].replace("..", "").replace("\n", " ")
            production.room.people["bob"].push_file("main", f"migrations/{number}/{path}", "x", text[:2000])
        sha = production.room.repo.branches()["main"]
        production.room.clock.advance(60)
        production.room.repo.deploy(sha, "production")
        watch = Watch(production, canary)
        production.asks("ann", "/rollback web --dry-run\n\n/rollback web")
        assert "migrations/" in production.room.replies[-1].body, fit[start : start + 8]
        watch.holds()
        production.back(before)


def test_a_branch_of_any_name_starts_nothing(opened: tuple[Production, Path], proof: Proof) -> None:
    """H20: dispatched on it, with the very inputs of an operation that may begin."""
    production, canary = opened
    production.asks("ann", "/rollback web")
    given = dict(production.room.repo.runs()[-1].inputs)
    production.hosted.ignore()  # of two runs of an operation only one would be under way
    before = production.mark()
    fit = [text for text in HOSTILE if not BAD_REF.search(text) and len(text) < 200]
    names = [text for text in fit if text != "main" and not text.startswith("refs/")]
    assert len(names) > 40
    for name in proof(names, 12):
        production.room.people["bob"].push_file(name, "app.txt", "mine")
        run = production.room.people["ann"].dispatch("rollback-production.yml", given, ref=name)
        watch = Watch(production, canary)
        production.hosted.play(run)
        assert production.room.repo.run(run).conclusion == "failure", name
        assert production.room.repo.refs("refs/allclear/") == {}
        watch.holds()
        production.back(before)


def test_releases_of_any_name_are_shown_and_not_gone_back_to(tmp_path: Path, proof: Proof) -> None:
    """What the payload of a deployment calls the target goes on only when the provider admits it."""
    named = SERVICES.replace(
        'pattern: "[0-9a-f]{{40}}"', 'pattern: "v[0-9]+"\n    target_from: payload.version'
    )
    with open_production(tmp_path, services=named) as production:
        production.opens()
        canary, repo = tmp_path / "canary", production.room.repo
        before = production.mark()
        for text in proof(HOSTILE, 10):
            hostile = {"version": text.replace("CANARY", str(canary))[:ROOM]}
            for payload in (hostile, {"version": "v43"}):
                production.room.clock.advance(60)
                repo.deploy("main", "production", payload=payload)
            watch = Watch(production, canary)
            production.asks("ann", "/rollback web\n\n/rollback web --dry-run")
            assert production.runs_of() == [], text
            watch.holds()
            production.back(before)
