"""Words that say that something is not so yet, or not to be done now. Parts of regular expressions, for text
in small letters; whoever uses them says where in a text they count.
"""

from __future__ import annotations

UNSURE = (
    "if|unless|until|once|when|maybe|perhaps|should|shall|would|later|soon|tomorrow|tonight|wait"
    "|hopefully|probably|presumably|tb[dc]|nvm|jk|kidding|hm+"
)
"""One word: a condition, a guess, another time, or that it was not meant."""

PUT_OFF = (
    r"hold (?:on|off)|never ?mind|do not|next (?:week|month)"
    r"|after (?:lunch|dinner|work|the (?:call|meeting))|just kidding|in case|not (?:sure|certain)"
    r"|to be (?:confirmed|continued|decided|done|verified)"
    r"|(?:after|awaiting|needs?|pending|requires?|waiting (?:for|on)) (?:(?:an?|the|your|my|final) ){0,2}"
    r"(?:approval|ok|okay|review|sign-?off|go-?ahead|confirmation|verification|monitoring)"
)
"""Several words: not now, not at all, or not before somebody else says so."""

HALTING = frozenset("\u2753\u2754\u231b\u23f3\u274c\u26d4\u270b\U0001f6ab\U0001f6d1\U0001f914")
"""Signs that ask, wait or stop, where they are all that is said."""
