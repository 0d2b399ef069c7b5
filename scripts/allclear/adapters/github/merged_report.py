"""A post-mortem as it stands: on the default branch, or in its open pull request."""

from __future__ import annotations

from allclear.adapters.github.changes import changes_seen
from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import NotFoundError
from allclear.adapters.github.moved_report import moved_to
from allclear.adapters.github.report_review import file_page, pull_with_reports
from allclear.adapters.github.reports import text_at
from allclear.core.model.report_seen import ReportPlace, ReportSeen
from allclear.core.model.snapshot import Repository
from allclear.core.model.structs import replace
from allclear.core.postmortem.file_name import is_report


def merged_report(client: Client, repository: Repository, place: ReportPlace) -> ReportSeen:
    """The file as it is now; people may have given it another name before it was merged, or afterwards.

    https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
    """
    root = f"/repos/{repository.name}"
    if place.proposed:
        pull = pull_with_reports(client, repository, place.pull)
        if pull.open:
            path = place.path if place.path in pull.paths or not pull.paths else pull.paths[0]
            return replace(_at(client, repository, path, pull.head), commit=pull.head)
    default = str(client.get(root).data["default_branch"])
    seen = _at(client, repository, place.path, default)
    if seen.text is not None:
        return seen
    moved = moved_to(client, repository, place.path, default)
    if moved is not None:
        return _at(client, repository, moved, default)
    try:
        changed = client.get(f"{root}/pulls/{place.pull}/files", {"per_page": 100}).data
    except NotFoundError:
        return seen
    names = [str(one["filename"]) for one in changed if one["status"] != "removed"]
    reports = [one for one in names if is_report(one)]
    if len(reports) != 1 or reports[0] == place.path:
        return seen
    return _at(client, repository, reports[0], default)


def _at(client: Client, repository: Repository, path: str, ref: str) -> ReportSeen:
    text = text_at(client, repository, path, ref)
    changes = changes_seen(client, repository, text) if text is not None else {}
    return ReportSeen(path, text, file_page(repository, ref, path), changes=changes)
