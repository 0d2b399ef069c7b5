"""Reads the event that started a run. Most events are none of ours, and end here: so nothing is imported for
it but what reads JSON, which a test holds (tests/test_import_cost.py). ``pathlib`` and ``typing`` alone would
take as long as all the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Env = Mapping[str, str]

INCIDENT_LABEL = "incident"
STATUS_PREFIX = "status:"
INSIDERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
"""https://docs.github.com/en/graphql/reference/enums#commentauthorassociation"""


class SetupError(Exception):
    """The run was started without something it needs. The message says what to set."""


class Trigger:
    """What an event asks for: look at issue ``number``; ``comment`` has to be visible when you do.

    ``dispatched``: a person or one of our own workflows sent us, which may have news of an operation.
    ``opening``: a label that the issue was opened with, beside whose run there is one of the opening.
    ``outsider``: the login of who opened the issue, in either of these two runs, when GitHub does not show
    that they belong to the project. It proves nothing about rights: it only tells whether there is a hurry.
    """

    __slots__ = ("comment", "dispatched", "number", "opening", "outsider")

    def __init__(
        self,
        number: int,
        comment: int | None = None,
        *,
        dispatched: bool = False,
        opening: bool = False,
        outsider: str = "",
    ) -> None:
        self.number, self.comment = number, comment
        self.dispatched, self.opening, self.outsider = dispatched, opening, outsider

    def __repr__(self) -> str:
        held = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"Trigger({held})"

    def __eq__(self, other: object) -> bool:
        return repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


def wanted_issue(env: Env) -> Trigger | str:
    """The issue the event is about, or why there is nothing to do. Reads the event's file;
    needs the standard library only.
    """
    event = read_event(env)
    if env.get("GITHUB_EVENT_NAME") == "workflow_dispatch":
        number = issue_numbers(str((event.get("inputs") or {}).get("issue", "")))[0]
        return Trigger(number, dispatched=True)
    issue = event.get("issue") or {}
    if not isinstance(issue.get("number"), int):
        return "the event is not about an issue"
    if issue.get("pull_request"):
        return "a comment on a pull request does not drive an incident; comment on the incident's issue"
    names = {str(label.get("name")) for label in issue.get("labels") or ()}
    labels = {name.casefold() for name in (*names, str((event.get("label") or {}).get("name")))}
    ours = INCIDENT_LABEL in labels or any(label.startswith(STATUS_PREFIX) for label in labels)
    if not ours and not _names_labels(env):
        return f"issue {issue['number']} is not an incident"
    comment = (event.get("comment") or {}).get("id") if event.get("action") == "created" else None
    at_once = issue.get("created_at") is not None and issue.get("created_at") == issue.get("updated_at")
    opening = event.get("action") == "labeled" and at_once
    first = opening or event.get("action") == "opened"
    return Trigger(
        issue["number"],
        comment if isinstance(comment, int) else None,
        opening=opening,
        outsider=_outsider(issue) if first else "",
    )


def wanted_pull(env: Env) -> int | str:
    """The pull request that the event is about, or why there is nothing to do."""
    event = read_event(env)
    pull = event.get("pull_request") or {}
    if not isinstance(pull.get("number"), int):
        return "the event is not about a pull request"
    home = (pull.get("base") or {}).get("repo") or {}
    head = (pull.get("head") or {}).get("repo") or {}
    if home.get("id") != head.get("id"):
        return "a pull request from a fork is given a token that may write nothing"
    return int(pull["number"])


def _outsider(issue: Mapping[str, Any]) -> str:
    """The login of the author of an issue; empty when they are shown to belong to the project."""
    inside = issue.get("author_association") in INSIDERS
    return "" if inside else str((issue.get("user") or {}).get("login") or "")


def _names_labels(env: Env) -> bool:
    """Whether the settings may give the labels other names: then the pass decides, which reads them."""
    try:
        raw = read_file(f"{env.get('GITHUB_WORKSPACE') or '.'}/.github/allclear.yml")
    except OSError:
        return False
    return any(line.lstrip(b" {\"'").startswith(b"labels") for line in raw.splitlines())


def read_event(env: Env) -> dict[str, Any]:
    """The payload in GITHUB_EVENT_PATH. Raises SetupError when there is none that can be read."""
    path = env.get("GITHUB_EVENT_PATH")
    if not path:
        raise SetupError(
            "GITHUB_EVENT_PATH is not set; a workflow starts this script (.github/workflows/respond.yml)"
        )
    try:
        event = json.loads(read_file(path).decode())
    except (OSError, ValueError) as error:
        raise SetupError(f"the event in GITHUB_EVENT_PATH cannot be read: {error}") from error
    return event if isinstance(event, dict) else {}


def read_file(path: str) -> bytes:
    """The content of a file. Raises OSError."""
    with open(path, "rb") as file:  # noqa: PTH123 - what imports pathlib is slower than all else here
        return file.read()


def issue_numbers(text: str) -> list[int]:
    """Issue numbers in a dispatch input or a job output:
    digits, between anything that is none. Hostile until read.
    """
    words = "".join(sign if sign.isascii() and sign.isdigit() else " " for sign in text[:2000]).split()
    numbers = [int(word) for word in words if len(word) <= 10 and int(word) > 0]
    if not numbers or len(numbers) > 50 or text.strip(" []#,0123456789\n"):
        raise SetupError("`issue` has to be the number of an incident's issue, such as 12")
    return list(dict.fromkeys(numbers))
