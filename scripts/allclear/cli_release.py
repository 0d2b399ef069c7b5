"""For people: allclear verify-release, which builds a release again and compares."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from allclear.cli_terminal import NOT_IN_ORDER, PACKAGE, colour, printable, refuse

if TYPE_CHECKING:
    from allclear_release.verify import Finding

CHECKOUT = PACKAGE.parents[1]
NOT_ALL = 3
"""How the command ends when something could not be compared, and nothing differs."""


@click.command("verify-release", short_help="Build a release again, and compare every file.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--python",
    "pythons",
    multiple=True,
    metavar="PATH",
    help="A Python that may have compiled it; several are allowed. Those on the PATH are found without.",
)
@click.option(
    "--checkout",
    default=CHECKOUT,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The checkout of Allclear that has the commit; this one without it.",
)
def verify_release(file: Path, pythons: tuple[str, ...], checkout: Path) -> None:
    """Build the release FILE again, from its commit and by the hashes of the lock, and compare every file.

    Ends with 0 when all is the same, 1 when something differs, 2 when it cannot be built here, and 3 when
    what can be compared is the same: compiled code can only be compared with the very version that made it.
    """
    from allclear_release.errors import ReleaseError
    from allclear_release.verify import commit_in, verify

    try:
        content = file.read_bytes()
        commit = commit_in(content)
        manifest, findings = verify(
            content,
            checkout,
            pythons=pythons,
            cache=checkout / "build/wheels",
            say=lambda what: click.echo(what, err=True),
        )
    except ReleaseError as error:
        refuse(str(error))
    click.echo(f"Allclear {manifest.version}, of {manifest.commit}\n")
    _show(findings)
    click.echo(f"\nThe commit that has these files, to compare with what is pinned: {commit}")
    if any(one.same is False for one in findings):
        click.echo("\nThis is not what the commit makes. Do not use it.")
        sys.exit(NOT_IN_ORDER)
    if any(one.same is None for one in findings):
        click.echo(
            "\nWhat can be compared is the same. For the rest, install that Python and name it with "
            "--python, or hold the file against its attestation: gh attestation verify"
        )
        sys.exit(NOT_ALL)
    click.echo("\nEvery file is what the commit makes.")


def _show(findings: tuple[Finding, ...]) -> None:
    """One line a part: what it is, how many files, and the verdict; below it the files that differ."""
    width = max(len(one.part) for one in findings)
    for one in findings:
        word, shade = {True: ("the same", "green"), False: ("differs", "red"), None: ("", "yellow")}[one.same]
        verdict = click.style(": ".join(part for part in (word, one.why) if part), fg=shade)
        click.echo(f"{one.part:<{width}}  {one.files:>6,}  {verdict}", color=colour())
        for name in one.wrong:
            click.echo(f"    {printable(name)}")
