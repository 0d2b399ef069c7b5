"""For people: allclear runbook show, form, items, coverage."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from allclear.cli_terminal import BAD_INPUT, NOT_IN_ORDER, refuse, warn

if TYPE_CHECKING:
    from allclear.core.language.document import RunbookFile

ROOT = click.option(
    "--root",
    default=Path(),
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The top folder of the repository; without it the one you are in.",
)


@click.group(short_help="Look at runbooks.")
def runbook() -> None:
    """Look at runbooks: those of `.github/allclear/runbooks`, and the shipped ones."""


@runbook.command(short_help="The runbook as the document that people read.")
@click.argument("name")
@ROOT
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file (Markdown)."
)
def show(name: str, root: Path, out: Path | None) -> None:
    """Show the runbook NAME as the document that people read at 3 a.m.

    Where it extends another one, it says first what it changes of that.
    On a terminal it is set for reading; into a pipe or a file it is Markdown, with a Mermaid diagram.
    """
    from allclear.adapters.files.runbooks import find
    from allclear.core.language.page import page

    file = _read(root, name)
    written = find(root, name)
    text = page(file, written.numbers, written.changed)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    elif sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(text))
    else:
        click.echo(text, nl=False)


@runbook.command(short_help="The issue form that people declare an incident with (YAML).")
@click.argument("name")
@ROOT
def form(name: str, root: Path) -> None:
    """Print the issue form of the runbook NAME, for `.github/ISSUE_TEMPLATE/incident.yml`.

    Its label and its zone are those of the settings.
    """
    from allclear.adapters.files.runbooks import read_runbook
    from allclear.adapters.files.settings import read_settings
    from allclear.core.model.errors import SettingsError
    from allclear.core.view.issue_form import issue_form

    _read(root, name)
    try:
        settings = read_settings(root)
    except SettingsError as error:
        refuse(*error.mistakes)
    click.echo(issue_form(read_runbook(root, name), settings.labels.incident, settings.zone), nl=False)


@runbook.command(short_help="Which lines say which rule of the older runbook.")
@click.argument("name")
@ROOT
def items(name: str, root: Path) -> None:
    """Print each rule's number of the runbook that people wrote down before, and the lines that say it.

    They are the numbers of `item` and `items` in the file.
    """
    from allclear.adapters.files.runbooks import items_of

    _read(root, name)
    for number, lines in items_of(root, name).items():
        click.echo(f"{number}: {', '.join(map(str, lines))}")


@runbook.command(short_help="What becomes of every rule of the older runbooks (Markdown).")
@click.argument("names", nargs=-1, required=True)
@click.option(
    "--proof",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The tests that show each rule, and why one is only text (YAML: tests, text).",
)
@ROOT
def coverage(names: tuple[str, ...], proof: Path, root: Path) -> None:
    """Print a page about every rule of the runbooks NAMES; ends with 1 while it lacks something."""
    from allclear.adapters.files.coverage_page import CoverageProof, coverage, covered, unproved
    from allclear.adapters.files.strict_yaml import Mistake, load

    for name in names:
        _read(root, name)
    try:
        shown = CoverageProof.model_validate(load(proof.read_text(encoding="utf-8")).value)
    except (Mistake, ValueError) as error:  # pydantic's errors are ValueErrors
        refuse(f"{proof} cannot be read: {error}")
    found = tuple(covered(root, names, shown))
    click.echo(coverage(found), nl=False)
    lacking = unproved(found)
    for one in lacking:
        click.echo(one, err=True)
    sys.exit(NOT_IN_ORDER if lacking else 0)


def _read(root: Path, name: str) -> RunbookFile:
    """The runbook. What is wrong with it is said, and ends the program unless it is only a warning."""
    from allclear.adapters.files.runbooks import read_written

    file, found = read_written(root, name)
    for one in found:
        warn(str(one), "yellow" if one.warning else "red")
    if file is None or not all(one.warning for one in found):
        sys.exit(BAD_INPUT if file is None else NOT_IN_ORDER)
    return file
