"""A post-mortem as GitHub shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field


class ReportPlace(Struct, frozen=True, order=True):
    """Where a post-mortem of an issue is looked for: ``path`` on the default branch, and when it is not there
    any more, among the files of the ``pull`` request that brought it. ``proposed``: at the head of that, as
    long as it is open.
    """

    pull: int
    path: str
    proposed: bool = False


class NamedChange(Struct, frozen=True, order=True):
    """A change of this repository that a report names: a pull request by its number, a commit by its hash, or
    a file by its path, which was changed or not.
    """

    kind: Literal["pull", "commit", "file"]
    name: str

    def __str__(self) -> str:
        return f"#{self.name}" if self.kind == "pull" else self.name


ChangeState = Literal["merged", "not merged", "none"]
"""It is on the default branch; it is not, or the file is as it was; there is no such thing."""


class ReportSeen(Struct, frozen=True):
    """The file that was found. ``text`` None: there is none; ``url``: its page; ``changes``: what GitHub says
    of the changes that its words on runbooks name, as far as they were looked at. ``commit``: the head of the
    open pull request where it was found; empty: it was looked for on the default branch.

    ``known`` False: GitHub did not say, so nothing that depends on it is decided.
    """

    path: str
    text: str | None = None
    url: str = ""
    known: bool = True
    commit: str = ""
    changes: Mapping[NamedChange, ChangeState] = field(default_factory=dict)
