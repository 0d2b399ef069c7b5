"""Lines that begin with a slash and speak to nobody: addresses, pages of the product, and habits of chats.

``/checkout answers 500`` tells of a page, ``/24 network unreachable`` of a network, ``/shrug`` is a joke.
None of them is a command, and nobody waits for an answer.
"""

from __future__ import annotations

import re

from allclear.core.model.patterns import lazy_regex

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
PLAIN = frozenset({"run", "status", "time"})
"""Commands that take neither a sentence nor a number, and whose names are names of pages and disks too."""


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
_STATUS = lazy_regex(r"(?:http/?)?[45](?:\d\d|xx)s?", re.IGNORECASE)
"""``502``, ``404s``, ``5xx``: how an HTTP server says that it failed."""
_FAULTS = _words("error errors")
_ANNOUNCED = _words("endpoint page route url path")
_LOOKS = _words(
    "up full down red green slow unreachable unavailable degraded flaky unhealthy healthy offline"
)
"""What a page, a disk or a clock is said to be, and no command: ``/status is wrong`` may be meant for us."""
_SUBJECTLESS = _words("returns answers responds throws serves fails hangs")
"""Verbs that nobody begins a sentence with: what they are said of is the word with the slash."""
USUAL = _words(
    "login logout signin signup register account profile dashboard home index search cart basket checkout"
    " orders order products product payments api graphql rest rpc admin static assets images metrics health"
    " healthz livez readyz ready robots sitemap favicon wp-admin v1 v2 webhook webhooks callback"
)
"""Usual names of pages and endpoints: alone on a line they are no wish."""
LOOKED_AT = 6
"""Words of a line that can say that it tells of an address; after that it tells of something else."""


def _beginning(rest: str) -> list[str]:
    return [
        word.strip(".,:;!?()\"'`").lower().replace("\u2019", "'") for word in rest[:300].split()[:LOOKED_AT]
    ]


def _trouble(words: list[str], *more: frozenset[str]) -> bool:
    known = _STATES.union(_ANSWERS, _FAILS, *more)
    return any(word in known or _STATUS.fullmatch(word) for word in words)


def _statuses(words: list[str]) -> bool:
    """Whether nothing but an HTTP status is said: ``503``, ``500 error``."""
    return bool(words) and bool(_STATUS.fullmatch(words[0])) and _FAULTS.issuperset(words[1:])


def _fails_so(words: list[str]) -> bool:
    return any(word in _FAULTS or _STATUS.fullmatch(word) for word in words)


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
    if words[0] in _PLACES or words[0] == "button":
        return _trouble(words[1:])
    if words[0] == "code":
        return _statuses(words[1:])
    return words[0] in _ANSWERS and _fails_so(words[1:])


def is_a_page(rest: str) -> bool:
    """The same of a command that takes neither a number nor a sentence: also ``503`` and ``is full``."""
    words = _beginning(rest)
    if words and words[0] in ("is", "are"):
        return any(word in _LOOKS or _STATUS.fullmatch(word) for word in words[1:2])
    return _statuses(words) or surely_a_page(rest)


def reads_like_a_page(command: str, rest: str) -> bool:
    """Whether the text of a command of SENTENCES lacks what it speaks of, so that ``/update returns 500`` is
    the page of that name. What is announced is looked at most closely: ``/update page broken``.
    """
    if command not in SENTENCES or command == "escalate":
        return False
    words = _beginning(rest)
    first, after = (words[0], words[1:]) if words else ("", [])
    if first in _SUBJECTLESS:
        return not after or _fails_so(after)
    if first == "is":
        looks = _STATES if command == "update" else frozenset[str]()
        return any(word in looks or _STATUS.fullmatch(word) for word in after[:1])
    if command == "update" and first in _ANNOUNCED:
        return _trouble(after[:1])
    # Behind /impact a number alone counts people.
    return command != "impact" and _statuses(words)
