"""Paths such as ``lists.during``, by which a runbook says where one of its rules stands."""

from __future__ import annotations


def leads(data: object, path: str) -> bool:
    """Whether something stands at that path of a runbook's ``data``."""
    here = data
    for part in path.split("."):
        if not isinstance(here, dict) or part not in here or not here[part]:
            return False
        here = here[part]
    return True
