"""The moments that an incident reaches, and the kinds of incidents there are."""

from typing import Literal

Milestone = Literal[
    "started",
    "detected",
    "declared",
    "acknowledged",
    "identified",
    "mitigated",
    "resolved",
    "closed",
    "published",
]
IncidentKind = Literal["real", "drill", "retro"]
