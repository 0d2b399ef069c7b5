"""What counts while ``.github/allclear.yml`` is broken: every part of it that can be read, and for the others
the last good settings. A run whose settings are good does not load this.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from allclear.adapters.files.mending import in_force, last_whole, mended, readable
from allclear.adapters.files.settings import SETTINGS, parsed_settings
from allclear.adapters.files.written_file import Earlier
from allclear.core.model.authored import read_authored, written
from allclear.core.model.authored_model import AuthoredModel, model_of
from allclear.core.model.neutral import code
from allclear.core.policy.settings import Settings

PAGING = ("people", "zone", "runbook", "labels", "ignore", "status_page")
"""What the last good file of the history counts for. What anybody may do to production is not among them: a
version that was on the way in a pull request is part of the history too.
"""


def settings_in_force(raw: bytes, last_good: str | None, earlier: Earlier) -> tuple[Settings, str]:
    """The settings that count while the file says ``raw``, and a sentence that says so. ``last_good``: the
    JSON of earlier Settings, which count before the versions in ``earlier``.
    """
    base, named = _known_settings(last_good), "the last good settings"
    if base is None:
        before = last_whole(SETTINGS, parsed_settings, earlier)
        every = written(before[1]) if before else {}
        base = {name: value for name, value in every.items() if name in PAGING}
        named = f"the file of {code(before[0])}" if before else ""
    found = mended(readable(raw), model_of(Settings), base, ("people",))
    counts = found.value
    settings = (
        counts.authored(Settings) if isinstance(counts, AuthoredModel) else read_authored(Settings, base)
    )
    return settings, in_force(found, named)


def _known_settings(last_good: str | None) -> Mapping[str, Any] | None:
    """The settings of a checkpoint; None without them, or when an older version of us wrote them."""
    try:
        return written(read_authored(Settings, json.loads(last_good))) if last_good else None
    except ValueError:
        return None
