"""The index of the reports, and what happened later in merged ones: renewed by the job that learns of it, and
by the next one if that failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from allclear.adapters.files.report_folder import LARGEST, paths_by_content, report_path, report_paths
from allclear.adapters.github.errors import GitHubError, explain
from allclear.adapters.github.report_index import ReportListing, blob_text, proposed_since, renew
from allclear.core.conversation.command import Policy
from allclear.core.metrics.collection import collect
from allclear.core.metrics.index_page import IndexLinks, index_links, index_part, merged
from allclear.core.metrics.reading import ReportFile, ReportRow, read_row
from allclear.core.plan.aftermath import aftermath
from allclear.core.postmortem.file_name import FOLDER, INDEX_NAME, in_folder, is_report
from allclear.core.postmortem.front_matter import Report
from allclear.core.postmortem.renewal import behind, renewed
from allclear.core.record.incident import Incident
from allclear.jobs import review
from allclear.jobs.run import Run

MOST_FETCHED = 200
"""Reports that one run asks GitHub for: all others are in its checkout."""
LOOKED_AT = timedelta(days=1)
"""So long after the last entry of an incident a sweep looks whether its report has what happened."""


def renew_index(
    run: Run, policy: Policy, default_branch: str, followed: Mapping[str, Report] | None = None
) -> None:
    """Bring reports/incidents/README.md up to date, and with it the front matter of the merged reports
    ``followed``: what the record says of each, by the path that it has there.

    What GitHub refuses is a warning: nothing else waits.
    """
    reading = _ReportReading(run, followed or {})

    def write(listing: ReportListing, onto: ReportListing) -> Mapping[str, str]:
        texts = reading.renewed(onto)
        files = reading.files(listing)
        if files:
            page = reading.text(onto.blobs[INDEX_NAME]) if INDEX_NAME in onto.blobs else None
            text = merged(page, index_part(collect(files), links_of(run, policy)))
            texts |= {INDEX_NAME: text} if text != page else {}
        return texts

    try:
        done = renew(run.client, run.repository, default_branch, write)
        if done.pull is not None:
            review.renew(run, done.pull)
    except GitHubError as error:
        run.warn(f"The index of the post-mortems is not renewed. {explain(error)}")
        return
    if done.note:
        run.warn(f"The index of the post-mortems: {done.url} {done.note}".replace("  ", " "))
    elif done.url:
        run.out(f"The index of the post-mortems was renewed: {done.url}")


def lags(run: Run, incident: Incident) -> bool:
    """Whether the merged report in the checkout lacks what happened later, and nobody has it before them.

    A job that was to write it may have failed, so that is looked at for a day. Where nothing is missing, no
    request is sent.
    """
    path, last = incident.postmortem.path, incident.last
    if aftermath(incident) is None or last is None or run.client.now - last > LOOKED_AT:
        return False
    found = [one for one in report_paths(run.root) if report_path(run.root, one) == path]
    if not found or found[0].stat().st_size > LARGEST:
        return False
    text = found[0].read_bytes().decode(errors="surrogateescape")
    if not behind(text, incident, run.repository.name):
        return False
    return not proposed_since(run.client, run.repository, incident.number, last)


def links_of(run: Run, policy: Policy) -> IndexLinks:
    """Where the links of the index lead: this repository, with the labels of the settings."""
    name = run.repository.name
    return index_links(policy.labels, run.repository.url.removesuffix(f"/{name}"), name)


class _ReportReading:
    """Reads each content once: from the checkout where it is there, else from GitHub."""

    def __init__(self, run: Run, followed: Mapping[str, Report]) -> None:
        self.run = run
        self.followed = followed
        self.rows: dict[str, ReportRow] = {}
        self.there: dict[str, Path] | None = None
        self.fetched: dict[str, str] = {}

    def files(self, listing: ReportListing) -> list[ReportFile]:
        """The reports of the listing, as they are when they are renewed. Raises GitHubError when too many of
        them are not in the checkout.
        """
        texts = self.renewed(listing)
        return [
            ReportFile(path=path, row=read_row(texts[name]) if name in texts else self._row(blob))
            for name, blob in listing.blobs.items()
            if is_report(path := f"{FOLDER}/{name}")
        ]

    def renewed(self, listing: ReportListing) -> dict[str, str]:
        """The texts of those that lack what happened later, by the name of the file."""
        found: dict[str, str] = {}
        for path, front in self.followed.items():
            name = self._name(listing, path, front)
            if name:
                text = self.text(listing.blobs[name])
                now = renewed(text, front)
                found |= {name: now} if now != text else {}
        return found

    def _name(self, listing: ReportListing, path: str, front: Report) -> str:
        """The file that names this incident: the one at its path, else the first one; empty for none."""
        names = [
            name
            for name, blob in sorted(listing.blobs.items())
            if is_report(f"{FOLDER}/{name}") and _about(self._row(blob), front)
        ]
        own = in_folder(path)
        return own if own in names else next(iter(names), "")

    def _row(self, blob: str) -> ReportRow:
        if blob not in self.rows:
            self.rows[blob] = read_row(self.text(blob))
        return self.rows[blob]

    def text(self, blob: str) -> str:
        """What git calls so, as text."""
        if self.there is None:
            self.there = paths_by_content(self.run.root)
        if blob in self.there:
            return self.there[blob].read_bytes().decode(errors="surrogateescape")
        if blob not in self.fetched:
            if len(self.fetched) == MOST_FETCHED:
                raise GitHubError(
                    0, f"more than {MOST_FETCHED} reports are newer than the checkout of this run"
                )
            self.fetched[blob] = blob_text(self.run.client, self.run.repository, blob)
        return self.fetched[blob]


def _about(row: ReportRow, front: Report) -> bool:
    return row.issue == front.issue and row.repository.casefold() == front.repository.casefold()
