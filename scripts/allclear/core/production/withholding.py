"""Where no evidence is collected, and why."""

from __future__ import annotations

from allclear.core.model.errors import UserError
from allclear.core.model.snapshot import Visibility
from allclear.core.policy.settings import Settings


def withheld_here(settings: Settings, visibility: Visibility) -> UserError | None:
    """Why nothing is collected here: everybody who is signed in may download the artifacts of a public
    repository, and this is one, or may be one. None: it is collected.

    https://docs.github.com/en/actions/how-tos/manage-workflow-runs/download-workflow-artifacts
    """
    if settings.public_evidence or visibility == "private":
        return None
    way = "write `public_evidence: true` into `.github/allclear.yml`"
    if visibility == "public":
        return UserError(
            "No evidence is collected, because this repository is public: everybody who is signed in to "
            f"GitHub could download it, with every log in it. If you want that all the same, {way}.",
            "settings",
        )
    return UserError(
        "No evidence is collected, because GitHub did not say whether this repository is private, and in a "
        "public one everybody who is signed in could download it. Try again in a minute; if everybody may, "
        f"{way}.",
        "settings",
    )
