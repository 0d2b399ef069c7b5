"""Whether a run has nothing to do, seen from the issue and its comments alone.

Most comments on an incident are talk. Such a run reads what every run reads, finds that nothing new asks for
anything, that the panel is ours and up to date and that nothing is due, and ends. All else, and whatever is
in doubt, is for the whole pass (core.plan.plan), which would have found nothing to do either: a test holds
the two together. What changed elsewhere, in the settings or in this program, the next sweep or command brings
to the panel. Standard library only: the whole pass takes 300 ms to import.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from allclear.core.conversation.plain_talk import plain_talk
from allclear.core.record.checkpoint_words import DOUBT, unpacked
from allclear.core.record.panel_text import (
    CHECKPOINT,
    QUIET,
    VERSION,
    first_line,
    hmac_of,
    inside,
    issue_digest,
    last_line,
    said,
    total,
)
from allclear.core.record.read_again import OVERLAP, STRIDE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OURS = "<!-- allclear:"
ENTRIES = "<!-- allclear:entries "
_HASH = re.compile(r'"hash":"([0-9a-f]{24})"')

MOMENT = timedelta(minutes=1)
"""A comment that is so much older than an answered one was shown to the run that answered that. A younger one
may have been shown late (fault A19).
"""


def first_secret(keys: str) -> bytes:
    """The secret of the key that signs, of the text of ALLCLEAR_KEY (core.record.seal). Raises ValueError or
    IndexError for another text.
    """
    prefix, _, encoded = keys.split(maxsplit=1)[0].split("-", 2)
    if prefix != "ac1":
        raise ValueError(prefix)
    return base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)


def only_talk(
    issue: Mapping[str, Any],
    comments: Sequence[Mapping[str, Any]],
    *,
    repository: tuple[int, str],
    comment: int,
    now: datetime,
    keys: str,
) -> bool:
    """Whether nothing is to do. ``issue`` and ``comments`` are GitHub's answers: all of the comments, or
    those that changed since the panel's checkpoint. ``repository``: its id and name; ``comment``: the one
    that started the run. False for all that is in doubt.
    """
    try:
        return _quiet(issue, comments, repository, comment, now, first_secret(keys))
    except DOUBT:
        return False


def _quiet(
    issue: Mapping[str, Any],
    comments: Sequence[Mapping[str, Any]],
    repository: tuple[int, str],
    comment: int,
    now: datetime,
    secret: bytes,
) -> bool:
    number, panel = issue["number"], issue["pinned_comment"]
    here = str(issue["repository_url"]).lower().endswith(f"/repos/{repository[1].lower()}")
    body = panel["body"].replace("\r\n", "\n").rstrip("\n")
    held = _believed(body, repository[0], number, secret)
    quiet = json.loads(inside(body.rsplit("\n", 2)[-2], QUIET))
    seen = issue_digest(
        issue["title"], issue["body"] or "", frozenset(label["name"] for label in issue["labels"])
    )
    due = datetime.fromisoformat(quiet["due"]) if quiet["due"] else None
    if (
        not here
        or issue["state"] != "open"
        or "pull_request" in issue
        or held is None
        or quiet["v"] != VERSION
        or panel["user"]["id"] not in quiet["bots"]
        or quiet["seen"] != seen
        or (due is not None and now >= due)
    ):
        return False
    return _nothing_new(issue, comments, comment, held, quiet["bots"])


def _believed(body: str, repo: int, issue: int, secret: bytes) -> Mapping[str, Any] | None:
    """What a panel holds, when it is as the first key signed it for this issue; else None."""
    last = body.rsplit("\n", 1)[-1]
    tail, visible = json.loads(inside(last, CHECKPOINT)), body[: -len(last)]
    packed, signature = tail["packed"], tail["sig"]
    whole = last == last_line(packed, tail["sum"], signature) and tail["sum"] == total(visible, packed)
    ours = hmac.compare_digest(
        hmac_of(secret, "panel", repo, issue, said(visible, packed)).encode(), signature.encode()
    )
    if not (whole and ours and body.split("\n", 1)[0] == first_line(repo, issue)):
        return None
    found: Mapping[str, Any] = json.loads(unpacked(packed))
    return found


def _nothing_new(
    issue: Mapping[str, Any],
    comments: Sequence[Mapping[str, Any]],
    comment: int,
    held: Mapping[str, Any],
    bots: Sequence[int],
) -> bool:
    """Whether every comment is known to the panel, or talk."""
    state = held["state"]
    answered = {about for key, about in state["ledger"]["keys"]["comment"].items() if key[0] == "c"}
    known = frozenset(state["links"])
    since = datetime.fromisoformat(held["cursor_at"]) - OVERLAP
    mine = issue["pinned_comment"]["id"]
    found = [
        one for one in comments if one["id"] != mine and datetime.fromisoformat(one["updated_at"]) >= since
    ]
    newer = sum(one["id"] > held["cursor_id"] for one in found)
    complete = held["count"] + newer + 1 >= issue["comments"] and newer < STRIDE
    heard = any(one["id"] == comment and plain_talk(one["body"]) for one in found)
    had = [datetime.fromisoformat(one["created_at"]) for one in found if one["id"] in answered]
    decided = max(had, default=since) - MOMENT
    return complete and heard and all(_harmless(one, bots, known, answered, decided) for one in found)


def _harmless(
    comment: Mapping[str, Any],
    bots: Sequence[int],
    known: frozenset[str],
    answered: Collection[int],
    decided: datetime,
) -> bool:
    """Whether a comment asks for nothing that has no answer. ``known``: the hashes of the entries that the
    panel has seen; ``answered``: the comments that they answer; ``decided``: what was written before then was
    looked at when the last of these had its answer.
    """
    body, edited = comment["body"] or "", comment["updated_at"] != comment["created_at"]
    author = comment["user"]
    if author is not None and author["id"] in bots:
        first = body.split("\n", 1)[0]
        hashes = _HASH.findall(first) if first.startswith(ENTRIES) else []
        return not edited and ((bool(hashes) and known.issuperset(hashes)) or OURS not in body)
    if edited:
        return plain_talk(body)
    seen = comment["id"] in answered or datetime.fromisoformat(comment["created_at"]) < decided
    return seen or plain_talk(body)
