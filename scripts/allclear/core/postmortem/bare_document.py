"""The document while its template cannot be rendered: the record, in the blocks that the shipped one has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def bare_document(values: Mapping[str, Any]) -> str:
    """What is known, under the headings of the runbook (000-22). Written again with a whole template, the
    blocks that nobody edited are as that has them.
    """
    head = [
        f"# Incident Post-Mortem: {values['title']}",
        "",
        f"**Date**: {values['date']}  ",
        f"**Severity**: {values['severity']}  ",
        f"**Duration**: {values['duration']}  ",
        f"**User Impact**: {values['user_impact']}",
    ]
    blocks = [("", "head", head), *_sections(values)]
    if values["checklists"]:
        blocks.append(("Checklists", "checklists", list(_checklists(values["checklists"]))))
    blocks.append(("People", "people", [f"- Record: [{values['id']}]({values['issue_url']})"]))
    return "\n\n".join(_block(*block) for block in blocks)


def _sections(values: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Each heading with what the record says below it."""
    told = {
        "timeline": [f"- {time}: {text}" for time, text in values["milestones"]],
        "root-cause": [values["root_cause"]],
        "five-whys": [values["root_cause"]],
        "resolution": [values["fix"] or values["proposed_fix"]],
        "actions": [f"- [{action['box']}] {action['text']}" for action in values["actions"]],
    }
    for section in values["sections"]:
        yield section["heading"], section["id"], told.get(section["block"], [])
        if section["block"] == "timeline":
            yield "", "record", [values["table"]]


def _checklists(lists: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for one in lists:
        yield from (f"### {one['title']}", "")
        yield from (f"- [{'x' if done else ' '}] {text}" for done, text in one["items"])
        yield ""


def _block(heading: str, name: str, lines: list[str]) -> str:
    content = "\n".join(lines) or "_Not recorded._"
    block = f"<!-- allclear:begin {name} -->\n{content}\n<!-- allclear:end {name} -->"
    return f"## {heading}\n\n{block}" if heading else block
