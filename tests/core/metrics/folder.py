"""A folder of reports as a repository may have it: ours, old ones, wrong ones, and hostile ones."""

from allclear.core.metrics.collection import Collection, collect
from allclear.core.metrics.index_page import IndexLinks
from core.metrics.files import file
from stories import HOSTILE

LINKS = IndexLinks(
    "https://github.com",
    "acme/shop",
    "incident",
    {"P0": "P0", "P1": "severity: P1", "P3": "P3"},
    {"P0": ("all-hands",), "P1": ("all-hands",), "P3": ("minor",)},
    ("postmortem:pending", "learned"),
    "action-item",
)

COLLECTION: Collection = collect(
    [
        file(
            "2025-10-19-checkout.md",
            services=["web", "api"],
            detected_at="2025-10-19T14:03:00Z",
            durations={"detection": 3, "acknowledgement": 4, "mitigation": 30, "resolution": 40},
            promises={"acknowledged": "kept", "team-update": "missed"},
            number_of_people=3,
            escalated=1,
            impact={"users_affected": 15000, "revenue_lost": "$45k", "duration_minutes": 40},
            actions={"planned": 2, "done": 1, "dropped": 0},
            action_items=["a test (owner: ada)", "an alarm (done)"],
            review="published",
        ),
        file(
            "2025-10-19-login.md",
            title="Login is slow",
            id="INC-2025-043",
            issue=43,
            severity="P0",
            started_at="2025-10-19T14:20:00Z",
            resolved_at="2025-10-19T15:00:00Z",
            durations={"resolution": 40},
            reopened=1,
            number_of_people=2,
            review="published",
            learned_at="2025-11-20T15:00:00Z",
        ),
        file(
            "2025-12-02-hostile.md",
            title=HOSTILE,
            severity="=cmd|' /C calc'!A0",
            services=["=1+1", "@SUM(Z1)", "a|b"],
            issue=51,
            status="<b>resolved</b>",
            started_at="2025-12-02T09:00:00Z",
            resolved_at="2025-12-02T09:05:00Z",
            impact={"revenue_lost": "-$5"},
        ),
        file("2025-11-03-drill-power.md", title="Power fails", issue=47, kind="drill"),
        file("2025-11-04-again.md", title="The same again", issue=48, duplicate_of=42),
        file(
            "2024-01-15-payments.md",
            title="Payments failed",
            id="INC-2024-001",
            issue=None,
            repository=None,
            severity="SEV1",
            status=None,
            started_at="2024-01-15T14:15:00Z",
            resolved_at="2024-01-15T15:45:00Z",
        ),
        file(
            "2025-12-03-elsewhere.md",
            repository="acme/old.shop",
            issue=7,
            started_at="2025-12-03T00:00:00Z",
            resolved_at=None,
            status="investigating",
        ),
        file("2023-05-05-from-the-wiki.md", content="# The day that the wiki broke\n"),
        file("2025-12-01-broken.md", content="---\ntitle: Checkout: down\n---\n"),
        file("2025-12-04-missing.md", severity=None, issue=60),
    ]
)
