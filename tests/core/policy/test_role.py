"""Roles of a runbook, as a runbook of the old language has them and as one of the new."""

from __future__ import annotations

from allclear.core.policy.role import RoleKind
from stories import HOTDASH


def test_what_only_the_new_language_says_of_a_role_is_no_part_of_an_older_runbooks_hash() -> None:
    roles = tuple(one.model_copy(update={"severities": ("P0",), "many": True}) for one in HOTDASH.roles)
    assert HOTDASH.model_copy(update={"roles": roles}).hash == HOTDASH.hash


def test_duties_are_one_text_in_the_hash_as_they_always_were() -> None:
    written = RoleKind.model_validate({"id": "ic", "title": "IC", "duties": "Coordinates and decides"})
    assert written.duties == ("Coordinates and decides",)
    assert written.model_dump(mode="json")["duties"] == "Coordinates and decides"
    assert RoleKind(id="ic", title="IC").model_dump(mode="json")["duties"] == ""
    assert RoleKind.model_validate({"id": "ic", "title": "IC", "duties": ""}).duties == ()
    assert RoleKind(id="ic", title="IC", duties=("Coordinates", "Decides")).duties == (
        "Coordinates",
        "Decides",
    )
