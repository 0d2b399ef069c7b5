"""How a panel's hidden lines are written and signed: text in, text out.

Standard library only, so that a run that has nothing to do need not load the record to see that.
"""

from __future__ import annotations

import hashlib
import hmac
import json

MARKER = "<!-- allclear:panel "
QUIET = "<!-- allclear:quiet "
CHECKPOINT = "<!-- allclear:checkpoint "
CLOSING = " -->"
VERSION = 1


def compact(value: object) -> str:
    """JSON without blanks, in ASCII."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def inside(line: str, opening: str) -> str:
    """What stands in a hidden line that begins so. Raises ValueError when it is another line."""
    if not line.startswith(opening) or not line.endswith(CLOSING):
        msg = "not a hidden comment of ours"
        raise ValueError(msg)
    return line[len(opening) : -len(CLOSING)]


def first_line(repo: int, issue: int) -> str:
    """The hidden line that says whose panel a comment is."""
    return MARKER + compact({"v": VERSION, "repo": repo, "issue": issue}) + CLOSING


def said(visible: str, packed: str) -> str:
    """The whole body but the sum and the signature."""
    held = {"packed": packed} if packed else {}
    return visible + CHECKPOINT + compact(held) + CLOSING


def total(visible: str, packed: str) -> str:
    """The sum over the whole body but itself: 24 hex digits of the SHA-256."""
    return hashlib.sha256(said(visible, packed).encode()).hexdigest()[:24]


def last_line(packed: str, sum_: str, signature: str) -> str:
    """The hidden line that ends a panel."""
    held = {"packed": packed, "sum": sum_, "sig": signature}
    return CHECKPOINT + compact({name: value for name, value in held.items() if value}) + CLOSING


def hmac_of(secret: bytes, kind: str, repo: int, issue: int, text: str) -> str:
    """The HMAC-SHA256 of a text of this kind in hex (RFC 2104), bound to its issue."""
    bound = f"allclear:ac1:{kind}:{repo}#{issue}\n{text}"
    return hmac.new(secret, bound.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()


def issue_digest(title: str, body: str, labels: frozenset[str]) -> str:
    """Stands for what a pass looks at on the issue itself. GitHub spells a label as the repository does."""
    text = compact([title, body, sorted({label.casefold() for label in labels})])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def quiet_line(due: str, bots: tuple[int, ...], seen: str) -> str:
    """The hidden line that says until when (ISO 8601, UTC; empty: without an end) nothing is to do unless
    somebody asks for something, while the issue is as in ``seen`` and the accounts ``bots`` are ours.
    """
    return QUIET + compact({"v": VERSION, "due": due, "bots": list(bots), "seen": seen}) + CLOSING
