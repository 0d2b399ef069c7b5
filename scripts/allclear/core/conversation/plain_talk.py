"""Whether a comment is certainly nothing but talk: it holds neither a command, nor what looks like one, nor a
part of a form.

It errs on the other side: what may ask for something is read by all the rules there are (parse, forms). Those
take Markdown and the runbook, and 200 ms to import; these two looks take the standard library.
"""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~%?=&#:@+,;/-]{1,500}")
_CLOCK = re.compile(r"(?<![0-9])[0-9]{1,2}:[0-9]{2}(?![0-9:])")
_ASIDE = re.compile(r"(?<=[^\W_])/(?=[^\W_])")
"""A slash between letters or digits begins nothing: ``and/or``, ``24/7``."""
_SLASH = re.compile("[/\\\\\uff0f\u2215\u2044\u29f8\u29f5\u29f9\uff3c\ufe68]")
_FIELD = re.compile("[:=\uff1a]|\\*\\*|__|#[\\s#]|#$|^[^\\S\\n]*\\|", re.MULTILINE)
"""As ``_MAY_BE_FIELD`` of core.conversation.unanswered, but that a number behind a ``#`` is no heading."""


def plain_talk(body: str) -> bool:
    """Whether a comment is talk for certain. Takes time linear in its length."""
    left = _ASIDE.sub("", _CLOCK.sub("", _ADDRESS.sub("", body)))
    return _SLASH.search(left) is None and _FIELD.search(left) is None
