"""Action items as people read them."""

from __future__ import annotations

from allclear.core.model.neutral import inline
from allclear.core.record.action_item import ActionItem

LONGEST = 200


def action_line(item: ActionItem) -> str:
    """``**3** Alert on pool exhaustion (ann, due 2026-12-01)``: neutral Markdown that notifies nobody."""
    who = inline(item.owner.login) if item.owner else "nobody yet"
    when = f"due {inline(item.due)}" if item.due else "no date"
    issue = f", #{item.issue}" if item.issue else ""
    return f"**{item.number}** {inline(item.text, LONGEST)} ({who}, {when}{issue})"


def action_item(item: ActionItem) -> dict[str, str]:
    """For the post-mortem: the ``box``, and ``Add an alert (owner: ann, due: 2026-12-01)`` on one line."""
    told = [f"owner: {inline(item.owner.login) if item.owner else 'nobody yet'}"]
    told.append(f"due: {inline(item.due) or 'no date'}")
    told += [f"issue: #{item.issue}"] if item.issue else []
    if item.outcome:
        told.append(f"{item.outcome}: {inline(item.why, 500)}" if item.why else item.outcome)
    box = "x" if item.outcome == "done" else " "
    return {"box": box, "text": f"{inline(item.text, 1000)} ({', '.join(told)})"}
