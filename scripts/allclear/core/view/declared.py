"""What a declaration took from the text of its issue, said as it is recorded."""

from __future__ import annotations

from allclear.core.model.counts import counted
from allclear.core.model.neutral import code, inline
from allclear.core.record.life import Declared


def taken(fact: Declared) -> str:
    """Who detected it and what is hit, in one sentence of neutral Markdown; empty where nothing was said."""
    revenue = f"revenue {inline(fact.revenue)}" if fact.revenue else ""
    numbers = ", ".join(filter(None, (counted(fact.users, fact.about), revenue)))
    told = {
        "Detected by": inline(fact.detected_by or ""),
        "Affected services": ", ".join(map(code, fact.services)),
        "Impact": ": ".join(filter(None, (numbers, inline(fact.impact or "", 500)))),
    }
    shown = [f"{name}: {value}" for name, value in told.items() if value]
    return f"Taken from the text: {'; '.join(shown)}." if shown else ""
