"""The first reads of a run, asked for while the libraries are still being imported.

A run that somebody waits for spends its first 300 ms on imports, and then asks GitHub for what its event
already names: the issue with its pinned panel, the comments, the rights of who wrote the comment. So the
standard library asks for these at once, in threads, and `Client` takes each of the answers when it would have
asked the same. An answer is taken once, and none after the first write. Where there is none, or one that says
nothing, it is asked for in the normal way.

Standard library only: whatever else this imported would be waited for.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from urllib.parse import quote, urlencode, urlsplit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PAGE = 100
FEW = 98
"""Comments that the event counts, at most, so that all are certainly on one page: it may lack the newest."""

TIMEOUT = 20
"""Seconds from the start of the run after which an answer is not waited for any more."""

ELSEWHERE = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
UNLIKE = frozenset({*ELSEWHERE, "SSL_CERT_FILE", "SSL_CERT_DIR"})
"""Variables with which requests would reach GitHub in another way than the standard library, or believe
another certificate: where one is set, nothing is asked early.
https://requests.readthedocs.io/en/latest/user/advanced/#proxies
"""

OVERLAP = timedelta(minutes=5)
"""As in core.record.cursor, which a test holds together; that one is slower to import."""

MOMENT = timedelta(seconds=60)
"""A run that begins so long after its comment has waited for another run of its incident."""

_COMMAND = re.compile(r"^[ \t]{0,3}/([a-z]{2,20}(?:-[a-z]{1,20})?)(?=[\s:]|$)", re.MULTILINE | re.IGNORECASE)
_CHECKPOINT = r'<!-- allclear:checkpoint \{"packed":"([A-Za-z0-9+/=.]{1,100000})"'
"""What the panel holds packed (core.record.checkpoint_words)."""


class EarlyAnswer:
    """An answer of GitHub's. Header names are in lower case."""

    __slots__ = ("headers", "status", "text")

    def __init__(self, status: int, headers: Mapping[str, str], text: str) -> None:
        self.status, self.headers, self.text = status, headers, text


Ask = Callable[[str], "EarlyAnswer | None"]
"""Asks for a path of the API with its query; None: no answer."""


class _Pending:
    """A question under way."""

    __slots__ = ("answer", "done")

    def __init__(self) -> None:
        self.done = threading.Event()
        self.answer: EarlyAnswer | None = None


def address(path: str, params: Mapping[str, str | int] | None) -> str:
    """The path with its query, always written in one way."""
    return f"{path}?{urlencode(sorted(params.items()))}" if params else path


class FirstReads:
    """Questions under way. ``ask`` puts one of them; ``at_once``: each in a thread of its own, else one after
    the other.

    ``listed``: the question for comments; ``whole``: the path of their list, when all of it was asked for.
    """

    def __init__(self, ask: Ask, *, at_once: bool) -> None:
        self._ask, self._at_once = ask, at_once
        self._pending: dict[str, _Pending] = {}
        self._until = time.monotonic() + TIMEOUT
        self.whole = self.listed = ""

    def begin(self, path: str, then: Callable[[EarlyAnswer], None] | None = None) -> None:
        """Ask for ``path``; ``then`` looks at its answer before anybody takes it."""
        self._pending[path] = _Pending()
        work = partial(self._work, path, self._pending[path], then)
        if not self._at_once:
            work()
            return
        try:
            threading.Thread(target=work, daemon=True).start()
        except RuntimeError:  # no more threads: then it is asked in the normal way
            self._pending.pop(path)

    def _work(self, path: str, pending: _Pending, then: Callable[[EarlyAnswer], None] | None) -> None:
        try:
            answer = self._ask(path)
            if answer is not None and then is not None:
                then(answer)
            pending.answer = answer
        finally:
            pending.done.set()

    def take(self, path: str) -> EarlyAnswer | None:
        """The answer to this question, once; None where it was not asked, there is no answer, or GitHub is
        still working it out.
        """
        answer = self.look(path)
        self._pending.pop(path, None)
        return answer if answer is not None and (answer.status == 200 or answer.status >= 300) else None

    def look(self, path: str) -> EarlyAnswer | None:
        """The answer to this question, which still can be taken."""
        pending = self._pending.get(path)
        if pending is None or not pending.done.wait(max(0.0, self._until - time.monotonic())):
            return None
        return pending.answer

    def drop(self) -> None:
        """Take none of the answers any more: something is about to change."""
        self._pending.clear()


