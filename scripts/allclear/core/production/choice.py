"""Which release a rollback goes back to, once the list of releases is known."""

from __future__ import annotations

from collections.abc import Collection

from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, cut
from allclear.core.model.operation import Order
from allclear.core.model.release import Release, Releases, check_target, find, last_known_good
from allclear.core.policy.provider import Provider
from allclear.core.production.what_runs import repeats


def choose(order: Order, avoid: Collection[str], releases: Releases, provider: Provider) -> Release:
    """The release that was asked for, which has to be listed; else the last known good one, none of ``avoid``
    (names or targets that this incident went back from).

    Raises UserError when it goes nowhere.
    """
    if order.target or order.release:
        chosen = find(releases, order.target or order.release)
    else:
        good = last_known_good(releases, avoid)
        if good is None:
            raise UserError("the deploy system lists no earlier release that worked", "no-release")
        chosen = good
    check_target(releases, chosen.target, while_deploying=order.while_deploying or order.dry_run)
    current = releases.current
    if current is not None and current.state == "success" and repeats(provider, current, chosen):
        raise UserError(f"{code(chosen.name)} is already running, as {code(current.name)}.", "current")
    if not provider.accepts(chosen.target):
        raise UserError(
            f"{code(cut(chosen.target, 80))} is not a target that the provider accepts", "unknown-target"
        )
    return chosen
