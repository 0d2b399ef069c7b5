"""The index of the reports, renewed by the job that learns of a merge, and by the next one if that failed."""

from __future__ import annotations

from pathlib import Path

from allclear.adapters.files.report_folder import is_report, paths_by_content
from allclear.adapters.github.errors import GitHubError, explain
from allclear.adapters.github.report_index import ReportListing, blob_text, renew
from allclear.core.conversation.command import Policy
from allclear.core.metrics.collection import collect
from allclear.core.metrics.index_page import IndexLinks, index_part, merged
from allclear.core.metrics.reading import ReportFile, ReportRow, read_row
from allclear.core.postmortem.file_name import FOLDER
from allclear.jobs import review
from allclear.jobs.run import Run

MOST_FETCHED = 200
"""Reports that one run asks GitHub for: all others are in its checkout."""


def renew_index(run: Run, policy: Policy, default_branch: str) -> None:
    """Bring reports/incidents/README.md up to date. What GitHub refuses is a warning: nothing else waits."""
    reading = _ReportReading(run)

    def write(listing: ReportListing, page: str | None) -> str | None:
        files = reading.files(listing)
        if not files:
            return None
        return merged(page, index_part(collect(files), links_of(run, policy)))

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


def links_of(run: Run, policy: Policy) -> IndexLinks:
    """Where the links of the index lead: this repository, with the labels of the settings."""
    labels, repository = policy.labels, run.repository
    return IndexLinks(
        repository.url.removesuffix(f"/{repository.name}"),
        repository.name,
        labels.incident,
        {severity.id: labels.severity(severity) for severity in policy.runbook.severities},
    )


class _ReportReading:
    """Reads each content once: from the checkout where it is there, else from GitHub."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.rows: dict[str, ReportRow] = {}
        self.there: dict[str, Path] | None = None
        self.fetched = 0

    def files(self, listing: ReportListing) -> list[ReportFile]:
        """The reports of the listing. Raises GitHubError when too many of them are not in the checkout."""
        return [
            ReportFile(path=f"{FOLDER}/{name}", row=self._row(blob))
            for name, blob in listing.blobs.items()
            if is_report(name)
        ]

    def _row(self, blob: str) -> ReportRow:
        if blob not in self.rows:
            self.rows[blob] = read_row(self._text(blob))
        return self.rows[blob]

    def _text(self, blob: str) -> str:
        if self.there is None:
            self.there = paths_by_content(self.run.root)
        if blob in self.there:
            return self.there[blob].read_bytes().decode(errors="surrogateescape")
        self.fetched += 1
        if self.fetched > MOST_FETCHED:
            raise GitHubError(0, f"more than {MOST_FETCHED} reports are newer than the checkout of this run")
        return blob_text(self.run.client, self.run.repository, blob)
