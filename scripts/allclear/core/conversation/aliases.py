"""The other names of the commands, as people type them after the slash.

They stand in one table, so that a word can be looked up without reading every command's file.
"""

from __future__ import annotations

from collections.abc import Mapping

ALIASES: Mapping[str, tuple[str, ...]] = {
    "ack": ("acknowledge", "acknowledged", "acked"),
    "escalate": ("page",),
    "sev": ("severity",),
    "status": ("state",),
    "role": ("assign",),
    "handoff": ("hand-off", "handover", "hand-over"),
    "affects": ("affected", "affect", "services", "service"),
    "finding": ("findings", "found-it"),
    "note": ("notes", "timeline"),
    "time": ("milestone", "started", "detected"),
    "check": ("done", "tick"),
    "uncheck": ("undone", "untick"),
    "flag-off": ("disable-flag", "feature-off"),
    "resolve": ("resolved",),
    "all-clear": ("allclear", "clear", "close"),
    "reopen": ("re-open",),
    "duplicate": ("dup", "dupe", "duplicate-of"),
    "action": ("action-item", "todo"),
    "postmortem": ("post-mortem", "pm"),
    "help": ("commands", "?"),
}
"""By the command's own name."""

NAMED: Mapping[str, str] = {alias: name for name, aliases in ALIASES.items() for alias in aliases}
"""The command's own name, by another."""
