"""Forms people fill in: ``Root cause: …`` lines in the text of a command."""

from __future__ import annotations

import re
from collections.abc import Mapping

Labels = Mapping[str, tuple[str, ...]]
"""The name of a field and the labels people may write for it, in lower case."""

_PLACEHOLDER = re.compile(r"<[^<>]{1,200}>")


def _label(line: str, labels: Labels) -> tuple[str, str] | None:
    head, colon, value = line.partition(":")
    if not colon or len(head) > 60:
        return None
    words = " ".join(head.replace("-", " ").replace("*", " ").replace("_", " ").lower().split())
    name = next((name for name, known in labels.items() if words in known), None)
    return None if name is None else (name, value.strip().removeprefix("**").removeprefix("__").strip())


def labelled(text: str, labels: Labels, *, run_on: bool = True) -> tuple[dict[str, str], str]:
    """The fields written in ``text``, and the text outside of them.

    A label stands at the start of its line, perhaps behind ``- `` or in ``**``; its value runs on over the
    next lines until the next label, or ends with its line when not ``run_on``. An unfilled ``<placeholder>``
    counts as empty; empty fields are left out.
    """
    lines: dict[str, list[str]] = {}
    outside: list[str] = []
    target = outside
    for line in text.split("\n"):
        field = _label(line, labels)
        if field is not None:
            lines.setdefault(field[0], []).append(field[1])
            target = lines[field[0]] if run_on else outside
        else:
            target.append(line)
    values = {name: "\n".join(found).strip() for name, found in lines.items()}
    return {n: v for n, v in values.items() if v and not _PLACEHOLDER.fullmatch(v)}, "\n".join(
        outside
    ).strip()


def fix_in(text: str) -> str:
    """The fix in a closing text: the text itself, or the fix of a filled-in form of item 000-20.

    The form's times and duration are ours to compute; what was verified is kept.
    """
    labels = {
        "fix": ("fix",),
        "verified": ("verified",),
        "resolved": ("resolved",),
        "duration": ("duration",),
    }
    found, before = labelled(text, labels)
    if "fix" not in found:
        return text
    parts = [before, found["fix"], f"Verified: {found['verified']}" if "verified" in found else ""]
    return "\n".join(part for part in parts if part)