def first_reads(
    env: Mapping[str, str], event: Mapping[str, Any], number: int, ask: Ask | None = None
) -> FirstReads | None:
    """Ask for what a run for the issue of that ``number`` reads first. ``ask`` carries it in place of the
    network, one after the other. None where nothing can be asked early.
    """
    repository, token = env.get("GITHUB_REPOSITORY"), env.get("GITHUB_TOKEN")
    if not repository or not token:
        return None
    if ask is None and any(env.get(name) or env.get(name.lower()) for name in UNLIKE):
        return None
    try:
        carried = ask or over_network(env.get("GITHUB_API_URL") or "https://api.github.com", token)
    except (OSError, ValueError):  # no certificates, or no address
        return None
    reads = FirstReads(carried, at_once=ask is None)
    issue = f"/repos/{repository}/issues/{number}"
    known = event.get("issue") or {}
    few = isinstance(known.get("comments"), int) and known["comments"] <= FEW
    comments = f"{issue}/comments"
    follow = None if few else partial(_ask_newest, reads, comments)
    reads.begin(issue, follow)
    if few:
        reads.whole, reads.listed = comments, address(comments, {"page": 1, "per_page": PAGE})
        reads.begin(reads.listed)
    login = _commander(event)
    if login and _fresh(event, reads.look(issue) if ask is not None else None):
        reads.begin(f"/repos/{repository}/collaborators/{quote(login, safe='')}/permission")
    return reads


def _commander(event: Mapping[str, Any]) -> str:
    """The login of who wrote a new comment, in lower case, where it has a command as everybody writes one:
    then it is asked what they may do. Empty for all others, whose rights perhaps nobody needs to know.
    """
    comment = event.get("comment") or {}
    body, author = str(comment.get("body") or ""), comment.get("user") or {}
    if event.get("action") != "created" or author.get("type") == "Bot" or "```" in body:
        return ""
    first = _COMMAND.search(body[:2000])
    named = first is not None and first[1].lower().replace("-", "_") in _names()
    return str(author.get("login") or "").lower() if named else ""


def _fresh(event: Mapping[str, Any], answer: EarlyAnswer | None) -> bool:
    """Whether the comment was written a moment ago, by GitHub's clock in its ``answer`` where there is one.
    In a burst, the run of an older one finds that the run before it has answered all.
    """
    now = datetime.now(UTC)
    try:
        if answer is not None:
            now = parsedate_to_datetime(answer.headers["date"])
        return now - datetime.fromisoformat(event["comment"]["created_at"]) < MOMENT
    except (LookupError, TypeError, ValueError):
        return False


def _names() -> set[str]:
    """The commands: each has a file that is called like it."""
    folder = f"{os.path.dirname(__file__)}/../../commands"  # noqa: PTH120 - pathlib is slow to import
    return {name.partition(".")[0] for name in os.listdir(folder)}  # noqa: PTH208 - the same


def _ask_newest(reads: FirstReads, path: str, issue: EarlyAnswer) -> None:
    """Ask for the comments that the panel's checkpoint has not seen, where there are too many for one page.

    Nobody believes the panel for that: another list than the run wants is not taken.
    """
    from allclear.core.record.checkpoint_words import unpacked  # noqa: PLC0415 - for long lists only

    try:
        panel = json.loads(issue.text)["pinned_comment"]["body"]
        packed = re.search(_CHECKPOINT, panel)
        held = json.loads(unpacked(packed[1]) if packed else b"{}")
        since = datetime.fromisoformat(held["cursor_at"]) - OVERLAP
        if held.get("again_at"):
            since = max(since, datetime.fromisoformat(held["again_at"]))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return
    asked: dict[str, str | int] = {"page": 1, "per_page": PAGE, "since": since.strftime("%Y-%m-%dT%H:%M:%SZ")}
    reads.listed = address(path, asked)
    reads.begin(reads.listed)


def over_network(api_url: str, token: str) -> Ask:
    """Asks GitHub's API itself, and follows no redirect: the token goes to that host only. Raises ValueError
    for what is no address of one.
    """
    import http.client  # noqa: PLC0415 - not for a run that is given another way
    import ssl  # noqa: PLC0415 - the same

    where = urlsplit(api_url)
    host, port = where.hostname or "", where.port
    if not host or where.scheme not in ("http", "https"):
        # The standard library would take no host for this machine, and no scheme for one without TLS.
        raise ValueError(api_url)
    context = ssl.create_default_context() if where.scheme == "https" else None
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "Authorization": f"token {token}",
        "User-Agent": "allclear",
    }

    def ask(path: str) -> EarlyAnswer | None:
        line: http.client.HTTPConnection
        if context is None:
            line = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
        else:
            line = http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=context)
        try:
            line.request("GET", where.path.rstrip("/") + path, headers=headers)
            got = line.getresponse()
            body = got.read()
            if got.headers.get("Content-Encoding") == "gzip":
                body = zlib.decompress(body, 31)
            told = {name.lower(): value for name, value in got.getheaders()}
            return EarlyAnswer(got.status, told, body.decode())
        except (OSError, http.client.HTTPException, ValueError, zlib.error):
            return None
        finally:
            line.close()

    return ask
