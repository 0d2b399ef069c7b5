"""Who writes the record: the accounts that it comes from, and the keys that sign it.

Every workflow of a repository speaks as ``github-actions[bot]``, so an account proves nothing. With the
secret ``ALLCLEAR_KEY`` each block of entries, each panel and each join carries an HMAC-SHA256 (RFC 2104) over
its kind, the repository's numeric id, the issue's number and the text as it stands in the comment.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from msgspec import Struct

from allclear.core.record.panel_text import hmac_of

SECRET = "ALLCLEAR_KEY"  # noqa: S105 - the secret's name, not the secret
COMMAND = f"allclear key | gh secret set {SECRET}"
"""What sets the secret, without showing the key."""

BYTES = 32
"""The length of a key: that of the hash, as RFC 2104 (section 3) recommends."""

PREFIX = "ac1"
MOST_KEYS = 10

SealedKind = Literal["entries", "panel", "join"]
"""What a signature is for: one kind never passes for another."""

SIGNATURE = 64
"""Hex digits of a signature. Hex has no hyphen, so nothing in it ends the hidden comment around it."""


class KeyringError(Exception):
    """The secret is not a list of keys. The message says how to set it, and never holds any of it."""

    def __init__(self, place: int, why: str) -> None:
        super().__init__(
            f"Key {place} of the secret {SECRET} {why}. Make a new one: {COMMAND}. "
            "Nothing was written, because a record that nobody can check would not count."
        )


class Key(Struct, frozen=True):
    """``day``: since when it is in use (UTC)."""

    day: date
    secret: bytes

    __repr__ = object.__repr__


class Keyring(Struct, frozen=True):
    """The keys in force: the first signs, all verify."""

    keys: tuple[Key, ...]

    __repr__ = object.__repr__

    @property
    def horizon(self) -> datetime:
        """The end of the day (UTC) on which the oldest of the keys came into use: what was written without a
        signature before then may be taken over, what was written later never counts.
        """
        day = min(key.day for key in self.keys) + timedelta(days=1)
        return datetime.combine(day, time(), UTC)

    def sign(self, kind: SealedKind, repo: int, issue: int, text: str) -> str:
        """The signature of ``text``, by the first key."""
        return _signature(self.keys[0], kind, repo, issue, text)

    def signer(self, kind: SealedKind, repo: int, issue: int, text: str, signature: str) -> int | None:
        """The place of the key that signed it; None when none of them did. Compares in constant time."""
        given = signature.encode(errors="replace")
        found = [
            hmac.compare_digest(_signature(key, kind, repo, issue, text).encode(), given) for key in self.keys
        ]
        return found.index(True) if True in found else None


def _signature(key: Key, kind: SealedKind, repo: int, issue: int, text: str) -> str:
    return hmac_of(key.secret, kind, repo, issue, text)


class Trust(Struct, frozen=True):
    """Whose words are the record: those of the accounts ``bots`` (ids), signed when there are ``keys``."""

    bots: frozenset[int]
    keys: Keyring | None = None

    @classmethod
    def of(cls, bots: Iterable[int], keys: Keyring | None = None) -> Trust:
        """The trust in these accounts."""
        return cls(frozenset(bots), keys)


def parse_keys(text: str) -> Keyring | None:
    """The keys of the secret's text, separated by blanks or line ends; None when there are none.

    Raises KeyringError for what is no key.
    """
    words = text.split()
    if len(words) > MOST_KEYS:
        raise KeyringError(MOST_KEYS + 1, f"is one too many: {MOST_KEYS} at most are taken")
    keys = tuple(_key(place, word) for place, word in enumerate(words, start=1))
    return Keyring(keys) if keys else None


def _key(place: int, word: str) -> Key:
    prefix, _, rest = word.partition("-")
    day, _, encoded = rest.partition("-")
    if prefix != PREFIX or len(day) != len("20261128") or not (day.isascii() and day.isdigit()):
        raise KeyringError(place, f"does not begin with {PREFIX}-, a day such as 20261128, and a hyphen")
    try:
        since = date(int(day[:4]), int(day[4:6]), int(day[6:]))
        secret = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        # `from None`: the words of these errors may quote the key.
        raise KeyringError(place, "cannot be read: its day or its letters are none") from None
    if len(secret) < BYTES:
        raise KeyringError(place, f"is too short: it has {len(secret)} bytes, and {BYTES} are needed")
    return Key(since, secret)


def new_key(day: date, secret: bytes) -> str:
    """The text of a key that is in use from ``day`` on; ``secret`` is 32 random bytes."""
    if len(secret) != BYTES:
        msg = f"a key has {BYTES} bytes"
        raise ValueError(msg)
    return f"{PREFIX}-{day:%Y%m%d}-{base64.urlsafe_b64encode(secret).decode().rstrip('=')}"
