from __future__ import annotations

import re
from typing import Annotated

from allclear.core.conversation.arguments import body_as
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.fields import FINDING, labelled, one_a_line
from allclear.core.conversation.marks import bare
from allclear.core.conversation.measuring import measured
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import Rights
from allclear.core.model.stored import read_values
from allclear.core.model.times import in_minutes
from allclear.core.record.facts import Fact
from allclear.core.record.findings import Found
from allclear.core.record.observed import Measured

_NOTHING = frozenset(
    {"", "-", "?", "??", "???", "unknown", "tbd", "tba", "n/a", "unclear", "not sure", "no idea"}
)
_NOTHING |= {"no idea", "not known", "not known yet", "not yet known", "investigating", "under investigation"}
"""Values that say that nobody knows it yet."""
_DOUBTED = lazy_regex(
    r"(?:not (?:the|a|an|it|that|this|sure|known|yet|clear)|no idea|no (?:root )?cause|none$"
    r"|nothing (?:found|yet)|we (?:do not|don't|dont) know"
    r"|(?:the )?(?:root )?cause (?:is )?(?:still )?(?:unknown|unclear|not))\b",
    re.IGNORECASE,
)


@command(
    "finding",
    least=Rights.TRIAGE,
    examples=("/finding the connection pool is exhausted",),
    reversible=True,
)
def finding(
    context: CommandContext, text: Annotated[str, body_as("<the four fields, or the root cause>")]
) -> Answer:
    """Records what was found: root cause, evidence, impact, proposed fix.

    Each field begins its own line, may run on over more lines, and may be left out:

    ``` /finding Root cause: the connection pool is exhausted Evidence: 500s since the 14:02 deploy, see the
    logs Impact: 15,000 users, 20 minutes Proposed fix: roll back ```

    Text without fields is the root cause. A root cause makes the incident identified.

    `/finding error-rate=12` records a value of one of the runbook's measures.
    """
    values, text = measured(text, context.runbook.measures)
    found, before = labelled(one_a_line(text, FINDING), FINDING)
    if before:
        found["root_cause"] = f"{before}\n{found['root_cause']}" if "root_cause" in found else before
    found = {name: value for name, value in found.items() if not _says_nothing(value)}
    _check_known(found.get("root_cause", ""))
    if values and not found:
        return Answer(values, f"Recorded: {_told(values, context)}.")
    if not found:
        raise UserError(
            "All fields are empty. Fill in at least one of root cause, evidence, impact and proposed fix."
        )
    fact = read_values(Found, found)
    recorded = [name.replace("_", " ") for name in FINDING if name in found]
    said = [f"Recorded: {', '.join([*recorded, *([_told(values, context)] if values else [])])}."]
    after = context.after(fact)
    if (
        fact.root_cause
        and context.incident.reached("identified") is None
        and context.incident.opened is not None
    ):
        took = in_minutes(context.at - context.incident.opened)
        since = "reopening" if context.incident.interval else "declaration"
        said.append(f"The root cause was identified {took} after the {since}.")
    state = context.runbook.state(after.status)
    if state is not None and after.status != context.incident.status:
        said.append(f"The status is now **{inline(state.title)}**.")
    open_fields = [
        name
        for name, value in (
            ("root cause", after.findings.root_cause),
            ("proposed fix", after.findings.proposed_fix),
        )
        if not value
    ]
    if open_fields:
        said.append(f"Not known yet: {', '.join(open_fields)}.")
    if not after.findings.root_cause and context.runbook.causes:
        said.append(f"Causes to think of: {'; '.join(map(inline, context.runbook.causes))}.")
    facts: tuple[Fact, ...] = (*values, fact)
    return Answer(facts, " ".join(said))


def _says_nothing(value: str) -> bool:
    return " ".join(bare(word) or word for word in value.lower().split()) in _NOTHING


def _check_known(cause: str) -> None:
    """Refuse what is no root cause yet, since a root cause makes the incident identified."""
    asked = "\n" not in cause and cause.rstrip(" *_`)").endswith("?")
    if asked or _DOUBTED.match(cause):
        said = f"{code(cause.partition(chr(10))[0], 60)} reads as if the root cause is not known yet."
        raise UserError(
            f"{said} `/note` keeps a thought, `/finding Evidence: \u2026` what was seen.", "unclear"
        )


def _told(values: tuple[Measured, ...], context: CommandContext) -> str:
    """``Error rate 12 %, Response time P95 11.2 s``: the values under the titles of their measures."""
    measures = {one.id: one for one in context.runbook.measures}
    shown = [(measures[one.measure], one.value) for one in values]
    return ", ".join(inline(f"{measure.title} {measure.written(value)}") for measure, value in shown)
