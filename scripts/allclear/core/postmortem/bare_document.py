"""The document while its template cannot be rendered: the record, in the blocks that the shipped one has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def bare_document(values: Mapping[str, Any]) -> str:
    """What is known, under the headings of 000-22. Written again with a whole template, the blocks that
    nobody edited are as that has them.
    """
    head = [
        f"# Incident Post-Mortem: {values['title']}",
        "",
        f"**Date**: {values['date']}  ",
        f"**Severity**: {values['severity']}  ",
        f"**Duration**: {values['duration']}  ",
        f"**User Impact**: {values['user_impact']}",
    ]
    blocks = [
        ("", "head", head),
        ("Timeline", "timeline", [f"- {time}: {text}" for time, text in values["milestones"]]),
        ("", "record", [values["table"]]),
        ("Root Cause", "root-cause", [values["root_cause"]]),
        ("Contributing Factors", "contributing-factors", []),
        ("Resolution", "resolution", [values["fix"] or values["proposed_fix"]]),
        ("Prevention", "prevention", [f"- [ ] {action}" for action in values["actions"]]),
        ("Lessons Learned", "lessons-learned", []),
        ("People", "people", [f"- Record: [{values['id']}]({values['issue_url']})"]),
    ]
    return "\n\n".join(_block(*block) for block in blocks)


def _block(heading: str, name: str, lines: list[str]) -> str:
    content = "\n".join(lines) or "_Not recorded._"
    block = f"<!-- allclear:begin {name} -->\n{content}\n<!-- allclear:end {name} -->"
    return f"## {heading}\n\n{block}" if heading else block
