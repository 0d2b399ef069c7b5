"""For people: drill, lab, check, runbook, review, report, init, key, verify-release.

What workflows run: scripts/*.py.
"""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import click

from allclear.cli_init import init
from allclear.cli_release import verify_release
from allclear.cli_report import report
from allclear.cli_review import review
from allclear.cli_runbook import runbook as runbooks
from allclear.cli_terminal import NOT_IN_ORDER, PACKAGE, colour, refuse

AS_EXPECTED, NOT_AS_EXPECTED = 0, 1


def _version() -> str:
    try:
        return metadata.version("allclear")
    except metadata.PackageNotFoundError:
        return "from a checkout"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(_version(), prog_name="allclear")
def main() -> None:
    """Incident response inside a GitHub repository."""


@main.command(short_help="Watch one whole incident, played by the real code.")
@click.option(
    "--script", "script", type=click.Path(path_type=Path), help="Your own script (YAML, see docs/drill.md)."
)
@click.option(
    "--runbook",
    default="",
    metavar="NAME",
    help="Play by this runbook, with its own script, or one that is made from it.",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0, 2**31),
    help="Another seed gives other ids, and the same story.",
)
@click.option(
    "--speed",
    default=0.0,
    type=click.FloatRange(min=0),
    help="Simulated seconds per real second; 0 does not wait.",
)
@click.option(
    "--out",
    default=Path("build/drill"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for the transcript and the post-mortem.",
)
@click.option("--quiet", is_flag=True, help="Show only the verdict.")
def drill(script: Path | None, runbook: str, seed: int, speed: float, out: Path, *, quiet: bool) -> None:
    """Watch one whole incident, run by the real code against an embedded GitHub.

    Ends with 0 when it ended as the script expects, 1 when not, 2 when the script cannot be played.
    """
    import tempfile
    import time

    from rich.console import Console

    from allclear.core.model.errors import SettingsError
    from allclear_lab.drill.library import DrillLibrary
    from allclear_lab.drill.outline import ScriptError
    from allclear_lab.drill.play import DrillOptions, play_drill
    from allclear_lab.drill.repository import DOORS, ProductFiles
    from allclear_lab.runner.expressions import UnplayableError

    with tempfile.TemporaryDirectory(prefix="allclear-runbooks-") as folder:
        try:
            library = DrillLibrary(templates_of(PACKAGE), Path.cwd(), Path(folder))
            play = library.script(script, runbook)
            product = ProductFiles(DOORS, library.templates, workflows_of(PACKAGE), action_of(PACKAGE))
            options = DrillOptions(seed=seed, runbook=runbook, speed=speed, out=out, quiet=quiet)
            # To rich, NO_COLOR leaves bold, dim and the moving bar; here it means no escape codes at all.
            console = Console(force_terminal=colour())
            record = play_drill(play, options, product, console=console, sleep=time.sleep)
        except ScriptError as error:
            refuse(*error.mistakes)
        except SettingsError as error:
            refuse(*error.mistakes)
        except UnplayableError as error:
            refuse(f"A workflow file of this checkout cannot be played: {error}")
        except (OSError, UnicodeDecodeError) as error:
            refuse(f"{script} cannot be read: {error}" if script else str(error))
    sys.exit(NOT_AS_EXPECTED if record.missed else AS_EXPECTED)


@main.command(short_help="A GitHub on this machine, with Allclear in it, for curl, gh and other tools.")
@click.option(
    "--port", default=0, type=click.IntRange(0, 65535), help="Where it listens; a free port without it."
)
@click.option(
    "--script",
    "script",
    type=click.Path(path_type=Path),
    help="Its head says who is there and what the settings are (YAML, see docs/drill.md).",
)
@click.option("--runbook", default="", metavar="NAME", help="Work by this runbook.")
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    type=click.FloatRange(min=0.01, max=3600),
    help="Seconds of the lab in one of yours.",
)
@click.option(
    "--for", "seconds", type=click.FloatRange(min=0), metavar="SECONDS", help="End by itself after so long."
)
def lab(port: int, script: Path | None, runbook: str, speed: float, seconds: float | None) -> None:
    """A GitHub on 127.0.0.1 with Allclear in it: REST, GraphQL, and pages to look at.

    What curl, gh or your own tool does there, with the token of one of the people, starts the workflows as on
    GitHub. Ctrl-C ends it, and nothing of it is left.
    """
    import tempfile

    from rich.console import Console

    from allclear.core.model.errors import SettingsError
    from allclear_lab.drill.library import DrillLibrary
    from allclear_lab.drill.outline import ScriptError
    from allclear_lab.drill.repository import DOORS, ProductFiles
    from allclear_lab.server.lab import LabOptions, run_lab

    with tempfile.TemporaryDirectory(prefix="allclear-runbooks-") as folder:
        try:
            library = DrillLibrary(templates_of(PACKAGE), Path.cwd(), Path(folder))
            play = library.script(script, runbook)
        except ScriptError as error:
            refuse(*error.mistakes)
        except SettingsError as error:
            refuse(*error.mistakes)
        except (OSError, UnicodeDecodeError) as error:
            refuse(f"{script} cannot be read: {error}" if script else str(error))
        options = LabOptions(port=port, speed=speed, seconds=seconds, runbook=runbook)
        try:
            product = ProductFiles(DOORS, library.templates, workflows_of(PACKAGE), action_of(PACKAGE))
            run_lab(play.script, product, options, console=Console())
        except OSError as error:
            refuse(f"port {port} cannot be used: {error.strerror}")


