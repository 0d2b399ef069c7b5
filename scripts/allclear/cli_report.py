"""For people: allclear report, the numbers of all incidents."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from allclear.cli_terminal import NOT_IN_ORDER, colour, point_out, printable, refuse

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from allclear.adapters.files.report_folder import Seen
    from allclear.core.metrics.collection import Collection
    from allclear.core.metrics.index_page import IndexLinks

MONTHS, INCIDENTS = 6, 20
"""How many months and incidents the table for people shows at most."""
MOST_SERVICES = 30
NARROW, COLUMN = 36, 13
"""Signs of the table's first two columns, and of each month's."""


@click.command(short_help="The numbers of all incidents, from their post-mortems.")
@click.option("--since", metavar="DAY", help="Only incidents from then on: 2025-10-01, 2025-10 or 90d.")
@click.option(
    "--service", "services", multiple=True, metavar="NAME", help="Only those that hit this service."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "md"]),
    default="table",
    show_default=True,
    help="For people, for programs (all of it), for spreadsheets (a line a report), or as a page.",
)
@click.option(
    "--index", "writes", is_flag=True, help="Renew the index in reports/incidents/README.md instead."
)
@click.option(
    "--root",
    default=Path(),
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The top folder of the repository; without it the one you are in.",
)
def report(since: str | None, services: tuple[str, ...], form: str, root: Path, *, writes: bool) -> None:
    """Count the incidents of reports/incidents: how many, how long, what was promised and kept, by month.

    Each report that cannot be read is named with its file and line, and left out. Ends with 1 when there is
    one, with 2 when nothing could be counted.
    """
    from allclear.adapters.files.report_folder import cache_of, read_reports
    from allclear.core.metrics.collection import collect
    from allclear.core.postmortem.file_name import FOLDER

    first = _day(since) if since else None
    if not (root / FOLDER).is_dir():
        refuse(
            f"There is no folder {root / FOLDER}. Go to the top folder of the repository, or name it: "
            "allclear report --root path/to/repository"
        )
    with _progress() as seen:
        files = read_reports(root, cache_of(root, os.environ), seen)
    whole = collect(files)
    if writes:
        _write_index(whole, root)
    else:
        _show(whole.selected(first, frozenset(services)), form, root)
        _unknown(services, whole)
    for file in whole.wrong:
        for fault in file.row.faults:
            point_out(f"{root / file.path}:{fault.line}", fault.text, err=True)
    if whole.wrong:
        sys.exit(NOT_IN_ORDER)


def _unknown(services: tuple[str, ...], whole: Collection) -> None:
    """Say which services there are, where one was named that no report has."""
    there = {name.casefold(): name for file in whole.files for name in file.row.services}
    unknown = [name for name in services if name.casefold() not in there]
    if unknown:
        known = ", ".join(sorted(there.values())[:MOST_SERVICES]) or "none"
        said = f"No report names the service {' or '.join(unknown)}. The reports name: {known}."
        click.echo(printable(said), err=True)


def _day(text: str) -> date:
    """The day that ``--since`` means, in UTC."""
    from allclear.core.model.times import parse_duration

    for form in ("%Y-%m-%d", "%Y-%m"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    try:
        ago: timedelta = parse_duration(text)
        return (datetime.now(UTC) - ago).date()
    except (ValueError, OverflowError):
        refuse(f"--since {text!r} is no day. Write it as 2025-10-01, 2025-10 or 90d.")


def _write_index(collection: Collection, root: Path) -> None:
    from allclear.core.metrics.index_page import index_part, merged
    from allclear.core.postmortem.file_name import INDEX

    page = root / INDEX
    before = page.read_bytes().decode(errors="surrogateescape") if page.is_file() else None
    after = merged(before, index_part(collection, _links(collection, root)))
    if after == before:
        click.echo(f"{page} is up to date.")
        return
    page.write_bytes(after.encode(errors="surrogateescape"))
    click.echo(f"{page} was renewed.")


def _show(collection: Collection, form: str, root: Path) -> None:
    from allclear.core.metrics.formats import as_csv, as_json
    from allclear.core.metrics.index_page import index_part

    if form == "json":
        click.echo(as_json(collection), nl=False)
    elif form == "csv":
        click.echo(as_csv(collection), nl=False)
    elif form == "md":
        click.echo(index_part(collection, _links(collection, root)))
    else:
        _tables(collection)


def _links(collection: Collection, root: Path) -> IndexLinks:
    """Where links lead: the repository that most of the reports name, with the labels of the settings."""
    from allclear.adapters.files.settings import load_policy
    from allclear.core.metrics.index_page import index_links
    from allclear.core.view.labels import Labels

    named = Counter(file.row.repository for file in collection.files if file.row.repository)
    repository = named.most_common(1)[0][0] if named else ""
    loaded = load_policy(root)
    labels = Labels(loaded.runbook, loaded.settings.labels)
    return index_links(labels, os.environ.get("GITHUB_SERVER_URL") or "https://github.com", repository)


def _tables(collection: Collection) -> None:
    from rich.console import Console
    from rich.text import Text

    from allclear.core.metrics.measures import MEASURES, QUANTILES

    if not collection.files:
        click.echo("There is no report here that fits.")
        return
    count, counted = len(collection.files), len(collection.counted)
    s = "" if count == 1 else "s"
    if not counted:
        said = f"Of {count:,} report{s} here none is counted."
        click.echo(f"{said} --format csv lists each with the reason.")
        return
    # To rich, NO_COLOR leaves bold and dim; here it means no escape codes at all. In a pipe nothing is cut.
    console = Console(force_terminal=colour(), width=None if sys.stdout.isatty() else 160)
    console.print(_numbers(collection, max(1, min(MONTHS, (console.width - NARROW) // COLUMN))))
    console.print(_newest(collection))
    left = f", {count - counted:,} of them not counted" if counted < count else ""
    console.print(Text(f"{count:,} report{s}{left}. All of them: --format csv."))
    console.print()
    for measure in MEASURES:
        console.print(Text(f"{measure.title}: {measure.definition}", style="dim"))
    console.print(Text(QUANTILES, style="dim"))


def _table(*heads: str, right: int) -> Table:
    """A table whose columns from ``right`` on are figures."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, pad_edge=False)
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place >= right else "left", no_wrap=place >= right)
    return table


