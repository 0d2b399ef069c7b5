"""Whether a run is over with its first reads: somebody talked on an incident, and nothing is to do.

Standard library only, for the same reason as `first_reads`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from allclear.adapters.github.first_reads import FirstReads
from allclear.core.conversation.plain_talk import plain_talk
from allclear.core.plan.talk import only_talk
from allclear.core.record.checkpoint_words import DOUBT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KEPT = 4
"""One part in so many of the hour's requests is kept for pages and answers, as in core.model.budget: while no
more is left, a run keeps its turn for a while, and the whole pass knows how long.
"""


def nothing_asked(env: Mapping[str, str], event: Mapping[str, Any], number: int, reads: FirstReads) -> bool:
    """Whether the new comment on the issue of that ``number`` is talk, and a run for it has nothing to do.

    Waits for the answers only where the comment itself may be talk.
    """
    comment, repository = event.get("comment") or {}, env.get("GITHUB_REPOSITORY", "")
    given = env.get("GITHUB_REPOSITORY_ID", "").isdigit() and env.get("ALLCLEAR_KEY")
    if event.get("action") != "created" or not given or not plain_talk(str(comment.get("body") or "/")):
        return False
    issue = reads.look(f"/repos/{repository}/issues/{number}")
    if issue is None or issue.status != 200 or _scarce(issue.headers):
        return False
    try:
        comments = _comments(reads, f"/repos/{repository}/issues/{number}/comments")
        return comments is not None and only_talk(
            json.loads(issue.text),
            comments,
            repository=(int(env["GITHUB_REPOSITORY_ID"]), repository),
            comment=comment["id"],
            now=parsedate_to_datetime(issue.headers["date"]),
            keys=env["ALLCLEAR_KEY"],
        )
    except DOUBT:
        return False


def _comments(reads: FirstReads, path: str) -> list[dict[str, Any]] | None:
    """All comments, or those that the panel has not read. None where that is not told. Raises ValueError for
    what is no JSON.
    """
    newest = reads.newest(path)
    found = newest.since(reads.since) if newest is not None and reads.since else None
    if found is not None:
        return found
    listed = reads.look(reads.listed)
    if listed is None or listed.status != 200 or 'rel="next"' in listed.headers.get("link", ""):
        return None
    told: list[dict[str, Any]] = json.loads(listed.text)
    return told


def _scarce(headers: Mapping[str, str]) -> bool:
    """Whether only the part of the hour is left that is kept; also where GitHub does not say."""
    left, limit = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-limit", "")
    return not (left.isdigit() and limit.isdigit() and int(left) * KEPT >= int(limit))
