"""What can go wrong with GitHub, as types. A tree that mirrors HTTP; extra facts are attributes."""

from __future__ import annotations

from datetime import datetime
from typing import Any


class GitHubError(Exception):
    """An answer that was not the one hoped for. ``status`` 0: no answer at all.
    ``data``: the decoded body, if any.
    """

    def __init__(self, status: int, message: str, data: Any = None) -> None:
        super().__init__(f"{status}: {message}" if status else message)
        self.status = status
        self.message = message
        self.data = data


class UnauthorizedError(GitHubError):
    """401: the token is not, or no longer, valid. Nothing more can be done in this run (A9)."""


class ForbiddenError(GitHubError):
    """403 that is no rate limit: the token lacks a permission. Not retried (A10)."""


class NotFoundError(GitHubError):
    """404: not there, or not to be seen with this token. Never read as "deleted" (A12)."""


class GoneError(GitHubError):
    """410 or 451: deleted, switched off or taken down (A13)."""


class ConflictError(GitHubError):
    """409: somebody else was quicker."""


class NotAFolderError(ConflictError):
    """409: a file stands at ``path``, where a folder is needed."""

    def __init__(self, path: str) -> None:
        super().__init__(409, f"{path} is a file, and it has to be a folder")
        self.path = path


class InvalidError(GitHubError):
    """400 or 422: GitHub understood the request and will not do it (A14)."""


class MovedError(GitHubError):
    """301: the repository or the issue is elsewhere. A write never follows (A20)."""


class RateLimitedError(GitHubError):
    """403 or 429 with a rate limit. No call before ``retry_at`` (A4 to A7); nothing was applied."""

    def __init__(self, status: int, message: str, retry_at: datetime, data: Any = None) -> None:
        super().__init__(status, message, data)
        self.retry_at = retry_at


class UnavailableError(GitHubError):
    """5xx, a time-out, a broken connection or an answer that is no JSON.
    A write may have been applied: look first (A2, A3).
    """


def explain(error: GitHubError) -> str:
    """What GitHub's refusal means, and what to do about it."""
    match error:
        case RateLimitedError():
            until = f"{error.retry_at:%H:%M:%S UTC}"
            return f"GitHub's rate limit is used up until {until}, so this run stopped ({error.message})."
        case ForbiddenError():
            return (
                f"The token lacks a permission ({error.message}). "
                "Compare the job's `permissions:` with those of the workflow as it is shipped."
            )
        case UnauthorizedError():
            return f"The token is not valid, or no longer valid ({error.message})."
        case MovedError():
            return f"{error.message}."
        case _:
            return f"GitHub did not do what it was asked to ({error})."
