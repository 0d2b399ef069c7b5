"""For people: allclear init, which puts Allclear into a repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from allclear.cli_terminal import PACKAGE, refuse

if TYPE_CHECKING:
    from allclear.core.policy.runbook import Runbook
    from allclear.core.policy.settings import Settings

INTO_A_REPOSITORY = (
    ".github/workflows/respond.yml",
    ".github/workflows/sweep.yml",
    ".github/workflows/postmortem.yml",
    ".github/workflows/review.yml",
    ".github/workflows/rollback-production.yml",
    ".github/workflows/smoke.yml",
    ".github/workflows/evidence.yml",
    "scripts/*.py",
    "scripts/allclear/**/*",
    "templates/**/*",
    "requirements/run.txt",
    "action.yml",
)
"""What a repository needs to run incidents, as patterns below the checkout.
The settings file and the issue form are written by ``init``, from the runbook.
"""
FOR_PEOPLE = {
    "__pycache__",
    "drills",
    "cli.py",
    "cli_init.py",
    "cli_release.py",
    "cli_report.py",
    "cli_review.py",
    "cli_runbook.py",
    "cli_terminal.py",
    "__main__.py",
}
"""What stays here."""
WORKFLOWS_ALONE = ".github/workflows/"
"""All that a repository is given which pins a release: the rest is in the release."""
PIN = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}")
ACTION, ACTION_THERE = Path("action.yml"), Path(".github/allclear/action/action.yml")
"""Where the workflows' action is here, and in other repositories: their root may hold one of their own."""


@click.command(short_help="Put Allclear into a repository.")
@click.argument("path", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--runbook",
    "name",
    default="",
    metavar="NAME",
    help="The runbook that the issue form and the settings are made from; `neutral` without it.",
)
@click.option(
    "--release",
    default="",
    metavar="OWNER/NAME@COMMIT",
    help="Let the workflows use this release, and copy no code; the release's page names its commit.",
)
def init(path: Path, name: str, release: str) -> None:
    """Put Allclear into the repository at PATH. Nothing that is there is overwritten.

    The issue form and the settings are those of the runbook: one that is shipped, or one that stands in
    `.github/allclear/runbooks` of the repository already. Where a shipped one is named that has example
    settings, with services, actions and smoke checks, they are those, with nobody in them.
    """
    from allclear.adapters.files.settings import SETTINGS, read_settings
    from allclear.core.view.first_settings import actions_to_fill, first_settings, titles_to_fill

    checkout = PACKAGE.parents[1]
    if not (checkout / ".github" / "workflows" / "respond.yml").is_file():
        refuse(
            "`allclear init` copies from a checkout of Allclear. Clone it, and run `make setup` there first."
        )
    if path.resolve() == checkout:
        refuse("This is Allclear's own checkout. Give the path of your repository.")
    if release and not PIN.fullmatch(release):
        refuse("A release is pinned by its whole commit: --release owner/allclear@<40 characters>.")
    _known(path, checkout, name)
    made = list[tuple[Path, bytes]]()
    kept = list[tuple[Path, bytes]]()
    copied = (
        _as_there(one.relative_to(checkout), one.read_bytes(), release) for one in _to_copy(checkout, release)
    )
    for there, content in copied:
        (made if _written(path / there, content) else kept).append((there, content))
    settings, runbook = _chosen(path, name)
    for there, text in (
        (Path(SETTINGS), _example(checkout, name) or first_settings(runbook)),
        (Path(".github/ISSUE_TEMPLATE/incident.yml"), _form(settings, runbook)),
    ):
        (made if _written(path / there, text.encode()) else kept).append((there, text.encode()))
    click.echo(f"{len(made)} {'file was' if len(made) == 1 else 'files were'} written.")
    for there, content in kept:
        if there != Path(SETTINGS) and (path / there).read_bytes() != content:
            click.echo(f"Your own {there} differs and was kept.")
    if name and settings.runbook != name:
        click.echo(f"Your own {SETTINGS} was kept. It names another runbook: write `runbook: {name}` there.")
    here = read_settings(path).actions if runbook.name == settings.runbook else {}
    _next(titles_to_fill(runbook), tuple(one for one in actions_to_fill(runbook) if one not in here))


