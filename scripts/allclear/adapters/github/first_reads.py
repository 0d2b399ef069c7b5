"""The first reads of a run, asked for while the libraries are still being imported.

A run that somebody waits for spends its first 300 ms on imports, and then asks GitHub for what its event
already names: the issue with its pinned panel, the comments, the rights of who wrote the comment, and of whom
its command names (early_people). So the standard library asks for these at once, in threads, and `Client`
takes each of the answers when it would have asked the same. An answer is taken once, and none after the first
write. Where there is none, or one that says nothing, it is asked for in the normal way. Of an issue with many
comments those are asked for that changed last, and so they are where the record is not signed (early_list).

Standard library only: whatever else this imported would be waited for.
"""

from __future__ import annotations

import os
import re
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from urllib.parse import quote, urlencode, urlsplit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from allclear.adapters.github.early_list import Newest

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

LARGEST = 16_000_000
"""Bytes of an answer, packed and unpacked: one that is larger is asked for in the normal way."""

GRAPHQL = "/graphql"
"""The question that is no path of REST."""

MOMENT = timedelta(seconds=60)
"""A run that begins so long after its comment has waited for another run of its incident."""

STRANGERS = frozenset({"NONE", "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "MANNEQUIN"})
"""Associations of authors who, where everybody may comment, most likely may command nobody: those whom they
name cost no request early. That judges no rights, which are asked when a command is read.
https://docs.github.com/en/graphql/reference/enums#commentauthorassociation
"""

LONGEST = 2000
"""Characters of a comment in which commands are looked for."""

_COMMAND = re.compile(
    r"^[ \t]{0,3}/([a-z]{2,20}(?:-[a-z]{1,20})?)(?=[\s:]|$)(.*)", re.MULTILINE | re.IGNORECASE
)


class EarlyAnswer:
    """An answer of GitHub's. Header names are in lower case."""

    __slots__ = ("headers", "status", "text")

    def __init__(self, status: int, headers: Mapping[str, str], text: str) -> None:
        self.status, self.headers, self.text = status, headers, text


Ask = Callable[[str, bytes], "EarlyAnswer | None"]
"""Asks for a path of the API with its query, or with a body for what a POST asks; None: no answer."""


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

    ``listed``: the question for a page of comments; ``whole``: the path of their list, when all of it was
    asked for. ``since``: from when on the panel has not read comments, once the issue is there.
    """

    def __init__(self, ask: Ask, *, at_once: bool) -> None:
        self._ask, self._at_once = ask, at_once
        self._pending: dict[str, _Pending] = {}
        self._until = time.monotonic() + TIMEOUT
        self._newest: tuple[str, Newest] | None = None
        self._over = False
        self.whole = self.listed = self.since = ""

    def begin(
        self, path: str, then: Callable[[EarlyAnswer | None], None] | None = None, body: bytes = b""
    ) -> _Pending:
        """Ask for ``path``; ``then`` looks at its answer before anybody takes it."""
        pending = _Pending()
        work = partial(self._work, path, body, pending, then)
        if self._over:
            pending.done.set()
            return pending
        self._pending[path] = pending
        if not self._at_once:
            work()
            return pending
        try:
            threading.Thread(target=work, daemon=True).start()
        except RuntimeError:  # no more threads: then it is asked in the normal way
            self._pending.pop(path)
            pending.done.set()
        return pending

    def _work(
        self,
        path: str,
        body: bytes,
        pending: _Pending,
        then: Callable[[EarlyAnswer | None], None] | None,
    ) -> None:
        try:
            answer = self._ask(path, body)
            if then is not None:
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
        return None if pending is None else self._wait(pending)

    def _wait(self, pending: _Pending) -> EarlyAnswer | None:
        return pending.answer if pending.done.wait(max(0.0, self._until - time.monotonic())) else None

    def newest(self, path: str) -> Newest | None:
        """The comments of this list that changed last, which still can be taken."""
        if self.look(GRAPHQL) is None or self._newest is None or self._newest[0] != path:
            return None
        return self._newest[1]

    def begin_newest(self, path: str, body: bytes, issue: _Pending) -> None:
        """Ask for the comments of this list that changed last, beside the ``issue``. Where they do not reach
        back to what its panel has read, ask for those since as soon as both are there.
        """
        from allclear.adapters.github import early_list  # noqa: PLC0415 - for long lists only

        def compare(answer: EarlyAnswer | None) -> None:
            found = early_list.newest(answer.text) if answer is not None and answer.status == 200 else None
            self._newest = None if found is None else (path, found)
            shown = self._wait(issue)
            self.since = early_list.wanted_since(shown.text) if shown is not None else ""
            if self.since and (found is None or found.since(self.since) is None):
                self.listed = address(path, {"page": 1, "per_page": PAGE, "since": self.since})
                self.begin(self.listed)

        self.begin(GRAPHQL, compare, body)

    def drop(self) -> None:
        """Take none of the answers any more: something is about to change."""
        self._over = True
        self._pending.clear()


def first_reads(
    env: Mapping[str, str],
    event: Mapping[str, Any],
    number: int,
    ask: Ask | None = None,
    now: datetime | None = None,
) -> FirstReads | None:
    """Ask for what a run for the issue of that ``number`` reads first. ``ask`` carries it in place of the
    network, one after the other. None where nothing can be asked early. ``now``: what time it is; None:
    GitHub's answer for the issue tells.
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
    shown = reads.begin(issue)
    _ask_comments(reads, event, f"{issue}/comments", shown, editors=not env.get("ALLCLEAR_KEY"))
    login = _commander(event)
    if login and _fresh(event, now or _time_of(reads.look(issue))):
        for one in dict.fromkeys((login, *_named(event))):
            reads.begin(f"/repos/{repository}/collaborators/{quote(one, safe='')}/permission")
    return reads


def _ask_comments(
    reads: FirstReads, event: Mapping[str, Any], comments: str, issue: _Pending, *, editors: bool
) -> None:
    """Ask for all comments where they are few, else for those that changed last. So also for few where it is
    wanted who edited them, which only these tell.
    """
    count = (event.get("issue") or {}).get("comments")
    if isinstance(count, int) and count <= FEW and not editors:
        reads.whole, reads.listed = comments, address(comments, {"page": 1, "per_page": PAGE})
        reads.begin(reads.listed)
        return
    from allclear.adapters.github.early_list import question  # noqa: PLC0415 - for long lists only

    _, _, owner, name, _, number, _ = comments.split("/")
    reads.begin_newest(comments, question(f"{owner}/{name}", int(number), editors=editors), issue)


def _commander(event: Mapping[str, Any]) -> str:
    """The login of who wrote a new comment, in lower case, where it has a command as everybody writes one:
    then it is asked what they may do. Empty for all others, whose rights perhaps nobody needs to know.
    """
    comment = event.get("comment") or {}
    body, author = str(comment.get("body") or ""), comment.get("user") or {}
    if event.get("action") != "created" or author.get("type") == "Bot" or "```" in body:
        return ""
    first = _COMMAND.search(body[:LONGEST])
    named = first is not None and first[1].lower().replace("-", "_") in _names()
    return str(author.get("login") or "").lower() if named else ""


def _named(event: Mapping[str, Any]) -> tuple[str, ...]:
    """The logins, in lower case, of those whom the commands of a new comment name as everybody does, unless
    its author is most likely a stranger.
    """
    comment, private = event["comment"], (event.get("repository") or {}).get("private") is True
    body = str(comment.get("body") or "")[:LONGEST]
    if "@" not in body or (comment.get("author_association") in STRANGERS and not private):
        return ()
    from allclear.adapters.github.early_people import named  # noqa: PLC0415 - for few comments only

    return named(_COMMAND.findall(body))


def _fresh(event: Mapping[str, Any], now: datetime | None) -> bool:
    """Whether the comment was written a moment ago. In a burst, the run of an older one finds that the run
    before it has answered all.
    """
    try:
        return now is not None and now - datetime.fromisoformat(event["comment"]["created_at"]) < MOMENT
    except (LookupError, TypeError, ValueError):
        return False


def _time_of(answer: EarlyAnswer | None) -> datetime | None:
    """GitHub's clock in an answer."""
    try:
        return parsedate_to_datetime(answer.headers["date"]) if answer is not None else None
    except (LookupError, TypeError, ValueError):
        return None


def _names() -> set[str]:
    """The commands: each has a file that is called like it."""
    folder = f"{os.path.dirname(__file__)}/../../commands"  # noqa: PTH120 - pathlib is slow to import
    return {name.partition(".")[0] for name in os.listdir(folder)}  # noqa: PTH208 - pathlib is slow to import


def place(base: str, path: str) -> str:
    """Where the API answers to ``path``, on the host of an API whose address has the path ``base``.

    https://docs.github.com/en/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint
    """
    root = base.rstrip("/")
    return root.removesuffix("/v3") + path if path == GRAPHQL else root + path


def _bounded(body: bytes, *, packed: bool) -> bytes:
    """The body as it was packed. Raises ValueError for one that is too large, and for half of one."""
    if len(body) > LARGEST:
        raise ValueError(len(body))
    if not packed:
        return body
    unpacking = zlib.decompressobj(31)
    found = unpacking.decompress(body, LARGEST)
    if not unpacking.eof:
        raise ValueError(len(found))
    return found


def over_network(api_url: str, token: str) -> Ask:
    """Asks GitHub's API itself, and follows no redirect: the token goes to that host only. Raises ValueError
    for what is no address of one.
    """
    import http.client  # noqa: PLC0415 - not for a run that is given another way
    import ssl  # noqa: PLC0415 - not for a run that is given another way

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

    def ask(path: str, body: bytes) -> EarlyAnswer | None:
        line: http.client.HTTPConnection
        if context is None:
            line = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
        else:
            line = http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=context)
        try:
            kind = {"Content-Type": "application/json"} if body else {}
            line.request("POST" if body else "GET", place(where.path, path), body or None, headers | kind)
            got = line.getresponse()
            text = _bounded(got.read(LARGEST + 1), packed=got.headers.get("Content-Encoding") == "gzip")
            told = {name.lower(): value for name, value in got.getheaders()}
            return EarlyAnswer(got.status, told, text.decode())
        except (OSError, http.client.HTTPException, ValueError, zlib.error):
            return None
        finally:
            line.close()

    return ask
