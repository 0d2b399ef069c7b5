"""Lines about a role that give it to nobody: a question who has it, and remarks that somebody cannot have it,
or not yet. A role changes hands at once or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from allclear.core.conversation.command import Answer, CommandContext
from allclear.core.conversation.marks import AROUND
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.role import RoleKind
from allclear.core.record.audit import Helped

_LOOKED_AT = 200
"""Characters of a remark that can say that somebody does not have the role."""

_WHO = lazy_regex(r"(?:who|whos|who's|whose|which)(?![\w-])")
_ASKS = lazy_regex(r"(?:^|\s)[?\uff1f][!?\uff1f]{0,20}(?=\s|$)|[?\uff1f]$")
_IS = r"(?:(?:(?:who|he|she|they|it)(?:'s| )?\s?)?(?:is|are|was|were|has|had|will be|'s|'re)\s{1,3})?"
_NOT = (
    r"not|no longer|no more|never|away|out|off|gone|asleep|sleeping|sick|ill|unavailable|unreachable|offline"
    r"|afk|ooo|on (?:leave|holidays?|vacation|pto|a (?:plane|flight|train))|busy|missing|absent|leaving|left"
    r"|stepp(?:ed|ing) (?:down|back|out)|steps (?:down|back|out)|quits?|declined?|declines|refused?|refuses"
    r"|(?:could|do|does|did|is|was|wo|will|would|should|has|have)(?:n't| not|nt)|cannot|can't|cant"
    r"|unassigned|removed?|relieved"
)
_LATER = (
    r"at (?=\d|noon|midnight)|(?:from|starting) (?=\d|at|tomorrow|tonight|noon|mon|tue|wed|thu|fri|next)"
    r"|in (?=\d|an? )|(?:tomorrow|tonight|later|soon|shortly|next|when|once|as soon as|after)(?![\w-])"
)
_OPEN = r"if|unless|maybe|perhaps|possibly|or"
_BEGINS = lazy_regex(rf"{_IS}(?:(?P<no>{_NOT})(?![\w-])|(?P<open>{_OPEN})(?![\w-])|(?P<later>{_LATER}))")


def asks(line: str) -> bool:
    """Whether the line asks who has a role: it ends with a question mark, or begins with ``who``."""
    words = line.strip().rstrip("*_`)]! ")
    return bool(_ASKS.search(words) or _WHO.match(words.lower()))


def told(kinds: Sequence[RoleKind], shown: str, context: CommandContext) -> Answer:
    """Who has these roles. ``shown``: the person whom an order would be about, as it is typed."""
    said = []
    for kind in kinds:
        holders = context.incident.team.holders(kind.id)
        who = ", ".join(f"**{inline(person.login)}**" for person in holders)
        said.append(f"{inline(kind.title)} is {who}." if who else f"Nobody is {inline(kind.title)} yet.")
    orders = (
        f"{code(f'/role {kinds[0].id} {shown}')} gives it to somebody, {code(f'/take {kinds[0].id}')} to you."
    )
    return Answer((Helped(),), "\n".join([*said, f"A question changes nothing. {orders}"]))


def check_given(aside: str, order: str, none: str) -> None:
    """Refuse a remark right behind a person which says that they do not have the role, or not yet. ``order``
    would give it to them, ``none`` leave it empty. Raises UserError.
    """
    words = " ".join(aside[:_LOOKED_AT].lower().replace("\u2019", "'").split())
    found = _BEGINS.match(words.lstrip(f"{AROUND}-\u2013\u2014 "))
    if found is None:
        return
    why = f"Nothing is done, because {code(aside.strip(), 60)} reads as if"
    if found["open"]:
        raise UserError(f"{why} it is not decided yet. When it is, write {code(order)}.", "unclear")
    if found["later"]:
        raise UserError(
            f"{why} it is for later, and a role changes hands at once. Then write {code(order)}.", "unclear"
        )
    leave = f" {code(none)} leaves the role empty." if none else ""
    raise UserError(
        f"{why} they cannot have it. {code(order)} gives it to them all the same.{leave}", "unclear"
    )
