"""Text lives in templates, facts in code: the core hands values to a Renderer and gets Markdown back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Renderer(Protocol):
    """Templates from the trusted commit only. Undefined names are errors.
    Values are neutralised before they come here.
    """

    def file(self, name: str, values: Mapping[str, object]) -> str:
        """Render ``templates/<name>``."""
        ...

    def text(self, source: str, values: Mapping[str, object]) -> str:
        """Render a line of the runbook."""
        ...
