"""A repository's labels: making, changing and removing them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from allclear_lab.github.people.access import forbidden, may
from allclear_lab.github.routing import Actor, invalid
from allclear_lab.github.state import Label, Repository

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub

_COLOR = re.compile(r"[0-9a-fA-F]{6}")


def make_label(
    hub: GitHub,
    repository: Repository,
    actor: Actor,
    name: str,
    *,
    color: str = "ededed",
    description: str | None = None,
) -> Label:
    """A new label; 422 for a name that exists (in any case) or a value out of bounds."""
    check_label(name, color, description)
    if repository.label_named(name):
        raise invalid("Label", "name", "already_exists")
    label = Label(hub.world.next_id("label"), name, color.lower(), description)
    repository.labels[label.id] = label
    hub.deliver(repository, actor, "label", "created", label=hub.views.label(repository, label))
    return label


def label_made_if_missing(hub: GitHub, repository: Repository, actor: Actor, name: str) -> Label:
    """The label of that name. Naming an unknown one on an issue creates it in grey."""
    return repository.label_named(name) or make_label(hub, repository, actor, name)


def check_label(name: str, color: str, description: str | None) -> None:
    """422 for a name over 50, a description over 100 characters, or a colour that is not six hex digits."""
    if not name.strip():
        raise invalid("Label", "name", "missing_field")
    if len(name) > 50:
        raise invalid("Label", "name", "custom", message="name is too long (maximum is 50 characters)")
    if not _COLOR.fullmatch(color):
        raise invalid("Label", "color")
    if description is not None and len(description) > 100:
        message = "description is too long (maximum is 100 characters)"
        raise invalid("Label", "description", "custom", message=message)


def require_label_rights(hub: GitHub, repository: Repository, actor: Actor) -> None:
    """Creating and changing labels needs write."""
    if not may(hub.world, repository, actor, "write"):
        raise forbidden(actor)
