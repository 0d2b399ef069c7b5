"""What is recorded, shown and typed again is the same."""

from __future__ import annotations

import pytest

from allclear.core.model.counts import counted
from allclear.core.record.incident import Incident
from typed.test_typed import typed


def again(text: str) -> tuple[Incident, Incident]:
    """The incident after the text, and another after what that one shows."""
    first = typed(text, "usual").incident
    impact = first.impact
    users = counted(impact.users, impact.about)
    revenue = f"revenue {impact.revenue}" if impact.revenue else ""
    lines = [", ".join(filter(None, [users, revenue])), impact.text]
    shown = ["/impact " + "\n".join(filter(None, lines))] if any(lines) else []
    shown += [f"/affects {', '.join(impact.services)}"] if impact.services else []
    titles = {"ic": "Incident Commander", "tech": "Technical Lead", "comms": "Communications Lead"}
    shown += [f"/role {titles[role]} {person.login}" for role, person in first.team.roles.items()]
    for one in first.progress.actions:
        owner = [f"@{one.owner.login}"] if one.owner else []
        shown.append(" ".join(["/action", *owner, *([f"due:{one.due}"] if one.due else []), one.text]))
    return first, typed("\n".join(shown), "usual").incident


@pytest.mark.parametrize(
    "text",
    [
        "/impact users=~15 000, revenue=US$45k/h",
        "/impact users=>1.2 million; nobody can pay",
        "/impact users=10-20 %, revenue=unknown",
        "/impact revenue=$10-20k since noon",
        "/impact 100 of 4000 users",
        "/affects checkout; api (eu only)",
        "/role communications lead @cat",
        "/ic is [@cat](https://github.com/cat)",
        "/action add a test (@cat, due friday)",
        "/action\n- [ ] @cat add a test by 01.12.2025\n- write it down",
    ],
)
def test_what_is_shown_and_typed_again_is_the_same(text: str) -> None:
    first, second = again(text)

    assert second.impact == first.impact
    assert second.team.roles == first.team.roles
    assert second.progress.actions == first.progress.actions