def _example(checkout: Path, name: str) -> str:
    """The example settings of a shipped runbook; the logins of examples are other people's and left out."""
    file = checkout / "templates" / "settings" / f"{name}.yml"
    if not name or not file.is_file():
        return ""
    before, people, after = re.split(
        r"(?s)(?<=\n)(people:.*?\n)\n", file.read_text(encoding="utf-8"), maxsplit=1
    )
    nobody = re.sub(r"\[.*?\]", "[]", people)
    return f"{before}{nobody}\n{after}"


def _known(path: Path, checkout: Path, name: str) -> None:
    """Refuses the name of a runbook that is neither here nor there, before anything is written."""
    from allclear.adapters.files.runbook_files import names_of, path_of
    from allclear.core.policy.review import instead

    if name and path_of(path, name) is None and path_of(checkout, name) is None:
        names = sorted({*names_of(path), *names_of(checkout)})
        refuse(f"There is no runbook {name!r}; {instead(name, names)}")


def _chosen(path: Path, name: str) -> tuple[Settings, Runbook]:
    """The settings that there are, and the runbook that was asked for, or else theirs."""
    from allclear.adapters.files.runbooks import read_runbook
    from allclear.adapters.files.settings import SETTINGS, read_settings
    from allclear.core.model.errors import SettingsError
    from allclear.core.policy.settings import Settings

    try:
        settings = read_settings(path)
        settings = settings if (path / SETTINGS).exists() else Settings(runbook=name or settings.runbook)
        return settings, read_runbook(path, name or settings.runbook)
    except SettingsError as error:
        refuse(*error.mistakes)


def _form(settings: Settings, runbook: Runbook) -> str:
    from allclear.core.view.issue_form import issue_form

    return issue_form(runbook, settings.labels.incident, settings.zone)


def _written(target: Path, content: bytes) -> bool:
    """Whether it was written: what is there is kept."""
    if target.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return True


def _next(titles: tuple[str, ...], actions: tuple[str, ...]) -> None:
    who = " and ".join([", ".join(titles[:-1]), titles[-1]]) if titles[1:] else "".join(titles)
    said = f"\n     Write the commands of its actions there as well: {', '.join(actions)}" if actions else ""
    click.echo(
        "Next:\n"
        f"  1. Write who is {who} into .github/allclear.yml, then run: allclear check{said}\n"
        "  2. Settings > Actions > General: allow GitHub Actions to create pull requests (for post-mortems)\n"
        "  3. Commit, push to the default branch, and run the workflow `sweep` once by hand: it makes the\n"
        "     labels (an issue form only sets those that exist)\n"
        "  4. Sign the record, so that no other workflow can change it: allclear key | gh secret set "
        "ALLCLEAR_KEY\n"
        "  5. Open an issue with the incident form\n"
        "  6. For /rollback and /smoke, name a service and its deploy system, and protect its environment:\n"
        "     docs/rollback.md in Allclear's own repository shows how"
    )


def _as_there(name: Path, content: bytes, release: str) -> tuple[Path, bytes]:
    """Where a file of ours goes in another repository, and what it says there."""
    if name == ACTION:
        return ACTION_THERE, content
    if name.parts[:2] == (".github", "workflows"):
        used = release.encode() or b"./" + bytes(ACTION_THERE.parent)
        return name, re.sub(rb"(?m)^( +uses: )\./$", rb"\1" + used, content)
    return name, content


def _to_copy(checkout: Path, release: str) -> Iterator[Path]:
    for pattern in INTO_A_REPOSITORY:
        if release and not pattern.startswith(WORKFLOWS_ALONE):
            continue
        for source in sorted(checkout.glob(pattern)):
            if source.is_file() and not FOR_PEOPLE & set(source.relative_to(checkout).parts):
                yield source
