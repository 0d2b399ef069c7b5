"""Texts behind a command that ends something which say that it is not so: ``not yet``, ``if it stays green``,
``is broken``. Only how a text begins counts: further on, the words are part of what happened.
"""

from __future__ import annotations

from allclear.core.conversation.doubt_words import HALTING, PUT_OFF, UNSURE
from allclear.core.conversation.marks import AROUND, only_signs
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex

_LOOKED_AT = 200
"""Characters of a text that can say that it is not so."""

_DOUBT = (
    r"not (?:yet|now|today|really|quite|sure|fixed|resolved|done|until|before|ready|there|so)"
    rf"|{UNSURE}|{PUT_OFF}|after the deploy|shortly|almost|nearly|waiting|don't|still|pending|eventually"
    r"|in (?:\d+ ?(?:s|m|h|min|mins|minutes?|hours?|days?)|an? (?:few|bit|moment|minute|hour))"
    r"|no (?:wait|not|it|that)|of|eta|is next|to follow|follows"
)
_SURELY = "not (?:yet|fixed|resolved|done|over|so|right|true|ready|working)"
_BAD = (
    rf"{_SURELY}|wrong|broken|down(?! to\b)|red|still|failing|slow|blank"
    r"|empty|stuck|dead|missing|unreachable"
)
_DOES_NOT = r"(?:does not|doesn't|will not|won't) (?:work|load|help|open|respond|answer|do|show|start)"
_TROUBLE = (
    rf"(?:(?:it|this|that|button|link|page|form|screen|endpoint|route|url)s? )?"
    rf"(?:(?:is|are) (?:{_BAD})|it's (?:{_BAD})|isn't (?:yet|fixed|resolved|done|over|ready|working)"
    rf"|{_DOES_NOT}|does nothing|fails|failing|hangs|crashes|throws|broken)"
)
_BEGINS = lazy_regex(rf"(?:please )?(?:{_DOUBT}|{_TROUBLE})(?![\w-])|(?:please )?no,")
_ALONE = lazy_regex(
    r"no|nope|wrong(?:,.*)?|(?:stop|cancel|abort|undo)(?: (?:it|that|this))?|(?:http ?)?[45](?:\d\d|xx)s?"
    r"|down|red|todo|.*\?"
)
"""What says so only where nothing follows: ``no errors for an hour`` is a reason, and ``no`` is none. A
question ends nothing.
"""

_GIVEN = lazy_regex("because|since|as|after")
"""A text that begins so gives a reason, whatever it asks at its end."""

_DASHES = " -\u2010\u2011\u2012\u2013\u2014\u2192=>"
"""What people put between a command and its text."""


def check_so(text: str, typed: str) -> None:
    """Refuse a text that begins with a doubt, a condition, another time or something that is broken: what
    ends by the command ``typed`` would be announced with it. Raises UserError.
    """
    line = text.strip().partition("\n")[0][:_LOOKED_AT]
    said = " ".join(line.lower().replace("\u2019", "'").split()).lstrip(AROUND + _DASHES)
    halts = only_signs(line) and not HALTING.isdisjoint(line)
    if halts or _BEGINS.match(said) or (not _GIVEN.match(said) and _ALONE.fullmatch(said.rstrip(AROUND))):
        raise UserError(
            f"Nothing is done, because {code(line, 60)} reads as if it is not so yet. Write {code(typed)} "
            f"when it is. If that is part of what happened, begin with that, or with `because`: "
            f"{code(f'{typed} because …')}.",
            "unclear",
        )
