"""The run of a deploy workflow, which a rollback runs again or starts."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class DeployRun(Struct, frozen=True):
    """A workflow run, as GitHub shows it. ``workflow`` is its file's name, ``sha`` the commit it ran for,
    ``attempt`` counts from 1, ``created`` is when it first ran (UTC).

    ``known`` False: GitHub could not be asked this time, and everything else is made up.
    https://docs.github.com/en/rest/actions/workflow-runs#get-a-workflow-run
    """

    id: int
    workflow: str = ""
    sha: str = ""
    status: str = ""
    conclusion: str = ""
    attempt: int = 1
    created: datetime | None = None
    url: str = ""
    known: bool = True


class PendingReview(Struct, frozen=True):
    """A deploy run that waits for the reviewers of ``environment``. ``reviewers`` are logins, ``teams``
    their names, as GitHub shows them.

    https://docs.github.com/en/rest/actions/workflow-runs#get-pending-deployments-for-a-workflow-run
    """

    run: int
    url: str
    environment: str
    reviewers: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
