"""Secrets taken out of text: values that are known, and words that look like a token of a known service.

What a command printed, what people pasted and what a log shows passes through here before it is kept or
shown (fault H19). It is a net, not a proof: a secret that nobody named and that looks like any other word
stays. Every search is linear in the text, for hostile lines as well (fault E20).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from msgspec import Struct

from allclear.core.model.patterns import lazy_regex

MARK = "[scrubbed]"

SHORTEST = 6
"""Characters of a known value. What is shorter stands in ordinary words, and would tear holes into them."""

LONGEST_KEY = 20_000
"""Characters between the two ends of a private key: two halves further apart are not one."""

SECRET_NAME = lazy_regex(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|PWD|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|_KEY$|^KEY$|CREDENTIAL|COOKIE"
    r"|AUTH(?!OR)|DSN|DATABASE_URL|CONNECTION_STRING|KUBECONFIG|WEBHOOK|SIGNATURE|(?:^|_)(?:PAT|PASS|SALT)(?:_|$)"
)
"""Names of variables that hold secrets."""

HARMLESS = frozenset({"PWD", "OLDPWD", "SSH_AUTH_SOCK", "XAUTHORITY"})
"""Names that only look like it."""

# A run of token characters is bounded or cannot begin again inside itself, so that no line is read twice.
_TOKENS = lazy_regex(
    # https://github.blog/changelog/2026-05-15-github-app-installation-tokens-per-request-override-header/
    r"gh[pousr]_[A-Za-z0-9._-]{20,2000}|github_pat_[A-Za-z0-9_]{20,255}"
    r"|gl(?:pat|dt|ptt|rt|oas|ft|soat|cbt)-[A-Za-z0-9_.-]{18,300}"
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    r"|(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    # https://api.slack.com/authentication/token-types, https://api.slack.com/messaging/webhooks
    r"|xox[abceoprs]-[A-Za-z0-9-]{10,300}|xapp-[A-Za-z0-9-]{10,300}"
    r"|hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]{10,200}"
    r"|discord(?:app)?\.com/api/webhooks/\d{5,30}/[A-Za-z0-9_-]{20,200}"
    r"|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,1000}|GOCSPX-[A-Za-z0-9_-]{20,60}"
    r"|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,250}|whsec_[A-Za-z0-9+/=]{16,200}"
    r"|(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{20,300}"
    r"|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,1000}|hf_[A-Za-z0-9]{30,60}"
    r"|SG\.[A-Za-z0-9_-]{16,40}\.[A-Za-z0-9_-]{30,80}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"
    r"|HRKU-[A-Za-z0-9_-]{30,100}|sbp_[a-z0-9]{30,60}|sb_secret_[A-Za-z0-9_-]{20,80}"
    r"|vc[pkiar]_[A-Za-z0-9]{20,100}|do[opr]_v1_[a-f0-9]{64}"
    r"|(?:FlyV1 )?fm[12][ar]?_[A-Za-z0-9+/=_,.-]{20,8000}|fo1_[A-Za-z0-9_-]{30,100}"
)

_NAMES = (
    r"password|passwd|passphrase|pwd|secret|token|(?:api|access|private|secret|encryption|signing)[_-]?key"
)
_SHAPES = (
    lazy_regex(
        r"(?i)\b(?:proxy-)?authorization[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?(?:[A-Za-z0-9-]{1,40}[ \t]{1,4})?"
        r"(?P<value>[^\s\"'\\]{16,4000})"
    ),
    lazy_regex(r"(?i)\b(?:bearer|basic)[ \t]{1,4}(?P<value>[A-Za-z0-9._~+/=-]{16,4000})"),
    lazy_regex(
        r"(?i)\b(?:x-[a-z-]{0,30}(?:key|token)|private-token)[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?"
        r"(?P<value>[^\s\"'\\]{6,4000})"
    ),
    lazy_regex(
        r"(?i)\bcookie2?[\"']?[ \t]{0,4}:[ \t]{0,4}[\"']?(?P<value>[^\s=;\"']{1,100}=[^\r\n\"']{6,4000})"
    ),
    lazy_regex(
        r"(?i)[?&;](?:[a-z0-9._-]{0,40}(?:token|secret|password|passwd|signature|credential)"
        r"|sig|key|api_?key|auth|code)=(?P<value>[^\s&;#\"'<>]{6,4000})"
    ),
    lazy_regex(
        rf"(?i)--(?:[a-z]{{1,20}}-){{0,3}}(?:{_NAMES})[ \t=]{{1,4}}[\"']?"
        r"(?P<value>[^\s\"'\[-][^\s\"']{5,2000})"
    ),
)
_IN_URL = lazy_regex(r"://(?P<value>[^\s/\"'<>@:]{0,200}:[^\s/\"'<>]{1,500})@")
_PASSWORD = lazy_regex(r"://[^\s:@/]*:(\S+)@")
_NAMED = lazy_regex(
    rf"(?i)(?P<name>{_NAMES})(?:\\?[\"'])?(?P<sign>[ \t]{{0,3}}(?:=>|[:=])[ \t]{{0,3}})(?:\\?[\"'])?"
    r"(?P<value>[^\s\"'`,;<>\\\[\]{}()]{6,2000})"
)
_WORDS = lazy_regex(r"[A-Za-z0-9_.-]{20,}")
_KEY_BEGINS = lazy_regex(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_ENDS = lazy_regex(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_LINES = lazy_regex(r"(?:(?:\\r)?\\n|[A-Za-z0-9+/=:,\s-]){0,5000}")
_ALL_SIGNS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

Span = tuple[int, int]


class Scrubbed(Struct, frozen=True):
    """Text without its secrets, and how many places were scrubbed."""

    text: str
    count: int


class Scrubber(Struct, frozen=True):
    """Takes out ``forms``, the spellings of known values, and whatever looks like a token. Make one with
    scrubber().
    """

    forms: tuple[str, ...] = ()

    def scrub(self, text: str) -> Scrubbed:
        """``text`` with ``[scrubbed]`` in the place of every secret; what touches counts as one."""
        pieces: list[str] = []
        end = count = 0
        for start, stop in _merged(self._spans(text)):
            pieces += [text[end:start], MARK]
            end = stop
            count += 1
        return Scrubbed("".join([*pieces, text[end:]]), count)

    def clean(self, text: str) -> str:
        """``text`` without its secrets."""
        return self.scrub(text).text

    def tree(self, value: Any) -> tuple[Any, int]:
        """A JSON value whose texts are scrubbed one by one, and in how many places: what begins in one
        person's text cannot hide the next person's.
        """
        if isinstance(value, str):
            done = self.scrub(value)
            return done.text, done.count
        if isinstance(value, Mapping):
            pairs = [(key, *self.tree(item)) for key, item in value.items()]
            return {key: item for key, item, _ in pairs}, sum(count for _, _, count in pairs)
        if isinstance(value, list | tuple):
            items = [self.tree(item) for item in value]
            return [item for item, _ in items], sum(count for _, count in items)
        return value, 0

    def _spans(self, text: str) -> Iterator[Span]:
        for form in self.forms:
            yield from _places(text, form)
        yield from _keys(text)
        yield from _webtokens(text)
        yield from (match.span() for match in _TOKENS.finditer(text))
        for shape in (*_SHAPES, _IN_URL):
            yield from (
                match.span("value") for match in shape.finditer(text) if not match["value"].startswith(MARK)
            )
        yield from (match.span("value") for match in _NAMED.finditer(text) if _telling(match))


def scrubber(secrets: Iterable[str] = ()) -> Scrubber:
    """A Scrubber that knows these values, of six characters or more each, in all their spellings.

    A value of several lines is known line by line as well: a program often prints but one of them.
    """
    forms: set[str] = set()
    for secret in secrets:
        lines = [line.strip() for line in secret.splitlines()] if "\n" in secret else []
        for value in (secret, secret.strip(), *(line for line in lines if len(line) >= 2 * SHORTEST)):
            if len(value) >= SHORTEST and value not in MARK:
                forms |= _spellings(value)
    return Scrubber(tuple(sorted(forms, key=lambda form: (-len(form), form))))


def secret_values(environ: Mapping[str, str], listed: Iterable[str] = ()) -> tuple[str, ...]:
    """The values of the variables that are ``listed`` or whose name says that they hold a secret.

    The password in an address (``postgres://user:password@host``) counts by itself, too.
    """
    names = frozenset(listed)
    found = [
        value
        for name, value in sorted(environ.items())
        if name in names or (SECRET_NAME.search(name.upper()) and name.upper() not in HARMLESS)
    ]
    for value in tuple(found):
        found += [part for match in _PASSWORD.finditer(value) for part in (match[1], _unquoted(match[1]))]
    return tuple(dict.fromkeys(value for value in found if len(value.strip()) >= SHORTEST))


def _unquoted(text: str) -> str:
    """``text`` with its ``%2F`` and the like read."""
    raw = text.encode("utf-8", errors="surrogatepass")
    read = re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), raw)
    return read.decode("utf-8", errors="replace")


def _spellings(value: str) -> set[str]:
    """How programs write a value: as it is, in base64 at each of three offsets, in hexadecimal, in a URL, in
    JSON and in XML.
    """
    raw = value.encode("utf-8", errors="surrogatepass")
    spelled = {value, raw.hex(), raw.hex().upper()}
    for offset in range(3):
        code = base64.b64encode(b"\0" * offset + raw).decode("ascii")
        # A sign is six bits: the first may hold bits of what stood before, the last of what follows.
        first = (offset * 8 + 5) // 6
        last = (offset + len(raw)) * 8 // 6
        inner = code[first:last]
        spelled |= {inner, inner.replace("+", "-").replace("/", "_")}
    for safe in ("", "/"):
        for form in ("%{:02X}", "%{:02x}"):
            quoted = "".join(
                chr(byte) if chr(byte) in _ALL_SIGNS or chr(byte) in safe else form.format(byte)
                for byte in raw
            )
            spelled |= {quoted, quoted.replace("%20", "+")}
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    spelled.add(escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t"))
    entities = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    spelled |= {entities, entities.replace('"', "&quot;"), entities.replace('"', "&#34;")}
    return spelled


def _places(text: str, form: str) -> Iterator[Span]:
    """Where the form stands; occurrences that overlap as one, so that a long line of one sign is one."""
    start = at = text.find(form)
    while at >= 0:
        following = text.find(form, at + 1)
        if following < 0 or following > at + len(form):
            yield start, at + len(form)
            start = following
        at = following


def _keys(text: str) -> Iterator[Span]:
    """Private keys, from BEGIN to END; of one that was cut off, what still looks like it."""
    at = 0
    while begin := _KEY_BEGINS.search(text, at):
        end = _KEY_ENDS.search(text, begin.end(), begin.end() + LONGEST_KEY)
        tail = end or _KEY_LINES.match(text, begin.end())
        at = max(begin.end(), tail.end() if tail else 0)
        yield begin.start(), at


def _webtokens(text: str) -> Iterator[Span]:
    """JSON Web Tokens (RFC 7519): words between dots, of which two neighbours begin as base64 JSON does."""
    for match in _WORDS.finditer(text):
        at = match.start()
        for first, second in pairwise(match.group().split(".")):
            place = first.find("eyJ")
            if place >= 0 and len(first) - place >= 10 and second.startswith("eyJ"):
                yield at + place, match.end()
                break
            at += len(first) + 1


def _telling(match: re.Match[str]) -> bool:
    """Whether ``name: value`` gives a secret away. ``token: expired`` does not; a password always counts."""
    value = match["value"]
    if not value.strip("*"):
        return False
    if match["name"].lower().startswith("pass") or match["name"].lower() == "pwd":
        return True
    return len(value) >= 20 or any(sign.isdigit() for sign in value) or match["sign"] == "="


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that overlap or touch as one."""
    merged: list[Span] = []
    for start, stop in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
        else:
            merged.append((start, stop))
    return merged
