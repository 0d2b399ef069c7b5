"""For people: allclear review, what a reviewer would say of a post-mortem."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from allclear.cli_terminal import NOT_IN_ORDER, point_out, refuse

if TYPE_CHECKING:
    from allclear.core.policy.runbook import Runbook
    from allclear.core.postmortem.remarks import Remark


@click.command(short_help="Look at a post-mortem as a reviewer would.")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option(
    "--root",
    default=Path(),
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The top folder of the repository, whose runbook says which sections there are.",
)
def review(files: tuple[Path, ...], root: Path) -> None:
    """Look at the post-mortems FILES: what is still to write, what contradicts, what should not be public.

    Each remark names the file and the line. Ends with 1 when something is left that holds the publication;
    hints alone end with 0.
    """
    from allclear.adapters.files.settings import load_policy
    from allclear.core.postmortem.reviewing import reviewed

    in_force = load_policy(root).runbook
    held = 0
    for file in files:
        try:
            text = file.read_bytes().decode(errors="surrogateescape")
        except OSError as error:
            refuse(f"{file} cannot be read: {error.strerror}")
        found = reviewed(text, _runbook_of(text, root) or in_force)
        _say(file, found)
        held += sum(one.holds for one in found)
    if held:
        click.echo(f"\n{held} to mend before it can be published.")
        sys.exit(NOT_IN_ORDER)
    click.echo("Nothing holds the publication.")


def _runbook_of(text: str, root: Path) -> Runbook | None:
    """The runbook that the report says it was written by; None when it is not there any more."""
    from allclear.adapters.files.runbook_files import names_of
    from allclear.adapters.files.runbooks import read_runbook
    from allclear.core.model.errors import SettingsError
    from allclear.core.postmortem.front_matter import read

    name = read(text).metadata.get("runbook")
    try:
        return read_runbook(root, str(name)) if name in names_of(root) else None
    except SettingsError:
        return None


def _say(file: Path, found: Iterable[Remark]) -> None:
    for one in found:
        point_out(f"{file}:{one.line}", one.text, mend=one.holds)
