"""How a step says what it is done by: ``mitigated``, ``told Manager``, ``role ic, tech``, ``smoke``."""

from __future__ import annotations

from typing import cast

from allclear.core.policy.checklists import MOMENTS, Done, DoneWord

ALONE: tuple[str, ...] = ("severity", "told", "smoke", "watched", "meeting", "actions", "post-mortem")
"""Words that need nothing behind them."""

EXAMPLES = "mitigated, severity, told, told Manager, smoke, role ic, said team.update or evidence logs"


def read_done(text: str) -> Done:
    """Read the words of a step's ``done``. Raises ValueError that says what may stand there."""
    word, _, rest = " ".join(text.split()).partition(" ")
    if not rest and word in MOMENTS:
        return Done("moment", (word,))
    if not rest and word in ALONE:
        return Done(cast("DoneWord", word))
    if word == "told" and rest:
        return Done("told", (rest,))
    if word == "said" and "." in rest:
        voice, _, moment = rest.partition(".")
        if moment in {*MOMENTS, "update"}:
            return Done("said", (voice,), moment)
    names = tuple(name.strip() for name in rest.split(",") if name.strip())
    if word in ("role", "evidence") and names:
        return Done(cast("DoneWord", word), names)
    raise ValueError(f"{text!r} is nothing that can be seen to be done; write {EXAMPLES}")
