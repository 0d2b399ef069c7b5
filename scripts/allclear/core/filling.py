"""A provider's command with its placeholders filled in: each stays one word, and no shell reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from allclear.core.provider import Provider
from allclear.core.release import Release
from allclear.core.service import PLACEHOLDER, Vector

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+:/@-]{0,199}")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class FillingError(ValueError):
    """A placeholder has no value that may be passed on. The message says which."""


def values_of(provider: Provider, values: Mapping[str, str], release: Release | None) -> dict[str, str]:
    """What the placeholders stand for: the service's values, and the parts of ``release``, as far as they may
    be passed on. A release that the provider does not accept fills nothing.
    """
    filled = {name: value for name, value in values.items() if name in provider.values}
    if release is not None:
        if provider.accepts(release.target):
            filled["target"] = release.target
        if _NAME.fullmatch(release.name):
            filled["release"] = release.name
        if _COMMIT.fullmatch(release.sha):
            filled["sha"] = release.sha
    return filled


def filled(vector: Vector, values: Mapping[str, str]) -> tuple[str, ...]:
    """The words of a command. Raises FillingError when one is missing."""
    return tuple(fill(word, values) for word in vector)


def fill(word: str, values: Mapping[str, str]) -> str:
    """One word, in which every ``{name}`` is replaced once: what a value holds is not looked at again."""
    missing = sorted({name for name in _names(word) if name not in values})
    if missing:
        msg = f"there is no value for {{{missing[0]}}}"
        raise FillingError(msg)
    return PLACEHOLDER.sub(lambda found: values[found[1]], word)


def _names(word: str) -> Iterable[str]:
    return PLACEHOLDER.findall(word)
