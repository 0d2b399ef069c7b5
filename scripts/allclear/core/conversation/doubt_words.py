"""Words that say that something is not so yet, or not to be done now. Parts of regular expressions, for text
in small letters; whoever uses them says where in a text they count.
"""

from __future__ import annotations

UNSURE = "if|unless|until|once|when|maybe|perhaps|should|shall|would|later|soon|tomorrow|tonight|wait"
"""One word: a condition, a guess, another time."""

PUT_OFF = (
    r"hold (?:on|off)|never ?mind|do not|next (?:week|month)"
    r"|after (?:lunch|dinner|work|the (?:call|meeting))"
)
"""Several words: not now, or not at all."""