@main.command()
@click.argument("path", default=Path(), type=click.Path(path_type=Path, exists=True, file_okay=False))
def check(path: Path) -> None:
    """Check the settings, runbooks and providers of the repository at PATH."""
    from allclear.adapters.files.review import doubts, mistakes
    from allclear.adapters.files.runbook_files import FOLDERS, names_of
    from allclear.adapters.files.runbooks import read_runbook
    from allclear.adapters.files.settings import read_settings
    from allclear.commands import COMMANDS
    from allclear.core.policy.service_check import evidence_notes
    from allclear.core.record.seal import COMMAND, SECRET
    from allclear.core.view.first_settings import titles_to_fill

    if not (path / ".github").is_dir() and not any((path / folder).is_dir() for folder in FOLDERS):
        refuse(
            f"{_shown(path)} is no repository with Allclear in it: there is neither `.github` nor "
            "`templates/runbooks`. Go to its top folder, or put Allclear in with `allclear init`."
        )
    wrong = list(dict.fromkeys(mistakes(path, COMMANDS)))
    if wrong:
        refuse(*wrong, code=NOT_IN_ORDER)
    settings = read_settings(path)
    runbook = read_runbook(path, settings.runbook)
    names = names_of(path)
    click.echo(
        f"The settings and {len(names)} runbook{'s' if len(names) != 1 else ''} are in order; "
        f"`{settings.runbook}` is in force."
    )
    for note in (*doubts(path), *evidence_notes(settings)):
        click.echo(note)
    for title in sorted(titles_to_fill(runbook)):
        if not settings.holders(title):
            click.echo(f"The title {title} has no login yet, so its notices go to somebody else.")
    if settings.labels.incident.casefold() != "incident":
        click.echo(
            f"The repository variable ALLCLEAR_LABEL has to be {settings.labels.incident} as well, or no "
            "run starts."
        )
    click.echo(f"Unless the secret {SECRET} is set, the record is not signed. This sets it: {COMMAND}")


@main.command(short_help="Make a key that signs the record.")
@click.option(
    "--environment",
    default="",
    metavar="NAME",
    help="Keep it in this environment, which the repository variable ALLCLEAR_KEY_ENVIRONMENT has to name.",
)
@click.option("--set", "sets", is_flag=True, help="Hand it to `gh secret set`, in the repository you are in.")
def key(environment: str, *, sets: bool) -> None:
    """Make a key that signs the record of incidents: the secret ALLCLEAR_KEY.

    On a terminal it says how to set it, and shows no key; into a pipe it writes one. To take a new key while
    the old one still counts, set both, the new one first: `NEW OLD`.
    """
    import secrets
    import shutil
    import subprocess
    from datetime import UTC, datetime

    from allclear.core.record.seal import BYTES, SECRET, new_key

    gh = ["gh", "secret", "set", SECRET, *(["--env", environment] if environment else [])]
    if not sets and sys.stdout.isatty():
        option = f" --environment {environment}" if environment else ""
        click.echo(
            "This makes a key and hands it to GitHub, without showing it:\n\n"
            f"  allclear key | {' '.join(gh)}\n\n"
            f"`allclear key --set{option}` does the same. Nothing was made now."
        )
        return
    made = new_key(datetime.now(UTC).date(), secrets.token_bytes(BYTES))
    if not sets:
        click.echo(made)
        return
    program = shutil.which("gh")
    if program is None:
        refuse(f"`gh` is not there (https://cli.github.com). With it: allclear key | {' '.join(gh)}")
    # Words, no shell; the key goes through the pipe, where no list of processes shows it.
    done = subprocess.run([program, *gh[1:]], input=made, text=True, check=False)  # noqa: S603 - gh, by its path
    sys.exit(done.returncode)


@main.command()
def commands() -> None:
    """Print the table of slash commands (Markdown)."""
    from allclear.commands import COMMANDS
    from allclear.commands.help import command_table

    click.echo(command_table(COMMANDS))


@main.command(short_help="Print the reference page of a file that people write (Markdown).")
@click.argument("name", type=click.Choice(["settings", "runbook"]))
@click.option("--schema", is_flag=True, help="Print its JSON Schema, for editors.")
def reference(name: str, *, schema: bool) -> None:
    """Print every key of the settings or of a runbook, with what it means (Markdown)."""
    from allclear.adapters.files.reference_pages import PAGES

    click.echo(PAGES[name].json_schema if schema else PAGES[name].markdown, nl=False)


main.add_command(init)
main.add_command(verify_release)
main.add_command(report)
main.add_command(review)
main.add_command(runbooks, "runbook")


def templates_of(package: Path) -> Path:
    """Where texts, runbooks and scripts are: beside the package when installed, at the top of a checkout."""
    installed = package / "templates"
    return installed if installed.is_dir() else package.parents[1] / "templates"


def workflows_of(package: Path) -> Path:
    """Where the workflow files are: beside the package when installed, else where GitHub reads them."""
    installed = package / "workflows"
    return installed if installed.is_dir() else package.parents[1] / ".github" / "workflows"


def action_of(package: Path) -> Path:
    """Where the action that they use is: beside the package when installed, at the top of a checkout."""
    installed = package / "action.yml"
    return installed if installed.is_file() else package.parents[1] / "action.yml"


def _names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.yml"))


def _shown(path: Path) -> str:
    """The path as people would type it here."""
    here = Path.cwd()
    return str(path.resolve().relative_to(here)) if path.resolve().is_relative_to(here) else str(path)
