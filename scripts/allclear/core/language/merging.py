"""What a runbook's file means together with what it extends and with the engine's defaults: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allclear.core.language.selection import NONE

ADDING = ("flags", "rules", "voices")
"""The keys whose entries add to the engine's; every other one replaces the engine's whole."""

FILLED = ("review",)
"""The keys whose parts are the engine's as long as the runbook does not say them."""

NUMBERS = "severity"
"""The key of the engine's defaults that holds the numbers of severities; no runbook has it."""


def extended(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A runbook that changes another: maps merge by key, deeply, lists and texts are replaced, and ``none``
    takes an entry out.
    """
    return _merged({key: value for key, value in base.items() if key != "name"}, own)


def with_defaults(own: Mapping[str, Any], engine: Mapping[str, Any]) -> dict[str, Any]:
    """A runbook with the engine's defaults for what it does not say. ``engine``: the file of defaults."""
    whole = dict(own)
    for key, value in engine.items():
        if key == NUMBERS:
            continue
        if key not in own:
            whole[key] = value
        elif key in FILLED and isinstance(own[key], Mapping):
            whole[key] = {**value, **own[key]}
        elif key in ADDING and isinstance(own[key], Mapping):
            whole[key] = _added(value, own[key])
    return whole


def _merged(base: Mapping[str, Any], own: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    found = dict(base)
    for key, value in own.items():
        # Deeper down, `none` is the value of a number that a severity does not have.
        if value == NONE and key in base and (depth == 1 or isinstance(base[key], Mapping)):
            del found[key]
        elif isinstance(value, Mapping) and isinstance(base.get(key), Mapping):
            found[key] = _merged(base[key], value, depth + 1)
        else:
            found[key] = value
    return found


def _added(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Entries of the engine's that the runbook does not name come first, then its own."""
    kept = {key: value for key, value in base.items() if key not in own}
    return kept | {key: value for key, value in own.items() if value != NONE}