def _numbers(collection: Collection, most: int) -> Table:
    """A line for each measure, a column for all of it and for each of the last months, at most so many."""
    from rich.text import Text

    from allclear.core.metrics.measures import MEASURES, cells
    from allclear.core.metrics.numbers import months, numbers, time_spent

    last = months(collection.counted)[: -most - 1 : -1]
    every = cells(numbers(collection.counted, time_spent(collection.counted)))
    columns = [every, *(cells(month.numbers) for month in last)]
    table = _table("", "All", *(month.name for month in last), right=1)
    for place, measure in enumerate(MEASURES):
        table.add_row(measure.title, *(Text(printable(column[place])) for column in columns))
    return table


def _newest(collection: Collection) -> Table:
    from rich.text import Text

    table = _table("Day", "Incident", "Severity", "Services", "Took (min)", right=4)
    for file in collection.counted[:INCIDENTS]:
        took = "" if file.row.resolution is None else f"{file.row.resolution:,}"
        shown = (str(file.day), file.title, file.row.severity, ", ".join(file.row.services), took)
        table.add_row(*(Text(printable(cell)) for cell in shown))
    return table


@contextmanager
def _progress() -> Iterator[Seen | None]:
    """A bar on a terminal, and nothing anywhere else."""
    if not sys.stderr.isatty() or colour() is False:
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    console: Console = Console(stderr=True)
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("Reading reports", total=None)
        yield lambda done, count: progress.update(bar, completed=done, total=count)
