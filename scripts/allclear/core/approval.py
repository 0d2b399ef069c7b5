"""Who has to say yes to a production action, and whether they can: for /rollback and /run."""

from __future__ import annotations

from allclear.core.errors import UserError
from allclear.core.neutral import code
from allclear.core.operation import Approval
from allclear.core.release import EnvironmentSeen

DOCS = (
    "https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments"
)


def approval_refusal(approval: Approval, name: str, seen: EnvironmentSeen | None) -> UserError | None:
    """Why it cannot be asked for: its environment is missing or lets everybody through. None: it can.

    Only ``approval: environment`` depends on the environment (003-A2). ``seen`` is what GitHub said of the
    environment ``name``; None or not known: it did not say, which is no permission.
    """
    if approval != "environment":
        return None
    if seen is None or not seen.known:
        return UserError(
            f"GitHub did not say how the environment {code(name)} is protected. Try again in a minute.",
            "missing",
        )
    way = "or choose `approval: second-person` in `.github/allclear.yml`, which asks for `/approve`"
    if not seen.exists:
        return UserError(
            f"The environment {code(name)} does not exist, so nobody could approve. Create it under "
            f"Settings → Environments with **Required reviewers** ([how]({DOCS})), {way}.",
            "settings",
        )
    if not seen.reviewers:
        return UserError(
            f"The environment {code(name)} has no required reviewers, so everything would pass. Under "
            f"Settings → Environments → {code(name)} set **Required reviewers** and tick "
            f"**Prevent self-review** ([how]({DOCS})), {way}.",
            "settings",
        )
    return None


def approval_told(approval: Approval, name: str, operation: str) -> str:
    """Who has to approve, and where: one sentence for the answer; empty when nobody has to."""
    if approval == "environment":
        return f"It waits for a reviewer of the environment {code(name)}; the link to its run follows."
    return f"Somebody else has to agree: `/approve {operation}`." if approval == "second-person" else ""
