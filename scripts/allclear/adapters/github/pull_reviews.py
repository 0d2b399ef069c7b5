"""The reviews of a pull request: whose last word is an approval of what stands there, and who wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allclear.adapters.github.client import PAGE, Client
from allclear.adapters.github.errors import InvalidError, NotFoundError, UnavailableError
from allclear.adapters.github.read import Reader, person
from allclear.adapters.github.reports import text_at
from allclear.core.model.people import Person, Rights
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.snapshot import Repository
from allclear.core.postmortem.file_name import is_report

LAST_WORDS = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
"""States that take the place of what somebody said before; a comment leaves that as it is."""

MOST_PEOPLE = 20
"""So many people's rights are asked for: more approvals than any runbook wants."""

MOST_COMMITS = 5
"""Earlier commits whose text is held against that of the newest; what was approved at others is outdated."""

MOST_FILES = 5
"""Post-mortems of one pull request whose text is compared."""


def pull_reviews(client: Client, repository: Repository, reader: Reader, number: int) -> PullReviews:
    """The last words of people with write access, in the first hundred reviews and commits.

    An approval of an earlier commit counts while the post-mortem reads the same at the newest one. Who pushed
    since does not matter: every workflow commits as the same account, so a commit of ours cannot be told.

    https://docs.github.com/en/rest/pulls/reviews#list-reviews-for-a-pull-request
    https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request
    """
    root = f"/repos/{repository.name}/pulls/{number}"
    last: dict[int, tuple[Person, str, str]] = {}
    for one in client.get(f"{root}/reviews", {"per_page": PAGE}).data:
        who = person(one["user"])
        if who is not None and one["state"] in LAST_WORDS:
            last[who.id] = (who, str(one["state"]), str(one["commit_id"] or ""))
    commits = client.get(f"{root}/commits", {"per_page": PAGE}).data
    wrote = [who for one in commits if (who := person(one["author"])) is not None]
    authors = tuple({one.id: one for one in wrote}.values())
    approved = {commit for _, state, commit in last.values() if state == "APPROVED"}
    current = _current(client, repository, root, commits, approved) if approved else frozenset()
    approving, outdated, objecting = list[Person](), list[Person](), list[Person]()
    for who, state, commit in list(last.values())[:MOST_PEOPLE]:
        if state != "DISMISSED" and _may(reader, who):
            said = approving if commit in current else outdated
            (said if state == "APPROVED" else objecting).append(who)
    return PullReviews(tuple(approving), tuple(objecting), authors, tuple(outdated))


def _current(
    client: Client, repository: Repository, root: str, commits: list[Mapping[str, Any]], approved: set[str]
) -> frozenset[str]:
    """Those of the ``approved`` commits at which the post-mortems read as they do at the newest one."""
    full = len(commits) >= PAGE or not commits
    head = str(client.get(root).data["head"]["sha"] if full else commits[-1]["sha"])
    earlier = sorted(approved - {head})
    if not earlier:
        return frozenset({head})
    changed = client.get(f"{root}/files", {"per_page": PAGE}).data
    names = [str(one["filename"]) for one in changed if one["status"] != "removed"]
    paths = [one for one in names if is_report(one)][:MOST_FILES]
    now = _texts(client, repository, paths, head)
    same = [one for one in earlier[:MOST_COMMITS] if _texts(client, repository, paths, one) == now]
    return frozenset({head, *(same if any(now) else ())})


def _texts(client: Client, repository: Repository, paths: list[str], commit: str) -> list[str | None]:
    """What the files say at a commit; None where one is not there, or cannot be read."""
    found: list[str | None] = []
    for path in paths:
        try:
            found.append(text_at(client, repository, path, commit))
        except (InvalidError, NotFoundError):
            found.append(None)
    return found


def _may(reader: Reader, who: Person) -> bool:
    """Whether their approval counts: on GitHub that of people with write access does."""
    rights = reader.access(who.login).rights_of(who)
    if rights is None:
        raise UnavailableError(0, f"GitHub does not say what {who.login} may do")
    return rights >= Rights.WRITE
