"""Lines that begin with a slash and speak to nobody: addresses, pages of the product, and habits of chats.

``/checkout answers 500`` tells of a page, ``/24 network unreachable`` of a network, ``/shrug`` is a joke.
None of them is a command, and nobody waits for an answer.
"""

from __future__ import annotations

import re

ASIDES = frozenset(
    {"me", "s", "j", "jk", "lol", "shrug", "tableflip", "unflip", "rant", "sarcasm", "srs", "sigh", "thanks"}
)
"""What people of chats type that is no wish: https://slack.com/help/articles/201259356 (`/me`, `/shrug`),
https://docs.gitlab.com/user/project/quick_actions/ (`/tableflip`), and the closing tag of irony.
"""

SENTENCES = frozenset(
    {"action", "dismiss", "escalate", "finding", "hotfix", "impact", "note", "reopen", "update"}
)
"""Commands whose text is a sentence about what is broken: an endpoint may stand at its beginning."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PLACES = _words("endpoint endpoints route routes url urls uri path page pages api handler")
_PARTS = _PLACES | _words("apis check checks probe probes screen site view dashboard form")
_STATES = _words(
    "red green down dead slow slower broken blank empty unreachable unavailable degraded flaky gone wrong"
    " missing stuck full unhealthy healthy offline"
)
_ANSWERS = _words(
    "answers answered answering returns returned returning responds responded responding gives gave giving"
    " throws threw throwing serves serving shows"
)
_FAILS = _words(
    "fails failed failing hangs hung hanging crashes crashed crashing errors erroring times timing timeout"
    " timeouts isn't doesn't can't cannot"
)
_DOES = _words("is are was were does won't loads loading redirects works working")
_STATUS = re.compile(r"(?:http/?)?[45](?:\d\d|xx)s?", re.IGNORECASE)
"""``502``, ``404s``, ``5xx``: how an HTTP server says that it failed."""
LOOKED_AT = 6
"""Words of a line that can say that it tells of an address; after that it tells of something else."""


def _beginning(rest: str) -> list[str]:
    return [
        word.strip(".,:;!?()\"'`").lower().replace("\u2019", "'") for word in rest[:300].split()[:LOOKED_AT]
    ]


def _trouble(words: list[str], *more: frozenset[str]) -> bool:
    known = _STATES.union(_ANSWERS, _FAILS, *more)
    return any(word in known or _STATUS.fullmatch(word) for word in words)


def aside(word: str) -> bool:
    """Whether ``/word`` is no wish whatever follows: a number, as in ``/24``, or a habit of chats."""
    return word[:1].isdigit() or word.lower() in ASIDES


def tells_of_a_page(rest: str) -> bool:
    """Whether the text after a word that means nothing here tells how a page or an address does:
    ``answers 500``, ``is red``, ``404s``, ``health check fails``.
    """
    words = _beginning(rest)
    return bool(words) and (words[0] in _PARTS or _trouble(words, _DOES))


def surely_a_page(rest: str) -> bool:
    """The same of a word that is a command's name as well: only what nobody says to a command, as
    ``endpoint returns 503`` and ``answers 500``.
    """
    words = _beginning(rest)
    if not words:
        return False
    if words[0] in _PLACES:
        return _trouble(words[1:])
    return words[0] in _ANSWERS and any(_STATUS.fullmatch(word) for word in words[1:])
