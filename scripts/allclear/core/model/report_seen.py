"""A post-mortem as GitHub shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ReportPlace:
    """Where a post-mortem of an issue is looked for: ``path`` on the default branch, and when it is not there
    any more, among the files of the ``pull`` request that brought it. ``proposed``: at the head of that, as
    long as it is open.
    """

    pull: int
    path: str
    proposed: bool = False


@dataclass(frozen=True, slots=True)
class ReportSeen:
    """The file that was found. ``text`` None: there is none; ``url``: its page. ``commit``: the head of the
    open pull request where it was found; empty: it was looked for on the default branch.

    ``known`` False: GitHub did not say, so nothing that depends on it is decided.
    """

    path: str
    text: str | None = None
    url: str = ""
    known: bool = True
    commit: str = ""
