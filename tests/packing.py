"""What a checkpoint packs, read and written by hand: for tests of those that somebody changed."""

from __future__ import annotations

import base64
import zlib

from allclear.core.record.checkpoint_words import AGAINST_WORDS, WORDS


def unpacked(packed: str) -> str:
    """The JSON."""
    assert packed.startswith(AGAINST_WORDS)
    inflate = zlib.decompressobj(zdict=WORDS)
    return inflate.decompress(base64.b64decode(packed.removeprefix(AGAINST_WORDS))).decode()


def packed(text: bytes | str, *, cut: int = 0) -> str:
    """JSON as a checkpoint holds it, without its last bytes."""
    deflate = zlib.compressobj(9, zdict=WORDS)
    held = deflate.compress(text.encode() if isinstance(text, str) else text) + deflate.flush()
    return AGAINST_WORDS + base64.b64encode(held[: len(held) - cut]).decode()


def packed_before(text: bytes | str) -> str:
    """As versions packed it that knew no words."""
    return base64.b64encode(zlib.compress(text.encode() if isinstance(text, str) else text, 9)).decode()
